#include "base/thread.h"

#include <signal.h>

#include "base/clock.h"
#include "support/testing.h"

enum { N_THREADS = 4, N_STEPS = 20000 };

typedef struct {
    ask_mutex mutex;
    ask_cond cond;
    long count;
} shared;

static void open_shared(shared *s)
{
    ask_error err = {0};
    CHECK_OK(ask_mutex_open(&s->mutex, &err), &err);
    CHECK_OK(ask_cond_open(&s->cond, &err), &err);
    s->count = 0;
}

static void close_shared(shared *s)
{
    ask_cond_close(&s->cond);
    ask_mutex_close(&s->mutex);
}

static void count_up(void *user)
{
    shared *s = user;
    for (int i = 0; i < N_STEPS; i++) {
        ask_mutex_lock(&s->mutex);
        s->count++;
        ask_mutex_unlock(&s->mutex);
    }
}

static void a_mutex_lets_one_thread_in_at_a_time(void **state)
{
    (void)state;
    shared s;
    open_shared(&s);
    ask_thread *threads[N_THREADS];
    ask_error err = {0};
    for (int i = 0; i < N_THREADS; i++) {
        threads[i] = ask_thread_start(count_up, &s, &err);
        CHECK_OK(threads[i], &err);
    }
    for (int i = 0; i < N_THREADS; i++) ask_thread_join(threads[i]);
    assert_int_equal(s.count, N_THREADS * N_STEPS);
    close_shared(&s);
    ask_thread_join(NULL);
}

/* Takes turns with the main thread: it moves on odd counts. */
static void move_on_odd(void *user)
{
    shared *s = user;
    ask_mutex_lock(&s->mutex);
    while (s->count < 100) {
        while (s->count % 2 == 0 && s->count < 100) ask_cond_wait(&s->cond, &s->mutex);
        s->count++;
        ask_cond_broadcast(&s->cond);
    }
    ask_mutex_unlock(&s->mutex);
}

static void threads_take_turns_through_a_condition(void **state)
{
    (void)state;
    shared s;
    open_shared(&s);
    ask_error err = {0};
    ask_thread *t = ask_thread_start(move_on_odd, &s, &err);
    CHECK_OK(t, &err);
    ask_mutex_lock(&s.mutex);
    while (s.count < 100) {
        while (s.count % 2 == 1) ask_cond_wait(&s.cond, &s.mutex);
        s.count++;
        ask_cond_signal(&s.cond);
    }
    ask_mutex_unlock(&s.mutex);
    ask_thread_join(t);
    assert_in_range(s.count, 100, 102);
    close_shared(&s);
}

static void waiting_ends_after_the_time_given(void **state)
{
    (void)state;
    shared s;
    open_shared(&s);
    static const double waits_s[] = {0, 0.03, 0.999999999e-3};
    for (size_t i = 0; i < TEST_COUNT(waits_s); i++) {
        ask_mutex_lock(&s.mutex);
        double start_s = ask_clock_s();
        while (ask_cond_wait_for(&s.cond, &s.mutex, waits_s[i])) continue;
        assert_true(ask_clock_s() - start_s >= waits_s[i]);
        ask_mutex_unlock(&s.mutex);
    }
    close_shared(&s);
}

static void read_mask(void *user)
{
    pthread_sigmask(SIG_BLOCK, NULL, user);
}

static void signals_go_to_the_main_thread(void **state)
{
    (void)state;
    sigset_t inside, here;
    ask_error err = {0};
    ask_thread *t = ask_thread_start(read_mask, &inside, &err);
    CHECK_OK(t, &err);
    ask_thread_join(t);
    pthread_sigmask(SIG_BLOCK, NULL, &here);
    assert_true(sigismember(&inside, SIGINT));
    assert_true(sigismember(&inside, SIGTERM));
    assert_false(sigismember(&here, SIGINT));
}

static void without_memory_there_is_no_thread(void **state)
{
    (void)state;
    ask_error err = {0};
    test_fail_alloc_at(1);
    assert_null(ask_thread_start(count_up, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_NOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mutex_lets_one_thread_in_at_a_time),
        cmocka_unit_test(threads_take_turns_through_a_condition),
        cmocka_unit_test(waiting_ends_after_the_time_given),
        cmocka_unit_test(signals_go_to_the_main_thread),
        cmocka_unit_test(without_memory_there_is_no_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
