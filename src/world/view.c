#include "world/view_priv.h"

#include <stdlib.h>
#include <string.h>

enum { SIDE = ASK_WORLD_SIDE_PX, NEAR_MIDLINE_PX = 6 };

/* Pixels [x0, x1) of a row; rows come in their order. */
static void add_run(ask_toy_view *t, int x0, int x1, int y)
{
    bool is_first = t->n_px == 0;
    if (is_first) t->y0 = y;
    if (is_first || x0 < t->x0) t->x0 = x0;
    if (x1 > t->x1) t->x1 = x1;
    t->y1 = y + 1;
    t->n_px += x1 - x0;
}

/* The first pixel from x on that shows a toy. Most show none, and are passed a word at a
 * time. */
static int next_toy(const uint8_t *row, int x)
{
    enum { WORD = sizeof(uint64_t) };
    static const uint8_t nothing[WORD];
    while (x < SIDE && !row[x])
        x += x + WORD <= SIDE && memcmp(row + x, nothing, WORD) == 0 ? WORD : 1;
    return x;
}

static int end_of_run(const uint8_t *row, int x)
{
    int id = row[x];
    while (x < SIDE && row[x] == id) x++;
    return x;
}

void ask_view_measure(ask_scene_view *v)
{
    for (int y = 0; y < SIDE; y++) {
        const uint8_t *row = v->ids + y * SIDE;
        for (int x = next_toy(row, 0); x < SIDE;) {
            int end = end_of_run(row, x);
            add_run(&v->toys[row[x] - 1], x, end, y);
            x = next_toy(row, end);
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
