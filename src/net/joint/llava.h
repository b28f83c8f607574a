/* net/joint/llava.h - LLaVA-1.5 and LLaVA-NeXT-Video: pictures as tokens of a language
 * model.
 *
 *     pixels -> CLIP's states of one layer -> (2 x 2 pooling) -> two linear layers -> rows
 *     that stand in the text where its placeholders are
 *
 * Parameters have the names of Hugging Face's LlavaForConditionalGeneration and
 * LlavaNextVideoForConditionalGeneration, of before and after transformers 4.52.
 * After: Liu et al. 2024, "Improved Baselines with Visual Instruction Tuning"; Zhang et al.
 * 2024, "LLaVA-NeXT: A Strong Zero-shot Video Understanding Model". */
#ifndef ASK_NET_JOINT_LLAVA_H
#define ASK_NET_JOINT_LLAVA_H

#include "net/tower/clip_vision.h"
#include "net/tower/language.h"

typedef enum { ASK_LLAVA, ASK_LLAVA_NEXT_VIDEO } ask_llava_kind;

/* What becomes of the patches of a video's frames. */
typedef enum { ASK_LLAVA_AVERAGE, ASK_LLAVA_MAX } ask_llava_pooling;

typedef struct {
    ask_llava_kind kind;
    ask_clip_vision_config vision;
    ask_llama_config text;
    int feature_layer; // before it the states are taken; vision's n_layers: behind the last
    bool keep_class;   // whether the class token is a row, too: then the first
    ask_activation activation; // of the projector
    bool bias;
    ask_llava_pooling pooling;  // of a video
    int pool;                   // patches along a side of a cell; 1 with ASK_LLAVA
    int64_t image_id, video_id; // placeholders; video_id is -1 with ASK_LLAVA
} ask_llava_config;

typedef struct {
    ask_llava_config config;
    ask_clip_vision vision;
    ask_dense in, out; // of the projector
    ask_language text; // a LLaMA
} ask_llava;

/* From config.json. Fails: ASK_ERR_MODEL. */
ASK_API bool ask_llava_config_read(ask_llava_config *out, ask_llava_kind kind,
                                   ask_json_value root, ask_error *err);
ASK_API void ask_llava_bind(ask_llava *out, ask_params *p, const ask_llava_config *config);

/* Tensors that published checkpoints hold and nobody needs. For ask_params_finish. */
ASK_API extern const char *const ask_llava_ignored[];

/* Cells along a side of a frame, and rows that it becomes; of a picture, or pooled as a
 * frame of a video. */
ASK_API int ask_llava_side(const ask_llava_config *c, bool video);
ASK_API int ask_llava_n_rows(const ask_llava_config *c, bool video);

/* pixels: [F, 3, S, S] -> [F, n_rows, C], C of the text.  Names "vision.penultimate",
 * "vision.last", "vision.penultimate_no_class" (what is taken of the tower, [F, 1 + N, W]
 * or [F, N, W]) and "pooled" [F, n_rows, W]. */
ASK_API ask_tensor *ask_llava_rows(ask_graph *g, const ask_llava *m, ask_tensor *pixels,
                                   bool video);

/* Work of one picture, multiply and add counted as two. */
ASK_API double ask_llava_image_flops(const ask_llava_config *c, bool video);

#endif
