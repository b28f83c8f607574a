#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#include "support/testing.h"

static void the_clocks_go_forward(void **state)
{
    (void)state;
    double start_s = ask_clock_s();
    double cpu_s = ask_clock_cpu_s();
    double last_s = start_s;
    while (ask_clock_cpu_s() - cpu_s < 0.01) {
        double now_s = ask_clock_s();
        assert_true(now_s >= last_s);
        last_s = now_s;
    }
    assert_true(last_s - start_s >
                0.005); // one thread uses no more than the time that passes
    assert_true(last_s - start_s < 60);
}

static void moments_are_written_in_iso_8601(void **state)
{
    (void)state;
    static const struct {
        int64_t unix_s;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},         {951782399, "2000-02-28T23:59:59Z"},
        {951782400, "2000-02-29T00:00:00Z"}, {2147483648, "2038-01-19T03:14:08Z"},
        {-1, "1969-12-31T23:59:59Z"},        {INT64_MAX, "unknown"},
    };
    setenv("TZ", "Asia/Tokyo", 1);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char text[ASK_CLOCK_TEXT_BYTES];
        CHECK_CASE(cases[i].text,
                   strcmp(ask_clock_text(text, cases[i].unix_s), cases[i].text) == 0);
    }
    assert_true(ask_clock_unix_s() > 1700000000);
}

static void peak_memory_grows_with_what_is_touched(void **state)
{
    (void)state;
    const size_t n = 64 << 20;
    size_t before = ask_peak_resident_bytes();
    assert_true(before > 100000);
    volatile char *bytes = malloc(n);
    for (size_t i = 0; i < n; i += 4096) bytes[i] = 1;
    assert_true(ask_peak_resident_bytes() >= before + n / 2);
    free((void *)bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clocks_go_forward),
        cmocka_unit_test(moments_are_written_in_iso_8601),
        cmocka_unit_test(peak_memory_grows_with_what_is_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
