#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/number.h"
#include "base/path.h"
#include "train/state_priv.h"

#define SCHEMA "askance.trainer_state/1"

static const char name_prefix[] = "checkpoint-";

const char *train_checkpoint_name(char out[TRAIN_NAME_BYTES], int64_t step)
{
    ask_format(out, TRAIN_NAME_BYTES, "%s%" PRId64, name_prefix, step);
    return out;
}

/* ---- sums of files ---- */

typedef struct {
    int64_t n_bytes;
    char hash[17];
} file_sum;

static bool sum_file(file_sum *out, const char *path, ask_error *err)
{
    ask_map map;
    if (!ask_map_open(&map, path, err)) return false;
    out->n_bytes = (int64_t)map.n_bytes;
    ask_format(out->hash, sizeof out->hash, "%016" PRIx64,
               ask_hash64(map.data, map.n_bytes, 0));
    ask_map_close(&map);
    return true;
}

static bool put_file(ask_json_writer *w, const char *dir, const char *name, ask_error *err)
{
    file_sum sum;
    char *path = ask_path_join(dir, name, err);
    bool is_file = path && !ask_file_is_dir(path);
    bool ok = path && (!is_file || sum_file(&sum, path, err));
    free(path);
    if (!ok || !is_file) return ok;
    ask_json_open_object(w, name);
    ask_json_put_int(w, "bytes", sum.n_bytes);
    ask_json_put_string(w, "xxh64", sum.hash);
    ask_json_close(w);
    return true;
}

static bool put_files(ask_json_writer *w, const char *dir, ask_error *err)
{
    ask_dir_names names;
    if (!ask_dir_list(&names, dir, NULL, err)) return false;
    bool ok = true;
    ask_json_open_object(w, "files");
    for (size_t i = 0; i < names.n && ok; i++)
        if (strcmp(names.names[i], TRAIN_STATE_FILE) != 0)
            ok = put_file(w, dir, names.names[i], err);
    ask_json_close(w);
    ask_dir_names_free(&names);
    return ok;
}

/* ---- writing ---- */

static void put_notes(ask_json_writer *w, const char *key, const ask_weights_note *notes,
                      size_t n, size_t skip)
{
    ask_json_open_object(w, key);
    for (size_t i = 0; i < n; i++)
        ask_json_put_string(w, notes[i].key + skip, notes[i].value);
    ask_json_close(w);
}

static bool put_ours(ask_json_writer *w, const char *dir,
                     const ask_train_settings *settings, const ask_backend *backend,
                     ask_error *err)
{
    train_machine m;
    train_machine_read(&m, backend);
    ask_json_open_object(w, "askance");
    ask_json_put_string(w, "schema", SCHEMA);
    put_notes(w, "settings", settings->items, settings->n, 0);
    put_notes(w, "machine", m.notes, TRAIN_N_MACHINE, strlen("machine."));
    bool ok = put_files(w, dir, err);
    ask_json_close(w);
    return ok;
}

static void put_best(ask_json_writer *w, const train_state *s)
{
    char name[TRAIN_NAME_BYTES];
    ask_json_put_double(w, "best_metric", s->best_step ? s->best : NAN);
    if (s->best_step)
        ask_json_put_int(w, "best_global_step", s->best_step);
    else
        ask_json_put_null(w, "best_global_step");
    ask_json_put_string(w, "best_model_checkpoint",
                        s->best_step ? train_checkpoint_name(name, s->best_step) : NULL);
}

static void put_theirs(ask_json_writer *w, const train_state *s)
{
    put_best(w, s);
    ask_json_put_double(w, "epoch", s->epoch);
    ask_json_put_int(w, "eval_steps", s->evaluate_every);
    ask_json_put_int(w, "global_step", s->step);
    ask_json_put_bool(w, "is_hyper_param_search", false);
    ask_json_put_bool(w, "is_local_process_zero", true);
    ask_json_put_bool(w, "is_world_process_zero", true);
    ask_json_open_array(w, "log_history");
    for (size_t i = 0; i < s->history.n; i++) {
        ask_json_open_object(w, NULL);
        train_entry_put(w, &s->history.items[i]);
        ask_json_close(w);
    }
    ask_json_close(w);
    ask_json_put_int(w, "logging_steps", s->log_every);
    ask_json_put_int(w, "max_steps", s->n_steps);
    if (s->steps_per_epoch > 0)
        ask_json_put_int(w, "num_train_epochs",
                         (int64_t)ceil((double)s->n_steps / s->steps_per_epoch));
    ask_json_put_int(w, "save_steps", s->save_every);
}

bool train_state_write(const char *dir, const train_state *s,
                       const ask_train_settings *settings, const ask_backend *backend,
                       ask_error *err)
{
    ask_str text = {0};
    ask_json_writer w = {.out = &text, .pretty = true};
    ask_json_open_object(&w, NULL);
    put_theirs(&w, s);
    bool ok = put_ours(&w, dir, settings, backend, err);
    ask_json_close(&w);
    ask_str_append_char(&text, '\n');
    if (ok && text.failed) ok = ask_fail_memory(err);
    char *path = ok ? ask_path_join(dir, TRAIN_STATE_FILE, err) : NULL;
    ok = path && ask_file_write(path, text.data, text.length, err);
    free(path);
    ask_str_free(&text);
    return ok;
}

/* ---- reading ---- */

ask_json *train_state_open(const char *dir, ask_error *err)
{
    const char *schema;
    char *path = ask_path_join(dir, TRAIN_STATE_FILE, err);
    ask_json *doc = path ? ask_json_read(path, NULL, err) : NULL;
    free(path);
    if (doc) {
        ask_json_value v = ask_json_find(ask_json_root(doc), "askance.schema");
        if (ask_json_get_string(&schema, v, NULL, err)) {
            if (strcmp(schema, SCHEMA) == 0) return doc;
            ask_json_fail(v, err, "is not %s", SCHEMA);
        }
    }
    ask_json_free(doc);
    ask_fail_as(err, ASK_ERR_MODEL);
    return NULL;
}

static bool check_file(const char *dir, const ask_json_walk *file, ask_error *err)
{
    file_sum is = {0};
    int64_t n_bytes;
    const char *hash;
    if (strchr(file->key, '/'))
        return ask_json_fail(file->value, err, "is not the name of a file beside it");
    if (!ask_json_get_int(&n_bytes, file->value, "bytes", 0, INT64_MAX, err) ||
        !ask_json_get_string(&hash, file->value, "xxh64", err))
        return false;
    char *path = ask_path_join(dir, file->key, err);
    bool ok = path && sum_file(&is, path, err);
    if (ok && (is.n_bytes != n_bytes || strcmp(is.hash, hash) != 0))
        ok = ask_fail(err, ASK_ERR_MODEL, "%s: is not as it was written: %s", path,
                      is.n_bytes != n_bytes ? "its size differs" : "its content differs");
    free(path);
    return ok;
}

bool train_state_check_files(const ask_json *doc, const char *dir, ask_error *err)
{
    static const char *const needed[] = {TRAIN_WEIGHTS_FILE, TRAIN_OPTIMIZER_FILE};
    ask_json_value files;
    bool ok = ask_json_get_object(&files, ask_json_root(doc), "askance.files", err);
    for (size_t i = 0; i < sizeof needed / sizeof *needed && ok; i++)
        if (ask_json_type_of(ask_json_member(files, needed[i])) == ASK_JSON_ABSENT)
            ok = ask_json_fail(files, err, "does not tell of %s", needed[i]);
    for (ask_json_walk m = {0}; ok && ask_json_next(files, &m);)
        ok = check_file(dir, &m, err);
    return ok || ask_fail_as(err, ASK_ERR_MODEL);
}

static const char *text_of(ask_json_value v)
{
    const char *text;
    return ask_json_get_string(&text, v, NULL, NULL) ? text : NULL;
}

static const char *find_setting(const void *doc, const char *key)
{
    ask_json_value settings = ask_json_find(ask_json_root(doc), "askance.settings");
    return text_of(ask_json_member(settings, key));
}

static const char *find_machine(const void *doc, const char *key)
{
    ask_json_value ours = ask_json_find(ask_json_root(doc), "askance");
    return text_of(ask_json_find(ours, key));
}

bool train_state_check_terms(const ask_json *doc, const char *dir,
                             const ask_train_settings *settings, const ask_backend *backend,
                             bool allow_drift, ask_error *err)
{
    const train_kept kept = {dir, doc, find_setting, find_machine};
    return train_check_terms(&kept, settings, backend, allow_drift, err);
}

/* The best and where it is: both, or neither. */
static bool read_best(train_state *s, ask_json_value root, ask_error *err)
{
    const char *name;
    if (!ask_json_opt_string(&name, root, "best_model_checkpoint", NULL, err)) return false;
    if (!name) return true;
    if (!ask_starts_with(name, name_prefix) ||
        !ask_parse_i64(&s->best_step, name + strlen(name_prefix)) || s->best_step < 0)
        return ask_json_fail(ask_json_find(root, "best_model_checkpoint"), err,
                             "is not the name of a checkpoint");
    return ask_json_get_double(&s->best, root, "best_metric", err);
}

bool train_state_read(train_state *out, const ask_json *doc, ask_error *err)
{
    train_state s = {0};
    ask_json_value root = ask_json_root(doc), history;
    bool ok = ask_json_get_int(&s.step, root, "global_step", 0, INT64_MAX, err) &&
              ask_json_get_int(&s.n_steps, root, "max_steps", 1, INT64_MAX, err) &&
              ask_json_opt_double(&s.epoch, root, "epoch", NAN, err) &&
              read_best(&s, root, err) &&
              ask_json_get_array(&history, root, "log_history", err);
    for (size_t i = 0; ok && i < ask_json_count(history); i++)
        ok = train_history_read(&s.history, ask_json_item(history, i), err);
    if (!ok) {
        train_history_free(&s.history);
        return ask_fail_as(err, ASK_ERR_MODEL);
    }
    *out = s;
    return true;
}
