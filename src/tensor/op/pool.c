/* Pooling of pictures. Sources: x; of the gradient: x, dy. */
#include "tensor/op/rows_priv.h"
#include "tensor/op/separable_priv.h"

/* Windows along one axis. A last one that hangs over the edge must begin before the padding
 * that follows the picture. */
static int64_t n_windows(int64_t n, int64_t kernel, int64_t stride, int64_t pad,
                         bool ceil_mode)
{
    int64_t room = n + 2 * pad - kernel;
    if (n < 1 || room < 0) return 0;
    int64_t count = (room + (ceil_mode ? stride - 1 : 0)) / stride + 1;
    return (count - 1) * stride < n + pad ? count : count - 1;
}

static bool pool2d_infer(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *x = t->src[0];
    const ask_pool_options *o = &t->params.pool.opt;
    char text[ASK_SHAPE_TEXT];
    if (x->type != ASK_F32 || x->n_dims != 4) {
        ask_graph_fail(g, ASK_ERR_SHAPE,
                       "pool2d: needs pictures, f32 [N, C, H, W], not %s %s",
                       ask_dtype_name(x->type), ask_shape_text(text, x));
        return false;
    }
    int64_t shape[4] = {x->shape[0], x->shape[1]};
    for (int i = 0; i < 2; i++) {
        bool sane = o->kernel[i] > 0 && o->kernel[i] <= INT32_MAX && o->stride[i] > 0 &&
                    o->stride[i] <= INT32_MAX && o->pad[i] >= 0 &&
                    o->pad[i] <= o->kernel[i] / 2;
        if (sane)
            shape[2 + i] = n_windows(x->shape[2 + i], o->kernel[i], o->stride[i], o->pad[i],
                                     o->ceil_mode);
        if (sane && shape[2 + i] > 0) continue;
        ask_graph_fail(
            g, ASK_ERR_SHAPE,
            "pool2d: windows of %lld, steps of %lld and padding of %lld (at most half a "
            "window) do not fit axis %d of %s",
            (long long)o->kernel[i], (long long)o->stride[i], (long long)o->pad[i], 2 + i,
            ask_shape_text(text, x));
        return false;
    }
    ask_set_shape(t, ASK_F32, 4, shape);
    return true;
}

static void pool2d_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                        const bool *need)
{
    if (need[0])
        dx[0] =
            ask_node_add(g, OP_POOL2D_GRAD, &y->params, 2, (ask_tensor *[]){y->src[0], dy});
}

static ask_tensor *pool2d(ask_graph *g, ask_tensor *x, const ask_pool_options *opt,
                          bool max)
{
    ask_op_params params = {.pool = {.opt = *opt, .max = max}};
    for (int i = 0; i < 2; i++)
        if (!opt->stride[i]) params.pool.opt.stride[i] = opt->kernel[i];
    return ask_node_add(g, OP_POOL2D, &params, 1, &x);
}

ask_tensor *ask_max_pool2d(ask_graph *g, ask_tensor *x, const ask_pool_options *opt)
{
    return pool2d(g, x, opt, true);
}

ask_tensor *ask_avg_pool2d(ask_graph *g, ask_tensor *x, const ask_pool_options *opt)
{
    return pool2d(g, x, opt, false);
}

const ask_op_row ask_row_pool2d = {
    .name = "pool2d",
    .n_src = 1,
    .n_required = 1,
    .infer = pool2d_infer,
    .grad = pool2d_grad,
};

const ask_op_row ask_row_pool2d_grad = {
    .name = "pool2d_grad", .n_src = 2, .n_required = 2, .infer = ask_infer_same};

/* Bin i goes from floor(i n_in / n_out) to ceil((i + 1) n_in / n_out). */
static axis_map bins_of(ask_graph *g, int64_t n_in, int64_t n_out)
{
    axis_map m = ask_axis_map(g, n_in, n_out);
    for (int64_t i = 0; i < n_out && m.weight; i++) {
        int64_t begin = i * n_in / n_out;
        int64_t end = ((i + 1) * n_in + n_out - 1) / n_out;
        for (int64_t k = begin; k < end; k++)
            ask_axis_map_add(&m, i, k, 1 / (double)(end - begin));
    }
    return m;
}

ask_tensor *ask_adaptive_avg_pool2d(ask_graph *g, ask_tensor *x, int64_t height,
                                    int64_t width)
{
    if (!x)
        return ask_graph_fail(g, ASK_ERR_BUG, "adaptive_avg_pool2d: the source is missing");
    if (!ask_check_resize(g, x, height, width, "adaptive_avg_pool2d")) return NULL;
    if (height == 1 && width == 1) return ask_mean(g, x, 1u << 2 | 1u << 3, true);
    axis_map rows = bins_of(g, x->shape[2], height);
    axis_map cols = bins_of(g, x->shape[3], width);
    return ask_separable(g, x, &rows, &cols);
}
