/* A folder of pictures that are not all of one size: the one that differs is named, when it
 * is met, and the others are given. */
#include <string.h>

#include "media/video.h"
#include "support/clips.h"
#include "support/seen.h"
#include "support/testing.h"

/* A picture that differs, among four of 64 x 48. */
typedef struct {
    const char *name;
    int width, height;
    int at; // its place
    const char *message;
} size_case;

enum { N = 4, WIDTH = 64, HEIGHT = 48 };

static const size_case cases[] = {
    {"wider", 80, 48, 1,
     "frame2.png: 80 x 48 pixels, where the first picture (frame1.png) has 64 x 48"},
    {"higher, and the last", 64, 50, 3, "frame4.png: 64 x 50 pixels"},
    {"turned on its side", 48, 64, 2, "frame3.png: 48 x 64 pixels"},
    {"the first: then the second differs from it", 32, 32, 0,
     "frame2.png: 64 x 48 pixels, where the first picture (frame1.png) has 32 x 32"},
};

static char *dir;

static int make_dir(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

static void write_picture(int place, int width, int height)
{
    static const char *const names[N] = {"frame1.png", "frame2.png", "frame3.png",
                                         "frame4.png"};
    ask_image image;
    ask_error err = {0};
    CHECK_OK(ask_image_new(&image, width, height, 3, &err), &err);
    clip_draw(&image, place);
    CHECK_OK(ask_image_write_png(&image, test_path(dir, names[place]), &err), &err);
    ask_image_free(&image);
}

static ask_video *open_case(const size_case *c)
{
    for (int i = 0; i < N; i++)
        write_picture(i, i == c->at ? c->width : WIDTH, i == c->at ? c->height : HEIGHT);
    ask_error err = {0};
    ask_video *v = ask_video_open(dir, NULL, &err);
    CHECK_OK(v, &err);
    return v;
}

static void check_error(const size_case *c, const ask_error *err)
{
    CHECK_CASE(c->name, err->code == ASK_ERR_SHAPE);
    CHECK_CASE(c->name, strncmp(err->message, dir, strlen(dir)) == 0);
    CHECK_CASE(c->name, !strchr(err->message, '\n'));
    if (!strstr(err->message, c->message) || !strstr(err->message, "resize it"))
        fail_msg("case \"%s\": \"%s\" does not say \"%s\"", c->name, err->message,
                 c->message);
}

static void a_walk_ends_at_the_first_picture_that_differs(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const size_case *c = &cases[i];
        ask_video *v = open_case(c);
        ask_error err = {0};
        seen got = {0};
        CHECK_CASE(c->name, !ask_video_walk(v, seen_add, &got, &err));
        check_error(c, &err);
        CHECK_CASE(c->name, got.n == (c->at > 0 ? c->at : 1));
        for (int k = 0; k < got.n; k++) CHECK_CASE(c->name, got.items[k].number == k);
        seen_free(&got);
        ask_video_close(v);
    }
}

/* Asks for one picture, by time or by index. */
static bool ask_for(ask_video *v, int64_t index, bool by_index, seen *got, ask_error *err)
{
    double t_s = ((double)index + 0.5) / 25;
    return by_index ? ask_video_frames(v, &index, 1, NULL, seen_add, got, err)
                    : ask_video_frames_at(v, &t_s, 1, NULL, seen_add, got, err);
}

static void pictures_that_fit_are_given_before_and_after_one_that_does_not(void **state)
{
    (void)state;
    const size_case *c = &cases[0];
    static const int asked[] = {1, 0, 1, 1, 2, 1, 3}; // also twice in a row
    for (int by_index = 0; by_index < 2; by_index++) {
        ask_video *v = open_case(c);
        const ask_video_info *info = ask_video_info_of(v);
        for (size_t i = 0; i < TEST_COUNT(asked); i++) {
            ask_error err = {0};
            seen got = {0};
            bool ok = ask_for(v, asked[i], by_index, &got, &err);
            assert_true(ok == (asked[i] != c->at));
            if (ok) {
                assert_int_equal(got.items[0].number, asked[i]);
                assert_int_equal(got.items[0].width, info->width);
                assert_int_equal(got.items[0].height, info->height);
            } else {
                check_error(c, &err);
                assert_int_equal(got.n, 0);
            }
            seen_free(&got);
        }
        ask_video_close(v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_walk_ends_at_the_first_picture_that_differs),
        cmocka_unit_test(pictures_that_fit_are_given_before_and_after_one_that_does_not),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
