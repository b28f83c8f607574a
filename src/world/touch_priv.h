/* world/touch_priv.h - how near two toys come when one moves straight against the other. */
#ifndef ASK_WORLD_TOUCH_PRIV_H
#define ASK_WORLD_TOUCH_PRIV_H

#include <stdint.h>

#include "world/shape_priv.h"

typedef enum { ASK_RIGHT, ASK_DOWN, ASK_LEFT, ASK_UP, ASK_N_WAYS } ask_way;

/* How far an upright toy reaches from its centre in each way, in px, in each row (to the
 * right and left) or column (down and up). */
typedef struct {
    int16_t reach[ASK_N_WAYS][ASK_GRID_SAMPLES];
} ask_fronts;

void ask_fronts_make(ask_fronts *out, ask_shape s, ask_size size);

/* The least distance of the centres along the way, in whole px, at which a touches b and
 * does not overlap it. across_px: how far b lies below a (to the right of it, where the way
 * is down or up). 0: they would pass each other. */
int ask_fronts_distance_px(const ask_fronts *a, const ask_fronts *b, ask_way way,
                           int across_px);

#endif
