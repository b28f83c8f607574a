/* train/report.h - what a training tells, into files: never over a network.
 *
 *     JSONL        a line of JSON for each logged step and each evaluation
 *     CSV          the same as two tables: steps, and evaluations beside them
 *     TensorBoard  event files: train/loss, train/<part>, train/grad_norm,
 *                  train/learning_rate, eval/<metric>
 *
 * Lines are written as they come, so that a training can be watched. One that is resumed
 * takes away the lines of steps that will be made again; of TensorBoard it begins another
 * file, as every run does, which says from which step on it holds. */
#ifndef ASK_TRAIN_REPORT_H
#define ASK_TRAIN_REPORT_H

#include <stdbool.h>

#include "base/error.h"

/* Paths; NULL: not wanted. */
typedef struct {
    const char *jsonl;
    const char *csv, *eval_csv;
    const char *tensorboard; // folder of event files
} ask_train_report_paths;

/* Which of them a list asks for: names of "jsonl", "csv", "tensorboard" with commas, or
 * "all", or "none". */
typedef struct {
    bool jsonl, csv, tensorboard;
} ask_train_report_kinds;

/* Fails with ASK_ERR_USAGE for another name. */
ASK_API bool ask_train_report_parse(ask_train_report_kinds *out, const char *list,
                                    ask_error *err);

#endif
