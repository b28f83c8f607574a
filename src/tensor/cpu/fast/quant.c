/* Products with weights of few bits: a panel of w stays in the first cache, a tile of c in
 * registers. Of AVX-512 needed is VNNI. */
#include "tensor/cpu/quant_priv.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <string.h>

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

enum { PANEL = ASK_QUANT_ROWS, QUAD_BYTES = 4 * PANEL, LINE = 64 };

/* ---- vectors: numbers of neighbouring rows of w ---- */

#if defined(__AVX512F__)

enum { LANES = 16, VECTORS = PANEL / LANES };
typedef __m512 reals;
typedef __m512i sums;  // of 16 rows
typedef __m512i codes; // four columns of 16 rows
typedef __m512i quad;  // four columns of a row of x, in every lane

INLINE codes load_codes(const uint8_t *p)
{
    return _mm512_loadu_si512(p);
}

INLINE codes low_codes(codes two)
{
    return _mm512_and_si512(two, _mm512_set1_epi8(15));
}

INLINE codes high_codes(codes two)
{
    return _mm512_and_si512(_mm512_srli_epi16(two, 4), _mm512_set1_epi8(15));
}

INLINE quad load_quad(const int8_t *p)
{
    int32_t four;
    memcpy(&four, p, sizeof four);
    return _mm512_set1_epi32(four);
}

INLINE sums start_at(int32_t start)
{
    return _mm512_set1_epi32(start);
}

INLINE sums multiply_add(sums sum, codes w, quad x)
{
    return _mm512_dpbusd_epi32(sum, w, x);
}

INLINE sums add_sums(sums sum, const uint8_t *p)
{
    return _mm512_add_epi32(sum, _mm512_loadu_si512(p));
}

INLINE reals load_reals(const float *p)
{
    return _mm512_loadu_ps(p);
}

INLINE reals load_halves(const uint16_t *p)
{
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
}

INLINE void store_reals(float *p, reals x)
{
    _mm512_storeu_ps(p, x);
}

INLINE reals spread(float x)
{
    return _mm512_set1_ps(x);
}

/* sum + x * (a * b) */
INLINE reals add_scaled(reals sum, sums x, reals a, reals b)
{
    return _mm512_fmadd_ps(_mm512_cvtepi32_ps(x), _mm512_mul_ps(a, b), sum);
}

INLINE reals subtract_product(reals sum, reals a, reals b)
{
    return _mm512_fnmadd_ps(a, b, sum);
}

INLINE reals add(reals a, reals b)
{
    return _mm512_add_ps(a, b);
}

/* The largest of n numbers without their signs, as bits. */
INLINE uint32_t largest_bits(const float *x, const int n)
{
    __m512i largest = _mm512_setzero_si512();
    for (int i = 0; i < n; i += 16) {
        __m512i bits = _mm512_loadu_si512(x + i);
        bits = _mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff));
        largest = _mm512_max_epu32(largest, bits);
    }
    return _mm512_reduce_max_epu32(largest);
}

/* n numbers times a factor, rounded; returns their sum. */
INLINE int round_numbers(int8_t *to, const float *x, float factor, const int n)
{
    __m512i sum = _mm512_setzero_si512();
    for (int i = 0; i < n; i += 16) {
        __m512 scaled = _mm512_mul_ps(_mm512_loadu_ps(x + i), _mm512_set1_ps(factor));
        __m512i rounded = _mm512_cvtps_epi32(scaled);
        _mm_storeu_si128((__m128i *)(to + i), _mm512_cvtepi32_epi8(rounded));
        sum = _mm512_add_epi32(sum, rounded);
    }
    return _mm512_reduce_add_epi32(sum);
}

#else

enum { LANES = 8, VECTORS = PANEL / LANES };
typedef __m256 reals;
typedef __m256i sums;
/* Two columns of 8 rows in 16 bits each, the even ones and the odd ones: the products of
 * bytes that AVX2 has are cut to 16 bits. */
typedef struct {
    __m256i even, odd;
} codes;
typedef codes quad;

INLINE codes load_codes(const uint8_t *p)
{
    __m256i all = _mm256_loadu_si256((const __m256i *)p);
    return (codes){_mm256_and_si256(all, _mm256_set1_epi16(255)),
                   _mm256_srli_epi16(all, 8)};
}

INLINE codes low_codes(codes two)
{
    __m256i mask = _mm256_set1_epi16(15);
    return (codes){_mm256_and_si256(two.even, mask), _mm256_and_si256(two.odd, mask)};
}

INLINE codes high_codes(codes two)
{
    return (codes){_mm256_srli_epi16(two.even, 4), _mm256_srli_epi16(two.odd, 4)};
}

INLINE quad load_quad(const int8_t *p)
{
    int32_t four;
    memcpy(&four, p, sizeof four);
    __m256i all = _mm256_set1_epi32(four);
    return (quad){_mm256_srai_epi16(_mm256_slli_epi16(all, 8), 8),
                  _mm256_srai_epi16(all, 8)};
}

INLINE sums start_at(int32_t start)
{
    return _mm256_set1_epi32(start);
}

INLINE sums multiply_add(sums sum, codes w, quad x)
{
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(w.even, x.even));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(w.odd, x.odd));
}

INLINE sums add_sums(sums sum, const uint8_t *p)
{
    return _mm256_add_epi32(sum, _mm256_loadu_si256((const __m256i *)p));
}

INLINE reals load_reals(const float *p)
{
    return _mm256_loadu_ps(p);
}

INLINE reals load_halves(const uint16_t *p)
{
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
}

INLINE void store_reals(float *p, reals x)
{
    _mm256_storeu_ps(p, x);
}

INLINE reals spread(float x)
{
    return _mm256_set1_ps(x);
}

INLINE reals add_scaled(reals sum, sums x, reals a, reals b)
{
    return _mm256_fmadd_ps(_mm256_cvtepi32_ps(x), _mm256_mul_ps(a, b), sum);
}

INLINE reals subtract_product(reals sum, reals a, reals b)
{
    return _mm256_fnmadd_ps(a, b, sum);
}

INLINE reals add(reals a, reals b)
{
    return _mm256_add_ps(a, b);
}

INLINE uint32_t largest_bits(const float *x, const int n)
{
    __m256i largest = _mm256_setzero_si256();
    for (int i = 0; i < n; i += 8) {
        __m256i bits = _mm256_loadu_si256((const __m256i *)(x + i));
        bits = _mm256_and_si256(bits, _mm256_set1_epi32(0x7fffffff));
        largest = _mm256_max_epu32(largest, bits);
    }
    __m128i four = _mm_max_epu32(_mm256_castsi256_si128(largest),
                                 _mm256_extracti128_si256(largest, 1));
    four = _mm_max_epu32(four, _mm_shuffle_epi32(four, 0x4e));
    four = _mm_max_epu32(four, _mm_shuffle_epi32(four, 0xb1));
    return (uint32_t)_mm_cvtsi128_si32(four);
}

INLINE int round_numbers(int8_t *to, const float *x, float factor, const int n)
{
    __m256i sum = _mm256_setzero_si256();
    for (int i = 0; i < n; i += 16) {
        __m256 by = _mm256_set1_ps(factor);
        __m256i low = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + i), by));
        __m256i high = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + i + 8), by));
        sum = _mm256_add_epi32(sum, _mm256_add_epi32(low, high));
        __m256i all = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8);
        _mm_storeu_si128(
            (__m128i *)(to + i),
            _mm_packs_epi16(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1)));
    }
    __m128i four =
        _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
    return _mm_cvtsi128_si32(four);
}

#endif

/* ---- one tile ---- */

/* sum += codes of four columns of w times those of x, for all rows of the tile. */
INLINE void add_quad(const int height, sums sum[][VECTORS], const codes w[VECTORS],
                     const int8_t *x)
{
    UNROLL for (int i = 0; i < height; i++)
    {
        quad q = load_quad(x + 4 * i);
        UNROLL for (int v = 0; v < VECTORS; v++) sum[i][v] =
            multiply_add(sum[i][v], w[v], q);
    }
}

/* The codes of a group; returns where those of the next one are. */
INLINE const uint8_t *add_group(const int height, const cpu_quant_form form,
                                const int group, sums sum[][VECTORS], const uint8_t *w,
                                const int8_t *x)
{
    if (form == QUANT_SUMMED) {
        UNROLL for (int v = 0; v < VECTORS; v++) sum[0][v] =
            add_sums(sum[0][v], w + 4 * LANES * v);
        return w + QUAD_BYTES;
    }
    UNROLL for (int quads = 0; quads < group / 4; quads += form == QUANT_Q4 ? 2 : 1)
    {
        codes all[VECTORS], half[VECTORS];
        UNROLL for (int v = 0; v < VECTORS; v++) all[v] = load_codes(w + 4 * LANES * v);
        w += QUAD_BYTES;
        const int8_t *at = x + 4 * height * quads;
        if (form == QUANT_Q4) {
            UNROLL for (int v = 0; v < VECTORS; v++) half[v] = low_codes(all[v]);
            add_quad(height, sum, half, at);
            UNROLL for (int v = 0; v < VECTORS; v++) half[v] = high_codes(all[v]);
            add_quad(height, sum, half, at + 4 * height);
        } else {
            add_quad(height, sum, all, at);
        }
    }
    return w;
}

INLINE reals load_scales(const cpu_quant_form form, const void *scales, int64_t at)
{
    return form >= QUANT_UNPACKED ? load_reals((const float *)scales + at)
                                  : load_halves((const uint16_t *)scales + at);
}

/* Stores what of a tile is in c. */
static __attribute__((noinline)) void store_part(const cpu_quant_tile *t, const float *all)
{
    for (int i = 0; i < t->height; i++)
        for (int j = 0; j < t->width; j++)
            t->c[i * t->c_row + j] =
                t->bias ? all[i * PANEL + j] + t->bias[j] : all[i * PANEL + j];
}

static __attribute__((noinline)) void load_part(const cpu_quant_tile *t, float *all)
{
    memset(all, 0, (size_t)t->height * PANEL * sizeof *all);
    for (int i = 0; i < t->height; i++)
        memcpy(all + i * PANEL, t->c + i * t->c_row, (size_t)t->width * sizeof *all);
}

INLINE void tile_run(const int height, const cpu_quant_form form, const int group,
                     const bool has_offsets, const cpu_quant_tile *t)
{
    float part[QUANT_HEIGHT * PANEL];
    bool whole = t->width == PANEL;
    float *c = whole ? t->c : part;
    int64_t c_row = whole ? t->c_row : PANEL;
    if (t->adds && !whole) load_part(t, part);

    reals total[QUANT_HEIGHT][VECTORS];
    UNROLL for (int i = 0; i < height; i++)
    {
        UNROLL for (int v = 0; v < VECTORS; v++)
        {
            total[i][v] = t->adds ? load_reals(c + i * c_row + v * LANES) : spread(0);
        }
    }
    const uint8_t *w = t->codes, *next = t->next;
    const int8_t *x = t->x_codes;
    int64_t n_fetch = t->n_next / t->n_groups;
    for (int64_t g = 0; g < t->n_groups; g++) {
        for (int64_t i = 0; i < n_fetch; i += LINE) __builtin_prefetch(next + i, 0, 2);
        next += n_fetch;
        sums sum[QUANT_HEIGHT][VECTORS];
        UNROLL for (int i = 0; i < height; i++)
        {
            UNROLL for (int v = 0; v < VECTORS; v++)
            {
                sum[i][v] = start_at(t->x_starts[g * height + i]);
            }
        }
        w = add_group(height, form, group, sum, w, x);
        x += group * height;
        reals scale[VECTORS], offset[VECTORS];
        UNROLL for (int v = 0; v < VECTORS; v++)
        {
            scale[v] = load_scales(form, t->scales, g * PANEL + v * LANES);
            if (has_offsets) offset[v] = load_reals(t->offsets + g * PANEL + v * LANES);
        }
        UNROLL for (int i = 0; i < height; i++)
        {
            reals x_scale = spread(t->x_scales[g * height + i]);
            UNROLL for (int v = 0; v < VECTORS; v++)
            {
                total[i][v] = add_scaled(total[i][v], sum[i][v], scale[v], x_scale);
                if (has_offsets)
                    total[i][v] = subtract_product(total[i][v], offset[v],
                                                   spread(t->x_sums[g * height + i]));
            }
        }
    }

    UNROLL for (int i = 0; i < height; i++)
    {
        UNROLL for (int v = 0; v < VECTORS; v++)
        {
            reals y = total[i][v];
            if (whole && t->bias) y = add(y, load_reals(t->bias + v * LANES));
            store_reals(c + i * c_row + v * LANES, y);
        }
    }
    if (!whole) store_part(t, part);
}

/* One function for each height, form and group. */
#define TILES(X)                                                                           \
    X(1)                                                                                   \
    X(2)                                                                                   \
    X(3)                                                                                   \
    X(4)                                                                                   \
    X(5)                                                                                   \
    X(6)                                                                                   \
    X(7)

#define TILE_OF(height, form, group, offsets)                                              \
    static void tile_##form##_##group##_##offsets##_##height(const cpu_quant_tile *t)      \
    {                                                                                      \
        tile_run(height, form, group, offsets, t);                                         \
    }
#define TILE(height)                                                                       \
    TILE_OF(height, QUANT_Q8, 32, 0)                                                       \
    TILE_OF(height, QUANT_Q4, 32, 0)                                                       \
    TILE_OF(height, QUANT_UNPACKED, 32, 0)                                                 \
    TILE_OF(height, QUANT_UNPACKED, 32, 1)                                                 \
    TILE_OF(height, QUANT_UNPACKED, 16, 0)                                                 \
    TILE_OF(height, QUANT_UNPACKED, 16, 1)
TILES(TILE)
TILE_OF(1, QUANT_SUMMED, 32, 0)
TILE_OF(1, QUANT_SUMMED, 32, 1)

typedef void tile_function(const cpu_quant_tile *t);

static void run(const cpu_quant_tile *t)
{
#define NAME(height) tile_QUANT_Q8_32_0_##height,
    static tile_function *const q8[] = {TILES(NAME)};
#undef NAME
#define NAME(height) tile_QUANT_Q4_32_0_##height,
    static tile_function *const q4[] = {TILES(NAME)};
#undef NAME
#define NAME(height)                                                                       \
    {{tile_QUANT_UNPACKED_16_0_##height, tile_QUANT_UNPACKED_16_1_##height},               \
     {tile_QUANT_UNPACKED_32_0_##height, tile_QUANT_UNPACKED_32_1_##height}},
    static tile_function *const unpacked[][2][2] = {TILES(NAME)};
#undef NAME
    int h = t->height - 1;
    if (t->form == QUANT_SUMMED)
        (t->offsets ? tile_QUANT_SUMMED_32_1_1 : tile_QUANT_SUMMED_32_0_1)(t);
    else if (t->form == QUANT_UNPACKED)
        unpacked[h][t->group == 32][t->offsets != NULL](t);
    else
        (t->form == QUANT_Q8 ? q8 : q4)[h](t);
}

/* ---- rounding ---- */

/* One group of x into codes[group]; returns the sum of the codes. */
INLINE int round_group(const int group, int8_t *code, float *scale, const float *x)
{
    uint32_t largest = largest_bits(x, group); // not-a-numbers are above all
    float top;
    memcpy(&top, &largest, sizeof top);
    bool none = top < QUANT_LEAST, wrong = largest >= 0x7f800000;
    *scale = wrong ? NAN : none ? 0 : top / 127;
    if (none || wrong) {
        memset(code, 0, (size_t)group);
        return 0;
    }
    return round_numbers(code, x, 127 / top, group);
}

INLINE void round_rows(const int group, const cpu_quant_rows *r, int64_t first, int n,
                       const float *x, int64_t columns)
{
    int64_t n_groups = r->k / group, at = first * n_groups;
    for (int i = 0; i < n; i++) {
        for (int64_t g = 0; g < n_groups; g++) {
            float room[32];
            const float *from = x + i * columns + g * group;
            if ((g + 1) * group > columns) {
                memset(room, 0, sizeof room);
                memcpy(room, from, (size_t)(columns - g * group) * sizeof *room);
                from = room;
            }
            int8_t code[32];
            int64_t to = at + g * n + i;
            int sum = round_group(group, code, &r->scales[to], from);
            r->starts[to] = -r->zero * sum;
            r->sums[to] = r->scales[to] * (float)sum;
            int8_t *row = r->codes + first * r->k + g * group * n + 4 * i;
            UNROLL for (int q = 0; q < group / 4; q++)
                memcpy(row + (int64_t)q * 4 * n, code + 4 * q, 4);
        }
    }
}

static void round_any(const cpu_quant_rows *r, int64_t first, int n, const float *x,
                      int64_t columns)
{
    if (r->group == 32)
        round_rows(32, r, first, n, x, columns);
    else
        round_rows(16, r, first, n, x, columns);
}

/* AVX2 has half of the registers, of half the size. */
const cpu_quant_kernel KERNEL(quant_kernel) = {.height = LANES == 16 ? QUANT_HEIGHT : 2,
                                               .run = run,
                                               .round = round_any,
                                               .unpack = KERNEL(unpack_blocks),
                                               .sum = KERNEL(sum_blocks),
                                               .turn = KERNEL(turn_sums)};

#endif
