#include "text/tokenizer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "support/testing.h"

#define BYTE_LEVEL "{\"type\":\"ByteLevel\",\"add_prefix_space\":false}"

/* A small byte-level model: h e l o space, and merges. */
#define VOCAB                                                                              \
    "\"vocab\":{\"h\":0,\"e\":1,\"l\":2,\"o\":3,\"\xC4\xA0\":4,\"he\":5,\"ll\":6,"         \
    "\"hell\":7,\"<unk>\":8}"
#define MERGES "\"merges\":[\"h e\",\"l l\",[\"he\",\"ll\"]]"
#define MODEL "\"model\":{\"type\":\"BPE\"," VOCAB "," MERGES "}"

static ask_tokenizer *parse(const char *json)
{
    ask_error err = {0};
    ask_tokenizer *t = ask_tokenizer_parse(json, strlen(json), "test", &err);
    if (!t) fail_msg("%s: %s", json, err.message);
    return t;
}

/* ---- looking up ---- */

static void tokens_are_found_both_ways(void **state)
{
    (void)state;
    ask_tokenizer *t =
        parse("{\"added_tokens\":[{\"id\":20,\"content\":\"<x>\"}]," MODEL "}");
    assert_int_equal(ask_tokenizer_n_tokens(t), 10); // the added one has the next id
    assert_string_equal(ask_tokenizer_token(t, 7), "hell");
    assert_string_equal(ask_tokenizer_token(t, 9), "<x>");
    assert_null(ask_tokenizer_token(t, 10));
    assert_null(ask_tokenizer_token(t, -1));
    assert_null(ask_tokenizer_token(t, INT64_MAX));
    assert_int_equal(ask_tokenizer_id(t, "ll"), 6);
    assert_int_equal(ask_tokenizer_id(t, "<x>"), 9);
    assert_int_equal(ask_tokenizer_id(t, "lo"), -1);
    assert_int_equal(ask_tokenizer_id(t, ""), -1);
    ask_tokenizer_close(t);
    ask_tokenizer_close(NULL);
}

static void ids_may_have_holes(void **state)
{
    (void)state;
    ask_tokenizer *t = parse("{\"model\":{\"vocab\":{\"a\":3,\"b\":70000},\"merges\":[]}}");
    assert_int_equal(ask_tokenizer_n_tokens(t), 70001);
    assert_null(ask_tokenizer_token(t, 4));
    assert_string_equal(ask_tokenizer_token(t, 70000), "b");
    ask_tokenizer_close(t);
}

static void roles_come_from_the_files_or_from_what_is_put_around_a_text(void **state)
{
    (void)state;
    static const struct {
        const char *name, *config, *map;
        int64_t bos, eos, pad, unk;
    } cases[] = {
        {"nothing", NULL, NULL, 0, 2, -1, 8},
        {"a configuration", "{\"bos_token\":\"l\",\"pad_token\":{\"content\":\"o\"}}", NULL,
         2, 2, 3, 8},
        {"a map", NULL, "{\"pad_token\":\"<unk>\"}", 0, 2, 8, 8},
        {"both", "{\"eos_token\":\"e\"}", "{\"eos_token\":\"o\"}", 0, 3, -1, 8},
        {"both, with a list of tokens", "{\"eos_token\":\"e\",\"added_tokens_decoder\":{}}",
         "{\"eos_token\":\"o\"}", 0, 1, -1, 8},
        {"none", "{\"bos_token\":null,\"eos_token\":\"?\"}", NULL, -1, -1, -1, 8},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        char *dir = test_temp_dir_make();
        test_write_text(
            test_path(dir, "tokenizer.json"),
            "{\"post_processor\":{\"type\":\"BertProcessing\",\"cls\":[\"h\",0],"
            "\"sep\":[\"l\",2]},\"model\":{\"unk_token\":\"<unk>\"," VOCAB "," MERGES "}}");
        if (cases[i].config)
            test_write_text(test_path(dir, "tokenizer_config.json"), cases[i].config);
        if (cases[i].map)
            test_write_text(test_path(dir, "special_tokens_map.json"), cases[i].map);
        ask_tokenizer *t = ask_tokenizer_open(dir, &err);
        CHECK_OK(t, &err);
        CHECK_CASE(cases[i].name, ask_tokenizer_special(t, "bos") == cases[i].bos);
        CHECK_CASE(cases[i].name, ask_tokenizer_special(t, "eos") == cases[i].eos);
        CHECK_CASE(cases[i].name, ask_tokenizer_special(t, "pad") == cases[i].pad);
        CHECK_CASE(cases[i].name, ask_tokenizer_special(t, "unk") == cases[i].unk);
        CHECK_CASE(cases[i].name, ask_tokenizer_special(t, "mask") == -1);
        CHECK_CASE(cases[i].name, ask_tokenizer_special(t, "king") == -1);
        ask_tokenizer_close(t);
        test_temp_dir_remove(dir);
    }
}

/* ---- encoding and decoding ---- */

#define BYTES "\"<0xC3>\":1,\"<0xA4>\":2"
#define BYTE_PIECES "[\"<0xC3>\",-1],[\"<0xA4>\",-1]"

static void bytes_of_an_unknown_character_are_known(void **state)
{
    (void)state;
    static const struct {
        const char *name, *json;
        bool unknown;
    } cases[] = {
        {"BPE",
         "{\"type\":\"BPE\",\"unk_token\":\"u\",\"byte_fallback\":true,"
         "\"vocab\":{\"u\":0," BYTES "},\"merges\":[]}",
         false},
        {"BPE, a byte is missing",
         "{\"type\":\"BPE\",\"unk_token\":\"u\","
         "\"byte_fallback\":true,\"vocab\":{\"u\":0,\"<0xC3>\":1},\"merges\":[]}",
         true},
        {"Unigram",
         "{\"type\":\"Unigram\",\"unk_id\":0,\"byte_fallback\":true,"
         "\"vocab\":[[\"u\",0]," BYTE_PIECES "]}",
         false},
        {"Unigram, a byte is missing",
         "{\"type\":\"Unigram\",\"unk_id\":0,"
         "\"byte_fallback\":true,\"vocab\":[[\"u\",0],[\"<0xC3>\",-1]]}",
         true},
        {"Unigram, no bytes",
         "{\"type\":\"Unigram\",\"unk_id\":0,"
         "\"vocab\":[[\"u\",0]," BYTE_PIECES "]}",
         true},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char json[512];
        ask_error err = {0};
        ask_tokens out = {0};
        snprintf(json, sizeof json, "{\"model\":%s}", cases[i].json);
        ask_tokenizer *t = parse(json);
        CHECK_OK(ask_tokenizer_encode(t, "\xC3\xA4", NULL, true, &out, &err), &err);
        CHECK_CASE(cases[i].name, out.has_unknown == cases[i].unknown);
        CHECK_CASE(cases[i].name, out.n == (cases[i].unknown ? 1 : 2));
        ask_tokens_free(&out);
        ask_tokenizer_close(t);
    }
}

static void what_is_unknown_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *model, *text;
        bool unknown;
    } cases[] = {
        {"\"unk_token\":\"<unk>\",", "hello", false},
        {"\"unk_token\":\"<unk>\",", "hexlo", true},
        {"\"unk_token\":\"<unk>\",", "<unk>", true}, // not added: letters
        {"", "hello", false},
        {"", "hexlo", true}, // left out
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char json[512];
        ask_error err = {0};
        ask_tokens out = {0};
        snprintf(json, sizeof json, "{\"model\":{%s%s,%s}}", cases[i].model, VOCAB, MERGES);
        ask_tokenizer *t = parse(json);
        CHECK_OK(ask_tokenizer_encode(t, cases[i].text, NULL, true, &out, &err), &err);
        CHECK_CASE(cases[i].text, out.has_unknown == cases[i].unknown);
        ask_tokens_free(&out);
        ask_tokenizer_close(t);
    }
}

static void ids_that_are_not_there_are_left_out(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_tokenizer *t = parse("{\"decoder\":" BYTE_LEVEL "," MODEL "}");
    const int64_t ids[] = {-1, 7, 99, 3, INT64_MIN, INT64_MAX, 4};
    char *text = ask_tokenizer_decode(t, ids, TEST_COUNT(ids), false, &err);
    CHECK_OK(text, &err);
    assert_string_equal(text, "hello ");
    free(text);
    CHECK_OK(text = ask_tokenizer_decode(t, ids, 0, false, &err), &err);
    assert_string_equal(text, "");
    free(text);
    ask_tokenizer_close(t);
}

static void bytes_that_make_no_character_become_replacements(void **state)
{
    (void)state;
    // Tokens 0 to 5 are the bytes E6 BC A2 (a character), C3, 00 and "a".
    ask_tokenizer *t = parse("{\"decoder\":" BYTE_LEVEL
                             ",\"model\":{\"vocab\":{\"\xC3\xA6\":0,\"\xC2\xBC\":1,"
                             "\"\xC2\xA2\":2,\"\xC3\x83\":3,\"\xC4\x80\":4,\"a\":5},"
                             "\"merges\":[]}}");
    static const struct {
        const char *name;
        int64_t ids[4];
        int n;
        const char *text;
    } cases[] = {
        {"a whole character", {0, 1, 2}, 3, "\xE6\xBC\xA2"},
        {"cut off",
         {0, 1, 5},
         3,
         "\xEF\xBF\xBD"
         "a"},
        {"only the beginning",
         {0, 5},
         2,
         "\xEF\xBF\xBD"
         "a"},
        {"two beginnings", {0, 0}, 2, "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"only the end",
         {1, 2, 5},
         3,
         "\xEF\xBF\xBD\xEF\xBF\xBD"
         "a"},
        {"a zero",
         {5, 4, 5},
         3,
         "a\xEF\xBF\xBD"
         "a"},
        {"at the end", {5, 3}, 2, "a\xEF\xBF\xBD"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        char *text = ask_tokenizer_decode(t, cases[i].ids, cases[i].n, false, &err);
        CHECK_OK(text, &err);
        CHECK_CASE(cases[i].name, strcmp(text, cases[i].text) == 0);
        free(text);
    }
    ask_tokenizer_close(t);
}

static void a_failed_encoding_leaves_what_was_there(void **state)
{
    (void)state;
    static const struct {
        const char *text, *pair, *message;
        ask_error_code code;
    } cases[] = {
        {"h\xFF", NULL, "byte 1 is 0xFF", ASK_ERR_FORMAT},
        {"h", "e\xC3", "byte 1 is 0xC3", ASK_ERR_FORMAT},
        {"\xED\xA0\x80", NULL, "byte 0 is 0xED", ASK_ERR_FORMAT},
    };
    ask_error err = {0};
    ask_tokens out = {0};
    ask_tokenizer *t = parse("{" MODEL "}");
    CHECK_OK(ask_tokenizer_encode(t, "hello", NULL, true, &out, &err), &err);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        CHECK_CASE(cases[i].message, !ask_tokenizer_encode(t, cases[i].text, cases[i].pair,
                                                           true, &out, &err));
        CHECK_CASE(cases[i].message, err.code == cases[i].code);
        CHECK_CASE(cases[i].message, strstr(err.message, cases[i].message) != NULL);
        CHECK_CASE(cases[i].message, out.n == 2 && out.tokens[0].id == 7);
    }
    CHECK_OK(ask_tokenizer_encode(t, "", NULL, true, &out, &err), &err);
    assert_int_equal(out.n, 0);
    ask_tokens_free(&out);
    ask_tokenizer_close(t);
}

static void an_unknown_token_that_is_not_there_matters_only_when_it_is_needed(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_tokens out = {0};
    ask_tokenizer *t = parse("{\"model\":{\"unk_token\":\"[UNK]\"," VOCAB "," MERGES "}}");
    CHECK_OK(ask_tokenizer_encode(t, "hello", NULL, true, &out, &err), &err);
    assert_false(ask_tokenizer_encode(t, "x", NULL, true, &out, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "[UNK]"));
    ask_tokens_free(&out);
    ask_tokenizer_close(t);
}

static void normalizers_cannot_make_a_text_grow_without_end(void **state)
{
    (void)state;
    ask_str json = {0};
    ask_str_append(&json, "{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[");
    for (int i = 0; i < 40; i++)
        ask_str_printf(&json,
                       "%s{\"type\":\"Replace\",\"pattern\":{\"String\":\"h\"},"
                       "\"content\":\"hh\"}",
                       i ? "," : "");
    ask_str_append(&json, "]}," MODEL "}");
    ask_tokenizer *t = parse(json.data);
    ask_error err = {0};
    ask_tokens out = {0};
    assert_false(ask_tokenizer_encode(t, "h", NULL, true, &out, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_non_null(strstr(err.message, "grows beyond"));
    ask_tokenizer_close(t);
    ask_str_free(&json);
}

static void no_expression_can_hang(void **state)
{
    (void)state;
    static const char json[] =
        "{\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(h+)+$|(e|e)*x\"},"
        "\"behavior\":\"Isolated\",\"invert\":false}," MODEL "}";
    char text[2000];
    memset(text, 'h', sizeof text);
    text[sizeof text - 2] = 'e';
    text[sizeof text - 1] = '\0';
    ask_error err = {0};
    ask_tokens out = {0};
    ask_tokenizer *t = parse(json);
    assert_false(ask_tokenizer_encode(t, text, NULL, true, &out, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_non_null(strstr(err.message, "takes too long"));
    ask_tokenizer_close(t);
}

/* Nothing here looks at a clock: quadratic work on a megabyte would not come to an end. */
static void a_megabyte_of_anything_is_encoded(void **state)
{
    (void)state;
    static const struct {
        const char *tokenizer, *unit;
    } cases[] = {
        {"golden/tokenizer_clip", "a"}, // one word
        {"golden/tokenizer_clip", "1"}, // a million words
        {"golden/tokenizer_clip", "the quick brown fox's <|endoftext|>"},
        {"golden/tokenizer_gpt2", " "},
        {"golden/tokenizer_gpt2", "\xCC\x81"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_tokens out = {0};
        ask_str text = {0};
        ask_tokenizer *t = ask_tokenizer_open(test_fixture(cases[i].tokenizer), &err);
        CHECK_OK(t, &err);
        while (text.length < 1 << 20) ask_str_append(&text, cases[i].unit);
        CHECK_OK(ask_tokenizer_encode(t, text.data, NULL, false, &out, &err), &err);
        CHECK_CASE(cases[i].unit, out.n > 1000);
        ask_tokens_free(&out);
        ask_str_free(&text);
        ask_tokenizer_close(t);
    }
}

static void *encode_often(void *tokenizer)
{
    ask_error err = {0};
    ask_tokens out = {0};
    bool ok = true;
    for (int i = 0; i < 200 && ok; i++)
        ok = ask_tokenizer_encode(tokenizer, "Two cats' 12 tails\n", NULL, true, &out,
                                  &err) &&
             out.n > 8;
    ask_tokens_free(&out);
    return ok ? tokenizer : NULL;
}

static void threads_share_a_tokenizer(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_tokenizer *t = ask_tokenizer_open(test_fixture("golden/tokenizer_clip"), &err);
    CHECK_OK(t, &err);
    pthread_t threads[4];
    for (size_t i = 0; i < TEST_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, encode_often, t), 0);
    for (size_t i = 0; i < TEST_COUNT(threads); i++) {
        void *result;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_non_null(result);
    }
    ask_tokenizer_close(t);
}

/* ---- bad input ---- */

#define PRE(x) "{\"pre_tokenizer\":" x "," MODEL "}"
#define NORM(x) "{\"normalizer\":" x "," MODEL "}"
#define POST(x) "{\"post_processor\":" x "," MODEL "}"
#define DEC(x) "{\"decoder\":" x "," MODEL "}"
#define ADDED(x) "{\"added_tokens\":" x "," MODEL "}"
#define BPE(x) "{\"model\":{\"type\":\"BPE\"," x "}}"
#define WORDPIECE(x) "{\"model\":{\"type\":\"WordPiece\"," x "}}"
#define UNIGRAM(x) "{\"model\":{\"type\":\"Unigram\"," x "}}"

static const struct {
    const char *json, *message;
} bad[] = {
    {"", "test:1:"},
    {"{", "test:1:"},
    {"{\"model\":", "test:1:"},
    {"[]", "expected an object, got an array"},
    {"7", "expected an object"},
    {"{}", "key \"model\" is missing"},
    {"{\"model\":null}", "expected an object, got null"},
    {"{\"model\":{\"type\":\"WordLevel\",\"vocab\":{}}}",
     "key \"model.type\": the model WordLevel is not supported, only BPE, WordPiece and "
     "Unigram are"},
    {"{\"model\":{\"type\":3}}", "expected a string, got the integer 3"},
    {BPE("\"merges\":[]"), "key \"model.vocab\" is missing"},
    {BPE("\"vocab\":{}"), "key \"model.merges\" is missing"},
    {BPE("\"vocab\":[],\"merges\":[]"), "expected an object, got an array"},
    {BPE("\"vocab\":{},\"merges\":{}"), "expected an array, got an object"},
    {BPE("\"vocab\":{\"a\":\"b\"},\"merges\":[]"), "expected an integer, got a string"},
    {BPE("\"vocab\":{\"a\":-1},\"merges\":[]"), "from 0 to 4194303, got -1"},
    {BPE("\"vocab\":{\"a\":4194304},\"merges\":[]"), "from 0 to 4194303, got 4194304"},
    {BPE("\"vocab\":{\"a\":99999999999999999999},\"merges\":[]"), "expected an integer"},
    {BPE("\"vocab\":{\"a\":1.5},\"merges\":[]"), "got the real number 1.5"},
    {BPE("\"vocab\":{\"a\":0,\"b\":0},\"merges\":[]"),
     "key \"model.vocab.b\": has the same id as a"},
    {BPE("\"vocab\":{\"a\":0,\"a\":1},\"merges\":[]"), "test:1:"},
    {BPE("\"vocab\":{\"a\":0},\"merges\":[\"a b\"]"),
     "key \"model.merges[0]\": the token b is not in the vocabulary"},
    {BPE("\"vocab\":{\"a\":0,\"b\":1},\"merges\":[\"a b\"]"),
     "the token ab is not in the vocabulary"},
    {BPE("\"vocab\":{\"a\":0},\"merges\":[[\"a\",\"c\"]]"),
     "the token c is not in the vocabulary"},
    {BPE("\"vocab\":{\"a\":0},\"merges\":[\"aa\"]"), "two tokens with a space between"},
    {BPE("\"vocab\":{\"a\":0},\"merges\":[\"a a a\"]"), "two tokens with a space between"},
    {BPE("\"vocab\":{\"a\":0},\"merges\":[[\"a\"]]"), "expected two tokens"},
    {BPE("\"vocab\":{\"a\":0},\"merges\":[[1,2]]"), "expected a string"},
    {BPE("\"vocab\":{\"a\":0},\"merges\":[7]"), "expected a string"},
    {BPE("\"unk_token\":3,\"vocab\":{},\"merges\":[]"), "key \"model.unk_token\""},
    {BPE("\"dropout\":\"x\",\"vocab\":{},\"merges\":[]"), "expected a number"},
    {BPE("\"fuse_unk\":1,\"vocab\":{},\"merges\":[]"), "expected true or false"},
    {BPE("\"end_of_word_suffix\":\"0123456789012345678901234567890123456789\",\"vocab\":{},"
         "\"merges\":[]"),
     "is longer than 32 bytes"},
    {NORM("{\"type\":\"Nmt\"}"),
     "key \"normalizer.type\": the normalizer Nmt is not supported"},
    {NORM("{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAA\"}"),
     "key \"normalizer.precompiled_charsmap\": is not base64"},
    {NORM("{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAAA\"}"),
     "the precompiled charsmap of 3 bytes has no trie"},
    {NORM("{\"type\":\"Precompiled\",\"precompiled_charsmap\":7}"), "expected a string"},
    {NORM("{\"type\":\"BertNormalizer\",\"lowercase\":7}"), "expected true or false"},
    {WORDPIECE("\"vocab\":[]"), "expected an object, got an array"},
    {WORDPIECE("\"vocab\":{\"a\":0,\"b\":0}"), "has the same id as a"},
    {WORDPIECE("\"vocab\":{},\"unk_token\":7"), "expected a string"},
    {WORDPIECE("\"vocab\":{},\"continuing_subword_prefix\":7"), "expected a string"},
    {WORDPIECE("\"vocab\":{},\"max_input_chars_per_word\":-1"), "got -1"},
    {UNIGRAM("\"vocab\":{}"), "expected an array, got an object"},
    {UNIGRAM("\"unk_id\":0"), "key \"model.vocab\" is missing"},
    {UNIGRAM("\"vocab\":[[\"a\"]]"),
     "key \"model.vocab[0]\": expected a token and its score"},
    {UNIGRAM("\"vocab\":[[\"a\",\"b\"]]"), "expected a number, got a string"},
    {UNIGRAM("\"vocab\":[[1,2]]"), "expected a string"},
    {UNIGRAM("\"vocab\":[7]"), "expected a token and its score"},
    {UNIGRAM("\"vocab\":[[\"a\",0],[\"a\",1]]"),
     "key \"model.vocab[1]\": has the same text as token 0"},
    {UNIGRAM("\"vocab\":[[\"a\",0]],\"unk_id\":1"), "key \"model.unk_id\""},
    {UNIGRAM("\"vocab\":[[\"a\",0]],\"byte_fallback\":7"), "expected true or false"},
    {NORM("{}"), "key \"normalizer.type\" is missing"},
    {NORM("\"NFC\""), "expected an object"},
    {NORM("{\"type\":\"Sequence\"}"), "key \"normalizer.normalizers\" is missing"},
    {NORM("{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Odd\"}]}"),
     "key \"normalizer.normalizers[0].type\": the normalizer Odd is not supported"},
    {NORM("{\"type\":\"Replace\",\"content\":\"\"}"),
     "\"normalizer.pattern.Regex\" is missing"},
    {NORM("{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(\"},\"content\":\"\"}"),
     "key \"normalizer.pattern\": the regular expression ( is not valid: missing closing"},
    {NORM("{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"a\"}}"),
     "key \"normalizer.content\" is missing"},
    {NORM("{\"type\":\"Strip\",\"strip_left\":true}"), "\"normalizer.strip_right\""},
    {PRE("{\"type\":\"UnicodeScripts\"}"),
     "the pre-tokenizer UnicodeScripts is not supported"},
    {PRE("{\"type\":\"Split\",\"pattern\":{\"Regex\":\"[a\"},\"behavior\":\"Isolated\"}"),
     "key \"pre_tokenizer.pattern\": [ without ] in the regular expression [a"},
    {PRE("{\"type\":\"Split\",\"pattern\":{\"Regex\":\"\\\\p{Nope}\"},\"behavior\":"
         "\"Isolated\"}"),
     "unknown property"},
    {PRE("{\"type\":\"Split\",\"pattern\":{\"String\":\"a\"},\"behavior\":\"Sideways\"}"),
     "Sideways is no way to split"},
    {PRE("{\"type\":\"Split\",\"pattern\":{\"String\":\"a\"}}"), "behavior\" is missing"},
    {PRE("{\"type\":\"ByteLevel\",\"add_prefix_space\":\"yes\"}"),
     "expected true or false"},
    {PRE("{\"type\":\"Metaspace\",\"replacement\":\"ab\"}"), "expected one character"},
    {PRE("{\"type\":\"Metaspace\",\"replacement\":\"_\",\"prepend_scheme\":\"often\"}"),
     "expected always, first or never, got often"},
    {POST("{\"type\":\"Nope\"}"), "the post-processor Nope is not supported"},
    {POST("{\"type\":\"BertProcessing\",\"cls\":[\"h\"],\"sep\":[\"h\",0]}"),
     "expected a token and its id"},
    {POST("{\"type\":\"BertProcessing\",\"cls\":[\"h\",-1],\"sep\":[\"h\",0]}"), "got -1"},
    {POST("{\"type\":\"TemplateProcessing\",\"pair\":[]}"), "single\" is missing"},
    {POST("{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"B\"}}],"
          "\"pair\":[]}"),
     "there is no text B here"},
    {POST("{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"x\"}}],"
          "\"pair\":[],\"special_tokens\":{}}"),
     "x is not among the special_tokens"},
    {POST("{\"type\":\"TemplateProcessing\",\"single\":[{}],\"pair\":[]}"),
     "expected a Sequence or a SpecialToken"},
    {POST("{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"x\"}}],"
          "\"pair\":[],\"special_tokens\":{\"x\":{\"ids\":[1,2],\"tokens\":[\"x\"]}}}"),
     "has not as many tokens as ids"},
    {DEC("{\"type\":\"CTC\"}"), "the decoder CTC is not supported"},
    {DEC("{\"type\":\"WordPiece\"}"), "key \"decoder.prefix\" is missing"},
    {DEC("{\"type\":\"Strip\",\"content\":\" \",\"start\":-1,\"stop\":0}"), "got -1"},
    {ADDED("{}"), "expected an array, got an object"},
    {ADDED("[7]"), "expected an object, got the integer 7"},
    {ADDED("[{\"id\":1}]"), "key \"added_tokens[0].content\" is missing"},
    {ADDED("[{\"id\":-1,\"content\":\"x\"}]"), "got -1"},
    {ADDED("[{\"id\":1,\"content\":\"x\",\"lstrip\":\"y\"}]"), "expected true or false"},
};

static void bad_files_are_told_by_file_key_and_thing(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        ask_error err = {0};
        if (ask_tokenizer_parse(bad[i].json, strlen(bad[i].json), "test", &err))
            fail_msg("%s was accepted", bad[i].json);
        if (err.code != ASK_ERR_MODEL || !strstr(err.message, bad[i].message) ||
            !ask_starts_with(err.message, "test:"))
            fail_msg("%s: \"%s\", not \"%s\"", bad[i].json, err.message, bad[i].message);
        assert_null(ask_tokenizer_parse(bad[i].json, strlen(bad[i].json), "test", NULL));
    }
}

static void older_files_that_are_bad_are_told_by_file_and_line(void **state)
{
    (void)state;
    static const struct {
        const char *name, *vocab, *merges, *config, *message;
    } cases[] = {
        {"nothing", NULL, NULL, NULL,
         "none of tokenizer.json, tokenizer.model, spiece.model, vocab.json and vocab.txt "
         "is there"},
        {"no merges", "{\"a\":0}", NULL, NULL, "merges.txt: cannot open"},
        {"no object", "[]", "", NULL, "vocab.json: expected an object"},
        {"cut off", "{\"a\":", "", NULL, "vocab.json:1:"},
        {"an unknown token", "{\"a\":0}", "#version: 0.2\na b\n", NULL,
         "merges.txt:2: the token b is not in the vocabulary"},
        {"one token", "{\"a\":0}", "#version: 0.2\n\na\n", NULL,
         "merges.txt:3: expected two tokens with a space between"},
        {"three tokens", "{\"a\":0}", "a a a\n", NULL, "merges.txt:1: expected two tokens"},
        {"another kind", "{\"a\":0}", "", "{\"tokenizer_class\":\"BertTokenizer\"}",
         "the tokenizer BertTokenizer is not supported"},
        {"a bad configuration", "{\"a\":0}", "", "{\"tokenizer_class\":7}",
         "tokenizer_config.json: key \"tokenizer_class\": expected a string"},
        {"a bad role", "{\"a\":0}", "", "{\"bos_token\":7}", "key \"bos_token\""},
        {"a bad list", "{\"a\":0}", "", "{\"added_tokens_decoder\":{\"x\":{}}}",
         "x is no token id"},
        {"no object", "{\"a\":0}", "", "[]", "tokenizer_config.json: expected an object"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        char *dir = test_temp_dir_make();
        if (cases[i].vocab) test_write_text(test_path(dir, "vocab.json"), cases[i].vocab);
        if (cases[i].merges) test_write_text(test_path(dir, "merges.txt"), cases[i].merges);
        if (cases[i].config)
            test_write_text(test_path(dir, "tokenizer_config.json"), cases[i].config);
        CHECK_CASE(cases[i].name, !ask_tokenizer_open(dir, &err));
        if (err.code != ASK_ERR_MODEL || !strstr(err.message, cases[i].message))
            fail_msg("%s: \"%s\"", cases[i].name, err.message);
        test_temp_dir_remove(dir);
    }
}

static void files_that_cannot_be_read_are_told(void **state)
{
    (void)state;
    ask_error err = {0};
    char *dir = test_temp_dir_make();
    assert_null(ask_tokenizer_open(test_path(dir, "missing"), &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "missing: cannot open"));
    test_write_text(test_path(dir, "tokenizer.json/inner"), "");
    assert_null(ask_tokenizer_open(dir, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "tokenizer.json: is a folder"));
    test_temp_dir_remove(dir);
}

static void older_files_have_their_tokens_from_wherever_they_are_listed(void **state)
{
    (void)state;
    static const struct {
        const char *name, *file, *content;
        const char *token;
        int64_t id;
    } cases[] = {
        {"a role that is not in the vocabulary", "tokenizer_config.json",
         "{\"pad_token\":\"<pad>\"}", "<pad>", 4},
        {"a list", "tokenizer_config.json",
         "{\"added_tokens_decoder\":{\"3\":{\"content\":\"<x>\"},\"9\":{\"content\":\"<y>"
         "\"}}}",
         "<y>", 4},
        {"additional tokens", "special_tokens_map.json",
         "{\"additional_special_tokens\":[\"<a>\",{\"content\":\"<b>\"}]}", "<b>", 5},
        {"their own file", "added_tokens.json", "{\"<q>\":4,\"<p>\":3}", "<q>", 4},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        char *dir = test_temp_dir_make();
        test_write_text(test_path(dir, "vocab.json"), "{\"a\":0,\"b\":1,\"ab\":2}");
        test_write_text(test_path(dir, "merges.txt"), "#version: 0.2\r\na b\r\n");
        test_write_text(test_path(dir, cases[i].file), cases[i].content);
        ask_tokenizer *t = ask_tokenizer_open(dir, &err);
        CHECK_OK(t, &err);
        CHECK_CASE(cases[i].name, ask_tokenizer_id(t, cases[i].token) == cases[i].id);
        ask_tokenizer_close(t);
        test_temp_dir_remove(dir);
    }
}

/* ---- memory that runs out ---- */

static bool try_parse(void *user, ask_error *err)
{
    const char *json = user;
    ask_tokenizer *t = ask_tokenizer_parse(json, strlen(json), "test", err);
    ask_tokenizer_close(t);
    return t != NULL;
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
    bool ok = ask_tokenizer_encode(tokenizer, "H\xC3\xA9llo  <x>\xCC\x81 12 hello",
                                   "hello, hello", true, &out, err);
    ask_tokens_free(&out);
    return ok;
}

static bool try_decode(void *tokenizer, ask_error *err)
{
    const int64_t ids[] = {0, 5, 6, 8, 3, 9, 4, 4};
    char *text = ask_tokenizer_decode(tokenizer, ids, TEST_COUNT(ids), true, err);
    free(text);
    return text != NULL;
}

/* A tokenizer of nearly everything. */
static char rich[] =
    "{\"added_tokens\":[{\"id\":9,\"content\":\"<x>\",\"normalized\":true,\"rstrip\":true},"
    "{\"id\":10,\"content\":\"hell o\",\"normalized\":false}],"
    "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"},"
    "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"[\\\\s&&[^\\\\n]]+\"},\"content\":\" "
    "\"},"
    "{\"type\":\"Lowercase\"},{\"type\":\"StripAccents\"},"
    "{\"type\":\"Strip\",\"strip_left\":true,\"strip_right\":true}]},"
    "\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\","
    "\"pattern\":{\"Regex\":\"\\\\p{N}{1,3}+|\\\\w\"},\"behavior\":\"Contiguous\","
    "\"invert\":false},{\"type\":\"ByteLevel\",\"add_prefix_space\":true},"
    "{\"type\":\"Punctuation\"},{\"type\":\"Metaspace\",\"replacement\":\"_\"}]},"
    "\"post_processor\":{\"type\":\"Sequence\",\"processors\":[{\"type\":\"ByteLevel\"},"
    "{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"A\"}}],"
    "\"pair\":[{\"SpecialToken\":{\"id\":\"o\"}},{\"Sequence\":{\"id\":\"A\"}},"
    "{\"Sequence\":{\"id\":\"B\",\"type_id\":1}}],\"special_tokens\":{\"o\":{\"ids\":[3],"
    "\"tokens\":[\"o\"]}}},{\"type\":\"RobertaProcessing\",\"cls\":[\"h\",0],"
    "\"sep\":[\"l\",2]}]},"
    "\"decoder\":{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"Replace\",\"pattern\":"
    "{\"String\":\"l\"},\"content\":\"L\"},{\"type\":\"BPEDecoder\",\"suffix\":\"e\"},"
    "{\"type\":\"ByteFallback\"},{\"type\":\"Metaspace\",\"replacement\":\"_\"},"
    "{\"type\":\"ByteLevel\"},{\"type\":\"Fuse\"}]},"
    "\"model\":{\"type\":\"BPE\",\"unk_token\":\"<unk>\",\"byte_fallback\":true," VOCAB
    "," MERGES "}}";

static void running_out_of_memory_is_an_error_and_no_leak(void **state)
{
    (void)state;
    ask_tokenizer *t = parse(rich);
    assert_true(test_each_alloc_fails("parse", try_parse, rich) > 20);
    assert_true(test_each_alloc_fails("encode", try_encode, t) > 5);
    assert_true(test_each_alloc_fails("decode", try_decode, t) > 5);
    ask_tokenizer_close(t);

    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "vocab.json"), "{\"a\":0,\"b\":1,\"ab\":2}");
    test_write_text(test_path(dir, "merges.txt"), "#version: 0.2\na b\n");
    test_write_text(test_path(dir, "config.json"), "{\"model_type\":\"clip\"}");
    test_write_text(test_path(dir, "added_tokens.json"), "{\"<q>\":3}");
    test_write_text(test_path(dir, "special_tokens_map.json"),
                    "{\"additional_special_tokens\":[\"<a>\"]}");
    assert_true(test_each_alloc_fails("open", try_open, dir) > 20);
    test_temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_found_both_ways),
        cmocka_unit_test(ids_may_have_holes),
        cmocka_unit_test(roles_come_from_the_files_or_from_what_is_put_around_a_text),
        cmocka_unit_test(what_is_unknown_is_told),
        cmocka_unit_test(bytes_of_an_unknown_character_are_known),
        cmocka_unit_test(ids_that_are_not_there_are_left_out),
        cmocka_unit_test(bytes_that_make_no_character_become_replacements),
        cmocka_unit_test(a_failed_encoding_leaves_what_was_there),
        cmocka_unit_test(an_unknown_token_that_is_not_there_matters_only_when_it_is_needed),
        cmocka_unit_test(normalizers_cannot_make_a_text_grow_without_end),
        cmocka_unit_test(no_expression_can_hang),
        cmocka_unit_test(a_megabyte_of_anything_is_encoded),
        cmocka_unit_test(threads_share_a_tokenizer),
        cmocka_unit_test(bad_files_are_told_by_file_key_and_thing),
        cmocka_unit_test(older_files_that_are_bad_are_told_by_file_and_line),
        cmocka_unit_test(files_that_cannot_be_read_are_told),
        cmocka_unit_test(older_files_have_their_tokens_from_wherever_they_are_listed),
        cmocka_unit_test(running_out_of_memory_is_an_error_and_no_leak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
