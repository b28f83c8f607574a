/* Convolutions in one and two dimensions. Each is a trilinear form of x: [N, C, H, W],
 * w: [O, C / groups, Kh, Kw] and dy: [N, O, H', W']: the convolution and its two gradients
 * are what remains when one of the three is left out, and are each other's gradients. */
#include "tensor/op/rows_priv.h"

/* ---- shapes ---- */

static bool fail_to_fit(ask_graph *g, const ask_tensor *x, const ask_tensor *w)
{
    char text_x[ASK_SHAPE_TEXT], text_w[ASK_SHAPE_TEXT];
    ask_graph_fail(g, ASK_ERR_SHAPE, "conv2d: x %s %s and weights %s %s do not fit",
                   ask_dtype_name(x->type), ask_shape_text(text_x, x),
                   ask_dtype_name(w->type), ask_shape_text(text_w, w));
    return false;
}

/* The size of axis i (rows, columns) of the result; negative if the kernel does not fit. */
static int64_t size_after(const ask_conv_options *o, int i, int64_t size, int64_t kernel)
{
    int64_t extent = o->dilation[i] * (kernel - 1) + 1,
            room = size + 2 * o->pad[i] - extent;
    return room < 0 ? -1 : room / o->stride[i] + 1;
}

static bool conv_infer(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *x = t->src[0], *w = t->src[1], *b = t->src[2];
    const ask_conv_options *o = &t->params.conv.opt;
    bool fits = x->type == ASK_F32 && w->type == ASK_F32 && x->n_dims == 4 &&
                w->n_dims == 4 && x->shape[1] == w->shape[1] * o->groups &&
                w->shape[0] % o->groups == 0;
    if (!fits) return fail_to_fit(g, x, w);
    if (b && (b->type != ASK_F32 || b->n_dims != 1 || b->shape[0] != w->shape[0])) {
        char text[ASK_SHAPE_TEXT];
        ask_graph_fail(g, ASK_ERR_SHAPE, "conv2d: bias %s %s, but %lld channels leave",
                       ask_dtype_name(b->type), ask_shape_text(text, b),
                       (long long)w->shape[0]);
        return false;
    }
    int64_t shape[4] = {x->shape[0], w->shape[0]};
    for (int i = 0; i < 2; i++) {
        shape[2 + i] =
            w->shape[2 + i] < 1 ? -1 : size_after(o, i, x->shape[2 + i], w->shape[2 + i]);
        if (shape[2 + i] < 0) return fail_to_fit(g, x, w);
    }
    for (int i = 0; i < 4; i++) {
        t->params.conv.x_shape[i] = x->shape[i];
        t->params.conv.w_shape[i] = w->shape[i];
    }
    ask_set_shape(t, ASK_F32, 4, shape);
    return true;
}

static bool grad_x_infer(ask_graph *g, ask_tensor *t)
{
    (void)g;
    ask_set_shape(t, ASK_F32, 4, t->params.conv.x_shape);
    return true;
}

static bool grad_w_infer(ask_graph *g, ask_tensor *t)
{
    (void)g;
    ask_set_shape(t, ASK_F32, 4, t->params.conv.w_shape);
    return true;
}

/* ---- the three forms, from the parameters of one of them ---- */

static ask_tensor *make_y(ask_graph *g, const ask_tensor *like, ask_tensor *x,
                          ask_tensor *w)
{
    return ask_node_add(g, OP_CONV2D, &like->params, 3, (ask_tensor *[]){x, w, NULL});
}

static ask_tensor *make_dx(ask_graph *g, const ask_tensor *like, ask_tensor *dy,
                           ask_tensor *w)
{
    return ask_node_add(g, OP_CONV2D_GRAD_X, &like->params, 2, (ask_tensor *[]){dy, w});
}

static ask_tensor *make_dw(ask_graph *g, const ask_tensor *like, ask_tensor *x,
                           ask_tensor *dy)
{
    return ask_node_add(g, OP_CONV2D_GRAD_W, &like->params, 2, (ask_tensor *[]){x, dy});
}

static void conv_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                      const bool *need)
{
    if (need[0]) dx[0] = make_dx(g, y, dy, y->src[1]);
    if (need[1]) dx[1] = make_dw(g, y, y->src[0], dy);
    if (need[2]) dx[2] = ask_sum(g, dy, 1u << 0 | 1u << 2 | 1u << 3, false);
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

static bool complete(ask_graph *g, ask_conv_options *o)
{
    if (!o->groups) o->groups = 1;
    bool fine = o->groups > 0;
    for (int i = 0; i < 2; i++) {
        if (!o->stride[i]) o->stride[i] = 1;
        if (!o->dilation[i]) o->dilation[i] = 1;
        fine = fine && o->stride[i] > 0 && o->stride[i] <= LARGEST_OPTION &&
               o->dilation[i] > 0 && o->dilation[i] <= LARGEST_OPTION && o->pad[i] >= 0 &&
               o->pad[i] <= LARGEST_OPTION;
    }
    if (!fine)
        ask_graph_fail(
            g, ASK_ERR_SHAPE,
            "conv2d: stride %lldx%lld, padding %lldx%lld, dilation %lldx%lld, %lld "
            "groups are impossible",
            (long long)o->stride[0], (long long)o->stride[1], (long long)o->pad[0],
            (long long)o->pad[1], (long long)o->dilation[0], (long long)o->dilation[1],
            (long long)o->groups);
    return fine;
}

ask_tensor *ask_conv2d(ask_graph *g, ask_tensor *x, ask_tensor *w, ask_tensor *b,
                       const ask_conv_options *opt)
{
    static const ask_conv_options plain;
    ask_op_params params = {.conv = {.opt = opt ? *opt : plain}};
    if (!complete(g, &params.conv.opt)) return NULL;
    return ask_node_add(g, OP_CONV2D, &params, 3, (ask_tensor *[]){x, w, b});
}

/* [A, B, L] as pictures of one row: [A, B, 1, L]. */
static ask_tensor *as_pictures(ask_graph *g, ask_tensor *x)
{
    if (!x) return NULL;
    if (x->n_dims != 3) {
        char text[ASK_SHAPE_TEXT];
        return ask_graph_fail(g, ASK_ERR_SHAPE, "conv1d: needs three axes, not %s",
                              ask_shape_text(text, x));
    }
    return ask_reshape(g, x, 4, (int64_t[]){x->shape[0], x->shape[1], 1, x->shape[2]});
}

ask_tensor *ask_conv1d(ask_graph *g, ask_tensor *x, ask_tensor *w, ask_tensor *b,
                       const ask_conv_options *opt)
{
    ask_conv_options one_row = {0};
    if (opt) {
        one_row.stride[1] = opt->stride[0];
        one_row.pad[1] = opt->pad[0];
        one_row.dilation[1] = opt->dilation[0];
        one_row.groups = opt->groups;
    }
    ask_tensor *y = ask_conv2d(g, as_pictures(g, x), as_pictures(g, w), b, &one_row);
    if (!y) return NULL;
    return ask_reshape(g, y, 3, (int64_t[]){y->shape[0], y->shape[1], y->shape[3]});
}

const ask_op_row ask_row_conv2d = {
    .name = "conv2d",
    .n_src = 3,
    .n_required = 2,
    .infer = conv_infer,
    .grad = conv_grad,
};

const ask_op_row ask_row_conv2d_grad_x = {
    .name = "conv2d_grad_x",
    .n_src = 2,
    .n_required = 2,
    .infer = grad_x_infer,
    .grad = grad_x_grad,
};

const ask_op_row ask_row_conv2d_grad_w = {
    .name = "conv2d_grad_w",
    .n_src = 2,
    .n_required = 2,
    .infer = grad_w_infer,
    .grad = grad_w_grad,
};
