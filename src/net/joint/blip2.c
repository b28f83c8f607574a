#include "net/joint/blip2.h"

#include <string.h>

#include "net/block/repeat.h"

const char *const ask_blip2_ignored[] = {"*.rotary_emb.inv_freq", "*position_ids", NULL};

/* ---- what pictures become ---- */

/* Blip2Config gives the Q-Former the tower's width, whatever its own configuration says. */
static bool read_sight(ask_blip2_sight_config *out, ask_json_value root, bool has_text,
                       ask_error *err)
{
    ask_blip2_sight_config c;
    ask_json_value vision, qformer;
    if (!ask_config_object(&vision, root, "vision_config", err) ||
        !ask_eva_config_read(&c.vision, vision, err) ||
        !ask_config_object(&qformer, root, "qformer_config", err) ||
        !ask_qformer_config_read(&c.qformer, qformer, has_text, err) ||
        !ask_config_size(&c.n_queries, root, "num_query_tokens", ASK_MAX_CONTEXT, 32,
                         err) ||
        !ask_config_double(&c.init, root, "initializer_range", 0, ASK_MAX_SCALE, 0.02, err))
        return false;
    c.qformer.seen_width = c.vision.width;
    *out = c;
    return true;
}

static void bind_sight(ask_blip2_sight *out, ask_params *p, const ask_qformer_names *names,
                       const ask_blip2_sight_config *config)
{
    int64_t shape[3] = {1, config->n_queries, config->qformer.width};
    out->config = *config;
    ask_eva_bind(&out->vision, p, &ask_eva_blip2, &config->vision);
    out->queries = ask_param(p, ask_init_normal(config->init), 3, shape, "query_tokens");
    ask_qformer_bind(&out->qformer, p, names, &config->qformer);
}

ask_tensor *ask_blip2_see(ask_graph *g, const ask_blip2_sight *s, ask_tensor *pixels)
{
    ask_tensor *seen = ask_eva_states(g, &s->vision, pixels); // [F, 1 + N, W]
    ask_eva_pool(g, &s->vision, seen);
    return seen;
}

ask_tensor *ask_blip2_ask(ask_graph *g, const ask_blip2_sight *s, ask_tensor *seen,
                          const ask_blip2_told *told)
{
    if (!seen) return NULL;
    int64_t n_frames = ask_tensor_dim(seen, 0), n = s->config.n_queries;
    ask_qformer_input in = {.queries = s->queries, .seen = seen, .trace = "qformer."};
    if (told) {
        in.ids = ask_repeat(g, told->ids, n_frames);
        in.mask = ask_repeat(g, told->mask, n_frames);
    }
    ask_tensor *states = ask_qformer_states(g, &s->qformer, &in); // [F, Q + L, C]
    if (!states || ask_tensor_dim(states, 1) == n) return states;
    return ask_contiguous(g, ask_slice(g, states, 1, 0, n));
}

double ask_blip2_flops(const ask_blip2_sight_config *c, int n_told)
{
    double n_seen = 1 + (double)ask_eva_n_patches(&c->vision);
    return ask_eva_flops(&c->vision) +
           ask_qformer_flops(&c->qformer, c->n_queries, n_told, n_seen);
}

/* ---- the configuration with a language model ---- */

/* The placeholder, of which a null, or nothing, says that rows stand before the text. */
static bool read_placeholder(ask_blip2_config *c, ask_json_value root, ask_error *err)
{
    bool video = c->kind == ASK_INSTRUCTBLIP_VIDEO;
    const char *key = video ? "video_token_index" : "image_token_index";
    const char *newer = video ? "video_token_id" : "image_token_id";
    int64_t n_vocab = ask_language_config_sizes(&c->text).n_vocab;
    if (ask_config_says(root, newer)) key = newer;
    if (!ask_config_int(&c->image_id, root, key, 0, ASK_MAX_VOCAB, -1, err)) return false;
    return c->image_id < n_vocab ||
           ask_config_fail(root, key, err, "%lld is not in a vocabulary of %lld",
                           (long long)c->image_id, (long long)n_vocab);
}

/* The text's beginning, of an encoder-decoder its answer's; where a published Vicuna still
 * has the class's old spelling, 2, which is what the tokenizer of its authors began with.
 */
static bool read_lead(ask_blip2_config *c, ask_json_value text, ask_error *err)
{
    static const char old[] = "LLaMAForCausalLM", key[] = "architectures.0";
    const char *class = "";
    if (c->kind != ASK_BLIP2 &&
        ask_json_type_of(ask_json_find(text, key)) == ASK_JSON_STRING &&
        !ask_json_get_string(&class, text, key, err))
        return ask_fail_as(err, ASK_ERR_MODEL);
    const ask_language_sizes sizes = ask_language_config_sizes(&c->text);
    int64_t begin = sizes.begin_id;
    c->lead_id = sizes.start_id;
    if (sizes.n_encoder_layers > 0) return true;
    if (!ask_config_int(&begin, text, "bos_token_id", 0, ASK_MAX_VOCAB, begin, err))
        return false;
    c->lead_id = strcmp(class, old) == 0 ? 2 : begin;
    return true;
}

bool ask_blip2_config_read(ask_blip2_config *out, ask_blip2_kind kind, ask_json_value root,
                           ask_error *err)
{
    ask_blip2_config c = {.kind = kind};
    ask_json_value text;
    bool ok = read_sight(&c.sight, root, kind != ASK_BLIP2, err) &&
              ask_config_object(&text, root, "text_config", err) &&
              ask_language_config_read(&c.text, text, "opt", err) &&
              read_placeholder(&c, root, err) && read_lead(&c, text, err);
    if (ok) *out = c;
    return ok;
}

/* ---- rows ---- */

void ask_blip2_bind(ask_blip2 *out, ask_params *p, const ask_blip2_config *config)
{
    const ask_blip2_sight_config *sight = &config->sight;
    out->config = *config;
    bind_sight(&out->sight, p,
               config->kind == ASK_BLIP2 ? &ask_qformer_blip2 : &ask_qformer_instruct,
               sight);
    ask_dense_bind(&out->projection, p, "language_projection", sight->qformer.width,
                   ask_language_config_sizes(&config->text).width, sight->init);
    ask_language_bind(&out->text, p, "language_model.", &config->text);
}

int ask_blip2_n_instruction(const ask_blip2_config *c)
{
    return c->kind == ASK_BLIP2 ? 0 : c->sight.qformer.n_positions;
}

ask_tensor *ask_blip2_rows(ask_graph *g, const ask_blip2 *m, ask_tensor *seen,
                           const ask_blip2_told *told)
{
    ask_tensor *queries = ask_blip2_ask(g, &m->sight, seen, told); // [F, Q, C]
    return ask_name(g, ask_dense_build(g, &m->projection, queries), "language_projection");
}

ask_tensor *ask_blip2_cells(ask_graph *g, const ask_blip2 *m)
{
    ask_tensor *looks = ask_qformer_looks(g, &m->config.sight.qformer, "qformer.");
    if (!looks) return NULL;
    int64_t n = ask_tensor_dim(looks, 2);
    looks = ask_contiguous(g, ask_slice(g, looks, 2, 1, n)); // [F, Q, N]
    return ask_reshape(g, looks, 2, (int64_t[]){-1, n - 1});
}

/* ---- against texts ---- */

bool ask_blip2_retrieval_config_read(ask_blip2_retrieval_config *out, ask_json_value root,
                                     ask_error *err)
{
    static const char key[] = "use_qformer_text_input";
    ask_blip2_retrieval_config c;
    if (!read_sight(&c.sight, root, false, err) ||
        !ask_config_size(&c.n_embed, root, "image_text_hidden_size", ASK_MAX_WIDTH, 256,
                         err))
        return false;
    if (!c.sight.qformer.has_text) {
        ask_json_value v;
        return ask_config_object(&v, root, "qformer_config", err) &&
               ask_config_fail(v, key, err, "without texts there is nothing to compare");
    }
    *out = c;
    return true;
}

void ask_blip2_retrieval_bind(ask_blip2_retrieval *out, ask_params *p,
                              const ask_blip2_retrieval_config *config)
{
    int64_t width = config->sight.qformer.width;
    double init = config->sight.init;
    out->config = *config;
    bind_sight(&out->sight, p, &ask_qformer_retrieval, &config->sight);
    ask_dense_bind(&out->vision_projection, p, "vision_projection", width, config->n_embed,
                   init);
    ask_dense_bind(&out->text_projection, p, "text_projection", width, config->n_embed,
                   init);
    ask_dense_bind(&out->match, p, "itm_head", width, 2, init);
}

/* As PyTorch's normalize has it. */
static ask_tensor *unit(ask_graph *g, ask_tensor *x)
{
    return ask_l2_normalize(g, x, 1e-12);
}

ask_tensor *ask_blip2_image(ask_graph *g, const ask_blip2_retrieval *m, ask_tensor *seen)
{
    ask_tensor *queries = ask_blip2_ask(g, &m->sight, seen, NULL); // [B, Q, C]
    return unit(g, ask_dense_build(g, &m->vision_projection, queries));
}

ask_tensor *ask_blip2_text(ask_graph *g, const ask_blip2_retrieval *m,
                           const ask_blip2_told *text)
{
    const ask_qformer_input in = {.ids = text->ids, .mask = text->mask, .trace = "text."};
    ask_tensor *states = ask_qformer_states(g, &m->sight.qformer, &in); // [B, L, C]
    if (!states) return NULL;
    int64_t shape[2] = {ask_tensor_dim(states, 0), ask_tensor_dim(states, 2)};
    ask_tensor *first = ask_contiguous(g, ask_slice(g, states, 1, 0, 1));
    first = ask_reshape(g, first, 2, shape);
    return unit(g, ask_dense_build(g, &m->text_projection, first));
}

ask_tensor *ask_blip2_similarity(ask_graph *g, ask_tensor *image, ask_tensor *text)
{
    return ask_max(g, ask_matmul_t(g, image, text), 1, false); // of [Bi, Q, Bt]
}

ask_tensor *ask_blip2_match(ask_graph *g, const ask_blip2_retrieval *m, ask_tensor *seen,
                            const ask_blip2_told *text)
{
    enum { QUERIES = 1u << 1 };
    ask_tensor *queries = ask_blip2_ask(g, &m->sight, seen, text); // [B, Q, C]
    ask_tensor *logits = ask_dense_build(g, &m->match, queries);   // [B, Q, 2]
    return ask_mean(g, logits, QUERIES, false);
}
