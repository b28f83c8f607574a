/* net/tower/t5.h - T5, T5 v1.1 (FLAN-T5) and mT5: an encoder of prompts and a decoder that
 * answers them.
 *
 *     encoder: x + attention(norm(x)), then x + mlp(norm(x)); all places see all
 *     decoder: x + attention(norm(x)), x + attention to the encoder's states, x + mlp
 *
 * Positions count as differences alone: each head adds to a score what a table has for the
 * bucket of the distance from query to key. The first layer's table is that of all layers
 * of a stack. Scores are not scaled.
 *
 * A text is decoded whole beside the encoder's states, or in pieces with a cache, whose
 * first rows are then keys and values of these states, and the others those of the text.
 *
 * Parameters and traces have the names of Hugging Face's T5ForConditionalGeneration.
 * After: Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified
 * Text-to-Text Transformer"; Shazeer 2020, "GLU Variants Improve Transformer"; Xue et al.
 * 2021, "mT5". */
#ifndef ASK_NET_TOWER_T5_H
#define ASK_NET_TOWER_T5_H

#include "net/block/decoder.h"
#include "net/block/gated_mlp.h"
#include "net/block/heads.h"
#include "net/block/mlp.h"
#include "net/block/rms.h"

typedef enum { ASK_T5, ASK_MT5 } ask_t5_kind;

/* Distances have no end, so neither have texts. This is what memory is planned for: the
 * scores of an encoder's layer grow with the square of its places. */
enum { ASK_T5_MOST_PLACES = 2048 };

typedef struct {
    ask_t5_kind kind;
    int width, inner;
    int n_encoder_layers, n_decoder_layers;
    int n_heads, head; // numbers of a head; their product need not be the width
    int n_vocab;
    int n_context;               // tokens of a prompt that it was trained for
    int n_buckets, max_distance; // distances from the latter on share the last bucket
    double eps;
    ask_activation activation;
    bool gated;
    bool tied;        // the token table is the last layer too; if not scaled, only
                      // where files have no other
    bool scaled;      // states are scaled by 1 / sqrt(width) before the last layer
    double init;      // factor of all deviations
    int64_t start_id; // the first that is decoded; -1: none
} ask_t5_config;

typedef struct {
    ask_dense q, k, v, out; // [H D, C], [H D, C], [H D, C], [C, H D]
} ask_t5_attention;

typedef struct {
    ask_rms norm1, norm2, norm3; // of the attention, of that to the encoder, of the mlp
    ask_t5_attention self, cross;
    ask_mlp mlp;         // where it has no gate
    ask_gated_mlp gated; // where it has one
} ask_t5_layer;

/* Layers with what their distances are worth. */
typedef struct {
    ask_t5_layer *layers; // [n_layers]; those of the encoder have no `cross` and norm2
    int n_layers;
    ask_tensor *table;      // [n_buckets, H]
    const int64_t *buckets; // [2 reach + 1], of the distances from -reach to reach
    int64_t reach;          // what is farther is as if it were so far
    ask_rms norm;           // behind the last layer
} ask_t5_stack;

typedef struct {
    ask_t5_config config;
    ask_tensor *token_table; // [V, C]
    ask_t5_stack encoder, decoder;
    ask_tensor *head; // [V, C]
} ask_t5;

/* From config.json, or the "text_config" in it; absent keys have the defaults of T5Config
 * and MT5Config. Fails: ASK_ERR_MODEL. */
ASK_API bool ask_t5_config_read(ask_t5_config *out, ask_t5_kind kind, ask_json_value v,
                                ask_error *err);

/* The bucket of a distance (key's position less the query's), in float arithmetic as the
 * released models have it. both_ways: of an encoder, whose second half of buckets is of
 * keys behind the query; else keys behind it have the bucket of distance 0. */
ASK_API int ask_t5_bucket(int64_t distance, bool both_ways, int n_buckets,
                          int max_distance);

/* "<prefix>shared", "<prefix>encoder", "<prefix>decoder" and "<prefix>lm_head". The token
 * table may be stored under the name of either stack, or of the last layer if it is that
 * too; where it is stored more than once, one of them counts. */
ASK_API void ask_t5_bind(ask_t5 *out, ask_params *p, const char *prefix,
                         const ask_t5_config *config);

/* Tensors that published checkpoints hold and nobody needs. For ask_params_finish. */
ASK_API extern const char *const ask_t5_ignored[];

/* ---- building ---- */

/* ids: i64 [B, T] -> [B, T, C]; for both stacks */
ASK_API ask_tensor *ask_t5_embed(ask_graph *g, const ask_t5 *m, ask_tensor *ids);

/* The encoder.  x: [B, S, C] -> [B, S, C].  mask: bool [B, 1, 1, S], true = a place; NULL:
 * all are.  Names "encoder_hidden_states.<i>" (what goes into layer i; the last is the
 * result), "encoder_last_hidden_state" and "encoder_attentions.<i>" [B, H, S, S]. */
ASK_API ask_tensor *ask_t5_encode(ask_graph *g, const ask_t5 *m, ask_tensor *x,
                                  ask_tensor *mask, const char *trace);

/* Writes what the decoder's layers see of the encoder's states [1, S, C] at row `at` (i64
 * [1]) of a cache. */
ASK_API void ask_t5_remember(ask_graph *g, const ask_t5 *m, ask_tensor *states,
                             const ask_decoder_cache *cache, ask_tensor *at);

/* The decoder.  x: [B, T, C] -> the states behind the last norm [B, T, C].  view->source
 * must be there.  Names "decoder_hidden_states.<i>" (the last is the result),
 * "last_hidden_state", "decoder_attentions.<i>" [B, H, T, Tk] and "cross_attentions.<i>"
 * [B, H, T, S or Tk]. */
ASK_API ask_tensor *ask_t5_build(ask_graph *g, const ask_t5 *m, ask_tensor *x,
                                 const ask_decoder_view *view);

/* states: [..., C] -> [..., V] */
ASK_API ask_tensor *ask_t5_logits(ask_graph *g, const ask_t5 *m, ask_tensor *states);

/* What its decoder's layers keep of a token that was read, and of a place of a prompt. */
ASK_API ask_decoder_sizes ask_t5_sizes(const ask_t5_config *c);

/* Work of encoding a place that sees `seen` others, and of decoding a token that does,
 * places of the prompt and tokens counted alike; multiply and add counted as two, without
 * the logits; and of these. */
ASK_API double ask_t5_encode_flops(const ask_t5_config *c, double seen);
ASK_API double ask_t5_flops(const ask_t5_config *c, double seen);
ASK_API double ask_t5_logits_flops(const ask_t5_config *c);

#endif
