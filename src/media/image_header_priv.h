/* media/image_header_priv.h - what the first bytes of a picture's file tell. */
#ifndef ASK_MEDIA_IMAGE_HEADER_PRIV_H
#define ASK_MEDIA_IMAGE_HEADER_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum { ASK_PICTURE_PNG, ASK_PICTURE_JPEG, ASK_PICTURE_WEBP } ask_picture_format;

/* What bytes begin like; false for none of them. 12 bytes are enough. */
bool ask_picture_format_of(ask_picture_format *out, const uint8_t *bytes, size_t n_bytes);

typedef struct {
    ask_picture_format format;
    int64_t width, height; // as stored; at least 1
} ask_picture_header;

/* Recognises PNG, JPEG and WebP by their content, of which the beginning is enough. Fails
 * with ASK_ERR_FORMAT (none of them, or malformed) or ASK_ERR_UNSUPPORTED (a GIF or an
 * animation, which open as videos). The message does not say the name. */
bool ask_picture_header_read(ask_picture_header *out, const uint8_t *bytes, size_t n_bytes,
                             ask_error *err);

/* Whether a file that begins well also comes to its end, as far as libavcodec does not find
 * out itself: it takes a progressive JPEG that is cut off for a coarse one. */
bool ask_picture_is_whole(ask_picture_format format, const uint8_t *bytes, size_t n_bytes);

#endif
