/* net/block/cross_attention.h - attention of one sequence to another, whose rows may have
 * another width, with its four projections.
 * After: Vaswani et al. 2017, "Attention Is All You Need". */
#ifndef ASK_NET_BLOCK_CROSS_ATTENTION_H
#define ASK_NET_BLOCK_CROSS_ATTENTION_H

#include "net/block/attention.h"

typedef struct {
    int n_heads;
    ask_dense q, out; // [C, C]
    ask_dense k, v;   // [C, W]
} ask_cross_attention;

/* "<name>.<names->q>", ...; width, C, is a multiple of n_heads; seen_width: W. */
ASK_API void ask_cross_attention_bind(ask_cross_attention *out, ask_params *p,
                                      const char *name, const ask_attention_names *names,
                                      int64_t width, int64_t seen_width, int n_heads,
                                      double in_deviation, double out_deviation);

/* x: [B, T, C], seen: [B, S, W] -> [B, T, C].  The view's masks are [B, 1, 1 or T, S], its
 * probabilities [B, H, T, S]; its packing is not looked at. */
ASK_API ask_tensor *ask_cross_attention_build(ask_graph *g, const ask_cross_attention *a,
                                              ask_tensor *x, ask_tensor *seen,
                                              const ask_attention_view *view);

#endif
