/* Optimiser steps: every array is read and written once. */
#include <math.h>

#include "tensor/cpu/fast/fast_priv.h"

void KERNEL(adam)(float *p, float *m, float *v, const float *grad, double lr, int64_t step,
                  const ask_adam_options *opt, int64_t n)
{
    const float keep = (float)(opt->decoupled ? 1 - lr * opt->weight_decay : 1);
    const float decay = (float)(opt->decoupled ? 0 : opt->weight_decay);
    const float rate = (float)(lr / (1 - pow(opt->beta1, (double)step)));
    const float inverse_root = (float)(1 / sqrt(1 - pow(opt->beta2, (double)step)));
    const float beta1 = (float)opt->beta1, rest1 = (float)(1 - opt->beta1);
    const float beta2 = (float)opt->beta2, rest2 = (float)(1 - opt->beta2);
    const float eps = (float)opt->eps;
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        float g = grad[i] + decay * p[i];
        float first = beta1 * m[i] + rest1 * g;
        float second = beta2 * v[i] + rest2 * g * g;
        p[i] = keep * p[i] - rate * first / (sqrtf(second) * inverse_root + eps);
        m[i] = first;
        v[i] = second;
    }
}

void KERNEL(sgd)(float *p, float *velocity, const float *grad, double lr,
                 const ask_sgd_options *opt, int64_t n)
{
    const float rate = (float)lr, decay = (float)opt->weight_decay;
    const float momentum = (float)opt->momentum;
    if (!velocity) {
#pragma omp simd
        for (int64_t i = 0; i < n; i++) p[i] -= rate * (grad[i] + decay * p[i]);
        return;
    }
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        velocity[i] = momentum * velocity[i] + grad[i] + decay * p[i];
        p[i] -= rate * velocity[i];
    }
}
