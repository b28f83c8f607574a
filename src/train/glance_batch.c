#include "train/glance_batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/rng.h"

/* ---- sizes ---- */

static size_t n_texts_of(const ask_glance_batch_size *s)
{
    return (size_t)s->n_questions * (size_t)s->n_texts;
}

bool ask_glance_batch_size_check(const ask_glance_batch_size *s, ask_error *err)
{
    if (s->n_questions < 1 || s->n_texts < 1 || s->n_tokens < 1 || s->n_frames < 1 ||
        s->width < 1 || s->n_events < 0 || s->n_windows < 0)
        return ask_fail(err, ASK_ERR_USAGE,
                        "a batch of %d questions with %d texts of %d tokens and %d frames "
                        "of %d numbers is none",
                        s->n_questions, s->n_texts, s->n_tokens, s->n_frames, s->width);
    int64_t frames = s->n_questions, ids = s->n_questions;
    const int64_t most = (int64_t)1 << 40;
    if (!ask_mul_i64(&frames, frames, s->n_frames) ||
        !ask_mul_i64(&frames, frames, s->width) || frames > most ||
        !ask_mul_i64(&ids, ids, s->n_texts) || !ask_mul_i64(&ids, ids, s->n_tokens) ||
        ids > most)
        return ask_fail(err, ASK_ERR_USAGE, "a batch of %d questions is too large",
                        s->n_questions);
    return true;
}

/* ---- memory ---- */

static void *array(bool *ok, size_t n, size_t item_bytes)
{
    void *items = calloc(n + 1, item_bytes);
    *ok &= items != NULL;
    return items;
}

ask_glance_batch *ask_glance_batch_new(const ask_glance_batch_size *size, ask_error *err)
{
    if (!ask_glance_batch_size_check(size, err)) return NULL;
    ask_glance_batch *b = calloc(1, sizeof *b);
    bool ok = b;
    if (b) {
        const ask_glance_batch_size *s = size;
        size_t n = (size_t)s->n_questions, frames = n * (size_t)s->n_frames,
               tokens = n_texts_of(s) * (size_t)s->n_tokens, m = n * (size_t)s->n_events;
        b->size = *s;
        b->features = array(&ok, frames * (size_t)s->width, sizeof *b->features);
        b->frame_mask = array(&ok, frames, sizeof *b->frame_mask);
        b->ids = array(&ok, tokens, sizeof *b->ids);
        b->token_mask = array(&ok, tokens, sizeof *b->token_mask);
        b->labels = array(&ok, n, sizeof *b->labels);
        b->counts = array(&ok, n, sizeof *b->counts);
        b->windows = array(&ok, n * (size_t)s->n_windows * 2, sizeof *b->windows);
        b->spans = array(&ok, m * 2, sizeof *b->spans);
        b->classes = array(&ok, m, sizeof *b->classes);
        b->n_events = array(&ok, n, sizeof *b->n_events);
    }
    if (ok) return b;
    ask_glance_batch_free(b);
    ask_fail_memory(err);
    return NULL;
}

void ask_glance_batch_free(ask_glance_batch *b)
{
    if (!b) return;
    free(b->features);
    free(b->frame_mask);
    free(b->ids);
    free(b->token_mask);
    free(b->labels);
    free(b->counts);
    free(b->windows);
    free(b->spans);
    free(b->classes);
    free(b->n_events);
    free(b);
}

/* ---- filling ---- */

static bool put_frames(ask_glance_batch *b, int at, ask_glance_features *features,
                       size_t place, ask_error *err)
{
    size_t n = (size_t)b->size.n_frames;
    float *rows = b->features + (size_t)at * n * (size_t)b->size.width;
    int64_t n_real;
    if (!ask_glance_features_read(features, place, rows, &n_real, err)) return false;
    for (size_t j = 0; j < n; j++) b->frame_mask[(size_t)at * n + j] = (int64_t)j < n_real;
    return true;
}

static void put_text(ask_glance_batch *b, size_t row, const int32_t *ids, int n)
{
    size_t length = (size_t)b->size.n_tokens;
    for (size_t j = 0; j < length; j++) {
        b->ids[row * length + j] = j < (size_t)n ? ids[j] : b->size.pad_id;
        b->token_mask[row * length + j] = j < (size_t)n;
    }
}

static void put_texts(ask_glance_batch *b, int at, const ask_glance_sample *s)
{
    for (int k = 0; k < b->size.n_texts; k++)
        put_text(b, (size_t)at * (size_t)b->size.n_texts + (size_t)k, s->ids[k],
                 s->lengths[k]);
}

static void put_windows(ask_glance_batch *b, int at, const ask_glance_sample *s)
{
    float *row = b->windows + 2 * (size_t)at * (size_t)b->size.n_windows;
    for (int k = 0; k < b->size.n_windows; k++) {
        bool is_one = s && k < s->n_windows;
        row[2 * k] = is_one ? (float)s->windows[k].start_s : -1;
        row[2 * k + 1] = is_one ? (float)s->windows[k].end_s : -1;
    }
}

/* The first n of a drawn order are those that stay. */
static void draw_events(size_t *chosen, size_t n, size_t n_of, ask_rng rng)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = i + (size_t)ask_rng_below(&rng, n_of - i), other = chosen[k];
        chosen[k] = chosen[i];
        chosen[i] = other;
    }
}

static void put_event(ask_glance_batch *b, size_t at, const ask_data_event *e)
{
    double start = e->at.start_s, end = e->at.end_s;
    b->spans[2 * at] = (float)(b->size.ends ? start : (start + end) / 2);
    b->spans[2 * at + 1] = (float)(b->size.ends ? end : end - start);
    b->classes[at] = e->class_index;
}

static bool put_events(ask_glance_batch *b, int at, const ask_glance_sample *s,
                       const ask_rng *stream, ask_error *err)
{
    size_t most = (size_t)b->size.n_events, n_of = (size_t)s->n_events,
           n = n_of < most ? n_of : most, row = (size_t)at * most;
    b->n_events[at] = (int64_t)n;
    if (most == 0) return true;
    memset(b->spans + 2 * row, 0, 2 * most * sizeof *b->spans);
    memset(b->classes + row, 0, most * sizeof *b->classes);
    size_t *chosen = malloc((n_of + 1) * sizeof *chosen);
    if (!chosen) return ask_fail_memory(err);
    for (size_t i = 0; i < n_of; i++) chosen[i] = i;
    if (n_of > most) draw_events(chosen, n, n_of, *stream);
    for (size_t i = 0; i < n; i++) put_event(b, row + i, &s->events[chosen[i]]);
    free(chosen);
    return true;
}

/* What stands behind the last question counts nothing; it looks like that one. */
static void put_nothing(ask_glance_batch *b, int at)
{
    b->labels[at] = -1;
    b->counts[at] = NAN;
    b->n_events[at] = 0;
    put_windows(b, at, NULL);
}

bool ask_glance_batch_fill(ask_glance_batch *b, const ask_glance_data *data,
                           const size_t *questions, const ask_rng *streams, int n,
                           ask_error *err)
{
    b->n = n;
    for (int at = 0; at < b->size.n_questions; at++) {
        ask_glance_sample s;
        int from = at < n ? at : n - 1;
        ask_glance_data_get(&s, data, questions[from]);
        if (!put_frames(b, at, ask_glance_data_features(data), s.features, err))
            return false;
        put_texts(b, at, &s);
        if (!put_events(b, at, &s, &streams[from], err)) return false;
        put_windows(b, at, &s);
        b->labels[at] = s.label;
        b->counts[at] = (float)s.count;
        if (at >= n) put_nothing(b, at);
    }
    return true;
}

/* ---- in a graph ---- */

void ask_glance_inputs_add(ask_glance_inputs *out, ask_graph *g,
                           const ask_glance_batch_size *s)
{
    int64_t n = s->n_questions, r = (int64_t)n_texts_of(s), m = s->n_events,
            w = s->n_windows;
    *out = (ask_glance_inputs){
        .features = ask_input(g, ASK_F32, 3, (int64_t[]){n, s->n_frames, s->width}),
        .frame_mask = ask_input(g, ASK_BOOL, 2, (int64_t[]){n, s->n_frames}),
        .ids = ask_input(g, ASK_I64, 2, (int64_t[]){r, s->n_tokens}),
        .token_mask = ask_input(g, ASK_BOOL, 2, (int64_t[]){r, s->n_tokens}),
        .ends = s->ends,
    };
    if (w == 0) out->labels = ask_input(g, s->counts ? ASK_F32 : ASK_I64, 1, &n);
    if (w > 0) out->windows = ask_input(g, ASK_F32, 3, (int64_t[]){n, w, 2});
    if (m == 0) return;
    out->events = (ask_event_targets){
        .spans = ask_input(g, ASK_F32, 3, (int64_t[]){n, m, 2}),
        .classes = ask_input(g, ASK_I64, 2, (int64_t[]){n, m}),
        .counts = ask_input(g, ASK_I64, 1, &n),
    };
}

/* Inputs that no node needs are not planned: they take no values. */
static bool put(ask_tensor *t, const void *values, ask_error *err)
{
    return !t || ask_tensor_write(t, values, ask_tensor_bytes(t), err);
}

bool ask_glance_inputs_write(const ask_glance_inputs *in, const ask_glance_batch *b,
                             ask_error *err)
{
    const void *labels = b->size.counts ? (const void *)b->counts : b->labels;
    return put(in->features, b->features, err) && put(in->frame_mask, b->frame_mask, err) &&
           put(in->ids, b->ids, err) && put(in->token_mask, b->token_mask, err) &&
           put(in->labels, labels, err) && put(in->windows, b->windows, err) &&
           put(in->events.spans, b->spans, err) &&
           put(in->events.classes, b->classes, err) &&
           put(in->events.counts, b->n_events, err);
}
