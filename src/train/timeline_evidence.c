/* Which events, or which toys, show that the right answer is right. */
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
    case ASK_FAMILY_TIMES:
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

static unsigned bit_of(int toy)
{
    return toy == ASK_ANY ? 0 : 1u << toy;
}

/* The toys that are ever such. */
static unsigned toys_of(const ask_scene *s, ask_phrase p)
{
    unsigned toys = 0;
    for (int toy = 0; toy < s->n_toys; toy++) {
        bool fits =
            is_any_or(p.shape, (int)s->toys[toy].shape) &&
            (p.color == ASK_ANY || ask_scene_has_color(s, toy, (ask_toy_color)p.color));
        if (fits) toys |= 1u << toy;
    }
    return toys;
}

/* The toys that ever do one of some kinds of deed. */
static unsigned doers_of(const ask_scene *s, unsigned kinds)
{
    unsigned toys = 0;
    for (int i = 0; i < s->n_events; i++)
        if (kinds >> s->events[i].kind & 1) toys |= 1u << s->events[i].toy;
    return toys;
}

/* The toys that are the answer, that it is about, or that are counted; none: it is about
 * what happens. */
static unsigned toys_shown(const ask_scene *s, const ask_world_question *q,
                           const ask_world_option *right)
{
    switch (q->family) {
    case ASK_FAMILY_PRESENCE:
    case ASK_FAMILY_FEASIBILITY:
        return bit_of(right->deed.toy);
    case ASK_FAMILY_COLOR:
    case ASK_FAMILY_SHAPE:
    case ASK_FAMILY_SIZE:
    case ASK_FAMILY_LOCATION:
        return bit_of(q->asked.toy);
    case ASK_FAMILY_NUMBER:
        return toys_of(s, q->subject);
    case ASK_FAMILY_DOERS:
        return doers_of(s, q->kinds);
    default:
        return 0;
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
    case ASK_FAMILY_TIMES:
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
    ask_question_evidence e = {.told = right->denies};
    if (right->denies) return e;
    if (is_about_events(q->family))
        e.events = events_of(s, q->moment, deed_shown(q, right));
    e.toys = toys_shown(s, q, right);
    e.told = e.events || e.toys || right->number == 0;
    return e;
}
