/* Layer and RMS norms along rows: the row stays in cache between its passes. Whether there
 * are weights is asked inside the loops, and the compiler moves the question out of them.
 */
#include <math.h>

#include "tensor/cpu/fast/fast_priv.h"
#include "tensor/cpu/fast/row_priv.h"

/* ---- layer norm ---- */

typedef struct {
    float mean;
    double inverse; // 1 / sqrt(variance + eps)
} row_moments;

static row_moments moments_of(const float *x, double eps, int64_t n)
{
    float mean = (float)(row_sum(x, n) / (double)n);
    double total = 0;
    for (int64_t begin = 0; begin < n; begin += ROW_BLOCK) {
        int64_t end = row_block_end(begin, n);
        float squares = 0;
#pragma omp simd reduction(+ : squares)
        for (int64_t i = begin; i < end; i++) squares += (x[i] - mean) * (x[i] - mean);
        total += squares;
    }
    return (row_moments){mean, 1 / sqrt(total / (double)n + eps)};
}

void KERNEL(layer_norm)(float *y, const float *x, const float *w, const float *b,
                        double eps, int64_t n_rows, int64_t n_cols)
{
    for (int64_t r = 0; r < n_rows; r++, y += n_cols, x += n_cols) {
        row_moments m = moments_of(x, eps, n_cols);
        float inverse = (float)m.inverse;
#pragma omp simd
        for (int64_t i = 0; i < n_cols; i++) {
            float normal = (x[i] - m.mean) * inverse;
            y[i] = normal * (w ? w[i] : 1.0f) + (b ? b[i] : 0.0f);
        }
    }
}

/* With d = w dy: the means of d and of d times the normalised row. */
typedef struct {
    double plain, along;
} grad_means;

static grad_means means_of(const float *x, const float *w, const float *dy, row_moments m,
                           int64_t n)
{
    double plain = 0, along = 0;
    for (int64_t begin = 0; begin < n; begin += ROW_BLOCK) {
        int64_t end = row_block_end(begin, n);
        float sum = 0, dot = 0;
#pragma omp simd reduction(+ : sum, dot)
        for (int64_t i = begin; i < end; i++) {
            float d = dy[i] * (w ? w[i] : 1.0f);
            sum += d;
            dot += d * (x[i] - m.mean);
        }
        plain += sum;
        along += dot;
    }
    return (grad_means){plain / (double)n, along * m.inverse / (double)n};
}

void KERNEL(layer_norm_grad)(float *dx, const float *x, const float *w, const float *dy,
                             double eps, int64_t n_rows, int64_t n_cols)
{
    for (int64_t r = 0; r < n_rows; r++, dx += n_cols, x += n_cols, dy += n_cols) {
        row_moments m = moments_of(x, eps, n_cols);
        grad_means mean = means_of(x, w, dy, m, n_cols);
#pragma omp simd
        for (int64_t i = 0; i < n_cols; i++) {
            // In double: a row of little variance has a large inverse, and terms that
            // cancel.
            double d = (double)dy[i] * (double)(w ? w[i] : 1.0f);
            double normal = (double)(x[i] - m.mean) * m.inverse;
            dx[i] = (float)((d - mean.plain - normal * mean.along) * m.inverse);
        }
    }
}

/* ---- RMS norm ---- */

static float inverse_rms(const float *x, double eps, int64_t n)
{
    return (float)(1 / sqrt(row_dot(x, x, n) / (double)n + eps));
}

void KERNEL(rms_norm)(float *y, const float *x, const float *w, double eps, int64_t n_rows,
                      int64_t n_cols)
{
    for (int64_t r = 0; r < n_rows; r++, y += n_cols, x += n_cols) {
        float inverse = inverse_rms(x, eps, n_cols);
#pragma omp simd
        for (int64_t i = 0; i < n_cols; i++) y[i] = x[i] * inverse * (w ? w[i] : 1.0f);
    }
}

void KERNEL(rms_norm_grad)(float *dx, const float *x, const float *w, const float *dy,
                           double eps, int64_t n_rows, int64_t n_cols)
{
    for (int64_t r = 0; r < n_rows; r++, dx += n_cols, x += n_cols, dy += n_cols) {
        row_moments m = {.mean = 0, .inverse = inverse_rms(x, eps, n_cols)};
        grad_means mean = means_of(x, w, dy, m, n_cols);
#pragma omp simd
        for (int64_t i = 0; i < n_cols; i++) {
            double d = (double)dy[i] * (double)(w ? w[i] : 1.0f);
            dx[i] = (float)((d - (double)x[i] * m.inverse * mean.along) * m.inverse);
        }
    }
}
