#include "weights/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/json.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "weights/safetensors_priv.h"

#define FILE_NAME "model.safetensors"
#define INDEX_NAME "model.safetensors.index.json"

enum { LENGTH_BYTES = 8 }; // before the header

typedef struct {
    char *path;
    ask_map map; // {0} when the bytes are borrowed
    const uint8_t *bytes;
    size_t n_bytes;
} file;

struct ask_safetensors {
    ask_arena *names; // and notes
    file *files;
    int n_files;
    ask_safetensors_entry *entries; // file after file, each in the order of its data
    size_t n_entries;
    const ask_safetensors_entry **by_name; // sorted
    ask_safetensors_note *notes;
    size_t n_notes;
};

/* ---- one file ---- */

/* Finds the header and the data behind it. */
static bool find_header(const char **header, size_t *header_bytes, const file *f,
                        ask_error *err)
{
    if (f->n_bytes < LENGTH_BYTES) {
        return ask_fail(err, ASK_ERR_MODEL, "%s: not a safetensors file: only %zu bytes",
                        f->path, f->n_bytes);
    }
    uint64_t length = 0;
    for (int i = LENGTH_BYTES - 1; i >= 0; i--) length = length << 8 | f->bytes[i];
    if (length > ASK_SAFETENSORS_MAX_HEADER) {
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: not a safetensors file: a header of %llu bytes (at most %d)",
                        f->path, (unsigned long long)length, ASK_SAFETENSORS_MAX_HEADER);
    }
    if (length > f->n_bytes - LENGTH_BYTES) {
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: truncated: a header of %llu bytes in a file of %zu bytes",
                        f->path, (unsigned long long)length, f->n_bytes);
    }
    if (length == 0 || f->bytes[LENGTH_BYTES] != '{') {
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: not a safetensors file: the header is no JSON object",
                        f->path);
    }
    *header = (const char *)f->bytes + LENGTH_BYTES;
    *header_bytes = (size_t)length;
    return true;
}

static bool read_notes(ask_safetensors *s, ask_json_value notes, ask_error *err)
{
    if (ask_json_type_of(notes) == ASK_JSON_NULL) return true;
    if (!ask_json_get_object(&notes, notes, NULL, err)) return false;
    size_t n = ask_json_count(notes);
    if (n == 0) return true;
    ask_safetensors_note *grown = realloc(s->notes, (s->n_notes + n) * sizeof *grown);
    if (!grown) return ask_fail_memory(err);
    s->notes = grown;
    for (ask_json_walk m = {0}; ask_json_next(notes, &m);) {
        const char *value;
        if (!ask_json_get_string(&value, m.value, NULL, err)) return false;
        ask_safetensors_note note = {ask_arena_strdup(s->names, m.key),
                                     ask_arena_strdup(s->names, value)};
        if (!note.key || !note.value) return ask_fail_memory(err);
        s->notes[s->n_notes++] = note;
    }
    return true;
}

static bool read_shape(ask_safetensors_entry *e, ask_json_value tensor, const file *f,
                       ask_error *err)
{
    ask_json_value shape;
    if (!ask_json_get_array(&shape, tensor, "shape", err)) return false;
    size_t n = ask_json_count(shape);
    if (n > ASK_MAX_DIMS) {
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: tensor \"%s\": %zu dimensions (at most %d)", f->path, e->name,
                        n, ASK_MAX_DIMS);
    }
    e->n_dims = (int)n;
    for (size_t i = 0; i < n; i++) {
        if (!ask_json_get_int(&e->shape[i], ask_json_item(shape, i), NULL, 0, INT64_MAX,
                              err))
            return false;
    }
    if (!ask_safetensors_size(&e->n_elements, &e->bytes, e->type, e->n_dims, e->shape)) {
        return ask_fail(err, ASK_ERR_MODEL, "%s: tensor \"%s\": the shape overflows",
                        f->path, e->name);
    }
    return true;
}

/* Reads where the data lies: inside the file, and as long as type and shape say. */
static bool read_place(ask_safetensors_entry *e, ask_json_value tensor, const uint8_t *data,
                       const file *f, ask_error *err)
{
    ask_json_value offsets;
    if (!ask_json_get_array(&offsets, tensor, "data_offsets", err)) return false;
    if (ask_json_count(offsets) != 2)
        return ask_json_fail(offsets, err, "expected a begin and an end");
    int64_t n_bytes = (int64_t)(f->n_bytes - (size_t)(data - f->bytes));
    int64_t begin, end;
    if (!ask_json_get_int(&begin, offsets, "0", 0, n_bytes, err) ||
        !ask_json_get_int(&end, offsets, "1", begin, n_bytes, err))
        return false;
    if ((size_t)(end - begin) != e->bytes) {
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: tensor \"%s\": type and shape need %zu bytes, data_offsets "
                        "give %lld",
                        f->path, e->name, e->bytes, (long long)(end - begin));
    }
    e->data = data + begin;
    return true;
}

static bool read_tensor(ask_safetensors *s, int file_index, const uint8_t *data,
                        const ask_json_walk *member, ask_error *err)
{
    const file *f = &s->files[file_index];
    ask_safetensors_entry e = {.file = file_index,
                               .name = ask_arena_strdup(s->names, member->key)};
    if (!e.name) return ask_fail_memory(err);
    ask_json_value tensor;
    const char *type;
    if (!ask_json_get_object(&tensor, member->value, NULL, err) ||
        !ask_json_get_string(&type, tensor, "dtype", err))
        return false;
    if (!ask_safetensors_type_find(&e.type, type)) {
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: tensor \"%s\": elements of type %s are not read", f->path,
                        e.name, type);
    }
    if (!read_shape(&e, tensor, f, err) || !read_place(&e, tensor, data, f, err))
        return false;
    s->entries[s->n_entries++] = e;
    return true;
}

static int compare_places(const void *a, const void *b)
{
    const ask_safetensors_entry *x = a, *y = b;
    uintptr_t px = (uintptr_t)x->data, py = (uintptr_t)y->data;
    if (px != py) return px < py ? -1 : 1;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Sorts the tensors of a file by place and checks that they cover its data exactly. */
static bool check_cover(ask_safetensors_entry *entries, size_t n, const uint8_t *data,
                        const file *f, ask_error *err)
{
    if (n > 0) qsort(entries, n, sizeof *entries, compare_places);
    const uint8_t *covered = data;
    for (size_t i = 0; i < n; i++) {
        const uint8_t *begin = entries[i].data;
        if (begin < covered) {
            return ask_fail(err, ASK_ERR_MODEL,
                            "%s: tensors \"%s\" and \"%s\" overlap at byte %zu of the data",
                            f->path, entries[i - 1].name, entries[i].name,
                            (size_t)(begin - data));
        }
        if (begin > covered) {
            return ask_fail(err, ASK_ERR_MODEL,
                            "%s: bytes %zu to %zu of the data, before tensor \"%s\", "
                            "belong to no tensor",
                            f->path, (size_t)(covered - data), (size_t)(begin - data),
                            entries[i].name);
        }
        covered = begin + entries[i].bytes;
    }
    size_t behind = (size_t)(f->bytes + f->n_bytes - covered);
    if (behind == 0) return true;
    return ask_fail(err, ASK_ERR_MODEL, "%s: the last %zu bytes belong to no tensor",
                    f->path, behind);
}

static bool read_members(ask_safetensors *s, int file_index, const uint8_t *data,
                         const ask_json *header, ask_error *err)
{
    ask_json_value root = ask_json_root(header);
    size_t first = s->n_entries;
    ask_safetensors_entry *grown =
        realloc(s->entries, (first + ask_json_count(root) + 1) * sizeof *grown);
    if (!grown) return ask_fail_memory(err);
    s->entries = grown;
    for (ask_json_walk m = {0}; ask_json_next(root, &m);) {
        bool ok = strcmp(m.key, ASK_SAFETENSORS_NOTES) == 0
                      ? read_notes(s, m.value, err)
                      : read_tensor(s, file_index, data, &m, err);
        if (!ok) return false;
    }
    return check_cover(s->entries + first, s->n_entries - first, data,
                       &s->files[file_index], err);
}

static bool read_file(ask_safetensors *s, int file_index, ask_error *err)
{
    const file *f = &s->files[file_index];
    const char *text = NULL;
    size_t bytes = 0;
    if (!find_header(&text, &bytes, f, err)) return false;
    ask_json_limits limits = {.max_bytes = ASK_SAFETENSORS_MAX_HEADER, .max_depth = 8};
    ask_json *header = ask_json_parse(text, bytes, f->path, &limits, err);
    if (!header) return false;
    bool ok = read_members(s, file_index, (const uint8_t *)text + bytes, header, err);
    ask_json_free(header);
    return ok;
}

/* ---- the table of names ---- */

static int compare_names(const void *a, const void *b)
{
    const ask_safetensors_entry *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static bool sort_names(ask_safetensors *s, ask_error *err)
{
    s->by_name = calloc(s->n_entries + 1, sizeof *s->by_name);
    if (!s->by_name) return ask_fail_memory(err);
    for (size_t i = 0; i < s->n_entries; i++) s->by_name[i] = &s->entries[i];
    qsort(s->by_name, s->n_entries, sizeof *s->by_name, compare_names);
    for (size_t i = 1; i < s->n_entries; i++) {
        const ask_safetensors_entry *a = s->by_name[i - 1], *b = s->by_name[i];
        if (strcmp(a->name, b->name) == 0) {
            return ask_fail(err, ASK_ERR_MODEL, "%s: tensor \"%s\" is in %s, too",
                            s->files[a->file].path, a->name, s->files[b->file].path);
        }
    }
    return true;
}

const ask_safetensors_entry *ask_safetensors_find(const ask_safetensors *s,
                                                  const char *name)
{
    ask_safetensors_entry wanted = {.name = name};
    const ask_safetensors_entry *key = &wanted;
    const ask_safetensors_entry **found =
        bsearch(&key, s->by_name, s->n_entries, sizeof *s->by_name, compare_names);
    return found ? *found : NULL;
}

/* ---- files and folders ---- */

static ask_safetensors *new_safetensors(int n_files, ask_error *err)
{
    ask_safetensors *s = calloc(1, sizeof *s);
    if (s) s->names = ask_arena_new(0);
    if (s) s->files = calloc((size_t)n_files, sizeof *s->files);
    if (!s || !s->names || !s->files) {
        ask_safetensors_close(s);
        ask_fail_memory(err);
        return NULL;
    }
    s->n_files = n_files;
    return s;
}

/* Maps a file and reads it. path is taken over, also on failure. */
static bool add_file(ask_safetensors *s, int file_index, char *path, ask_error *err)
{
    file *f = &s->files[file_index];
    f->path = path;
    if (!path || !ask_map_open(&f->map, path, err)) return false;
    f->bytes = f->map.data;
    f->n_bytes = f->map.n_bytes;
    return read_file(s, file_index, err);
}

static ask_safetensors *open_file(const char *path, ask_error *err)
{
    ask_safetensors *s = new_safetensors(1, err);
    if (!s) return NULL;
    if (!add_file(s, 0, ask_strdup(path, err), err) || !sort_names(s, err)) {
        ask_safetensors_close(s);
        return NULL;
    }
    return s;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The different names of files in an index, sorted; borrowed from it. The caller frees the
 * list. */
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
static bool check_index(const ask_safetensors *s, ask_json_value map, ask_error *err)
{
    for (ask_json_walk m = {0}; ask_json_next(map, &m);) {
        const char *name;
        if (!ask_json_get_string(&name, m.value, NULL, err)) return false;
        const ask_safetensors_entry *e = ask_safetensors_find(s, m.key);
        if (!e || strcmp(ask_path_basename(s->files[e->file].path), name) != 0) {
            return ask_json_fail(m.value, err, "tensor \"%s\" is not in %s", m.key, name);
        }
    }
    return true;
}

static ask_safetensors *open_indexed(const char *dir, const char *index_path,
                                     ask_error *err)
{
    ask_safetensors *s = NULL;
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
    s = new_safetensors(n_files, err);
    if (!s) goto done;
    for (int i = 0; i < n_files; i++) {
        char *path = ask_path_join(dir, names[i], err);
        if (path && !ask_file_exists(path)) {
            ask_fail(err, ASK_ERR_MODEL, "%s: missing, but %s names it", path, index_path);
            free(path);
            goto done;
        }
        if (!add_file(s, i, path, err)) goto done;
    }
    ok = sort_names(s, err) && check_index(s, map, err);

done:
    free(names);
    ask_json_free(index);
    if (ok) return s;
    ask_safetensors_close(s);
    return NULL;
}

static ask_safetensors *open_dir(const char *dir, ask_error *err)
{
    ask_safetensors *s = NULL;
    char *whole = ask_path_join(dir, FILE_NAME, err);
    char *index = whole ? ask_path_join(dir, INDEX_NAME, err) : NULL;
    if (!index) {
        free(whole);
        return NULL;
    }
    if (ask_file_exists(whole)) {
        s = open_file(whole, err);
    } else if (ask_file_exists(index)) {
        s = open_indexed(dir, index, err);
    } else {
        ask_fail(err, ASK_ERR_MODEL,
                 "%s: neither " FILE_NAME " nor " INDEX_NAME
                 " is there; a file with another "
                 "name can be given itself",
                 dir);
    }
    free(whole);
    free(index);
    return s;
}

ask_safetensors *ask_safetensors_open(const char *path, ask_error *err)
{
    ask_safetensors *s = ask_file_is_dir(path) ? open_dir(path, err) : open_file(path, err);
    if (!s) ask_fail_as(err, ASK_ERR_MODEL);
    return s;
}

ask_safetensors *ask_safetensors_parse(const void *bytes, size_t n_bytes, const char *name,
                                       ask_error *err)
{
    ask_safetensors *s = new_safetensors(1, err);
    if (!s) return NULL;
    file *f = &s->files[0];
    *f = (file){.path = ask_strdup(name, err), .bytes = bytes, .n_bytes = n_bytes};
    if (!f->path || !read_file(s, 0, err) || !sort_names(s, err)) {
        ask_fail_as(err, ASK_ERR_MODEL);
        ask_safetensors_close(s);
        return NULL;
    }
    return s;
}

void ask_safetensors_close(ask_safetensors *s)
{
    if (!s) return;
    for (int i = 0; i < s->n_files; i++) {
        ask_map_close(&s->files[i].map);
        free(s->files[i].path);
    }
    free(s->files);
    free(s->entries);
    free(s->by_name);
    free(s->notes);
    ask_arena_free(s->names);
    free(s);
}

/* ---- looking ---- */

size_t ask_safetensors_count(const ask_safetensors *s)
{
    return s->n_entries;
}

const ask_safetensors_entry *ask_safetensors_at(const ask_safetensors *s, size_t i)
{
    return &s->entries[i];
}

const char *ask_safetensors_file(const ask_safetensors *s, int index)
{
    return s->files[index].path;
}

size_t ask_safetensors_n_notes(const ask_safetensors *s)
{
    return s->n_notes;
}

ask_safetensors_note ask_safetensors_note_at(const ask_safetensors *s, size_t i)
{
    return s->notes[i];
}

void ask_safetensors_release(const ask_safetensors *s, const ask_safetensors_entry *entry)
{
    const file *f = &s->files[entry->file];
    if (!f->map.data) return;
    ask_map_release(&f->map, (size_t)((const uint8_t *)entry->data - f->bytes),
                    entry->bytes);
}
