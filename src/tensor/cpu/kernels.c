/* The set of scalar kernels: the definitions. */
#include "tensor/cpu/scalar_priv.h"

const cpu_kernels cpu_kernels__scalar = {
    .binary = binary__scalar,
    .unary = unary__scalar,
    .unary_grad = unary_grad__scalar,
    .sum = sum__scalar,
    .accumulate = accumulate__scalar,
    .softmax = softmax__scalar,
    .softmax_grad = softmax_grad__scalar,
    .log_softmax = log_softmax__scalar,
    .log_softmax_grad = log_softmax_grad__scalar,
    .layer_norm = layer_norm__scalar,
    .layer_norm_grad = layer_norm_grad__scalar,
    .rms_norm = rms_norm__scalar,
    .rms_norm_grad = rms_norm_grad__scalar,
    .rope = rope__scalar,
    .moments = moments__scalar,
    .comoments = comoments__scalar,
    .dots = dots__scalar,
    .mix = mix__scalar,
    .blend = blend__scalar,
    .adam = adam__scalar,
    .sgd = sgd__scalar,
};
