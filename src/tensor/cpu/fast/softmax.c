/* Softmax and its logarithm along rows: the row stays in cache between its passes. */
#include "tensor/cpu/fast/fast_priv.h"
#include "tensor/cpu/fast/math_priv.h"
#include "tensor/cpu/fast/row_priv.h"

static float largest(const float *x, int64_t n)
{
    float max = -INFINITY;
#pragma omp simd reduction(max : max)
    for (int64_t i = 0; i < n; i++) max = x[i] > max ? x[i] : max;
    return max;
}

/* y = x where it counts, else -infinity. */
static void hide_masked(float *y, const float *x, const uint8_t *mask, int64_t n)
{
#pragma omp simd
    for (int64_t i = 0; i < n; i++) y[i] = mask[i] ? x[i] : -INFINITY;
}

/* A row whose sum is NaN: what is masked stays so, the rest has no value. */
static void fill_undefined(float *y, const uint8_t *mask, float masked, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = mask && !mask[i] ? masked : NAN;
}

/* y = exp(x - max); returns its sum. y may be x. */
static double exp_row(float *y, const float *x, float max, int64_t n)
{
    double total = 0;
    for (int64_t begin = 0; begin < n; begin += ROW_BLOCK) {
        int64_t end = row_block_end(begin, n);
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t i = begin; i < end; i++) {
            float e = fast_exp(x[i] - max);
            y[i] = e;
            sum += e;
        }
        total += sum;
    }
    return total;
}

/* The sum of exp(x - max). */
static double exp_sum(const float *x, float max, int64_t n)
{
    double total = 0;
    for (int64_t begin = 0; begin < n; begin += ROW_BLOCK) {
        int64_t end = row_block_end(begin, n);
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t i = begin; i < end; i++) sum += fast_exp(x[i] - max);
        total += sum;
    }
    return total;
}

void KERNEL(softmax)(float *y, const float *x, const uint8_t *mask, int64_t n_rows,
                     int64_t n_cols)
{
    for (int64_t r = 0; r < n_rows; r++, y += n_cols, x += n_cols) {
        const uint8_t *counts = mask ? mask + r * n_cols : NULL;
        if (counts) hide_masked(y, x, counts, n_cols);
        const float *seen = counts ? y : x;
        float max = largest(seen, n_cols);
        double sum = exp_row(y, seen, max, n_cols);
        if (isnan(sum)) {
            fill_undefined(y, counts, 0, n_cols);
            continue;
        }
        float factor = (float)(1 / sum);
#pragma omp simd
        for (int64_t i = 0; i < n_cols; i++) y[i] *= factor;
    }
}

void KERNEL(softmax_grad)(float *dx, const float *y, const float *dy, int64_t n_rows,
                          int64_t n_cols)
{
    for (int64_t r = 0; r < n_rows; r++, dx += n_cols, y += n_cols, dy += n_cols) {
        float along = (float)row_dot(y, dy, n_cols);
#pragma omp simd
        for (int64_t i = 0; i < n_cols; i++) dx[i] = y[i] * (dy[i] - along);
    }
}

void KERNEL(log_softmax)(float *y, const float *x, const uint8_t *mask, int64_t n_rows,
                         int64_t n_cols)
{
    for (int64_t r = 0; r < n_rows; r++, y += n_cols, x += n_cols) {
        const uint8_t *counts = mask ? mask + r * n_cols : NULL;
        if (counts) hide_masked(y, x, counts, n_cols);
        const float *seen = counts ? y : x;
        float max = largest(seen, n_cols);
        double sum = exp_sum(seen, max, n_cols);
        if (isnan(sum)) {
            fill_undefined(y, counts, -INFINITY, n_cols);
            continue;
        }
        float log_sum = (float)log(sum);
#pragma omp simd
        for (int64_t i = 0; i < n_cols; i++) y[i] = seen[i] - max - log_sum;
    }
}

void KERNEL(log_softmax_grad)(float *dx, const float *y, const float *dy, int64_t n_rows,
                              int64_t n_cols)
{
    for (int64_t r = 0; r < n_rows; r++, dx += n_cols, y += n_cols, dy += n_cols) {
        float sum = (float)row_sum(dy, n_cols);
#pragma omp simd
        for (int64_t i = 0; i < n_cols; i++) dx[i] = dy[i] - fast_exp(y[i]) * sum;
    }
}
