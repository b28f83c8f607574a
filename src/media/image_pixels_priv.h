/* media/image_pixels_priv.h - the colours of a decoded picture.
 *
 * Stored pictures come as grey, palette, RGB, or brightness and colour differences (Y, Cb,
 * Cr), with or without transparency, in 1 to 16 bits. */
#ifndef ASK_MEDIA_IMAGE_PIXELS_PRIV_H
#define ASK_MEDIA_IMAGE_PIXELS_PRIV_H

#include <libavutil/frame.h>

#include "media/image.h"

/* Converts to RGB on white. Colour differences of fewer pixels are widened and added to the
 * brightness as libjpeg-turbo does it for JPEG (full range) and libwebp for WebP (16..235),
 * bit for bit; 16-bit samples keep their upper byte. ASK_ERR_UNSUPPORTED for other ways to
 * store pixels. */
bool ask_image_from_frame(ask_image *out, const AVFrame *frame, ask_error *err);

#endif
