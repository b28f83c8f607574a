#include "net/block/dense.h"

#include <math.h>

double ask_glorot(int64_t n_in, int64_t n_out)
{
    return sqrt(2 / (double)(n_in + n_out));
}

void ask_dense_bind_plain(ask_dense *out, ask_params *p, const char *name, int64_t n_in,
                          int64_t n_out, double deviation)
{
    *out = (ask_dense){.w = ask_param_matrix(p, ask_init_normal(deviation), n_out, n_in,
                                             "%s.weight", name)};
}

void ask_dense_bind(ask_dense *out, ask_params *p, const char *name, int64_t n_in,
                    int64_t n_out, double deviation)
{
    ask_dense_bind_plain(out, p, name, n_in, n_out, deviation);
    out->b = ask_param(p, ask_init_value(0), 1, &n_out, "%s.bias", name);
}

void ask_dense_bind_as(ask_dense *out, ask_params *p, const char *name, int64_t n_in,
                       int64_t n_out, bool bias, double deviation)
{
    if (bias)
        ask_dense_bind(out, p, name, n_in, n_out, deviation);
    else
        ask_dense_bind_plain(out, p, name, n_in, n_out, deviation);
}

void ask_dense_bind_turned(ask_dense *out, ask_params *p, const char *name, int64_t n_in,
                           int64_t n_out, double deviation)
{
    *out = (ask_dense){
        .w = ask_param(p, ask_init_normal(deviation), 2, (int64_t[]){n_in, n_out},
                       "%s.weight", name),
        .b = ask_param(p, ask_init_value(0), 1, &n_out, "%s.bias", name),
        .turned = true,
    };
}

ask_tensor *ask_dense_build(ask_graph *g, const ask_dense *d, ask_tensor *x)
{
    ask_tensor *y =
        d->turned ? ask_add(g, ask_matmul(g, x, d->w), d->b) : ask_linear(g, x, d->w, d->b);
    return ask_lora_add(g, &d->added, y, x);
}

void ask_norm_bind(ask_norm *out, ask_params *p, const char *name, int64_t n, double eps)
{
    bool is_old =
        !ask_params_has(p, "%s.weight", name) && ask_params_has(p, "%s.gamma", name);
    out->w =
        ask_param(p, ask_init_value(1), 1, &n, "%s.%s", name, is_old ? "gamma" : "weight");
    out->b =
        ask_param(p, ask_init_value(0), 1, &n, "%s.%s", name, is_old ? "beta" : "bias");
    out->eps = eps;
}

ask_tensor *ask_norm_build(ask_graph *g, const ask_norm *n, ask_tensor *x)
{
    return ask_layer_norm(g, x, n->w, n->b, n->eps);
}
