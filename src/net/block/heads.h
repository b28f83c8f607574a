/* net/block/heads.h - the heads of an attention, between its projections.
 * After: Vaswani et al. 2017, "Attention Is All You Need". */
#ifndef ASK_NET_BLOCK_HEADS_H
#define ASK_NET_BLOCK_HEADS_H

#include "net/block/attention.h"

/* [B, T, H D] -> [B, H, T, D] */
ASK_API ask_tensor *ask_heads_split(ask_graph *g, ask_tensor *x, int64_t n_heads);

/* [B, H, T, D] -> [B, T, H D] */
ASK_API ask_tensor *ask_heads_join(ask_graph *g, ask_tensor *x);

/* q: [B, H, Tq, D], k, v: [B, H, Tk, D] -> [B, H, Tq, D]; the view's tensors are broadcast
 * to [B, H, Tq, Tk], its packing is not looked at. */
ASK_API ask_tensor *ask_heads_attend(ask_graph *g, ask_tensor *q, ask_tensor *k,
                                     ask_tensor *v, const ask_attention_view *view);

#endif
