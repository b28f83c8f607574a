/* Means over patches and over frames. After: Maaz et al. 2024, "Video-ChatGPT". */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/features_priv.h"

enum { N_TEMPORAL = 100 }; // rows of frames, and the most frames that are looked at

typedef struct {
    feature_batch batch;
    double *spatial; // [n_patches, width], sums over the frames
    double *sum;     // [width], of one frame
    size_t n_patches, width;
    float *rows; // borrowed: [N_TEMPORAL + n_patches, width]
    int n_taken;
} means;

static bool check(const ask_model *m, ask_error *err)
{
    return feature_check_plain(m, feature_layout_video_chatgpt.name, err);
}

/* Frame i of n stands between two of n + 1 marks; marks are rounded, ties to even. */
static bool plan(ask_feature_plan *p, const ask_time_table *table, const ask_model *m,
                 const ask_feature_request *r, ask_error *err)
{
    (void)m;
    (void)r;
    int n = table->n_frames < N_TEMPORAL ? (int)table->n_frames : N_TEMPORAL;
    if (!feature_plan_reserve(p, n, err)) return false;
    double apart = (double)(table->n_frames - 1) / n;
    for (int i = 0; i < n; i++) {
        int64_t first = (int64_t)rint(apart * i), last = (int64_t)rint(apart * (i + 1));
        p->t_s[i] = table->frames[(first + last) / 2].t_s;
    }
    return true;
}

static int shape(int64_t out[ASK_FEATURES_MAX_DIMS], const ask_model *m,
                 const ask_feature_plan *p)
{
    (void)p;
    int64_t states[2];
    ask_image_output_shape(states, m, ASK_IMAGE_PATCH_STATES);
    out[0] = N_TEMPORAL + states[0];
    out[1] = states[1];
    return 2;
}

/* values: [n_patches, width], of the next frame. */
static void take_states(void *user, const float *values)
{
    means *s = user;
    size_t n = s->n_patches, width = s->width;
    memset(s->sum, 0, width * sizeof *s->sum);
    for (size_t i = 0; i < n; i++) {
        for (size_t c = 0; c < width; c++) {
            s->sum[c] += (double)values[i * width + c];
            s->spatial[i * width + c] += (double)values[i * width + c];
        }
    }
    float *row = s->rows + (size_t)s->n_taken++ * width;
    for (size_t c = 0; c < width; c++) row[c] = (float)(s->sum[c] / (double)n);
}

/* The pixel at the upper left of what falls on each; not the one under its centre, which
 * ASK_RESIZE_NEAREST takes. The quotient in float, as the layout's authors have it. */
static int source_of(int at, int size, int source_size)
{
    int from = (int)floorf((float)at * ((float)source_size / (float)size));
    return from < source_size ? from : source_size - 1;
}

static bool stretch(ask_image *out, const ask_image *image, int side, ask_error *err)
{
    if (!ask_image_new(out, side, side, 3, err)) return false;
    uint8_t *to = out->pixels;
    for (int y = 0; y < side; y++) {
        const uint8_t *row = image->pixels + (size_t)source_of(y, side, image->height) *
                                                 (size_t)image->width * 3;
        for (int x = 0; x < side; x++, to += 3)
            memcpy(to, row + (size_t)source_of(x, side, image->width) * 3, 3);
    }
    return true;
}

/* An ask_frame_fn. */
static bool take_frame(void *user, const ask_video_frame *frame, ask_error *err)
{
    feature_maker *k = user;
    means *s = k->own;
    const ask_model *m = ask_session_model(k->session);
    ask_image small = {0};
    k->out->t_s[frame->request] = frame->t_s;
    float *pixels = feature_batch_next(&s->batch, err);
    bool ok = pixels && stretch(&small, frame->image, ask_model_info_of(m).image_px, err) &&
              ask_prepare_image(m, pixels, &small, err);
    ask_image_free(&small);
    return ok;
}

static bool begin(feature_maker *k, ask_video *v, ask_error *err)
{
    (void)v;
    means *s = k->own = calloc(1, sizeof *s);
    if (!s) return ask_fail_memory(err);
    s->width = (size_t)k->out->shape[1];
    s->n_patches = (size_t)k->out->shape[0] - N_TEMPORAL;
    s->rows = k->out->data;
    s->sum = calloc(s->width, sizeof *s->sum);
    s->spatial = calloc(s->n_patches * s->width, sizeof *s->spatial);
    if (!s->sum || !s->spatial) return ask_fail_memory(err);
    k->viewer = (ask_viewer){k->plan->t_s, k->plan->n, take_frame, k};
    return feature_batch_open(&s->batch, k->session, ASK_IMAGE_PATCH_STATES, take_states, s,
                              k->cancel, err);
}

static bool end(feature_maker *k, ask_error *err)
{
    means *s = k->own;
    if (!feature_batch_flush(&s->batch, err)) return false;
    float *rows = s->rows + N_TEMPORAL * s->width;
    for (size_t i = 0; i < s->n_patches * s->width; i++)
        rows[i] = (float)(s->spatial[i] / k->plan->n);
    return true;
}

static void close_means(feature_maker *k)
{
    means *s = k->own;
    if (!s) return;
    feature_batch_close(&s->batch);
    free(s->spatial);
    free(s->sum);
    free(s);
}

const feature_layout feature_layout_video_chatgpt = {
    .name = "video-chatgpt",
    .whole_video = true,
    .check = check,
    .plan = plan,
    .shape = shape,
    .begin = begin,
    .end = end,
    .close = close_means,
};
