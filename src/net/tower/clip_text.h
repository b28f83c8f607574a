/* net/tower/clip_text.h - CLIP's text tower: a causal transformer.
 *
 *     ids -> tokens + positions -> layers -> norm -> the state at the end token
 *
 * Parameters have the names of Hugging Face's CLIPTextModel.
 * After: Radford et al. 2021, "Learning Transferable Visual Models From Natural Language
 * Supervision". */
#ifndef ASK_NET_TOWER_CLIP_TEXT_H
#define ASK_NET_TOWER_CLIP_TEXT_H

#include "net/block/layer.h"

typedef struct {
    ask_stack_config stack;
    int n_vocab, n_context;
    int64_t end_id; // eos_token_id: the first one ends a text. 2 is the mark of old
                    // checkpoints: there the largest id does
    double init;    // deviation of both tables
} ask_clip_text_config;

typedef struct {
    ask_clip_text_config config;
    ask_tensor *token_table;    // [V, C]
    ask_tensor *position_table; // [n_context, C]
    ask_stack stack;
    ask_norm final_norm;
} ask_clip_text;

/* v: "text_config"; absent: all defaults. Fails: ASK_ERR_MODEL. */
ASK_API bool ask_clip_text_config_read(ask_clip_text_config *out, ask_json_value v,
                                       ask_error *err);

/* "<name>.embeddings", ".encoder.layers", ".final_layer_norm" */
ASK_API void ask_clip_text_bind(ask_clip_text *out, ask_params *p, const char *name,
                                const ask_clip_text_config *config);

/* ids: i64 [B, L], L <= n_context; mask: bool [B, L], false = padding; or NULL. -> [B, C].
 * Names "text.embeddings" [B, L, C], the traces of ask_stack_build,
 * "text.last_hidden_state", "text.pooler_output" (the result). A row without its end token
 * is read at its beginning. */
ASK_API ask_tensor *ask_clip_text_build(ask_graph *g, const ask_clip_text *t,
                                        ask_tensor *ids, ask_tensor *mask);

/* The id that ends a text. */
ASK_API int64_t ask_clip_text_end_id(const ask_clip_text_config *c);

/* Where the end token of a row of ids is, by the same rule; -1 without one. */
ASK_API int ask_clip_text_end(const ask_clip_text_config *c, const int64_t *ids, int n);

#endif
