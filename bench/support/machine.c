#include "support/machine.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "support/timing.h"

static volatile float float_sink; // a result that is stored must be computed

void bench_peak_run(void *peak)
{
    float_sink = ask_peak_run(peak);
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
    ask_peak peak_1 = ask_peak_of(1), peak_n = ask_peak_of(m.n_threads);

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

    m.peak_1_gflops = ask_peak_flops(&peak_1) / c[0].median_s / 1e9;
    m.peak_n_gflops = ask_peak_flops(&peak_n) / c[1].median_s / 1e9;
    m.read_1_gb_s = (double)READ_BYTES / c[2].median_s / 1e9;
    m.read_n_gb_s = (double)READ_BYTES / c[3].median_s / 1e9;
    return m;
}
