#include "base/rng.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "support/testing.h"

/* The known-answer vectors that come with Random123 (Salmon et al. 2011). */
static void philox_gives_the_published_blocks(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t counter[4], key[2], block[4];
    } cases[] = {
        {"zeros", {0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {"ones",
         {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {"pi",
         {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        uint32_t block[4];
        ask_philox(block, cases[i].counter, cases[i].key);
        CHECK_CASE(cases[i].name, memcmp(block, cases[i].block, sizeof block) == 0);
    }
}

static void a_stream_is_philox_over_a_counter(void **state)
{
    (void)state;
    const uint64_t seed = 0x0123456789ABCDEF;
    ask_rng r = ask_rng_new(seed);
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    for (uint32_t n = 0; n < 100; n++) {
        uint32_t block[4];
        ask_philox(block, (const uint32_t[4]){n, 0, 0, 0}, key);
        for (int i = 0; i < 4; i++) assert_int_equal(ask_rng_u32(&r), block[i]);
    }
}

static void a_copy_goes_on_from_the_same_place(void **state)
{
    (void)state;
    ask_rng r = ask_rng_new(9);
    for (int i = 0; i < 11; i++) {
        ask_rng copy = r;
        for (int k = 0; k < 9; k++) assert_true(ask_rng_u64(&r) == ask_rng_u64(&copy));
        ask_rng_u32(&r);
    }
}

static void a_split_depends_on_name_and_ancestry_only(void **state)
{
    (void)state;
    ask_rng root = ask_rng_new(1), other = ask_rng_new(2);
    ask_rng moved = root;
    ask_rng_u64(&moved);
    ask_rng a = ask_rng_split(&root, "a"), a2 = ask_rng_split(&moved, "a");
    assert_true(ask_rng_u64(&a) == ask_rng_u64(&a2));
    ask_rng streams[] = {
        root,
        ask_rng_split(&root, ""),
        ask_rng_split(&root, "a"),
        ask_rng_split(&root, "b"),
        ask_rng_split(&other, "a"),
        ask_rng_split(&a, "a"),
        ask_rng_split_at(&root, 0),
        ask_rng_split_at(&root, 1),
        ask_rng_split_at(&root, UINT64_C(1) << 40),
        ask_rng_split_at(&other, 1),
        ask_rng_split_at(&a, 1),
    };
    uint64_t first[TEST_COUNT(streams)];
    for (size_t i = 0; i < TEST_COUNT(streams); i++) {
        first[i] = ask_rng_u64(&streams[i]);
        for (size_t k = 0; k < i; k++) assert_true(first[i] != first[k]);
    }
}

static void uniform_numbers_stay_in_range_and_fill_it(void **state)
{
    (void)state;
    enum { N = 100000 };
    ask_rng r = ask_rng_new(3);
    double sum = 0, squares = 0, float_sum = 0;
    for (int i = 0; i < N; i++) {
        double x = ask_rng_double(&r);
        float y = ask_rng_float(&r);
        assert_true(x >= 0 && x < 1 && y >= 0 && y < 1);
        sum += x;
        squares += x * x;
        float_sum += (double)y;
    }
    // Five standard errors: 5 sqrt(1/12 / N) and 5 sqrt(4/45 / N).
    assert_true(fabs(sum / N - 0.5) < 0.0046);
    assert_true(fabs(float_sum / N - 0.5) < 0.0046);
    assert_true(fabs(squares / N - 1.0 / 3) < 0.0048);
}

/* Chi-squared over all values: its mean is n - 1, its deviation sqrt(2 (n - 1)). */
static void bounded_integers_have_no_bias(void **state)
{
    (void)state;
    enum { DRAWS = 30000, MOST = 17 };
    ask_rng r = ask_rng_new(5);
    for (uint64_t n = 1; n <= MOST; n++) {
        double counts[MOST] = {0};
        for (int i = 0; i < DRAWS; i++) {
            uint64_t x = ask_rng_below(&r, n);
            assert_true(x < n);
            counts[x]++;
        }
        double mean = (double)DRAWS / (double)n, chi2 = 0;
        for (uint64_t i = 0; i < n; i++)
            chi2 += (counts[i] - mean) * (counts[i] - mean) / mean;
        double freedom = (double)(n - 1);
        assert_true(chi2 <= freedom + 5 * sqrt(2 * freedom));
    }
}

/* With n = 3/4 of 2^64, taking a remainder alone would make small values twice as likely.
 */
static void a_large_bound_is_not_biased_either(void **state)
{
    (void)state;
    const uint64_t n = UINT64_C(3) << 62;
    ask_rng r = ask_rng_new(6);
    int low = 0;
    for (int i = 0; i < 30000; i++) low += ask_rng_below(&r, n) < n / 3;
    assert_in_range(low, 10000 - 410, 10000 + 410); // five deviations of 82
}

static void ranges_include_both_ends(void **state)
{
    (void)state;
    ask_rng r = ask_rng_new(7);
    bool seen[5] = {false};
    for (int i = 0; i < 200; i++) {
        int64_t x = ask_rng_between(&r, -2, 2);
        assert_true(x >= -2 && x <= 2);
        seen[x + 2] = true;
    }
    for (int i = 0; i < 5; i++) assert_true(seen[i]);
    assert_int_equal(ask_rng_between(&r, INT64_MIN, INT64_MIN), INT64_MIN);
    int64_t all = 0;
    for (int i = 0; i < 64; i++) all |= ask_rng_between(&r, INT64_MIN, INT64_MAX);
    assert_true(all < 0);
}

/* Moments of a million draws, to five standard errors, and the share beyond 1, 2 and 3. */
static void normal_numbers_are_normal(void **state)
{
    (void)state;
    enum { N = 1000000 };
    ask_rng r = ask_rng_new(8);
    double sum = 0, squares = 0, cubes = 0, fourths = 0;
    double beyond[3] = {0};
    for (int i = 0; i < N; i++) {
        double x = ask_rng_normal(&r);
        sum += x;
        squares += x * x;
        cubes += x * x * x;
        fourths += x * x * x * x;
        for (int k = 0; k < 3; k++) beyond[k] += fabs(x) > k + 1;
    }
    assert_true(fabs(sum / N) < 5 * sqrt(1.0 / N));
    assert_true(fabs(squares / N - 1) < 5 * sqrt(2.0 / N));
    assert_true(fabs(cubes / N) < 5 * sqrt(15.0 / N));
    assert_true(fabs(fourths / N - 3) < 5 * sqrt(96.0 / N));
    for (int k = 0; k < 3; k++) {
        double p = erfc((k + 1) / sqrt(2));
        assert_true(fabs(beyond[k] / N - p) < 5 * sqrt(p * (1 - p) / N));
    }
}

/* The polar method written with the C library's logarithm differs in the last digits only.
 */
static void normal_numbers_are_those_of_the_polar_method(void **state)
{
    (void)state;
    ask_rng r = ask_rng_new(10);
    for (int i = 0; i < 100000; i++) {
        ask_rng copy = r;
        double u, v, s;
        do {
            u = 2 * ask_rng_double(&copy) - 1;
            v = 2 * ask_rng_double(&copy) - 1;
            double uu = u * u, vv = v * v; // in one statement they could be fused
            s = uu + vv;
        } while (s >= 1 || s == 0);
        double expected = u * sqrt(-2 * log(s) / s);
        assert_true(fabs(ask_rng_normal(&r) - expected) <= 4e-15 * (1 + fabs(expected)));
    }
}

/* What a machine gives must be what every other gives: the digest was made on x86-64. */
static void all_numbers_are_the_same_everywhere(void **state)
{
    (void)state;
    ask_sha256 s;
    ask_sha256_begin(&s);
    ask_rng root = ask_rng_new(2024);
    ask_rng r = ask_rng_split(&root, "digest");
    for (int i = 0; i < 20000; i++) {
        const double x[2] = {ask_rng_normal(&r), (double)ask_rng_float(&r)};
        const uint64_t n = ask_rng_below(&r, 1000);
        uint64_t words[3] = {0, 0, n};
        memcpy(words, x, sizeof x);
        for (int k = 0; k < 3; k++)
            for (int byte = 0; byte < 64; byte += 8)
                ask_sha256_update(&s, &(uint8_t){(uint8_t)(words[k] >> byte)}, 1);
    }
    uint8_t digest[ASK_SHA256_BYTES];
    char hex[2 * ASK_SHA256_BYTES + 1];
    ask_sha256_end(&s, digest);
    ask_hex(hex, digest, sizeof digest);
    assert_string_equal(hex,
                        "9e30635b13b40019c0e687a8f82419ba792cd128e7912d65426d6e0889a8b79e");
}

static void shuffling_keeps_the_items_and_likes_all_orders(void **state)
{
    (void)state;
    enum { DRAWS = 24000, ORDERS = 24 };
    ask_rng r = ask_rng_new(11);
    double counts[256] = {0};
    for (int i = 0; i < DRAWS; i++) {
        struct {
            char tag[3];
        } items[4] = {{"0a"}, {"1b"}, {"2c"}, {"3d"}};
        ask_rng_shuffle(&r, items, 4, sizeof items[0]);
        unsigned order = 0, seen = 0;
        for (int k = 0; k < 4; k++) {
            unsigned number = (unsigned)(items[k].tag[0] - '0');
            assert_int_equal(items[k].tag[1], 'a' + number);
            seen |= 1u << number;
            order = order * 4 + number;
        }
        assert_int_equal(seen, 0xF);
        counts[order]++;
    }
    double chi2 = 0;
    int n_orders = 0;
    for (int i = 0; i < 256; i++) {
        if (counts[i] == 0) continue;
        n_orders++;
        chi2 += (counts[i] - 1000) * (counts[i] - 1000) / 1000;
    }
    assert_int_equal(n_orders, ORDERS);
    assert_true(chi2 < 23 + 5 * sqrt(46));
    ask_rng_shuffle(&r, NULL, 0, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_blocks),
        cmocka_unit_test(a_stream_is_philox_over_a_counter),
        cmocka_unit_test(a_copy_goes_on_from_the_same_place),
        cmocka_unit_test(a_split_depends_on_name_and_ancestry_only),
        cmocka_unit_test(uniform_numbers_stay_in_range_and_fill_it),
        cmocka_unit_test(bounded_integers_have_no_bias),
        cmocka_unit_test(a_large_bound_is_not_biased_either),
        cmocka_unit_test(ranges_include_both_ends),
        cmocka_unit_test(normal_numbers_are_normal),
        cmocka_unit_test(normal_numbers_are_those_of_the_polar_method),
        cmocka_unit_test(all_numbers_are_the_same_everywhere),
        cmocka_unit_test(shuffling_keeps_the_items_and_likes_all_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
