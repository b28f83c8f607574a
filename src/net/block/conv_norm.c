#include "net/block/conv_norm.h"

#include <math.h>

static const double MOMENTUM = 0.1; // how far a batch moves the running statistics

/* The norm's four vectors; NULL where there are no values. */
typedef struct {
    float *w, *b, *mean, *var; // [O]
} norm_values;

static norm_values norm_of(ask_params *p, const char *name, int64_t n)
{
    return (norm_values){
        .w = ask_param_values(p, ask_init_value(1), 1, &n, "%s.weight", name),
        .b = ask_param_values(p, ask_init_value(0), 1, &n, "%s.bias", name),
        .mean = ask_param_values(p, ask_init_value(0), 1, &n, "%s.running_mean", name),
        .var = ask_param_values(p, ask_init_value(1), 1, &n, "%s.running_var", name),
    };
}

/* Scales the n weights of each channel, and makes the norm's offset that of the result. */
static void fold(float *w, norm_values *norm, double eps, int64_t n_out, int64_t n)
{
    for (int64_t o = 0; o < n_out; o++) {
        double factor = norm->w[o] / sqrt((double)norm->var[o] + eps);
        for (int64_t i = 0; i < n; i++) w[o * n + i] = (float)(w[o * n + i] * factor);
        norm->b[o] = (float)(norm->b[o] - norm->mean[o] * factor);
    }
}

/* Keeps the size of what passes a ReLU. He et al. 2015, "Delving Deep into Rectifiers". */
static ask_init init_of(int64_t n_in, int64_t volume)
{
    return ask_init_normal(sqrt(2 / ((double)n_in * (double)volume)));
}

static void bind_live(ask_conv_norm *out, ask_params *p, const char *conv, const char *norm,
                      ask_init init, const int64_t *shape, double eps)
{
    const int64_t *n = shape;
    out->w = ask_param(p, init, 2 + out->n_axes, shape, "%s.weight", conv);
    out->norm.w = ask_param(p, ask_init_value(1), 1, n, "%s.weight", norm);
    out->norm.b = ask_param(p, ask_init_value(0), 1, n, "%s.bias", norm);
    out->norm.mean = ask_param(p, ask_init_value(0), 1, n, "%s.running_mean", norm);
    out->norm.var = ask_param(p, ask_init_value(1), 1, n, "%s.running_var", norm);
    out->norm.eps = eps;
}

static void bind_folded(ask_conv_norm *out, ask_params *p, const char *conv,
                        const char *norm, ask_init init, const int64_t *shape, double eps)
{
    const int n_dims = 2 + out->n_axes;
    const int64_t n_out = shape[0];
    int64_t n = 1; // weights of a channel
    for (int i = 1; i < n_dims; i++) n *= shape[i];
    out->opt.relu = out->relu;
    float *w = ask_param_values(p, init, n_dims, shape, "%s.weight", conv);
    norm_values values = norm_of(p, norm, n_out);
    if (!w || !values.w || !values.b || !values.mean || !values.var) return;
    fold(w, &values, eps, n_out, n);
    out->w = ask_params_lend(p, w, n_dims, shape, "%s.weight", conv);
    out->b = ask_params_lend(p, values.b, 1, &n_out, "%s.bias", norm);
}

void ask_conv_norm_bind(ask_conv_norm *out, ask_params *p, const char *conv,
                        const char *norm, const ask_conv_norm_config *c)
{
    int64_t shape[5] = {c->n_out, c->n_in}, volume = 1;
    for (int i = 0; i < c->n_axes; i++) volume *= shape[2 + i] = c->kernel[i];
    *out = (ask_conv_norm){.opt = c->opt, .n_axes = c->n_axes, .relu = c->relu};
    (c->live ? bind_live : bind_folded)(out, p, conv, norm, init_of(c->n_in, volume), shape,
                                        c->eps);
}

static ask_tensor *build_norm(ask_graph *g, const ask_conv_norm *c, ask_tensor *x,
                              ask_norm_use use)
{
    return use == ASK_NORM_BATCH
               ? ask_batch_norm_train(g, x, c->norm.w, c->norm.b, c->norm.mean, c->norm.var,
                                      MOMENTUM, c->norm.eps)
               : ask_batch_norm(g, x, c->norm.w, c->norm.b, c->norm.mean, c->norm.var,
                                c->norm.eps);
}

ask_tensor *ask_conv_norm_build(ask_graph *g, const ask_conv_norm *c, ask_tensor *x,
                                ask_norm_use use)
{
    ask_tensor *y = (c->n_axes == 2 ? ask_conv2d : ask_conv3d)(g, x, c->w, c->b, &c->opt);
    if (!c->norm.w) return y;
    y = build_norm(g, c, y, use);
    return c->relu ? ask_relu(g, y) : y;
}
