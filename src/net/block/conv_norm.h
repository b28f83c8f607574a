/* net/block/conv_norm.h - a convolution without bias and the batch norm behind it, with a
 * ReLU if it is wanted, over pictures (two axes) or clips (three).
 *
 * In evaluation the norm is a factor and an offset of each channel. Both can be worked into
 * the weights while binding, in double precision, so that nothing of the norm is left to
 * compute; the result is constant, and cannot be trained. Or the norm stays what it is
 * (live): then it can be trained, with the statistics of each batch, which move the running
 * ones, or with the running ones as they are.
 * After: Ioffe & Szegedy 2015, "Batch Normalization". */
#ifndef ASK_NET_BLOCK_CONV_NORM_H
#define ASK_NET_BLOCK_CONV_NORM_H

#include "net/params.h"
#include "tensor/ops.h"

/* Which statistics a live norm takes. */
typedef enum {
    ASK_NORM_RUNNING, // those it has gathered, as in evaluation
    ASK_NORM_BATCH,   // the batch's own; the running ones are moved by a tenth of the way
} ask_norm_use;

typedef struct {
    ask_tensor *w;                      // [O, C, K..]
    ask_tensor *b;                      // [O]; NULL with a live norm
    struct {                            // live; else all NULL
        ask_tensor *w, *b, *mean, *var; // [O]
        double eps;
    } norm;
    ask_conv_options opt; // folded: with the ReLU
    int n_axes;           // 2 or 3
    bool relu;
} ask_conv_norm;

typedef struct {
    int64_t n_in, n_out;
    int n_axes;        // of the kernel: 2 or 3
    int64_t kernel[3]; // as many as axes
    ask_conv_options opt;
    bool relu;
    double eps; // of the norm
    bool live;
} ask_conv_norm_config;

/* "<conv>.weight"; "<norm>.weight", ".bias", ".running_mean", ".running_var": the last two
 * are no parameters to be trained ("*.running_*" is for ask_train_task.frozen). */
ASK_API void ask_conv_norm_bind(ask_conv_norm *out, ask_params *p, const char *conv,
                                const char *norm, const ask_conv_norm_config *config);

/* x: [B, C, (T,) H, W] -> [B, O, (T',) H', W']. use is looked at where the norm is live. */
ASK_API ask_tensor *ask_conv_norm_build(ask_graph *g, const ask_conv_norm *c, ask_tensor *x,
                                        ask_norm_use use);

#endif
