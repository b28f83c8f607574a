/* Published kinds of tokenizers against the golden cases, read from tokenizer.json and from
 * vocab.json with merges.txt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "support/testing.h"
#include "support/tokens.h"
#include "text/tokenizer.h"

static void check_cases(const char *name, const char *tokenizer, const char *dir)
{
    ask_error err = {0};
    ask_tokenizer *t;
    ask_json *cases;
    CHECK_OK(t = ask_tokenizer_open(tokenizer, &err), &err);
    CHECK_OK(cases = ask_json_read(test_path(dir, "cases.json"), NULL, &err), &err);
    tokens_check_all(name, t, ask_json_find(ask_json_root(cases), "singles"));
    tokens_check_all(name, t, ask_json_find(ask_json_root(cases), "pairs"));
    ask_json_free(cases);
    ask_tokenizer_close(t);
}

static void copy_file(const char *from_dir, const char *to_dir, const char *name)
{
    size_t n_bytes;
    char *bytes = test_read(test_path(from_dir, name), &n_bytes);
    test_write(test_path(to_dir, name), bytes, n_bytes);
    free(bytes);
}

/* The same cases, with nothing but some files to read from; the list ends with NULL. */
static void check_files(const char *name, const char *dir, const char *const *files)
{
    char *temp = test_temp_dir_make();
    for (; *files; files++) copy_file(dir, temp, *files);
    check_cases(name, temp, dir);
    test_temp_dir_remove(temp);
}

static void check_older_files(const char *name, const char *dir, bool with_config)
{
    check_files(name, dir,
                (const char *const[]){"vocab.json", "merges.txt",
                                      with_config ? "tokenizer_config.json" : NULL, NULL});
}

static void published_kinds_give_the_golden_ids(void **state)
{
    (void)state;
    static const char *const names[] = {
        "tokenizer_clip",    "tokenizer_gpt2",       "tokenizer_opt",
        "tokenizer_roberta", "tokenizer_llama",      "tokenizer_llama3",
        "tokenizer_qwen2",   "tokenizer_bert_cased", "tokenizer_bert_uncased",
        "tokenizer_t5",
    };
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        char dir[64];
        snprintf(dir, sizeof dir, "golden/%s", names[i]);
        check_cases(names[i], test_fixture(dir), test_fixture(dir));
    }
}

static void vocabularies_with_merges_give_the_golden_ids(void **state)
{
    (void)state;
    check_older_files("clip", test_fixture("golden/tokenizer_clip"), true);
    check_older_files("gpt2", test_fixture("golden/tokenizer_gpt2"), true);
    check_older_files("roberta", test_fixture("golden/tokenizer_roberta"), true);
    check_older_files("opt", test_fixture("golden/tokenizer_opt"), true);
    check_older_files("qwen2", test_fixture("golden/tokenizer_qwen2"), true);
}

static void without_a_configuration_the_vocabulary_tells_its_kind(void **state)
{
    (void)state;
    check_older_files("clip", test_fixture("golden/tokenizer_clip"), false);
    check_older_files("gpt2", test_fixture("golden/tokenizer_gpt2"), false);
}

static void a_sentencepiece_model_gives_the_golden_ids(void **state)
{
    (void)state;
    const char *dir = test_fixture("golden/tokenizer_llama");
    check_files("model alone", dir, (const char *const[]){"tokenizer.model", NULL});
    check_files("model", dir,
                (const char *const[]){"tokenizer.model", "tokenizer_config.json", NULL});
    // Its configuration says how many extra ids there are.
    check_files("T5", test_fixture("golden/tokenizer_t5"),
                (const char *const[]){"spiece.model", "tokenizer_config.json", NULL});
}

static void a_vocabulary_of_words_gives_the_golden_ids(void **state)
{
    (void)state;
    const char *const files[] = {"vocab.txt", "tokenizer_config.json", NULL};
    const char *const alone[] = {"vocab.txt", NULL};
    check_files("cased", test_fixture("golden/tokenizer_bert_cased"), files);
    check_files("uncased", test_fixture("golden/tokenizer_bert_uncased"), files);
    check_files("alone", test_fixture("golden/tokenizer_bert_uncased"), alone);
}

static void clip_s_whole_vocabulary_gives_the_golden_ids(void **state)
{
    (void)state;
    if (!test_shared("golden")) {
        print_message("the shared golden data is not here; see CONTRIBUTING.md\n");
        skip();
    }
    const char *dir = test_shared("golden/tokenizer_clip/full");
    check_cases("full", dir, dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_kinds_give_the_golden_ids),
        cmocka_unit_test(vocabularies_with_merges_give_the_golden_ids),
        cmocka_unit_test(without_a_configuration_the_vocabulary_tells_its_kind),
        cmocka_unit_test(a_sentencepiece_model_gives_the_golden_ids),
        cmocka_unit_test(a_vocabulary_of_words_gives_the_golden_ids),
        cmocka_unit_test(clip_s_whole_vocabulary_gives_the_golden_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
