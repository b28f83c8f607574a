#include "base/json_write.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "support/testing.h"

/* One document with everything in it. */
static void put_all(ask_json_writer *w)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "text", "a \"q\" \\ \n\t\x01\x7f é \xff.");
    ask_json_put_string(w, "none", NULL);
    ask_json_put_int(w, "least", INT64_MIN);
    ask_json_put_double(w, "third", 1.0 / 3);
    ask_json_put_bool(w, "yes", true);
    ask_json_open_array(w, "list");
    ask_json_put_float(w, NULL, 0.97f);
    ask_json_open_object(w, NULL);
    ask_json_close(w);
    ask_json_open_array(w, NULL);
    ask_json_close(w);
    ask_json_put_null(w, NULL);
    ask_json_close(w);
    ask_json_put_double(w, "a", NAN);
    ask_json_close(w);
}

static void documents_come_out_compact_or_pretty(void **state)
{
    (void)state;
    ask_error err;
    ask_str text = {0};
    put_all(&(ask_json_writer){.out = &text});
    char *json = ask_str_take(&text, &err);
    CHECK_OK(json, &err);
    assert_string_equal(
        json, "{\"text\":\"a \\\"q\\\" \\\\ \\n\\t\\u0001\\u007f é \xEF\xBF\xBD.\","
              "\"none\":null,\"least\":-9223372036854775808,"
              "\"third\":0.3333333333333333,\"yes\":true,"
              "\"list\":[0.97,{},[],null],\"a\":null}");
    free(json);

    put_all(&(ask_json_writer){.out = &text, .pretty = true});
    json = ask_str_take(&text, &err);
    CHECK_OK(json, &err);
    assert_string_equal(json, "{\n  \"text\": \"a \\\"q\\\" \\\\ \\n\\t\\u0001\\u007f é "
                              "\xEF\xBF\xBD.\",\n  \"none\": null,\n"
                              "  \"least\": -9223372036854775808,\n"
                              "  \"third\": 0.3333333333333333,\n  \"yes\": true,\n"
                              "  \"list\": [\n    0.97,\n    {},\n    [],\n    null\n  ],\n"
                              "  \"a\": null\n}");
    free(json);
}

static void real_numbers_are_short_and_read_back_the_same(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0.0"},
        {-0.0, "-0.0"},
        {3, "3.0"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e300, "1e+300"},
        {123456789012345680.0, "1.2345678901234568e+17"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {DBL_TRUE_MIN, "4.94065645841247e-324"},
        {INFINITY, "null"},
        {-INFINITY, "null"},
        {NAN, "null"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_str text = {0};
        ask_json_put_double(&(ask_json_writer){.out = &text}, NULL, cases[i].value);
        assert_string_equal(ask_str_text(&text), cases[i].text);
        ask_error err;
        ask_json *doc = ask_json_parse(text.data, text.length, "t", NULL, &err);
        CHECK_OK(doc, &err);
        double back;
        if (isfinite(cases[i].value)) {
            CHECK_OK(ask_json_get_double(&back, ask_json_root(doc), NULL, &err), &err);
            CHECK_CASE(cases[i].text, memcmp(&back, &cases[i].value, sizeof back) == 0);
        }
        ask_json_free(doc);
        ask_str_free(&text);
    }
}

static void floats_have_no_digits_of_their_conversion_to_double(void **state)
{
    (void)state;
    static const struct {
        float value;
        const char *text;
    } cases[] = {
        {0.1f, "0.1"},
        {2.42f, "2.42"},
        {16777217.0f, "16777216.0"},
        {FLT_MAX, "3.4028235e+38"},
        {FLT_TRUE_MIN, "1.4013e-45"},
        {-1, "-1.0"},
        {1.0f / 3, "0.33333334"},
        {INFINITY, "null"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_str text = {0};
        ask_json_put_float(&(ask_json_writer){.out = &text}, NULL, cases[i].value);
        assert_string_equal(ask_str_text(&text), cases[i].text);
        ask_str_free(&text);
    }
}

static bool write_all(void *user, ask_error *err)
{
    (void)user;
    ask_str text = {0};
    put_all(&(ask_json_writer){.out = &text, .pretty = true});
    char *json = ask_str_take(&text, err);
    free(json);
    return json != NULL;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    assert_in_range(test_each_alloc_fails("write", write_all, NULL), 1, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_come_out_compact_or_pretty),
        cmocka_unit_test(real_numbers_are_short_and_read_back_the_same),
        cmocka_unit_test(floats_have_no_digits_of_their_conversion_to_double),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
