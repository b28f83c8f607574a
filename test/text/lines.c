#include "text/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "base/thread.h"
#include "support/testing.h"

/* All lines, each in brackets, with line feeds as "/". */
static void read_all(ask_str *out, const char *const *paths, int n)
{
    ask_error err = {0};
    ask_lines *l = ask_lines_open(paths, n, NULL, &err);
    CHECK_OK(l, &err);
    for (;;) {
        const char *text;
        size_t n_bytes;
        CHECK_OK(ask_lines_next(l, &text, &n_bytes, &err), &err);
        if (!text) break;
        ask_str_append(out, "[");
        for (size_t i = 0; i < n_bytes; i++)
            ask_str_append_char(out, text[i] == '\n' ? '/' : text[i] ? text[i] : '0');
        ask_str_append(out, "]");
    }
    ask_lines_close(l);
}

static void lines_come_one_after_the_other(void **state)
{
    (void)state;
    static const struct {
        const char *name, *content;
        size_t n_bytes;
        const char *lines;
    } cases[] = {
        {"two", "a\nbc\n", 5, "[a/][bc/]"},
        {"no line feed at the end", "a\nbc", 4, "[a/][bc]"},
        {"empty ones", "\n\na", 3, "[/][/][a]"},
        {"nothing", "", 0, ""},
        {"a byte order mark",
         "\xEF\xBB\xBF"
         "a\n\xEF\xBB\xBF\n",
         9, "[a/][\xEF\xBB\xBF/]"},
        {"a zero byte", "a\0b\n", 4, "[a0b/]"},
    };
    char *dir = test_temp_dir_make();
    const char *path = test_path(dir, "text");
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_str lines = {0};
        test_write(path, cases[i].content, cases[i].n_bytes);
        read_all(&lines, &path, 1);
        CHECK_CASE(cases[i].name, strcmp(ask_str_text(&lines), cases[i].lines) == 0);
        ask_str_free(&lines);
    }
    test_temp_dir_remove(dir);
}

static void files_follow_each_other(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    const char *paths[] = {test_path(dir, "a"), test_path(dir, "b"), test_path(dir, "c")};
    test_write_text(paths[0], "one\ntwo");
    test_write_text(paths[1], "");
    test_write_text(paths[2], "three\n");
    ask_str lines = {0};
    read_all(&lines, paths, 3);
    assert_string_equal(lines.data, "[one/][two][three/]");
    ask_str_free(&lines);
    test_temp_dir_remove(dir);
}

static void long_lines_are_whole(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    const char *path = test_path(dir, "text");
    ask_error err = {0};
    ask_str text = {0};
    for (int i = 0; i < 100000; i++) ask_str_append(&text, "0123456789");
    ask_str_append(&text, "\nend");
    test_write(path, text.data, text.length);
    ask_lines *l = ask_lines_open(&path, 1, NULL, &err);
    const char *line;
    size_t n_bytes;
    CHECK_OK(ask_lines_next(l, &line, &n_bytes, &err), &err);
    assert_int_equal(n_bytes, 1000001);
    assert_memory_equal(line, text.data, n_bytes);
    CHECK_OK(ask_lines_next(l, &line, &n_bytes, &err), &err);
    assert_int_equal(n_bytes, 3);
    ask_lines_close(l);
    ask_str_free(&text);
    test_temp_dir_remove(dir);
}

static void what_cannot_be_read_is_told(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "latin1"), "fine\nna\xEFve\n");
    const struct {
        const char *path, *message;
        ask_error_code code;
    } cases[] = {
        {test_path(dir, "missing"), "missing: cannot open", ASK_ERR_IO},
        {dir, "is a folder, not a file", ASK_ERR_IO},
        {test_path(dir, "latin1"), "latin1:2: is not UTF-8", ASK_ERR_FORMAT},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        const char *text;
        size_t n_bytes;
        ask_lines *l = ask_lines_open(&cases[i].path, 1, NULL, &err);
        bool ok = true;
        for (int k = 0; k < 3 && ok; k++) ok = ask_lines_next(l, &text, &n_bytes, &err);
        CHECK_CASE(cases[i].message, !ok && err.code == cases[i].code);
        CHECK_CASE(cases[i].message, strstr(err.message, cases[i].message) != NULL);
        ask_lines_close(l);
    }
    test_temp_dir_remove(dir);
}

static void raise_later(void *cancel)
{
    usleep(20000);
    ask_cancel_raise(cancel, 2);
}

static void a_wish_to_stop_is_heard_while_a_pipe_is_silent(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "a\nb", 3), 3);
    char name[32];
    snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    const char *path = name, *text;
    size_t n_bytes;
    ask_error err = {0};
    ask_cancel cancel = {0};
    ask_lines *l = ask_lines_open(&path, 1, &cancel, &err);
    CHECK_OK(l, &err);
    CHECK_OK(ask_lines_next(l, &text, &n_bytes, &err), &err);
    assert_memory_equal(text, "a\n", n_bytes);
    ask_thread *thread = ask_thread_start(raise_later, &cancel, &err);
    CHECK_OK(thread, &err);
    assert_false(ask_lines_next(l, &text, &n_bytes, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    ask_thread_join(thread);
    ask_lines_close(l);
    close(ends[0]);
    close(ends[1]);
}

static void a_named_pipe_is_waited_for_until_a_wish_to_stop(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    const char *path = test_path(dir, "pipe"), *text;
    size_t n_bytes;
    ask_error err = {0};
    ask_cancel cancel = {0};
    assert_int_equal(mkfifo(path, 0666), 0);
    ask_lines *l = ask_lines_open(&path, 1, &cancel, &err);
    CHECK_OK(l, &err);
    ask_thread *thread = ask_thread_start(raise_later, &cancel, &err);
    CHECK_OK(thread, &err);
    assert_false(ask_lines_next(l, &text, &n_bytes, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    ask_thread_join(thread);
    ask_lines_close(l);
    test_temp_dir_remove(dir);
}

/* In two parts, so that the reader finds the pipe empty between them. */
static void write_later(void *path)
{
    usleep(20000);
    FILE *pipe = fopen(path, "w");
    fputs("one\ntw", pipe);
    fflush(pipe);
    usleep(20000);
    fputs("o\n", pipe);
    fclose(pipe);
}

static void a_named_pipe_may_find_its_writer_late(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    char path[4096];
    snprintf(path, sizeof path, "%s", test_path(dir, "pipe"));
    const char *paths[] = {path};
    ask_error err = {0};
    assert_int_equal(mkfifo(path, 0666), 0);
    ask_thread *thread = ask_thread_start(write_later, path, &err);
    CHECK_OK(thread, &err);
    ask_str lines = {0};
    read_all(&lines, paths, 1);
    assert_string_equal(lines.data, "[one/][two/]");
    ask_thread_join(thread);
    ask_str_free(&lines);
    test_temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_one_after_the_other),
        cmocka_unit_test(files_follow_each_other),
        cmocka_unit_test(long_lines_are_whole),
        cmocka_unit_test(what_cannot_be_read_is_told),
        cmocka_unit_test(a_wish_to_stop_is_heard_while_a_pipe_is_silent),
        cmocka_unit_test(a_named_pipe_is_waited_for_until_a_wish_to_stop),
        cmocka_unit_test(a_named_pipe_may_find_its_writer_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
