/* One vector for each clip: model/video_vectors.h says which these are. */
#include <stdlib.h>
#include <string.h>

#include "model/features_priv.h"
#include "model/video_vectors_priv.h"

typedef struct {
    clip_walk *walk;
    int n_taken;
} clips;

static bool check(const ask_model *m, ask_error *err)
{
    ask_video_sizes sizes;
    return ask_video_sizes_of(&sizes, m, err);
}

static bool plan(ask_feature_plan *p, const ask_time_table *table, const ask_model *m,
                 const ask_feature_request *r, ask_error *err)
{
    (void)r;
    ask_video_sizes sizes;
    int n;
    if (!ask_video_sizes_of(&sizes, m, err) ||
        !clips_count(&n, &sizes, table->duration_s, err))
        return false;
    if (n == 0)
        return ask_fail(err, ASK_ERR_UNSUPPORTED,
                        "the video lasts %.3f s, and a clip %g s: it gives no features",
                        table->duration_s, sizes.n_frames / sizes.fps);
    if (!feature_plan_reserve(p, n, err)) return false;
    for (int i = 0; i < n; i++) p->t_s[i] = (double)i * sizes.n_frames / sizes.fps;
    p->n_frames_each = sizes.n_frames;
    p->fps = sizes.fps;
    return true;
}

static int shape(int64_t out[ASK_FEATURES_MAX_DIMS], const ask_model *m,
                 const ask_feature_plan *p)
{
    ask_video_sizes sizes = {0};
    ask_video_sizes_of(&sizes, m, NULL); // it takes clips: the plan says so
    out[0] = p->n;
    out[1] = sizes.n_embed;
    return 2;
}

/* An ask_video_vector_fn. */
static bool take_vector(void *user, const float *vector, double t_s, ask_error *err)
{
    (void)err;
    feature_maker *k = user;
    clips *c = k->own;
    size_t n_embed = (size_t)k->out->shape[1];
    memcpy(k->out->data + (size_t)c->n_taken * n_embed, vector, n_embed * sizeof *vector);
    k->out->t_s[c->n_taken++] = t_s;
    return true;
}

static bool begin(feature_maker *k, ask_video *v, ask_error *err)
{
    (void)v;
    clips *c = k->own = calloc(1, sizeof *c);
    if (!c) return ask_fail_memory(err);
    c->walk = clip_walk_open(k->session, k->plan->n, take_vector, k, k->cancel, err);
    if (!c->walk) return false;
    k->viewer = clip_walk_viewer(c->walk);
    return true;
}

static bool end(feature_maker *k, ask_error *err)
{
    (void)k;
    (void)err;
    return true;
}

static void close_clips(feature_maker *k)
{
    clips *c = k->own;
    if (!c) return;
    clip_walk_close(c->walk);
    free(c);
}

const feature_layout feature_layout_clips = {
    .name = "clips",
    .whole_video = true,
    .check = check,
    .plan = plan,
    .shape = shape,
    .begin = begin,
    .end = end,
    .close = close_clips,
};
