#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/run.h"
#include "support/testing.h"

/* Tells the parent that it runs, then works until it is asked to stop. */
static cli_outcome run_polite(const cli_call *call, const void *values, ask_error *err)
{
    (void)values;
    if (write(STDOUT_FILENO, "r", 1) != 1) return CLI_FAILED;
    while (ask_cancel_check(call->cancel, err)) usleep(1000);
    return CLI_FAILED;
}

/* Never looks at the flag, but tells that a signal came. */
static cli_outcome run_stubborn(const cli_call *call, const void *values, ask_error *err)
{
    (void)values, (void)err;
    if (write(STDOUT_FILENO, "r", 1) != 1) return CLI_FAILED;
    while (!ask_cancel_signal(call->cancel)) usleep(1000);
    if (write(STDOUT_FILENO, "s", 1) != 1) return CLI_FAILED;
    sleep(60);
    return CLI_DONE;
}

/* Writes more than a file may hold. */
static cli_outcome run_large(const cli_call *call, const void *values, ask_error *err)
{
    (void)call, (void)values;
    const struct rlimit small = {1, RLIM_INFINITY};
    FILE *file = tmpfile();
    if (!file || setrlimit(RLIMIT_FSIZE, &small) != 0) return CLI_DONE;
    bool ok = fputs("too much", file) >= 0 && fflush(file) == 0;
    int reason = errno;
    fclose(file);
    if (!ok) ask_fail_errno(err, reason, "file");
    return ok ? CLI_DONE : CLI_FAILED;
}

static const cli_command commands[] = {
    {.name = "polite", .summary = "", .run = run_polite},
    {.name = "stubborn", .summary = "", .run = run_stubborn},
    {.name = "large", .summary = "", .run = run_large},
    {0},
};

typedef struct {
    pid_t pid;
    int out; // what the child writes
} child;

static child start(const char *command)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    child c = {.pid = fork(), .out = ends[0]};
    assert_true(c.pid >= 0);
    if (c.pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        FILE *null = fopen("/dev/null", "w");
        char *argv[] = {"askance", (char *)command, NULL};
        _exit(cli_run(commands, 2, argv, null, null));
    }
    close(ends[1]);
    return c;
}

static void wait_for(child c, char expected)
{
    char got = 0;
    assert_int_equal(read(c.out, &got, 1), 1);
    assert_int_equal(got, expected);
}

static int exit_status(child c)
{
    int status;
    assert_int_equal(waitpid(c.pid, &status, 0), c.pid);
    close(c.out);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_signal_ends_a_command_with_128_and_its_number(void **state)
{
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM};
    for (size_t i = 0; i < TEST_COUNT(signals); i++) {
        child c = start("polite");
        wait_for(c, 'r');
        kill(c.pid, signals[i]);
        assert_int_equal(exit_status(c), 128 + signals[i]);
    }
}

static void a_second_signal_ends_the_process_at_once(void **state)
{
    (void)state;
    child c = start("stubborn");
    wait_for(c, 'r');
    kill(c.pid, SIGINT);
    wait_for(c, 's');
    kill(c.pid, SIGINT);
    assert_int_equal(exit_status(c), 130);
}

static void a_file_that_may_not_grow_is_an_error(void **state)
{
    (void)state;
    child c = start("large");
    assert_int_equal(exit_status(c), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_ends_a_command_with_128_and_its_number),
        cmocka_unit_test(a_second_signal_ends_the_process_at_once),
        cmocka_unit_test(a_file_that_may_not_grow_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
