/* Where the network begins: its configuration, its words, its weights. */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "train/tensors_priv.h"
#include "train/timeline_priv.h"
#include "train/timeline_words.h"

static const char CONFIG_NAME[] = "config.json";
static const char *const preprocess_files[] = {"preprocessor_config.json", NULL};

/* ---- sources ---- */

static bool check_sources(const ask_train_timeline_options *o, ask_error *err)
{
    if (o->resume_from && !o->init && !o->config) return true;
    if (!o->init == !o->config)
        return ask_fail(err, ASK_ERR_USAGE,
                        "a training begins with a configuration or with a model: give one "
                        "of both");
    if (!o->init == !o->tokenizer)
        return ask_fail(err, ASK_ERR_USAGE,
                        o->init ? "a model brings its tokenizer: give no other"
                                : "a configuration needs a tokenizer: give its folder");
    return true;
}

/* A checkpoint is a model, too. */
static bool find_init(timeline_making *m, ask_error *err)
{
    const ask_train_timeline_options *o = &m->opt;
    m->init = o->init;
    if (o->init || o->config) return true;
    m->init = o->resume_from;
    if (strcmp(o->resume_from, "last") != 0) return true;
    char *last = ask_keeper_last(m->out, o->log, err);
    if (!last) return false;
    m->init = ask_arena_strdup(m->room, last);
    free(last);
    return m->init || ask_fail_memory(err);
}

/* ---- the configuration ---- */

static bool read_config(ask_timeline_config *out, const char *path, ask_error *err)
{
    ask_json *doc = ask_json_read(path, NULL, err);
    bool ok = doc && ask_timeline_config_read(out, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok || ask_fail_as(err, ASK_ERR_MODEL);
}

/* What is taught is what the playroom has. */
static bool check_kinds(const ask_timeline_config *c, const char *path, ask_error *err)
{
    const ask_timeline_kinds played = ask_timeline_playroom_kinds();
    for (int kind = 0; kind < ASK_N_TIMELINE_KINDS; kind++) {
        int n = c->kinds.n_values[kind];
        if (n != played.n_values[kind])
            return ask_fail(err, ASK_ERR_MODEL,
                            "%s: %d names of a kind of which the playroom has %d (%s, ...)",
                            path, n, played.n_values[kind],
                            ask_timeline_playroom_name((ask_timeline_kind)kind, 0));
        for (int i = 0; i < n; i++) {
            const char *name = ask_timeline_playroom_name((ask_timeline_kind)kind, i);
            if (strcmp(c->names[kind][i].name, name) != 0)
                return ask_fail(err, ASK_ERR_MODEL,
                                "%s: \"%s\" stands where the playroom has \"%s\"", path,
                                c->names[kind][i].name, name);
        }
    }
    return true;
}

/* A model that has a memory cannot go on without. */
static bool choose_memory(timeline_making *m, const char *path, ask_error *err)
{
    if (!m->opt.no_memory) return true;
    if (m->init && m->folder.config.has_memory)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s has a memory: begin without one by --config", path);
    m->folder.config.has_memory = false;
    return true;
}

/* config: its path. The tokenizer is that of the model to begin with, if there is one. */
static bool open_files(timeline_making *m, const char *config, ask_error *err)
{
    timeline_folder *f = &m->folder;
    const char *words = m->init ? m->init : m->opt.tokenizer;
    char *dir = ask_path_dirname(config, err);
    char *path = dir ? ask_path_join(dir, *preprocess_files, err) : NULL;
    bool ok = path && read_config(&f->config, config, err) &&
              choose_memory(m, config, err) && check_kinds(&f->config, config, err) &&
              ask_preprocess_read(&m->preprocess, path, ASK_PROCESSOR_CLIP, err) &&
              ask_train_files_take(&f->preprocess, dir, preprocess_files, m->room, err) &&
              ask_train_files_take(&f->tokenizer, words, ask_tokenizer_files, m->room, err);
    free(path);
    free(dir);
    m->tokenizer = ok ? ask_tokenizer_open(words, err) : NULL;
    return m->tokenizer;
}

/* ---- tokens of names ---- */

/* A name of several words stands with its first, which is one token. */
static bool find_token(ask_timeline_name *name, const ask_tokenizer *t, ask_tokens *room,
                       ask_error *err)
{
    char word[sizeof name->name];
    ask_format(word, sizeof word, "%.*s", (int)strcspn(name->name, " "), name->name);
    if (!ask_tokenizer_encode(t, word, NULL, false, room, err)) return false;
    if (room->n != 1 || room->has_unknown)
        return ask_fail(err, ASK_ERR_MODEL,
                        "the tokenizer makes %d tokens of \"%s\": a name's first word is "
                        "one",
                        room->n, word);
    name->token = room->tokens[0].id;
    return true;
}

static bool find_tokens(timeline_making *m, ask_error *err)
{
    ask_timeline_config *c = &m->folder.config;
    ask_tokens room = {0};
    bool ok = true;
    for (int kind = 0; kind < ASK_N_TIMELINE_KINDS; kind++)
        for (int i = 0; ok && i < c->kinds.n_values[kind]; i++)
            ok = find_token(&c->names[kind][i], m->tokenizer, &room, err);
    ask_tokens_free(&room);
    return ok;
}

static bool take_words(timeline_making *m, ask_error *err)
{
    ask_timeline_config *c = &m->folder.config;
    const ask_tokenizer *t = m->tokenizer;
    int n = ask_tokenizer_n_tokens(t);
    if (m->init)
        return n <= c->n_vocab ||
               ask_fail(err, ASK_ERR_MODEL,
                        "%s: the tokenizer has %d tokens, the network's vocabulary is of "
                        "%d",
                        m->init, n, c->n_vocab);
    int64_t pad = ask_tokenizer_special(t, "pad"), end = ask_tokenizer_special(t, "eos");
    c->n_vocab = n;
    c->pad_id = pad < 0 ? 0 : pad;
    c->end_id = end < 0 ? 0 : end;
    return find_tokens(m, err);
}

bool timeline_folder_open(timeline_making *m, ask_error *err)
{
    if (!check_sources(&m->opt, err) || !find_init(m, err)) return false;
    char *config = m->init ? ask_path_join(m->init, CONFIG_NAME, err)
                           : ask_path_join("", m->opt.config, err);
    bool ok = config && open_files(m, config, err) && take_words(m, err);
    free(config);
    return ok;
}

bool timeline_folder_write(void *folder, const char *dir, ask_error *err)
{
    const timeline_folder *f = folder;
    ask_str config = {0}, answers = {0}, denials = {0};
    ask_timeline_config_write(&config, &f->config);
    ask_timeline_answers(&answers);
    ask_timeline_denials(&denials);
    bool ok = ask_train_files_write(&f->tokenizer, dir, err) &&
              ask_train_files_write(&f->preprocess, dir, err) &&
              ask_train_text_write(&answers, dir, "answers.json", err) &&
              ask_train_text_write(&denials, dir, "denials.json", err) &&
              ask_train_text_write(&config, dir, CONFIG_NAME, err);
    ask_str_free(&config);
    ask_str_free(&answers);
    ask_str_free(&denials);
    return ok;
}

/* ---- weights ---- */

/* Puts the tensors whose names begin with one of some prefixes (NULL-ended) in the place of
 * those that are there. */
static bool copy_part(const timeline_making *m, const char *dir,
                      const char *const *prefixes, ask_error *err)
{
    if (!dir) return true;
    ask_weights *w = ask_weights_open(dir, err);
    bool ok = w;
    for (int i = 0; ok && i < ask_store_count(m->store); i++) {
        ask_tensor *t = ask_store_at(m->store, i);
        for (const char *const *prefix = prefixes; ok && *prefix; prefix++)
            if (ask_starts_with(ask_tensor_name(t), *prefix))
                ok = train_copy_tensor(t, w, ask_tensor_name(t), err);
    }
    ask_weights_close(w);
    return ok;
}

static bool copy_parts(const timeline_making *m, ask_error *err)
{
    static const char *const cells[] = {"cells.", NULL},
                             *const glance[] = {"glance.", NULL},
                             *const focus[] = {"focus.", "text.", "words.", NULL},
                             *const find[] = {"find.", NULL};
    return copy_part(m, m->opt.cells, cells, err) &&
           copy_part(m, m->opt.glance, glance, err) &&
           copy_part(m, m->opt.focus, focus, err) && copy_part(m, m->opt.find, find, err);
}

bool timeline_bind(timeline_making *m, ask_error *err)
{
    ask_weights *weights = NULL;
    if (m->init && !(weights = ask_weights_open(m->init, err))) return false;
    ask_params *p = weights ? ask_params_trainable(m->store, weights, m->room, err)
                            : ask_params_random(m->store, m->opt.seed, m->room, err);
    if (p) ask_timeline_bind(&m->net, p, &m->folder.config, true);
    if (p && m->folder.config.find.n_embed)
        ask_timeline_find_bind(&m->find, p, &m->folder.config);
    bool ok = p && ask_params_finish(p, ask_timeline_ignored, err) && copy_parts(m, err);
    ask_weights_close(weights);
    return ok;
}
