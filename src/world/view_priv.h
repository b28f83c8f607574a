/* world/view_priv.h - from the map of a view to its numbers. */
#ifndef ASK_WORLD_VIEW_PRIV_H
#define ASK_WORLD_VIEW_PRIV_H

#include "world/view.h"

/* Counts the pixels of each toy in ids and finds their box; n_full_px is left. */
void ask_view_measure(ask_scene_view *v);

#endif
