/* Layouts as a whole: their names, when they are written anew, what is refused. */
#include "world/layout.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

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

static const char *make(const char *name, int n_clips, bool simple)
{
    const char *where = test_path(dir, name);
    ask_error err = {0};
    ask_world_options o = ask_world_defaults();
    o.n_clips = n_clips;
    if (simple) o.style = ask_scene_simple();
    CHECK_OK(ask_world_make(NULL, where, &o, &err), &err);
    return where;
}

static ask_layout_set named(const char *names)
{
    ask_layout_set set = 0;
    ask_error err = {0};
    CHECK_OK(ask_layout_parse(&set, names, &err), &err);
    return set;
}

static void write_layouts(const char *where, const char *names)
{
    ask_error err = {0};
    CHECK_OK(ask_world_write_layouts(NULL, where, named(names), NULL, &err), &err);
}

static bool is_there(const char *where, const char *name)
{
    return access(test_path(where, name), F_OK) == 0;
}

/* ---- names ---- */

static void lists_of_names_are_sets(void **state)
{
    (void)state;
    ask_layout_info info;
    ask_layout_set all = 0;
    size_t n = 0;
    for (; ask_layout_at(&info, n); n++) {
        assert_int_equal(named(info.name), 1u << n);
        all |= 1u << n;
    }
    assert_int_equal(n, 9);
    assert_int_equal(named("all"), all);
    assert_int_equal(named("star,davis,star"), named("davis") | named("star"));
    ask_layout_set set = named("star");
    ask_error err = {0};
    CHECK_OK(ask_layout_parse(&set, "davis", &err), &err);
    assert_int_equal(set, named("star,davis"));
}

static void unknown_names_are_told(void **state)
{
    (void)state;
    static const char *const cases[] = {"stars", "",           "star,",
                                        ",star", "star davis", "STAR"};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_layout_set set = 5;
        ask_error err = {0};
        CHECK_CASE(cases[i], !ask_layout_parse(&set, cases[i], &err));
        CHECK_CASE(cases[i], err.code == ASK_ERR_USAGE && set == 5);
        CHECK_CASE(cases[i], strstr(err.message, "sjtu-vis, and all"));
    }
}

/* ---- writing ---- */

static void a_world_that_grows_is_written_anew(void **state)
{
    (void)state;
    const char *where = make("grows", 1, false);
    write_layouts(where, "nextqa,davis");
    size_t n, m;
    free(test_read(test_path(where, "nextqa/train_oe.csv"), &n));
    make("grows", 2, false);
    write_layouts(where, "nextqa,davis");
    free(test_read(test_path(where, "nextqa/train_oe.csv"), &m));
    assert_true(m > n);
    char *list = test_read(test_path(where, "davis/ImageSets/2017/train.txt"), &n);
    assert_string_equal(list, "train_000000\ntrain_000001\n");
    free(list);
    assert_false(is_there(where, "star"));
}

static void the_same_world_gives_the_same_bytes(void **state)
{
    (void)state;
    static const char *const files[] = {
        "star/STAR_train.json",
        "star/txt_db/events.json",
        "star/STAR_classes/video_fps",
        "nextqa/vocab.json",
        "sjtu-vis/text.xlsx",
        "sjtu-vis/fixation/000000000001_1.png",
        "davis/Annotations/480p/train_000001/00007.png",
    };
    const char *a = make("one", 2, false), *b = make("other", 2, false);
    write_layouts(a, "all");
    write_layouts(b, "all");
    for (size_t i = 0; i < TEST_COUNT(files); i++) {
        size_t n_a, n_b;
        char *x = test_read(test_path(a, files[i]), &n_a);
        char *y = test_read(test_path(b, files[i]), &n_b);
        CHECK_CASE(files[i], n_a == n_b && memcmp(x, y, n_a) == 0);
        free(x);
        free(y);
    }
}

static void check_target(const char *link, const char *target)
{
    char said[128] = "";
    CHECK_CASE(link, readlink(link, said, sizeof said - 1) > 0);
    assert_string_equal(said, target);
}

static void links_lead_to_the_clips(void **state)
{
    (void)state;
    static const char *const clips[] = {
        "star/videos/train_000000.mp4",
        "star/txt_db/videos/train_000000.mp4",
        "nextqa/videos/train_000000.mp4",
        "tgifqa/gifs/train_000000.mp4",
        "socialiq2/video/train_000000.mp4",
        "qvhighlights/videos/train_000000.mp4",
        "video-chatgpt/videos/train_000000.mp4",
        "selective-attention/VideoTest/train_000000.mp4",
    };
    const char *where = make("links", 1, false);
    write_layouts(where, "all");
    for (size_t i = 0; i < TEST_COUNT(clips); i++)
        CHECK_CASE(clips[i], is_there(where, clips[i]));
    check_target(test_path(where, "nextqa/videos/train_000000.mp4"),
                 "../../clips/000000.mp4");
    write_layouts(where, "nextqa"); // links that are there stay
}

/* Also into a folder that is elsewhere, or within the world's, or around it. */
static void links_are_relative_wherever_layouts_go(void **state)
{
    (void)state;
    static const struct {
        const char *into, *link, *target;
    } cases[] = {
        {"data", "data/nextqa/videos/train_000000.mp4",
         "../../../far/world/clips/000000.mp4"},
        {"far/wor", "far/wor/nextqa/videos/train_000000.mp4",
         "../../../world/clips/000000.mp4"},
        {"far/world/a/b", "far/world/a/b/nextqa/videos/train_000000.mp4",
         "../../../../clips/000000.mp4"},
        {"far", "far/nextqa/videos/train_000000.mp4", "../../world/clips/000000.mp4"},
    };
    const char *where = make("far/world", 1, false);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        const ask_layout_options o = {.struct_size = sizeof o,
                                      .into = test_path(dir, cases[i].into)};
        CHECK_OK(ask_world_write_layouts(NULL, where, named("nextqa"), &o, &err), &err);
        CHECK_CASE(cases[i].into, is_there(dir, cases[i].link));
        check_target(test_path(dir, cases[i].link), cases[i].target);
    }
}

static void refuse(const char *name, const char *where, const char *layout,
                   const ask_layout_options *o, ask_error_code code, const char *message)
{
    ask_error err = {0};
    if (ask_world_write_layouts(NULL, where, named(layout), o, &err) || err.code != code ||
        !strstr(err.message, message))
        fail_msg("%s: %s, \"%s\"", name, ask_error_name(err.code), err.message);
}

static void what_stands_in_the_place_of_a_link_is_refused(void **state)
{
    (void)state;
    const char *where = make("taken", 1, false),
               *link = test_path(where, "nextqa/videos/train_000000.mp4");
    test_write_text(link, "mine");
    refuse("a file", where, "nextqa", NULL, ASK_ERR_USAGE, "is no link to ../../clips");
    unlink(link);
    assert_int_equal(symlink("elsewhere", link), 0);
    refuse("another link", where, "nextqa", NULL, ASK_ERR_USAGE, "is no link to ../../");
    check_target(link, "elsewhere");
    assert_false(is_there(where, "nextqa/train_mc.csv"));
    unlink(link);
    write_layouts(where, "nextqa");
}

/* ---- what is refused ---- */

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    const char *empty = make("empty", 1, false), *simple = make("simple", 1, true);
    unlink(test_path(empty, "truth/000000.json"));
    const char *broken = make("broken", 1, false);
    test_write_text(test_path(broken, "truth/000000.json"), "{}");
    const char *mixed = make("mixed", 2, false);
    size_t n_bytes;
    char *other = test_read(test_path(mixed, "truth/000001.json"), &n_bytes);
    test_write(test_path(mixed, "truth/000000.json"), other, n_bytes);
    free(other);
    const struct {
        const char *name, *where, *layouts;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"no world", test_path(dir, "missing"), "star", ASK_ERR_IO, "world.json"},
        {"no clip", empty, "star", ASK_ERR_USAGE, "holds no clip yet"},
        {"simple", simple, "nextqa", ASK_ERR_USAGE, "is a simple world"},
        {"all of a simple one", simple, "all", ASK_ERR_USAGE, "layout \"star\""},
        {"another clip's truth", mixed, "star", ASK_ERR_FORMAT, "is that of clip 1"},
        {"a broken truth", broken, "star", ASK_ERR_FORMAT, "truth/000000.json"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        int64_t n = 7;
        CHECK_CASE(cases[i].name,
                   !ask_world_write_layouts(&n, cases[i].where, named(cases[i].layouts),
                                            NULL, &err));
        if (n != 7 || err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("%s: %s, \"%s\"", cases[i].name, ask_error_name(err.code),
                     err.message);
    }
    assert_false(is_there(broken, "star/STAR_train.json"));
    write_layouts(simple, "davis,sjtu-vis,qvhighlights"); // these it has
}

static void stop_after_one(void *user, int64_t done, int64_t total, const char *unit,
                           const char *label)
{
    (void)total, (void)unit, (void)label;
    if (done >= 1) ask_cancel_raise(user, SIGINT);
}

static void a_stop_leaves_the_files_that_were_there(void **state)
{
    (void)state;
    const char *where = make("stopped", 2, false),
               *file = test_path(where, "star/txt_db/train.jsonl");
    ask_cancel cancel = {0};
    const ask_progress progress = {.fn = stop_after_one, .user = &cancel};
    const ask_layout_options o = {
        .struct_size = sizeof o, .cancel = &cancel, .progress = &progress};
    ask_error err = {0};
    test_write_text(file, "old");
    assert_false(ask_world_write_layouts(NULL, where, named("star"), &o, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    size_t n;
    char *text = test_read(file, &n);
    assert_string_equal(text, "old");
    free(text);
    assert_false(is_there(where, "star/STAR_train.json"));
    write_layouts(where, "star");
    assert_true(is_there(where, "star/STAR_train.json"));
}

static void a_full_disk_is_an_error(void **state)
{
    (void)state;
    const char *where = make("full", 2, false);
    struct rlimit old, small;
    ask_error err = {0};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){1000, old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    bool ok = ask_world_write_layouts(NULL, where, named("star,sjtu-vis"), NULL, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_false(ok);
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_non_null(strstr(err.message, "File too large"));
    assert_false(is_there(where, "star/STAR_train.json"));
}

static bool write_some(void *user, ask_error *err)
{
    return ask_world_write_layouts(NULL, user, named("star,nextqa,video-chatgpt,sjtu-vis"),
                                   NULL, err);
}

static void allocations_may_fail(void **state)
{
    (void)state;
    char *where = strdup(make("memory", 1, false));
    assert_true(test_some_allocs_fail("layouts", write_some, where) > 20);
    free(where);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_names_are_sets),
        cmocka_unit_test(unknown_names_are_told),
        cmocka_unit_test(a_world_that_grows_is_written_anew),
        cmocka_unit_test(the_same_world_gives_the_same_bytes),
        cmocka_unit_test(links_lead_to_the_clips),
        cmocka_unit_test(links_are_relative_wherever_layouts_go),
        cmocka_unit_test(what_stands_in_the_place_of_a_link_is_refused),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(a_stop_leaves_the_files_that_were_there),
        cmocka_unit_test(a_full_disk_is_an_error),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
