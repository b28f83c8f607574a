/* Numbers of rows that were worked out by hand, and what they are written as. */
#include "eval/scores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "eval/scores_write.h"
#include "support/testing.h"

static const char *const options[] = {"red", "blue", "none", "green"};
static const ask_data_tag color[] = {{"type", "color"}, {"family", "look"}};
static const ask_data_tag order[] = {{"type", "order"}, {"family", "time"}};

/* ---- rows ---- */

static ask_eval_row row(const char *video, ask_data_kind kind)
{
    return (ask_eval_row){.item = {.record = {.id = "q",
                                              .video = video,
                                              .question = "?",
                                              .kind = kind,
                                              .answer_index = -1},
                                   .counts = ask_count_any()},
                          .given.decision.choice = -1};
}

static ask_eval_row choice(const char *video, const ask_data_tag *tags, int right,
                           int given)
{
    ask_eval_row r = row(video, ASK_DATA_CHOICE);
    r.item.record.options = options;
    r.item.record.n_options = 4;
    r.item.record.tags = tags;
    r.item.record.n_tags = 2;
    r.item.record.answer_index = right;
    r.given.decision.choice = given;
    return r;
}

static ask_eval_row count(const char *video, int64_t truth, double given)
{
    ask_eval_row r = row(video, ASK_DATA_COUNT);
    r.item.record.has_count = true;
    r.item.record.count = truth;
    r.given.decision.has_count = true;
    r.given.decision.count = given;
    return r;
}

static ask_eval_scores grade(const ask_eval_row *rows, size_t n)
{
    ask_error err = {0};
    ask_eval_scores s;
    ask_bootstrap_options o = ask_bootstrap_defaults();
    o.n_draws = 50;
    CHECK_OK(ask_eval_grade(&s, rows, n, &o, &err), &err);
    return s;
}

static void check(const ask_eval_table *t, ask_eval_score score, double value, size_t n)
{
    const ask_eval_number *number = &t->numbers[score];
    bool same = isnan(value) ? isnan(number->value) : fabs(number->value - value) < 1e-12;
    if (!same || number->n != n)
        fail_msg("%s: %g of %zu, not %g of %zu", ask_eval_score_name(score), number->value,
                 number->n, value, n);
}

/* ---- numbers ---- */

static void of_no_rows_there_is_nothing_to_tell(void **state)
{
    (void)state;
    ask_eval_scores s = grade(NULL, 0);
    for (int i = 0; i < ASK_N_SCORES; i++) check(&s.own, (ask_eval_score)i, NAN, 0);
    assert_true(isnan(s.own.types_mean));
    for (int b = 0; b < ASK_N_BASELINES; b++) assert_false(s.baselines[b].known);
    ask_eval_scores_free(&s);
}

static void answers_count_by_kind_and_tag(void **state)
{
    (void)state;
    ask_eval_row rows[] = {
        choice("a", color, 0, 0), choice("a", color, 1, 1),  choice("b", color, 2, 1),
        choice("b", order, 3, 3), choice("c", order, 0, -1), choice("c", order, -1, 2),
        row("d", ASK_DATA_OPEN),  row("d", ASK_DATA_OPEN),   count("d", 3, 1.4),
        count("e", 2, 2.2),
    };
    rows[4].error = "no picture";
    rows[6].item.record.answer = "a ball";
    rows[6].given.decision.text = "Ball";
    rows[7].item.record.answer = "cube";
    rows[7].given.decision.text = "ball";
    ask_eval_scores s = grade(rows, TEST_COUNT(rows));
    check(&s.own, ASK_SCORE_ACCURACY_MC, 3.0 / 5, 5); // the hidden one does not count
    check(&s.own, ASK_SCORE_ACCURACY_OPEN, 0.5, 2);
    check(&s.own, ASK_SCORE_COUNT_MAE, 1, 2);
    check(&s.own, ASK_SCORE_COUNT_MSE, 2, 2);
    check(&s.own, ASK_SCORE_COUNT_ACCURACY, 0.5, 2);
    check(&s.own, ASK_SCORE_GROUNDED_ACCURACY, NAN, 0);
    check(&s.own, ASK_SCORE_POINTING, NAN, 0);
    assert_int_equal(s.n_videos, 5);
    assert_int_equal(s.n_errors, 1);
    assert_int_equal(s.n_invalid, 0);
    assert_int_equal(s.own.n_types, 2);
    assert_string_equal(s.own.by_type[0].name, "color");
    assert_true(fabs(s.own.by_type[0].number.value - 2.0 / 3) < 1e-12);
    assert_true(s.own.by_type[1].number.value == 0.5);
    assert_true(fabs(s.own.types_mean - (2.0 / 3 + 0.5) / 2) < 1e-12);
    assert_int_equal(s.own.n_tags, 2);
    assert_string_equal(s.own.by_tag[1].group, "family");
    assert_string_equal(s.own.by_tag[1].name, "time");
    ask_eval_scores_free(&s);
}

static void types_are_of_open_questions_where_there_are_no_choices(void **state)
{
    (void)state;
    ask_eval_row rows[] = {row("a", ASK_DATA_OPEN), count("a", 3, 3)};
    rows[0].item.record.answer = "ball";
    rows[0].given.decision.text = "cube";
    rows[0].item.record.tags = rows[1].item.record.tags = color;
    rows[0].item.record.n_tags = rows[1].item.record.n_tags = 1;
    ask_eval_scores s = grade(rows, 2);
    assert_int_equal(s.own.n_types, 1);
    assert_true(s.own.by_type[0].number.value == 0.5);
    ask_eval_scores_free(&s);
}

static void open_answers_have_tags_of_their_own_beside_choices(void **state)
{
    (void)state;
    ask_eval_row rows[] = {choice("a", color, 0, 0), row("a", ASK_DATA_OPEN),
                           row("b", ASK_DATA_OPEN), count("b", 3, 3),
                           row("b", ASK_DATA_OPEN)};
    for (int i = 1; i < 5; i++) {
        rows[i].item.record.tags = i == 4 ? order : color;
        rows[i].item.record.n_tags = 2;
        if (i != 3) rows[i].item.record.answer = "ball";
        if (i != 3) rows[i].given.decision.text = i == 1 ? "ball" : "cube";
    }
    rows[1].has_baseline[ASK_BASELINE_MAJORITY] = true;
    rows[1].baselines[ASK_BASELINE_MAJORITY] =
        (ask_eval_decision){.choice = -1, .text = "ball"};
    ask_eval_scores s = grade(rows, TEST_COUNT(rows));
    assert_int_equal(s.own.n_types, 1);
    assert_true(s.own.by_type[0].number.value == 1);
    assert_int_equal(s.own.n_open_types, 2);
    assert_string_equal(s.own.open_by_type[0].name, "color");
    assert_true(s.own.open_by_type[0].number.value == 0.5); // without the count
    assert_int_equal(s.own.open_by_type[0].number.n, 2);
    assert_true(s.own.open_by_type[1].number.value == 0);
    assert_int_equal(s.own.n_open_tags, 2);
    assert_string_equal(s.own.open_by_tag[1].name, "time");
    assert_true(s.own.open_by_tag[0].number.value == 0.5);
    ask_str text = {0};
    ask_eval_scores_csv(&text, &s);
    assert_non_null(strstr(ask_str_text(&text), "model,open type,color,0.5,"));
    assert_non_null(strstr(ask_str_text(&text), "model,open family,time,0,"));
    ask_str_clear(&text);
    ask_eval_scores_markdown(&text, &s);
    assert_non_null(
        strstr(ask_str_text(&text), "| open accuracy of | n | model | majority"));
    assert_non_null(strstr(ask_str_text(&text), "| family look | 2 | 0.500 "));
    ask_str_free(&text);
    ask_eval_scores_free(&s);
}

static const ask_data_span window[] = {{2, 4}};

static void a_right_answer_is_grounded_by_its_best_moment(void **state)
{
    (void)state;
    static const ask_eval_moment inside[] = {{.start_s = 2.5, .end_s = 3, .slot = -1},
                                             {.start_s = 9, .end_s = 10, .slot = -1}};
    static const ask_eval_moment wide[] = {{.start_s = 0, .end_s = 5, .slot = -1}};
    static const ask_eval_moment late[] = {{.start_s = 9, .end_s = 10, .slot = -1},
                                           {.start_s = 2, .end_s = 4, .slot = -1}};
    const struct {
        const ask_eval_moment *moments;
        int n, given;
        bool judged;
    } cases[] = {
        {inside, 2, 0, true}, // IoP 1, IoU 0.25
        {wide, 1, 0, true},   // IoP 0.4, IoU 0.4
        {late, 2, 0, true},   // only the first counts
        {inside, 2, 1, true}, // wrong
        {NULL, 0, 0, true},   // right, and without a moment
        {inside, 2, 0, false},
    };
    ask_eval_row rows[TEST_COUNT(cases)];
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        rows[i] = choice("a", color, 0, cases[i].given);
        rows[i].item.judged = cases[i].judged;
        rows[i].item.record.windows = window;
        rows[i].item.record.n_windows = 1;
        rows[i].given.moments = cases[i].moments;
        rows[i].given.n_moments = cases[i].n;
    }
    ask_eval_scores s = grade(rows, TEST_COUNT(rows));
    check(&s.own, ASK_SCORE_GROUNDED_ACCURACY, 1.0 / 5, 5);
    check(&s.own, ASK_SCORE_GROUNDED_ACCURACY_IOU, 1.0 / 5, 5);
    check(&s.own, ASK_SCORE_GROUNDED_ACCURACY_IOU50, 0, 5);
    check(&s.own, ASK_SCORE_MOMENT_IOP, (1 + 0.4 + 0 + 1 + 0 + 1) / 6, 6);
    check(&s.own, ASK_SCORE_MOMENT_IOU, (0.25 + 0.4 + 0 + 0.25 + 0 + 0.25) / 6, 6);
    check(&s.own, ASK_SCORE_MOMENT_MAP, NAN, 0); // no moment was asked for
    ask_eval_scores_free(&s);
}

static void denials_are_right_or_false(void **state)
{
    (void)state;
    ask_eval_row rows[] = {
        choice("a", color, 2, 2), choice("a", color, 2, 0), choice("b", color, 0, 2),
        choice("b", color, 0, 0), choice("b", color, 1, 1), choice("c", color, 1, 1),
    };
    for (size_t i = 0; i < 5; i++) { // of the last nobody knows
        rows[i].item.knows_denials = true;
        rows[i].item.denies = 4;
        rows[i].item.absent = i < 2;
    }
    rows[4].given.decision.rejects = true;
    ask_eval_scores s = grade(rows, TEST_COUNT(rows));
    check(&s.own, ASK_SCORE_ABSENT_REJECTED, 0.5, 2);
    check(&s.own, ASK_SCORE_FALSE_REJECTED, 2.0 / 3, 3);
    ask_eval_scores_free(&s);
}

static void presence_rejects_what_few_of_the_others_fall_below(void **state)
{
    (void)state;
    enum { N_THERE = 40, N_ABSENT = 4, N = N_THERE + N_ABSENT + 2 };
    static const double absent[N_ABSENT] = {-1, 2.5, 3, 30}; // two of forty are below 3
    ask_eval_row rows[N];
    for (int i = 0; i < N; i++) {
        rows[i] = choice("a", color, 0, 0);
        rows[i].item.knows_denials = i < N - 1;
        rows[i].item.absent = i >= N_THERE;
        rows[i].given.has_presence = i != N_THERE + N_ABSENT; // of that nobody knows
        rows[i].given.presence = i < N_THERE ? (i * 7) % N_THERE + 1 : -5;
    }
    for (int i = 0; i < N_ABSENT; i++) rows[N_THERE + i].given.presence = absent[i];
    rows[0].has_baseline[ASK_BASELINE_BLIND] = true;
    ask_eval_scores s = grade(rows, N);
    check(&s.own, ASK_SCORE_ABSENT_REJECTED_AT05, 0.5, N_ABSENT);
    check(&s.own, ASK_SCORE_ABSENT_REJECTED, 0, N_ABSENT + 1); // no threshold was fitted
    check(&s.baselines[ASK_BASELINE_BLIND].table, ASK_SCORE_ABSENT_REJECTED_AT05, NAN, 0);
    ask_eval_scores_free(&s);
    s = grade(rows + N_THERE, N_ABSENT); // with none to hold them against
    check(&s.own, ASK_SCORE_ABSENT_REJECTED_AT05, NAN, 0);
    ask_eval_scores_free(&s);
}

static void the_first_point_lies_in_a_box_or_not(void **state)
{
    (void)state;
    static const ask_box box[] = {{0.2, 0.2, 0.4, 0.4}};
    static const ask_eval_pointed in[] = {{{1, 0.3, 0.3}, box, 1}};
    static const ask_eval_pointed out[] = {{{1, 0.5, 0.3}, box, 1},
                                           {{1, 0.3, 0.3}, box, 1}};
    static const ask_eval_pointed hidden[] = {{{1, 0.3, 0.3}, NULL, 0}};
    const ask_eval_pointed *points[] = {in, out, hidden, NULL, in};
    ask_eval_row rows[TEST_COUNT(points)];
    for (size_t i = 0; i < TEST_COUNT(points); i++) {
        rows[i] = choice("a", color, 0, 0);
        rows[i].item.has_targets = i < 4;
        rows[i].pointed = points[i];
        rows[i].n_pointed = points[i] == out ? 2 : points[i] ? 1 : 0;
    }
    ask_eval_scores s = grade(rows, TEST_COUNT(rows));
    check(&s.own, ASK_SCORE_POINTING, 0.25, 4);
    ask_eval_scores_free(&s);
}

static void events_of_a_video_count_once(void **state)
{
    (void)state;
    static const ask_named_span truth[] = {{"jump", {0, 2}, 0}, {"spin", {4, 6}, 0}};
    static const ask_eval_moment found[] = {
        {.start_s = 0, .end_s = 2, .label = "jump", .confidence = 0.9},
        {.start_s = 0, .end_s = 2, .score = 9}, // no class
        {.start_s = 0, .end_s = 1, .label = "spin", .confidence = 0.5}};
    ask_eval_row rows[4];
    for (int i = 0; i < 4; i++) {
        rows[i] = choice(i < 3 ? "a" : "b", color, 0, 0);
        rows[i].item.events = truth;
        rows[i].item.n_events = 2;
        rows[i].given.moments = found;
        rows[i].given.n_moments = i == 3 ? 0 : 3;
    }
    // A part of the video is another thing to look at.
    rows[2].item.record.has_clip = true;
    rows[2].item.record.clip = (ask_data_span){0, 3};
    ask_eval_scores s = grade(rows, 4);
    // jump: three truths, two found first: 2/3; spin: nothing. Three units of two events.
    check(&s.own, ASK_SCORE_SPAN_MAP50, (2.0 / 3 + 0) / 2, 6);
    assert_true(s.own.numbers[ASK_SCORE_SPAN_MAP50].interval.low <= 1.0 / 3);
    ask_eval_scores_free(&s);
}

static void queries_are_scored_as_their_set_does(void **state)
{
    (void)state;
    static const ask_data_span windows[] = {{0, 10}, {21, 31}};
    static const ask_eval_moment found[] = {{.start_s = 0, .end_s = 10, .score = 0.9},
                                            {.start_s = 20, .end_s = 30, .score = 0.8}};
    static const ask_data_saliency clips[] = {{0, {4, 4, 2}}, {2, {2, 3, 4}}};
    static const double clip_scores[] = {0.1, 0.9, 0.5};
    ask_eval_row rows[] = {row("a", ASK_DATA_RETRIEVE), row("b", ASK_DATA_RETRIEVE)};
    for (int i = 0; i < 2; i++) {
        rows[i].item.record.windows = windows;
        rows[i].item.record.n_windows = 2;
        rows[i].item.record.video_s = 6.9;
        rows[i].item.record.clip_s = 2;
        rows[i].item.record.saliency = clips;
        rows[i].item.record.n_saliency = 2;
    }
    rows[0].given.moments = found;
    rows[0].given.n_moments = 2;
    rows[0].given.clip_scores = clip_scores;
    rows[0].given.n_clip_scores = 3;
    ask_eval_scores s = grade(rows, 2);
    check(&s.own, ASK_SCORE_MOMENT_MAP, 0.85 / 2, 2); // the other found nothing
    check(&s.own, ASK_SCORE_MOMENT_R1_70, 0.5, 2);
    check(&s.own, ASK_SCORE_ACCURACY_MC, NAN, 0);
    static const struct {
        const char *name;
        double value; // NaN: no such windows
    } official[] = {
        {"MR-short-mAP", 85},           {"MR-middle-mAP", NAN},
        {"MR-long-mAP", NAN},           {"MR-full-mAP", 85},
        {"MR-full-mAP@0.5", 100},       {"MR-full-mAP@0.75", 100},
        {"MR-full-R1@0.5", 100},        {"MR-full-R1@0.7", 100},
        {"HL-min-Fair-mAP", 66.67},     {"HL-min-Fair-Hit1", 0},
        {"HL-min-Good-mAP", 50},        {"HL-min-Good-Hit1", 0},
        {"HL-min-VeryGood-mAP", 38.89}, {"HL-min-VeryGood-Hit1", 0},
    };
    assert_int_equal(s.own.n_official, TEST_COUNT(official));
    for (size_t i = 0; i < TEST_COUNT(official); i++) {
        const ask_eval_official *o = &s.own.official[i];
        assert_string_equal(o->name, official[i].name);
        bool same = isnan(official[i].value) ? isnan(o->value)
                                             : fabs(o->value - official[i].value) < 1e-9;
        if (!same) fail_msg("%s: %g", o->name, o->value);
    }
    ask_eval_scores_free(&s);
}

/* ---- baselines, and what is written ---- */

static void fill_with_baseline(ask_eval_row rows[4])
{
    for (int i = 0; i < 4; i++) {
        rows[i] = choice(i < 2 ? "a" : "b", color, 0, i < 3 ? 0 : 1);
        rows[i].has_baseline[ASK_BASELINE_MAJORITY] = i > 0;
        rows[i].baselines[ASK_BASELINE_MAJORITY].choice = i == 1 ? 0 : 3;
    }
}

static void baselines_are_compared_over_what_both_answered(void **state)
{
    (void)state;
    ask_eval_row rows[4];
    fill_with_baseline(rows);
    ask_eval_scores s = grade(rows, 4);
    const ask_eval_compared *c = &s.baselines[ASK_BASELINE_MAJORITY];
    assert_true(c->known);
    assert_false(s.baselines[ASK_BASELINE_BLIND].known);
    check(&s.own, ASK_SCORE_ACCURACY_MC, 0.75, 4);
    check(&c->table, ASK_SCORE_ACCURACY_MC, 1.0 / 3, 3);
    assert_int_equal(c->better_mc.n, 3);
    assert_true(fabs(c->better_mc.value - 1.0 / 3) < 1e-12);
    assert_true(c->better_mc.interval.low == 0);
    assert_true(c->better_mc.interval.high == 0.5);
    ask_eval_scores_free(&s);
}

static void what_is_written_has_all_names(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_eval_row rows[4];
    fill_with_baseline(rows);
    ask_eval_scores s = grade(rows, 4);
    ask_str text = {0};
    ask_json_writer w = {.out = &text};
    const char *notes[ASK_N_BASELINES] = {[ASK_BASELINE_SHUFFLED] = "no order"};
    ask_json_open_object(&w, NULL);
    ask_eval_scores_json(&w, &s, notes);
    ask_json_close(&w);
    ask_json *doc = ask_json_parse(ask_str_text(&text), text.length, "scores", NULL, &err);
    CHECK_OK(doc, &err);
    static const struct {
        const char *path;
        ask_json_type type;
    } cases[] = {
        {"summary.accuracy_mc", ASK_JSON_REAL},
        {"summary.accuracy_open", ASK_JSON_NULL},
        {"summary.count_mae", ASK_JSON_NULL},
        {"summary.grounded_accuracy", ASK_JSON_NULL},
        {"summary.grounded_accuracy_iou", ASK_JSON_NULL},
        {"summary.absent_rejected", ASK_JSON_NULL},
        {"summary.false_rejected", ASK_JSON_NULL},
        {"summary.pointing", ASK_JSON_NULL},
        {"summary.span_map50", ASK_JSON_NULL},
        {"summary.by_type.color", ASK_JSON_REAL},
        {"summary.grounded_accuracy_iou50", ASK_JSON_NULL},
        {"summary.absent_rejected_at05", ASK_JSON_NULL},
        {"summary.open_by_type", ASK_JSON_OBJECT},
        {"summary.open_by_tag", ASK_JSON_OBJECT},
        {"intervals.accuracy_mc.1", ASK_JSON_REAL},
        {"intervals.pointing", ASK_JSON_NULL},
        {"intervals.by_type.color.0", ASK_JSON_REAL},
        {"n.accuracy_mc", ASK_JSON_INT},
        {"counts.questions", ASK_JSON_INT},
        {"baselines.majority.summary.accuracy_mc", ASK_JSON_REAL},
        {"baselines.majority.intervals.accuracy_mc.0", ASK_JSON_REAL},
        {"baselines.majority.model_better.accuracy_mc", ASK_JSON_REAL},
        {"baselines.shuffled.note", ASK_JSON_STRING},
        {"baselines.shuffled.summary", ASK_JSON_ABSENT},
        {"baselines.blind", ASK_JSON_ABSENT},
        {"official", ASK_JSON_ABSENT},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        CHECK_CASE(cases[i].path, ask_json_type_of(ask_json_find(
                                      ask_json_root(doc), cases[i].path)) == cases[i].type);
    ask_json_free(doc);
    ask_str_clear(&text);
    ask_eval_scores_csv(&text, &s);
    assert_non_null(strstr(ask_str_text(&text), "who,group,score,value,low,high,n\nmodel,,"
                                                "accuracy_mc,0.75,0.5,1,4\n"));
    assert_non_null(strstr(ask_str_text(&text), "majority,type,color,0.333"));
    ask_str_clear(&text);
    ask_eval_scores_markdown(&text, &s);
    assert_non_null(strstr(ask_str_text(&text), "| score | n | model | majority |\n"));
    assert_non_null(
        strstr(ask_str_text(&text), "| accuracy_mc | 4 | 0.750 (0.500-1.000) |"));
    ask_str_free(&text);
    ask_eval_scores_free(&s);
}

static bool attempt(void *user, ask_error *err)
{
    (void)user;
    ask_eval_row rows[4];
    ask_eval_scores s;
    ask_bootstrap_options o = ask_bootstrap_defaults();
    o.n_draws = 1;
    fill_with_baseline(rows);
    rows[3] = row("b", ASK_DATA_OPEN);
    rows[3].item.record.answer = "ball";
    rows[3].item.record.tags = color;
    rows[3].item.record.n_tags = 2;
    if (!ask_eval_grade(&s, rows, 4, &o, err)) return false;
    ask_eval_scores_free(&s);
    return true;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("grade", attempt, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_no_rows_there_is_nothing_to_tell),
        cmocka_unit_test(answers_count_by_kind_and_tag),
        cmocka_unit_test(types_are_of_open_questions_where_there_are_no_choices),
        cmocka_unit_test(open_answers_have_tags_of_their_own_beside_choices),
        cmocka_unit_test(a_right_answer_is_grounded_by_its_best_moment),
        cmocka_unit_test(denials_are_right_or_false),
        cmocka_unit_test(presence_rejects_what_few_of_the_others_fall_below),
        cmocka_unit_test(the_first_point_lies_in_a_box_or_not),
        cmocka_unit_test(events_of_a_video_count_once),
        cmocka_unit_test(queries_are_scored_as_their_set_does),
        cmocka_unit_test(baselines_are_compared_over_what_both_answered),
        cmocka_unit_test(what_is_written_has_all_names),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
