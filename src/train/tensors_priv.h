/* train/tensors_priv.h - tensors of a store into a file, and back.
 *
 * The calls about a whole store are for the tensors that `takes` accepts by their name;
 * NULL accepts all. */
#ifndef ASK_TRAIN_TENSORS_PRIV_H
#define ASK_TRAIN_TENSORS_PRIV_H

#include "tensor/store.h"
#include "weights/weights.h"

typedef bool (*train_takes)(const char *name);

bool train_is_of_network(const char *name);
bool train_is_of_training(const char *name); // the others

/* Writes them, all or nothing; one at a time is in memory twice. */
bool train_write_tensors(const char *path, const ask_store *store, train_takes takes,
                         const ask_weights_note *notes, size_t n_notes, ask_error *err);

/* Whether a file has them, each in its type and shape, and no others. Fails with
 * ASK_ERR_MODEL. */
bool train_check_tensors(const ask_weights *file, const char *path, const ask_store *store,
                         train_takes takes, ask_error *err);

/* Fills them from a file that was checked. */
bool train_fill_tensors(ask_store *store, const ask_weights *file, train_takes takes,
                        ask_error *err);

/* Fills one from the tensor of that name, of any floating type. Fails with ASK_ERR_MODEL
 * for one that is not there or of another shape. */
bool train_copy_tensor(ask_tensor *t, const ask_weights *file, const char *name,
                       ask_error *err);

#endif
