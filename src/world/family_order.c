/* What happens first and last, right after and before, and meanwhile. All options happen in
 * the clip, so that a frame which shows one under way does not tell it from the others. */
#include "world/family_priv.h"

// --- Events ------------------------------------------------------------------------------

/* Whether words can tell of it. */
static bool is_told(const ask_scene *s, int event)
{
    const ask_event *e = &s->events[event];
    return ask_deed_has_name(s, e->toy) &&
           (e->other == ASK_ANY || ask_deed_has_name(s, e->other));
}

static bool are_same_deed(const ask_event *a, const ask_event *b)
{
    return a->toy == b->toy && a->kind == b->kind && a->other == b->other;
}

/* The deeds that are told, each by the first (or last) time that it is done, in random
 * order. */
static ask_some told_events(ask_asker *a, bool last)
{
    const ask_scene *s = a->seen.scene;
    ask_some events = {.n = 0};
    for (int i = 0; i < s->n_events; i++) {
        bool again = false;
        for (int k = last ? i + 1 : 0; k < (last ? s->n_events : i); k++)
            again |= are_same_deed(&s->events[k], &s->events[i]);
        if (!again && is_told(s, i)) ask_some_add(&events, i);
    }
    ask_some_shuffle(&events, a);
    return events;
}

static bool are_apart(const ask_event *a, const ask_event *b)
{
    return a->end <= b->begin || b->end <= a->begin;
}

static bool comes_or_goes(const ask_event *e)
{
    return e->kind == ASK_ENTER || e->kind == ASK_LEAVE;
}

/* Whether which of two is first is not told by what they are: a toy comes before it does
 * anything else. */
static bool are_free(const ask_event *a, const ask_event *b)
{
    bool tells = a->toy == b->toy && (comes_or_goes(a) || comes_or_goes(b));
    return are_apart(a, b) && !tells;
}

/* Whether nothing else happens while it does. */
static bool is_alone(const ask_scene *s, int event)
{
    for (int i = 0; i < s->n_events; i++)
        if (i != event && !are_apart(&s->events[i], &s->events[event])) return false;
    return true;
}

/* Whether nothing in the clip is before it (after it). */
static bool is_outermost(const ask_scene *s, int event, bool last)
{
    return event == (last ? s->n_events - 1 : 0) && is_alone(s, event);
}

static ask_world_option event_option(ask_asker *a, int event)
{
    return ask_option_deed(a, ask_deed_of_event(&a->seen.scene->events[event]));
}

static ask_world_moment moment_of(const ask_asker *a, int event)
{
    const ask_event *e = &a->seen.scene->events[event];
    return (ask_world_moment){e->begin, e->end};
}

// --- First and last ----------------------------------------------------------------------

enum { OF_THESE = 1 }; // the wording that asks of the options alone

static const char *const first_said[2][ASK_N_WORDINGS] = {
    {"what happens first?", "which of these happens first?",
     "what comes before the others?", "which is the first to happen?"},
    {"what happens last?", "which of these happens last?", "what comes after the others?",
     "which is the last to happen?"},
};

/* Up to five events of which each could be the first. */
static ask_some free_events(ask_asker *a, bool last)
{
    const ask_scene *s = a->seen.scene;
    ask_some told = told_events(a, last), out = {.n = 0};
    for (int i = 0; i < told.n && out.n <= ASK_N_OPTIONS; i++) {
        bool fits = true;
        for (int k = 0; k < out.n; k++)
            fits &= are_free(&s->events[told.items[i]], &s->events[out.items[k]]);
        if (fits) ask_some_add(&out, told.items[i]);
    }
    return out;
}

bool ask_draft_first_last(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    int last = (int)ask_rng_below(&a->rng, 2);
    ask_some events = free_events(a, last);
    if (events.n < ASK_N_OPTIONS) return false;
    int right = events.items[0]; // events are numbered in order of time
    for (int i = 1; i < events.n; i++) {
        int event = events.items[i];
        if (last ? event > right : event < right) right = event;
    }
    d->is.ambiguous = !is_outermost(a->seen.scene, right, last);
    if (d->is.ambiguous) d->wording = OF_THESE;
    d->is.text = first_said[last][d->wording];
    d->right = event_option(a, right);
    d->moment = moment_of(a, right);
    for (int i = 0; i < events.n; i++)
        if (events.items[i] != right)
            d->wrong[d->n_wrong++] = event_option(a, events.items[i]);
    return true;
}

// --- Right after and before --------------------------------------------------------------

static const char *const beside_said[2][ASK_N_WORDINGS] = {
    {"what happens right after %s?", "which of these comes right after %s?",
     "%s. what happens then?", "what comes next after %s?"},
    {"what happens right before %s?", "which of these comes right before %s?",
     "%s. what happened just before?", "what comes last before %s?"},
};
static const char beside_denial[] = "that does not happen";

/* The event right after (step 1) or before (-1) an event, of another toy; -1: none. What
 * happened while a toy was hidden is not what came last. */
static int neighbour(const ask_scene *s, int event, int step)
{
    int k = event + step;
    if (k < 0 || k >= s->n_events || !is_told(s, k)) return -1;
    bool free = s->events[k].toy != s->events[event].toy &&
                are_apart(&s->events[k], &s->events[event]) &&
                (step > 0 || k == 0 || are_apart(&s->events[k], &s->events[k - 1]));
    return free ? k : -1;
}

/* Whether no event that is such a deed happens while another does. */
static bool is_apart_always(const ask_scene *s, const ask_event *deed, const ask_event *e)
{
    for (int i = 0; i < s->n_events; i++)
        if (are_same_deed(&s->events[i], deed) && !are_apart(&s->events[i], e))
            return false;
    return true;
}

static unsigned toys_of(const ask_event *e)
{
    return 1u << e->toy | (e->other == ASK_ANY ? 0 : 1u << e->other);
}

static ask_premise premise_of(ask_asker *a, const char *pattern, ask_phrase name,
                              ask_deed asked)
{
    return (ask_premise){
        .text = ask_draft_say(a, pattern, ask_draft_deed_text(a, name, asked), NULL),
        .subject = name,
        .asked = asked};
}

/* The same of a toy that never does so, and that no option speaks of. */
static bool add_beside_twin(ask_family_draft *d, ask_asker *a, const char *pattern,
                            const ask_event *e, unsigned spoken_of)
{
    const ask_scene *s = a->seen.scene;
    ask_some toys = ask_some_toys(a, spoken_of | toys_of(e)), others = {.n = 0};
    for (int i = 0; i < toys.n; i++) {
        const ask_deed same = {(int8_t)toys.items[i], (int8_t)e->kind, ASK_ANY};
        if (ask_deed_times(s, same) == 0) ask_some_add(&others, toys.items[i]);
    }
    ask_phrase name;
    int toy;
    if (!ask_draft_other(&name, &toy, a, &others, (int)e->kind)) return false;
    ask_deed asked = ask_deed_of_event(e);
    asked.toy = (int8_t)toy;
    d->is_not = premise_of(a, pattern, name, asked);
    d->denial = beside_denial;
    return true;
}

static bool draft_beside_one(ask_family_draft *d, ask_asker *a, int event, int step)
{
    const ask_scene *s = a->seen.scene;
    const ask_event *e = &s->events[event];
    const ask_deed anchor = {(int8_t)e->toy, (int8_t)e->kind, ASK_ANY};
    int right = neighbour(s, event, step);
    if (right < 0 || ask_deed_times(s, anchor) != 1) return false;
    unsigned spoken_of = toys_of(&s->events[right]);
    ask_some told = told_events(a, false);
    for (int i = 0; i < told.n && d->n_wrong < ASK_DRAFT_MOST_WRONG; i++) {
        const ask_event *other = &s->events[told.items[i]];
        if (are_same_deed(other, &s->events[right]) || other->toy == e->toy ||
            !is_apart_always(s, other, e))
            continue;
        spoken_of |= toys_of(other);
        d->wrong[d->n_wrong++] = event_option(a, told.items[i]);
    }
    if (d->n_wrong < 2) return false;
    const char *pattern = beside_said[step < 0][d->wording];
    d->right = event_option(a, right);
    d->moment = moment_of(a, right);
    d->is = premise_of(a, pattern, ask_deed_name(s, e->toy), ask_deed_of_event(e));
    d->is.ambiguous = !is_alone(s, event);
    return add_beside_twin(d, a, pattern, e, spoken_of);
}

static bool draft_beside(ask_family_draft *d, ask_asker *a, int step)
{
    ask_some told = told_events(a, false);
    for (int i = 0; i < told.n; i++) {
        d->n_wrong = 0;
        if (draft_beside_one(d, a, told.items[i], step)) return true;
    }
    return false;
}

bool ask_draft_next(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    return draft_beside(d, a, 1);
}

bool ask_draft_before(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    return draft_beside(d, a, -1);
}

// --- Meanwhile ---------------------------------------------------------------------------

static const char *const while_said[2][ASK_N_WORDINGS] = {
    {"what happens while %s is in the picture?",
     "which of these happens while %s is in the picture?",
     "what goes on while %s is in the picture?",
     "what can be seen to happen while %s is in the picture?"},
    {"what happens while %s is hidden?", "which of these happens while %s is hidden?",
     "what goes on while %s is hidden?", "what can be seen to happen while %s is hidden?"},
};
static const char while_denial[] = "it never is";

/* The time when a toy is in the picture, or is hidden. */
typedef struct {
    int toy;
    bool hidden;
    int begin, end;
} stay;

enum { MOST_STAYS = ASK_SCENE_MAX_TOYS + ASK_SCENE_MAX_EVENTS };

static bool goes_out_of_sight(const ask_scene *s, int toy)
{
    const ask_deed hides = {(int8_t)toy, ASK_HIDE, ASK_ANY};
    const ask_deed blinks = {(int8_t)toy, ASK_BLINK, ASK_ANY};
    return ask_deed_times(s, hides) + ask_deed_times(s, blinks) > 0;
}

/* Those that are not the whole clip. */
static int find_stays(stay out[MOST_STAYS], ask_asker *a)
{
    const ask_scene *s = a->seen.scene;
    int n = 0;
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        const ask_deed hides = {(int8_t)e->toy, ASK_HIDE, ASK_ANY};
        if (e->kind != ASK_HIDE || !is_told(s, i) || ask_deed_times(s, hides) != 1)
            continue;
        stay hidden = {.toy = e->toy, .hidden = true};
        ask_event_hidden(e, &hidden.begin, &hidden.end);
        out[n++] = hidden;
    }
    ask_some toys = ask_some_toys(a, 0);
    for (int i = 0; i < toys.n; i++) {
        const ask_toy *t = &s->toys[toys.items[i]];
        bool whole = t->begin == 0 && t->end == s->n_frames;
        if (whole || goes_out_of_sight(s, toys.items[i])) continue;
        out[n++] = (stay){toys.items[i], false, t->begin, t->end};
    }
    return n;
}

static bool add_while_twin(ask_family_draft *d, ask_asker *a, const char *pattern,
                           const stay *w, unsigned spoken_of)
{
    const ask_scene *s = a->seen.scene;
    ask_some toys = ask_some_toys(a, spoken_of | 1u << w->toy), others = {.n = 0};
    for (int i = 0; w->hidden && i < toys.n; i++)
        if (!goes_out_of_sight(s, toys.items[i])) ask_some_add(&others, toys.items[i]);
    ask_phrase name;
    int toy;
    if (!ask_draft_other(&name, &toy, a, &others, ASK_ANY)) return false;
    d->is_not =
        (ask_premise){.text = ask_draft_say(a, pattern, ask_draft_toy_text(a, name), NULL),
                      .subject = name,
                      .asked = ask_deed_of_toy(toy)};
    if (w->hidden) d->is_not.asked.kind = ASK_HIDE;
    d->denial = while_denial;
    return true;
}

/* The time at which a deed is done within a stay; -1: it is not, and all of it is outside;
 * -2: in part. */
static int time_within(const ask_scene *s, const ask_event *deed, const stay *w)
{
    int within = -1;
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        bool outside = e->end <= w->begin || w->end <= e->begin;
        if (!are_same_deed(e, deed) || outside) continue;
        if (e->begin < w->begin || w->end < e->end || within >= 0) return -2;
        within = i;
    }
    return within;
}

/* How much happens within a stay, in part too; that the toy comes, goes or hides is what
 * the stay is. */
static int n_within(const ask_scene *s, const stay *w)
{
    int n = 0;
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        bool outside = e->end <= w->begin || w->end <= e->begin;
        bool is_stay = e->toy == w->toy && (comes_or_goes(e) || e->kind == ASK_HIDE);
        n += !outside && !is_stay;
    }
    return n;
}

static bool draft_stay(ask_family_draft *d, ask_asker *a, const stay *w)
{
    const ask_scene *s = a->seen.scene;
    ask_some told = told_events(a, false);
    int right = -1;
    unsigned spoken_of = 0;
    for (int i = 0; i < told.n; i++) {
        const ask_event *e = &s->events[told.items[i]];
        if (toys_of(e) >> w->toy & 1) continue;
        int within = time_within(s, e, w);
        bool is_right = within >= 0 && right < 0;
        bool is_wrong = within == -1 && d->n_wrong < ASK_DRAFT_MOST_WRONG;
        if (is_right) right = within;
        if (is_wrong) d->wrong[d->n_wrong++] = event_option(a, told.items[i]);
        if (is_right || is_wrong) spoken_of |= toys_of(e);
    }
    if (right < 0 || d->n_wrong < 2) return false;
    const char *pattern = while_said[w->hidden][d->wording];
    ask_phrase name = ask_deed_name(s, w->toy);
    d->right = event_option(a, right);
    d->moment = moment_of(a, right);
    d->is =
        (ask_premise){.text = ask_draft_say(a, pattern, ask_draft_toy_text(a, name), NULL),
                      .subject = name,
                      .asked = ask_deed_of_toy(w->toy)};
    d->is.ambiguous = n_within(s, w) > 1;
    if (w->hidden) d->is.asked.kind = ASK_HIDE;
    return add_while_twin(d, a, pattern, w, spoken_of);
}

bool ask_draft_while(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    stay stays[MOST_STAYS];
    int n = find_stays(stays, a);
    for (int i = 0; i < n; i++) {
        d->n_wrong = 0;
        if (draft_stay(d, a, &stays[i])) return true;
    }
    return false;
}

// --- Who is first ------------------------------------------------------------------------

enum { WHO_OF_THESE = 0 };

static const char *const who_said[2][ASK_N_WORDINGS] = {
    {"which of these toys does something first?", "which toy is the first to do something?",
     "who does something before the others?", "which toy begins?"},
    {"which of these toys does something last?", "which toy is the last to do something?",
     "who does something after the others?", "which toy is the last one to act?"},
};

/* The first (or last) event of a toy. */
static int event_of(const ask_scene *s, int toy, bool last)
{
    int event = -1;
    for (int i = 0; i < s->n_events; i++)
        if (s->events[i].toy == toy && (event < 0 || last)) event = i;
    return event;
}

/* Up to five toys, those that do something first; a toy that is moved does nothing and yet
 * something happens to it. */
static ask_some doers_and_others(ask_asker *a, int *n_doers)
{
    const ask_scene *s = a->seen.scene;
    ask_some toys = ask_some_toys(a, 0), out = {.n = 0};
    for (int i = 0; i < toys.n; i++)
        if (event_of(s, toys.items[i], false) >= 0 && ask_deed_moves(s, toys.items[i]) < 0)
            ask_some_add(&out, toys.items[i]);
    *n_doers = out.n;
    for (int i = 0; i < toys.n; i++)
        if (ask_deed_is_idle(s, toys.items[i])) ask_some_add(&out, toys.items[i]);
    return out;
}

bool ask_draft_who_first(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    enum { LEAST_DOERS = 3, MOST = 1 + ASK_DRAFT_MOST_WRONG };
    const ask_scene *s = a->seen.scene;
    int n_doers, last = (int)ask_rng_below(&a->rng, 2);
    ask_some toys = doers_and_others(a, &n_doers);
    if (n_doers < LEAST_DOERS || toys.n < ASK_N_OPTIONS) return false;
    if (n_doers > MOST) n_doers = MOST;
    if (toys.n > MOST) toys.n = MOST;
    int right = toys.items[0];
    for (int i = 1; i < n_doers; i++) {
        int event = event_of(s, toys.items[i], last), best = event_of(s, right, last);
        if (last ? event > best : event < best) right = toys.items[i];
    }
    int event = event_of(s, right, last);
    for (int i = 0; i < n_doers; i++)
        if (toys.items[i] != right &&
            !are_apart(&s->events[event], &s->events[event_of(s, toys.items[i], last)]))
            return false;
    d->is.ambiguous = !is_outermost(s, event, last);
    if (d->is.ambiguous) d->wording = WHO_OF_THESE;
    d->is.text = who_said[last][d->wording];
    d->right = ask_option_toy(a, right);
    d->moment = moment_of(a, event);
    for (int i = 0; i < toys.n; i++)
        if (toys.items[i] != right)
            d->wrong[d->n_wrong++] = ask_option_toy(a, toys.items[i]);
    return true;
}

// --- Words -------------------------------------------------------------------------------

static void add_words(ask_str *out, const char *const said[2][ASK_N_WORDINGS])
{
    for (int k = 0; k < 2 * ASK_N_WORDINGS; k++)
        ask_question_add_words(out, said[k / ASK_N_WORDINGS][k % ASK_N_WORDINGS]);
}

void ask_family_order_words(ask_str *out)
{
    add_words(out, first_said);
    add_words(out, beside_said);
    add_words(out, while_said);
    add_words(out, who_said);
    ask_question_add_words(out, beside_denial);
    ask_question_add_words(out, while_denial);
}

void ask_family_order_denials(ask_str *out)
{
    ask_str_printf(out, "%s\n%s\n", beside_denial, while_denial);
}
