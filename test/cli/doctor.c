/* askance doctor: what it measured, in words and as JSON. */
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "support/command.h"
#include "support/testing.h"

static said run(const char *option)
{
    return command_run((cli_command[]){cli_doctor_command, {0}}, "doctor",
                       (const char *[]){option, NULL});
}

/* The number behind the beginning of a line; 0 when there is none. */
static double number_behind(const char *text, const char *label)
{
    const char *at = strstr(text, label);
    return at ? strtod(at + strlen(label), NULL) : 0;
}

static void measured_speeds_are_told_in_words(void **state)
{
    (void)state;
    said s = run(NULL);
    assert_int_equal(s.status, 0);
    assert_true(number_behind(s.out, "\nspeed               ") > 0);
    assert_true(number_behind(s.out, "\nmemory              ") > 0);
    check_holds(s.out, " GFLOP/s with 1 thread");
    check_holds(s.out, " GB/s with 1 thread");
    assert_string_equal(s.err, "");
    said_free(&s);
}

static double real_in(ask_json_value object, const char *key)
{
    double x;
    ask_error err = {0};
    CHECK_OK(ask_json_get_double(&x, object, key, &err), &err);
    return x;
}

static void json_has_the_speeds_of_one_to_all_threads(void **state)
{
    (void)state;
    said s = run("--json");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    ask_json_value speeds;
    ask_error err = {0};
    CHECK_OK(ask_json_get_array(&speeds, ask_json_root(doc), "speeds", &err), &err);
    size_t n = ask_json_count(speeds);
    for (size_t i = 0; i < n; i++) {
        ask_json_value speed = ask_json_item(speeds, i);
        int64_t n_threads, least = i == 0 ? 1 : 2, most = i == 0 ? 1 : ask_cpu_count();
        CHECK_OK(ask_json_get_int(&n_threads, speed, "n_threads", least, most, &err), &err);
        if (i + 1 == n) assert_int_equal(n_threads, ask_cpu_count());
        assert_true(real_in(speed, "product_gflops") > 0);
        assert_true(real_in(speed, "peak_gflops") > 0);
        assert_true(real_in(speed, "read_gb_s") > 0);
    }
    assert_true(n > 0);
    bool openmp;
    CHECK_OK(ask_json_get_bool(&openmp, ask_json_root(doc), "openmp", &err), &err);
    ask_json_free(doc);
    said_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measured_speeds_are_told_in_words),
        cmocka_unit_test(json_has_the_speeds_of_one_to_all_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
