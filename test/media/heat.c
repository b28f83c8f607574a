/* Colour maps, and heat drawn with them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/draw.h"
#include "support/testing.h"

static const struct {
    const char *name;
    ask_color_map map;
    ask_color first, last; // as published
} maps[] = {
    {"viridis", ASK_MAP_VIRIDIS, {0x44, 0x01, 0x54}, {0xfd, 0xe7, 0x25}},
    {"magma", ASK_MAP_MAGMA, {0x00, 0x00, 0x04}, {0xfc, 0xfd, 0xbf}},
    {"inferno", ASK_MAP_INFERNO, {0x00, 0x00, 0x04}, {0xfc, 0xff, 0xa4}},
    {"cividis", ASK_MAP_CIVIDIS, {0x00, 0x22, 0x4e}, {0xfe, 0xe8, 0x38}},
    {"grey", ASK_MAP_GREY, {0, 0, 0}, {255, 255, 255}},
};

static bool same_color(ask_color a, ask_color b)
{
    return a.r == b.r && a.g == b.g && a.b == b.b;
}

static double luminance(ask_color c)
{
    return 0.2126 * pow(c.r / 255.0, 2.2) + 0.7152 * pow(c.g / 255.0, 2.2) +
           0.0722 * pow(c.b / 255.0, 2.2);
}

static int distance(ask_color a, ask_color b)
{
    return abs(a.r - b.r) + abs(a.g - b.g) + abs(a.b - b.b);
}

static void colour_maps_begin_and_end_as_published(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(maps); i++) {
        ask_color_map map = maps[i].map;
        CHECK_CASE(maps[i].name, same_color(ask_color_of(map, 0), maps[i].first));
        CHECK_CASE(maps[i].name, same_color(ask_color_of(map, 1), maps[i].last));
        CHECK_CASE(maps[i].name, same_color(ask_color_of(map, -7), maps[i].first));
        CHECK_CASE(maps[i].name, same_color(ask_color_of(map, 7), maps[i].last));
        CHECK_CASE(maps[i].name, same_color(ask_color_of(map, NAN), maps[i].first));
        CHECK_CASE(maps[i].name, same_color(ask_color_of(map, -INFINITY), maps[i].first));
        CHECK_CASE(maps[i].name, same_color(ask_color_of(map, INFINITY), maps[i].last));
    }
}

static void colour_maps_brighten_smoothly(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(maps); i++) {
        for (int v = 1; v < 256; v++) {
            ask_color before = ask_color_of(maps[i].map, (v - 1) / 255.0);
            ask_color now = ask_color_of(maps[i].map, v / 255.0);
            // 0.001: what rounding to 8 bits can take away.
            if (luminance(now) < luminance(before) - 0.001 || distance(before, now) > 12)
                fail_msg("%s at %d", maps[i].name, v);
        }
    }
}

/* ---- heat ---- */

static ask_image picture(int width, int height)
{
    ask_image image = {0};
    ask_error err = {0};
    CHECK_OK(ask_image_new(&image, width, height, 3, &err), &err);
    memset(image.pixels, 100, 3 * (size_t)width * (size_t)height);
    return image;
}

/* The grey of a pixel drawn with ASK_MAP_GREY. */
static int grey_at(const ask_image *image, int x, int y)
{
    return image->pixels[3 * (y * image->width + x)];
}

/* What heat of this value makes of the picture's grey 100. */
static int expected_grey(double value, double opacity)
{
    return (int)(100 + (255 * value - 100) * value * opacity + 0.5);
}

static void check_grey(const char *name, const ask_image *image, int x, int y, double value,
                       double opacity)
{
    int actual = grey_at(image, x, y), expected = expected_grey(value, opacity);
    if (abs(actual - expected) > 1) // colour and opacity are each rounded to 8 bits
        fail_msg("%s: pixel (%d, %d) is %d, not %d", name, x, y, actual, expected);
}

static void heat_has_its_values_at_the_middles_of_cells(void **state)
{
    (void)state;
    enum { ROWS = 3, COLS = 4, STRETCH = 5 };
    static const float heat[ROWS * COLS] = {0,    0.25f, 1,    0.5f, 0.75f, 0.1f,
                                            0.9f, 0.3f,  0.2f, 0.6f, 0.4f,  1};
    ask_image image = picture(COLS * STRETCH, ROWS * STRETCH);
    ask_draw_heat(&image, heat, ROWS, COLS, ASK_MAP_GREY, 0.8);
    for (int row = 0; row < ROWS; row++)
        for (int col = 0; col < COLS; col++)
            check_grey("middle", &image, col * STRETCH + STRETCH / 2,
                       row * STRETCH + STRETCH / 2, heat[row * COLS + col], 0.8);
    // Borders have the value of the nearest middle, what lies between is linear.
    check_grey("corner", &image, 0, ROWS * STRETCH - 1, heat[2 * COLS], 0.8);
    check_grey("between", &image, 4, 2, 0.1, 0.8);
    check_grey("between rows", &image, 2, 4, 0.3, 0.8);
    ask_image_free(&image);
}

static void heat_of_one_cell_covers_the_picture_evenly(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        float value;
        double opacity, expected_value, expected_opacity;
    } cases[] = {
        {"full", 1, 1, 1, 1},
        {"half", 0.5f, 1, 0.5, 1},
        {"nothing", 0, 1, 0, 1},
        {"transparent", 1, 0, 1, 0},
        {"NaN", NAN, 1, 0, 1},
        {"negative", -2, 1, 0, 1},
        {"too hot", 30, 0.5, 1, 0.5},
        {"infinite", INFINITY, 0.5, 1, 0.5},
        {"opacity above 1", 0.5f, 9, 0.5, 1},
        {"opacity NaN", 1, NAN, 1, 0},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_image image = picture(5, 3);
        ask_draw_heat(&image, &cases[i].value, 1, 1, ASK_MAP_GREY, cases[i].opacity);
        for (int y = 0; y < 3; y++)
            for (int x = 0; x < 5; x++)
                check_grey(cases[i].name, &image, x, y, cases[i].expected_value,
                           cases[i].expected_opacity);
        ask_image_free(&image);
    }
}

static void heat_larger_than_the_picture_is_sampled(void **state)
{
    (void)state;
    enum { ROWS = 30, COLS = 30 };
    float heat[ROWS * COLS];
    for (int i = 0; i < ROWS * COLS; i++) heat[i] = (float)(i % COLS) / (COLS - 1);
    ask_image image = picture(3, 1);
    ask_draw_heat(&image, heat, ROWS, COLS, ASK_MAP_GREY, 1);
    for (int x = 0; x < 3; x++)
        check_grey("slope", &image, x, 0, (10 * x + 4.5) / (COLS - 1), 1);
    ask_image_free(&image);
}

static void a_hole_in_the_heat_is_cold(void **state)
{
    (void)state;
    static const float heat[] = {1, NAN, 1};
    ask_image image = picture(9, 1);
    ask_draw_heat(&image, heat, 1, 3, ASK_MAP_GREY, 1);
    check_grey("hole", &image, 4, 0, 0, 1);
    check_grey("beside", &image, 1, 0, 1, 1);
    check_grey("between", &image, 2, 0, 2.0 / 3, 1);
    ask_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colour_maps_begin_and_end_as_published),
        cmocka_unit_test(colour_maps_brighten_smoothly),
        cmocka_unit_test(heat_has_its_values_at_the_middles_of_cells),
        cmocka_unit_test(heat_of_one_cell_covers_the_picture_evenly),
        cmocka_unit_test(heat_larger_than_the_picture_is_sampled),
        cmocka_unit_test(a_hole_in_the_heat_is_cold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
