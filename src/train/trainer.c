#include "train/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/str.h"
#include "train/not_finite_priv.h"

struct ask_trainer {
    ask_backend *backend;
    ask_store *store;
    ask_train_task task;
    ask_trainer_options opt;

    int n; // trained tensors
    ask_tensor **params, **first, **second, **grads;
    int64_t n_params;

    ask_graph *graph;
    ask_train_loss loss;
    ask_tensor *norm, *rate, *step;
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
    };
}

/* ---- state ---- */

static ask_tensor *add_moment(ask_trainer *t, const char *kind, const ask_tensor *param,
                              ask_error *err)
{
    char name[280];
    int64_t shape[ASK_MAX_DIMS];
    int n_dims = ask_tensor_n_dims(param);
    for (int d = 0; d < n_dims; d++) shape[d] = ask_tensor_dim(param, d);
    ask_format(name, sizeof name, "adam.%s.%s", kind, ask_tensor_name(param));
    return ask_store_add(t->store, name, ASK_F32, n_dims, shape, err);
}

static bool add_moments(ask_trainer *t, ask_error *err)
{
    for (int i = 0; i < t->n; i++) {
        t->first[i] = add_moment(t, "m", t->params[i], err);
        t->second[i] = t->first[i] ? add_moment(t, "v", t->params[i], err) : NULL;
        if (!t->second[i]) return false;
    }
    return true;
}

static bool find_params(ask_trainer *t, ask_error *err)
{
    size_t n = (size_t)ask_store_count(t->store);
    t->params = calloc(4 * n + 1, sizeof(ask_tensor *));
    if (!t->params) return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        ask_tensor *p = ask_store_at(t->store, (int)i);
        if (ask_tensor_type(p) != ASK_F32) continue;
        t->params[t->n++] = p;
        t->n_params += ask_tensor_count(p);
    }
    t->first = t->params + n;
    t->second = t->first + n;
    t->grads = t->second + n;
    return true;
}

/* ---- the graph ---- */

static bool decays(const ask_trainer *t, const ask_tensor *param)
{
    if (ask_tensor_n_dims(param) < 2) return false;
    for (const char *const *glob = t->task.undecayed; glob && *glob; glob++)
        if (ask_glob_match(*glob, ask_tensor_name(param))) return false;
    return true;
}

/* A norm that is not finite makes the rate so, and such a step changes nothing. */
static ask_tensor *guarded_rate(ask_graph *g, ask_tensor *rate, ask_tensor *loss,
                                ask_tensor *norm)
{
    ask_tensor *health = ask_scale(g, ask_add(g, loss, norm), 0);
    return ask_add(g, rate, ask_reshape(g, health, 1, (int64_t[]){1}));
}

static void add_updates(ask_trainer *t, ask_graph *g)
{
    ask_adam_options adam = {
        .beta1 = t->opt.beta1,
        .beta2 = t->opt.beta2,
        .eps = t->opt.eps,
        .decoupled = true,
    };
    t->rate = ask_input(g, ASK_F32, 1, (int64_t[]){1});
    t->step = ask_input(g, ASK_I64, 1, (int64_t[]){1});
    ask_tensor *rate = guarded_rate(g, t->rate, t->loss.loss, t->norm);
    for (int i = 0; i < t->n; i++) {
        adam.weight_decay = decays(t, t->params[i]) ? t->opt.weight_decay : 0;
        ask_adam_step(g, t->params[i], t->first[i], t->second[i], t->grads[i], rate,
                      t->step, &adam);
    }
}

static bool plan(ask_trainer *t, ask_error *err)
{
    ask_graph *g = t->graph = ask_graph_new(err);
    if (!g) return false;
    t->task.build(t->task.user, g, &t->loss);
    ask_keep(g, t->loss.loss);
    for (int i = 0; i < t->loss.n_parts; i++) ask_keep(g, t->loss.parts[i].value);
    ask_graph_gradients(g, t->loss.loss, t->params, t->n, t->grads);
    ask_clip_gradients(g, t->grads, t->n, t->opt.max_norm, &t->norm);
    ask_keep(g, t->norm);
    add_updates(t, g);
    const ask_plan_options opt = {.backends = &t->backend, .n_backends = 1};
    return ask_graph_plan(g, &opt, err);
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
    if (ask_schedule_check(&t->opt.schedule, err) && find_params(t, err) &&
        add_moments(t, err) && plan(t, err))
        return t;
    ask_trainer_close(t);
    return NULL;
}

void ask_trainer_close(ask_trainer *t)
{
    if (!t) return;
    ask_graph_free(t->graph);
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

static bool read_step(const ask_trainer *t, ask_train_step *out, ask_error *err)
{
    if (!read_scalar(&out->loss, t->loss.loss, err) ||
        !read_scalar(&out->grad_norm, t->norm, err))
        return false;
    for (int i = 0; i < t->loss.n_parts; i++)
        if (!read_scalar(&out->parts[i], t->loss.parts[i].value, err)) return false;
    return true;
}

static bool run(ask_trainer *t, ask_train_step *s, ask_error *err)
{
    float rate = (float)s->rate;
    const ask_run_options opt = {
        .struct_size = sizeof opt, .cancel = t->opt.cancel, .whole_effects = true};
    return t->task.feed(t->task.user, s->step, err) &&
           ask_tensor_write(t->rate, &rate, sizeof rate, err) &&
           ask_tensor_write(t->step, &s->step, sizeof s->step, err) &&
           ask_graph_run(t->graph, &opt, err) && read_step(t, s, err);
}

bool ask_trainer_step(ask_trainer *t, int64_t step, ask_train_step *out, ask_error *err)
{
    ask_train_step s = {.step = step, .rate = ask_schedule_rate(&t->opt.schedule, step)};
    if (!run(t, &s, err)) return ask_fail_in(err, "step %lld", (long long)step);
    if (!isfinite(s.loss) || !isfinite(s.grad_norm)) {
        const not_finite_search where = {.backend = t->backend,
                                         .task = &t->task,
                                         .params = t->params,
                                         .n = t->n,
                                         .step = step};
        return not_finite_fail(&where, err);
    }
    *out = s;
    return true;
}

/* ---- what it is ---- */

int ask_trainer_n_parts(const ask_trainer *t)
{
    return t->loss.n_parts;
}

const char *ask_trainer_part(const ask_trainer *t, int i)
{
    return t->loss.parts[i].name;
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
