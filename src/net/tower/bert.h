/* net/tower/bert.h - BERT and RoBERTa: encoders of texts in which every token sees all.
 *
 *     ids -> tokens + positions + types -> norm -> layers (post-norm) -> states
 *     states -> the first token's -> linear -> tanh           (the pooler)
 *     states -> their mean over the tokens that are no padding
 *
 * RoBERTa is the same network with other rules: its positions are counted from pad_id + 1
 * over the tokens that are no padding, and padding stands at pad_id.
 *
 * Parameters and traces have the names of Hugging Face's BertModel and RobertaModel.
 * After: Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers"; Liu
 * et al. 2019, "RoBERTa: A Robustly Optimized BERT Pretraining Approach"; for the mean,
 * Reimers & Gurevych 2019, "Sentence-BERT". */
#ifndef ASK_NET_TOWER_BERT_H
#define ASK_NET_TOWER_BERT_H

#include "net/block/layer.h"

typedef enum { ASK_BERT, ASK_ROBERTA } ask_bert_kind;

/* How the tokens of a text become one vector. */
typedef enum {
    ASK_BERT_MEAN,  // of those that count
    ASK_BERT_FIRST, // the first one
    ASK_BERT_MAX,   // the largest of each number, over those that count
} ask_bert_pooling;

typedef struct {
    ask_bert_kind kind;
    ask_bert_pooling pooling; // of ask_bert_sentence; not in config.json
    ask_stack_config stack;
    int n_vocab, n_types;
    int n_positions; // rows of the table
    int64_t pad_id;
    double init; // deviation of all weights
} ask_bert_config;

typedef struct {
    ask_bert_config config;
    ask_tensor *token_table;    // [V, C]
    ask_tensor *position_table; // [n_positions, C]
    ask_tensor *type_table;     // [n_types, C]
    ask_norm norm;
    ask_stack stack;
    ask_dense pooler; // [C, C]; w is NULL where the checkpoint has none
} ask_bert;

/* From config.json; absent keys have the defaults of BertConfig and RobertaConfig. Fails:
 * ASK_ERR_MODEL, also for decoders and for positions that are not absolute. */
ASK_API bool ask_bert_config_read(ask_bert_config *out, ask_bert_kind kind,
                                  ask_json_value root, ask_error *err);

/* The most tokens of a text. */
ASK_API int ask_bert_n_context(const ask_bert_config *c);

/* The prefix of its parameters in checkpoints of that kind: "bert." or "roberta." where a
 * head stands on it, else "". */
ASK_API const char *ask_bert_prefix(ask_bert_kind kind, const ask_params *p);

/* "<prefix>embeddings", "<prefix>encoder.layer", "<prefix>pooler"; prefix ends with a point
 * or is empty. */
ASK_API void ask_bert_bind(ask_bert *out, ask_params *p, const char *prefix,
                           const ask_bert_config *config);

/* Tensors that published checkpoints hold beyond the encoder: their heads. For
 * ask_params_finish. */
ASK_API extern const char *const ask_bert_ignored[];

typedef struct {
    ask_tensor *ids;   // i64 [B, L], L <= n_context
    ask_tensor *mask;  // bool [B, L], false = padding, at which no token looks; or NULL
    ask_tensor *types; // i64 [B, L], which of two texts; or NULL: all are 0
    ask_dropping *dropping;     // or NULL
    const ask_packing *packing; // then ids and types are [1, N], one text behind the other,
                                // and only the mask is [B, L]; or NULL
} ask_bert_input;

/* -> [B, L, C], or [1, N, C] of a packing.  Names "<trace>embeddings" [B, L, C], the traces
 * of ask_stack_build and
 * "<trace>last_hidden_state"; trace ends with a point or is empty. What comes out at
 * padding has no meaning. */
ASK_API ask_tensor *ask_bert_states(ask_graph *g, const ask_bert *b,
                                    const ask_bert_input *in, const char *trace);

/* states: [B, L, C] -> [B, C]; NULL where the checkpoint has no pooler. */
ASK_API ask_tensor *ask_bert_pool(ask_graph *g, const ask_bert *b, ask_tensor *states);

/* states: [B, L, C], mask: bool [B, L] or NULL -> [B, C], the mean over the tokens that
 * count; zeros where none does. */
ASK_API ask_tensor *ask_bert_mean(ask_graph *g, ask_tensor *states, ask_tensor *mask);

/* The same as config.pooling has it. */
ASK_API ask_tensor *ask_bert_sentence(ask_graph *g, const ask_bert *b, ask_tensor *states,
                                      ask_tensor *mask);

/* ids -> bool [B, L], true where they are no padding. */
ASK_API ask_tensor *ask_bert_mask(ask_graph *g, const ask_bert *b, ask_tensor *ids);

/* Work for one text of that many tokens; multiply and add are counted as two. */
ASK_API double ask_bert_flops(const ask_bert_config *c, int n_tokens);

#endif
