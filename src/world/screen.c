#include "world/screen_priv.h"

#include <string.h>

enum {
    SIDE = ASK_WORLD_SIDE_PX,
    WIDTH = ASK_SCREEN_WIDTH_PX,
    HEIGHT = ASK_SCREEN_HEIGHT_PX,
    FRAME_PX = 2,
    SLAT_PX = 5,
};

/* Upright slats, each darker towards one side. */
static const uint8_t *color_at(int x, int y)
{
    static const uint8_t frame[3] = {52, 56, 66}, gap[3] = {78, 84, 96};
    static const uint8_t slat[2][3] = {{112, 120, 134}, {98, 106, 120}};
    if (x < FRAME_PX || y < FRAME_PX || x >= WIDTH - FRAME_PX || y >= HEIGHT - FRAME_PX)
        return frame;
    int within = (x - FRAME_PX) % SLAT_PX;
    return within == SLAT_PX - 1 ? gap : slat[within >= SLAT_PX / 2];
}

void ask_screen_paint(uint8_t *pixels, uint8_t *ids, int left, int top)
{
    for (int row = 0; row < HEIGHT; row++) {
        for (int column = 0; column < WIDTH; column++) {
            int x = left + column, y = top + row;
            if (x < 0 || y < 0 || x >= SIDE || y >= SIDE) continue;
            if (pixels) memcpy(pixels + (y * SIDE + x) * 3, color_at(column, row), 3);
            if (ids) ids[y * SIDE + x] = 0;
        }
    }
}
