#include "model/inputs.h"

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

struct ask_inputs {
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
};

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

static bool make_wishes(ask_inputs *in, ask_video *v, const double *t_s, ask_error *err)
{
    int n_views = in->info.n_views;
    double latest_s = t_s[in->n - 1];
    if (n_views > 1 && !latest_time(&latest_s, v, latest_s, err)) return false;
    for (int i = 0; i < in->n; i++) {
        for (int k = 0; k < n_views; k++) {
            double offset_s = in->info.view_offset_s[k], at_s = t_s[i];
            if (offset_s != 0) at_s = fmin(fmax(at_s + offset_s + LENIENCE_S, 0), latest_s);
            in->wishes[i * n_views + k] = (wish){at_s, i, k};
        }
    }
    qsort(in->wishes, (size_t)in->n * (size_t)n_views, sizeof *in->wishes, compare);
    for (int i = 0; i < in->n * n_views; i++) in->wish_s[i] = in->wishes[i].t_s;
    return true;
}

/* ---- pictures ---- */

static picture *picture_at(const ask_inputs *in, int64_t number)
{
    return &in->recent[number - in->n_dropped];
}

static int64_t newest(const ask_inputs *in)
{
    return in->n_dropped + in->n_recent - 1;
}

static bool reserve(ask_inputs *in, ask_error *err)
{
    if (in->n_recent < in->capacity) return true;
    int capacity = in->capacity ? 2 * in->capacity : 4;
    picture *recent = realloc(in->recent, (size_t)capacity * sizeof *recent);
    if (!recent) return ask_fail_memory(err);
    in->recent = recent;
    in->capacity = capacity;
    return true;
}

static bool add_picture(ask_inputs *in, const ask_video_frame *frame, ask_error *err)
{
    if (!reserve(in, err)) return false;
    size_t side = (size_t)in->info.image_px;
    picture p = {frame->index, frame->pts, frame->t_s, frame->damaged,
                 malloc(3 * side * side * sizeof(float))};
    if (!p.pixels) return ask_fail_memory(err);
    double start_s = ask_clock_s();
    bool ok = ask_prepare_image(in->model, p.pixels, frame->image, err);
    in->run->prepare_s += ask_clock_s() - start_s;
    if (ok)
        in->recent[in->n_recent++] = p;
    else
        free(p.pixels);
    return ok;
}

static void drop_before(ask_inputs *in, int64_t number)
{
    int n = (int)(number - in->n_dropped);
    for (int i = 0; i < n; i++) free(in->recent[i].pixels);
    memmove(in->recent, in->recent + n, (size_t)(in->n_recent - n) * sizeof *in->recent);
    in->n_recent -= n;
    in->n_dropped = number;
}

/* ---- inputs ---- */

/* All views of the time are there. */
static bool give(ask_inputs *in, int time, ask_error *err)
{
    const int64_t *shown = in->shown + (size_t)time * (size_t)in->info.n_views;
    const ask_views *views = &ask_model_preprocess(in->model)->views;
    int64_t number = shown[ask_views_frame(views)];
    const picture *p = picture_at(in, number);
    ask_input_frame frame = {.time = time,
                             .index = p->index,
                             .pts = p->pts,
                             .t_s = p->t_s,
                             .damaged = p->damaged};
    ask_progress_send(in->run->progress, time + 1, in->n, "frames", "looking");
    if (number != in->last) {
        const float *prepared[ASK_MOST_VIEWS];
        for (int k = 0; k < in->info.n_views; k++) {
            prepared[k] = picture_at(in, shown[k])->pixels;
            frame.damaged |= picture_at(in, shown[k])->damaged;
        }
        ask_join_images(in->model, in->joined, prepared);
        frame.pixels = in->joined;
    }
    in->last = number;
    return in->fn(in->user, &frame, err);
}

/* What is needed still: the views of the next time that were met already, and the newest
 * picture, which may be on display for what comes. */
static void drop_old(ask_inputs *in, int time)
{
    int64_t oldest = newest(in);
    int n_views = in->info.n_views;
    for (int k = 0; time + 1 < in->n && k < n_views; k++) {
        int64_t number = in->shown[(size_t)(time + 1) * (size_t)n_views + (size_t)k];
        if (number >= 0 && number < oldest) oldest = number;
    }
    if (oldest > in->n_dropped) drop_before(in, oldest);
}

/* An ask_frame_fn. */
static bool take_frame(void *user, const ask_video_frame *frame, ask_error *err)
{
    ask_inputs *in = user;
    const wish *w = &in->wishes[frame->request];
    if (!ask_cancel_check(in->run->cancel, err)) return false;
    bool is_new = in->n_recent == 0 || picture_at(in, newest(in))->pts != frame->pts;
    if (is_new && !add_picture(in, frame, err)) return false;
    in->shown[(size_t)w->time * (size_t)in->info.n_views + (size_t)w->view] = newest(in);
    if (w->view + 1 < in->info.n_views) return true;
    bool ok = give(in, w->time, err);
    drop_old(in, w->time);
    return ok;
}

static bool make_room(ask_inputs *in, ask_error *err)
{
    size_t side = (size_t)in->info.image_px, n_bytes;
    size_t n = (size_t)in->n * (size_t)in->info.n_views;
    in->wishes = malloc(n * sizeof *in->wishes);
    in->wish_s = malloc(n * sizeof *in->wish_s);
    in->shown = malloc(n * sizeof *in->shown);
    if (ask_mul_size(&n_bytes, side * side * sizeof(float), (size_t)in->info.n_channels))
        in->joined = malloc(n_bytes);
    if (!in->wishes || !in->wish_s || !in->shown || !in->joined)
        return ask_fail_memory(err);
    memset(in->shown, -1, n * sizeof *in->shown);
    return true;
}

bool ask_inputs_check(const ask_model *m, ask_error *err)
{
    const ask_model_info info = ask_model_info_of(m);
    if (info.n_channels == 0) return ask_model_check_pictures(m, err);
    return info.n_views > 0 ||
           ask_fail(err, ASK_ERR_UNSUPPORTED,
                    "%s: the network takes %d channels, a picture has 3; "
                    "\"frame_offsets_s\" in preprocessor_config.json can say which "
                    "pictures make them",
                    info.dir, info.n_channels);
}

ask_inputs *ask_inputs_open(ask_video *v, const ask_model *m, const double *t_s, int n,
                            ask_inputs_run *run, ask_input_fn fn, void *user,
                            ask_error *err)
{
    if (!ask_inputs_check(m, err)) return NULL;
    ask_inputs *in = calloc(1, sizeof *in);
    if (!in) {
        ask_fail_memory(err);
        return NULL;
    }
    *in = (ask_inputs){.model = m,
                       .info = ask_model_info_of(m),
                       .run = run,
                       .fn = fn,
                       .user = user,
                       .n = n,
                       .last = -1};
    if (make_room(in, err) && make_wishes(in, v, t_s, err)) return in;
    ask_inputs_close(in);
    return NULL;
}

void ask_inputs_close(ask_inputs *in)
{
    if (!in) return;
    for (int i = 0; i < in->n_recent; i++) free(in->recent[i].pixels);
    free(in->recent);
    free(in->joined);
    free(in->shown);
    free(in->wish_s);
    free(in->wishes);
    free(in);
}

ask_viewer ask_inputs_viewer(ask_inputs *in)
{
    return (ask_viewer){in->wish_s, in->n * in->info.n_views, take_frame, in};
}

bool ask_inputs_at(ask_video *v, const ask_model *m, const double *t_s, int n,
                   ask_inputs_run *run, ask_input_fn fn, void *user, ask_error *err)
{
    ask_inputs *in = ask_inputs_open(v, m, t_s, n, run, fn, user, err);
    if (!in) return false;
    ask_viewer viewer = ask_inputs_viewer(in);
    bool ok = ask_video_show(v, &viewer, 1, run->cancel, err);
    ask_inputs_close(in);
    return ok;
}
