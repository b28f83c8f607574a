/* tensor/cpu/fast/math_priv.h - elementary functions for loops that vectorise.
 *
 * Branch-free and inlined, in float. Relative errors are below 5e-7 over the whole range
 * unless said otherwise (results too small to be normal numbers: below one unit in the last
 * place); infinities and NaN give what libm gives. Polynomials are minimax fits with
 * relative errors below 1e-8. */
#ifndef ASK_TENSOR_CPU_FAST_MATH_PRIV_H
#define ASK_TENSOR_CPU_FAST_MATH_PRIV_H

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline float float_from_bits(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline uint32_t bits_from_float(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

/* e^(x + correction) = 2^n e^r, |r| <= ln(2) / 2. */
static inline float fast_exp_corrected(float x, float correction)
{
    const float magic = 12582912.0f; // 1.5 * 2^23: added, it rounds, and the low bits are n
    float shifted = x * 1.44269504f + magic;
    float n = shifted - magic;
    float r = x - n * 0.693359375f; // the high part of ln(2) has few bits: exact
    r = r + n * 2.12194440e-4f + correction;
    float p =
        2 * 1.381455767e-03f; // p is twice e^r, and 2^(n - 1) is always a normal number
    p = p * r + 2 * 8.368735773e-03f;
    p = p * r + 2 * 4.166838990e-02f;
    p = p * r + 2 * 1.666652048e-01f;
    p = p * r + 2 * 4.999999344e-01f;
    p = p * (r * r) + 2 * r + 2;
    float y = p * float_from_bits((bits_from_float(shifted) << 23) + (126u << 23));
    y = x < -86.9f ? 0.0f : y;
    return x > 88.72283f ? INFINITY : y;
}

/* Results under 2e-38 are 0. */
static inline float fast_exp(float x)
{
    return fast_exp_corrected(x, 0.0f);
}

/* Natural logarithm: m 2^e with m from sqrt(1/2) to sqrt(2). */
static inline float fast_log(float x)
{
    const float smallest_normal = 1.17549435e-38f;
    int subnormal = x < smallest_normal;
    float scaled = subnormal ? x * 8388608.0f : x;
    uint32_t bits = bits_from_float(scaled);
    uint32_t above = bits - 0x3f3504f3u; // 0x3f3504f3: sqrt(1/2)
    int32_t e = (int32_t)above >> 23;
    float f = float_from_bits((above & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
    float n = (float)(subnormal ? e - 23 : e);
    float p = 6.746601315e-02f;
    p = p * f - 1.167564130e-01f;
    p = p * f + 1.188817460e-01f;
    p = p * f - 1.240559142e-01f;
    p = p * f + 1.421955091e-01f;
    p = p * f - 1.666799567e-01f;
    p = p * f + 2.000211873e-01f;
    p = p * f - 2.500000960e-01f;
    p = p * f + 3.333331260e-01f;
    float square = f * f;
    float low = p * (f * square) - n * 2.12194440e-4f;
    float y = n * 0.693359375f + (f + (low - 0.5f * square));
    y = x == 0.0f ? -INFINITY : y;
    y = x < 0.0f ? NAN : y;
    return x < INFINITY ? y : x + x; // infinity and NaN stay
}

/* 1 / (1 + e^-x); below -88.7 it is 0. */
static inline float fast_sigmoid(float x)
{
    return 1.0f / (1.0f + fast_exp(-x));
}

static inline float fast_tanh(float x)
{
    float z = x * x;
    float p = -5.717036561e-03f;
    p = p * z + 2.065057900e-02f;
    p = p * z - 5.374349526e-02f;
    p = p * z + 1.333149125e-01f;
    p = p * z - 3.333328392e-01f;
    float near_zero = p * z * x + x;
    float size = fabsf(x);
    float far = copysignf(1.0f - 2.0f / (fast_exp(2.0f * size) + 1.0f), x);
    return size < 0.625f ? near_zero : far;
}

/* e^(-x^2 / 2), of which the rounding of x^2 is corrected; |x| <= 1e18. */
static inline float fast_bell(float x)
{
    float square = x * x;
    float lost = fmaf(x, x, -square);
    return fast_exp_corrected(-0.5f * square, -0.5f * lost);
}

/* Phi(x) = erfc(-x / sqrt(2)) / 2, the normal distribution function. With t = 1 / (1 + c
 * |x|), Phi(-|x|) = e^(-x^2 / 2) t P(t): both tails keep their relative accuracy. */
static inline float fast_normal_cdf(float x)
{
    float size = fabsf(x);
    size = size > 15.0f ? 15.0f : size; // far below the smallest float
    float t = 1.0f / (1.0f + 0.247487373f * size);
    float p = 3.868619944e-02f;
    p = p * t - 1.605237629e-01f;
    p = p * t + 1.853380689e-01f;
    p = p * t - 3.306588802e-02f;
    p = p * t + 9.165784382e-02f;
    p = p * t + 1.434406108e-01f;
    p = p * t + 1.521298851e-01f;
    p = p * t + 1.876892340e-01f;
    p = p * t + 1.971655251e-01f;
    p = p * t + 1.974822910e-01f;
    float tail = 0.5f * fast_bell(size) * (p * t);
    return x < 0.0f ? tail : 1.0f - tail;
}

#endif
