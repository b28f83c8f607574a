/* text/word_tokens_priv.h - the tokens that a model makes of a word. */
#ifndef ASK_TEXT_WORD_TOKENS_PRIV_H
#define ASK_TEXT_WORD_TOKENS_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/error.h"

typedef struct {
    int32_t id;
    uint32_t begin, end; // bytes of the word; may lie behind its end
} ask_word_token;

/* Used again from word to word; begin with {0}. */
typedef struct {
    ask_word_token *items; // those of the last word
    size_t n, capacity;
    bool unknown; // some character was not in the vocabulary; never reset
} ask_word_tokens;

/* Room for n_more tokens behind those that are there. */
static inline bool ask_word_tokens_reserve(ask_word_tokens *t, size_t n_more,
                                           ask_error *err)
{
    size_t n, n_bytes;
    if (!ask_add_size(&n, t->n, n_more)) return ask_fail_memory(err);
    if (n <= t->capacity) return true;
    if (n < 2 * t->capacity) n = 2 * t->capacity;
    if (n < 64) n = 64;
    ask_word_token *items =
        ask_mul_size(&n_bytes, n, sizeof *items) ? realloc(t->items, n_bytes) : NULL;
    if (!items) return ask_fail_memory(err);
    t->items = items;
    t->capacity = n;
    return true;
}

/* Into room that is there. */
static inline void ask_word_tokens_put(ask_word_tokens *t, int32_t id, uint32_t begin,
                                       uint32_t end)
{
    t->items[t->n++] = (ask_word_token){id, begin, end};
}

static inline void ask_word_tokens_free(ask_word_tokens *t)
{
    free(t->items);
    *t = (ask_word_tokens){0};
}

#endif
