/* world/motion.c - where a toy is in a frame.
 *
 * An event of n frames takes n + 1 steps: in the frame before it the toy is as it was, in
 * the frame after it as it will be, and in all of its own frames under way. What it does is
 * seen from any frame together with those two before and two after it: shaking and blinking
 * have a period of four frames, a full turn takes 15 steps. */
#include "world/scene.h"

static int between(int from, int to, int step, int n_steps)
{
    return from + (to - from) * step / n_steps;
}

static void move_to(ask_pose *p, int x, int y)
{
    p->x = x;
    p->y = y;
}

/* The first or the second half of a period of four frames. */
static bool in_first_half(int step)
{
    return (step - 1) % 4 < 2;
}

/* step: 1 .. n_steps - 1. p is the pose before the event. */
static void pose_within(ask_pose *p, const ask_event *e, int step, int n_steps)
{
    switch (e->kind) {
    case ASK_ENTER:
        move_to(p, between(e->to_x, p->x, step, n_steps),
                between(e->to_y, p->y, step, n_steps));
        break;
    case ASK_LEAVE:
    case ASK_SLIDE:
        move_to(p, between(p->x, e->to_x, step, n_steps),
                between(p->y, e->to_y, step, n_steps));
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
    default:
        break;
    }
}

ask_pose ask_scene_pose(const ask_scene *s, int toy, int frame)
{
    const ask_toy *t = &s->toys[toy];
    ask_pose p = {.there = t->begin <= frame && frame < t->end,
                  .x = t->home_x,
                  .y = t->home_y,
                  .scale = 256};
    for (int i = 0; i < s->n_events && s->events[i].begin <= frame; i++) {
        const ask_event *e = &s->events[i];
        if (e->toy != toy) continue;
        if (frame < e->end)
            pose_within(&p, e, frame - e->begin + 1, e->end - e->begin + 1);
        else if (e->kind == ASK_SLIDE)
            move_to(&p, e->to_x, e->to_y);
    }
    return p;
}
