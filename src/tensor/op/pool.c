/* Pooling of pictures and clips. Sources: x; of the gradient: x, dy. */
#include "tensor/op/rows_priv.h"
#include "tensor/op/separable_priv.h"

/* Windows along axis i, of size n. A last one that hangs over the edge must begin before
 * the padding that follows. */
static int64_t n_windows(const ask_pool_options *o, int i, int64_t n)
{
    int64_t stride = o->stride[i], room = n + 2 * o->pad[i] + o->pad_end[i] - o->kernel[i];
    if (n < 1 || room < 0) return 0;
    int64_t count = (room + (o->ceil_mode ? stride - 1 : 0)) / stride + 1;
    return (count - 1) * stride < n + o->pad[i] ? count : count - 1;
}

/* Whether every window would see something. */
static bool is_sane(const ask_pool_options *o, int i)
{
    return o->kernel[i] > 0 && o->kernel[i] <= INT32_MAX && o->stride[i] > 0 &&
           o->stride[i] <= INT32_MAX && o->pad[i] >= 0 && o->pad[i] <= o->kernel[i] / 2 &&
           o->pad_end[i] >= 0 && o->pad_end[i] <= o->kernel[i] / 2;
}

static bool pool_infer(ask_graph *g, ask_tensor *t)
{
    const ask_tensor *x = t->src[0];
    const ask_pool_options *o = &t->params.pool.opt;
    int n_axes = t->params.pool.n_axes;
    char text[ASK_SHAPE_TEXT];
    if (x->type != ASK_F32 || x->n_dims != 2 + n_axes) {
        ask_graph_fail(g, ASK_ERR_SHAPE, "pool%dd: needs %s, not %s %s", n_axes,
                       n_axes == 2 ? "pictures, f32 [N, C, H, W]"
                                   : "clips, f32 [N, C, T, H, W]",
                       ask_dtype_name(x->type), ask_shape_text(text, x));
        return false;
    }
    int64_t shape[ASK_MAX_DIMS] = {x->shape[0], x->shape[1]};
    for (int i = 0; i < n_axes; i++) {
        shape[2 + i] = is_sane(o, i) ? n_windows(o, i, x->shape[2 + i]) : 0;
        if (shape[2 + i] > 0) continue;
        ask_graph_fail(
            g, ASK_ERR_SHAPE,
            "pool%dd: windows of %lld, steps of %lld and padding of %lld and %lld (each at "
            "most half a window) do not fit axis %d of %s",
            n_axes, (long long)o->kernel[i], (long long)o->stride[i], (long long)o->pad[i],
            (long long)o->pad_end[i], 2 + i, ask_shape_text(text, x));
        return false;
    }
    ask_set_shape(t, ASK_F32, 2 + n_axes, shape);
    return true;
}

static void pool_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                      const bool *need)
{
    if (need[0])
        dx[0] =
            ask_node_add(g, OP_POOL_GRAD, &y->params, 2, (ask_tensor *[]){y->src[0], dy});
}

static ask_tensor *pool(ask_graph *g, int n_axes, ask_tensor *x,
                        const ask_pool_options *opt, bool max)
{
    ask_op_params params = {.pool = {.opt = *opt, .n_axes = n_axes, .max = max}};
    for (int i = 0; i < n_axes; i++)
        if (!opt->stride[i]) params.pool.opt.stride[i] = opt->kernel[i];
    return ask_node_add(g, OP_POOL, &params, 1, &x);
}

ask_tensor *ask_max_pool2d(ask_graph *g, ask_tensor *x, const ask_pool_options *opt)
{
    return pool(g, 2, x, opt, true);
}

ask_tensor *ask_max_pool3d(ask_graph *g, ask_tensor *x, const ask_pool_options *opt)
{
    return pool(g, 3, x, opt, true);
}

ask_tensor *ask_avg_pool2d(ask_graph *g, ask_tensor *x, const ask_pool_options *opt)
{
    return pool(g, 2, x, opt, false);
}

const ask_op_row ask_row_pool = {
    .name = "pool",
    .n_src = 1,
    .n_required = 1,
    .infer = pool_infer,
    .grad = pool_grad,
};

const ask_op_row ask_row_pool_grad = {
    .name = "pool_grad", .n_src = 2, .n_required = 2, .infer = ask_infer_same};

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
