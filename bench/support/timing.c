#include "support/timing.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

static const double TURN_S = 0.02;

/* Threads of the candidate before may spin for a while, waiting for more to do. */
static void let_others_rest(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
}

static double turn(const bench_candidate *c, int n_runs)
{
    let_others_rest();
    double start = ask_clock_s();
    for (int i = 0; i < n_runs; i++) c->run(c->user);
    return (ask_clock_s() - start) / n_runs;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void bench_time(bench_candidate *candidates, int n)
{
    int *n_runs = malloc((size_t)n * sizeof *n_runs);
    double(*seconds)[BENCH_ROUNDS] = malloc((size_t)n * sizeof *seconds);
    if (!n_runs || !seconds) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }

    for (int i = 0; i < n; i++) {
        turn(&candidates[i], 1);
        double once = turn(&candidates[i], 1);
        n_runs[i] = once < TURN_S / 1000 ? 1000 : once < TURN_S ? (int)(TURN_S / once) : 1;
    }
    for (int round = 0; round < BENCH_ROUNDS; round++) {
        for (int i = 0; i < n; i++) seconds[i][round] = turn(&candidates[i], n_runs[i]);
    }
    for (int i = 0; i < n; i++) {
        qsort(seconds[i], BENCH_ROUNDS, sizeof **seconds, compare);
        candidates[i].least_s = seconds[i][0];
        candidates[i].median_s = seconds[i][BENCH_ROUNDS / 2];
        candidates[i].most_s = seconds[i][BENCH_ROUNDS - 1];
    }
    free(n_runs);
    free(seconds);
}
