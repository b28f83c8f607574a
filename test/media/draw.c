/* Boxes and masks. */
#include "media/draw.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "support/testing.h"

static const ask_color ink = {200, 100, 50};

static ask_image picture(int width, int height, uint8_t grey)
{
    ask_image image = {0};
    ask_error err = {0};
    CHECK_OK(ask_image_new(&image, width, height, 3, &err), &err);
    memset(image.pixels, grey, 3 * (size_t)width * (size_t)height);
    return image;
}

static const uint8_t *pixel_at(const ask_image *image, int x, int y)
{
    return image->pixels + 3 * ((size_t)y * (size_t)image->width + (size_t)x);
}

static bool is_color(const uint8_t *pixel, ask_color color)
{
    return pixel[0] == color.r && pixel[1] == color.g && pixel[2] == color.b;
}

/* ---- boxes ---- */

typedef struct {
    const char *name;
    int x, y, width, height, line_px;
} box_case;

static const box_case boxes[] = {
    {"inside", 2, 1, 7, 6, 1},
    {"thick line", 2, 1, 8, 7, 3},
    {"lines that meet", 2, 1, 7, 6, 3},
    {"lines that meet one way", 1, 2, 10, 4, 2},
    {"line thicker than the box", 3, 3, 4, 4, 100},
    {"line of absurd thickness", 3, 3, 4, 4, INT_MAX},
    {"the whole picture", 0, 0, 12, 9, 1},
    {"over the left edge", -3, 2, 6, 4, 2},
    {"over the right edge", 9, 2, 6, 4, 2},
    {"over the upper edge", 4, -2, 5, 5, 1},
    {"over the lower edge", 4, 7, 5, 5, 1},
    {"over all edges", -2, -2, 16, 13, 3},
    {"around the picture", -5, -5, 30, 30, 2},
    {"left of the picture", -8, 2, 8, 4, 1},
    {"right of the picture", 12, 2, 3, 4, 1},
    {"above the picture", 2, -4, 3, 4, 1},
    {"below the picture", 2, 9, 3, 4, 1},
    {"one pixel", 5, 5, 1, 1, 1},
    {"one row", 1, 5, 9, 1, 1},
    {"no width", 2, 2, 0, 4, 1},
    {"no height", 2, 2, 4, 0, 1},
    {"negative width", 5, 5, -3, 3, 1},
    {"negative height", 5, 5, 3, -3, 1},
    {"no line", 2, 1, 7, 6, 0},
    {"negative line", 2, 1, 7, 6, -1},
    {"ends beyond every int", INT_MAX - 1, INT_MAX - 1, INT_MAX, INT_MAX, 1},
    {"begins before everything", INT_MIN, INT_MIN, INT_MAX, INT_MAX, INT_MAX},
    {"reaches from far outside", INT_MIN / 2, 3, INT_MAX, 2, 1},
};

static bool covers(const box_case *b, int margin, int x, int y)
{
    return x >= (int64_t)b->x + margin && x < (int64_t)b->x + b->width - margin &&
           y >= (int64_t)b->y + margin && y < (int64_t)b->y + b->height - margin;
}

static void a_filled_box_covers_its_pixels_and_no_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(boxes); i++) {
        const box_case *b = &boxes[i];
        ask_image image = picture(12, 9, 7);
        ask_fill_box(&image, b->x, b->y, b->width, b->height, ink, 1);
        for (int y = 0; y < image.height; y++) {
            for (int x = 0; x < image.width; x++) {
                ask_color expected = covers(b, 0, x, y) ? ink : (ask_color){7, 7, 7};
                if (!is_color(pixel_at(&image, x, y), expected))
                    fail_msg("\"%s\": pixel (%d, %d)", b->name, x, y);
            }
        }
        ask_image_free(&image);
    }
}

static void the_outline_of_a_box_lies_inside_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(boxes); i++) {
        const box_case *b = &boxes[i];
        ask_image image = picture(12, 9, 7);
        ask_draw_box(&image, b->x, b->y, b->width, b->height, b->line_px, ink);
        for (int y = 0; y < image.height; y++) {
            for (int x = 0; x < image.width; x++) {
                bool inked =
                    b->line_px > 0 && covers(b, 0, x, y) && !covers(b, b->line_px, x, y);
                ask_color expected = inked ? ink : (ask_color){7, 7, 7};
                if (!is_color(pixel_at(&image, x, y), expected))
                    fail_msg("\"%s\": pixel (%d, %d)", b->name, x, y);
            }
        }
        ask_image_free(&image);
    }
}

static void opacity_mixes_colours(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double opacity;
        ask_color expected; // of ink on grey 100
    } cases[] = {
        {"none", 0, {100, 100, 100}},     {"all", 1, {200, 100, 50}},
        {"half", 0.5, {150, 100, 75}},    {"a fifth", 0.2, {120, 100, 90}},
        {"below 0", -3, {100, 100, 100}}, {"above 1", 7, {200, 100, 50}},
        {"NaN", NAN, {100, 100, 100}},    {"infinite", INFINITY, {200, 100, 50}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_image image = picture(1, 1, 100);
        ask_fill_box(&image, 0, 0, 1, 1, ink, cases[i].opacity);
        CHECK_CASE(cases[i].name, is_color(image.pixels, cases[i].expected));
        const uint8_t mask = 255;
        memset(image.pixels, 100, 3);
        ask_draw_mask(&image, &mask, ink, cases[i].opacity);
        CHECK_CASE(cases[i].name, is_color(image.pixels, cases[i].expected));
        ask_image_free(&image);
    }
}

/* ---- masks ---- */

enum { MASK_WIDTH = 9, MASK_HEIGHT = 8 };
static const char mask_art[] = "##......."
                               "###......"
                               "........."
                               "...####.."
                               "...####.."
                               "...####.#"
                               ".#.####.."
                               "........#";
static const char edge_art[] = "##......."
                               "###......"
                               "........."
                               "...####.."
                               "...#..#.."
                               "...#..#.#"
                               ".#.####.."
                               "........#";

static void read_mask(uint8_t mask[MASK_WIDTH * MASK_HEIGHT])
{
    // Anything but 0 is mask.
    for (int i = 0; i < MASK_WIDTH * MASK_HEIGHT; i++)
        mask[i] = mask_art[i] == '#' ? (uint8_t)(i + 1) : 0;
}

static void check_art(const char *name, const ask_image *image, const char *art)
{
    for (int y = 0; y < image->height; y++) {
        for (int x = 0; x < image->width; x++) {
            bool inked = is_color(pixel_at(image, x, y), ink);
            if (inked != (art[y * image->width + x] == '#'))
                fail_msg("%s: pixel (%d, %d)", name, x, y);
        }
    }
}

static void a_mask_covers_its_pixels(void **state)
{
    (void)state;
    uint8_t mask[MASK_WIDTH * MASK_HEIGHT];
    ask_image image = picture(MASK_WIDTH, MASK_HEIGHT, 7);
    read_mask(mask);
    ask_draw_mask(&image, mask, ink, 1);
    check_art("mask", &image, mask_art);
    ask_image_free(&image);
}

static void the_edge_of_a_mask_is_closed_at_the_border(void **state)
{
    (void)state;
    uint8_t mask[MASK_WIDTH * MASK_HEIGHT];
    ask_image image = picture(MASK_WIDTH, MASK_HEIGHT, 7);
    read_mask(mask);
    ask_draw_mask_edge(&image, mask, ink);
    check_art("edge", &image, edge_art);

    static const char border[] = "#########"
                                 "#.......#"
                                 "#.......#"
                                 "#.......#"
                                 "#.......#"
                                 "#.......#"
                                 "#.......#"
                                 "#########";
    memset(mask, 1, sizeof mask);
    memset(image.pixels, 7, 3 * sizeof mask);
    ask_draw_mask_edge(&image, mask, ink);
    check_art("full mask", &image, border);
    ask_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_filled_box_covers_its_pixels_and_no_others),
        cmocka_unit_test(the_outline_of_a_box_lies_inside_it),
        cmocka_unit_test(opacity_mixes_colours),
        cmocka_unit_test(a_mask_covers_its_pixels),
        cmocka_unit_test(the_edge_of_a_mask_is_closed_at_the_border),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
