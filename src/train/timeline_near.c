/* Answers that are nearly right: of a toy that is half another one, or of another deed. */
#include <string.h>

#include "train/timeline_questions_priv.h"

enum { N_TRIES = 8 };

/* The first `name` in a text, by another. false: it is not there. */
static bool replace(ask_str *out, const char *text, const char *name, const char *by)
{
    const char *at = strstr(text, name);
    if (!at) return false;
    ask_str_clear(out);
    ask_str_append_bytes(out, text, (size_t)(at - text));
    ask_str_printf(out, "%s%s", by, at + strlen(name));
    return true;
}

// --- Another toy -------------------------------------------------------------------------

static bool is_named(ask_phrase p)
{
    return p.color != ASK_ANY && p.shape != ASK_ANY;
}

static void name_toy(char out[64], ask_phrase p)
{
    ask_format(out, 64, "%s %s", ask_color_name((ask_toy_color)p.color),
               ask_shape_name((ask_shape)p.shape));
}

/* With the colour, the shape or both of another toy of the scene. */
static ask_phrase mix(ask_phrase p, const ask_scene *s, ask_rng *r)
{
    enum { COLOR, SHAPE, BOTH, N_WAYS };
    const ask_toy *other = &s->toys[ask_rng_below(r, (uint64_t)s->n_toys)];
    uint64_t way = ask_rng_below(r, N_WAYS);
    if (way != SHAPE) p.color = (int8_t)other->color;
    if (way != COLOR) p.shape = (int8_t)other->shape;
    return p;
}

/* It gets to be such a toy, by which it is not called. */
static bool becomes_such(const ask_scene *s, ask_phrase p)
{
    for (int toy = 0; toy < s->n_toys; toy++)
        if ((int)s->toys[toy].shape == p.shape && (int)s->toys[toy].color != p.color &&
            ask_scene_has_color(s, toy, (ask_toy_color)p.color))
            return true;
    return false;
}

/* Neither as a pair nor with what it does. */
static bool is_held_out(ask_phrase toy, int kind)
{
    toy.event = (int8_t)kind;
    return ask_phrase_is_held_out(toy);
}

static bool with_other_toy(ask_near_miss *out, const char *text,
                           const ask_answer_meaning *right, const ask_scene *s, ask_rng *r)
{
    bool first =
        is_named(right->toy) && (!is_named(right->other) || ask_rng_below(r, 2) == 0);
    ask_phrase is = first ? right->toy : right->other;
    if (!is_named(is)) return false;
    ask_phrase by = mix(is, s, r);
    char name[64], other[64];
    if (ask_phrase_equal(is, by) || is_held_out(by, first ? right->kind : ASK_ANY) ||
        becomes_such(s, by))
        return false;
    name_toy(name, is);
    name_toy(other, by);
    out->meaning = *right;
    *(first ? &out->meaning.toy : &out->meaning.other) = by;
    return replace(&out->text, text, name, other);
}

// --- Another deed ------------------------------------------------------------------------

static bool moves_other(int kind)
{
    return ask_event_kind_moves_other((ask_event_kind)kind);
}

/* What is done to nobody for what is, where nobody is named, would be no sentence. */
static bool with_other_deed(ask_near_miss *out, const char *text,
                            const ask_answer_meaning *right, ask_rng *r)
{
    if (right->form != ASK_MEANS_DEED) return false;
    int kind = (int)ask_rng_below(r, ASK_N_EVENTS);
    if (kind == right->kind || moves_other(kind) != moves_other(right->kind) ||
        is_held_out(right->toy, kind))
        return false;
    out->meaning = *right;
    out->meaning.kind = kind;
    return replace(&out->text, text, ask_event_name((ask_event_kind)right->kind),
                   ask_event_name((ask_event_kind)kind));
}

bool ask_near_miss_draw(ask_near_miss *out, const char *text,
                        const ask_answer_meaning *right, const ask_scene *s, ask_rng *r)
{
    for (int i = 0; i < N_TRIES; i++) {
        bool deed = ask_rng_below(r, 3) == 0;
        if (deed ? with_other_deed(out, text, right, r)
                 : with_other_toy(out, text, right, s, r))
            return true;
    }
    return false;
}
