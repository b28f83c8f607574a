/* The row of OPT. */
#include "net/tower/language_priv.h"

static bool read_config(ask_language_config *config, const char *type, ask_json_value v,
                        ask_error *err)
{
    (void)type;
    return ask_opt_config_read(&config->opt, v, err);
}

static ask_language_sizes sizes_of(const ask_opt_config *c)
{
    enum { BEGIN = 2, END = 2, PAD = 1 }; // of OPTConfig
    double still = ask_opt_flops(c, 0);
    ask_language_sizes s = {.decoder = ask_opt_sizes(c),
                            .width = c->n_embed,
                            .hidden = c->width,
                            .inner = c->inner,
                            .n_heads = c->n_heads,
                            .n_context = c->n_context,
                            .n_positions = c->n_context,
                            .n_vocab = c->n_vocab,
                            .token_flops = still,
                            .seen_flops = ask_opt_flops(c, 1) - still,
                            .logits_flops = ask_opt_logits_flops(c)};
    language_add_ids(&s, BEGIN, END, PAD);
    return s;
}

static ask_language_sizes config_sizes(const ask_language_config *c)
{
    return sizes_of(&c->opt);
}

static ask_language_sizes sizes(const ask_language *m)
{
    return sizes_of(&m->opt.config);
}

static void bind(ask_language *m, ask_params *p, const char *prefix,
                 const ask_language_config *config)
{
    ask_opt_bind(&m->opt, p, prefix, &config->opt);
}

static ask_tensor *positions(ask_graph *g, const ask_language *m, ask_tensor *mask)
{
    (void)m;
    return ask_decoder_positions(g, mask);
}

static ask_tensor *embed(ask_graph *g, const ask_language *m, ask_tensor *ids)
{
    return ask_opt_embed(g, &m->opt, ids);
}

static ask_tensor *build(ask_graph *g, const ask_language *m, ask_tensor *x,
                         const ask_decoder_view *view)
{
    return ask_opt_build(g, &m->opt, x, view);
}

static ask_tensor *logits(ask_graph *g, const ask_language *m, ask_tensor *states)
{
    return ask_opt_logits(g, &m->opt, states);
}

const language_row language_opt = {
    .types = (const char *const[]){"opt", NULL},
    .read = read_config,
    .config_sizes = config_sizes,
    .sizes = sizes,
    .bind = bind,
    .positions = positions,
    .embed = embed,
    .build = build,
    .logits = logits,
};
