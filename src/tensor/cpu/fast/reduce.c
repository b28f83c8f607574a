/* Sums. */
#include "tensor/cpu/fast/fast_priv.h"

double KERNEL(sum)(const float *x, int64_t sx, int64_t n)
{
    double total = 0;
    if (sx == 1) {
#pragma omp simd reduction(+ : total)
        for (int64_t i = 0; i < n; i++) total += (double)x[i];
    } else {
#pragma omp simd reduction(+ : total)
        for (int64_t i = 0; i < n; i++) total += (double)x[i * sx];
    }
    return total;
}

void KERNEL(accumulate)(float *y, const float *x, int64_t n)
{
#pragma omp simd
    for (int64_t i = 0; i < n; i++) y[i] += x[i];
}
