/* The graphs that a session keeps. */
#include "model/session_priv.h"

static bool make_plan(session_plan *p, const ask_model *m, ask_error *err)
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
    if (!make_plan(oldest, s->model, err)) return NULL;
    oldest->used = ++s->now;
    return oldest;
}

void session_plans_free(ask_session *s)
{
    for (int i = 0; i < SESSION_N_PLANS; i++) ask_graph_free(s->plans[i].graph);
}
