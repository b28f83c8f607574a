/* Stores with a file for each key, and a file alone. */
#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "model/feature_file.h"
#include "model/feature_store_priv.h"

/* What a file of features may end in; what it is, its content tells. */
static const char *const endings[] = {".npy", ".pkl", ".pickle",
                                      ".pt",  ".pth", ASK_FEATURES_EXTENSION};

/* ---- one file ---- */

const char *feature_schema_of(const ask_weights *w)
{
    const char *schema = ask_weights_find_note(w, ASK_FEATURES_NOTE_SCHEMA);
    return schema && ask_starts_with(schema, "askance.") ? schema : NULL;
}

/* The times and the model that `askance features` leaves in a file. */
static bool take_origin(feature_array *out, ask_error *err)
{
    const ask_weights *w = out->weights;
    const char *schema = feature_schema_of(w);
    if (!schema) return true;
    if (strcmp(schema, ASK_FEATURES_SCHEMA) != 0)
        return ask_fail(err, ASK_ERR_UNSUPPORTED, "is %s, but only %s is read", schema,
                        ASK_FEATURES_SCHEMA);
    const char *model_id = ask_weights_find_note(w, ASK_FEATURES_NOTE_MODEL_ID);
    const ask_weights_entry *times = ask_weights_find(w, ASK_FEATURES_TIMES);
    if (!model_id || !times || times->type != ASK_F64 || times->n_dims != 1)
        return ask_fail(err, ASK_ERR_FORMAT,
                        "the note \"%s\" or the tensor \"%s\" (f64, one dimension) is "
                        "missing; make these features again",
                        ASK_FEATURES_NOTE_MODEL_ID, ASK_FEATURES_TIMES);
    out->model_id = ask_strdup(model_id, err);
    if (!out->model_id) return false;
    out->t_s = malloc(times->bytes + 1);
    if (!out->t_s) return ask_fail_memory(err);
    memcpy(out->t_s, times->data, times->bytes);
    out->n_times = times->n_elements;
    return true;
}

static bool take_tensor(feature_array *out, ask_error *err)
{
    size_t n = ask_weights_count(out->weights);
    const ask_weights_entry *e = ask_weights_find(out->weights, ASK_FEATURES_TENSOR);
    if (!e && n == 1) e = ask_weights_at(out->weights, 0);
    if (!e)
        return ask_fail(err, ASK_ERR_FORMAT,
                        "holds %zu tensors, none of them \"%s\"; a file of many keys is a "
                        "store by itself",
                        n, ASK_FEATURES_TENSOR);
    out->numbers = *e;
    return true;
}

/* Whether a file begins as .npy does. */
static bool is_npy(bool *out, const char *path, ask_error *err)
{
    ask_map map;
    if (!ask_map_open(&map, path, err)) return false;
    *out = ask_npy_begins(map.data, map.n_bytes);
    ask_map_close(&map);
    return true;
}

static bool read_array(feature_array *out, const char *path, ask_error *err)
{
    bool npy;
    if (!is_npy(&npy, path, err)) return false;
    if (npy)
        return ask_npy_read(&out->array, path, err) &&
               (feature_array_take_npy(out, err) || ask_fail_in(err, "%s", path));
    out->weights = ask_weights_open_under(path, "", err);
    if (!out->weights) return ask_fail_as(err, ASK_ERR_FORMAT);
    return (take_tensor(out, err) && take_origin(out, err)) || ask_fail_in(err, "%s", path);
}

/* ---- the store: its state are the paths, in its room ---- */

static bool read_file(feature_array *out, const ask_feature_store *s, size_t row,
                      ask_error *err)
{
    const char *const *paths = s->state;
    return read_array(out, paths[row], err);
}

static void close_files(void *state)
{
    (void)state;
}

static const feature_form folder_form = {"folder", read_file, close_files};
static const feature_form file_form = {"file", read_file, close_files};

/* Adds the key of a file: its name without the ending. */
static bool add_file(ask_feature_store *s, const char *name, ask_error *err)
{
    const char *ending = ask_path_extension(name);
    char *key = ask_arena_strndup(s->room, name, strlen(name) - strlen(ending));
    return key ? feature_store_add(s, key, err) : ask_fail_memory(err);
}

bool feature_store_open_file(ask_feature_store *s, ask_error *err)
{
    const char **paths = ask_arena_array(s->room, 1, sizeof *paths);
    if (!paths) return ask_fail_memory(err);
    paths[0] = s->path;
    s->form = &file_form;
    s->state = paths;
    return add_file(s, ask_path_basename(s->path), err);
}

/* Hidden files are somebody's temporary ones. */
static bool is_feature_file(const char *name)
{
    if (*name == '.') return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ask_ends_with(name, endings[i])) return true;
    return false;
}

static bool add_folder(ask_feature_store *s, const ask_dir_names *names, ask_error *err)
{
    const char **paths = ask_arena_array(s->room, names->n, sizeof *paths);
    if (!paths) return ask_fail_memory(err);
    s->form = &folder_form;
    s->state = paths;
    for (size_t i = 0; i < names->n; i++) {
        if (!is_feature_file(names->names[i])) continue;
        const char *slash = ask_ends_with(s->path, "/") ? "" : "/";
        const char *path =
            ask_arena_sprintf(s->room, "%s%s%s", s->path, slash, names->names[i]);
        if (!path) return ask_fail_memory(err);
        paths[s->n_keys] = path;
        if (!add_file(s, names->names[i], err)) return false;
    }
    return s->n_keys > 0 ||
           ask_fail(err, ASK_ERR_FORMAT,
                    "%s: holds no .npy, .pkl, .pt, .pth or .safetensors files; give the "
                    "folder of one layout, or the file of a store",
                    s->path);
}

bool feature_store_open_folder(ask_feature_store *s, ask_error *err)
{
    ask_dir_names names;
    if (!ask_dir_list(&names, s->path, NULL, err)) return false;
    bool ok = add_folder(s, &names, err);
    ask_dir_names_free(&names);
    return ok;
}
