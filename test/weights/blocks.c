#include "weights/blocks.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "support/golden.h"
#include "support/testing.h"

static void sizes_are_those_of_the_reference(void **state)
{
    (void)state;
    ask_error err;
    const char *path = test_fixture("golden/gguf_blocks/types.json");
    ask_json *doc = ask_json_read(path, NULL, &err);
    CHECK_OK(doc, &err);
    int n = 0;
    for (ask_json_walk m = {0}; ask_json_next(ask_json_root(doc), &m); n++) {
        int64_t type, n_elements, bytes;
        CHECK_OK(ask_json_get_int(&type, m.value, "type", 0, 100, &err), &err);
        CHECK_OK(ask_json_get_int(&n_elements, m.value, "block_elements", 0, 999, &err),
                 &err);
        CHECK_OK(ask_json_get_int(&bytes, m.value, "block_bytes", 0, 999, &err), &err);
        const char *name = ask_block_name((ask_block_type)type);
        CHECK_CASE(m.key, name && strcmp(name, m.key) == 0);
        CHECK_CASE(m.key, ask_block_elements((ask_block_type)type) == n_elements);
        CHECK_CASE(m.key, ask_block_bytes((ask_block_type)type) == (size_t)bytes);
    }
    assert_int_equal(n, 13);
    ask_json_free(doc);
}

/* Decodes the tensor "<prefix>.blocks" and compares it with "<prefix>.dequantised", bit for
 * bit. Zero blocks when the case has none such. */
static int64_t check_decoding(golden *file, ask_block_type type, const char *prefix)
{
    const ask_weights_entry *in = golden_find(file, "%s.blocks", prefix);
    if (!in) return 0;
    const ask_weights_entry *expected = golden_get(file, "%s.dequantised", prefix);
    size_t n_blocks = in->bytes / ask_block_bytes(type);
    CHECK_CASE(prefix,
               n_blocks * (size_t)ask_block_elements(type) == (size_t)expected->n_elements);
    // An exactly sized copy at an odd address lets the sanitizer see what is amiss.
    uint8_t *blocks = malloc(in->bytes + 1);
    memcpy(blocks + 1, in->data, in->bytes);
    float *values = malloc(expected->bytes);
    ask_block_to_f32(type, values, blocks + 1, n_blocks);
    for (int64_t i = 0; i < expected->n_elements; i++) {
        float want;
        memcpy(&want, (const float *)expected->data + i, sizeof want);
        if (memcmp(&values[i], &want, sizeof want) != 0) {
            fail_msg("%s: element %lld is %.9g, not %.9g", prefix, (long long)i,
                     (double)values[i], (double)want);
        }
    }
    free(values);
    free(blocks);
    return (int64_t)n_blocks;
}

static void decoding_is_that_of_the_reference_bit_for_bit(void **state)
{
    (void)state;
    static const ask_block_type types[] = {
        ASK_BLOCK_F16,  ASK_BLOCK_BF16, ASK_BLOCK_Q8_0, ASK_BLOCK_Q4_0,
        ASK_BLOCK_Q4_1, ASK_BLOCK_Q5_0, ASK_BLOCK_Q5_1, ASK_BLOCK_Q2_K,
        ASK_BLOCK_Q3_K, ASK_BLOCK_Q4_K, ASK_BLOCK_Q5_K, ASK_BLOCK_Q6_K,
    };
    golden file = golden_open_part("gguf_blocks", "outputs");
    for (size_t i = 0; i < TEST_COUNT(types); i++) {
        char prefix[64];
        snprintf(prefix, sizeof prefix, "%s", ask_block_name(types[i]));
        CHECK_CASE(prefix, check_decoding(&file, types[i], prefix) > 0);
        snprintf(prefix, sizeof prefix, "%s.random_bits", ask_block_name(types[i]));
        ask_dtype single;
        bool is_plain = ask_block_is_plain(&single, types[i]);
        CHECK_CASE(prefix, is_plain || check_decoding(&file, types[i], prefix) > 0);
    }
    const char *unused = golden_unused(&file);
    if (unused) fail_msg("%s was not compared", unused);
    golden_close(&file);
}

static void single_elements_are_widened(void **state)
{
    (void)state;
    static const struct {
        ask_block_type type;
        ask_dtype dtype;
        const char *bytes; // of one element
        float value;
    } cases[] = {
        {ASK_BLOCK_F32, ASK_F32, "\0\0\x80\x3f", 1},
        {ASK_BLOCK_F16, ASK_F16, "\0\x3c", 1},
        {ASK_BLOCK_BF16, ASK_BF16, "\x80\x3f", 1},
        {ASK_BLOCK_F64, ASK_F64, "\0\0\0\0\0\0\xf0\x3f", 1},
        {ASK_BLOCK_I8, ASK_I8, "\xff", -1},
        {ASK_BLOCK_I16, ASK_I16, "\xff\xff", -1},
        {ASK_BLOCK_I32, ASK_I32, "\xff\xff\xff\xff", -1},
        {ASK_BLOCK_I64, ASK_I64, "\xff\xff\xff\xff\xff\xff\xff\xff", -1},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = ask_block_name(cases[i].type);
        ask_dtype dtype = ASK_N_DTYPES;
        CHECK_CASE(name, ask_block_is_plain(&dtype, cases[i].type));
        CHECK_CASE(name, dtype == cases[i].dtype);
        CHECK_CASE(name, ask_block_bytes(cases[i].type) == ask_dtype_bytes(dtype));
        float value = 0;
        ask_block_to_f32(cases[i].type, &value, cases[i].bytes, 1);
        CHECK_CASE(name, value == cases[i].value);
    }
}

static void other_types_have_a_name_at_most(void **state)
{
    (void)state;
    static const struct {
        int type;
        const char *name;
    } cases[] = {
        {4, NULL},      {9, "Q8_1"},   {15, "Q8_K"},    {16, "IQ2_XXS"},
        {20, "IQ4_NL"}, {34, "TQ1_0"}, {36, NULL},      {39, "MXFP4"},
        {40, NULL},     {-1, NULL},    {INT_MAX, NULL}, {INT_MIN, NULL},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_block_type type = (ask_block_type)cases[i].type;
        const char *name = ask_block_name(type);
        ask_dtype dtype;
        bool is_same = cases[i].name ? name && strcmp(name, cases[i].name) == 0 : !name;
        if (!is_same || ask_block_elements(type) != 0 || ask_block_bytes(type) != 0 ||
            ask_block_is_plain(&dtype, type))
            fail_msg("type %d", cases[i].type);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_those_of_the_reference),
        cmocka_unit_test(decoding_is_that_of_the_reference_bit_for_bit),
        cmocka_unit_test(single_elements_are_widened),
        cmocka_unit_test(other_types_have_a_name_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
