#include "net/tower/clip_vision.h"

#include <math.h>

#include "base/str.h"
#include "net/block/patches.h"
#include "net/tower/clip_stack.h"

int64_t ask_clip_vision_n_patches(const ask_clip_vision_config *c)
{
    int64_t side = c->image_px / c->patch_px;
    return side * side;
}

bool ask_clip_vision_config_read(ask_clip_vision_config *out, ask_json_value v,
                                 ask_error *err)
{
    static const ask_clip_stack_defaults defaults = {
        .width = 768, .inner = 3072, .n_heads = 12};
    ask_clip_vision_config c;
    double factor, deviation;
    if (!ask_clip_stack_config_read(&c.stack, &factor, v, &defaults, err) ||
        !ask_config_size(&c.image_px, v, "image_size", ASK_MAX_SIDE_PX, 224, err) ||
        !ask_config_size(&c.patch_px, v, "patch_size", ASK_MAX_SIDE_PX, 32, err) ||
        !ask_config_size(&c.n_channels, v, "num_channels", ASK_MAX_CHANNELS, 3, err) ||
        !ask_config_double(&deviation, v, "initializer_range", 0, ASK_MAX_SCALE, 0.02, err))
        return false;
    if (c.patch_px > c.image_px)
        return ask_config_fail(v, "patch_size", err,
                               "a patch of %d pixels is larger than the image of %d",
                               c.patch_px, c.image_px);
    c.init.class_token = factor / sqrt(c.stack.width);
    c.init.patch = c.init.position = factor * deviation;
    *out = c;
    return true;
}

void ask_clip_vision_bind(ask_clip_vision *out, ask_params *p, const char *name,
                          const ask_clip_vision_config *config)
{
    int64_t width = config->stack.width, side = config->patch_px;
    char part[256];
    out->config = *config;
    out->class_token = ask_param(p, ask_init_normal(config->init.class_token), 1, &width,
                                 "%s.embeddings.class_embedding", name);
    out->patch_weight = ask_param(p, ask_init_normal(config->init.patch), 4,
                                  (int64_t[]){width, config->n_channels, side, side},
                                  "%s.embeddings.patch_embedding.weight", name);
    out->position_table =
        ask_param(p, ask_init_normal(config->init.position), 2,
                  (int64_t[]){1 + ask_clip_vision_n_patches(config), width},
                  "%s.embeddings.position_embedding.weight", name);
    ask_format(part, sizeof part, "%s.pre_layrnorm", name);
    ask_norm_bind(&out->pre_norm, p, part, width, config->stack.eps);
    ask_format(part, sizeof part, "%s.encoder.layers", name);
    ask_stack_bind(&out->stack, p, part, &config->stack);
    ask_format(part, sizeof part, "%s.post_layernorm", name);
    ask_norm_bind(&out->post_norm, p, part, width, config->stack.eps);
}

/* pixels -> [B, 1 + N, C]: a class token, the patches; each with its position. */
static ask_tensor *embed(ask_graph *g, const ask_clip_vision *v, ask_tensor *pixels)
{
    int64_t one[3] = {ask_tensor_dim(pixels, 0), 1, v->config.stack.width};
    ask_tensor *patches = ask_patches_embed(g, pixels, v->patch_weight, NULL); // [B, N, C]
    ask_tensor *tokens = ask_concat(
        g, (ask_tensor *[]){ask_expand(g, v->class_token, 3, one), patches}, 2, 1);
    return ask_add(g, tokens, v->position_table); // [B, 1 + N, C]
}

ask_tensor *ask_clip_vision_states(ask_graph *g, const ask_clip_vision *v,
                                   ask_tensor *pixels)
{
    if (!pixels) return NULL;
    int last = v->config.stack.n_layers;
    ask_tensor *x = ask_norm_build(g, &v->pre_norm, embed(g, v, pixels));
    x = ask_name(g, x, "vision.embeddings"); // [B, 1 + N, C]
    x = ask_stack_build(g, &v->stack, x, &(ask_stack_view){.trace = "vision."});
    char name[64];
    ask_format(name, sizeof name, "vision.hidden_states.%d", last - 1);
    ask_name(g, ask_graph_find(g, name), "vision.penultimate");
    return ask_name(g, x, "vision.last_hidden_state");
}

ask_tensor *ask_clip_vision_pool(ask_graph *g, const ask_clip_vision *v, ask_tensor *states)
{
    if (!states) return NULL;
    int64_t shape[2] = {ask_tensor_dim(states, 0), v->config.stack.width};
    ask_tensor *x = ask_reshape(g, ask_slice(g, states, 1, 0, 1), 2, shape);
    return ask_name(g, ask_norm_build(g, &v->post_norm, x), "vision.pooler_output");
}

ask_tensor *ask_clip_vision_patches(ask_graph *g, const ask_clip_vision *v,
                                    ask_tensor *states)
{
    if (!states) return NULL;
    int64_t n = ask_tensor_dim(states, 1);
    int64_t shape[2] = {ask_tensor_dim(states, 0) * (n - 1), v->config.stack.width};
    ask_tensor *x = ask_contiguous(g, ask_slice(g, states, 1, 1, n)); // [B, N, C]
    return ask_norm_build(g, &v->post_norm, ask_reshape(g, x, 2, shape));
}

double ask_clip_vision_flops(const ask_clip_vision_config *c)
{
    double patches = (double)ask_clip_vision_n_patches(c), n = 1 + patches;
    double patch = (double)c->n_channels * c->patch_px * c->patch_px;
    return ask_stack_flops(&c->stack, n, n) + 2 * patches * patch * c->stack.width;
}
