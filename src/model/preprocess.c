#include "model/preprocess.h"

#include <stddef.h>
#include <string.h>

/* ---- sizes ---- */

typedef struct {
    int width, height;
} size_px;

/* Where the shorter side becomes shorter_px. The quotient is cut, not rounded. */
static bool size_by_shorter(size_px *out, int shorter_px, size_px from, ask_error *err)
{
    enum { MOST = 65535 };
    bool upright = from.width <= from.height;
    int short_px = upright ? from.width : from.height;
    int long_px = upright ? from.height : from.width;
    double longer = (double)shorter_px * long_px / short_px;
    if (longer >= MOST + 1.0)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "a picture of %d x %d px is too long: with its shorter side made "
                        "%d px, the longer one has more than %d",
                        from.width, from.height, shorter_px, MOST);
    *out =
        upright ? (size_px){shorter_px, (int)longer} : (size_px){(int)longer, shorter_px};
    return true;
}

static bool resized_size(size_px *out, const ask_preprocess *p, size_px from,
                         ask_error *err)
{
    if (p->fit == ASK_FIT_SHORTER) return size_by_shorter(out, p->shorter_px, from, err);
    *out = p->fit == ASK_FIT_EXACT ? (size_px){p->width_px, p->height_px} : from;
    return true;
}

static size_px cropped_size(const ask_preprocess *p, size_px from)
{
    return p->crop_width_px ? (size_px){p->crop_width_px, p->crop_height_px} : from;
}

bool ask_preprocess_size(int *width, int *height, const ask_preprocess *p,
                         const ask_image *image, ask_error *err)
{
    size_px size;
    if (!resized_size(&size, p, (size_px){image->width, image->height}, err)) return false;
    size = cropped_size(p, size);
    *width = size.width;
    *height = size.height;
    return true;
}

/* Half of what is cut off a side, downwards; less than 0: half of what is added to it. */
static int crop_begin(int side, int cropped)
{
    int difference = side - cropped;
    return difference >= 0 ? difference / 2 : -((1 - difference) / 2);
}

/* One axis: of `whole` pixels, the middle `part`. */
static void seen_along(double *at, double *size, int whole, int part)
{
    *at = (double)crop_begin(whole, part) / whole;
    *size = (double)part / whole;
}

void ask_preprocess_seen(double *x, double *y, double *width, double *height,
                         const ask_preprocess *p, int width_px, int height_px)
{
    size_px from = {width_px, height_px}, size;
    if (!resized_size(&size, p, from, NULL)) size = from;
    size_px cropped = cropped_size(p, size);
    seen_along(x, width, size.width, cropped.width);
    seen_along(y, height, size.height, cropped.height);
}

/* ---- pixels ---- */

/* What each of the 256 samples of a channel becomes. As NumPy computes it: the product in
 * double, rounded to float; then in float. */
static void fill_levels(float level[256], const ask_preprocess *p, int channel)
{
    for (int v = 0; v < 256; v++)
        level[v] = ((float)(v * p->scale) - p->mean[channel]) / p->std[channel];
}

static int clamp(int value, int least, int most)
{
    return value < least ? least : value > most ? most : value;
}

/* One row of one channel. src: the row of the picture, or NULL where it has none; x0: the
 * column of the picture at which the row begins. */
static void fill_row(float *out, int width, const uint8_t *src, int src_width, int channels,
                     int x0, const float level[256])
{
    int begin = src ? clamp(-x0, 0, width) : width;
    int end = src ? clamp(src_width - x0, begin, width) : width;
    for (int x = 0; x < begin; x++) out[x] = level[0];
    for (int x = begin; x < end; x++) out[x] = level[src[(ptrdiff_t)(x0 + x) * channels]];
    for (int x = end; x < width; x++) out[x] = level[0];
}

/* The middle of the picture, as numbers. out: [3, size.height, size.width]. */
static void fill_planes(float *out, size_px size, const ask_image *image,
                        const ask_preprocess *p)
{
    int x0 = crop_begin(image->width, size.width);
    int y0 = crop_begin(image->height, size.height);
    size_t row_bytes = (size_t)image->width * (size_t)image->channels;
    for (int c = 0; c < 3; c++) {
        float level[256];
        fill_levels(level, p, c);
        const uint8_t *samples = image->pixels + (image->channels == 1 ? 0 : c);
        for (int y = 0; y < size.height; y++, out += size.width) {
            bool inside = y0 + y >= 0 && y0 + y < image->height;
            const uint8_t *row = inside ? samples + (size_t)(y0 + y) * row_bytes : NULL;
            fill_row(out, size.width, row, image->width, image->channels, x0, level);
        }
    }
}

static bool drop_alpha(ask_image *out, const ask_image *image, ask_error *err)
{
    if (!ask_image_new(out, image->width, image->height, 3, err)) return false;
    size_t n = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; i < n; i++) memcpy(out->pixels + 3 * i, image->pixels + 4 * i, 3);
    return true;
}

bool ask_preprocess_apply(float *out, const ask_preprocess *p, const ask_image *image,
                          ask_error *err)
{
    size_px size;
    if (!resized_size(&size, p, (size_px){image->width, image->height}, err)) return false;
    if (size.width == image->width && size.height == image->height) {
        fill_planes(out, cropped_size(p, size), image, p);
        return true;
    }
    ask_image opaque = {0}, resized = {0};
    bool ok = image->channels != 4 || drop_alpha(&opaque, image, err);
    ok = ok && ask_resize(&resized, image->channels == 4 ? &opaque : image, size.width,
                          size.height, p->filter, err);
    if (ok) fill_planes(out, cropped_size(p, size), &resized, p);
    ask_image_free(&opaque);
    ask_image_free(&resized);
    return ok;
}
