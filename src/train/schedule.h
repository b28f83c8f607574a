/* train/schedule.h - how large a step is, over a training.
 * After: Loshchilov & Hutter 2017, "SGDR" (cosine); Goyal et al. 2017 (warm-up). */
#ifndef ASK_TRAIN_SCHEDULE_H
#define ASK_TRAIN_SCHEDULE_H

#include <stdint.h>

#include "base/error.h"

typedef struct {
    int64_t n_steps;  // of the whole training, at least 1
    int64_t n_warmup; // of these, the first ones, over which the rate grows from 0
    double rate;      // at its highest
    double last_rate; // after the last step, where half a cosine leads
} ask_schedule;

/* Fails with ASK_ERR_USAGE for no steps, a warm-up longer than the training, and rates that
 * are negative or not finite. */
ASK_API bool ask_schedule_check(const ask_schedule *s, ask_error *err);

/* The rate of a step; steps count from 1. */
ASK_API double ask_schedule_rate(const ask_schedule *s, int64_t step);

#endif
