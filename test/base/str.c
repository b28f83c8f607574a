#include "base/str.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"

static void a_text_grows_by_appending(void **state)
{
    (void)state;
    ask_str s = {0};
    assert_string_equal(ask_str_text(&s), "");
    ask_str_append(&s, "ab");
    ask_str_append_char(&s, 'c');
    ask_str_append_bytes(&s, "d\0e", 3);
    ask_str_printf(&s, "%03d", 7);
    assert_int_equal(s.length, 9);
    assert_memory_equal(s.data, "abcd\0e007", 10);
    ask_str_clear(&s);
    for (int i = 0; i < 1000; i++) ask_str_printf(&s, "%d,", i);
    assert_int_equal(s.length, 10 * 2 + 90 * 3 + 900 * 4);
    assert_string_equal(s.data + s.length - 8, "998,999,");
    ask_str_free(&s);
    assert_null(s.data);
}

static void taking_hands_the_text_over(void **state)
{
    (void)state;
    ask_str s = {0};
    char *empty = ask_str_take(&s, NULL);
    assert_string_equal(empty, "");
    ask_str_append(&s, "mine");
    char *text = ask_str_take(&s, NULL);
    assert_string_equal(text, "mine");
    assert_null(s.data);
    assert_int_equal(s.length, 0);
    free(empty);
    free(text);
}

static void out_of_memory_sticks_until_it_is_cleared(void **state)
{
    (void)state;
    ask_str s = {0};
    ask_str_append(&s, "here");
    char large[200];
    memset(large, 'x', sizeof large);
    test_fail_alloc_at(1);
    ask_str_append_bytes(&s, large, sizeof large);
    assert_true(s.failed);
    ask_str_append(&s, "!");
    assert_string_equal(ask_str_text(&s), "here");
    ask_error err = {0};
    assert_null(ask_str_take(&s, &err));
    assert_int_equal(err.code, ASK_ERR_NOMEM);
    assert_false(s.failed);
    assert_null(s.data);
}

static bool write_a_document(void *user, ask_error *err)
{
    ask_str s = {0};
    for (int i = 0; i < 40; i++) ask_str_printf(&s, "line %d\n", i);
    ask_str_append(&s, "end");
    char *text = ask_str_take(&s, err);
    if (!text) return false;
    bool whole = strlen(text) == *(size_t *)user;
    free(text);
    return whole || ask_fail(err, ASK_ERR_BUG, "a part is missing");
}

static void a_document_is_whole_or_refused_when_memory_runs_out(void **state)
{
    (void)state;
    size_t length = 10 * 7 + 30 * 8 + 3;
    assert_true(test_each_alloc_fails("document", write_a_document, &length) >= 3);
    test_fail_alloc_at(1);
    ask_error err = {0};
    assert_null(ask_strdup("text", &err));
    assert_int_equal(err.code, ASK_ERR_NOMEM);
}

/* Uses whichever locale with a decimal comma the machine has. */
static void formatting_does_not_depend_on_the_locale(void **state)
{
    (void)state;
    static const char *const commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ru_RU.UTF-8"};
    for (size_t i = 0; i < TEST_COUNT(commas); i++)
        if (setlocale(LC_ALL, commas[i])) break;
    char text[32];
    assert_int_equal(ask_format(text, sizeof text, "%.2f", 1.5), 4);
    setlocale(LC_ALL, "C");
    assert_string_equal(text, "1.50");
}

static void prefixes_and_suffixes_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
        bool starts, ends;
    } cases[] = {
        {"abc", "", true, true},       {"abc", "ab", true, false},
        {"abc", "bc", false, true},    {"abc", "abc", true, true},
        {"abc", "abcd", false, false}, {"", "", true, true},
        {"", "a", false, false},       {"aXa", "a", true, true},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        CHECK_CASE(cases[i].part,
                   ask_starts_with(cases[i].text, cases[i].part) == cases[i].starts);
        CHECK_CASE(cases[i].part,
                   ask_ends_with(cases[i].text, cases[i].part) == cases[i].ends);
    }
}

static void patterns_match_whole_texts(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "a/b", true},
        {"?", "", false},
        {"?", "a", true},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"*.png", "frame.png", true},
        {"*.png", "frame.png.txt", false},
        {"a*b*c", "a--b--b--c", true},
        {"a*b*c", "a--c--b", false},
        {"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
        {"**a**", "xxaxx", true},
        {"layers.*.weight", "layers.10.weight", true},
        {"layers.?.weight", "layers.10.weight", false},
        {"*", "*", true},
        {"a*", "a*b", true},
        {"?", "\xc3\xa9", true},
        {"??", "\xc3\xa9", false},
        {"*???", "\xf0\x9f\x90\xb1", false},
        {"?\xc3\xa9?", "\xe2\x82\xac\xc3\xa9\xff", true},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        CHECK_CASE(cases[i].pattern,
                   ask_glob_match(cases[i].pattern, cases[i].text) == cases[i].matches);
}

/* Each text comes before all that follow. */
static void names_sort_as_people_count(void **state)
{
    (void)state;
    static const char *const sorted[] = {
        "",
        "01",
        "1",
        "2",
        "10",
        "0010a",
        "A",
        "a",
        "frame",
        "frame02",
        "frame2",
        "frame2b",
        "frame10",
        "frame10.png",
        "frame99999999999999999999",
        "frame100000000000000000000",
        "g",
        "\xc3\xa9",
    };
    for (size_t i = 0; i < TEST_COUNT(sorted); i++)
        for (size_t k = 0; k < TEST_COUNT(sorted); k++) {
            int order = ask_compare_natural(sorted[i], sorted[k]);
            int sign = (order > 0) - (order < 0);
            CHECK_CASE(sorted[i], sign == (i > k) - (i < k));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_grows_by_appending),
        cmocka_unit_test(taking_hands_the_text_over),
        cmocka_unit_test(out_of_memory_sticks_until_it_is_cleared),
        cmocka_unit_test(a_document_is_whole_or_refused_when_memory_runs_out),
        cmocka_unit_test(formatting_does_not_depend_on_the_locale),
        cmocka_unit_test(prefixes_and_suffixes_are_found),
        cmocka_unit_test(patterns_match_whole_texts),
        cmocka_unit_test(names_sort_as_people_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
