/* tensor/cpu/onednn_priv.h - the one door to oneDNN: convolutions.
 *
 * The library chooses the layouts it is fastest with; tensors are reordered on the way in
 * and out. What was prepared for a shape is kept, for the shapes used last; constant
 * weights are reordered once. Matrix products are our own (gemm_priv.h): on AVX2 they are
 * faster by a tenth. So are convolutions that keep the size of x (unfold_priv.h), and with
 * their gradients those over patches (patches_priv.h) and of 3x3 (winograd_priv.h). */
#ifndef ASK_TENSOR_CPU_ONEDNN_PRIV_H
#define ASK_TENSOR_CPU_ONEDNN_PRIV_H

#include "tensor/cpu/conv_priv.h"
#include "tensor/cpu/cpu_priv.h"

#ifndef ASK_REAL_DOUBLE

/* Fails with ASK_ERR_DEVICE or ASK_ERR_NOMEM. */
bool cpu_onednn_open(cpu_onednn **out, int n_threads, ask_error *err);
void cpu_onednn_close(cpu_onednn *d); // NULL is allowed

/* Drops what was reordered from a constant buffer that goes away. */
void cpu_onednn_forget(cpu_onednn *d, const ask_buffer *buffer);

/* Scratch that the convolution of this shape needs; 0 if it cannot be prepared: it will
 * fail. */
size_t cpu_onednn_conv_scratch(cpu_onednn *d, const conv_shape *shape);

/* Computes one convolution. No size is 0. `weights` is the view of w: if its buffer is
 * constant the reordered weights are kept. */
bool cpu_onednn_conv(cpu_onednn *d, const conv_shape *shape, const conv_data *data,
                     const ask_view *weights, char *scratch, ask_error *err);

#else // only the scalar kernels are in this variant, and no backend has a cpu_onednn

static inline bool cpu_onednn_open(cpu_onednn **out, int n_threads, ask_error *err)
{
    (void)out;
    (void)n_threads;
    return ask_fail(err, ASK_ERR_DEVICE, "this build is without oneDNN");
}

static inline void cpu_onednn_close(cpu_onednn *d)
{
    (void)d;
}

static inline void cpu_onednn_forget(cpu_onednn *d, const ask_buffer *buffer)
{
    (void)d;
    (void)buffer;
}

static inline size_t cpu_onednn_conv_scratch(cpu_onednn *d, const conv_shape *shape)
{
    (void)d;
    (void)shape;
    return 0;
}

static inline bool cpu_onednn_conv(cpu_onednn *d, const conv_shape *shape,
                                   const conv_data *data, const ask_view *weights,
                                   char *scratch, ask_error *err)
{
    (void)d;
    (void)shape;
    (void)data;
    (void)weights;
    (void)scratch;
    return ask_fail(err, ASK_ERR_DEVICE, "this build is without oneDNN");
}

#endif

#endif
