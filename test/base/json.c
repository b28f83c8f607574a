#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"

static ask_json *parse(const char *text, ask_error *err)
{
    return ask_json_parse(text, strlen(text), "t.json", NULL, err);
}

static void values_of_every_type_are_read(void **state)
{
    (void)state;
    ask_error err;
    ask_json *doc =
        parse("\xEF\xBB\xBF{\"i\": -9223372036854775808, \"r\": 1e-3, \"t\": true,"
              " \"f\": false, \"n\": null, \"s\": \"\\u00e9\\n\", \"a\": [1, [2]],"
              " \"o\": {\"deep\": {\"er\": 7}}, \"a.b\": 5}",
              &err);
    CHECK_OK(doc, &err);
    ask_json_value root = ask_json_root(doc);
    int64_t i;
    CHECK_OK(ask_json_get_int(&i, root, "i", INT64_MIN, 0, &err), &err);
    assert_true(i == INT64_MIN);
    double r;
    CHECK_OK(ask_json_get_double(&r, root, "r", &err), &err);
    assert_true(r == 1e-3);
    CHECK_OK(ask_json_get_double(&r, root, "o.deep.er", &err), &err); // an integer will do
    assert_true(r == 7);
    bool b;
    CHECK_OK(ask_json_get_bool(&b, root, "t", &err), &err);
    assert_true(b);
    CHECK_OK(ask_json_get_bool(&b, root, "f", &err), &err);
    assert_false(b);
    const char *s;
    CHECK_OK(ask_json_get_string(&s, root, "s", &err), &err);
    assert_string_equal(s, "é\n");
    ask_json_value a;
    CHECK_OK(ask_json_get_array(&a, root, "a", &err), &err);
    assert_int_equal(ask_json_count(a), 2);
    CHECK_OK(ask_json_get_int(&i, a, "1.0", 2, 2, &err), &err);
    CHECK_OK(ask_json_get_int(&i, ask_json_item(a, 0), NULL, 1, 1, &err), &err);
    assert_int_equal(ask_json_type_of(ask_json_item(a, 2)), ASK_JSON_ABSENT);
    ask_json_value o;
    CHECK_OK(ask_json_get_object(&o, root, "o.deep", &err), &err);
    CHECK_OK(ask_json_get_int(&i, o, "er", 7, 7, &err), &err);
    assert_int_equal(ask_json_type_of(ask_json_find(root, "n")), ASK_JSON_NULL);
    assert_int_equal(ask_json_type_of(ask_json_find(root, "o.none.er")), ASK_JSON_ABSENT);

    // A dot in a key is reached by the exact key only.
    assert_int_equal(ask_json_type_of(ask_json_find(root, "a.b")), ASK_JSON_ABSENT);
    CHECK_OK(ask_json_get_int(&i, ask_json_member(root, "a.b"), NULL, 5, 5, &err), &err);
    ask_json_free(doc);
}

static void members_are_walked_in_the_order_of_the_text(void **state)
{
    (void)state;
    ask_error err;
    ask_json *doc = parse("{\"z\": 0, \"a\": 1, \"m.n\": 2, \"b\": 3}", &err);
    CHECK_OK(doc, &err);
    static const char *const keys[] = {"z", "a", "m.n", "b"};
    int64_t n = 0;
    for (ask_json_walk m = {0}; ask_json_next(ask_json_root(doc), &m); n++) {
        int64_t value;
        assert_string_equal(m.key, keys[n]);
        CHECK_OK(ask_json_get_int(&value, m.value, NULL, n, n, &err), &err);
    }
    assert_int_equal(n, 4);
    assert_int_equal(ask_json_count(ask_json_root(doc)), 4);
    for (ask_json_walk m = {0}; ask_json_next(ask_json_item(ask_json_root(doc), 0), &m);) {
        fail_msg("an absent value has no members");
    }
    ask_json_free(doc);
}

static void malformed_text_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        ask_error_code code;
        const char *message; // how it begins
    } cases[] = {
        {"empty", "", ASK_ERR_FORMAT, "t.json:1:0: "},
        {"not JSON", "hello", ASK_ERR_FORMAT, "t.json:1:5: invalid token near 'hello'"},
        {"cut", "{\"a\": [1,\n 2", ASK_ERR_FORMAT,
         "t.json:2:2: ']' expected near end of file"},
        {"two values", "{} {}", ASK_ERR_FORMAT,
         "t.json:1:4: end of file expected near '{'"},
        {"comma at the end", "[1,]", ASK_ERR_FORMAT,
         "t.json:1:4: unexpected token near ']'"},
        {"key twice", "{\"a\": 1,\n\"a\": 2}", ASK_ERR_FORMAT,
         "t.json:2:3: duplicate object key near '\"a\"'"},
        {"NaN", "[NaN]", ASK_ERR_FORMAT, "t.json:1:4: invalid token near 'NaN'"},
        {"overflow", "[1e999]", ASK_ERR_FORMAT, "t.json:1:6: real number overflow"},
        {"NUL in a string", "[\"a\\u0000b\"]", ASK_ERR_FORMAT, "t.json:1:11: \\u0000"},
        {"NUL in a key", "{\"a\\u0000b\": 1}", ASK_ERR_FORMAT,
         "t.json:1:11: NUL byte in object"},
        {"not UTF-8", "[\"\xff\"]", ASK_ERR_FORMAT,
         "t.json:1:2: unable to decode byte 0xff"},
        {"half a surrogate", "[\"\\ud800\"]", ASK_ERR_FORMAT,
         "t.json:1:9: invalid Unicode"},
        {"open string", "[\"abc", ASK_ERR_FORMAT, "t.json:1:5: premature end of input"},
        {"open escape", "[\"abc\\", ASK_ERR_FORMAT, "t.json:1:6: invalid escape near"},
        {"leading zero", "[01]", ASK_ERR_FORMAT, "t.json:1:2: invalid token near '0'"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_json *doc = parse(cases[i].text, &err);
        CHECK_CASE(cases[i].name, doc == NULL);
        CHECK_CASE(cases[i].name, err.code == cases[i].code);
        if (strncmp(err.message, cases[i].message, strlen(cases[i].message)) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

static void limits_of_size_and_depth_hold(void **state)
{
    (void)state;
    ask_error err;
    ask_json_limits limits = {.max_bytes = 12, .max_depth = 2};
    ask_json *doc = ask_json_parse("[[1, \"[[[\"]]", 12, "t", &limits, &err);
    CHECK_OK(doc, &err);
    ask_json_free(doc);
    assert_null(ask_json_parse("[1, 2, 3, 45]", 13, "t", &limits, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_string_equal(err.message, "t: 13 bytes of JSON, at most 12 are read");
    assert_null(ask_json_parse("[\n[{}]]", 7, "t", &limits, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_string_equal(err.message, "t:2: nested deeper than 2 levels");

    enum { DEEP = 1 << 20 };
    char *deep = malloc(DEEP);
    memset(deep, '[', DEEP);
    assert_null(ask_json_parse(deep, DEEP, "deep", NULL, &err));
    assert_string_equal(err.message, "deep:1: nested deeper than 128 levels");
    free(deep);
}

static void getters_say_what_is_wrong_and_leave_the_output(void **state)
{
    (void)state;
    static const char text[] =
        "{\"vision_config\": {\"hidden_size\": \"big\", \"layers\": [{\"k\": 1}, null, "
        "true]},"
        " \"n\": 12, \"r\": 2.5, \"x\": null, \"wide\": 9223372036854775808,"
        " \"\": {\"\": []}}";
    typedef enum { INT, DOUBLE, BOOL, STRING, ARRAY, OBJECT } kind;
    static const struct {
        kind get;
        const char *path, *message; // message after "t.json: "
    } cases[] = {
        {INT, "vision_config.hidden_size",
         "key \"vision_config.hidden_size\": expected an integer, got a string"},
        {INT, "vision_config.depth", "key \"vision_config.depth\" is missing"},
        {INT, "audio.depth", "key \"audio.depth\" is missing"},
        {INT, "n.depth", "key \"n\": expected an object, got the integer 12"},
        {INT, "n", "key \"n\": expected an integer from 1 to 9, got 12"},
        {INT, "r", "key \"r\": expected an integer, got the real number 2.5"},
        {INT, "wide",
         "key \"wide\": expected an integer, got the real number 9.223372036854776e+18"},
        {INT, "x", "key \"x\": expected an integer, got null"},
        {INT, NULL, "expected an integer, got an object"},
        {INT, "vision_config.layers.2",
         "key \"vision_config.layers[2]\": expected an integer, got true"},
        {INT, "vision_config.layers.3", "key \"vision_config.layers.3\" is missing"},
        {INT, "vision_config.layers.x", "key \"vision_config.layers.x\" is missing"},
        {INT, "vision_config.layers.99999999999999999999999",
         "key \"vision_config.layers.99999999999999999999999\" is missing"},
        {DOUBLE, "vision_config.layers.1",
         "key \"vision_config.layers[1]\": expected a number, got null"},
        {DOUBLE, "vision_config.layers",
         "key \"vision_config.layers\": expected a number, got an array"},
        {BOOL, "n", "key \"n\": expected true or false, got the integer 12"},
        {STRING, "vision_config.layers.0",
         "key \"vision_config.layers[0]\": expected a string, got an object"},
        {ARRAY, "n", "key \"n\": expected an array, got the integer 12"},
        {OBJECT, "vision_config.layers",
         "key \"vision_config.layers\": expected an object, got an array"},
    };
    ask_error err;
    ask_json *doc = parse(text, &err);
    CHECK_OK(doc, &err);
    ask_json_value root = ask_json_root(doc);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *path = cases[i].path;
        int64_t whole = 77;
        double real = 77;
        bool truth = true;
        const char *string = "kept";
        ask_json_value value = {.index = 77};
        bool ok = true;
        switch (cases[i].get) {
        case INT:
            ok = ask_json_get_int(&whole, root, path, 1, 9, &err);
            break;
        case DOUBLE:
            ok = ask_json_get_double(&real, root, path, &err);
            break;
        case BOOL:
            ok = ask_json_get_bool(&truth, root, path, &err);
            break;
        case STRING:
            ok = ask_json_get_string(&string, root, path, &err);
            break;
        case ARRAY:
            ok = ask_json_get_array(&value, root, path, &err);
            break;
        case OBJECT:
            ok = ask_json_get_object(&value, root, path, &err);
            break;
        }
        const char *name = cases[i].message;
        CHECK_CASE(name, !ok && err.code == ASK_ERR_FORMAT);
        CHECK_CASE(name, whole == 77 && real == 77 && truth && value.index == 77);
        CHECK_CASE(name, strcmp(string, "kept") == 0);
        CHECK_CASE(name, strncmp(err.message, "t.json: ", 8) == 0);
        assert_string_equal(err.message + 8, cases[i].message);
    }

    // A value that was reached through others still knows its whole path.
    ask_json_value layers = ask_json_find(root, "vision_config.layers");
    int64_t whole;
    assert_false(ask_json_get_int(&whole, ask_json_item(layers, 0), "k.v", 0, 9, &err));
    assert_string_equal(err.message,
                        "t.json: key \"vision_config.layers[0].k\": expected an "
                        "object, got the integer 1");
    assert_false(ask_json_get_int(&whole, ask_json_item(layers, 1), NULL, 0, 9, &err));
    assert_string_equal(
        err.message,
        "t.json: key \"vision_config.layers[1]\": expected an integer, got null");
    assert_false(
        ask_json_get_int(&whole, ask_json_find(root, "audio"), "depth", 0, 9, &err));
    assert_string_equal(err.message,
                        "t.json: the value that should hold \"depth\" is missing");
    assert_false(ask_json_fail(layers, &err, "has %d items", 3));
    assert_string_equal(err.message, "t.json: key \"vision_config.layers\": has 3 items");
    ask_json_free(doc);
}

static void optional_values_fall_back_but_wrong_ones_do_not(void **state)
{
    (void)state;
    ask_error err;
    ask_json *doc = parse("{\"n\": 3, \"x\": null, \"s\": \"a\", \"b\": true}", &err);
    CHECK_OK(doc, &err);
    ask_json_value root = ask_json_root(doc);
    static const struct {
        const char *path;
        int64_t value;
    } cases[] = {{"n", 3}, {"x", 42}, {"none", 42}, {"none.deeper", 42}, {"x.deeper", 42}};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        int64_t n;
        CHECK_OK(ask_json_opt_int(&n, root, cases[i].path, 0, 9, 42, &err), &err);
        CHECK_CASE(cases[i].path, n == cases[i].value);
        double d;
        CHECK_OK(ask_json_opt_double(&d, root, cases[i].path, 42, &err), &err);
        CHECK_CASE(cases[i].path, d == (double)cases[i].value);
    }
    const char *s;
    CHECK_OK(ask_json_opt_string(&s, root, "s", "z", &err), &err);
    assert_string_equal(s, "a");
    CHECK_OK(ask_json_opt_string(&s, root, "x", NULL, &err), &err);
    assert_null(s);
    bool b;
    CHECK_OK(ask_json_opt_bool(&b, root, "b", false, &err), &err);
    assert_true(b);
    CHECK_OK(ask_json_opt_bool(&b, ask_json_find(root, "none"), NULL, false, &err), &err);
    assert_false(b);

    int64_t n = 5;
    assert_false(ask_json_opt_int(&n, root, "s", 0, 9, 42, &err));
    assert_string_equal(err.message,
                        "t.json: key \"s\": expected an integer, got a string");
    assert_false(ask_json_opt_int(&n, root, "n", 4, 9, 42, &err));
    assert_false(ask_json_opt_int(&n, root, "s.deeper", 0, 9, 42, &err));
    assert_string_equal(err.message, "t.json: key \"s\": expected an object, got a string");
    assert_int_equal(n, 5);
    ask_json_free(doc);
}

static void integers_beyond_64_bits_are_real_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        ask_json_type type;
        double value;
    } cases[] = {
        {"9223372036854775807", ASK_JSON_INT, 9223372036854775807.0},
        {"-9223372036854775808", ASK_JSON_INT, -9223372036854775808.0},
        {"9223372036854775808", ASK_JSON_REAL, 9223372036854775808.0},
        {"-9223372036854775809", ASK_JSON_REAL, -9223372036854775808.0},
        {"18446744073709551616", ASK_JSON_REAL, 18446744073709551616.0},
        // what Python's tokenizers write for "no limit": int(1e30)
        {"1000000000000000019884624838656", ASK_JSON_REAL, 1e30},
        {"1000000000000000019884624838656.5", ASK_JSON_REAL, 1e30},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char text[128];
        snprintf(text, sizeof text, "{\"12345678901234567890\": [%s,%s]}", cases[i].text,
                 cases[i].text);
        ask_error err;
        ask_json *doc = parse(text, &err);
        CHECK_OK(doc, &err);
        ask_json_value list = ask_json_member(ask_json_root(doc), "12345678901234567890");
        assert_int_equal(ask_json_count(list), 2);
        for (size_t k = 0; k < 2; k++) {
            double value;
            CHECK_CASE(cases[i].text,
                       ask_json_type_of(ask_json_item(list, k)) == cases[i].type);
            CHECK_OK(ask_json_get_double(&value, ask_json_item(list, k), NULL, &err), &err);
            CHECK_CASE(cases[i].text, value == cases[i].value);
        }
        ask_json_free(doc);
    }
}

static void files_are_read_and_named_in_messages(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    const char *path = test_path(dir, "config.json");
    test_write_text(path, "{\"a\": 1,\n \"b\" 2}");
    ask_error err;
    assert_null(ask_json_read(path, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_FORMAT);
    assert_non_null(strstr(err.message, "config.json:2:6: ':' expected near '2'"));

    test_write_text(path, "{\"a\": 1}");
    ask_json *doc = ask_json_read(path, NULL, &err);
    CHECK_OK(doc, &err);
    bool b;
    assert_false(ask_json_get_bool(&b, ask_json_root(doc), "a", &err));
    assert_non_null(strstr(err.message, "config.json: key \"a\": expected true or false"));
    ask_json_free(doc);

    assert_null(ask_json_read(path, &(ask_json_limits){4, 4}, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_null(ask_json_read(test_path(dir, "none.json"), NULL, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    test_temp_dir_remove(dir);
}

static bool parse_and_complain(void *user, ask_error *err)
{
    (void)user;
    ask_json *doc = parse("{\"a\": {\"b\": [1, 12345678901234567890]}}", err);
    if (!doc) return false;
    int64_t n;
    bool is_right = ask_json_get_int(&n, ask_json_root(doc), "a.b.1", 0, 9, err);
    ask_json_free(doc);
    if (err->code == ASK_ERR_NOMEM) return false;
    return !is_right && strstr(err->message, "key \"a.b[1]\"");
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    int n = test_each_alloc_fails("json", parse_and_complain, NULL);
    assert_in_range(n, 4, 1000); // document, name, changed text, message
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_every_type_are_read),
        cmocka_unit_test(members_are_walked_in_the_order_of_the_text),
        cmocka_unit_test(malformed_text_is_refused_with_its_place),
        cmocka_unit_test(limits_of_size_and_depth_hold),
        cmocka_unit_test(getters_say_what_is_wrong_and_leave_the_output),
        cmocka_unit_test(optional_values_fall_back_but_wrong_ones_do_not),
        cmocka_unit_test(integers_beyond_64_bits_are_real_numbers),
        cmocka_unit_test(files_are_read_and_named_in_messages),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
