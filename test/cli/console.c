#include "cli/console.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/testing.h"

/* A stream of the command's messages that is a terminal, and its other end. */
typedef struct {
    int reader;
    FILE *err;
} terminal;

static terminal terminal_open(void)
{
    terminal t = {.reader = posix_openpt(O_RDWR | O_NOCTTY)};
    if (t.reader < 0 || grantpt(t.reader) != 0 || unlockpt(t.reader) != 0) {
        print_message("this system has no pseudo terminals\n");
        skip();
    }
    t.err = fopen(ptsname(t.reader), "w");
    assert_non_null(t.err);
    return t;
}

/* Everything that was shown on it; closes it. */
static void terminal_read(terminal *t, char *out, size_t size)
{
    fputs("<end>", t->err);
    fflush(t->err);
    size_t n = 0;
    do {
        ssize_t got = read(t->reader, out + n, size - 1 - n);
        assert_true(got > 0);
        n += (size_t)got;
        out[n] = '\0';
    } while (!strstr(out, "<end>"));
    *strstr(out, "<end>") = '\0';
    fclose(t->err);
    close(t->reader);
}

static void pause_s(double seconds)
{
    usleep((useconds_t)(seconds * 1e6));
}

static void progress_is_drawn_and_taken_away(void **state)
{
    (void)state;
    setenv("TERM", "xterm", 1);
    terminal t = terminal_open();
    const cli_output output = {.err = t.err, .command = "inspect"};
    cli_console c;
    cli_console_open(&c, &output);
    ask_progress_send(&c.progress, 1, 4, "packets", "too soon to show");
    pause_s(0.12);
    ask_progress_send(&c.progress, 2, 4, "packets", "reading a\033[31m.mp4");
    ask_progress_send(&c.progress, 3, 4, "packets", "too soon to show");
    pause_s(0.12);
    ask_progress_send(&c.progress, 7, 0, "packets", "counting");
    cli_console_close(&c);
    char shown[512];
    terminal_read(&t, shown, sizeof shown);
    assert_string_equal(shown, "\r\033[Kreading a?[31m.mp4 [############            ]  50 %"
                               "\r\033[Kcounting 7 packets\r\033[K");
}

static void short_work_draws_nothing(void **state)
{
    (void)state;
    setenv("TERM", "xterm", 1);
    terminal t = terminal_open();
    const cli_output output = {.err = t.err, .command = "inspect"};
    cli_console c;
    cli_console_open(&c, &output);
    ask_progress_send(&c.progress, 4, 4, "packets", "reading");
    cli_console_close(&c);
    char shown[64];
    terminal_read(&t, shown, sizeof shown);
    assert_string_equal(shown, "");
}

static void a_dumb_terminal_shows_no_progress(void **state)
{
    (void)state;
    setenv("TERM", "dumb", 1);
    terminal t = terminal_open();
    const cli_output output = {.err = t.err, .command = "inspect"};
    cli_console c;
    cli_console_open(&c, &output);
    pause_s(0.12);
    ask_progress_send(&c.progress, 2, 4, "packets", "reading");
    cli_console_close(&c);
    char shown[64];
    terminal_read(&t, shown, sizeof shown);
    assert_string_equal(shown, "");
}

static void a_file_gets_warnings_but_no_progress(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    const cli_output output = {.err = file, .command = "inspect"};
    cli_console c;
    cli_console_open(&c, &output);
    pause_s(0.12);
    ask_progress_send(&c.progress, 2, 4, "packets", "reading");
    ask_log_send(&c.log, ASK_LOG_INFO, "a detail");
    ask_log_send(&c.log, ASK_LOG_WARNING, "the index is damaged");
    cli_console_close(&c);
    rewind(file);
    char text[128] = {0};
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    assert_string_equal(text, "askance: inspect: warning: the index is damaged\n");
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_is_drawn_and_taken_away),
        cmocka_unit_test(short_work_draws_nothing),
        cmocka_unit_test(a_dumb_terminal_shows_no_progress),
        cmocka_unit_test(a_file_gets_warnings_but_no_progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
