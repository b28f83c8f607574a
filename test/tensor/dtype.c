/* Conversions between number types, exhaustively where they have few values. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/testing.h"
#include "tensor/dtype.h"

static uint32_t bits_of(float f)
{
    uint32_t u;
    memcpy(&u, &f, sizeof u);
    return u;
}

static float float_of(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* The value of a small float with these many exponent and mantissa bits, by definition:
 * (-1)^s 2^(e - bias) (1 + m / 2^n), subnormal for e = 0. Inf and NaN are the caller's. */
static double small_float(unsigned bits, int n_exponent, int n_mantissa)
{
    int bias = (1 << (n_exponent - 1)) - 1;
    int e = (int)(bits >> n_mantissa) & ((1 << n_exponent) - 1);
    double m = ldexp((double)(bits & ((1u << n_mantissa) - 1)), -n_mantissa);
    double v = e ? ldexp(1 + m, e - bias) : ldexp(m, 1 - bias);
    return bits >> (n_exponent + n_mantissa) & 1 ? -v : v;
}

static void every_f16_has_its_value(void **state)
{
    (void)state;
    for (unsigned h = 0; h < 65536; h++) {
        float f = ask_f16_to_f32((uint16_t)h);
        bool special = (h >> 10 & 31) == 31, nan = special && h & 1023;
        bool ok = nan       ? isnan(f)
                  : special ? isinf(f) && (f < 0) == (h >> 15 != 0)
                            : bits_of(f) == bits_of((float)small_float(h, 5, 10));
        if (!ok) fail_msg("f16 0x%04x gives %a", h, (double)f);
    }
}

static void every_bf16_is_the_upper_half_of_an_f32(void **state)
{
    (void)state;
    for (unsigned h = 0; h < 65536; h++)
        if (bits_of(ask_bf16_to_f32((uint16_t)h)) != h << 16)
            fail_msg("bf16 0x%04x gives %a", h, (double)ask_bf16_to_f32((uint16_t)h));
}

static void every_half_survives_the_round_trip(void **state)
{
    (void)state;
    for (unsigned h = 0; h < 65536; h++) {
        float f = ask_f16_to_f32((uint16_t)h), b = ask_bf16_to_f32((uint16_t)h);
        unsigned f_back = ask_f32_to_f16(f), b_back = ask_f32_to_bf16(b);
        if (isnan(f) ? !isnan(ask_f16_to_f32((uint16_t)f_back)) : f_back != h)
            fail_msg("f16 0x%04x comes back as 0x%04x", h, f_back);
        if (isnan(b) ? !isnan(ask_bf16_to_f32((uint16_t)b_back)) : b_back != h)
            fail_msg("bf16 0x%04x comes back as 0x%04x", h, b_back);
    }
}

typedef uint16_t narrow(float f);
typedef float widen(uint16_t h);

/* Between neighbours lo and hi: a little under the middle goes down, a little over goes up,
 * the middle itself to the even one. */
static void check_rounding(const char *name, unsigned lo, narrow *to, widen *from)
{
    unsigned hi = lo + 1;
    double middle = ((double)from((uint16_t)lo) + (double)from((uint16_t)hi)) / 2;
    if (isinf(middle)) return;
    uint32_t m = bits_of((float)middle); // exact: one more bit than the narrow type has
    unsigned even = lo % 2 ? hi : lo;
    struct {
        uint32_t bits;
        unsigned expected;
    } cases[] = {{m - 1, lo}, {m, even}, {m + 1, hi}};
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        for (unsigned sign = 0; sign < 2; sign++) {
            float f = float_of(cases[i].bits | sign << 31);
            unsigned got = to(f), expected = cases[i].expected | sign << 15;
            if (got != expected)
                fail_msg("%s of %a is 0x%04x, not 0x%04x", name, (double)f, got, expected);
        }
}

static void rounding_is_to_nearest_and_ties_to_even(void **state)
{
    (void)state;
    for (unsigned h = 0; h < 0x7bff; h++)
        check_rounding("f16", h, ask_f32_to_f16, ask_f16_to_f32);
    for (unsigned h = 0; h < 0x7f7f; h++)
        check_rounding("bf16", h, ask_f32_to_bf16, ask_bf16_to_f32);
}

static void the_edges_of_the_halves(void **state)
{
    static const struct {
        const char *name;
        float f;
        uint16_t f16, bf16;
    } cases[] = {
        {"zero", 0.0f, 0x0000, 0x0000},
        {"minus zero", -0.0f, 0x8000, 0x8000},
        {"one", 1.0f, 0x3c00, 0x3f80},
        {"largest f16", 65504.0f, 0x7bff, 0x4780},
        {"last that rounds down to it", 65519.996f, 0x7bff, 0x4780},
        {"half way to 2^16", 65520.0f, 0x7c00, 0x4780},
        {"far over", 1e6f, 0x7c00, 0x4974},
        {"largest f32", 0x1.fffffep127f, 0x7c00, 0x7f80},
        {"infinity", INFINITY, 0x7c00, 0x7f80},
        {"minus infinity", -INFINITY, 0xfc00, 0xff80},
        {"half of the least f16", 0x1p-25f, 0x0000, 0x3300},
        {"a little more", 0x1.000002p-25f, 0x0001, 0x3300},
        {"least f32", 0x1p-149f, 0x0000, 0x0000},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        CHECK_CASE(cases[i].name, ask_f32_to_f16(cases[i].f) == cases[i].f16);
        CHECK_CASE(cases[i].name, ask_f32_to_bf16(cases[i].f) == cases[i].bf16);
    }
    // A NaN whose payload lies only in the bits that are cut off stays a NaN.
    assert_true(isnan(ask_f16_to_f32(ask_f32_to_f16(float_of(0x7f800001)))));
    assert_true(isnan(ask_bf16_to_f32(ask_f32_to_bf16(float_of(0x7f800001)))));
    assert_true(isnan(ask_bf16_to_f32(ask_f32_to_bf16(float_of(0x7fffffff)))));
}

/* OCP 8-bit floating point, revision 1.0: E4M3 has no infinities and one NaN per sign. */
static void every_f8_has_its_value(void **state)
{
    (void)state;
    for (unsigned h = 0; h < 256; h++) {
        uint8_t byte = (uint8_t)h;
        float e4m3, e5m2;
        ask_dtype_to_f32(ASK_F8_E4M3, &e4m3, &byte, 1);
        ask_dtype_to_f32(ASK_F8_E5M2, &e5m2, &byte, 1);
        bool ok = (h & 0x7f) == 0x7f
                      ? isnan(e4m3)
                      : bits_of(e4m3) == bits_of((float)small_float(h, 4, 3));
        if (!ok) fail_msg("f8_e4m3 0x%02x gives %a", h, (double)e4m3);
        if (bits_of(e5m2) != bits_of(ask_f16_to_f32((uint16_t)(h << 8))) && !isnan(e5m2))
            fail_msg("f8_e5m2 0x%02x gives %a", h, (double)e5m2);
        assert_int_equal(isnan(e5m2), (h & 0x7f) > 0x7c);
    }
}

static void every_type_widens_from_any_address(void **state)
{
    static const struct {
        ask_dtype type;
        const char *name;
        size_t bytes;
        unsigned char two[16]; // -2, or 1 where there is no sign, then 3, little endian
        float first, second;
        bool computes;
    } cases[] = {
        {ASK_F32, "f32", 4, {0, 0, 0, 0xc0, 0, 0, 0x40, 0x40}, -2, 3, true},
        {ASK_F16, "f16", 2, {0, 0xc0, 0, 0x42}, -2, 3, true},
        {ASK_BF16, "bf16", 2, {0, 0xc0, 0x40, 0x40}, -2, 3, true},
        {ASK_I32, "i32", 4, {0xfe, 0xff, 0xff, 0xff, 3, 0, 0, 0}, -2, 3, true},
        {ASK_I64, "i64", 8, {0xfe, 255, 255, 255, 255, 255, 255, 255, 3}, -2, 3, true},
        {ASK_BOOL, "bool", 1, {0, 1}, 0, 1, true},
        {ASK_F64,
         "f64",
         8,
         {0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 8, 0x40},
         -2,
         3,
         false},
        {ASK_F8_E4M3, "f8_e4m3", 1, {0xc0, 0x44}, -2, 3, false},
        {ASK_F8_E5M2, "f8_e5m2", 1, {0xc0, 0x42}, -2, 3, false},
        {ASK_I8, "i8", 1, {0xfe, 3}, -2, 3, false},
        {ASK_U8, "u8", 1, {0xfe, 3}, 254, 3, false},
        {ASK_I16, "i16", 2, {0xfe, 0xff, 3, 0}, -2, 3, false},
        {ASK_U16, "u16", 2, {0xfe, 0xff, 3, 0}, 65534, 3, false},
        {ASK_U32, "u32", 4, {1, 0, 0, 0x80, 3, 0, 0, 0}, 0x1p31f, 3, false},
        {ASK_U64, "u64", 8, {0, 0, 0, 0, 0, 0, 0, 0x80, 3}, 0x1p63f, 3, false},
    };
    (void)state;
    assert_int_equal(TEST_COUNT(cases), ASK_Q8); // all before those of few bits
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        unsigned char odd[1 + sizeof cases[i].two];
        float out[3] = {0, 0, 42};
        memcpy(odd + 1, cases[i].two, sizeof cases[i].two);
        ask_dtype_to_f32(cases[i].type, out, odd + 1, 2);
        CHECK_CASE(cases[i].name, out[0] == cases[i].first && out[1] == cases[i].second);
        CHECK_CASE(cases[i].name, out[2] == 42);
        CHECK_CASE(cases[i].name, ask_dtype_bytes(cases[i].type) == cases[i].bytes);
        CHECK_CASE(cases[i].name, ask_dtype_computes(cases[i].type) == cases[i].computes);
        assert_string_equal(ask_dtype_name(cases[i].type), cases[i].name);
        ask_dtype_to_f32(cases[i].type, NULL, NULL, 0);
    }
}

static void matrices_of_few_bits_have_blocks_or_panels(void **state)
{
    static const struct {
        ask_dtype type;
        const char *name;
        int elements;
        size_t block_bytes, bytes; // of [33, 256]
    } cases[] = {
        {ASK_Q8, "q8", 0, 0, 2 * (32 * 256 + 2 * 256)},
        {ASK_Q4, "q4", 0, 0, 2 * (16 * 256 + 2 * 256)},
        {ASK_Q8_0, "q8_0", 32, 34, 33 * 8 * 34},
        {ASK_Q4_0, "q4_0", 32, 18, 33 * 8 * 18},
        {ASK_Q4_1, "q4_1", 32, 20, 33 * 8 * 20},
        {ASK_Q5_0, "q5_0", 32, 22, 33 * 8 * 22},
        {ASK_Q5_1, "q5_1", 32, 24, 33 * 8 * 24},
        {ASK_Q2_K, "q2_k", 256, 84, 33 * 84},
        {ASK_Q3_K, "q3_k", 256, 110, 33 * 110},
        {ASK_Q4_K, "q4_k", 256, 144, 33 * 144},
        {ASK_Q5_K, "q5_k", 256, 176, 33 * 176},
        {ASK_Q6_K, "q6_k", 256, 210, 33 * 210},
    };
    const int64_t shape[] = {33, 256}, huge[] = {INT64_MAX / 8, 256}, wrong[] = {33, -1};
    (void)state;
    assert_int_equal(TEST_COUNT(cases), ASK_N_DTYPES - ASK_Q8);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_dtype type = cases[i].type;
        size_t bytes = 0;
        CHECK_CASE(cases[i].name, ask_dtype_is_coded(type) && !ask_dtype_computes(type));
        CHECK_CASE(cases[i].name, ask_dtype_bytes(type) == 0);
        CHECK_CASE(cases[i].name, ask_dtype_block_elements(type) == cases[i].elements);
        CHECK_CASE(cases[i].name, ask_dtype_block_bytes(type) == cases[i].block_bytes);
        CHECK_CASE(cases[i].name, ask_dtype_bytes_of(&bytes, type, 2, shape));
        CHECK_CASE(cases[i].name, bytes == cases[i].bytes);
        CHECK_CASE(cases[i].name, !ask_dtype_bytes_of(&bytes, type, 2, huge));
        CHECK_CASE(cases[i].name, !ask_dtype_bytes_of(&bytes, type, 2, wrong));
        assert_string_equal(ask_dtype_name(type), cases[i].name);
    }
    size_t bytes = 0;
    const int64_t part_of_a_block[] = {2, 40}, cube[] = {2, 2, 32};
    assert_false(ask_dtype_bytes_of(&bytes, ASK_Q8_0, 2, part_of_a_block));
    assert_true(ask_dtype_bytes_of(&bytes, ASK_Q8, 2, part_of_a_block));
    assert_false(ask_dtype_bytes_of(&bytes, ASK_Q8, 3, cube)); // panels are of matrices
    assert_true(ask_dtype_bytes_of(&bytes, ASK_F16, 3, cube) && bytes == 256);
}

static void some_types_are_real(void **state)
{
    (void)state;
    for (int t = 0; t < ASK_N_DTYPES; t++) {
        bool expected = t == ASK_F32 || t == ASK_F16 || t == ASK_BF16 || t == ASK_F64;
        CHECK_CASE(ask_dtype_name((ask_dtype)t),
                   ask_dtype_is_real((ask_dtype)t) == expected);
    }
}

static void a_value_that_is_no_type_has_no_size(void **state)
{
    (void)state;
    assert_int_equal(ask_dtype_bytes((ask_dtype)ASK_N_DTYPES), 0);
    assert_string_equal(ask_dtype_name((ask_dtype)ASK_N_DTYPES), "?");
    assert_false(ask_dtype_computes((ask_dtype)ASK_N_DTYPES));
    assert_false(ask_dtype_is_real((ask_dtype)ASK_N_DTYPES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_f16_has_its_value),
        cmocka_unit_test(every_bf16_is_the_upper_half_of_an_f32),
        cmocka_unit_test(every_half_survives_the_round_trip),
        cmocka_unit_test(rounding_is_to_nearest_and_ties_to_even),
        cmocka_unit_test(the_edges_of_the_halves),
        cmocka_unit_test(every_f8_has_its_value),
        cmocka_unit_test(every_type_widens_from_any_address),
        cmocka_unit_test(matrices_of_few_bits_have_blocks_or_panels),
        cmocka_unit_test(some_types_are_real),
        cmocka_unit_test(a_value_that_is_no_type_has_no_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
