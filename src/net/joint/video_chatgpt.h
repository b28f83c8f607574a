/* net/joint/video_chatgpt.h - Video-ChatGPT: a video as means of CLIP's states.
 *
 *     features [100 + M, W] (model/features.h, "video-chatgpt") -> one linear layer -> rows
 *     that stand between two marks in the text of a LLaMA
 *
 * Parameters have the names of the authors' checkpoints.
 * After: Maaz et al. 2024, "Video-ChatGPT: Towards Detailed Video Understanding via Large
 * Vision and Language Models". */
#ifndef ASK_NET_JOINT_VIDEO_CHATGPT_H
#define ASK_NET_JOINT_VIDEO_CHATGPT_H

#include "net/tower/language.h"

enum { ASK_VIDEO_CHATGPT_FRAMES = 100 }; // rows of frames; rows of patches follow

typedef struct {
    ask_llama_config text;
    int n_features; // W
} ask_video_chatgpt_config;

typedef struct {
    ask_video_chatgpt_config config;
    ask_language text;   // a LLaMA
    ask_dense projector; // [C, W]
} ask_video_chatgpt;

/* From config.json. Fails: ASK_ERR_MODEL. */
ASK_API bool ask_video_chatgpt_config_read(ask_video_chatgpt_config *out,
                                           ask_json_value root, ask_error *err);
/* Refuses a LLaVA with a projector of two layers, which tells itself in the same words. */
ASK_API void ask_video_chatgpt_bind(ask_video_chatgpt *out, ask_params *p,
                                    const ask_video_chatgpt_config *config);

/* The ids of "<vid_patch>", for which the rows stand, "<vid_start>" and "<vid_end>": the
 * last three of the vocabulary. */
ASK_API void ask_video_chatgpt_marks(int64_t ids[3], const ask_video_chatgpt_config *c);

/* features: [..., W] -> [..., C] */
ASK_API ask_tensor *ask_video_chatgpt_rows(ask_graph *g, const ask_video_chatgpt *m,
                                           ask_tensor *features);

/* Means of a clip's patches and of its frames, with rows of zeros up to a hundred frames.
 * states: [F, M, W] -> [max(F, 100) + M, W] */
ASK_API ask_tensor *ask_video_chatgpt_pool(ask_graph *g, ask_tensor *states);

#endif
