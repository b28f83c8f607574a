/* The tests of a training that are made before it: one batch is learnt by heart, and
 * resuming gives the same bits. */
#include "train/selftest.h"

#include <stdlib.h>
#include <string.h>

#include "support/regression.h"
#include "support/testing.h"

static char *dir; // of the test that runs

static int make_dir(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- one batch ---- */

static bool overfit(const regression_options *model, const ask_overfit_options *opt,
                    ask_overfit_result *out, ask_error *err)
{
    regression r;
    bool ok =
        regression_open(&r, model, err) && ask_train_overfit(r.trainer, opt, out, err);
    regression_close(&r);
    return ok;
}

static void one_batch_is_learnt_by_heart(void **state)
{
    (void)state;
    const regression_options model = {
        .n_steps = 400, .rate = 0.03, .n_rows = 12, .one_batch = true};
    ask_overfit_options opt = ask_overfit_defaults();
    ask_overfit_result r;
    ask_error err = {0};
    opt.n_steps = 400;
    CHECK_OK(overfit(&model, &opt, &r, &err), &err);
    assert_true(r.first > 0.2 && r.last <= 0.1 * r.first && r.n_steps < 400);
    opt.part = "square";
    opt.share = 0;
    opt.bound = 0.05;
    CHECK_OK(overfit(&model, &opt, &r, &err), &err);
    assert_true(r.last <= 0.05);
}

static void what_does_not_learn_is_told(void **state)
{
    (void)state;
    const regression_options slow = {
        .n_steps = 50, .rate = 1e-9, .n_rows = 12, .one_batch = true};
    ask_overfit_options opt = ask_overfit_defaults();
    ask_overfit_result r = {0};
    ask_error err = {0};
    assert_false(overfit(&slow, &opt, &r, &err));
    assert_int_equal(err.code, ASK_ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "one batch was not learnt by heart: in 50 steps "));
    assert_int_equal(r.n_steps, 50);
    assert_true(r.last > 0.5 * r.first);
    opt.part = "none";
    assert_false(overfit(&slow, &opt, &r, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
}

/* ---- resuming ---- */

typedef struct {
    regression_options model;
    regression r;
    int n_open;
} source;

static bool open_source(void *user, ask_training *out, ask_error *err)
{
    source *s = user;
    if (!regression_open(&s->r, &s->model, err)) {
        regression_close(&s->r);
        return false;
    }
    s->n_open++;
    *out = (ask_training){s->r.trainer, s->r.store, s->r.backend};
    return true;
}

static void close_source(void *user, ask_training *t)
{
    source *s = user;
    s->n_open--;
    regression_close(&s->r);
    *t = (ask_training){0};
}

static bool verify(source *s, int64_t n_steps, ask_verify_resume_result *out,
                   ask_error *err)
{
    const ask_training_source from = {s, open_source, close_source};
    const ask_verify_resume_options opt = {.n_steps = n_steps, .dir = dir};
    bool ok = ask_verify_resume(&from, &opt, out, err);
    assert_int_equal(s->n_open, 0);
    assert_int_equal(test_count_entries(dir), 0);
    return ok;
}

static void resuming_gives_the_same_bits(void **state)
{
    (void)state;
    source s = {.model = {.n_steps = 20, .n_batches = 2, .dropout = 0.3}};
    ask_verify_resume_result r;
    ask_error err = {0};
    CHECK_OK(verify(&s, 11, &r, &err), &err);
    assert_int_equal(r.n_steps, 11);
    assert_int_equal(r.resumed_after, 5);
    assert_int_equal(r.n_tensors, 4 + 8);
}

static void a_training_that_keeps_a_secret_is_found_out(void **state)
{
    (void)state;
    source s = {.model = {.n_steps = 20, .forgetful = true}};
    ask_verify_resume_result r;
    ask_error err = {0};
    assert_false(verify(&s, 10, &r, &err));
    assert_int_equal(err.code, ASK_ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "the first tensor that differs is "));
    assert_non_null(strstr(err.message, "resumed after step 5"));
}

static void too_few_steps_are_refused(void **state)
{
    (void)state;
    source s = {.model = {.n_steps = 5}};
    ask_verify_resume_result r;
    ask_error err = {0};
    assert_false(verify(&s, 1, &r, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_false(verify(&s, 6, &r, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(strstr(err.message, "the training has 5 steps, and not 6"));
}

static bool verify_again(void *user, ask_error *err)
{
    ask_verify_resume_result r;
    const ask_training_source from = {user, open_source, close_source};
    const ask_verify_resume_options opt = {.n_steps = 2, .dir = dir};
    return ask_verify_resume(&from, &opt, &r, err);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    source s = {.model = {.n_steps = 2}};
    assert_true(test_some_allocs_fail("verify", verify_again, &s) > 20);
    assert_int_equal(s.n_open, 0);
}

#define TEST_IN_DIR(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_batch_is_learnt_by_heart),
        cmocka_unit_test(what_does_not_learn_is_told),
        TEST_IN_DIR(resuming_gives_the_same_bits),
        TEST_IN_DIR(a_training_that_keeps_a_secret_is_found_out),
        TEST_IN_DIR(too_few_steps_are_refused),
        TEST_IN_DIR(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
