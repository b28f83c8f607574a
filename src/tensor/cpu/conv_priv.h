/* tensor/cpu/conv_priv.h - one convolution, or one of its gradients, as the CPU sees it. */
#ifndef ASK_TENSOR_CPU_CONV_PRIV_H
#define ASK_TENSOR_CPU_CONV_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "tensor/real_priv.h"

/* Which of x: [n, c, in], w: [o, c / groups, kernel] and y: [n, o, out] is computed from
 * the other two. */
typedef enum { CONV_Y, CONV_X, CONV_W } conv_form;

typedef struct {
    conv_form form;
    int64_t n, c, o, groups;
    // Frames, rows, columns. With fewer axes the first are of size 1, as their kernels.
    int64_t in[3], out[3], kernel[3], stride[3], pad[3], pad_end[3], dilation[3];
    bool has_bias, relu; // of the form CONV_Y only
} conv_shape;

/* Each contiguous; the computed one is written. */
typedef struct {
    ask_real *x, *w, *y;
    const ask_real *bias; // [o] or NULL
} conv_data;

static inline int64_t conv_round_up(int64_t n, int64_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* So many numbers up to a multiple of 64 bytes. */
static inline int64_t conv_aligned(int64_t n)
{
    return conv_round_up(n, 64 / (int64_t)sizeof(ask_real));
}

#endif
