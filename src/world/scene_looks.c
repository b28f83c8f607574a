#include "world/scene_priv.h"

enum {
    TRIES = 200,
    TRIES_OF_TOY = 20,
    MAX_PALETTE = 4,
    LEAST_SHARING = 2,
    LEAST_DISTRACTORS = 2
};

/* Whether the toys are of one shape and ever have the same colour. */
static bool share_pair(const ask_scene *s, int a, int b)
{
    if (s->toys[a].shape != s->toys[b].shape) return false;
    for (int c = 0; c < ASK_N_COLORS; c++) {
        if (ask_scene_has_color(s, a, (ask_toy_color)c) &&
            ask_scene_has_color(s, b, (ask_toy_color)c))
            return true;
    }
    return false;
}

/* Does something, or is moved. */
static bool takes_part(const ask_scene *s, int toy)
{
    for (int i = 0; i < s->n_events; i++) {
        if (s->events[i].toy == toy || s->events[i].other == toy) return true;
    }
    return false;
}

/* Two toys of one colour and shape are told apart by their sizes; visitors and toys that do
 * something have no such double, so that their phrases are of one moment. */
static bool are_told_apart(const ask_scene *s, int a, int b)
{
    if (!share_pair(s, a, b)) return true;
    return s->toys[a].size != s->toys[b].size && !ask_toy_is_visitor(s, a) &&
           !ask_toy_is_visitor(s, b) && !takes_part(s, a) && !takes_part(s, b);
}

static bool share_look(const ask_toy *a, const ask_toy *b)
{
    return a->color == b->color || a->shape == b->shape;
}

static bool has_company(const ask_scene *s, int toy)
{
    int n = 0;
    for (int i = 0; i < s->n_toys; i++)
        n += i != toy && share_look(&s->toys[i], &s->toys[toy]);
    return n >= LEAST_SHARING;
}

static bool is_like_one_that_acts(const ask_scene *s, int toy)
{
    for (int i = 0; i < s->n_toys; i++) {
        if (takes_part(s, i) && share_look(&s->toys[i], &s->toys[toy])) return true;
    }
    return false;
}

static bool distract(const ask_scene *s)
{
    int n = 0;
    for (int i = 0; i < s->n_toys; i++)
        n += !takes_part(s, i) && is_like_one_that_acts(s, i);
    return n >= LEAST_DISTRACTORS;
}

static bool event_fits(const ask_scene *s, const ask_event *e)
{
    const ask_toy *t = &s->toys[e->toy];
    if (!ask_toy_can(e->kind, t->shape, t->size)) return false;
    if (s->split == ASK_SPLIT_TEST) return true;
    return !ask_pairing_is_held_out(e->kind, t->shape) &&
           !(e->kind == ASK_TURN && ask_pair_is_held_out(e->to_color, t->shape));
}

/* Whether a toy can be so, beside those before it. */
static bool suits(const ask_scene *s, int toy)
{
    const ask_toy *t = &s->toys[toy];
    if (s->split != ASK_SPLIT_TEST && ask_pair_is_held_out(t->color, t->shape))
        return false;
    for (int i = 0; i < s->n_events; i++) {
        if (s->events[i].toy == toy && !event_fits(s, &s->events[i])) return false;
    }
    for (int i = 0; i < toy; i++) {
        if (!are_told_apart(s, toy, i)) return false;
    }
    return true;
}

static bool looks_fit(const ask_scene *s)
{
    for (int i = 0; i < s->n_toys; i++) {
        if (!suits(s, i) || !has_company(s, i)) return false;
    }
    return !s->full || distract(s);
}

/* A clip has few colours and few shapes, so that many toys share one. */
typedef struct {
    int colors[ASK_N_COLORS], shapes[ASK_N_SHAPES], n_colors, n_shapes;
} palette;

/* All of n values in a random order. */
static void shuffled(ask_scene_draft *d, int values[], int n)
{
    for (int i = 0; i < n; i++) values[i] = i;
    ask_rng_shuffle(&d->rng, values, (size_t)n, sizeof *values);
}

static palette draw_palette(ask_scene_draft *d)
{
    palette p;
    shuffled(d, p.colors, ASK_N_COLORS);
    shuffled(d, p.shapes, ASK_N_SHAPES);
    p.n_colors = ask_draft_between(d, 2, MAX_PALETTE);
    p.n_shapes = ask_draft_between(d, 2, MAX_PALETTE);
    return p;
}

/* odd: of a colour or a shape that no other toy has. */
static void draw_toy(ask_scene_draft *d, int toy, const palette *p, bool odd_color,
                     bool odd_shape)
{
    ask_scene *s = &d->scene;
    ask_toy *t = &s->toys[toy];
    int color = ask_draft_between(d, 0, p->n_colors - 1);
    int shape = ask_draft_between(d, 0, p->n_shapes - 1);
    t->color = (ask_toy_color)p->colors[odd_color ? p->n_colors : color];
    t->shape = (ask_shape)p->shapes[odd_shape ? p->n_shapes : shape];
    t->size = (ask_size)ask_draft_between(d, 0, ASK_N_SIZES - 1);
    t->texture = (ask_texture)ask_draft_between(d, 0, ASK_N_TEXTURES - 1);
    for (int i = 0; i < s->n_events; i++) {
        ask_event *e = &s->events[i];
        if (e->kind != ASK_TURN || e->toy != toy) continue;
        int on = ask_draft_between(d, 1, ASK_N_COLORS - 1); // to any other colour
        e->to_color = (ask_toy_color)(((int)t->color + on) % ASK_N_COLORS);
    }
}

/* Sometimes one visitor has a colour, and one a shape, that no other toy has. In full
 * scenes a toy is drawn until it suits, which is found sooner than a whole scene that does.
 */
static void draw_looks(ask_scene_draft *d)
{
    const ask_scene *s = &d->scene;
    palette p = draw_palette(d);
    bool odd_color = ask_draft_chance(d, 1, 2), odd_shape = ask_draft_chance(d, 1, 2);
    for (int i = 0; i < s->n_toys; i++) {
        bool is_odd_color = odd_color && ask_toy_is_visitor(s, i);
        bool is_odd_shape = odd_shape && !is_odd_color && ask_toy_is_visitor(s, i);
        for (int k = 0; k == 0 || (s->full && k < TRIES_OF_TOY && !suits(s, i)); k++)
            draw_toy(d, i, &p, is_odd_color, is_odd_shape);
        odd_color = odd_color && !is_odd_color;
        odd_shape = odd_shape && !is_odd_shape;
    }
}

bool ask_draft_looks(ask_scene_draft *d)
{
    for (int i = 0; i < TRIES; i++) {
        draw_looks(d);
        if (looks_fit(&d->scene)) return true;
    }
    return false;
}
