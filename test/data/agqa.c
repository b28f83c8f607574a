/* AGQA 2.0: one object of questions, tags of four kinds, events by video. */
#include <stdio.h>
#include <string.h>

#include "support/data.h"
#include "support/testing.h"

static void questions_are_read(void **state)
{
    (void)state;
    check_shown(
        "agqa", test_fixture("data/agqa"), NULL, NULL,
        "class 0: holding a dish\n"
        "class 1: sitting down\n"
        "0: YSKX3-47-1 | YSKX3 | en open: Was the person holding a dish? | answer Yes | "
        "tags "
        "ans_type=binary, semantic=object, structural=verify, global=exists, "
        "global=obj-rel, "
        "split=more_steps, split=i_obj | events of 30.5 s: 1@2-3.5\n"
        "1: YSKX3-47-2 | YSKX3 | en open: What did they hold last? | answer dish | tags "
        "ans_type=open, semantic=relation, structural=query | events of 30.5 s: 1@2-3.5\n");
}

#define MEMBER(id, answer)                                                                 \
    "\"" id "\":{\"question\":\"Q?\",\"video_id\":\"v\",\"global\":[],\"ans_type\":"       \
    "\"open\",\"semantic\":\"object\",\"structural\":\"query\",\"answer\":" answer "}"
#define FILE_NAME "train_balanced.txt"

static void malformed_questions_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"empty split", "{}", FILE_NAME ": no questions in it"},
        {"an array", "[]", FILE_NAME ":1: expected an object, \"{\""},
        {"missing key", "{\"q1\":{}}", FILE_NAME "[\"q1\"]: key \"question\" is missing"},
        {"wrong type", "{" MEMBER("q1", "3") "}",
         FILE_NAME "[\"q1\"]: key \"answer\": expected a string, got the integer 3"},
        {"tags as text",
         "{\"q1\":{\"question\":\"Q?\",\"video_id\":\"v\",\"ans_type\":\"\",\"semantic\":"
         "\"\",\"structural\":\"\",\"global\":\"exists\"}}",
         FILE_NAME "[\"q1\"]: key \"global\": expected an array, got a string"},
    };
    check_refused("agqa", FILE_NAME, cases, TEST_COUNT(cases));
}

static void odd_questions_are_noticed(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"duplicate id", "{" MEMBER("q1", "\"a\"") "," MEMBER("q1", "\"a\"") "}",
         "duplicate_id: " FILE_NAME "[1]: question id \"q1\" was there before"},
        {"hidden answer", "{" MEMBER("q1", "null") "}",
         "no_answer: " FILE_NAME "[0]: question \"q1\" has no answer"},
    };
    check_noticed("agqa", FILE_NAME, cases, TEST_COUNT(cases));
}

/* The set publishes none, so whoever trains makes them. */
static void validation_questions_of_ones_own_are_read(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "train_balanced.txt"), "{" MEMBER("t", "\"a\"") "}");
    test_write_text(test_path(dir, "val_balanced.txt"), "{" MEMBER("v", "\"a\"") "}");
#define SHOWN(id)                                                                          \
    "0: " id " | v | en open: Q? | answer a | tags ans_type=open, semantic=object, "       \
    "structural=query\n"
    check_shown("agqa", dir, "val", NULL, SHOWN("v"));
    check_shown("agqa", dir, NULL, NULL, SHOWN("t"));
    test_temp_dir_remove(dir);
}

static void the_vocabulary_is_read_by_its_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"{\"question_token_to_idx\":{\"a\":0},\"answer_token_to_idx\":{\"yes\":1,\"no\":0}"
         "}",
         "vocabulary 0: no\nvocabulary 1: yes\n|"},
        {"{\"answer_token_to_idx\":{\"yes\":2,\"no\":0}}",
         "|mismatch: agqa_balanced_txt_vocab.json: not a list of texts, nor texts with "
         "their "
         "numbers from 0 on; not used\n"},
        {"{}",
         "|mismatch: agqa_balanced_txt_vocab.json: not a list of texts, nor texts with "
         "their numbers from 0 on; not used\n"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = test_temp_dir_make(), expected[800];
        test_write_text(test_path(dir, "train_balanced.txt"),
                        "{\"K-1\":{\"question\":\"Q?\",\"video_id\":\"v\",\"global\":[],"
                        "\"ans_type\":\"open\",\"semantic\":\"object\",\"structural\":"
                        "\"query\",\"answer\":\"no\"}}");
        test_write_text(test_path(dir, "agqa_balanced_txt_vocab.json"), cases[i].text);
        int n = (int)(strchr(cases[i].says, '|') - cases[i].says);
        snprintf(expected, sizeof expected,
                 "%.*s0: K-1 | v | en open: Q? | answer no | tags ans_type=open, "
                 "semantic=object, structural=query\n%s",
                 n, cases[i].says, cases[i].says + n + 1);
        check_shown("agqa", dir, NULL, NULL, expected);
        test_temp_dir_remove(dir);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_are_read),
        cmocka_unit_test(malformed_questions_are_refused),
        cmocka_unit_test(odd_questions_are_noticed),
        cmocka_unit_test(validation_questions_of_ones_own_are_read),
        cmocka_unit_test(the_vocabulary_is_read_by_its_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
