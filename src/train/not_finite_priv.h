/* train/not_finite_priv.h - where a step went wrong: its first tensor that is not finite.
 */
#ifndef ASK_TRAIN_NOT_FINITE_PRIV_H
#define ASK_TRAIN_NOT_FINITE_PRIV_H

#include "train/batch_priv.h"

typedef struct {
    ask_backend *backend;
    const ask_train_task *task;
    ask_tensor *const *params; // n of them, as they were before the step
    int n;
    const train_batch *batch;
} not_finite_search;

/* Fails, always: with ASK_ERR_LIMIT and the name, or as looking for it fails. The batch is
 * computed once more with every named tensor kept: parameters are looked at first, then
 * what the network computes in its order, then gradients. Afterwards the task's inputs are
 * those of a graph that is gone. */
bool not_finite_fail(const not_finite_search *s, ask_error *err);

#endif
