/* Reverse-mode differentiation as a transform of the graph (Griewank & Walther 2008, ch.
 * 3): the gradient of a node is made of ops and becomes part of the same graph. */
#include <string.h>

#include "tensor/graph_priv.h"

typedef struct {
    ask_graph *g;
    int n;             // nodes that existed when the transform began
    bool *on_path;     // [n] depends on some x
    ask_tensor **grad; // [n] of a node on the path: what has been added up so far
    ask_tensor *const *x;
    int n_x;
    ask_tensor **x_grad; // [n_x], for store tensors: they are in no graph's list
} backward;

static int index_in_x(const backward *b, const ask_tensor *t)
{
    for (int i = 0; i < b->n_x; i++)
        if (b->x[i] == t) return i;
    return -1;
}

static bool matters(const backward *b, const ask_tensor *t)
{
    if (!t || !ask_is_floating(t->type)) return false;
    return t->graph ? b->on_path[t->id] : index_in_x(b, t) >= 0;
}

static void mark_paths(backward *b)
{
    for (int i = 0; i < b->n; i++) {
        const ask_tensor *t = b->g->tensors[i];
        b->on_path[i] = index_in_x(b, t) >= 0;
        for (int s = 0; s < t->n_src && !b->on_path[i]; s++)
            b->on_path[i] = matters(b, t->src[s]);
    }
}

/* Halves are added in f32. */
static void add_to(ask_graph *g, ask_tensor **sum, ask_tensor *dx)
{
    if (!*sum) {
        *sum = dx;
        return;
    }
    ask_tensor *both = ask_add(g, ask_cast(g, *sum, ASK_F32), ask_cast(g, dx, ASK_F32));
    *sum = ask_cast(g, both, dx->type);
}

static void visit(backward *b, ask_tensor *t)
{
    const ask_op_row *row = ask_op_rows[t->op];
    ask_tensor *dx[ASK_MAX_SRC] = {0};
    bool need[ASK_MAX_SRC] = {0}, any = false;
    for (int i = 0; i < t->n_src; i++) any |= need[i] = matters(b, t->src[i]);
    if (!any) return;
    if (!row->grad) {
        ask_graph_fail(b->g, ASK_ERR_UNSUPPORTED, "%s: has no gradient", row->name);
        return;
    }
    row->grad(b->g, t, b->grad[t->id], dx, need);
    for (int i = 0; i < t->n_src; i++) {
        if (!need[i] || !dx[i]) continue;
        const ask_tensor *src = t->src[i];
        add_to(b->g, src->graph ? &b->grad[src->id] : &b->x_grad[index_in_x(b, src)],
               dx[i]);
    }
}

/* A tensor of that value, like t where t is of a floating type. */
static ask_tensor *full_like(ask_graph *g, const ask_tensor *t, double value)
{
    ask_tensor *full = ask_full(g, t->n_dims, t->shape, value);
    return ask_is_floating(t->type) ? ask_cast(g, full, t->type) : full;
}

void ask_graph_gradients(ask_graph *g, ask_tensor *y, ask_tensor *const *x, int n_x,
                         ask_tensor **grad)
{
    memset(grad, 0, (size_t)n_x * sizeof *grad);
    for (int i = 0; i < n_x; i++)
        if (!x[i]) ask_graph_fail(g, ASK_ERR_BUG, "gradients: variable %d is missing", i);
    if (!y || g->failed) return;
    size_t n = (size_t)g->n_tensors;
    backward b = {.g = g, .n = g->n_tensors, .x = x, .n_x = n_x, .x_grad = grad};
    b.on_path = ask_graph_alloc(g, n * sizeof *b.on_path);
    b.grad = ask_graph_alloc(g, n * sizeof *b.grad);
    if (g->failed) return;

    mark_paths(&b);
    if (y->graph) b.grad[y->id] = full_like(g, y, 1);
    for (int i = y->graph ? y->id : -1; i >= 0 && !g->failed; i--)
        if (b.grad[i] && b.on_path[i]) visit(&b, g->tensors[i]);

    for (int i = 0; i < n_x; i++) {
        if (x[i]->graph && x[i]->id < b.n)
            grad[i] = b.grad[x[i]->id];
        else if (!x[i]->graph)
            grad[i] = grad[index_in_x(&b, x[i])]; // may come twice
        if (!grad[i]) grad[i] = full_like(g, x[i], y == x[i] ? 1 : 0);
    }
}

/* ---- helpers for the rules ---- */

ask_tensor *ask_sum_to(ask_graph *g, ask_tensor *dy, const ask_tensor *x)
{
    if (!dy) return NULL;
    int extra = dy->n_dims - x->n_dims;
    unsigned axes = 0;
    for (int i = 0; i < dy->n_dims; i++)
        if (i < extra || (x->shape[i - extra] == 1 && dy->shape[i] != 1)) axes |= 1u << i;
    if (axes) dy = ask_sum(g, dy, axes, true);
    return extra ? ask_reshape(g, dy, x->n_dims, x->shape) : dy;
}

ask_tensor *ask_expand_like(ask_graph *g, ask_tensor *x, const ask_tensor *like)
{
    return ask_expand(g, x, like->n_dims, like->shape);
}
