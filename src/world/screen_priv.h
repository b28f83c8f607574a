/* world/screen_priv.h - a panel of slats in a frame, as no toy looks. */
#ifndef ASK_WORLD_SCREEN_PRIV_H
#define ASK_WORLD_SCREEN_PRIV_H

#include "world/scene.h"

/* Paints it over a picture (RGB, ASK_WORLD_SIDE_PX squared) and clears the ids of what it
 * hides; each may be NULL. left, top: where it lies in the picture, in px. */
void ask_screen_paint(uint8_t *pixels, uint8_t *ids, int left, int top);

#endif
