#include "base/partial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lock.h"
#include "support/testing.h"

/* System calls that fail with these errors; 0: they do what they do. */
static int open_error, mkdir_error, fsync_error;

int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    unsigned mode = flags & O_CREAT ? va_arg(more, unsigned) : 0;
    va_end(more);
    errno = open_error;
    return open_error ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int mkdir(const char *path, mode_t mode)
{
    errno = mkdir_error;
    return mkdir_error ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int fsync(int fd)
{
    errno = fsync_error;
    return fsync_error ? -1 : (int)syscall(SYS_fsync, fd);
}

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

static void a_file_is_gone_on_with(void **state)
{
    const char *path = test_path(*state, "a/b.incomplete");
    const char *place = test_path(*state, "a/b");
    ask_error err = {0};
    ask_partial *p = ask_partial_open(path, &err);
    CHECK_OK(p, &err);
    CHECK_OK(ask_partial_append(p, "abc", 3, &err), &err);
    ask_partial_close(p);
    p = ask_partial_open(path, &err);
    CHECK_OK(p, &err);
    assert_int_equal(ask_partial_bytes(p), 3);
    CHECK_OK(ask_partial_append(p, "de", 2, &err), &err);
    char out[8];
    size_t n;
    CHECK_OK(ask_partial_read(&n, p, out, sizeof out, 1, &err), &err);
    assert_int_equal(n, 4);
    assert_memory_equal(out, "bcde", 4);
    assert_false(ask_file_exists(place));
    CHECK_OK(ask_partial_commit(p, place, &err), &err);
    assert_false(ask_file_exists(path));
    char *text = test_read(place, &n);
    assert_string_equal(text, "abcde");
    free(text);
}

static void a_file_begins_anew_or_goes(void **state)
{
    const char *path = test_path(*state, "x");
    ask_error err = {0};
    test_write_text(path, "old");
    ask_partial *p = ask_partial_open(path, &err);
    CHECK_OK(p, &err);
    CHECK_OK(ask_partial_clear(p, &err), &err);
    assert_int_equal(ask_partial_bytes(p), 0);
    CHECK_OK(ask_partial_append(p, "n", 1, &err), &err);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, 1);
    ask_partial_remove(p);
    assert_false(ask_file_exists(path));
}

static void a_full_disk_is_a_limit(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_partial *p = ask_partial_open("/dev/full", &err);
    CHECK_OK(p, &err);
    assert_false(ask_partial_append(p, "abc", 3, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_string_equal(err.message, "/dev/full: cannot write: No space left on device");
    ask_partial_close(p);
}

/* Wherever it shows itself. */
static void a_full_disk_is_a_limit_at_every_call(void **state)
{
    const char *path = test_path(*state, "new/x");
    ask_error err = {0};
    mkdir_error = ENOSPC;
    ask_partial *p = ask_partial_open(path, &err);
    mkdir_error = 0;
    assert_null(p);
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    err = (ask_error){0};
    open_error = EDQUOT;
    p = ask_partial_open(path, &err);
    open_error = 0;
    assert_null(p);
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    CHECK_OK(p = ask_partial_open(path, &err), &err);
    err = (ask_error){0};
    fsync_error = ENOSPC;
    bool ok = ask_partial_commit(p, test_path(*state, "new/y"), &err);
    fsync_error = 0;
    assert_false(ok);
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_true(ask_file_exists(path));
    assert_false(ask_file_exists(test_path(*state, "new/y")));
}

static void what_cannot_be_opened_says_why(void **state)
{
    ask_error err = {0};
    test_write_text(test_path(*state, "file"), "");
    assert_null(ask_partial_open(test_path(*state, "file/x"), &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_null(ask_partial_open(*state, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_null(ask_lock_take(*state, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
}

static void a_lock_is_had_once(void **state)
{
    const char *path = test_path(*state, "locks/x.lock");
    ask_error err = {0};
    ask_lock *l = ask_lock_take(path, &err);
    CHECK_OK(l, &err);
    assert_null(ask_lock_take(path, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_non_null(strstr(err.message, "another program has this lock"));
    ask_lock_drop(l);
    assert_true(ask_file_exists(path));
    CHECK_OK(l = ask_lock_take(path, &err), &err);
    ask_lock_remove(l);
    assert_false(ask_file_exists(path));
}

static bool attempt(void *user, ask_error *err)
{
    ask_lock *l = ask_lock_take(test_path(user, "l/k"), err);
    ask_partial *p = l ? ask_partial_open(test_path(user, "p/q"), err) : NULL;
    bool ok = p && ask_partial_append(p, "x", 1, err) &&
              ask_partial_commit(p, test_path(user, "p/r"), err);
    ask_lock_remove(l);
    return ok;
}

static void memory_may_run_out(void **state)
{
    test_each_alloc_fails("lock and partial", attempt, *state);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_file_is_gone_on_with),
        IN_FOLDER(a_file_begins_anew_or_goes),
        IN_FOLDER(a_full_disk_is_a_limit),
        IN_FOLDER(what_cannot_be_opened_says_why),
        IN_FOLDER(a_full_disk_is_a_limit_at_every_call),
        IN_FOLDER(a_lock_is_had_once),
        IN_FOLDER(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
