#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/testing.h"

/* The system calls of this program come here first, and can be told to misbehave. */
static struct {
    bool interrupt;   // every other call fails with EINTR
    bool short_write; // at most 7 bytes at a time
    int write_error, fsync_error, close_error, link_error, rename_error;
    long write_room; // bytes until write_error
    bool flip;
} trouble;

static bool no_unnamed; // as where files without a name are unknown, or cannot be named

static bool interrupted(void)
{
    if (!trouble.interrupt) return false;
    trouble.flip = !trouble.flip;
    if (trouble.flip) errno = EINTR;
    return trouble.flip;
}

ssize_t read(int fd, void *out, size_t n)
{
    return interrupted() ? -1 : syscall(SYS_read, fd, out, n);
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    if (interrupted()) return -1;
    if (trouble.write_error) {
        if (trouble.write_room <= 0) {
            errno = trouble.write_error;
            return -1;
        }
        if ((long)n > trouble.write_room) n = (size_t)trouble.write_room;
        trouble.write_room -= (long)n;
    }
    if (trouble.short_write && n > 7) n = 7;
    return syscall(SYS_write, fd, bytes, n);
}

int fsync(int fd)
{
    if (interrupted()) return -1;
    errno = trouble.fsync_error;
    return trouble.fsync_error ? -1 : (int)syscall(SYS_fsync, fd);
}

int close(int fd)
{
    int result = (int)syscall(SYS_close, fd);
    if (result != 0) return result;
    if (interrupted()) return -1;
    errno = trouble.close_error;
    return trouble.close_error ? -1 : 0;
}

int access(const char *path, int mode)
{
    if (no_unnamed && strcmp(path, "/proc/self/fd") == 0) {
        errno = ENOENT;
        return -1;
    }
    return (int)syscall(SYS_faccessat, AT_FDCWD, path, mode);
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
    errno = trouble.link_error;
    return trouble.link_error ? -1
                              : (int)syscall(SYS_linkat, from_dir, from, to_dir, to, flags);
}

int rename(const char *from, const char *to)
{
    errno = trouble.rename_error;
    return trouble.rename_error
               ? -1
               : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static int set_up(void **state)
{
    memset(&trouble, 0, sizeof trouble);
    *state = test_temp_dir_make();
    return 0;
}

static int tear_down(void **state)
{
    memset(&trouble, 0, sizeof trouble);
    test_temp_dir_remove(*state);
    return 0;
}

static void check_content(const char *path, const void *bytes, size_t n_bytes)
{
    size_t n;
    char *content = test_read(path, &n);
    assert_int_equal(n, n_bytes);
    assert_memory_equal(content, bytes, n_bytes);
    free(content);
}

static char *make_bytes(size_t n)
{
    char *bytes = malloc(n + 1);
    for (size_t i = 0; i < n; i++) bytes[i] = (char)(i * 31 >> 2);
    return bytes;
}

static void files_are_read_whole(void **state)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 300000};
    const char *path = test_path(*state, "file");
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        char *bytes = make_bytes(sizes[i]);
        test_write(path, bytes, sizes[i]);
        char *read_back;
        size_t n;
        ask_error err = {0};
        CHECK_OK(ask_file_read(&read_back, &n, path, sizes[i], &err), &err);
        assert_int_equal(n, sizes[i]);
        assert_memory_equal(read_back, bytes, n);
        assert_int_equal(read_back[n], '\0');
        free(read_back);
        free(bytes);
    }
}

static void files_that_do_not_tell_their_size_are_read_too(void **state)
{
    (void)state;
    char *text;
    size_t n;
    ask_error err = {0};
    CHECK_OK(ask_file_read(&text, &n, "/proc/self/status", 1 << 20, &err), &err);
    assert_non_null(strstr(text, "VmPeak"));
    free(text);
    assert_false(ask_file_read(&text, &n, "/dev/zero", 100000, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
}

static void reading_says_what_is_wrong_and_touches_nothing(void **state)
{
    const char *path = test_path(*state, "file");
    test_write_text(path, "12345");
    const struct {
        const char *path;
        size_t most;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {test_path(*state, "absent"), 9, ASK_ERR_IO, "absent: cannot open: No such file"},
        {*state, 9, ASK_ERR_IO, ": is a folder, not a file"},
        {path, 4, ASK_ERR_LIMIT, "file: larger than 4 bytes"},
        {path, 0, ASK_ERR_LIMIT, "file: larger than 0 bytes"},
        {test_path(path, "below"), 9, ASK_ERR_IO, "cannot open: Not a directory"},
        {"", 9, ASK_ERR_IO, "cannot open: No such file"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *bytes = (char *)path;
        size_t n = 77;
        ask_error err = {0};
        CHECK_CASE(cases[i].message,
                   !ask_file_read(&bytes, &n, cases[i].path, cases[i].most, &err));
        CHECK_CASE(cases[i].message, err.code == cases[i].code);
        CHECK_CASE(err.message, strstr(err.message, cases[i].message));
        CHECK_CASE(cases[i].message, bytes == path && n == 77);
    }
}

static bool read_file(void *path, ask_error *err)
{
    char *bytes;
    size_t n;
    if (!ask_file_read(&bytes, &n, path, SIZE_MAX, err)) return false;
    free(bytes);
    return true;
}

static bool write_file(void *path, ask_error *err)
{
    return ask_file_write(path, "new", 3, err);
}

static void reading_and_writing_may_run_out_of_memory(void **state)
{
    char *path = (char *)test_path(*state, "file");
    char *bytes = make_bytes(20000);
    test_write(path, bytes, 20000);
    assert_int_equal(test_each_alloc_fails("read", read_file, path), 1);
    assert_true(test_each_alloc_fails("read", read_file, "/proc/self/smaps") > 1);
    test_fail_alloc_at(3);
    ask_error err = {0};
    assert_false(ask_file_write(path, "new", 3, &err));
    check_content(path, bytes, 20000);
    assert_true(test_each_alloc_fails("write", write_file, path) >= 4);
    check_content(path, "new", 3);
    assert_int_equal(test_count_entries(*state), 1);
    free(bytes);
}

/* Pieces smaller and larger than the writer's buffer, and places gone back to. */
static void a_writer_puts_every_byte_where_it_belongs(void **state)
{
    const size_t n = 400000;
    char *bytes = make_bytes(n);
    static const size_t pieces[] = {1, 999, 65535, 65536, 65537, 400000};
    const char *path = test_path(*state, "file");
    for (size_t i = 0; i < TEST_COUNT(pieces); i++) {
        ask_error err = {0};
        ask_file_writer *w = ask_file_writer_open(path, &err);
        CHECK_OK(w, &err);
        for (size_t at = 0; at < n; at += pieces[i]) {
            size_t piece = pieces[i] < n - at ? pieces[i] : n - at;
            CHECK_OK(ask_file_writer_write(w, bytes + at, piece, &err), &err);
        }
        CHECK_OK(ask_file_writer_seek(w, 10, &err), &err);
        CHECK_OK(ask_file_writer_write(w, "patched", 7, &err), &err);
        CHECK_OK(ask_file_writer_commit(w, &err), &err);
        char *patched = make_bytes(n);
        memcpy(patched + 10, "patched", 7);
        check_content(path, patched, n);
        free(patched);
    }
    assert_int_equal(test_count_entries(*state), 1);
    free(bytes);
}

static void nothing_is_seen_before_commit_or_after_abort(void **state)
{
    const char *path = test_path(*state, "file");
    for (int existed = 0; existed < 2; existed++) {
        if (existed) test_write_text(path, "old");
        ask_error err = {0};
        ask_file_writer *w = ask_file_writer_open(path, &err);
        CHECK_OK(w, &err);
        CHECK_OK(ask_file_writer_write(w, "new", 3, &err), &err);
        CHECK_OK(ask_file_writer_seek(w, 0, &err), &err);
        assert_int_equal(ask_file_exists(path), existed);
        if (existed) check_content(path, "old", 3);
        ask_file_writer_abort(w);
        assert_int_equal(test_count_entries(*state), existed);
        if (existed) check_content(path, "old", 3);
    }
    ask_file_writer_abort(NULL);
}

static void a_killed_process_leaves_nothing_where_the_file_system_allows_it(void **state)
{
    const char *path = test_path(*state, "file");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char *bytes = make_bytes(200000);
        ask_file_writer *w = ask_file_writer_open(path, NULL);
        if (w && ask_file_writer_write(w, bytes, 200000, NULL)) _exit(0);
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    int fd = open(*state, O_TMPFILE | O_WRONLY, 0600);
    bool allowed = fd >= 0 && !no_unnamed;
    if (fd >= 0) close(fd);
    assert_int_equal(test_count_entries(*state), allowed ? 0 : 1);
}

/* A full disk can show itself at any of five calls. */
static void a_full_disk_is_an_error_and_leaves_the_old_file(void **state)
{
    static const struct {
        const char *name;
        int write_error;
        long write_room;
        int fsync_error, close_error, link_error, rename_error;
        const char *message;
    } cases[] = {
        {"first write", ENOSPC, 0, 0, 0, 0, 0,
         "file: cannot write: No space left on device"},
        {"later write", ENOSPC, 70000, 0, 0, 0, 0,
         "file: cannot write: No space left on device"},
        {"last write", EDQUOT, 99999, 0, 0, 0, 0,
         "file: cannot write: Disk quota exceeded"},
        {"fsync", 0, 0, ENOSPC, 0, 0, 0, "file: cannot write: No space left on device"},
        {"close", 0, 0, 0, EIO, 0, 0, "file: cannot write: Input/output error"},
        {"link", 0, 0, 0, 0, ENOSPC, 0, "file: cannot put the new file in place: No space"},
        {"rename", 0, 0, 0, 0, 0, ENOSPC,
         "file: cannot put the new file in place: No space"},
    };
    const char *path = test_path(*state, "file");
    test_write_text(path, "old");
    char *bytes = make_bytes(1000);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        if (cases[i].link_error && no_unnamed) continue; // nothing is linked then
        ask_error err = {0};
        ask_file_writer *w = ask_file_writer_open(path, &err);
        CHECK_OK(w, &err);
        trouble.write_error = cases[i].write_error;
        trouble.write_room = cases[i].write_room;
        trouble.fsync_error = cases[i].fsync_error;
        trouble.close_error = cases[i].close_error;
        trouble.link_error = cases[i].link_error;
        trouble.rename_error = cases[i].rename_error;
        for (int k = 0; k < 100; k++) ask_file_writer_write(w, bytes, 1000, NULL);
        bool ok = ask_file_writer_commit(w, &err);
        memset(&trouble, 0, sizeof trouble);
        CHECK_CASE(cases[i].name, !ok);
        CHECK_CASE(cases[i].name,
                   err.code == (cases[i].close_error ? ASK_ERR_IO : ASK_ERR_LIMIT));
        CHECK_CASE(err.message, strstr(err.message, cases[i].message));
        CHECK_CASE(cases[i].name, test_count_entries(*state) == 1);
        check_content(path, "old", 3);
    }
    free(bytes);
}

static void flushing_tells_of_a_full_disk_before_commit(void **state)
{
    ask_error err = {0};
    ask_file_writer *w = ask_file_writer_open(test_path(*state, "file"), &err);
    CHECK_OK(w, &err);
    CHECK_OK(ask_file_writer_write(w, "x", 1, &err), &err); // still in the buffer
    trouble.write_error = ENOSPC;
    assert_false(ask_file_writer_flush(w, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    ask_file_writer_abort(w);
    assert_int_equal(test_count_entries(*state), 0);
}

static void a_failed_writer_keeps_its_first_message(void **state)
{
    ask_error first = {0}, later = {0};
    ask_file_writer *w = ask_file_writer_open(test_path(*state, "file"), &first);
    CHECK_OK(w, &first);
    trouble.write_error = ENOSPC;
    char *bytes = make_bytes(100000);
    assert_false(ask_file_writer_write(w, bytes, 100000, &first));
    trouble.write_error = 0;
    assert_false(ask_file_writer_write(w, "x", 1, &later));
    assert_string_equal(later.message, first.message);
    assert_false(ask_file_writer_seek(w, 0, &later));
    assert_false(ask_file_writer_commit(w, &later));
    assert_string_equal(later.message, first.message);
    assert_int_equal(test_count_entries(*state), 0);
    free(bytes);
}

static void interrupted_and_short_calls_are_taken_up_again(void **state)
{
    const char *path = test_path(*state, "file");
    char *bytes = make_bytes(5000);
    ask_error err = {0};
    trouble.interrupt = true;
    trouble.short_write = true;
    CHECK_OK(ask_file_write(path, bytes, 5000, &err), &err);
    char *read_back;
    size_t n;
    CHECK_OK(ask_file_read(&read_back, &n, path, 5000, &err), &err);
    trouble.interrupt = false;
    assert_int_equal(n, 5000);
    assert_memory_equal(read_back, bytes, n);
    free(read_back);
    free(bytes);
}

static void unwritable_outputs_say_why(void **state)
{
    const struct {
        const char *path, *message;
    } cases[] = {
        {test_path(*state, "absent/file"), "absent does not exist"},
        {*state, ": is a folder, not a file"},
        {"", ": "},
        {"/proc/askance-test", "/proc/askance-test: "},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        CHECK_CASE(cases[i].message, !ask_file_write(cases[i].path, "x", 1, &err));
        CHECK_CASE(cases[i].message, err.code == ASK_ERR_IO);
        CHECK_CASE(err.message, strstr(err.message, cases[i].message));
    }
    assert_int_equal(test_count_entries(*state), 0);
}

/* To the superuser everything is writable. */
static void a_read_only_file_is_not_replaced(void **state)
{
    const char *path = test_path(*state, "file");
    test_write_text(path, "old");
    assert_int_equal(chmod(path, 0444), 0);
    ask_error err = {0};
    bool ok = ask_file_write(path, "new", 3, &err);
    assert_int_equal(ok, geteuid() == 0);
    check_content(path, ok ? "new" : "old", 3);
    if (!ok)
        assert_non_null(strstr(err.message, "file: cannot replace: Permission denied"));
}

static void devices_are_written_in_place(void **state)
{
    (void)state;
    ask_error err = {0};
    CHECK_OK(ask_file_write("/dev/null", "x", 1, &err), &err);
    struct stat info;
    assert_int_equal(stat("/dev/null", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
    assert_false(ask_file_write("/dev/full", "x", 1, &err));
    assert_string_equal(err.message, "/dev/full: cannot write: No space left on device");
}

static mode_t mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(lstat(path, &info), 0);
    return info.st_mode;
}

static void permissions_and_links_stay(void **state)
{
    const char *path = test_path(*state, "file");
    const char *link = test_path(*state, "link");
    const char *fresh = test_path(*state, "fresh");
    ask_error err = {0};
    test_write_text(path, "old");
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(symlink("file", link), 0);
    CHECK_OK(ask_file_write(link, "new", 3, &err), &err);
    check_content(path, "new", 3);
    assert_true(S_ISLNK(mode_of(link)));
    assert_int_equal(mode_of(path) & 0777, 0640);
    mode_t mask = umask(027);
    CHECK_OK(ask_file_write(fresh, "x", 1, &err), &err);
    umask(mask);
    assert_int_equal(mode_of(fresh) & 0777, 0640);
}

static void existence_is_answered(void **state)
{
    const char *path = test_path(*state, "file");
    assert_false(ask_file_exists(path));
    test_write_text(path, "");
    assert_true(ask_file_exists(path));
    assert_false(ask_file_is_dir(path));
    assert_true(ask_file_is_dir(*state));
    assert_false(ask_file_is_dir(test_path(*state, "absent")));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(files_are_read_whole),
        IN_FOLDER(files_that_do_not_tell_their_size_are_read_too),
        IN_FOLDER(reading_says_what_is_wrong_and_touches_nothing),
        IN_FOLDER(reading_and_writing_may_run_out_of_memory),
        IN_FOLDER(a_writer_puts_every_byte_where_it_belongs),
        IN_FOLDER(nothing_is_seen_before_commit_or_after_abort),
        IN_FOLDER(a_killed_process_leaves_nothing_where_the_file_system_allows_it),
        IN_FOLDER(a_full_disk_is_an_error_and_leaves_the_old_file),
        IN_FOLDER(flushing_tells_of_a_full_disk_before_commit),
        IN_FOLDER(a_failed_writer_keeps_its_first_message),
        IN_FOLDER(interrupted_and_short_calls_are_taken_up_again),
        IN_FOLDER(unwritable_outputs_say_why),
        IN_FOLDER(a_read_only_file_is_not_replaced),
        IN_FOLDER(devices_are_written_in_place),
        IN_FOLDER(permissions_and_links_stay),
        IN_FOLDER(existence_is_answered),
    };
    int n_failed = cmocka_run_group_tests_name("files", tests, NULL, NULL);
    no_unnamed = true;
    return n_failed +
           cmocka_run_group_tests_name("files that always have a name", tests, NULL, NULL);
}
