/* What a set of questions has, counted. */
#include "data/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "support/testing.h"

static ask_dataset *open_set(const char *set, const char *dir)
{
    ask_error err = {0};
    ask_dataset *d = ask_dataset_open(set, dir, "val", NULL, &err);
    CHECK_OK(d, &err);
    return d;
}

static void check_tags(const ask_data_summary *s, const char *expected)
{
    ask_str shown = {0};
    for (size_t i = 0; i < s->n_tags; i++)
        ask_str_printf(&shown, "%s=%s:%zu ", s->tags[i].group, s->tags[i].name,
                       s->tags[i].n);
    assert_string_equal(ask_str_text(&shown), expected);
    ask_str_free(&shown);
}

static void questions_of_every_kind_are_counted(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_data_summary s;
    ask_dataset *d = open_set("lines", test_fixture("data/own"));
    CHECK_OK(ask_data_summary_of(&s, d, &err), &err);
    assert_int_equal(s.n_questions, 6);
    assert_int_equal(s.n_kinds[ASK_DATA_CHOICE], 3);
    assert_int_equal(s.n_kinds[ASK_DATA_OPEN], 1);
    assert_int_equal(s.n_kinds[ASK_DATA_COUNT], 1);
    assert_int_equal(s.n_kinds[ASK_DATA_RETRIEVE], 1);
    assert_int_equal(s.n_answered, 6);
    assert_int_equal(s.n_clips, 1);
    assert_int_equal(s.n_windows, 2);
    assert_int_equal(s.n_saliency, 0);
    assert_int_equal(s.n_events, 0);
    assert_int_equal(s.n_subtitles, 1);
    assert_int_equal(s.n_videos, 3);
    assert_int_equal(s.n_videos_found, 0);
    check_tags(&s, "skill=color:1 skill=motion:1 type=descriptive:1 ");
    ask_data_summary_free(&s);
    assert_null(s.tags);
    ask_dataset_close(d);
}

static void videos_events_and_notices_are_counted(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_data_summary s;
    ask_dataset *d = open_set("socialiq2", test_fixture("data/socialiq2"));
    CHECK_OK(ask_data_summary_of(&s, d, &err), &err);
    assert_int_equal(s.n_videos, 2);
    assert_int_equal(s.n_videos_found, 1);
    assert_int_equal(s.n_subtitles, 2);
    assert_int_equal(s.n_notices[ASK_DATA_DUPLICATE_ID], 1);
    assert_int_equal(s.n_notices[ASK_DATA_MISSING_VIDEO], 1);
    assert_int_equal(s.n_notices[ASK_DATA_MISMATCH], 0);
    ask_data_summary_free(&s);
    ask_dataset_close(d);
    d = open_set("star-lines", test_fixture("data/star-lines"));
    CHECK_OK(ask_data_summary_of(&s, d, &err), &err);
    assert_int_equal(s.n_events, 1); // the other question's list is empty
    ask_data_summary_free(&s);
    ask_dataset_close(d);
    d = open_set("qvhighlights", test_fixture("data/qvhighlights"));
    CHECK_OK(ask_data_summary_of(&s, d, &err), &err);
    assert_int_equal(s.n_saliency, 2);
    assert_int_equal(s.n_answered, 2);
    ask_data_summary_free(&s);
    ask_dataset_close(d);
}

static void tags_are_sorted_by_how_frequent_they_are(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "val.csv"),
                    "id,video,question,answer,tag_b,tag_a\n1,v,Q?,x,rare,n10\n"
                    "2,v,Q?,x,often,n9\n3,v,Q?,x,often,\n");
    ask_error err = {0};
    ask_data_summary s;
    ask_dataset *d = open_set("table", dir);
    CHECK_OK(ask_data_summary_of(&s, d, &err), &err);
    check_tags(&s, "a=n9:1 a=n10:1 b=often:2 b=rare:1 ");
    ask_data_summary_free(&s);
    ask_dataset_close(d);
    test_temp_dir_remove(dir);
}

static bool summarize(void *user, ask_error *err)
{
    ask_data_summary s;
    if (!ask_data_summary_of(&s, user, err)) return false;
    ask_data_summary_free(&s);
    return true;
}

static void memory_that_runs_out_is_an_error(void **state)
{
    (void)state;
    ask_dataset *d = open_set("lines", test_fixture("data/own"));
    assert_true(test_each_alloc_fails("summary", summarize, d) >= 3);
    ask_dataset_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_of_every_kind_are_counted),
        cmocka_unit_test(videos_events_and_notices_are_counted),
        cmocka_unit_test(tags_are_sorted_by_how_frequent_they_are),
        cmocka_unit_test(memory_that_runs_out_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
