/* What scenes of a full world promise. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "support/testing.h"
#include "world/scene.h"

enum { N_SCENES = 700, UNIT = ASK_WORLD_UNITS_PER_PX, SIDE = ASK_WORLD_SIDE_PX * UNIT };

/* Made once. */
static ask_scene scenes[ASK_N_SPLITS][N_SCENES];

static int make_scenes(void **state)
{
    (void)state;
    for (int split = 0; split < ASK_N_SPLITS; split++) {
        for (int i = 0; i < N_SCENES; i++)
            ask_scene_make(&scenes[split][i], 7, i, (ask_split)split, ask_scene_full());
    }
    return 0;
}

// --- The same everywhere -----------------------------------------------------------------

typedef struct {
    int32_t n[512];
    int count;
} numbers;

static void note(numbers *all, int n)
{
    assert_true(all->count < (int)TEST_COUNT(all->n));
    all->n[all->count++] = n;
}

/* All that is decided, as numbers of one width in one order. */
static uint64_t fingerprint(const ask_scene *s)
{
    numbers all = {.count = 0};
    note(&all, s->n_frames);
    note(&all, s->background);
    note(&all, (int)s->background_seed);
    note(&all, s->clutter);
    for (int i = 0; i < s->n_toys; i++) {
        const ask_toy *t = &s->toys[i];
        const int of_toy[] = {(int)t->shape, (int)t->color, (int)t->size, (int)t->texture,
                              t->begin,      t->end,        t->home_x,    t->home_y};
        for (size_t k = 0; k < TEST_COUNT(of_toy); k++) note(&all, of_toy[k]);
    }
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        const int of_event[] = {(int)e->kind, e->toy,     e->begin,  e->end,
                                e->to_x,      e->to_y,    e->amount, e->other,
                                e->other_x,   e->other_y, e->screen, (int)e->to_color};
        for (size_t k = 0; k < TEST_COUNT(of_event); k++) note(&all, of_event[k]);
    }
    for (int i = 0; i < s->n_screens; i++) {
        note(&all, s->screens[i].x);
        note(&all, s->screens[i].y);
    }
    for (int t = 0; t < s->n_frames; t++) {
        note(&all, s->camera[t].x);
        note(&all, s->camera[t].y);
    }
    return ask_hash64(all.n, (size_t)all.count * sizeof *all.n, 0);
}

static void a_seed_gives_the_same_scene_on_every_machine(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int split, index;
        uint64_t fingerprint;
    } cases[] = {
        {"the first of train", ASK_SPLIT_TRAIN, 0, 0xc1c084336b5107b8},
        {"a later one", ASK_SPLIT_TRAIN, 600, 0x68c28bdd1ce9a7f5},
        {"val", ASK_SPLIT_VAL, 0, 0xc24743ad32c258fd},
        {"test", ASK_SPLIT_TEST, 0, 0xa50105f799a9e9fb},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        uint64_t is = fingerprint(&scenes[cases[i].split][cases[i].index]);
        if (is != cases[i].fingerprint)
            fail_msg("case \"%s\": 0x%016llx", cases[i].name, (unsigned long long)is);
    }
}

/* Whatever lies behind is drawn apart. */
static void the_range_of_clutter_changes_the_background_alone(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        ask_scene s, of_range = scenes[ASK_SPLIT_TEST][i];
        ask_scene_style style = {.clutter_low = 3, .clutter_high = 3};
        ask_scene_make(&s, 7, i, ASK_SPLIT_TEST, style);
        assert_int_equal(s.clutter, 3);
        s.clutter = of_range.clutter;
        s.background = of_range.background;
        s.background_seed = of_range.background_seed;
        assert_true(fingerprint(&s) == fingerprint(&of_range));
    }
}

// --- What every scene promises -----------------------------------------------------------

static bool lengths_hold(const ask_scene *s)
{
    return s->full && s->n_frames >= 60 && s->n_frames <= 96;
}

static bool two_to_six_toys_at_once(const ask_scene *s)
{
    for (int frame = 0; frame < s->n_frames; frame++) {
        int n = 0;
        for (int i = 0; i < s->n_toys; i++)
            n += s->toys[i].begin <= frame && frame < s->toys[i].end;
        if (n < 2 || n > 6) return false;
    }
    return true;
}

static bool events_last_a_while(const ask_scene *s)
{
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        bool hides = e->kind == ASK_HIDE;
        if (e->end - e->begin < (hides ? 16 : 10) || e->end - e->begin > (hides ? 26 : 14))
            return false;
    }
    return s->n_events >= 3 && s->n_events <= 6;
}

/* One after another with three frames of rest, or one while another toy is hidden. */
static bool events_are_apart(const ask_scene *s)
{
    if (s->events[0].begin < 1) return false;
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (e->end >= s->n_frames) return false;
        for (int k = 0; k < i; k++) {
            const ask_event *before = &s->events[k];
            if (e->begin >= before->end + 3) continue;
            int begin, end;
            ask_event_hidden(before, &begin, &end);
            if (before->kind != ASK_HIDE || k != i - 1 || e->begin < begin ||
                e->end > end || e->toy == before->toy || e->other == before->toy)
                return false;
        }
    }
    return true;
}

static bool is_there(const ask_toy *t, int begin, int end)
{
    return t->begin < begin && t->end > end;
}

static bool toys_are_there_for_their_events(const ask_scene *s)
{
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        const ask_toy *t = &s->toys[e->toy];
        bool before = e->kind == ASK_ENTER ? t->begin == e->begin : t->begin < e->begin;
        bool after = e->kind == ASK_LEAVE ? t->end == e->end : t->end > e->end;
        if (!before || !after) return false;
        if (ask_event_moves_other(e) && !is_there(&s->toys[e->other], e->begin, e->end))
            return false;
    }
    return true;
}

static bool events_tell_what_belongs_to_them(const ask_scene *s)
{
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        bool two = e->kind == ASK_HIT || e->kind == ASK_PUSH;
        if (two != (e->other >= 0) || e->other == e->toy || e->other >= s->n_toys)
            return false;
        if ((e->kind == ASK_HIDE) != (e->screen >= 0) || e->screen >= s->n_screens)
            return false;
    }
    return true;
}

static bool toys_can_do_what_they_do(const ask_scene *s)
{
    for (int i = 0; i < s->n_events; i++) {
        const ask_toy *t = &s->toys[s->events[i].toy];
        if (!ask_toy_can(s->events[i].kind, t->shape, t->size)) return false;
    }
    return true;
}

static bool share_look(const ask_toy *a, const ask_toy *b)
{
    return a->color == b->color || a->shape == b->shape;
}

static bool two_others_share_colour_or_shape(const ask_scene *s)
{
    for (int i = 0; i < s->n_toys; i++) {
        int n = 0;
        for (int k = 0; k < s->n_toys; k++)
            n += k != i && share_look(&s->toys[k], &s->toys[i]);
        if (n < 2) return false;
    }
    return true;
}

/* Also when one of them has changed its colour, and the other has gone. */
static bool share_pair(const ask_scene *s, int a, int b)
{
    if (s->toys[a].shape != s->toys[b].shape) return false;
    for (int t = 0; t < s->n_frames; t++) {
        for (int u = 0; u < s->n_frames; u++) {
            if (ask_scene_color_of(s, a, t) == ask_scene_color_of(s, b, u)) return true;
        }
    }
    return false;
}

static bool no_two_toys_look_alike(const ask_scene *s)
{
    for (int i = 0; i < s->n_toys; i++) {
        for (int k = 0; k < i; k++) {
            if (s->toys[i].size == s->toys[k].size && share_pair(s, i, k)) return false;
        }
    }
    return true;
}

static bool is_the_only_pair(const ask_scene *s, int toy)
{
    for (int i = 0; i < s->n_toys; i++) {
        if (i != toy && share_pair(s, i, toy)) return false;
    }
    return true;
}

static bool takes_part(const ask_scene *s, int toy)
{
    for (int i = 0; i < s->n_events; i++) {
        if (s->events[i].toy == toy || s->events[i].other == toy) return true;
    }
    return false;
}

static bool those_that_take_part_are_the_only_pair(const ask_scene *s)
{
    for (int i = 0; i < s->n_toys; i++) {
        if (takes_part(s, i) && !is_the_only_pair(s, i)) return false;
    }
    return true;
}

static bool two_visitors_with_a_moment(const ask_scene *s)
{
    int n = 0;
    for (int i = 0; i < s->n_toys; i++) {
        if (!ask_toy_is_visitor(s, i)) continue;
        int frames = s->toys[i].end - s->toys[i].begin;
        if (frames < 8 || frames * 100 > 28 * s->n_frames || !is_the_only_pair(s, i))
            return false;
        n++;
    }
    return n >= 2;
}

static bool only_others_vanish_and_change(const ask_scene *s)
{
    for (int i = 0; i < s->n_events; i++) {
        ask_event_kind kind = s->events[i].kind;
        bool stays = kind == ASK_BLINK || kind == ASK_HIDE || kind == ASK_TURN;
        if (stays && ask_toy_is_visitor(s, s->events[i].toy)) return false;
    }
    return true;
}

static bool two_distract(const ask_scene *s)
{
    int n = 0;
    for (int i = 0; i < s->n_toys; i++) {
        bool is_like_one = false;
        for (int k = 0; k < s->n_toys; k++)
            is_like_one |= takes_part(s, k) && share_look(&s->toys[i], &s->toys[k]);
        n += is_like_one && !takes_part(s, i);
    }
    return n >= 2;
}

static bool colours_change_once_to_another(const ask_scene *s)
{
    int n_turns[ASK_SCENE_MAX_TOYS] = {0};
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (e->kind != ASK_TURN) continue;
        ask_toy_color was = s->toys[e->toy].color;
        if (n_turns[e->toy]++ || e->to_color == was) return false;
        if (ask_scene_color_of(s, e->toy, e->end - 1) != was ||
            ask_scene_color_of(s, e->toy, e->end) != e->to_color)
            return false;
    }
    return true;
}

static bool composition_holds(const ask_scene *s)
{
    if (s->split == ASK_SPLIT_TEST) return true;
    for (int i = 0; i < s->n_toys; i++) {
        if (ask_pair_is_held_out(s->toys[i].color, s->toys[i].shape)) return false;
    }
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        ask_shape shape = s->toys[e->toy].shape;
        if (ask_pairing_is_held_out(e->kind, shape)) return false;
        if (e->kind == ASK_TURN && ask_pair_is_held_out(e->to_color, shape)) return false;
    }
    return !ask_background_is_held_out(s->background);
}

/* ---- where things are ---- */

typedef struct {
    int x0, y0, x1, y1;
} box;

static box box_around(int x, int y, int half_width, int half_height)
{
    return (box){x - half_width, y - half_height, x + half_width, y + half_height};
}

static box box_of(const ask_scene *s, int toy, int frame)
{
    static const int half[ASK_N_SIZES] = {10, 14, 19};
    ask_pose p = ask_scene_pose(s, toy, frame);
    int r = half[s->toys[toy].size] * UNIT * p.scale / 256;
    return box_around(p.x, p.y, r, r);
}

static box box_of_screen(const ask_scene *s, int screen)
{
    return box_around(s->screens[screen].x, s->screens[screen].y, 21 * UNIT, 23 * UNIT);
}

static bool meet(box a, box b)
{
    return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

static bool is_within(box inner, box outer)
{
    return inner.x0 >= outer.x0 && inner.y0 >= outer.y0 && inner.x1 <= outer.x1 &&
           inner.y1 <= outer.y1;
}

static bool stays(const ask_scene *s, int toy, int frame)
{
    return s->toys[toy].begin <= frame && frame < s->toys[toy].end;
}

/* In a hit or a push, or after a push. */
static bool may_touch(const ask_scene *s, int a, int b, int frame)
{
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        bool both = (e->toy == a && e->other == b) || (e->toy == b && e->other == a);
        if (both && e->begin <= frame && (frame < e->end || e->kind == ASK_PUSH))
            return true;
    }
    return false;
}

static bool toys_keep_apart(const ask_scene *s)
{
    for (int frame = 0; frame < s->n_frames; frame++) {
        for (int i = 0; i < s->n_toys; i++) {
            for (int k = 0; k < i; k++) {
                if (!stays(s, i, frame) || !stays(s, k, frame)) continue;
                if (may_touch(s, i, k, frame)) continue;
                if (meet(box_of(s, i, frame), box_of(s, k, frame))) return false;
            }
        }
    }
    return true;
}

/* Wherever the camera is. */
static bool toys_stay_in_the_picture(const ask_scene *s)
{
    const box seen_always = {3 * UNIT, 3 * UNIT, SIDE - 3 * UNIT, SIDE - 3 * UNIT};
    for (int frame = 0; frame < s->n_frames; frame++) {
        for (int i = 0; i < s->n_toys; i++) {
            int own = ask_scene_event_of(s, i, frame);
            bool crosses = own >= 0 && (s->events[own].kind == ASK_ENTER ||
                                        s->events[own].kind == ASK_LEAVE);
            if (!stays(s, i, frame) || crosses) continue;
            if (!is_within(box_of(s, i, frame), seen_always)) return false;
        }
    }
    return true;
}

static bool only_hiding_toys_are_behind_screens(const ask_scene *s)
{
    for (int frame = 0; frame < s->n_frames; frame++) {
        for (int i = 0; i < s->n_toys; i++) {
            int own = ask_scene_event_of(s, i, frame);
            int behind = own >= 0 ? s->events[own].screen : -1;
            for (int k = 0; k < s->n_screens && stays(s, i, frame); k++) {
                if (k != behind && meet(box_of(s, i, frame), box_of_screen(s, k)))
                    return false;
            }
        }
    }
    return s->n_screens < 2 || !meet(box_of_screen(s, 0), box_of_screen(s, 1));
}

static bool hidden_is_wholly_hidden(const ask_scene *s)
{
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (e->kind != ASK_HIDE) continue;
        int begin, end;
        ask_event_hidden(e, &begin, &end);
        if (end - begin < 6 || begin <= e->begin || end >= e->end) return false;
        for (int t = begin; t < end; t++) {
            if (!is_within(box_of(s, e->toy, t), box_of_screen(s, e->screen))) return false;
        }
    }
    return true;
}

/* Both go on in one straight line, the other no less than a toy's half. */
static bool what_is_hit_moves_on_along_the_line(const ask_scene *s)
{
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (!ask_event_moves_other(e)) continue;
        ask_pose a = ask_scene_pose(s, e->toy, e->begin - 1);
        ask_pose b = ask_scene_pose(s, e->other, e->begin - 1);
        int run_x = e->to_x - a.x, run_y = e->to_y - a.y;
        int knock_x = e->other_x - b.x, knock_y = e->other_y - b.y;
        bool level = run_y == 0 && knock_y == 0, upright = run_x == 0 && knock_x == 0;
        int run = level ? run_x : run_y, knock = level ? knock_x : knock_y;
        if (level == upright || abs(run) < 14 * UNIT || abs(knock) < 16 * UNIT)
            return false;
        if ((run > 0) != (knock > 0)) return false;
    }
    return true;
}

static bool the_camera_drifts_slowly(const ask_scene *s)
{
    for (int t = 0; t < s->n_frames; t++) {
        const ask_offset *c = &s->camera[t];
        if (abs(c->x) > 3 || abs(c->y) > 3) return false;
        if (t && (abs(c->x - c[-1].x) > 1 || abs(c->y - c[-1].y) > 1)) return false;
    }
    return true;
}

static bool backgrounds_are_of_their_clutter(const ask_scene *s)
{
    return s->clutter >= 0 && s->clutter <= 2 && (s->clutter == 0) == (s->background < 3);
}

static void every_scene_keeps_its_promises(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool (*holds)(const ask_scene *s);
    } promises[] = {
        {"5 to 8 seconds", lengths_hold},
        {"2 to 6 toys at once", two_to_six_toys_at_once},
        {"events of 0.8 s and more", events_last_a_while},
        {"events apart", events_are_apart},
        {"toys there for their events", toys_are_there_for_their_events},
        {"events tell what belongs to them", events_tell_what_belongs_to_them},
        {"toys can do what they do", toys_can_do_what_they_do},
        {"two others share colour or shape", two_others_share_colour_or_shape},
        {"no two alike", no_two_toys_look_alike},
        {"those that take part alone of their pair",
         those_that_take_part_are_the_only_pair},
        {"two visitors with a moment", two_visitors_with_a_moment},
        {"visitors do not vanish or change", only_others_vanish_and_change},
        {"two distractors", two_distract},
        {"colours change once", colours_change_once_to_another},
        {"composition", composition_holds},
        {"toys keep apart", toys_keep_apart},
        {"toys stay in the picture", toys_stay_in_the_picture},
        {"only hiding toys are behind screens", only_hiding_toys_are_behind_screens},
        {"hidden is wholly hidden", hidden_is_wholly_hidden},
        {"what is hit moves on", what_is_hit_moves_on_along_the_line},
        {"a slow camera", the_camera_drifts_slowly},
        {"backgrounds of their clutter", backgrounds_are_of_their_clutter},
    };
    for (int split = 0; split < ASK_N_SPLITS; split++) {
        for (int index = 0; index < N_SCENES; index++) {
            for (size_t i = 0; i < TEST_COUNT(promises); i++) {
                if (!promises[i].holds(&scenes[split][index]))
                    fail_msg("\"%s\" does not hold in scene %d of %s", promises[i].name,
                             index, ask_split_name((ask_split)split));
            }
        }
    }
}

// --- Variety -----------------------------------------------------------------------------

enum { MOST_TIMES = 4 };

typedef struct {
    int shapes[ASK_N_SHAPES], colors[ASK_N_COLORS], sizes[ASK_N_SIZES], n_toys;
    int events[ASK_N_EVENTS], n_events, clutter[3], backgrounds[ASK_N_BACKGROUNDS];
    int n_causal, n_hide, n_turn, n_meanwhile, n_still; // clips
    int times[MOST_TIMES + 1]; // clips by how often one toy does the same at most
    int n_screens[ASK_SCENE_MAX_SCREENS + 1][2]; // by whether a toy hides
} tally;

static int most_times(const ask_scene *s)
{
    int most = 0;
    for (int i = 0; i < s->n_events; i++) {
        int n = 0;
        for (int k = 0; k < s->n_events; k++)
            n += s->events[k].kind == s->events[i].kind &&
                 s->events[k].toy == s->events[i].toy;
        if (n > most) most = n;
    }
    return most;
}

static void count_events(tally *n, const ask_scene *s)
{
    bool has[ASK_N_EVENTS] = {0}, meanwhile = false;
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        n->events[e->kind]++;
        n->n_events++;
        has[e->kind] = true;
        meanwhile |= i && e->begin < e[-1].end;
    }
    n->n_causal += has[ASK_HIT] || has[ASK_PUSH];
    n->n_hide += has[ASK_HIDE];
    n->n_turn += has[ASK_TURN];
    n->n_meanwhile += meanwhile;
    n->n_screens[s->n_screens][has[ASK_HIDE]]++;
    int times = most_times(s);
    n->times[times < MOST_TIMES ? times : MOST_TIMES]++;
}

static bool is_still(const ask_scene *s)
{
    for (int t = 0; t < s->n_frames; t++) {
        if (s->camera[t].x || s->camera[t].y) return false;
    }
    return true;
}

static tally count_all(int split)
{
    tally n = {.n_toys = 0};
    for (int index = 0; index < N_SCENES; index++) {
        const ask_scene *s = &scenes[split][index];
        n.backgrounds[s->background]++;
        n.clutter[s->clutter]++;
        n.n_still += is_still(s);
        for (int i = 0; i < s->n_toys; i++) {
            n.n_toys++;
            n.shapes[s->toys[i].shape]++;
            n.colors[s->toys[i].color]++;
            n.sizes[s->toys[i].size]++;
        }
        count_events(&n, s);
    }
    return n;
}

/* Each of n values has at least a share of what an even hand would give it. */
static void check_even(const char *name, const int *counts, int n, int total, double share)
{
    for (int i = 0; i < n; i++) {
        if (counts[i] < share * total / n)
            fail_msg("%s %d: %d of %d", name, i, counts[i], total);
    }
}

static void check_percent(const char *name, int n, int of, int low, int high)
{
    if (n * 100 < low * of || n * 100 > high * of)
        fail_msg("%s: %d of %d, and not %d to %d %%", name, n, of, low, high);
}

static void all_values_come_often_enough(void **state)
{
    (void)state;
    for (int split = 0; split < ASK_N_SPLITS; split++) {
        tally n = count_all(split);
        check_even("shape", n.shapes, ASK_N_SHAPES, n.n_toys, 0.6);
        check_even("colour", n.colors, ASK_N_COLORS, n.n_toys, 0.6);
        check_even("size", n.sizes, ASK_N_SIZES, n.n_toys, 0.6);
        check_even("event", n.events, ASK_N_EVENTS, n.n_events, 0.5);
        check_even("clutter", n.clutter, 3, N_SCENES, 0.85);
        check_even("plain background", n.backgrounds, 3, n.clutter[0], 0.8);
        check_even("pattern", n.backgrounds + 3, split == ASK_SPLIT_TEST ? 7 : 5,
                   n.clutter[1] + n.clutter[2], 0.7);
    }
}

static void what_is_to_be_asked_about_happens_often_enough(void **state)
{
    (void)state;
    for (int split = 0; split < ASK_N_SPLITS; split++) {
        tally n = count_all(split);
        int hides = n.n_hide, others = N_SCENES - hides;
        check_percent("a toy is hit or pushed", n.n_causal, N_SCENES, 42, 56);
        check_percent("a toy hides", hides, N_SCENES, 26, 40);
        check_percent("a toy changes its colour", n.n_turn, N_SCENES, 26, 40);
        check_percent("something happens meanwhile", n.n_meanwhile, hides, 30, 70);
        check_percent("a still camera", n.n_still, N_SCENES, 18, 34);
        check_percent("twice", n.times[2], N_SCENES, 14, 32);
        check_percent("three times", n.times[3], N_SCENES, 12, 28);
        check_percent("four times", n.times[4], N_SCENES, 9, 24);
        check_percent("no screen, nobody hides", n.n_screens[0][0], others, 55, 80);
        check_percent("two screens", n.n_screens[2][1], hides, 25, 60);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_gives_the_same_scene_on_every_machine),
        cmocka_unit_test(the_range_of_clutter_changes_the_background_alone),
        cmocka_unit_test(every_scene_keeps_its_promises),
        cmocka_unit_test(all_values_come_often_enough),
        cmocka_unit_test(what_is_to_be_asked_about_happens_often_enough),
    };
    return cmocka_run_group_tests(tests, make_scenes, NULL);
}
