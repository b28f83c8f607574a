/* net/block/conv_norm.h - a convolution of clips without bias, the batch norm behind it and
 * a ReLU, as one convolution.
 *
 * In evaluation the norm is a factor and an offset of each channel. Both are worked into
 * the weights while binding, in double precision, so that nothing of the norm is left to
 * compute; the result is constant, and cannot be trained.
 * After: Ioffe & Szegedy 2015, "Batch Normalization". */
#ifndef ASK_NET_BLOCK_CONV_NORM_H
#define ASK_NET_BLOCK_CONV_NORM_H

#include "net/params.h"
#include "tensor/ops.h"

typedef struct {
    ask_tensor *w, *b;    // [O, C, Kt, Kh, Kw], [O]
    ask_conv_options opt; // with the ReLU
} ask_conv_norm;

typedef struct {
    int64_t n_in, n_out;
    int64_t kernel[3];
    ask_conv_options opt;
    double eps; // of the norm
} ask_conv_norm_config;

/* "<conv>.weight"; "<norm>.weight", ".bias", ".running_mean", ".running_var" */
ASK_API void ask_conv_norm_bind(ask_conv_norm *out, ask_params *p, const char *conv,
                                const char *norm, const ask_conv_norm_config *config);

/* x: [B, C, T, H, W] -> [B, O, T', H', W'], nothing below 0 */
ASK_API ask_tensor *ask_conv_norm_build(ask_graph *g, const ask_conv_norm *c,
                                        ask_tensor *x);

#endif
