/* Stores that are one file of named tensors: torch archives, pickles, safetensors. */
#include <string.h>

#include "model/feature_store_priv.h"

static bool read_tensor(feature_array *out, const ask_feature_store *s, size_t row,
                        ask_error *err)
{
    (void)err;
    out->numbers = *ask_weights_at(s->state, row);
    return true;
}

static void close_tensors(void *state)
{
    ask_weights_close(state);
}

static const feature_form form = {"tensors", read_tensor, close_tensors};

/* A file of one array: of `askance features`, or an array that was saved without a name,
 * which weights/weights.h calls so. */
static bool is_one_array(const ask_weights *w)
{
    if (feature_schema_of(w)) return true;
    if (ask_weights_count(w) != 1) return false;
    const char *name = ask_weights_at(w, 0)->name;
    return strcmp(name, "array") == 0 || strcmp(name, "tensor") == 0;
}

/* Adds the keys, whose widths are looked at now: that costs nothing. */
static bool add_tensors(ask_feature_store *s, const ask_weights *w, ask_error *err)
{
    for (size_t i = 0; i < ask_weights_count(w); i++) {
        const ask_weights_entry *e = ask_weights_at(w, i);
        int64_t n, width;
        if (!feature_store_add(s, e->name, err)) return false;
        if (!feature_rows_of(&n, &width, e, err) ||
            !feature_store_check_width(s, width, err))
            return ask_fail_in(err, "%s: key \"%s\"", s->path, e->name);
        s->width = i == 0 || s->width == width ? width : 0;
    }
    return true;
}

bool feature_store_open_tensors(ask_feature_store *s, ask_error *err)
{
    ask_weights *w = ask_weights_open_under(s->path, "", err);
    if (!w) return ask_fail_as(err, ASK_ERR_FORMAT);
    if (is_one_array(w)) {
        ask_weights_close(w);
        return feature_store_open_file(s, err);
    }
    s->form = &form;
    s->state = w;
    return add_tensors(s, w, err);
}
