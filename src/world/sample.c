#include "world/sample.h"

#include "world/noise.h"

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

/* Some of what can be said of a toy; at least one thing. */
static ask_phrase draw_demands(ask_rng *r, const ask_scene *s, const ask_scene_view *v,
                               int toy)
{
    const ask_toy *t = &s->toys[toy];
    ask_phrase p = ask_phrase_any();
    int kind = below(r, 8); // both, colour alone, shape alone
    if (kind != 0) p.color = (int8_t)t->color;
    if (kind != 1) p.shape = (int8_t)t->shape;
    if (chance(r, 1, 5)) p.size = (int8_t)t->size;
    if (chance(r, 1, 5)) p.texture = (int8_t)t->texture;
    if (chance(r, 1, 6)) p.place = (int8_t)ask_view_place(v, toy);
    if (chance(r, 1, 3)) p.event = (int8_t)event_to_tell(s, toy, v->frame);
    return p;
}

/* Another value of what is demanded; nothing where nothing is. */
static void change(ask_rng *r, int8_t *value, int n_values)
{
    if (*value != ASK_ANY)
        *value = (int8_t)((*value + 1 + below(r, n_values - 1)) % n_values);
}

static void make_near_miss(ask_rng *r, ask_phrase *p)
{
    switch (below(r, 6)) {
    case 0:
        change(r, &p->color, ASK_N_COLORS);
        break;
    case 1:
        change(r, &p->shape, ASK_N_SHAPES);
        break;
    case 2:
        change(r, &p->size, ASK_N_SIZES);
        break;
    case 3:
        change(r, &p->texture, ASK_N_TEXTURES);
        break;
    case 4:
        change(r, &p->place, ASK_N_PLACES);
        break;
    default:
        change(r, &p->event, ASK_N_EVENTS);
        break;
    }
}

ask_phrase ask_sample_phrase(ask_rng *r, const ask_scene *s, const ask_scene_view *v)
{
    ask_phrase p = draw_demands(r, s, v, draw_toy(r, s, v));
    if (chance(r, 1, 3)) make_near_miss(r, &p);
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
