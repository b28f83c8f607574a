/* support/machine.h - the most this machine can do, measured: what results are compared
 * with. */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include "tensor/cpu/peak.h"
#include "tensor/cpu/speed.h"

typedef struct {
    int n_threads;          // all cores this process may use
    ask_cpu_speed one, all; // with one thread, and with n_threads
} bench_machine;

/* Measures for about a second. */
bench_machine bench_machine_measure(void);

/* An ask_peak as a candidate for bench_time. */
void bench_peak_run(void *peak);

#endif
