/* train/report_priv.h - the files that a training tells into, while it runs. */
#ifndef ASK_TRAIN_REPORT_PRIV_H
#define ASK_TRAIN_REPORT_PRIV_H

#include "train/entry_priv.h"
#include "train/lines_priv.h"
#include "train/report.h"
#include "train/tensorboard_priv.h"

/* {0} tells into none. */
typedef struct {
    train_lines *jsonl, *steps, *evaluations; // the last two: CSV
    train_tensorboard *tensorboard;
} train_report;

/* Opens those that have a path, for what follows step `after`. close is due anyway. */
bool train_report_open(train_report *r, const ask_train_report_paths *paths, int64_t after,
                       ask_error *err);

/* Adds an entry to each. more (may be NULL) adds members to the line of JSON. */
bool train_report_add(train_report *r, const train_entry *e,
                      void (*more)(void *user, ask_json_writer *w), void *user,
                      ask_error *err);
void train_report_close(train_report *r);

#endif
