#include "net/block/heads.h"

#include "base/str.h"

ask_tensor *ask_heads_split(ask_graph *g, ask_tensor *x, int64_t n_heads)
{
    if (!x) return NULL;
    int64_t shape[4] = {ask_tensor_dim(x, 0), ask_tensor_dim(x, 1), n_heads,
                        ask_tensor_dim(x, 2) / n_heads};
    return ask_transpose(g, ask_reshape(g, x, 4, shape), 1, 2);
}

ask_tensor *ask_heads_join(ask_graph *g, ask_tensor *x)
{
    if (!x) return NULL;
    int64_t shape[3] = {ask_tensor_dim(x, 0), ask_tensor_dim(x, 2),
                        ask_tensor_dim(x, 1) * ask_tensor_dim(x, 3)};
    return ask_reshape(g, ask_contiguous(g, ask_transpose(g, x, 1, 2)), 3, shape);
}

static ask_attention_options options_of(const ask_attention_view *view)
{
    ask_attention_options opt = {.scale = view->scale,
                                 .causal = view->causal,
                                 .window = view->window,
                                 .n_valid = view->n_valid,
                                 .mask = view->mask,
                                 .added = view->added};
    if (view->dropping && view->dropout > 0) {
        opt.dropout.p = view->dropout;
        opt.dropout.seed = ask_dropping_next(view->dropping);
        opt.dropout.step = view->dropping->step;
    }
    return opt;
}

/* The engine calls the probabilities "<name>.attn"; whoever wants them by the network's
 * name gets them by that. */
ask_tensor *ask_heads_attend(ask_graph *g, ask_tensor *q, ask_tensor *k, ask_tensor *v,
                             const ask_attention_view *view)
{
    ask_attention_options opt = options_of(view);
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
