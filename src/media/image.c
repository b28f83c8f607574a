#include "media/image.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_SIDE_PX = 65535 };

/* Cannot wrap: sides and channels are small by construction. */
static size_t bytes_of(const ask_image *image)
{
    return (size_t)image->width * (size_t)image->height * (size_t)image->channels;
}

bool ask_image_new(ask_image *out, int width, int height, int channels, ask_error *err)
{
    if (channels != 1 && channels != 3 && channels != 4)
        return ask_fail(err, ASK_ERR_USAGE, "a picture has 1, 3 or 4 channels, not %d",
                        channels);
    if (width < 1 || height < 1 || width > MAX_SIDE_PX || height > MAX_SIDE_PX)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "a picture of %d x %d: sides are 1 to %d pixels", width, height,
                        MAX_SIDE_PX);
    ask_image image = {.width = width, .height = height, .channels = channels};
    image.pixels = calloc(bytes_of(&image), 1);
    if (!image.pixels)
        return ask_fail(err, ASK_ERR_NOMEM, "out of memory for a picture of %d x %d", width,
                        height);
    *out = image;
    return true;
}

bool ask_image_copy(ask_image *out, const ask_image *from, ask_error *err)
{
    ask_image image;
    if (!ask_image_new(&image, from->width, from->height, from->channels, err))
        return false;
    memcpy(image.pixels, from->pixels, bytes_of(from));
    *out = image;
    return true;
}

void ask_image_free(ask_image *image)
{
    if (!image) return;
    free(image->pixels);
    *image = (ask_image){0};
}
