/* `askance eval`: a tiny world and the layouts of one with models that know nothing, what
 * is said and written, and the exit statuses. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/npy.h"
#include "base/rng.h"
#include "model/init.h"
#include "support/color_model.h"
#include "support/command.h"
#include "support/layouts.h"
#include "support/playroom_memory.h"
#include "support/playroom_model.h"
#include "support/testing.h"

static layouts_world world;
static char *dir, *model, *dual; // model: answers by colours; dual: by a dual encoder

/* Without any, nothing is rejected. */
static const char thresholds[] = "{\"ask\": {\"tau_prior\": 0.1, \"tau_suff\": 1, "
                                 "\"tau_nec\": 0, \"threshold\": -1e5}}";

static int set_up(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    model = strdup(test_path(dir, "color"));
    color_model_write(model, NULL);
    dual = strdup(test_path(dir, "dual"));
    playroom_model_write(dual);
    test_write_text(test_path(dual, "calibration.json"), thresholds);
    layouts_make(&world, ASK_SPLIT_VAL, 2, "star,qvhighlights");
    unsetenv("ASKANCE_MODEL");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    layouts_free(&world);
    free(model);
    free(dual);
    test_temp_dir_remove(dir);
    return 0;
}

#define RUN(...)                                                                           \
    command_run((cli_command[]){cli_eval_command, {0}}, "eval",                            \
                (const char *[COMMAND_MAX_WORDS]){__VA_ARGS__})

static void check_file(const char *out, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", out, name);
    CHECK_CASE(name, access(path, R_OK) == 0);
}

static double number(const ask_json *doc, const char *path)
{
    double value;
    ask_error err = {0};
    CHECK_OK(ask_json_get_double(&value, ask_json_root(doc), path, &err), &err);
    return value;
}

static ask_json_type type(const ask_json *doc, const char *path)
{
    return ask_json_type_of(ask_json_find(ask_json_root(doc), path));
}

static void a_playroom_is_scored_in_one_object(void **state)
{
    (void)state;
    const char *out = test_path(dir, "playroom");
    said s = RUN("playroom", "--data", world.dir, "--out", out, "--model", dual,
                 "--threads=1", "--json");
    assert_string_equal(s.err, "");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    double accuracy = number(doc, "summary.accuracy_mc");
    assert_true(accuracy >= 0 && accuracy <= 1);
    assert_true(number(doc, "intervals.accuracy_mc.0") <= accuracy);
    assert_true(number(doc, "intervals.accuracy_mc.1") >= accuracy);
    static const char *const numbers[] = {
        "summary.grounded_accuracy",
        "summary.grounded_accuracy_iou",
        "summary.false_rejected",
        "summary.pointing",
        "summary.by_type.color",
        "baselines.blind.summary.accuracy_mc",
        "baselines.majority.summary.accuracy_mc",
        "baselines.question_only.intervals.accuracy_mc.0",
    };
    for (size_t i = 0; i < TEST_COUNT(numbers); i++) number(doc, numbers[i]);
    static const char *const nulls[] = {"summary.accuracy_open", "summary.count_mae",
                                        "summary.span_map50"};
    for (size_t i = 0; i < TEST_COUNT(nulls); i++)
        CHECK_CASE(nulls[i], type(doc, nulls[i]) == ASK_JSON_NULL);
    assert_int_equal(type(doc, "baselines.shuffled.note"), ASK_JSON_STRING);
    ask_json_free(doc);
    static const char *const files[] = {"run.json", "samples.jsonl", "summary.json",
                                        "summary.csv", "summary.md"};
    for (size_t i = 0; i < TEST_COUNT(files); i++) check_file(out, files[i]);

    said again = RUN("playroom", "--out", out, "--regrade", "--json");
    assert_int_equal(again.status, 0);
    assert_string_equal(again.out, s.out);
    said_free(&again);
    said_free(&s);
    s = RUN("playroom", "--data", world.dir, "--out", out, "--model", dual);
    assert_int_equal(s.status, 0);
    check_holds(s.out, "| accuracy_mc |");
    check_holds(s.out, "\n0 questions asked, ");
    said_free(&s);
}

/* All that a model with a memory is measured by. */
static void a_memory_of_videos_is_scored_with_options_and_without(void **state)
{
    (void)state;
    char memory[256], out[256];
    snprintf(memory, sizeof memory, "%s", test_path(dir, "videos"));
    snprintf(out, sizeof out, "%s", test_path(dir, "remembered"));
    playroom_memory_write(memory);
    test_write_text(test_path(memory, "calibration.json"), thresholds);
    said s = RUN("playroom", "--data", world.dir, "--out", out, "--model", memory,
                 "--threads=1", "--json");
    assert_string_equal(s.err, "");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    static const char *const numbers[] = {
        "summary.accuracy_mc",
        "summary.by_type.order",
        "summary.by_tag.family.next",
        "summary.by_tag.reasoning.temporal",
        "summary.by_tag.held_out.no",
        "summary.accuracy_open",
        "summary.open_by_tag.held_out.no",
        "summary.count_mae",
        "summary.grounded_accuracy",
        "summary.grounded_accuracy_iou",
        "summary.grounded_accuracy_iou50",
        "summary.absent_rejected",
        "summary.absent_rejected_at05",
        "summary.false_rejected",
        "summary.pointing",
        "summary.span_map50",
        "intervals.span_map50.1",
        "baselines.blind.summary.by_tag.family.next",
        "baselines.shuffled.summary.accuracy_mc",
        "baselines.question_only.summary.by_tag.family.next",
    };
    for (size_t i = 0; i < TEST_COUNT(numbers); i++) {
        double value = number(doc, numbers[i]);
        CHECK_CASE(numbers[i], value >= 0 && (value <= 1 || i == 7));
    }
    assert_int_equal(type(doc, "baselines.shuffled.note"), ASK_JSON_ABSENT);
    assert_true(number(doc, "counts.errors") == 0 &&
                number(doc, "left_out.other_kind") == 0);
    ask_json_free(doc);
    said again = RUN("playroom", "--out", out, "--regrade", "--json");
    assert_string_equal(again.out, s.out);
    said_free(&again);
    said_free(&s);
    s = RUN("playroom", "-d", world.dir, "-o", test_path(dir, "x"), "-m", memory,
            "--features", "store");
    assert_int_equal(s.status, 2);
    check_holds(s.err, "answers from video files, not from features");
    said_free(&s);
}

static void check_has(const char *path, const char *text)
{
    size_t n;
    char *file = test_read(path, &n);
    check_holds(file, text);
    free(file);
}

static void layouts_are_scored_and_submitted(void **state)
{
    (void)state;
    char star[256], queries[256];
    snprintf(star, sizeof star, "%s", layouts_path(&world, "star"));
    snprintf(queries, sizeof queries, "%s", layouts_path(&world, "qvhighlights"));
    said s = RUN("star", "--data", star, "--split=val", "--out", test_path(dir, "star"),
                 "--model", dual, "--baselines=none", "--no-checks", "-n", "6");
    assert_string_equal(s.err, "");
    assert_int_equal(s.status, 0);
    check_holds(s.out, "# star, val\n");
    check_holds(s.out, "| mean of types |");
    said_free(&s);
    check_has(test_path(dir, "star/run.json"), "\"checks\": \"none\"");
    ask_error err = {0};
    ask_json *doc = ask_json_read(test_path(dir, "star/submission_star.json"), NULL, &err);
    CHECK_OK(doc, &err);
    size_t n = 0;
    for (ask_json_walk m = {0}; ask_json_next(ask_json_root(doc), &m);)
        n += ask_json_count(m.value);
    assert_int_equal(n, 6);
    assert_int_equal(type(doc, "Feasibility"), ASK_JSON_ARRAY);
    ask_json_free(doc);

    s = RUN("qvhighlights", "--data", queries, "--out", test_path(dir, "queries"),
            "--model", dual, "--json", "--baselines", "blind,majority");
    assert_int_equal(s.status, 0);
    doc = said_json(&s);
    assert_true(number(doc, "official.MR-full-mAP") >= 0);
    assert_true(number(doc, "summary.moment_r1_50") >= 0);
    assert_int_equal(type(doc, "summary.accuracy_mc"), ASK_JSON_NULL);
    ask_json_free(doc);
    said_free(&s);
    check_file(test_path(dir, "queries"), "submission_qvhighlights.jsonl");
}

/* ---- from features ---- */

enum { N_ROWS = 8, WIDTH = 12, TAR_WIDTH = 20 };

static void write_rows(const char *store, int clip, int width, const float *rows)
{
    ask_error err = {0};
    char path[600];
    snprintf(path, sizeof path, "%s/%s.npy", store, layouts_video(&world, clip));
    test_write_text(path, "");
    CHECK_OK(ask_npy_write(path, ASK_NPY_F4, 2, (int64_t[]){N_ROWS, width}, rows, &err),
             &err);
}

/* Features of the clips, a folder of arrays. */
static void write_store(const char *store, int width)
{
    ask_rng rng = ask_rng_new(3);
    for (int i = 0; i < world.n_clips; i++) {
        float rows[N_ROWS * TAR_WIDTH];
        for (int k = 0; k < N_ROWS * width; k++) rows[k] = 4 * ask_rng_float(&rng) - 2;
        write_rows(store, i, width, rows);
    }
}

static void make_memory(const char *out)
{
    static const char config[] =
        "{\"model_type\": \"glance_focus\", \"head\": \"options\", \"num_options\": 4, "
        "\"d_model\": 16, \"nhead\": 2, \"num_layers\": 2, \"dim_feedforward\": 20, "
        "\"num_queries\": 5, \"feature_dim\": 12, \"max_feats\": 8, "
        "\"event_pred_dim\": 13, \"text_encoder\": {\"model_type\": \"roberta\", "
        "\"vocab_size\": 423, \"hidden_size\": 16, \"num_hidden_layers\": 1, "
        "\"num_attention_heads\": 2, \"intermediate_size\": 24, "
        "\"max_position_embeddings\": 500, \"type_vocab_size\": 1}}";
    ask_error err = {0};
    const ask_model_init_options opt = {
        .seed = 5, .tokenizer = test_fixture("golden/tokenizer_roberta")};
    test_write_text(test_path(dir, "memory.json"), config);
    CHECK_OK(ask_model_init(out, test_path(dir, "memory.json"), &opt, &err), &err);
}

static void a_memory_answers_from_features_of_videos_as_it_is_told(void **state)
{
    (void)state;
    char star[256], store[256], memory[256], paper[256], released[256], tar[256], wide[256],
        other[256];
    snprintf(star, sizeof star, "%s", layouts_path(&world, "star/txt_db"));
    snprintf(store, sizeof store, "%s", test_path(dir, "store"));
    snprintf(memory, sizeof memory, "%s", test_path(dir, "memory"));
    snprintf(paper, sizeof paper, "%s", test_path(dir, "paper"));
    snprintf(released, sizeof released, "%s", test_path(dir, "released"));
    snprintf(tar, sizeof tar, "%s", test_path(dir, "tar"));
    snprintf(wide, sizeof wide, "%s", test_path(dir, "wide"));
    snprintf(other, sizeof other, "%s", test_path(dir, "other"));
    write_store(store, WIDTH);
    write_store(wide, TAR_WIDTH);
    make_memory(memory);
    said s = RUN("star-lines", "-d", star, "--features", store, "-m", memory, "-o", paper,
                 "--baselines=none", "--json");
    assert_string_equal(s.err, "");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    assert_true(number(doc, "summary.accuracy_mc") >= 0);
    assert_true(number(doc, "summary.span_map50") >= 0);
    assert_true(number(doc, "left_out.submission") == 0);
    ask_json_free(doc);
    said_free(&s);
    s = RUN("star-lines", "-d", star, "--features", store, "-m", memory, "-o", released,
            "--baselines=none", "--compat=released");
    assert_int_equal(s.status, 0);
    said_free(&s);
    size_t n;
    char *a = test_read(test_path(dir, "paper/samples.jsonl"), &n);
    char *b = test_read(test_path(dir, "released/samples.jsonl"), &n);
    char *scores_a = strstr(a, "\"scores\""), *scores_b = strstr(b, "\"scores\"");
    assert_true(scores_a && scores_b && strncmp(scores_a, scores_b, 60) != 0);
    free(a);
    free(b);

    test_write_text(test_path(dir, "tar/x"), "");
    char *weights = test_read(test_fixture("golden/glance_focus_uns/model.tar"), &n);
    test_write(test_path(dir, "tar/model_3000.tar"), weights, n);
    free(weights);
    const struct {
        const char *words[COMMAND_MAX_WORDS];
        const char *message;
        int status;
    } cases[] = {
        {{memory, store, paper, "--compat=released"}, "compat was not set", 2},
        {{memory, store, paper, "--compat=newest"}, "compat is released or paper", 2},
        {{memory, wide, other}, "20 numbers", 3},
        {{tar, store, other}, "12 numbers", 3},
        {{tar, wide, other}, "tokenizer", 4},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *const *w = cases[i].words;
        s = RUN("star-lines", "-d", star, "--baselines=none", "-m", w[0], "--features",
                w[1], "-o", w[2], w[3]);
        if (s.status != cases[i].status || !strstr(s.err, cases[i].message))
            fail_msg("%s: exit %d: %s", cases[i].message, s.status, s.err);
        said_free(&s);
    }
}

/* Two questions of one id, of which one's answer is no option. */
static void what_is_odd_about_the_questions_is_said_and_counted(void **state)
{
    (void)state;
    static const char line[] =
        "{\"id\": \"q\", \"video\": \"%s\", \"question\": \"what?\", "
        "\"options\": [\"a\", \"b\", \"c\", \"d\"], \"answer\": \"%s\"}\n";
    char text[1024], store[256], memory[256], out[256];
    int n = snprintf(text, sizeof text, line, layouts_video(&world, 0), "a");
    snprintf(text + n, sizeof text - (size_t)n, line, layouts_video(&world, 0), "e");
    test_write_text(test_path(dir, "odd/val.jsonl"), text);
    snprintf(store, sizeof store, "%s", test_path(dir, "odd-store"));
    snprintf(memory, sizeof memory, "%s", test_path(dir, "odd-memory"));
    snprintf(out, sizeof out, "%s", test_path(dir, "odd-run"));
    write_store(store, WIDTH);
    make_memory(memory);
    said s = RUN("lines", "-d", test_path(dir, "odd"), "--features", store, "-m", memory,
                 "-o", out, "--baselines=none", "--json");
    assert_int_equal(s.status, 0);
    check_holds(s.err, "(duplicate_id)");
    check_holds(s.err, "(unknown_answer)");
    ask_json *doc = said_json(&s);
    assert_true(number(doc, "noticed.duplicate_id") == 1);
    assert_true(number(doc, "noticed.unknown_answer") == 1);
    assert_int_equal(ask_json_count(ask_json_find(ask_json_root(doc), "noticed")), 2);
    ask_json_free(doc);
    check_has(test_path(dir, "odd-run/summary.md"),
              "Noticed in the questions: duplicate_id 1, unknown_answer 1.");
    said again = RUN("lines", "-o", out, "--regrade", "--json");
    assert_string_equal(again.out, s.out);
    said_free(&again);
    said_free(&s);
}

/* Those of the last clip, which no first look finds: nothing is written. */
static void bad_features_end_a_run_before_its_first_answer(void **state)
{
    (void)state;
    static const struct {
        const char *name, *message;
        int width;
        float value;
    } cases[] = {
        {"NaN", "row 0, column 0 is NaN; make these features again", WIDTH, NAN},
        {"another width", "rows of 20 numbers, but 12 are expected", TAR_WIDTH, 1},
    };
    char star[256], store[256], memory[256], out[256];
    snprintf(star, sizeof star, "%s", layouts_path(&world, "star/txt_db"));
    snprintf(store, sizeof store, "%s", test_path(dir, "bad"));
    snprintf(memory, sizeof memory, "%s", test_path(dir, "strict"));
    snprintf(out, sizeof out, "%s", test_path(dir, "refused"));
    make_memory(memory);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        float rows[N_ROWS * TAR_WIDTH] = {cases[i].value};
        write_store(store, WIDTH);
        write_rows(store, world.n_clips - 1, cases[i].width, rows);
        said s = RUN("star-lines", "-d", star, "--features", store, "-m", memory, "-o", out,
                     "--baselines=none");
        if (s.status != 3 || !strstr(s.err, cases[i].message) || *s.out)
            fail_msg("%s: exit %d: %s", cases[i].name, s.status, s.err);
        check_holds(s.err, layouts_video(&world, world.n_clips - 1));
        CHECK_CASE(cases[i].name, access(out, F_OK) != 0);
        said_free(&s);
    }
}

static void what_goes_wrong_gives_its_exit_status(void **state)
{
    (void)state;
    char counts[256], used[256], features[256];
    snprintf(counts, sizeof counts, "%s", test_fixture("data/tgifqa"));
    snprintf(used, sizeof used, "%s", test_path(dir, "used"));
    snprintf(features, sizeof features, "%s", test_path(dir, "none.h5"));
    said made = RUN("playroom", "-d", world.dir, "-o", used, "-m", model, "-n2",
                    "--baselines=none");
    assert_int_equal(made.status, 0);
    said_free(&made);
    const struct {
        const char *words[COMMAND_MAX_WORDS];
        const char *message;
        int status;
    } cases[] = {
        {{"playrom", "-d", "x", "-o", "y"}, "did you mean playroom?", 2},
        {{"qqq", "-d", "x", "-o", "y"}, "one of those that `askance data` lists", 2},
        {{"star", "-d", "x"}, "--out names the folder", 2},
        {{"star", "-o", "x"}, "--data says where the questions are", 2},
        {{"star", "-d", "x", "-o", "y", "--baselines=blind,best"}, "no \"best\"", 2},
        {{"playroom", "-d", "/nowhere", "-o", "y", "-m", model}, "world.json", 3},
        {{"playroom", "-d", world.dir, "-o", used, "-m", model, "-n3", "--baselines=none"},
         "holds another run: ",
         2},
        {{"playroom", "-d", world.dir, "-o", "y", "-m", model, "--split=train"},
         "is a world of the split val, not of train",
         2},
        {{"tgifqa-count", "-d", counts, "-o", "y", "-m", model},
         "answers no question of this kind",
         4},
        {{"playroom", "-d", world.dir, "-o", "y", "-m", "/nowhere"}, "/nowhere", 4},
        {{"playroom", "-d", world.dir, "-o", "y", "-m", model, "--features", features},
         "answers from video files, not from features",
         2},
        {{"playroom", "-d", world.dir, "-o", "y", "-m", model, "--compat=paper"},
         "clip has one behaviour",
         2},
        {{"nextqa", "-o", used, "--regrade"}, "is a run of playroom, not of nextqa", 2},
        {{"playroom", "-o", "/nowhere", "--regrade"}, "/nowhere/run.json", 3},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        said s =
            RUN(cases[i].words[0], cases[i].words[1], cases[i].words[2], cases[i].words[3],
                cases[i].words[4], cases[i].words[5], cases[i].words[6], cases[i].words[7],
                cases[i].words[8], cases[i].words[9]);
        if (s.status != cases[i].status || !strstr(s.err, cases[i].message) || *s.out)
            fail_msg("%s: exit %d: %s%s", cases[i].message, s.status, s.err, s.out);
        said_free(&s);
    }
    char samples[300];
    snprintf(samples, sizeof samples, "%s/samples.jsonl", used);
    test_write_text(samples, "{}\n");
    said s = RUN("playroom", "-o", used, "--regrade");
    assert_int_equal(s.status, 3);
    check_holds(s.err, "samples.jsonl:1: ");
    said_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_playroom_is_scored_in_one_object),
        cmocka_unit_test(a_memory_of_videos_is_scored_with_options_and_without),
        cmocka_unit_test(layouts_are_scored_and_submitted),
        cmocka_unit_test(a_memory_answers_from_features_of_videos_as_it_is_told),
        cmocka_unit_test(what_is_odd_about_the_questions_is_said_and_counted),
        cmocka_unit_test(bad_features_end_a_run_before_its_first_answer),
        cmocka_unit_test(what_goes_wrong_gives_its_exit_status),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
