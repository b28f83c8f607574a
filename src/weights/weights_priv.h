/* weights/weights_priv.h - what the readers of formats fill. */
#ifndef ASK_WEIGHTS_WEIGHTS_PRIV_H
#define ASK_WEIGHTS_WEIGHTS_PRIV_H

#include "base/arena.h"
#include "base/map.h"
#include "base/pickle.h"
#include "weights/weights.h"

typedef struct {
    char *path;
    ask_map map; // {0} when the bytes are borrowed
    const uint8_t *bytes;
    size_t n_bytes;
    ask_pickle *pickle; // owns data of entries; NULL for a file without
    ask_gguf *gguf;     // the same of a GGUF file
} weights_file;

struct ask_weights {
    ask_arena *arena;  // names, notes, and data that did not lie in order
    const char *under; // of ask_weights_open_under, while opening only
    weights_file *files;
    int n_files;
    ask_weights_entry *entries; // file after file
    size_t n_entries, capacity;
    const ask_weights_entry **by_name; // sorted
    ask_weights_note *notes;
    size_t n_notes;
};

/* Elements and bytes of a shape; false when a size is negative or a product too
 * large. */
bool weights_size(int64_t *n_elements, size_t *bytes, ask_dtype type, int n_dims,
                  const int64_t *shape);

/* Adds a copy of an entry; what it points to is borrowed. */
bool weights_add(ask_weights *w, const ask_weights_entry *entry, ask_error *err);

/* Read the entries of a file; messages begin with its path. */
bool weights_read_safetensors(ask_weights *w, int file, ask_error *err);
bool weights_read_gguf(ask_weights *w, int file, ask_error *err);
bool weights_read_torch_zip(ask_weights *w, int file, ask_error *err);
bool weights_read_pickle(ask_weights *w, int file,
                         ask_error *err); // torch's stream, .pkl

/* What GGUF files call the tensor that has this name here; false: the same. */
bool gguf_own_name(char *out, size_t out_bytes, const char *name);

#endif
