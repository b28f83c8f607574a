#include "media/font_priv.h"

#include <stdlib.h>

static int compare(const void *character, const void *glyph)
{
    const uint32_t a = *(const uint32_t *)character;
    const uint32_t b = ((const ask_glyph *)glyph)->character;
    return (a > b) - (a < b);
}

static const ask_glyph *find(uint32_t character)
{
    return bsearch(&character, ask_font, (size_t)ask_font_size, sizeof *ask_font, compare);
}

const ask_glyph *ask_font_find(uint32_t character)
{
    const ask_glyph *glyph = find(character);
    return glyph ? glyph : find(ASK_FONT_MISSING);
}
