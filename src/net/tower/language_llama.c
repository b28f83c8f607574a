/* The row of LLaMA, Mistral and Qwen2. */
#include "base/str.h"
#include "net/tower/language_priv.h"

static bool read_config(ask_language_config *config, const char *type, ask_json_value v,
                        ask_error *err)
{
    ask_llama_kind kind;
    return ask_llama_kind_find(&kind, type) &&
           ask_llama_config_read(&config->llama, kind, v, err);
}

/* What LlamaConfig and MistralConfig have; Qwen2's have none, but one vocabulary. */
static void add_ids(ask_language_sizes *out, const ask_llama_config *c)
{
    enum { LLAMA_BEGIN = 1, LLAMA_END = 2, QWEN2_END = 151643 };
    if (c->kind == ASK_QWEN2)
        language_add_ids(out, -1, QWEN2_END, -1);
    else
        language_add_ids(out, LLAMA_BEGIN, LLAMA_END, -1);
}

static ask_language_sizes sizes_of(const ask_llama_config *c)
{
    double still = ask_llama_flops(c, 0);
    ask_language_sizes s = {.decoder = ask_llama_sizes(c),
                            .width = c->width,
                            .hidden = c->width,
                            .inner = c->inner,
                            .n_heads = c->n_heads,
                            .n_context = c->n_context,
                            .window = c->first_window < c->n_layers ? c->window : 0,
                            .n_vocab = c->n_vocab,
                            .token_flops = still,
                            .seen_flops = ask_llama_flops(c, 1) - still,
                            .logits_flops = ask_llama_logits_flops(c)};
    add_ids(&s, c);
    return s;
}

static ask_language_sizes config_sizes(const ask_language_config *c)
{
    return sizes_of(&c->llama);
}

static ask_language_sizes sizes(const ask_language *m)
{
    return sizes_of(&m->llama.config);
}

static void bind(ask_language *m, ask_params *p, const char *prefix,
                 const ask_language_config *config)
{
    char name[256], head[256];
    ask_format(name, sizeof name, "%smodel", prefix);
    ask_format(head, sizeof head, "%slm_head", prefix);
    ask_llama_bind(&m->llama, p, name, head, &config->llama);
}

static void narrow(ask_language *m, ask_dtype type)
{
    m->llama.config.rotary.rounding = type;
}

static ask_tensor *embed(ask_graph *g, const ask_language *m, ask_tensor *ids)
{
    return ask_llama_embed(g, &m->llama, ids);
}

static ask_tensor *build(ask_graph *g, const ask_language *m, ask_tensor *x,
                         const ask_decoder_view *view)
{
    return ask_llama_build(g, &m->llama, x, view);
}

static ask_tensor *logits(ask_graph *g, const ask_language *m, ask_tensor *states)
{
    return ask_llama_logits(g, &m->llama, states);
}

const language_row language_llama = {
    .types = (const char *const[]){"llama", "mistral", "qwen2", NULL},
    .read = read_config,
    .config_sizes = config_sizes,
    .sizes = sizes,
    .bind = bind,
    .narrow = narrow,
    .embed = embed,
    .build = build,
    .logits = logits,
};
