#include "net/block/rms.h"

void ask_rms_bind(ask_rms *out, ask_params *p, const char *name, int64_t n, double eps)
{
    out->w = ask_param(p, ask_init_value(1), 1, &n, "%s.weight", name);
    out->eps = eps;
}

ask_tensor *ask_rms_build(ask_graph *g, const ask_rms *n, ask_tensor *x)
{
    return ask_rms_norm(g, x, n->w, n->eps);
}
