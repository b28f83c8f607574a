/* How fast the machine is: numbers that mean something, and a measurement that can be
 * stopped. */
#include "tensor/cpu/speed.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/thread.h"
#include "support/testing.h"

static void check_speed(double speed)
{
    assert_true(isfinite(speed) && speed > 0);
}

static void every_number_of_threads_has_its_speeds(void **state)
{
    (void)state;
    static const int n_threads[] = {2, 1};
    ask_cpu_speed speeds[2];
    ask_error err = {0};
    CHECK_OK(ask_cpu_measure(speeds, n_threads, 2, NULL, NULL, &err), &err);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(speeds[i].n_threads, n_threads[i]);
        check_speed(speeds[i].peak_gflops);
        check_speed(speeds[i].product_gflops);
        check_speed(speeds[i].read_gb_s);
    }
}

static void raise_later(void *cancel)
{
    usleep(100000);
    ask_cancel_raise(cancel, SIGINT);
}

/* In the middle of a measurement that would take a second more. */
static void a_wish_to_stop_is_heard(void **state)
{
    (void)state;
    static const int n_threads[] = {1, 1, 1, 1, 1, 1, 1, 1};
    ask_cpu_speed speeds[TEST_COUNT(n_threads)] = {{0}};
    ask_error err = {0};
    ask_cancel cancel = {0};
    ask_thread *thread = ask_thread_start(raise_later, &cancel, &err);
    CHECK_OK(thread, &err);
    assert_false(ask_cpu_measure(speeds, n_threads, (int)TEST_COUNT(n_threads), &cancel,
                                 NULL, &err));
    ask_thread_join(thread);
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_int_equal(speeds[0].n_threads, 0);
}

static void too_many_threads_are_refused(void **state)
{
    (void)state;
    static const int n_threads[] = {1, 5000};
    ask_cpu_speed speeds[2] = {{0}};
    ask_error err = {0};
    assert_false(ask_cpu_measure(speeds, n_threads, 2, NULL, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(strstr(err.message, "5000 threads"));
    assert_int_equal(speeds[0].n_threads, 0);
}

/* The wish to stop ends the attempts that get as far as measuring. */
static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    static const int n_threads[] = {1};
    int n_failed = 0;
    bool failed = true;
    for (long n = 1; failed; n++, n_failed++) {
        ask_cpu_speed speed;
        ask_error err = {0};
        ask_cancel cancel = {SIGINT};
        test_fail_alloc_at(n);
        assert_false(ask_cpu_measure(&speed, n_threads, 1, &cancel, NULL, &err));
        failed = test_alloc_has_failed();
        test_fail_alloc_at(0);
        if (err.code != (failed ? ASK_ERR_NOMEM : ASK_ERR_CANCELLED))
            fail_msg("allocation %ld failing: %s", n, err.message);
    }
    assert_true(n_failed > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_of_threads_has_its_speeds),
        cmocka_unit_test(a_wish_to_stop_is_heard),
        cmocka_unit_test(too_many_threads_are_refused),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
