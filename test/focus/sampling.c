#include "focus/sampling.h"

#include <math.h>
#include <string.h>

#include "support/clips.h"
#include "support/seen.h"
#include "support/testing.h"

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

static ask_video *open_video(const char *path)
{
    ask_error err = {0};
    ask_video *v = ask_video_open(path, NULL, &err);
    if (!v) fail_msg("%s", err.message);
    return v;
}

/* 20 seconds of 5 frames a second. */
static ask_video *open_20_s(void)
{
    static const clip_spec spec = {.file = "20_s.mp4",
                                   .codec = "libx264",
                                   .codec_options = "preset=ultrafast",
                                   .width = 64,
                                   .height = 48,
                                   .n_frames = 100,
                                   .time_base_den = 5};
    clip c;
    clip_encode(&c, &spec, dir);
    ask_video *v = open_video(c.path);
    clip_free(&c);
    return v;
}

/* What a case asks for; 0 is not asked. */
typedef struct {
    const char *name;
    int n_frames;
    double fps;
    int max_frames;
    double start_s, end_s;
    double default_fps;
} asked;

static ask_sampling_options options_of(const asked *a)
{
    ask_sampling_options o = ask_sampling_defaults();
    o.n_frames = a->n_frames;
    o.fps = a->fps;
    o.max_frames = a->max_frames;
    o.start_s = a->start_s;
    o.end_s = a->end_s;
    o.default_fps = a->default_fps;
    return o;
}

static void ways_of_asking_combine_and_what_came_of_them_is_told(void **state)
{
    (void)state;
    static const struct {
        asked a;
        int n;
        double start_s, end_s;
        const char *why; // a part of it; NULL: as asked
    } cases[] = {
        {{.name = "nothing: two a second"}, 40, 0, 20, NULL},
        {{"nothing, with a rate for that", .default_fps = 4}, 80, 0, 20, NULL},
        {{"a count and a default rate", .n_frames = 8, .default_fps = 4}, 8, 0, 20, NULL},
        {{"a rate and a default one", .fps = 0.5, .default_fps = 4}, 10, 0, 20, NULL},
        {{"a count", .n_frames = 8}, 8, 0, 20, NULL},
        {{"one frame", .n_frames = 1}, 1, 0, 20, NULL},
        {{"a rate", .fps = 0.5}, 10, 0, 20, NULL},
        {{"a rate that does not divide", .fps = 0.33}, 7, 0, 20, NULL},
        {{"a rate slower than the video is long", .fps = 0.001}, 1, 0, 20, NULL},
        {{"a window", .fps = 2, .start_s = 5, .end_s = 7.5}, 5, 5, 7.5, NULL},
        {{"a window up to the end", .n_frames = 4, .start_s = 18}, 4, 18, 20, NULL},
        {{"a window without an end", .start_s = 18, .end_s = INFINITY}, 4, 18, 20, NULL},
        {{"the rate gives fewer", .n_frames = 64, .fps = 1},
         20,
         0,
         20,
         "1 frames/s of 20.000 s are 20, fewer than 64"},
        {{"the count is fewer", .n_frames = 8, .fps = 1},
         8,
         0,
         20,
         "8 frames are fewer than the 20 of 1 frames/s"},
        {{"both the same", .n_frames = 20, .fps = 1}, 20, 0, 20, NULL},
        {{"a cap lowers the rate", .fps = 5, .max_frames = 30},
         30,
         0,
         20,
         "100 frames are more than the most, 30"},
        {{"a cap lowers the count", .n_frames = 31, .max_frames = 30},
         30,
         0,
         20,
         "31 frames are more than the most, 30"},
        {{"a cap that does not matter", .n_frames = 30, .max_frames = 30}, 30, 0, 20, NULL},
        {{"a rate without a cap", .fps = 1000}, 20000, 0, 20, NULL},
        {{"a count without a cap", .n_frames = 1000}, 1000, 0, 20, NULL},
        {{"the largest count", .n_frames = 65536}, 65536, 0, 20, NULL},
        {{"the largest rate", .fps = 3276}, 65520, 0, 20, NULL},
        {{"a cap on the default rate", .max_frames = 30},
         30,
         0,
         20,
         "40 frames are more than the most, 30"},
        {{"a window that ends too late", .fps = 1, .start_s = 10, .end_s = 35},
         10,
         10,
         20,
         "the video ends at 20.000 s"},
        {{"two reasons", .n_frames = 5, .fps = 1, .end_s = 35},
         5,
         0,
         20,
         "the video ends at 20.000 s; 5 frames are fewer"},
        {{"a window shorter than a frame", .start_s = 7.01, .end_s = 7.02},
         1,
         7.01,
         7.02,
         NULL},
        {{"a window of no width to speak of", .start_s = 7, .end_s = 7.000000000000001},
         1,
         7,
         7.000000000000001,
         NULL},
    };
    ask_video *v = open_20_s();
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = cases[i].a.name;
        ask_error err = {0};
        ask_sampling_options o = options_of(&cases[i].a);
        ask_sampling s;
        if (!ask_sampling_resolve(&s, v, &o, &err)) fail_msg("%s: %s", name, err.message);
        if (s.n != cases[i].n) fail_msg("%s: %d times, expected %d", name, s.n, cases[i].n);
        CHECK_CASE(name, s.start_s == cases[i].start_s && s.end_s == cases[i].end_s);
        CHECK_CASE(name, fabs(s.fps * (s.end_s - s.start_s) - s.n) < 1e-6 * s.n);
        if (cases[i].why ? !strstr(s.why_changed, cases[i].why) : s.why_changed[0] != '\0')
            fail_msg("%s: changed because \"%s\"", name, s.why_changed);
        for (int k = 0; k < s.n; k++) { // the middles of equal parts
            double middle_s = s.start_s + (s.end_s - s.start_s) * (2 * k + 1) / (2 * s.n);
            CHECK_CASE(name, fabs(s.t_s[k] - middle_s) < 1e-9);
            CHECK_CASE(name, s.t_s[k] >= s.start_s && s.t_s[k] < s.end_s);
        }
        ask_sampling_free(&s);
        CHECK_CASE(name, !s.t_s && s.n == 0);
    }
    ask_video_close(v);
}

static void what_cannot_be_is_refused_with_its_values(void **state)
{
    (void)state;
    static const struct {
        asked a;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {{"a negative count", .n_frames = -1}, ASK_ERR_USAGE, "-1 frames"},
        {{"a negative rate", .fps = -2}, ASK_ERR_USAGE, "-2 frames a second"},
        {{"a rate that is no number", .fps = NAN}, ASK_ERR_USAGE, "nan frames a second"},
        {{"a default rate below 0", .default_fps = -1},
         ASK_ERR_USAGE,
         "-1 frames a second"},
        {{"an infinite rate", .fps = INFINITY}, ASK_ERR_USAGE, "inf frames a second"},
        {{"a negative cap", .max_frames = -5}, ASK_ERR_USAGE, "at most -5 frames"},
        {{"a negative start", .start_s = -0.5}, ASK_ERR_USAGE, "starts at -0.5 s"},
        {{"a start that is no number", .start_s = NAN}, ASK_ERR_USAGE, "starts at nan s"},
        {{"an infinite start", .start_s = INFINITY}, ASK_ERR_USAGE, "starts at inf s"},
        {{"a negative end", .end_s = -1}, ASK_ERR_USAGE, "ends at -1 s"},
        {{"an end that is no number", .end_s = NAN}, ASK_ERR_USAGE, "ends at nan s"},
        {{"an end before the start", .start_s = 3, .end_s = 2},
         ASK_ERR_USAGE,
         "from 3 s to 2 s is empty"},
        {{"an end at the start", .start_s = 3, .end_s = 3},
         ASK_ERR_USAGE,
         "from 3 s to 3 s is empty"},
        {{"a start at the end", .start_s = 20},
         ASK_ERR_USAGE,
         "starts at 20 s, past the end of the video (20.000 s)"},
        {{"a start past the end", .start_s = 99, .end_s = 100},
         ASK_ERR_USAGE,
         "starts at 99 s, past the end of the video (20.000 s)"},
        {{"far too many", .n_frames = 70000, .max_frames = 100000},
         ASK_ERR_LIMIT,
         "70000 frames are asked for: ask for 65536 or fewer"},
        {{"a rate that gives too many", .fps = 4000},
         ASK_ERR_LIMIT,
         "4000 frames/s of 20.000 s are 80000, and 65536 can be looked at: lower the rate "
         "to 3276 frames/s"},
        {{"a rate beyond counting", .fps = 1e300, .max_frames = 100000},
         ASK_ERR_LIMIT,
         "1e+300 frames/s of 20.000 s are 100000"},
    };
    ask_video *v = open_20_s();
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_sampling_options o = options_of(&cases[i].a);
        ask_sampling s = {.n = 77};
        CHECK_CASE(cases[i].a.name, !ask_sampling_resolve(&s, v, &o, &err));
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("%s: %s, \"%s\"", cases[i].a.name, ask_error_name(err.code),
                     err.message);
        CHECK_CASE(cases[i].a.name, s.n == 77);
    }
    ask_video_close(v);
}

/* 600 seconds of slow frames. */
static void a_default_bounds_only_what_was_left_to_it(void **state)
{
    (void)state;
    static const struct {
        asked a;
        int n;
        const char *why;
    } cases[] = {
        {{.name = "nothing"}, 512, "1200 frames are more than the most by default, 512"},
        {{"a count", .n_frames = 600}, 600, ""},
        {{"a rate", .fps = 1}, 600, ""},
        {{"a cap", .max_frames = 2000}, 1200, ""},
        {{"a window", .end_s = 200}, 400, ""},
    };
    static const clip_spec spec = {.file = "600_s.mp4",
                                   .codec = "libx264",
                                   .codec_options = "preset=ultrafast",
                                   .width = 64,
                                   .height = 48,
                                   .n_frames = 60,
                                   .step = 10,
                                   .time_base_den = 1};
    clip c;
    clip_encode(&c, &spec, dir);
    ask_video *v = open_video(c.path);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = cases[i].a.name;
        ask_error err = {0};
        ask_sampling_options o = options_of(&cases[i].a);
        ask_sampling s;
        if (!ask_sampling_resolve(&s, v, &o, &err)) fail_msg("%s: %s", name, err.message);
        if (s.n != cases[i].n || strcmp(s.why_changed, cases[i].why) != 0)
            fail_msg("%s: %d times, changed because \"%s\"", name, s.n, s.why_changed);
        ask_sampling_free(&s);
    }
    ask_video_close(v);
    clip_free(&c);
}

/* Resolves and decodes; every time must have a frame, and frames lie where they should. */
static void look(const clip *c, const asked *a, bool counted)
{
    ask_error err = {0};
    ask_video *v = open_video(c->path);
    ask_sampling_options o = options_of(a);
    o.counted = counted;
    ask_sampling s;
    if (!ask_sampling_resolve(&s, v, &o, &err))
        fail_msg("%s, %s: %s", c->name, a->name, err.message);
    seen frames = {0};
    if (!ask_video_frames_at(v, s.t_s, s.n, NULL, seen_add, &frames, &err))
        fail_msg("%s, %s, counted %d: %s", c->name, a->name, counted, err.message);
    CHECK_CASE(c->name, frames.n == s.n);
    for (int i = 0; i < s.n; i++) CHECK_CASE(c->name, frames.items[i].t_s <= s.t_s[i]);
    CHECK_CASE(c->name, !counted || fabs(s.end_s - c->duration_s) < 1e-9);
    seen_free(&frames);
    ask_sampling_free(&s);
    ask_video_close(v);
}

static void every_kind_of_video_has_a_frame_for_every_time(void **state)
{
    (void)state;
    static const asked ways[] = {
        {.name = "defaults"},
        {"one", .n_frames = 1},
        {"more than there are", .n_frames = 100},
        {"from 0.01 s on", .n_frames = 3, .start_s = 0.01},
    };
    for (int i = 0; i < n_clip_cases; i++) {
        if (strcmp(clip_cases[i].name, "4K") == 0) continue; // slow, and no other table
        clip c = clip_make(&clip_cases[i], dir);
        bool is_whole = c.code == ASK_OK && clip_lost(&c) < 0;
        for (size_t k = 0; is_whole && k < TEST_COUNT(ways); k++) {
            look(&c, &ways[k], false);
            look(&c, &ways[k], true);
        }
        clip_free(&c);
    }
}

static void an_unknown_duration_is_counted(void **state)
{
    (void)state;
    clip c = clip_make(clip_case_of("streamed Matroska"), dir);
    ask_video *v = open_video(c.path);
    assert_true(ask_video_outline(v)->duration_s < 0);
    ask_error err = {0};
    ask_sampling s;
    CHECK_OK(ask_sampling_resolve(&s, v, NULL, &err), &err);
    assert_true(fabs(s.end_s - c.duration_s) < 1e-9);
    ask_sampling_free(&s);
    ask_video_close(v);
    clip_free(&c);
}

/* An MP4 of 8 seconds whose second half is missing: the index still promises it. */
static void a_promise_that_counting_does_not_keep_is_told(void **state)
{
    (void)state;
    static const clip_spec spec = {.file = "promise.mp4",
                                   .codec = "mpeg4",
                                   .width = 64,
                                   .height = 48,
                                   .n_frames = 40,
                                   .time_base_den = 5,
                                   .muxer_options = "movflags=+faststart",
                                   .cut_frame = 20};
    clip c;
    clip_encode(&c, &spec, dir);
    ask_video *v = open_video(c.path);
    ask_error err = {0};
    ask_sampling_options o = ask_sampling_defaults();
    ask_sampling s;
    CHECK_OK(ask_sampling_resolve(&s, v, &o, &err), &err);
    double believed_s = s.end_s;
    ask_sampling_free(&s);
    o.counted = true;
    CHECK_OK(ask_sampling_resolve(&s, v, &o, &err), &err);
    assert_true(s.end_s < believed_s - 1);
    assert_non_null(strstr(s.why_changed, "of the promised 8.000 s"));
    ask_sampling_free(&s);
    ask_video_close(v);
    clip_free(&c);
}

static bool resolve_counted(void *user, ask_error *err)
{
    ask_video *v = ask_video_open(user, NULL, err);
    ask_sampling_options o = ask_sampling_defaults();
    o.counted = true;
    ask_sampling s;
    bool ok = v && ask_sampling_resolve(&s, v, &o, err);
    if (ok) ask_sampling_free(&s);
    ask_video_close(v);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    clip c = clip_make(clip_case_of("GIF with partial frames"), dir);
    assert_true(test_each_alloc_fails("sampling", resolve_counted, c.path) > 3);
    clip_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ways_of_asking_combine_and_what_came_of_them_is_told),
        cmocka_unit_test(what_cannot_be_is_refused_with_its_values),
        cmocka_unit_test(a_default_bounds_only_what_was_left_to_it),
        cmocka_unit_test(every_kind_of_video_has_a_frame_for_every_time),
        cmocka_unit_test(an_unknown_duration_is_counted),
        cmocka_unit_test(a_promise_that_counting_does_not_keep_is_told),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
