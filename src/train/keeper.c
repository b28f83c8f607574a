#include "train/keeper.h"

#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/map.h"
#include "base/number.h"
#include "base/path.h"
#include "train/keeper_priv.h"
#include "train/save.h"
#include "train/tensors_priv.h"

#define CHECKPOINTS "checkpoint-*"
/* A folder that is not whole: being written, or being removed. */
#define PARTIAL ".partial-"

/* ---- names and paths; freed by the caller ---- */

static char *checkpoint_path(const train_keeper *k, const char *prefix, int64_t step,
                             ask_error *err)
{
    char name[TRAIN_NAME_BYTES], full[2 * TRAIN_NAME_BYTES];
    ask_format(full, sizeof full, "%s%s", prefix, train_checkpoint_name(name, step));
    return ask_path_join(k->opt.dir, full, err);
}

/* The step of "checkpoint-<step>"; false for other names. */
static bool step_of(int64_t *out, const char *name)
{
    char same[TRAIN_NAME_BYTES];
    const char *digits = strchr(name, '-');
    return digits && ask_parse_i64(out, digits + 1) && *out >= 0 &&
           strcmp(name, train_checkpoint_name(same, *out)) == 0;
}

/* ---- writing ---- */

static bool write_tensors(const train_keeper *k, const char *dir, const char *name,
                          train_takes takes, ask_error *err)
{
    const ask_weights_note note = {"format", "pt"};
    char *path = ask_path_join(dir, name, err);
    bool ok = path && train_write_tensors(path, k->store, takes, &note, 1, err);
    free(path);
    return ok;
}

static bool write_files(const train_keeper *k, const char *dir, ask_error *err)
{
    return !k->opt.write_files || k->opt.write_files(k->opt.user, dir, err);
}

static bool fill_folder(const train_keeper *k, const train_state *s, const char *dir,
                        ask_error *err)
{
    return ask_dir_make(dir, err) &&
           write_tensors(k, dir, TRAIN_WEIGHTS_FILE, train_is_of_network, err) &&
           write_tensors(k, dir, TRAIN_OPTIMIZER_FILE, train_is_of_training, err) &&
           write_files(k, dir, err) &&
           train_state_write(dir, s, &k->settings, k->backend, err);
}

static bool write_checkpoint(const train_keeper *k, const train_state *s, ask_error *err)
{
    char *partial = checkpoint_path(k, PARTIAL, s->step, err);
    char *path = partial ? checkpoint_path(k, "", s->step, err) : NULL;
    bool ok = path && ask_dir_remove(partial, err);
    if (ok && (!fill_folder(k, s, partial, err) || !ask_dir_move(partial, path, err))) {
        ask_dir_remove(partial, NULL);
        ok = false;
    }
    free(partial);
    free(path);
    return ok;
}

/* A folder that is being removed does not look like a checkpoint. */
static bool remove_checkpoint(const train_keeper *k, int64_t step, ask_error *err)
{
    char *path = checkpoint_path(k, "", step, err);
    char *partial = path ? checkpoint_path(k, PARTIAL, step, err) : NULL;
    bool ok = partial && ask_dir_move(path, partial, err) && ask_dir_remove(partial, err);
    free(path);
    free(partial);
    return ok;
}

/* Names come in the order of their steps. */
static bool remove_oldest(const train_keeper *k, const train_state *s, ask_error *err)
{
    ask_dir_names names;
    if (k->opt.most <= 0) return true;
    if (!ask_dir_list(&names, k->opt.dir, CHECKPOINTS, err)) return false;
    size_t n = 0;
    int64_t step;
    bool ok = true;
    for (size_t i = 0; i < names.n; i++) n += step_of(&step, names.names[i]);
    for (size_t i = 0; i < names.n && ok && n > (size_t)k->opt.most; i++) {
        if (!step_of(&step, names.names[i]) || step == s->step || step == s->best_step)
            continue;
        ok = remove_checkpoint(k, step, err);
        n--;
    }
    ask_dir_names_free(&names);
    return ok;
}

bool train_keeper_write(const train_keeper *k, const train_state *s, ask_error *err)
{
    return write_checkpoint(k, s, err) && remove_oldest(k, s, err);
}

/* ---- the folder ---- */

static bool remove_partial(const train_keeper *k, ask_error *err)
{
    ask_dir_names names;
    if (!ask_dir_list(&names, k->opt.dir, PARTIAL CHECKPOINTS, err)) return false;
    bool ok = true;
    for (size_t i = 0; i < names.n && ok; i++) {
        char *path = ask_path_join(k->opt.dir, names.names[i], err);
        ok = path && ask_dir_remove(path, err);
        free(path);
    }
    ask_dir_names_free(&names);
    return ok;
}

static bool check_unused(const train_keeper *k, ask_error *err)
{
    ask_dir_names names;
    if (!ask_dir_list(&names, k->opt.dir, CHECKPOINTS, err)) return false;
    bool ok = true;
    int64_t step;
    for (size_t i = 0; i < names.n && ok; i++)
        if (step_of(&step, names.names[i]))
            ok = ask_fail(err, ASK_ERR_USAGE,
                          "%s: has checkpoints of a training already: go on with it "
                          "(--resume_from_checkpoint last), or choose another folder",
                          k->opt.dir);
    ask_dir_names_free(&names);
    return ok;
}

bool train_keeper_begin(const train_keeper *k, bool resumed, ask_error *err)
{
    return ask_dir_make(k->opt.dir, err) && remove_partial(k, err) &&
           (resumed || check_unused(k, err));
}

static bool copy_best(const train_keeper *k, const train_state *s, ask_error *err)
{
    char *from = checkpoint_path(k, "", s->best_step, err);
    char *weights = from ? ask_path_join(from, TRAIN_WEIGHTS_FILE, err) : NULL;
    bool ok = weights && ask_dir_copy_in(k->opt.dir, weights, err);
    free(from);
    free(weights);
    return ok;
}

bool train_keeper_finish(const train_keeper *k, const train_state *s, ask_error *err)
{
    bool ok =
        k->opt.best_at_end && s->best_step
            ? copy_best(k, s, err)
            : write_tensors(k, k->opt.dir, TRAIN_WEIGHTS_FILE, train_is_of_network, err);
    return ok && write_files(k, k->opt.dir, err);
}

/* ---- reading ---- */

bool ask_keeper_check(const char *checkpoint, ask_error *err)
{
    ask_json *doc = train_state_open(checkpoint, err);
    bool ok = doc && train_state_check_files(doc, checkpoint, err);
    ask_json_free(doc);
    return ok;
}

/* Whether it is whole; *err only for what a look at another one cannot mend. */
static bool is_whole(bool *out, const char *path, const ask_logger *log, ask_error *err)
{
    ask_error why = {0};
    *out = ask_keeper_check(path, &why);
    if (!*out && why.code == ASK_ERR_NOMEM) {
        if (err) *err = why;
        return false;
    }
    if (!*out)
        ask_log_send(log, ASK_LOG_WARNING, "this checkpoint is passed over: %s",
                     why.message);
    return true;
}

char *ask_keeper_last(const char *dir, const ask_logger *log, ask_error *err)
{
    ask_dir_names names;
    if (!ask_dir_list(&names, dir, CHECKPOINTS, err)) return NULL;
    char *found = NULL;
    bool ok = true;
    for (size_t i = names.n; i > 0 && ok && !found; i--) {
        int64_t step;
        bool whole;
        if (!step_of(&step, names.names[i - 1])) continue;
        char *path = ask_path_join(dir, names.names[i - 1], err);
        ok = path && is_whole(&whole, path, log, err);
        if (ok && whole)
            found = path;
        else
            free(path);
    }
    ask_dir_names_free(&names);
    if (ok && !found)
        ask_fail(err, ASK_ERR_MODEL, "%s: has no checkpoint to go on from", dir);
    return found;
}

static bool open_tensors(ask_weights **out, const train_keeper *k, const char *dir,
                         const char *name, train_takes takes, ask_error *err)
{
    char *path = ask_path_join(dir, name, err);
    *out = path ? ask_weights_open(path, err) : NULL;
    bool ok = *out && train_check_tensors(*out, path, k->store, takes, err);
    free(path);
    return ok;
}

/* Both files are found good before either is used. */
static bool read_tensors(const train_keeper *k, const char *dir, ask_error *err)
{
    ask_weights *network = NULL, *training = NULL;
    bool ok =
        open_tensors(&network, k, dir, TRAIN_WEIGHTS_FILE, train_is_of_network, err) &&
        open_tensors(&training, k, dir, TRAIN_OPTIMIZER_FILE, train_is_of_training, err) &&
        train_fill_tensors(k->store, network, train_is_of_network, err) &&
        train_fill_tensors(k->store, training, train_is_of_training, err);
    ask_weights_close(network);
    ask_weights_close(training);
    return ok;
}

/* A best one that is not in this folder cannot become its model. */
static bool forget_absent_best(const train_keeper *k, train_state *s, ask_error *err)
{
    if (!s->best_step) return true;
    char *path = checkpoint_path(k, "", s->best_step, err);
    if (!path) return false;
    if (!ask_file_is_dir(path)) {
        ask_log_send(k->opt.log, ASK_LOG_WARNING,
                     "%s: the best checkpoint so far is not there; the best is looked for "
                     "anew",
                     path);
        s->best_step = 0;
    }
    free(path);
    return true;
}

static bool read_checkpoint(const train_keeper *k, const char *dir, bool allow_drift,
                            train_state *s, ask_error *err)
{
    ask_json *doc = train_state_open(dir, err);
    bool ok = doc && train_state_read(s, doc, err);
    ok = ok &&
         train_state_check_terms(doc, dir, &k->settings, k->backend, allow_drift, err) &&
         train_state_check_files(doc, dir, err) && forget_absent_best(k, s, err) &&
         read_tensors(k, dir, err);
    ask_json_free(doc);
    return ok;
}

bool train_keeper_read(const train_keeper *k, const char *checkpoint, bool allow_drift,
                       train_state *s, ask_error *err)
{
    bool is_last = strcmp(checkpoint, "last") == 0;
    char *path = is_last ? ask_keeper_last(k->opt.dir, k->opt.log, err)
                         : ask_strdup(checkpoint, err);
    bool ok = path && read_checkpoint(k, path, allow_drift, s, err);
    free(path);
    return ok;
}
