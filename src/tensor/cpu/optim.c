/* Optimiser steps: one pass over parameters, state and gradient. */
#include <math.h>

#include "tensor/cpu/adaptors_priv.h"
#include "tensor/cpu/scalar_priv.h"

/* ---- definitions, as PyTorch's optimisers order the operations ---- */

void adam__scalar(ask_real *p, ask_real *m, ask_real *v, const ask_real *grad, double lr,
                  int64_t step, const ask_adam_options *opt, int64_t n)
{
    double keep = opt->decoupled ? 1 - lr * opt->weight_decay : 1;
    double decay = opt->decoupled ? 0 : opt->weight_decay;
    double rate = lr / (1 - pow(opt->beta1, (double)step));
    double root = sqrt(1 - pow(opt->beta2, (double)step));
    for (int64_t i = 0; i < n; i++) {
        double g = grad[i] + decay * p[i];
        double first = opt->beta1 * m[i] + (1 - opt->beta1) * g;
        double second = opt->beta2 * v[i] + (1 - opt->beta2) * g * g;
        p[i] = (ask_real)(keep * p[i] - rate * first / (sqrt(second) / root + opt->eps));
        m[i] = (ask_real)first;
        v[i] = (ask_real)second;
    }
}

void sgd__scalar(ask_real *p, ask_real *velocity, const ask_real *grad, double lr,
                 const ask_sgd_options *opt, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        double g = grad[i] + opt->weight_decay * p[i];
        if (velocity) {
            g += opt->momentum * velocity[i];
            velocity[i] = (ask_real)g;
        }
        p[i] = (ask_real)(p[i] - lr * g);
    }
}

/* ---- adaptors ---- */

enum { GRAIN = 8192 };

typedef struct {
    const cpu_kernels *kernels;
    const ask_op_params *params;
    ask_real *p, *m, *v; // m: SGD's velocity, or NULL
    const ask_real *grad;
    double lr;
    int64_t step;
} step_job;

static void adam_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const step_job *j = ctx;
    j->kernels->adam(j->p + begin, j->m + begin, j->v + begin, j->grad + begin, j->lr,
                     j->step, &j->params->adam, end - begin);
}

static void sgd_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const step_job *j = ctx;
    j->kernels->sgd(j->p + begin, j->m ? j->m + begin : NULL, j->grad + begin, j->lr,
                    &j->params->sgd, end - begin);
}

static double real_at(const ask_view *v)
{
    return *(const ask_real *)view_data(v);
}

bool cpu_adam(cpu_backend *c, const ask_node *n, ask_error *err)
{
    step_job j = {.kernels = c->kernels,
                  .params = node_params(n),
                  .p = view_data(&n->out),
                  .m = view_data(&n->src[1]),
                  .v = view_data(&n->src[2]),
                  .grad = view_data(&n->src[3]),
                  .lr = real_at(&n->src[4]),
                  .step = *(const int64_t *)view_data(&n->src[5])};
    if (j.step < 1)
        return ask_fail(err, ASK_ERR_USAGE,
                        "adam: steps count from 1, and this one is %lld",
                        (long long)j.step);
    if (!isfinite(j.lr)) return true;
    cpu_parallel(c, view_count(&n->out), GRAIN, adam_part, &j);
    return true;
}

bool cpu_sgd(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    step_job j = {.kernels = c->kernels,
                  .params = node_params(n),
                  .p = view_data(&n->out),
                  .grad = view_data(&n->src[1]),
                  .lr = real_at(&n->src[2]),
                  .m = view_data(&n->src[3])};
    cpu_parallel(c, view_count(&n->out), GRAIN, sgd_part, &j);
    return true;
}
