/* Products of ggml's blocks with one row: the sums of their groups, row of w by row, so that
 * memory is read as it lies. Of AVX-512 needed is VNNI. */
#include "tensor/cpu/quant_priv.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "tensor/blocks.h"
#include "tensor/cpu/fast/fast_priv.h"

#define INLINE static inline __attribute__((always_inline))

enum {
    RUN = 32,   // elements of a vector
    RUNS = 8,   // whose sums are added up together
    LINE = 64,
    AHEAD = 2048, // bytes that are fetched before they are read
};

typedef __m256i vector;
typedef uint8_t bytes __attribute__((vector_size(RUN)));
typedef uint16_t pairs __attribute__((vector_size(RUN)));

/* ---- the codes of runs, without signs ---- */

INLINE bytes load(const uint8_t *p)
{
    return (bytes)_mm256_loadu_si256((const __m256i *)p);
}

/* Bits `from` and up of every byte that the mask has. */
INLINE bytes bits(bytes x, int from, uint8_t mask)
{
    return (bytes)((pairs)x >> from) & mask;
}

INLINE bytes up(bytes x, int by) // no bit leaves its byte
{
    return (bytes)((pairs)x << by);
}

INLINE void runs_q8_0(bytes q[RUNS], const uint8_t *block, int n)
{
    for (int i = 0; i < n; i++) q[i] = load(block + 34 * i + 2) ^ 0x80;
}

/* 16 bytes of low halves, then high ones. */
INLINE bytes halves(const uint8_t *p)
{
    __m128i all = _mm_loadu_si128((const __m128i *)p);
    return (bytes)_mm256_set_m128i(_mm_srli_epi16(all, 4), all) & 15;
}

/* Bit i of 32 as bit 4 of byte i. */
INLINE bytes fifth(const uint8_t *p)
{
    static const bytes which = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1,
                                2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3};
    int32_t four;
    memcpy(&four, p, sizeof four);
    bytes all = (bytes)_mm256_shuffle_epi8(_mm256_set1_epi32(four), (vector)which);
    bytes one = (bytes)_mm256_set1_epi64x((int64_t)0x8040201008040201u);
    return (bytes)((all & one) == one) & 16;
}

INLINE void runs_q4_0(bytes q[RUNS], const uint8_t *block, int n)
{
    for (int i = 0; i < n; i++) q[i] = halves(block + 18 * i + 2);
}

INLINE void runs_q4_1(bytes q[RUNS], const uint8_t *block, int n)
{
    for (int i = 0; i < n; i++) q[i] = halves(block + 20 * i + 4);
}

INLINE void runs_q5_0(bytes q[RUNS], const uint8_t *block, int n)
{
    for (int i = 0; i < n; i++)
        q[i] = halves(block + 22 * i + 6) | fifth(block + 22 * i + 2);
}

INLINE void runs_q5_1(bytes q[RUNS], const uint8_t *block, int n)
{
    for (int i = 0; i < n; i++)
        q[i] = halves(block + 24 * i + 8) | fifth(block + 24 * i + 4);
}

INLINE void runs_q2_k(bytes q[RUNS], const uint8_t *block, int n)
{
    (void)n;
    for (int i = 0; i < RUNS; i++)
        q[i] = bits(load(block + 16 + i / 4 * RUN), i % 4 * 2, 3);
}

INLINE void runs_q3_k(bytes q[RUNS], const uint8_t *block, int n)
{
    (void)n;
    for (int i = 0; i < RUNS; i++)
        q[i] = bits(load(block + 32 + i / 4 * RUN), i % 4 * 2, 3) |
               up(bits(load(block), i, 1), 2);
}

INLINE void runs_q4_k(bytes q[RUNS], const uint8_t *block, int n)
{
    (void)n;
    for (int i = 0; i < RUNS; i++)
        q[i] = bits(load(block + 16 + i / 2 * RUN), i % 2 * 4, 15);
}

INLINE void runs_q5_k(bytes q[RUNS], const uint8_t *block, int n)
{
    (void)n;
    for (int i = 0; i < RUNS; i++)
        q[i] = bits(load(block + 48 + i / 2 * RUN), i % 2 * 4, 15) |
               up(bits(load(block + 16), i, 1), 4);
}

INLINE void runs_q6_k(bytes q[RUNS], const uint8_t *block, int n)
{
    (void)n;
    for (int i = 0; i < RUNS; i++) {
        int half = i / 4, run = i % 4;
        bytes low = load(block + 64 * half + run % 2 * RUN);
        bytes high = load(block + 128 + half * RUN);
        q[i] = bits(low, run / 2 * 4, 15) | up(bits(high, 2 * run, 3), 4);
    }
}

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

/* ---- their sums ---- */

/* Eight sums of four products each. */
INLINE vector multiply(bytes w, const int8_t *x, const bool wide)
{
    vector q = _mm256_loadu_si256((const __m256i *)x);
#if defined(__AVX512VNNI__)
    (void)wide;
    return _mm256_dpbusd_epi32(_mm256_setzero_si256(), (vector)w, q);
#else
    if (!wide) // two products of 7 bits fit into 16
        return _mm256_madd_epi16(_mm256_maddubs_epi16((vector)w, q), _mm256_set1_epi16(1));
    vector even = _mm256_srai_epi16(_mm256_slli_epi16(q, 8), 8);
    return _mm256_add_epi32(
        _mm256_madd_epi16((vector)w & _mm256_set1_epi16(255), even),
        _mm256_madd_epi16(_mm256_srli_epi16((vector)w, 8), _mm256_srai_epi16(q, 8)));
#endif
}

/* Of two vectors' halves: neighbours in turns, added up pair by pair. */
INLINE vector add_pairs(vector a, vector b)
{
    return _mm256_add_epi32(_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
}

/* In each half: the sums of the same half of four vectors. */
INLINE vector add_four(const vector s[4])
{
    vector a = add_pairs(s[0], s[1]), b = add_pairs(s[2], s[3]);
    return _mm256_add_epi32(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
}

/* Eight groups of 32, or 16 of 16. */
INLINE void store_sums(int32_t *to, const vector s[RUNS], const int group)
{
    vector a = add_four(s), b = add_four(s + 4);
    if (group == 32) {
        vector low = _mm256_permute2x128_si256(a, b, 0x20);
        vector high = _mm256_permute2x128_si256(a, b, 0x31);
        _mm256_storeu_si256((__m256i *)to, _mm256_add_epi32(low, high));
        return;
    }
    a = _mm256_permute4x64_epi64(a, 0xd8); // groups 0 4 1 5 of each half's two
    b = _mm256_permute4x64_epi64(b, 0xd8);
    a = _mm256_shuffle_epi32(a, 0xd8);
    b = _mm256_shuffle_epi32(b, 0xd8);
    _mm256_storeu_si256((__m256i *)to, a);
    _mm256_storeu_si256((__m256i *)(to + 8), b);
}

#define SUM_ROW(TYPE, type, group, wide)                                                   \
    INLINE void sum_runs_##type(int32_t *to, const uint8_t *block, const int8_t *x, int n) \
    {                                                                                      \
        bytes q[RUNS] = {{0}};                                                             \
        vector s[RUNS];                                                                    \
        runs_##type(q, block, n);                                                          \
        for (int i = 0; i < RUNS; i++)                                                     \
            s[i] = i < n ? multiply(q[i], x + RUN * i, wide) : _mm256_setzero_si256();     \
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
