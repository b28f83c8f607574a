#include "world/scene_priv.h"

enum {
    SPIN_FRAMES = ASK_EVENT_MAX_FRAMES,
    LEAST_JUMP_PX = 24,
    TRIES_OF_PLAN = 40, // until a plan for a full scene is given up
};

int ask_draft_between(ask_scene_draft *d, int low, int high)
{
    return (int)ask_rng_between(&d->rng, low, high);
}

bool ask_draft_chance(ask_scene_draft *d, int n, int of)
{
    return ask_draft_between(d, 1, of) <= n;
}

// --- What happens when -------------------------------------------------------------------

static int draw_event_length(ask_scene_draft *d, ask_event_kind kind)
{
    switch (kind) {
    case ASK_SPIN:
        return SPIN_FRAMES;
    case ASK_BLINK: // ends hidden, so that every frame has another state two frames on
        return ask_draft_chance(d, 1, 2) ? ASK_EVENT_MIN_FRAMES : ASK_EVENT_MAX_FRAMES;
    default:
        return ask_draft_between(d, ASK_EVENT_MIN_FRAMES, ASK_EVENT_MAX_FRAMES);
    }
}

static int draw_event_amount(ask_scene_draft *d, ask_event_kind kind)
{
    switch (kind) {
    case ASK_JUMP:
        return ask_draft_between(d, LEAST_JUMP_PX, ASK_JUMP_MAX_PX) *
               ASK_WORLD_UNITS_PER_PX;
    case ASK_SPIN:
        return ask_draft_chance(d, 1, 2) ? ASK_SPIN_ANGLE : -ASK_SPIN_ANGLE;
    case ASK_GROW:
        return ASK_GROW_SCALE;
    case ASK_SHAKE:
        return ASK_SHAKE_PX * ASK_WORLD_UNITS_PER_PX;
    default:
        return 0;
    }
}

ask_event ask_draft_event(ask_scene_draft *d, ask_event_kind kind)
{
    ask_event e = {.kind = kind, .toy = -1, .other = -1, .screen = -1};
    e.amount = draw_event_amount(d, kind);
    e.end = draw_event_length(d, kind);
    return e;
}

void ask_draft_cuts(ask_scene_draft *d, int cuts[], int n, int left)
{
    for (int i = 0; i < n; i++) {
        int cut = ask_draft_between(d, 0, left), k = i;
        for (; k > 0 && cuts[k - 1] > cut; k--) cuts[k] = cuts[k - 1];
        cuts[k] = cut;
    }
}

static ask_event_kind draw_kind(ask_scene_draft *d, int n_of_kind[ASK_N_SIMPLE_EVENTS])
{
    ask_event_kind kind;
    do {
        kind = (ask_event_kind)ask_draft_between(d, 0, ASK_N_SIMPLE_EVENTS - 1);
    } while ((kind == ASK_ENTER || kind == ASK_LEAVE) &&
             n_of_kind[kind] == ASK_MOST_COMINGS);
    n_of_kind[kind]++;
    return kind;
}

/* Every event takes at most 14 frames and 2 of rest: 16, and there are at most n_frames /
 * 16 of them. */
static void draw_events(ask_scene_draft *d)
{
    ask_scene *s = &d->scene;
    int most = s->n_frames / (ASK_EVENT_MAX_FRAMES + ASK_FRAMES_AROUND_EVENT);
    s->n_events = ask_draft_between(d, ASK_SCENE_MIN_EVENTS, most);
    int n_of_kind[ASK_N_SIMPLE_EVENTS] = {0};
    int left = s->n_frames - ASK_FRAMES_AROUND_EVENT * s->n_events;
    for (int i = 0; i < s->n_events; i++) {
        s->events[i] = ask_draft_event(d, draw_kind(d, n_of_kind));
        left -= s->events[i].end;
    }
    int cuts[ASK_SCENE_MAX_EVENTS];
    ask_draft_cuts(d, cuts, s->n_events, left);
    for (int i = 0, before = 1; i < s->n_events; i++) {
        ask_event *e = &s->events[i];
        int length = e->end;
        e->begin = before + cuts[i];
        e->end = e->begin + length;
        before += length + ASK_FRAMES_AROUND_EVENT;
    }
}

// --- All of it ---------------------------------------------------------------------------

static void draw_background(ask_scene_draft *d)
{
    ask_scene *s = &d->scene;
    do {
        s->background = ask_draft_between(d, 0, ASK_N_BACKGROUNDS - 1);
    } while (s->split != ASK_SPLIT_TEST && ask_background_is_held_out(s->background));
    s->background_seed = ask_rng_u32(&d->rng);
}

static void begin_anew(ask_scene *s)
{
    *s =
        (ask_scene){.seed = s->seed, .index = s->index, .split = s->split, .full = s->full};
}

static bool draw_simple(ask_scene_draft *d)
{
    ask_scene *s = &d->scene;
    begin_anew(s);
    s->n_frames = ask_draft_between(d, ASK_SCENE_MIN_FRAMES, ASK_SCENE_MAX_FRAMES);
    draw_background(d);
    draw_events(d);
    if (!ask_draft_cast(d) || !ask_draft_cells(d) || !ask_draft_looks(d)) return false;
    ask_draft_positions(d);
    return true;
}

/* A plan is tried many times, so that what is easily found room for does not happen more
 * often than the rest. */
static bool draw_full(ask_scene_draft *d)
{
    begin_anew(&d->scene);
    if (!ask_draft_plan(d)) return false;
    for (int i = 0; i < TRIES_OF_PLAN; i++) {
        if (ask_draft_cast(d) && ask_draft_looks(d) && ask_draft_stage(d)) return true;
    }
    return false;
}

void ask_scene_make(ask_scene *out, uint64_t seed, int64_t index, ask_split split,
                    ask_scene_style style)
{
    ask_rng root = ask_rng_new(seed);
    ask_rng of_split = ask_rng_split(&root, ask_split_name(split));
    ask_rng of_kind = style.simple ? of_split : ask_rng_split(&of_split, "full");
    ask_scene_draft d = {
        .rng = ask_rng_split_at(&of_kind, (uint64_t)index),
        .scene = {.seed = seed, .index = index, .split = split, .full = !style.simple}};
    while (!(style.simple ? draw_simple(&d) : draw_full(&d))) {
    }
    if (!style.simple) ask_draft_backdrop(&d, style);
    *out = d.scene;
}
