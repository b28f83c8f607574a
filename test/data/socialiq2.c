/* Social-IQ 2.0: lines of JSON in files called .json, times as text. */
#include <stdio.h>
#include <string.h>

#include "support/data.h"
#include "support/testing.h"

static void questions_are_read(void **state)
{
    (void)state;
    check_shown(
        "socialiq2", test_fixture("data/socialiq2"), NULL, NULL,
        "1: -a1_q1_0 | -a1 in video/-a1.mp4 from 0-60.019 | en choice: How does the man "
        "feel? | options He is sure.; He is confused.; He is not confused.; He's "
        "overwhelmed. | which are matched; corr; rewrite; matched | right 1 | answer He is "
        "confused. | subtitles transcript/-a1.vtt\n"
        "2: -a1_q1_0 | -a1 in video/-a1.mp4 from 0-60.019 | en choice: Why does she follow "
        "him? | options To ask.; To tell.; To run.; To hide. | which are corr; rewrite; "
        "matched; matched | right 0 | answer To ask. | subtitles transcript/-a1.vtt\n"
        "3: b2_q5_3 | b2 from 0-21.7 | en choice: Is the mood tense? | options No; A bit; "
        "Relaxed; Yes | which are matched; matched; rewrite; corr | right 3 | answer Yes\n"
        "duplicate_id: qa/qa_val.json:2: question id \"-a1_q1_0\" was there before\n"
        "missing_video: qa/qa_val.json:3: no video \"b2\" in video\n");
}

static void test_files_hide_the_answers(void **state)
{
    (void)state;
    check_shown("socialiq2", test_fixture("data/socialiq2"), "test", NULL,
                "1: c3_q1_0 | c3 from 0-30.5 | en choice: Who is angry? | options No one; "
                "Both; She; He\n"
                "missing_video: qa/qa_test.json:1: no video \"c3\" in video\n");
}

#define LINE(ts, more)                                                                     \
    "{\"qid\":\"a_q1_0\",\"q\":\"Q?\",\"vid_name\":\"a\",\"ts\":" ts ",\"a0\":\"A\","      \
    "\"a1\":\"B\",\"a2\":\"C\",\"a3\":\"D\"" more "}\n"

static void malformed_questions_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"empty split", "", "qa_val.json: no questions in it"},
        {"an array of all", "[" LINE("\"0-1\"", "") "]",
         "qa_val.json:1:88: ']' expected near end of file"},
        {"missing key", "{\"qid\":\"a_q1_0\"}",
         "qa_val.json:1: key \"vid_name\" is missing"},
        {"wrong type", "{\"qid\":[]}",
         "qa_val.json:1: key \"qid\": expected a string, got an array"},
        {"one time", LINE("\"0.00\"", ""),
         "qa_val.json:1: key \"ts\": expected \"start-end\" in seconds, got \"0.00\""},
        {"a time that is none", LINE("\"0-1s\"", ""),
         "qa_val.json:1: key \"ts\": expected \"start-end\" in seconds, got \"0-1s\""},
        {"ends before it begins", LINE("\"2-1\"", ""),
         "qa_val.json:1: key \"ts\": expected \"start-end\" in seconds, got \"2-1\""},
        {"times as numbers", LINE("2", ""),
         "qa_val.json:1: key \"ts\": expected a string, got the integer 2"},
        {"bad index", LINE("\"0-1\"", ",\"answer_idx\":4"),
         "qa_val.json:1: key \"answer_idx\": expected an integer from 0 to 3, got 4"},
        {"three kinds of option",
         LINE("\"0-1\"",
              ",\"answer_idx\":0,\"idx_types\":[\"corr\",\"rewrite\",\"matched\"]"),
         "qa_val.json:1: key \"idx_types\": expected 4 items, got 3"},
    };
    check_refused("socialiq2", "qa_val.json", cases, TEST_COUNT(cases));
}

static void odd_questions_are_noticed(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"hidden answer", LINE("\"0-1\"", ""),
         "no_answer: qa_val.json:1: question \"a_q1_0\" has no answer"},
        {"another text is called right",
         LINE("\"0-1\"", ",\"answer_idx\":1,\"ans_corr\":\"A\""),
         "mismatch: qa_val.json:1: ans_corr is not a1, which answer_idx says is right"},
        {"another option is called right",
         LINE("\"0-1\"", ",\"answer_idx\":1,\"idx_types\":[\"corr\",\"rewrite\","
                         "\"matched\",\"matched\"]"),
         "mismatch: qa_val.json:1: idx_types calls a1, which answer_idx says is right, "
         "\"rewrite\""},
    };
    check_noticed("socialiq2", "qa_val.json", cases, TEST_COUNT(cases));
}

/* ---- files beside ---- */

#define SPLIT(train, val)                                                                  \
    "{\"subsets\":{\"movieclips\":{\"train\":[" train "],\"val\":[" val "]}}}"

typedef struct {
    const char *name, *original, *current, *trims; // NULL: no such file
    const char *shown; // behind the text of the question, then what is noticed
} beside_case;

static char *make_beside(const beside_case *c)
{
    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "qa_val.json"),
                    LINE("\"0-1\"", ",\"answer_idx\":1")
                        LINE("\"0-1\"", ",\"answer_idx\":1"));
    if (c->original) test_write_text(test_path(dir, "original_split.json"), c->original);
    if (c->current) test_write_text(test_path(dir, "current_split.json"), c->current);
    if (c->trims) test_write_text(test_path(dir, "trims.json"), c->trims);
    return dir;
}

static void splits_and_trims_are_read(void **state)
{
    (void)state;
    static const beside_case cases[] = {
        {"all agree", SPLIT("", "\"a\""), SPLIT("", "\"a\""), "{\"a\":12.5,\"z\":3}",
         "%d: a_q1_0 | a cut at 12.5 s from 0-1 | en choice: Q? | options A; B; C; D | "
         "right 1 | answer B | tags subset=movieclips\n|"},
        {"another split", SPLIT("\"a\"", ""), NULL, NULL,
         "%d: a_q1_0 | a from 0-1 | en choice: Q? | options A; B; C; D | right 1 | answer "
         "B | tags subset=movieclips\n|mismatch: qa_val.json:1: original_split.json has "
         "\"a\" for train\n"},
        {"no split", SPLIT("", ""), NULL, "{}",
         "%d: a_q1_0 | a from 0-1 | en choice: Q? | options A; B; C; D | right 1 | answer "
         "B\n|mismatch: qa_val.json:1: original_split.json does not have \"a\"\n"},
        {"gone", NULL, SPLIT("", "\"b\""), NULL,
         "%d: a_q1_0 | a from 0-1 | en choice: Q? | options A; B; C; D | right 1 | answer "
         "B\n|missing_video: qa_val.json:1: current_split.json does not have \"a\"\n"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = make_beside(&cases[i]), expected[800];
        const char *bar = strstr(cases[i].shown, "\n|") + 1;
        int n = 0;
        for (int row = 1; row <= 2; row++) {
            n += snprintf(expected + n, sizeof expected - (size_t)n, "%d%.*s", row,
                          (int)(bar - cases[i].shown - 2), cases[i].shown + 2);
        }
        snprintf(expected + n, sizeof expected - (size_t)n,
                 "duplicate_id: qa_val.json:2: question id \"a_q1_0\" was there before\n%s",
                 bar + 1);
        check_shown("socialiq2", dir, "val", NULL, expected);
        test_temp_dir_remove(dir);
    }
}

static void malformed_splits_and_trims_are_refused(void **state)
{
    (void)state;
    static const beside_case cases[] = {
        {"no subsets", "{}", NULL, NULL, "original_split.json: key \"subsets\" is missing"},
        {"no list", "{\"subsets\":{\"car\":{\"val\":3}}}", NULL, NULL,
         "original_split.json: key \"subsets.car.val\": expected an array, got the integer "
         "3"},
        {"no name", NULL, SPLIT("", "4"), NULL,
         "current_split.json: key \"subsets.movieclips.val[0]\": expected a string, got "
         "the "
         "integer 4"},
        {"a time as text", NULL, NULL, "{\"a\":\"3\"}",
         "trims.json: key \"a\": expected a number, got a string"},
        {"a time before the film", NULL, NULL, "{\"a\":-3}",
         "trims.json: key \"a\": expected a time, got -3"},
        {"a comma too many", NULL, NULL, "{\"a\":3,}",
         "trims.json:1:8: string or '}' expected near '}'"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = make_beside(&cases[i]);
        ask_error err = {0};
        CHECK_CASE(cases[i].name, !ask_dataset_open("socialiq2", dir, "val", NULL, &err));
        if (strcmp(err.message + strlen(dir) + 1, cases[i].shown) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        test_temp_dir_remove(dir);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_are_read),
        cmocka_unit_test(test_files_hide_the_answers),
        cmocka_unit_test(malformed_questions_are_refused),
        cmocka_unit_test(odd_questions_are_noticed),
        cmocka_unit_test(splits_and_trims_are_read),
        cmocka_unit_test(malformed_splits_and_trims_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
