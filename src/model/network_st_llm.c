/* The row of ST-LLM. */
#include <string.h>

#include "model/language_priv.h"
#include "net/joint/st_llm.h"

static bool read_config(void *net, ask_json_value root, ask_error *err)
{
    return ask_st_llm_config_read(&((ask_st_llm *)net)->config, root, err);
}

static void bind(void *net, ask_params *p)
{
    ask_st_llm *m = net;
    ask_st_llm_config config = m->config;
    ask_st_llm_bind(m, p, &config);
}

static void narrow(void *net, ask_dtype type)
{
    ask_language_narrow(&((ask_st_llm *)net)->text, type);
}

static const ask_language *language_of(const void *net)
{
    return &((const ask_st_llm *)net)->text;
}

static const ask_st_llm_config *config_of(const void *net)
{
    return &((const ask_st_llm *)net)->config;
}

/* What a model has not is not told of it. */
static bool size_at(const void *net, size_t i, ask_model_size *out)
{
    const ask_st_llm_config *c = config_of(net);
    const ask_model_size list[] = {
        {"vision.layers", c->vision.n_layers},
        {"vision.width", c->vision.width},
        {"vision.heads", c->vision.n_heads},
        {"vision.mlp_width", c->vision.inner},
        {"vision.image_px", c->vision.image_px},
        {"vision.patch_px", c->vision.patch_px},
        {"vision.adapter_layers", c->has_adapter ? c->adapter_depth : 0},
        {"qformer.layers", c->qformer.n_layers},
        {"qformer.width", c->qformer.width},
        {"qformer.heads", c->qformer.n_heads},
        {"qformer.mlp_width", c->qformer.inner},
        {"qformer.instruction", c->has_text ? c->n_instruction : 0},
        {"frame.tokens", c->n_queries},
        {"video.frames", c->joining == ASK_ST_LLM_RESIDUAL ? c->n_local : 0},
    };
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        if (list[k].value == 0) continue;
        if (i-- > 0) continue;
        *out = list[k];
        return true;
    }
    return language_size_at(language_of(net), i, out);
}

/* ---- reading and seeing ---- */

static const network_language language = {.of = language_of, .vocab_key = "vocab_size"};

enum { SHOWN = 16 };      // frames in training
enum { END_OF_TEXT = 2 }; // "</s>" of LLaMA's tokenizer

/* SHOWN, or the next number of them of which the local ones are evenly spread. */
static int count_shown(const ask_st_llm_config *c)
{
    int each = c->joining == ASK_ST_LLM_RESIDUAL ? c->n_local : 1;
    int n = (SHOWN + each - 1) / each * each, most = ask_st_llm_most_frames(c);
    return most > 0 && n > most ? most : n;
}

/* On InstructBLIP's weights it reads rows, then all of the text, which begins with the end
 * of texts; on MiniGPT-4's the rows are within the text. */
static network_visual_sizes visual_sizes(const void *net)
{
    const ask_st_llm_config *c = config_of(net);
    bool first = c->has_text;
    return (network_visual_sizes){.n_channels = ASK_EVA_CHANNELS,
                                  .image_px = c->vision.image_px,
                                  .n_rows = c->n_queries,
                                  .side = c->vision.image_px / c->vision.patch_px,
                                  .mark = -1,
                                  .begin = -1,
                                  .end = -1,
                                  .placeholder = "<video>",
                                  .form = first ? "st_llm" : "st_llm_minigpt4",
                                  .leads = first,
                                  .opens = first ? END_OF_TEXT : 0,
                                  .stop = "###",
                                  .frame_flops =
                                      ask_st_llm_frame_flops(c, count_shown(c), 0),
                                  .n_kept = ask_st_llm_n_kept(c),
                                  .kept = c->vision.width,
                                  .n_shown = count_shown(c),
                                  .n_least = ask_st_llm_least_frames(c),
                                  .n_most = ask_st_llm_most_frames(c),
                                  .n_instruction = first ? c->n_instruction : 0,
                                  .keeps_end = true,
                                  .n_instruction_vocab = first ? c->qformer.n_vocab : 0};
}

static ask_tensor *look(ask_graph *g, const void *net, ask_tensor *pixels)
{
    return ask_st_llm_look(g, net, pixels);
}

static ask_tensor *frame_rows(ask_graph *g, const void *net, ask_tensor *kept,
                              const network_instruction *told)
{
    const ask_st_llm_told text = {.ids = told ? told->ids : NULL};
    if (!kept) return NULL;
    return ask_st_llm_rows(g, net, kept, ask_tensor_dim(kept, 0), told ? &text : NULL);
}

static ask_tensor *join(ask_graph *g, const void *net, ask_tensor *rows)
{
    if (!rows) return NULL;
    int64_t width = ask_tensor_dim(rows, 2);
    rows = ask_st_llm_join(g, net, rows, ask_tensor_dim(rows, 0)); // [1, n, C]
    return ask_reshape(g, rows, 2, (int64_t[]){-1, width});
}

static int n_joined(const void *net, int n)
{
    return ask_st_llm_n_rows(config_of(net), n);
}

static ask_tensor *origins(ask_graph *g, const void *net, int64_t n_frames)
{
    return ask_st_llm_origins(g, net, n_frames);
}

static ask_tensor *cells(ask_graph *g, const void *net, int64_t n_frames)
{
    return ask_st_llm_cells(g, net, n_frames);
}

static const network_visual visual = {.sizes = visual_sizes,
                                      .look = look,
                                      .rows = frame_rows,
                                      .join = join,
                                      .n_joined = n_joined,
                                      .origins = origins,
                                      .cells = cells,
                                      .traced = "qformer.cross_attentions.*"};

/* ---- verifying ---- */

enum {
    TOLD = LANGUAGE_TOLD,
    TOLD_MASK = LANGUAGE_TOLD_MASK,
    BEFORE,
    AFTER,
    INDEX = BEFORE
};

#define SEEN_INPUTS                                                                        \
    [LANGUAGE_SEEN] = {"pixel_values", ASK_F32},                                           \
    [TOLD] = {"qformer_input_ids", ASK_I64, .optional = true},                             \
    [TOLD_MASK] = {"qformer_attention_mask", ASK_BOOL, .optional = true}

static const network_input inputs[] = {LANGUAGE_INPUTS,
                                       SEEN_INPUTS,
                                       [BEFORE] = {"before_ids", ASK_I64, .optional = true},
                                       [AFTER] = {"after_ids", ASK_I64, .optional = true},
                                       {0}};

/* The first frames alone: of how many they are is told by the index of the local ones. */
static const network_input uneven_inputs[] = {
    LANGUAGE_INPUTS,
    SEEN_INPUTS,
    [INDEX] = {"uneven.residual_index", ASK_I64, .told = true},
    {0}};

static bool check_pixels(const ask_st_llm_config *c, const network_value *v, ask_error *err)
{
    int64_t side = c->vision.image_px;
    int least = ask_st_llm_least_frames(c), most = ask_st_llm_most_frames(c);
    bool fits = v->n_dims == 5 && v->shape[0] > 0 && v->shape[1] > 0 &&
                v->shape[2] == ASK_EVA_CHANNELS && v->shape[3] == side &&
                v->shape[4] == side;
    if (!fits)
        return ask_fail(err, ASK_ERR_MODEL,
                        "pixel_values: the network takes [B, T, %d, %d, %d]",
                        ASK_EVA_CHANNELS, (int)side, (int)side);
    if (v->shape[1] < least)
        return ask_fail(err, ASK_ERR_MODEL,
                        "pixel_values: %d frames, of which %d cannot be taken; the network "
                        "takes %d or more",
                        (int)v->shape[1], c->n_local, least);
    return most == 0 || v->shape[1] <= most ||
           ask_fail(err, ASK_ERR_MODEL,
                    "pixel_values: %lld frames; the network's adapter knows %d",
                    (long long)v->shape[1], most);
}

static bool check_told(const ask_st_llm_config *c, const network_value *in, ask_error *err)
{
    const char *name = inputs[TOLD].name;
    const network_value *ids = &in[TOLD];
    if (!c->has_text)
        return !ids->present ||
               ask_fail(err, ASK_ERR_MODEL, "%s: the network reads no instruction", name);
    if (!ids->present) return ask_fail(err, ASK_ERR_MODEL, "%s is missing", name);
    if (!network_check_ids(name, ids, c->qformer.n_positions, c->qformer.n_vocab, err) ||
        !network_check_beside(inputs[TOLD_MASK].name, &in[TOLD_MASK], name, ids, err))
        return false;
    return ids->shape[0] == in[LANGUAGE_SEEN].shape[0] ||
           ask_fail(err, ASK_ERR_MODEL, "%s: %lld texts for %lld videos", name,
                    (long long)ids->shape[0], (long long)in[LANGUAGE_SEEN].shape[0]);
}

/* The placeholder of the reference, which is in no file: where the rows begin. */
static int64_t mark_of(const void *net, const network_value *in)
{
    (void)net;
    int64_t at = in[BEFORE].present ? in[BEFORE].shape[1] : 0;
    return in[LANGUAGE_IDS].ids[at];
}

/* What stands behind the rows is said twice. */
static bool check_after(const network_value *in, ask_error *err)
{
    const network_value *ids = &in[LANGUAGE_IDS], *after = &in[AFTER];
    if (!after->present) return true;
    bool ok = after->n_dims == 2 && after->shape[0] == ids->shape[0] &&
              after->shape[1] < ids->shape[1];
    int64_t n = ids->shape[1], n_after = after->shape[1];
    for (int64_t i = 0; ok && i < after->shape[0] * n_after; i++)
        ok = after->ids[i] == ids->ids[(i / n_after + 1) * n - n_after + i % n_after];
    return ok || ask_fail(err, ASK_ERR_MODEL,
                          "after_ids: these are not the last ids of each of input_ids");
}

static bool check(const void *net, const network_value *in, ask_error *err)
{
    const ask_st_llm_config *c = config_of(net);
    const network_value *v = &in[LANGUAGE_SEEN], *ids = &in[LANGUAGE_IDS],
                        *before = &in[BEFORE];
    if (!language_check(language_of(net), in, err) || !check_pixels(c, v, err) ||
        !check_told(c, in, err))
        return false;
    if (before->present && (before->n_dims != 2 || before->shape[1] >= ids->shape[1]))
        return ask_fail(err, ASK_ERR_MODEL,
                        "before_ids: the network takes [B, L] with L "
                        "less than that of input_ids");
    if (!check_after(in, err)) return false;
    if (ids->shape[0] != v->shape[0])
        return ask_fail(err, ASK_ERR_MODEL,
                        "pixel_values: %lld for %lld texts of input_ids",
                        (long long)v->shape[0], (long long)ids->shape[0]);
    return language_check_marks(in, mark_of(net, in),
                                v->shape[0] * ask_st_llm_n_rows(c, (int)v->shape[1]), err);
}

static bool check_going_on(const void *net, const network_value *in, ask_error *err)
{
    return check(net, in, err) &&
           language_check_padding(inputs[TOLD_MASK].name, &in[TOLD_MASK], err);
}

/* Of the first n_frames of each video: "frame_rows" [B, T, Q, C]. */
static ask_tensor *build_rows(ask_graph *g, const ask_st_llm *m, const network_value *in,
                              int64_t n_frames)
{
    const network_value *v = &in[LANGUAGE_SEEN];
    int64_t n_videos = v->shape[0], side = v->shape[3];
    const int64_t frames[4] = {n_videos * n_frames, ASK_EVA_CHANNELS, side, side};
    const ask_st_llm_told told = {in[TOLD].tensor, in[TOLD_MASK].tensor};
    ask_tensor *pixels = ask_contiguous(g, ask_slice(g, v->tensor, 1, 0, n_frames));
    ask_tensor *kept = ask_st_llm_look(g, m, ask_reshape(g, pixels, 4, frames));
    ask_tensor *rows =
        ask_st_llm_rows(g, m, kept, n_frames, m->config.has_text ? &told : NULL);
    if (!rows) return NULL;
    const int64_t shape[4] = {n_videos, n_frames, m->config.n_queries,
                              ask_tensor_dim(rows, 2)};
    ask_name(g, ask_reshape(g, rows, 4, shape), "frame_rows");
    return ask_name(g, ask_st_llm_join(g, m, rows, n_frames), "visual"); // [B, n, C]
}

static void build(ask_graph *g, const void *net, const network_value *in)
{
    const ask_st_llm *m = net;
    ask_tensor *rows = build_rows(g, m, in, in[LANGUAGE_SEEN].shape[1]);
    if (!rows) return;
    rows = ask_reshape(g, rows, 2, (int64_t[]){-1, ask_tensor_dim(rows, 2)});
    language_build(g, &m->text, in, rows, mark_of(net, in));
    ask_name(g, ask_graph_find(g, "hidden_states.0"), "inputs_embeds");
}

/* ---- an uneven number of frames ---- */

/* Of how many frames the index is; 0: of none up to `most`. */
static int64_t frames_of_index(const ask_st_llm_config *c, const int64_t *index,
                               int64_t most)
{
    for (int64_t n = ask_st_llm_least_frames(c); n <= most; n++) {
        int i = 0;
        while (i < c->n_local && index[i] == ask_st_llm_local_frame(n, c->n_local, i)) i++;
        if (i == c->n_local) return n;
    }
    return 0;
}

static bool check_uneven(const void *net, const network_value *in, ask_error *err)
{
    const ask_st_llm_config *c = config_of(net);
    const network_value *index = &in[INDEX];
    if (!check_pixels(c, &in[LANGUAGE_SEEN], err) || !check_told(c, in, err)) return false;
    if (c->joining != ASK_ST_LLM_RESIDUAL)
        return ask_fail(err, ASK_ERR_MODEL, "%s: the network takes no frames by themselves",
                        uneven_inputs[INDEX].name);
    if (index->n_dims != 1 || index->shape[0] != c->n_local)
        return ask_fail(err, ASK_ERR_MODEL, "%s: the network takes [%d]",
                        uneven_inputs[INDEX].name, c->n_local);
    return frames_of_index(c, index->ids, in[LANGUAGE_SEEN].shape[1]) > 0 ||
           ask_fail(err, ASK_ERR_MODEL,
                    "%s: the network takes no such frames, of %d or "
                    "fewer",
                    uneven_inputs[INDEX].name, (int)in[LANGUAGE_SEEN].shape[1]);
}

static void build_uneven(ask_graph *g, const void *net, const network_value *in)
{
    const ask_st_llm *m = net;
    build_rows(g, m, in,
               frames_of_index(&m->config, in[INDEX].ids, in[LANGUAGE_SEEN].shape[1]));
}

static int64_t lead(const void *net)
{
    (void)net;
    return NETWORK_NO_LEAD;
}

static const network_run runs[] = {
    {.inputs = inputs, .masks = language_masks, .check = check, .build = build},
    {.inputs = uneven_inputs,
     .outputs = "uneven.",
     .masks = language_masks + LANGUAGE_N_MASKS,
     .check = check_uneven,
     .build = build_uneven},
    {.inputs = inputs,
     .masks = language_masks,
     .check = check_going_on,
     .greedy = true,
     .lead = lead,
     .mark = mark_of},
};

const network network_st_llm = {
    .name = "st_llm",
    .model_type = "st_llm_hf",
    .architectures = (const char *const[]){"STLLMForCausalLM", NULL},
    .tensors = (const char *const[]){"model.stllm_model.llama_proj.weight",
                                     "model.embed_tokens.weight", NULL},
    .ignored = ask_st_llm_ignored,
    .net_bytes = sizeof(ask_st_llm),
    .read_config = read_config,
    .bind = bind,
    .narrow = narrow,
    .size_at = size_at,
    .processor = ASK_PROCESSOR_CLIP,
    .language = &language,
    .visual = &visual,
    .runs = runs,
    .n_runs = sizeof runs / sizeof *runs,
};
