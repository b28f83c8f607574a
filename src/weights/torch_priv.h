/* weights/torch_priv.h - a tree with tensors, and where the tensors' data lie.
 */
#ifndef ASK_WEIGHTS_TORCH_PRIV_H
#define ASK_WEIGHTS_TORCH_PRIV_H

#include "base/zip.h"
#include "weights/weights_priv.h"

/* Bytes that tensors are views of. */
typedef struct {
    const char *key;      // borrowed
    const uint8_t *bytes; // NULL: packed, until a tensor needs them
    size_t n_bytes;       // unpacked
    size_t zip_entry;     // of a packed one
} torch_storage;

/* What a pickle says of a storage: ("storage", class, key, device, elements),
 * in the older format with a view behind: None, or (key, first element,
 * elements). */
typedef struct {
    ask_dtype type; // of a storage without a type: ASK_U8
    bool is_untyped;
    const char *key;
    int64_t n_elements;
    bool is_view;
    int64_t view_begin, view_elements;
} torch_reference;

typedef struct {
    ask_weights *weights;
    int file;
    const ask_pickle *pickle;
    ask_zip *zip;            // NULL: no storage is packed
    torch_storage *storages; // owned; sorted by key for torch_read_tensor
    size_t n_storages;
    size_t unpacked_bytes; // of entries that were unpacked
    size_t copied_bytes;   // of tensors that did not lie in C order
    ask_error *err;
} torch_tree;

/* The options for pickles with tensors. */
ask_pickle_options torch_pickle_options(void);

/* ASK_ERR_MODEL with the file's path in front. Returns false. */
bool torch_fail(const torch_tree *t, const char *format, ...) ASK_PRINTF(2, 3);

/* Unpacks an entry of t->zip into the weights' memory. All of them together are bounded by
 * the size of the file. */
bool torch_unpack(torch_tree *t, const uint8_t **bytes, size_t zip_entry);

/* Understands a PERSISTENT value. */
bool torch_read_reference(const torch_tree *t, torch_reference *out,
                          const ask_pickle_value *v);

/* Sorts the storages, for their tensors to find them. Fails when one is there twice. */
bool torch_sort_storages(torch_tree *t);

/* Whether a value is a tensor: a CALL of one of torch's functions. */
bool torch_is_tensor(const ask_pickle_value *v);

/* Fills type, shape and data of an entry, and what follows from them. */
bool torch_read_tensor(torch_tree *t, ask_weights_entry *out, const ask_pickle_value *v);

/* Adds the tensors of the tree to the weights, as weights.h says. */
bool torch_add_tensors(torch_tree *t);

#endif
