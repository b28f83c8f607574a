#include "world/pick_priv.h"

ask_rng ask_pick_rng(const ask_scene *s, const char *purpose)
{
    ask_rng seed = ask_rng_new(s->seed);
    ask_rng split = ask_rng_split(&seed, ask_split_name(s->split));
    ask_rng stream = ask_rng_split(&split, purpose);
    return ask_rng_split_at(&stream, (uint64_t)s->index);
}

ask_phrase ask_pick_toy(const ask_toy *toy, unsigned fields)
{
    ask_phrase p = ask_phrase_any();
    if (fields & ASK_PICK_COLOR) p.color = (int8_t)toy->color;
    if (fields & ASK_PICK_SHAPE) p.shape = (int8_t)toy->shape;
    if (fields & ASK_PICK_SIZE) p.size = (int8_t)toy->size;
    if (fields & ASK_PICK_TEXTURE) p.texture = (int8_t)toy->texture;
    return p;
}

static bool is_any_or(int8_t demanded, int value)
{
    return demanded == ASK_ANY || demanded == value;
}

bool ask_pick_is_toy(const ask_scene *s, int toy, ask_phrase p)
{
    const ask_toy *t = &s->toys[toy];
    return (p.color == ASK_ANY || ask_scene_has_color(s, toy, (ask_toy_color)p.color)) &&
           is_any_or(p.shape, (int)t->shape) && is_any_or(p.size, (int)t->size) &&
           is_any_or(p.texture, (int)t->texture);
}

int ask_pick_n_toys(const ask_scene *s, ask_phrase p)
{
    int n = 0;
    for (int toy = 0; toy < s->n_toys; toy++) n += ask_pick_is_toy(s, toy, p);
    return n;
}

bool ask_pick_is_allowed(const ask_scene *s, ask_phrase p)
{
    return s->split == ASK_SPLIT_TEST || !ask_phrase_is_held_out(p);
}

/* Whether the pair is absent from the scene in this way. */
static bool is_absent(const ask_scene *s, ask_phrase pair, ask_pick_absence absence)
{
    if (ask_pick_n_toys(s, pair) > 0) return false;
    ask_phrase color = pair, shape = pair;
    color.shape = ASK_ANY;
    shape.color = ASK_ANY;
    bool has_color = ask_pick_n_toys(s, color) > 0;
    bool has_shape = ask_pick_n_toys(s, shape) > 0;
    switch (absence) {
    case ASK_PICK_NEAR:
        return has_color && has_shape;
    case ASK_PICK_FOREIGN:
        return !has_color && !has_shape;
    case ASK_PICK_OTHER:
        break;
    }
    return !has_color || !has_shape;
}

int ask_pick_absent_pairs(ask_phrase out[ASK_PICK_MOST_PAIRS], const ask_scene *s,
                          ask_pick_absence absence, ask_rng *rng)
{
    int n = 0;
    for (int c = 0; c < ASK_N_COLORS; c++) {
        for (int h = 0; h < ASK_N_SHAPES; h++) {
            ask_phrase pair = ask_phrase_any();
            pair.color = (int8_t)c;
            pair.shape = (int8_t)h;
            if (is_absent(s, pair, absence) && ask_pick_is_allowed(s, pair))
                out[n++] = pair;
        }
    }
    ask_rng_shuffle(rng, out, (size_t)n, sizeof *out);
    return n;
}
