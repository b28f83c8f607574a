#include "net/block/mlp.h"

#include "base/str.h"

void ask_mlp_bind(ask_mlp *out, ask_params *p, const char *name, const ask_mlp_names *names,
                  int64_t width, int64_t inner, ask_activation activation,
                  double in_deviation, double out_deviation)
{
    char part[256];
    ask_format(part, sizeof part, "%s.%s", name, names->in);
    ask_dense_bind(&out->in, p, part, width, inner, in_deviation);
    ask_format(part, sizeof part, "%s.%s", name, names->out);
    ask_dense_bind(&out->out, p, part, inner, width, out_deviation);
    out->activation = activation;
}

ask_tensor *ask_mlp_build(ask_graph *g, const ask_mlp *m, ask_tensor *x)
{
    ask_tensor *inner = ask_dense_build(g, &m->in, x);                         // [..., I]
    return ask_dense_build(g, &m->out, ask_activate(g, inner, m->activation)); // [..., C]
}
