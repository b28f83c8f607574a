/* train/timeline_label_clip.c - which events begin at which of the places of a clip, and
 * whose they are. */
#include <stdlib.h>

#include "train/timeline_truth_priv.h"

/* The places of a clip: n of each of n_frames frames. */
typedef struct {
    const ask_scene *s;
    const int *times; // of the frames
    const int *toys;  // in each place
    int n_frames, n;
    int until;
} places;

/* ---- what a place is without an event ---- */

static void label_no_event(const ask_glimpse_labels *out, int at)
{
    out->event[at] = 0;
    out->number[at] = -1;
    for (int i = 0; i < 2; i++) out->span[2 * at + i] = out->end[2 * at + i] = 0;
    out->other_color[at] = out->other_shape[at] = -1;
    out->later_color[at] = out->way[at] = -1;
}

static void label_toy(const ask_glimpse_labels *out, int at, const ask_scene *s, int toy,
                      int frame)
{
    const ask_toy *t = toy < 0 ? NULL : &s->toys[toy];
    out->color[at] = t ? (int64_t)t->color : -1;
    out->shape[at] = t ? (int64_t)t->shape : -1;
    out->size[at] = t ? (int64_t)t->size : -1;
    out->texture[at] = t ? (int64_t)t->texture : -1;
    out->deed[at] = t ? ask_toy_deed(s, toy, frame) : -1;
}

/* ---- events ---- */

/* The free place of an event's toy that is nearest in time to its start; -1: none. */
static int place_of(const places *p, const ask_glimpse_labels *out, const ask_event *e)
{
    int best = -1, least = 0;
    for (int at = 0; at < p->n_frames * p->n; at++) {
        int away = abs(p->times[at / p->n] - e->begin);
        if (p->toys[at] != e->toy || out->number[at] >= 0) continue;
        if (best >= 0 && away >= least) continue;
        best = at;
        least = away;
    }
    return best;
}

/* In frames of T, from the middle of one of them. */
static float from_frame(const places *p, int t, int frame)
{
    return (float)((double)frame * p->n_frames / p->until - t - 0.5);
}

static void label_event(const ask_glimpse_labels *out, const places *p, int event, int at,
                        ask_spot here)
{
    const ask_event *e = &p->s->events[event];
    int t = at / p->n;
    ask_spot end = ask_event_end_spot(p->s, e, p->until);
    out->event[at] = 1 + (int64_t)e->kind;
    out->number[at] = event;
    out->span[2 * at] = from_frame(p, t, e->begin);
    out->span[2 * at + 1] = from_frame(p, t, e->end < p->until ? e->end : p->until);
    out->end[2 * at] = (float)((end.x - here.x) / ASK_WORLD_SIDE_PX);
    out->end[2 * at + 1] = (float)((end.y - here.y) / ASK_WORLD_SIDE_PX);
    if (ask_event_shows_other(p->s, event, p->until)) {
        out->other_color[at] = p->s->toys[e->other].color;
        out->other_shape[at] = p->s->toys[e->other].shape;
    }
    if (e->kind == ASK_TURN) out->later_color[at] = e->to_color;
    out->way[at] = ask_event_way(p->s, e);
}

/* An event may seem to begin where its toy is a little before or after its place: such
 * places are of it too, unless one is of another event. */
static void label_neighbours(const ask_glimpse_labels *out, const places *p, int event,
                             int at)
{
    const int FAR = 2;
    int t = at / p->n, toy = p->s->events[event].toy;
    for (int k = 0; k < p->n_frames * p->n; k++)
        if (p->toys[k] == toy && out->number[k] < 0 && abs(k / p->n - t) <= FAR)
            out->number[k] = event;
}

/* ---- pairs ---- */

static bool has_place(const places *p, int toy)
{
    for (int at = 0; at < p->n_frames * p->n; at++)
        if (p->toys[at] == toy) return true;
    return false;
}

/* A pair that two toys are is there if either is seen. */
static void label_pairs(const ask_glimpse_labels *out, const places *p)
{
    for (int i = 0; i < ASK_N_COLORS * ASK_N_SHAPES; i++) {
        out->pairs[i] = 0;
        out->pairs_weight[i] = 1;
    }
    for (int toy = 0; toy < p->s->n_toys; toy++) {
        const ask_toy *t = &p->s->toys[toy];
        int pair = ask_toy_pair(t);
        if (has_place(p, toy))
            out->pairs[pair] = out->pairs_weight[pair] = 1;
        else if (t->begin < p->until && out->pairs[pair] == 0)
            out->pairs_weight[pair] = 0;
    }
}

/* ---- all ---- */

void ask_timeline_label_clip(const ask_glimpse_labels *out, const ask_scene *s,
                             const int *times, int n_frames, const int *toys, int n_places,
                             int until)
{
    const places p = {s, times, toys, n_frames, n_places, until};
    int begins[ASK_SCENE_MAX_EVENTS], n = 0;
    for (int at = 0; at < n_frames * n_places; at++) {
        label_no_event(out, at);
        label_toy(out, at, s, toys[at], times[at / n_places]);
    }
    for (; n < s->n_events && s->events[n].begin < until; n++) {
        const ask_event *e = &s->events[n];
        int at = begins[n] = place_of(&p, out, e);
        if (at >= 0)
            label_event(out, &p, n, at, ask_toy_spot(s, e->toy, times[at / n_places]));
    }
    for (int i = 0; i < n; i++)
        if (begins[i] >= 0) label_neighbours(out, &p, i, begins[i]);
    label_pairs(out, &p);
}
