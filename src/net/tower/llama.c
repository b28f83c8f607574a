#include "net/tower/llama.h"

#include <string.h>

#include "base/str.h"

const char *const ask_llama_ignored[] = {"*.rotary_emb.inv_freq", NULL};

/* ---- binding ---- */

static void bind_layer(ask_llama_layer *l, ask_params *p, const char *name,
                       const ask_llama_config *c)
{
    int64_t width = c->width, q = (int64_t)c->n_heads * c->head,
            kv = (int64_t)c->n_kv_heads * c->head;
    const struct {
        const char *name;
        ask_dense *dense;
        int64_t n_in, n_out;
        bool bias;
    } parts[] = {
        {"q_proj", &l->q, width, q, c->qkv_bias},
        {"k_proj", &l->k, width, kv, c->qkv_bias},
        {"v_proj", &l->v, width, kv, c->qkv_bias},
        {"o_proj", &l->out, q, width, c->out_bias},
    };
    char part[256];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        ask_format(part, sizeof part, "%s.self_attn.%s", name, parts[i].name);
        ask_dense_bind_as(parts[i].dense, p, part, parts[i].n_in, parts[i].n_out,
                          parts[i].bias, c->init);
    }
    ask_format(part, sizeof part, "%s.mlp", name);
    ask_gated_mlp_bind(&l->mlp, p, part, width, c->inner, c->activation, c->mlp_bias,
                       c->init);
    ask_format(part, sizeof part, "%s.input_layernorm", name);
    ask_rms_bind(&l->norm1, p, part, width, c->eps);
    ask_format(part, sizeof part, "%s.post_attention_layernorm", name);
    ask_rms_bind(&l->norm2, p, part, width, c->eps);
}

/* Where tokens were added to a vocabulary, but not to the last layer, it takes the mean of
 * its rows for theirs: as those who added them do. table: that vocabulary's; without it the
 * configuration is not to be trusted with so much room. */
static ask_tensor *bind_head(ask_params *p, const char *head, const ask_tensor *table,
                             const ask_llama_config *c)
{
    int64_t n = c->n_vocab, width = c->width;
    int64_t n_told = ask_params_size(p, 0, n, "%s.weight", head);
    if (n_told >= n || n_told < 1 || !table)
        return ask_param_matrix(p, ask_init_normal(c->init), n, width, "%s.weight", head);
    const float *told = ask_param_values(p, ask_init_normal(c->init), 2,
                                         (int64_t[]){n_told, width}, "%s.weight", head);
    float *rows = ask_params_array(p, (size_t)n, (size_t)width * sizeof *rows);
    if (!told || !rows) return NULL;
    memcpy(rows, told, (size_t)(n_told * width) * sizeof *rows);
    for (int64_t k = 0; k < width; k++) {
        double sum = 0;
        for (int64_t i = 0; i < n_told; i++) sum += told[i * width + k];
        for (int64_t i = n_told; i < n; i++) rows[i * width + k] = (float)(sum / n_told);
    }
    return ask_params_lend(p, rows, 2, (int64_t[]){n, width}, "%s.weight", head);
}

/* The factors of the angles, where the checkpoint has some. */
static void bind_factors(ask_rotary *r, ask_params *p)
{
    if (r->scaling != ASK_ROTARY_FACTORS) return;
    r->factors =
        ask_param_values(p, ask_init_value(1), 1, (int64_t[]){r->n}, "rope_freqs.weight");
    for (int i = 0; r->factors && i < r->n; i++)
        if (!(r->factors[i] > 0 && r->factors[i] <= ASK_MAX_SCALE)) {
            ask_params_refuse(p, "tensor \"rope_freqs.weight\": %g is no factor of angles",
                              (double)r->factors[i]);
            return;
        }
}

void ask_llama_bind(ask_llama *out, ask_params *p, const char *name, const char *head,
                    const ask_llama_config *config)
{
    const ask_llama_config *c = config;
    char part[256];
    out->config = *c;
    bind_factors(&out->config.rotary, p);
    out->token_table = ask_param_matrix(p, ask_init_normal(c->init), c->n_vocab, c->width,
                                        "%s.embed_tokens.weight", name);
    out->layers = ask_params_array(p, (size_t)c->n_layers, sizeof *out->layers);
    for (int i = 0; i < c->n_layers && out->layers; i++) {
        ask_format(part, sizeof part, "%s.layers.%d", name, i);
        bind_layer(&out->layers[i], p, part, c);
    }
    ask_format(part, sizeof part, "%s.norm", name);
    ask_rms_bind(&out->norm, p, part, c->width, c->eps);
    out->head = c->tied ? out->token_table : bind_head(p, head, out->token_table, c);
    if (c->tied) ask_params_pass(p, "%s.weight", head); // some store it twice
}

ask_decoder_sizes ask_llama_sizes(const ask_llama_config *c)
{
    return (ask_decoder_sizes){c->n_layers, c->n_kv_heads, c->head};
}

/* ---- building ---- */

ask_tensor *ask_llama_embed(ask_graph *g, const ask_llama *m, ask_tensor *ids)
{
    return ask_embedding(g, m->token_table, ids);
}

/* x: [B, T, C] -> [B, T, C] */
static ask_tensor *attend(ask_graph *g, const ask_llama *m, int i, ask_tensor *x,
                          ask_rotary_angles angles, const ask_decoder_view *view)
{
    const ask_llama_layer *l = &m->layers[i];
    const ask_llama_config *c = &m->config;
    ask_tensor *q = ask_heads_split(g, ask_dense_build(g, &l->q, x), c->n_heads);
    ask_tensor *k = ask_heads_split(g, ask_dense_build(g, &l->k, x), c->n_kv_heads);
    ask_tensor *v = ask_heads_split(g, ask_dense_build(g, &l->v, x), c->n_kv_heads);
    q = ask_rotary_turn(g, &c->rotary, q, angles); // [B, H, T, D]
    k = ask_rotary_turn(g, &c->rotary, k, angles); // [B, Hk, T, D]
    const ask_decoder_look look = {.narrow = c->window > 0 && i >= c->first_window,
                                   .window = c->window};
    return ask_dense_build(g, &l->out, ask_decoder_attend(g, view, i, q, k, v, &look));
}

ask_tensor *ask_llama_build(ask_graph *g, const ask_llama *m, ask_tensor *x,
                            const ask_decoder_view *view)
{
    ask_rotary_angles angles = ask_rotary_build(g, &m->config.rotary, view->positions);
    for (int i = 0; i < m->config.n_layers; i++) {
        const ask_llama_layer *l = &m->layers[i];
        x = ask_name(g, x, "%shidden_states.%d", view->trace, i);
        ask_tensor *seen = ask_rms_build(g, &l->norm1, x);
        x = ask_add(g, x, attend(g, m, i, seen, angles, view));
        x = ask_add(g, x, ask_gated_mlp_build(g, &l->mlp, ask_rms_build(g, &l->norm2, x)));
    }
    x = ask_rms_build(g, &m->norm, x); // [B, T, C]
    x = ask_name(g, x, "%shidden_states.%d", view->trace, m->config.n_layers);
    return ask_name(g, x, "%slast_hidden_state", view->trace);
}

ask_tensor *ask_llama_logits(ask_graph *g, const ask_llama *m, ask_tensor *states)
{
    return ask_linear(g, states, m->head, NULL);
}

/* ---- work ---- */

double ask_llama_flops(const ask_llama_config *c, double seen)
{
    double width = c->width, q = (double)c->n_heads * c->head,
           kv = (double)c->n_kv_heads * c->head;
    double products = 2 * width * (q + kv) + 3 * width * c->inner;
    return 2 * c->n_layers * (products + 2 * seen * q);
}

double ask_llama_logits_flops(const ask_llama_config *c)
{
    return 2.0 * c->width * c->n_vocab;
}
