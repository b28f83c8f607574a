/* metric/tally.h - how often something was right, of how often it was offered. */
#ifndef ASK_METRIC_TALLY_H
#define ASK_METRIC_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"

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
ASK_API bool ask_tally_add(ask_tally *t, uint64_t key, bool right);

/* Zeros when the key was never added. */
ASK_API ask_tally_count ask_tally_get(const ask_tally *t, uint64_t key);

ASK_API void ask_tally_free(ask_tally *t); // leaves {0}

#endif
