/* Counts, points and parts of a video against values that were worked out by hand. */
#include "metric/span.h"

#include <math.h>

#include "metric/count.h"
#include "metric/point.h"
#include "support/testing.h"

static const struct {
    const char *name;
    ask_span predicted, truth;
    double iou, iop;
} spans[] = {
    {"the same", {2, 5}, {2, 5}, 1, 1},
    {"half over", {5, 15}, {0, 10}, 5.0 / 15, 0.5},
    {"within", {2, 4}, {0, 10}, 0.2, 1},
    {"around", {0, 10}, {2, 4}, 0.2, 0.2},
    {"side by side", {0, 2}, {2, 4}, 0, 0},
    {"apart", {0, 1}, {5, 6}, 0, 0},
    {"a point within", {3, 3}, {2, 4}, 0, 1},
    {"a point at its end", {4, 4}, {2, 4}, 0, 1},
    {"a point outside", {5, 5}, {2, 4}, 0, 0},
    {"a truth that is a point", {2, 4}, {3, 3}, 0, 0},
    {"two points", {3, 3}, {3, 3}, 0, 1},
};

static void spans_overlap_as_worked_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(spans); i++) {
        double iou = ask_span_iou(spans[i].predicted, spans[i].truth);
        double iop = ask_span_iop(spans[i].predicted, spans[i].truth);
        CHECK_CASE(spans[i].name, fabs(iou - spans[i].iou) < 1e-15);
        CHECK_CASE(spans[i].name, fabs(iop - spans[i].iop) < 1e-15);
    }
}

static void each_measure_takes_the_truth_that_is_best_for_it(void **state)
{
    (void)state;
    const ask_span truths[] = {{0, 100}, {5, 8}};
    const ask_span predicted = {4, 8};
    assert_true(ask_span_best_iou(predicted, truths, 2) == 0.75); // the second
    assert_true(ask_span_best_iop(predicted, truths, 2) == 1);    // the first
    assert_true(ask_span_best_iou(predicted, NULL, 0) == 0);
    assert_true(ask_span_best_iop(predicted, NULL, 0) == 0);
}

static void counts_are_rounded_and_held(void **state)
{
    (void)state;
    static const struct {
        double predicted;
        int64_t any, tgif;
    } cases[] = {
        {2.4, 2, 2},
        {2.5, 3, 3},
        {0.2, 0, 1},
        {-7, 0, 1},
        {10.6, 11, 10},
        {NAN, 0, 1},
        {INFINITY, INT32_MAX, 10},
        {-INFINITY, 0, 1},
        {1e300, INT32_MAX, 10},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        assert_int_equal(ask_count_round(cases[i].predicted, ask_count_any()),
                         cases[i].any);
        assert_int_equal(ask_count_round(cases[i].predicted, ask_count_tgif()),
                         cases[i].tgif);
    }
    assert_int_equal(ask_count_of_set("tgifqa-count").low, 1);
    assert_int_equal(ask_count_of_set("lines").low, 0);
}

static void a_point_is_in_any_box_that_has_an_area(void **state)
{
    (void)state;
    const ask_box boxes[] = {{0, 0, 10, 10}, {20, 20, 20, 30}, {40, 0, 50, 10}};
    assert_true(ask_point_in(5, 5, boxes, 3));
    assert_true(ask_point_in(10, 0, boxes, 3));
    assert_true(ask_point_in(45, 9, boxes, 3));
    assert_false(ask_point_in(20, 25, boxes, 3));
    assert_false(ask_point_in(11, 5, boxes, 3));
    assert_false(ask_point_in(NAN, 5, boxes, 3));
    assert_false(ask_point_in(5, 5, NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_overlap_as_worked_out),
        cmocka_unit_test(each_measure_takes_the_truth_that_is_best_for_it),
        cmocka_unit_test(counts_are_rounded_and_held),
        cmocka_unit_test(a_point_is_in_any_box_that_has_an_area),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
