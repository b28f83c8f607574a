/* MSVD-QA and MSRVTT-QA. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_are_read),
        cmocka_unit_test(malformed_questions_are_refused),
        cmocka_unit_test(odd_questions_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
