/* world/tally_priv.h - how often something was right, of how often it was offered. */
#ifndef ASK_WORLD_TALLY_PRIV_H
#define ASK_WORLD_TALLY_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t key;
    uint32_t n_right, n_offered; // n_offered 0: a free slot
} ask_tally_count;

/* A table from keys (hashes) to counts. Start with {0}. */
typedef struct {
    ask_tally_count *slots; // owned; a power of two of them
    size_t n_slots, n_used;
} ask_tally;

/* False without memory. */
bool ask_tally_add(ask_tally *t, uint64_t key, bool right);

/* Zeros when the key was never added. */
ask_tally_count ask_tally_get(const ask_tally *t, uint64_t key);

void ask_tally_free(ask_tally *t); // leaves {0}

#endif
