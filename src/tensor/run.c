/* Running a planned graph, and moving tensors in and out. */
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "tensor/graph_priv.h"

/* A copy between two backends, through host memory. */
static bool run_copy(const ask_plan *p, const ask_node *n, ask_error *err)
{
    const ask_view *from = &n->src[0], *to = &n->out;
    size_t bytes = (size_t)from->shape[0];
    return from->buffer->backend->synchronise(from->buffer->backend, err) &&
           from->buffer->backend->download(from->buffer, from->offset_bytes, p->staging,
                                           bytes, err) &&
           to->buffer->backend->upload(to->buffer, to->offset_bytes, p->staging, bytes,
                                       err);
}

static bool run_step(const ask_plan *p, const plan_step *s, ask_error *err)
{
    return s->backend ? s->backend->run(s->backend, &s->node, err)
                      : run_copy(p, &s->node, err);
}

static bool is_effect(const plan_step *s)
{
    return s->backend && ask_op_rows[s->tensor->op]->writes != 0;
}

bool ask_graph_run(ask_graph *g, const ask_run_options *opt, ask_error *err)
{
    const ask_plan *p = g->plan;
    if (!p) return ask_fail(err, ASK_ERR_BUG, "the graph must be planned before it runs");
    ask_run_options o = {0};
    ask_options_take(&o, sizeof o, opt);
    g->has_run = false;
    const ask_cancel *cancel = o.cancel;
    for (int i = 0; i < p->n_steps; i++) {
        if (!ask_cancel_check(cancel, err)) return false;
        if (o.whole_effects && is_effect(&p->steps[i])) cancel = NULL;
        if (!run_step(p, &p->steps[i], err)) {
            const char *name = p->steps[i].tensor->name;
            return name ? ask_fail_in(err, "%s", name) : false;
        }
        ask_progress_send(o.progress, i + 1, p->n_steps, "nodes", "computing");
    }
    for (int m = 0; m < p->n_memory; m++)
        if (!p->memory[m].backend->synchronise(p->memory[m].backend, err)) return false;
    g->has_run = true;
    return true;
}

/* ---- in and out ---- */

static bool check_bytes(const ask_tensor *t, size_t bytes, ask_error *err)
{
    if (bytes == ask_tensor_bytes(t)) return true;
    char text[ASK_SHAPE_TEXT];
    return ask_fail(err, ASK_ERR_SHAPE, "a tensor of %s %s has %zu bytes, not %zu",
                    ask_dtype_name(t->type), ask_shape_text(text, t), ask_tensor_bytes(t),
                    bytes);
}

bool ask_tensor_write(ask_tensor *t, const void *data, size_t bytes, ask_error *err)
{
    if (!check_bytes(t, bytes, err)) return false;
    if (t->op != OP_LEAF || t->data)
        return ask_fail(err, ASK_ERR_BUG, "only inputs and store tensors can be written");
    if (t->graph && !t->graph->plan)
        return ask_fail(err, ASK_ERR_BUG, "plan the graph before writing its inputs");
    if (!t->home) return true; // an input that nothing needs
    if (t->home->constant)
        return ask_fail(err, ASK_ERR_BUG, "this store tensor is constant");
    return t->home->backend->upload(t->home, t->home_offset_bytes, data, bytes, err);
}

/* Row-major elements of a view out of a copy of its owner's memory. */
static void gather_view(const ask_tensor *t, char *dst, const char *src)
{
    size_t item = ask_dtype_bytes(t->type);
    int64_t at[ASK_MAX_DIMS] = {0}, n = ask_tensor_count(t);
    for (int64_t i = 0; i < n; i++) {
        int64_t offset = t->offset;
        for (int d = 0; d < t->n_dims; d++) offset += at[d] * t->stride[d];
        memcpy(dst + (size_t)i * item, src + (size_t)offset * item, item);
        for (int d = t->n_dims - 1; d >= 0 && ++at[d] == t->shape[d]; d--) at[d] = 0;
    }
}

bool ask_tensor_read(const ask_tensor *t, void *data, size_t bytes, ask_error *err)
{
    if (!check_bytes(t, bytes, err)) return false;
    const ask_tensor *owner = t->base ? t->base : t;
    bool there = !owner->graph || (owner->graph->plan && owner->home &&
                                   (t->op == OP_LEAF || owner->graph->has_run));
    if (!there)
        return ask_fail(
            err, ASK_ERR_BUG,
            "only kept tensors of a graph that has run and store tensors can be read");
    ask_backend *b = owner->home->backend;
    if (ask_is_contiguous(t)) {
        size_t offset = (size_t)t->offset * ask_dtype_bytes(t->type);
        return b->download(owner->home, owner->home_offset_bytes + offset, data, bytes,
                           err);
    }
    char *copy = malloc(ask_tensor_bytes(owner) ? ask_tensor_bytes(owner) : 1);
    if (!copy) return ask_fail_memory(err);
    bool ok = b->download(owner->home, owner->home_offset_bytes, copy,
                          ask_tensor_bytes(owner), err);
    if (ok) gather_view(t, data, copy);
    free(copy);
    return ok;
}
