/* train/save.h - what was trained, as the weights of a model. */
#ifndef ASK_TRAIN_SAVE_H
#define ASK_TRAIN_SAVE_H

#include "tensor/store.h"

/* What belongs to a training and not to its network has a name that begins with one of
 * these: moments, and parameters of the loss. */
#define ASK_TRAIN_MOMENTS "adam."
#define ASK_TRAIN_OWN "train."

/* Writes every other tensor of the store into a safetensors file, all or nothing. */
ASK_API bool ask_train_save(const char *path, const ask_store *store, ask_error *err);

#endif
