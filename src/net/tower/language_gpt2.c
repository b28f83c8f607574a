/* The row of GPT-2. */
#include "net/tower/language_priv.h"

static bool read_config(ask_language_config *config, const char *type, ask_json_value v,
                        ask_error *err)
{
    (void)type;
    return ask_gpt2_config_read(&config->gpt2, v, err);
}

static ask_language_sizes sizes_of(const ask_gpt2_config *c)
{
    enum { BEGIN = 50256, END = 50256 }; // of GPT2Config
    double still = ask_gpt2_flops(c, 0);
    ask_language_sizes s = {.decoder = ask_gpt2_sizes(c),
                            .width = c->width,
                            .hidden = c->width,
                            .inner = c->inner,
                            .n_heads = c->n_heads,
                            .n_context = c->n_context,
                            .n_positions = c->n_context,
                            .n_vocab = c->n_vocab,
                            .token_flops = still,
                            .seen_flops = ask_gpt2_flops(c, 1) - still,
                            .logits_flops = ask_gpt2_logits_flops(c)};
    language_add_ids(&s, BEGIN, END, -1);
    return s;
}

static ask_language_sizes config_sizes(const ask_language_config *c)
{
    return sizes_of(&c->gpt2);
}

static ask_language_sizes sizes(const ask_language *m)
{
    return sizes_of(&m->gpt2.config);
}

static void bind(ask_language *m, ask_params *p, const char *prefix,
                 const ask_language_config *config)
{
    ask_gpt2_bind(&m->gpt2, p, prefix, &config->gpt2);
}

static ask_tensor *embed(ask_graph *g, const ask_language *m, ask_tensor *ids)
{
    return ask_gpt2_embed(g, &m->gpt2, ids);
}

static ask_tensor *build(ask_graph *g, const ask_language *m, ask_tensor *x,
                         const ask_decoder_view *view)
{
    return ask_gpt2_build(g, &m->gpt2, x, view);
}

static ask_tensor *logits(ask_graph *g, const ask_language *m, ask_tensor *states)
{
    return ask_gpt2_logits(g, &m->gpt2, states);
}

const language_row language_gpt2 = {
    .types = (const char *const[]){"gpt2", NULL},
    .read = read_config,
    .config_sizes = config_sizes,
    .sizes = sizes,
    .bind = bind,
    .embed = embed,
    .build = build,
    .logits = logits,
};
