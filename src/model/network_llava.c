/* The rows of LLaVA-1.5 and LLaVA-NeXT-Video. */
#include "model/language_priv.h"
#include "net/joint/llava.h"

static bool read_llava(void *net, ask_json_value root, ask_error *err)
{
    return ask_llava_config_read(&((ask_llava *)net)->config, ASK_LLAVA, root, err);
}

static bool read_next_video(void *net, ask_json_value root, ask_error *err)
{
    return ask_llava_config_read(&((ask_llava *)net)->config, ASK_LLAVA_NEXT_VIDEO, root,
                                 err);
}

static void bind(void *net, ask_params *p)
{
    ask_llava *m = net;
    ask_llava_config config = m->config;
    ask_llava_bind(m, p, &config);
}

static void narrow(void *net, ask_dtype type)
{
    ask_language_narrow(&((ask_llava *)net)->text, type);
}

static const ask_language *language_of(const void *net)
{
    return &((const ask_llava *)net)->text;
}

static bool size_at(const void *net, size_t i, ask_model_size *out)
{
    const ask_llava_config *c = &((const ask_llava *)net)->config;
    const ask_stack_config *vision = &c->vision.stack;
    const ask_model_size list[] = {
        {"vision.layers", vision->n_layers},
        {"vision.width", vision->width},
        {"vision.heads", vision->n_heads},
        {"vision.mlp_width", vision->inner},
        {"vision.image_px", c->vision.image_px},
        {"vision.patch_px", c->vision.patch_px},
        {"frame.tokens", ask_llava_n_rows(c, c->kind == ASK_LLAVA_NEXT_VIDEO)},
    };
    const size_t n = sizeof list / sizeof *list;
    if (i >= n) return language_size_at(language_of(net), i - n, out);
    *out = list[i];
    return true;
}

/* ---- reading and seeing ---- */

static const network_language language = {.of = language_of,
                                          .vocab_key = "text_config.vocab_size"};

/* Whether frames are pooled: where it was made for videos. */
static bool pools(const ask_llava *m)
{
    return m->config.kind == ASK_LLAVA_NEXT_VIDEO;
}

static network_visual_sizes visual_sizes(const void *net)
{
    const ask_llava *m = net;
    const ask_llava_config *c = &m->config;
    bool video = pools(m);
    return (network_visual_sizes){.n_channels = c->vision.n_channels,
                                  .image_px = c->vision.image_px,
                                  .n_rows = ask_llava_n_rows(c, video),
                                  .side = ask_llava_side(c, video),
                                  .has_class = c->keep_class,
                                  .one_by_one = !video,
                                  .mark = video ? c->video_id : c->image_id,
                                  .begin = -1,
                                  .end = -1,
                                  .placeholder = video ? "<video>" : "<image>",
                                  .form = "llava_v1",
                                  .frame_flops = ask_llava_image_flops(c, video)};
}

static ask_tensor *frame_rows(ask_graph *g, const void *net, ask_tensor *pixels,
                              const network_instruction *told)
{
    (void)told;
    const ask_llava *m = net;
    return ask_llava_rows(g, m, pixels, pools(m));
}

static const network_visual visual = {.sizes = visual_sizes, .rows = frame_rows};

/* ---- verifying ---- */

static const network_input image_inputs[] = {
    LANGUAGE_INPUTS, [LANGUAGE_SEEN] = {"pixel_values", ASK_F32}, {0}};
static const network_input video_inputs[] = {
    LANGUAGE_INPUTS, [LANGUAGE_SEEN] = {"pixel_values_videos", ASK_F32}, {0}};

static bool check_seen(const ask_llava *m, const network_value *in, bool video,
                       ask_error *err)
{
    const ask_llava_config *c = &m->config;
    const network_value *v = &in[LANGUAGE_SEEN];
    int n = video ? 2 : 1;
    int64_t side = c->vision.image_px;
    bool fits = v->n_dims == n + 3 && v->shape[0] > 0 && v->shape[n - 1] > 0 &&
                v->shape[n] == c->vision.n_channels && v->shape[n + 1] == side &&
                v->shape[n + 2] == side;
    if (!fits)
        return ask_fail(err, ASK_ERR_MODEL, "%s: the network takes %s, %d, %d, %d]",
                        video ? "pixel_values_videos" : "pixel_values",
                        video ? "[B, F" : "[B", c->vision.n_channels, (int)side, (int)side);
    int64_t n_frames = video ? v->shape[0] * v->shape[1] : v->shape[0];
    return language_check(&m->text, in, err) &&
           language_check_marks(in, video ? c->video_id : c->image_id,
                                n_frames * ask_llava_n_rows(c, video), err);
}

static bool check_images(const void *net, const network_value *in, ask_error *err)
{
    return check_seen(net, in, false, err);
}

static bool check_videos(const void *net, const network_value *in, ask_error *err)
{
    return check_seen(net, in, true, err);
}

/* rows: [F, n, C] -> [F n, C] */
static ask_tensor *in_one(ask_graph *g, ask_tensor *rows)
{
    if (!rows) return NULL;
    int64_t width = ask_tensor_dim(rows, 2);
    return ask_reshape(g, rows, 2, (int64_t[]){-1, width});
}

static void build_images(ask_graph *g, const void *net, const network_value *in)
{
    const ask_llava *m = net;
    ask_tensor *rows = ask_llava_rows(g, m, in[LANGUAGE_SEEN].tensor, false);
    rows = ask_name(g, rows, "image_features"); // [F, n, C]
    language_build(g, &m->text, in, in_one(g, rows), m->config.image_id);
}

static void build_videos(ask_graph *g, const void *net, const network_value *in)
{
    const ask_llava *m = net;
    const network_value *v = &in[LANGUAGE_SEEN];
    int64_t n = v->shape[0] * v->shape[1], side = v->shape[3];
    ask_tensor *frames =
        ask_reshape(g, v->tensor, 4, (int64_t[]){n, v->shape[2], side, side});
    ask_tensor *rows = in_one(g, ask_llava_rows(g, m, frames, true));
    if (!rows) return;
    int64_t shape[3] = {v->shape[0], -1, ask_tensor_dim(rows, 1)};
    ask_name(g, ask_reshape(g, rows, 3, shape), "video_features"); // [B, F n, C]
    language_build(g, &m->text, in, rows, m->config.video_id);
}

static const network_run image_runs[] = {
    {.inputs = image_inputs,
     .masks = language_masks,
     .check = check_images,
     .build = build_images},
    {.inputs = image_inputs,
     .masks = language_masks,
     .check = check_images,
     .greedy = true},
};

static const network_run video_runs[] = {
    {.inputs = video_inputs,
     .masks = language_masks,
     .check = check_videos,
     .build = build_videos},
    {.inputs = video_inputs,
     .masks = language_masks,
     .check = check_videos,
     .greedy = true},
};

const network network_llava = {
    .name = "llava",
    .model_type = "llava",
    .architectures = (const char *const[]){"LlavaForConditionalGeneration", NULL},
    .tensors = (const char *const[]){"multi_modal_projector.linear_1.weight",
                                     "language_model.model.embed_tokens.weight", NULL},
    .ignored = ask_llava_ignored,
    .net_bytes = sizeof(ask_llava),
    .read_config = read_llava,
    .bind = bind,
    .narrow = narrow,
    .size_at = size_at,
    .processor = ASK_PROCESSOR_CLIP,
    .language = &language,
    .visual = &visual,
    .runs = image_runs,
    .n_runs = sizeof image_runs / sizeof *image_runs,
};

const network network_llava_next_video = {
    .name = "llava_next_video",
    .model_type = "llava_next_video",
    .architectures = (const char *const[]){"LlavaNextVideoForConditionalGeneration", NULL},
    .tensors = (const char *const[]){"image_newline", NULL},
    .ignored = ask_llava_ignored,
    .net_bytes = sizeof(ask_llava),
    .read_config = read_next_video,
    .bind = bind,
    .narrow = narrow,
    .size_at = size_at,
    .processor = ASK_PROCESSOR_CLIP,
    .language = &language,
    .visual = &visual,
    .runs = video_runs,
    .n_runs = sizeof video_runs / sizeof *video_runs,
};
