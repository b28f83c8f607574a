/* world/scene_clear_priv.h - who is in whose way in a full scene.
 *
 * Lengths are those of a scene. Toys are taken for upright boxes, larger while they turn or
 * grow. */
#ifndef ASK_WORLD_SCENE_CLEAR_PRIV_H
#define ASK_WORLD_SCENE_CLEAR_PRIV_H

#include "world/scene_priv.h"

/* A toy at rest is always wholly in the picture. */
enum { ASK_ROOM_MARGIN_PX = ASK_CAMERA_REACH_PX };

typedef struct {
    int x0, y0, x1, y1;
} ask_box;

int ask_toy_half(const ask_toy *t); // of its width
ask_box ask_box_of(const ask_toy *t, ask_pose p);
ask_box ask_box_of_screen(const ask_screen *b);

bool ask_box_is_in_room(ask_box b);
/* except: the screen that it goes behind, or -1. */
bool ask_box_is_clear_of_screens(const ask_scene *s, ask_box b, int except);

/* Another toy, that stands still or does not. */
typedef struct {
    int toy;
    bool stands;
    ask_box at; // where it stands
} ask_neighbour;

/* A toy from a frame on until everything that happens in it is over, and the others that
 * are there. */
typedef struct {
    int toy, from, last;
    int n_others;
    ask_neighbour others[ASK_SCENE_MAX_TOYS];
} ask_outing;

/* is_placed: which toys have their place. It holds as long as the others stay as they are.
 */
ask_outing ask_outing_of(const ask_scene *s, const bool is_placed[ASK_SCENE_MAX_TOYS],
                         int toy, int from);

/* Whether the toy, as the scene has it now, is in nobody's way in all these frames, and not
 * beyond the room but to come or to go. */
bool ask_outing_goes_well(const ask_scene *s, const ask_outing *o);

#endif
