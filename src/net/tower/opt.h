/* net/tower/opt.h - OPT: decoders of texts with learned positions.
 *
 *     ids -> token table (-> project in) + positions -> layers (-> norm) (-> project out)
 *         -> logits
 *     layer: x + attention(norm(x)), then x + mlp(norm(x)); or norm(x + attention(x)), then
 *     norm(x + mlp(x))
 *
 * A text is read whole, or in pieces that find what came before in a cache.
 *
 * Parameters and traces have the names of Hugging Face's OPTForCausalLM.
 * After: Zhang et al. 2022, "OPT: Open Pre-trained Transformer Language Models". */
#ifndef ASK_NET_TOWER_OPT_H
#define ASK_NET_TOWER_OPT_H

#include "net/block/decoder.h"
#include "net/block/mlp.h"

typedef struct {
    int width, inner, n_layers, n_heads; // C; heads share the width
    int n_embed;                         // E, of the token table and of what comes out
    int n_vocab;
    int n_context; // positions that it has
    ask_activation activation;
    bool norm_first;    // the norms stand before what they feed
    bool final_norm;    // one stands behind the layers
    bool bias, scaling; // of the layers; of the norms, with their biases
    bool tied;          // the token table is the last layer too
    double init;        // deviation of all weights
} ask_opt_config;

typedef struct {
    ask_norm norm1, norm2;
    ask_dense q, k, v, out; // [C, C]
    ask_mlp mlp;
} ask_opt_layer;

typedef struct {
    ask_opt_config config;
    ask_tensor *token_table;    // [V, E]
    ask_tensor *position_table; // [n_context + 2, C]
    ask_dense in, out;          // [C, E], [E, C]; w is NULL where E is C
    ask_opt_layer *layers;      // [n_layers]
    ask_norm norm;
    ask_tensor *head; // [V, E]
} ask_opt;

/* From config.json, or the "text_config" in it; absent keys have the defaults of OPTConfig.
 * Fails: ASK_ERR_MODEL. */
ASK_API bool ask_opt_config_read(ask_opt_config *out, ask_json_value v, ask_error *err);

/* "<prefix>model.decoder.*" (in checkpoints without a head "<prefix>decoder.*"), and
 * "<prefix>lm_head.weight" unless it is tied: then it may be there, and does not count.
 * prefix: "", "language_model." */
ASK_API void ask_opt_bind(ask_opt *out, ask_params *p, const char *prefix,
                          const ask_opt_config *config);

/* Tensors that published checkpoints hold and nobody needs. For ask_params_finish. */
ASK_API extern const char *const ask_opt_ignored[];

/* ---- building ---- */

/* ids: i64 [B, T] -> [B, T, E] */
ASK_API ask_tensor *ask_opt_embed(ask_graph *g, const ask_opt *m, ask_tensor *ids);

/* x: [B, T, E] -> the states behind the last norm and projection [B, T, E]; positions are
 * from -1 to n_context - 1.  Names "hidden_states.<i>" (what goes into layer i, [B, T, C]),
 * "hidden_states.<n_layers>" and "last_hidden_state" (the result), and "attentions.<i>"
 * [B, H, T, Tk]. */
ASK_API ask_tensor *ask_opt_build(ask_graph *g, const ask_opt *m, ask_tensor *x,
                                  const ask_decoder_view *view);

/* states: [..., E] -> [..., V] */
ASK_API ask_tensor *ask_opt_logits(ask_graph *g, const ask_opt *m, ask_tensor *states);

/* What its layers keep of a token that was read. */
ASK_API ask_decoder_sizes ask_opt_sizes(const ask_opt_config *c);

/* Work of reading one token that sees `seen` others, multiply and add counted as two,
 * without the logits; and of these. */
ASK_API double ask_opt_flops(const ask_opt_config *c, double seen);
ASK_API double ask_opt_logits_flops(const ask_opt_config *c);

#endif
