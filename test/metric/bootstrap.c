/* Intervals: where they are known, that they repeat, and where there is none. */
#include "metric/bootstrap.h"

#include <math.h>

#include "support/testing.h"

enum { N = 400 };

typedef struct {
    double mean;
    ask_interval interval;
} told;

static told tell(const double *values, const size_t *cluster, size_t n, size_t n_clusters,
                 const ask_bootstrap_options *opt)
{
    told t;
    ask_error err = {0};
    CHECK_OK(
        ask_mean_of(&t.mean, &t.interval, values, NULL, cluster, n, n_clusters, opt, &err),
        &err);
    return t;
}

static void an_interval_is_as_wide_as_theory_says(void **state)
{
    (void)state;
    double values[N];
    size_t each[N], pairs[N];
    for (int i = 0; i < N; i++) {
        values[i] = i / 2 % 2; // equal within a pair
        each[i] = (size_t)i;
        pairs[i] = (size_t)i / 2;
    }
    told t = tell(values, each, N, N, NULL);
    assert_true(t.mean == 0.5);
    // 1.96 * sqrt(0.25 / 400) = 0.049; the quantiles of 1000 draws err by less than 0.007.
    assert_true(fabs(0.5 - t.interval.low - 0.049) < 0.007);
    assert_true(fabs(t.interval.high - 0.5 - 0.049) < 0.007);
    // Questions of one video that are right together say as much as half of them.
    t = tell(values, pairs, N, N / 2, NULL);
    assert_true(fabs(t.interval.high - 0.5 - 0.049 * sqrt(2)) < 0.01);
}

static void two_clusters_are_both_or_one_of_them(void **state)
{
    (void)state;
    told t = tell((double[]){0, 1}, (size_t[]){0, 1}, 2, 2, NULL);
    assert_true(t.mean == 0.5 && t.interval.low == 0 && t.interval.high == 1);
}

static void where_nothing_is_known_there_is_no_interval(void **state)
{
    (void)state;
    told t = tell((double[]){0, 1, 1}, (size_t[]){0, 0, 0}, 3, 1, NULL);
    assert_true(fabs(t.mean - 2.0 / 3) < 1e-15);
    assert_true(isnan(t.interval.low) && isnan(t.interval.high));
    // A cluster with nothing to compute is none.
    t = tell((double[]){1, NAN, NAN}, (size_t[]){0, 1, 2}, 3, 3, NULL);
    assert_true(t.mean == 1 && isnan(t.interval.low));
    t = tell(NULL, NULL, 0, 0, NULL);
    assert_true(isnan(t.mean) && isnan(t.interval.low));
    t = tell((double[]){1, 1}, (size_t[]){0, 1}, 2, 2, NULL);
    assert_true(t.interval.low == 1 && t.interval.high == 1);
}

static void the_seed_decides(void **state)
{
    (void)state;
    double values[N];
    size_t each[N];
    for (int i = 0; i < N; i++) {
        values[i] = i % 7 * 0.13;
        each[i] = (size_t)i;
    }
    ask_bootstrap_options o = ask_bootstrap_defaults();
    o.n_draws = 50;
    told a = tell(values, each, N, N, &o), b = tell(values, each, N, N, &o);
    assert_memory_equal(&a, &b, sizeof a);
    o.seed = 2;
    b = tell(values, each, N, N, &o);
    assert_true(a.mean == b.mean && a.interval.low != b.interval.low);
    o.n_draws = 1;
    b = tell(values, each, N, N, &o);
    assert_true(b.interval.low == b.interval.high);
    o.n_draws = 1000;
    o.level = 0.5;
    told narrow = tell(values, each, N, N, &o);
    assert_true(narrow.interval.high - narrow.interval.low <
                0.6 * (a.interval.high - a.interval.low));
}

static void weights_are_of_the_mean(void **state)
{
    (void)state;
    ask_error err = {0};
    double mean;
    CHECK_OK(ask_mean_of(&mean, NULL, (double[]){1, 0, NAN}, (double[]){3, 1, 5},
                         (size_t[]){0, 1, 2}, 3, 3, NULL, &err),
             &err);
    assert_true(mean == 0.75);
}

static void a_difference_is_of_pairs(void **state)
{
    (void)state;
    ask_error err = {0};
    double a[N], b[N], mean;
    size_t each[N];
    for (int i = 0; i < N; i++) {
        a[i] = i % 5 * 0.25 + 0.125; // apart from each other, together from b by 0.125
        b[i] = i == 0 ? NAN : i % 5 * 0.25;
        each[i] = (size_t)i;
    }
    ask_interval t;
    CHECK_OK(ask_mean_difference(&mean, &t, a, b, each, N, N, NULL, &err), &err);
    assert_true(mean == 0.125 && t.low == 0.125 && t.high == 0.125);
}

static bool attempt(void *user, ask_error *err)
{
    (void)user;
    double mean;
    ask_interval interval;
    return ask_mean_of(&mean, &interval, (double[]){0, 1}, NULL, (size_t[]){0, 1}, 2, 2,
                       NULL, err);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("mean", attempt, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interval_is_as_wide_as_theory_says),
        cmocka_unit_test(two_clusters_are_both_or_one_of_them),
        cmocka_unit_test(where_nothing_is_known_there_is_no_interval),
        cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(weights_are_of_the_mean),
        cmocka_unit_test(a_difference_is_of_pairs),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
