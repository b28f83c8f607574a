/* world/scene_plan.c - what happens when in a full scene. */
#include "world/scene_priv.h"

enum { REST_FRAMES = 3, AROUND_HIDDEN_FRAMES = 6, MOST_TIMES = 4 };

/* What some toy does, one or several times in a row. */
typedef struct {
    ask_event_kind kind;
    int n_times;
} deed;

typedef struct {
    deed deeds[ASK_SCENE_MAX_EVENTS];
    int n, n_events, n_of_kind[ASK_N_EVENTS];
} plan;

/* As many times as there is room for. */
static void add_deed(plan *p, ask_event_kind kind, int n_times)
{
    int room = ASK_SCENE_MAX_EVENTS - p->n_events;
    if (n_times > room) n_times = room;
    if (n_times == 0) return;
    p->deeds[p->n++] = (deed){kind, n_times};
    p->n_events += n_times;
    p->n_of_kind[kind] += n_times;
}

static ask_event_kind draw_repeated(ask_scene_draft *d)
{
    static const ask_event_kind kinds[] = {ASK_JUMP,  ASK_SPIN,  ASK_GROW,
                                           ASK_SHAKE, ASK_BLINK, ASK_SLIDE};
    return kinds[ask_draft_between(d, 0, (int)(sizeof kinds / sizeof *kinds) - 1)];
}

static void add_any_deed(ask_scene_draft *d, plan *p)
{
    ask_event_kind kind;
    do {
        kind = (ask_event_kind)ask_draft_between(d, 0, ASK_N_SIMPLE_EVENTS - 1);
    } while ((kind == ASK_ENTER || kind == ASK_LEAVE) &&
             p->n_of_kind[kind] == ASK_MOST_COMINGS);
    add_deed(p, kind, 1);
}

static plan draw_deeds(ask_scene_draft *d)
{
    plan p = {.n = 0};
    if (ask_draft_chance(d, 1, 2)) {
        int n = ask_draft_chance(d, 1, 4) ? 2 : 1;
        for (int i = 0; i < n; i++)
            add_deed(&p, ask_draft_chance(d, 1, 2) ? ASK_HIT : ASK_PUSH, 1);
    }
    if (ask_draft_chance(d, 1, 3)) add_deed(&p, ASK_HIDE, 1);
    if (ask_draft_chance(d, 1, 3)) add_deed(&p, ASK_TURN, 1);
    if (ask_draft_chance(d, 1, 2))
        add_deed(&p, draw_repeated(d), ask_draft_between(d, 2, MOST_TIMES));
    int wanted = ask_draft_between(d, ASK_SCENE_MIN_EVENTS, ASK_SCENE_MAX_EVENTS);
    while (p.n_events < wanted) add_any_deed(d, &p);
    ask_rng_shuffle(&d->rng, p.deeds, (size_t)p.n, sizeof *p.deeds);
    return p;
}

/* Lengths stand in the ends. */
static void add_events(ask_scene_draft *d, const plan *p)
{
    ask_scene *s = &d->scene;
    for (int i = 0; i < p->n; i++) {
        for (int k = 0; k < p->deeds[i].n_times; k++) {
            d->again[s->n_events] = k > 0;
            s->events[s->n_events++] = ask_draft_event(d, p->deeds[i].kind);
        }
    }
}

/* A toy that blinks is as little to be seen as one that is hidden. */
static bool may_happen_meanwhile(const ask_scene_draft *d, int event)
{
    const ask_scene *s = &d->scene;
    if (event >= s->n_events) return false;
    bool is_repeated = event + 1 < s->n_events && d->again[event + 1];
    ask_event_kind kind = s->events[event].kind;
    return kind != ASK_HIDE && kind != ASK_BLINK && !is_repeated;
}

/* Every event after the one before, but for those that happen while a toy is hidden. False:
 * the clip would be too long. */
static bool set_times(ask_scene_draft *d, const bool meanwhile[ASK_SCENE_MAX_EVENTS])
{
    ask_scene *s = &d->scene;
    int needed = 1, n_apart = 0, cuts[ASK_SCENE_MAX_EVENTS];
    for (int i = 0; i < s->n_events; i++) {
        if (meanwhile[i]) continue;
        needed += s->events[i].end + REST_FRAMES;
        n_apart++;
    }
    if (needed > ASK_SCENE_MAX_FRAMES) return false;
    s->n_frames =
        ask_draft_between(d, needed > ASK_FULL_MIN_FRAMES ? needed : ASK_FULL_MIN_FRAMES,
                          ASK_SCENE_MAX_FRAMES);
    ask_draft_cuts(d, cuts, n_apart, s->n_frames - needed);
    for (int i = 0, k = 0, before = 1; i < s->n_events; i++) {
        ask_event *e = &s->events[i];
        int length = e->end;
        if (meanwhile[i]) {
            e->begin = e[-1].begin + AROUND_HIDDEN_FRAMES;
        } else {
            e->begin = before + cuts[k++];
            before += length + REST_FRAMES;
        }
        e->end = e->begin + length;
    }
    return true;
}

/* Where a toy hides there is a screen; elsewhere there may be one. */
static int draw_n_screens(ask_scene_draft *d, const plan *p)
{
    return p->n_of_kind[ASK_HIDE] ? ask_draft_between(d, 1, ASK_SCENE_MAX_SCREENS)
                                  : ask_draft_chance(d, 1, 3);
}

bool ask_draft_plan(ask_scene_draft *d)
{
    ask_scene *s = &d->scene;
    plan p = draw_deeds(d);
    s->n_screens = draw_n_screens(d, &p);
    add_events(d, &p);
    bool meanwhile[ASK_SCENE_MAX_EVENTS] = {0};
    for (int i = 0; i < s->n_events; i++) {
        if (s->events[i].kind != ASK_HIDE) continue;
        s->events[i].end = ask_draft_between(d, ASK_HIDE_MIN_FRAMES, 20);
        if (may_happen_meanwhile(d, i + 1) && ask_draft_chance(d, 2, 3)) {
            meanwhile[i + 1] = true;
            s->events[i].end = s->events[i + 1].end + 2 * AROUND_HIDDEN_FRAMES;
        }
    }
    return set_times(d, meanwhile);
}
