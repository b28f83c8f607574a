/* layout_star_classes.c - names and numbers of STAR's classes, and how fast videos run. */
#include <string.h>

#include "world/layout_star_priv.h"

enum {
    OBJECT_TOY,    // of no colour and shape in particular
    OBJECT_PAIR_0, // the first pair of colour and shape
    OBJECT_SCREEN = OBJECT_PAIR_0 + ASK_N_COLORS * ASK_N_SHAPES,
};

int layout_star_object_of(const ask_scene *s, int toy, int frame)
{
    return OBJECT_PAIR_0 + (int)ask_scene_color_of(s, toy, frame) * ASK_N_SHAPES +
           (int)s->toys[toy].shape;
}

int layout_star_screen(void)
{
    return OBJECT_SCREEN;
}

/* ---- lists ---- */

/* The first part of a line. Line feeds stand between lines, so that none ends the list. */
static void begin_class(ask_str *out, char letter, int i)
{
    ask_str_printf(out, "%s%c%03d ", i > 0 ? "\n" : "", letter, i);
}

void layout_star_put_actions(ask_str *out)
{
    for (int i = 0; i < ASK_N_EVENTS; i++) {
        begin_class(out, 'a', i);
        ask_str_printf(out, "A toy %s", ask_event_name((ask_event_kind)i));
    }
}

void layout_star_put_mapping(ask_str *out)
{
    for (int i = 0; i < ASK_N_EVENTS; i++) {
        begin_class(out, 'a', i);
        ask_str_printf(out, "v%03d o%03d", i, OBJECT_TOY);
    }
}

void layout_star_put_verbs(ask_str *out)
{
    for (int i = 0; i < ASK_N_EVENTS; i++) {
        begin_class(out, 'v', i);
        ask_str_append(out, ask_event_name((ask_event_kind)i));
    }
}

void layout_star_put_objects(ask_str *out)
{
    begin_class(out, 'o', OBJECT_TOY);
    ask_str_append(out, "toy");
    for (int i = 0; i < ASK_N_COLORS * ASK_N_SHAPES; i++) {
        begin_class(out, 'o', OBJECT_PAIR_0 + i);
        ask_str_printf(out, "%s %s", ask_color_name((ask_toy_color)(i / ASK_N_SHAPES)),
                       ask_shape_name((ask_shape)(i % ASK_N_SHAPES)));
    }
    begin_class(out, 'o', OBJECT_SCREEN);
    ask_str_append(out, "screen");
}

void layout_star_put_relations(ask_str *out)
{
    static const char *const names[] = {[LAYOUT_STAR_HITS] = "hits",
                                        [LAYOUT_STAR_PUSHES] = "pushes",
                                        [LAYOUT_STAR_BEHIND] = "behind"};
    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++) {
        begin_class(out, 'r', i);
        ask_str_append(out, names[i]);
    }
}

/* ---- rates ---- */

void layout_star_begin_rates(ask_str *out)
{
    ask_str_append_bytes(out, "\x80\x03}(", 4); // protocol 3, a dictionary, a mark
}

void layout_star_put_rate(ask_str *out, const char *video)
{
    const uint8_t twelve[] = {'G', 0x40, 0x28, 0, 0, 0, 0, 0, 0}; // a big-endian double
    const uint8_t head[] = {'X', (uint8_t)(strlen(video) + strlen(".mp4")), 0, 0, 0};
    ask_str_append_bytes(out, head, sizeof head);
    ask_str_printf(out, "%s.mp4", video);
    ask_str_append_bytes(out, twelve, sizeof twelve);
}

void layout_star_end_rates(ask_str *out)
{
    ask_str_append_bytes(out, "u.", 2); // set the items; stop
}
