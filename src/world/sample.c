#include "world/sample.h"

#include "world/noise.h"
#include "world/pick_priv.h"

enum { LEAST_NOISE = 18, MOST_NOISE = 30 };

static int held_within(int frame, int n_frames)
{
    return frame < 0 ? 0 : frame >= n_frames ? n_frames - 1 : frame;
}

void ask_sample_paint(ask_painter *p, const ask_scene *s, int frame, int step,
                      ask_rng *noise, ask_image images[3], ask_scene_view *view)
{
    int strength = noise ? (int)ask_rng_between(noise, LEAST_NOISE, MOST_NOISE) : 0;
    for (int i = 0; i < 3; i++) {
        int at = held_within(frame + (i - 1) * step, s->n_frames);
        ask_paint(p, s, at, &images[i], i == 1 ? view : NULL);
    }
    ask_noise_compress(images, 3, strength);
}

static bool chance(ask_rng *r, int n, int of)
{
    return ask_rng_below(r, (uint64_t)of) < (uint64_t)n;
}

static int below(ask_rng *r, int n)
{
    return (int)ask_rng_below(r, (uint64_t)n);
}

/* Mostly one that is seen. */
static int draw_toy(ask_rng *r, const ask_scene *s, const ask_scene_view *v)
{
    int seen[ASK_SCENE_MAX_TOYS], n = 0;
    for (int i = 0; i < s->n_toys; i++) {
        if (v->toys[i].n_px) seen[n++] = i;
    }
    return n && chance(r, 3, 5) ? seen[below(r, n)] : below(r, s->n_toys);
}

/* What it does now, or else ever. */
static int event_to_tell(const ask_scene *s, int toy, int frame)
{
    int now = ask_scene_event_of(s, toy, frame);
    for (int i = 0; i < s->n_events && now < 0; i++) {
        if (s->events[i].toy == toy) now = i;
    }
    return now < 0 ? ASK_ANY : (int)s->events[now].kind;
}

/* All that can be said of a toy. */
static ask_phrase all_of(const ask_scene *s, const ask_scene_view *v, int toy)
{
    const ask_toy *t = &s->toys[toy];
    return (ask_phrase){.color = (int8_t)ask_scene_color_of(s, toy, v->frame),
                        .shape = (int8_t)t->shape,
                        .size = (int8_t)t->size,
                        .texture = (int8_t)t->texture,
                        .place = (int8_t)ask_view_place(v, toy),
                        .event = (int8_t)event_to_tell(s, toy, v->frame)};
}

/* Some of it; at least one thing. */
static ask_phrase draw_demands(ask_rng *r, const ask_scene *s, const ask_scene_view *v,
                               int toy)
{
    ask_phrase p = ask_phrase_any(), all = all_of(s, v, toy);
    int kind = below(r, 8); // both, colour alone, shape alone
    if (kind != 0) p.color = all.color;
    if (kind != 1) p.shape = all.shape;
    if (chance(r, 1, 4)) p.size = all.size;
    if (chance(r, 1, 5)) p.texture = all.texture;
    if (chance(r, 1, 4)) p.place = all.place;
    if (chance(r, 1, 3)) p.event = all.event;
    return p;
}

/* ---- near misses ---- */

enum { EVENT = 5, N_DEMANDS };

static const int n_values[N_DEMANDS] = {ASK_N_COLORS,   ASK_N_SHAPES, ASK_N_SIZES,
                                        ASK_N_TEXTURES, ASK_N_PLACES, ASK_N_SIMPLE_EVENTS};

static int n_values_in(const ask_scene *s, int which)
{
    return s->full && which == EVENT ? ASK_N_EVENTS : n_values[which];
}

static int8_t *demand_of(ask_phrase *p, int which)
{
    int8_t *const demands[N_DEMANDS] = {&p->color,   &p->shape, &p->size,
                                        &p->texture, &p->place, &p->event};
    return demands[which];
}

/* Another value of what is demanded; where nothing is, or only another split has the
 * outcome, the phrase stays. */
static void make_near_miss(ask_rng *r, ask_phrase *p, const ask_scene *s,
                           const ask_scene_view *v)
{
    ask_phrase changed = *p, other = all_of(s, v, draw_toy(r, s, v));
    int which = below(r, N_DEMANDS), n = n_values_in(s, which);
    int8_t *value = demand_of(&changed, which), borrowed = *demand_of(&other, which);
    int8_t drawn = (int8_t)((*value + 1 + below(r, n - 1)) % n);
    bool borrows = chance(r, 1, 2) && borrowed != ASK_ANY;
    if (*value == ASK_ANY) return;
    *value = borrows ? borrowed : drawn;
    if (ask_pick_is_allowed(s, changed)) *p = changed;
}

ask_phrase ask_sample_phrase(ask_rng *r, const ask_scene *s, const ask_scene_view *v)
{
    ask_phrase p = draw_demands(r, s, v, draw_toy(r, s, v));
    if (chance(r, 2, 5)) make_near_miss(r, &p, s, v);
    return p;
}

ask_phrase ask_sample_single_demand(int i)
{
    ask_phrase p = ask_phrase_any();
    int which = 0, value = i;
    while (value >= n_values[which]) value -= n_values[which++];
    *demand_of(&p, which) = (int8_t)value;
    return p;
}

ask_saying ask_sample_saying(ask_rng *r, ask_phrase p, int *wording)
{
    ask_saying how = ASK_SAY_CAPTION;
    if (chance(r, 1, 2)) {
        do {
            how = (ask_saying)below(r, ASK_N_SAYINGS);
        } while (!ask_phrase_fits(p, how));
    }
    *wording = below(r, ASK_N_WORDINGS);
    return how;
}
