/* Which events, or which toy, show that the right answer is right. */
#include "train/timeline_questions_priv.h"

static bool is_any_or(int demanded, int value)
{
    return demanded == ASK_ANY || demanded == value;
}

static bool is_deed(const ask_event *e, ask_deed d)
{
    return is_any_or(d.toy, e->toy) && is_any_or(d.kind, (int)e->kind) &&
           is_any_or(d.other, e->other);
}

/* The events of a moment that are such a deed. */
static unsigned events_of(const ask_scene *s, ask_world_moment m, ask_deed d)
{
    unsigned events = 0;
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        bool overlaps = e->begin < m.end && m.begin < e->end;
        if (overlaps && is_deed(e, d)) events |= 1u << i;
    }
    return events;
}

/* What happens in the moment of the question. */
static ask_deed deed_shown(const ask_world_question *q, const ask_world_option *right)
{
    ask_deed d = right->deed;
    switch (q->family) {
    case ASK_FAMILY_ACTION:
        return (ask_deed){q->asked.toy, right->phrase.event, ASK_ANY};
    case ASK_FAMILY_CHANGE:
    case ASK_FAMILY_PREDICTION:
        return q->asked;
    case ASK_FAMILY_HITS: // whoever is asked for
        return (ask_deed){ASK_ANY, q->asked.kind, ASK_ANY};
    case ASK_FAMILY_WHY: // or by itself
        return d.kind != ASK_ANY ? d : (ask_deed){q->asked.toy, ASK_SLIDE, ASK_ANY};
    default:
        return d;
    }
}

static int pair_of(const ask_scene *s, int toy)
{
    if (toy == ASK_ANY) return -1;
    return (int)s->toys[toy].color * ASK_N_SHAPES + (int)s->toys[toy].shape;
}

/* The one toy that is ever such; ASK_ANY: there are others, or none. */
static int only_toy(const ask_scene *s, ask_phrase p)
{
    int found = ASK_ANY, n = 0;
    for (int toy = 0; toy < s->n_toys; toy++) {
        bool fits =
            is_any_or(p.shape, (int)s->toys[toy].shape) &&
            (p.color == ASK_ANY || ask_scene_has_color(s, toy, (ask_toy_color)p.color));
        if (fits) found = toy;
        n += fits;
    }
    return n == 1 ? found : ASK_ANY;
}

/* The toy that is the answer, or that it is about; ASK_ANY: it is about what happens, or
 * about many. */
static int toy_shown(const ask_scene *s, const ask_world_question *q,
                     const ask_world_option *right)
{
    switch (q->family) {
    case ASK_FAMILY_PRESENCE:
    case ASK_FAMILY_FEASIBILITY:
        return right->deed.toy;
    case ASK_FAMILY_COLOR:
    case ASK_FAMILY_SHAPE:
    case ASK_FAMILY_SIZE:
    case ASK_FAMILY_LOCATION:
        return q->asked.toy;
    case ASK_FAMILY_NUMBER:
        return right->number == 1 ? only_toy(s, q->subject) : ASK_ANY;
    default:
        return ASK_ANY;
    }
}

static bool is_about_events(ask_family family)
{
    switch (family) {
    case ASK_FAMILY_ACTION:
    case ASK_FAMILY_FIRST_LAST:
    case ASK_FAMILY_NEXT:
    case ASK_FAMILY_BEFORE:
    case ASK_FAMILY_WHILE:
    case ASK_FAMILY_WHO_FIRST:
    case ASK_FAMILY_AFTER_OWN:
    case ASK_FAMILY_BEFORE_OWN:
    case ASK_FAMILY_CHANGE:
    case ASK_FAMILY_REPEATED:
    case ASK_FAMILY_WHY:
    case ASK_FAMILY_HOW:
    case ASK_FAMILY_HITS:
    case ASK_FAMILY_PREDICTION:
        return true;
    default:
        return false;
    }
}

ask_question_evidence ask_question_evidence_of(const ask_world_clip *clip,
                                               const ask_world_question *q)
{
    const ask_scene *s = &clip->scene;
    const ask_world_option *right = &q->options[q->answer];
    ask_question_evidence e = {.told = right->denies, .pair = -1};
    if (right->denies) return e;
    if (is_about_events(q->family))
        e.events = events_of(s, q->moment, deed_shown(q, right));
    e.pair = pair_of(s, toy_shown(s, q, right));
    e.told = e.events || e.pair >= 0;
    return e;
}
