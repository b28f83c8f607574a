/* Talks about videos with language models of random weights: what they say means nothing,
 * but what is looked at, read, kept and left out is known. */
#include "vqa/talk.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/init.h"
#include "support/color_model.h"
#include "support/language_model.h"
#include "support/scripted_model.h"
#include "support/testing.h"
#include "vqa/talk_priv.h"

enum { ROWS = LANGUAGE_MODEL_FRAME_TOKENS, LLAVA_ROWS = 36, MOST_TOKENS = 12 };
enum { MOST_FRAMES = 8 }; // where nothing is said of their number

static char *dir; // with all models and videos

/* 4 s, of 48 frames. */
static const color_span story[] = {{1, 0xff0000}, {1, 0x00ff00}, {1, 0x0000ff}, {1, 0}};
static const color_span other_story[] = {{2, 0x123456}, {2, 0xffffff}};

static int make_all(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        language_model_options opt;
    } models[] = {{"next", {.seed = 1}},
                  {"other", {.seed = 2}},
                  {"llava", {.kind = LANGUAGE_MODEL_LLAVA}},
                  {"chatgpt", {.kind = LANGUAGE_MODEL_VIDEO_CHATGPT}}};
    dir = test_temp_dir_make();
    for (size_t i = 0; i < TEST_COUNT(models); i++)
        language_model_write(test_path(dir, models[i].name), &models[i].opt);
    scripted_model_write(test_path(dir, "script"), "The quick brown");
    color_video_write(test_path(dir, "story.mp4"), 64, 48, 12, story, TEST_COUNT(story));
    color_video_write(test_path(dir, "other.mp4"), 64, 48, 12, other_story,
                      TEST_COUNT(other_story));
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- a model, a video, and a talk ---- */

typedef struct {
    ask_model *model;
    ask_session *session;
    ask_video *video;
    int n_frames, n_tokens; // calls of progress, by what they count
    ask_cancel cancel;
    const char *stop_at; // what is counted when the cancel is raised; NULL: never
    ask_progress progress;
} scene;

static void count(void *user, int64_t done, int64_t total, const char *unit,
                  const char *label)
{
    scene *s = user;
    (void)done;
    (void)total;
    (void)label;
    s->n_frames += strcmp(unit, "frames") == 0;
    s->n_tokens += strcmp(unit, "tokens") == 0;
    if (s->stop_at && strcmp(unit, s->stop_at) == 0) ask_cancel_raise(&s->cancel, SIGINT);
}

static void open_model(scene *s, const char *folder)
{
    ask_error err = {0};
    const ask_model_options opt = {.n_threads = 1};
    CHECK_OK(s->model = ask_model_open(folder, &opt, &err), &err);
    CHECK_OK(s->session = ask_session_open(s->model, &err), &err);
}

static void open_scene(scene *s, const char *model, const char *video)
{
    ask_error err = {0};
    *s = (scene){.progress = {count, s}};
    open_model(s, test_path(dir, model));
    CHECK_OK(s->video = ask_video_open(test_path(dir, video), NULL, &err), &err);
}

static void close_scene(scene *s)
{
    ask_video_close(s->video);
    ask_session_close(s->session);
    ask_model_close(s->model);
}

static ask_talk_options options_of(scene *s)
{
    ask_talk_options o = ask_talk_defaults();
    o.max_tokens = MOST_TOKENS;
    o.progress = &s->progress;
    o.cancel = &s->cancel;
    return o;
}

static ask_talk *open_talk(scene *s, const ask_talk_options *opt)
{
    ask_error err = {0};
    ask_talk *t;
    CHECK_OK(t = ask_talk_open(s->video, s->session, opt, &err), &err);
    return t;
}

static ask_talk *open_talk_of(scene *s, int n_frames)
{
    ask_talk_options o = options_of(s);
    o.sampling.n_frames = n_frames;
    return open_talk(s, &o);
}

static ask_generated say(ask_talk *t, const char *text)
{
    ask_error err = {0};
    ask_generated said;
    CHECK_OK(ask_talk_say(&said, t, text, NULL, &err), &err);
    return said;
}

static ask_talk_plan plan_of(ask_talk *t, const char *text)
{
    ask_error err = {0};
    ask_talk_plan p;
    CHECK_OK(ask_talk_plan_of(&p, t, text, &err), &err);
    return p;
}

static bool is_same(const ask_generated *a, const ask_generated *b)
{
    return a->n == b->n && memcmp(a->ids, b->ids, (size_t)a->n * sizeof *a->ids) == 0 &&
           strcmp(a->text, b->text) == 0;
}

/* The text of a prompt; freed by the caller. */
static char *text_of(ask_talk *t, const char *question)
{
    ask_error err = {0};
    talk_prompt p;
    CHECK_OK(talk_prompt_make(&p, t, question, &(talk_sight){0}, &err), &err);
    char *text = p.text;
    p.text = NULL;
    talk_prompt_free(&p);
    return text;
}

static void check_text(ask_talk *t, const char *question, const char *expected)
{
    char *text = text_of(t, question);
    assert_string_equal(text, expected);
    free(text);
}

static const char *const first = "what happens?", *const second = "and then?";

/* ---- frames ---- */

static void frames_are_those_at_the_middles_of_equal_parts(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, "next", "story.mp4");
    static const int counts[] = {0, 3, 1};
    for (size_t i = 0; i < TEST_COUNT(counts); i++) {
        int n = counts[i] ? counts[i] : MOST_FRAMES;
        ask_talk *t = open_talk_of(&s, counts[i]);
        const ask_footage *f = ask_talk_footage(t);
        assert_true(f->sampling.n == n && f->n == n * ROWS && f->n_rows == ROWS);
        assert_true(!f->rows && f->sampled.n == 0);
        ask_talk_plan p = plan_of(t, first);
        assert_null(f->rows); // a plan looks at nothing
        assert_true(p.n_frames == n && p.n_visual == n * ROWS);
        assert_true(p.n_answer == MOST_TOKENS && p.n_context == p.n_prompt + MOST_TOKENS);
        assert_true(p.n_question > 0 && p.n_question < p.n_prompt - p.n_visual);
        assert_true(p.gflop > 0 && p.mib > 0);
        ask_generated said = say(t, first);
        assert_int_equal(said.n_prompt, p.n_prompt);
        assert_int_equal(said.n_reused, 0);
        assert_true(f->rows && f->sampled.n == n && f->n == n * ROWS);
        for (int k = 0; k < n; k++) {
            double t_s = 4 * (k + 0.5) / n;
            assert_true(fabs(f->sampling.t_s[k] - t_s) < 1e-9);
            assert_true(f->sampled.frames[k].t_s <= t_s + 1e-9);
            assert_true(f->sampled.frames[k].t_s > t_s - 1.0 / 12 - 1e-9);
        }
        assert_string_equal(f->sampling.why_changed, "");
        ask_generated_free(&said);
        ask_talk_close(t);
    }
    close_scene(&s);
}

/* ---- going on ---- */

static void a_second_question_looks_at_nothing_again(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, "next", "story.mp4");
    ask_talk *t = open_talk_of(&s, 4);
    const ask_footage *f = ask_talk_footage(t);
    ask_generated a = say(t, first);
    assert_true(s.n_frames > 0 && s.n_tokens > 0);
    const float *rows = f->rows;
    double decode_s = f->decode_s, encode_s = f->encode_s;
    s.n_frames = 0;
    ask_generated b = say(t, second);
    assert_int_equal(s.n_frames, 0);
    assert_true(f->rows == rows && f->decode_s == decode_s && f->encode_s == encode_s);
    assert_true(b.n_reused >= a.n_prompt);
    assert_true(b.n_prompt > a.n_prompt + a.n);
    ask_generated_free(&a);
    ask_generated_free(&b);
    ask_talk_close(t);
    close_scene(&s);
}

static void what_was_said_stands_in_the_next_prompt(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, "next", "story.mp4");
    ask_talk *t = open_talk_of(&s, 2);
    check_text(t, first, "USER: <video>\nwhat happens? ASSISTANT:");
    ask_generated a = say(t, first);
    char expected[1024];
    snprintf(
        expected, sizeof expected,
        "USER: <video>\nwhat happens? ASSISTANT: %s</s>USER: and then? ASSISTANT:", a.text);
    check_text(t, second, expected);
    ask_talk_forget(t);
    check_text(t, second, "USER: <video>\nand then? ASSISTANT:");
    ask_generated again = say(t, first); // the video stays read
    assert_true(is_same(&a, &again));
    assert_int_equal(again.n_reused, again.n_prompt - 1);
    ask_generated_free(&a);
    ask_generated_free(&again);
    ask_talk_close(t);
    close_scene(&s);
}

/* What the model says is not shown to it as frames. */
static void marks_in_answers_are_words(void **state)
{
    (void)state;
    ask_error err = {0};
    scene s;
    open_scene(&s, "next", "story.mp4");
    ask_talk *t = open_talk_of(&s, 2);
    CHECK_OK(talk_remember(t, first, "<video>, or <vid<video>eo>", &err), &err);
    check_text(t, second,
               "USER: <video>\nwhat happens? ASSISTANT: < video>, or < vid< video>eo></s>"
               "USER: and then? "
               "ASSISTANT:");
    ask_generated a = say(t, second);
    ask_generated_free(&a);
    ask_talk_close(t);
    close_scene(&s);
}

/* ---- files ---- */

static void a_kept_talk_goes_on_without_looking(void **state)
{
    (void)state;
    ask_error err = {0};
    char path[512];
    snprintf(path, sizeof path, "%s", test_path(dir, "kept.safetensors"));
    scene s, later;
    open_scene(&s, "next", "story.mp4");
    ask_talk *t = open_talk_of(&s, 4);
    assert_false(ask_talk_save(t, path, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    ask_generated a = say(t, first);
    CHECK_OK(ask_talk_save(t, path, &err), &err);
    ask_generated b = say(t, second);

    open_scene(&later, "next", "story.mp4");
    ask_talk *u = open_talk_of(&later, 4);
    CHECK_OK(ask_talk_load(u, path, &err), &err);
    assert_int_equal(ask_talk_n_answers(u), 1);
    ask_generated c = say(u, second);
    assert_true(is_same(&b, &c));
    assert_true(c.n_reused >= a.n_prompt);
    ask_talk_forget(u);
    ask_generated d = say(u, first);
    assert_true(is_same(&a, &d));
    assert_int_equal(d.n_reused, d.n_prompt - 1);
    assert_int_equal(later.n_frames, 0);
    assert_null(ask_talk_footage(u)->rows);
    assert_int_equal(ask_talk_footage(u)->sampled.n, 4); // which they are is known
    ask_generated_free(&a);
    ask_generated_free(&b);
    ask_generated_free(&c);
    ask_generated_free(&d);
    ask_talk_close(t);
    ask_talk_close(u);
    close_scene(&s);
    close_scene(&later);
}

/* Of another video, or other frames of it, only the words before them are in common. */
static void frames_that_were_not_read_are_looked_at(void **state)
{
    (void)state;
    ask_error err = {0};
    char path[512];
    snprintf(path, sizeof path, "%s", test_path(dir, "four.safetensors"));
    static const struct {
        const char *video;
        int n_frames;
    } cases[] = {{"other.mp4", 4}, {"story.mp4", 3}};
    scene s;
    open_scene(&s, "next", "story.mp4");
    ask_talk *t = open_talk_of(&s, 4);
    ask_generated a = say(t, first);
    CHECK_OK(ask_talk_save(t, path, &err), &err);
    ask_generated_free(&a);
    ask_talk_close(t);
    close_scene(&s);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        open_scene(&s, "next", cases[i].video);
        t = open_talk_of(&s, cases[i].n_frames);
        ask_generated fresh = say(t, first);
        ask_talk_close(t);
        t = open_talk_of(&s, cases[i].n_frames);
        CHECK_OK(ask_talk_load(t, path, &err), &err);
        ask_talk_forget(t);
        a = say(t, first);
        assert_true(a.n_reused > 0 && a.n_reused < ROWS);
        assert_non_null(ask_talk_footage(t)->rows);
        assert_true(is_same(&a, &fresh));
        ask_generated_free(&a);
        ask_generated_free(&fresh);
        ask_talk_close(t);
        close_scene(&s);
    }
}

static void files_of_other_models_are_refused(void **state)
{
    (void)state;
    ask_error err = {0};
    char path[512];
    snprintf(path, sizeof path, "%s", test_path(dir, "first.safetensors"));
    scene s, other;
    open_scene(&s, "next", "story.mp4");
    ask_talk *t = open_talk_of(&s, 2);
    ask_generated a = say(t, first);
    CHECK_OK(ask_talk_save(t, path, &err), &err);
    open_scene(&other, "other", "story.mp4");
    ask_talk *u = open_talk_of(&other, 2);
    ask_generated b = say(u, first);
    assert_false(ask_talk_load(u, path, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    ask_talk_forget(u);
    ask_generated c = say(u, first); // it is as it was
    assert_int_equal(c.n_reused, c.n_prompt - 1);
    ask_generated_free(&a);
    ask_generated_free(&b);
    ask_generated_free(&c);
    ask_talk_close(t);
    ask_talk_close(u);
    close_scene(&s);
    close_scene(&other);
}

/* ---- subtitles ---- */

static const char srt[] = "1\n00:00:00,000 --> 00:00:01,000\nthe red\n\n"
                          "2\n00:00:01,000 --> 00:00:02,000\nthe green\n\n"
                          "3\n00:00:02,500 --> 00:00:03,000\nthe blue\n\n"
                          "4\n00:00:03,500 --> 00:00:03,750\nand black\n\n";

static ask_subtitles subtitles(void)
{
    ask_error err = {0};
    ask_subtitles s;
    CHECK_OK(ask_subtitles_parse(&s, srt, sizeof srt - 1, "cues", NULL, &err), &err);
    assert_int_equal(s.n_cues, 4);
    return s;
}

static void subtitles_within_the_window_are_told(void **state)
{
    (void)state;
    scene s;
    int n;
    ask_subtitles cues = subtitles();
    open_scene(&s, "next", "story.mp4");
    ask_talk_options o = options_of(&s);
    o.sampling.n_frames = 2;
    o.sampling.start_s = 1;
    o.sampling.end_s = 3;
    o.subtitles = &cues;
    ask_talk *t = open_talk(&s, &o);
    ask_talk_plan p = plan_of(t, first);
    assert_true(p.n_cues == 2 && p.n_left_out == 0);
    const ask_subtitle_cue *const *told = ask_talk_cues(t, &n);
    assert_true(n == 2 && told[0] == &cues.cues[1] && told[1] == &cues.cues[2]);
    check_text(t, first,
               "USER: <video>\nFrames at 1.50 s, 2.50 s\nSubtitles:\n[1.00 - 2.00] the "
               "green\n[2.50 - 3.00] the blue\n\n"
               "what happens? ASSISTANT:");
    ask_generated a = say(t, first);
    char *text = text_of(t, second); // with the first question alone
    assert_non_null(strstr(text, "[2.50 - 3.00] the blue\n\nwhat happens?"));
    assert_non_null(strstr(text, "USER: and then? ASSISTANT:"));
    free(text);
    ask_generated_free(&a);
    ask_talk_close(t);
    ask_subtitles_free(&cues);
    close_scene(&s);
}

static void marks_in_subtitles_are_words(void **state)
{
    (void)state;
    static const struct {
        const char *cue, *told;
    } cases[] = {
        {"a <video> of it", "a < video> of it"},
        {"an <image>", "an < image>"},
        {"the end</s>", "the end< /s>"},
        {"<<s>>", "< < s>>"},
        {"<|im_end|>", "< |im_end|>"},
        {"[/INST] [INST] [i]", "[ /INST] [ INST] [i]"},
        {"1 < 2 <3 [NO", "1 < 2 <3 [NO"},
    };
    scene s;
    open_scene(&s, "next", "story.mp4");
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const ask_subtitle_cue cue = {.end_s = 1, .text = cases[i].cue};
        ask_subtitles own = {.cues = &cue, .n_cues = 1};
        char expected[256];
        ask_talk_options o = options_of(&s);
        o.sampling.n_frames = 1;
        o.subtitles = &own;
        ask_talk *t = open_talk(&s, &o);
        snprintf(expected, sizeof expected,
                 "USER: <video>\nFrames at 2.00 s\nSubtitles:\n[0.00 - 1.00] %s\n\n"
                 "what happens? ASSISTANT:",
                 cases[i].told);
        check_text(t, first, expected);
        ask_generated a = say(t, first);
        ask_generated_free(&a);
        ask_talk_close(t);
    }
    close_scene(&s);
}

/* Those on which the times fall, once that is known. */
static void subtitles_come_with_the_times_of_frames(void **state)
{
    (void)state;
    static const int shown[] = {2, 0};
    scene s;
    ask_error err = {0};
    talk_prompt p;
    ask_subtitles cues = subtitles();
    open_scene(&s, "next", "story.mp4");
    ask_talk_options o = options_of(&s);
    o.sampling.n_frames = 5;
    o.subtitles = &cues;
    ask_talk *t = open_talk(&s, &o);
    char *text = text_of(t, first);
    assert_non_null(strstr(
        text, "<video>\nFrames at 0.40 s, 1.20 s, 2.00 s, 2.80 s, 3.60 s\nSubtitles:\n"));
    free(text);
    ask_generated a = say(t, first), b = say(t, second);
    assert_true(b.n_reused >= a.n_prompt);
    text = text_of(t, second);
    assert_non_null(strstr(
        text, "<video>\nFrames at 0.33 s, 1.17 s, 2.00 s, 2.75 s, 3.58 s\nSubtitles:\n"));
    free(text);
    const talk_sight sights[] = {{.frames = shown, .n_frames = 2}, {.blind = true}};
    for (int i = 0; i < 2; i++) {
        CHECK_OK(talk_prompt_make(&p, t, second, &sights[i], &err), &err);
        const char *times = strstr(p.text, "Frames at 0.33 s, 2.00 s\n");
        assert_true(i == 0 ? times != NULL : strstr(p.text, "Frames") == NULL);
        talk_prompt_free(&p);
    }
    ask_generated_free(&a);
    ask_generated_free(&b);
    ask_talk_close(t);
    ask_subtitles_free(&cues);
    close_scene(&s);
}

/* As many as the prompt has room for, to the token. */
static void subtitles_that_do_not_fit_are_left_out(void **state)
{
    (void)state;
    scene s;
    ask_subtitles cues = subtitles();
    open_scene(&s, "next", "story.mp4");
    ask_talk_options o = options_of(&s);
    o.subtitles = &cues;
    ask_talk *t = open_talk(&s, &o);
    int most = plan_of(t, first).n_prompt;
    assert_int_equal(plan_of(t, first).n_cues, 4);
    assert_string_equal(plan_of(t, first).why_changed, "");
    ask_talk_close(t);
    static const int places[4][3] = {{0}, {2}, {1, 3}, {0, 2, 3}}; // of those that are told
    for (int expected = 3; expected >= 0; expected--) {
        char why[64];
        int n;
        o.max_prompt = most - 1;
        t = open_talk(&s, &o);
        ask_talk_plan p = plan_of(t, first);
        assert_true(p.n_cues == expected && p.n_left_out == 4 - expected);
        assert_true(p.n_prompt < most && p.n_frames == MOST_FRAMES);
        snprintf(why, sizeof why, "%d of 4 subtitles, evenly spread: more do not fit",
                 expected);
        assert_string_equal(p.why_changed, why);
        const ask_subtitle_cue *const *told = ask_talk_cues(t, &n);
        for (int i = 0; i < n; i++)
            assert_ptr_equal(told[i], &cues.cues[places[expected][i]]);
        ask_generated a = say(t, first);
        assert_int_equal(a.n_prompt, p.n_prompt);
        most = p.n_prompt;
        ask_generated_free(&a);
        ask_talk_close(t);
    }
    ask_subtitles_free(&cues);
    close_scene(&s);
}

/* ---- what fits ---- */

/* Tokens of the prompt that are not of frames. */
static int n_words(scene *s)
{
    ask_talk *t = open_talk_of(s, 1);
    int n = plan_of(t, first).n_prompt - ROWS;
    ask_talk_close(t);
    return n;
}

static void frames_whose_number_was_left_open_are_reduced(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, "next", "story.mp4");
    ask_talk_options o = options_of(&s);
    o.max_prompt = n_words(&s) + 5 * ROWS + ROWS - 1;
    ask_talk *t = open_talk(&s, &o);
    const ask_footage *f = ask_talk_footage(t);
    assert_int_equal(f->sampling.n, MOST_FRAMES);
    ask_talk_plan p = plan_of(t, first);
    assert_true(p.n_frames == 5 && p.n_prompt <= o.max_prompt && f->sampling.n == 5);
    assert_string_equal(f->sampling.why_changed, "5 frames instead of 8: more do not fit");
    ask_generated a = say(t, first);
    assert_true(a.n_prompt == p.n_prompt && f->sampled.n == 5);
    assert_string_equal(f->sampling.why_changed, "5 frames instead of 8: more do not fit");
    ask_generated_free(&a);
    ask_talk_close(t);
    close_scene(&s);
}

static void memory_bounds_frames_too(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, "next", "story.mp4");
    ask_talk_options o = options_of(&s);
    o.max_mib = (double)ask_context_bytes(s.model, 64) / (1 << 20);
    ask_talk *t = open_talk(&s, &o);
    ask_talk_plan p = plan_of(t, first);
    assert_true(p.mib <= o.max_mib && p.n_context <= 64 && p.n_context > 64 - ROWS);
    assert_true(p.n_frames >= 1 && p.n_frames < MOST_FRAMES);
    ask_generated a = say(t, first);
    ask_generated_free(&a);
    ask_talk_close(t);
    close_scene(&s);
}

static void what_does_not_fit_is_told_with_what_would(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, "next", "story.mp4");
    int words = n_words(&s);
    double mib = (double)ask_context_bytes(s.model, 64) / (1 << 20);
    const struct {
        const char *name;
        int n_frames, max_prompt, max_tokens;
        double max_mib;
        const char *message;
    } cases[] = {
        {"frames that were asked for", 8, words + 5 * ROWS, 0, 0, "; --frames 5 fits"},
        {"all frames there are", 1 << 16, words + 5 * ROWS, 0, 0, "; --frames 5 fits"},
        {"memory", 8, 0, 0, mib,
         " take 0.2 MiB, of 0.0585938 that they may; --frames 3 fits"},
        {"no frame", 0, words + ROWS - 1, 0, 0, "; not even one frame does"},
        {"no words", 0, 3, 0, 0, "; say it shorter"},
        {"a long answer", 2, 0, 100000, 0,
         "an answer of 100000 tokens leaves none for the prompt: the model reads 2048 in "
         "all; "
         "--max-tokens 2005 fits"},
        {"an answer that leaves room for a frame", 8, 0, 2000, 0, "; --frames 2 fits"},
        {"memory for the words", 1, 0, 0, mib / 64, "; --max-mib 0.1 fits"},
        {"both", 1 << 16, words + 5 * ROWS, 1 << 20, 0, "; --frames 5 with --max-tokens "},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_talk_plan p;
        ask_generated a;
        ask_talk_options o = options_of(&s);
        o.sampling.n_frames = cases[i].n_frames;
        o.max_prompt = cases[i].max_prompt;
        if (cases[i].max_tokens) o.max_tokens = cases[i].max_tokens;
        o.max_mib = cases[i].max_mib;
        ask_talk *t = open_talk(&s, &o);
        int n = ask_talk_footage(t)->n;
        CHECK_CASE(cases[i].name, !ask_talk_plan_of(&p, t, first, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_LIMIT);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        CHECK_CASE(cases[i].name, !ask_talk_say(&a, t, first, NULL, &err));
        CHECK_CASE(cases[i].name, !ask_talk_footage(t)->rows);
        CHECK_CASE(cases[i].name, ask_talk_footage(t)->n == n);
        ask_talk_close(t);
    }
    close_scene(&s);
}

static bool can_plan(scene *s, const ask_talk_options *o, ask_error *err)
{
    ask_talk_plan p;
    ask_talk *t = open_talk(s, o);
    bool ok = ask_talk_plan_of(&p, t, first, err);
    ask_talk_close(t);
    return ok;
}

/* And one more does not. */
static void what_is_offered_fits(void **state)
{
    (void)state;
    static const struct {
        const char *model;
        int n_frames, max_prompt, max_tokens;
    } cases[] = {{"next", 40, 150, MOST_TOKENS},
                 {"llava", 40, 200, MOST_TOKENS},
                 {"llava", 3, 0, 2000},
                 {"llava", 3, 0, 1 << 20}};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        scene s;
        ask_error err = {0};
        open_scene(&s, cases[i].model, "story.mp4");
        ask_talk_options o = options_of(&s);
        o.sampling.n_frames = cases[i].n_frames;
        o.max_prompt = cases[i].max_prompt;
        o.max_tokens = cases[i].max_tokens;
        assert_false(can_plan(&s, &o, &err));
        const char *offer = strstr(err.message, "; --");
        assert_non_null(offer);
        int *value = strstr(offer, "frames") ? &o.sampling.n_frames : &o.max_tokens;
        *value = (int)strtol(strchr(offer + 4, ' '), NULL, 10);
        CHECK_OK(can_plan(&s, &o, &err), &err);
        ++*value;
        assert_false(can_plan(&s, &o, &err));
        assert_int_equal(err.code, ASK_ERR_LIMIT);
        close_scene(&s);
    }
}

static void an_answer_that_was_left_open_is_shortened(void **state)
{
    (void)state;
    static const struct {
        int n_context, n_frames, n_answer;
        const char *why;
    } cases[] = {{0, 2, 256, ""},
                 {100, 2, 50, ""},
                 {100, 6, 21, "21 tokens of the answer instead of 50: more do not fit"}};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        scene s;
        char name[16];
        snprintf(name, sizeof name, "short-%zu", i);
        language_model_write(test_path(dir, name),
                             &(language_model_options){.n_context = cases[i].n_context});
        open_scene(&s, name, "story.mp4");
        ask_talk_options o = ask_talk_defaults();
        assert_int_equal(o.max_tokens, 0);
        o.sampling.n_frames = cases[i].n_frames;
        ask_talk *t = open_talk(&s, &o);
        ask_talk_plan p = plan_of(t, first);
        assert_int_equal(p.n_answer, cases[i].n_answer);
        assert_string_equal(p.why_changed, cases[i].why);
        assert_true(cases[i].why[0] == '\0' || p.n_context == 100);
        ask_talk_close(t);
        close_scene(&s);
    }
}

/* What was planned anew for it, and left out, comes back. */
static void a_failed_talk_is_as_it_was(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_generated a;
    scene s;
    int n;
    ask_subtitles cues = subtitles();
    open_scene(&s, "next", "story.mp4");
    ask_talk_options o = options_of(&s);
    o.max_prompt = n_words(&s) + 5 * ROWS;
    o.subtitles = &cues;
    ask_talk *t = open_talk(&s, &o);
    s.stop_at = "tokens";
    assert_false(ask_talk_say(&a, t, first, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    ask_talk_cues(t, &n);
    assert_true(n == 4 && ask_talk_footage(t)->sampling.n == MOST_FRAMES);
    s.stop_at = NULL;
    s.cancel = (ask_cancel){0};
    a = say(t, first);
    ask_talk_cues(t, &n);
    assert_true(n == 0 && ask_talk_footage(t)->sampling.n == 5);
    ask_generated_free(&a);
    ask_talk_close(t);
    ask_subtitles_free(&cues);
    close_scene(&s);
}

/* ---- forms ---- */

static void the_form_of_the_talk_can_be_given(void **state)
{
    (void)state;
    static const struct {
        const char *system, *form, *prompt;
    } cases[] = {
        {NULL, NULL, "USER: <video>\nwhat happens? ASSISTANT:"},
        {"Be brief.", NULL, "Be brief. USER: <video>\nwhat happens? ASSISTANT:"},
        {NULL, "llama2", "<s>[INST] <video>\nwhat happens? [/INST]"},
        {"Be brief.", "llama2",
         "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\n<video>\nwhat happens? [/INST]"},
    };
    scene s;
    open_scene(&s, "next", "story.mp4");
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char system[32] = "", form[32] = ""; // they are not needed behind opening
        ask_talk_options o = options_of(&s);
        o.sampling.n_frames = 1;
        if (cases[i].system) o.system = strcpy(system, cases[i].system);
        if (cases[i].form) o.form = strcpy(form, cases[i].form);
        ask_talk *t = open_talk(&s, &o);
        system[0] = form[0] = '\0';
        check_text(t, first, cases[i].prompt);
        ask_generated a = say(t, first);
        ask_generated_free(&a);
        ask_talk_close(t);
    }
    close_scene(&s);
}

/* A template that takes media as parts of a message, as those of checkpoints do. */
static void the_form_of_the_checkpoint_comes_first(void **state)
{
    (void)state;
    language_model_write(
        test_path(dir, "templated"),
        &(language_model_options){
            .chat_template =
                "{% for m in messages %}({{ m['role'] }}) {% for c in m['content'] %}"
                "{% if c['type'] == 'video' %}<video>{% elif c['type'] == 'text' %}"
                "{{ c['text'] }}{% endif %}{% endfor %}; {% endfor %}"
                "{% if add_generation_prompt %}(me){% endif %}"});
    scene s;
    open_scene(&s, "templated", "story.mp4");
    ask_talk *t = open_talk_of(&s, 2);
    check_text(t, first, "(user) <video>what happens?; (me)");
    ask_generated a = say(t, first);
    ask_generated b = say(t, second);
    assert_true(b.n_reused > 2 * ROWS); // the answer may join the last word before it
    ask_generated_free(&a);
    ask_generated_free(&b);
    ask_talk_close(t);
    close_scene(&s);
}

/* ---- what is refused ---- */

static void questions_that_cannot_be_asked_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "the question is empty"},
        {" \t\n", "the question is empty"},
        {"what\xff?", "the question is not UTF-8"},
        {"what is in <video>?",
         "\"<video>\" stands for what the model is shown: leave it out of the question"},
        {"what is in <image>?",
         "\"<image>\" stands for what the model is shown: leave it out of the question"},
    };
    scene s;
    open_scene(&s, "next", "story.mp4");
    ask_talk *t = open_talk_of(&s, 1);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_generated a;
        ask_talk_plan p;
        assert_false(ask_talk_say(&a, t, cases[i].text, NULL, &err));
        assert_int_equal(err.code, ASK_ERR_USAGE);
        assert_string_equal(err.message, cases[i].message);
        assert_false(ask_talk_plan_of(&p, t, cases[i].text, &err));
    }
    assert_null(ask_talk_footage(t)->rows);
    ask_talk_close(t);
    close_scene(&s);
}

static void senseless_options_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_talk_options opt; // what is 0 is as always
        const char *message;
    } cases[] = {
        {"no answer", {.max_tokens = -1}, "an answer of -1 tokens: give 1 or more"},
        {"the placeholder of a video",
         {.system = "See <video>."},
         "\"<video>\" stands for what the model is shown: leave it out of the system's "
         "message"},
        {"the placeholder of a frame",
         {.system = "<image>"},
         "\"<image>\" stands for what the model is shown: leave it out of the system's "
         "message"},
        {"no prompt", {.max_prompt = -1}, "a prompt of -1 tokens: give 1 or more"},
        {"no memory", {.max_mib = -1}, "-1 MiB: give a number above 0"},
        {"no number of MiB", {.max_mib = NAN}, "nan MiB: give a number above 0"},
        {"no form", {.form = "latin"}, NULL},
        {"no frames", {.sampling = {.n_frames = -1}}, NULL},
    };
    scene s;
    open_scene(&s, "next", "story.mp4");
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_talk_options o = cases[i].opt;
        if (o.max_tokens == 0) o.max_tokens = MOST_TOKENS;
        if (!o.system) o.system = "Be brief."; // it stays the caller's
        CHECK_CASE(cases[i].name, !ask_talk_open(s.video, s.session, &o, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_USAGE);
        if (cases[i].message && strcmp(err.message, cases[i].message) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
    close_scene(&s);
}

static void models_that_cannot_talk_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *folder;
        bool is_fixture, has_eye;
        ask_error_code code;
        const char *message; // a part of it
    } cases[] = {
        {"it writes no texts", "golden/clip", true, false, ASK_ERR_MODEL,
         "clip writes no texts"},
        {"it sees nothing", "script", false, false, ASK_ERR_MODEL, "sees no videos"},
        {"it has no tokenizer", "golden/llava_next_video", true, false, ASK_ERR_MODEL,
         "tokenizer"},
        {"it needs no eye", "next", false, true, ASK_ERR_USAGE, "sees frames by itself"},
        {"it needs an eye", "chatgpt", false, false, ASK_ERR_USAGE, "is given features"},
        {"of another width", "golden/video_chatgpt", true, true, ASK_ERR_MODEL,
         "makes features of 40 numbers; "},
    };
    scene eye = {0};
    open_model(&eye, test_fixture("golden/clip"));
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        scene s = {.progress = {count, &s}};
        open_model(&s, cases[i].is_fixture ? test_fixture(cases[i].folder)
                                           : test_path(dir, cases[i].folder));
        CHECK_OK(s.video = ask_video_open(test_path(dir, "story.mp4"), NULL, &err), &err);
        ask_talk_options o = options_of(&s);
        if (cases[i].has_eye) o.eye = eye.session;
        CHECK_CASE(cases[i].name, !ask_talk_open(s.video, s.session, &o, &err));
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        close_scene(&s);
    }
    close_scene(&eye);
}

/* ---- stopping ---- */

static void a_cancelled_talk_can_go_on(void **state)
{
    (void)state;
    static const char *const stages[] = {"frames", "tokens"};
    scene s;
    open_scene(&s, "next", "story.mp4");
    for (size_t i = 0; i < TEST_COUNT(stages); i++) {
        ask_error err = {0};
        ask_generated a;
        ask_talk *t = open_talk_of(&s, 6);
        s.stop_at = stages[i];
        CHECK_CASE(stages[i], !ask_talk_say(&a, t, first, NULL, &err));
        CHECK_CASE(stages[i], err.code == ASK_ERR_CANCELLED);
        CHECK_CASE(stages[i], !ask_talk_footage(t)->rows == (i == 0));
        s.stop_at = NULL;
        s.cancel = (ask_cancel){0};
        check_text(t, first, "USER: <video>\nwhat happens? ASSISTANT:");
        a = say(t, first);
        ask_talk *fresh = open_talk_of(&s, 6);
        ask_generated b = say(fresh, first);
        CHECK_CASE(stages[i], is_same(&a, &b));
        ask_generated_free(&a);
        ask_generated_free(&b);
        ask_talk_close(t);
        ask_talk_close(fresh);
    }
    close_scene(&s);
}

static bool talk_once(void *user, ask_error *err)
{
    scene *s = user;
    ask_talk_options o = options_of(s);
    o.sampling.n_frames = 2;
    o.max_tokens = 2;
    o.system = "Be brief.";
    o.form = "llava_v1";
    ask_generated a = {0};
    ask_talk *t = ask_talk_open(s->video, s->session, &o, err);
    bool ok = t && ask_talk_say(&a, t, first, NULL, err);
    ask_generated_free(&a);
    ask_talk_close(t);
    return ok;
}

static void every_failing_allocation_is_told(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, "next", "story.mp4");
    assert_true(test_some_allocs_fail("talk", talk_once, &s) > 20);
    close_scene(&s);
}

/* ---- other shapes ---- */

static void each_frame_of_llava_has_its_placeholder(void **state)
{
    (void)state;
    scene s;
    open_scene(&s, "llava", "story.mp4");
    ask_talk *t = open_talk_of(&s, 3);
    const ask_footage *f = ask_talk_footage(t);
    assert_true(f->n_rows == LLAVA_ROWS && f->n == 3 * LLAVA_ROWS);
    check_text(t, first, "USER: <image>\n<image>\n<image>\nwhat happens? ASSISTANT:");
    ask_generated a = say(t, first);
    const float *rows = f->rows;
    ask_generated b = say(t, second);
    assert_true(f->rows == rows && b.n_reused >= a.n_prompt);
    ask_generated_free(&a);
    ask_generated_free(&b);
    ask_talk_close(t);
    close_scene(&s);
}

static void features_are_made_by_an_eye(void **state)
{
    (void)state;
    enum { N_PATCHES = 64, N = 100 + N_PATCHES };
    ask_error err = {0};
    char path[512];
    snprintf(path, sizeof path, "%s", test_path(dir, "features.safetensors"));
    scene s, eye = {0};
    open_scene(&s, "chatgpt", "story.mp4");
    open_model(&eye, test_fixture("golden/clip"));
    ask_talk_options o = options_of(&s);
    o.eye = eye.session;
    ask_talk *t = open_talk(&s, &o);
    const ask_footage *f = ask_talk_footage(t);
    assert_true(f->n_rows == 0 && f->n == N && f->sampling.n == 48);
    ask_talk_plan p = plan_of(t, first);
    assert_true(p.n_frames == 48 && p.n_visual == N && p.gflop > 0);
    char *text = text_of(t, first);
    assert_non_null(strstr(text, "USER: what happens?\n<video> ASSISTANT:"));
    free(text);
    ask_generated a = say(t, first);
    assert_int_equal(a.n_prompt, p.n_prompt);
    assert_true(f->sampled.n == 47 && f->n == N); // the layout takes one of them twice
    CHECK_OK(ask_talk_save(t, path, &err), &err);
    const float *rows = f->rows;
    ask_generated b = say(t, second);
    assert_true(f->rows == rows && b.n_reused >= a.n_prompt);
    ask_talk_close(t);

    t = open_talk(&s, &o);
    CHECK_OK(ask_talk_load(t, path, &err), &err);
    ask_talk_forget(t);
    ask_generated c = say(t, first), d = say(t, second);
    assert_true(is_same(&a, &c) && is_same(&b, &d));
    assert_null(ask_talk_footage(t)->rows);
    ask_generated_free(&a);
    ask_generated_free(&b);
    ask_generated_free(&c);
    ask_generated_free(&d);
    ask_talk_close(t);
    close_scene(&s);
    close_scene(&eye);
}

/* The same rows are those of the same frames, seen by the same models. */
static void rows_know_who_made_them(void **state)
{
    (void)state;
    ask_error err = {0};
    char eye_folder[512];
    snprintf(eye_folder, sizeof eye_folder, "%s", test_path(dir, "eye"));
    const ask_model_init_options init = {.seed = 9};
    CHECK_OK(
        ask_model_init(eye_folder, test_fixture("golden/clip/config.json"), &init, &err),
        &err);
    scene s, eyes[2] = {0};
    ask_footage f[3] = {0};
    open_scene(&s, "chatgpt", "story.mp4");
    open_model(&eyes[0], test_fixture("golden/clip"));
    open_model(&eyes[1], eye_folder);
    for (int i = 0; i < 3; i++) {
        CHECK_OK(
            ask_footage_plan(&f[i], s.video, s.session, eyes[i % 2].session, NULL, &err),
            &err);
        CHECK_OK(ask_footage_place(&f[i], s.video, &err), &err);
        assert_null(f[i].rows);
    }
    for (int row = 0; row < f[0].n; row++) {
        assert_true(ask_footage_identity(&f[0], row) == ask_footage_identity(&f[2], row));
        assert_true(ask_footage_identity(&f[0], row) != ask_footage_identity(&f[1], row));
        assert_true(row == 0 || ask_footage_identity(&f[0], row) !=
                                    ask_footage_identity(&f[0], row - 1));
    }
    for (int i = 0; i < 3; i++) ask_footage_free(&f[i]);
    close_scene(&s);
    close_scene(&eyes[0]);
    close_scene(&eyes[1]);
}

static void features_are_of_the_whole_video(void **state)
{
    (void)state;
    scene s, eye = {0};
    open_scene(&s, "chatgpt", "story.mp4");
    open_model(&eye, test_fixture("golden/clip"));
    ask_talk_options o = options_of(&s);
    o.eye = eye.session;
    o.sampling.n_frames = 4;
    o.sampling.start_s = 1;
    ask_talk *t = open_talk(&s, &o);
    assert_string_equal(ask_talk_footage(t)->sampling.why_changed,
                        "the model always looks at 48 frames of the whole video");
    ask_talk_close(t);
    close_scene(&s);
    close_scene(&eye);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_those_at_the_middles_of_equal_parts),
        cmocka_unit_test(a_second_question_looks_at_nothing_again),
        cmocka_unit_test(what_was_said_stands_in_the_next_prompt),
        cmocka_unit_test(marks_in_answers_are_words),
        cmocka_unit_test(a_kept_talk_goes_on_without_looking),
        cmocka_unit_test(frames_that_were_not_read_are_looked_at),
        cmocka_unit_test(files_of_other_models_are_refused),
        cmocka_unit_test(subtitles_within_the_window_are_told),
        cmocka_unit_test(marks_in_subtitles_are_words),
        cmocka_unit_test(subtitles_come_with_the_times_of_frames),
        cmocka_unit_test(subtitles_that_do_not_fit_are_left_out),
        cmocka_unit_test(frames_whose_number_was_left_open_are_reduced),
        cmocka_unit_test(memory_bounds_frames_too),
        cmocka_unit_test(what_does_not_fit_is_told_with_what_would),
        cmocka_unit_test(what_is_offered_fits),
        cmocka_unit_test(an_answer_that_was_left_open_is_shortened),
        cmocka_unit_test(a_failed_talk_is_as_it_was),
        cmocka_unit_test(the_form_of_the_talk_can_be_given),
        cmocka_unit_test(the_form_of_the_checkpoint_comes_first),
        cmocka_unit_test(questions_that_cannot_be_asked_are_refused),
        cmocka_unit_test(senseless_options_are_refused),
        cmocka_unit_test(models_that_cannot_talk_are_refused),
        cmocka_unit_test(a_cancelled_talk_can_go_on),
        cmocka_unit_test(every_failing_allocation_is_told),
        cmocka_unit_test(each_frame_of_llava_has_its_placeholder),
        cmocka_unit_test(features_are_made_by_an_eye),
        cmocka_unit_test(rows_know_who_made_them),
        cmocka_unit_test(features_are_of_the_whole_video),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
