/* text/word_count_priv.h - the different words of many texts, and how often each occurs. */
#ifndef ASK_TEXT_WORD_COUNT_PRIV_H
#define ASK_TEXT_WORD_COUNT_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct {
    const char *text; // in the arena
    uint32_t n_bytes;
    int64_t count;
} ask_counted_word;

/* Begin with {.arena = ...}. */
typedef struct {
    ask_arena *arena;        // borrowed
    ask_counted_word *words; // owned, in the order in which they came
    size_t n, capacity;
    uint32_t *slots; // owned: a hash table of places in words, plus one
    size_t n_slots;
} ask_word_count;

bool ask_word_count_add(ask_word_count *w, const char *text, uint32_t n_bytes,
                        ask_error *err);
void ask_word_count_free(ask_word_count *w);

#endif
