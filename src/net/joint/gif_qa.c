#include "net/joint/gif_qa.h"

#include "base/str.h"

/* ---- the configuration ---- */

static bool read_text(ask_gif_qa_config *c, ask_json_value root, ask_error *err)
{
    ask_json_value v;
    return ask_config_object(&v, root, "text_config", err) &&
           ask_language_config_read_as(&c->text, v, "gpt2", err);
}

static bool read_asker(ask_gif_qa_config *c, ask_json_value root, ask_error *err)
{
    ask_json_value v;
    return ask_config_object(&v, root, "qformer_config", err) &&
           ask_qformer_config_read(&c->asker, v, false, err);
}

bool ask_gif_qa_config_read(ask_gif_qa_config *out, ask_json_value root, ask_error *err)
{
    ask_gif_qa_config c = {0};
    if (!read_text(&c, root, err) || !read_asker(&c, root, err) ||
        !ask_config_size(&c.n_features, root, "frame_dim", ASK_MAX_WIDTH, 512, err) ||
        !ask_config_size(&c.n_queries, root, "num_query_tokens", ASK_MAX_CONTEXT, 5, err) ||
        !ask_config_size(&c.n_first, root, "context_length", ASK_MAX_CONTEXT, 2, err))
        return false;
    const ask_language_sizes text = ask_language_config_sizes(&c.text);
    if (c.n_queries + c.n_first >= text.n_context)
        return ask_config_fail(root, "num_query_tokens", err,
                               "%d rows behind %d tokens leave no room in a text of %d",
                               c.n_queries, c.n_first, text.n_context);
    c.width = text.width;
    *out = c;
    return true;
}

/* ---- binding ---- */

static void bind_guess(ask_gif_qa *out, ask_params *p, const ask_gif_qa_config *c,
                       double init)
{
    out->guess = (ask_dense){0};
    if (!ask_params_has(p, "mvm_decoder.head.weight")) return;
    ask_dense_bind(&out->guess, p, "mvm_decoder.head", c->width, c->width, init);
    ask_norm_bind(&out->guess_norm, p, "mvm_decoder.norm", c->width, 1e-5);
}

void ask_gif_qa_bind(ask_gif_qa *out, ask_params *p, const ask_gif_qa_config *config)
{
    static const ask_qformer_names names = {.layers = "Qformer.encoder.layer",
                                            .projections = "attention",
                                            .norm = "Qformer.layernorm"};
    const ask_gif_qa_config *c = config;
    const int64_t asker = c->asker.width;
    const double init = c->asker.init;
    out->config = *c;
    ask_dense_bind(&out->in, p, "image_proj", c->n_features, c->asker.seen_width, init);
    ask_dense_bind(&out->out, p, "llm_proj", asker, c->width, init);
    out->queries = ask_param(p, ask_init_normal(init), 3,
                             (int64_t[]){1, c->n_queries, asker}, "query_tokens");
    ask_qformer_bind(&out->asker, p, &names, &c->asker);
    ask_language_bind(&out->text, p, "llm.", &c->text);
    ask_gpt2_bind_adapter(&out->text.gpt2, p, "llm.");
    bind_guess(out, p, c, init);
}

bool ask_gif_qa_has_adapter(const ask_gif_qa *m)
{
    return ask_gpt2_has_adapter(&m->text.gpt2);
}

bool ask_gif_qa_adapt(ask_gif_qa *m, ask_json_value v, ask_error *err)
{
    ask_lora_config c;
    if (!ask_lora_config_read(&c, v, err)) return false;
    return ask_gpt2_scale_adapter(&m->text.gpt2, &c) ||
           ask_config_fail(v, "r", err, "the adapter's matrices are not of rank %d",
                           c.rank);
}

/* ---- building ---- */

ask_tensor *ask_gif_qa_rows(ask_graph *g, const ask_gif_qa *m, ask_tensor *frames)
{
    ask_tensor *seen = ask_name(g, ask_dense_build(g, &m->in, frames), "image_proj");
    const ask_qformer_input in = {.queries = m->queries, .seen = seen, .trace = "qformer."};
    ask_tensor *found = ask_qformer_states(g, &m->asker, &in); // [B, Q, width]
    return ask_name(g, ask_dense_build(g, &m->out, found), "visual");
}

ask_tensor *ask_gif_qa_origins(ask_graph *g, const ask_gif_qa *m)
{
    ask_tensor *looks = ask_qformer_looks(g, &m->config.asker, "qformer."); // [1, Q, F]
    if (!looks) return NULL;
    return ask_reshape(g, looks, 2, (int64_t[]){-1, ask_tensor_dim(looks, 2)});
}

/* x: [B, L, ...], rows: [B, n, ...] -> [B, L + n, ...] */
static ask_tensor *put_rows(ask_graph *g, const ask_gif_qa *m, ask_tensor *x,
                            ask_tensor *rows)
{
    if (!x || !rows) return NULL;
    ask_tensor *parts[3] = {ask_slice(g, x, 1, 0, m->config.n_first), rows,
                            ask_slice(g, x, 1, m->config.n_first, ask_tensor_dim(x, 1))};
    return ask_concat(g, parts, 3, 1);
}

/* mask: bool [B, L] -> bool [B, 1, 1, L + n]: rows are no padding. */
static ask_tensor *mask_of_all(ask_graph *g, const ask_gif_qa *m, ask_tensor *mask,
                               int64_t n)
{
    if (!mask) return NULL;
    int64_t shape[2] = {ask_tensor_dim(mask, 0), n};
    ask_tensor *kept = put_rows(g, m, ask_cast(g, mask, ASK_F32), ask_full(g, 2, shape, 1));
    return ask_reshape(g, ask_cast(g, kept, ASK_BOOL), 4,
                       (int64_t[]){shape[0], 1, 1, ask_tensor_dim(mask, 1) + n});
}

void ask_gif_qa_read(ask_gif_qa_pass *out, ask_graph *g, const ask_gif_qa *m,
                     const ask_gif_qa_text *text)
{
    *out = (ask_gif_qa_pass){0};
    ask_tensor *x = put_rows(g, m, ask_language_embed(g, &m->text, text->ids), text->rows);
    if (!x) return;
    int64_t shape[2] = {ask_tensor_dim(x, 0), ask_tensor_dim(x, 1)};
    const ask_decoder_view view = {
        .positions = ask_language_positions(g, &m->text, shape, NULL),
        .mask = mask_of_all(g, m, text->mask, ask_tensor_dim(text->rows, 1)),
        .trace = text->trace};
    out->embeds = ask_name(g, x, "%sinputs_embeds", text->trace);
    out->states = ask_language_build(g, &m->text, out->embeds, &view);
    out->logits = ask_language_logits(g, &m->text, out->states);
    ask_name(g, out->logits, "%slogits", text->trace);
}

/* ---- work ---- */

double ask_gif_qa_flops(const ask_gif_qa_config *c, double n_frames)
{
    return 2 * n_frames * c->n_features * c->asker.seen_width +
           ask_qformer_flops(&c->asker, c->n_queries, 0, n_frames) +
           2.0 * c->n_queries * c->asker.width * c->width;
}
