/* media/draw.h - marks on pictures: boxes, masks, heat, text.
 *
 * Pictures have 3 channels, colours are RGB. What lies outside the picture is not drawn;
 * boxes may begin and end anywhere, and those without area are not drawn either. Opacity is
 * clamped to [0, 1], NaN is 0. Nothing here can fail. */
#ifndef ASK_MEDIA_DRAW_H
#define ASK_MEDIA_DRAW_H

#include "media/image.h"

typedef struct {
    uint8_t r, g, b;
} ask_color;

/* The outline of the box whose upper left pixel is (x, y), line_px thick, inside the box.
 */
ASK_API void ask_draw_box(ask_image *image, int x, int y, int width, int height,
                          int line_px, ask_color color);
ASK_API void ask_fill_box(ask_image *image, int x, int y, int width, int height,
                          ask_color color, double opacity);

/* mask: [height, width] bytes of the picture's size, 0 or not. */
ASK_API void ask_draw_mask(ask_image *image, const uint8_t *mask, ask_color color,
                           double opacity);
/* The line between mask and not mask, 1 px, on the mask's side. Outside the picture is not
 * mask, so the line runs along the border where the mask reaches it. */
ASK_API void ask_draw_mask_edge(ask_image *image, const uint8_t *mask, ask_color color);

/* Perceptually uniform colour maps, dark to light; after Smith & van der Walt 2015
 * (viridis, magma, inferno), Nunez et al. 2018 (cividis). */
typedef enum {
    ASK_MAP_VIRIDIS,
    ASK_MAP_MAGMA,
    ASK_MAP_INFERNO,
    ASK_MAP_CIVIDIS,
    ASK_MAP_GREY,
} ask_color_map;

/* value is clamped to [0, 1]; NaN is 0. */
ASK_API ask_color ask_color_of(ask_color_map map, double value);

/* heat: [rows, cols] of any size from 1 x 1, values in [0, 1] (clamped; NaN is 0),
 * stretched bilinearly over the picture: cells keep their middles, borders their values.
 * Covers each pixel with the colour of its value, with an opacity of value * opacity. */
ASK_API void ask_draw_heat(ask_image *image, const float *heat, int rows, int cols,
                           ask_color_map map, double opacity);

/* Text in the embedded font: Latin letters with European accents, the Greek of formulas,
 * arrows, marks, rules. A character that the font lacks, a control character and a
 * malformed byte are drawn as a box; '\n' begins a new line. (x, y) is the upper left
 * corner. At scale 1 a character takes 8 x 16 px; nothing is drawn below that. */
ASK_API void ask_draw_text(ask_image *image, int x, int y, const char *utf8, int scale,
                           ask_color color);
/* What the text takes: the longest line; all lines, at least one. In px, at most INT_MAX.
 */
ASK_API int ask_text_width(const char *utf8, int scale);
ASK_API int ask_text_height(const char *utf8, int scale);

#endif
