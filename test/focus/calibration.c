#include "focus/calibration.h"

#include <stdio.h>
#include <string.h>

#include "focus/prompts.h"
#include "support/testing.h"

static char *dir;

static int make_dir(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

static const char *write_calibration(const char *text)
{
    static int n_folders;
    char name[32];
    snprintf(name, sizeof name, "model%d", n_folders++);
    const char *folder = test_path(dir, name);
    test_write_text(test_path(folder, "calibration.json"), text);
    return folder;
}

#define EIGHT "[\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h h\"]"

static void a_model_without_a_file_has_defaults(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_calibration c;
    CHECK_OK(ask_calibration_read(&c, dir, &err), &err);
    assert_true(c.threshold == ASK_FIND_DEFAULT_THRESHOLD);
    assert_string_equal(c.threshold_source, "default");
    assert_int_equal(c.n_background, ASK_BACKGROUND_PROMPTS);
    assert_int_equal(c.n_sentences, ASK_RANDOM_SENTENCES);
    assert_null(c.data);
    assert_true(c.n == 0);
    ask_calibration_free(&c);
    ask_calibration_free(&c);
}

static void each_key_replaces_its_default(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        double threshold;
        const char *source;
        int n_background, n_sentences;
        const char *data;
        int64_t n;
        double fps;
    } cases[] = {
        {"nothing", "{}", 1.64, "default", 8, 64, NULL, 0, 0},
        {"keys of others", "{\"ask\": {\"tau\": 1}, \"find\": {\"more\": 1}}", 1.64,
         "default", 8, 64, NULL, 0, 0},
        {"nulls",
         "{\"data\": null, \"n\": null, \"find\": {\"threshold\": null, \"background\": "
         "null, "
         "\"sentences\": null}}",
         1.64, "default", 8, 64, NULL, 0, 0},
        {"null for all of it", "{\"find\": null}", 1.64, "default", 8, 64, NULL, 0, 0},
        {"empty data", "{\"data\": \"\", \"n\": 3}", 1.64, "default", 8, 64, NULL, 3, 0},
        {"blank data", "{\"data\": \" \\n\"}", 1.64, "default", 8, 64, NULL, 0, 0},
        {"a threshold", "{\"find\": {\"threshold\": 2}}", 2, "calibration.json", 8, 64,
         NULL, 0, 0},
        {"a threshold below 0", "{\"find\": {\"threshold\": -0.5}}", -0.5,
         "calibration.json", 8, 64, NULL, 0, 0},
        {"background", "{\"find\": {\"background\": [\"toys\"]}}", 1.64, "default", 1, 64,
         NULL, 0, 0},
        {"no background", "{\"find\": {\"background\": []}}", 1.64, "default", 0, 64, NULL,
         0, 0},
        {"sentences", "{\"find\": {\"sentences\": " EIGHT "}}", 1.64, "default", 8, 8, NULL,
         0, 0},
        {"everything",
         "{\"data\": \"playroom\", \"n\": 1000, \"fps\": 4, \"find\": {\"threshold\": 3.5, "
         "\"background\": [\"x\", \"y\"], \"sentences\": " EIGHT "}}",
         3.5, "calibration.json", 2, 8, "playroom", 1000, 4},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = cases[i].name;
        ask_error err = {0};
        ask_calibration c;
        if (!ask_calibration_read(&c, write_calibration(cases[i].text), &err))
            fail_msg("%s: %s", name, err.message);
        CHECK_CASE(name, c.threshold == cases[i].threshold);
        CHECK_CASE(name, strcmp(c.threshold_source, cases[i].source) == 0);
        CHECK_CASE(name, c.n_background == cases[i].n_background);
        CHECK_CASE(name, c.n_sentences == cases[i].n_sentences);
        CHECK_CASE(name, !c.data == !cases[i].data);
        CHECK_CASE(name, !c.data || strcmp(c.data, cases[i].data) == 0);
        CHECK_CASE(name, c.n == cases[i].n);
        CHECK_CASE(name, c.fps == cases[i].fps);
        ask_sampling_options asked = {.struct_size = sizeof asked, .fps = 7};
        asked = ask_calibration_sampling(&c, &asked);
        CHECK_CASE(name, asked.fps == 7 && asked.default_fps == cases[i].fps);
        if (c.n_sentences == 8) CHECK_CASE(name, strcmp(c.sentences[7], "h h") == 0);
        ask_calibration_free(&c);
    }
}

static void a_wrong_file_is_the_models_fault_and_names_the_key(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "calibration.json"},
        {"{", "calibration.json:1"},
        {"[]", "expected an object"},
        {"{\"find\": 3}", "\"find\""},
        {"{\"fps\": 0}", "\"fps\""},
        {"{\"fps\": \"fast\"}", "\"fps\""},
        {"{\"find\": {\"threshold\": \"high\"}}", "\"find.threshold\""},
        {"{\"find\": {\"background\": [null]}}", "\"find.background[0]\""},
        {"{\"find\": {\"threshold\": 1e9}}", "1e+09 is out of range"},
        {"{\"find\": {\"sentences\": []}}", "has 0 texts: expected 8 to 1024"},
        {"{\"find\": {\"background\": \"a photo\"}}", "\"find.background\""},
        {"{\"find\": {\"background\": [\"a\", 3]}}", "\"find.background[1]\""},
        {"{\"find\": {\"background\": [\" \"]}}", "is empty"},
        {"{\"find\": {\"sentences\": [\"a\", \"b\"]}}", "has 2 texts: expected 8 to 1024"},
        {"{\"data\": 3}", "\"data\""},
        {"{\"n\": -1}", "\"n\""},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_calibration c = {.n = 77};
        CHECK_CASE(cases[i].text,
                   !ask_calibration_read(&c, write_calibration(cases[i].text), &err));
        if (err.code != ASK_ERR_MODEL || !strstr(err.message, cases[i].message) ||
            !strstr(err.message, "calibration.json"))
            fail_msg("%s: %s, \"%s\"", cases[i].text, ask_error_name(err.code),
                     err.message);
        CHECK_CASE(cases[i].text, c.n == 77);
    }
}

static bool read_it(void *user, ask_error *err)
{
    ask_calibration c;
    if (!ask_calibration_read(&c, user, err)) return false;
    ask_calibration_free(&c);
    return true;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    const char *folder =
        write_calibration("{\"data\": \"d\", \"find\": {\"sentences\": " EIGHT "}}");
    assert_true(test_each_alloc_fails("calibration", read_it, (void *)folder) > 3);
}

static void random_sentences_differ_and_never_change(void **state)
{
    (void)state;
    char all[ASK_RANDOM_SENTENCES][ASK_RANDOM_SENTENCE_BYTES];
    for (int i = 0; i < ASK_RANDOM_SENTENCES; i++) {
        ask_random_sentence(all[i], i);
        assert_in_range(strlen(all[i]), 5, ASK_RANDOM_SENTENCE_BYTES - 2);
        for (int k = 0; k < i; k++)
            if (strcmp(all[i], all[k]) == 0) fail_msg("%d and %d: %s", k, i, all[i]);
    }
    /* A calibration that was fitted with them holds only for them. */
    assert_string_equal(all[0], "a plastic cactus");
    assert_string_equal(all[63], "a nurse chasing an old mushroom in a kitchen");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_without_a_file_has_defaults),
        cmocka_unit_test(each_key_replaces_its_default),
        cmocka_unit_test(a_wrong_file_is_the_models_fault_and_names_the_key),
        cmocka_unit_test(running_out_of_memory_is_an_error),
        cmocka_unit_test(random_sentences_differ_and_never_change),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
