/* Who answers from words alone: what is learnt from answers to other questions. */
#include "metric/words.h"

#include <string.h>

#include "support/testing.h"

static const char *const colors[] = {"red", "blue", "green", "it jumps"};

static ask_words_question question(uint64_t kind, const char *text, int n_options)
{
    return (ask_words_question){
        .kind = kind, .question = text, .options = colors, .n_options = n_options};
}

static void learn(ask_words *w, uint64_t kind, const char *text, int answer, int times)
{
    ask_error err = {0};
    ask_words_question q = question(kind, text, 4);
    for (int i = 0; i < times; i++)
        CHECK_OK(ask_words_learn(w, &q, answer, NULL, &err), &err);
}

static void learn_open(ask_words *w, uint64_t kind, const char *text, const char *answer,
                       int times)
{
    ask_error err = {0};
    ask_words_question q = question(kind, text, 0);
    for (int i = 0; i < times; i++)
        CHECK_OK(ask_words_learn(w, &q, -1, answer, &err), &err);
}

static void words_of_the_question_speak_for_an_option(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_words *w = ask_words_new(&err);
    learn(w, 1, "what colour is the ball?", 0, 30);
    learn(w, 1, "what colour is the cube?", 1, 20);
    learn(w, 2, "what does the ball do?", 3, 20);
    static const struct {
        uint64_t kind;
        const char *text;
        int choice, commonest;
    } cases[] = {
        {1, "what colour is the ball?", 0, 0},
        {1, "which colour has this cube?", 1, 0},
        {2, "what does the cube do?", 3, 3},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_words_question q = question(cases[i].kind, cases[i].text, 4);
        CHECK_CASE(cases[i].text, ask_words_choose(w, &q) == cases[i].choice);
        CHECK_CASE(cases[i].text, ask_words_commonest_choice(w, &q) == cases[i].commonest);
    }
    ask_words_free(w);
}

static void of_unknown_options_the_commonest_place_is_taken(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_words *w = ask_words_new(&err);
    learn(w, 1, "what colour is the ball?", 2, 3);
    static const char *const others[] = {"one", "two", "three"};
    ask_words_question q = {
        .kind = 1, .question = "how many?", .options = others, .n_options = 3};
    assert_int_equal(ask_words_commonest_choice(w, &q), 2);
    ask_words_free(w);
    w = ask_words_new(&err);
    assert_int_equal(ask_words_commonest_choice(w, &q), 0); // nothing was learnt
    assert_int_equal(ask_words_choose(w, &q), 0);
    ask_words_free(w);
}

static void words_of_an_open_question_speak_for_an_answer(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_words *w = ask_words_new(&err);
    ask_words_question q = question(1, "what colour is the cube?", 0);
    assert_null(ask_words_answer(w, &q));
    assert_null(ask_words_commonest_answer(w, &q));
    learn_open(w, 1, "what colour is the ball?", "red", 5);
    learn_open(w, 1, "what colour is the cube?", "blue", 4);
    learn_open(w, 1, "what colour is the cube?", "mauve", 1);
    learn_open(w, 2, "how many cubes?", "3", 9);
    assert_string_equal(ask_words_answer(w, &q), "blue");
    assert_string_equal(ask_words_commonest_answer(w, &q), "red");
    q.kind = 7; // a new kind: among all answers
    assert_string_equal(ask_words_commonest_answer(w, &q), "3");
    q.question = "what colour is it?";
    assert_string_equal(ask_words_answer(w, &q), "red");
    ask_words_free(w);
}

static void long_texts_and_empty_ones_are_fine(void **state)
{
    (void)state;
    ask_error err = {0};
    char text[4000] = "";
    for (int i = 0; i < 900; i++) strcat(text, "w ");
    const char *options[] = {text, "", "b"};
    ask_words_question q = {.question = text, .options = options, .n_options = 3};
    ask_words_cues cues;
    ask_words_cues_of(&cues, &q, 0);
    assert_true(cues.n > 24 * 24 && cues.n <= ASK_WORDS_MOST_CUES);
    ask_words_cues_of(&cues, &q, 1);
    assert_true(cues.n >= 6);
    ask_words *w = ask_words_new(&err);
    CHECK_OK(ask_words_learn(w, &q, 2, NULL, &err), &err);
    assert_int_equal(ask_words_choose(w, &q), 2);
    ask_words_free(w);
}

static bool attempt(void *user, ask_error *err)
{
    (void)user;
    ask_words *w = ask_words_new(err);
    ask_words_question choice = question(1, "what colour?", 4);
    ask_words_question open = question(1, "what colour?", 0);
    bool ok = w && ask_words_learn(w, &choice, 1, NULL, err) &&
              ask_words_learn(w, &open, -1, "red", err);
    ask_words_free(w);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("words", attempt, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_the_question_speak_for_an_option),
        cmocka_unit_test(of_unknown_options_the_commonest_place_is_taken),
        cmocka_unit_test(words_of_an_open_question_speak_for_an_answer),
        cmocka_unit_test(long_texts_and_empty_ones_are_fine),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
