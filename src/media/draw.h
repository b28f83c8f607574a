/* media/draw.h - marks on pictures: boxes, masks, heat, text. Colours are RGB; drawing
 * clips to the picture and works on 3-channel images. */
#ifndef ASK_MEDIA_DRAW_H
#define ASK_MEDIA_DRAW_H

#include "media/image.h"

typedef struct {
    uint8_t r, g, b;
} ask_color;

ASK_API void ask_draw_box(ask_image *image, int x, int y, int width, int height,
                          int line_px, ask_color color);
ASK_API void ask_fill_box(ask_image *image, int x, int y, int width, int height,
                          ask_color color, double opacity);
/* mask: [height, width] bytes, 0 or not, of the picture's size. */
ASK_API void ask_draw_mask(ask_image *image, const uint8_t *mask, ask_color color,
                           double opacity);
/* The line between mask and not mask. */
ASK_API void ask_draw_mask_edge(ask_image *image, const uint8_t *mask, ask_color color);

/* Perceptually uniform colour maps; after Smith & van der Walt 2015 (viridis, magma,
 * inferno), Nunez et al. 2018 (cividis). */
typedef enum {
    ASK_MAP_VIRIDIS,
    ASK_MAP_MAGMA,
    ASK_MAP_INFERNO,
    ASK_MAP_CIVIDIS,
    ASK_MAP_GREY
} ask_color_map;
ASK_API ask_color ask_color_of(ask_color_map map, double value); // value clamped to [0, 1]
/* heat: [rows, cols] of any size, values in [0, 1] (clamped; NaN is 0), stretched
 * bilinearly over the picture. Opacity grows with the value up to `opacity`. */
ASK_API void ask_draw_heat(ask_image *image, const float *heat, int rows, int cols,
                           ask_color_map map, double opacity);

/* Text in the embedded bitmap font; a character it lacks is drawn as a box. scale 1: 8 x 16
 * px a cell. */
ASK_API void ask_draw_text(ask_image *image, int x, int y, const char *utf8, int scale,
                           ask_color color);
ASK_API int ask_text_width(const char *utf8, int scale);  // px of the longest line
ASK_API int ask_text_height(const char *utf8, int scale); // px
#endif
