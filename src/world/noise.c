/* world/noise.c - block compression in integers.
 *
 * The transform is the 8 x 8 one of H.264 (Gordon, Marpe & Wiegand 2004): its rows are not
 * of one length, so that quantising multiplies by the lengths and taking back divides by
 * them. */
#include "world/noise.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 8, SIDE = 2 * BLOCK, ROW_BYTES = SIDE * 3, MIDDLE = 128 };

typedef int16_t block[BLOCK][BLOCK];

/* What quantising takes, for each coefficient. */
typedef struct {
    int32_t to_level[BLOCK][BLOCK];   // 65536 / (step * length)
    int16_t from_level[BLOCK][BLOCK]; // 64 * step / length
} quantizer;

/* What is compressed at a time: 16 x 16 pixels, as four blocks of brightness and one of
 * each colour difference, all around 0. */
typedef struct {
    uint8_t pixels[SIDE][ROW_BYTES];
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

static void turn_over(block b)
{
    block t;
    for (int y = 0; y < BLOCK; y++) {
        for (int x = 0; x < BLOCK; x++) t[x][y] = b[y][x];
    }
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
                (int32_t)(((int64_t)65536 * 16 * 1024) / (step_x16 * length));
            q.from_level[y][x] = (int16_t)(64 / 16 * 1024 * step_x16 / length);
        }
    }
    return q;
}

/* A level begins three quarters of a step before its value. */
static void quantize(block b, const quantizer *q)
{
    for (int y = 0; y < BLOCK; y++) {
        for (int x = 0; x < BLOCK; x++) {
            int v = b[y][x];
            int level = (abs(v) * q->to_level[y][x] + 65536 / 4) >> 16;
            b[y][x] = (int16_t)((v < 0 ? -level : level) * q->from_level[y][x]);
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

/* Adds a pixel to the sum of its colours; returns its brightness. */
static inline int16_t take_pixel(const uint8_t *pixel, int sum[3])
{
    for (int c = 0; c < 3; c++) sum[c] += pixel[c];
    return (int16_t)(((77 * pixel[0] + 150 * pixel[1] + 29 * pixel[2] + 128) >> 8) -
                     MIDDLE);
}

/* Brightness of each pixel; the two colour differences as means of 2 x 2 pixels. */
static void split_colors(blocks *out, const square *from)
{
    for (int y = 0; y < SIDE; y += 2) {
        const uint8_t *upper = from->pixels[y], *lower = from->pixels[y + 1];
        for (int x = 0; x < SIDE; x += 2) {
            int16_t(*luma)[BLOCK] = &out->luma[y / BLOCK][x / BLOCK][y % BLOCK];
            int sum[3] = {0}, at = x % BLOCK;
            luma[0][at] = take_pixel(upper + 3 * x, sum);
            luma[0][at + 1] = take_pixel(upper + 3 * x + 3, sum);
            luma[1][at] = take_pixel(lower + 3 * x, sum);
            luma[1][at + 1] = take_pixel(lower + 3 * x + 3, sum);
            out->blue[y / 2][x / 2] =
                (int16_t)((-43 * sum[0] - 85 * sum[1] + 128 * sum[2] + 512) >> 10);
            out->red[y / 2][x / 2] =
                (int16_t)((128 * sum[0] - 107 * sum[1] - 21 * sum[2] + 512) >> 10);
        }
    }
}

static inline uint8_t clamp_level(int v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static inline void put_pixel(uint8_t *pixel, int level, const int tint[3])
{
    for (int c = 0; c < 3; c++) pixel[c] = clamp_level(level + tint[c]);
}

static void join_colors(square *out, const blocks *from)
{
    for (int y = 0; y < SIDE; y += 2) {
        uint8_t *upper = out->pixels[y], *lower = out->pixels[y + 1];
        for (int x = 0; x < SIDE; x += 2) {
            const int16_t(*luma)[BLOCK] =
                (const int16_t(*)[BLOCK]) & from->luma[y / BLOCK][x / BLOCK][y % BLOCK];
            int b = from->blue[y / 2][x / 2], r = from->red[y / 2][x / 2], at = x % BLOCK;
            const int tint[3] = {MIDDLE + ((359 * r + 128) >> 8),
                                 MIDDLE - ((88 * b + 183 * r + 128) >> 8),
                                 MIDDLE + ((454 * b + 128) >> 8)};
            put_pixel(upper + 3 * x, luma[0][at], tint);
            put_pixel(upper + 3 * x + 3, luma[0][at + 1], tint);
            put_pixel(lower + 3 * x, luma[1][at], tint);
            put_pixel(lower + 3 * x + 3, luma[1][at + 1], tint);
        }
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
    for (int row = 0; row < SIDE; row++)
        memcpy(out->pixels[row], image->pixels + ((y + row) * image->width + x) * 3,
               ROW_BYTES);
}

static void put_square(ask_image *image, int x, int y, const square *from)
{
    for (int row = 0; row < SIDE; row++)
        memcpy(image->pixels + ((y + row) * image->width + x) * 3, from->pixels[row],
               ROW_BYTES);
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
