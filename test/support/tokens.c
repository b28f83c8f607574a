#include "support/tokens.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "support/testing.h"
#include "text/stream.h"

/* One text with what is expected of it. */
typedef struct {
    const char *name;
    const ask_tokenizer *t;
    ask_json_value v;
    const char *text, *pair;
} expectation;

static void fail_at(const expectation *e, const char *what, int i, long long actual,
                    long long expected)
{
    fail_msg("%s, \"%s\": %s %d is %lld, not %lld", e->name, e->text, what, i, actual,
             expected);
}

static long long number(ask_json_value v, const char *path)
{
    ask_error err = {0};
    int64_t n;
    CHECK_OK(ask_json_get_int(&n, v, path, INT64_MIN, INT64_MAX, &err), &err);
    return n;
}

/* The list under a key, which has as many items as there are tokens; false: there is none.
 */
static bool find_list(ask_json_value *out, const expectation *e, const char *key, int n)
{
    *out = ask_json_member(e->v, key);
    if (ask_json_type_of(*out) != ASK_JSON_ARRAY) return false;
    if (ask_json_count(*out) != (size_t)n)
        fail_at(e, key, -1, n, (long long)ask_json_count(*out));
    return true;
}

static void check_ids(const expectation *e, const char *key, const ask_tokens *k)
{
    ask_json_value list;
    if (!find_list(&list, e, key, k->n)) return;
    for (int i = 0; i < k->n; i++) {
        long long expected = number(ask_json_item(list, (size_t)i), NULL);
        if (k->tokens[i].id != expected) fail_at(e, key, i, k->tokens[i].id, expected);
    }
}

static void check_types(const expectation *e, const ask_tokens *k)
{
    ask_json_value list;
    if (!find_list(&list, e, "type_ids", k->n)) return;
    for (int i = 0; i < k->n; i++) {
        long long expected = number(ask_json_item(list, (size_t)i), NULL);
        if (k->tokens[i].type != expected)
            fail_at(e, "type", i, k->tokens[i].type, expected);
    }
}

static void check_offsets(const expectation *e, const ask_tokens *k)
{
    ask_json_value list;
    if (!find_list(&list, e, "offsets", k->n)) return;
    for (int i = 0; i < k->n; i++) {
        ask_json_value pair = ask_json_item(list, (size_t)i);
        long long begin = number(pair, "0"), end = number(pair, "1");
        if (k->tokens[i].begin != begin)
            fail_at(e, "begin of token", i, k->tokens[i].begin, begin);
        if (k->tokens[i].end != end) fail_at(e, "end of token", i, k->tokens[i].end, end);
    }
}

/* Of an added token the reference tells what was found, with the space that it took; of an
 * unknown one, the text that is not known. */
static void check_texts(const expectation *e, const ask_tokens *k)
{
    ask_json_value list;
    ask_error err = {0};
    if (!find_list(&list, e, "tokens", k->n)) return;
    for (int i = 0; i < k->n; i++) {
        const char *expected, *text = ask_tokenizer_token(e->t, k->tokens[i].id);
        CHECK_OK(ask_json_get_string(&expected, ask_json_item(list, (size_t)i), NULL, &err),
                 &err);
        if (text && k->tokens[i].id == ask_tokenizer_special(e->t, "unk")) continue;
        if (!text || (strcmp(text, expected) != 0 && !strstr(expected, text)))
            fail_msg("%s, \"%s\": token %d is %s, not %s", e->name, e->text, i,
                     text ? text : "none", expected);
    }
}

static void append_part(const expectation *e, ask_str *all, const char *part)
{
    if (!ask_utf8_valid(part, strlen(part)))
        fail_msg("%s, \"%s\": the part behind \"%s\" is not UTF-8", e->name, e->text,
                 ask_str_text(all));
    ask_str_append(all, part);
}

/* One id after the other gives the same text. */
static void check_stream(const expectation *e, const int64_t *ids, int n, bool skip_special,
                         const char *expected)
{
    ask_error err = {0};
    ask_str all = {0};
    const char *part;
    ask_text_stream *s = ask_text_stream_open(e->t, skip_special, &err);
    CHECK_OK(s, &err);
    for (int i = 0; i < n; i++) {
        CHECK_OK(ask_text_stream_add(s, ids[i], &part, &err), &err);
        append_part(e, &all, part);
    }
    CHECK_OK(ask_text_stream_end(s, &part, &err), &err);
    append_part(e, &all, part);
    if (strcmp(ask_str_text(&all), expected) != 0)
        fail_msg("%s, \"%s\": streamed \"%s\", not \"%s\"", e->name, e->text,
                 ask_str_text(&all), expected);
    ask_str_free(&all);
    ask_text_stream_close(s);
}

static void check_decoded(const expectation *e, const char *key, const ask_tokens *k,
                          bool skip_special)
{
    ask_error err = {0};
    const char *expected;
    if (ask_json_type_of(ask_json_member(e->v, key)) == ASK_JSON_ABSENT) return;
    CHECK_OK(ask_json_get_string(&expected, e->v, key, &err), &err);
    int64_t *ids = malloc(((size_t)k->n + 1) * sizeof *ids);
    assert_non_null(ids);
    for (int i = 0; i < k->n; i++) ids[i] = k->tokens[i].id;
    char *text = ask_tokenizer_decode(e->t, ids, k->n, skip_special, &err);
    CHECK_OK(text, &err);
    if (strcmp(text, expected) != 0)
        fail_msg("%s, \"%s\": %s is \"%s\", not \"%s\"", e->name, e->text, key, text,
                 expected);
    check_stream(e, ids, k->n, skip_special, text);
    free(text);
    free(ids);
}

static void check(const expectation *e, ask_tokens *k)
{
    ask_error err = {0};
    CHECK_OK(ask_tokenizer_encode(e->t, e->text, e->pair, false, k, &err), &err);
    check_ids(e, "ids_no_special", k);
    CHECK_OK(ask_tokenizer_encode(e->t, e->text, e->pair, true, k, &err), &err);
    check_ids(e, "ids", k);
    check_texts(e, k);
    check_offsets(e, k);
    check_types(e, k);
    check_decoded(e, "decoded", k, false);
    check_decoded(e, "decoded_skip_special", k, true);
}

void tokens_check_all(const char *name, const ask_tokenizer *t, ask_json_value texts)
{
    ask_error err = {0};
    ask_tokens tokens = {0};
    assert_true(ask_json_count(texts) > 0);
    for (size_t i = 0; i < ask_json_count(texts); i++) {
        expectation e = {.name = name, .t = t, .v = ask_json_item(texts, i)};
        CHECK_OK(ask_json_get_string(&e.text, e.v, "text", &err), &err);
        CHECK_OK(ask_json_opt_string(&e.pair, e.v, "text_pair", NULL, &err), &err);
        check(&e, &tokens);
    }
    ask_tokens_free(&tokens);
}
