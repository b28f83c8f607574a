/* train/tensors_priv.h - tensors of a store into a file. */
#ifndef ASK_TRAIN_TENSORS_PRIV_H
#define ASK_TRAIN_TENSORS_PRIV_H

#include "tensor/store.h"
#include "weights/weights.h"

/* Writes those that `takes` accepts (NULL: all), all or nothing; one at a time is in memory
 * twice. */
bool train_write_tensors(const char *path, const ask_store *store,
                         bool (*takes)(const char *name), const ask_weights_note *notes,
                         size_t n_notes, ask_error *err);

#endif
