/* train/glance_task.h - Glance-Focus as something to be trained: its batches, its losses,
 * and how well it does.
 *
 * The questions of batch b are those at places (b - 1) B to b B - 1 of the endless row of
 * all epochs (ask_glance_order): every batch is full, and every question comes once an
 * epoch. After: Bai et al. 2023 (losses and their weights). */
#ifndef ASK_TRAIN_GLANCE_TASK_H
#define ASK_TRAIN_GLANCE_TASK_H

#include "metric/count.h"
#include "train/evaluation.h"
#include "train/glance_batch.h"
#include "train/trainer.h"

/* Of the sum of losses; those that the setting does not have are not looked at. */
typedef struct {
    double qa, cls;
    double l1;         // with events, and of moments that are answers
    double giou, cert; // without
} ask_glance_loss_weights;

typedef struct {
    size_t struct_size; // set by ask_glance_task_defaults; lets fields be added later
    const ask_glance_focus *net;
    const ask_glance_data *train;
    const ask_glance_data *val; // NULL: nothing is measured
    const char *const *answers; // of a vocabulary; else NULL
    ask_count_range counts;     // that numbers are held within where they are measured
    int n_questions;            // of a batch
    int n_frames, n_tokens;     // of a video, of a text
    bool supervised;
    bool ends; // as in ask_glance_batch_size
    bool freeze_text;
    ask_glance_loss_weights weights;
    ask_matching matching;
    uint64_t seed;            // of order, events and dropout
    const ask_cancel *cancel; // heard while it measures; may be NULL
} ask_glance_task_options;

/* Weights 1, 0.5, 0.5 for l1 and giou, 1 for cert; costs 1 and 1, background 0.1; any
 * count; seed 42. */
ASK_API ask_glance_task_options ask_glance_task_defaults(void);

typedef struct ask_glance_task ask_glance_task;

/* All that is given outlives the task; its data have features, ids and labels. Fails:
 * ASK_ERR_USAGE for sizes that are none, ASK_ERR_NOMEM. */
ASK_API ask_glance_task *ask_glance_task_open(const ask_glance_task_options *opt,
                                              ask_backend *backend, ask_error *err);
ASK_API void ask_glance_task_close(ask_glance_task *t); // after its trainer; NULL is fine

/* For ask_trainer_open. */
ASK_API ask_train_task ask_glance_task_of(ask_glance_task *t);

/* Measures the whole of val (train/glance_measure.h). */
ASK_API bool ask_glance_task_evaluate(void *task, int64_t step, ask_train_metrics *out,
                                      ask_error *err);

/* The same as ask_train_options has it. The best is that of the greatest accuracy; of
 * counts that of the least error, of moments of the greatest IoU. */
ASK_API ask_train_evaluation ask_glance_task_evaluation(ask_glance_task *t, int64_t every);

#endif
