#include "media/image.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/npy.h"
#include "support/testing.h"

/* ---- pictures as Pillow reads them ---- */

typedef struct {
    const char *name, *ending;
    int tol;         // largest difference of a sample
    double most_off; // share of samples that may differ at all
} picture_case;

/* libavcodec and libjpeg round the cosine transform in different ways: by 1 in brightness
 * and in each colour difference, of which up to 1.77 parts come into a colour. */
#define JPEG(NAME, TOL)                                                                    \
    {                                                                                      \
        .name = NAME, .ending = ".jpg", .tol = TOL, .most_off = 0.1                        \
    }
#define EXACT(NAME, ENDING)                                                                \
    {                                                                                      \
        .name = NAME, .ending = ENDING                                                     \
    }

static const picture_case pictures[] = {
    EXACT("rgb", ".png"),
    EXACT("grey", ".png"),
    EXACT("one_pixel", ".png"),
    EXACT("palette", ".png"),
    EXACT("palette_transparent", ".png"),
    EXACT("palette_alpha", ".png"),
    EXACT("bits1", ".png"),
    EXACT("grey2", ".png"),
    EXACT("grey4", ".png"),
    EXACT("rgba", ".png"),
    EXACT("grey_alpha", ".png"),
    EXACT("rgb16", ".png"),
    EXACT("rgba16", ".png"),
    EXACT("grey16", ".png"),
    EXACT("grey_alpha16", ".png"),
    EXACT("rgb_keyed", ".png"),
    EXACT("interlaced", ".png"),
    JPEG("jpeg_444", 3),
    JPEG("jpeg_422", 3),
    JPEG("jpeg_420", 3),
    JPEG("jpeg_even", 3),
    JPEG("jpeg_narrow", 3),
    JPEG("jpeg_progressive", 3),
    JPEG("jpeg_restarts", 3),
    JPEG("jpeg_grey", 1),
    JPEG("jpeg_rgb", 1),
    JPEG("jpeg_turned1", 3),
    JPEG("jpeg_turned2", 3),
    JPEG("jpeg_turned3", 3),
    JPEG("jpeg_turned4", 3),
    JPEG("jpeg_turned5", 3),
    JPEG("jpeg_turned6", 3),
    JPEG("jpeg_turned7", 3),
    JPEG("jpeg_turned8", 3),
    EXACT("webp_lossless", ".webp"),
    EXACT("webp_lossy", ".webp"),
    EXACT("webp_alpha", ".webp"),
};

static const char *picture_path(const char *name, const char *ending)
{
    char file[64];
    snprintf(file, sizeof file, "images/%s%s", name, ending);
    return test_fixture(file);
}

static void compare(const picture_case *c, const ask_image *image, const ask_npy *expected)
{
    CHECK_CASE(c->name, expected->n_dims == 3 && expected->type == ASK_NPY_U1);
    CHECK_CASE(c->name, image->height == expected->shape[0]);
    CHECK_CASE(c->name, image->width == expected->shape[1]);
    CHECK_CASE(c->name, image->channels == 3);
    const uint8_t *right = expected->data;
    size_t n_off = 0;
    for (size_t i = 0; i < expected->bytes; i++) {
        int off = abs(image->pixels[i] - right[i]);
        if (off > c->tol)
            fail_msg("case \"%s\": sample %zu is %d, not %d", c->name, i, image->pixels[i],
                     right[i]);
        n_off += off > 0;
    }
    CHECK_CASE(c->name, (double)n_off <= c->most_off * (double)expected->bytes);
}

static void pictures_have_the_pixels_that_pillow_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(pictures); i++) {
        const picture_case *c = &pictures[i];
        ask_image image;
        ask_npy expected;
        ask_error err = {0};
        CHECK_OK(ask_image_read(&image, picture_path(c->name, c->ending), NULL, &err),
                 &err);
        CHECK_OK(ask_npy_read(&expected, picture_path(c->name, ".npy"), &err), &err);
        compare(c, &image, &expected);
        ask_npy_free(&expected);
        ask_image_free(&image);
    }
}

static void content_decides_not_the_ending(void **state)
{
    size_t n;
    char *bytes = test_read(picture_path("jpeg_grey", ".jpg"), &n);
    const char *path = test_path(*state, "really_a_jpeg.png");
    test_write(path, bytes, n);
    free(bytes);
    ask_image image;
    ask_error err = {0};
    CHECK_OK(ask_image_read(&image, path, NULL, &err), &err);
    assert_int_equal(image.width, 37);
    ask_image_free(&image);
}

/* ---- bad input ---- */

static void bad_files_are_refused_in_one_line(void **state)
{
    test_write(test_path(*state, "empty.png"), "", 0);
    test_write_text(test_path(*state, "text.jpg"), "not a picture at all, but long enough");
    test_write_text(test_path(*state, "clip.gif"), "GIF89a\1\0\1\0");
    test_write_text(test_path(*state, "short.png"), "\x89PNG\r\n\x1a\n");
    test_write_text(test_path(*state, "no.webp"), "RIFFxxxxWEBPxxxxxxxxxxxxxxxxxxxxxxx");
    test_write(test_path(*state, "headless.jpg"), "\xff\xd8\xff\xd9", 4);
    const struct {
        const char *path;
        ask_image_limits limits;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {.path = test_path(*state, "absent.png"),
         .code = ASK_ERR_IO,
         .message = "absent.png: cannot open: No such file"},
        {.path = *state, .code = ASK_ERR_IO, .message = "is a folder, not a file"},
        {.path = test_path(*state, "empty.png"),
         .code = ASK_ERR_FORMAT,
         .message = "empty.png: the file is empty"},
        {.path = test_path(*state, "text.jpg"),
         .code = ASK_ERR_FORMAT,
         .message = "text.jpg: not a picture (PNG, JPEG and WebP are read)"},
        {.path = test_path(*state, "clip.gif"),
         .code = ASK_ERR_UNSUPPORTED,
         .message = "clip.gif: a GIF opens as a video"},
        {.path = test_path(*state, "short.png"),
         .code = ASK_ERR_FORMAT,
         .message = "short.png: the PNG ends within its header"},
        {.path = test_path(*state, "no.webp"),
         .code = ASK_ERR_FORMAT,
         .message = "no.webp: the WebP begins with an unknown chunk"},
        {.path = test_path(*state, "headless.jpg"),
         .code = ASK_ERR_FORMAT,
         .message = "headless.jpg: the JPEG has no frame header"},
        {.path = picture_path("animated", ".webp"),
         .code = ASK_ERR_UNSUPPORTED,
         .message = "animated.webp: an animated WebP is not read"},
        {.path = picture_path("huge", ".png"),
         .code = ASK_ERR_LIMIT,
         .message = "huge.png: a picture of 60000 x 60000 pixels; at most 134217728"},
        {.path = picture_path("rgb", ".png"),
         .limits = {sizeof(ask_image_limits), 1 << 20, 37 * 21 - 1},
         .code = ASK_ERR_LIMIT,
         .message = "rgb.png: a picture of 37 x 21 pixels; at most 776 pixels are read"},
        {.path = picture_path("rgb", ".png"),
         .limits = {sizeof(ask_image_limits), 100, 1 << 20},
         .code = ASK_ERR_LIMIT,
         .message = "rgb.png: larger than 100 bytes"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_image image = {.width = 7};
        ask_error err = {0};
        const ask_image_limits *limits =
            cases[i].limits.struct_size ? &cases[i].limits : NULL;
        CHECK_CASE(cases[i].message, !ask_image_read(&image, cases[i].path, limits, &err));
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("%s: \"%s\" is not \"%s\"", ask_error_name(err.code), err.message,
                     cases[i].message);
        CHECK_CASE(cases[i].message, image.width == 7 && !image.pixels);
    }
}

static void a_picture_at_the_limit_is_read(void **state)
{
    (void)state;
    ask_image_limits limits = {sizeof limits, 1 << 20, 37 * 21};
    ask_image image;
    ask_error err = {0};
    CHECK_OK(ask_image_read(&image, picture_path("rgb", ".png"), &limits, &err), &err);
    ask_image_free(&image);
}

/* Calls a parse of a private copy, so that the sanitizer sees reads past the end. */
static bool parse_copy(const char *bytes, size_t n, ask_error *err)
{
    char *copy = malloc(n ? n : 1);
    memcpy(copy, bytes, n);
    ask_image image;
    bool ok = ask_image_parse(&image, copy, n, "cut", NULL, err);
    if (ok) ask_image_free(&image);
    free(copy);
    return ok;
}

static void a_picture_that_is_cut_off_is_refused_wherever_it_is_cut(void **state)
{
    (void)state;
    enum { PNG_END = 12 }; // its last chunk is empty, and nobody misses it
    const struct {
        const char *name, *ending;
        size_t spare;
    } cases[] = {
        {"rgb", ".png", PNG_END},        {"palette", ".png", PNG_END},
        {"interlaced", ".png", PNG_END}, {"jpeg_420", ".jpg", 0},
        {"jpeg_progressive", ".jpg", 0}, {"jpeg_restarts", ".jpg", 0},
        {"jpeg_turned6", ".jpg", 0},     {"webp_lossless", ".webp", 0},
        {"webp_lossy", ".webp", 0},      {"webp_alpha", ".webp", 0},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        size_t n;
        char *bytes = test_read(picture_path(cases[i].name, cases[i].ending), &n);
        for (size_t cut = 0; cut + cases[i].spare < n; cut++) {
            ask_error err = {0};
            if (parse_copy(bytes, cut, &err))
                fail_msg("case \"%s\": read when cut at %zu", cases[i].name, cut);
            if (err.code != ASK_ERR_FORMAT || strncmp(err.message, "cut: ", 5) != 0)
                fail_msg("case \"%s\", cut at %zu: %s", cases[i].name, cut, err.message);
        }
        free(bytes);
    }
}

static void a_damaged_png_is_refused(void **state)
{
    (void)state;
    size_t n;
    char *bytes = test_read(picture_path("rgb", ".png"), &n);
    for (size_t at = 41; at + 16 < n; at += 97) { // within the pixels
        bytes[at] ^= 0x10;
        ask_error err = {0};
        assert_false(parse_copy(bytes, n, &err));
        assert_string_equal(err.message, "cut: the picture is damaged or cut off");
        bytes[at] ^= 0x10;
    }
    free(bytes);
}

/* ---- pictures in memory ---- */

static void new_pictures_are_black_and_limited(void **state)
{
    (void)state;
    const struct {
        int width, height, channels;
        ask_error_code code;
    } cases[] = {
        {1, 1, 1, ASK_OK},
        {65535, 2, 4, ASK_OK},
        {0, 5, 3, ASK_ERR_LIMIT},
        {5, 0, 3, ASK_ERR_LIMIT},
        {-1, 5, 3, ASK_ERR_LIMIT},
        {65536, 1, 1, ASK_ERR_LIMIT},
        {1, 65536, 1, ASK_ERR_LIMIT},
        {5, 5, 2, ASK_ERR_USAGE},
        {5, 5, 5, ASK_ERR_USAGE},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_image image = {0};
        ask_error err = {0};
        bool ok =
            ask_image_new(&image, cases[i].width, cases[i].height, cases[i].channels, &err);
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(ok, cases[i].code == ASK_OK);
        if (ok) assert_int_equal(image.pixels[0], 0);
        ask_image_free(&image);
        assert_null(image.pixels);
    }
    ask_image_free(NULL);
}

static ask_image gradient(int width, int height, int channels)
{
    ask_image image;
    ask_error err = {0};
    CHECK_OK(ask_image_new(&image, width, height, channels, &err), &err);
    size_t n = (size_t)width * (size_t)height * (size_t)channels;
    for (size_t i = 0; i < n; i++) image.pixels[i] = (uint8_t)(i * 7 ^ i >> 5);
    return image;
}

static void a_copy_is_independent(void **state)
{
    (void)state;
    ask_image image = gradient(5, 3, 4), copy;
    ask_error err = {0};
    CHECK_OK(ask_image_copy(&copy, &image, &err), &err);
    assert_memory_equal(copy.pixels, image.pixels, 5 * 3 * 4);
    copy.pixels[0] ^= 1;
    assert_int_not_equal(copy.pixels[0], image.pixels[0]);
    ask_image_free(&copy);
    ask_image_free(&image);
}

/* ---- PNG out ---- */

static uint8_t on_white(uint8_t value, uint8_t alpha)
{
    return (uint8_t)((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

/* What reading a written picture gives for sample c of pixel i. */
static uint8_t after_round_trip(const ask_image *image, size_t i, size_t c)
{
    switch (image->channels) {
    case 1:
        return image->pixels[i];
    case 3:
        return image->pixels[3 * i + c];
    default:
        return on_white(image->pixels[4 * i + c], image->pixels[4 * i + 3]);
    }
}

static void written_pngs_read_back_the_same(void **state)
{
    static const int sizes[][2] = {{1, 1}, {131, 77}, {1, 50}, {64, 3}};
    static const int channels[] = {1, 3, 4};
    const char *path = test_path(*state, "out.png");
    for (size_t k = 0; k < TEST_COUNT(sizes) * TEST_COUNT(channels); k++) {
        const int *size = sizes[k % TEST_COUNT(sizes)];
        ask_image image = gradient(size[0], size[1], channels[k / TEST_COUNT(sizes)]), back;
        ask_error err = {0};
        CHECK_OK(ask_image_write_png(&image, path, &err), &err);
        CHECK_OK(ask_image_read(&back, path, NULL, &err), &err);
        assert_int_equal(back.width, image.width);
        assert_int_equal(back.height, image.height);
        for (size_t i = 0; i < 3 * (size_t)image.width * (size_t)image.height; i++)
            assert_int_equal(back.pixels[i], after_round_trip(&image, i / 3, i % 3));
        ask_image_free(&back);
        ask_image_free(&image);
    }
}

static void the_same_picture_gives_the_same_bytes(void **state)
{
    const char *path = test_path(*state, "out.png");
    ask_image image = gradient(131, 77, 3);
    uint8_t *bytes;
    size_t n, n_file;
    ask_error err = {0};
    CHECK_OK(ask_image_png(&image, &bytes, &n, &err), &err);
    CHECK_OK(ask_image_write_png(&image, path, &err), &err);
    char *file = test_read(path, &n_file);
    assert_int_equal(n, n_file);
    assert_memory_equal(bytes, file, n);
    free(file);
    free(bytes);
    ask_image_free(&image);
}

static void a_png_that_cannot_be_written_leaves_nothing(void **state)
{
    ask_image image = gradient(200, 200, 3);
    ask_error err = {0};
    assert_false(ask_image_write_png(&image, test_path(*state, "no/out.png"), &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_non_null(strstr(err.message, "no/out.png: the folder "));
    assert_false(ask_image_write_png(&image, "/dev/full", &err));
    assert_string_equal(err.message, "/dev/full: cannot write: No space left on device");

    struct rlimit old, small = {4096, RLIM_INFINITY};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    bool ok = ask_image_write_png(&image, test_path(*state, "out.png"), &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_false(ok);
    assert_non_null(strstr(err.message, "out.png: cannot write: File too large"));
    assert_int_equal(test_count_entries(*state), 0);
    ask_image_free(&image);
}

/* ---- memory ---- */

static bool read_turned(void *user, ask_error *err)
{
    ask_image image;
    if (!ask_image_read(&image, user, NULL, err)) return false;
    ask_image_free(&image);
    return true;
}

static bool write_and_copy(void *user, ask_error *err)
{
    ask_image image = {0}, copy = {0};
    uint8_t *bytes = NULL;
    size_t n;
    bool ok = ask_image_new(&image, 9, 9, 3, err) && ask_image_copy(&copy, &image, err) &&
              ask_image_png(&copy, &bytes, &n, err) &&
              ask_image_write_png(&copy, user, err);
    free(bytes);
    ask_image_free(&copy);
    ask_image_free(&image);
    return ok;
}

static void every_allocation_may_fail(void **state)
{
    char path[256];
    snprintf(path, sizeof path, "%s", picture_path("jpeg_turned6", ".jpg"));
    assert_true(test_each_alloc_fails("reading", read_turned, path) >= 5);
    snprintf(path, sizeof path, "%s", test_path(*state, "out.png"));
    assert_true(test_each_alloc_fails("writing", write_and_copy, path) >= 4);
}

static int set_up(void **state)
{
    *state = test_temp_dir_make();
    return 0;
}

static int tear_down(void **state)
{
    test_temp_dir_remove(*state);
    return 0;
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pictures_have_the_pixels_that_pillow_reads),
        TEST(content_decides_not_the_ending),
        TEST(bad_files_are_refused_in_one_line),
        TEST(a_picture_at_the_limit_is_read),
        TEST(a_picture_that_is_cut_off_is_refused_wherever_it_is_cut),
        TEST(a_damaged_png_is_refused),
        TEST(new_pictures_are_black_and_limited),
        TEST(a_copy_is_independent),
        TEST(written_pngs_read_back_the_same),
        TEST(the_same_picture_gives_the_same_bytes),
        TEST(a_png_that_cannot_be_written_leaves_nothing),
        TEST(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
