#include "weights/weights.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/json.h"
#include "base/path.h"
#include "base/str.h"
#include "weights/folder.h"
#include "weights/weights_priv.h"

/* ---- one file ---- */

bool weights_size(int64_t *n_elements, size_t *bytes, ask_dtype type, int n_dims,
                  const int64_t *shape)
{
    int64_t n = 1;
    for (int i = 0; i < n_dims; i++) {
        if (shape[i] < 0 || !ask_mul_i64(&n, n, shape[i])) return false;
    }
    *n_elements = n;
    return ask_dtype_bytes_of(bytes, type, n_dims, shape);
}

bool weights_add(ask_weights *w, const ask_weights_entry *entry, ask_error *err)
{
    if (w->n_entries == w->capacity) {
        size_t capacity = w->capacity ? 2 * w->capacity : 256;
        ask_weights_entry *grown = realloc(w->entries, capacity * sizeof *grown);
        if (!grown) return ask_fail_memory(err);
        w->entries = grown;
        w->capacity = capacity;
    }
    w->entries[w->n_entries++] = *entry;
    return true;
}

/* Pickles of the protocols 0 and 1 have no mark of their own at the beginning.
 */
static bool is_named_as_pickle(const char *path)
{
    static const char *const ends[] = {".bin", ".p",   ".pickle", ".pkl",
                                       ".pt",  ".pth", ".tar"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ask_ends_with(path, ends[i])) return true;
    return false;
}

/* A header that is shorter than 4 GiB, and begins as one. */
static bool looks_as_safetensors(const weights_file *f)
{
    return f->n_bytes > 8 && memcmp(f->bytes + 4, "\0\0\0\0{", 5) == 0;
}

static bool read_file(ask_weights *w, int file_index, ask_error *err)
{
    enum { PICKLE_PROTOCOL = 0x80, LAST_PROTOCOL = 5 };
    const weights_file *f = &w->files[file_index];
    if (f->n_bytes >= 4 && memcmp(f->bytes, "PK\3\4", 4) == 0)
        return weights_read_torch_zip(w, file_index, err);
    if (f->n_bytes >= 4 && memcmp(f->bytes, "GGUF", 4) == 0)
        return weights_read_gguf(w, file_index, err);
    bool is_pickle =
        f->n_bytes >= 2 && f->bytes[0] == PICKLE_PROTOCOL && f->bytes[1] <= LAST_PROTOCOL;
    if (!looks_as_safetensors(f) && (is_pickle || is_named_as_pickle(f->path)))
        return weights_read_pickle(w, file_index, err);
    return weights_read_safetensors(w, file_index, err);
}

/* ---- the table of names ---- */

static int compare_names(const void *a, const void *b)
{
    const ask_weights_entry *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static bool sort_names(ask_weights *w, ask_error *err)
{
    w->by_name = calloc(w->n_entries + 1, sizeof *w->by_name);
    if (!w->by_name) return ask_fail_memory(err);
    for (size_t i = 0; i < w->n_entries; i++) w->by_name[i] = &w->entries[i];
    qsort(w->by_name, w->n_entries, sizeof *w->by_name, compare_names);
    for (size_t i = 1; i < w->n_entries; i++) {
        const ask_weights_entry *a = w->by_name[i - 1], *b = w->by_name[i];
        if (strcmp(a->name, b->name) == 0) {
            return ask_fail(err, ASK_ERR_MODEL, "%s: tensor \"%s\" is in %s, too",
                            w->files[a->file].path, a->name, w->files[b->file].path);
        }
    }
    return true;
}

const ask_weights_entry *ask_weights_find(const ask_weights *w, const char *name)
{
    ask_weights_entry wanted = {.name = name};
    const ask_weights_entry *key = &wanted;
    const ask_weights_entry **found =
        bsearch(&key, w->by_name, w->n_entries, sizeof *w->by_name, compare_names);
    return found ? *found : NULL;
}

/* ---- files and folders ---- */

static ask_weights *new_weights(int n_files, const char *under, ask_error *err)
{
    ask_weights *w = calloc(1, sizeof *w);
    if (w) w->arena = ask_arena_new(0);
    if (w) w->files = calloc((size_t)n_files, sizeof *w->files);
    if (!w || !w->arena || !w->files) {
        ask_weights_close(w);
        ask_fail_memory(err);
        return NULL;
    }
    w->n_files = n_files;
    w->under = under;
    return w;
}

/* Maps a file and reads it. path is taken over, also on failure. */
static bool add_file(ask_weights *w, int file_index, char *path, ask_error *err)
{
    weights_file *f = &w->files[file_index];
    f->path = path;
    if (!path || !ask_map_open(&f->map, path, err)) return false;
    f->bytes = f->map.data;
    f->n_bytes = f->map.n_bytes;
    return read_file(w, file_index, err);
}

static ask_weights *open_file(const char *path, const char *under, ask_error *err)
{
    ask_weights *w = new_weights(1, under, err);
    if (!w) return NULL;
    if (!add_file(w, 0, ask_strdup(path, err), err) || !sort_names(w, err)) {
        ask_weights_close(w);
        return NULL;
    }
    return w;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The different names of files in an index, sorted; borrowed from it. The
 * caller frees the list. */
static const char **list_files(int *n_files, ask_json_value map, ask_error *err)
{
    const char **names = calloc(ask_json_count(map) + 1, sizeof *names);
    if (!names) {
        ask_fail_memory(err);
        return NULL;
    }
    size_t n = 0;
    for (ask_json_walk m = {0}; ask_json_next(map, &m); n++) {
        if (!ask_json_get_string(&names[n], m.value, NULL, err)) goto fail;
        const char *name = names[n];
        if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 ||
            strcmp(name, "..") == 0) {
            ask_json_fail(m.value, err, "\"%s\" is not the name of a file in this folder",
                          name);
            goto fail;
        }
    }
    qsort(names, n, sizeof *names, compare_texts);
    int n_different = 0;
    for (size_t i = 0; i < n; i++) {
        if (n_different == 0 || strcmp(names[n_different - 1], names[i]) != 0)
            names[n_different++] = names[i];
    }
    *n_files = n_different;
    return names;

fail:
    free(names);
    return NULL;
}

/* Checks that every tensor of the index is in the file that it names. */
static bool check_index(const ask_weights *w, ask_json_value map, ask_error *err)
{
    for (ask_json_walk m = {0}; ask_json_next(map, &m);) {
        const char *name;
        if (!ask_json_get_string(&name, m.value, NULL, err)) return false;
        const ask_weights_entry *e = ask_weights_find(w, m.key);
        if (!e || strcmp(ask_path_basename(w->files[e->file].path), name) != 0) {
            return ask_json_fail(m.value, err, "tensor \"%s\" is not in %s", m.key, name);
        }
    }
    return true;
}

static ask_weights *open_indexed(const char *dir, const char *index_path, const char *under,
                                 ask_error *err)
{
    ask_weights *w = NULL;
    const char **names = NULL;
    bool ok = false;
    ask_json_value map;
    int n_files;
    ask_json *index = ask_json_read(index_path, NULL, err);
    if (!index) return NULL;
    if (!ask_json_get_object(&map, ask_json_root(index), "weight_map", err)) goto done;
    names = list_files(&n_files, map, err);
    if (!names) goto done;
    if (n_files == 0) {
        ask_json_fail(map, err, "names no tensor");
        goto done;
    }
    w = new_weights(n_files, under, err);
    if (!w) goto done;
    for (int i = 0; i < n_files; i++) {
        char *path = ask_path_join(dir, names[i], err);
        if (path && !ask_file_exists(path)) {
            ask_fail(err, ASK_ERR_MODEL, "%s: missing, but %s names it", path, index_path);
            free(path);
            goto done;
        }
        if (!add_file(w, i, path, err)) goto done;
    }
    ok = sort_names(w, err) && check_index(w, map, err);

done:
    free(names);
    ask_json_free(index);
    if (ok) return w;
    ask_weights_close(w);
    return NULL;
}

/* The file that alone decides whether a form is there; NULL: any that is called so. */
static const char *file_of(const ask_weights_form *f)
{
    return f->only ? NULL : f->index ? f->index : f->patterns[0];
}

/* The files of a folder that may be its weights under such names. */
static bool list_called(ask_dir_names *out, const char *dir, const ask_weights_form *f,
                        ask_error *err)
{
    if (!ask_dir_list(out, dir, NULL, err)) return false;
    size_t n = 0;
    for (size_t i = 0; i < out->n; i++)
        if (ask_weights_are_called(f, out->names[i]))
            out->names[n++] = out->names[i];
        else
            free(out->names[i]);
    out->n = n;
    return true;
}

/* *path: the file of a form that opens a folder, freed by the caller; NULL: there is none.
 * Which of several is meant, nobody knows. */
static bool find_file(char **path, const char *dir, const ask_weights_form *f,
                      ask_error *err)
{
    *path = NULL;
    if (file_of(f)) {
        char *named = ask_path_join(dir, file_of(f), err);
        if (!named) return false;
        if (ask_file_exists(named))
            *path = named;
        else
            free(named);
        return true;
    }
    ask_dir_names names;
    if (!list_called(&names, dir, f, err)) return false;
    bool ok = names.n < 2 ||
              ask_fail(err, ASK_ERR_MODEL,
                       "%s: neither model.safetensors nor pytorch_model.bin is there, and "
                       "it holds both %s and %s; keep one",
                       dir, names.names[0], names.names[1]);
    if (ok && names.n == 1) ok = (*path = ask_path_join(dir, names.names[0], err));
    ask_dir_names_free(&names);
    return ok;
}

static ask_weights *open_dir(const char *dir, const char *under, ask_error *err)
{
    for (const ask_weights_form *f = ask_weights_forms; f->patterns[0]; f++) {
        char *path;
        if (!find_file(&path, dir, f, err)) return NULL;
        if (!path) continue;
        ask_weights *w =
            f->index ? open_indexed(dir, path, under, err) : open_file(path, under, err);
        free(path);
        return w;
    }
    ask_fail(err, ASK_ERR_MODEL,
             "%s: neither model.safetensors nor pytorch_model.bin is there, nor the "
             ".index.json of one, nor any other file that is called as weights are",
             dir);
    return NULL;
}

static bool has_form(bool *out, const char *dir, const ask_weights_form *f, ask_error *err)
{
    if (file_of(f)) {
        char *path = ask_path_join(dir, file_of(f), err);
        if (!path) return false;
        *out = ask_file_exists(path);
        free(path);
        return true;
    }
    ask_dir_names names;
    if (!list_called(&names, dir, f, err)) return false;
    *out = names.n > 0;
    ask_dir_names_free(&names);
    return true;
}

bool ask_weights_are_in(bool *out, const char *dir, ask_error *err)
{
    bool found = false;
    for (const ask_weights_form *f = ask_weights_forms; f->patterns[0] && !found; f++)
        if (!has_form(&found, dir, f, err)) return false;
    *out = found;
    return true;
}

ask_weights *ask_weights_open_under(const char *path, const char *under, ask_error *err)
{
    ask_weights *w =
        ask_file_is_dir(path) ? open_dir(path, under, err) : open_file(path, under, err);
    if (!w) ask_fail_as(err, ASK_ERR_MODEL);
    return w;
}

ask_weights *ask_weights_open(const char *path, ask_error *err)
{
    return ask_weights_open_under(path, NULL, err);
}

/* Takes out of the first n entries those that have the name of a later one. */
static void drop_replaced(ask_weights *w, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->n_entries; i++) {
        bool replaced = false;
        for (size_t k = n; i < n && k < w->n_entries && !replaced; k++)
            replaced = strcmp(w->entries[i].name, w->entries[k].name) == 0;
        if (replaced) continue;
        w->entries[kept++] =
            w->entries[i]; // what lies behind n stays while it is looked at
    }
    w->n_entries = kept;
}

static bool add_over(ask_weights *w, const char *path, ask_error *err)
{
    size_t n = w->n_entries;
    weights_file *files = realloc(w->files, (size_t)(w->n_files + 1) * sizeof *files);
    if (!files) return ask_fail_memory(err);
    w->files = files;
    w->files[w->n_files] = (weights_file){0};
    if (!add_file(w, w->n_files++, ask_strdup(path, err), err)) return false;
    drop_replaced(w, n);
    free(w->by_name);
    w->by_name = NULL;
    return sort_names(w, err);
}

bool ask_weights_put_over(ask_weights *w, const char *path, ask_error *err)
{
    return add_over(w, path, err) || ask_fail_as(err, ASK_ERR_MODEL);
}

ask_weights *ask_weights_parse(const void *bytes, size_t n_bytes, const char *name,
                               ask_error *err)
{
    ask_weights *w = new_weights(1, NULL, err);
    if (!w) return NULL;
    weights_file *f = &w->files[0];
    *f = (weights_file){.path = ask_strdup(name, err), .bytes = bytes, .n_bytes = n_bytes};
    if (!f->path || !read_file(w, 0, err) || !sort_names(w, err)) {
        ask_fail_as(err, ASK_ERR_MODEL);
        ask_weights_close(w);
        return NULL;
    }
    return w;
}

void ask_weights_close(ask_weights *w)
{
    if (!w) return;
    for (int i = 0; i < w->n_files; i++) {
        ask_pickle_free(w->files[i].pickle);
        ask_gguf_close(w->files[i].gguf);
        ask_map_close(&w->files[i].map);
        free(w->files[i].path);
    }
    free(w->files);
    free(w->entries);
    free(w->by_name);
    free(w->notes);
    ask_arena_free(w->arena);
    free(w);
}

/* ---- looking ---- */

size_t ask_weights_count(const ask_weights *w)
{
    return w->n_entries;
}

const ask_weights_entry *ask_weights_at(const ask_weights *w, size_t i)
{
    return &w->entries[i];
}

const char *ask_weights_file(const ask_weights *w, int index)
{
    return w->files[index].path;
}

const ask_gguf *ask_weights_gguf(const ask_weights *w)
{
    return w->files[0].gguf;
}

bool ask_weights_own_name(char *out, size_t out_bytes, const ask_weights *w,
                          const char *name)
{
    return ask_weights_gguf(w) && gguf_own_name(out, out_bytes, name);
}

size_t ask_weights_n_notes(const ask_weights *w)
{
    return w->n_notes;
}

ask_weights_note ask_weights_note_at(const ask_weights *w, size_t i)
{
    return w->notes[i];
}

const char *ask_weights_find_note(const ask_weights *w, const char *key)
{
    for (size_t i = 0; i < w->n_notes; i++)
        if (strcmp(w->notes[i].key, key) == 0) return w->notes[i].value;
    return NULL;
}

void ask_weights_release(const ask_weights *w, const ask_weights_entry *entry)
{
    const weights_file *f = &w->files[entry->file];
    uintptr_t data = (uintptr_t)entry->data, begin = (uintptr_t)f->bytes;
    if (!f->map.data || data < begin || data - begin >= f->n_bytes) return; // a copy
    ask_map_release(&f->map, data - begin, entry->bytes);
}
