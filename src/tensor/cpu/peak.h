/* tensor/cpu/peak.h - the most that this processor can compute and read, measured: what
 * speeds are compared with. */
#ifndef ASK_TENSOR_CPU_PEAK_H
#define ASK_TENSOR_CPU_PEAK_H

#include "tensor/backend.h"

/* Nothing but f32 multiply-adds on registers, of the widest instruction set of the
 * processor, on each of a backend's threads. To be timed in turns with what is compared
 * with it, on a machine that others use too. */
typedef struct {
    const ask_backend *cpu;
    float (*multiply_add)(void);
    int n_lanes; // floats in a register
} ask_peak;

/* cpu, of ask_cpu_open, is borrowed by the result. */
ASK_API ask_peak ask_peak_of(const ask_backend *cpu);

/* About 10 ms of work. */
ASK_API void ask_peak_run(const ask_peak *p);

/* Floating-point operations of one run, multiply and add counted as two. */
ASK_API double ask_peak_flops(const ask_peak *p);

/* Reads memory once, a part on each of the backend's threads; what is no multiple of 64
 * bytes at its end is left out. */
ASK_API void ask_cpu_read(const ask_backend *cpu, const void *memory, size_t n_bytes);

#endif
