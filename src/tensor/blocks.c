/* Blocks of few bits: codes, scales and offsets out of their bits. Kernels take many blocks
 * apart at once (tensor/cpu/fast/blocks.c, block_sums.c); this is what they must give. */
#include "tensor/blocks.h"

#include <assert.h>
#include <string.h>

enum {
    BLOCK_SMALL = 32,  // elements of a block with one scale
    BLOCK_LARGE = 256, // elements of a block of the K types
};

static float read_f16(const uint8_t *p)
{
    uint16_t half = (uint16_t)(p[0] | p[1] << 8);
    return ask_f16_to_f32(half);
}

static int bit(uint32_t bits, int i)
{
    return (int)(bits >> i & 1);
}

/* ---- 32 elements: low halves of the bytes are the first 16, high ones the others ---- */

/* The low four bits of 32 elements, less a zero. */
static void unpack_halves(int8_t *codes, const uint8_t *q, int zero)
{
    for (int i = 0; i < BLOCK_SMALL / 2; i++) {
        codes[i] = (int8_t)((q[i] & 15) - zero);
        codes[i + BLOCK_SMALL / 2] = (int8_t)((q[i] >> 4) - zero);
    }
}

/* Adds the fifth bits, which lie in 4 bytes. */
static void add_fifth_bits(int8_t *codes, const uint8_t *p)
{
    uint32_t bits =
        p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    for (int i = 0; i < BLOCK_SMALL; i++)
        codes[i] = (int8_t)(codes[i] + (bit(bits, i) << 4));
}

/* f16 scale; 32 signed bytes. */
static void unpack_q8_0(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    (void)offsets;
    scales[0] = read_f16(block);
    memcpy(codes, block + 2, BLOCK_SMALL);
}

/* f16 scale; 16 bytes. */
static void unpack_q4_0(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    (void)offsets;
    scales[0] = read_f16(block);
    unpack_halves(codes, block + 2, 8);
}

/* f16 scale, f16 that is added; 16 bytes. */
static void unpack_q4_1(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    scales[0] = read_f16(block);
    offsets[0] = -read_f16(block + 2);
    unpack_halves(codes, block + 4, 0);
}

/* f16 scale; 32 fifth bits; 16 bytes. */
static void unpack_q5_0(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    (void)offsets;
    scales[0] = read_f16(block);
    unpack_halves(codes, block + 6, 16);
    add_fifth_bits(codes, block + 2);
}

/* f16 scale, f16 that is added; 32 fifth bits; 16 bytes. */
static void unpack_q5_1(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    scales[0] = read_f16(block);
    offsets[0] = -read_f16(block + 2);
    unpack_halves(codes, block + 8, 0);
    add_fifth_bits(codes, block + 4);
}

/* ---- 256 elements ---- */

/* 16 bytes of 4-bit scale and offset, one for 16 elements; 64 bytes; f16 for the scales,
 * f16 for the offsets. Each half has 32 bytes, whose bit pairs are its four runs of 32. */
static void unpack_q2_k(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    float all = read_f16(block + 80), all_offsets = read_f16(block + 82);
    for (int i = 0; i < BLOCK_LARGE / 16; i++) {
        scales[i] = all * (float)(block[i] & 15);
        offsets[i] = all_offsets * (float)(block[i] >> 4);
    }
    for (int run = 0; run < BLOCK_LARGE / 32; run++) {
        const uint8_t *from = block + 16 + run / 4 * 32;
        for (int i = 0; i < 32; i++)
            codes[32 * run + i] = (int8_t)(from[i] >> 2 * (run % 4) & 3);
    }
}

/* Scale `i` of 16, 6 bits: the low four in 8 bytes, the high two in 4 behind them. */
static int q3_k_scale(const uint8_t *packed, int i)
{
    int low = i < 8 ? packed[i] & 15 : packed[i - 8] >> 4;
    int high = packed[8 + i % 4] >> 2 * (i / 4) & 3;
    return (low | high << 4) - 32;
}

/* 32 bytes of third bits (run r of 32 elements has bit r); 64 bytes as in Q2_K; 12 of
 * scales; f16. */
static void unpack_q3_k(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    (void)offsets;
    float all = read_f16(block + 108);
    for (int i = 0; i < BLOCK_LARGE / 16; i++)
        scales[i] = all * (float)q3_k_scale(block + 96, i);
    for (int run = 0; run < BLOCK_LARGE / 32; run++) {
        const uint8_t *from = block + 32 + run / 4 * 32;
        for (int i = 0; i < 32; i++) {
            int low = from[i] >> 2 * (run % 4) & 3;
            codes[32 * run + i] = (int8_t)(low + 4 * bit(block[i], run) - 4);
        }
    }
}

/* Scale and offset `i` of 8, 6 bits each: the first four in a byte of their own, whose two
 * high bits belong to the last four. */
static void unpack_pair(int *scale, int *offset, const uint8_t *packed, int i)
{
    if (i < 4) {
        *scale = packed[i] & 63;
        *offset = packed[i + 4] & 63;
        return;
    }
    *scale = (packed[i + 4] & 15) | packed[i - 4] >> 6 << 4;
    *offset = packed[i + 4] >> 4 | packed[i] >> 6 << 4;
}

/* f16 for the scales, f16 for the offsets; 12 bytes of both; fifth: NULL, or 32 bytes of
 * fifth bits (run r of 32 elements has bit r); q: 128 bytes, 32 for two runs. */
static void unpack_pairs(int8_t *codes, float *scales, float *offsets, const uint8_t *block,
                         const uint8_t *fifth, const uint8_t *q)
{
    float all = read_f16(block), all_offsets = read_f16(block + 2);
    for (int run = 0; run < BLOCK_LARGE / 32; run++) {
        int scale, offset;
        unpack_pair(&scale, &offset, block + 4, run);
        scales[run] = all * (float)scale;
        offsets[run] = all_offsets * (float)offset;
        const uint8_t *from = q + run / 2 * 32;
        for (int i = 0; i < 32; i++) {
            int code = from[i] >> 4 * (run % 2) & 15;
            if (fifth) code |= bit(fifth[i], run) << 4;
            codes[32 * run + i] = (int8_t)code;
        }
    }
}

static void unpack_q4_k(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    unpack_pairs(codes, scales, offsets, block, NULL, block + 16);
}

static void unpack_q5_k(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    unpack_pairs(codes, scales, offsets, block, block + 16, block + 48);
}

/* 128 bytes of low halves, 64 of high bit pairs, 16 signed scales, f16. In each half of
 * 128, runs 0 and 1 are the low halves of 64 bytes, runs 2 and 3 the high ones. */
static void unpack_q6_k(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    (void)offsets;
    float all = read_f16(block + 208);
    for (int i = 0; i < BLOCK_LARGE / 16; i++)
        scales[i] = all * (float)(int8_t)block[192 + i];
    for (int run = 0; run < BLOCK_LARGE / 32; run++) {
        const uint8_t *lows = block + 64 * (run / 4) + 32 * (run % 2);
        const uint8_t *highs = block + 128 + 32 * (run / 4);
        for (int i = 0; i < 32; i++) {
            int low = lows[i] >> 4 * (run / 2 % 2) & 15,
                high = highs[i] >> 2 * (run % 4) & 3;
            codes[32 * run + i] = (int8_t)((low | high << 4) - 32);
        }
    }
}

/* ---- the types ---- */

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
