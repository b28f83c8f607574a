/* TGIF-QA: the four tasks. */
#include "support/data.h"
#include "support/testing.h"

static void the_four_tasks_are_read(void **state)
{
    (void)state;
    const char *dir = test_fixture("data/tgifqa");
    check_shown("tgifqa-action", dir, NULL, NULL,
                "2: ACTION1 | tumblr_nd24xaX8d11qkb1azo1_250 | en choice: What does the "
                "man do 5 times ? | options step; bounce; spin around; sway head; wave, "
                "twice | right 2 | answer spin around | tags task=action | features 41\n"
                "missing_video: Test_action_question.csv:2: no video "
                "\"tumblr_nd24xaX8d11qkb1azo1_250\" in gifs\n");
    check_shown(
        "tgifqa-transition", dir, "test", NULL,
        "2: TRANS4 | tumblr_a in gifs/tumblr_a.gif | en choice: What does the woman do "
        "after smile ? | options sit; jump; look away; eat; run | right 0 | answer sit | "
        "tags task=transition | features 7\n"
        "3: TRANS5 | tumblr_b | en choice: What does the cat do before sit ? | options "
        "walk; jump; look; eat; run | right 4 | answer run | tags task=transition | "
        "features 8\n"
        "missing_video: Test_transition_question.csv:3: no video \"tumblr_b\" in gifs\n");
    check_shown(
        "tgifqa-count", dir, "test", NULL,
        "2: COUNT2 | tumblr_a in gifs/tumblr_a.gif | en count: How many times does the man "
        "step ? | count 10 | tags task=count | features 7\n"
        "3: COUNT3 | tumblr_c | en count: How many times does the dog bark ? | count 0 | "
        "tags task=count | features 9\n"
        "missing_video: Test_count_question.csv:3: no video \"tumblr_c\" in gifs\n");
    check_shown(
        "tgifqa-frame", dir, "test", NULL,
        "2: FRAMEQA3 | tumblr_a in gifs/tumblr_a.gif | en open: What is the color of the "
        "shirt ? | answer red | tags task=frame, type=color | features 7\n"
        "3: FRAMEQA4 | tumblr_c | en open: How many dogs bark ? | answer two | tags "
        "task=frame, type=number | features 9\n"
        "missing_video: Test_frameqa_question.csv:3: no video \"tumblr_c\" in gifs\n");
}

#define CHOICE "gif_name\tquestion\ta1\ta2\ta3\ta4\ta5\tanswer\tvid_id\tkey\n"
#define COUNT "gif_name\tquestion\tanswer\tvid_id\tkey\n"
#define FRAME "gif_name\tquestion\tanswer\ttype\tvid_id\tkey\tdescription\n"

static void malformed_choices_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"empty split", CHOICE, "Train_action_question.csv: no questions in it"},
        {"commas", "gif_name,question\n",
         "Train_action_question.csv: no column \"gif_name\" (columns: gif_name,question)"},
        {"missing column", "gif_name\tquestion\tanswer\tvid_id\tkey\n",
         "Train_action_question.csv: no column \"a1\" (columns: gif_name, question, "
         "answer, vid_id, key)"},
        {"bad index", CHOICE "g\tq\ta\tb\tc\td\te\t5\tACTION1\t1\n",
         "Train_action_question.csv:2: column \"answer\": expected an integer from 0 to 4, "
         "got \"5\""},
        {"wrong type", CHOICE "g\tq\ta\tb\tc\td\te\tb\tACTION1\t1\n",
         "Train_action_question.csv:2: column \"answer\": expected an integer from 0 to 4, "
         "got \"b\""},
    };
    check_refused("tgifqa-action", "Train_action_question.csv", cases, TEST_COUNT(cases));
}

static void malformed_counts_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"empty split", COUNT, "Total_count_question.csv: no questions in it"},
        {"not a number", COUNT "g\tq\ttwo\tCOUNT1\t1\n",
         "Total_count_question.csv:2: column \"answer\": expected an integer from 0 to "
         "2147483647, got \"two\""},
        {"negative", COUNT "g\tq\t-1\tCOUNT1\t1\n",
         "Total_count_question.csv:2: column \"answer\": expected an integer from 0 to "
         "2147483647, got \"-1\""},
    };
    check_refused("tgifqa-count", "Total_count_question.csv", cases, TEST_COUNT(cases));
}

static void malformed_frame_questions_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"empty split", FRAME, "Test_frameqa_question.csv: no questions in it"},
        {"no types", COUNT,
         "Test_frameqa_question.csv: no column \"type\" (columns: gif_name, question, "
         "answer, vid_id, key)"},
        {"unknown type", FRAME "g\tq\tred\t4\tFRAMEQA1\t1\td\n",
         "Test_frameqa_question.csv:2: column \"type\": expected an integer from 0 to 3, "
         "got \"4\""},
        {"no answer", FRAME "g\tq\t\t3\tFRAMEQA1\t1\td\n",
         "Test_frameqa_question.csv:2: column \"answer\": expected a text, got none"},
    };
    check_refused("tgifqa-frame", "Test_frameqa_question.csv", cases, TEST_COUNT(cases));
}

static void questions_twice_are_noticed(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"duplicate id", COUNT "g\tq\t2\tCOUNT1\t1\nh\tr\t3\tCOUNT1\t2\n",
         "duplicate_id: Test_count_question.csv:3: question id \"COUNT1\" was there "
         "before"},
    };
    check_noticed("tgifqa-count", "Test_count_question.csv", cases, TEST_COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_four_tasks_are_read),
        cmocka_unit_test(malformed_choices_are_refused),
        cmocka_unit_test(malformed_counts_are_refused),
        cmocka_unit_test(malformed_frame_questions_are_refused),
        cmocka_unit_test(questions_twice_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
