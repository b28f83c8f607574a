#include "net/joint/clip.h"

#include <math.h>

/* The configuration of a tower; old files hold a second one, which counts. */
static bool tower_config(ask_json_value *out, ask_json_value root, const char *key,
                         const char *legacy_key, ask_error *err)
{
    ask_json_value legacy;
    if (!ask_config_object(&legacy, root, legacy_key, err)) return false;
    if (ask_json_type_of(legacy) == ASK_JSON_OBJECT) {
        *out = legacy;
        return true;
    }
    return ask_config_object(out, root, key, err);
}

bool ask_clip_config_read(ask_clip_config *out, ask_json_value root, ask_error *err)
{
    ask_clip_config c;
    ask_json_value vision, text;
    if (!tower_config(&vision, root, "vision_config", "vision_config_dict", err) ||
        !tower_config(&text, root, "text_config", "text_config_dict", err) ||
        !ask_clip_vision_config_read(&c.vision, vision, err) ||
        !ask_clip_text_config_read(&c.text, text, err) ||
        !ask_config_size(&c.n_embed, root, "projection_dim", ASK_MAX_WIDTH, 512, err) ||
        !ask_config_double(&c.logit_scale_init, root, "logit_scale_init_value",
                           -ASK_CLIP_MAX_LOGIT_SCALE, ASK_CLIP_MAX_LOGIT_SCALE, 2.6592,
                           err) ||
        !ask_config_double(&c.init, root, "initializer_factor", 0, ASK_MAX_SCALE, 1, err) ||
        !ask_config_bool(&c.matches_patches, root, "match_patches", false, err))
        return false;
    *out = c;
    return true;
}

void ask_clip_bind(ask_clip *out, ask_params *p, const ask_clip_config *config)
{
    int64_t vision = config->vision.stack.width, text = config->text.stack.width;
    out->config = *config;
    out->logit_scale =
        ask_param(p, ask_init_value(config->logit_scale_init), 0, NULL, "logit_scale");
    ask_clip_text_bind(&out->text, p, "text_model", &config->text);
    ask_clip_vision_bind(&out->vision, p, "vision_model", &config->vision);
    ask_dense_bind_plain(&out->vision_projection, p, "visual_projection", vision,
                         config->n_embed, config->init / sqrt((double)vision));
    ask_dense_bind_plain(&out->text_projection, p, "text_projection", text, config->n_embed,
                         config->init / sqrt((double)text));
}

const char *const ask_clip_ignored[] = {"*.position_ids", NULL};

ask_tensor *ask_clip_image_and_patches(ask_graph *g, const ask_clip *c, ask_tensor *pixels,
                                       ask_tensor **patches)
{
    ask_tensor *states = ask_clip_vision_states(g, &c->vision, pixels); // [B, 1 + N, C]
    ask_tensor *x = ask_clip_vision_pool(g, &c->vision, states);        // [B, C]
    x = ask_dense_build(g, &c->vision_projection, x);                   // [B, P]
    if (patches) {
        ask_tensor *p = ask_clip_vision_patches(g, &c->vision, states); // [B N, C]
        *patches = ask_dense_build(g, &c->vision_projection, p);        // [B N, P]
    }
    return ask_name(g, x, "image_features_unnormalised");
}

ask_tensor *ask_clip_image(ask_graph *g, const ask_clip *c, ask_tensor *pixels)
{
    return ask_clip_image_and_patches(g, c, pixels, NULL);
}

int ask_clip_n_vectors(const ask_clip_config *c)
{
    return c->matches_patches ? 1 + ask_clip_vision_n_patches(&c->vision) : 1;
}

ask_tensor *ask_clip_image_vectors(ask_graph *g, const ask_clip *c, ask_tensor *pixels)
{
    if (!pixels) return NULL;
    int64_t batch = ask_tensor_dim(pixels, 0), n_embed = c->config.n_embed;
    int64_t n_patches = ask_clip_n_vectors(&c->config) - 1;
    ask_tensor *patches, *whole;
    whole = ask_clip_image_and_patches(g, c, pixels, n_patches ? &patches : NULL);
    whole = ask_reshape(g, whole, 3, (int64_t[]){batch, 1, n_embed});
    if (n_patches == 0) return whole;
    patches = ask_reshape(g, patches, 3, (int64_t[]){batch, n_patches, n_embed});
    return ask_concat(g, (ask_tensor *[]){whole, patches}, 2, 1);
}

ask_tensor *ask_clip_text_features(ask_graph *g, const ask_clip *c, ask_tensor *ids,
                                   ask_tensor *mask)
{
    ask_tensor *x = ask_clip_text_build(g, &c->text, ids, mask); // [B, C]
    x = ask_dense_build(g, &c->text_projection, x);              // [B, P]
    return ask_name(g, x, "text_features_unnormalised");
}

ask_tensor *ask_clip_unit(ask_graph *g, ask_tensor *x)
{
    return ask_l2_normalize(g, x, 1e-12);
}

ask_tensor *ask_clip_logits(ask_graph *g, const ask_clip *c, ask_tensor *image,
                            ask_tensor *text)
{
    ask_tensor *cosines = ask_matmul_t(g, image, text); // [Bi, Bt]
    return ask_mul(g, cosines, ask_exp(g, c->logit_scale));
}

/* ---- work ---- */

double ask_clip_image_flops(const ask_clip_config *c)
{
    double width = c->vision.stack.width;
    return ask_clip_vision_flops(&c->vision) +
           2 * width * c->n_embed * ask_clip_n_vectors(c);
}

double ask_clip_text_flops(const ask_clip_config *c, int n_tokens)
{
    double n = n_tokens;
    return ask_stack_flops(&c->text.stack, n, (n + 1) / 2) +
           2.0 * c->text.stack.width * c->n_embed;
}
