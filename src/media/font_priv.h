/* media/font_priv.h - the embedded bitmap font. Its drawings are tools/font/glyphs.txt. */
#ifndef ASK_MEDIA_FONT_PRIV_H
#define ASK_MEDIA_FONT_PRIV_H

#include <stdint.h>

enum { ASK_FONT_WIDTH = 8, ASK_FONT_HEIGHT = 16, ASK_FONT_MISSING = 0xfffd };

/* A byte a row, the uppermost row and the leftmost pixel in the highest bits. */
typedef struct {
    uint32_t character;
    uint64_t upper, lower; // eight rows each
} ask_glyph;

extern const ask_glyph ask_font[]; // by character, ascending; has ASK_FONT_MISSING
extern const int ask_font_size;

/* The character's glyph, or that of ASK_FONT_MISSING. */
const ask_glyph *ask_font_find(uint32_t character);

/* One row, 0 to 15; the leftmost pixel is the bit of value 128. */
static inline uint8_t ask_glyph_row(const ask_glyph *glyph, int row)
{
    uint64_t half = row < 8 ? glyph->upper : glyph->lower;
    return (uint8_t)(half >> (56 - 8 * (row % 8)));
}

#endif
