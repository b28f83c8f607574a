#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "support/testing.h"
#include "world/view.h"

enum { SIDE = ASK_WORLD_SIDE_PX, N_BYTES = SIDE * SIDE * 3 };

static ask_scene scene_of(int index)
{
    ask_scene s;
    ask_scene_make(&s, 21, index, ASK_SPLIT_TEST, ask_scene_simple());
    return s;
}

static ask_painter *new_painter(void)
{
    ask_error err = {0};
    ask_painter *p = ask_painter_new(&err);
    CHECK_OK(p, &err);
    return p;
}

static ask_image picture_in(uint8_t pixels[N_BYTES])
{
    return (ask_image){SIDE, SIDE, 3, pixels};
}

static void a_seed_gives_the_same_pictures_on_every_machine(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int index, frame;
        uint64_t fingerprint;
    } cases[] = {
        {"first frame", 0, 0, 0x9dd802ab4c398ad8},
        {"middle", 1, 30, 0xd274deee68aca75d},
        {"last frame of the shortest clip", 2, 47, 0x79b4dcf2d799ef1c},
        {"another", 3, 20, 0x4abe39736a0a6134},
    };
    static uint8_t pixels[N_BYTES];
    ask_image image = picture_in(pixels);
    ask_painter *p = new_painter();
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_scene s = scene_of(cases[i].index);
        ask_paint(p, &s, cases[i].frame, &image, NULL);
        uint64_t is = ask_hash64(pixels, N_BYTES, 0);
        if (is != cases[i].fingerprint)
            fail_msg("case \"%s\": 0x%016llx", cases[i].name, (unsigned long long)is);
    }
    ask_painter_free(p);
}

/* Frames in any order, with and without a view, by an old painter or a new one. */
static void pictures_do_not_depend_on_what_was_painted_before(void **state)
{
    (void)state;
    static uint8_t pixels[N_BYTES], again[N_BYTES];
    ask_image image = picture_in(pixels), other = picture_in(again);
    ask_scene_view view, second;
    ask_painter *old = new_painter();
    for (int index = 0; index < 40; index++) {
        ask_scene s = scene_of(index);
        ask_painter *fresh = new_painter();
        for (int frame = s.n_frames - 1; frame >= 0; frame -= 7) {
            ask_paint(old, &s, frame, &image, &view);
            ask_paint(fresh, &s, frame, &other, NULL);
            ask_paint(fresh, &s, frame, NULL, &second);
            assert_memory_equal(pixels, again, N_BYTES);
            assert_memory_equal(&view, &second, sizeof view);
        }
        ask_painter_free(fresh);
    }
    ask_painter_free(old);
}

/* Boxes and counts, again, pixel by pixel. */
static ask_toy_view count_again(const ask_scene_view *v, int toy)
{
    ask_toy_view t = {.n_full_px = v->toys[toy].n_full_px, .x0 = SIDE, .y0 = SIDE};
    for (int at = 0; at < SIDE * SIDE; at++) {
        int x = at % SIDE, y = at / SIDE;
        if (v->ids[at] != toy + 1) continue;
        t.n_px++;
        if (x < t.x0) t.x0 = x;
        if (y < t.y0) t.y0 = y;
        if (x + 1 > t.x1) t.x1 = x + 1;
        if (y + 1 > t.y1) t.y1 = y + 1;
    }
    if (!t.n_px) t.x0 = t.y0 = 0;
    return t;
}

static void a_view_counts_what_its_map_shows(void **state)
{
    (void)state;
    ask_painter *p = new_painter();
    ask_scene_view v;
    for (int index = 0; index < 60; index++) {
        ask_scene s = scene_of(index);
        for (int frame = 0; frame < s.n_frames; frame += 5) {
            ask_paint(p, &s, frame, NULL, &v);
            assert_int_equal(v.frame, frame);
            for (int i = 0; i < ASK_SCENE_MAX_TOYS; i++) {
                ask_toy_view again = count_again(&v, i);
                assert_memory_equal(&again, &v.toys[i], sizeof again);
                bool there = i < s.n_toys && ask_scene_pose(&s, i, frame).there;
                assert_true(there == (v.toys[i].n_full_px > 0));
                assert_true(v.toys[i].n_px <= v.toys[i].n_full_px);
            }
        }
    }
    ask_painter_free(p);
}

/* Where the map shows a toy the picture differs from the empty room, elsewhere (but for
 * soft edges and shadows) it does not. */
static void the_map_is_where_the_picture_shows_toys(void **state)
{
    (void)state;
    static uint8_t pixels[N_BYTES], room[N_BYTES];
    ask_image image = picture_in(pixels), empty = picture_in(room);
    ask_painter *p = new_painter();
    ask_scene_view v;
    for (int index = 0; index < 60; index++) {
        ask_scene s = scene_of(index), no_toys = s;
        no_toys.n_toys = 0;
        ask_paint(p, &no_toys, 0, &empty, NULL);
        for (int frame = 0; frame < s.n_frames; frame += 11) {
            ask_paint(p, &s, frame, &image, &v);
            int n_toy = 0, n_toy_same = 0, n_room_other = 0;
            for (int at = 0; at < SIDE * SIDE; at++) {
                int off = 0;
                for (int c = 0; c < 3; c++)
                    off += abs(pixels[3 * at + c] - room[3 * at + c]);
                n_toy += v.ids[at] != 0;
                n_toy_same += v.ids[at] && off < 24;
                n_room_other += !v.ids[at] && off > 24;
            }
            assert_true(n_toy_same * 12 <= n_toy);        // rims on dark rooms
            assert_true(n_room_other <= n_toy / 2 + 220); // soft edges, a shadow
        }
    }
    ask_painter_free(p);
}

/* One plain toy in the middle of an empty room. */
static ask_scene one_toy(ask_toy_color color, int background, uint32_t seed)
{
    return (ask_scene){.n_frames = 48,
                       .background = background,
                       .background_seed = seed,
                       .n_toys = 1,
                       .toys = {{.shape = ASK_BALL,
                                 .color = color,
                                 .size = ASK_SMALL,
                                 .end = 48,
                                 .home_x = 1024,
                                 .home_y = 1024}}};
}

static const uint8_t *middle_of(const ask_image *image)
{
    return image->pixels + (SIDE / 2 * SIDE + SIDE / 2) * 3;
}

static int distance(const uint8_t *a, const uint8_t *b)
{
    int sum = 0;
    for (int c = 0; c < 3; c++) sum += abs(a[c] - b[c]);
    return sum;
}

static void colours_are_apart_from_each_other_and_from_every_room(void **state)
{
    (void)state;
    enum { LEAST = 90, LEAST_FROM_ROOM = 60 };
    static uint8_t pixels[N_BYTES], room[N_BYTES];
    uint8_t colors[ASK_N_COLORS][3];
    ask_image image = picture_in(pixels), empty = picture_in(room);
    ask_painter *p = new_painter();
    for (int c = 0; c < ASK_N_COLORS; c++) {
        ask_scene s = one_toy((ask_toy_color)c, 0, 0);
        ask_paint(p, &s, 0, &image, NULL);
        memcpy(colors[c], middle_of(&image), 3);
        for (int other = 0; other < c; other++) {
            if (distance(colors[c], colors[other]) < LEAST)
                fail_msg("%s and %s", ask_color_name((ask_toy_color)c),
                         ask_color_name((ask_toy_color)other));
        }
    }
    for (int background = 0; background < ASK_N_BACKGROUNDS; background++) {
        for (uint32_t seed = 0; seed < 30; seed++) {
            ask_scene s = {
                .n_frames = 48, .background = background, .background_seed = seed};
            ask_paint(p, &s, 0, &empty, NULL);
            for (int at = 0; at < SIDE * SIDE; at += 37) {
                for (int c = 0; c < ASK_N_COLORS; c++) {
                    if (distance(colors[c], room + 3 * at) < LEAST_FROM_ROOM)
                        fail_msg("%s in room %d of seed %u",
                                 ask_color_name((ask_toy_color)c), background, seed);
                }
            }
        }
    }
    ask_painter_free(p);
}

static void rooms_of_different_kinds_and_seeds_differ(void **state)
{
    (void)state;
    uint64_t seen[ASK_N_BACKGROUNDS * 5];
    static uint8_t pixels[N_BYTES];
    ask_image image = picture_in(pixels);
    ask_painter *p = new_painter();
    int n = 0;
    for (int background = 0; background < ASK_N_BACKGROUNDS; background++) {
        for (uint32_t seed = 0; seed < 5; seed++, n++) {
            ask_scene s = {
                .n_frames = 48, .background = background, .background_seed = seed};
            ask_paint(p, &s, 0, &image, NULL);
            seen[n] = ask_hash64(pixels, N_BYTES, 0);
            for (int i = 0; i < n; i++) assert_true(seen[i] != seen[n]);
        }
    }
    ask_painter_free(p);
}

static void places_are_quarters_without_the_middle(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int x, y, place;
    } cases[] = {
        {"top left", 30, 30, ASK_TOP_LEFT},
        {"top right", 100, 30, ASK_TOP_RIGHT},
        {"bottom left", 30, 90, ASK_BOTTOM_LEFT},
        {"bottom right", 71, 71, ASK_BOTTOM_RIGHT},
        {"near the upright midline", 68, 30, -1},
        {"near the level midline", 30, 60, -1},
        {"outside of the picture", -40, 30, -1},
        {"half outside", 0, 30, ASK_TOP_LEFT},
    };
    ask_painter *p = new_painter();
    ask_scene_view v;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_scene s = one_toy(ASK_RED, 0, 0);
        s.toys[0].home_x = cases[i].x * 16;
        s.toys[0].home_y = cases[i].y * 16;
        ask_paint(p, &s, 0, NULL, &v);
        CHECK_CASE(cases[i].name, ask_view_place(&v, 0) == cases[i].place);
    }
    ask_painter_free(p);
}

static void toys_beyond_the_edge_are_cut_off(void **state)
{
    (void)state;
    ask_painter *p = new_painter();
    ask_scene_view whole, half;
    ask_scene s = one_toy(ASK_RED, 0, 0);
    ask_paint(p, &s, 0, NULL, &whole);
    s.toys[0].home_x = 0;
    ask_paint(p, &s, 0, NULL, &half);
    assert_int_equal(half.toys[0].n_full_px, whole.toys[0].n_px);
    assert_int_equal(half.toys[0].n_px * 2, whole.toys[0].n_px);
    assert_int_equal(half.toys[0].x0, 0);
    ask_painter_free(p);
}

static bool make_a_painter(void *user, ask_error *err)
{
    (void)user;
    ask_painter *p = ask_painter_new(err);
    ask_painter_free(p);
    return p != NULL;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    assert_int_equal(test_each_alloc_fails("a painter", make_a_painter, NULL), 1);
    ask_painter_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_gives_the_same_pictures_on_every_machine),
        cmocka_unit_test(pictures_do_not_depend_on_what_was_painted_before),
        cmocka_unit_test(a_view_counts_what_its_map_shows),
        cmocka_unit_test(the_map_is_where_the_picture_shows_toys),
        cmocka_unit_test(colours_are_apart_from_each_other_and_from_every_room),
        cmocka_unit_test(rooms_of_different_kinds_and_seeds_differ),
        cmocka_unit_test(places_are_quarters_without_the_middle),
        cmocka_unit_test(toys_beyond_the_edge_are_cut_off),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
