/* `askance model calibrate`, from the command line to calibration.json. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "focus/calibration.h"
#include "support/command.h"
#include "support/playroom_memory.h"
#include "support/playroom_model.h"
#include "support/testing.h"
#include "vqa/standard.h"

static char *dir;
static char *model, *world, *empty, *broken;
static const char OLD[] = "{\"data\": \"old\"}";

static int make_all(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    model = strdup(test_path(dir, "model"));
    world = strdup(test_path(dir, "world"));
    empty = strdup(test_path(dir, "empty"));
    broken = strdup(test_path(dir, "broken"));
    playroom_model_write(model);
    playroom_world_write(world, 5, 3);
    playroom_world_write(broken, 5, 1);
    test_write_text(test_path(broken, "truth/000000.json"), "{}");
    return mkdir(empty, 0777);
}

static int remove_all(void **state)
{
    (void)state;
    free(model);
    free(world);
    free(empty);
    free(broken);
    test_temp_dir_remove(dir);
    return 0;
}

#define RUN(...)                                                                           \
    command_run((cli_command[]){cli_model_calibrate_command, {0}}, "model",                \
                (const char *[COMMAND_MAX_WORDS]){"calibrate", __VA_ARGS__})

static void the_file_is_written_and_told_of(void **state)
{
    (void)state;
    test_write_text(test_path(model, "calibration.json"), OLD);
    said s = RUN(model, "--data", world, "--clips=2", "--fps=2", "--download=more", "-t1");
    assert_string_equal(s.err, "");
    assert_int_equal(s.status, 0);
    check_holds(s.out, "calibration.json: fitted to playroom val seed 5, clips 0-1\n");
    static const char *const parts[] = {"find: threshold ", "near_miss ", "hit@1 0.",
                                        "ask: scale ",      "color ",     "tau_nec ",
                                        "grounded",         "words but ", "rejected 0."};
    for (size_t i = 0; i < TEST_COUNT(parts); i++) check_holds(s.out, parts[i]);
    said_free(&s);
    ask_error err = {0};
    ask_calibration c;
    ask_standard a;
    CHECK_OK(ask_calibration_read(&c, model, &err), &err);
    CHECK_OK(ask_standard_read(&a, model, 24, &err), &err);
    assert_string_equal(c.data, "playroom val seed 5, clips 0-1");
    assert_true(a.has_limits && c.n == 2);
    assert_string_equal(a.download, "more");
    ask_calibration_free(&c);
    ask_standard_free(&a);
}

static double number(const ask_json *doc, const char *path)
{
    ask_error err = {0};
    double n;
    CHECK_OK(ask_json_get_double(&n, ask_json_root(doc), path, &err), &err);
    return n;
}

static void json_tells_what_the_file_holds(void **state)
{
    (void)state;
    said s = RUN(model, "--data", world, "--first=1", "--fps=2", "--json", "-t1");
    assert_int_equal(s.status, 0);
    check_holds(s.out, "\"schema\": \"askance.model.calibrate/1\"");
    ask_json *doc = said_json(&s);
    ask_error err = {0};
    ask_json *file = ask_json_read(test_path(model, "calibration.json"), NULL, &err);
    assert_non_null(file);
    static const char *const same[] = {"find.threshold", "ask.scale",    "ask.threshold",
                                       "ask.tau_prior",  "ask.tau_suff", "ask.tau_nec"};
    for (size_t i = 0; i < TEST_COUNT(same); i++)
        CHECK_CASE(same[i], number(doc, same[i]) == number(file, same[i]));
    assert_true(number(doc, "n_clips") == 2 && number(file, "n") == 2);
    assert_true(number(doc, "ask.most_distance") == number(file, "ask.outside.threshold"));
    assert_true(number(doc, "find.kinds.0.hit") >= 0);
    assert_true(number(doc, "find.kinds.3.rejected") >= 0);
    assert_true(number(doc, "ask.types.0.n") == 2);
    ask_json_free(file);
    ask_json_free(doc);
    said_free(&s);
}

/* A model with a memory of videos, that can also find. */
static void a_memory_is_fitted_with_options_and_without(void **state)
{
    (void)state;
    char *memory = strdup(test_path(dir, "memory")), *full = strdup(test_path(dir, "full"));
    playroom_memory_write_finding(memory);
    playroom_full_world_write(full, 5, 2);
    said s = RUN(memory, "--data", full, "--clips=1", "--fps=2", "--json", "-t1");
    assert_string_equal(s.err, "");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    ask_error err = {0};
    ask_json *file = ask_json_read(test_path(memory, "calibration.json"), NULL, &err);
    assert_non_null(file);
    static const char *const same[] = {"find.threshold", "ask.threshold", "ask.tau_prior",
                                       "ask.tau_suff", "ask.tau_nec"};
    for (size_t i = 0; i < TEST_COUNT(same); i++)
        CHECK_CASE(same[i], number(doc, same[i]) == number(file, same[i]));
    assert_true(number(doc, "ask.n_absent") + number(doc, "ask.n_there") > 8);
    assert_true(number(doc, "ask.false_rejected") <= 0.05);
    assert_int_equal(ask_json_type_of(ask_json_find(ask_json_root(doc), "ask.scale")),
                     ASK_JSON_ABSENT);
    assert_true(number(doc, "ask.types.6.right") >= 0); // order
    assert_true(number(doc, "ask.types.6.open") >= 0);
    ask_json_free(file);
    ask_json_free(doc);
    said_free(&s);
    s = RUN(memory, "--data", full, "--first=1", "-t1");
    assert_int_equal(s.status, 0);
    static const char *const parts[] = {"find: threshold ", "ask: threshold ",
                                        "transition ",      " open ",
                                        "absent ",          "words but "};
    for (size_t i = 0; i < TEST_COUNT(parts); i++) check_holds(s.out, parts[i]);
    said_free(&s);
    test_write_text(test_path(memory, "denials.json"), "[]");
    s = RUN(memory, "--data", full, "--clips=1", "-t1");
    check_holds(s.out, "ask: no threshold (no answer of its own denies)\n");
    said_free(&s);
    free(memory);
    free(full);
}

static void mistakes_have_their_messages_and_leave_the_file(void **state)
{
    (void)state;
    test_write_text(test_path(model, "calibration.json"), OLD);
    int n_entries = test_count_entries(model);
    const struct {
        const char *name;
        const char *words[COMMAND_MAX_WORDS];
        int status;
        const char *message;
    } cases[] = {
        {"no world", {"calibrate", model}, 2, "--data"},
        {"no such world", {"calibrate", model, "--data=none"}, 3, "none"},
        {"a folder that is no world",
         {"calibrate", model, "--data", empty},
         3,
         "world.json"},
        {"broken truth", {"calibrate", model, "--data", broken}, 3, "000000.json"},
        {"no clips", {"calibrate", model, "--data", world, "--clips=0"}, 2, "clips"},
        {"more clips than there are",
         {"calibrate", model, "--data", world, "--clips=4"},
         2,
         "and it has 3"},
        {"past the end",
         {"calibrate", model, "--data", world, "--first=3"},
         2,
         "and it has 3"},
        {"no frames", {"calibrate", model, "--data", world, "--fps=0"}, 2, "fps"},
        {"no model", {"calibrate", "none", "--data", world}, 4, "none"},
        {"a folder that is no model",
         {"calibrate", empty, "--data", world},
         4,
         "config.json"},
        {"no folder", {"calibrate", "--data", world}, 2, "DIR"},
        {"a model without pictures",
         {"calibrate", test_fixture("golden/roberta"), "--data", world},
         3,
         "roberta embeds no pictures"},
        {"a network that is no CLIP",
         {"calibrate", model, "--data", world, "--arch=resnet"},
         2,
         "resnet"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        said s = command_run((cli_command[]){cli_model_calibrate_command, {0}}, "model",
                             cases[i].words);
        if (s.status != cases[i].status || !strstr(s.err, cases[i].message))
            fail_msg("%s: %d %s", cases[i].name, s.status, s.err);
        said_free(&s);
        size_t n_bytes;
        char *now = test_read(test_path(model, "calibration.json"), &n_bytes);
        CHECK_CASE(cases[i].name, strcmp(now, OLD) == 0);
        CHECK_CASE(cases[i].name, test_count_entries(model) == n_entries);
        free(now);
    }
}

/* Before a world is looked for. */
static void a_file_that_cannot_be_written_is_told_at_once(void **state)
{
    (void)state;
    const char *stuck = test_path(dir, "stuck");
    playroom_model_write(stuck);
    const char *file = test_path(stuck, "calibration.json");
    assert_int_equal(symlink("/proc/version", file), 0); // nobody can replace it
    said s = RUN(stuck, "--data=none");
    assert_int_equal(s.status, 3);
    check_holds(s.err, "/proc/version: cannot ");
    said_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_is_written_and_told_of),
        cmocka_unit_test(json_tells_what_the_file_holds),
        cmocka_unit_test(a_memory_is_fitted_with_options_and_without),
        cmocka_unit_test(mistakes_have_their_messages_and_leave_the_file),
        cmocka_unit_test(a_file_that_cannot_be_written_is_told_at_once),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
