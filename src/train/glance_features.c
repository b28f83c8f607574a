#include "train/glance_features.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/options.h"
#include "base/path.h"
#include "base/str.h"
#include "base/thread.h"

/* One thing to be looked at. */
typedef struct {
    const char *key;
    bool has_part;
    ask_data_span part; // of a whole video
    float *rows;        // [n_rows, width]; NULL: not kept
    int64_t n_rows;     // at most n_frames
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

/* The name of the video's file without its ending, in the arena; NULL: it is not known. */
static bool stem_of(const char **out, ask_glance_features *f, const char *path,
                    ask_error *err)
{
    *out = NULL;
    if (!path) return true;
    const char *name = ask_path_basename(path);
    *out =
        ask_arena_strndup(f->room, name, strlen(name) - strlen(ask_path_extension(name)));
    return *out || ask_fail_memory(err);
}

static bool find_key(entry *e, ask_glance_features *f, const ask_data_record *r,
                     ask_error *err)
{
    const char *stem;
    if (!stem_of(&stem, f, r->video_path, err)) return false;
    const char *names[] = {r->features, r->video, stem};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!names[i] || !ask_feature_store_has(f->store, names[i])) continue;
        bool is_own = i == 0 && strcmp(names[i], r->video) != 0;
        *e = (entry){.key = ask_arena_strdup(f->room, names[i]),
                     .has_part = r->has_clip && !is_own};
        if (e->has_part) e->part = r->clip;
        return e->key || ask_fail_memory(err);
    }
    return ask_fail(err, ASK_ERR_IO,
                    "%s: has no features of \"%s\", which question \"%s\" is about; it has "
                    "%zu, such as \"%s\"",
                    f->opt.path, r->features, r->id,
                    ask_feature_store_info_of(f->store).n_keys,
                    ask_feature_store_key_at(f->store, 0));
}

typedef struct {
    entry entry;
    size_t record;
} wish;

static int compare(const entry *a, const entry *b)
{
    int order = strcmp(a->key, b->key);
    if (order) return order;
    if (a->has_part != b->has_part) return a->has_part - b->has_part;
    if (a->part.start_s != b->part.start_s)
        return a->part.start_s < b->part.start_s ? -1 : 1;
    return (a->part.end_s > b->part.end_s) - (a->part.end_s < b->part.end_s);
}

/* Of the same, in the order of the records. */
static int compare_wishes(const void *a, const void *b)
{
    const wish *x = a, *y = b;
    int order = compare(&x->entry, &y->entry);
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
        if (i == 0 || compare(&wishes[i].entry, &wishes[i - 1].entry) != 0)
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
        ok = find_key(&wishes[i].entry, f, &records[i], err);
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
                        f->opt.path, e->key, (long long)r->width, (long long)f->width);
    if (!r->model_id || !f->model_id || strcmp(r->model_id, f->model_id) == 0) return true;
    return ask_fail(err, ASK_ERR_UNSUPPORTED,
                    "%s: key \"%s\": features of model %.12s, but others are of %.12s",
                    f->opt.path, e->key, r->model_id, f->model_id);
}

/* Leaves the rows of the part: those whose times are in it; where it is too short for one,
 * the one before. */
static void cut(ask_glance_features *f, const entry *e, ask_feature_rows *r)
{
    if (!e->has_part) return;
    if (r->n_times != r->n) {
        f->n_uncut += !e->is_read;
        return;
    }
    int64_t begin = 0, end;
    while (begin < r->n && r->t_s[begin] < e->part.start_s) begin++;
    for (end = begin; end < r->n && r->t_s[end] < e->part.end_s; end++) continue;
    if (begin == end && begin > 0) begin--;
    memmove(r->data, r->data + begin * r->width,
            (size_t)((end - begin) * r->width) * sizeof *r->data);
    r->n = end - begin;
}

static bool read_rows(ask_feature_rows *out, ask_glance_features *f, entry *e,
                      ask_error *err)
{
    if (!ask_feature_store_read(out, f->store, e->key, err)) return false;
    if (!check_alike(f, e, out, err)) {
        ask_feature_rows_free(out);
        return false;
    }
    cut(f, e, out);
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
