/* train/timeline_truth.c - the playroom as Timeline knows it: its kinds, the frames that
 * are looked at, where toys are seen and where they go. */
#include "train/timeline_truth_priv.h"

#include <stdlib.h>

/* ---- kinds ---- */

enum { LEFT, RIGHT, UP, DOWN, N_WAYS };
static const char *const way_names[N_WAYS] = {"left", "right", "up", "down"};

ask_timeline_kinds ask_timeline_playroom_kinds(void)
{
    return (ask_timeline_kinds){{
        [ASK_KIND_OF_COLOR] = ASK_N_COLORS,
        [ASK_KIND_OF_SHAPE] = ASK_N_SHAPES,
        [ASK_KIND_OF_SIZE] = ASK_N_SIZES,
        [ASK_KIND_OF_TEXTURE] = ASK_N_TEXTURES,
        [ASK_KIND_OF_EVENT] = ASK_N_EVENTS,
        [ASK_KIND_OF_WAY] = N_WAYS,
    }};
}

const char *ask_timeline_playroom_name(ask_timeline_kind kind, int value)
{
    switch (kind) {
    case ASK_KIND_OF_COLOR:
        return ask_color_name((ask_toy_color)value);
    case ASK_KIND_OF_SHAPE:
        return ask_shape_name((ask_shape)value);
    case ASK_KIND_OF_SIZE:
        return ask_size_name((ask_size)value);
    case ASK_KIND_OF_TEXTURE:
        return ask_texture_name((ask_texture)value);
    case ASK_KIND_OF_EVENT:
        return ask_event_name((ask_event_kind)value);
    default:
        return way_names[value];
    }
}

/* ---- frames ---- */

void ask_timeline_frames(int *times, int n_frames, int until)
{
    for (int i = 0; i < n_frames; i++) times[i] = (2 * i + 1) * until / (2 * n_frames);
}

/* ---- toys ---- */

bool ask_toy_is_seen(const ask_toy_view *v)
{
    return v->n_px > 0 && 3 * v->n_px >= v->n_full_px;
}

ask_spot ask_toy_view_middle(const ask_toy_view *v)
{
    return (ask_spot){(v->x0 + v->x1) / 2.0, (v->y0 + v->y1) / 2.0};
}

int ask_spot_cell(ask_spot p, int n_side)
{
    int column = (int)(p.x * n_side / ASK_WORLD_SIDE_PX);
    int row = (int)(p.y * n_side / ASK_WORLD_SIDE_PX);
    return row * n_side + column;
}

ask_spot ask_toy_spot(const ask_scene *s, int toy, int frame)
{
    const ask_toy *t = &s->toys[toy];
    if (frame >= t->end) frame = t->end - 1;
    if (frame < t->begin) frame = t->begin;
    ask_pose p = ask_scene_pose(s, toy, frame);
    return (ask_spot){(double)p.x / ASK_WORLD_UNITS_PER_PX - s->camera[frame].x,
                      (double)p.y / ASK_WORLD_UNITS_PER_PX - s->camera[frame].y};
}

int ask_frame_within(const ask_scene *s, int frame)
{
    return frame < 0 ? 0 : frame >= s->n_frames ? s->n_frames - 1 : frame;
}

ask_spot ask_toy_way(const ask_scene *s, int toy, int frame, int step)
{
    ask_spot from = ask_toy_spot(s, toy, ask_frame_within(s, frame - step));
    ask_spot to = ask_toy_spot(s, toy, ask_frame_within(s, frame + step));
    return (ask_spot){to.x - from.x, to.y - from.y};
}

int ask_toy_deed(const ask_scene *s, int toy, int frame)
{
    int own = ask_scene_event_of(s, toy, frame);
    if (own >= 0) return 1 + (int)s->events[own].kind;
    int by = ask_scene_event_on(s, toy, frame);
    return by >= 0 && frame >= ask_scene_contact(s, by) ? 1 + ASK_N_EVENTS : 0;
}

int ask_toy_pair(const ask_toy *t)
{
    return (int)t->color * ASK_N_SHAPES + (int)t->shape;
}

/* ---- events ---- */

bool ask_event_goes(ask_event_kind kind)
{
    return kind == ASK_ENTER || kind == ASK_LEAVE || kind == ASK_SLIDE || kind == ASK_HIT ||
           kind == ASK_PUSH || kind == ASK_HIDE;
}

int ask_event_way(const ask_scene *s, const ask_event *e)
{
    if (!ask_event_goes(e->kind)) return -1;
    const ask_toy *t = &s->toys[e->toy];
    ask_pose before = ask_scene_pose(s, e->toy, e->begin - 1);
    int dx = e->to_x - before.x, dy = e->to_y - before.y;
    if (e->kind == ASK_ENTER) {
        dx = t->home_x - e->to_x;
        dy = t->home_y - e->to_y;
    } else if (e->kind == ASK_HIDE) {
        dx = s->screens[e->screen].x - before.x;
        dy = s->screens[e->screen].y - before.y;
    }
    if (abs(dx) > abs(dy)) return dx < 0 ? LEFT : RIGHT;
    return dy < 0 ? UP : DOWN;
}

static ask_spot within_picture(ask_spot p)
{
    const double side = ASK_WORLD_SIDE_PX;
    return (ask_spot){p.x < 0      ? 0
                      : p.x > side ? side
                                   : p.x,
                      p.y < 0      ? 0
                      : p.y > side ? side
                                   : p.y};
}

ask_spot ask_event_begin_spot(const ask_scene *s, const ask_event *e)
{
    return within_picture(ask_toy_spot(s, e->toy, e->begin));
}

ask_spot ask_event_end_spot(const ask_scene *s, const ask_event *e, int until)
{
    return within_picture(ask_toy_spot(s, e->toy, e->end < until ? e->end : until - 1));
}

bool ask_event_shows_other(const ask_scene *s, int event, int until)
{
    return ask_event_moves_other(&s->events[event]) && ask_scene_contact(s, event) < until;
}
