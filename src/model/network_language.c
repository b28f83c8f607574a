/* The rows of the language models that see nothing. */
#include "model/language_priv.h"

typedef struct {
    ask_language_config config;
    ask_language model;
} writer;

static const ask_language *language_of(const void *net)
{
    return &((const writer *)net)->model;
}

static bool read_llama(void *net, ask_json_value root, ask_error *err)
{
    return ask_language_config_read_as(&((writer *)net)->config, root, "llama", err);
}

static bool read_mistral(void *net, ask_json_value root, ask_error *err)
{
    return ask_language_config_read_as(&((writer *)net)->config, root, "mistral", err);
}

static bool read_qwen2(void *net, ask_json_value root, ask_error *err)
{
    return ask_language_config_read_as(&((writer *)net)->config, root, "qwen2", err);
}

static bool read_opt(void *net, ask_json_value root, ask_error *err)
{
    return ask_language_config_read_as(&((writer *)net)->config, root, "opt", err);
}

static bool read_gpt2(void *net, ask_json_value root, ask_error *err)
{
    return ask_language_config_read_as(&((writer *)net)->config, root, "gpt2", err);
}

static bool read_t5(void *net, ask_json_value root, ask_error *err)
{
    return ask_language_config_read_as(&((writer *)net)->config, root, "t5", err);
}

static bool read_mt5(void *net, ask_json_value root, ask_error *err)
{
    return ask_language_config_read_as(&((writer *)net)->config, root, "mt5", err);
}

static void bind(void *net, ask_params *p)
{
    writer *w = net;
    ask_language_bind(&w->model, p, "", &w->config);
}

static void narrow(void *net, ask_dtype type)
{
    ask_language_narrow(&((writer *)net)->model, type);
}

static bool size_at(const void *net, size_t i, ask_model_size *out)
{
    return language_size_at(language_of(net), i, out);
}

static const network_language language = {.of = language_of, .vocab_key = "vocab_size"};

/* ---- verifying ---- */

static const network_input inputs[] = {LANGUAGE_INPUTS, {0}};

static bool check(const void *net, const network_value *in, ask_error *err)
{
    return language_check(language_of(net), in, err);
}

static void build(ask_graph *g, const void *net, const network_value *in)
{
    language_build(g, language_of(net), in, NULL, -1);
}

/* The first text, with nothing said of padding and places. */
static void build_first(ask_graph *g, const void *net, const network_value *in)
{
    network_value first[] = {[LANGUAGE_IDS] = in[LANGUAGE_IDS], [LANGUAGE_POSITIONS] = {0}};
    network_value *ids = &first[LANGUAGE_IDS];
    ids->tensor = ask_contiguous(g, ask_slice(g, ids->tensor, 0, 0, 1));
    ids->shape[0] = 1;
    language_build(g, language_of(net), first, NULL, -1);
}

enum { LABELS = 1 };

static const network_input loss_inputs[] = {
    [LANGUAGE_IDS] = {"input_ids", ASK_I64}, [LABELS] = {"labels", ASK_I64}, {0}};

static bool check_loss(const void *net, const network_value *in, ask_error *err)
{
    const network_value *labels = &in[LABELS], *ids = &in[LANGUAGE_IDS];
    if (!language_check_ids(language_of(net), ids, err)) return false;
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

/* ---- encoder-decoders ---- */

static const network_input said_inputs[] = {
    LANGUAGE_SAID_INPUTS, LANGUAGE_SAID_MASK_INPUT, {0}};

static bool check_said(const void *net, const network_value *in, ask_error *err)
{
    return language_check_said(language_of(net), in, err) &&
           language_check_said_mask(in, err);
}

static void build_said(ask_graph *g, const void *net, const network_value *in)
{
    language_build_said(g, language_of(net), in);
}

static const network_run encoder_runs[] = {
    {.inputs = said_inputs,
     .masks = language_said_masks,
     .check = check_said,
     .build = build_said},
    {.inputs = inputs, .masks = language_encoder_masks, .check = check, .greedy = true},
};

/* ---- the rows ---- */

#define LANGUAGE_ROW_OF(kind, its_runs, ...)                                               \
    {                                                                                      \
        .name = #kind, .model_type = #kind, .net_bytes = sizeof(writer),                   \
        .read_config = read_##kind, .bind = bind, .narrow = narrow, .size_at = size_at,    \
        .language = &language, .runs = its_runs,                                           \
        .n_runs = sizeof its_runs / sizeof *its_runs, __VA_ARGS__                          \
    }

#define LANGUAGE_ROW(kind, ...) LANGUAGE_ROW_OF(kind, runs, __VA_ARGS__)

#define LLAMA_ROW(kind, class, tells)                                                      \
    LANGUAGE_ROW(kind, .architectures = (const char *const[]){class, NULL},                \
                 .tensors =                                                                \
                     (const char *const[]){"model.embed_tokens.weight",                    \
                                           "model.layers.0.mlp.gate_proj.weight",          \
                                           "model.layers.0.self_attn." tells, NULL},       \
                 .ignored = ask_llama_ignored)

const network network_llama = LLAMA_ROW(llama, "LlamaForCausalLM", "q_proj.weight");
const network network_mistral = LLAMA_ROW(mistral, "MistralForCausalLM", "q_proj.weight");
const network network_qwen2 = LLAMA_ROW(qwen2, "Qwen2ForCausalLM", "q_proj.bias");

const network network_opt = LANGUAGE_ROW(
    opt, .architectures = (const char *const[]){"OPTForCausalLM", "OPTModel", NULL},
    .tensors =
        (const char *const[]){"model.decoder.embed_positions.weight",
                              "model.decoder.layers.0.self_attn.q_proj.weight", NULL},
    .ignored = ask_opt_ignored);

const network network_gpt2 = LANGUAGE_ROW(
    gpt2, .architectures = (const char *const[]){"GPT2LMHeadModel", "GPT2Model", NULL},
    .tensors = (const char *const[]){"transformer.wpe.weight",
                                     "transformer.h.0.attn.c_attn.weight", NULL},
    .ignored = ask_gpt2_ignored);

#define T5_ROW(kind, ...)                                                                  \
    LANGUAGE_ROW_OF(                                                                       \
        kind, encoder_runs, .architectures = (const char *const[]){__VA_ARGS__, NULL},     \
        .tensors =                                                                         \
            (const char *const[]){"encoder.block.0.layer.0.SelfAttention.q.weight",        \
                                  "decoder.block.0.layer.1.EncDecAttention.q.weight",      \
                                  NULL},                                                   \
        .ignored = ask_t5_ignored)

const network network_t5 = T5_ROW(t5, "T5ForConditionalGeneration", "T5WithLMHeadModel");
const network network_mt5 = T5_ROW(mt5, "MT5ForConditionalGeneration");
