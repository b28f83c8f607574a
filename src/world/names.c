#include "world/names.h"

const char *ask_shape_name(ask_shape s)
{
    static const char *const names[ASK_N_SHAPES] = {
        [ASK_BALL] = "ball",   [ASK_SQUARE] = "square",   [ASK_TRIANGLE] = "triangle",
        [ASK_STAR] = "star",   [ASK_HEART] = "heart",     [ASK_RING] = "ring",
        [ASK_CROSS] = "cross", [ASK_DIAMOND] = "diamond", [ASK_HEXAGON] = "hexagon",
        [ASK_MOON] = "moon",   [ASK_ARROW] = "arrow",     [ASK_DROP] = "drop",
    };
    return names[s];
}

const char *ask_color_name(ask_toy_color c)
{
    static const char *const names[ASK_N_COLORS] = {
        [ASK_RED] = "red",       [ASK_ORANGE] = "orange", [ASK_YELLOW] = "yellow",
        [ASK_GREEN] = "green",   [ASK_CYAN] = "cyan",     [ASK_BLUE] = "blue",
        [ASK_PURPLE] = "purple", [ASK_PINK] = "pink",     [ASK_BROWN] = "brown",
        [ASK_WHITE] = "white",
    };
    return names[c];
}

const char *ask_size_name(ask_size s)
{
    static const char *const names[ASK_N_SIZES] = {
        [ASK_SMALL] = "small", [ASK_MEDIUM] = "medium", [ASK_LARGE] = "large"};
    return names[s];
}

const char *ask_texture_name(ask_texture t)
{
    static const char *const names[ASK_N_TEXTURES] = {[ASK_PLAIN] = "plain",
                                                      [ASK_STRIPED] = "striped",
                                                      [ASK_DOTTED] = "dotted",
                                                      [ASK_CHECKERED] = "checkered"};
    return names[t];
}

const char *ask_event_name(ask_event_kind e)
{
    static const char *const names[ASK_N_EVENTS] = {
        [ASK_ENTER] = "enters", [ASK_LEAVE] = "leaves", [ASK_SLIDE] = "slides",
        [ASK_JUMP] = "jumps",   [ASK_SPIN] = "spins",   [ASK_GROW] = "grows",
        [ASK_SHAKE] = "shakes", [ASK_BLINK] = "blinks", [ASK_HIT] = "hits",
        [ASK_PUSH] = "pushes",  [ASK_HIDE] = "hides",   [ASK_TURN] = "changes colour"};
    return names[e];
}

const char *ask_event_doing_name(ask_event_kind e)
{
    static const char *const names[ASK_N_EVENTS] = {
        [ASK_ENTER] = "entering", [ASK_LEAVE] = "leaving",  [ASK_SLIDE] = "sliding",
        [ASK_JUMP] = "jumping",   [ASK_SPIN] = "spinning",  [ASK_GROW] = "growing",
        [ASK_SHAKE] = "shaking",  [ASK_BLINK] = "blinking", [ASK_HIT] = "hitting",
        [ASK_PUSH] = "pushing",   [ASK_HIDE] = "hiding",    [ASK_TURN] = "changing colour"};
    return names[e];
}

const char *ask_place_name(ask_corner p)
{
    static const char *const names[ASK_N_PLACES] = {[ASK_TOP_LEFT] = "top left",
                                                    [ASK_TOP_RIGHT] = "top right",
                                                    [ASK_BOTTOM_LEFT] = "bottom left",
                                                    [ASK_BOTTOM_RIGHT] = "bottom right"};
    return names[p];
}
