/* Resampling against Pillow: golden pictures, and the hashes of many others. */
#include "media/resize.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "media/resize_priv.h"
#include "support/golden.h"

static const struct {
    const char *name;
    ask_resize_filter filter;
} filters[] = {
    {"nearest", ASK_RESIZE_NEAREST},   {"box", ASK_RESIZE_BOX},
    {"bilinear", ASK_RESIZE_BILINEAR}, {"hamming", ASK_RESIZE_HAMMING},
    {"bicubic", ASK_RESIZE_BICUBIC},   {"lanczos", ASK_RESIZE_LANCZOS},
};

static ask_resize_filter filter_named(const char *name)
{
    for (size_t i = 0; i < TEST_COUNT(filters); i++)
        if (strcmp(filters[i].name, name) == 0) return filters[i].filter;
    fail_msg("no filter is called %s", name);
    return ASK_RESIZE_NEAREST;
}

static size_t bytes_of(const ask_image *image)
{
    return (size_t)image->width * (size_t)image->height * (size_t)image->channels;
}

/* ---- golden ---- */

/* pil.<filter>.<source>.<height>x<width> */
typedef struct {
    ask_resize_filter filter;
    char source[16];
    int height, width;
} golden_case;

static golden_case parse_golden(const char *name)
{
    char filter[16];
    golden_case c = {0};
    if (sscanf(name, "pil.%15[a-z].%15[a-z0-9_].%dx%d", filter, c.source, &c.height,
               &c.width) != 4)
        fail_msg("%s: a name of no known form", name);
    c.filter = filter_named(filter);
    return c;
}

static void check_golden_u8(golden *file, const golden_case *c,
                            const ask_weights_entry *expected)
{
    const ask_weights_entry *source = golden_get(file, "%s", c->source);
    ask_image in = {0}, out = {0};
    ask_error err = {0};
    int channels = source->n_dims == 3 ? (int)source->shape[2] : 1;
    CHECK_OK(
        ask_image_new(&in, (int)source->shape[1], (int)source->shape[0], channels, &err),
        &err);
    memcpy(in.pixels, source->data, source->bytes);
    CHECK_OK(ask_resize(&out, &in, c->width, c->height, c->filter, &err), &err);
    CHECK_CASE(expected->name, bytes_of(&out) == expected->bytes);
    CHECK_CASE(expected->name, memcmp(out.pixels, expected->data, expected->bytes) == 0);
    ask_image_free(&in);
    ask_image_free(&out);
}

/* f32_<n>: channel 0 of image<n>, divided by 255. */
static void check_golden_f32(golden *file, const golden_case *c,
                             const ask_weights_entry *expected)
{
    const ask_weights_entry *source =
        golden_get(file, "image%s", c->source + strlen("f32_"));
    int width = (int)source->shape[1], height = (int)source->shape[0];
    float *in = calloc((size_t)width * (size_t)height, sizeof *in);
    float *out = calloc((size_t)c->width * (size_t)c->height, sizeof *out);
    ask_error err = {0};
    assert_true(in && out);
    for (int i = 0; i < width * height; i++)
        in[i] = (float)((const uint8_t *)source->data)[3 * i] / 255;
    CHECK_OK(ask_resize_f32(out, c->width, c->height, in, width, height, c->filter, &err),
             &err);
    CHECK_CASE(expected->name, memcmp(out, expected->data, expected->bytes) == 0);
    free(in);
    free(out);
}

static void the_golden_pictures_come_out_exactly(void **state)
{
    (void)state;
    golden file = golden_open("resize");
    int n_checked = 0;
    for (size_t i = 0; i < ask_weights_count(file.file); i++) {
        const ask_weights_entry *expected = ask_weights_at(file.file, i);
        if (strncmp(expected->name, "pil.", 4) != 0) continue;
        golden_case c = parse_golden(expected->name);
        if (strncmp(c.source, "f32", 3) == 0)
            check_golden_f32(&file, &c, expected);
        else
            check_golden_u8(&file, &c, expected);
        n_checked++;
    }
    assert_int_equal(n_checked, 54);
    golden_close(&file);
}

/* ---- hashes; tools/golden/resize.py has the other half of this ---- */

static uint8_t draw(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return (uint8_t)(*state >> 24);
}

typedef struct {
    unsigned number;
    char mode[8], filter[16], digest[65];
    int width, height, new_width, new_height;
} hash_case;

static ask_image noise_picture(const hash_case *c)
{
    ask_image image = {0};
    ask_error err = {0};
    uint32_t state = c->number;
    CHECK_OK(ask_image_new(&image, c->width, c->height, (int)strlen(c->mode), &err), &err);
    for (size_t i = 0; i < bytes_of(&image); i++) {
        uint8_t v = draw(&state);
        bool alpha = image.channels == 4 && i % 4 == 3;
        image.pixels[i] = !alpha ? v : v < 64 ? 0 : v >= 192 ? 255 : v;
    }
    return image;
}

static void digest_u8(char hex[65], const hash_case *c)
{
    ask_image in = noise_picture(c), out = {0};
    ask_error err = {0};
    uint8_t digest[ASK_SHA256_BYTES];
    CHECK_OK(
        ask_resize(&out, &in, c->new_width, c->new_height, filter_named(c->filter), &err),
        &err);
    ask_sha256_of(digest, out.pixels, bytes_of(&out));
    ask_hex(hex, digest, sizeof digest);
    ask_image_free(&in);
    ask_image_free(&out);
}

static void digest_f32(char hex[65], const hash_case *c)
{
    size_t n_in = (size_t)c->width * (size_t)c->height;
    size_t n_out = (size_t)c->new_width * (size_t)c->new_height;
    float *in = calloc(n_in, sizeof *in), *out = calloc(n_out, sizeof *out);
    ask_error err = {0};
    uint8_t digest[ASK_SHA256_BYTES];
    uint32_t state = c->number;
    assert_true(in && out);
    for (size_t i = 0; i < n_in; i++) {
        int high = draw(&state);
        in[i] = (float)(256 * high + draw(&state)) / 65536;
    }
    CHECK_OK(ask_resize_f32(out, c->new_width, c->new_height, in, c->width, c->height,
                            filter_named(c->filter), &err),
             &err);
    ask_sha256_of(digest, out, n_out * sizeof *out);
    ask_hex(hex, digest, sizeof digest);
    free(in);
    free(out);
}

static void pictures_of_many_sizes_have_pillows_hashes(void **state)
{
    (void)state;
    size_t n_bytes = 0;
    char *text = test_read(test_fixture("resize/hashes.txt"), &n_bytes);
    int n_cases = 0;
    for (char *save = NULL, *line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save), n_cases++) {
        hash_case c = {0};
        char hex[65];
        if (sscanf(line, "%u %7s %15s %dx%d %dx%d %64s", &c.number, c.mode, c.filter,
                   &c.width, &c.height, &c.new_width, &c.new_height, c.digest) != 8)
            fail_msg("\"%s\": a line of no known form", line);
        if (strcmp(c.mode, "F") == 0)
            digest_f32(hex, &c);
        else
            digest_u8(hex, &c);
        if (strcmp(hex, c.digest) != 0) fail_msg("%s: the hash is %s", line, hex);
    }
    assert_int_equal(n_cases, 410);
    free(text);
}

/* ---- parts ---- */

static void the_fast_weighing_is_the_scalar_one(void **state)
{
    (void)state;
    enum { MOST_BYTES = 100, MOST_WEIGHTS = 9, MARGIN = 8 };
    uint8_t src[MOST_BYTES * MOST_WEIGHTS];
    int32_t weight[MOST_WEIGHTS];
    uint32_t random = 5;
    for (size_t i = 0; i < sizeof src; i++) src[i] = draw(&random);
    ask_weigh_fn *best = ask_weigh_best();
    for (int n_weights = 0; n_weights <= MOST_WEIGHTS; n_weights++) {
        for (size_t n = 0; n <= MOST_BYTES; n++) {
            uint8_t expected[MOST_BYTES + MARGIN], actual[MOST_BYTES + MARGIN];
            // Sums below 0, within, and above 255; magnitudes sum to less than two.
            for (int t = 0; t < n_weights; t++)
                weight[t] =
                    (draw(&random) - 90) * ((1 << ASK_WEIGHT_BITS) / (90 * n_weights));
            memset(expected, 0xa5, sizeof expected);
            memset(actual, 0xa5, sizeof actual);
            ask_weigh_scalar(expected, src, MOST_BYTES, weight, n_weights, n);
            best(actual, src, MOST_BYTES, weight, n_weights, n);
            if (memcmp(actual, expected, sizeof actual) != 0)
                fail_msg("%d weights, %zu bytes", n_weights, n);
            assert_int_equal(expected[n], 0xa5);
        }
    }
}

/* Else the 32-bit sums of ask_weigh_fn could overflow. */
static void magnitudes_of_weights_sum_to_less_than_two(void **state)
{
    (void)state;
    for (size_t f = 0; f < TEST_COUNT(filters); f++) {
        if (filters[f].filter == ASK_RESIZE_NEAREST) continue;
        for (int n_in = 1; n_in <= 60; n_in++) {
            for (int n_out = 1; n_out <= 60; n_out++) {
                ask_taps taps = {0};
                ask_error err = {0};
                CHECK_OK(ask_taps_new(&taps, filters[f].filter, n_in, n_out, &err), &err);
                for (int i = 0; i < n_out; i++) {
                    double sum = 0;
                    for (int t = 0; t < taps.count[i]; t++)
                        sum += fabs(taps.weight[i * taps.most + t]);
                    if (!(sum > 0.999 && sum < 2 && taps.count[i] <= taps.most &&
                          taps.first[i] + taps.count[i] <= n_in))
                        fail_msg("%s, %d to %d, pixel %d: magnitudes sum to %g",
                                 filters[f].name, n_in, n_out, i, sum);
                }
                ask_taps_free(&taps);
            }
        }
    }
}

static void sides_out_of_range_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int width, height;
    } cases[] = {
        {"no width", 0, 4},     {"no height", 4, 0},    {"negative", -1, 4},
        {"too wide", 65536, 1}, {"too high", 1, 65536}, {"absurd", 2147483647, 2147483647},
    };
    ask_image in = {0};
    ask_error err = {0};
    CHECK_OK(ask_image_new(&in, 3, 2, 3, &err), &err);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_image out = {.width = 77};
        float value = 0, untouched = 7;
        err = (ask_error){0};
        CHECK_CASE(cases[i].name, !ask_resize(&out, &in, cases[i].width, cases[i].height,
                                              ASK_RESIZE_BOX, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_LIMIT && out.width == 77);
        err = (ask_error){0};
        CHECK_CASE(cases[i].name,
                   !ask_resize_f32(&untouched, cases[i].width, cases[i].height, &value, 1,
                                   1, ASK_RESIZE_BOX, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_LIMIT && untouched == 7);
    }
    ask_image_free(&in);
}

static bool resize_each_way(void *user, ask_error *err)
{
    const int channels = *(int *)user;
    static const int sizes[][2] = {{9, 5}, {3, 5}, {9, 2}, {4, 11}};
    ask_image in = {0};
    float from[9 * 5] = {0}, to[4 * 11];
    bool ok = ask_image_new(&in, 9, 5, channels, err) &&
              ask_resize_f32(to, 4, 11, from, 9, 5, ASK_RESIZE_BOX, err) &&
              ask_resize_f32(to, 4, 11, from, 9, 5, ASK_RESIZE_NEAREST, err);
    for (size_t f = 0; f < 2 && ok; f++) {
        for (size_t i = 0; i < TEST_COUNT(sizes) && ok; i++) {
            ask_image out = {0};
            ask_resize_filter filter = f == 0 ? ASK_RESIZE_BICUBIC : ASK_RESIZE_NEAREST;
            ok = ask_resize(&out, &in, sizes[i][0], sizes[i][1], filter, err);
            if (!ok) assert_null(out.pixels);
            ask_image_free(&out);
        }
    }
    ask_image_free(&in);
    return ok;
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    int channels[] = {1, 3, 4};
    for (size_t i = 0; i < TEST_COUNT(channels); i++)
        assert_true(test_each_alloc_fails("resize", resize_each_way, &channels[i]) > 20);
}

/* ---- crop ---- */

static void a_crop_has_the_pixels_of_its_part(void **state)
{
    (void)state;
    for (int channels = 1; channels <= 4; channels++) {
        if (channels == 2) continue;
        ask_image in = {0}, out = {0};
        ask_error err = {0};
        CHECK_OK(ask_image_new(&in, 7, 5, channels, &err), &err);
        for (size_t i = 0; i < bytes_of(&in); i++) in.pixels[i] = (uint8_t)i;
        CHECK_OK(ask_crop(&out, &in, 2, 1, 4, 3, &err), &err);
        assert_true(out.width == 4 && out.height == 3 && out.channels == channels);
        for (int y = 0; y < 3; y++)
            for (int i = 0; i < 4 * channels; i++)
                assert_int_equal(out.pixels[y * 4 * channels + i],
                                 in.pixels[(y + 1) * 7 * channels + 2 * channels + i]);
        ask_image_free(&out);
        CHECK_OK(ask_crop(&out, &in, 0, 0, 7, 5, &err), &err);
        assert_memory_equal(out.pixels, in.pixels, bytes_of(&in));
        ask_image_free(&in);
        ask_image_free(&out);
    }
}

static void a_crop_outside_the_picture_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int x, y, width, height;
    } cases[] = {
        {"left", -1, 0, 2, 2},
        {"above", 0, -1, 2, 2},
        {"right", 6, 0, 2, 2},
        {"below", 0, 4, 2, 2},
        {"beyond", 8, 0, 1, 1},
        {"no width", 0, 0, 0, 2},
        {"no height", 0, 0, 2, 0},
        {"negative", 3, 3, -2, -2},
        {"overflow", 2, 2, 2147483647, 1},
        {"far away", 2147483647, 0, 2147483647, 1},
    };
    ask_image in = {0};
    ask_error err = {0};
    CHECK_OK(ask_image_new(&in, 7, 5, 3, &err), &err);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_image out = {0};
        CHECK_CASE(cases[i].name, !ask_crop(&out, &in, cases[i].x, cases[i].y,
                                            cases[i].width, cases[i].height, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_SHAPE && !out.pixels);
    }
    CHECK_CASE("message", !ask_crop(&in, &in, 6, 0, 2, 2, &err));
    assert_string_equal(err.message, "crop of 2 x 2 px at (6, 0): it must lie inside the "
                                     "picture of 7 x 5 px");
    ask_image_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_golden_pictures_come_out_exactly),
        cmocka_unit_test(pictures_of_many_sizes_have_pillows_hashes),
        cmocka_unit_test(the_fast_weighing_is_the_scalar_one),
        cmocka_unit_test(magnitudes_of_weights_sum_to_less_than_two),
        cmocka_unit_test(sides_out_of_range_are_refused),
        cmocka_unit_test(any_allocation_may_fail),
        cmocka_unit_test(a_crop_has_the_pixels_of_its_part),
        cmocka_unit_test(a_crop_outside_the_picture_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
