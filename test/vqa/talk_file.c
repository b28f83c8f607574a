/* What was said, as files of talks keep it: taken up whole, or not at all. */
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"
#include "vqa/talk_priv.h"

#define TURN(role, text) "{\"role\": \"" role "\", \"text\": \"" text "\"}"
#define TURNS(turns) "{\"schema\": \"askance.talk/1\", \"turns\": [" turns "]}"

static const char two[] = TURNS(TURN("user", "what?") "," TURN("assistant", "") "," TURN(
    "user", "and \\u20ac?") "," TURN("assistant", "<video>"));

/* A talk that was opened by nobody: what reading turns looks at is there. */
static ask_talk make_talk(void)
{
    return (ask_talk){.language.n_context = 4, .footage.info.placeholder = "<video>"};
}

static void free_talk(ask_talk *t)
{
    ask_talk_forget(t);
    free(t->turns);
}

static void turns_take_the_place_of_others(void **state)
{
    (void)state;
    static const char *const texts[] = {"what?", "", "and \xe2\x82\xac?", "<video>"};
    ask_error err = {0};
    ask_talk t = make_talk();
    for (int k = 0; k < 2; k++) {
        CHECK_OK(talk_take_turns(&t, two, "kept", &err), &err);
        assert_int_equal(t.n_turns, 4);
        assert_int_equal(ask_talk_n_answers(&t), 2);
        for (int i = 0; i < 4; i++) {
            assert_string_equal(t.turns[i].text, texts[i]);
            assert_string_equal(t.turns[i].role, i % 2 ? "assistant" : "user");
        }
    }
    CHECK_OK(talk_take_turns(&t, TURNS(""), "kept", &err), &err);
    assert_int_equal(ask_talk_n_answers(&t), 0);
    free_talk(&t);
}

static void what_is_refused_changes_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *name, *note, *says;
    } cases[] = {
        {"empty", "", "kept"},
        {"cut", "{\"schema\": \"askance.talk/1\"", "kept:1"},
        {"newer", "{\"schema\": \"askance.talk/2\", \"turns\": []}",
         "is \"askance.talk/2\", not \"askance.talk/1\""},
        {"an answer first", TURNS(TURN("assistant", "a") "," TURN("user", "b")),
         "turns[0].role"},
        {"bad in the end",
         TURNS(TURN("user", "a") "," TURN("assistant", "b") "," TURN("user", "c") "," TURN(
             "system", "d")),
         "turns[3].role"},
        {"more than can be read",
         TURNS(TURN("user", "a") "," TURN("assistant", "b") "," TURN("user", "a") "," TURN(
             "assistant", "b") "," TURN("user", "a") "," TURN("assistant", "b")),
         "has 6 turns, more than the 4 tokens"},
        {"a number", TURNS("1, 2"), "turns[0]"},
    };
    ask_talk t = make_talk();
    ask_error err = {0};
    CHECK_OK(talk_remember(&t, "before", "yes", &err), &err);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        CHECK_CASE(cases[i].name, !talk_take_turns(&t, cases[i].note, "kept", &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].says))
            fail_msg("%s: %s", cases[i].name, err.message);
        CHECK_CASE(cases[i].name, t.n_turns == 2 && !strcmp(t.turns[0].text, "before"));
    }
    free_talk(&t);
}

static bool take_two(void *user, ask_error *err)
{
    ask_talk t = make_talk();
    (void)user;
    bool ok = talk_take_turns(&t, two, "kept", err);
    assert_int_equal(t.n_turns, ok ? 4 : 0);
    free_talk(&t);
    return ok;
}

static void every_failing_allocation_is_told(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("turns", take_two, NULL) >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turns_take_the_place_of_others),
        cmocka_unit_test(what_is_refused_changes_nothing),
        cmocka_unit_test(every_failing_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
