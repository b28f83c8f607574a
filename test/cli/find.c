/* `askance find`, from the command line to its outputs: what it says, in words, in JSON, as
 * a curve and as a report; its plan; its exit statuses; and what it leaves behind. */
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/hash.h"
#include "base/json.h"
#include "record/record.h"
#include "support/clips.h"
#include "support/color_model.h"
#include "support/command.h"
#include "support/testing.h"

static char *dir;
static char *video; // 2 s of nothing, 1.5 s of red, 2.5 s of nothing, 2 s of blue
static char *model;

static int make_all(void **state)
{
    (void)state;
    static const color_span story[] = {
        {2, 0x000000}, {1.5, 0xff0000}, {2.5, 0x000000}, {2, 0x0000ff}};
    dir = test_temp_dir_make();
    video = strdup(test_path(dir, "story.mp4"));
    model = strdup(test_path(dir, "model"));
    color_video_write(video, 64, 48, 12, story, TEST_COUNT(story));
    color_model_write(model, NULL);
    unsetenv("ASKANCE_MODEL");
    return setenv("XDG_CACHE_HOME", test_path(dir, "cache"), 1);
}

static int remove_all(void **state)
{
    (void)state;
    free(video);
    free(model);
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- running it ---- */

#define RUN(...)                                                                           \
    command_run((cli_command[]){cli_find_command, {0}}, "find",                            \
                (const char *[COMMAND_MAX_WORDS]){__VA_ARGS__})

static void check_begins(const char *text, const char *part)
{
    if (strncmp(text, part, strlen(part)) != 0)
        fail_msg("\"%s\" does not begin:\n%s", part, text);
}

/* What was printed, as a record that keeps every rule. */
static ask_record *parse(const said *s)
{
    ask_error err = {0};
    ask_record *r = ask_record_parse(s->out, strlen(s->out), "stdout", &err);
    if (!r) fail_msg("%s\n%s%s", err.message, s->out, s->err);
    return r;
}

/* ---- in words ---- */

static void a_text_that_is_shown_is_told_with_its_moments(void **state)
{
    (void)state;
    said s = RUN(video, "red", "--model", model);
    assert_int_equal(s.status, 0);
    assert_string_equal(s.err, "");
    check_begins(s.out, "2.00-3.50 s  score ");
    check_holds(s.out, ", best at 2.25 s\n");
    assert_true(strchr(s.out, '\n') == s.out + strlen(s.out) - 1);
    said_free(&s);
}

static void a_text_that_is_not_shown_is_an_outcome_of_its_own(void **state)
{
    (void)state;
    said s = RUN(video, "green", "--model", model);
    assert_int_equal(s.status, 1);
    assert_string_equal(s.err, "");
    check_begins(s.out, "not in this video (score -");
    check_holds(s.out, " under the threshold ");
    check_holds(s.out, "; nearest at ");
    said_free(&s);
}

static void a_text_with_unknown_parts_is_warned_of(void **state)
{
    (void)state;
    said s = RUN(video, "red \xE2\x98\x83", "--model", model);
    assert_int_equal(s.status, 0);
    assert_string_equal(s.err, "askance: find: warning: a part of the text is unknown to "
                               "the model: the score may mean little\n");
    said_free(&s);
}

static void the_window_may_be_told_in_minutes(void **state)
{
    (void)state;
    said s =
        RUN(video, "blue", "--model", model, "--start", "0:04", "--end=0:07.5", "--fps=4");
    assert_int_equal(s.status, 0);
    check_begins(s.out, "6.00-7.50 s  score ");
    said_free(&s);
    s = RUN(video, "red", "--model", model, "--start", "4");
    assert_int_equal(s.status, 1);
    said_free(&s);
}

static void the_environment_may_name_the_model(void **state)
{
    (void)state;
    char expected[1024];
    snprintf(expected, sizeof expected, "the model came from ASKANCE_MODEL: add --model=%s",
             model);
    setenv("ASKANCE_MODEL", model, 1);
    said s = RUN(video, "red", "--json"), page = RUN(video, "red", "--report=-");
    unsetenv("ASKANCE_MODEL");
    assert_int_equal(s.status, 0);
    ask_record *r = parse(&s);
    assert_string_equal(ask_record_note_of(r, "reproduce.argv"), expected);
    ask_record_free(r);
    check_holds(page.out, expected);
    said_free(&page);
    said_free(&s);
}

static void what_is_not_as_asked_is_warned_of(void **state)
{
    (void)state;
    said s = RUN(video, "red", "--model", model, "--max-frames=12", "--end=9");
    assert_int_equal(s.status, 0);
    check_begins(s.err, "askance: find: warning: ");
    check_holds(s.err, "story.mp4: the video ends at 8.000 s; "
                       "16 frames are more than the most, 12\n");
    said_free(&s);

    static const clip_spec spec = {.file = "cut.mp4",
                                   .codec = "mpeg4",
                                   .width = 64,
                                   .height = 48,
                                   .n_frames = 40,
                                   .time_base_den = 5,
                                   .muxer_options = "movflags=+faststart",
                                   .cut_frame = 20};
    clip c;
    clip_encode(&c, &spec, dir);
    s = RUN(c.path, "red", "--model", model);
    check_holds(s.err, "cut.mp4: the frames end at ");
    check_holds(s.err, " s of the promised 8.000 s\n");
    said_free(&s);
    clip_free(&c);
}

/* ---- as JSON ---- */

static void the_record_says_what_was_done(void **state)
{
    (void)state;
    said s = RUN(video, "red", "--model", model, "--json", "--frames=16", "--threads=1",
                 "--end=9", "--top=3");
    assert_int_equal(s.status, 0);
    ask_record *r = parse(&s);
    assert_int_equal(r->kind, ASK_RECORD_FIND);
    assert_string_equal(r->query->text, "red");
    assert_true(r->presence->present && r->presence->score > r->presence->threshold);
    assert_string_equal(r->video->path, video);
    struct stat info;
    assert_int_equal(stat(video, &info), 0);
    assert_true(r->video->id.size == info.st_size && !r->video->id.sha256);
    assert_true(r->video->width == 64 && r->video->height == 48);
    assert_true(fabs(r->video->duration_s.value - 8) < 1e-9);
    assert_true(r->plan->requested.frames.value == 16 && r->plan->requested.top.value == 3);
    assert_true(r->plan->requested.end_s.value == 9 && r->plan->resolved.end_s == 8);
    assert_non_null(r->plan->why_changed);
    assert_false(r->plan->requested.max_frames.known || r->plan->requested.fps.known);
    assert_null(ask_record_note_of(r, "reproduce.argv"));
    assert_true(r->plan->work.images == 16);
    assert_int_equal(r->n_frames, 16);
    assert_int_equal(r->n_moments, 1);
    assert_true(r->moments[0].start_s == 2 && r->moments[0].end_s == 3.5);
    assert_true(r->cost->peak_mib.known && r->cost->peak_mib.value > 1);
    static const char *const argv[] = {"askance",     "find",    NULL,     "red",
                                       "--model",     NULL,      "--json", "--frames=16",
                                       "--threads=1", "--end=9", "--top=3"};
    assert_int_equal(r->reproduce->argv.n, TEST_COUNT(argv));
    for (size_t i = 0; i < TEST_COUNT(argv); i++)
        if (argv[i]) assert_string_equal(r->reproduce->argv.items[i], argv[i]);
    assert_true(r->reproduce->threads == 1);
    assert_string_equal(r->reproduce->model.dir, model);
    assert_string_equal(r->reproduce->model.network, "clip");
    static const char *const libraries[] = {"libavformat", "libavcodec", "libswscale",
                                            "PCRE2",       "utf8proc",   "oneDNN",
                                            "jansson"};
    assert_int_equal(r->reproduce->libraries.n, TEST_COUNT(libraries));
    for (size_t i = 0; i < TEST_COUNT(libraries); i++) {
        const ask_record_pair *library = &r->reproduce->libraries.items[i];
        assert_string_equal(library->name, libraries[i]);
        CHECK_CASE(libraries[i], library->text[0] >= '0' && library->text[0] <= '9');
    }
    ask_record_free(r);
    said_free(&s);
}

static void a_text_that_is_not_shown_has_a_whole_record_too(void **state)
{
    (void)state;
    said s = RUN(video, "green", "--model", model, "--json");
    assert_int_equal(s.status, 1);
    ask_record *r = parse(&s);
    assert_false(r->presence->present);
    assert_int_equal(r->n_frames, 16); // 2 a second
    assert_true(r->n_moments >= 1);
    ask_record_free(r);
    said_free(&s);
}

static void a_calibration_of_unknown_data_has_a_whole_record_too(void **state)
{
    (void)state;
    static const color_model_options options = {
        .calibration = "{\"data\": \"\", \"n\": 0, \"find\": {\"background\": [\"a\"], "
                       "\"sentences\": [\"cat\", \"dog\", \"owl\", \"lion\", \"horse\", "
                       "\"fish\", \"snail\", \"bear\"]}}"};
    color_model_write(test_path(dir, "untold"), &options);
    said s = RUN(video, "red", "--model", test_path(dir, "untold"), "--json");
    assert_int_equal(s.status, 0);
    ask_record *r = parse(&s);
    assert_null(r->presence->threshold_data);
    assert_false(r->presence->threshold_n.known);
    ask_record_free(r);
    said_free(&s);
}

static void the_hash_of_the_file_is_made_when_asked_for(void **state)
{
    (void)state;
    size_t n_bytes;
    char *bytes = test_read(video, &n_bytes);
    uint8_t hash[ASK_SHA256_BYTES];
    char expected[2 * ASK_SHA256_BYTES + 1];
    ask_sha256_of(hash, bytes, n_bytes);
    ask_hex(expected, hash, sizeof hash);
    free(bytes);
    for (int i = 0; i < 2; i++) { // the second from the cache
        said s = RUN(video, "red", "--model", model, "--json", "--hash", "--plan");
        assert_int_equal(s.status, 0);
        ask_record *r = parse(&s);
        assert_string_equal(r->video->id.sha256, expected);
        ask_record_free(r);
        said_free(&s);
    }
}

static void a_folder_of_images_is_searched_too(void **state)
{
    (void)state;
    const char *path = test_path(dir, "images");
    for (int i = 0; i < 3; i++) {
        ask_error err = {0};
        ask_image image;
        char name[32];
        snprintf(name, sizeof name, "images/%d.png", i);
        test_write_text(test_path(dir, name), "");
        CHECK_OK(ask_image_new(&image, 32, 32, 3, &err), &err);
        for (int p = 0; p < 32 * 32; p++) image.pixels[3 * p] = i == 1 ? 255 : 0;
        CHECK_OK(ask_image_write_png(&image, test_path(dir, name), &err), &err);
        ask_image_free(&image);
    }
    said s =
        RUN(path, "red", "--model", model, "--image-fps=1", "--fps=1", "--json", "--hash");
    assert_int_equal(s.status, 0);
    ask_record *r = parse(&s);
    assert_true(r->moments[0].start_s == 1 && r->moments[0].end_s == 2);
    assert_null(r->video->id.sha256);
    assert_string_equal(ask_record_note_of(r, "video.id.sha256"),
                        "a folder of images is not one file");
    ask_record_free(r);
    said_free(&s);
}

/* ---- the plan ---- */

static void the_plan_tells_what_would_be_done(void **state)
{
    (void)state;
    setenv("XDG_CACHE_HOME", test_path(dir, "fresh"), 1);
    said s = RUN(video, "red", "--model", model, "--plan", "--frames=4", "--start=1");
    assert_int_equal(s.status, 0);
    static const char *const lines[] = {
        "frames        4, 0.5714 a second\n",
        "window        1.00-8.00 s\n",
        "images        4\n",
        ", of the text 3\n",
        " GFLOP\n",
        "memory        unknown: nothing was run yet with this model",
        "time          unknown: nothing was run yet with this model",
    };
    for (size_t i = 0; i < TEST_COUNT(lines); i++) check_holds(s.out, lines[i]);
    said_free(&s);

    s = RUN(video, "red", "--model", model);
    said_free(&s);
    s = RUN(video, "red", "--model", model, "--plan", "--json");
    assert_int_equal(s.status, 0);
    ask_record *r = parse(&s);
    assert_int_equal(r->kind, ASK_RECORD_PLAN);
    assert_true(r->plan->expected_s.known && r->plan->expected_s.value > 0);
    assert_true(r->plan->peak_mib.known && r->plan->peak_mib.value > 1);
    assert_null(ask_record_note_of(r, "plan.expected_s"));
    ask_record_free(r);
    said_free(&s);
    setenv("XDG_CACHE_HOME", test_path(dir, "cache"), 1);
}

static void no_default_stands_in_the_way_of_what_is_asked(void **state)
{
    (void)state;
    said s = RUN(video, "red", "--model", model, "--plan", "--json", "--frames=600",
                 "--no-cache", "--arch=clip");
    assert_int_equal(s.status, 0);
    ask_record *r = parse(&s);
    assert_true(r->plan->resolved.n_frames == 600 && !r->plan->why_changed);
    assert_true(r->plan->work.images == 96); // all that there are
    assert_true(r->plan->requested.frames.value == 600);
    assert_false(r->plan->requested.max_frames.known || r->plan->requested.top.known);
    assert_string_equal(ask_record_note_of(r, "plan.expected_s"), "the cache is not used");
    ask_record_free(r);
    said_free(&s);
}

static void no_cache_leaves_none(void **state)
{
    (void)state;
    setenv("XDG_CACHE_HOME", test_path(dir, "unused"), 1);
    said s = RUN(video, "red", "--model", model, "--no-cache", "--hash");
    setenv("XDG_CACHE_HOME", test_path(dir, "cache"), 1);
    assert_int_equal(s.status, 0);
    assert_int_not_equal(access(test_path(dir, "unused"), F_OK), 0);
    said_free(&s);
}

/* ---- files ---- */

static void check_curve(const char *text)
{
    ask_error err = {0};
    ask_csv *t = ask_csv_parse(text, strlen(text), "curve", ',', &err);
    if (!t) fail_msg("%s", err.message);
    assert_int_equal(ask_csv_n_rows(t), 16);
    for (size_t i = 0; i < 16; i++) {
        double t_s, score;
        CHECK_OK(ask_csv_get_double(&t_s, t, i, ask_csv_column(t, "t_s"), &err), &err);
        CHECK_OK(ask_csv_get_double(&score, t, i, ask_csv_column(t, "score"), &err), &err);
        assert_true(fabs(t_s - (0.25 + 0.5 * (double)i)) < 1e-9);
        assert_true((score > 3) == (t_s > 2 && t_s < 3.5));
    }
    assert_string_equal(ask_csv_cell(t, 0, ask_csv_column(t, "duplicate_of")), "");
    assert_string_equal(ask_csv_cell(t, 1, ask_csv_column(t, "duplicate_of")), "0");
    assert_string_equal(ask_csv_cell(t, 1, ask_csv_column(t, "damaged")), "0");
    ask_csv_free(t);
}

static void the_curve_goes_to_a_file_or_to_stdout(void **state)
{
    (void)state;
    const char *path = test_path(dir, "curve.csv");
    said s = RUN(video, "red", "--model", model, "--curve", path);
    assert_int_equal(s.status, 0);
    check_begins(s.out, "2.00-3.50 s"); // the moments are told as well
    size_t n_bytes;
    char *text = test_read(path, &n_bytes);
    check_curve(text);
    said_free(&s);
    s = RUN(video, "red", "--model", model, "--curve=-");
    assert_int_equal(s.status, 0);
    assert_string_equal(s.out, text);
    said_free(&s);
    free(text);
}

static void the_report_holds_pictures_of_the_best_frames(void **state)
{
    (void)state;
    const char *path = test_path(dir, "report.html");
    said s = RUN(video, "red", "--model", model, "--report", path);
    assert_int_equal(s.status, 0);
    size_t n_bytes;
    char *page = test_read(path, &n_bytes);
    check_begins(page, "<!DOCTYPE html>");
    check_holds(page, "<figure id=\"frame-4\"><img width=\"64\" height=\"48\"");
    check_holds(page, "src=\"data:image/png;base64,iVBORw0KGgo");
    check_holds(page, "<strong>Found</strong>");
    free(page);
    said_free(&s);
    s = RUN(video, "green", "--model", model, "--report=-");
    assert_int_equal(s.status, 1);
    check_begins(s.out, "<!DOCTYPE html>");
    check_holds(s.out, "<strong>Not in this video</strong>");
    said_free(&s);
}

static void a_model_without_pictures_finds_nothing(void **state)
{
    (void)state;
    said s = RUN(video, "red", "--model", test_fixture("golden/roberta"));
    assert_int_equal(s.status, 3);
    check_holds(s.err, "golden/roberta: roberta embeds no pictures beside texts");
    said_free(&s);
}

static void nothing_may_be_kept_of_both(void **state)
{
    (void)state;
    said s = RUN(video, "red", "--model", model, "--curve=/dev/null", "--report=/dev/null");
    assert_int_equal(s.status, 0);
    said_free(&s);
}

/* ---- bad input ---- */

static const char LONG_TEXT[] =
    "cat dog owl lion horse fish snail bear wolf crab duck mouse "
    "cat dog owl lion horse";

typedef struct {
    const char *name;
    const char
        *words[COMMAND_MAX_WORDS]; // "V" is the video, "M" the model, "D/..." in the folder
    int status;
    const char *message;
} bad_case;

static const bad_case bad_cases[] = {
    {"no arguments", {NULL}, 2, "expected VIDEO TEXT, got 0 arguments"},
    {"no text", {"V", "-mM"}, 2, "expected VIDEO TEXT, got 1 argument"},
    {"no model", {"V", "red"}, 4, "no model: give --model=DIR or set ASKANCE_MODEL"},
    {"a missing video", {"D/none.mp4", "red", "-m", "M"}, 3, "none.mp4: "},
    {"a folder without images", {"M", "red", "-m", "M"}, 3, "model: "},
    {"an empty video", {"D/empty.mp4", "red", "-m", "M"}, 3, "empty.mp4: "},
    {"no video stream", {"D/sound_only.mp4", "red", "-m", "M"}, 3, "no video stream"},
    {"a missing model", {"V", "red", "-m", "D/none"}, 4, "none"},
    {"a file for a model", {"V", "red", "-m", "V"}, 4, "story.mp4"},
    {"an empty model", {"V", "red", "-m", "D/hollow"}, 4, "config.json"},
    {"a model without tokenizer", {"V", "red", "-m", "D/mute"}, 4, "tokenizer.json"},
    {"an empty text", {"V", " ", "-m", "M"}, 2, "the text is empty"},
    {"a text that is not UTF-8", {"V", "\xFF", "-m", "M"}, 2, "the text is not UTF-8"},
    {"an empty text, before the model is read", {"V", "", "-m", "D/none"}, 2, "is empty"},
    {"no UTF-8, before the video is read",
     {"D/none.mp4", "\xFF", "-m", "D/none"},
     2,
     "the text is not UTF-8"},
    {"a start behind the end, before the model is read",
     {"V", "red", "-m", "D/none", "--start=3", "--end=2"},
     2,
     "the window from 3 s to 2 s is empty"},
    {"an unknown network", {"V", "red", "-m", "M", "--arch=resnet"}, 2, "resnet"},
    {"one file for two things",
     {"V", "red", "-m", "M", "--curve=D/x", "--report=D/x"},
     2,
     "x is the file of --curve too: name another"},
    {"one file by two paths",
     {"V", "red", "-m", "M", "--curve=D/x", "--report=D/hollow/../x"},
     2,
     "x is the file of --curve too: name another"},
    {"one old file by two paths",
     {"V", "red", "-m", "M", "--curve=D/empty.mp4", "--report=D/hollow/../empty.mp4"},
     2,
     "empty.mp4 is the file of --curve too: name another"},
    {"a report over the video",
     {"V", "red", "-m", "M", "--report=V"},
     2,
     "story.mp4 is the file of VIDEO too: name another"},
    {"a curve over the video by a link",
     {"V", "red", "-m", "M", "--curve=D/link.mp4"},
     2,
     "link.mp4 is the file of VIDEO too: name another"},
    {"a text that is too long",
     {"V", LONG_TEXT, "-m", "M"},
     5,
     "the text has 19 tokens, and the model takes 16"},
    {"0 frames", {"V", "red", "-m", "M", "--frames=0"}, 2, "--frames: 0 is outside 1 to"},
    {"a rate of 0", {"V", "red", "-m", "M", "--fps=0"}, 2, "--fps: 0 is outside"},
    {"no moments", {"V", "red", "-m", "M", "--top=0"}, 2, "--top: 0 is outside 1 to"},
    {"a start past the end",
     {"V", "red", "-m", "M", "--start=9"},
     2,
     "the window starts at 9 s, past the end of the video (8.000 s)"},
    {"a start behind the end",
     {"V", "red", "-m", "M", "--start=3", "--end=2"},
     2,
     "the window from 3 s to 2 s is empty"},
    {"an end at 0", {"V", "red", "-m", "M", "--end=0"}, 2, "nothing lies before it"},
    {"a start that is no time",
     {"V", "red", "-m", "M", "--start=1:75"},
     2,
     "--start: 1:75 is not a time; give seconds, or [hours:]minutes:seconds"},
    {"a start below 0", {"V", "red", "-m", "M", "--start=-1"}, 2, "-1 is not a time"},
    {"a plan with a report",
     {"V", "red", "-m", "M", "--plan", "--report=D/x.html"},
     2,
     "--plan does not look at the video"},
    {"two things on stdout",
     {"V", "red", "-m", "M", "--report=-", "--curve=-"},
     2,
     "only one of --json, --curve=- and --report=-"},
    {"a report in no folder",
     {"V", "red", "-m", "M", "--report=D/no/x.html"},
     3,
     "no/x.html: the folder "},
    {"a report over a folder",
     {"V", "red", "-m", "M", "--report=M"},
     3,
     "is a folder, not a file"},
    {"a curve in no folder, before the model is read",
     {"V", "red", "-m", "D/none", "--curve=D/no/x.csv"},
     3,
     "no/x.csv: the folder "},
    {"a full disk for the curve",
     {"V", "red", "-m", "M", "--curve=/dev/full"},
     5,
     "/dev/full: cannot write: No space left on device"},
    {"a full disk for the report",
     {"V", "red", "-m", "M", "--report=/dev/full"},
     5,
     "/dev/full: cannot write: No space left on device"},
    {"too many threads", {"V", "red", "-m", "M", "--threads=4096"}, 2, "--threads: 4096"},
};

/* Puts paths in the place of V, M and D. */
static void resolve(const char *out[COMMAND_MAX_WORDS],
                    const char *const in[COMMAND_MAX_WORDS])
{
    for (int i = 0; i < COMMAND_MAX_WORDS; i++) {
        out[i] = in[i];
        if (!in[i]) continue;
        const char *equals = strchr(in[i], '=');
        const char *value = equals ? equals + 1 : in[i];
        const char *path = strcmp(value, "V") == 0        ? video
                           : strcmp(value, "M") == 0      ? model
                           : strncmp(value, "D/", 2) == 0 ? test_path(dir, value + 2)
                                                          : NULL;
        if (!path) continue;
        static char with_name[COMMAND_MAX_WORDS][1024];
        snprintf(with_name[i], sizeof with_name[i], "%.*s%s", (int)(value - in[i]), in[i],
                 path);
        out[i] = with_name[i];
    }
}

static void make_bad_input(void)
{
    test_write_text(test_path(dir, "empty.mp4"), "");
    assert_int_equal(symlink(video, test_path(dir, "link.mp4")), 0);
    test_write_text(test_path(dir, "hollow/README"), "");
    color_model_write(test_path(dir, "mute"), &(color_model_options){.no_tokenizer = true});
    clip c = clip_make(clip_case_of("sound only"), dir);
    clip_free(&c);
}

static void bad_input_has_a_message_and_a_status_and_leaves_nothing(void **state)
{
    (void)state;
    make_bad_input();
    int n_entries = test_count_entries(dir);
    for (size_t i = 0; i < TEST_COUNT(bad_cases); i++) {
        const bad_case *b = &bad_cases[i];
        const char *words[COMMAND_MAX_WORDS];
        resolve(words, b->words);
        said s = command_run((cli_command[]){cli_find_command, {0}}, "find", words);
        if (s.status != b->status || !strstr(s.err, b->message))
            fail_msg("case \"%s\": exit %d, %s", b->name, s.status, s.err);
        CHECK_CASE(b->name, s.out[0] == '\0');
        CHECK_CASE(b->name, strchr(s.err, '\n') == s.err + strlen(s.err) - 1);
        CHECK_CASE(b->name, test_count_entries(dir) == n_entries);
        said_free(&s);
    }
}

static void an_old_file_stays_when_the_search_fails(void **state)
{
    (void)state;
    const char *path = test_path(dir, "old.html");
    test_write_text(path, "old");
    said s = RUN(video, LONG_TEXT, "--model", model, "--report", path);
    assert_int_equal(s.status, 5);
    size_t n_bytes;
    char *text = test_read(path, &n_bytes);
    assert_string_equal(text, "old");
    free(text);
    said_free(&s);
}

/* ---- Ctrl-C ---- */

/* The signal comes when the program watches for it and the command begins. */
static cli_outcome run_interrupted(const cli_call *call, const void *values, ask_error *err)
{
    raise(SIGINT);
    return cli_find_command.run(call, values, err);
}

static void ctrl_c_ends_it_with_130_and_leaves_nothing(void **state)
{
    (void)state;
    int n_entries = test_count_entries(dir);
    pid_t child = fork(); // the flag of a signal stays up
    assert_true(child >= 0);
    if (child == 0) {
        cli_command command = cli_find_command;
        command.run = run_interrupted;
        said s =
            command_run((cli_command[]){command, {0}}, "find",
                        (const char *[COMMAND_MAX_WORDS]){
                            video, "red", "--model", model, "--report",
                            test_path(dir, "x.html"), "--curve", test_path(dir, "x.csv")});
        bool told = strcmp(s.err, "askance: find: interrupted\n") == 0 && !*s.out;
        _exit(told ? s.status : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 130);
    assert_int_equal(test_count_entries(dir), n_entries);
}

/* ---- memory ---- */

/* The whole of it makes thousands of allocations; every so many-th of them fails. */
static void running_out_of_memory_is_an_error_and_leaves_nothing(void **state)
{
    (void)state;
    enum { STRIDE = 61 };
    int n_entries = test_count_entries(dir);
    for (long n = 1;; n += STRIDE) {
        test_fail_alloc_at(n);
        said s = RUN(video, "red", "--model", model, "--frames=2", "--no-cache", "--json",
                     "--report", test_path(dir, "out.html"));
        bool failed = test_alloc_has_failed();
        test_fail_alloc_at(0);
        if (!failed) {
            assert_int_equal(s.status, 0);
            said_free(&s);
            break;
        }
        if (s.status == 0) {
            remove(test_path(dir, "out.html"));
        } else {
            if (s.status != 5) fail_msg("allocation %ld: exit %d, %s", n, s.status, s.err);
            check_holds(s.err, "out of memory");
        }
        assert_int_equal(test_count_entries(dir), n_entries);
        said_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_that_is_shown_is_told_with_its_moments),
        cmocka_unit_test(a_text_that_is_not_shown_is_an_outcome_of_its_own),
        cmocka_unit_test(a_text_with_unknown_parts_is_warned_of),
        cmocka_unit_test(the_window_may_be_told_in_minutes),
        cmocka_unit_test(the_environment_may_name_the_model),
        cmocka_unit_test(what_is_not_as_asked_is_warned_of),
        cmocka_unit_test(the_record_says_what_was_done),
        cmocka_unit_test(a_text_that_is_not_shown_has_a_whole_record_too),
        cmocka_unit_test(a_calibration_of_unknown_data_has_a_whole_record_too),
        cmocka_unit_test(the_hash_of_the_file_is_made_when_asked_for),
        cmocka_unit_test(a_folder_of_images_is_searched_too),
        cmocka_unit_test(the_plan_tells_what_would_be_done),
        cmocka_unit_test(no_default_stands_in_the_way_of_what_is_asked),
        cmocka_unit_test(no_cache_leaves_none),
        cmocka_unit_test(the_curve_goes_to_a_file_or_to_stdout),
        cmocka_unit_test(the_report_holds_pictures_of_the_best_frames),
        cmocka_unit_test(a_model_without_pictures_finds_nothing),
        cmocka_unit_test(nothing_may_be_kept_of_both),
        cmocka_unit_test(bad_input_has_a_message_and_a_status_and_leaves_nothing),
        cmocka_unit_test(an_old_file_stays_when_the_search_fails),
        cmocka_unit_test(ctrl_c_ends_it_with_130_and_leaves_nothing),
        cmocka_unit_test(running_out_of_memory_is_an_error_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
