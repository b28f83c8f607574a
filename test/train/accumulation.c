/* A step made of several batches: the same as of one batch of all their rows, however
 * differently they count; and parameters that stay as they are. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/regression.h"
#include "support/tensors.h"

static void begin(regression *r, const regression_options *opt)
{
    ask_error err = {0};
    CHECK_OK(regression_open(r, opt, &err), &err);
}

static ask_train_step step(regression *r, int64_t number)
{
    ask_error err = {0};
    ask_train_step s;
    CHECK_OK(ask_trainer_step(r->trainer, number, &s, &err), &err);
    return s;
}

/* ---- several batches ---- */

enum { N_STEPS = 20 };

static void open_both(regression *parts, regression *whole, bool means)
{
    begin(parts, &(regression_options){
                     .n_steps = N_STEPS, .n_batches = 4, .n_rows = 3, .means = means});
    begin(whole, &(regression_options){.n_steps = N_STEPS, .n_rows = 12, .means = means});
}

static double largest_difference(const regression *a, const regression *b)
{
    double most = 0;
    assert_int_equal(ask_store_count(a->store), ask_store_count(b->store));
    for (int i = 0; i < ask_store_count(a->store); i++) {
        const ask_tensor *t = ask_store_at(a->store, i);
        float *x = test_get(t), *y = test_get(ask_store_find(b->store, ask_tensor_name(t)));
        for (int64_t k = 0; k < ask_tensor_count(t); k++)
            most = fmax(most, fabs((double)(x[k] - y[k])));
        free(x);
        free(y);
    }
    return most;
}

static void check_near(const char *what, int64_t at, double is, double want)
{
    if (!(fabs(is - want) <= 1e-5 * fmax(1, fabs(want)))) // sums in another order
        fail_msg("step %d: %s is %.9g, of one batch %.9g", (int)at, what, is, want);
}

static void check_same_steps(bool means)
{
    regression parts, whole;
    open_both(&parts, &whole, means);
    for (int64_t i = 1; i <= N_STEPS; i++) {
        ask_train_step a = step(&parts, i), b = step(&whole, i);
        check_near("the loss", i, a.loss, b.loss);
        check_near("the norm", i, a.grad_norm, b.grad_norm);
        check_near("square", i, a.parts[0], b.parts[0]);
        check_near("size", i, a.parts[1], b.parts[1]);
        check_near("the loss as a sum of its parts", i, a.loss,
                   a.parts[0] + 0.01 * a.parts[1]);
    }
    double most = largest_difference(&parts, &whole);
    if (most > 1e-4) fail_msg("numbers differ by %g", most); // Adam divides by small ones
    regression_close(&parts);
    regression_close(&whole);
}

static void batches_that_count_differently_are_one_of_all_their_rows(void **state)
{
    (void)state;
    check_same_steps(false);
}

static void means_of_batches_are_averaged(void **state)
{
    (void)state;
    check_same_steps(true);
}

static void means_of_each_batch_would_be_something_else(void **state)
{
    (void)state;
    regression parts, whole;
    begin(&parts, &(regression_options){.n_steps = 1, .n_batches = 4, .n_rows = 3});
    begin(&whole,
          &(regression_options){.n_steps = 1, .n_batches = 4, .n_rows = 3, .means = true});
    double right = step(&parts, 1).loss, other = step(&whole, 1).loss;
    assert_true(fabs(right - other) > 0.1); // so the test above tells them apart
    regression_close(&parts);
    regression_close(&whole);
}

/* ---- which batches, and what a part without anything to count is ---- */

typedef struct {
    ask_tensor *w, *x;
    int64_t fed[16], counted[16];
    int n_fed, n_counted;
    double count;
} counting;

/* w is 0 and stays so: the value is the number of the batch. */
static void build_number(void *user, ask_graph *g, ask_train_loss *out)
{
    counting *c = user;
    c->x = ask_input(g, ASK_F32, 0, NULL);
    ask_tensor *zero = ask_scale(g, ask_sum(g, c->w, 0, false), 0);
    ask_tensor *number = ask_sum(g, ask_cast(g, out->batch, ASK_F32), 0, false);
    ask_train_loss_add(out, "number", 1, ask_add(g, number, zero));
}

static bool feed_number(void *user, int64_t batch, ask_error *err)
{
    counting *c = user;
    (void)err;
    c->fed[c->n_fed++] = batch;
    return true;
}

static bool count_number(void *user, int64_t first, int64_t n, double *counts,
                         ask_error *err)
{
    counting *c = user;
    (void)err;
    c->counted[c->n_counted++] = first;
    c->counted[c->n_counted++] = n;
    counts[0] = c->count;
    return true;
}

static void batches_are_counted_over_all_steps(void **state)
{
    (void)state;
    static const int64_t fed[] = {4, 5, 6, 7, 8, 9}, counted[] = {4, 3, 7, 3};
    ask_error err = {0};
    ask_backend *cpu = test_cpu(ASK_ISA_AUTO, 1);
    ask_store *store = ask_store_new(cpu, &err);
    counting c = {.w = test_stored(store, "w", 1, (int64_t[]){2})};
    const ask_train_task task = {
        .user = &c, .build = build_number, .feed = feed_number, .count = count_number};
    ask_trainer_options opt = ask_trainer_defaults();
    opt.schedule = (ask_schedule){.n_steps = 3, .rate = 1};
    opt.n_batches = 3;
    ask_trainer *t = ask_trainer_open(cpu, store, &task, &opt, &err);
    CHECK_OK(t, &err);
    ask_train_step s;
    CHECK_OK(ask_trainer_step(t, 2, &s, &err), &err); // nothing to count: taken for 1
    assert_true(s.loss == 4 + 5 + 6);
    c.count = 12;
    CHECK_OK(ask_trainer_step(t, 3, &s, &err), &err);
    assert_true(fabs(s.loss - 2) < 1e-6);
    assert_int_equal(c.n_fed, TEST_COUNT(fed));
    assert_memory_equal(c.fed, fed, sizeof fed);
    assert_memory_equal(c.counted, counted, sizeof counted);
    ask_trainer_close(t);
    ask_store_free(store);
    ask_backend_close(cpu);
}

/* ---- when a step goes wrong ---- */

static void check_unchanged(regression *r, int64_t number, ask_error_code code,
                            const char *message)
{
    ask_error err = {0};
    ask_train_step s;
    size_t n;
    char *before = regression_state(r, &n);
    assert_false(ask_trainer_step(r->trainer, number, &s, &err));
    char *after = regression_state(r, &n);
    assert_int_equal(err.code, code);
    if (!strstr(err.message, message))
        fail_msg("\"%s\" lacks \"%s\"", err.message, message);
    assert_memory_equal(before, after, n);
    free(before);
    free(after);
}

static void a_batch_that_is_not_finite_is_named(void **state)
{
    (void)state;
    regression r;
    begin(&r,
          &(regression_options){.n_steps = 5, .n_batches = 4, .n_rows = 3, .bad_batch = 6});
    step(&r, 1);
    check_unchanged(&r, 2, ASK_ERR_LIMIT, "step 2, batch 6: rows is not finite");
    regression_close(&r);
}

static void a_step_that_is_cancelled_changes_nothing_and_can_be_made_again(void **state)
{
    (void)state;
    ask_cancel cancel = {0};
    regression stopped, other;
    begin(&stopped, &(regression_options){.n_steps = 5, .n_batches = 4, .cancel = &cancel});
    begin(&other, &(regression_options){.n_steps = 5, .n_batches = 4});
    step(&stopped, 1);
    step(&other, 1);
    ask_cancel_raise(&cancel, 2);
    check_unchanged(&stopped, 2, ASK_ERR_CANCELLED, "interrupted");
    cancel.signal = 0;
    step(&stopped, 2);
    step(&other, 2);
    assert_true(largest_difference(&stopped, &other) == 0);
    regression_close(&stopped);
    regression_close(&other);
}

/* ---- frozen parameters ---- */

static void what_is_frozen_stays_as_it_is(void **state)
{
    (void)state;
    static const char *const frozen[] = {"first.*", NULL};
    regression r;
    begin(&r, &(regression_options){.n_steps = 3, .frozen = frozen});
    assert_int_equal(ask_trainer_n_params(r.trainer), 13);
    assert_null(ask_store_find(r.store, "adam.m.first.weight"));
    assert_null(ask_store_find(r.store, "adam.v.first.bias"));
    assert_non_null(ask_store_find(r.store, "adam.m.second.weight"));
    float *first = test_get(ask_store_find(r.store, "first.weight"));
    float *second = test_get(ask_store_find(r.store, "second.weight"));
    for (int i = 1; i <= 3; i++) step(&r, i);
    float *first_after = test_get(ask_store_find(r.store, "first.weight"));
    float *second_after = test_get(ask_store_find(r.store, "second.weight"));
    assert_memory_equal(first, first_after, 36 * sizeof *first);
    assert_memory_not_equal(second, second_after, 12 * sizeof *second);
    free(first);
    free(second);
    free(first_after);
    free(second_after);
    regression_close(&r);
}

/* ---- what is refused ---- */

static void trainings_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const char *const all[] = {"*", NULL};
    static const struct {
        regression_options opt;
        const char *message;
    } cases[] = {
        {{.n_steps = 1, .n_batches = -1}, "a step of -1 batches: give 1 to"},
        {{.n_steps = 1, .n_batches = 2, .one_batch = true}, "cannot have 2"},
        {{.n_steps = 1, .frozen = all}, "there is nothing to train"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        regression r;
        CHECK_CASE(cases[i].message, !regression_open(&r, &cases[i].opt, &err));
        regression_close(&r);
        CHECK_CASE(cases[i].message, err.code == ASK_ERR_USAGE);
        if (!strstr(err.message, cases[i].message))
            fail_msg("\"%s\" lacks \"%s\"", err.message, cases[i].message);
    }
}

static bool open_and_step(void *user, ask_error *err)
{
    regression r;
    ask_train_step s;
    bool ok = regression_open(&r, user, err) && ask_trainer_step(r.trainer, 1, &s, err);
    regression_close(&r);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    regression_options opt = {.n_steps = 2, .n_batches = 2};
    assert_true(test_each_alloc_fails("open and step", open_and_step, &opt) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_that_count_differently_are_one_of_all_their_rows),
        cmocka_unit_test(means_of_batches_are_averaged),
        cmocka_unit_test(means_of_each_batch_would_be_something_else),
        cmocka_unit_test(batches_are_counted_over_all_steps),
        cmocka_unit_test(a_batch_that_is_not_finite_is_named),
        cmocka_unit_test(a_step_that_is_cancelled_changes_nothing_and_can_be_made_again),
        cmocka_unit_test(what_is_frozen_stays_as_it_is),
        cmocka_unit_test(trainings_that_make_no_sense_are_refused),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
