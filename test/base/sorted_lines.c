/* The lines of a text as a set. */
#include "base/sorted_lines.h"

#include <stdlib.h>
#include <string.h>

#include "support/testing.h"

static void lines_come_sorted_and_once(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *lines[4];
    } cases[] = {
        {"b\na\nb\n\nc\na\n", {"a", "b", "c"}},
        {"no end", {"no end"}},
        {"\n\n", {NULL}},
        {"", {NULL}},
        {"B\na\nA\n", {"A", "B", "a"}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char text[32];
        size_t n, expected = 0;
        strcpy(text, cases[i].text);
        const char **lines = ask_sorted_lines(text, &n, NULL);
        assert_non_null(lines);
        while (cases[i].lines[expected]) expected++;
        assert_int_equal(n, expected);
        for (size_t k = 0; k < n; k++) assert_string_equal(lines[k], cases[i].lines[k]);
        free(lines);
    }
}

static void nothing_is_an_empty_text(void **state)
{
    (void)state;
    size_t n = 7;
    const char **lines = ask_sorted_lines(NULL, &n, NULL);
    assert_non_null(lines);
    assert_int_equal(n, 0);
    free(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_sorted_and_once),
        cmocka_unit_test(nothing_is_an_empty_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
