/* ActivityNet-QA: questions and answers in two files. */
#include <stdio.h>

#include "support/data.h"
#include "support/testing.h"

static void questions_and_answers_are_joined(void **state)
{
    (void)state;
    check_shown("activitynetqa", test_fixture("data/activitynetqa"), NULL, NULL,
                "0: v_1QIUV7WYKXg_3 | v_1QIUV7WYKXg | en open: is the athlete wearing "
                "trousers | answer yes | tags type=yes_no\n"
                "1: v_-g_1 | v_-g | en open: how many men are there | answer 2 | tags "
                "type=number\n");
}

static void malformed_questions_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"empty split", "[]", "train_q.json: no questions in it"},
        {"missing key", "[{\"question_id\":\"v_a_1\"}]",
         "train_q.json[0]: key \"video_name\" is missing"},
        {"wrong type", "[{\"question_id\":3}]",
         "train_q.json[0]: key \"question_id\": expected a string, got the integer 3"},
    };
    check_refused("activitynetqa", "train_q.json", cases, TEST_COUNT(cases));
}

typedef struct {
    const char *answers; // NULL: no such file
    const char *says;
} answer_case;

#define QUESTION(id) "{\"question_id\":\"" id "\",\"video_name\":\"a\",\"question\":\"q\"}"

static char *make_split(const answer_case *c)
{
    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "val_q.json"), "[" QUESTION("1") "]");
    if (c->answers) test_write_text(test_path(dir, "val_a.json"), c->answers);
    return dir;
}

static void malformed_answers_are_refused(void **state)
{
    (void)state;
    static const answer_case cases[] = {
        {"{}", ":1: expected an array, \"[\""},
        {"[{\"answer\":\"x\",\"type\":1}]", "[0]: key \"question_id\" is missing"},
        {"[{\"answer\":\"x\",\"type\":9,\"question_id\":\"1\"}]",
         "[0]: key \"type\": expected an integer from 0 to 8, got 9"},
        {"[{\"answer\":5,\"type\":1,\"question_id\":\"1\"}]",
         "[0]: key \"answer\": expected a string, got the integer 5"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = make_split(&cases[i]), expected[300];
        ask_error err = {0};
        CHECK_CASE(cases[i].answers,
                   !ask_dataset_open("activitynetqa", dir, NULL, NULL, &err));
        snprintf(expected, sizeof expected, "%s/val_a.json%s", dir, cases[i].says);
        assert_string_equal(err.message, expected);
        test_temp_dir_remove(dir);
    }
}

static void answers_that_do_not_match_are_noticed(void **state)
{
    (void)state;
#define ANSWER(id) "{\"answer\":\"x\",\"type\":0,\"question_id\":\"" id "\"}"
#define ASKED "0: 1 | v_a | en open: q"
#define ANSWERED ASKED " | answer x | tags type=motion\n"
    static const answer_case cases[] = {
        {NULL, ASKED "\nno_answer: val_q.json[0]: question \"1\" has no answer\n"},
        {"[]", ASKED "\nno_answer: val_q.json[0]: question \"1\" has no answer\n"},
        {"[" ANSWER("1") "," ANSWER("2") "]",
         ANSWERED "mismatch: val_a.json[1]: an answer to \"2\", which is no question\n"},
        {"[" ANSWER("1") "," ANSWER("1") "]",
         ANSWERED "duplicate_id: val_a.json[1]: \"1\" was answered before\n"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = make_split(&cases[i]);
        check_shown("activitynetqa", dir, NULL, NULL, cases[i].says);
        test_temp_dir_remove(dir);
    }
}

/* Test splits hide answers; this one publishes them. */
static void answers_that_a_test_split_lacks_are_noticed(void **state)
{
    (void)state;
#define SECOND "1: 2 | v_a | en open: q\n"
#define NO_ANSWER(at, id)                                                                  \
    "no_answer: test_q.json[" at "]: question \"" id "\" has no answer\n"
    static const answer_case cases[] = {
        {NULL, ASKED "\n" SECOND},
        {"[]", ASKED "\n" SECOND NO_ANSWER("0", "1") NO_ANSWER("1", "2")},
        {"[" ANSWER("1") "]", ANSWERED SECOND NO_ANSWER("1", "2")},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = test_temp_dir_make();
        test_write_text(test_path(dir, "test_q.json"),
                        "[" QUESTION("1") "," QUESTION("2") "]");
        if (cases[i].answers)
            test_write_text(test_path(dir, "test_a.json"), cases[i].answers);
        check_shown("activitynetqa", dir, NULL, NULL, cases[i].says);
        test_temp_dir_remove(dir);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_and_answers_are_joined),
        cmocka_unit_test(malformed_questions_are_refused),
        cmocka_unit_test(malformed_answers_are_refused),
        cmocka_unit_test(answers_that_do_not_match_are_noticed),
        cmocka_unit_test(answers_that_a_test_split_lacks_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
