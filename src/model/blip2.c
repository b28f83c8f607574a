#include "model/blip2_priv.h"

bool blip2_size_at(const ask_blip2_sight_config *c, size_t i, ask_model_size *out)
{
    const ask_model_size list[BLIP2_N_SIZES] = {
        {"vision.layers", c->vision.n_layers},   {"vision.width", c->vision.width},
        {"vision.heads", c->vision.n_heads},     {"vision.mlp_width", c->vision.inner},
        {"vision.image_px", c->vision.image_px}, {"vision.patch_px", c->vision.patch_px},
        {"qformer.layers", c->qformer.n_layers}, {"qformer.width", c->qformer.width},
        {"qformer.heads", c->qformer.n_heads},   {"qformer.mlp_width", c->qformer.inner},
        {"frame.tokens", c->n_queries},
    };
    if (i >= BLIP2_N_SIZES) return false;
    *out = list[i];
    return true;
}

bool blip2_check_pixels(const ask_blip2_sight_config *c, const network_value *v, bool video,
                        ask_error *err)
{
    int n = video ? 2 : 1;
    int64_t side = c->vision.image_px;
    bool fits = v->n_dims == n + 3 && v->shape[0] > 0 && v->shape[n - 1] > 0 &&
                v->shape[n] == ASK_EVA_CHANNELS && v->shape[n + 1] == side &&
                v->shape[n + 2] == side;
    return fits ||
           ask_fail(err, ASK_ERR_MODEL, "pixel_values: the network takes [B, %s%d, %d, %d]",
                    video ? "F, " : "", ASK_EVA_CHANNELS, (int)side, (int)side);
}
