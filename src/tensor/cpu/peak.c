#include "tensor/cpu/peak.h"

#include "base/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* Twelve independent chains of multiply-adds hide the latency of two units; the factor
 * keeps the values finite, the sum keeps the compiler from dropping the work. A run takes
 * about 10 ms: beside it, starting and joining the threads is nothing. */
enum { N_CHAINS = 12, N_STEPS = 4000000 };

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static float multiply_add_avx2(void)
{
    __m256 x[N_CHAINS], a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(0.001f);
    for (int c = 0; c < N_CHAINS; c++) x[c] = _mm256_set1_ps((float)c);
    for (int i = 0; i < N_STEPS; i++) {
#pragma GCC unroll 12
        for (int c = 0; c < N_CHAINS; c++) x[c] = _mm256_fmadd_ps(x[c], a, b);
    }
    for (int c = 1; c < N_CHAINS; c++) x[0] = _mm256_add_ps(x[0], x[c]);
    return _mm256_cvtss_f32(x[0]);
}

__attribute__((target("avx512f"))) static float multiply_add_avx512(void)
{
    __m512 x[N_CHAINS], a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(0.001f);
    for (int c = 0; c < N_CHAINS; c++) x[c] = _mm512_set1_ps((float)c);
    for (int i = 0; i < N_STEPS; i++) {
#pragma GCC unroll 12
        for (int c = 0; c < N_CHAINS; c++) x[c] = _mm512_fmadd_ps(x[c], a, b);
    }
    for (int c = 1; c < N_CHAINS; c++) x[0] = _mm512_add_ps(x[0], x[c]);
    return _mm512_cvtss_f32(x[0]);
}
#elif defined(__aarch64__)
static float multiply_add_neon(void)
{
    float32x4_t x[N_CHAINS], a = vdupq_n_f32(0.999f), b = vdupq_n_f32(0.001f);
    for (int c = 0; c < N_CHAINS; c++) x[c] = vdupq_n_f32((float)c);
    for (int i = 0; i < N_STEPS; i++) {
#pragma GCC unroll 12
        for (int c = 0; c < N_CHAINS; c++) x[c] = vfmaq_f32(b, x[c], a);
    }
    for (int c = 1; c < N_CHAINS; c++) x[0] = vaddq_f32(x[0], x[c]);
    return vgetq_lane_f32(x[0], 0);
}
#endif

static float multiply_add_scalar(void)
{
    float x[N_CHAINS];
    for (int c = 0; c < N_CHAINS; c++) x[c] = (float)c;
    for (int i = 0; i < N_STEPS; i++) {
        for (int c = 0; c < N_CHAINS; c++) x[c] = x[c] * 0.999f + 0.001f;
    }
    for (int c = 1; c < N_CHAINS; c++) x[0] += x[c];
    return x[0];
}

ask_peak ask_peak_of(int n_threads)
{
#if defined(__x86_64__)
    ask_cpu_features cpu = ask_cpu_features_read();
    if (cpu.avx512f) return (ask_peak){multiply_add_avx512, 16, n_threads};
    if (cpu.avx2 && cpu.fma) return (ask_peak){multiply_add_avx2, 8, n_threads};
#elif defined(__aarch64__)
    return (ask_peak){multiply_add_neon, 4, n_threads};
#endif
    return (ask_peak){multiply_add_scalar, 1, n_threads};
}

float ask_peak_run(const ask_peak *p)
{
    float total = 0;
#pragma omp parallel num_threads(p->n_threads) reduction(+ : total)
    total += p->multiply_add();
    return total;
}

double ask_peak_flops(const ask_peak *p)
{
    return 2.0 * N_CHAINS * N_STEPS * p->n_lanes * p->n_threads;
}
