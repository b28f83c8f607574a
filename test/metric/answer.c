/* Which answers in words are the same, and by which rule. */
#include "metric/answer.h"

#include "support/testing.h"

static const struct {
    const char *name, *given, *truth;
    ask_match match;
} cases[] = {
    {"the same bytes", "red ball", "red ball", ASK_MATCH_EXACT},
    {"nothing and nothing", "", "", ASK_MATCH_EXACT},
    {"case", "Red Ball", "red ball", ASK_MATCH_NORMALISED},
    {"article and mark", "The Eiffel Tower!", "eiffel tower", ASK_MATCH_NORMALISED},
    {"a mark within a word", "t-shirt", "tshirt", ASK_MATCH_NORMALISED},
    {"blanks", "  red\t ball\n", "red ball", ASK_MATCH_NORMALISED},
    {"a word that begins like an article", "theatre", "atre", ASK_MATCH_NONE},
    {"order", "ball red", "red ball", ASK_MATCH_NONE},
    {"one within the other", "red", "red ball", ASK_MATCH_NONE},
    {"only an article", "the", "a", ASK_MATCH_NONE},
    {"only marks", "?", "!", ASK_MATCH_NONE},
    {"nothing and something", "", "red", ASK_MATCH_NONE},
    {"letters beyond ASCII stay", "\xc3\x89t\xc3\xa9.", "\xc3\x89t\xc3\xa9",
     ASK_MATCH_NORMALISED},
    {"and have no small ones", "\xc3\x89t\xc3\xa9", "\xc3\xa9t\xc3\xa9", ASK_MATCH_NONE},
    {"a number is a word", "2", "two", ASK_MATCH_NONE},
};

static void the_first_rule_that_finds_them_equal_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_match match;
        CHECK_OK(ask_answer_match(&match, cases[i].given, cases[i].truth, &err), &err);
        CHECK_CASE(cases[i].name, match == cases[i].match);
        CHECK_OK(ask_answer_match(&match, cases[i].truth, cases[i].given, &err), &err);
        CHECK_CASE(cases[i].name, match == cases[i].match);
    }
    assert_string_equal(ask_match_name(ASK_MATCH_NORMALISED), "normalised");
}

static void normal_words_stand_one_blank_apart(void **state)
{
    (void)state;
    ask_str out = {0};
    ask_answer_normalise(&out, "An  apple, a pear & the plum.");
    assert_string_equal(ask_str_text(&out), "apple pear plum");
    ask_str_free(&out);
}

static bool attempt(void *user, ask_error *err)
{
    (void)user;
    ask_match match;
    return ask_answer_match(&match, "The red ball", "red ball.", err);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("match", attempt, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_rule_that_finds_them_equal_is_told),
        cmocka_unit_test(normal_words_stand_one_blank_apart),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
