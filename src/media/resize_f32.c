#include <stdlib.h>
#include <string.h>

#include "media/resize_priv.h"

/* Floats to fill or to read: [height, width]. */
typedef struct {
    int width, height;
    float *values;
} field;

static float *row_at(const field *f, int y)
{
    return f->values + (size_t)y * (size_t)f->width;
}

static bool resize_nearest(field dst, field src, ask_error *err)
{
    int *column = ask_taps_nearest(src.width, dst.width, err);
    int *row = column ? ask_taps_nearest(src.height, dst.height, err) : NULL;
    if (row) {
        for (int y = 0; y < dst.height; y++)
            for (int x = 0; x < dst.width; x++)
                row_at(&dst, y)[x] = row_at(&src, row[y])[column[x]];
    }
    bool ok = row != NULL;
    free(column);
    free(row);
    return ok;
}

static bool resize_rows(field dst, field src, ask_resize_filter filter, ask_error *err)
{
    ask_taps taps = {0};
    if (!ask_taps_new(&taps, filter, src.width, dst.width, err)) return false;
    for (int y = 0; y < dst.height; y++) {
        for (int x = 0; x < dst.width; x++) {
            const float *from = row_at(&src, y) + taps.first[x];
            const double *weight = taps.weight + (size_t)x * (size_t)taps.most;
            double sum = 0;
            for (int t = 0; t < taps.count[x]; t++) sum += from[t] * weight[t];
            row_at(&dst, y)[x] = (float)sum;
        }
    }
    ask_taps_free(&taps);
    return true;
}

/* One row out of several; pieces of it, so that the sums stay in registers. */
static void weigh_rows(float *dst, const float *src, int width, const double *weight,
                       int n_weights)
{
    enum { PIECE = 8 };
    for (int x = 0; x < width; x += PIECE) {
        int n = width - x < PIECE ? width - x : PIECE;
        double sum[PIECE] = {0};
        const float *from = src + x;
        for (int t = 0; t < n_weights; t++, from += width)
            for (int i = 0; i < n; i++) sum[i] += from[i] * weight[t];
        for (int i = 0; i < n; i++) dst[x + i] = (float)sum[i];
    }
}

static bool resize_columns(field dst, field src, ask_resize_filter filter, ask_error *err)
{
    ask_taps taps = {0};
    if (!ask_taps_new(&taps, filter, src.height, dst.height, err)) return false;
    for (int y = 0; y < dst.height; y++)
        weigh_rows(row_at(&dst, y), row_at(&src, taps.first[y]), dst.width,
                   taps.weight + (size_t)y * (size_t)taps.most, taps.count[y]);
    ask_taps_free(&taps);
    return true;
}

static bool resize_both(field dst, field src, ask_resize_filter filter, ask_error *err)
{
    field between = {.width = dst.width, .height = src.height};
    size_t n = (size_t)between.width * (size_t)between.height;
    between.values = malloc(n * sizeof *between.values);
    if (!between.values) return ask_fail_memory(err);
    bool ok =
        resize_rows(between, src, filter, err) && resize_columns(dst, between, filter, err);
    free(between.values);
    return ok;
}

bool ask_resize_f32(float *dst, int dst_width, int dst_height, const float *src, int width,
                    int height, ask_resize_filter filter, ask_error *err)
{
    if (!ask_resize_check(dst_width, dst_height, err) ||
        !ask_resize_check(width, height, err))
        return false;
    const field to = {dst_width, dst_height, dst};
    const field from = {width, height, (float *)src}; // only read
    if (width == dst_width && height == dst_height) {
        memcpy(dst, src, (size_t)width * (size_t)height * sizeof *dst);
        return true;
    }
    if (filter == ASK_RESIZE_NEAREST) return resize_nearest(to, from, err);
    if (height == dst_height) return resize_rows(to, from, filter, err);
    if (width == dst_width) return resize_columns(to, from, filter, err);
    return resize_both(to, from, filter, err);
}
