#include <stdlib.h>

#include "train/tensors_priv.h"
#include "weights/safetensors.h"

static bool is_taken(const ask_tensor *t, train_takes takes)
{
    return !takes || takes(ask_tensor_name(t));
}

/* ---- writing ---- */

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

bool train_write_tensors(const char *path, const ask_store *store, train_takes takes,
                         const ask_weights_note *notes, size_t n_notes, ask_error *err)
{
    size_t n = 0, n_store = (size_t)ask_store_count(store);
    ask_weights_entry *entries = calloc(n_store + 1, sizeof *entries);
    if (!entries) return ask_fail_memory(err);
    for (size_t i = 0; i < n_store; i++) {
        const ask_tensor *t = ask_store_at(store, (int)i);
        if (is_taken(t, takes)) entries[n++] = entry_of(t);
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

/* ---- reading ---- */

static bool same_shape(const ask_weights_entry *e, const ask_tensor *t)
{
    bool same = e->type == ask_tensor_type(t) && e->n_dims == ask_tensor_n_dims(t);
    for (int d = 0; d < e->n_dims && same; d++) same = e->shape[d] == ask_tensor_dim(t, d);
    return same;
}

bool train_check_tensors(const ask_weights *file, const char *path, const ask_store *store,
                         train_takes takes, ask_error *err)
{
    size_t n = 0;
    for (int i = 0; i < ask_store_count(store); i++) {
        const ask_tensor *t = ask_store_at(store, i);
        if (!is_taken(t, takes)) continue;
        n++;
        const ask_weights_entry *e = ask_weights_find(file, ask_tensor_name(t));
        if (e && same_shape(e, t)) continue;
        return ask_fail(err, ASK_ERR_MODEL, "%s: tensor %s is %s", path, ask_tensor_name(t),
                        e ? "of another shape" : "missing");
    }
    size_t extra = ask_weights_count(file) - n;
    return extra == 0 ||
           ask_fail(err, ASK_ERR_MODEL,
                    "%s: has %zu tensors that this training does not have", path, extra);
}

bool train_fill_tensors(ask_store *store, const ask_weights *file, train_takes takes,
                        ask_error *err)
{
    for (int i = 0; i < ask_store_count(store); i++) {
        ask_tensor *t = ask_store_at(store, i);
        if (!is_taken(t, takes)) continue;
        const ask_weights_entry *e = ask_weights_find(file, ask_tensor_name(t));
        if (!ask_tensor_write(t, e->data, e->bytes, err)) return false;
    }
    return true;
}

bool train_copy_tensor(ask_tensor *t, const ask_weights *file, const char *name,
                       ask_error *err)
{
    const ask_weights_entry *e = ask_weights_find(file, name);
    bool fits =
        e && e->n_elements == ask_tensor_count(t) && e->n_dims == ask_tensor_n_dims(t);
    for (int i = 0; fits && i < e->n_dims; i++) fits = e->shape[i] == ask_tensor_dim(t, i);
    if (!fits)
        return ask_fail(err, ASK_ERR_MODEL, "%s: %s is %s", ask_weights_file(file, 0), name,
                        e ? "of another shape" : "not there");
    float *values = malloc(ask_tensor_bytes(t));
    bool ok = values || ask_fail_memory(err);
    if (ok) ask_dtype_to_f32(e->type, values, e->data, (size_t)e->n_elements);
    ok = ok && ask_tensor_write(t, values, ask_tensor_bytes(t), err);
    free(values);
    return ok;
}
