/* Decoders, and how they are set up so that the way to a frame does not change its bits. */
#include "base/cpu.h"
#include "media/libav_priv.h"
#include "media/source_libav_priv.h"

enum { MAX_THREADS = 4, PADDING_PX = 128 };

/* Refuses sizes beyond the limits before memory is taken for a frame. */
static int get_buffer(AVCodecContext *codec, AVFrame *frame, int flags)
{
    const ask_video_options *o = codec->opaque;
    if (frame->width > o->max_side_px + PADDING_PX ||
        frame->height > o->max_side_px + PADDING_PX)
        return AVERROR(EINVAL);
    return avcodec_default_get_buffer2(codec, frame, flags);
}

/* Whether a decoder's threads may be used. libavcodec's own (5.1: H.264, MPEG-4) lose the
 * sign of damage in some runs and fill gaps by timing, so the same frame would not always
 * have the same bits; dav1d's are sound. */
static bool has_sound_threads(enum AVCodecID codec)
{
    return codec == AV_CODEC_ID_AV1;
}

static int threads_of(const ask_video_options *o, enum AVCodecID codec, ask_damage damage)
{
    if (damage != ASK_DAMAGE_STOPS || !has_sound_threads(codec)) return 1;
    int n = o->n_threads > 0 ? o->n_threads : ask_cpu_count();
    return n > MAX_THREADS && o->n_threads <= 0 ? MAX_THREADS : n;
}

static void set_up(AVCodecContext *codec, const ask_packets *p, ask_damage damage)
{
    const ask_video_options *o = p->options;
    codec->opaque = (void *)o;
    codec->get_buffer2 = get_buffer;
    codec->pkt_timebase = p->time_base;
    // Decoders count padded rows and columns; the exact size was checked before.
    codec->max_pixels = o->max_pixels + (int64_t)PADDING_PX * 2 * o->max_side_px;
    codec->thread_count = threads_of(o, codec->codec_id, damage);
    codec->thread_type = FF_THREAD_FRAME;
    codec->flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_UNALIGNED;
    // H.264 streams that do not say how far frames are reordered: take the most that their
    // level allows, else the decoder learns it as it goes and drops frames on the way.
    if (codec->codec_id == AV_CODEC_ID_H264)
        codec->strict_std_compliance = FF_COMPLIANCE_STRICT;
}

static AVCodecContext *open_decoder(const ask_packets *p, ask_damage damage, ask_error *err)
{
    const AVCodec *kind = avcodec_find_decoder(p->stream->codecpar->codec_id);
    AVCodecContext *codec = avcodec_alloc_context3(kind);
    if (!codec || avcodec_parameters_to_context(codec, p->stream->codecpar) < 0) {
        ask_fail_memory(err);
        goto fail;
    }
    set_up(codec, p, damage);
    int code = avcodec_open2(codec, kind, NULL);
    if (code < 0) {
        ask_fail_libav(err, code, "the %s decoder does not start", kind->name);
        goto fail;
    }
    return codec;

fail:
    avcodec_free_context(&codec);
    return NULL;
}

AVCodecContext *ask_decoders_begin(ask_decoders *d, const ask_packets *p, ask_damage damage,
                                   ask_error *err)
{
    AVCodecContext **codec = damage == ASK_DAMAGE_STOPS ? &d->many : &d->one;
    if (*codec)
        avcodec_flush_buffers(*codec);
    else
        *codec = open_decoder(p, damage, err);
    if (!*codec) return NULL;
    (*codec)->err_recognition =
        damage == ASK_DAMAGE_FILLED
            ? 0
            : AV_EF_EXPLODE | AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
    return *codec;
}

void ask_decoders_close(ask_decoders *d)
{
    avcodec_free_context(&d->many);
    avcodec_free_context(&d->one);
}
