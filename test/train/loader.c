#include "train/loader.h"

#include <stdatomic.h>

#include "support/testing.h"

typedef struct {
    int64_t fails_at;
    atomic_int n_filled;
} source;

static bool fill(void *user, void *item, int64_t step, ask_error *err)
{
    source *s = user;
    atomic_fetch_add(&s->n_filled, 1);
    if (step == s->fails_at) return ask_fail(err, ASK_ERR_IO, "step %d is lost", (int)step);
    *(int64_t *)item = 10 * step;
    return true;
}

static ask_loader *open_loader(source *s, int64_t places[ASK_LOADER_ITEMS], int64_t first)
{
    ask_error err = {0};
    void *items[ASK_LOADER_ITEMS];
    for (int i = 0; i < ASK_LOADER_ITEMS; i++) items[i] = &places[i];
    const ask_loader_source from = {fill, s};
    ask_loader *l = ask_loader_open(&from, items, first, &err);
    CHECK_OK(l, &err);
    return l;
}

static void check_step(ask_loader *l, int64_t step)
{
    ask_error err = {0};
    const int64_t *item = ask_loader_take(l, step, &err);
    CHECK_OK(item, &err);
    assert_int_equal(*item, 10 * step);
}

static void items_come_in_order_from_the_first_step(void **state)
{
    (void)state;
    source s = {0};
    int64_t places[ASK_LOADER_ITEMS];
    ask_loader *l = open_loader(&s, places, 5);
    for (int64_t step = 5; step < 200; step++) check_step(l, step);
    ask_loader_close(l);
    assert_true(atomic_load(&s.n_filled) <= 195 + ASK_LOADER_ITEMS);
}

static void the_last_item_can_be_taken_again(void **state)
{
    (void)state;
    source s = {0};
    int64_t places[ASK_LOADER_ITEMS];
    ask_loader *l = open_loader(&s, places, 1);
    check_step(l, 1);
    check_step(l, 1);
    check_step(l, 2);
    check_step(l, 2);
    check_step(l, 3);
    ask_loader_close(l);
}

static void another_step_is_a_mistake(void **state)
{
    (void)state;
    source s = {0};
    int64_t places[ASK_LOADER_ITEMS];
    ask_error err = {0};
    ask_loader *l = open_loader(&s, places, 1);
    assert_null(ask_loader_take(l, 2, &err));
    assert_int_equal(err.code, ASK_ERR_BUG);
    ask_loader_close(l);
}

static void a_step_that_cannot_be_filled_fails_and_stays_failed(void **state)
{
    (void)state;
    source s = {.fails_at = 3};
    int64_t places[ASK_LOADER_ITEMS];
    ask_loader *l = open_loader(&s, places, 1);
    check_step(l, 1);
    check_step(l, 2);
    for (int i = 0; i < 2; i++) {
        ask_error err = {0};
        assert_null(ask_loader_take(l, 3, &err));
        assert_int_equal(err.code, ASK_ERR_IO);
        assert_string_equal(err.message, "step 3 is lost");
    }
    ask_loader_close(l);
}

static void closing_does_not_wait_for_steps_nobody_wants(void **state)
{
    (void)state;
    source s = {0};
    int64_t places[ASK_LOADER_ITEMS];
    ask_loader_close(open_loader(&s, places, 1));
    assert_true(atomic_load(&s.n_filled) <= ASK_LOADER_ITEMS);
    ask_loader_close(NULL);
}

static bool open_and_take(void *user, ask_error *err)
{
    (void)user;
    source s = {0};
    int64_t places[ASK_LOADER_ITEMS];
    void *items[] = {&places[0], &places[1]};
    const ask_loader_source from = {fill, &s};
    ask_loader *l = ask_loader_open(&from, items, 1, err);
    bool ok = l && ask_loader_take(l, 1, err);
    ask_loader_close(l);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("open and take", open_and_take, NULL) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_in_order_from_the_first_step),
        cmocka_unit_test(the_last_item_can_be_taken_again),
        cmocka_unit_test(another_step_is_a_mistake),
        cmocka_unit_test(a_step_that_cannot_be_filled_fails_and_stays_failed),
        cmocka_unit_test(closing_does_not_wait_for_steps_nobody_wants),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
