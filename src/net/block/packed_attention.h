/* net/block/packed_attention.h - attention whose three input projections are one matrix, as
 * PyTorch's nn.MultiheadAttention packs them; of one sequence on itself or on another.
 * After: Vaswani et al. 2017, "Attention Is All You Need". */
#ifndef ASK_NET_BLOCK_PACKED_ATTENTION_H
#define ASK_NET_BLOCK_PACKED_ATTENTION_H

#include "net/block/attention.h"

typedef struct {
    int n_heads;
    ask_tensor *in_w, *in_b; // [3 C, C], [3 C]: queries, keys, values
    ask_dense out;           // [C, C]
} ask_packed_attention;

/* "<name>.in_proj_weight", "<name>.in_proj_bias", "<name>.out_proj"; weights begin with the
 * deviations of Glorot & Bengio 2010. width is a multiple of n_heads. */
ASK_API void ask_packed_attention_bind(ask_packed_attention *out, ask_params *p,
                                       const char *name, int64_t width, int n_heads);

/* queries: [B, Tq, C]; keys, values: [B, Tk, C] -> [B, Tq, C].  Those of the three that are
 * the same tensor are projected together. The view's tensors are [B, 1, 1 or Tq, Tk]. */
ASK_API ask_tensor *ask_packed_attention_build(ask_graph *g, const ask_packed_attention *a,
                                               ask_tensor *queries, ask_tensor *keys,
                                               ask_tensor *values,
                                               const ask_attention_view *view);

#endif
