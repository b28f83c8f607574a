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
typedef struct {
    float of[3][256];
} levels;

static void fill_levels(levels *l, const ask_preprocess *p)
{
    for (int c = 0; c < 3; c++) {
        for (int v = 0; v < 256; v++)
            l->of[c][v] = ((float)(v * p->scale) - p->mean[c]) / p->std[c];
    }
}

static int clamp(int value, int least, int most)
{
    return value < least ? least : value > most ? most : value;
}

/* Columns begin .. end of a row of each of the three planes. */
static void fill_black(float *const plane[3], int begin, int end, const levels *l)
{
    for (int c = 0; c < 3; c++) {
        for (int x = begin; x < end; x++) plane[c][x] = l->of[c][0];
    }
}

/* src: the sample of the first of them. */
static void fill_samples(float *const plane[3], int begin, int end, const uint8_t *src,
                         int channels, const levels *l)
{
    float *red = plane[0], *green = plane[1], *blue = plane[2];
    int second = channels == 1 ? 0 : 1, third = channels == 1 ? 0 : 2;
    for (int x = begin; x < end; x++, src += channels) {
        red[x] = l->of[0][src[0]];
        green[x] = l->of[1][src[second]];
        blue[x] = l->of[2][src[third]];
    }
}

/* The middle of the picture, as numbers. out: [3, size.height, size.width]. */
static void fill_planes(float *out, size_px size, const ask_image *image,
                        const ask_preprocess *p)
{
    levels l;
    fill_levels(&l, p);
    int x0 = crop_begin(image->width, size.width);
    int y0 = crop_begin(image->height, size.height);
    int begin = clamp(-x0, 0, size.width);
    int end = clamp(image->width - x0, begin, size.width);
    size_t n = (size_t)size.width * (size_t)size.height;
    for (int y = 0; y < size.height; y++, out += size.width) {
        float *const plane[3] = {out, out + n, out + 2 * n};
        if (y0 + y < 0 || y0 + y >= image->height) {
            fill_black(plane, 0, size.width, &l);
            continue;
        }
        size_t first = (size_t)(y0 + y) * (size_t)image->width + (size_t)(x0 + begin);
        fill_black(plane, 0, begin, &l);
        fill_samples(plane, begin, end, image->pixels + first * (size_t)image->channels,
                     image->channels, &l);
        fill_black(plane, end, size.width, &l);
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
