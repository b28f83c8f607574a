#include "model/language_priv.h"

/* ---- sizes ---- */

bool language_size_at(const ask_language *m, size_t i, ask_model_size *out)
{
    const ask_language_sizes s = ask_language_sizes_of(m);
    const ask_model_size list[LANGUAGE_N_SIZES] = {
        {"text.layers", s.decoder.n_layers},
        {"text.width", s.hidden},
        {"text.heads", s.n_heads},
        {"text.key_heads", s.decoder.n_heads},
        {"text.head", s.decoder.head},
        {"text.mlp_width", s.inner},
        {"text.context", s.n_context},
        {"text.vocabulary", s.n_vocab},
        {"text.encoder_layers", s.n_encoder_layers},
    };
    if (i >= (s.n_encoder_layers > 0 ? LANGUAGE_N_SIZES : LANGUAGE_N_SIZES - 1))
        return false;
    *out = list[i];
    return true;
}

/* ---- runs ---- */

const network_mask language_encoder_masks[] = {
    {"encoder_last_hidden_state", "attention_mask", 1},
    {"encoder_hidden_states.*", "attention_mask", 1},
    {"encoder_attentions.*", "attention_mask", 2},
    {0},
};

const network_mask language_said_masks[] = {
    {"encoder_last_hidden_state", "attention_mask", 1},
    {"encoder_hidden_states.*", "attention_mask", 1},
    {"encoder_attentions.*", "attention_mask", 2},
    {"logits", "decoder_attention_mask", 1},
    {"last_hidden_state", "decoder_attention_mask", 1},
    {"decoder_hidden_states.*", "decoder_attention_mask", 1},
    {"decoder_attentions.*", "decoder_attention_mask", 2},
    {"cross_attentions.*", "decoder_attention_mask", 2},
    {0},
};

const network_mask language_masks[] = {
    {"logits", "attention_mask", 1},
    {"hidden_states.*", "attention_mask", 1},
    {"last_hidden_state", "attention_mask", 1},
    {0},
};

static bool check_positions(const ask_language *m, const network_value *v, ask_error *err)
{
    int n = ask_language_sizes_of(m).n_positions;
    for (int64_t i = 0; v->present && i < v->shape[0] * v->shape[1]; i++)
        if (v->ids[i] < 0 || v->ids[i] >= (n ? n : ASK_MAX_CONTEXT))
            return ask_fail(err, ASK_ERR_MODEL, "position_ids: %lld is no position",
                            (long long)v->ids[i]);
    return true;
}

bool language_check_ids(const ask_language *m, const network_value *ids, ask_error *err)
{
    const ask_language_sizes s = ask_language_sizes_of(m);
    return network_check_ids("input_ids", ids, s.n_most, (int)s.n_vocab, err);
}

static bool check_texts(const ask_language *m, const network_value *in, ask_error *err)
{
    const network_value *ids = &in[LANGUAGE_IDS];
    return language_check_ids(m, ids, err) &&
           network_check_beside("attention_mask", &in[LANGUAGE_MASK], "input_ids", ids,
                                err);
}

bool language_check_said(const ask_language *m, const network_value *in, ask_error *err)
{
    static const char name[] = "decoder_input_ids";
    const network_value *ids = &in[LANGUAGE_IDS], *said = &in[LANGUAGE_SAID];
    const ask_language_sizes s = ask_language_sizes_of(m);
    if (s.n_encoder_layers == 0)
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: the network has no encoder; it reads input_ids alone", name);
    if (!check_texts(m, in, err) ||
        !network_check_ids(name, said, s.n_most, (int)s.n_vocab, err))
        return false;
    return said->shape[0] == ids->shape[0] ||
           ask_fail(err, ASK_ERR_MODEL, "%s: %lld texts for %lld of input_ids", name,
                    (long long)said->shape[0], (long long)ids->shape[0]);
}

bool language_check_said_mask(const network_value *in, ask_error *err)
{
    return network_check_beside("decoder_attention_mask", &in[LANGUAGE_SAID_MASK],
                                "decoder_input_ids", &in[LANGUAGE_SAID], err);
}

bool language_check(const ask_language *m, const network_value *in, ask_error *err)
{
    const network_value *ids = &in[LANGUAGE_IDS];
    if (ask_language_sizes_of(m).n_encoder_layers > 0 && in[LANGUAGE_POSITIONS].present)
        return ask_fail(err, ASK_ERR_MODEL,
                        "position_ids: the network looks at distances, and takes none");
    return check_texts(m, in, err) &&
           network_check_beside("position_ids", &in[LANGUAGE_POSITIONS], "input_ids", ids,
                                err) &&
           check_positions(m, &in[LANGUAGE_POSITIONS], err);
}

bool language_check_marks(const network_value *in, int64_t mark, int64_t n_rows,
                          ask_error *err)
{
    const network_value *ids = &in[LANGUAGE_IDS];
    int64_t n = 0;
    for (int64_t i = 0; i < ids->shape[0] * ids->shape[1]; i++) n += ids->ids[i] == mark;
    return n == n_rows || ask_fail(err, ASK_ERR_MODEL,
                                   "input_ids: %lld places have the id %lld, for %lld rows "
                                   "of features",
                                   (long long)n, (long long)mark, (long long)n_rows);
}

bool language_check_padding(const char *name, const network_value *mask, ask_error *err)
{
    if (!mask->present) return true;
    for (int64_t i = 0; i < mask->shape[0] * mask->shape[1]; i++)
        if (i % mask->shape[1] > 0 && mask->flags[i] && !mask->flags[i - 1])
            return ask_fail(err, ASK_ERR_MODEL,
                            "%s: tokens stand behind padding; pad behind them", name);
    return true;
}

/* How many of the first i + 1 of N places are marked, for each i: bool [N] -> [N]. */
static ask_tensor *count_marks(ask_graph *g, ask_tensor *is_marked, int64_t n)
{
    static const int64_t one = 1;
    ask_tensor *i = ask_range(g, n);
    ask_tensor *behind = ask_add(g, ask_reshape(g, i, 2, (int64_t[]){n, 1}),
                                 ask_constant(g, ASK_I64, 0, NULL, &one));
    ask_tensor *before = ask_less(g, ask_reshape(g, i, 2, (int64_t[]){1, n}), behind);
    ask_tensor *counted =
        ask_mul(g, ask_cast(g, before, ASK_F32), ask_cast(g, is_marked, ASK_F32)); // [N, N]
    return ask_sum(g, counted, 1u << 1, false);
}

/* rows [n, C] in the places of x [B, T, C] that have the id `mark`. */
static ask_tensor *put_rows(ask_graph *g, ask_tensor *x, ask_tensor *ids, ask_tensor *rows,
                            int64_t mark)
{
    int64_t shape[3] = {ask_tensor_dim(ids, 0), ask_tensor_dim(ids, 1), 1};
    int64_t n = shape[0] * shape[1];
    ask_tensor *flat = ask_reshape(g, ids, 1, &n);
    ask_tensor *is_row = ask_equal(g, flat, ask_constant(g, ASK_I64, 0, NULL, &mark));
    ask_tensor *place = ask_affine(g, count_marks(g, is_row, n), 1, -1);
    place = ask_cast(g, ask_maximum(g, place, ask_full(g, 0, NULL, 0)), ASK_I64);
    ask_tensor *seen = ask_embedding(g, rows, ask_reshape(g, place, 2, shape)); // [B, T, C]
    return ask_where(g, ask_reshape(g, is_row, 3, shape), seen, x);
}

/* bool [B, T] -> [B, n + T]: what stands before the texts counts. */
static ask_tensor *mask_before(ask_graph *g, ask_tensor *mask, int64_t n)
{
    if (!mask || n == 0) return mask;
    ask_tensor *counts = ask_pad(g, ask_cast(g, mask, ASK_F32), 1, n, 0, 1);
    return ask_cast(g, counts, ASK_BOOL);
}

ask_tensor *language_masked_positions(ask_graph *g, ask_tensor *mask, int64_t n_before)
{
    return mask ? ask_decoder_positions(g, mask_before(g, mask, n_before)) : NULL;
}

/* bool [B, T] -> [B, 1, 1, T] */
static ask_tensor *of_keys(ask_graph *g, ask_tensor *mask)
{
    if (!mask) return NULL;
    return ask_reshape(g, mask, 4,
                       (int64_t[]){ask_tensor_dim(mask, 0), 1, 1, ask_tensor_dim(mask, 1)});
}

/* What an encoder-decoder makes of x [B, S, C]; mask: bool [B, 1, 1, S] or NULL; said_mask:
 * bool [B, 1, 1, T] or NULL. */
static void build_encoded(ask_graph *g, const ask_language *m, ask_tensor *x,
                          ask_tensor *mask, ask_tensor *said, ask_tensor *said_mask)
{
    const ask_decoder_source source = {.states = ask_language_encode(g, m, x, mask, ""),
                                       .mask = mask};
    if (!said) return;
    const ask_decoder_view view = {.source = &source, .mask = said_mask, .trace = ""};
    x = ask_language_build(g, m, ask_language_embed(g, m, said), &view);
    ask_name(g, ask_language_logits(g, m, x), "logits"); // [B, T, V]
}

static void build_read(ask_graph *g, const ask_language *m, ask_tensor *x, ask_tensor *mask,
                       ask_tensor *positions)
{
    const ask_decoder_view view = {.positions = positions, .mask = mask, .trace = ""};
    ask_tensor *states = ask_language_build(g, m, x, &view);
    ask_name(g, ask_language_logits(g, m, states), "logits"); // [B, T, V]
}

void language_build(ask_graph *g, const ask_language *m, const network_value *in,
                    ask_tensor *rows, int64_t mark)
{
    const bool encodes = ask_language_sizes_of(m).n_encoder_layers > 0;
    const network_value *ids = &in[LANGUAGE_IDS];
    int64_t n_before = rows && mark < 0 ? ask_tensor_dim(rows, 1) : 0;
    const int64_t shape[2] = {ids->shape[0], n_before + ids->shape[1]};
    ask_tensor *mask = mask_before(g, in[LANGUAGE_MASK].tensor, n_before);
    ask_tensor *positions = in[LANGUAGE_POSITIONS].tensor;
    if (!positions && !encodes) positions = ask_language_positions(g, m, shape, mask);
    mask = of_keys(g, mask);
    ask_tensor *x = ask_language_embed(g, m, ids->tensor); // [B, T, C]
    if (n_before > 0)
        x = ask_concat(g, (ask_tensor *[]){rows, x}, 2, 1);
    else if (rows)
        x = put_rows(g, x, ids->tensor, rows, mark);
    if (encodes)
        build_encoded(g, m, x, mask,
                      in[LANGUAGE_SAID].present ? in[LANGUAGE_SAID].tensor : NULL, NULL);
    else
        build_read(g, m, x, mask, positions);
}

void language_build_said(ask_graph *g, const ask_language *m, const network_value *in)
{
    ask_tensor *x = ask_language_embed(g, m, in[LANGUAGE_IDS].tensor); // [B, S, C]
    build_encoded(g, m, x, of_keys(g, in[LANGUAGE_MASK].tensor), in[LANGUAGE_SAID].tensor,
                  of_keys(g, in[LANGUAGE_SAID_MASK].tensor));
}
