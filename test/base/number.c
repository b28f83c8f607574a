#include "base/number.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "support/testing.h"

static void integers_are_parsed_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"+17", true, 17},
        {"007", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+-1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"0x10", false, 0},
        {"1e3", false, 0},
        {"\xd9\xa1", false, 0},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        int64_t value = 77;
        CHECK_CASE(cases[i].text, ask_parse_i64(&value, cases[i].text) == cases[i].ok);
        CHECK_CASE(cases[i].text, value == (cases[i].ok ? cases[i].value : 77));
    }
}

static void unsigned_integers_have_no_sign(void **state)
{
    (void)state;
    uint64_t value = 77;
    static const char *const bad[] = {
        "", "-1", "+1", "18446744073709551616", "1a", "99999999999999999999"};
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        CHECK_CASE(bad[i], !ask_parse_u64(&value, bad[i]));
        CHECK_CASE(bad[i], value == 77);
    }
    assert_true(ask_parse_u64(&value, "18446744073709551615"));
    assert_true(value == UINT64_MAX);
}

static void decimals_are_parsed_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        double value;
    } cases[] = {
        {"0", true, 0},
        {"-1.5e3", true, -1500},
        {".5", true, 0.5},
        {"5.", true, 5},
        {"+2E-2", true, 0.02},
        {"1.7976931348623157e308", true, DBL_MAX},
        {"2.2250738585072011e-308", true, 0x0.fffffffffffffp-1022},
        {"1e-400", true, 0},
        {"1e309", false, 0},
        {"", false, 0},
        {".", false, 0},
        {"-", false, 0},
        {"e5", false, 0},
        {"1e", false, 0},
        {"1e+", false, 0},
        {"1,5", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"0x1p3", false, 0},
        {"inf", false, 0},
        {"nan", false, 0},
        {"1.2.3", false, 0},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        double value = 77;
        CHECK_CASE(cases[i].text, ask_parse_double(&value, cases[i].text) == cases[i].ok);
        CHECK_CASE(cases[i].text, value == (cases[i].ok ? cases[i].value : 77));
    }
}

static void doubles_are_written_with_the_fewest_digits(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "-0"},
        {0.1, "0.1"},
        {1.0 / 3, "0.3333333333333333"},
        {1e23, "1e+23"},
        {-1.5, "-1.5"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
        {NAN, "nan"},
        {5e-324, "4.94065645841247e-324"},
        {0.1 + 0.2, "0.30000000000000004"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char text[ASK_DOUBLE_TEXT_BYTES];
        CHECK_CASE(cases[i].text,
                   strcmp(ask_format_double(text, cases[i].value), cases[i].text) == 0);
    }
}

static void a_double_survives_being_text(void **state)
{
    (void)state;
    ask_rng r = ask_rng_new(4);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = ask_rng_u64(&r);
        double value, back;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        char text[ASK_DOUBLE_TEXT_BYTES];
        CHECK_CASE(text, ask_parse_double(&back, ask_format_double(text, value)));
        CHECK_CASE(text, memcmp(&back, &value, sizeof back) == 0);
    }
}

static void bytes_are_told_in_their_unit(void **state)
{
    (void)state;
    static const struct {
        int64_t n_bytes;
        const char *text;
    } cases[] = {
        {0, "0 B"},
        {999, "999 B"},
        {1000, "1.0 kB"},
        {1549, "1.5 kB"},
        {999949, "999.9 kB"},
        {999950, "1.0 MB"},
        {13500000000, "13.5 GB"},
        {INT64_MAX, "9.2 EB"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char out[ASK_BYTES_TEXT_BYTES];
        assert_string_equal(ask_format_bytes(out, cases[i].n_bytes), cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_parsed_strictly),
        cmocka_unit_test(unsigned_integers_have_no_sign),
        cmocka_unit_test(decimals_are_parsed_strictly),
        cmocka_unit_test(doubles_are_written_with_the_fewest_digits),
        cmocka_unit_test(a_double_survives_being_text),
        cmocka_unit_test(bytes_are_told_in_their_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
