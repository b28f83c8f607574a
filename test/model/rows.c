/* What a language model sees: rows of frames in batches, rows of features. */
#include "model/rows.h"

#include <stdlib.h>
#include <string.h>

#include "support/checkpoint.h"
#include "support/golden.h"
#include "support/testing.h"

typedef struct {
    ask_model *model;
    ask_session *session;
    ask_rows_info info;
    int width;
} seer;

static seer seer_open(const char *fixture)
{
    ask_error err = {0};
    ask_language_info language;
    seer s = {0};
    CHECK_OK(s.model = ask_model_open(test_fixture(fixture), NULL, &err), &err);
    CHECK_OK(s.session = ask_session_open(s.model, &err), &err);
    CHECK_OK(ask_rows_info_of(&s.info, s.model, &err), &err);
    CHECK_OK(ask_language_info_of(&language, s.model, &err), &err);
    s.width = language.width;
    return s;
}

static void seer_close(seer *s)
{
    ask_session_close(s->session);
    ask_model_close(s->model);
}

static float *room_for(const seer *s, int n)
{
    float *room = calloc((size_t)n * (size_t)s->width + 1, sizeof *room);
    assert_non_null(room);
    return room;
}

/* ---- sizes ---- */

static void what_is_seen_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *fixture;
        ask_rows_info info;
    } cases[] = {
        {"golden/llava_full_vision",
         {.sees_frames = true,
          .n_rows = 17,
          .side = 4,
          .has_class = true,
          .begin = -1,
          .end = -1,
          .placeholder = "<image>"}},
        {"golden/llava_next_video",
         {.sees_frames = true,
          .n_rows = 9,
          .side = 3,
          .begin = -1,
          .end = -1,
          .placeholder = "<video>"}},
        {"golden/video_chatgpt",
         {.n_features = 24,
          .n_frames = 100,
          .begin = 88,
          .end = 89,
          .placeholder = "<video>"}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = cases[i].fixture;
        const ask_rows_info *expected = &cases[i].info;
        seer s = seer_open(name);
        CHECK_CASE(name, s.info.sees_frames == expected->sees_frames);
        CHECK_CASE(name, s.info.n_features == expected->n_features);
        CHECK_CASE(name, s.info.n_frames == expected->n_frames);
        CHECK_CASE(name, s.info.n_rows == expected->n_rows);
        CHECK_CASE(name, s.info.side == expected->side);
        CHECK_CASE(name, s.info.has_class == expected->has_class);
        CHECK_CASE(name, s.info.begin == expected->begin && s.info.end == expected->end);
        CHECK_CASE(name, strcmp(s.info.placeholder, expected->placeholder) == 0);
        CHECK_CASE(name, (s.info.frame_gflop > 0) == s.info.sees_frames);
        seer_close(&s);
    }
}

/* ---- frames ---- */

/* The last batch is smaller; a frame's bits are its own. */
static void frames_have_the_same_bits_in_any_batch(void **state)
{
    (void)state;
    enum { N = 8 };
    static const struct {
        const char *part, *input, *output;
    } video = {"golden/llava_next_video", "pixel_values_videos", "video_features"};
    ask_error err = {0};
    seer s = seer_open(video.part);
    golden in = golden_open_part("llava_next_video", "inputs");
    golden out = golden_open_part("llava_next_video", "outputs");
    const float *pixels = golden_get(&in, "%s", video.input)->data;
    size_t frame = 3 * 24 * 24, each = (size_t)s.info.n_rows * (size_t)s.width;
    float *all = room_for(&s, N * s.info.n_rows), *some = room_for(&s, N * s.info.n_rows);
    CHECK_OK(
        ask_rows_of_frames(s.session, &(ask_rows_made){.rows = all}, pixels, N, NULL, &err),
        &err);
    test_near("rows", all, golden_get(&out, "%s", video.output)->data, (int64_t)(N * each),
              2e-5);
    for (int n = 1; n <= N; n++) {
        for (int i = 0; i + n <= N; i++) {
            CHECK_OK(ask_rows_of_frames(s.session, &(ask_rows_made){.rows = some},
                                        pixels + (size_t)i * frame, n, NULL, &err),
                     &err);
            assert_memory_equal(some, all + (size_t)i * each,
                                (size_t)n * each * sizeof *all);
        }
    }
    CHECK_OK(ask_rows_of_frames(s.session, &(ask_rows_made){.rows = some}, pixels, 0, NULL,
                                &err),
             &err);
    free(all);
    free(some);
    golden_close(&in);
    golden_close(&out);
    seer_close(&s);
}

/* ---- features ---- */

static void features_become_rows(void **state)
{
    (void)state;
    enum { N = 116 };
    ask_error err = {0};
    seer s = seer_open("golden/video_chatgpt");
    golden in = golden_open_part("video_chatgpt", "inputs");
    golden out = golden_open_part("video_chatgpt", "outputs");
    const float *features = golden_get(&in, "video_spatio_temporal_features")->data;
    const float *expected = golden_get(&out, "mm_projector")->data;
    float *rows = room_for(&s, N), *one = room_for(&s, 1);
    CHECK_OK(ask_rows_of_features(s.session, rows, features, N, NULL, &err), &err);
    test_near("rows", rows, expected, N * s.width, 2e-5);
    CHECK_OK(ask_rows_of_features(s.session, one, features + 9 * 24, 1, NULL, &err), &err);
    test_near("one row", one, expected + (size_t)9 * (size_t)s.width, s.width, 2e-5);
    free(rows);
    free(one);
    golden_close(&in);
    golden_close(&out);
    seer_close(&s);
}

/* ---- errors ---- */

static void what_a_model_does_not_see_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *fixture, *message; // of its info; NULL: it has one
        const char *frames, *features; // of these; NULL: it takes them
    } cases[] = {
        {"golden/clip", "clip writes no texts", "clip writes no texts",
         "clip writes no texts"},
        {"golden/llama_mha", "llama sees no videos", "llama sees no videos",
         "llama sees no videos"},
        {"golden/llava_full_vision", NULL, NULL, "llava sees frames, not features"},
        {"golden/video_chatgpt", NULL, "video_chatgpt is given features, not frames", NULL},
    };
    static float pixels[3 * 24 * 24], out[17 * 40];
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = cases[i].fixture;
        ask_error err = {0};
        ask_rows_info info;
        ask_model *m = ask_model_open(test_fixture(name), NULL, &err);
        CHECK_OK(m, &err);
        ask_session *s = ask_session_open(m, &err);
        CHECK_OK(s, &err);
        const char *messages[] = {cases[i].message, cases[i].frames, cases[i].features};
        for (int k = 0; k < 3; k++) {
            bool ok = k == 0   ? ask_rows_info_of(&info, m, &err)
                      : k == 1 ? ask_rows_of_frames(s, &(ask_rows_made){.rows = out},
                                                    pixels, 1, NULL, &err)
                               : ask_rows_of_features(s, out, pixels, 1, NULL, &err);
            CHECK_CASE(name, ok == !messages[k]);
            if (ok) continue;
            CHECK_CASE(name, err.code == (cases[i].message ? ASK_ERR_MODEL // it has no info
                                                           : ASK_ERR_UNSUPPORTED));
            if (!strstr(err.message, messages[k])) fail_msg("%s: %s", name, err.message);
        }
        ask_session_close(s);
        ask_model_close(m);
    }
}

static void a_wish_to_stop_is_heard(void **state)
{
    (void)state;
    static float pixels[3 * 24 * 24], out[9 * 40];
    ask_error err = {0};
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    seer s = seer_open("golden/llava_next_video");
    assert_false(ask_rows_of_frames(s.session, &(ask_rows_made){.rows = out}, pixels, 1,
                                    &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    seer_close(&s);
}

static bool see(void *user, ask_error *err)
{
    static float pixels[3 * 24 * 24], out[9 * 40];
    ask_session *s = ask_session_open(user, err);
    bool ok =
        s && ask_rows_of_frames(s, &(ask_rows_made){.rows = out}, pixels, 1, NULL, err);
    ask_session_close(s);
    return ok;
}

static void every_failing_allocation_is_told(void **state)
{
    (void)state;
    ask_error err = {0};
    const ask_model_options opt = {.n_threads = 1};
    ask_model *m = ask_model_open(test_fixture("golden/llava_next_video"), &opt, &err);
    CHECK_OK(m, &err);
    assert_true(test_some_allocs_fail("see", see, m) > 10);
    ask_model_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_seen_is_told),
        cmocka_unit_test(frames_have_the_same_bits_in_any_batch),
        cmocka_unit_test(features_become_rows),
        cmocka_unit_test(what_a_model_does_not_see_is_told),
        cmocka_unit_test(a_wish_to_stop_is_heard),
        cmocka_unit_test(every_failing_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
