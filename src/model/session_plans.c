/* The graphs that a session keeps, and how they are run. */
#include <math.h>
#include <stdlib.h>

#include "model/session_priv.h"

bool session_plan_make(session_plan *p, const ask_model *m, ask_error *err)
{
    const ask_plan_options opt = {.backends = &m->backend, .n_backends = 1};
    p->graph = ask_graph_new(err);
    if (!p->graph) return false;
    p->build(p, m);
    for (int i = 0; i < SESSION_MAX_TENSORS; i++)
        if (p->out[i]) ask_keep(p->graph, p->out[i]);
    if (ask_graph_plan(p->graph, &opt, err)) return true;
    ask_graph_free(p->graph);
    p->graph = NULL;
    return false;
}

session_plan *session_find_plan(ask_session *s, session_build *build, int batch, int length,
                                ask_error *err)
{
    session_plan *oldest = &s->plans[0];
    for (int i = 0; i < SESSION_N_PLANS; i++) {
        session_plan *p = &s->plans[i];
        if (p->graph && p->build == build && p->batch == batch && p->length == length) {
            p->used = ++s->now;
            return p;
        }
        if (p->used < oldest->used) oldest = p;
    }
    ask_graph_free(oldest->graph);
    *oldest = (session_plan){.build = build, .batch = batch, .length = length};
    if (!session_plan_make(oldest, s->model, err)) return NULL;
    oldest->used = ++s->now;
    return oldest;
}

void session_plans_free(ask_session *s)
{
    for (int i = 0; i < SESSION_N_PLANS; i++) ask_graph_free(s->plans[i].graph);
}

/* ---- running ---- */

static bool check_numbers(const ask_model *m, const ask_tensor *t, const float *x,
                          ask_error *err)
{
    for (int64_t i = 0; i < ask_tensor_count(t); i++)
        if (!isfinite(x[i]))
            return ask_fail(err, ASK_ERR_MODEL,
                            "%s: what the network gives is no number; its weights are "
                            "damaged",
                            m->dir);
    return true;
}

/* Room for what comes out is got before the run, which is the work. */
bool session_plan_run(void *out[SESSION_MAX_TENSORS], const ask_model *m, session_plan *p,
                      void *const *in, const ask_cancel *cancel, ask_error *err)
{
    const ask_run_options opt = {.cancel = cancel};
    for (int i = 0; i < SESSION_MAX_TENSORS; i++) {
        if (p->in[i] && !ask_tensor_write(p->in[i], in[i], ask_tensor_bytes(p->in[i]), err))
            return false;
        if (p->out[i] && !(out[i] = malloc(ask_tensor_bytes(p->out[i]) + 1)))
            return ask_fail_memory(err);
    }
    if (!ask_graph_run(p->graph, &opt, err)) return false;
    for (int i = 0; i < SESSION_MAX_TENSORS; i++) {
        const ask_tensor *t = p->out[i];
        if (!t) continue;
        if (!ask_tensor_read(t, out[i], ask_tensor_bytes(t), err)) return false;
        if (ask_tensor_type(t) == ASK_F32 && !check_numbers(m, t, out[i], err))
            return false;
    }
    return true;
}

const session_plan *session_compute(void *out[SESSION_MAX_TENSORS], ask_session *s,
                                    session_build *build, int batch, int length,
                                    void *const *in, const ask_cancel *cancel,
                                    ask_error *err)
{
    if (!ask_cancel_check(cancel, err)) return NULL;
    ask_mutex_lock(&s->model->lock);
    session_plan *p = session_find_plan(s, build, batch, length, err);
    bool ok = p && session_plan_run(out, s->model, p, in, cancel, err);
    ask_mutex_unlock(&s->model->lock);
    return ok ? p : NULL;
}

void session_outputs_free(void *out[SESSION_MAX_TENSORS])
{
    for (int i = 0; i < SESSION_MAX_TENSORS; i++) free(out[i]);
}

/* ---- logits ---- */

int session_largest(const float *x, int n)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        if (x[i] > x[best]) best = i;
    return best;
}

double session_log_sum(const float *x, int n)
{
    double largest = x[session_largest(x, n)], sum = 0;
    for (int i = 0; i < n; i++) sum += exp(x[i] - largest);
    return largest + log(sum);
}
