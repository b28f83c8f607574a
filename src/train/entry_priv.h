/* train/entry_priv.h - what was logged: a step, or an evaluation. */
#ifndef ASK_TRAIN_ENTRY_PRIV_H
#define ASK_TRAIN_ENTRY_PRIV_H

#include "base/arena.h"
#include "base/json.h"
#include "base/json_write.h"
#include "train/evaluation.h"

typedef struct {
    const char *name; // of an evaluation without "eval_"
    double value;     // NaN: none
} train_value;

typedef struct {
    int64_t step;
    double epoch; // NaN: not told
    bool is_evaluation;
    int n;
    const train_value *values;
    double seconds, examples_per_s; // since the training began; NaN: not told
} train_entry;

enum { TRAIN_KEY_BYTES = ASK_TRAIN_METRIC_BYTES + 8 };

/* The name of a value in files: "loss", "eval_accuracy". Returns out. */
const char *train_entry_key(char out[TRAIN_KEY_BYTES], const train_entry *e, int i);

/* Puts "step", "epoch" and the values. */
void train_entry_put(ask_json_writer *w, const train_entry *e);

/* All entries of a training. Start with {0}. */
typedef struct {
    ask_arena *room;
    train_entry *items;
    size_t n, capacity;
} train_history;

/* Adds a copy, without its times. */
bool train_history_add(train_history *h, const train_entry *e, ask_error *err);

/* Adds what train_entry_put has put. */
bool train_history_read(train_history *h, ask_json_value object, ask_error *err);
void train_history_free(train_history *h);

/* The step of the last evaluation; 0: none. */
int64_t train_history_evaluated(const train_history *h);

#endif
