/* Thresholds from rows of which the best ones are known. */
#include "eval/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"

/* ---- quantiles ---- */

static void a_quantile_leaves_at_most_its_share_below(void **state)
{
    (void)state;
    const struct {
        const char *name;
        double numbers[10];
        int64_t n;
        double share, expected;
    } cases[] = {
        {"none", {0}, 0, 0.1, NAN},
        {"one", {7}, 1, 0.1, 7},
        {"the least", {3, 1, 2}, 3, 0, 1},
        {"a tenth of ten", {10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 10, 0.1, 2},
        {"less than one of nine", {9, 8, 7, 6, 5, 4, 3, 2, 1}, 9, 0.1, 1},
        {"the median of four", {4, 1, 3, 2}, 4, 0.5, 3},
        {"all", {1, 2, 3}, 3, 1, 3},
        {"equal ones", {5, 5, 5, 5}, 4, 0.5, 5},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        double numbers[10];
        memcpy(numbers, cases[i].numbers, sizeof numbers);
        double q = ask_quantile(numbers, cases[i].n, cases[i].share);
        if (!(q == cases[i].expected || (isnan(q) && isnan(cases[i].expected))))
            fail_msg("%s: %g", cases[i].name, q);
    }
}

static void a_tenth_of_what_is_there_falls_below_the_threshold(void **state)
{
    (void)state;
    ask_found_row found[30];
    ask_answered_row answered[30];
    memset(found, 0, sizeof found);
    memset(answered, 0, sizeof answered);
    for (int i = 0; i < 30; i++) { // 0, 1, ... 19 of what is there, and what does not count
        found[i].kind = i < 20  ? (ask_query_kind)(i % 3)
                        : i % 2 ? ASK_QUERY_FOREIGN
                                : ASK_QUERY_NEAR_MISS;
        found[i].presence = answered[i].presence = i < 20 ? i : -9;
        answered[i].visual = i < 25;
        answered[i].right = i < 20 || i >= 25;
    }
    ask_error err = {0};
    double threshold;
    CHECK_OK(ask_fit_found_threshold(&threshold, &(ask_found_rows){found, 30}, 0.1, &err),
             &err);
    assert_true(threshold == 2);
    CHECK_OK(ask_fit_answered_threshold(&threshold, &(ask_answered_rows){answered, 30}, 0.1,
                                        &err),
             &err);
    assert_true(threshold == 2);
    // A twentieth of 25 is one, whether or not it is answered rightly.
    CHECK_OK(
        ask_fit_asked_threshold(&threshold, &(ask_answered_rows){answered, 30}, 0.05, &err),
        &err);
    assert_true(threshold == -9);
    CHECK_OK(
        ask_fit_asked_threshold(&threshold, &(ask_answered_rows){answered, 20}, 0.05, &err),
        &err);
    assert_true(threshold == 1);
    CHECK_OK(
        ask_fit_found_threshold(&threshold, &(ask_found_rows){found + 20, 10}, 0.1, &err),
        &err);
    assert_true(isnan(threshold));
}

/* ---- the scale ---- */

/* A question of one frame, which fits option `seen` by 0.1 more than the others. */
typedef struct {
    double cosines[ASK_N_OPTIONS + 1];
    int duplicate_of[1];
} frame;

static ask_answered_row asked(frame *f, int seen, int right, bool visual)
{
    *f = (frame){.duplicate_of = {-1}};
    f->cosines[seen] = 0.1;
    return (ask_answered_row){.visual = visual,
                              .right_option = right,
                              .cosines = f->cosines,
                              .duplicate_of = f->duplicate_of,
                              .n_frames = 1};
}

/* With a share q of right answers the best scale makes q of the probability, q = e / (e +
 * 3) where e = exp(0.1 scale). */
static void the_scale_makes_probabilities_as_large_as_they_are_right(void **state)
{
    (void)state;
    const struct {
        const char *name;
        int n_right, n;
        double scale;
    } cases[] = {
        {"three of four", 3, 4, 22.627416997969522}, // 10 ln 9 = 21.97
        {"half", 2, 4, 11.313708498984761},          // 10 ln 3 = 10.99
        {"all", 4, 4, 256},
        {"none", 0, 4, 1},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        frame frames[5];
        ask_answered_row rows[5];
        for (int k = 0; k < cases[i].n; k++)
            rows[k] = asked(&frames[k], 1, k < cases[i].n_right ? 1 : 2, true);
        rows[cases[i].n] = asked(&frames[4], 0, 3, false); // does not count
        ask_error err = {0};
        double scale, mean_s;
        CHECK_OK(ask_fit_scale(&scale, &mean_s, &(ask_answered_rows){rows, cases[i].n + 1},
                               8, &err),
                 &err);
        if (fabs(scale - cases[i].scale) > 1e-9) fail_msg("%s: %g", cases[i].name, scale);
        double e = exp(0.1 * scale), q = cases[i].n_right / (double)cases[i].n;
        CHECK_CASE(cases[i].name, fabs(mean_s - (0.1 * scale * q - log(e + 3))) < 1e-9);
    }
    ask_error err = {0};
    double scale, mean_s;
    frame one;
    ask_answered_row row = asked(&one, 0, 0, false);
    CHECK_OK(ask_fit_scale(&scale, &mean_s, &(ask_answered_rows){&row, 1}, 8, &err), &err);
    assert_true(isnan(scale) && isnan(mean_s));
}

/* ---- thresholds of the verdict ---- */

typedef struct {
    bool right, in_moment;
    double lacking;    // full - evidence_only
    double needed;     // random_removed - evidence_removed
    double over_blind; // full - blind, which gives the same answer; 0: it gives another
    double presence;
} trait;

static ask_answered_row row_of(trait t)
{
    return (ask_answered_row){
        .visual = true,
        .judged = true,
        .right = t.right,
        .in_moment = t.in_moment,
        .presence = t.presence,
        .checks = {.full = {.s = -0.1},
                   .blind = {.s = -0.1 - t.over_blind, .answer = t.over_blind != 0 ? 0 : 1},
                   .evidence_only = {.s = -0.1 - t.lacking},
                   .evidence_removed = {.s = -0.2 - t.needed},
                   .random_removed = {.s = -0.2}},
    };
}

enum { MOST = 40 };

typedef struct {
    ask_answered_row rows[MOST];
    int64_t n;
} pile;

static void put(pile *p, int n, trait t)
{
    for (int i = 0; i < n; i++) p->rows[p->n++] = row_of(t);
}

static ask_answered_rows rows_of(pile *p)
{
    return (ask_answered_rows){p->rows, p->n};
}

static void limits_let_right_answers_in_and_wrong_ones_stay_out(void **state)
{
    (void)state;
    pile own = {.n = 0}, other = {.n = 0}, grey = {.n = 0};
    put(&own, 10, (trait){true, true, 0.3, 1, 0, 2});   // the good ones
    put(&own, 5, (trait){false, true, 0.3, 0.3, 0, 2}); // wrong: hardly needed
    put(&own, 5, (trait){true, false, 2, 1, 0, 2});     // right by chance: not enough
    put(&own, 2, (trait){true, true, 0.3, 1, 0, 0.5});  // not there
    put(&other, 10, (trait){false, false, 0.3, 0.5, 0, 2});
    put(&grey, 10, (trait){false, false, 0, 0, 1e-9, -5});
    ask_answered_rows o = rows_of(&own), x = rows_of(&other), g = rows_of(&grey);
    ask_fitted_limits f = ask_fit_limits(&o, &x, &g, 1);
    assert_true(f.kept && f.held == 1 && f.other == 0 && f.grey == 0);
    assert_true(fabs(f.covered - 10 / 17.0) < 1e-12);
    /* The strictest points of the grid that let the good ones in. */
    assert_true(fabs(f.limits.tau_prior - 3.2) < 1e-12);
    assert_true(f.limits.tau_suff > 0.3 && f.limits.tau_suff < 0.45);
    assert_true(fabs(f.limits.tau_nec - 0.8) < 1e-12);

    o.n = 0;
    f = ask_fit_limits(&o, &x, &g, 1);
    assert_true(!f.kept && isnan(f.covered) &&
                isnan(f.held)); // a verdict that is never given
}

static void a_prior_is_told_from_a_look(void **state)
{
    (void)state;
    pile own = {.n = 0}, grey = {.n = 0};
    put(&own, 10, (trait){true, true, 0, 1, 0.9, 2}); // blind says so too, but less
    put(&grey, 10, (trait){true, false, 0, 1, 0.2, -5});
    ask_answered_rows o = rows_of(&own), none = {0}, g = rows_of(&grey);
    ask_fitted_limits f = ask_fit_limits(&o, &none, &g, 1);
    assert_true(f.kept && f.covered == 1 && f.grey == 0 && isnan(f.other));
    assert_true(fabs(f.limits.tau_prior - 0.8) < 1e-12);
}

static void terms_that_cannot_be_kept_are_missed_by_least(void **state)
{
    (void)state;
    pile own = {.n = 0}, other = {.n = 0};
    put(&own, 10, (trait){true, true, -1, 10, 0, 2}); // beyond the grid: always grounded
    put(&other, 1, (trait){false, false, -1, 10, 0, 2});
    put(&other, 9, (trait){false, false, 0.06, 1, 0, 2}); // out with a stricter limit
    ask_answered_rows o = rows_of(&own), x = rows_of(&other), none = {0};
    ask_fitted_limits f = ask_fit_limits(&o, &x, &none, 1);
    assert_false(f.kept);
    assert_true(f.covered == 1 && fabs(f.other - 0.1) < 1e-12);
}

static void questions_without_a_judged_moment_do_not_count(void **state)
{
    (void)state;
    pile own = {.n = 0};
    put(&own, 2, (trait){true, true, 0, 1, 0, 2});
    put(&own, 2, (trait){false, false, 0, 8, 0, 2});
    own.rows[2].judged = false;
    own.rows[3].visual = false;
    ask_answered_rows o = rows_of(&own), none = {0};
    ask_fitted_limits f = ask_fit_limits(&o, &none, &none, 1);
    assert_true(f.kept && f.covered == 1 && f.held == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quantile_leaves_at_most_its_share_below),
        cmocka_unit_test(a_tenth_of_what_is_there_falls_below_the_threshold),
        cmocka_unit_test(the_scale_makes_probabilities_as_large_as_they_are_right),
        cmocka_unit_test(limits_let_right_answers_in_and_wrong_ones_stay_out),
        cmocka_unit_test(a_prior_is_told_from_a_look),
        cmocka_unit_test(terms_that_cannot_be_kept_are_missed_by_least),
        cmocka_unit_test(questions_without_a_judged_moment_do_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
