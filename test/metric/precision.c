/* Average precision, of rankings, windows, clips and events, against values that were
 * worked out by hand. */
#include "metric/precision.h"

#include <math.h>

#include "metric/events.h"
#include "metric/moments.h"
#include "support/testing.h"

static void near(const char *name, double actual, double expected)
{
    if (!(fabs(actual - expected) < 1e-12))
        fail_msg("%s: %.17g, not %.17g", name, actual, expected);
}

static void the_area_under_the_staircase(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned char hits[6];
        size_t n;
        double n_truth, expected;
    } cases[] = {
        {"all first", {1, 1, 0}, 3, 2, 1},
        {"one late", {1, 0, 1, 0}, 4, 2, 0.5 + 0.5 * 2 / 3},
        {"a later precision is higher", {0, 1, 1}, 3, 3, 2 * (2.0 / 3) / 3},
        {"one is missed", {1}, 1, 2, 0.5},
        {"nothing is right", {0, 0}, 2, 2, 0},
        {"nothing is predicted", {0}, 0, 2, 0},
        {"nothing is true", {0, 0}, 2, 0, 0},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        near(cases[i].name,
             ask_average_precision(cases[i].hits, NULL, cases[i].n, cases[i].n_truth),
             cases[i].expected);
}

static void a_weight_is_so_many_of_the_same(void **state)
{
    (void)state;
    const unsigned char hits[] = {0, 1, 0, 1}, spread[] = {0, 1, 1, 1, 1};
    const double weights[] = {1, 3, 0, 1};
    near("weights", ask_average_precision(hits, weights, 4, 5),
         ask_average_precision(spread, NULL, 5, 5));
}

static void each_truth_is_found_once_by_the_best_score(void **state)
{
    (void)state;
    ask_error err = {0};
    const ask_scored_span predicted[] = {
        {{0, 10}, 0.5}, // the same truth as the next, which scores higher
        {{0, 9}, 0.9},
        {{19, 30}, 0.5},
        {{50, 60}, 0.4},
    };
    const ask_span truths[] = {{0, 10}, {20, 30}};
    unsigned char hits[4];
    CHECK_OK(ask_spans_find(hits, predicted, 4, truths, 2, 0.5, &err), &err);
    assert_memory_equal(hits, ((unsigned char[]){0, 1, 1, 0}), 4);
    CHECK_OK(ask_spans_find(hits, predicted, 4, truths, 2, 0.95, &err), &err);
    assert_memory_equal(hits, ((unsigned char[]){1, 0, 0, 0}), 4);
}

static void equal_scores_keep_their_order(void **state)
{
    (void)state;
    const double scores[] = {0.5, 0.9, 0.5, 0.9};
    size_t order[4];
    ask_order_by_score(order, scores, 4);
    const size_t expected[] = {1, 3, 0, 2};
    assert_memory_equal(order, expected, sizeof order);
}

static void moments_of_one_query(void **state)
{
    (void)state;
    ask_error err = {0};
    const ask_scored_span predicted[] = {{{0, 10}, 0.9}, {{20, 30}, 0.8}};
    const ask_span truths[] = {{0, 10}, {21, 31}}; // the second: IoU 9/11
    ask_moment_scores s;
    CHECK_OK(ask_moment_score(&s, predicted, 2, truths, 2, &err), &err);
    near("mAP", ask_moment_map(&s), (7 * 1 + 3 * 0.5) / 10);
    near("AP@0.5", s.ap[0], 1);
    near("AP@0.85", s.ap[7], 0.5);
    near("R1@0.95", s.r1[9], 1);
    const ask_scored_span late[] = {{{20, 30}, 0.8}, {{0, 10}, 0.9}};
    CHECK_OK(ask_moment_score(&s, late, 2, truths, 2, &err), &err);
    near("R1@0.8", s.r1[6], 1); // the first window as it stands, not the best score
    near("R1@0.85", s.r1[7], 0);
    near("threshold", ask_moment_threshold(4), 0.7);
}

static void only_ten_windows_count(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_scored_span predicted[11];
    for (int i = 0; i < 11; i++)
        predicted[i] = (ask_scored_span){{100 + i, 101 + i}, 1.0 / (i + 1)};
    predicted[10].at = (ask_span){0, 10};
    const ask_span truth = {0, 10};
    ask_moment_scores s;
    CHECK_OK(ask_moment_score(&s, predicted, 11, &truth, 1, &err), &err);
    near("the eleventh", ask_moment_map(&s), 0);
    predicted[9].at = truth;
    CHECK_OK(ask_moment_score(&s, predicted, 11, &truth, 1, &err), &err);
    near("the tenth", ask_moment_map(&s), 0.1);
}

static void windows_have_lengths(void **state)
{
    (void)state;
    static const struct {
        double s;
        bool is[ASK_MOMENT_N_LENGTHS];
    } cases[] = {
        {0, {false, false, false, true}},   {10, {true, false, false, true}},
        {10.5, {false, true, false, true}}, {30, {false, true, false, true}},
        {150, {false, false, true, true}},  {151, {false, false, false, true}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        for (int k = 0; k < ASK_MOMENT_N_LENGTHS; k++)
            assert_int_equal(
                ask_moment_has_length((ask_span){3, 3 + cases[i].s}, (ask_moment_length)k),
                cases[i].is[k]);
    assert_string_equal(ask_moment_length_name(ASK_MOMENT_FULL), "full");
}

static void highlights_of_one_query(void **state)
{
    (void)state;
    ask_error err = {0};
    const int truth[3][ASK_HIGHLIGHT_ANNOTATORS] = {{4, 4, 2}, {0, 0, 0}, {2, 3, 4}};
    ask_highlight_scores s;
    const double scores[] = {0.1, 0.9, 0.5, 7}; // the last is beyond the clips
    CHECK_OK(ask_highlight_score(&s, scores, 4, truth, 3, &err), &err);
    near("very good", s.map[2], (1.0 / 3 + 1.0 / 3 + 0.5) / 3);
    near("fair", s.map[0], 2.0 / 3);
    near("hit", s.hit1[2], 0);
    const double first[] = {0.4};
    CHECK_OK(ask_highlight_score(&s, first, 1, truth, 3, &err), &err);
    near("hit of the first", s.hit1[2], 1);
    near("fair, padded", s.map[0], 0.5 + 0.5 * 2 / 3);
    const int all[1][ASK_HIGHLIGHT_ANNOTATORS] = {{4, 4, 0}};
    CHECK_OK(ask_highlight_score(&s, first, 1, all, 1, &err), &err);
    near("all good or none", s.map[2], 2.0 / 3);
    CHECK_OK(ask_highlight_score(&s, first, 1, all, 0, &err), &err);
    near("no clips", s.map[0] + s.hit1[0], 0);
    assert_string_equal(ask_highlight_level_name(2), "VeryGood");
}

static const ask_named_span found_0[] = {{"jump", {0, 2}, 0.9}, {"jump", {4, 6}, 0.8}};
static const ask_named_span true_0[] = {{"jump", {0, 2}, 0}, {"spin", {4, 6}, 0}};
static const ask_named_span found_1[] = {
    {"jump", {1, 3}, 0.7}, {"spin", {1, 3}, 0.99}, {"hide", {0, 1}, 1}};
static const ask_named_span true_1[] = {{"jump", {1, 3}, 0}};

static ask_event_ap *two_videos(ask_error *err)
{
    ask_event_ap *e = ask_event_ap_new(0.5, err);
    if (e && ask_event_ap_add(e, found_0, 2, true_0, 2, err) &&
        ask_event_ap_add(e, found_1, 3, true_1, 1, err) && ask_event_ap_finish(e, err))
        return e;
    ask_event_ap_free(e);
    return NULL;
}

static void events_count_by_class_over_all_videos(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_event_ap *e = two_videos(&err);
    CHECK_OK(e, &err);
    const double jump = 0.5 + 0.5 * 2 / 3, spin = 0;
    near("mean", ask_event_ap_mean(e, NULL), (jump + spin) / 2);
    near("as it is", ask_event_ap_mean(e, (double[]){1, 1}), (jump + spin) / 2);
    near("the first twice", ask_event_ap_mean(e, (double[]){2, 0}), 0.5);
    near("only the second", ask_event_ap_mean(e, (double[]){0, 1}), 1);
    assert_true(isnan(ask_event_ap_mean(e, (double[]){0, 0})));
    assert_int_equal(ask_event_ap_n_truths(e), 3);
    ask_event_ap_free(e);
    e = ask_event_ap_new(0.5, &err);
    CHECK_OK(ask_event_ap_finish(e, &err), &err);
    assert_true(isnan(ask_event_ap_mean(e, NULL)));
    ask_event_ap_free(e);
}

static bool attempt(void *user, ask_error *err)
{
    (void)user;
    ask_event_ap *e = two_videos(err);
    ask_event_ap_free(e);
    return e;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("events", attempt, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_area_under_the_staircase),
        cmocka_unit_test(a_weight_is_so_many_of_the_same),
        cmocka_unit_test(each_truth_is_found_once_by_the_best_score),
        cmocka_unit_test(equal_scores_keep_their_order),
        cmocka_unit_test(moments_of_one_query),
        cmocka_unit_test(only_ten_windows_count),
        cmocka_unit_test(windows_have_lengths),
        cmocka_unit_test(highlights_of_one_query),
        cmocka_unit_test(events_count_by_class_over_all_videos),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
