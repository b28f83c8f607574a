#include "base/time_text.h"

#include <string.h>

#include "support/testing.h"

static void times_are_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double t_s; // below 0: refused
    } cases[] = {
        {"0", 0},
        {"7.5", 7.5},
        {".25", 0.25},
        {"90", 90},
        {"1e3", 1000},
        {"0:00", 0},
        {"1:07.5", 67.5},
        {"75:00", 4500},
        {"2:01:07.5", 7267.5},
        {"100:00:00", 360000},
        {"", -1},
        {"-1", -1},
        {"1:", -1},
        {":30", -1},
        {"1:60", -1},
        {"1:60:00", -1},
        {"1:1e1", -1},
        {"1:-5", -1},
        {"-1:30", -1},
        {"1:2:3:4", -1},
        {"1.5:30", -1},
        {"7s", -1},
        {" 7", -1},
        {"nan", -1},
        {"inf", -1},
        {"99999999999999999999:00", -1},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        double t_s = -1;
        bool ok = ask_parse_time(&t_s, cases[i].text);
        CHECK_CASE(cases[i].text, ok == (cases[i].t_s >= 0));
        CHECK_CASE(cases[i].text, t_s == cases[i].t_s);
    }
}

static void times_are_written_to_hundredths(void **state)
{
    (void)state;
    static const struct {
        double t_s;
        const char *text, *unit;
    } cases[] = {
        {0, "0.00", " s"},
        {7.25, "7.25", " s"},
        {7.254, "7.25", " s"},
        {59.994, "59.99", " s"},
        {59.996, "1:00.00", ""},
        {67.5, "1:07.50", ""},
        {3599.999, "1:00:00.00", ""},
        {7267.5, "2:01:07.50", ""},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char text[ASK_TIME_TEXT_BYTES];
        assert_string_equal(ask_format_time(text, cases[i].t_s), cases[i].text);
        assert_string_equal(ask_time_unit(cases[i].t_s), cases[i].unit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read_as_people_write_them),
        cmocka_unit_test(times_are_written_to_hundredths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
