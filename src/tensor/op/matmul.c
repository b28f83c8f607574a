/* Matrix products. Sources: a: [..., M, K], b: [..., K, N]. */
#include "tensor/op/product_priv.h"
#include "tensor/op/rows_priv.h"

/* The same tensor with only the axes in front of the last two. */
static ask_tensor batch_of(const ask_tensor *t)
{
    ask_tensor batch = *t;
    batch.n_dims -= 2;
    return batch;
}

static bool matmul_infer(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *a = t->src[0], *b = t->src[1];
    char text_a[ASK_SHAPE_TEXT], text_b[ASK_SHAPE_TEXT];
    if (a->type != ASK_F32 || b->type != ASK_F32) {
        ask_graph_fail(g, ASK_ERR_SHAPE, "matmul: needs f32, not %s and %s",
                       ask_dtype_name(a->type), ask_dtype_name(b->type));
        return false;
    }
    int64_t shape[ASK_MAX_DIMS];
    int n = 0;
    if (a->n_dims >= 2 && b->n_dims >= 2 &&
        a->shape[a->n_dims - 1] == b->shape[b->n_dims - 2]) {
        ask_tensor batch_a = batch_of(a), batch_b = batch_of(b);
        if (ask_broadcast(&n, shape, &batch_a, &batch_b)) {
            shape[n] = a->shape[a->n_dims - 2];
            shape[n + 1] = b->shape[b->n_dims - 1];
            ask_set_shape(t, ASK_F32, n + 2, shape);
            return true;
        }
    }
    ask_graph_fail(g, ASK_ERR_SHAPE, "matmul: %s and %s do not fit",
                   ask_shape_text(text_a, a), ask_shape_text(text_b, b));
    return false;
}

ask_tensor *ask_as_matrix(ask_graph *g, ask_tensor *x)
{
    if (!x || x->n_dims == 2) return x;
    int64_t n_columns = x->shape[x->n_dims - 1], n_rows = 1;
    for (int i = 0; i < x->n_dims - 1; i++) n_rows *= x->shape[i];
    return ask_reshape(g, x, 2, (int64_t[]){n_rows, n_columns});
}

/* da = dy b^T, db = a^T dy, each summed over the axes along which its source was stretched.
 * For one matrix b that sum is part of the product. */
static void matmul_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                        const bool *need)
{
    ask_tensor *a = y->src[0], *b = y->src[1];
    if (need[0]) dx[0] = ask_sum_to(g, ask_matmul_t(g, dy, b), a);
    if (!need[1]) return;
    if (b->n_dims == 2) {
        a = ask_as_matrix(g, a);
        dy = ask_as_matrix(g, dy);
    }
    dx[1] = ask_sum_to(g, ask_matmul(g, ask_transpose(g, a, -2, -1), dy), b);
}

ask_tensor *ask_matmul(ask_graph *g, ask_tensor *a, ask_tensor *b)
{
    return ask_node_add(g, OP_MATMUL, NULL, 2, (ask_tensor *[]){a, b});
}

ask_tensor *ask_matmul_t(ask_graph *g, ask_tensor *a, ask_tensor *b)
{
    return ask_matmul(g, a, ask_transpose(g, b, -2, -1));
}

const ask_op_row ask_row_matmul = {
    .name = "matmul",
    .n_src = 2,
    .n_required = 2,
    .strided = 1u << 0 | 1u << 1,
    .infer = matmul_infer,
    .grad = matmul_grad,
};
