/* world/scene_clear.c - who is in whose way in a full scene. */
#include "world/scene_clear_priv.h"

enum {
    UNIT = ASK_WORLD_UNITS_PER_PX,
    GAP_PX = 2, // between toys that do not touch
};

/* ---- boxes ---- */

static ask_box box_around(int x, int y, int half_width, int half_height)
{
    return (ask_box){x - half_width, y - half_height, x + half_width, y + half_height};
}

int ask_toy_half(const ask_toy *t)
{
    return ask_toy_width_px(t->size) / 2 * UNIT;
}

/* Toys that turn are wider across corners, triangles most. */
ask_box ask_box_of(const ask_toy *t, ask_pose p)
{
    int half = ask_toy_half(t) * p.scale / 256;
    if (p.angle) half = half * 4 / 3;
    return box_around(p.x, p.y, half, half);
}

ask_box ask_box_of_screen(const ask_screen *b)
{
    return box_around(b->x, b->y, ASK_SCREEN_WIDTH_PX / 2 * UNIT,
                      ASK_SCREEN_HEIGHT_PX / 2 * UNIT);
}

static bool meet(ask_box a, ask_box b)
{
    const int gap = GAP_PX * UNIT;
    return a.x0 < b.x1 + gap && b.x0 < a.x1 + gap && a.y0 < b.y1 + gap && b.y0 < a.y1 + gap;
}

bool ask_box_is_in_room(ask_box b)
{
    const int low = ASK_ROOM_MARGIN_PX * UNIT,
              high = (ASK_WORLD_SIDE_PX - ASK_ROOM_MARGIN_PX) * UNIT;
    return b.x0 >= low && b.y0 >= low && b.x1 <= high && b.y1 <= high;
}

/* ---- who is in whose way ---- */

static bool is_there(const ask_scene *s, int toy, int frame)
{
    return s->toys[toy].begin <= frame && frame < s->toys[toy].end;
}

static int squared(int n)
{
    return n * n;
}

static bool is_upright(ask_pose p)
{
    return !p.angle && p.scale == 256;
}

/* A toy that was pushed rests against the other one; they do not come nearer. */
static bool rest_together(const ask_event *push, ask_pose a, ask_pose b)
{
    int touching =
        squared(push->to_x - push->other_x) + squared(push->to_y - push->other_y);
    return is_upright(a) && is_upright(b) &&
           squared(a.x - b.x) + squared(a.y - b.y) >= touching;
}

static bool is_of_both(const ask_event *e, int a, int b)
{
    return ask_event_moves_other(e) &&
           ((e->toy == a && e->other == b) || (e->toy == b && e->other == a));
}

static bool may_touch(const ask_scene *s, int a, int b, int frame)
{
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (!is_of_both(e, a, b) || frame < e->begin) continue;
        if (frame < e->end) return true;
        if (e->kind == ASK_PUSH &&
            rest_together(e, ask_scene_pose(s, a, frame), ask_scene_pose(s, b, frame)))
            return true;
    }
    return false;
}

static int last_of(const ask_scene *s, int toy, int from)
{
    int last = from;
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (e->begin <= from && from < e->end && e->end > last) last = e->end;
    }
    return last < s->toys[toy].end ? last : s->toys[toy].end - 1;
}

static bool stands(const ask_scene *s, int toy, int from, int last)
{
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if ((e->toy == toy || e->other == toy) && e->begin <= last && from < e->end)
            return false;
    }
    return true;
}

ask_outing ask_outing_of(const ask_scene *s, const bool is_placed[ASK_SCENE_MAX_TOYS],
                         int toy, int from)
{
    ask_outing o = {.toy = toy, .from = from, .last = last_of(s, toy, from)};
    for (int k = 0; k < s->n_toys; k++) {
        if (k == toy || !is_placed[k] || s->toys[k].end <= from) continue;
        ask_neighbour *other = &o.others[o.n_others++];
        other->toy = k;
        other->stands = stands(s, k, from, o.last);
        if (other->stands) other->at = ask_box_of(&s->toys[k], ask_scene_pose(s, k, from));
    }
    return o;
}

static bool is_clear_of_toys(const ask_scene *s, const ask_outing *o, ask_box b, int frame)
{
    for (int i = 0; i < o->n_others; i++) {
        const ask_neighbour *n = &o->others[i];
        if (!is_there(s, n->toy, frame)) continue;
        ask_box at = n->stands
                         ? n->at
                         : ask_box_of(&s->toys[n->toy], ask_scene_pose(s, n->toy, frame));
        if (meet(b, at) && !may_touch(s, o->toy, n->toy, frame)) return false;
    }
    return true;
}

bool ask_box_is_clear_of_screens(const ask_scene *s, ask_box b, int except)
{
    for (int i = 0; i < s->n_screens; i++) {
        if (i != except && meet(b, ask_box_of_screen(&s->screens[i]))) return false;
    }
    return true;
}

static bool is_well(const ask_scene *s, const ask_outing *o, int frame)
{
    int own = ask_scene_event_of(s, o->toy, frame);
    const ask_event *e = own >= 0 ? &s->events[own] : NULL;
    bool crosses = e && (e->kind == ASK_ENTER || e->kind == ASK_LEAVE);
    ask_box b = ask_box_of(&s->toys[o->toy], ask_scene_pose(s, o->toy, frame));
    return (crosses || ask_box_is_in_room(b)) &&
           ask_box_is_clear_of_screens(s, b, e ? e->screen : -1) &&
           is_clear_of_toys(s, o, b, frame);
}

/* Most often it is in the end that something is in the way. */
bool ask_outing_goes_well(const ask_scene *s, const ask_outing *o)
{
    for (int t = o->last; t >= o->from; t--) {
        if (!is_well(s, o, t)) return false;
    }
    return true;
}
