#include <limits.h>
#include <string.h>

#include "base/utf8.h"
#include "media/draw_priv.h"
#include "media/font_priv.h"

/* A text being read. */
typedef struct {
    const char *at;
    size_t n_left;
} reader;

static reader read_text(const char *utf8)
{
    return (reader){utf8, strlen(utf8)};
}

/* Takes the next character; ASK_FONT_MISSING for a malformed byte. False at the end. */
static bool take(reader *r, uint32_t *character)
{
    if (r->n_left == 0) return false;
    int n_bytes = ask_utf8_decode(character, r->at, r->n_left);
    if (n_bytes == 0) {
        *character = ASK_FONT_MISSING;
        n_bytes = 1;
    }
    r->at += n_bytes;
    r->n_left -= (size_t)n_bytes;
    return true;
}

/* Runs of ink become one box each. */
static void draw_row(ask_image *image, int64_t x, int64_t y, uint8_t ink, int scale,
                     ask_color color)
{
    for (int from = 0; from < ASK_FONT_WIDTH; from++) {
        int n = 0;
        while (ink & 128 >> (from + n)) n++;
        if (n == 0) continue;
        ask_fill_area(image, x + (int64_t)from * scale, y, (int64_t)n * scale, scale, color,
                      255);
        from += n;
    }
}

static void draw_character(ask_image *image, int64_t x, int64_t y, uint32_t character,
                           int scale, ask_color color)
{
    if (x >= image->width || y >= image->height) return;
    const ask_glyph *glyph = ask_font_find(character);
    for (int row = 0; row < ASK_FONT_HEIGHT; row++)
        draw_row(image, x, y + (int64_t)row * scale, ask_glyph_row(glyph, row), scale,
                 color);
}

void ask_draw_text(ask_image *image, int x, int y, const char *utf8, int scale,
                   ask_color color)
{
    if (scale < 1) return;
    reader r = read_text(utf8);
    int64_t pen_x = x, pen_y = y;
    for (uint32_t character; take(&r, &character);) {
        if (character == '\n') {
            pen_x = x;
            pen_y += (int64_t)ASK_FONT_HEIGHT * scale;
        } else {
            draw_character(image, pen_x, pen_y, character, scale, color);
            pen_x += (int64_t)ASK_FONT_WIDTH * scale;
        }
    }
}

/* cells * px * scale, 0 below scale 1, at most INT_MAX. */
static int extent(size_t n_cells, int cell_px, int scale)
{
    if (scale < 1) return 0;
    const size_t most = (size_t)INT_MAX / (size_t)cell_px / (size_t)scale;
    return n_cells <= most ? (int)n_cells * cell_px * scale : INT_MAX;
}

int ask_text_width(const char *utf8, int scale)
{
    reader r = read_text(utf8);
    size_t n = 0, longest = 0;
    for (uint32_t character; take(&r, &character);) {
        n = character == '\n' ? 0 : n + 1;
        if (n > longest) longest = n;
    }
    return extent(longest, ASK_FONT_WIDTH, scale);
}

int ask_text_height(const char *utf8, int scale)
{
    size_t n_lines = 1;
    while ((utf8 = strchr(utf8, '\n'))) {
        n_lines++;
        utf8++;
    }
    return extent(n_lines, ASK_FONT_HEIGHT, scale);
}
