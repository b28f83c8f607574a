/* What becomes of few bits from layer to layer: two models on the same inputs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/str.h"
#include "model/model_priv.h"
#include "model/verify_against_priv.h"

enum { MOST_INPUTS = 4, LETTERS = 128 };

/* A graph of all that a model does with texts and pictures. */
typedef struct {
    ask_model *model;
    ask_graph *graph;
    ask_rng rng;
    int n_tokens;
    ask_error *err;
    ask_tensor *in[MOST_INPUTS]; // drawn in this order
    uint64_t below[MOST_INPUTS]; // ids below; 0: they are real numbers, or positions
    int64_t last[MOST_INPUTS];   // the last id; -1: as any other
    int n_in;
} running;

/* Of each trace: its name and values. */
typedef struct {
    char name[LETTERS];
    float *values; // owned
    int64_t n;
} trace;

typedef struct {
    trace *items;
    int n;
} traces;

static void traces_free(traces *t)
{
    for (int i = 0; i < t->n; i++) free(t->items[i].values);
    free(t->items);
    *t = (traces){0};
}

/* ---- building ---- */

static ask_tensor *add_input(running *r, ask_dtype type, int n_dims, const int64_t *shape,
                             uint64_t below, int64_t last)
{
    ask_tensor *t = ask_input(r->graph, type, n_dims, shape);
    r->below[r->n_in] = below;
    r->last[r->n_in] = last;
    r->in[r->n_in++] = t;
    return t;
}

static int tokens_of(const running *r, int n_context)
{
    return r->n_tokens < n_context ? r->n_tokens : n_context;
}

static void build_language(running *r, const network_language *language)
{
    const void *net = r->model->net;
    network_language_sizes s = language->sizes(net);
    const int64_t shape[2] = {1, tokens_of(r, s.n_context)};
    ask_tensor *ids = add_input(r, ASK_I64, 2, shape, (uint64_t)s.n_vocab, -1);
    ask_tensor *positions = ask_reshape(r->graph, ask_range(r->graph, shape[1]), 2, shape);
    const ask_decoder_view view = {.positions = positions, .trace = ""};
    ask_tensor *x = language->embed(r->graph, net, ids);
    x = language->read(r->graph, net, x, &view);
    ask_keep(r->graph, ask_name(r->graph, language->logits(r->graph, net, x), "logits"));
}

static void build_text(running *r, const network_text *text)
{
    const void *net = r->model->net;
    network_text_sizes s = text->sizes(net);
    const int64_t shape[2] = {1, tokens_of(r, s.n_context)};
    ask_tensor *ids = add_input(r, ASK_I64, 2, shape, (uint64_t)s.n_vocab, s.end_id);
    ask_keep(r->graph, ask_name(r->graph, text->embed(r->graph, net, ids), "text_embeds"));
}

static void build_picture(running *r, const network_dual *dual)
{
    network_dual_sizes s = dual->sizes(r->model->net);
    const int64_t shape[4] = {1, s.n_channels, s.image_px, s.image_px};
    ask_tensor *pixels = add_input(r, ASK_F32, 4, shape, 0, -1);
    ask_tensor *y = dual->image(r->graph, r->model->net, pixels);
    ask_keep(r->graph, ask_name(r->graph, y, "image_embeds"));
}

static void build_rows(running *r, const network_visual *visual)
{
    network_visual_sizes s = visual->sizes(r->model->net);
    const int64_t frames[4] = {1, s.n_channels, s.image_px, s.image_px};
    const int64_t features[2] = {4, s.n_features};
    bool sees_frames = s.image_px > 0;
    ask_tensor *x =
        add_input(r, ASK_F32, sees_frames ? 4 : 2, sees_frames ? frames : features, 0, -1);
    ask_tensor *y = visual->rows(r->graph, r->model->net, x);
    ask_keep(r->graph, ask_name(r->graph, y, "visual_rows"));
}

static void build_video(running *r, const network_video *video)
{
    network_video_sizes s = video->sizes(r->model->net);
    const int64_t shape[5] = {1, 3, s.n_frames, s.side_px, s.side_px};
    ask_tensor *clip = add_input(r, ASK_F32, 5, shape, 0, -1);
    ask_keep(r->graph, ask_name(r->graph, video->embed(r->graph, r->model->net, clip),
                                "video_embeds"));
}

static void build(running *r)
{
    const network *n = r->model->network;
    const void *net = r->model->net;
    ask_graph_want(r->graph, "*hidden_states.*");
    if (n->visual) build_rows(r, n->visual);
    if (network_dual_of(n, net)) build_picture(r, network_dual_of(n, net));
    if (n->video) build_video(r, n->video);
    if (network_text_of(n, net)) build_text(r, network_text_of(n, net));
    if (n->language) build_language(r, n->language);
}

/* ---- running ---- */

static bool draw_ids(running *r, int i, int64_t *ids, int64_t n)
{
    for (int64_t k = 0; k < n; k++) ids[k] = (int64_t)ask_rng_below(&r->rng, r->below[i]);
    if (r->last[i] >= 0 && n > 0) ids[n - 1] = r->last[i];
    return ask_tensor_write(r->in[i], ids, (size_t)n * sizeof *ids, r->err);
}

static bool draw_reals(running *r, int i, float *reals, int64_t n)
{
    for (int64_t k = 0; k < n; k++) reals[k] = (float)ask_rng_normal(&r->rng);
    return ask_tensor_write(r->in[i], reals, (size_t)n * sizeof *reals, r->err);
}

static bool draw_inputs(running *r)
{
    for (int i = 0; i < r->n_in; i++) {
        int64_t n = ask_tensor_count(r->in[i]);
        void *room = malloc((size_t)n * sizeof(int64_t) + 1);
        if (!room) return ask_fail_memory(r->err);
        bool ok = r->below[i] ? draw_ids(r, i, room, n) : draw_reals(r, i, room, n);
        free(room);
        if (!ok) return false;
    }
    return true;
}

static bool read_trace(trace *out, const ask_tensor *t, ask_error *err)
{
    out->n = ask_tensor_count(t);
    size_t bytes = (size_t)out->n * sizeof(float);
    ask_format(out->name, sizeof out->name, "%s", ask_tensor_name(t));
    out->values = malloc(bytes + 1);
    if (!out->values) return ask_fail_memory(err);
    return ask_tensor_read(t, out->values, bytes, err);
}

static bool read_traces(traces *out, const ask_graph *g, ask_error *err)
{
    int n = 0, at = 0;
    while (ask_graph_next_trace(g, &at)) n++;
    out->items = calloc((size_t)n + 1, sizeof *out->items);
    if (!out->items) return ask_fail_memory(err);
    at = 0;
    for (int i = 0; i < n; i++)
        if (!read_trace(&out->items[out->n++], ask_graph_next_trace(g, &at), err))
            return false;
    return true;
}

static bool run(running *r, const ask_cancel *cancel)
{
    const ask_plan_options plan = {.backends = &r->model->backend, .n_backends = 1};
    const ask_run_options opt = {.cancel = cancel};
    build(r);
    if (r->n_in == 0) return true;
    return ask_graph_plan(r->graph, &plan, r->err) && draw_inputs(r) &&
           ask_graph_run(r->graph, &opt, r->err);
}

/* All that a model gives. */
static bool run_model(traces *out, const char *dir, const ask_verify_against_options *opt,
                      ask_error *err)
{
    const ask_model_options options = {.n_threads = opt->n_threads,
                                       .network = opt->network};
    ask_rng root = ask_rng_new(opt->seed);
    running r = {
        .rng = ask_rng_split(&root, "layers"), .n_tokens = opt->n_tokens, .err = err};
    r.model = ask_model_open(dir, &options, err);
    r.graph = r.model ? ask_graph_new(err) : NULL;
    bool ok = r.graph && run(&r, opt->cancel) && read_traces(out, r.graph, err);
    ask_graph_free(r.graph);
    ask_model_close(r.model);
    return ok;
}

/* ---- comparing ---- */

static double error_between(const trace *ours, const trace *original)
{
    double off = 0, all = 0;
    for (int64_t i = 0; i < original->n; i++) {
        double d = (double)ours->values[i] - original->values[i];
        off += d * d;
        all += (double)original->values[i] * original->values[i];
    }
    return all > 0 ? sqrt(off / all) : sqrt(off);
}

static bool compare(ask_verify_against_report *r, ask_arena *texts, const traces *ours,
                    const traces *original, ask_error *err)
{
    r->layers = calloc((size_t)original->n + 1, sizeof *r->layers);
    if (!r->layers) return ask_fail_memory(err);
    for (int i = 0; i < original->n && i < ours->n; i++) {
        const trace *a = &ours->items[i], *b = &original->items[i];
        if (strcmp(a->name, b->name) != 0 || a->n != b->n)
            return ask_fail(err, ASK_ERR_MODEL,
                            "the two models differ in more than their bits: %s", b->name);
        const char *name = ask_arena_strdup(texts, b->name);
        if (!name) return ask_fail_memory(err);
        r->layers[r->n_layers++] = (ask_verify_layer){name, error_between(a, b)};
    }
    return true;
}

bool verify_layers(ask_verify_against_report *r, ask_arena *texts, const char *dir,
                   const char *original, const ask_verify_against_options *opt,
                   ask_error *err)
{
    traces a = {0}, b = {0};
    bool ok = run_model(&a, dir, opt, err) && run_model(&b, original, opt, err) &&
              compare(r, texts, &a, &b, err);
    traces_free(&a);
    traces_free(&b);
    return ok;
}
