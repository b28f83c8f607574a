#include "net/tower/t5.h"

#include <math.h>

#include "base/str.h"

const char *const ask_t5_ignored[] = {
    "*decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight", NULL};

/* ---- distances ---- */

int ask_t5_bucket(int64_t distance, bool both_ways, int n_buckets, int max_distance)
{
    int n = both_ways ? n_buckets / 2 : n_buckets, exact = n / 2;
    int first = both_ways && distance > 0 ? n : 0;
    int64_t far = distance < 0 ? -distance : both_ways ? distance : 0;
    if (far < exact) return first + (int)far;
    const float log_far = (float)log((double)((float)far / (float)exact));
    const float log_most = (float)log((double)max_distance / exact);
    const float share = log_far / log_most;
    const int large = exact + (int)(share * (float)(n - exact));
    return first + (large < n ? large : n - 1);
}

/* ---- binding ---- */

static void bind_distances(ask_t5_stack *s, ask_params *p, const char *name, bool both_ways,
                           const ask_t5_config *c)
{
    s->table =
        ask_param(p, ask_init_normal(c->init / sqrt(c->width)), 2,
                  (int64_t[]){c->n_buckets, c->n_heads},
                  "%s.block.0.layer.0.SelfAttention.relative_attention_bias.weight", name);
    s->reach = c->max_distance < ASK_T5_MOST_PLACES ? c->max_distance : ASK_T5_MOST_PLACES;
    int64_t *buckets = ask_params_array(p, 2 * (size_t)s->reach + 1, sizeof *s->buckets);
    for (int64_t i = 0; buckets && i <= 2 * s->reach; i++)
        buckets[i] = ask_t5_bucket(i - s->reach, both_ways, c->n_buckets, c->max_distance);
    s->buckets = buckets;
}

static void bind_attention(ask_t5_attention *a, ask_params *p, const char *name,
                           const ask_t5_config *c)
{
    const double width = c->width, inner = (double)c->n_heads * c->head;
    const struct {
        const char *name;
        ask_dense *dense;
        double n_in, n_out, deviation;
    } parts[] = {
        {"q", &a->q, width, inner, 1 / sqrt(width * c->head)},
        {"k", &a->k, width, inner, 1 / sqrt(width)},
        {"v", &a->v, width, inner, 1 / sqrt(width)},
        {"o", &a->out, inner, width, 1 / sqrt(inner)},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char part[256];
        ask_format(part, sizeof part, "%s.%s", name, parts[i].name);
        ask_dense_bind_plain(parts[i].dense, p, part, (int64_t)parts[i].n_in,
                             (int64_t)parts[i].n_out, c->init * parts[i].deviation);
    }
}

static void bind_dense(ask_dense *d, ask_params *p, const char *name, const char *part,
                       int64_t n_in, int64_t n_out, double factor)
{
    char full[256];
    ask_format(full, sizeof full, "%s.DenseReluDense.%s", name, part);
    ask_dense_bind_plain(d, p, full, n_in, n_out, factor / sqrt((double)n_in));
}

static void bind_mlp(ask_t5_layer *l, ask_params *p, const char *name,
                     const ask_t5_config *c)
{
    if (c->gated) {
        bind_dense(&l->gated.gate, p, name, "wi_0", c->width, c->inner, c->init);
        bind_dense(&l->gated.up, p, name, "wi_1", c->width, c->inner, c->init);
        bind_dense(&l->gated.down, p, name, "wo", c->inner, c->width, c->init);
    } else {
        bind_dense(&l->mlp.in, p, name, "wi", c->width, c->inner, c->init);
        bind_dense(&l->mlp.out, p, name, "wo", c->inner, c->width, c->init);
    }
    l->gated.activation = l->mlp.activation = c->activation;
}

static void bind_norm(ask_rms *n, ask_params *p, const char *name, const ask_t5_config *c)
{
    char part[256];
    ask_format(part, sizeof part, "%s.layer_norm", name);
    ask_rms_bind(n, p, part, c->width, c->eps);
}

static void bind_layer(ask_t5_layer *l, ask_params *p, const char *name, bool decodes,
                       const ask_t5_config *c)
{
    char part[256], attention[256];
    int n = 0;
    ask_format(part, sizeof part, "%s.layer.%d", name, n++);
    ask_format(attention, sizeof attention, "%s.SelfAttention", part);
    bind_norm(&l->norm1, p, part, c);
    bind_attention(&l->self, p, attention, c);
    if (decodes) {
        ask_format(part, sizeof part, "%s.layer.%d", name, n++);
        ask_format(attention, sizeof attention, "%s.EncDecAttention", part);
        bind_norm(&l->norm2, p, part, c);
        bind_attention(&l->cross, p, attention, c);
    }
    ask_format(part, sizeof part, "%s.layer.%d", name, n);
    bind_norm(&l->norm3, p, part, c);
    bind_mlp(l, p, part, c);
}

static void bind_stack(ask_t5_stack *s, ask_params *p, const char *prefix, bool decodes,
                       const ask_t5_config *c)
{
    char name[256], part[256];
    ask_format(name, sizeof name, "%s%s", prefix, decodes ? "decoder" : "encoder");
    s->n_layers = decodes ? c->n_decoder_layers : c->n_encoder_layers;
    bind_distances(s, p, name, !decodes, c);
    s->layers = ask_params_array(p, (size_t)s->n_layers, sizeof *s->layers);
    for (int i = 0; i < s->n_layers && s->layers; i++) {
        ask_format(part, sizeof part, "%s.block.%d", name, i);
        bind_layer(&s->layers[i], p, part, decodes, c);
    }
    ask_format(part, sizeof part, "%s.final_layer_norm", name);
    ask_rms_bind(&s->norm, p, part, c->width, c->eps);
}

/* Files leave out what they have under another name, and not all the same. */
static ask_tensor *bind_table(ask_params *p, const char *prefix, bool is_head,
                              const ask_t5_config *c)
{
    static const char *const names[] = {"shared", "encoder.embed_tokens",
                                        "decoder.embed_tokens", "lm_head"};
    int n = is_head ? 4 : 3, at = 0;
    for (int i = n - 1; i >= 0; i--)
        if (ask_params_has(p, "%s%s.weight", prefix, names[i])) at = i;
    for (int i = 0; i < n; i++)
        if (i != at) ask_params_pass(p, "%s%s.weight", prefix, names[i]);
    return ask_param_matrix(p, ask_init_normal(c->init), c->n_vocab, c->width,
                            "%s%s.weight", prefix, names[at]);
}

void ask_t5_bind(ask_t5 *out, ask_params *p, const char *prefix,
                 const ask_t5_config *config)
{
    const ask_t5_config *c = config;
    // Newer files call all tied, but those that do not scale may hold a head of their own.
    bool tied = c->tied && (c->scaled || !ask_params_has(p, "%slm_head.weight", prefix));
    out->config = *c;
    out->token_table = bind_table(p, prefix, tied, c);
    bind_stack(&out->encoder, p, prefix, false, c);
    bind_stack(&out->decoder, p, prefix, true, c);
    out->head = tied ? out->token_table
                     : ask_param_matrix(p, ask_init_normal(c->init), c->n_vocab, c->width,
                                        "%slm_head.weight", prefix);
}

ask_decoder_sizes ask_t5_sizes(const ask_t5_config *c)
{
    return (ask_decoder_sizes){c->n_decoder_layers, c->n_heads, c->head};
}

/* ---- what distances are worth ---- */

/* to, from: i64 [1, Tk], [1, Tq], positions of keys and queries -> [1, H, Tq, Tk] */
static ask_tensor *relative(ask_graph *g, const ask_t5_stack *s, ask_tensor *from,
                            ask_tensor *to)
{
    const int64_t n = 2 * s->reach + 1;
    if (!from || !to) return NULL;
    int64_t n_from = ask_tensor_dim(from, 1), n_to = ask_tensor_dim(to, 1);
    ask_tensor *far = ask_sub(
        g, ask_cast(g, to, ASK_F32),
        ask_reshape(g, ask_cast(g, from, ASK_F32), 2, (int64_t[]){n_from, 1})); // [Tq, Tk]
    far = ask_minimum(g, far, ask_full(g, 0, NULL, (double)s->reach));
    far = ask_maximum(g, far, ask_full(g, 0, NULL, (double)-s->reach));
    ask_tensor *which = ask_cast(g, ask_affine(g, far, 1, (double)s->reach), ASK_I64);
    ask_tensor *worth = ask_embedding(
        g, s->table, ask_constant(g, ASK_I64, 1, &n, s->buckets)); // [2 reach + 1, H]
    worth = ask_embedding(g, worth, which);                        // [Tq, Tk, H]
    worth = ask_contiguous(g, ask_permute(g, worth, (int[]){2, 0, 1}));
    return ask_reshape(g, worth, 4, (int64_t[]){1, -1, n_from, n_to});
}

/* ---- layers ---- */

static ask_tensor *heads_of(ask_graph *g, const ask_t5 *m, const ask_dense *d,
                            ask_tensor *x)
{
    return ask_heads_split(g, ask_dense_build(g, d, x), m->config.n_heads); // [B, H, T, D]
}

/* x: [B, T, C] -> [B, T, C]; k, v: [B, H, Tk, D] */
static ask_tensor *attend(ask_graph *g, const ask_t5 *m, const ask_t5_attention *a,
                          ask_tensor *x, ask_tensor *k, ask_tensor *v,
                          ask_attention_view *how)
{
    how->scale = 1;
    ask_tensor *q = heads_of(g, m, &a->q, x);
    return ask_dense_build(g, &a->out,
                           ask_heads_join(g, ask_heads_attend(g, q, k, v, how)));
}

/* x: [B, T, C] -> x + mlp(norm(x)) */
static ask_tensor *feed_forward(ask_graph *g, const ask_t5 *m, const ask_t5_layer *l,
                                ask_tensor *x)
{
    ask_tensor *seen = ask_rms_build(g, &l->norm3, x);
    return ask_add(g, x,
                   m->config.gated ? ask_gated_mlp_build(g, &l->gated, seen)
                                   : ask_mlp_build(g, &l->mlp, seen));
}

/* ---- the encoder ---- */

/* 0, 1, ...: i64 [1, n] */
static ask_tensor *count_up(ask_graph *g, int64_t n)
{
    return ask_reshape(g, ask_range(g, n), 2, (int64_t[]){1, n});
}

static ask_tensor *encode_layer(ask_graph *g, const ask_t5 *m, int i, ask_tensor *x,
                                ask_tensor *worth, ask_tensor *mask, const char *trace)
{
    const ask_t5_layer *l = &m->encoder.layers[i];
    char name[256];
    ask_format(name, sizeof name, "%sencoder_attentions.%d", trace, i);
    ask_attention_view how = {.mask = mask, .added = worth, .trace = name};
    ask_tensor *seen = ask_rms_build(g, &l->norm1, x);
    ask_tensor *k = heads_of(g, m, &l->self.k, seen), *v = heads_of(g, m, &l->self.v, seen);
    x = ask_add(g, x, attend(g, m, &l->self, seen, k, v, &how));
    return feed_forward(g, m, l, x);
}

ask_tensor *ask_t5_encode(ask_graph *g, const ask_t5 *m, ask_tensor *x, ask_tensor *mask,
                          const char *trace)
{
    if (!x) return NULL;
    ask_tensor *places = count_up(g, ask_tensor_dim(x, 1));
    ask_tensor *worth = relative(g, &m->encoder, places, places); // [1, H, S, S]
    for (int i = 0; i < m->encoder.n_layers; i++) {
        x = ask_name(g, x, "%sencoder_hidden_states.%d", trace, i);
        x = encode_layer(g, m, i, x, worth, mask, trace);
    }
    x = ask_rms_build(g, &m->encoder.norm, x); // [B, S, C]
    x = ask_name(g, x, "%sencoder_hidden_states.%d", trace, m->encoder.n_layers);
    return ask_name(g, x, "%sencoder_last_hidden_state", trace);
}

void ask_t5_remember(ask_graph *g, const ask_t5 *m, ask_tensor *states,
                     const ask_decoder_cache *cache, ask_tensor *at)
{
    for (int i = 0; i < m->decoder.n_layers; i++) {
        const ask_t5_attention *a = &m->decoder.layers[i].cross;
        ask_write_rows(g, cache->k[i], heads_of(g, m, &a->k, states), at);
        ask_write_rows(g, cache->v[i], heads_of(g, m, &a->v, states), at);
    }
}

/* ---- the decoder ---- */

/* What all its layers share. */
typedef struct {
    const ask_decoder_view *view;
    ask_tensor *worth; // of the text's distances, [1, H, T, Tk]
    ask_tensor *mask;  // of the text
} decoding;

/* The rows of a cache that are of the text: bool [1, 1, 1, N]. */
static ask_tensor *behind(ask_graph *g, ask_tensor *n_places, int64_t n_rows)
{
    static const int64_t minus_one = -1;
    ask_tensor *last = ask_add(g, n_places, ask_constant(g, ASK_I64, 0, NULL, &minus_one));
    ask_tensor *is_behind = ask_less(g, last, ask_range(g, n_rows));
    return ask_reshape(g, is_behind, 4, (int64_t[]){1, 1, 1, n_rows});
}

static decoding begin(ask_graph *g, const ask_t5 *m, ask_tensor *x,
                      const ask_decoder_view *view)
{
    const ask_decoder_source *source = view->source;
    bool cached = view->cache;
    ask_tensor *text = cached || !x ? NULL : count_up(g, ask_tensor_dim(x, 1));
    decoding d = {.view = view, .mask = view->mask};
    d.worth = cached ? relative(g, &m->decoder, view->positions, source->depths)
                     : relative(g, &m->decoder, text, text);
    if (cached && !view->masked) d.mask = behind(g, source->n, view->cache->n_rows);
    return d;
}

static ask_tensor *decode_layer(ask_graph *g, const ask_t5 *m, int i, ask_tensor *x,
                                const decoding *d)
{
    const ask_t5_layer *l = &m->decoder.layers[i];
    const ask_decoder_view *view = d->view;
    const ask_decoder_source *source = view->source;
    char name[256], cross_name[256];
    ask_format(name, sizeof name, "%sdecoder_attentions.%d", view->trace, i);
    ask_format(cross_name, sizeof cross_name, "%scross_attentions.%d", view->trace, i);
    ask_attention_view how = {.causal = !view->masked,
                              .n_valid = view->n_valid,
                              .mask = d->mask,
                              .added = d->worth,
                              .trace = name};
    ask_attention_view across = {
        .mask = source->mask, .n_valid = source->n, .trace = cross_name};

    ask_tensor *seen = ask_rms_build(g, &l->norm1, x);
    ask_tensor *k = heads_of(g, m, &l->self.k, seen), *v = heads_of(g, m, &l->self.v, seen);
    if (view->cache) {
        k = ask_write_rows(g, view->cache->k[i], k, view->at); // [1, H, N, D]
        v = ask_write_rows(g, view->cache->v[i], v, view->at);
    }
    x = ask_add(g, x, attend(g, m, &l->self, seen, k, v, &how));

    if (!view->cache) { // whose rows are of the places, too
        k = heads_of(g, m, &l->cross.k, source->states);
        v = heads_of(g, m, &l->cross.v, source->states);
    }
    seen = ask_rms_build(g, &l->norm2, x);
    x = ask_add(g, x, attend(g, m, &l->cross, seen, k, v, &across));
    return feed_forward(g, m, l, x);
}

ask_tensor *ask_t5_build(ask_graph *g, const ask_t5 *m, ask_tensor *x,
                         const ask_decoder_view *view)
{
    const decoding d = begin(g, m, x, view);
    for (int i = 0; i < m->decoder.n_layers; i++) {
        x = ask_name(g, x, "%sdecoder_hidden_states.%d", view->trace, i);
        x = decode_layer(g, m, i, x, &d);
    }
    x = ask_rms_build(g, &m->decoder.norm, x); // [B, T, C]
    x = ask_name(g, x, "%sdecoder_hidden_states.%d", view->trace, m->decoder.n_layers);
    return ask_name(g, x, "%slast_hidden_state", view->trace);
}

/* ---- both ends ---- */

ask_tensor *ask_t5_embed(ask_graph *g, const ask_t5 *m, ask_tensor *ids)
{
    return ask_embedding(g, m->token_table, ids);
}

ask_tensor *ask_t5_logits(ask_graph *g, const ask_t5 *m, ask_tensor *states)
{
    if (m->config.scaled) states = ask_scale(g, states, 1 / sqrt(m->config.width));
    return ask_linear(g, states, m->head, NULL);
}

/* ---- work ---- */

static double mlp_products(const ask_t5_config *c)
{
    return (c->gated ? 3.0 : 2.0) * c->width * c->inner;
}

/* With keys and values for the decoder. */
double ask_t5_encode_flops(const ask_t5_config *c, double seen)
{
    double inner = (double)c->n_heads * c->head, square = c->width * inner;
    return 2 * c->n_encoder_layers * (4 * square + mlp_products(c) + 2 * seen * inner) +
           2 * c->n_decoder_layers * 2 * square;
}

double ask_t5_flops(const ask_t5_config *c, double seen)
{
    double inner = (double)c->n_heads * c->head, square = c->width * inner;
    return 2 * c->n_decoder_layers * (6 * square + mlp_products(c) + 2 * seen * inner);
}

double ask_t5_logits_flops(const ask_t5_config *c)
{
    return 2.0 * c->width * c->n_vocab;
}
