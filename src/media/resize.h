/* media/resize.h - resampling as Pillow does it, bit for bit.
 *
 * Every destination pixel is a weighted mean of source pixels; when shrinking, the filter
 * widens so that every source pixel counts. Two passes, rows first, with 8-bit pixels
 * between them and weights in fixed point with 22 fraction bits. An axis that keeps its
 * size is not filtered. RGBA is filtered with its colours weighted by their alpha, except
 * by ASK_RESIZE_NEAREST. After: Pillow 9.4, Image.resize (of 13.0, a few pixels
 * differ by 1); the cubic is Keys 1981 with a = -0.5, the windowed sinc Duchon 1979. */
#ifndef ASK_MEDIA_RESIZE_H
#define ASK_MEDIA_RESIZE_H

#include "media/image.h"

typedef enum {
    ASK_RESIZE_NEAREST, // the source pixel under the centre; the only one that never mixes
    ASK_RESIZE_BOX,
    ASK_RESIZE_BILINEAR,
    ASK_RESIZE_HAMMING,
    ASK_RESIZE_BICUBIC,
    ASK_RESIZE_LANCZOS, // three lobes
} ask_resize_filter;

/* Makes *out a new picture of width x height px with the channels of `in`; in == out is not
 * allowed. Fails, with *out untouched: ASK_ERR_LIMIT for sides outside 1..65535,
 * ASK_ERR_NOMEM. */
ASK_API bool ask_resize(ask_image *out, const ask_image *in, int width, int height,
                        ask_resize_filter filter, ask_error *err);

/* The same for one channel of floats, as Pillow's mode F: sums in double, floats between
 * the passes. src: [height, width]; dst: [dst_height, dst_width], apart from src. Fails as
 * ask_resize does. */
ASK_API bool ask_resize_f32(float *dst, int dst_width, int dst_height, const float *src,
                            int width, int height, ask_resize_filter filter,
                            ask_error *err);

/* Makes *out a copy of the part of `in` that begins at (x, y); in == out is not allowed.
 * Fails, with *out untouched: ASK_ERR_SHAPE for a part that is empty or reaches outside,
 * ASK_ERR_NOMEM. */
ASK_API bool ask_crop(ask_image *out, const ask_image *in, int x, int y, int width,
                      int height, ask_error *err);

#endif
