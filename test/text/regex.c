/* Expressions as Oniguruma reads them; what is expected was found out with it, by the
 * Hugging Face tokenizers library. */
#include <stdio.h>
#include <string.h>

#include "support/testing.h"
#include "text/regex_priv.h"

/* All matches of a pattern in a text, as "begin-end begin-end ". */
static void find_all(char out[256], const char *pattern, bool literal, const char *text)
{
    ask_error err = {0};
    ask_regex *re = ask_regex_new(pattern, literal, &err);
    if (!re) fail_msg("%s: %s", pattern, err.message);
    ask_regex_search *s = ask_regex_search_open(re, text, strlen(text), &err);
    CHECK_OK(s, &err);
    size_t begin, end, n = 0;
    out[0] = '\0';
    for (bool found;;) {
        CHECK_OK(ask_regex_search_next(s, &found, &begin, &end, &err), &err);
        if (!found) break;
        n += (size_t)snprintf(out + n, 256 - n, "%zu-%zu ", begin, end);
    }
    ask_regex_search_close(s);
    ask_regex_free(re);
}

static void expressions_find_what_oniguruma_finds(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text, *found;
    } cases[] = {
        {"a|b", "xabx", "1-2 2-3 "},
        {"x*", "axxb", "0-0 1-3 4-4 "},
        {"", "ab", "0-0 1-1 2-2 "},
        {"(?=b)", "abb", "1-1 2-2 "},
        {"\\s", " \xC2\xA0\xE1\xA0\x8E\xC2\x85", "0-1 1-3 6-8 "}, // not U+180E
        {"[^\\s]", " \xE1\xA0\x8E", "1-4 "},
        {"\\S+", "a b", "0-1 2-3 "},
        {"\\w+", "a_1\xCC\x81-\xC2\xBD\xE2\x80\x8D", "0-5 6-8 "}, // also 1/2, no joiner
        {"[\\w]+", "a\xC2\xBD", "0-1 "},                          // here without 1/2
        {"\\W", "a-\xC2\xBD", "1-2 "},
        {"[\\W_]+", "a_-b", "1-3 "},
        {"[^\\W_]+", "a_-b", "0-1 3-4 "},
        {"[^\\W\\d]+", "a1-b", "0-1 3-4 "},
        {"\\d+", "1\xD9\xA2x", "0-3 "},
        {"\\h+", "xafz", "1-3 "},
        {"[\\h-]+", "xa-z", "1-3 "},
        {"\\v", "a\x0B\n", "1-2 "},
        {"\\bcat\\b", "cat cats", "0-3 "},
        {"\\B", "ab", "1-1 "},
        {"^a", "a\na", "0-1 2-3 "},
        {"a$", "a\na", "0-1 2-3 "},
        {"\\Aa", "a\na", "0-1 "},
        {".+", "a\nb", "0-1 2-3 "},
        {"(?m).+", "a\nb", "0-3 "},
        {"(?m:.)+", "a\nb", "0-3 "},
        {"(?i:AB)c", "abc abC", "0-3 "},
        {"(?mi-x:A.)", "a\n", "0-2 "},
        {"a{,2}", "aaa", "0-2 2-3 "},
        {"a{2}", "aaaaa", "0-2 2-4 "},
        {"a{", "a{", "0-2 "},
        {"\\p{N}{1,3}+", "1234567", "0-7 "},
        {"(ab){1,2}+", "ababab", "0-6 "},
        {"[ab]{1,2}+", "aabab", "0-5 "},
        {"a++b|a", "aab", "0-3 "},
        {"\\p{Han}+", "\xE6\xBC\xA2\xE3\x83\xBB", "0-3 "}, // not the shared U+30FB
        {"\\p{^L}+", "a1-b", "1-3 "},
        {"\\P{L}+", "a1-b", "1-3 "},
        {"\\p{Alpha}+\\p{Punct}", "ab+ab!", "3-6 "},
        {"[[:alpha:]]+", "ab1", "0-2 "},
        {"[[:punct:]]+", "a+!", "1-3 "},
        {"[[:^space:]]+", "a b", "0-1 2-3 "},
        {"[^[:space:]]+", "a b", "0-1 2-3 "},
        {"[a[bc]d]+", "abcde", "0-4 "},
        {"[a[^b]]+", "cba", "0-1 2-3 "},
        {"[a-z&&[^aeiou]]+", "abcde", "1-4 "},
        {"[^a-z&&[^aeiou]]+", "abcde", "0-1 4-5 "},
        {"[a&&]", "a", ""},
        {"[]a]+", "a]", "0-2 "},
        {"\\u0061", "a", "0-1 "},
        {"[\\u0061-\\u0063]+", "abcd", "0-3 "},
        {"(a)(b)?\\1", "aa aba", "0-2 3-6 "},
        {"(?<x>a)\\k<x>", "aa", "0-2 "},
        {"a\\\\|\\[", "a\\[", "0-2 2-3 "},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char found[256];
        find_all(found, cases[i].pattern, false, cases[i].text);
        if (strcmp(found, cases[i].found) != 0)
            fail_msg("%s in \"%s\": %s, not %s", cases[i].pattern, cases[i].text, found,
                     cases[i].found);
    }
}

static void a_literal_stands_for_itself(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text, *found;
    } cases[] = {
        {".", "a.b", "1-2 "},
        {"(?", "a(?", "1-3 "},
        {"aa", "aaaaa", "0-2 2-4 "},
        {"\xC3\xA9", "e\xC3\xA9", "1-3 "},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char found[256];
        find_all(found, cases[i].pattern, true, cases[i].text);
        CHECK_CASE(cases[i].pattern, strcmp(found, cases[i].found) == 0);
    }
}

static void bad_patterns_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *message;
    } cases[] = {
        {"(", "missing closing parenthesis"},
        {"a)", "unmatched closing parenthesis"},
        {"[a", "[ without ]"},
        {"[a&&", "[ without ]"},
        {"a\\", "\\ at the end"},
        {"[\\", "\\ at the end"},
        {"*", "quantifier does not follow"},
        {"\\u12", "\\u without four digits"},
        {"\\p{Klingon}", "unknown"},
        {"[[:nope:]]", "an unknown [:name:]"},
        {"(?~a)", "is not valid"},
        {"\\C", "is not valid"},
        {"(a{1000}){1000}{1000}", "is not valid"},
        {"[z-a]", "range out of order"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_regex *re = ask_regex_new(cases[i].pattern, false, &err);
        CHECK_CASE(cases[i].pattern, !re && err.code == ASK_ERR_FORMAT);
        if (!strstr(err.message, cases[i].message))
            fail_msg("%s: \"%s\"", cases[i].pattern, err.message);
    }
}

static void nesting_has_an_end(void **state)
{
    (void)state;
    static const char openers[] = "([";
    for (int k = 0; openers[k]; k++) {
        char pattern[1001];
        ask_error err = {0};
        memset(pattern, openers[k], 1000);
        pattern[1000] = '\0';
        assert_null(ask_regex_new(pattern, false, &err));
        assert_int_equal(err.code, ASK_ERR_FORMAT);
        assert_non_null(strstr(err.message, "so deep a nesting"));
    }
}

static bool search(void *pattern, ask_error *err)
{
    bool found = false;
    size_t begin, end;
    ask_regex *re = ask_regex_new(pattern, false, err);
    ask_regex_search *s = re ? ask_regex_search_open(re, "ab1", 3, err) : NULL;
    bool ok = s && ask_regex_search_next(s, &found, &begin, &end, err);
    if (ok) assert_true(found);
    ask_regex_search_close(s);
    ask_regex_free(re);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    char pattern[] = "[\\w&&[^a]]{1,2}+|\\p{Han}(?i:x)|[^[:alpha:]\\W]";
    assert_true(test_each_alloc_fails("search", search, pattern) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_find_what_oniguruma_finds),
        cmocka_unit_test(a_literal_stands_for_itself),
        cmocka_unit_test(bad_patterns_are_told),
        cmocka_unit_test(nesting_has_an_end),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
