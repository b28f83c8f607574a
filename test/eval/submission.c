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
    assert_int_equal(ask_eval_submission_write(&text, "qvhighlights", &all), 3);
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

static ask_json *line_of(const char *text, int line)
{
    ask_error err = {0};
    for (int i = 0; i < line; i++) text = strchr(text, '\n') + 1;
    const char *end = strchr(text, '\n');
    assert_non_null(end);
    ask_json *doc = ask_json_parse(text, (size_t)(end - text), "line", NULL, &err);
    CHECK_OK(doc, &err);
    return doc;
}

static void check_list(ask_json_value root, const char *path, const double *numbers, int n)
{
    ask_json_value list = ask_json_find(root, path);
    if ((int)ask_json_count(list) != n)
        fail_msg("%s: %zu numbers", path, ask_json_count(list));
    for (int i = 0; i < n; i++) {
        double value;
        ask_error err = {0};
        CHECK_OK(ask_json_get_double(&value, ask_json_item(list, (size_t)i), NULL, &err),
                 &err);
        if (value != numbers[i]) fail_msg("%s, %d: %g", path, i, value);
    }
}

static const ask_eval_moment moments[] = {{.start_s = 4, .end_s = 10, .score = 0.75},
                                          {.start_s = 0, .end_s = 5, .score = 0.5}};
static const ask_eval_moment below[] = {{.start_s = 2, .end_s = 4, .score = -0.25},
                                        {.start_s = 4, .end_s = 6, .score = -1.5}};

static void qvhighlights_has_a_line_for_each_query(void **state)
{
    (void)state;
    static const double clips[] = {0.5, -1.25, 2};
    ask_eval_row rows[] = {row("2579", "NUsG9BgSes0_210.0_360.0", -1), row("7", "v", -1),
                           row("x7", "v", -1)};
    for (int i = 0; i < 3; i++) rows[i].item.record.video_s = 13;
    for (int i = 0; i < 3; i += 2) {
        rows[i].given.moments = moments;
        rows[i].given.n_moments = 2;
        rows[i].given.clip_scores = clips;
        rows[i].given.n_clip_scores = 3;
    }
    char *text = written("qvhighlights", rows, 3);
    ask_json *doc = line_of(text, 0);
    ask_json_value root = ask_json_root(doc);
    assert_int_equal(ask_json_count(root), 5);
    check_number(root, "qid", 2579);
    check_text(root, "query", "what?");
    check_text(root, "vid", "NUsG9BgSes0_210.0_360.0");
    assert_int_equal(ask_json_count(ask_json_find(root, "pred_relevant_windows")), 2);
    check_list(root, "pred_relevant_windows.0", (double[]){4, 10, 0.75}, 3);
    check_list(root, "pred_relevant_windows.1", (double[]){0, 5, 0.5}, 3);
    check_list(root, "pred_saliency_scores", clips, 3);
    ask_json_free(doc);

    doc = line_of(text, 1); // 7 has no answer
    root = ask_json_root(doc);
    check_number(root, "qid", 7);
    assert_int_equal(ask_json_count(ask_json_find(root, "pred_relevant_windows")), 1);
    check_list(root, "pred_relevant_windows.0", (double[]){0, 13, 0}, 3);
    check_list(root, "pred_saliency_scores", (double[6]){0}, 6);
    ask_json_free(doc);

    doc = line_of(text, 2);
    check_text(ask_json_root(doc), "qid", "x7");
    ask_json_free(doc);
    free(text);
    const ask_eval_rows all = {.rows = rows, .n = 3};
    ask_str again = {0};
    assert_int_equal(ask_eval_submission_write(&again, "qvhighlights", &all), 1);
    ask_str_free(&again);
}

static void clips_without_scores_have_those_of_their_windows(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const ask_eval_moment *moments;
        double clips[6];
    } cases[] = {
        {"above 0", moments, {0.5, 0.5, 0.75, 0.75, 0.75, 0}},
        {"below 0", below, {-1.5, -0.25, -1.5, -1.5, -1.5, -1.5}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_eval_row r = row("1", "v", -1);
        r.item.record.video_s = 12;
        r.given.moments = cases[i].moments;
        r.given.n_moments = 2;
        char *text = written("qvhighlights", &r, 1);
        ask_json *doc = line_of(text, 0);
        check_list(ask_json_root(doc), "pred_saliency_scores", cases[i].clips, 6);
        ask_json_free(doc);
        free(text);
    }
}

static void other_tasks_have_none(void **state)
{
    (void)state;
    assert_null(ask_eval_submission_name("nextqa"));
    assert_false(ask_eval_submission_wants_all("star"));
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
        cmocka_unit_test(clips_without_scores_have_those_of_their_windows),
        cmocka_unit_test(other_tasks_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
