#include "model/video_vectors_priv.h"

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

struct clip_walk {
    ask_session *session;
    ask_video_sizes sizes;
    ask_preprocess preprocess;
    const ask_cancel *cancel;
    ask_video_vector_fn fn;
    void *user;

    double *t_s;    // owned, as what follows; [n_ticks] when each is looked at
    int n_ticks;    // of all clips
    float *picture; // [3, S, S], the latest frame
    int64_t shown;  // its index; -1: none yet
    float *clip;    // [3, n_frames, S, S]
    float *vector;  // [n_embed]
};

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
static void place(const clip_walk *w, int at)
{
    size_t plane = (size_t)w->sizes.side_px * (size_t)w->sizes.side_px;
    size_t n_frames = (size_t)w->sizes.n_frames;
    for (size_t c = 0; c < N_CHANNELS; c++)
        memcpy(w->clip + (c * n_frames + (size_t)at) * plane, w->picture + c * plane,
               plane * sizeof(float));
}

static bool finish_clip(const clip_walk *w, int64_t clip, ask_error *err)
{
    double t_s = (double)clip * w->sizes.n_frames / w->sizes.fps;
    return ask_embed_clips(w->session, w->vector, w->clip, 1, w->cancel, err) &&
           w->fn(w->user, w->vector, t_s, err);
}

static bool take_frame(void *user, const ask_video_frame *frame, ask_error *err)
{
    clip_walk *w = user;
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

bool clips_count(int *n, const ask_video_sizes *sizes, double duration_s, ask_error *err)
{
    double n_frames = floor(duration_s * sizes->fps + 0.5);
    double n_clips = floor(n_frames / sizes->n_frames);
    if (n_clips * sizes->n_frames > INT32_MAX)
        return ask_fail(err, ASK_ERR_LIMIT, "a video of %g s is too long", duration_s);
    *n = n_clips > 0 ? (int)n_clips : 0;
    return true;
}

static bool make_room(clip_walk *w, ask_error *err)
{
    size_t side = (size_t)w->sizes.side_px, picture, clip;
    if (!ask_mul_size(&picture, side, side) ||
        !ask_mul_size(&picture, picture, N_CHANNELS) ||
        !ask_mul_size(&clip, picture, (size_t)w->sizes.n_frames))
        return ask_fail_memory(err);
    w->t_s = calloc((size_t)w->n_ticks, sizeof *w->t_s);
    w->picture = calloc(picture, sizeof *w->picture);
    w->clip = calloc(clip, sizeof *w->clip);
    w->vector = calloc((size_t)w->sizes.n_embed, sizeof *w->vector);
    return (w->t_s && w->picture && w->clip && w->vector) || ask_fail_memory(err);
}

clip_walk *clip_walk_open(ask_session *s, int n, ask_video_vector_fn fn, void *user,
                          const ask_cancel *cancel, ask_error *err)
{
    clip_walk *w = calloc(1, sizeof *w);
    if (!w) {
        ask_fail_memory(err);
        return NULL;
    }
    *w = (clip_walk){.session = s, .cancel = cancel, .fn = fn, .user = user, .shown = -1};
    if (!ask_video_sizes_of(&w->sizes, ask_session_model(s), err)) goto fail;
    w->n_ticks = n * w->sizes.n_frames;
    if (!make_room(w, err)) goto fail;
    for (int k = 0; k < w->n_ticks; k++) w->t_s[k] = (k + 0.5) / w->sizes.fps - BEFORE_S;
    w->preprocess = preprocess_of(w->sizes.side_px);
    return w;

fail:
    clip_walk_close(w);
    return NULL;
}

void clip_walk_close(clip_walk *w)
{
    if (!w) return;
    free(w->t_s);
    free(w->picture);
    free(w->clip);
    free(w->vector);
    free(w);
}

ask_viewer clip_walk_viewer(clip_walk *w)
{
    return (ask_viewer){w->t_s, w->n_ticks, take_frame, w};
}

bool ask_embed_video(ask_session *s, ask_video *video, int64_t *n_clips,
                     ask_video_vector_fn fn, void *user, const ask_cancel *cancel,
                     ask_error *err)
{
    ask_video_sizes sizes;
    int n;
    if (!ask_video_sizes_of(&sizes, ask_session_model(s), err)) return false;
    const ask_time_table *table = ask_video_table(video, err);
    if (!table || !clips_count(&n, &sizes, table->duration_s, err)) return false;
    if (n_clips) *n_clips = n;
    if (n == 0) return true;
    clip_walk *w = clip_walk_open(s, n, fn, user, cancel, err);
    if (!w) return false;
    ask_viewer viewer = clip_walk_viewer(w);
    bool ok = ask_video_show(video, &viewer, 1, cancel, err);
    clip_walk_close(w);
    return ok;
}
