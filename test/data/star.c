/* STAR, as published and as Glance-Focus reads it. */
#include <stdio.h>
#include <string.h>

#include "support/data.h"
#include "support/testing.h"

static void published_files_are_read(void **state)
{
    (void)state;
    check_shown(
        "star", test_fixture("data/star"), NULL, NULL,
        "0: Interaction_T1_13 | YSKX3 from 11.1-18.9 | en choice: Which object was closed "
        "by the person? | options The door.; The closet/cabinet.; The refrigerator.; The "
        "\"box\", [or] {bag}. | right 1 | answer The closet/cabinet. | tags "
        "type=Interaction, template=T1 | frame 293: o009 0.5 1.5 30.25 40; o000 r002 o009; "
        "a113 | features Interaction_T1_13\n"
        "1: Feasibility_T6_1280 | 0A8CF from 0-7 | en choice: Which other object is "
        "possible to be eaten? | options The dish.; The café's food.; The sandwich.; The "
        "medicine. | right 2 | answer The sandwich. | tags type=Feasibility, template=T6 | "
        "features Feasibility_T6_1280\n");
}

static void frames_are_told_with_names_and_times(void **state)
{
    (void)state;
    check_shown(
        "star", test_fixture("data/star-situations"), NULL, NULL,
        "0: Interaction_T1_4 | TJZ0P from 7.7-15.7 | en choice: Which object was "
        "eaten by the person? | options The sandwich.; The medicine.; The blanket.; "
        "The box. | right 0 | answer The sandwich. | tags type=Interaction, "
        "template=T1 | frame 241 at 8 s: table, book 234.38 156.84 292.24 207.01; "
        "person on table; person holding book; Eating a sandwich | frame 301 at 10 "
        "s | features Interaction_T1_4\n"
        "1: Sequence_T2_1 | GONE1 from 0-4 | en choice: Q? | options A; B; C; D | "
        "right 3 | answer D | tags type=Sequence, template=T2 | frame 1: o099 1 2 3 "
        "4 | features Sequence_T2_1\n"
        "mismatch: STAR_val.json[1]: video_fps does not have \"GONE1.mp4\"\n"
        "mismatch: STAR_val.json[1]: 2 bbox, but 1 bbox_labels\n"
        "unknown_event: STAR_val.json[1]: class \"o099\" is not listed\n");
}

static void test_files_hide_the_answers(void **state)
{
    (void)state;
    check_shown("star", test_fixture("data/star"), "test", NULL,
                "0: Prediction_T3_7 | ZZ4GP from 2.5-4 | en choice: What will the person "
                "do next? | options Sit.; Eat.; Run.; Read. | tags type=Prediction, "
                "template=T3 | features Prediction_T3_7\n");
}

#define CHOICES                                                                            \
    "\"choices\":[{\"choice_id\":0,\"choice\":\"A\"},{\"choice_id\":1,\"choice\":\"B\"},"  \
    "{\"choice_id\":2,\"choice\":\"C\"},{\"choice_id\":3,\"choice\":\"D\"}]"
#define ITEM(id, answer, choices)                                                          \
    "{\"question_id\":\"" id "\",\"question\":\"Q?\",\"video_id\":\"V\",\"start\":1,"      \
    "\"end\":2,\"answer\":" answer "," choices "}"

static void malformed_published_files_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"no array", "{}", "STAR_val.json:1: expected an array, \"[\""},
        {"nothing", "", "STAR_val.json:1: expected an array, \"[\""},
        {"empty split", "[ ]", "STAR_val.json: no questions in it"},
        {"cut off in a string", "[{\"question_id\":\"In",
         "STAR_val.json:1: the text ends inside a string; the file may be cut off"},
        {"cut off", "[{\"question_id\":1,",
         "STAR_val.json:1: the text ends inside a value; the file may be cut off"},
        {"no end", "[" ITEM("Sequence_T1_1", "\"A\"", CHOICES),
         "STAR_val.json:1: the text ends inside a value; the file may be cut off"},
        {"a comma too many", "[" ITEM("Sequence_T1_1", "\"A\"", CHOICES) ",\n]",
         "STAR_val.json:2: expected a value"},
        {"text behind the end", "[" ITEM("Sequence_T1_1", "\"A\"", CHOICES) "]\n\n[]",
         "STAR_val.json:3: text behind the end of the value"},
        {"missing key",
         "[" ITEM("Sequence_T1_1", "\"A\"",
                  CHOICES) ",{\"question_id\":\"Sequence_T1_2\"}]",
         "STAR_val.json[1]: key \"video_id\" is missing"},
        {"wrong type", "[{\"question_id\":3}]",
         "STAR_val.json[0]: key \"question_id\": expected a string, got the integer 3"},
        {"no object", "[3]", "STAR_val.json[0]: expected an object, got the integer 3"},
        {"answer of a wrong type", "[" ITEM("Sequence_T1_1", "2", CHOICES) "]",
         "STAR_val.json[0]: key \"answer\": expected a string, got the integer 2"},
        {"choices missing", "[" ITEM("Sequence_T1_1", "\"A\"", "\"choices\":[]") "]",
         "STAR_val.json[0]: key \"choices\": expected 4 choices, got 0"},
        {"bad choice id",
         "[" ITEM("Sequence_T1_1", "\"A\"",
                  "\"choices\":[{\"choice_id\":4,\"choice\":\"A\"},1,2,3]") "]",
         "STAR_val.json[0]: key \"choices[0].choice_id\": expected an integer from 0 to 3, "
         "got 4"},
        {"two choices with one id",
         "[" ITEM("Sequence_T1_1", "\"A\"",
                  "\"choices\":[{\"choice_id\":1,\"choice\":\"A\"},{\"choice_id\":1,"
                  "\"choice\":\"B\"},2,3]") "]",
         "STAR_val.json[0]: key \"choices[1].choice_id\": another choice has the id 1, "
         "too"},
        {"a clip that ends before it begins",
         "[{\"question_id\":\"Sequence_T1_1\",\"question\":\"Q?\",\"video_id\":\"V\","
         "\"start\":3,\"end\":2}]",
         "STAR_val.json[0]: key \"start\": a clip from 3 s to 2 s is none"},
        {"a frame that is none",
         "[" ITEM("Sequence_T1_1", "\"A\"", CHOICES ",\"situations\":{\"x\":{}}") "]",
         "STAR_val.json[0]: key \"situations.x\": is not the number of a frame"},
        {"a short box",
         "[" ITEM("Sequence_T1_1", "\"A\"",
                  CHOICES ",\"situations\":{\"1\":{\"bbox\":[[1,2,3]],\"bbox_labels\":"
                          "[\"o1\"]}}") "]",
         "STAR_val.json[0]: key \"situations.1.bbox[0]\": expected 4 numbers, got 3"},
        {"no pair",
         "[" ITEM("Sequence_T1_1", "\"A\"",
                  CHOICES ",\"situations\":{\"1\":{\"bbox\":[],\"bbox_labels\":[],"
                          "\"rel_pairs\":[[\"o0\"]],\"rel_labels\":[\"r0\"]}}") "]",
         "STAR_val.json[0]: key \"situations.1.rel_pairs[0]\": expected a pair of "
         "objects"},
    };
    check_refused("star", "STAR_val.json", cases, TEST_COUNT(cases));
}

static void odd_published_files_are_noticed(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"unknown answer", "[" ITEM("Sequence_T1_1", "\"E\"", CHOICES) "]",
         "unknown_answer: STAR_val.json[0]: the answer \"E\" is none of the options"},
        {"hidden answer", "[" ITEM("Sequence_T1_1", "null", CHOICES) "]",
         "no_answer: STAR_val.json[0]: question \"Sequence_T1_1\" has no answer"},
        {"duplicate id",
         "[" ITEM("Sequence_T1_1", "\"A\"", CHOICES) "," ITEM("Sequence_T1_1", "\"B\"",
                                                              CHOICES) "]",
         "duplicate_id: STAR_val.json[1]: question id \"Sequence_T1_1\" was there before"},
        {"odd type", "[" ITEM("Sequences_T1_1", "\"A\"", CHOICES) "]",
         "odd_type: STAR_val.json[0]: question id \"Sequences_T1_1\" begins with no type "
         "of STAR"},
    };
    check_noticed("star", "STAR_val.json", cases, TEST_COUNT(cases));
}

static void an_unlisted_class_is_noticed_once(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    ask_error err = {0};
    test_write_text(test_path(dir, "STAR_val.json"),
                    "[" ITEM("Sequence_T1_1", "\"A\"",
                             CHOICES ",\"situations\":{\"1\":{\"bbox\":[null,null,null],"
                                     "\"bbox_labels\":[\"o9\",\"o9\",\"o8\"],"
                                     "\"rel_pairs\":[[\"o1\",\"o9\"]],\"rel_labels\":"
                                     "[\"r1\"],\"actions\":[]}}") "]");
    test_write_text(test_path(dir, "object_classes.txt"), "o1 cup\n");
    ask_dataset *d = ask_dataset_open("star", dir, NULL, NULL, &err);
    CHECK_OK(d, &err);
    size_t n;
    const ask_data_notice *noticed = ask_dataset_report(d, &n);
    assert_int_equal(n, 2);
    assert_non_null(strstr(noticed[0].text, "class \"o9\" is not listed"));
    assert_non_null(strstr(noticed[1].text, "class \"o8\" is not listed"));
    ask_dataset_close(d);
    test_temp_dir_remove(dir);
}

static void malformed_rates_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *bytes;
        size_t n;
        const char *says;
    } cases[] = {
        {"a list", "\x80\x03].", 4, "expected a dictionary, got a list"},
        {"a name for a rate", "\x80\x03}X\x01\0\0\0aX\x01\0\0\0bs.", 17,
         "entry 0 is not a video's name and frames per second"},
        {"no frames at all", "\x80\x03}X\x01\0\0\0aK\0s.", 13,
         "entry 0 is not a video's name and frames per second"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = test_temp_dir_make(), says[300];
        ask_error err = {0};
        test_write_text(test_path(dir, "STAR_val.json"), "[]");
        test_write(test_path(dir, "video_fps"), cases[i].bytes, cases[i].n);
        CHECK_CASE(cases[i].name, !ask_dataset_open("star", dir, NULL, NULL, &err));
        snprintf(says, sizeof says, "%s/video_fps: %s", dir, cases[i].says);
        assert_string_equal(err.message, says);
        test_temp_dir_remove(dir);
    }
}

/* ---- Glance-Focus ---- */

#define CLASSES                                                                            \
    "class 0: v001 o000\n"                                                                 \
    "class 1: v003 o009\n"                                                                 \
    "class 2: v011 o021\n"

static void lines_and_events_are_read(void **state)
{
    (void)state;
    check_shown(
        "star-lines", test_fixture("data/star-lines"), "val", NULL,
        CLASSES
        "1: Interaction_T1_13 | YSKX3 | en choice: Which object was closed by the person? "
        "| options The door.; The closet/cabinet.; The refrigerator.; The box. | right 1 | "
        "answer The closet/cabinet. | tags type=Interaction, template=T1 | events of 7.8 "
        "s: 1@0-3.5, 0@3.5-7.8 | features Interaction_T1_13\n"
        "2: Sequence_T2_40 | 0A8CF | en choice: What happened after the person sat? | "
        "options Ate the sandwich.; Opened the bag.; Took the shoe.; Held the cup. | right "
        "3 | answer Held the cup. | tags type=Sequence, template=T2 | events of 10 s | "
        "features Sequence_T2_40\n");
    check_shown("star-lines", test_fixture("data/star-lines"), "test", NULL,
                CLASSES
                "1: Prediction_T3_7 | ZZ4GP | en choice: What is next? | options Sit.; "
                "Eat.; Run.; Read. | right 0 | answer Sit. | tags type=Prediction, "
                "template=T3 | events of 1.5 s: 2@0-1 | features Prediction_T3_7\n");
}

#define LINE(id, answer, options)                                                          \
    "{\"question_id\":\"" id                                                               \
    "\",\"question\":\"Q?\",\"video_id\":\"V\",\"answer\":" answer ",\"options\":" options \
    "}\n"
#define OPTIONS "[\"A\",\"B\",\"C\",\"D\"]"

static void malformed_lines_are_refused(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"empty split", "\n\n", "val.jsonl: no questions in it"},
        {"no JSON", LINE("Sequence_T1_1", "0", OPTIONS) "\nval\n",
         "val.jsonl:3:3: invalid token near 'val'"},
        {"missing key", "{\"question_id\":\"Sequence_T1_1\"}",
         "val.jsonl:1: key \"gif_name\" is missing"},
        {"wrong type", LINE("Sequence_T1_1", "\"A\"", OPTIONS),
         "val.jsonl:1: key \"answer\": expected an integer, got a string"},
        {"bad index", LINE("Sequence_T1_1", "4", OPTIONS),
         "val.jsonl:1: key \"answer\": expected an integer from 0 to 3, got 4"},
        {"three options", LINE("Sequence_T1_1", "0", "[\"A\",\"B\",\"C\"]"),
         "val.jsonl:1: key \"options\": expected 4 items, got 3"},
        {"an array", "[]", "val.jsonl:1: key \"question_id\" is missing"},
    };
    check_refused("star-lines", "val.jsonl", cases, TEST_COUNT(cases));
}

static void odd_lines_are_noticed(void **state)
{
    (void)state;
    static const data_case cases[] = {
        {"hidden answer", LINE("Sequence_T1_1", "null", OPTIONS),
         "no_answer: val.jsonl:1: question \"Sequence_T1_1\" has no answer"},
        {"duplicate id",
         LINE("Sequence_T1_1", "1", OPTIONS) LINE("Sequence_T1_1", "2", OPTIONS),
         "duplicate_id: val.jsonl:2: question id \"Sequence_T1_1\" was there before"},
    };
    check_noticed("star-lines", "val.jsonl", cases, TEST_COUNT(cases));
}

/* What is beside a good line: events.json, and action_mapping.txt unless it is NULL. */
typedef struct {
    const char *name, *events, *classes, *says;
} beside_case;

static char *make_beside(const beside_case *c)
{
    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "val.jsonl"), LINE("Sequence_T1_1", "0", OPTIONS));
    test_write_text(test_path(dir, "events.json"), c->events);
    if (c->classes) test_write_text(test_path(dir, "action_mapping.txt"), c->classes);
    return dir;
}

static void malformed_events_and_classes_are_refused(void **state)
{
    (void)state;
    static const beside_case cases[] = {
        {"no object", "[]", NULL, "/events.json:1: expected an object, \"{\""},
        {"no key", "{1:2}", NULL, "/events.json:1: expected a key in quotes"},
        {"no colon", "{\"a\" 2}", NULL, "/events.json:1: expected \":\" behind the key"},
        {"no duration", "{\"Sequence_T1_1\":{\"actions\":[]}}", NULL,
         "/events.json[\"Sequence_T1_1\"]: key \"duration\" is missing"},
        {"no time", "{\"Sequence_T1_1\":{\"duration\":0,\"actions\":[]}}", NULL,
         "/events.json[\"Sequence_T1_1\"]: key \"duration\": expected a time above 0, got "
         "0"},
        {"no actions", "{\"Sequence_T1_1\":{\"duration\":1,\"actions\":{}}}", NULL,
         "/events.json[\"Sequence_T1_1\"]: key \"actions\": expected an array, got an "
         "object"},
        {"short event", "{\"Sequence_T1_1\":{\"duration\":1,\"actions\":[[1,2]]}}", NULL,
         "/events.json[\"Sequence_T1_1\"]: key \"actions[0]\": expected an array: class, "
         "..., start, end"},
        {"class of a wrong type",
         "{\"Sequence_T1_1\":{\"duration\":1,\"actions\":[[\"a\",0,1]]}}", NULL,
         "/events.json[\"Sequence_T1_1\"]: key \"actions[0][0]\": expected an integer, got "
         "a string"},
        {"ends before it begins",
         "{\"Sequence_T1_1\":{\"duration\":1,\"actions\":[[0,1,0.5]]}}", NULL,
         "/events.json[\"Sequence_T1_1\"]: key \"actions[0]\": begins at 1 s, behind its "
         "end at 0.5 s"},
        {"class without a name", "{}", "a000 v0\na001\n",
         "/action_mapping.txt:2: expected an id, a space and a name"},
        {"no classes", "{}", "", "/action_mapping.txt: no texts in it"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        char *dir = make_beside(&cases[i]);
        CHECK_CASE(cases[i].name, !ask_dataset_open("star-lines", dir, NULL, NULL, &err));
        if (strcmp(err.message + strlen(dir), cases[i].says) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_FORMAT);
        test_temp_dir_remove(dir);
    }
}

static void odd_events_are_noticed(void **state)
{
    (void)state;
    static const beside_case cases[] = {
        {"none for a question", "{}", NULL,
         "missing_events: val.jsonl:1: \"Sequence_T1_1\" is not in events.json\n"},
        {"of another question, malformed", "{\"other\":[]}", NULL,
         "missing_events: val.jsonl:1: \"Sequence_T1_1\" is not in events.json\n"},
        {"outside of the clip",
         "{\"Sequence_T1_1\":{\"duration\":1,\"actions\":[[0,0,1.5]]}}", NULL,
         "outside: events.json[\"Sequence_T1_1\"]: event 0 s to 1.5 s is not within the 1 "
         "s that there are\n"},
        {"a class too many", "{\"Sequence_T1_1\":{\"duration\":1,\"actions\":[[2,0,1]]}}",
         "a000 x\r\na001 y z\r\n",
         "unknown_event: events.json[\"Sequence_T1_1\"]: class 2, but action_mapping.txt "
         "has 2\n"},
        {"a class too many, twice",
         "{\"Sequence_T1_1\":{\"duration\":1,\"actions\":[[2,0,1],[2,0,1]]}}",
         "a000 x\na001 y z\n",
         "unknown_event: events.json[\"Sequence_T1_1\"]: class 2, but action_mapping.txt "
         "has 2\n"},
        {"a key twice",
         "{\"Sequence_T1_1\":{\"duration\":1,\"actions\":[[0,0,1]]},\"Sequence_T1_1\":"
         "{\"duration\":7,\"actions\":[]}}",
         NULL, "duplicate_id: events.json[\"Sequence_T1_1\"]: was there before\n"},
    };
    static const char *const shown[] = {"",
                                        "",
                                        " | events of 1 s: 0@0-1.5",
                                        " | events of 1 s: 2@0-1",
                                        " | events of 1 s: 2@0-1, 2@0-1",
                                        " | events of 1 s: 0@0-1"};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = make_beside(&cases[i]);
        char expected[800];
        snprintf(
            expected, sizeof expected,
            "%s1: Sequence_T1_1 | V | en choice: Q? | options A; B; C; D | right 0 | "
            "answer A | tags type=Sequence, template=T1%s | features Sequence_T1_1\n%s",
            cases[i].classes ? "class 0: x\nclass 1: y z\n" : "", shown[i], cases[i].says);
        check_shown("star-lines", dir, "val", NULL, expected);
        test_temp_dir_remove(dir);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_files_are_read),
        cmocka_unit_test(frames_are_told_with_names_and_times),
        cmocka_unit_test(an_unlisted_class_is_noticed_once),
        cmocka_unit_test(malformed_rates_are_refused),
        cmocka_unit_test(test_files_hide_the_answers),
        cmocka_unit_test(malformed_published_files_are_refused),
        cmocka_unit_test(odd_published_files_are_noticed),
        cmocka_unit_test(lines_and_events_are_read),
        cmocka_unit_test(malformed_lines_are_refused),
        cmocka_unit_test(odd_lines_are_noticed),
        cmocka_unit_test(malformed_events_and_classes_are_refused),
        cmocka_unit_test(odd_events_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
