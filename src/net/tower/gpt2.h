/* net/tower/gpt2.h - GPT-2: decoders of texts with learned positions.
 *
 *     ids -> token table + positions -> layers -> norm -> logits
 *     layer: x + attention(norm(x)), then x + mlp(norm(x))
 *
 * A text is read whole, or in pieces that find what came before in a cache.
 *
 * Parameters and traces have the names of Hugging Face's GPT2LMHeadModel. The matrices of
 * its layers are stored [in, out]: in few bits only its token table (and a head of its own)
 * can be (net/block/dense.h).
 * After: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners". */
#ifndef ASK_NET_TOWER_GPT2_H
#define ASK_NET_TOWER_GPT2_H

#include "net/block/decoder.h"
#include "net/block/mlp.h"

typedef struct {
    int width, inner, n_layers, n_heads; // C; heads share the width
    int n_vocab;
    int n_context; // positions that it has
    ask_activation activation;
    double eps;
    bool scaled;          // products of queries and keys are divided by sqrt(C / H)
    bool scaled_by_layer; // and in layer i by i + 1
    bool tied;            // the token table is the last layer too
    double init;          // deviation of all weights
} ask_gpt2_config;

typedef struct {
    ask_norm norm1, norm2;
    ask_dense qkv, out; // [C, 3 C], [C, C], turned
    ask_mlp mlp;        // [C, I], [I, C], turned
} ask_gpt2_layer;

typedef struct {
    ask_gpt2_config config;
    ask_tensor *token_table;    // [V, C]
    ask_tensor *position_table; // [n_context, C]
    ask_gpt2_layer *layers;     // [n_layers]
    ask_norm norm;
    ask_tensor *head; // [V, C]
} ask_gpt2;

/* From config.json, or the "text_config" in it; absent keys have the defaults of
 * GPT2Config. Fails: ASK_ERR_MODEL. */
ASK_API bool ask_gpt2_config_read(ask_gpt2_config *out, ask_json_value v, ask_error *err);

/* "<prefix>transformer.*" (in checkpoints without a head "<prefix>*"), and
 * "<prefix>lm_head.weight" unless it is tied: then it may be there, and does not count.
 * prefix: "", "language_model." */
ASK_API void ask_gpt2_bind(ask_gpt2 *out, ask_params *p, const char *prefix,
                           const ask_gpt2_config *config);

/* What an adapter (net/block/lora.h) adds to the linear layers of a bound network, each
 * where the checkpoint has it: names begin with "transformer." there, in the store with
 * "<prefix>transformer.". Scaling it returns false where a part has another rank. */
ASK_API void ask_gpt2_bind_adapter(ask_gpt2 *m, ask_params *p, const char *prefix);
ASK_API bool ask_gpt2_scale_adapter(ask_gpt2 *m, const ask_lora_config *config);
ASK_API bool ask_gpt2_has_adapter(const ask_gpt2 *m);

/* Tensors that published checkpoints hold and nobody needs. For ask_params_finish. */
ASK_API extern const char *const ask_gpt2_ignored[];

/* ---- building ---- */

/* ids: i64 [B, T] -> [B, T, C] */
ASK_API ask_tensor *ask_gpt2_embed(ask_graph *g, const ask_gpt2 *m, ask_tensor *ids);

/* x: [B, T, C] -> the states behind the last norm [B, T, C]; positions are from 0 to
 * n_context - 1.  Names "hidden_states.<i>" (what goes into layer i),
 * "hidden_states.<n_layers>" and "last_hidden_state" (the result), and "attentions.<i>"
 * [B, H, T, Tk]. */
ASK_API ask_tensor *ask_gpt2_build(ask_graph *g, const ask_gpt2 *m, ask_tensor *x,
                                   const ask_decoder_view *view);

/* states: [..., C] -> [..., V] */
ASK_API ask_tensor *ask_gpt2_logits(ask_graph *g, const ask_gpt2 *m, ask_tensor *states);

/* What its layers keep of a token that was read. */
ASK_API ask_decoder_sizes ask_gpt2_sizes(const ask_gpt2_config *c);

/* Work of reading one token that sees `seen` others, multiply and add counted as two,
 * without the logits; and of these. */
ASK_API double ask_gpt2_flops(const ask_gpt2_config *c, double seen);
ASK_API double ask_gpt2_logits_flops(const ask_gpt2_config *c);

#endif
