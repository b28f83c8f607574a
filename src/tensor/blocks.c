/* Blocks of few bits: codes, scales and offsets out of their bits. */
#include "tensor/blocks.h"

#include <assert.h>

#include "tensor/blocks_priv.h"

static const struct {
    int group, zero;
    bool has_offsets;
    void (*unpack)(int8_t *codes, float *scales, float *offsets, const uint8_t *block);
} types[ASK_N_DTYPES] = {
    [ASK_Q8_0] = {32, 128, false, unpack_q8_0}, [ASK_Q4_0] = {32, 8, false, unpack_q4_0},
    [ASK_Q4_1] = {32, 0, true, unpack_q4_1},    [ASK_Q5_0] = {32, 16, false, unpack_q5_0},
    [ASK_Q5_1] = {32, 0, true, unpack_q5_1},    [ASK_Q2_K] = {16, 0, true, unpack_q2_k},
    [ASK_Q3_K] = {16, 4, false, unpack_q3_k},   [ASK_Q4_K] = {32, 0, true, unpack_q4_k},
    [ASK_Q5_K] = {32, 0, true, unpack_q5_k},    [ASK_Q6_K] = {16, 32, false, unpack_q6_k},
};

int ask_block_group(ask_dtype type)
{
    return types[type].group;
}

bool ask_block_has_offsets(ask_dtype type)
{
    return types[type].has_offsets;
}

int ask_block_zero(ask_dtype type)
{
    return types[type].zero;
}

void ask_block_unpack(ask_dtype type, int8_t *codes, float *scales, float *offsets,
                      const void *block)
{
    assert(types[type].unpack);
    types[type].unpack(codes, scales, offsets, block);
}

void ask_block_decode(ask_dtype type, float *dst, const void *src, size_t n_blocks)
{
    int n = ask_dtype_block_elements(type), group = types[type].group;
    const uint8_t *block = src;
    int8_t codes[ASK_BLOCK_ELEMENTS];
    float scales[ASK_BLOCK_GROUPS], offsets[ASK_BLOCK_GROUPS] = {0};
    for (; n_blocks > 0; n_blocks--, block += ask_dtype_block_bytes(type), dst += n) {
        ask_block_unpack(type, codes, scales, offsets, block);
        for (int i = 0; i < n; i++)
            dst[i] = scales[i / group] * (float)codes[i] - offsets[i / group];
    }
}
