/* world/scene.h - one clip of the playroom: which toys there are and what they do.
 *
 * A scene is decided by a seed, in integers, so the same seed gives the same scene on every
 * machine. Times are frames at 12 a second; lengths 1/16 px of a picture of 128 x 128;
 * angles 1/256 of a turn, clockwise.
 *
 * In every scene: 2 to 6 toys at once; 3 to 6 events, one after another, of 10 to 14 frames
 * each; no two toys alike; each toy shares colour or shape with at least two others; at
 * least two visitors, which are there for at most 28 % of the clip and whose colour and
 * shape together no other toy has. */
#ifndef ASK_WORLD_SCENE_H
#define ASK_WORLD_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "world/names.h"

enum {
    ASK_WORLD_SIDE_PX = 128,
    ASK_WORLD_FPS = 12,
    ASK_WORLD_UNITS_PER_PX = 16,
    ASK_SCENE_MIN_FRAMES = 48,
    ASK_SCENE_MAX_FRAMES = 96,
    ASK_SCENE_MAX_TOYS = 10,
    ASK_SCENE_LEAST_AT_ONCE = 2,
    ASK_SCENE_MOST_AT_ONCE = 6,
    ASK_SCENE_MIN_EVENTS = 3,
    ASK_SCENE_MAX_EVENTS = 6,
    ASK_EVENT_MIN_FRAMES = 10,
    ASK_EVENT_MAX_FRAMES = 14,
    ASK_VISIT_MIN_FRAMES = 8,
    ASK_VISIT_MAX_PERCENT = 28, // of the clip's frames
    ASK_N_BACKGROUNDS = 10,
};

/* Which part of the world: apart by seed and by composition. TEST alone has 18 of the 120
 * pairs of colour and shape, spinning stars and jumping hearts, and the last two
 * backgrounds. */
typedef enum { ASK_SPLIT_TRAIN, ASK_SPLIT_VAL, ASK_SPLIT_TEST, ASK_N_SPLITS } ask_split;

/* "train", "val", "test". */
ASK_API const char *ask_split_name(ask_split split);

typedef struct {
    ask_shape shape;
    ask_toy_color color;
    ask_size size;
    ask_texture texture;
    int begin, end;     // there in frames [begin, end)
    int home_x, home_y; // its centre while it does nothing and has not slid
} ask_toy;

typedef struct {
    ask_event_kind kind;
    int toy;
    int begin, end; // frames [begin, end)
    int to_x, to_y; // SLIDE: where it ends; ENTER, LEAVE: outside the picture
    int amount;     // JUMP: height; SPIN: angle in all, with its sign; GROW: scale at most;
                    // SHAKE: way to each side
} ask_event;

typedef struct {
    uint64_t seed;
    int64_t index;
    ask_split split;
    int n_frames, background;
    uint32_t background_seed;
    int n_toys, n_events;
    ask_toy toys[ASK_SCENE_MAX_TOYS];       // later ones are painted over earlier ones
    ask_event events[ASK_SCENE_MAX_EVENTS]; // in order of begin; none overlap
} ask_scene;

/* Scene `index` of a seed; a plain value that owns nothing. The scenes of a seed do not
 * depend on how many are made. */
ASK_API void ask_scene_make(ask_scene *out, uint64_t seed, int64_t index, ask_split split);

/* Whether it may occur only in TEST: a pair, a pairing of event and shape, a background. */
ASK_API bool ask_pair_is_held_out(ask_toy_color c, ask_shape s);
ASK_API bool ask_pairing_is_held_out(ask_event_kind e, ask_shape s);
ASK_API bool ask_background_is_held_out(int background);

/* Whether a toy of this kind can do it at all: round ones do not spin, large ones do not
 * grow. */
ASK_API bool ask_toy_can(ask_event_kind e, ask_shape s, ask_size size);

/* Whether a toy is a visitor: there for at most ASK_VISIT_MAX_PERCENT of the clip. */
ASK_API bool ask_toy_is_visitor(const ask_scene *s, int toy);

typedef struct {
    bool there; // it may be seen: within [begin, end), not blinked away
    int x, y;   // centre
    int lift;   // how far it is above the ground of a jump; its y is that much less
    int angle;  // 0..255
    int scale;  // 256: as it is
} ask_pose;
ASK_API ask_pose ask_scene_pose(const ask_scene *s, int toy, int frame);

/* The event that a toy is in at a frame; -1: none. */
ASK_API int ask_scene_event_of(const ask_scene *s, int toy, int frame);

#endif
