/* train/loop.h - a training from its first step, or from a checkpoint, to its last:
 * steps, log, evaluations, checkpoints, progress, and the wish to stop. */
#ifndef ASK_TRAIN_LOOP_H
#define ASK_TRAIN_LOOP_H

#include "base/json_write.h"
#include "base/log.h"
#include "train/checkpoint.h"
#include "train/evaluation.h"
#include "train/keeper.h"
#include "train/report.h"
#include "train/trainer.h"

/* What is done besides the steps; each may be NULL. */
typedef struct {
    void *user;
    /* After every step, when the kept tensors of the graph can be read. */
    bool (*look)(void *user, int64_t step, ask_error *err);
    /* Adds members to the line of the JSONL log: what was looked at since the last one. */
    void (*tell)(void *user, ask_json_writer *w);
} ask_train_watch;

/* How a training gets on, after each step. */
typedef struct {
    int64_t step, n_steps; // n_steps: the last that will be made
    double epoch;          // passes over the data so far; NaN: not told
    double loss, grad_norm, rate;
    double examples_per_s; // 0: not known yet
    double left_s;         // until the last step; 0: not known yet
} ask_train_pace;

typedef struct {
    size_t struct_size;

    /* Where it is kept: in folders, or in one file. Neither: nowhere. */
    const ask_keeper_options *keeper;
    const char *checkpoint; // path of the file
    int64_t save_every;     // steps; 0: only at the end
    /* The folder of a checkpoint to go on from, or "last": the last one of the keeper. Its
     * settings and machine must be the same. */
    const char *resume_from;
    bool resume; // from the file, which must be there
    bool allow_drift;
    ask_train_settings settings;
    /* After the file was written: the store holds what belongs to it. May be NULL. */
    bool (*save)(void *user, int64_t step, ask_error *err);
    void *save_user;

    const ask_train_evaluation *evaluation; // may be NULL

    ask_train_report_paths report;
    int64_t log_every;      // steps; 0: each
    int64_t examples;       // of a step, for the speed
    double steps_per_epoch; // 0: epochs are not told
    const ask_train_watch *watch;
    const ask_progress *progress;                         // steps
    void (*pace)(void *user, const ask_train_pace *pace); // after each step; may be NULL
    void *pace_user;

    int64_t until; // the last step to make; 0: that of the schedule
    const ask_cancel *cancel;
} ask_train_options;

typedef struct {
    int64_t first_step, last_step; // that were made now; last < first: none was left
    double first_loss, last_loss;  // of these steps; 0 when none was left
    double seconds;
    int64_t best_step;         // of the evaluation that was best so far, with a keeper
                               // also of runs before this one; 0: none
    double best;               // its metric
    ask_train_metrics metrics; // of the last evaluation that was made now
} ask_train_result;

/* Trains the trainer's store to the end of its schedule, or as far as it shall. The first
 * and the last step, and every log_every-th, get a line of the log: {"step", "epoch",
 * "loss", parts.., "grad_norm", "learning_rate", "seconds", "examples_per_s", what watch
 * tells}; an evaluation one of {"step", "epoch", "eval_<metric>".., "seconds"}. Seconds
 * count from when this call began.
 *
 * There is an evaluation after every evaluation->every-th step and after the last of the
 * schedule. With a keeper, a checkpoint is written after every save_every-th step, after an
 * evaluation that was better than all before, and after the last step; then, at the end,
 * the model. Evaluations change nothing: with and without them a training has the same
 * bits.
 *
 * A wish to stop is heard between steps, and within one by a trainer that was given it: the
 * checkpoint of the steps that were made is written, and the call fails with
 * ASK_ERR_CANCELLED. After any other failure the last checkpoint stands as it was. */
ASK_API bool ask_train_run(ask_trainer *t, ask_store *store, ask_backend *backend,
                           const ask_train_options *opt, ask_train_result *out,
                           ask_error *err);

#endif
