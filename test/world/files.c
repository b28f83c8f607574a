/* A world in a folder: whole, continued, refused; and its videos. */
#include "world/clip_files.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "media/video.h"
#include "support/testing.h"
#include "world/audit.h"
#include "world/truth_read.h"

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

static ask_world_options of_clips(int64_t n, int n_threads)
{
    ask_world_options o = ask_world_defaults();
    o.style = ask_scene_simple();
    o.seed = 21;
    o.split = ASK_SPLIT_TEST;
    o.n_clips = n;
    o.n_threads = n_threads;
    return o;
}

static ask_world_result make(const char *where, ask_world_options o)
{
    ask_world_result r;
    ask_error err = {0};
    CHECK_OK(ask_world_make(&r, where, &o, &err), &err);
    return r;
}

static ask_world_info open_world(const char *where)
{
    ask_world_info info;
    ask_error err = {0};
    CHECK_OK(ask_world_open(&info, where, &err), &err);
    return info;
}

/* "clips/000000.mp4" and so on, under a folder. */
static const char *file_of(const char *where, const char *pattern, int i)
{
    char name[64];
    snprintf(name, sizeof name, pattern, i);
    return test_path(where, name);
}

static void check_same_file(const char *a, const char *b)
{
    size_t n_a, n_b;
    char *x = test_read(a, &n_a), *y = test_read(b, &n_b);
    assert_int_equal(n_a, n_b);
    assert_memory_equal(x, y, n_a);
    free(x);
    free(y);
}

/* ---- what is made ---- */

static void the_files_do_not_depend_on_the_threads(void **state)
{
    (void)state;
    char *one = strdup(test_path(dir, "one")), *three = strdup(test_path(dir, "three"));
    ask_world_result r = make(one, of_clips(5, 1));
    assert_true(r.n_made == 5 && r.n_kept == 0);
    make(three, of_clips(5, 3));
    check_same_file(test_path(one, "world.json"), test_path(three, "world.json"));
    for (int i = 0; i < 5; i++) {
        check_same_file(file_of(one, "truth/%06d.json", i),
                        file_of(three, "truth/%06d.json", i));
        check_same_file(file_of(one, "clips/%06d.mp4", i),
                        file_of(three, "clips/%06d.mp4", i));
    }
    ask_world_info info = open_world(three);
    assert_true(info.seed == 21 && info.split == ASK_SPLIT_TEST && info.n_clips == 5 &&
                info.n_ready == 5);
    free(one);
    free(three);
}

/* Sums how far a frame is from the scene as it is painted. */
typedef struct {
    ask_painter *painter;
    const ask_world_clip *clip;
    ask_image painted;
    int n_frames;
} comparison;

static bool compare_frame(void *user, const ask_video_frame *frame, ask_error *err)
{
    (void)err;
    comparison *c = user;
    ask_paint(c->painter, &c->clip->scene, (int)frame->index, &c->painted, NULL);
    assert_true(frame->t_s == (double)frame->index / 12.0);
    int n_bytes = 3 * ASK_WORLD_SIDE_PX * ASK_WORLD_SIDE_PX, sum = 0;
    for (int i = 0; i < n_bytes; i++)
        sum += abs(frame->image->pixels[i] - c->painted.pixels[i]);
    if (sum > 8 * n_bytes) fail_msg("frame %d is %d off", (int)frame->index, sum / n_bytes);
    c->n_frames++;
    return true;
}

static void check_videos(const char *where, ask_scene_style style)
{
    ask_world_options o = of_clips(3, 2);
    o.style = style;
    make(where, o);
    ask_error err = {0};
    comparison c = {.painter = ask_painter_new(&err)};
    CHECK_OK(ask_image_new(&c.painted, ASK_WORLD_SIDE_PX, ASK_WORLD_SIDE_PX, 3, &err),
             &err);
    for (int i = 0; i < 3; i++) {
        ask_world_clip clip;
        CHECK_OK(ask_world_clip_read(&clip, file_of(where, "truth/%06d.json", i), &err),
                 &err);
        ask_video *v = ask_video_open(file_of(where, "clips/%06d.mp4", i), NULL, &err);
        CHECK_OK(v, &err);
        const ask_video_info *info = ask_video_info_of(v);
        assert_true(info->width == 128 && info->height == 128);
        assert_string_equal(info->codec, "h264");
        c.clip = &clip;
        c.n_frames = 0;
        assert_non_null(ask_video_table(v, &err));
        CHECK_OK(ask_video_walk(v, compare_frame, &c, &err), &err);
        assert_int_equal(c.n_frames, clip.scene.n_frames);
        ask_video_close(v);
        ask_world_clip_free(&clip);
    }
    ask_image_free(&c.painted);
    ask_painter_free(c.painter);
}

static void the_videos_show_what_the_truth_tells(void **state)
{
    (void)state;
    check_videos(test_path(dir, "shown"), ask_scene_simple());
    check_videos(test_path(dir, "shown_full"), ask_scene_full());
}

/* ---- going on ---- */

static void a_world_is_continued_and_extended(void **state)
{
    (void)state;
    const char *where = test_path(dir, "continued");
    make(where, of_clips(3, 2));
    unlink(file_of(where, "truth/%06d.json", 1));
    assert_int_equal(open_world(where).n_ready, 1);
    ask_world_result r = make(where, of_clips(4, 2));
    assert_true(r.n_made == 2 && r.n_kept == 2);
    ask_world_info info = open_world(where);
    assert_true(info.n_clips == 4 && info.n_ready == 4);
    r = make(where, of_clips(4, 2));
    assert_true(r.n_made == 0 && r.n_kept == 4);
}

typedef struct {
    ask_cancel cancel;
    int64_t after;
} stopper;

static void stop_after(void *user, int64_t done, int64_t total, const char *unit,
                       const char *label)
{
    (void)total, (void)unit, (void)label;
    stopper *s = user;
    if (done >= s->after) ask_cancel_raise(&s->cancel, SIGINT);
}

static void a_stop_leaves_whole_clips_only(void **state)
{
    (void)state;
    const char *where = test_path(dir, "stopped");
    stopper s = {.after = 2};
    const ask_progress progress = {.fn = stop_after, .user = &s};
    ask_world_options o = of_clips(50, 2);
    o.cancel = &s.cancel;
    o.progress = &progress;
    ask_error err = {0};
    assert_false(ask_world_make(NULL, where, &o, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    ask_world_info info = open_world(where);
    assert_in_range(info.n_ready, 2, 4);
    assert_int_equal(test_count_entries(test_path(where, "truth")), info.n_ready);
    assert_int_equal(test_count_entries(test_path(where, "clips")), info.n_ready);
    for (int i = 0; i < (int)info.n_ready; i++) {
        ask_video *v = ask_video_open(file_of(where, "clips/%06d.mp4", i), NULL, &err);
        CHECK_OK(v, &err);
        ask_video_close(v);
    }
}

/* ---- what is refused ---- */

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    const char *world = test_path(dir, "refusing");
    make(world, of_clips(2, 1));
    const char *file = test_path(dir, "file"), *foreign = test_path(dir, "foreign");
    const char *broken = test_path(dir, "broken"), *older = test_path(dir, "older");
    test_write_text(file, "x");
    test_write_text(test_path(foreign, "holiday.jpg"), "x");
    test_write_text(test_path(broken, "world.json"), "{}");
    test_write_text(test_path(older, "world.json"),
                    "{\"schema\":\"askance.world/1\",\"version\":\"0.0.0\",\"seed\":21,"
                    "\"split\":\"test\",\"n_clips\":1}");
    const struct {
        const char *name, *where;
        uint64_t seed;
        ask_split split;
        int64_t n_clips;
        int n_threads;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"no clips", world, 21, ASK_SPLIT_TEST, 0, 1, ASK_ERR_USAGE, "1 to 1000000 clips"},
        {"too many", world, 21, ASK_SPLIT_TEST, 1000001, 1, ASK_ERR_USAGE, "not 1000001"},
        {"no thread", world, 21, ASK_SPLIT_TEST, 2, 0, ASK_ERR_USAGE, "n_threads is"},
        {"a great seed", world, UINT64_MAX, ASK_SPLIT_TEST, 2, 1, ASK_ERR_USAGE, "a seed"},
        {"another seed", world, 22, ASK_SPLIT_TEST, 2, 1, ASK_ERR_USAGE,
         "holds the world of seed 21, split test"},
        {"another split", world, 21, ASK_SPLIT_VAL, 2, 1, ASK_ERR_USAGE, "split test"},
        {"fewer clips", world, 21, ASK_SPLIT_TEST, 1, 1, ASK_ERR_USAGE, "2 clips"},
        {"a file", file, 21, ASK_SPLIT_TEST, 1, 1, ASK_ERR_IO, "file"},
        {"below a file", test_path(file, "w"), 21, ASK_SPLIT_TEST, 1, 1, ASK_ERR_IO,
         "file"},
        {"something else", foreign, 21, ASK_SPLIT_TEST, 1, 1, ASK_ERR_USAGE,
         "is not empty and holds no world"},
        {"a broken world", broken, 21, ASK_SPLIT_TEST, 1, 1, ASK_ERR_FORMAT, "\"schema\""},
        {"another version", older, 21, ASK_SPLIT_TEST, 1, 1, ASK_ERR_USAGE,
         "another version"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_world_options o = of_clips(cases[i].n_clips, cases[i].n_threads);
        o.seed = cases[i].seed;
        o.split = cases[i].split;
        ask_error err = {0};
        CHECK_CASE(cases[i].name, !ask_world_make(NULL, cases[i].where, &o, &err));
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("%s: %s, \"%s\"", cases[i].name, ask_error_name(err.code),
                     err.message);
    }
    assert_int_equal(test_count_entries(foreign), 1);
}

static bool is_style(ask_scene_style a, ask_scene_style b)
{
    return a.simple == b.simple && a.clutter_low == b.clutter_low &&
           a.clutter_high == b.clutter_high;
}

/* What kind of world a folder holds is known again, and is not mixed. */
static void worlds_of_another_kind_are_told_apart(void **state)
{
    (void)state;
    const char *before = test_path(dir, "before_kinds");
    test_write_text(test_path(before, "world.json"),
                    "{\"schema\":\"askance.world/1\",\"version\":\"0.0.0\",\"seed\":21,"
                    "\"split\":\"test\",\"n_clips\":1}");
    assert_true(is_style(open_world(before).style, ask_scene_simple()));

    const ask_scene_style one_to_three = {.clutter_low = 1, .clutter_high = 3};
    const struct {
        const char *name;
        ask_scene_style held, asked;
        const char *message; // NULL: it goes on
    } cases[] = {
        {"simple", ask_scene_simple(), ask_scene_simple(), NULL},
        {"full", ask_scene_full(), ask_scene_full(), NULL},
        {"other clutter", one_to_three, one_to_three, NULL},
        {"full in simple", ask_scene_simple(), ask_scene_full(), "holds a simple world"},
        {"simple in full", ask_scene_full(), ask_scene_simple(), "clutter 0 to 2"},
        {"another range", one_to_three, ask_scene_full(), "clutter 1 to 3"},
        {"no such clutter",
         ask_scene_full(),
         {.clutter_low = 2, .clutter_high = 4},
         "clutter goes from 0 to 3, and not from 2 to 4"},
        {"the wrong way around",
         ask_scene_full(),
         {.clutter_low = 2, .clutter_high = 1},
         "not from 2 to 1"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *where = test_temp_dir_make();
        ask_world_options o = of_clips(1, 1);
        o.style = cases[i].held;
        make(where, o);
        assert_true(is_style(open_world(where).style, cases[i].held));
        o.style = cases[i].asked;
        ask_error err = {0};
        bool ok = ask_world_make(NULL, where, &o, &err);
        if (ok != !cases[i].message || (!ok && !strstr(err.message, cases[i].message)))
            fail_msg("%s: \"%s\"", cases[i].name, err.message);
        test_temp_dir_remove(where);
    }
}

static void kinds_that_are_not_known_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *rest, *message;
    } cases[] = {
        {"another kind", "\"kind\":\"half\"", "\"half\" is neither simple nor full"},
        {"no clutter", "\"kind\":\"full\"", "\"clutter\""},
        {"half a range", "\"kind\":\"full\",\"clutter\":[1]", "\"clutter"},
        {"beyond the range", "\"kind\":\"full\",\"clutter\":[1,4]", "\"clutter"},
        {"upside down", "\"kind\":\"full\",\"clutter\":[2,1]", "\"clutter"},
    };
    const char *where = test_path(dir, "kinds");
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char text[256];
        snprintf(text, sizeof text,
                 "{\"schema\":\"askance.world/1\",\"version\":\"0.0.0\",\"seed\":21,"
                 "\"split\":\"test\",\"n_clips\":1,%s}",
                 cases[i].rest);
        test_write_text(test_path(where, "world.json"), text);
        ask_world_info info;
        ask_error err = {0};
        CHECK_CASE(cases[i].name, !ask_world_open(&info, where, &err));
        if (err.code != ASK_ERR_FORMAT || !strstr(err.message, cases[i].message))
            fail_msg("%s: \"%s\"", cases[i].name, err.message);
    }
}

static void copy_truth(const char *to, const char *from, const char *name)
{
    size_t n;
    char *text = test_read(test_path(from, name), &n);
    test_write(test_path(to, "truth/000000.json"), text, n);
    free(text);
}

/* A world of two clips. */
static const char *make_one(const char *name, uint64_t seed, ask_split split, bool simple)
{
    const char *where = test_path(dir, name);
    ask_error err = {0};
    ask_world_options o = ask_world_defaults();
    o.n_clips = 2;
    o.seed = seed;
    o.split = split;
    if (simple) o.style = ask_scene_simple();
    CHECK_OK(ask_world_make(NULL, where, &o, &err), &err);
    return where;
}

static void the_truth_of_another_clip_or_world_is_refused(void **state)
{
    (void)state;
    const char *where = make_one("mine", 5, ASK_SPLIT_VAL, false);
    const struct {
        const char *name, *from, *file, *message;
    } cases[] = {
        {"another clip", where, "truth/000001.json", "is that of clip 1"},
        {"another seed", make_one("seed", 6, ASK_SPLIT_VAL, false), "truth/000000.json",
         "of seed 6, split val"},
        {"another split", make_one("split", 5, ASK_SPLIT_TEST, false), "truth/000000.json",
         "of seed 5, split test"},
        {"another kind", make_one("kind", 5, ASK_SPLIT_VAL, true), "truth/000000.json",
         "is of the simple world"},
    };
    ask_world_info info;
    ask_world_clip clip;
    ask_error err = {0};
    CHECK_OK(ask_world_open(&info, where, &err), &err);
    CHECK_OK(ask_world_read_clip(&clip, where, &info, 0, &err), &err);
    ask_world_clip_free(&clip);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        copy_truth(where, cases[i].from, cases[i].file);
        CHECK_CASE(cases[i].name, !ask_world_read_clip(&clip, where, &info, 0, &err));
        if (err.code != ASK_ERR_FORMAT || !strstr(err.message, cases[i].message))
            fail_msg("%s: %s", cases[i].name, err.message);
        ask_audit audit;
        CHECK_CASE(cases[i].name, !ask_world_audit(&audit, where, NULL, &err));
        CHECK_CASE(cases[i].name, strstr(err.message, cases[i].message));
    }
}

static void a_folder_without_a_world_is_told(void **state)
{
    (void)state;
    ask_world_info info;
    ask_error err = {0};
    assert_false(ask_world_open(&info, test_path(dir, "missing"), &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_non_null(strstr(err.message, "world.json"));
}

/* ---- disks and memory that fail ---- */

static void check_full(const char *where, const char *message)
{
    ask_error err = {0};
    ask_world_options o = of_clips(2, 1);
    assert_false(ask_world_make(NULL, where, &o, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    if (!strstr(err.message, message))
        fail_msg("\"%s\" is not \"%s\"", err.message, message);
}

static void a_full_disk_is_an_error_and_the_world_goes_on_later(void **state)
{
    (void)state;
    const char *where = test_path(dir, "full");
    make(where, of_clips(1, 1));
    assert_int_equal(symlink("/dev/full", file_of(where, "clips/%06d.mp4", 1)), 0);
    check_full(where, "No space left on device");
    unlink(file_of(where, "clips/%06d.mp4", 1));

    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){2000, old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    check_full(where, "File too large");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(test_count_entries(test_path(where, "truth")), 1);
    assert_int_equal(test_count_entries(test_path(where, "clips")), 1);
    ask_world_result r = make(where, of_clips(2, 1));
    assert_true(r.n_made == 1 && r.n_kept == 1);
}

/* Each attempt takes a tenth of a second, so not every allocation has its turn: the first
 * ones have, then ever fewer. */
static void allocations_may_fail(void **state)
{
    (void)state;
    int n_failed = 0;
    for (long n = 1;; n += 1 + n / 3) {
        char *where = test_temp_dir_make();
        ask_world_options o = of_clips(1, 2);
        ask_error err = {0};
        test_fail_alloc_at(n);
        bool ok = ask_world_make(NULL, where, &o, &err), failed = test_alloc_has_failed();
        test_fail_alloc_at(0);
        if (!ok && (!failed || err.code != ASK_ERR_NOMEM))
            fail_msg("allocation %ld failing: %s", n, err.message);
        n_failed += failed;
        test_temp_dir_remove(where);
        if (!failed) break;
    }
    assert_true(n_failed > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_files_do_not_depend_on_the_threads),
        cmocka_unit_test(the_videos_show_what_the_truth_tells),
        cmocka_unit_test(a_world_is_continued_and_extended),
        cmocka_unit_test(a_stop_leaves_whole_clips_only),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(worlds_of_another_kind_are_told_apart),
        cmocka_unit_test(kinds_that_are_not_known_are_refused),
        cmocka_unit_test(the_truth_of_another_clip_or_world_is_refused),
        cmocka_unit_test(a_folder_without_a_world_is_told),
        cmocka_unit_test(a_full_disk_is_an_error_and_the_world_goes_on_later),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
