/* media/still_priv.h - one picture through an encoder of libav. */
#ifndef ASK_MEDIA_STILL_PRIV_H
#define ASK_MEDIA_STILL_PRIV_H

#include <libavcodec/avcodec.h>

#include "media/image.h"

typedef struct {
    const char *encoder; // libav's name
    enum AVPixelFormat pixels;
    enum AVColorRange range;
    int compression_level;      // of encoders that have one
    int quantizer;              // 0: none
    const char *option, *value; // one of the encoder's own; NULL: none
    /* Writes the image's pixels into a frame of these pixels and the image's size. */
    void (*fill)(AVFrame *to, const ask_image *image, const void *user);
    const void *user; // of fill
} ask_still;

/* The whole file in a packet, which the caller frees with av_packet_free; NULL on failure:
 * ASK_ERR_UNSUPPORTED without the encoder, ASK_ERR_NOMEM. */
AVPacket *ask_still_encode(const ask_still *still, const ask_image *image, ask_error *err);

/* The same into a file, all or nothing. */
bool ask_still_write(const char *path, const ask_still *still, const ask_image *image,
                     ask_error *err);

#endif
