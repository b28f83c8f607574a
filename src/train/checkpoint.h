/* train/checkpoint.h - a training on disk, from which it goes on to the same bits.
 *
 * One safetensors file, all or nothing: every tensor of the store (parameters and moments)
 * and, as its notes, the number of steps that were made, the machine they were made on and
 * the settings of the training. Whatever a task draws at random is a function of its seed
 * and the step, so nothing else has to be kept. */
#ifndef ASK_TRAIN_CHECKPOINT_H
#define ASK_TRAIN_CHECKPOINT_H

#include "tensor/store.h"
#include "weights/weights.h"

/* Key and value: what a training must have in common with the one it continues. */
typedef ask_weights_note ask_train_setting;

typedef struct {
    const ask_train_setting *items; // keys are unique
    size_t n;
} ask_train_settings;

/* Writes the store as it is after `step` steps on that backend. */
ASK_API bool ask_checkpoint_write(const char *path, const ask_store *store,
                                  ask_backend *backend, int64_t step,
                                  const ask_train_settings *settings, ask_error *err);

typedef struct {
    size_t struct_size;
    bool allow_drift; // another version, instruction set, number of threads or library
                      // will do: the training goes on, to other bits
} ask_checkpoint_options;

/* Reads a checkpoint into a store that has the same tensors; *step is how many steps it has
 * behind it. Fails, with the store untouched unless reading itself fails: ASK_ERR_MODEL for
 * what is no checkpoint of this network, ASK_ERR_USAGE for another machine (unless it is
 * allowed) or other settings, naming both values; ASK_ERR_NOMEM. */
ASK_API bool ask_checkpoint_read(const char *path, ask_store *store, ask_backend *backend,
                                 const ask_train_settings *settings,
                                 const ask_checkpoint_options *opt, int64_t *step,
                                 ask_error *err);

#endif
