#include "net/tower/opt.h"

#include "base/str.h"
#include "net/block/heads.h"

/* The rows of the position table in front of the first position. */
enum { OFFSET = 2 };

const char *const ask_opt_ignored[] = {"*decoder.version", NULL};

/* ---- the configuration ---- */

static bool read_switches(ask_opt_config *c, ask_json_value v, ask_error *err)
{
    bool removed;
    if (!ask_config_bool(&c->norm_first, v, "do_layer_norm_before", true, err) ||
        !ask_config_bool(&removed, v, "_remove_final_layer_norm", false, err) ||
        !ask_config_bool(&c->bias, v, "enable_bias", true, err) ||
        !ask_config_bool(&c->scaling, v, "layer_norm_elementwise_affine", true, err) ||
        !ask_config_bool(&c->tied, v, "tie_word_embeddings", true, err))
        return false;
    c->final_norm = c->norm_first && !removed;
    return true;
}

bool ask_opt_config_read(ask_opt_config *out, ask_json_value v, ask_error *err)
{
    ask_opt_config c = {0};
    bool ok =
        ask_config_size(&c.width, v, "hidden_size", ASK_MAX_WIDTH, 768, err) &&
        ask_config_size(&c.n_embed, v, "word_embed_proj_dim", ASK_MAX_WIDTH, c.width,
                        err) &&
        ask_config_size(&c.inner, v, "ffn_dim", ASK_MAX_WIDTH, 3072, err) &&
        ask_config_size(&c.n_layers, v, "num_hidden_layers", ASK_MAX_LAYERS, 12, err) &&
        ask_config_size(&c.n_heads, v, "num_attention_heads", ASK_MAX_WIDTH, 12, err) &&
        ask_config_size(&c.n_vocab, v, "vocab_size", ASK_MAX_VOCAB, 50272, err) &&
        ask_config_size(&c.n_context, v, "max_position_embeddings", ASK_MAX_CONTEXT, 2048,
                        err) &&
        ask_config_activation(&c.activation, v, "activation_function", ASK_ACT_RELU, err) &&
        ask_config_double(&c.init, v, "init_std", 0, ASK_MAX_SCALE, 0.02, err) &&
        read_switches(&c, v, err) &&
        ask_config_shared(v, "hidden_size", c.width, c.n_heads, err);
    if (ok) *out = c;
    return ok;
}

/* ---- binding ---- */

static void bind_norm(ask_norm *out, ask_params *p, const char *name,
                      const ask_opt_config *c)
{
    const double eps = 1e-5; // no configuration says another
    *out = (ask_norm){.eps = eps};
    if (c->scaling) ask_norm_bind(out, p, name, c->width, eps);
}

static void bind_layer(ask_opt_layer *l, ask_params *p, const char *name,
                       const ask_opt_config *c)
{
    const int64_t width = c->width, inner = c->inner;
    const struct {
        const char *name;
        ask_dense *dense;
        int64_t n_in, n_out;
    } parts[] = {
        {"self_attn.q_proj", &l->q, width, width},
        {"self_attn.k_proj", &l->k, width, width},
        {"self_attn.v_proj", &l->v, width, width},
        {"self_attn.out_proj", &l->out, width, width},
        {"fc1", &l->mlp.in, width, inner},
        {"fc2", &l->mlp.out, inner, width},
    };
    char part[256];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        ask_format(part, sizeof part, "%s.%s", name, parts[i].name);
        ask_dense_bind_as(parts[i].dense, p, part, parts[i].n_in, parts[i].n_out, c->bias,
                          c->init);
    }
    l->mlp.activation = c->activation;
    ask_format(part, sizeof part, "%s.self_attn_layer_norm", name);
    bind_norm(&l->norm1, p, part, c);
    ask_format(part, sizeof part, "%s.final_layer_norm", name);
    bind_norm(&l->norm2, p, part, c);
}

static void bind_projections(ask_opt *m, ask_params *p, const char *decoder,
                             const ask_opt_config *c)
{
    char part[256];
    m->in = m->out = (ask_dense){0};
    if (c->n_embed == c->width) return;
    ask_format(part, sizeof part, "%s.project_in", decoder);
    ask_dense_bind_plain(&m->in, p, part, c->n_embed, c->width, c->init);
    ask_format(part, sizeof part, "%s.project_out", decoder);
    ask_dense_bind_plain(&m->out, p, part, c->width, c->n_embed, c->init);
}

static void bind_head(ask_opt *m, ask_params *p, const char *prefix,
                      const ask_opt_config *c)
{
    m->head = c->tied ? m->token_table
                      : ask_param_matrix(p, ask_init_normal(c->init), c->n_vocab,
                                         c->n_embed, "%slm_head.weight", prefix);
    if (c->tied) ask_params_pass(p, "%slm_head.weight", prefix); // some store it twice
}

void ask_opt_bind(ask_opt *out, ask_params *p, const char *prefix,
                  const ask_opt_config *config)
{
    const ask_opt_config *c = config;
    char decoder[200], part[256];
    bool bare = !ask_params_has(p, "%smodel.decoder.embed_tokens.weight", prefix) &&
                ask_params_has(p, "%sdecoder.embed_tokens.weight", prefix);
    ask_format(decoder, sizeof decoder, bare ? "%sdecoder" : "%smodel.decoder", prefix);
    out->config = *c;
    out->token_table = ask_param_matrix(p, ask_init_normal(c->init), c->n_vocab, c->n_embed,
                                        "%s.embed_tokens.weight", decoder);
    out->position_table = ask_param(p, ask_init_normal(c->init), 2,
                                    (int64_t[]){(int64_t)c->n_context + OFFSET, c->width},
                                    "%s.embed_positions.weight", decoder);
    bind_projections(out, p, decoder, c);
    out->layers = ask_params_array(p, (size_t)c->n_layers, sizeof *out->layers);
    for (int i = 0; i < c->n_layers && out->layers; i++) {
        ask_format(part, sizeof part, "%s.layers.%d", decoder, i);
        bind_layer(&out->layers[i], p, part, c);
    }
    ask_format(part, sizeof part, "%s.final_layer_norm", decoder);
    if (c->final_norm) bind_norm(&out->norm, p, part, c);
    bind_head(out, p, prefix, c);
}

ask_decoder_sizes ask_opt_sizes(const ask_opt_config *c)
{
    return (ask_decoder_sizes){c->n_layers, c->n_heads, c->width / c->n_heads};
}

/* ---- building ---- */

ask_tensor *ask_opt_embed(ask_graph *g, const ask_opt *m, ask_tensor *ids)
{
    return ask_embedding(g, m->token_table, ids);
}

/* x: [B, T, E] -> [B, T, C] */
static ask_tensor *enter(ask_graph *g, const ask_opt *m, ask_tensor *x,
                         ask_tensor *positions)
{
    static const int64_t offset = OFFSET;
    ask_tensor *rows = ask_add(g, positions, ask_constant(g, ASK_I64, 0, NULL, &offset));
    if (m->in.w) x = ask_dense_build(g, &m->in, x);
    return ask_add(g, x, ask_embedding(g, m->position_table, rows));
}

/* x: [B, T, C] -> [B, T, C] */
static ask_tensor *attend(ask_graph *g, const ask_opt *m, int i, ask_tensor *x,
                          const ask_decoder_view *view)
{
    const ask_opt_layer *l = &m->layers[i];
    int n_heads = m->config.n_heads;
    ask_tensor *q = ask_heads_split(g, ask_dense_build(g, &l->q, x), n_heads);
    ask_tensor *k = ask_heads_split(g, ask_dense_build(g, &l->k, x), n_heads);
    ask_tensor *v = ask_heads_split(g, ask_dense_build(g, &l->v, x), n_heads);
    const ask_decoder_look look = {0};
    return ask_dense_build(g, &l->out, ask_decoder_attend(g, view, i, q, k, v, &look));
}

/* x: [B, T, C] -> [B, T, C] */
static ask_tensor *build_layer(ask_graph *g, const ask_opt *m, int i, ask_tensor *x,
                               const ask_decoder_view *view)
{
    const ask_opt_layer *l = &m->layers[i];
    bool first = m->config.norm_first;
    ask_tensor *seen = first ? ask_norm_build(g, &l->norm1, x) : x;
    x = ask_add(g, x, attend(g, m, i, seen, view));
    if (!first) x = ask_norm_build(g, &l->norm1, x);
    seen = first ? ask_norm_build(g, &l->norm2, x) : x;
    x = ask_add(g, x, ask_mlp_build(g, &l->mlp, seen));
    return first ? x : ask_norm_build(g, &l->norm2, x);
}

ask_tensor *ask_opt_build(ask_graph *g, const ask_opt *m, ask_tensor *x,
                          const ask_decoder_view *view)
{
    x = enter(g, m, x, view->positions);
    for (int i = 0; i < m->config.n_layers; i++) {
        x = ask_name(g, x, "%shidden_states.%d", view->trace, i);
        x = build_layer(g, m, i, x, view);
    }
    if (m->config.final_norm) x = ask_norm_build(g, &m->norm, x);
    if (m->out.w) x = ask_dense_build(g, &m->out, x); // [B, T, E]
    x = ask_name(g, x, "%shidden_states.%d", view->trace, m->config.n_layers);
    return ask_name(g, x, "%slast_hidden_state", view->trace);
}

ask_tensor *ask_opt_logits(ask_graph *g, const ask_opt *m, ask_tensor *states)
{
    return ask_linear(g, states, m->head, NULL);
}

/* ---- work ---- */

double ask_opt_flops(const ask_opt_config *c, double seen)
{
    double width = c->width, inner = c->inner, embed = c->n_embed;
    double products = 4 * width * width + 2 * width * inner;
    double projections = c->n_embed == c->width ? 0 : 2 * width * embed;
    return 2 * (c->n_layers * (products + 2 * seen * width) + projections);
}

double ask_opt_logits_flops(const ask_opt_config *c)
{
    return 2.0 * c->n_embed * c->n_vocab;
}
