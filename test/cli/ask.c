/* `askance ask`, from the command line to its outputs: what it says, in words, in JSON and
 * as a report; its plan; its exit statuses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/record.h"
#include "support/clips.h"
#include "support/color_model.h"
#include "support/command.h"
#include "support/playroom_memory.h"
#include "support/testing.h"

static char *dir;
static char *video;  // 2 s of blue, 1.5 s of red, 2.5 s of blue
static char *model;  // with thresholds for a verdict
static char *plain;  // without
static char *memory; // remembers, and has answers of its own

static const char CALIBRATION[] =
    "{\"find\": {\"background\": [\"a photo\"], \"sentences\": [\"a cat\", \"dog\", "
    "\"owl lion\", \"horse\", \"a fish\", \"snail bear\", \"wolf\", \"a crab\"]}, "
    "\"ask\": {\"tau_prior\": 0.5, \"tau_suff\": 0.5, \"tau_nec\": 0.1}}";

/* What a network that nobody trained does not say here, so that it denies nothing. */
static void set_usual_denials(void)
{
    test_write_text(test_path(memory, "denials.json"), "[\"left\"]");
}

static int make_all(void **state)
{
    (void)state;
    static const color_span story[] = {{2, 0x0000ff}, {1.5, 0xff0000}, {2.5, 0x0000ff}};
    dir = test_temp_dir_make();
    video = strdup(test_path(dir, "story.mp4"));
    model = strdup(test_path(dir, "model"));
    plain = strdup(test_path(dir, "plain"));
    color_video_write(video, 64, 48, 12, story, TEST_COUNT(story));
    color_model_write(model, &(color_model_options){.calibration = CALIBRATION});
    color_model_write(plain, NULL);
    memory = strdup(test_path(dir, "memory"));
    playroom_memory_write(memory);
    set_usual_denials();
    unsetenv("ASKANCE_MODEL");
    return setenv("XDG_CACHE_HOME", test_path(dir, "cache"), 1);
}

static int remove_all(void **state)
{
    (void)state;
    free(video);
    free(model);
    free(plain);
    free(memory);
    test_temp_dir_remove(dir);
    return 0;
}

#define RUN(...)                                                                           \
    command_run((cli_command[]){cli_ask_command, {0}}, "ask",                              \
                (const char *[COMMAND_MAX_WORDS]){__VA_ARGS__})

#define COLORS "--choice=green", "--choice", "red", "-c", "yellow"

/* What was printed, as a record that keeps every rule. */
static ask_record *parse(const said *s)
{
    ask_error err = {0};
    ask_record *r = ask_record_parse(s->out, strlen(s->out), "stdout", &err);
    if (!r) fail_msg("%s\n%s%s", err.message, s->out, s->err);
    return r;
}

/* ---- in words ---- */

static void an_answer_is_told_with_its_moment_and_verdict(void **state)
{
    (void)state;
    said s = RUN(video, "a photo", COLORS, "--model", model);
    assert_int_equal(s.status, 0);
    assert_string_equal(s.err, "");
    assert_string_equal(s.out, "red (p=1.00) at 2.00-3.50 s\n"
                               "verdict grounded\n"
                               "  1.00  red\n"
                               "  0.00  yellow\n"
                               "  0.00  green\n");
    said_free(&s);
}

static void without_thresholds_there_is_no_verdict(void **state)
{
    (void)state;
    said s = RUN(video, "a photo", COLORS, "--model", plain);
    assert_int_equal(s.status, 0);
    check_holds(s.out, "no verdict: the model's calibration.json has no thresholds");
    said_free(&s);
    s = RUN(video, "a photo", COLORS, "--model", model, "--no-checks");
    check_holds(s.out, "no verdict: checks were not asked for\n");
    said_free(&s);
}

static void what_no_choice_shows_is_not_in_the_video(void **state)
{
    (void)state;
    said s = RUN(video, "photo", "-cowl", "-ccrab", "--model", model);
    assert_int_equal(s.status, 1);
    check_holds(s.out, "not in this video (score ");
    check_holds(s.out, "\nverdict not_in_video\n");
    said_free(&s);
}

/* ---- in JSON ---- */

static void the_record_is_whole(void **state)
{
    (void)state;
    said s = RUN(video, "a photo", COLORS, "--model", model, "--json", "--seed=7",
                 "--frames=12");
    assert_int_equal(s.status, 0);
    ask_record *r = parse(&s);
    assert_int_equal(r->kind, ASK_RECORD_ANSWER);
    check_holds(s.out, "\"schema\": \"askance.answer/1\"");
    assert_string_equal(r->query->text, "a photo");
    assert_string_equal(r->answer->text, "red");
    assert_int_equal(r->verdict->value, ASK_WORTH_GROUNDED);
    assert_true(r->checks->full && !r->checks->shuffled && r->checks->random_removed);
    assert_int_equal(r->checks->random_removed->n, 4);
    assert_int_equal(r->n_frames, 12);
    assert_int_equal(r->n_saliency, 3);
    assert_int_equal(r->reproduce->seed.value, 7);
    assert_non_null(ask_record_note_of(r, "regions"));
    ask_record_free(r);
    said_free(&s);
}

static void a_plan_is_made_without_looking(void **state)
{
    (void)state;
    said s = RUN(video, "a photo", COLORS, "--model", model, "--plan", "--json", "-n5");
    assert_int_equal(s.status, 0);
    ask_record *r = parse(&s);
    assert_int_equal(r->kind, ASK_RECORD_PLAN);
    assert_int_equal(r->plan->work.images, 5);
    ask_record_free(r);
    said_free(&s);
}

/* ---- the report ---- */

static void a_report_shows_answer_checks_and_heat(void **state)
{
    (void)state;
    said s = RUN(video, "a photo", COLORS, "--model", model, "--report=-");
    assert_int_equal(s.status, 0);
    static const char *const parts[] = {"<!DOCTYPE html>",  "Grounded",
                                        "evidence removed", "yellow",
                                        "class=\"bar\"",    "Checks"};
    for (size_t i = 0; i < TEST_COUNT(parts); i++) check_holds(s.out, parts[i]);
    said_free(&s);
}

/* ---- a model that remembers ---- */

#define WHAT "what does the red ball do?"

static void set_memory_calibration(const char *ask)
{
    char text[512];
    snprintf(text, sizeof text, "{\"ask\": {%s}}", ask);
    test_write_text(test_path(memory, "calibration.json"), text);
}

#define LIMITS "\"tau_prior\": 0.5, \"tau_suff\": 0.5, \"tau_nec\": 0.1"

static bool is_own(const char *text)
{
    for (int i = 0; i < PLAYROOM_MEMORY_ANSWERS; i++)
        if (strcmp(playroom_memory_answers[i], text) == 0) return true;
    return false;
}

static void a_memory_answers_without_choices(void **state)
{
    (void)state;
    set_memory_calibration(LIMITS ", \"threshold\": -1000");
    said s = RUN(video, WHAT, "--model", memory, "--json", "--seed=3");
    ask_record *r = parse(&s);
    assert_int_equal(s.status,
                     r->answer->denies.value); // a network that nobody trained may
    assert_int_equal(r->kind, ASK_RECORD_ANSWER);
    assert_true(is_own(r->answer->text) && r->answer->n_options >= 5);
    assert_true(r->answer->choice.value == 0 && r->answer->denies.known);
    assert_true(r->verdict && r->checks->shuffled && r->checks->blind);
    assert_int_equal(r->n_frames, PLAYROOM_MEMORY_FRAMES);
    assert_int_equal(r->plan->resolved.n_frames, PLAYROOM_MEMORY_FRAMES);
    assert_true(r->n_moments > 0);
    for (size_t i = 0; i < r->n_moments; i++) {
        assert_memory_equal(r->moments[i].text, "the ", 4);
        assert_true(r->moments[i].confidence.known && r->moments[i].slot.known);
        assert_true(r->moments[i].end_s <= 6);
    }
    assert_true(r->n_saliency > 0 && r->saliency[0].rows == 32);
    assert_int_equal(r->reproduce->seed.value, 3);
    assert_string_equal(r->reproduce->model.network, "timeline");
    ask_record_free(r);
    said_free(&s);
}

static void a_memory_tells_its_timeline(void **state)
{
    (void)state;
    said s = RUN(video, WHAT, "--model", memory, "--json"), t;
    ask_record *r = parse(&s);
    t = RUN(video, WHAT, "--model", memory);
    assert_int_equal(t.status, 0);
    char line[256];
    snprintf(line, sizeof line, "%s (p=%.2f)", r->answer->text, r->answer->confidence);
    assert_memory_equal(t.out, line, strlen(line));
    check_holds(t.out, "\nverdict ");
    for (size_t i = 0; i < r->n_moments; i++) {
        snprintf(line, sizeof line, "  %s (%.2f)\n", r->moments[i].text,
                 r->moments[i].confidence.value);
        check_holds(t.out, line);
    }
    double before_s = 0; // in the order of time
    for (const char *at = t.out; (at = strchr(at, '\n')) && *++at;) {
        const char *end = strchr(at, '\n'), *text = strstr(at, "  the ");
        if (*at == ' ' || !text || text > end) continue; // an option, the verdict
        double start_s = strtod(at, NULL);
        assert_true(start_s >= before_s);
        before_s = start_s;
    }
    ask_record_free(r);
    said_free(&t);
    said_free(&s);
    s = RUN(video, WHAT, COLORS, "--model", memory);
    assert_int_equal(s.status, 0);
    check_holds(s.out, "  yellow\n");
    said_free(&s);
}

static void what_a_memory_denies_is_not_in_the_video(void **state)
{
    (void)state;
    set_memory_calibration(LIMITS ", \"threshold\": 1000");
    said s = RUN(video, WHAT, COLORS, "--model", memory);
    assert_int_equal(s.status, 1);
    check_holds(s.out, "not in this video (score ");
    check_holds(s.out, "under the threshold 1000.00; nearest: ");
    check_holds(s.out, "\nverdict not_in_video\n");
    said_free(&s);
    set_memory_calibration("\"threshold\": -1000");
    test_write_text(test_path(memory, "denials.json"),
                    "[\"0\", \"1\", \"two\", \"3\", \"red\", \"ball\", \"the red ball\", "
                    "\"it jumps\", \"left\", \"small\", \"nothing\"]");
    s = RUN(video, WHAT, "--model", memory, "--no-checks", "--json");
    ask_record *r = parse(&s);
    /* Only "there is none" does not deny: the status is that of the answer. */
    bool denies = strcmp(r->answer->text, "there is none") != 0;
    assert_true(r->answer->denies.value == denies && !r->verdict && r->presence->present);
    assert_int_equal(s.status, denies);
    ask_record_free(r);
    said_free(&s);
    set_usual_denials();
    set_memory_calibration(LIMITS ", \"threshold\": -1000");
}

static void a_memory_looks_at_as_many_frames_as_it_takes(void **state)
{
    (void)state;
    said s = RUN(video, WHAT, "--model", memory, "--frames=40", "--start=1", "--end=5");
    assert_int_equal(s.status, 0);
    check_holds(s.err, "the model always looks at 6 frames");
    said_free(&s);
    s = RUN(video, WHAT, "--model", memory, "--plan");
    assert_int_equal(s.status, 0);
    check_holds(s.out, "images        6\n");
    assert_string_equal(s.err, "");
    check_holds(s.out, "time          about "); // it has been run
    said_free(&s);
    s = RUN(video, WHAT, "--model", memory, "--plan", "--json");
    ask_record *r = parse(&s);
    assert_true(r->kind == ASK_RECORD_PLAN && r->query->n_tokens > 3);
    assert_true(r->plan->work.images == 6 && r->plan->work.gflop > 0);
    ask_record_free(r);
    said_free(&s);
}

static void a_report_shows_what_is_remembered(void **state)
{
    (void)state;
    said s = RUN(video, WHAT, "--model", memory, "--report=-");
    assert_int_equal(s.status, 0);
    static const char *const parts[] = {"<!DOCTYPE html>",  "Timeline",
                                        "Where it is seen", "class=\"bar span\"",
                                        "shuffled",         "Options"};
    for (size_t i = 0; i < TEST_COUNT(parts); i++) check_holds(s.out, parts[i]);
    said_free(&s);
}

/* ---- mistakes ---- */

static void make_bad_input(void)
{
    test_write_text(test_path(dir, "empty.mp4"), "");
    test_write_text(test_path(dir, "hollow/README"), "");
    color_model_write(test_path(dir, "mute"), &(color_model_options){.no_tokenizer = true});
    color_model_write(test_path(dir, "odd"),
                      &(color_model_options){.calibration = "{\"ask\": 3}"});
    playroom_memory_write(test_path(dir, "forgetful"));
    remove(test_path(dir, "forgetful/tokenizer.json"));
    remove(test_path(dir, "forgetful/vocab.json"));
    clip c = clip_make(clip_case_of("sound only"), dir);
    clip_free(&c);
}

static void mistakes_have_their_messages_and_statuses(void **state)
{
    (void)state;
    make_bad_input();
    const struct {
        const char *name;
        const char *words[COMMAND_MAX_WORDS];
        int status;
        const char *message;
    } cases[] = {
        {"one choice", {video, "what", "-cred", "--model", model}, 2, "give 2 to 26"},
        {"no choice", {video, "what", "--model", model}, 2, "give 2 to 26"},
        {"no choice for a plan",
         {video, "what", "--model", model, "--plan"},
         2,
         "no answers of its own"},
        {"one choice for a memory",
         {video, "what", "-cred", "--model", memory},
         2,
         "give 2 to 26"},
        {"a memory of no frames",
         {video, "what", "--frames=0", "--model", memory},
         2,
         "frames"},
        {"too long for a memory",
         {video,
          "what what what what what what what what what what what what what what what "
          "what what what what what what what what what what what what what what what "
          "what what what what what what what what what what what",
          "--model", memory},
         5,
         "the model takes 40"},
        {"a memory without tokenizer",
         {video, "what", "--model", test_path(dir, "forgetful")},
         4,
         "tokenizer.json"},
        {"a model that sees nothing",
         {video, "what", COLORS, "--model", test_fixture("golden/bert")},
         3,
         "bert"},
        {"the same twice",
         {video, "what", "-cred", "-cRed", "--model", model},
         2,
         "are the same"},
        {"no frames", {video, "what", COLORS, "--frames=0", "--model", model}, 2, "frames"},
        {"past the end",
         {video, "what", COLORS, "--start=99", "--model", model},
         2,
         "past the end"},
        {"no model", {video, "what", COLORS}, 4, "--model"},
        {"no such model", {video, "what", COLORS, "--model", "none"}, 4, "no such folder"},
        {"no such video", {"none.mp4", "what", COLORS, "--model", model}, 3, "none.mp4"},
        {"a report over the video",
         {video, "what", COLORS, "--model", model, "--report", video},
         2,
         "VIDEO"},
        {"two on stdout",
         {video, "what", COLORS, "--model", model, "--report=-", "--json"},
         2,
         "standard output"},
        {"a plan with a report",
         {video, "what", COLORS, "--model", model, "--report=-", "--plan"},
         2,
         "--plan"},
        {"no arguments", {NULL}, 2, "expected VIDEO QUESTION, got 0 arguments"},
        {"no question", {video, COLORS, "--model", model}, 2, "got 1 argument"},
        {"an empty question", {video, " ", COLORS, "--model", model}, 2, "is empty"},
        {"an empty choice",
         {video, "what", "-cred", "-c=", "-c ", "--model", model},
         2,
         "choice 3 is empty"},
        {"a question that is not UTF-8",
         {video, "\xFF", COLORS, "--model", model},
         2,
         "not UTF-8"},
        {"a choice that is not UTF-8, before the video is read",
         {"none.mp4", "what", "-cred", "-c\xFF", "--model", model},
         2,
         "choice 2 is not UTF-8"},
        {"a rate of 0", {video, "what", COLORS, "--fps=0", "--model", model}, 2, "--fps"},
        {"too high a rate",
         {video, "what", COLORS, "--fps=1e6", "--model", model},
         5,
         "lower the rate to"},
        {"a start behind the end, before the model is read",
         {video, "what", COLORS, "--start=3", "--end=2", "--model", "none"},
         2,
         "the window from 3 s to 2 s is empty"},
        {"a folder without images",
         {model, "what", COLORS, "--model", model},
         3,
         "model: "},
        {"an empty video",
         {test_path(dir, "empty.mp4"), "what", COLORS, "--model", model},
         3,
         "empty.mp4: is empty"},
        {"no video stream",
         {test_path(dir, "sound_only.mp4"), "what", COLORS, "--model", model},
         3,
         "no video stream"},
        {"a file for a model", {video, "what", COLORS, "--model", video}, 4, "story.mp4"},
        {"an empty model",
         {video, "what", COLORS, "--model", test_path(dir, "hollow")},
         4,
         "config.json"},
        {"a model without tokenizer",
         {video, "what", COLORS, "--model", test_path(dir, "mute")},
         4,
         "tokenizer.json"},
        {"a calibration that is none",
         {video, "what", COLORS, "--model", test_path(dir, "odd")},
         4,
         "calibration.json"},
        {"a report in no folder",
         {video, "what", COLORS, "--model", model, "--report", test_path(dir, "no/x.html")},
         3,
         "no/x.html: the folder "},
        {"a report over a folder",
         {video, "what", COLORS, "--model", model, "--report", model},
         3,
         "is a folder, not a file"},
        {"a full disk for the report",
         {video, "what", COLORS, "--model", model, "--report=/dev/full"},
         5,
         "/dev/full: cannot write: No space left on device"},
        {"a choice that is too long",
         {video, "what", "-cred",
          "-ca photo a photo a photo a photo a photo a photo a photo", "--model", model},
         5,
         "question and choice"},
        {"too long",
         {video, "a photo a photo a photo a photo a photo a photo a photo", COLORS,
          "--model", model},
         5,
         "question and choice"},
    };
    int n_entries = test_count_entries(dir);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        said s = command_run((cli_command[]){cli_ask_command, {0}}, "ask", cases[i].words);
        if (s.status != cases[i].status || !strstr(s.err, cases[i].message))
            fail_msg("%s: %d %s", cases[i].name, s.status, s.err);
        bool is_document = strstr(cases[i].name, "stdout") != NULL; // under --json
        CHECK_CASE(cases[i].name, is_document || s.out[0] == '\0');
        CHECK_CASE(cases[i].name, strchr(s.err, '\n') == s.err + strlen(s.err) - 1);
        CHECK_CASE(cases[i].name, test_count_entries(dir) == n_entries);
        said_free(&s);
    }
}

/* ---- memory ---- */

/* The whole of it makes thousands of allocations; every so many-th of them fails. (Those of
 * ask_ask have their turn one by one in test/vqa/ask.c.) */
static void starve(const char *path)
{
    enum { STRIDE = 97 };
    int n_entries = test_count_entries(dir);
    for (long n = 1;; n += STRIDE) {
        test_fail_alloc_at(n);
        said s = RUN(video, "a photo", COLORS, "--model", path, "--frames=4", "--no-cache",
                     "--json", "--report", test_path(dir, "out.html"));
        bool failed = test_alloc_has_failed();
        test_fail_alloc_at(0);
        if (s.status == 0 || s.status == 1) {
            remove(test_path(dir, "out.html"));
        } else {
            if (s.status != 5) fail_msg("allocation %ld: exit %d, %s", n, s.status, s.err);
            check_holds(s.err, "out of memory");
        }
        assert_int_equal(test_count_entries(dir), n_entries);
        said_free(&s);
        if (!failed) break;
    }
}

static void running_out_of_memory_is_an_error_and_leaves_nothing(void **state)
{
    (void)state;
    starve(model);
    starve(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_told_with_its_moment_and_verdict),
        cmocka_unit_test(without_thresholds_there_is_no_verdict),
        cmocka_unit_test(what_no_choice_shows_is_not_in_the_video),
        cmocka_unit_test(the_record_is_whole),
        cmocka_unit_test(a_plan_is_made_without_looking),
        cmocka_unit_test(a_report_shows_answer_checks_and_heat),
        cmocka_unit_test(a_memory_answers_without_choices),
        cmocka_unit_test(a_memory_tells_its_timeline),
        cmocka_unit_test(what_a_memory_denies_is_not_in_the_video),
        cmocka_unit_test(a_memory_looks_at_as_many_frames_as_it_takes),
        cmocka_unit_test(a_report_shows_what_is_remembered),
        cmocka_unit_test(mistakes_have_their_messages_and_statuses),
        cmocka_unit_test(running_out_of_memory_is_an_error_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
