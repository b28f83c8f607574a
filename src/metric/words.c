#include "metric/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/str.h"
#include "metric/words_priv.h"

enum { DOUBT = 16 };

/* An answer in words, in questions of one kind. */
typedef struct {
    uint64_t kind, key; // key: of its text
    char *text;         // owned
    uint32_t n;         // questions that it answers
    uint32_t n_words;   // of them, in all
} answer;

struct ask_words {
    ask_tally by_cue;    // of an option
    ask_tally by_option; // (kind, text of an option)
    ask_tally by_place;  // (kind, place of an option)
    ask_tally by_word;   // (answer of a kind, word of the question)
    answer *answers;     // owned; in the order in which they came
    size_t n_answers, capacity;
};

ask_words *ask_words_new(ask_error *err)
{
    ask_words *w = calloc(1, sizeof *w);
    if (!w) ask_fail_memory(err);
    return w;
}

void ask_words_free(ask_words *w)
{
    if (!w) return;
    for (size_t i = 0; i < w->n_answers; i++) free(w->answers[i].text);
    free(w->answers);
    ask_tally_free(&w->by_cue);
    ask_tally_free(&w->by_option);
    ask_tally_free(&w->by_place);
    ask_tally_free(&w->by_word);
    free(w);
}

/* ---- choices ---- */

static uint64_t option_key(const ask_words_question *q, int i)
{
    return ask_words_key(q->kind, words_hash(q->options[i], strlen(q->options[i])));
}

static uint64_t place_key(const ask_words_question *q, int i)
{
    return ask_words_key(q->kind, (uint64_t)i);
}

static bool learn_option(ask_words *w, const ask_words_question *q, int i, bool right)
{
    ask_words_cues cues;
    ask_words_cues_of(&cues, q, i);
    bool ok = ask_tally_add(&w->by_option, option_key(q, i), right) &&
              ask_tally_add(&w->by_place, place_key(q, i), right);
    for (int k = 0; k < cues.n && ok; k++)
        ok = ask_tally_add(&w->by_cue, cues.keys[k], right);
    return ok;
}

int ask_words_choose(const ask_words *w, const ask_words_question *q)
{
    int best = 0;
    double most = -INFINITY;
    for (int i = 0; i < q->n_options; i++) {
        ask_words_cues cues;
        double score = 0;
        ask_words_cues_of(&cues, q, i);
        for (int k = 0; k < cues.n; k++)
            score += ask_words_weight(&w->by_cue, cues.keys[k], q->n_options, DOUBT);
        if (score > most) {
            most = score;
            best = i;
        }
    }
    return best;
}

int ask_words_commonest_choice(const ask_words *w, const ask_words_question *q)
{
    int best = 0;
    ask_tally_count of_best = {0}, place_of_best = {0};
    for (int i = 0; i < q->n_options; i++) {
        ask_tally_count c = ask_tally_get(&w->by_option, option_key(q, i));
        ask_tally_count place = ask_tally_get(&w->by_place, place_key(q, i));
        bool better = c.n_right != of_best.n_right ? c.n_right > of_best.n_right
                                                   : place.n_right > place_of_best.n_right;
        if (i > 0 && !better) continue;
        best = i;
        of_best = c;
        place_of_best = place;
    }
    return best;
}

/* ---- open questions ---- */

static answer *find_answer(const ask_words *w, uint64_t kind, uint64_t key)
{
    for (size_t i = 0; i < w->n_answers; i++)
        if (w->answers[i].key == key && w->answers[i].kind == kind) return &w->answers[i];
    return NULL;
}

static answer *add_answer(ask_words *w, uint64_t kind, uint64_t key, const char *text,
                          ask_error *err)
{
    if (w->n_answers == w->capacity) {
        size_t capacity = w->capacity ? 2 * w->capacity : 64, bytes;
        answer *grown = ask_mul_size(&bytes, capacity, sizeof *grown)
                            ? realloc(w->answers, bytes)
                            : NULL;
        if (!grown) {
            ask_fail_memory(err);
            return NULL;
        }
        w->answers = grown;
        w->capacity = capacity;
    }
    char *copy = ask_strdup(text, err);
    if (!copy) return NULL;
    answer *a = &w->answers[w->n_answers++];
    *a = (answer){.kind = kind, .key = key, .text = copy};
    return a;
}

static uint64_t word_key(const answer *a, uint64_t word)
{
    return ask_words_key(ask_words_key(a->kind, a->key), word);
}

static bool learn_answer(ask_words *w, const ask_words_question *q, const char *text,
                         ask_error *err)
{
    uint64_t key = words_hash(text, strlen(text));
    answer *a = find_answer(w, q->kind, key);
    if (!a) a = add_answer(w, q->kind, key, text, err);
    if (!a) return false;
    const words_list words = words_of(q->question);
    for (int i = 0; i < words.n; i++)
        if (!ask_tally_add(&w->by_word, word_key(a, words.words[i]), true))
            return ask_fail_memory(err);
    a->n++;
    a->n_words += (uint32_t)words.n;
    return true;
}

/* Log of how likely the answer and then these words are; a word that never came with it has
 * half a time in as many as there are, and half a thousand others. */
static double likelihood(const ask_words *w, const answer *a, const words_list *words)
{
    enum { UNSEEN = 500 };
    double score = log(a->n);
    for (int i = 0; i < words->n; i++) {
        ask_tally_count c = ask_tally_get(&w->by_word, word_key(a, words->words[i]));
        score += log((c.n_right + 0.5) / (a->n_words + UNSEEN));
    }
    return score;
}

static bool knows_kind(const ask_words *w, uint64_t kind)
{
    for (size_t i = 0; i < w->n_answers; i++)
        if (w->answers[i].kind == kind) return true;
    return false;
}

const char *ask_words_commonest_answer(const ask_words *w, const ask_words_question *q)
{
    bool known = knows_kind(w, q->kind);
    const answer *best = NULL;
    for (size_t i = 0; i < w->n_answers; i++) {
        const answer *a = &w->answers[i];
        if (known && a->kind != q->kind) continue;
        if (!best || a->n > best->n) best = a;
    }
    return best ? best->text : NULL;
}

const char *ask_words_answer(const ask_words *w, const ask_words_question *q)
{
    const words_list words = words_of(q->question);
    bool known = knows_kind(w, q->kind);
    const char *best = ask_words_commonest_answer(w, q);
    double most = -INFINITY;
    for (size_t i = 0; i < w->n_answers; i++) {
        const answer *a = &w->answers[i];
        if (a->n < 2 || (known && a->kind != q->kind)) continue;
        double score = likelihood(w, a, &words);
        if (!(score > most)) continue;
        most = score;
        best = a->text;
    }
    return best;
}

/* ---- both ---- */

bool ask_words_learn(ask_words *w, const ask_words_question *q, int answer_index,
                     const char *text, ask_error *err)
{
    if (q->n_options == 0) return learn_answer(w, q, text, err);
    for (int i = 0; i < q->n_options; i++)
        if (!learn_option(w, q, i, i == answer_index)) return ask_fail_memory(err);
    return true;
}
