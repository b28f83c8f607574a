#include "net/block/cross_attention.h"

#include "base/str.h"
#include "net/block/heads.h"

void ask_cross_attention_bind(ask_cross_attention *out, ask_params *p, const char *name,
                              const ask_attention_names *names, int64_t width,
                              int64_t seen_width, int n_heads, double in_deviation,
                              double out_deviation)
{
    const struct {
        const char *name;
        ask_dense *dense;
        int64_t n_in;
        double deviation;
    } parts[] = {
        {names->k, &out->k, seen_width, in_deviation},
        {names->v, &out->v, seen_width, in_deviation},
        {names->q, &out->q, width, in_deviation},
        {names->out, &out->out, width, out_deviation},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char part[256];
        ask_format(part, sizeof part, "%s.%s", name, parts[i].name);
        ask_dense_bind(parts[i].dense, p, part, parts[i].n_in, width, parts[i].deviation);
    }
    out->n_heads = n_heads;
}

/* -> [B, H, T, D] */
static ask_tensor *project(ask_graph *g, const ask_dense *d, ask_tensor *x, int n_heads)
{
    return ask_heads_split(g, ask_dense_build(g, d, x), n_heads);
}

ask_tensor *ask_cross_attention_build(ask_graph *g, const ask_cross_attention *a,
                                      ask_tensor *x, ask_tensor *seen,
                                      const ask_attention_view *view)
{
    ask_tensor *q = project(g, &a->q, x, a->n_heads);    // [B, H, T, D]
    ask_tensor *k = project(g, &a->k, seen, a->n_heads); // [B, H, S, D]
    ask_tensor *v = project(g, &a->v, seen, a->n_heads);
    ask_tensor *mixed = ask_heads_join(g, ask_heads_attend(g, q, k, v, view)); // [B, T, C]
    return ask_dense_build(g, &a->out, mixed);
}
