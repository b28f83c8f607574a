/* The pixels of every frame: the right picture, and the same bits by whatever way it is
 * reached. What is compared with is a walk from the first frame to the last. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "media/video.h"
#include "support/clips.h"
#include "support/seen.h"
#include "support/testing.h"

enum { MAX_ASKED = 512 };

/* Seconds are quotients of integers. */
static const double TIME_TOL_S = 1e-9;

static char *dir;

static int make_dir(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

/* A way to reach frames. */
typedef struct {
    const char *name;
    ask_access access;
    int n_threads;
    bool full; // the full table is made first
} way;

static const way ways[] = {
    {"seeking, 1 thread", ASK_ACCESS_SEEK, 1, false},
    {"seeking, 2 threads", ASK_ACCESS_SEEK, 2, false},
    {"seeking, 2 threads, full table", ASK_ACCESS_SEEK, 2, true},
    {"sequential, 1 thread", ASK_ACCESS_SEQUENTIAL, 1, false},
    {"sequential, 2 threads, full table", ASK_ACCESS_SEQUENTIAL, 2, true},
    {"automatic, 1 thread, full table", ASK_ACCESS_AUTO, 1, true},
    {"automatic, 2 threads", ASK_ACCESS_AUTO, 2, false},
};

static const char *where_of(const clip *c, const way *w)
{
    static char text[128];
    snprintf(text, sizeof text, "%s, %s", c->name, w->name);
    return text;
}

static ask_video *open_clip(const clip *c, const way *w)
{
    ask_error err = {0};
    ask_video_options options = ask_video_defaults();
    options.n_threads = w->n_threads;
    ask_video *v = ask_video_open(c->path, &options, &err);
    if (!v || (w->full && !ask_video_table(v, &err)))
        fail_msg("%s: %s", where_of(c, w), err.message);
    return v;
}

/* A walk sees every frame of the table once, in order, with the picture it should have. */
static seen walk_and_check(const clip *c, int n_threads)
{
    const way w = {"walk", ASK_ACCESS_SEQUENTIAL, n_threads, false};
    ask_video *v = open_clip(c, &w);
    seen all = seen_walk(c->name, v);
    ask_video_close(v);
    CHECK_CASE(c->name, all.n == c->n_frames);
    for (int i = 0; i < all.n; i++) {
        const seen_frame *got = &all.items[i];
        const clip_frame *want = &c->frames[i];
        if (got->width != c->width || got->height != c->height || got->pts != want->pts ||
            fabs(got->t_s - want->t_s) > TIME_TOL_S || got->key != want->key ||
            (want->number != CLIP_DAMAGED && got->number != want->number))
            fail_msg("%s: frame %d: %d x %d, pts %lld, %.9f s, key %d, shows %d; expected "
                     "%d x %d, pts %lld, %.9f s, key %d, %d",
                     c->name, i, got->width, got->height, (long long)got->pts, got->t_s,
                     got->key, got->number, c->width, c->height, (long long)want->pts,
                     want->t_s, want->key, want->number);
    }
    return all;
}

/* Frames that are asked for together: their places in the walk, ascending. */
typedef struct {
    int64_t index[MAX_ASKED];
    double t_s[MAX_ASKED];
    int n;
} asked;

/* Every stride-th frame; at its first moment, its last, or between. */
static asked ask_for_every(const clip *c, const seen *all, int stride, ask_rng *rng)
{
    asked a = {0};
    for (int i = 0; i < all->n && a.n < MAX_ASKED; i += stride) {
        double begin_s = all->items[i].t_s;
        double end_s = i + 1 < all->n ? all->items[i + 1].t_s : c->duration_s - TIME_TOL_S;
        double within = ask_rng_double(rng);
        a.index[a.n] = i;
        a.t_s[a.n++] = within < 0.3   ? begin_s
                       : within < 0.6 ? nextafter(end_s, 0)
                                      : begin_s + 0.5 * (end_s - begin_s);
    }
    return a;
}

static void compare(const char *where, const seen *got, const asked *a, const seen *all,
                    bool full)
{
    if (got->n != a->n) fail_msg("%s: %d frames for %d requests", where, got->n, a->n);
    for (int i = 0; i < a->n; i++) {
        const seen_frame *g = &got->items[i], *want = &all->items[a->index[i]];
        int64_t index = full ? a->index[i] : -1;
        if (g->request != i || g->index != index || g->pts != want->pts ||
            g->t_s != want->t_s || g->key != want->key || g->hash != want->hash)
            fail_msg("%s: request %d (frame %lld, %.17g s): gave request %d, index %lld, "
                     "pts %lld, %.17g s, key %d, shows %d; expected pts %lld, %.17g s, key "
                     "%d, %d%s",
                     where, i, (long long)a->index[i], a->t_s[i], g->request,
                     (long long)g->index, (long long)g->pts, g->t_s, g->key, g->number,
                     (long long)want->pts, want->t_s, want->key, want->number,
                     g->hash != want->hash ? ", and other pixels" : "");
    }
}

static void check_by_time(const clip *c, const way *w, const asked *a, const seen *all)
{
    ask_error err = {0};
    ask_video *v = open_clip(c, w);
    const ask_frames_options options = {sizeof options, w->access};
    seen got = {0};
    if (!ask_video_frames_at(v, a->t_s, a->n, &options, seen_add, &got, &err))
        fail_msg("%s, by time: %s", where_of(c, w), err.message);
    compare(where_of(c, w), &got, a, all, w->full);
    seen_free(&got);
    ask_video_close(v);
}

static void check_by_index(const clip *c, const way *w, const asked *a, const seen *all)
{
    ask_error err = {0};
    ask_video *v = open_clip(c, w);
    const ask_frames_options options = {sizeof options, w->access};
    seen got = {0};
    if (!ask_video_frames(v, a->index, a->n, &options, seen_add, &got, &err))
        fail_msg("%s, by index: %s", where_of(c, w), err.message);
    compare(where_of(c, w), &got, a, all, true); // asking by index makes the table
    seen_free(&got);
    ask_video_close(v);
}

/* One frame at a time from one handle, in random order: nothing of a request before may be
 * left in it. */
static void check_one_by_one(const clip *c, const way *w, const asked *a, const seen *all,
                             ask_rng *rng)
{
    ask_video *v = open_clip(c, w);
    const ask_frames_options options = {sizeof options, w->access};
    int n = c->width * c->height > 1 << 20 ? 2 : 12; // large pictures take their time
    for (int k = 0; k < n; k++) {
        ask_error err = {0};
        int i = (int)ask_rng_below(rng, (uint32_t)a->n);
        asked one = {.index = {a->index[i]}, .t_s = {a->t_s[i]}, .n = 1};
        seen got = {0};
        if (!ask_video_frames_at(v, one.t_s, 1, &options, seen_add, &got, &err))
            fail_msg("%s, one by one: %s", where_of(c, w), err.message);
        compare(where_of(c, w), &got, &one, all, w->full);
        seen_free(&got);
    }
    ask_video_close(v);
}

static void check_good(const clip *c)
{
    ask_rng rng = ask_rng_new(7);
    seen all = walk_and_check(c, 1), again = walk_and_check(c, 2);
    for (int i = 0; i < all.n; i++)
        CHECK_CASE(c->name, all.items[i].hash == again.items[i].hash);
    for (size_t i = 0; i < TEST_COUNT(ways); i++) {
        asked every = ask_for_every(c, &all, 1, &rng);
        asked few = ask_for_every(c, &all, 7, &rng);
        check_by_time(c, &ways[i], &every, &all);
        check_by_time(c, &ways[i], &few, &all);
        check_by_index(c, &ways[i], &every, &all);
        check_by_index(c, &ways[i], &few, &all);
        check_one_by_one(c, &ways[i], &every, &all, &rng);
    }
    seen_free(&all);
    seen_free(&again);
}

/* ---- a frame that never comes out of the decoder ---- */

static bool names_the_loss(const ask_error *err, int lost)
{
    char frame[32];
    snprintf(frame, sizeof frame, "frame %d at ", lost);
    return err->code == ASK_ERR_FORMAT && strstr(err->message, frame) &&
           strstr(err->message, "cannot be decoded");
}

/* The frames before it, seen by a walk that ends there. */
static seen walk_to_loss(const clip *c, int lost, int n_threads)
{
    ask_error err = {0};
    const way w = {"walk", ASK_ACCESS_SEQUENTIAL, n_threads, false};
    ask_video *v = open_clip(c, &w);
    seen before = {0};
    CHECK_CASE(c->name, !ask_video_walk(v, seen_add, &before, &err));
    CHECK_CASE(c->name, before.n == lost && names_the_loss(&err, lost));
    ask_video_close(v);
    return before;
}

/* Asked for the frames around it and for itself, by time and by index. */
static void check_loss_by(const clip *c, const way *w, int lost, const seen *before)
{
    const ask_frames_options options = {sizeof options, w->access};
    for (int by_index = 0; by_index < 2; by_index++) {
        ask_video *v = open_clip(c, w);
        for (int64_t i = lost - 1; i <= lost; i++) {
            ask_error err = {0};
            seen got = {0};
            bool ok = by_index ? ask_video_frames(v, &i, 1, &options, seen_add, &got, &err)
                               : ask_video_frames_at(v, &c->frames[i].t_s, 1, &options,
                                                     seen_add, &got, &err);
            bool right = i < lost ? ok && got.items[0].hash == before->items[i].hash
                                  : !ok && got.n == 0 && names_the_loss(&err, lost);
            if (!right)
                fail_msg("%s: frame %d beside the lost %d: %s", where_of(c, w), (int)i,
                         lost, ok ? "came" : err.message);
            seen_free(&got);
        }
        ask_video_close(v);
    }
}

static void check_lost(const clip *c, int lost)
{
    seen one = walk_to_loss(c, lost, 1), two = walk_to_loss(c, lost, 2);
    for (int i = 0; i < lost; i++)
        CHECK_CASE(c->name, one.items[i].hash == two.items[i].hash);
    for (size_t i = 0; i < TEST_COUNT(ways); i++) check_loss_by(c, &ways[i], lost, &one);
    seen_free(&one);
    seen_free(&two);
}

/* Where there is no table there is no frame either. */
static void check_bad(const clip *c)
{
    ask_error err = {0};
    seen got = {0};
    ask_video *v = ask_video_open(c->path, NULL, &err);
    CHECK_CASE(c->name, !v || !ask_video_walk(v, seen_add, &got, &err));
    CHECK_CASE(c->name, err.code == c->code && got.n == 0);
    ask_video_close(v);
    seen_free(&got);
}

static void frames_are_the_same_by_every_way(void **state)
{
    clip c = clip_make(*state, dir);
    if (c.code != ASK_OK)
        check_bad(&c);
    else if (clip_lost(&c) >= 0)
        check_lost(&c, clip_lost(&c));
    else
        check_good(&c);
    clip_free(&c);
}

/* One test for each clip, with its name. */
int main(void)
{
    struct CMUnitTest *tests = calloc((size_t)n_clip_cases, sizeof *tests);
    if (!tests) return 1;
    for (int i = 0; i < n_clip_cases; i++)
        tests[i] = (struct CMUnitTest){.name = clip_cases[i].name,
                                       .test_func = frames_are_the_same_by_every_way,
                                       .initial_state = (void *)&clip_cases[i]};
    int n_failed = _cmocka_run_group_tests("frames", tests, (size_t)n_clip_cases, make_dir,
                                           remove_dir);
    free(tests);
    return n_failed;
}
