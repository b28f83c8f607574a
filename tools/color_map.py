#!/usr/bin/env python3
"""Writes the colours of the perceptual maps, src/media/color_map_table.c.

    python3 -m venv venv && venv/bin/pip install matplotlib==3.11.2
    venv/bin/python tools/color_map.py > src/media/color_map_table.c
"""
from matplotlib import colormaps

MAPS = ("viridis", "magma", "inferno", "cividis")
IN_A_LINE = 8

print("""/* Written by tools/color_map.py from the colour maps of matplotlib 3.11. Viridis, magma and
 * inferno are by van der Walt & Smith, in the public domain (CC0); cividis is by Nunez,
 * Anderton & Renslow, PLoS ONE 13(7), 2018. */
#include "media/color_map_priv.h"

// clang-format off
const uint32_t ask_color_table[ASK_COLOR_TABLES][ASK_COLORS] = {""")
for name in MAPS:
    colors = [[round(255 * float(v)) for v in rgb] for rgb in colormaps[name].colors]
    assert len(colors) == 256
    words = ["0x%02x%02x%02x" % tuple(rgb) for rgb in colors]
    print(f"    [ASK_MAP_{name.upper()}] = {{")
    for i in range(0, len(words), IN_A_LINE):
        print("        " + ", ".join(words[i:i + IN_A_LINE]) + ",")
    print("    },")
print("""};
// clang-format on""")
