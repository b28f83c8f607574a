/* Prompts that an encoder reads: all of their places see one another, so they are read at
 * once. What the decoder sees of them is written into the first rows of the cache. */
#include <stdlib.h>
#include <string.h>

#include "model/context_priv.h"

enum { IDS, FEATURES, IS_ROW, N_PLACES };

/* ---- the graph ---- */

/* Few lengths, so that what a backend keeps for a size is of use again; none is longer than
 * a context that has room for the places. */
static int padded_length(int n)
{
    static const int least[] = {16, 32};
    enum { STEP = CONTEXT_ROUND_ROWS };
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
    session_plan p = {.build = build, .user = c, .batch = 1, .length = length};
    ask_mutex_lock(&m->lock);
    bool ok =
        session_plan_make(&p, m, err) && session_plan_run(out, m, &p, data, cancel, err);
    ask_graph_free(p.graph); // heads x length x length numbers are too many to keep
    ask_mutex_unlock(&m->lock);
    session_outputs_free(out);
    return ok;
}

size_t ask_context_reading_bytes(const ask_model *m, int n_prompt)
{
    enum { ALIVE = 3 }; // scores, with the bias, and probabilities
    if (!m->network->language) return 0;
    const ask_language_sizes s = context_language_sizes(m);
    double length = padded_length(n_prompt);
    double bytes = ALIVE * sizeof(float) * s.n_heads * length * length;
    return s.n_encoder_layers > 0 ? (size_t)bytes : 0;
}

bool context_encode(ask_context *c, const ask_place *places, int n,
                    const ask_cancel *cancel, ask_error *err)
{
    inputs in;
    const int length = padded_length(n);
    ask_context_rewind(c, 0);
    if (!ask_cancel_check(cancel, err)) return false;
    bool ok =
        inputs_make(&in, c, places, n, length, err) && run(c, &in, n, length, cancel, err);
    inputs_free(&in);
    for (int i = 0; i < n && ok; i++) context_remember(c, &places[i], i - 1);
    if (ok)
        c->n_prompt = n;
    else
        context_clear(c);
    return ok;
}
