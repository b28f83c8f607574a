/* Products of one row with many rows as they lie. */
#include "tensor/cpu/fast/fast_priv.h"

void KERNEL(dots)(float *y, const float *x, const float *rows, int64_t step, double scale,
                  int64_t n, int64_t k)
{
    for (int64_t i = 0; i < n; i++) {
        const float *row = rows + i * step;
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t j = 0; j < k; j++) sum += x[j] * row[j];
        y[i] = (float)scale * sum;
    }
}

/* Columns that are added up together, in registers. */
enum { COLUMNS = 64 };

static void mix_columns(float *y, const float *p, const float *rows, int64_t step,
                        int64_t n)
{
    float sums[COLUMNS] = {0};
    for (int64_t i = 0; i < n; i++) {
#pragma omp simd
        for (int j = 0; j < COLUMNS; j++) sums[j] += p[i] * rows[i * step + j];
    }
    for (int j = 0; j < COLUMNS; j++) y[j] = sums[j];
}

void KERNEL(mix)(float *y, const float *p, const float *rows, int64_t step, int64_t n,
                 int64_t k)
{
    int64_t begin = 0;
    for (; begin + COLUMNS <= k; begin += COLUMNS)
        mix_columns(y + begin, p, rows + begin, step, n);
    for (int64_t j = begin; j < k; j++) {
        float sum = 0;
        for (int64_t i = 0; i < n; i++) sum += p[i] * rows[i * step + j];
        y[j] = sum;
    }
}
