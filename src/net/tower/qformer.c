#include "net/tower/qformer.h"

#include <string.h>

#include "base/str.h"
#include "net/block/repeat.h"

const ask_qformer_names ask_qformer_blip2 = {
    .layers = "qformer.encoder.layer",
    .projections = "attention",
    .norm = "qformer.layernorm",
};
const ask_qformer_names ask_qformer_retrieval = {
    .layers = "qformer.encoder.layer",
    .projections = "attention",
    .norm = "qformer.layernorm",
    .embeddings = "embeddings",
};
const ask_qformer_names ask_qformer_instruct = {
    .layers = "qformer.encoder.layer",
    .projections = "attention",
    .norm = "qformer.embeddings.layernorm",
    .embeddings = "qformer.embeddings",
};
const ask_qformer_names ask_qformer_lavis = ASK_QFORMER_LAVIS_BEHIND("", NULL);
const ask_qformer_names ask_qformer_lavis_text =
    ASK_QFORMER_LAVIS_BEHIND("", "Qformer.bert.embeddings");

const char *const ask_qformer_ignored[] = {"*embeddings.position_ids", "Qformer.cls.*",
                                           NULL};

/* ---- the configuration ---- */

static bool check_positions(ask_json_value v, ask_error *err)
{
    static const char key[] = "position_embedding_type";
    const char *positions;
    if (!ask_json_opt_string(&positions, v, key, "absolute", err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    return strcmp(positions, "absolute") == 0 ||
           ask_config_fail(v, key, err, "\"%.40s\" is not supported, only \"absolute\"",
                           positions);
}

static bool read_sizes(ask_qformer_config *c, ask_json_value v, ask_error *err)
{
    return ask_config_size(&c->width, v, "hidden_size", ASK_MAX_WIDTH, 768, err) &&
           ask_config_size(&c->inner, v, "intermediate_size", ASK_MAX_WIDTH, 3072, err) &&
           ask_config_size(&c->n_layers, v, "num_hidden_layers", ASK_MAX_LAYERS, 12, err) &&
           ask_config_size(&c->n_heads, v, "num_attention_heads", ASK_MAX_WIDTH, 12, err) &&
           ask_config_size(&c->seen_width, v, "encoder_hidden_size", ASK_MAX_WIDTH, 1408,
                           err) &&
           ask_config_size(&c->cross_every, v, "cross_attention_frequency", ASK_MAX_LAYERS,
                           2, err) &&
           ask_config_size(&c->n_vocab, v, "vocab_size", ASK_MAX_VOCAB, 30522, err) &&
           ask_config_size(&c->n_positions, v, "max_position_embeddings", ASK_MAX_CONTEXT,
                           512, err);
}

bool ask_qformer_config_read(ask_qformer_config *out, ask_json_value v, bool has_text,
                             ask_error *err)
{
    ask_qformer_config c = {0};
    if (!read_sizes(&c, v, err) || !check_positions(v, err) ||
        !ask_config_activation(&c.activation, v, "hidden_act", ASK_ACT_GELU, err) ||
        !ask_config_positive(&c.eps, v, "layer_norm_eps", 1e-12, err) ||
        !ask_config_bool(&c.has_text, v, "use_qformer_text_input", has_text, err) ||
        !ask_config_double(&c.dropout, v, "hidden_dropout_prob", 0, 1, 0.1, err) ||
        !ask_config_double(&c.attention_dropout, v, "attention_probs_dropout_prob", 0, 1,
                           0.1, err) ||
        !ask_config_double(&c.init, v, "initializer_range", 0, ASK_MAX_SCALE, 0.02, err))
        return false;
    if (!ask_config_shared(v, "hidden_size", c.width, c.n_heads, err)) return false;
    *out = c;
    return true;
}

static bool looks(const ask_qformer_config *c, int layer)
{
    return layer % c->cross_every == 0;
}

/* ---- parameters ---- */

/* What the parts of an attention are called: "attention.self.query", ... */
typedef struct {
    char q[64], k[64], v[64], out[64];
    ask_attention_names names; // of these
} attention_names;

static void name_attention(attention_names *out, const char *attention,
                           const char *projections)
{
    ask_format(out->q, sizeof out->q, "%s.%s.query", attention, projections);
    ask_format(out->k, sizeof out->k, "%s.%s.key", attention, projections);
    ask_format(out->v, sizeof out->v, "%s.%s.value", attention, projections);
    ask_format(out->out, sizeof out->out, "%s.output.dense", attention);
    out->names = (ask_attention_names){out->q, out->k, out->v, out->out};
}

static void bind_norm(ask_norm *out, ask_params *p, const char *name, const char *part,
                      const ask_qformer_config *c)
{
    char norm[256];
    ask_format(norm, sizeof norm, "%s.%s", name, part);
    ask_norm_bind(out, p, norm, c->width, c->eps);
}

static void bind_attentions(ask_qformer_layer *out, ask_params *p, const char *name,
                            const char *projections, const ask_qformer_config *c)
{
    attention_names names;
    name_attention(&names, "attention", projections);
    ask_self_attention_bind(&out->attention, p, name, &names.names, c->width, c->n_heads,
                            c->init, c->init);
    bind_norm(&out->norm, p, name, "attention.output.LayerNorm", c);
    if (!out->looks) return;
    name_attention(&names, "crossattention", projections);
    ask_cross_attention_bind(&out->cross, p, name, &names.names, c->width, c->seen_width,
                             c->n_heads, c->init, c->init);
    bind_norm(&out->cross_norm, p, name, "crossattention.output.LayerNorm", c);
}

static void bind_mlps(ask_qformer_layer *out, ask_params *p, const char *name,
                      const ask_qformer_config *c)
{
    static const ask_mlp_names query = {"intermediate_query.dense", "output_query.dense"},
                               text = {"intermediate.dense", "output.dense"};
    ask_mlp_bind(&out->query_mlp, p, name, &query, c->width, c->inner, c->activation,
                 c->init, c->init);
    bind_norm(&out->query_norm, p, name, "output_query.LayerNorm", c);
    if (!c->has_text) return;
    ask_mlp_bind(&out->text_mlp, p, name, &text, c->width, c->inner, c->activation, c->init,
                 c->init);
    bind_norm(&out->text_norm, p, name, "output.LayerNorm", c);
}

void ask_qformer_bind(ask_qformer *out, ask_params *p, const ask_qformer_names *names,
                      const ask_qformer_config *config)
{
    const ask_qformer_config c = *config;
    const ask_init init = ask_init_normal(c.init);
    *out = (ask_qformer){.config = c};
    if (names->embeddings) {
        out->token_table = ask_param_matrix(p, init, c.n_vocab, c.width,
                                            "%s.word_embeddings.weight", names->embeddings);
        out->position_table = ask_param(p, init, 2, (int64_t[]){c.n_positions, c.width},
                                        "%s.position_embeddings.weight", names->embeddings);
    }
    ask_norm_bind(&out->norm, p, names->norm, c.width, c.eps);
    out->layers = ask_params_array(p, (size_t)c.n_layers, sizeof *out->layers);
    for (int i = 0; out->layers && i < c.n_layers; i++) {
        char name[256];
        ask_format(name, sizeof name, "%s.%d", names->layers, i);
        out->layers[i].looks = looks(&c, i);
        bind_attentions(&out->layers[i], p, name, names->projections, &c);
        bind_mlps(&out->layers[i], p, name, &c);
    }
}

/* ---- what goes in ---- */

/* ids: [B, L] -> [B, L, C].  A text that is too long fails as a slice of the table. */
static ask_tensor *embed_text(ask_graph *g, const ask_qformer *q, ask_tensor *ids)
{
    if (!ids) return NULL;
    ask_tensor *x = ask_embedding(g, q->token_table, ids);
    return ask_add(g, x, ask_slice(g, q->position_table, 0, 0, ask_tensor_dim(ids, 1)));
}

static ask_tensor *join(ask_graph *g, ask_tensor *queries, ask_tensor *text)
{
    if (!queries || !text) return queries ? queries : text;
    return ask_concat(g, (ask_tensor *[]){queries, text}, 2, 1);
}

/* mask: [B, L] -> bool [B, 1, 1, Q + L]: queries always count. */
static ask_tensor *mask_of_all(ask_graph *g, ask_tensor *mask, int64_t n_queries)
{
    if (!mask) return NULL;
    ask_tensor *counts = ask_cast(g, mask, ASK_F32);
    if (n_queries > 0) counts = ask_pad(g, counts, 1, n_queries, 0, 1);
    return ask_reshape(
        g, ask_cast(g, counts, ASK_BOOL), 4,
        (int64_t[]){ask_tensor_dim(mask, 0), 1, 1, n_queries + ask_tensor_dim(mask, 1)});
}

/* ---- layers ---- */

typedef struct {
    ask_graph *g;
    const ask_qformer *q;
    const ask_qformer_input *in;
    ask_tensor *mask; // bool [B, 1, 1, Q + L]; or NULL
    int64_t n_queries;
} building;

/* norm(more + x) */
static ask_tensor *add_and_norm(const building *b, ask_tensor *x, ask_tensor *more,
                                const ask_norm *norm)
{
    more = ask_drop(b->g, more, b->q->config.dropout, b->in->dropping);
    return ask_norm_build(b->g, norm, ask_add(b->g, more, x));
}

static ask_attention_view view_of(const building *b, ask_tensor *mask, const char *trace)
{
    return (ask_attention_view){.mask = mask,
                                .trace = trace,
                                .dropout = b->q->config.attention_dropout,
                                .dropping = b->in->dropping};
}

/* x: [B, Q + L, C] -> the same */
static ask_tensor *mix(const building *b, const ask_qformer_layer *l, ask_tensor *x, int i)
{
    char trace[256];
    ask_format(trace, sizeof trace, "%sattentions.%d", b->in->trace, i);
    ask_attention_view view = view_of(b, b->mask, trace);
    ask_tensor *mixed = ask_self_attention_build(b->g, &l->attention, x, &view);
    return add_and_norm(b, x, mixed, &l->norm);
}

/* x: [B, Q, C] -> the same */
static ask_tensor *look_at_picture(const building *b, const ask_qformer_layer *l,
                                   ask_tensor *x, int i)
{
    char trace[256];
    if (!l->looks) return x;
    ask_format(trace, sizeof trace, "%scross_attentions.%d", b->in->trace, i);
    ask_attention_view view = view_of(b, NULL, trace);
    ask_tensor *found = ask_cross_attention_build(b->g, &l->cross, x, b->in->seen, &view);
    return add_and_norm(b, x, found, &l->cross_norm);
}

static ask_tensor *think(const building *b, const ask_mlp *mlp, const ask_norm *norm,
                         ask_tensor *x)
{
    return add_and_norm(b, x, ask_mlp_build(b->g, mlp, x), norm);
}

/* x: [B, Q + L, C] -> the same */
static ask_tensor *build_layer(const building *b, const ask_qformer_layer *l, ask_tensor *x,
                               int i)
{
    x = mix(b, l, x, i);
    if (!x) return NULL;
    int64_t n = b->n_queries, n_all = ask_tensor_dim(x, 1);
    ask_tensor *queries = NULL, *text = NULL;
    if (n > 0) {
        queries = n < n_all ? ask_contiguous(b->g, ask_slice(b->g, x, 1, 0, n)) : x;
        queries = look_at_picture(b, l, queries, i);
        queries = think(b, &l->query_mlp, &l->query_norm, queries);
    }
    if (n < n_all) {
        text = n > 0 ? ask_contiguous(b->g, ask_slice(b->g, x, 1, n, n_all)) : x;
        text = think(b, &l->text_mlp, &l->text_norm, text);
    }
    return join(b->g, queries, text);
}

ask_tensor *ask_qformer_states(ask_graph *g, const ask_qformer *q,
                               const ask_qformer_input *in)
{
    const char *trace = in->trace;
    ask_tensor *batch = in->queries ? in->seen : in->ids;
    if (!batch || !q->layers) return NULL;
    building b = {.g = g,
                  .q = q,
                  .in = in,
                  .n_queries = in->queries ? ask_tensor_dim(in->queries, 1) : 0};
    b.mask = mask_of_all(g, in->mask, b.n_queries);
    ask_tensor *x = join(g, ask_repeat(g, in->queries, ask_tensor_dim(batch, 0)),
                         embed_text(g, q, in->ids)); // [B, Q + L, C]
    x = ask_drop(g, ask_norm_build(g, &q->norm, x), q->config.dropout, in->dropping);
    for (int i = 0; i < q->config.n_layers; i++) {
        x = ask_name(g, x, "%shidden_states.%d", trace, i);
        x = build_layer(&b, &q->layers[i], x, i);
    }
    x = ask_name(g, x, "%shidden_states.%d", trace, q->config.n_layers);
    return ask_name(g, x, "%slast_hidden_state", trace);
}

ask_tensor *ask_qformer_looks(ask_graph *g, const ask_qformer_config *c, const char *trace)
{
    enum { HEADS = 1u << 1 };
    ask_tensor *sum = NULL;
    int n = 0;
    for (int i = 0; i < c->n_layers; i += c->cross_every, n++) {
        char name[64];
        ask_format(name, sizeof name, "%scross_attentions.%d", trace, i);
        ask_tensor *look = ask_mean(g, ask_graph_find(g, name), HEADS, false);
        sum = sum ? ask_add(g, sum, look) : look;
    }
    return ask_scale(g, sum, 1.0 / n);
}

double ask_qformer_flops(const ask_qformer_config *c, double n_queries, double n_text,
                         double n_seen)
{
    double n = n_queries + n_text, width = c->width;
    double layer = n * (4 * width * width + 2 * width * c->inner + 2 * n * width);
    double look = n_queries * (2 * width * width + 2 * n_seen * width) +
                  n_seen * 2 * width * c->seen_width;
    double n_looks = (c->n_layers + c->cross_every - 1) / c->cross_every;
    if (n_queries <= 0) n_looks = 0;
    return 2 * (c->n_layers * layer + n_looks * look);
}
