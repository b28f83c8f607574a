/* world/names.h - what toys can be, and the words for it. */
#ifndef ASK_WORLD_NAMES_H
#define ASK_WORLD_NAMES_H

#include "base/api.h"

typedef enum {
    ASK_BALL,
    ASK_SQUARE,
    ASK_TRIANGLE,
    ASK_STAR,
    ASK_HEART,
    ASK_RING,
    ASK_CROSS,
    ASK_DIAMOND,
    ASK_HEXAGON,
    ASK_MOON,
    ASK_ARROW,
    ASK_DROP,
    ASK_N_SHAPES,
} ask_shape;

typedef enum {
    ASK_RED,
    ASK_ORANGE,
    ASK_YELLOW,
    ASK_GREEN,
    ASK_CYAN,
    ASK_BLUE,
    ASK_PURPLE,
    ASK_PINK,
    ASK_BROWN,
    ASK_WHITE,
    ASK_N_COLORS,
} ask_toy_color;

typedef enum {
    ASK_SMALL,  // 20 px wide
    ASK_MEDIUM, // 28 px
    ASK_LARGE,  // 38 px
    ASK_N_SIZES,
} ask_size;

typedef enum {
    ASK_PLAIN,
    ASK_STRIPED,
    ASK_DOTTED,
    ASK_CHECKERED,
    ASK_N_TEXTURES,
} ask_texture;

typedef enum {
    ASK_ENTER, // comes in over an edge
    ASK_LEAVE, // goes out over an edge
    ASK_SLIDE, // to another place
    ASK_JUMP,  // up and down, once
    ASK_SPIN,  // turns; only toys whose turning can be seen
    ASK_GROW,  // larger, and back
    ASK_SHAKE, // quickly from side to side
    ASK_BLINK, // vanishes and comes back, several times
    ASK_N_SIMPLE_EVENTS,

    // in full worlds alone
    ASK_HIT = ASK_N_SIMPLE_EVENTS, // slides against another toy, which is knocked on
    ASK_PUSH,                      // slides on with another toy in front of it
    ASK_HIDE,                      // goes behind a screen, and comes out again
    ASK_TURN,                      // changes its colour, for good
    ASK_N_EVENTS,
} ask_event_kind;

typedef enum {
    ASK_TOP_LEFT,
    ASK_TOP_RIGHT,
    ASK_BOTTOM_LEFT,
    ASK_BOTTOM_RIGHT,
    ASK_N_PLACES,
} ask_corner;

/* "ball", "red", "small", "striped", "jumps", "jumping", "top left"; an ASK_TURN "changes
 * colour". The value is in range; the text is never NULL and lives for ever. */
ASK_API const char *ask_shape_name(ask_shape s);
ASK_API const char *ask_color_name(ask_toy_color c);
ASK_API const char *ask_size_name(ask_size s);
ASK_API const char *ask_texture_name(ask_texture t);
ASK_API const char *ask_event_name(ask_event_kind e);
ASK_API const char *ask_event_doing_name(ask_event_kind e);
ASK_API const char *ask_place_name(ask_corner p);

#endif
