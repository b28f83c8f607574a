/* Tokenizers from tables in memory: the same ids as from the files that the tables were
 * made of, and tables that are bad. */
#include "text/tokenizer_tables.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "support/testing.h"
#include "support/tokens.h"

/* ---- of a tokenizer.json ---- */

enum { MOST_TOKENS = 600, MOST_MERGES = 600 };

typedef struct {
    ask_json *doc;
    ask_table_token tokens[MOST_TOKENS];
    ask_table_merge merges[MOST_MERGES];
    ask_tokenizer_tables tables;
} tables_of_file;

static void put_token(tables_of_file *f, int64_t id, const char *text, ask_token_type type)
{
    assert_true(id >= 0 && id < MOST_TOKENS);
    f->tokens[id] = (ask_table_token){.text = text, .n_bytes = strlen(text), .type = type};
    if ((size_t)id >= f->tables.n_tokens) f->tables.n_tokens = (size_t)id + 1;
}

static void put_vocab(tables_of_file *f, ask_json_value root)
{
    ask_error err = {0};
    int64_t id;
    for (ask_json_walk m = {0}; ask_json_next(ask_json_find(root, "model.vocab"), &m);) {
        CHECK_OK(ask_json_get_int(&id, m.value, NULL, 0, MOST_TOKENS, &err), &err);
        put_token(f, id, m.key, ASK_TOKEN_NORMAL);
    }
    ask_json_value added = ask_json_member(root, "added_tokens");
    for (size_t i = 0; i < ask_json_count(added); i++) {
        ask_json_value v = ask_json_item(added, i);
        const char *text;
        bool special;
        CHECK_OK(ask_json_get_int(&id, v, "id", 0, MOST_TOKENS, &err), &err);
        CHECK_OK(ask_json_get_string(&text, v, "content", &err), &err);
        CHECK_OK(ask_json_get_bool(&special, v, "special", &err), &err);
        put_token(f, id, text, special ? ASK_TOKEN_CONTROL : ASK_TOKEN_USER_DEFINED);
    }
}

static void put_merges(tables_of_file *f, ask_json_value root)
{
    ask_error err = {0};
    ask_json_value list = ask_json_find(root, "model.merges");
    assert_true(ask_json_count(list) <= MOST_MERGES);
    for (size_t i = 0; i < ask_json_count(list); i++) {
        CHECK_OK(
            ask_json_get_string(&f->merges[i].text, ask_json_item(list, i), NULL, &err),
            &err);
        f->merges[i].n_bytes = strlen(f->merges[i].text);
    }
    f->tables.n_merges = ask_json_count(list);
}

/* What GGUF files keep of a tokenizer.json. */
static void open_tables(tables_of_file *f, const char *fixture)
{
    ask_error err = {0};
    memset(f, 0, sizeof *f);
    f->doc = ask_json_read(test_path(test_fixture(fixture), "tokenizer.json"), NULL, &err);
    CHECK_OK(f->doc, &err);
    put_vocab(f, ask_json_root(f->doc));
    put_merges(f, ask_json_root(f->doc));
    f->tables.tokens = f->tokens;
    f->tables.merges = f->merges;
    f->tables.name = "tables";
}

static void the_ids_are_those_of_the_file_that_they_were_made_of(void **state)
{
    (void)state;
    static const struct {
        const char *fixture, *cut, *config;
    } cases[] = {
        {"golden/tokenizer_gpt2", "gpt-2",
         "{\"bos_token\": \"<|endoftext|>\", \"eos_token\": \"<|endoftext|>\", "
         "\"unk_token\": null, \"pad_token\": null}"},
        {"golden/tokenizer_qwen2", "qwen2",
         "{\"bos_token\": \"<|endoftext|>\", \"eos_token\": \"<|im_end|>\", "
         "\"unk_token\": null, \"pad_token\": null, \"add_bos_token\": false}"},
        {"golden/tokenizer_llama3", "llama-bpe",
         "{\"bos_token\": \"<|begin_of_text|>\", \"eos_token\": \"<|end_of_text|>\", "
         "\"unk_token\": null, \"pad_token\": null}"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        static tables_of_file f;
        open_tables(&f, cases[i].fixture);
        f.tables.cut = cases[i].cut;
        f.tables.config = cases[i].config;
        ask_tokenizer *t = ask_tokenizer_of_tables(&f.tables, &err);
        CHECK_OK(t, &err);
        ask_json *doc = ask_json_read(
            test_path(test_fixture(cases[i].fixture), "cases.json"), NULL, &err);
        CHECK_OK(doc, &err);
        tokens_check_all(cases[i].cut, t, ask_json_member(ask_json_root(doc), "singles"));
        tokens_check_all(cases[i].cut, t, ask_json_member(ask_json_root(doc), "pairs"));
        CHECK_CASE(cases[i].cut, ask_tokenizer_special(t, "unk") == -1);
        CHECK_CASE(cases[i].cut, ask_tokenizer_special(t, "eos") >= 0);
        ask_json_free(doc);
        ask_tokenizer_close(t);
        ask_json_free(f.doc);
    }
}

/* ---- of few tokens ---- */

#define ROLES "\"bos_token\": \"<s>\", \"eos_token\": \"</s>\", \"unk_token\": \"<unk>\""
#define TOKEN(t, of_type)                                                                  \
    {                                                                                      \
        .text = t, .n_bytes = sizeof t - 1, .type = of_type                                \
    }
#define SCORED(t, s)                                                                       \
    {                                                                                      \
        .text = t, .n_bytes = sizeof t - 1, .score = s, .type = ASK_TOKEN_NORMAL           \
    }
#define MERGE(t)                                                                           \
    {                                                                                      \
        t, sizeof t - 1                                                                    \
    }
#define MARK "\xE2\x96\x81"

/* The ids of a text, as numbers with spaces between. */
static void check_ids(const char *name, const ask_tokenizer_tables *tables,
                      const char *text, const char *expected)
{
    ask_error err = {0};
    ask_tokens tokens = {0};
    ask_str ids = {0};
    ask_tokenizer *t = ask_tokenizer_of_tables(tables, &err);
    CHECK_OK(t, &err);
    CHECK_OK(ask_tokenizer_encode(t, text, NULL, true, &tokens, &err), &err);
    for (int i = 0; i < tokens.n; i++)
        ask_str_printf(&ids, "%s%d", i ? " " : "", (int)tokens.tokens[i].id);
    if (strcmp(ask_str_text(&ids), expected) != 0)
        fail_msg("%s, \"%s\": %s, not %s", name, text, ask_str_text(&ids), expected);
    ask_str_free(&ids);
    ask_tokens_free(&tokens);
    ask_tokenizer_close(t);
}

/* Digits, a point and a space (as bytes are written), and what they may become. */
static const ask_table_token digits[] = {
    TOKEN("1", ASK_TOKEN_NORMAL),         TOKEN("2", ASK_TOKEN_NORMAL),
    TOKEN("3", ASK_TOKEN_NORMAL),         TOKEN("4", ASK_TOKEN_NORMAL),
    TOKEN(".", ASK_TOKEN_NORMAL),         TOKEN("\xC4\xA0", ASK_TOKEN_NORMAL),
    TOKEN("12", ASK_TOKEN_NORMAL),        TOKEN("123", ASK_TOKEN_NORMAL),
    TOKEN("1234", ASK_TOKEN_NORMAL),      TOKEN("\xC4\xA0.", ASK_TOKEN_NORMAL),
    TOKEN("<s>", ASK_TOKEN_CONTROL),      TOKEN("</s>", ASK_TOKEN_CONTROL),
    TOKEN("<1>", ASK_TOKEN_USER_DEFINED),
};
static const ask_table_merge digit_merges[] = {MERGE("1 2"), MERGE("12 3"), MERGE("123 4"),
                                               MERGE("\xC4\xA0 .")};

static ask_tokenizer_tables digit_tables(const char *cut, const char *config)
{
    return (ask_tokenizer_tables){.name = "digits",
                                  .config = config,
                                  .cut = cut,
                                  .tokens = digits,
                                  .n_tokens = TEST_COUNT(digits),
                                  .merges = digit_merges,
                                  .n_merges = TEST_COUNT(digit_merges)};
}

static void every_cut_has_words_of_its_own(void **state)
{
    (void)state;
    static const struct {
        const char *cut, *text, *ids;
    } cases[] = {
        {"gpt-2", "1234 .", "8 9"},
        {"qwen2", "1234 .", "0 1 2 3 9"},
        {"smollm", "1234 .", "0 1 2 3 9"},
        {"llama-bpe", "1234 .", "10 7 3 9"}, // begins with the start token
        {"default", "1234 .", "7 3 5 4"},
        {"default", "</s>12<1>", "11 6 12"},
    };
    const char *config = "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\", \"unk_token\": "
                         "null, \"pad_token\": null}";
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const ask_tokenizer_tables tables = digit_tables(cases[i].cut, config);
        check_ids(cases[i].cut, &tables, cases[i].text, cases[i].ids);
    }
}

static void marks_are_put_as_the_configuration_says(void **state)
{
    (void)state;
    static const struct {
        const char *cut, *config, *ids;
    } cases[] = {
        {"gpt-2", "{" ROLES ", \"add_bos_token\": true}", "10 6"},
        {"gpt-2", "{" ROLES ", \"add_eos_token\": true}", "6 11"},
        {"llama-bpe", "{" ROLES ", \"add_bos_token\": false}", "6"},
        {"qwen2", "{" ROLES ", \"add_bos_token\": true, \"add_eos_token\": true}",
         "10 0 1 11"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const ask_tokenizer_tables tables = digit_tables(cases[i].cut, cases[i].config);
        check_ids(cases[i].config, &tables, "12", cases[i].ids);
    }
}

/* As sentencepiece has them; 11 would win over 12, but is not used. */
static const ask_table_token pieces[] = {
    TOKEN("<unk>", ASK_TOKEN_UNKNOWN),
    TOKEN("<s>", ASK_TOKEN_CONTROL),
    TOKEN("</s>", ASK_TOKEN_CONTROL),
    TOKEN("<0x7A>", ASK_TOKEN_BYTE),
    SCORED(MARK, -1),
    SCORED("a", -2),
    SCORED("b", -3),
    SCORED(MARK "a", -4),
    SCORED("ab", -5),
    TOKEN("<x>", ASK_TOKEN_USER_DEFINED),
    SCORED(MARK MARK, -6),
    TOKEN("bb", ASK_TOKEN_UNUSED),
};

static ask_tokenizer_tables piece_tables(const char *config)
{
    return (ask_tokenizer_tables){.name = "pieces",
                                  .config = config,
                                  .tokens = pieces,
                                  .n_tokens = TEST_COUNT(pieces)};
}

static void pieces_are_merged_by_their_scores(void **state)
{
    (void)state;
    static const struct {
        const char *config, *text, *ids;
    } cases[] = {
        {"{" ROLES "}", "ab", "1 7 6"},
        {"{" ROLES "}", "", "1"},
        {"{" ROLES "}", "  ab", "1 10 7 6"}, // no space is lost, and one goes in front
        {"{" ROLES "}", "bb", "1 4 6 6"},
        {"{" ROLES "}", "z?", "1 4 3 0"}, // of one the byte is there
        {"{" ROLES "}", "a<x>a</s>b", "1 7 9 7 2 4 6"},
        {"{" ROLES ", \"add_bos_token\": false}", "ab", "7 6"},
        {"{" ROLES ", \"add_eos_token\": true}", "ab", "1 7 6 2"},
        {"{" ROLES ", \"add_prefix_space\": false}", "ab", "1 8"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const ask_tokenizer_tables tables = piece_tables(cases[i].config);
        check_ids(cases[i].config, &tables, cases[i].text, cases[i].ids);
    }
}

/* ---- what is refused ---- */

static void check_refused(const ask_tokenizer_tables *tables, const char *message)
{
    ask_error err = {0};
    assert_null(ask_tokenizer_of_tables(tables, &err));
    CHECK_CASE(message, err.code == ASK_ERR_MODEL);
    if (strcmp(err.message, message) != 0)
        fail_msg("\"%s\", not \"%s\"", err.message, message);
}

/* The pieces with one of them changed. */
static void check_piece_refused(size_t id, ask_table_token with, const char *message)
{
    ask_table_token changed[TEST_COUNT(pieces)];
    memcpy(changed, pieces, sizeof pieces);
    changed[id] = with;
    ask_tokenizer_tables tables = piece_tables("{" ROLES "}");
    tables.tokens = changed;
    check_refused(&tables, message);
}

static void check_merge_refused(ask_table_merge with, const char *message)
{
    ask_tokenizer_tables tables = digit_tables("gpt-2", "{" ROLES "}");
    tables.merges = &with;
    tables.n_merges = 1;
    check_refused(&tables, message);
}

static void bad_tables_are_refused(void **state)
{
    (void)state;
    char longest[513];
    memset(longest, 'x', sizeof longest);
    ask_tokenizer_tables tables = digit_tables("tekken", "{}");
    check_refused(&tables, "digits: texts are not cut as \"tekken\"; there are: gpt-2, "
                           "llama-bpe, qwen2, smollm, default");
    tables = piece_tables("{}");
    tables.n_tokens = 0;
    check_refused(&tables, "pieces: a vocabulary of 0 tokens is not read");
    tables = piece_tables("{\"add_bos_token\": 1}");
    check_refused(
        &tables,
        "pieces: key \"add_bos_token\": expected true or false, got the integer 1");

    check_piece_refused(5, (ask_table_token)TOKEN("", ASK_TOKEN_NORMAL),
                        "pieces: token 5 is empty");
    check_piece_refused(5, (ask_table_token)TOKEN("\xff", ASK_TOKEN_NORMAL),
                        "pieces: token 5 is not UTF-8 text");
    check_piece_refused(5, (ask_table_token)TOKEN("a\0b", ASK_TOKEN_NORMAL),
                        "pieces: token 5 is not UTF-8 text");
    check_piece_refused(5, (ask_table_token){longest, sizeof longest, 0, ASK_TOKEN_NORMAL},
                        "pieces: token 5 has 513 bytes; at most 512 are read");
    check_piece_refused(5, (ask_table_token)SCORED("c", NAN),
                        "pieces: the score of token 5 is no number");
    check_piece_refused(5, (ask_table_token)SCORED("b", 0),
                        "pieces: pieces 5 and 6 have the same text");
    check_piece_refused(0, (ask_table_token)SCORED("c", 0),
                        "pieces: no token is of the type unknown");

    check_merge_refused((ask_table_merge)MERGE("12"),
                        "digits: merge 0: expected two tokens with a space between");
    check_merge_refused((ask_table_merge)MERGE("9 1"),
                        "digits: merge 0: the token 9 is not in the vocabulary");
    check_merge_refused((ask_table_merge)MERGE("1 1"),
                        "digits: merge 0: the token 11 is not in the vocabulary");
}

static bool make_one(void *user, ask_error *err)
{
    ask_tokenizer *t = ask_tokenizer_of_tables(user, err);
    ask_tokenizer_close(t);
    return t != NULL;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    ask_tokenizer_tables a = piece_tables("{" ROLES "}");
    ask_tokenizer_tables b = digit_tables("default", "{" ROLES "}");
    test_each_alloc_fails("pieces", make_one, &a);
    test_each_alloc_fails("bytes", make_one, &b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ids_are_those_of_the_file_that_they_were_made_of),
        cmocka_unit_test(every_cut_has_words_of_its_own),
        cmocka_unit_test(marks_are_put_as_the_configuration_says),
        cmocka_unit_test(pieces_are_merged_by_their_scores),
        cmocka_unit_test(bad_tables_are_refused),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
