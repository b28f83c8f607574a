#include "media/still_priv.h"
#include "media/yuv_priv.h"

enum { MOST_QUANTIZER = 31 };

static void paint(AVFrame *to, const ask_image *image, const void *user)
{
    (void)user;
    ask_yuv_paint(to, &ask_yuv_jpeg, image);
}

bool ask_image_write_jpeg(const ask_image *image, int quantizer, const char *path,
                          ask_error *err)
{
    if (image->channels != 3)
        return ask_fail(err, ASK_ERR_SHAPE, "a JPEG is made of 3 channels, not %d",
                        image->channels);
    if (quantizer < 1 || quantizer > MOST_QUANTIZER)
        return ask_fail(err, ASK_ERR_USAGE, "a JPEG's quantizer is 1 to %d, not %d",
                        MOST_QUANTIZER, quantizer);
    const ask_still still = {
        .encoder = "mjpeg",
        .pixels = AV_PIX_FMT_YUVJ420P,
        .range = AVCOL_RANGE_JPEG,
        .quantizer = quantizer,
        .fill = paint,
    };
    return ask_still_write(path, &still, image, err);
}
