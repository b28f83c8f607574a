/* train/trainer.h - a step of a training: planned graphs that compute a loss, its
 * gradients, and what they do to the parameters.
 *
 * Every f32 tensor that is in the store when the trainer is opened, and that the task does
 * not freeze, is trained with AdamW (Loshchilov & Hutter 2019), the gradients clipped
 * together. The moments are store tensors beside the parameters, so the store is the whole
 * state of a training, besides the number of steps that were made.
 *
 * A step is made of one batch, or of several whose gradients are added up before the one
 * update (accumulation). The loss is then that of all of them together: each part is a sum
 * over what counts (questions with a label, videos), divided by how many there are in the
 * whole step. So four batches of 16 are one of 64, however ragged they are, up to rounding.
 * Batches count from 1 over the whole training: step s has those from (s - 1) n + 1 to
 * s n. */
#ifndef ASK_TRAIN_TRAINER_H
#define ASK_TRAIN_TRAINER_H

#include "tensor/ops.h"
#include "tensor/store.h"
#include "train/schedule.h"

enum { ASK_TRAIN_MOST_PARTS = 10 };

/* What a training makes smaller: the sum of weight * value / count over its parts. */
typedef struct {
    ask_tensor *batch; // given: i64 [1], the number of the batch, for dropout
    int n_parts;
    struct {
        const char *name; // outlives the trainer
        double weight;
        ask_tensor *value; // a scalar: a sum over what counts
    } parts[ASK_TRAIN_MOST_PARTS];
} ask_train_loss;

/* Adds a part; there is room for ASK_TRAIN_MOST_PARTS. */
ASK_API void ask_train_loss_add(ask_train_loss *loss, const char *name, double weight,
                                ask_tensor *value);

/* What is trained, as the trainer sees it. */
typedef struct {
    void *user;

    /* Adds the inputs and the nodes of the loss of a batch to g, and its parts to *out.
     * Mistakes stay in g. Called again with another graph when a step went wrong, to find
     * out where. */
    void (*build)(void *user, ask_graph *g, ask_train_loss *out);

    /* Writes the inputs of that batch into the graph that was built last. The same batch
     * always gets the same values. Called for one batch after the other; for the same one
     * again when it went wrong. */
    bool (*feed)(void *user, int64_t batch, ask_error *err);

    /* Globs of names, NULL-ended, whose tensors do not decay; those of fewer than two axes
     * (norms, biases, scales) never do. May be NULL. */
    const char *const *undecayed;

    /* The same, of tensors that are not trained: they have no gradients and no moments. */
    const char *const *frozen;

    /* Writes how much each part's value is a sum over, counted over all of n batches from
     * `first` on: those of a step. 0 is taken for 1. Called before their feeds. NULL: each
     * batch counts 1, so that a value is a mean already. */
    bool (*count)(void *user, int64_t first, int64_t n, double counts[ASK_TRAIN_MOST_PARTS],
                  ask_error *err);
} ask_train_task;

typedef struct {
    size_t struct_size; // set by ask_trainer_defaults; lets fields be added later
    ask_schedule schedule;
    double beta1, beta2, eps, weight_decay;
    double max_norm;          // of all gradients together
    const ask_cancel *cancel; // heard within a step; outlives the trainer, may be NULL
    int64_t n_batches;        // of a step; 0: one
    bool one_batch; // every step has the first batch, again and again (a test that
                    // learning works at all); with n_batches of 1
} ask_trainer_options;

/* beta 0.9 and 0.98, eps 1e-6 (as CLIP), decay 0.01, norm 1, one batch; the schedule is all
 * zeros. */
ASK_API ask_trainer_options ask_trainer_defaults(void);

typedef struct ask_trainer ask_trainer;

/* All that is given outlives the trainer. Adds "adam.m.<name>" and "adam.v.<name>" to the
 * store. Sums of gradients, where there are several batches, are the trainer's own. Fails
 * as the graph does, with ASK_ERR_USAGE for a bad schedule, bad numbers of batches and
 * nothing to train; ASK_ERR_NOMEM. */
ASK_API ask_trainer *ask_trainer_open(ask_backend *backend, ask_store *store,
                                      const ask_train_task *task,
                                      const ask_trainer_options *opt, ask_error *err);
ASK_API void ask_trainer_close(ask_trainer *t); // before the store; NULL is fine

typedef struct {
    int64_t step;                             // from 1
    double loss, parts[ASK_TRAIN_MOST_PARTS]; // parts: value / count, without the weight
    double grad_norm;                         // before clipping
    double rate;
} ask_train_step;

/* Makes a step. A loss or gradient that is not finite changes nothing in the store, and
 * fails with ASK_ERR_LIMIT: the message names the first tensor that is not finite. Nor does
 * a step that is cancelled change anything (ASK_ERR_CANCELLED). */
ASK_API bool ask_trainer_step(ask_trainer *t, int64_t step, ask_train_step *out,
                              ask_error *err);

ASK_API int ask_trainer_n_parts(const ask_trainer *t);
ASK_API const char *ask_trainer_part(const ask_trainer *t, int i); // its name
ASK_API int64_t ask_trainer_n_params(const ask_trainer *t);        // numbers, trained
ASK_API const ask_schedule *ask_trainer_schedule(const ask_trainer *t);
ASK_API ask_plan_info ask_trainer_plan(const ask_trainer *t); // of a batch

#endif
