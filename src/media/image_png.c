#include <libavutil/imgutils.h>
#include <stdlib.h>
#include <string.h>

#include "media/still_priv.h"

enum { ZLIB_LEVEL = 6 };

static void copy_pixels(AVFrame *to, const ask_image *image, const void *user)
{
    (void)user;
    int row_bytes = image->width * image->channels;
    av_image_copy_plane(to->data[0], to->linesize[0], image->pixels, row_bytes, row_bytes,
                        image->height);
}

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

static ask_still png_of(enum AVPixelFormat pixels)
{
    return (ask_still){
        .encoder = "png",
        .pixels = pixels,
        .compression_level = ZLIB_LEVEL,
        .option = "pred", // each row with the filter that leaves least
        .value = "mixed",
        .fill = copy_pixels,
    };
}

bool ask_image_png(const ask_image *image, uint8_t **out, size_t *n_bytes, ask_error *err)
{
    const ask_still still = png_of(format_of(image));
    AVPacket *packet = ask_still_encode(&still, image, err);
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
    const ask_still still = png_of(format_of(image));
    return ask_still_write(path, &still, image, err);
}

/* ---- with a palette ---- */

static void copy_indices(AVFrame *to, const ask_image *image, const void *palette)
{
    copy_pixels(to, image, NULL);
    memcpy(to->data[1], palette, AVPALETTE_SIZE);
}

bool ask_image_write_palette_png(const ask_image *image,
                                 const uint8_t palette[ASK_PALETTE_SIZE][3],
                                 const char *path, ask_error *err)
{
    uint32_t colors[AVPALETTE_COUNT];
    if (image->channels != 1)
        return ask_fail(err, ASK_ERR_SHAPE, "a palette is for 1 channel, not %d",
                        image->channels);
    for (int i = 0; i < AVPALETTE_COUNT; i++)
        colors[i] = 0xffu << 24 | (uint32_t)palette[i][0] << 16 |
                    (uint32_t)palette[i][1] << 8 | palette[i][2];
    ask_still still = png_of(AV_PIX_FMT_PAL8);
    still.fill = copy_indices;
    still.user = colors;
    return ask_still_write(path, &still, image, err);
}
