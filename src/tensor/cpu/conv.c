/* Convolutions in up to three dimensions: the definitions, those that are one matrix
 * product of ours, and the ways to the other kernels of ours and to oneDNN. */
#include "tensor/cpu/conv_priv.h"

#include "tensor/cpu/adaptors_priv.h"
#include "tensor/cpu/gemm_priv.h"
#include "tensor/cpu/onednn_priv.h"
#include "tensor/cpu/patches_priv.h"
#include "tensor/cpu/winograd_priv.h"

/* ---- definitions, one element of the result each ----
 *
 * Element `at` of y meets element k of the kernel at element at * stride - pad + k *
 * dilation of x, along each axis. */

/* Splits an index into those of five axes, of which the last four have these sizes. */
static void split(int64_t index, int64_t at[5], int64_t size1, const int64_t size[3])
{
    for (int a = 2; a >= 0; a--) {
        at[2 + a] = index % size[a];
        index /= size[a];
    }
    at[1] = index % size1;
    at[0] = index / size1;
}

static int64_t volume(const int64_t size[3])
{
    return size[0] * size[1] * size[2];
}

/* What channel c of sample n has where element `at` of y meets element k of the kernel; 0
 * in the padding. */
static double x_meeting(const conv_shape *s, const conv_data *d, int64_t n, int64_t c,
                        const int64_t at[3], const int64_t k[3])
{
    int64_t i = n * s->c + c;
    for (int a = 0; a < 3; a++) {
        int64_t place = at[a] * s->stride[a] - s->pad[a] + k[a] * s->dilation[a];
        if (place < 0 || place >= s->in[a]) return 0;
        i = i * s->in[a] + place;
    }
    return d->x[i];
}

static double y_element(const conv_shape *s, const conv_data *d, int64_t index)
{
    int64_t at[5], k[3], in_group = s->c / s->groups;
    split(index, at, s->o, s->out);
    int64_t first = at[1] / (s->o / s->groups) * in_group;
    const ask_real *w = d->w + at[1] * in_group * volume(s->kernel);
    double sum = d->bias ? d->bias[at[1]] : 0;
    for (int64_t c = first; c < first + in_group; c++)
        for (k[0] = 0; k[0] < s->kernel[0]; k[0]++)
            for (k[1] = 0; k[1] < s->kernel[1]; k[1]++)
                for (k[2] = 0; k[2] < s->kernel[2]; k[2]++)
                    sum += *w++ * x_meeting(s, d, at[0], c, &at[2], k);
    return s->relu && sum < 0 ? 0 : sum;
}

static double w_element(const conv_shape *s, const conv_data *d, int64_t index)
{
    int64_t at[5], y[3], in_group = s->c / s->groups;
    split(index, at, in_group, s->kernel);
    int64_t c = at[0] / (s->o / s->groups) * in_group + at[1];
    double sum = 0;
    for (int64_t n = 0; n < s->n; n++) {
        const ask_real *dy = d->y + (n * s->o + at[0]) * volume(s->out);
        for (y[0] = 0; y[0] < s->out[0]; y[0]++)
            for (y[1] = 0; y[1] < s->out[1]; y[1]++)
                for (y[2] = 0; y[2] < s->out[2]; y[2]++)
                    sum += *dy++ * x_meeting(s, d, n, c, y, &at[2]);
    }
    return sum;
}

/* The element of a channel of y that meets element `at` of x at element k of the kernel; or
 * -1. */
static int64_t y_meeting(const conv_shape *s, const int64_t at[3], const int64_t k[3])
{
    int64_t i = 0;
    for (int a = 0; a < 3; a++) {
        int64_t steps = at[a] + s->pad[a] - k[a] * s->dilation[a];
        bool meets =
            steps >= 0 && steps % s->stride[a] == 0 && steps / s->stride[a] < s->out[a];
        if (!meets) return -1;
        i = i * s->out[a] + steps / s->stride[a];
    }
    return i;
}

static double x_element(const conv_shape *s, const conv_data *d, int64_t index)
{
    int64_t at[5], k[3], in_group = s->c / s->groups, out_group = s->o / s->groups;
    split(index, at, s->c, s->in);
    int64_t group = at[1] / in_group, c = at[1] % in_group;
    double sum = 0;
    for (int64_t o = group * out_group; o < (group + 1) * out_group; o++) {
        const ask_real *w = d->w + (o * in_group + c) * volume(s->kernel);
        const ask_real *dy = d->y + (at[0] * s->o + o) * volume(s->out);
        for (k[0] = 0; k[0] < s->kernel[0]; k[0]++)
            for (k[1] = 0; k[1] < s->kernel[1]; k[1]++)
                for (k[2] = 0; k[2] < s->kernel[2]; k[2]++, w++) {
                    int64_t met = y_meeting(s, &at[2], k);
                    if (met >= 0) sum += (double)*w * dy[met];
                }
    }
    return sum;
}

typedef struct {
    const conv_shape *shape;
    const conv_data *data;
} conv_job;

static void conv__scalar(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const conv_job *job = ctx;
    static double (*const element[])(const conv_shape *, const conv_data *, int64_t) = {
        [CONV_Y] = y_element, [CONV_X] = x_element, [CONV_W] = w_element};
    ask_real *const result[] = {
        [CONV_Y] = job->data->y, [CONV_X] = job->data->x, [CONV_W] = job->data->w};
    conv_form form = job->shape->form;
    for (int64_t i = begin; i < end; i++)
        result[form][i] = (ask_real)element[form](job->shape, job->data, i);
}

/* ---- as a product ---- */

/* Whether x can be unfolded: the convolution leaves its size as it is. */
static bool is_product(const cpu_backend *c, const conv_shape *s)
{
    bool fits = s->form == CONV_Y && s->groups == 1 && cpu_gemm_kernel_of(c)->pack &&
                volume(s->kernel) <= UNFOLD_MOST_TAPS;
    for (int a = 0; a < 3 && fits; a++)
        fits = s->stride[a] == 1 && s->in[a] == s->out[a] &&
               s->in[a] <= UNFOLD_LONGEST_AXIS &&
               s->dilation[a] * s->kernel[a] <= UNFOLD_LONGEST_AXIS;
    return fits;
}

/* Of each sample: y = w times what x unfolds to. */
static void run_product(const cpu_backend *c, const conv_shape *s, const conv_data *d,
                        ask_real *scratch)
{
    cpu_unfold unfold = {.n_channels = s->c};
    for (int a = 0; a < 3; a++) {
        unfold.size[a] = s->in[a];
        unfold.kernel[a] = s->kernel[a];
        unfold.pad[a] = s->pad[a];
        unfold.dilation[a] = s->dilation[a];
    }
    int64_t n = volume(s->out), k = s->c * volume(s->kernel);
    const cpu_gemm_batch batch = {.one = {.c = d->y,
                                          .c_row = n,
                                          .a = d->w,
                                          .a_row = k,
                                          .a_col = 1,
                                          .b = d->x,
                                          .unfold = &unfold,
                                          .bias = d->bias,
                                          .bias_of_rows = true,
                                          .relu = s->relu,
                                          .scale = 1,
                                          .m = s->o,
                                          .n = n,
                                          .k = k},
                                  .n_dims = 1,
                                  .shape = {s->n},
                                  .b_step = {s->c * volume(s->in)}};
    cpu_gemm_run(c, &batch, scratch);
}

/* ---- after oneDNN, which makes 0 of a NaN ---- */

typedef struct {
    const cpu_kernels *kernels;
    ask_real *y;
} relu_job;

static void relu_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const relu_job *job = ctx;
    ask_real *y = job->y + begin;
    job->kernels->unary(UNARY_RELU, 0, 0, y, y, 1, end - begin);
}

static void relu(const cpu_backend *c, ask_real *y, int64_t n)
{
    enum { GRAIN = 32768 }; // elements worth a thread
    relu_job job = {c->kernels, y};
    cpu_parallel(c, n, GRAIN, relu_part, &job);
}

/* ---- adaptors ---- */

static conv_shape shape_of(const ask_node *n, conv_form form)
{
    const ask_op_params *p = node_params(n);
    const ask_conv_options *o = &p->conv.opt;
    const int64_t *x = p->conv.x_shape, *w = p->conv.w_shape;
    conv_shape s = {.form = form,
                    .n = x[0],
                    .c = x[1],
                    .o = w[0],
                    .groups = o->groups,
                    .in = {1, 1, 1},
                    .kernel = {1, 1, 1},
                    .stride = {1, 1, 1},
                    .dilation = {1, 1, 1},
                    .has_bias = form == CONV_Y && n->src[2].buffer,
                    .relu = form == CONV_Y && o->relu};
    for (int i = 0; i < p->conv.n_axes; i++) {
        int a = 3 - p->conv.n_axes + i;
        s.in[a] = x[2 + i];
        s.kernel[a] = w[2 + i];
        s.stride[a] = o->stride[i];
        s.pad[a] = o->pad[i];
        s.pad_end[a] = o->pad_end[i];
        s.dilation[a] = o->dilation[i];
    }
    for (int a = 0; a < 3; a++) {
        int64_t padded = s.in[a] + 2 * s.pad[a] + s.pad_end[a];
        int64_t extent = s.dilation[a] * (s.kernel[a] - 1) + 1;
        s.out[a] = (padded - extent) / s.stride[a] + 1;
    }
    return s;
}

static bool uses_onednn(const cpu_backend *c, const conv_shape *s)
{
    return c->onednn && s->n && s->c && s->o && volume(s->in);
}

static bool run(cpu_backend *c, const ask_node *n, conv_form form, const conv_data *data,
                const ask_view *weights, ask_error *err)
{
    conv_shape shape = shape_of(n, form);
    if (cpu_patches_take(c, &shape)) {
        cpu_patches_run(c, &shape, data, view_data(&n->scratch));
        return true;
    }
    if (cpu_winograd_takes(c, &shape)) {
        cpu_winograd_run(c, &shape, data, view_data(&n->scratch));
        return true;
    }
    if (is_product(c, &shape)) {
        run_product(c, &shape, data, view_data(&n->scratch));
        return true;
    }
    if (uses_onednn(c, &shape)) {
        // Planning may not have had the memory to find out, which it could not say.
        if ((size_t)n->scratch.shape[0] < cpu_onednn_conv_scratch(c->onednn, &shape))
            return ask_fail(err, ASK_ERR_NOMEM, "out of memory: planning a convolution");
        if (!cpu_onednn_conv(c->onednn, &shape, data, weights, view_data(&n->scratch), err))
            return false;
        if (shape.relu) relu(c, data->y, view_count(&n->out));
        return true;
    }
    conv_job job = {.shape = &shape, .data = data};
    cpu_parallel(c, view_count(&n->out), 64, conv__scalar, &job);
    return true;
}

static size_t scratch(const cpu_backend *c, const ask_node *n, conv_form form)
{
    conv_shape shape = shape_of(n, form);
    if (cpu_patches_take(c, &shape)) return cpu_patches_scratch(c, &shape);
    if (cpu_winograd_takes(c, &shape)) return cpu_winograd_scratch(c, &shape);
    if (is_product(c, &shape)) return cpu_gemm_scratch_bytes(c);
    return uses_onednn(c, &shape) ? cpu_onednn_conv_scratch(c->onednn, &shape) : 0;
}

bool cpu_conv(cpu_backend *c, const ask_node *n, ask_error *err)
{
    conv_data data = {.x = view_data(&n->src[0]),
                      .w = view_data(&n->src[1]),
                      .bias = view_data(&n->src[2]),
                      .y = view_data(&n->out)};
    return run(c, n, CONV_Y, &data, &n->src[1], err);
}

bool cpu_conv_grad_x(cpu_backend *c, const ask_node *n, ask_error *err)
{
    conv_data data = {
        .y = view_data(&n->src[0]), .w = view_data(&n->src[1]), .x = view_data(&n->out)};
    return run(c, n, CONV_X, &data, &n->src[1], err);
}

bool cpu_conv_grad_w(cpu_backend *c, const ask_node *n, ask_error *err)
{
    conv_data data = {
        .x = view_data(&n->src[0]), .y = view_data(&n->src[1]), .w = view_data(&n->out)};
    return run(c, n, CONV_W, &data, NULL, err);
}

size_t cpu_conv_scratch(const cpu_backend *c, const ask_node *n)
{
    return scratch(c, n, CONV_Y);
}

size_t cpu_conv_grad_x_scratch(const cpu_backend *c, const ask_node *n)
{
    return scratch(c, n, CONV_X);
}

size_t cpu_conv_grad_w_scratch(const cpu_backend *c, const ask_node *n)
{
    return scratch(c, n, CONV_W);
}
