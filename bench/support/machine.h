/* support/machine.h - the most this machine can do, measured: what results are compared
 * with. */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include "tensor/cpu/peak.h"

typedef struct {
    int n_threads;        // all cores this process may use
    double peak_1_gflops; // f32 multiply-adds of one thread, counted as two operations each
    double peak_n_gflops; // of n_threads threads
    double read_1_gb_s;   // memory read by one thread, 1e9 bytes each second
    double read_n_gb_s;   // by n_threads threads
} bench_machine;

/* Measures for about three seconds. The peak is that of the widest instruction set of the
 * processor, with nothing but multiply-adds on registers. */
bench_machine bench_machine_measure(void);

/* An ask_peak as a candidate for bench_time. */
void bench_peak_run(void *peak);

#endif
