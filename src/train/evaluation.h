/* train/evaluation.h - how good a model is while it is trained. */
#ifndef ASK_TRAIN_EVALUATION_H
#define ASK_TRAIN_EVALUATION_H

#include <stdint.h>

#include "base/error.h"

enum { ASK_TRAIN_MOST_METRICS = 64, ASK_TRAIN_METRIC_BYTES = 64 };

/* Start with {0}. */
typedef struct {
    int n;
    struct {
        char name[ASK_TRAIN_METRIC_BYTES]; // "accuracy", "accuracy_causal", "loss"
        double value;                      // NaN: there was nothing to measure
    } items[ASK_TRAIN_MOST_METRICS];
} ask_train_metrics;

/* Adds one. Fails with ASK_ERR_BUG for a name that is taken, too long or not made of
 * letters, digits and '_', and without room. */
ASK_API bool ask_train_metrics_add(ask_train_metrics *m, const char *name, double value,
                                   ask_error *err);

typedef struct {
    void *user;
    /* Measures the store as it is after that step, and changes nothing in it. Graphs of its
     * own may run on the trainer's backend. */
    bool (*evaluate)(void *user, int64_t step, ask_train_metrics *out, ask_error *err);
    int64_t every;       // steps; 0: only after the last
    const char *best_by; // the metric that says which model is the best, with or without
                         // "eval_" in front; NULL: no one asks
    bool less_is_better;
} ask_train_evaluation;

#endif
