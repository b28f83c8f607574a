/* Archives that are written: read back, the same every time, refused when they grow too
 * large. */
#include "base/zip_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/zip.h"
#include "support/testing.h"

typedef struct {
    const char *name, *bytes;
    size_t n;
} entry;

static const entry entries[] = {
    {"first.txt", "one two", 7},
    {"a/b/caf\xc3\xa9", "\0\1\2\0", 4},
    {"empty", "", 0},
};

static bool write_archive(void *user, ask_error *err)
{
    ask_str *out = user;
    ask_str_free(out);
    ask_zip_writer w = {.out = out};
    for (size_t i = 0; i < TEST_COUNT(entries); i++)
        ask_zip_put(&w, entries[i].name, entries[i].bytes, entries[i].n);
    return ask_zip_end(&w, err);
}

static void what_was_put_is_read_back(void **state)
{
    (void)state;
    ask_str archive = {0};
    ask_error err = {0};
    CHECK_OK(write_archive(&archive, &err), &err);
    ask_zip *zip = ask_zip_open_memory(archive.data, archive.length, "written", &err);
    CHECK_OK(zip, &err);
    assert_int_equal(ask_zip_count(zip), TEST_COUNT(entries));
    for (size_t i = 0; i < TEST_COUNT(entries); i++) {
        char *bytes;
        size_t n;
        assert_string_equal(ask_zip_at(zip, i)->name, entries[i].name);
        CHECK_OK(ask_zip_read(&bytes, &n, zip, i, 100, &err), &err);
        CHECK_CASE(entries[i].name, n == entries[i].n);
        assert_memory_equal(bytes, entries[i].bytes, n);
        free(bytes);
    }
    ask_zip_close(zip);
    ask_str_free(&archive);
}

static void the_same_entries_are_the_same_bytes(void **state)
{
    (void)state;
    ask_str a = {0}, b = {0};
    ask_error err = {0};
    CHECK_OK(write_archive(&a, &err), &err);
    CHECK_OK(write_archive(&b, &err), &err);
    assert_int_equal(a.length, b.length);
    assert_memory_equal(a.data, b.data, a.length);
    ask_str_free(&a);
    ask_str_free(&b);
}

static void an_archive_without_entries_is_one(void **state)
{
    (void)state;
    ask_str archive = {0};
    ask_error err = {0};
    ask_zip_writer w = {.out = &archive};
    CHECK_OK(ask_zip_end(&w, &err), &err);
    ask_zip *zip = ask_zip_open_memory(archive.data, archive.length, "empty", &err);
    CHECK_OK(zip, &err);
    assert_int_equal(ask_zip_count(zip), 0);
    ask_zip_close(zip);
    ask_str_free(&archive);
}

static void more_entries_than_the_format_counts_are_refused(void **state)
{
    (void)state;
    ask_str archive = {0};
    ask_error err = {0};
    ask_zip_writer w = {.out = &archive};
    for (int i = 0; i < UINT16_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        ask_zip_put(&w, name, "", 0);
    }
    assert_false(ask_zip_end(&w, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    ask_str_free(&archive);
}

static void allocations_may_fail(void **state)
{
    (void)state;
    ask_str archive = {0};
    assert_true(test_each_alloc_fails("zip", write_archive, &archive) > 1);
    ask_str_free(&archive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_read_back),
        cmocka_unit_test(the_same_entries_are_the_same_bytes),
        cmocka_unit_test(an_archive_without_entries_is_one),
        cmocka_unit_test(more_entries_than_the_format_counts_are_refused),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
