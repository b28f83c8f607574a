/* Writes into store tensors. Sources: dst, x, and for rows: at. */
#include "tensor/op/rows_priv.h"

static bool fail_to_fit(ask_graph *g, const ask_tensor *t)
{
    const ask_tensor *dst = t->src[0], *x = t->src[1];
    char text[ASK_SHAPE_TEXT], other[ASK_SHAPE_TEXT];
    ask_graph_fail(g, ASK_ERR_SHAPE, "%s: %s %s does not fit into %s %s",
                   ask_op_rows[t->op]->name, ask_dtype_name(x->type),
                   ask_shape_text(text, x), ask_dtype_name(dst->type),
                   ask_shape_text(other, dst));
    return false;
}

static bool assign_infer(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *dst = t->src[0], *x = t->src[1];
    if (dst->type != x->type || !ask_same_shape(dst, x)) return fail_to_fit(g, t);
    return ask_infer_same(g, t);
}

static bool write_rows_infer(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *dst = t->src[0], *x = t->src[1], *at = t->src[2];
    int rows = x->n_dims - 2;
    bool fits = dst->type == x->type && dst->n_dims == x->n_dims && rows >= 0;
    for (int i = 0; i < x->n_dims && fits; i++)
        fits = i == rows ? x->shape[i] <= dst->shape[i] : x->shape[i] == dst->shape[i];
    if (!fits) return fail_to_fit(g, t);
    if (at->type == ASK_I64 && ask_tensor_count(at) == 1) return ask_infer_same(g, t);
    char text[ASK_SHAPE_TEXT];
    ask_graph_fail(g, ASK_ERR_SHAPE, "write_rows: the row must be i64 [1], not %s %s",
                   ask_dtype_name(at->type), ask_shape_text(text, at));
    return false;
}

ask_tensor *ask_assign(ask_graph *g, ask_tensor *dst, ask_tensor *x)
{
    return ask_node_add(g, OP_ASSIGN, NULL, 2, (ask_tensor *[]){dst, x});
}

ask_tensor *ask_write_rows(ask_graph *g, ask_tensor *dst, ask_tensor *x, ask_tensor *at)
{
    return ask_node_add(g, OP_WRITE_ROWS, NULL, 3, (ask_tensor *[]){dst, x, at});
}

const ask_op_row ask_row_assign = {.name = "assign",
                                   .n_src = 2,
                                   .n_required = 2,
                                   .writes = 1u << 0,
                                   .infer = assign_infer};

const ask_op_row ask_row_write_rows = {.name = "write_rows",
                                       .n_src = 3,
                                       .n_required = 3,
                                       .writes = 1u << 0,
                                       .infer = write_rows_infer};
