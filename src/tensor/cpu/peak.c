#include "tensor/cpu/peak.h"

#include <string.h>

#include "base/cpu.h"
#include "tensor/cpu/cpu.h"
#include "tensor/cpu/cpu_priv.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* Twelve independent chains of multiply-adds hide the latency of two units; the factor
 * keeps the values finite, the sum keeps the compiler from dropping the work. A run takes
 * about 10 ms: beside it, waking the threads is nothing. */
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

ask_peak ask_peak_of(const ask_backend *cpu)
{
#if defined(__x86_64__)
    ask_cpu_features f = ask_cpu_features_read();
    if (f.avx512f) return (ask_peak){cpu, multiply_add_avx512, 16};
    if (f.avx2 && f.fma) return (ask_peak){cpu, multiply_add_avx2, 8};
#elif defined(__aarch64__)
    return (ask_peak){cpu, multiply_add_neon, 4};
#endif
    return (ask_peak){cpu, multiply_add_scalar, 1};
}

static void run_part(void *user, int64_t begin, int64_t end, int thread)
{
    const ask_peak *p = user;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        volatile float kept = p->multiply_add(); // what is stored must be computed
        (void)kept;
    }
}

void ask_peak_run(const ask_peak *p)
{
    ask_peak own = *p;
    const cpu_backend *c = (const cpu_backend *)p->cpu;
    cpu_parallel(c, c->n_threads, 1, run_part, &own);
}

double ask_peak_flops(const ask_peak *p)
{
    return 2.0 * N_CHAINS * N_STEPS * p->n_lanes * ask_cpu_n_threads(p->cpu);
}

/* ---- reading ---- */

/* A line of the cache at a time, in as few loads as there can be: more of them would fill
 * the processor's queue before memory is busy. */
enum { WORDS_OF_LINE = 8, LINES_AHEAD = 256 };
typedef uint64_t line_words __attribute__((vector_size(WORDS_OF_LINE * sizeof(uint64_t))));

static inline __attribute__((always_inline)) uint64_t add_lines(const uint64_t *words,
                                                                int64_t begin, int64_t end)
{
    line_words sum = {0};
    for (const uint64_t *w = words + begin * WORDS_OF_LINE; begin < end;
         begin++, w += WORDS_OF_LINE) {
        line_words line;
        memcpy(&line, w, sizeof line);
        __builtin_prefetch(w + LINES_AHEAD * WORDS_OF_LINE);
        sum += line;
    }
    uint64_t total = 0;
    for (int i = 0; i < WORDS_OF_LINE; i++) total += sum[i];
    return total;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static uint64_t read_avx2(const uint64_t *words,
                                                          int64_t begin, int64_t end)
{
    return add_lines(words, begin, end);
}

__attribute__((target("avx512f"))) static uint64_t read_avx512(const uint64_t *words,
                                                               int64_t begin, int64_t end)
{
    return add_lines(words, begin, end);
}
#endif

static uint64_t read_plain(const uint64_t *words, int64_t begin, int64_t end)
{
    return add_lines(words, begin, end);
}

typedef struct {
    uint64_t (*read)(const uint64_t *words, int64_t begin, int64_t end);
    const uint64_t *words;
} read_job;

static void read_part(void *user, int64_t begin, int64_t end, int thread)
{
    const read_job *j = user;
    (void)thread;
    volatile uint64_t kept = j->read(j->words, begin, end); // what is stored must be read
    (void)kept;
}

void ask_cpu_read(const ask_backend *cpu, const void *memory, size_t n_bytes)
{
    read_job j = {read_plain, memory};
#if defined(__x86_64__)
    ask_cpu_features f = ask_cpu_features_read();
    j.read = f.avx512f ? read_avx512 : f.avx2 ? read_avx2 : read_plain;
#endif
    cpu_parallel((const cpu_backend *)cpu, (int64_t)(n_bytes / sizeof(line_words)), 1,
                 read_part, &j);
}
