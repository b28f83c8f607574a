/* train/loop.h - a training from its first step, or from its checkpoint, to its last:
 * steps, log, checkpoints, progress, and the wish to stop. */
#ifndef ASK_TRAIN_LOOP_H
#define ASK_TRAIN_LOOP_H

#include "base/json_write.h"
#include "base/log.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

/* What is done besides the steps; each may be NULL. */
typedef struct {
    void *user;
    /* After every step, when the kept tensors of the graph can be read. */
    bool (*look)(void *user, int64_t step, ask_error *err);
    /* Adds members to the line of the log: what was looked at since the last one. */
    void (*tell)(void *user, ask_json_writer *w);
} ask_train_watch;

typedef struct {
    size_t struct_size;
    const char *checkpoint; // path of the file; NULL: none is written
    int64_t save_every;     // steps; 0: only at the end
    const char *log;        // path of a JSONL file; NULL: none
    int64_t log_every;      // steps; 0: each
    int64_t examples;       // of a step, for the speed in the log
    int64_t until;          // the last step to make; 0: that of the schedule
    ask_train_settings settings;
    bool resume; // from the checkpoint, which must be there
    bool allow_drift;
    const ask_train_watch *watch;
    /* After a checkpoint was written: the store holds what belongs to it. May be NULL. */
    bool (*save)(void *user, int64_t step, ask_error *err);
    void *save_user;
    const ask_progress *progress; // steps
    const ask_cancel *cancel;
} ask_train_options;

typedef struct {
    int64_t first_step, last_step; // that were made now; last < first: none was left
    double first_loss, last_loss;  // of these steps; 0 when none was left
    double seconds;
} ask_train_result;

/* Trains the trainer's store to the end of its schedule, or as far as it shall. The first
 * and the last step, and every log_every-th, get a line of the log: {"step", "loss",
 * parts.., "grad_norm", "rate", "seconds", "examples_per_s", what watch tells}. Seconds
 * count from when this call began.
 *
 * A wish to stop is heard between steps, and within one by a trainer that was given it: the
 * checkpoint of the steps that were made is written, and the call fails with
 * ASK_ERR_CANCELLED. After any other failure the last checkpoint stands as it was. */
ASK_API bool ask_train_run(ask_trainer *t, ask_store *store, ask_backend *backend,
                           const ask_train_options *opt, ask_train_result *out,
                           ask_error *err);

#endif
