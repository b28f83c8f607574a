/* The SHA-256 of a file, and what is kept of it. */
#include "cli/file_hash.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/testing.h"

// Of "abc" (FIPS 180-4), and of nothing.
static const char ABC[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char NOTHING[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static char *dir;

static int make_dir(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    test_write_text(test_path(dir, "file"), "abc");
    return mkdir(test_path(dir, "cache"), 0700);
}

static int remove_dir(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

static void check_hash(const char *cache, const char *expected)
{
    char digits[CLI_SHA256_TEXT_BYTES];
    ask_error err = {0};
    CHECK_OK(cli_file_sha256(digits, test_path(dir, "file"), cache, NULL, NULL, &err),
             &err);
    assert_string_equal(digits, expected);
}

/* The one entry of the cache. */
static const char *entry_path(void)
{
    DIR *stream = opendir(test_path(dir, "cache"));
    assert_non_null(stream);
    const char *path = NULL;
    for (struct dirent *e; (e = readdir(stream));) {
        if (e->d_name[0] == '.') continue;
        assert_null(path);
        path = test_path(test_path(dir, "cache"), e->d_name);
    }
    closedir(stream);
    assert_non_null(path);
    return path;
}

static void the_hash_is_that_of_the_bytes(void **state)
{
    (void)state;
    check_hash(NULL, ABC);
    test_write_text(test_path(dir, "file"), "");
    check_hash(NULL, NOTHING);
    char *zeros = calloc(1, 3 << 20); // several reads
    test_write(test_path(dir, "file"), zeros, 3 << 20);
    uint8_t hash[ASK_SHA256_BYTES];
    char expected[CLI_SHA256_TEXT_BYTES];
    ask_sha256_of(hash, zeros, 3 << 20);
    ask_hex(expected, hash, sizeof hash);
    check_hash(NULL, expected);
    free(zeros);
    assert_int_equal(test_count_entries(test_path(dir, "cache")), 0);
}

static void it_is_taken_from_the_cache_while_the_file_is_the_same(void **state)
{
    (void)state;
    check_hash(test_path(dir, "cache"), ABC);
    size_t n_bytes;
    char *entry = test_read(entry_path(), &n_bytes);
    char *digits = strstr(entry, ABC);
    assert_non_null(digits);
    char other[CLI_SHA256_TEXT_BYTES];
    snprintf(other, sizeof other, "%s", ABC);
    digits[0] = other[0] = '0';
    test_write(entry_path(), entry, n_bytes);
    check_hash(test_path(dir, "cache"), other);
    free(entry);

    const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    assert_int_equal(utimensat(AT_FDCWD, test_path(dir, "file"), times, 0), 0);
    check_hash(test_path(dir, "cache"), ABC);
}

static void a_broken_entry_is_made_again(void **state)
{
    (void)state;
    static const char *const broken[] = {"", "x", "1 2 3 4.000000000\n"};
    check_hash(test_path(dir, "cache"), ABC);
    size_t n_bytes;
    char *entry = test_read(entry_path(), &n_bytes);
    for (size_t i = 0; i < TEST_COUNT(broken); i++) {
        test_write_text(entry_path(), broken[i]);
        check_hash(test_path(dir, "cache"), ABC);
    }
    test_write(entry_path(), entry, n_bytes - 2); // cut off
    check_hash(test_path(dir, "cache"), ABC);
    char *again = test_read(entry_path(), &n_bytes);
    assert_string_equal(again, entry);
    free(again);
    free(entry);
}

static void a_cache_that_cannot_be_written_is_no_failure(void **state)
{
    (void)state;
    check_hash("/proc/self", ABC);
    check_hash(test_path(dir, "none"), ABC);
}

static void failures_are_told(void **state)
{
    (void)state;
    char digits[CLI_SHA256_TEXT_BYTES] = "untouched";
    ask_error err = {0};
    assert_false(cli_file_sha256(digits, test_path(dir, "x"), NULL, NULL, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_non_null(strstr(err.message, "/x: cannot open: No such file"));
    assert_false(cli_file_sha256(digits, dir, NULL, NULL, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    const char *file = test_path(dir, "file");
    assert_false(cli_file_sha256(digits, file, NULL, &cancel, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_string_equal(digits, "untouched");
}

static bool hash_it(void *path, ask_error *err)
{
    char digits[CLI_SHA256_TEXT_BYTES];
    return cli_file_sha256(digits, path, test_path(dir, "cache"), NULL, NULL, err);
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    char *path = strdup(test_path(dir, "file"));
    assert_true(test_each_alloc_fails("hash", hash_it, path) >= 1);
    free(path);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_hash_is_that_of_the_bytes),
        CASE(it_is_taken_from_the_cache_while_the_file_is_the_same),
        CASE(a_broken_entry_is_made_again),
        CASE(a_cache_that_cannot_be_written_is_no_failure),
        CASE(failures_are_told),
        CASE(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
