/* media/draw_priv.h - pixels, as everything that draws sees them. */
#ifndef ASK_MEDIA_DRAW_PRIV_H
#define ASK_MEDIA_DRAW_PRIV_H

#include <assert.h>

#include "media/draw.h"

static inline uint8_t *ask_pixel_at(const ask_image *image, int x, int y)
{
    assert(image->channels == 3);
    return image->pixels + 3 * ((size_t)y * (size_t)image->width + (size_t)x);
}

/* value in [0, 1]; what is beyond becomes the nearest, NaN becomes 0. */
static inline double ask_unit(double value)
{
    return value > 0 ? value < 1 ? value : 1 : 0;
}

/* 0: invisible, 255: opaque. */
static inline unsigned ask_alpha(double opacity)
{
    return (unsigned)(ask_unit(opacity) * 255 + 0.5);
}

static inline uint8_t ask_mix(unsigned under, unsigned over, unsigned alpha)
{
    return (uint8_t)((under * (255 - alpha) + over * alpha + 127) / 255);
}

static inline void ask_blend(uint8_t *pixel, ask_color color, unsigned alpha)
{
    pixel[0] = ask_mix(pixel[0], color.r, alpha);
    pixel[1] = ask_mix(pixel[1], color.g, alpha);
    pixel[2] = ask_mix(pixel[2], color.b, alpha);
}

/* ask_fill_box, with room for sums of coordinates. */
void ask_fill_area(ask_image *image, int64_t x, int64_t y, int64_t width, int64_t height,
                   ask_color color, unsigned alpha);

#endif
