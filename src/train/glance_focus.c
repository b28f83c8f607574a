#include "train/glance_focus.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/options.h"
#include "tensor/cpu/cpu.h"
#include "train/glance_focus_priv.h"

ask_train_glance_focus_options ask_train_glance_focus_defaults(void)
{
    const ask_glance_task_options task = ask_glance_task_defaults();
    return (ask_train_glance_focus_options){
        .struct_size = sizeof(ask_train_glance_focus_options),
        .train_split = "train",
        .n_vocabulary = 1000,
        .store = ask_feature_store_defaults(),
        .vision_fps = 2,
        .cache_bytes = (int64_t)1 << 30,
        .width = 128,
        .n_heads = 4,
        .n_layers = 2,
        .n_queries = 10,
        .inner = 512,
        .dropout = 0.1,
        .text_width = 128,
        .text_layers = 2,
        .text_tokens = 2048,
        .n_questions = 64,
        .n_batches = 1,
        .n_epochs = 10,
        .n_warmup = -1,
        .warmup_share = -1,
        .schedule = ASK_SCHEDULE_CONSTANT_WITH_WARMUP,
        .beta1 = 0.9,
        .beta2 = 0.999,
        .eps = 1e-8,
        .max_norm = 1,
        .weights = task.weights,
        .matching = task.matching,
        .seed = task.seed,
        .log_every = 10,
        .eval_every = 500,
        .save_every = 500,
        .report = "all",
    };
}

static void making_close(glance_making *m)
{
    ask_glance_data_close(m->train);
    ask_glance_data_close(m->val);
    ask_glance_features_close(m->features);
    ask_tokenizer_close(m->tokenizer);
    free(m->answers);
    ask_arena_free(m->room);
}

/* ---- steps ---- */

static bool begins_trained(const glance_making *m)
{
    return m->opt.init || m->opt.text;
}

/* As many as the epochs have; 0: none. */
static int64_t steps_of_epochs(const glance_making *m)
{
    const ask_train_glance_focus_options *o = &m->opt;
    double n = (double)ask_glance_data_info_of(m->train).n;
    double steps = ceil(o->n_epochs * n / ((double)o->n_questions * o->n_batches));
    return steps < 1e15 ? (int64_t)steps : 0;
}

/* One batch has no epochs. */
static bool count_steps(glance_making *m, ask_error *err)
{
    ask_train_glance_focus_options *o = &m->opt;
    if (o->n_questions < 1 || o->n_batches < 1)
        return ask_fail(err, ASK_ERR_USAGE, "%d batches of %d questions are no step",
                        o->n_batches, o->n_questions);
    m->n_steps = o->n_steps                      ? o->n_steps
                 : o->mode == ASK_GLANCE_OVERFIT ? ask_overfit_defaults().n_steps
                                                 : steps_of_epochs(m);
    if (m->n_steps < 1)
        return ask_fail(err, ASK_ERR_USAGE, "%g epochs are no training", o->n_epochs);
    if (o->rate <= 0) o->rate = begins_trained(m) ? 5e-6 : 5e-4;
    if (o->warmup_share < 0) o->warmup_share = begins_trained(m) ? 0 : 0.05;
    bool warms = o->schedule != ASK_SCHEDULE_CONSTANT;
    m->n_warmup = o->n_warmup >= 0 ? o->n_warmup
                  : warms          ? ask_schedule_warmup(o->warmup_share, m->n_steps)
                                   : 0;
    return true;
}

/* ---- the engine ---- */

bool glance_open_store(const glance_making *m, glance_engine *e, ask_error *err)
{
    *e = (glance_engine){0};
    const ask_cpu_options cpu = {.n_threads = m->opt.n_threads};
    e->backend = ask_cpu_open(&cpu, err);
    e->store = e->backend ? ask_store_new(e->backend, err) : NULL;
    if (!e->store) return false;
    e->room = ask_arena_new(0);
    return (e->room || ask_fail_memory(err)) && glance_bind(m, e, err);
}

static bool open_task(const glance_making *m, glance_engine *e, ask_error *err)
{
    ask_glance_task_options o = ask_glance_task_defaults();
    o.net = &e->net;
    o.train = m->train;
    o.val = m->val;
    o.answers = m->answers;
    o.counts = ask_count_of_set(m->opt.set);
    o.n_questions = m->opt.n_questions;
    o.n_frames = m->folder.config.n_frames;
    o.n_tokens = m->n_tokens;
    o.supervised = m->opt.supervised;
    o.ends = m->folder.ends;
    o.freeze_text = m->opt.freeze_text;
    o.weights = m->opt.weights;
    o.matching = m->opt.matching;
    o.seed = m->opt.seed;
    o.cancel = m->opt.cancel;
    e->task = ask_glance_task_open(&o, e->backend, err);
    return e->task;
}

static bool open_trainer(const glance_making *m, glance_engine *e, ask_error *err)
{
    const ask_train_glance_focus_options *o = &m->opt;
    const ask_train_task task = ask_glance_task_of(e->task);
    ask_trainer_options t = ask_trainer_defaults();
    t.schedule = (ask_schedule){.n_steps = m->n_steps,
                                .n_warmup = m->n_warmup,
                                .rate = o->rate,
                                .kind = o->schedule};
    t.beta1 = o->beta1;
    t.beta2 = o->beta2;
    t.eps = o->eps;
    t.weight_decay = o->weight_decay;
    t.max_norm = o->max_norm;
    t.cancel = o->cancel;
    t.one_batch = o->mode == ASK_GLANCE_OVERFIT;
    t.n_batches = t.one_batch ? 1 : o->n_batches;
    e->trainer = ask_trainer_open(e->backend, e->store, &task, &t, err);
    return e->trainer;
}

void glance_close_engine(glance_engine *e)
{
    ask_trainer_close(e->trainer);
    ask_glance_task_close(e->task);
    ask_store_free(e->store);
    ask_backend_close(e->backend);
    ask_arena_free(e->room);
    *e = (glance_engine){0};
}

static bool open_engine(const glance_making *m, glance_engine *e, ask_error *err)
{
    if (glance_open_store(m, e, err) && open_task(m, e, err) &&
        (m->opt.mode == ASK_GLANCE_TEST || open_trainer(m, e, err)))
        return true;
    glance_close_engine(e);
    return false;
}

/* ---- a training ---- */

static bool train(glance_making *m, glance_engine *e, ask_train_glance_focus_result *r,
                  ask_error *err)
{
    const ask_train_glance_focus_options *o = &m->opt;
    int64_t examples = (int64_t)o->n_questions * o->n_batches;
    const ask_keeper_options keeper = {.struct_size = sizeof keeper,
                                       .dir = m->out,
                                       .write_files = ask_glance_folder_write,
                                       .user = &m->folder,
                                       .most = o->most_checkpoints,
                                       .best_at_end = o->best_at_end,
                                       .log = o->log};
    const ask_train_evaluation evaluation =
        ask_glance_task_evaluation(e->task, o->eval_every);
    ask_train_options run = {
        .struct_size = sizeof run,
        .keeper = &keeper,
        .save_every = o->save_every,
        .resume_from = o->resume_from,
        .allow_drift = o->allow_drift,
        .settings = {m->settings, m->n_settings},
        .evaluation = m->val ? &evaluation : NULL,
        .log_every = o->log_every,
        .examples = examples,
        .steps_per_epoch = (double)r->n_train / (double)examples,
        .progress = o->progress,
        .pace = o->pace,
        .pace_user = o->pace_user,
        .cancel = o->cancel,
    };
    if (!ask_train_folder_reports(&run.report, m->out, o->report, m->room, err) ||
        !ask_dir_make(m->out, err) ||
        !ask_train_run(e->trainer, e->store, e->backend, &run, &r->run, err))
        return false;
    r->metrics = r->run.metrics;
    return true;
}

/* ---- the other modes ---- */

static bool overfit(const glance_making *m, glance_engine *e,
                    ask_train_glance_focus_result *r, ask_error *err)
{
    ask_overfit_options o = ask_overfit_defaults();
    if (m->opt.n_steps) o.n_steps = m->opt.n_steps;
    o.part = "qa";
    o.progress = m->opt.progress;
    o.cancel = m->opt.cancel;
    return ask_train_overfit(e->trainer, &o, &r->overfit, err);
}

typedef struct {
    const glance_making *making;
    glance_engine engine;
} verifying;

static bool open_training(void *user, ask_training *out, ask_error *err)
{
    verifying *v = user;
    if (!open_engine(v->making, &v->engine, err)) return false;
    *out = (ask_training){v->engine.trainer, v->engine.store, v->engine.backend};
    return true;
}

static void close_training(void *user, ask_training *t)
{
    verifying *v = user;
    (void)t;
    glance_close_engine(&v->engine);
}

static bool verify_resume(glance_making *m, ask_train_glance_focus_result *r,
                          ask_error *err)
{
    enum { STEPS = 4 };
    verifying v = {.making = m};
    const ask_training_source source = {&v, open_training, close_training};
    const ask_verify_resume_options o = {.struct_size = sizeof o,
                                         .n_steps = m->n_steps < STEPS ? m->n_steps : STEPS,
                                         .settings = {m->settings, m->n_settings},
                                         .progress = m->opt.progress,
                                         .cancel = m->opt.cancel};
    return ask_verify_resume(&source, &o, &r->verified, err);
}

/* ---- all of it ---- */

/* Everything is opened before anything is written, but features. */
static bool prepare(glance_making *m, ask_error *err)
{
    if (m->opt.mode == ASK_GLANCE_TRAIN &&
        !ask_train_folder_check(m->out, m->opt.resume_from, err))
        return false;
    if (m->opt.mode == ASK_GLANCE_TEST && !m->opt.init)
        return ask_fail(err, ASK_ERR_USAGE, "a test needs a model: say which");
    if (!glance_open_data(m, err) || !glance_open_start(m, err) || !count_steps(m, err))
        return false;
    if (m->opt.mode == ASK_GLANCE_OVERFIT) {
        ask_glance_focus_config *c = &m->folder.config;
        c->dropout = c->text.stack.dropout = c->text.stack.attention_dropout = 0;
    }
    glance_list_settings(m);
    return true;
}

static void tell(const glance_making *m, const glance_engine *e,
                 ask_train_glance_focus_result *r)
{
    r->head = m->folder.config.head;
    r->n_train = ask_glance_data_info_of(m->train).n;
    r->n_eval = m->val ? ask_glance_data_info_of(m->val).n : 0;
    r->n_outside = m->n_outside;
    r->n_answers = r->head == ASK_ANSWER_VOCABULARY ? m->folder.config.n_answers : 0;
    r->n_tokens = m->n_tokens;
    if (!e->trainer) return;
    r->n_params = ask_trainer_n_params(e->trainer);
    r->arena_bytes = ask_trainer_plan(e->trainer).peak_bytes;
}

static bool run(glance_making *m, ask_train_glance_focus_result *r, ask_error *err)
{
    glance_engine e = {0};
    tell(m, &e, r);
    if (m->opt.mode == ASK_GLANCE_VERIFY_RESUME) return verify_resume(m, r, err);
    if (!open_engine(m, &e, err)) return false;
    tell(m, &e, r);
    bool ok = m->opt.mode == ASK_GLANCE_TEST
                  ? ask_glance_task_evaluate(e.task, 0, &r->metrics, err)
              : m->opt.mode == ASK_GLANCE_OVERFIT ? overfit(m, &e, r, err)
                                                  : train(m, &e, r, err);
    glance_close_engine(&e);
    return ok;
}

bool ask_train_glance_focus(const char *out, const ask_train_glance_focus_options *opt,
                            ask_train_glance_focus_result *result, ask_error *err)
{
    glance_making m = {.out = out, .opt = ask_train_glance_focus_defaults()};
    ask_train_glance_focus_result r = {0};
    ask_error why = {0};
    ask_options_take(&m.opt, sizeof m.opt, opt);
    m.room = ask_arena_new(0);
    bool ok = (m.room || ask_fail_memory(&why)) && prepare(&m, &why) && run(&m, &r, &why);
    making_close(&m);
    if (ok || why.code == ASK_ERR_NOT_FOUND) *result = r;
    if (!ok && err) *err = why;
    return ok;
}
