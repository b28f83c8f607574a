#include <libavutil/opt.h>

#include "media/quantize_priv.h"
#include "media/writer_priv.h"

/* libav would compare palette indices of neighbouring frames to leave out what did not
 * change; here every frame has a palette of its own. */
static int set_up(AVCodecContext *encoder, AVDictionary **encoder_options,
                  AVDictionary **muxer_options, const ask_writer_options *opt)
{
    (void)encoder, (void)muxer_options, (void)opt;
    return av_dict_set(encoder_options, "gifflags", "-offsetting-transdiff", 0);
}

static bool paint(AVFrame *to, const ask_image *from, const ask_writer_options *opt,
                  ask_error *err)
{
    return ask_quantize(to->data[0], to->linesize[0], (uint32_t *)(void *)to->data[1], from,
                        opt->dither, err);
}

static int end(AVFormatContext *muxer, int64_t last_duration)
{
    return av_opt_set_int(muxer->priv_data, "final_delay", last_duration, 0);
}

/* Times are 1/100 s in 16 bits, and viewers show a delay of 0 or 1 for a tenth of a
 * second. */
const ask_writer_format ask_writer_gif = {
    .ending = ".gif",
    .container = "gif",
    .encoder = "gif",
    .pixels = AV_PIX_FMT_PAL8,
    .max_side_px = 65535,
    .time_base = {1, 100},
    .min_step = 2,
    .max_step = 65535,
    .set_up = set_up,
    .paint = paint,
    .end = end,
};
