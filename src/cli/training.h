/* cli/training.h - what a training did, as text and as JSON. */
#ifndef ASK_CLI_TRAINING_H
#define ASK_CLI_TRAINING_H

#include "base/json_write.h"
#include "train/loop.h"

typedef struct {
    const char *out; // its folder
    const ask_train_result *run;
    int64_t n_params;
    size_t planned_bytes; // for a batch
    const ask_train_metrics *metrics;
} cli_training;

void cli_training_text(ask_str *out, const cli_training *t);

/* Members of the object that is open. */
void cli_training_put_run(ask_json_writer *w, const ask_train_result *r);
void cli_training_put_metrics(ask_json_writer *w, const ask_train_metrics *m);

/* One line, or nothing. */
void cli_training_metrics_text(ask_str *out, const ask_train_metrics *m);

#endif
