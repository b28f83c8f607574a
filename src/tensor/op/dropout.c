/* Dropout (Srivastava et al. 2014). Sources: x, step. */
#include "tensor/op/rows_priv.h"

static bool dropout_infer(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *x = t->src[0], *step = t->src[1];
    if (x->type == ASK_F32 && step->type == ASK_I64 && ask_tensor_count(step) == 1)
        return ask_infer_same(g, t);
    char text[ASK_SHAPE_TEXT];
    ask_graph_fail(
        g, ASK_ERR_SHAPE, "dropout: needs f32 values and an i64 [1] step, not %s and %s %s",
        ask_dtype_name(x->type), ask_dtype_name(step->type), ask_shape_text(text, step));
    return false;
}

/* The pattern follows from seed, step and index: dy goes through the same one. */
static void dropout_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                         const bool *need)
{
    if (need[0])
        dx[0] = ask_node_add(g, OP_DROPOUT, &y->params, 2, (ask_tensor *[]){dy, y->src[1]});
}

ask_tensor *ask_dropout(ask_graph *g, ask_tensor *x, double p, uint64_t seed,
                        ask_tensor *step)
{
    if (!(p >= 0 && p <= 1))
        return ask_graph_fail(g, ASK_ERR_USAGE,
                              "dropout: a probability of %g is not in [0, 1]", p);
    if (p == 0) return x;
    const ask_op_params params = {.dropout = {.p = p, .seed = seed}};
    return ask_node_add(g, OP_DROPOUT, &params, 2, (ask_tensor *[]){x, step});
}

const ask_op_row ask_row_dropout = {
    .name = "dropout",
    .n_src = 2,
    .n_required = 2,
    .infer = dropout_infer,
    .grad = dropout_grad,
};
