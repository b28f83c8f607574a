/* support/machine.h - the most this machine can do, measured: what results are compared
 * with. */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

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

/* The peak as a candidate for bench_time: to be timed in turns with what is compared with
 * it, on a machine that others use too. */
typedef struct {
    float (*multiply_add)(void);
    int n_lanes; // floats in a register
    int n_threads;
} bench_peak;

bench_peak bench_peak_of(int n_threads);
void bench_peak_run(void *peak);
double bench_peak_flops(const bench_peak *peak); // of one run

#endif
