/* train/keeper_priv.h - the folder of a training while it runs. */
#ifndef ASK_TRAIN_KEEPER_PRIV_H
#define ASK_TRAIN_KEEPER_PRIV_H

#include "train/keeper.h"
#include "train/state_priv.h"

typedef struct {
    ask_keeper_options opt;
    ask_store *store;
    ask_backend *backend;
    ask_train_settings settings;
} train_keeper;

/* Makes the folder, and removes what a process that ended left half-done. Without
 * `resumed`, fails with ASK_ERR_USAGE when it has checkpoints already. */
bool train_keeper_begin(const train_keeper *k, bool resumed, ask_error *err);

/* Writes the checkpoint of s->step, and removes those that are too many. A checkpoint that
 * cannot be written leaves the others as they were. */
bool train_keeper_write(const train_keeper *k, const train_state *s, ask_error *err);

/* Reads a checkpoint, or "last", into the store and *s, which is {0} before. The store is
 * untouched unless reading itself fails. */
bool train_keeper_read(const train_keeper *k, const char *checkpoint, bool allow_drift,
                       train_state *s, ask_error *err);

/* Makes a model of the folder: the best, or what is in the store. */
bool train_keeper_finish(const train_keeper *k, const train_state *s, ask_error *err);

#endif
