#include "media/still_priv.h"

#include "base/file.h"
#include "media/libav_priv.h"

static int open_encoder(AVCodecContext **out, const ask_still *still,
                        const ask_image *image)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(still->encoder);
    if (!codec) return AVERROR_ENCODER_NOT_FOUND;
    AVCodecContext *encoder = *out = avcodec_alloc_context3(codec);
    if (!encoder) return AVERROR(ENOMEM);
    encoder->width = image->width;
    encoder->height = image->height;
    encoder->pix_fmt = still->pixels;
    encoder->color_range = still->range;
    encoder->time_base = (AVRational){1, 1};
    encoder->thread_count = 1;
    encoder->flags |= AV_CODEC_FLAG_BITEXACT;
    encoder->compression_level = still->compression_level;
    if (still->quantizer > 0) {
        encoder->flags |= AV_CODEC_FLAG_QSCALE;
        encoder->global_quality = still->quantizer * FF_QP2LAMBDA;
    }
    AVDictionary *options = NULL;
    int result = still->option ? av_dict_set(&options, still->option, still->value, 0) : 0;
    if (result >= 0) result = avcodec_open2(encoder, codec, &options);
    av_dict_free(&options);
    return result;
}

static int fill_frame(AVFrame *frame, const ask_still *still, const AVCodecContext *encoder,
                      const ask_image *image)
{
    frame->width = image->width;
    frame->height = image->height;
    frame->format = still->pixels;
    frame->color_range = still->range;
    frame->quality = encoder->global_quality;
    int result = av_frame_get_buffer(frame, 0);
    if (result >= 0) still->fill(frame, image, still->user);
    return result;
}

static int encode(AVPacket *packet, const ask_still *still, const ask_image *image)
{
    AVCodecContext *encoder = NULL;
    AVFrame *frame = av_frame_alloc();
    int result = frame ? open_encoder(&encoder, still, image) : AVERROR(ENOMEM);
    if (result >= 0) result = fill_frame(frame, still, encoder, image);
    if (result >= 0) result = avcodec_send_frame(encoder, frame);
    if (result >= 0) result = avcodec_receive_packet(encoder, packet);
    av_frame_free(&frame);
    avcodec_free_context(&encoder);
    return result;
}

AVPacket *ask_still_encode(const ask_still *still, const ask_image *image, ask_error *err)
{
    ask_libav_quiet();
    AVPacket *packet = av_packet_alloc();
    int result = packet ? encode(packet, still, image) : AVERROR(ENOMEM);
    if (result >= 0) return packet;
    ask_fail_libav(err, result, "encoding a picture of %d x %d as %s", image->width,
                   image->height, still->encoder);
    av_packet_free(&packet);
    return NULL;
}

bool ask_still_write(const char *path, const ask_still *still, const ask_image *image,
                     ask_error *err)
{
    AVPacket *packet = ask_still_encode(still, image, err);
    if (!packet) return ask_fail_in(err, "%s", path);
    bool ok = ask_file_write(path, packet->data, (size_t)packet->size, err);
    av_packet_free(&packet);
    return ok;
}
