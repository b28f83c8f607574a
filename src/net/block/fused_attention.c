#include "net/block/fused_attention.h"

#include "base/str.h"
#include "net/block/heads.h"

void ask_fused_attention_bind(ask_fused_attention *out, ask_params *p, const char *name,
                              const ask_fused_attention_names *names, int64_t width,
                              int n_heads, bool bias, double deviation)
{
    const ask_init zero = ask_init_value(0);
    bool apart = bias && names->q_bias;
    char part[256];
    *out = (ask_fused_attention){.n_heads = n_heads};
    ask_format(part, sizeof part, "%s.%s", name, names->qkv);
    ask_dense_bind_as(&out->qkv, p, part, width, 3 * width, bias && !apart, deviation);
    if (apart) {
        out->q_bias = ask_param(p, zero, 1, &width, "%s.%s", name, names->q_bias);
        out->v_bias = ask_param(p, zero, 1, &width, "%s.%s", name, names->v_bias);
    }
    ask_format(part, sizeof part, "%s.%s", name, names->out);
    ask_dense_bind(&out->out, p, part, width, width, deviation);
}

/* [3 C]; that of the keys is 0 where only the others are given. */
static ask_tensor *bias_of(ask_graph *g, const ask_fused_attention *a)
{
    if (!a->q_bias || !a->v_bias) return a->qkv.b;
    int64_t width = ask_tensor_dim(a->q_bias, 0);
    ask_tensor *none = ask_full(g, 1, &width, 0);
    return ask_concat(g, (ask_tensor *[]){a->q_bias, none, a->v_bias}, 3, 0);
}

ask_tensor *ask_fused_attention_build(ask_graph *g, const ask_fused_attention *a,
                                      ask_tensor *x, const ask_attention_view *view)
{
    int h = a->n_heads;
    ask_tensor *all = ask_linear(g, x, a->qkv.w, bias_of(g, a)); // [B, T, 3 C]
    all = ask_heads_split(g, all, 3 * h);                        // [B, 3 H, T, D]
    ask_tensor *q = ask_slice(g, all, 1, 0, h), *k = ask_slice(g, all, 1, h, 2 * h),
               *v = ask_slice(g, all, 1, 2 * h, 3 * h);
    ask_tensor *mixed = ask_heads_join(g, ask_heads_attend(g, q, k, v, view)); // [B, T, C]
    return ask_dense_build(g, &a->out, mixed);
}
