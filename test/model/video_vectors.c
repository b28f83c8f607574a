/* Vectors of a video: which frames make which clip, and what is done to them. */
#include "model/video_vectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/resize.h"
#include "support/clips.h"
#include "support/testing.h"

enum { FPS = 16, N_FRAMES = 16, SIDE = 224, N_EMBED = 128, MOST_CLIPS = 8 };

static char *dir;
static ask_model *model;
static ask_session *session;

static int open_all(void **state)
{
    (void)state;
    ask_error err = {0};
    dir = test_temp_dir_make();
    CHECK_OK(model = ask_model_open(test_fixture("golden/s3d"), NULL, &err), &err);
    CHECK_OK(session = ask_session_open(model, &err), &err);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    ask_session_close(session);
    ask_model_close(model);
    test_temp_dir_remove(dir);
    return 0;
}

static ask_video *open_clip(const clip *c)
{
    ask_error err = {0};
    ask_video *v = ask_video_open(c->path, NULL, &err);
    CHECK_OK(v, &err);
    return v;
}

/* ---- what is given ---- */

typedef struct {
    float vectors[MOST_CLIPS][N_EMBED];
    double t_s[MOST_CLIPS];
    int n, fail_at; // fail_at: the call that fails; -1: none
} taken;

static bool take(void *user, const float *vector, double t_s, ask_error *err)
{
    taken *t = user;
    if (t->n == t->fail_at) return ask_fail(err, ASK_ERR_IO, "the disk is full");
    assert_true(t->n < MOST_CLIPS);
    memcpy(t->vectors[t->n], vector, sizeof t->vectors[0]);
    t->t_s[t->n++] = t_s;
    return true;
}

/* ---- what is right, by other means ---- */

/* The picture as the network sees it: [3, S, S]. */
static float *seen(const ask_image *image)
{
    ask_error err = {0};
    bool wide = image->width >= image->height;
    int width = wide ? image->width * SIDE / image->height : SIDE;
    int height = wide ? SIDE : image->height * SIDE / image->width;
    ask_image resized = {0}, middle = {0};
    CHECK_OK(ask_resize(&resized, image, width, height, ASK_RESIZE_BICUBIC, &err), &err);
    CHECK_OK(ask_crop(&middle, &resized, (width - SIDE) / 2, (height - SIDE) / 2, SIDE,
                      SIDE, &err),
             &err);
    float *out = malloc(3 * SIDE * SIDE * sizeof *out);
    assert_non_null(out);
    for (int i = 0; i < SIDE * SIDE; i++)
        for (int c = 0; c < 3; c++)
            out[c * SIDE * SIDE + i] = (float)middle.pixels[3 * i + c] / 255;
    ask_image_free(&resized);
    ask_image_free(&middle);
    return out;
}

typedef struct {
    float **pictures;
} album;

static bool keep(void *user, const ask_video_frame *frame, ask_error *err)
{
    (void)err;
    ((album *)user)->pictures[frame->index] = seen(frame->image);
    return true;
}

/* ffmpeg's rule: a frame goes to the tick that is nearest, the later one of two that are as
 * near; a tick without frames shows the one before. */
static int frame_at_tick(const clip *c, int tick)
{
    int at = 0;
    for (int i = 0; i < c->n_frames; i++)
        if (floor(c->frames[i].t_s * FPS + 0.5) <= tick) at = i;
    return at;
}

static void check_clip(const clip *c, const album *all, const taken *t, int i)
{
    size_t plane = SIDE * SIDE;
    float *pixels = malloc(3 * N_FRAMES * plane * sizeof *pixels), vector[N_EMBED];
    assert_non_null(pixels);
    for (int f = 0; f < N_FRAMES; f++) {
        const float *picture = all->pictures[frame_at_tick(c, i * N_FRAMES + f)];
        for (int channel = 0; channel < 3; channel++)
            memcpy(pixels + (size_t)(channel * N_FRAMES + f) * plane,
                   picture + (size_t)channel * plane, plane * sizeof *pixels);
    }
    ask_error err = {0};
    CHECK_OK(ask_embed_clips(session, vector, pixels, 1, NULL, &err), &err);
    for (int k = 0; k < N_EMBED; k++)
        if (fabsf(vector[k] - t->vectors[i][k]) > 1e-5f) // dividing by 255 rounds
            fail_msg("case \"%s\": clip %d, number %d: %g, not %g", c->name, i, k,
                     (double)t->vectors[i][k], (double)vector[k]);
    assert_true(t->t_s[i] == i);
    free(pixels);
}

static void check(const clip_spec *spec, int n_clips)
{
    clip c;
    clip_encode(&c, spec, dir);
    ask_video *v = open_clip(&c);
    ask_error err = {0};
    static taken t;
    t = (taken){.fail_at = -1};
    int64_t n = -1;
    CHECK_OK(ask_embed_video(session, v, &n, take, &t, NULL, &err), &err);
    if (n != n_clips || t.n != n_clips)
        fail_msg("case \"%s\": %lld clips are told, %d given, not %d", spec->file,
                 (long long)n, t.n, n_clips);
    album all = {.pictures = calloc((size_t)c.n_frames, sizeof *all.pictures)};
    assert_non_null(all.pictures);
    CHECK_OK(ask_video_walk(v, keep, &all, &err), &err);
    for (int i = 0; i < n_clips; i++) check_clip(&c, &all, &t, i);
    for (int i = 0; i < c.n_frames; i++) free(all.pictures[i]);
    free(all.pictures);
    ask_video_close(v);
    clip_free(&c);
}

static const int uneven[] = {0, 40, 90, 100, 400, 430, 900, 910, 1300, 1700, 1750, 2060};

static void clips_are_made_of_the_frames_nearest_to_their_ticks(void **state)
{
    (void)state;
    static const struct {
        clip_spec spec;
        int n_clips;
    } cases[] = {
        {{.file = "wide.mp4", .n_frames = 83, .time_base_den = 25}, 3},
        {{.file = "tall.mp4",
          .width = 64,
          .height = 96,
          .n_frames = 27,
          .time_base_den = 25},
         1},
        {{.file = "slow.mp4", .n_frames = 10, .time_base_den = 8}, 1},  // each shown twice
        {{.file = "fast.mp4", .n_frames = 64, .time_base_den = 32}, 2}, // ties
        {{.file = "reordered.mp4",
          .codec_options = "bf=2:preset=ultrafast",
          .n_frames = 61,
          .time_base_num = 1001,
          .time_base_den = 30000},
         2},
        {{.file = "uneven.mkv", .n_frames = 11, .time_base_den = 1000, .ticks = uneven}, 2},
        {{.file = "rounded.mp4", .n_frames = 97, .time_base_den = 100}, 1}, // 15.52 ticks
        {{.file = "short.mp4", .n_frames = 24, .time_base_den = 25}, 0},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        clip_spec spec = cases[i].spec;
        spec.codec = "libx264";
        if (!spec.width) {
            spec.width = 96;
            spec.height = 64;
        }
        check(&spec, cases[i].n_clips);
    }
}

/* ---- endings ---- */

static clip two_seconds(void)
{
    clip c;
    clip_encode(&c,
                &(clip_spec){.file = "two.mp4",
                             .codec = "libx264",
                             .width = 64,
                             .height = 64,
                             .n_frames = 32,
                             .time_base_den = 16},
                dir);
    return c;
}

static void what_the_taker_says_ends_it(void **state)
{
    (void)state;
    clip c = two_seconds();
    ask_video *v = open_clip(&c);
    ask_error err = {0};
    static taken t;
    t = (taken){.fail_at = 1};
    assert_false(ask_embed_video(session, v, NULL, take, &t, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_string_equal(err.message, "the disk is full");
    assert_int_equal(t.n, 1);
    ask_video_close(v);
    clip_free(&c);
}

static void it_can_be_cancelled(void **state)
{
    (void)state;
    clip c = two_seconds();
    ask_video *v = open_clip(&c);
    ask_error err = {0};
    static taken t;
    t = (taken){.fail_at = -1};
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    assert_false(ask_embed_video(session, v, NULL, take, &t, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_int_equal(t.n, 0);
    ask_video_close(v);
    clip_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clips_are_made_of_the_frames_nearest_to_their_ticks),
        cmocka_unit_test(what_the_taker_says_ends_it),
        cmocka_unit_test(it_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
