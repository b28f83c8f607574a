#include "text/normal_form_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "support/testing.h"

static const ask_normal_form nfc = {.compose = true}, nfd = {0},
                             nfkc = {.compatible = true, .compose = true},
                             nfkd = {.compatible = true};

typedef struct {
    const char *name, *text;
    const ask_normal_form *form;
    const char *expected;
    const char *origins; // of each byte: "begin-end "
} form_case;

static void check(const form_case *c)
{
    ask_error err = {0};
    ask_arena *arena = ask_arena_new(0);
    ask_piece p;
    CHECK_OK(ask_piece_of_text(&p, arena, c->text, strlen(c->text), &err), &err);
    CHECK_OK(ask_piece_normal_form(&p, arena, *c->form, &err), &err);
    CHECK_CASE(c->name, p.n_bytes == strlen(c->expected));
    CHECK_CASE(c->name, memcmp(p.text, c->expected, p.n_bytes) == 0);
    char origins[256] = "";
    for (uint32_t i = 0, n = 0; i < p.n_bytes && c->origins; i++)
        n += (uint32_t)snprintf(origins + n, sizeof origins - n, "%u-%u ",
                                p.origin[i].begin, p.origin[i].end);
    if (c->origins && strcmp(origins, c->origins) != 0)
        fail_msg("case \"%s\": origins %s, not %s", c->name, origins, c->origins);
    ask_arena_free(arena);
}

static void texts_are_put_into_each_form(void **state)
{
    (void)state;
    static const form_case cases[] = {
        {"ASCII", "ab", &nfc, "ab", "0-1 1-2 "},
        {"composed", "e\xCC\x81", &nfc, "\xC3\xA9", "0-1 0-1 "},
        {"decomposed", "\xC3\xA9", &nfd, "e\xCC\x81", "0-2 0-2 0-2 "},
        {"there and back", "\xC3\xA9x", &nfc, "\xC3\xA9x", "0-2 0-2 2-3 "},
        {"marks change places", "q\xCC\x87\xCC\xA3", &nfd, "q\xCC\xA3\xCC\x87",
         "0-1 1-3 1-3 3-5 3-5 "},
        {"over a mark between", "a\xCC\xA3\xCC\x82", &nfc, "\xE1\xBA\xAD", "0-1 0-1 0-1 "},
        {"behind a blocking mark", "a\xCC\x85\xCC\x81", &nfc, "a\xCC\x85\xCC\x81", NULL},
        {"Hangul", "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", &nfc, "\xED\x95\x9C",
         "0-3 0-3 0-3 "},
        {"Hangul apart", "\xED\x95\x9C", &nfd, "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB",
         NULL},
        {"an exclusion", "\xE0\xA5\x98", &nfc, "\xE0\xA4\x95\xE0\xA4\xBC", NULL},
        {"a singleton", "\xE2\x84\xA6", &nfc, "\xCE\xA9", "0-3 0-3 "},
        {"a ligature stays", "\xEF\xAC\x81", &nfc, "\xEF\xAC\x81", NULL},
        {"a ligature goes", "\xEF\xAC\x81", &nfkc, "fi", "0-3 0-3 "},
        {"a fraction", "\xC2\xBD", &nfkd,
         "1\xE2\x81\x84"
         "2",
         NULL},
        {"full width", "\xEF\xBC\xA1\xCC\x8A", &nfkc, "\xC3\x85", "0-3 0-3 "},
        {"a mark first",
         "\xCC\x81"
         "e",
         &nfc,
         "\xCC\x81"
         "e",
         NULL},
        {"nothing", "", &nfc, "", ""},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) check(&cases[i]);
}

static void a_long_run_of_marks_is_sorted(void **state)
{
    (void)state;
    ask_str text = {0}, expected = {0};
    ask_str_append(&text, "q");
    ask_str_append(&expected, "q");
    for (int i = 0; i < 50000; i++) ask_str_append(&text, "\xCC\x87\xCC\xA3");
    for (int i = 0; i < 50000; i++) ask_str_append(&expected, "\xCC\xA3");
    for (int i = 0; i < 50000; i++) ask_str_append(&expected, "\xCC\x87");
    check(&(form_case){"marks", text.data, &nfd, expected.data, NULL});
    ask_str_free(&text);
    ask_str_free(&expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_put_into_each_form),
        cmocka_unit_test(a_long_run_of_marks_is_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
