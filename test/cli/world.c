#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/command.h"
#include "support/testing.h"

static cli_command commands[2]; // filled by set_up; ends with {0}
static char *dir;

static int set_up(void **state)
{
    (void)state;
    commands[0] = cli_world_command;
    dir = test_temp_dir_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

static said run(const char *const *words)
{
    return command_run(commands, "world", words);
}

static int64_t number(const ask_json *doc, const char *path)
{
    ask_error err = {0};
    int64_t n;
    CHECK_OK(ask_json_get_int(&n, ask_json_root(doc), path, -1, INT64_MAX, &err), &err);
    return n;
}

static const char *text_at(const ask_json *doc, const char *path)
{
    ask_error err = {0};
    const char *text;
    CHECK_OK(ask_json_get_string(&text, ask_json_root(doc), path, &err), &err);
    return text;
}

static void a_world_is_made_continued_and_audited(void **state)
{
    (void)state;
    const char *out = test_path(dir, "world");
    said s = run(
        (const char *[]){out, "--clips=2", "--seed=5", "--split=val", "--simple", NULL});
    assert_string_equal(s.err, "");
    assert_int_equal(s.status, 0);
    check_holds(s.out, "2 clips of seed 5, split val; 2 made, 0 were there\n");
    said_free(&s);

    s = run((const char *[]){out, "--clips=4", "--seed=5", "--split=val", "--json",
                             "--simple", NULL});
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    assert_string_equal(text_at(doc, "schema"), "askance.world.result/1");
    assert_string_equal(text_at(doc, "split"), "val");
    assert_int_equal(number(doc, "seed"), 5);
    assert_int_equal(number(doc, "n_ready"), 4);
    assert_int_equal(number(doc, "n_made"), 2);
    assert_int_equal(number(doc, "n_kept"), 2);
    assert_string_equal(text_at(doc, "notes.audit"), "not asked for; use --audit");
    assert_string_equal(text_at(doc, "kind"), "simple");
    assert_string_equal(text_at(doc, "notes.clutter"), "a simple world has none");
    ask_json_free(doc);
    said_free(&s);

    s = run((const char *[]){out, "--audit", NULL});
    assert_int_equal(s.status, 0);
    check_holds(s.out, "blind");
    check_holds(s.out, "learnt   best  right moment judged\n");
    check_holds(s.out, "presence         4   0.25   0.25   0.25   0.25");
    check_holds(s.out, "contact.png");
    said_free(&s);

    s = run((const char *[]){out, "--audit", "--json", NULL});
    doc = said_json(&s);
    assert_string_equal(text_at(doc, "audit.schema"), "askance.world.audit/1");
    assert_int_equal(number(doc, "audit.n_clips"), 4);
    assert_string_equal(text_at(doc, "audit.types.8.type"), "absent");
    assert_int_equal(number(doc, "audit.types.0.n"), 4);
    assert_int_equal(number(doc, "audit.types.0.at_place.3"), 1);
    double right;
    ask_error err = {0};
    CHECK_OK(
        ask_json_get_double(&right, ask_json_root(doc), "audit.types.0.best_right", &err),
        &err);
    assert_true(right > 0 && right <= 1);
    ask_json_free(doc);
    said_free(&s);
    assert_int_equal(access(test_path(out, "contact.png"), R_OK), 0);
}

static void a_world_is_full_unless_a_simple_one_is_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *name, *option;
        int low, high;
    } cases[] = {{"default", "--seed=1", 0, 2},
                 {"range", "--clutter=1-3", 1, 3},
                 {"level", "--clutter=3", 3, 3}};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *out = test_path(dir, cases[i].name);
        said s = run((const char *[]){out, "--clips=1", "--json", cases[i].option, NULL});
        CHECK_CASE(cases[i].name, s.status == 0);
        ask_json *doc = said_json(&s);
        assert_string_equal(text_at(doc, "kind"), "full");
        CHECK_CASE(cases[i].name, number(doc, "clutter.0") == cases[i].low &&
                                      number(doc, "clutter.1") == cases[i].high);
        ask_json_free(doc);
        said_free(&s);
    }
}

static void what_goes_wrong_gives_its_exit_status(void **state)
{
    (void)state;
    const char *file = test_path(dir, "file"), *foreign = test_path(dir, "foreign");
    const char *out = test_path(dir, "new");
    test_write_text(file, "x");
    test_write_text(test_path(foreign, "holiday.jpg"), "x");
    said made = run((const char *[]){test_path(dir, "one"), "--clips=1", NULL});
    assert_int_equal(made.status, 0);
    said_free(&made);
    const struct {
        const char *words[COMMAND_MAX_WORDS];
        const char *message;
        int status;
    } cases[] = {
        {{NULL}, "expected OUT", 2},
        {{out, "two", "--clips=1"}, "expected OUT", 2},
        {{"", "--clips=1"}, "argument 1 of OUT is empty", 2},
        {{out}, "--clips says how many", 2},
        {{out, "--clips=0"}, "--clips", 2},
        {{out, "--clips=-3"}, "--clips", 2},
        {{out, "--clips=many"}, "--clips", 2},
        {{out, "--clips=1000001"}, "--clips", 2},
        {{out, "--clips=1", "--seed=-1"}, "--seed", 2},
        {{out, "--clips=1", "--split=dev"}, "train, val and test; there is no dev", 2},
        {{out, "--clips=1", "--clutter=4"}, "--clutter is a number from 0 to 3", 2},
        {{out, "--clips=1", "--clutter=2-1"}, "got \"2-1\"", 2},
        {{out, "--clips=1", "--clutter=0-"}, "got \"0-\"", 2},
        {{out, "--clips=1", "--clutter="}, "--clutter", 2},
        {{out, "--clips=1", "--clutter=1", "--simple"}, "either --simple or --clutter", 2},
        {{test_path(dir, "one"), "--clips=1", "--simple"}, "holds a full world", 2},
        {{file, "--clips=1"}, "file", 3},
        {{foreign, "--clips=1"}, "is not empty and holds no world", 2},
        {{"/proc/nowhere/world", "--clips=1"}, "/proc/nowhere", 3},
        {{foreign, "--audit"}, "world.json", 3},
        {{out, "--audit"}, "world.json", 3},
        {{test_path(dir, "one"), "--audit"}, "holds 1 clips", 2},
        {{test_path(dir, "one"), "--clips=1", "--seed=2"}, "seed 1, split train", 2},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        said s = run(cases[i].words);
        if (s.status != cases[i].status || !strstr(s.err, cases[i].message) || *s.out)
            fail_msg("%s: exit %d: %s%s", cases[i].message, s.status, s.err, s.out);
        assert_int_equal(strchr(s.err, '\n') - s.err, (long)strlen(s.err) - 1);
        said_free(&s);
    }
    assert_int_not_equal(access(out, F_OK), 0);
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    char *out = strdup(test_path(dir, "disk"));
    said s = run((const char *[]){out, "--clips=1", NULL});
    said_free(&s);
    assert_int_equal(symlink("/dev/full", test_path(out, "clips/000001.mp4")), 0);
    s = run((const char *[]){out, "--clips=2", NULL});
    assert_int_equal(s.status, 5);
    assert_string_equal(s.err, "askance: world: /dev/full: cannot write: No space left on "
                               "device\n");
    said_free(&s);
    assert_int_not_equal(access(test_path(out, "truth/000001.json"), F_OK), 0);
    free(out);
}

/* The command, interrupted by the user before it does anything. */
static cli_outcome run_interrupted(const cli_call *call, const void *values, ask_error *err)
{
    raise(SIGINT);
    return cli_world_command.run(call, values, err);
}

static void an_interrupt_leaves_whole_clips_only(void **state)
{
    (void)state;
    cli_command interrupted[2] = {cli_world_command, {0}};
    interrupted[0].run = run_interrupted;
    const char *out = test_path(dir, "interrupted");
    said s = command_run(interrupted, "world", (const char *[]){out, "--clips=50", NULL});
    assert_int_equal(s.status, 130);
    assert_string_equal(s.err, "askance: world: interrupted\n");
    assert_int_not_equal(access(test_path(out, "clips/000000.mp4"), F_OK), 0);
    said_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_world_is_made_continued_and_audited),
        cmocka_unit_test(a_world_is_full_unless_a_simple_one_is_asked_for),
        cmocka_unit_test(what_goes_wrong_gives_its_exit_status),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(an_interrupt_leaves_whole_clips_only), // the flag stays raised
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
