/* QVHighlights: queries, moments and how worth seeing each clip is. */
#include "support/data.h"
#include "support/testing.h"

static void queries_are_read(void **state)
{
    (void)state;
    check_shown("qvhighlights", test_fixture("data/qvhighlights"), NULL, NULL,
                "1: 2579 | NUsG9BgSes0_210.0_360.0 of 150 s | en retrieve: A girl and her "
                "mother cooked while talking with each other on facetime. | windows 0-4, "
                "148-150 | clips 0:0/1/4, 1:2/2/2, 74:4/3/4 of 2 s\n"
                "2: 9769 | j7rJstUseKg_360.0_510.0 of 126.5 s | en retrieve: Some military "
                "patriots takes us through their safety procedures. | windows 6-8 | clips "
                "3:1/1/3 of 2 s\n");
}

static void test_files_hide_the_moments(void **state)
{
    (void)state;
    check_shown("qvhighlights", test_fixture("data/qvhighlights"), "test", NULL,
                "1: 7 | x_0_150 of 150 s | en retrieve: A dog runs.\n");
}

#define FILE_NAME "highlight_train_release.jsonl"
#define LINE(more)                                                                         \
    "{\"qid\": 7, \"query\": \"A dog runs.\", \"duration\": 10, \"vid\": \"x\"" more "}\n"
#define WINDOWS ", \"relevant_windows\": [[0, 2]]"

static void malformed_queries_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"empty split", "", FILE_NAME ": no questions in it"},
        {"missing key", "{\"qid\": 7, \"vid\": \"x\"}",
         FILE_NAME ":1: key \"query\" is missing"},
        {"wrong type", LINE(WINDOWS) "{\"qid\": 7.5}",
         FILE_NAME ":2: key \"qid\": expected a string, got the real number 7.5"},
        {"no duration",
         "{\"qid\": 7, \"query\": \"A dog runs.\", \"duration\": 0, \"vid\": \"x\"}",
         FILE_NAME ":1: key \"duration\": expected a time above 0, got 0"},
        {"no windows", LINE(", \"relevant_windows\": []"),
         FILE_NAME ":1: key \"relevant_windows\": expected items, got none"},
        {"window of one time", LINE(", \"relevant_windows\": [[1]]"),
         FILE_NAME ":1: key \"relevant_windows[0]\": expected 2 items, got 1"},
        {"window of a wrong type", LINE(", \"relevant_windows\": [[\"1\", 2]]"),
         FILE_NAME ":1: key \"relevant_windows[0][0]\": expected a number, got a string"},
        {"window that ends before it begins", LINE(", \"relevant_windows\": [[4, 2]]"),
         FILE_NAME ":1: key \"relevant_windows[0]\": begins at 4 s, behind its end at 2 s"},
        {"clips without scores", LINE(WINDOWS ", \"relevant_clip_ids\": [1]"),
         FILE_NAME ":1: key \"saliency_scores\" is missing"},
        {"bad clip",
         LINE(WINDOWS ", \"relevant_clip_ids\": [-1], \"saliency_scores\": [[1,2,3]]"),
         FILE_NAME ":1: key \"relevant_clip_ids[0]\": expected an integer from 0 to "
                   "2147483647, got -1"},
        {"two scores",
         LINE(WINDOWS ", \"relevant_clip_ids\": [1], \"saliency_scores\": [[1,2]]"),
         FILE_NAME ":1: key \"saliency_scores[0]\": expected 3 scores, got 2"},
        {"score out of range",
         LINE(WINDOWS ", \"relevant_clip_ids\": [1], \"saliency_scores\": [[1,2,5]]"),
         FILE_NAME
         ":1: key \"saliency_scores[0][2]\": expected an integer from 0 to 4, got "
         "5"},
    };
    check_refused("qvhighlights", FILE_NAME, cases, TEST_COUNT(cases));
}

static void odd_queries_are_noticed(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"hidden moments", LINE(""),
         "no_answer: " FILE_NAME ":1: question \"7\" has no answer"},
        {"duplicate id", LINE(WINDOWS) "\n" LINE(WINDOWS),
         "duplicate_id: " FILE_NAME ":3: question id \"7\" was there before"},
        {"window behind the end", LINE(", \"relevant_windows\": [[8, 12]]"),
         "outside: " FILE_NAME
         ":1: window 8 s to 12 s is not within the 10 s that there are"},
        {"clip behind the end",
         LINE(WINDOWS ", \"relevant_clip_ids\": [4, 5], \"saliency_scores\": [[1,2,3], "
                      "[0,0,0]]"),
         "outside: " FILE_NAME
         ":1: clip 10 s to 12 s is not within the 11 s that there are"},
        {"a score too many",
         LINE(WINDOWS ", \"relevant_clip_ids\": [1], \"saliency_scores\": [[1,2,3], "
                      "[0,0,0]]"),
         "mismatch: " FILE_NAME ":1: 1 relevant_clip_ids, but 2 saliency_scores"},
    };
    check_noticed("qvhighlights", FILE_NAME, cases, TEST_COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries_are_read),
        cmocka_unit_test(test_files_hide_the_moments),
        cmocka_unit_test(malformed_queries_are_refused),
        cmocka_unit_test(odd_queries_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
