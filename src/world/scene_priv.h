/* world/scene_priv.h - how a scene is drawn up.
 *
 * A simple one: what happens when (scene_make.c), who does it (scene_cast.c), in which
 * cells of a grid (scene_places.c), what the toys look like (scene_looks.c), then exact
 * positions. A full one: what happens when (scene_plan.c), who does it, what they look
 * like, then every way to the pixel (scene_stage.c), and what lies behind
 * (scene_backdrop.c). Each step may find that it cannot be done; then the scene is begun
 * anew. */
#ifndef ASK_WORLD_SCENE_PRIV_H
#define ASK_WORLD_SCENE_PRIV_H

#include "base/rng.h"
#include "world/scene.h"

enum {
    ASK_GRID_SIDE = 3,
    ASK_GRID_CELLS = ASK_GRID_SIDE * ASK_GRID_SIDE,
    ASK_FRAMES_AROUND_EVENT = 2, // a toy is seen at rest before and after what it does
    ASK_MOST_COMINGS = 2,        // ... and goings in a scene
};

/* A scene that is being drawn up. */
typedef struct {
    ask_rng rng;
    ask_scene scene;
    int home_cell[ASK_SCENE_MAX_TOYS]; // simple
    int to_cell[ASK_SCENE_MAX_EVENTS]; // simple: of slides
    bool again[ASK_SCENE_MAX_EVENTS];  // full: the toy of the event before does the same
} ask_scene_draft;

int ask_draft_between(ask_scene_draft *d, int low, int high); // both included
bool ask_draft_chance(ask_scene_draft *d, int n, int of);     // n times of `of`

/* An event of a kind, with a length (its end) and an amount, of nobody yet. */
ask_event ask_draft_event(ask_scene_draft *d, ask_event_kind kind);

/* Cuts what is left of the clip into pieces of random length: before, between and after the
 * events. Numbers ascending. */
void ask_draft_cuts(ask_scene_draft *d, int cuts[], int n, int left);

/* n_frames, n_screens and the events of a full scene, of nobody yet. */
bool ask_draft_plan(ask_scene_draft *d);

/* Toys, when they are there, and who does what to whom. */
bool ask_draft_cast(ask_scene_draft *d);

/* Gives every toy a cell of its own while it is there, slides a free way, jumps free room
 * above. */
bool ask_draft_cells(ask_scene_draft *d);

/* Shapes, colours, sizes and textures, so that the promises of scene.h hold. */
bool ask_draft_looks(ask_scene_draft *d);

/* Exact positions and ways, from cells and sizes. */
void ask_draft_positions(ask_scene_draft *d);

/* Exact positions of screens and toys and ways of a full scene, from sizes and shapes. */
bool ask_draft_stage(ask_scene_draft *d);

/* Background, clutter and camera of a full scene. */
void ask_draft_backdrop(ask_scene_draft *d, ask_scene_style style);

int ask_toy_width_px(ask_size size);

#endif
