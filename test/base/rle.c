#include "base/rle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "support/testing.h"

/* Masks as pycocotools 2.0.11 sees them; tools/golden/rle.py wrote them. */
typedef struct {
    const char *name, *text;
    int height, width;
    uint32_t *counts;
    size_t n_counts;
    int64_t area;
    int box[4]; // x, y, width, height
} reference;

static int int_of(ask_json_value v, const char *path)
{
    ask_error err;
    int64_t value = 0;
    CHECK_OK(ask_json_get_int(&value, v, path, 0, INT32_MAX, &err), &err);
    return (int)value;
}

static const char *text_of(ask_json_value v, const char *path)
{
    ask_error err;
    const char *text = NULL;
    CHECK_OK(ask_json_get_string(&text, v, path, &err), &err);
    return text;
}

static reference read_reference(ask_json_value v)
{
    reference r = {.name = text_of(v, "name"),
                   .text = text_of(v, "text"),
                   .height = int_of(v, "height"),
                   .width = int_of(v, "width"),
                   .area = int_of(v, "area")};
    ask_json_value counts = ask_json_find(v, "counts");
    r.n_counts = ask_json_count(counts);
    r.counts = calloc(r.n_counts, sizeof *r.counts);
    for (size_t i = 0; i < r.n_counts; i++)
        r.counts[i] = (uint32_t)int_of(ask_json_item(counts, i), NULL);
    for (size_t i = 0; i < 4; i++)
        r.box[i] = int_of(ask_json_item(ask_json_find(v, "box"), i), NULL);
    return r;
}

static ask_json *read_cases(void)
{
    ask_error err;
    ask_json *doc = ask_json_read(test_fixture("rle/cases.json"), NULL, &err);
    CHECK_OK(doc, &err);
    return doc;
}

/* The mask that runs describe, row by row. Freed by the caller. */
static uint8_t *paint(const reference *r)
{
    uint8_t *pixels = calloc((size_t)r->height * (size_t)r->width, 1);
    size_t at = 0;
    for (size_t i = 0; i < r->n_counts; i++) {
        for (uint32_t k = 0; k < r->counts[i]; k++, at++) {
            size_t x = at / (size_t)r->height, y = at % (size_t)r->height;
            pixels[y * (size_t)r->width + x] = i % 2 ? 200 : 0;
        }
    }
    return pixels;
}

static void check_case(const reference *r)
{
    ask_error err;
    uint8_t *pixels = paint(r);
    ask_rle rle;
    CHECK_OK(ask_rle_encode(&rle, pixels, r->height, r->width, &err), &err);
    CHECK_CASE(r->name, rle.n_counts == r->n_counts);
    CHECK_CASE(r->name,
               memcmp(rle.counts, r->counts, r->n_counts * sizeof *r->counts) == 0);
    char *text = ask_rle_to_string(&rle, &err);
    CHECK_OK(text, &err);
    assert_string_equal(text, r->text);
    free(text);
    ask_rle_free(&rle);

    CHECK_OK(ask_rle_from_string(&rle, r->text, r->height, r->width, &err), &err);
    CHECK_CASE(r->name, rle.n_counts == r->n_counts);
    CHECK_CASE(r->name,
               memcmp(rle.counts, r->counts, r->n_counts * sizeof *r->counts) == 0);
    CHECK_CASE(r->name, ask_rle_area(&rle) == (uint64_t)r->area);
    ask_rle_box box = ask_rle_bounds(&rle);
    CHECK_CASE(r->name, box.x == r->box[0] && box.y == r->box[1]);
    CHECK_CASE(r->name, box.width == r->box[2] && box.height == r->box[3]);

    uint8_t *back = malloc((size_t)r->height * (size_t)r->width);
    ask_rle_decode(back, &rle);
    for (size_t i = 0; i < (size_t)r->height * (size_t)r->width; i++)
        CHECK_CASE(r->name, back[i] == (pixels[i] ? 1 : 0));
    free(back);
    free(pixels);
    ask_rle_free(&rle);
}

static void masks_are_coded_as_the_reference_does(void **state)
{
    (void)state;
    ask_json *doc = read_cases();
    ask_json_value cases = ask_json_find(ask_json_root(doc), "cases");
    assert_in_range(ask_json_count(cases), 10, 100);
    for (size_t i = 0; i < ask_json_count(cases); i++) {
        reference r = read_reference(ask_json_item(cases, i));
        check_case(&r);
        free(r.counts);
    }
    ask_json_free(doc);
}

static ask_rle mask_of(ask_json_value v)
{
    ask_error err;
    ask_rle rle = {0};
    CHECK_OK(ask_rle_from_string(&rle, text_of(v, "text"), int_of(v, "height"),
                                 int_of(v, "width"), &err),
             &err);
    return rle;
}

static void check_merge(const ask_rle *a, const ask_rle *b, ask_rle_operation operation,
                        const char *expected)
{
    ask_error err;
    ask_rle merged;
    CHECK_OK(ask_rle_merge(&merged, a, b, operation, &err), &err);
    char *text = ask_rle_to_string(&merged, &err);
    CHECK_OK(text, &err);
    assert_string_equal(text, expected);
    free(text);
    ask_rle_free(&merged);
}

static void pairs_are_merged_and_compared_as_the_reference_does(void **state)
{
    (void)state;
    ask_json *doc = read_cases();
    ask_json_value cases = ask_json_find(ask_json_root(doc), "cases");
    ask_json_value pairs = ask_json_find(ask_json_root(doc), "pairs");
    assert_in_range(ask_json_count(pairs), 30, 1000);
    for (size_t i = 0; i < ask_json_count(pairs); i++) {
        ask_json_value pair = ask_json_item(pairs, i);
        ask_rle a = mask_of(ask_json_item(cases, (size_t)int_of(pair, "a")));
        ask_rle b = mask_of(ask_json_item(cases, (size_t)int_of(pair, "b")));
        check_merge(&a, &b, ASK_RLE_UNION, text_of(pair, "union"));
        check_merge(&a, &b, ASK_RLE_INTERSECTION, text_of(pair, "intersection"));
        for (int crowd = 0; crowd < 2; crowd++) {
            ask_error err;
            double iou, expected;
            CHECK_OK(ask_rle_iou(&iou, &a, &b, crowd, &err), &err);
            CHECK_OK(
                ask_json_get_double(&expected, pair, crowd ? "iou_crowd" : "iou", &err),
                &err);
            if (fabs(iou - expected) > 1e-12)
                fail_msg("pair %zu: %g, not %g", i, iou, expected);
        }
        ask_rle_free(&a);
        ask_rle_free(&b);
    }
    ask_json_free(doc);
}

static void malformed_masks_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        int height, width;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"too short", "4", 2, 3, ASK_ERR_FORMAT,
         "mask text: runs cover 4 of the 2 x 3 pixels of the image"},
        {"no runs", "", 2, 3, ASK_ERR_FORMAT,
         "mask text: runs cover 0 of the 2 x 3 pixels of the image"},
        {"too long", "7", 2, 3, ASK_ERR_FORMAT,
         "mask text: character 1: a run of 7 does not fit the 2 x 3 pixels of the image"},
        {"far too long", "5ooooooo7", 2, 3, ASK_ERR_FORMAT,
         "mask text: character 2: not a run length"},
        {"below zero", "2O", 2, 3, ASK_ERR_FORMAT,
         "mask text: character 2: a run of -1 does not fit the 2 x 3 pixels of the image"},
        {"below zero by difference", "1111N", 2, 3, ASK_ERR_FORMAT,
         "mask text: character 5: a run of -1 does not fit the 2 x 3 pixels of the image"},
        {"cut group", "6o", 2, 200, ASK_ERR_FORMAT,
         "mask text: character 2: not a run length"},
        {"character below", "6 ", 2, 3, ASK_ERR_FORMAT,
         "mask text: character 2: not a run length"},
        {"character above", "p1", 2, 3, ASK_ERR_FORMAT,
         "mask text: character 1: not a run length"},
        {"not ASCII", "\xc3\xa9", 2, 3, ASK_ERR_FORMAT,
         "mask text: character 1: not a run length"},
        {"negative size", "0", -2, 3, ASK_ERR_LIMIT,
         "mask of -2 x 3 pixels: sizes from 0 to 2^32-1 pixels are possible"},
        {"absurd size", "0", INT32_MAX, INT32_MAX, ASK_ERR_LIMIT,
         "mask of 2147483647 x 2147483647 pixels: sizes from 0 to 2^32-1 pixels are "
         "possible"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_rle rle = {.height = 77};
        CHECK_CASE(cases[i].name, !ask_rle_from_string(&rle, cases[i].text, cases[i].height,
                                                       cases[i].width, &err));
        CHECK_CASE(cases[i].name, rle.height == 77 && err.code == cases[i].code);
        if (strcmp(err.message, cases[i].message) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

static void counts_must_add_up(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t counts[4];
        size_t n;
        const char *message; // NULL: accepted
    } cases[] = {
        {"exact", {1, 2, 3}, 3, NULL},
        {"empty runs inside", {1, 0, 0, 5}, 4, NULL},
        {"less", {1, 2}, 2, "mask runs cover less than the 2 x 3 pixels of the image"},
        {"none", {0}, 0, "mask runs cover less than the 2 x 3 pixels of the image"},
        {"more", {1, 2, 4}, 3, "mask runs cover more than the 2 x 3 pixels of the image"},
        {"more than 32 bits",
         {UINT32_MAX, 7},
         2,
         "mask runs cover more than the 2 x 3 pixels of the image"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err;
        ask_rle rle = {0};
        bool ok = ask_rle_from_counts(&rle, cases[i].counts, cases[i].n, 2, 3, &err);
        CHECK_CASE(cases[i].name, ok == !cases[i].message);
        if (!ok) assert_string_equal(err.message, cases[i].message);
        if (ok) CHECK_CASE(cases[i].name, rle.n_counts == cases[i].n);
        ask_rle_free(&rle);
    }
}

static void empty_runs_change_no_result(void **state)
{
    (void)state;
    ask_error err;
    ask_rle plain, loose;
    CHECK_OK(ask_rle_from_counts(&plain, (uint32_t[]){2, 3, 4, 3}, 4, 3, 4, &err), &err);
    CHECK_OK(ask_rle_from_counts(&loose, (uint32_t[]){0, 0, 2, 1, 0, 2, 4, 3, 0, 0}, 10, 3,
                                 4, &err),
             &err);
    double iou;
    CHECK_OK(ask_rle_iou(&iou, &plain, &loose, false, &err), &err);
    assert_true(iou == 1);
    ask_rle_box a = ask_rle_bounds(&plain), b = ask_rle_bounds(&loose);
    assert_memory_equal(&a, &b, sizeof a);
    check_merge(&loose, &loose, ASK_RLE_UNION, "2340");
    ask_rle_free(&plain);
    ask_rle_free(&loose);
}

static void an_image_without_pixels_has_an_empty_mask(void **state)
{
    (void)state;
    ask_error err;
    ask_rle rle;
    CHECK_OK(ask_rle_encode(&rle, (const uint8_t *)"", 0, 5, &err), &err);
    assert_int_equal(ask_rle_area(&rle), 0);
    assert_int_equal(ask_rle_bounds(&rle).width, 0);
    char *text = ask_rle_to_string(&rle, &err);
    CHECK_OK(text, &err);
    assert_string_equal(text, "0");
    double iou = 7;
    CHECK_OK(ask_rle_iou(&iou, &rle, &rle, false, &err), &err);
    assert_true(iou == 0);
    ask_rle_free(&rle);
    CHECK_OK(ask_rle_from_string(&rle, text, 0, 5, &err), &err);
    ask_rle_free(&rle);
    free(text);
}

static void masks_of_different_sizes_do_not_mix(void **state)
{
    (void)state;
    ask_error err;
    ask_rle a, b, out = {0};
    CHECK_OK(ask_rle_from_counts(&a, (uint32_t[]){6}, 1, 2, 3, &err), &err);
    CHECK_OK(ask_rle_from_counts(&b, (uint32_t[]){6}, 1, 3, 2, &err), &err);
    double iou;
    assert_false(ask_rle_iou(&iou, &a, &b, false, &err));
    assert_int_equal(err.code, ASK_ERR_SHAPE);
    assert_string_equal(err.message, "masks of different sizes: 2 x 3 and 3 x 2 pixels");
    assert_false(ask_rle_merge(&out, &a, &b, ASK_RLE_UNION, &err));
    assert_null(out.counts);
    ask_rle_free(&a);
    ask_rle_free(&b);
}

static bool go_around(void *user, ask_error *err)
{
    (void)user;
    uint8_t pixels[2 * 40];
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = i % 2;
    ask_rle a = {0}, b = {0}, both = {0};
    char *text = NULL;
    bool ok = ask_rle_encode(&a, pixels, 2, 40, err) &&
              (text = ask_rle_to_string(&a, err)) &&
              ask_rle_from_string(&b, text, 2, 40, err) &&
              ask_rle_merge(&both, &a, &b, ASK_RLE_UNION, err);
    free(text);
    ask_rle_free(&a);
    ask_rle_free(&b);
    ask_rle_free(&both);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    assert_in_range(test_each_alloc_fails("rle", go_around, NULL), 4, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_are_coded_as_the_reference_does),
        cmocka_unit_test(pairs_are_merged_and_compared_as_the_reference_does),
        cmocka_unit_test(malformed_masks_are_refused),
        cmocka_unit_test(counts_must_add_up),
        cmocka_unit_test(empty_runs_change_no_result),
        cmocka_unit_test(an_image_without_pixels_has_an_empty_mask),
        cmocka_unit_test(masks_of_different_sizes_do_not_mix),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
