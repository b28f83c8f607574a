#include <math.h>
#include <stdlib.h>

#include "base/str.h"
#include "train/not_finite_priv.h"

/* Whether all of a tensor is finite; *finite is written on success. */
static bool look(bool *finite, const ask_tensor *t, ask_error *err)
{
    *finite = true;
    if (ask_tensor_type(t) != ASK_F32) return true;
    float *values = malloc(ask_tensor_bytes(t) + 1);
    if (!values) return ask_fail_memory(err);
    bool ok = ask_tensor_read(t, values, ask_tensor_bytes(t), err);
    int64_t n = ask_tensor_count(t);
    for (int64_t i = 0; ok && i < n && *finite; i++) *finite = isfinite(values[i]);
    free(values);
    return ok;
}

/* *out: the first of n that is not finite; stays where all are. */
static bool look_at_all(const char **out, ask_tensor *const *tensors, int n, ask_error *err)
{
    bool finite = true;
    for (int i = 0; i < n && finite; i++) {
        if (!look(&finite, tensors[i], err)) return false;
        if (!finite) *out = ask_tensor_name(tensors[i]);
    }
    return true;
}

static bool look_at_traces(const char **out, const ask_graph *g, ask_error *err)
{
    bool finite = true;
    int at = 0;
    for (ask_tensor *t; finite && (t = ask_graph_next_trace(g, &at));) {
        if (!look(&finite, t, err)) return false;
        if (!finite) *out = ask_tensor_name(t);
    }
    return true;
}

static bool run_again(ask_graph *g, const not_finite_search *s, ask_tensor **grads,
                      ask_error *err)
{
    train_batch_graph batch;
    ask_graph_want(g, "*");
    train_batch_build(&batch, g, s->task, s->batch->n_batches);
    ask_name(g, batch.total, "the loss");
    ask_graph_gradients(g, batch.total, s->params, s->n, grads);
    for (int i = 0; i < s->n; i++)
        ask_name(g, grads[i], "the gradient of %s", ask_tensor_name(s->params[i]));
    const ask_plan_options opt = {.backends = &s->backend, .n_backends = 1};
    return ask_graph_plan(g, &opt, err) && train_batch_feed(&batch, s->batch, err) &&
           ask_graph_run(g, NULL, err);
}

static bool tell(const not_finite_search *s, const char *name, ask_error *err)
{
    const train_batch *b = s->batch;
    char which[48] = "";
    if (b->n_batches > 1)
        ask_format(which, sizeof which, ", batch %lld", (long long)b->number);
    return ask_fail(
        err, ASK_ERR_LIMIT,
        "step %lld%s: %s is not finite; a lower rate, or a longer warm-up, from "
        "the last checkpoint may help",
        (long long)b->step, which, name);
}

bool not_finite_fail(const not_finite_search *s, ask_error *err)
{
    const char *name = NULL;
    if (!look_at_all(&name, s->params, s->n, err)) return false;
    if (name) return tell(s, name, err);
    ask_tensor **grads = malloc(((size_t)s->n + 1) * sizeof(ask_tensor *));
    if (!grads) return ask_fail_memory(err);
    ask_graph *g = ask_graph_new(err);
    bool ok = g && run_again(g, s, grads, err) && look_at_traces(&name, g, err);
    if (ok) tell(s, name ? name : "the norm of all gradients", err);
    ask_graph_free(g);
    free(grads);
    return false;
}
