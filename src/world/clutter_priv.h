/* world/clutter_priv.h - fragments that lie between the background and the toys: blobs,
 * bars and bits of the outlines of toys, all muted. */
#ifndef ASK_WORLD_CLUTTER_PRIV_H
#define ASK_WORLD_CLUTTER_PRIV_H

#include "world/scene.h"
#include "world/sprite_priv.h"

enum { ASK_MOST_FRAGMENTS = 20 };

/* How much of each pixel it covers is that of `covered` of a sprite. */
typedef struct {
    int x, y;             // its centre in the first frame
    int speed_x, speed_y; // a frame
    uint8_t color[3];
    int reach_px; // as in ask_sprite
    uint8_t covered[ASK_SPRITE_PX][ASK_SPRITE_PX];
} ask_fragment;

typedef struct {
    int n;
    ask_fragment fragments[ASK_MOST_FRAGMENTS];
} ask_clutter;

void ask_clutter_draw(ask_clutter *out, uint32_t seed, bool moves);

/* pixels: RGB, ASK_WORLD_SIDE_PX squared. */
void ask_clutter_paint(uint8_t *pixels, const ask_clutter *c, int frame, ask_offset camera);

#endif
