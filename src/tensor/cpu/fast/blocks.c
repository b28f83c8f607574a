/* ggml's blocks into panels. Sixteen bytes of each row become four vectors of words with
 * the rows side by side, as a panel has them; then their bits are taken apart, in all rows
 * at once. How the types lie: tensor/blocks.c. */
#include "tensor/cpu/quant_priv.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "tensor/blocks.h"
#include "tensor/cpu/fast/fast_priv.h"

#define INLINE static inline __attribute__((always_inline))
/* Under sanitizers compilers take minutes for loops that are written out. */
#if defined(__has_feature)
#define SANITIZED __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif
#if SANITIZED
#define UNROLL
#elif defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

enum {
    PANEL = ASK_QUANT_ROWS,
    RUN = 8,                           // quads of codes in 32 elements
    ROW_BYTES = QUANT_BLOCK / 32 * 34, // most: of Q8_0
};

/* ---- vectors: words of neighbouring rows ---- */

#if defined(__AVX512F__)

enum { LANES = 16 };
typedef __m512i vector;

/* 16 bytes of rows 0, 4, 8, 12. */
INLINE vector load_rows(const uint8_t *p, size_t step)
{
    vector x = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)p));
    x = _mm512_inserti32x4(x, _mm_loadu_si128((const __m128i *)(p + 4 * step)), 1);
    x = _mm512_inserti32x4(x, _mm_loadu_si128((const __m128i *)(p + 8 * step)), 2);
    return _mm512_inserti32x4(x, _mm_loadu_si128((const __m128i *)(p + 12 * step)), 3);
}

#define VECTOR(name) _mm512_##name

/* f16 in the low halves of words. */
INLINE __m512 widen_halves(vector x)
{
    return _mm512_cvtph_ps(_mm512_cvtepi32_epi16(x));
}

#else

enum { LANES = 8 };
typedef __m256i vector;

/* 16 bytes of rows 0 and 4. */
INLINE vector load_rows(const uint8_t *p, size_t step)
{
    vector x = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)p));
    return _mm256_inserti128_si256(x, _mm_loadu_si128((const __m128i *)(p + 4 * step)), 1);
}

#define VECTOR(name) _mm256_##name

INLINE __m256 widen_halves(vector x)
{
    x = _mm256_blend_epi16(x, _mm256_setzero_si256(), 0xaa);
    x = _mm256_permute4x64_epi64(_mm256_packus_epi32(x, x), 0x08);
    return _mm256_cvtph_ps(_mm256_castsi256_si128(x));
}

#endif

typedef uint32_t words __attribute__((vector_size(4 * LANES)));
typedef int32_t integers __attribute__((vector_size(4 * LANES)));
typedef float reals __attribute__((vector_size(4 * LANES)));
typedef words loose_words __attribute__((aligned(4), may_alias));
typedef reals loose_reals __attribute__((aligned(4), may_alias));

/* A block of LANES rows. */
typedef struct {
    const uint8_t *block; // of the first row
    size_t step;          // from row to row
} source;

/* The 16 bytes from `at` on of each row's block: w[i] has the i-th four of each. */
INLINE void turn(words w[4], source from, int at)
{
    vector x[4], y[4];
    UNROLL for (int i = 0; i < 4; i++) x[i] =
        load_rows(from.block + at + (size_t)i * from.step, from.step);
    UNROLL for (int i = 0; i < 4; i += 2)
    {
        y[i] = VECTOR(unpacklo_epi32)(x[i], x[i + 1]);
        y[i + 1] = VECTOR(unpackhi_epi32)(x[i], x[i + 1]);
    }
    UNROLL for (int i = 0; i < 2; i++)
    {
        w[2 * i] = (words)VECTOR(unpacklo_epi64)(y[i], y[2 + i]);
        w[2 * i + 1] = (words)VECTOR(unpackhi_epi64)(y[i], y[2 + i]);
    }
}

/* Bits `from` and up of every byte that the mask has. */
INLINE words bits(words w, int from, uint8_t mask)
{
    return w >> from & 0x01010101u * mask;
}

INLINE reals low_half(words w)
{
    return (reals)widen_halves((vector)w);
}

INLINE reals high_half(words w)
{
    return low_half(w >> 16);
}

/* Byte i of every word. */
INLINE reals byte_of(words w, int i)
{
    return __builtin_convertvector((integers)(w >> 8 * i & 255), reals);
}

/* The same of a byte with a sign. */
INLINE reals signed_byte_of(words w, int i)
{
    return __builtin_convertvector((integers)(w << (24 - 8 * i)) >> 24, reals);
}

/* ---- one function for each type: a block of LANES rows ---- */

/* Where the rows lie in a panel. */
typedef struct {
    uint8_t *codes;
    float *scales, *offsets;
} place;

/* Codes 4 i to 4 i + 3. */
INLINE void put(place to, int i, words quad)
{
    *(loose_words *)(to.codes + i * 4 * PANEL) = quad;
}

INLINE void put_real(float *to, int group, reals x)
{
    *(loose_reals *)(to + group * PANEL) = x;
}

/* The first of the 16 bytes at p. */
INLINE words first_words(source from)
{
    words w[4];
    turn(w, from, 0);
    return w[0];
}

/* The block begins with its scale. */
INLINE void scales_first(place to, source from)
{
    put_real(to.scales, 0, low_half(first_words(from)));
}

INLINE void codes_q8_0(place to, source from)
{
    UNROLL for (int side = 0; side < 2; side++)
    {
        words q[4];
        turn(q, from, 2 + 16 * side);
        UNROLL for (int i = 0; i < 4; i++) put(to, 4 * side + i, q[i] ^ 0x80808080u);
    }
}

/* 16 bytes of low halves, then high ones; fifth bits, one behind the other. */
INLINE void codes_of_halves(place to, source from, int at, words fifth)
{
    words q[4];
    turn(q, from, at);
    UNROLL for (int i = 0; i < RUN; i++)
    {
        // a factor that brings bit j to 8 j + 4
        words high = (fifth >> 4 * i & 15) * 0x02040810u & 0x10101010u;
        put(to, i, bits(q[i % 4], i / 4 * 4, 15) | high);
    }
}

INLINE void codes_q4_0(place to, source from)
{
    codes_of_halves(to, from, 2, (words){0});
}

/* The block begins with its scale and what is added. */
INLINE void scales_two(place to, source from)
{
    words head = first_words(from);
    put_real(to.scales, 0, low_half(head));
    put_real(to.offsets, 0, -high_half(head));
}

INLINE void codes_q4_1(place to, source from)
{
    codes_of_halves(to, from, 4, (words){0});
}

INLINE void codes_q5_0(place to, source from)
{
    words head[4];
    turn(head, from, 0);
    codes_of_halves(to, from, 6, head[0] >> 16 | head[1] << 16);
}

INLINE void codes_q5_1(place to, source from)
{
    words head[4];
    turn(head, from, 0);
    codes_of_halves(to, from, 8, head[1]);
}

INLINE void scales_q2_k(place to, source from)
{
    words pairs[4], tail[4];
    turn(pairs, from, 0);
    turn(tail, from, 68);
    reals all = low_half(tail[3]), all_offsets = high_half(tail[3]);
    UNROLL for (int i = 0; i < 16; i++)
    {
        put_real(to.scales, i, all * byte_of(bits(pairs[i / 4], 0, 15), i % 4));
        put_real(to.offsets, i, all_offsets * byte_of(bits(pairs[i / 4], 4, 15), i % 4));
    }
}

INLINE void codes_q2_k(place to, source from)
{
    UNROLL for (int part = 0; part < 4; part++)
    {
        words q[4];
        turn(q, from, 16 + 16 * part);
        UNROLL for (int i = 0; i < 16; i++)
        {
            int run = part / 2 * 4 + i / 4, side = part % 2;
            put(to, RUN * run + 4 * side + i % 4, bits(q[i % 4], i / 4 * 2, 3));
        }
    }
}

INLINE void scales_q3_k(place to, source from)
{
    words tail[4], packed[3];
    turn(tail, from, 94); // two bytes before the scales; ends with the block
    UNROLL for (int i = 0; i < 3; i++) packed[i] = tail[i] >> 16 | tail[i + 1] << 16;
    UNROLL for (int i = 0; i < 16; i++)
    {
        words low = bits(packed[i / 4 % 2], i / 8 * 4, 15);
        words high = bits(packed[2], i / 4 * 2, 3);
        put_real(to.scales, i, high_half(tail[3]) * (byte_of(low | high << 4, i % 4) - 32));
    }
}

INLINE void codes_q3_k(place to, source from)
{
    UNROLL for (int side = 0; side < 2; side++)
    {
        words third[4];
        turn(third, from, 16 * side);
        UNROLL for (int half = 0; half < 2; half++)
        {
            words q[4];
            turn(q, from, 32 + 32 * half + 16 * side);
            UNROLL for (int i = 0; i < 16; i++)
            {
                int run = half * 4 + i / 4;
                words high = bits(third[i % 4], run, 1) << 2;
                put(to, RUN * run + 4 * side + i % 4, bits(q[i % 4], i / 4 * 2, 3) | high);
            }
        }
    }
}

INLINE void scales_pairs(place to, source from)
{
    words head[4];
    turn(head, from, 0);
    reals all = low_half(head[0]), all_offsets = high_half(head[0]);
    words scales[2] = {bits(head[1], 0, 63), bits(head[3], 0, 15) | bits(head[1], 6, 3)
                                                                        << 4};
    words offsets[2] = {bits(head[2], 0, 63), bits(head[3], 4, 15) | bits(head[2], 6, 3)
                                                                         << 4};
    UNROLL for (int i = 0; i < 8; i++)
    {
        put_real(to.scales, i, all * byte_of(scales[i / 4], i % 4));
        put_real(to.offsets, i, all_offsets * byte_of(offsets[i / 4], i % 4));
    }
}

/* Two runs of 32 in each 32 bytes at q; fifth: where fifth bits are, 0: none. */
INLINE void codes_of_pairs(place to, source from, int fifth, int q)
{
    UNROLL for (int side = 0; side < 2; side++)
    {
        words high[4];
        if (fifth) turn(high, from, fifth + 16 * side);
        UNROLL for (int pair = 0; pair < 4; pair++)
        {
            words two[4];
            turn(two, from, q + 32 * pair + 16 * side);
            UNROLL for (int i = 0; i < 8; i++)
            {
                int run = 2 * pair + i / 4;
                words code = bits(two[i % 4], i / 4 * 4, 15);
                if (fifth) code |= bits(high[i % 4], run, 1) << 4;
                put(to, RUN * run + 4 * side + i % 4, code);
            }
        }
    }
}

INLINE void codes_q4_k(place to, source from)
{
    codes_of_pairs(to, from, 0, 16);
}

INLINE void codes_q5_k(place to, source from)
{
    codes_of_pairs(to, from, 16, 48);
}

INLINE void scales_q6_k(place to, source from)
{
    words scales[4], tail[4];
    turn(scales, from, 192);
    turn(tail, from, 194);
    UNROLL for (int i = 0; i < 16; i++)
        put_real(to.scales, i, high_half(tail[3]) * signed_byte_of(scales[i / 4], i % 4));
}

INLINE void codes_q6_k(place to, source from)
{
    UNROLL for (int part = 0; part < 4; part++)
    {
        int half = part / 2, side = part % 2;
        words high[4];
        turn(high, from, 128 + 16 * part);
        UNROLL for (int odd = 0; odd < 2; odd++)
        {
            words low[4];
            turn(low, from, 64 * half + 32 * odd + 16 * side);
            UNROLL for (int i = 0; i < 8; i++)
            {
                int run = i / 4 * 2 + odd; // of the half
                put(to, RUN * (4 * half + run) + 4 * side + i % 4,
                    bits(low[i % 4], i / 4 * 4, 15) | bits(high[i % 4], 2 * run, 3) << 4);
            }
        }
    }
}

/* Name, and where codes and scales are. */
#define TYPES(X)                                                                           \
    X(Q8_0, q8_0, first)                                                                   \
    X(Q4_0, q4_0, first)                                                                   \
    X(Q4_1, q4_1, two)                                                                     \
    X(Q5_0, q5_0, first)                                                                   \
    X(Q5_1, q5_1, two)                                                                     \
    X(Q2_K, q2_k, q2_k)                                                                    \
    X(Q3_K, q3_k, q3_k)                                                                    \
    X(Q4_K, q4_k, pairs)                                                                   \
    X(Q5_K, q5_k, pairs)                                                                   \
    X(Q6_K, q6_k, q6_k)

/* ---- panels ---- */

#define TAKE_BLOCKS(TYPE, type, where)                                                     \
    static void blocks_##type(place to, const cpu_quant_blocks *b, size_t bytes,           \
                              int elements, int n_groups)                                  \
    {                                                                                      \
        for (int i = 0; i < b->n_blocks; i++) {                                            \
            for (int r = 0; r < PANEL; r += LANES) {                                       \
                int group = i * n_groups * PANEL + r;                                      \
                place at = {to.codes + i * elements * PANEL + 4 * r, to.scales + group,    \
                            to.offsets + group};                                           \
                source from = {b->first + (size_t)i * bytes + (size_t)r * b->row_bytes,    \
                               b->row_bytes};                                              \
                if (to.codes) codes_##type(at, from);                                      \
                scales_##where(at, from);                                                  \
            }                                                                              \
        }                                                                                  \
    }
TYPES(TAKE_BLOCKS)

void KERNEL(unpack_blocks)(uint8_t *codes, float *scales, float *offsets,
                           const cpu_quant_blocks *b)
{
#define BLOCKS(TYPE, type, where) [ASK_##TYPE] = blocks_##type,
    static void (*const blocks[ASK_N_DTYPES])(place, const cpu_quant_blocks *, size_t, int,
                                              int) = {TYPES(BLOCKS)};
#undef BLOCKS
    size_t bytes = ask_dtype_block_bytes(b->type), n = (size_t)b->n_blocks * bytes;
    int elements = ask_dtype_block_elements(b->type);
    uint8_t room[PANEL * ROW_BYTES];
    cpu_quant_blocks whole = *b;
    if (b->n_rows < PANEL) {
        memset(room, 0, (size_t)PANEL * n);
        for (int r = 0; r < b->n_rows; r++)
            memcpy(room + (size_t)r * n, b->first + (size_t)r * b->row_bytes, n);
        whole.first = room;
        whole.row_bytes = n;
    }
    blocks[b->type]((place){codes, scales, offsets}, &whole, bytes, elements,
                    elements / ask_block_group(b->type));
}

void KERNEL(turn_sums)(int32_t *to, const int32_t *sums, int64_t step, int n)
{
    for (int r = 0; r < PANEL; r += LANES) {
        source from = {(const uint8_t *)(sums + r * step), (size_t)step * sizeof *sums};
        for (int g = 0; g < n; g += 4) {
            words w[4];
            turn(w, from, g * (int)sizeof *sums);
            for (int i = 0; i < 4; i++) *(loose_words *)(to + (g + i) * PANEL + r) = w[i];
        }
    }
}

#endif
