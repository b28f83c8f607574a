/* MSVD-QA and MSRVTT-QA. */
#include <string.h>

#include "support/data.h"
#include "support/testing.h"

static void questions_are_read(void **state)
{
    (void)state;
    check_shown("msvdqa", test_fixture("data/msvdqa"), NULL, NULL,
                "0: 0 | vid1301 | en open: what does the cat do? | answer chew | tags "
                "type=what\n"
                "1: 1 | vid7 | en open: what color is the hat? | answer red | tags "
                "type=color\n");
    check_shown("msrvttqa", test_fixture("data/msrvttqa"), NULL, NULL,
                "0: 158581 | video6513 | en open: where does a kid sit? | answer couch | "
                "tags type=where, category=14\n");
}

#define ITEM(question, more)                                                               \
    "{\"id\":5,\"video_id\":1,\"question\":\"" question "\"" more "}"

static void malformed_questions_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"empty split", "[]", "train_qa.json: no questions in it"},
        {"missing key", "[{\"id\":5}]", "train_qa.json[0]: key \"video_id\" is missing"},
        {"wrong type", "[" ITEM("what?", ",\"answer\":[]") "]",
         "train_qa.json[0]: key \"answer\": expected a string, got an array"},
        {"video as text", "[{\"id\":5,\"video_id\":\"vid1\"}]",
         "train_qa.json[0]: key \"video_id\": expected an integer, got a string"},
        {"bad category", "[" ITEM("what is it?", ",\"category_id\":-1") "]",
         "train_qa.json[0]: key \"category_id\": expected an integer from 0 to 2147483647, "
         "got -1"},
    };
    check_refused("msvdqa", "train_qa.json", cases, TEST_COUNT(cases));
}

static void odd_questions_are_noticed(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"duplicate id",
         "[" ITEM("who is it?", ",\"answer\":\"a\"") "," ITEM("who runs?",
                                                              ",\"answer\":\"b\"") "]",
         "duplicate_id: train_qa.json[1]: question id \"5\" was there before"},
        {"hidden answer", "[" ITEM("when is it?", "") "]",
         "no_answer: train_qa.json[0]: question \"5\" has no answer"},
        {"odd type", "[" ITEM("whose is it?", ",\"answer\":\"a\"") "]",
         "odd_type: train_qa.json[0]: the question begins with no word of a type: \"whose "
         "is "
         "it?\""},
    };
    check_noticed("msrvttqa", "train_qa.json", cases, TEST_COUNT(cases));
}

/* ---- youtube_mapping.txt ---- */

/* Answers of test questions are published: all of them or none. */
static void answers_that_a_test_split_lacks_are_noticed(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"one of two",
         "[" ITEM("what is it", "") ",{\"id\":6,\"video_id\":1,\"question\":\"who is it\","
                                    "\"answer\":\"x\"}]",
         "no_answer: test_qa.json[0]: question \"5\" has no answer"},
    };
    check_noticed("msvdqa", "test_qa.json", cases, TEST_COUNT(cases));
    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "test_qa.json"), "[" ITEM("what is it", "") "]");
    check_shown("msvdqa", dir, NULL, NULL,
                "0: 5 | vid1 | en open: what is it | tags type=what\n");
    test_temp_dir_remove(dir);
}

#define FILM "mv89psg6zh4_33_46"

static char *make_mapped(const char *mapping)
{
    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "train_qa.json"),
                    "[" ITEM("what?", ",\"answer\":\"x\"") "]");
    test_write_text(test_path(dir, "videos/" FILM ".avi"), "");
    test_write_text(test_path(dir, "youtube_mapping.txt"), mapping);
    return dir;
}

static void videos_are_found_by_the_names_that_they_have_on_the_net(void **state)
{
    (void)state;
    static const char *const mappings[] = {
        FILM " vid1\nother_1_2 vid2\n", "\xEF\xBB\xBF" FILM "  vid1\r\n\r\nother_1_2\tvid2",
        "other_1_2 vid3\n" FILM " vid1\nother_1_2 vid1\n", // the first that is said holds
    };
    for (size_t i = 0; i < TEST_COUNT(mappings); i++) {
        char *dir = make_mapped(mappings[i]);
        check_shown(
            "msvdqa", dir, NULL, NULL,
            "0: 5 | vid1 in videos/" FILM ".avi | en open: what? | answer x\n"
            "odd_type: train_qa.json[0]: the question begins with no word of a type: "
            "\"what?\"\n");
        test_temp_dir_remove(dir);
    }
}

static void malformed_mappings_are_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"alone\n", ":1: expected the names of a file and a video, got \"alone\""},
        {"a vid1\na b c\n", ":2: expected the names of a file and a video, got \"a b c\""},
        {"caf\xe9 vid1\n", ":1: not UTF-8; convert the file, for example with iconv"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = make_mapped(cases[i][0]);
        ask_error err = {0};
        CHECK_CASE(cases[i][0], !ask_dataset_open("msvdqa", dir, NULL, NULL, &err));
        const char *file = "/youtube_mapping.txt";
        assert_string_equal(err.message + strlen(dir) + strlen(file), cases[i][1]);
        test_temp_dir_remove(dir);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_are_read),
        cmocka_unit_test(malformed_questions_are_refused),
        cmocka_unit_test(odd_questions_are_noticed),
        cmocka_unit_test(answers_that_a_test_split_lacks_are_noticed),
        cmocka_unit_test(videos_are_found_by_the_names_that_they_have_on_the_net),
        cmocka_unit_test(malformed_mappings_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
