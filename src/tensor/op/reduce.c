/* Sums, means and largest elements. */
#include "tensor/op/rows_priv.h"

/* ---- sum ---- */

/* The shape of x without the reduced axes, or with 1 in their place. */
static int reduced_shape(int64_t shape[ASK_MAX_DIMS], const ask_tensor *x, unsigned axes,
                         bool keep_dims)
{
    int n = 0;
    for (int i = 0; i < x->n_dims; i++) {
        bool gone = axes & 1u << i;
        if (!gone || keep_dims) shape[n++] = gone ? 1 : x->shape[i];
    }
    return n;
}

static bool infer_sum(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *x = t->src[0];
    unsigned axes = t->params.reduce.axes;
    if (x->type != ASK_F32) {
        ask_graph_fail(g, ASK_ERR_SHAPE, "sum: takes f32, not %s", ask_dtype_name(x->type));
        return false;
    }
    if (axes >> x->n_dims) {
        char text[ASK_SHAPE_TEXT];
        ask_graph_fail(g, ASK_ERR_SHAPE, "sum: %s does not have all axes of the set %#x",
                       ask_shape_text(text, x), axes);
        return false;
    }
    int64_t shape[ASK_MAX_DIMS];
    int n = reduced_shape(shape, x, axes, t->params.reduce.keep_dims);
    ask_set_shape(t, ASK_F32, n, shape);
    return true;
}

static void sum_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                     const bool *need)
{
    const ask_tensor *x = y->src[0];
    if (!need[0]) return;
    int64_t shape[ASK_MAX_DIMS];
    int n = reduced_shape(shape, x, y->params.reduce.axes, true);
    dx[0] = ask_expand_like(g, ask_reshape(g, dy, n, shape), x);
}

const ask_op_row ask_row_sum = {.name = "sum",
                                .n_src = 1,
                                .n_required = 1,
                                .strided = 1,
                                .infer = infer_sum,
                                .grad = sum_grad};

ask_tensor *ask_sum(ask_graph *g, ask_tensor *x, unsigned axes, bool keep_dims)
{
    if (!x) return NULL;
    if (axes == 0) axes = (1u << x->n_dims) - 1;
    if (axes == 0) return x; // a scalar is its own sum
    ask_op_params p = {.reduce = {.axes = axes, .keep_dims = keep_dims}};
    return ask_node_add(g, OP_SUM, &p, 1, &x);
}

ask_tensor *ask_mean(ask_graph *g, ask_tensor *x, unsigned axes, bool keep_dims)
{
    ask_tensor *sum = ask_sum(g, x, axes, keep_dims);
    if (!sum) return NULL;
    int64_t n = 1;
    for (int i = 0; i < x->n_dims; i++)
        if (axes == 0 || axes & 1u << i) n *= x->shape[i];
    return ask_scale(g, sum, 1.0 / (double)n); // of nothing: NaN
}

/* ---- the largest ---- */

static bool infer_argmax(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *x = t->src[0];
    int axis = t->params.index.axis;
    if (x->type != ASK_F32 || x->shape[axis] == 0) {
        char text[ASK_SHAPE_TEXT];
        ask_graph_fail(g, ASK_ERR_SHAPE, "argmax: %s %s has no largest f32 along axis %d",
                       ask_dtype_name(x->type), ask_shape_text(text, x), axis);
        return false;
    }
    int64_t shape[ASK_MAX_DIMS];
    int n = reduced_shape(shape, x, 1u << axis, false);
    ask_set_shape(t, ASK_I64, n, shape);
    return true;
}

const ask_op_row ask_row_argmax = {
    .name = "argmax", .n_src = 1, .n_required = 1, .infer = infer_argmax};

ask_tensor *ask_argmax(ask_graph *g, ask_tensor *x, int axis)
{
    axis = ask_axis(g, x, axis, "argmax");
    if (axis < 0) return NULL;
    ask_op_params p = {.index.axis = axis};
    return ask_node_add(g, OP_ARGMAX, &p, 1, &x);
}

ask_tensor *ask_max(ask_graph *g, ask_tensor *x, int axis, bool keep_dims)
{
    axis = ask_axis(g, x, axis, "max");
    if (axis < 0) return NULL;
    int64_t shape[ASK_MAX_DIMS];
    int n = reduced_shape(shape, x, 1u << axis, true);
    ask_tensor *place = ask_reshape(g, ask_argmax(g, x, axis), n, shape);
    ask_tensor *largest = ask_gather(g, x, place, axis);
    n = reduced_shape(shape, x, 1u << axis, keep_dims);
    return keep_dims ? largest : ask_reshape(g, largest, n, shape);
}
