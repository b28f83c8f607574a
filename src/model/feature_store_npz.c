/* Stores that are one .npz file: an array for each key. */
#include "base/npz.h"
#include "model/feature_store_priv.h"

static bool read_array(feature_array *out, const ask_feature_store *s, size_t row,
                       ask_error *err)
{
    enum { MAX_BYTES = 1 << 30 };
    return ask_npz_read(&out->array, s->state, row, MAX_BYTES, err) &&
           (feature_array_take_npy(out, err) ||
            ask_fail_in(err, "%s: %s", s->path, ask_npz_name(s->state, row)));
}

static void close_npz(void *state)
{
    ask_npz_close(state);
}

static const feature_form form = {"npz", read_array, close_npz};

bool feature_store_open_npz(ask_feature_store *s, ask_error *err)
{
    ask_npz *npz = ask_npz_open(s->path, err);
    if (!npz) return false;
    s->form = &form;
    s->state = npz;
    for (size_t i = 0; i < ask_npz_count(npz); i++)
        if (!feature_store_add(s, ask_npz_name(npz, i), err)) return false;
    return true;
}
