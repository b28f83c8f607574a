/* The sizes of LLaMA and its relatives, as their configurations tell them. */
#include <string.h>

#include "net/tower/llama.h"

/* What a configuration that does not say it means. */
typedef struct {
    const char *model_type;
    int width, inner, n_kv_heads; // 0: as many as query heads
    int n_vocab, n_context, window;
    bool qkv_bias;
} kind_defaults;

static const kind_defaults defaults[] = {
    [ASK_LLAMA] = {.model_type = "llama",
                   .width = 4096,
                   .inner = 11008,
                   .n_vocab = 32000,
                   .n_context = 2048},
    [ASK_MISTRAL] = {.model_type = "mistral",
                     .width = 4096,
                     .inner = 14336,
                     .n_kv_heads = 8,
                     .n_vocab = 32000,
                     .n_context = 131072,
                     .window = 4096},
    [ASK_QWEN2] = {.model_type = "qwen2",
                   .width = 4096,
                   .inner = 22016,
                   .n_kv_heads = 32,
                   .n_vocab = 151936,
                   .n_context = 32768,
                   .window = 4096,
                   .qkv_bias = true},
};

bool ask_llama_kind_find(ask_llama_kind *out, const char *model_type)
{
    for (int i = ASK_LLAMA; i <= ASK_QWEN2; i++)
        if (strcmp(model_type, defaults[i].model_type) == 0) {
            *out = (ask_llama_kind)i;
            return true;
        }
    return false;
}

bool ask_llama_kind_read(ask_llama_kind *out, ask_json_value v, ask_error *err)
{
    const char *type;
    if (!ask_json_opt_string(&type, v, "model_type", "llama", err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    if (ask_llama_kind_find(out, type)) return true;
    return ask_config_fail(v, "model_type", err,
                           "no language model is called \"%.40s\"; there are: llama, "
                           "mistral, qwen2",
                           type);
}

static bool is_null(ask_json_value v, const char *key)
{
    return ask_json_type_of(ask_json_find(v, key)) == ASK_JSON_NULL;
}

/* Mistral's is for all layers; Qwen2's only where it is switched on, and for those from
 * "max_window_layers" on. */
static bool read_window(ask_llama_config *c, ask_json_value v, const kind_defaults *d,
                        ask_error *err)
{
    bool used = d->window > 0 && !is_null(v, "sliding_window");
    int64_t window, first = 0;
    if (c->kind == ASK_QWEN2) {
        bool on;
        if (!ask_config_bool(&on, v, "use_sliding_window", false, err) ||
            !ask_config_int(&first, v, "max_window_layers", 0, ASK_MAX_LAYERS, 28, err))
            return false;
        used = used && on;
    }
    if (!ask_config_int(&window, v, "sliding_window", 1, ASK_MAX_CONTEXT, d->window, err))
        return false;
    c->window = used ? (int)window : 0;
    c->first_window = (int)first;
    return true;
}

/* "head_dim", or else the width, shared by the heads. */
static bool read_head(ask_llama_config *c, ask_json_value v, ask_error *err)
{
    enum { MOST = 2 * ASK_ROTARY_MOST_PAIRS, NOT_SAID = 0 };
    if (!ask_config_size(&c->head, v, "head_dim", MOST, NOT_SAID, err)) return false;
    if (c->head == NOT_SAID) {
        c->head = c->width / c->n_heads;
        if (!ask_config_shared(v, "hidden_size", c->width, c->n_heads, err)) return false;
        if (c->head > MOST)
            return ask_config_fail(v, "hidden_size", err,
                                   "a head of %d numbers; at most %d are read", c->head,
                                   MOST);
    }
    return c->head % 2 == 0 ||
           ask_config_fail(v, "hidden_size", err,
                           "a head of %d numbers has no pairs to turn", c->head);
}

static bool read_heads(ask_llama_config *c, ask_json_value v, const kind_defaults *d,
                       ask_error *err)
{
    bool own = d->n_kv_heads == 0 || is_null(v, "num_key_value_heads"); // a head its own
    if (!ask_config_size(&c->n_heads, v, "num_attention_heads", ASK_MAX_WIDTH, 32, err) ||
        !ask_config_size(&c->n_kv_heads, v, "num_key_value_heads", ASK_MAX_WIDTH,
                         own ? c->n_heads : d->n_kv_heads, err))
        return false;
    if (c->n_heads % c->n_kv_heads != 0)
        return ask_config_fail(v, "num_key_value_heads", err,
                               "%d heads cannot share %d of keys", c->n_heads,
                               c->n_kv_heads);
    bool pairs; // of files whose rows lie so: GGUF
    if (!read_head(c, v, err) || !ask_config_bool(&pairs, v, "rope_interleave", false, err))
        return false;
    c->rotary = (ask_rotary){.n = c->head / 2,
                             .kind = pairs ? ASK_ROPE_PAIRS : ASK_ROPE_HALVES,
                             .rounding = ASK_F32};
    return ask_rotary_read(&c->rotary, v, 10000, err);
}

/* LLaMA's "attention_bias" is of all four projections, Qwen2 always has the first three. */
static bool read_biases(ask_llama_config *c, ask_json_value v, const kind_defaults *d,
                        ask_error *err)
{
    c->qkv_bias = d->qkv_bias;
    c->out_bias = c->mlp_bias = false;
    if (c->kind != ASK_LLAMA) return true;
    bool attention;
    if (!ask_config_bool(&attention, v, "attention_bias", false, err) ||
        !ask_config_bool(&c->mlp_bias, v, "mlp_bias", false, err))
        return false;
    c->qkv_bias = c->out_bias = attention;
    return true;
}

bool ask_llama_config_read(ask_llama_config *out, ask_llama_kind kind, ask_json_value v,
                           ask_error *err)
{
    const kind_defaults *d = &defaults[kind];
    ask_llama_config c = {.kind = kind};
    bool ok =
        ask_config_size(&c.width, v, "hidden_size", ASK_MAX_WIDTH, d->width, err) &&
        ask_config_size(&c.inner, v, "intermediate_size", ASK_MAX_WIDTH, d->inner, err) &&
        ask_config_size(&c.n_layers, v, "num_hidden_layers", ASK_MAX_LAYERS, 32, err) &&
        ask_config_size(&c.n_vocab, v, "vocab_size", ASK_MAX_VOCAB, d->n_vocab, err) &&
        ask_config_size(&c.n_context, v, "max_position_embeddings", ASK_MAX_CONTEXT,
                        d->n_context, err) &&
        ask_config_positive(&c.eps, v, "rms_norm_eps", 1e-6, err) &&
        ask_config_activation(&c.activation, v, "hidden_act", ASK_ACT_SILU, err) &&
        ask_config_bool(&c.tied, v, "tie_word_embeddings", false, err) &&
        ask_config_double(&c.init, v, "initializer_range", 0, ASK_MAX_SCALE, 0.02, err) &&
        read_heads(&c, v, d, err) && read_biases(&c, v, d, err) &&
        read_window(&c, v, d, err);
    if (ok) *out = c;
    return ok;
}
