/* Prompts that an encoder reads: all of their places see one another, so they are read at
 * once. What the decoder sees of them is written into the first rows of the cache. */
#include <stdlib.h>
#include <string.h>

#include "model/context_priv.h"

enum { IDS, FEATURES, IS_ROW, N_PLACES };

/* ---- the graph ---- */

/* Few lengths, so that the graph of the last prompt often serves the next; none is longer
 * than a context that has room for the places, whose rows are a multiple of 64. */
static int rounded(int n)
{
    static const int least[] = {16, 32};
    enum { STEP = 64 };
    for (size_t i = 0; i < sizeof least / sizeof *least; i++)
        if (n <= least[i]) return least[i];
    return (n + STEP - 1) / STEP * STEP;
}

static void build(session_plan *p, const ask_model *m)
{
    const ask_context *c = p->user;
    const ask_language *language = m->network->language->of(m->net);
    const int64_t s = p->length, width = c->info.width, one = 1, first = 0;
    ask_graph *g = p->graph;
    p->in[IDS] = ask_input(g, ASK_I64, 2, (int64_t[]){1, s});
    p->in[FEATURES] = ask_input(g, ASK_F32, 3, (int64_t[]){1, s, width});
    p->in[IS_ROW] = ask_input(g, ASK_BOOL, 3, (int64_t[]){1, s, 1});
    p->in[N_PLACES] = ask_input(g, ASK_I64, 1, &one);
    ask_tensor *x = ask_where(g, p->in[IS_ROW], p->in[FEATURES],
                              ask_language_embed(g, language, p->in[IDS]));
    ask_tensor *mask = ask_less(g, ask_range(g, s), p->in[N_PLACES]);
    mask = ask_reshape(g, mask, 4, (int64_t[]){1, 1, 1, s});
    ask_language_remember(g, language, ask_language_encode(g, language, x, mask, ""),
                          &c->cache, ask_constant(g, ASK_I64, 1, &one, &first));
}

/* With the model's lock held. */
static session_plan *find_plan(ask_context *c, int length, ask_error *err)
{
    session_plan *p = &c->encoder;
    if (p->graph && p->length == length) return p;
    ask_graph_free(p->graph);
    *p = (session_plan){.build = build, .user = c, .batch = 1, .length = length};
    return session_plan_make(p, c->session->model, err) ? p : NULL;
}

/* ---- the places ---- */

typedef struct {
    int64_t *ids;
    float *features;
    uint8_t *is_row;
} inputs; // [length, ...], owned

static void inputs_free(inputs *in)
{
    free(in->ids);
    free(in->features);
    free(in->is_row);
}

static bool inputs_make(inputs *in, const ask_context *c, const ask_place *places, int n,
                        int length, ask_error *err)
{
    const size_t width = (size_t)c->info.width;
    *in = (inputs){.ids = calloc((size_t)length, sizeof *in->ids),
                   .features = calloc((size_t)length * width, sizeof *in->features),
                   .is_row = calloc((size_t)length, 1)};
    if (!in->ids || !in->features || !in->is_row) return ask_fail_memory(err);
    for (int i = 0; i < n; i++) {
        in->ids[i] = places[i].identity ? 0 : places[i].id;
        in->is_row[i] = places[i].identity != 0;
        if (places[i].row)
            memcpy(in->features + (size_t)i * width, places[i].row, width * sizeof(float));
    }
    return true;
}

static bool run(ask_context *c, const inputs *in, int n, int length,
                const ask_cancel *cancel, ask_error *err)
{
    ask_model *m = c->session->model;
    int64_t n_places = n;
    void *const data[SESSION_MAX_TENSORS] = {[IDS] = in->ids,
                                             [FEATURES] = in->features,
                                             [IS_ROW] = in->is_row,
                                             [N_PLACES] = &n_places};
    void *out[SESSION_MAX_TENSORS] = {0};
    ask_mutex_lock(&m->lock);
    session_plan *p = find_plan(c, length, err);
    bool ok = p && session_plan_run(out, m, p, data, cancel, err);
    ask_mutex_unlock(&m->lock);
    session_outputs_free(out);
    return ok;
}

bool context_encode(ask_context *c, const ask_place *places, int n,
                    const ask_cancel *cancel, ask_error *err)
{
    inputs in;
    const int length = rounded(n);
    ask_context_rewind(c, 0);
    if (!ask_cancel_check(cancel, err)) return false;
    bool ok =
        inputs_make(&in, c, places, n, length, err) && run(c, &in, n, length, cancel, err);
    inputs_free(&in);
    for (int i = 0; i < n && ok; i++) context_remember(c, &places[i], i - 1);
    if (ok) c->n_prompt = n;
    return ok;
}
