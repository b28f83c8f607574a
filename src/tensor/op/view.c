/* Views: other shapes, orders and parts of the same memory. */
#include <string.h>

#include "base/checked.h"
#include "tensor/op/rows_priv.h"

static bool infer_leaf(ask_graph *g, ask_tensor *t)
{
    (void)g;
    (void)t;
    return true; // a leaf's shape is given
}

const ask_op_row ask_row_leaf = {.name = "leaf", .infer = infer_leaf};

/* Makes t a window into the memory of x; shape and strides are the caller's. */
static void look_into(ask_tensor *t, ask_tensor *x, int n_dims)
{
    t->type = x->type;
    t->n_dims = n_dims;
    t->base = x->base ? x->base : x;
    t->offset = x->offset;
}

/* ---- reshape ---- */

/* Strides that show x in another shape of as many elements; false if only a copy can. Axes
 * of x and of the shape are taken in groups of equal size, each of which must be evenly
 * spaced in x. */
static bool reshape_strides(int64_t stride[ASK_MAX_DIMS], const ask_tensor *x, int n_dims,
                            const int64_t *shape)
{
    if (ask_is_contiguous(x) || ask_tensor_count(x) == 0) {
        int64_t step = 1;
        for (int i = n_dims - 1; i >= 0; i--) {
            stride[i] = step;
            step *= shape[i] ? shape[i] : 1;
        }
        return true;
    }
    int i = n_dims - 1, from = x->n_dims - 1;
    while (from >= 0) {
        int64_t step = x->stride[from], size = x->shape[from];
        for (; from > 0 &&
               (x->shape[from - 1] == 1 || size == 1 || x->stride[from - 1] == step * size);
             from--) {
            if (size == 1) step = x->stride[from - 1];
            size *= x->shape[from - 1];
        }
        from--;
        for (; i >= 0 && (size > 1 || shape[i] == 1); i--) {
            if (size % shape[i]) return false;
            stride[i] = step;
            step *= shape[i];
            size /= shape[i];
        }
        if (size != 1) return false;
    }
    return true;
}

static bool infer_reshape(ask_graph *g, ask_tensor *t)
{
    ask_tensor *x = t->src[0];
    int n_dims = t->params.shape.n_dims;
    if (!reshape_strides(t->stride, x, n_dims, t->params.shape.shape)) {
        ask_graph_fail(g, ASK_ERR_BUG, "reshape: the source must be copied first");
        return false;
    }
    look_into(t, x, n_dims);
    memcpy(t->shape, t->params.shape.shape, (size_t)n_dims * sizeof t->shape[0]);
    return true;
}

static void reshape_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                         const bool *need)
{
    const ask_tensor *x = y->src[0];
    if (need[0]) dx[0] = ask_reshape(g, dy, x->n_dims, x->shape);
}

const ask_op_row ask_row_reshape = {.name = "reshape",
                                    .n_src = 1,
                                    .n_required = 1,
                                    .strided = 1,
                                    .view = true,
                                    .infer = infer_reshape,
                                    .grad = reshape_grad};

/* Copies the wanted shape, with a size of -1 worked out. */
static bool complete_shape(int64_t out[ASK_MAX_DIMS], const ask_tensor *x, int n_dims,
                           const int64_t *shape)
{
    int64_t known = 1;
    int open = -1;
    for (int i = 0; i < n_dims; i++) {
        out[i] = shape[i];
        if (shape[i] == -1 && open < 0)
            open = i;
        else if (shape[i] < 0 || !ask_mul_i64(&known, known, shape[i]))
            return false;
    }
    if (open >= 0) {
        if (known == 0) return false;
        out[open] = ask_tensor_count(x) / known;
        known *= out[open];
    }
    return known == ask_tensor_count(x) && ask_shape_is_possible(n_dims, out);
}

ask_tensor *ask_reshape(ask_graph *g, ask_tensor *x, int n_dims, const int64_t *shape)
{
    if (!x) return NULL;
    if (n_dims < 0 || n_dims > ASK_MAX_DIMS)
        return ask_graph_fail(g, ASK_ERR_SHAPE,
                              "reshape: a tensor has 0 to %d axes, not %d", ASK_MAX_DIMS,
                              n_dims);
    ask_op_params p = {.shape.n_dims = n_dims};
    char from[ASK_SHAPE_TEXT], to[ASK_SHAPE_TEXT];
    if (!complete_shape(p.shape.shape, x, n_dims, shape))
        return ask_graph_fail(g, ASK_ERR_SHAPE,
                              "reshape: %s does not have the elements of %s",
                              ask_shape_text(from, x), ask_dims_text(to, n_dims, shape));
    int64_t stride[ASK_MAX_DIMS];
    if (!reshape_strides(stride, x, n_dims, p.shape.shape)) x = ask_contiguous(g, x);
    return ask_node_add(g, OP_RESHAPE, &p, 1, &x);
}

/* ---- permute ---- */

static bool infer_permute(ask_graph *g, ask_tensor *t)
{
    (void)g;
    ask_tensor *x = t->src[0];
    look_into(t, x, x->n_dims);
    for (int i = 0; i < x->n_dims; i++) {
        t->shape[i] = x->shape[t->params.permute.order[i]];
        t->stride[i] = x->stride[t->params.permute.order[i]];
    }
    return true;
}

static void permute_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                         const bool *need)
{
    int inverse[ASK_MAX_DIMS] = {0};
    for (int i = 0; i < y->n_dims; i++) inverse[y->params.permute.order[i]] = i;
    if (need[0]) dx[0] = ask_permute(g, dy, inverse);
}

const ask_op_row ask_row_permute = {.name = "permute",
                                    .n_src = 1,
                                    .n_required = 1,
                                    .strided = 1,
                                    .view = true,
                                    .infer = infer_permute,
                                    .grad = permute_grad};

ask_tensor *ask_permute(ask_graph *g, ask_tensor *x, const int *order)
{
    if (!x) return NULL;
    ask_op_params p = {0};
    unsigned seen = 0;
    for (int i = 0; i < x->n_dims; i++) {
        int axis = ask_axis(g, x, order[i], "permute");
        if (axis < 0) return NULL;
        if (seen & 1u << axis) {
            char text[ASK_SHAPE_TEXT];
            return ask_graph_fail(g, ASK_ERR_SHAPE, "permute: axis %d of %s comes twice",
                                  axis, ask_shape_text(text, x));
        }
        seen |= 1u << axis;
        p.permute.order[i] = axis;
    }
    return ask_node_add(g, OP_PERMUTE, &p, 1, &x);
}

ask_tensor *ask_transpose(ask_graph *g, ask_tensor *x, int axis_a, int axis_b)
{
    int a = ask_axis(g, x, axis_a, "transpose"), b = ask_axis(g, x, axis_b, "transpose");
    if (a < 0 || b < 0) return NULL;
    int order[ASK_MAX_DIMS];
    for (int i = 0; i < x->n_dims; i++) order[i] = i == a ? b : i == b ? a : i;
    return ask_permute(g, x, order);
}

/* ---- slice ---- */

static bool infer_slice(ask_graph *g, ask_tensor *t)
{
    ask_tensor *x = t->src[0];
    int axis = t->params.slice.axis;
    int64_t begin = t->params.slice.begin, end = t->params.slice.end;
    if (begin < 0 || begin > end || end > x->shape[axis]) {
        char text[ASK_SHAPE_TEXT];
        ask_graph_fail(g, ASK_ERR_SHAPE, "slice: %lld to %lld is outside axis %d of %s",
                       (long long)begin, (long long)end, axis, ask_shape_text(text, x));
        return false;
    }
    look_into(t, x, x->n_dims);
    memcpy(t->shape, x->shape, sizeof t->shape);
    memcpy(t->stride, x->stride, sizeof t->stride);
    t->shape[axis] = end - begin;
    // A window on nothing has no first element, and must not begin past the end.
    if (ask_tensor_count(t) > 0) t->offset += begin * x->stride[axis];
    return true;
}

static void slice_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                       const bool *need)
{
    int axis = y->params.slice.axis;
    int64_t size = y->src[0]->shape[axis];
    if (need[0])
        dx[0] = ask_pad(g, dy, axis, y->params.slice.begin, size - y->params.slice.end, 0);
}

const ask_op_row ask_row_slice = {.name = "slice",
                                  .n_src = 1,
                                  .n_required = 1,
                                  .strided = 1,
                                  .view = true,
                                  .infer = infer_slice,
                                  .grad = slice_grad};

ask_tensor *ask_slice(ask_graph *g, ask_tensor *x, int axis, int64_t begin, int64_t end)
{
    axis = ask_axis(g, x, axis, "slice");
    if (axis < 0) return NULL;
    ask_op_params p = {.slice = {.axis = axis, .begin = begin, .end = end}};
    return ask_node_add(g, OP_SLICE, &p, 1, &x);
}

/* ---- expand ---- */

/* Whether x stretches to the shape. */
static bool stretches(const ask_tensor *x, int n_dims, const int64_t *shape)
{
    int front = n_dims - x->n_dims;
    if (front < 0) return false;
    for (int i = front; i < n_dims; i++)
        if (x->shape[i - front] != shape[i] && x->shape[i - front] != 1) return false;
    return true;
}

static bool infer_expand(ask_graph *g, ask_tensor *t)
{
    ask_tensor *x = t->src[0];
    int n_dims = t->params.shape.n_dims, front = n_dims - x->n_dims;
    const int64_t *shape = t->params.shape.shape;
    if (!stretches(x, n_dims, shape)) {
        char from[ASK_SHAPE_TEXT], to[ASK_SHAPE_TEXT];
        ask_graph_fail(g, ASK_ERR_SHAPE, "expand: %s does not stretch to %s",
                       ask_shape_text(from, x), ask_dims_text(to, n_dims, shape));
        return false;
    }
    look_into(t, x, n_dims);
    for (int i = 0; i < n_dims; i++) {
        t->shape[i] = shape[i];
        t->stride[i] = i < front || x->shape[i - front] == 1 ? 0 : x->stride[i - front];
    }
    return true;
}

static void expand_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                        const bool *need)
{
    if (need[0]) dx[0] = ask_sum_to(g, dy, y->src[0]);
}

const ask_op_row ask_row_expand = {.name = "expand",
                                   .n_src = 1,
                                   .n_required = 1,
                                   .strided = 1,
                                   .view = true,
                                   .infer = infer_expand,
                                   .grad = expand_grad};

ask_tensor *ask_expand(ask_graph *g, ask_tensor *x, int n_dims, const int64_t *shape)
{
    if (n_dims < 0 || n_dims > ASK_MAX_DIMS)
        return ask_graph_fail(g, ASK_ERR_SHAPE, "expand: a tensor has 0 to %d axes, not %d",
                              ASK_MAX_DIMS, n_dims);
    ask_op_params p = {.shape.n_dims = n_dims};
    for (int i = 0; i < n_dims; i++) p.shape.shape[i] = shape[i];
    return ask_node_add(g, OP_EXPAND, &p, 1, &x);
}

/* ---- stop ---- */

static bool infer_stop(ask_graph *g, ask_tensor *t)
{
    (void)g;
    ask_tensor *x = t->src[0];
    look_into(t, x, x->n_dims);
    memcpy(t->shape, x->shape, sizeof t->shape);
    memcpy(t->stride, x->stride, sizeof t->stride);
    return true;
}

static void stop_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                      const bool *need)
{
    (void)g, (void)y, (void)dy, (void)dx, (void)need; // it goes no further
}

const ask_op_row ask_row_stop = {.name = "stop",
                                 .n_src = 1,
                                 .n_required = 1,
                                 .strided = 1,
                                 .view = true,
                                 .infer = infer_stop,
                                 .grad = stop_grad};

ask_tensor *ask_stop(ask_graph *g, ask_tensor *x)
{
    return ask_node_add(g, OP_STOP, NULL, 1, &x);
}
