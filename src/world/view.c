#include "world/view_priv.h"

#include <stdlib.h>

enum { SIDE = ASK_WORLD_SIDE_PX, NEAR_MIDLINE_PX = 6 };

static void add_pixel(ask_toy_view *t, int x, int y)
{
    if (!t->n_px++) {
        t->x0 = x;
        t->x1 = x + 1;
        t->y0 = y; // the first is of the uppermost row
    }
    if (x < t->x0) t->x0 = x;
    if (x >= t->x1) t->x1 = x + 1;
    t->y1 = y + 1;
}

void ask_view_measure(ask_scene_view *v)
{
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            int id = v->ids[y * SIDE + x];
            if (id) add_pixel(&v->toys[id - 1], x, y);
        }
    }
}

int ask_view_place(const ask_scene_view *v, int toy)
{
    const ask_toy_view *t = &v->toys[toy];
    int right = t->x0 + t->x1 - SIDE,
        below = t->y0 + t->y1 - SIDE; // twice, from the middle
    if (!t->n_px || abs(right) < 2 * NEAR_MIDLINE_PX || abs(below) < 2 * NEAR_MIDLINE_PX)
        return -1;
    return below < 0 ? (right < 0 ? ASK_TOP_LEFT : ASK_TOP_RIGHT)
                     : (right < 0 ? ASK_BOTTOM_LEFT : ASK_BOTTOM_RIGHT);
}
