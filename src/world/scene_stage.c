/* world/scene_stage.c - where everything stands and goes in a full scene.
 *
 * The scene is walked through in time. A toy that appears is put where it is in nobody's
 * way, and an event gets a way that is clear in every frame, as ask_scene_pose has them.
 * Where none is found in some attempts, the walk is begun anew, and at last the scene is
 * given up. */
#include <stdlib.h>

#include "world/scene_clear_priv.h"
#include "world/touch_priv.h"

enum {
    UNIT = ASK_WORLD_UNITS_PER_PX,
    TRIES = 20,    // of the whole
    ATTEMPTS = 40, // of each part
    LEAST_SLIDE_PX = 30,
    MOST_HIDE_PX = 72,     // from a place to the middle of the screen
    MOST_CROSSING_PX = 80, // from a place to outside the picture
    LEAST_RUN_PX = 14,     // until a toy meets another
    MOST_RUN_PX = 50,
    LEAST_KNOCK_PX = 16, // from there on
    MOST_KNOCK_PX = 46,
    ACROSS_PX = 4, // between the centres of toys in line
};

/* A scene of which the events and toys so far have their places: scene.n_events tells the
 * events. */
typedef struct {
    ask_scene_draft *draft;
    ask_scene *s;
    int n_events; // in all
    bool is_placed[ASK_SCENE_MAX_TOYS], has_fronts[ASK_SCENE_MAX_TOYS];
    ask_fronts fronts[ASK_SCENE_MAX_TOYS];
} stage;

/* ---- places ---- */

static int draw_within(stage *st, int half_px)
{
    int low = ASK_ROOM_MARGIN_PX + half_px;
    return UNIT * ask_draft_between(st->draft, low, ASK_WORLD_SIDE_PX - low);
}

static void draw_place(stage *st, const ask_toy *t, int *x, int *y)
{
    int half = ask_toy_half(t) / UNIT;
    *x = draw_within(st, half);
    *y = draw_within(st, half);
}

/* Whether two places are as far apart, along one of the axes, as is asked. */
static bool are_apart(int ax, int ay, int bx, int by, int px)
{
    return abs(ax - bx) >= px * UNIT || abs(ay - by) >= px * UNIT;
}

/* ---- toys in line ---- */

static const ask_fronts *fronts_of(stage *st, int toy)
{
    if (!st->has_fronts[toy])
        ask_fronts_make(&st->fronts[toy], st->s->toys[toy].shape, st->s->toys[toy].size);
    st->has_fronts[toy] = true;
    return &st->fronts[toy];
}

static ask_offset moved(int x, int y, ask_way way, int px)
{
    static const ask_offset steps[ASK_N_WAYS] = {[ASK_RIGHT] = {1, 0},
                                                 [ASK_DOWN] = {0, 1},
                                                 [ASK_LEFT] = {-1, 0},
                                                 [ASK_UP] = {0, -1}};
    return (ask_offset){x + steps[way].x * px * UNIT, y + steps[way].y * px * UNIT};
}

/* How far the centres of the toys of a HIT or PUSH are apart where they touch. */
static int touching_px(stage *st, const ask_event *e, ask_way way, int across_px)
{
    return ask_fronts_distance_px(fronts_of(st, e->toy), fronts_of(st, e->other), way,
                                  across_px);
}

static bool is_of(const ask_event *e, int toy)
{
    return ask_event_moves_other(e) && (e->toy == toy || e->other == toy);
}

/* Whether a toy will hit or push another, or will be hit or pushed. */
static bool meets(const stage *st, int toy)
{
    for (int i = 0; i < st->n_events; i++) {
        if (is_of(&st->s->events[i], toy)) return true;
    }
    return false;
}

/* The HIT or PUSH of a toy with one that is there already; NULL: none. */
static const ask_event *meeting_of(const stage *st, int toy)
{
    for (int i = 0; i < st->n_events; i++) {
        const ask_event *e = &st->s->events[i];
        if (is_of(e, toy) && st->is_placed[e->toy == toy ? e->other : e->toy]) return e;
    }
    return NULL;
}

/* A home from which a toy can meet, or can be met by, the other one where that stands. */
static void draw_in_line(stage *st, int toy, const ask_event *meeting)
{
    ask_toy *t = &st->s->toys[toy];
    bool acts = meeting->toy == toy;
    const ask_toy *partner = &st->s->toys[acts ? meeting->other : meeting->toy];
    ask_way way = (ask_way)ask_draft_between(st->draft, 0, ASK_N_WAYS - 1);
    int across = ask_draft_between(st->draft, -ACROSS_PX, ACROSS_PX);
    int apart = touching_px(st, meeting, way, across) +
                ask_draft_between(st->draft, LEAST_RUN_PX, MOST_RUN_PX);
    ask_offset at = moved(partner->home_x, partner->home_y, way, acts ? -apart : apart);
    int aside = (acts ? -across : across) * UNIT;
    bool level = way == ASK_RIGHT || way == ASK_LEFT;
    t->home_x = at.x + (level ? 0 : aside);
    t->home_y = at.y + (level ? aside : 0);
}

static void draw_home(stage *st, int toy)
{
    ask_toy *t = &st->s->toys[toy];
    const ask_event *meeting = meeting_of(st, toy);
    if (meeting)
        draw_in_line(st, toy, meeting);
    else
        draw_place(st, t, &t->home_x, &t->home_y);
}

/* ---- ways ---- */

/* Just outside of an edge, for a camera that stands still. False: that is too far away. */
static bool draw_way_out(stage *st, ask_event *e, int x, int y)
{
    int beyond = ask_toy_half(&st->s->toys[e->toy]);
    int side = ASK_WORLD_SIDE_PX * UNIT;
    e->to_x = x;
    e->to_y = y;
    switch ((ask_way)ask_draft_between(st->draft, 0, ASK_N_WAYS - 1)) {
    case ASK_RIGHT:
        e->to_x = side + beyond;
        break;
    case ASK_DOWN:
        e->to_y = side + beyond;
        break;
    case ASK_LEFT:
        e->to_x = -beyond;
        break;
    default:
        e->to_y = -beyond;
        break;
    }
    return !are_apart(x, y, e->to_x, e->to_y, MOST_CROSSING_PX);
}

/* Along the line in which the two stand. */
static void draw_meeting(stage *st, ask_event *e)
{
    const ask_toy *a = &st->s->toys[e->toy], *b = &st->s->toys[e->other];
    int dx = b->home_x - a->home_x, dy = b->home_y - a->home_y;
    bool level = abs(dx) > abs(dy);
    ask_way way = level ? (dx > 0 ? ASK_RIGHT : ASK_LEFT) : (dy > 0 ? ASK_DOWN : ASK_UP);
    int apart = touching_px(st, e, way, (level ? dy : dx) / UNIT);
    int knock = ask_draft_between(st->draft, LEAST_KNOCK_PX, MOST_KNOCK_PX);
    ask_offset other = moved(b->home_x, b->home_y, way, knock);
    ask_offset before = e->kind == ASK_PUSH ? other : (ask_offset){b->home_x, b->home_y};
    ask_offset to = moved(before.x, before.y, way, -apart);
    e->other_x = other.x;
    e->other_y = other.y;
    e->to_x = level ? to.x : a->home_x;
    e->to_y = level ? a->home_y : to.y;
}

/* Behind a screen, and out again: where it came from, or anywhere near. */
static bool draw_hiding(stage *st, ask_event *e, int x, int y)
{
    ask_scene *s = st->s;
    e->screen = ask_draft_between(st->draft, 0, s->n_screens - 1);
    const ask_screen *b = &s->screens[e->screen];
    if (ask_draft_chance(st->draft, 1, 3)) {
        e->to_x = x;
        e->to_y = y;
    } else {
        draw_place(st, &s->toys[e->toy], &e->to_x, &e->to_y);
    }
    return !are_apart(x, y, b->x, b->y, MOST_HIDE_PX) &&
           !are_apart(e->to_x, e->to_y, b->x, b->y, MOST_HIDE_PX);
}

/* The toy stands at x, y. False: it cannot be so. */
static bool draw_way(stage *st, ask_event *e, int x, int y)
{
    switch (e->kind) {
    case ASK_ENTER:
    case ASK_LEAVE:
        return draw_way_out(st, e, x, y);
    case ASK_SLIDE:
        draw_place(st, &st->s->toys[e->toy], &e->to_x, &e->to_y);
        return are_apart(x, y, e->to_x, e->to_y, LEAST_SLIDE_PX);
    case ASK_HIT:
    case ASK_PUSH:
        draw_meeting(st, e);
        return true;
    case ASK_HIDE:
        return draw_hiding(st, e, x, y);
    default:
        return true;
    }
}

/* ---- the walk ---- */

/* All that a toy takes up in an event in which it stays where it is. */
static ask_box box_of_doing(const ask_toy *t, const ask_event *e)
{
    ask_box b = ask_box_of(t, (ask_pose){.x = t->home_x,
                                         .y = t->home_y,
                                         .angle = e->kind == ASK_SPIN,
                                         .scale = e->kind == ASK_GROW ? e->amount : 256});
    if (e->kind == ASK_JUMP) b.y0 -= e->amount;
    if (e->kind == ASK_SHAKE) {
        b.x0 -= e->amount;
        b.x1 += e->amount;
    }
    return b;
}

/* Whether there is room at its home for what a toy does there, other toys left out. */
static bool has_room(const stage *st, int toy)
{
    const ask_scene *s = st->s;
    for (int i = 0; i < st->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (e->kind == ASK_SLIDE || e->kind == ASK_HIDE || ask_event_moves_other(e)) {
            if (e->toy == toy || e->other == toy) return true;
        }
        if (e->toy != toy || e->kind == ASK_LEAVE) continue;
        ask_box b = box_of_doing(&s->toys[toy], e);
        if (!ask_box_is_in_room(b) || !ask_box_is_clear_of_screens(s, b, -1)) return false;
    }
    return true;
}

static bool put_down(stage *st, int toy)
{
    const ask_outing o = ask_outing_of(st->s, st->is_placed, toy, st->s->toys[toy].begin);
    for (int i = 0; i < ATTEMPTS && !st->is_placed[toy]; i++) {
        draw_home(st, toy);
        st->is_placed[toy] = has_room(st, toy) && ask_outing_goes_well(st->s, &o);
    }
    return st->is_placed[toy];
}

static bool come_in(stage *st, ask_event *e)
{
    const ask_toy *t = &st->s->toys[e->toy];
    const ask_outing o = ask_outing_of(st->s, st->is_placed, e->toy, e->begin);
    for (int i = 0; i < ATTEMPTS && !st->is_placed[e->toy]; i++) {
        draw_home(st, e->toy);
        st->is_placed[e->toy] =
            draw_way(st, e, t->home_x, t->home_y) && ask_outing_goes_well(st->s, &o);
    }
    return st->is_placed[e->toy];
}

/* Whether a toy does it where it is, so that there is no way to draw. */
static bool stays(ask_event_kind kind)
{
    return kind == ASK_JUMP || kind == ASK_SPIN || kind == ASK_GROW || kind == ASK_SHAKE ||
           kind == ASK_BLINK || kind == ASK_TURN;
}

static bool go(stage *st, ask_event *e)
{
    bool two = ask_event_moves_other(e);
    const ask_outing own = ask_outing_of(st->s, st->is_placed, e->toy, e->begin);
    const ask_outing other =
        two ? ask_outing_of(st->s, st->is_placed, e->other, e->begin) : own;
    const ask_pose from = ask_scene_pose(st->s, e->toy, e->begin - 1);
    for (int i = 0; i < (stays(e->kind) ? 1 : ATTEMPTS); i++) {
        if (draw_way(st, e, from.x, from.y) && ask_outing_goes_well(st->s, &own) &&
            (!two || ask_outing_goes_well(st->s, &other)))
            return true;
    }
    return false;
}

/* The toys of a size that appear in a frame. */
static bool put_all(stage *st, int frame, ask_size size, bool meeting)
{
    const ask_scene *s = st->s;
    for (int i = 0; i < s->n_toys; i++) {
        const ask_toy *t = &s->toys[i];
        if (t->begin != frame || t->size != size || st->is_placed[i]) continue;
        if (meets(st, i) == meeting && !put_down(st, i)) return false;
    }
    return true;
}

/* All that begins in a frame. */
static bool play(stage *st, int frame)
{
    ask_scene *s = st->s;
    while (s->n_events < st->n_events && s->events[s->n_events].begin == frame) {
        ask_event *e = &s->events[s->n_events++];
        if (!(e->kind == ASK_ENTER ? come_in(st, e) : go(st, e))) return false;
    }
    for (int meeting = 1; meeting >= 0; meeting--) { // what needs most room comes first
        for (int size = ASK_N_SIZES - 1; size >= 0; size--) {
            if (!put_all(st, frame, (ask_size)size, meeting)) return false;
        }
    }
    return true;
}

/* Clear of those before it. */
static bool put_screen(stage *st, int screen)
{
    ask_scene *s = st->s;
    s->n_screens = screen;
    for (int i = 0; i < ATTEMPTS; i++) {
        const ask_screen at = {draw_within(st, ASK_SCREEN_WIDTH_PX / 2),
                               draw_within(st, ASK_SCREEN_HEIGHT_PX / 2)};
        if (!ask_box_is_clear_of_screens(s, ask_box_of_screen(&at), -1)) continue;
        s->screens[s->n_screens++] = at;
        return true;
    }
    return false;
}

/* From the first frame to the last. */
static bool play_all(stage *st, int n_screens)
{
    ask_scene *s = st->s;
    bool ok = true;
    s->n_events = 0;
    for (int i = 0; i < s->n_toys; i++) st->is_placed[i] = false;
    for (int i = 0; ok && i < n_screens; i++) ok = put_screen(st, i);
    for (int frame = 0; ok && frame < s->n_frames; frame++) ok = play(st, frame);
    s->n_events = st->n_events;
    s->n_screens = n_screens;
    return ok;
}

bool ask_draft_stage(ask_scene_draft *d)
{
    stage st;
    st.draft = d;
    st.s = &d->scene;
    st.n_events = d->scene.n_events;
    for (int i = 0; i < ASK_SCENE_MAX_TOYS; i++) st.has_fronts[i] = false;
    for (int i = 0; i < TRIES; i++) {
        if (play_all(&st, d->scene.n_screens)) return true;
    }
    return false;
}
