#include "world/scene.h"

const char *ask_split_name(ask_split split)
{
    static const char *const names[ASK_N_SPLITS] = {
        [ASK_SPLIT_TRAIN] = "train", [ASK_SPLIT_VAL] = "val", [ASK_SPLIT_TEST] = "test"};
    return names[split];
}

ask_scene_style ask_scene_simple(void)
{
    return (ask_scene_style){.simple = true};
}

ask_scene_style ask_scene_full(void)
{
    return (ask_scene_style){.clutter_high = 2};
}

/* 18 of 120 pairs; every colour and every shape is in one to three of them. */
bool ask_pair_is_held_out(ask_toy_color c, ask_shape s)
{
    return (3 * (int)c + 9 * (int)s) % 20 < 3;
}

bool ask_pairing_is_held_out(ask_event_kind e, ask_shape s)
{
    return (e == ASK_SPIN && s == ASK_STAR) || (e == ASK_JUMP && s == ASK_HEART);
}

bool ask_background_is_held_out(int background)
{
    return background >= ASK_N_BACKGROUNDS - 2;
}

bool ask_toy_can(ask_event_kind e, ask_shape s, ask_size size)
{
    if (e == ASK_SPIN) return s != ASK_BALL && s != ASK_RING && s != ASK_HEXAGON;
    if (e == ASK_GROW) return size != ASK_LARGE;
    return true;
}

bool ask_toy_is_visitor(const ask_scene *s, int toy)
{
    const ask_toy *t = &s->toys[toy];
    return (t->end - t->begin) * 100 <= s->n_frames * ASK_VISIT_MAX_PERCENT;
}

bool ask_event_kind_moves_other(ask_event_kind kind)
{
    return kind == ASK_HIT || kind == ASK_PUSH;
}

bool ask_event_moves_other(const ask_event *e)
{
    return ask_event_kind_moves_other(e->kind);
}

bool ask_scene_has_color(const ask_scene *s, int toy, ask_toy_color c)
{
    if (s->toys[toy].color == c) return true;
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (e->kind == ASK_TURN && e->toy == toy && e->to_color == c) return true;
    }
    return false;
}

ask_toy_color ask_scene_color_of(const ask_scene *s, int toy, int frame)
{
    ask_toy_color c = s->toys[toy].color;
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (e->kind == ASK_TURN && e->toy == toy && e->end <= frame) c = e->to_color;
    }
    return c;
}

int ask_scene_event_of(const ask_scene *s, int toy, int frame)
{
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (e->toy == toy && e->begin <= frame && frame < e->end) return i;
    }
    return -1;
}

int ask_scene_event_on(const ask_scene *s, int toy, int frame)
{
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (ask_event_moves_other(e) && e->other == toy && e->begin <= frame &&
            frame < e->end)
            return i;
    }
    return -1;
}
