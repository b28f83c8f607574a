#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "metric/words_priv.h"

uint64_t ask_words_key(uint64_t a, uint64_t b)
{
    const uint64_t both[2] = {a, b};
    return ask_hash64(both, sizeof both, 1);
}

uint64_t words_hash(const char *text, size_t length)
{
    return ask_hash64(text, length, 0);
}

words_list words_of(const char *text)
{
    static const char between[] = " .,?";
    words_list w = {.n = 0};
    while (*(text += strspn(text, between)) && w.n < WORDS_MOST) {
        size_t length = strcspn(text, between);
        w.words[w.n++] = words_hash(text, length);
        text += length;
    }
    return w;
}

static int n_shared(const words_list *a, const words_list *b)
{
    int n = 0;
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < b->n; k++)
            if (a->words[i] == b->words[k]) {
                n++;
                break;
            }
    return n;
}

static void add(ask_words_cues *out, uint64_t a, uint64_t b)
{
    if (out->n < ASK_WORDS_MOST_CUES) out->keys[out->n++] = ask_words_key(a, b);
}

/* Something of an option with all that the question says. */
static void add_with_question(ask_words_cues *out, const words_list *question,
                              uint64_t of_option)
{
    for (int i = 0; i < question->n; i++) add(out, question->words[i], of_option);
}

void ask_words_cues_of(ask_words_cues *out, const ask_words_question *q, int i)
{
    enum { OPTION, SHARED, ALIKE, PLACE, N_WORDS };
    const words_list question = words_of(q->question), option = words_of(q->options[i]);
    const uint64_t whole = words_hash(q->options[i], strlen(q->options[i]));
    int n_alike = 0;
    for (int k = 0; k < q->n_options; k++) {
        words_list other = words_of(q->options[k]);
        n_alike += k != i ? n_shared(&option, &other) : 0;
    }
    out->n = 0;
    add(out, OPTION, whole);
    add(out, q->kind, whole);
    add(out, ask_words_key(q->kind, SHARED), (uint64_t)n_shared(&option, &question));
    add(out, ask_words_key(q->kind, ALIKE), (uint64_t)n_alike);
    add(out, ask_words_key(q->kind, PLACE), (uint64_t)i);
    add(out, ask_words_key(q->kind, N_WORDS), (uint64_t)option.n);
    add_with_question(out, &question, whole);
    for (int k = 1; k < question.n; k++)
        add(out, ask_words_key(question.words[k - 1], question.words[k]), whole);
    for (int k = 0; k < option.n; k++) {
        add(out, q->kind, option.words[k]);
        add_with_question(out, &question, option.words[k]);
    }
}

double ask_words_weight(const ask_tally *t, uint64_t key, int n_options, double doubt)
{
    ask_tally_count c = ask_tally_get(t, key);
    return log(n_options * (c.n_right + doubt / n_options) / (c.n_offered + doubt));
}
