/* Elementwise kernels that the compiler vectorises: one loop per kind and per pattern of
 * strides. */
#include "tensor/cpu/fast/fast_priv.h"
#include "tensor/cpu/fast/math_priv.h"
#include "tensor/cpu/gelu_priv.h"
#include "tensor/cpu/inline_priv.h"
#include "tensor/cpu/scalar_priv.h"

/* ---- two sources ---- */

static ALWAYS_INLINE float binary_value(binary_kind kind, float a, float b)
{
    switch (kind) {
    case BINARY_ADD:
        return a + b;
    case BINARY_SUB:
        return a - b;
    case BINARY_MUL:
        return a * b;
    case BINARY_DIV:
        return a / b;
    case BINARY_MAX: // NaN wins, from either side
        return ((a > b) | (a != a)) ? a : b;
    case BINARY_MIN:
        return ((a < b) | (a != a)) ? a : b;
    }
    return 0;
}

static ALWAYS_INLINE void binary_loop(binary_kind kind, float *y, int64_t sy,
                                      const float *a, int64_t sa, const float *b,
                                      int64_t sb, int64_t n)
{
    if (sy == 1 && sa == 1 && sb == 1) {
#pragma omp simd
        for (int64_t i = 0; i < n; i++) y[i] = binary_value(kind, a[i], b[i]);
    } else if (sy == 1 && sa == 1 && sb == 0) {
        float b0 = n ? *b : 0;
#pragma omp simd
        for (int64_t i = 0; i < n; i++) y[i] = binary_value(kind, a[i], b0);
    } else if (sy == 1 && sa == 0 && sb == 1) {
        float a0 = n ? *a : 0;
#pragma omp simd
        for (int64_t i = 0; i < n; i++) y[i] = binary_value(kind, a0, b[i]);
    } else {
        for (int64_t i = 0; i < n; i++)
            y[i * sy] = binary_value(kind, a[i * sa], b[i * sb]);
    }
}

void KERNEL(binary)(binary_kind kind, float *y, int64_t sy, const float *a, int64_t sa,
                    const float *b, int64_t sb, int64_t n)
{
    switch (kind) {
    case BINARY_ADD:
        binary_loop(BINARY_ADD, y, sy, a, sa, b, sb, n);
        break;
    case BINARY_SUB:
        binary_loop(BINARY_SUB, y, sy, a, sa, b, sb, n);
        break;
    case BINARY_MUL:
        binary_loop(BINARY_MUL, y, sy, a, sa, b, sb, n);
        break;
    case BINARY_DIV:
        binary_loop(BINARY_DIV, y, sy, a, sa, b, sb, n);
        break;
    case BINARY_MAX:
        binary_loop(BINARY_MAX, y, sy, a, sa, b, sb, n);
        break;
    case BINARY_MIN:
        binary_loop(BINARY_MIN, y, sy, a, sa, b, sb, n);
        break;
    }
}

/* ---- functions of one number ---- */

static ALWAYS_INLINE float gelu_tanh_gate(float x)
{
    const float slope = (float)GELU_TANH_SLOPE, cube = (float)GELU_TANH_CUBE;
    return slope * x * (1.0f + cube * x * x);
}

static ALWAYS_INLINE float gelu_tanh_gate_slope(float x)
{
    const float slope = (float)GELU_TANH_SLOPE, cube = (float)GELU_TANH_CUBE;
    return slope * (1.0f + 3.0f * cube * x * x);
}

/* Kinds without a fast form (powers but squares) do not come here. */
static ALWAYS_INLINE float unary_value(unary_kind kind, float a, float b, float x)
{
    switch (kind) {
    case UNARY_AFFINE:
        return a * x + b;
    case UNARY_EXP:
        return fast_exp(x);
    case UNARY_LOG:
        return fast_log(x);
    case UNARY_SQRT:
        return sqrtf(x);
    case UNARY_POW:
        return x * x;
    case UNARY_RELU:
        return x < 0.0f ? 0.0f : x;
    case UNARY_SIGMOID:
        return fast_sigmoid(x);
    case UNARY_SILU:
        return x * fast_sigmoid(x);
    case UNARY_TANH:
        return fast_tanh(x);
    case UNARY_GELU_EXACT:
        return x * fast_normal_cdf(x);
    case UNARY_GELU_TANH:
        return x * fast_sigmoid(gelu_tanh_gate(x));
    case UNARY_GELU_QUICK:
        return x * fast_sigmoid((float)GELU_QUICK_SLOPE * x);
    case UNARY_SIN: // the scalar kernel's
    case UNARY_COS:
        break;
    }
    return 0;
}

static ALWAYS_INLINE void unary_loop(unary_kind kind, double pa, double pb, float *y,
                                     const float *x, int64_t sx, int64_t n)
{
    float a = (float)pa, b = (float)pb;
    if (sx == 1) {
#pragma omp simd
        for (int64_t i = 0; i < n; i++) y[i] = unary_value(kind, a, b, x[i]);
    } else {
#pragma omp simd
        for (int64_t i = 0; i < n; i++) y[i] = unary_value(kind, a, b, x[i * sx]);
    }
}

void KERNEL(unary)(unary_kind kind, double pa, double pb, float *y, const float *x,
                   int64_t sx, int64_t n)
{
    switch (kind) {
    case UNARY_AFFINE:
        unary_loop(UNARY_AFFINE, pa, pb, y, x, sx, n);
        break;
    case UNARY_EXP:
        unary_loop(UNARY_EXP, pa, pb, y, x, sx, n);
        break;
    case UNARY_LOG:
        unary_loop(UNARY_LOG, pa, pb, y, x, sx, n);
        break;
    case UNARY_SQRT:
        unary_loop(UNARY_SQRT, pa, pb, y, x, sx, n);
        break;
    case UNARY_POW:
        if (pa == 2)
            unary_loop(UNARY_POW, pa, pb, y, x, sx, n);
        else
            unary__scalar(kind, pa, pb, y, x, sx, n);
        break;
    case UNARY_RELU:
        unary_loop(UNARY_RELU, pa, pb, y, x, sx, n);
        break;
    case UNARY_SIGMOID:
        unary_loop(UNARY_SIGMOID, pa, pb, y, x, sx, n);
        break;
    case UNARY_SILU:
        unary_loop(UNARY_SILU, pa, pb, y, x, sx, n);
        break;
    case UNARY_TANH:
        unary_loop(UNARY_TANH, pa, pb, y, x, sx, n);
        break;
    case UNARY_SIN: // of angles, of which there are few
    case UNARY_COS:
        unary__scalar(kind, pa, pb, y, x, sx, n);
        break;
    case UNARY_GELU_EXACT:
        unary_loop(UNARY_GELU_EXACT, pa, pb, y, x, sx, n);
        break;
    case UNARY_GELU_TANH:
        unary_loop(UNARY_GELU_TANH, pa, pb, y, x, sx, n);
        break;
    case UNARY_GELU_QUICK:
        unary_loop(UNARY_GELU_QUICK, pa, pb, y, x, sx, n);
        break;
    }
}

/* s (1 - s) without the cancellation at either end */
static ALWAYS_INLINE float sigmoid_slope(float x)
{
    float e = fast_exp(-fabsf(x));
    return e / ((1.0f + e) * (1.0f + e));
}

/* d/dx of x * sigmoid(z(x)) */
static ALWAYS_INLINE float gated_slope(float x, float z, float z_slope)
{
    return fast_sigmoid(z) + x * sigmoid_slope(z) * z_slope;
}

static ALWAYS_INLINE float unary_slope(unary_kind kind, float a, float x)
{
    switch (kind) {
    case UNARY_AFFINE:
        return a;
    case UNARY_EXP:
        return fast_exp(x);
    case UNARY_LOG:
        return 1.0f / x;
    case UNARY_SQRT:
        return 0.5f / sqrtf(x);
    case UNARY_POW:
        return 2.0f * x;
    case UNARY_RELU:
        return x > 0.0f ? 1.0f : 0.0f;
    case UNARY_SIGMOID:
        return sigmoid_slope(x);
    case UNARY_SILU:
        return gated_slope(x, x, 1.0f);
    case UNARY_TANH:
        return 4.0f * sigmoid_slope(2.0f * x);
    case UNARY_GELU_EXACT:
        return fast_normal_cdf(x) + x * (float)NORMAL_PEAK * fast_bell(x);
    case UNARY_GELU_TANH:
        return gated_slope(x, gelu_tanh_gate(x), gelu_tanh_gate_slope(x));
    case UNARY_GELU_QUICK:
        return gated_slope(x, (float)GELU_QUICK_SLOPE * x, (float)GELU_QUICK_SLOPE);
    case UNARY_SIN: // the scalar kernel's
    case UNARY_COS:
        break;
    }
    return 0;
}

static ALWAYS_INLINE void unary_grad_loop(unary_kind kind, double pa, float *dx,
                                          const float *x, int64_t sx, const float *dy,
                                          int64_t sdy, int64_t n)
{
    float a = (float)pa;
    if (sx == 1 && sdy == 1) {
#pragma omp simd
        for (int64_t i = 0; i < n; i++) dx[i] = dy[i] * unary_slope(kind, a, x[i]);
    } else {
#pragma omp simd
        for (int64_t i = 0; i < n; i++)
            dx[i] = dy[i * sdy] * unary_slope(kind, a, x[i * sx]);
    }
}

void KERNEL(unary_grad)(unary_kind kind, double pa, double pb, float *dx, const float *x,
                        int64_t sx, const float *dy, int64_t sdy, int64_t n)
{
    switch (kind) {
    case UNARY_AFFINE:
        unary_grad_loop(UNARY_AFFINE, pa, dx, x, sx, dy, sdy, n);
        break;
    case UNARY_EXP:
        unary_grad_loop(UNARY_EXP, pa, dx, x, sx, dy, sdy, n);
        break;
    case UNARY_LOG:
        unary_grad_loop(UNARY_LOG, pa, dx, x, sx, dy, sdy, n);
        break;
    case UNARY_SQRT:
        unary_grad_loop(UNARY_SQRT, pa, dx, x, sx, dy, sdy, n);
        break;
    case UNARY_POW:
        if (pa == 2)
            unary_grad_loop(UNARY_POW, pa, dx, x, sx, dy, sdy, n);
        else
            unary_grad__scalar(kind, pa, pb, dx, x, sx, dy, sdy, n);
        break;
    case UNARY_RELU:
        unary_grad_loop(UNARY_RELU, pa, dx, x, sx, dy, sdy, n);
        break;
    case UNARY_SIGMOID:
        unary_grad_loop(UNARY_SIGMOID, pa, dx, x, sx, dy, sdy, n);
        break;
    case UNARY_SILU:
        unary_grad_loop(UNARY_SILU, pa, dx, x, sx, dy, sdy, n);
        break;
    case UNARY_TANH:
        unary_grad_loop(UNARY_TANH, pa, dx, x, sx, dy, sdy, n);
        break;
    case UNARY_SIN:
    case UNARY_COS:
        unary_grad__scalar(kind, pa, pb, dx, x, sx, dy, sdy, n);
        break;
    case UNARY_GELU_EXACT:
        unary_grad_loop(UNARY_GELU_EXACT, pa, dx, x, sx, dy, sdy, n);
        break;
    case UNARY_GELU_TANH:
        unary_grad_loop(UNARY_GELU_TANH, pa, dx, x, sx, dy, sdy, n);
        break;
    case UNARY_GELU_QUICK:
        unary_grad_loop(UNARY_GELU_QUICK, pa, dx, x, sx, dy, sdy, n);
        break;
    }
}
