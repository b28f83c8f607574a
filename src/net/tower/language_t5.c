/* The row of T5 and mT5. */
#include <string.h>

#include "net/tower/language_priv.h"

static bool read_config(ask_language_config *config, const char *type, ask_json_value v,
                        ask_error *err)
{
    ask_t5_kind kind = strcmp(type, "mt5") == 0 ? ASK_MT5 : ASK_T5;
    return ask_t5_config_read(&config->t5, kind, v, err);
}

static ask_language_sizes sizes_of(const ask_t5_config *c)
{
    double still = ask_t5_flops(c, 0), encoded = ask_t5_encode_flops(c, 0);
    enum { END = 1, PAD = 0 }; // of T5Config and MT5Config
    ask_language_sizes s = {.decoder = ask_t5_sizes(c),
                            .width = c->width,
                            .hidden = c->width,
                            .inner = c->inner,
                            .n_heads = c->n_heads,
                            .n_context = c->n_context,
                            .n_most = ASK_T5_MOST_PLACES,
                            .n_vocab = c->n_vocab,
                            .token_flops = still,
                            .seen_flops = ask_t5_flops(c, 1) - still,
                            .logits_flops = ask_t5_logits_flops(c),
                            .n_encoder_layers = c->n_encoder_layers,
                            .encode_flops = encoded,
                            .encode_seen_flops = ask_t5_encode_flops(c, 1) - encoded,
                            .start_id = c->start_id};
    language_add_ids(&s, -1, END, PAD);
    return s;
}

static ask_language_sizes config_sizes(const ask_language_config *c)
{
    return sizes_of(&c->t5);
}

static ask_language_sizes sizes(const ask_language *m)
{
    return sizes_of(&m->t5.config);
}

static void bind(ask_language *m, ask_params *p, const char *prefix,
                 const ask_language_config *config)
{
    ask_t5_bind(&m->t5, p, prefix, &config->t5);
}

static ask_tensor *embed(ask_graph *g, const ask_language *m, ask_tensor *ids)
{
    return ask_t5_embed(g, &m->t5, ids);
}

static ask_tensor *encode(ask_graph *g, const ask_language *m, ask_tensor *x,
                          ask_tensor *mask, const char *trace)
{
    return ask_t5_encode(g, &m->t5, x, mask, trace);
}

static void remember(ask_graph *g, const ask_language *m, ask_tensor *states,
                     const ask_decoder_cache *cache, ask_tensor *at)
{
    ask_t5_remember(g, &m->t5, states, cache, at);
}

static ask_tensor *build(ask_graph *g, const ask_language *m, ask_tensor *x,
                         const ask_decoder_view *view)
{
    return ask_t5_build(g, &m->t5, x, view);
}

static ask_tensor *logits(ask_graph *g, const ask_language *m, ask_tensor *states)
{
    return ask_t5_logits(g, &m->t5, states);
}

const language_row language_t5 = {
    .types = (const char *const[]){"t5", "mt5", NULL},
    .read = read_config,
    .config_sizes = config_sizes,
    .sizes = sizes,
    .bind = bind,
    .embed = embed,
    .encode = encode,
    .remember = remember,
    .build = build,
    .logits = logits,
};
