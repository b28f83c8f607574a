/* train/batch_priv.h - the loss of a batch, in a graph. */
#ifndef ASK_TRAIN_BATCH_PRIV_H
#define ASK_TRAIN_BATCH_PRIV_H

#include "train/trainer.h"

/* Which batch, and what it is a part of. */
typedef struct {
    int64_t step, number, n_batches;     // n_batches: of the step
    double counts[ASK_TRAIN_MOST_PARTS]; // of the whole step
} train_batch;

typedef struct {
    const ask_train_task *task;
    ask_train_loss loss;
    ask_tensor *shares[ASK_TRAIN_MOST_PARTS]; // 1 / count, inputs; NULL without counts
    ask_tensor *means[ASK_TRAIN_MOST_PARTS];  // value / count
    ask_tensor *total;                        // of weight * mean; scalar
} train_batch_graph;

/* Adds what the task builds, and what the loss of a step of n_batches has of it. */
void train_batch_build(train_batch_graph *out, ask_graph *g, const ask_train_task *task,
                       int64_t n_batches);

/* Writes all inputs that build has added. */
bool train_batch_feed(const train_batch_graph *b, const train_batch *which, ask_error *err);

#endif
