#include <string.h>

#include "media/writer_priv.h"
#include "media/yuv_priv.h"

/* ---- colours ---- */

enum { HD_HEIGHT = 720 };

static bool is_hd(int height)
{
    return height >= HD_HEIGHT;
}

static bool paint(AVFrame *to, const ask_image *from, const ask_writer_options *opt,
                  ask_error *err)
{
    (void)opt, (void)err;
    ask_yuv_paint(to, is_hd(to->height) ? &ask_yuv_bt709 : &ask_yuv_bt601, from);
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
