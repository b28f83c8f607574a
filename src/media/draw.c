#include "media/draw_priv.h"

/* Cuts [*from, *from + length) to [0, limit); gives its end. */
static int clip(int64_t *from, int64_t length, int limit)
{
    int64_t end = *from + length;
    if (*from < 0) *from = 0;
    return (int)(end < 0 ? 0 : end < limit ? end : limit);
}

void ask_fill_area(ask_image *image, int64_t x, int64_t y, int64_t width, int64_t height,
                   ask_color color, unsigned alpha)
{
    const int x_end = clip(&x, width, image->width);
    const int y_end = clip(&y, height, image->height);
    if (x >= x_end || y >= y_end) return;
    for (int row = (int)y; row < y_end; row++) {
        uint8_t *pixel = ask_pixel_at(image, (int)x, row);
        for (int column = (int)x; column < x_end; column++, pixel += 3)
            ask_blend(pixel, color, alpha);
    }
}

void ask_fill_box(ask_image *image, int x, int y, int width, int height, ask_color color,
                  double opacity)
{
    ask_fill_area(image, x, y, width, height, color, ask_alpha(opacity));
}

void ask_draw_box(ask_image *image, int x, int y, int width, int height, int line_px,
                  ask_color color)
{
    if (width <= 0 || height <= 0 || line_px <= 0) return;
    const int64_t line = line_px;
    if (2 * line >= width || 2 * line >= height) {
        ask_fill_area(image, x, y, width, height, color, 255);
        return;
    }
    const int64_t right = (int64_t)x + width - line, bottom = (int64_t)y + height - line;
    ask_fill_area(image, x, y, width, line, color, 255);
    ask_fill_area(image, x, bottom, width, line, color, 255);
    ask_fill_area(image, x, y, line, height, color, 255);
    ask_fill_area(image, right, y, line, height, color, 255);
}

void ask_draw_mask(ask_image *image, const uint8_t *mask, ask_color color, double opacity)
{
    const unsigned alpha = ask_alpha(opacity);
    for (int y = 0; y < image->height; y++) {
        uint8_t *pixel = ask_pixel_at(image, 0, y);
        for (int x = 0; x < image->width; x++, pixel += 3)
            if (*mask++) ask_blend(pixel, color, alpha);
    }
}

static bool is_edge(const uint8_t *mask, int x, int y, int width, int height)
{
    const uint8_t *at = mask + (size_t)y * (size_t)width + x;
    if (!*at) return false;
    return x == 0 || y == 0 || x == width - 1 || y == height - 1 || !at[-1] || !at[1] ||
           !at[-width] || !at[width];
}

void ask_draw_mask_edge(ask_image *image, const uint8_t *mask, ask_color color)
{
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++)
            if (is_edge(mask, x, y, image->width, image->height))
                ask_blend(ask_pixel_at(image, x, y), color, 255);
}
