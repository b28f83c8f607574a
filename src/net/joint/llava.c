#include "net/joint/llava.h"

#include <string.h>

#include "base/str.h"

const char *const ask_llava_ignored[] = {"*.rotary_emb.inv_freq", "*.position_ids",
                                         "*image_newline", NULL};

/* ---- the configuration ---- */

/* An index into the states of the tower, of which there are one more than layers; negative
 * from the end. */
static bool read_feature_layer(ask_llava_config *c, ask_json_value root, ask_error *err)
{
    static const char key[] = "vision_feature_layer";
    int64_t n = c->vision.stack.n_layers, layer;
    if (ask_json_type_of(ask_json_find(root, key)) == ASK_JSON_ARRAY)
        return ask_config_fail(root, key, err, "states of several layers are not joined");
    if (!ask_config_int(&layer, root, key, -n - 1, n, -2, err)) return false;
    c->feature_layer = (int)(layer < 0 ? n + 1 + layer : layer);
    return true;
}

static bool read_choice(int *out, ask_json_value root, const char *key,
                        const char *const *names, ask_error *err)
{
    const char *name;
    if (!ask_json_opt_string(&name, root, key, names[0], err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    for (*out = 0; names[*out]; ++*out)
        if (strcmp(name, names[*out]) == 0) return true;
    return ask_config_fail(root, key, err, "expected \"%s\" or \"%s\", got \"%.40s\"",
                           names[0], names[1], name);
}

/* The tower is CLIP's, which is also what is meant where nothing is said. */
static bool check_tower(ask_json_value v, ask_error *err)
{
    static const char clip[] = "clip_vision_model";
    const char *type;
    if (!ask_json_opt_string(&type, v, "model_type", clip, err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    return strcmp(type, clip) == 0 ||
           ask_config_fail(v, "model_type", err,
                           "no vision tower \"%.40s\" for LLaVA; there is %s", type, clip);
}

static bool read_vision(ask_llava_config *c, ask_json_value root, ask_error *err)
{
    static const char *const strategies[] = {"default", "full", NULL};
    static const char *const poolings[] = {"average", "max", NULL};
    ask_json_value v;
    int strategy, pooling;
    if (!ask_config_object(&v, root, "vision_config", err) || !check_tower(v, err) ||
        !ask_clip_vision_config_read(&c->vision, v, err) ||
        !read_feature_layer(c, root, err) ||
        !read_choice(&strategy, root, "vision_feature_select_strategy", strategies, err))
        return false;
    c->keep_class = strategy == 1;
    c->pool = 1;
    if (c->kind == ASK_LLAVA) return true;
    if (!read_choice(&pooling, root, "spatial_pool_mode", poolings, err) ||
        !ask_config_size(&c->pool, root, "spatial_pool_stride", ASK_MAX_SIDE_PX, 2, err))
        return false;
    c->pooling = (ask_llava_pooling)pooling;
    if (c->keep_class)
        return ask_config_fail(root, "vision_feature_select_strategy", err,
                               "a class token has no place in what is pooled");
    int side = c->vision.image_px / c->vision.patch_px;
    return c->pool <= side ||
           ask_config_fail(root, "spatial_pool_stride", err,
                           "%d patches along a side are fewer than %d", side, c->pool);
}

/* The id of a placeholder, by either of its names. */
static bool read_placeholder(int64_t *out, const ask_llava_config *c, ask_json_value root,
                             const char *key, const char *newer, int64_t fallback,
                             ask_error *err)
{
    const char *name = ask_config_says(root, newer) ? newer : key;
    if (!ask_config_int(out, root, name, 0, ASK_MAX_VOCAB, fallback, err)) return false;
    return *out < c->text.n_vocab ||
           ask_config_fail(root, name, err, "%lld is not in a vocabulary of %d",
                           (long long)*out, c->text.n_vocab);
}

static bool read_text(ask_llava_config *c, ask_json_value root, ask_error *err)
{
    ask_json_value v;
    ask_llama_kind kind;
    bool video = c->kind == ASK_LLAVA_NEXT_VIDEO;
    c->video_id = -1;
    return ask_config_object(&v, root, "text_config", err) &&
           ask_llama_kind_read(&kind, v, err) &&
           ask_llama_config_read(&c->text, kind, v, err) &&
           read_placeholder(&c->image_id, c, root, "image_token_index", "image_token_id",
                            video ? 32001 : 32000, err) &&
           (!video || read_placeholder(&c->video_id, c, root, "video_token_index",
                                       "video_token_id", 32000, err));
}

bool ask_llava_config_read(ask_llava_config *out, ask_llava_kind kind, ask_json_value root,
                           ask_error *err)
{
    ask_llava_config c = {.kind = kind};
    bool ok = read_vision(&c, root, err) && read_text(&c, root, err) &&
              ask_config_activation(&c.activation, root, "projector_hidden_act",
                                    ASK_ACT_GELU, err) &&
              ask_config_bool(&c.bias, root, "multimodal_projector_bias", true, err);
    if (ok) *out = c;
    return ok;
}

/* ---- binding ---- */

typedef struct {
    const char *vision, *in, *out, *text, *head;
} part_names;

static const part_names older = {
    "vision_tower.vision_model", "multi_modal_projector.linear_1",
    "multi_modal_projector.linear_2", "language_model.model", "language_model.lm_head"};
static const part_names newer = {
    "model.vision_tower.vision_model", "model.multi_modal_projector.linear_1",
    "model.multi_modal_projector.linear_2", "model.language_model", "lm_head"};

void ask_llava_bind(ask_llava *out, ask_params *p, const ask_llava_config *config)
{
    bool is_older = ask_params_has(p, "%s.weight", older.in) ||
                    !ask_params_has(p, "%s.weight", newer.in);
    const part_names *names = is_older ? &older : &newer;
    int64_t seen = config->vision.stack.width, width = config->text.width;
    out->config = *config;
    ask_clip_vision_bind(&out->vision, p, names->vision, &config->vision);
    ask_dense_bind_as(&out->in, p, names->in, seen, width, config->bias, config->text.init);
    ask_dense_bind_as(&out->out, p, names->out, width, width, config->bias,
                      config->text.init);
    out->text.kind = ASK_LANGUAGE_LLAMA;
    ask_llama_bind(&out->text.llama, p, names->text, names->head, &config->text);
}

/* ---- building ---- */

int ask_llava_side(const ask_llava_config *c, bool video)
{
    int side = c->vision.image_px / c->vision.patch_px;
    return video ? side / c->pool : side;
}

int ask_llava_n_rows(const ask_llava_config *c, bool video)
{
    int side = ask_llava_side(c, video);
    return side * side + (c->keep_class ? 1 : 0);
}

/* The states of the patches [F, N, W], with the class token [F, 1 + N, W]. */
static ask_tensor *look(ask_graph *g, const ask_llava *m, ask_tensor *pixels)
{
    const ask_llava_config *c = &m->config;
    int n_layers = c->vision.stack.n_layers;
    char name[64];
    ask_tensor *last = ask_clip_vision_states(g, &m->vision, pixels);
    ask_name(g, last, "vision.last");
    ask_format(name, sizeof name, "vision.hidden_states.%d", c->feature_layer);
    ask_tensor *x = c->feature_layer == n_layers ? last : ask_graph_find(g, name);
    if (!x || c->keep_class) return x;
    x = ask_contiguous(g, ask_slice(g, x, 1, 1, ask_tensor_dim(x, 1)));
    return ask_name(g, x, "%s_no_class",
                    c->feature_layer == n_layers ? "vision.last" : "vision.penultimate");
}

/* x: [F, N, W] -> [F, n, W], the means or the largest of square cells. */
static ask_tensor *pool(ask_graph *g, const ask_llava_config *c, ask_tensor *x)
{
    if (!x || c->pool == 1) return x;
    int64_t n = ask_tensor_dim(x, 0), width = ask_tensor_dim(x, 2),
            side = ask_llava_side(c, false), cells = ask_llava_side(c, true);
    const ask_pool_options opt = {.kernel = {c->pool, c->pool}};
    x = ask_contiguous(g, ask_transpose(g, x, 1, 2)); // [F, W, N]
    x = ask_reshape(g, x, 4, (int64_t[]){n, width, side, side});
    x = c->pooling == ASK_LLAVA_MAX ? ask_max_pool2d(g, x, &opt)
                                    : ask_avg_pool2d(g, x, &opt);
    x = ask_reshape(g, x, 3, (int64_t[]){n, width, cells * cells});
    return ask_contiguous(g, ask_transpose(g, x, 1, 2)); // [F, n, W]
}

ask_tensor *ask_llava_rows(ask_graph *g, const ask_llava *m, ask_tensor *pixels, bool video)
{
    ask_tensor *x = look(g, m, pixels);
    if (video) x = ask_name(g, pool(g, &m->config, x), "pooled");
    x = ask_activate(g, ask_dense_build(g, &m->in, x), m->config.activation);
    return ask_dense_build(g, &m->out, x); // [F, n, C]
}

/* ---- work ---- */

double ask_llava_image_flops(const ask_llava_config *c, bool video)
{
    double seen = c->vision.stack.width, width = c->text.width;
    return ask_clip_vision_flops(&c->vision) +
           2 * ask_llava_n_rows(c, video) * width * (seen + width);
}
