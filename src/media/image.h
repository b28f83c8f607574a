/* media/image.h - pictures in memory, and pictures in files.
 *
 * 8-bit pixels, rows from the top, channels interleaved: [height, width, channels]. */
#ifndef ASK_MEDIA_IMAGE_H
#define ASK_MEDIA_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct {
    int width, height;
    int channels;    // 1 grey, 3 RGB, 4 RGBA
    uint8_t *pixels; // owned; width * channels bytes a row, no padding
} ask_image;

/* Zeroed pixels. Fails with ASK_ERR_LIMIT for sides outside 1..65535, ASK_ERR_NOMEM. */
ASK_API bool ask_image_new(ask_image *out, int width, int height, int channels,
                           ask_error *err);
ASK_API bool ask_image_copy(ask_image *out, const ask_image *from, ask_error *err);
ASK_API void ask_image_free(ask_image *image); // NULL and {0} are fine; leaves {0}

typedef struct {
    size_t struct_size;
    int64_t max_bytes;  // of the file
    int64_t max_pixels; // of the picture, checked before anything is allocated for it
} ask_image_limits;
ASK_API ask_image_limits ask_image_default_limits(void); // 256 MiB, 128 megapixels

/* Reads PNG, JPEG or WebP, recognised by content, as RGB. Transparent pixels are put on
 * white; 16-bit samples keep their upper byte; the orientation that JPEG and WebP keep in
 * EXIF is applied. PNG and WebP give the pixels that Pillow gives; JPEG differs by rounding
 * in the cosine transform: at most 1 in grey, 3 in colour.
 *
 * parse: name stands in front of messages. limits may be NULL. Fails: ASK_ERR_IO (read
 * only), ASK_ERR_FORMAT (not a picture, damaged, cut off), ASK_ERR_UNSUPPORTED (GIF and
 * animations), ASK_ERR_LIMIT (from the header, before memory is taken), ASK_ERR_NOMEM. */
ASK_API bool ask_image_read(ask_image *out, const char *path,
                            const ask_image_limits *limits, ask_error *err);
ASK_API bool ask_image_parse(ask_image *out, const void *bytes, size_t n_bytes,
                             const char *name, const ask_image_limits *limits,
                             ask_error *err);

enum { ASK_PALETTE_SIZE = 256 };

/* Writes PNG (1, 3 or 4 channels), all or nothing. */
ASK_API bool ask_image_write_png(const ask_image *image, const char *path, ask_error *err);
/* The same in memory; *out is freed with free(). */
ASK_API bool ask_image_png(const ask_image *image, uint8_t **out, size_t *n_bytes,
                           ask_error *err);

/* Writes a PNG that numbers its colours, all or nothing: the image has 1 channel, whose
 * values are places in the palette of R, G, B. Masks of many data sets are such. */
ASK_API bool ask_image_write_palette_png(const ask_image *image,
                                         const uint8_t palette[ASK_PALETTE_SIZE][3],
                                         const char *path, ask_error *err);

/* Writes a JPEG of an RGB image, all or nothing; quantizer is 1 (finest) to 31. Fails also:
 * ASK_ERR_SHAPE, ASK_ERR_USAGE. */
ASK_API bool ask_image_write_jpeg(const ask_image *image, int quantizer, const char *path,
                                  ask_error *err);

#endif
