#include "net/tower/bert.h"

#include <string.h>

#include "base/str.h"

/* What differs between the two. */
static const struct {
    const char *prefix;
    int n_vocab, pad_id;
} kinds[] = {
    [ASK_BERT] = {"bert.", 30522, 0},
    [ASK_ROBERTA] = {"roberta.", 50265, 1},
};

static const ask_layer_names names = {
    .attention = {"attention.self.query", "attention.self.key", "attention.self.value",
                  "attention.output.dense"},
    .norm1 = "attention.output.LayerNorm",
    .mlp = {"intermediate.dense", "output.dense"},
    .norm2 = "output.LayerNorm",
};

const char *const ask_bert_ignored[] = {
    "*embeddings.position_ids", "cls.*", "lm_head.*", "classifier.*", "qa_outputs.*", NULL,
};

/* ---- the configuration ---- */

static bool read_stack(ask_stack_config *out, ask_json_value v, ask_error *err)
{
    ask_stack_config c = {.post_norm = true, .names = &names};
    if (!ask_config_size(&c.width, v, "hidden_size", ASK_MAX_WIDTH, 768, err) ||
        !ask_config_size(&c.inner, v, "intermediate_size", ASK_MAX_WIDTH, 3072, err) ||
        !ask_config_size(&c.n_layers, v, "num_hidden_layers", ASK_MAX_LAYERS, 12, err) ||
        !ask_config_size(&c.n_heads, v, "num_attention_heads", ASK_MAX_WIDTH, 12, err) ||
        !ask_config_activation(&c.activation, v, "hidden_act", ASK_ACT_GELU, err) ||
        !ask_config_positive(&c.eps, v, "layer_norm_eps", 1e-12, err) ||
        !ask_config_double(&c.dropout, v, "hidden_dropout_prob", 0, 1, 0.1, err) ||
        !ask_config_double(&c.attention_dropout, v, "attention_probs_dropout_prob", 0, 1,
                           0.1, err))
        return false;
    if (!ask_config_shared(v, "hidden_size", c.width, c.n_heads, err)) return false;
    *out = c;
    return true;
}

/* Variants that are other networks. */
static bool check_variant(ask_json_value v, ask_error *err)
{
    const char *positions;
    bool is_decoder;
    if (!ask_json_opt_string(&positions, v, "position_embedding_type", "absolute", err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    if (strcmp(positions, "absolute") != 0)
        return ask_config_fail(v, "position_embedding_type", err,
                               "\"%.40s\" is not supported, only \"absolute\"", positions);
    if (!ask_config_bool(&is_decoder, v, "is_decoder", false, err)) return false;
    return !is_decoder ||
           ask_config_fail(v, "is_decoder", err, "a decoder; only encoders are supported");
}

/* Padding must be a token, and RoBERTa's positions begin behind it. */
static bool check_padding(const ask_bert_config *c, ask_json_value v, ask_error *err)
{
    if (c->pad_id >= c->n_vocab)
        return ask_config_fail(v, "pad_token_id", err,
                               "%lld is not in a vocabulary of %d (vocab_size)",
                               (long long)c->pad_id, c->n_vocab);
    if (c->kind == ASK_BERT || c->n_positions > c->pad_id + 1) return true;
    return ask_config_fail(v, "max_position_embeddings", err,
                           "%d leaves no position behind those up to pad_token_id, %lld",
                           c->n_positions, (long long)c->pad_id);
}

bool ask_bert_config_read(ask_bert_config *out, ask_bert_kind kind, ask_json_value root,
                          ask_error *err)
{
    ask_bert_config c = {.kind = kind};
    if (!read_stack(&c.stack, root, err) || !check_variant(root, err) ||
        !ask_config_size(&c.n_vocab, root, "vocab_size", ASK_MAX_VOCAB, kinds[kind].n_vocab,
                         err) ||
        !ask_config_size(&c.n_positions, root, "max_position_embeddings", ASK_MAX_CONTEXT,
                         512, err) ||
        !ask_config_size(&c.n_types, root, "type_vocab_size", ASK_MAX_VOCAB, 2, err) ||
        !ask_config_int(&c.pad_id, root, "pad_token_id", 0, ASK_MAX_VOCAB,
                        kinds[kind].pad_id, err) ||
        !ask_config_double(&c.init, root, "initializer_range", 0, ASK_MAX_SCALE, 0.02,
                           err) ||
        !check_padding(&c, root, err))
        return false;
    c.stack.init.attention_in = c.stack.init.attention_out = c.init;
    c.stack.init.mlp_in = c.stack.init.mlp_out = c.init;
    *out = c;
    return true;
}

int ask_bert_n_context(const ask_bert_config *c)
{
    return c->kind == ASK_ROBERTA ? c->n_positions - (int)c->pad_id - 1 : c->n_positions;
}

/* ---- parameters ---- */

const char *ask_bert_prefix(ask_bert_kind kind, const ask_params *p)
{
    static const char first[] = "embeddings.word_embeddings.weight";
    const char *prefix = kinds[kind].prefix;
    bool is_bare = ask_params_has(p, "%s", first);
    return !is_bare && ask_params_has(p, "%s%s", prefix, first) ? prefix : "";
}

static ask_tensor *bind_table(ask_params *p, const char *prefix, const char *name,
                              int64_t n_rows, const ask_bert_config *c)
{
    return ask_param(p, ask_init_normal(c->init), 2, (int64_t[]){n_rows, c->stack.width},
                     "%sembeddings.%s.weight", prefix, name);
}

void ask_bert_bind(ask_bert *out, ask_params *p, const char *prefix,
                   const ask_bert_config *config)
{
    const ask_bert_config c = *config;
    char part[256];
    *out = (ask_bert){.config = c};
    out->token_table =
        ask_param_matrix(p, ask_init_normal(c.init), c.n_vocab, c.stack.width,
                         "%sembeddings.word_embeddings.weight", prefix);
    out->position_table = bind_table(p, prefix, "position_embeddings", c.n_positions, &c);
    out->type_table = bind_table(p, prefix, "token_type_embeddings", c.n_types, &c);
    ask_format(part, sizeof part, "%sembeddings.LayerNorm", prefix);
    ask_norm_bind(&out->norm, p, part, c.stack.width, c.stack.eps);
    ask_format(part, sizeof part, "%sencoder.layer", prefix);
    ask_stack_bind(&out->stack, p, part, &c.stack);
    ask_format(part, sizeof part, "%spooler.dense", prefix);
    if (ask_params_has(p, "%s.weight", part))
        ask_dense_bind(&out->pooler, p, part, c.stack.width, c.stack.width, c.init);
}

/* ---- positions ---- */

ask_tensor *ask_bert_mask(ask_graph *g, const ask_bert *b, ask_tensor *ids)
{
    ask_tensor *pad = ask_constant(g, ASK_I64, 0, NULL, &b->config.pad_id);
    ask_tensor *is_pad = ask_cast(g, ask_equal(g, ids, pad), ASK_F32);
    return ask_cast(g, ask_affine(g, is_pad, -1, 1), ASK_BOOL);
}

/* RoBERTa's: pad_id + how many tokens that are no padding there are up to each.  The count
 * is a product with a triangle of ones, which is exact in f32.  ids: [B, L] -> i64 [B, L]
 */
static ask_tensor *count_positions(ask_graph *g, const ask_bert *b, ask_tensor *ids)
{
    int64_t n = ask_tensor_dim(ids, 1);
    ask_tensor *from = ask_reshape(g, ask_range(g, n), 2, (int64_t[]){n, 1});
    ask_tensor *to = ask_slice(g, ask_range(g, n + 1), 0, 1, n + 1);
    ask_tensor *up_to = ask_cast(g, ask_less(g, from, to), ASK_F32); // [L, L]
    ask_tensor *counts = ask_cast(g, ask_bert_mask(g, b, ids), ASK_F32);
    ask_tensor *rank = ask_mul(g, ask_matmul(g, counts, up_to), counts); // [B, L]
    return ask_cast(g, ask_affine(g, rank, 1, (double)b->config.pad_id), ASK_I64);
}

/* The same of packed texts, whose tokens know their ranks. -> i64 [1, N] */
static ask_tensor *packed_positions(ask_graph *g, const ask_packing *p, int64_t first)
{
    ask_tensor *ranks = ask_reshape(g, p->ranks, 2, (int64_t[]){1, -1});
    ranks = ask_affine(g, ask_cast(g, ranks, ASK_F32), 1, (double)first);
    return ask_cast(g, ranks, ASK_I64);
}

/* -> [L, C], [B, L, C] or [1, N, C].  A text that is too long fails as a slice of the
 * table. */
static ask_tensor *embed_positions(ask_graph *g, const ask_bert *b,
                                   const ask_bert_input *in)
{
    bool skips_padding = b->config.kind == ASK_ROBERTA;
    int64_t first = skips_padding ? b->config.pad_id + 1 : 0;
    int64_t length = ask_tensor_dim(in->packing ? in->packing->rows : in->ids, 1);
    ask_tensor *table = ask_slice(g, b->position_table, 0, 0, length + first);
    if (in->packing)
        return ask_embedding(g, table, packed_positions(g, in->packing, first));
    if (!table || !skips_padding) return table;
    return ask_embedding(g, table, count_positions(g, b, in->ids));
}

/* -> [1, C] or [B, L, C] */
static ask_tensor *embed_types(ask_graph *g, const ask_bert *b, ask_tensor *types)
{
    return types ? ask_embedding(g, b->type_table, types)
                 : ask_slice(g, b->type_table, 0, 0, 1);
}

/* ---- building ---- */

ask_tensor *ask_bert_states(ask_graph *g, const ask_bert *b, const ask_bert_input *in,
                            const char *trace)
{
    if (!in->ids) return NULL;
    ask_tensor *mask = in->mask;
    if (mask)
        mask = ask_reshape(
            g, mask, 4,
            (int64_t[]){ask_tensor_dim(mask, 0), 1, 1, ask_tensor_dim(mask, 1)});
    ask_tensor *x = ask_embedding(g, b->token_table, in->ids); // [B, L, C]
    x = ask_add(g, x, embed_types(g, b, in->types));
    x = ask_add(g, x, embed_positions(g, b, in));
    x = ask_name(g, ask_norm_build(g, &b->norm, x), "%sembeddings", trace);
    x = ask_drop(g, x, b->stack.dropout, in->dropping);
    ask_stack_view view = {
        .mask = mask, .trace = trace, .dropping = in->dropping, .packing = in->packing};
    x = ask_stack_build(g, &b->stack, x, &view);
    return ask_name(g, x, "%slast_hidden_state", trace);
}

/* states: [B, L, C] -> [B, C] */
static ask_tensor *first_token(ask_graph *g, ask_tensor *states)
{
    int64_t shape[2] = {ask_tensor_dim(states, 0), ask_tensor_dim(states, 2)};
    ask_tensor *first = ask_contiguous(g, ask_slice(g, states, 1, 0, 1));
    return ask_reshape(g, first, 2, shape);
}

ask_tensor *ask_bert_pool(ask_graph *g, const ask_bert *b, ask_tensor *states)
{
    if (!states || !b->pooler.w) return NULL;
    return ask_tanh(g, ask_dense_build(g, &b->pooler, first_token(g, states)));
}

ask_tensor *ask_bert_mean(ask_graph *g, ask_tensor *states, ask_tensor *mask)
{
    enum { TOKENS = 1u << 1 };
    if (!states) return NULL;
    if (!mask) return ask_mean(g, states, TOKENS, false);
    int64_t shape[3] = {ask_tensor_dim(states, 0), ask_tensor_dim(states, 1), 1};
    ask_tensor *counts = ask_reshape(g, ask_cast(g, mask, ASK_F32), 3, shape); // [B, L, 1]
    ask_tensor *sum = ask_sum(g, ask_mul(g, states, counts), TOKENS, false);   // [B, C]
    ask_tensor *n = ask_sum(g, counts, TOKENS, false);                         // [B, 1]
    return ask_div(g, sum, ask_maximum(g, n, ask_full(g, 0, NULL, 1)));
}

static ask_tensor *largest(ask_graph *g, ask_tensor *states, ask_tensor *mask)
{
    enum { TOKENS = 1 };
    static const double FAR_BELOW = -1e9; // as the reference has it
    if (!mask) return ask_max(g, states, TOKENS, false);
    int64_t shape[3] = {ask_tensor_dim(states, 0), ask_tensor_dim(states, 1), 1};
    ask_tensor *counts = ask_reshape(g, mask, 3, shape); // [B, L, 1]
    ask_tensor *seen = ask_where(g, counts, states, ask_full(g, 0, NULL, FAR_BELOW));
    return ask_max(g, seen, TOKENS, false);
}

ask_tensor *ask_bert_sentence(ask_graph *g, const ask_bert *b, ask_tensor *states,
                              ask_tensor *mask)
{
    if (!states) return NULL;
    switch (b->config.pooling) {
    case ASK_BERT_FIRST:
        return first_token(g, states);
    case ASK_BERT_MAX:
        return largest(g, states, mask);
    default:
        return ask_bert_mean(g, states, mask);
    }
}

double ask_bert_flops(const ask_bert_config *c, int n_tokens)
{
    return ask_stack_flops(&c->stack, n_tokens, n_tokens);
}
