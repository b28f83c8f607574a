/* Events that a caller names a file of, for sets that are published without. */
#include <string.h>

#include "support/data.h"
#include "support/testing.h"

static const char questions[] =
    "{\"id\":\"1\",\"video\":\"a\",\"question\":\"q\",\"answer\":\"x\"}\n"
    "{\"id\":\"2\",\"video\":\"a\",\"question\":\"q\",\"answer\":\"x\",\"clip\":[2,5]}\n"
    "{\"id\":\"3\",\"video\":\"a\",\"question\":\"q\",\"answer\":\"x\",\"clip\":[2,5]}\n";

/* Question 3 has events of its own; the others have those of the video, 2 of its part. */
static const char events[] =
    "{\"a\":{\"duration\":8,\"actions\":[[0,1,3],[1,3.5,6],[0,6,7]]},\n"
    " \"3\":{\"duration\":3,\"actions\":[[1,0,3]]}}";

static char *dir;

static int set_up(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    test_write_text(test_path(dir, "train.jsonl"), questions);
    test_write_text(test_path(dir, "events/events.json"), events);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

static ask_dataset *opened(const char *file, ask_error *err)
{
    ask_data_options opt = ask_data_defaults();
    opt.events = test_path(dir, file);
    return ask_dataset_open("lines", dir, "train", &opt, err);
}

static void events_go_by_question_or_by_video_and_are_of_the_part(void **state)
{
    static const struct {
        double length_s;
        int n;
        ask_data_event events[3];
    } expected[] = {
        {8, 3, {{0, {1, 3}}, {1, {3.5, 6}}, {0, {6, 7}}}},
        {3, 2, {{0, {0, 1}}, {1, {1.5, 3}}}},
        {3, 1, {{1, {0, 3}}}},
    };
    (void)state;
    ask_error err = {0};
    ask_dataset *d = opened("events/events.json", &err);
    CHECK_OK(d, &err);
    size_t n;
    const ask_data_record *r = ask_dataset_records(d, &n);
    assert_int_equal(n, TEST_COUNT(expected));
    for (size_t i = 0; i < n; i++) {
        CHECK_CASE(r[i].id, r[i].events_s == expected[i].length_s);
        CHECK_CASE(r[i].id, r[i].n_events == expected[i].n);
        for (int k = 0; k < r[i].n_events; k++) {
            const ask_data_event *a = &r[i].events[k], *b = &expected[i].events[k];
            CHECK_CASE(r[i].id, a->class_index == b->class_index);
            CHECK_CASE(r[i].id, a->at.start_s == b->at.start_s);
            CHECK_CASE(r[i].id, a->at.end_s == b->at.end_s);
        }
    }
    ask_dataset_close(d);
}

static void classes_are_those_beside_the_file(void **state)
{
    (void)state;
    ask_error err = {0};
    int n;
    test_write_text(test_path(dir, "more/events.json"), events);
    test_write_text(test_path(dir, "more/action_mapping.txt"), "a000 runs");
    ask_dataset *d = opened("more/events.json", &err);
    CHECK_OK(d, &err);
    assert_string_equal(ask_dataset_classes(d, &n)[0], "runs");
    assert_int_equal(n, 1);
    size_t n_noticed;
    const ask_data_notice *notices = ask_dataset_report(d, &n_noticed);
    assert_int_equal(n_noticed, 1);
    assert_int_equal(notices[0].kind, ASK_DATA_UNKNOWN_EVENT);
    ask_dataset_close(d);
}

static void a_file_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    ask_error err = {0};
    assert_null(opened("events/none.json", &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_non_null(strstr(err.message, "none.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_go_by_question_or_by_video_and_are_of_the_part),
        cmocka_unit_test(classes_are_those_beside_the_file),
        cmocka_unit_test(a_file_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
