/* Products of ggml's blocks with one row: the sums of their groups, row of w by row, so
 * that memory is read as it lies. Of AVX-512 needed is VNNI. */
#include "tensor/cpu/quant_priv.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "tensor/blocks.h"
#include "tensor/cpu/fast/fast_priv.h"

#define INLINE static inline __attribute__((always_inline))

#if defined(__AVX512F__)
#define WIDTH 64
#else
#define WIDTH 32
#endif

enum {
    RUN = 32,              // elements that have a shift in common, or a block
    AT_ONCE = WIDTH / RUN, // runs in a vector
    RUNS = 8,              // whose sums are added up together
    VECTORS = RUNS / AT_ONCE,
    LINE = 64,
    AHEAD = 8192, // bytes that are fetched before they are read
};

typedef uint8_t bytes __attribute__((vector_size(WIDTH)));
typedef uint16_t pairs __attribute__((vector_size(WIDTH)));

/* ---- vectors: runs of a row ---- */

#if defined(__AVX512F__)

typedef __m512i vector;
#define VECTOR(name) _mm512_##name

INLINE bytes load(const uint8_t *p)
{
    return (bytes)_mm512_loadu_si512(p);
}

/* The runs at p and at q. */
INLINE bytes load_runs(const uint8_t *p, const uint8_t *q)
{
    vector all = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)p));
    return (bytes)_mm512_inserti64x4(all, _mm256_loadu_si256((const __m256i *)q), 1);
}

/* The 32 bytes at p shifted down by `first`, and by `step` more for the next run. */
INLINE bytes load_shifted(const uint8_t *p, int first, int step)
{
    vector all = _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)p));
    vector by = _mm512_inserti64x4(_mm512_set1_epi16((short)first),
                                   _mm256_set1_epi16((short)(first + step)), 1);
    return (bytes)_mm512_srlv_epi16(all, by);
}

/* The low halves of the 16 bytes at p, then the high ones; the same of q. */
INLINE bytes load_halves(const uint8_t *p, const uint8_t *q)
{
    __m256i a = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)p));
    __m256i b = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)q));
    vector all = _mm512_inserti64x4(_mm512_castsi256_si512(a), b, 1);
    vector by = _mm512_set_epi64(0x0004000400040004, 0x0004000400040004, 0, 0,
                                 0x0004000400040004, 0x0004000400040004, 0, 0);
    return (bytes)_mm512_srlv_epi16(all, by) & 15;
}

/* The fifth bits of two runs, 32 in a word. */
INLINE bytes load_fifth(const uint8_t *p, const uint8_t *q)
{
    uint32_t a, b;
    memcpy(&a, p, sizeof a);
    memcpy(&b, q, sizeof b);
    return (bytes)_mm512_maskz_set1_epi8(a | (uint64_t)b << 32, 16);
}

/* In each lane the sum of four products. */
INLINE vector multiply(bytes w, const int8_t *x, const bool wide)
{
    (void)wide;
    return _mm512_dpbusd_epi32(_mm512_setzero_si512(), (vector)w, _mm512_loadu_si512(x));
}

#else

typedef __m256i vector;
#define VECTOR(name) _mm256_##name

INLINE bytes load(const uint8_t *p)
{
    return (bytes)_mm256_loadu_si256((const __m256i *)p);
}

INLINE bytes load_runs(const uint8_t *p, const uint8_t *q)
{
    (void)q;
    return load(p);
}

INLINE bytes load_shifted(const uint8_t *p, int first, int step)
{
    (void)step;
    return (bytes)((pairs)load(p) >> first);
}

INLINE bytes load_halves(const uint8_t *p, const uint8_t *q)
{
    (void)q;
    __m128i all = _mm_loadu_si128((const __m128i *)p);
    return (bytes)_mm256_set_m128i(_mm_srli_epi16(all, 4), all) & 15;
}

INLINE bytes load_fifth(const uint8_t *p, const uint8_t *q)
{
    (void)q;
    int32_t word;
    memcpy(&word, p, sizeof word);
    vector which = _mm256_set_epi64x(0x0303030303030303, 0x0202020202020202,
                                     0x0101010101010101, 0); // byte of the word
    vector one = _mm256_set1_epi64x((int64_t)0x8040201008040201u);
    vector all = _mm256_shuffle_epi8(_mm256_set1_epi32(word), which);
    return (bytes)_mm256_cmpeq_epi8(_mm256_and_si256(all, one), one) & 16;
}

/* wide: codes of w may have all eight bits; else two products fit into 16. */
INLINE vector multiply(bytes w, const int8_t *x, const bool wide)
{
    vector q = _mm256_loadu_si256((const __m256i *)x);
    if (!wide)
        return _mm256_madd_epi16(_mm256_maddubs_epi16((vector)w, q), _mm256_set1_epi16(1));
    vector even = _mm256_and_si256((vector)w, _mm256_set1_epi16(255));
    vector x_even = _mm256_srai_epi16(_mm256_slli_epi16(q, 8), 8);
    return _mm256_add_epi32(
        _mm256_madd_epi16(even, x_even),
        _mm256_madd_epi16(_mm256_srli_epi16((vector)w, 8), _mm256_srai_epi16(q, 8)));
}

#endif

/* Lanes of a and b in turns, the sums of two of each. */
INLINE vector add_pairs(vector a, vector b)
{
    return VECTOR(add_epi32)(VECTOR(unpacklo_epi32)(a, b), VECTOR(unpackhi_epi32)(a, b));
}

/* In each 16 bytes: the sums of the same 16 of four vectors. */
INLINE vector add_four(const vector s[4])
{
    vector a = add_pairs(s[0], s[1]), b = add_pairs(s[2], s[3]);
    return VECTOR(add_epi32)(VECTOR(unpacklo_epi64)(a, b), VECTOR(unpackhi_epi64)(a, b));
}

/* Eight groups of 32, or 16 of 16. */
INLINE void store_sums(int32_t *to, const vector s[VECTORS], const int group)
{
#if defined(__AVX512F__)
    vector all = add_four(s); // sixteenths 0 4 8 12, 1 5 9 13, ...
    if (group == 16) {
        vector order =
            _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
        _mm512_storeu_si512(to, _mm512_permutexvar_epi32(order, all));
        return;
    }
    vector order = _mm512_castsi256_si512(_mm256_set_epi32(11, 3, 10, 2, 9, 1, 8, 0));
    all = _mm512_add_epi32(all, _mm512_shuffle_i32x4(all, all, 0xb1));
    all = _mm512_permutexvar_epi32(order, all);
    _mm256_storeu_si256((__m256i *)to, _mm512_castsi512_si256(all));
#else
    vector a = add_four(s), b = add_four(s + 4); // sixteenths 0 2 4 6, 1 3 5 7; ...
    vector even = _mm256_permute2x128_si256(a, b, 0x20);
    vector odd = _mm256_permute2x128_si256(a, b, 0x31);
    if (group == 32) {
        _mm256_storeu_si256((__m256i *)to, _mm256_add_epi32(even, odd));
        return;
    }
    vector low = _mm256_unpacklo_epi32(even, odd), high = _mm256_unpackhi_epi32(even, odd);
    _mm256_storeu_si256((__m256i *)to, _mm256_permute2x128_si256(low, high, 0x20));
    _mm256_storeu_si256((__m256i *)(to + 8), _mm256_permute2x128_si256(low, high, 0x31));
#endif
}

/* ---- the codes of runs, without signs ---- */

/* Bits `from` and up of every byte that the mask has. */
INLINE bytes bits(bytes x, int from, uint8_t mask)
{
    return (bytes)((pairs)x >> from) & mask;
}

/* Shifts bytes up; no bit leaves its byte. */
INLINE bytes up(bytes x, int by)
{
    return (bytes)((pairs)x << by);
}

/* n blocks of `size` bytes with 32 elements each; code: that of block a and of b behind it.
 */
#define RUNS_OF_BLOCKS(type, size, code)                                                   \
    INLINE void runs_##type(bytes q[VECTORS], const uint8_t *block, int n)                 \
    {                                                                                      \
        for (int i = 0; i < n; i += AT_ONCE) {                                             \
            const uint8_t *a = block + size * i;                                           \
            const uint8_t *b = i + 1 < n ? a + size : a;                                   \
            q[i / AT_ONCE] = code;                                                         \
        }                                                                                  \
    }
RUNS_OF_BLOCKS(q8_0, 34, load_runs(a + 2, b + 2) ^ 0x80)
RUNS_OF_BLOCKS(q4_0, 18, load_halves(a + 2, b + 2))
RUNS_OF_BLOCKS(q4_1, 20, load_halves(a + 4, b + 4))
RUNS_OF_BLOCKS(q5_0, 22, load_halves(a + 6, b + 6) | load_fifth(a + 2, b + 2))
RUNS_OF_BLOCKS(q5_1, 24, load_halves(a + 8, b + 8) | load_fifth(a + 4, b + 4))

/* A block of 256; code: that of run i, and of those behind it that a vector has. */
#define RUNS_OF_BLOCK(type, code)                                                          \
    INLINE void runs_##type(bytes q[VECTORS], const uint8_t *block, int n)                 \
    {                                                                                      \
        (void)n;                                                                           \
        for (int i = 0; i < RUNS; i += AT_ONCE) q[i / AT_ONCE] = code;                     \
    }

INLINE bytes two_bits(const uint8_t *p, int i)
{
    return load_shifted(p + i / 4 * RUN, i % 4 * 2, 2) & 3;
}

INLINE bytes four_bits(const uint8_t *p, int i)
{
    return load_shifted(p + i / 2 * RUN, i % 2 * 4, 4) & 15;
}

INLINE bytes one_bit(const uint8_t *p, int i)
{
    return load_shifted(p, i, 1) & 1;
}

/* In each half of 128, the low halves of 64 bytes, then the high ones. */
INLINE bytes four_bits_apart(const uint8_t *p, int i)
{
    return bits(load(p + i / 4 * 2 * RUN + i % 2 * RUN), i / 2 % 2 * 4, 15);
}

RUNS_OF_BLOCK(q2_k, two_bits(block + 16, i))
RUNS_OF_BLOCK(q3_k, two_bits(block + 32, i) | up(one_bit(block, i), 2))
RUNS_OF_BLOCK(q4_k, four_bits(block + 16, i))
RUNS_OF_BLOCK(q5_k, four_bits(block + 48, i) | up(one_bit(block + 16, i), 4))
RUNS_OF_BLOCK(q6_k, four_bits_apart(block, i) | up(two_bits(block + 128, i), 4))

/* Name, function, group; whether codes have all eight bits. */
#define TYPES(X)                                                                           \
    X(Q8_0, q8_0, 32, true)                                                                \
    X(Q4_0, q4_0, 32, false)                                                               \
    X(Q4_1, q4_1, 32, false)                                                               \
    X(Q5_0, q5_0, 32, false)                                                               \
    X(Q5_1, q5_1, 32, false)                                                               \
    X(Q2_K, q2_k, 16, false)                                                               \
    X(Q3_K, q3_k, 16, false)                                                               \
    X(Q4_K, q4_k, 32, false)                                                               \
    X(Q5_K, q5_k, 32, false)                                                               \
    X(Q6_K, q6_k, 16, false)

/* ---- rows ---- */

#define SUM_ROW(TYPE, type, group, wide)                                                   \
    INLINE void sum_runs_##type(int32_t *to, const uint8_t *block, const int8_t *x, int n) \
    {                                                                                      \
        bytes q[VECTORS];                                                                  \
        vector s[VECTORS] = {{0}};                                                         \
        runs_##type(q, block, n);                                                          \
        for (int i = 0; i < n; i += AT_ONCE)                                               \
            s[i / AT_ONCE] = multiply(q[i / AT_ONCE], x + RUN * i, wide);                  \
        store_sums(to, s, group);                                                          \
    }                                                                                      \
                                                                                           \
    static void sum_row_##type(int32_t *to, const uint8_t *row, const int8_t *x,           \
                               int64_t columns, int64_t bytes_of_runs)                     \
    {                                                                                      \
        for (; columns >= RUNS * RUN; columns -= RUNS * RUN) {                             \
            for (int64_t i = 0; i < bytes_of_runs; i += LINE)                              \
                __builtin_prefetch(row + AHEAD + i);                                       \
            sum_runs_##type(to, row, x, RUNS);                                             \
            row += bytes_of_runs;                                                          \
            x += RUNS * RUN;                                                               \
            to += RUNS * RUN / group;                                                      \
        }                                                                                  \
        if (columns > 0) sum_runs_##type(to, row, x, (int)(columns / RUN));                \
    }
TYPES(SUM_ROW)

void KERNEL(sum_blocks)(int32_t *sums, int64_t step, const cpu_quant_blocks *b,
                        const int8_t *x)
{
#define ROW(TYPE, type, group, wide) [ASK_##TYPE] = sum_row_##type,
    static void (*const row[ASK_N_DTYPES])(int32_t *, const uint8_t *, const int8_t *,
                                           int64_t, int64_t) = {TYPES(ROW)};
#undef ROW
    int64_t elements = ask_dtype_block_elements(b->type);
    int64_t bytes_of_runs = RUNS * RUN / elements * (int64_t)ask_dtype_block_bytes(b->type);
    for (int r = 0; r < b->n_rows; r++)
        row[b->type](sums + r * step, b->first + (size_t)r * b->row_bytes, x,
                     b->n_blocks * elements, bytes_of_runs);
}

#endif
