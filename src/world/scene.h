/* world/scene.h - one clip of the playroom: which toys there are and what they do.
 *
 * A scene is decided by a seed, in integers, so the same seed gives the same scene on every
 * machine. Times are frames at 12 a second; lengths 1/16 px of a picture of 128 x 128;
 * angles 1/256 of a turn, clockwise.
 *
 * In every scene: 2 to 6 toys at once; 3 to 6 events, one after another, of 10 to 14 frames
 * each; no two toys alike; each toy shares colour or shape with at least two others; at
 * least two visitors, which are there for at most 28 % of the clip and whose colour and
 * shape together no other toy has. The background is a pattern that stands still.
 *
 * In a full scene, moreover: toys hit and push each other, hide, change colour, and do the
 * same several times; at least two toys share colour or shape with one that does something
 * or is moved, and do nothing themselves; toys keep apart, but for those that touch
 * in a hit or a push; screens stand in front of the toys; the camera may drift; fragments
 * may lie over the background. Hiding lasts 16 to 26 frames, and something else may happen
 * meanwhile. */
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
    ASK_FULL_MIN_FRAMES = 60, // of a full scene
    ASK_HIDE_MIN_FRAMES = 16,
    ASK_HIDE_MAX_FRAMES = 26,
    ASK_JUMP_MAX_PX = 32,
    ASK_SPIN_ANGLE = 256, // a whole turn
    ASK_GROW_SCALE = 410, // 1.6 times
    ASK_SHAKE_PX = 5,
    ASK_SCENE_MAX_SCREENS = 2,
    ASK_SCREEN_WIDTH_PX = 42,
    ASK_SCREEN_HEIGHT_PX = 46,
    ASK_CAMERA_REACH_PX = 3, // to each side
    ASK_VISIT_MIN_FRAMES = 8,
    ASK_VISIT_MAX_PERCENT = 28, // of the clip's frames
    ASK_N_BACKGROUNDS = 10,
    ASK_MAX_CLUTTER = 3,
};

/* Which part of the world: apart by seed and by composition. TEST alone has 18 of the 120
 * pairs of colour and shape, spinning stars and jumping hearts, and the last two
 * backgrounds. */
typedef enum { ASK_SPLIT_TRAIN, ASK_SPLIT_VAL, ASK_SPLIT_TEST, ASK_N_SPLITS } ask_split;

/* "train", "val", "test". */
ASK_API const char *ask_split_name(ask_split split);

/* What kind of scene is made. Clutter: 0 one colour or a gradient, 1 a pattern, 2 muted
 * fragments that lie over a pattern, 3 fragments that move; each scene draws one from low
 * to high. A simple scene has patterns of all kinds and no clutter. */
typedef struct {
    bool simple;
    int clutter_low, clutter_high;
} ask_scene_style;
ASK_API ask_scene_style ask_scene_simple(void);
ASK_API ask_scene_style ask_scene_full(void); // clutter 0 to 2

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
    int to_x, to_y; // SLIDE, HIT, PUSH, HIDE: where it ends; ENTER, LEAVE: outside the
                    // picture
    int amount;     // JUMP: height; SPIN: angle in all, with its sign; GROW: scale at most;
                    // SHAKE: way to each side
    int other;      // HIT, PUSH: the toy that is moved; of other events -1
    int other_x, other_y;   // where that one ends
    int screen;             // HIDE: behind which; of other events -1
    ask_toy_color to_color; // TURN: its colour from then on
} ask_event;

/* A panel that stands in front of the toys, upright, for the whole clip. */
typedef struct {
    int x, y; // its centre
} ask_screen;

typedef struct {
    int x, y;
} ask_offset;

typedef struct {
    uint64_t seed;
    int64_t index;
    ask_split split;
    bool full; // not a simple one
    int n_frames, background;
    uint32_t background_seed;
    int clutter;
    int n_toys, n_events, n_screens;
    ask_toy toys[ASK_SCENE_MAX_TOYS]; // later ones are painted over earlier ones
    // In order of begin; none overlap, but for one of another toy while a toy is hidden.
    ask_event events[ASK_SCENE_MAX_EVENTS];
    ask_screen screens[ASK_SCENE_MAX_SCREENS]; // over all toys
    // In px: what stands at x, y is seen at x - camera.x, y - camera.y.
    ask_offset camera[ASK_SCENE_MAX_FRAMES];
} ask_scene;

/* Scene `index` of a seed; a plain value that owns nothing. The scenes of a seed do not
 * depend on how many are made; those of different ranges of clutter differ only in what
 * lies behind the toys. */
ASK_API void ask_scene_make(ask_scene *out, uint64_t seed, int64_t index, ask_split split,
                            ask_scene_style style);

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
    ask_toy_color color, to_color;
    int turned; // 0..255: how far its colour is on the way from color to to_color
} ask_pose;
/* In the room: the camera is left out. */
ASK_API ask_pose ask_scene_pose(const ask_scene *s, int toy, int frame);

/* The event that a toy is in at a frame; -1: none. A toy that is hit or pushed is in none.
 */
ASK_API int ask_scene_event_of(const ask_scene *s, int toy, int frame);

/* The HIT or PUSH whose other toy it is at a frame; -1: none. */
ASK_API int ask_scene_event_on(const ask_scene *s, int toy, int frame);

/* The colour of a toy; while it changes, the one it had. */
ASK_API ask_toy_color ask_scene_color_of(const ask_scene *s, int toy, int frame);
/* Whether it has this colour at the beginning or after a change. */
ASK_API bool ask_scene_has_color(const ask_scene *s, int toy, ask_toy_color c);

/* Whether it is a HIT or a PUSH, of two toys. */
ASK_API bool ask_event_kind_moves_other(ask_event_kind kind);
ASK_API bool ask_event_moves_other(const ask_event *e);

/* HIT, PUSH: the first frame in which the two touch. */
ASK_API int ask_scene_contact(const ask_scene *s, int event);

/* HIDE: the first frame in which the toy rests behind the screen, and the one after the
 * last; it is wholly hidden at least that long. */
ASK_API void ask_event_hidden(const ask_event *e, int *begin, int *end);

#endif
