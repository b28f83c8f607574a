/* Video-ChatGPT: instructions, and the questions of its benchmark. */
#include "support/data.h"
#include "support/testing.h"

static const char instructions[] =
    "[{\"q\": \"What is it?\", \"a\": \"A dog.\", \"video_id\": \"v_k_ZXmr8pmrs\"},\n"
    " {\"q\": \"Describe the video.\", \"a\": \"A dog runs.\", \"video_id\": \"v_x\"}]";
static const char benchmark[] =
    "[{\"Q\": \"Who runs?\", \"A\": \"The dog.\", \"video_name\": \"v_p1QGn0IzfW0\"}]";

static void questions_are_read(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "VideoInstruct.json"), instructions);
    test_write_text(test_path(dir, "generic_qa.json"), benchmark);
    check_shown("video-chatgpt", dir, "train", NULL,
                "0: 0 | v_k_ZXmr8pmrs | en open: What is it? | answer A dog.\n"
                "1: 1 | v_x | en open: Describe the video. | answer A dog runs.\n");
    check_shown("video-chatgpt", dir, "test", NULL,
                "0: 0 | v_p1QGn0IzfW0 | en open: Who runs? | answer The dog.\n");
    test_temp_dir_remove(dir);
}

static void malformed_questions_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"empty split", "[]", "VideoInstruct.json: no questions in it"},
        {"no video", "[{\"q\": \"x\", \"a\": \"y\"}]",
         "VideoInstruct.json[0]: key \"video_id\" is missing"},
        {"no answer", "[{\"q\": \"x\", \"video_id\": \"v\"}]",
         "VideoInstruct.json[0]: key \"a\" is missing"},
        {"an empty question", "[{\"q\": \"\", \"a\": \"y\", \"video_id\": \"v\"}]",
         "VideoInstruct.json[0]: key \"q\": expected a text, got none"},
    };
    check_refused("video-chatgpt", "VideoInstruct.json", cases, TEST_COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_are_read),
        cmocka_unit_test(malformed_questions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
