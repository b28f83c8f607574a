#include <libavcodec/avcodec.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/options.h"
#include "media/image.h"
#include "media/image_header_priv.h"
#include "media/image_orient_priv.h"
#include "media/image_pixels_priv.h"
#include "media/libav_priv.h"

ask_image_limits ask_image_default_limits(void)
{
    return (ask_image_limits){
        .struct_size = sizeof(ask_image_limits),
        .max_bytes = INT64_C(256) << 20,
        .max_pixels = INT64_C(128) << 20,
    };
}

static ask_image_limits take_limits(const ask_image_limits *given)
{
    ask_image_limits limits = ask_image_default_limits();
    ask_options_take(&limits, sizeof limits, given);
    return limits;
}

static bool fail_damaged(ask_error *err)
{
    return ask_fail(err, ASK_ERR_FORMAT, "the picture is damaged or cut off");
}

static bool check_limits(const ask_picture_header *h, size_t n_bytes,
                         const ask_image_limits *limits, ask_error *err)
{
    // libav counts the bytes of a packet, and what it puts behind them, in an int.
    int64_t most = limits->max_bytes;
    if (most > INT_MAX - AV_INPUT_BUFFER_PADDING_SIZE)
        most = INT_MAX - AV_INPUT_BUFFER_PADDING_SIZE;
    if (n_bytes > (uint64_t)most)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "the picture's file has %zu bytes; at most %lld", n_bytes,
                        (long long)most);
    if (h->width > limits->max_pixels / h->height)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "a picture of %lld x %lld pixels; at most %lld pixels are read",
                        (long long)h->width, (long long)h->height,
                        (long long)limits->max_pixels);
    return true;
}

static const char *decoder_name(ask_picture_format format)
{
    switch (format) {
    case ASK_PICTURE_PNG:
        return "png";
    case ASK_PICTURE_JPEG:
        return "mjpeg";
    case ASK_PICTURE_WEBP:
        return "webp";
    }
    return NULL;
}

static AVCodecContext *open_decoder(const ask_picture_header *h, ask_error *err)
{
    enum { PADDING_PX = 128 }; // libav pads rows and columns, and counts them

    const char *name = decoder_name(h->format);
    const AVCodec *codec = avcodec_find_decoder_by_name(name);
    if (!codec) {
        ask_fail(err, ASK_ERR_UNSUPPORTED, "this libavcodec has no decoder \"%s\"", name);
        return NULL;
    }
    AVCodecContext *decoder = avcodec_alloc_context3(codec);
    if (!decoder) {
        ask_fail(err, ASK_ERR_NOMEM, "out of memory for a decoder");
        return NULL;
    }
    decoder->thread_count = 1;
    decoder->max_pixels = (h->width + PADDING_PX) * (h->height + PADDING_PX);
    decoder->idct_algo = FF_IDCT_INT; // the transform that libjpeg uses, to the bit
    decoder->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER |
                               AV_EF_EXPLODE; // damage is an error, not a grey patch
    int result = avcodec_open2(decoder, codec, NULL);
    if (result < 0) {
        ask_fail_libav(err, result, "opening the decoder \"%s\"", name);
        avcodec_free_context(&decoder);
    }
    return decoder;
}

/* Decodes the one picture in the bytes into f. */
static bool decode(AVFrame *f, AVCodecContext *decoder, const void *bytes, size_t n_bytes,
                   ask_error *err)
{
    AVPacket *packet = av_packet_alloc();
    int result = packet ? av_new_packet(packet, (int)n_bytes) : AVERROR(ENOMEM);
    if (result >= 0) {
        memcpy(packet->data, bytes, n_bytes);
        result = avcodec_send_packet(decoder, packet);
    }
    if (result >= 0) result = avcodec_send_packet(decoder, NULL);
    if (result >= 0) result = avcodec_receive_frame(decoder, f);
    av_packet_free(&packet);
    if (result == AVERROR_EOF || result == AVERROR_INVALIDDATA || f->decode_error_flags)
        return fail_damaged(err);
    return result >= 0 || ask_fail_libav(err, result, "decoding the picture");
}

/* What EXIF says, if anything. */
static ask_orientation orientation_of(const AVFrame *f)
{
    const AVDictionaryEntry *e = av_dict_get(f->metadata, "Orientation", NULL, 0);
    long value = e ? strtol(e->value, NULL, 10) : ASK_UPRIGHT;
    return value >= ASK_UPRIGHT && value <= ASK_TURN_270 ? (ask_orientation)value
                                                         : ASK_UPRIGHT;
}

/* Converts and turns. */
static bool finish(ask_image *out, const AVFrame *f, const ask_picture_header *h,
                   ask_error *err)
{
    if (f->width != h->width || f->height != h->height)
        return ask_fail(err, ASK_ERR_FORMAT,
                        "the header says %lld x %lld pixels, the picture has %d x %d",
                        (long long)h->width, (long long)h->height, f->width, f->height);
    ask_image image;
    if (!ask_image_from_frame(&image, f, err)) return false;
    ask_orientation orientation = orientation_of(f);
    if (orientation != ASK_UPRIGHT && !ask_image_orient(&image, &image, orientation, err)) {
        ask_image_free(&image);
        return false;
    }
    *out = image;
    return true;
}

bool ask_image_parse(ask_image *out, const void *bytes, size_t n_bytes, const char *name,
                     const ask_image_limits *limits, ask_error *err)
{
    ask_image_limits within = take_limits(limits);
    ask_libav_quiet();
    AVCodecContext *decoder = NULL;
    AVFrame *frame = NULL;
    ask_picture_header header;
    bool ok = ask_picture_header_read(&header, bytes, n_bytes, err) &&
              check_limits(&header, n_bytes, &within, err) &&
              (ask_picture_is_whole(header.format, bytes, n_bytes) || fail_damaged(err)) &&
              (decoder = open_decoder(&header, err));
    if (ok && !(frame = av_frame_alloc()))
        ok = ask_fail(err, ASK_ERR_NOMEM, "out of memory for a picture");
    ok = ok && decode(frame, decoder, bytes, n_bytes, err) &&
         finish(out, frame, &header, err);
    av_frame_free(&frame);
    avcodec_free_context(&decoder);
    return ok || ask_fail_in(err, "%s", name);
}

bool ask_image_read(ask_image *out, const char *path, const ask_image_limits *limits,
                    ask_error *err)
{
    int64_t most = take_limits(limits).max_bytes;
    char *bytes;
    size_t n_bytes;
    if (!ask_file_read(&bytes, &n_bytes, path, most < 0 ? 0 : (size_t)most, err))
        return false;
    bool ok = ask_image_parse(out, bytes, n_bytes, path, limits, err);
    free(bytes);
    return ok;
}
