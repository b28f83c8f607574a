/* ggml's blocks into panels: taken apart row by row, then turned, so that numbers of
 * neighbouring rows are neighbours. */
#include "tensor/cpu/quant_priv.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "tensor/blocks_priv.h"
#include "tensor/cpu/fast/fast_priv.h"

#define INLINE static inline __attribute__((always_inline))

enum { PANEL = ASK_QUANT_ROWS, LINE = 64 };

/* ---- LANES rows of LANES four-byte pieces, turned ---- */

#if defined(__AVX512F__)

enum { LANES = 16 };
typedef __m512i vector;

INLINE vector load(const void *p)
{
    return _mm512_loadu_si512(p);
}

INLINE void store(void *p, vector x)
{
    _mm512_storeu_si512(p, x);
}

/* Codes of an unsigned byte out of signed ones. */
INLINE vector from_zero(vector x)
{
    return _mm512_xor_si512(x, _mm512_set1_epi8((char)QUANT_ZERO));
}

/* Pairs of rows, then of pairs, ...: each round doubles what of a column lies together. */
INLINE void turn(vector x[LANES])
{
    vector y[LANES];
    for (int i = 0; i < LANES; i += 2) {
        y[i] = _mm512_unpacklo_epi32(x[i], x[i + 1]);
        y[i + 1] = _mm512_unpackhi_epi32(x[i], x[i + 1]);
    }
    for (int i = 0; i < LANES; i += 4) {
        x[i] = _mm512_unpacklo_epi64(y[i], y[i + 2]);
        x[i + 1] = _mm512_unpackhi_epi64(y[i], y[i + 2]);
        x[i + 2] = _mm512_unpacklo_epi64(y[i + 1], y[i + 3]);
        x[i + 3] = _mm512_unpackhi_epi64(y[i + 1], y[i + 3]);
    }
    // x[4 q + c]: columns c, c + 4, c + 8, c + 12 of rows 4 q to 4 q + 3
    for (int c = 0; c < 4; c++) {
        vector a = _mm512_shuffle_i32x4(x[c], x[4 + c], 0x88);      // columns c, c + 8
        vector b = _mm512_shuffle_i32x4(x[c], x[4 + c], 0xdd);      // c + 4, c + 12
        vector d = _mm512_shuffle_i32x4(x[8 + c], x[12 + c], 0x88); // of rows 8 to 15
        vector e = _mm512_shuffle_i32x4(x[8 + c], x[12 + c], 0xdd);
        y[c] = _mm512_shuffle_i32x4(a, d, 0x88);
        y[8 + c] = _mm512_shuffle_i32x4(a, d, 0xdd);
        y[4 + c] = _mm512_shuffle_i32x4(b, e, 0x88);
        y[12 + c] = _mm512_shuffle_i32x4(b, e, 0xdd);
    }
    for (int i = 0; i < LANES; i++) x[i] = y[i];
}

#else

enum { LANES = 8 };
typedef __m256i vector;

INLINE vector load(const void *p)
{
    return _mm256_loadu_si256(p);
}

INLINE void store(void *p, vector x)
{
    _mm256_storeu_si256(p, x);
}

INLINE vector from_zero(vector x)
{
    return _mm256_xor_si256(x, _mm256_set1_epi8((char)QUANT_ZERO));
}

INLINE void turn(vector x[LANES])
{
    vector y[LANES];
    for (int i = 0; i < LANES; i += 2) {
        y[i] = _mm256_unpacklo_epi32(x[i], x[i + 1]);
        y[i + 1] = _mm256_unpackhi_epi32(x[i], x[i + 1]);
    }
    for (int i = 0; i < LANES; i += 4) {
        x[i] = _mm256_unpacklo_epi64(y[i], y[i + 2]);
        x[i + 1] = _mm256_unpackhi_epi64(y[i], y[i + 2]);
        x[i + 2] = _mm256_unpacklo_epi64(y[i + 1], y[i + 3]);
        x[i + 3] = _mm256_unpackhi_epi64(y[i + 1], y[i + 3]);
    }
    // x[4 q + c]: columns c, c + 4 of rows 4 q to 4 q + 3
    for (int c = 0; c < 4; c++) {
        y[c] = _mm256_permute2x128_si256(x[c], x[4 + c], 0x20);
        y[4 + c] = _mm256_permute2x128_si256(x[c], x[4 + c], 0x31);
    }
    for (int i = 0; i < LANES; i++) x[i] = y[i];
}

#endif

/* Rows of n bytes, a multiple of 4 LANES, `step` apart, into [n / 4][32][4]. */
static void turn_rows(uint8_t *to, const int8_t *from, int step, int n)
{
    for (int k = 0; k < n; k += 4 * LANES) {
        for (int r = 0; r < PANEL; r += LANES) {
            vector x[LANES];
            for (int i = 0; i < LANES; i++) x[i] = load(from + (r + i) * step + k);
            turn(x);
            for (int i = 0; i < LANES; i++)
                store(to + ((k / 4 + i) * PANEL + r) * 4, from_zero(x[i]));
        }
    }
}

/* ---- one function for each type ---- */

/* A block row by row: codes, scales and offsets of what there is. */
typedef struct {
    int8_t codes[PANEL][QUANT_BLOCK];
    float scales[PANEL][QUANT_BLOCK / 16], offsets[PANEL][QUANT_BLOCK / 16];
} row_room;

/* Every row is a stream of its own, too many of them for the processor to foresee: what
 * comes next in this row is asked for. */
INLINE void fetch(const uint8_t *next, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += LINE) __builtin_prefetch(next + i);
}

#define UNPACK_ROWS(TYPE, type)                                                            \
    static void rows_##type(row_room *room, const cpu_quant_blocks *b, int elements,       \
                            int n_groups, size_t bytes)                                    \
    {                                                                                      \
        for (int r = 0; r < b->n_rows; r++) {                                              \
            const uint8_t *block = b->first + (size_t)r * b->row_bytes;                    \
            fetch(block + (size_t)b->n_blocks * bytes, (size_t)b->n_blocks * bytes);       \
            for (int i = 0; i < b->n_blocks; i++, block += bytes)                          \
                unpack_##type(room->codes[r] + i * elements,                               \
                              room->scales[r] + i * n_groups,                              \
                              room->offsets[r] + i * n_groups, block);                     \
        }                                                                                  \
    }
BLOCK_TYPES(UNPACK_ROWS)

void KERNEL(unpack_blocks)(uint8_t *codes, float *scales, float *offsets,
                           const cpu_quant_blocks *b)
{
#define ROW(TYPE, type) [ASK_##TYPE] = rows_##type,
    static void (*const rows[ASK_N_DTYPES])(row_room *, const cpu_quant_blocks *, int, int,
                                            size_t) = {BLOCK_TYPES(ROW)};
#undef ROW
    row_room room;
    int elements = ask_dtype_block_elements(b->type);
    int n_groups = elements / ask_block_group(b->type), n = b->n_blocks * elements;
    if (b->n_rows < PANEL) memset(&room, 0, sizeof room);
    rows[b->type](&room, b, elements, n_groups, ask_dtype_block_bytes(b->type));
    int whole = n / (4 * LANES) * (4 * LANES);
    turn_rows(codes, room.codes[0], QUANT_BLOCK, whole);
    for (int k = whole; k < n; k++)
        for (int r = 0; r < PANEL; r++)
            codes[(k / 4 * PANEL + r) * 4 + k % 4] =
                (uint8_t)(room.codes[r][k] + QUANT_ZERO);
    for (int g = 0; g < b->n_blocks * n_groups; g++)
        for (int r = 0; r < PANEL; r++) scales[g * PANEL + r] = room.scales[r][g];
    if (!ask_block_has_offsets(b->type)) return;
    for (int g = 0; g < b->n_blocks * n_groups; g++)
        for (int r = 0; r < PANEL; r++) offsets[g * PANEL + r] = room.offsets[r][g];
}

#endif
