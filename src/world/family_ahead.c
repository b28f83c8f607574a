/* What comes next, where the clip is cut off, and what could be done at its end. */
#include <stdlib.h>

#include "world/family_priv.h"
#include "world/scene_priv.h"
#include "world/touch_priv.h"

// --- Ways --------------------------------------------------------------------------------

typedef enum { LEFT, RIGHT, UP, DOWN, N_WAYS } way;

static const char *const ways_said[N_WAYS] = {"to the left", "to the right", "up", "down"};

// --- Where it goes next ------------------------------------------------------------------

static const char *const next_said[ASK_N_WORDINGS] = {
    "where will %s go next?", "which way will %s go on?",
    "in which direction will %s move next?", "where is %s about to go?"};
static const char next_denial[] = "nowhere"; // nor does who is not there

static bool goes_straight(const ask_event *e)
{
    return e->kind == ASK_ENTER || e->kind == ASK_LEAVE || e->kind == ASK_SLIDE ||
           e->kind == ASK_HIT || e->kind == ASK_PUSH;
}

/* The way between its poses in two frames. False: it is not straight. */
static bool way_between(way *out, const ask_scene *s, int toy, int from, int to)
{
    ask_pose p = ask_scene_pose(s, toy, from), q = ask_scene_pose(s, toy, to);
    int dx = q.x - p.x, dy = q.y - p.y;
    if ((dx == 0) == (dy == 0)) return false;
    *out = dx < 0 ? LEFT : dx > 0 ? RIGHT : dy < 0 ? UP : DOWN;
    return true;
}

static bool is_half_seen(const ask_asker *a, int toy, int frame)
{
    const ask_toy_view *v = &a->seen.views[frame].toys[toy];
    return v->n_px > 0 && 2 * v->n_px >= v->n_full_px;
}

/* Toys that are seen in a frame, neither do anything nor are moved until another, and never
 * go anywhere later on. */
static ask_some resting_toys(ask_asker *a, unsigned but, int frame, int until)
{
    const ask_scene *s = a->seen.scene;
    ask_some toys = ask_some_toys(a, but), out = {.n = 0};
    for (int i = 0; i < toys.n; i++) {
        int toy = toys.items[i];
        bool rests = is_half_seen(a, toy, frame) && s->toys[toy].end >= until &&
                     ask_deed_n_moves(s, toy, frame) == 0;
        for (int t = frame; t < until && rests; t++)
            rests = ask_scene_event_of(s, toy, t) < 0 && ask_scene_event_on(s, toy, t) < 0;
        if (rests) ask_some_add(&out, toy);
    }
    return out;
}

static bool draft_prediction(ask_family_draft *d, ask_asker *a, const ask_event *e)
{
    enum { LEAST_SHOWN = 3 };
    const ask_scene *s = a->seen.scene;
    int shown = (e->end - e->begin) / 3;
    int until = e->begin + (shown < LEAST_SHOWN ? LEAST_SHOWN : shown);
    way right;
    if (!ask_deed_has_name(s, e->toy) || !is_half_seen(a, e->toy, until - 1) ||
        !way_between(&right, s, e->toy, e->begin, until))
        return false;
    const char *pattern = next_said[d->wording];
    d->right = ask_option_text(ways_said[right]);
    ask_some ways = {.n = 0};
    for (int w = 0; w < N_WAYS; w++)
        if (w != (int)right) ask_some_add(&ways, w);
    ask_some_shuffle(&ways, a);
    for (int i = 0; i < ways.n; i++)
        d->wrong[d->n_wrong++] = ask_option_text(ways_said[ways.items[i]]);
    d->moment = (ask_world_moment){e->begin, until};
    d->until = until;
    d->is = ask_draft_premise(a, pattern, ask_deed_name(s, e->toy), e->toy, NULL);
    d->denial = next_denial;
    ask_some others = resting_toys(a, 1u << e->toy, until - 1, e->end);
    return ask_draft_twin(d, a, pattern, &others, NULL);
}

bool ask_draft_prediction(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    const ask_scene *s = a->seen.scene;
    ask_some events = {.n = 0};
    for (int i = 0; i < s->n_events; i++)
        if (goes_straight(&s->events[i])) ask_some_add(&events, i);
    ask_some_shuffle(&events, a);
    for (int i = 0; i < events.n; i++) {
        d->n_wrong = 0;
        if (draft_prediction(d, a, &s->events[events.items[i]])) return true;
    }
    return false;
}

// --- What it could touch -----------------------------------------------------------------

static const char *const touch_said[ASK_N_WORDINGS] = {
    "in the end, which toy would %s touch if it went straight %s?",
    "in the end, which toy is in the way of %s straight %s?",
    "if %s went straight %s from the end on, which toy would it touch first?",
    "which toy could %s run into in the end, straight %s?"};
static const char touch_denial[] = "none of them";

enum {
    CLEAR_PX = 3, // beside what is passed
    TIE_PX = 6,   // of two toys that are touched nearly at once none is the first
};

/* What every toy of a clip is like at its end, seen from each side. */
typedef struct {
    ask_fronts of[ASK_SCENE_MAX_TOYS];
} all_fronts;

static void make_fronts(all_fronts *out, const ask_scene *s)
{
    for (int i = 0; i < s->n_toys; i++)
        ask_fronts_make(&out->of[i], s->toys[i].shape, s->toys[i].size);
}

static int half_px(const ask_scene *s, int toy)
{
    return ask_toy_width_px(s->toys[toy].size) / 2;
}

/* Where b is from a: how far ahead on the way, and how far across it (to the right, or
 * down), in px. */
static void look_along(int *ahead, int *across, ask_pose a, ask_pose b, way w)
{
    int dx = (b.x - a.x) / ASK_WORLD_UNITS_PER_PX,
        dy = (b.y - a.y) / ASK_WORLD_UNITS_PER_PX;
    bool sideways = w == LEFT || w == RIGHT;
    *ahead = w == LEFT ? -dx : w == RIGHT ? dx : w == UP ? -dy : dy;
    *across = sideways ? dy : dx;
}

/* How far one toy goes until it touches another, by their outlines. */
static int gap_px(const all_fronts *f, int toy, int other, int ahead, int across, way w)
{
    static const ask_way ways[N_WAYS] = {
        [LEFT] = ASK_LEFT, [RIGHT] = ASK_RIGHT, [UP] = ASK_UP, [DOWN] = ASK_DOWN};
    return ahead - ask_fronts_distance_px(&f->of[toy], &f->of[other], ways[w], across);
}

static bool is_seen(const ask_asker *a, int toy, int frame)
{
    return is_half_seen(a, toy, frame) &&
           ask_scene_event_of(a->seen.scene, toy, frame) < 0 &&
           ask_scene_event_on(a->seen.scene, toy, frame) < 0;
}

/* The first toy in the way; -1: there is none; UNCLEAR: it might just pass one, or touch
 * two nearly at once. */
enum { UNCLEAR = -2 };

static int in_the_way(const ask_asker *a, const all_fronts *f, int toy, way w)
{
    enum { FAR = 4 * ASK_WORLD_SIDE_PX };
    const ask_scene *s = a->seen.scene;
    int frame = s->n_frames - 1, first = -1, least_gap = FAR, next_gap = FAR;
    bool unclear = false;
    ask_pose from = ask_scene_pose(s, toy, frame);
    for (int other = 0; other < s->n_toys; other++) {
        ask_pose p = ask_scene_pose(s, other, frame);
        int ahead, across, reach = half_px(s, toy) + half_px(s, other);
        if (other == toy || !p.there) continue;
        look_along(&ahead, &across, from, p, w);
        if (ahead <= 0 || abs(across) >= reach + CLEAR_PX) continue;
        unclear |= abs(across) > reach / 2 || !is_seen(a, other, frame);
        int gap = gap_px(f, toy, other, ahead, across, w);
        if (gap < least_gap) first = other;
        next_gap = gap < least_gap ? least_gap : gap < next_gap ? gap : next_gap;
        least_gap = gap < least_gap ? gap : least_gap;
    }
    return unclear || (first >= 0 && next_gap - least_gap < TIE_PX) ? UNCLEAR : first;
}

static bool draft_touch(ask_family_draft *d, ask_asker *a, const all_fronts *f, int toy,
                        way w)
{
    const ask_scene *s = a->seen.scene;
    int last = s->n_frames - 1, right = in_the_way(a, f, toy, w);
    if (right < 0 || !ask_deed_has_name(s, right)) return false;
    unsigned spoken_of = 1u << toy | 1u << right;
    ask_some toys = ask_some_toys(a, spoken_of);
    for (int seen = 1; seen >= 0; seen--) {
        for (int i = 0; i < toys.n && d->n_wrong < ASK_N_OPTIONS - 1; i++) {
            if (is_seen(a, toys.items[i], last) != seen) continue;
            d->wrong[d->n_wrong++] = ask_option_toy(a, toys.items[i]);
            spoken_of |= 1u << toys.items[i];
        }
    }
    if (d->n_wrong < 2) return false;
    const char *pattern = touch_said[d->wording];
    d->right = ask_option_toy(a, right);
    d->moment = (ask_world_moment){last, last + 1};
    d->is = ask_draft_premise(a, pattern, ask_deed_name(s, toy), toy, ways_said[w]);
    d->denial = touch_denial;
    ask_some left = ask_some_toys(a, spoken_of), free = {.n = 0};
    for (int i = 0; i < left.n; i++)
        if (is_seen(a, left.items[i], last) && in_the_way(a, f, left.items[i], w) == -1)
            ask_some_add(&free, left.items[i]);
    return ask_draft_twin(d, a, pattern, &free, ways_said[w]);
}

bool ask_draft_feasibility(ask_family_draft *d, ask_asker *a, int role)
{
    (void)role;
    ask_some toys = ask_some_toys(a, 0), ways = {.n = 0};
    all_fronts fronts;
    make_fronts(&fronts, a->seen.scene);
    for (int w = 0; w < N_WAYS; w++) ask_some_add(&ways, w);
    ask_some_shuffle(&ways, a);
    for (int i = 0; i < toys.n * N_WAYS; i++) {
        int toy = toys.items[i % toys.n];
        if (!is_seen(a, toy, a->seen.scene->n_frames - 1)) continue;
        d->n_wrong = 0;
        if (draft_touch(d, a, &fronts, toy, (way)ways.items[i / toys.n])) return true;
    }
    return false;
}

// --- Words -------------------------------------------------------------------------------

void ask_family_ahead_words(ask_str *out)
{
    for (int w = 0; w < ASK_N_WORDINGS; w++) {
        ask_question_add_words(out, next_said[w]);
        ask_question_add_words(out, touch_said[w]);
    }
    for (int w = 0; w < N_WAYS; w++) ask_question_add_words(out, ways_said[w]);
    ask_question_add_words(out, next_denial);
    ask_question_add_words(out, touch_denial);
}

void ask_family_ahead_denials(ask_str *out)
{
    ask_str_printf(out, "%s\n%s\n", next_denial, touch_denial);
}
