#include "base/log.h"

#include <signal.h>
#include <string.h>

#include "base/str.h"
#include "support/testing.h"

static void keep_line(void *user, ask_log_level level, const char *message)
{
    ask_str_printf(user, "%s:%s\n", ask_log_level_name(level), message);
}

static void lines_reach_the_callback_from_their_level_on(void **state)
{
    (void)state;
    ask_str lines = {0};
    const ask_logger log = {.fn = keep_line, .user = &lines, .least = ASK_LOG_INFO};
    ask_log_send(&log, ASK_LOG_DEBUG, "too small");
    ask_log_send(&log, ASK_LOG_INFO, "read %d of %d", 1, 2);
    ask_log_send(&log, ASK_LOG_WARNING, "two\nlines");
    ask_log_send(&log, ASK_LOG_ERROR, "%s", "");
    assert_string_equal(ask_str_text(&lines),
                        "info:read 1 of 2\nwarning:two?lines\nerror:\n");
    ask_str_clear(&lines);
    ask_log_send(&log, ASK_LOG_INFO, "%*d", 5000, 1);
    assert_int_equal(lines.length, strlen("info:") + 1023 + 1);
    assert_string_equal(lines.data + lines.length - 4, "...\n");
    ask_str_free(&lines);
}

typedef struct {
    int64_t done, total;
    const char *unit, *label;
} seen_progress;

static void keep_progress(void *user, int64_t done, int64_t total, const char *unit,
                          const char *label)
{
    *(seen_progress *)user = (seen_progress){done, total, unit, label};
}

static void progress_reaches_the_callback(void **state)
{
    (void)state;
    seen_progress seen = {0};
    ask_progress_send(&(ask_progress){keep_progress, &seen}, 3, 9, "frames", "decoding");
    assert_int_equal(seen.done, 3);
    assert_int_equal(seen.total, 9);
    assert_string_equal(seen.unit, "frames");
    assert_string_equal(seen.label, "decoding");
}

static void what_is_not_wanted_is_not_called(void **state)
{
    (void)state;
    ask_log_send(NULL, ASK_LOG_ERROR, "x");
    ask_log_send(&(ask_logger){0}, ASK_LOG_ERROR, "x");
    ask_progress_send(NULL, 1, 2, "frames", "x");
    ask_progress_send(&(ask_progress){0}, 1, 2, "frames", "x");
    ask_error err = {0};
    assert_int_equal(ask_cancel_signal(NULL), 0);
    assert_true(ask_cancel_check(NULL, &err));
    assert_int_equal(err.code, ASK_OK);
}

static ask_cancel cancel;

static void on_signal(int number)
{
    ask_cancel_raise(&cancel, number);
}

static void a_signal_asks_for_a_stop(void **state)
{
    (void)state;
    ask_error err = {0};
    assert_true(ask_cancel_check(&cancel, &err));
    signal(SIGTERM, on_signal);
    raise(SIGTERM);
    ask_cancel_raise(&cancel, SIGINT);
    assert_int_equal(ask_cancel_signal(&cancel), SIGTERM);
    assert_false(ask_cancel_check(&cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_string_equal(err.message, "interrupted");
    assert_true(atomic_is_lock_free(&cancel.signal));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_reach_the_callback_from_their_level_on),
        cmocka_unit_test(progress_reaches_the_callback),
        cmocka_unit_test(what_is_not_wanted_is_not_called),
        cmocka_unit_test(a_signal_asks_for_a_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
