/* One layer of the focus: a text looks at itself and at the memory, its answer's vector
 * counts slots, and all go through an MLP. */
#include <math.h>

#include "base/str.h"
#include "net/block/heads.h"
#include "net/joint/timeline_focus_priv.h"

static const ask_attention_names own_names = {"query", "key", "value", "out"};
static const ask_mlp_names mlp_names = {"in", "out"};

enum { N_ADDED = 3 }; // by a layer: what it sees in the text, in the memory, and thinks

/* Counters begin with few slots: from a sum far above the bins nothing is learnt. */
static const double COUNT_BIAS = -2;
static const double BIN_SHARPNESS = 0.6;

/* What is seen in the memory is added to the text as it is, so much of it: about as long as
 * a few words. */
static const double PLAIN_SHARE = 0.7;

/* Of what begins beside something that is passed on as it is. */
static const double BESIDE_SHARE = 0.3;

/* ---- binding ---- */

/* The name of a layer's part; holds until the caller's room goes. */
static const char *part_name(char room[256], int i, const char *part)
{
    ask_format(room, 256, "focus.layers.%d.%s", i, part);
    return room;
}

static void bind_counters(ask_timeline_focus_layer *out, ask_params *p,
                          const ask_timeline_config *c, int i)
{
    const int64_t width = c->width, n = c->n_counters, all = n * (width / c->n_heads),
                  features = n * (1 + ASK_TIMELINE_N_COUNTS);
    const double square = ask_glorot(width, width);
    char room[256];
    ask_norm_bind(&out->count_norm, p, part_name(room, i, "count_norm"), width,
                  TIMELINE_NORM_EPS);
    ask_dense_bind(&out->count_query, p, part_name(room, i, "count_query"), width, all,
                   square);
    ask_dense_bind(&out->count_key, p, part_name(room, i, "count_key"), width, all, square);
    out->count_bias =
        ask_param(p, ask_init_value(COUNT_BIAS), 1, &n, "focus.layers.%d.count_bias", i);
    ask_dense_bind(&out->counts, p, part_name(room, i, "counts"), features, width,
                   ask_glorot(features, width));
}

void timeline_focus_layer_bind(ask_timeline_focus_layer *out, ask_params *p,
                               const ask_timeline_config *c, int i)
{
    const int64_t width = c->width, inner = c->inner;
    const int n_added = N_ADDED * c->focus_layers;
    const double square = ask_glorot(width, width),
                 added = timeline_added_deviation(width, width, n_added);
    char room[256];
    for (int n = 0; n < N_ADDED; n++) {
        char norm[16];
        ask_format(norm, sizeof norm, "norm%d", n);
        ask_norm_bind(&out->norm[n], p, part_name(room, i, norm), width, TIMELINE_NORM_EPS);
    }
    ask_self_attention_bind(&out->own, p, part_name(room, i, "own"), &own_names, width,
                            c->n_heads, square, added);
    ask_dense_bind_plain(&out->query, p, part_name(room, i, "query"), width, width, square);
    ask_dense_bind_plain(&out->difference, p, part_name(room, i, "difference"), width,
                         width, 0);
    ask_dense_bind(&out->value, p, part_name(room, i, "value"), width, width,
                   BESIDE_SHARE * square);
    ask_dense_bind(&out->out, p, part_name(room, i, "out"), width, width, added);
    ask_mlp_bind(&out->mlp, p, part_name(room, i, "mlp"), &mlp_names, width, inner,
                 ASK_ACT_GELU, ask_glorot(width, inner),
                 timeline_added_deviation(inner, width, n_added));
    out->has_counters =
        c->n_counters > 0 && i >= c->focus_layers - ASK_TIMELINE_COUNTING_LAYERS;
    if (out->has_counters) bind_counters(out, p, c, i);
}

/* ---- items: [B Q, T, C], or as a packing of such rows has them ---- */

/* x with a share of what is added left out */
static ask_tensor *add(const timeline_focusing *f, ask_tensor *x, ask_tensor *more)
{
    return ask_add(f->g, x, ask_drop(f->g, more, f->dropout, f->dropping));
}

/* The answers' vectors among all.  -> [B Q, 1, C] */
static ask_tensor *answers_of(const timeline_focusing *f, ask_tensor *x)
{
    int64_t last = f->n_tokens;
    if (!f->packing) return ask_slice(f->g, x, 1, last, last + 1);
    ask_packing answers = {.rows = ask_slice(f->g, f->packing->rows, 1, last, last + 1)};
    return ask_unpack(f->g, x, &answers);
}

/* Answers' vectors where they stand among all, zeros elsewhere. */
static ask_tensor *among_all(const timeline_focusing *f, ask_tensor *answers)
{
    return ask_pack(f->g, ask_pad(f->g, answers, 1, f->n_tokens, 0, 0), f->packing);
}

/* ---- the text ---- */

/* What the text is for some of its items, all of them normed.  asking: [B Q, T, C] */
static ask_tensor *look_at_text(const timeline_focusing *f, const ask_self_attention *a,
                                ask_tensor *asking, ask_tensor *all)
{
    const ask_attention_view view = {.mask = f->text_mask};
    ask_graph *g = f->g;
    ask_tensor *q = ask_dense_build(g, &a->q, asking);
    ask_tensor *k = ask_unpack(g, ask_dense_build(g, &a->k, all), f->packing);
    ask_tensor *v = ask_unpack(g, ask_dense_build(g, &a->v, all), f->packing);
    ask_tensor *seen = ask_heads_attend(g, ask_heads_split(g, q, a->n_heads),
                                        ask_heads_split(g, k, a->n_heads),
                                        ask_heads_split(g, v, a->n_heads), &view);
    return ask_dense_build(g, &a->out, ask_heads_join(g, seen));
}

/* ---- the memory ---- */

/* What of the memory is alike, as it is and as it is made of it.  x: [B Q, T, C] by its
 * packing -> the same */
static ask_tensor *look_at_memory(const timeline_focusing *f,
                                  const ask_timeline_focus_layer *l, ask_tensor *x,
                                  const ask_packing *packing, const char *trace)
{
    const ask_attention_view view = {.mask = f->memory_mask, .trace = trace};
    ask_graph *g = f->g;
    ask_tensor *q = ask_unpack(g, ask_dense_build(g, &l->query, x), packing);
    if (!q) return NULL;
    int64_t apart[3] = {ask_tensor_dim(q, 0), ask_tensor_dim(q, 1), ask_tensor_dim(q, 2)};
    q = ask_reshape(g, q, 3, (int64_t[]){f->n_videos, -1, apart[2]}); // [B, Q T, C]
    ask_dense key = {.w = ask_add(g, ask_cast(g, l->query.w, ASK_F32),
                                  ask_cast(g, l->difference.w, ASK_F32))};
    ask_tensor *k = ask_dense_build(g, &key, f->memory); // [B, S, C]
    ask_tensor *v = ask_add(g, f->memory, ask_dense_build(g, &l->value, f->memory));
    ask_tensor *seen = ask_heads_attend(g, ask_heads_split(g, q, f->n_heads),
                                        ask_heads_split(g, k, f->n_heads),
                                        ask_heads_split(g, v, f->n_heads), &view);
    seen = ask_pack(g, ask_reshape(g, ask_heads_join(g, seen), 3, apart), packing);
    return ask_add(g, ask_scale(g, seen, PLAIN_SHARE), ask_dense_build(g, &l->out, seen));
}

/* ---- counting ---- */

/* What the first counter says.  [B, H, Q, S] -> [B, Q, S] */
static ask_tensor *first_counter(ask_graph *g, ask_tensor *scores)
{
    if (!scores) return NULL;
    int64_t shape[] = {ask_tensor_dim(scores, 0), ask_tensor_dim(scores, 2),
                       ask_tensor_dim(scores, 3)};
    return ask_reshape(g, ask_slice(g, scores, 1, 0, 1), 3, shape);
}

/* How many slots each counter takes for meant.  [B, Q, C] -> [B, H, Q, 1] */
static ask_tensor *count(const timeline_focusing *f, const ask_timeline_focus_layer *l,
                         ask_tensor *x, ask_tensor **counted)
{
    ask_graph *g = f->g;
    const int64_t n = f->n_counters;
    ask_tensor *q = ask_heads_split(g, ask_dense_build(g, &l->count_query, x), n);
    ask_tensor *k = ask_heads_split(g, ask_dense_build(g, &l->count_key, f->memory), n);
    if (!q || !k) return NULL;
    double scale = 1 / sqrt((double)ask_tensor_dim(q, 3));
    ask_tensor *scores = ask_scale(g, ask_matmul_t(g, q, k), scale); // [B, H, Q, S]
    scores = ask_add(g, scores, ask_reshape(g, l->count_bias, 3, (int64_t[]){n, 1, 1}));
    *counted = first_counter(g, scores);
    ask_tensor *meant = ask_mul(g, ask_sigmoid(g, scores), f->confidence);
    return ask_sum(g, meant, 1u << 3, true);
}

/* Numbers, and how near they are to 0, 1, ...  [B, H, Q, 1] -> [B, H, Q, 1 + bins] */
static ask_tensor *with_bins(ask_graph *g, ask_tensor *n)
{
    ask_tensor *bins = ask_cast(g, ask_range(g, ASK_TIMELINE_N_COUNTS), ASK_F32);
    ask_tensor *off = ask_sub(g, n, bins);
    ask_tensor *near = ask_exp(g, ask_scale(g, ask_mul(g, off, off), -BIN_SHARPNESS));
    return ask_concat(g, (ask_tensor *[]){n, near}, 2, 3);
}

/* answers: [B Q, 1, C] -> [B Q, 1, C] */
static ask_tensor *count_slots(const timeline_focusing *f,
                               const ask_timeline_focus_layer *l, ask_tensor *answers,
                               ask_tensor **counted)
{
    ask_graph *g = f->g;
    if (!answers) return NULL;
    int64_t n_texts = ask_tensor_dim(answers, 0), width = ask_tensor_dim(answers, 2);
    ask_tensor *x = ask_norm_build(g, &l->count_norm, answers);
    x = count(f, l, ask_reshape(g, x, 3, (int64_t[]){f->n_videos, -1, width}), counted);
    x = ask_heads_join(g, with_bins(g, x)); // [B, Q, H (1 + bins)]
    if (!x) return NULL;
    x = ask_reshape(g, x, 3, (int64_t[]){n_texts, 1, ask_tensor_dim(x, 2)});
    return ask_dense_build(g, &l->counts, x);
}

/* ---- a layer ---- */

static ask_tensor *think(const timeline_focusing *f, const ask_timeline_focus_layer *l,
                         ask_tensor *x)
{
    return add(f, x, ask_mlp_build(f->g, &l->mlp, ask_norm_build(f->g, &l->norm[2], x)));
}

ask_tensor *timeline_focus_layer_build(const timeline_focusing *f,
                                       const ask_timeline_focus_layer *l, ask_tensor *x,
                                       ask_tensor **counted, const char *trace)
{
    const ask_attention_view view = {.mask = f->text_mask, .packing = f->packing};
    ask_tensor *normed = ask_norm_build(f->g, &l->norm[0], x);
    x = add(f, x, ask_self_attention_build(f->g, &l->own, normed, &view));
    normed = ask_norm_build(f->g, &l->norm[1], x);
    x = add(f, x, look_at_memory(f, l, normed, f->packing, trace));
    *counted = NULL;
    if (l->has_counters)
        x = add(f, x, among_all(f, count_slots(f, l, answers_of(f, x), counted)));
    return think(f, l, x);
}

ask_tensor *timeline_focus_last_layer_build(const timeline_focusing *f,
                                            const ask_timeline_focus_layer *l,
                                            ask_tensor *x, ask_tensor **counted,
                                            const char *trace)
{
    ask_tensor *normed = ask_norm_build(f->g, &l->norm[0], x);
    ask_tensor *asking = answers_of(f, normed); // [B Q, 1, C]
    x = add(f, answers_of(f, x), look_at_text(f, &l->own, asking, normed));
    normed = ask_norm_build(f->g, &l->norm[1], x);
    x = add(f, x, look_at_memory(f, l, normed, NULL, trace));
    *counted = NULL;
    if (l->has_counters) x = add(f, x, count_slots(f, l, x, counted));
    return think(f, l, x);
}
