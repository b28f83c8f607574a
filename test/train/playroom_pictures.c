/* Frames of the playroom as a network takes them: the same numbers as by way of a model,
 * and by hand. */
#include "train/playroom_pictures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "support/clips.h"
#include "support/playroom_model.h"
#include "support/testing.h"
#include "world/clip_files.h"
#include "world/sample.h"

enum { SIDE = ASK_WORLD_SIDE_PX, PICTURE = 3 * SIDE * SIDE, STEP = 2 };

/* Pictures of the playroom as they are; of numbers (x / 255 - 0.5) / 0.25. */
static ask_preprocess plain(ask_views views)
{
    ask_preprocess p = ask_preprocess_defaults(ASK_PROCESSOR_CLIP, SIDE);
    for (int c = 0; c < 3; c++) {
        p.mean[c] = 0.5F;
        p.std[c] = 0.25F;
    }
    p.views = views;
    return p;
}

static const ask_views around = {
    3, {-(double)STEP / ASK_WORLD_FPS, 0, (double)STEP / ASK_WORLD_FPS}};

static ask_playroom_pictures *open_pictures(const ask_preprocess *p, int side_px)
{
    ask_error err = {0};
    ask_playroom_pictures *pictures =
        ask_playroom_pictures_open(p, 3 * p->views.n, side_px, &err);
    CHECK_OK(pictures, &err);
    return pictures;
}

static void make_scene(ask_scene *s)
{
    ask_scene_make(s, 11, 4, ASK_SPLIT_TRAIN, ask_scene_full());
}

static void make_images(ask_image images[3])
{
    ask_error err = {0};
    for (int i = 0; i < 3; i++)
        CHECK_OK(ask_image_new(&images[i], SIDE, SIDE, 3, &err), &err);
}

static void free_images(ask_image images[3])
{
    for (int i = 0; i < 3; i++) ask_image_free(&images[i]);
}

static float *paint(ask_playroom_pictures *p, ask_scene_view *view, const ask_scene *s,
                    int frame, ask_rng noise)
{
    ask_error err = {0};
    float *pixels = calloc(3 * PICTURE, sizeof *pixels);
    assert_non_null(pixels);
    CHECK_OK(ask_playroom_pictures_paint(p, pixels, view, s, frame, &noise, &err), &err);
    return pixels;
}

/* ---- the same numbers ---- */

static float sample_of(const ask_image *image, int c, int at)
{
    return ((float)(image->pixels[3 * at + c] * (1 / 255.0)) - 0.5F) / 0.25F;
}

static void a_picture_is_the_frame_and_its_differences(void **state)
{
    (void)state;
    static ask_scene s;
    ask_error err = {0};
    const ask_preprocess preprocess = plain(around);
    ask_playroom_pictures *p = open_pictures(&preprocess, SIDE);
    ask_painter *painter = ask_painter_new(&err);
    CHECK_OK(painter, &err);
    ask_image images[3] = {0};
    make_images(images);
    make_scene(&s);
    assert_int_equal(ask_playroom_pictures_step(p), STEP);
    const int frames[] = {0, 1, 17, s.n_frames - 1};
    for (size_t f = 0; f < TEST_COUNT(frames); f++) {
        float *pixels = calloc(3 * PICTURE, sizeof *pixels);
        assert_non_null(pixels);
        CHECK_OK(ask_playroom_pictures_paint(p, pixels, NULL, &s, frames[f], NULL, &err),
                 &err);
        for (int i = 0; i < 3; i++) {
            int at = frames[f] + (i - 1) * STEP;
            at = at < 0 ? 0 : at >= s.n_frames ? s.n_frames - 1 : at;
            ask_paint(painter, &s, at, &images[i], NULL);
        }
        for (int c = 0; c < 3; c++) {
            for (int at = 0; at < SIDE * SIDE; at++) {
                const float *x = pixels + c * SIDE * SIDE + at;
                float before = sample_of(&images[0], c, at);
                float now = sample_of(&images[1], c, at);
                float after = sample_of(&images[2], c, at);
                assert_true(x[0] == now && x[PICTURE] == now - before &&
                            x[2 * PICTURE] == after - now);
            }
        }
        free(pixels);
    }
    free_images(images);
    ask_painter_free(painter);
    ask_playroom_pictures_close(p);
}

static void a_model_prepares_the_same(void **state)
{
    (void)state;
    static ask_scene s;
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    playroom_model_write(dir);
    ask_model *m = ask_model_open(dir, NULL, &err);
    CHECK_OK(m, &err);
    int side = ask_model_info_of(m).image_px;
    size_t picture = 3 * (size_t)side * (size_t)side;
    ask_playroom_pictures *p = open_pictures(ask_model_preprocess(m), side);
    ask_painter *painter = ask_painter_new(&err);
    CHECK_OK(painter, &err);
    ask_image images[3] = {0};
    make_images(images);
    make_scene(&s);
    float *expected = calloc(6 * picture, sizeof *expected);
    assert_non_null(expected);
    for (int frame = 0; frame < s.n_frames; frame += 13) {
        ask_rng noise = ask_rng_new((uint64_t)frame);
        float *pixels = paint(p, NULL, &s, frame, noise);
        ask_sample_paint(painter, &s, frame, STEP, &noise, images, NULL);
        const float *prepared[3];
        for (int i = 0; i < 3; i++) {
            float *out = expected + (size_t)(3 + i) * picture;
            CHECK_OK(ask_prepare_image(m, out, &images[i], &err), &err);
            prepared[i] = out;
        }
        ask_join_images(m, expected, prepared);
        assert_memory_equal(pixels, expected, 3 * picture * sizeof *pixels);
        free(pixels);
    }
    free(expected);
    free_images(images);
    ask_painter_free(painter);
    ask_playroom_pictures_close(p);
    ask_model_close(m);
    test_temp_dir_remove(dir);
}

static void one_view_is_the_frame_alone(void **state)
{
    (void)state;
    static ask_scene s;
    const ask_preprocess preprocess = plain(ask_views_none()), all = plain(around);
    ask_playroom_pictures *p = open_pictures(&preprocess, SIDE);
    ask_playroom_pictures *q = open_pictures(&all, SIDE);
    make_scene(&s);
    assert_int_equal(ask_playroom_pictures_step(p), 0);
    float *alone = paint(p, NULL, &s, 9, ask_rng_new(2));
    float *amid = paint(q, NULL, &s, 9, ask_rng_new(2));
    for (int i = PICTURE; i < 3 * PICTURE; i++) assert_true(alone[i] == 0); // untouched
    float sum = 0, n_other = 0; // what is compressed with neighbours keeps some of theirs
    for (int i = 0; i < PICTURE; i++) {
        sum += fabsf(alone[i] - amid[i]);
        n_other += alone[i] != amid[i];
    }
    assert_true(sum < 0.02F * PICTURE && n_other < PICTURE);
    free(alone);
    free(amid);
    ask_playroom_pictures_close(p);
    ask_playroom_pictures_close(q);
}

static void views_are_those_of_the_painter(void **state)
{
    (void)state;
    static ask_scene s;
    static ask_scene_view seen, expected;
    ask_error err = {0};
    const ask_preprocess preprocess = plain(around);
    ask_playroom_pictures *p = open_pictures(&preprocess, SIDE);
    ask_painter *painter = ask_painter_new(&err);
    CHECK_OK(painter, &err);
    make_scene(&s);
    for (int frame = 0; frame < s.n_frames; frame += 7) {
        free(paint(p, &seen, &s, frame, ask_rng_new(1)));
        ask_paint(painter, &s, frame, NULL, &expected);
        assert_memory_equal(&seen, &expected, sizeof seen);
    }
    ask_painter_free(painter);
    ask_playroom_pictures_close(p);
}

static void pictures_depend_on_scene_frame_and_noise_alone(void **state)
{
    (void)state;
    static ask_scene s, other;
    const ask_preprocess preprocess = plain(around);
    ask_playroom_pictures *p = open_pictures(&preprocess, SIDE);
    ask_playroom_pictures *q = open_pictures(&preprocess, SIDE);
    make_scene(&s);
    ask_scene_make(&other, 11, 5, ASK_SPLIT_TRAIN, ask_scene_full());
    float *first = paint(p, NULL, &s, 20, ask_rng_new(1));
    free(paint(p, NULL, &other, 3, ask_rng_new(1)));
    float *again = paint(p, NULL, &s, 20, ask_rng_new(1));
    float *elsewhere = paint(q, NULL, &s, 20, ask_rng_new(1));
    float *noisier = paint(p, NULL, &s, 20, ask_rng_new(2));
    size_t bytes = 3 * PICTURE * sizeof *first;
    assert_memory_equal(first, again, bytes);
    assert_memory_equal(first, elsewhere, bytes);
    assert_true(memcmp(first, noisier, bytes) != 0);
    free(first);
    free(again);
    free(elsewhere);
    free(noisier);
    ask_playroom_pictures_close(p);
    ask_playroom_pictures_close(q);
}

/* ---- videos ---- */

/* Compression of the video and that which is imitated are both small. */
static void a_video_shows_what_is_painted(void **state)
{
    (void)state;
    static ask_scene s;
    static ask_scene_view seen, expected;
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    ask_world_options made = ask_world_defaults();
    made.seed = 3;
    made.n_clips = 1;
    CHECK_OK(ask_world_make(NULL, dir, &made, &err), &err);
    ask_scene_make(&s, 3, 0, made.split, made.style);
    char *path = ask_world_video_path(dir, 0, &err);
    ask_video *video = ask_video_open(path, NULL, &err);
    CHECK_OK(video, &err);
    const ask_preprocess preprocess = plain(around);
    ask_playroom_pictures *p = open_pictures(&preprocess, SIDE);
    const int frames[] = {0, 30, s.n_frames - 1};
    for (size_t f = 0; f < TEST_COUNT(frames); f++) {
        float *read = calloc(3 * PICTURE, sizeof *read);
        assert_non_null(read);
        CHECK_OK(ask_playroom_pictures_read(p, read, &seen, &s, frames[f], video, &err),
                 &err);
        float *painted = paint(p, &expected, &s, frames[f], ask_rng_new(1));
        double off = 0;
        for (int i = 0; i < PICTURE; i++) off += fabs((double)(read[i] - painted[i]));
        assert_true(off / PICTURE < 0.1); // of a range of 4
        assert_memory_equal(&seen, &expected, sizeof seen);
        free(read);
        free(painted);
    }
    ask_playroom_pictures_close(p);
    ask_video_close(video);
    free(path);
    test_temp_dir_remove(dir);
}

static void a_video_of_another_size_is_refused(void **state)
{
    (void)state;
    static ask_scene s;
    static float pixels[3 * PICTURE];
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    clip c = clip_make(clip_case_of("streamed Matroska"), dir);
    ask_video *video = ask_video_open(c.path, NULL, &err);
    CHECK_OK(video, &err);
    const ask_preprocess preprocess = plain(around);
    ask_playroom_pictures *p = open_pictures(&preprocess, SIDE);
    make_scene(&s);
    assert_false(ask_playroom_pictures_read(p, pixels, NULL, &s, 0, video, &err));
    assert_int_equal(err.code, ASK_ERR_FORMAT);
    assert_non_null(strstr(err.message, "is not of the playroom"));
    ask_playroom_pictures_close(p);
    ask_video_close(video);
    clip_free(&c);
    test_temp_dir_remove(dir);
}

/* ---- what goes wrong ---- */

static void what_the_playroom_cannot_paint_is_refused(void **state)
{
    (void)state;
    static const double f = 1.0 / ASK_WORLD_FPS;
    static const struct {
        const char *name;
        ask_views views;
        int n_channels, side_px;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"two views", {2, {-2 * f, 0}}, 6, SIDE, ASK_ERR_UNSUPPORTED, "frame_offsets_s"},
        {"four", {4, {-f, 0, f, 2 * f}}, 12, SIDE, ASK_ERR_UNSUPPORTED, "frame_offsets_s"},
        {"none behind", {3, {-2 * f, -f, 0}}, 9, SIDE, ASK_ERR_UNSUPPORTED, "whole frames"},
        {"uneven", {3, {-f, 0, 2 * f}}, 9, SIDE, ASK_ERR_UNSUPPORTED, "before and behind"},
        {"half a frame", {3, {-f / 2, 0, f / 2}}, 9, SIDE, ASK_ERR_UNSUPPORTED, "1/12 s"},
        {"another size",
         {3, {-f, 0, f}},
         9,
         96,
         ASK_ERR_MODEL,
         "makes pictures of 128 x 128 and 9 channels, the network takes 96 x 96 and 9"},
        {"fewer channels", {1, {0}}, 9, SIDE, ASK_ERR_MODEL, "and 3 channels"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        const ask_preprocess preprocess = plain(cases[i].views);
        CHECK_CASE(cases[i].name,
                   !ask_playroom_pictures_open(&preprocess, cases[i].n_channels,
                                               cases[i].side_px, &err));
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

/* Resized, so that preparing allocates too. */
static bool open_and_paint(void *user, ask_error *err)
{
    static float pixels[9 * 64 * 64];
    const ask_scene *s = user;
    ask_preprocess preprocess = ask_preprocess_defaults(ASK_PROCESSOR_CLIP, 64);
    preprocess.views = around;
    ask_playroom_pictures *p = ask_playroom_pictures_open(&preprocess, 9, 64, err);
    bool ok = p && ask_playroom_pictures_paint(p, pixels, NULL, s, 5, NULL, err);
    ask_playroom_pictures_close(p);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    static ask_scene s;
    make_scene(&s);
    assert_true(test_each_alloc_fails("open and paint", open_and_paint, &s) >= 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_is_the_frame_and_its_differences),
        cmocka_unit_test(a_model_prepares_the_same),
        cmocka_unit_test(one_view_is_the_frame_alone),
        cmocka_unit_test(views_are_those_of_the_painter),
        cmocka_unit_test(pictures_depend_on_scene_frame_and_noise_alone),
        cmocka_unit_test(a_video_shows_what_is_painted),
        cmocka_unit_test(a_video_of_another_size_is_refused),
        cmocka_unit_test(what_the_playroom_cannot_paint_is_refused),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
