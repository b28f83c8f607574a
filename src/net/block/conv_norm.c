#include "net/block/conv_norm.h"

#include <math.h>

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

void ask_conv_norm_bind(ask_conv_norm *out, ask_params *p, const char *conv,
                        const char *norm, const ask_conv_norm_config *c)
{
    const int64_t shape[] = {c->n_out, c->n_in, c->kernel[0], c->kernel[1], c->kernel[2]};
    int64_t volume = c->kernel[0] * c->kernel[1] * c->kernel[2];
    *out = (ask_conv_norm){.opt = c->opt};
    out->opt.relu = true;
    ask_init init = ask_init_normal(sqrt(2 / ((double)c->n_in * (double)volume)));
    float *w = ask_param_values(p, init, 5, shape, "%s.weight", conv);
    norm_values values = norm_of(p, norm, c->n_out);
    if (!w || !values.w || !values.b || !values.mean || !values.var) return;
    fold(w, &values, c->eps, c->n_out, c->n_in * volume);
    out->w = ask_params_lend(p, w, 5, shape, "%s.weight", conv);
    out->b = ask_params_lend(p, values.b, 1, &c->n_out, "%s.bias", norm);
}

ask_tensor *ask_conv_norm_build(ask_graph *g, const ask_conv_norm *c, ask_tensor *x)
{
    return ask_conv3d(g, x, c->w, c->b, &c->opt);
}
