/* Searching videos whose colours are known with a model that knows colours. */
#include "focus/find.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "model/init.h"
#include "support/clips.h"
#include "support/color_model.h"
#include "support/testing.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

enum { BLACK = 0x000000, RED = 0xff0000, GREEN = 0x00ff00, BLUE = 0x0000ff };

static char *dir;
static ask_model *model;

/* 2 s of nothing, 1.5 s of red, 2.5 s of nothing, 2 s of blue. */
static const color_span story[] = {{2, BLACK}, {1.5, RED}, {2.5, BLACK}, {2, BLUE}};

static const char *story_mp4(void)
{
    return test_path(dir, "story.mp4");
}

static const char *story_gif(void)
{
    return test_path(dir, "story.gif");
}

static int open_all(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    color_model_write(test_path(dir, "model"), NULL);
    color_video_write(story_mp4(), 64, 48, 12, story, TEST_COUNT(story));
    color_video_write(story_gif(), 64, 48, 0, story, TEST_COUNT(story));
    ask_error err = {0};
    model = ask_model_open(test_path(dir, "model"), NULL, &err);
    if (!model) print_error("%s\n", err.message);
    return model ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    ask_model_close(model);
    test_temp_dir_remove(dir);
    return 0;
}

static ask_video *open_video(const char *path)
{
    ask_error err = {0};
    ask_video *v = ask_video_open(path, NULL, &err);
    if (!v) fail_msg("%s", err.message);
    return v;
}

static ask_session *open_session(const ask_model *of)
{
    ask_error err = {0};
    ask_session *s = ask_session_open((ask_model *)of, &err);
    if (!s) fail_msg("%s", err.message);
    return s;
}

/* Searches a file with a video and a session of its own. */
static bool find_in(ask_find_result *out, const char *path, const char *text,
                    const ask_find_options *opt, ask_error *err)
{
    ask_video *v = open_video(path);
    ask_session *s = open_session(model);
    bool ok = ask_find(out, v, s, text, opt, err);
    ask_session_close(s);
    ask_video_close(v);
    return ok;
}

static ask_find_result find(const char *path, const char *text, const ask_find_options *opt)
{
    ask_error err = {0};
    ask_find_result r = {0};
    if (!find_in(&r, path, text, opt, &err)) fail_msg("\"%s\": %s", text, err.message);
    return r;
}

/* ---- what is found ---- */

static void a_colour_is_found_when_it_is_shown(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool present;
        double start_s, end_s;
    } cases[] = {
        {"red", true, 2, 3.5},  {"Red ", true, 2, 3.5}, {"a red photo", true, 2, 3.5},
        {"blue", true, 6, 8},   {"green", false, 0, 0}, {"owl", false, 0, 0},
        {"photo", false, 0, 0},
    };
    const char *paths[] = {story_mp4(), story_gif()};
    for (size_t i = 0; i < 2 * TEST_COUNT(cases); i++) {
        const char *path = paths[i % 2], *text = cases[i / 2].text;
        ask_find_result r = find(path, text, NULL);
        if (r.present != cases[i / 2].present)
            fail_msg("%s in %s: presence %g, threshold %g", text, path, r.presence,
                     r.threshold);
        CHECK_CASE(text, r.present == (r.presence >= r.threshold));
        float best = r.frames[0].score;
        for (int k = 1; k < r.n_frames; k++) best = fmaxf(best, r.frames[k].score);
        CHECK_CASE(text, r.present == (best >= r.level));
        CHECK_CASE(text, r.n_moments >= 1);
        const ask_find_moment *m = &r.moments[0];
        if (r.present) {
            if (r.n_moments != 1 || fabs(m->start_s - cases[i / 2].start_s) > 1e-9 ||
                fabs(m->end_s - cases[i / 2].end_s) > 1e-9)
                fail_msg("%s in %s: %d moments, %g-%g s", text, path, r.n_moments,
                         m->start_s, m->end_s);
            double best_s = r.frames[m->best].t_s;
            CHECK_CASE(text, best_s >= m->start_s && best_s < m->end_s);
            CHECK_CASE(text, m->score == r.frames[m->best].score);
        }
        ask_find_result_free(&r);
        CHECK_CASE(text, !r.frames && r.n_frames == 0);
    }
}

static void the_curve_covers_the_window_frame_by_frame(void **state)
{
    (void)state;
    ask_find_options o = ask_find_defaults();
    o.sampling.start_s = 1;
    o.sampling.end_s = 7;
    const char *paths[] = {story_mp4(), story_gif()};
    for (size_t i = 0; i < 2; i++) {
        ask_find_result r = find(paths[i], "red", &o);
        bool is_gif = i == 1;
        assert_int_equal(r.plan.sampling.n, 12);
        assert_int_equal(r.n_frames, is_gif ? 4 : 12); // a frame of the GIF counts once
        double end_s = is_gif ? 0 : 1; // the first one of the GIF was there before
        for (int k = 0; k < r.n_frames; k++) {
            const ask_find_frame *f = &r.frames[k];
            assert_true(f->start_s == end_s && f->end_s > f->start_s);
            assert_true(f->t_s >= f->start_s && f->t_s < f->end_s);
            assert_true(f->index == -1 && !f->damaged);
            end_s = f->end_s;
        }
        assert_true(end_s == 7);
        assert_true(r.moments[0].start_s == 2 && r.moments[0].end_s == 3.5);
        ask_find_result_free(&r);
    }
}

static void a_window_decides_what_is_in_the_video(void **state)
{
    (void)state;
    const char *path = story_mp4();
    ask_find_options o = ask_find_defaults();
    o.sampling.start_s = 4;
    ask_find_result r = find(path, "red", &o);
    assert_false(r.present);
    ask_find_result_free(&r);
    r = find(path, "blue", &o);
    assert_true(r.present);
    assert_true(r.moments[0].start_s == 6);
    ask_find_result_free(&r);
    o.sampling.start_s = 2.5; // shorter than a frame
    o.sampling.end_s = 2.52;
    r = find(path, "red", &o);
    assert_true(r.present && r.n_frames == 1 && r.n_moments == 1);
    ask_find_result_free(&r);
}

static void frames_that_show_the_same_are_told(void **state)
{
    (void)state;
    static const color_span twice[] = {{1, BLACK}, {1, RED},  {2, BLACK}, {1, RED},
                                       {1, BLACK}, {1, BLUE}, {1, BLACK}};
    const char *path = test_path(dir, "twice.mp4");
    color_video_write(path, 64, 48, 10, twice, TEST_COUNT(twice));
    ask_find_result r = find(path, "red", NULL);
    assert_int_equal(r.n_frames, 16);
    int n_originals = 0;
    for (int i = 0; i < r.n_frames; i++) {
        int of = r.frames[i].duplicate_of;
        n_originals += of < 0;
        if (of >= 0) assert_true(of < i && r.frames[of].duplicate_of < 0);
    }
    assert_int_equal(n_originals, 3); // black, red, blue
    assert_int_equal(r.n_moments, 2);
    assert_int_equal(r.moments[0].repeats, -1);
    assert_int_equal(r.moments[1].repeats, 0);
    ask_find_result_free(&r);

    ask_find_options o = ask_find_defaults();
    o.near_duplicate = 2; // nothing is a duplicate
    r = find(path, "red", &o);
    assert_int_equal(r.n_moments, 2);
    assert_int_equal(r.moments[1].repeats, -1);
    ask_find_result_free(&r);

    o.n_top = 1;
    r = find(path, "red", &o);
    assert_int_equal(r.n_moments, 1);
    ask_find_result_free(&r);
}

static void a_variable_rate_keeps_its_times(void **state)
{
    (void)state;
    static const char *const kinds[] = {"variable rate", "variable rate with B-frames",
                                        "variable rate in Matroska"};
    for (size_t i = 0; i < TEST_COUNT(kinds); i++) {
        clip c = clip_make(clip_case_of(kinds[i]), dir);
        ask_find_options o = ask_find_defaults();
        o.sampling.fps = 20;
        ask_find_result r = find(c.path, "red", &o);
        assert_true(r.n_frames < r.plan.sampling.n); // the long pause is one frame
        for (int k = 0, at = 0; k < r.n_frames; k++) {
            while (at < c.n_frames && c.frames[at].pts != r.frames[k].pts) at++;
            CHECK_CASE(kinds[i], at < c.n_frames);
            CHECK_CASE(kinds[i], fabs(c.frames[at].t_s - r.frames[k].t_s) < 1e-9);
        }
        ask_find_result_free(&r);
        clip_free(&c);
    }
}

static void indexes_are_known_where_frames_are_counted(void **state)
{
    (void)state;
    ask_find_options o = ask_find_defaults();
    o.sampling.counted = true;
    ask_find_result r = find(story_mp4(), "red", &o);
    for (int i = 0; i < r.n_frames; i++)
        assert_true(fabs((double)r.frames[i].index / 12 - r.frames[i].t_s) < 1e-9);
    ask_find_result_free(&r);
}

static void a_file_that_is_cut_off_is_searched_to_its_end(void **state)
{
    (void)state;
    static const clip_spec spec = {.file = "promise.mp4",
                                   .codec = "mpeg4",
                                   .width = 64,
                                   .height = 48,
                                   .n_frames = 40,
                                   .time_base_den = 5,
                                   .muxer_options = "movflags=+faststart",
                                   .cut_frame = 20};
    clip c;
    clip_encode(&c, &spec, dir);
    ask_find_result r = find(c.path, "red", NULL);
    assert_true(r.plan.sampling.end_s < 5);
    assert_non_null(strstr(r.plan.sampling.why_changed, "of the promised 8.000 s"));
    ask_find_result_free(&r);
    clip_free(&c);
}

/* ---- what is told ---- */

static void a_plan_tells_beforehand_what_will_be_done(void **state)
{
    (void)state;
    ask_video *v = open_video(story_mp4());
    ask_session *s = open_session(model);
    ask_find_options o = ask_find_defaults();
    o.sampling.n_frames = 6;
    ask_error err = {0};
    ask_find_plan p;
    CHECK_OK(ask_find_plan_make(&p, v, s, "a red photo", &o, &err), &err);
    assert_int_equal(p.sampling.n, 6);
    assert_int_equal(p.n_images, 6);
    assert_int_equal(p.n_tokens, 5);
    assert_false(p.unknown_words);
    assert_int_equal(p.n_background, 2);
    assert_int_equal(p.n_random, 16);
    assert_int_equal(p.n_all_tokens, 5 + (4 + 3) + 16 * 2 + 28); // marks, words
    ask_model_info info = ask_model_info_of(model);
    double gflop = 6 * info.image_gflop + (double)p.n_all_tokens * info.text_token_gflop;
    assert_true(p.gflop > 0 && fabs(p.gflop - gflop) < 1e-9 * gflop);

    ask_find_result r;
    CHECK_OK(ask_find(&r, v, s, "a red photo", &o, &err), &err);
    assert_int_equal(r.plan.n_all_tokens, p.n_all_tokens);
    assert_int_equal(r.plan.sampling.n, p.sampling.n);
    assert_string_equal(r.threshold_source, "default");
    assert_string_equal(r.calibration_data, "by construction");
    assert_true(r.calibration_n == 1);
    assert_true(r.decode_s > 0 && r.encode_s > 0 && r.answer_s > 0);
    ask_find_result_free(&r);
    ask_find_plan_free(&p);
    ask_session_close(s);
    ask_video_close(v);
}

/* The GIF has four frames. */
static void images_are_counted_once_each(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool counted;
        double end_s;
        int n_planned, n_done;
    } cases[] = {
        {"no more than the outline has", false, 0, 4, 4},
        {"no more than times", false, 1.5, 3, 1},
        {"counted", true, 0, 4, 4},
        {"a counted window", true, 2.5, 2, 2},
    };
    ask_model_info info = ask_model_info_of(model);
    ask_video *v = open_video(story_gif());
    ask_session *s = open_session(model);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_find_options o = ask_find_defaults();
        o.sampling.counted = cases[i].counted;
        o.sampling.end_s = cases[i].end_s;
        ask_error err = {0};
        ask_find_plan p;
        CHECK_OK(ask_find_plan_make(&p, v, s, "red", &o, &err), &err);
        if (p.n_images != cases[i].n_planned)
            fail_msg("%s: %d images planned", cases[i].name, p.n_images);
        ask_find_result r;
        CHECK_OK(ask_find(&r, v, s, "red", &o, &err), &err);
        CHECK_CASE(cases[i].name, r.n_frames == cases[i].n_done);
        CHECK_CASE(cases[i].name, r.plan.n_images == cases[i].n_done);
        double fewer = (p.n_images - r.n_frames) * info.image_gflop;
        CHECK_CASE(cases[i].name, fabs(p.gflop - r.plan.gflop - fewer) < 1e-9 * p.gflop);
        ask_find_result_free(&r);
        ask_find_plan_free(&p);
    }
    ask_session_close(s);
    ask_video_close(v);
}

static void unknown_characters_are_told(void **state)
{
    (void)state;
    ask_find_result r = find(story_mp4(), "red %", NULL);
    assert_true(r.plan.unknown_words);
    ask_find_result_free(&r);
}

static void the_same_search_gives_the_same_bits(void **state)
{
    (void)state;
    const char *path = story_mp4();
    ask_find_result a = find(path, "a red cat", NULL), b = find(path, "a red cat", NULL);
    assert_int_equal(a.n_frames, b.n_frames);
    assert_int_equal(a.n_moments, b.n_moments);
    for (int i = 0; i < a.n_frames; i++) {
        assert_true(a.frames[i].score == b.frames[i].score);
        assert_true(a.frames[i].cosine == b.frames[i].cosine);
        assert_true(a.frames[i].pts == b.frames[i].pts);
    }
    for (int i = 0; i < a.n_moments; i++)
        assert_true(a.moments[i].start_s == b.moments[i].start_s &&
                    a.moments[i].best == b.moments[i].best);
    assert_true(a.presence == b.presence);
    ask_find_result_free(&a);
    ask_find_result_free(&b);
}

/* ---- what is refused ---- */

static void what_cannot_be_asked_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        int n_top;
        double near_duplicate, start_s;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"no text", "", 5, 0.9, 0, ASK_ERR_USAGE, "the text is empty"},
        {"blanks", " \t\n", 5, 0.9, 0, ASK_ERR_USAGE, "the text is empty"},
        {"not UTF-8", "red \xff", 5, 0.9, 0, ASK_ERR_USAGE, "not UTF-8"},
        {"too long", "a a a a a a a a a a a a a a a", 5, 0.9, 0, ASK_ERR_LIMIT,
         "the text has 17 tokens, and the model takes 16: say it with 1 fewer"},
        {"less than no moments", "red", -1, 0.9, 0, ASK_ERR_USAGE, "the best -1 moments"},
        {"no cosine", "red", 5, 0, 0, ASK_ERR_USAGE, "cosine of 0"},
        {"a cosine that is no number", "red", 5, NAN, 0, ASK_ERR_USAGE, "cosine of nan"},
        {"a start past the end", "red", 5, 0.9, 60, ASK_ERR_USAGE, "past the end"},
    };
    const char *path = story_mp4();
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_find_options o = ask_find_defaults();
        o.n_top = cases[i].n_top;
        o.near_duplicate = cases[i].near_duplicate;
        o.sampling.start_s = cases[i].start_s;
        ask_error err = {0};
        ask_find_result r = {.n_frames = 77};
        CHECK_CASE(cases[i].name, !find_in(&r, path, cases[i].text, &o, &err));
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("%s: %s, \"%s\"", cases[i].name, ask_error_name(err.code),
                     err.message);
        CHECK_CASE(cases[i].name, r.n_frames == 77);
    }
}

#define TEN "a a a a a "
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void a_model_that_cannot_be_calibrated_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        color_model_options options;
        const char *message;
    } cases[] = {
        {"no tokenizer", {.no_tokenizer = true}, "tokenizer"},
        {"malformed calibration", {.calibration = "{"}, "calibration.json:1"},
        {"a prompt that is too long",
         {.calibration =
              "{\"find\": {\"background\": [\"a a a a a a a a a a a a a a a\"]}}"},
         "/calibration.json: a prompt has 17 tokens, and the model takes 16: shorten \"a "
         "a"},
        {"a prompt that is longer than a message",
         {.calibration = "{\"find\": {\"background\": [\"" HUNDRED HUNDRED HUNDRED HUNDRED
              HUNDRED HUNDRED "\"]}}"},
         "a a a a a a a a a a a a a a a a a a a a \""},
        {"sentences that are all alike",
         {.calibration =
              "{\"find\": {\"background\": [\"a\"], \"sentences\": [\"cat\", \"cat\", "
              "\"cat\", \"cat\", \"cat\", \"cat\", \"cat\", \"cat\"]}}"},
         "find.sentences"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char name[32];
        snprintf(name, sizeof name, "bad_model%zu", i);
        color_model_write(test_path(dir, name), &cases[i].options);
        ask_error err = {0};
        ask_model *m = ask_model_open(test_path(dir, name), NULL, &err);
        if (!m) fail_msg("%s: %s", cases[i].name, err.message);
        ask_session *s = open_session(m);
        ask_video *v = open_video(story_mp4());
        ask_find_result r;
        CHECK_CASE(cases[i].name, !ask_find(&r, v, s, "red", NULL, &err));
        if (err.code != ASK_ERR_MODEL || !strstr(err.message, cases[i].message))
            fail_msg("%s: %s, \"%s\"", cases[i].name, ask_error_name(err.code),
                     err.message);
        ask_video_close(v);
        ask_session_close(s);
        ask_model_close(m);
    }
}

typedef struct {
    ask_cancel cancel;
    int64_t at, seen;
} stopper;

static void stop_at(void *user, int64_t done, int64_t total, const char *unit,
                    const char *label)
{
    (void)label;
    stopper *s = user;
    assert_string_equal(unit, "frames");
    assert_true(total == 16 && done > s->seen && done <= total);
    s->seen = done;
    if (done == s->at) ask_cancel_raise(&s->cancel, 2);
}

static void progress_is_told_and_a_stop_is_heard(void **state)
{
    (void)state;
    const char *path = story_mp4();
    for (int64_t at = -1; at <= 16; at++) {
        stopper s = {.at = at};
        const ask_progress progress = {stop_at, &s};
        ask_find_options o = ask_find_defaults();
        o.cancel = &s.cancel;
        o.progress = &progress;
        if (at == 0) ask_cancel_raise(&s.cancel, 2);
        ask_error err = {0};
        ask_find_result r;
        bool ok = find_in(&r, path, "red", &o, &err);
        assert_true(ok == (at < 0));
        if (!ok) assert_int_equal(err.code, ASK_ERR_CANCELLED);
        assert_true(s.seen == (at < 0 ? 16 : at));
        if (ok) ask_find_result_free(&r);
    }
}

/* ---- memory ---- */

static bool reset_peak(void)
{
    int fd = open("/proc/self/clear_refs", O_WRONLY);
    bool ok = fd >= 0 && write(fd, "5", 1) == 1;
    if (fd >= 0) close(fd);
    return ok;
}

/* 600 frames of 640 x 360 are 415 MB of pixels; a batch of them is 11 MB. */
static void pixels_are_kept_for_a_batch_only(void **state)
{
    (void)state;
    if (SANITIZED) {
        print_message("the sanitizer keeps freed memory: nothing to measure\n");
        skip();
    }
    const char *path = test_path(dir, "long.mp4");
    const color_span spans[] = {{15, BLACK}, {5, RED}};
    color_video_write(path, 640, 360, 30, spans, 2);
    ask_video *v = open_video(path);
    ask_session *s = open_session(model);
    if (!reset_peak()) {
        print_message("this system does not reset the peak of memory\n");
        skip();
    }
    size_t before = ask_peak_resident_bytes();
    ask_find_options o = ask_find_defaults();
    o.sampling.fps = 30;
    o.sampling.max_frames = 0;
    ask_find_result r;
    ask_error err = {0};
    CHECK_OK(ask_find(&r, v, s, "red", &o, &err), &err);
    size_t taken = ask_peak_resident_bytes() - before;
    assert_int_equal(r.n_frames, 600);
    assert_true(r.present && r.moments[0].start_s == 15);
    if (taken > (size_t)96 << 20) fail_msg("%zu MiB were taken", taken >> 20);
    ask_find_result_free(&r);
    ask_session_close(s);
    ask_video_close(v);
}

typedef struct {
    ask_video *video;
    ask_session *session;
} pair;

static bool find_red(void *user, ask_error *err)
{
    pair *p = user;
    ask_find_options o = ask_find_defaults();
    o.sampling.n_frames = 4;
    ask_find_result r;
    if (!ask_find(&r, p->video, p->session, "red", &o, err)) return false;
    ask_find_result_free(&r);
    return true;
}

/* Random weights for a configuration, which has room for two ids. */
static ask_model *random_model(const char *name, const char *format)
{
    char config[1024], path[64];
    int end_id = (int)ask_model_info_of(model).n_vocab - 1;
    snprintf(config, sizeof config, format, end_id - 1, end_id);
    snprintf(path, sizeof path, "%s.json", name);
    test_write_text(test_path(dir, path), config);
    ask_model_init_options init = {
        .struct_size = sizeof init, .seed = 3, .tokenizer = test_path(dir, "model")};
    ask_error err = {0};
    CHECK_OK(ask_model_init(test_path(dir, name), test_path(dir, path), &init, &err), &err);
    ask_model *m;
    CHECK_OK(m = ask_model_open(test_path(dir, name), NULL, &err), &err);
    return m;
}

/* Of 4097 vectors of 1024 numbers each. */
static const char DETAILED_CONFIG[] =
    "{\"model_type\": \"clip\", \"projection_dim\": 1024, \"match_patches\": true,\n"
    " \"text_config\": {\"hidden_size\": 16, \"intermediate_size\": 16,\n"
    "  \"num_hidden_layers\": 1, \"num_attention_heads\": 1, \"vocab_size\": 512,\n"
    "  \"max_position_embeddings\": 77, \"bos_token_id\": %d, \"eos_token_id\": %d},\n"
    " \"vision_config\": {\"hidden_size\": 8, \"intermediate_size\": 8,\n"
    "  \"num_hidden_layers\": 1, \"num_attention_heads\": 1, \"image_size\": 64,\n"
    "  \"patch_size\": 1}}\n";

static void frames_that_take_too_much_memory_are_refused(void **state)
{
    (void)state;
    ask_model *m = random_model("detailed", DETAILED_CONFIG);
    ask_session *s = open_session(m);
    ask_video *v = open_video(story_mp4());
    ask_find_options o = ask_find_defaults();
    o.sampling.n_frames = 90;
    ask_find_result r;
    ask_error err = {0};
    assert_false(ask_find(&r, v, s, "red", &o, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_string_equal(err.message, "90 frames of 4097 vectors each take more than 1024 "
                                     "MiB: look at 63 at most");
    ask_video_close(v);
    ask_session_close(s);
    ask_model_close(m);
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    pair p = {open_video(story_gif()), open_session(model)};
    assert_true(test_each_alloc_fails("find", find_red, &p) > 30);
    ask_session_close(p.session);
    ask_video_close(p.video);
}

/* ---- real clips ---- */

static const char SMALL_CONFIG[] =
    "{\"model_type\": \"clip\", \"projection_dim\": 32,\n"
    " \"text_config\": {\"hidden_size\": 32, \"intermediate_size\": 64,\n"
    "  \"num_hidden_layers\": 2, \"num_attention_heads\": 4, \"vocab_size\": 512,\n"
    "  \"max_position_embeddings\": 77, \"bos_token_id\": %d, \"eos_token_id\": %d},\n"
    " \"vision_config\": {\"hidden_size\": 48, \"intermediate_size\": 96,\n"
    "  \"num_hidden_layers\": 2, \"num_attention_heads\": 4, \"image_size\": 64,\n"
    "  \"patch_size\": 16}}\n";

/* A model that knows nothing still gives a whole result. */
static void real_clips_are_searched(void **state)
{
    (void)state;
    static const char *const files[] = {"media/bedroom.mp4", "media/default_juggle.mp4",
                                        "media/dog.mp4"};
    if (!test_shared(files[0])) {
        print_message("no %s here\n", files[0]);
        skip();
    }
    ask_error err = {0};
    ask_model *m = random_model("random", SMALL_CONFIG);
    ask_session *s = open_session(m);
    for (size_t i = 0; i < TEST_COUNT(files); i++) {
        ask_video *v = open_video(test_shared(files[i]));
        ask_find_result r;
        CHECK_OK(ask_find(&r, v, s, "a dog on a bed", NULL, &err), &err);
        double length_s = ask_video_outline(v)->duration_s;
        CHECK_CASE(files[i], r.n_frames == (int)floor(2 * length_s + 0.5));
        CHECK_CASE(files[i], r.n_moments >= 1 && r.n_moments <= 5);
        CHECK_CASE(files[i], isfinite(r.presence));
        for (int k = 0; k < r.n_frames; k++) {
            CHECK_CASE(files[i], r.frames[k].t_s < length_s);
            CHECK_CASE(files[i], isfinite(r.frames[k].score));
            CHECK_CASE(files[i], fabsf(r.frames[k].cosine) <= 1.0001f);
        }
        ask_find_result_free(&r);
        ask_video_close(v);
    }
    ask_session_close(s);
    ask_model_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_colour_is_found_when_it_is_shown),
        cmocka_unit_test(the_curve_covers_the_window_frame_by_frame),
        cmocka_unit_test(a_window_decides_what_is_in_the_video),
        cmocka_unit_test(frames_that_show_the_same_are_told),
        cmocka_unit_test(a_variable_rate_keeps_its_times),
        cmocka_unit_test(indexes_are_known_where_frames_are_counted),
        cmocka_unit_test(a_file_that_is_cut_off_is_searched_to_its_end),
        cmocka_unit_test(a_plan_tells_beforehand_what_will_be_done),
        cmocka_unit_test(images_are_counted_once_each),
        cmocka_unit_test(unknown_characters_are_told),
        cmocka_unit_test(the_same_search_gives_the_same_bits),
        cmocka_unit_test(what_cannot_be_asked_is_refused),
        cmocka_unit_test(a_model_that_cannot_be_calibrated_is_refused),
        cmocka_unit_test(progress_is_told_and_a_stop_is_heard),
        cmocka_unit_test(pixels_are_kept_for_a_batch_only),
        cmocka_unit_test(frames_that_take_too_much_memory_are_refused),
        cmocka_unit_test(running_out_of_memory_is_an_error),
        cmocka_unit_test(real_clips_are_searched),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
