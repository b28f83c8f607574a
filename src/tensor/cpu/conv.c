/* Convolutions: the definitions, and the way to oneDNN. */
#include "tensor/cpu/conv_priv.h"

#include "tensor/cpu/adaptors_priv.h"
#include "tensor/cpu/onednn_priv.h"

/* ---- definitions, one element of the result each ----
 *
 * Element (row, column) of y meets element (i, j) of the kernel at element (row, column) *
 * stride - pad + (i, j) * dilation of x. */

/* Splits an index into those of four axes, of which the last three have these sizes. */
static void split(int64_t index, int64_t at[4], int64_t size1, int64_t size2, int64_t size3)
{
    at[3] = index % size3;
    at[2] = index / size3 % size2;
    at[1] = index / size3 / size2 % size1;
    at[0] = index / size3 / size2 / size1;
}

/* Element (n, c, row, column) of x; 0 in the padding. */
static double x_at(const conv_shape *s, const conv_data *d, int64_t n, int64_t c,
                   int64_t row, int64_t column)
{
    bool inside = row >= 0 && row < s->in[0] && column >= 0 && column < s->in[1];
    return inside ? d->x[((n * s->c + c) * s->in[0] + row) * s->in[1] + column] : 0;
}

static double y_element(const conv_shape *s, const conv_data *d, int64_t index)
{
    int64_t at[4], in_group = s->c / s->groups;
    split(index, at, s->o, s->out[0], s->out[1]);
    int64_t first = at[1] / (s->o / s->groups) * in_group;
    const ask_real *w = d->w + at[1] * in_group * s->kernel[0] * s->kernel[1];
    double sum = d->bias ? d->bias[at[1]] : 0;
    for (int64_t c = 0; c < in_group; c++)
        for (int64_t i = 0; i < s->kernel[0]; i++)
            for (int64_t j = 0; j < s->kernel[1]; j++)
                sum += *w++ * x_at(s, d, at[0], first + c,
                                   at[2] * s->stride[0] - s->pad[0] + i * s->dilation[0],
                                   at[3] * s->stride[1] - s->pad[1] + j * s->dilation[1]);
    return sum;
}

static double w_element(const conv_shape *s, const conv_data *d, int64_t index)
{
    int64_t at[4], in_group = s->c / s->groups;
    split(index, at, in_group, s->kernel[0], s->kernel[1]);
    int64_t c = at[0] / (s->o / s->groups) * in_group + at[1];
    double sum = 0;
    for (int64_t n = 0; n < s->n; n++) {
        const ask_real *dy = d->y + (n * s->o + at[0]) * s->out[0] * s->out[1];
        for (int64_t row = 0; row < s->out[0]; row++)
            for (int64_t column = 0; column < s->out[1]; column++)
                sum += *dy++ *
                       x_at(s, d, n, c,
                            row * s->stride[0] - s->pad[0] + at[2] * s->dilation[0],
                            column * s->stride[1] - s->pad[1] + at[3] * s->dilation[1]);
    }
    return sum;
}

/* The element of y, along axis a, that meets element `at` of x at element k of the kernel;
 * or -1. */
static int64_t y_meeting(const conv_shape *s, int a, int64_t at, int64_t k)
{
    int64_t steps = at + s->pad[a] - k * s->dilation[a];
    bool meets =
        steps >= 0 && steps % s->stride[a] == 0 && steps / s->stride[a] < s->out[a];
    return meets ? steps / s->stride[a] : -1;
}

static double x_element(const conv_shape *s, const conv_data *d, int64_t index)
{
    int64_t at[4], in_group = s->c / s->groups, out_group = s->o / s->groups;
    split(index, at, s->c, s->in[0], s->in[1]);
    int64_t group = at[1] / in_group, c = at[1] % in_group;
    double sum = 0;
    for (int64_t o = group * out_group; o < (group + 1) * out_group; o++) {
        const ask_real *w = d->w + (o * in_group + c) * s->kernel[0] * s->kernel[1];
        const ask_real *dy = d->y + (at[0] * s->o + o) * s->out[0] * s->out[1];
        for (int64_t i = 0; i < s->kernel[0]; i++) {
            for (int64_t j = 0; j < s->kernel[1]; j++) {
                int64_t row = y_meeting(s, 0, at[2], i), column = y_meeting(s, 1, at[3], j);
                if (row >= 0 && column >= 0)
                    sum += (double)w[i * s->kernel[1] + j] * dy[row * s->out[1] + column];
            }
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
                    .has_bias = form == CONV_Y && n->src[2].buffer};
    for (int i = 0; i < 2; i++) {
        s.in[i] = x[2 + i];
        s.kernel[i] = w[2 + i];
        s.stride[i] = o->stride[i];
        s.pad[i] = o->pad[i];
        s.dilation[i] = o->dilation[i];
        s.out[i] =
            (s.in[i] + 2 * s.pad[i] - s.dilation[i] * (s.kernel[i] - 1) - 1) / s.stride[i] +
            1;
    }
    return s;
}

static bool uses_onednn(const cpu_backend *c, const conv_shape *s)
{
    return c->onednn && s->n && s->c && s->o && s->in[0] && s->in[1];
}

static bool run(cpu_backend *c, const ask_node *n, conv_form form, const conv_data *data,
                const ask_view *weights, ask_error *err)
{
    conv_shape shape = shape_of(n, form);
    if (uses_onednn(c, &shape)) {
        // Planning may not have had the memory to find out, which it could not say.
        if ((size_t)n->scratch.shape[0] < cpu_onednn_conv_scratch(c->onednn, &shape))
            return ask_fail(err, ASK_ERR_NOMEM, "out of memory: planning a convolution");
        return cpu_onednn_conv(c->onednn, &shape, data, weights, view_data(&n->scratch),
                               err);
    }
    conv_job job = {.shape = &shape, .data = data};
    cpu_parallel(c, view_count(&n->out), 64, conv__scalar, &job);
    return true;
}

static size_t scratch(const cpu_backend *c, const ask_node *n, conv_form form)
{
    conv_shape shape = shape_of(n, form);
    return uses_onednn(c, &shape) ? cpu_onednn_conv_scratch(c->onednn, &shape) : 0;
}

bool cpu_conv2d(cpu_backend *c, const ask_node *n, ask_error *err)
{
    conv_data data = {.x = view_data(&n->src[0]),
                      .w = view_data(&n->src[1]),
                      .bias = view_data(&n->src[2]),
                      .y = view_data(&n->out)};
    return run(c, n, CONV_Y, &data, &n->src[1], err);
}

bool cpu_conv2d_grad_x(cpu_backend *c, const ask_node *n, ask_error *err)
{
    conv_data data = {
        .y = view_data(&n->src[0]), .w = view_data(&n->src[1]), .x = view_data(&n->out)};
    return run(c, n, CONV_X, &data, &n->src[1], err);
}

bool cpu_conv2d_grad_w(cpu_backend *c, const ask_node *n, ask_error *err)
{
    conv_data data = {
        .x = view_data(&n->src[0]), .y = view_data(&n->src[1]), .w = view_data(&n->out)};
    return run(c, n, CONV_W, &data, NULL, err);
}

size_t cpu_conv2d_scratch(const cpu_backend *c, const ask_node *n)
{
    return scratch(c, n, CONV_Y);
}

size_t cpu_conv2d_grad_x_scratch(const cpu_backend *c, const ask_node *n)
{
    return scratch(c, n, CONV_X);
}

size_t cpu_conv2d_grad_w_scratch(const cpu_backend *c, const ask_node *n)
{
    return scratch(c, n, CONV_W);
}
