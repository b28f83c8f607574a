/* Batch norm: with given statistics made of ops; with those of the batch, ops of their own,
 * which read the batch as seldom as can be. x: [N, C, ...]. */
#include "tensor/op/rows_priv.h"

/* ---- shapes ---- */

static bool check_channels(ask_graph *g, const ask_tensor *x, ask_tensor *const v[4])
{
    char text[ASK_SHAPE_TEXT], other[ASK_SHAPE_TEXT];
    if (x->type != ASK_F32 || x->n_dims < 2) {
        ask_graph_fail(g, ASK_ERR_SHAPE, "batch_norm: needs f32 [N, C, ...], not %s %s",
                       ask_dtype_name(x->type), ask_shape_text(text, x));
        return false;
    }
    for (int i = 0; i < 4; i++) {
        if (!v[i] ||
            (v[i]->type == ASK_F32 && v[i]->n_dims == 1 && v[i]->shape[0] == x->shape[1]))
            continue;
        ask_graph_fail(g, ASK_ERR_SHAPE,
                       "batch_norm: %s %s does not fit the channels of %s",
                       ask_dtype_name(v[i]->type), ask_shape_text(other, v[i]),
                       ask_shape_text(text, x));
        return false;
    }
    return true;
}

/* Two numbers for each channel of source 0. */
static bool infer_pairs(ask_graph *g, ask_tensor *t)
{
    (void)g;
    ask_set_shape(t, ASK_F32, 2, (int64_t[]){2, t->src[0]->shape[1]});
    return true;
}

/* ---- with given statistics ---- */

/* [C] -> [C, 1, ...], which broadcasts along the channels of x: [N, C, ...]. */
static ask_tensor *along_channels(ask_graph *g, ask_tensor *v, const ask_tensor *x)
{
    int64_t shape[ASK_MAX_DIMS] = {x->shape[1]};
    for (int i = 1; i < x->n_dims - 1; i++) shape[i] = 1;
    return ask_reshape(g, v, x->n_dims - 1, shape);
}

/* (x - mean) / sqrt(var + eps) * w + b as one product and one sum over x. */
ask_tensor *ask_batch_norm(ask_graph *g, ask_tensor *x, ask_tensor *w, ask_tensor *b,
                           ask_tensor *mean, ask_tensor *var, double eps)
{
    if (!x || !w || !b || !mean || !var)
        return ask_graph_fail(g, ASK_ERR_BUG, "batch_norm: a source is missing");
    if (!check_channels(g, x, (ask_tensor *[]){w, b, mean, var})) return NULL;
    ask_tensor *factor = ask_div(g, w, ask_sqrt(g, ask_affine(g, var, 1, eps)));
    ask_tensor *offset = ask_sub(g, b, ask_mul(g, mean, factor));
    ask_tensor *scaled = ask_mul(g, x, along_channels(g, factor, x));
    return ask_add(g, scaled, along_channels(g, offset, x));
}

/* ---- with those of the batch ----
 *
 * channel_moments: x -> [2, C], means and (biased) variances.
 * batch_norm: x, w, b, moments of x -> like x.
 * batch_norm_sums: x, dy, moments -> [2, C], sums of dy and of dy times the normal x: the
 * gradients of b and w.
 * batch_norm_grad: x, dy, w, moments, sums -> dx, with what goes through the moments. */

enum { SRC_X, SRC_W, SRC_B, SRC_MOMENTS };

/* The gradient for x is whole, so there is none for the moments. */
static void batch_norm_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                            const bool *need)
{
    ask_tensor *x = y->src[SRC_X], *w = y->src[SRC_W], *moments = y->src[SRC_MOMENTS];
    ask_tensor *sums = ask_node_add(g, OP_BATCH_NORM_SUMS, &y->params, 3,
                                    (ask_tensor *[]){x, dy, moments});
    if (need[SRC_X])
        dx[SRC_X] = ask_node_add(g, OP_BATCH_NORM_GRAD, &y->params, 5,
                                 (ask_tensor *[]){x, dy, w, moments, sums});
    if (need[SRC_W]) dx[SRC_W] = ask_reshape(g, ask_slice(g, sums, 0, 1, 2), 1, w->shape);
    if (need[SRC_B]) dx[SRC_B] = ask_reshape(g, ask_slice(g, sums, 0, 0, 1), 1, w->shape);
}

/* running += momentum * (factor * values - running); values: row i of the moments */
static void move_running(ask_graph *g, ask_tensor *running, ask_tensor *moments, int i,
                         double factor, double momentum)
{
    if (!running) return;
    ask_tensor *fresh =
        ask_reshape(g, ask_slice(g, moments, 0, i, i + 1), 1, running->shape);
    fresh = ask_scale(g, fresh, momentum * factor);
    ask_assign(g, running, ask_add(g, ask_scale(g, running, 1 - momentum), fresh));
}

ask_tensor *ask_batch_norm_train(ask_graph *g, ask_tensor *x, ask_tensor *w, ask_tensor *b,
                                 ask_tensor *running_mean, ask_tensor *running_var,
                                 double momentum, double eps)
{
    if (!x || !w || !b)
        return ask_graph_fail(g, ASK_ERR_BUG, "batch_norm: a source is missing");
    if (!check_channels(g, x, (ask_tensor *[]){w, b, running_mean, running_var}))
        return NULL;
    int64_t n = 1; // values per channel
    for (int i = 0; i < x->n_dims; i++)
        if (i != 1) n *= x->shape[i];
    char text[ASK_SHAPE_TEXT];
    if (n < 2)
        return ask_graph_fail(
            g, ASK_ERR_SHAPE,
            "batch_norm: training needs several values per channel, and %s "
            "has %lld",
            ask_shape_text(text, x), (long long)n);

    const ask_op_params params = {.norm = {.eps = eps}};
    ask_tensor *moments = ask_node_add(g, OP_CHANNEL_MOMENTS, NULL, 1, &x);
    move_running(g, running_mean, moments, 0, 1, momentum);
    move_running(g, running_var, moments, 1, (double)n / (double)(n - 1), momentum);
    return ask_node_add(g, OP_BATCH_NORM, &params, 4, (ask_tensor *[]){x, w, b, moments});
}

const ask_op_row ask_row_channel_moments = {
    .name = "channel_moments", .n_src = 1, .n_required = 1, .infer = infer_pairs};

const ask_op_row ask_row_batch_norm = {
    .name = "batch_norm",
    .n_src = 4,
    .n_required = 4,
    .infer = ask_infer_same,
    .grad = batch_norm_grad,
};

const ask_op_row ask_row_batch_norm_sums = {
    .name = "batch_norm_sums", .n_src = 3, .n_required = 3, .infer = infer_pairs};

const ask_op_row ask_row_batch_norm_grad = {
    .name = "batch_norm_grad", .n_src = 5, .n_required = 5, .infer = ask_infer_same};
