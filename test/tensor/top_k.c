/* The largest of each row: by hand, against sorting, and with elements that are no numbers.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "support/tensors.h"

enum { MOST = 300 };

/* The k largest of a row of n. */
static void top_k(int64_t *out, const float *row, int n, int k)
{
    ask_graph *g = test_graph();
    ask_tensor *x = INPUT(g, n), *best = ask_keep(g, ask_top_k(g, x, k));
    test_plan(g, the_cpu);
    test_put(x, row);
    test_run(g);
    int64_t *found = test_get(best);
    memcpy(out, found, (size_t)k * sizeof *out);
    free(found);
    ask_graph_free(g);
}

#define X NAN

static void places_worked_out_by_hand(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int n, k;
        float x[6];
        int64_t expected[6];
    } cases[] = {
        {"the largest first", 5, 3, {3, 9, -1, 4, 8}, {1, 4, 3}},
        {"all of them", 4, 4, {2, 4, 1, 3}, {1, 3, 0, 2}},
        {"one", 3, 1, {-3, -2, -4}, {1}},
        {"one of one", 1, 1, {5}, {0}},
        {"of equals the first first", 6, 4, {1, 2, 1, 2, 1, 2}, {1, 3, 5, 0}},
        {"a late equal does not push out", 4, 2, {7, 7, 7, 7}, {0, 1}},
        {"zeros of both signs are equal", 3, 2, {-0.0f, 0, -1}, {0, 1}},
        {"no number is the least", 4, 3, {X, -INFINITY, 3, X}, {2, 1, 0}},
        {"a number pushes no number out", 4, 2, {X, X, 1, 2}, {3, 2}},
        {"no numbers at all", 3, 2, {X, X, X}, {0, 1}},
        {"infinity is the largest", 4, 2, {1, INFINITY, 2, INFINITY}, {1, 3}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        int64_t best[6];
        top_k(best, cases[i].x, cases[i].n, cases[i].k);
        CHECK_CASE(cases[i].name,
                   memcmp(best, cases[i].expected, (size_t)cases[i].k * sizeof *best) == 0);
    }
}

/* ---- against sorting ---- */

typedef struct {
    float value;
    int64_t place;
} element;

static int by_value_then_place(const void *a, const void *b)
{
    const element *x = a, *y = b;
    if (x->value != y->value) return x->value > y->value ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

/* Of whole numbers from a small range many are equal; without a number is none. */
static void the_first_of_a_sorted_row(void **state)
{
    (void)state;
    ask_rng rng = ask_rng_new(3);
    for (int round = 0; round < 200; round++) {
        int n = (int)ask_rng_between(&rng, 1, MOST), k = (int)ask_rng_between(&rng, 1, n);
        int64_t range = round % 2 ? 5 : 100000, best[MOST];
        float x[MOST];
        element sorted[MOST];
        for (int i = 0; i < n; i++) {
            bool is_none = ask_rng_below(&rng, 10) == 0;
            sorted[i].value = (float)ask_rng_between(&rng, -range, range);
            sorted[i].place = i;
            x[i] = is_none ? NAN : sorted[i].value;
            if (is_none) sorted[i].value = -INFINITY;
        }
        qsort(sorted, (size_t)n, sizeof *sorted, by_value_then_place);
        top_k(best, x, n, k);
        for (int i = 0; i < k; i++) assert_int_equal(best[i], sorted[i].place);
    }
}

/* ---- rows ---- */

static void every_row_is_on_its_own(void **state)
{
    (void)state;
    static const float x[] = {1, 2, 3, /**/ 3, 2, 1, /**/ 5, 5, 6, /**/ 0, 9, 0};
    static const int64_t expected[] = {2, 1, /**/ 0, 1, /**/ 2, 0, /**/ 1, 0};
    ask_graph *g = test_graph();
    ask_tensor *rows = INPUT(g, 2, 2, 3), *best = ask_keep(g, ask_top_k(g, rows, 2));
    assert_int_equal(ask_tensor_n_dims(best), 3);
    assert_int_equal(ask_tensor_dim(best, 2), 2);
    test_plan(g, the_cpu);
    test_put(rows, x);
    test_run(g);
    int64_t *found = test_get(best);
    assert_memory_equal(found, expected, sizeof expected);
    free(found);
    ask_graph_free(g);
}

/* The places have no gradient; the elements that are gathered there do. */
static void gradients_pass_by_the_places(void **state)
{
    (void)state;
    static const float x[] = {4, 7, 5, 6}, expected[] = {0, 14, 0, 12};
    ask_graph *g = test_graph();
    ask_tensor *row = INPUT(g, 4), *grad;
    ask_tensor *best = ask_gather(g, row, ask_top_k(g, row, 2), 0);
    ask_graph_gradients(g, ask_sum(g, ask_mul(g, best, best), 0, false), &row, 1, &grad);
    ask_keep(g, grad);
    test_plan(g, the_cpu);
    test_put(row, x);
    test_run(g);
    float *found = test_get(grad);
    assert_memory_equal(found, expected, sizeof expected);
    free(found);
    ask_graph_free(g);
}

/* ---- mistakes ---- */

static void rows_without_so_many_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_dtype type;
        int n_dims;
        int64_t shape[2], k;
        const char *message;
    } cases[] = {
        {"none", ASK_F32, 2, {3, 4}, 0, "top_k: rows of f32 [3, 4] have no 0 largest f32"},
        {"fewer than none", ASK_F32, 1, {4}, -1, "no -1 largest"},
        {"one more than there are", ASK_F32, 2, {3, 4}, 5, "no 5 largest"},
        {"of nothing", ASK_F32, 2, {3, 0}, 1, "no 1 largest"},
        {"of a number", ASK_F32, 0, {0}, 1, "no 1 largest"},
        {"of whole numbers", ASK_I64, 1, {4}, 2, "top_k: rows of i64 [4]"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_graph *g = test_graph();
        ask_tensor *x = ask_input(g, cases[i].type, cases[i].n_dims, cases[i].shape);
        CHECK_CASE(cases[i].name, !ask_top_k(g, x, cases[i].k));
        const ask_plan_options opt = {.backends = &the_cpu, .n_backends = 1};
        CHECK_CASE(cases[i].name, !ask_graph_plan(g, &opt, &err));
        CHECK_CASE(cases[i].name, strstr(err.message, cases[i].message));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_SHAPE);
        ask_graph_free(g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_worked_out_by_hand),
        cmocka_unit_test(the_first_of_a_sorted_row),
        cmocka_unit_test(every_row_is_on_its_own),
        cmocka_unit_test(gradients_pass_by_the_places),
        cmocka_unit_test(rows_without_so_many_are_told),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
