#include "base/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Sizes around the page, where a mapping ends in a partial one. */
static void a_file_is_seen_whole(void **state)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 100000};
    const char *path = test_path(*state, "bytes");
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        size_t n = sizes[i];
        unsigned char *bytes = malloc(n + 1);
        for (size_t k = 0; k < n; k++) bytes[k] = (unsigned char)(k * 31 >> 3);
        test_write(path, bytes, n);
        ask_map map;
        ask_error err = {0};
        CHECK_OK(ask_map_open(&map, path, &err), &err);
        assert_int_equal(map.n_bytes, n);
        assert_non_null(map.data);
        assert_memory_equal(map.data, bytes, n);
        ask_map_release(&map, 0, n);
        ask_map_release(&map, 1, n);
        ask_map_release(&map, n, SIZE_MAX);
        ask_map_release(&map, 1, SIZE_MAX);
        assert_memory_equal(map.data, bytes, n);
        ask_map_close(&map);
        assert_null(map.data);
        ask_map_close(&map);
        free(bytes);
    }
}

static void a_replaced_file_stays_as_it_was_opened(void **state)
{
    const char *path = test_path(*state, "file");
    const char *other = test_path(*state, "other");
    test_write_text(path, "old");
    test_write_text(other, "newer");
    ask_map map;
    ask_error err = {0};
    CHECK_OK(ask_map_open(&map, path, &err), &err);
    assert_int_equal(rename(other, path), 0);
    assert_int_equal(map.n_bytes, 3);
    assert_memory_equal(map.data, "old", 3);
    ask_map_close(&map);
}

static void only_regular_files_can_be_mapped(void **state)
{
    const struct {
        const char *path, *message;
    } cases[] = {
        {test_path(*state, "absent"), "absent: cannot open: No such file or directory"},
        {*state, ": is a folder, not a file"},
        {"/dev/null", "/dev/null: is not a regular file"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_map map = {.n_bytes = 77};
        ask_error err = {0};
        CHECK_CASE(cases[i].message, !ask_map_open(&map, cases[i].path, &err));
        CHECK_CASE(cases[i].message, err.code == ASK_ERR_IO);
        CHECK_CASE(err.message, strstr(err.message, cases[i].message));
        CHECK_CASE(cases[i].message, map.n_bytes == 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_seen_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_replaced_file_stays_as_it_was_opened, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(only_regular_files_can_be_mapped, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
