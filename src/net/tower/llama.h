/* net/tower/llama.h - LLaMA and its relatives Mistral and Qwen2: decoders of texts.
 *
 *     ids -> token table -> layers -> norm -> logits
 *     layer: x + attention(norm(x)), then x + mlp(norm(x)); keys and queries are turned by
 *     their positions, several query heads may share one of keys, a query may see only the
 *     last so many keys
 *
 * A text is read whole, or in pieces that find what came before in a cache.
 *
 * Parameters and traces have the names of Hugging Face's LlamaForCausalLM,
 * MistralForCausalLM and Qwen2ForCausalLM.
 * After: Touvron et al. 2023, "LLaMA"; Jiang et al. 2023, "Mistral 7B"; Yang et al. 2024,
 * "Qwen2 Technical Report"; for shared keys Ainslie et al. 2023, "GQA". */
#ifndef ASK_NET_TOWER_LLAMA_H
#define ASK_NET_TOWER_LLAMA_H

#include "net/block/decoder.h"
#include "net/block/gated_mlp.h"
#include "net/block/heads.h"
#include "net/block/rms.h"
#include "net/block/rotary.h"

typedef enum { ASK_LLAMA, ASK_MISTRAL, ASK_QWEN2 } ask_llama_kind;

typedef struct {
    ask_llama_kind kind;
    int width, inner, n_layers;
    int n_heads, n_kv_heads, head; // numbers of a head; n_kv_heads divides n_heads
    int n_vocab;
    int n_context; // tokens that it was trained for
    double eps;
    ask_activation activation;
    ask_rotary rotary;
    int window, first_window; // keys that layers from the first on see; 0: all
    bool qkv_bias, out_bias, mlp_bias;
    bool tied;   // the token table is the last layer too
    double init; // deviation of all weights
} ask_llama_config;

typedef struct {
    ask_rms norm1, norm2;
    ask_dense q, k, v, out; // [H D, C], [Hk D, C], [Hk D, C], [C, H D]
    ask_gated_mlp mlp;
} ask_llama_layer;

typedef struct {
    ask_llama_config config;
    ask_tensor *token_table; // [V, C]
    ask_llama_layer *layers; // [n_layers]
    ask_rms norm;
    ask_tensor *head; // [V, C]
} ask_llama;

/* From config.json, or the "text_config" in it; absent keys have the defaults of
 * LlamaConfig, MistralConfig and Qwen2Config. Fails: ASK_ERR_MODEL. */
ASK_API bool ask_llama_config_read(ask_llama_config *out, ask_llama_kind kind,
                                   ask_json_value v, ask_error *err);

/* The kind of that name; false: there is none. */
ASK_API bool ask_llama_kind_find(ask_llama_kind *out, const char *model_type);

/* The kind whose "model_type" that is. Fails: ASK_ERR_MODEL, naming the others. */
ASK_API bool ask_llama_kind_read(ask_llama_kind *out, ask_json_value v, ask_error *err);

/* "<name>.embed_tokens", ".layers", ".norm", and "<head>.weight" unless it is tied: then it
 * may be there, and does not count. */
ASK_API void ask_llama_bind(ask_llama *out, ask_params *p, const char *name,
                            const char *head, const ask_llama_config *config);

/* Tensors that published checkpoints hold and nobody needs. For ask_params_finish. */
ASK_API extern const char *const ask_llama_ignored[];

/* ---- building ---- */

/* ids: i64 [B, T] -> [B, T, C] */
ASK_API ask_tensor *ask_llama_embed(ask_graph *g, const ask_llama *m, ask_tensor *ids);

/* x: [B, T, C] -> the states behind the last norm [B, T, C].  Names "hidden_states.<i>"
 * (what goes into layer i), "hidden_states.<n_layers>" and "last_hidden_state" (the
 * result), and "attentions.<i>" [B, H, T, Tk]. */
ASK_API ask_tensor *ask_llama_build(ask_graph *g, const ask_llama *m, ask_tensor *x,
                                    const ask_decoder_view *view);

/* states: [..., C] -> [..., V] */
ASK_API ask_tensor *ask_llama_logits(ask_graph *g, const ask_llama *m, ask_tensor *states);

/* What its layers keep of a token that was read. */
ASK_API ask_decoder_sizes ask_llama_sizes(const ask_llama_config *c);

/* Work of reading one token that sees `seen` others, multiply and add counted as two,
 * without the logits; and of these. */
ASK_API double ask_llama_flops(const ask_llama_config *c, double seen);
ASK_API double ask_llama_logits_flops(const ask_llama_config *c);

#endif
