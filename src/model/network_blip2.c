/* The rows of BLIP-2, InstructBLIP, and InstructBLIP for videos. */
#include <string.h>

#include "model/blip2_priv.h"
#include "model/language_priv.h"
#include "net/block/repeat.h"

static bool read_blip2(void *net, ask_json_value root, ask_error *err)
{
    return ask_blip2_config_read(&((ask_blip2 *)net)->config, ASK_BLIP2, root, err);
}

static bool read_instruct(void *net, ask_json_value root, ask_error *err)
{
    return ask_blip2_config_read(&((ask_blip2 *)net)->config, ASK_INSTRUCTBLIP, root, err);
}

static bool read_instruct_video(void *net, ask_json_value root, ask_error *err)
{
    return ask_blip2_config_read(&((ask_blip2 *)net)->config, ASK_INSTRUCTBLIP_VIDEO, root,
                                 err);
}

static void bind(void *net, ask_params *p)
{
    ask_blip2 *m = net;
    ask_blip2_config config = m->config;
    ask_blip2_bind(m, p, &config);
}

static void narrow(void *net, ask_dtype type)
{
    ask_language_narrow(&((ask_blip2 *)net)->text, type);
}

static bool size_at(const void *net, size_t i, ask_model_size *out)
{
    const ask_blip2 *m = net;
    return i < BLIP2_N_SIZES ? blip2_size_at(&m->config.sight, i, out)
                             : language_size_at(&m->text, i - BLIP2_N_SIZES, out);
}

/* ---- reading and seeing ---- */

static const ask_language *language_of(const void *net)
{
    return &((const ask_blip2 *)net)->text;
}

static const network_language language = {.of = language_of,
                                          .vocab_key = "text_config.vocab_size"};

/* Frames that InstructBLIP for videos was shown in training. */
enum { N_SHOWN = 4 };

static network_visual_sizes visual_sizes(const void *net)
{
    const ask_blip2_config *c = &((const ask_blip2 *)net)->config;
    const ask_eva_config *vision = &c->sight.vision;
    bool video = c->kind == ASK_INSTRUCTBLIP_VIDEO;
    int n_told = ask_blip2_n_instruction(c);
    return (network_visual_sizes){.n_channels = ASK_EVA_CHANNELS,
                                  .image_px = vision->image_px,
                                  .n_rows = c->sight.n_queries,
                                  .side = vision->image_px / vision->patch_px,
                                  .mark = c->image_id,
                                  .begin = -1,
                                  .end = -1,
                                  .placeholder = video ? "<video>" : "<image>",
                                  .form = c->kind == ASK_BLIP2 ? "blip2" : "instructblip",
                                  .leads = true,
                                  .frame_flops = ask_blip2_flops(&c->sight, 0),
                                  .n_kept = 1 + (int)ask_eva_n_patches(vision),
                                  .kept = vision->width,
                                  .n_shown = video ? N_SHOWN : 0,
                                  .n_instruction = n_told,
                                  .n_instruction_vocab =
                                      n_told > 0 ? c->sight.qformer.n_vocab : 0};
}

static ask_tensor *look(ask_graph *g, const void *net, ask_tensor *pixels)
{
    return ask_blip2_see(g, &((const ask_blip2 *)net)->sight, pixels);
}

static ask_tensor *frame_rows(ask_graph *g, const void *net, ask_tensor *seen,
                              const network_instruction *told)
{
    const ask_blip2_told text = {.ids = told ? told->ids : NULL};
    return ask_blip2_rows(g, net, seen, told ? &text : NULL);
}

/* [F, Q, C] -> [F Q, C] */
static ask_tensor *in_one(ask_graph *g, const void *net, ask_tensor *rows)
{
    (void)net;
    if (!rows) return NULL;
    return ask_reshape(g, rows, 2, (int64_t[]){-1, ask_tensor_dim(rows, 2)});
}

static ask_tensor *cells(ask_graph *g, const void *net, int64_t n_frames)
{
    (void)n_frames;
    return ask_blip2_cells(g, net);
}

static const network_visual visual = {.sizes = visual_sizes,
                                      .look = look,
                                      .rows = frame_rows,
                                      .join = in_one,
                                      .cells = cells,
                                      .traced = "qformer.cross_attentions.*"};

/* ---- verifying ---- */

enum { TOLD = LANGUAGE_TOLD, TOLD_MASK = LANGUAGE_TOLD_MASK, N_INPUTS };

static const network_input inputs[] = {
    LANGUAGE_INPUTS, [LANGUAGE_SEEN] = {"pixel_values", ASK_F32}, {0}};
static const network_input told_inputs[] = {
    LANGUAGE_INPUTS,
    [LANGUAGE_SEEN] = {"pixel_values", ASK_F32},
    [TOLD] = {"qformer_input_ids", ASK_I64},
    [TOLD_MASK] = {"qformer_attention_mask", ASK_BOOL, .optional = true},
    {0},
};

/* Rows stand before the texts, whose masks do not know of them. */
static const network_mask masks[] = {
    {"logits", "attention_mask", 1},
    {"logits_masked_positions", "attention_mask", 1},
    {"hidden_states.*", "attention_mask", 1},
    {"last_hidden_state", "attention_mask", 1},
    {0},
};
enum { N_MASKS = sizeof masks / sizeof *masks - 1 };

/* Frames of a picture or of a video that stand in each text. */
static int64_t frames_of_text(const network_value *pixels)
{
    return pixels->n_dims == 5 ? pixels->shape[1] : 1;
}

static bool check_told(const ask_qformer_config *c, const network_value *ids,
                       const network_value *mask, int64_t n_texts, ask_error *err)
{
    const char *name = told_inputs[TOLD].name;
    if (!network_check_ids(name, ids, c->n_positions, c->n_vocab, err) ||
        !network_check_beside(told_inputs[TOLD_MASK].name, mask, name, ids, err))
        return false;
    return ids->shape[0] == n_texts ||
           ask_fail(err, ASK_ERR_MODEL, "%s: %lld texts for %lld of input_ids", name,
                    (long long)ids->shape[0], (long long)n_texts);
}

/* The same where the answer is given: of an encoder-decoder. */
static const network_input said_inputs[] = {
    LANGUAGE_SAID_INPUTS, [LANGUAGE_SEEN] = {"pixel_values", ASK_F32}, {0}};
static const network_input told_said_inputs[] = {
    LANGUAGE_SAID_INPUTS,
    [LANGUAGE_SEEN] = {"pixel_values", ASK_F32},
    [TOLD] = {"qformer_input_ids", ASK_I64},
    [TOLD_MASK] = {"qformer_attention_mask", ASK_BOOL, .optional = true},
    {0},
};

static bool encodes(const ask_blip2 *m)
{
    return ask_language_sizes_of(&m->text).n_encoder_layers > 0;
}

/* Rows take places of the text's, or stand before it. */
static bool check_rows(const ask_blip2 *m, const network_value *in, ask_error *err)
{
    const network_value *ids = &in[LANGUAGE_IDS], *pixels = &in[LANGUAGE_SEEN];
    int64_t n_rows = frames_of_text(pixels) * m->config.sight.n_queries;
    int n_context = ask_language_sizes_of(&m->text).n_most;
    bool has_mark = m->config.image_id >= 0;
    bool is_paired = !has_mark || m->config.kind != ASK_BLIP2;
    if (is_paired && pixels->shape[0] != ids->shape[0])
        return ask_fail(err, ASK_ERR_MODEL,
                        "pixel_values: %lld for %lld texts of input_ids",
                        (long long)pixels->shape[0], (long long)ids->shape[0]);
    if (has_mark)
        return language_check_marks(in, m->config.image_id, pixels->shape[0] * n_rows, err);
    if (in[LANGUAGE_POSITIONS].present && !encodes(m))
        return ask_fail(err, ASK_ERR_MODEL,
                        "position_ids: rows that stand before a text have none");
    return n_rows + ids->shape[1] <= n_context ||
           ask_fail(err, ASK_ERR_MODEL,
                    "input_ids: %lld tokens behind %lld rows; the network reads %d",
                    (long long)ids->shape[1], (long long)n_rows, n_context);
}

static bool check_seen(const ask_blip2 *m, const network_value *in, ask_error *err)
{
    const ask_blip2_sight_config *c = &m->config.sight;
    bool video = m->config.kind == ASK_INSTRUCTBLIP_VIDEO;
    return blip2_check_pixels(c, &in[LANGUAGE_SEEN], video, err) &&
           check_rows(m, in, err) &&
           (m->config.kind == ASK_BLIP2 ||
            check_told(&c->qformer, &in[TOLD], &in[TOLD_MASK], in[LANGUAGE_IDS].shape[0],
                       err));
}

static bool check(const void *net, const network_value *in, ask_error *err)
{
    const ask_blip2 *m = net;
    return language_check(&m->text, in, err) && check_seen(m, in, err);
}

static bool check_said(const void *net, const network_value *in, ask_error *err)
{
    const ask_blip2 *m = net;
    return language_check_said(&m->text, in, err) && check_seen(m, in, err);
}

static bool check_going_on(const void *net, const network_value *in, ask_error *err)
{
    bool is_told = ((const ask_blip2 *)net)->config.kind != ASK_BLIP2;
    return check(net, in, err) &&
           (!is_told ||
            language_check_padding(told_inputs[TOLD_MASK].name, &in[TOLD_MASK], err));
}

/* What stands in each text, or before it: [B, F Q, C]. */
static ask_tensor *rows_of(ask_graph *g, const ask_blip2 *m, const network_value *in)
{
    const network_value *v = &in[LANGUAGE_SEEN];
    int64_t n_all = v->shape[0] * frames_of_text(v), side = m->config.sight.vision.image_px;
    ask_tensor *pixels =
        ask_reshape(g, v->tensor, 4, (int64_t[]){-1, ASK_EVA_CHANNELS, side, side});
    const bool is_told = m->config.kind != ASK_BLIP2;
    ask_blip2_told told = {0};
    if (is_told)
        told = (ask_blip2_told){ask_repeat(g, in[TOLD].tensor, n_all),
                                ask_repeat(g, in[TOLD_MASK].tensor, n_all)};
    ask_tensor *seen = ask_blip2_see(g, &m->sight, pixels);
    ask_tensor *rows = ask_blip2_rows(g, m, seen, is_told ? &told : NULL); // [B F, Q, C]
    if (!rows) return NULL;
    int64_t shape[3] = {v->shape[0], -1, ask_tensor_dim(rows, 2)};
    return ask_reshape(g, rows, 3, shape);
}

static void build(ask_graph *g, const void *net, const network_value *in)
{
    const ask_blip2 *m = net;
    int64_t mark = m->config.image_id;
    ask_tensor *rows = rows_of(g, m, in);
    if (rows && mark >= 0)
        rows = ask_reshape(g, rows, 2, (int64_t[]){-1, ask_tensor_dim(rows, 2)});
    language_build(g, &m->text, in, rows, mark);
}

/* How many of the inputs a network has. */
static int n_inputs_of(const ask_blip2 *m)
{
    return m->config.kind == ASK_BLIP2 ? TOLD : N_INPUTS;
}

/* Whether the first picture, or video, is that of the first text. */
static bool first_is_paired(const ask_blip2 *m, const network_value *in)
{
    const network_value *ids = &in[LANGUAGE_IDS];
    int64_t n = 0, mark = m->config.image_id;
    for (int64_t i = 0; i < ids->shape[1]; i++) n += ids->ids[i] == mark;
    return mark < 0 || n == frames_of_text(&in[LANGUAGE_SEEN]) * m->config.sight.n_queries;
}

/* The first text, with nothing said of padding. */
static void build_first(ask_graph *g, const void *net, const network_value *in)
{
    if (!first_is_paired(net, in)) return; // rows of others would be missing
    network_value first[N_INPUTS] = {0};
    for (int i = 0; i < n_inputs_of(net); i++) {
        if (i != LANGUAGE_IDS && i != LANGUAGE_SEEN && i != TOLD &&
            (i != LANGUAGE_SAID || !encodes(net) || !in[i].present))
            continue;
        first[i] = in[i];
        first[i].tensor = ask_contiguous(g, ask_slice(g, in[i].tensor, 0, 0, 1));
        first[i].shape[0] = 1;
    }
    build(g, net, first);
}

/* Positions count what is no padding, also where the network counts all. */
static void build_masked(ask_graph *g, const void *net, const network_value *in)
{
    const ask_blip2 *m = net;
    int64_t n_rows = frames_of_text(&in[LANGUAGE_SEEN]) * m->config.sight.n_queries;
    if (encodes(m)) return; // it has no positions
    network_value counted[N_INPUTS] = {0};
    memcpy(counted, in, (size_t)n_inputs_of(m) * sizeof *in);
    counted[LANGUAGE_POSITIONS].tensor = language_masked_positions(
        g, in[LANGUAGE_MASK].tensor, m->config.image_id < 0 ? n_rows : 0);
    build(g, net, counted);
    ask_name(g, ask_graph_find(g, "logits"), "logits_masked_positions");
}

/* x: [B, L] -> the same with the last row first; NULL stays NULL. */
static ask_tensor *in_other_order(ask_graph *g, ask_tensor *x)
{
    ask_tensor *all = NULL;
    int64_t n = x ? ask_tensor_dim(x, 0) : 0;
    for (int64_t i = 0; i < n; i++) {
        ask_tensor *row = ask_contiguous(g, ask_slice(g, x, 0, i, i + 1));
        all = all ? ask_concat(g, (ask_tensor *[]){row, all}, 2, 0) : row;
    }
    return all;
}

/* Each picture beside another text: "queries" [B F, Q, C]. */
static void build_other_text(ask_graph *g, const void *net, const network_value *in)
{
    const ask_blip2 *m = net;
    network_value other[N_INPUTS];
    memcpy(other, in, sizeof other);
    other[TOLD].tensor = in_other_order(g, in[TOLD].tensor);
    other[TOLD_MASK].tensor = in_other_order(g, in[TOLD_MASK].tensor);
    rows_of(g, m, other);
    ask_tensor *states = ask_graph_find(g, "qformer.last_hidden_state");
    ask_name(g, ask_slice(g, states, 1, 0, m->config.sight.n_queries), "queries");
}

static int64_t lead(const void *net)
{
    return ((const ask_blip2 *)net)->config.lead_id;
}

/* Of an encoder-decoder, whose answer has a length of its own. */
#define SAID_RUNS(input_rows)                                                              \
    {.inputs = input_rows,                                                                 \
     .masks = language_encoder_masks,                                                      \
     .masks_end = true,                                                                    \
     .check = check_said,                                                                  \
     .build = build},                                                                      \
    {                                                                                      \
        .inputs = input_rows, .outputs = "single.", .masks = masks + N_MASKS,              \
        .check = check_said, .build = build_first                                          \
    }

#define RUNS(input_rows)                                                                   \
    {.inputs = input_rows,                                                                 \
     .masks = masks,                                                                       \
     .masks_end = true,                                                                    \
     .check = check,                                                                       \
     .build = build},                                                                      \
        {.inputs = input_rows,                                                             \
         .outputs = "single.",                                                             \
         .masks = masks + N_MASKS,                                                         \
         .check = check,                                                                   \
         .build = build_first},                                                            \
        {.inputs = input_rows,                                                             \
         .masks = masks,                                                                   \
         .masks_end = true,                                                                \
         .check = check,                                                                   \
         .build = build_masked},                                                           \
    {                                                                                      \
        .inputs = input_rows, .masks = masks, .masks_end = true, .check = check_going_on,  \
        .greedy = true, .lead = lead                                                       \
    }

static const network_run runs[] = {SAID_RUNS(said_inputs), RUNS(inputs)};
static const network_run told_runs[] = {
    SAID_RUNS(told_said_inputs),
    RUNS(told_inputs),
    {.inputs = told_inputs,
     .outputs = "qformer.other_text.",
     .masks = masks + N_MASKS,
     .check = check,
     .build = build_other_text},
};

#define BLIP2_ROW(...)                                                                     \
    {                                                                                      \
        .net_bytes = sizeof(ask_blip2), .ignored = ask_blip2_ignored, .bind = bind,        \
        .narrow = narrow, .size_at = size_at, .processor = ASK_PROCESSOR_BLIP,             \
        .language = &language, .visual = &visual, __VA_ARGS__                              \
    }

const network network_blip2 =
    BLIP2_ROW(.name = "blip2", .model_type = "blip-2",
              .architectures = (const char *const[]){"Blip2ForConditionalGeneration", NULL},
              .tensors = (const char *const[]){"qformer.layernorm.weight",
                                               "language_projection.weight", NULL},
              .read_config = read_blip2, .runs = runs,
              .n_runs = sizeof runs / sizeof *runs);

const network network_instructblip =
    BLIP2_ROW(.name = "instructblip", .model_type = "instructblip",
              .architectures =
                  (const char *const[]){"InstructBlipForConditionalGeneration", NULL},
              .tensors = (const char *const[]){"qformer.embeddings.layernorm.weight",
                                               "language_projection.weight", NULL},
              .read_config = read_instruct, .runs = told_runs,
              .n_runs = sizeof told_runs / sizeof *told_runs);

/* Its tensors are those of InstructBLIP. */
const network network_instructblip_video =
    BLIP2_ROW(.name = "instructblip_video", .model_type = "instructblipvideo",
              .architectures =
                  (const char *const[]){"InstructBlipVideoForConditionalGeneration", NULL},
              .tensors = (const char *const[]){"qformer.embeddings.layernorm.weight",
                                               "language_projection.weight", NULL},
              .read_config = read_instruct_video, .runs = told_runs,
              .n_runs = sizeof told_runs / sizeof *told_runs);
