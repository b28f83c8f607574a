/* net/block/mlp.h - two linear layers with an activation between them. */
#ifndef ASK_NET_BLOCK_MLP_H
#define ASK_NET_BLOCK_MLP_H

#include "net/block/activation.h"
#include "net/block/dense.h"

typedef struct {
    ask_dense in, out; // [I, C], [C, I]
    ask_activation activation;
} ask_mlp;

/* What its two layers are called. */
typedef struct {
    const char *in, *out;
} ask_mlp_names;

/* "<name>.<names->in>", "<name>.<names->out>" */
ASK_API void ask_mlp_bind(ask_mlp *out, ask_params *p, const char *name,
                          const ask_mlp_names *names, int64_t width, int64_t inner,
                          ask_activation activation, double in_deviation,
                          double out_deviation);

/* x: [..., C] -> [..., C] */
ASK_API ask_tensor *ask_mlp_build(ask_graph *g, const ask_mlp *m, ask_tensor *x);

#endif
