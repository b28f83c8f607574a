#include <stdlib.h>
#include <string.h>

#include "media/resize_priv.h"

bool ask_resize_check(int width, int height, ask_error *err)
{
    enum { MOST = 65535 };
    if (width >= 1 && width <= MOST && height >= 1 && height <= MOST) return true;
    return ask_fail(err, ASK_ERR_LIMIT,
                    "resizing to %d x %d px: each side can be from 1 to %d px", width,
                    height, MOST);
}

static size_t row_bytes(const ask_image *image)
{
    return (size_t)image->width * (size_t)image->channels;
}

static uint8_t *row_at(const ask_image *image, int y)
{
    return image->pixels + (size_t)y * row_bytes(image);
}

/* ---- nearest ---- */

static inline void pick(uint8_t *dst, const uint8_t *src, const int *column, int n,
                        size_t channels)
{
    for (int x = 0; x < n; x++)
        memcpy(dst + (size_t)x * channels, src + (size_t)column[x] * channels, channels);
}

/* Copies of a size that the compiler knows are several times as fast. */
static void pick_row(uint8_t *dst, const uint8_t *src, const int *column, int n,
                     int channels)
{
    switch (channels) {
    case 1:
        pick(dst, src, column, n, 1);
        break;
    case 3:
        pick(dst, src, column, n, 3);
        break;
    case 4:
        pick(dst, src, column, n, 4);
        break;
    }
}

static bool resize_nearest(ask_image *out, const ask_image *in, int width, int height,
                           ask_error *err)
{
    ask_image made = {0};
    int *column = ask_taps_nearest(in->width, width, err);
    int *row = column ? ask_taps_nearest(in->height, height, err) : NULL;
    bool ok = row && ask_image_new(&made, width, height, in->channels, err);
    if (ok) {
        for (int y = 0; y < height; y++)
            pick_row(row_at(&made, y), row_at(in, row[y]), column, width, in->channels);
        *out = made;
    }
    free(column);
    free(row);
    return ok;
}

/* ---- weighted: along rows ---- */

/* Eight rows are filtered at once: turned into columns of eight bytes, one column for each
 * channel of each pixel, every vector is full, whatever the channels are. */
enum { STRIP = 8 };

typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* Transposes 8 x 8 bytes; three perfect shuffles of 64 bytes do it. */
static void transpose(bytes16 m[4])
{
    for (int i = 0; i < 3; i++) {
        bytes16 a = m[0], b = m[1], c = m[2], d = m[3];
        m[0] = __builtin_shufflevector(a, c, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6,
                                       22, 7, 23);
        m[1] = __builtin_shufflevector(a, c, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29,
                                       14, 30, 15, 31);
        m[2] = __builtin_shufflevector(b, d, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6,
                                       22, 7, 23);
        m[3] = __builtin_shufflevector(b, d, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29,
                                       14, 30, 15, 31);
    }
}

/* columns: [n, STRIP]. */
static void columns_from_rows(uint8_t *columns, uint8_t *const rows[STRIP], size_t n)
{
    size_t i = 0;
    for (; i + STRIP <= n; i += STRIP) {
        uint8_t block[STRIP * STRIP];
        bytes16 m[4];
        for (int r = 0; r < STRIP; r++) memcpy(block + STRIP * r, rows[r] + i, STRIP);
        memcpy(m, block, sizeof m);
        transpose(m);
        memcpy(columns + STRIP * i, m, sizeof m);
    }
    for (; i < n; i++)
        for (int r = 0; r < STRIP; r++) columns[STRIP * i + (size_t)r] = rows[r][i];
}

static void rows_from_columns(uint8_t *const rows[STRIP], const uint8_t *columns, size_t n)
{
    size_t i = 0;
    for (; i + STRIP <= n; i += STRIP) {
        uint8_t block[STRIP * STRIP];
        bytes16 m[4];
        memcpy(m, columns + STRIP * i, sizeof m);
        transpose(m);
        memcpy(block, m, sizeof m);
        for (int r = 0; r < STRIP; r++) memcpy(rows[r] + i, block + STRIP * r, STRIP);
    }
    for (; i < n; i++)
        for (int r = 0; r < STRIP; r++) rows[r][i] = columns[STRIP * i + (size_t)r];
}

/* The rows of a strip; where the picture ends, its last row again. */
static void strip_rows(uint8_t *rows[STRIP], const ask_image *image, int y)
{
    for (int r = 0; r < STRIP; r++)
        rows[r] = row_at(image, y + r < image->height ? y + r : image->height - 1);
}

static void filter_rows(ask_image *out, const ask_image *in, const ask_taps *taps,
                        const int32_t *weight, uint8_t *columns_in, uint8_t *columns_out)
{
    ask_weigh_fn *weigh = ask_weigh_best();
    const size_t pixel = (size_t)in->channels * STRIP;
    for (int y = 0; y < in->height; y += STRIP) {
        uint8_t *rows[STRIP];
        strip_rows(rows, in, y);
        columns_from_rows(columns_in, rows, row_bytes(in));
        for (int x = 0; x < out->width; x++)
            weigh(columns_out + (size_t)x * pixel,
                  columns_in + (size_t)taps->first[x] * pixel, pixel,
                  weight + (size_t)x * (size_t)taps->most, taps->count[x], pixel);
        strip_rows(rows, out, y);
        rows_from_columns(rows, columns_out, row_bytes(out));
    }
}

static bool resize_rows(ask_image *out, const ask_image *in, int width,
                        ask_resize_filter filter, ask_error *err)
{
    ask_taps taps = {0};
    int32_t *weight = NULL;
    uint8_t *columns_in = NULL, *columns_out = NULL;
    ask_image made = {0};
    bool ok = false;
    if (!ask_taps_new(&taps, filter, in->width, width, err)) goto done;
    weight = ask_taps_fixed(&taps, err);
    if (!weight || !ask_image_new(&made, width, in->height, in->channels, err)) goto done;
    columns_in = malloc(STRIP * row_bytes(in));
    columns_out = malloc(STRIP * row_bytes(&made));
    if (!columns_in || !columns_out) {
        ask_fail_memory(err);
        ask_image_free(&made);
        goto done;
    }
    filter_rows(&made, in, &taps, weight, columns_in, columns_out);
    *out = made;
    ok = true;

done:
    ask_taps_free(&taps);
    free(weight);
    free(columns_in);
    free(columns_out);
    return ok;
}

/* ---- weighted: along columns ---- */

static bool resize_columns(ask_image *out, const ask_image *in, int height,
                           ask_resize_filter filter, ask_error *err)
{
    ask_taps taps = {0};
    ask_image made = {0};
    if (!ask_taps_new(&taps, filter, in->height, height, err)) return false;
    int32_t *weight = ask_taps_fixed(&taps, err);
    bool ok = weight && ask_image_new(&made, in->width, height, in->channels, err);
    if (ok) {
        ask_weigh_fn *weigh = ask_weigh_best();
        for (int y = 0; y < height; y++)
            weigh(row_at(&made, y), row_at(in, taps.first[y]), row_bytes(in),
                  weight + (size_t)y * (size_t)taps.most, taps.count[y], row_bytes(in));
        *out = made;
    }
    ask_taps_free(&taps);
    free(weight);
    return ok;
}

static bool resize_weighted(ask_image *out, const ask_image *in, int width, int height,
                            ask_resize_filter filter, ask_error *err)
{
    if (height == in->height) return resize_rows(out, in, width, filter, err);
    if (width == in->width) return resize_columns(out, in, height, filter, err);
    ask_image between = {0};
    bool ok = resize_rows(&between, in, width, filter, err) &&
              resize_columns(out, &between, height, filter, err);
    ask_image_free(&between);
    return ok;
}

/* ---- alpha ---- */

static size_t count_pixels(const ask_image *image)
{
    return (size_t)image->width * (size_t)image->height;
}

/* Colours times alpha / 255, rounded. */
static void premultiply(ask_image *image)
{
    uint8_t *p = image->pixels;
    for (size_t i = 0; i < count_pixels(image); i++, p += 4) {
        for (int c = 0; c < 3; c++) {
            unsigned product = (unsigned)p[c] * p[3] + 128;
            p[c] = (uint8_t)((product + (product >> 8)) >> 8);
        }
    }
}

/* And back, cut to whole numbers. */
static void unpremultiply(ask_image *image)
{
    uint8_t *p = image->pixels;
    for (size_t i = 0; i < count_pixels(image); i++, p += 4) {
        if (p[3] == 0 || p[3] == 255) continue;
        for (int c = 0; c < 3; c++) {
            unsigned value = 255u * p[c] / p[3];
            p[c] = (uint8_t)(value < 255 ? value : 255);
        }
    }
}

static bool resize_rgba(ask_image *out, const ask_image *in, int width, int height,
                        ask_resize_filter filter, ask_error *err)
{
    ask_image weighted = {0};
    if (!ask_image_copy(&weighted, in, err)) return false;
    premultiply(&weighted);
    bool ok = resize_weighted(out, &weighted, width, height, filter, err);
    if (ok) unpremultiply(out);
    ask_image_free(&weighted);
    return ok;
}

/* ---- */

bool ask_resize(ask_image *out, const ask_image *in, int width, int height,
                ask_resize_filter filter, ask_error *err)
{
    if (!ask_resize_check(width, height, err)) return false;
    if (width == in->width && height == in->height) return ask_image_copy(out, in, err);
    if (filter == ASK_RESIZE_NEAREST) return resize_nearest(out, in, width, height, err);
    if (in->channels == 4) return resize_rgba(out, in, width, height, filter, err);
    return resize_weighted(out, in, width, height, filter, err);
}

bool ask_crop(ask_image *out, const ask_image *in, int x, int y, int width, int height,
              ask_error *err)
{
    if (x < 0 || y < 0 || width < 1 || height < 1 || width > in->width - x ||
        height > in->height - y)
        return ask_fail(err, ASK_ERR_SHAPE,
                        "crop of %d x %d px at (%d, %d): it must lie inside the picture of "
                        "%d x %d px",
                        width, height, x, y, in->width, in->height);
    ask_image made = {0};
    if (!ask_image_new(&made, width, height, in->channels, err)) return false;
    for (int row = 0; row < height; row++)
        memcpy(row_at(&made, row), row_at(in, y + row) + (size_t)x * (size_t)in->channels,
               row_bytes(&made));
    *out = made;
    return true;
}
