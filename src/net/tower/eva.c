#include "net/tower/eva.h"

#include "base/str.h"
#include "net/block/patches.h"

const ask_eva_names ask_eva_blip2 = {
    .class_token = "vision_model.embeddings.class_embedding",
    .patches = "vision_model.embeddings.patch_embedding",
    .positions = "vision_model.embeddings.position_embedding",
    .layers = "vision_model.encoder.layers",
    .last_norm = "vision_model.post_layernorm",
    .norm1 = "layer_norm1",
    .norm2 = "layer_norm2",
    .attention = {.qkv = "self_attn.qkv", .out = "self_attn.projection"},
};
const ask_eva_names ask_eva_lavis = ASK_EVA_LAVIS_BEHIND("");

int64_t ask_eva_n_patches(const ask_eva_config *c)
{
    int64_t side = c->image_px / c->patch_px;
    return side * side;
}

bool ask_eva_config_read(ask_eva_config *out, ask_json_value v, ask_error *err)
{
    ask_eva_config c;
    if (!ask_config_size(&c.width, v, "hidden_size", ASK_MAX_WIDTH, 1408, err) ||
        !ask_config_size(&c.inner, v, "intermediate_size", ASK_MAX_WIDTH, 6144, err) ||
        !ask_config_size(&c.n_layers, v, "num_hidden_layers", ASK_MAX_LAYERS, 39, err) ||
        !ask_config_size(&c.n_heads, v, "num_attention_heads", ASK_MAX_WIDTH, 16, err) ||
        !ask_config_size(&c.image_px, v, "image_size", ASK_MAX_SIDE_PX, 224, err) ||
        !ask_config_size(&c.patch_px, v, "patch_size", ASK_MAX_SIDE_PX, 14, err) ||
        !ask_config_activation(&c.activation, v, "hidden_act", ASK_ACT_GELU, err) ||
        !ask_config_positive(&c.eps, v, "layer_norm_eps", 1e-6, err) ||
        !ask_config_bool(&c.qkv_bias, v, "qkv_bias", true, err) ||
        !ask_config_double(&c.init, v, "initializer_range", 0, ASK_MAX_SCALE, 1e-10, err))
        return false;
    if (!ask_config_shared(v, "hidden_size", c.width, c.n_heads, err)) return false;
    if (c.patch_px > c.image_px)
        return ask_config_fail(v, "patch_size", err,
                               "a patch of %d pixels is larger than the image of %d",
                               c.patch_px, c.image_px);
    c.last_eps = c.eps;
    *out = c;
    return true;
}

/* ---- parameters ---- */

void ask_eva_layer_bind(ask_eva_layer *out, ask_params *p, const char *name,
                        const ask_eva_names *names, const ask_eva_config *config)
{
    const ask_eva_config *c = config;
    static const ask_mlp_names mlp = {"mlp.fc1", "mlp.fc2"};
    char part[256];
    ask_format(part, sizeof part, "%s.%s", name, names->norm1);
    ask_norm_bind(&out->norm1, p, part, c->width, c->eps);
    ask_fused_attention_bind(&out->attention, p, name, &names->attention, c->width,
                             c->n_heads, c->qkv_bias, c->init);
    ask_format(part, sizeof part, "%s.%s", name, names->norm2);
    ask_norm_bind(&out->norm2, p, part, c->width, c->eps);
    ask_mlp_bind(&out->mlp, p, name, &mlp, c->width, c->inner, c->activation, c->init,
                 c->init);
}

void ask_eva_bind(ask_eva *out, ask_params *p, const ask_eva_names *names,
                  const ask_eva_config *config)
{
    const ask_eva_config c = *config;
    const ask_init init = ask_init_normal(c.init);
    int64_t width = c.width, side = c.patch_px;
    *out = (ask_eva){.config = c};
    out->class_token =
        ask_param(p, init, 3, (int64_t[]){1, 1, width}, "%s", names->class_token);
    out->patch_weight =
        ask_param(p, init, 4, (int64_t[]){width, ASK_EVA_CHANNELS, side, side}, "%s.weight",
                  names->patches);
    out->patch_bias = ask_param(p, ask_init_value(0), 1, &width, "%s.bias", names->patches);
    out->position_table =
        ask_param(p, init, 3, (int64_t[]){1, 1 + ask_eva_n_patches(&c), width}, "%s",
                  names->positions);
    out->layers = ask_params_array(p, (size_t)c.n_layers, sizeof *out->layers);
    for (int i = 0; out->layers && i < c.n_layers; i++) {
        char name[256];
        ask_format(name, sizeof name, "%s.%d", names->layers, i);
        ask_eva_layer_bind(&out->layers[i], p, name, names, &c);
    }
    ask_norm_bind(&out->last_norm, p, names->last_norm, width, c.last_eps);
}

/* ---- building ---- */

/* pixels -> [B, 1 + N, C]: a class token, the patches; each with its position. */
static ask_tensor *embed(ask_graph *g, const ask_eva *v, ask_tensor *pixels)
{
    int64_t one[3] = {ask_tensor_dim(pixels, 0), 1, v->config.width};
    ask_tensor *patches = ask_patches_embed(g, pixels, v->patch_weight, v->patch_bias);
    ask_tensor *tokens = ask_concat(
        g, (ask_tensor *[]){ask_expand(g, v->class_token, 3, one), patches}, 2, 1);
    return ask_add(g, tokens, v->position_table); // [B, 1 + N, C]
}

/* x: [B, 1 + N, C] -> the same */
static ask_tensor *build_layer(ask_graph *g, const ask_eva_layer *l, ask_tensor *x, int i)
{
    char trace[64];
    ask_format(trace, sizeof trace, "vision.attentions.%d", i);
    const ask_attention_view view = {.trace = trace};
    ask_tensor *seen = ask_norm_build(g, &l->norm1, x);
    x = ask_add(g, x, ask_fused_attention_build(g, &l->attention, seen, &view));
    return ask_add(g, x, ask_mlp_build(g, &l->mlp, ask_norm_build(g, &l->norm2, x)));
}

/* What comes out of the last layer; last: [n], and of the n last, or NULL. */
static ask_tensor *build_layers(ask_graph *g, const ask_eva *v, ask_tensor *pixels,
                                ask_tensor **last, int n)
{
    int n_layers = v->config.n_layers;
    if (!pixels || !v->layers) return NULL;
    ask_tensor *x = embed(g, v, pixels);
    for (int i = 0; i < n_layers; i++) {
        x = ask_name(g, x, "vision.hidden_states.%d", i);
        x = build_layer(g, &v->layers[i], x, i);
        if (i >= n_layers - n) last[i - (n_layers - n)] = x;
    }
    return ask_name(g, x, "vision.hidden_states.%d", n_layers);
}

ask_tensor *ask_eva_states(ask_graph *g, const ask_eva *v, ask_tensor *pixels)
{
    ask_tensor *x = build_layers(g, v, pixels, NULL, 0);
    return ask_name(g, ask_norm_build(g, &v->last_norm, x), "vision.last_hidden_state");
}

void ask_eva_last_states(ask_tensor **out, int n, ask_graph *g, const ask_eva *v,
                         ask_tensor *pixels)
{
    for (int i = 0; i < n; i++) out[i] = NULL;
    build_layers(g, v, pixels, out, n);
}

ask_tensor *ask_eva_pool(ask_graph *g, const ask_eva *v, ask_tensor *states)
{
    if (!states) return NULL;
    int64_t shape[2] = {ask_tensor_dim(states, 0), v->config.width};
    ask_tensor *x = ask_contiguous(g, ask_slice(g, states, 1, 0, 1));
    x = ask_norm_build(g, &v->last_norm, ask_reshape(g, x, 2, shape));
    return ask_name(g, x, "vision.pooler_output");
}

double ask_eva_flops(const ask_eva_config *c)
{
    double patches = (double)ask_eva_n_patches(c), n = 1 + patches, width = c->width;
    double patch = (double)ASK_EVA_CHANNELS * c->patch_px * c->patch_px;
    double layer = 4 * width * width + 2 * width * c->inner + 2 * n * width; // of a token
    return 2 * (c->n_layers * n * layer + patches * patch * width);
}
