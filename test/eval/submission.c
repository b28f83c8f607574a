/* Files for servers, read back field by field. */
#include "eval/submission.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "support/testing.h"

static ask_eval_row row(const char *id, const char *video, int choice)
{
    return (ask_eval_row){.item.record = {.id = id, .video = video, .question = "what?"},
                          .given.decision.choice = choice};
}

static const ask_data_tag types[] = {
    {"type", "Interaction"}, {"type", "Sequence"}, {"type", "Prediction"}, {"type", "17"}};

/* Of a type: the tag that the reader of the set gives. */
static ask_eval_row typed(int type, const char *id, const char *video, int choice)
{
    ask_eval_row r = row(id, video, choice);
    r.item.record.tags = &types[type];
    r.item.record.n_tags = 1;
    return r;
}

static char *written(const char *task, ask_eval_row *rows, size_t n)
{
    ask_error err = {0};
    const ask_eval_rows all = {.rows = rows, .n = n};
    ask_str text = {0};
    ask_eval_submission_write(&text, task, &all);
    char *taken = ask_str_take(&text, &err);
    CHECK_OK(taken, &err);
    return taken;
}

static void star_has_four_lists_of_numbers(void **state)
{
    (void)state;
    ask_eval_row rows[] = {
        typed(0, "Interaction_T1_2", "a", 3),
        typed(0, "Interaction_T1_2", "a", 1), // the same again
        typed(2, "Prediction_T9_1", "a", 0),
        typed(1, "Sequence_T3_7", "b", 2),
        typed(1, "Sequence_T3_8", "b", -1),
        typed(0, "18", "b", 1), // an id without the type
    };
    char *text = written("star", rows, TEST_COUNT(rows));
    assert_string_equal(
        text, "{\"Interaction\":[{\"question_id\":\"Interaction_T1_2\",\"answer\":3},"
              "{\"question_id\":\"18\",\"answer\":1}],"
              "\"Sequence\":[{\"question_id\":\"Sequence_T3_7\",\"answer\":2}],"
              "\"Prediction\":[{\"question_id\":\"Prediction_T9_1\",\"answer\":0}],"
              "\"Feasibility\":[]}");
    free(text);
    text = written("star-lines", rows, 0);
    assert_string_equal(
        text, "{\"Interaction\":[],\"Sequence\":[],\"Prediction\":[],\"Feasibility\":[]}");
    free(text);
}

static void answers_of_no_type_are_counted(void **state)
{
    (void)state;
    ask_eval_row rows[] = {typed(3, "17", "a", 3), typed(3, "17", "a", -1),
                           typed(0, "Interaction_T1_2", "a", 1)};
    const ask_eval_rows all = {.rows = rows, .n = TEST_COUNT(rows)};
    ask_str text = {0};
    assert_int_equal(ask_eval_submission_write(&text, "star", &all), 1);
    assert_null(strstr(ask_str_text(&text), "17"));
    ask_str_clear(&text);
    assert_int_equal(ask_eval_submission_write(&text, "qvhighlights", &all), 0);
    ask_str_free(&text);
}

static void check_number(ask_json_value v, const char *path, double expected)
{
    double value;
    ask_error err = {0};
    CHECK_OK(ask_json_get_double(&value, v, path, &err), &err);
    CHECK_CASE(path, value == expected);
}

static void check_text(ask_json_value v, const char *path, const char *expected)
{
    const char *value;
    ask_error err = {0};
    CHECK_OK(ask_json_get_string(&value, v, path, &err), &err);
    assert_string_equal(value, expected);
}

static void qvhighlights_has_a_line_for_each_query(void **state)
{
    (void)state;
    ask_error err = {0};
    static const ask_eval_moment moments[] = {{.start_s = 4, .end_s = 10, .score = 0.75},
                                              {.start_s = 0, .end_s = 2, .score = 0.5}};
    static const double clips[] = {0.5, -1.25, 2};
    ask_eval_row rows[] = {row("2579", "NUsG9BgSes0_210.0_360.0", -1), row("7", "v", -1),
                           row("x7", "v", -1)};
    for (int i = 0; i < 3; i += 2) {
        rows[i].given.moments = moments;
        rows[i].given.n_moments = 2;
        rows[i].given.clip_scores = clips;
        rows[i].given.n_clip_scores = 3;
    }
    char *text = written("qvhighlights", rows, 3), *end = strchr(text, '\n');
    ask_json *doc = ask_json_parse(text, (size_t)(end - text), "line", NULL, &err);
    CHECK_OK(doc, &err);
    ask_json_value root = ask_json_root(doc);
    assert_int_equal(ask_json_count(root), 5);
    int64_t qid;
    CHECK_OK(ask_json_get_int(&qid, root, "qid", 0, 1 << 20, &err), &err);
    assert_int_equal(qid, 2579);
    check_text(root, "query", "what?");
    check_text(root, "vid", "NUsG9BgSes0_210.0_360.0");
    assert_int_equal(ask_json_count(ask_json_find(root, "pred_relevant_windows")), 2);
    check_number(root, "pred_relevant_windows.0.0", 4);
    check_number(root, "pred_relevant_windows.0.1", 10);
    check_number(root, "pred_relevant_windows.0.2", 0.75);
    check_number(root, "pred_relevant_windows.1.2", 0.5);
    assert_int_equal(ask_json_count(ask_json_find(root, "pred_saliency_scores")), 3);
    check_number(root, "pred_saliency_scores.1", -1.25);
    ask_json_free(doc);
    assert_int_equal(strncmp(end + 1, "{\"qid\":\"x7\",", 12), 0); // 7 has no moment
    assert_string_equal(strchr(end + 1, '\n'), "\n");
    free(text);
}

static void other_tasks_have_none(void **state)
{
    (void)state;
    assert_null(ask_eval_submission_name("nextqa"));
    assert_string_equal(ask_eval_submission_name("star-lines"), "submission_star.json");
    assert_string_equal(ask_eval_submission_name("qvhighlights"),
                        "submission_qvhighlights.jsonl");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(star_has_four_lists_of_numbers),
        cmocka_unit_test(answers_of_no_type_are_counted),
        cmocka_unit_test(qvhighlights_has_a_line_for_each_query),
        cmocka_unit_test(other_tasks_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
