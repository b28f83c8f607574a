/* Convolutions in one, two and three dimensions. Each is a trilinear form of x: [N, C, in],
 * w: [O, C / groups, kernel] and dy: [N, O, out]: the convolution and its two gradients are
 * what remains when one of the three is left out, and are each other's gradients. */
#include "tensor/op/rows_priv.h"

/* ---- shapes ---- */

static bool fail_to_fit(ask_graph *g, int n_axes, const ask_tensor *x, const ask_tensor *w)
{
    char text_x[ASK_SHAPE_TEXT], text_w[ASK_SHAPE_TEXT];
    ask_graph_fail(g, ASK_ERR_SHAPE, "conv%dd: x %s %s and weights %s %s do not fit",
                   n_axes, ask_dtype_name(x->type), ask_shape_text(text_x, x),
                   ask_dtype_name(w->type), ask_shape_text(text_w, w));
    return false;
}

/* The size of axis i of the result; negative if the kernel does not fit. */
static int64_t size_after(const ask_conv_options *o, int i, int64_t size, int64_t kernel)
{
    int64_t extent = o->dilation[i] * (kernel - 1) + 1,
            room = size + 2 * o->pad[i] + o->pad_end[i] - extent;
    return room < 0 ? -1 : room / o->stride[i] + 1;
}

static bool conv_infer(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *x = t->src[0], *w = t->src[1], *b = t->src[2];
    const ask_conv_options *o = &t->params.conv.opt;
    int n_axes = t->params.conv.n_axes, n_dims = 2 + n_axes;
    bool fits = x->type == ASK_F32 && w->type == ASK_F32 && x->n_dims == n_dims &&
                w->n_dims == n_dims && x->shape[1] == w->shape[1] * o->groups &&
                w->shape[0] % o->groups == 0;
    if (!fits) return fail_to_fit(g, n_axes, x, w);
    if (b && (b->type != ASK_F32 || b->n_dims != 1 || b->shape[0] != w->shape[0])) {
        char text[ASK_SHAPE_TEXT];
        ask_graph_fail(g, ASK_ERR_SHAPE, "conv%dd: bias %s %s, but %lld channels leave",
                       n_axes, ask_dtype_name(b->type), ask_shape_text(text, b),
                       (long long)w->shape[0]);
        return false;
    }
    int64_t shape[ASK_MAX_DIMS] = {x->shape[0], w->shape[0]};
    for (int i = 0; i < n_axes; i++) {
        shape[2 + i] =
            w->shape[2 + i] < 1 ? -1 : size_after(o, i, x->shape[2 + i], w->shape[2 + i]);
        if (shape[2 + i] < 0) return fail_to_fit(g, n_axes, x, w);
    }
    for (int i = 0; i < n_dims; i++) {
        t->params.conv.x_shape[i] = x->shape[i];
        t->params.conv.w_shape[i] = w->shape[i];
    }
    ask_set_shape(t, ASK_F32, n_dims, shape);
    return true;
}

static bool grad_x_infer(ask_graph *g, ask_tensor *t)
{
    (void)g;
    ask_set_shape(t, ASK_F32, 2 + t->params.conv.n_axes, t->params.conv.x_shape);
    return true;
}

static bool grad_w_infer(ask_graph *g, ask_tensor *t)
{
    (void)g;
    ask_set_shape(t, ASK_F32, 2 + t->params.conv.n_axes, t->params.conv.w_shape);
    return true;
}

/* ---- the three forms, from the parameters of one of them ---- */

static ask_tensor *make_y(ask_graph *g, const ask_tensor *like, ask_tensor *x,
                          ask_tensor *w)
{
    return ask_node_add(g, OP_CONV, &like->params, 3, (ask_tensor *[]){x, w, NULL});
}

/* Parameters of a gradient: it is linear. */
static ask_op_params without_relu(const ask_tensor *like)
{
    ask_op_params params = like->params;
    params.conv.opt.relu = false;
    return params;
}

static ask_tensor *make_dx(ask_graph *g, const ask_tensor *like, ask_tensor *dy,
                           ask_tensor *w)
{
    const ask_op_params params = without_relu(like);
    return ask_node_add(g, OP_CONV_GRAD_X, &params, 2, (ask_tensor *[]){dy, w});
}

static ask_tensor *make_dw(ask_graph *g, const ask_tensor *like, ask_tensor *x,
                           ask_tensor *dy)
{
    const ask_op_params params = without_relu(like);
    return ask_node_add(g, OP_CONV_GRAD_W, &params, 2, (ask_tensor *[]){x, dy});
}

/* The gradient of what was there before the ReLU, which is above 0 where its result is. */
static ask_tensor *before_relu(ask_graph *g, ask_tensor *y, ask_tensor *dy)
{
    static const ask_op_params relu = {.unary = {.kind = UNARY_RELU}};
    return ask_node_add(g, OP_UNARY_GRAD, &relu, 2, (ask_tensor *[]){y, dy});
}

static void conv_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                      const bool *need)
{
    if (y->params.conv.opt.relu) dy = before_relu(g, y, dy);
    if (!dy) return;
    if (need[0]) dx[0] = make_dx(g, y, dy, y->src[1]);
    if (need[1]) dx[1] = make_dw(g, y, y->src[0], dy);
    unsigned all_but_channels = ((1u << dy->n_dims) - 1) & ~2u;
    if (need[2]) dx[2] = ask_sum(g, dy, all_but_channels, false);
}

/* Sources: dy, w. */
static void grad_x_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                        const bool *need)
{
    if (need[0]) dx[0] = make_y(g, y, dy, y->src[1]);
    if (need[1]) dx[1] = make_dw(g, y, dy, y->src[0]);
}

/* Sources: x, dy. */
static void grad_w_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                        const bool *need)
{
    if (need[0]) dx[0] = make_dx(g, y, y->src[1], dy);
    if (need[1]) dx[1] = make_y(g, y, y->src[0], dy);
}

/* ---- builders ---- */

/* Sizes, strides and padding stay below this, so that sums of products of two fit. */
enum { LARGEST_OPTION = 1 << 24 };

static bool is_within(int64_t value, int64_t least)
{
    return value >= least && value <= LARGEST_OPTION;
}

static bool complete(ask_graph *g, ask_conv_options *o, int n_axes)
{
    if (!o->groups) o->groups = 1;
    bool fine = o->groups > 0;
    for (int i = 0; i < n_axes; i++) {
        if (!o->stride[i]) o->stride[i] = 1;
        if (!o->dilation[i]) o->dilation[i] = 1;
        fine = fine && is_within(o->stride[i], 1) && is_within(o->dilation[i], 1) &&
               is_within(o->pad[i], 0) && is_within(o->pad_end[i], 0);
    }
    if (fine) return true;
    char stride[ASK_SHAPE_TEXT], dilation[ASK_SHAPE_TEXT];
    char pad[ASK_SHAPE_TEXT], pad_end[ASK_SHAPE_TEXT];
    ask_graph_fail(g, ASK_ERR_SHAPE,
                   "conv%dd: stride %s, padding %s and %s, dilation %s, %lld groups are "
                   "impossible",
                   n_axes, ask_dims_text(stride, n_axes, o->stride),
                   ask_dims_text(pad, n_axes, o->pad),
                   ask_dims_text(pad_end, n_axes, o->pad_end),
                   ask_dims_text(dilation, n_axes, o->dilation), (long long)o->groups);
    return false;
}

static ask_tensor *conv(ask_graph *g, int n_axes, ask_tensor *x, ask_tensor *w,
                        ask_tensor *b, const ask_conv_options *opt)
{
    static const ask_conv_options plain;
    ask_op_params params = {.conv = {.opt = opt ? *opt : plain, .n_axes = n_axes}};
    if (!complete(g, &params.conv.opt, n_axes)) return NULL;
    return ask_node_add(g, OP_CONV, &params, 3, (ask_tensor *[]){x, w, b});
}

ask_tensor *ask_conv1d(ask_graph *g, ask_tensor *x, ask_tensor *w, ask_tensor *b,
                       const ask_conv_options *opt)
{
    return conv(g, 1, x, w, b, opt);
}

ask_tensor *ask_conv2d(ask_graph *g, ask_tensor *x, ask_tensor *w, ask_tensor *b,
                       const ask_conv_options *opt)
{
    return conv(g, 2, x, w, b, opt);
}

ask_tensor *ask_conv3d(ask_graph *g, ask_tensor *x, ask_tensor *w, ask_tensor *b,
                       const ask_conv_options *opt)
{
    return conv(g, 3, x, w, b, opt);
}

const ask_op_row ask_row_conv = {
    .name = "conv",
    .n_src = 3,
    .n_required = 2,
    .infer = conv_infer,
    .grad = conv_grad,
};

const ask_op_row ask_row_conv_grad_x = {
    .name = "conv_grad_x",
    .n_src = 2,
    .n_required = 2,
    .infer = grad_x_infer,
    .grad = grad_x_grad,
};

const ask_op_row ask_row_conv_grad_w = {
    .name = "conv_grad_w",
    .n_src = 2,
    .n_required = 2,
    .infer = grad_w_infer,
    .grad = grad_w_grad,
};
