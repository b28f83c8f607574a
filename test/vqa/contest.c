/* The arithmetic of answers: retrieval, scores, evidence, checks and verdicts on cosines
 * that are written down. */
#include "vqa/contest.h"

#include <math.h>
#include <string.h>

#include "support/testing.h"
#include "vqa/verdict.h"

enum { N = 6, CHOICES = 2 };

/* Choice 0 is seen in frames 1 and 2, choice 1 in frame 4, the question everywhere. */
static const double cosine[(CHOICES + 1) * N] = {
    0.1, 0.9, 0.8, 0.1, 0.1, 0.1, //
    0.1, 0.1, 0.1, 0.1, 0.5, 0.1, //
    0.2, 0.2, 0.2, 0.2, 0.2, 0.3, //
};
static const int none[N] = {-1, -1, -1, -1, -1, -1};
static const int all[N] = {0, 1, 2, 3, 4, 5};

static ask_contest contest(const int *duplicate_of, int n_keep)
{
    return (ask_contest){.cosine = cosine,
                         .duplicate_of = duplicate_of,
                         .n_choices = CHOICES,
                         .n_frames = N,
                         .scale = 10,
                         .n_keep = n_keep};
}

static void texts_take_their_best_frames_in_turn(void **state)
{
    (void)state;
    static const int same[N] = {-1, -1, 1, -1, -1, 4};
    static const struct {
        const char *name;
        const int *duplicate_of;
        int n_keep, n, kept[N];
    } cases[] = {
        {"one", none, 1, 1, {1}},
        {"one for each text", none, 3, 3, {1, 4, 5}},
        {"then the next", none, 4, 4, {1, 2, 4, 5}},
        {"all", none, 8, 6, {0, 1, 2, 3, 4, 5}},
        {"nothing twice", same, 8, 4, {0, 1, 3, 4}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const ask_contest c = contest(cases[i].duplicate_of, cases[i].n_keep);
        int kept[ASK_MOST_RETRIEVED];
        int n = ask_contest_retrieve(kept, &c, all, N);
        CHECK_CASE(cases[i].name, n == cases[i].n);
        for (int k = 0; k < n; k++) CHECK_CASE(cases[i].name, kept[k] == cases[i].kept[k]);
    }
    const int few[] = {0, 3};
    int kept[8];
    const ask_contest c = contest(none, 8);
    assert_int_equal(ask_contest_retrieve(kept, &c, few, 2), 2);
}

static void scores_are_log_probabilities_of_pooled_cosines(void **state)
{
    (void)state;
    const ask_contest c = contest(none, 8);
    double s[CHOICES];
    const int one[] = {4};
    ask_contest_score(s, &c, one, 1); // logits 1 and 5
    assert_true(fabs(s[1] + log(1 + exp(-4.0))) < 1e-12);
    assert_true(fabs(s[0] - (s[1] - 4)) < 1e-12);
    assert_int_equal(ask_contest_best(s, CHOICES), 1);

    const int two[] = {1, 4}; // logits pooled of {9, 1} and of {1, 5}
    double a = (9 * exp(9.0) + exp(1.0)) / (exp(9.0) + exp(1.0));
    double b = (exp(1.0) + 5 * exp(5.0)) / (exp(1.0) + exp(5.0));
    ask_contest_score(s, &c, two, 2);
    assert_true(fabs(s[0] - s[1] - (a - b)) < 1e-9);
    assert_true(fabs(exp(s[0]) + exp(s[1]) - 1) < 1e-12);
    assert_int_equal(ask_contest_best((const double[]){1, 1}, 2), 0);
}

static void evidence_is_the_best_of_the_moments(void **state)
{
    (void)state;
    static const double edge_s[N + 1] = {0, 1, 2, 3, 4, 5, 6};
    const ask_moments_curve curve = {.edge_s = edge_s, .n = N};
    const ask_find_moment moments[] = {{.start_s = 1, .end_s = 3},
                                       {.start_s = 4, .end_s = 6}};
    int evidence[8];
    const ask_contest c = contest(none, 8);
    assert_int_equal(ask_checks_evidence(evidence, &c, 0, &curve, moments, 1), 2);
    assert_true(evidence[0] == 1 && evidence[1] == 2);
    assert_int_equal(ask_checks_evidence(evidence, &c, 0, &curve, moments, 2), 3); // half
    const ask_contest few = contest(none, 1);
    assert_int_equal(ask_checks_evidence(evidence, &few, 0, &curve, moments, 2), 1);
    assert_int_equal(evidence[0], 1);
}

static void checks_ask_again_of_other_frames(void **state)
{
    (void)state;
    const ask_contest c = contest(none, 8);
    const double blind[CHOICES] = {0.3, 0.2};
    const int evidence[] = {1, 2};
    ask_error err = {0};
    ask_checks k, again, other;
    CHECK_OK(ask_checks_run(&k, &c, 0, blind, evidence, 2, 1, &err), &err);
    assert_true(k.full.answer == 0 && k.evidence_only.answer == 0);
    assert_int_equal(k.evidence_removed.answer, 1);
    assert_true(fabs(k.blind.s + log(1 + exp(-1.0))) < 1e-12 && k.blind.answer == 0);
    assert_true(k.evidence_removed.s < k.random_removed.s);
    assert_true(k.shuffled.why_not && !k.full.why_not);
    CHECK_OK(ask_checks_run(&again, &c, 0, blind, evidence, 2, 1, &err), &err);
    assert_true(k.random_removed.s == again.random_removed.s);
    CHECK_OK(ask_checks_run(&other, &c, 0, blind, evidence, 2, 2, &err), &err);
    assert_true(other.full.s == k.full.s &&
                other.evidence_removed.s == k.evidence_removed.s);

    ask_contest alone = c; // a video of one frame
    alone.n_frames = 1;
    CHECK_OK(ask_checks_run(&k, &alone, 0, blind, (const int[]){0}, 1, 1, &err), &err);
    assert_true(k.evidence_removed.why_not && k.random_removed.why_not);
    assert_true(k.evidence_only.s == k.full.s);
}

static void verdicts_follow_their_order(void **state)
{
    (void)state;
    const ask_verdict_limits limits = {.tau_prior = 1, .tau_suff = 0.5, .tau_nec = 0.25};
    static const struct {
        const char *name;
        bool outside, present;
        double blind, only, removed, random;
        int blind_answer, only_answer;
        ask_verdict verdict;
        bool redundant;
    } cases[] = {
        {"grounded", false, true, -3, -0.2, -2, -0.1, 1, 0, ASK_VERDICT_GROUNDED, false},
        {"outside first", true, false, 0, 0, 0, 0, 0, 0, ASK_VERDICT_OUTSIDE, false},
        {"then presence", false, false, 0, 0, 0, 0, 0, 0, ASK_VERDICT_NOT_IN_VIDEO, false},
        {"the prior", false, true, -1, -0.2, -2, -0.1, 0, 0, ASK_VERDICT_PRIOR_ONLY, false},
        {"another prior", false, true, -1, -0.2, -2, -0.1, 1, 0, ASK_VERDICT_GROUNDED,
         false},
        {"a worse prior", false, true, -1.1, -0.2, -2, -0.1, 0, 0, ASK_VERDICT_GROUNDED,
         false},
        {"not needed", false, true, -3, -0.2, -0.3, -0.1, 1, 0, ASK_VERDICT_WEAK, true},
        {"not enough", false, true, -3, -0.7, -2, -0.1, 1, 0, ASK_VERDICT_WEAK, false},
        {"another answer alone", false, true, -3, -0.2, -2, -0.1, 1, 1, ASK_VERDICT_WEAK,
         false},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const ask_checks checks = {
            .full = {.s = -0.1, .n = 1},
            .blind = {.s = cases[i].blind, .answer = cases[i].blind_answer, .n = 1},
            .evidence_only = {.s = cases[i].only, .answer = cases[i].only_answer, .n = 1},
            .evidence_removed = {.s = cases[i].removed, .n = 1},
            .random_removed = {.s = cases[i].random, .n = 4},
        };
        const ask_verdict_input in = {.outside = cases[i].outside,
                                      .present = cases[i].present,
                                      .answer = 0,
                                      .checks = &checks};
        bool redundant;
        CHECK_CASE(cases[i].name,
                   ask_verdict_of(&redundant, &in, &limits) == cases[i].verdict);
        CHECK_CASE(cases[i].name, redundant == cases[i].redundant);
        ask_checks undone = checks; // what was not done does not pass
        undone.random_removed.why_not = "no others";
        const ask_verdict_input without = {false, true, 0, &undone};
        CHECK_CASE(cases[i].name,
                   ask_verdict_of(&redundant, &without, &limits) != ASK_VERDICT_GROUNDED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_take_their_best_frames_in_turn),
        cmocka_unit_test(scores_are_log_probabilities_of_pooled_cosines),
        cmocka_unit_test(evidence_is_the_best_of_the_moments),
        cmocka_unit_test(checks_ask_again_of_other_frames),
        cmocka_unit_test(verdicts_follow_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
