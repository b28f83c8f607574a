#include "train/schedule.h"

#include <math.h>
#include <string.h>

#include "support/testing.h"

static void rates_rise_and_fall(void **state)
{
    static const struct {
        const char *name;
        ask_schedule schedule;
        int64_t step;
        double rate;
    } cases[] = {
        {"the first step of a warm-up", {100, 10, 1, 0, ASK_SCHEDULE_COSINE}, 1, 0.1},
        {"the last step of a warm-up", {100, 10, 1, 0, ASK_SCHEDULE_COSINE}, 10, 1},
        {"half way down", {110, 10, 1, 0, ASK_SCHEDULE_COSINE}, 60, 0.5},
        {"half way to a floor", {110, 10, 1, 0.2, ASK_SCHEDULE_COSINE}, 60, 0.6},
        {"the end", {110, 10, 1, 0.2, ASK_SCHEDULE_COSINE}, 110, 0.2},
        {"beyond the end", {110, 10, 1, 0.2, ASK_SCHEDULE_COSINE}, 200, 0.2},
        {"no warm-up", {4, 0, 1, 0, ASK_SCHEDULE_COSINE}, 2, 0.5},
        {"nothing but warm-up", {4, 4, 1, 0, ASK_SCHEDULE_COSINE}, 4, 1},
        {"one step", {1, 0, 3, 1, ASK_SCHEDULE_COSINE}, 1, 1},
        {"warming up to a line", {110, 10, 1, 0, ASK_SCHEDULE_LINEAR}, 5, 0.5},
        {"a quarter down a line", {110, 10, 1, 0, ASK_SCHEDULE_LINEAR}, 35, 0.75},
        {"the end of a line", {110, 10, 1, 0.2, ASK_SCHEDULE_LINEAR}, 110, 0.2},
        {"beyond a line", {110, 10, 1, 0.2, ASK_SCHEDULE_LINEAR}, 111, 0.2},
        {"constant, first", {9, 0, 1, 0, ASK_SCHEDULE_CONSTANT}, 1, 1},
        {"constant, last", {9, 0, 1, 0, ASK_SCHEDULE_CONSTANT}, 9, 1},
        {"warming up", {9, 4, 1, 0, ASK_SCHEDULE_CONSTANT_WITH_WARMUP}, 3, 0.75},
        {"warmed up", {9, 4, 1, 0, ASK_SCHEDULE_CONSTANT_WITH_WARMUP}, 8, 1},
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
        {"no steps",
         {0, 0, 1, 0, ASK_SCHEDULE_COSINE},
         "a training of 0 steps: give at least 1"},
        {"a long warm-up",
         {5, 6, 1, 0, ASK_SCHEDULE_COSINE},
         "a warm-up of 6 steps in a training of 5"},
        {"a negative warm-up",
         {5, -1, 1, 0, ASK_SCHEDULE_COSINE},
         "a warm-up of -1 steps in a training of 5"},
        {"a negative rate",
         {5, 1, -1, 0, ASK_SCHEDULE_COSINE},
         "learning rates of -1 to 0: must be 0 or more"},
        {"a warm-up of constant",
         {5, 2, 1, 0, ASK_SCHEDULE_CONSTANT},
         "the schedule constant has no warm-up; the one of 2 steps needs "
         "constant_with_warmup"},
        {"no number",
         {5, 1, 1, INFINITY, ASK_SCHEDULE_COSINE},
         "learning rates of 1 to inf: must be 0 or more"},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        CHECK_CASE(cases[i].name, !ask_schedule_check(&cases[i].schedule, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_USAGE);
        assert_string_equal(err.message, cases[i].message);
    }
}

static void schedules_have_the_names_that_people_type(void **state)
{
    (void)state;
    static const char *const names[] = {"cosine", "linear", "constant",
                                        "constant_with_warmup"};
    ask_error err = {0};
    ask_schedule_kind kind = ASK_SCHEDULE_LINEAR;
    for (int i = 0; i < ASK_N_SCHEDULES; i++) {
        CHECK_OK(ask_schedule_find(&kind, names[i], &err), &err);
        assert_int_equal(kind, i);
        assert_string_equal(ask_schedule_name(kind), names[i]);
    }
    assert_false(ask_schedule_find(&kind, "polynomial", &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(strstr(err.message, "cosine, linear, constant, constant_with_warmup"));
}

static void a_share_of_the_steps_is_rounded_up(void **state)
{
    (void)state;
    assert_int_equal(ask_schedule_warmup(0, 100), 0);
    assert_int_equal(ask_schedule_warmup(0.03, 100), 3);
    assert_int_equal(ask_schedule_warmup(0.031, 100), 4);
    assert_int_equal(ask_schedule_warmup(1, 7), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_rise_and_fall),
        cmocka_unit_test(schedules_that_make_no_sense_are_refused),
        cmocka_unit_test(schedules_have_the_names_that_people_type),
        cmocka_unit_test(a_share_of_the_steps_is_rounded_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
