#include "world/shape_priv.h"

#include <stdlib.h>

#include "support/testing.h"
#include "world/scene.h"
#include "world/sprite_priv.h"

static ask_sprite sprite_of(int shape, int size, int texture, int angle)
{
    ask_sprite s;
    const ask_sprite_key key = {(ask_shape)shape, (ask_size)size, (ask_texture)texture,
                                angle, 256};
    ask_sprite_make(&s, &key);
    return s;
}

/* Pixels whose coverage differs by more than a half. */
static int clearly_other_px(const ask_sprite *a, const ask_sprite *b)
{
    int n = 0;
    for (int y = 0; y < ASK_SPRITE_PX; y++) {
        for (int x = 0; x < ASK_SPRITE_PX; x++)
            n += abs(a->pixels[y][x].covered - b->pixels[y][x].covered) > 8;
    }
    return n;
}

static int other_tone_px(const ask_sprite *a, const ask_sprite *b)
{
    int n = 0;
    for (int y = 0; y < ASK_SPRITE_PX; y++) {
        for (int x = 0; x < ASK_SPRITE_PX; x++)
            n += abs(a->pixels[y][x].second - b->pixels[y][x].second) > 8;
    }
    return n;
}

static void sine_is_that_of_a_circle(void **state)
{
    (void)state;
    for (int a = -300; a < 600; a++) {
        int64_t s = ask_sine(a), c = ask_sine(a + 64), one = 16384;
        assert_true(llabs(s * s + c * c - one * one) < 2 * one);
        assert_int_equal(ask_sine(a), -ask_sine(-a));
        assert_int_equal(ask_sine(a), ask_sine(a + 256));
    }
    assert_int_equal(ask_sine(64), 16384);
}

static void shapes_are_clearly_different_when_small(void **state)
{
    (void)state;
    enum { LEAST_PX = 40 }; // of about 200
    for (int a = 0; a < ASK_N_SHAPES; a++) {
        for (int b = 0; b < a; b++) {
            ask_sprite sa = sprite_of(a, ASK_SMALL, ASK_PLAIN, 0);
            ask_sprite sb = sprite_of(b, ASK_SMALL, ASK_PLAIN, 0);
            int n = clearly_other_px(&sa, &sb);
            if (n < LEAST_PX)
                fail_msg("%s and %s: %d px", ask_shape_name((ask_shape)a),
                         ask_shape_name((ask_shape)b), n);
        }
    }
}

static void textures_are_visible_on_every_small_shape(void **state)
{
    (void)state;
    enum { LEAST_PX = 12 };
    for (int shape = 0; shape < ASK_N_SHAPES; shape++) {
        for (int a = 0; a < ASK_N_TEXTURES; a++) {
            for (int b = 0; b < a; b++) {
                ask_sprite sa = sprite_of(shape, ASK_SMALL, a, 0);
                ask_sprite sb = sprite_of(shape, ASK_SMALL, b, 0);
                int n = other_tone_px(&sa, &sb);
                if (n < LEAST_PX)
                    fail_msg("%s and %s on a %s: %d px", ask_texture_name((ask_texture)a),
                             ask_texture_name((ask_texture)b),
                             ask_shape_name((ask_shape)shape), n);
            }
        }
    }
}

static void sizes_are_apart(void **state)
{
    (void)state;
    for (int shape = 0; shape < ASK_N_SHAPES; shape++) {
        int small = sprite_of(shape, ASK_SMALL, ASK_PLAIN, 0).n_px;
        int medium = sprite_of(shape, ASK_MEDIUM, ASK_PLAIN, 0).n_px;
        int large = sprite_of(shape, ASK_LARGE, ASK_PLAIN, 0).n_px;
        CHECK_CASE(ask_shape_name((ask_shape)shape),
                   medium * 10 > small * 16 && large * 10 > medium * 16);
    }
}

/* At every angle of a turn of 15 steps, the toy two steps on looks another. */
static void turning_is_seen_on_all_that_spin(void **state)
{
    (void)state;
    enum { LEAST_PX = 15 };
    for (int shape = 0; shape < ASK_N_SHAPES; shape++) {
        if (!ask_toy_can(ASK_SPIN, (ask_shape)shape, ASK_SMALL)) continue;
        for (int step = 0; step < 15; step++) {
            ask_sprite now = sprite_of(shape, ASK_SMALL, ASK_PLAIN, 256 * step / 15);
            ask_sprite then = sprite_of(shape, ASK_SMALL, ASK_PLAIN, 256 * (step + 2) / 15);
            CHECK_CASE(ask_shape_name((ask_shape)shape),
                       clearly_other_px(&now, &then) >= LEAST_PX);
        }
    }
}

static int area_of(const ask_sprite *s)
{
    int sum = 0;
    for (int y = 0; y < ASK_SPRITE_PX; y++) {
        for (int x = 0; x < ASK_SPRITE_PX; x++) sum += s->pixels[y][x].covered;
    }
    return sum;
}

static void turning_keeps_the_area(void **state)
{
    (void)state;
    for (int shape = 0; shape < ASK_N_SHAPES; shape++) {
        ask_sprite upright = sprite_of(shape, ASK_LARGE, ASK_PLAIN, 0);
        int area = area_of(&upright);
        for (int angle = 0; angle < 256; angle += 13) {
            ask_sprite turned = sprite_of(shape, ASK_LARGE, ASK_PLAIN, angle);
            CHECK_CASE(ask_shape_name((ask_shape)shape),
                       abs(area_of(&turned) - area) * 50 < area);
        }
    }
}

static void a_quarter_turn_is_exact(void **state)
{
    (void)state;
    ask_sprite upright = sprite_of(ASK_SQUARE, ASK_MEDIUM, ASK_PLAIN, 0);
    ask_sprite turned = sprite_of(ASK_SQUARE, ASK_MEDIUM, ASK_PLAIN, 64);
    assert_int_equal(clearly_other_px(&upright, &turned), 0);
    ask_sprite arrow = sprite_of(ASK_ARROW, ASK_MEDIUM, ASK_PLAIN, 64); // points down
    int above = 0, below = 0;
    for (int y = 0; y < ASK_SPRITE_PX; y++) {
        for (int x = 0; x < ASK_SPRITE_PX; x++)
            *(y < ASK_SPRITE_PX / 2 ? &above : &below) += arrow.pixels[y][x].covered;
    }
    assert_true(below > above);
}

static void every_toy_has_a_rim_and_a_filling(void **state)
{
    (void)state;
    for (int shape = 0; shape < ASK_N_SHAPES; shape++) {
        for (int size = 0; size < ASK_N_SIZES; size++) {
            ask_sprite s = sprite_of(shape, size, ASK_STRIPED, 0);
            int n_full = 0, n_rim = 0;
            for (int y = 0; y < ASK_SPRITE_PX; y++) {
                for (int x = 0; x < ASK_SPRITE_PX; x++) {
                    ask_sprite_pixel p = s.pixels[y][x];
                    assert_true(p.covered <= ASK_SPRITE_SAMPLES && p.filled <= p.covered &&
                                p.second <= p.filled);
                    n_full += p.filled == ASK_SPRITE_SAMPLES;
                    n_rim += p.covered > p.filled;
                    int far = abs(2 * y + 1 - ASK_SPRITE_PX) > 2 * s.reach_px ||
                              abs(2 * x + 1 - ASK_SPRITE_PX) > 2 * s.reach_px;
                    assert_false(far && p.covered);
                }
            }
            CHECK_CASE(ask_shape_name((ask_shape)shape), n_full >= 20 && n_rim >= 30);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sine_is_that_of_a_circle),
        cmocka_unit_test(shapes_are_clearly_different_when_small),
        cmocka_unit_test(textures_are_visible_on_every_small_shape),
        cmocka_unit_test(sizes_are_apart),
        cmocka_unit_test(turning_is_seen_on_all_that_spin),
        cmocka_unit_test(turning_keeps_the_area),
        cmocka_unit_test(a_quarter_turn_is_exact),
        cmocka_unit_test(every_toy_has_a_rim_and_a_filling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
