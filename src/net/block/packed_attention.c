#include "net/block/packed_attention.h"

#include "base/str.h"
#include "net/block/heads.h"

void ask_packed_attention_bind(ask_packed_attention *out, ask_params *p, const char *name,
                               int64_t width, int n_heads)
{
    const int64_t rows = 3 * width;
    char part[256];
    ask_format(part, sizeof part, "%s.out_proj", name);
    out->n_heads = n_heads;
    out->in_w = ask_param(p, ask_init_normal(ask_glorot(width, rows)), 2,
                          (int64_t[]){rows, width}, "%s.in_proj_weight", name);
    out->in_b = ask_param(p, ask_init_value(0), 1, &rows, "%s.in_proj_bias", name);
    ask_dense_bind(&out->out, p, part, width, width, ask_glorot(width, width));
}

/* The projections first .. first + n of x.  [B, T, C] -> n of [B, H, T, D] */
static void project(ask_tensor *out[], ask_graph *g, const ask_packed_attention *a,
                    ask_tensor *x, int first, int n)
{
    for (int i = 0; i < n; i++) out[i] = NULL;
    if (!x || !a->in_w) return;
    int64_t width = ask_tensor_dim(a->in_w, 1);
    int64_t begin = first * width, end = begin + n * width;
    ask_tensor *all = ask_linear(g, x, ask_slice(g, a->in_w, 0, begin, end),
                                 ask_slice(g, a->in_b, 0, begin, end)); // [B, T, n C]
    all = ask_heads_split(g, all, n * a->n_heads);                      // [B, n H, T, D]
    for (int i = 0; i < n; i++)
        out[i] = ask_slice(g, all, 1, i * a->n_heads, (i + 1) * a->n_heads);
}

ask_tensor *ask_packed_attention_build(ask_graph *g, const ask_packed_attention *a,
                                       ask_tensor *queries, ask_tensor *keys,
                                       ask_tensor *values, const ask_attention_view *view)
{
    ask_tensor *const in[3] = {queries, keys, values};
    ask_tensor *heads[3]; // [B, H, T, D]
    for (int i = 0, n; i < 3; i += n) {
        for (n = 1; i + n < 3 && in[i + n] == in[i];) n++;
        project(&heads[i], g, a, in[i], i, n);
    }
    ask_tensor *mixed = ask_heads_attend(g, heads[0], heads[1], heads[2], view);
    return ask_dense_build(g, &a->out, ask_heads_join(g, mixed)); // [B, Tq, C]
}
