#include "world/scene.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "support/testing.h"

enum { N_SCENES = 500 };

static ask_scene scene_of(int split, int64_t index)
{
    ask_scene s;
    ask_scene_make(&s, 7, index, (ask_split)split, ask_scene_simple());
    return s;
}

/* All that is decided, as numbers of one width in one order. */
static uint64_t fingerprint(const ask_scene *s)
{
    int32_t n[256] = {s->n_frames, s->background, (int32_t)s->background_seed, s->n_toys,
                      s->n_events};
    int at = 5;
    for (int i = 0; i < s->n_toys; i++) {
        const ask_toy *t = &s->toys[i];
        const int32_t of_toy[] = {(int32_t)t->shape,   (int32_t)t->color, (int32_t)t->size,
                                  (int32_t)t->texture, t->begin,          t->end,
                                  t->home_x,           t->home_y};
        memcpy(n + at, of_toy, sizeof of_toy);
        at += TEST_COUNT(of_toy);
    }
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        const int32_t of_event[] = {(int32_t)e->kind, e->toy,  e->begin, e->end,
                                    e->to_x,          e->to_y, e->amount};
        memcpy(n + at, of_event, sizeof of_event);
        at += TEST_COUNT(of_event);
    }
    return ask_hash64(n, (size_t)at * sizeof *n, 0);
}

static void a_seed_gives_the_same_scene_on_every_machine(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t seed;
        int64_t index;
        ask_split split;
        uint64_t fingerprint;
    } cases[] = {
        {"the first of train", 1, 0, ASK_SPLIT_TRAIN, 0xfadc90da9155309c},
        {"a later one", 1, 1000, ASK_SPLIT_TRAIN, 0x16331d335e0fc6bf},
        {"another seed", 2, 0, ASK_SPLIT_TRAIN, 0xf190f44ed22bb3e2},
        {"val", 1, 0, ASK_SPLIT_VAL, 0xc06b1b9d1b5aa993},
        {"test", 1, 0, ASK_SPLIT_TEST, 0x1dbb6e247ad2cc3a},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_scene s;
        ask_scene_make(&s, cases[i].seed, cases[i].index, cases[i].split,
                       ask_scene_simple());
        uint64_t is = fingerprint(&s);
        if (is != cases[i].fingerprint)
            fail_msg("case \"%s\": 0x%016llx", cases[i].name, (unsigned long long)is);
    }
}

// --- What every scene promises -----------------------------------------------------------

static bool lengths_hold(const ask_scene *s)
{
    return s->n_frames >= 48 && s->n_frames <= 96; // 4 to 8 s at 12 a second
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

/* A blinking toy is not seen for a moment. */
static bool two_toys_are_always_to_be_seen(const ask_scene *s)
{
    for (int frame = 0; frame < s->n_frames; frame++) {
        int n = 0;
        for (int i = 0; i < s->n_toys; i++) n += ask_scene_pose(s, i, frame).there;
        if (n < 2) return false;
    }
    return true;
}

static bool events_last_a_while(const ask_scene *s)
{
    for (int i = 0; i < s->n_events; i++) {
        int n = s->events[i].end - s->events[i].begin;
        if (n * 10 < 8 * ASK_WORLD_FPS || n > 14) return false; // 0.8 s
    }
    return s->n_events >= 3 && s->n_events <= 6;
}

static bool events_are_apart(const ask_scene *s)
{
    if (s->events[0].begin < 1 || s->events[s->n_events - 1].end >= s->n_frames)
        return false;
    for (int i = 1; i < s->n_events; i++) {
        if (s->events[i].begin < s->events[i - 1].end + 2) return false;
    }
    return true;
}

static bool toys_are_there_for_their_events(const ask_scene *s)
{
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        const ask_toy *t = &s->toys[e->toy];
        bool before = e->kind == ASK_ENTER ? t->begin == e->begin : t->begin < e->begin;
        bool after = e->kind == ASK_LEAVE ? t->end == e->end : t->end > e->end;
        if (!before || !after) return false;
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

static bool two_others_share_colour_or_shape(const ask_scene *s)
{
    for (int i = 0; i < s->n_toys; i++) {
        int n = 0;
        for (int k = 0; k < s->n_toys; k++)
            n += k != i && (s->toys[k].color == s->toys[i].color ||
                            s->toys[k].shape == s->toys[i].shape);
        if (n < 2) return false;
    }
    return true;
}

static bool no_two_toys_look_alike(const ask_scene *s)
{
    for (int i = 0; i < s->n_toys; i++) {
        for (int k = 0; k < i; k++) {
            const ask_toy *a = &s->toys[i], *b = &s->toys[k];
            if (a->color == b->color && a->shape == b->shape && a->size == b->size)
                return false;
        }
    }
    return true;
}

static bool is_the_only_pair(const ask_scene *s, int toy)
{
    for (int i = 0; i < s->n_toys; i++) {
        if (i != toy && s->toys[i].color == s->toys[toy].color &&
            s->toys[i].shape == s->toys[toy].shape)
            return false;
    }
    return true;
}

static bool actors_are_the_only_pair(const ask_scene *s)
{
    for (int i = 0; i < s->n_events; i++) {
        if (!is_the_only_pair(s, s->events[i].toy)) return false;
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

static bool only_others_blink(const ask_scene *s)
{
    for (int i = 0; i < s->n_events; i++) {
        if (s->events[i].kind == ASK_BLINK && ask_toy_is_visitor(s, s->events[i].toy))
            return false;
    }
    return true;
}

/* The boxes of upright toys at rest do not meet, and lie within the picture. */
static bool toys_at_rest_do_not_meet(const ask_scene *s)
{
    static const int half[ASK_N_SIZES] = {10, 14, 19};
    for (int frame = 0; frame < s->n_frames; frame++) {
        for (int i = 0; i < s->n_toys; i++) {
            ask_pose a = ask_scene_pose(s, i, frame);
            if (!a.there || ask_scene_event_of(s, i, frame) >= 0) continue;
            int ra = half[s->toys[i].size] * 16;
            if (a.x < ra || a.y < ra || a.x > 2048 - ra || a.y > 2048 - ra) return false;
            for (int k = 0; k < i; k++) {
                ask_pose b = ask_scene_pose(s, k, frame);
                int r = ra + half[s->toys[k].size] * 16;
                if (!b.there || ask_scene_event_of(s, k, frame) >= 0) continue;
                if (abs(a.x - b.x) < r && abs(a.y - b.y) < r) return false;
            }
        }
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
        ask_shape shape = s->toys[s->events[i].toy].shape;
        if (ask_pairing_is_held_out(s->events[i].kind, shape)) return false;
    }
    return !ask_background_is_held_out(s->background);
}

static void every_scene_keeps_its_promises(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool (*holds)(const ask_scene *s);
    } promises[] = {
        {"4 to 8 seconds", lengths_hold},
        {"2 to 6 toys at once", two_to_six_toys_at_once},
        {"2 to be seen", two_toys_are_always_to_be_seen},
        {"events of 0.8 s and more", events_last_a_while},
        {"events apart", events_are_apart},
        {"toys there for their events", toys_are_there_for_their_events},
        {"toys can do what they do", toys_can_do_what_they_do},
        {"two others share colour or shape", two_others_share_colour_or_shape},
        {"no two alike", no_two_toys_look_alike},
        {"actors alone of their pair", actors_are_the_only_pair},
        {"two visitors with a moment", two_visitors_with_a_moment},
        {"visitors do not blink", only_others_blink},
        {"toys at rest do not meet", toys_at_rest_do_not_meet},
        {"composition", composition_holds},
    };
    for (int split = 0; split < ASK_N_SPLITS; split++) {
        for (int index = 0; index < N_SCENES; index++) {
            ask_scene s = scene_of(split, index);
            for (size_t i = 0; i < TEST_COUNT(promises); i++) {
                if (!promises[i].holds(&s))
                    fail_msg("\"%s\" does not hold in scene %d of %s", promises[i].name,
                             index, ask_split_name((ask_split)split));
            }
        }
    }
}

// --- Variety -----------------------------------------------------------------------------

typedef struct {
    int shapes[ASK_N_SHAPES], colors[ASK_N_COLORS], sizes[ASK_N_SIZES];
    int textures[ASK_N_TEXTURES], events[ASK_N_SIMPLE_EVENTS],
        backgrounds[ASK_N_BACKGROUNDS];
    int n_toys, n_events, n_held_out_pairs, n_held_out_pairings;
    int pairs[ASK_N_COLORS][ASK_N_SHAPES];
} tally;

static tally count_all(int split)
{
    tally n = {0};
    for (int index = 0; index < N_SCENES; index++) {
        ask_scene s = scene_of(split, index);
        n.backgrounds[s.background]++;
        for (int i = 0; i < s.n_toys; i++) {
            const ask_toy *t = &s.toys[i];
            n.n_toys++;
            n.shapes[t->shape]++;
            n.colors[t->color]++;
            n.sizes[t->size]++;
            n.textures[t->texture]++;
            n.pairs[t->color][t->shape]++;
            n.n_held_out_pairs += ask_pair_is_held_out(t->color, t->shape);
        }
        for (int i = 0; i < s.n_events; i++) {
            const ask_event *e = &s.events[i];
            n.n_events++;
            n.events[e->kind]++;
            n.n_held_out_pairings += ask_pairing_is_held_out(e->kind, s.toys[e->toy].shape);
        }
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

static void all_values_come_often_enough(void **state)
{
    (void)state;
    for (int split = 0; split < ASK_N_SPLITS; split++) {
        tally n = count_all(split);
        int n_backgrounds = ASK_N_BACKGROUNDS - 2 * (split != ASK_SPLIT_TEST);
        check_even("shape", n.shapes, ASK_N_SHAPES, n.n_toys, 0.6);
        check_even("colour", n.colors, ASK_N_COLORS, n.n_toys, 0.6);
        check_even("size", n.sizes, ASK_N_SIZES, n.n_toys, 0.8);
        check_even("texture", n.textures, ASK_N_TEXTURES, n.n_toys, 0.8);
        check_even("event", n.events, ASK_N_SIMPLE_EVENTS, n.n_events, 0.5);
        check_even("background", n.backgrounds, n_backgrounds, N_SCENES, 0.6);
    }
}

static void test_alone_has_what_is_held_out(void **state)
{
    (void)state;
    int n_pairs = 0;
    for (int c = 0; c < ASK_N_COLORS; c++) {
        for (int s = 0; s < ASK_N_SHAPES; s++)
            n_pairs += ask_pair_is_held_out((ask_toy_color)c, (ask_shape)s);
    }
    assert_int_equal(n_pairs, ASK_N_COLORS * ASK_N_SHAPES * 15 / 100);

    tally train = count_all(ASK_SPLIT_TRAIN), test = count_all(ASK_SPLIT_TEST);
    assert_int_equal(train.n_held_out_pairs, 0);
    assert_int_equal(train.n_held_out_pairings, 0);
    assert_true(test.n_held_out_pairs * 10 > test.n_toys);
    assert_true(test.n_held_out_pairings > 10);
    for (int c = 0; c < ASK_N_COLORS; c++) {
        for (int s = 0; s < ASK_N_SHAPES; s++) {
            bool held_out = ask_pair_is_held_out((ask_toy_color)c, (ask_shape)s);
            assert_true((train.pairs[c][s] == 0) == held_out);
            assert_true(test.pairs[c][s] > 0);
        }
    }
}

static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* In tenths of a percent of the clip: what is judged is at most 30 %, in the median 20 %.
 */
static void visits_and_events_are_short(void **state)
{
    (void)state;
    static int visits[N_SCENES * ASK_SCENE_MAX_TOYS],
        events[N_SCENES * ASK_SCENE_MAX_EVENTS];
    int n_visits = 0, n_events = 0;
    for (int index = 0; index < N_SCENES; index++) {
        ask_scene s = scene_of(ASK_SPLIT_TEST, index);
        for (int i = 0; i < s.n_toys; i++) {
            if (ask_toy_is_visitor(&s, i))
                visits[n_visits++] = (s.toys[i].end - s.toys[i].begin) * 1000 / s.n_frames;
        }
        for (int i = 0; i < s.n_events; i++)
            events[n_events++] = (s.events[i].end - s.events[i].begin) * 1000 / s.n_frames;
    }
    qsort(visits, (size_t)n_visits, sizeof *visits, compare_ints);
    qsort(events, (size_t)n_events, sizeof *events, compare_ints);
    assert_in_range(visits[n_visits / 2], 0, 200);
    assert_in_range(events[n_events / 2], 0, 180);
    assert_in_range(events[n_events - 1], 0, 300);
}

static void splits_of_a_seed_are_other_scenes(void **state)
{
    (void)state;
    uint64_t seen[ASK_N_SPLITS * N_SCENES];
    int n = 0;
    for (int split = 0; split < ASK_N_SPLITS; split++) {
        for (int index = 0; index < N_SCENES; index++) {
            ask_scene s = scene_of(split, index);
            seen[n] = fingerprint(&s);
            for (int i = 0; i < n; i++) assert_true(seen[i] != seen[n]);
            n++;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_gives_the_same_scene_on_every_machine),
        cmocka_unit_test(every_scene_keeps_its_promises),
        cmocka_unit_test(all_values_come_often_enough),
        cmocka_unit_test(test_alone_has_what_is_held_out),
        cmocka_unit_test(visits_and_events_are_short),
        cmocka_unit_test(splits_of_a_seed_are_other_scenes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
