/* tensor/cpu/peak.h - the most that this processor can compute, measured: what speeds are
 * compared with. */
#ifndef ASK_TENSOR_CPU_PEAK_H
#define ASK_TENSOR_CPU_PEAK_H

#include "base/api.h"

/* Nothing but f32 multiply-adds on registers, of the widest instruction set of the
 * processor. To be timed in turns with what is compared with it, on a machine that others
 * use too. */
typedef struct {
    float (*multiply_add)(void);
    int n_lanes; // floats in a register
    int n_threads;
} ask_peak;

ASK_API ask_peak ask_peak_of(int n_threads);

/* About 10 ms of work. What it returns means nothing. */
ASK_API float ask_peak_run(const ask_peak *p);

/* Floating-point operations of one run, multiply and add counted as two. */
ASK_API double ask_peak_flops(const ask_peak *p);

#endif
