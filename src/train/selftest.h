/* train/selftest.h - whether a training can be trusted, before hours are spent on it. */
#ifndef ASK_TRAIN_SELFTEST_H
#define ASK_TRAIN_SELFTEST_H

#include "train/loop.h"

/* ---- learning one batch by heart ---- */

typedef struct {
    size_t struct_size;
    int64_t n_steps;  // at most, those of the schedule
    const char *part; // that is looked at; NULL: the loss. Where parts may be below 0 (as
                      // those of Glance-Focus without labels) the loss has no share
    double share;     // of its first value that it must fall to
    double bound;     // or this, which is enough by itself
    const ask_progress *progress;
    const ask_cancel *cancel;
} ask_overfit_options;

ASK_API ask_overfit_options ask_overfit_defaults(void); // 200 steps, a tenth, bound 0.01

typedef struct {
    int64_t n_steps; // that it took, or all
    double first, last;
} ask_overfit_result;

/* Trains on the first batch alone and writes nothing. The trainer was opened with
 * one_batch, on a store that is thrown away; dropout then leaves out the same at each step.
 * Whatever can learn learns one batch by heart: if it does not, inputs, labels, losses or
 * gradients are wrong. Fails with ASK_ERR_NOT_FOUND when the value did not fall so far
 * (*out is written); else as steps do. */
ASK_API bool ask_train_overfit(ask_trainer *t, const ask_overfit_options *opt,
                               ask_overfit_result *out, ask_error *err);

/* ---- resuming to the same bits ---- */

/* A training as it is before its first step. */
typedef struct {
    ask_trainer *trainer;
    ask_store *store;
    ask_backend *backend;
} ask_training;

typedef struct {
    void *user;
    /* Opens it anew, from the same seed and data; close is called after success. */
    bool (*open)(void *user, ask_training *out, ask_error *err);
    void (*close)(void *user, ask_training *t);
} ask_training_source;

typedef struct {
    size_t struct_size;
    int64_t n_steps; // at most those of the schedule; at least 2
    const char *dir; // in which a folder is made and removed again; NULL: $TMPDIR, or /tmp
    ask_train_settings settings;
    const ask_progress *progress;
    const ask_cancel *cancel;
} ask_verify_resume_options;

typedef struct {
    int64_t n_steps, resumed_after;
    int n_tensors; // that were compared: parameters and moments
} ask_verify_resume_result;

/* Makes n_steps in one go; and again half of them, a checkpoint, and from it, opened anew,
 * the rest. Fails with ASK_ERR_NOT_FOUND, naming the first tensor that differs, unless all
 * have the same bits; else as trainings do. One training is open at a time. */
ASK_API bool ask_verify_resume(const ask_training_source *source,
                               const ask_verify_resume_options *opt,
                               ask_verify_resume_result *out, ask_error *err);

#endif
