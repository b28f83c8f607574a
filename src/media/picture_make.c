/* Decoded frames as RGB pictures. */
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <math.h>
#include <string.h>

#include "media/source_libav_priv.h"

/* Everything at full precision, and the same bits on every processor: colour differences
 * are interpolated for each pixel, sums are rounded, no step is approximated. */
enum {
    SCALER_FLAGS = SWS_BICUBIC | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP |
                   SWS_ACCURATE_RND | SWS_BITEXACT
};

/* ---- what the frame says about its colours ---- */

static bool is_full_range(const AVFrame *f)
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

static int matrix_of(const AVFrame *f)
{
    switch (f->colorspace) {
    case AVCOL_SPC_BT709:
        return SWS_CS_ITU709;
    case AVCOL_SPC_FCC:
        return SWS_CS_FCC;
    case AVCOL_SPC_SMPTE240M:
        return SWS_CS_SMPTE240M;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
        return SWS_CS_BT2020;
    default:
        return SWS_CS_ITU601;
    }
}

/* ---- conversion ---- */

static bool has_alpha(const AVFrame *f)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(f->format);
    return desc && desc->flags & (AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL);
}

/* Makes the scaler anew when a frame differs from the one before. */
static bool prepare(ask_picture_maker *m, const AVFrame *f, int width, int height,
                    ask_error *err)
{
    int key[8] = {f->width,     f->height, f->format, is_full_range(f),
                  matrix_of(f), width,     height,    has_alpha(f)};
    if (m->scaler && memcmp(key, m->key, sizeof key) == 0) return true;
    ask_picture_maker_close(m);
    memcpy(m->key, key, sizeof key);
    if (!sws_isSupportedInput(f->format))
        return ask_fail(err, ASK_ERR_UNSUPPORTED, "pixels of type %s are not read",
                        av_get_pix_fmt_name(f->format));
    m->scaler = sws_getContext(f->width, f->height, f->format, width, height,
                               has_alpha(f) ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24,
                               SCALER_FLAGS, NULL, NULL, NULL);
    if (!m->scaler) return ask_fail_memory(err);
    sws_setColorspaceDetails(m->scaler, sws_getCoefficients(matrix_of(f)), is_full_range(f),
                             sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
    if (ask_image_new(&m->flat, width, height, has_alpha(f) ? 4 : 3, err)) return true;
    ask_picture_maker_close(m);
    return false;
}

static void put_on_white(ask_image *rgb, const ask_image *rgba)
{
    size_t n = (size_t)rgba->width * (size_t)rgba->height;
    const uint8_t *from = rgba->pixels;
    uint8_t *to = rgb->pixels;
    for (size_t i = 0; i < n; i++, from += 4, to += 3)
        for (int c = 0; c < 3; c++)
            to[c] = (uint8_t)((from[c] * from[3] + 255 * (255 - from[3]) + 127) / 255);
}

/* Puts the picture in m->flat on white and turns it; the result is in m->upright. */
static bool finish(ask_picture_maker *m, ask_orientation orientation, ask_error *err)
{
    ask_image_free(&m->upright);
    if (m->flat.channels == 3)
        return ask_image_orient(&m->upright, &m->flat, orientation, err);
    if (!ask_image_new(&m->upright, m->flat.width, m->flat.height, 3, err)) return false;
    put_on_white(&m->upright, &m->flat);
    return orientation == ASK_UPRIGHT ||
           ask_image_orient(&m->upright, &m->upright, orientation, err);
}

bool ask_picture_make(ask_picture_maker *m, const ask_image **out, const AVFrame *frame,
                      int width, int height, ask_orientation orientation, ask_error *err)
{
    if (!prepare(m, frame, width, height, err)) return false;
    uint8_t *rows[4] = {m->flat.pixels};
    int strides[4] = {width * m->flat.channels};
    sws_scale(m->scaler, (const uint8_t *const *)frame->data, frame->linesize, 0,
              frame->height, rows, strides);
    bool is_done = m->flat.channels == 3 && orientation == ASK_UPRIGHT;
    if (!is_done && !finish(m, orientation, err)) return false;
    *out = is_done ? &m->flat : &m->upright;
    return true;
}

void ask_picture_maker_close(ask_picture_maker *m)
{
    sws_freeContext(m->scaler);
    m->scaler = NULL;
    ask_image_free(&m->flat);
    ask_image_free(&m->upright);
}

/* ---- the display matrix ---- */

/* The matrix maps stored to displayed places: x' = ax + cy, y' = bx + dy, in 16.16. What
 * counts is which of the eight ways to lay a picture it is. */
ask_orientation ask_orientation_of_matrix(const int32_t *matrix)
{
    if (!matrix) return ASK_UPRIGHT;
    double a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
    bool is_straight = fabs(b) < fabs(a) / 64 && fabs(c) < fabs(d) / 64;
    bool is_turned = fabs(a) < fabs(b) / 64 && fabs(d) < fabs(c) / 64;
    if (is_straight && d > 0) return a > 0 ? ASK_UPRIGHT : ASK_FLIP_X;
    if (is_straight) return a > 0 ? ASK_FLIP_Y : ASK_TURN_180;
    if (is_turned && c > 0) return b > 0 ? ASK_TRANSPOSE : ASK_TURN_270;
    if (is_turned) return b > 0 ? ASK_TURN_90 : ASK_TRANSVERSE;
    return ASK_UPRIGHT;
}

int ask_orientation_degrees(ask_orientation orientation)
{
    switch (orientation) {
    case ASK_UPRIGHT:
    case ASK_FLIP_X:
        return 0;
    case ASK_TURN_180:
    case ASK_FLIP_Y:
        return 180;
    case ASK_TURN_90:
    case ASK_TRANSVERSE:
        return 90;
    case ASK_TURN_270:
    case ASK_TRANSPOSE:
        return 270;
    }
    return 0;
}
