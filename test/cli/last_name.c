/* What a file or folder is called, however its path was written. */
#include "cli/last_name.h"

#include <stdlib.h>
#include <string.h>

#include "support/testing.h"

static void names_are_the_last_of_a_path(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "shows/a.b/clip.one.mp4"), "");
    struct {
        const char *path, *name, *stem;
    } cases[] = {
        {test_path(dir, "shows/a.b/clip.one.mp4"), "clip.one.mp4", "clip.one"},
        {test_path(dir, "shows/a.b"), "a.b", "a.b"}, // a folder has no extension
        {test_path(dir, "shows/a.b//"), "a.b", "a.b"},
        {test_path(dir, "shows/a.b/."), "a.b", "a.b"},
        {test_path(dir, "shows/a.b/.."), "shows", "shows"},
        {"not/there.mkv", "there.mkv", "there"},
        {".hidden", ".hidden", ".hidden"},
        {"/", "", ""},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        char *name = cli_last_name(cases[i].path, &err);
        char *stem = cli_last_stem(cases[i].path, &err);
        CHECK_CASE(cases[i].path, name && strcmp(name, cases[i].name) == 0);
        CHECK_CASE(cases[i].path, stem && strcmp(stem, cases[i].stem) == 0);
        free(name);
        free(stem);
    }
    test_temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_the_last_of_a_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
