#include "tensor/blocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/golden.h"
#include "support/testing.h"
#include "tensor/quant.h"
#include "tensor/widen.h"

static const struct {
    const char *name; // in the golden file
    ask_dtype type;
    int group;
    bool has_offsets;
    int zero;
} types[] = {
    {"F16", ASK_F16, 0, false, 0},      {"BF16", ASK_BF16, 0, false, 0},
    {"Q8_0", ASK_Q8_0, 32, false, 128}, {"Q4_0", ASK_Q4_0, 32, false, 8},
    {"Q4_1", ASK_Q4_1, 32, true, 0},    {"Q5_0", ASK_Q5_0, 32, false, 16},
    {"Q5_1", ASK_Q5_1, 32, true, 0},    {"Q2_K", ASK_Q2_K, 16, true, 0},
    {"Q3_K", ASK_Q3_K, 16, false, 4},   {"Q4_K", ASK_Q4_K, 32, true, 0},
    {"Q5_K", ASK_Q5_K, 32, true, 0},    {"Q6_K", ASK_Q6_K, 16, false, 32},
};

/* Decodes the rows of the tensor "<prefix>.blocks" and compares them with
 * "<prefix>.dequantised", bit for bit. No rows when the case has none such. */
static int64_t check_decoding(golden *file, ask_dtype type, const char *prefix)
{
    const ask_weights_entry *in = golden_find(file, "%s.blocks", prefix);
    if (!in) return 0;
    const ask_weights_entry *expected = golden_get(file, "%s.dequantised", prefix);
    int64_t n_rows = expected->shape[0], k = expected->shape[1];
    size_t bytes = 0;
    CHECK_CASE(prefix, ask_dtype_bytes_of(&bytes, type, 2, expected->shape));
    CHECK_CASE(prefix, bytes == in->bytes);
    // An exactly sized copy at an odd address lets the sanitizer see what is amiss.
    uint8_t *blocks = malloc(in->bytes + 1);
    memcpy(blocks + 1, in->data, in->bytes);
    float *values = malloc(expected->bytes);
    for (int64_t r = n_rows - 1; r >= 0; r--)
        ask_widen_rows(type, values + r * k, blocks + 1, r, 1, k);
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
    return n_rows;
}

static void decoding_is_that_of_the_reference_bit_for_bit(void **state)
{
    (void)state;
    golden file = golden_open_part("gguf_blocks", "outputs");
    for (size_t i = 0; i < TEST_COUNT(types); i++) {
        char prefix[64];
        ask_dtype type = types[i].type;
        CHECK_CASE(types[i].name, check_decoding(&file, type, types[i].name) > 0);
        snprintf(prefix, sizeof prefix, "%s.random_bits", types[i].name);
        CHECK_CASE(prefix,
                   !ask_dtype_is_coded(type) || check_decoding(&file, type, prefix) > 0);
    }
    const char *unused = golden_unused(&file);
    if (unused) fail_msg("%s was not compared", unused);
    golden_close(&file);
}

static void groups_are_as_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(types); i++) {
        ask_dtype type = types[i].type;
        CHECK_CASE(types[i].name, ask_block_group(type) == types[i].group);
        CHECK_CASE(types[i].name, ask_block_has_offsets(type) == types[i].has_offsets);
        CHECK_CASE(types[i].name, ask_block_zero(type) == types[i].zero);
        if (types[i].group == 0) continue;
        uint8_t block[256];
        memset(block, 0x5a, sizeof block);
        int8_t codes[ASK_BLOCK_ELEMENTS];
        float scales[ASK_BLOCK_GROUPS], offsets[ASK_BLOCK_GROUPS] = {-7}, values[256];
        ask_block_unpack(type, codes, scales, offsets, block);
        CHECK_CASE(types[i].name, (offsets[0] != -7) == types[i].has_offsets);
        if (!types[i].has_offsets) offsets[0] = 0;
        ask_block_decode(type, values, block, 1);
        for (int k = 0; k < ask_dtype_block_elements(type); k++)
            CHECK_CASE(types[i].name, codes[k] + types[i].zero >= 0);
        CHECK_CASE(types[i].name, values[3] == scales[0] * (float)codes[3] - offsets[0]);
    }
}

/* Rows out of the middle of a matrix, 3 of 40 columns. */
static void rows_of_every_kind_are_widened(void **state)
{
    enum { N = 35, K = 40, FIRST = 31, COUNT = 3 };
    static const struct {
        const char *name;
        ask_dtype type;
        float tol; // the rounding of f16; one and a half of the largest steps of codes
    } cases[] = {
        {"f32", ASK_F32, 0},
        {"f16", ASK_F16, 0.0005f},
        {"panels of 8 bits", ASK_Q8, 0.012f},
        {"panels of 4 bits", ASK_Q4, 0.22f},
    };
    (void)state;
    float numbers[N * K], rows[COUNT * K];
    uint16_t halves[N * K];
    for (int i = 0; i < N * K; i++) numbers[i] = (float)((i * 37) % 101 - 50) / 50;
    for (int i = 0; i < N * K; i++) halves[i] = ask_f32_to_f16(numbers[i]);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_dtype type = cases[i].type;
        size_t bytes = 0;
        assert_true(ask_dtype_bytes_of(&bytes, type, 2, (int64_t[]){N, K}));
        char *panels = aligned_alloc(64, (bytes + 63) / 64 * 64);
        int64_t bad;
        if (ask_dtype_is_coded(type)) {
            size_t panel = ask_quant_panel_bytes(type, K);
            assert_true(ask_quant_encode(type, panels, numbers, 32, K, &bad));
            assert_true(
                ask_quant_encode(type, panels + panel, numbers + 32 * K, N - 32, K, &bad));
        } else {
            memcpy(panels, type == ASK_F32 ? (void *)numbers : (void *)halves, bytes);
        }
        ask_widen_rows(type, rows, panels, FIRST, COUNT, K);
        for (int k = 0; k < COUNT * K; k++) {
            float off = rows[k] - numbers[FIRST * K + k];
            CHECK_CASE(cases[i].name, off <= cases[i].tol && -off <= cases[i].tol);
        }
        free(panels);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoding_is_that_of_the_reference_bit_for_bit),
        cmocka_unit_test(groups_are_as_told),
        cmocka_unit_test(rows_of_every_kind_are_widened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
