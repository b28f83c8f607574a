#include "world/touch_priv.h"

#include <string.h>

#include "world/scene_priv.h"

enum { SIDE = ASK_GRID_SAMPLES, MIDDLE = SIDE / 2, MOST = 20, NOTHING = -SIDE };

static void reach_out(int16_t *reach, int to)
{
    if (to > *reach) *reach = (int16_t)to;
}

void ask_fronts_make(ask_fronts *out, ask_shape s, ask_size size)
{
    const int width = ask_toy_width_px(size); // a sample a pixel
    const ask_grid_pose pose = {.width = width, .margin = MIDDLE - width / 2};
    ask_grid inside;
    memset(inside, 0, sizeof inside);
    ask_shape_fill(inside, s, &pose);
    for (int way = 0; way < ASK_N_WAYS; way++)
        for (int line = 0; line < SIDE; line++) out->reach[way][line] = NOTHING;
    for (int y = pose.margin; y < SIDE - pose.margin; y++) {
        for (int x = pose.margin; x < SIDE - pose.margin; x++) {
            if (!inside[y][x]) continue;
            reach_out(&out->reach[ASK_RIGHT][y], x + 1 - MIDDLE);
            reach_out(&out->reach[ASK_LEFT][y], MIDDLE - x);
            reach_out(&out->reach[ASK_DOWN][x], y + 1 - MIDDLE);
            reach_out(&out->reach[ASK_UP][x], MIDDLE - y);
        }
    }
}

int ask_fronts_distance_px(const ask_fronts *a, const ask_fronts *b, ask_way way,
                           int across_px)
{
    const int16_t *front = a->reach[way];
    const int16_t *back = b->reach[(way + ASK_N_WAYS / 2) % ASK_N_WAYS];
    int most = 0;
    for (int line = MIDDLE - MOST; line < MIDDLE + MOST; line++) {
        int other = line - across_px;
        if (other < 0 || other >= SIDE) continue;
        if (front[line] == NOTHING || back[other] == NOTHING) continue;
        if (front[line] + back[other] > most) most = front[line] + back[other];
    }
    return most;
}
