#include "base/path.h"

#include <stdlib.h>
#include <string.h>

#include "support/testing.h"

static void paths_are_joined(void **state)
{
    (void)state;
    static const struct {
        const char *dir, *name, *path;
    } cases[] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"", "b", "b"},  {"a", "/b", "/b"},
        {"/", "b", "/b"},  {".", "b", "./b"},  {"a", "", "a/"}, {"a/b", "c/d", "a/b/c/d"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *path = ask_path_join(cases[i].dir, cases[i].name, NULL);
        CHECK_CASE(cases[i].path, strcmp(path, cases[i].path) == 0);
        free(path);
    }
}

static void paths_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *path, *dirname, *basename, *extension;
    } cases[] = {
        {"clip.mp4", ".", "clip.mp4", ".mp4"},
        {"a/b.tar.gz", "a", "b.tar.gz", ".gz"},
        {"/clip", "/", "clip", ""},
        {"//clip", "/", "clip", ""},
        {"a/b/", "a/b", "", ""},
        {"a//b", "a", "b", ""},
        {"a.d/b", "a.d", "b", ""},
        {".profile", ".", ".profile", ""},
        {"x/.hidden.txt", "x", ".hidden.txt", ".txt"},
        {"..", ".", "..", ""},
        {"end.", ".", "end.", "."},
        {"", ".", "", ""},
        {"/", "/", "", ""},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *path = cases[i].path;
        char *dir = ask_path_dirname(path, NULL);
        CHECK_CASE(path, strcmp(dir, cases[i].dirname) == 0);
        CHECK_CASE(path, strcmp(ask_path_basename(path), cases[i].basename) == 0);
        CHECK_CASE(path, strcmp(ask_path_extension(path), cases[i].extension) == 0);
        free(dir);
    }
}

static bool join_and_part(void *user, ask_error *err)
{
    (void)user;
    char *path = ask_path_join("a", "b", err);
    char *dir = path ? ask_path_dirname(path, err) : NULL;
    bool ok = dir != NULL;
    free(dir);
    free(path);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(test_each_alloc_fails("path", join_and_part, NULL), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_joined),
        cmocka_unit_test(paths_are_taken_apart),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
