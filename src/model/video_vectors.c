#include "model/video_vectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "model/model_priv.h"

enum { N_CHANNELS = 3 };

/* Before the tie between two ticks, so that a frame that is as near to both goes to the
 * later one. */
static const double BEFORE_S = 1e-6;

bool ask_video_sizes_of(ask_video_sizes *out, const ask_model *m, ask_error *err)
{
    const network *n = m->network;
    if (!n->video) return ask_fail(err, ASK_ERR_UNSUPPORTED, "%s takes no clips", n->name);
    network_video_sizes s = n->video->sizes(m->net);
    *out = (ask_video_sizes){.fps = s.fps,
                             .n_frames = s.n_frames,
                             .side_px = s.side_px,
                             .n_embed = s.n_embed,
                             .clip_gflop = s.clip_flops / 1e9};
    return true;
}

/* ---- one video ---- */

typedef struct {
    ask_session *session;
    ask_video_sizes sizes;
    ask_preprocess preprocess;
    const ask_cancel *cancel;
    ask_video_vector_fn fn;
    void *user;

    float *picture; // [3, S, S], the latest frame
    int64_t shown;  // its index; -1: none yet
    float *clip;    // [3, n_frames, S, S]
    float *vector;  // [n_embed]
} walk;

static ask_preprocess preprocess_of(int side_px)
{
    ask_preprocess p = ask_preprocess_defaults(ASK_PROCESSOR_CLIP, side_px);
    p.filter = ASK_RESIZE_BICUBIC;
    for (int c = 0; c < N_CHANNELS; c++) {
        p.mean[c] = 0;
        p.std[c] = 1;
    }
    return p;
}

/* Puts the latest picture into its place in the clip. */
static void place(const walk *w, int at)
{
    size_t plane = (size_t)w->sizes.side_px * (size_t)w->sizes.side_px;
    size_t n_frames = (size_t)w->sizes.n_frames;
    for (size_t c = 0; c < N_CHANNELS; c++)
        memcpy(w->clip + (c * n_frames + (size_t)at) * plane, w->picture + c * plane,
               plane * sizeof(float));
}

static bool finish_clip(const walk *w, int64_t clip, ask_error *err)
{
    double t_s = (double)clip * w->sizes.n_frames / w->sizes.fps;
    return ask_embed_clips(w->session, w->vector, w->clip, 1, w->cancel, err) &&
           w->fn(w->user, w->vector, t_s, err);
}

static bool take_frame(void *user, const ask_video_frame *frame, ask_error *err)
{
    walk *w = user;
    if (!ask_cancel_check(w->cancel, err)) return false;
    bool same = frame->index >= 0 && frame->index == w->shown;
    if (!same && !ask_preprocess_apply(w->picture, &w->preprocess, frame->image, err))
        return false;
    w->shown = frame->index;
    int at = frame->request % w->sizes.n_frames;
    place(w, at);
    if (at + 1 < w->sizes.n_frames) return true;
    return finish_clip(w, frame->request / w->sizes.n_frames, err);
}

static bool walk_frames(walk *w, ask_video *video, int n, ask_error *err)
{
    size_t side = (size_t)w->sizes.side_px, picture = N_CHANNELS * side * side;
    double *t_s = calloc((size_t)n, sizeof *t_s);
    w->picture = calloc(picture, sizeof *w->picture);
    w->clip = calloc(picture * (size_t)w->sizes.n_frames, sizeof *w->clip);
    w->vector = calloc((size_t)w->sizes.n_embed, sizeof *w->vector);
    bool ok = t_s && w->picture && w->clip && w->vector;
    if (!ok) ask_fail_memory(err);
    for (int k = 0; k < n && ok; k++) t_s[k] = (k + 0.5) / w->sizes.fps - BEFORE_S;
    const ask_frames_options opt = {.struct_size = sizeof opt,
                                    .access = ASK_ACCESS_SEQUENTIAL};
    ok = ok && ask_video_frames_at(video, t_s, n, &opt, take_frame, w, err);
    free(t_s);
    free(w->picture);
    free(w->clip);
    free(w->vector);
    return ok;
}

bool ask_embed_video(ask_session *s, ask_video *video, int64_t *n_clips,
                     ask_video_vector_fn fn, void *user, const ask_cancel *cancel,
                     ask_error *err)
{
    walk w = {.session = s, .cancel = cancel, .fn = fn, .user = user, .shown = -1};
    if (!ask_video_sizes_of(&w.sizes, ask_session_model(s), err)) return false;
    const ask_time_table *table = ask_video_table(video, err);
    if (!table) return false;
    double n_frames = floor(table->duration_s * w.sizes.fps + 0.5);
    double n = floor(n_frames / w.sizes.n_frames);
    if (n * w.sizes.n_frames > INT32_MAX)
        return ask_fail(err, ASK_ERR_LIMIT, "a video of %g s is too long",
                        table->duration_s);
    if (n_clips) *n_clips = n > 0 ? (int64_t)n : 0;
    if (!(n > 0)) return true;
    w.preprocess = preprocess_of(w.sizes.side_px);
    return walk_frames(&w, video, (int)n * w.sizes.n_frames, err);
}
