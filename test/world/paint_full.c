/* Pictures of full scenes: what touches, what is hidden, what drifts, what lies behind. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "support/testing.h"
#include "world/view.h"

enum { SIDE = ASK_WORLD_SIDE_PX, N_BYTES = SIDE * SIDE * 3, N_SCENES = 120 };

static ask_painter *painter;

static int set_up(void **state)
{
    (void)state;
    ask_error err = {0};
    painter = ask_painter_new(&err);
    return painter ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ask_painter_free(painter);
    return 0;
}

static ask_scene scene_of(int index, int clutter)
{
    ask_scene s;
    ask_scene_style style = {.clutter_low = clutter, .clutter_high = clutter};
    ask_scene_make(&s, 21, index, ASK_SPLIT_TEST, style);
    return s;
}

static void paint(const ask_scene *s, int frame, uint8_t pixels[N_BYTES])
{
    ask_image image = {SIDE, SIDE, 3, pixels};
    ask_paint(painter, s, frame, &image, NULL);
}

static ask_scene_view view_of(const ask_scene *s, int frame)
{
    ask_scene_view v;
    ask_paint(painter, s, frame, NULL, &v);
    return v;
}

static void a_seed_gives_the_same_pictures_on_every_machine(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int index, frame, clutter;
        uint64_t fingerprint;
    } cases[] = {
        {"plain", 0, 0, 0, 0x90a7b87fa33fa817},
        {"a pattern", 1, 30, 1, 0xb5c0c16c5ff260e2},
        {"fragments", 2, 59, 2, 0xd81bc78f5813ffa5},
        {"fragments that move", 3, 40, 3, 0x9d9919895e0ae61c},
    };
    static uint8_t pixels[N_BYTES];
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_scene s = scene_of(cases[i].index, cases[i].clutter);
        paint(&s, cases[i].frame, pixels);
        uint64_t is = ask_hash64(pixels, N_BYTES, 0);
        if (is != cases[i].fingerprint)
            fail_msg("case \"%s\": 0x%016llx", cases[i].name, (unsigned long long)is);
    }
}

/* Frames in any order, by an old painter or a new one. */
static void pictures_do_not_depend_on_what_was_painted_before(void **state)
{
    (void)state;
    static uint8_t pixels[N_BYTES], again[N_BYTES];
    ask_error err = {0};
    for (int index = 0; index < 24; index++) {
        ask_scene s = scene_of(index, index % 4);
        ask_painter *fresh = ask_painter_new(&err);
        CHECK_OK(fresh, &err);
        for (int frame = s.n_frames - 1; frame >= 0; frame -= 9) {
            ask_image image = {SIDE, SIDE, 3, again};
            paint(&s, frame, pixels);
            ask_paint(fresh, &s, frame, &image, NULL);
            assert_memory_equal(pixels, again, N_BYTES);
        }
        ask_painter_free(fresh);
    }
}

// --- What touches ------------------------------------------------------------------------

/* Whether a pixel of one toy is at most so many px from one of the other. */
static bool are_near(const ask_scene_view *v, int a, int b, int px)
{
    for (int at = 0; at < SIDE * SIDE; at++) {
        if (v->ids[at] != a + 1) continue;
        for (int dy = -px; dy <= px; dy++) {
            for (int dx = -px; dx <= px; dx++) {
                int x = at % SIDE + dx, y = at / SIDE + dy;
                if (x >= 0 && y >= 0 && x < SIDE && y < SIDE &&
                    v->ids[y * SIDE + x] == b + 1)
                    return true;
            }
        }
    }
    return false;
}

static void toys_that_meet_touch_and_do_not_overlap(void **state)
{
    (void)state;
    int n = 0;
    for (int index = 0; index < N_SCENES; index++) {
        ask_scene s = scene_of(index, 0);
        for (int i = 0; i < s.n_events; i++) {
            const ask_event *e = &s.events[i];
            if (!ask_event_moves_other(e)) continue;
            int contact = ask_scene_contact(&s, i);
            assert_true(contact > e->begin && contact < e->end - 1);
            ask_scene_view at = view_of(&s, contact), before = view_of(&s, contact - 3);
            if (!are_near(&at, e->toy, e->other, 2))
                fail_msg("scene %d, event %d: no touch in frame %d", index, i, contact);
            if (are_near(&before, e->toy, e->other, 1))
                fail_msg("scene %d, event %d: a touch before frame %d", index, i, contact);
            for (int t = e->begin; t <= e->end; t++) {
                ask_scene_view v = view_of(&s, t);
                const ask_toy_view *a = &v.toys[e->toy], *b = &v.toys[e->other];
                int unseen = a->n_full_px - a->n_px + b->n_full_px - b->n_px;
                if (unseen * 40 > b->n_full_px)
                    fail_msg("scene %d, frame %d: %d px of two toys overlap", index, t,
                             unseen);
            }
            n++;
        }
    }
    assert_true(n > N_SCENES / 3);
}

static bool is_at_edge(const ask_toy_view *t)
{
    return t->x0 == 0 || t->y0 == 0 || t->x1 == SIDE || t->y1 == SIDE || !t->n_px;
}

/* HIT and PUSH of the toy that have begun. */
static bool has_met(const ask_scene *s, int toy, int frame)
{
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (ask_event_moves_other(e) && e->begin <= frame &&
            (e->toy == toy || e->other == toy))
            return true;
    }
    return false;
}

static bool does(const ask_scene *s, int toy, int frame, ask_event_kind kind)
{
    int own = ask_scene_event_of(s, toy, frame);
    return own >= 0 && s->events[own].kind == kind;
}

static void what_is_not_seen_of_a_toy_has_a_reason(void **state)
{
    (void)state;
    for (int index = 0; index < N_SCENES; index++) {
        ask_scene s = scene_of(index, 0);
        for (int t = 0; t < s.n_frames; t++) {
            ask_scene_view v = view_of(&s, t);
            for (int i = 0; i < s.n_toys; i++) {
                const ask_toy_view *toy = &v.toys[i];
                bool crosses = does(&s, i, t, ASK_ENTER) || does(&s, i, t, ASK_LEAVE);
                bool excused = (crosses && is_at_edge(toy)) || does(&s, i, t, ASK_HIDE) ||
                               has_met(&s, i, t);
                if (toy->n_px != toy->n_full_px && !excused)
                    fail_msg("scene %d, frame %d, toy %d: %d of %d px", index, t, i,
                             toy->n_px, toy->n_full_px);
            }
        }
    }
}

// --- What is hidden ----------------------------------------------------------------------

static void what_is_hidden_is_not_seen(void **state)
{
    (void)state;
    enum { LEAST_FRAMES = 6 };
    int n = 0;
    for (int index = 0; index < N_SCENES; index++) {
        ask_scene s = scene_of(index, 1);
        for (int i = 0; i < s.n_events; i++) {
            const ask_event *e = &s.events[i];
            if (e->kind != ASK_HIDE) continue;
            int n_hidden = 0, n_runs = 0, begin, end;
            bool was = false;
            ask_event_hidden(e, &begin, &end);
            for (int t = e->begin - 1; t <= e->end; t++) {
                ask_scene_view v = view_of(&s, t);
                bool is = v.toys[e->toy].n_px == 0;
                assert_true(v.toys[e->toy].n_full_px > 0);
                if (t >= begin && t < end) assert_true(is);
                n_hidden += is;
                n_runs += is && !was;
                was = is;
            }
            assert_true(n_hidden >= LEAST_FRAMES && n_runs == 1 && !was);
            n++;
        }
    }
    assert_true(n > N_SCENES / 5);
}

/* Toys stand in front of everything but screens; a screen is never anything's pixel. */
static void screens_are_seen_and_are_no_toys(void **state)
{
    (void)state;
    static uint8_t pixels[N_BYTES];
    for (int index = 0; index < N_SCENES; index++) {
        ask_scene s = scene_of(index, 2);
        int t = s.n_frames / 2;
        ask_scene_view v = view_of(&s, t);
        paint(&s, t, pixels);
        for (int k = 0; k < s.n_screens; k++) {
            int x = s.screens[k].x / 16 - s.camera[t].x,
                y = s.screens[k].y / 16 - s.camera[t].y;
            for (int dy = -23; dy < 23; dy++) {
                for (int dx = -21; dx < 21; dx++) {
                    int at = (y + dy) * SIDE + x + dx;
                    assert_int_equal(v.ids[at], 0);
                    // slate: blue is more than red by a little
                    int tone = pixels[3 * at + 2] - pixels[3 * at];
                    assert_in_range(tone, 8, 28);
                }
            }
        }
    }
}

// --- The camera --------------------------------------------------------------------------

/* What a still camera shows at x, y a drifting one shows beside it. */
static void the_camera_moves_all_alike(void **state)
{
    (void)state;
    static uint8_t still_pixels[N_BYTES], pixels[N_BYTES];
    int n_moved = 0;
    for (int index = 0; index < 40; index++) {
        ask_scene s = scene_of(index, index % 4), still = s;
        memset(still.camera, 0, sizeof still.camera);
        for (int t = 0; t < s.n_frames; t += 13) {
            int dx = s.camera[t].x, dy = s.camera[t].y;
            ask_scene_view v = view_of(&s, t), was = view_of(&still, t);
            paint(&s, t, pixels);
            paint(&still, t, still_pixels);
            n_moved += dx || dy;
            for (int y = 0; y < SIDE; y++) {
                for (int x = 0; x < SIDE; x++) {
                    int u = x + dx, w = y + dy;
                    if (u < 0 || w < 0 || u >= SIDE || w >= SIDE) continue;
                    assert_int_equal(v.ids[y * SIDE + x], was.ids[w * SIDE + u]);
                    assert_memory_equal(pixels + 3 * (y * SIDE + x),
                                        still_pixels + 3 * (w * SIDE + u), 3);
                }
            }
        }
    }
    assert_true(n_moved > 60);
}

// --- What lies behind --------------------------------------------------------------------

static ask_scene empty_room(int background, uint32_t seed, int clutter)
{
    return (ask_scene){.full = true,
                       .n_frames = 96,
                       .background = background,
                       .background_seed = seed,
                       .clutter = clutter};
}

static int chroma(const uint8_t *p)
{
    int low = 255, high = 0;
    for (int c = 0; c < 3; c++) {
        low = p[c] < low ? p[c] : low;
        high = p[c] > high ? p[c] : high;
    }
    return high - low;
}

/* Pixels in which two pictures differ. */
static int n_other(const uint8_t *a, const uint8_t *b)
{
    int n = 0;
    for (int at = 0; at < SIDE * SIDE; at++) n += memcmp(a + 3 * at, b + 3 * at, 3) != 0;
    return n;
}

static void fragments_are_muted_and_many(void **state)
{
    (void)state;
    enum { MOST_CHROMA = 48 };
    static uint8_t plain[N_BYTES], pixels[N_BYTES];
    for (uint32_t seed = 0; seed < 60; seed++) {
        ask_scene bare = empty_room(4, seed, 1), cluttered = empty_room(4, seed, 2);
        paint(&bare, 0, plain);
        paint(&cluttered, 0, pixels);
        assert_in_range(n_other(plain, pixels), 300, SIDE * SIDE / 2);
        for (int at = 0; at < SIDE * SIDE; at++) {
            if (memcmp(plain + 3 * at, pixels + 3 * at, 3) != 0)
                assert_true(chroma(pixels + 3 * at) <= MOST_CHROMA);
        }
    }
}

static void toys_stand_out_from_fragments(void **state)
{
    (void)state;
    enum { LEAST = 60 };
    static uint8_t pixels[N_BYTES], room[N_BYTES];
    for (int c = 0; c < ASK_N_COLORS; c++) {
        ask_scene s = empty_room(0, 0, 0);
        s.n_toys = 1;
        s.toys[0] = (ask_toy){.shape = ASK_BALL,
                              .color = (ask_toy_color)c,
                              .end = 96,
                              .home_x = 1024,
                              .home_y = 1024};
        paint(&s, 0, pixels);
        const uint8_t *toy = pixels + (SIDE / 2 * SIDE + SIDE / 2) * 3;
        for (uint32_t seed = 0; seed < 60; seed++) {
            ask_scene cluttered = empty_room(3 + (int)seed % 7, seed, 2);
            paint(&cluttered, 0, room);
            for (int at = 0; at < SIDE * SIDE; at += 7) {
                int off = 0;
                for (int k = 0; k < 3; k++) off += abs(toy[k] - room[3 * at + k]);
                if (off < LEAST)
                    fail_msg("%s in room of seed %u: %d", ask_color_name((ask_toy_color)c),
                             seed, off);
            }
        }
    }
}

static void only_the_last_level_of_clutter_moves(void **state)
{
    (void)state;
    static uint8_t first[N_BYTES], later[N_BYTES];
    for (int clutter = 0; clutter <= 3; clutter++) {
        for (uint32_t seed = 0; seed < 20; seed++) {
            ask_scene s = empty_room(3 + (int)seed % 7, seed, clutter);
            paint(&s, 0, first);
            paint(&s, 40, later);
            assert_true((n_other(first, later) > 0) == (clutter == 3));
            paint(&s, 1, later); // slowly
            assert_true(n_other(first, later) < SIDE * SIDE / 8);
        }
    }
}

// --- Colours that change -----------------------------------------------------------------

static void a_colour_changes_gradually(void **state)
{
    (void)state;
    static uint8_t pixels[N_BYTES];
    ask_scene s = empty_room(0, 0, 0);
    s.n_toys = s.n_events = 1;
    s.toys[0] = (ask_toy){
        .shape = ASK_BALL, .color = ASK_WHITE, .end = 96, .home_x = 1024, .home_y = 1024};
    s.events[0] = (ask_event){
        .kind = ASK_TURN, .begin = 20, .end = 32, .other = -1, .to_color = ASK_BLUE};
    int last = 256;
    for (int t = 18; t < 36; t++) {
        paint(&s, t, pixels);
        int red = pixels[(SIDE / 2 * SIDE + SIDE / 2) * 3];
        bool changes = t >= 20 && t <= 32;
        assert_true(changes ? red < last && red > last - 30 : red == last || t == 18);
        last = red;
    }
    assert_int_equal(last, 36); // of blue
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_gives_the_same_pictures_on_every_machine),
        cmocka_unit_test(pictures_do_not_depend_on_what_was_painted_before),
        cmocka_unit_test(toys_that_meet_touch_and_do_not_overlap),
        cmocka_unit_test(what_is_not_seen_of_a_toy_has_a_reason),
        cmocka_unit_test(what_is_hidden_is_not_seen),
        cmocka_unit_test(screens_are_seen_and_are_no_toys),
        cmocka_unit_test(the_camera_moves_all_alike),
        cmocka_unit_test(fragments_are_muted_and_many),
        cmocka_unit_test(toys_stand_out_from_fragments),
        cmocka_unit_test(only_the_last_level_of_clutter_moves),
        cmocka_unit_test(a_colour_changes_gradually),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
