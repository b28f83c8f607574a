#include "media/draw_priv.h"

/* Where a pixel lies among the cells of one axis. */
typedef struct {
    int low, high; // the cells around it; equal at the borders
    double part;   // of `high`
} place;

/* cell: cells per pixel. */
static place place_of(int pixel, double cell, int n_cells)
{
    const double at = (pixel + 0.5) * cell - 0.5;
    if (at <= 0) return (place){0, 0, 0};
    if (at >= n_cells - 1) return (place){n_cells - 1, n_cells - 1, 0};
    const int low = (int)at;
    return (place){low, low + 1, at - low};
}

static double along(const float *row, place x)
{
    return ask_unit(row[x.low]) * (1 - x.part) + ask_unit(row[x.high]) * x.part;
}

void ask_draw_heat(ask_image *image, const float *heat, int rows, int cols,
                   ask_color_map map, double opacity)
{
    opacity = ask_unit(opacity);
    const double cell_y = (double)rows / image->height,
                 cell_x = (double)cols / image->width;
    for (int row = 0; row < image->height; row++) {
        const place y = place_of(row, cell_y, rows);
        const float *low = heat + (size_t)y.low * (size_t)cols;
        const float *high = heat + (size_t)y.high * (size_t)cols;
        uint8_t *pixel = ask_pixel_at(image, 0, row);
        for (int column = 0; column < image->width; column++, pixel += 3) {
            const place x = place_of(column, cell_x, cols);
            const double value = along(low, x) * (1 - y.part) + along(high, x) * y.part;
            ask_blend(pixel, ask_color_of(map, value), ask_alpha(value * opacity));
        }
    }
}
