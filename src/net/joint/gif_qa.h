/* net/joint/gif_qa.h - GIF-QA: a few learned queries ask the vectors of a clip's frames,
 * and what they find stands in the text of a GPT-2.
 *
 *     frame vectors -> one linear layer -> Q-Former -> one linear layer -> rows that stand
 *     behind the first tokens of the text
 *
 *     " context:" rows "question: " question "answer " answer end
 *
 * The text is read by the causal rule alone: an answer sees all of itself that is before
 * it, while it is learned and while it is said.
 *
 * Parameters have the names of the authors' module; an adapter of the GPT-2 (net/block/
 * lora.h) lies beside them.
 * After: "GIF-QA" (2024), which follows Liu et al. 2024, "ST-LLM: Large Language Models Are
 * Effective Temporal Learners"; Li et al. 2023, "BLIP-2". */
#ifndef ASK_NET_JOINT_GIF_QA_H
#define ASK_NET_JOINT_GIF_QA_H

#include "net/tower/language.h"
#include "net/tower/qformer.h"

typedef struct {
    ask_language_config text; // of a GPT-2
    ask_qformer_config asker;
    int width;      // C, of the text
    int n_features; // W, of a frame's vector
    int n_queries;  // Q
    int n_first;    // tokens before the rows
} ask_gif_qa_config;

typedef struct {
    ask_gif_qa_config config;
    ask_dense in, out; // [S, W], of what the Q-Former looks at; [C, width of the Q-Former]
    ask_tensor *queries; // [1, Q, width of the Q-Former]
    ask_qformer asker;
    ask_language text;
    ask_dense guess;     // of what is masked (gif_qa_loss.h) [C, C]; w is NULL where the
    ask_norm guess_norm; // checkpoint has none
} ask_gif_qa;

/* From config.json. Fails: ASK_ERR_MODEL. */
ASK_API bool ask_gif_qa_config_read(ask_gif_qa_config *out, ask_json_value root,
                                    ask_error *err);
/* With the tensors of an adapter where the checkpoint has them. */
ASK_API void ask_gif_qa_bind(ask_gif_qa *out, ask_params *p,
                             const ask_gif_qa_config *config);
/* Scales the adapter. Fails: ASK_ERR_MODEL, of v, when it has another rank. */
ASK_API bool ask_gif_qa_adapt(ask_gif_qa *m, ask_json_value v, ask_error *err);
ASK_API bool ask_gif_qa_has_adapter(const ask_gif_qa *m);

/* ---- building ---- */

/* frames: [B, F, W] -> [B, Q, C].  Names "image_proj" [B, F, S], the traces of the Q-Former
 * behind "qformer.", and "visual" (the result). */
ASK_API ask_tensor *ask_gif_qa_rows(ask_graph *g, const ask_gif_qa *m, ask_tensor *frames);

/* What share of each row is of which frame, as ask_qformer_looks has it.  -> [Q, F] */
ASK_API ask_tensor *ask_gif_qa_origins(ask_graph *g, const ask_gif_qa *m);

/* Texts of L tokens, at least n_first, with n rows behind these. */
typedef struct {
    ask_tensor *ids;   // i64 [B, L]
    ask_tensor *mask;  // bool [B, L], false = padding; NULL: there is none
    ask_tensor *rows;  // [B, n, C]
    const char *trace; // what traces begin with
} ask_gif_qa_text;

/* What becomes of them: T = L + n. */
typedef struct {
    ask_tensor *embeds; // [B, T, C]
    ask_tensor *states; // behind the last norm: [B, T, C]
    ask_tensor *logits; // [B, T, V]
} ask_gif_qa_pass;

/* Names the traces of the GPT-2, "inputs_embeds" and "logits", which are the result. */
ASK_API void ask_gif_qa_read(ask_gif_qa_pass *out, ask_graph *g, const ask_gif_qa *m,
                             const ask_gif_qa_text *text);

/* Work of one clip of F frames; multiply and add are counted as two. */
ASK_API double ask_gif_qa_flops(const ask_gif_qa_config *c, double n_frames);

#endif
