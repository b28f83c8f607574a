/* Joining tensors along an axis, and padding them. */
#include "base/checked.h"
#include "tensor/op/rows_priv.h"

/* ---- concat ---- */

static bool fits_beside(const ask_tensor *a, const ask_tensor *b, int axis)
{
    if (a->type != b->type || a->n_dims != b->n_dims) return false;
    for (int i = 0; i < a->n_dims; i++)
        if (i != axis && a->shape[i] != b->shape[i]) return false;
    return true;
}

static bool infer_concat(ask_graph *g, ask_tensor *t)
{
    int axis = t->params.index.axis;
    const ask_tensor *first = t->src[0];
    ask_set_shape(t, first->type, first->n_dims, first->shape);
    for (int i = 1; i < t->n_src; i++) {
        const ask_tensor *x = t->src[i];
        if (x && fits_beside(first, x, axis) &&
            ask_add_i64(&t->shape[axis], t->shape[axis], x->shape[axis]))
            continue;
        char text_a[ASK_SHAPE_TEXT], text_b[ASK_SHAPE_TEXT];
        ask_graph_fail(g, ASK_ERR_SHAPE, "concat: %s %s and %s %s do not fit along axis %d",
                       ask_dtype_name(first->type), ask_shape_text(text_a, first),
                       x ? ask_dtype_name(x->type) : "?",
                       x ? ask_shape_text(text_b, x) : "", axis);
        return false;
    }
    int64_t shape[ASK_MAX_DIMS];
    for (int i = 0; i < t->n_dims; i++) shape[i] = t->shape[i];
    ask_set_shape(t, first->type, first->n_dims, shape);
    return true;
}

static void concat_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                        const bool *need)
{
    int axis = y->params.index.axis;
    int64_t begin = 0;
    for (int i = 0; i < y->n_src; i++) {
        int64_t end = begin + y->src[i]->shape[axis];
        if (need[i]) dx[i] = ask_slice(g, dy, axis, begin, end);
        begin = end;
    }
}

const ask_op_row ask_row_concat = {.name = "concat",
                                   .n_src = ASK_MAX_SRC,
                                   .n_required = 1,
                                   .strided = (1u << ASK_MAX_SRC) - 1,
                                   .infer = infer_concat,
                                   .grad = concat_grad};

/* Many sources are joined in groups, and the groups again. */
ask_tensor *ask_concat(ask_graph *g, ask_tensor *const *x, int n, int axis)
{
    if (n < 1) return ask_graph_fail(g, ASK_ERR_SHAPE, "concat: takes at least one tensor");
    for (int i = 0; i < n; i++)
        if (!x[i]) return NULL;
    axis = ask_axis(g, x[0], axis, "concat");
    if (axis < 0) return NULL;
    if (n == 1) return x[0];
    ask_op_params p = {.index.axis = axis};
    if (n <= ASK_MAX_SRC) return ask_node_add(g, OP_CONCAT, &p, n, x);

    int n_groups = (n + ASK_MAX_SRC - 1) / ASK_MAX_SRC;
    ask_tensor **group = ask_graph_alloc(g, (size_t)n_groups * sizeof(ask_tensor *));
    if (!group) return NULL;
    for (int i = 0; i < n_groups; i++) {
        int first = i * ASK_MAX_SRC;
        group[i] = ask_concat(g, x + first,
                              n - first < ASK_MAX_SRC ? n - first : ASK_MAX_SRC, axis);
    }
    return ask_concat(g, group, n_groups, axis);
}

/* ---- pad ---- */

static bool infer_pad(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *x = t->src[0];
    int axis = t->params.pad.axis;
    int64_t before = t->params.pad.before, after = t->params.pad.after;
    int64_t shape[ASK_MAX_DIMS];
    for (int i = 0; i < x->n_dims; i++) shape[i] = x->shape[i];
    if (x->type != ASK_F32 || before < 0 || after < 0 ||
        !ask_add_i64(&shape[axis], shape[axis], before) ||
        !ask_add_i64(&shape[axis], shape[axis], after)) {
        char text[ASK_SHAPE_TEXT];
        ask_graph_fail(g, ASK_ERR_SHAPE,
                       "pad: %s %s does not take %lld before and %lld after",
                       ask_dtype_name(x->type), ask_shape_text(text, x), (long long)before,
                       (long long)after);
        return false;
    }
    ask_set_shape(t, x->type, x->n_dims, shape);
    return true;
}

static void pad_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                     const bool *need)
{
    int axis = y->params.pad.axis;
    int64_t begin = y->params.pad.before;
    if (need[0]) dx[0] = ask_slice(g, dy, axis, begin, begin + y->src[0]->shape[axis]);
}

const ask_op_row ask_row_pad = {.name = "pad",
                                .n_src = 1,
                                .n_required = 1,
                                .strided = 1,
                                .infer = infer_pad,
                                .grad = pad_grad};

ask_tensor *ask_pad(ask_graph *g, ask_tensor *x, int axis, int64_t before, int64_t after,
                    double value)
{
    axis = ask_axis(g, x, axis, "pad");
    if (axis < 0 || (before == 0 && after == 0)) return axis < 0 ? NULL : x;
    ask_op_params p = {
        .pad = {.axis = axis, .before = before, .after = after, .value = value}};
    return ask_node_add(g, OP_PAD, &p, 1, &x);
}
