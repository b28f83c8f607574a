/* Panels of 8 and 4 bits: sizes, encoding, decoding. */
#include "tensor/quant.h"

#include <math.h>
#include <string.h>

#include "base/checked.h"

enum { ROWS = ASK_QUANT_ROWS, GROUP = ASK_QUANT_GROUP };

int ask_quant_zero(ask_dtype type)
{
    return type == ASK_Q8 ? 128 : 8;
}

/* ---- sizes ---- */

int64_t ask_quant_columns(int64_t k)
{
    return (k + GROUP - 1) / GROUP * GROUP;
}

int64_t ask_quant_n_panels(int64_t n)
{
    return (n + ROWS - 1) / ROWS;
}

static size_t code_bytes(ask_dtype type, int64_t k)
{
    return (size_t)ask_quant_columns(k) * ROWS / (type == ASK_Q8 ? 1 : 2);
}

size_t ask_quant_panel_bytes(ask_dtype type, int64_t k)
{
    size_t scales = (size_t)ask_quant_columns(k) / GROUP * ROWS * sizeof(uint16_t);
    return code_bytes(type, k) + scales; // 17 or 9 lines of 64 bytes for each group
}

bool ask_quant_bytes(size_t *bytes, ask_dtype type, int64_t n, int64_t k)
{
    const int64_t most = INT64_MAX / (4 * ROWS); // so that nothing above wraps
    return n >= 0 && k >= 0 && n <= most && k <= most &&
           ask_mul_size(bytes, (size_t)ask_quant_n_panels(n),
                        ask_quant_panel_bytes(type, k));
}

/* ---- where a code and a scale lie ---- */

static uint8_t get_code(ask_dtype type, const uint8_t *panel, int64_t row, int64_t column)
{
    if (type == ASK_Q8) return panel[(column / 4 * ROWS + row) * 4 + column % 4];
    uint8_t two = panel[(column / 8 * ROWS + row) * 4 + column % 4];
    return column % 8 < 4 ? two & 15 : two >> 4;
}

static void put_code(ask_dtype type, uint8_t *panel, int64_t row, int64_t column, int code)
{
    if (type == ASK_Q8) {
        panel[(column / 4 * ROWS + row) * 4 + column % 4] = (uint8_t)code;
        return;
    }
    uint8_t *two = &panel[(column / 8 * ROWS + row) * 4 + column % 4];
    *two = (uint8_t)(column % 8 < 4 ? (*two & 0xf0) | code : (*two & 0x0f) | code << 4);
}

static size_t scale_at(ask_dtype type, int64_t k, int64_t row, int64_t group)
{
    return code_bytes(type, k) + (size_t)(group * ROWS + row) * sizeof(uint16_t);
}

/* ---- encoding ---- */

enum { LANES = 8 }; // in which groups are summed up, so that compilers make vectors of it

static float sum_lanes(const float lanes[LANES])
{
    float sum = 0;
    for (int i = 0; i < LANES; i++) sum += lanes[i];
    return sum;
}

/* The codes of a group with a scale, less the zero; returns the square of their error.
 * Without calls, for it runs dozens of times for each group. */
static float round_group(float codes[GROUP], const float x[GROUP], float scale, float least,
                         float most)
{
    const float to_even = 12582912.0f; // 1.5 * 2^23: what is added to it loses its fraction
    float inverse = scale == 0 ? 0 : 1 / scale, error[LANES] = {0};
    for (int i = 0; i < GROUP; i += LANES) {
        for (int lane = 0; lane < LANES; lane++) {
            float q = x[i + lane] * inverse;
            q = q < least ? least : q;
            q = q > most ? most : q;
            q = (q + to_even) - to_even;
            float off = x[i + lane] - scale * q;
            codes[i + lane] = q;
            error[lane] += off * off;
        }
    }
    return sum_lanes(error);
}

/* The scale with which given codes are nearest to the numbers: of least squares. */
static float fit_scale(const float codes[GROUP], const float x[GROUP])
{
    float both[LANES] = {0}, own[LANES] = {0};
    for (int i = 0; i < GROUP; i += LANES) {
        for (int lane = 0; lane < LANES; lane++) {
            both[lane] += codes[i + lane] * x[i + lane];
            own[lane] += codes[i + lane] * codes[i + lane];
        }
    }
    float all = sum_lanes(own);
    return all > 0 ? sum_lanes(both) / all : 0;
}

/* What a group is encoded as. */
typedef struct {
    uint16_t scale;
    float codes[GROUP]; // less the zero
    float error;
} encoded_group;

/* Rounds with a scale, and keeps what comes of it if it is the nearest so far. The codes
 * are left in `codes` either way; zeros for a scale that f16 does not have. */
static void try_scale(encoded_group *best, float codes[GROUP], const float x[GROUP],
                      float scale, ask_dtype type)
{
    float most = type == ASK_Q8 ? 127 : 7, least = type == ASK_Q8 ? -127 : -8;
    uint16_t half = ask_f32_to_f16(scale);
    if ((half & 0x7fff) > 0x7bff) {
        memset(codes, 0, GROUP * sizeof *codes);
        return;
    }
    float error = round_group(codes, x, ask_f16_to_f32(half), least, most);
    if (!(error < best->error)) return;
    best->scale = half;
    best->error = error;
    memcpy(best->codes, codes, sizeof best->codes);
}

/* The scale with which the codes are nearest to the numbers. Their largest goes to several
 * places around the outermost codes, on either side of zero, and each time the scale is
 * fitted to the codes that came of it. */
static void encode_group(encoded_group *out, const float x[GROUP], ask_dtype type)
{
    const float from = type == ASK_Q8 ? 126 : 5, to = type == ASK_Q8 ? 128 : 9;
    const int last_side = type == ASK_Q8 ? 1 : -1; // codes of eight bits are symmetric
    float largest = 0, codes[GROUP];
    for (int i = 0; i < GROUP; i++)
        if (fabsf(x[i]) > fabsf(largest)) largest = x[i];
    *out = (encoded_group){.error = INFINITY};
    for (float top = from; top <= to; top += 0.5f) {
        for (int side = 1; side >= last_side; side -= 2) {
            try_scale(out, codes, x, largest / ((float)side * top), type);
            try_scale(out, codes, x, fit_scale(codes, x), type);
        }
    }
}

/* The first number that has no code, or n. */
static int64_t find_bad(ask_dtype type, const float *x, int64_t n)
{
    const float most = 65504.0f * (type == ASK_Q8 ? 127 : 8); // f16's largest scale
    for (int64_t i = 0; i < n; i++)
        if (!(fabsf(x[i]) <= most)) return i;
    return n;
}

bool ask_quant_encode(ask_dtype type, void *panel, const float *rows, int64_t n_rows,
                      int64_t k, int64_t *bad)
{
    *bad = find_bad(type, rows, n_rows * k);
    if (*bad < n_rows * k) return false;
    int zero = ask_quant_zero(type);
    memset(panel, type == ASK_Q8 ? zero : zero | zero << 4, code_bytes(type, k));
    memset((char *)panel + code_bytes(type, k), 0,
           ask_quant_panel_bytes(type, k) - code_bytes(type, k));
    for (int64_t r = 0; r < n_rows; r++) {
        for (int64_t from = 0; from < k; from += GROUP) {
            int n = (int)(k - from < GROUP ? k - from : GROUP);
            float x[GROUP] = {0};
            encoded_group g;
            memcpy(x, rows + r * k + from, (size_t)n * sizeof *x);
            encode_group(&g, x, type);
            memcpy((char *)panel + scale_at(type, k, r, from / GROUP), &g.scale,
                   sizeof g.scale);
            for (int i = 0; i < n; i++)
                put_code(type, panel, r, from + i, (int)g.codes[i] + zero);
        }
    }
    return true;
}

/* ---- decoding ---- */

void ask_quant_decode(ask_dtype type, float *dst, const void *matrix, int64_t row,
                      int64_t k)
{
    const uint8_t *panel =
        (const uint8_t *)matrix + (size_t)(row / ROWS) * ask_quant_panel_bytes(type, k);
    int zero = ask_quant_zero(type);
    float scale = 0;
    for (int64_t i = 0; i < k; i++) {
        if (i % GROUP == 0) {
            uint16_t half;
            memcpy(&half, panel + scale_at(type, k, row % ROWS, i / GROUP), sizeof half);
            scale = ask_f16_to_f32(half);
        }
        dst[i] = scale * (float)(get_code(type, panel, row % ROWS, i) - zero);
    }
}
