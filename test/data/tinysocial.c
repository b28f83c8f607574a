/* TinySocial: our table for it, with the two rubrics. */
#include "support/data.h"
#include "support/testing.h"

static void rubrics_are_tags(void **state)
{
    (void)state;
    check_shown("tinysocial", test_fixture("data/tinysocial"), NULL, NULL,
                "2: c1 | potter from 3.5-31 | en choice: Is the father really upset about "
                "the car? | options yes; no | right 1 | answer no | tags "
                "difficulty=medium, question_type=mental state\n"
                "3: c2 | potter | en open: Who drives? | answer The boys | tags "
                "difficulty=easy, question_type=observable\n");
    check_shown("tinysocial", test_fixture("data/tinysocial"), "inhouse", NULL,
                "2: h1 | up | en open: Why is he sad? | answer He is alone | tags "
                "difficulty=hard\n");
}

static void tables_without_the_rubrics_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"no difficulty", "id,video,question,question_type\n1,v,Q?,x\n",
         "crowd.csv: no column \"difficulty\" (columns: id, video, question, "
         "question_type)"},
        {"an unknown column",
         "id,video,question,difficulty,question_type,mood\n1,v,Q?,x,y,z\n",
         "crowd.csv: column \"mood\" is not one of this format"},
    };
    check_refused("tinysocial", "crowd.csv", cases, TEST_COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rubrics_are_tags),
        cmocka_unit_test(tables_without_the_rubrics_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
