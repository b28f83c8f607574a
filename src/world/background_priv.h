/* world/background_priv.h - what is behind the toys: muted, so that they stand out. */
#ifndef ASK_WORLD_BACKGROUND_PRIV_H
#define ASK_WORLD_BACKGROUND_PRIV_H

#include <stdint.h>

#include "world/scene.h"

enum { ASK_BACKGROUND_SIDE_PX = ASK_WORLD_SIDE_PX + 2 * ASK_CAMERA_REACH_PX };

/* out: RGB, ASK_BACKGROUND_SIDE_PX squared: the picture that a camera at 0, 0 shows is in
 * the middle. kind: 0 .. ASK_N_BACKGROUNDS - 1. */
void ask_background_paint(uint8_t *out, int kind, uint32_t seed);

#endif
