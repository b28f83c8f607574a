/* net/joint/clip.h - CLIP: an image and a text tower that meet in one space.
 *
 *     image -> vision tower -> projection --+
 *                                           +--> cosines * e^logit_scale
 *     text  -> text tower   -> projection --+
 *
 * Names of parameters and of traces are those of Hugging Face's CLIPModel.
 * After: Radford et al. 2021, "Learning Transferable Visual Models From Natural Language
 * Supervision". */
#ifndef ASK_NET_JOINT_CLIP_H
#define ASK_NET_JOINT_CLIP_H

#include "net/tower/clip_text.h"
#include "net/tower/clip_vision.h"

typedef struct {
    ask_clip_vision_config vision;
    ask_clip_text_config text;
    int n_embed;             // projection_dim
    double logit_scale_init; // what the parameter logit_scale begins with: a logarithm
    double init;             // factor of the projections' deviations
    bool matches_patches;    // "match_patches", false: patches were trained to fit texts
                             // too; not in CLIPConfig, which leaves such keys alone
} ask_clip_config;

/* logit_scale_init lies between this and its negative: its exponential is finite in f32. */
enum { ASK_CLIP_MAX_LOGIT_SCALE = 80 };

typedef struct {
    ask_clip_config config;
    ask_clip_vision vision;
    ask_clip_text text;
    ask_dense vision_projection, text_projection; // [P, C], without bias
    ask_tensor *logit_scale;                      // a scalar, a logarithm
} ask_clip;

/* From config.json. Absent keys have the defaults of CLIPConfig; text_config_dict and
 * vision_config_dict of old files stand in for text_config and vision_config. Sizes that
 * are absurd or do not fit together are ASK_ERR_MODEL with file and key. */
ASK_API bool ask_clip_config_read(ask_clip_config *out, ask_json_value root,
                                  ask_error *err);

ASK_API void ask_clip_bind(ask_clip *out, ask_params *p, const ask_clip_config *config);

/* Tensors that old checkpoints hold beyond the parameters: for ask_params_finish. */
ASK_API extern const char *const ask_clip_ignored[];

/* pixels: [B, channels, S, S] -> [B, P], not normalised: "image_features_unnormalised".
 * Also the traces of the vision tower. */
ASK_API ask_tensor *ask_clip_image(ask_graph *g, const ask_clip *c, ask_tensor *pixels);

/* The same, and with `patches` (may be NULL) also what each patch's own state says through
 * the same norm and projection: [B N, P], not normalised; N patches of an image one after
 * the other, in reading order. After: Zhou et al. 2022, "Extract Free Dense Labels from
 * CLIP". */
ASK_API ask_tensor *ask_clip_image_and_patches(ask_graph *g, const ask_clip *c,
                                               ask_tensor *pixels, ask_tensor **patches);

/* All that fits texts: pixels -> [B, V, P], not normalised; V vectors of an image, which is
 * the image itself and, where config.matches_patches, its N patches. */
ASK_API ask_tensor *ask_clip_image_vectors(ask_graph *g, const ask_clip *c,
                                           ask_tensor *pixels);
ASK_API int ask_clip_n_vectors(const ask_clip_config *c);

/* ids: i64 [B, L], mask: bool [B, L] or NULL -> [B, P], not normalised:
 * "text_features_unnormalised". Also the traces of the text tower. */
ASK_API ask_tensor *ask_clip_text_features(ask_graph *g, const ask_clip *c, ask_tensor *ids,
                                           ask_tensor *mask);

/* x: [..., P] -> unit vectors */
ASK_API ask_tensor *ask_clip_unit(ask_graph *g, ask_tensor *x);

/* image: [Bi, P], text: [Bt, P], unit vectors -> logits per image [Bi, Bt] */
ASK_API ask_tensor *ask_clip_logits(ask_graph *g, const ask_clip *c, ask_tensor *image,
                                    ask_tensor *text);

/* Floating-point operations of one image, and of one text of that many tokens; a multiply
 * and an add are two. */
ASK_API double ask_clip_image_flops(const ask_clip_config *c);
ASK_API double ask_clip_text_flops(const ask_clip_config *c, int n_tokens);

#endif
