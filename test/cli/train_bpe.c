#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/run.h"
#include "support/testing.h"
#include "text/tokenizer.h"

static cli_command commands[2]; // filled by setup; ends with {0}

enum { MAX_ARGS = 12 };

typedef struct {
    char *out, *err;
    int status;
} said;

static said run(const char *const *args)
{
    char *argv[MAX_ARGS + 3] = {"askance", "train", "bpe"};
    int argc = 3;
    for (; *args; args++) argv[argc++] = (char *)*args;
    said s = {0};
    size_t n_out, n_err;
    FILE *out = open_memstream(&s.out, &n_out), *err = open_memstream(&s.err, &n_err);
    assert_true(out && err);
    s.status = cli_run(commands, argc, argv, out, err);
    fclose(out);
    fclose(err);
    return s;
}

static void forget(said *s)
{
    free(s->out);
    free(s->err);
}

static int setup(void **state)
{
    (void)state;
    commands[0] = cli_train_bpe_command;
    return 0;
}

static void a_vocabulary_is_made_and_told(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    const char *file = test_path(dir, "text"), *out = test_path(dir, "vocabulary");
    test_write_text(file, "the cat, the dog\nthe cat\n");
    said s = run((const char *[]){file, "--out", out, "--tokens=520", "--kind=clip", NULL});
    assert_string_equal(s.err, "");
    assert_int_equal(s.status, 0);
    assert_non_null(strstr(s.out, "518 tokens, 4 merges, from 25 bytes in 2 lines\n"));
    assert_non_null(strstr(s.out, "start of text 516, end of text 517\n"));
    forget(&s);
    ask_error err = {0};
    ask_tokenizer *t = ask_tokenizer_open(out, &err);
    CHECK_OK(t, &err);
    assert_true(ask_tokenizer_id(t, "the</w>") > 0);
    ask_tokenizer_close(t);
    test_temp_dir_remove(dir);
}

static int64_t number(const ask_json *doc, const char *path)
{
    ask_error err = {0};
    int64_t n;
    CHECK_OK(ask_json_get_int(&n, ask_json_root(doc), path, -1, INT64_MAX, &err), &err);
    return n;
}

static void as_json_the_result_is_one_document(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    const char *file = test_path(dir, "text"), *out = test_path(dir, "vocabulary");
    test_write_text(file, "aa aa aa\n");
    said s =
        run((const char *[]){file, "--json", file, "--out", out, "--kind=gpt2",
                             "--tokens=270", "--min-frequency=1", "--special=<q>", NULL});
    assert_int_equal(s.status, 0);
    ask_error err = {0};
    ask_json *doc = ask_json_parse(s.out, strlen(s.out), "result", NULL, &err);
    CHECK_OK(doc, &err);
    assert_int_equal(number(doc, "lines"), 2);
    assert_int_equal(number(doc, "bytes"), 18);
    assert_int_equal(number(doc, "tokens"), 256 + number(doc, "merges") + 2);
    assert_int_equal(number(doc, "special.eos"), number(doc, "tokens") - 2);
    ask_json_free(doc);
    forget(&s);
    test_temp_dir_remove(dir);
}

static void what_goes_wrong_gives_its_exit_status(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    const char *file = test_path(dir, "text"), *latin1 = test_path(dir, "latin1");
    const char *empty = test_path(dir, "empty");
    const char *out = test_path(dir, "out"), *below_file = test_path(file, "out");
    test_write_text(file, "the cat\n");
    test_write_text(latin1, "caf\xE9\n");
    test_write_text(empty, "");
    const struct {
        const char *args[MAX_ARGS];
        const char *message;
        int status;
    } cases[] = {
        {{file}, "--out says where the vocabulary goes", 2},
        {{"--out", out}, "expected FILE...", 2},
        {{file, "--out", out, "--kind=bert"}, "--kind is clip or gpt2, not bert", 2},
        {{file, "--out", out, "--tokens=100"}, "it needs 514", 2},
        {{file, "--out", out, "--tokens=0"}, "--tokens", 2},
        {{file, "--out", out, "--min-frequency=0"}, "--min-frequency", 2},
        {{test_path(dir, "missing"), "--out", out}, "missing: cannot open", 3},
        {{dir, "--out", out}, "is a folder", 3},
        {{latin1, "--out", out}, "latin1:1: is not UTF-8", 3},
        {{file, "--out", below_file}, "text: a file is in the way of the folder", 3},
        {{file, "--out", "/proc/nowhere"}, "/proc/nowhere: cannot make the folder", 3},
        {{"", "--out", out}, "argument 1 of FILE... is empty", 2},
        {{empty, "--out", out}, "the texts have no words to learn from", 3},
        {{file, "--out", out, "--special="}, "the special token \"\" is empty", 2},
        {{file, "--out", out, "--special=a", "--special=a"}, "there twice", 2},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        said s = run(cases[i].args);
        if (s.status != cases[i].status || !strstr(s.err, cases[i].message))
            fail_msg("\"%s\": status %d, %s", cases[i].message, s.status, s.err);
        CHECK_CASE(cases[i].message, strchr(s.err, '\n') == s.err + strlen(s.err) - 1);
        CHECK_CASE(cases[i].message, s.out[0] == '\0');
        forget(&s);
    }
    assert_int_equal(test_count_entries(dir), 3);
    test_temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vocabulary_is_made_and_told),
        cmocka_unit_test(as_json_the_result_is_one_document),
        cmocka_unit_test(what_goes_wrong_gives_its_exit_status),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
