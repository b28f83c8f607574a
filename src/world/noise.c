/* world/noise.c - block compression in integers.
 *
 * The transform is the 8 x 8 one of H.264 (Gordon, Marpe & Wiegand 2004): its rows are not
 * of one length, so that quantising multiplies by the lengths and taking back divides by
 * them. */
#include "world/noise.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 8, SIDE = 2 * BLOCK, ROW_BYTES = SIDE * 3, MIDDLE = 128 };
enum { PAIR_BYTES = 2 * ROW_BYTES };

typedef int16_t block[BLOCK][BLOCK];

/* What quantising takes, for each coefficient. */
typedef struct {
    block to_level;   // 65536 / (step * length)
    block from_level; // 64 * step / length
} quantizer;

/* What is compressed at a time: 16 x 16 pixels, as four blocks of brightness and one of
 * each colour difference, all around 0. */
typedef struct {
    uint8_t pairs[SIDE / 2][PAIR_BYTES]; // of rows
} square;

typedef struct {
    block luma[2][2], blue, red;
} blocks;

// --- The transform -----------------------------------------------------------------------

/* Down the columns; across them it is the same to the compiler's vectors. */
static void transform_columns(block b)
{
    for (int x = 0; x < BLOCK; x++) {
        int16_t s0 = (int16_t)(b[0][x] + b[7][x]), d0 = (int16_t)(b[0][x] - b[7][x]);
        int16_t s1 = (int16_t)(b[1][x] + b[6][x]), d1 = (int16_t)(b[1][x] - b[6][x]);
        int16_t s2 = (int16_t)(b[2][x] + b[5][x]), d2 = (int16_t)(b[2][x] - b[5][x]);
        int16_t s3 = (int16_t)(b[3][x] + b[4][x]), d3 = (int16_t)(b[3][x] - b[4][x]);
        int16_t e0 = (int16_t)(s0 + s3), e1 = (int16_t)(s1 + s2);
        int16_t e2 = (int16_t)(s0 - s3), e3 = (int16_t)(s1 - s2);
        b[0][x] = (int16_t)(e0 + e1);
        b[4][x] = (int16_t)(e0 - e1);
        b[2][x] = (int16_t)(e2 + (e3 >> 1));
        b[6][x] = (int16_t)((e2 >> 1) - e3);
        int16_t o0 = (int16_t)(d1 + d2 + d0 + (d0 >> 1));
        int16_t o1 = (int16_t)(d0 - d3 - d2 - (d2 >> 1));
        int16_t o2 = (int16_t)(d0 + d3 - d1 - (d1 >> 1));
        int16_t o3 = (int16_t)(d1 - d2 + d3 + (d3 >> 1));
        b[1][x] = (int16_t)(o0 + (o3 >> 2));
        b[3][x] = (int16_t)(o1 + (o2 >> 2));
        b[5][x] = (int16_t)(o2 - (o1 >> 2));
        b[7][x] = (int16_t)((o0 >> 2) - o3);
    }
}

static void restore_columns(block b)
{
    for (int x = 0; x < BLOCK; x++) {
        int16_t a0 = (int16_t)(b[0][x] + b[4][x]), a1 = (int16_t)(b[0][x] - b[4][x]);
        int16_t a2 = (int16_t)((b[2][x] >> 1) - b[6][x]);
        int16_t a3 = (int16_t)(b[2][x] + (b[6][x] >> 1));
        int16_t e0 = (int16_t)(a0 + a3), e1 = (int16_t)(a1 + a2);
        int16_t e2 = (int16_t)(a1 - a2), e3 = (int16_t)(a0 - a3);
        int16_t o0 = (int16_t)(b[5][x] - b[3][x] - b[7][x] - (b[7][x] >> 1));
        int16_t o1 = (int16_t)(b[1][x] + b[7][x] - b[3][x] - (b[3][x] >> 1));
        int16_t o2 = (int16_t)(b[7][x] - b[1][x] + b[5][x] + (b[5][x] >> 1));
        int16_t o3 = (int16_t)(b[3][x] + b[5][x] + b[1][x] + (b[1][x] >> 1));
        int16_t f0 = (int16_t)(o0 + (o3 >> 2)), f1 = (int16_t)(o1 + (o2 >> 2));
        int16_t f2 = (int16_t)((o1 >> 2) - o2), f3 = (int16_t)(o3 - (o0 >> 2));
        b[0][x] = (int16_t)(e0 + f3);
        b[7][x] = (int16_t)(e0 - f3);
        b[1][x] = (int16_t)(e1 + f2);
        b[6][x] = (int16_t)(e1 - f2);
        b[2][x] = (int16_t)(e2 + f1);
        b[5][x] = (int16_t)(e2 - f1);
        b[3][x] = (int16_t)(e3 + f0);
        b[4][x] = (int16_t)(e3 - f0);
    }
}

/* Of 64 numbers the two halves in turns: i goes to 2 i modulo 63. */
static void shuffle_block(block out, block from)
{
    int16_t *restrict to = out[0];
    const int16_t *first = from[0], *second = from[BLOCK / 2];
    for (int i = 0; i < BLOCK * BLOCK / 2; i++) {
        to[2 * i] = first[i];
        to[2 * i + 1] = second[i];
    }
}

/* Rows become columns: three times doubled, place 8 y + x is 8 x + y modulo 63. */
static void turn_over(block b)
{
    block t;
    shuffle_block(t, b);
    shuffle_block(b, t);
    shuffle_block(t, b);
    memcpy(b, t, sizeof t);
}

// --- Quantising --------------------------------------------------------------------------

/* The step doubles every 6, as that of H.264. */
static quantizer quantizer_of(int strength)
{
    static const int steps_x16[6] = {10, 11, 13, 14, 16, 18};
    static const unsigned char kinds[BLOCK] = {0, 1, 2, 1, 0, 1, 2, 1};
    static const int lengths_x1024[3][3] = {
        {8192, 8704, 6476}, {8704, 9248, 6881}, {6476, 6881, 5120}};
    int step_x16 = steps_x16[strength % 6] << strength / 6;
    quantizer q;
    for (int y = 0; y < BLOCK; y++) {
        for (int x = 0; x < BLOCK; x++) {
            int64_t length = lengths_x1024[kinds[y]][kinds[x]];
            q.to_level[y][x] =
                (int16_t)(((int64_t)65536 * 16 * 1024) / (step_x16 * length));
            q.from_level[y][x] = (int16_t)(64 / 16 * 1024 * step_x16 / length);
        }
    }
    return q;
}

/* A level begins three quarters of a step before its value. */
static void quantize(block b, const quantizer *restrict q)
{
    for (int y = 0; y < BLOCK; y++) {
        for (int x = 0; x < BLOCK; x++) {
            int16_t minus = (int16_t)(b[y][x] >> 15),
                    size = (int16_t)((b[y][x] ^ minus) - minus);
            int16_t level = (int16_t)((size * q->to_level[y][x] + 65536 / 4) >> 16);
            b[y][x] = (int16_t)(((level ^ minus) - minus) * q->from_level[y][x]);
        }
    }
}

static void compress_block(block b, const quantizer *q)
{
    transform_columns(b);
    turn_over(b);
    transform_columns(b);
    quantize(b, q);
    restore_columns(b);
    turn_over(b);
    restore_columns(b);
    for (int y = 0; y < BLOCK; y++) {
        for (int x = 0; x < BLOCK; x++) b[y][x] = (int16_t)((b[y][x] + 32) >> 6);
    }
}

// --- Colours -----------------------------------------------------------------------------

/* Two rows of a square, by colours. */
typedef union {
    uint8_t of[3][2][SIDE];
    uint8_t all[PAIR_BYTES];
} row_pair;

/* Pixels of neighbouring places are computed alike, and colours apart: so they are sorted.
 * A shuffle takes the two halves in turns: i goes to 2 i modulo 95. */
static void shuffle(uint8_t out[restrict PAIR_BYTES], const uint8_t from[PAIR_BYTES])
{
    for (int i = 0; i < PAIR_BYTES / 2; i++) {
        out[2 * i] = from[i];
        out[2 * i + 1] = from[PAIR_BYTES / 2 + i];
    }
}

static void unshuffle(uint8_t out[restrict PAIR_BYTES], const uint8_t from[PAIR_BYTES])
{
    for (int i = 0; i < PAIR_BYTES / 2; i++) {
        out[i] = from[2 * i];
        out[PAIR_BYTES / 2 + i] = from[2 * i + 1];
    }
}

/* Five times doubled, place 3 pixel + color is 32 color + pixel modulo 95. */
static void sort_by_color(row_pair *out, const uint8_t from[PAIR_BYTES])
{
    uint8_t a[PAIR_BYTES], b[PAIR_BYTES];
    shuffle(a, from);
    shuffle(b, a);
    shuffle(a, b);
    shuffle(b, a);
    shuffle(out->all, b);
}

static void sort_by_pixel(uint8_t out[PAIR_BYTES], const row_pair *from)
{
    uint8_t a[PAIR_BYTES], b[PAIR_BYTES];
    unshuffle(a, from->all);
    unshuffle(b, a);
    unshuffle(a, b);
    unshuffle(b, a);
    unshuffle(out, b);
}

/* Brightness of each pixel. */
static void fill_luma(blocks *out, const row_pair *p, int y)
{
    for (int row = 0; row < 2; row++) {
        int16_t luma[SIDE];
        for (int x = 0; x < SIDE; x++) {
            int r = p->of[0][row][x], g = p->of[1][row][x], b = p->of[2][row][x];
            uint16_t sum = (uint16_t)(77 * r + 150 * g + 29 * b + 128);
            luma[x] = (int16_t)((sum >> 8) - MIDDLE);
        }
        for (int i = 0; i < 2; i++)
            memcpy(out->luma[y / BLOCK][i][y % BLOCK + row], luma + i * BLOCK,
                   sizeof out->luma[0][0][0]);
    }
}

/* Sums of 2 x 2. */
static void add_up(int16_t out[restrict BLOCK], const uint8_t from[2][SIDE])
{
    int16_t column[SIDE];
    for (int x = 0; x < SIDE; x++) column[x] = (int16_t)(from[0][x] + from[1][x]);
    for (int x = 0; x < BLOCK; x++) out[x] = (int16_t)(column[2 * x] + column[2 * x + 1]);
}

/* The two colour differences, as means of 2 x 2 pixels. */
static void fill_differences(int16_t blue[restrict BLOCK], int16_t red[restrict BLOCK],
                             const row_pair *p)
{
    int16_t sum[3][BLOCK];
    for (int c = 0; c < 3; c++) add_up(sum[c], p->of[c]);
    for (int x = 0; x < BLOCK; x++) {
        int r = sum[0][x], g = sum[1][x], b = sum[2][x];
        blue[x] = (int16_t)((-43 * r - 85 * g + 128 * b + 512) >> 10);
        red[x] = (int16_t)((128 * r - 107 * g - 21 * b + 512) >> 10);
    }
}

static void split_colors(blocks *out, const square *from)
{
    for (int y = 0; y < SIDE; y += 2) {
        row_pair p;
        sort_by_color(&p, from->pairs[y / 2]);
        fill_luma(out, &p, y);
        fill_differences(out->blue[y / 2], out->red[y / 2], &p);
    }
}

/* What the colour differences of two rows add to their brightness. */
static void fill_tints(int16_t tint[restrict 3][SIDE], const int16_t blue[BLOCK],
                       const int16_t red[BLOCK])
{
    for (int x = 0; x < BLOCK; x++) {
        int b = blue[x], r = red[x];
        tint[0][2 * x] = tint[0][2 * x + 1] = (int16_t)(MIDDLE + ((359 * r + 128) >> 8));
        tint[1][2 * x] = tint[1][2 * x + 1] =
            (int16_t)(MIDDLE - ((88 * b + 183 * r + 128) >> 8));
        tint[2][2 * x] = tint[2][2 * x + 1] = (int16_t)(MIDDLE + ((454 * b + 128) >> 8));
    }
}

static void tint_row(uint8_t out[restrict SIDE], const int16_t luma[SIDE],
                     const int16_t tint[SIDE])
{
    for (int x = 0; x < SIDE; x++) {
        int16_t v = (int16_t)(luma[x] + tint[x]);
        v = v < 0 ? 0 : v;
        out[x] = (uint8_t)(v > 255 ? 255 : v);
    }
}

static void join_colors(square *out, const blocks *from)
{
    for (int y = 0; y < SIDE; y += 2) {
        row_pair p;
        int16_t tint[3][SIDE];
        fill_tints(tint, from->blue[y / 2], from->red[y / 2]);
        for (int row = 0; row < 2; row++) {
            int16_t luma[SIDE];
            for (int i = 0; i < 2; i++)
                memcpy(luma + i * BLOCK, from->luma[y / BLOCK][i][y % BLOCK + row],
                       sizeof from->luma[0][0][0]);
            for (int c = 0; c < 3; c++) tint_row(p.of[c][row], luma, tint[c]);
        }
        sort_by_pixel(out->pairs[y / 2], &p);
    }
}

// --- Pictures ----------------------------------------------------------------------------

static void compress_square(square *s, const quantizer *q)
{
    blocks b;
    split_colors(&b, s);
    for (int i = 0; i < 4; i++) compress_block(b.luma[i / 2][i % 2], q);
    compress_block(b.blue, q);
    compress_block(b.red, q);
    join_colors(s, &b);
}

static void copy_square(square *out, const ask_image *image, int x, int y)
{
    const uint8_t *from = image->pixels + (y * image->width + x) * 3;
    for (int row = 0; row < SIDE; row++, from += image->width * 3)
        memcpy(out->pairs[row / 2] + row % 2 * ROW_BYTES, from, ROW_BYTES);
}

static void put_square(ask_image *image, int x, int y, const square *from)
{
    uint8_t *out = image->pixels + (y * image->width + x) * 3;
    for (int row = 0; row < SIDE; row++, out += image->width * 3)
        memcpy(out, from->pairs[row / 2] + row % 2 * ROW_BYTES, ROW_BYTES);
}

/* One place in all pictures, from the first to the last. */
static void compress_place(ask_image *images, int n_images, int x, int y,
                           const quantizer *q)
{
    square before, now, compressed;
    for (int i = 0; i < n_images; i++) {
        copy_square(&now, &images[i], x, y);
        if (i == 0 || memcmp(&now, &before, sizeof now) != 0) {
            compressed = now;
            compress_square(&compressed, q);
        }
        put_square(&images[i], x, y, &compressed);
        before = now;
    }
}

void ask_noise_compress(ask_image *images, int n_images, int strength)
{
    if (strength <= 0) return;
    const quantizer q = quantizer_of(strength < ASK_NOISE_MAX ? strength : ASK_NOISE_MAX);
    for (int y = 0; y < images->height; y += SIDE) {
        for (int x = 0; x < images->width; x += SIDE)
            compress_place(images, n_images, x, y, &q);
    }
}
