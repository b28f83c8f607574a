/* How many there are. */
#include "world/family_priv.h"

static const char *const count_said[ASK_N_WORDINGS] = {
    "how many %s are there?", "how many %s can be seen?", "what is the number of %s?",
    "count the %s."};

static const char *const numbers[ASK_N_COUNTED] = {"zero", "one", "two", "three", "four"};

enum { N_SIMPLE_COUNTED = ASK_N_OPTIONS };

const char *ask_count_word(int n)
{
    return n >= 0 && n < ASK_N_COUNTED ? numbers[n] : NULL;
}

/* "balls", "crosses", "red toys". */
static void say_many(ask_str *out, ask_phrase p)
{
    ask_phrase_noun(out, p);
    const char *noun = ask_str_text(out);
    bool hisses = out->length > 0 && noun[out->length - 1] == 's';
    ask_str_append(out, hisses ? "es" : "s");
}

static const char *say_count(ask_asker *a, ask_phrase counted, int wording)
{
    ask_str many = {0}, text = {0};
    say_many(&many, counted);
    ask_question_fill(&text, count_said[wording], ask_str_text(&many));
    text.failed |= many.failed;
    ask_str_free(&many);
    return ask_asker_keep(a, &text);
}

/* How many toys of a kind the clip shows in all; -1 where one of them is never seen well
 * enough to tell. */
static int count_seen(const ask_asker *a, ask_phrase p)
{
    const ask_scene *s = a->seen.scene;
    int n = 0;
    for (int toy = 0; toy < s->n_toys; toy++) {
        bool counts = false, may = false;
        if (!ask_phrase_may_hold_of(s, p, toy)) continue;
        for (int t = 0; t < s->n_frames && !counts; t++) {
            counts = ask_phrase_counts_of(s, &a->seen.views[t], p, toy);
            may |= ask_phrase_holds_of(s, &a->seen.views[t], p, toy) != ASK_NO;
        }
        if (!counts && may) return -1;
        n += counts;
    }
    return n;
}

enum { MOST_COUNTABLE = ASK_N_COLORS + ASK_N_SHAPES };

/* The number is drawn first, and then what there are so many of, so that no number is right
 * most often. Returns it, or -1. */
static int choose_counted(ask_phrase *out, ask_asker *a)
{
    ask_phrase of_number[N_SIMPLE_COUNTED][MOST_COUNTABLE];
    int n_of[N_SIMPLE_COUNTED] = {0}, there[N_SIMPLE_COUNTED], n_there = 0;
    for (int k = 0; k < MOST_COUNTABLE; k++) {
        ask_phrase p = ask_phrase_any();
        if (k < ASK_N_COLORS)
            p.color = (int8_t)k;
        else
            p.shape = (int8_t)(k - ASK_N_COLORS);
        int n = count_seen(a, p);
        if (n >= 0 && n < N_SIMPLE_COUNTED) of_number[n][n_of[n]++] = p;
    }
    for (int n = 0; n < N_SIMPLE_COUNTED; n++)
        if (n_of[n] > 0) there[n_there++] = n;
    if (n_there == 0) return -1;
    int n = there[ask_rng_below(&a->rng, (uint64_t)n_there)];
    *out = of_number[n][ask_rng_below(&a->rng, (uint64_t)n_of[n])];
    return n;
}

bool ask_draft_count(ask_world_question *q, ask_asker *a)
{
    ask_phrase counted;
    int right = choose_counted(&counted, a);
    if (right < 0) return false;
    *q = ask_asker_begin(a, ASK_QUESTION_COUNT);
    q->subject = counted;
    q->text = say_count(a, counted, q->wording);
    q->moment = (ask_world_moment){0, a->seen.scene->n_frames};
    int n = 0;
    ask_str text = {0};
    ask_str_append(&text, numbers[right]);
    ask_asker_add(q, &n, a, &text);
    for (int number = 0; number < N_SIMPLE_COUNTED; number++) {
        if (number == right) continue;
        ask_str_append(&text, numbers[number]);
        ask_asker_add(q, &n, a, &text);
    }
    return !a->failed;
}

// --- Full worlds -------------------------------------------------------------------------

/* Whether one frame shows them all. */
static bool are_shown_at_once(const ask_asker *a, ask_phrase p, int n)
{
    const ask_scene *s = a->seen.scene;
    for (int t = 0; t < s->n_frames; t++) {
        int n_now = 0;
        for (int toy = 0; toy < s->n_toys; toy++)
            n_now += ask_phrase_counts_of(s, &a->seen.views[t], p, toy);
        if (n_now == n) return true;
    }
    return false;
}

/* Something of which there are n: best what no frame shows all of. False: nothing. */
static bool find_counted(ask_phrase *out, const ask_asker *a, const ask_phrase *kinds,
                         int n_kinds, int n)
{
    bool found = false;
    for (int i = 0; i < n_kinds; i++) {
        if (count_seen(a, kinds[i]) != n) continue;
        if (!found || !are_shown_at_once(a, kinds[i], n)) *out = kinds[i];
        found = true;
    }
    return found;
}

/* All colours or all shapes, in random order. Returns how many. */
static int draw_kinds(ask_phrase out[ASK_N_SHAPES], ask_asker *a, bool colors)
{
    int n = colors ? ASK_N_COLORS : ASK_N_SHAPES;
    for (int k = 0; k < n; k++) {
        out[k] = ask_phrase_any();
        *(colors ? &out[k].color : &out[k].shape) = (int8_t)k;
    }
    ask_rng_shuffle(&a->rng, out, (size_t)n, sizeof *out);
    return n;
}

/* Four numbers for each of which the clip has a colour (or a shape), and then one of them:
 * the question's words tell nothing of the number. */
static bool draft_number(ask_family_draft *d, ask_asker *a, bool colors)
{
    ask_phrase kinds[ASK_N_SHAPES], counted[ASK_N_COUNTED];
    int n_kinds = draw_kinds(kinds, a, colors);
    ask_some there = {.n = 0};
    for (int n = 0; n < ASK_N_COUNTED; n++)
        if (find_counted(&counted[n], a, kinds, n_kinds, n)) ask_some_add(&there, n);
    ask_some_shuffle(&there, a);
    if (there.n < ASK_N_OPTIONS) return false;
    ask_draft_numbers(d, &there);
    d->is.subject = counted[there.items[0]];
    d->is.text = say_count(a, d->is.subject, d->wording);
    d->moment = (ask_world_moment){0, a->seen.scene->n_frames};
    return true;
}

bool ask_draft_number(ask_family_draft *d, ask_asker *a, int role)
{
    bool colors = role % 2 == 0;
    return draft_number(d, a, colors) || draft_number(d, a, !colors);
}

void ask_question_count_words(ask_str *out)
{
    for (int w = 0; w < ASK_N_WORDINGS; w++) ask_question_add_words(out, count_said[w]);
    for (int n = 0; n < N_SIMPLE_COUNTED; n++) ask_question_add_words(out, numbers[n]);
    for (int shape = 0; shape < ASK_N_SHAPES; shape++) {
        ask_phrase p = ask_phrase_any();
        p.shape = (int8_t)shape;
        say_many(out, p);
        ask_str_append_char(out, '\n');
    }
    ask_question_add_words(out, "toys");
}
