/* The places of the largest elements. */
#include "tensor/op/rows_priv.h"

static bool top_k_infer(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *x = t->src[0];
    int64_t k = t->params.top_k.k, shape[ASK_MAX_DIMS];
    int last = x->n_dims - 1;
    if (x->type != ASK_F32 || last < 0 || k < 1 || k > x->shape[last]) {
        char text[ASK_SHAPE_TEXT];
        ask_graph_fail(g, ASK_ERR_SHAPE, "top_k: rows of %s %s have no %lld largest f32",
                       ask_dtype_name(x->type), ask_shape_text(text, x), (long long)k);
        return false;
    }
    for (int i = 0; i < last; i++) shape[i] = x->shape[i];
    shape[last] = k;
    ask_set_shape(t, ASK_I64, x->n_dims, shape);
    return true;
}

const ask_op_row ask_row_top_k = {
    .name = "top_k", .n_src = 1, .n_required = 1, .infer = top_k_infer};

ask_tensor *ask_top_k(ask_graph *g, ask_tensor *x, int64_t k)
{
    ask_op_params p = {.top_k.k = k};
    return ask_node_add(g, OP_TOP_K, &p, 1, &x);
}
