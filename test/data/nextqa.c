/* NExT-QA: multiple choice and open answers, in both generations of column names. */
#include <stdio.h>

#include "support/data.h"
#include "support/testing.h"

static void choices_are_read(void **state)
{
    (void)state;
    check_shown(
        "nextqa", test_fixture("data/nextqa"), NULL, NULL,
        "2: 4010069381_6 | 4010069381 in videos/1164/4010069381.mp4 | en choice: how do "
        "the "
        "two man play the instrument | options roll the handle; tap their feet; strum the "
        "string; hit with sticks; pat with hand | right 0 | answer roll the handle | tags "
        "type=CH, family=causal\n"
        "3: 4010069381_11 | 4010069381 in videos/1164/4010069381.mp4 | en choice: how many "
        "people are there, in all | options one; three; five, or six; eight; two | right 4 "
        "| "
        "answer two | tags type=DC, family=descriptive\n"
        "4: 3238737531_0 | 3238737531 | en choice: what did the lady do before she looked "
        "up "
        "| options smile; dance; wave \"hello\"; run; sit | right 2 | answer wave "
        "\"hello\" "
        "| tags type=TP, family=temporal\n"
        "missing_video: val_mc.csv:4: no video \"3238737531\" in videos\n");
}

static void columns_of_glance_focus_are_read(void **state)
{
    (void)state;
    check_shown("nextqa", test_fixture("data/nextqa"), "test", NULL,
                "2: 77_5 | 77 | en choice: why does he run | options late; afraid; happy; "
                "cold; asked | right 1 | answer afraid\n"
                "missing_video: test_mc.csv:2: no video \"77\" in videos\n");
}

static void open_answers_are_read(void **state)
{
    (void)state;
    check_shown(
        "nextqa-open", test_fixture("data/nextqa-open"), NULL, NULL,
        "2: 4010069381_2 | 4010069381 | en open: what is the man doing | answer playing "
        "guitar | or strum guitar | tags type=DO, family=descriptive\n"
        "3: 4010069381_3 | 4010069381 | en open: why is the girl smiling | answer happy | "
        "or "
        "having fun | tags type=CW, family=causal\n"
        "4: 3238737531_0 | 3238737531 | en open: is it raining | answer no | tags type=DB, "
        "family=descriptive\n"
        "mismatch: add_reference_answer_test.json: no question is about video \"1\"\n");
}

#define NAMES "video,question,answer,qid,type,a0,a1,a2,a3,a4\n"

static void malformed_choices_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"nothing", "", "val_mc.csv: empty, a row of column names is needed"},
        {"empty split", NAMES, "val_mc.csv: no questions in it"},
        {"no videos", "question,answer,qid\n",
         "val_mc.csv: no column \"video\" (columns: question, answer, qid)"},
        {"four options", "video,question,qid,a0,a1,a2,a3\n",
         "val_mc.csv: no column \"a4\" (columns: video, question, qid, a0, a1, a2, a3)"},
        {"narrow row", NAMES "1,q\n", "val_mc.csv:2: 2 columns, but the first row has 10"},
        {"wrong type", NAMES "1,q,late,2,CW,a,b,c,d,e\n",
         "val_mc.csv:2: column \"answer\": expected an integer from 0 to 4, got \"late\""},
        {"bad index", NAMES "1,q,5,2,CW,a,b,c,d,e\n",
         "val_mc.csv:2: column \"answer\": expected an integer from 0 to 4, got \"5\""},
        {"no question", NAMES "1,,4,2,CW,a,b,c,d,e\n",
         "val_mc.csv:2: column \"question\": expected a text, got none"},
        {"no option", NAMES "1,q,4,2,CW,a,b,,d,e\n",
         "val_mc.csv:2: column \"a2\": expected a text, got none"},
    };
    check_refused("nextqa", "val_mc.csv", cases, TEST_COUNT(cases));
}

static void odd_choices_are_noticed(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"duplicate id", NAMES "1,q,0,2,CW,a,b,c,d,e\n1,\"r\nr\",1,2,TN,a,b,c,d,e\n",
         "duplicate_id: val_mc.csv:3: question id \"1_2\" was there before"},
        {"hidden answer", NAMES "1,q,,2,CW,a,b,c,d,e\n",
         "no_answer: val_mc.csv:2: question \"1_2\" has no answer"},
        {"no column of answers", "video,question,qid,a0,a1,a2,a3,a4\n1,q,2,a,b,c,d,e\n",
         "no_answer: val_mc.csv:2: question \"1_2\" has no answer"},
        {"odd type", NAMES "1,q,0,2,XX,a,b,c,d,e\n",
         "odd_type: val_mc.csv:2: type \"XX\" is none of NExT-QA"},
    };
    check_noticed("nextqa", "val_mc.csv", cases, TEST_COUNT(cases));
}

static void malformed_open_questions_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"empty split", "video,question,qid\n", "val_oe.csv: no questions in it"},
        {"no id", "video,question,answer\n",
         "val_oe.csv: no column \"qid\" (columns: video, question, answer)"},
        {"empty id", "video,question,answer,qid\n1,q,a,\n",
         "val_oe.csv:2: column \"qid\": expected a text, got none"},
    };
    check_refused("nextqa-open", "val_oe.csv", cases, TEST_COUNT(cases));
}

static void odd_open_questions_are_noticed(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"hidden answer", "video,question,answer,qid\n1,q,,3\n",
         "no_answer: val_oe.csv:2: question \"1_3\" has no answer"},
    };
    check_noticed("nextqa-open", "val_oe.csv", cases, TEST_COUNT(cases));
}

static void malformed_files_beside_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *set, *questions, *beside, *text, *says;
    } cases[] = {
        {"nextqa-open", "val_oe.csv", "add_reference_answer_val.json", "[]",
         "expected an object, got an array"},
        {"nextqa-open", "val_oe.csv", "add_reference_answer_val.json", "{\"1\":{\"3\":5}}",
         "key \"1.3\": expected a string, got the integer 5"},
        {"nextqa-open", "val_oe.csv", "add_reference_answer_val.json", "{\"1\":\"b\"}",
         "key \"1\": expected an object, got a string"},
        {"nextqa", "val_mc.csv", "map_vid_vidorID.json", "3",
         "expected an object, got the integer 3"},
        {"nextqa", "val_mc.csv", "map_vid_vidorID.json", "{\"1\": 3}",
         "key \"1\": expected a string, got the integer 3"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = test_temp_dir_make();
        ask_error err = {0};
        test_write_text(test_path(dir, cases[i].questions),
                        "video,question,answer,qid,a0,a1,a2,a3,a4\n1,q,4,3,a,b,c,d,e\n");
        test_write_text(test_path(dir, cases[i].beside), cases[i].text);
        test_write_text(test_path(dir, "videos/1.mp4"), "");
        CHECK_CASE(cases[i].text, !ask_dataset_open(cases[i].set, dir, "val", NULL, &err));
        char expected[300];
        snprintf(expected, sizeof expected, "%s/%s: %s", dir, cases[i].beside,
                 cases[i].says);
        assert_string_equal(err.message, expected);
        test_temp_dir_remove(dir);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(choices_are_read),
        cmocka_unit_test(columns_of_glance_focus_are_read),
        cmocka_unit_test(open_answers_are_read),
        cmocka_unit_test(malformed_choices_are_refused),
        cmocka_unit_test(odd_choices_are_noticed),
        cmocka_unit_test(malformed_open_questions_are_refused),
        cmocka_unit_test(odd_open_questions_are_noticed),
        cmocka_unit_test(malformed_files_beside_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
