/* `askance data`: what it says, in words and in JSON, and its exit statuses. */
#include <stdio.h>
#include <string.h>

#include "base/hdf5.h"
#include "support/command.h"
#include "support/testing.h"

#define RUN(...)                                                                           \
    command_run((cli_command[]){cli_data_command, {0}}, "data",                            \
                (const char *[COMMAND_MAX_WORDS]){__VA_ARGS__})

static void the_sets_are_listed(void **state)
{
    (void)state;
    said s = RUN(NULL);
    assert_int_equal(s.status, 0);
    check_holds(s.out, "star                STAR                                      "
                       "STAR_*.json\n");
    check_holds(s.out, "socialiq2           Social-IQ 2.0                             "
                       "qa/qa_*.json\n");
    said_free(&s);
    s = RUN("--json");
    ask_json *doc = said_json(&s);
    const char *text;
    ask_error err;
    CHECK_OK(ask_json_get_string(&text, ask_json_root(doc), "schema", &err), &err);
    assert_string_equal(text, "askance.data.sets/1");
    CHECK_OK(ask_json_get_string(&text, ask_json_root(doc), "sets.2.name", &err), &err);
    assert_string_equal(text, "nextqa");
    ask_json_free(doc);
    said_free(&s);
}

static void a_set_is_told_in_words(void **state)
{
    (void)state;
    said s = RUN("nextqa", test_fixture("data/nextqa"), "--split", "val");
    assert_string_equal(s.err, "");
    assert_int_equal(s.status, 0);
    static const char *const parts[] = {
        "/data/nextqa/val_mc.csv\nsplit       val\nquestions   3, answers told 3\n",
        "kinds       choice 3\nvideos      2, found 1\n",
        "family      causal 1, descriptive 1, temporal 1\n",
        "type        CH 1, DC 1, TP 1\n",
        "noticed     missing_video 1\n",
        "val_mc.csv:4: no video \"3238737531\" in ",
        "\n4010069381_6, video 4010069381: how do the two man play the instrument\n"
        "  *0 roll the handle\n   1 tap their feet\n",
    };
    for (size_t i = 0; i < TEST_COUNT(parts); i++) check_holds(s.out, parts[i]);
    said_free(&s);
}

static void frames_and_vectors_are_told_in_json(void **state)
{
    (void)state;
    said s = RUN("star", test_fixture("data/star-situations"), "--json");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    ask_json_value first = ask_json_find(ask_json_root(doc), "first.situations.0");
    const char *text;
    double number;
    int64_t n;
    ask_error err;
    CHECK_OK(ask_json_get_double(&number, first, "t_s", &err), &err);
    assert_true(number == 8);
    CHECK_OK(ask_json_get_double(&number, first, "objects.1.box.0", &err), &err);
    assert_true(number == 234.38);
    assert_int_equal(ask_json_type_of(ask_json_find(first, "objects.0.box")),
                     ASK_JSON_ABSENT);
    CHECK_OK(ask_json_get_string(&text, first, "relations.1.1", &err), &err);
    assert_string_equal(text, "holding");
    CHECK_OK(ask_json_get_int(&n, ask_json_root(doc), "n_situations", 0, 99, &err), &err);
    assert_int_equal(n, 2);
    ask_json_free(doc);
    said_free(&s);

    ask_library library;
    if (!ask_hdf5_library(&library)) return;
    s = RUN("socialiq-binary", test_fixture("data/socialiq-vectors"), "--json");
    doc = said_json(&s);
    CHECK_OK(ask_json_get_int(&n, ask_json_root(doc), "first.vectors.width", 0, 99, &err),
             &err);
    assert_int_equal(n, 5);
    ask_json_free(doc);
    said_free(&s);
    s = RUN("socialiq-binary", test_fixture("data/socialiq-vectors"));
    check_holds(s.out, "with        clip 4, vectors for words 5\n");
    check_holds(s.out, "0 s to 60.5 s: no words\n   vectors of 2 options, 4 x 5, in /");
    said_free(&s);
}

static void every_kind_of_answer_is_told_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *set, *dir, *part;
    } cases[] = {
        {"star", "data/star", "YSKX3, 11.1 s to 18.9 s: Which object was closed"},
        {"tgifqa-count", "data/tgifqa", "step ?\n   = 10\n"},
        {"tgifqa-frame", "data/tgifqa", "shirt ?\n   = red\n"},
        {"qvhighlights", "data/qvhighlights", "   = 0 s to 4 s\n   = 148 s to 150 s\n"},
        {"qvhighlights", "data/qvhighlights", "with        windows 2, saliency 2\n"},
        {"star-lines", "data/star-lines",
         "with        events 1\nvideos      2, not looked "
         "for: no folder \"videos\", \"video\", \"gifs\" or \"vision/raw\"; use "
         "--videos\n"},
        {"star", "data/star", "noticed     nothing\n"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        said s = RUN(cases[i].set, test_fixture(cases[i].dir));
        assert_int_equal(s.status, 0);
        check_holds(s.out, cases[i].part);
        said_free(&s);
    }
}

static void long_lists_are_cut_in_words(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    char text[2000] = "id,video,question,answer,tag_t\n", row[64];
    for (int i = 0; i < 14; i++) {
        snprintf(row, sizeof row, "same,v,Q?,x,t%d\n", i);
        strcat(text, row);
    }
    test_write_text(test_path(dir, "val.csv"), text);
    said s = RUN("table", dir);
    check_holds(s.out, "t           t0 1, t1 1, t2 1,");
    check_holds(s.out, "t11 1, and 2 more\n");
    check_holds(s.out, "noticed     duplicate_id 13\n");
    check_holds(s.out, "  and 3 more; --json lists all\n");
    said_free(&s);
    test_temp_dir_remove(dir);
}

static void check_number(const ask_json *doc, const char *path, double expected)
{
    double value;
    ask_error err = {0};
    CHECK_OK(ask_json_get_double(&value, ask_json_root(doc), path, &err), &err);
    if (value != expected) fail_msg("%s: %g, not %g", path, value, expected);
}

static void check_text(const ask_json *doc, const char *path, const char *expected)
{
    const char *value;
    ask_error err = {0};
    CHECK_OK(ask_json_get_string(&value, ask_json_root(doc), path, &err), &err);
    if (strcmp(value, expected) != 0) fail_msg("%s: %s, not %s", path, value, expected);
}

static void a_set_is_told_as_json(void **state)
{
    (void)state;
    said s = RUN("socialiq2", test_fixture("data/socialiq2"), "--json");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    check_text(doc, "schema", "askance.data/1");
    check_text(doc, "set", "socialiq2");
    check_text(doc, "split", "val");
    check_number(doc, "n_questions", 3);
    check_number(doc, "n_answered", 3);
    check_number(doc, "kinds.choice", 3);
    check_number(doc, "kinds.count", 0);
    check_number(doc, "n_clips", 3);
    check_number(doc, "n_videos", 2);
    check_number(doc, "n_videos_found", 1);
    check_text(doc, "noticed.0.kind", "duplicate_id");
    check_text(doc, "noticed.1.kind", "missing_video");
    check_number(doc, "first.row", 1);
    check_text(doc, "first.id", "-a1_q1_0");
    check_number(doc, "first.clip.1", 60.019);
    check_text(doc, "first.options.3", "He's overwhelmed.");
    check_text(doc, "first.option_tags.1", "corr");
    check_number(doc, "first.answer_index", 1);
    check_text(doc, "first.answer", "He is confused.");
    assert_int_equal(ask_json_count(ask_json_find(ask_json_root(doc), "notes")), 0);
    ask_json_free(doc);
    said_free(&s);
}

static void times_and_events_are_told_as_json(void **state)
{
    (void)state;
    said s = RUN("star-lines", test_fixture("data/star-lines"), "--json");
    ask_json *doc = said_json(&s);
    check_text(doc, "classes.1", "v003 o009");
    check_number(doc, "tags.type.Sequence", 1);
    check_text(doc, "first.features", "Interaction_T1_13");
    check_number(doc, "first.events_s", 7.8);
    check_number(doc, "first.events.0.class", 1);
    check_number(doc, "first.events.1.at.0", 3.5);
    check_text(doc, "first.tags.1.1", "T1");
    check_text(doc, "notes.n_videos_found", "videos were not looked for; use --videos");
    ask_json_free(doc);
    said_free(&s);
    s = RUN("qvhighlights", test_fixture("data/qvhighlights"), "--json");
    doc = said_json(&s);
    check_number(doc, "first.video_s", 150);
    check_number(doc, "first.windows.1.0", 148);
    check_number(doc, "first.clip_s", 2);
    check_number(doc, "first.saliency.2.clip", 74);
    check_number(doc, "first.saliency.2.scores.1", 3);
    ask_json_free(doc);
    said_free(&s);
}

static void what_goes_wrong_has_its_status(void **state)
{
    (void)state;
    static const struct {
        const char *words[5];
        int status;
        const char *says;
    } cases[] = {
        {{"nextqa"}, 2, "askance: data: where is the set? expected SET PATH\n"},
        {{"nosuch", "."}, 2, "askance: data: no set of questions is called \"nosuch\""},
        {{"star", ".", "--split=dev"}, 2, "star has no split \"dev\""},
        {{"star", "."}, 3, "askance: data: .: no file STAR_*.json in it, as STAR has\n"},
        {{"star", "/nowhere.json"}, 3, "/nowhere.json: cannot open"},
        {{"star", ".", "--videos=/nowhere"}, 3, "no file STAR_*.json"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *const *w = cases[i].words;
        said s = RUN(w[0], w[1], w[2], w[3]);
        check_holds(s.err, cases[i].says);
        assert_string_equal(s.out, "");
        assert_int_equal(s.status, cases[i].status);
        said_free(&s);
    }
    said s = RUN("socialiq2", test_fixture("data/socialiq2"), "--strict");
    assert_int_equal(s.status, 3);
    check_holds(s.err, "was there before (duplicate_id; 2 in all)\n");
    said_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sets_are_listed),
        cmocka_unit_test(a_set_is_told_in_words),
        cmocka_unit_test(frames_and_vectors_are_told_in_json),
        cmocka_unit_test(every_kind_of_answer_is_told_in_words),
        cmocka_unit_test(long_lists_are_cut_in_words),
        cmocka_unit_test(a_set_is_told_as_json),
        cmocka_unit_test(times_and_events_are_told_as_json),
        cmocka_unit_test(what_goes_wrong_has_its_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
