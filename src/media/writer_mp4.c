#include <string.h>

#include "media/writer_priv.h"

/* ---- colours ---- */

enum { BITS = 16, HD_HEIGHT = 720 };

/* Brightness and colour differences in 16 fraction bits: rows Y, Cb, Cr of R, G, B, scaled
 * to 219 and 224 steps. After: ITU-R BT.601 and BT.709. */
typedef struct {
    int of[3][3];
} matrix;

static const matrix bt601 = {
    {{16829, 33039, 6416}, {-9714, -19070, 28784}, {28784, -24103, -4681}}};
static const matrix bt709 = {
    {{11966, 40254, 4064}, {-6596, -22188, 28784}, {28784, -26145, -2639}}};

static bool is_hd(int height)
{
    return height >= HD_HEIGHT;
}

static int weigh(const int of[3], int r, int g, int b)
{
    return of[0] * r + of[1] * g + of[2] * b;
}

/* A pixel; beyond the picture, the last of its row or column. */
static const uint8_t *pixel(const ask_image *image, int x, int y)
{
    if (x >= image->width) x = image->width - 1;
    if (y >= image->height) y = image->height - 1;
    return image->pixels + 3 * ((size_t)y * (size_t)image->width + (size_t)x);
}

/* Four pixels: one brightness each, and colour differences of their mean. */
static void paint_block(AVFrame *to, const matrix *m, const ask_image *from, int x, int y)
{
    enum { HALF = 1 << (BITS - 1), DARK = 16, NEUTRAL = 128 };
    int sum[3] = {0};
    for (int i = 0; i < 4; i++) {
        int at_x = x + (i & 1), at_y = y + (i >> 1);
        const uint8_t *rgb = pixel(from, at_x, at_y);
        for (int c = 0; c < 3; c++) sum[c] += rgb[c];
        int luma = weigh(m->of[0], rgb[0], rgb[1], rgb[2]) + (DARK << BITS) + HALF;
        to->data[0][at_y * to->linesize[0] + at_x] = (uint8_t)(luma >> BITS);
    }
    for (int c = 1; c < 3; c++) {
        int chroma = weigh(m->of[c], sum[0], sum[1], sum[2]) +
                     4 * ((NEUTRAL << BITS) + HALF); // the sum of four
        to->data[c][y / 2 * to->linesize[c] + x / 2] = (uint8_t)(chroma >> (BITS + 2));
    }
}

static bool paint(AVFrame *to, const ask_image *from, const ask_writer_options *opt,
                  ask_error *err)
{
    (void)opt, (void)err;
    const matrix *m = is_hd(to->height) ? &bt709 : &bt601;
    for (int y = 0; y < to->height; y += 2)
        for (int x = 0; x < to->width; x += 2) paint_block(to, m, from, x, y);
    return true;
}

/* ---- x264 ---- */

/* libx264 itself would complain on stderr. */
static bool is_preset(const char *name)
{
    static const char *const presets[] = {"ultrafast", "superfast", "veryfast", "faster",
                                          "fast",      "medium",    "slow",     "slower",
                                          "veryslow",  "placebo"};
    for (size_t i = 0; name && i < sizeof presets / sizeof *presets; i++)
        if (strcmp(name, presets[i]) == 0) return true;
    return false;
}

static bool check(const ask_writer_options *o, ask_error *err)
{
    if (o->crf < 0 || o->crf > 51)
        return ask_fail(err, ASK_ERR_USAGE, "crf is 0 to 51, not %d", o->crf);
    if (o->gop < 1)
        return ask_fail(err, ASK_ERR_USAGE, "gop is at least 1, not %d", o->gop);
    if (o->n_threads < 1)
        return ask_fail(err, ASK_ERR_USAGE, "n_threads is at least 1, not %d",
                        o->n_threads);
    if (!is_preset(o->preset))
        return ask_fail(err, ASK_ERR_USAGE,
                        "x264 has no preset \"%s\"; \"veryfast\" and \"medium\" are two",
                        o->preset ? o->preset : "");
    return true;
}

static int set_up(AVCodecContext *encoder, AVDictionary **encoder_options,
                  AVDictionary **muxer_options, const ask_writer_options *opt)
{
    encoder->framerate = (AVRational){opt->fps_num, opt->fps_den};
    encoder->gop_size = opt->gop;
    encoder->thread_count = opt->n_threads;
    encoder->color_range = AVCOL_RANGE_MPEG;
    encoder->colorspace = is_hd(encoder->height) ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
    encoder->color_primaries = AVCOL_PRI_BT709;
    encoder->color_trc = AVCOL_TRC_BT709;
    encoder->chroma_sample_location = AVCHROMA_LOC_CENTER;
    int result = av_dict_set(encoder_options, "preset", opt->preset, 0);
    if (result >= 0) result = av_dict_set_int(encoder_options, "crf", opt->crf, 0);
    if (result >= 0) // ticks are kept as they are
        result = av_dict_set_int(muxer_options, "video_track_timescale", opt->fps_num, 0);
    return result;
}

const ask_writer_format ask_writer_mp4 = {
    .ending = ".mp4",
    .container = "mp4",
    .encoder = "libx264",
    .pixels = AV_PIX_FMT_YUV420P,
    .max_side_px = 16384,
    .even_sides = true,
    .time_base = {0, 1},
    .min_step = 1,
    .max_step = INT32_MAX,
    .check = check,
    .set_up = set_up,
    .paint = paint,
};
