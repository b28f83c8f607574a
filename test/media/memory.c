/* Memory: bounded however long the video is, and every allocation may fail. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "media/video.h"
#include "support/clips.h"
#include "support/testing.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

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

/* Forgets the peak so far; false where the system does not do that. */
static bool reset_peak(void)
{
    int fd = open("/proc/self/clear_refs", O_WRONLY);
    bool ok = fd >= 0 && write(fd, "5", 1) == 1;
    if (fd >= 0) close(fd);
    return ok;
}

static bool count(void *user, const ask_video_frame *frame, ask_error *err)
{
    (void)frame, (void)err;
    ++*(int *)user;
    return true;
}

/* 900 frames of 640 x 360 are 622 MB of pixels; few of them may be there at a time. */
static const clip_spec long_spec = {.file = "long.mp4",
                                    .codec = "libx264",
                                    .codec_options = "preset=ultrafast:bf=2",
                                    .width = 640,
                                    .height = 360,
                                    .n_frames = 900,
                                    .time_base_den = 30,
                                    .gop = 300};
static const size_t MOST_BYTES = (size_t)64 << 20;

static void a_walk_keeps_few_frames_in_memory(void **state)
{
    (void)state;
    if (SANITIZED) {
        print_message("the sanitizer keeps freed memory: nothing to measure\n");
        skip();
    }
    clip c;
    clip_encode(&c, &long_spec, dir);
    if (!reset_peak()) {
        print_message("this system does not reset the peak of memory\n");
        clip_free(&c);
        skip();
    }
    size_t before = ask_peak_resident_bytes();
    ask_error err = {0};
    ask_video *v = ask_video_open(c.path, NULL, &err);
    CHECK_OK(v, &err);
    int n_frames = 0;
    CHECK_OK(ask_video_walk(v, count, &n_frames, &err), &err);
    assert_int_equal(n_frames, 900);
    const double times[] = {1, 9.99, 20, 29.9}; // far from key frames
    CHECK_OK(ask_video_frames_at(v, times, 4, NULL, count, &n_frames, &err), &err);
    ask_video_close(v);
    size_t after = ask_peak_resident_bytes();
    if (after > before + MOST_BYTES) fail_msg("grew by %zu MiB", (after - before) >> 20);
    clip_free(&c);
}

/* ---- allocations that fail ---- */

static const clip_spec short_spec = {.file = "short.mp4",
                                     .codec = "libx264",
                                     .codec_options = "bf=2",
                                     .width = 64,
                                     .height = 48,
                                     .n_frames = 12,
                                     .time_base_den = 12,
                                     .gop = 4,
                                     .rotation = 90,
                                     .audio = true};

typedef struct {
    const clip *clip;
    const char *cache_dir;
} source;

/* Everything that can be asked of a video, in one go. */
static bool use(void *user, ask_error *err)
{
    const source *s = user;
    const clip *c = s->clip;
    ask_video_options options = ask_video_defaults();
    options.cache_dir = s->cache_dir;
    options.n_threads = 1;
    ask_video *v = ask_video_open(c->path, &options, err);
    const ask_frames_options seek = {sizeof seek, ASK_ACCESS_SEEK};
    const int64_t ends[] = {0, c->n_frames - 1};
    const double times[] = {0, c->frames[c->n_frames - 1].t_s};
    char id[17];
    int n = 0;
    bool ok = v && ask_video_quick_id(v, id, err) &&
              ask_video_frames_at(v, times, 2, NULL, count, &n, err) &&
              ask_video_frames_at(v, times, 2, &seek, count, &n, err) &&
              ask_video_table(v, err) &&
              ask_video_frames(v, ends, 2, NULL, count, &n, err) &&
              ask_video_walk(v, count, &n, err);
    ask_video_close(v);
    return ok;
}

static void check_each_fails(const clip *c)
{
    source s = {.clip = c};
    assert_true(test_each_alloc_fails(c->name, use, &s) > 0);
    char *cache_dir = test_temp_dir_make();
    s.cache_dir = cache_dir;
    test_each_alloc_fails(c->name, use, &s); // the table is written, or already there
    test_temp_dir_remove(cache_dir);
}

static void any_allocation_may_fail_in_a_video(void **state)
{
    (void)state;
    clip c;
    clip_encode(&c, &short_spec, dir);
    c.name = short_spec.file;
    check_each_fails(&c);
    clip_free(&c);
}

/* Each case is used some hundred times, so the costly ones are left out. */
static bool is_light(const clip *c)
{
    return c->width * c->height * c->n_frames < 1 << 20;
}

static void any_allocation_may_fail_in_a_good_case(void **state)
{
    (void)state;
    for (int i = 0; i < n_clip_cases; i++) {
        clip c = clip_make(&clip_cases[i], dir);
        if (c.code == ASK_OK && clip_lost(&c) < 0 && is_light(&c)) check_each_fails(&c);
        clip_free(&c);
    }
}

static bool open_only(void *user, ask_error *err)
{
    ask_video *v = ask_video_open(user, NULL, err);
    bool ok = v && ask_video_table(v, err);
    ask_video_close(v);
    return ok || err->code != ASK_ERR_NOMEM; // the error of the clip is as good
}

static void any_allocation_may_fail_in_a_bad_case(void **state)
{
    (void)state;
    for (int i = 0; i < n_clip_cases; i++) {
        clip c = clip_make(&clip_cases[i], dir);
        if (c.code != ASK_OK) test_each_alloc_fails(c.name, open_only, c.path);
        clip_free(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_walk_keeps_few_frames_in_memory),
        cmocka_unit_test(any_allocation_may_fail_in_a_video),
        cmocka_unit_test(any_allocation_may_fail_in_a_good_case),
        cmocka_unit_test(any_allocation_may_fail_in_a_bad_case),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
