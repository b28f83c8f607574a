/* Reading and adding at places that an index tensor names. */
#include "tensor/op/rows_priv.h"

static bool is_index(ask_graph *g, const ask_tensor *index, const char *op)
{
    if (index->type == ASK_I64) return true;
    ask_graph_fail(g, ASK_ERR_SHAPE, "%s: indices are i64, not %s", op,
                   ask_dtype_name(index->type));
    return false;
}

static bool refuse_pair(ask_graph *g, const char *op, const ask_tensor *x,
                        const ask_tensor *index)
{
    char text_x[ASK_SHAPE_TEXT], text_i[ASK_SHAPE_TEXT];
    ask_graph_fail(g, ASK_ERR_SHAPE, "%s: %s %s and indices %s do not fit", op,
                   ask_dtype_name(x->type), ask_shape_text(text_x, x),
                   ask_shape_text(text_i, index));
    return false;
}

/* ---- tables ---- */

static bool infer_embedding(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *table = t->src[0], *ids = t->src[1];
    if (!is_index(g, ids, "embedding")) return false;
    int n = ids->n_dims + table->n_dims - 1;
    if (table->n_dims < 1 || n > ASK_MAX_DIMS)
        return refuse_pair(g, "embedding", table, ids);
    int64_t shape[ASK_MAX_DIMS];
    for (int i = 0; i < n; i++)
        shape[i] = i < ids->n_dims ? ids->shape[i] : table->shape[i - ids->n_dims + 1];
    if (ask_dtype_is_coded(table->type) && table->n_dims != 2)
        return refuse_pair(g, "embedding", table, ids);
    ask_set_shape(t, ask_dtype_is_coded(table->type) ? ASK_F32 : table->type, n, shape);
    return true;
}

static void embedding_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                           const bool *need)
{
    if (!need[0]) return;
    const ask_tensor *table = y->src[0];
    ask_op_params p = {.index.n = table->shape[0]};
    ask_tensor *src[] = {ask_cast(g, dy, ASK_F32), y->src[1]};
    dx[0] = ask_cast(g, ask_node_add(g, OP_EMBEDDING_GRAD, &p, 2, src), table->type);
}

const ask_op_row ask_row_embedding = {.name = "embedding",
                                      .coded = 1u << 0,
                                      .n_src = 2,
                                      .n_required = 2,
                                      .infer = infer_embedding,
                                      .grad = embedding_grad};

ask_tensor *ask_embedding(ask_graph *g, ask_tensor *w, ask_tensor *ids)
{
    ask_tensor *src[] = {w, ids};
    return ask_node_add(g, OP_EMBEDDING, NULL, 2, src);
}

/* dy: f32 [...ids, ...], ids -> [n, ...]: the rows of dy added up by id. */
static bool infer_embedding_grad(ask_graph *g, ask_tensor *t)
{
    (void)g;
    const ask_tensor *dy = t->src[0], *ids = t->src[1];
    int64_t shape[ASK_MAX_DIMS] = {t->params.index.n};
    int n = dy->n_dims - ids->n_dims + 1;
    for (int i = 1; i < n; i++) shape[i] = dy->shape[ids->n_dims + i - 1];
    ask_set_shape(t, ASK_F32, n, shape);
    return true;
}

static void embedding_grad_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy,
                                ask_tensor **dx, const bool *need)
{
    if (need[0]) dx[0] = ask_embedding(g, dy, y->src[1]);
}

const ask_op_row ask_row_embedding_grad = {.name = "embedding_grad",
                                           .n_src = 2,
                                           .n_required = 2,
                                           .infer = infer_embedding_grad,
                                           .grad = embedding_grad_grad};

/* ---- along an axis ---- */

/* Whether the shapes agree, but perhaps along the axis. */
static bool same_but_for(const ask_tensor *x, const ask_tensor *index, int axis)
{
    if (x->n_dims != index->n_dims) return false;
    for (int i = 0; i < x->n_dims; i++)
        if (i != axis && x->shape[i] != index->shape[i]) return false;
    return true;
}

static bool infer_gather(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *x = t->src[0], *index = t->src[1];
    if (!is_index(g, index, "gather")) return false;
    if (!same_but_for(x, index, t->params.index.axis))
        return refuse_pair(g, "gather", x, index);
    ask_set_shape(t, x->type, index->n_dims, index->shape);
    return true;
}

static void gather_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                        const bool *need)
{
    int axis = y->params.index.axis;
    const ask_tensor *x = y->src[0];
    if (!need[0]) return;
    dy = ask_cast(g, dy, ASK_F32);
    dx[0] = ask_cast(g, ask_scatter_add(g, dy, y->src[1], axis, x->shape[axis]), x->type);
}

const ask_op_row ask_row_gather = {.name = "gather",
                                   .n_src = 2,
                                   .n_required = 2,
                                   .strided = 1u << 0 | 1u << 1,
                                   .infer = infer_gather,
                                   .grad = gather_grad};

ask_tensor *ask_gather(ask_graph *g, ask_tensor *x, ask_tensor *index, int axis)
{
    axis = ask_axis(g, x, axis, "gather");
    if (axis < 0) return NULL;
    ask_op_params p = {.index.axis = axis};
    ask_tensor *src[] = {x, index};
    return ask_node_add(g, OP_GATHER, &p, 2, src);
}

static bool infer_scatter_add(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *x = t->src[0], *index = t->src[1];
    int axis = t->params.index.axis;
    if (!is_index(g, index, "scatter_add")) return false;
    if (x->type != ASK_F32 || !ask_same_shape(x, index))
        return refuse_pair(g, "scatter_add", x, index);
    int64_t shape[ASK_MAX_DIMS];
    for (int i = 0; i < x->n_dims; i++)
        shape[i] = i == axis ? t->params.index.n : x->shape[i];
    ask_set_shape(t, ASK_F32, x->n_dims, shape);
    return true;
}

static void scatter_add_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                             const bool *need)
{
    if (need[0]) dx[0] = ask_gather(g, dy, y->src[1], y->params.index.axis);
}

const ask_op_row ask_row_scatter_add = {.name = "scatter_add",
                                        .n_src = 2,
                                        .n_required = 2,
                                        .infer = infer_scatter_add,
                                        .grad = scatter_add_grad};

ask_tensor *ask_scatter_add(ask_graph *g, ask_tensor *x, ask_tensor *index, int axis,
                            int64_t n)
{
    axis = ask_axis(g, x, axis, "scatter_add");
    if (axis < 0) return NULL;
    ask_op_params p = {.index = {.axis = axis, .n = n}};
    ask_tensor *src[] = {x, index};
    return ask_node_add(g, OP_SCATTER_ADD, &p, 2, src);
}
