/* Sums for the moments of long runs, and what is made with them. Short sums in floats, each
 * over a few hundred elements, go into long ones in doubles. */
#include "tensor/cpu/fast/fast_priv.h"
#include "tensor/cpu/inline_priv.h"

/* Sums side by side, and elements of a short sum. */
enum { LANES = 32, BLOCK = 1024 };

typedef struct {
    float plain[LANES], product[LANES];
} lanes;

static ALWAYS_INLINE double lanes_total(const float x[LANES])
{
    double total = 0;
#pragma omp simd reduction(+ : total)
    for (int i = 0; i < LANES; i++) total += (double)x[i];
    return total;
}

/* Adds y - from_y and (y - from_y) (x - from_x), elements 0 .. n of each; n <= BLOCK. */
static ALWAYS_INLINE void add_block(double sums[2], const float *y, float from_y,
                                    const float *x, float from_x, int64_t n)
{
    lanes sum = {{0}, {0}};
    int64_t whole = n / LANES * LANES;
    for (int64_t i = 0; i < whole; i += LANES)
#pragma omp simd
        for (int j = 0; j < LANES; j++) {
            float d = y[i + j] - from_y;
            sum.plain[j] += d;
            sum.product[j] += d * (x[i + j] - from_x);
        }
    for (int64_t i = whole; i < n; i++) {
        float d = y[i] - from_y;
        sum.plain[i - whole] += d;
        sum.product[i - whole] += d * (x[i] - from_x);
    }
    sums[0] += lanes_total(sum.plain);
    sums[1] += lanes_total(sum.product);
}

static int64_t block_length(int64_t begin, int64_t n)
{
    return n - begin < BLOCK ? n - begin : BLOCK;
}

void KERNEL(moments)(double sums[2], const float *x, double from, int64_t n)
{
    for (int64_t i = 0; i < n; i += BLOCK)
        add_block(sums, x + i, (float)from, x + i, (float)from, block_length(i, n));
}

void KERNEL(comoments)(double sums[2], const float *y, const float *x, double from,
                       int64_t n)
{
    for (int64_t i = 0; i < n; i += BLOCK)
        add_block(sums, y + i, 0, x + i, (float)from, block_length(i, n));
}

void KERNEL(blend)(float *z, double a, const float *x, double b, const float *y, double c,
                   int64_t n)
{
    const float fa = (float)a, fb = (float)b, fc = (float)c;
#pragma omp simd
    for (int64_t i = 0; i < n; i++) z[i] = fa * x[i] + (fb * y[i] + fc);
}
