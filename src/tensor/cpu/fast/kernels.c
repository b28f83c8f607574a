/* The set of fast kernels of one instruction set. */
#include "tensor/cpu/fast/fast_priv.h"

const cpu_kernels KERNEL(cpu_kernels) = {
    .binary = KERNEL(binary),
    .unary = KERNEL(unary),
    .unary_grad = KERNEL(unary_grad),
    .sum = KERNEL(sum),
    .accumulate = KERNEL(accumulate),
    .softmax = KERNEL(softmax),
    .softmax_grad = KERNEL(softmax_grad),
    .log_softmax = KERNEL(log_softmax),
    .log_softmax_grad = KERNEL(log_softmax_grad),
    .layer_norm = KERNEL(layer_norm),
    .layer_norm_grad = KERNEL(layer_norm_grad),
    .rms_norm = KERNEL(rms_norm),
    .rms_norm_grad = KERNEL(rms_norm_grad),
    .rope = KERNEL(rope),
    .moments = KERNEL(moments),
    .comoments = KERNEL(comoments),
    .dots = KERNEL(dots),
    .mix = KERNEL(mix),
    .blend = KERNEL(blend),
    .winograd = &KERNEL(winograd_kernel),
    .patches = &KERNEL(patch_kernel),
    .adam = KERNEL(adam),
    .sgd = KERNEL(sgd),
};
