/* tensor/cpu/speed.h - how fast this machine computes and reads its memory, measured. */
#ifndef ASK_TENSOR_CPU_SPEED_H
#define ASK_TENSOR_CPU_SPEED_H

#include "base/log.h"

/* With some number of threads. Operations are of f32, multiply and add counted as two. */
typedef struct {
    int n_threads;
    double peak_gflops;    // nothing but multiply-adds: see tensor/cpu/peak.h
    double product_gflops; // linear layers, weights packed, by ask_cpu_open's kernels
    double read_gb_s;      // memory that no cache near the processor holds; 1e9 bytes
} ask_cpu_speed;

/* Measures with each of these numbers of threads; writes out[n]. Each measurement is the
 * median of several turns of 20 ms, all in turns with each other, so that a busy moment of
 * the machine meets all of them; two numbers take about a second. Takes 256 MiB for the
 * while.
 *
 * cancel and progress may be NULL.
 * Fails: as ask_cpu_open; ASK_ERR_NOMEM, ASK_ERR_CANCELLED. */
ASK_API bool ask_cpu_measure(ask_cpu_speed *out, const int *n_threads, int n,
                             const ask_cancel *cancel, const ask_progress *progress,
                             ask_error *err);

#endif
