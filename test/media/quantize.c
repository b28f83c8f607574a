#include "media/quantize_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "support/testing.h"

/* What a picture looks like in its palette, and how far that is off. */
typedef struct {
    double mean_off;     // of all samples, absolute
    int max_off;         // of any sample
    double mean_off_8x8; // of the means of blocks: what an eye at a distance sees
} damage;

static int sample(uint32_t color, int c)
{
    return (int)(color >> (16 - 8 * c) & 255);
}

static damage measure(const ask_image *image, const uint8_t *index, ptrdiff_t stride,
                      const uint32_t *palette)
{
    damage d = {0};
    int w = image->width, h = image->height, n_blocks = (w / 8) * (h / 8);
    int *block = calloc((size_t)n_blocks * 3, sizeof *block);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            for (int c = 0; c < 3; c++) {
                int was = image->pixels[3 * (y * w + x) + c];
                int off = sample(palette[index[y * stride + x]], c) - was;
                d.mean_off += abs(off);
                if (abs(off) > d.max_off) d.max_off = abs(off);
                if (x / 8 < w / 8 && y / 8 < h / 8)
                    block[3 * (y / 8 * (w / 8) + x / 8) + c] += off;
            }
    d.mean_off /= 3.0 * w * h;
    for (int i = 0; i < 3 * n_blocks; i++)
        d.mean_off_8x8 += abs(block[i]) / 64.0 / (3.0 * n_blocks);
    free(block);
    return d;
}

static damage quantize(const ask_image *image, bool dither)
{
    enum { EXTRA = 5 }; // rows further apart than they are long
    ptrdiff_t stride = image->width + EXTRA;
    size_t n = (size_t)stride * (size_t)image->height;
    uint8_t *index = malloc(n);
    memset(index, 0xaa, n);
    uint32_t palette[ASK_PALETTE_COLORS];
    ask_error err = {0};
    CHECK_OK(ask_quantize(index, stride, palette, image, dither, &err), &err);
    for (int i = 0; i < ASK_PALETTE_COLORS; i++) assert_int_equal(palette[i] >> 24, 0xff);
    for (int y = 0; y < image->height; y++)
        for (int x = image->width; x < stride; x++)
            assert_int_equal(index[y * stride + x], 0xaa);
    damage d = measure(image, index, stride, palette);
    free(index);
    return d;
}

static ask_image new_image(int width, int height)
{
    ask_image image;
    ask_error err = {0};
    CHECK_OK(ask_image_new(&image, width, height, 3, &err), &err);
    return image;
}

/* Pixel i has colour i modulo n; the colours differ in single steps. */
static ask_image of_colors(int width, int height, int n)
{
    ask_image image = new_image(width, height);
    for (int i = 0; i < width * height; i++) {
        int k = i % n;
        image.pixels[3 * i] = (uint8_t)(k & 15);
        image.pixels[3 * i + 1] = (uint8_t)(240 + (k >> 4 & 15));
        image.pixels[3 * i + 2] = (uint8_t)(k >> 8);
    }
    return image;
}

static void up_to_256_colours_stay_as_they_are(void **state)
{
    (void)state;
    static const int counts[] = {1, 2, 255, 256};
    for (size_t i = 0; i < TEST_COUNT(counts); i++) {
        ask_image image = of_colors(37, 21, counts[i]);
        assert_int_equal(quantize(&image, true).max_off, 0);
        assert_int_equal(quantize(&image, false).max_off, 0);
        ask_image_free(&image);
    }
}

static void one_colour_more_changes_little(void **state)
{
    (void)state;
    ask_image image = of_colors(37, 21, 257);
    assert_true(quantize(&image, false).max_off <= 8); // half the side of a cell, twice
    ask_image_free(&image);
}

static ask_image smooth(void)
{
    ask_image image = new_image(160, 96);
    for (int y = 0; y < 96; y++)
        for (int x = 0; x < 160; x++) {
            uint8_t *p = image.pixels + 3 * (y * 160 + x);
            p[0] = (uint8_t)(x * 255 / 159);
            p[1] = (uint8_t)(y * 255 / 95);
            p[2] = (uint8_t)(128 + (x + y) / 4);
        }
    return image;
}

static ask_image noise(void)
{
    ask_image image = new_image(64, 64);
    ask_rng rng = ask_rng_new(5);
    for (int i = 0; i < 64 * 64 * 3; i++)
        image.pixels[i] = (uint8_t)ask_rng_below(&rng, 256);
    return image;
}

/* 256 colours over a plane of 160 x 96 are boxes of about 8 x 8 pixels: 10 steps wide, so
 * off by a quarter of that on the average. */
static void slopes_and_noise_keep_their_colours(void **state)
{
    (void)state;
    ask_image slope = smooth(), random = noise();
    damage plain = quantize(&slope, false), dithered = quantize(&slope, true);
    if (plain.mean_off > 4) fail_msg("slopes are off by %g", plain.mean_off);
    if (plain.max_off > 32) fail_msg("a sample is off by %d", plain.max_off);
    if (dithered.mean_off_8x8 > 0.75 * plain.mean_off_8x8)
        fail_msg("with dithering blocks are off by %g, without by %g",
                 dithered.mean_off_8x8, plain.mean_off_8x8);
    damage of_noise = quantize(&random, false);
    if (of_noise.mean_off > 16) fail_msg("noise is off by %g", of_noise.mean_off);
    ask_image_free(&random);
    ask_image_free(&slope);
}

static void the_smallest_pictures_are_fine(void **state)
{
    (void)state;
    for (int w = 1; w <= 3; w++)
        for (int h = 1; h <= 3; h++) {
            ask_image image = of_colors(w, h, 9);
            assert_int_equal(quantize(&image, true).max_off, 0);
            ask_image_free(&image);
        }
    ask_image narrow = of_colors(1, 700, 700);
    assert_true(quantize(&narrow, true).mean_off < 16);
    ask_image_free(&narrow);
}

static bool attempt(void *user, ask_error *err)
{
    uint8_t index[160 * 96];
    uint32_t palette[ASK_PALETTE_COLORS];
    return ask_quantize(index, 160, palette, user, true, err);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    ask_image image = smooth();
    assert_int_equal(test_each_alloc_fails("a palette", attempt, &image), 4);
    ask_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(up_to_256_colours_stay_as_they_are),
        cmocka_unit_test(one_colour_more_changes_little),
        cmocka_unit_test(slopes_and_noise_keep_their_colours),
        cmocka_unit_test(the_smallest_pictures_are_fine),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
