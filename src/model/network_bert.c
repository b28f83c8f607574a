/* The rows of BERT and RoBERTa. */
#include <stdlib.h>

#include "base/file.h"
#include "base/path.h"
#include "model/model_priv.h"
#include "net/tower/bert.h"

static bool read_bert(void *net, ask_json_value root, ask_error *err)
{
    return ask_bert_config_read(&((ask_bert *)net)->config, ASK_BERT, root, err);
}

static bool read_roberta(void *net, ask_json_value root, ask_error *err)
{
    return ask_bert_config_read(&((ask_bert *)net)->config, ASK_ROBERTA, root, err);
}

/* What Sentence-BERT's folders say of how tokens become a vector. */
static bool parse_pooling(ask_bert_pooling *out, ask_json_value root, ask_error *err)
{
    static const struct {
        const char *key;
        int pooling; // -1: not built
    } modes[] = {
        {"pooling_mode_mean_tokens", ASK_BERT_MEAN},
        {"pooling_mode_cls_token", ASK_BERT_FIRST},
        {"pooling_mode_max_tokens", ASK_BERT_MAX},
        {"pooling_mode_mean_sqrt_len_tokens", -1},
        {"pooling_mode_weightedmean_tokens", -1},
        {"pooling_mode_lasttoken", -1},
    };
    int n = 0, chosen = -1;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        bool is_so;
        if (!ask_json_opt_bool(&is_so, root, modes[i].key, false, err)) return false;
        if (!is_so) continue;
        n++;
        chosen = modes[i].pooling;
    }
    if (n != 1 || chosen < 0)
        return ask_json_fail(root, err,
                             "one of pooling_mode_mean_tokens, pooling_mode_cls_token and "
                             "pooling_mode_max_tokens must be true, and no other mode");
    *out = (ask_bert_pooling)chosen;
    return true;
}

static bool read_pooling(void *net, const char *dir, ask_arena *room, ask_error *err)
{
    (void)room;
    char *path = ask_path_join(dir, MODEL_POOLING_FILE, err);
    if (!path) return false;
    const ask_json_limits limits = {.max_bytes = 1 << 16, .max_depth = 8};
    bool there = ask_file_exists(path);
    ask_json *doc = there ? ask_json_read(path, &limits, err) : NULL;
    bool ok = !there || (doc && parse_pooling(&((ask_bert *)net)->config.pooling,
                                              ask_json_root(doc), err));
    ask_json_free(doc);
    free(path);
    return ok || ask_fail_as(err, ASK_ERR_MODEL);
}

static void bind(void *net, ask_params *p)
{
    ask_bert *bert = net;
    ask_bert_config config = bert->config;
    ask_bert_bind(bert, p, ask_bert_prefix(config.kind, p), &config);
}

static bool size_at(const void *net, size_t i, ask_model_size *out)
{
    const ask_bert_config *c = &((const ask_bert *)net)->config;
    const ask_model_size list[] = {
        {"text.layers", c->stack.n_layers},
        {"text.width", c->stack.width},
        {"text.heads", c->stack.n_heads},
        {"text.mlp_width", c->stack.inner},
        {"text.context", ask_bert_n_context(c)},
        {"text.vocabulary", c->n_vocab},
        {"text.types", c->n_types},
    };
    if (i >= sizeof list / sizeof *list) return false;
    *out = list[i];
    return true;
}

/* ---- texts to vectors ---- */

enum { SHORT_TEXT = 16 }; // tokens

static network_text_sizes sizes(const void *net)
{
    const ask_bert_config *c = &((const ask_bert *)net)->config;
    return (network_text_sizes){
        .n_embed = c->stack.width,
        .n_context = ask_bert_n_context(c),
        .n_vocab = c->n_vocab,
        .end_id = -1,
        .pad_id = c->pad_id,
        .vocab_key = "vocab_size",
        .token_flops = ask_bert_flops(c, SHORT_TEXT) / SHORT_TEXT,
    };
}

/* As Sentence-BERT makes sentences comparable. */
static ask_tensor *embed_sentence(ask_graph *g, const void *net, ask_tensor *states,
                                  ask_tensor *mask)
{
    return ask_l2_normalize(g, ask_bert_sentence(g, net, states, mask), 1e-12);
}

static ask_tensor *embed(ask_graph *g, const void *net, ask_tensor *ids)
{
    const ask_bert_input in = {.ids = ids, .mask = ask_bert_mask(g, net, ids)};
    ask_tensor *states = ask_bert_states(g, net, &in, "");
    return embed_sentence(g, net, states, in.mask);
}

static int end(const void *net, const int64_t *ids, int n)
{
    while (n > 0 && ids[n - 1] == ((const ask_bert *)net)->config.pad_id) n--;
    return n - 1;
}

static const network_text texts = {.sizes = sizes, .embed = embed, .end = end};

/* ---- verifying ---- */

enum { IDS, MASK, TYPES };

static const network_input inputs[] = {
    [IDS] = {.name = "input_ids", .type = ASK_I64},
    [MASK] = {"attention_mask", ASK_BOOL, .optional = true},
    [TYPES] = {"token_type_ids", ASK_I64, .optional = true},
    {0},
};

static const network_input typed_inputs[] = {
    [IDS] = {.name = "input_ids", .type = ASK_I64},
    [MASK] = {"attention_mask", ASK_BOOL, .optional = true},
    [TYPES] = {.name = "token_type_ids", .type = ASK_I64},
    {0},
};

static const network_mask masks[] = {
    {"hidden_states.*", "attention_mask", 1},
    {"last_hidden_state", "attention_mask", 1},
    {"attentions.*", "attention_mask", 2},
    {0},
};

static bool check_types(const ask_bert_config *c, const network_value *v, ask_error *err)
{
    int64_t n = v->present ? v->shape[0] * v->shape[1] : 0;
    for (int64_t i = 0; i < n; i++) {
        if (v->ids[i] >= 0 && v->ids[i] < c->n_types) continue;
        return ask_fail(err, ASK_ERR_MODEL,
                        "token_type_ids: %lld at [%lld, %lld], the network has %d types",
                        (long long)v->ids[i], (long long)(i / v->shape[1]),
                        (long long)(i % v->shape[1]), c->n_types);
    }
    return true;
}

static bool check_inputs(const void *net, const network_value *in, ask_error *err)
{
    const ask_bert_config *c = &((const ask_bert *)net)->config;
    const char *ids = inputs[IDS].name;
    return network_check_ids(ids, &in[IDS], ask_bert_n_context(c), c->n_vocab, err) &&
           network_check_beside("attention_mask", &in[MASK], ids, &in[IDS], err) &&
           network_check_beside("token_type_ids", &in[TYPES], ids, &in[IDS], err) &&
           check_types(c, &in[TYPES], err);
}

static void build_run(ask_graph *g, const void *net, const network_value *in)
{
    ask_tensor *mask = in[MASK].tensor;
    const ask_bert_input input = {
        .ids = in[IDS].tensor, .mask = mask, .types = in[TYPES].tensor};
    ask_tensor *states = ask_bert_states(g, net, &input, "");
    ask_name(g, ask_bert_pool(g, net, states), "pooler_output");
    ask_name(g, ask_bert_mean(g, states, mask), "mean_pooled");
    ask_name(g, embed_sentence(g, net, states, mask), "sentence_embedding");
}

static const network_run runs[] = {
    {.inputs = inputs, .masks = masks, .check = check_inputs, .build = build_run},
    {.file = "token_type.safetensors",
     .inputs = typed_inputs,
     .masks = masks,
     .check = check_inputs,
     .build = build_run},
};

enum { N_RUNS = sizeof runs / sizeof *runs };

const network network_bert = {
    .name = "bert",
    .model_type = "bert",
    .architectures =
        (const char *const[]){"BertModel", "BertForMaskedLM", "BertForPreTraining", NULL},
    .tensors =
        (const char *const[]){"bert.embeddings.word_embeddings.weight",
                              "bert.embeddings.token_type_embeddings.weight",
                              "bert.encoder.layer.0.attention.self.query.weight", NULL},
    .ignored = ask_bert_ignored,
    .net_bytes = sizeof(ask_bert),
    .read_config = read_bert,
    .bind = bind,
    .read_beside = read_pooling,
    .size_at = size_at,
    .text = &texts,
    .runs = runs,
    .n_runs = N_RUNS,
};

const network network_roberta = {
    .name = "roberta",
    .model_type = "roberta",
    .architectures = (const char *const[]){"RobertaModel", "RobertaForMaskedLM", NULL},
    .tensors =
        (const char *const[]){"roberta.embeddings.word_embeddings.weight",
                              "roberta.embeddings.token_type_embeddings.weight",
                              "roberta.encoder.layer.0.attention.self.query.weight", NULL},
    .ignored = ask_bert_ignored,
    .net_bytes = sizeof(ask_bert),
    .read_config = read_roberta,
    .bind = bind,
    .read_beside = read_pooling,
    .size_at = size_at,
    .text = &texts,
    .runs = runs,
    .n_runs = N_RUNS,
};
