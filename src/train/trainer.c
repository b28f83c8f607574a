#include "train/trainer.h"

#include <math.h>
#include <stdlib.h>

#include "base/options.h"
#include "base/str.h"
#include "train/not_finite_priv.h"

enum { MOST_BATCHES = 1 << 20 }; // of a step

/* One graph makes a step of one batch. With several, the first adds up their gradients and
 * the second updates. */
struct ask_trainer {
    ask_backend *backend;
    ask_store *store;
    ask_train_task task;
    ask_trainer_options opt;

    int n; // trained tensors
    ask_tensor **params, **first, **second, **grads;
    int64_t n_params;

    ask_graph *graph; // of a batch
    train_batch_graph batch;
    ask_tensor *norm; // of the gradients of the batch

    /* With several batches. */
    ask_store *sums;
    ask_tensor *begins; // bool, an input: whether the batch is the first of its step
    ask_graph *update;
    ask_tensor *total, *sum_norm; // total: an input, the loss of the step

    ask_tensor *rate, *step; // inputs of the update
};

ask_trainer_options ask_trainer_defaults(void)
{
    return (ask_trainer_options){
        .struct_size = sizeof(ask_trainer_options),
        .beta1 = 0.9,
        .beta2 = 0.98,
        .eps = 1e-6,
        .weight_decay = 0.01,
        .max_norm = 1,
        .n_batches = 1,
    };
}

/* ---- state ---- */

/* Adds zeros of the shape of a parameter, under its name with a prefix. */
static ask_tensor *add_like(ask_store *store, const char *prefix, const ask_tensor *param,
                            ask_error *err)
{
    char name[280];
    int64_t shape[ASK_MAX_DIMS];
    int n_dims = ask_tensor_n_dims(param);
    for (int d = 0; d < n_dims; d++) shape[d] = ask_tensor_dim(param, d);
    ask_format(name, sizeof name, "%s.%s", prefix, ask_tensor_name(param));
    return ask_store_add(store, name, ASK_F32, n_dims, shape, err);
}

static bool add_moments(ask_trainer *t, ask_error *err)
{
    for (int i = 0; i < t->n; i++) {
        t->first[i] = add_like(t->store, "adam.m", t->params[i], err);
        t->second[i] = t->first[i] ? add_like(t->store, "adam.v", t->params[i], err) : NULL;
        if (!t->second[i]) return false;
    }
    return true;
}

static bool fits(const char *const *globs, const ask_tensor *t)
{
    for (const char *const *glob = globs; glob && *glob; glob++)
        if (ask_glob_match(*glob, ask_tensor_name(t))) return true;
    return false;
}

static bool find_params(ask_trainer *t, ask_error *err)
{
    size_t n = (size_t)ask_store_count(t->store);
    t->params = calloc(4 * n + 1, sizeof(ask_tensor *));
    if (!t->params) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        ask_tensor *p = ask_store_at(t->store, (int)i);
        if (ask_tensor_type(p) != ASK_F32 || fits(t->task.frozen, p)) continue;
        t->params[t->n++] = p;
        t->n_params += ask_tensor_count(p);
    }
    t->first = t->params + n;
    t->second = t->first + n;
    t->grads = t->second + n;
    return t->n > 0 || ask_fail(err, ASK_ERR_USAGE,
                                "there is nothing to train: all "
                                "parameters are frozen");
}

/* ---- the graphs ---- */

static bool decays(const ask_trainer *t, const ask_tensor *param)
{
    return ask_tensor_n_dims(param) >= 2 && !fits(t->task.undecayed, param);
}

/* A norm that is not finite makes the rate so, and such a step changes nothing. */
static ask_tensor *guarded_rate(ask_graph *g, ask_tensor *rate, ask_tensor *loss,
                                ask_tensor *norm)
{
    ask_tensor *health = ask_scale(g, ask_add(g, loss, norm), 0);
    return ask_add(g, rate, ask_reshape(g, health, 1, (int64_t[]){1}));
}

/* grads: of the step, and clipped. */
static void add_updates(ask_trainer *t, ask_graph *g, ask_tensor *const *grads,
                        ask_tensor *loss, ask_tensor *norm)
{
    ask_adam_options adam = {
        .beta1 = t->opt.beta1,
        .beta2 = t->opt.beta2,
        .eps = t->opt.eps,
        .decoupled = true,
    };
    t->rate = ask_input(g, ASK_F32, 1, (int64_t[]){1});
    t->step = ask_input(g, ASK_I64, 1, (int64_t[]){1});
    ask_tensor *rate = guarded_rate(g, t->rate, loss, norm);
    for (int i = 0; i < t->n; i++) {
        adam.weight_decay = decays(t, t->params[i]) ? t->opt.weight_decay : 0;
        ask_adam_step(g, t->params[i], t->first[i], t->second[i], grads[i], rate, t->step,
                      &adam);
    }
}

static bool plan(const ask_trainer *t, ask_graph *g, ask_error *err)
{
    const ask_plan_options opt = {.backends = &t->backend, .n_backends = 1};
    return ask_graph_plan(g, &opt, err);
}

static bool add_sums(ask_trainer *t, ask_error *err)
{
    t->sums = ask_store_new(t->backend, err);
    if (!t->sums) return false;
    for (int i = 0; i < t->n; i++)
        if (!add_like(t->sums, "sum", t->params[i], err)) return false;
    return true;
}

/* Adds the gradients to the sums, which the first batch of a step begins anew. */
static void add_gradients(ask_trainer *t, ask_graph *g)
{
    t->begins = ask_input(g, ASK_BOOL, 0, NULL);
    for (int i = 0; i < t->n; i++) {
        ask_tensor *sum = ask_store_at(t->sums, i);
        ask_tensor *more = ask_add(g, sum, t->grads[i]);
        ask_assign(g, sum, ask_where(g, t->begins, t->grads[i], more));
    }
}

/* What a step makes of the sums. */
static bool plan_update(ask_trainer *t, ask_error *err)
{
    ask_graph *g = t->update = ask_graph_new(err);
    if (!g) return false;
    for (int i = 0; i < t->n; i++) t->grads[i] = ask_store_at(t->sums, i);
    t->total = ask_input(g, ASK_F32, 0, NULL);
    ask_clip_gradients(g, t->grads, t->n, t->opt.max_norm, &t->sum_norm);
    ask_keep(g, t->sum_norm);
    add_updates(t, g, t->grads, t->total, t->sum_norm);
    return plan(t, g, err);
}

static bool is_one(const ask_trainer *t) // batch, that makes a step
{
    return t->opt.n_batches == 1;
}

static bool plan_batch(ask_trainer *t, ask_error *err)
{
    ask_graph *g = t->graph = ask_graph_new(err);
    if (!g) return false;
    train_batch_build(&t->batch, g, &t->task, t->opt.n_batches);
    ask_keep(g, t->batch.total);
    for (int i = 0; i < t->batch.loss.n_parts; i++) ask_keep(g, t->batch.means[i]);
    ask_graph_gradients(g, t->batch.total, t->params, t->n, t->grads);
    if (!is_one(t)) add_gradients(t, g);
    ask_clip_gradients(g, t->grads, t->n, t->opt.max_norm, &t->norm);
    ask_keep(g, t->norm);
    if (is_one(t)) add_updates(t, g, t->grads, t->batch.total, t->norm);
    return plan(t, g, err);
}

static bool check_options(ask_trainer *t, ask_error *err)
{
    ask_trainer_options *o = &t->opt;
    if (o->n_batches == 0) o->n_batches = 1;
    if (o->n_batches < 1 || o->n_batches > MOST_BATCHES)
        return ask_fail(err, ASK_ERR_USAGE, "a step of %lld batches: give 1 to %d",
                        (long long)o->n_batches, MOST_BATCHES);
    if (o->one_batch && !is_one(t))
        return ask_fail(err, ASK_ERR_USAGE,
                        "steps of one batch, again and again, cannot have %lld",
                        (long long)o->n_batches);
    return ask_schedule_check(&o->schedule, err);
}

ask_trainer *ask_trainer_open(ask_backend *backend, ask_store *store,
                              const ask_train_task *task, const ask_trainer_options *opt,
                              ask_error *err)
{
    ask_trainer *t = calloc(1, sizeof *t);
    if (!t) {
        ask_fail_memory(err);
        return NULL;
    }
    t->backend = backend;
    t->store = store;
    t->task = *task;
    t->opt = ask_trainer_defaults();
    ask_options_take(&t->opt, sizeof t->opt, opt);
    if (check_options(t, err) && find_params(t, err) && add_moments(t, err) &&
        (is_one(t) || add_sums(t, err)) && plan_batch(t, err) &&
        (is_one(t) || plan_update(t, err)))
        return t;
    ask_trainer_close(t);
    return NULL;
}

void ask_trainer_close(ask_trainer *t)
{
    if (!t) return;
    ask_graph_free(t->graph);
    ask_graph_free(t->update);
    ask_store_free(t->sums);
    free(t->params);
    free(t);
}

/* ---- a step ---- */

static bool read_scalar(double *out, const ask_tensor *t, ask_error *err)
{
    float value;
    if (!ask_tensor_read(t, &value, sizeof value, err)) return false;
    *out = (double)value;
    return true;
}

/* Adds what a batch has of the step's loss and parts. */
static bool read_batch(const ask_trainer *t, ask_train_step *s, ask_error *err)
{
    double value;
    if (!read_scalar(&value, t->batch.total, err)) return false;
    s->loss += value;
    for (int i = 0; i < t->batch.loss.n_parts; i++) {
        if (!read_scalar(&value, t->batch.means[i], err)) return false;
        s->parts[i] += value;
    }
    return read_scalar(&s->grad_norm, t->norm, err);
}

static bool write_update(const ask_trainer *t, const ask_train_step *s, ask_error *err)
{
    float rate = (float)s->rate;
    return ask_tensor_write(t->rate, &rate, sizeof rate, err) &&
           ask_tensor_write(t->step, &s->step, sizeof s->step, err);
}

static bool run_graph(const ask_trainer *t, ask_graph *g, ask_error *err)
{
    const ask_run_options opt = {
        .struct_size = sizeof opt, .cancel = t->opt.cancel, .whole_effects = true};
    return ask_graph_run(g, &opt, err);
}

/* Computes a batch: with its update, or with the sums. */
static bool run_batch(ask_trainer *t, const train_batch *batch, ask_train_step *s,
                      ask_error *err)
{
    if (!train_batch_feed(&t->batch, batch, err)) return false;
    bool begins = (batch->number - 1) % t->opt.n_batches == 0;
    bool ok = is_one(t) ? write_update(t, s, err)
                        : ask_tensor_write(t->begins, &begins, sizeof begins, err);
    return ok && run_graph(t, t->graph, err) && read_batch(t, s, err);
}

static bool run_update(ask_trainer *t, ask_train_step *s, ask_error *err)
{
    float total = (float)s->loss;
    return ask_tensor_write(t->total, &total, sizeof total, err) &&
           write_update(t, s, err) && run_graph(t, t->update, err) &&
           read_scalar(&s->grad_norm, t->sum_norm, err);
}

static bool check_finite(const ask_trainer *t, const train_batch *batch,
                         const ask_train_step *s, ask_error *err)
{
    if (isfinite(s->loss) && isfinite(s->grad_norm)) return true;
    const not_finite_search where = {.backend = t->backend,
                                     .task = &t->task,
                                     .params = t->params,
                                     .n = t->n,
                                     .batch = batch};
    return not_finite_fail(&where, err);
}

/* The first batch of a step, and what all of them count. */
static bool begin_step(const ask_trainer *t, train_batch *batch, int64_t step,
                       ask_error *err)
{
    int64_t n = t->opt.n_batches, first = t->opt.one_batch ? 1 : (step - 1) * n + 1;
    *batch = (train_batch){.step = step, .number = first, .n_batches = n};
    return !t->task.count || t->task.count(t->task.user, first, n, batch->counts, err);
}

bool ask_trainer_step(ask_trainer *t, int64_t step, ask_train_step *out, ask_error *err)
{
    ask_train_step s = {.step = step, .rate = ask_schedule_rate(&t->opt.schedule, step)};
    train_batch batch;
    bool ok = begin_step(t, &batch, step, err);
    for (int64_t i = 0; ok && i < t->opt.n_batches; i++) {
        if (i) batch.number++;
        ok = run_batch(t, &batch, &s, err);
        if (ok && !check_finite(t, &batch, &s, err)) return false;
    }
    ok = ok && (is_one(t) || run_update(t, &s, err));
    if (!ok) return ask_fail_in(err, "step %lld", (long long)step);
    if (!check_finite(t, &batch, &s, err)) return false;
    *out = s;
    return true;
}

/* ---- what it is ---- */

int ask_trainer_n_parts(const ask_trainer *t)
{
    return t->batch.loss.n_parts;
}

const char *ask_trainer_part(const ask_trainer *t, int i)
{
    return t->batch.loss.parts[i].name;
}

int64_t ask_trainer_n_params(const ask_trainer *t)
{
    return t->n_params;
}

const ask_schedule *ask_trainer_schedule(const ask_trainer *t)
{
    return &t->opt.schedule;
}

ask_plan_info ask_trainer_plan(const ask_trainer *t)
{
    return ask_graph_info(t->graph);
}
