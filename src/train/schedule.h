/* train/schedule.h - how large a step is, over a training.
 * After: Loshchilov & Hutter 2017, "SGDR" (cosine); Goyal et al. 2017 (warm-up). */
#ifndef ASK_TRAIN_SCHEDULE_H
#define ASK_TRAIN_SCHEDULE_H

#include <stdint.h>

#include "base/error.h"

/* How the rate goes on after the warm-up. */
typedef enum {
    ASK_SCHEDULE_COSINE,   // down half a cosine
    ASK_SCHEDULE_LINEAR,   // down a straight line
    ASK_SCHEDULE_CONSTANT, // as it is; there is no warm-up
    ASK_SCHEDULE_CONSTANT_WITH_WARMUP,
    ASK_N_SCHEDULES,
} ask_schedule_kind;

/* Its name: "cosine", "linear", "constant", "constant_with_warmup". */
ASK_API const char *ask_schedule_name(ask_schedule_kind kind);

/* The kind of that name. Fails with ASK_ERR_USAGE, which tells the names there are. */
ASK_API bool ask_schedule_find(ask_schedule_kind *out, const char *name, ask_error *err);

typedef struct {
    int64_t n_steps;  // of the whole training, at least 1
    int64_t n_warmup; // of these, the first ones, over which the rate grows from 0
    double rate;      // at its highest
    double last_rate; // after the last step, where a cosine or a line leads
    ask_schedule_kind kind;
} ask_schedule;

/* So many steps of warm-up are that share of a training: rounded up. */
ASK_API int64_t ask_schedule_warmup(double share, int64_t n_steps);

/* Fails with ASK_ERR_USAGE for no steps, a warm-up longer than the training or where the
 * kind has none, and rates that are negative or not finite. */
ASK_API bool ask_schedule_check(const ask_schedule *s, ask_error *err);

/* The rate of a step; steps count from 1. */
ASK_API double ask_schedule_rate(const ask_schedule *s, int64_t step);

#endif
