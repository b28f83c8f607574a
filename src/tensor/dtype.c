/* Element types: names, sizes and conversions. */
#include "tensor/dtype.h"

#include <string.h>

#include "base/checked.h"
#include "tensor/quant.h"
#include "tensor/real_priv.h"

static const struct {
    const char *name;
    size_t bytes; // of an element; of a block
    bool computes;
    int block; // elements of a block; 0: single elements
} types[ASK_N_DTYPES] = {
    [ASK_F32] = {"f32", sizeof(ask_real), true},
    [ASK_F16] = {"f16", 2, true},
    [ASK_BF16] = {"bf16", 2, true},
    [ASK_I32] = {"i32", 4, true},
    [ASK_I64] = {"i64", 8, true},
    [ASK_BOOL] = {"bool", 1, true},
    [ASK_F64] = {"f64", 8, false},
    [ASK_F8_E4M3] = {"f8_e4m3", 1, false},
    [ASK_F8_E5M2] = {"f8_e5m2", 1, false},
    [ASK_I8] = {"i8", 1, false},
    [ASK_U8] = {"u8", 1, false},
    [ASK_I16] = {"i16", 2, false},
    [ASK_U16] = {"u16", 2, false},
    [ASK_U32] = {"u32", 4, false},
    [ASK_U64] = {"u64", 8, false},
    [ASK_Q8] = {"q8", 0, false},
    [ASK_Q4] = {"q4", 0, false},
    [ASK_Q8_0] = {"q8_0", 34, false, 32},
    [ASK_Q4_0] = {"q4_0", 18, false, 32},
    [ASK_Q4_1] = {"q4_1", 20, false, 32},
    [ASK_Q5_0] = {"q5_0", 22, false, 32},
    [ASK_Q5_1] = {"q5_1", 24, false, 32},
    [ASK_Q2_K] = {"q2_k", 84, false, 256},
    [ASK_Q3_K] = {"q3_k", 110, false, 256},
    [ASK_Q4_K] = {"q4_k", 144, false, 256},
    [ASK_Q5_K] = {"q5_k", 176, false, 256},
    [ASK_Q6_K] = {"q6_k", 210, false, 256},
};

static bool is_type(ask_dtype t)
{
    return (int)t >= 0 && t < ASK_N_DTYPES;
}

const char *ask_dtype_name(ask_dtype type)
{
    return is_type(type) ? types[type].name : "?";
}

size_t ask_dtype_bytes(ask_dtype type)
{
    return is_type(type) && !types[type].block ? types[type].bytes : 0;
}

bool ask_dtype_is_real(ask_dtype type)
{
    return type == ASK_F32 || type == ASK_F16 || type == ASK_BF16 || type == ASK_F64;
}

bool ask_dtype_is_coded(ask_dtype type)
{
    return type >= ASK_Q8 && type < ASK_N_DTYPES;
}

int ask_dtype_block_elements(ask_dtype type)
{
    if (!is_type(type) || !types[type].bytes) return 0;
    return types[type].block ? types[type].block : 1;
}

size_t ask_dtype_block_bytes(ask_dtype type)
{
    return is_type(type) ? types[type].bytes : 0;
}

bool ask_dtype_bytes_of(size_t *bytes, ask_dtype type, int n_dims, const int64_t *shape)
{
    if (type == ASK_Q8 || type == ASK_Q4)
        return n_dims == 2 && ask_quant_bytes(bytes, type, shape[0], shape[1]);
    int64_t n = 1, block = ask_dtype_block_elements(type);
    for (int i = 0; i < n_dims; i++)
        if (shape[i] < 0 || !ask_mul_i64(&n, n, shape[i])) return false;
    if (block == 0 || (n_dims > 0 ? shape[n_dims - 1] : 1) % block != 0) return false;
    return ask_bytes_of(bytes, n / block, types[type].bytes);
}

bool ask_dtype_computes(ask_dtype type)
{
    return is_type(type) && types[type].computes;
}

/* ---- single values ---- */

static float float_of_bits(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static uint32_t bits_of_float(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

/* A small float with `e` exponent and `m` fraction bits, by the IEEE rules. */
static float widen_small(uint32_t h, int e, int m)
{
    uint32_t sign = h >> (e + m) << 31;
    uint32_t exponent = h >> m & ((1u << e) - 1);
    uint32_t fraction = h & ((1u << m) - 1);
    int bias = (1 << (e - 1)) - 1;
    if (exponent == (1u << e) - 1) // infinity, NaN
        return float_of_bits(sign | 0x7f800000u | fraction << (23 - m));
    if (exponent == 0) { // zero, subnormal: fraction * 2^(1 - bias - m)
        float step = float_of_bits((uint32_t)(1 - bias - m + 127) << 23);
        float f = (float)fraction * step;
        return sign ? -f : f;
    }
    return float_of_bits(sign | (uint32_t)((int)exponent - bias + 127) << 23 |
                         fraction << (23 - m));
}

float ask_f16_to_f32(uint16_t h)
{
    return widen_small(h, 5, 10);
}

uint16_t ask_f32_to_f16(float f)
{
    uint32_t bits = bits_of_float(f);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    bits &= 0x7fffffff;
    if (bits > 0x7f800000) return (uint16_t)(sign | 0x7e00 | (bits >> 13 & 0x3ff)); // NaN
    if (bits >= 0x477ff000) return (uint16_t)(sign | 0x7c00); // rounds to infinity
    if (bits < 0x38800000) { // subnormal: let the adder round to multiples of 2^-24
        float rounded = float_of_bits(bits) + float_of_bits(0x3f000000); // + 0.5
        return (uint16_t)(sign | (bits_of_float(rounded) - 0x3f000000));
    }
    bits += 0xfff + (bits >> 13 & 1); // ties to even
    return (uint16_t)(sign | (bits - 0x38000000) >> 13);
}

float ask_bf16_to_f32(uint16_t h)
{
    return float_of_bits((uint32_t)h << 16);
}

uint16_t ask_f32_to_bf16(float f)
{
    uint32_t bits = bits_of_float(f);
    if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)(bits >> 16 | 0x40); // quiet NaN
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* E4M3 as in Micikevicius et al. 2022: no infinities, NaN is all ones. */
static float f8_e4m3_to_f32(uint8_t h)
{
    if ((h & 0x7f) == 0x7f) return float_of_bits((uint32_t)(h & 0x80) << 24 | 0x7fc00000u);
    if ((h & 0x78) == 0x78) {                // an ordinary number in this format
        float f = (float)(8 + (h & 7)) * 32; // (1 + m/8) * 2^8
        return h & 0x80 ? -f : f;
    }
    return widen_small(h, 4, 3);
}

/* ---- arrays ---- */

#define WIDEN(from_type, expression)                                                       \
    for (size_t i = 0; i < n; i++) {                                                       \
        from_type v;                                                                       \
        memcpy(&v, (const char *)src + i * sizeof v, sizeof v);                            \
        dst[i] = (float)(expression);                                                      \
    }                                                                                      \
    break

void ask_dtype_to_f32(ask_dtype type, float *dst, const void *src, size_t n)
{
    switch (type) {
    case ASK_F32:
        if (n) memcpy(dst, src, n * sizeof *dst);
        break;
    case ASK_F16:
        WIDEN(uint16_t, ask_f16_to_f32(v));
    case ASK_BF16:
        WIDEN(uint16_t, ask_bf16_to_f32(v));
    case ASK_F64:
        WIDEN(double, v);
    case ASK_F8_E4M3:
        WIDEN(uint8_t, f8_e4m3_to_f32(v));
    case ASK_F8_E5M2:
        WIDEN(uint8_t, widen_small(v, 5, 2));
    case ASK_I8:
        WIDEN(int8_t, v);
    case ASK_U8:
        WIDEN(uint8_t, v);
    case ASK_BOOL:
        WIDEN(uint8_t, v != 0);
    case ASK_I16:
        WIDEN(int16_t, v);
    case ASK_U16:
        WIDEN(uint16_t, v);
    case ASK_I32:
        WIDEN(int32_t, v);
    case ASK_U32:
        WIDEN(uint32_t, v);
    case ASK_I64:
        WIDEN(int64_t, v);
    case ASK_U64:
        WIDEN(uint64_t, v);
    default: // of few bits, or no type
        break;
    }
}
