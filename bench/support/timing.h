/* support/timing.h - how long things take on a machine that is not ours alone.
 *
 * Candidates run in turns, so that a busy moment of the machine meets all of them; of the
 * rounds the median counts. */
#ifndef BENCH_TIMING_H
#define BENCH_TIMING_H

enum { BENCH_ROUNDS = 9 };

typedef struct {
    void (*run)(void *user);
    void *user;
    double median_s, least_s, most_s; // of one run, over the rounds: written by bench_time
} bench_candidate;

/* Runs every candidate once to warm up, then BENCH_ROUNDS rounds of one turn each. A turn
 * repeats a short run until about 20 ms have passed. */
void bench_time(bench_candidate *candidates, int n);

/* The same with another number of rounds, at most BENCH_ROUNDS: for runs of minutes, in
 * which busy moments even out. */
void bench_time_rounds(bench_candidate *candidates, int n, int n_rounds);

/* The middle one of n numbers, which are sorted. */
double bench_median(double *x, int n);

#endif
