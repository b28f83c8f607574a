/* Copies: to row-major order, and to another type. */
#include "tensor/op/rows_priv.h"

static bool infer_copy(ask_graph *g, ask_tensor *t)
{
    ask_dtype type = t->params.copy.type, from = t->src[0]->type;
    if (ask_dtype_is_coded(from) && type != ASK_F32) {
        ask_graph_fail(g, ASK_ERR_UNSUPPORTED, "cast: a matrix of type %s becomes f32 only",
                       ask_dtype_name(from));
        return false;
    }
    if (!ask_dtype_computes(type)) {
        ask_graph_fail(g, ASK_ERR_UNSUPPORTED, "cast: graphs hold no tensors of type %s",
                       ask_dtype_name(type));
        return false;
    }
    ask_set_shape(t, type, t->src[0]->n_dims, t->src[0]->shape);
    return true;
}

static void copy_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                      const bool *need)
{
    ask_dtype from = y->src[0]->type;
    if (need[0] && ask_is_floating(from) && ask_is_floating(y->type))
        dx[0] = ask_cast(g, dy, from);
}

const ask_op_row ask_row_copy = {.name = "copy",
                                 .n_src = 1,
                                 .n_required = 1,
                                 .strided = 1,
                                 .coded = 1,
                                 .infer = infer_copy,
                                 .grad = copy_grad};

ask_tensor *ask_cast(ask_graph *g, ask_tensor *x, ask_dtype type)
{
    if (!x || x->type == type) return x;
    ask_op_params p = {.copy.type = type};
    return ask_node_add(g, OP_COPY, &p, 1, &x);
}

ask_tensor *ask_contiguous(ask_graph *g, ask_tensor *x)
{
    if (!x || ask_is_contiguous(x)) return x;
    ask_op_params p = {.copy.type = x->type};
    return ask_node_add(g, OP_COPY, &p, 1, &x);
}
