/* Assignments of least cost: by hand, against all that there are, and with costs that are
 * no numbers. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "support/tensors.h"

enum { MOST = 7 };

/* Assigns in one table of costs [n_rows, n_columns]; the first `count` columns are there.
 */
static void match_one(int64_t *out, const float *cost, int n_rows, int n_columns, int count)
{
    ask_graph *g = test_graph();
    ask_tensor *costs = INPUT(g, 1, n_rows, n_columns), *counts = INPUT_I64(g, 1);
    ask_tensor *match = ask_keep(g, ask_match_rows(g, costs, counts));
    test_plan(g, the_cpu);
    test_put(costs, cost);
    test_put_all(counts, count);
    test_run(g);
    int64_t *found = test_get(match);
    memcpy(out, found, (size_t)n_columns * sizeof *out);
    free(found);
    ask_graph_free(g);
}

static double sum_of(const float *cost, int n_columns, const int64_t *row, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++) sum += (double)cost[row[i] * n_columns + i];
    return sum;
}

static void check_distinct(const char *name, const int64_t *row, int count, int n_rows)
{
    for (int i = 0; i < count; i++) {
        CHECK_CASE(name, row[i] >= 0 && row[i] < n_rows);
        for (int j = 0; j < i; j++) CHECK_CASE(name, row[i] != row[j]);
    }
}

/* ---- by hand ---- */

#define X NAN

static void assignments_worked_out_by_hand(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int n_rows, n_columns, count;
        float cost[16];
        int64_t expected[4];
    } cases[] = {
        // distances on a line, both sums are 1: what rounding adds decides nothing
        {"ties are in order", 2, 2, 2, {0.4F, 0.7F, 0.3F, 0.6F}, {0, 1}},
        {"whatever rounding says", 2, 2, 2, {0.400001F, 0.7F, 0.3F, 0.6F}, {0, 1}},
        {"but not what is better", 2, 2, 2, {0.4001F, 0.7F, 0.3F, 0.6F}, {1, 0}},
        // 1 + 1, where taking the least of all, 0, would cost 0 + 9
        {"the least of all is not of the best", 2, 2, 2, {0, 1, 1, 9}, {1, 0}},
        // 2 + 1 + 2; the other sums are 4+0+2, 4+2+5, 2+2+3, 3+1+5 and 3+0+3
        {"three of three", 3, 3, 3, {4, 1, 3, 2, 0, 5, 3, 2, 2}, {1, 0, 2}},
        {"more rows than columns", 4, 2, 2, {5, 5, 1, 2, 1, 9, 5, 5}, {2, 1}},
        {"one column", 3, 1, 1, {2, -1, 0}, {1}},
        {"the first of equal rows", 3, 1, 1, {1, 1, 1}, {0}},
        {"all equal: in order", 4, 3, 3, {0}, {0, 1, 2}},
        {"columns that are not there", 3, 3, 1, {9, 0, 0, 8, 0, 0, 7, 0, 0}, {2, 0, 0}},
        {"none is there", 2, 2, 0, {1, 2, 3, 4}, {0, 0}},
        {"negative costs", 2, 2, 2, {-1, -5, -3, -4}, {1, 0}},
        // the second column takes row 0 from the first, which goes on to row 1
        {"a row is taken back", 3, 2, 2, {0, 0, 1, 9, 9, 9}, {1, 0}},
        {"no number is as good as none", 3, 1, 1, {X, 7, X}, {1}},
        {"no numbers at all", 2, 2, 2, {X, X, X, X}, {0, 1}},
        {"what is not there may be anything", 2, 2, 1, {3, X, 2, X}, {1, 0}},
        {"infinite costs are dear", 2, 2, 2, {INFINITY, 4, 5, INFINITY}, {1, 0}},
        {"and minus infinity is cheap", 2, 1, 1, {-FLT_MAX, -INFINITY}, {0}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        int64_t row[4];
        match_one(row, cases[i].cost, cases[i].n_rows, cases[i].n_columns, cases[i].count);
        CHECK_CASE(cases[i].name, memcmp(row, cases[i].expected,
                                         (size_t)cases[i].n_columns * sizeof *row) == 0);
    }
}

/* ---- against all that there are ---- */

/* The least sum over rows that are not taken, for columns from `column` on. */
static double least_sum(const float *cost, int n_rows, int n_columns, int count, int column,
                        unsigned taken)
{
    if (column == count) return 0;
    double least = INFINITY;
    for (int row = 0; row < n_rows; row++) {
        if (taken & 1u << row) continue;
        double sum =
            (double)cost[row * n_columns + column] +
            least_sum(cost, n_rows, n_columns, count, column + 1, taken | 1u << row);
        if (sum < least) least = sum;
    }
    return least;
}

/* Whole numbers from a small range are often equal; sums of them are exact. */
static void none_of_all_assignments_is_better(void **state)
{
    (void)state;
    ask_rng rng = ask_rng_new(5);
    for (int round = 0; round < 300; round++) {
        int n_rows = (int)ask_rng_between(&rng, 1, MOST);
        int n_columns = (int)ask_rng_between(&rng, 1, n_rows);
        int count = (int)ask_rng_between(&rng, 0, n_columns);
        int64_t range = round % 2 ? 3 : 1000;
        float cost[MOST * MOST];
        for (int i = 0; i < n_rows * n_columns; i++)
            cost[i] = (float)ask_rng_between(&rng, -range, range);
        int64_t row[MOST];
        match_one(row, cost, n_rows, n_columns, count);
        check_distinct("random", row, count, n_rows);
        double least = least_sum(cost, n_rows, n_columns, count, 0, 0);
        assert_true(sum_of(cost, n_columns, row, count) == least);
        for (int i = count; i < n_columns; i++) assert_int_equal(row[i], 0);
    }
}

static void any_costs_give_some_assignment(void **state)
{
    (void)state;
    static const float odd[] = {NAN, INFINITY, -INFINITY, FLT_MAX, -FLT_MAX, 0, 1, -1};
    ask_rng rng = ask_rng_new(9);
    for (int round = 0; round < 200; round++) {
        float cost[MOST * MOST];
        for (int i = 0; i < MOST * MOST; i++)
            cost[i] = odd[ask_rng_below(&rng, TEST_COUNT(odd))];
        int64_t row[MOST];
        match_one(row, cost, MOST, MOST, MOST);
        check_distinct("odd", row, MOST, MOST);
    }
}

static void every_row_of_a_batch_is_on_its_own(void **state)
{
    (void)state;
    static const float cost[] = {0, 1, 1, 9, /**/ 1, 0, 0, 9, /**/ 7, 7, 7, 7};
    static const int64_t counts[] = {2, 1, 0}, expected[] = {1, 0, /**/ 1, 0, /**/ 0, 0};
    ask_graph *g = test_graph();
    ask_tensor *costs = INPUT(g, 3, 2, 2), *n = INPUT_I64(g, 3);
    ask_tensor *match = ask_keep(g, ask_match_rows(g, costs, n));
    test_plan(g, the_cpu);
    test_put(costs, cost);
    test_put(n, counts);
    test_run(g);
    int64_t *found = test_get(match);
    assert_memory_equal(found, expected, sizeof expected);
    free(found);
    ask_graph_free(g);
}

/* ---- mistakes ---- */

static void counts_out_of_range_are_told(void **state)
{
    (void)state;
    static const struct {
        int64_t count;
        const char *message;
    } cases[] = {
        {-1, "match: count -1 of row 1 is not from 0 to 2"},
        {3, "match: count 3 of row 1 is not from 0 to 2"},
    };
    ask_graph *g = test_graph();
    ask_tensor *costs = INPUT(g, 2, 3, 2), *counts = INPUT_I64(g, 2);
    ask_keep(g, ask_match_rows(g, costs, counts));
    test_plan(g, the_cpu);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        test_put(counts, (int64_t[]){2, cases[i].count});
        assert_false(ask_graph_run(g, NULL, &err));
        assert_non_null(strstr(err.message, cases[i].message));
        assert_int_equal(err.code, ASK_ERR_SHAPE);
    }
    ask_graph_free(g);
}

static void sources_that_do_not_fit_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int n_dims;
        int64_t shape[3], n_counts;
    } cases[] = {
        {"more columns than rows", 3, {2, 3, 4}, 2},
        {"counts of another batch", 3, {2, 4, 3}, 3},
        {"no batch", 2, {4, 3}, 4},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_graph *g = test_graph();
        ask_tensor *costs = ask_input(g, ASK_F32, cases[i].n_dims, cases[i].shape);
        CHECK_CASE(cases[i].name,
                   !ask_match_rows(g, costs, INPUT_I64(g, cases[i].n_counts)));
        const ask_plan_options opt = {.backends = &the_cpu, .n_backends = 1};
        CHECK_CASE(cases[i].name, !ask_graph_plan(g, &opt, &err));
        CHECK_CASE(cases[i].name, strstr(err.message, "match: needs f32 [B, N, M]"));
        ask_graph_free(g);
    }
}

static void nothing_to_match_is_fine(void **state)
{
    (void)state;
    ask_graph *g = test_graph();
    ask_keep(g, ask_match_rows(g, INPUT(g, 0, 3, 2), INPUT_I64(g, 0)));
    ask_keep(g, ask_match_rows(g, INPUT(g, 2, 3, 0), INPUT_I64(g, 2)));
    ask_keep(g, ask_match_rows(g, INPUT(g, 2, 0, 0), INPUT_I64(g, 2)));
    test_plan(g, the_cpu);
    test_run(g);
    ask_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(assignments_worked_out_by_hand),
        cmocka_unit_test(none_of_all_assignments_is_better),
        cmocka_unit_test(any_costs_give_some_assignment),
        cmocka_unit_test(every_row_of_a_batch_is_on_its_own),
        cmocka_unit_test(counts_out_of_range_are_told),
        cmocka_unit_test(sources_that_do_not_fit_are_told),
        cmocka_unit_test(nothing_to_match_is_fine),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
