/* The sizes of T5 and its relatives, as their configurations tell them. */
#include <string.h>

#include "net/tower/t5.h"

/* What a configuration that does not say it means. */
static const struct {
    int inner, n_layers, n_heads, n_vocab;
    const char *mlp;
} defaults[] = {
    [ASK_T5] = {2048, 6, 8, 32128, "relu"},
    [ASK_MT5] = {1024, 8, 6, 250112, "gated-gelu"},
};

/* "<activation>" or "gated-<activation>"; "gated-gelu" is the tanh one, as T5 v1.1 was
 * trained. What "dense_act_fn" and "is_gated_act" say counts more. */
static bool read_mlp(ask_t5_config *c, ask_json_value v, const char *otherwise,
                     ask_error *err)
{
    static const char key[] = "feed_forward_proj", gated[] = "gated-";
    const size_t n_gated = sizeof gated - 1;
    const char *said;
    if (!ask_json_opt_string(&said, v, key, otherwise, err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    bool has_gate = strncmp(said, gated, n_gated) == 0;
    const char *name = has_gate ? said + n_gated : said;
    ask_activation activation;
    if (has_gate && strcmp(name, "gelu") == 0)
        activation = ASK_ACT_GELU_TANH;
    else if (!ask_activation_find(&activation, name))
        return ask_config_fail(
            v, key, err, "\"%.40s\" is neither an activation nor \"gated-\" and one", said);
    return ask_config_activation(&c->activation, v, "dense_act_fn", activation, err) &&
           ask_config_bool(&c->gated, v, "is_gated_act", has_gate, err);
}

static bool read_distances(ask_t5_config *c, ask_json_value v, ask_error *err)
{
    static const char buckets[] = "relative_attention_num_buckets",
                      distance[] = "relative_attention_max_distance";
    enum { LEAST_BUCKETS = 4, MOST_BUCKETS = 1 << 16 };
    if (!ask_config_size(&c->n_buckets, v, buckets, MOST_BUCKETS, 32, err) ||
        !ask_config_size(&c->max_distance, v, distance, ASK_MAX_CONTEXT, 128, err))
        return false;
    if (c->n_buckets < LEAST_BUCKETS)
        return ask_config_fail(v, buckets, err,
                               "%d buckets are too few for near and far, before and "
                               "behind; at least %d are read",
                               c->n_buckets, LEAST_BUCKETS);
    return c->max_distance > c->n_buckets / 2 ||
           ask_config_fail(v, distance, err,
                           "%d is not beyond the distances that have one of %d buckets "
                           "each, %d",
                           c->max_distance, c->n_buckets, c->n_buckets / 2);
}

/* transformers 4.x scaled states of mT5 where the table is the last layer, which it was
 * only if a file said so. 5.x scales none of them, and says of all that they are tied. */
static bool read_mt5_head(ask_t5_config *c, ask_json_value v, const char *key,
                          ask_error *err)
{
    static const char version_key[] = "transformers_version";
    const char *version;
    bool tied;
    if (!ask_config_bool(&tied, v, key, false, err)) return false;
    if (!ask_json_opt_string(&version, v, version_key, "", err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    c->scaled = tied && strncmp(version, "4.", 2) == 0;
    c->tied = tied || !ask_config_says(v, key);
    return true;
}

/* "tie_word_embeddings" says of the older files whether states are scaled, too. */
static bool read_head(ask_t5_config *c, ask_json_value v, ask_error *err)
{
    static const char key[] = "tie_word_embeddings";
    if (c->kind == ASK_MT5) return read_mt5_head(c, v, key, err);
    return ask_config_bool(&c->tied, v, key, true, err) &&
           ask_config_bool(&c->scaled, v, "scale_decoder_outputs", c->tied, err);
}

static bool read_ids(ask_t5_config *c, ask_json_value v, ask_error *err)
{
    int64_t pad_id; // from which it decodes where nothing else is said
    return ask_config_int(&pad_id, v, "pad_token_id", -1, c->n_vocab - 1, 0, err) &&
           ask_config_int(&c->start_id, v, "decoder_start_token_id", -1, c->n_vocab - 1,
                          pad_id, err);
}

static bool check_kind(ask_json_value v, ask_error *err)
{
    bool both;
    return ask_config_bool(&both, v, "is_encoder_decoder", true, err) &&
           (both || ask_config_fail(v, "is_encoder_decoder", err,
                                    "an encoder alone; only T5 with its decoder is read"));
}

bool ask_t5_config_read(ask_t5_config *out, ask_t5_kind kind, ask_json_value v,
                        ask_error *err)
{
    ask_t5_config c = {.kind = kind};
    bool ok =
        ask_config_size(&c.width, v, "d_model", ASK_MAX_WIDTH, 512, err) &&
        ask_config_size(&c.inner, v, "d_ff", ASK_MAX_WIDTH, defaults[kind].inner, err) &&
        ask_config_size(&c.n_encoder_layers, v, "num_layers", ASK_MAX_LAYERS,
                        defaults[kind].n_layers, err) &&
        ask_config_size(&c.n_decoder_layers, v, "num_decoder_layers", ASK_MAX_LAYERS,
                        c.n_encoder_layers, err) &&
        ask_config_size(&c.n_heads, v, "num_heads", ASK_MAX_WIDTH, defaults[kind].n_heads,
                        err) &&
        ask_config_size(&c.head, v, "d_kv", ASK_MAX_WIDTH, 64, err) &&
        ask_config_size(&c.n_vocab, v, "vocab_size", ASK_MAX_VOCAB, defaults[kind].n_vocab,
                        err) &&
        ask_config_size(&c.n_context, v, "n_positions", ASK_MAX_CONTEXT, 512, err) &&
        ask_config_positive(&c.eps, v, "layer_norm_epsilon", 1e-6, err) &&
        ask_config_double(&c.init, v, "initializer_factor", 0, ASK_MAX_SCALE, 1, err) &&
        read_mlp(&c, v, defaults[kind].mlp, err) && read_distances(&c, v, err) &&
        read_head(&c, v, err) && read_ids(&c, v, err) && check_kind(v, err);
    if (!ok) return false;
    *out = c;
    return true;
}
