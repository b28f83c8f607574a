#include "base/checked.h"

#include "support/testing.h"

static void sizes_are_exact_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t a, b;
        bool mul_fits, add_fits;
    } cases[] = {
        {"zeros", 0, 0, true, true},
        {"zero times most", 0, SIZE_MAX, true, true},
        {"one and most", 1, SIZE_MAX, true, false},
        {"halves", SIZE_MAX / 2, 2, true, true},
        {"just over", SIZE_MAX / 2 + 1, 2, false, true},
        {"square root", (size_t)1 << 32, (size_t)1 << 32, false, true},
        {"most and most", SIZE_MAX, SIZE_MAX, false, false},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        size_t product = 77, sum = 77;
        bool mul = ask_mul_size(&product, cases[i].a, cases[i].b);
        bool add = ask_add_size(&sum, cases[i].a, cases[i].b);
        CHECK_CASE(cases[i].name, mul == cases[i].mul_fits);
        CHECK_CASE(cases[i].name, add == cases[i].add_fits);
        CHECK_CASE(cases[i].name, product == (mul ? cases[i].a * cases[i].b : 77));
        CHECK_CASE(cases[i].name, sum == (add ? cases[i].a + cases[i].b : 77));
    }
}

static void signed_numbers_are_exact_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t a, b;
        bool mul_fits, add_fits;
    } cases[] = {
        {"small", -3, 5, true, true},
        {"least and one", INT64_MIN, 1, true, true},
        {"least and minus one", INT64_MIN, -1, false, false},
        {"most and least", INT64_MAX, INT64_MIN, false, true},
        {"most and one", INT64_MAX, 1, true, false},
        {"large square", INT64_C(1) << 32, INT64_C(1) << 31, false, true},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        int64_t product = 77, sum = 77;
        bool mul = ask_mul_i64(&product, cases[i].a, cases[i].b);
        bool add = ask_add_i64(&sum, cases[i].a, cases[i].b);
        CHECK_CASE(cases[i].name, mul == cases[i].mul_fits);
        CHECK_CASE(cases[i].name, mul || product == 77);
        CHECK_CASE(cases[i].name, !mul || product == cases[i].a * cases[i].b);
        CHECK_CASE(cases[i].name, add == cases[i].add_fits);
        CHECK_CASE(cases[i].name, add || sum == 77);
        CHECK_CASE(cases[i].name, !add || sum == cases[i].a + cases[i].b);
    }
}

static void bytes_of_a_count_refuse_negative_and_absurd_counts(void **state)
{
    (void)state;
    size_t n = 5;
    assert_true(ask_bytes_of(&n, 12, 4));
    assert_int_equal(n, 48);
    assert_false(ask_bytes_of(&n, -1, 4));
    assert_false(ask_bytes_of(&n, INT64_MAX, 4));
    assert_int_equal(n, 48);
    assert_true(ask_bytes_of(&n, 0, 4));
    assert_int_equal(n, 0);
}

static void a_product_of_counts_stops_at_the_largest(void **state)
{
    (void)state;
    assert_int_equal(ask_mul_count(6, 7), 42);
    assert_int_equal(ask_mul_count(1 << 16, 1 << 15), INT_MAX);
    assert_int_equal(ask_mul_count(INT_MAX, 1), INT_MAX);
}

static void the_result_may_replace_an_operand(void **state)
{
    (void)state;
    size_t n = 6;
    assert_true(ask_mul_size(&n, n, 7));
    assert_true(ask_add_size(&n, n, n));
    assert_int_equal(n, 84);
    assert_false(ask_mul_size(&n, n, SIZE_MAX));
    assert_int_equal(n, 84);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_exact_or_refused),
        cmocka_unit_test(signed_numbers_are_exact_or_refused),
        cmocka_unit_test(bytes_of_a_count_refuse_negative_and_absurd_counts),
        cmocka_unit_test(a_product_of_counts_stops_at_the_largest),
        cmocka_unit_test(the_result_may_replace_an_operand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
