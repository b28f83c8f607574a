#include "train/clip.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/options.h"
#include "base/path.h"
#include "model/init.h"
#include "tensor/cpu/cpu.h"
#include "train/clip_loss.h"
#include "train/clip_playroom.h"
#include "train/clip_task.h"
#include "train/neighbours.h"
#include "train/save.h"
#include "world/sample.h"

/* ---- stages ---- */

/* What is taught when: pieces of frames first, which say the most; then all of it. */
typedef struct {
    const char *name;
    int n_coded;       // texts, see ask_clip_batch_size
    int denials_among; // so many texts one that denies; 0: none
    ask_clip_loss_weights weights;
    double rate; // unless another is given
} clip_stage;

static const clip_stage stages[] = {
    {"patches", ASK_N_SINGLE_DEMANDS, 0, {.frames = 0.3, .patches = 1}, 1e-3},
    {"frames", 0, 16, {.frames = 1, .patches = 0.5, .moments = 0.5}, 6e-4},
};

enum { N_STAGES = sizeof stages / sizeof *stages };

static const clip_stage *find_stage(const char *name, ask_error *err)
{
    for (size_t i = 0; i < N_STAGES; i++)
        if (strcmp(stages[i].name, name) == 0) return &stages[i];
    ask_fail(err, ASK_ERR_USAGE, "there is no stage \"%.60s\"; there are: %s, %s", name,
             stages[0].name, stages[1].name);
    return NULL;
}

ask_train_clip_options ask_train_clip_defaults(void)
{
    return (ask_train_clip_options){
        .struct_size = sizeof(ask_train_clip_options),
        .stage = "frames",
        .n_steps = 1000,
        .n_warmup = -1,
        .save_every = 500,
        .log_every = 10,
        .n_clips = 8,
        .n_frames = 6,
        .n_texts = 128,
        .weight_decay = 0.01,
        .seed = 1,
    };
}

/* ---- what a training holds ---- */

enum { MOST_CONFIG_BYTES = 1 << 20, MOST_SETTINGS = 16, SETTING_BYTES = 40 };

#define PREPROCESS_NAME "preprocessor_config.json"

typedef struct {
    ask_train_clip_options opt;
    const char *out;
    const clip_stage *stage;
    char *dir, *config, *preprocess_file; // paths that are read
    const char *tokenizer_dir;
    char *weights, *checkpoint, *log; // that are written

    ask_clip clip;
    ask_preprocess preprocess;
    ask_tokenizer *tokenizer;
    uint64_t config_hash, preprocess_hash, data_hash;

    ask_backend *backend;
    ask_store *store;
    ask_arena *room;
    ask_clip_batch_size size;
    ask_clip_playroom *playroom;
    ask_clip_task *task;
    ask_trainer *trainer;

    ask_train_setting settings[MOST_SETTINGS];
    char values[MOST_SETTINGS][SETTING_BYTES];
    size_t n_settings;
} making;

static void making_close(making *m)
{
    ask_trainer_close(m->trainer);
    ask_clip_task_close(m->task);
    ask_clip_playroom_close(m->playroom);
    ask_store_free(m->store);
    ask_backend_close(m->backend);
    ask_arena_free(m->room);
    ask_tokenizer_close(m->tokenizer);
    free(m->dir);
    free(m->config);
    free(m->preprocess_file);
    free(m->weights);
    free(m->checkpoint);
    free(m->log);
}

/* ---- where a training begins ---- */

static bool check_sources(const ask_train_clip_options *o, ask_error *err)
{
    if (o->resume) {
        if (!o->init && !o->config && !o->tokenizer) return true;
        return ask_fail(err, ASK_ERR_USAGE,
                        "a training that is resumed has its configuration already: give no "
                        "other");
    }
    if (o->neighbours && !o->config)
        return ask_fail(err, ASK_ERR_USAGE,
                        "only weights that are drawn at random can begin by looking at "
                        "neighbours: give a configuration");
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

/* The files are those of OUT, of a model, or of a configuration and what lies beside it. */
static bool find_sources(making *m, ask_error *err)
{
    const ask_train_clip_options *o = &m->opt;
    if (!check_sources(o, err)) return false;
    if (o->config) {
        m->dir = ask_path_dirname(o->config, err);
        m->config = m->dir ? ask_strdup(o->config, err) : NULL;
    } else {
        m->dir = ask_strdup(o->resume ? m->out : o->init, err);
        m->config = m->dir ? ask_path_join(m->dir, "config.json", err) : NULL;
    }
    if (!m->config) return false;
    m->tokenizer_dir = o->config ? o->tokenizer : m->dir;
    m->preprocess_file = ask_path_join(m->dir, PREPROCESS_NAME, err);
    return m->preprocess_file;
}

static bool find_targets(making *m, ask_error *err)
{
    m->weights = ask_path_join(m->out, "model.safetensors", err);
    if (!m->weights) return false;
    m->checkpoint = ask_path_join(m->out, "checkpoint.safetensors", err);
    if (!m->checkpoint) return false;
    m->log =
        m->opt.log ? ask_strdup(m->opt.log, err) : ask_path_join(m->out, "log.jsonl", err);
    return m->log;
}

static bool hash_file(uint64_t *out, const char *path, ask_error *err)
{
    char *bytes;
    size_t n_bytes;
    if (!ask_file_read(&bytes, &n_bytes, path, MOST_CONFIG_BYTES, err)) return false;
    *out = ask_hash64(bytes, n_bytes, 0);
    free(bytes);
    return true;
}

static bool read_config(making *m, ask_clip_config *out, ask_error *err)
{
    ask_json *doc = ask_json_read(m->config, NULL, err);
    bool ok = doc && ask_clip_config_read(out, ask_json_root(doc), err) &&
              hash_file(&m->config_hash, m->config, err);
    ask_json_free(doc);
    return ok || ask_fail_as(err, ASK_ERR_MODEL);
}

static bool read_preprocess(making *m, int side_px, ask_error *err)
{
    m->preprocess = ask_preprocess_defaults(ASK_PROCESSOR_CLIP, side_px);
    if (!ask_file_exists(m->preprocess_file)) return true;
    return ask_preprocess_read(&m->preprocess, m->preprocess_file, ASK_PROCESSOR_CLIP,
                               err) &&
           hash_file(&m->preprocess_hash, m->preprocess_file, err);
}

static bool read_world(making *m, ask_error *err)
{
    if (!m->opt.data) return true;
    char *path = ask_path_join(m->opt.data, "world.json", err);
    bool ok = path && hash_file(&m->data_hash, path, err);
    free(path);
    return ok;
}

static bool read_tokenizer(making *m, const ask_clip_text_config *c, ask_error *err)
{
    m->tokenizer = ask_tokenizer_open(m->tokenizer_dir, err);
    if (!m->tokenizer) return false;
    int64_t end = ask_tokenizer_special(m->tokenizer, "eos");
    if (end == ask_clip_text_end_id(c)) return true;
    return ask_fail(err, ASK_ERR_MODEL,
                    "%s: \"eos_token_id\" is %lld, the tokenizer ends texts with %lld",
                    m->config, (long long)ask_clip_text_end_id(c), (long long)end);
}

/* ---- the parts ---- */

static ask_params *open_params(making *m, const ask_weights *weights, ask_error *err)
{
    return weights ? ask_params_trainable(m->store, weights, m->room, err)
                   : ask_params_random(m->store, m->opt.seed, m->room, err);
}

static bool bind(making *m, const ask_clip_config *config, ask_error *err)
{
    ask_weights *weights = NULL;
    if (!m->opt.config) {
        weights = ask_weights_open(m->dir, err);
        if (!weights) return false;
    }
    ask_params *p = open_params(m, weights, err);
    if (p) ask_clip_bind(&m->clip, p, config);
    bool ok = p && ask_params_finish(p, ask_clip_ignored, err);
    ask_weights_close(weights);
    if (ok && m->opt.config && m->opt.neighbours)
        ok = ask_neighbours_begin(&m->clip.vision, err);
    return ok;
}

static bool open_engine(making *m, ask_error *err)
{
    const ask_cpu_options cpu = {.n_threads = m->opt.n_threads};
    m->backend = ask_cpu_open(&cpu, err);
    m->store = m->backend ? ask_store_new(m->backend, err) : NULL;
    if (!m->store) return false;
    m->room = ask_arena_new(0);
    return m->room || ask_fail_memory(err);
}

static void set_size(making *m)
{
    const ask_clip_config *c = &m->clip.config;
    int among = m->stage->denials_among;
    m->size = (ask_clip_batch_size){
        .n_clips = m->opt.n_clips,
        .n_frames = m->opt.n_frames,
        .n_texts = m->opt.n_texts,
        .n_tokens = m->opt.n_tokens ? m->opt.n_tokens : c->text.n_context,
        .n_coded = m->stage->n_coded,
        .n_denied = among ? m->opt.n_texts / among : 0,
        .n_channels = c->vision.n_channels,
        .side_px = c->vision.image_px,
        .patch_px = c->vision.patch_px,
    };
}

static bool fill(void *user, ask_clip_batch *b, int64_t step, ask_error *err)
{
    return ask_clip_playroom_fill(user, b, step, err);
}

static bool open_task(making *m, ask_error *err)
{
    set_size(m);
    if (m->size.n_tokens > m->clip.config.text.n_context)
        return ask_fail(err, ASK_ERR_USAGE, "texts of %d tokens, the network takes %d",
                        m->size.n_tokens, m->clip.config.text.n_context);
    const ask_clip_playroom_options playroom = {.seed = m->opt.seed,
                                                .dir = m->opt.data,
                                                .tokenizer = m->tokenizer,
                                                .preprocess = &m->preprocess,
                                                .size = m->size};
    m->playroom = ask_clip_playroom_open(&playroom, err);
    if (!m->playroom) return false;
    const ask_clip_source source = {fill, m->playroom};
    const ask_clip_towers towers = ask_clip_towers_of(&m->clip);
    m->task =
        ask_clip_task_open(&towers, m->store, &m->size, &m->stage->weights, &source, err);
    return m->task;
}

static ask_trainer_options trainer_options(const making *m)
{
    ask_trainer_options o = ask_trainer_defaults();
    int64_t n = m->opt.n_steps, twentieth = (n + 19) / 20;
    o.schedule = (ask_schedule){
        .n_steps = n,
        .n_warmup = m->opt.n_warmup >= 0 ? m->opt.n_warmup
                    : twentieth < 200    ? twentieth
                                         : 200,
        .rate = m->opt.rate > 0 ? m->opt.rate : m->stage->rate,
    };
    o.weight_decay = m->opt.weight_decay;
    o.cancel = m->opt.cancel;
    return o;
}

static bool open_trainer(making *m, ask_error *err)
{
    const ask_train_task task = ask_clip_task_of(m->task);
    const ask_trainer_options opt = trainer_options(m);
    m->trainer = ask_trainer_open(m->backend, m->store, &task, &opt, err);
    return m->trainer;
}

/* ---- settings: what a resumed training must have in common ---- */

static void set(making *m, const char *key, const char *format, ...) ASK_PRINTF(3, 4);

static void set(making *m, const char *key, const char *format, ...)
{
    char *value = m->values[m->n_settings];
    va_list args;
    va_start(args, format);
    ask_vformat(value, SETTING_BYTES, format, args);
    va_end(args);
    m->settings[m->n_settings++] = (ask_train_setting){key, value};
}

static void list_settings(making *m)
{
    const ask_schedule *s = ask_trainer_schedule(m->trainer);
    set(m, "stage", "%s", m->stage->name);
    set(m, "steps", "%lld", (long long)s->n_steps);
    set(m, "warmup", "%lld", (long long)s->n_warmup);
    set(m, "lr", "%.17g", s->rate);
    set(m, "decay", "%.17g", m->opt.weight_decay);
    set(m, "batch", "%d", m->size.n_clips);
    set(m, "frames", "%d", m->size.n_frames);
    set(m, "texts", "%d", m->size.n_texts);
    set(m, "tokens", "%d", m->size.n_tokens);
    set(m, "seed", "%llu", (unsigned long long)m->opt.seed);
    if (m->opt.data)
        set(m, "data", "%016llx", (unsigned long long)m->data_hash);
    else
        set(m, "data", "playroom");
    set(m, "config", "%016llx", (unsigned long long)m->config_hash);
    set(m, "preprocess", "%016llx", (unsigned long long)m->preprocess_hash);
}

/* ---- the folder ---- */

static bool save_weights(void *user, int64_t step, ask_error *err)
{
    const making *m = user;
    (void)step;
    return ask_train_save(m->weights, m->store, err);
}

static bool write_first_weights(void *user, const char *path, ask_error *err)
{
    const making *m = user;
    return ask_train_save(path, m->store, err);
}

/* Whether a path is that of a file in the folder itself, as both are written. */
static bool is_directly_in(const char *path, const char *dir)
{
    size_t n = strlen(dir);
    while (n > 0 && dir[n - 1] == '/') n--;
    if (strncmp(path, dir, n) != 0 || path[n] != '/') return false;
    const char *name = path + n + strspn(path + n, "/");
    return *name && !strchr(name, '/');
}

/* A log outside the new folder can be found impossible before the folder is made. The probe
 * is what a log begins with (train/report.h): a new, empty file in the place of an old one.
 */
static bool check_log(const making *m, ask_error *err)
{
    if (!m->opt.log || is_directly_in(m->opt.log, m->out)) return true;
    if (strcmp(m->opt.log, m->out) == 0)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%s: the model's folder cannot be its log as well", m->out);
    ask_file_writer *w = ask_file_writer_open(m->opt.log, err);
    bool ok = w;
    ask_file_writer_abort(w);
    return ok;
}

/* A new folder, with the weights that the training begins with. */
static bool make_folder(making *m, ask_error *err)
{
    const ask_model_init_options init = {
        .network = "clip",
        .tokenizer = m->tokenizer_dir,
        .preprocess = ask_file_exists(m->preprocess_file) ? m->preprocess_file : NULL,
        .write_weights = write_first_weights,
        .user = m,
        .cancel = m->opt.cancel};
    return check_log(m, err) && ask_model_init(m->out, m->config, &init, err);
}

/* ---- all of it ---- */

static bool run(making *m, ask_train_result *result, ask_error *err)
{
    ask_train_watch watch = ask_clip_task_watch(m->task);
    const ask_train_options opt = {
        .checkpoint = m->checkpoint,
        .save_every = m->opt.save_every,
        .report = {.jsonl = m->log},
        .log_every = m->opt.log_every,
        .examples = (int64_t)m->size.n_clips * m->size.n_frames,
        .until = m->opt.until,
        .settings = {m->settings, m->n_settings},
        .resume = m->opt.resume,
        .allow_drift = m->opt.allow_drift,
        .watch = &watch,
        .save = save_weights,
        .save_user = m,
        .progress = m->opt.progress,
        .cancel = m->opt.cancel,
    };
    return ask_train_run(m->trainer, m->store, m->backend, &opt, result, err);
}

/* Everything is opened before anything is written. */
static bool prepare(making *m, ask_error *err)
{
    ask_clip_config config;
    if (!find_sources(m, err) || !find_targets(m, err) || !read_config(m, &config, err) ||
        !read_preprocess(m, config.vision.image_px, err) ||
        !read_tokenizer(m, &config.text, err) || !open_engine(m, err) ||
        !bind(m, &config, err) || !open_task(m, err) || !read_world(m, err) ||
        !open_trainer(m, err))
        return false;
    list_settings(m);
    return m->opt.resume || make_folder(m, err);
}

bool ask_train_clip(const char *out, const ask_train_clip_options *opt,
                    ask_train_clip_result *result, ask_error *err)
{
    making m = {.out = out, .opt = ask_train_clip_defaults()};
    ask_options_take(&m.opt, sizeof m.opt, opt);
    ask_train_clip_result r = {0};
    m.stage = find_stage(m.opt.stage, err);
    bool ok = m.stage && prepare(&m, err) && run(&m, &r.run, err);
    if (ok) {
        ask_plan_info plan = ask_trainer_plan(m.trainer);
        r.n_params = ask_trainer_n_params(m.trainer);
        r.n_examples = (int64_t)m.size.n_clips * m.size.n_frames;
        r.arena_bytes = plan.peak_bytes;
        r.widest_bytes = plan.widest_bytes;
        *result = r;
    }
    making_close(&m);
    return ok;
}
