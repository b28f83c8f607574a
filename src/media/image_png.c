#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "media/image.h"
#include "media/libav_priv.h"

enum { ZLIB_LEVEL = 6 };

static enum AVPixelFormat format_of(const ask_image *image)
{
    switch (image->channels) {
    case 1:
        return AV_PIX_FMT_GRAY8;
    case 3:
        return AV_PIX_FMT_RGB24;
    default:
        return AV_PIX_FMT_RGBA;
    }
}

static int open_encoder(AVCodecContext **out, const ask_image *image)
{
    const AVCodec *codec = avcodec_find_encoder_by_name("png");
    if (!codec) return AVERROR_ENCODER_NOT_FOUND;
    AVCodecContext *encoder = *out = avcodec_alloc_context3(codec);
    if (!encoder) return AVERROR(ENOMEM);
    encoder->width = image->width;
    encoder->height = image->height;
    encoder->pix_fmt = format_of(image);
    encoder->time_base = (AVRational){1, 1};
    encoder->thread_count = 1;
    encoder->compression_level = ZLIB_LEVEL;
    AVDictionary *options = NULL; // each row with the filter that leaves least
    int result = av_dict_set(&options, "pred", "mixed", 0);
    if (result >= 0) result = avcodec_open2(encoder, codec, &options);
    av_dict_free(&options);
    return result;
}

static int fill_frame(AVFrame *frame, const ask_image *image)
{
    frame->width = image->width;
    frame->height = image->height;
    frame->format = format_of(image);
    int result = av_frame_get_buffer(frame, 0);
    if (result < 0) return result;
    int row_bytes = image->width * image->channels;
    av_image_copy_plane(frame->data[0], frame->linesize[0], image->pixels, row_bytes,
                        row_bytes, image->height);
    return 0;
}

/* The whole file, in a packet. */
static int encode(AVPacket *packet, const ask_image *image)
{
    AVCodecContext *encoder = NULL;
    AVFrame *frame = av_frame_alloc();
    int result = frame ? open_encoder(&encoder, image) : AVERROR(ENOMEM);
    if (result >= 0) result = fill_frame(frame, image);
    if (result >= 0) result = avcodec_send_frame(encoder, frame);
    if (result >= 0) result = avcodec_receive_packet(encoder, packet);
    av_frame_free(&frame);
    avcodec_free_context(&encoder);
    return result;
}

static AVPacket *encoded(const ask_image *image, ask_error *err)
{
    ask_libav_quiet();
    AVPacket *packet = av_packet_alloc();
    int result = packet ? encode(packet, image) : AVERROR(ENOMEM);
    if (result >= 0) return packet;
    ask_fail_libav(err, result, "encoding a PNG of %d x %d", image->width, image->height);
    av_packet_free(&packet);
    return NULL;
}

bool ask_image_png(const ask_image *image, uint8_t **out, size_t *n_bytes, ask_error *err)
{
    AVPacket *packet = encoded(image, err);
    if (!packet) return false;
    size_t n = (size_t)packet->size;
    uint8_t *bytes = malloc(n);
    if (bytes) {
        memcpy(bytes, packet->data, n);
        *out = bytes;
        *n_bytes = n;
    }
    av_packet_free(&packet);
    return bytes || ask_fail(err, ASK_ERR_NOMEM, "out of memory for a PNG of %zu bytes", n);
}

bool ask_image_write_png(const ask_image *image, const char *path, ask_error *err)
{
    AVPacket *packet = encoded(image, err);
    if (!packet) return ask_fail_in(err, "%s", path);
    bool ok = ask_file_write(path, packet->data, (size_t)packet->size, err);
    av_packet_free(&packet);
    return ok;
}
