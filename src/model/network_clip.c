/* The row of CLIP. */
#include "base/str.h"
#include "model/network_priv.h"
#include "net/joint/clip.h"

static bool read_config(void *net, ask_json_value root, ask_error *err)
{
    ask_clip *clip = net;
    return ask_clip_config_read(&clip->config, root, err);
}

static void bind(void *net, ask_params *p)
{
    ask_clip *clip = net;
    ask_clip_config config = clip->config;
    ask_clip_bind(clip, p, &config);
}

static bool size_at(const void *net, size_t i, ask_model_size *out)
{
    const ask_clip_config *c = &((const ask_clip *)net)->config;
    const ask_stack_config *vision = &c->vision.stack, *text = &c->text.stack;
    const ask_model_size list[] = {
        {"vision.layers", vision->n_layers},
        {"vision.width", vision->width},
        {"vision.heads", vision->n_heads},
        {"vision.mlp_width", vision->inner},
        {"vision.channels", c->vision.n_channels},
        {"vision.image_px", c->vision.image_px},
        {"vision.patch_px", c->vision.patch_px},
        {"text.layers", text->n_layers},
        {"text.width", text->width},
        {"text.heads", text->n_heads},
        {"text.mlp_width", text->inner},
        {"text.context", c->text.n_context},
        {"text.vocabulary", c->text.n_vocab},
        {"embedding", c->n_embed},
        {"embedding.vectors", ask_clip_n_vectors(c)},
    };
    if (i >= sizeof list / sizeof *list) return false;
    *out = list[i];
    return true;
}

/* ---- pictures and texts in one space ---- */

enum { SHORT_TEXT = 16 }; // tokens

static network_text_sizes text_sizes(const void *net)
{
    const ask_clip_config *c = &((const ask_clip *)net)->config;
    return (network_text_sizes){
        .n_embed = c->n_embed,
        .n_context = c->text.n_context,
        .n_vocab = c->text.n_vocab,
        .end_id = ask_clip_text_end_id(&c->text),
        .vocab_key = "text_config.vocab_size",
        .token_flops = ask_clip_text_flops(c, SHORT_TEXT) / SHORT_TEXT,
    };
}

static network_dual_sizes dual_sizes(const void *net)
{
    const ask_clip_config *c = &((const ask_clip *)net)->config;
    return (network_dual_sizes){
        .n_channels = c->vision.n_channels,
        .image_px = c->vision.image_px,
        .image_flops = ask_clip_image_flops(c),
        .heat_side = c->vision.image_px / c->vision.patch_px,
        .n_vectors = ask_clip_n_vectors(c),
        .n_state = c->vision.stack.width,
    };
}

static const ask_tensor *logit_scale(const void *net)
{
    return ((const ask_clip *)net)->logit_scale;
}

static ask_tensor *embed_image(ask_graph *g, const void *net, ask_tensor *pixels)
{
    return ask_clip_unit(g, ask_clip_image_vectors(g, net, pixels));
}

static ask_tensor *image_features(ask_graph *g, const void *net, ask_tensor *pixels)
{
    return ask_clip_image(g, net, pixels);
}

static ask_tensor *patch_states(ask_graph *g, const void *net, ask_tensor *pixels)
{
    const ask_clip *clip = net;
    ask_clip_vision_states(g, &clip->vision, pixels);
    ask_tensor *states = ask_graph_find(g, "vision.penultimate"); // [B, 1 + N, C]
    int64_t n = ask_clip_vision_n_patches(&clip->config.vision);
    return ask_contiguous(g, ask_slice(g, states, 1, 1, 1 + n)); // [B, N, C]
}

static void name_attention(char *name, size_t size, const void *net)
{
    int n_layers = ((const ask_clip *)net)->config.vision.stack.n_layers;
    ask_format(name, size, "vision.attentions.%d", n_layers - 1);
}

/* Without a mask: a token sees only what stands before it, so padding behind the end token
 * changes nothing. */
static ask_tensor *embed_text(ask_graph *g, const void *net, ask_tensor *ids)
{
    return ask_clip_unit(g, ask_clip_text_features(g, net, ids, NULL));
}

static int text_end(const void *net, const int64_t *ids, int n)
{
    return ask_clip_text_end(&((const ask_clip *)net)->config.text, ids, n);
}

static const network_text texts = {
    .sizes = text_sizes, .embed = embed_text, .end = text_end};

static const network_dual dual = {
    .sizes = dual_sizes,
    .logit_scale = logit_scale,
    .image = embed_image,
    .features = image_features,
    .patch_states = patch_states,
    .attention = name_attention,
};

/* ---- verifying ---- */

enum { PIXELS, IDS, MASK };

static const network_input inputs[] = {
    [PIXELS] = {"pixel_values", ASK_F32, .optional = true},
    [IDS] = {"input_ids", ASK_I64, .optional = true},
    [MASK] = {"attention_mask", ASK_BOOL, .optional = true},
    {0},
};

static const network_mask masks[] = {
    {"text.embeddings", "attention_mask", 1},
    {"text.hidden_states.*", "attention_mask", 1},
    {"text.last_hidden_state", "attention_mask", 1},
    {"text.attentions.*", "attention_mask", 2},
    {0},
};

static bool check_pixels(const ask_clip_vision_config *c, const network_value *v,
                         ask_error *err)
{
    if (v->n_dims == 4 && v->shape[0] > 0 && v->shape[1] == c->n_channels &&
        v->shape[2] == c->image_px && v->shape[3] == c->image_px)
        return true;
    return ask_fail(err, ASK_ERR_MODEL, "pixel_values: the network takes [B, %d, %d, %d]",
                    c->n_channels, c->image_px, c->image_px);
}

static bool check_inputs(const void *net, const network_value *in, ask_error *err)
{
    const ask_clip_config *c = &((const ask_clip *)net)->config;
    if (!in[PIXELS].present && !in[IDS].present)
        return ask_fail(err, ASK_ERR_MODEL, "neither pixel_values nor input_ids is there");
    return (!in[PIXELS].present || check_pixels(&c->vision, &in[PIXELS], err)) &&
           (!in[IDS].present ||
            network_check_ids(inputs[IDS].name, &in[IDS], c->text.n_context,
                              c->text.n_vocab, err)) &&
           network_check_beside(inputs[MASK].name, &in[MASK], inputs[IDS].name, &in[IDS],
                                err);
}

/* -> [B, P], of the whole. */
static ask_tensor *build_image(ask_graph *g, const ask_clip *clip, ask_tensor *pixels)
{
    ask_tensor *vectors = ask_clip_unit(g, ask_clip_image_vectors(g, clip, pixels));
    vectors = ask_name(g, vectors, "image_vectors");
    ask_tensor *whole = ask_slice(g, vectors, 1, 0, 1);
    return ask_reshape(g, ask_contiguous(g, whole), 2,
                       (int64_t[]){ask_tensor_dim(pixels, 0), clip->config.n_embed});
}

static void build_run(ask_graph *g, const void *net, const network_value *in)
{
    const ask_clip *clip = net;
    ask_tensor *image = NULL, *text = NULL;
    if (in[PIXELS].tensor) image = build_image(g, clip, in[PIXELS].tensor);
    if (in[IDS].tensor)
        text = ask_clip_unit(
            g, ask_clip_text_features(g, clip, in[IDS].tensor, in[MASK].tensor));
    image = ask_name(g, image, "image_embeds");
    text = ask_name(g, text, "text_embeds");
    if (!image || !text) return;
    ask_tensor *logits = ask_clip_logits(g, clip, image, text); // [Bi, Bt]
    ask_name(g, logits, "logits_per_image");
    ask_name(g, ask_contiguous(g, ask_transpose(g, logits, 0, 1)), "logits_per_text");
}

static const network_run run = {
    .inputs = inputs, .masks = masks, .check = check_inputs, .build = build_run};

const network network_clip = {
    .name = "clip",
    .model_type = "clip",
    .architectures = (const char *const[]){"CLIPModel", NULL},
    .tensors = (const char *const[]){"logit_scale", "text_projection.weight",
                                     "vision_model.pre_layrnorm.weight",
                                     "text_model.final_layer_norm.weight", NULL},
    .ignored = ask_clip_ignored,
    .net_bytes = sizeof(ask_clip),
    .read_config = read_config,
    .bind = bind,
    .size_at = size_at,
    .processor = ASK_PROCESSOR_CLIP,
    .text = &texts,
    .dual = &dual,
    .runs = &run,
    .n_runs = 1,
};
