/* By what the questions of a playroom are told apart. */
#include "eval/set_priv.h"

enum { MOST_TAGS = 6 }; // of a question

/* ---- what training does not have ---- */

/* A toy of a pair of colour and shape that only the test split has, from the start or once
 * it has changed its colour. */
static bool is_held_out_toy(const ask_scene *s, int toy)
{
    const ask_shape shape = s->toys[toy].shape;
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (e->kind == ASK_TURN && e->toy == toy &&
            ask_pair_is_held_out(e->to_color, shape))
            return true;
    }
    return ask_pair_is_held_out(s->toys[toy].color, shape);
}

static bool is_held_out_deed(const ask_scene *s, ask_deed d)
{
    if (d.toy == ASK_ANY) return false;
    return is_held_out_toy(s, d.toy) ||
           (d.other != ASK_ANY && is_held_out_toy(s, d.other)) ||
           (d.kind != ASK_ANY &&
            ask_pairing_is_held_out((ask_event_kind)d.kind, s->toys[d.toy].shape));
}

/* Whether question or right answer speaks of, or is about, what only the test split has. */
static bool is_held_out(const ask_scene *s, const ask_world_question *q)
{
    const ask_world_option *right = &q->options[q->answer];
    if (ask_phrase_is_held_out(q->subject) || ask_phrase_is_held_out(right->phrase) ||
        is_held_out_deed(s, q->asked) || is_held_out_deed(s, right->deed))
        return true;
    for (int i = 0; i < q->n_objects; i++)
        if (is_held_out_toy(s, q->objects[i])) return true;
    return false;
}

/* ---- tags ---- */

/* NExT-QA's word for a family; NULL: it asks no such thing. */
static const char *reasoning_of(ask_family family)
{
    const char *like = ask_family_of(family).nextqa;
    if (!like) return NULL;
    return *like == 'C' ? "causal" : *like == 'T' ? "temporal" : "descriptive";
}

static const char *clutter_name(int clutter)
{
    static const char *const names[ASK_MAX_CLUTTER + 1] = {"0", "1", "2", "3"};
    return names[clutter];
}

bool set_tags_of(ask_data_record *r, const ask_scene *s, const ask_world_question *q,
                 ask_arena *room)
{
    ask_data_tag *tags = ask_arena_array(room, MOST_TAGS, sizeof *tags);
    if (!tags) return false;
    r->tags = tags;
    tags[r->n_tags++] = (ask_data_tag){"type", ask_question_type_name(q->type)};
    tags[r->n_tags++] = (ask_data_tag){"held_out", is_held_out(s, q) ? "yes" : "no"};
    if (!s->full) return true;
    const char *reasoning = reasoning_of(q->family);
    tags[r->n_tags++] = (ask_data_tag){"family", ask_family_of(q->family).name};
    if (reasoning) tags[r->n_tags++] = (ask_data_tag){"reasoning", reasoning};
    tags[r->n_tags++] = (ask_data_tag){"clutter", clutter_name(s->clutter)};
    if (s->clutter <= 1) tags[r->n_tags++] = (ask_data_tag){"clutter", "0-1"};
    return true;
}
