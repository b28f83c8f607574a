#include "world/noise.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "support/testing.h"
#include "world/view.h"

enum { SIDE = ASK_WORLD_SIDE_PX, N_BYTES = SIDE * SIDE * 3 };

static void paint_scene(ask_image *image, int index)
{
    ask_error err = {0};
    ask_scene s;
    ask_painter *p = ask_painter_new(&err);
    CHECK_OK(p, &err);
    ask_scene_make(&s, 41, index, ASK_SPLIT_TRAIN, ask_scene_simple());
    ask_paint(p, &s, s.n_frames / 2, image, NULL);
    ask_painter_free(p);
}

/* In hundredths of a level, over all samples. */
static int mean_off_x100(const uint8_t *a, const uint8_t *b, int n)
{
    int64_t sum = 0;
    for (int i = 0; i < n; i++) sum += abs(a[i] - b[i]);
    return (int)(sum * 100 / n);
}

static void more_strength_does_more(void **state)
{
    (void)state;
    static const struct {
        int strength, least_x100, most_x100; // mean off
    } cases[] = {{0, 0, 0}, {8, 30, 300}, {18, 40, 350}, {24, 60, 400}, {31, 100, 600}};
    static uint8_t was[N_BYTES], is[N_BYTES];
    int before = -1;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        int sum = 0;
        for (int index = 0; index < 20; index++) {
            paint_scene(&(ask_image){SIDE, SIDE, 3, was}, index);
            memcpy(is, was, N_BYTES);
            ask_noise_compress(&(ask_image){SIDE, SIDE, 3, is}, 1, cases[i].strength);
            sum += mean_off_x100(was, is, N_BYTES);
        }
        int mean = sum / 20;
        if (mean < cases[i].least_x100 || mean > cases[i].most_x100 || mean <= before)
            fail_msg("strength %d: %d / 100 off", cases[i].strength, mean);
        before = mean;
    }
}

static void a_flat_picture_stays_flat(void **state)
{
    (void)state;
    static const uint8_t colors[][3] = {
        {0, 0, 0}, {255, 255, 255}, {128, 128, 128}, {216, 30, 38}, {36, 76, 222}};
    static uint8_t pixels[N_BYTES];
    ask_image image = {SIDE, SIDE, 3, pixels};
    for (size_t i = 0; i < TEST_COUNT(colors); i++) {
        for (int at = 0; at < SIDE * SIDE; at++) memcpy(pixels + 3 * at, colors[i], 3);
        ask_noise_compress(&image, 1, 24);
        for (int at = 0; at < SIDE * SIDE; at++) {
            assert_memory_equal(pixels + 3 * at, pixels, 3);
            for (int c = 0; c < 3; c++)
                assert_in_range(abs(pixels[3 * at + c] - colors[i][c]), 0, 6);
        }
    }
}

static void small_and_oblong_pictures_are_compressed_alike(void **state)
{
    (void)state;
    static uint8_t large[N_BYTES], small[16 * 32 * 3];
    paint_scene(&(ask_image){SIDE, SIDE, 3, large}, 3);
    for (int y = 0; y < 16; y++) memcpy(small + y * 96, large + y * SIDE * 3, 96);
    ask_noise_compress(&(ask_image){32, 16, 3, small}, 1, 26);
    ask_noise_compress(&(ask_image){SIDE, SIDE, 3, large}, 1, 26);
    for (int y = 0; y < 16; y++)
        assert_memory_equal(small + y * 96, large + y * SIDE * 3, 96);
}

static void extremes_do_not_overflow(void **state)
{
    (void)state;
    static uint8_t was[N_BYTES], is[N_BYTES];
    for (int period = 1; period <= 8; period++) {
        for (int at = 0; at < SIDE * SIDE; at++) {
            int on = (at / period + at / SIDE / period) % 2;
            memset(was + 3 * at, on ? 255 : 0, 3);
        }
        memcpy(is, was, N_BYTES);
        ask_noise_compress(&(ask_image){SIDE, SIDE, 3, is}, 1, 10);
        assert_in_range(mean_off_x100(was, is, N_BYTES), 0, 200);
    }
}

/* Each picture of several is as it would be alone. */
static void what_has_not_changed_stays(void **state)
{
    (void)state;
    static uint8_t pixels[4][N_BYTES], alone[4][N_BYTES];
    static const int scenes[4] = {5, 5, 6, 5};
    ask_image images[4];
    for (int i = 0; i < 4; i++) {
        images[i] = (ask_image){SIDE, SIDE, 3, pixels[i]};
        paint_scene(&images[i], scenes[i]);
        pixels[i][N_BYTES / 2] = (uint8_t)(40 * i);
        memcpy(alone[i], pixels[i], N_BYTES);
        ask_noise_compress(&(ask_image){SIDE, SIDE, 3, alone[i]}, 1, 26);
    }
    ask_noise_compress(images, 4, 26);
    for (int i = 0; i < 4; i++) assert_memory_equal(pixels[i], alone[i], N_BYTES);
    assert_memory_not_equal(pixels[0], pixels[1], N_BYTES);
}

static void it_is_the_same_on_every_machine(void **state)
{
    (void)state;
    static uint8_t pixels[N_BYTES];
    ask_image image = {SIDE, SIDE, 3, pixels};
    paint_scene(&image, 0);
    ask_noise_compress(&image, 1, 25);
    uint64_t is = ask_hash64(pixels, N_BYTES, 0);
    if (is != 0xd5aa44e31380f15d) fail_msg("0x%016llx", (unsigned long long)is);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_strength_does_more),
        cmocka_unit_test(a_flat_picture_stays_flat),
        cmocka_unit_test(small_and_oblong_pictures_are_compressed_alike),
        cmocka_unit_test(extremes_do_not_overflow),
        cmocka_unit_test(what_has_not_changed_stays),
        cmocka_unit_test(it_is_the_same_on_every_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
