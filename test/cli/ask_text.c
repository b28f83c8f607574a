/* What `ask` prints of a record that is an answer in words. */
#include "cli/ask_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/records.h"
#include "support/testing.h"

static ask_record *make(ask_record *(*how)(ask_error *err))
{
    ask_error err = {0};
    ask_record *r = how(&err);
    if (!r) fail_msg("%s", err.message);
    return r;
}

static char *text_of(const ask_record *r)
{
    ask_error err = {0};
    ask_str text = {0};
    cli_ask_text(&text, r);
    char *out = ask_str_take(&text, &err);
    assert_non_null(out);
    return out;
}

static void words_are_told_with_what_was_looked_at(void **state)
{
    (void)state;
    ask_record *r = make(record_words);
    char *text = text_of(r);
    assert_string_equal(text, "The ball is red. (p=0.75 a token)\n"
                              "no verdict: there are no thresholds for words\n"
                              "attention\n"
                              "        0.25 s    1.6 %  ##\n"
                              "        0.75 s    1.6 %  ##\n"
                              "        1.25 s    1.6 %  ##\n"
                              "        1.75 s    1.6 %  ##\n"
                              "        2.25 s   14.1 %  ####################\n"
                              "        2.75 s    1.6 %  ##\n"
                              "        3.25 s    1.6 %  ##\n"
                              "        3.75 s    1.6 %  ##\n"
                              "        4.25 s    1.6 %  ##\n"
                              "        4.75 s    1.6 %  ##\n"
                              "        5.25 s    2.6 %  ####\n"
                              "        5.75 s    1.6 %  ##\n"
                              "          text   67.7 %\n"
                              "subtitles of clip.srt\n"
                              "  1.00-2.50 s  Look at the ball!\n"
                              "  1.00-8.00 s  It is <red> & round.\n"
                              "  no room for 3 more\n"
                              "checks\n"
                              "  full              p=0.78  the same words\n"
                              "  blind             p=0.14  other words\n"
                              "  shuffled          not done: not done for words\n"
                              "  evidence_only     p=0.61  the same words\n"
                              "  evidence_removed  not done: not done for words\n"
                              "  random_removed    not done: not done for words\n");
    free(text);
    ask_record_free(r);
}

static void what_was_not_read_is_told_with_its_reason(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_record *r = make(record_bare_words);
    CHECK_OK(ask_record_note(r, "subtitles", "there are none beside the video", &err),
             &err);
    char *text = text_of(r);
    assert_string_equal(text, "The ball is red. (p=0.75 a token)\n"
                              "no verdict: there are no thresholds for words\n"
                              "attention not read: the model keeps none of it\n"
                              "no subtitles: there are none beside the video\n"
                              "no checks: not asked for\n");
    free(text);
    ask_record_free(r);
}

static void words_that_are_cut_off_say_so(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"end", "The ball is red. (p=0.75 a token)\n"},
        {"stop", "The ball is red. (p=0.75 a token)\n"},
        {"length", "The ball is red. (p=0.75 a token; cut off: as long as was allowed)\n"},
        {"context",
         "The ball is red. (p=0.75 a token; cut off: no more room for tokens)\n"},
        {"caller", "The ball is red. (p=0.75 a token; cut off)\n"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_record *r = make(record_words);
        ask_record_answer words = *r->answer;
        words.ended_by = cases[i][0];
        CHECK_OK(ask_record_set_answer(r, &words, &err), &err);
        char *text = text_of(r);
        CHECK_CASE(cases[i][0], strncmp(text, cases[i][1], strlen(cases[i][1])) == 0);
        free(text);
        ask_record_free(r);
    }
}

static void many_subtitles_are_told_in_part(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_record *r = make(record_words);
    ask_record_cue cues[30];
    for (int i = 0; i < 30; i++)
        cues[i] = (ask_record_cue){.start_s = i, .end_s = i + 1, .text = "la"};
    const ask_record_subtitles said = {.source = "clip.srt", .cues = cues, .n_cues = 30};
    CHECK_OK(ask_record_set_subtitles(r, &said, &err), &err);
    char *text = text_of(r);
    CHECK_CASE(text,
               strstr(text, "  19.00-20.00 s  la\n  and 10 more: see --json\nchecks"));
    free(text);
    ask_record_free(r);
}

/* As an answer by choice of which presence was not measured. */
static void a_choice_without_presence_is_told_as_it_is(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_record *r = make(record_answer);
    r->presence = NULL;
    CHECK_OK(ask_record_note(r, "presence", "not measured", &err), &err);
    char *text = text_of(r);
    assert_string_equal(text, "red (p=0.75) at 1.50-2.50 s\n"
                              "verdict grounded: of a kind\n"
                              "  0.75  red\n"
                              "  0.25  blue\n");
    free(text);
    ask_record_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_told_with_what_was_looked_at),
        cmocka_unit_test(what_was_not_read_is_told_with_its_reason),
        cmocka_unit_test(words_that_are_cut_off_say_so),
        cmocka_unit_test(many_subtitles_are_told_in_part),
        cmocka_unit_test(a_choice_without_presence_is_told_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
