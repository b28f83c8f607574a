#include "media/image_pixels_priv.h"

#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <stdlib.h>
#include <string.h>

/* One row of the picture, unpacked: up to four samples a pixel, one array each. */
typedef struct {
    int width;
    bool has_alpha;
    uint8_t *sample[4]; // red, green, blue, alpha; or Y, Cb, Cr, alpha; owned, one block
    uint16_t *wide;     // room for one component as libav unpacks it; owned
} row;

static bool row_new(row *r, int width, ask_error *err)
{
    size_t n = (size_t)width;
    *r = (row){.width = width};
    r->sample[0] = malloc(4 * n);
    r->wide = malloc(n * sizeof *r->wide);
    if (!r->sample[0] || !r->wide)
        return ask_fail(err, ASK_ERR_NOMEM, "out of memory for a row of %d pixels", width);
    for (int c = 1; c < 4; c++) r->sample[c] = r->sample[0] + (size_t)c * n;
    return true;
}

static void row_free(row *r)
{
    free(r->sample[0]);
    free(r->wide);
}

static uint8_t clamp(int value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* ---- grey, palette and RGB ---- */

/* Component c of row y as bytes. */
static void unpack_component(row *r, uint8_t *to, const AVFrame *f,
                             const AVPixFmtDescriptor *desc, int y, int c)
{
    av_read_image_line2(r->wide, (const uint8_t **)(void *)f->data, f->linesize, desc, 0, y,
                        c, r->width, 0, sizeof *r->wide);
    int depth = desc->comp[c].depth;
    for (int x = 0; x < r->width; x++)
        to[x] = (uint8_t)(depth == 1  ? 255 * r->wide[x]
                          : depth > 8 ? r->wide[x] >> (depth - 8)
                                      : r->wide[x]);
}

static void unpack_palette(row *r, const AVFrame *f, int y)
{
    const uint8_t *index = f->data[0] + (ptrdiff_t)y * f->linesize[0];
    for (int x = 0; x < r->width; x++) {
        uint32_t argb;
        memcpy(&argb, f->data[1] + 4 * (size_t)index[x], sizeof argb);
        r->sample[0][x] = (uint8_t)(argb >> 16);
        r->sample[1][x] = (uint8_t)(argb >> 8);
        r->sample[2][x] = (uint8_t)argb;
        r->sample[3][x] = (uint8_t)(argb >> 24);
    }
}

static void unpack_direct(row *r, const AVFrame *f, const AVPixFmtDescriptor *desc, int y)
{
    if (desc->flags & AV_PIX_FMT_FLAG_PAL) {
        unpack_palette(r, f, y);
        return;
    }
    int n_colors = desc->nb_components - r->has_alpha;
    for (int c = 0; c < n_colors; c++) unpack_component(r, r->sample[c], f, desc, y, c);
    if (r->has_alpha) unpack_component(r, r->sample[3], f, desc, y, n_colors);
    if (n_colors == 1)
        for (int c = 1; c < 3; c++) memcpy(r->sample[c], r->sample[0], (size_t)r->width);
}

/* ---- Y, Cb, Cr ---- */

/* JPEG uses all of 0..255, WebP 16..235 for brightness. */
static bool is_jpeg(const AVFrame *f)
{
    switch (f->format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ411P:
        return true;
    default:
        return f->color_range == AVCOL_RANGE_JPEG;
    }
}

/* A plane of colour differences, which may have half the width or height of the picture. */
typedef struct {
    const uint8_t *data;
    ptrdiff_t stride;
    int width, height;
    int shift_x, shift_y; // log2 of how many pixels a sample covers
    bool is_jpeg;
} plane;

static plane plane_of(const AVFrame *f, const AVPixFmtDescriptor *desc, int c)
{
    int sx = desc->log2_chroma_w, sy = desc->log2_chroma_h;
    return (plane){
        .data = f->data[c],
        .stride = f->linesize[c],
        .width = AV_CEIL_RSHIFT(f->width, sx),
        .height = AV_CEIL_RSHIFT(f->height, sy),
        .shift_x = sx,
        .shift_y = sy,
        .is_jpeg = is_jpeg(f),
    };
}

static const uint8_t *plane_row(const plane *p, int y)
{
    int inside = y < 0 ? 0 : y >= p->height ? p->height - 1 : y;
    return p->data + inside * p->stride;
}

static int inside(const plane *p, int x)
{
    return x < 0 ? 0 : x >= p->width ? p->width - 1 : x;
}

static void widen_by_repeating(uint8_t *to, const plane *p, int y, int width)
{
    const uint8_t *from = plane_row(p, y >> p->shift_y);
    for (int x = 0; x < width; x++) to[x] = from[x >> p->shift_x];
}

/* Half the width: 3/4 of the nearer sample and 1/4 of the other; halves go down for the
 * left pixel of a pair and up for the right one. At the borders there is no other. */
static void widen_x(uint8_t *to, const plane *p, int y, int width)
{
    const uint8_t *from = plane_row(p, y);
    for (int x = 0; x < width; x++) {
        int near = from[x / 2], other = from[inside(p, x / 2 + (x & 1 ? 1 : -1))];
        to[x] = (uint8_t)((3 * near + other + (x & 1 ? 2 : 1)) >> 2);
    }
}

/* The nearer and the other row for row y of a picture with planes of half the height. */
static const uint8_t *other_row(const plane *p, int y)
{
    return plane_row(p, y / 2 + (y & 1 ? 1 : -1));
}

static void widen_y(uint8_t *to, const plane *p, int y, int width)
{
    const uint8_t *near = plane_row(p, y / 2), *other = other_row(p, y);
    for (int x = 0; x < width; x++)
        to[x] = (uint8_t)((3 * near[x] + other[x] + (y & 1 ? 2 : 1)) >> 2);
}

/* Half the width and the height: 9/16 of the nearest sample, 3/16 of its neighbours in the
 * row and in the column, 1/16 of the one across; rounded in each library's way. */
static void widen_xy(uint8_t *to, const plane *p, int y, int width)
{
    const uint8_t *near = plane_row(p, y / 2), *other = other_row(p, y);
    for (int x = 0; x < width; x++) {
        int at = x / 2, beside = inside(p, at + (x & 1 ? 1 : -1));
        int a = near[at], b = near[beside], c = other[at], d = other[beside];
        to[x] = (uint8_t)(p->is_jpeg ? (9 * a + 3 * b + 3 * c + d + (x & 1 ? 7 : 8)) >> 4
                                     : (((a + 3 * b + 3 * c + d + 8) >> 3) + a) >> 1);
    }
}

/* libjpeg-turbo does not smooth across two columns or fewer, and nobody smooths other
 * ratios than these. */
static void widen(uint8_t *to, const plane *p, int y, int width)
{
    bool smooth_x = p->shift_x == 1 && (p->width > 2 || !p->is_jpeg);
    if (smooth_x && p->shift_y == 0)
        widen_x(to, p, y, width);
    else if (smooth_x && p->shift_y == 1)
        widen_xy(to, p, y, width);
    else if (p->shift_x == 0 && p->shift_y == 1)
        widen_y(to, p, y, width);
    else
        widen_by_repeating(to, p, y, width);
}

/* Full range, 16 fraction bits. After: ITU-T T.871. */
static void full_to_rgb(row *r)
{
    enum { HALF = 1 << 15 };
    for (int x = 0; x < r->width; x++) {
        int luma = r->sample[0][x], cb = r->sample[1][x] - 128, cr = r->sample[2][x] - 128;
        r->sample[0][x] = clamp(luma + ((91881 * cr + HALF) >> 16));
        r->sample[1][x] = clamp(luma + ((-22554 * cb - 46802 * cr + HALF) >> 16));
        r->sample[2][x] = clamp(luma + ((116130 * cb + HALF) >> 16));
    }
}

/* 16..235, 6 fraction bits in the sums. After: ITU-R BT.601. */
static void video_to_rgb(row *r)
{
    for (int x = 0; x < r->width; x++) {
        int cb = r->sample[1][x], cr = r->sample[2][x];
        int luma = (r->sample[0][x] * 19077) >> 8;
        r->sample[0][x] = clamp((luma + ((cr * 26149) >> 8) - 14234) >> 6);
        r->sample[1][x] =
            clamp((luma - ((cb * 6419) >> 8) - ((cr * 13320) >> 8) + 8708) >> 6);
        r->sample[2][x] = clamp((luma + ((cb * 33050) >> 8) - 17685) >> 6);
    }
}

static void unpack_yuv(row *r, const AVFrame *f, const AVPixFmtDescriptor *desc, int y)
{
    size_t n = (size_t)r->width;
    memcpy(r->sample[0], f->data[0] + (ptrdiff_t)y * f->linesize[0], n);
    for (int c = 1; c < 3; c++) {
        plane p = plane_of(f, desc, c);
        widen(r->sample[c], &p, y, r->width);
    }
    if (r->has_alpha) memcpy(r->sample[3], f->data[3] + (ptrdiff_t)y * f->linesize[3], n);
    if (is_jpeg(f))
        full_to_rgb(r);
    else
        video_to_rgb(r);
}

/* ---- the whole picture ---- */

static uint8_t on_white(uint8_t value, uint8_t alpha)
{
    return (uint8_t)((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

static void pack(uint8_t *rgb, const row *r)
{
    for (int x = 0; x < r->width; x++)
        for (int c = 0; c < 3; c++, rgb++)
            *rgb =
                r->has_alpha ? on_white(r->sample[c][x], r->sample[3][x]) : r->sample[c][x];
}

typedef void unpack_fn(row *r, const AVFrame *f, const AVPixFmtDescriptor *desc, int y);

/* How this way to store pixels is unpacked; NULL where it is not one of pictures. */
static unpack_fn *unpack_for(const AVPixFmtDescriptor *desc)
{
    if (!desc || desc->flags & (AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_FLOAT))
        return NULL;
    bool is_rgb = desc->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL);
    if (is_rgb || desc->nb_components < 3) return unpack_direct;
    bool is_planar = desc->flags & AV_PIX_FMT_FLAG_PLANAR;
    return is_planar && desc->comp[0].depth == 8 ? unpack_yuv : NULL;
}

bool ask_image_from_frame(ask_image *out, const AVFrame *frame, ask_error *err)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(frame->format);
    unpack_fn *unpack = unpack_for(desc);
    if (!unpack)
        return ask_fail(err, ASK_ERR_UNSUPPORTED, "pixels of type %s are not read",
                        desc ? desc->name : "unknown");
    ask_image image = {0};
    row r;
    bool ok = row_new(&r, frame->width, err) &&
              ask_image_new(&image, frame->width, frame->height, 3, err);
    if (ok) {
        r.has_alpha = desc->flags & (AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL);
        for (int y = 0; y < image.height; y++) {
            unpack(&r, frame, desc, y);
            pack(image.pixels + (size_t)y * 3 * (size_t)image.width, &r);
        }
        *out = image;
    }
    row_free(&r);
    return ok;
}
