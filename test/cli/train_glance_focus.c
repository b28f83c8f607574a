/* askance train glance-focus: what it makes, what it tells, and what it refuses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "support/command.h"
#include "support/glance_world.h"
#include "support/testing.h"
#include "weights/safetensors.h"

static cli_command commands[2]; // filled by set_up; ends with {0}
static glance_world world;
static char *dir;

static int set_up(void **state)
{
    (void)state;
    commands[0] = cli_train_glance_focus_command;
    glance_world_make(&world);
    dir = test_temp_dir_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    glance_world_free(&world);
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- running ---- */

/* A file of options: those of a tiny training on STAR, and more lines. */
static const char *options_with(const char *more)
{
    static char path[512];
    ask_str text = {0};
    snprintf(path, sizeof path, "%s", test_path(dir, "options.txt"));
    ask_str_printf(&text,
                   "# a tiny training\n"
                   "set = star-lines\n"
                   "data=%s\n"
                   "features=%s\n"
                   "eval-split=train\n\n"
                   "d_model=16\nnhead=2\nnum_layers=1\ndim_feedforward=32\n"
                   "text_width=16\ntext_layers=1\ntext_tokens=600\nmax_feats=8\n"
                   "per_device_train_batch_size=4\nmax_steps=3\nthreads=1\n%s\n",
                   layouts_path(&world.world, "star/txt_db"), world.features, more);
    test_write_text(path, ask_str_text(&text));
    ask_str_free(&text);
    return path;
}

static said run_with(const char *more, const char *const *words)
{
    const char *all[COMMAND_MAX_WORDS] = {"--args", options_with(more)};
    for (int i = 0; words && words[i]; i++) all[i + 2] = words[i];
    return command_run(commands, "train glance-focus", all);
}

static const char *new_out(void)
{
    static char path[512];
    static int n;
    snprintf(path, sizeof path, "%s/out%d", dir, n++);
    return path;
}

/* ---- what it makes ---- */

static void check_number(const ask_json *doc, const char *key, double at_least)
{
    ask_error err = {0};
    double value;
    CHECK_OK(ask_json_get_double(&value, ask_json_root(doc), key, &err), &err);
    CHECK_CASE(key, value >= at_least);
}

static void check_text(const ask_json *doc, const char *key, const char *expected)
{
    ask_error err = {0};
    const char *text;
    CHECK_OK(ask_json_get_string(&text, ask_json_root(doc), key, &err), &err);
    assert_string_equal(text, expected);
}

static void a_training_makes_a_model_checkpoints_and_logs(void **state)
{
    static const char *const files[] = {"config.json",
                                        "model.safetensors",
                                        "tokenizer.json",
                                        "action_mapping.txt",
                                        "log.jsonl",
                                        "log.csv",
                                        "eval.csv",
                                        "tensorboard",
                                        "checkpoint-2/model.safetensors",
                                        "checkpoint-3/optimizer.safetensors",
                                        "checkpoint-3/trainer_state.json"};
    (void)state;
    const char *out = new_out();
    said s = run_with("supervised\nsave_steps=2",
                      (const char *[]){"--output-dir", out, "--json", NULL});
    if (s.status != 0) fail_msg("%s", s.err);
    for (size_t i = 0; i < TEST_COUNT(files); i++)
        CHECK_CASE(files[i], ask_file_exists(test_path(out, files[i])));
    ask_json *doc = said_json(&s);
    check_text(doc, "schema", "askance.train.glance_focus/1");
    check_text(doc, "mode", "train");
    check_text(doc, "setting", "supervised");
    check_text(doc, "head", "options");
    check_number(doc, "n_train", 5);
    check_number(doc, "n_params", 1000);
    check_number(doc, "last_step", 3);
    check_number(doc, "metrics.accuracy", 0);
    check_number(doc, "metrics.loss", 0.1);
    ask_json_free(doc);
    said_free(&s);
    s = run_with("supervised", (const char *[]){"--out", out, "--test_only", NULL});
    assert_int_equal(s.status, 0);
    check_holds(s.out, "accuracy 0.");
    said_free(&s);
}

static void self_tests_tell_how_it_went(void **state)
{
    (void)state;
    said s = run_with("supervised=true", (const char *[]){"--verify-resume", NULL});
    if (s.status != 0) fail_msg("%s", s.err);
    check_holds(s.out, "have the same bits after 3 steps");
    said_free(&s);
    s = run_with("", (const char *[]){"--overfit_one_batch", "--max_steps=2", NULL});
    assert_int_equal(s.status, 1);
    check_holds(s.err, "one batch was not learnt by heart");
    said_free(&s);
}

/* ---- what it refuses ---- */

static void write_text_file(const char *name, const char *text)
{
    test_write_text(test_path(dir, name), text);
}

/* A store of the world's videos, the first of which has something else. */
static void write_store(const char *name, int64_t width, float value)
{
    ask_error err = {0};
    ask_weights_entry entries[GLANCE_WORLD_CLIPS] = {0};
    char names[GLANCE_WORLD_CLIPS][32];
    float ones[2 * GLANCE_WORLD_WIDTH], odd[2 * GLANCE_WORLD_WIDTH];
    for (int i = 0; i < 2 * GLANCE_WORLD_WIDTH; i++) ones[i] = odd[i] = 1;
    odd[1] = value;
    for (int i = 0; i < GLANCE_WORLD_CLIPS; i++) {
        snprintf(names[i], sizeof names[i], "%s", layouts_video(&world.world, i));
        entries[i] = (ask_weights_entry){.name = names[i],
                                         .type = ASK_F32,
                                         .n_dims = 2,
                                         .shape = {2, i ? GLANCE_WORLD_WIDTH : width},
                                         .data = i ? ones : odd};
    }
    CHECK_OK(ask_safetensors_write(test_path(dir, name), entries, GLANCE_WORLD_CLIPS, NULL,
                                   0, &err),
             &err);
}

typedef struct {
    const char *name, *more; // options; '@' stands for the folder of the test
    int status;
    const char *says;
} refusal;

static const refusal refusals[] = {
    {"no set", "set=what", 2, "no set of questions is called \"what\""},
    {"both settings", "supervised\nunsupervised", 2, "it is one of both"},
    {"an unknown option in the file", "learn_rate=3", 2,
     "options.txt:18: unknown option --learn_rate; did you mean --learning_rate?"},
    {"a flag that is neither", "supervised=maybe", 2, "is true or false, not maybe"},
    {"a schedule", "lr_scheduler_type=magic", 2, "magic"},
    {"heads that do not fit", "nhead=3", 2, "a width of 16 is no multiple of 3 heads"},
    {"an unknown split", "train_split=autumn", 2, "has no split \"autumn\""},
    {"a split that is not there", "train_split=test", 3, "test.jsonl"},
    {"an empty split", "set=lines\ndata=@/empty", 3, "no questions in it"},
    {"no store", "features=@/none.npz", 3, "none.npz"},
    {"features of another width", "features=@/width.safetensors", 3, "but others are of 7"},
    {"features that are no number", "features=@/nan.safetensors", 3,
     "row 0, column 1 is NaN"},
    {"a store without the videos", "features=@/other.safetensors", 3,
     "has no features of \""},
    {"a pickle that would run something", "features=@/evil.pkl", 3, "evil.pkl"},
    {"a corrupt pickle", "features=@/corrupt.pkl", 3, "corrupt.pkl"},
    {"an event outside", "supervised\nevents=@/outside.json", 3, "is outside of the 4 s"},
    {"no events file", "supervised\nevents=@/none.json", 3, "none.json"},
    {"a text that is too long", "max_tokens=4", 5, "but at most 4 are taken"},
    {"no model", "init=@/none", 4, "config.json"},
    {"a class too many", "supervised\nconfig=@/few.json", 4,
     "events of 12 classes, but the network has 11 and the background"},
    {"a text tower of another kind", "text=@/tower", 4, "is a bert or a roberta"},
    {"a joint that no model takes", "option_joint=0123456789012345678901234567890123456789",
     2, "at most 31 bytes"},
    {"places of too many frames", "max_feats=1048576\nd_model=1024", 2,
     "1048576 frames that carry their places, of width 1024: at most 65536"},
    {"nothing to measure", "test_only\ninit=@/none\ndata=@/nothing\neval_split=val", 3,
     "nothing"},
    {"a report", "report_to=pigeon", 2, "pigeon"},
    {"where to resume", "resume_from_checkpoint=@/none", 4, "none"},
};

static void write_wrong_files(void)
{
    static const char outside[] = "{\"%s\": {\"duration\": 4, \"actions\": [[1, 5, 6]]}}";
    char text[256];
    write_store("width.safetensors", 7, 1);
    write_store("nan.safetensors", GLANCE_WORLD_WIDTH, 0.0f / 0.0f);
    const float number = 1;
    const ask_weights_entry other = {
        .name = "other", .type = ASK_F32, .n_dims = 2, .shape = {1, 1}, .data = &number};
    ask_error err = {0};
    CHECK_OK(ask_safetensors_write(test_path(dir, "other.safetensors"), &other, 1, NULL, 0,
                                   &err),
             &err);
    write_text_file("evil.pkl", "cos\nsystem\n(S'true'\ntR.");
    write_text_file("corrupt.pkl", "\x80\x04\x95\xff\xff");
    snprintf(text, sizeof text, outside, layouts_video(&world.world, 0));
    write_text_file("outside.json", text);
    write_text_file("empty/train.jsonl", "");
    write_text_file("few.json", "{\"model_type\": \"glance_focus\", \"d_model\": 16,"
                                " \"nhead\": 2, \"event_pred_dim\": 12}");
    write_text_file("tower/config.json", "{\"model_type\": \"gpt2\"}");
}

static char *with_folder(const char *more)
{
    ask_str text = {0};
    for (; *more; more++) {
        if (*more == '@')
            ask_str_append(&text, dir);
        else
            ask_str_append_char(&text, *more);
    }
    return ask_str_take(&text, NULL);
}

static void what_cannot_be_is_refused_before_anything_is_written(void **state)
{
    (void)state;
    write_wrong_files();
    for (size_t i = 0; i < TEST_COUNT(refusals); i++) {
        const refusal *r = &refusals[i];
        const char *out = new_out();
        char *more = with_folder(r->more);
        said s = run_with(more, (const char *[]){"--out", out, NULL});
        if (s.status != r->status || !strstr(s.err, r->says))
            fail_msg("case \"%s\": status %d: %s", r->name, s.status, s.err);
        CHECK_CASE(r->name, !ask_file_exists(test_path(out, "config.json")));
        said_free(&s);
        free(more);
    }
}

static void a_folder_that_is_taken_stays_as_it_is(void **state)
{
    (void)state;
    const char *out = new_out();
    said s = run_with("", (const char *[]){"--out", out, NULL});
    assert_int_equal(s.status, 0);
    said_free(&s);
    s = run_with("", (const char *[]){"--out", out, NULL});
    assert_int_equal(s.status, 2);
    check_holds(s.err, "holds config.json already");
    said_free(&s);
}

static void another_configuration_is_not_resumed(void **state)
{
    (void)state;
    const char *out = new_out();
    said s = run_with("", (const char *[]){"--out", out, NULL});
    assert_int_equal(s.status, 0);
    said_free(&s);
    s = run_with("learning_rate=0.002",
                 (const char *[]){"--out", out, "--resume_from_checkpoint", "last", NULL});
    assert_int_equal(s.status, 2);
    check_holds(s.err, "0.002");
    said_free(&s);
    s = run_with("max_steps=5\nmax_steps=3",
                 (const char *[]){"--out", out, "--resume_from_checkpoint", "last", NULL});
    assert_int_equal(s.status, 0);
    check_holds(s.out, "all steps are made");
    said_free(&s);
}

static void answers_outside_of_the_vocabulary_are_told(void **state)
{
    (void)state;
    char more[600];
    snprintf(more, sizeof more, "set=video-chatgpt\ndata=%s\nvocabulary=3",
             layouts_path(&world.world, "video-chatgpt"));
    said s = run_with(more, (const char *[]){"--out", new_out(), "--json", NULL});
    if (s.status != 0) fail_msg("%s", s.err);
    check_holds(s.err, "have an answer outside of the vocabulary of 3");
    ask_json *doc = said_json(&s);
    check_number(doc, "n_outside", 1);
    check_number(doc, "n_answers", 3);
    ask_json_free(doc);
    said_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_training_makes_a_model_checkpoints_and_logs),
        cmocka_unit_test(self_tests_tell_how_it_went),
        cmocka_unit_test(what_cannot_be_is_refused_before_anything_is_written),
        cmocka_unit_test(a_folder_that_is_taken_stays_as_it_is),
        cmocka_unit_test(another_configuration_is_not_resumed),
        cmocka_unit_test(answers_outside_of_the_vocabulary_are_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
