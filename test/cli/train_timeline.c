/* askance train timeline: what it makes, what it tells, and what it refuses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "support/command.h"
#include "support/testing.h"
#include "support/timeline_start.h"

static cli_command commands[2]; // filled by set_up; ends with {0}
static char *dir, *begin;       // where all goes; what trainings begin with

static int set_up(void **state)
{
    (void)state;
    commands[0] = cli_train_timeline_command;
    dir = test_temp_dir_make();
    begin = test_temp_dir_make();
    timeline_start_write(begin);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    test_temp_dir_remove(begin);
    return 0;
}

/* With a file of options: those of a tiny training, and more lines. */
static said run_with(const char *out, const char *more)
{
    char *path = strdup(test_path(dir, "options.txt"));
    ask_str text = {0};
    ask_str_printf(&text,
                   "stage = glance\n"
                   "config=%s/config.json\ntokenizer=%s\n"
                   "per_device_train_batch_size=2\nquestions=2\nmax_steps=2\n"
                   "eval_clips=2\nthreads=1\n%s\n",
                   begin, begin, more);
    test_write_text(path, ask_str_text(&text));
    ask_str_free(&text);
    said s = command_run(commands, "train timeline",
                         (const char *[]){"--args", path, "--out", out, "--json", NULL});
    free(path);
    return s;
}

/* ---- what it makes ---- */

static void a_training_makes_a_model_checkpoints_and_logs(void **state)
{
    static const char *const files[] = {"config.json",
                                        "preprocessor_config.json",
                                        "model.safetensors",
                                        "log.jsonl",
                                        "tokenizer.json",
                                        "log.csv",
                                        "eval.csv",
                                        "checkpoint-1/trainer_state.json",
                                        "checkpoint-2/optimizer.safetensors"};
    static const char *const parts[] = {"\"schema\": \"askance.train.timeline/1\"",
                                        "\"stage\": \"glance\"", "\"last_step\": 2",
                                        "\"map\": ", "\"toy_recall\": "};
    (void)state;
    const char *out = test_path(dir, "made");
    said s = run_with(out, "save_steps=1");
    if (s.status != 0) fail_msg("%s", s.err);
    for (size_t i = 0; i < TEST_COUNT(files); i++)
        CHECK_CASE(files[i], ask_file_exists(test_path(test_path(dir, "made"), files[i])));
    for (size_t i = 0; i < TEST_COUNT(parts); i++) check_holds(s.out, parts[i]);
    said_free(&s);
}

static void help_tells_the_stages(void **state)
{
    (void)state;
    said s = command_run(commands, "train timeline", (const char *[]){"--help", NULL});
    assert_int_equal(s.status, 0);
    check_holds(s.out, "--stage");
    check_holds(s.out, "cells, glance, glance-seen, focus, focus-seen, joint");
    check_holds(s.out, "--resume_from_checkpoint");
    said_free(&s);
}

/* ---- what it refuses ---- */

typedef struct {
    const char *name, *more; // '@' stands for the folder of the test
    int status;
    const char *says;
} refusal;

static const refusal refusals[] = {
    {"an unknown stage", "stage=glances", 2, "there is no stage \"glances\""},
    {"clutter", "clutter=2-1", 2, "--clutter is a number from 0 to 3"},
    {"an unknown option", "learn_rate=3", 2, "did you mean --learning_rate?"},
    {"a batch of nothing", "per_device_train_batch_size=0", 2,
     "per_device_train_batch_size"},
    {"too many questions", "questions=24", 2, "24 questions of a clip: give 1 to 23"},
    {"a warm-up beyond the end", "warmup_steps=3", 2, "3"},
    {"two starts", "init=@", 2, "give one of both"},
    {"no configuration", "config=@/none.json", 4, "none.json"},
    {"a configuration of another network", "config=@/clip.json", 4, "not \"timeline\""},
    {"no tokenizer", "tokenizer=@/none", 4, "none"},
    {"a part that is not there", "cells=@/none", 4, "none"},
    {"a report", "report_to=pigeon", 2, "pigeon"},
    {"where to resume", "resume_from_checkpoint=@/none", 4, "none"},
};

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
    test_write_text(test_path(dir, "clip.json"), "{\"model_type\": \"clip\"}");
    for (size_t i = 0; i < TEST_COUNT(refusals); i++) {
        const refusal *r = &refusals[i];
        char *more = with_folder(r->more);
        said s = run_with(test_path(dir, "refused"), more);
        if (s.status != r->status || !strstr(s.err, r->says))
            fail_msg("case \"%s\": status %d: %s", r->name, s.status, s.err);
        CHECK_CASE(r->name, !ask_file_exists(test_path(dir, "refused/config.json")));
        said_free(&s);
        free(more);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_training_makes_a_model_checkpoints_and_logs),
        cmocka_unit_test(help_tells_the_stages),
        cmocka_unit_test(what_cannot_be_is_refused_before_anything_is_written),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
