/* One door to stores of features: which form a store has, and what all forms share. */
#include "model/feature_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/map.h"
#include "base/options.h"
#include "base/str.h"
#include "base/zip.h"
#include "model/feature_store_priv.h"

ask_feature_store_options ask_feature_store_defaults(void)
{
    return (ask_feature_store_options){.struct_size = sizeof(ask_feature_store_options)};
}

/* ---- which form ---- */

typedef bool open_form(ask_feature_store *s, ask_error *err);

static bool begins(const ask_map *m, size_t at, const char *bytes, size_t n)
{
    return m->n_bytes >= at + n && memcmp(m->data + at, bytes, n) == 0;
}

/* An HDF5 file begins at 0, 512, 1024, 2048, ...: what is before is the user's. */
static bool is_hdf5(const ask_map *m)
{
    for (size_t at = 0; at < m->n_bytes; at = at ? 2 * at : 512)
        if (begins(m, at, "\x89HDF\r\n\x1a\n", 8)) return true;
    return false;
}

/* Torch archives are .zip files, too. An empty one is none. */
static bool is_npz(bool *out, const ask_map *m, const char *path, ask_error *err)
{
    *out = begins(m, 0, "PK\5\6", 4);
    if (!begins(m, 0, "PK\3\4", 4)) return true;
    ask_zip *zip = ask_zip_open_memory(m->data, m->n_bytes, path, err);
    if (!zip) return false;
    *out = ask_zip_count(zip) > 0 && ask_ends_with(ask_zip_at(zip, 0)->name, ".npy");
    ask_zip_close(zip);
    return true;
}

static bool form_of_content(open_form **out, const ask_map *m, const char *path,
                            ask_error *err)
{
    bool npz;
    if (!is_npz(&npz, m, path, err)) return false;
    if (npz)
        *out = feature_store_open_npz;
    else if (ask_npy_begins(m->data, m->n_bytes))
        *out = feature_store_open_file;
    else
        *out = is_hdf5(m) ? feature_store_open_hdf5 : feature_store_open_tensors;
    return true;
}

static bool find_form(open_form **out, const char *path, ask_error *err)
{
    *out = feature_store_open_folder;
    if (ask_file_is_dir(path)) return true;
    ask_map m;
    if (!ask_map_open(&m, path, err)) return false;
    bool ok = form_of_content(out, &m, path, err);
    ask_map_close(&m);
    return ok;
}

/* ---- opening ---- */

/* Takes a copy of a text that may be NULL. */
static bool keep(ask_arena *room, const char **text, ask_error *err)
{
    if (!*text) return true;
    *text = ask_arena_strdup(room, *text);
    return *text || ask_fail_memory(err);
}

static ask_feature_store *
new_store(const char *path, const ask_feature_store_options *options, ask_error *err)
{
    ask_feature_store *s = calloc(1, sizeof *s);
    if (s) s->room = ask_arena_new(0);
    if (!s || !s->room) {
        ask_fail_memory(err);
        goto fail;
    }
    s->opt = ask_feature_store_defaults();
    ask_options_take(&s->opt, sizeof s->opt, options);
    s->path = path;
    if (keep(s->room, &s->path, err) && keep(s->room, &s->opt.model_id, err) &&
        keep(s->room, &s->opt.dataset, err) && keep(s->room, &s->opt.list, err) &&
        keep(s->room, &s->opt.id_map, err))
        return s;

fail:
    ask_feature_store_close(s);
    return NULL;
}

/* Options that only one form has are refused for others, not passed over. */
static bool check_options(const ask_feature_store *s, open_form *open, ask_error *err)
{
    if (open == feature_store_open_hdf5 || (!s->opt.list && !s->opt.dataset)) return true;
    return ask_fail(err, ASK_ERR_USAGE, "%s: is no HDF5 file, so it takes no %s", s->path,
                    s->opt.list ? "list of keys" : "name of a data set");
}

static bool open_store(ask_feature_store *s, ask_error *err)
{
    open_form *open;
    return find_form(&open, s->path, err) && check_options(s, open, err) && open(s, err) &&
           feature_store_sort(s, err) &&
           (!s->opt.id_map || feature_store_map(s, s->opt.id_map, err));
}

ask_feature_store *ask_feature_store_open(const char *path,
                                          const ask_feature_store_options *options,
                                          ask_error *err)
{
    ask_feature_store *s = new_store(path, options, err);
    if (!s || open_store(s, err)) return s;
    ask_feature_store_close(s);
    return NULL;
}

void ask_feature_store_close(ask_feature_store *s)
{
    if (!s) return;
    if (s->form) s->form->close(s->state);
    free(s->keys);
    free(s->by_name);
    ask_arena_free(s->room);
    free(s);
}

/* ---- looking ---- */

ask_feature_store_info ask_feature_store_info_of(const ask_feature_store *s)
{
    return (ask_feature_store_info){.path = s->path,
                                    .form = s->form->name,
                                    .dataset = s->dataset,
                                    .n_keys = s->n_keys,
                                    .width = s->width};
}

const char *ask_feature_store_key_at(const ask_feature_store *s, size_t i)
{
    return s->keys[i].name;
}

bool ask_feature_store_has(const ask_feature_store *s, const char *key)
{
    return feature_store_find(s, key) != NULL;
}

/* ---- reading ---- */

bool feature_store_check_width(const ask_feature_store *s, int64_t width, ask_error *err)
{
    return s->opt.width == 0 || s->opt.width == width ||
           ask_fail(err, ASK_ERR_SHAPE,
                    "rows of %lld numbers, but %lld are expected; make them with the model "
                    "whose features these should be",
                    (long long)width, (long long)s->opt.width);
}

static bool check_model(const ask_feature_store *s, const char *model_id, ask_error *err)
{
    return !s->opt.model_id || !model_id || strcmp(model_id, s->opt.model_id) == 0 ||
           ask_fail(err, ASK_ERR_UNSUPPORTED,
                    "features of model %.12s, but those of %.12s are expected; make them "
                    "with that one",
                    model_id, s->opt.model_id);
}

static bool make_rows(ask_feature_rows *out, const ask_feature_store *s, feature_array *a,
                      ask_error *err)
{
    int64_t n, width;
    return check_model(s, a->model_id, err) &&
           feature_rows_of(&n, &width, &a->numbers, err) &&
           feature_store_check_width(s, width, err) && feature_rows_make(out, a, err);
}

bool ask_feature_store_read(ask_feature_rows *out, const ask_feature_store *s,
                            const char *key, ask_error *err)
{
    const feature_key *k = feature_store_find(s, key);
    if (!k)
        return ask_fail(err, ASK_ERR_NOT_FOUND,
                        "%s: no features of \"%s\"; it has %zu key%s, such as \"%s\"",
                        s->path, key, s->n_keys, s->n_keys == 1 ? "" : "s",
                        s->keys[0].name);
    feature_array a = {0};
    bool ok = s->form->read(&a, s, k->row, err);
    if (ok && !make_rows(out, s, &a, err))
        ok = ask_fail_in(err, "%s: key \"%s\"", s->path, key);
    feature_array_free(&a);
    return ok;
}
