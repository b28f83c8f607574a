/* net/joint/st_llm.h - ST-LLM: the rows of all frames of a video in one text, which a
 * language model reads in the order of time.
 *
 *     frames -> EVA -> norm -> the Q-Former's queries, perhaps beside an instruction
 *            -> linear -> rows of each frame
 *     perhaps, beside EVA's last layers, BT-Adapter: the frames see each other
 *     all:      the rows of every frame
 *     mean:     their mean over the frames
 *     residual: those of some frames, evenly spread, + a small MLP of that mean
 *
 * Parameters have the names of the authors' checkpoints: LLaMA's, and the rest behind
 * "model.stllm_model.". What is for training alone (masked rows, and what is made of them)
 * is not here.
 * After: Liu et al. 2024, "ST-LLM: Large Language Models Are Effective Temporal
 * Learners". */
#ifndef ASK_NET_JOINT_ST_LLM_H
#define ASK_NET_JOINT_ST_LLM_H

#include "net/tower/bt_adapter.h"
#include "net/tower/language.h"
#include "net/tower/qformer.h"

enum { ASK_ST_LLM_MOST_LOCAL = 1024 };

typedef enum {
    ASK_ST_LLM_ALL,
    ASK_ST_LLM_MEAN,
    ASK_ST_LLM_RESIDUAL,
    ASK_ST_LLM_UNTOLD, // by the tensors: all or residual
} ask_st_llm_joining;

/* Published checkpoints have LLaMA's keys alone in config.json: the others are in a file of
 * their own (YAML, "model"). Where these are not beside them, the tensors tell:
 * ask_st_llm's configuration has no ASK_ST_LLM_UNTOLD and no number below 0. */
typedef struct {
    ask_language_config text;
    ask_eva_config vision;
    ask_qformer_config qformer; // has_text: reads an instruction
    int n_queries;
    ask_st_llm_joining joining;
    int n_local;       // R: frames that have rows of their own, of residual; -1: untold
    int n_down;        // width of its MLP; -1: untold
    int has_text;      // 0, 1; -1: untold
    int has_adapter;   // 0, 1; -1: untold
    int adapter_depth; // layers beside which it is
    int n_vocab;       // of instructions; -1: untold
    int n_instruction; // most tokens of one
    double init;       // deviation of what stands on the towers
} ask_st_llm_config;

typedef struct {
    ask_st_llm_config config;
    ask_eva vision;
    ask_bt_adapter adapter; // where has_adapter
    ask_qformer qformer;
    ask_tensor *queries;  // [1, Q, C]
    ask_dense projection; // to the width of the text
    ask_dense down, up;   // of residual
    ask_language text;
} ask_st_llm;

/* From config.json; absent keys have the values that the authors' code fixes. Fails:
 * ASK_ERR_MODEL; for a Q-Former that is not there, LoRA, rows that were made before, and
 * other towers, naming the key. */
ASK_API bool ask_st_llm_config_read(ask_st_llm_config *out, ask_json_value root,
                                    ask_error *err);
ASK_API void ask_st_llm_bind(ask_st_llm *out, ask_params *p,
                             const ask_st_llm_config *config);

/* Tensors that published checkpoints hold and nobody needs. For ask_params_finish. */
ASK_API extern const char *const ask_st_llm_ignored[];

/* ---- which frames ---- */

/* Fewest and most frames that can be shown together; most 0: any number. */
ASK_API int ask_st_llm_least_frames(const ask_st_llm_config *c);
ASK_API int ask_st_llm_most_frames(const ask_st_llm_config *c);

/* Which of n_frames is the i-th of n_local, as NumPy rounds: half numbers to even ones. */
ASK_API int64_t ask_st_llm_local_frame(int64_t n_frames, int n_local, int i);

/* Rows of n_frames that are shown together. */
ASK_API int ask_st_llm_n_rows(const ask_st_llm_config *c, int n_frames);

/* ---- building; B videos of T frames, in the order of videos, then of frames ---- */

/* Numbers that are kept of a frame: K rows of the tower's width. */
ASK_API int ask_st_llm_n_kept(const ask_st_llm_config *c);

/* pixels: [F, 3, S, S] -> [F, K, W]: what the Q-Former looks at, "ln_vision"; with an
 * adapter the states of the layers beside which it is, one behind the other. */
ASK_API ask_tensor *ask_st_llm_look(ask_graph *g, const ask_st_llm *m, ask_tensor *pixels);

/* What the Q-Former reads beside the frames of a video. */
typedef struct {
    ask_tensor *ids;  // i64 [B, L], L <= n_instruction
    ask_tensor *mask; // bool [B, L], false = padding; or NULL
} ask_st_llm_told;

/* kept: [B T, K, W] -> [B T, Q, C], with the traces of ask_qformer_states behind "qformer."
 * and, of an adapter, "ln_vision" [B T, 1 + N, W]. told: NULL where has_text is 0. */
ASK_API ask_tensor *ask_st_llm_rows(ask_graph *g, const ask_st_llm *m, ask_tensor *kept,
                                    int64_t n_frames, const ask_st_llm_told *told);

/* rows: [B T, Q, C] -> [B, ask_st_llm_n_rows, C] */
ASK_API ask_tensor *ask_st_llm_join(ask_graph *g, const ask_st_llm *m, ask_tensor *rows,
                                    int64_t n_frames);

/* Of which frames the joined rows of a video are: [ask_st_llm_n_rows, T]. A mean's are of
 * all alike. Those of a local frame are told of it alone, though a share of each, which the
 * MLP makes of the mean, is of all. */
ASK_API ask_tensor *ask_st_llm_origins(ask_graph *g, const ask_st_llm *m, int64_t n_frames);

/* How these rows looked at the patches of their frames, as ask_qformer_looks has it, the
 * class token left out: [ask_st_llm_n_rows, N]. A mean's look at all frames: in the mean.
 */
ASK_API ask_tensor *ask_st_llm_cells(ask_graph *g, const ask_st_llm *m, int64_t n_frames);

/* Work of one of n frames beside an instruction of n_told tokens, multiply and add counted
 * as two. */
ASK_API double ask_st_llm_frame_flops(const ask_st_llm_config *c, int n_frames, int n_told);

#endif
