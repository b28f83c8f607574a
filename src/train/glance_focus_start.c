/* Where the network begins: its configuration, its words, its features, its weights. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "model/feature_qa.h"
#include "text/bpe_train.h"
#include "train/glance_focus_priv.h"
#include "train/tensors_priv.h"

#define TEXT_TOWER "transformer.text_encoder."

/* ---- the configuration: of a file ---- */

static bool read_rest(glance_making *m, ask_json_value root, ask_error *err)
{
    static const char *const ends = "start_end", *const centre = "centre_width";
    bool is_theirs = ask_json_type_of(ask_json_find(root, "model_type")) == ASK_JSON_ABSENT;
    const char *joint, *spans, *id, *layout;
    if (!ask_json_opt_string(&joint, root, "option_joint", NULL, err) ||
        !ask_json_opt_string(&spans, root, "spans", is_theirs ? ends : centre, err) ||
        !ask_json_opt_string(&id, root, "features.model_id", NULL, err) ||
        !ask_json_opt_string(&layout, root, "features.layout", NULL, err))
        return false;
    m->folder.ends = strcmp(spans, ends) == 0;
    if (!m->folder.ends && strcmp(spans, centre) != 0)
        return ask_config_fail(root, "spans", err,
                               "\"%.40s\" is not known; \"%s\" and \"%s\" are", spans,
                               centre, ends);
    if (layout && m->opt.init && !m->features_layout &&
        !(m->features_layout = ask_arena_strdup(m->room, layout)))
        return ask_fail_memory(err);
    if (joint && !(m->folder.option_joint = ask_arena_strdup(m->room, joint)))
        return ask_fail_memory(err);
    if (id && m->opt.init && !m->opt.store.model_id &&
        !(m->opt.store.model_id = ask_arena_strdup(m->room, id)))
        return ask_fail_memory(err);
    return true;
}

static bool read_config(glance_making *m, const char *path, ask_error *err)
{
    ask_json *doc = ask_json_read(path, NULL, err);
    bool ok = doc &&
              ask_glance_focus_config_read(&m->folder.config, ask_json_root(doc), err) &&
              read_rest(m, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok || ask_fail_as(err, ASK_ERR_MODEL);
}

/* Weights of the authors without a configuration: theirs are the sizes. */
static bool read_bare(glance_making *m, ask_error *err)
{
    glance_engine e;
    m->folder.config = ask_glance_focus_released();
    m->folder.ends = true;
    bool ok = glance_open_store(m, &e, err);
    if (ok) m->folder.config = e.net.config;
    glance_close_engine(&e);
    return ok;
}

static bool read_init(glance_making *m, ask_error *err)
{
    const char *dir = m->opt.init;
    bool is_bare = false;
    char *path = ask_path_join(dir, "config.json", err);
    bool ok = path && (ask_file_exists(path) || !ask_file_is_dir(dir) ||
                       ask_weights_are_in(&is_bare, dir, err));
    ok = ok && (is_bare ? read_bare(m, err) : read_config(m, path, err));
    free(path);
    return ok;
}

/* ---- the configuration: of sizes ---- */

static bool read_text_tower(glance_making *m, ask_bert_config *out, ask_error *err)
{
    char *path = ask_path_join(m->opt.text, "config.json", err);
    ask_json *doc = path ? ask_json_read(path, NULL, err) : NULL;
    const char *type = "";
    bool ok = doc && ask_json_opt_string(&type, ask_json_root(doc), "model_type", "", err);
    if (ok && strcmp(type, "bert") != 0 && strcmp(type, "roberta") != 0)
        ok = ask_fail(err, ASK_ERR_MODEL,
                      "%s: a text tower is a bert or a roberta, not \"%.40s\"", path, type);
    ok = ok && ask_bert_config_read(out, strcmp(type, "bert") == 0 ? ASK_BERT : ASK_ROBERTA,
                                    ask_json_root(doc), err);
    ask_json_free(doc);
    free(path);
    return ok || ask_fail_as(err, ASK_ERR_MODEL);
}

/* The vocabulary and its padding are known when there is a tokenizer. */
static bool small_text_tower(const glance_making *m, ask_bert_config *out, ask_error *err)
{
    enum { HEAD_WIDTH = 32, POSITIONS = 512 };
    ask_json *doc = ask_json_parse("{}", 2, "text tower", NULL, err);
    bool ok = doc && ask_bert_config_read(out, ASK_BERT, ask_json_root(doc), err);
    int width = m->opt.text_width;
    ask_json_free(doc);
    if (!ok) return false;
    out->stack.width = width;
    out->stack.inner = 4 * width;
    out->stack.n_layers = m->opt.text_layers;
    out->stack.n_heads = width % HEAD_WIDTH ? 1 : width / HEAD_WIDTH;
    out->stack.dropout = out->stack.attention_dropout = m->opt.dropout;
    out->n_positions = POSITIONS;
    out->n_types = 1;
    return true;
}

static bool make_config(glance_making *m, ask_error *err)
{
    const ask_train_glance_focus_options *o = &m->opt;
    ask_glance_focus_config *c = &m->folder.config;
    *c = ask_glance_focus_paper();
    c->width = o->width;
    c->n_heads = o->n_heads;
    c->n_layers = o->n_layers;
    c->n_queries = o->n_queries;
    c->inner = o->inner;
    c->dropout = o->dropout;
    c->places = o->bare_frames ? ASK_FRAMES_BARE : ASK_FRAMES_WAVES;
    c->has_memory = !o->no_memory;
    c->n_classes = 0; // by the data
    if (c->width < 1 || c->n_heads < 1 || c->width % c->n_heads != 0)
        return ask_fail(err, ASK_ERR_USAGE, "a width of %d is no multiple of %d heads",
                        c->width, c->n_heads);
    return o->text ? read_text_tower(m, &c->text, err) : small_text_tower(m, &c->text, err);
}

static bool check_sources(const glance_making *m, ask_error *err)
{
    const ask_train_glance_focus_options *o = &m->opt;
    if (o->init && (o->config || o->text || o->tokenizer))
        return ask_fail(err, ASK_ERR_USAGE,
                        "a model brings its configuration, words and weights: give nothing "
                        "beside it to begin with");
    if (o->text && o->tokenizer)
        return ask_fail(err, ASK_ERR_USAGE,
                        "a text tower brings its tokenizer: give no other");
    if (o->config && o->text)
        return ask_fail(err, ASK_ERR_USAGE,
                        "a configuration has its text tower: give no other");
    return true;
}

static bool open_config(glance_making *m, ask_error *err)
{
    if (!check_sources(m, err)) return false;
    if (m->opt.config) return read_config(m, m->opt.config, err);
    return m->opt.init ? read_init(m, err) : make_config(m, err);
}

/* ---- what the questions decide ---- */

static ask_answer_head head_of(ask_data_kind kind)
{
    switch (kind) {
    case ASK_DATA_CHOICE:
        return ASK_ANSWER_OPTIONS;
    case ASK_DATA_COUNT:
        return ASK_ANSWER_COUNT;
    case ASK_DATA_RETRIEVE:
        return ASK_ANSWER_MOMENT;
    default:
        return ASK_ANSWER_VOCABULARY;
    }
}

static bool check_head(const glance_making *m, ask_answer_head head, int n_options,
                       ask_error *err)
{
    const ask_glance_focus_config *c = &m->folder.config;
    if (c->head == head && (head != ASK_ANSWER_OPTIONS || c->n_options == n_options))
        return true;
    return ask_fail(err, ASK_ERR_MODEL,
                    "%s: the model answers other questions than those of %s, of kind %s "
                    "with %d options",
                    m->opt.init, ask_dataset_file(ask_glance_data_info_of(m->train).set),
                    ask_data_kind_name(ask_glance_data_info_of(m->train).kind), n_options);
}

/* A head and classes that have no weights yet are as the data need them. */
static bool take_head(glance_making *m, ask_error *err)
{
    const ask_glance_data_info info = ask_glance_data_info_of(m->train);
    ask_glance_focus_config *c = &m->folder.config;
    ask_answer_head head = head_of(info.kind);
    if (m->opt.init) return check_head(m, head, info.n_options, err);
    c->head = head;
    c->n_options = info.n_options;
    c->n_answers = 1;
    return true;
}

/* How many classes of events a network has room for. In that of the authors the last of
 * their list is the background as well. */
static int room_for_classes(const ask_glance_focus_config *c)
{
    return c->n_classes - (c->compat.tail_memory ? 0 : 1);
}

/* The published list of STAR has one class more than the authors' networks, which take the
 * last for the background. Classes that are not taught anew keep the model's names. */
static bool take_classes(glance_making *m, ask_error *err)
{
    const ask_glance_data_info info = ask_glance_data_info_of(m->train);
    ask_glance_focus_config *c = &m->folder.config;
    bool fixed = m->opt.init || (m->opt.config && c->n_classes);
    if (fixed && m->opt.supervised && info.n_classes > room_for_classes(c))
        return ask_fail(
            err, ASK_ERR_MODEL,
            "%s: events of %d classes, but the network has %d and the background",
            ask_dataset_file(info.set), info.n_classes, c->n_classes - 1);
    if (info.n_events > c->n_queries)
        ask_log_send(m->opt.log, ASK_LOG_WARNING,
                     "%s: questions have up to %d events, but there are %d memory slots: "
                     "of more, %d are drawn each time",
                     ask_dataset_file(info.set), info.n_events, c->n_queries, c->n_queries);
    if (!fixed) c->n_classes = info.n_classes > 0 ? info.n_classes + 1 : c->n_queries + 1;
    bool fits = info.n_classes == c->n_classes || info.n_classes + 1 == c->n_classes;
    if (fits && (m->opt.supervised || !m->opt.init)) m->folder.classes = info.classes;
    return m->folder.classes || !m->opt.init ||
           ask_glance_folder_take_classes(&m->folder, m->opt.init, m->room, err);
}

/* ---- words ---- */

/* Opens the tokenizer of a folder, which may then go. */
static bool take_words(glance_making *m, const char *dir, ask_error *err)
{
    m->tokenizer = ask_tokenizer_open(dir, err);
    return m->tokenizer && ask_glance_folder_take_tokenizer(&m->folder, dir, m->room, err);
}

static bool learn_words(const glance_making *m, const char *dir, ask_error *err)
{
    static const char *const special[] = {"[SEP]"};
    ask_bpe_train_options o = ask_bpe_train_defaults();
    ask_bpe_train_result r;
    ask_glance_texts texts = {.data = m->train};
    o.n_tokens = m->opt.text_tokens;
    o.special = special;
    o.n_special = 1;
    o.cancel = m->opt.cancel;
    return ask_bpe_train(dir, (ask_text_source){ask_glance_texts_next, &texts}, &o, &r,
                         err);
}

/* An own vocabulary: its files are in a folder for as long as it takes to read them. */
static bool make_words(glance_making *m, ask_error *err)
{
    const char *temp = getenv("TMPDIR");
    char *dir = ask_arena_sprintf(m->room, "%s/askance-words-XXXXXX",
                                  temp && *temp ? temp : "/tmp");
    if (!dir) return ask_fail_memory(err);
    if (!mkdtemp(dir)) return ask_fail_errno(err, errno, "%s: cannot be made", dir);
    bool ok = learn_words(m, dir, err) && take_words(m, dir, err);
    ask_error left = {0};
    if (!ask_dir_remove(dir, &left))
        ask_log_send(m->opt.log, ASK_LOG_WARNING, "%s", left.message);
    return ok;
}

static bool find_words(glance_making *m, ask_error *err)
{
    const ask_train_glance_focus_options *o = &m->opt;
    const char *dir = o->init ? o->init : o->text ? o->text : o->tokenizer;
    return dir ? take_words(m, dir, err) : make_words(m, err);
}

/* A text tower drawn at random takes the tokenizer's vocabulary, unless a configuration has
 * one. */
static bool fit_words(glance_making *m, ask_error *err)
{
    ask_bert_config *c = &m->folder.config.text;
    int n = ask_tokenizer_n_tokens(m->tokenizer);
    if (!m->opt.init && !m->opt.text && !m->opt.config) {
        int64_t pad = ask_tokenizer_special(m->tokenizer, "pad");
        c->n_vocab = n;
        c->pad_id = pad < 0 ? 0 : pad;
    }
    return n <= c->n_vocab ||
           ask_fail(err, ASK_ERR_MODEL,
                    "the tokenizer has %d tokens, but the network's vocabulary is of %d", n,
                    c->n_vocab);
}

static bool encode(glance_making *m, ask_error *err)
{
    int most = ask_bert_n_context(&m->folder.config.text);
    if (m->opt.n_tokens && m->opt.n_tokens < most) most = m->opt.n_tokens;
    const char *joint = m->folder.option_joint;
    if (!ask_glance_data_encode(m->train, m->tokenizer, joint, most, err)) return false;
    m->n_tokens = ask_glance_data_info_of(m->train).n_tokens;
    if (!m->val) return true;
    if (!ask_glance_data_encode(m->val, m->tokenizer, joint, most, err)) return false;
    int longest = ask_glance_data_info_of(m->val).n_tokens;
    if (longest > m->n_tokens) m->n_tokens = longest;
    return true;
}

static bool open_words(glance_making *m, ask_error *err)
{
    bool of_nextqa = strncmp(m->opt.set, "nextqa", strlen("nextqa")) == 0;
    if (m->opt.option_joint) m->folder.option_joint = m->opt.option_joint;
    if (!m->folder.option_joint) m->folder.option_joint = of_nextqa ? " [SEP] " : " ";
    if (strlen(m->folder.option_joint) >= ASK_QA_JOINT_BYTES)
        return ask_fail(err, ASK_ERR_USAGE,
                        "what stands between question and option has at most %d bytes",
                        ASK_QA_JOINT_BYTES - 1);
    return find_words(m, err) && fit_words(m, err) && encode(m, err);
}

/* ---- answers ---- */

/* answers.json of the model. */
static bool read_answers(glance_making *m, ask_error *err)
{
    size_t n = (size_t)m->folder.config.n_answers;
    const char **answers;
    char *path = ask_path_join(m->opt.init, "answers.json", err);
    bool ok = path && ask_feature_qa_answers_read(&answers, path, (int)n, m->room, err);
    free(path);
    if (!ok) return false;
    m->answers = malloc((n + 1) * sizeof *m->answers);
    if (!m->answers) return ask_fail_memory(err);
    memcpy(m->answers, answers, n * sizeof *m->answers);
    return true;
}

static void tell_outside(const glance_making *m, const ask_glance_data *data, size_t n,
                         const char *so)
{
    const ask_glance_data_info info = ask_glance_data_info_of(data);
    if (n)
        ask_log_send(m->opt.log, ASK_LOG_WARNING,
                     "%s: %zu of %zu questions have an answer outside of the vocabulary of "
                     "%d; %s",
                     ask_dataset_file(info.set), n, info.n, m->folder.config.n_answers, so);
}

static bool open_answers(glance_making *m, ask_error *err)
{
    ask_glance_focus_config *c = &m->folder.config;
    size_t outside_of_val = 0;
    if (c->head == ASK_ANSWER_VOCABULARY) {
        if (m->opt.init ? !read_answers(m, err)
                        : !ask_glance_data_vocabulary(&m->answers, &c->n_answers, m->train,
                                                      m->opt.n_vocabulary, err))
            return false;
        m->folder.answers = m->answers;
    }
    if (!ask_glance_data_label(m->train, m->answers, c->n_answers, &m->n_outside, err))
        return false;
    tell_outside(m, m->train, m->n_outside, "nothing is learned from it");
    if (!m->val) return true;
    if (!ask_glance_data_label(m->val, m->answers, c->n_answers, &outside_of_val, err))
        return false;
    tell_outside(m, m->val, outside_of_val, "the model does not have the word");
    return true;
}

/* ---- features ---- */

static void tell_features(const glance_making *m, const ask_glance_features_info *info)
{
    if (info->n_empty)
        ask_log_send(m->opt.log, ASK_LOG_WARNING, "%s: %zu videos have no frames",
                     m->opt.features, info->n_empty);
    if (info->n_uncut)
        ask_log_send(m->opt.log, ASK_LOG_WARNING,
                     "%s: %zu questions are about a part of a video, but no times are "
                     "told: all of it is looked at",
                     m->opt.features, info->n_uncut);
}

static bool open_features(glance_making *m, ask_error *err)
{
    ask_glance_focus_config *c = &m->folder.config;
    if (m->opt.n_frames) c->n_frames = m->opt.n_frames;
    if (c->places == ASK_FRAMES_WAVES &&
        (int64_t)c->n_frames * c->width > ASK_GLANCE_MOST_WAVES)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%d frames that carry their places, of width %d: at most %d",
                        c->n_frames, c->width, ASK_GLANCE_MOST_WAVES / c->width);
    ask_glance_features_options opt = {.struct_size = sizeof opt,
                                       .path = m->opt.features,
                                       .store = m->opt.store,
                                       .n_frames = c->n_frames,
                                       .cache_bytes = m->opt.cache_bytes};
    if (m->opt.init) opt.store.width = c->n_features;
    m->features = ask_glance_features_open(&opt, err);
    if (!m->features || !ask_glance_data_use_features(m->train, m->features, err) ||
        (m->val && !ask_glance_data_use_features(m->val, m->features, err)) ||
        !ask_glance_features_load(m->features, m->opt.progress, m->opt.cancel, err))
        return false;
    const ask_glance_features_info info = ask_glance_features_info_of(m->features);
    tell_features(m, &info);
    c->n_features = (int)info.width;
    m->folder.features_id = info.model_id ? info.model_id : m->opt.store.model_id;
    m->folder.features_layout = m->features_layout;
    return true;
}

bool glance_open_start(glance_making *m, ask_error *err)
{
    return open_config(m, err) && take_head(m, err) && take_classes(m, err) &&
           open_words(m, err) && open_answers(m, err) && open_features(m, err);
}

/* ---- weights ---- */

/* Copies a tensor of the text tower from a checkpoint of it. The pooler is not looked at.
 */
static bool copy_tensor(ask_tensor *t, const ask_weights *w, const char *prefix,
                        ask_error *err)
{
    ask_str name = {0};
    const char *part = ask_tensor_name(t) + strlen(TEXT_TOWER);
    if (ask_starts_with(part, "pooler.")) return true;
    ask_str_printf(&name, "%s%s", prefix, part);
    bool ok = train_copy_tensor(t, w, ask_str_text(&name), err);
    ask_str_free(&name);
    return ok;
}

static const char *prefix_of(const ask_weights *w)
{
    static const char *const prefixes[] = {"", "roberta.", "bert.", NULL};
    char name[64];
    for (int i = 0; prefixes[i]; i++) {
        ask_format(name, sizeof name, "%sembeddings.word_embeddings.weight", prefixes[i]);
        if (ask_weights_find(w, name)) return prefixes[i];
    }
    return "";
}

static bool copy_text_tower(const glance_making *m, ask_store *store, ask_error *err)
{
    ask_weights *w = ask_weights_open(m->opt.text, err);
    bool ok = w;
    for (int i = 0; ok && i < ask_store_count(store); i++) {
        ask_tensor *t = ask_store_at(store, i);
        if (ask_starts_with(ask_tensor_name(t), TEXT_TOWER))
            ok = copy_tensor(t, w, prefix_of(w), err);
    }
    ask_weights_close(w);
    return ok;
}

bool glance_bind(const glance_making *m, glance_engine *e, ask_error *err)
{
    ask_weights *weights = NULL;
    if (m->opt.init && !(weights = ask_weights_open(m->opt.init, err))) return false;
    ask_params *p = weights ? ask_params_trainable(e->store, weights, e->room, err)
                            : ask_params_random(e->store, m->opt.seed, e->room, err);
    if (p) ask_glance_focus_bind(&e->net, p, &m->folder.config);
    bool ok = p && ask_params_finish(p, ask_glance_focus_ignored, err) &&
              (!m->opt.text || copy_text_tower(m, e->store, err));
    ask_weights_close(weights);
    return ok;
}
