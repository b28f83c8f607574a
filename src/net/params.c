#include "net/params.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "tensor/shape.h"
#include "tensor/widen.h"

enum { MOST_NAMED = 3 }; // faults of a kind that a message names

/* Faults of one kind: how many, and the first of them as text. */
typedef struct {
    int n;
    ask_str text;
} fault_list;

typedef enum { SOURCE_CHECKPOINT, SOURCE_RANDOM, SOURCE_LIST } source_kind;

struct ask_params {
    source_kind kind;
    ask_store *store;
    ask_arena *room;
    bool failed; // with `error`: nothing is asked for any more
    ask_error error;

    const ask_weights *weights; // SOURCE_CHECKPOINT; SOURCE_LIST: NULL, or a checkpoint's
    bool widens;                // matrices of few bits
    bool trainable;             // its tensors are copied, not borrowed
    bool *asked;                // of each of its tensors
    fault_list missing, misshapen;

    uint64_t seed; // SOURCE_RANDOM

    bool (*visit)(void *user, const ask_param_row *row, ask_error *err); // SOURCE_LIST
    void *user;
};

static ask_params *params_new(source_kind kind, ask_store *store, ask_arena *room,
                              ask_error *err)
{
    ask_params *p = calloc(1, sizeof *p);
    if (!p) {
        ask_fail_memory(err);
        return NULL;
    }
    p->kind = kind;
    p->store = store;
    p->room = room;
    return p;
}

static void params_free(ask_params *p)
{
    ask_str_free(&p->missing.text);
    ask_str_free(&p->misshapen.text);
    free(p->asked);
    free(p);
}

ask_params *ask_params_open(ask_store *store, const ask_weights *weights, ask_arena *room,
                            ask_error *err)
{
    ask_params *p = params_new(SOURCE_CHECKPOINT, store, room, err);
    if (!p) return NULL;
    p->weights = weights;
    p->asked = calloc(ask_weights_count(weights) + 1, sizeof *p->asked);
    if (!p->asked) {
        ask_fail_memory(err);
        params_free(p);
        return NULL;
    }
    return p;
}

ask_params *ask_params_trainable(ask_store *store, const ask_weights *weights,
                                 ask_arena *room, ask_error *err)
{
    ask_params *p = ask_params_open(store, weights, room, err);
    if (p) p->trainable = true;
    return p;
}

void ask_params_widen(ask_params *p)
{
    p->widens = true;
}

ask_params *ask_params_random(ask_store *store, uint64_t seed, ask_arena *room,
                              ask_error *err)
{
    ask_params *p = params_new(SOURCE_RANDOM, store, room, err);
    if (p) p->seed = seed;
    return p;
}

ask_params *ask_params_list(bool (*visit)(void *user, const ask_param_row *row,
                                          ask_error *err),
                            void *user, ask_arena *room, ask_error *err)
{
    ask_params *p = params_new(SOURCE_LIST, NULL, room, err);
    if (p) {
        p->visit = visit;
        p->user = user;
    }
    return p;
}

ask_params *ask_params_list_of(const ask_weights *weights,
                               bool (*visit)(void *user, const ask_param_row *row,
                                             ask_error *err),
                               void *user, ask_arena *room, ask_error *err)
{
    ask_params *p = ask_params_list(visit, user, room, err);
    if (p) p->weights = weights;
    return p;
}

static void *fail(ask_params *p)
{
    p->failed = true;
    return NULL;
}

static void *fail_memory(ask_params *p)
{
    ask_fail_memory(&p->error);
    return fail(p);
}

void *ask_params_array(ask_params *p, size_t count, size_t item_bytes)
{
    if (p->failed) return NULL;
    void *array = ask_arena_array(p->room, count, item_bytes);
    return array ? array : fail_memory(p);
}

/* ---- faults ---- */

/* Opens the text of one more fault; NULL when enough of them are told. */
static ask_str *add_fault(fault_list *list)
{
    if (list->n++ >= MOST_NAMED) return NULL;
    if (list->n > 1) ask_str_append(&list->text, ", ");
    return &list->text;
}

/* The name, and behind it what the file calls it, if that is another one. */
static void append_name(ask_str *text, const ask_params *p, const char *name)
{
    char own[128];
    ask_str_append(text, name);
    if (ask_weights_own_name(own, sizeof own, p->weights, name))
        ask_str_printf(text, " (%s)", own);
}

static void add_missing(ask_params *p, const ask_param_row *row)
{
    ask_str *text = add_fault(&p->missing);
    if (!text) return;
    char shape[ASK_SHAPE_TEXT];
    append_name(text, p, row->name);
    ask_str_printf(text, " %s", ask_dims_text(shape, row->n_dims, row->shape));
}

static bool has_numbers(ask_dtype type)
{
    return ask_dtype_is_real(type) || ask_dtype_is_coded(type);
}

static void add_misshapen(ask_params *p, const ask_param_row *row,
                          const ask_weights_entry *e)
{
    ask_str *text = add_fault(&p->misshapen);
    if (!text) return;
    char is[ASK_SHAPE_TEXT], expected[ASK_SHAPE_TEXT];
    append_name(text, p, e->name);
    ask_str_printf(text, " is %s %s, not %s%s", ask_dtype_name(e->type),
                   ask_dims_text(is, e->n_dims, e->shape),
                   has_numbers(e->type) ? "" : "real numbers ",
                   ask_dims_text(expected, row->n_dims, row->shape));
}

static void append_faults(ask_str *out, const char *what, const fault_list *list)
{
    if (!list->n) return;
    ask_str_printf(out, "%s %s: %s", out->length ? ";" : "", what,
                   ask_str_text(&list->text));
    if (list->n > MOST_NAMED) ask_str_printf(out, " and %d more", list->n - MOST_NAMED);
    out->failed |= list->text.failed;
}

/* ---- from a checkpoint ---- */

static bool fits(const ask_weights_entry *e, const ask_param_row *row)
{
    bool same = has_numbers(e->type) && e->n_dims == row->n_dims;
    for (int i = 0; i < row->n_dims && same; i++) same = e->shape[i] == row->shape[i];
    return same;
}

/* The entry of that name, marked as asked for. */
static const ask_weights_entry *ask_for(ask_params *p, const char *name)
{
    const ask_weights_entry *e = ask_weights_find(p->weights, name);
    if (e) p->asked[e - ask_weights_at(p->weights, 0)] = true;
    return e;
}

/* The entry's values as f32. */
static void read_values(float *out, const ask_weights_entry *e)
{
    int64_t k = e->n_dims > 0 ? e->shape[e->n_dims - 1] : 1;
    if (e->n_elements > 0) ask_widen_rows(e->type, out, e->data, 0, e->n_elements / k, k);
}

/* The entry's values in a tensor of its own. */
static ask_tensor *copy(ask_params *p, const ask_param_row *row, const ask_weights_entry *e)
{
    ask_tensor *t =
        ask_store_add(p->store, row->name, ASK_F32, row->n_dims, row->shape, &p->error);
    if (!t) return fail(p);
    float *values = malloc(ask_tensor_bytes(t) + 1);
    if (!values) return fail_memory(p);
    read_values(values, e);
    bool ok = ask_tensor_write(t, values, ask_tensor_bytes(t), &p->error);
    free(values);
    return ok ? t : fail(p);
}

static float *widen(ask_params *p, const ask_weights_entry *e)
{
    float *wide = ask_arena_array(p->room, (size_t)e->n_elements, sizeof *wide);
    if (!wide) return fail_memory(p);
    read_values(wide, e);
    ask_weights_release(p->weights, e);
    return wide;
}

/* The entry of a parameter; NULL, and remembered, when it is missing or misshapen. */
static const ask_weights_entry *entry_of(ask_params *p, const ask_param_row *row)
{
    const ask_weights_entry *e = ask_for(p, row->name);
    if (e && fits(e, row)) return e;
    if (e)
        add_misshapen(p, row, e);
    else
        add_missing(p, row);
    return NULL;
}

/* Whether the entry can be used where it lies. */
static bool serves(const ask_params *p, const ask_weights_entry *e,
                   const ask_param_row *row)
{
    bool as_matrix = row->matrix && ask_dtype_is_coded(e->type) && !p->widens;
    bool right = e->type == ASK_F32 || as_matrix;
    return right && (uintptr_t)e->data % sizeof(float) == 0;
}

static ask_tensor *take(ask_params *p, const ask_param_row *row)
{
    const ask_weights_entry *e = entry_of(p, row);
    if (!e) return NULL;
    if (p->trainable) return copy(p, row, e);
    bool as_it_is = serves(p, e, row);
    const void *data = as_it_is ? e->data : widen(p, e);
    if (!data) return NULL;
    ask_tensor *t = ask_store_borrow(p->store, row->name, as_it_is ? e->type : ASK_F32,
                                     row->n_dims, row->shape, data, as_it_is, &p->error);
    return t ? t : fail(p);
}

/* ---- at random ---- */

ask_rng ask_param_stream(uint64_t seed, const char *name)
{
    ask_rng root = ask_rng_new(seed);
    return ask_rng_split(&root, name);
}

void ask_param_draw(float *out, size_t n, ask_rng *stream, ask_init init)
{
    for (size_t i = 0; i < n; i++) {
        double drawn = init.kind == ASK_INIT_NORMAL ? ask_rng_normal(stream) : 1;
        out[i] = (float)(init.value * drawn);
    }
}

static bool fill(ask_tensor *t, ask_init init, uint64_t seed, ask_error *err)
{
    size_t bytes = ask_tensor_bytes(t);
    float *values = malloc(bytes + 1);
    if (!values) return ask_fail_memory(err);
    ask_rng stream = ask_param_stream(seed, ask_tensor_name(t));
    ask_param_draw(values, (size_t)ask_tensor_count(t), &stream, init);
    bool ok = ask_tensor_write(t, values, bytes, err);
    free(values);
    return ok;
}

static ask_tensor *draw(ask_params *p, const ask_param_row *row)
{
    ask_tensor *t =
        ask_store_add(p->store, row->name, ASK_F32, row->n_dims, row->shape, &p->error);
    return t && fill(t, row->init, p->seed, &p->error) ? t : fail(p);
}

/* ---- asking ---- */

static ask_tensor *provide(ask_params *p, const ask_param_row *row)
{
    switch (p->kind) {
    case SOURCE_CHECKPOINT:
        return take(p, row);
    case SOURCE_RANDOM:
        return draw(p, row);
    case SOURCE_LIST:
        break;
    }
    return p->visit(p->user, row, &p->error) ? NULL : fail(p);
}

bool ask_params_has(const ask_params *p, const char *format, ...)
{
    char name[256];
    va_list args;
    va_start(args, format);
    ask_vformat(name, sizeof name, format, args);
    va_end(args);
    return !p->weights || ask_weights_find(p->weights, name);
}

void ask_params_pass(ask_params *p, const char *format, ...)
{
    char name[256];
    va_list args;
    va_start(args, format);
    ask_vformat(name, sizeof name, format, args);
    va_end(args);
    if (p->kind == SOURCE_CHECKPOINT) ask_for(p, name);
}

void ask_params_refuse(ask_params *p, const char *format, ...)
{
    if (p->failed) return;
    char why[ASK_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    ask_vformat(why, sizeof why, format, args);
    va_end(args);
    bool from_file = p->weights && ask_weights_count(p->weights) > 0;
    ask_fail(&p->error, ASK_ERR_MODEL, "%s%s%s",
             from_file ? ask_weights_file(p->weights, 0) : "", from_file ? ": " : "", why);
    fail(p);
}

ask_tensor *ask_param(ask_params *p, ask_init init, int n_dims, const int64_t *shape,
                      const char *format, ...)
{
    if (p->failed) return NULL;
    char name[256];
    va_list args;
    va_start(args, format);
    ask_vformat(name, sizeof name, format, args);
    va_end(args);
    return provide(p, &(ask_param_row){name, init, n_dims, shape, false});
}

ask_tensor *ask_param_matrix(ask_params *p, ask_init init, int64_t n, int64_t k,
                             const char *format, ...)
{
    if (p->failed) return NULL;
    char name[256];
    va_list args;
    va_start(args, format);
    ask_vformat(name, sizeof name, format, args);
    va_end(args);
    return provide(p, &(ask_param_row){name, init, 2, (int64_t[]){n, k}, true});
}

/* ---- as numbers ---- */

static float *draw_values(ask_params *p, const ask_param_row *row)
{
    size_t n = 1;
    for (int i = 0; i < row->n_dims; i++) n *= (size_t)row->shape[i];
    float *values = ask_arena_array(p->room, n, sizeof *values);
    if (!values) return fail_memory(p);
    ask_rng stream = ask_param_stream(p->seed, row->name);
    ask_param_draw(values, n, &stream, row->init);
    return values;
}

static float *values_of(ask_params *p, const ask_param_row *row)
{
    const ask_weights_entry *e;
    switch (p->kind) {
    case SOURCE_CHECKPOINT:
        e = entry_of(p, row);
        return e ? widen(p, e) : NULL;
    case SOURCE_RANDOM:
        return draw_values(p, row);
    case SOURCE_LIST:
        break;
    }
    return p->visit(p->user, row, &p->error) ? NULL : fail(p);
}

float *ask_param_values(ask_params *p, ask_init init, int n_dims, const int64_t *shape,
                        const char *format, ...)
{
    if (p->failed) return NULL;
    char name[256];
    va_list args;
    va_start(args, format);
    ask_vformat(name, sizeof name, format, args);
    va_end(args);
    return values_of(p, &(ask_param_row){name, init, n_dims, shape, false});
}

ask_tensor *ask_params_lend(ask_params *p, const float *values, int n_dims,
                            const int64_t *shape, const char *format, ...)
{
    if (p->failed) return NULL;
    char name[256];
    va_list args;
    va_start(args, format);
    ask_vformat(name, sizeof name, format, args);
    va_end(args);
    ask_tensor *t =
        ask_store_borrow(p->store, name, ASK_F32, n_dims, shape, values, false, &p->error);
    return t ? t : fail(p);
}

int64_t ask_params_size(const ask_params *p, int axis, int64_t otherwise,
                        const char *format, ...)
{
    if (!p->weights) return otherwise;
    char name[256];
    va_list args;
    va_start(args, format);
    ask_vformat(name, sizeof name, format, args);
    va_end(args);
    const ask_weights_entry *e = ask_weights_find(p->weights, name);
    return e && axis < e->n_dims ? e->shape[axis] : otherwise;
}

/* ---- the end ---- */

static bool is_ignored(const char *name, const char *const *ignored)
{
    for (; ignored && *ignored; ignored++)
        if (ask_glob_match(*ignored, name)) return true;
    return false;
}

static void find_unknown(fault_list *out, const ask_params *p, const char *const *ignored)
{
    for (size_t i = 0; i < ask_weights_count(p->weights); i++) {
        const char *name = ask_weights_at(p->weights, i)->name;
        if (p->asked[i] || is_ignored(name, ignored)) continue;
        ask_str *text = add_fault(out);
        if (text) append_name(text, p, name);
    }
}

/* The file, or the first of several: "model-00001-of-00002.safetensors and others". */
static void append_files(ask_str *out, const ask_weights *w)
{
    int last = 0;
    for (size_t i = 0; i < ask_weights_count(w); i++) {
        int file = ask_weights_at(w, i)->file;
        if (file > last) last = file;
    }
    ask_str_printf(out, "%s%s", ask_weights_file(w, 0), last ? " and others" : "");
}

static bool check_faults(const ask_params *p, const char *const *ignored, ask_error *err)
{
    fault_list unknown = {0};
    find_unknown(&unknown, p, ignored);
    ask_str files = {0}, text = {0};
    append_files(&files, p->weights);
    append_faults(&text, "missing tensors", &p->missing);
    append_faults(&text, "misshapen tensors", &p->misshapen);
    append_faults(&text, "tensors that the network does not have", &unknown);
    bool ok = text.length == 0;
    if (text.failed || files.failed)
        ok = ask_fail_memory(err);
    else if (!ok)
        ask_fail(err, ASK_ERR_MODEL, "%s:%s", ask_str_text(&files), ask_str_text(&text));
    ask_str_free(&unknown.text);
    ask_str_free(&files);
    ask_str_free(&text);
    return ok;
}

bool ask_params_finish(ask_params *p, const char *const *ignored, ask_error *err)
{
    bool ok = !p->failed;
    if (!ok && err) *err = p->error;
    if (ok && p->kind == SOURCE_CHECKPOINT) ok = check_faults(p, ignored, err);
    params_free(p);
    return ok;
}
