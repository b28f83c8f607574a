/* net/block/rotary.h - rotary positions: by which angles the heads are turned.
 *
 * Pair i of n turns by position * theta^(-i / n); how a model that was trained on short
 * texts reads longer ones is its scaling.
 * After: Su et al. 2021, "RoFormer"; for linear scaling Chen et al. 2023, "Extending
 * Context Window of Large Language Models via Position Interpolation"; the third kind is
 * Llama 3.1's (Grattafiori et al. 2024). */
#ifndef ASK_NET_BLOCK_ROTARY_H
#define ASK_NET_BLOCK_ROTARY_H

#include "net/config.h"
#include "tensor/ops.h"

enum { ASK_ROTARY_MOST_PAIRS = 1024 };

typedef enum {
    ASK_ROTARY_PLAIN,   // "default"
    ASK_ROTARY_LINEAR,  // "linear": positions are divided by the factor
    ASK_ROTARY_LLAMA3,  // "llama3": only slow pairs are, and those between partly
    ASK_ROTARY_FACTORS, // "factors": those of each pair are divided by a factor of its own
} ask_rotary_scaling;

typedef struct {
    double theta;
    ask_rotary_scaling scaling;
    double factor;
    double low, high;     // LLAMA3: turns within the original context below which a pair is
                          // slow, above which it is fast
    double n_original;    // LLAMA3: tokens of that context
    const float *factors; // FACTORS: [n], above 0; borrowed; NULL: 1
    int n;                // pairs, at most ASK_ROTARY_MOST_PAIRS: half of a head
    ask_rope_kind kind;
    ask_dtype rounding; // that steps are rounded to: ASK_F32. Programs that turn a whole
                        // model into a narrower type round their table of them, too
} ask_rotary;

/* "rope_theta" and "rope_scaling" of a text configuration, or both in "rope_parameters";
 * n, kind and rounding are the caller's. Fails: ASK_ERR_MODEL, also for another scaling,
 * named. */
ASK_API bool ask_rotary_read(ask_rotary *out, ask_json_value v, double theta,
                             ask_error *err);

/* The angle of pair i at position 1. */
ASK_API double ask_rotary_step(const ask_rotary *r, int i);

/* Cosines and sines of a batch. */
typedef struct {
    ask_tensor *cos, *sin; // [B, T, n]
} ask_rotary_angles;

/* positions: i64 [B, T]. */
ASK_API ask_rotary_angles ask_rotary_build(ask_graph *g, const ask_rotary *r,
                                           ask_tensor *positions);

/* x: [B, H, T, 2 n] -> [B, H, T, 2 n] */
ASK_API ask_tensor *ask_rotary_turn(ask_graph *g, const ask_rotary *r, ask_tensor *x,
                                    ask_rotary_angles angles);

#endif
