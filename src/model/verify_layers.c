/* What becomes of few bits from layer to layer: two models on the same inputs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/str.h"
#include "model/model_priv.h"
#include "model/verify_against_priv.h"
#include "tensor/cpu/cpu.h"

enum { MOST_INPUTS = 5, LETTERS = 128 };

/* How a network is run. */
typedef enum {
    AS_IT_IS,
    WIDENED, // its weights of few bits as f32
    ROUNDED, // the original with those weights rounded by the reference, as f32
} manner;

/* A network with its weights. */
typedef struct {
    const network *network;
    void *net;
    ask_weights *weights;
    ask_arena *room;
    ask_backend *backend;
    ask_store *store;
} subject;

/* A graph of all that a network does with texts and pictures. */
typedef struct {
    const subject *subject;
    ask_graph *graph;
    ask_rng rng;
    int n_tokens;
    ask_error *err;
    ask_tensor *in[MOST_INPUTS]; // drawn in this order
    uint64_t below[MOST_INPUTS]; // ids below this; 0: they are real numbers
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

/* ---- opening ---- */

static bool bind(subject *s, const char *dir, ask_json_value config, manner how,
                 ask_error *err)
{
    const network *n = s->network;
    s->net = ask_arena_alloc64(s->room, n->net_bytes);
    if (!s->net) return ask_fail_memory(err);
    if (!n->read_config(s->net, config, err)) return false;
    if (!model_put_adapter(s->weights, n, dir, err)) return false;
    ask_params *p = how == AS_IT_IS
                        ? ask_params_open(s->store, s->weights, s->room, err)
                        : ask_params_trainable(s->store, s->weights, s->room, err);
    if (!p) return false;
    n->bind(s->net, p);
    return ask_params_finish(p, n->ignored, err) &&
           (!n->read_beside || n->read_beside(s->net, dir, s->room, err));
}

static bool open_subject(subject *s, const char *dir, manner how,
                         const ask_verify_against_options *opt, ask_error *err)
{
    const ask_cpu_options cpu = {.n_threads = opt->n_threads};
    s->room = ask_arena_new(0);
    if (!s->room) return ask_fail_memory(err);
    if (!(s->backend = ask_cpu_open(&cpu, err)) ||
        !(s->store = ask_store_new(s->backend, err)) ||
        !(s->weights = ask_weights_open(dir, err)))
        return false;
    ask_json *config = model_config_in(dir, err);
    if (!config) return false;
    ask_json_value root = ask_json_root(config);
    s->network = network_find(opt->network, root, s->weights, err);
    bool ok = s->network && bind(s, dir, root, how, err);
    ask_json_free(config);
    return ok;
}

static void close_subject(subject *s)
{
    ask_store_free(s->store);
    ask_backend_close(s->backend);
    ask_arena_free(s->room);
    ask_weights_close(s->weights);
}

static bool round_matrix(ask_tensor *t, ask_dtype type, ask_error *err)
{
    int64_t n = ask_tensor_dim(t, 0), k = ask_tensor_dim(t, 1);
    size_t bytes = ask_tensor_bytes(t);
    float *values = malloc(bytes + 1);
    if (!values) return ask_fail_memory(err);
    bool ok = ask_tensor_read(t, values, bytes, err);
    for (int64_t i = 0; i < n && ok; i++)
        verify_scalar_round(type, values + i * k, values + i * k, k);
    ok = ok && ask_tensor_write(t, values, bytes, err);
    free(values);
    return ok;
}

/* Rounds those matrices of a network that are of few bits in ours. */
static bool round_matrices(subject *s, const char *ours, ask_error *err)
{
    ask_weights *w = ask_weights_open(ours, err);
    bool ok = w;
    for (int i = 0; i < ask_store_count(s->store) && ok; i++) {
        ask_tensor *t = ask_store_at(s->store, i);
        const ask_weights_entry *e = ask_weights_find(w, ask_tensor_name(t));
        // A head that gets more rows than the file has is not of the file.
        bool is_coded = e && (e->type == ASK_Q8 || e->type == ASK_Q4) &&
                        ask_tensor_dim(t, 0) == e->shape[0];
        ok = !is_coded || round_matrix(t, e->type, err);
    }
    ask_weights_close(w);
    return ok;
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
    const void *net = r->subject->net;
    const ask_language *m = language->of(net);
    ask_language_sizes s = ask_language_sizes_of(m);
    const int64_t shape[2] = {1, tokens_of(r, s.n_context)};
    ask_tensor *ids = add_input(r, ASK_I64, 2, shape, (uint64_t)s.n_vocab, -1);
    ask_decoder_source source = {0};
    if (s.n_encoder_layers > 0) { // it answers, and with the same tokens
        ask_tensor *places = ask_language_embed(r->graph, m, ids);
        source.states = ask_language_encode(r->graph, m, places, NULL, "");
    }
    ask_tensor *positions = ask_reshape(r->graph, ask_range(r->graph, shape[1]), 2, shape);
    const ask_decoder_view view = {.positions = positions, .source = &source, .trace = ""};
    ask_tensor *x = ask_language_embed(r->graph, m, ids);
    x = ask_language_build(r->graph, m, x, &view);
    ask_keep(r->graph, ask_name(r->graph, ask_language_logits(r->graph, m, x), "logits"));
}

static void build_text(running *r, const network_text *text)
{
    const void *net = r->subject->net;
    network_text_sizes s = text->sizes(net);
    const int64_t shape[2] = {1, tokens_of(r, s.n_context)};
    ask_tensor *ids = add_input(r, ASK_I64, 2, shape, (uint64_t)s.n_vocab, s.end_id);
    ask_keep(r->graph, ask_name(r->graph, text->embed(r->graph, net, ids), "text_embeds"));
}

static void build_picture(running *r, const network_dual *dual)
{
    network_dual_sizes s = dual->sizes(r->subject->net);
    const int64_t shape[4] = {1, s.n_channels, s.image_px, s.image_px};
    ask_tensor *pixels = add_input(r, ASK_F32, 4, shape, 0, -1);
    ask_tensor *y = dual->image(r->graph, r->subject->net, pixels);
    ask_keep(r->graph, ask_name(r->graph, y, "image_embeds"));
}

static void build_rows(running *r, const network_visual *visual)
{
    network_visual_sizes s = visual->sizes(r->subject->net);
    const int64_t frames[4] = {1, s.n_channels, s.image_px, s.image_px};
    const int64_t features[2] = {4, s.n_features};
    bool sees_frames = s.image_px > 0;
    ask_tensor *x =
        add_input(r, ASK_F32, sees_frames ? 4 : 2, sees_frames ? frames : features, 0, -1);
    network_instruction told = {NULL};
    if (s.n_instruction > 0)
        told.ids = add_input(r, ASK_I64, 2, (const int64_t[]){1, 4},
                             (uint64_t)s.n_instruction_vocab, -1);
    if (visual->look) x = visual->look(r->graph, r->subject->net, x);
    ask_tensor *y = visual->rows(r->graph, r->subject->net, x, told.ids ? &told : NULL);
    ask_keep(r->graph, ask_name(r->graph, y, "visual_rows"));
}

static void build_video(running *r, const network_video *video)
{
    network_video_sizes s = video->sizes(r->subject->net);
    const int64_t shape[5] = {1, 3, s.n_frames, s.side_px, s.side_px};
    ask_tensor *clip = add_input(r, ASK_F32, 5, shape, 0, -1);
    ask_keep(r->graph, ask_name(r->graph, video->embed(r->graph, r->subject->net, clip),
                                "video_embeds"));
}

static void build(running *r)
{
    const network *n = r->subject->network;
    const void *net = r->subject->net;
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
    ask_backend *backend = r->subject->backend;
    const ask_plan_options plan = {.backends = &backend, .n_backends = 1};
    const ask_run_options opt = {.cancel = cancel};
    build(r);
    if (r->n_in == 0) return true;
    return ask_graph_plan(r->graph, &plan, r->err) && draw_inputs(r) &&
           ask_graph_run(r->graph, &opt, r->err);
}

static bool run_subject(traces *out, const subject *s,
                        const ask_verify_against_options *opt, ask_error *err)
{
    ask_rng root = ask_rng_new(opt->seed);
    running r = {.subject = s,
                 .rng = ask_rng_split(&root, "layers"),
                 .n_tokens = opt->n_tokens,
                 .err = err};
    r.graph = ask_graph_new(err);
    bool ok = r.graph && run(&r, opt->cancel) && read_traces(out, r.graph, err);
    ask_graph_free(r.graph);
    return ok;
}

/* All that a model gives; ours: the one of few bits. */
static bool run_model(traces *out, const char *dir, const char *ours, manner how,
                      const ask_verify_against_options *opt, ask_error *err)
{
    subject s = {0};
    bool ok = open_subject(&s, dir, how, opt, err) &&
              (how != ROUNDED || round_matrices(&s, ours, err)) &&
              run_subject(out, &s, opt, err);
    close_subject(&s);
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

/* What the models give: ours, the original, and both with nothing but weights rounded. */
typedef struct {
    traces ours, original, widened, rounded;
} all_traces;

static bool add_layer(ask_verify_against_report *r, ask_arena *texts, const all_traces *a,
                      int i, ask_error *err)
{
    const trace *right = &a->original.items[i], *ours = &a->ours.items[i];
    if (strcmp(right->name, ours->name) != 0 || right->n != ours->n)
        return ask_fail(err, ASK_ERR_MODEL,
                        "the two models differ in more than their bits: %s", right->name);
    const char *name = ask_arena_strdup(texts, right->name);
    if (!name) return ask_fail_memory(err);
    r->layers[r->n_layers++] =
        (ask_verify_layer){.name = name,
                           .error = error_between(ours, right),
                           .weights = {error_between(&a->widened.items[i], right),
                                       error_between(&a->rounded.items[i], right)}};
    return true;
}

static bool compare(ask_verify_against_report *r, ask_arena *texts, const all_traces *a,
                    ask_error *err)
{
    int n = a->original.n;
    if (a->ours.n != n || a->widened.n != n || a->rounded.n != n)
        return ask_fail(err, ASK_ERR_MODEL,
                        "the two models differ in more than their bits");
    r->layers = calloc((size_t)n + 1, sizeof *r->layers);
    if (!r->layers) return ask_fail_memory(err);
    for (int i = 0; i < n; i++)
        if (!add_layer(r, texts, a, i, err)) return false;
    return true;
}

bool verify_layers(ask_verify_against_report *r, ask_arena *texts, const char *dir,
                   const char *original, const ask_verify_against_options *opt,
                   ask_error *err)
{
    all_traces a = {0};
    bool ok = run_model(&a.ours, dir, dir, AS_IT_IS, opt, err) &&
              run_model(&a.original, original, dir, AS_IT_IS, opt, err) &&
              run_model(&a.widened, dir, dir, WIDENED, opt, err) &&
              run_model(&a.rounded, original, dir, ROUNDED, opt, err) &&
              compare(r, texts, &a, err);
    traces_free(&a.ours);
    traces_free(&a.original);
    traces_free(&a.widened);
    traces_free(&a.rounded);
    return ok;
}
