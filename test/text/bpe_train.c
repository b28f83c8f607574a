#include "text/bpe_train.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "support/testing.h"
#include "text/tokenizer.h"

/* Texts in memory as a source. */
typedef struct {
    const char *const *texts; // ends with NULL
    int next;
} list;

static bool next_of_list(void *user, const char **text, size_t *n_bytes, ask_error *err)
{
    (void)err;
    list *l = user;
    *text = l->texts[l->next];
    if (*text) l->next++;
    *n_bytes = *text ? strlen(*text) : 0;
    return true;
}

static bool train(const char *dir, const char *const *texts,
                  const ask_bpe_train_options *options, ask_bpe_train_result *result,
                  ask_error *err)
{
    list l = {texts, 0};
    return ask_bpe_train(dir, (ask_text_source){next_of_list, &l}, options, result, err);
}

static const char *const words[] = {"low low low low low\n",
                                    "lower lower newest newest newest\n",
                                    "newest newest newest widest widest widest\n", NULL};
static const char *const words_in_another_order[] = {
    "newest newest newest widest widest widest\n", "low low low low low\n",
    "lower lower newest newest newest\n", NULL};

static ask_bpe_train_options options_of(ask_bpe_kind kind, int n_tokens)
{
    ask_bpe_train_options o = ask_bpe_train_defaults();
    o.kind = kind;
    o.n_tokens = n_tokens;
    return o;
}

static char *read_text(const char *dir, const char *name)
{
    size_t n_bytes;
    return test_read(test_path(dir, name), &n_bytes);
}

static void the_pair_that_occurs_most_is_merged_first(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_bpe_kind kind;
        int n_tokens;
        int64_t min_frequency;
        const char *merges;
    } cases[] = {
        // "e s" and "s t</w>" occur 9 times, "l o" 7 times, "e w" and others 6 times.
        {"clip", ASK_BPE_CLIP, 512 + 2 + 4, 2, "#version: 0.2\ne s\nes t</w>\nl o\ne w\n"},
        {"gpt2", ASK_BPE_GPT2, 256 + 1 + 3, 2, "#version: 0.2\ne s\nes t\nl o\n"},
        {"rare pairs are left", ASK_BPE_CLIP, 600, 8, "#version: 0.2\ne s\nes t</w>\n"},
        {"none at all", ASK_BPE_CLIP, 600, 100, "#version: 0.2\n"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = test_temp_dir_make();
        ask_error err = {0};
        ask_bpe_train_result result;
        ask_bpe_train_options o = options_of(cases[i].kind, cases[i].n_tokens);
        o.min_frequency = cases[i].min_frequency;
        CHECK_OK(train(dir, words, &o, &result, &err), &err);
        char *merges = read_text(dir, "merges.txt");
        if (strcmp(merges, cases[i].merges) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, merges);
        free(merges);
        test_temp_dir_remove(dir);
    }
}

static void what_was_learned_is_read_back(void **state)
{
    (void)state;
    static const ask_bpe_kind kinds[] = {ASK_BPE_CLIP, ASK_BPE_GPT2};
    for (size_t i = 0; i < TEST_COUNT(kinds); i++) {
        char *dir = test_temp_dir_make();
        ask_error err = {0};
        ask_bpe_train_result result;
        static const char *const special[] = {"<toy>"};
        ask_bpe_train_options o = options_of(kinds[i], 530);
        o.special = special;
        o.n_special = 1;
        CHECK_OK(train(dir, words, &o, &result, &err), &err);
        ask_tokenizer *t = ask_tokenizer_open(dir, &err);
        CHECK_OK(t, &err);
        assert_int_equal(ask_tokenizer_n_tokens(t), result.n_tokens);
        assert_int_equal(ask_tokenizer_id(t, "<toy>"), result.n_tokens - 1);
        assert_int_equal(ask_tokenizer_special(t, "eos"), result.n_tokens - 2);
        assert_int_equal(result.n_texts, 3);

        // Every text comes back, whatever is in it.
        static const char text[] = "newest L\xC3\x96W <toy> \xF0\x9F\x98\x80 12!";
        ask_tokens tokens = {0};
        CHECK_OK(ask_tokenizer_encode(t, text, NULL, true, &tokens, &err), &err);
        assert_false(tokens.has_unknown);
        int64_t ids[64];
        for (int k = 0; k < tokens.n; k++) ids[k] = tokens.tokens[k].id;
        char *back = ask_tokenizer_decode(t, ids, tokens.n, false, &err);
        CHECK_OK(back, &err);
        if (kinds[i] == ASK_BPE_GPT2)
            assert_string_equal(back, text);
        else
            assert_string_equal(back, "<|startoftext|>newest</w>l\xC3\xB6w</w><toy>"
                                      "\xF0\x9F\x98\x80</w>1</w>2</w>!</w><|endoftext|>");
        free(back);
        ask_tokens_free(&tokens);
        ask_tokenizer_close(t);
        test_temp_dir_remove(dir);
    }
}

static void both_ways_of_reading_agree(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make(), *older = test_temp_dir_make();
    static const char *const names[] = {"vocab.json", "merges.txt",
                                        "tokenizer_config.json"};
    static const char *const special[] = {"<toy>", "<b x>"};
    ask_error err = {0};
    ask_bpe_train_result result;
    ask_bpe_train_options o = options_of(ASK_BPE_CLIP, 530);
    o.special = special;
    o.n_special = 2;
    CHECK_OK(train(dir, words, &o, &result, &err), &err);
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        char *text = read_text(dir, names[i]);
        test_write_text(test_path(older, names[i]), text);
        free(text);
    }
    ask_tokenizer *a = ask_tokenizer_open(dir, &err), *b = ask_tokenizer_open(older, &err);
    CHECK_OK(a && b, &err);
    ask_tokens p = {0}, q = {0};
    static const char text[] =
        "The newest <toy>s <B X><b x>, <|STARTOFTEXT|> <|ENDOFTEXT|>";
    CHECK_OK(ask_tokenizer_encode(a, text, NULL, true, &p, &err), &err);
    CHECK_OK(ask_tokenizer_encode(b, text, NULL, true, &q, &err), &err);
    assert_int_equal(p.n, q.n);
    for (int i = 0; i < p.n; i++) assert_int_equal(p.tokens[i].id, q.tokens[i].id);
    ask_tokens_free(&p);
    ask_tokens_free(&q);
    ask_tokenizer_close(a);
    ask_tokenizer_close(b);
    test_temp_dir_remove(dir);
    test_temp_dir_remove(older);
}

static void the_order_of_texts_does_not_matter(void **state)
{
    (void)state;
    char *a = test_temp_dir_make(), *b = test_temp_dir_make();
    ask_error err = {0};
    ask_bpe_train_result result;
    ask_bpe_train_options o = options_of(ASK_BPE_GPT2, 300);
    o.min_frequency = 1;
    CHECK_OK(train(a, words, &o, &result, &err), &err);
    CHECK_OK(train(b, words_in_another_order, &o, &result, &err), &err);
    char *p = read_text(a, "tokenizer.json"), *q = read_text(b, "tokenizer.json");
    assert_string_equal(p, q);
    free(p);
    free(q);
    test_temp_dir_remove(a);
    test_temp_dir_remove(b);
}

static void the_folder_is_made_and_old_files_are_replaced(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    const char *inner = test_path(dir, "a/b");
    ask_error err = {0};
    ask_bpe_train_result result;
    test_write_text(test_path(inner, "merges.txt"), "old");
    ask_bpe_train_options o = options_of(ASK_BPE_GPT2, 260);
    CHECK_OK(train(inner, words, &o, &result, &err), &err);
    assert_int_equal(test_count_entries(inner), 4);
    char *merges = read_text(inner, "merges.txt");
    assert_true(ask_starts_with(merges, "#version: 0.2\n"));
    free(merges);
    test_temp_dir_remove(dir);
}

/* Also when it shows itself at the last of the files. */
static void a_full_disk_leaves_the_old_files(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    ask_error err = {0};
    ask_bpe_train_result result;
    test_write_text(test_path(dir, "vocab.json"), "old");
    assert_int_equal(symlink("/dev/full", test_path(dir, "tokenizer.json")), 0);
    ask_bpe_train_options o = options_of(ASK_BPE_GPT2, 260);
    assert_false(train(dir, words, &o, &result, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_non_null(strstr(err.message, "No space left on device"));
    assert_int_equal(test_count_entries(dir), 2);
    char *vocab = read_text(dir, "vocab.json");
    assert_string_equal(vocab, "old");
    free(vocab);
    test_temp_dir_remove(dir);
}

static bool fail_next(void *user, const char **text, size_t *n_bytes, ask_error *err)
{
    (void)user, (void)text, (void)n_bytes;
    return ask_fail(err, ASK_ERR_IO, "the wire is cut");
}

static void what_goes_wrong_is_told_and_nothing_is_written(void **state)
{
    (void)state;
    static const char *const none[] = {"  \n", NULL};
    static const char *const bad_text[] = {"a\xFF", NULL};
    static const char *const twice[] = {"<|endoftext|>"};
    static const char *const empty[] = {""};
    const struct {
        const char *name;
        const char *const *texts; // NULL: a source that fails
        int n_tokens;
        int64_t min_frequency;
        const char *const *special;
        bool cancelled;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"too few tokens", words, 513, 2, NULL, false, ASK_ERR_USAGE, "it needs 514"},
        {"negative", words, -1, 2, NULL, false, ASK_ERR_USAGE, "of -1 tokens"},
        {"too many", words, INT32_MAX, 2, NULL, false, ASK_ERR_USAGE, "may have 4194303"},
        {"no frequency", words, 600, 0, NULL, false, ASK_ERR_USAGE, "is 1, not 0"},
        {"a mark twice", words, 600, 2, twice, false, ASK_ERR_USAGE, "there twice"},
        {"an empty mark", words, 600, 2, empty, false, ASK_ERR_USAGE, "is empty"},
        {"no words", none, 600, 2, NULL, false, ASK_ERR_FORMAT, "no words to learn from"},
        {"not UTF-8", bad_text, 600, 2, NULL, false, ASK_ERR_FORMAT, "not UTF-8"},
        {"a source that fails", NULL, 600, 2, NULL, false, ASK_ERR_IO, "the wire is cut"},
        {"cancelled", words, 600, 2, NULL, true, ASK_ERR_CANCELLED, ""},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char *dir = test_temp_dir_make();
        ask_error err = {0};
        ask_bpe_train_result result;
        ask_cancel cancel = {0};
        if (cases[i].cancelled) ask_cancel_raise(&cancel, 2);
        ask_bpe_train_options o = options_of(ASK_BPE_CLIP, cases[i].n_tokens);
        o.min_frequency = cases[i].min_frequency;
        o.special = cases[i].special;
        o.n_special = cases[i].special != NULL;
        o.cancel = &cancel;
        list l = {cases[i].texts, 0};
        ask_text_source source = {cases[i].texts ? next_of_list : fail_next, &l};
        CHECK_CASE(cases[i].name, !ask_bpe_train(dir, source, &o, &result, &err));
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        CHECK_CASE(cases[i].name, test_count_entries(dir) == 0);
        test_temp_dir_remove(dir);
    }
}

static void remove_vocabulary(const char *dir)
{
    static const char *const names[] = {"vocab.json", "merges.txt", "tokenizer.json",
                                        "tokenizer_config.json"};
    for (size_t i = 0; i < TEST_COUNT(names); i++) unlink(test_path(dir, names[i]));
    assert_int_equal(rmdir(dir), 0);
}

/* All four files are there, or none and no folder. */
static bool try_train(void *parent, ask_error *err)
{
    const char *dir = test_path(parent, "vocabulary");
    static const char *const special[] = {"<toy>"};
    ask_bpe_train_result result;
    ask_bpe_train_options o = options_of(ASK_BPE_CLIP, 520);
    o.special = special;
    o.n_special = 1;
    bool ok = train(dir, words, &o, &result, err);
    if (access(dir, F_OK) == 0) {
        assert_int_equal(test_count_entries(dir), 4);
        remove_vocabulary(dir);
    } else {
        assert_false(ok);
    }
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    assert_true(test_each_alloc_fails("train", try_train, dir) > 20);
    test_temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pair_that_occurs_most_is_merged_first),
        cmocka_unit_test(what_was_learned_is_read_back),
        cmocka_unit_test(both_ways_of_reading_agree),
        cmocka_unit_test(the_order_of_texts_does_not_matter),
        cmocka_unit_test(the_folder_is_made_and_old_files_are_replaced),
        cmocka_unit_test(a_full_disk_leaves_the_old_files),
        cmocka_unit_test(what_goes_wrong_is_told_and_nothing_is_written),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
