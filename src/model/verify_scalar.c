/* What plain blocks of few bits leave of numbers. */
#include <math.h>

#include "model/verify_against_priv.h"

enum { BLOCK = 32 };

/* 1 / scale; 0 where all numbers are so small that it would not be finite. */
static float inverse_of(float scale)
{
    float inverse = scale != 0 ? 1 / scale : 0;
    return isfinite(inverse) ? inverse : 0;
}

static void round_q8_0(float *out, const float *x, int n)
{
    float largest = 0;
    for (int i = 0; i < n; i++) largest = fmaxf(largest, fabsf(x[i]));
    float scale = largest / 127, inverse = inverse_of(scale);
    float stored = ask_f16_to_f32(ask_f32_to_f16(scale));
    for (int i = 0; i < n; i++) out[i] = stored * roundf(x[i] * inverse);
}

static void round_q4_0(float *out, const float *x, int n)
{
    enum { ZERO = 8, MOST = 15 };
    float largest = 0;
    for (int i = 0; i < n; i++)
        if (fabsf(x[i]) > fabsf(largest)) largest = x[i];
    float scale = largest / -ZERO, inverse = inverse_of(scale);
    float stored = ask_f16_to_f32(ask_f32_to_f16(scale));
    for (int i = 0; i < n; i++) {
        int code = (int)(x[i] * inverse + ZERO + 0.5f);
        out[i] = stored * (float)((code > MOST ? MOST : code) - ZERO);
    }
}

void verify_scalar_round(ask_dtype type, float *out, const float *x, int64_t n)
{
    for (int64_t at = 0; at < n; at += BLOCK) {
        int here = n - at < BLOCK ? (int)(n - at) : BLOCK;
        if (type == ASK_Q8)
            round_q8_0(out + at, x + at, here);
        else
            round_q4_0(out + at, x + at, here);
    }
}

double verify_scalar_bits(ask_dtype type, int64_t k)
{
    double blocks = (double)((k + BLOCK - 1) / BLOCK);
    return blocks * (BLOCK * (type == ASK_Q8 ? 8 : 4) + 16) / (double)k;
}
