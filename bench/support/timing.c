#include "support/timing.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

static const double TURN_S = 0.02, LONG_S = 5;

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

/* How many runs make a turn. Of those that take minutes the first one tells enough. */
static int runs_of_turn(const bench_candidate *c)
{
    double first = turn(c, 1);
    if (first > LONG_S) return 1;
    double once = turn(c, 1);
    return once < TURN_S / 1000 ? 1000 : once < TURN_S ? (int)(TURN_S / once) : 1;
}

void bench_time_rounds(bench_candidate *candidates, int n, int n_rounds)
{
    int *n_runs = malloc((size_t)n * sizeof *n_runs);
    double(*seconds)[BENCH_ROUNDS] = malloc((size_t)n * sizeof *seconds);
    if (!n_runs || !seconds) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }

    for (int i = 0; i < n; i++) n_runs[i] = runs_of_turn(&candidates[i]);
    for (int round = 0; round < n_rounds; round++) {
        for (int i = 0; i < n; i++) seconds[i][round] = turn(&candidates[i], n_runs[i]);
    }
    for (int i = 0; i < n; i++) {
        qsort(seconds[i], (size_t)n_rounds, sizeof **seconds, compare);
        candidates[i].least_s = seconds[i][0];
        candidates[i].median_s = seconds[i][n_rounds / 2];
        candidates[i].most_s = seconds[i][n_rounds - 1];
    }
    free(n_runs);
    free(seconds);
}

void bench_time(bench_candidate *candidates, int n)
{
    bench_time_rounds(candidates, n, BENCH_ROUNDS);
}

double bench_median(double *x, int n)
{
    qsort(x, (size_t)n, sizeof *x, compare);
    return x[n / 2];
}
