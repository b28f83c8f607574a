#include "base/dir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "support/testing.h"

static int set_up(void **state)
{
    *state = test_temp_dir_make();
    return 0;
}

static int tear_down(void **state)
{
    test_temp_dir_remove(*state);
    return 0;
}

static void write_frames(const char *dir)
{
    static const char *const names[] = {"frame10.png", "frame2.png", "frame1.png",
                                        ".hidden",     "notes.txt",  "frame1",
                                        "frame02.png"};
    for (size_t i = 0; i < TEST_COUNT(names); i++)
        test_write_text(test_path(dir, names[i]), "");
}

static void check_names(const char *dir, const char *pattern, const char *const *expected,
                        size_t n)
{
    ask_dir_names names;
    ask_error err = {0};
    CHECK_OK(ask_dir_list(&names, dir, pattern, &err), &err);
    assert_int_equal(names.n, n);
    for (size_t i = 0; i < n; i++) assert_string_equal(names.names[i], expected[i]);
    ask_dir_names_free(&names);
    assert_null(names.names);
    ask_dir_names_free(&names);
}

static void a_folder_is_listed_in_natural_order(void **state)
{
    static const char *const all[] = {".hidden",     "frame1",     "frame1.png",
                                      "frame02.png", "frame2.png", "frame10.png",
                                      "notes.txt"};
    static const char *const pictures[] = {"frame1.png", "frame02.png", "frame2.png",
                                           "frame10.png"};
    write_frames(*state);
    check_names(*state, NULL, all, TEST_COUNT(all));
    check_names(*state, "frame*.png", pictures, TEST_COUNT(pictures));
    check_names(*state, "*.mp4", NULL, 0);
}

static void what_cannot_be_listed_is_an_error_and_touches_nothing(void **state)
{
    const char *file = test_path(*state, "file");
    test_write_text(file, "");
    ask_dir_names names = {.n = 77};
    ask_error err = {0};
    assert_false(ask_dir_list(&names, test_path(*state, "absent"), NULL, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_non_null(strstr(err.message, "absent: cannot list: No such file"));
    assert_false(ask_dir_list(&names, file, NULL, &err));
    assert_non_null(strstr(err.message, "file: cannot list: Not a directory"));
    assert_int_equal(names.n, 77);
}

static bool list(void *dir, ask_error *err)
{
    ask_dir_names names;
    if (!ask_dir_list(&names, dir, NULL, err)) return false;
    ask_dir_names_free(&names);
    return true;
}

static void listing_may_run_out_of_memory(void **state)
{
    char name[16];
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "%d", i);
        test_write_text(test_path(*state, name), "");
    }
    assert_true(test_each_alloc_fails("listing", list, *state) > 40);
}

static void folders_are_made_with_those_above(void **state)
{
    static const char *const paths[] = {"a/b/c", "a/b/c", "a/b/c/d/", "x//y", "a"};
    ask_error err = {0};
    for (size_t i = 0; i < TEST_COUNT(paths); i++) {
        const char *path = test_path(*state, paths[i]);
        CHECK_OK(ask_dir_make(path, &err), &err);
        CHECK_CASE(paths[i], ask_file_is_dir(path));
    }
    CHECK_OK(ask_dir_make("/", &err), &err);
    CHECK_OK(ask_dir_make(".", &err), &err);
}

static void folders_of_their_own_name_are_made(void **state)
{
    ask_error err = {0};
    const char *above = test_path(*state, "new/above");
    char *a = ask_dir_make_temp(above, &err);
    CHECK_OK(a, &err);
    char *b = ask_dir_make_temp(above, &err);
    CHECK_OK(b, &err);
    assert_true(ask_file_is_dir(a) && ask_file_is_dir(b));
    assert_string_not_equal(a, b);
    assert_int_equal(test_count_entries(above), 2);
    free(a);
    free(b);
    test_write_text(test_path(*state, "file"), "");
    assert_null(ask_dir_make_temp(test_path(*state, "file"), &err));
    assert_int_equal(err.code, ASK_ERR_IO);
}

static void a_file_in_the_way_is_an_error(void **state)
{
    test_write_text(test_path(*state, "file"), "");
    static const char *const paths[] = {"file", "file/below", "file/below/more"};
    for (size_t i = 0; i < TEST_COUNT(paths); i++) {
        ask_error err = {0};
        CHECK_CASE(paths[i], !ask_dir_make(test_path(*state, paths[i]), &err));
        CHECK_CASE(paths[i], err.code == ASK_ERR_IO);
        CHECK_CASE(paths[i], strstr(err.message, "a file is in the way of the folder"));
    }
    ask_error err = {0};
    assert_false(ask_dir_make("", &err));
    assert_int_equal(err.code, ASK_ERR_IO);
}

static void free_space_is_told_before_the_folder_is_there(void **state)
{
    static const char *const paths[] = {"", "none", "none/below//more/"};
    for (size_t i = 0; i < TEST_COUNT(paths); i++) {
        ask_error err = {0};
        int64_t bytes = -1;
        CHECK_OK(ask_dir_free_bytes(&bytes, test_path(*state, paths[i]), &err), &err);
        CHECK_CASE(paths[i], bytes > 0);
    }
    ask_error err = {0};
    int64_t bytes = -1;
    CHECK_OK(ask_dir_free_bytes(&bytes, "none/here", &err), &err);
    assert_true(bytes >= 0);
    bytes = -1;
    CHECK_OK(ask_dir_free_bytes(&bytes, "/", &err), &err);
    assert_true(bytes >= 0);
}

static bool measure(void *dir, ask_error *err)
{
    int64_t bytes;
    return ask_dir_free_bytes(&bytes, test_path(dir, "none/below"), err);
}

static void measuring_may_run_out_of_memory(void **state)
{
    assert_true(test_each_alloc_fails("free space", measure, *state) >= 3);
}

/* dir/name with a file, a hidden one, a folder in it and a link out of it. */
static const char *make_tree(const char *dir, const char *name, const char *text)
{
    const char *path = test_path(dir, name);
    test_write_text(test_path(path, "file"), text);
    test_write_text(test_path(path, ".hidden"), "");
    test_write_text(test_path(path, "a/b/deep"), "");
    assert_int_equal(symlink("../outside", test_path(path, "link")), 0);
    return path;
}

static void a_folder_is_removed_with_all_in_it(void **state)
{
    ask_error err = {0};
    test_write_text(test_path(*state, "outside/kept"), "");
    const char *path = make_tree(*state, "tree", "x");
    CHECK_OK(ask_dir_remove(path, &err), &err);
    assert_false(ask_file_exists(path));
    assert_true(ask_file_exists(test_path(*state, "outside/kept")));
    CHECK_OK(ask_dir_remove(path, &err), &err); // again
}

static void a_folder_is_moved_over_another(void **state)
{
    ask_error err = {0};
    const char *to = test_path(*state, "to");
    for (int round = 0; round < 2; round++) {
        char text[2] = {(char)('1' + round), 0}, *found;
        size_t n;
        const char *from = make_tree(*state, "from", text);
        CHECK_OK(ask_dir_move(from, to, &err), &err);
        assert_false(ask_file_exists(from));
        found = test_read(test_path(to, "file"), &n);
        assert_string_equal(found, text);
        free(found);
    }
    assert_int_equal(test_count_entries(*state), 1);
    assert_false(ask_dir_move(test_path(*state, "absent"), to, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_non_null(strstr(err.message, "absent: cannot be moved"));
}

static void a_file_is_copied_into_a_folder(void **state)
{
    ask_error err = {0};
    size_t n;
    const char *from = test_path(*state, "a/x.json"), *to = test_path(*state, "b");
    test_write_text(from, "{}");
    CHECK_OK(ask_dir_make(to, &err), &err);
    CHECK_OK(ask_dir_copy_in(to, from, &err), &err);
    char *text = test_read(test_path(to, "x.json"), &n);
    assert_string_equal(text, "{}");
    free(text);
    assert_false(ask_dir_copy_in(to, test_path(*state, "absent"), &err));
    assert_int_equal(err.code, ASK_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_is_listed_in_natural_order, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            what_cannot_be_listed_is_an_error_and_touches_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(listing_may_run_out_of_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(folders_are_made_with_those_above, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(folders_of_their_own_name_are_made, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_in_the_way_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(free_space_is_told_before_the_folder_is_there,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(measuring_may_run_out_of_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_is_removed_with_all_in_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_folder_is_moved_over_another, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_is_copied_into_a_folder, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
