/* Subtitles: of files, of tracks, and which of them are taken. */
#include "media/subtitles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "support/clips.h"
#include "support/testing.h"

static char *dir;

static int make_dir(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

/* Every cue as a line: "<start> <end> <text>". */
static char *told(const ask_subtitles *s)
{
    ask_error err = {0};
    ask_str out = {0};
    for (int64_t i = 0; i < s->n_cues; i++)
        ask_str_printf(&out, "%.3f %.3f %s\n", s->cues[i].start_s, s->cues[i].end_s,
                       s->cues[i].text);
    ask_str_append(&out, "");
    char *text = ask_str_take(&out, &err);
    assert_non_null(text);
    return text;
}

static void check_cues(const char *name, const ask_subtitles *s, const char *expected,
                       int64_t n_dropped)
{
    char *text = told(s);
    if (strcmp(text, expected) != 0)
        fail_msg("case \"%s\": expected\n%sgot\n%s", name, expected, text);
    if (s->n_dropped != n_dropped)
        fail_msg("case \"%s\": %lld cues were dropped", name, (long long)s->n_dropped);
    free(text);
}

/* ---- files ---- */

#define BYTES(text) text, sizeof(text) - 1

typedef struct {
    const char *name;
    const char *bytes;
    size_t n_bytes;
    const char *cues;
    int64_t n_dropped;
} file_case;

static const file_case file_cases[] = {
    {"SubRip",
     BYTES("1\n00:00:01,000 --> 00:00:02,500\nHello.\n\n2\n01:02:03,004 --> 01:02:04,000\n"
           "Two\nlines\n"),
     "1.000 2.500 Hello.\n3723.004 3724.000 Two lines\n", 0},
    {"WebVTT",
     BYTES("WEBVTT - a title\nKind: captions\n\nNOTE\nnot a cue\n\nSTYLE\n::cue { color: "
           "red }\n\nintro\n00:01.000 --> 00:02.000 align:start line:0%\nHi there\n\n"
           "100:00:00.000 --> 100:00:01.000\nLate\n"),
     "1.000 2.000 Hi there\n360000.000 360001.000 Late\n", 0},
    {"WebVTT without cues", BYTES("WEBVTT\n"), "", 0},
    {"a byte order mark, lines that end with CR LF",
     BYTES("\xef\xbb\xbf"
           "1\r\n00:00:01,000 --> 00:00:02,000\r\nA\r\nB\r\n\r\n2\r\n"
           "00:00:03,000 --> 00:00:04,000\r\nC\r\n"),
     "1.000 2.000 A B\n3.000 4.000 C\n", 0},
    {"lines that end with CR", BYTES("WEBVTT\r\r00:01.000 --> 00:02.000\rA\r\rno words\r"),
     "1.000 2.000 A\n", 0},
    {"UTF-16, little end first",
     BYTES("\xff\xfe\x31\0\n\0"
           "0\0000\0:\0000\0000\0:\0000\0001\0,\0000\0 \0-\0-\0>\0 \0"
           "0\0000\0:\0000\0000\0:\0000\0002\0\n\0\x3d\xd8\x00\xde\xe9\0"),
     "1.000 2.000 \xf0\x9f\x98\x80\xc3\xa9\n", 0},
    {"UTF-16, big end first",
     BYTES("\xfe\xff"
           "\0000\0000\0:\0000\0001\0-\0-\0>\0000\0000\0:\0000\0002\0\n\0A"),
     "1.000 2.000 A\n", 0},
    {"an empty line within a SubRip cue",
     BYTES("1\n00:00:01,000 --> 00:00:02,000\nA\n\nB\n\n2\n00:00:03,000 --> "
           "00:00:04,000\nC"),
     "1.000 2.000 A B\n3.000 4.000 C\n", 0},
    {"no numbers and no empty lines",
     BYTES("00:00:01,000 --> 00:00:02,000\nA\n00:00:03,000 --> 00:00:04,000\n1984\n"),
     "1.000 2.000 A\n3.000 4.000 1984\n", 0},
    {"fractions of any length",
     BYTES("0:00:01.5 --> 0:00:02,25 X1:0\nA\n\n00:00:03 --> 00:00:04,123456\nB\n"),
     "1.500 2.250 A\n3.000 4.123 B\n", 0},
    {"cues out of order, some at the same time",
     BYTES("00:05.000 --> 00:06.000\nlast\n\n00:01.000 --> 00:03.000\nlong\n\n"
           "00:01.000 --> 00:02.000\nfirst\n\n00:01.000 --> 00:02.000\nsecond\n"),
     "1.000 2.000 first\n1.000 2.000 second\n1.000 3.000 long\n5.000 6.000 last\n", 0},
    {"cues that cannot be placed",
     BYTES("00:02.000 --> 00:01.000\nback\n\n00:02.000 --> 00:02.000\nno time\n\n"
           "-00:02.000 --> 00:03.000\nnegative\n\n00:01.000 -->\nno end\n\n"
           "00:01.000 --> 00:72.000\n72 s\n\n99999:00:00,000 --> 99999:00:01,000\nhuge\n\n"
           "99999999999999999999:00:00,000 --> 00:00:01,000\nhuger\n\n"
           "00:07.000 --> 00:08.000\nsound\n"),
     "7.000 8.000 sound\n", 7},
    {"a malformed cue in WebVTT",
     BYTES("WEBVTT\n\n00:01.000 --> \nlost\n\n00:02.000 --> 00:03.000\nkept\n"),
     "2.000 3.000 kept\n", 1},
    {"cut off within the times",
     BYTES("1\n00:00:01,000 --> 00:00:02,000\nA\n\n2\n00:00:03,000 --> 00:0"),
     "1.000 2.000 A\n", 1},
    {"cut off behind the times",
     BYTES("1\n00:00:01,000 --> 00:00:02,000\nA\n\n2\n00:00:03,000 --> 00:00:04,000"),
     "1.000 2.000 A\n", 0},
    {"an arrow in the text", BYTES("00:01.000 --> 00:02.000\nthis --> that\n"),
     "1.000 2.000 this --> that\n", 0},
    {"cues without words",
     BYTES("00:01.000 --> 00:02.000\n \n\n00:02.000 --> 00:03.000\n<i> </i>{\\an8}\n"), "",
     0},
};

static void files_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(file_cases); i++) {
        const file_case *c = &file_cases[i];
        ask_error err = {0};
        ask_subtitles s;
        if (!ask_subtitles_parse(&s, c->bytes, c->n_bytes, "it.srt", NULL, &err))
            fail_msg("case \"%s\": %s", c->name, err.message);
        CHECK_CASE(c->name, s.kind == ASK_SUBTITLES_FILE && s.stream == -1);
        CHECK_CASE(c->name, strcmp(s.path, "it.srt") == 0);
        check_cues(c->name, &s, c->cues, c->n_dropped);
        ask_subtitles_free(&s);
    }
}

typedef struct {
    const char *name;
    const char *bytes;
    size_t n_bytes;
    ask_error_code code;
    const char *message;
} bad_case;

static const bad_case bad_cases[] = {
    {"empty", BYTES(""), ASK_ERR_FORMAT, "it.srt: is empty"},
    {"words alone", BYTES("A man walks into a room.\n"), ASK_ERR_FORMAT, "no cues"},
    {"a byte order mark alone", BYTES("\xef\xbb\xbf"), ASK_ERR_FORMAT, "no cues"},
    {"garbage", BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), ASK_ERR_FORMAT, "not a text file"},
    {"no times", BYTES("1\n00:00:01,000 -->\nA\n"), ASK_ERR_FORMAT, "none of its 1 cues"},
    {"UTF-16 that is cut", BYTES("\xff\xfe\x31\0\n"), ASK_ERR_FORMAT, "UTF-16"},
    {"half a character of UTF-16", BYTES("\xff\xfe\x3d\xd8"), ASK_ERR_FORMAT, "UTF-16"},
    {"Latin-1", BYTES("1\n00:00:01,000 --> 00:00:02,000\nCaf\xe9\n"), ASK_ERR_FORMAT,
     "it.srt: line 3 is not UTF-8; convert"},
    {"ASS", BYTES("[Script Info]\nTitle: x\n"), ASK_ERR_UNSUPPORTED, "ASS subtitles"},
    {"more cues than the limit",
     BYTES("00:01.000 --> 00:02.000\nA\n\n00:01.000 --> 00:02.000\nB\n\n"
           "00:01.000 --> 00:02.000\nC\n\n00:01.000 --> 00:02.000\nD\n"),
     ASK_ERR_LIMIT, "more than 3 cues"},
    {"a cue longer than the limit",
     BYTES("00:01.000 --> 00:02.000\n12345678901234567890123456789012345678901234567890\n"),
     ASK_ERR_LIMIT, "the cue at 1.000 s has more than 40 bytes"},
    {"a file longer than the limit",
     BYTES("00:01.000 --> 00:02.000\nA\n"
           "0123456789012345678901234567890123456789012345678901234567890123456789\n"
           "0123456789012345678901234567890123456789012345678901234567890123456789\n"),
     ASK_ERR_LIMIT, "of 150 that are read"},
};

static void bad_files_are_refused(void **state)
{
    (void)state;
    ask_subtitle_options options = ask_subtitle_defaults();
    options.max_cues = 3;
    options.max_cue_bytes = 40;
    options.max_bytes = 150;
    for (size_t i = 0; i < TEST_COUNT(bad_cases); i++) {
        const bad_case *c = &bad_cases[i];
        ask_error err = {0};
        ask_subtitles s;
        CHECK_CASE(c->name, !ask_subtitles_parse(&s, c->bytes, c->n_bytes, "it.srt",
                                                 &options, &err));
        if (err.code != c->code || !strstr(err.message, c->message))
            fail_msg("case \"%s\": %s", c->name, err.message);
    }
}

static void only_regular_files_are_read(void **state)
{
    (void)state;
    ask_subtitles s;
    ask_error err = {0};
    assert_false(ask_subtitles_read(&s, test_path(dir, "none.srt"), NULL, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_int_equal(mkfifo(test_path(dir, "pipe.srt"), 0600), 0);
    assert_false(ask_subtitles_read(&s, test_path(dir, "pipe.srt"), NULL, &err));
    assert_non_null(strstr(err.message, "pipe.srt: is not a regular file"));
    test_write_text(test_path(dir, "read.srt"), "00:01.000 --> 00:02.000\nA\n");
    CHECK_OK(ask_subtitles_read(&s, test_path(dir, "read.srt"), NULL, &err), &err);
    check_cues("read.srt", &s, "1.000 2.000 A\n", 0);
    ask_subtitles_free(&s);
}

static void reading_can_be_stopped(void **state)
{
    (void)state;
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    ask_subtitle_options options = ask_subtitle_defaults();
    options.cancel = &cancel;
    ask_subtitles s;
    ask_error err = {0};
    assert_false(ask_subtitles_parse(&s, "WEBVTT\n", 7, "it.vtt", &options, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
}

static bool parse_once(void *user, ask_error *err)
{
    ask_subtitles s;
    const char *text = user;
    if (!ask_subtitles_parse(&s, text, strlen(text), "it.srt", NULL, err)) return false;
    ask_subtitles_free(&s);
    return true;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    char text[] = "00:01.000 --> 00:02.000\nA\n\n00:02.000 --> 00:03.000\nB\n";
    assert_true(test_each_alloc_fails("a file", parse_once, text) > 0);
}

/* ---- words ---- */

typedef struct {
    const char *text, *words;
    bool is_webvtt;
} words_case;

static const words_case words_cases[] = {
    {"<i>One</i>, <font color=\"red\">two</font>{\\an8}", "One, two", false},
    {"  a \t b\xc2\xa0\xe2\x80\x8f c ", "a b c", false},
    {"1 < 2 > 0, I <3 you, <Bob> too", "1 < 2 > 0, I <3 you, <Bob> too", false},
    {"{brackets} {\\open", "{brackets} {\\open", false},
    {"one<br/>two<BR>three", "one two three", false},
    {"Tom &amp; Jerry &lt;3 &#233;&#xE9;&nbsp;&quot;x&quot; &unknown; & &;",
     "Tom & Jerry <3 \xc3\xa9\xc3\xa9 \"x\" &unknown; & &;", false},
    {"&#x110000; &#xd800; &#;", "&#x110000; &#xd800; &#;", false},
    {"<v Ann Lee>Hi.</v> <v.loud Bob>What?", "Ann Lee: Hi. Bob: What?", true},
    {"<v>Hi</v>", "Hi", true},
    {"One <v Ann></v><v Bob>two<v Cy>", "One Bob: two", true},
    {"<c.yellow.bg_blue>Do</c> <00:00:01.500>re <01:02.000>mi", "Do re mi", true},
    {"<lang en>a</lang> <ruby>b<rt>c</rt></ruby><anything>", "a bc", true},
    {"<b>not closed <i", "not closed <i", true},
};

static void marks_are_left_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(words_cases); i++) {
        const words_case *c = &words_cases[i];
        char file[512];
        snprintf(file, sizeof file, "%s00:01.000 --> 00:02.000\n%s\n",
                 c->is_webvtt ? "WEBVTT\n\n" : "", c->text);
        ask_subtitles s;
        ask_error err = {0};
        CHECK_OK(ask_subtitles_parse(&s, file, strlen(file), "it", NULL, &err), &err);
        CHECK_CASE(c->text, s.n_cues == 1);
        if (strcmp(s.cues[0].text, c->words) != 0)
            fail_msg("\"%s\" became \"%s\"", c->text, s.cues[0].text);
        ask_subtitles_free(&s);
    }
}

/* ---- beside a video ---- */

typedef struct {
    const char *name;
    const char *files[4];
    const char *language;
    const char *found;
} beside_case;

static const beside_case beside_cases[] = {
    {"nothing", {NULL}, NULL, NULL},
    {"no language before WebVTT before languages",
     {"clip.en.srt", "clip.vtt", "clip.srt"},
     NULL,
     "clip.srt"},
    {"WebVTT before languages", {"clip.en.srt", "clip.vtt"}, NULL, "clip.vtt"},
    {"the first language by name", {"clip.pt-BR.vtt", "clip.de.SRT"}, NULL, "clip.de.SRT"},
    {"a language", {"clip.srt", "clip.en.srt", "clip.fr.vtt"}, "FR", "clip.fr.vtt"},
    {"a language that is not there", {"clip.srt", "clip.en.srt"}, "fr", NULL},
    {"a language of two letters in three",
     {"clip.srt", "clip.ger.srt"},
     "de",
     "clip.ger.srt"},
    {"a region that was not asked for", {"clip.pt-BR.srt"}, "por", "clip.pt-BR.srt"},
    {"a region that was", {"clip.pt.srt", "clip.pt_br.srt"}, "pt-BR", "clip.pt_br.srt"},
    {"a language that is in no list",
     {"clip.en.srt", "clip.nds.srt"},
     "nds",
     "clip.nds.srt"},
    {"others", {"clip.part2.srt", "clipper.srt", "clip.txt", "other.srt"}, NULL, NULL},
};

static void files_are_found_beside_a_video(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(beside_cases); i++) {
        const beside_case *c = &beside_cases[i];
        char *own = test_temp_dir_make(), *found = NULL;
        for (int k = 0; k < 4 && c->files[k]; k++)
            test_write_text(test_path(own, c->files[k]), "x");
        ask_error err = {0};
        CHECK_OK(
            ask_subtitles_beside(&found, test_path(own, "clip.mp4"), c->language, &err),
            &err);
        const char *expected = c->found ? test_path(own, c->found) : "(none)";
        if (strcmp(found ? found : "(none)", expected) != 0)
            fail_msg("case \"%s\": found %s", c->name, found);
        free(found);
        test_temp_dir_remove(own);
    }
}

static void a_folder_that_cannot_be_listed_has_none(void **state)
{
    (void)state;
    char *found = dir;
    ask_error err = {0};
    CHECK_OK(ask_subtitles_beside(&found, test_path(dir, "none/clip.mp4"), NULL, &err),
             &err);
    assert_null(found);
}

/* ---- tracks ---- */

/* Frames of 40 ms. */
#define CLIP                                                                               \
    .codec = "mpeg4", .width = 64, .height = 48, .n_frames = 100, .time_base_den = 25

static const clip_cue plain_cues[] = {
    {400, 1200, "Good morning."}, {1200, 1600, "One &\ntwo"}, {2000, 3000, "three"}, {0}};
static const char plain_told[] = "0.400 1.200 Good morning.\n1.200 1.600 One & two\n"
                                 "2.000 3.000 three\n";
static const clip_cue ass_cues[] = {
    {0, 1000, "0,0,Default,Ann,0,0,0,,{\\an8\\i1}Well, {comment}hello\\Nthere\\h!"},
    {1000, 2000, "1,0,Default,,0,0,0,,{\\p1}m 0 0 l 10 10{\\p0}drawn"},
    {1500, 2500, "2,0,Default,,0,0,0,,{\\pos(3,4)\\p2}m 0 0 l 5 5"},
    {2500, 3000, "no fields"},
    {0}};
static const clip_cue voices[] = {{500, 900, "<v Ann>Hi <i>you</i>"}, {0}};
static const clip_cue endless[] = {{400, 400, "until b"}, {1000, 1000, "b"}, {0}};
static const clip_cue bytes_cues[] = {{0, 900, "Caf\xe9"}, {1000, 2000, "sound"}, {0}};

typedef struct {
    clip_spec spec;
    const char *cues;
    int64_t n_dropped;
} track_case;

#define TRACK(codec, cues)                                                                 \
    (const clip_track[])                                                                   \
    {                                                                                      \
        {codec, "eng", true, false, cues},                                                 \
        {                                                                                  \
            0                                                                              \
        }                                                                                  \
    }

static const int uneven[] = {0, 3, 4, 9, 20, 22, 75, 100};

static const track_case track_cases[] = {
    {{.file = "mov_text.mp4", CLIP, .tracks = TRACK("mov_text", plain_cues)},
     plain_told,
     0},
    {{.file = "subrip.mkv", CLIP, .tracks = TRACK("subrip", plain_cues)}, plain_told, 0},
    {{.file = "webvtt.mkv", CLIP, .tracks = TRACK("webvtt", voices)},
     "0.500 0.900 Ann: Hi you\n",
     0},
    {{.file = "webvtt.webm",
      .codec = "libvpx",
      .codec_options = "deadline=realtime",
      .width = 64,
      .height = 48,
      .n_frames = 50,
      .time_base_den = 25,
      .tracks = TRACK("webvtt", voices)},
     "0.500 0.900 Ann: Hi you\n",
     0},
    {{.file = "ass.mkv", CLIP, .tracks = TRACK("ass", ass_cues)},
     "0.000 1.000 Well, hello there !\n1.000 2.000 drawn\n",
     1},
    {{.file = "bytes.mkv", CLIP, .tracks = TRACK("subrip", bytes_cues)},
     "1.000 2.000 sound\n",
     1},
    // A track may not say when a cue ends.
    {{.file = "endless.mkv", CLIP, .tracks = TRACK("subrip", endless)},
     "0.400 1.000 until b\n1.000 4.000 b\n",
     0},
    // The first frame is shown at 1 s of the container's time line: all is 1 s earlier.
    {{.file = "late.mp4", CLIP, .first_tick = 25, .tracks = TRACK("mov_text", plain_cues)},
     "0.000 0.200 Good morning.\n0.200 0.600 One & two\n1.000 2.000 three\n",
     0},
    {{.file = "late.mkv", CLIP, .first_tick = 40, .tracks = TRACK("subrip", plain_cues)},
     "0.400 1.400 three\n",
     2},
    // Decoding begins before what is shown first, which an edit list says.
    {{.file = "reordered.mp4",
      .codec = "libx264",
      .codec_options = "bf=2",
      .width = 64,
      .height = 48,
      .n_frames = 100,
      .time_base_den = 25,
      .tracks = TRACK("mov_text", plain_cues)},
     plain_told,
     0},
    {{.file = "uneven.mkv",
      .codec = "mpeg4",
      .width = 64,
      .height = 48,
      .n_frames = 7,
      .time_base_den = 25,
      .ticks = uneven,
      .first_tick = 5,
      .tracks = TRACK("subrip", plain_cues)},
     "0.200 1.000 Good morning.\n1.000 1.400 One & two\n1.800 2.800 three\n",
     0},
    // What was frame 25 is shown first; subtitles stay where the container has them.
    {{.file = "edited.mp4",
      .codec = "libx264",
      .width = 64,
      .height = 48,
      .n_frames = 100,
      .time_base_den = 25,
      .edit_begin = 24,
      .edit_end = 100,
      .tracks = TRACK("mov_text", plain_cues)},
     plain_told,
     0},
};

static ask_video *open_clip(clip *c, const clip_spec *spec)
{
    ask_error err = {0};
    clip_encode(c, spec, dir);
    ask_video *v = ask_video_open(c->path, NULL, &err);
    CHECK_OK(v, &err);
    return v;
}

static void tracks_are_on_the_time_line_of_the_frames(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(track_cases); i++) {
        const track_case *t = &track_cases[i];
        clip c;
        ask_video *v = open_clip(&c, &t->spec);
        ask_error err = {0};
        ask_subtitles s;
        if (!ask_subtitles_of_video(&s, v, NULL, &err)) fail_msg("%s", err.message);
        CHECK_CASE(t->spec.file, s.kind == ASK_SUBTITLES_TRACK && s.stream == 1);
        check_cues(t->spec.file, &s, t->cues, t->n_dropped);
        ask_subtitles_free(&s);
        ask_video_close(v);
        clip_free(&c);
    }
}

static void a_cue_that_begins_with_a_frame_has_its_very_time(void **state)
{
    (void)state;
    const clip_spec spec = {
        .file = "same.mp4", CLIP, .first_tick = 3, .tracks = TRACK("mov_text", plain_cues)};
    clip c;
    ask_video *v = open_clip(&c, &spec);
    ask_subtitles s;
    ask_error err = {0};
    CHECK_OK(ask_subtitles_of_video(&s, v, NULL, &err), &err);
    const ask_time_table *t = ask_video_table(v, &err);
    CHECK_OK(t, &err);
    assert_true(s.cues[0].start_s == t->frames[7].t_s);
    assert_true(s.cues[2].start_s == t->frames[47].t_s);
    ask_subtitles_free(&s);
    ask_video_close(v);
    clip_free(&c);
}

static const clip_cue cues_a[] = {{0, 1000, "a"}, {0}}, cues_b[] = {{0, 1000, "b"}, {0}},
                      cues_c[] = {{0, 1000, "c"}, {0}};
static const clip_spec several = {
    .file = "several.mkv",
    CLIP,
    .tracks = (const clip_track[]){{"hdmv_pgs_subtitle", "eng", true, false, NULL},
                                   {"subrip", "eng", true, true, cues_a},
                                   {"subrip", "fre", false, false, cues_b},
                                   {"ass", "ger", true, false, NULL},
                                   {"subrip", "ger", true, false, cues_c},
                                   {0}}};

typedef struct {
    const char *name;
    int stream;
    const char *language;
    int chosen; // the stream
    ask_error_code code;
    const char *message;
} choice_case;

static const choice_case choice_cases[] = {
    {.name = "the first default one", .stream = -1, .chosen = 4},
    {.name = "by language", .stream = -1, .language = "FRE", .chosen = 3},
    {.name = "by a language of two letters", .stream = -1, .language = "de", .chosen = 4},
    {.name = "forced when there is no other", .stream = -1, .language = "eng", .chosen = 2},
    {.name = "by stream", .stream = 5, .chosen = 5},
    {"pictures", 1, NULL, 0, ASK_ERR_UNSUPPORTED,
     "stream 1 (hdmv_pgs_subtitle) are pictures, not text"},
    {"no subtitles", 0, NULL, 0, ASK_ERR_USAGE, "stream 0 is no subtitle track"},
    {"a language that is not there", -1, "spa", 0, ASK_ERR_NOT_FOUND,
     "no subtitles in \"spa\" (tracks: 5)"},
};

static void a_track_can_be_chosen(void **state)
{
    (void)state;
    clip c;
    ask_video *v = open_clip(&c, &several);
    for (size_t i = 0; i < TEST_COUNT(choice_cases); i++) {
        const choice_case *k = &choice_cases[i];
        ask_subtitle_options options = ask_subtitle_defaults();
        options.stream = k->stream;
        options.language = k->language;
        ask_subtitles s;
        ask_error err = {0};
        bool ok = ask_subtitles_of_video(&s, v, &options, &err);
        if (ok != (k->code == ASK_OK) || err.code != k->code ||
            (!ok && !strstr(err.message, k->message)))
            fail_msg("case \"%s\": %s", k->name, err.message);
        if (!ok) continue;
        CHECK_CASE(k->name, s.stream == k->chosen);
        ask_subtitles_free(&s);
    }
    ask_video_close(v);
    clip_free(&c);
}

static void tracks_are_listed(void **state)
{
    (void)state;
    clip c;
    ask_video *v = open_clip(&c, &several);
    ask_subtitle_track *t;
    int n;
    ask_error err = {0};
    CHECK_OK(ask_subtitles_tracks(&t, &n, v, &err), &err);
    assert_int_equal(n, 5);
    assert_int_equal(t[0].stream, 1);
    assert_true(t[0].is_pictures && !t[0].is_read);
    assert_string_equal(t[0].codec, "hdmv_pgs_subtitle");
    assert_true(t[1].is_read && t[1].is_forced && t[1].is_default);
    assert_string_equal(t[2].language, "fre");
    assert_true(!t[2].is_default && !t[2].is_forced);
    free(t);
    ask_video_close(v);
    clip_free(&c);
}

static void pictures_alone_are_refused_by_name(void **state)
{
    (void)state;
    const clip_spec spec = {.file = "pictures.mkv",
                            CLIP,
                            .tracks = (const clip_track[]){
                                {"hdmv_pgs_subtitle", "eng", true, false, NULL}, {0}}};
    clip c;
    ask_video *v = open_clip(&c, &spec);
    ask_subtitles s;
    ask_error err = {0};
    assert_false(ask_subtitles_of_video(&s, v, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "pictures.mkv: the subtitles of stream 1"));
    CHECK_OK(ask_subtitles_find(&s, v, NULL, &err), &err);
    assert_int_equal(s.kind, ASK_SUBTITLES_NONE);
    ask_subtitles_free(&s);
    ask_video_close(v);
    clip_free(&c);
}

static void a_track_can_be_stopped_and_has_limits(void **state)
{
    (void)state;
    const clip_spec spec = {
        .file = "limits.mkv", CLIP, .tracks = TRACK("subrip", plain_cues)};
    clip c;
    ask_video *v = open_clip(&c, &spec);
    ask_cancel cancel = {0};
    ask_subtitle_options options = ask_subtitle_defaults();
    ask_subtitles s;
    ask_error err = {0};
    options.max_cues = 2;
    assert_false(ask_subtitles_of_video(&s, v, &options, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    options = ask_subtitle_defaults();
    options.max_bytes = 20;
    assert_false(ask_subtitles_of_video(&s, v, &options, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    options = ask_subtitle_defaults();
    options.cancel = &cancel;
    ask_cancel_raise(&cancel, 2);
    assert_false(ask_subtitles_of_video(&s, v, &options, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    ask_video_close(v);
    clip_free(&c);
}

static bool read_track_once(void *user, ask_error *err)
{
    ask_subtitles s;
    if (!ask_subtitles_of_video(&s, user, NULL, err)) return false;
    ask_subtitles_free(&s);
    return true;
}

static void memory_may_run_out_in_a_track(void **state)
{
    (void)state;
    const clip_spec spec = {
        .file = "memory.mkv", CLIP, .tracks = TRACK("subrip", plain_cues)};
    clip c;
    ask_video *v = open_clip(&c, &spec);
    assert_true(test_each_alloc_fails("a track", read_track_once, v) > 0);
    ask_video_close(v);
    clip_free(&c);
}

/* ---- either ---- */

static void check_found(const ask_video *v, const ask_subtitle_options *o,
                        ask_subtitles_kind kind, const char *cues)
{
    ask_subtitles s;
    ask_error err = {0};
    CHECK_OK(ask_subtitles_find(&s, v, o, &err), &err);
    assert_int_equal(s.kind, kind);
    check_cues("found", &s, cues, 0);
    ask_subtitles_free(&s);
}

static void a_file_beside_comes_before_a_track(void **state)
{
    (void)state;
    const clip_spec spec = {
        .file = "either.mkv", CLIP, .tracks = TRACK("subrip", plain_cues)};
    clip c;
    ask_video *v = open_clip(&c, &spec);
    check_found(v, NULL, ASK_SUBTITLES_TRACK, plain_told);
    test_write_text(test_path(dir, "either.srt"), "00:01.000 --> 00:02.000\nbeside\n");
    check_found(v, NULL, ASK_SUBTITLES_FILE, "1.000 2.000 beside\n");
    ask_subtitle_options options = ask_subtitle_defaults();
    options.stream = 1;
    check_found(v, &options, ASK_SUBTITLES_TRACK, plain_told);
    options = ask_subtitle_defaults();
    options.language = "eng";
    check_found(v, &options, ASK_SUBTITLES_TRACK, plain_told);
    options.language = "fre";
    check_found(v, &options, ASK_SUBTITLES_NONE, "");

    ask_subtitles s;
    ask_error err = {0};
    test_write_text(test_path(dir, "either.srt"), "nothing");
    assert_false(ask_subtitles_find(&s, v, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_FORMAT);
    ask_video_close(v);
    clip_free(&c);
}

static void other_videos_have_none(void **state)
{
    (void)state;
    static const char *const names[] = {"folder of pictures", "GIF with partial frames",
                                        "AVI"};
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        clip c = clip_make(clip_case_of(names[i]), dir);
        ask_error err = {0};
        ask_video *v = ask_video_open(c.path, NULL, &err);
        CHECK_OK(v, &err);
        check_found(v, NULL, ASK_SUBTITLES_NONE, "");
        ask_subtitle_track *t;
        int n = -1;
        CHECK_OK(ask_subtitles_tracks(&t, &n, v, &err), &err);
        assert_int_equal(n, 0);
        free(t);
        ask_subtitles s;
        assert_false(ask_subtitles_of_video(&s, v, NULL, &err));
        assert_int_equal(err.code, ASK_ERR_NOT_FOUND);
        ask_video_close(v);
        clip_free(&c);
    }
}

/* ---- between two times ---- */

static void cues_between_two_times_are_those_on_display(void **state)
{
    (void)state;
    static const char file[] =
        "00:01.000 --> 00:09.000\nlong\n\n00:02.000 --> 00:03.000\nb\n"
        "\n00:03.000 --> 00:04.000\nc\n\n00:08.000 --> 00:09.000\nd\n";
    static const struct {
        double start_s, end_s;
        const char *texts;
    } cases[] = {
        {0, 1, ""},        {0, 1.5, "long "}, {2, 3, "long b "},
        {3, 3, "long c "}, {1, 1, "long "},   {2.5, 8, "long b c "},
        {9, 20, ""},       {9, 9, ""},        {0, 99, "long b c d "},
    };
    ask_subtitles s;
    ask_error err = {0};
    CHECK_OK(ask_subtitles_parse(&s, file, sizeof file - 1, "it", NULL, &err), &err);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const ask_subtitle_cue *cues[4];
        char texts[64] = "";
        int64_t n = ask_subtitles_between(&s, cases[i].start_s, cases[i].end_s, cues, 4);
        for (int64_t k = 0; k < n; k++) {
            strcat(texts, cues[k]->text);
            strcat(texts, " ");
        }
        if (strcmp(texts, cases[i].texts) != 0) fail_msg("case %zu: %s", i, texts);
    }
    assert_int_equal(ask_subtitles_between(&s, 0, 99, NULL, 0), 4);
    ask_subtitles_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(bad_files_are_refused),
        cmocka_unit_test(only_regular_files_are_read),
        cmocka_unit_test(reading_can_be_stopped),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(marks_are_left_out),
        cmocka_unit_test(files_are_found_beside_a_video),
        cmocka_unit_test(a_folder_that_cannot_be_listed_has_none),
        cmocka_unit_test(tracks_are_on_the_time_line_of_the_frames),
        cmocka_unit_test(a_cue_that_begins_with_a_frame_has_its_very_time),
        cmocka_unit_test(a_track_can_be_chosen),
        cmocka_unit_test(tracks_are_listed),
        cmocka_unit_test(pictures_alone_are_refused_by_name),
        cmocka_unit_test(a_track_can_be_stopped_and_has_limits),
        cmocka_unit_test(memory_may_run_out_in_a_track),
        cmocka_unit_test(a_file_beside_comes_before_a_track),
        cmocka_unit_test(other_videos_have_none),
        cmocka_unit_test(cues_between_two_times_are_those_on_display),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
