/* tensor/cpu/fast/row_priv.h - sums along rows: in float over blocks, in double over these.
 */
#ifndef ASK_TENSOR_CPU_FAST_ROW_PRIV_H
#define ASK_TENSOR_CPU_FAST_ROW_PRIV_H

#include <stdint.h>

enum { ROW_BLOCK = 1024 };

static inline int64_t row_block_end(int64_t begin, int64_t n)
{
    return n - begin < ROW_BLOCK ? n : begin + ROW_BLOCK;
}

static inline double row_sum(const float *x, int64_t n)
{
    double total = 0;
    for (int64_t begin = 0; begin < n; begin += ROW_BLOCK) {
        int64_t end = row_block_end(begin, n);
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t i = begin; i < end; i++) sum += x[i];
        total += sum;
    }
    return total;
}

static inline double row_dot(const float *a, const float *b, int64_t n)
{
    double total = 0;
    for (int64_t begin = 0; begin < n; begin += ROW_BLOCK) {
        int64_t end = row_block_end(begin, n);
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t i = begin; i < end; i++) sum += a[i] * b[i];
        total += sum;
    }
    return total;
}

#endif
