#include "net/joint/st_llm.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/checked.h"
#include "base/str.h"
#include "net/block/repeat.h"

#define PREFIX "model.stllm_model."

const char *const ask_st_llm_ignored[] = {
    "*.rotary_emb.inv_freq",
    PREFIX "embed_tokens.weight", // the language model's once more
    PREFIX "Qformer.bert.embeddings.position_ids",
    PREFIX "Qformer.cls.*",
    PREFIX "mvm_decoder.*",
    PREFIX "residual_index",
    NULL,
};

/* ---- the configuration ---- */

static bool check_flag(ask_json_value root, const char *key, bool expected, const char *why,
                       ask_error *err)
{
    bool flag;
    if (!ask_config_bool(&flag, root, key, expected, err)) return false;
    return flag == expected || ask_config_fail(root, key, err, "%s is not supported: %s",
                                               flag ? "true" : "false", why);
}

/* What its code can do and this cannot. */
static bool refuse_others(ask_json_value root, ask_error *err)
{
    int64_t rank;
    if (!check_flag(root, "has_qformer", true, "rows are what a Q-Former makes", err) ||
        !check_flag(root, "pre_encoding", false, "frames are seen by the model itself",
                    err) ||
        !ask_config_int(&rank, root, "lora_r", 0, ASK_MAX_WIDTH, 0, err))
        return false;
    return rank == 0 || ask_config_fail(root, "lora_r", err,
                                        "LoRA of rank %lld is not supported: merge it into "
                                        "the weights",
                                        (long long)rank);
}

/* Which of these a text is; `untold` without one. */
static bool read_choice(int *out, ask_json_value root, const char *key,
                        const char *const names[], int untold, ask_error *err)
{
    const char *name;
    char list[128] = "";
    size_t n = 0;
    *out = untold;
    if (!ask_config_says(root, key)) return true;
    if (!ask_json_get_string(&name, root, key, err)) return ask_fail_as(err, ASK_ERR_MODEL);
    for (int i = 0; names[i]; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = i;
            return true;
        }
        n += (size_t)ask_format(list + n, sizeof list - n, "%s\"%s\"", i ? ", " : "",
                                names[i]);
    }
    return ask_config_fail(root, key, err, "expected one of %s, got \"%.40s\"", list, name);
}

/* A size, or -1 where nothing says it. */
static bool read_size(int *out, ask_json_value v, const char *key, int max, ask_error *err)
{
    *out = -1;
    return !ask_config_says(v, key) || ask_config_size(out, v, key, max, 1, err);
}

static bool read_vision(ask_st_llm_config *c, ask_json_value root, ask_error *err)
{
    static const char *const towers[] = {"eva_clip_g", "eva_btadapter_g", NULL};
    static const double LAST_EPS = 1e-5; // of the norm behind the tower
    ask_json_value v;
    int side;
    if (!read_choice(&c->has_adapter, root, "vit_model", towers, -1, err) ||
        !ask_config_object(&v, root, "vision_config", err) ||
        !ask_eva_config_read(&c->vision, v, err) ||
        !ask_config_size(&c->adapter_depth, v, "btadapter_depth", ASK_MAX_LAYERS, 3, err) ||
        !ask_config_size(&side, root, "image_size", ASK_MAX_SIDE_PX, c->vision.image_px,
                         err))
        return false;
    c->vision.last_eps = LAST_EPS;
    if (!ask_config_says(v, "image_size")) c->vision.image_px = side;
    if (c->vision.patch_px > c->vision.image_px)
        return ask_config_fail(root, "image_size", err,
                               "frames of %d pixels have no patches of %d", side,
                               c->vision.patch_px);
    if (c->adapter_depth > INT_MAX / (1 + ask_eva_n_patches(&c->vision)))
        return ask_config_fail(v, "btadapter_depth", err,
                               "%d times %lld patches cannot be counted", c->adapter_depth,
                               (long long)ask_eva_n_patches(&c->vision));
    return c->has_adapter < 1 || c->adapter_depth <= c->vision.n_layers ||
           ask_config_fail(v, "btadapter_depth", err, "%d of %d layers", c->adapter_depth,
                           c->vision.n_layers);
}

static bool read_has_text(ask_st_llm_config *c, ask_json_value root, ask_json_value v,
                          ask_error *err)
{
    static const char published[] = "qformer_text_input",
                      newer[] = "use_qformer_text_input";
    bool here = ask_config_says(root, published), there = ask_config_says(v, newer),
         has_text;
    if (!ask_config_bool(&has_text, here ? root : v, here ? published : newer, false, err))
        return false;
    c->has_text = here || there ? has_text : -1;
    return true;
}

static bool read_qformer(ask_st_llm_config *c, ask_json_value root, ask_error *err)
{
    enum { QUERIES = 32, INSTRUCTION = 256 };
    ask_json_value v;
    ask_qformer_config *q = &c->qformer;
    if (!ask_config_object(&v, root, "qformer_config", err) ||
        !ask_qformer_config_read(q, v, false, err) || !read_has_text(c, root, v, err) ||
        !read_size(&c->n_vocab, v, "vocab_size", ASK_MAX_VOCAB, err) ||
        !ask_config_size(&c->n_queries, root, "num_query_token", ASK_MAX_CONTEXT, QUERIES,
                         err) ||
        !ask_config_size(&c->n_instruction, root, "max_txt_len", ASK_MAX_CONTEXT,
                         INSTRUCTION, err))
        return false;
    q->seen_width = c->vision.width;
    if (c->n_instruction > q->n_positions) c->n_instruction = q->n_positions;
    return true;
}

static bool read_joining(ask_st_llm_config *c, ask_json_value root, ask_error *err)
{
    static const char *const ways[] = {"all", "mean", "residual", NULL};
    int way;
    if (!read_choice(&way, root, "video_input", ways, ASK_ST_LLM_UNTOLD, err) ||
        !read_size(&c->n_local, root, "residual_size", ASK_ST_LLM_MOST_LOCAL, err) ||
        !read_size(&c->n_down, root, "residual_hidden_size", ASK_MAX_WIDTH, err))
        return false;
    c->joining = (ask_st_llm_joining)way;
    return true;
}

bool ask_st_llm_config_read(ask_st_llm_config *out, ask_json_value root, ask_error *err)
{
    ask_st_llm_config c = {0};
    bool ok = refuse_others(root, err) &&
              ask_language_config_read_as(&c.text, root, "llama", err) &&
              read_vision(&c, root, err) && read_qformer(&c, root, err) &&
              read_joining(&c, root, err);
    if (!ok) return false;
    c.init = c.text.llama.init;
    *out = c;
    return true;
}

/* ---- what the tensors tell ---- */

static bool holds(const ask_params *p, const char *name)
{
    return ask_params_size(p, 0, 0, "%s", name) > 0;
}

/* The size of a tensor's first axis where it is one, else `otherwise`. */
static int size_told(const ask_params *p, const char *name, int most, int otherwise)
{
    int64_t n = ask_params_size(p, 0, otherwise, "%s", name);
    return n >= 1 && n <= most ? (int)n : otherwise;
}

/* What nothing tells is what the authors' code does without its file. */
static void take_told(ask_st_llm_config *c, const ask_params *p)
{
    enum { LOCAL = 4, DOWN = 1024, VOCAB = 30523 }; // BERT's tokens, and one of theirs
    static const char down[] = PREFIX "down_proj.weight",
                      words[] = PREFIX "Qformer.bert.embeddings.word_embeddings.weight",
                      adapter[] = PREFIX "visual_encoder.BTAdapter_position.weight",
                      local[] = PREFIX "residual_index";
    if (c->joining == ASK_ST_LLM_UNTOLD)
        c->joining = holds(p, down) ? ASK_ST_LLM_RESIDUAL : ASK_ST_LLM_ALL;
    if (c->has_text < 0) c->has_text = holds(p, words);
    if (c->has_adapter < 0) c->has_adapter = holds(p, adapter);
    if (c->n_local < 0) c->n_local = size_told(p, local, ASK_ST_LLM_MOST_LOCAL, LOCAL);
    if (c->n_down < 0) c->n_down = size_told(p, down, ASK_MAX_WIDTH, DOWN);
    if (c->n_vocab < 0) c->n_vocab = size_told(p, words, ASK_MAX_VOCAB, VOCAB);
    c->qformer.has_text = c->has_text;
    c->qformer.n_vocab = c->n_vocab;
}

/* Their other forms, which the tensors tell. */
static void refuse_tensors(ask_params *p, const ask_st_llm_config *c)
{
    static const char lora[] = "base_model.model.model.embed_tokens.weight";
    if (holds(p, lora))
        ask_params_refuse(p, "%s: LoRA is not supported: merge it into the weights", lora);
    if (holds(p, PREFIX "llama_proj.weight") && !holds(p, PREFIX "query_tokens"))
        ask_params_refuse(p, PREFIX "query_tokens: there is no Q-Former, which makes the "
                                    "rows that are supported");
    if (c->has_adapter && c->adapter_depth > c->vision.n_layers)
        ask_params_refuse(p, "BT-Adapter beside %d of %d layers", c->adapter_depth,
                          c->vision.n_layers);
}

/* ---- binding ---- */

static const ask_eva_names eva_names = ASK_EVA_LAVIS_BEHIND(PREFIX);
static const ask_qformer_names qformer_names = ASK_QFORMER_LAVIS_BEHIND(PREFIX, NULL),
                               qformer_text_names = ASK_QFORMER_LAVIS_BEHIND(
                                   PREFIX, PREFIX "Qformer.bert.embeddings");

static void bind_sight(ask_st_llm *out, ask_params *p, const ask_st_llm_config *c)
{
    const ask_bt_adapter_config adapter = {c->adapter_depth, c->vision};
    const int64_t shape[3] = {1, c->n_queries, c->qformer.width};
    ask_eva_bind(&out->vision, p, &eva_names, &c->vision);
    if (c->has_adapter && adapter.depth <= c->vision.n_layers)
        ask_bt_adapter_bind(&out->adapter, p, PREFIX "visual_encoder", &eva_names,
                            &adapter);
    out->queries =
        ask_param(p, ask_init_normal(c->qformer.init), 3, shape, PREFIX "query_tokens");
    ask_qformer_bind(&out->qformer, p, c->has_text ? &qformer_text_names : &qformer_names,
                     &c->qformer);
}

void ask_st_llm_bind(ask_st_llm *out, ask_params *p, const ask_st_llm_config *config)
{
    ask_st_llm_config c = *config;
    int64_t width = ask_language_config_sizes(&c.text).width;
    take_told(&c, p);
    refuse_tensors(p, &c);
    *out = (ask_st_llm){.config = c};
    bind_sight(out, p, &c);
    ask_dense_bind(&out->projection, p, PREFIX "llama_proj", c.qformer.width, width,
                   c.init);
    if (c.joining == ASK_ST_LLM_RESIDUAL) {
        ask_dense_bind(&out->down, p, PREFIX "down_proj", width, c.n_down, c.init);
        ask_dense_bind(&out->up, p, PREFIX "up_proj", c.n_down, width, 0);
    }
    ask_language_bind(&out->text, p, "", &c.text);
}

/* ---- which frames ---- */

int64_t ask_st_llm_local_frame(int64_t n_frames, int n_local, int i)
{
    double segment = (double)n_frames / n_local;
    return (int64_t)(segment / 2 + rint(segment * i));
}

/* With fewer the last would be behind the last frame; with as many as are taken it never
 * is. */
int ask_st_llm_least_frames(const ask_st_llm_config *c)
{
    int n = 1;
    if (c->joining != ASK_ST_LLM_RESIDUAL) return n;
    while (ask_st_llm_local_frame(n, c->n_local, c->n_local - 1) >= n) n++;
    return n;
}

int ask_st_llm_most_frames(const ask_st_llm_config *c)
{
    return c->has_adapter ? ASK_BT_ADAPTER_FRAMES : 0;
}

int ask_st_llm_n_rows(const ask_st_llm_config *c, int n_frames)
{
    switch (c->joining) {
    case ASK_ST_LLM_MEAN:
        return c->n_queries;
    case ASK_ST_LLM_RESIDUAL:
        return ask_mul_count(c->n_local, c->n_queries);
    default:
        return ask_mul_count(n_frames, c->n_queries);
    }
}

/* ---- looking ---- */

static int n_seen(const ask_st_llm_config *c) // by the Q-Former, of a frame
{
    return 1 + (int)ask_eva_n_patches(&c->vision);
}

int ask_st_llm_n_kept(const ask_st_llm_config *c)
{
    return n_seen(c) * (c->has_adapter ? c->adapter_depth : 1);
}

/* The norm behind the tower. */
static ask_tensor *end_sight(ask_graph *g, const ask_st_llm *m, ask_tensor *x)
{
    return ask_name(g, ask_norm_build(g, &m->vision.last_norm, x), "ln_vision");
}

ask_tensor *ask_st_llm_look(ask_graph *g, const ask_st_llm *m, ask_tensor *pixels)
{
    ask_tensor *last[ASK_MAX_LAYERS];
    int n = m->config.has_adapter ? m->config.adapter_depth : 1;
    ask_eva_last_states(last, n, g, &m->vision, pixels); // [F, 1 + N, W] each
    return m->config.has_adapter ? ask_concat(g, last, n, 1) : end_sight(g, m, last[0]);
}

/* kept: [B T, D (1 + N), W] -> [B T, 1 + N, W] */
static ask_tensor *see_together(ask_graph *g, const ask_st_llm *m, ask_tensor *kept,
                                int64_t n_frames)
{
    ask_tensor *states[ASK_MAX_LAYERS];
    int64_t n = n_seen(&m->config), width = m->config.vision.width;
    const int64_t videos[4] = {-1, n_frames, n, width}, frames[3] = {-1, n, width};
    for (int i = 0; i < m->config.adapter_depth; i++) {
        ask_tensor *x = ask_contiguous(g, ask_slice(g, kept, 1, i * n, (i + 1) * n));
        states[i] = ask_reshape(g, x, 4, videos);
    }
    ask_tensor *x = ask_bt_adapter_build(g, &m->adapter, states, m->vision.position_table);
    return end_sight(g, m, ask_reshape(g, x, 3, frames));
}

ask_tensor *ask_st_llm_rows(ask_graph *g, const ask_st_llm *m, ask_tensor *kept,
                            int64_t n_frames, const ask_st_llm_told *told)
{
    if (!kept) return NULL;
    int64_t n = m->config.n_queries, n_all = ask_tensor_dim(kept, 0);
    ask_qformer_input in = {.queries = m->queries, .seen = kept, .trace = "qformer."};
    if (m->config.has_adapter) in.seen = see_together(g, m, kept, n_frames);
    if (told) {
        in.ids = ask_repeat(g, told->ids, n_all);
        in.mask = ask_repeat(g, told->mask, n_all);
    }
    ask_tensor *states = ask_qformer_states(g, &m->qformer, &in); // [B T, Q + L, C]
    if (!states) return NULL;
    if (told) states = ask_contiguous(g, ask_slice(g, states, 1, 0, n));
    return ask_dense_build(g, &m->projection, states);
}

/* ---- joining ---- */

/* The frames that have rows of their own: i64 [R]. */
static ask_tensor *local_frames(ask_graph *g, const ask_st_llm_config *c, int64_t n_frames)
{
    int64_t frames[ASK_ST_LLM_MOST_LOCAL], n = c->n_local;
    for (int i = 0; i < n; i++) frames[i] = ask_st_llm_local_frame(n_frames, c->n_local, i);
    return ask_constant(g, ASK_I64, 1, &n, frames);
}

/* rows: [B, T, Q, C] -> [B, R, Q, C] */
static ask_tensor *take_local(ask_graph *g, const ask_st_llm *m, ask_tensor *rows)
{
    int64_t n_frames = ask_tensor_dim(rows, 1);
    ask_tensor *by_frame = ask_contiguous(g, ask_transpose(g, rows, 0, 1));
    ask_tensor *index = local_frames(g, &m->config, n_frames);
    ask_tensor *local = ask_embedding(g, by_frame, ask_name(g, index, "residual_index"));
    return ask_contiguous(g, ask_transpose(g, local, 0, 1));
}

ask_tensor *ask_st_llm_join(ask_graph *g, const ask_st_llm *m, ask_tensor *rows,
                            int64_t n_frames)
{
    enum { FRAMES = 1u << 1 };
    if (!rows) return NULL;
    int64_t n = ask_tensor_dim(rows, 1), width = ask_tensor_dim(rows, 2),
            n_videos = ask_tensor_dim(rows, 0) / n_frames;
    const int64_t apart[4] = {n_videos, n_frames, n, width},
                  joined[3] = {n_videos, -1, width};
    rows = ask_reshape(g, rows, 4, apart);
    if (m->config.joining != ASK_ST_LLM_ALL) {
        ask_tensor *mean = ask_mean(g, rows, FRAMES, true); // [B, 1, Q, C]
        if (m->config.joining == ASK_ST_LLM_MEAN) return ask_reshape(g, mean, 3, joined);
        mean = ask_relu(g, ask_dense_build(g, &m->down, mean));
        rows = ask_add(g, take_local(g, m, rows), ask_dense_build(g, &m->up, mean));
    }
    return ask_reshape(g, rows, 3, joined);
}

ask_tensor *ask_st_llm_origins(ask_graph *g, const ask_st_llm *m, int64_t n_frames)
{
    const ask_st_llm_config *c = &m->config;
    int64_t n = c->joining == ASK_ST_LLM_RESIDUAL ? c->n_local : n_frames;
    if (c->joining == ASK_ST_LLM_MEAN)
        return ask_full(g, 2, (int64_t[]){c->n_queries, n_frames}, 1.0 / (double)n_frames);
    ask_tensor *of = c->joining == ASK_ST_LLM_RESIDUAL ? local_frames(g, c, n_frames)
                                                       : ask_range(g, n_frames);
    ask_tensor *frame = ask_reshape(g, ask_range(g, n_frames), 2, (int64_t[]){1, n_frames});
    ask_tensor *is = ask_equal(g, ask_reshape(g, of, 2, (int64_t[]){n, 1}), frame);
    is = ask_reshape(g, ask_cast(g, is, ASK_F32), 3, (int64_t[]){n, 1, n_frames});
    is = ask_expand(g, is, 3, (int64_t[]){n, c->n_queries, n_frames});
    return ask_reshape(g, ask_contiguous(g, is), 2, (int64_t[]){-1, n_frames});
}

ask_tensor *ask_st_llm_cells(ask_graph *g, const ask_st_llm *m, int64_t n_frames)
{
    enum { FRAMES = 1u << 0 };
    const ask_st_llm_config *c = &m->config;
    ask_tensor *looks = ask_qformer_looks(g, &c->qformer, "qformer."); // [T, Q, 1 + N]
    if (!looks) return NULL;
    int64_t n = ask_tensor_dim(looks, 2);
    looks = ask_contiguous(g, ask_slice(g, looks, 2, 1, n)); // [T, Q, N]
    if (c->joining == ASK_ST_LLM_MEAN) looks = ask_mean(g, looks, FRAMES, true);
    if (c->joining == ASK_ST_LLM_RESIDUAL)
        looks = ask_embedding(g, looks, local_frames(g, c, n_frames)); // [R, Q, N]
    return ask_reshape(g, looks, 2, (int64_t[]){-1, n - 1});
}

double ask_st_llm_frame_flops(const ask_st_llm_config *c, int n_frames, int n_told)
{
    const ask_bt_adapter_config adapter = {c->adapter_depth, c->vision};
    double width = ask_language_config_sizes(&c->text).width;
    return ask_eva_flops(&c->vision) +
           (c->has_adapter ? ask_bt_adapter_flops(&adapter, n_frames) : 0) +
           ask_qformer_flops(&c->qformer, c->n_queries, n_told, n_seen(c)) +
           2.0 * c->n_queries * c->qformer.width * width;
}
