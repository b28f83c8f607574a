/* How often a toy does something, and how many toys do. */
#include "world/family_priv.h"

// --- How often ---------------------------------------------------------------------------

static const char *const times_said[ASK_N_WORDINGS] = {
    "how many times does %s %s?", "how often does %s %s?",
    "how many times do we see %s %s?", "how often can %s be seen to %s?"};

/* A toy and a kind of deed that toys repeat. */
typedef struct {
    int toy, kind;
} habit;

enum { MOST_HABITS = ASK_SCENE_MAX_TOYS * ASK_N_EVENTS };

typedef struct {
    habit of_number[ASK_N_COUNTED][MOST_HABITS];
    int n_of[ASK_N_COUNTED];
} habits;

/* Those that could be, by how often they are, of toys that are there all the time: who does
 * something often has to be. */
static void find_habits(habits *out, ask_asker *a)
{
    const ask_scene *s = a->seen.scene;
    ask_some toys = ask_some_toys(a, 0);
    for (int i = 0; i < toys.n; i++) {
        int toy = toys.items[i];
        if (s->toys[toy].begin > 0 || s->toys[toy].end < s->n_frames) continue;
        for (int kind = 0; kind < ASK_N_EVENTS; kind++) {
            int n = ask_deed_times(s, (ask_deed){(int8_t)toy, (int8_t)kind, ASK_ANY});
            bool fits = n < ASK_N_COUNTED && ask_deed_is_repeatable((ask_event_kind)kind) &&
                        ask_deed_could_be(s, ask_deed_name(s, toy), s->toys[toy].size,
                                          (ask_event_kind)kind);
            if (fits) out->of_number[n][out->n_of[n]++] = (habit){toy, kind};
        }
    }
}

/* In a third of the clips a toy does something three or four times, in a fifth twice at
 * most. So that all numbers are as often right as they are offered, half of the former are
 * asked about it, most of the latter, and fewer of the others about what is done once or
 * never. -1: ask nothing. */
static int choose_number(const habits *h, int role)
{
    int most = ASK_N_COUNTED - 1;
    while (most > 0 && h->n_of[most] == 0) most--;
    if (most == 2 && role < 6) return 2;
    if (most > 2 && role % 2 == 0) return most;
    if (most < 2 && role % 2 == 0 && role < 6) return 0;
    return most != 2 && role % 2 == 1 && role < 6 && h->n_of[1] > 0 ? 1 : -1;
}

/* Three or four are never offered together: a question without one of them has one that
 * comes as often as it is right. */
static int draw_high(ask_asker *a)
{
    return ask_rng_below(&a->rng, 5) < 3 ? 3 : 4;
}

bool ask_draft_times(ask_family_draft *d, ask_asker *a, int role)
{
    const ask_scene *s = a->seen.scene;
    habits h = {.n_of = {0}};
    find_habits(&h, a);
    int n = choose_number(&h, role);
    if (n < 0 || h.n_of[n] == 0) return false;
    const habit *of = &h.of_number[n][ask_rng_below(&a->rng, (uint64_t)h.n_of[n])];
    ask_some numbers = {.n = 0};
    ask_some_add(&numbers, n);
    int high = n >= 3 ? n : draw_high(a);
    for (int k = 0; k < ASK_N_COUNTED; k++)
        if (k != n && (k < 3 || k == high)) ask_some_add(&numbers, k);
    ask_draft_numbers(d, &numbers);
    ask_phrase name = ask_deed_name(s, of->toy);
    d->is = (ask_premise){
        .text = ask_draft_say(a, times_said[d->wording], ask_draft_toy_text(a, name),
                              ask_deed_infinitive((ask_event_kind)of->kind)),
        .subject = name,
        .asked = {(int8_t)of->toy, (int8_t)of->kind, ASK_ANY}};
    d->moment = (ask_world_moment){0, s->n_frames};
    return true;
}

// --- How many do -------------------------------------------------------------------------

static const char *const doers_said[ASK_N_WORDINGS] = {
    "how many toys %s?", "how many of the toys %s?", "what is the number of toys that %s?",
    "count the toys that %s."};

enum { N_JOINED = 3, MOST_JOINED = 220 }; // kinds of deed, and ways to choose so many

/* Bits of kinds. */
static int count_doers(const ask_scene *s, unsigned kinds)
{
    int n = 0;
    for (int toy = 0; toy < s->n_toys; toy++) {
        bool does = false;
        for (int i = 0; i < s->n_events; i++)
            does |= s->events[i].toy == toy && (kinds >> s->events[i].kind & 1);
        n += does;
    }
    return n;
}

/* Sets of kinds that as many toys do. Returns how many sets. */
static int joined_kinds(unsigned out[MOST_JOINED], const ask_scene *s, int n_doers)
{
    int n = 0;
    for (unsigned kinds = 0; kinds < 1u << ASK_N_EVENTS; kinds++)
        if (__builtin_popcount(kinds) == N_JOINED && count_doers(s, kinds) == n_doers)
            out[n++] = kinds;
    return n;
}

/* "jump, hide or spin", in random order. */
static const char *say_kinds(ask_asker *a, unsigned kinds)
{
    static const char *const between[N_JOINED] = {", ", " or ", ""};
    ask_some order = {.n = 0};
    for (int kind = 0; kind < ASK_N_EVENTS; kind++)
        if (kinds >> kind & 1) ask_some_add(&order, kind);
    ask_some_shuffle(&order, a);
    ask_str text = {0};
    for (int i = 0; i < N_JOINED; i++)
        ask_str_printf(&text, "%s%s", ask_deed_infinitive((ask_event_kind)order.items[i]),
                       between[i]);
    return ask_asker_keep(a, &text);
}

/* Four numbers for each of which the clip has three kinds, and then one of them. */
bool ask_draft_doers(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    const ask_scene *s = a->seen.scene;
    unsigned joined[MOST_JOINED];
    ask_some there = {.n = 0};
    for (int n = 0; n < ASK_N_COUNTED; n++)
        if (joined_kinds(joined, s, n) > 0) ask_some_add(&there, n);
    if (there.n < ASK_N_OPTIONS) return false;
    ask_some_shuffle(&there, a);
    ask_draft_numbers(d, &there);
    int n_joined = joined_kinds(joined, s, there.items[0]);
    unsigned kinds = joined[ask_rng_below(&a->rng, (uint64_t)n_joined)];
    d->is.text = ask_draft_say(a, doers_said[d->wording], say_kinds(a, kinds), NULL);
    d->is.kinds = kinds;
    d->moment = (ask_world_moment){0, s->n_frames};
    return true;
}

void ask_family_count_words(ask_str *out)
{
    for (int w = 0; w < ASK_N_WORDINGS; w++) {
        ask_question_add_words(out, times_said[w]);
        ask_question_add_words(out, doers_said[w]);
    }
    for (int kind = 0; kind < ASK_N_EVENTS; kind++)
        ask_question_add_words(out, ask_deed_infinitive((ask_event_kind)kind));
    ask_question_add_words(out, "or four");
}
