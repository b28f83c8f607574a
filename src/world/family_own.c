/* What one toy does after and before something else, several times, and what colour it
 * turns. */
#include <string.h>

#include "world/family_priv.h"

// --- Deeds of a toy ----------------------------------------------------------------------

/* Adds kinds that are not in a set, those of the clip first. */
static void add_wrong_kinds(ask_family_draft *d, ask_asker *a, int toy,
                            const ask_some *kinds, const ask_some *but)
{
    const ask_scene *s = a->seen.scene;
    ask_some order = *kinds;
    ask_some_shuffle(&order, a);
    for (int of_clip = 1; of_clip >= 0; of_clip--) {
        for (int i = 0; i < order.n && d->n_wrong < ASK_DRAFT_MOST_WRONG; i++) {
            const ask_deed any = {ASK_ANY, (int8_t)order.items[i], ASK_ANY};
            bool fits = (ask_deed_times(s, any) > 0) == of_clip &&
                        !ask_some_has(but, order.items[i]) &&
                        ask_deed_could_be(s, ask_deed_name(s, toy), s->toys[toy].size,
                                          (ask_event_kind)order.items[i]);
            if (fits)
                d->wrong[d->n_wrong++] =
                    ask_option_it(a, toy, (ask_event_kind)order.items[i]);
        }
    }
}

/* The same question of another toy. */
static bool add_twin(ask_family_draft *d, ask_asker *a, const char *pattern,
                     const ask_some *toys, int kind, const char *second)
{
    ask_phrase name;
    int toy;
    if (!ask_draft_other(&name, &toy, a, toys, kind)) return false;
    d->is_not = (ask_premise){
        .text = ask_draft_say(a, pattern, ask_draft_toy_text(a, name), second),
        .subject = name,
        .asked = {(int8_t)toy, (int8_t)kind, ASK_ANY}};
    return true;
}

// --- After and before --------------------------------------------------------------------

static const char *const own_said[2][ASK_N_WORDINGS] = {
    {"what does %s do after it %s?", "what is the next thing that %s does after it %s?",
     "what does %s do once it %s?", "how does %s go on after it %s?"},
    {"what does %s do before it %s?", "what is the last thing that %s does before it %s?",
     "what has %s done when it %s?", "what did %s do until it %s?"},
};
static const char own_denial[] = "it does not do that";

/* How often toys do something after and before something else, where their shape and size
 * allow it: wrong options are drawn so, and thus each kind is as often wrong as it is
 * right. Who comes has done nothing before, who goes does nothing after, and changes of
 * colour have a family of their own. */
static const int how_often[2][ASK_N_EVENTS] = {
    {[ASK_SLIDE] = 17,
     [ASK_JUMP] = 15,
     [ASK_SPIN] = 22,
     [ASK_GROW] = 21,
     [ASK_SHAKE] = 16,
     [ASK_BLINK] = 24,
     [ASK_HIT] = 10,
     [ASK_PUSH] = 9,
     [ASK_HIDE] = 17},
    {[ASK_SLIDE] = 12,
     [ASK_JUMP] = 16,
     [ASK_SPIN] = 26,
     [ASK_GROW] = 28,
     [ASK_SHAKE] = 16,
     [ASK_BLINK] = 22,
     [ASK_HIT] = 9,
     [ASK_PUSH] = 7,
     [ASK_HIDE] = 9},
};

/* Adds kinds that the toy could do and that are not in a set. */
static void add_likely_kinds(ask_family_draft *d, ask_asker *a, int toy,
                             const int weights[ASK_N_EVENTS], ask_some *but)
{
    const ask_scene *s = a->seen.scene;
    while (d->n_wrong < ASK_DRAFT_MOST_WRONG) {
        ask_some left = {.n = 0};
        for (int kind = 0; kind < ASK_N_EVENTS; kind++)
            if (weights[kind] > 0 && !ask_some_has(but, kind) &&
                ask_deed_could_be(s, ask_deed_name(s, toy), s->toys[toy].size,
                                  (ask_event_kind)kind))
                ask_some_add(&left, kind);
        if (left.n == 0) return;
        int kind = ask_some_draw(a, &left, weights);
        ask_some_add(but, kind);
        d->wrong[d->n_wrong++] = ask_option_it(a, toy, (ask_event_kind)kind);
    }
}

/* Kinds that a toy does after (step 1) or before an event, and of the event itself. */
static ask_some kinds_beyond(const ask_scene *s, int event, int step)
{
    ask_some kinds = {.n = 0};
    for (int i = event; i >= 0 && i < s->n_events; i += step)
        if (s->events[i].toy == s->events[event].toy)
            ask_some_add(&kinds, (int)s->events[i].kind);
    return kinds;
}

/* Whether it does several things after (before) the event; one wording asks for the next
 * (the last) of them. */
static bool does_more(const ask_some *kinds, int wording)
{
    enum { OF_THE_NEXT = 1 };
    ask_some other = {.n = 0};
    for (int i = 1; i < kinds->n; i++) // 0 is the event
        if (!ask_some_has(&other, kinds->items[i])) ask_some_add(&other, kinds->items[i]);
    return other.n > 1 && wording != OF_THE_NEXT;
}

/* The toy's next (or last) event; -1: none. */
static int own_neighbour(const ask_scene *s, int event, int step)
{
    for (int i = event + step; i >= 0 && i < s->n_events; i += step)
        if (s->events[i].toy == s->events[event].toy) return i;
    return -1;
}

static ask_some toys_without(ask_asker *a, int toy, int kind)
{
    ask_some all = ask_some_toys(a, 1u << toy), out = {.n = 0};
    for (int i = 0; i < all.n; i++) {
        const ask_deed same = {(int8_t)all.items[i], (int8_t)kind, ASK_ANY};
        if (ask_deed_times(a->seen.scene, same) == 0) ask_some_add(&out, all.items[i]);
    }
    return out;
}

static bool draft_own(ask_family_draft *d, ask_asker *a, int event, int step)
{
    const ask_scene *s = a->seen.scene;
    const ask_event *e = &s->events[event];
    int right = own_neighbour(s, event, step);
    const ask_deed anchor = {(int8_t)e->toy, (int8_t)e->kind, ASK_ANY};
    if (right < 0 || how_often[step < 0][s->events[right].kind] == 0 ||
        !ask_deed_has_name(s, e->toy) || ask_deed_times(s, anchor) != 1)
        return false;
    ask_some but = kinds_beyond(s, event, step);
    bool ambiguous = does_more(&but, d->wording);
    add_likely_kinds(d, a, e->toy, how_often[step < 0], &but);
    const char *pattern = own_said[step < 0][d->wording];
    const char *does = ask_event_name(e->kind);
    ask_phrase name = ask_deed_name(s, e->toy);
    d->right = ask_option_it(a, e->toy, s->events[right].kind);
    d->moment = (ask_world_moment){s->events[right].begin, s->events[right].end};
    d->is =
        (ask_premise){.text = ask_draft_say(a, pattern, ask_draft_toy_text(a, name), does),
                      .subject = name,
                      .asked = anchor,
                      .ambiguous = ambiguous};
    d->denial = own_denial;
    ask_some others = toys_without(a, e->toy, (int)e->kind);
    return d->n_wrong >= 2 && add_twin(d, a, pattern, &others, (int)e->kind, does);
}

static bool draft_own_any(ask_family_draft *d, ask_asker *a, int step)
{
    ask_some events = {.n = 0};
    for (int i = 0; i < a->seen.scene->n_events; i++) ask_some_add(&events, i);
    ask_some_shuffle(&events, a);
    for (int i = 0; i < events.n; i++) {
        d->n_wrong = 0;
        if (draft_own(d, a, events.items[i], step)) return true;
    }
    return false;
}

bool ask_draft_after_own(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    return draft_own_any(d, a, 1);
}

bool ask_draft_before_own(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    return draft_own_any(d, a, -1);
}

// --- Several times -----------------------------------------------------------------------

static const char *const repeated_said[ASK_N_WORDINGS] = {
    "what does %s do %s?", "which of these does %s do %s?", "what happens to %s %s?",
    "what is it that %s does %s?"};
static const char repeated_denial[] = "nothing";
static const char *const times_said[ASK_SCENE_MAX_EVENTS + 1] = {[2] = "twice",
                                                                 [3] = "three times",
                                                                 [4] = "four times",
                                                                 [5] = "five times",
                                                                 [6] = "six times"};

static int n_times(const ask_scene *s, int toy, int kind)
{
    return ask_deed_times(s, (ask_deed){(int8_t)toy, (int8_t)kind, ASK_ANY});
}

/* From the first to the last time. */
static ask_world_moment moment_of_all(const ask_scene *s, int toy, int kind)
{
    ask_world_moment m = {0};
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (e->toy != toy || (int)e->kind != kind) continue;
        if (m.end == 0) m.begin = e->begin;
        m.end = e->end;
    }
    return m;
}

static bool repeats(const ask_scene *s, int toy)
{
    for (int kind = 0; kind < ASK_N_EVENTS; kind++)
        if (n_times(s, toy, kind) > 1) return true;
    return false;
}

static bool draft_repeated(ask_family_draft *d, ask_asker *a, int toy, int kind)
{
    const ask_scene *s = a->seen.scene;
    int n = n_times(s, toy, kind);
    ask_some kinds = {.n = 0}, but = {.n = 0}, others = {.n = 0};
    for (int k = 0; k < ASK_N_EVENTS; k++) {
        if (ask_deed_is_repeatable((ask_event_kind)k)) ask_some_add(&kinds, k);
        if (n_times(s, toy, k) == n) ask_some_add(&but, k);
    }
    if (but.n > 1) return false;
    add_wrong_kinds(d, a, toy, &kinds, &but);
    ask_some toys = ask_some_toys(a, 1u << toy);
    for (int i = 0; i < toys.n; i++)
        if (!repeats(s, toys.items[i])) ask_some_add(&others, toys.items[i]);
    ask_phrase name = ask_deed_name(s, toy);
    const char *pattern = repeated_said[d->wording];
    d->right = ask_option_it(a, toy, (ask_event_kind)kind);
    d->moment = moment_of_all(s, toy, kind);
    d->is = (ask_premise){
        .text = ask_draft_say(a, pattern, ask_draft_toy_text(a, name), times_said[n]),
        .subject = name,
        .asked = ask_deed_of_toy(toy),
        .ambiguous = ask_deed_moves(s, toy) >= 0}; // that happens to it, too
    d->denial = repeated_denial;
    return d->n_wrong >= 2 && add_twin(d, a, pattern, &others, ASK_ANY, times_said[n]);
}

bool ask_draft_repeated(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    ask_some toys = ask_some_toys(a, 0);
    for (int i = 0; i < toys.n; i++) {
        for (int kind = 0; kind < ASK_N_EVENTS; kind++) {
            d->n_wrong = 0;
            if (n_times(a->seen.scene, toys.items[i], kind) > 1 &&
                draft_repeated(d, a, toys.items[i], kind))
                return true;
        }
    }
    return false;
}

// --- Changes of colour -------------------------------------------------------------------

static const char *const change_said[2][ASK_N_WORDINGS] = {
    {"what colour does %s turn?", "which colour does %s change to?",
     "what colour is %s after it has changed?", "what colour does %s become?"},
    {"what colour was %s before it changed?", "which colour does %s change from?",
     "what colour is %s until it changes?", "what colour does %s lose?"},
};
static const char change_denial[] = "it keeps its colour";

/* What tells a toy from all others, without its colour. False: nothing does. */
static bool name_without_color(ask_phrase *out, const ask_scene *s, int toy)
{
    static const unsigned fields[] = {ASK_PICK_SHAPE, ASK_PICK_SHAPE | ASK_PICK_SIZE,
                                      ASK_PICK_SHAPE | ASK_PICK_TEXTURE};
    for (int i = 0; i < (int)(sizeof fields / sizeof *fields); i++) {
        *out = ask_pick_toy(&s->toys[toy], fields[i]);
        if (ask_pick_n_toys(s, *out) == 1) return true;
    }
    return false;
}

static ask_world_option color_option(int color)
{
    return ask_option_text(ask_color_name((ask_toy_color)color));
}

/* The other one of the two colours is always an option, so that who sees one of them knows
 * no more than that it is one of two. */
static void add_wrong_colors(ask_family_draft *d, ask_asker *a, ask_phrase subject,
                             int right, int other)
{
    const ask_scene *s = a->seen.scene;
    ask_some colors = {.n = 0};
    d->wrong[d->n_wrong++] = color_option(other);
    for (int c = 0; c < ASK_N_COLORS; c++) {
        subject.color = (int8_t)c;
        if (c != right && c != other && ask_pick_is_allowed(s, subject))
            ask_some_add(&colors, c);
    }
    ask_some_shuffle(&colors, a);
    for (int of_clip = 1; of_clip >= 0; of_clip--) {
        for (int i = 0; i < colors.n && d->n_wrong < ASK_DRAFT_MOST_WRONG; i++) {
            ask_phrase p = ask_phrase_any();
            p.color = (int8_t)colors.items[i];
            if ((ask_pick_n_toys(s, p) > 0) == of_clip)
                d->wrong[d->n_wrong++] = color_option(colors.items[i]);
        }
    }
}

/* What it has is an option, as what the toy has that changes is one. */
static void offer_color(ask_family_draft *d, ask_toy_color color)
{
    const char *name = ask_color_name(color);
    if (strcmp(name, d->right.text) == 0 || strcmp(name, d->wrong[0].text) == 0) return;
    for (int k = 1; k < d->n_wrong; k++) {
        ask_world_option o = d->wrong[k];
        if (strcmp(name, o.text) != 0) continue;
        d->wrong[k] = d->wrong[1];
        d->wrong[1] = o;
        return;
    }
    d->stand_in = color_option((int)color);
}

static bool add_change_twin(ask_family_draft *d, ask_asker *a, const char *pattern)
{
    const ask_scene *s = a->seen.scene;
    ask_some toys = ask_some_toys(a, 0);
    for (int i = 0; i < toys.n; i++) {
        int toy = toys.items[i];
        ask_phrase name;
        if (n_times(s, toy, ASK_TURN) > 0 || !name_without_color(&name, s, toy)) continue;
        d->is_not = (ask_premise){
            .text = ask_draft_say(a, pattern, ask_draft_toy_text(a, name), NULL),
            .subject = name,
            .asked = {(int8_t)toy, ASK_TURN, ASK_ANY}};
        offer_color(d, s->toys[toy].color);
        return true;
    }
    return false;
}

bool ask_draft_change(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    const ask_scene *s = a->seen.scene;
    int before = (int)ask_rng_below(&a->rng, 2);
    const char *pattern = change_said[before][d->wording];
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        ask_phrase name;
        if (e->kind != ASK_TURN || n_times(s, e->toy, ASK_TURN) != 1 ||
            !name_without_color(&name, s, e->toy))
            continue;
        int from = (int)s->toys[e->toy].color, to = (int)e->to_color;
        d->n_wrong = 0;
        add_wrong_colors(d, a, name, before ? from : to, before ? to : from);
        d->right = color_option(before ? from : to);
        d->moment = (ask_world_moment){e->begin, e->end};
        d->is = (ask_premise){
            .text = ask_draft_say(a, pattern, ask_draft_toy_text(a, name), NULL),
            .subject = name,
            .asked = {(int8_t)e->toy, ASK_TURN, ASK_ANY}};
        d->denial = change_denial;
        return add_change_twin(d, a, pattern);
    }
    return false;
}

// --- Words -------------------------------------------------------------------------------

void ask_family_own_words(ask_str *out)
{
    for (int w = 0; w < ASK_N_WORDINGS; w++) {
        for (int k = 0; k < 2; k++) {
            ask_question_add_words(out, own_said[k][w]);
            ask_question_add_words(out, change_said[k][w]);
        }
        ask_question_add_words(out, repeated_said[w]);
    }
    for (int n = 2; n <= ASK_SCENE_MAX_EVENTS; n++)
        ask_question_add_words(out, times_said[n]);
    ask_question_add_words(out, own_denial);
    ask_question_add_words(out, repeated_denial);
    ask_question_add_words(out, change_denial);
    ask_question_add_words(out, "another toy");
}

void ask_family_own_denials(ask_str *out)
{
    ask_str_printf(out, "%s\n%s\n%s\n", own_denial, repeated_denial, change_denial);
}
