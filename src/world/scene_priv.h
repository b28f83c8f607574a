/* world/scene_priv.h - how a scene is drawn up: first what happens when (scene_make.c),
 * then in which cells of a grid (scene_places.c), then what the toys look like
 * (scene_looks.c), then exact positions. Each step may find that it cannot be done; then
 * the scene is begun anew. */
#ifndef ASK_WORLD_SCENE_PRIV_H
#define ASK_WORLD_SCENE_PRIV_H

#include "base/rng.h"
#include "world/scene.h"

enum { ASK_GRID_SIDE = 3, ASK_GRID_CELLS = ASK_GRID_SIDE * ASK_GRID_SIDE };

/* A scene that is being drawn up. */
typedef struct {
    ask_rng rng;
    ask_scene scene;
    int home_cell[ASK_SCENE_MAX_TOYS];
    int to_cell[ASK_SCENE_MAX_EVENTS]; // of slides
} ask_scene_draft;

int ask_draft_between(ask_scene_draft *d, int low, int high); // both included
bool ask_draft_chance(ask_scene_draft *d, int n, int of);     // n times of `of`

/* Gives every toy a cell of its own while it is there, slides a free way, jumps free room
 * above. */
bool ask_draft_cells(ask_scene_draft *d);

/* Shapes, colours, sizes and textures, so that the promises of scene.h hold. */
bool ask_draft_looks(ask_scene_draft *d);

/* Exact positions and ways, from cells and sizes. */
void ask_draft_positions(ask_scene_draft *d);

int ask_toy_width_px(ask_size size);

#endif
