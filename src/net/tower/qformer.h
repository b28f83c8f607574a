/* net/tower/qformer.h - the Q-Former of BLIP-2: a few learned queries that ask a picture,
 * and may read a text beside it.
 *
 *     queries, text -> norm -> layers -> states
 *     layer: attention over queries and text; in every so-many-th layer the queries look at
 *     the picture; then an MLP, one for queries and another for the text (post-norm, BERT)
 *
 * Parameters and traces have the names of Hugging Face's Blip2QFormerModel; the names of
 * other checkpoints are told by ask_qformer_names.
 * After: Li et al. 2023, "BLIP-2: Bootstrapping Language-Image Pre-training with Frozen
 * Image Encoders and Large Language Models"; Dai et al. 2023, "InstructBLIP". */
#ifndef ASK_NET_TOWER_QFORMER_H
#define ASK_NET_TOWER_QFORMER_H

#include "net/block/cross_attention.h"
#include "net/block/mlp.h"

typedef struct {
    int width, inner, n_layers, n_heads; // inner: width of the MLPs
    int seen_width;                      // of the rows of the picture
    int cross_every;                     // layers 0, cross_every, ... look at it
    ask_activation activation;
    double eps;                        // of the norms
    bool has_text;                     // whether it has the MLPs of texts
    int n_vocab, n_positions;          // of texts
    double dropout, attention_dropout; // of what is added to x; of probabilities
    double init;                       // deviation of all weights
} ask_qformer_config;

/* What its parts are called in a checkpoint. */
typedef struct {
    const char *layers;      // "<layers>.<i>.attention.output.dense", ...
    const char *projections; // "<layers>.<i>.attention.<projections>.query", ...
    const char *norm;        // the one before the first layer
    const char *embeddings; // "<embeddings>.word_embeddings", ".position_embeddings"; NULL:
                            // texts come as vectors, or not at all
} ask_qformer_names;

/* Hugging Face's BLIP-2 with a language model, the same for retrieval, InstructBLIP; and
 * all of LAVIS, without texts (its second stage) and with them. */
ASK_API extern const ask_qformer_names ask_qformer_blip2, ask_qformer_retrieval,
    ask_qformer_instruct, ask_qformer_lavis, ask_qformer_lavis_text;

/* LAVIS's behind a prefix, a literal; embeddings: that of texts, or NULL. */
#define ASK_QFORMER_LAVIS_BEHIND(prefix, embeddings_)                                      \
    {                                                                                      \
        .layers = prefix "Qformer.bert.encoder.layer", .projections = "self",              \
        .norm = prefix "Qformer.bert.embeddings.LayerNorm", .embeddings = embeddings_,     \
    }

/* Tensors that published checkpoints hold and nobody needs. For ask_params_finish. */
ASK_API extern const char *const ask_qformer_ignored[];

typedef struct {
    ask_self_attention attention;
    ask_norm norm;
    bool looks; // whether it has the next two
    ask_cross_attention cross;
    ask_norm cross_norm;
    ask_mlp query_mlp, text_mlp; // the latter with has_text
    ask_norm query_norm, text_norm;
} ask_qformer_layer;

typedef struct {
    ask_qformer_config config;
    ask_tensor *token_table;    // [V, C]; NULL without embeddings
    ask_tensor *position_table; // [n_positions, C]
    ask_norm norm;
    ask_qformer_layer *layers; // [n_layers]
} ask_qformer;

/* v: "qformer_config"; absent keys have the defaults of Blip2QFormerConfig. has_text: that
 * of networks that say nothing of it ("use_qformer_text_input"). Fails: ASK_ERR_MODEL. */
ASK_API bool ask_qformer_config_read(ask_qformer_config *out, ask_json_value v,
                                     bool has_text, ask_error *err);

ASK_API void ask_qformer_bind(ask_qformer *out, ask_params *p,
                              const ask_qformer_names *names,
                              const ask_qformer_config *config);

typedef struct {
    ask_tensor *queries;    // [1 or B, Q, C]; NULL: none, and nothing is looked at
    ask_tensor *ids;        // i64 [B, L], L <= n_positions, of a text; or NULL: none
    ask_tensor *mask;       // bool [B, L], false = padding, at which nobody looks; or NULL
    ask_tensor *seen;       // [B, N, W]
    const char *trace;      // "qformer."
    ask_dropping *dropping; // or NULL
} ask_qformer_input;

/* -> [B, Q + L, C], queries first.  Names, behind the trace, "hidden_states.<i>" (what goes
 * into layer i), "hidden_states.<n_layers>" and "last_hidden_state" (the result),
 * "attentions.<i>" [B, H, Q + L, Q + L] and, of layers that look at the picture,
 * "cross_attentions.<i>" [B, H, Q, N]. */
ASK_API ask_tensor *ask_qformer_states(ask_graph *g, const ask_qformer *q,
                                       const ask_qformer_input *in);

/* Where the queries looked: the mean over heads and over layers that look, of states that
 * are in the graph, which keeps "<trace>cross_attentions.*".  -> [B, Q, N] */
ASK_API ask_tensor *ask_qformer_looks(ask_graph *g, const ask_qformer_config *c,
                                      const char *trace);

/* Work for n_queries that ask n_seen rows beside a text of n_text tokens; multiply and add
 * are counted as two. */
ASK_API double ask_qformer_flops(const ask_qformer_config *c, double n_queries,
                                 double n_text, double n_seen);

#endif
