/* net/block/attention.h - self-attention with its four projections.
 * After: Vaswani et al. 2017, "Attention Is All You Need". */
#ifndef ASK_NET_BLOCK_ATTENTION_H
#define ASK_NET_BLOCK_ATTENTION_H

#include "net/block/dense.h"
#include "net/block/dropout.h"
#include "net/block/packing.h"

typedef struct {
    int n_heads;
    ask_dense q, k, v, out; // each [C, C]
} ask_self_attention;

/* What a layer's attention may look at, what its probabilities are called, and what share
 * of them is dropped. */
typedef struct {
    double scale; // as in ask_attention_options
    bool causal;
    int64_t window;      // as in ask_attention_options
    ask_tensor *n_valid; // as in ask_attention_options
    ask_tensor *mask;    // bool [B, 1, 1 or T, T], true = may look; NULL: everywhere
    ask_tensor *added;   // f32, broadcast to [B, H, T, T], added to the logits; or NULL
    const char *trace; // name of the probabilities [B, H, T, T], kept when it is wanted; or
                       // NULL
    double dropout;
    ask_dropping *dropping;     // or NULL
    const ask_packing *packing; // of x, whose rows the masks are of; or NULL
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

/* x: [B, T, C] -> [B, T, C]; with a packing of B rows of T [1, N, C] -> [1, N, C] */
ASK_API ask_tensor *ask_self_attention_build(ask_graph *g, const ask_self_attention *a,
                                             ask_tensor *x, const ask_attention_view *view);

#endif
