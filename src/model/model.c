#include "model/model_priv.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/options.h"
#include "base/path.h"
#include "base/str.h"
#include "model/gguf_priv.h"
#include "tensor/cpu/cpu.h"
#include "weights/gguf_config.h"

/* ---- the configuration ---- */

ask_json *model_config_read(const char *path, char **text, size_t *n_bytes, ask_error *err)
{
    enum { MOST_BYTES = 1 << 24 };
    ask_json *config = NULL;
    *text = NULL;
    if (ask_file_read(text, n_bytes, path, MOST_BYTES, err))
        config = ask_json_parse(*text, *n_bytes, path, NULL, err);
    if (!config) ask_fail_as(err, ASK_ERR_MODEL);
    if (config && ask_json_type_of(ask_json_root(config)) != ASK_JSON_OBJECT) {
        ask_fail(err, ASK_ERR_MODEL, "%s: expected a JSON object", path);
        ask_json_free(config);
        config = NULL;
    }
    if (!config) {
        free(*text);
        *text = NULL;
    }
    return config;
}

ask_json *model_config_in(const char *dir, ask_error *err)
{
    char *path = ask_path_join(dir, MODEL_CONFIG_FILE, err);
    if (!path) return NULL;
    char *text = NULL;
    size_t n_bytes;
    ask_json *config = ask_file_exists(path) ? model_config_read(path, &text, &n_bytes, err)
                                             : ask_json_parse("{}", 2, path, NULL, err);
    free(text);
    free(path);
    return config;
}

/* ---- what is told of a model ---- */

/* The type of most of the weights. */
static const char *usual_type(const ask_weights *w)
{
    int64_t count[ASK_N_DTYPES] = {0};
    int best = 0;
    for (size_t i = 0; i < ask_weights_count(w); i++)
        count[ask_weights_at(w, i)->type] += ask_weights_at(w, i)->n_elements;
    for (int i = 1; i < ASK_N_DTYPES; i++)
        if (count[i] > count[best]) best = i;
    return ask_dtype_name((ask_dtype)best);
}

static bool has_file(const char *dir, const char *name)
{
    char path[4096];
    int n = ask_format(path, sizeof path, "%s/%s", dir, name);
    return n < (int)sizeof path && ask_file_exists(path);
}

/* What cosines are multiplied with; the network computes it in f32. */
static bool read_logit_scale(double *out, const ask_model *m, ask_error *err)
{
    const ask_tensor *t = m->network->dual->logit_scale(m->net);
    float log_scale;
    if (!ask_tensor_read(t, &log_scale, sizeof log_scale, err)) return false;
    double scale = exp(log_scale);
    if (!(scale > 0 && scale <= FLT_MAX))
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: tensor \"%s\" is %g: cosines cannot be scaled with exp(%g)",
                        m->dir, ask_tensor_name(t), log_scale, log_scale);
    *out = scale;
    return true;
}

static bool describe_dual(ask_model *m, ask_error *err)
{
    const network_dual *dual = m->network->dual;
    if (!read_logit_scale(&m->info.logit_scale, m, err)) return false;
    network_dual_sizes s = dual->sizes(m->net);
    m->info.has_pictures = true;
    m->info.heat_side = s.heat_side;
    m->info.n_vectors = s.n_vectors;
    m->info.image_gflop = s.image_flops / 1e9;
    return true;
}

static void describe_pictures(ask_model *m)
{
    network_picture_sizes s;
    if (!network_picture_sizes_of(&s, m->network, m->net)) return;
    m->info.n_channels = s.n_channels;
    m->info.image_px = s.image_px;
}

static void describe_text(ask_model *m)
{
    network_text_sizes s;
    if (!network_text_sizes_of(&s, m->network, m->net)) return;
    m->info.n_embed = s.n_embed;
    m->info.n_context = s.n_context;
    m->info.n_vocab = s.n_vocab;
    m->info.end_id = s.end_id;
    m->info.pad_id = s.pad_id;
    m->info.text_token_gflop = s.token_flops / 1e9;
}

static bool describe(ask_model *m, ask_error *err)
{
    ask_model_info *info = &m->info;
    info->dir = m->dir;
    info->network = m->network->name;
    info->dtype = usual_type(m->weights);
    info->backend = m->backend->name;
    info->isa = ask_isa_name(ask_cpu_isa(m->backend));
    info->n_threads = ask_cpu_n_threads(m->backend);
    info->has_tokenizer = (m->gguf && model_gguf_has_tokenizer(m->gguf)) ||
                          has_file(m->dir, "tokenizer.json") ||
                          has_file(m->dir, "tokenizer.model") ||
                          has_file(m->dir, "spiece.model") ||
                          has_file(m->dir, "vocab.json") || has_file(m->dir, "vocab.txt");
    for (int i = 0; i < ask_store_count(m->store); i++)
        info->n_params += ask_tensor_count(ask_store_at(m->store, i));
    for (size_t i = 0; i < ask_weights_count(m->weights); i++) {
        const ask_weights_entry *e = ask_weights_at(m->weights, i);
        info->weight_bytes += (int64_t)e->bytes;
        if (e->file >= info->n_files) info->n_files = e->file + 1;
    }
    describe_pictures(m);
    describe_text(m);
    return !network_dual_of(m->network, m->net) || describe_dual(m, err);
}

ask_model_info ask_model_info_of(const ask_model *m)
{
    return m->info;
}

bool ask_model_check_pictures(const ask_model *m, ask_error *err)
{
    if (network_dual_of(m->network, m->net)) return true;
    if (m->network->dual)
        return ask_fail(err, ASK_ERR_UNSUPPORTED,
                        "%s: this %s was not made to find: it embeds no pictures beside "
                        "texts",
                        m->dir, m->network->name);
    return ask_fail(err, ASK_ERR_UNSUPPORTED,
                    "%s: %s embeds no pictures beside texts; a network that does is clip",
                    m->dir, m->network->name);
}

const ask_preprocess *ask_model_preprocess(const ask_model *m)
{
    return &m->preprocess;
}

bool ask_model_size_at(const ask_model *m, size_t i, ask_model_size *out)
{
    return m->network->size_at(m->net, i, out);
}

/* ---- opening ---- */

static bool check_file(const char *path, ask_error *err)
{
    bool is_gguf;
    if (!ask_gguf_sniff(&is_gguf, path, err)) return ask_fail_as(err, ASK_ERR_MODEL);
    return is_gguf || ask_fail(err, ASK_ERR_MODEL,
                               "%s: a file; expected a folder with %s and %s, or a GGUF "
                               "file",
                               path, MODEL_CONFIG_FILE, MODEL_WEIGHTS_FILE);
}

static bool check_dir(const char *dir, ask_error *err)
{
    if (!ask_file_exists(dir))
        return ask_fail(err, ASK_ERR_MODEL, "%s: no such folder", dir);
    if (!ask_file_is_dir(dir)) return check_file(dir, err);
    bool is_model = has_file(dir, MODEL_CONFIG_FILE);
    if (!is_model && !ask_weights_are_in(&is_model, dir, err)) return false;
    return is_model ||
           ask_fail(err, ASK_ERR_MODEL, "%s: there is no %s", dir, MODEL_CONFIG_FILE);
}

static bool set_compat(ask_model *m, const char *compat, ask_error *err)
{
    if (!compat) return true;
    if (m->network->set_compat) return m->network->set_compat(m->net, compat, err);
    return ask_fail(err, ASK_ERR_USAGE,
                    "%s: %s has one behaviour; there is no \"%.40s\" to choose", m->dir,
                    m->network->name, compat);
}

static bool bind_network(ask_model *m, ask_json_value config, const ask_model_options *opt,
                         ask_error *err)
{
    const network *n = m->network;
    m->net = ask_arena_alloc64(m->room, n->net_bytes);
    if (!m->net) return ask_fail_memory(err);
    if (!n->read_config(m->net, config, err) || !set_compat(m, opt->compat, err))
        return false;
    if (!model_put_adapter(m->weights, n, m->dir, err)) return false;
    ask_params *p = ask_params_open(m->store, m->weights, m->room, err);
    if (!p) return false;
    if (opt->exact) ask_params_widen(p);
    n->bind(m->net, p);
    return ask_params_finish(p, n->ignored, err) &&
           (!n->read_beside || n->read_beside(m->net, m->dir, m->room, err));
}

/* Only a network that says so may be without a configuration. */
static bool find_network(ask_model *m, ask_json_value config, const char *name,
                         ask_error *err)
{
    m->network = network_find(name, config, m->weights, err);
    if (m->gguf || has_file(m->dir, MODEL_CONFIG_FILE) || (name && !m->network))
        return m->network != NULL;
    if (m->network && m->network->bare) return true;
    return ask_fail(err, ASK_ERR_MODEL, "%s: there is no %s", m->dir, MODEL_CONFIG_FILE);
}

/* With the configuration parsed and `text` its bytes. */
static bool open_network(ask_model *m, const ask_json *config, const char *text,
                         size_t n_bytes, const ask_model_options *opt, ask_error *err)
{
    ask_json_value root = ask_json_root(config);
    if (!find_network(m, root, opt->network, err) || !bind_network(m, root, opt, err))
        return false;
    if (m->gguf) text = ask_gguf_header(m->gguf, &n_bytes);
    return model_identify(m->info.id, m->dir, text, n_bytes, m->weights, err);
}

/* The configuration that stands in the metadata; called as the file is. */
static ask_json *read_metadata(const ask_gguf *g, ask_error *err)
{
    char *text = ask_gguf_config(g, err);
    ask_json *config =
        text ? ask_json_parse(text, strlen(text), ask_gguf_path(g), NULL, err) : NULL;
    free(text);
    return config;
}

static bool read_network(ask_model *m, const ask_model_options *opt, ask_error *err)
{
    char *path = ask_path_join(m->dir, MODEL_CONFIG_FILE, err);
    if (!path) return false;
    char *text = NULL;
    size_t n_bytes = 0;
    ask_json *config = m->gguf ? read_metadata(m->gguf, err)
                       : has_file(m->dir, MODEL_CONFIG_FILE)
                           ? model_config_read(path, &text, &n_bytes, err)
                           : ask_json_parse("{}", 2, path, NULL, err);
    free(path);
    if (!config) return false;
    bool ok = open_network(m, config, text ? text : "", n_bytes, opt, err);
    ask_json_free(config);
    free(text);
    return ok;
}

/* What becomes of every picture must be what the network takes. */
static bool check_preprocess(const ask_model *m, ask_error *err)
{
    const ask_preprocess *p = &m->preprocess;
    int side = m->info.image_px;
    bool cropped = p->crop_width_px > 0;
    if (!cropped && p->fit != ASK_FIT_EXACT) return true; // told for each picture
    int width = cropped ? p->crop_width_px : p->width_px;
    int height = cropped ? p->crop_height_px : p->height_px;
    if (width == side && height == side) return true;
    return ask_fail(err, ASK_ERR_MODEL,
                    "%s/%s: pictures become %d x %d, the network takes %d x %d", m->dir,
                    MODEL_PREPROCESS_FILE, width, height, side, side);
}

static bool read_preprocess_file(ask_model *m, ask_error *err)
{
    char *path = ask_path_join(m->dir, MODEL_PREPROCESS_FILE, err);
    if (!path) return false;
    bool ok = ask_preprocess_read(&m->preprocess, path, m->network->processor, err);
    free(path);
    return ok && check_preprocess(m, err);
}

/* A network of other than 3 channels takes pictures only when the file says which. */
static bool describe_views(ask_model *m, ask_error *err)
{
    enum { PICTURE_CHANNELS = 3 };
    const ask_views *v = &m->preprocess.views;
    bool fits = PICTURE_CHANNELS * v->n == m->info.n_channels;
    if (!fits && v->n > 1)
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s/%s: key \"frame_offsets_s\": %d pictures make %d channels, the "
                        "network takes %d",
                        m->dir, MODEL_PREPROCESS_FILE, v->n, PICTURE_CHANNELS * v->n,
                        m->info.n_channels);
    m->info.n_views = fits ? v->n : 0;
    m->info.view_offset_s = v->offset_s;
    return true;
}

static bool read_preprocess(ask_model *m, ask_error *err)
{
    if (m->info.n_channels == 0) return true;
    m->preprocess = ask_preprocess_defaults(m->network->processor, m->info.image_px);
    return (!has_file(m->dir, MODEL_PREPROCESS_FILE) || read_preprocess_file(m, err)) &&
           describe_views(m, err);
}

static bool read_generation_of_metadata(ask_model *m, ask_error *err)
{
    char *text = ask_gguf_config(m->gguf, err);
    const ask_generation_sources from = {.config = m->dir,
                                         .config_text = text,
                                         .begin_id = -1,
                                         .end_id = -1,
                                         .pad_id = -1,
                                         .start_id = -1};
    bool ok = text && ask_generation_config_read(&m->generation, &from, err);
    free(text);
    return ok;
}

/* Of language models alone. */
static bool read_generation(ask_model *m, ask_error *err)
{
    if (!m->network->language) return true;
    if (m->gguf) return read_generation_of_metadata(m, err);
    ask_language_sizes sizes = ask_language_sizes_of(m->network->language->of(m->net));
    char *config = ask_path_join(m->dir, MODEL_CONFIG_FILE, err);
    char *generation = config ? ask_path_join(m->dir, MODEL_GENERATION_FILE, err) : NULL;
    const ask_generation_sources from = {
        .generation = has_file(m->dir, MODEL_GENERATION_FILE) ? generation : NULL,
        .config = config,
        .begin_id = sizes.begin_id,
        .end_id = sizes.end_id,
        .pad_id = sizes.pad_id,
        .start_id = sizes.n_encoder_layers > 0 ? sizes.start_id : -1};
    bool ok = generation && ask_generation_config_read(&m->generation, &from, err);
    free(generation);
    free(config);
    return ok;
}

/* Of a GGUF file nothing is looked for but in itself. */
static bool find_gguf(ask_model *m, ask_error *err)
{
    m->gguf = ask_weights_gguf(m->weights);
    if (!m->gguf) return true;
    free(m->dir);
    m->dir = ask_strdup(ask_gguf_path(m->gguf), err);
    return m->dir != NULL;
}

static bool open_all(ask_model *m, const char *dir, const ask_model_options *opt,
                     ask_error *err)
{
    const ask_cpu_options cpu = {.n_threads = opt->n_threads};
    if (!check_dir(dir, err)) return false;
    if (!(m->dir = ask_strdup(dir, err)) || !ask_mutex_open(&m->lock, err)) return false;
    m->lock_is_open = true;
    m->room = ask_arena_new(0);
    if (!m->room) return ask_fail_memory(err);
    return (m->backend = ask_cpu_open(&cpu, err)) &&
           (m->store = ask_store_new(m->backend, err)) &&
           (m->weights = ask_weights_open(dir, err)) && find_gguf(m, err) &&
           (!opt->over || ask_weights_put_over(m->weights, opt->over, err)) &&
           read_network(m, opt, err) && read_generation(m, err) && describe(m, err) &&
           read_preprocess(m, err);
}

ask_model *ask_model_open(const char *dir, const ask_model_options *opt, ask_error *err)
{
    ask_model_options o = {0};
    ask_options_take(&o, sizeof o, opt);
    ask_model *m = calloc(1, sizeof *m);
    if (!m) {
        ask_fail_memory(err);
        return NULL;
    }
    if (open_all(m, dir, &o, err)) return m;
    ask_model_close(m);
    return NULL;
}

void ask_model_close(ask_model *m)
{
    if (!m) return;
    ask_tokenizer_close(m->tokenizer);
    ask_tokenizer_close(m->instructor);
    ask_store_free(m->store);
    ask_backend_close(m->backend);
    ask_arena_free(m->room);
    ask_weights_close(m->weights);
    if (m->lock_is_open) ask_mutex_close(&m->lock);
    free(m->dir);
    free(m);
}

/* ---- the tokenizer ---- */

static ask_tokenizer *open_tokenizer(const ask_model *m, ask_error *err)
{
    if (!m->info.has_tokenizer) {
        ask_fail(err, ASK_ERR_MODEL,
                 "%s: there is no tokenizer.json, no tokenizer.model or spiece.model, nor "
                 "vocab.txt, nor vocab.json and merges.txt: texts cannot be read",
                 m->dir);
        return NULL;
    }
    ask_tokenizer *t =
        m->gguf ? model_gguf_tokenizer(m->gguf, err) : ask_tokenizer_open(m->dir, err);
    network_text_sizes s;
    network_text_sizes_of(&s, m->network, m->net);
    if (!t || ask_tokenizer_n_tokens(t) <= s.n_vocab) return t;
    ask_fail(err, ASK_ERR_MODEL,
             "%s: the tokenizer has ids up to %d, but %s: key \"%s\" is %lld", m->dir,
             ask_tokenizer_n_tokens(t) - 1, MODEL_CONFIG_FILE, s.vocab_key,
             (long long)s.n_vocab);
    ask_tokenizer_close(t);
    return NULL;
}

const ask_tokenizer *model_tokenizer(ask_model *m, ask_error *err)
{
    ask_mutex_lock(&m->lock);
    if (!m->tokenizer) m->tokenizer = open_tokenizer(m, err);
    const ask_tokenizer *t = m->tokenizer;
    ask_mutex_unlock(&m->lock);
    return t;
}

static ask_tokenizer *open_instructor(const ask_model *m, ask_error *err)
{
    int64_t n_vocab = m->network->visual->sizes(m->net).n_instruction_vocab;
    char *dir = ask_path_join(m->dir, MODEL_INSTRUCTIONS_FOLDER, err);
    bool is_there = dir && ask_file_is_dir(dir);
    if (dir && !is_there)
        ask_fail(err, ASK_ERR_MODEL,
                 "%s: there is no such folder, with the tokenizer of the Q-Former, which "
                 "reads what is asked: copy BERT's there",
                 dir);
    ask_tokenizer *t = is_there ? ask_tokenizer_open(dir, err) : NULL;
    if (t && ask_tokenizer_n_tokens(t) > n_vocab) {
        ask_fail(err, ASK_ERR_MODEL, "%s: the tokenizer has ids up to %d, of %lld", dir,
                 ask_tokenizer_n_tokens(t) - 1, (long long)n_vocab);
        ask_tokenizer_close(t);
        t = NULL;
    }
    free(dir);
    return t;
}

const ask_tokenizer *model_instructor(ask_model *m, ask_error *err)
{
    ask_mutex_lock(&m->lock);
    if (!m->instructor) m->instructor = open_instructor(m, err);
    const ask_tokenizer *t = m->instructor;
    ask_mutex_unlock(&m->lock);
    return t;
}

ask_chat *ask_model_chat_open(const ask_model *m, const char *builtin, ask_error *err)
{
    return m->gguf ? model_gguf_chat(m->gguf, builtin, err)
                   : ask_chat_open(m->dir, builtin, err);
}
