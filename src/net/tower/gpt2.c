#include "net/tower/gpt2.h"

#include <math.h>

#include "base/str.h"
#include "net/block/heads.h"

/* The causal rule as a table, and what stood in place of minus infinity. */
const char *const ask_gpt2_ignored[] = {"*h.*.attn.bias", "*h.*.attn.masked_bias", NULL};

/* ---- the configuration ---- */

static bool check_kind(ask_json_value v, ask_error *err)
{
    bool crossed;
    if (!ask_config_bool(&crossed, v, "add_cross_attention", false, err)) return false;
    return !crossed || ask_config_fail(v, "add_cross_attention", err,
                                       "a GPT-2 that attends to another network is not "
                                       "supported");
}

bool ask_gpt2_config_read(ask_gpt2_config *out, ask_json_value v, ask_error *err)
{
    ask_gpt2_config c = {0};
    int inner = 0; // 0: four times the width
    bool ok =
        ask_config_size(&c.width, v, "n_embd", ASK_MAX_WIDTH, 768, err) &&
        ask_config_size(&inner, v, "n_inner", ASK_MAX_WIDTH, 0, err) &&
        ask_config_size(&c.n_layers, v, "n_layer", ASK_MAX_LAYERS, 12, err) &&
        ask_config_size(&c.n_heads, v, "n_head", ASK_MAX_WIDTH, 12, err) &&
        ask_config_size(&c.n_vocab, v, "vocab_size", ASK_MAX_VOCAB, 50257, err) &&
        ask_config_size(&c.n_context, v, "n_positions", ASK_MAX_CONTEXT, 1024, err) &&
        ask_config_activation(&c.activation, v, "activation_function", ASK_ACT_GELU_TANH,
                              err) &&
        ask_config_positive(&c.eps, v, "layer_norm_epsilon", 1e-5, err) &&
        ask_config_bool(&c.scaled, v, "scale_attn_weights", true, err) &&
        ask_config_bool(&c.scaled_by_layer, v, "scale_attn_by_inverse_layer_idx", false,
                        err) &&
        ask_config_bool(&c.tied, v, "tie_word_embeddings", true, err) &&
        ask_config_double(&c.init, v, "initializer_range", 0, ASK_MAX_SCALE, 0.02, err) &&
        ask_config_shared(v, "n_embd", c.width, c.n_heads, err) && check_kind(v, err);
    c.inner = inner ? inner : 4 * c.width;
    if (ok) *out = c;
    return ok;
}

/* ---- binding ---- */

enum { N_LINEAR = 4 }; // linear layers of a layer

typedef struct {
    const char *name;
    ask_dense *dense;
    int64_t n_in, n_out;
    double init;
} linear_part;

static void list_linear(linear_part out[N_LINEAR], ask_gpt2_layer *l,
                        const ask_gpt2_config *c)
{
    const int64_t width = c->width, inner = c->inner;
    const double last = c->init / sqrt(2.0 * c->n_layers); // of what is added to x
    out[0] = (linear_part){"attn.c_attn", &l->qkv, width, 3 * width, c->init};
    out[1] = (linear_part){"attn.c_proj", &l->out, width, width, last};
    out[2] = (linear_part){"mlp.c_fc", &l->mlp.in, width, inner, c->init};
    out[3] = (linear_part){"mlp.c_proj", &l->mlp.out, inner, width, last};
}

static void bind_layer(ask_gpt2_layer *l, ask_params *p, const char *name,
                       const ask_gpt2_config *c)
{
    linear_part parts[N_LINEAR];
    char part[256];
    list_linear(parts, l, c);
    for (int i = 0; i < N_LINEAR; i++) {
        ask_format(part, sizeof part, "%s.%s", name, parts[i].name);
        ask_dense_bind_turned(parts[i].dense, p, part, parts[i].n_in, parts[i].n_out,
                              parts[i].init);
    }
    l->mlp.activation = c->activation;
    ask_format(part, sizeof part, "%s.ln_1", name);
    ask_norm_bind(&l->norm1, p, part, c->width, c->eps);
    ask_format(part, sizeof part, "%s.ln_2", name);
    ask_norm_bind(&l->norm2, p, part, c->width, c->eps);
}

void ask_gpt2_bind(ask_gpt2 *out, ask_params *p, const char *prefix,
                   const ask_gpt2_config *config)
{
    const ask_gpt2_config *c = config;
    char stack[200], part[256];
    bool bare = !ask_params_has(p, "%stransformer.wte.weight", prefix) &&
                ask_params_has(p, "%swte.weight", prefix);
    ask_format(stack, sizeof stack, bare ? "%s" : "%stransformer.", prefix);
    out->config = *c;
    out->token_table = ask_param_matrix(p, ask_init_normal(c->init), c->n_vocab, c->width,
                                        "%swte.weight", stack);
    out->position_table =
        ask_param(p, ask_init_normal(c->init), 2, (int64_t[]){c->n_context, c->width},
                  "%swpe.weight", stack);
    out->layers = ask_params_array(p, (size_t)c->n_layers, sizeof *out->layers);
    for (int i = 0; i < c->n_layers && out->layers; i++) {
        ask_format(part, sizeof part, "%sh.%d", stack, i);
        bind_layer(&out->layers[i], p, part, c);
    }
    ask_format(part, sizeof part, "%sln_f", stack);
    ask_norm_bind(&out->norm, p, part, c->width, c->eps);
    out->head = c->tied ? out->token_table
                        : ask_param_matrix(p, ask_init_normal(c->init), c->n_vocab,
                                           c->width, "%slm_head.weight", prefix);
    if (c->tied) ask_params_pass(p, "%slm_head.weight", prefix); // some store it twice
}

/* ---- adapters ---- */

void ask_gpt2_bind_adapter(ask_gpt2 *m, ask_params *p, const char *prefix)
{
    linear_part parts[N_LINEAR];
    char layer[128], name[256];
    for (int i = 0; i < m->config.n_layers && m->layers; i++) {
        list_linear(parts, &m->layers[i], &m->config);
        for (int k = 0; k < N_LINEAR; k++) {
            ask_format(layer, sizeof layer, "transformer.h.%d.%s", i, parts[k].name);
            ask_format(name, sizeof name, "%s%s", prefix, layer);
            ask_lora_bind(&parts[k].dense->added, p, layer, name, parts[k].n_in,
                          parts[k].n_out);
        }
    }
}

bool ask_gpt2_scale_adapter(ask_gpt2 *m, const ask_lora_config *config)
{
    linear_part parts[N_LINEAR];
    for (int i = 0; i < m->config.n_layers; i++) {
        list_linear(parts, &m->layers[i], &m->config);
        for (int k = 0; k < N_LINEAR; k++)
            if (!ask_lora_scale(&parts[k].dense->added, config)) return false;
    }
    return true;
}

bool ask_gpt2_has_adapter(const ask_gpt2 *m)
{
    for (int i = 0; i < m->config.n_layers; i++) {
        const ask_gpt2_layer *l = &m->layers[i];
        if (l->qkv.added.a || l->out.added.a || l->mlp.in.added.a || l->mlp.out.added.a)
            return true;
    }
    return false;
}

ask_decoder_sizes ask_gpt2_sizes(const ask_gpt2_config *c)
{
    return (ask_decoder_sizes){c->n_layers, c->n_heads, c->width / c->n_heads};
}

/* ---- building ---- */

ask_tensor *ask_gpt2_embed(ask_graph *g, const ask_gpt2 *m, ask_tensor *ids)
{
    return ask_embedding(g, m->token_table, ids);
}

/* What products of queries and keys are multiplied with. */
static double scale_of(const ask_gpt2_config *c, int layer)
{
    double scale = c->scaled ? 1 / sqrt((double)c->width / c->n_heads) : 1;
    return c->scaled_by_layer ? scale / (layer + 1) : scale;
}

/* x: [B, T, C] -> [B, T, C] */
static ask_tensor *attend(ask_graph *g, const ask_gpt2 *m, int i, ask_tensor *x,
                          const ask_decoder_view *view)
{
    const ask_gpt2_layer *l = &m->layers[i];
    int64_t n_heads = m->config.n_heads;
    ask_tensor *all = ask_dense_build(g, &l->qkv, x); // [B, T, 3 C]
    all = ask_heads_split(g, all, 3 * n_heads);       // [B, 3 H, T, D]
    ask_tensor *q = ask_slice(g, all, 1, 0, n_heads);
    ask_tensor *k = ask_slice(g, all, 1, n_heads, 2 * n_heads);
    ask_tensor *v = ask_slice(g, all, 1, 2 * n_heads, 3 * n_heads);
    const ask_decoder_look look = {.scale = scale_of(&m->config, i)};
    return ask_dense_build(g, &l->out, ask_decoder_attend(g, view, i, q, k, v, &look));
}

ask_tensor *ask_gpt2_build(ask_graph *g, const ask_gpt2 *m, ask_tensor *x,
                           const ask_decoder_view *view)
{
    x = ask_add(g, x, ask_embedding(g, m->position_table, view->positions));
    for (int i = 0; i < m->config.n_layers; i++) {
        const ask_gpt2_layer *l = &m->layers[i];
        x = ask_name(g, x, "%shidden_states.%d", view->trace, i);
        x = ask_add(g, x, attend(g, m, i, ask_norm_build(g, &l->norm1, x), view));
        x = ask_add(g, x, ask_mlp_build(g, &l->mlp, ask_norm_build(g, &l->norm2, x)));
    }
    x = ask_norm_build(g, &m->norm, x); // [B, T, C]
    x = ask_name(g, x, "%shidden_states.%d", view->trace, m->config.n_layers);
    return ask_name(g, x, "%slast_hidden_state", view->trace);
}

ask_tensor *ask_gpt2_logits(ask_graph *g, const ask_gpt2 *m, ask_tensor *states)
{
    return ask_linear(g, states, m->head, NULL);
}

/* ---- work ---- */

double ask_gpt2_flops(const ask_gpt2_config *c, double seen)
{
    double width = c->width, inner = c->inner;
    return 2 * c->n_layers * (4 * width * width + 2 * width * inner + 2 * seen * width);
}

double ask_gpt2_logits_flops(const ask_gpt2_config *c)
{
    return 2.0 * c->width * c->n_vocab;
}
