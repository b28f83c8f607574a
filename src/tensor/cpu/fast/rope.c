/* Rotary positions. */
#include "tensor/cpu/fast/fast_priv.h"
#include "tensor/cpu/inline_priv.h"

static ALWAYS_INLINE void turn_halves(float *y, const float *x, int64_t step,
                                      const float *cos, const float *sin, int64_t n)
{
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        float a = x[i * step], b = x[(i + n) * step];
        y[i] = a * cos[i] - b * sin[i];
        y[i + n] = b * cos[i] + a * sin[i];
    }
}

static ALWAYS_INLINE void turn_pairs(float *y, const float *x, int64_t step,
                                     const float *cos, const float *sin, int64_t n)
{
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        float a = x[2 * i * step], b = x[(2 * i + 1) * step];
        y[2 * i] = a * cos[i] - b * sin[i];
        y[2 * i + 1] = b * cos[i] + a * sin[i];
    }
}

void KERNEL(rope)(float *y, const float *x, int64_t step, const float *cos,
                  const float *sin, ask_rope_kind kind, int64_t n)
{
    if (kind == ASK_ROPE_PAIRS)
        turn_pairs(y, x, step, cos, sin, n);
    else if (step == 1)
        turn_halves(y, x, 1, cos, sin, n);
    else
        turn_halves(y, x, step, cos, sin, n);
}
