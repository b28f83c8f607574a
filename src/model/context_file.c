/* Contexts in files: safetensors of the rows that were read, and notes that say whose. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/version.h"
#include "model/context_priv.h"
#include "weights/safetensors.h"

/* ---- what a file holds ---- */

enum { SCHEMA, MODEL_ID, NETWORK, N_LAYERS, N_HEADS, HEAD, VERSION, N_KEPT };
enum { N_NOTES = N_KEPT + 2 }; // with those that not all have
enum { N_SIZES = 3, SIZE_BYTES = 16 };

static const char note_key[] = "note", prompt_key[] = "n_prompt";

typedef struct {
    ask_weights_note list[N_NOTES];
    size_t n;
    char sizes[N_SIZES][SIZE_BYTES], n_prompt[SIZE_BYTES];
} notes;

static ask_decoder_sizes sizes_of(const ask_context *c)
{
    const ask_model *m = c->session->model;
    return context_language_sizes(m).decoder;
}

/* note: the caller's; NULL: none. */
static void make_notes(notes *out, const ask_context *c, const char *note)
{
    const ask_model_info *info = &c->session->model->info;
    const ask_decoder_sizes z = sizes_of(c);
    const int sizes[N_SIZES] = {z.n_layers, z.n_heads, z.head};
    for (int i = 0; i < N_SIZES; i++) ask_format(out->sizes[i], SIZE_BYTES, "%d", sizes[i]);
    const ask_weights_note list[N_KEPT] = {
        [SCHEMA] = {"schema", CONTEXT_SCHEMA},
        [MODEL_ID] = {"model_id", info->id},
        [NETWORK] = {"network", c->session->model->network->name},
        [N_LAYERS] = {"n_layers", out->sizes[0]},
        [N_HEADS] = {"n_heads", out->sizes[1]},
        [HEAD] = {"head", out->sizes[2]},
        [VERSION] = {"version", ask_version()},
    };
    memcpy(out->list, list, sizeof list);
    out->n = N_KEPT;
    ask_format(out->n_prompt, SIZE_BYTES, "%d", c->n_prompt);
    if (context_encodes(c))
        out->list[out->n++] = (ask_weights_note){prompt_key, out->n_prompt};
    if (note) out->list[out->n++] = (ask_weights_note){note_key, note};
}

/* Columns of the rows, then keys and values of each layer. */
enum { IDS, IDENTITIES, PARENTS, N_COLUMNS };
enum { NAME_BYTES = 32 };

typedef struct {
    ask_weights_entry *list; // [n], without data
    char (*names)[NAME_BYTES];
    size_t n;
} tensors;

static void tensors_free(tensors *t)
{
    free(t->list);
    free(t->names);
}

/* Of a file with n rows. On failure *out can be freed, too. */
static bool make_tensors(tensors *out, const ask_context *c, int64_t n, ask_error *err)
{
    static const char *const columns[] = {"ids", "identities", "parents"};
    const ask_decoder_sizes z = sizes_of(c);
    const size_t count = N_COLUMNS + 2 * (size_t)z.n_layers;
    *out = (tensors){.list = calloc(count, sizeof *out->list),
                     .names = calloc(count, sizeof *out->names),
                     .n = count};
    if (!out->list || !out->names) return ask_fail_memory(err);
    for (int i = 0; i < N_COLUMNS; i++)
        out->list[i] = (ask_weights_entry){.name = columns[i],
                                           .type = i == IDENTITIES ? ASK_U64 : ASK_I64,
                                           .n_dims = 1,
                                           .shape = {n}};
    for (size_t i = N_COLUMNS; i < count; i++) {
        bool keys = (i - N_COLUMNS) % 2 == 0;
        ask_format(out->names[i], NAME_BYTES, "%s.%zu", keys ? "keys" : "values",
                   (i - N_COLUMNS) / 2);
        out->list[i] = (ask_weights_entry){.name = out->names[i],
                                           .type = ASK_F32,
                                           .n_dims = 3,
                                           .shape = {z.n_heads, n, z.head}};
    }
    return true;
}

/* Of tensor i of a file the one in the cache: [1, H, N, D]. */
static ask_tensor *cached(const ask_context *c, size_t i)
{
    size_t layer = (i - N_COLUMNS) / 2;
    return (i - N_COLUMNS) % 2 == 0 ? c->cache.k[layer] : c->cache.v[layer];
}

/* Room for one tensor of the cache: there is never a second copy of more. */
static float *make_room(const ask_context *c, ask_error *err)
{
    float *room = calloc(ask_tensor_bytes(c->cache.k[0]), 1);
    if (!room) ask_fail_memory(err);
    return room;
}

/* ---- saving ---- */

static bool put_columns(ask_safetensors_writer *w, const ask_context *c, ask_error *err)
{
    size_t n = (size_t)c->n_read;
    uint64_t *column = calloc(n + 1, sizeof *column);
    if (!column) return ask_fail_memory(err);
    bool ok = true;
    for (int i = 0; i < N_COLUMNS && ok; i++) {
        for (size_t k = 0; k < n; k++) {
            const context_row *row = &c->rows[k];
            column[k] = i == IDS          ? (uint64_t)row->id
                        : i == IDENTITIES ? row->identity
                                          : (uint64_t)(int64_t)row->parent;
        }
        ok = ask_safetensors_writer_put(w, (size_t)i, column, err);
    }
    free(column);
    return ok;
}

/* The rows that were read, of each head. */
static bool put_cached(ask_safetensors_writer *w, const ask_context *c, size_t i,
                       float *room, ask_error *err)
{
    ask_mutex *lock = &c->session->model->lock;
    const ask_tensor *t = cached(c, i);
    const ask_decoder_sizes z = sizes_of(c);
    size_t head = (size_t)c->cache.n_rows * (size_t)z.head;
    size_t bytes = (size_t)c->n_read * (size_t)z.head * sizeof *room;
    ask_mutex_lock(lock);
    bool ok = ask_tensor_read(t, room, ask_tensor_bytes(t), err);
    ask_mutex_unlock(lock);
    for (int h = 0; h < z.n_heads && ok; h++)
        ok = ask_safetensors_writer_put_part(w, i, room + (size_t)h * head, bytes, err);
    return ok;
}

static bool put_all(ask_safetensors_writer *w, const ask_context *c, size_t n,
                    ask_error *err)
{
    float *room = make_room(c, err);
    bool ok = room && put_columns(w, c, err);
    for (size_t i = N_COLUMNS; i < n && ok; i++) ok = put_cached(w, c, i, room, err);
    free(room);
    return ok;
}

bool ask_context_save(const ask_context *c, const char *path, const char *note,
                      ask_error *err)
{
    notes said;
    tensors t = {0};
    ask_safetensors_writer *w = NULL;
    if (note && !ask_utf8_valid(note, strlen(note)))
        return ask_fail(err, ASK_ERR_USAGE, "%s: the note is not UTF-8", path);
    make_notes(&said, c, note);
    bool ok =
        make_tensors(&t, c, c->n_read, err) &&
        (w = ask_safetensors_writer_open(path, t.list, t.n, said.list, said.n, err)) &&
        put_all(w, c, t.n, err);
    if (ok)
        ok = ask_safetensors_writer_commit(w, err);
    else
        ask_safetensors_writer_abort(w);
    tensors_free(&t);
    return ok;
}

/* ---- loading ---- */

static bool check_notes(const ask_context *c, const ask_weights *w, ask_error *err)
{
    notes wanted;
    const char *path = ask_weights_file(w, 0);
    make_notes(&wanted, c, NULL);
    for (int i = 0; i < VERSION; i++) {
        const ask_weights_note *note = &wanted.list[i];
        const char *there = ask_weights_find_note(w, note->key);
        if (there && strcmp(there, note->value) == 0) continue;
        if (i == SCHEMA)
            return ask_fail(err, ASK_ERR_MODEL,
                            "%s: is no saved context: the note \"schema\" is \"%.40s\", "
                            "not \"%s\"",
                            path, there ? there : "", note->value);
        if (i == MODEL_ID)
            return ask_fail(err, ASK_ERR_MODEL,
                            "%s: another model has read this context (its id is "
                            "\"%.12s...\", that of %s \"%.12s...\"); use that model, or "
                            "read the text again",
                            path, there ? there : "", c->session->model->dir, note->value);
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: the note \"%s\" is \"%.40s\", not \"%s\"; the file is "
                        "damaged, read the text again",
                        path, note->key, there ? there : "", note->value);
    }
    return true;
}

static bool is_like(const ask_weights_entry *e, const ask_weights_entry *wanted)
{
    return e->type == wanted->type && e->n_dims == wanted->n_dims &&
           memcmp(e->shape, wanted->shape, (size_t)e->n_dims * sizeof *e->shape) == 0;
}

/* Finds the tensors: the data of t's. */
static bool find_tensors(tensors *t, const ask_weights *w, ask_error *err)
{
    const char *path = ask_weights_file(w, 0);
    if (ask_weights_count(w) != t->n)
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: has %zu tensors, not %zu; the file is damaged, read the text "
                        "again",
                        path, ask_weights_count(w), t->n);
    for (size_t i = 0; i < t->n; i++) {
        const ask_weights_entry *e = ask_weights_find(w, t->list[i].name);
        if (!e || !is_like(e, &t->list[i]))
            return ask_fail(err, ASK_ERR_MODEL,
                            "%s: tensor \"%s\" is missing, or has another type or shape "
                            "than its model's; the file is damaged, read the text again",
                            path, t->list[i].name);
        t->list[i].data = e->data;
    }
    return true;
}

static uint64_t number_at(const ask_weights_entry *column, int64_t i)
{
    uint64_t number;
    memcpy(&number, (const char *)column->data + (size_t)i * sizeof number, sizeof number);
    return number;
}

static bool take_row(ask_context *c, const tensors *t, int64_t i, const char *path,
                     ask_error *err)
{
    const int64_t id = (int64_t)number_at(&t->list[IDS], i);
    const int64_t parent = (int64_t)number_at(&t->list[PARENTS], i);
    const uint64_t identity = number_at(&t->list[IDENTITIES], i);
    if (identity && context_encodes(c) && i >= c->n_prompt)
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: place %lld is of what is seen, and stands in an answer; the "
                        "file is damaged, read the text again",
                        path, (long long)i);
    if (!identity && (id < 0 || id >= c->info.n_vocab))
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: place %lld: id %lld is not in a vocabulary of %lld; the file "
                        "is damaged, read the text again",
                        path, (long long)i, (long long)id, (long long)c->info.n_vocab);
    // Behind a prompt that was encoded stands the token from which is decoded; all of the
    // answer follows that.
    int64_t least = i <= c->n_prompt ? i - 1 : c->n_prompt;
    if (!context_encodes(c)) least = 0;
    if (context_encodes(c) && i == c->n_prompt && id != context_start_id(c))
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: token %lld stands behind the prompt, not %lld; the file is "
                        "damaged, read the text again",
                        path, (long long)id, (long long)context_start_id(c));
    if (i == 0 ? parent != -1 : parent < least || parent >= i)
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: place %lld cannot follow place %lld; the file is damaged, "
                        "read the text again",
                        path, (long long)i, (long long)parent);
    c->rows[i] = (context_row){.id = id,
                               .identity = identity,
                               .parent = (int)parent,
                               .depth = i == 0 ? 0 : c->rows[parent].depth + 1};
    return true;
}

/* Copies n rows of each head into room, as the cache has them. */
static bool spread(float *room, const ask_context *c, const ask_weights_entry *e,
                   const char *path, ask_error *err)
{
    size_t head = (size_t)c->cache.n_rows * (size_t)e->shape[2];
    size_t n = (size_t)e->shape[1] * (size_t)e->shape[2];
    for (size_t h = 0; h < (size_t)e->shape[0]; h++) {
        float *rows = room + h * head;
        memcpy(rows, (const char *)e->data + h * n * sizeof *rows, n * sizeof *rows);
        for (size_t i = 0; i < n; i++)
            if (!isfinite(rows[i]))
                return ask_fail(err, ASK_ERR_MODEL,
                                "%s: tensor \"%s\" holds what is no number; the file is "
                                "damaged, read the text again",
                                path, e->name);
    }
    return true;
}

static bool take_cached(ask_context *c, const tensors *t, const char *path, ask_error *err)
{
    ask_mutex *lock = &c->session->model->lock;
    float *room = make_room(c, err);
    bool ok = room != NULL;
    for (size_t i = N_COLUMNS; i < t->n && ok; i++) {
        if (!(ok = spread(room, c, &t->list[i], path, err))) break;
        ask_tensor *to = cached(c, i);
        ask_mutex_lock(lock);
        ok = ask_tensor_write(to, room, ask_tensor_bytes(to), err);
        ask_mutex_unlock(lock);
    }
    free(room);
    return ok;
}

/* How many places a file has; -1 and *err where it cannot be, or there is no room. */
static int64_t count_rows(const ask_context *c, const ask_weights *w, ask_error *err)
{
    const char *path = ask_weights_file(w, 0);
    const ask_weights_entry *ids = ask_weights_find(w, "ids");
    int64_t n = ids && ids->n_dims == 1 ? ids->shape[0] : -1;
    if (n < 0 || n > c->info.n_context)
        ask_fail(err, ASK_ERR_MODEL,
                 "%s: has no \"ids\" of 0 to %d places; the file is damaged, read the text "
                 "again",
                 path, c->info.n_context);
    else if (n > c->cache.n_rows)
        ask_fail(
            err, ASK_ERR_LIMIT,
            "%s: %lld places do not fit into a context of %lld; open it with more room",
            path, (long long)n, (long long)c->cache.n_rows);
    else
        return n;
    return -1;
}

/* How many of n places an encoder read. */
static bool take_n_prompt(ask_context *c, const ask_weights *w, int64_t n, ask_error *err)
{
    const char *path = ask_weights_file(w, 0);
    const char *there = ask_weights_find_note(w, prompt_key);
    int64_t n_prompt = -1;
    if (!context_encodes(c)) return true;
    // Nothing was read, or a prompt and the token behind it.
    if (!there || !ask_parse_i64(&n_prompt, there) ||
        (n > 0 ? n_prompt < 1 || n_prompt >= n : n_prompt != 0))
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: the note \"%s\" is \"%.40s\", with %lld places in all; the "
                        "file is damaged, read the text again",
                        path, prompt_key, there ? there : "", (long long)n);
    c->n_prompt = (int)n_prompt;
    return true;
}

bool context_take(ask_context *c, const ask_weights *w, ask_error *err)
{
    const char *path = ask_weights_file(w, 0);
    tensors t = {0};
    ask_context_rewind(c, 0);
    if (!check_notes(c, w, err)) return false;
    int64_t n = count_rows(c, w, err);
    bool ok = n >= 0 && take_n_prompt(c, w, n, err) && make_tensors(&t, c, n, err) &&
              find_tensors(&t, w, err);
    for (int64_t i = 0; i < n && ok; i++) ok = take_row(c, &t, i, path, err);
    ok = ok && take_cached(c, &t, path, err);
    if (ok)
        c->n_read = (int)n;
    else
        ask_context_rewind(c, 0);
    tensors_free(&t);
    return ok;
}

/* How many places a file says that it has; 1 where it does not, which is told later. */
static int places_of(const ask_weights *w)
{
    const ask_weights_entry *ids = ask_weights_find(w, "ids");
    bool told = ids && ids->n_dims == 1 && ids->shape[0] > 0 && ids->shape[0] <= INT_MAX;
    return told ? (int)ids->shape[0] : 1;
}

/* out may be NULL. */
static bool take_note(char **out, const ask_weights *w, ask_error *err)
{
    const char *note = out ? ask_weights_find_note(w, note_key) : NULL;
    char *copy = note ? ask_strdup(note, err) : NULL;
    if (note && !copy) return false;
    if (out) *out = copy;
    return true;
}

ask_context *ask_context_load(ask_session *s, const char *path, int n_rows, char **note,
                              ask_error *err)
{
    ask_weights *w = ask_weights_open(path, err);
    if (!w) return NULL;
    ask_context *c = ask_context_open(s, n_rows != 0 ? n_rows : places_of(w), err);
    bool ok = c && context_take(c, w, err) && take_note(note, w, err);
    ask_weights_close(w);
    if (ok) return c;
    ask_context_close(c);
    return NULL;
}
