/* tokenizer.model: tiny models of sentencepiece with all options, by themselves and with
 * the small files beside them (tools/golden/sentencepiece_models.py), and files that are
 * bad. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "support/testing.h"
#include "support/tokens.h"
#include "text/tokenizer.h"

#define FOLDER "tokenizer/sentencepiece"

static const char *text_at(ask_json_value v, const char *key)
{
    ask_error err = {0};
    const char *text;
    CHECK_OK(ask_json_get_string(&text, v, key, &err), &err);
    return text;
}

static ask_json *read_cases(const char *name)
{
    ask_error err = {0};
    ask_json *doc = ask_json_read(test_path(test_fixture(FOLDER), name), NULL, &err);
    CHECK_OK(doc, &err);
    return doc;
}

static void copy_model_as(const char *to_dir, const char *to_name, const char *name)
{
    char file[64];
    size_t n;
    snprintf(file, sizeof file, "%s.model", name);
    char *bytes = test_read(test_path(test_fixture(FOLDER), file), &n);
    test_write(test_path(to_dir, to_name), bytes, n);
    free(bytes);
}

static void copy_model(const char *to_dir, const char *name)
{
    copy_model_as(to_dir, "tokenizer.model", name);
}

static void check_texts(const char *name, const char *path, ask_json_value texts)
{
    ask_error err = {0};
    ask_tokenizer *t = ask_tokenizer_open(path, &err);
    CHECK_OK(t, &err);
    tokens_check_all(name, t, texts);
    ask_tokenizer_close(t);
}

static void every_option_does_what_sentencepiece_does(void **state)
{
    (void)state;
    ask_json *doc = read_cases("models.json");
    ask_json_value list = ask_json_root(doc);
    assert_true(ask_json_count(list) > 10);
    for (size_t i = 0; i < ask_json_count(list); i++) {
        ask_json_value v = ask_json_item(list, i);
        char file[64];
        snprintf(file, sizeof file, "%s.model", text_at(v, "name"));
        check_texts(text_at(v, "name"), test_path(test_fixture(FOLDER), file),
                    ask_json_member(v, "texts"));
    }
    ask_json_free(doc);
}

static void the_files_beside_a_model_do_what_transformers_does(void **state)
{
    (void)state;
    ask_json *doc = read_cases("folders.json");
    ask_json_value list = ask_json_root(doc);
    assert_true(ask_json_count(list) > 10);
    for (size_t i = 0; i < ask_json_count(list); i++) {
        ask_json_value v = ask_json_item(list, i), files = ask_json_member(v, "files");
        char *dir = test_temp_dir_make();
        copy_model_as(dir, text_at(v, "file"), text_at(v, "model"));
        for (size_t k = 0; k < ask_json_count(files); k++) {
            ask_json_value file = ask_json_item(files, k);
            test_write_text(test_path(dir, text_at(file, "name")), text_at(file, "text"));
        }
        check_texts(text_at(v, "name"), dir, ask_json_member(v, "texts"));
        test_temp_dir_remove(dir);
    }
    ask_json_free(doc);
}

static void a_tokenizer_json_goes_before_a_model(void **state)
{
    (void)state;
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    copy_model(dir, "plain");
    test_write_text(test_path(dir, "tokenizer.json"),
                    "{\"model\":{\"vocab\":{\"a\":0},\"merges\":[]}}");
    ask_tokenizer *t = ask_tokenizer_open(dir, &err);
    CHECK_OK(t, &err);
    assert_int_equal(ask_tokenizer_n_tokens(t), 1);
    ask_tokenizer_close(t);
    test_temp_dir_remove(dir);
}

static void roles_and_tokens_are_found(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_tokenizer *t = ask_tokenizer_open(test_fixture(FOLDER "/plain.model"), &err);
    CHECK_OK(t, &err);
    assert_int_equal(ask_tokenizer_special(t, "unk"), 0);
    assert_int_equal(ask_tokenizer_special(t, "bos"), 1);
    assert_int_equal(ask_tokenizer_special(t, "eos"), 2);
    assert_int_equal(ask_tokenizer_special(t, "pad"), -1);
    assert_string_equal(ask_tokenizer_token(t, 3), "<0x00>");
    assert_int_equal(ask_tokenizer_id(t, "<0xFF>"), 258);
    ask_tokenizer_close(t);
}

static void a_spiece_model_alone_is_t5_s(void **state)
{
    (void)state;
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    copy_model_as(dir, "spiece.model", "t5");
    ask_tokenizer *t = ask_tokenizer_open(test_path(dir, "spiece.model"), &err);
    CHECK_OK(t, &err);
    int n = ask_tokenizer_n_tokens(t);
    assert_int_equal(ask_tokenizer_special(t, "pad"), 0);
    assert_int_equal(ask_tokenizer_special(t, "eos"), 1);
    assert_int_equal(ask_tokenizer_special(t, "unk"), 2);
    assert_int_equal(ask_tokenizer_special(t, "bos"), -1);
    assert_int_equal(ask_tokenizer_id(t, "<extra_id_0>"), n - 1);
    assert_int_equal(ask_tokenizer_id(t, "<extra_id_99>"), n - 100);
    assert_int_equal(ask_tokenizer_id(t, "<extra_id_100>"), -1);
    ask_tokenizer_close(t);
    test_temp_dir_remove(dir);
}

static void another_model_s_spiece_model_is_refused_by_name(void **state)
{
    (void)state;
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    copy_model_as(dir, "spiece.model", "unigram");
    test_write_text(test_path(dir, "config.json"), "{\"model_type\":\"albert\"}");
    assert_null(ask_tokenizer_open(dir, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "config.json: key \"model_type\": the tokenizer "
                                        "albert is not supported with a spiece.model"));
    test_temp_dir_remove(dir);
}

/* ---- bad files ---- */

/* A model as the format writes it, field by field. */

static void put_varint(ask_str *s, unsigned long long v)
{
    for (; v >= 0x80; v >>= 7) ask_str_append_char(s, (char)(v | 0x80));
    ask_str_append_char(s, (char)v);
}

static void put_bytes(ask_str *s, int number, const char *bytes, size_t n)
{
    put_varint(s, (unsigned long long)number << 3 | 2);
    put_varint(s, n);
    ask_str_append_bytes(s, bytes, n);
}

static void put_number(ask_str *s, int number, unsigned long long v)
{
    put_varint(s, (unsigned long long)number << 3);
    put_varint(s, v);
}

static void put_message(ask_str *s, int number, ask_str *inner)
{
    put_bytes(s, number, ask_str_text(inner), inner->length);
    ask_str_free(inner);
}

static void put_piece(ask_str *s, const char *text, float score, int type)
{
    ask_str piece = {0};
    put_bytes(&piece, 1, text, strlen(text));
    put_varint(&piece, 2 << 3 | 5);
    ask_str_append_bytes(&piece, &score, sizeof score);
    put_number(&piece, 3, (unsigned long long)type);
    put_message(s, 1, &piece);
}

static void put_kind(ask_str *s, int kind)
{
    ask_str trainer = {0};
    put_number(&trainer, 3, (unsigned long long)kind);
    put_message(s, 2, &trainer);
}

static void put_map(ask_str *s, int number, const char *map, size_t n)
{
    ask_str spec = {0};
    put_bytes(&spec, 2, map, n);
    put_message(s, number, &spec);
}

enum { NORMAL = 1, UNKNOWN = 2, CONTROL = 3, UNUSED = 5, BPE = 2 };

/* One unknown piece, a letter, and what a case adds. */
static void put_base(ask_str *s, int kind)
{
    put_kind(s, kind);
    put_piece(s, "<unk>", 0, UNKNOWN);
    put_piece(s, "a", -1, NORMAL);
}

static void word(ask_str *s)
{
    put_base(s, 3);
}

static void char_model(ask_str *s)
{
    put_base(s, 4);
}

static void kind_9(ask_str *s)
{
    put_base(s, 9);
}

static void nothing(ask_str *s)
{
    (void)s;
}

static void two_unknown(ask_str *s)
{
    put_base(s, BPE);
    put_piece(s, "<unk2>", 0, UNKNOWN);
}

static void twice(ask_str *s)
{
    put_base(s, BPE);
    put_piece(s, "a", -2, NORMAL);
}

static void empty(ask_str *s)
{
    put_base(s, BPE);
    put_piece(s, "", -2, NORMAL);
}

static void not_utf8(ask_str *s)
{
    put_base(s, BPE);
    put_piece(s, "a\xFF", -2, NORMAL);
}

static void no_number(ask_str *s)
{
    put_base(s, BPE);
    put_piece(s, "b", NAN, NORMAL);
}

static void unused(ask_str *s)
{
    put_base(s, BPE);
    put_piece(s, "b", -2, UNUSED);
}

static void type_7(ask_str *s)
{
    put_base(s, BPE);
    put_piece(s, "b", -2, 7);
}

static void too_long(ask_str *s)
{
    char text[600];
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    put_base(s, BPE);
    put_piece(s, text, -2, NORMAL);
}

static void cut_off(ask_str *s)
{
    put_base(s, BPE);
    put_varint(s, 1 << 3 | 2);
    put_varint(s, 100);
}

static void cut_number(ask_str *s)
{
    put_base(s, BPE);
    ask_str_append_bytes(s, "\x08\xFF\xFF", 3);
}

static void endless_number(ask_str *s)
{
    put_base(s, BPE);
    ask_str_append_bytes(s, "\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 12);
}

static void a_group(ask_str *s)
{
    put_base(s, BPE);
    put_varint(s, 1 << 3 | 3);
}

static void cut_in_piece(ask_str *s)
{
    put_base(s, BPE);
    put_bytes(s, 1,
              "\x0A\x05"
              "ab",
              4);
}

static void map_without_trie(ask_str *s)
{
    put_base(s, BPE);
    put_map(s, 3, "\xFF\xFF\0\0", 4);
}

static void map_without_end(ask_str *s)
{
    put_base(s, BPE);
    put_map(s, 3,
            "\x04\0\0\0\0\0\0\0"
            "abc",
            11);
}

static void denormalizer(ask_str *s)
{
    put_base(s, BPE);
    put_map(s, 5, "x", 1);
}

static void many_controls(ask_str *s)
{
    char text[24];
    put_base(s, BPE);
    for (int i = 0; i < 10001; i++) {
        snprintf(text, sizeof text, "<%d>", i);
        put_piece(s, text, 0, CONTROL);
    }
}

static void json_text(ask_str *s)
{
    ask_str_append(s, "{\"model\": {}}");
}

static const struct {
    const char *name;
    void (*make)(ask_str *s);
    const char *config, *message;
} bad[] = {
    {"WORD", word, NULL,
     "models of the type WORD are not supported, only BPE and Unigram are"},
    {"CHAR", char_model, NULL,
     "models of the type CHAR are not supported, only BPE and Unigram are"},
    {"another kind", kind_9, NULL, "the sentencepiece model is of no known type"},
    {"nothing", nothing, NULL, "has not one piece of the type UNKNOWN"},
    {"two unknown pieces", two_unknown, NULL, "has not one piece of the type UNKNOWN"},
    {"a piece twice", twice, NULL, "pieces 1 and 2 have the same text"},
    {"an empty piece", empty, NULL, "piece 2 is empty"},
    {"not UTF-8", not_utf8, NULL, "piece 2 is not UTF-8"},
    {"no number", no_number, NULL, "piece 2 has no number as its score"},
    {"unused", unused, NULL, "piece 2 is of the type UNUSED, which is not supported"},
    {"another type", type_7, NULL, "piece 2 is of no known type"},
    {"a long piece", too_long, NULL, "piece 2 has 599 bytes; at most 512 are read"},
    {"cut off", cut_off, NULL, "has a part that goes beyond its end"},
    {"cut in a number", cut_number, NULL, "ends within a number"},
    {"an endless number", endless_number, NULL, "ends within a number"},
    {"a group", a_group, NULL, "has a field of no known type"},
    {"cut in a piece", cut_in_piece, NULL, "piece 2 has a part that goes beyond its end"},
    {"no trie", map_without_trie, NULL, "the precompiled charsmap of 4 bytes has no trie"},
    {"no end", map_without_end, NULL, "of the precompiled charsmap are not UTF-8"},
    {"a denormalizer", denormalizer, NULL, "has a denormalizer, which is not supported"},
    {"many control pieces", many_controls, NULL, "has 10001 control pieces; at most 10000"},
    {"JSON", json_text, NULL, "the sentencepiece model has a field of no known type"},
    {"another class", NULL, "{\"tokenizer_class\":\"XLNetTokenizer\"}",
     "the tokenizer XLNetTokenizer is not supported with a tokenizer.model"},
    {"other extra ids", NULL,
     "{\"tokenizer_class\":\"T5Tokenizer\",\"extra_ids\":2,"
     "\"additional_special_tokens\":[\"<extra_id_0>\",\"<x>\"]}",
     "lists 1 extra ids, and extra_ids is 2"},
    {"bad extra ids", NULL, "{\"tokenizer_class\":\"T5Tokenizer\",\"extra_ids\":-1}",
     "key \"extra_ids\""},
    {"a class of other files", NULL, "{\"tokenizer_class\":\"GPT2Tokenizer\"}",
     "the tokenizer GPT2Tokenizer is not supported with a tokenizer.model"},
};

static void bad_models_are_told_by_file_place_and_thing(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        ask_error err = {0};
        ask_str bytes = {0};
        copy_model(dir, "plain");
        if (bad[i].make) {
            bad[i].make(&bytes);
            test_write(test_path(dir, "tokenizer.model"), ask_str_text(&bytes),
                       bytes.length);
        }
        test_write_text(test_path(dir, "tokenizer_config.json"),
                        bad[i].config ? bad[i].config : "{}");
        ask_tokenizer *t = ask_tokenizer_open(dir, &err);
        ask_str_free(&bytes);
        if (t) fail_msg("%s: it opened", bad[i].name);
        if (!strstr(err.message, bad[i].message) || !strstr(err.message, "tokenizer"))
            fail_msg("%s: \"%s\"", bad[i].name, err.message);
        CHECK_CASE(bad[i].name, err.code == ASK_ERR_MODEL);
    }
    test_temp_dir_remove(dir);
}

static bool try_open(void *dir, ask_error *err)
{
    ask_tokenizer *t = ask_tokenizer_open(dir, err);
    ask_tokenizer_close(t);
    return t != NULL;
}

static bool try_encode(void *tokenizer, ask_error *err)
{
    ask_tokens out = {0};
    bool ok = ask_tokenizer_encode(tokenizer, "the \xEF\xBC\xA1 don't<s>; \t", NULL, true,
                                   &out, err);
    ask_tokens_free(&out);
    return ok;
}

static void running_out_of_memory_is_an_error_and_no_leak(void **state)
{
    (void)state;
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    copy_model(dir, "rules_tight");
    test_write_text(test_path(dir, "added_tokens.json"), "{\"<image>\":999}");
    assert_true(test_each_alloc_fails("open", try_open, dir) > 20);
    ask_tokenizer *t = ask_tokenizer_open(dir, &err);
    CHECK_OK(t, &err);
    assert_true(test_each_alloc_fails("encode", try_encode, t) > 5);
    ask_tokenizer_close(t);
    test_temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_does_what_sentencepiece_does),
        cmocka_unit_test(the_files_beside_a_model_do_what_transformers_does),
        cmocka_unit_test(a_tokenizer_json_goes_before_a_model),
        cmocka_unit_test(roles_and_tokens_are_found),
        cmocka_unit_test(a_spiece_model_alone_is_t5_s),
        cmocka_unit_test(another_model_s_spiece_model_is_refused_by_name),
        cmocka_unit_test(bad_models_are_told_by_file_place_and_thing),
        cmocka_unit_test(running_out_of_memory_is_an_error_and_no_leak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
