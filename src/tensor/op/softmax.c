/* Softmax and its logarithm along the last axis. Sources: x, mask?. */
#include "tensor/op/rows_priv.h"

static bool softmax_infer(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *x = t->src[0], *mask = t->src[1];
    const char *name = ask_op_rows[t->op]->name;
    char text[ASK_SHAPE_TEXT], other[ASK_SHAPE_TEXT];
    if (x->type != ASK_F32 || x->n_dims < 1) {
        ask_graph_fail(g, ASK_ERR_SHAPE, "%s: needs f32 rows, not %s %s", name,
                       ask_dtype_name(x->type), ask_shape_text(text, x));
        return false;
    }
    if (mask && (mask->type != ASK_BOOL || !ask_same_shape(mask, x))) {
        ask_graph_fail(g, ASK_ERR_SHAPE, "%s: a mask of %s %s does not fit %s", name,
                       ask_dtype_name(mask->type), ask_shape_text(other, mask),
                       ask_shape_text(text, x));
        return false;
    }
    return ask_infer_same(g, t);
}

static ask_tensor *add_grad(ask_graph *g, ask_op op, ask_tensor *y, ask_tensor *dy)
{
    return ask_node_add(g, op, NULL, 2, (ask_tensor *[]){y, dy});
}

/* dx = y (dy - sum(y dy)): zero wherever y is. */
static void softmax_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                         const bool *need)
{
    if (need[0]) dx[0] = add_grad(g, OP_SOFTMAX_GRAD, y, dy);
}

/* dx = dy - exp(y) sum(dy), where what is masked has no say in y and so none in dy. */
static void log_softmax_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                             const bool *need)
{
    if (!need[0]) return;
    ask_tensor *mask = y->src[1];
    if (mask) dy = ask_where(g, mask, dy, ask_full(g, 0, NULL, 0));
    dx[0] = add_grad(g, OP_LOG_SOFTMAX_GRAD, y, dy);
}

static ask_tensor *softmax_of(ask_graph *g, ask_op op, ask_tensor *x, ask_tensor *mask)
{
    if (x && mask) {
        mask = ask_expand_like(g, mask, x);
        if (!mask) return NULL;
    }
    return ask_node_add(g, op, NULL, 2, (ask_tensor *[]){x, mask});
}

ask_tensor *ask_softmax(ask_graph *g, ask_tensor *x, ask_tensor *mask)
{
    return softmax_of(g, OP_SOFTMAX, x, mask);
}

ask_tensor *ask_log_softmax(ask_graph *g, ask_tensor *x, ask_tensor *mask)
{
    return softmax_of(g, OP_LOG_SOFTMAX, x, mask);
}

const ask_op_row ask_row_softmax = {
    .name = "softmax",
    .n_src = 2,
    .n_required = 1,
    .infer = softmax_infer,
    .grad = softmax_grad,
};

const ask_op_row ask_row_softmax_grad = {
    .name = "softmax_grad", .n_src = 2, .n_required = 2, .infer = ask_infer_same};

const ask_op_row ask_row_log_softmax = {
    .name = "log_softmax",
    .n_src = 2,
    .n_required = 1,
    .infer = softmax_infer,
    .grad = log_softmax_grad,
};

const ask_op_row ask_row_log_softmax_grad = {
    .name = "log_softmax_grad", .n_src = 2, .n_required = 2, .infer = ask_infer_same};
