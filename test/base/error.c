#include "base/error.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "support/testing.h"

static void a_failure_carries_its_code_and_message(void **state)
{
    (void)state;
    ask_error err = {0};
    assert_false(ask_fail(&err, ASK_ERR_FORMAT, "%s: %d of %.1f", "a.npy", 3, 2.5));
    assert_int_equal(err.code, ASK_ERR_FORMAT);
    assert_string_equal(err.message, "a.npy: 3 of 2.5");
    assert_false(ask_fail(NULL, ASK_ERR_IO, "dropped"));
    assert_false(ask_fail_in(NULL, "dropped"));
}

static void a_caller_puts_where_it_was_in_front(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_fail(&err, ASK_ERR_MODEL, "no tensor w");
    assert_false(ask_fail_in(&err, "layer %d", 7));
    assert_false(ask_fail_in(&err, "opening %s", "m"));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_string_equal(err.message, "opening m: layer 7: no tensor w");
}

static void a_caller_may_give_another_code_but_no_memory_stays(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_error_code first, then;
    } cases[] = {
        {"malformed", ASK_ERR_FORMAT, ASK_ERR_MODEL},
        {"the same", ASK_ERR_MODEL, ASK_ERR_MODEL},
        {"no memory", ASK_ERR_NOMEM, ASK_ERR_NOMEM},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_fail(&err, cases[i].first, "cause");
        CHECK_CASE(cases[i].name, !ask_fail_as(&err, ASK_ERR_MODEL));
        CHECK_CASE(cases[i].name, err.code == cases[i].then);
        CHECK_CASE(cases[i].name, strcmp(err.message, "cause") == 0);
    }
    assert_false(ask_fail_as(NULL, ASK_ERR_MODEL));
    ask_error err = {0};
    assert_false(ask_fail_memory(&err));
    assert_int_equal(err.code, ASK_ERR_NOMEM);
    assert_string_equal(err.message, "out of memory");
    assert_false(ask_fail_memory(NULL));
}

static void a_message_may_quote_the_one_it_replaces(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_fail(&err, ASK_ERR_IO, "cause");
    ask_fail(&err, ASK_ERR_MODEL, "<%s>", err.message);
    assert_string_equal(err.message, "<cause>");
}

static void control_characters_become_question_marks(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_fail(&err, ASK_ERR_IO, "%s", "a\nb\x1b[31m\x7f\tz\xff\xc2\x9b \xc3\xa9");
    assert_string_equal(err.message, "a?b?[31m??z?? \xc3\xa9");
}

/* Messages around the size of the buffer, made of characters of one to four bytes. */
static void a_long_message_is_cut_between_characters(void **state)
{
    (void)state;
    static const char *const letters[] = {"x", "\xc3\xa9", "\xe2\x82\xac",
                                          "\xf0\x9f\x90\xb1"};
    for (size_t i = 0; i < TEST_COUNT(letters); i++) {
        size_t width = strlen(letters[i]);
        for (size_t n = 100; n < 1100; n++) {
            char text[4 * 1100 + 1] = "";
            for (size_t k = 0; k < n; k++) memcpy(text + k * width, letters[i], width + 1);
            ask_error err = {0};
            ask_fail(&err, ASK_ERR_IO, "%s", text);
            size_t length = strlen(err.message);
            CHECK_CASE(letters[i], ask_utf8_valid(err.message, length));
            if (n * width < ASK_ERROR_MESSAGE_BYTES) {
                CHECK_CASE(letters[i], strcmp(err.message, text) == 0);
            } else {
                CHECK_CASE(letters[i], length > ASK_ERROR_MESSAGE_BYTES - 1 - width);
                CHECK_CASE(letters[i], strcmp(err.message + length - 3, "...") == 0);
                CHECK_CASE(letters[i], memcmp(err.message, text, length - 3) == 0);
            }
        }
    }
}

static void a_long_path_in_front_leaves_the_reason_readable(void **state)
{
    (void)state;
    char path[2000];
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    ask_error err = {0};
    ask_fail(&err, ASK_ERR_IO, "no such file");
    ask_fail_in(&err, "%s", path);
    assert_non_null(strstr(err.message, "ppp...: no such file"));
    ask_fail_errno(&err, ENOENT, "%s", path);
    assert_non_null(strstr(err.message, "ppp...: No such file or directory"));
}

static void an_errno_is_said_in_words(void **state)
{
    (void)state;
    ask_error err = {0};
    assert_false(ask_fail_errno(&err, EACCES, "%s: cannot open", "x"));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_string_equal(err.message, "x: cannot open: Permission denied");
    ask_fail_errno(&err, ENOMEM, "x");
    assert_int_equal(err.code, ASK_ERR_NOMEM);
    static const int full[] = {ENOSPC, EDQUOT, EFBIG};
    for (size_t i = 0; i < TEST_COUNT(full); i++) {
        ask_fail_errno(&err, full[i], "x");
        assert_int_equal(err.code, ASK_ERR_LIMIT);
    }
}

static void every_code_has_its_name_and_exit_status(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_error_code code;
        int status;
    } cases[] = {
        {"ok", ASK_OK, 0},
        {"usage", ASK_ERR_USAGE, 2},
        {"not_found", ASK_ERR_NOT_FOUND, 1},
        {"io", ASK_ERR_IO, 3},
        {"format", ASK_ERR_FORMAT, 3},
        {"unsupported", ASK_ERR_UNSUPPORTED, 3},
        {"model", ASK_ERR_MODEL, 4},
        {"shape", ASK_ERR_SHAPE, 3},
        {"limit", ASK_ERR_LIMIT, 5},
        {"nomem", ASK_ERR_NOMEM, 5},
        {"device", ASK_ERR_DEVICE, 6},
        {"cancelled", ASK_ERR_CANCELLED, 130},
        {"bug", ASK_ERR_BUG, 70},
        {"unknown", (ask_error_code)99, 70},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        CHECK_CASE(cases[i].name,
                   strcmp(ask_error_name(cases[i].code), cases[i].name) == 0);
        CHECK_CASE(cases[i].name, ask_error_exit_status(cases[i].code) == cases[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_carries_its_code_and_message),
        cmocka_unit_test(a_caller_puts_where_it_was_in_front),
        cmocka_unit_test(a_caller_may_give_another_code_but_no_memory_stays),
        cmocka_unit_test(a_message_may_quote_the_one_it_replaces),
        cmocka_unit_test(control_characters_become_question_marks),
        cmocka_unit_test(a_long_message_is_cut_between_characters),
        cmocka_unit_test(a_long_path_in_front_leaves_the_reason_readable),
        cmocka_unit_test(an_errno_is_said_in_words),
        cmocka_unit_test(every_code_has_its_name_and_exit_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
