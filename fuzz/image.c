/* PNG, JPEG and WebP files. */
#include <stdlib.h>

#include "media/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_image_limits limits = {sizeof limits, 1 << 20, 1 << 16};
    ask_image image = {0};
    ask_error err = {0};
    if (!ask_image_parse(&image, data, size, "fuzz", &limits, &err)) {
        if (err.code == ASK_OK || !err.message[0] || image.pixels) abort();
        return 0;
    }
    int64_t n_pixels = (int64_t)image.width * image.height;
    if (image.channels != 3 || n_pixels < 1 || n_pixels > limits.max_pixels) abort();
    ask_image_free(&image);
    return 0;
}
