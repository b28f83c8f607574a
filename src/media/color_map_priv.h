/* media/color_map_priv.h - the colours of the maps. */
#ifndef ASK_MEDIA_COLOR_MAP_PRIV_H
#define ASK_MEDIA_COLOR_MAP_PRIV_H

#include "media/draw.h"

enum { ASK_COLOR_TABLES = ASK_MAP_GREY, ASK_COLORS = 256 };

/* By ask_color_map; 0xRRGGBB. */
extern const uint32_t ask_color_table[ASK_COLOR_TABLES][ASK_COLORS];

#endif
