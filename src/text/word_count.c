#include "text/word_count_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { FIRST_SLOTS = 1 << 12 };

/* The slot of a word, or the empty one where it would go. */
static size_t slot_of(const ask_word_count *w, const char *text, uint32_t n_bytes)
{
    size_t mask = w->n_slots - 1;
    size_t slot = ask_hash64(text, n_bytes, 0) & mask;
    for (; w->slots[slot]; slot = (slot + 1) & mask) {
        const ask_counted_word *k = &w->words[w->slots[slot] - 1];
        if (k->n_bytes == n_bytes && memcmp(k->text, text, n_bytes) == 0) break;
    }
    return slot;
}

static bool double_slots(ask_word_count *w)
{
    size_t n_slots = w->n_slots ? 2 * w->n_slots : FIRST_SLOTS;
    uint32_t *slots = calloc(n_slots, sizeof *slots);
    if (!slots) return false;
    free(w->slots);
    w->slots = slots;
    w->n_slots = n_slots;
    for (size_t i = 0; i < w->n; i++)
        slots[slot_of(w, w->words[i].text, w->words[i].n_bytes)] = (uint32_t)i + 1;
    return true;
}

/* Room for one word more. */
static bool reserve(ask_word_count *w, ask_error *err)
{
    if (w->n == w->capacity) {
        size_t capacity = w->capacity ? 2 * w->capacity : FIRST_SLOTS / 2;
        ask_counted_word *words = realloc(w->words, capacity * sizeof *words);
        if (!words) return ask_fail_memory(err);
        w->words = words;
        w->capacity = capacity;
    }
    if (2 * (w->n + 1) > w->n_slots && !double_slots(w)) return ask_fail_memory(err);
    return true;
}

bool ask_word_count_add(ask_word_count *w, const char *text, uint32_t n_bytes,
                        ask_error *err)
{
    if (!reserve(w, err)) return false;
    size_t slot = slot_of(w, text, n_bytes);
    if (!w->slots[slot]) {
        if (w->n == UINT32_MAX - 1)
            return ask_fail(err, ASK_ERR_LIMIT, "the texts have too many different words");
        char *copy = ask_arena_strndup(w->arena, text, n_bytes);
        if (!copy) return ask_fail_memory(err);
        w->words[w->n++] = (ask_counted_word){copy, n_bytes, 0};
        w->slots[slot] = (uint32_t)w->n;
    }
    w->words[w->slots[slot] - 1].count++;
    return true;
}

void ask_word_count_free(ask_word_count *w)
{
    free(w->words);
    free(w->slots);
    *w = (ask_word_count){.arena = w->arena};
}
