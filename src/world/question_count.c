/* How many there are. */
#include "world/pick_priv.h"
#include "world/question_priv.h"

static const char *const count_said[ASK_N_WORDINGS] = {
    "how many %s are there?", "how many %s can be seen?", "what is the number of %s?",
    "count the %s."};

static const char *const numbers[ASK_N_COUNTED] = {"zero", "one", "two", "three"};

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

static const char *say_count(ask_world_question *q, ask_asker *a)
{
    ask_str many = {0}, text = {0};
    say_many(&many, q->subject);
    ask_question_fill(&text, count_said[q->wording], ask_str_text(&many));
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
    ask_phrase of_number[ASK_N_COUNTED][MOST_COUNTABLE];
    int n_of[ASK_N_COUNTED] = {0}, there[ASK_N_COUNTED], n_there = 0;
    for (int k = 0; k < MOST_COUNTABLE; k++) {
        ask_phrase p = ask_phrase_any();
        if (k < ASK_N_COLORS)
            p.color = (int8_t)k;
        else
            p.shape = (int8_t)(k - ASK_N_COLORS);
        int n = count_seen(a, p);
        if (n >= 0 && n < ASK_N_COUNTED) of_number[n][n_of[n]++] = p;
    }
    for (int n = 0; n < ASK_N_COUNTED; n++)
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
    q->text = say_count(q, a);
    q->moment = (ask_world_moment){0, a->seen.scene->n_frames};
    int n = 0;
    ask_str text = {0};
    ask_str_append(&text, numbers[right]);
    ask_asker_add(q, &n, a, &text);
    for (int number = 0; number < ASK_N_COUNTED; number++) {
        if (number == right) continue;
        ask_str_append(&text, numbers[number]);
        ask_asker_add(q, &n, a, &text);
    }
    return !a->failed;
}

void ask_question_count_words(ask_str *out)
{
    for (int w = 0; w < ASK_N_WORDINGS; w++) ask_question_add_words(out, count_said[w]);
    for (int n = 0; n < ASK_N_COUNTED; n++) ask_question_add_words(out, numbers[n]);
    for (int shape = 0; shape < ASK_N_SHAPES; shape++) {
        ask_phrase p = ask_phrase_any();
        p.shape = (int8_t)shape;
        say_many(out, p);
        ask_str_append_char(out, '\n');
    }
    ask_question_add_words(out, "toys");
}
