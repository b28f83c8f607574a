/* The team: every part once, whoever is awake. */
#include "tensor/cpu/team_priv.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "support/testing.h"

enum { MOST_PARTS = 64 };

typedef struct {
    cpu_team *team;
    atomic_int n_calls[MOST_PARTS];
    int sums[MOST_PARTS]; // each written by its part alone
} tally;

static void count(void *user, int i)
{
    tally *t = user;
    atomic_fetch_add(&t->n_calls[i], 1);
    t->sums[i] += i;
}

static void count_and_nest(void *user, int i)
{
    tally *t = user, inner = {0};
    count(t, i);
    cpu_team_run(t->team, 3, count, &inner);
    for (int k = 0; k < 3; k++) assert_int_equal(inner.n_calls[k], 1);
}

static cpu_team *open_team(int n_threads)
{
    ask_error err = {0};
    cpu_team *t = cpu_team_open(n_threads, &err);
    CHECK_OK(t, &err);
    return t;
}

static void check(tally *t, int n_parts, int n_calls)
{
    for (int i = 0; i < MOST_PARTS; i++) {
        assert_int_equal(t->n_calls[i], i < n_parts ? n_calls : 0);
        assert_int_equal(t->sums[i], i < n_parts ? n_calls * i : 0);
    }
}

static void every_part_runs_once(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int n_threads, n_parts;
    } cases[] = {
        {"alone", 1, 5},
        {"one part", 4, 1},
        {"nothing", 2, 0},
        {"as many", 2, 2},
        {"more parts", 2, 17},
        {"fewer parts", 8, 3},
        {"many of both", 16, MOST_PARTS},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        cpu_team *team = open_team(cases[i].n_threads);
        tally t = {.team = team};
        for (int round = 0; round < 500; round++)
            cpu_team_run(team, cases[i].n_parts, count, &t);
        check(&t, cases[i].n_parts, 500);
        cpu_team_close(team);
    }
}

static void threads_that_sleep_are_woken(void **state)
{
    (void)state;
    cpu_team *team = open_team(3);
    tally t = {.team = team};
    for (int round = 0; round < 20; round++) {
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        cpu_team_run(team, 7, count, &t);
    }
    check(&t, 7, 20);
    cpu_team_close(team);
}

static void slow_part(void *user, int i)
{
    nanosleep(&(struct timespec){.tv_nsec = i ? 0 : 2000000}, NULL);
    count(user, i);
}

static void a_caller_that_sleeps_is_woken(void **state)
{
    (void)state;
    cpu_team *team = open_team(2);
    tally t = {.team = team};
    for (int round = 0; round < 20; round++) cpu_team_run(team, 2, slow_part, &t);
    check(&t, 2, 20);
    cpu_team_close(team);
}

static void a_part_may_call_the_team(void **state)
{
    (void)state;
    cpu_team *team = open_team(2);
    tally t = {.team = team};
    for (int round = 0; round < 50; round++) cpu_team_run(team, 6, count_and_nest, &t);
    check(&t, 6, 50);
    cpu_team_close(team);
}

static bool open_and_close(void *user, ask_error *err)
{
    (void)user;
    cpu_team *t = cpu_team_open(4, err);
    if (!t) return false;
    cpu_team_close(t);
    return true;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    assert_in_range(test_each_alloc_fails("team", open_and_close, NULL), 2, 4);
}

static void without_memory_for_threads_the_caller_does_it_all(void **state)
{
    (void)state;
    cpu_team *team = open_team(4);
    tally t = {.team = team};
    test_fail_alloc_at(1);
    cpu_team_run(team, 9, count, &t);
    assert_true(test_alloc_has_failed());
    test_fail_alloc_at(0);
    check(&t, 9, 1);
    cpu_team_close(team);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_runs_once),
        cmocka_unit_test(threads_that_sleep_are_woken),
        cmocka_unit_test(a_caller_that_sleeps_is_woken),
        cmocka_unit_test(a_part_may_call_the_team),
        cmocka_unit_test(running_out_of_memory_is_an_error),
        cmocka_unit_test(without_memory_for_threads_the_caller_does_it_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
