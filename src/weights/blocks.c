#include "weights/blocks.h"

enum {
    SMALL = 32,  // elements of a block with one scale
    LARGE = 256, // elements of a block of the K types
};

static float read_f16(const uint8_t *p)
{
    return ask_f16_to_f32((uint16_t)(p[0] | p[1] << 8));
}

static int bit(uint32_t bits, int i)
{
    return (int)(bits >> i & 1);
}

/* ---- 32 elements: low halves of the bytes are the first 16, high halves the others ----
 */

/* f16 scale; 32 signed bytes. */
static void decode_q8_0(float *dst, const uint8_t *block)
{
    float scale = read_f16(block);
    for (int i = 0; i < SMALL; i++) dst[i] = (float)(int8_t)block[2 + i] * scale;
}

/* f16 scale; 16 bytes. */
static void decode_q4_0(float *dst, const uint8_t *block)
{
    float scale = read_f16(block);
    const uint8_t *q = block + 2;
    for (int i = 0; i < SMALL / 2; i++) {
        dst[i] = (float)((q[i] & 15) - 8) * scale;
        dst[i + SMALL / 2] = (float)((q[i] >> 4) - 8) * scale;
    }
}

/* f16 scale, offset; 16 bytes. */
static void decode_q4_1(float *dst, const uint8_t *block)
{
    float scale = read_f16(block), offset = read_f16(block + 2);
    const uint8_t *q = block + 4;
    for (int i = 0; i < SMALL / 2; i++) {
        dst[i] = (float)(q[i] & 15) * scale + offset;
        dst[i + SMALL / 2] = (float)(q[i] >> 4) * scale + offset;
    }
}

/* The fifth bits of 32 elements. */
static uint32_t read_bits(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* f16 scale; 32 fifth bits; 16 bytes. */
static void decode_q5_0(float *dst, const uint8_t *block)
{
    float scale = read_f16(block);
    uint32_t high = read_bits(block + 2);
    const uint8_t *q = block + 6;
    for (int i = 0; i < SMALL / 2; i++) {
        int first = (q[i] & 15) | bit(high, i) << 4;
        int second = q[i] >> 4 | bit(high, i + SMALL / 2) << 4;
        dst[i] = (float)(first - 16) * scale;
        dst[i + SMALL / 2] = (float)(second - 16) * scale;
    }
}

/* f16 scale, offset; 32 fifth bits; 16 bytes. */
static void decode_q5_1(float *dst, const uint8_t *block)
{
    float scale = read_f16(block), offset = read_f16(block + 2);
    uint32_t high = read_bits(block + 4);
    const uint8_t *q = block + 8;
    for (int i = 0; i < SMALL / 2; i++) {
        int first = (q[i] & 15) | bit(high, i) << 4;
        int second = q[i] >> 4 | bit(high, i + SMALL / 2) << 4;
        dst[i] = (float)first * scale + offset;
        dst[i + SMALL / 2] = (float)second * scale + offset;
    }
}

/* ---- 256 elements ---- */

/* 16 bytes of 4-bit scale and offset, one for 16 elements; 64 bytes; f16 for the scales,
 * f16 for the offsets. Each half has 32 bytes, whose bit pairs are its four runs of 32. */
static void decode_q2_k(float *dst, const uint8_t *block)
{
    float all = read_f16(block + 80), all_offsets = read_f16(block + 82);
    for (int i = 0; i < LARGE; i++) {
        int half = i / 128, run = i / 32 % 4;
        uint8_t pair = block[i / 16];
        int q = block[16 + 32 * half + i % 32] >> 2 * run & 3;
        float scale = all * (float)(pair & 15), offset = all_offsets * (float)(pair >> 4);
        dst[i] = scale * (float)q - offset;
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
static void decode_q3_k(float *dst, const uint8_t *block)
{
    float all = read_f16(block + 108);
    for (int i = 0; i < LARGE; i++) {
        int half = i / 128, run = i / 32;
        int low = block[32 + 32 * half + i % 32] >> 2 * (run % 4) & 3;
        int q = low + 4 * bit(block[i % 32], run) - 4;
        float scale = all * (float)q3_k_scale(block + 96, i / 16);
        dst[i] = scale * (float)q;
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
static void decode_pairs(float *dst, const uint8_t *block, const uint8_t *fifth,
                         const uint8_t *q)
{
    float all = read_f16(block), all_offsets = read_f16(block + 2);
    for (int run = 0; run < LARGE / 32; run++) {
        int s, o;
        unpack_pair(&s, &o, block + 4, run);
        float scale = all * (float)s, offset = all_offsets * (float)o;
        const uint8_t *from = q + run / 2 * 32;
        for (int i = 0; i < 32; i++) {
            int value = from[i] >> 4 * (run % 2) & 15;
            if (fifth) value |= bit(fifth[i], run) << 4;
            dst[32 * run + i] = scale * (float)value - offset;
        }
    }
}

static void decode_q4_k(float *dst, const uint8_t *block)
{
    decode_pairs(dst, block, NULL, block + 16);
}

static void decode_q5_k(float *dst, const uint8_t *block)
{
    decode_pairs(dst, block, block + 16, block + 48);
}

/* 128 bytes of low halves, 64 of high bit pairs, 16 signed scales, f16. In each half of
 * 128, runs 0 and 1 are the low halves of 64 bytes, runs 2 and 3 the high ones. */
static void decode_q6_k(float *dst, const uint8_t *block)
{
    float all = read_f16(block + 208);
    for (int i = 0; i < LARGE; i++) {
        int half = i / 128, run = i / 32 % 4, at = i % 32;
        int low = block[64 * half + 32 * (run % 2) + at] >> 4 * (run / 2) & 15;
        int high = block[128 + 32 * half + at] >> 2 * run & 3;
        float scale = all * (float)(int8_t)block[192 + i / 16];
        dst[i] = scale * (float)((low | high << 4) - 32);
    }
}

/* ---- the table ---- */

typedef struct {
    const char *name;
    int n_elements; // 0: the name only
    size_t bytes;
    void (*decode)(float *dst, const uint8_t *block); // NULL: single elements
    ask_dtype dtype;                                  // of these
} block_type;

static const block_type types[] = {
    [ASK_BLOCK_F32] = {"F32", 1, 4, NULL, ASK_F32},
    [ASK_BLOCK_F16] = {"F16", 1, 2, NULL, ASK_F16},
    [ASK_BLOCK_Q4_0] = {"Q4_0", SMALL, 18, decode_q4_0, 0},
    [ASK_BLOCK_Q4_1] = {"Q4_1", SMALL, 20, decode_q4_1, 0},
    [ASK_BLOCK_Q5_0] = {"Q5_0", SMALL, 22, decode_q5_0, 0},
    [ASK_BLOCK_Q5_1] = {"Q5_1", SMALL, 24, decode_q5_1, 0},
    [ASK_BLOCK_Q8_0] = {"Q8_0", SMALL, 34, decode_q8_0, 0},
    [ASK_BLOCK_Q8_1] = {.name = "Q8_1"},
    [ASK_BLOCK_Q2_K] = {"Q2_K", LARGE, 84, decode_q2_k, 0},
    [ASK_BLOCK_Q3_K] = {"Q3_K", LARGE, 110, decode_q3_k, 0},
    [ASK_BLOCK_Q4_K] = {"Q4_K", LARGE, 144, decode_q4_k, 0},
    [ASK_BLOCK_Q5_K] = {"Q5_K", LARGE, 176, decode_q5_k, 0},
    [ASK_BLOCK_Q6_K] = {"Q6_K", LARGE, 210, decode_q6_k, 0},
    [ASK_BLOCK_Q8_K] = {.name = "Q8_K"},
    [ASK_BLOCK_IQ2_XXS] = {.name = "IQ2_XXS"},
    [ASK_BLOCK_IQ2_XS] = {.name = "IQ2_XS"},
    [ASK_BLOCK_IQ3_XXS] = {.name = "IQ3_XXS"},
    [ASK_BLOCK_IQ1_S] = {.name = "IQ1_S"},
    [ASK_BLOCK_IQ4_NL] = {.name = "IQ4_NL"},
    [ASK_BLOCK_IQ3_S] = {.name = "IQ3_S"},
    [ASK_BLOCK_IQ2_S] = {.name = "IQ2_S"},
    [ASK_BLOCK_IQ4_XS] = {.name = "IQ4_XS"},
    [ASK_BLOCK_I8] = {"I8", 1, 1, NULL, ASK_I8},
    [ASK_BLOCK_I16] = {"I16", 1, 2, NULL, ASK_I16},
    [ASK_BLOCK_I32] = {"I32", 1, 4, NULL, ASK_I32},
    [ASK_BLOCK_I64] = {"I64", 1, 8, NULL, ASK_I64},
    [ASK_BLOCK_F64] = {"F64", 1, 8, NULL, ASK_F64},
    [ASK_BLOCK_IQ1_M] = {.name = "IQ1_M"},
    [ASK_BLOCK_BF16] = {"BF16", 1, 2, NULL, ASK_BF16},
    [ASK_BLOCK_TQ1_0] = {.name = "TQ1_0"},
    [ASK_BLOCK_TQ2_0] = {.name = "TQ2_0"},
    [ASK_BLOCK_MXFP4] = {.name = "MXFP4"},
};

/* The row of a type; an empty one for a number that is none. */
static const block_type *row(ask_block_type type)
{
    static const block_type none;
    size_t i = (size_t)type;
    return i < sizeof types / sizeof *types ? &types[i] : &none;
}

const char *ask_block_name(ask_block_type type)
{
    return row(type)->name;
}

int ask_block_elements(ask_block_type type)
{
    return row(type)->n_elements;
}

size_t ask_block_bytes(ask_block_type type)
{
    return row(type)->bytes;
}

bool ask_block_is_plain(ask_dtype *out, ask_block_type type)
{
    const block_type *t = row(type);
    if (t->n_elements != 1) return false;
    *out = t->dtype;
    return true;
}

void ask_block_to_f32(ask_block_type type, float *dst, const void *src, size_t n_blocks)
{
    const block_type *t = row(type);
    if (!t->decode) {
        ask_dtype_to_f32(t->dtype, dst, src, n_blocks);
        return;
    }
    const uint8_t *block = src;
    for (size_t i = 0; i < n_blocks; i++, block += t->bytes, dst += t->n_elements)
        t->decode(dst, block);
}
