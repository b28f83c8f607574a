/* Sizes and parameters. */
#include "net/joint/glance_focus.h"

#include <math.h>

#include "base/str.h"

enum { RELEASED_HEADS = 8, RELEASED_OPTIONS = 4, ROBERTA_HEAD_WIDTH = 64 };
static const double NORM_EPS = 1e-5, RESIZE_EPS = 1e-12;

const char *const ask_glance_focus_ignored[] = {"*embeddings.position_ids", NULL};

/* ---- sizes ---- */

/* RoBERTa-base (Liu et al. 2019), as it is published. */
static ask_bert_config roberta_base(void)
{
    ask_bert_config c;
    ask_error err;
    if (!ask_bert_config_read(&c, ASK_ROBERTA, (ask_json_value){0}, &err))
        return (ask_bert_config){0};
    c.n_positions = 514;
    c.n_types = 1;
    c.stack.eps = 1e-5;
    return c;
}

ask_glance_focus_config ask_glance_focus_paper(void)
{
    return (ask_glance_focus_config){
        .width = 512,
        .inner = 2048,
        .n_layers = 2,
        .n_heads = 8,
        .n_queries = 10,
        .n_features = 1024,
        .n_frames = 80,
        .n_classes = 111,
        .head = ASK_ANSWER_OPTIONS,
        .n_answers = 1,
        .n_options = 4,
        .has_memory = true,
        .places = ASK_FRAMES_BARE,
        .dropout = 0.1,
        .text = roberta_base(),
    };
}

ask_glance_focus_config ask_glance_focus_released(void)
{
    ask_glance_focus_config paper = ask_glance_focus_paper(),
                            c = {
                                .n_heads = RELEASED_HEADS,
                                .n_frames = paper.n_frames,
                                .has_memory = true,
                                .compat = {.added_masks = true,
                                           .tail_memory = true,
                                           .first_layer = true},
                                .dropout = paper.dropout,
                                .text = paper.text,
                            };
    c.text.n_vocab = c.text.n_types = c.text.n_positions = 0;
    c.text.stack.width = c.text.stack.inner = 0;
    c.text.stack.n_layers = c.text.stack.n_heads = 0;
    return c;
}

/* ---- sizes that are left open ---- */

static void take_size(int *size, const ask_params *p, int axis, int otherwise,
                      const char *name)
{
    if (*size) return;
    int64_t found = ask_params_size(p, axis, otherwise, "%s", name);
    *size = found < 1 ? 1 : found > ASK_MAX_VOCAB ? ASK_MAX_VOCAB : (int)found;
}

/* The layers "<name>.0.<part>", "<name>.1.<part>", ... */
static void take_layers(int *n, const ask_params *p, int otherwise, const char *name,
                        const char *part)
{
    if (*n) return;
    while (*n < ASK_MAX_LAYERS && ask_params_size(p, 0, 0, "%s.%d.%s", name, *n, part) > 0)
        (*n)++;
    if (!*n) *n = otherwise;
}

#define TEXT "transformer.text_encoder."

static void take_text_sizes(ask_bert_config *c, const ask_params *p,
                            const ask_bert_config *paper)
{
    ask_stack_config *s = &c->stack;
    take_size(&c->n_vocab, p, 0, paper->n_vocab, TEXT "embeddings.word_embeddings.weight");
    take_size(&c->n_positions, p, 0, paper->n_positions,
              TEXT "embeddings.position_embeddings.weight");
    take_size(&c->n_types, p, 0, paper->n_types,
              TEXT "embeddings.token_type_embeddings.weight");
    take_size(&s->width, p, 1, paper->stack.width,
              TEXT "embeddings.word_embeddings.weight");
    take_size(&s->inner, p, 0, paper->stack.inner,
              TEXT "encoder.layer.0.intermediate.dense.weight");
    take_layers(&s->n_layers, p, paper->stack.n_layers, TEXT "encoder.layer",
                "output.LayerNorm.weight");
    if (s->n_heads) return;
    s->n_heads = s->width % ROBERTA_HEAD_WIDTH ? 1 : s->width / ROBERTA_HEAD_WIDTH;
}

static void take_head(ask_glance_focus_config *c, const ask_params *p)
{
    if (c->n_answers) return;
    bool has_two = ask_params_has(p, "answer_head.0.weight");
    c->head = has_two ? ASK_ANSWER_OPTIONS : ASK_ANSWER_VOCABULARY;
    if (has_two) c->n_answers = 1;
    if (has_two && !c->n_options) c->n_options = RELEASED_OPTIONS;
    take_size(&c->n_answers, p, 0, 1, "answer_head.weight");
}

static ask_glance_focus_config complete(const ask_glance_focus_config *config,
                                        const ask_params *p)
{
    const ask_glance_focus_config paper = ask_glance_focus_paper();
    ask_glance_focus_config c = *config;
    take_size(&c.width, p, 1, paper.width, "query_embed.weight");
    take_size(&c.n_queries, p, 0, paper.n_queries, "query_embed.weight");
    take_size(&c.inner, p, 0, paper.inner, "transformer.encoder.layers.0.linear1.weight");
    take_layers(&c.n_layers, p, paper.n_layers, "transformer.encoder.layers",
                "norm1.weight");
    take_size(&c.n_features, p, 1, paper.n_features, "input_proj.main.0.weight_v");
    take_size(&c.n_classes, p, 0, paper.n_classes, "event_class_embed.weight");
    take_head(&c, p);
    take_text_sizes(&c.text, p, &paper.text);
    return c;
}

/* ---- parameters ---- */

/* A linear layer as PyTorch begins it. */
static void bind_dense(ask_dense *out, ask_params *p, const char *name, int64_t n_in,
                       int64_t n_out)
{
    ask_dense_bind(out, p, name, n_in, n_out, 1 / sqrt(3.0 * (double)n_in));
}

static ask_tensor *bind_table(ask_params *p, const char *name, int64_t n, int64_t width)
{
    return ask_param(p, ask_init_normal(1), 2, (int64_t[]){n, width}, "%s.weight", name);
}

/* The gain begins as the expected length of v. */
static void bind_projection(ask_feature_projection *out, ask_params *p, int64_t n_in,
                            int64_t width)
{
    static const char name[] = "input_proj.main.0";
    double deviation = 1 / sqrt(3.0 * (double)n_in);
    double length = deviation * sqrt((double)n_in * (double)width);
    out->gain = ask_param(p, ask_init_value(length), 0, NULL, "%s.weight_g", name);
    out->v = ask_param(p, ask_init_normal(deviation), 2, (int64_t[]){width, n_in},
                       "%s.weight_v", name);
    out->b = ask_param(p, ask_init_value(0), 1, &width, "%s.bias", name);
}

static void bind_attention(ask_packed_attention *out, ask_params *p, const char *layer,
                           const char *part, const ask_glance_focus_config *c)
{
    char name[256];
    ask_format(name, sizeof name, "%s.%s", layer, part);
    ask_packed_attention_bind(out, p, name, c->width, c->n_heads);
}

static void bind_mlp(ask_dense *in, ask_dense *out, ask_params *p, const char *layer,
                     const ask_glance_focus_config *c)
{
    double deviation = ask_glorot(c->width, c->inner);
    char name[256];
    ask_format(name, sizeof name, "%s.linear1", layer);
    ask_dense_bind(in, p, name, c->width, c->inner, deviation);
    ask_format(name, sizeof name, "%s.linear2", layer);
    ask_dense_bind(out, p, name, c->inner, c->width, deviation);
}

static void bind_norm(ask_norm *out, ask_params *p, const char *layer, int i, int64_t width)
{
    char name[256];
    ask_format(name, sizeof name, "%s.norm%d", layer, i);
    ask_norm_bind(out, p, name, width, NORM_EPS);
}

static void bind_encoder_layer(ask_glance_encoder_layer *out, ask_params *p,
                               const char *name, const ask_glance_focus_config *c)
{
    bind_attention(&out->attention, p, name, "self_attn", c);
    bind_mlp(&out->in, &out->out, p, name, c);
    bind_norm(&out->norm1, p, name, 1, c->width);
    bind_norm(&out->norm2, p, name, 2, c->width);
}

static void bind_decoder_layer(ask_glance_decoder_layer *out, ask_params *p,
                               const char *name, const ask_glance_focus_config *c)
{
    bind_attention(&out->own, p, name, "self_attn", c);
    bind_attention(&out->cross, p, name, "cross_attn_image", c);
    bind_mlp(&out->in, &out->out, p, name, c);
    for (int i = 0; i < 5; i++) bind_norm(&out->norm[i], p, name, i + 1, c->width);
}

static void bind_transformer(ask_glance_focus *out, ask_params *p)
{
    const ask_glance_focus_config *c = &out->config;
    size_t n = (size_t)c->n_layers;
    out->encoder = ask_params_array(p, n, sizeof *out->encoder);
    out->decoder = ask_params_array(p, n, sizeof *out->decoder);
    if (!out->encoder || !out->decoder) return;
    for (int i = 0; i < c->n_layers; i++) {
        char name[256];
        ask_format(name, sizeof name, "transformer.encoder.layers.%d", i);
        bind_encoder_layer(&out->encoder[i], p, name, c);
        ask_format(name, sizeof name, "transformer.decoder.layers.%d", i);
        bind_decoder_layer(&out->decoder[i], p, name, c);
    }
    ask_norm_bind(&out->decoder_norm, p, "transformer.decoder.norm", c->width, NORM_EPS);
}

static void bind_events(ask_glance_focus *out, ask_params *p)
{
    const int64_t width = out->config.width;
    bind_dense(&out->classes, p, "event_class_embed", width, out->config.n_classes);
    for (int i = 0; i < 3; i++) {
        char name[256];
        ask_format(name, sizeof name, "span_embed.layers.%d", i);
        bind_dense(&out->span[i], p, name, width, i < 2 ? width : 2);
    }
}

static void bind_head(ask_glance_focus *out, ask_params *p)
{
    const ask_glance_focus_config *c = &out->config;
    const int64_t width = c->width;
    switch (c->head) {
    case ASK_ANSWER_OPTIONS:
        bind_dense(&out->head[0], p, "answer_head.0", width, 2 * width);
        bind_dense(&out->head[1], p, "answer_head.2", 2 * width, 1);
        return;
    case ASK_ANSWER_MOMENT:
        bind_dense(&out->head[0], p, "answer_head", width, width);
        return;
    case ASK_ANSWER_VOCABULARY:
    case ASK_ANSWER_COUNT:
        bind_dense(&out->head[0], p, "answer_head", width, c->n_answers);
    }
}

/* ---- what is not learnt ---- */

/* Row t: sines and cosines of t in turn, their wavelengths from 2 pi to 20000 pi. */
static const float *make_waves(ask_params *p, int n, int width)
{
    static const double LONGEST = 10000;
    float *waves = ask_params_array(p, (size_t)n * (size_t)width, sizeof *waves);
    for (int64_t i = 0; waves && i < (int64_t)n * width; i++) {
        int64_t t = i / width, channel = i % width;
        double pair = (double)(channel - channel % 2);
        double angle = (double)t * pow(LONGEST, -pair / width);
        waves[i] = (float)(channel % 2 ? cos(angle) : sin(angle));
    }
    return waves;
}

void ask_glance_focus_bind(ask_glance_focus *out, ask_params *p,
                           const ask_glance_focus_config *config)
{
    *out = (ask_glance_focus){.config = complete(config, p)};
    const ask_glance_focus_config *c = &out->config;
    bind_projection(&out->projection, p, c->n_features, c->width);
    bind_transformer(out, p);
    out->query_table = bind_table(p, "query_embed", c->n_queries, c->width);
    out->question_query = bind_table(p, "qa_embed", 1, c->width);
    out->slot_table = bind_table(p, "position_embeddings", c->n_queries, c->width);
    bind_events(out, p);
    bind_head(out, p);
    ask_bert_bind(&out->text, p, TEXT, &c->text);
    bind_dense(&out->resize, p, "transformer.resizer.fc", c->text.stack.width, c->width);
    ask_norm_bind(&out->resize_norm, p, "transformer.resizer.layer_norm", c->width,
                  RESIZE_EPS);
    if (c->places == ASK_FRAMES_WAVES) out->waves = make_waves(p, c->n_frames, c->width);
}

/* ---- work ---- */

/* Multiply-adds of an attention: its projections for n_q queries and n_k items, and what
 * they make of one another. */
static double attention_work(const ask_glance_focus_config *c, double n_q, double n_k)
{
    double width = c->width;
    return 2 * width * width * (n_q + n_k) + 2 * n_q * n_k * width;
}

static double mlp_work(const ask_glance_focus_config *c, double n)
{
    return 2 * (double)c->width * c->inner * n;
}

static double encoder_work(const ask_glance_focus_config *c, double n)
{
    return c->n_layers * (attention_work(c, n, n) + mlp_work(c, n));
}

double ask_glance_flops(const ask_glance_focus_config *c, int n_frames)
{
    double n = n_frames, width = c->width, q = c->n_queries, all = q + 1;
    double work = n * width * c->n_features;
    work += q * width * (2 * width + 2 + c->n_classes);
    if (c->has_memory) {
        work += encoder_work(c, n);
        work += c->n_layers * (attention_work(c, all, all) + attention_work(c, all, n) +
                               mlp_work(c, all));
    }
    return 2 * work;
}

double ask_focus_flops(const ask_glance_focus_config *c, int n_frames, int n_tokens)
{
    double n = n_frames, l = n_tokens, q = c->n_queries, all = q + 1, width = c->width;
    int n_layers = c->compat.first_layer ? 1 : c->n_layers;
    double layer = attention_work(c, all, all) + attention_work(c, l, q) +
                   attention_work(c, l, n) + attention_work(c, all, l) + mlp_work(c, all);
    double head = c->head == ASK_ANSWER_OPTIONS  ? 2 * width * (width + 1)
                  : c->head == ASK_ANSWER_MOMENT ? width * (width + q)
                                                 : width * c->n_answers;
    double work = l * width * c->text.stack.width + encoder_work(c, n + q + l) +
                  n_layers * layer + head;
    return 2 * work + ask_bert_flops(&c->text, n_tokens);
}
