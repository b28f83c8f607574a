#include "base/queue.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/thread.h"
#include "support/testing.h"

enum { N_ITEMS = 5000, N_WORKERS = 3 };

static ask_queue *open_queue(int capacity, void (*drop)(void *))
{
    ask_error err = {0};
    ask_queue *q = ask_queue_new(capacity, drop, &err);
    CHECK_OK(q, &err);
    return q;
}

static ask_thread *start(void (*fn)(void *), void *user)
{
    ask_error err = {0};
    ask_thread *t = ask_thread_start(fn, user, &err);
    CHECK_OK(t, &err);
    return t;
}

static void items_come_out_in_the_order_they_went_in(void **state)
{
    (void)state;
    int numbers[3] = {10, 11, 12};
    ask_queue *q = open_queue(3, NULL);
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 3 - round % 2; i++) assert_true(ask_queue_push(q, &numbers[i]));
        for (int i = 0; i < 3 - round % 2; i++) {
            void *item = NULL;
            assert_true(ask_queue_pop(q, &item));
            assert_ptr_equal(item, &numbers[i]);
        }
    }
    ask_queue_free(q);
    ask_queue_free(NULL);
}

static void after_close_what_is_left_comes_out(void **state)
{
    (void)state;
    int number = 7;
    ask_queue *q = open_queue(2, NULL);
    assert_true(ask_queue_push(q, &number));
    ask_queue_close(q);
    assert_false(ask_queue_push(q, &number));
    void *item = NULL;
    assert_true(ask_queue_pop(q, &item));
    assert_ptr_equal(item, &number);
    item = q;
    assert_false(ask_queue_pop(q, &item));
    assert_ptr_equal(item, q);
    ask_queue_free(q);
}

typedef struct {
    ask_queue *q;
    atomic_long sum;
    atomic_int n;
    atomic_int inside, most_inside;
} pipeline;

static void note_inside(pipeline *p, int change)
{
    int now = atomic_fetch_add(&p->inside, change) + change;
    int most = atomic_load(&p->most_inside);
    while (now > most && !atomic_compare_exchange_weak(&p->most_inside, &most, now))
        continue;
}

static void produce(void *user)
{
    pipeline *p = user;
    for (intptr_t i = 1; i <= N_ITEMS; i++) {
        assert_true(ask_queue_push(p->q, (void *)i));
        note_inside(p, 1);
    }
}

static void consume(void *user)
{
    pipeline *p = user;
    void *item;
    while (ask_queue_pop(p->q, &item)) {
        note_inside(p, -1);
        atomic_fetch_add(&p->sum, (long)(intptr_t)item);
        atomic_fetch_add(&p->n, 1);
    }
}

static void many_threads_share_a_small_queue(void **state)
{
    (void)state;
    enum { CAPACITY = 4 };
    pipeline p = {.q = open_queue(CAPACITY, NULL)};
    ask_thread *producers[N_WORKERS], *consumers[N_WORKERS];
    for (int i = 0; i < N_WORKERS; i++) {
        consumers[i] = start(consume, &p);
        producers[i] = start(produce, &p);
    }
    for (int i = 0; i < N_WORKERS; i++) ask_thread_join(producers[i]);
    ask_queue_close(p.q);
    for (int i = 0; i < N_WORKERS; i++) ask_thread_join(consumers[i]);
    assert_int_equal(p.n, N_WORKERS * N_ITEMS);
    assert_int_equal(p.sum, (long)N_WORKERS * N_ITEMS * (N_ITEMS + 1) / 2);
    // Each producer and consumer may be between its call and its note.
    assert_true(p.most_inside <= CAPACITY + 2 * N_WORKERS);
    ask_queue_free(p.q);
}

static int n_dropped;

static void drop(void *item)
{
    n_dropped++;
    free(item);
}

static void push_until_stopped(void *user)
{
    for (;;) {
        void *item = malloc(1);
        if (!item || !ask_queue_push(user, item)) {
            free(item);
            return;
        }
    }
}

static void wait_for_an_item(void *user)
{
    void *item;
    assert_false(ask_queue_pop(user, &item));
}

static void sleep_s(double seconds)
{
    double end_s = ask_clock_s() + seconds;
    while (ask_clock_s() < end_s) continue;
}

static void abort_wakes_everybody_and_drops_what_is_inside(void **state)
{
    (void)state;
    n_dropped = 0;
    ask_queue *full = open_queue(2, drop);
    ask_queue *empty = open_queue(2, drop);
    ask_thread *pusher = start(push_until_stopped, full);
    ask_thread *popper = start(wait_for_an_item, empty);
    sleep_s(0.02); // so that both are likely to be waiting
    ask_queue_abort(full);
    ask_queue_abort(empty);
    ask_thread_join(pusher);
    ask_thread_join(popper);
    assert_in_range(n_dropped, 0, 2);
    void *item;
    assert_false(ask_queue_pop(full, &item));
    ask_queue_free(full);
    ask_queue_free(empty);
}

static void what_is_left_at_the_end_is_dropped(void **state)
{
    (void)state;
    n_dropped = 0;
    ask_queue *q = open_queue(3, drop);
    for (int i = 0; i < 3; i++) assert_true(ask_queue_push(q, malloc(1)));
    ask_queue_free(q);
    assert_int_equal(n_dropped, 3);
}

static bool make_queue(void *user, ask_error *err)
{
    (void)user;
    ask_queue *q = ask_queue_new(8, NULL, err);
    ask_queue_free(q);
    return q != NULL;
}

static void making_one_may_run_out_of_memory(void **state)
{
    (void)state;
    assert_int_equal(test_each_alloc_fails("queue", make_queue, NULL), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_out_in_the_order_they_went_in),
        cmocka_unit_test(after_close_what_is_left_comes_out),
        cmocka_unit_test(many_threads_share_a_small_queue),
        cmocka_unit_test(abort_wakes_everybody_and_drops_what_is_inside),
        cmocka_unit_test(what_is_left_at_the_end_is_dropped),
        cmocka_unit_test(making_one_may_run_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
