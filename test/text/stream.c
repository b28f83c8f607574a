#include "text/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "support/testing.h"

#define BYTE_LEVEL "{\"type\":\"ByteLevel\"}"
#define LLAMA                                                                              \
    "{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"Replace\",\"pattern\":{\"String\":"  \
    "\"_\"},\"content\":\" \"},{\"type\":\"ByteFallback\"},{\"type\":\"Fuse\"},"           \
    "{\"type\":\"Strip\",\"content\":\" \",\"start\":1,\"stop\":0}]}"
#define WORDS "{\"type\":\"BPEDecoder\",\"suffix\":\"_\"}"
#define TRIM                                                                               \
    "{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"Fuse\"},"                            \
    "{\"type\":\"Strip\",\"content\":\"_\",\"start\":1,\"stop\":2}]}"
#define REPLACE_IN_ALL                                                                     \
    "{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"Fuse\"},{\"type\":\"Replace\","      \
    "\"pattern\":{\"String\":\"b_a\"},\"content\":\"!\"}]}"

/* Ids: 0 "a", 1 "b_", 2 "_", 3 to 5 byte-level E6 BC A2, 6 to 8 the same bytes as names,
 * 9 <0xFF>, 10 "_a", 11 "__", 12 a special token. */
static ask_tokenizer *parse(const char *decoder)
{
    ask_error err = {0};
    ask_str json = {0};
    ask_str_printf(&json,
                   "{\"added_tokens\":[{\"id\":12,\"content\":\"<s>\",\"special\":true}],"
                   "\"decoder\":%s,\"model\":{\"vocab\":{\"a\":0,\"b_\":1,\"_\":2,"
                   "\"\xC3\xA6\":3,\"\xC2\xBC\":4,\"\xC2\xA2\":5,\"<0xE6>\":6,\"<0xBC>\":7,"
                   "\"<0xA2>\":8,\"<0xFF>\":9,\"_a\":10,\"__\":11},\"merges\":[]}}",
                   decoder);
    ask_tokenizer *t = ask_tokenizer_parse(ask_str_text(&json), json.length, "test", &err);
    CHECK_OK(t, &err);
    ask_str_free(&json);
    return t;
}

#define BAD "\xEF\xBF\xBD"
#define HAN "\xE6\xBC\xA2"

static const struct {
    const char *name, *decoder;
    int64_t ids[6];
    const char *parts[7]; // what each id gives, and the end
} cases[] = {
    {"a character in three", BYTE_LEVEL, {0, 3, 4, 5, 0, -1}, {"a", "", "", HAN, "a", ""}},
    {"one that is cut off", BYTE_LEVEL, {3, 4, 0, 3, -1}, {"", "", BAD "a", "", BAD}},
    {"one that cannot become one", BYTE_LEVEL, {4, 3, 3, -1}, {BAD, "", BAD, BAD}},
    {"no ids", BYTE_LEVEL, {-1}, {""}},
    {"ids that are not there", BYTE_LEVEL, {77, 12, 0, -1}, {"", "", "a", ""}},
    {"the first space goes", LLAMA, {10, 10, 2, -1}, {"a", " a", " ", ""}},
    {"bytes wait for their end",
     LLAMA,
     {0, 6, 7, 8, 0, -1},
     {"a", "", "", "", HAN "a", ""}},
    {"bytes at the end", LLAMA, {6, 7, 8, -1}, {"", "", "", HAN}},
    {"a fault among bytes", LLAMA, {8, 9, 0, -1}, {"", "", BAD BAD "a", ""}},
    {"the last word has no space", WORDS, {1, 0, 1, -1}, {"", "b ", "a", "b"}},
    {"marks at the end may go", TRIM, {2, 10, 11, 0, 2, -1}, {"", "_a", "", "__a", "", ""}},
    {"more marks than go", TRIM, {0, 11, 11, -1}, {"a", "", "__", ""}},
    {"a pattern over all of it", REPLACE_IN_ALL, {1, 0, 1, 0, -1}, {"", "", "", "", "!!"}},
    {"words with spaces between", "null", {0, 1, 2, -1}, {"a", " b_", " _", ""}},
};

static void expect(const char *name, int i, const char *part, const char *expected)
{
    if (strcmp(part, expected) != 0)
        fail_msg("%s: part %d is \"%s\", not \"%s\"", name, i, part, expected);
}

static void what_later_ids_may_change_is_held_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        const char *part;
        ask_tokenizer *t = parse(cases[i].decoder);
        ask_text_stream *s = ask_text_stream_open(t, true, &err);
        CHECK_OK(s, &err);
        for (int round = 0; round < 2; round++) { // it may be used again
            int n = 0;
            for (; cases[i].ids[n] >= 0; n++) {
                CHECK_OK(ask_text_stream_add(s, cases[i].ids[n], &part, &err), &err);
                expect(cases[i].name, n, part, cases[i].parts[n]);
            }
            CHECK_OK(ask_text_stream_end(s, &part, &err), &err);
            expect(cases[i].name, n, part, cases[i].parts[n]);
        }
        ask_text_stream_close(s);
        ask_tokenizer_close(t);
    }
    ask_text_stream_close(NULL);
}

static bool try_stream(void *tokenizer, ask_error *err)
{
    static const int64_t ids[] = {0, 6, 7, 8, 10, 9};
    const char *part;
    ask_text_stream *s = ask_text_stream_open(tokenizer, false, err);
    bool ok = s != NULL;
    for (size_t i = 0; i < TEST_COUNT(ids) && ok; i++)
        ok = ask_text_stream_add(s, ids[i], &part, err);
    ok = ok && ask_text_stream_end(s, &part, err);
    ask_text_stream_close(s);
    return ok;
}

static void running_out_of_memory_is_an_error_and_no_leak(void **state)
{
    (void)state;
    static const char *const decoders[] = {BYTE_LEVEL, LLAMA, WORDS, TRIM, REPLACE_IN_ALL};
    for (size_t i = 0; i < TEST_COUNT(decoders); i++) {
        ask_tokenizer *t = parse(decoders[i]);
        assert_true(test_each_alloc_fails(decoders[i], try_stream, t) > 3);
        ask_tokenizer_close(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_later_ids_may_change_is_held_back),
        cmocka_unit_test(running_out_of_memory_is_an_error_and_no_leak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
