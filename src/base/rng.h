/* base/rng.h - random numbers from a seed, the same on every machine.
 *
 * The source is Philox4x32-10 (Salmon et al. 2011): a block of numbers is a function of a
 * key and a counter, so streams split off by name are independent, whatever was drawn
 * before. Nothing here calls libm; only + - * / and sqrt touch floating point, which IEEE
 * 754 fixes. */
#ifndef ASK_BASE_RNG_H
#define ASK_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

#include "base/api.h"

/* One block: ten rounds of Philox on the counter. */
ASK_API void ask_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);

/* A position in a stream. A plain value: copy it to save it, and again to go back. */
typedef struct {
    uint64_t seed;     // the key
    uint64_t stream;   // upper half of the counter
    uint64_t position; // 32-bit words drawn
    uint32_t block[4]; // the block that position is in
} ask_rng;

ASK_API ask_rng ask_rng_new(uint64_t seed);

/* A stream of its own for a name or a number, at its beginning. It depends on the parent's
 * seed and ancestry, not on how much the parent has given. */
ASK_API ask_rng ask_rng_split(const ask_rng *parent, const char *name);
ASK_API ask_rng ask_rng_split_at(const ask_rng *parent, uint64_t index);

/* Uniform over all values. */
ASK_API uint32_t ask_rng_u32(ask_rng *r);
ASK_API uint64_t ask_rng_u64(ask_rng *r);

/* Uniform in [0, 1): multiples of 2^-24 and of 2^-53. */
ASK_API float ask_rng_float(ask_rng *r);
ASK_API double ask_rng_double(ask_rng *r);

/* Uniform in [0, n), without bias; n is at least 1. */
ASK_API uint64_t ask_rng_below(ask_rng *r, uint64_t n);

/* Uniform in [low, high], both included; low <= high. */
ASK_API int64_t ask_rng_between(ask_rng *r, int64_t low, int64_t high);

/* Normal with mean 0 and deviation 1. */
ASK_API double ask_rng_normal(ask_rng *r);

/* Puts n items of item_bytes each into a random order; all orders are equally likely. */
ASK_API void ask_rng_shuffle(ask_rng *r, void *items, size_t n, size_t item_bytes);

#endif
