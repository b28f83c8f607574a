/* net/tower/eva.h - BLIP-2's image tower, EVA's vision transformer.
 *
 *     pixels -> patches -> class token before them, positions -> layers (pre-norm) -> norm
 *
 * Of the published ViT-g the last layer is left out, so that what these layers give are the
 * states before its last.
 *
 * Parameters and traces have the names of Hugging Face's Blip2VisionModel; the names of
 * other checkpoints are told by ask_eva_names.
 * After: Fang et al. 2023, "EVA: Exploring the Limits of Masked Visual Representation
 * Learning at Scale"; Li et al. 2023, "BLIP-2". */
#ifndef ASK_NET_TOWER_EVA_H
#define ASK_NET_TOWER_EVA_H

#include "net/block/fused_attention.h"
#include "net/block/mlp.h"

enum { ASK_EVA_CHANNELS = 3 };

typedef struct {
    int width, inner, n_layers, n_heads; // inner: width of the MLP
    int image_px, patch_px; // sides; what is left of the image right and below the last
                            // whole patch is not seen
    ask_activation activation;
    double eps, last_eps; // of the norms in the layers; of the one behind them
    bool qkv_bias;        // whether queries and values have a bias
    double init;          // deviation of all weights
} ask_eva_config;

/* What its parts are called in a checkpoint; those of a layer behind "<layers>.<i>.". */
typedef struct {
    const char *class_token, *patches, *positions, *layers, *last_norm;
    const char *norm1, *norm2;
    ask_fused_attention_names attention;
} ask_eva_names;

/* Hugging Face's; LAVIS's, and the same behind a prefix, a literal. */
ASK_API extern const ask_eva_names ask_eva_blip2, ask_eva_lavis;
#define ASK_EVA_LAVIS_BEHIND(prefix)                                                       \
    {                                                                                      \
        .class_token = prefix "visual_encoder.cls_token",                                  \
        .patches = prefix "visual_encoder.patch_embed.proj",                               \
        .positions = prefix "visual_encoder.pos_embed",                                    \
        .layers = prefix "visual_encoder.blocks", .last_norm = prefix "ln_vision",         \
        .norm1 = "norm1", .norm2 = "norm2",                                                \
        .attention = {.qkv = "attn.qkv",                                                   \
                      .out = "attn.proj",                                                  \
                      .q_bias = "attn.q_bias",                                             \
                      .v_bias = "attn.v_bias"},                                            \
    }

typedef struct {
    ask_norm norm1, norm2;
    ask_fused_attention attention;
    ask_mlp mlp;
} ask_eva_layer;

typedef struct {
    ask_eva_config config;
    ask_tensor *class_token;    // [1, 1, C]
    ask_tensor *patch_weight;   // [C, channels, P, P]
    ask_tensor *patch_bias;     // [C]
    ask_tensor *position_table; // [1, 1 + N, C]
    ask_eva_layer *layers;      // [n_layers]
    ask_norm last_norm;
} ask_eva;

/* Patches in a picture. */
ASK_API int64_t ask_eva_n_patches(const ask_eva_config *c);

/* v: "vision_config"; absent keys have the defaults of Blip2VisionConfig. Fails:
 * ASK_ERR_MODEL. */
ASK_API bool ask_eva_config_read(ask_eva_config *out, ask_json_value v, ask_error *err);

ASK_API void ask_eva_bind(ask_eva *out, ask_params *p, const ask_eva_names *names,
                          const ask_eva_config *config);

/* One layer, "<name>.<a name of its parts>", for what is built of the same parts. */
ASK_API void ask_eva_layer_bind(ask_eva_layer *out, ask_params *p, const char *name,
                                const ask_eva_names *names, const ask_eva_config *config);

/* pixels: [B, channels, S, S] -> [B, 1 + N, C], the class token first.  Names
 * "vision.hidden_states.<i>" (what goes into layer i, and at n_layers what comes out of the
 * last), "vision.attentions.<i>" [B, H, 1 + N, 1 + N] and "vision.last_hidden_state" (the
 * result, behind the last norm). */
ASK_API ask_tensor *ask_eva_states(ask_graph *g, const ask_eva *v, ask_tensor *pixels);

/* The same before the last norm: what comes out of the last n layers, n <= n_layers, in
 * their order. out: [n], each [B, 1 + N, C]; NULL where the graph has failed. */
ASK_API void ask_eva_last_states(ask_tensor **out, int n, ask_graph *g, const ask_eva *v,
                                 ask_tensor *pixels);

/* The states of ask_eva_states -> [B, C], the class token's state, which the last norm sees
 * once more, as in the reference: "vision.pooler_output". */
ASK_API ask_tensor *ask_eva_pool(ask_graph *g, const ask_eva *v, ask_tensor *states);

/* Work of one picture, multiply and add counted as two. */
ASK_API double ask_eva_flops(const ask_eva_config *c);

#endif
