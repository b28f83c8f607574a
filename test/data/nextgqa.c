/* NExT-GQA: answers as texts, and where in the video they show. */
#include <stdio.h>

#include "support/data.h"
#include "support/testing.h"

static void questions_and_moments_are_read(void **state)
{
    (void)state;
    check_shown(
        "nextgqa", test_fixture("data/nextgqa"), "val", NULL,
        "2: 4010069381_6 | 4010069381 of 12.5 s | en choice: how do the two man play the "
        "instrument | options roll the handle; tap their feet; strum the string; hit with "
        "sticks; pat with hand | right 0 | answer roll the handle | tags type=CH, "
        "family=causal | windows 0.5-4, 9-12.5\n"
        "3: 3238737531_0 | 3238737531 of 40 s | en choice: what did the lady do before she "
        "looked up | options smile; dance; wave; run; sit | right 2 | answer wave | tags "
        "type=TP, family=temporal | windows 30.1-33\n"
        "mismatch: gsub_val.json: there is no question \"4010069381_7\"\n");
}

static void training_questions_have_no_moments(void **state)
{
    (void)state;
    check_shown(
        "nextgqa", test_fixture("data/nextgqa"), "train", NULL,
        "2: 77_1 | 77 | en choice: why | options a; b; c; d; e | right 1 | answer b "
        "| tags type=CW, family=causal\n");
}

#define NAMES "video_id,question,answer,qid,type,a0,a1,a2,a3,a4\n"

static void malformed_questions_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"empty split", NAMES, "train.csv: no questions in it"},
        {"no options", "video_id,question,qid\n",
         "train.csv: no column \"a0\" (columns: video_id, question, qid)"},
    };
    check_refused("nextgqa", "train.csv", cases, TEST_COUNT(cases));
}

static void odd_questions_are_noticed(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"an index for an answer", NAMES "1,q,0,2,CW,a,b,c,d,e\n",
         "unknown_answer: train.csv:2: the answer \"0\" is none of the options"},
        {"duplicate id", NAMES "1,q,a,2,CW,a,b,c,d,e\n1,r,b,2,CW,a,b,c,d,e\n",
         "duplicate_id: train.csv:3: question id \"1_2\" was there before"},
    };
    check_noticed("nextgqa", "train.csv", cases, TEST_COUNT(cases));
}

typedef struct {
    const char *gsub; // NULL: no such file
    const char *says;
} gsub_case;

static char *make_split(const gsub_case *c)
{
    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "val.csv"), NAMES "1,q,a,2,CW,a,b,c,d,e\n");
    if (c->gsub) test_write_text(test_path(dir, "gsub_val.json"), c->gsub);
    return dir;
}

static void malformed_moments_are_refused(void **state)
{
    (void)state;
    static const gsub_case cases[] = {
        {"[]", "expected an object, got an array"},
        {"{\"1\":{\"location\":{}}}", "key \"1.duration\" is missing"},
        {"{\"1\":{\"duration\":0,\"location\":{}}}",
         "key \"1.duration\": expected a time above 0, got 0"},
        {"{\"1\":{\"duration\":5}}", "key \"1.location\" is missing"},
        {"{\"1\":{\"duration\":5,\"location\":{\"2\":[[3]]}}}",
         "key \"1.location.2[0]\": expected 2 items, got 1"},
        {"{\"1\":{\"duration\":5,\"location\":{\"2\":[[3,1]]}}}",
         "key \"1.location.2[0]\": begins at 3 s, behind its end at 1 s"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = make_split(&cases[i]), expected[300];
        ask_error err = {0};
        CHECK_CASE(cases[i].gsub, !ask_dataset_open("nextgqa", dir, NULL, NULL, &err));
        snprintf(expected, sizeof expected, "%s/gsub_val.json: %s", dir, cases[i].says);
        assert_string_equal(err.message, expected);
        test_temp_dir_remove(dir);
    }
}

static void odd_moments_are_noticed(void **state)
{
    (void)state;
#define SHOWN(length, windows)                                                             \
    "2: 1_2 | 1" length " | en choice: q | options a; b; c; d; e | right 0 | answer a | "  \
    "tags type=CW, family=causal" windows "\n"
    static const gsub_case cases[] = {
        {"{}", SHOWN("", "") "mismatch: val.csv:2: gsub_val.json does not have video "
                             "\"1\"\n"},
        {"{\"1\":{\"duration\":5,\"location\":{}}}",
         SHOWN(" of 5 s", "") "mismatch: val.csv:2: gsub_val.json tells no moments of "
                              "question \"1_2\"\n"},
        {"{\"1\":{\"duration\":5,\"location\":{\"2\":[[3,6]]}}}",
         SHOWN(" of 5 s", " | windows 3-6") "outside: val.csv:2: window 3 s to 6 s is not "
                                            "within the 5 s that there are\n"},
        {"{\"1\":{\"duration\":5,\"location\":{\"2\":[[3,4]],\"7\":[[0,1]]}},\"9\":{}}",
         SHOWN(" of 5 s", " | windows 3-4") "mismatch: gsub_val.json: there is no question "
                                            "\"1_7\"\nmismatch: gsub_val.json: no "
                                            "question is about video \"9\"\n"},
        {NULL, SHOWN("", "") "mismatch: val.csv: no gsub_val.json beside it, which tells "
                             "the moments\n"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = make_split(&cases[i]);
        check_shown("nextgqa", dir, NULL, NULL, cases[i].says);
        test_temp_dir_remove(dir);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_and_moments_are_read),
        cmocka_unit_test(training_questions_have_no_moments),
        cmocka_unit_test(malformed_questions_are_refused),
        cmocka_unit_test(odd_questions_are_noticed),
        cmocka_unit_test(malformed_moments_are_refused),
        cmocka_unit_test(odd_moments_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
