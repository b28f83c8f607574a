/* Videos that are written, as the same library reads them. */
#include "media/writer.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/video.h"
#include "support/clips.h"
#include "support/seen.h"
#include "support/testing.h"

static char *dir;

static int set_up(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

static ask_image new_image(int width, int height)
{
    ask_image image;
    ask_error err = {0};
    CHECK_OK(ask_image_new(&image, width, height, 3, &err), &err);
    return image;
}

static ask_image numbered(int width, int height, int number)
{
    ask_image image = new_image(width, height);
    clip_draw(&image, number);
    return image;
}

/* ---- times and pictures ---- */

enum { MAX_FRAMES = 24 };

typedef struct {
    const char *name, *file;
    int width, height, shown_width, shown_height;
    int fps_num, fps_den;
    int n;
    int64_t ticks[MAX_FRAMES + 1]; // and the end; none: 0, 1, 2, ...
    bool vfr;
} round_trip;

static const round_trip round_trips[] = {
    {"MP4", "a.mp4", 64, 48, 64, 48, 12, 1, 24, {0}, false},
    {"MP4, capital ending", "a.MP4", 64, 48, 64, 48, 12, 1, 3, {0}, false},
    {"MP4, odd size", "a.mp4", 131, 77, 132, 78, 25, 1, 5, {0}, false},
    {"MP4, NTSC rate", "a.mp4", 64, 48, 64, 48, 30000, 1001, 20, {0}, false},
    {"MP4, one frame", "a.mp4", 64, 48, 64, 48, 12, 1, 1, {0, 7}, false},
    {"MP4, not from 0", "a.mp4", 64, 48, 64, 48, 12, 1, 3, {100, 101, 102, 103}, false},
    {"MP4, variable rate",
     "a.mp4",
     64,
     48,
     64,
     48,
     100,
     1,
     9,
     {0, 3, 4, 5, 90, 91, 100, 200, 201, 250},
     true},
    {"GIF", "a.gif", 64, 48, 64, 48, 10, 1, 12, {0}, false},
    {"GIF, odd size", "a.gif", 131, 77, 131, 77, 25, 1, 5, {0}, false},
    {"GIF, one frame", "a.gif", 64, 48, 64, 48, 10, 1, 1, {0, 5}, false},
    {"GIF, variable rate",
     "a.gif",
     64,
     48,
     64,
     48,
     100,
     1,
     6,
     {5, 7, 11, 50, 52, 90, 390},
     true},
};

static int64_t tick_of(const round_trip *c, int i)
{
    return c->ticks[1] ? c->ticks[i] : i;
}

static ask_video_writer *open_writer(const char *path, int width, int height, int fps_num,
                                     int fps_den)
{
    ask_writer_options opt = ask_writer_defaults();
    opt.fps_num = fps_num;
    opt.fps_den = fps_den;
    ask_error err = {0};
    ask_video_writer *w = ask_video_writer_open(path, width, height, &opt, &err);
    if (!w) fail_msg("%s: %s", path, err.message);
    return w;
}

static void add_number(ask_video_writer *w, int width, int height, int number,
                       int64_t ticks)
{
    ask_image image = numbered(width, height, number);
    ask_error err = {0};
    CHECK_OK(ask_video_writer_add(w, &image, ticks, &err), &err);
    ask_image_free(&image);
}

static void write_case(const round_trip *c, const char *path)
{
    ask_video_writer *w = open_writer(path, c->width, c->height, c->fps_num, c->fps_den);
    for (int i = 0; i < c->n; i++) add_number(w, c->width, c->height, 7 * i, tick_of(c, i));
    ask_error err = {0};
    CHECK_OK(ask_video_writer_commit(w, tick_of(c, c->n), &err), &err);
}

static ask_video *open_video(const char *path)
{
    ask_error err = {0};
    ask_video *v = ask_video_open(path, NULL, &err);
    if (!v) fail_msg("%s", err.message);
    return v;
}

static double seconds(const round_trip *c, int i)
{
    return (double)(tick_of(c, i) - tick_of(c, 0)) * c->fps_den / c->fps_num;
}

static void check_times(const round_trip *c, const ask_time_table *t)
{
    CHECK_CASE(c->name, t->n_frames == c->n && t->vfr == c->vfr);
    CHECK_CASE(c->name, fabs(t->duration_s - seconds(c, c->n)) < 1e-9);
    for (int i = 0; i < c->n; i++) {
        CHECK_CASE(c->name, fabs(t->frames[i].t_s - seconds(c, i)) < 1e-9);
        double lasts_s = seconds(c, i + 1) - seconds(c, i);
        CHECK_CASE(c->name, fabs(t->frames[i].duration_s - lasts_s) < 1e-9);
    }
}

static void what_is_written_is_read_with_its_times_and_pictures(void **state)
{
    (void)state;
    for (size_t k = 0; k < TEST_COUNT(round_trips); k++) {
        const round_trip *c = &round_trips[k];
        const char *path = test_path(dir, c->file);
        write_case(c, path);
        ask_video *v = open_video(path);
        ask_error err = {0};
        const ask_time_table *t = ask_video_table(v, &err);
        if (!t) fail_msg("case \"%s\": %s", c->name, err.message);
        check_times(c, t);
        seen all = seen_walk(c->name, v);
        CHECK_CASE(c->name, all.n == c->n);
        for (int i = 0; i < all.n; i++) {
            CHECK_CASE(c->name, all.items[i].number == 7 * i);
            CHECK_CASE(c->name, all.items[i].width == c->shown_width);
            CHECK_CASE(c->name, all.items[i].height == c->shown_height);
        }
        seen_free(&all);
        ask_video_close(v);
    }
    assert_int_equal(test_count_entries(dir), 3);
}

static void gif_times_that_fall_between_hundredths_do_not_drift(void **state)
{
    (void)state;
    enum { N = 36 };
    const char *path = test_path(dir, "a.gif");
    ask_video_writer *w = open_writer(path, 64, 48, 12, 1);
    for (int i = 0; i < N; i++) add_number(w, 64, 48, i, i);
    ask_error err = {0};
    CHECK_OK(ask_video_writer_commit(w, N, &err), &err);
    ask_video *v = open_video(path);
    const ask_time_table *t = ask_video_table(v, &err);
    CHECK_OK(t, &err);
    assert_int_equal(t->n_frames, N);
    for (int i = 0; i < N; i++) assert_true(fabs(t->frames[i].t_s - i / 12.0) <= 0.005001);
    assert_true(fabs(t->duration_s - N / 12.0) < 1e-9);
    ask_video_close(v);
}

/* ---- colours ---- */

static const uint8_t colors[][3] = {
    {0, 0, 0},     {255, 255, 255}, {128, 128, 128}, {255, 0, 0},
    {0, 255, 0},   {0, 0, 255},     {255, 255, 0},   {0, 255, 255},
    {255, 0, 255}, {200, 120, 40},  {40, 120, 200},  {90, 160, 90},
};

typedef struct {
    const char *name;
    int tol, seen;
} color_check;

static bool check_color(void *user, const ask_video_frame *frame, ask_error *err)
{
    (void)err;
    color_check *c = user;
    const ask_image *image = frame->image;
    const uint8_t *want = colors[c->seen++];
    size_t n = (size_t)image->width * (size_t)image->height * 3;
    for (size_t i = 0; i < n; i++)
        if (abs(image->pixels[i] - want[i % 3]) > c->tol)
            fail_msg("%s: colour %d, %d, %d: a sample is %d", c->name, want[0], want[1],
                     want[2], image->pixels[i]);
    return true;
}

/* 219 and 224 steps for 255 values, rounded twice, and once more by the encoder. */
static void colours_come_back(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        int width, height, tol;
    } cases[] = {{"small.mp4", 64, 48, 3}, {"hd.mp4", 48, 720, 3}, {"a.gif", 64, 48, 0}};
    for (size_t k = 0; k < TEST_COUNT(cases); k++) {
        const char *path = test_path(dir, cases[k].file);
        ask_video_writer *w = open_writer(path, cases[k].width, cases[k].height, 12, 1);
        ask_error err = {0};
        for (int i = 0; i < (int)TEST_COUNT(colors); i++) {
            ask_image image = new_image(cases[k].width, cases[k].height);
            for (int p = 0; p < image.width * image.height; p++)
                memcpy(image.pixels + 3 * p, colors[i], 3);
            CHECK_OK(ask_video_writer_add(w, &image, i, &err), &err);
            ask_image_free(&image);
        }
        CHECK_OK(ask_video_writer_commit(w, TEST_COUNT(colors), &err), &err);
        ask_video *v = open_video(path);
        color_check c = {cases[k].file, cases[k].tol, 0};
        CHECK_OK(ask_video_walk(v, check_color, &c, &err), &err);
        assert_int_equal(c.seen, TEST_COUNT(colors));
        ask_video_close(v);
    }
}

static void the_same_frames_give_the_same_bytes(void **state)
{
    (void)state;
    static const char *const files[][2] = {{"a.mp4", "b.mp4"}, {"a.gif", "b.gif"}};
    for (size_t k = 0; k < TEST_COUNT(files); k++) {
        char *bytes[2];
        size_t n[2];
        for (int i = 0; i < 2; i++) {
            round_trip c = {"twice", files[k][i], 64, 48, 64, 48, 10, 1, 20, {0}, false};
            write_case(&c, test_path(dir, c.file));
            bytes[i] = test_read(test_path(dir, c.file), &n[i]);
        }
        assert_int_equal(n[0], n[1]);
        assert_memory_equal(bytes[0], bytes[1], n[0]);
        free(bytes[0]);
        free(bytes[1]);
    }
}

/* ---- what is refused ---- */

static void bad_requests_are_refused_at_opening(void **state)
{
    (void)state;
    const ask_writer_options good = ask_writer_defaults();
    ask_writer_options no_rate = good, crf = good, gop = good, threads = good,
                       preset = good;
    no_rate.fps_num = 0;
    crf.crf = 52;
    gop.gop = 0;
    threads.n_threads = 0;
    preset.preset = "sluggish";
    const struct {
        const char *file;
        int width, height;
        const ask_writer_options *opt;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"a.avi", 64, 48, &good, ASK_ERR_USAGE, "a.avi: the name must end in .mp4 or .gif"},
        {"mp4", 64, 48, &good, ASK_ERR_USAGE, "mp4: the name must end in .mp4 or .gif"},
        {"a.mp4", 0, 48, &good, ASK_ERR_LIMIT, "a.mp4: a video of 0 x 48; sides are 1 to"},
        {"a.mp4", 64, 16385, &good, ASK_ERR_LIMIT, "a video of 64 x 16385"},
        {"a.gif", 65536, 9, &good, ASK_ERR_LIMIT, "a video of 65536 x 9"},
        {"a.mp4", 64, 48, &no_rate, ASK_ERR_USAGE, "a.mp4: a rate of 0/1"},
        {"a.mp4", 64, 48, &crf, ASK_ERR_USAGE, "a.mp4: crf is 0 to 51, not 52"},
        {"a.mp4", 64, 48, &gop, ASK_ERR_USAGE, "a.mp4: gop is at least 1, not 0"},
        {"a.mp4", 64, 48, &threads, ASK_ERR_USAGE, "n_threads is at least 1, not 0"},
        {"a.mp4", 64, 48, &preset, ASK_ERR_USAGE, "x264 has no preset \"sluggish\""},
        {"no/a.mp4", 64, 48, &good, ASK_ERR_IO, "no/a.mp4: the folder "},
        {".", 64, 48, &good, ASK_ERR_USAGE, "the name must end in"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_video_writer *w =
            ask_video_writer_open(test_path(dir, cases[i].file), cases[i].width,
                                  cases[i].height, cases[i].opt, &err);
        CHECK_CASE(cases[i].message, !w);
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("%s: \"%s\" is not \"%s\"", ask_error_name(err.code), err.message,
                     cases[i].message);
    }
    assert_int_equal(test_count_entries(dir), 0);
}

static void a_frame_that_does_not_fit_leaves_the_writer_as_it_was(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        int64_t too_soon, too_late; // after a frame at tick 10
    } cases[] = {{"a.mp4", 10, (int64_t)1 << 40}, {"a.gif", 11, 10 + 65536}};
    for (size_t k = 0; k < TEST_COUNT(cases); k++) {
        const char *path = test_path(dir, cases[k].file);
        ask_video_writer *w = open_writer(path, 64, 48, 100, 1);
        add_number(w, 64, 48, 1, 5);
        add_number(w, 64, 48, 2, 10);
        const struct {
            int width, channels;
            int64_t ticks;
            ask_error_code code;
            const char *message;
        } bad[] = {
            {66, 3, 20, ASK_ERR_SHAPE, "a frame of 66 x 48 with 3 channels; the video has"},
            {64, 1, 20, ASK_ERR_SHAPE, "a frame of 64 x 48 with 1 channels; the video has"},
            {64, 3, -1, ASK_ERR_USAGE, "tick -1; ticks are 0 or more"},
            {64, 3, 9, ASK_ERR_USAGE, "tick 9 is -0.01 s after the frame before it"},
            {64, 3, 2, ASK_ERR_USAGE, "tick 2 is -0.08 s after the frame before it"},
            {64, 3, cases[k].too_soon, ASK_ERR_USAGE, "a frame of this file is shown for"},
            {64, 3, cases[k].too_late, ASK_ERR_USAGE, "a frame of this file is shown for"},
            {64, 3, INT64_MAX, ASK_ERR_USAGE, "a frame of this file is shown for"},
        };
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
            ask_image image;
            ask_error err = {0};
            CHECK_OK(ask_image_new(&image, bad[i].width, 48, bad[i].channels, &err), &err);
            CHECK_CASE(bad[i].message,
                       !ask_video_writer_add(w, &image, bad[i].ticks, &err));
            if (err.code != bad[i].code || !strstr(err.message, bad[i].message))
                fail_msg("%s: \"%s\" is not \"%s\"", ask_error_name(err.code), err.message,
                         bad[i].message);
            ask_image_free(&image);
        }
        add_number(w, 64, 48, 3, 20);
        ask_error err = {0};
        CHECK_OK(ask_video_writer_commit(w, 30, &err), &err);
        ask_video *v = open_video(path);
        seen all = seen_walk(path, v);
        assert_int_equal(all.n, 3);
        assert_int_equal(all.items[2].number, 3);
        assert_true(fabs(all.items[2].t_s - 0.15) < 1e-9);
        seen_free(&all);
        ask_video_close(v);
    }
}

static void a_video_needs_a_frame_and_an_end_after_it(void **state)
{
    (void)state;
    static const char *const files[] = {"a.mp4", "a.gif"};
    for (size_t k = 0; k < TEST_COUNT(files); k++) {
        const char *path = test_path(dir, files[k]);
        ask_error err = {0};
        ask_video_writer *w = open_writer(path, 64, 48, 10, 1);
        assert_false(ask_video_writer_commit(w, 10, &err));
        assert_int_equal(err.code, ASK_ERR_USAGE);
        assert_non_null(strstr(err.message, ": a video needs at least one frame"));

        static const int64_t ends[] = {3, 2, -1};
        for (size_t i = 0; i < TEST_COUNT(ends); i++) {
            w = open_writer(path, 64, 48, 10, 1);
            add_number(w, 64, 48, 1, 3);
            assert_false(ask_video_writer_commit(w, ends[i], &err));
            assert_int_equal(err.code, ASK_ERR_USAGE);
        }
    }
    assert_int_equal(test_count_entries(dir), 0);
}

/* ---- disks that fail ---- */

/* Writes frames of noise until something fails; commits, or gives up. */
static bool write_noise(const char *path, int n, ask_error *err)
{
    ask_video_writer *w = ask_video_writer_open(path, 256, 256, NULL, err);
    if (!w) return false;
    ask_image image = new_image(256, 256);
    uint32_t state = 1;
    bool ok = true;
    for (int i = 0; i < n && ok; i++) {
        for (int p = 0; p < 256 * 256 * 3; p++)
            image.pixels[p] = (uint8_t)((state = state * 1664525 + 1013904223) >> 24);
        ok = ask_video_writer_add(w, &image, i, err);
    }
    if (!ok) { // what failed once stays so
        ask_error again = {0};
        assert_false(ask_video_writer_add(w, &image, n, &again));
        assert_string_equal(again.message, err->message);
    }
    ask_image_free(&image);
    return ask_video_writer_commit(w, n, err) && ok;
}

static void check_disk(const char *path, const char *message)
{
    // few frames: found out at the end; many: on the way
    static const int counts[] = {2, 90};
    for (size_t i = 0; i < TEST_COUNT(counts); i++) {
        ask_error err = {0};
        assert_false(write_noise(path, counts[i], &err));
        assert_int_equal(err.code, ASK_ERR_LIMIT);
        if (strcmp(err.message, message) != 0)
            fail_msg("%d frames: \"%s\" is not \"%s\"", counts[i], err.message, message);
    }
}

static void a_full_disk_is_an_error_and_leaves_nothing(void **state)
{
    (void)state;
    static const char *const files[] = {"a.mp4", "a.gif"};
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){10000, old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    for (size_t k = 0; k < TEST_COUNT(files); k++) {
        const char *path = test_path(dir, files[k]);
        test_write_text(path, "was here before");
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        char message[1024];
        snprintf(message, sizeof message, "%s: cannot write: File too large", path);
        check_disk(path, message);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        size_t n;
        char *text = test_read(path, &n);
        assert_string_equal(text, "was here before");
        free(text);
        unlink(path);

        assert_int_equal(symlink("/dev/full", path), 0);
        check_disk(path, "/dev/full: cannot write: No space left on device");
        unlink(path);
        assert_int_equal(test_count_entries(dir), 0);
    }
}

static void a_writer_that_is_given_up_leaves_nothing(void **state)
{
    (void)state;
    ask_video_writer_abort(NULL);
    ask_video_writer *w = open_writer(test_path(dir, "a.mp4"), 64, 48, 12, 1);
    ask_video_writer_abort(w);
    w = open_writer(test_path(dir, "a.mp4"), 64, 48, 12, 1);
    for (int i = 0; i < 60; i++) add_number(w, 64, 48, i, i);
    ask_video_writer_abort(w);
    assert_int_equal(test_count_entries(dir), 0);
}

/* ---- memory ---- */

static bool write_two(void *path, ask_error *err)
{
    ask_image image = {0};
    ask_video_writer *w = ask_video_writer_open(path, 33, 32, NULL, err);
    bool ok = w && ask_image_new(&image, 33, 32, 3, err);
    if (ok) clip_draw(&image, 5);
    ok = ok && ask_video_writer_add(w, &image, 0, err) &&
         ask_video_writer_add(w, &image, 4, err);
    ask_image_free(&image);
    if (ok) return ask_video_writer_commit(w, 5, err);
    ask_video_writer_abort(w);
    return false;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", test_path(dir, "a.mp4"));
    assert_true(test_each_alloc_fails("MP4", write_two, path) >= 4);
    snprintf(path, sizeof path, "%s", test_path(dir, "a.gif"));
    assert_true(test_each_alloc_fails("GIF", write_two, path) >= 8);
    assert_int_equal(test_count_entries(dir), 2);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read_with_its_times_and_pictures),
        TEST(gif_times_that_fall_between_hundredths_do_not_drift),
        TEST(colours_come_back),
        TEST(the_same_frames_give_the_same_bytes),
        TEST(bad_requests_are_refused_at_opening),
        TEST(a_frame_that_does_not_fit_leaves_the_writer_as_it_was),
        TEST(a_video_needs_a_frame_and_an_end_after_it),
        TEST(a_full_disk_is_an_error_and_leaves_nothing),
        TEST(a_writer_that_is_given_up_leaves_nothing),
        TEST(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
