/* Attention (Vaswani et al. 2017), with grouped heads (Ainslie et al. 2023): as one node,
 * and as the ops it stands for. Sources: q, k, v, mask?, n_valid?. */
#include <math.h>
#include <stdio.h>

#include "tensor/op/rows_priv.h"
#include "tensor/real_priv.h"

enum { Q, K, V, MASK, N_VALID, N_SOURCES };

/* ---- the fused node ---- */

static bool sizes_fit(const ask_tensor *q, const ask_tensor *k, const ask_tensor *v)
{
    if (q->n_dims != 4 || k->n_dims != 4 || v->n_dims != 4) return false;
    bool types = q->type == ASK_F32 && k->type == ASK_F32 && v->type == ASK_F32;
    bool batch = q->shape[0] == k->shape[0] && k->shape[0] == v->shape[0];
    bool heads = k->shape[1] == v->shape[1] &&
                 (k->shape[1] ? q->shape[1] % k->shape[1] == 0 : q->shape[1] == 0);
    return types && batch && heads && q->shape[3] == k->shape[3] &&
           k->shape[2] == v->shape[2];
}

static bool attention_fits(ask_graph *g, ask_tensor *const src[N_SOURCES])
{
    const ask_tensor *q = src[Q], *k = src[K], *v = src[V];
    const ask_tensor *mask = src[MASK], *n_valid = src[N_VALID];
    if (!sizes_fit(q, k, v)) {
        char text_q[ASK_SHAPE_TEXT], text_k[ASK_SHAPE_TEXT], text_v[ASK_SHAPE_TEXT];
        ask_graph_fail(g, ASK_ERR_SHAPE, "attention: q %s, k %s and v %s do not fit",
                       ask_shape_text(text_q, q), ask_shape_text(text_k, k),
                       ask_shape_text(text_v, v));
        return false;
    }
    if (mask && mask->type != ASK_BOOL) {
        ask_graph_fail(g, ASK_ERR_SHAPE, "attention: the mask must be bool, not %s",
                       ask_dtype_name(mask->type));
        return false;
    }
    if (n_valid && (n_valid->type != ASK_I64 || ask_tensor_count(n_valid) != 1)) {
        char text[ASK_SHAPE_TEXT];
        ask_graph_fail(g, ASK_ERR_SHAPE, "attention: n_valid must be i64 [1], not %s %s",
                       ask_dtype_name(n_valid->type), ask_shape_text(text, n_valid));
        return false;
    }
    return true;
}

static bool attention_infer(ask_graph *g, ask_tensor *t)
{
    if (!attention_fits(g, t->src)) return false;
    const ask_tensor *q = t->src[Q], *v = t->src[V];
    ask_set_shape(t, ASK_F32, 4,
                  (int64_t[]){q->shape[0], q->shape[1], q->shape[2], v->shape[3]});
    return true;
}

/* ---- the ops it stands for ----
 *
 * With grouped heads, tensors have five axes on the way: [B, Hk, H / Hk, T, ...]. */

static ask_tensor *group_heads(ask_graph *g, ask_tensor *x, int64_t n_groups)
{
    if (!x) return NULL;
    int64_t in_group = n_groups ? x->shape[1] / n_groups : 0;
    int64_t shape[5] = {x->shape[0], n_groups, in_group, x->shape[2], x->shape[3]};
    return ask_reshape(g, x, 5, shape);
}

static ask_tensor *ungroup_heads(ask_graph *g, ask_tensor *x)
{
    if (!x) return NULL;
    int64_t shape[4] = {x->shape[0], x->shape[1] * x->shape[2], x->shape[3], x->shape[4]};
    return ask_reshape(g, x, 4, shape);
}

/* x y, or x y^T if `transposed`; x: [B, H, ..], y: [B, Hk, ..] -> [B, H, ..]. */
static ask_tensor *times_shared(ask_graph *g, ask_tensor *x, ask_tensor *y, bool transposed)
{
    if (!x || !y) return NULL;
    bool grouped = x->shape[1] != y->shape[1];
    if (grouped) {
        x = group_heads(g, x, y->shape[1]);
        y = group_heads(g, y, y->shape[1]);
    }
    ask_tensor *product = transposed ? ask_matmul_t(g, x, y) : ask_matmul(g, x, y);
    return grouped ? ungroup_heads(g, product) : product;
}

/* x^T y summed over the query heads of a group; x, y: [B, H, T, ..] -> [B, Hk, ..]. */
static ask_tensor *sum_of_group(ask_graph *g, ask_tensor *x, ask_tensor *y,
                                int64_t n_groups)
{
    if (!x || !y) return NULL;
    ask_tensor *product = ask_matmul(g, ask_transpose(g, x, -2, -1), y);
    if (x->shape[1] == n_groups) return product;
    return ask_sum(g, group_heads(g, product, n_groups), 1u << 2, false);
}

/* 0, 1, .. n - 1 as a row or a column. */
static ask_tensor *positions(ask_graph *g, int64_t n, bool column)
{
    ask_real *values = ask_graph_alloc(g, (size_t)(n + 1) * sizeof *values);
    if (!values) return NULL;
    for (int64_t i = 0; i < n; i++) values[i] = (ask_real)i;
    int64_t shape[2] = {column ? n : 1, column ? 1 : n};
    return ask_constant(g, ASK_F32, 2, shape, values);
}

/* Both, as bools. */
static ask_tensor *both(ask_graph *g, ask_tensor *a, ask_tensor *b)
{
    return ask_cast(g, ask_mul(g, ask_cast(g, a, ASK_F32), ask_cast(g, b, ASK_F32)),
                    ASK_BOOL);
}

/* Where query i sees key j of n: j < n, or j - i < b = n - Tq + 1 with the causal rule, and
 * then b - window <= j - i with a window. NULL if there is neither mask, nor rule, nor
 * n_valid. */
static ask_tensor *visible(ask_graph *g, ask_tensor *const src[N_SOURCES], bool causal,
                           int64_t window)
{
    ask_tensor *mask = src[MASK], *n_valid = src[N_VALID];
    int64_t n_q = src[Q]->shape[2], n_k = src[K]->shape[2];
    if (!causal && !n_valid) return mask;
    ask_tensor *key = positions(g, n_k, false);
    if (causal) key = ask_sub(g, key, positions(g, n_q, true));
    double shift = causal ? (double)(1 - n_q) : 0;
    ask_tensor *bound = n_valid ? ask_affine(g, ask_cast(g, n_valid, ASK_F32), 1, shift)
                                : ask_full(g, 0, NULL, (double)n_k + shift);
    ask_tensor *seen = ask_less(g, key, bound);
    if (window > 0) {
        ask_tensor *behind = ask_affine(g, bound, 1, (double)(-window - 1));
        seen = both(g, seen, ask_less(g, behind, key));
    }
    return mask ? both(g, mask, seen) : seen;
}

/* softmax(scale q k^T + added) where visible: [B, H, Tq, Tk]. added may be NULL. */
static ask_tensor *probabilities(ask_graph *g, ask_tensor *const src[N_SOURCES],
                                 double scale, bool causal, int64_t window,
                                 ask_tensor *added)
{
    ask_tensor *scores = ask_scale(g, times_shared(g, src[Q], src[K], true), scale);
    if (added) scores = ask_add(g, scores, added);
    return ask_softmax(g, scores, visible(g, src, causal, window));
}

/* With P the probabilities, made again: dv = P^T dy, dP = dy v^T, dS the gradient of
 * softmax, dq = scale dS k, dk = scale dS^T q. */
static void attention_grad(ask_graph *g, ask_tensor *y, ask_tensor *dy, ask_tensor **dx,
                           const bool *need)
{
    double scale = y->params.attention.scale;
    ask_tensor *q = y->src[Q], *k = y->src[K], *v = y->src[V];
    int64_t n_groups = k->shape[1];
    ask_tensor *p = probabilities(g, y->src, scale, y->params.attention.causal,
                                  y->params.attention.window, NULL);
    if (need[V]) dx[V] = sum_of_group(g, p, dy, n_groups);
    if (!need[Q] && !need[K]) return;
    ask_tensor *dp = times_shared(g, dy, v, true);
    ask_tensor *ds = ask_node_add(g, OP_SOFTMAX_GRAD, NULL, 2, (ask_tensor *[]){p, dp});
    ds = ask_scale(g, ds, scale);
    if (need[Q]) dx[Q] = times_shared(g, ds, k, false);
    if (need[K]) dx[K] = sum_of_group(g, ds, q, n_groups);
}

/* ---- building ---- */

/* The same as ops of their own. */
static ask_tensor *build_explicit(ask_graph *g, ask_tensor *const src[N_SOURCES],
                                  double scale, const ask_attention_options *opt,
                                  const char *name)
{
    ask_tensor *p = probabilities(g, src, scale, opt->causal, opt->window, opt->added);
    if (opt->name) p = ask_name(g, p, "%s", name);
    if (opt->dropout.p > 0)
        p = ask_dropout(g, p, opt->dropout.p, opt->dropout.seed, opt->dropout.step);
    return times_shared(g, p, src[V], false);
}

ask_tensor *ask_attention(ask_graph *g, ask_tensor *q, ask_tensor *k, ask_tensor *v,
                          const ask_attention_options *opt)
{
    static const ask_attention_options none;
    if (!opt) opt = &none;
    ask_tensor *src[N_SOURCES] = {q, k, v, opt->mask, opt->n_valid};
    if (!q || !k || !v || ask_graph_failed(g) || !attention_fits(g, src)) return NULL;
    if (opt->window < 0 || (opt->window > 0 && !opt->causal))
        return ask_graph_fail(g, ASK_ERR_SHAPE,
                              "attention: a window of %lld keys needs the causal rule",
                              (long long)opt->window);
    double scale = opt->scale;
    if (scale == 0) scale = q->shape[3] ? 1 / sqrt((double)q->shape[3]) : 1;
    int64_t all[4] = {q->shape[0], q->shape[1], q->shape[2], k->shape[2]};
    if (opt->mask) {
        src[MASK] = ask_expand(g, opt->mask, 4, all);
        if (!src[MASK]) return NULL;
    }

    char name[256] = "";
    if (opt->name) snprintf(name, sizeof name, "%s.attn", opt->name);
    bool wanted = opt->name && ask_graph_wants(g, name);
    if (wanted || opt->added || opt->dropout.p > 0)
        return build_explicit(g, src, scale, opt, name);
    ask_op_params params = {
        .attention = {.scale = scale, .causal = opt->causal, .window = opt->window}};
    return ask_node_add(g, OP_ATTENTION, &params, N_SOURCES, src);
}

const ask_op_row ask_row_attention = {
    .name = "attention",
    .n_src = N_SOURCES,
    .n_required = 3,
    .strided = 1u << Q | 1u << K | 1u << V | 1u << MASK,
    .infer = attention_infer,
    .grad = attention_grad,
};
