#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/options.h"
#include "base/path.h"
#include "train/selftest.h"
#include "train/state_priv.h"
#include "weights/weights.h"

typedef struct {
    const ask_training_source *source;
    ask_verify_resume_options opt;
    char *straight, *resumed; // folders
    ask_verify_resume_result result;
} verifying;

/* Trains in a folder until a step. */
static bool train(const verifying *v, const char *dir, int64_t until, bool resume,
                  ask_error *err)
{
    ask_training t;
    ask_train_result result;
    if (!v->source->open(v->source->user, &t, err)) return false;
    const ask_keeper_options keeper = {.dir = dir};
    const ask_train_options opt = {
        .keeper = &keeper,
        .resume_from = resume ? "last" : NULL,
        .settings = v->opt.settings,
        .until = until,
        .progress = v->opt.progress,
        .cancel = v->opt.cancel,
    };
    bool ok = ask_train_run(t.trainer, t.store, t.backend, &opt, &result, err);
    v->source->close(v->source->user, &t);
    if (!ok || result.last_step == until) return ok;
    return ask_fail(err, ASK_ERR_USAGE, "the training has %lld steps, and not %lld",
                    (long long)result.last_step, (long long)until);
}

/* ---- comparing ---- */

static bool same(const ask_weights_entry *a, const ask_weights_entry *b)
{
    return a && b && a->bytes == b->bytes && memcmp(a->data, b->data, a->bytes) == 0;
}

/* Every tensor of a is in b, with the same bits. */
static bool compare_weights(verifying *v, const ask_weights *a, const ask_weights *b,
                            ask_error *err)
{
    for (size_t i = 0; i < ask_weights_count(a); i++) {
        const ask_weights_entry *e = ask_weights_at(a, i);
        if (!same(e, ask_weights_find(b, e->name)))
            return ask_fail(err, ASK_ERR_NOT_FOUND,
                            "the first tensor that differs is %s: resumed after step %lld, "
                            "the training has other bits at step %lld",
                            e->name, (long long)v->result.resumed_after,
                            (long long)v->result.n_steps);
        v->result.n_tensors++;
    }
    return true;
}

static ask_weights *open_file(const char *dir, int64_t step, const char *name,
                              ask_error *err)
{
    char inner[TRAIN_NAME_BYTES];
    char *checkpoint = ask_path_join(dir, train_checkpoint_name(inner, step), err);
    char *path = checkpoint ? ask_path_join(checkpoint, name, err) : NULL;
    ask_weights *w = path ? ask_weights_open(path, err) : NULL;
    free(checkpoint);
    free(path);
    return w;
}

static bool compare_file(verifying *v, const char *name, ask_error *err)
{
    ask_weights *a = open_file(v->straight, v->result.n_steps, name, err);
    ask_weights *b = a ? open_file(v->resumed, v->result.n_steps, name, err) : NULL;
    bool ok = b && compare_weights(v, a, b, err);
    ask_weights_close(a);
    ask_weights_close(b);
    return ok;
}

/* ---- all of it ---- */

static bool verify_in(verifying *v, const char *dir, ask_error *err)
{
    int64_t n = v->opt.n_steps, half = n / 2;
    v->result.n_steps = n;
    v->result.resumed_after = half;
    v->straight = ask_path_join(dir, "straight", err);
    v->resumed = v->straight ? ask_path_join(dir, "resumed", err) : NULL;
    return v->resumed && train(v, v->straight, n, false, err) &&
           train(v, v->resumed, half, false, err) && train(v, v->resumed, n, true, err) &&
           compare_file(v, TRAIN_WEIGHTS_FILE, err) &&
           compare_file(v, TRAIN_OPTIMIZER_FILE, err);
}

/* A new folder; its path is freed by the caller. */
static char *make_dir(const char *in, ask_error *err)
{
    const char *tmp = getenv("TMPDIR");
    if (!in) in = tmp && *tmp ? tmp : "/tmp";
    char *path = ask_path_join(in, ".askance-verify-XXXXXX", err);
    if (!path || mkdtemp(path)) return path;
    ask_fail_errno(err, errno, "%s: cannot make a folder", in);
    free(path);
    return NULL;
}

bool ask_verify_resume(const ask_training_source *source,
                       const ask_verify_resume_options *opt, ask_verify_resume_result *out,
                       ask_error *err)
{
    verifying v = {.source = source};
    ask_options_take(&v.opt, sizeof v.opt, opt);
    if (v.opt.n_steps < 2)
        return ask_fail(err, ASK_ERR_USAGE,
                        "resuming needs at least 2 steps, and there are %lld",
                        (long long)v.opt.n_steps);
    char *dir = make_dir(v.opt.dir, err);
    if (!dir) return false;
    bool ok = verify_in(&v, dir, err);
    ok = ask_dir_remove(dir, ok ? err : NULL) && ok;
    free(dir);
    free(v.straight);
    free(v.resumed);
    if (ok) *out = v.result;
    return ok;
}
