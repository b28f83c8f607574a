/* The questions of a training, and the features of their videos. */
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "train/glance_focus_priv.h"

static ask_glance_data_options data_options(const glance_making *m, const char *split)
{
    const ask_train_glance_focus_options *o = &m->opt;
    return (ask_glance_data_options){
        .struct_size = sizeof(ask_glance_data_options),
        .set = o->set,
        .path = o->data,
        .split = split,
        .videos = o->videos,
        .events = o->events,
        .supervised = o->supervised,
        .log = o->log,
        .cancel = o->cancel,
    };
}

/* ---- the questions to measure on ---- */

static bool open_split(glance_making *m, const char *split, ask_error *err)
{
    ask_glance_data_options opt = data_options(m, split);
    opt.supervised = false; // its events are not looked at
    opt.events = NULL;
    m->val = ask_glance_data_open(&opt, err);
    return m->val;
}

/* The split to measure on where none is named: val, or test of what has no val (TGIF-QA).
 * A file alone has none. */
static bool try_splits(glance_making *m, ask_error *err)
{
    ask_error why = {0};
    if (!ask_file_is_dir(m->opt.data))
        return ask_fail(err, ASK_ERR_IO, "%s is one file", m->opt.data);
    if (open_split(m, "val", &why)) return true;
    if (why.code == ASK_ERR_USAGE) return open_split(m, "test", err);
    if (err) *err = why;
    return false;
}

/* A training does without one. */
static bool find_split(glance_making *m, ask_error *err)
{
    ask_error why = {0};
    if (try_splits(m, &why)) return true;
    if (why.code != ASK_ERR_USAGE && why.code != ASK_ERR_IO) {
        if (err) *err = why;
        return false;
    }
    ask_log_send(m->opt.log, ASK_LOG_WARNING, "nothing is measured while it trains: %s",
                 why.message);
    return true;
}

static bool check_split(const glance_making *m, ask_error *err)
{
    if (!m->val) return true;
    const ask_glance_data_info train = ask_glance_data_info_of(m->train),
                               val = ask_glance_data_info_of(m->val);
    if (train.kind == val.kind && train.n_options == val.n_options) return true;
    return ask_fail(
        err, ASK_ERR_UNSUPPORTED,
        "%s: questions of kind %s with %d options, but those of %s are of kind %s with %d",
        ask_dataset_file(val.set), ask_data_kind_name(val.kind), val.n_options,
        ask_dataset_file(train.set), ask_data_kind_name(train.kind), train.n_options);
}

static bool open_val(glance_making *m, ask_error *err)
{
    const char *split = m->opt.eval_split;
    if (split && strcmp(split, "none") == 0) return true;
    return (split ? open_split(m, split, err) : find_split(m, err)) && check_split(m, err);
}

/* ---- features that are made here ---- */

static bool make_features(glance_making *m, ask_error *err)
{
    const ask_dataset *sets[2] = {ask_glance_data_info_of(m->train).set};
    int n = 1;
    if (m->val) sets[n++] = ask_glance_data_info_of(m->val).set;
    const char *dir = ask_arena_sprintf(m->room, "%s/features", m->out);
    if (!dir) return ask_fail_memory(err);
    const ask_glance_extract_options opt = {.struct_size = sizeof opt,
                                            .model = m->opt.vision,
                                            .dir = dir,
                                            .fps = m->opt.vision_fps,
                                            .n_threads = m->opt.n_threads,
                                            .progress = m->opt.progress,
                                            .cancel = m->opt.cancel};
    ask_glance_extract_result r;
    if (!ask_glance_extract(sets, n, &opt, &r, err)) return false;
    m->opt.features = dir;
    m->features_layout = ask_feature_layout_name(r.layout);
    return true;
}

static bool check_features(const glance_making *m, ask_error *err)
{
    if (!m->opt.features != !m->opt.vision)
        return m->opt.features || m->out ||
               ask_fail(err, ASK_ERR_USAGE,
                        "where to? features that are made need a folder to go to");
    return ask_fail(err, ASK_ERR_USAGE,
                    m->opt.vision
                        ? "features are given and made: give a store, or a model that sees"
                        : "features of the videos are needed: give a store of them, or a "
                          "model that sees, with which to make them");
}

/* ---- all of it ---- */

static bool open_train(glance_making *m, const char *split, bool supervised, ask_error *err)
{
    ask_glance_data_options opt = data_options(m, split);
    opt.supervised = supervised;
    m->train = ask_glance_data_open(&opt, err);
    return m->train;
}

static bool open_both(glance_making *m, ask_error *err)
{
    return open_train(m, m->opt.train_split, m->opt.supervised, err) && open_val(m, err);
}

/* What a model is measured on also stands for what it learned from. */
static bool open_for_test(glance_making *m, ask_error *err)
{
    const char *split = m->opt.eval_split;
    bool is_told = split || !ask_file_is_dir(m->opt.data);
    return (is_told ? open_split(m, split, err) : try_splits(m, err)) &&
           open_train(m, ask_dataset_split(ask_glance_data_info_of(m->val).set), false,
                      err);
}

bool glance_open_data(glance_making *m, ask_error *err)
{
    if (!m->opt.data || !m->opt.set)
        return ask_fail(
            err, ASK_ERR_USAGE,
            "a training needs a set of questions: give its folder and its name");
    if (!check_features(m, err)) return false;
    return (m->opt.mode == ASK_GLANCE_TEST ? open_for_test(m, err) : open_both(m, err)) &&
           (!m->opt.vision || make_features(m, err));
}
