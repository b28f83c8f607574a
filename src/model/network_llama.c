/* The rows of LLaMA, Mistral and Qwen2. */
#include "model/language_priv.h"

static bool read_kind(void *net, ask_llama_kind kind, ask_json_value root, ask_error *err)
{
    return ask_llama_config_read(&((ask_llama *)net)->config, kind, root, err);
}

static bool read_llama(void *net, ask_json_value root, ask_error *err)
{
    return read_kind(net, ASK_LLAMA, root, err);
}

static bool read_mistral(void *net, ask_json_value root, ask_error *err)
{
    return read_kind(net, ASK_MISTRAL, root, err);
}

static bool read_qwen2(void *net, ask_json_value root, ask_error *err)
{
    return read_kind(net, ASK_QWEN2, root, err);
}

static void bind(void *net, ask_params *p)
{
    ask_llama *m = net;
    ask_llama_config config = m->config;
    ask_llama_bind(m, p, "model", "lm_head", &config);
}

static void narrow(void *net, ask_dtype type)
{
    ((ask_llama *)net)->config.rotary.rounding = type;
}

static bool size_at(const void *net, size_t i, ask_model_size *out)
{
    return language_size_at(&((const ask_llama *)net)->config, i, out);
}

/* ---- reading ---- */

static network_language_sizes sizes(const void *net)
{
    return language_sizes_of(&((const ask_llama *)net)->config, "vocab_size");
}

static ask_tensor *embed(ask_graph *g, const void *net, ask_tensor *ids)
{
    return ask_llama_embed(g, net, ids);
}

static ask_tensor *read_texts(ask_graph *g, const void *net, ask_tensor *x,
                              const ask_decoder_view *view)
{
    return ask_llama_build(g, net, x, view);
}

static ask_tensor *logits(ask_graph *g, const void *net, ask_tensor *states)
{
    return ask_llama_logits(g, net, states);
}

static const network_language language = {
    .sizes = sizes, .embed = embed, .read = read_texts, .logits = logits};

/* ---- verifying ---- */

static const network_input inputs[] = {LANGUAGE_INPUTS, {0}};

static bool check(const void *net, const network_value *in, ask_error *err)
{
    return language_check(&((const ask_llama *)net)->config, in, err);
}

static void build(ask_graph *g, const void *net, const network_value *in)
{
    language_build(g, net, in, NULL, -1);
}

/* The first text, with nothing said of padding and places. */
static void build_first(ask_graph *g, const void *net, const network_value *in)
{
    network_value first[] = {[LANGUAGE_IDS] = in[LANGUAGE_IDS], [LANGUAGE_POSITIONS] = {0}};
    network_value *ids = &first[LANGUAGE_IDS];
    ids->tensor = ask_contiguous(g, ask_slice(g, ids->tensor, 0, 0, 1));
    ids->shape[0] = 1;
    language_build(g, net, first, NULL, -1);
}

enum { LABELS = 1 };

static const network_input loss_inputs[] = {
    [LANGUAGE_IDS] = {"input_ids", ASK_I64}, [LABELS] = {"labels", ASK_I64}, {0}};

static bool check_loss(const void *net, const network_value *in, ask_error *err)
{
    const ask_llama_config *c = &((const ask_llama *)net)->config;
    const network_value *labels = &in[LABELS], *ids = &in[LANGUAGE_IDS];
    if (!network_check_ids("input_ids", ids, c->n_context, c->n_vocab, err)) return false;
    return (labels->n_dims == 2 && labels->shape[0] == 1 &&
            labels->shape[1] == ids->shape[1] && labels->shape[1] > 1) ||
           ask_fail(err, ASK_ERR_MODEL, "labels: the network takes [1, %lld]",
                    (long long)ids->shape[1]);
}

static void build_loss(ask_graph *g, const void *net, const network_value *in)
{
    build_first(g, net, in);
    ask_tensor *loss = ask_decoder_loss(g, ask_graph_find(g, "logits"), in[LABELS].tensor);
    ask_name(g, loss, "loss");
}

static const network_run runs[] = {
    {.inputs = inputs, .masks = language_masks, .check = check, .build = build},
    {.inputs = inputs,
     .outputs = "single.",
     .masks = language_masks + LANGUAGE_N_MASKS,
     .check = check,
     .build = build_first},
    {.inputs = inputs, .masks = language_masks, .check = check, .greedy = true},
    {.file = NETWORK_GRADS_FILE,
     .inputs = loss_inputs,
     .masks = language_masks + LANGUAGE_N_MASKS,
     .check = check_loss,
     .build = build_loss,
     .loss = "loss"},
};

#define LANGUAGE_ROW(kind, class, tells)                                                   \
    {                                                                                      \
        .name = #kind, .model_type = #kind,                                                \
        .architectures = (const char *const[]){class, NULL},                               \
        .tensors = (const char *const[]){"model.embed_tokens.weight",                      \
                                         "model.layers.0.mlp.gate_proj.weight",            \
                                         "model.layers.0.self_attn." tells, NULL},         \
        .ignored = ask_llama_ignored, .net_bytes = sizeof(ask_llama),                      \
        .read_config = read_##kind, .bind = bind, .narrow = narrow, .size_at = size_at,    \
        .language = &language, .runs = runs, .n_runs = sizeof runs / sizeof *runs,         \
    }

const network network_llama = LANGUAGE_ROW(llama, "LlamaForCausalLM", "q_proj.weight");
const network network_mistral =
    LANGUAGE_ROW(mistral, "MistralForCausalLM", "q_proj.weight");
const network network_qwen2 = LANGUAGE_ROW(qwen2, "Qwen2ForCausalLM", "q_proj.bias");
