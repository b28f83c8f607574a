/* net/joint/glance_focus.h - Glance-Focus: a glance over the frames of a video finds
 * prompts of what happens in it (its memory), then questions are answered with a focus on
 * them.
 *
 *     frames -> projection -> encoder -> decoder <- queries        the glance
 *                                           |
 *                          memory prompts, each with an event class and a span
 *                                           | in the order of their times
 *     [frames, prompts, text] -> encoder -> decoder <- question    the focus
 *                                           |
 *                                         answer
 *
 * Encoder and decoder are the same in both. In the focus, a decoder layer looks from the
 * text to the prompts, from there to the frames, and from the question's query to that.
 *
 * B videos, R texts: R is a multiple of B, and video b belongs to the R / B texts from
 * b R / B on (the options of a question, or its questions). T frames, Q memory slots,
 * L tokens, C the width.
 *
 * Parameters have the names of the authors' checkpoints.
 * After: Bai et al. 2023, "Glance and Focus: Memory Prompting for Multi-Event Video
 * Question Answering"; encoder and decoder: Carion et al. 2020, "End-to-End Object
 * Detection with Transformers". */
#ifndef ASK_NET_JOINT_GLANCE_FOCUS_H
#define ASK_NET_JOINT_GLANCE_FOCUS_H

#include "net/block/packed_attention.h"
#include "net/tower/bert.h"

/* What comes out as the answer. */
typedef enum {
    ASK_ANSWER_OPTIONS,    // one logit for each text: a question with one of its options
    ASK_ANSWER_VOCABULARY, // a logit for each answer of a closed list
    ASK_ANSWER_COUNT,      // a number
    ASK_ANSWER_MOMENT, // a logit for each memory slot: where what the text says happens;
                       // the product of head(question vector) and the prompt, by sqrt(C).
                       // Ours: the authors' networks have no such head
} ask_answer_head;

/* Where the authors' code departs from their paper. All false: the paper. Their weights
 * give their answers only with all of it. */
typedef struct {
    bool added_masks; // masks are numbers, added to attention logits: 1 for frames, prompts
                      // and padded text, 0 for text. Else padding is not looked at
    bool tail_memory; // the last Q positions of [frames, prompts, text] stand for the
                      // prompts, all before them for the frames
    bool first_layer; // the answer is read from the decoder's first layer, not its last
} ask_glance_focus_compat;

/* Whether frames carry their place in time. */
typedef enum {
    ASK_FRAMES_BARE,  // as the authors' code has it: frames are a set, times are what the
                      // features themselves tell
    ASK_FRAMES_WAVES, // sines and cosines of the frame's number are added after the
                      // projection (Vaswani et al. 2017): of frame t from 0 on, at 2 i and
                      // 2 i + 1 of its C numbers those of t / 10000^(2 i / C). Ours: spans
                      // can be learnt
} ask_frame_places;

/* What is kept of waves: frames times width. */
enum { ASK_GLANCE_MOST_WAVES = 1 << 26 };

typedef struct {
    int width, inner, n_layers, n_heads; // of encoder and decoder
    int n_queries;                       // memory slots
    int n_features;                      // numbers of a frame
    int n_frames;                        // of a video at most
    int n_classes;                       // of events; the last one is the background
    ask_answer_head head;
    int n_answers;   // outputs of the head for a text: 1, but for a vocabulary
    int n_options;   // of a question, with ASK_ANSWER_OPTIONS; else 0
    bool has_memory; // false: an ablation. The prompts are the queries alone, whatever the
                     // video: as many parameters, and no memory
    ask_frame_places places;
    ask_glance_focus_compat compat;
    double dropout;
    ask_bert_config text;
} ask_glance_focus_config;

/* A linear map whose matrix has length `gain` as a whole (weight normalisation over all of
 * it), then ReLU. Salimans & Kingma 2016. */
typedef struct {
    ask_tensor *gain, *v, *b; // [], [C, F], [C]
} ask_feature_projection;

typedef struct {
    ask_packed_attention attention;
    ask_dense in, out; // of the MLP
    ask_norm norm1, norm2;
} ask_glance_encoder_layer;

typedef struct {
    ask_packed_attention own, cross; // cross: one for the glance and all three of the focus
    ask_dense in, out;
    ask_norm norm[5];
} ask_glance_decoder_layer;

typedef struct {
    ask_glance_focus_config config;
    ask_feature_projection projection;
    ask_glance_encoder_layer *encoder; // [n_layers], in the arena of the parameters
    ask_glance_decoder_layer *decoder; // [n_layers]
    ask_norm decoder_norm;
    ask_tensor *query_table;    // [Q, C]
    ask_tensor *question_query; // [1, C]
    ask_tensor *slot_table;     // [Q, C], which of the prompts it is
    ask_dense classes;          // [E, C]
    ask_dense span[3];          // [C, C], [C, C], [2, C]
    ask_dense head[2];          // options: [2 C, C], [1, 2 C]; moment: [C, C]; else
                                // [n_answers, C] alone, in head[0]
    ask_bert text;
    ask_dense resize; // [C, text width]
    ask_norm resize_norm;
    const float
        *waves; // [n_frames, C], in the arena of the parameters; NULL without places
} ask_glance_focus;

/* From config.json. Keys are those of the authors' code and ours (docs/formats.md, "Glance-
 * Focus models"); a file without our "model_type" is theirs, and gets their departures.
 * Fails: ASK_ERR_MODEL. */
ASK_API bool ask_glance_focus_config_read(ask_glance_focus_config *out, ask_json_value root,
                                          ask_error *err);

/* The sizes that the paper has: width 512, inner 2048, 2 layers, 8 heads, 10 queries, 80
 * frames of 1024 features, 111 classes, 4 options, dropout 0.1, RoBERTa-base. */
ASK_API ask_glance_focus_config ask_glance_focus_paper(void);

/* What weights of the authors without a configuration are taken for: 8 heads, RoBERTa with
 * heads of 64 numbers, all departures, every other size open. Binding sees the head from
 * them; options are 4. */
ASK_API ask_glance_focus_config ask_glance_focus_released(void);

/* Binding to a checkpoint takes sizes that the configuration leaves open (0) from it; with
 * n_answers open the head, too. out->config has all of them. */
ASK_API void ask_glance_focus_bind(ask_glance_focus *out, ask_params *p,
                                   const ask_glance_focus_config *config);

/* Tensors that checkpoints hold beyond the network. For ask_params_finish. */
ASK_API extern const char *const ask_glance_focus_ignored[];

/* ---- the glance ---- */

typedef struct {
    ask_tensor *frames;       // [B, T, C], projected
    ask_tensor *mask;         // bool [B, T], true = a frame; or NULL: all are
    ask_tensor *memory;       // [B, T, C], what the encoder makes of the frames
    ask_tensor *slots;        // [B, Q, C], the memory prompts as they came
    ask_tensor *class_logits; // [B, Q, E]
    ask_tensor *spans;        // [B, Q, 2], centre and width as shares of the video
    ask_tensor *order;        // i64 [B, Q]: which slot is first, second, ... by centre
    ask_tensor *rank;         // i64 [B, Q]: the place of each slot in that order
    ask_tensor *prompts;      // [B, Q, C], slots in that order
} ask_glance;

/* features: [B, T, F]; mask: bool [B, T], true = a frame, or NULL; with added_masks nothing
 * hides frames, as in the authors' code. dropping may be NULL.
 * Traces: "glance.encoder_memory" [T, B, C], "memory_prompt", "event_class_logits",
 * "pred_spans", "sort_index", "sorted_prompt". */
ASK_API void ask_glance_build(ask_glance *out, ask_graph *g, const ask_glance_focus *net,
                              ask_tensor *features, ask_tensor *mask,
                              ask_dropping *dropping);

/* ---- the focus ---- */

/* Texts by their tokens, R of them in rows of L, padded under a mask; or packed, which
 * computes no padding, and which added_masks, where padding counts, cannot have. ->
 * resized states [R, L, C]. Trace: "focus.text_memory_resized" [L, R, C]. */
ASK_API ask_tensor *ask_focus_text(ask_graph *g, const ask_glance_focus *net,
                                   const ask_bert_input *in);

typedef struct {
    ask_tensor *question; // [R, C], what is answered from
    ask_tensor *answer;   // the head's: [R / n_options, n_options], [R, n_answers], [R], or
                          // [R, Q] with slots in the order of glance.order
    ask_tensor *event_attention; // [R, H, L, Q], of the text on the prompts, in the layer
    ask_tensor *frame_attention; // [R, H, L, T], that is answered from; traces
                                 // "focus.event_attention", "focus.frame_attention": NULL
                                 // where they are not wanted. With tail_memory the last
                                 // axes are what stands for prompts, Q, and frames, T + L
} ask_focus;

/* text: [R, L, C] of ask_focus_text. Traces: "focus.encoder_memory" [T + Q + L, R, C],
 * "pred_answer". */
ASK_API void ask_focus_build(ask_focus *out, ask_graph *g, const ask_glance_focus *net,
                             const ask_glance *glance, ask_tensor *text,
                             ask_tensor *text_mask, ask_dropping *dropping);

/* Work of the glance over one video and of the focus for one text; multiply and add are
 * counted as two. */
ASK_API double ask_glance_flops(const ask_glance_focus_config *c, int n_frames);
ASK_API double ask_focus_flops(const ask_glance_focus_config *c, int n_frames,
                               int n_tokens);

#endif
