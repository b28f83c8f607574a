/* The row of Video-ChatGPT. */
#include "model/language_priv.h"
#include "net/joint/video_chatgpt.h"

static bool read_config(void *net, ask_json_value root, ask_error *err)
{
    return ask_video_chatgpt_config_read(&((ask_video_chatgpt *)net)->config, root, err);
}

static void bind(void *net, ask_params *p)
{
    ask_video_chatgpt *m = net;
    ask_video_chatgpt_config config = m->config;
    ask_video_chatgpt_bind(m, p, &config);
}

static void narrow(void *net, ask_dtype type)
{
    ask_language_narrow(&((ask_video_chatgpt *)net)->text, type);
}

static const ask_language *language_of(const void *net)
{
    return &((const ask_video_chatgpt *)net)->text;
}

static bool size_at(const void *net, size_t i, ask_model_size *out)
{
    const ask_video_chatgpt_config *c = &((const ask_video_chatgpt *)net)->config;
    if (i > 0) return language_size_at(language_of(net), i - 1, out);
    *out = (ask_model_size){"features.width", c->n_features};
    return true;
}

/* ---- reading and seeing ---- */

static const network_language language = {.of = language_of, .vocab_key = "vocab_size"};

enum { PATCH, START, END, N_MARKS };

static network_visual_sizes visual_sizes(const void *net)
{
    const ask_video_chatgpt_config *c = &((const ask_video_chatgpt *)net)->config;
    int64_t marks[N_MARKS];
    ask_video_chatgpt_marks(marks, c);
    return (network_visual_sizes){.n_features = c->n_features,
                                  .n_frames = ASK_VIDEO_CHATGPT_FRAMES,
                                  .mark = marks[PATCH],
                                  .begin = marks[START],
                                  .end = marks[END],
                                  .placeholder = "<video>",
                                  .form = "video_chatgpt_v1"};
}

static ask_tensor *feature_rows(ask_graph *g, const void *net, ask_tensor *features,
                                const network_instruction *told)
{
    (void)told;
    return ask_video_chatgpt_rows(g, net, features);
}

static const network_visual visual = {.sizes = visual_sizes, .rows = feature_rows};

/* ---- verifying ---- */

#define FEATURES                                                                           \
    {                                                                                      \
        .name = "video_spatio_temporal_features", .type = ASK_F32                          \
    }

static const network_input inputs[] = {LANGUAGE_INPUTS, [LANGUAGE_SEEN] = FEATURES, {0}};
static const network_input plain_inputs[] = {
    {.name = "plain_input_ids", .type = ASK_I64},
    {.name = "plain_attention_mask", .type = ASK_BOOL, .optional = true},
    {.name = "plain_position_ids", .type = ASK_I64, .optional = true},
    FEATURES,
    {0}};
static const network_input text_inputs[] = {
    {.name = "text_input_ids", .type = ASK_I64},
    {.name = "text_attention_mask", .type = ASK_BOOL, .optional = true},
    {.name = "text_position_ids", .type = ASK_I64, .optional = true},
    {0}};
static const network_input pool_inputs[] = {{.name = "frame_features", .type = ASK_F32},
                                            {0}};

static const ask_video_chatgpt_config *config_of(const void *net)
{
    return &((const ask_video_chatgpt *)net)->config;
}

static bool check(const void *net, const network_value *in, ask_error *err)
{
    const ask_video_chatgpt_config *c = config_of(net);
    const network_value *v = &in[LANGUAGE_SEEN];
    int64_t marks[N_MARKS];
    ask_video_chatgpt_marks(marks, c);
    if (v->n_dims != 3 || v->shape[0] < 1 || v->shape[1] < 1 ||
        v->shape[2] != c->n_features)
        return ask_fail(err, ASK_ERR_MODEL,
                        "video_spatio_temporal_features: the network takes [B, N, %d]",
                        c->n_features);
    return language_check(language_of(net), in, err) &&
           language_check_marks(in, marks[PATCH], v->shape[0] * v->shape[1], err);
}

static bool check_text(const void *net, const network_value *in, ask_error *err)
{
    return language_check(language_of(net), in, err);
}

static void build(ask_graph *g, const void *net, const network_value *in)
{
    const ask_video_chatgpt *m = net;
    int64_t marks[N_MARKS];
    ask_video_chatgpt_marks(marks, &m->config);
    ask_tensor *rows = ask_video_chatgpt_rows(g, m, in[LANGUAGE_SEEN].tensor);
    rows = ask_name(g, rows, "mm_projector"); // [B, N, C]
    rows = ask_reshape(g, rows, 2, (int64_t[]){-1, m->config.text.width});
    language_build(g, &m->text, in, rows, marks[PATCH]);
}

static void build_text(ask_graph *g, const void *net, const network_value *in)
{
    language_build(g, &((const ask_video_chatgpt *)net)->text, in, NULL, -1);
}

static bool check_pool(const void *net, const network_value *in, ask_error *err)
{
    (void)net;
    return (in->n_dims == 3 && in->shape[0] > 0 && in->shape[1] > 0) ||
           ask_fail(err, ASK_ERR_MODEL, "frame_features: the network takes [F, M, W]");
}

/* As it is, and as the authors' program stores it. */
static void build_pool(ask_graph *g, const void *net, const network_value *in)
{
    (void)net;
    ask_tensor *pooled = ask_video_chatgpt_pool(g, in->tensor);
    ask_name(g, pooled, "pooled_f32");
    ask_name(g, ask_cast(g, pooled, ASK_F16), "pooled_f16");
}

static const network_run runs[] = {
    {.inputs = inputs, .masks = language_masks, .check = check, .build = build},
    {.inputs = inputs, .masks = language_masks, .check = check, .greedy = true},
    {.inputs = plain_inputs,
     .outputs = "plain.",
     .masks = language_masks + LANGUAGE_N_MASKS,
     .check = check,
     .build = build},
    {.inputs = text_inputs,
     .outputs = "text.",
     .masks = language_masks + LANGUAGE_N_MASKS,
     .check = check_text,
     .build = build_text},
    {.inputs = pool_inputs,
     .masks = language_masks + LANGUAGE_N_MASKS,
     .check = check_pool,
     .build = build_pool},
};

const network network_video_chatgpt = {
    .name = "video_chatgpt",
    .model_type = "VideoChatGPT",
    .shared_type = "llava",
    .architectures = (const char *const[]){"VideoChatGPTLlamaForCausalLM",
                                           "LlavaLlamaForCausalLM", NULL},
    .tensors = (const char *const[]){"model.mm_projector.weight",
                                     "model.embed_tokens.weight", NULL},
    .ignored = ask_llama_ignored,
    .net_bytes = sizeof(ask_video_chatgpt),
    .read_config = read_config,
    .bind = bind,
    .narrow = narrow,
    .size_at = size_at,
    .language = &language,
    .visual = &visual,
    .runs = runs,
    .n_runs = sizeof runs / sizeof *runs,
};
