#include "world/scene_priv.h"

enum {
    FRAMES_AROUND_EVENT = 2, // a toy is seen at rest before and after what it does
    MAX_COMINGS = 2,         // ... and goings in a scene
    SPIN_FRAMES = ASK_EVENT_MAX_FRAMES,
    FULL_TURN = 256,
    GROWN = 410, // 1.6 times
    SHAKE_PX = 5,
    LEAST_JUMP_PX = 24,
    MOST_JUMP_PX = 32,
};

int ask_draft_between(ask_scene_draft *d, int low, int high)
{
    return (int)ask_rng_between(&d->rng, low, high);
}

bool ask_draft_chance(ask_scene_draft *d, int n, int of)
{
    return ask_draft_between(d, 1, of) <= n;
}

static int longest_visit(const ask_scene *s)
{
    return s->n_frames * ASK_VISIT_MAX_PERCENT / 100;
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
        return ask_draft_between(d, LEAST_JUMP_PX, MOST_JUMP_PX) * ASK_WORLD_UNITS_PER_PX;
    case ASK_SPIN:
        return ask_draft_chance(d, 1, 2) ? FULL_TURN : -FULL_TURN;
    case ASK_GROW:
        return GROWN;
    case ASK_SHAKE:
        return SHAKE_PX * ASK_WORLD_UNITS_PER_PX;
    default:
        return 0;
    }
}

static ask_event_kind draw_kind(ask_scene_draft *d, int n_of_kind[ASK_N_EVENTS])
{
    ask_event_kind kind;
    do {
        kind = (ask_event_kind)ask_draft_between(d, 0, ASK_N_EVENTS - 1);
    } while ((kind == ASK_ENTER || kind == ASK_LEAVE) && n_of_kind[kind] == MAX_COMINGS);
    n_of_kind[kind]++;
    return kind;
}

/* Cuts what is left of the clip into pieces of random length: before, between and after the
 * events. Numbers ascending. */
static void draw_cuts(ask_scene_draft *d, int cuts[], int n, int left)
{
    for (int i = 0; i < n; i++) {
        int cut = ask_draft_between(d, 0, left), k = i;
        for (; k > 0 && cuts[k - 1] > cut; k--) cuts[k] = cuts[k - 1];
        cuts[k] = cut;
    }
}

/* Every event takes at most 14 frames and 2 of rest: 16, and there are at most n_frames /
 * 16 of them. */
static void draw_events(ask_scene_draft *d)
{
    ask_scene *s = &d->scene;
    int most = s->n_frames / (ASK_EVENT_MAX_FRAMES + FRAMES_AROUND_EVENT);
    s->n_events = ask_draft_between(d, ASK_SCENE_MIN_EVENTS, most);
    int n_of_kind[ASK_N_EVENTS] = {0}, length[ASK_SCENE_MAX_EVENTS];
    int left = s->n_frames - FRAMES_AROUND_EVENT * s->n_events;
    for (int i = 0; i < s->n_events; i++) {
        ask_event *e = &s->events[i];
        e->kind = draw_kind(d, n_of_kind);
        e->amount = draw_event_amount(d, e->kind);
        length[i] = draw_event_length(d, e->kind);
        left -= length[i];
    }
    int cuts[ASK_SCENE_MAX_EVENTS];
    draw_cuts(d, cuts, s->n_events, left);
    for (int i = 0, before = 1; i < s->n_events; i++) {
        s->events[i].begin = before + cuts[i];
        s->events[i].end = s->events[i].begin + length[i];
        before += length[i] + FRAMES_AROUND_EVENT;
    }
}

// --- Who does it -------------------------------------------------------------------------

/* Returns -1 when there are too many. */
static int add_toy(ask_scene *s, int begin, int end)
{
    if (s->n_toys == ASK_SCENE_MAX_TOYS) return -1;
    s->toys[s->n_toys] = (ask_toy){.begin = begin < 0 ? 0 : begin,
                                   .end = end > s->n_frames ? s->n_frames : end};
    return s->n_toys++;
}

/* Of two lengths the shorter: what is to be found should be brief. */
static int draw_visit(ask_scene_draft *d, int least, int most)
{
    int a = ask_draft_between(d, least, most), b = ask_draft_between(d, least, most);
    return a < b ? a : b;
}

/* Comes, and stays for a visit or for the rest of the clip. */
static int cast_comer(ask_scene_draft *d, const ask_event *e)
{
    int least = e->end - e->begin + FRAMES_AROUND_EVENT, most = longest_visit(&d->scene);
    bool visit = most >= least && ask_draft_chance(d, 2, 3);
    int end = visit ? e->begin + draw_visit(d, least, most) : d->scene.n_frames;
    return add_toy(&d->scene, e->begin, end);
}

/* Has been there for a visit or from the first frame on, and goes. */
static int cast_goer(ask_scene_draft *d, const ask_event *e)
{
    int least = e->end - e->begin + FRAMES_AROUND_EVENT, most = longest_visit(&d->scene);
    bool visit = most >= least && ask_draft_chance(d, 2, 3);
    int begin = visit ? e->end - draw_visit(d, least, most) : 0;
    return add_toy(&d->scene, begin, e->end);
}

static int cast_visitor_around(ask_scene_draft *d, const ask_event *e, int most)
{
    int least = e->end - e->begin + 2 * FRAMES_AROUND_EVENT;
    int spare = draw_visit(d, least, most) - least;
    int before = ask_draft_between(d, 0, spare);
    int begin = e->begin - FRAMES_AROUND_EVENT - before;
    return add_toy(&d->scene, begin, begin + least + spare);
}

static bool is_there_around(const ask_scene *s, const ask_toy *t, const ask_event *e)
{
    return (t->begin == 0 || t->begin + FRAMES_AROUND_EVENT <= e->begin) &&
           (t->end == s->n_frames || t->end >= e->end + FRAMES_AROUND_EVENT);
}

/* A toy that is there blinks only where others remain, and not while it visits: its moment
 * would fall into pieces. */
static int cast_actor(ask_scene_draft *d, const ask_event *e, int n_residents)
{
    const ask_scene *s = &d->scene;
    int most = longest_visit(s);
    bool blinks = e->kind == ASK_BLINK;
    bool room = most >= e->end - e->begin + 2 * FRAMES_AROUND_EVENT;
    if (blinks && n_residents <= ASK_SCENE_LEAST_AT_ONCE) return -1;
    if (!blinks && room && ask_draft_chance(d, 2, 5))
        return cast_visitor_around(d, e, most);
    int toys[ASK_SCENE_MAX_TOYS], n = 0;
    for (int i = 0; i < s->n_toys; i++) {
        if (is_there_around(s, &s->toys[i], e) && !(blinks && ask_toy_is_visitor(s, i)))
            toys[n++] = i;
    }
    return n ? toys[ask_draft_between(d, 0, n - 1)] : -1;
}

/* Toys that are put down and taken away without an event. */
static bool cast_more_visitors(ask_scene_draft *d)
{
    ask_scene *s = &d->scene;
    int n_visitors = 0, wanted = ask_draft_between(d, 2, 4);
    for (int i = 0; i < s->n_toys; i++) n_visitors += ask_toy_is_visitor(s, i);
    for (; n_visitors < wanted; n_visitors++) {
        int n = draw_visit(d, ASK_VISIT_MIN_FRAMES, longest_visit(s));
        int begin = ask_draft_between(d, 0, s->n_frames - n);
        if (add_toy(s, begin, begin + n) < 0) return false;
    }
    return true;
}

static bool numbers_at_once_hold(const ask_scene *s)
{
    for (int frame = 0; frame < s->n_frames; frame++) {
        int n = 0;
        for (int i = 0; i < s->n_toys; i++)
            n += s->toys[i].begin <= frame && frame < s->toys[i].end;
        if (n < ASK_SCENE_LEAST_AT_ONCE || n > ASK_SCENE_MOST_AT_ONCE) return false;
    }
    return true;
}

static bool cast_toys(ask_scene_draft *d)
{
    ask_scene *s = &d->scene;
    int n_residents = ask_draft_between(d, 2, 4);
    for (int i = 0; i < n_residents; i++) add_toy(s, 0, s->n_frames);
    for (int i = 0; i < s->n_events; i++) {
        ask_event *e = &s->events[i];
        e->toy = e->kind == ASK_ENTER   ? cast_comer(d, e)
                 : e->kind == ASK_LEAVE ? cast_goer(d, e)
                                        : cast_actor(d, e, n_residents);
        if (e->toy < 0) return false;
    }
    return cast_more_visitors(d) && numbers_at_once_hold(s);
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

static bool draw_scene(ask_scene_draft *d)
{
    ask_scene *s = &d->scene;
    *s = (ask_scene){.seed = s->seed, .index = s->index, .split = s->split};
    s->n_frames = ask_draft_between(d, ASK_SCENE_MIN_FRAMES, ASK_SCENE_MAX_FRAMES);
    draw_background(d);
    draw_events(d);
    if (!cast_toys(d) || !ask_draft_cells(d) || !ask_draft_looks(d)) return false;
    ask_draft_positions(d);
    return true;
}

void ask_scene_make(ask_scene *out, uint64_t seed, int64_t index, ask_split split)
{
    ask_rng root = ask_rng_new(seed);
    ask_rng of_split = ask_rng_split(&root, ask_split_name(split));
    ask_scene_draft d = {.rng = ask_rng_split_at(&of_split, (uint64_t)index),
                         .scene = {.seed = seed, .index = index, .split = split}};
    while (!draw_scene(&d)) {
    }
    *out = d.scene;
}
