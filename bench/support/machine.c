#include "support/machine.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "support/timing.h"

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

bench_peak bench_peak_of(int n_threads)
{
#if defined(__x86_64__)
    ask_cpu_features cpu = ask_cpu_features_read();
    if (cpu.avx512f) return (bench_peak){multiply_add_avx512, 16, n_threads};
    if (cpu.avx2 && cpu.fma) return (bench_peak){multiply_add_avx2, 8, n_threads};
#elif defined(__aarch64__)
    return (bench_peak){multiply_add_neon, 4, n_threads};
#endif
    return (bench_peak){multiply_add_scalar, 1, n_threads};
}

static volatile float float_sink; // a result that is stored must be computed

void bench_peak_run(void *peak)
{
    const bench_peak *p = peak;
    float total = 0;
#pragma omp parallel num_threads(p->n_threads) reduction(+ : total)
    total += p->multiply_add();
    float_sink = total;
}

double bench_peak_flops(const bench_peak *peak)
{
    return 2.0 * N_CHAINS * N_STEPS * peak->n_lanes * peak->n_threads;
}

static const size_t READ_BYTES = (size_t)256
                                 << 20; // larger than any cache near the processor

typedef struct {
    const uint64_t *words;
    int n_threads;
} reading;

static volatile uint64_t word_sink;

/* Adds up memory, eight sums at a time so that the adds are not what limits. */
static void run_reading(void *user)
{
    const reading *r = user;
    const uint64_t *words = r->words;
    const int64_t n_words = (int64_t)(READ_BYTES / sizeof *words);
    uint64_t total = 0;
#pragma omp parallel num_threads(r->n_threads) reduction(+ : total)
    {
        uint64_t sums[8] = {0};
#pragma omp for schedule(static)
        for (int64_t i = 0; i < n_words; i += 8) {
            for (int s = 0; s < 8; s++) sums[s] += words[i + s];
        }
        for (int s = 0; s < 8; s++) total += sums[s];
    }
    word_sink = total;
}

bench_machine bench_machine_measure(void)
{
#if defined(_OPENMP)
    bench_machine m = {.n_threads = ask_cpu_count()};
#else
    bench_machine m = {.n_threads = 1};
#endif
    bench_peak peak_1 = bench_peak_of(1), peak_n = bench_peak_of(m.n_threads);

    uint64_t *words = malloc(READ_BYTES);
    if (!words) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    memset(words, 1, READ_BYTES);
    reading reading_1 = {words, 1}, reading_n = {words, m.n_threads};

    bench_candidate c[] = {
        {.run = bench_peak_run, .user = &peak_1},
        {.run = bench_peak_run, .user = &peak_n},
        {.run = run_reading, .user = &reading_1},
        {.run = run_reading, .user = &reading_n},
    };
    bench_time(c, 4);
    free(words);

    m.peak_1_gflops = bench_peak_flops(&peak_1) / c[0].median_s / 1e9;
    m.peak_n_gflops = bench_peak_flops(&peak_n) / c[1].median_s / 1e9;
    m.read_1_gb_s = (double)READ_BYTES / c[2].median_s / 1e9;
    m.read_n_gb_s = (double)READ_BYTES / c[3].median_s / 1e9;
    return m;
}
