/* layout_star_classes.c - names and numbers of STAR's classes, and how fast videos run. */
#include <stdlib.h>
#include <string.h>

#include "base/pickle.h"
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

void layout_star_action_name(char out[LAYOUT_STAR_NAME], ask_event_kind kind)
{
    ask_format(out, LAYOUT_STAR_NAME, "A toy %s", ask_event_name(kind));
}

void layout_star_action_code(char out[LAYOUT_STAR_NAME], ask_event_kind kind)
{
    ask_format(out, LAYOUT_STAR_NAME, "v%03d o%03d", (int)kind, OBJECT_TOY);
}

void layout_star_put_actions(ask_str *out)
{
    for (int i = 0; i < ASK_N_EVENTS; i++) {
        char name[LAYOUT_STAR_NAME];
        layout_star_action_name(name, (ask_event_kind)i);
        begin_class(out, 'a', i);
        ask_str_append(out, name);
    }
}

void layout_star_put_mapping(ask_str *out)
{
    for (int i = 0; i < ASK_N_EVENTS; i++) {
        char code[LAYOUT_STAR_NAME];
        layout_star_action_code(code, (ask_event_kind)i);
        begin_class(out, 'a', i);
        ask_str_append(out, code);
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

/* All run as fast as worlds do. */
static void put_rate_of(ask_str *out, const char *file)
{
    const uint8_t twelve[] = {'G', 0x40, 0x28, 0, 0, 0, 0, 0, 0}; // a big-endian double
    const uint8_t head[] = {'X', (uint8_t)strlen(file), 0, 0, 0};
    ask_str_append_bytes(out, head, sizeof head);
    ask_str_append(out, file);
    ask_str_append_bytes(out, twelve, sizeof twelve);
}

void layout_star_put_rate(ask_str *out, const char *video)
{
    char file[LAYOUT_VIDEO_CHARS + sizeof ".mp4"];
    ask_format(file, sizeof file, "%s.mp4", video);
    put_rate_of(out, file);
}

void layout_star_end_rates(ask_str *out)
{
    ask_str_append_bytes(out, "u.", 2); // set the items; stop
}

static bool keep_rates(layout_run *r, int file, bool before, const ask_pickle_value *rates,
                       const char *path, ask_error *err)
{
    for (size_t i = 0; i < rates->items.n; i += 2) {
        const ask_pickle_value *name = rates->items.at[i];
        bool is_name = ask_pickle_is(name, ASK_PICKLE_STRING) &&
                       name->text.n_bytes < LAYOUT_VIDEO_CHARS + sizeof ".mp4";
        if (!is_name)
            return ask_fail(err, ASK_ERR_FORMAT, "%s: entry %zu is not a video's name",
                            path, i / 2);
        if (layout_is_beside(r, name->text.data, before))
            put_rate_of(&r->files[file].text, name->text.data);
    }
    return true;
}

bool layout_star_keep_rates(layout_run *r, int file, bool before, ask_error *err)
{
    char *path = layout_file_path(r, file, err);
    bool ok = path;
    if (ok && ask_file_exists(path)) {
        ask_pickle *p = ask_pickle_read(path, NULL, err);
        ok = p && (ask_pickle_is(ask_pickle_root(p), ASK_PICKLE_DICT) ||
                   ask_fail(err, ASK_ERR_FORMAT, "%s: expected a dictionary", path));
        ok = ok && keep_rates(r, file, before, ask_pickle_root(p), path, err);
        ask_pickle_free(p);
    }
    free(path);
    return ok;
}
