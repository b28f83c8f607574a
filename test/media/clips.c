/* The clips of the other tests: they can be told apart, and can be made. */
#include "support/clips.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "media/image_orient_priv.h"
#include "support/testing.h"

static const int sizes[][2] = {{32, 32}, {64, 48}, {131, 77}, {33, 90}, {640, 360}};
static const int numbers[] = {0, 1, 2, 3, 1365, 2730, 2048, 4095};

static ask_image drawn(int width, int height, int channels, int number)
{
    ask_image image;
    ask_error err = {0};
    CHECK_OK(ask_image_new(&image, width, height, channels, &err), &err);
    clip_draw(&image, number);
    return image;
}

static void a_number_that_is_drawn_can_be_read(void **state)
{
    (void)state;
    static const int channels[] = {1, 3, 4};
    for (size_t s = 0; s < TEST_COUNT(sizes); s++)
        for (size_t c = 0; c < TEST_COUNT(channels); c++)
            for (size_t i = 0; i < TEST_COUNT(numbers); i++) {
                ask_image image = drawn(sizes[s][0], sizes[s][1], channels[c], numbers[i]);
                clip_check_number("drawn", &image, numbers[i]);
                ask_image_free(&image);
            }
}

static void a_picture_that_is_turned_or_has_other_colours_shows_no_number(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(numbers); i++) {
        ask_image image = drawn(64, 48, 3, numbers[i]);
        for (int o = ASK_FLIP_X; o <= ASK_TURN_270; o++) {
            ask_image turned;
            ask_error err = {0};
            CHECK_OK(ask_image_orient(&turned, &image, (ask_orientation)o, &err), &err);
            if (o != ASK_TRANSPOSE) // red and blue change places
                assert_int_equal(clip_number(&turned), -1);
            ask_image_free(&turned);
        }
        for (size_t p = 0; p < 64 * 48; p++) {
            uint8_t red = image.pixels[3 * p];
            image.pixels[3 * p] = image.pixels[3 * p + 2];
            image.pixels[3 * p + 2] = red;
        }
        assert_int_equal(clip_number(&image), -1);
        memset(image.pixels, 128, 3 * 64 * 48);
        assert_int_equal(clip_number(&image), -1);
        ask_image_free(&image);
    }
}

static void check_promise(const clip *c)
{
    CHECK_CASE(c->name, c->n_frames > 0 && c->width >= 32 && c->height >= 32);
    CHECK_CASE(c->name, c->container && c->codec);
    CHECK_CASE(c->name, c->frames[0].t_s == 0 && c->frames[0].number != CLIP_DAMAGED);
    double unit_s = (double)c->time_base_num / (double)c->time_base_den;
    for (int i = 0; i < c->n_frames; i++) {
        const clip_frame *f = &c->frames[i];
        double next_s = i + 1 < c->n_frames ? f[1].t_s : c->duration_s;
        CHECK_CASE(c->name, f->duration_s > 0);
        CHECK_CASE(c->name, fabs(f->t_s + f->duration_s - next_s) < 1e-9);
        CHECK_CASE(c->name,
                   fabs((double)(f->pts - c->frames[0].pts) * unit_s - f->t_s) < 1e-9);
    }
}

static void every_case_makes_a_file_and_a_promise(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    for (int i = 0; i < n_clip_cases; i++) {
        clip c = clip_make(&clip_cases[i], dir);
        struct stat info;
        CHECK_CASE(c.name, stat(c.path, &info) == 0);
        CHECK_CASE(c.name, clip_case_of(c.name) == &clip_cases[i]);
        if (c.code == ASK_OK)
            check_promise(&c);
        else
            CHECK_CASE(c.name, c.n_frames == 0 && c.message && c.message[0]);
        clip_free(&c);
    }
    test_temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_that_is_drawn_can_be_read),
        cmocka_unit_test(a_picture_that_is_turned_or_has_other_colours_shows_no_number),
        cmocka_unit_test(every_case_makes_a_file_and_a_promise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
