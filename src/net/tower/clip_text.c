#include "net/tower/clip_text.h"

#include "base/str.h"
#include "net/tower/clip_stack.h"

enum { LEGACY_END = 2 };

bool ask_clip_text_config_read(ask_clip_text_config *out, ask_json_value v, ask_error *err)
{
    static const ask_clip_stack_defaults defaults = {
        .width = 512, .inner = 2048, .n_heads = 8};
    ask_clip_text_config c;
    double factor;
    if (!ask_clip_stack_config_read(&c.stack, &factor, v, &defaults, err) ||
        !ask_config_size(&c.n_vocab, v, "vocab_size", ASK_MAX_VOCAB, 49408, err) ||
        !ask_config_size(&c.n_context, v, "max_position_embeddings", ASK_MAX_CONTEXT, 77,
                         err) ||
        !ask_config_int(&c.end_id, v, "eos_token_id", 0, ASK_MAX_VOCAB, 49407, err))
        return false;
    if (c.end_id >= c.n_vocab && c.end_id != LEGACY_END)
        return ask_config_fail(v, "eos_token_id", err,
                               "%lld is not in a vocabulary of %d (vocab_size)",
                               (long long)c.end_id, c.n_vocab);
    c.init = 0.02 * factor;
    *out = c;
    return true;
}

void ask_clip_text_bind(ask_clip_text *out, ask_params *p, const char *name,
                        const ask_clip_text_config *config)
{
    int64_t width = config->stack.width;
    char part[256];
    out->config = *config;
    out->token_table =
        ask_param_matrix(p, ask_init_normal(config->init), config->n_vocab, width,
                         "%s.embeddings.token_embedding.weight", name);
    out->position_table = ask_param(p, ask_init_normal(config->init), 2,
                                    (int64_t[]){config->n_context, width},
                                    "%s.embeddings.position_embedding.weight", name);
    ask_format(part, sizeof part, "%s.encoder.layers", name);
    ask_stack_bind(&out->stack, p, part, &config->stack);
    ask_format(part, sizeof part, "%s.final_layer_norm", name);
    ask_norm_bind(&out->final_norm, p, part, width, config->stack.eps);
}

/* ids: [B, L] -> [B], the place of the end token of each row. */
static ask_tensor *find_end(ask_graph *g, const ask_clip_text_config *c, ask_tensor *ids)
{
    if (c->end_id == LEGACY_END) return ask_argmax(g, ask_cast(g, ids, ASK_F32), 1);
    ask_tensor *is_end = ask_equal(g, ids, ask_constant(g, ASK_I64, 0, NULL, &c->end_id));
    return ask_argmax(g, ask_cast(g, is_end, ASK_F32), 1);
}

/* x: [B, L, C], at: [B] -> [B, C] */
static ask_tensor *rows_at(ask_graph *g, ask_tensor *x, ask_tensor *at)
{
    if (!x || !at) return NULL;
    int64_t n = ask_tensor_dim(x, 0), width = ask_tensor_dim(x, 2);
    at = ask_expand(g, ask_reshape(g, at, 3, (int64_t[]){n, 1, 1}), 3,
                    (int64_t[]){n, 1, width});
    return ask_reshape(g, ask_gather(g, x, at, 1), 2, (int64_t[]){n, width});
}

ask_tensor *ask_clip_text_build(ask_graph *g, const ask_clip_text *t, ask_tensor *ids,
                                ask_tensor *mask)
{
    if (!ids) return NULL;
    int64_t n = ask_tensor_dim(ids, 0), length = ask_tensor_dim(ids, 1);
    if (mask) mask = ask_reshape(g, mask, 4, (int64_t[]){n, 1, 1, length});
    ask_tensor *positions = ask_slice(g, t->position_table, 0, 0, length); // [L, C]
    ask_tensor *x = ask_add(g, ask_embedding(g, t->token_table, ids), positions);
    x = ask_name(g, x, "text.embeddings"); // [B, L, C]
    ask_stack_view view = {.causal = true, .mask = mask, .trace = "text."};
    x = ask_stack_build(g, &t->stack, x, &view); // [B, L, C]
    x = ask_name(g, ask_norm_build(g, &t->final_norm, x), "text.last_hidden_state");
    x = rows_at(g, x, find_end(g, &t->config, ids)); // [B, C]
    return ask_name(g, x, "text.pooler_output");
}

int64_t ask_clip_text_end_id(const ask_clip_text_config *c)
{
    return c->end_id == LEGACY_END ? c->n_vocab - 1 : c->end_id;
}

int ask_clip_text_end(const ask_clip_text_config *c, const int64_t *ids, int n)
{
    int end = -1;
    for (int i = 0; i < n; i++) {
        if (c->end_id == LEGACY_END) {
            if (end < 0 || ids[i] > ids[end]) end = i;
        } else if (ids[i] == c->end_id) {
            return i;
        }
    }
    return end;
}
