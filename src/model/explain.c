#include "model/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/model_priv.h"
#include "model/pictures.h"
#include "tensor/ops.h"

enum { BATCH = 4 }; // inputs of one graph: gradients keep what embedding alone would not

typedef struct {
    ask_graph *graph;
    ask_tensor *pixels, *text; // written before a run
    ask_tensor *attention, *gradient;
} explainer;

static bool has_attention(const ask_model *m)
{
    return m->network->dual->attention;
}

const char *ask_explain_method(const ask_model *m)
{
    return has_attention(m) ? "gradient-weighted attention" : "patch fit";
}

void ask_explain_layer(const ask_model *m, char *name, size_t size)
{
    if (has_attention(m))
        m->network->dual->attention(name, size, m->net);
    else
        ask_format(name, size, "vectors");
}

/* ---- patch fit ---- */

/* vectors: room for those of a batch. */
static bool fit_patches(ask_session *s, float *heat, const float *pixels, int batch,
                        const float *text, float *vectors, const ask_cancel *cancel,
                        ask_error *err)
{
    const ask_model_info info = ask_model_info_of(ask_session_model(s));
    const ask_pictures pictures = {vectors, batch, info.n_vectors, info.n_embed};
    const int n_patches = info.n_vectors - 1;
    if (!ask_embed_pixels(s, vectors, pixels, batch, cancel, err)) return false;
    for (int i = 0; i < batch; i++) {
        const float *patch = ask_picture_whole(&pictures, i) + info.n_embed;
        for (int k = 0; k < n_patches; k++, patch += info.n_embed)
            *heat++ = (float)fmax(0, ask_dot(patch, text, info.n_embed));
    }
    return true;
}

static float *new_vectors(const ask_model_info *info, ask_error *err)
{
    float *vectors = malloc((size_t)BATCH * (size_t)info->n_vectors *
                            (size_t)info->n_embed * sizeof *vectors);
    if (!vectors) ask_fail_memory(err);
    return vectors;
}

/* ---- gradient-weighted attention ---- */

/* vectors: [B, V, P], text: [1, P] -> [B, 1]: ask_picture_fit of each. */
static ask_tensor *fit(ask_graph *g, ask_tensor *vectors, ask_tensor *text)
{
    if (!vectors) return NULL;
    int64_t n_vectors = ask_tensor_dim(vectors, 1);
    ask_tensor *cosines = ask_sum(g, ask_mul(g, vectors, text), 1u << 2, false); // [B, V]
    ask_tensor *whole = ask_slice(g, cosines, 1, 0, 1);
    if (n_vectors == 1) return whole;
    ask_tensor *patches = ask_slice(g, cosines, 1, 1, n_vectors);
    return ask_scale(g, ask_add(g, whole, ask_max(g, patches, 1, true)), 0.5);
}

/* The fits of a batch, summed: inputs do not see one another, so each one's gradient is its
 * own. */
static void build(explainer *e, const ask_model *m, int batch)
{
    ask_graph *g = e->graph;
    int64_t side = m->info.image_px;
    char layer[64], kept[80];
    ask_explain_layer(m, layer, sizeof layer);
    ask_format(kept, sizeof kept, "%s.attn", layer); // the engine's name of it
    ask_graph_want(g, layer);
    e->pixels =
        ask_input(g, ASK_F32, 4, (int64_t[]){batch, m->info.n_channels, side, side});
    e->text = ask_input(g, ASK_F32, 2, (int64_t[]){1, m->info.n_embed});
    ask_tensor *fits = fit(g, m->network->dual->image(g, m->net, e->pixels), e->text);
    e->attention = ask_graph_find(g, kept); // [B, H, 1 + N, 1 + N]
    ask_graph_gradients(g, fits, &e->attention, 1, &e->gradient);
    ask_keep(g, e->attention);
    ask_keep(g, e->gradient);
}

static bool make(explainer *e, const ask_model *m, int batch, ask_error *err)
{
    const ask_plan_options opt = {.backends = &m->backend, .n_backends = 1};
    e->graph = ask_graph_new(err);
    if (!e->graph) return false;
    build(e, m, batch);
    return ask_graph_plan(e->graph, &opt, err);
}

/* heat: [batch, n_patches]; attention and gradient: [batch, n_heads, 1 + n_patches, 1 +
 * n_patches]. */
static void weigh(float *heat, const float *attention, const float *gradient, int batch,
                  int64_t n_heads, int64_t n_patches)
{
    int64_t n_tokens = 1 + n_patches, n_rows = n_heads * n_tokens;
    memset(heat, 0, (size_t)(batch * n_patches) * sizeof *heat);
    for (int64_t row = 0; row < batch * n_rows; row++) {
        const float *a = attention + row * n_tokens + 1,
                    *da = gradient + row * n_tokens + 1;
        float *out = heat + row / n_rows * n_patches;
        for (int64_t p = 0; p < n_patches; p++)
            out[p] += fmaxf(0, a[p] * da[p]) / (float)n_heads;
    }
}

static bool read_heat(float *heat, const explainer *e, int batch, ask_error *err)
{
    size_t bytes = ask_tensor_bytes(e->attention);
    float *attention = malloc(bytes), *gradient = malloc(bytes);
    bool ok = (attention && gradient) || ask_fail_memory(err);
    ok = ok && ask_tensor_read(e->attention, attention, bytes, err) &&
         ask_tensor_read(e->gradient, gradient, bytes, err);
    if (ok)
        weigh(heat, attention, gradient, batch, ask_tensor_dim(e->attention, 1),
              ask_tensor_dim(e->attention, 3) - 1);
    free(attention);
    free(gradient);
    return ok;
}

/* With the model's lock held. */
static bool explain(const ask_model *m, float *heat, const float *pixels, int batch,
                    const float *text, const ask_cancel *cancel, ask_error *err)
{
    const ask_run_options opt = {.cancel = cancel};
    explainer e = {0};
    bool ok = make(&e, m, batch, err) &&
              ask_tensor_write(e.pixels, pixels, ask_tensor_bytes(e.pixels), err) &&
              ask_tensor_write(e.text, text, ask_tensor_bytes(e.text), err) &&
              ask_graph_run(e.graph, &opt, err) && read_heat(heat, &e, batch, err);
    ask_graph_free(e.graph);
    return ok;
}

static bool weigh_attention(ask_model *m, float *heat, const float *pixels, int batch,
                            const float *text, const ask_cancel *cancel, ask_error *err)
{
    if (!ask_cancel_check(cancel, err)) return false;
    ask_mutex_lock(&m->lock);
    bool ok = explain(m, heat, pixels, batch, text, cancel, err);
    ask_mutex_unlock(&m->lock);
    return ok;
}

/* ---- either ---- */

bool ask_explain_pixels(ask_session *s, float *heat, const float *pixels, int n,
                        const float *text, const ask_cancel *cancel, ask_error *err)
{
    ask_model *m = model_of_session(s);
    float *vectors = NULL;
    if (!ask_model_check_pictures(m, err) ||
        (!has_attention(m) && !(vectors = new_vectors(&m->info, err))))
        return false;
    size_t side = (size_t)m->info.image_px, n_heat = (size_t)m->info.heat_side;
    size_t n_input = (size_t)m->info.n_channels * side * side;
    bool ok = true;
    for (int i = 0; ok && i < n; i += BATCH) {
        int batch = n - i < BATCH ? n - i : BATCH;
        float *out = heat + (size_t)i * n_heat * n_heat;
        const float *in = pixels + (size_t)i * n_input;
        ok = vectors ? fit_patches(s, out, in, batch, text, vectors, cancel, err)
                     : weigh_attention(m, out, in, batch, text, cancel, err);
    }
    free(vectors);
    return ok;
}
