#include "net/block/gated_mlp.h"

#include "base/str.h"

void ask_gated_mlp_bind(ask_gated_mlp *out, ask_params *p, const char *name, int64_t width,
                        int64_t inner, ask_activation activation, bool bias,
                        double deviation)
{
    const struct {
        const char *name;
        ask_dense *dense;
        int64_t n_in, n_out;
    } parts[] = {
        {"gate_proj", &out->gate, width, inner},
        {"up_proj", &out->up, width, inner},
        {"down_proj", &out->down, inner, width},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char part[256];
        ask_format(part, sizeof part, "%s.%s", name, parts[i].name);
        ask_dense_bind_as(parts[i].dense, p, part, parts[i].n_in, parts[i].n_out, bias,
                          deviation);
    }
    out->activation = activation;
}

ask_tensor *ask_gated_mlp_build(ask_graph *g, const ask_gated_mlp *m, ask_tensor *x)
{
    ask_tensor *gate = ask_activate(g, ask_dense_build(g, &m->gate, x), m->activation);
    ask_tensor *up = ask_dense_build(g, &m->up, x);            // [..., I]
    return ask_dense_build(g, &m->down, ask_mul(g, gate, up)); // [..., C]
}
