/* vocab.txt: what transformers makes of it, alone and with the small files beside it
 * (tools/golden/bert_folders.py); and files that are bad. */
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"
#include "support/tokens.h"
#include "text/tokenizer.h"

#define VOCAB "[UNK]\n[CLS]\n[SEP]\na\n##b\n"

static const char *text_at(ask_json_value v, const char *key)
{
    ask_error err = {0};
    const char *text;
    CHECK_OK(ask_json_get_string(&text, v, key, &err), &err);
    return text;
}

static int64_t number_at(ask_json_value v, const char *key)
{
    ask_error err = {0};
    int64_t n;
    CHECK_OK(ask_json_get_int(&n, v, key, -1, INT32_MAX, &err), &err);
    return n;
}

static void check_folder(ask_json_value v)
{
    ask_error err = {0};
    const char *name = text_at(v, "name");
    ask_json_value files = ask_json_member(v, "files"), roles = ask_json_member(v, "roles");
    char *dir = test_temp_dir_make();
    for (size_t k = 0; k < ask_json_count(files); k++) {
        ask_json_value file = ask_json_item(files, k);
        test_write_text(test_path(dir, text_at(file, "name")), text_at(file, "text"));
    }
    ask_tokenizer *t = ask_tokenizer_open(dir, &err);
    if (!t) fail_msg("%s: %s", name, err.message);
    tokens_check_all(name, t, ask_json_member(v, "texts"));
    CHECK_CASE(name, ask_tokenizer_n_tokens(t) == number_at(v, "n_tokens"));
    for (ask_json_walk m = {0}; ask_json_next(roles, &m);)
        CHECK_CASE(m.key, ask_tokenizer_special(t, m.key) == number_at(m.value, NULL));
    ask_tokenizer_close(t);
    test_temp_dir_remove(dir);
}

static void the_files_beside_a_vocabulary_do_what_transformers_does(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_json *doc = ask_json_read(test_fixture("tokenizer/bert_folders.json"), NULL, &err);
    CHECK_OK(doc, &err);
    ask_json_value list = ask_json_root(doc);
    assert_true(ask_json_count(list) > 10);
    for (size_t i = 0; i < ask_json_count(list); i++) check_folder(ask_json_item(list, i));
    ask_json_free(doc);
}

/* ---- bad files ---- */

static void bad_folders_are_told_by_file_place_and_thing(void **state)
{
    (void)state;
    static const struct {
        const char *name, *vocab, *file, *text, *message;
    } cases[] = {
        {"not UTF-8", "a\n\xFF\n", NULL, NULL, "vocab.txt: is not UTF-8"},
        {"another class", VOCAB, "tokenizer_config.json",
         "{\"tokenizer_class\":\"MPNetTokenizer\"}",
         "the tokenizer MPNetTokenizer is not supported with a vocab.txt"},
        {"a class of other files", VOCAB, "tokenizer_config.json",
         "{\"tokenizer_class\":\"T5Tokenizer\"}",
         "the tokenizer T5Tokenizer is not supported with a vocab.txt"},
        {"another model", VOCAB, "config.json", "{\"model_type\":\"mpnet\"}",
         "config.json: key \"model_type\": the tokenizer mpnet is not supported with a "
         "vocab.txt"},
        {"a bad flag", VOCAB, "tokenizer_config.json", "{\"do_lower_case\":3}",
         "tokenizer_config.json: key \"do_lower_case\": expected true or false"},
        {"a bad flag of accents", VOCAB, "tokenizer_config.json",
         "{\"strip_accents\":\"x\"}", "key \"strip_accents\""},
        {"a bad list", VOCAB, "added_tokens.json", "{\"[DEC]\":-1}", "got -1"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        char *dir = test_temp_dir_make();
        test_write_text(test_path(dir, "vocab.txt"), cases[i].vocab);
        if (cases[i].file) test_write_text(test_path(dir, cases[i].file), cases[i].text);
        CHECK_CASE(cases[i].name, !ask_tokenizer_open(dir, &err));
        if (err.code != ASK_ERR_MODEL || !strstr(err.message, cases[i].message))
            fail_msg("%s: \"%s\"", cases[i].name, err.message);
        test_temp_dir_remove(dir);
    }
}

static void a_zero_byte_is_no_line(void **state)
{
    (void)state;
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    test_write(test_path(dir, "vocab.txt"), "a\0\n", 3);
    assert_null(ask_tokenizer_open(dir, &err));
    assert_non_null(strstr(err.message, "vocab.txt: holds a zero byte"));
    test_temp_dir_remove(dir);
}

/* What needs an unknown token says so when a text does. */
static void unknown_words_without_a_token_for_them_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *json, *message;
    } cases[] = {
        {"{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"a\":0}}}",
         "meets an unknown word, and its unknown token [UNK] is not in its vocabulary"},
        {"{\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"a\",-1]]}}",
         "meets an unknown character, and has no unknown token"},
        {"{\"model\":{\"type\":\"Unigram\",\"vocab\":[]}}", "has no unknown token"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_tokens out = {0};
        ask_tokenizer *t =
            ask_tokenizer_parse(cases[i].json, strlen(cases[i].json), "test", &err);
        CHECK_OK(t, &err);
        assert_int_equal(ask_tokenizer_special(t, "unk"), -1);
        if (i < 2) CHECK_OK(ask_tokenizer_encode(t, "a", NULL, true, &out, &err), &err);
        assert_false(ask_tokenizer_encode(t, "ab", NULL, true, &out, &err));
        CHECK_CASE(cases[i].message, err.code == ASK_ERR_MODEL);
        CHECK_CASE(cases[i].message, strstr(err.message, cases[i].message) != NULL);
        ask_tokens_free(&out);
        ask_tokenizer_close(t);
    }
}

/* ---- memory ---- */

static bool try_open(void *dir, ask_error *err)
{
    ask_tokenizer *t = ask_tokenizer_open(dir, err);
    ask_tokenizer_close(t);
    return t != NULL;
}

static bool try_encode(void *tokenizer, ask_error *err)
{
    ask_tokens out = {0};
    bool ok = ask_tokenizer_encode(
        tokenizer, "The \xE6\xBC\xA2 caf\xC3\xA9 don't [MASK]; \t", "a", true, &out, err);
    ask_tokens_free(&out);
    return ok;
}

static bool try_decode(void *tokenizer, ask_error *err)
{
    const int64_t ids[] = {3, 4, 5, 100, 11};
    char *text = ask_tokenizer_decode(tokenizer, ids, TEST_COUNT(ids), false, err);
    free(text);
    return text != NULL;
}

static void check_memory(const char *path)
{
    ask_error err = {0};
    ask_tokenizer *t = ask_tokenizer_open(path, &err);
    CHECK_OK(t, &err);
    assert_true(test_each_alloc_fails("encode", try_encode, t) > 2);
    assert_true(test_each_alloc_fails("decode", try_decode, t) > 2);
    ask_tokenizer_close(t);
}

static void running_out_of_memory_is_an_error_and_no_leak(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "vocab.txt"), VOCAB);
    assert_true(test_each_alloc_fails("open", try_open, dir) > 20);
    test_temp_dir_remove(dir);
    check_memory(test_fixture("golden/tokenizer_bert_uncased"));
    check_memory(test_fixture("golden/tokenizer_t5"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_files_beside_a_vocabulary_do_what_transformers_does),
        cmocka_unit_test(bad_folders_are_told_by_file_place_and_thing),
        cmocka_unit_test(a_zero_byte_is_no_line),
        cmocka_unit_test(unknown_words_without_a_token_for_them_are_told),
        cmocka_unit_test(running_out_of_memory_is_an_error_and_no_leak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
