/* net/joint/blip2.h - BLIP-2 and InstructBLIP: pictures as a few rows that a language model
 * reads, or that are compared with a text.
 *
 *     pixels -> EVA -> the Q-Former's queries (InstructBLIP: beside an instruction)
 *            -> linear -> rows that stand before a text, or in the places of a placeholder
 *     the queries' states -> linear, against the first token of a text alone; or, beside a
 *     text, -> do they match?
 *
 * Parameters have the names of Hugging Face's Blip2ForConditionalGeneration,
 * InstructBlipForConditionalGeneration, InstructBlipVideoForConditionalGeneration and
 * Blip2ForImageTextRetrieval.
 * After: Li et al. 2023, "BLIP-2: Bootstrapping Language-Image Pre-training with Frozen
 * Image Encoders and Large Language Models"; Dai et al. 2023, "InstructBLIP: Towards
 * General-purpose Vision-Language Models with Instruction Tuning". */
#ifndef ASK_NET_JOINT_BLIP2_H
#define ASK_NET_JOINT_BLIP2_H

#include "net/tower/eva.h"
#include "net/tower/language.h"
#include "net/tower/qformer.h"

/* ---- what pictures become ---- */

typedef struct {
    ask_eva_config vision;
    ask_qformer_config qformer;
    int n_queries;
    double init; // deviation of what stands on them
} ask_blip2_sight_config;

typedef struct {
    ask_blip2_sight_config config;
    ask_eva vision;
    ask_qformer qformer;
    ask_tensor *queries; // [1, Q, C]
} ask_blip2_sight;

/* A text that the Q-Former reads beside pictures. */
typedef struct {
    ask_tensor *ids;  // i64 [1 or F, L]
    ask_tensor *mask; // bool, the same shape, false = padding; or NULL
} ask_blip2_told;

/* pixels: [F, 3, S, S] -> what the tower sees [F, 1 + N, W], with the traces of
 * ask_eva_states and ask_eva_pool. */
ASK_API ask_tensor *ask_blip2_see(ask_graph *g, const ask_blip2_sight *s,
                                  ask_tensor *pixels);

/* seen -> the states of the queries [F, Q, C].  told: to all pictures or to each; NULL:
 * nothing. Has the traces of ask_qformer_states behind "qformer.". */
ASK_API ask_tensor *ask_blip2_ask(ask_graph *g, const ask_blip2_sight *s, ask_tensor *seen,
                                  const ask_blip2_told *told);

/* Work of both for one picture beside a text of n_told tokens, multiply and add counted as
 * two. */
ASK_API double ask_blip2_flops(const ask_blip2_sight_config *c, int n_told);

/* ---- with a language model ---- */

typedef enum { ASK_BLIP2, ASK_INSTRUCTBLIP, ASK_INSTRUCTBLIP_VIDEO } ask_blip2_kind;

typedef struct {
    ask_blip2_kind kind;
    ask_blip2_sight_config sight;
    ask_language_config text;
    int64_t image_id; // the placeholder of a row; -1: rows stand before the text
    int64_t lead_id;  // what the reference puts before all that it writes
} ask_blip2_config;

typedef struct {
    ask_blip2_config config;
    ask_blip2_sight sight;
    ask_dense projection;
    ask_language text;
} ask_blip2;

/* From config.json; absent keys have the defaults of the library's classes. Fails:
 * ASK_ERR_MODEL. */
ASK_API bool ask_blip2_config_read(ask_blip2_config *out, ask_blip2_kind kind,
                                   ask_json_value root, ask_error *err);
ASK_API void ask_blip2_bind(ask_blip2 *out, ask_params *p, const ask_blip2_config *config);

/* Tensors that published checkpoints hold and nobody needs. For ask_params_finish. */
ASK_API extern const char *const ask_blip2_ignored[];

/* The most tokens of an instruction; 0: it is told nothing. */
ASK_API int ask_blip2_n_instruction(const ask_blip2_config *c);

/* seen: [F, 1 + N, W] of ask_blip2_see -> [F, Q, width of the text], "language_projection";
 * what ask_blip2_ask says holds here. */
ASK_API ask_tensor *ask_blip2_rows(ask_graph *g, const ask_blip2 *m, ask_tensor *seen,
                                   const ask_blip2_told *told);

/* How the rows looked at the patches of their pictures, as ask_qformer_looks has it, the
 * class token left out.  -> [F Q, N] */
ASK_API ask_tensor *ask_blip2_cells(ask_graph *g, const ask_blip2 *m);

/* ---- against texts ---- */

typedef struct {
    ask_blip2_sight_config sight;
    int n_embed; // P
} ask_blip2_retrieval_config;

typedef struct {
    ask_blip2_retrieval_config config;
    ask_blip2_sight sight;
    ask_dense vision_projection, text_projection; // [P, C]
    ask_dense match;                              // [2, C]
} ask_blip2_retrieval;

/* As above. */
ASK_API bool ask_blip2_retrieval_config_read(ask_blip2_retrieval_config *out,
                                             ask_json_value root, ask_error *err);
ASK_API void ask_blip2_retrieval_bind(ask_blip2_retrieval *out, ask_params *p,
                                      const ask_blip2_retrieval_config *config);

/* seen: [B, 1 + N, W] -> unit vectors of the queries [B, Q, P] */
ASK_API ask_tensor *ask_blip2_image(ask_graph *g, const ask_blip2_retrieval *m,
                                    ask_tensor *seen);
/* text: of B texts -> unit vectors [B, P] */
ASK_API ask_tensor *ask_blip2_text(ask_graph *g, const ask_blip2_retrieval *m,
                                   const ask_blip2_told *text);
/* image: [Bi, Q, P], text: [Bt, P] -> [Bi, Bt], the largest over the queries. */
ASK_API ask_tensor *ask_blip2_similarity(ask_graph *g, ask_tensor *image, ask_tensor *text);
/* seen: [B, 1 + N, W], text: of B texts -> [B, 2] logits: they do not match, they do. */
ASK_API ask_tensor *ask_blip2_match(ask_graph *g, const ask_blip2_retrieval *m,
                                    ask_tensor *seen, const ask_blip2_told *text);

#endif
