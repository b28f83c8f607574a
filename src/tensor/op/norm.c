/* Normalisation: layer and RMS norms as ops; weight and length norms made of ops. */
#include "tensor/op/rows_priv.h"

/* ---- layer and RMS norm ----
 * Layer norm: x, w?, b?.  RMS norm: x, w?.  Their gradients for x: x, dy, w?. */

static bool is_vector_of(const ask_tensor *w, int64_t n)
{
    return !w || (w->type == ASK_F32 && w->n_dims == 1 && w->shape[0] == n);
}

/* w and b may be NULL. */
static bool check_rows(ask_graph *g, const ask_tensor *t, const ask_tensor *w,
                       const ask_tensor *b)
{
    const ask_tensor *x = t->src[0];
    const char *name = ask_op_rows[t->op]->name;
    char text[ASK_SHAPE_TEXT], other[ASK_SHAPE_TEXT];
    if (x->type != ASK_F32 || x->n_dims < 1) {
        ask_graph_fail(g, ASK_ERR_SHAPE, "%s: needs f32 rows, not %s %s", name,
                       ask_dtype_name(x->type), ask_shape_text(text, x));
        return false;
    }
    int64_t n = x->shape[x->n_dims - 1];
    const ask_tensor *misfit = !is_vector_of(w, n) ? w : !is_vector_of(b, n) ? b : NULL;
    if (!misfit) return true;
    ask_graph_fail(g, ASK_ERR_SHAPE,
                   "%s: a weight or bias of %s %s does not fit rows of %s", name,
                   ask_dtype_name(misfit->type), ask_shape_text(other, misfit),
                   ask_shape_text(text, x));
    return false;
}

static bool layer_norm_infer(ask_graph *g, ask_tensor *t)
{
    return check_rows(g, t, t->src[1], t->src[2]) && ask_infer_same(g, t);
}

static bool rms_norm_infer(ask_graph *g, ask_tensor *t)
{
    return check_rows(g, t, t->src[1], NULL) && ask_infer_same(g, t);
}

static bool norm_grad_infer(ask_graph *g, ask_tensor *t)
{
    return check_rows(g, t, t->src[2], NULL) && ask_infer_same(g, t);
}

static ask_tensor *norm_of(ask_graph *g, ask_op op, double eps, ask_tensor *x,
                           ask_tensor *w, ask_tensor *b)
{
    const ask_op_params params = {.norm = {.eps = eps}};
    ask_tensor *src[] = {x, w, b};
    return ask_node_add(g, op, &params, op == OP_LAYER_NORM ? 3 : 2, src);
}

static void norm_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                      const bool *need)
{
    ask_tensor *x = y->src[0], *w = y->src[1];
    if (need[0]) {
        ask_op op = y->op == OP_LAYER_NORM ? OP_LAYER_NORM_GRAD : OP_RMS_NORM_GRAD;
        ask_tensor *src[] = {x, dy, w};
        dx[0] = ask_node_add(g, op, &y->params, 3, src);
    }
    if (need[1]) {
        ask_tensor *normal = norm_of(g, y->op, y->params.norm.eps, x, NULL, NULL);
        dx[1] = ask_sum_to(g, ask_mul(g, dy, normal), w);
    }
    if (need[2]) dx[2] = ask_sum_to(g, dy, y->src[2]);
}

ask_tensor *ask_layer_norm(ask_graph *g, ask_tensor *x, ask_tensor *w, ask_tensor *b,
                           double eps)
{
    return norm_of(g, OP_LAYER_NORM, eps, x, w, b);
}

ask_tensor *ask_rms_norm(ask_graph *g, ask_tensor *x, ask_tensor *w, double eps)
{
    return norm_of(g, OP_RMS_NORM, eps, x, w, NULL);
}

const ask_op_row ask_row_layer_norm = {
    .name = "layer_norm",
    .n_src = 3,
    .n_required = 1,
    .infer = layer_norm_infer,
    .grad = norm_grad,
};

const ask_op_row ask_row_layer_norm_grad = {
    .name = "layer_norm_grad", .n_src = 3, .n_required = 2, .infer = norm_grad_infer};

const ask_op_row ask_row_rms_norm = {
    .name = "rms_norm",
    .n_src = 2,
    .n_required = 1,
    .infer = rms_norm_infer,
    .grad = norm_grad,
};

const ask_op_row ask_row_rms_norm_grad = {
    .name = "rms_norm_grad", .n_src = 3, .n_required = 2, .infer = norm_grad_infer};

/* ---- weight and length ---- */

ask_tensor *ask_weight_norm(ask_graph *g, ask_tensor *v, ask_tensor *gain)
{
    if (!v || !gain)
        return ask_graph_fail(g, ASK_ERR_BUG, "weight_norm: a source is missing");
    char text[ASK_SHAPE_TEXT], other[ASK_SHAPE_TEXT];
    if (v->n_dims < 2 || ask_tensor_count(gain) != v->shape[0])
        return ask_graph_fail(g, ASK_ERR_SHAPE,
                              "weight_norm: a gain of %s does not fit a weight of %s",
                              ask_shape_text(other, gain), ask_shape_text(text, v));
    int64_t column[ASK_MAX_DIMS] = {v->shape[0]};
    for (int i = 1; i < v->n_dims; i++) column[i] = 1;
    unsigned all_but_first = ((1u << v->n_dims) - 1) & ~1u;
    ask_tensor *length = ask_sqrt(g, ask_sum(g, ask_mul(g, v, v), all_but_first, true));
    return ask_mul(g, v, ask_div(g, ask_reshape(g, gain, v->n_dims, column), length));
}

/* The square is bounded, not its root: so a row of zeros has a gradient. */
ask_tensor *ask_l2_normalize(ask_graph *g, ask_tensor *x, double eps)
{
    if (!x) return ask_graph_fail(g, ASK_ERR_BUG, "l2_normalize: the source is missing");
    int last = ask_axis(g, x, -1, "l2_normalize");
    if (last < 0) return NULL;
    ask_tensor *square = ask_sum(g, ask_mul(g, x, x), 1u << last, true);
    ask_tensor *least = ask_full(g, 0, NULL, eps * eps);
    return ask_div(g, x, ask_sqrt(g, ask_maximum(g, square, least)));
}
