/* What rows of the playroom come to, on rows of which every number is known. */
#include "eval/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"

#define NEAR(a, b) (fabs((a) - (b)) < 1e-12)

/* ---- finding ---- */

static ask_found_row there(ask_query_kind kind, bool judged, double presence, bool hit,
                           double random, bool centre)
{
    return (ask_found_row){.kind = kind,
                           .judged = judged,
                           .presence = presence,
                           .hit = hit,
                           .random = random,
                           .centre = centre};
}

static ask_found_row absent(ask_query_kind kind, double presence)
{
    return (ask_found_row){.kind = kind, .presence = presence};
}

static void only_judged_queries_count_as_hits(void **state)
{
    (void)state;
    ask_found_row rows[] = {
        there(ASK_QUERY_OBJECT, true, 5, true, 0.1, false),
        there(ASK_QUERY_OBJECT, true, 5, false, 0.3, true),
        there(ASK_QUERY_OBJECT, true, 5, true, 0.2, false),
        there(ASK_QUERY_OBJECT, false, 5, true, 0.9, true),
        there(ASK_QUERY_EVENT, false, 5, true, 0.9, true),
    };
    ask_error err = {0};
    ask_found_summary sum;
    CHECK_OK(ask_found_summarise(&sum, &(ask_found_rows){rows, TEST_COUNT(rows)}, 1, &err),
             &err);
    const ask_hits *h = &sum.hits[ASK_QUERY_OBJECT];
    assert_true(h->n == 3 && h->n_hit == 2);
    assert_true(NEAR(h->hit, 2 / 3.0) && NEAR(h->random, 0.2) && NEAR(h->centre, 1 / 3.0));
    h = &sum.hits[ASK_QUERY_EVENT];
    assert_true(h->n == 0 && isnan(h->hit) && isnan(h->random) && isnan(h->centre));
    assert_true(sum.n_there == 5 && sum.false_rejection == 0);
    assert_true(sum.rejected[ASK_QUERY_OBJECT].n == 0);
}

static void what_is_not_there_is_rejected_below_a_threshold(void **state)
{
    (void)state;
    ask_found_row rows[24];
    for (int i = 0; i < 20; i++) // presence 1 to 20: a tenth lies below 3
        rows[i] = there(i % 2 ? ASK_QUERY_OBJECT : ASK_QUERY_ATTRIBUTE, false, 20 - i,
                        false, 0, false);
    rows[20] = absent(ASK_QUERY_FOREIGN, 2.5);
    rows[21] = absent(ASK_QUERY_FOREIGN, 3);
    rows[22] = absent(ASK_QUERY_FOREIGN, 5.5);
    rows[23] = absent(ASK_QUERY_NEAR_MISS, 9);
    ask_error err = {0};
    ask_found_summary sum;
    CHECK_OK(ask_found_summarise(&sum, &(ask_found_rows){rows, 24}, 6, &err), &err);
    assert_true(sum.tenth == 3 && sum.n_there == 20 && NEAR(sum.false_rejection, 5 / 20.0));
    const ask_rejections *r = &sum.rejected[ASK_QUERY_FOREIGN];
    assert_true(r->n == 3 && r->at_threshold == 1 && NEAR(r->at_tenth, 1 / 3.0));
    r = &sum.rejected[ASK_QUERY_NEAR_MISS];
    assert_true(r->n == 1 && r->at_threshold == 0 && r->at_tenth == 0);
    assert_true(sum.hits[ASK_QUERY_FOREIGN].n == 0);
}

static void nothing_has_no_shares(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_found_summary sum;
    CHECK_OK(ask_found_summarise(&sum, &(ask_found_rows){0}, 1, &err), &err);
    assert_true(isnan(sum.tenth) && isnan(sum.false_rejection) && sum.n_there == 0);
    for (int i = 0; i < ASK_N_QUERY_KINDS; i++)
        assert_true(isnan(sum.hits[i].hit) && isnan(sum.rejected[i].at_tenth));
    assert_true(isnan(ask_share(0, 0)) && ask_share(1, 4) == 0.25);
    ask_answered_summary none = ask_answered_summarise(&(ask_answered_rows){0}, NULL);
    assert_true(none.all.n == 0);
}

/* ---- answering ---- */

/* An answer that passes all checks with a margin of 1. */
static ask_answered_row sure(ask_question_type type, bool judged, bool right,
                             bool in_moment)
{
    return (ask_answered_row){
        .type = type,
        .judged = judged,
        .visual = type <= ASK_QUESTION_ACTION,
        .right = right,
        .in_moment = in_moment,
        .presence = 5,
        .distance = 2,
        .checks = {.full = {.s = -0.1, .n = 1},
                   .blind = {.s = -1.4, .answer = 3, .n = 1},
                   .shuffled = {.why_not = "order is not felt"},
                   .evidence_only = {.s = -0.1, .n = 1},
                   .evidence_removed = {.s = -1.1, .n = 1},
                   .random_removed = {.s = -0.1, .n = 4}},
    };
}

static const ask_verdict_terms terms = {
    .threshold = 1, .most_distance = 3, .limits = {0.5, 0.5, 0.5}};

static void answers_are_counted_by_type_and_verdict(void **state)
{
    (void)state;
    ask_answered_row rows[] = {
        sure(ASK_QUESTION_COLOR, true, true, true),
        sure(ASK_QUESTION_COLOR, true, true, false),
        sure(ASK_QUESTION_SHAPE, true, false, true),
        sure(ASK_QUESTION_SHAPE, false, true, true),
        sure(ASK_QUESTION_ORDER, true, true, true),
    };
    ask_answered_row *absent_one = &rows[1];
    absent_one->presence = 0.5;
    ask_answered_summary sum =
        ask_answered_summarise(&(ask_answered_rows){rows, TEST_COUNT(rows)}, &terms);
    assert_true(sum.all.n == 5 && sum.all.n_right == 4);
    assert_true(sum.judged.n == 3 && sum.others.n == 2);
    assert_true(sum.visual.n == 4 && sum.visual.verdicts[ASK_VERDICT_GROUNDED] == 3);
    assert_true(sum.judged.n_right == 2 && sum.judged.n_right_grounded == 1);
    assert_true(sum.judged.verdicts[ASK_VERDICT_GROUNDED] == 2 && sum.judged.n_held == 1);
    assert_true(sum.judged.verdicts[ASK_VERDICT_NOT_IN_VIDEO] == 1);
    assert_true(sum.types[ASK_QUESTION_SHAPE].n == 2 &&
                sum.types[ASK_QUESTION_SHAPE].n_right == 1);
    assert_true(sum.types[ASK_QUESTION_ORDER].verdicts[ASK_VERDICT_GROUNDED] == 1);
}

static void verdicts_can_be_those_of_the_rows(void **state)
{
    (void)state;
    ask_answered_row rows[] = {
        sure(ASK_QUESTION_COLOR, true, true, true),
        sure(ASK_QUESTION_COLOR, true, true, true),
    };
    rows[0].has_verdict = true;
    rows[0].verdict = ASK_VERDICT_WEAK;
    ask_answered_summary sum = ask_answered_summarise(&(ask_answered_rows){rows, 2}, NULL);
    assert_true(sum.all.n == 2 && sum.all.n_right == 2);
    int64_t n = 0;
    for (int i = 0; i <= ASK_VERDICT_WEAK; i++) n += sum.all.verdicts[i];
    assert_true(n == 1 && sum.all.verdicts[ASK_VERDICT_WEAK] == 1);
}

static void terms_decide_a_verdict(void **state)
{
    (void)state;
    const struct {
        const char *name;
        ask_verdict_terms terms;
        bool unknown_words;
        ask_verdict verdict;
    } cases[] = {
        {"all kept", terms, false, ASK_VERDICT_GROUNDED},
        {"a word never seen", terms, true, ASK_VERDICT_OUTSIDE},
        {"too far", {1, 1.5, {0.5, 0.5, 0.5}}, false, ASK_VERDICT_OUTSIDE},
        {"not there", {6, 3, {0.5, 0.5, 0.5}}, false, ASK_VERDICT_NOT_IN_VIDEO},
        {"whatever is there",
         {-INFINITY, INFINITY, {0.5, 0.5, 0.5}},
         false,
         ASK_VERDICT_GROUNDED},
        {"not enough", {1, 3, {0.5, -0.5, 0.5}}, false, ASK_VERDICT_WEAK},
        {"not needed", {1, 3, {0.5, 0.5, 1.5}}, false, ASK_VERDICT_WEAK},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_answered_row row = sure(ASK_QUESTION_COLOR, true, true, true);
        row.unknown_words = cases[i].unknown_words;
        CHECK_CASE(cases[i].name,
                   ask_answered_verdict(&row, &cases[i].terms) == cases[i].verdict);
    }
    ask_answered_row row = sure(ASK_QUESTION_COLOR, true, true, true);
    row.checks.blind = (ask_check){.s = -0.3, .answer = row.answer, .n = 1};
    assert_int_equal(ask_answered_verdict(&row, &terms), ASK_VERDICT_PRIOR_ONLY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_judged_queries_count_as_hits),
        cmocka_unit_test(what_is_not_there_is_rejected_below_a_threshold),
        cmocka_unit_test(nothing_has_no_shares),
        cmocka_unit_test(answers_are_counted_by_type_and_verdict),
        cmocka_unit_test(verdicts_can_be_those_of_the_rows),
        cmocka_unit_test(terms_decide_a_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
