/* tensor/blocks_priv.h - how ggml's blocks come apart, type by type.
 *
 * Each takes one block apart, as ask_block_unpack says; compiled once as the definition and
 * once for each instruction set. */
#ifndef ASK_TENSOR_BLOCKS_PRIV_H
#define ASK_TENSOR_BLOCKS_PRIV_H

#include <string.h>
#if defined(__F16C__)
#include <immintrin.h>
#endif

#include "tensor/blocks.h"

#define UNPACK static inline void

enum {
    BLOCK_SMALL = 32,  // elements of a block with one scale
    BLOCK_LARGE = 256, // elements of a block of the K types
};

static inline float read_f16(const uint8_t *p)
{
    uint16_t half = (uint16_t)(p[0] | p[1] << 8);
#if defined(__F16C__)
    return _cvtsh_ss(half);
#else
    return ask_f16_to_f32(half);
#endif
}

static inline int bit(uint32_t bits, int i)
{
    return (int)(bits >> i & 1);
}

/* ---- 32 elements: low halves of the bytes are the first 16, high halves the others ----
 */

/* The low four bits of 32 elements, less a zero. */
UNPACK unpack_halves(int8_t *codes, const uint8_t *q, int zero)
{
    for (int i = 0; i < BLOCK_SMALL / 2; i++) {
        codes[i] = (int8_t)((q[i] & 15) - zero);
        codes[i + BLOCK_SMALL / 2] = (int8_t)((q[i] >> 4) - zero);
    }
}

/* Adds the fifth bits, which lie in 4 bytes. */
UNPACK add_fifth_bits(int8_t *codes, const uint8_t *p)
{
    uint32_t bits =
        p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    for (int i = 0; i < BLOCK_SMALL; i++)
        codes[i] = (int8_t)(codes[i] + (bit(bits, i) << 4));
}

/* f16 scale; 32 signed bytes. */
UNPACK unpack_q8_0(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    (void)offsets;
    scales[0] = read_f16(block);
    memcpy(codes, block + 2, BLOCK_SMALL);
}

/* f16 scale; 16 bytes. */
UNPACK unpack_q4_0(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    (void)offsets;
    scales[0] = read_f16(block);
    unpack_halves(codes, block + 2, 8);
}

/* f16 scale, f16 that is added; 16 bytes. */
UNPACK unpack_q4_1(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    scales[0] = read_f16(block);
    offsets[0] = -read_f16(block + 2);
    unpack_halves(codes, block + 4, 0);
}

/* f16 scale; 32 fifth bits; 16 bytes. */
UNPACK unpack_q5_0(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    (void)offsets;
    scales[0] = read_f16(block);
    unpack_halves(codes, block + 6, 16);
    add_fifth_bits(codes, block + 2);
}

/* f16 scale, f16 that is added; 32 fifth bits; 16 bytes. */
UNPACK unpack_q5_1(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    scales[0] = read_f16(block);
    offsets[0] = -read_f16(block + 2);
    unpack_halves(codes, block + 8, 0);
    add_fifth_bits(codes, block + 4);
}

/* ---- 256 elements ---- */

/* 16 bytes of 4-bit scale and offset, one for 16 elements; 64 bytes; f16 for the scales,
 * f16 for the offsets. Each half has 32 bytes, whose bit pairs are its four runs of 32. */
UNPACK unpack_q2_k(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
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
static inline int q3_k_scale(const uint8_t *packed, int i)
{
    int low = i < 8 ? packed[i] & 15 : packed[i - 8] >> 4;
    int high = packed[8 + i % 4] >> 2 * (i / 4) & 3;
    return (low | high << 4) - 32;
}

/* 32 bytes of third bits (run r of 32 elements has bit r); 64 bytes as in Q2_K; 12 of
 * scales; f16. */
UNPACK unpack_q3_k(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
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
UNPACK unpack_pair(int *scale, int *offset, const uint8_t *packed, int i)
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
UNPACK unpack_pairs(int8_t *codes, float *scales, float *offsets, const uint8_t *block,
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

UNPACK unpack_q4_k(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    unpack_pairs(codes, scales, offsets, block, NULL, block + 16);
}

UNPACK unpack_q5_k(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
{
    unpack_pairs(codes, scales, offsets, block, block + 16, block + 48);
}

/* 128 bytes of low halves, 64 of high bit pairs, 16 signed scales, f16. In each half of
 * 128, runs 0 and 1 are the low halves of 64 bytes, runs 2 and 3 the high ones. */
UNPACK unpack_q6_k(int8_t *codes, float *scales, float *offsets, const uint8_t *block)
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

/* The types: name in ask_dtype, and of the functions above. */
#define BLOCK_TYPES(X)                                                                     \
    X(Q8_0, q8_0)                                                                          \
    X(Q4_0, q4_0)                                                                          \
    X(Q4_1, q4_1)                                                                          \
    X(Q5_0, q5_0)                                                                          \
    X(Q5_1, q5_1)                                                                          \
    X(Q2_K, q2_k)                                                                          \
    X(Q3_K, q3_k)                                                                          \
    X(Q4_K, q4_k)                                                                          \
    X(Q5_K, q5_k)                                                                          \
    X(Q6_K, q6_k)

#undef UNPACK

#endif
