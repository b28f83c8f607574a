#include <stdlib.h>

#include "train/tensors_priv.h"
#include "weights/safetensors.h"

static ask_weights_entry entry_of(const ask_tensor *t)
{
    ask_weights_entry e = {.name = ask_tensor_name(t),
                           .type = ask_tensor_type(t),
                           .n_dims = ask_tensor_n_dims(t)};
    for (int d = 0; d < e.n_dims; d++) e.shape[d] = ask_tensor_dim(t, d);
    return e;
}

static bool put(ask_safetensors_writer *w, size_t i, const ask_tensor *t, ask_error *err)
{
    char *bytes = malloc(ask_tensor_bytes(t) + 1);
    if (!bytes) return ask_fail_memory(err);
    bool ok = ask_tensor_read(t, bytes, ask_tensor_bytes(t), err) &&
              ask_safetensors_writer_put(w, i, bytes, err);
    free(bytes);
    return ok;
}

bool train_write_tensors(const char *path, const ask_store *store,
                         bool (*takes)(const char *name), const ask_weights_note *notes,
                         size_t n_notes, ask_error *err)
{
    size_t n = 0, n_store = (size_t)ask_store_count(store);
    ask_weights_entry *entries = calloc(n_store + 1, sizeof *entries);
    if (!entries) return ask_fail_memory(err);
    for (size_t i = 0; i < n_store; i++) {
        const ask_tensor *t = ask_store_at(store, (int)i);
        if (!takes || takes(ask_tensor_name(t))) entries[n++] = entry_of(t);
    }
    ask_safetensors_writer *w =
        ask_safetensors_writer_open(path, entries, n, notes, n_notes, err);
    bool ok = w;
    for (size_t i = 0; i < n && ok; i++)
        ok = put(w, i, ask_store_find(store, entries[i].name), err);
    free(entries);
    if (ok) return ask_safetensors_writer_commit(w, err);
    ask_safetensors_writer_abort(w);
    return false;
}
