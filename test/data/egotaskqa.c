/* EgoTaskQA: intervals for videos, tags in one text, events by interval. */
#include <stdio.h>
#include <string.h>

#include "support/data.h"
#include "support/testing.h"

static void questions_and_events_are_read(void **state)
{
    (void)state;
    check_shown(
        "egotaskqa", test_fixture("data/egotaskqa"), NULL, NULL,
        "0: 40 | P1|R2|0|120|87 | en open: What is the person doing before they "
        "opened the fridge? | answer get cup from table | tags reasoning=descriptive, "
        "reasoning=world, reasoning=action, reasoning=query, reasoning=indirect | "
        "events of 87 s: 3@0-40, 17@41-87 | features 12\n"
        "1: 1 | P1|R2|0|120|87 | en open: Is the cup visible? | answer no | tags "
        "reasoning=explanatory | events of 87 s: 3@0-40, 17@41-87 | features 12\n");
}

#define ITEM(id, more)                                                                     \
    "{\"question\":\"Q?\",\"interval\":\"a|9\",\"video_id\":1,\"question_id\":\"" id       \
    "\",\"reasoning_type\":\"world\"" more "}"

static void malformed_questions_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"empty split", "[]", "train_qas.json: no questions in it"},
        {"missing key", "[{\"question\":\"Q?\"}]",
         "train_qas.json[0]: key \"interval\" is missing"},
        {"wrong type", "[" ITEM("q", ",\"answer\":3") "]",
         "train_qas.json[0]: key \"answer\": expected a string, got the integer 3"},
    };
    check_refused("egotaskqa", "train_qas.json", cases, TEST_COUNT(cases));
}

static void odd_questions_are_noticed(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"hidden answer", "[" ITEM("q", "") "]",
         "no_answer: train_qas.json[0]: question \"q\" has no answer"},
        {"duplicate id",
         "[" ITEM("q", ",\"answer\":\"a\"") "," ITEM("q", ",\"answer\":\"b\"") "]",
         "duplicate_id: train_qas.json[1]: question id \"q\" was there before"},
    };
    check_noticed("egotaskqa", "train_qas.json", cases, TEST_COUNT(cases));
}

typedef struct {
    const char *interval, *events, *says;
} event_case;

static char *make_split(const event_case *c)
{
    char *dir = test_temp_dir_make(), text[400];
    snprintf(text, sizeof text,
             "[{\"question\":\"Q?\",\"interval\":\"%s\",\"video_id\":1,\"question_id\":7,"
             "\"reasoning_type\":\"world\",\"answer\":\"a\"}]",
             c->interval);
    test_write_text(test_path(dir, "val_qas.json"), text);
    test_write_text(test_path(dir, "events.json"), c->events);
    return dir;
}

static void malformed_events_are_refused(void **state)
{
    (void)state;
    static const event_case cases[] = {
        {"a|9", "{\"a|9\":{\"hoi\":[]}}", "[\"a|9\"]: key \"span\" is missing"},
        {"a|9", "{\"a|9\":{\"span\":[[0,1]],\"hoi\":[1,2]}}",
         "[\"a|9\"]: key \"hoi\": 2 classes for 1 spans"},
        {"a|9", "{\"a|9\":{\"span\":[[0,1]],\"hoi\":[-1]}}",
         "[\"a|9\"]: key \"hoi[0]\": expected an integer from 0 to 2147483647, got -1"},
        {"a|9", "{\"a|9\":{\"span\":[[3,1]],\"hoi\":[1]}}",
         "[\"a|9\"]: key \"span[0]\": begins at 3 s, behind its end at 1 s"},
        {"a9", "{\"a9\":{\"span\":[],\"hoi\":[]}}",
         "[\"a9\"]: the interval does not end in \"|length\""},
        {"a|0", "{\"a|0\":{\"span\":[],\"hoi\":[]}}",
         "[\"a|0\"]: the interval does not end in \"|length\""},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = make_split(&cases[i]), expected[300];
        ask_error err = {0};
        CHECK_CASE(cases[i].events, !ask_dataset_open("egotaskqa", dir, NULL, NULL, &err));
        snprintf(expected, sizeof expected, "%s/events.json%s", dir, cases[i].says);
        assert_string_equal(err.message, expected);
        test_temp_dir_remove(dir);
    }
}

static void odd_events_are_noticed(void **state)
{
    (void)state;
#define READ(events) "0: 7 | a|9 | en open: Q? | answer a | tags reasoning=world" events
    static const event_case cases[] = {
        {"a|9", "{}",
         READ(" | features 1\n") "missing_events: val_qas.json[0]: \"a|9\" is not in "
                                 "events.json\n"},
        {"a|9", "{\"a|9\":{\"span\":[[8,10]],\"hoi\":[2]}}",
         READ(" | events of 9 s: 2@8-10 | features 1\n") "outside: events.json[\"a|9\"]: "
                                                         "event "
                                                         "8 to 10 is not within the 9 that "
                                                         "there are\n"},
        {"a|9", "{\"a|9\":{\"span\":[[1,2]],\"hoi\":[3]},\"a|9\":{\"span\":[],\"hoi\":[]}}",
         READ(" | events of 9 s: 3@1-2 | features 1\n") "duplicate_id: "
                                                        "events.json[\"a|9\"]: was there "
                                                        "before\n"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = make_split(&cases[i]);
        check_shown("egotaskqa", dir, NULL, NULL, cases[i].says);
        test_temp_dir_remove(dir);
    }
}

static void names_of_classes_are_read_in_any_form(void **state)
{
    (void)state;
#define EVENTS "{\"a|9\":{\"span\":[[1,2]],\"hoi\":[1]}}"
#define CLASSES "class 0: get cup\nclass 1: put cup\n"
#define SHOWN READ(" | events of 9 s: 1@1-2 | features 1\n")
#define UNNAMED                                                                            \
    SHOWN "mismatch: hois_full_trans.json: not a list of texts, nor texts with their "     \
          "numbers from 0 on; not used\n"
    static const struct {
        const char *names, *shown;
    } cases[] = {
        {"[\"get cup\",\"put cup\"]", CLASSES SHOWN},
        {"{\"put cup\":1,\"get cup\":0}", CLASSES SHOWN},
        {"{\"1\":\"put cup\",\"0\":\"get cup\"}", CLASSES SHOWN},
        {"[\"get cup\"]",
         "class 0: get cup\n" SHOWN "unknown_event: events.json[\"a|9\"]: class 1, but "
         "hois_full_trans.json has 1\n"},
        {"{\"get cup\":0,\"put cup\":2}", UNNAMED}, // class 1 is left out
        {"{\"get cup\":0,\"put cup\":0}", UNNAMED}, // and here twice
        {"[[\"get cup\"],[3]]", UNNAMED},
        {"{}", UNNAMED},
        {"7", UNNAMED},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        event_case c = {"a|9", EVENTS, NULL};
        char *dir = make_split(&c);
        test_write_text(test_path(dir, "hois_full_trans.json"), cases[i].names);
        check_shown("egotaskqa", dir, NULL, NULL, cases[i].shown);
        test_temp_dir_remove(dir);
    }
}

static void the_vocabulary_is_a_list_of_lines(void **state)
{
    (void)state;
    event_case c = {"a|9", EVENTS, NULL};
    char *dir = make_split(&c);
    test_write_text(test_path(dir, "answer_set.txt"), "<NULL>\n<UNK0>\nget cup from table");
    check_shown("egotaskqa", dir, NULL, NULL,
                "vocabulary 0: <NULL>\nvocabulary 1: <UNK0>\nvocabulary 2: get cup from "
                "table\n" SHOWN
                "unlisted_answer: val_qas.json[0]: the answer \"a\" is not in the "
                "vocabulary (questions: 1)\n");
    test_temp_dir_remove(dir);
}

/* Files made for networks may tell only the number of an answer. */
static void a_number_of_the_vocabulary_is_an_answer(void **state)
{
    (void)state;
    static const struct {
        const char *more, *answer; // NULL: refused
    } cases[] = {
        {",\"answer_encode\":1", "yes"},
        {",\"answer\":\"no\",\"answer_encode\":1", "no"},
        {",\"answer\":\"no\",\"answer_encode\":9", "no"},
        {",\"answer_encode\":2", NULL},
        {",\"answer_encode\":-1", NULL},
        {",\"answer_encode\":\"1\"", NULL},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = test_temp_dir_make(), text[300];
        ask_error err = {0};
        snprintf(text, sizeof text,
                 "[{\"question\":\"Q?\",\"interval\":\"a|9\",\"video_id\":1,"
                 "\"question_id\":7,\"reasoning_type\":\"world\"%s}]",
                 cases[i].more);
        test_write_text(test_path(dir, "val_qas.json"), text);
        test_write_text(test_path(dir, "answer_set.txt"), "no\nyes\n");
        ask_dataset *d = ask_dataset_open("egotaskqa", dir, NULL, NULL, &err);
        size_t n;
        if (cases[i].answer) {
            CHECK_OK(d, &err);
            assert_string_equal(ask_dataset_records(d, &n)->answer, cases[i].answer);
            ask_dataset_report(d, &n);
            assert_int_equal(n, 0);
        } else {
            CHECK_CASE(cases[i].more, !d && err.code == ASK_ERR_FORMAT);
            CHECK_CASE(cases[i].more, strstr(err.message, "[0]: key \"answer_encode\": "));
        }
        ask_dataset_close(d);
        test_temp_dir_remove(dir);
    }
}

static void answers_that_the_vocabulary_lacks_are_noticed_once(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    test_write_text(
        test_path(dir, "val_qas.json"),
        "[" ITEM("1", ",\"answer\":\"yes\"") "," ITEM("2", ",\"answer\":\"zebra\"") "," ITEM(
            "3", ",\"answer\":\"Yes\"") "," ITEM("4", ",\"answer\":\"zebra\"") "]");
    test_write_text(test_path(dir, "answer_set.txt"), "no\nyes\n");
    check_shown(
        "egotaskqa", dir, NULL, NULL,
        "vocabulary 0: no\nvocabulary 1: yes\n"
        "0: 1 | a|9 | en open: Q? | answer yes | tags reasoning=world | features 1\n"
        "1: 2 | a|9 | en open: Q? | answer zebra | tags reasoning=world | features "
        "1\n"
        "2: 3 | a|9 | en open: Q? | answer Yes | tags reasoning=world | features 1\n"
        "3: 4 | a|9 | en open: Q? | answer zebra | tags reasoning=world | features "
        "1\n"
        "unlisted_answer: val_qas.json[1]: the answer \"zebra\" is not in the "
        "vocabulary (questions: 2)\n"
        "unlisted_answer: val_qas.json[2]: the answer \"Yes\" is not in the "
        "vocabulary (questions: 1)\n");
    test_temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_and_events_are_read),
        cmocka_unit_test(malformed_questions_are_refused),
        cmocka_unit_test(odd_questions_are_noticed),
        cmocka_unit_test(malformed_events_are_refused),
        cmocka_unit_test(odd_events_are_noticed),
        cmocka_unit_test(names_of_classes_are_read_in_any_form),
        cmocka_unit_test(the_vocabulary_is_a_list_of_lines),
        cmocka_unit_test(a_number_of_the_vocabulary_is_an_answer),
        cmocka_unit_test(answers_that_the_vocabulary_lacks_are_noticed_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
