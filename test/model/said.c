/* The text of tokens as they are said: in pieces that nothing takes back, up to a stop
 * string. */
#include "model/said_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "support/testing.h"

enum { MOST = 64, MOST_STOPS = 3 };

static ask_tokenizer *tokenizer;

static int open_tokenizer(void **state)
{
    (void)state;
    ask_error err = {0};
    tokenizer = ask_tokenizer_open(test_fixture("golden/tokenizer_llama3"), &err);
    return tokenizer ? 0 : -1;
}

static int close_tokenizer(void **state)
{
    (void)state;
    ask_tokenizer_close(tokenizer);
    return 0;
}

typedef struct {
    ask_str all;
    int n_pieces, n_wanted; // false behind the n_wanted-th; 0: wants all
} listener;

static bool listen(void *user, const char *text, size_t n_bytes)
{
    listener *l = user;
    assert_true(n_bytes > 0);
    assert_true(ask_utf8_valid(text, n_bytes));
    ask_str_append_bytes(&l->all, text, n_bytes);
    return ++l->n_pieces != l->n_wanted;
}

static int ids_of(int64_t ids[MOST], const char *text)
{
    ask_error err = {0};
    ask_tokens tokens = {0};
    CHECK_OK(ask_tokenizer_encode(tokenizer, text, NULL, false, &tokens, &err), &err);
    int n = tokens.n;
    assert_in_range(n, 0, MOST);
    for (int i = 0; i < n; i++) ids[i] = tokens.tokens[i].id;
    ask_tokens_free(&tokens);
    return n;
}

typedef struct {
    const char *name, *said;
    const char *stops[MOST_STOPS];
    const char *text;  // what comes of it
    const char *whole; // of whose tokens it is, if they are others
    said_state state;
    int n_cut;    // tokens at the end that are not said
    int n_wanted; // pieces
} said_case;

static const said_case cases[] = {
    {.name = "nothing", .said = "", .text = ""},
    {.name = "words", .said = "Hello there, world", .text = "Hello there, world"},
    {.name = "blanks around", .said = " \n\t The cat \n  ", .text = "The cat"},
    {.name = "blanks within", .said = "one \n\n two", .text = "one \n\n two"},
    {.name = "blanks alone", .said = "  \n ", .text = ""},
    {.name = "a blank that is none of ASCII", .said = "\u00a0a", .text = "\u00a0a"},
    {.name = "characters of several tokens",
     .said = "\U0001f600 and \u65e5\u672c \U0001f3f3",
     .text = "\U0001f600 and \u65e5\u672c \U0001f3f3"},
    {.name = "a character that is not complete",
     .said = "so \U0001f600",
     .n_cut = 1,
     .text = "so \ufffd"},
    {.name = "a stop string of several tokens",
     .said = "The cat ###more",
     .stops = {"###"},
     .text = "The cat",
     .whole = "The cat ",
     .state = SAID_STOPPED},
    {.name = "a stop string that only begins",
     .said = "a ## b #",
     .stops = {"###"},
     .text = "a ## b #"},
    {.name = "a stop string that begins again",
     .said = "ab####x",
     .stops = {"###x"},
     .text = "ab#",
     .state = SAID_STOPPED},
    {.name = "the first of several",
     .said = "one. USER: two\n\nthree",
     .stops = {"\n\n", "three", "USER:"},
     .text = "one.",
     .state = SAID_STOPPED},
    {.name = "one within another",
     .said = "one abcd",
     .stops = {"bc", "abcd"},
     .text = "one a",
     .state = SAID_STOPPED},
    {.name = "at the beginning",
     .said = "\nThe cat",
     .stops = {"\n"},
     .text = "",
     .whole = "",
     .state = SAID_STOPPED},
    {.name = "within a token",
     .said = "Hello there",
     .stops = {"ere"},
     .text = "Hello th",
     .state = SAID_STOPPED},
    {.name = "in a character of several tokens",
     .said = "so \U0001f600 it is",
     .stops = {"\U0001f600"},
     .text = "so",
     .state = SAID_STOPPED},
    {.name = "a character that begins alike",
     .said = "so \U0001f600 it is",
     .stops = {"\U0001f601"},
     .text = "so \U0001f600 it is"},
    {.name = "in what is known at the end alone",
     .said = "so \U0001f600",
     .stops = {"\ufffd"},
     .n_cut = 1,
     .text = "so",
     .state = SAID_STOPPED},
    {.name = "nobody wants more",
     .said = " one two three",
     .n_wanted = 1,
     .state = SAID_REFUSED},
    {.name = "nobody wants the last piece",
     .said = "one #",
     .stops = {"##"},
     .n_wanted = 100,
     .text = "one #"},
};

static void check_count(const said_case *c, const said_text *s, const int64_t *ids)
{
    ask_error err = {0};
    char *whole = ask_tokenizer_decode(tokenizer, ids, said_count(s), true, &err);
    CHECK_OK(whole, &err);
    // What the tokens say begins the text, but for blanks, and a cut takes one token's
    // text.
    size_t begin = strspn(whole, " \n\t"), n = strlen(whole);
    char *text = said_trimmed(s, &err);
    CHECK_OK(text, &err);
    // A token that ends within the character at which the stop string begins counts.
    if (n >= 3 && c->state == SAID_STOPPED && strcmp(whole + n - 3, "\ufffd") == 0) n -= 3;
    while (n > begin && strchr(" \n\t", whole[n - 1])) n--;
    CHECK_CASE(c->name, strncmp(whole + begin, text, n - begin) == 0);
    if (c->state == SAID_ON) CHECK_CASE(c->name, strlen(text) == n - begin);
    if (c->whole) assert_string_equal(whole, c->whole);
    free(text);
    free(whole);
}

static void check_said(const said_case *c)
{
    ask_error err = {0};
    int64_t ids[MOST];
    listener l = {.n_wanted = c->n_wanted};
    int n = ids_of(ids, c->said) - c->n_cut, n_stops = 0;
    while (n_stops < MOST_STOPS && c->stops[n_stops]) n_stops++;
    said_text s = {.stops = c->stops, .n_stops = n_stops, .on_text = listen, .user = &l};
    CHECK_OK(said_open(&s, tokenizer, n, &err), &err);
    for (int i = 0; i < n && s.state == SAID_ON; i++)
        CHECK_OK(said_add(&s, ids[i], &err), &err);
    CHECK_OK(said_end(&s, &err), &err);
    char *text = said_trimmed(&s, &err);
    CHECK_OK(text, &err);
    if (c->text && strcmp(text, c->text) != 0)
        fail_msg("case \"%s\": \"%s\", expected \"%s\"", c->name, text, c->text);
    CHECK_CASE(c->name, strcmp(text, ask_str_text(&l.all)) == 0); // pieces are the text
    CHECK_CASE(c->name, s.state == c->state);
    if (c->state == SAID_REFUSED) CHECK_CASE(c->name, l.n_pieces == c->n_wanted && *text);
    check_count(c, &s, ids);
    free(text);
    ask_str_free(&l.all);
    said_close(&s);
}

static void a_text_is_told_in_final_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) check_said(&cases[i]);
}

static void words_are_told_as_they_come(void **state)
{
    (void)state;
    ask_error err = {0};
    int64_t ids[MOST];
    listener l = {0};
    int n = ids_of(ids, "one two three");
    said_text s = {.on_text = listen, .user = &l};
    CHECK_OK(said_open(&s, tokenizer, n, &err), &err);
    for (int i = 0; i < n; i++) {
        CHECK_OK(said_add(&s, ids[i], &err), &err);
        assert_int_equal(l.n_pieces, i + 1);
    }
    ask_str_free(&l.all);
    said_close(&s);
}

static void special_tokens_give_no_text_but_count(void **state)
{
    (void)state;
    ask_error err = {0};
    int64_t ids[MOST], special = ask_tokenizer_id(tokenizer, "<|start_header_id|>");
    int n = ids_of(ids, "one");
    said_text s = {0};
    CHECK_OK(said_open(&s, tokenizer, n + 1, &err), &err);
    CHECK_OK(said_add(&s, special, &err), &err);
    for (int i = 0; i < n; i++) CHECK_OK(said_add(&s, ids[i], &err), &err);
    CHECK_OK(said_end(&s, &err), &err);
    assert_int_equal(said_count(&s), n + 1);
    char *text = said_trimmed(&s, &err);
    assert_string_equal(text, "one");
    free(text);
    said_close(&s);
}

static void without_tokenizer_there_is_no_text(void **state)
{
    (void)state;
    ask_error err = {0};
    said_text s = {0};
    CHECK_OK(said_open(&s, NULL, 3, &err), &err);
    for (int i = 0; i < 3; i++) CHECK_OK(said_add(&s, i, &err), &err);
    CHECK_OK(said_end(&s, &err), &err);
    assert_int_equal(said_count(&s), 3);
    char *text = said_trimmed(&s, &err);
    assert_string_equal(text, "");
    free(text);
    said_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_told_in_final_pieces),
        cmocka_unit_test(words_are_told_as_they_come),
        cmocka_unit_test(special_tokens_give_no_text_but_count),
        cmocka_unit_test(without_tokenizer_there_is_no_text),
    };
    return cmocka_run_group_tests(tests, open_tokenizer, close_tokenizer);
}
