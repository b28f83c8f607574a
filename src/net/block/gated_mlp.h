/* net/block/gated_mlp.h - a feed-forward layer with a gate.
 * After: Shazeer 2020, "GLU Variants Improve Transformer". */
#ifndef ASK_NET_BLOCK_GATED_MLP_H
#define ASK_NET_BLOCK_GATED_MLP_H

#include "net/block/activation.h"
#include "net/block/dense.h"

typedef struct {
    ask_dense gate, up, down; // [I, C], [I, C], [C, I]
    ask_activation activation;
} ask_gated_mlp;

/* "<name>.gate_proj", ".up_proj", ".down_proj". */
ASK_API void ask_gated_mlp_bind(ask_gated_mlp *out, ask_params *p, const char *name,
                                int64_t width, int64_t inner, ask_activation activation,
                                bool bias, double deviation);

/* x: [..., C] -> [..., C] */
ASK_API ask_tensor *ask_gated_mlp_build(ask_graph *g, const ask_gated_mlp *m,
                                        ask_tensor *x);

#endif
