/* world/background_priv.h - what is behind the toys: muted, so that they stand out. */
#ifndef ASK_WORLD_BACKGROUND_PRIV_H
#define ASK_WORLD_BACKGROUND_PRIV_H

#include <stdint.h>

#include "world/scene.h"

/* out: RGB, ASK_WORLD_SIDE_PX squared. kind: 0 .. ASK_N_BACKGROUNDS - 1. */
void ask_background_paint(uint8_t *out, int kind, uint32_t seed);

#endif
