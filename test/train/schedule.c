#include "train/schedule.h"

#include <math.h>

#include "support/testing.h"

static void rates_rise_and_fall(void **state)
{
    static const struct {
        const char *name;
        ask_schedule schedule;
        int64_t step;
        double rate;
    } cases[] = {
        {"the first step of a warm-up", {100, 10, 1, 0}, 1, 0.1},
        {"the last step of a warm-up", {100, 10, 1, 0}, 10, 1},
        {"half way down", {110, 10, 1, 0}, 60, 0.5},
        {"half way to a floor", {110, 10, 1, 0.2}, 60, 0.6},
        {"the end", {110, 10, 1, 0.2}, 110, 0.2},
        {"beyond the end", {110, 10, 1, 0.2}, 200, 0.2},
        {"no warm-up", {4, 0, 1, 0}, 2, 0.5},
        {"nothing but warm-up", {4, 4, 1, 0}, 4, 1},
        {"one step", {1, 0, 3, 1}, 1, 1},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        if (!ask_schedule_check(&cases[i].schedule, &err))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        double rate = ask_schedule_rate(&cases[i].schedule, cases[i].step);
        if (fabs(rate - cases[i].rate) > 1e-12) // rounding of the cosine
            fail_msg("case \"%s\": %.17g", cases[i].name, rate);
    }
}

static void schedules_that_make_no_sense_are_refused(void **state)
{
    static const struct {
        const char *name;
        ask_schedule schedule;
        const char *message;
    } cases[] = {
        {"no steps", {0, 0, 1, 0}, "a training of 0 steps: give at least 1"},
        {"a long warm-up", {5, 6, 1, 0}, "a warm-up of 6 steps in a training of 5"},
        {"a negative warm-up", {5, -1, 1, 0}, "a warm-up of -1 steps in a training of 5"},
        {"a negative rate", {5, 1, -1, 0}, "learning rates of -1 to 0: must be 0 or more"},
        {"no number", {5, 1, 1, INFINITY}, "learning rates of 1 to inf: must be 0 or more"},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        CHECK_CASE(cases[i].name, !ask_schedule_check(&cases[i].schedule, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_USAGE);
        assert_string_equal(err.message, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_rise_and_fall),
        cmocka_unit_test(schedules_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
