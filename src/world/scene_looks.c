#include "world/scene_priv.h"

enum { TRIES = 200, MAX_PALETTE = 4, LEAST_SHARING = 2 };

static bool share_pair(const ask_toy *a, const ask_toy *b)
{
    return a->color == b->color && a->shape == b->shape;
}

static bool does_something(const ask_scene *s, int toy)
{
    for (int i = 0; i < s->n_events; i++) {
        if (s->events[i].toy == toy) return true;
    }
    return false;
}

/* Two toys of one colour and shape are told apart by their sizes; visitors and toys that do
 * something have no such double, so that their phrases are of one moment. */
static bool are_told_apart(const ask_scene *s, int a, int b)
{
    const ask_toy *ta = &s->toys[a], *tb = &s->toys[b];
    if (!share_pair(ta, tb)) return true;
    return ta->size != tb->size && !ask_toy_is_visitor(s, a) && !ask_toy_is_visitor(s, b) &&
           !does_something(s, a) && !does_something(s, b);
}

static bool has_company(const ask_scene *s, int toy)
{
    const ask_toy *t = &s->toys[toy];
    int n = 0;
    for (int i = 0; i < s->n_toys; i++)
        n += i != toy && (s->toys[i].color == t->color || s->toys[i].shape == t->shape);
    return n >= LEAST_SHARING;
}

static bool events_fit(const ask_scene *s)
{
    for (int i = 0; i < s->n_events; i++) {
        ask_event_kind kind = s->events[i].kind;
        const ask_toy *t = &s->toys[s->events[i].toy];
        if (!ask_toy_can(kind, t->shape, t->size)) return false;
        if (s->split != ASK_SPLIT_TEST && ask_pairing_is_held_out(kind, t->shape))
            return false;
    }
    return true;
}

static bool looks_fit(const ask_scene *s)
{
    for (int i = 0; i < s->n_toys; i++) {
        const ask_toy *t = &s->toys[i];
        if (s->split != ASK_SPLIT_TEST && ask_pair_is_held_out(t->color, t->shape))
            return false;
        if (!has_company(s, i)) return false;
        for (int k = 0; k < i; k++) {
            if (!are_told_apart(s, i, k)) return false;
        }
    }
    return events_fit(s);
}

/* All of n values in a random order. */
static void shuffled(ask_scene_draft *d, int values[], int n)
{
    for (int i = 0; i < n; i++) values[i] = i;
    ask_rng_shuffle(&d->rng, values, (size_t)n, sizeof *values);
}

/* A clip has few colours and few shapes, so that many toys share one. Sometimes one visitor
 * has a colour, and one a shape, that no other toy has. */
static void draw_looks(ask_scene_draft *d)
{
    ask_scene *s = &d->scene;
    int colors[ASK_N_COLORS], shapes[ASK_N_SHAPES];
    shuffled(d, colors, ASK_N_COLORS);
    shuffled(d, shapes, ASK_N_SHAPES);
    int n_colors = ask_draft_between(d, 2, MAX_PALETTE);
    int n_shapes = ask_draft_between(d, 2, MAX_PALETTE);
    bool odd_color = ask_draft_chance(d, 1, 2), odd_shape = ask_draft_chance(d, 1, 2);
    for (int i = 0; i < s->n_toys; i++) {
        ask_toy *t = &s->toys[i];
        t->color = (ask_toy_color)colors[ask_draft_between(d, 0, n_colors - 1)];
        t->shape = (ask_shape)shapes[ask_draft_between(d, 0, n_shapes - 1)];
        t->size = (ask_size)ask_draft_between(d, 0, ASK_N_SIZES - 1);
        t->texture = (ask_texture)ask_draft_between(d, 0, ASK_N_TEXTURES - 1);
        if (!ask_toy_is_visitor(s, i)) continue;
        if (odd_color) {
            t->color = (ask_toy_color)colors[n_colors];
            odd_color = false;
        } else if (odd_shape) {
            t->shape = (ask_shape)shapes[n_shapes];
            odd_shape = false;
        }
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
