/* net/block/dense.h - a linear layer and a norm, each with its parameters. */
#ifndef ASK_NET_BLOCK_DENSE_H
#define ASK_NET_BLOCK_DENSE_H

#include "net/block/lora.h"
#include "tensor/ops.h"

typedef struct {
    ask_tensor *w;  // [N, K]; f32 or of few bits
    ask_tensor *b;  // [N], or NULL without bias
    bool turned;    // w is [K, N], and f32
    ask_lora added; // to what it gives; none unless it was bound by itself
} ask_dense;

/* The deviation with which weights keep sizes of values and of gradients alike: Glorot &
 * Bengio 2010. */
ASK_API double ask_glorot(int64_t n_in, int64_t n_out);

/* "<name>.weight" and "<name>.bias"; weights begin with that deviation, biases with 0. */
ASK_API void ask_dense_bind(ask_dense *out, ask_params *p, const char *name, int64_t n_in,
                            int64_t n_out, double deviation);
/* The same without bias. */
ASK_API void ask_dense_bind_plain(ask_dense *out, ask_params *p, const char *name,
                                  int64_t n_in, int64_t n_out, double deviation);
/* With or without. */
ASK_API void ask_dense_bind_as(ask_dense *out, ask_params *p, const char *name,
                               int64_t n_in, int64_t n_out, bool bias, double deviation);
/* With a bias, and weights that are stored [K, N]. They are widened where they are of few
 * bits, and do not become so: those lie in rows of K. */
ASK_API void ask_dense_bind_turned(ask_dense *out, ask_params *p, const char *name,
                                   int64_t n_in, int64_t n_out, double deviation);
/* x: [..., K] -> [..., N] */
ASK_API ask_tensor *ask_dense_build(ask_graph *g, const ask_dense *d, ask_tensor *x);

typedef struct {
    ask_tensor *w, *b; // [C], or NULL: nothing is scaled, or added
    double eps;
} ask_norm;

/* "<name>.weight" (begins with 1) and "<name>.bias" (0); in checkpoints that came from
 * TensorFlow they are called "<name>.gamma" and "<name>.beta". */
ASK_API void ask_norm_bind(ask_norm *out, ask_params *p, const char *name, int64_t n,
                           double eps);
/* Layer norm.  x: [..., C] -> [..., C] */
ASK_API ask_tensor *ask_norm_build(ask_graph *g, const ask_norm *n, ask_tensor *x);

#endif
