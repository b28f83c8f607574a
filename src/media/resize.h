/* media/resize.h - resampling as Pillow does it, bit for bit.
 *
 * Two passes, horizontal first, 8-bit in between, coefficients in fixed point with 22
 * fraction bits; the filter widens when shrinking. After: Pillow 9.4, Image.resize. */
#ifndef ASK_MEDIA_RESIZE_H
#define ASK_MEDIA_RESIZE_H

#include "media/image.h"

typedef enum {
    ASK_RESIZE_NEAREST,
    ASK_RESIZE_BOX,
    ASK_RESIZE_BILINEAR,
    ASK_RESIZE_HAMMING,
    ASK_RESIZE_BICUBIC, // a = -0.5
    ASK_RESIZE_LANCZOS, // three lobes
} ask_resize_filter;

ASK_API bool ask_resize(ask_image *out, const ask_image *in, int width, int height,
                        ask_resize_filter filter, ask_error *err);
/* One channel of floats [height, width], as Pillow's mode F. dst: [dst_height, dst_width].
 */
ASK_API bool ask_resize_f32(float *dst, int dst_width, int dst_height, const float *src,
                            int width, int height, ask_resize_filter filter,
                            ask_error *err);
/* The part of a picture from (x, y); it must lie inside. */
ASK_API bool ask_crop(ask_image *out, const ask_image *in, int x, int y, int width,
                      int height, ask_error *err);
#endif
