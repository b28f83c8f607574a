#include <stdlib.h>
#include <string.h>

#include "support/testing.h"
#include "world/view.h"

enum { N_SCENES = 240, SIDE = ASK_WORLD_SIDE_PX };

/* Half of them are full, before a camera that stands still. */
static ask_scene scene_of(int index)
{
    ask_scene s;
    ask_scene_make(&s, 11, index, ASK_SPLIT_TEST,
                   index % 2 ? ask_scene_full() : ask_scene_simple());
    memset(s.camera, 0, sizeof s.camera);
    return s;
}

/* One toy that does one thing. */
static ask_scene staged(ask_event_kind kind, int n_frames)
{
    return (ask_scene){
        .n_frames = 60,
        .n_toys = 1,
        .toys = {{.shape = ASK_ARROW, .end = 60, .home_x = 320, .home_y = 1000}},
        .n_events = 1,
        .events = {{.kind = kind,
                    .begin = 20,
                    .end = 20 + n_frames,
                    .to_x = 1000,
                    .to_y = 1000,
                    .amount = kind == ASK_GROW ? 400 : 256}}};
}

static bool is_at_rest(ask_pose p, int x, int y)
{
    return p.there && p.x == x && p.y == y && !p.angle && !p.lift && p.scale == 256;
}

static void toys_rest_before_and_after(void **state)
{
    (void)state;
    for (int kind = 0; kind < ASK_N_SIMPLE_EVENTS; kind++) {
        for (int n = ASK_EVENT_MIN_FRAMES; n <= ASK_EVENT_MAX_FRAMES; n++) {
            ask_scene s = staged((ask_event_kind)kind, n);
            int end_x = kind == ASK_SLIDE ? 1000 : 320;
            bool ok = is_at_rest(ask_scene_pose(&s, 0, 19), 320, 1000) &&
                      is_at_rest(ask_scene_pose(&s, 0, 20 + n), end_x, 1000);
            for (int frame = 20; frame < 20 + n; frame++)
                ok = ok && !is_at_rest(ask_scene_pose(&s, 0, frame), 320, 1000);
            if (kind != ASK_BLINK) CHECK_CASE(ask_event_name((ask_event_kind)kind), ok);
        }
    }
}

static void each_event_moves_as_it_is_called(void **state)
{
    (void)state;
    ask_scene s = staged(ASK_JUMP, 11);
    assert_int_equal(ask_scene_pose(&s, 0, 25).lift, 256); // the middle of 12 steps
    assert_int_equal(ask_scene_pose(&s, 0, 25).y, 1000 - 256);
    s = staged(ASK_SPIN, 14);
    for (int k = 1; k < 15; k++)
        assert_int_equal(ask_scene_pose(&s, 0, 19 + k).angle, 256 * k / 15);
    s = staged(ASK_GROW, 11);
    assert_int_equal(ask_scene_pose(&s, 0, 25).scale, 400);
    assert_true(ask_scene_pose(&s, 0, 23).scale < ask_scene_pose(&s, 0, 24).scale);
    s = staged(ASK_SLIDE, 10);
    for (int frame = 20; frame <= 30; frame++)
        assert_true(ask_scene_pose(&s, 0, frame).x > ask_scene_pose(&s, 0, frame - 1).x);
    s = staged(ASK_ENTER, 10);
    assert_true(ask_scene_pose(&s, 0, 20).x > 900);
    s = staged(ASK_LEAVE, 10);
    assert_true(ask_scene_pose(&s, 0, 29).x > 900);
}

static void shaking_and_blinking_turn_within_two_frames(void **state)
{
    (void)state;
    ask_scene shakes = staged(ASK_SHAKE, 13), blinks = staged(ASK_BLINK, 14);
    for (int frame = 22; frame < 31; frame++) {
        int was = ask_scene_pose(&shakes, 0, frame - 2).x - 320;
        int is = ask_scene_pose(&shakes, 0, frame).x - 320;
        assert_int_equal(was, -is);
        assert_true(ask_scene_pose(&blinks, 0, frame - 2).there !=
                    ask_scene_pose(&blinks, 0, frame).there);
    }
    assert_false(ask_scene_pose(&blinks, 0, 20).there);
    assert_false(ask_scene_pose(&blinks, 0, 33).there);
    assert_true(ask_scene_pose(&blinks, 0, 34).there);
}

static void the_event_of_a_toy_is_found(void **state)
{
    (void)state;
    ask_scene s = staged(ASK_JUMP, 12);
    static const struct {
        const char *name;
        int toy, frame, event;
    } cases[] = {{"before", 0, 19, -1},
                 {"first", 0, 20, 0},
                 {"last", 0, 31, 0},
                 {"after", 0, 32, -1},
                 {"another toy", 1, 25, -1}};
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        CHECK_CASE(cases[i].name,
                   ask_scene_event_of(&s, cases[i].toy, cases[i].frame) == cases[i].event);
}

// --- Events of full scenes ---------------------------------------------------------------

/* A toy at 400, 1000 hits or pushes another one at 1000, 1010 until it is at 1000 - 400 or
 * beside where that one ends, 1600. */
static ask_scene staged_meeting(ask_event_kind kind, int n_frames)
{
    ask_scene s = staged(kind, n_frames);
    s.n_toys = 2;
    s.toys[0].home_x = 400;
    s.toys[1] = (ask_toy){.shape = ASK_BALL, .end = 60, .home_x = 1000, .home_y = 1010};
    s.events[0].other = 1;
    s.events[0].to_x = kind == ASK_HIT ? 700 : 1300; // 300 apart where they touch
    s.events[0].other_x = 1600;
    s.events[0].other_y = 1010;
    return s;
}

static bool is_at(const ask_scene *s, int toy, int frame, int x, int y)
{
    return is_at_rest(ask_scene_pose(s, toy, frame), x, y);
}

static void a_toy_that_is_hit_goes_on_when_the_other_has_come(void **state)
{
    (void)state;
    for (int n = ASK_EVENT_MIN_FRAMES; n <= ASK_EVENT_MAX_FRAMES; n++) {
        ask_scene s = staged_meeting(ASK_HIT, n);
        int contact = ask_scene_contact(&s, 0);
        assert_int_equal(contact, 19 + (n + 1) / 2);
        assert_true(is_at(&s, 0, 19, 400, 1000) && is_at(&s, 1, contact, 1000, 1010));
        for (int t = contact; t < 60; t++) assert_true(is_at(&s, 0, t, 700, 1000));
        int step = 1 << 20; // ever shorter
        for (int t = contact + 1; t <= 20 + n; t++) {
            int way = ask_scene_pose(&s, 1, t).x - ask_scene_pose(&s, 1, t - 1).x;
            assert_true(way > 0 && way <= step + 1);
            step = way;
        }
        for (int t = 20 + n; t < 60; t++) assert_true(is_at(&s, 1, t, 1600, 1010));
        assert_int_equal(ask_scene_event_of(&s, 1, contact), -1);
        assert_int_equal(ask_scene_event_on(&s, 1, contact), 0);
        assert_int_equal(ask_scene_event_on(&s, 0, contact), -1);
        assert_int_equal(ask_scene_event_on(&s, 1, 20 + n), -1);
    }
}

static void a_toy_that_is_pushed_keeps_ahead(void **state)
{
    (void)state;
    for (int n = ASK_EVENT_MIN_FRAMES; n <= ASK_EVENT_MAX_FRAMES; n++) {
        ask_scene s = staged_meeting(ASK_PUSH, n);
        int contact = ask_scene_contact(&s, 0);
        assert_in_range(contact, 21, 19 + n);
        for (int t = 0; t < contact; t++) assert_true(is_at(&s, 1, t, 1000, 1010));
        for (int t = contact; t < 60; t++) {
            int ahead = ask_scene_pose(&s, 1, t).x - ask_scene_pose(&s, 0, t).x;
            assert_int_equal(ahead, 300);
        }
        for (int t = 20; t < 20 + n; t++)
            assert_true(ask_scene_pose(&s, 0, t).x > ask_scene_pose(&s, 0, t - 1).x);
        assert_true(is_at(&s, 0, 20 + n, 1300, 1000) && is_at(&s, 1, 20 + n, 1600, 1010));
    }
}

static void a_toy_hides_rests_and_comes_out(void **state)
{
    (void)state;
    for (int n = ASK_HIDE_MIN_FRAMES; n <= ASK_HIDE_MAX_FRAMES; n++) {
        ask_scene s = staged(ASK_HIDE, n);
        s.n_screens = 1;
        s.screens[0] = (ask_screen){900, 500};
        int begin, end;
        ask_event_hidden(&s.events[0], &begin, &end);
        assert_true(begin == 25 && end - begin == n - 10);
        for (int t = 19; t < 60; t++) {
            ask_pose p = ask_scene_pose(&s, 0, t);
            assert_true((p.x == 900 && p.y == 500) == (t >= begin && t < end));
        }
        assert_true(is_at(&s, 0, 19, 320, 1000) && is_at(&s, 0, 20 + n, 1000, 1000));
    }
}

static void a_colour_is_the_old_one_until_it_has_changed(void **state)
{
    (void)state;
    ask_scene s = staged(ASK_TURN, 12);
    s.toys[0].color = ASK_GREEN;
    s.events[0].to_color = ASK_PINK;
    int last = 0;
    for (int t = 0; t < 60; t++) {
        ask_pose p = ask_scene_pose(&s, 0, t);
        bool under_way = t >= 20 && t < 32;
        ask_toy_color c = t < 32 ? ASK_GREEN : ASK_PINK;
        assert_true(p.color == c && ask_scene_color_of(&s, 0, t) == c);
        assert_true(p.to_color == (t < 20 ? ASK_GREEN : ASK_PINK));
        assert_true(under_way ? p.turned > last && p.turned < 256 : p.turned == 0);
        assert_true(is_at(&s, 0, t, 320, 1000));
        last = p.turned;
    }
    assert_true(ask_scene_has_color(&s, 0, ASK_GREEN));
    assert_true(ask_scene_has_color(&s, 0, ASK_PINK));
    assert_false(ask_scene_has_color(&s, 0, ASK_RED));
}

// --- In the pictures ---------------------------------------------------------------------

/* Pixels that change clearly between two frames. */
static int changed_px(ask_painter *p, const ask_scene *s, int a, int b)
{
    static uint8_t first[SIDE * SIDE * 3], second[SIDE * SIDE * 3];
    ask_image image = {SIDE, SIDE, 3, first};
    ask_paint(p, s, a, &image, NULL);
    image.pixels = second;
    ask_paint(p, s, b, &image, NULL);
    int n = 0;
    for (int i = 0; i < SIDE * SIDE; i++) {
        int off = 0;
        for (int c = 0; c < 3; c++) off += abs(first[3 * i + c] - second[3 * i + c]);
        n += off > 60;
    }
    return n;
}

/* A toy that is hidden is not seen, and a colour changes too slowly for two frames. */
static bool is_seen_to_change(const ask_event *e, int frame)
{
    return e->kind != ASK_TURN &&
           (e->kind != ASK_HIDE || frame <= e->begin + 2 || frame >= e->end - 3);
}

/* In every frame of an event the pictures two frames before and after are clearly others;
 * where nothing happens and nobody is put down or taken away, all are the same. */
static void events_are_seen_in_the_pictures(void **state)
{
    (void)state;
    enum { LEAST_PX = 12 };
    ask_error err = {0};
    ask_painter *p = ask_painter_new(&err);
    int n_seen[ASK_N_EVENTS] = {0};
    for (int index = 0; index < N_SCENES; index++) {
        ask_scene s = scene_of(index);
        for (int i = 0; i < s.n_events; i++) {
            const ask_event *e = &s.events[i];
            for (int frame = e->begin + 1; frame < e->end - 1; frame++) {
                if (!is_seen_to_change(e, frame)) continue;
                int before = changed_px(p, &s, frame - 2, frame);
                int after = changed_px(p, &s, frame, frame + 2);
                int more = before > after ? before : after;
                if (more < LEAST_PX)
                    fail_msg("scene %d: \"%s\" is not seen in frame %d: %d px", index,
                             ask_event_name(e->kind), frame, more);
            }
            n_seen[e->kind]++;
        }
    }
    for (int kind = 0; kind < ASK_N_EVENTS; kind++) assert_true(n_seen[kind] > 10);
    ask_painter_free(p);
}

static bool somebody_comes_or_goes(const ask_scene *s, int frame)
{
    for (int i = 0; i < s->n_toys; i++) {
        if (s->toys[i].begin == frame || s->toys[i].end == frame) return true;
    }
    for (int i = 0; i < s->n_events; i++) {
        if (s->events[i].begin <= frame && frame <= s->events[i].end) return true;
    }
    return false;
}

static void nothing_moves_between_events(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_painter *p = ask_painter_new(&err);
    for (int index = 0; index < N_SCENES / 5; index++) {
        ask_scene s = scene_of(index);
        for (int frame = 1; frame < s.n_frames; frame++) {
            if (!somebody_comes_or_goes(&s, frame))
                assert_int_equal(changed_px(p, &s, frame - 1, frame), 0);
        }
    }
    ask_painter_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(toys_rest_before_and_after),
        cmocka_unit_test(each_event_moves_as_it_is_called),
        cmocka_unit_test(shaking_and_blinking_turn_within_two_frames),
        cmocka_unit_test(the_event_of_a_toy_is_found),
        cmocka_unit_test(a_toy_that_is_hit_goes_on_when_the_other_has_come),
        cmocka_unit_test(a_toy_that_is_pushed_keeps_ahead),
        cmocka_unit_test(a_toy_hides_rests_and_comes_out),
        cmocka_unit_test(a_colour_is_the_old_one_until_it_has_changed),
        cmocka_unit_test(events_are_seen_in_the_pictures),
        cmocka_unit_test(nothing_moves_between_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
