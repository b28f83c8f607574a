/* world/motion.c - where a toy is in a frame.
 *
 * An event of n frames takes n + 1 steps: in the frame before it the toy is as it was, in
 * the frame after it as it will be, and in all of its own frames under way. What it does is
 * seen from any frame together with those two before and two after it: shaking and blinking
 * have a period of four frames, a full turn takes 15 steps.
 *
 * A toy that is hit stands until the other arrives, half-way through the event, and is then
 * fast at first; one that is pushed keeps ahead of the other from where they meet. */
#include <stddef.h>

#include "world/scene.h"

enum { HIDE_WAY_STEPS = 6 }; // to the screen, and away from it

static int between(int from, int to, int step, int n_steps)
{
    return from + (to - from) * step / n_steps;
}

/* The same, ever more slowly. */
static int slowing(int from, int to, int step, int n_steps)
{
    int left = n_steps - step;
    return to - (to - from) * left * left / (n_steps * n_steps);
}

static void move_to(ask_pose *p, int x, int y)
{
    p->x = x;
    p->y = y;
}

/* step: at most n_steps; from there on it stays. */
static void move_towards(ask_pose *p, int x, int y, int step, int n_steps)
{
    if (step > n_steps) step = n_steps;
    move_to(p, between(p->x, x, step, n_steps), between(p->y, y, step, n_steps));
}

/* The first or the second half of a period of four frames. */
static bool in_first_half(int step)
{
    return (step - 1) % 4 < 2;
}

static int steps_to_hit(int n_steps)
{
    return n_steps / 2;
}

void ask_event_hidden(const ask_event *e, int *begin, int *end)
{
    *begin = e->begin - 1 + HIDE_WAY_STEPS;
    *end = e->end + 1 - HIDE_WAY_STEPS;
}

static void hide(ask_pose *p, const ask_event *e, const ask_screen *behind, int step,
                 int n_steps)
{
    int way_out = step - (n_steps - HIDE_WAY_STEPS);
    move_towards(p, behind->x, behind->y, step, HIDE_WAY_STEPS);
    if (way_out > 0) move_towards(p, e->to_x, e->to_y, way_out, HIDE_WAY_STEPS);
}

/* step: 1 .. n_steps - 1. p is the pose before the event. */
static void pose_within(ask_pose *p, const ask_scene *s, const ask_event *e, int step,
                        int n_steps)
{
    switch (e->kind) {
    case ASK_ENTER:
        move_to(p, between(e->to_x, p->x, step, n_steps),
                between(e->to_y, p->y, step, n_steps));
        break;
    case ASK_LEAVE:
    case ASK_SLIDE:
    case ASK_PUSH:
        move_towards(p, e->to_x, e->to_y, step, n_steps);
        break;
    case ASK_HIT:
        move_towards(p, e->to_x, e->to_y, step, steps_to_hit(n_steps));
        break;
    case ASK_HIDE:
        hide(p, e, &s->screens[e->screen], step, n_steps);
        break;
    case ASK_JUMP:
        p->lift = 4 * e->amount * step * (n_steps - step) / (n_steps * n_steps);
        p->y -= p->lift;
        break;
    case ASK_SPIN:
        p->angle = between(0, e->amount, step, n_steps) & 255;
        break;
    case ASK_GROW: {
        int half = step < n_steps - step ? step : n_steps - step;
        p->scale = between(256, e->amount, 2 * half, n_steps);
        break;
    }
    case ASK_SHAKE:
        p->x += in_first_half(step) ? e->amount : -e->amount;
        break;
    case ASK_BLINK:
        p->there = p->there && !in_first_half(step);
        break;
    case ASK_TURN:
        p->to_color = e->to_color;
        p->turned = 256 * step / n_steps;
        break;
    default:
        break;
    }
}

static void settle(ask_pose *p, const ask_event *e)
{
    switch (e->kind) {
    case ASK_SLIDE:
    case ASK_HIT:
    case ASK_PUSH:
    case ASK_HIDE:
        move_to(p, e->to_x, e->to_y);
        break;
    case ASK_TURN:
        p->color = p->to_color = e->to_color;
        break;
    default:
        break;
    }
}

/* Along one axis: where it was, or as far ahead of the toy that pushes as it will be. */
static int kept_ahead(int was, int pusher, int ahead)
{
    int at = pusher + ahead;
    return (ahead > 0 && at > was) || (ahead < 0 && at < was) ? at : was;
}

/* The pose of a toy at rest: what of its events is over by a frame. under_way (may be
 * NULL): the event that it is in, or that moves it. */
static ask_pose rest_pose(const ask_scene *s, int toy, int frame,
                          const ask_event **under_way)
{
    const ask_toy *t = &s->toys[toy];
    ask_pose p = {.there = t->begin <= frame && frame < t->end,
                  .x = t->home_x,
                  .y = t->home_y,
                  .scale = 256,
                  .color = t->color,
                  .to_color = t->color};
    for (int i = 0; i < s->n_events && s->events[i].begin <= frame; i++) {
        const ask_event *e = &s->events[i];
        bool moves_it = ask_event_moves_other(e) && e->other == toy;
        if (e->toy != toy && !moves_it) continue;
        if (frame < e->end) {
            if (under_way) *under_way = e;
        } else if (moves_it) {
            move_to(&p, e->other_x, e->other_y);
        } else {
            settle(&p, e);
        }
    }
    return p;
}

/* As pose_within, of a toy that the event moves. */
static void pose_when_moved(ask_pose *p, const ask_scene *s, const ask_event *e, int step,
                            int n_steps)
{
    if (e->kind == ASK_HIT) {
        int gone = step - steps_to_hit(n_steps), n = n_steps - steps_to_hit(n_steps);
        if (gone > 0)
            move_to(p, slowing(p->x, e->other_x, gone, n),
                    slowing(p->y, e->other_y, gone, n));
        return;
    }
    ask_pose pusher = rest_pose(s, e->toy, e->begin, NULL);
    move_towards(&pusher, e->to_x, e->to_y, step, n_steps);
    move_to(p, kept_ahead(p->x, pusher.x, e->other_x - e->to_x),
            kept_ahead(p->y, pusher.y, e->other_y - e->to_y));
}

ask_pose ask_scene_pose(const ask_scene *s, int toy, int frame)
{
    const ask_event *e = NULL;
    ask_pose p = rest_pose(s, toy, frame, &e);
    if (!e) return p;
    int step = frame - e->begin + 1, n_steps = e->end - e->begin + 1;
    if (e->toy == toy)
        pose_within(&p, s, e, step, n_steps);
    else
        pose_when_moved(&p, s, e, step, n_steps);
    return p;
}

int ask_scene_contact(const ask_scene *s, int event)
{
    const ask_event *e = &s->events[event];
    if (e->kind == ASK_HIT) return e->begin - 1 + steps_to_hit(e->end - e->begin + 1);
    ask_pose before = rest_pose(s, e->other, e->begin, NULL);
    int frame = e->begin;
    for (; frame < e->end; frame++) {
        ask_pose now = ask_scene_pose(s, e->other, frame);
        if (now.x != before.x || now.y != before.y) break;
    }
    return frame;
}
