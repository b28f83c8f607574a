#include "world/sample.h"

#include <string.h>

#include "support/testing.h"

enum { SIDE = ASK_WORLD_SIDE_PX, N_BYTES = SIDE * SIDE * 3 };

typedef struct {
    uint8_t pixels[3][N_BYTES];
    ask_image images[3];
} pictures;

static void use(pictures *p)
{
    for (int i = 0; i < 3; i++) p->images[i] = (ask_image){SIDE, SIDE, 3, p->pixels[i]};
}

static void neighbours_are_held_within_the_clip(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_painter *p = ask_painter_new(&err);
    CHECK_OK(p, &err);
    ask_scene s;
    ask_scene_make(&s, 51, 0, ASK_SPLIT_TRAIN, ask_scene_simple());
    const struct {
        const char *name;
        int frame, frames[3];
    } cases[] = {
        {"inside", 20, {18, 20, 22}},
        {"first", 0, {0, 0, 2}},
        {"second", 1, {0, 1, 3}},
        {"last", s.n_frames - 1, {s.n_frames - 3, s.n_frames - 1, s.n_frames - 1}},
    };
    static pictures is;
    static uint8_t pixels[N_BYTES];
    ask_image single = {SIDE, SIDE, 3, pixels};
    ask_scene_view view, of_single;
    use(&is);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_sample_paint(p, &s, cases[i].frame, 2, NULL, is.images, &view);
        for (int k = 0; k < 3; k++) {
            ask_paint(p, &s, cases[i].frames[k], &single, k == 1 ? &of_single : NULL);
            CHECK_CASE(cases[i].name, memcmp(is.pixels[k], pixels, N_BYTES) == 0);
        }
        CHECK_CASE(cases[i].name, memcmp(&view, &of_single, sizeof view) == 0);
    }
    ask_painter_free(p);
}

static void noise_follows_its_stream(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_painter *p = ask_painter_new(&err);
    CHECK_OK(p, &err);
    ask_scene s;
    ask_scene_make(&s, 51, 1, ASK_SPLIT_TRAIN, ask_scene_simple());
    static pictures clean, noisy, again;
    use(&clean);
    use(&noisy);
    use(&again);
    ask_rng r = ask_rng_new(1), same = r;
    ask_sample_paint(p, &s, 30, 2, NULL, clean.images, NULL);
    ask_sample_paint(p, &s, 30, 2, &r, noisy.images, NULL);
    ask_sample_paint(p, &s, 30, 2, &same, again.images, NULL);
    assert_memory_equal(noisy.pixels, again.pixels, sizeof noisy.pixels);
    assert_memory_not_equal(clean.pixels, noisy.pixels, sizeof noisy.pixels);
    ask_painter_free(p);
}

/* Of what is drawn: all can be said, each attribute is demanded often enough, the splits
 * keep what is held out apart. */
static void phrases_are_of_all_kinds(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_painter *p = ask_painter_new(&err);
    CHECK_OK(p, &err);
    ask_scene_view v;
    ask_rng r = ask_rng_new(2);
    int n_demanded[6] = {0}, n_sayings[ASK_N_SAYINGS] = {0}, n = 0;
    for (int index = 0; index < 100; index++) {
        ask_scene s;
        ask_scene_make(&s, 52, index, ASK_SPLIT_TRAIN, ask_scene_simple());
        ask_paint(p, &s, index % s.n_frames, NULL, &v);
        for (int i = 0; i < 20; i++, n++) {
            int wording;
            ask_phrase q = ask_sample_phrase(&r, &s, &v);
            const int8_t demands[] = {q.color,   q.shape, q.size,
                                      q.texture, q.place, q.event};
            for (int k = 0; k < 6; k++) n_demanded[k] += demands[k] != ASK_ANY;
            assert_true(ask_phrase_fits(q, ASK_SAY_CAPTION));
            ask_saying how = ask_sample_saying(&r, q, &wording);
            assert_true(ask_phrase_fits(q, how));
            assert_in_range(wording, 0, ASK_N_WORDINGS - 1);
            n_sayings[how]++;
        }
    }
    for (int k = 0; k < 6; k++) assert_true(n_demanded[k] * 20 > n);
    for (int k = 0; k < ASK_N_SAYINGS; k++) assert_true(n_sayings[k] * 100 > n);
    ask_painter_free(p);
}

static void phrases_keep_to_their_split(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_painter *p = ask_painter_new(&err);
    CHECK_OK(p, &err);
    ask_scene_view v;
    ask_rng r = ask_rng_new(3);
    for (int index = 0; index < 100; index++) {
        ask_scene s;
        ask_scene_make(&s, 53, index, ASK_SPLIT_TRAIN, ask_scene_simple());
        ask_paint(p, &s, index % s.n_frames, NULL, &v);
        for (int i = 0; i < 50; i++) {
            ask_phrase q = ask_sample_phrase(&r, &s, &v);
            if (q.shape == ASK_ANY) continue;
            ask_shape shape = (ask_shape)q.shape;
            assert_false(q.color != ASK_ANY &&
                         ask_pair_is_held_out((ask_toy_color)q.color, shape));
            assert_false(q.event != ASK_ANY &&
                         ask_pairing_is_held_out((ask_event_kind)q.event, shape));
        }
    }
    ask_painter_free(p);
}

static void single_demands_come_in_turn(void **state)
{
    (void)state;
    int n_demanded[6] = {0};
    for (int i = 0; i < ASK_N_SINGLE_DEMANDS; i++) {
        ask_phrase p = ask_sample_single_demand(i);
        const int8_t demands[] = {p.color, p.shape, p.size, p.texture, p.place, p.event};
        int n = 0;
        for (int k = 0; k < 6; k++) {
            if (demands[k] == ASK_ANY) continue;
            assert_int_equal(demands[k], n_demanded[k]++);
            n++;
        }
        assert_int_equal(n, 1);
        assert_true(ask_phrase_fits(p, ASK_SAY_CAPTION));
    }
    const int n_values[] = {ASK_N_COLORS,   ASK_N_SHAPES, ASK_N_SIZES,
                            ASK_N_TEXTURES, ASK_N_PLACES, ASK_N_SIMPLE_EVENTS};
    for (int k = 0; k < 6; k++) assert_int_equal(n_demanded[k], n_values[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_are_held_within_the_clip),
        cmocka_unit_test(noise_follows_its_stream),
        cmocka_unit_test(phrases_are_of_all_kinds),
        cmocka_unit_test(phrases_keep_to_their_split),
        cmocka_unit_test(single_demands_come_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
