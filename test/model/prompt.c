/* Texts with placeholders as places, tokens that go on with them, and their letters. */
#include "model/prompt.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "support/language_model.h"
#include "support/scripted_model.h"
#include "support/testing.h"
#include "text/tokenizer.h"

enum { MOST = 128, VIDEO_ID = LANGUAGE_MODEL_VOCABULARY - 1 };
/* Of Video-ChatGPT. */
enum { PATCH_ID = LANGUAGE_MODEL_VOCABULARY - 2, BEGIN_ID, END_ID };

static char *dir; // with all models

static int make_models(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        language_model_kind kind;
    } models[] = {{"next", LANGUAGE_MODEL_NEXT_VIDEO},
                  {"llava", LANGUAGE_MODEL_LLAVA},
                  {"chatgpt", LANGUAGE_MODEL_VIDEO_CHATGPT},
                  {"st_llm", LANGUAGE_MODEL_ST_LLM}};
    dir = test_temp_dir_make();
    for (size_t i = 0; i < TEST_COUNT(models); i++)
        language_model_write(test_path(dir, models[i].name),
                             &(language_model_options){.kind = models[i].kind});
    scripted_model_write(test_path(dir, "script"), "The quick brown");
    return 0;
}

static int remove_models(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- a model, and what it is shown ---- */

typedef struct {
    ask_model *model;
    ask_session *session;
    ask_tokenizer *tokenizer; // NULL: it has none
} seer;

static seer seer_open(const char *folder)
{
    ask_error err = {0};
    seer s = {.model = ask_model_open(folder, NULL, &err)};
    CHECK_OK(s.model, &err);
    CHECK_OK(s.session = ask_session_open(s.model, &err), &err);
    if (ask_model_info_of(s.model).has_tokenizer)
        CHECK_OK(s.tokenizer = ask_tokenizer_open(folder, &err), &err);
    return s;
}

static seer seer_of(const char *name)
{
    return seer_open(test_path(dir, name));
}

static void seer_close(seer *s)
{
    ask_tokenizer_close(s->tokenizer);
    ask_session_close(s->session);
    ask_model_close(s->model);
}

/* Rows 11, 12, 13 of the first placeholder, 21, 22 of the second. */
static const float zeros[64] = {0};
static const ask_place first_rows[] = {{.identity = 11, .row = zeros},
                                       {.identity = 12, .row = zeros},
                                       {.identity = 13, .row = zeros}};
static const ask_place second_rows[] = {{.identity = 21, .row = zeros}, {.identity = 22}};
static const ask_prompt_group groups[] = {{first_rows, 3}, {second_rows, 2}};

static ask_prompt prompt_of(const seer *s, const char *text, bool has_begin, int n_groups)
{
    ask_error err = {0};
    ask_prompt p;
    CHECK_OK(ask_prompt_make(&p, s->session, text, has_begin, groups, n_groups, &err),
             &err);
    return p;
}

/* What is expected of a prompt, as far as it is put together. */
typedef struct {
    ask_place places[MOST];
    int n;
} expectation;

static void expect_text(expectation *e, const seer *s, const char *text, bool special)
{
    ask_error err = {0};
    ask_tokens tokens = {0};
    CHECK_OK(ask_tokenizer_encode(s->tokenizer, text, NULL, special, &tokens, &err), &err);
    assert_in_range(e->n + tokens.n, 0, MOST);
    for (int i = 0; i < tokens.n; i++)
        e->places[e->n++] = (ask_place){.id = tokens.tokens[i].id};
    ask_tokens_free(&tokens);
}

static void expect_id(expectation *e, int64_t id)
{
    e->places[e->n++] = (ask_place){.id = id};
}

static void expect_rows(expectation *e, const ask_prompt_group *g, int64_t mark)
{
    for (int i = 0; i < g->n; i++) {
        e->places[e->n] = g->rows[i];
        e->places[e->n++].id = mark;
    }
}

static void check_prompt(const char *name, const ask_prompt *p, const expectation *e)
{
    int n_rows = 0;
    CHECK_CASE(name, p->n == e->n);
    for (int i = 0; i < e->n; i++) {
        const ask_place *a = &p->places[i], *b = &e->places[i];
        if (a->id != b->id || a->identity != b->identity || a->row != b->row)
            fail_msg("%s, place %d: id %d, identity %d; expected %d, %d", name, i,
                     (int)a->id, (int)a->identity, (int)b->id, (int)b->identity);
        n_rows += b->identity != 0;
    }
    CHECK_CASE(name, p->n_rows == n_rows);
}

/* ---- placeholders ---- */

static void rows_stand_where_the_tokenizer_knows_the_placeholder(void **state)
{
    (void)state;
    static const char text[] = "USER: <video>\nThe answer? ASSISTANT:";
    seer s = seer_of("next");
    ask_prompt p = prompt_of(&s, text, false, 1);
    expectation whole = {0}, e = {0};
    expect_text(&whole, &s, text, true);
    for (int i = 0; i < whole.n; i++)
        if (whole.places[i].id == VIDEO_ID)
            expect_rows(&e, &groups[0], VIDEO_ID);
        else
            expect_id(&e, whole.places[i].id);
    assert_int_equal(e.n, whole.n + 2);
    check_prompt("in the middle", &p, &e);
    ask_prompt_free(&p);
    assert_true(!p.places && p.n == 0 && p.n_rows == 0);
    seer_close(&s);
}

static void each_placeholder_has_its_group(void **state)
{
    (void)state;
    seer s = seer_of("llava");
    ask_prompt p = prompt_of(&s, "<image><image>", false, 2);
    expectation e = {0};
    expect_text(&e, &s, "", true);
    expect_rows(&e, &groups[0], VIDEO_ID - 1);
    expect_rows(&e, &groups[1], VIDEO_ID - 1);
    check_prompt("two", &p, &e);
    ask_prompt_free(&p);
    seer_close(&s);
}

/* Where it is found in the text, the mark of a row is a token like others. */
static void marks_that_are_no_placeholders_are_tokens(void **state)
{
    (void)state;
    seer s = seer_of("chatgpt");
    ask_prompt p = prompt_of(&s, "<vid_patch>", false, 0);
    expectation e = {0};
    expect_text(&e, &s, "<vid_patch>", true);
    check_prompt("a mark", &p, &e);
    assert_int_equal(p.places[p.n - 1].id, PATCH_ID);
    ask_prompt_free(&p);
    seer_close(&s);
}

/* The marks of a video stand around its rows; pieces of text begin anew behind them. */
static void rows_stand_where_the_tokenizer_does_not_know_it(void **state)
{
    (void)state;
    seer s = seer_of("chatgpt");
    ask_prompt p = prompt_of(&s, "The fox?\n<video> ASSISTANT:", false, 1);
    expectation e = {0};
    expect_text(&e, &s, "The fox?\n", true);
    expect_id(&e, BEGIN_ID);
    expect_rows(&e, &groups[0], PATCH_ID);
    expect_id(&e, END_ID);
    expect_text(&e, &s, " ASSISTANT:", false);
    check_prompt("in the middle", &p, &e);
    ask_prompt_free(&p);

    p = prompt_of(&s, "<video>", false, 1);
    e.n = 0;
    expect_text(&e, &s, "", true);
    expect_id(&e, BEGIN_ID);
    expect_rows(&e, &groups[0], PATCH_ID);
    expect_id(&e, END_ID);
    check_prompt("alone", &p, &e);
    ask_prompt_free(&p);
    seer_close(&s);
}

/* ST-LLM's texts begin with "</s>", behind the rows where these lead, and where nothing is
 * seen; a piece behind others begins with nothing. */
static void a_network_may_begin_its_texts_with_another_token(void **state)
{
    (void)state;
    enum { END_OF_TEXT = 2, NO_MARK = 0 };
    seer s = seer_of("st_llm");
    ask_prompt p = prompt_of(&s, "<video>The fox?", false, 1);
    expectation e = {0};
    expect_rows(&e, &groups[0], NO_MARK);
    expect_id(&e, END_OF_TEXT);
    expect_text(&e, &s, "The fox?", false);
    check_prompt("behind rows", &p, &e);
    ask_prompt_free(&p);

    p = prompt_of(&s, "The fox?", false, 0);
    e.n = 0;
    expect_id(&e, END_OF_TEXT);
    expect_text(&e, &s, "The fox?", false);
    check_prompt("alone", &p, &e);
    ask_prompt_free(&p);

    p = prompt_of(&s, "The <video> fox?", false, 1);
    e.n = 0;
    expect_id(&e, END_OF_TEXT);
    expect_text(&e, &s, "The ", false);
    expect_rows(&e, &groups[0], NO_MARK);
    expect_text(&e, &s, " fox?", false);
    check_prompt("before rows", &p, &e);
    ask_prompt_free(&p);
    seer_close(&s);
}

static void a_text_that_begins_is_not_begun_again(void **state)
{
    (void)state;
    static const char *const names[] = {"next", "chatgpt", "script"};
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        seer s = seer_of(names[i]);
        ask_prompt plain = prompt_of(&s, "the fox", false, 0);
        ask_prompt begun = prompt_of(&s, "<s>the fox", true, 0);
        CHECK_CASE(names[i], plain.places[0].id == SCRIPT_BEGIN);
        CHECK_CASE(names[i], begun.places[0].id == SCRIPT_BEGIN);
        CHECK_CASE(names[i], begun.places[1].id != SCRIPT_BEGIN);
        ask_prompt_free(&plain);
        ask_prompt_free(&begun);
        seer_close(&s);
    }
}

static void what_makes_no_prompt_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *name, *model, *text;
        int n_groups;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"one too many", "next", "<video> <video>", 1, ASK_ERR_USAGE,
         "the prompt has 2 places for what is seen (<video>), for 1: leave \"<video>\" out "
         "of the words"},
        {"one too many, found in the text", "chatgpt", "<video><video>", 1, ASK_ERR_USAGE,
         "the prompt has 2 places for what is seen (<video>), for 1: leave \"<video>\" out "
         "of the words"},
        {"one too few", "llava", "<image>", 2, ASK_ERR_USAGE,
         "the prompt has 1 places for what is seen (<image>), for 2: leave \"<image>\" out "
         "of the words"},
        {"none is wanted", "next", "a <video>", 0, ASK_ERR_USAGE,
         "the prompt has 1 places for what is seen (<video>), for 0: leave \"<video>\" out "
         "of the words"},
        {"a model that sees nothing", "script", "the fox", 1, ASK_ERR_MODEL, NULL},
        {"not UTF-8", "next", "\xff", 0, ASK_ERR_FORMAT, NULL},
        {"not UTF-8, in a piece", "chatgpt", "<video>\xff", 1, ASK_ERR_FORMAT, NULL},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_prompt p = {.n = 7};
        seer s = seer_of(cases[i].model);
        CHECK_CASE(cases[i].name, !ask_prompt_make(&p, s.session, cases[i].text, false,
                                                   groups, cases[i].n_groups, &err));
        if (err.code != cases[i].code ||
            (cases[i].message && strcmp(err.message, cases[i].message) != 0))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        CHECK_CASE(cases[i].name, p.n == 7); // untouched
        seer_close(&s);
    }
}

static void prompts_need_a_tokenizer(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_prompt p;
    char *text;
    seer s = seer_open(test_fixture("golden/llava_next_video"));
    assert_false(ask_prompt_make(&p, s.session, "a", false, NULL, 0, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_false(ask_prompt_letters(&text, s.session, (int64_t[]){5}, 1, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_null(text);
    seer_close(&s);
}

/* ---- going on ---- */

static void tokens_go_on_as_those_of_the_whole_text(void **state)
{
    (void)state;
    static const struct {
        const char *model, *prompt, *text;
        bool joins; // the last token of the prompt becomes another
    } cases[] = {
        {"next", "USER: <video>\nWhat? ASSISTANT:", " The quick brown", false},
        {"next", "USER: <video>\nWhat? ASSISTANT: th", "e fox", true},
        {"next", "USER: <video>\nWhat? ASSISTANT:", "", false},
        {"chatgpt", "What?\n<video> ASSISTANT:", " an answer", false},
        {"chatgpt", "What?\n<video> ASSISTANT: a", "nd", true},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = cases[i].text;
        ask_error err = {0};
        seer s = seer_of(cases[i].model);
        ask_str both = {0};
        ask_str_printf(&both, "%s%s", cases[i].prompt, cases[i].text);
        ask_prompt p = prompt_of(&s, cases[i].prompt, false, 1);
        ask_prompt whole = prompt_of(&s, ask_str_text(&both), false, 1);
        int64_t *ids;
        int n, n_common;
        CHECK_OK(ask_prompt_continue(&ids, &n, &n_common, s.session, &p, cases[i].prompt,
                                     false, groups, 1, cases[i].text, &err),
                 &err);
        CHECK_CASE(name, (n_common < p.n) == cases[i].joins);
        CHECK_CASE(name, n_common + n == whole.n);
        for (int k = 0; k < n_common; k++)
            CHECK_CASE(name, p.places[k].id == whole.places[k].id);
        for (int k = 0; k < n; k++)
            CHECK_CASE(name, ids[k] == whole.places[n_common + k].id);
        free(ids);
        ask_prompt_free(&p);
        ask_prompt_free(&whole);
        ask_str_free(&both);
        seer_close(&s);
    }
}

static void a_placeholder_cannot_go_on(void **state)
{
    (void)state;
    ask_error err = {0};
    int64_t *ids;
    int n, n_common;
    seer s = seer_of("next");
    ask_prompt p = prompt_of(&s, "a <video>", false, 1);
    assert_false(ask_prompt_continue(&ids, &n, &n_common, s.session, &p, "a <video>", false,
                                     groups, 1, " <video>", &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    ask_prompt_free(&p);
    seer_close(&s);
}

/* ---- letters ---- */

static void letters_together_are_the_text(void **state)
{
    (void)state;
    static const char *const texts[] = {"The quick brown fox", "a\U0001f600b",
                                        "caf\u00e9 \u4f60", "", " in  blanks "};
    seer s = seer_of("next");
    for (size_t i = 0; i < TEST_COUNT(texts); i++) {
        expectation e = {0};
        expect_text(&e, &s, texts[i], true);
        for (int n = 0; n <= e.n; n++) { // cut off anywhere, in the middle of letters too
            ask_error err = {0};
            int64_t ids[MOST];
            char *letters[MOST], *whole;
            ask_str all = {0};
            for (int k = 0; k < n; k++) ids[k] = e.places[k].id;
            CHECK_OK(ask_prompt_letters(letters, s.session, ids, n, &err), &err);
            CHECK_OK(whole = ask_tokenizer_decode(s.tokenizer, ids, n, true, &err), &err);
            for (int k = 0; k < n; k++) {
                ask_str_append(&all, letters[k]);
                free(letters[k]);
            }
            CHECK_CASE(texts[i], strcmp(ask_str_text(&all), whole) == 0);
            ask_str_free(&all);
            free(whole);
        }
    }
    seer_close(&s);
}

static void parts_of_a_letter_add_nothing(void **state)
{
    (void)state;
    ask_error err = {0};
    char *letters[MOST];
    int64_t ids[MOST];
    seer s = seer_of("next");
    int n = scripted_model_ids(ids, MOST, "\U0001f600"), n_empty = 0;
    assert_true(n >= 4); // of bytes
    CHECK_OK(ask_prompt_letters(letters, s.session, ids, n, &err), &err);
    for (int i = 0; i < n; i++) n_empty += letters[i][0] == '\0';
    assert_true(n_empty >= 3);
    assert_non_null(strstr(letters[n - 1], "\U0001f600"));
    for (int i = 0; i < n; i++) free(letters[i]);
    seer_close(&s);
}

/* ---- memory ---- */

static bool work_through(void *user, ask_error *err)
{
    const seer *s = user;
    static const char text[] = "What?\n<video> ASSISTANT: a";
    ask_prompt p = {0};
    int64_t *ids = NULL;
    char *letters[2];
    int n, n_common;
    bool ok = ask_prompt_make(&p, s->session, text, false, groups, 1, err) &&
              ask_prompt_continue(&ids, &n, &n_common, s->session, &p, text, false, groups,
                                  1, "nd the fox", err) &&
              ask_prompt_letters(letters, s->session, ids, 2, err);
    for (int i = 0; i < 2 && ok; i++) free(letters[i]);
    free(ids);
    ask_prompt_free(&p);
    return ok;
}

static void every_failing_allocation_is_told(void **state)
{
    (void)state;
    seer s = seer_of("chatgpt");
    assert_true(test_some_allocs_fail("prompts", work_through, &s) > 20);
    seer_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_stand_where_the_tokenizer_knows_the_placeholder),
        cmocka_unit_test(each_placeholder_has_its_group),
        cmocka_unit_test(rows_stand_where_the_tokenizer_does_not_know_it),
        cmocka_unit_test(marks_that_are_no_placeholders_are_tokens),
        cmocka_unit_test(a_network_may_begin_its_texts_with_another_token),
        cmocka_unit_test(a_text_that_begins_is_not_begun_again),
        cmocka_unit_test(what_makes_no_prompt_is_told),
        cmocka_unit_test(prompts_need_a_tokenizer),
        cmocka_unit_test(tokens_go_on_as_those_of_the_whole_text),
        cmocka_unit_test(a_placeholder_cannot_go_on),
        cmocka_unit_test(letters_together_are_the_text),
        cmocka_unit_test(parts_of_a_letter_add_nothing),
        cmocka_unit_test(every_failing_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, make_models, remove_models);
}
