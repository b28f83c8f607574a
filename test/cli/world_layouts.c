/* askance world --layout: which layouts are written, what is said of them, what is refused.
 */
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

static void check_there(const char *out, const char *name)
{
    CHECK_CASE(name, access(test_path(out, name), F_OK) == 0);
}

static void layouts_are_written_with_the_clips_or_later(void **state)
{
    (void)state;
    const char *out = test_path(dir, "world");
    said s = run((const char *[]){out, "--clips=1", "--layout=davis,nextqa", NULL});
    assert_string_equal(s.err, "");
    assert_int_equal(s.status, 0);
    check_holds(s.out, "1 made, 0 were there\n");
    check_holds(s.out, "world/davis: DAVIS 2017 (pictures and masks)\n");
    check_holds(s.out, "world/nextqa: NExT-QA");
    said_free(&s);
    check_there(out, "davis/ImageSets/2017/train.txt");
    check_there(out, "nextqa/train_mc.csv");

    s = run(
        (const char *[]){out, "--layout", "sjtu-vis", "--layout", "star", "--json", NULL});
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    const char *name;
    ask_error err = {0};
    assert_int_equal(ask_json_count(ask_json_find(ask_json_root(doc), "layouts")), 2);
    CHECK_OK(ask_json_get_string(&name, ask_json_root(doc), "layouts.0", &err), &err);
    assert_string_equal(name, "star");
    assert_int_equal(ask_json_type_of(ask_json_find(ask_json_root(doc), "notes.layouts")),
                     ASK_JSON_ABSENT);
    ask_json_free(doc);
    said_free(&s);
    check_there(out, "star/txt_db/train.jsonl");
    check_there(out, "sjtu-vis/text.xlsx");
}

static void layouts_of_several_splits_go_into_one_folder(void **state)
{
    (void)state;
    const char *train = test_path(dir, "sets/train"), *val = test_path(dir, "sets/val"),
               *into = test_path(dir, "sets/all");
    said s =
        run((const char *[]){train, "--clips=1", "--layout=star", "--into", into, NULL});
    check_holds(s.out, "sets/all/star: STAR");
    assert_int_equal(s.status, 0);
    said_free(&s);
    s = run((const char *[]){val, "--clips=1", "--split=val", "--layout=star", "--into",
                             into, "--json", NULL});
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    const char *name;
    ask_error err = {0};
    CHECK_OK(ask_json_get_string(&name, ask_json_root(doc), "into", &err), &err);
    assert_string_equal(name, into);
    ask_json_free(doc);
    said_free(&s);
    check_there(into, "star/STAR_train.json");
    check_there(into, "star/STAR_val.json");
    check_there(into, "star/videos/train_000000.mp4");
    check_there(into, "star/videos/val_000000.mp4");
}

static void what_goes_wrong_gives_its_exit_status(void **state)
{
    (void)state;
    const char *simple = test_path(dir, "simple"), *none = test_path(dir, "none");
    said made = run((const char *[]){simple, "--clips=1", "--simple", NULL});
    assert_int_equal(made.status, 0);
    said_free(&made);
    const struct {
        const char *words[COMMAND_MAX_WORDS];
        const char *message;
        int status;
    } cases[] = {
        {{simple, "--layout=mars"}, "there is no layout \"mars\"; there are star, ", 2},
        {{none, "--clips=1", "--layout=star,"}, "there is no layout \"\"", 2},
        {{simple, "--layout=all"}, "is a simple world", 2},
        {{none, "--layout=davis"}, "world.json", 3},
        {{none, "--clips=1", "--into=x"}, "give --layout, too", 2},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        said s = run(cases[i].words);
        if (s.status != cases[i].status || !strstr(s.err, cases[i].message) || *s.out)
            fail_msg("%s: exit %d: %s%s", cases[i].message, s.status, s.err, s.out);
        said_free(&s);
    }
    assert_int_not_equal(access(none, F_OK), 0); // names are looked at first
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_are_written_with_the_clips_or_later),
        cmocka_unit_test(layouts_of_several_splits_go_into_one_folder),
        cmocka_unit_test(what_goes_wrong_gives_its_exit_status),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
