/* In which things of a frame an answer is seen. */
#include <math.h>
#include <string.h>

#include "vqa/pointed_priv.h"

/* How near a thing is to where an event should be, in widths and heights of the picture. */
static const double NEARNESS = 0.1;

/* The share of the answer that the thing gets that an event moves. */
static const double OTHERS_PART = 0.5;

/* The share of the answer in one slot, on its way to the things of a frame. */
typedef struct {
    double *weight; // [n_sights]
    const pointed *of;
    int frame;
    const ask_sight *sights; // [n_sights], of the frame
} sharing;

static double share_of(const sharing *s, int slot, int k)
{
    const pointed *p = s->of;
    double sum = 0;
    for (int t = p->first[s->frame]; t <= p->last[s->frame]; t++) {
        size_t row = (size_t)slot * (size_t)p->n_times + (size_t)t;
        sum += p->shares[row * (size_t)p->n_sights + (size_t)k];
    }
    return sum;
}

/* Shares out `part` as the slot's own sights are in the frame; false: they are not. */
static bool share_by_sights(const sharing *s, int slot, double part)
{
    const pointed *p = s->of;
    double all = 0, least = 0.1 / p->n_times;
    for (int k = 0; k < p->n_sights; k++) all += share_of(s, slot, k);
    if (all < least) return false;
    for (int k = 0; k < p->n_sights; k++) s->weight[k] += part * share_of(s, slot, k) / all;
    return true;
}

/* The slot of the thing that looks like this; -1: there is none. */
static int thing_of(const pointed *p, const char *color, const char *shape)
{
    for (int i = p->n_events; color && shape && i < p->n_slots; i++)
        if (p->is_there[i] && strcmp(p->slots[i].color, color) == 0 &&
            strcmp(p->slots[i].shape, shape) == 0)
            return i;
    return -1;
}

static bool share_by_thing(const sharing *s, const char *color, const char *shape,
                           double part)
{
    int thing = thing_of(s->of, color, shape);
    return thing >= 0 && share_by_sights(s, thing, part);
}

/* The middle of the frame's times, as a share of the video. */
static double time_of(const sharing *s)
{
    const pointed *p = s->of;
    return (p->first[s->frame] + p->last[s->frame] + 1) / (2.0 * p->n_times);
}

/* As things are near to the straight way of the event. */
static void share_by_place(const sharing *s, const ask_memory_slot *e, double part)
{
    double length = e->end - e->start;
    double u = length > 0 ? (time_of(s) - e->start) / length : 0;
    double way = fmin(fmax(u, 0), 1), all = 0;
    double x = e->from_x + way * (e->to_x - e->from_x);
    double y = e->from_y + way * (e->to_y - e->from_y);
    for (int pass = 0; pass < 2; pass++) {
        for (int k = 0; k < s->of->n_sights; k++) {
            const ask_sight *sight = &s->sights[k];
            double dx = (sight->x + sight->width / 2 - x) / NEARNESS;
            double dy = (sight->y + sight->height / 2 - y) / NEARNESS;
            double near = sight->seen * exp(-(dx * dx + dy * dy) / 2);
            if (pass == 0)
                all += near;
            else
                s->weight[k] += part * near / all;
        }
        if (!(all > 0)) return;
    }
}

static bool is_during(const sharing *s, const ask_memory_slot *e)
{
    const double n = s->of->n_times;
    return s->of->last[s->frame] + 1 > e->start * n && s->of->first[s->frame] < e->end * n;
}

/* An event has a sight of its own only where it begins. */
static void share_event(const sharing *s, int slot, double part)
{
    const ask_memory_slot *e = &s->of->slots[slot];
    if (!share_by_sights(s, slot, part)) {
        if (!is_during(s, e)) return;
        if (!share_by_thing(s, e->color, e->shape, part)) share_by_place(s, e, part);
    }
    share_by_thing(s, e->other_color, e->other_shape, part * OTHERS_PART);
}

void pointed_sights(double *weight, const pointed *p, int frame, const ask_sight *sights)
{
    const sharing s = {weight, p, frame, sights};
    memset(weight, 0, (size_t)p->n_sights * sizeof *weight);
    for (int slot = 0; slot < p->n_slots; slot++) {
        if (!p->is_there[slot]) continue;
        if (slot < p->n_events)
            share_event(&s, slot, p->pointer[slot]);
        else
            share_by_sights(&s, slot, p->pointer[slot]);
    }
}

/* ---- the map ---- */

/* A third of the box to each side, and never less than half a cell: a point between cells
 * is seen by them. */
static double deviation(double size, int side)
{
    return fmax(size / 3, 0.5 / side);
}

static double bell_at(const ask_sight *s, int side, double x, double y)
{
    double dx = (x - s->x - s->width / 2) / deviation(s->width, side);
    double dy = (y - s->y - s->height / 2) / deviation(s->height, side);
    return exp(-(dx * dx + dy * dy) / 2);
}

/* Bells do not add up: the brightest is of one thing, and not between two. */
void pointed_heat(float *heat, int side, const ask_sight *sights, const double *weight,
                  int n_sights)
{
    float most = 0;
    for (int i = 0; i < side * side; i++) {
        double x = (i % side + 0.5) / side, y = (i / side + 0.5) / side, here = 0;
        for (int k = 0; k < n_sights; k++)
            here = fmax(here, weight[k] * bell_at(&sights[k], side, x, y));
        heat[i] = (float)here;
        most = fmaxf(most, heat[i]);
    }
    for (int i = 0; i < side * side && most > 0; i++) heat[i] /= most;
}
