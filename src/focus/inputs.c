#include "focus/inputs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/clock.h"

/* A picture that is wanted: view `view` of time `time`. */
typedef struct {
    double t_s;
    int time, view;
} wish;

/* A frame of the video, prepared. */
typedef struct {
    int64_t index, pts;
    double t_s;
    bool damaged;
    float *pixels; // owned; [3, image_px, image_px]
} picture;

typedef struct {
    const ask_model *model;
    ask_model_info info;
    ask_inputs_run *run;
    ask_input_fn fn;
    void *user;
    int n; // times

    wish *wishes;   // owned; [n, n_views], in time order
    double *wish_s; // owned; their times
    int64_t *shown; // owned; [n, n_views]: the picture of each view, counted from the first
    float *joined;  // owned; one input
    picture *recent; // owned; the last n_recent pictures, which some input may need
    int n_recent, capacity;
    int64_t n_dropped; // pictures before them
    int64_t last;      // picture of the last time's frame; -1 before the first
} job;

/* ---- which pictures are wanted, and in which order ---- */

/* Offsets are written with a few decimals, so a frame that begins with the time meant is
 * met a little after it. */
static const double LENIENCE_S = 1e-3;

/* The last time at which the video surely shows something. */
static bool latest_time(double *out, ask_video *v, double last_s, ask_error *err)
{
    const ask_time_table *table = ask_video_outline(v);
    if (table->duration_s < 0) table = ask_video_table(v, err);
    if (!table) return false;
    *out = fmax(last_s, nextafter(table->duration_s, 0));
    return true;
}

static int compare(const void *a, const void *b)
{
    const wish *x = a, *y = b;
    if (x->t_s != y->t_s) return x->t_s < y->t_s ? -1 : 1;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return x->view - y->view;
}

static bool make_wishes(job *j, ask_video *v, const double *t_s, ask_error *err)
{
    int n_views = j->info.n_views;
    double latest_s = t_s[j->n - 1];
    if (n_views > 1 && !latest_time(&latest_s, v, latest_s, err)) return false;
    for (int i = 0; i < j->n; i++) {
        for (int k = 0; k < n_views; k++) {
            double offset_s = j->info.view_offset_s[k], at_s = t_s[i];
            if (offset_s != 0) at_s = fmin(fmax(at_s + offset_s + LENIENCE_S, 0), latest_s);
            j->wishes[i * n_views + k] = (wish){at_s, i, k};
        }
    }
    qsort(j->wishes, (size_t)j->n * (size_t)n_views, sizeof *j->wishes, compare);
    for (int i = 0; i < j->n * n_views; i++) j->wish_s[i] = j->wishes[i].t_s;
    return true;
}

/* ---- pictures ---- */

static picture *picture_at(const job *j, int64_t number)
{
    return &j->recent[number - j->n_dropped];
}

static int64_t newest(const job *j)
{
    return j->n_dropped + j->n_recent - 1;
}

static bool reserve(job *j, ask_error *err)
{
    if (j->n_recent < j->capacity) return true;
    int capacity = j->capacity ? 2 * j->capacity : 4;
    picture *recent = realloc(j->recent, (size_t)capacity * sizeof *recent);
    if (!recent) return ask_fail_memory(err);
    j->recent = recent;
    j->capacity = capacity;
    return true;
}

static bool add_picture(job *j, const ask_video_frame *frame, ask_error *err)
{
    if (!reserve(j, err)) return false;
    size_t side = (size_t)j->info.image_px;
    picture p = {frame->index, frame->pts, frame->t_s, frame->damaged,
                 malloc(3 * side * side * sizeof(float))};
    if (!p.pixels) return ask_fail_memory(err);
    double start_s = ask_clock_s();
    bool ok = ask_prepare_image(j->model, p.pixels, frame->image, err);
    j->run->prepare_s += ask_clock_s() - start_s;
    if (ok)
        j->recent[j->n_recent++] = p;
    else
        free(p.pixels);
    return ok;
}

static void drop_before(job *j, int64_t number)
{
    int n = (int)(number - j->n_dropped);
    for (int i = 0; i < n; i++) free(j->recent[i].pixels);
    memmove(j->recent, j->recent + n, (size_t)(j->n_recent - n) * sizeof *j->recent);
    j->n_recent -= n;
    j->n_dropped = number;
}

/* ---- inputs ---- */

/* All views of the time are there. */
static bool give(job *j, int time, ask_error *err)
{
    const int64_t *shown = j->shown + (size_t)time * (size_t)j->info.n_views;
    const ask_views *views = &ask_model_preprocess(j->model)->views;
    int64_t number = shown[ask_views_frame(views)];
    const picture *p = picture_at(j, number);
    ask_input_frame frame = {.time = time,
                             .index = p->index,
                             .pts = p->pts,
                             .t_s = p->t_s,
                             .damaged = p->damaged};
    ask_progress_send(j->run->progress, time + 1, j->n, "frames", "looking");
    if (number != j->last) {
        const float *prepared[ASK_MOST_VIEWS];
        for (int k = 0; k < j->info.n_views; k++) {
            prepared[k] = picture_at(j, shown[k])->pixels;
            frame.damaged |= picture_at(j, shown[k])->damaged;
        }
        ask_join_images(j->model, j->joined, prepared);
        frame.pixels = j->joined;
    }
    j->last = number;
    return j->fn(j->user, &frame, err);
}

/* What is needed still: the views of the next time that were met already, and the newest
 * picture, which may be on display for what comes. */
static void drop_old(job *j, int time)
{
    int64_t oldest = newest(j);
    int n_views = j->info.n_views;
    for (int k = 0; time + 1 < j->n && k < n_views; k++) {
        int64_t number = j->shown[(size_t)(time + 1) * (size_t)n_views + (size_t)k];
        if (number >= 0 && number < oldest) oldest = number;
    }
    if (oldest > j->n_dropped) drop_before(j, oldest);
}

/* An ask_frame_fn. */
static bool take_frame(void *user, const ask_video_frame *frame, ask_error *err)
{
    job *j = user;
    const wish *w = &j->wishes[frame->request];
    if (!ask_cancel_check(j->run->cancel, err)) return false;
    bool is_new = j->n_recent == 0 || picture_at(j, newest(j))->pts != frame->pts;
    if (is_new && !add_picture(j, frame, err)) return false;
    j->shown[(size_t)w->time * (size_t)j->info.n_views + (size_t)w->view] = newest(j);
    if (w->view + 1 < j->info.n_views) return true;
    bool ok = give(j, w->time, err);
    drop_old(j, w->time);
    return ok;
}

static bool make_room(job *j, ask_error *err)
{
    size_t side = (size_t)j->info.image_px, n_bytes;
    size_t n = (size_t)j->n * (size_t)j->info.n_views;
    j->wishes = malloc(n * sizeof *j->wishes);
    j->wish_s = malloc(n * sizeof *j->wish_s);
    j->shown = malloc(n * sizeof *j->shown);
    if (ask_mul_size(&n_bytes, side * side * sizeof(float), (size_t)j->info.n_channels))
        j->joined = malloc(n_bytes);
    if (!j->wishes || !j->wish_s || !j->shown || !j->joined) return ask_fail_memory(err);
    memset(j->shown, -1, n * sizeof *j->shown);
    return true;
}

static bool check_views(const ask_model_info *info, ask_error *err)
{
    return info->n_views > 0 ||
           ask_fail(err, ASK_ERR_UNSUPPORTED,
                    "%s: the network takes %d channels, a picture has 3; "
                    "\"frame_offsets_s\" in preprocessor_config.json can say which "
                    "pictures make them",
                    info->dir, info->n_channels);
}

bool ask_inputs_at(ask_video *v, const ask_model *m, const double *t_s, int n,
                   ask_inputs_run *run, ask_input_fn fn, void *user, ask_error *err)
{
    job j = {.model = m,
             .info = ask_model_info_of(m),
             .run = run,
             .fn = fn,
             .user = user,
             .n = n,
             .last = -1};
    bool ok =
        ask_model_check_pictures(m, err) && check_views(&j.info, err) &&
        make_room(&j, err) && make_wishes(&j, v, t_s, err) &&
        ask_video_frames_at(v, j.wish_s, n * j.info.n_views, NULL, take_frame, &j, err);
    for (int i = 0; i < j.n_recent; i++) free(j.recent[i].pixels);
    free(j.recent);
    free(j.joined);
    free(j.shown);
    free(j.wish_s);
    free(j.wishes);
    return ok;
}
