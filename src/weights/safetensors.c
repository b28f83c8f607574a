/* Files of the safetensors format: the length of a header (8 bytes), the header
 * (a JSON object: name -> dtype, shape, data_offsets) and the data,
 * little-endian and packed. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "weights/safetensors_priv.h"
#include "weights/weights_priv.h"

enum { LENGTH_BYTES = 8 }; // before the header

/* Finds the header and the data behind it. */
static bool find_header(const char **header, size_t *header_bytes, const weights_file *f,
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

/* The note of a tensor that says which panels its bytes are; NULL without one. */
static const char *note_of_panels(ask_json_value root, const char *tensor)
{
    ask_json_value notes = ask_json_member(root, ASK_SAFETENSORS_NOTES);
    const char *note;
    bool is_text = ask_json_get_string(&note, ask_json_member(notes, tensor), NULL, NULL);
    return is_text && ask_safetensors_note_is_of_panels(note) ? note : NULL;
}

static bool is_tensor(ask_json_value root, const char *name)
{
    return ask_json_type_of(ask_json_member(root, name)) != ASK_JSON_ABSENT;
}

/* Those that are told to the reader of the file. */
static bool read_notes(ask_weights *w, ask_json_value root, ask_json_value notes,
                       ask_error *err)
{
    if (ask_json_type_of(notes) == ASK_JSON_NULL) return true;
    if (!ask_json_get_object(&notes, notes, NULL, err)) return false;
    size_t n = ask_json_count(notes);
    if (n == 0) return true;
    ask_weights_note *grown = realloc(w->notes, (w->n_notes + n) * sizeof *grown);
    if (!grown) return ask_fail_memory(err);
    w->notes = grown;
    for (ask_json_walk m = {0}; ask_json_next(notes, &m);) {
        const char *value;
        if (!ask_json_get_string(&value, m.value, NULL, err)) return false;
        if (note_of_panels(root, m.key) && is_tensor(root, m.key)) continue;
        ask_weights_note note = {ask_arena_strdup(w->arena, m.key),
                                 ask_arena_strdup(w->arena, value)};
        if (!note.key || !note.value) return ask_fail_memory(err);
        w->notes[w->n_notes++] = note;
    }
    return true;
}

static bool read_shape(ask_weights_entry *e, ask_json_value tensor, const weights_file *f,
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
    if (!weights_size(&e->n_elements, &e->bytes, e->type, e->n_dims, e->shape)) {
        return ask_fail(err, ASK_ERR_MODEL, "%s: tensor \"%s\": the shape overflows",
                        f->path, e->name);
    }
    return true;
}

/* Reads where the data lies: inside the file, and as long as type and shape
 * say. */
static bool read_place(ask_weights_entry *e, ask_json_value tensor, const uint8_t *data,
                       const weights_file *f, ask_error *err)
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

/* panels: the note that says which they are; NULL: it is another tensor. */
static bool read_tensor(ask_weights *w, int file_index, const uint8_t *data,
                        const ask_json_walk *member, const char *panels, ask_error *err)
{
    const weights_file *f = &w->files[file_index];
    ask_weights_entry e = {.file = file_index,
                           .name = ask_arena_strdup(w->arena, member->key)};
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
    if (!read_shape(&e, tensor, f, err) || !read_place(&e, tensor, data, f, err) ||
        (panels && !ask_safetensors_read_panels(&e, panels, f->path, err)))
        return false;
    return weights_add(w, &e, err);
}

static int compare_places(const void *a, const void *b)
{
    const ask_weights_entry *x = a, *y = b;
    uintptr_t px = (uintptr_t)x->data, py = (uintptr_t)y->data;
    if (px != py) return px < py ? -1 : 1;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Sorts the tensors of a file by place and checks that they cover its data
 * exactly. */
static bool check_cover(ask_weights_entry *entries, size_t n, const uint8_t *data,
                        const weights_file *f, ask_error *err)
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

static bool read_members(ask_weights *w, int file_index, const uint8_t *data,
                         const ask_json *header, ask_error *err)
{
    ask_json_value root = ask_json_root(header);
    size_t first = w->n_entries;
    for (ask_json_walk m = {0}; ask_json_next(root, &m);) {
        bool ok =
            strcmp(m.key, ASK_SAFETENSORS_NOTES) == 0
                ? read_notes(w, root, m.value, err)
                : read_tensor(w, file_index, data, &m, note_of_panels(root, m.key), err);
        if (!ok) return false;
    }
    size_t n = w->n_entries - first;
    return check_cover(n > 0 ? &w->entries[first] : NULL, n, data, &w->files[file_index],
                       err);
}

bool weights_read_safetensors(ask_weights *w, int file_index, ask_error *err)
{
    const weights_file *f = &w->files[file_index];
    const char *text = NULL;
    size_t bytes = 0;
    if (w->under && *w->under) {
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: a safetensors file; only torch archives have \"%s\" in them",
                        f->path, w->under);
    }
    if (!find_header(&text, &bytes, f, err)) return false;
    ask_json_limits limits = {.max_bytes = ASK_SAFETENSORS_MAX_HEADER, .max_depth = 8};
    ask_json *header = ask_json_parse(text, bytes, f->path, &limits, err);
    if (!header) return false;
    bool ok = read_members(w, file_index, (const uint8_t *)text + bytes, header, err);
    ask_json_free(header);
    return ok;
}
