/* Frames and their tiles. After: the feature extractor of Gao et al. 2023, "MIST". */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "model/features_priv.h"

enum { MOST_FRAMES = 32, GRID = 4, N_TILES = GRID * GRID };

typedef struct {
    feature_batch batch;
    ask_preprocess stretched; // the whole frame, to GRID inputs wide and high
    float *canvas;            // [3, GRID side, GRID side]
    size_t side;
    float *next;    // borrowed: where the next vector goes
    size_t n_embed; // its length
} mist;

static bool check(const ask_model *m, ask_error *err)
{
    return feature_check_plain(m, feature_layout_mist.name, err);
}

/* Edge i of n intervals between two frame numbers that need not be whole, cut. */
static int64_t edge(double begin, double end, int n, int i)
{
    return (int64_t)(i < n ? i * ((end - begin) / n) + begin : end);
}

/* A window is bounded in frames by seconds times the mean rate; the middle of an interval
 * of an even number of frames is the earlier of two. */
static bool plan(ask_feature_plan *p, const ask_time_table *table, const ask_model *m,
                 const ask_feature_request *r, ask_error *err)
{
    (void)m;
    (void)r;
    double n_all = (double)table->n_frames, begin = 0, end = n_all;
    if (p->start_s > 0) begin = fmin(p->start_s * table->fps, n_all - 1);
    if (p->end_s < table->duration_s) end = fmin(p->end_s * table->fps, n_all);
    double within = fmax(floor(end) - floor(begin), 1);
    int n = within < MOST_FRAMES ? (int)within : MOST_FRAMES;
    if (!feature_plan_reserve(p, n, err)) return false;
    for (int i = 0; i < n; i++) {
        int64_t first = edge(begin, end, n, i), last = edge(begin, end, n, i + 1) - 1;
        int64_t middle = last > first ? (first + last) / 2 : first;
        p->t_s[i] = table->frames[middle].t_s;
    }
    return true;
}

static int shape(int64_t out[ASK_FEATURES_MAX_DIMS], const ask_model *m,
                 const ask_feature_plan *p)
{
    out[0] = p->n;
    out[1] = 1 + N_TILES;
    out[2] = ask_model_info_of(m).n_embed;
    return 3;
}

static void take_features(void *user, const float *values)
{
    mist *s = user;
    memcpy(s->next, values, s->n_embed * sizeof *values);
    s->next += s->n_embed;
}

/* out: [3, side, side], tile i of the canvas. */
static void cut_tile(float *out, const mist *s, int i)
{
    size_t row = s->side * GRID, x = (size_t)(i % GRID) * s->side;
    size_t y = (size_t)(i / GRID) * s->side;
    for (size_t c = 0; c < 3; c++) {
        for (size_t k = 0; k < s->side; k++, out += s->side)
            memcpy(out, s->canvas + (c * row + y + k) * row + x, s->side * sizeof *out);
    }
}

/* An ask_frame_fn. */
static bool take_frame(void *user, const ask_video_frame *frame, ask_error *err)
{
    feature_maker *k = user;
    mist *s = k->own;
    k->out->t_s[frame->request] = frame->t_s;
    float *pixels = feature_batch_next(&s->batch, err);
    if (!pixels ||
        !ask_prepare_image(ask_session_model(k->session), pixels, frame->image, err) ||
        !ask_preprocess_apply(s->canvas, &s->stretched, frame->image, err))
        return false;
    for (int i = 0; i < N_TILES; i++) {
        if (!(pixels = feature_batch_next(&s->batch, err))) return false;
        cut_tile(pixels, s, i);
    }
    return true;
}

static bool make_canvas(mist *s)
{
    size_t bytes;
    if (!ask_mul_size(&bytes, s->side, s->side) ||
        !ask_mul_size(&bytes, bytes, 3 * N_TILES * sizeof *s->canvas))
        return false;
    s->canvas = malloc(bytes);
    return s->canvas;
}

static bool begin(feature_maker *k, ask_video *v, ask_error *err)
{
    (void)v;
    const ask_model *m = ask_session_model(k->session);
    mist *s = k->own = calloc(1, sizeof *s);
    if (!s) return ask_fail_memory(err);
    int side = ask_model_info_of(m).image_px;
    s->side = (size_t)side;
    s->next = k->out->data;
    s->n_embed = (size_t)k->out->shape[2];
    s->stretched = *ask_model_preprocess(m);
    s->stretched.fit = ASK_FIT_EXACT;
    s->stretched.width_px = s->stretched.height_px = GRID * side;
    s->stretched.crop_width_px = s->stretched.crop_height_px = 0;
    if (!make_canvas(s)) return ask_fail_memory(err);
    k->viewer = (ask_viewer){k->plan->t_s, k->plan->n, take_frame, k};
    return feature_batch_open(&s->batch, k->session, ASK_IMAGE_FEATURES, take_features, s,
                              k->cancel, err);
}

static bool end(feature_maker *k, ask_error *err)
{
    mist *s = k->own;
    return feature_batch_flush(&s->batch, err);
}

static void close_mist(feature_maker *k)
{
    mist *s = k->own;
    if (!s) return;
    feature_batch_close(&s->batch);
    free(s->canvas);
    free(s);
}

const feature_layout feature_layout_mist = {
    .name = "mist",
    .check = check,
    .plan = plan,
    .shape = shape,
    .begin = begin,
    .end = end,
    .close = close_mist,
};
