/* net/block/attention.h - self-attention with its four projections.
 * After: Vaswani et al. 2017, "Attention Is All You Need". */
#ifndef ASK_NET_BLOCK_ATTENTION_H
#define ASK_NET_BLOCK_ATTENTION_H

#include "net/block/dense.h"

typedef struct {
    int n_heads;
    ask_dense q, k, v, out; // each [C, C]
} ask_self_attention;

/* What a layer's attention may look at, and what its probabilities are called. */
typedef struct {
    bool causal;
    ask_tensor *mask;  // bool [B, 1, 1 or T, T], true = may look; NULL: everywhere
    const char *trace; // name of the probabilities [B, H, T, T], kept when it is wanted
} ask_attention_view;

/* What its projections are called. */
typedef struct {
    const char *q, *k, *v, *out;
} ask_attention_names;

/* "<name>.<names->q>", ...; width is a multiple of n_heads. */
ASK_API void ask_self_attention_bind(ask_self_attention *out, ask_params *p,
                                     const char *name, const ask_attention_names *names,
                                     int64_t width, int n_heads, double in_deviation,
                                     double out_deviation);

/* x: [B, T, C] -> [B, T, C] */
ASK_API ask_tensor *ask_self_attention_build(ask_graph *g, const ask_self_attention *a,
                                             ask_tensor *x, const ask_attention_view *view);

#endif
