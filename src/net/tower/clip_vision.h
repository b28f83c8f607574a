/* net/tower/clip_vision.h - CLIP's image tower: a vision transformer.
 *
 *     pixels -> patches -> + class token, positions -> norm
 *            -> layers -> class token -> norm
 *
 * Parameters have the names of Hugging Face's CLIPVisionModel.
 * After: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words"; Radford et al. 2021. */
#ifndef ASK_NET_TOWER_CLIP_VISION_H
#define ASK_NET_TOWER_CLIP_VISION_H

#include "net/block/layer.h"

typedef struct {
    ask_stack_config stack;
    int image_px, patch_px; // sides; what is left of the image right and below the last
                            // whole patch is not seen
    int n_channels;
    struct {
        double class_token, patch, position;
    } init; // deviations
} ask_clip_vision_config;

typedef struct {
    ask_clip_vision_config config;
    ask_tensor *class_token;    // [C]
    ask_tensor *patch_weight;   // [C, channels, P, P]
    ask_tensor *position_table; // [1 + N, C]
    ask_norm pre_norm, post_norm;
    ask_stack stack;
} ask_clip_vision;

/* Patches in a picture. */
ASK_API int64_t ask_clip_vision_n_patches(const ask_clip_vision_config *c);

/* v: "vision_config"; absent: all defaults. Fails: ASK_ERR_MODEL. */
ASK_API bool ask_clip_vision_config_read(ask_clip_vision_config *out, ask_json_value v,
                                         ask_error *err);

/* "<name>.embeddings", ".pre_layrnorm" (so spelt), ".encoder.layers", ".post_layernorm" */
ASK_API void ask_clip_vision_bind(ask_clip_vision *out, ask_params *p, const char *name,
                                  const ask_clip_vision_config *config);

/* pixels: [B, channels, S, S] -> the states of the last layer [B, 1 + N, C].  Names
 * "vision.embeddings" [B, 1 + N, C] (what the first norm gives), the traces of
 * ask_stack_build, "vision.penultimate" (what goes into the last layer) and
 * "vision.last_hidden_state" (the result). */
ASK_API ask_tensor *ask_clip_vision_states(ask_graph *g, const ask_clip_vision *v,
                                           ask_tensor *pixels);

/* states -> the class token's, through the last norm: [B, C], "vision.pooler_output". */
ASK_API ask_tensor *ask_clip_vision_pool(ask_graph *g, const ask_clip_vision *v,
                                         ask_tensor *states);

/* states -> those of the patches, through the same norm: [B N, C]. */
ASK_API ask_tensor *ask_clip_vision_patches(ask_graph *g, const ask_clip_vision *v,
                                            ask_tensor *states);

/* Work of the states of one picture, multiply and add counted as two. */
ASK_API double ask_clip_vision_flops(const ask_clip_vision_config *c);

#endif
