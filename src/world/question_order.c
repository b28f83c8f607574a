/* What happens first, last, before and after. */
#include "world/pick_priv.h"
#include "world/question_priv.h"

typedef enum { FIRST, LAST, AFTER, BEFORE, N_ORDERS } order;

static const char *const order_said[N_ORDERS][ASK_N_WORDINGS] = {
    [FIRST] = {"what happens first?", "which of these happens first?",
               "what comes before the others?", "which is the first to happen?"},
    [LAST] = {"what happens last?", "which of these happens last?",
              "what comes after the others?", "which is the last to happen?"},
    [AFTER] = {"what happens after %s?", "which of these happens after %s?",
               "what comes after %s?", "%s. what happens then?"},
    [BEFORE] = {"what happens before %s?", "which of these happens before %s?",
                "what comes before %s?", "%s. what happened before?"},
};

/* Something that happens once, or (begin == end) never, and can be told in words. */
typedef struct {
    ask_phrase phrase;
    ask_world_moment moment;
} happening;

enum { MOST_HAPPENINGS = ASK_SCENE_MAX_TOYS * ASK_N_EVENTS };

typedef struct {
    happening events[ASK_SCENE_MAX_EVENTS]; // in order of time
    int n_events;
    happening never[MOST_HAPPENINGS]; // in random order
    int n_never;
} happenings;

static ask_phrase doing(const ask_toy *toy, int kind)
{
    ask_phrase p = ask_pick_toy(toy, ASK_PICK_COLOR | ASK_PICK_SHAPE);
    p.event = (int8_t)kind;
    return p;
}

static void find_events(happenings *out, const ask_asker *a)
{
    const ask_scene *s = a->seen.scene;
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        ask_phrase p = doing(&s->toys[e->toy], (int)e->kind);
        ask_world_when w = ask_world_when_holds(a->seen, p);
        if (w.n_runs == 1) out->events[out->n_events++] = (happening){p, w.moment};
    }
}

/* What toys of the clip could have done, and did not. */
static void find_never(happenings *out, ask_asker *a)
{
    const ask_scene *s = a->seen.scene;
    for (int toy = 0; toy < s->n_toys; toy++) {
        const ask_toy *t = &s->toys[toy];
        for (int kind = 0; kind < ASK_N_SIMPLE_EVENTS; kind++) {
            ask_phrase p = doing(t, kind);
            bool fits = ask_pick_n_toys(s, p) == 1 && ask_pick_is_allowed(s, p) &&
                        ask_toy_can((ask_event_kind)kind, t->shape, t->size);
            if (!fits) continue;
            ask_world_when w = ask_world_when_holds(a->seen, p);
            if (w.n_runs == 0 && w.is_clear)
                out->never[out->n_never++] = (happening){.phrase = p};
        }
    }
    ask_rng_shuffle(&a->rng, out->never, (size_t)out->n_never, sizeof *out->never);
}

static void add_happening(ask_world_question *q, int *n, ask_asker *a, const happening *h)
{
    ask_str question = {0}, text = {0};
    ask_phrase_say(&question, &text, h->phrase, ASK_SAY_CAPTION, q->wording);
    ask_str_free(&question);
    ask_asker_add(q, n, a, &text);
}

static void add_never(ask_world_question *q, int *n, ask_asker *a, const happenings *h)
{
    for (int i = 0; *n < ASK_N_OPTIONS && i < h->n_never; i++)
        add_happening(q, n, a, &h->never[i]);
}

/* The text of the question; anchor: the event that it names, or NULL. */
static const char *say_order(ask_world_question *q, ask_asker *a, order o,
                             const happening *anchor)
{
    ask_str question = {0}, named = {0}, text = {0};
    if (anchor) ask_phrase_say(&question, &named, anchor->phrase, ASK_SAY_CAPTION, 0);
    ask_question_fill(&text, order_said[o][q->wording], ask_str_text(&named));
    text.failed |= named.failed;
    ask_str_free(&question);
    ask_str_free(&named);
    return ask_asker_keep(a, &text);
}

/* First or last of up to four things; at least three of them happen. */
static bool draft_extreme(ask_world_question *q, ask_asker *a, const happenings *h, order o)
{
    enum { LEAST = 3 };
    if (h->n_events < LEAST || h->n_events + h->n_never < ASK_N_OPTIONS) return false;
    int picked[ASK_SCENE_MAX_EVENTS];
    for (int i = 0; i < h->n_events; i++) picked[i] = i;
    ask_rng_shuffle(&a->rng, picked, (size_t)h->n_events, sizeof *picked);
    int n_picked = h->n_events < ASK_N_OPTIONS ? h->n_events : ASK_N_OPTIONS, right = 0;
    for (int i = 1; i < n_picked; i++) { // events are in order of time
        bool beyond = o == FIRST ? picked[i] < picked[right] : picked[i] > picked[right];
        if (beyond) right = i;
    }
    *q = ask_asker_begin(a, ASK_QUESTION_ORDER);
    q->text = say_order(q, a, o, NULL);
    q->moment = h->events[picked[right]].moment;
    int n = 0;
    add_happening(q, &n, a, &h->events[picked[right]]);
    for (int i = 0; i < n_picked; i++)
        if (i != right) add_happening(q, &n, a, &h->events[picked[i]]);
    add_never(q, &n, a, h);
    return !a->failed;
}

/* What comes after (before) an event, among things that come before (after) it or never. */
static bool draft_beside(ask_world_question *q, ask_asker *a, const happenings *h, order o)
{
    if (h->n_events < 3) return false;
    int anchor = 1 + (int)ask_rng_below(&a->rng, (uint64_t)h->n_events - 2);
    int n_before = anchor, n_after = h->n_events - 1 - anchor;
    int n_right = o == AFTER ? n_after : n_before,
        n_wrong = o == AFTER ? n_before : n_after;
    if (n_wrong + h->n_never < ASK_N_OPTIONS - 1) return false;
    const happening *after = &h->events[anchor + 1], *before = h->events;
    const happening *rights = o == AFTER ? after : before;
    const happening *wrongs = o == AFTER ? before : after;
    const happening *right = &rights[ask_rng_below(&a->rng, (uint64_t)n_right)];
    *q = ask_asker_begin(a, ASK_QUESTION_ORDER);
    q->text = say_order(q, a, o, &h->events[anchor]);
    q->subject = ask_phrase_any();
    q->subject.color = h->events[anchor].phrase.color;
    q->subject.shape = h->events[anchor].phrase.shape;
    q->moment = right->moment;
    int n = 0;
    add_happening(q, &n, a, right);
    for (int i = 0; i < n_wrong && n < ASK_N_OPTIONS; i++)
        add_happening(q, &n, a, &wrongs[i]);
    add_never(q, &n, a, h);
    return !a->failed;
}

bool ask_draft_order(ask_world_question *q, ask_asker *a)
{
    happenings h = {0};
    find_events(&h, a);
    find_never(&h, a);
    order orders[N_ORDERS] = {FIRST, LAST, AFTER, BEFORE};
    ask_rng_shuffle(&a->rng, orders, N_ORDERS, sizeof *orders);
    for (int i = 0; i < N_ORDERS && !a->failed; i++) {
        bool is_extreme = orders[i] == FIRST || orders[i] == LAST;
        if (is_extreme ? draft_extreme(q, a, &h, orders[i])
                       : draft_beside(q, a, &h, orders[i]))
            return true;
    }
    return false;
}

void ask_question_order_words(ask_str *out)
{
    for (int o = 0; o < N_ORDERS; o++)
        for (int w = 0; w < ASK_N_WORDINGS; w++)
            ask_question_add_words(out, order_said[o][w]);
}
