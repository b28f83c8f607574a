/* net/block/fused_attention.h - self-attention whose queries, keys and values are one
 * linear layer. After: Vaswani et al. 2017, "Attention Is All You Need"; without a bias of
 * the keys, which changes nothing, Bao et al. 2022, "BEiT". */
#ifndef ASK_NET_BLOCK_FUSED_ATTENTION_H
#define ASK_NET_BLOCK_FUSED_ATTENTION_H

#include "net/block/attention.h"

typedef struct {
    int n_heads;
    ask_dense qkv;               // [3 C, C]: queries, keys, values
    ask_tensor *q_bias, *v_bias; // [C], where these are apart; or NULL
    ask_dense out;               // [C, C]
} ask_fused_attention;

/* What its parts are called. */
typedef struct {
    const char *qkv, *out;
    const char *q_bias, *v_bias; // NULL: the bias is qkv's
} ask_fused_attention_names;

/* "<name>.<names->qkv>", ...; bias: whether queries and values have one. width is a
 * multiple of n_heads. */
ASK_API void ask_fused_attention_bind(ask_fused_attention *out, ask_params *p,
                                      const char *name,
                                      const ask_fused_attention_names *names, int64_t width,
                                      int n_heads, bool bias, double deviation);

/* x: [B, T, C] -> [B, T, C]; the view's packing is not looked at. */
ASK_API ask_tensor *ask_fused_attention_build(ask_graph *g, const ask_fused_attention *a,
                                              ask_tensor *x,
                                              const ask_attention_view *view);

#endif
