/* Full tables kept on disk: found again, never trusted, never in the way. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "media/video.h"
#include "support/clips.h"
#include "support/testing.h"

static const clip_spec spec = {.file = "cached.mp4",
                               .codec = "libx264",
                               .codec_options = "bf=2",
                               .width = 64,
                               .height = 48,
                               .n_frames = 30,
                               .time_base_den = 30};

static char *dir;
static clip source;

static int make_clip(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    clip_encode(&source, &spec, dir);
    return 0;
}

static int remove_clip(void **state)
{
    (void)state;
    clip_free(&source);
    test_temp_dir_remove(dir);
    return 0;
}

/* Counts the calls: a table that comes from the cache needs no walk over the packets. */
static void count_call(void *user, int64_t done, int64_t total, const char *unit,
                       const char *label)
{
    (void)done, (void)total, (void)unit, (void)label;
    ++*(int *)user;
}

static void check_times(const ask_time_table *t)
{
    assert_int_equal(t->n_frames, source.n_frames);
    assert_int_equal(t->n_keys, 3);
    assert_true(t->full);
    for (int i = 0; i < source.n_frames; i++) {
        assert_int_equal(t->frames[i].pts, source.frames[i].pts);
        assert_true(fabs(t->frames[i].t_s - source.frames[i].t_s) < 1e-9);
        assert_int_equal(t->frames[i].key, source.frames[i].key);
    }
}

/* Makes or finds the table and checks it; returns whether packets were walked. */
static bool get_table(const char *path, const char *cache)
{
    int n_calls = 0;
    const ask_progress progress = {count_call, &n_calls};
    ask_video_options options = ask_video_defaults();
    options.cache_dir = cache;
    options.progress = &progress;
    ask_error err = {0};
    ask_video *v = ask_video_open(path, &options, &err);
    CHECK_OK(v, &err);
    const ask_time_table *t = ask_video_table(v, &err);
    CHECK_OK(t, &err);
    check_times(t);
    ask_video_close(v);
    return n_calls > 0;
}

static const char *new_cache(const char *name)
{
    const char *path = test_path(dir, name);
    assert_int_equal(mkdir(path, 0700), 0);
    return path;
}

static void a_table_is_made_once_and_then_found(void **state)
{
    (void)state;
    const char *cache = new_cache("found");
    assert_true(get_table(source.path, cache));
    assert_int_equal(test_count_entries(cache), 1);
    assert_false(get_table(source.path, cache));
    assert_int_equal(test_count_entries(cache), 1);
    assert_true(get_table(source.path, NULL));
}

static void another_file_has_another_table(void **state)
{
    (void)state;
    const char *cache = new_cache("another");
    clip other;
    clip_spec longer = spec;
    longer.file = "longer.mp4";
    longer.n_frames = 31;
    clip_encode(&other, &longer, dir);
    get_table(source.path, cache);
    ask_video_options options = ask_video_defaults();
    options.cache_dir = cache;
    ask_error err = {0};
    ask_video *v = ask_video_open(other.path, &options, &err);
    CHECK_OK(v, &err);
    const ask_time_table *t = ask_video_table(v, &err);
    CHECK_OK(t, &err);
    assert_int_equal(t->n_frames, 31);
    ask_video_close(v);
    assert_int_equal(test_count_entries(cache), 2);
    clip_free(&other);
}

/* The one file of the cache. */
static const char *cached_file(const char *cache)
{
    ask_dir_names names;
    ask_error err = {0};
    CHECK_OK(ask_dir_list(&names, cache, NULL, &err), &err);
    assert_int_equal(names.n, 1);
    const char *path = test_path(cache, names.names[0]);
    ask_dir_names_free(&names);
    return path;
}

static void a_damaged_table_is_made_again(void **state)
{
    (void)state;
    const char *cache = new_cache("damaged");
    get_table(source.path, cache);
    const char *path = cached_file(cache);
    size_t n_bytes;
    char *bytes = test_read(path, &n_bytes);
    for (size_t i = 0; i < n_bytes; i++) { // one byte after the other
        bytes[i] ^= 0x41;
        test_write(path, bytes, n_bytes);
        bytes[i] ^= 0x41;
        if (!get_table(source.path, cache)) fail_msg("byte %zu: taken as it is", i);
        if (get_table(source.path, cache)) fail_msg("byte %zu: not repaired", i);
    }
    free(bytes);
}

static void a_cut_or_longer_table_is_made_again(void **state)
{
    (void)state;
    const char *cache = new_cache("cut");
    get_table(source.path, cache);
    const char *path = cached_file(cache);
    size_t n_bytes;
    char *bytes = test_read(path, &n_bytes);
    bytes = realloc(bytes, n_bytes + 8);
    memset(bytes + n_bytes, 0, 8);
    const size_t lengths[] = {0, 1, 7, 16, n_bytes / 2, n_bytes - 1, n_bytes + 8};
    for (size_t i = 0; i < TEST_COUNT(lengths); i++) {
        test_write(path, bytes, lengths[i]);
        if (!get_table(source.path, cache))
            fail_msg("%zu bytes: taken as it is", lengths[i]);
        if (get_table(source.path, cache)) fail_msg("%zu bytes: not repaired", lengths[i]);
    }
    free(bytes);
}

static void a_cache_that_cannot_be_written_is_no_error(void **state)
{
    (void)state;
    test_write_text(test_path(dir, "a file"), "");
    const char *places[] = {test_path(dir, "a file"), test_path(dir, "a file/below"),
                            "/proc/askance"};
    for (size_t i = 0; i < TEST_COUNT(places); i++) {
        assert_true(get_table(source.path, places[i]));
        assert_true(get_table(source.path, places[i]));
    }
}

static void a_folder_in_place_of_the_table_is_no_error(void **state)
{
    (void)state;
    const char *cache = new_cache("blocked");
    get_table(source.path, cache);
    const char *path = cached_file(cache);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_true(get_table(source.path, cache));
    assert_true(get_table(source.path, cache));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_made_once_and_then_found),
        cmocka_unit_test(another_file_has_another_table),
        cmocka_unit_test(a_damaged_table_is_made_again),
        cmocka_unit_test(a_cut_or_longer_table_is_made_again),
        cmocka_unit_test(a_cache_that_cannot_be_written_is_no_error),
        cmocka_unit_test(a_folder_in_place_of_the_table_is_no_error),
    };
    return cmocka_run_group_tests(tests, make_clip, remove_clip);
}
