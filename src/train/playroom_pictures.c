#include "train/playroom_pictures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "world/sample.h"

enum { BEFORE, FRAME, AFTER, N_PICTURES };

struct ask_playroom_pictures {
    const ask_preprocess *preprocess;
    int step;         // frames between two views
    size_t n_picture; // numbers of a prepared picture
    ask_painter *painter;
    ask_image images[N_PICTURES];
    float *neighbours; // [2, n_picture], prepared
};

/* ---- opening ---- */

/* Frames between neighbouring views, of those that the playroom can paint. */
static bool read_step(int *step, const ask_views *v, ask_error *err)
{
    *step = 0;
    if (v->n == 1) return true;
    double frames = v->n == N_PICTURES ? v->offset_s[AFTER] * ASK_WORLD_FPS : 0;
    double whole = round(frames);
    bool even = fabs(v->offset_s[BEFORE] + v->offset_s[AFTER]) < 1e-6;
    if (v->n != N_PICTURES || v->offset_s[FRAME] != 0 || !even || whole < 1 ||
        fabs(frames - whole) > 0.05)
        return ask_fail(err, ASK_ERR_UNSUPPORTED,
                        "\"frame_offsets_s\": the playroom shows the frame alone, or with "
                        "neighbours whole frames of 1/%d s before and behind it",
                        ASK_WORLD_FPS);
    *step = (int)whole;
    return true;
}

static bool check_size(const ask_preprocess *preprocess, int n_channels, int side_px,
                       ask_error *err)
{
    const ask_image playroom = {.width = ASK_WORLD_SIDE_PX, .height = ASK_WORLD_SIDE_PX};
    int width, height, n = 3 * preprocess->views.n;
    if (!ask_preprocess_size(&width, &height, preprocess, &playroom, err)) return false;
    if (width == side_px && height == side_px && n == n_channels) return true;
    return ask_fail(
        err, ASK_ERR_MODEL,
        "preprocessor_config.json makes pictures of %d x %d and %d channels, the "
        "network takes %d x %d and %d",
        width, height, n, side_px, side_px, n_channels);
}

static bool allocate(ask_playroom_pictures *p, ask_error *err)
{
    for (int i = 0; i < N_PICTURES; i++) {
        if (!ask_image_new(&p->images[i], ASK_WORLD_SIDE_PX, ASK_WORLD_SIDE_PX, 3, err))
            return false;
    }
    p->painter = ask_painter_new(err);
    if (!p->painter) return false;
    p->neighbours = malloc(2 * p->n_picture * sizeof *p->neighbours);
    return p->neighbours || ask_fail_memory(err);
}

ask_playroom_pictures *ask_playroom_pictures_open(const ask_preprocess *preprocess,
                                                  int n_channels, int side_px,
                                                  ask_error *err)
{
    ask_playroom_pictures *p = calloc(1, sizeof *p);
    if (!p) {
        ask_fail_memory(err);
        return NULL;
    }
    p->preprocess = preprocess;
    p->n_picture = 3 * (size_t)side_px * (size_t)side_px;
    if (read_step(&p->step, &preprocess->views, err) &&
        check_size(preprocess, n_channels, side_px, err) && allocate(p, err))
        return p;
    ask_playroom_pictures_close(p);
    return NULL;
}

void ask_playroom_pictures_close(ask_playroom_pictures *p)
{
    if (!p) return;
    ask_painter_free(p->painter);
    for (int i = 0; i < N_PICTURES; i++) ask_image_free(&p->images[i]);
    free(p->neighbours);
    free(p);
}

int ask_playroom_pictures_step(const ask_playroom_pictures *p)
{
    return p->step;
}

/* ---- frames ---- */

/* The pictures as the network takes them. The frame is prepared where it stays. */
static bool prepare(ask_playroom_pictures *p, float *out, ask_error *err)
{
    const ask_views *v = &p->preprocess->views;
    float *const prepared[N_PICTURES] = {p->neighbours, out, p->neighbours + p->n_picture};
    const float *pictures[N_PICTURES];
    int first = v->n == 1 ? FRAME : BEFORE;
    for (int i = 0; i < v->n; i++) {
        float *picture = prepared[first + i];
        if (!ask_preprocess_apply(picture, p->preprocess, &p->images[first + i], err))
            return false;
        pictures[i] = picture;
    }
    ask_views_join(out, v, pictures, p->n_picture);
    return true;
}

bool ask_playroom_pictures_paint(ask_playroom_pictures *p, float *pixels,
                                 ask_scene_view *view, const ask_scene *s, int frame,
                                 ask_rng *noise, ask_error *err)
{
    ask_sample_paint(p->painter, s, frame, p->step, noise, p->images, view);
    return prepare(p, pixels, err);
}

static int clamp(int value, int least, int most)
{
    return value < least ? least : value > most ? most : value;
}

static bool copy_picture(void *user, const ask_video_frame *frame, ask_error *err)
{
    ask_image *out = (ask_image *)user + frame->request;
    const ask_image *from = frame->image;
    if (from->width != out->width || from->height != out->height || from->channels != 3)
        return ask_fail(err, ASK_ERR_FORMAT, "a clip of %d x %d is not of the playroom",
                        from->width, from->height);
    memcpy(out->pixels, from->pixels, (size_t)out->width * (size_t)out->height * 3);
    return true;
}

bool ask_playroom_pictures_read(ask_playroom_pictures *p, float *pixels,
                                ask_scene_view *view, const ask_scene *s, int frame,
                                ask_video *video, ask_error *err)
{
    int64_t index[N_PICTURES];
    for (int i = 0; i < N_PICTURES; i++)
        index[i] = clamp(frame + (i - FRAME) * p->step, 0, s->n_frames - 1);
    if (view) ask_paint(p->painter, s, frame, NULL, view);
    return ask_video_frames(video, index, N_PICTURES, NULL, copy_picture, p->images, err) &&
           prepare(p, pixels, err);
}
