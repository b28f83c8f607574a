/* train/tensorboard_priv.h - an event file of TensorBoard: scalars over steps.
 *
 * A file is a row of frames (TFRecord): length, a masked CRC-32C of it, data, one of them.
 * The data are messages of protocol buffers: an Event with a time, a step, and a Summary of
 * tags and values. */
#ifndef ASK_TRAIN_TENSORBOARD_PRIV_H
#define ASK_TRAIN_TENSORBOARD_PRIV_H

#include "train/entry_priv.h"

typedef struct train_tensorboard train_tensorboard;

/* Begins a new file in a folder, which is made if it is missing. After step 0 it says that
 * what other files there have of later steps does not hold. */
train_tensorboard *train_tensorboard_open(const char *dir, int64_t after, ask_error *err);

/* Adds "train/<name>" or "eval/<name>" for each value that is a number. */
bool train_tensorboard_add(train_tensorboard *b, const train_entry *e, ask_error *err);
void train_tensorboard_close(train_tensorboard *b); // NULL is fine

#endif
