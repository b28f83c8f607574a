/* A linear layer. Sources: x: [..., K], w: [N, K], b?: [N]. */
#include "tensor/op/product_priv.h"
#include "tensor/op/rows_priv.h"

static bool linear_infer(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *x = t->src[0], *w = t->src[1], *b = t->src[2];
    bool fits = x->type == ASK_F32 && x->n_dims >= 1 &&
                (w->type == ASK_F32 || ask_dtype_is_coded(w->type)) && w->n_dims == 2 &&
                x->shape[x->n_dims - 1] == w->shape[1];
    if (!fits) {
        char text_x[ASK_SHAPE_TEXT], text_w[ASK_SHAPE_TEXT];
        ask_graph_fail(g, ASK_ERR_SHAPE, "linear: x %s %s and weights %s %s do not fit",
                       ask_dtype_name(x->type), ask_shape_text(text_x, x),
                       ask_dtype_name(w->type), ask_shape_text(text_w, w));
        return false;
    }
    if (b && (b->type != ASK_F32 || b->n_dims != 1 || b->shape[0] != w->shape[0])) {
        char text_b[ASK_SHAPE_TEXT], text_w[ASK_SHAPE_TEXT];
        ask_graph_fail(g, ASK_ERR_SHAPE, "linear: bias %s %s does not fit weights %s",
                       ask_dtype_name(b->type), ask_shape_text(text_b, b),
                       ask_shape_text(text_w, w));
        return false;
    }
    int64_t shape[ASK_MAX_DIMS];
    for (int i = 0; i < x->n_dims; i++) shape[i] = x->shape[i];
    shape[x->n_dims - 1] = w->shape[0];
    ask_set_shape(t, ASK_F32, x->n_dims, shape);
    return true;
}

/* dx = dy w, dw = dy^T x, db = sum of the rows of dy. */
static void linear_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                        const bool *need)
{
    ask_tensor *x = y->src[0], *w = y->src[1];
    ask_tensor *rows = ask_as_matrix(g, dy), *f32 = ask_cast(g, w, ASK_F32);
    if (need[0]) dx[0] = ask_reshape(g, ask_matmul(g, rows, f32), x->n_dims, x->shape);
    if (need[1]) dx[1] = ask_matmul(g, ask_transpose(g, rows, 0, 1), ask_as_matrix(g, x));
    if (need[2]) dx[2] = ask_sum(g, rows, 1u << 0, false);
}

ask_tensor *ask_linear(ask_graph *g, ask_tensor *x, ask_tensor *w, ask_tensor *b)
{
    return ask_node_add(g, OP_LINEAR, NULL, 3, (ask_tensor *[]){x, w, b});
}

const ask_op_row ask_row_linear = {
    .name = "linear",
    .n_src = 3,
    .n_required = 2,
    .coded = 1u << 1,
    .infer = linear_infer,
    .grad = linear_grad,
};
