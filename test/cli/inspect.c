/* `askance inspect`: what it says, in words and in JSON, and its exit statuses. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "support/clips.h"
#include "support/command.h"
#include "support/testing.h"

static const clip_spec spec = {.file = "clip.mp4",
                               .codec = "libx264",
                               .codec_options = "bf=2",
                               .width = 64,
                               .height = 48,
                               .n_frames = 24,
                               .time_base_den = 12,
                               .gop = 6,
                               .rotation = 90,
                               .audio = true};

static char *dir;
static clip source;

static int make_clip(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    clip_encode(&source, &spec, dir);
    return setenv("XDG_CACHE_HOME", test_path(dir, "cache"), 1);
}

static int remove_clip(void **state)
{
    (void)state;
    clip_free(&source);
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- running it ---- */

#define RUN(...)                                                                           \
    command_run((cli_command[]){cli_inspect_command, {0}}, "inspect",                      \
                (const char *[COMMAND_MAX_WORDS]){__VA_ARGS__})

/* ---- in words ---- */

static void the_outline_is_told_in_words(void **state)
{
    (void)state;
    said s = RUN(source.path);
    assert_int_equal(s.status, 0);
    assert_string_equal(s.err, "");
    static const char *const lines[] = {
        "container     mov,mp4",
        "codec         h264\n",
        "size          48 x 64 (stored as 64 x 48, turned by 90 degrees)\n",
        "streams       1 video, 1 audio\n",
        "duration      2.000000 s (from the container)\n",
        "rate          12 frames/s\n",
        "frames        about 24; --full counts\n",
        "key frames    4 in the container's index\n",
        "quick id      ",
    };
    for (size_t i = 0; i < TEST_COUNT(lines); i++) check_holds(s.out, lines[i]);
    said_free(&s);
}

static void the_full_table_is_told_in_words(void **state)
{
    (void)state;
    said s = RUN(source.path, "--full");
    assert_int_equal(s.status, 0);
    static const char *const lines[] = {
        "duration      2.000000 s (from the packets)\n",
        "rate          12 frames/s, constant\n",
        "frames        24\n",
        "key frames    4, 6 frames (0.5 s) apart, at most 0.5 s\n",
        "frame time    0.083333 s; least 0.083333, median 0.083333, most 0.083333\n",
    };
    for (size_t i = 0; i < TEST_COUNT(lines); i++) check_holds(s.out, lines[i]);
    assert_null(strstr(s.out, "t_s"));
    said_free(&s);
}

static void frames_lists_every_frame_once(void **state)
{
    (void)state;
    said s = RUN(source.path, "--frames");
    assert_int_equal(s.status, 0);
    char *line = strstr(s.out, "\n\n");
    assert_non_null(line);
    line = strchr(line + 2, '\n') + 1; // behind the heading
    for (int i = 0; i < source.n_frames; i++) {
        const clip_frame *f = &source.frames[i];
        char expected[96];
        snprintf(expected, sizeof expected, "%8d %14lld %14.6f %12.6f%s\n", i,
                 (long long)f->pts, f->t_s, f->duration_s, f->key ? " key" : "");
        if (strncmp(line, expected, strlen(expected)) != 0)
            fail_msg("frame %d: expected %s got %.64s", i, expected, line);
        line += strlen(expected);
    }
    assert_string_equal(line, "");
    said_free(&s);
}

/* ---- as JSON ---- */

static double number(const ask_json *doc, const char *path)
{
    double value;
    ask_error err = {0};
    CHECK_OK(ask_json_get_double(&value, ask_json_root(doc), path, &err), &err);
    return value;
}

static const char *text(const ask_json *doc, const char *path)
{
    const char *value;
    ask_error err = {0};
    CHECK_OK(ask_json_get_string(&value, ask_json_root(doc), path, &err), &err);
    return value;
}

static bool has(const ask_json *doc, const char *path)
{
    return ask_json_type_of(ask_json_find(ask_json_root(doc), path)) != ASK_JSON_ABSENT;
}

/* Whether the notes say why the field is not there. */
static bool has_note(const ask_json *doc, const char *field)
{
    ask_json_value notes = ask_json_find(ask_json_root(doc), "notes");
    return ask_json_type_of(ask_json_member(notes, field)) == ASK_JSON_STRING;
}

static void check_video(const ask_json *doc)
{
    assert_string_equal(text(doc, "schema"), "askance.inspect/1");
    assert_string_equal(text(doc, "video.path"), source.path);
    assert_string_equal(text(doc, "video.codec"), "h264");
    assert_int_equal(strlen(text(doc, "video.id.quick")), 16);
    struct stat info;
    assert_int_equal(stat(source.path, &info), 0);
    assert_true(number(doc, "video.id.size") == (double)info.st_size);
    assert_true(number(doc, "video.width") == 48 && number(doc, "video.height") == 64);
    assert_true(number(doc, "video.coded_width") == 64);
    assert_true(number(doc, "video.coded_height") == 48);
    assert_true(number(doc, "video.rotation") == 90);
    assert_true(number(doc, "video.streams.audio") == 1);
    assert_true(number(doc, "video.time_base.0") == (double)source.time_base_num);
    assert_true(number(doc, "video.time_base.1") == (double)source.time_base_den);
    assert_true(fabs(number(doc, "video.duration_s") - 2) < 1e-9);
    assert_true(fabs(number(doc, "video.fps") - 12) < 1e-9);
    assert_true(number(doc, "table.n_keys") == 4);
}

/* A field is there, or the notes say why not; never both. */
static void check_absent_fields(const ask_json *doc)
{
    static const char *const fields[] = {
        "video.sample_aspect", "video.duration_s",       "video.fps",
        "video.vfr",           "video.n_frames",         "subtitles.file",
        "table.frames",        "table.frame_duration_s", "table.key_distance_s",
    };
    for (size_t i = 0; i < TEST_COUNT(fields); i++)
        CHECK_CASE(fields[i], has(doc, fields[i]) != has_note(doc, fields[i]));
}

static void the_outline_is_told_as_json(void **state)
{
    (void)state;
    said s = RUN(source.path, "--json");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    check_video(doc);
    check_absent_fields(doc);
    assert_string_equal(text(doc, "table.state"), "outline");
    assert_string_equal(text(doc, "video.duration_source"), "container");
    assert_true(number(doc, "video.n_frames_estimated") == 24);
    assert_true(has_note(doc, "video.vfr") && has_note(doc, "video.n_frames"));
    ask_json_free(doc);
    said_free(&s);
}

static void the_full_table_is_told_as_json(void **state)
{
    (void)state;
    said s = RUN(source.path, "--json", "--frames");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    check_video(doc);
    check_absent_fields(doc);
    assert_string_equal(text(doc, "table.state"), "full");
    assert_string_equal(text(doc, "video.duration_source"), "packets");
    assert_true(number(doc, "video.n_frames") == 24);
    assert_true(fabs(number(doc, "table.frame_duration_s.median") - 1.0 / 12) < 1e-9);
    assert_true(fabs(number(doc, "table.key_distance_s.max") - 0.5) < 1e-9);
    assert_true(number(doc, "table.key_distance_frames") == 6);
    for (int i = 0; i < source.n_frames; i++) {
        char path[64];
        snprintf(path, sizeof path, "table.frames.%d.pts", i);
        assert_true(number(doc, path) == (double)source.frames[i].pts);
        snprintf(path, sizeof path, "table.frames.%d.t_s", i);
        assert_true(fabs(number(doc, path) - source.frames[i].t_s) < 1e-9);
    }
    assert_false(has(doc, "table.frames.24"));
    ask_json_free(doc);
    said_free(&s);
}

static const clip_spec wide_spec = {.file = "wide.mp4",
                                    .codec = "libx264",
                                    .width = 64,
                                    .height = 48,
                                    .n_frames = 3,
                                    .time_base_den = 12,
                                    .aspect_num = 16,
                                    .aspect_den = 11};

static void the_shape_of_pixels_is_told_when_they_are_not_square(void **state)
{
    (void)state;
    clip wide;
    clip_encode(&wide, &wide_spec, dir);
    said s = RUN(wide.path);
    check_holds(s.out, "size          64 x 48\n"
                       "pixels        16:11, wide to high; frames are not stretched\n");
    said_free(&s);
    s = RUN(source.path);
    assert_null(strstr(s.out, "pixels"));
    said_free(&s);

    s = RUN(wide.path, "--json");
    ask_json *doc = said_json(&s);
    assert_true(number(doc, "video.sample_aspect.0") == 16);
    assert_true(number(doc, "video.sample_aspect.1") == 11);
    assert_true(number(doc, "video.width") == 64 && number(doc, "video.height") == 48);
    assert_false(has_note(doc, "video.sample_aspect"));
    ask_json_free(doc);
    said_free(&s);
    clip_free(&wide);
}

static const clip_cue cues[] = {{100, 500, "Hello."}, {600, 900, "Who is there?"}, {0}};
static const clip_spec subtitled_spec = {
    .file = "subtitled.mkv",
    .codec = "mpeg4",
    .width = 64,
    .height = 48,
    .n_frames = 24,
    .time_base_den = 12,
    .tracks = (const clip_track[]){{"subrip", "eng", true, false, cues},
                                   {"hdmv_pgs_subtitle", NULL, false, false, NULL},
                                   {0}}};

static void subtitles_are_told(void **state)
{
    (void)state;
    clip c;
    clip_encode(&c, &subtitled_spec, dir);
    said s = RUN(c.path);
    check_holds(s.out, "subtitles     stream 1, subrip, eng, default\n"
                       "              stream 2, hdmv_pgs_subtitle, pictures: not read\n");
    said_free(&s);
    test_write_text(test_path(dir, "subtitled.srt"), "00:01.000 --> 00:02.000\nA\n");
    s = RUN(c.path, "--full", "--no-cache");
    check_holds(s.out,
                "subtitled.srt, 1 cue\n              stream 1, subrip, eng, default, "
                "2 cues\n");
    said_free(&s);
    s = RUN(c.path, "--full", "--json", "--no-cache");
    ask_json *doc = said_json(&s);
    assert_true(number(doc, "subtitles.file.n_cues") == 1);
    assert_true(number(doc, "subtitles.tracks.0.n_cues") == 2);
    assert_true(number(doc, "subtitles.tracks.0.n_dropped") == 0);
    assert_string_equal(text(doc, "subtitles.tracks.0.language"), "eng");
    assert_string_equal(text(doc, "subtitles.tracks.1.codec"), "hdmv_pgs_subtitle");
    assert_false(has(doc, "subtitles.tracks.1.language"));
    ask_json_free(doc);
    said_free(&s);
    clip_free(&c);
}

static void a_subtitle_file_that_cannot_be_read_is_told(void **state)
{
    (void)state;
    test_write_text(test_path(dir, "clip.srt"), "nothing");
    said s = RUN(source.path);
    assert_int_equal(s.status, 0);
    check_holds(s.out, "clip.srt, cannot be read: ");
    said_free(&s);
    s = RUN(source.path, "--json");
    ask_json *doc = said_json(&s);
    check_holds(text(doc, "subtitles.file.error"), "no cues");
    check_absent_fields(doc);
    ask_json_free(doc);
    said_free(&s);
    assert_int_equal(unlink(test_path(dir, "clip.srt")), 0);
}

static void every_good_clip_is_told_and_every_bad_one_is_an_error_of_one_line(void **state)
{
    (void)state;
    for (int i = 0; i < n_clip_cases; i++) {
        clip c = clip_make(&clip_cases[i], dir);
        said s = RUN(c.path, "--full", "--json", "--no-cache");
        ask_json *doc = said_json(&s);
        if (c.code == ASK_OK) {
            CHECK_CASE(c.name, s.status == 0);
            CHECK_CASE(c.name, number(doc, "video.n_frames") == c.n_frames);
            check_absent_fields(doc);
        } else {
            CHECK_CASE(c.name, s.status == ask_error_exit_status(c.code));
            CHECK_CASE(c.name,
                       strcmp(text(doc, "error.code"), ask_error_name(c.code)) == 0);
            CHECK_CASE(c.name, strncmp(s.err, "askance: inspect: ", 18) == 0);
            CHECK_CASE(c.name, strchr(s.err, '\n') == s.err + strlen(s.err) - 1);
            check_holds(s.err, c.message);
        }
        ask_json_free(doc);
        said_free(&s);
        clip_free(&c);
    }
}

/* ---- bad input ---- */

typedef struct {
    const char *name;
    const char *words[COMMAND_MAX_WORDS];
    int status;
    const char *message;
} bad_case;

static const bad_case bad_cases[] = {
    {"no video", {NULL}, 2, "expected VIDEO, got 0 arguments"},
    {"two videos", {"a.mp4", "b.mp4"}, 2, "expected VIDEO, got 2 arguments"},
    {"an empty name", {""}, 2, "argument 1 of VIDEO is empty"},
    {"a missing file", {"/no/such.mp4"}, 3, "/no/such.mp4: "},
    {"a folder without images", {"/proc/self/task"}, 3, "/proc/self/task: "},
    {"a device", {"/dev/zero"}, 3, "/dev/zero: "},
    {"an address", {"http://127.0.0.1:9/clip.mp4"}, 3, "http://127.0.0.1:9/clip.mp4: "},
    {"a rate of zero", {"x", "--image-fps=0"}, 2, "--image-fps: 0 is outside"},
    {"an unknown option", {"x", "--fulll"}, 2, "did you mean --full?"},
};

static void bad_input_has_a_message_and_an_exit_status(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad_cases); i++) {
        const bad_case *b = &bad_cases[i];
        said s =
            command_run((cli_command[]){cli_inspect_command, {0}}, "inspect", b->words);
        if (s.status != b->status || !strstr(s.err, b->message))
            fail_msg("case \"%s\": exit %d, %s", b->name, s.status, s.err);
        CHECK_CASE(b->name, s.out[0] == '\0');
        CHECK_CASE(b->name, strchr(s.err, '\n') == s.err + strlen(s.err) - 1);
        said_free(&s);
    }
}

/* ---- the cache ---- */

static int cache_entries(void)
{
    return test_count_entries(test_path(dir, "cache/askance"));
}

static void the_table_is_kept_in_a_folder_of_the_user_alone(void **state)
{
    (void)state;
    said s = RUN(source.path, "--full");
    assert_int_equal(s.status, 0);
    said_free(&s);
    struct stat info;
    assert_int_equal(stat(test_path(dir, "cache/askance"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_int_equal(cache_entries(), 1);
}

static void no_cache_leaves_none(void **state)
{
    (void)state;
    setenv("XDG_CACHE_HOME", test_path(dir, "unused"), 1);
    said s = RUN(source.path, "--full", "--no-cache");
    setenv("XDG_CACHE_HOME", test_path(dir, "cache"), 1);
    assert_int_equal(s.status, 0);
    assert_int_not_equal(access(test_path(dir, "unused"), F_OK), 0);
    said_free(&s);
}

static void a_cache_folder_that_cannot_be_made_is_no_error(void **state)
{
    (void)state;
    setenv("XDG_CACHE_HOME", "/proc/none", 1);
    said s = RUN(source.path, "--full");
    setenv("XDG_CACHE_HOME", test_path(dir, "cache"), 1);
    assert_int_equal(s.status, 0);
    assert_string_equal(s.err, "");
    said_free(&s);
}

/* ---- Ctrl-C ---- */

/* The signal comes when the program watches for it and the command begins. */
static cli_outcome run_interrupted(const cli_call *call, const void *values, ask_error *err)
{
    raise(SIGINT);
    return cli_inspect_command.run(call, values, err);
}

static void ctrl_c_ends_it_with_130(void **state)
{
    (void)state;
    pid_t child = fork(); // the flag of a signal stays up
    assert_true(child >= 0);
    if (child == 0) {
        cli_command command = cli_inspect_command;
        command.run = run_interrupted;
        said s = command_run(
            (cli_command[]){command, {0}}, "inspect",
            (const char *[COMMAND_MAX_WORDS]){source.path, "--full", "--no-cache"});
        bool told = strcmp(s.err, "askance: inspect: interrupted\n") == 0 && !*s.out;
        _exit(told ? s.status : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 130);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_outline_is_told_in_words),
        cmocka_unit_test(the_full_table_is_told_in_words),
        cmocka_unit_test(the_shape_of_pixels_is_told_when_they_are_not_square),
        cmocka_unit_test(frames_lists_every_frame_once),
        cmocka_unit_test(the_outline_is_told_as_json),
        cmocka_unit_test(the_full_table_is_told_as_json),
        cmocka_unit_test(subtitles_are_told),
        cmocka_unit_test(a_subtitle_file_that_cannot_be_read_is_told),
        cmocka_unit_test(every_good_clip_is_told_and_every_bad_one_is_an_error_of_one_line),
        cmocka_unit_test(bad_input_has_a_message_and_an_exit_status),
        cmocka_unit_test(the_table_is_kept_in_a_folder_of_the_user_alone),
        cmocka_unit_test(no_cache_leaves_none),
        cmocka_unit_test(a_cache_folder_that_cannot_be_made_is_no_error),
        cmocka_unit_test(ctrl_c_ends_it_with_130),
    };
    return cmocka_run_group_tests(tests, make_clip, remove_clip);
}
