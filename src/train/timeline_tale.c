#include "train/timeline_tale_priv.h"

/* ---- by truth ---- */

void timeline_tell_places(timeline_tale *t, ask_spot from, ask_spot to)
{
    t->places[0] = from.x;
    t->places[1] = from.y;
    t->places[2] = to.x;
    t->places[3] = to.y;
}

timeline_tale timeline_tell_event(const ask_scene *s, int event, int until, bool sure)
{
    const ask_event *e = &s->events[event];
    timeline_tale t = {.class_ = (int)e->kind,
                       .who = ask_guise_of(&s->toys[e->toy]),
                       .other_color = TALE_NONE,
                       .other_shape = TALE_NONE,
                       .later_color = e->kind == ASK_TURN ? (int)e->to_color : TALE_NONE,
                       .way = ask_event_way(s, e),
                       .span = {e->begin, e->end < until ? e->end : until}};
    if (e->other >= 0 && (sure || ask_event_shows_other(s, event, until))) {
        t.other_color = (int)s->toys[e->other].color;
        t.other_shape = (int)s->toys[e->other].shape;
    }
    timeline_tell_places(&t, ask_event_begin_spot(s, e), ask_event_end_spot(s, e, until));
    return t;
}

bool timeline_tell_toy(timeline_tale *out, const ask_scene *s, const ask_scene_view *views,
                       int toy, int until)
{
    int first = TALE_NONE, last = TALE_NONE;
    for (int t = 0; t < until; t++) {
        if (!ask_toy_is_seen(&views[t].toys[toy])) continue;
        if (first == TALE_NONE) first = t;
        last = t;
    }
    if (first == TALE_NONE) return false;
    int color = (int)ask_scene_color_of(s, toy, until);
    *out =
        (timeline_tale){.class_ = ASK_N_EVENTS,
                        .who = ask_guise_of(&s->toys[toy]),
                        .other_color = TALE_NONE,
                        .other_shape = TALE_NONE,
                        .later_color = color == (int)s->toys[toy].color ? TALE_NONE : color,
                        .way = TALE_NONE,
                        .span = {first, last + 1}};
    timeline_tell_places(out, ask_toy_view_middle(&views[first].toys[toy]),
                         ask_toy_view_middle(&views[last].toys[toy]));
    return true;
}
