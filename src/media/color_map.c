#include "media/color_map_priv.h"
#include "media/draw_priv.h"

ask_color ask_color_of(ask_color_map map, double value)
{
    const unsigned i = (unsigned)(ask_unit(value) * (ASK_COLORS - 1) + 0.5);
    if (map == ASK_MAP_GREY) return (ask_color){(uint8_t)i, (uint8_t)i, (uint8_t)i};
    const uint32_t rgb = ask_color_table[map][i];
    return (ask_color){(uint8_t)(rgb >> 16), (uint8_t)(rgb >> 8), (uint8_t)rgb};
}
