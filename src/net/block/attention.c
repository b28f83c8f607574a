#include "net/block/attention.h"

#include "base/str.h"

void ask_self_attention_bind(ask_self_attention *out, ask_params *p, const char *name,
                             const ask_attention_names *names, int64_t width, int n_heads,
                             double in_deviation, double out_deviation)
{
    const struct {
        const char *name;
        ask_dense *dense;
        double deviation;
    } parts[] = {
        {names->k, &out->k, in_deviation},
        {names->v, &out->v, in_deviation},
        {names->q, &out->q, in_deviation},
        {names->out, &out->out, out_deviation},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char part[256];
        ask_format(part, sizeof part, "%s.%s", name, parts[i].name);
        ask_dense_bind(parts[i].dense, p, part, width, width, parts[i].deviation);
    }
    out->n_heads = n_heads;
}

/* [B, T, C] -> [B, H, T, C / H] */
static ask_tensor *split_heads(ask_graph *g, ask_tensor *x, int64_t n_heads)
{
    if (!x) return NULL;
    int64_t shape[4] = {ask_tensor_dim(x, 0), ask_tensor_dim(x, 1), n_heads,
                        ask_tensor_dim(x, 2) / n_heads};
    return ask_transpose(g, ask_reshape(g, x, 4, shape), 1, 2);
}

/* [B, H, T, D] -> [B, T, H D] */
static ask_tensor *join_heads(ask_graph *g, ask_tensor *x)
{
    if (!x) return NULL;
    int64_t shape[3] = {ask_tensor_dim(x, 0), ask_tensor_dim(x, 2),
                        ask_tensor_dim(x, 1) * ask_tensor_dim(x, 3)};
    return ask_reshape(g, ask_contiguous(g, ask_transpose(g, x, 1, 2)), 3, shape);
}

/* The engine calls the probabilities "<name>.attn"; whoever wants them by the network's
 * name gets them by that. */
static ask_tensor *attend(ask_graph *g, ask_tensor *q, ask_tensor *k, ask_tensor *v,
                          const ask_attention_view *view)
{
    ask_attention_options opt = {.causal = view->causal, .mask = view->mask};
    if (!view->trace || !ask_graph_wants(g, view->trace))
        return ask_attention(g, q, k, v, &opt);
    char kept[256];
    ask_format(kept, sizeof kept, "%s.attn", view->trace);
    ask_graph_want(g, kept);
    opt.name = view->trace;
    ask_tensor *mixed = ask_attention(g, q, k, v, &opt);
    ask_name(g, ask_graph_find(g, kept), "%s", view->trace);
    return mixed;
}

ask_tensor *ask_self_attention_build(ask_graph *g, const ask_self_attention *a,
                                     ask_tensor *x, const ask_attention_view *view)
{
    ask_tensor *q =
        split_heads(g, ask_dense_build(g, &a->q, x), a->n_heads); // [B, H, T, D]
    ask_tensor *k = split_heads(g, ask_dense_build(g, &a->k, x), a->n_heads);
    ask_tensor *v = split_heads(g, ask_dense_build(g, &a->v, x), a->n_heads);
    ask_tensor *mixed = join_heads(g, attend(g, q, k, v, view)); // [B, T, C]
    return ask_dense_build(g, &a->out, mixed);
}
