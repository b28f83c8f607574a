#include "train/glance_features.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/options.h"
#include "base/str.h"
#include "base/thread.h"
#include "eval/record_features.h"

/* One thing to be looked at. */
typedef struct {
    ask_record_features of;
    float *rows;    // [n_rows, width]; NULL: not kept
    int64_t n_rows; // at most n_frames
    bool is_read;
} entry;

struct ask_glance_features {
    ask_glance_features_options opt;
    ask_feature_store *store;
    ask_arena *room; // keys
    entry *entries;
    size_t n, capacity;

    ask_mutex lock; // of what follows, and of reading
    bool has_lock;
    size_t bytes; // that are kept
    int64_t width;
    char *model_id;
    bool is_told; // whether width and model are known
    size_t n_kept, n_empty, n_uncut;
};

/* ---- open and close ---- */

ask_glance_features *ask_glance_features_open(const ask_glance_features_options *opt,
                                              ask_error *err)
{
    ask_glance_features *f = calloc(1, sizeof *f);
    if (!f || !(f->room = ask_arena_new(0))) {
        ask_fail_memory(err);
        goto fail;
    }
    ask_options_take(&f->opt, sizeof f->opt, opt);
    if (f->opt.n_frames < 1) {
        ask_fail(err, ASK_ERR_USAGE, "a network that takes %d frames", f->opt.n_frames);
        goto fail;
    }
    f->has_lock = ask_mutex_open(&f->lock, err);
    if (f->has_lock) f->store = ask_feature_store_open(f->opt.path, &f->opt.store, err);
    if (f->store) return f;

fail:
    ask_glance_features_close(f);
    return NULL;
}

void ask_glance_features_close(ask_glance_features *f)
{
    if (!f) return;
    for (size_t i = 0; i < f->n; i++) free(f->entries[i].rows);
    free(f->entries);
    free(f->model_id);
    ask_feature_store_close(f->store);
    if (f->has_lock) ask_mutex_close(&f->lock);
    ask_arena_free(f->room);
    free(f);
}

/* ---- which features are a record's ---- */

typedef struct {
    entry entry;
    size_t record;
} wish;

/* Of the same, in the order of the records. */
static int compare_wishes(const void *a, const void *b)
{
    const wish *x = a, *y = b;
    int order = ask_record_features_compare(&x->entry.of, &y->entry.of);
    return order ? order : (x->record > y->record) - (x->record < y->record);
}

static bool reserve(ask_glance_features *f, size_t n_more, ask_error *err)
{
    if (f->n + n_more <= f->capacity) return true;
    size_t capacity = f->n + n_more;
    entry *entries = realloc(f->entries, capacity * sizeof *entries);
    if (!entries) return ask_fail_memory(err);
    f->entries = entries;
    f->capacity = capacity;
    return true;
}

/* Those that are alike become one entry. */
static void take_wishes(ask_glance_features *f, size_t *places, wish *wishes, size_t n)
{
    qsort(wishes, n, sizeof *wishes, compare_wishes);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 ||
            ask_record_features_compare(&wishes[i].entry.of, &wishes[i - 1].entry.of) != 0)
            f->entries[f->n++] = wishes[i].entry;
        places[wishes[i].record] = f->n - 1;
    }
}

bool ask_glance_features_add(ask_glance_features *f, size_t *places,
                             const ask_data_record *records, size_t n, ask_error *err)
{
    wish *wishes = calloc(n + 1, sizeof *wishes);
    bool ok = (wishes || ask_fail_memory(err)) && reserve(f, n, err);
    for (size_t i = 0; ok && i < n; i++) {
        wishes[i].record = i;
        ok = ask_record_features_find(&wishes[i].entry.of, f->store, &records[i], f->room,
                                      err);
    }
    if (ok) take_wishes(f, places, wishes, n);
    free(wishes);
    return ok;
}

/* ---- reading: with the lock ---- */

static bool check_alike(ask_glance_features *f, const entry *e, const ask_feature_rows *r,
                        ask_error *err)
{
    if (!f->is_told) {
        if (r->model_id && !(f->model_id = ask_strdup(r->model_id, err))) return false;
        f->width = r->width;
        f->is_told = true;
    }
    if (r->width != f->width)
        return ask_fail(err, ASK_ERR_SHAPE,
                        "%s: key \"%s\": rows of %lld numbers, but others are of %lld",
                        f->opt.path, e->of.key, (long long)r->width, (long long)f->width);
    if (!r->model_id || !f->model_id || strcmp(r->model_id, f->model_id) == 0) return true;
    return ask_fail(err, ASK_ERR_UNSUPPORTED,
                    "%s: key \"%s\": features of model %.12s, but others are of %.12s",
                    f->opt.path, e->of.key, r->model_id, f->model_id);
}

static bool read_rows(ask_feature_rows *out, ask_glance_features *f, entry *e,
                      ask_error *err)
{
    if (!ask_feature_store_read(out, f->store, e->of.key, err)) return false;
    if (!check_alike(f, e, out, err)) {
        ask_feature_rows_free(out);
        return false;
    }
    f->n_uncut += !ask_record_features_cut(out, &e->of) && !e->is_read;
    f->n_empty += !e->is_read && out->n == 0;
    e->is_read = true;
    return true;
}

/* Keeps the first n_rows of fitted rows, where there is room and memory. */
static void keep(ask_glance_features *f, entry *e, const float *rows, int64_t n_rows)
{
    size_t bytes = (size_t)(n_rows * f->width) * sizeof *rows;
    if (bytes > f->opt.cache_bytes - f->bytes) return;
    e->rows = malloc(bytes ? bytes : 1);
    if (!e->rows) return;
    memcpy(e->rows, rows, bytes);
    e->n_rows = n_rows;
    f->bytes += bytes;
    f->n_kept++;
}

static void give(const ask_glance_features *f, const entry *e, float *out)
{
    size_t kept = (size_t)(e->n_rows * f->width),
           all = (size_t)(f->opt.n_frames * f->width);
    memcpy(out, e->rows, kept * sizeof *out);
    memset(out + kept, 0, (all - kept) * sizeof *out);
}

static bool read_entry(ask_glance_features *f, entry *e, float *out, int64_t *n_real,
                       ask_error *err)
{
    if (e->rows) {
        give(f, e, out);
        *n_real = e->n_rows;
        return true;
    }
    ask_feature_rows rows;
    if (!read_rows(&rows, f, e, err)) return false;
    *n_real = ask_feature_rows_fit(out, f->opt.n_frames, &rows);
    keep(f, e, out, *n_real);
    ask_feature_rows_free(&rows);
    return true;
}

bool ask_glance_features_read(ask_glance_features *f, size_t place, float *out,
                              int64_t *n_real, ask_error *err)
{
    ask_mutex_lock(&f->lock);
    bool ok = read_entry(f, &f->entries[place], out, n_real, err);
    ask_mutex_unlock(&f->lock);
    return ok;
}

/* ---- loading ---- */

/* The first tells how wide rows are. */
static bool learn_width(ask_glance_features *f, ask_error *err)
{
    ask_feature_rows rows;
    if (f->is_told || f->n == 0) return true;
    if (!read_rows(&rows, f, &f->entries[0], err)) return false;
    ask_feature_rows_free(&rows);
    return true;
}

static bool has_room(const ask_glance_features *f)
{
    size_t most = (size_t)(f->opt.n_frames * f->width) * sizeof(float);
    return most <= f->opt.cache_bytes - f->bytes;
}

static bool load(ask_glance_features *f, const ask_progress *progress,
                 const ask_cancel *cancel, ask_error *err)
{
    if (!learn_width(f, err)) return false;
    size_t n = (size_t)(f->opt.n_frames * f->width);
    float *rows = malloc(n * sizeof *rows + 1);
    bool ok = rows || ask_fail_memory(err);
    for (size_t i = 0; ok && i < f->n && has_room(f); i++) {
        int64_t n_real;
        ok = ask_cancel_check(cancel, err) &&
             read_entry(f, &f->entries[i], rows, &n_real, err);
        ask_progress_send(progress, (int64_t)i + 1, (int64_t)f->n, "videos",
                          "reading features");
    }
    free(rows);
    return ok;
}

bool ask_glance_features_load(ask_glance_features *f, const ask_progress *progress,
                              const ask_cancel *cancel, ask_error *err)
{
    ask_mutex_lock(&f->lock);
    bool ok = load(f, progress, cancel, err);
    ask_mutex_unlock(&f->lock);
    return ok;
}

ask_glance_features_info ask_glance_features_info_of(const ask_glance_features *f)
{
    return (ask_glance_features_info){.width = f->width,
                                      .model_id = f->model_id,
                                      .n = f->n,
                                      .n_kept = f->n_kept,
                                      .n_empty = f->n_empty,
                                      .n_uncut = f->n_uncut};
}
