/* A run in a folder: what is written, going on after a stop, grading again, refusals. The
 * one who answers is scripted, so all numbers are known. */
#include "eval/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/json.h"
#include "support/testing.h"

enum { N = 6 };

static char *dir;

/* Questions of three videos, not in their order. Options are a, b, c, d. */
static const char VAL[] =
    "{\"id\": \"q0\", \"video\": \"one\", \"question\": \"first?\", \"options\": [\"a\", "
    "\"b\", \"c\", \"d\"], \"answer\": 0, \"tags\": {\"type\": \"x\"}}\n"
    "{\"id\": \"q1\", \"video\": \"two\", \"question\": \"second?\", \"options\": [\"a\", "
    "\"b\", \"c\", \"d\"], \"answer\": 1, \"tags\": {\"type\": \"x\"}}\n"
    "{\"id\": \"q2\", \"video\": \"one\", \"question\": \"third?\", \"options\": [\"a\", "
    "\"b\", \"c\", \"d\"], \"answer\": 2, \"tags\": {\"type\": \"y\"}}\n"
    "{\"id\": \"q3\", \"video\": \"three\", \"question\": \"which word?\", \"answer\": "
    "\"ball\", \"tags\": {\"type\": \"z\"}}\n"
    "{\"id\": \"q4\", \"video\": \"two\", \"question\": \"how many?\", \"answer\": 3}\n"
    "{\"id\": \"q5\", \"video\": \"three\", \"question\": \"where?\", \"windows\": [[1, "
    "2]]}\n";
static const char TRAIN[] =
    "{\"id\": \"t0\", \"video\": \"four\", \"question\": \"first?\", \"options\": [\"a\", "
    "\"b\", \"c\", \"d\"], \"answer\": 3, \"tags\": {\"type\": \"x\"}}\n"
    "{\"id\": \"t1\", \"video\": \"four\", \"question\": \"which word?\", \"answer\": "
    "\"ball\", \"tags\": {\"type\": \"z\"}}\n"
    "{\"id\": \"t2\", \"video\": \"four\", \"question\": \"how many?\", \"answer\": 1}\n";

static int set_up(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    test_write_text(test_path(dir, "set/val.jsonl"), VAL);
    test_write_text(test_path(dir, "set/train.jsonl"), TRAIN);
    for (int i = 0; i < 4; i++) {
        static const char *const names[] = {"one", "two", "three", "four"};
        char path[64];
        snprintf(path, sizeof path, "set/videos/%s.mp4", names[i]);
        test_write_text(test_path(dir, path), "not looked at");
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- who answers ---- */

typedef struct {
    int n_asked, stop_after; // 0: never
    ask_cancel cancel;
    const char *fails;   // the id of a question that cannot be asked
    const char *missing; // the id of a question for which something is missing
} scripted;

/* Options and words by heart; blind always the first option; shuffled as it is. */
static bool answer(void *user, ask_eval_given *out, const ask_eval_item *item,
                   ask_eval_view view, uint64_t seed, ask_arena *room, ask_error *err)
{
    scripted *s = user;
    const char *id = item->record.id;
    (void)seed;
    if (s->fails && strcmp(s->fails, id) == 0)
        return ask_fail(err, ASK_ERR_FORMAT, "%s is broken", item->record.video);
    *out = (ask_eval_given){.decision.choice = -1, .look_s = 0.25, .answer_s = 0.5};
    double *scores = ask_arena_array(room, 4, sizeof *scores);
    ask_eval_moment *moment = ask_arena_alloc(room, sizeof *moment);
    if (!scores || !moment) return ask_fail_memory(err);
    *moment = (ask_eval_moment){.start_s = 1, .end_s = 3, .score = 0.5, .slot = -1};
    scores[1] = 0.125;
    switch (item->record.kind) {
    case ASK_DATA_CHOICE:
        out->decision.choice = view == ASK_VIEW_BLIND ? 0 : id[1] == '2' ? 3 : id[1] - '0';
        out->scores = scores;
        out->n_scores = 4;
        break;
    case ASK_DATA_OPEN:
        out->decision.text = "The ball";
        break;
    case ASK_DATA_COUNT:
        out->decision.has_count = true;
        out->decision.count = 2.25;
        break;
    default:
        out->moments = moment;
        out->n_moments = 1;
    }
    if (view == ASK_VIEW_VIDEO && ++s->n_asked == s->stop_after)
        ask_cancel_raise(&s->cancel, 2);
    return true;
}

static bool check_item(void *user, const ask_eval_item *item, ask_error *err)
{
    const scripted *s = user;
    return !s->missing || strcmp(s->missing, item->record.id) != 0 ||
           ask_fail(err, ASK_ERR_IO, "store has no features of \"%s\"", item->record.id);
}

static ask_answerer answerer(scripted *s)
{
    return (ask_answerer){.user = s,
                          .name = "script",
                          .model_id = "m1",
                          .kinds = {true, true, true, true},
                          .answer = answer,
                          .check = check_item,
                          .needs_video = true};
}

static ask_eval_set *open_set(const char *split)
{
    ask_error err = {0};
    ask_eval_set *s = ask_eval_set_open("lines", test_path(dir, "set"), split, NULL, &err);
    CHECK_OK(s, &err);
    return s;
}

static ask_eval_run_options options(scripted *s)
{
    return (ask_eval_run_options){.struct_size = sizeof(ask_eval_run_options),
                                  .task = "lines",
                                  .baselines = {true, true, true, true},
                                  .seed = 1,
                                  .cancel = &s->cancel};
}

static const char *out_path(const char *out, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", out, name);
    return test_path(dir, path);
}

/* Runs into a folder; must succeed. */
static ask_eval_run_result run(const char *out, scripted *s, const ask_eval_set *set,
                               const ask_eval_set *train)
{
    ask_error err = {0};
    const ask_answerer a = answerer(s);
    ask_eval_run_options o = options(s);
    ask_eval_run_result r;
    o.train = train;
    CHECK_OK(ask_eval_run(&r, test_path(dir, out), set, &a, &o, &err), &err);
    return r;
}

static void fails(const char *out, scripted *s, const ask_eval_set *set,
                  ask_error_code code, const char *says)
{
    ask_error err = {0};
    const ask_answerer a = answerer(s);
    const ask_eval_run_options o = options(s);
    ask_eval_run_result r;
    assert_false(ask_eval_run(&r, test_path(dir, out), set, &a, &o, &err));
    if (err.code != code || !strstr(err.message, says))
        fail_msg("expected \"%s\", got %d: %s", says, err.code, err.message);
}

static void same_file(const char *a, const char *b)
{
    size_t n_a, n_b;
    char *text_a = test_read(a, &n_a), *text_b = test_read(b, &n_b);
    assert_int_equal(n_a, n_b);
    assert_memory_equal(text_a, text_b, n_a);
    free(text_a);
    free(text_b);
}

/* ---- the run ---- */

static void questions_are_answered_by_video_and_scored(void **state)
{
    (void)state;
    scripted s = {0};
    ask_eval_set *set = open_set("val"), *train = open_set("train");
    ask_eval_run_result r = run("plain", &s, set, train);
    static const char *const order[N] = {"q0", "q2", "q1", "q4", "q3", "q5"};
    assert_int_equal(r.rows.n, N);
    for (int i = 0; i < N; i++)
        assert_string_equal(r.rows.rows[i].item.record.id, order[i]);
    const ask_eval_number *n = r.scores.own.numbers;
    assert_true(fabs(n[ASK_SCORE_ACCURACY_MC].value - 2.0 / 3) < 1e-12);
    assert_true(n[ASK_SCORE_ACCURACY_OPEN].value == 1);
    assert_true(n[ASK_SCORE_COUNT_MAE].value == 1);
    assert_true(n[ASK_SCORE_MOMENT_R1_50].value == 1);
    // Blind takes the first option; training says that the fourth is right, and that one is
    // as many as there are.
    const ask_eval_compared *b = r.scores.baselines;
    const ask_eval_score mc = ASK_SCORE_ACCURACY_MC, mae = ASK_SCORE_COUNT_MAE;
    assert_true(fabs(b[ASK_BASELINE_BLIND].table.numbers[mc].value - 1.0 / 3) < 1e-12);
    assert_true(fabs(b[ASK_BASELINE_SHUFFLED].table.numbers[mc].value - 2.0 / 3) < 1e-12);
    assert_true(b[ASK_BASELINE_MAJORITY].table.numbers[mc].value == 0);
    assert_true(b[ASK_BASELINE_MAJORITY].table.numbers[mae].value == 2);
    assert_true(
        b[ASK_BASELINE_QUESTION_ONLY].table.numbers[ASK_SCORE_ACCURACY_OPEN].value == 1);
    ask_eval_run_result_free(&r);
    ask_eval_set_close(set);
    ask_eval_set_close(train);

    ask_error err = {0};
    ask_json *doc = ask_json_read(out_path("plain", "summary.json"), NULL, &err);
    CHECK_OK(doc, &err);
    double value;
    const char *text;
    ask_json_value root = ask_json_root(doc);
    CHECK_OK(ask_json_get_double(&value, root, "summary.by_type.x", &err), &err);
    assert_true(value == 1);
    CHECK_OK(ask_json_get_string(&text, root, "schema", &err), &err);
    assert_string_equal(text, "askance.eval/1");
    CHECK_OK(ask_json_get_string(&text, root, "split", &err), &err);
    assert_string_equal(text, "val");
    CHECK_OK(ask_json_get_string(&text, root, "baselines.majority.note", &err), &err);
    assert_string_equal(text, "learnt from the questions for training");
    ask_json_free(doc);
}

/* Numbers of what there is, which say that it is not all. */
static void grade_what_is_there(const char *name, size_t n_rows, size_t n_questions)
{
    ask_error err = {0};
    ask_eval_run_result r;
    char words[64];
    size_t n_bytes;
    CHECK_OK(ask_eval_regrade(&r, test_path(dir, name), NULL, &err), &err);
    assert_int_equal(r.rows.n, n_rows);
    assert_int_equal(r.n_questions, n_questions);
    ask_eval_run_result_free(&r);
    snprintf(words, sizeof words, "%zu still to be asked", n_questions - n_rows);
    char *told = test_read(out_path(name, "summary.md"), &n_bytes);
    assert_non_null(strstr(told, words));
    free(told);
}

static void a_run_that_was_stopped_goes_on(void **state)
{
    (void)state;
    ask_eval_set *set = open_set("val");
    scripted whole = {0}, stopped = {.stop_after = 2}, rest = {0};
    ask_eval_run_result r = run("whole", &whole, set, NULL);
    ask_eval_run_result_free(&r);
    fails("parts", &stopped, set, ASK_ERR_CANCELLED, "interrupted after 2 of 6 questions");
    assert_int_equal(stopped.n_asked, 2);
    grade_what_is_there("parts", 2, N);
    // As if the process had been killed while it wrote a line.
    const char *samples = out_path("parts", "samples.jsonl");
    size_t n_bytes;
    char *text = test_read(samples, &n_bytes);
    char longer[8192];
    snprintf(longer, sizeof longer, "%s{\"id\": \"q1\", \"vid", text);
    test_write_text(samples, longer);
    free(text);

    r = run("parts", &rest, set, NULL);
    assert_int_equal(r.n_kept, 2);
    assert_int_equal(rest.n_asked, N - 2);
    ask_eval_run_result_free(&r);
    same_file(out_path("parts", "samples.jsonl"), out_path("whole", "samples.jsonl"));
    same_file(out_path("parts", "summary.csv"), out_path("whole", "summary.csv"));

    // A run that is done asks nothing, and grading again gives the same files.
    scripted again = {0};
    r = run("parts", &again, set, NULL);
    assert_int_equal(again.n_asked, 0);
    ask_eval_run_result_free(&r);
    ask_eval_set_close(set);
    char *before = test_read(out_path("parts", "summary.json"), &n_bytes);
    test_write_text(out_path("parts", "summary.json"), "gone");
    ask_error err = {0};
    assert_false(ask_eval_regrade(&r, test_path(dir, "parts"), "star", &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(strstr(err.message, "is a run of lines, not of star"));
    char *untouched = test_read(out_path("parts", "summary.json"), &n_bytes);
    assert_string_equal(untouched, "gone");
    free(untouched);
    CHECK_OK(ask_eval_regrade(&r, test_path(dir, "parts"), "lines", &err), &err);
    assert_true(fabs(r.scores.own.numbers[ASK_SCORE_ACCURACY_MC].value - 2.0 / 3) < 1e-12);
    ask_eval_run_result_free(&r);
    char *after = test_read(out_path("parts", "summary.json"), &n_bytes);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void a_question_that_cannot_be_asked_is_wrong_and_told(void **state)
{
    (void)state;
    scripted s = {.fails = "q0"};
    ask_eval_set *set = open_set("val");
    ask_eval_run_result r = run("broken", &s, set, NULL);
    assert_string_equal(r.rows.rows[0].error, "one is broken");
    assert_int_equal(r.scores.n_errors, 1);
    assert_true(fabs(r.scores.own.numbers[ASK_SCORE_ACCURACY_MC].value - 1.0 / 3) < 1e-12);
    assert_int_equal(
        r.scores.baselines[ASK_BASELINE_BLIND].table.numbers[ASK_SCORE_ACCURACY_MC].n, 2);
    ask_eval_run_result_free(&r);
    ask_eval_set_close(set);
}

/* ---- refusals ---- */

static void another_run_is_not_mixed_in(void **state)
{
    (void)state;
    scripted s = {0};
    ask_error err = {0};
    ask_eval_set *set = open_set("val");
    ask_eval_run_result r = run("other", &s, set, NULL);
    ask_eval_run_result_free(&r);
    const ask_answerer a = answerer(&s);
    ask_answerer another = a;
    another.model_id = "m2";
    ask_eval_run_options o = options(&s);
    assert_false(ask_eval_run(&r, test_path(dir, "other"), set, &another, &o, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(strstr(err.message, "holds another run: model was m1 and is m2; name"));
    const ask_eval_setting more[] = {{"fps", "4"}};
    o.settings = more;
    o.n_settings = 1;
    o.baselines[ASK_BASELINE_BLIND] = false;
    assert_false(ask_eval_run(&r, test_path(dir, "other"), set, &a, &o, &err));
    assert_non_null(strstr(err.message,
                           "baselines was blind,shuffled,majority,question_only "
                           "and is shuffled,majority,question_only; fps was not "
                           "set and is 4"));
    ask_eval_set_close(set);
    set = open_set("train");
    fails("other", &s, set, ASK_ERR_USAGE, "split was val and is train");
    ask_eval_set_close(set);
}

static void damaged_files_are_named(void **state)
{
    (void)state;
    scripted s = {0};
    ask_eval_set *set = open_set("val");
    ask_eval_run_result r = run("damaged", &s, set, NULL);
    ask_eval_run_result_free(&r);
    const char *samples = out_path("damaged", "samples.jsonl");
    size_t n_bytes;
    char *text = test_read(samples, &n_bytes), *second = strchr(text, '\n') + 1;
    second[0] = 'x';
    test_write_text(samples, text);
    fails("damaged", &s, set, ASK_ERR_FORMAT, "samples.jsonl:2:");
    second[0] = '{';
    test_write_text(samples, second); // the first line is gone
    fails("damaged", &s, set, ASK_ERR_FORMAT,
          "samples.jsonl:1: question \"q2\" does not come here");
    test_write_text(out_path("damaged", "run.json"),
                    "{\"schema\": \"askance.eval.run/9\"}");
    fails("damaged", &s, set, ASK_ERR_FORMAT, "expected \"askance.eval.run/1\"");
    unlink(out_path("damaged", "run.json"));
    fails("damaged", &s, set, ASK_ERR_USAGE, "no run.json that says what it is of");
    free(text);
    ask_eval_set_close(set);
}

static void two_runs_do_not_write_to_one_file(void **state)
{
    (void)state;
    scripted s = {0};
    ask_eval_set *set = open_set("val");
    ask_eval_run_result r = run("busy", &s, set, NULL);
    ask_eval_run_result_free(&r);
    FILE *other = fopen(out_path("busy", "samples.jsonl"), "a");
    assert_int_equal(flock(fileno(other), LOCK_EX), 0);
    fails("busy", &s, set, ASK_ERR_USAGE, "another run is writing it");
    fclose(other);
    ask_eval_set_close(set);
}

static void what_cannot_be_asked_is_said_before_the_work(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_eval_run_result r;
    scripted s = {.missing = "q4"};
    ask_eval_set *set = open_set("val");
    fails("never", &s, set, ASK_ERR_IO, "store has no features of \"q4\"");
    assert_int_equal(s.n_asked, 0);
    ask_answerer a = answerer(&s);
    const ask_eval_run_options o = options(&s);
    memset(a.kinds, 0, sizeof a.kinds);
    assert_false(ask_eval_run(&r, test_path(dir, "never"), set, &a, &o, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "the model (script) answers no question"));
    ask_eval_set_close(set);
    // Videos that are looked for elsewhere.
    const ask_eval_set_options nowhere = {.struct_size = sizeof nowhere,
                                          .videos = test_path(dir, "empty")};
    test_write_text(test_path(dir, "empty/x.mp4"), "");
    set = ask_eval_set_open("lines", test_path(dir, "set"), "val", &nowhere, &err);
    CHECK_OK(set, &err);
    scripted other = {0};
    fails("never", &other, set, ASK_ERR_IO, "no file of any video is there");
    assert_int_not_equal(access(test_path(dir, "never"), F_OK), 0);
    ask_eval_set_close(set);
    assert_null(ask_eval_set_open("line", dir, NULL, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
}

static bool attempt(void *user, ask_error *err)
{
    static int n;
    scripted s = {0};
    char out[32];
    snprintf(out, sizeof out, "alloc-%d", n++ % 2);
    const ask_answerer a = answerer(&s);
    ask_eval_run_options o = options(&s);
    ask_eval_run_result r;
    ask_eval_set *set = ask_eval_set_open("lines", user, "val", NULL, err);
    bool ok = set && ask_eval_run(&r, test_path(dir, out), set, &a, &o, err);
    if (ok) ask_eval_run_result_free(&r);
    ask_eval_set_close(set);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    char path[256];
    snprintf(path, sizeof path, "%s", test_path(dir, "set"));
    assert_true(test_some_allocs_fail("run", attempt, path) > 0);
}

/* Their scorer wants all of them, also after regrading, which sees no set. */
static void queries_without_a_video_are_submitted(void **state)
{
    (void)state;
    static const char queries[] =
        "{\"qid\": 7, \"query\": \"a dog\", \"duration\": 10, \"vid\": \"one\"}\n"
        "{\"qid\": 8, \"query\": \"a cat\", \"duration\": 4, \"vid\": \"gone\"}\n";
    static const char gone[] = "{\"qid\":8,\"query\":\"a cat\",\"vid\":\"gone\",";
    ask_error err = {0};
    test_write_text(test_path(dir, "queries/highlight_test_release.jsonl"), queries);
    test_write_text(test_path(dir, "queries/videos/one.mp4"), "not looked at");
    ask_eval_set *set =
        ask_eval_set_open("qvhighlights", test_path(dir, "queries"), "test", NULL, &err);
    CHECK_OK(set, &err);
    scripted s = {0};
    const ask_answerer a = answerer(&s);
    ask_eval_run_options o = options(&s);
    ask_eval_run_result r;
    size_t n;
    o.task = "qvhighlights";
    CHECK_OK(ask_eval_run(&r, test_path(dir, "submitted"), set, &a, &o, &err), &err);
    assert_int_equal(r.n_no_video, 1);
    assert_int_equal(r.n_unplaced, 1);
    ask_eval_run_result_free(&r);
    const char *path = out_path("submitted", "submission_qvhighlights.jsonl");
    char *text = test_read(path, &n);
    if (!strstr(text, "{\"qid\":7,") || !strstr(text, gone)) fail_msg("%s", text);
    CHECK_OK(ask_eval_regrade(&r, test_path(dir, "submitted"), NULL, &err), &err);
    assert_int_equal(r.n_unplaced, 1);
    ask_eval_run_result_free(&r);
    char *again = test_read(out_path("submitted", "submission_qvhighlights.jsonl"), &n);
    assert_string_equal(again, text);
    free(text);
    free(again);
    ask_eval_set_close(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_are_answered_by_video_and_scored),
        cmocka_unit_test(a_run_that_was_stopped_goes_on),
        cmocka_unit_test(a_question_that_cannot_be_asked_is_wrong_and_told),
        cmocka_unit_test(another_run_is_not_mixed_in),
        cmocka_unit_test(damaged_files_are_named),
        cmocka_unit_test(two_runs_do_not_write_to_one_file),
        cmocka_unit_test(what_cannot_be_asked_is_said_before_the_work),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(queries_without_a_video_are_submitted),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
