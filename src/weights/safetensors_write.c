#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "weights/safetensors.h"
#include "weights/safetensors_priv.h"
#include "weights/weights_priv.h"

typedef struct {
    const ask_weights_entry *entry; // the caller's; valid while opening only
    size_t begin, bytes;            // of the data, from its beginning
    size_t n_written;               // of these bytes
} slot;

struct ask_safetensors_writer {
    ask_file_writer *file;
    char *path;
    slot *slots; // [n], as the tensors were given
    size_t n;
    size_t data_at; // where the data begins in the file
};

/* ---- the header ---- */

static bool check_text(const char *text, const char *what, const char *path, ask_error *err)
{
    if (text && ask_utf8_valid(text, strlen(text))) return true;
    return ask_fail(err, ASK_ERR_USAGE, "%s: the %s \"%s\" is not UTF-8 text", path, what,
                    text ? text : "");
}

/* Checks a tensor and finds out its bytes. */
static bool check_tensor(size_t *bytes, const ask_weights_entry *e, const char *path,
                         ask_error *err)
{
    if (!check_text(e->name, "tensor name", path, err)) return false;
    if (strcmp(e->name, ASK_SAFETENSORS_NOTES) == 0)
        return ask_fail(err, ASK_ERR_USAGE, "%s: no tensor can be called %s", path,
                        e->name);
    if (!ask_safetensors_type_name(e->type))
        return ask_fail(err, ASK_ERR_USAGE, "%s: tensor \"%s\": no such type", path,
                        e->name);
    int64_t n_elements;
    if (e->n_dims < 0 || e->n_dims > ASK_MAX_DIMS ||
        !weights_size(&n_elements, bytes, e->type, e->n_dims, e->shape)) {
        return ask_fail(err, ASK_ERR_SHAPE, "%s: tensor \"%s\": not a shape", path,
                        e->name);
    }
    return true;
}

/* The order in the file: by type, then by name. */
static int compare_slots(const void *a, const void *b)
{
    const ask_weights_entry *x = (*(slot *const *)a)->entry;
    const ask_weights_entry *y = (*(slot *const *)b)->entry;
    int rx = ask_safetensors_type_rank(x->type), ry = ask_safetensors_type_rank(y->type);
    return rx != ry ? rx - ry : strcmp(x->name, y->name);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(slot *const *)a)->entry->name, (*(slot *const *)b)->entry->name);
}

static bool check_names_differ(slot **sorted, size_t n, const char *path, ask_error *err)
{
    qsort(sorted, n, sizeof *sorted, compare_names);
    for (size_t i = 1; i < n; i++) {
        if (compare_names(&sorted[i - 1], &sorted[i]) == 0) {
            return ask_fail(err, ASK_ERR_USAGE, "%s: two tensors are called \"%s\"", path,
                            sorted[i]->entry->name);
        }
    }
    return true;
}

/* Gives every tensor its place: sorted becomes the slots in the order of the
 * file. */
static bool place_tensors(ask_safetensors_writer *w, slot **sorted,
                          const ask_weights_entry *tensors, ask_error *err)
{
    for (size_t i = 0; i < w->n; i++) {
        w->slots[i].entry = &tensors[i];
        if (!check_tensor(&w->slots[i].bytes, &tensors[i], w->path, err)) return false;
        sorted[i] = &w->slots[i];
    }
    if (!check_names_differ(sorted, w->n, w->path, err)) return false;
    qsort(sorted, w->n, sizeof *sorted, compare_slots);
    size_t at = 0;
    for (size_t i = 0; i < w->n; i++) {
        sorted[i]->begin = at;
        if (!ask_add_size(&at, at, sorted[i]->bytes) || at > INT64_MAX)
            return ask_fail(err, ASK_ERR_SHAPE, "%s: the tensors are too large", w->path);
    }
    return true;
}

/* How many of the tensors have a note of their own; they come first. */
static size_t count_panels(const ask_safetensors_writer *w, slot *const *sorted)
{
    size_t n = 0;
    while (n < w->n && ask_safetensors_type_is_panels(sorted[n]->entry->type)) n++;
    return n;
}

/* Checks the i-th of the notes. */
static bool check_note(const ask_safetensors_writer *w, slot *const *sorted,
                       const ask_weights_note *notes, size_t i, ask_error *err)
{
    const char *key = notes[i].key;
    if (!check_text(key, "note", w->path, err) ||
        !check_text(notes[i].value, "note", w->path, err))
        return false;
    bool is_twice = false;
    for (size_t k = 0; k < i && !is_twice; k++) is_twice = strcmp(notes[k].key, key) == 0;
    if (is_twice)
        return ask_fail(err, ASK_ERR_USAGE, "%s: two notes are called \"%s\"", w->path,
                        key);
    for (size_t k = 0; k < w->n; k++)
        if (strcmp(sorted[k]->entry->name, key) == 0 &&
            (ask_safetensors_type_is_panels(sorted[k]->entry->type) ||
             ask_safetensors_note_is_of_panels(notes[i].value)))
            return ask_fail(err, ASK_ERR_USAGE,
                            "%s: the note \"%s\" would tell the type of the tensor",
                            w->path, key);
    return true;
}

static bool put_notes(ask_json_writer *json, const ask_safetensors_writer *w,
                      slot *const *sorted, const ask_weights_note *notes, size_t n,
                      ask_error *err)
{
    size_t n_panels = count_panels(w, sorted);
    if (n + n_panels == 0) return true;
    ask_json_open_object(json, ASK_SAFETENSORS_NOTES);
    for (size_t i = 0; i < n; i++) {
        if (!check_note(w, sorted, notes, i, err)) return false;
        ask_json_put_string(json, notes[i].key, notes[i].value);
    }
    for (size_t i = 0; i < n_panels; i++) {
        char note[ASK_SAFETENSORS_PANELS_NOTE];
        ask_safetensors_tell_panels(note, sorted[i]->entry);
        ask_json_put_string(json, sorted[i]->entry->name, note);
    }
    ask_json_close(json);
    return true;
}

static void put_tensor(ask_json_writer *json, const slot *s)
{
    const ask_weights_entry e = ask_safetensors_stored(s->entry);
    ask_json_open_object(json, e.name);
    ask_json_put_string(json, "dtype", ask_safetensors_type_name(e.type));
    ask_json_open_array(json, "shape");
    for (int i = 0; i < e.n_dims; i++) ask_json_put_int(json, NULL, e.shape[i]);
    ask_json_close(json);
    ask_json_open_array(json, "data_offsets");
    ask_json_put_int(json, NULL, (int64_t)s->begin);
    ask_json_put_int(json, NULL, (int64_t)(s->begin + s->bytes));
    ask_json_close(json);
    ask_json_close(json);
}

/* Appends the header's length and the header, which is padded with spaces so
 * that the data is aligned: to 8 bytes, or to what panels ask for. */
static bool append_header(ask_str *out, const ask_safetensors_writer *w,
                          slot *const *sorted, const ask_weights_note *notes,
                          size_t n_notes, ask_error *err)
{
    ask_str_append_bytes(out, "\0\0\0\0\0\0\0", 8); // the length comes last
    ask_json_writer json = {.out = out};
    ask_json_open_object(&json, NULL);
    if (!put_notes(&json, w, sorted, notes, n_notes, err)) return false;
    for (size_t i = 0; i < w->n; i++) put_tensor(&json, sorted[i]);
    ask_json_close(&json);
    size_t alignment = count_panels(w, sorted) > 0 ? ASK_SAFETENSORS_PANELS_ALIGNMENT : 8;
    while (out->length % alignment != 0 && !out->failed) ask_str_append_char(out, ' ');
    if (out->failed) return ask_fail_memory(err);
    size_t length = out->length - 8;
    if (length > ASK_SAFETENSORS_MAX_HEADER)
        return ask_fail(err, ASK_ERR_USAGE, "%s: too many tensors for one file", w->path);
    for (int i = 0; i < 8; i++) out->data[i] = (char)(length >> 8 * i & 0xff);
    return true;
}

/* ---- the writer ---- */

static bool begin_file(ask_safetensors_writer *w, const ask_weights_entry *tensors,
                       const ask_weights_note *notes, size_t n_notes, ask_error *err)
{
    ask_str header = {0};
    slot **sorted = calloc(w->n + 1, sizeof *sorted);
    w->slots = calloc(w->n + 1, sizeof *w->slots);
    bool ok = sorted && w->slots;
    if (!ok) ask_fail_memory(err);
    ok = ok && place_tensors(w, sorted, tensors, err) &&
         append_header(&header, w, sorted, notes, n_notes, err);
    if (ok) {
        w->data_at = header.length;
        w->file = ask_file_writer_open(w->path, err);
        ok = w->file && ask_file_writer_write(w->file, header.data, header.length, err);
    }
    ask_str_free(&header);
    free(sorted);
    return ok;
}

ask_safetensors_writer *ask_safetensors_writer_open(const char *path,
                                                    const ask_weights_entry *tensors,
                                                    size_t n, const ask_weights_note *notes,
                                                    size_t n_notes, ask_error *err)
{
    ask_safetensors_writer *w = calloc(1, sizeof *w);
    if (!w) {
        ask_fail_memory(err);
        return NULL;
    }
    w->n = n;
    w->path = ask_strdup(path, err);
    if (!w->path || !begin_file(w, tensors, notes, n_notes, err)) {
        ask_safetensors_writer_abort(w);
        return NULL;
    }
    return w;
}

bool ask_safetensors_writer_put(ask_safetensors_writer *w, size_t i, const void *data,
                                ask_error *err)
{
    return ask_safetensors_writer_put_part(w, i, data, w->slots[i].bytes, err);
}

bool ask_safetensors_writer_put_part(ask_safetensors_writer *w, size_t i, const void *data,
                                     size_t n_bytes, ask_error *err)
{
    slot *s = &w->slots[i];
    assert(n_bytes <= s->bytes - s->n_written);
    int64_t place = (int64_t)(w->data_at + s->begin + s->n_written);
    s->n_written += n_bytes;
    if (n_bytes == 0) return true;
    return ask_file_writer_seek(w->file, place, err) &&
           ask_file_writer_write(w->file, data, n_bytes, err);
}

bool ask_safetensors_writer_commit(ask_safetensors_writer *w, ask_error *err)
{
    bool ok = true;
    for (size_t i = 0; i < w->n && ok; i++) {
        const slot *s = &w->slots[i];
        if (s->n_written < s->bytes)
            ok = ask_fail(err, ASK_ERR_BUG, "%s: of tensor %zu, %zu of %zu bytes came",
                          w->path, i, s->n_written, s->bytes);
    }
    if (ok) {
        ok = ask_file_writer_commit(w->file, err);
        w->file = NULL;
    }
    ask_safetensors_writer_abort(w);
    return ok;
}

void ask_safetensors_writer_abort(ask_safetensors_writer *w)
{
    if (!w) return;
    ask_file_writer_abort(w->file);
    free(w->slots);
    free(w->path);
    free(w);
}

bool ask_safetensors_write(const char *path, const ask_weights_entry *tensors, size_t n,
                           const ask_weights_note *notes, size_t n_notes, ask_error *err)
{
    ask_safetensors_writer *w =
        ask_safetensors_writer_open(path, tensors, n, notes, n_notes, err);
    if (!w) return false;
    for (size_t i = 0; i < n; i++) ask_safetensors_writer_put(w, i, tensors[i].data, err);
    return ask_safetensors_writer_commit(w, err);
}
