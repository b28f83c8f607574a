/* Of many answers, whether they deny and which are told. */
#include "vqa/own_answers_priv.h"

#include <math.h>

#include "support/testing.h"

static void presence_is_the_odds_that_there_is_an_answer(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double p[4];
        bool denies[4];
        double presence;
    } cases[] = {
        {"one denies", {0.25, 0.25, 0.25, 0.25}, {false, true, false, false}, 1.0986122887},
        {"all of them count",
         {0.4, 0.3, 0.3, 0},
         {false, true, true, false},
         -0.4054651081},
        {"even", {0.5, 0.5, 0, 0}, {false, true, false, false}, 0},
    };
    double presence;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        double scores[4];
        for (int k = 0; k < 4; k++) scores[k] = log(cases[i].p[k] + 1e-300);
        CHECK_CASE(cases[i].name, own_presence(&presence, scores, cases[i].denies, 4));
        CHECK_CASE(cases[i].name, fabs(presence - cases[i].presence) < 1e-9);
    }
    /* Finite where probabilities are 0 in double. */
    static const double far[] = {-2000, 0, -3000};
    static const bool denies[] = {true, false, true}, all[] = {true, true, true},
                      none[] = {false, false, false};
    assert_true(own_presence(&presence, far, denies, 3) && presence == 2000);
    assert_false(own_presence(&presence, far, all, 3));
    assert_false(own_presence(&presence, far, none, 3));
    assert_false(own_presence(&presence, NULL, NULL, 0));
}

static void the_best_are_told_and_what_checks_answered(void **state)
{
    (void)state;
    static const double scores[] = {-5, -1, -9, -3, -7, -2, -8, -3, -6};
    answer_list l = answer_list_best(scores, TEST_COUNT(scores), NULL);
    static const int best[] = {1, 5, 3, 7, 0};
    assert_int_equal(l.n, OWN_BEST);
    assert_memory_equal(l.items, best, sizeof best);

    ask_checks checks = {.full = {.answer = 1},
                         .blind = {.answer = 2},
                         .shuffled = {.answer = 5},
                         .evidence_only = {.answer = 1},
                         .evidence_removed = {.why_not = "no others", .answer = 8},
                         .random_removed = {.answer = 4}};
    l = answer_list_best(scores, TEST_COUNT(scores), &checks);
    static const int with_checks[] = {1, 5, 3, 7, 0, 4, 2};
    assert_int_equal(l.n, TEST_COUNT(with_checks));
    assert_memory_equal(l.items, with_checks, sizeof with_checks);
    assert_int_equal(checks.full.answer, 0);
    assert_int_equal(checks.blind.answer, 6);
    assert_int_equal(checks.shuffled.answer, 1);
    assert_int_equal(checks.evidence_only.answer, 0);
    assert_int_equal(checks.evidence_removed.answer, 8); // was not done
    assert_int_equal(checks.random_removed.answer, 5);

    l = answer_list_best(scores, 2, NULL);
    assert_true(l.n == 2 && l.items[0] == 1 && l.items[1] == 0);
    l = answer_list_of(3);
    assert_true(l.n == 3 && l.items[2] == 2 && answer_list_find(&l, 2) == 2);
    assert_int_equal(answer_list_find(&l, 3), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presence_is_the_odds_that_there_is_an_answer),
        cmocka_unit_test(the_best_are_told_and_what_checks_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
