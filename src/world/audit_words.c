#include <string.h>

#include "base/hash.h"
#include "world/audit_priv.h"

enum { MOST_WORDS = 24 };

typedef struct {
    uint64_t words[MOST_WORDS];
    int n;
} words;

uint64_t ask_audit_key(uint64_t a, uint64_t b)
{
    const uint64_t both[2] = {a, b};
    return ask_hash64(both, sizeof both, 1);
}

static uint64_t hash(const char *text, size_t length)
{
    return ask_hash64(text, length, 0);
}

/* Words are what stands between spaces and marks. */
static words words_of(const char *text)
{
    static const char between[] = " .,?";
    words w = {.n = 0};
    while (*(text += strspn(text, between)) && w.n < MOST_WORDS) {
        size_t length = strcspn(text, between);
        w.words[w.n++] = hash(text, length);
        text += length;
    }
    return w;
}

static int n_shared(const words *a, const words *b)
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

static void add(ask_audit_cues *out, uint64_t a, uint64_t b)
{
    if (out->n < ASK_AUDIT_MOST_CUES) out->keys[out->n++] = ask_audit_key(a, b);
}

/* Something of an option with all that the question says. */
static void add_with_question(ask_audit_cues *out, const words *question,
                              uint64_t of_option)
{
    for (int i = 0; i < question->n; i++) add(out, question->words[i], of_option);
}

void ask_audit_words(ask_audit_cues *out, const ask_world_question *q, int i)
{
    enum { OPTION, SHARED, ALIKE, PLACE, N_WORDS };
    const words question = words_of(q->text), option = words_of(q->options[i].text);
    const uint64_t whole = hash(q->options[i].text, strlen(q->options[i].text));
    const uint64_t kind = (uint64_t)q->family; // of a simple world's types nobody is told
    int n_alike = 0;
    for (int k = 0; k < ASK_N_OPTIONS; k++) {
        words other = words_of(q->options[k].text);
        n_alike += k != i ? n_shared(&option, &other) : 0;
    }
    out->n = 0;
    add(out, OPTION, whole);
    add(out, kind, whole);
    add(out, ask_audit_key(kind, SHARED), (uint64_t)n_shared(&option, &question));
    add(out, ask_audit_key(kind, ALIKE), (uint64_t)n_alike);
    add(out, ask_audit_key(kind, PLACE), (uint64_t)i);
    add(out, ask_audit_key(kind, N_WORDS), (uint64_t)option.n);
    add_with_question(out, &question, whole);
    for (int k = 1; k < question.n; k++)
        add(out, ask_audit_key(question.words[k - 1], question.words[k]), whole);
    for (int k = 0; k < option.n; k++) {
        add(out, kind, option.words[k]);
        add_with_question(out, &question, option.words[k]);
    }
}
