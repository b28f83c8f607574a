/* Pictures that are written with a palette, and as JPEG. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media/image.h"
#include "support/testing.h"

static char *dir;

static int set_up(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

static ask_image new_image(int width, int height, int channels)
{
    ask_image image;
    ask_error err = {0};
    CHECK_OK(ask_image_new(&image, width, height, channels, &err), &err);
    return image;
}

static ask_image read_image(const char *path)
{
    ask_image image;
    ask_error err = {0};
    CHECK_OK(ask_image_read(&image, path, NULL, &err), &err);
    return image;
}

/* ---- palettes ---- */

static void make_palette(uint8_t palette[ASK_PALETTE_SIZE][3])
{
    for (int i = 0; i < ASK_PALETTE_SIZE; i++) {
        palette[i][0] = (uint8_t)(i * 7);
        palette[i][1] = (uint8_t)(255 - i);
        palette[i][2] = (uint8_t)(i * i);
    }
}

static void numbers_are_kept_and_shown_in_their_colours(void **state)
{
    (void)state;
    enum { COLOR_TYPE_AT = 25, INDEXED = 3 };
    const char *path = test_path(dir, "palette.png");
    uint8_t palette[ASK_PALETTE_SIZE][3];
    ask_image image = new_image(37, 21, 1);
    ask_error err = {0};
    make_palette(palette);
    for (int i = 0; i < 37 * 21; i++) image.pixels[i] = (uint8_t)i;
    CHECK_OK(ask_image_write_palette_png(&image, palette, path, &err), &err);
    size_t n;
    char *bytes = test_read(path, &n);
    assert_int_equal(bytes[COLOR_TYPE_AT], INDEXED);
    char *listed = memmem(bytes, n, "PLTE", 4);
    assert_non_null(listed);
    assert_memory_equal(listed + 4, palette, sizeof palette);
    free(bytes);
    ask_image back = read_image(path);
    for (int i = 0; i < 37 * 21; i++)
        assert_memory_equal(back.pixels + 3 * i, palette[image.pixels[i]], 3);
    ask_image_free(&back);
    ask_image_free(&image);
}

/* ---- JPEG ---- */

/* Slow changes of all colours, and both ends of the scale. */
static ask_image scene_of(int width, int height)
{
    ask_image image = new_image(width, height, 3);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            uint8_t *rgb = image.pixels + 3 * (y * width + x);
            rgb[0] = (uint8_t)(255 * x / width);
            rgb[1] = (uint8_t)(255 * y / height);
            rgb[2] = (uint8_t)(255 - 255 * x / width);
        }
    }
    return image;
}

static double mean_error(const ask_image *a, const ask_image *b)
{
    int n = 3 * a->width * a->height, sum = 0;
    for (int i = 0; i < n; i++) sum += abs(a->pixels[i] - b->pixels[i]);
    return sum / (double)n;
}

static void a_jpeg_shows_the_picture(void **state)
{
    (void)state;
    // Means measured: 0.9 and 2.9, odd sides 1.4; half as much again is allowed.
    static const struct {
        const char *name;
        int width, height, quantizer;
        double most;
    } cases[] = {
        {"fine", 64, 48, 2, 1.5},
        {"coarse", 64, 48, 20, 4.5},
        {"odd sides", 37, 21, 2, 2.1},
        {"one pixel", 1, 1, 2, 3},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *path = test_path(dir, "picture.jpg");
        ask_image image = scene_of(cases[i].width, cases[i].height);
        ask_error err = {0};
        CHECK_OK(ask_image_write_jpeg(&image, cases[i].quantizer, path, &err), &err);
        ask_image back = read_image(path);
        CHECK_CASE(cases[i].name, back.width == image.width && back.height == image.height);
        double error = mean_error(&image, &back);
        if (error > cases[i].most) fail_msg("%s: off by %g", cases[i].name, error);
        ask_image_free(&back);
        ask_image_free(&image);
    }
}

static void a_jpeg_of_one_picture_is_always_the_same(void **state)
{
    (void)state;
    char *bytes[2];
    size_t n[2];
    ask_image image = scene_of(64, 48);
    for (int i = 0; i < 2; i++) {
        ask_error err = {0};
        const char *path = test_path(dir, "same.jpg");
        CHECK_OK(ask_image_write_jpeg(&image, 2, path, &err), &err);
        bytes[i] = test_read(path, &n[i]);
    }
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(bytes[0], bytes[1], n[0]);
    assert_null(memmem(bytes[0], n[0], "Lavc", 4)); // no version of a library
    free(bytes[0]);
    free(bytes[1]);
    ask_image_free(&image);
}

static void what_cannot_be_written_is_refused(void **state)
{
    (void)state;
    ask_image grey = new_image(4, 4, 1), rgb = new_image(4, 4, 3);
    uint8_t palette[ASK_PALETTE_SIZE][3] = {{0}};
    ask_error err = {0};
    const char *path = test_path(dir, "refused");
    assert_false(ask_image_write_palette_png(&rgb, palette, path, &err));
    assert_int_equal(err.code, ASK_ERR_SHAPE);
    assert_false(ask_image_write_jpeg(&grey, 2, path, &err));
    assert_int_equal(err.code, ASK_ERR_SHAPE);
    assert_false(ask_image_write_jpeg(&rgb, 0, path, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_false(ask_image_write_jpeg(&rgb, 32, path, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_false(ask_image_write_jpeg(&rgb, 2, test_path(dir, "no/folder.jpg"), &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_int_equal(access(path, F_OK), -1);
    ask_image_free(&grey);
    ask_image_free(&rgb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_kept_and_shown_in_their_colours),
        cmocka_unit_test(a_jpeg_shows_the_picture),
        cmocka_unit_test(a_jpeg_of_one_picture_is_always_the_same),
        cmocka_unit_test(what_cannot_be_written_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
