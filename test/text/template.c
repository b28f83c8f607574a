/* Templates against what Jinja makes of them (tools/golden/templates.py), their errors, and
 * their limits. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/str.h"
#include "support/testing.h"
#include "text/template.h"

/* How a case ends other than with a result. */
enum { SYNTAX = 1, RUNTIME, RAISED };

/* How a case is to end: 0 with a result. */
static int expected_end(ask_json_value c)
{
    ask_error err = {0};
    const char *word;
    CHECK_OK(ask_json_opt_string(&word, c, "error", "", &err), &err);
    if (*word == '\0') return 0;
    return strcmp(word, "syntax") == 0   ? SYNTAX
           : strcmp(word, "raised") == 0 ? RAISED
                                         : RUNTIME;
}

static void check_error(const char *text, bool is_parsed, int end, const ask_error *err)
{
    if (is_parsed == (end == SYNTAX))
        fail_msg("template \"%s\": failed %s: %s", text, is_parsed ? "late" : "early",
                 err->message);
    bool known = err->code == ASK_ERR_FORMAT || err->code == ASK_ERR_UNSUPPORTED ||
                 err->code == ASK_ERR_LIMIT;
    if (end == RAISED ? err->code == ASK_ERR_USAGE : known) return;
    fail_msg("template \"%s\": code %d, %s", text, err->code, err->message);
}

/* Renders, and compares byte for byte, or finds that it fails as it should. */
static void check_case(const char *name, const char *text, ask_json_value variables,
                       int64_t now, ask_json_value c)
{
    ask_error err = {0};
    int end = expected_end(c);
    ask_template_limits limits = ask_template_default_limits();
    limits.now_unix_s = now;
    ask_template *t = ask_template_parse(text, strlen(text), "case", &err);
    char *out = t ? ask_template_render(t, variables, &limits, &err) : NULL;
    bool is_parsed = t != NULL;
    ask_template_free(t);
    if (!out) {
        if (end == 0) fail_msg("%s \"%s\": %s", name, text, err.message);
        check_error(text, is_parsed, end, &err);
        return;
    }
    const char *result = NULL;
    if (end != 0) fail_msg("%s \"%s\": \"%s\" and no error", name, text, out);
    CHECK_OK(ask_json_get_string(&result, c, "result", &err), &err);
    if (strcmp(out, result) != 0)
        fail_msg("%s \"%s\":\ngot      \"%s\"\nexpected \"%s\"", name, text, out, result);
    free(out);
}

static void every_construct_does_what_jinja_does(void **state)
{
    (void)state;
    ask_error err = {0};
    int64_t now;
    ask_json *doc;
    CHECK_OK(doc = ask_json_read(test_fixture("templates/constructs.json"), NULL, &err),
             &err);
    ask_json_value root = ask_json_root(doc), cases = ask_json_find(root, "cases");
    CHECK_OK(ask_json_get_int(&now, root, "now", 0, INT64_MAX, &err), &err);
    assert_true(ask_json_count(cases) > 250);
    for (size_t i = 0; i < ask_json_count(cases); i++) {
        ask_json_value c = ask_json_item(cases, i);
        const char *kind, *text;
        CHECK_OK(ask_json_get_string(&kind, c, "kind", &err), &err);
        CHECK_OK(ask_json_get_string(&text, c, "template", &err), &err);
        check_case(kind, text, ask_json_find(root, "variables"), now, c);
    }
    ask_json_free(doc);
}

static void conversations_come_out_as_with_jinja(void **state)
{
    (void)state;
    ask_error err = {0};
    int64_t now;
    ask_json *doc;
    CHECK_OK(doc = ask_json_read(test_fixture("templates/conversations.json"), NULL, &err),
             &err);
    ask_json_value root = ask_json_root(doc), cases = ask_json_find(root, "cases");
    CHECK_OK(ask_json_get_int(&now, root, "now", 0, INT64_MAX, &err), &err);
    assert_true(ask_json_count(cases) > 150);
    for (size_t i = 0; i < ask_json_count(cases); i++) {
        ask_json_value c = ask_json_item(cases, i);
        const char *name, *shape, *text;
        CHECK_OK(ask_json_get_string(&name, c, "name", &err), &err);
        CHECK_OK(ask_json_get_string(&shape, c, "shape", &err), &err);
        ask_json_value template = ask_json_member(ask_json_find(root, "shapes"), shape);
        CHECK_OK(ask_json_get_string(&text, template, NULL, &err), &err);
        check_case(name, text, ask_json_find(c, "variables"), now, c);
    }
    ask_json_free(doc);
}

/* ---- errors ---- */

static const struct {
    const char *text;
    ask_error_code code;
    const char *message;
} refused[] = {
    {"a\n{% include 'x' %}", ASK_ERR_UNSUPPORTED, "t:2: {% include %} is not supported"},
    {"{% extends 'x' %}", ASK_ERR_UNSUPPORTED, "t:1: {% extends %} is not supported"},
    {"{% import 'x' as y %}", ASK_ERR_UNSUPPORTED, "t:1: {% import %} is not supported"},
    {"{% block x %}{% endblock %}", ASK_ERR_UNSUPPORTED,
     "t:1: {% block %} is not supported"},
    {"{% call f() %}{% endcall %}", ASK_ERR_UNSUPPORTED,
     "t:1: {% call %} is not supported"},
    {"{% shout %}", ASK_ERR_UNSUPPORTED, "t:1: the tag {% shout %} is not known"},
    {"\n\n{{ x | shout }}", ASK_ERR_UNSUPPORTED, "t:3: the filter \"shout\" is not known"},
    {"{{ x is loud }}", ASK_ERR_UNSUPPORTED, "t:1: the test \"loud\" is not known"},
    {"{% for x in y recursive %}{% endfor %}", ASK_ERR_UNSUPPORTED,
     "t:1: recursive loops are not supported"},
    {"{{ '\\N{DASH}' }}", ASK_ERR_UNSUPPORTED, "t:1: \\N{} is not supported in strings"},
    {"{{ 99999999999999999999 }}", ASK_ERR_UNSUPPORTED,
     "t:1: the number 99999999999999999999 does not fit 64 bits"},
    {"{{ shout(1) }}", ASK_ERR_UNSUPPORTED,
     "t:1: 'shout' is undefined: it cannot be called"},
    {"{{ 'a'.shout() }}", ASK_ERR_UNSUPPORTED,
     "t:1: 'str object' has no attribute 'shout': it cannot be called"},
    {"{{ [1].append(2) }}", ASK_ERR_UNSUPPORTED,
     "t:1: a method that changes a list in place is called"},
    {"{{ 9223372036854775807 + 1 }}", ASK_ERR_UNSUPPORTED,
     "t:1: a whole number does not fit 64 bits"},
    {"{{ '%q' % 1 }}", ASK_ERR_UNSUPPORTED, "t:1: the format letter 'q' is not supported"},
    {"{% if x %}\n", ASK_ERR_FORMAT, "t:1: {% endif %} is missing"},
    {"{{ 1 +\n }}", ASK_ERR_FORMAT, "t:2: expected an expression, got }}"},
    {"{{ x", ASK_ERR_FORMAT, "t:1: a tag has no end: }} is missing"},
    {"{{ (1] }}", ASK_ERR_FORMAT, "t:1: unexpected ']'"},
    {"{# x", ASK_ERR_FORMAT, "t:1: a comment has no end: #} is missing"},
    {"{% raw %}x", ASK_ERR_FORMAT, "t:1: {% raw %} has no {% endraw %}"},
    {"{% break %}", ASK_ERR_FORMAT, "t:1: {% break %} stands outside of a loop"},
    {"a\xFF", ASK_ERR_FORMAT, "t: not text in UTF-8"},
    {"\n{{ a.b }}", ASK_ERR_FORMAT, "t:2: 'a' is undefined"},
    {"{{ [1][0].b.c }}", ASK_ERR_FORMAT, "t:1: 'int object' has no attribute 'b'"},
    {"{{ 1 / 0 }}", ASK_ERR_FORMAT, "t:1: division by zero"},
    {"{{ 'a' + 1 }}", ASK_ERR_FORMAT, "t:1: unsupported operand types: 'str' and 'int'"},
    {"{% for x in 1 %}{% endfor %}", ASK_ERR_FORMAT, "t:1: 'int' object is not iterable"},
    {"{% macro f(a) %}{% endmacro %}{{ f(b=1) }}", ASK_ERR_FORMAT,
     "t:1: macro 'f' takes no keyword argument 'b'"},
    {"\n{{ raise_exception('not so') }}", ASK_ERR_USAGE, "t:2: not so"},
    {"{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", ASK_ERR_LIMIT,
     "t:1: nested deeper than 600 levels"},
    {"{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
     ASK_ERR_LIMIT, "t:1: the rendering takes too many steps"},
    {"{% set ns = namespace(s='aaaaaaaa') %}{% for i in range(99) %}{% set ns.s = ns.s ~ "
     "ns.s "
     "%}{% endfor %}",
     ASK_ERR_LIMIT, "t:1: the rendering takes more than 1048576 bytes"},
    {"{{ 'abcdefghij' * 999999999999 }}", ASK_ERR_LIMIT,
     "t:1: the rendering takes more than 1048576 bytes"},
    {"{{ range(999999999) }}", ASK_ERR_LIMIT, "t:1: a range has more than 100000 numbers"},
    {"{% set ns = namespace(l=[]) %}{% for i in range(900) %}{% set ns.l = [ns.l] %}{% "
     "endfor "
     "%}{{ ns.l }}",
     ASK_ERR_LIMIT, "t:1: nested deeper than 600 levels"},
};

static char *render_text(const char *text, ask_error *err)
{
    // Enough for every range that is meant to be made.
    ask_template_limits limits = {.max_steps = 300000, .max_bytes = 1 << 20};
    if (strstr(text, "99999)")) limits.max_bytes = 64 << 20;
    if (strstr(text, "999999999)")) limits.max_bytes = 64 << 20;
    ask_template *t = ask_template_parse(text, strlen(text), "t", err);
    char *out = t ? ask_template_render(t, (ask_json_value){0}, &limits, err) : NULL;
    ask_template_free(t);
    return out;
}

static void what_cannot_be_done_is_told_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(refused); i++) {
        ask_error err = {0};
        char *out = render_text(refused[i].text, &err);
        if (out) fail_msg("\"%s\": \"%s\" and no error", refused[i].text, out);
        if (strcmp(err.message, refused[i].message) != 0 || err.code != refused[i].code)
            fail_msg("\"%s\": code %d, \"%s\"", refused[i].text, err.code, err.message);
    }
}

/* n times one text, then another, then n times a third. */
static char *nested(const char *open, const char *middle, const char *close, int n)
{
    ask_error err = {0};
    ask_str text = {0};
    for (int i = 0; i < n; i++) ask_str_append(&text, open);
    ask_str_append(&text, middle);
    for (int i = 0; i < n; i++) ask_str_append(&text, close);
    char *whole;
    CHECK_OK(whole = ask_str_take(&text, &err), &err);
    return whole;
}

static void what_is_too_deep_is_refused_and_not_followed(void **state)
{
    (void)state;
    static const struct {
        const char *open, *middle, *close;
    } deep[] = {
        {"{{", "", ""},
        {"{% if 1 %}", "x", "{% endif %}"},
        {"{% for x in [1] %}", "x", "{% endfor %}"},
        {"{% if 1 %}{{ 1 }}{% elif 1 %}", "", ""},
    };
    static const char *const inside[] = {"(",  "[",   "-",      "not ", "1+",
                                         "1~", "{1:", "a.b|d(", "a[",   "1 if "};
    for (size_t i = 0; i < TEST_COUNT(deep); i++) {
        ask_error err = {0};
        char *text = nested(deep[i].open, deep[i].middle, deep[i].close, 5000);
        assert_null(render_text(text, &err));
        free(text);
    }
    for (size_t i = 0; i < TEST_COUNT(inside); i++) {
        ask_error err = {0};
        char *many = nested(inside[i], "1", "", 20000);
        ask_str text = {0};
        ask_str_printf(&text, "{{ %s }}", many);
        char *out = render_text(text.data, &err);
        assert_true(out || err.code == ASK_ERR_LIMIT || err.code == ASK_ERR_FORMAT);
        free(out);
        free(many);
        ask_str_free(&text);
    }
}

static void a_template_without_anything_gives_an_empty_text(void **state)
{
    (void)state;
    ask_error err = {0};
    char *out;
    CHECK_OK(out = render_text("", &err), &err);
    assert_string_equal(out, "");
    free(out);
}

static bool attempt(void *user, ask_error *err)
{
    const char *text = user;
    ask_template *t = ask_template_parse(text, strlen(text), "t", err);
    char *out = t ? ask_template_render(t, (ask_json_value){0}, NULL, err) : NULL;
    bool ok = out != NULL;
    free(out);
    ask_template_free(t);
    return ok;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    char text[] =
        "{% macro f(a, b=2) %}{{ [a, b] | map('string') | join('-') }}{% endmacro %}"
        "{% for k, v in {'x': 1}.items() %}{{ loop.index }}{{ f(k, b=v) }}{% endfor %}"
        "{{ 'abc'.split('b') | tojson(indent=2) }}";
    assert_true(test_each_alloc_fails("a template", attempt, text) > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_construct_does_what_jinja_does),
        cmocka_unit_test(conversations_come_out_as_with_jinja),
        cmocka_unit_test(what_cannot_be_done_is_told_with_its_line),
        cmocka_unit_test(what_is_too_deep_is_refused_and_not_followed),
        cmocka_unit_test(a_template_without_anything_gives_an_empty_text),
        cmocka_unit_test(every_allocation_may_fail),
    };
    setenv("TZ", "UTC", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
