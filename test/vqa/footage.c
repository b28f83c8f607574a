/* Footage of a model whose rows are made of all frames together: how many these may be, and
 * what is checked of fewer. */
#include "vqa/footage.h"

#include <string.h>

#include "support/color_model.h"
#include "support/language_model.h"
#include "support/testing.h"
#include "vqa/reply.h"

static char *dir; // with the model and the video

static const color_span story[] = {{0.5, 0xff0000}, {0.5, 0x00ff00}, {0.5, 0x0000ff},
                                   {0.5, 0x000000}, {0.5, 0xffff00}, {0.5, 0x00ffff}};

static int make_all(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    language_model_write(test_path(dir, "st_llm"),
                         &(language_model_options){.kind = LANGUAGE_MODEL_ST_LLM});
    color_video_write(test_path(dir, "story.mp4"), 64, 48, 30, story, TEST_COUNT(story));
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

typedef struct {
    ask_model *model;
    ask_session *session;
    ask_video *video;
} scene;

static scene open_scene(void)
{
    ask_error err = {0};
    const ask_model_options opt = {.n_threads = 1};
    scene s = {0};
    CHECK_OK(s.model = ask_model_open(test_path(dir, "st_llm"), &opt, &err), &err);
    CHECK_OK(s.session = ask_session_open(s.model, &err), &err);
    CHECK_OK(s.video = ask_video_open(test_path(dir, "story.mp4"), NULL, &err), &err);
    return s;
}

static void close_scene(scene *s)
{
    ask_video_close(s->video);
    ask_session_close(s->session);
    ask_model_close(s->model);
}

static ask_sampling_options frames(int n)
{
    ask_sampling_options o = ask_sampling_defaults();
    o.n_frames = n;
    return o;
}

/* As many as its authors show, where nothing is asked for. */
static void its_frames_are_planned(void **state)
{
    (void)state;
    static const int wanted[] = {0, 3, 64};
    for (size_t i = 0; i < TEST_COUNT(wanted); i++) {
        ask_error err = {0};
        scene s = open_scene();
        ask_footage f = {0};
        ask_sampling_options o = frames(wanted[i]);
        CHECK_OK(ask_footage_plan(&f, s.video, s.session, NULL, &o, &err), &err);
        assert_int_equal(f.n_frames, wanted[i] ? wanted[i] : 16);
        assert_int_equal(f.n, 12);
        ask_footage_free(&f);
        close_scene(&s);
    }
}

static void numbers_of_frames_that_cannot_be_shown_are_refused(void **state)
{
    (void)state;
    static const struct {
        int n;
        const char *message;
    } cases[] = {{2, "makes rows of 3 or more together: take more frames"},
                 {65, "makes rows of 64 at most together: take fewer frames"}};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        scene s = open_scene();
        ask_footage f = {0};
        ask_sampling_options o = frames(cases[i].n);
        assert_false(ask_footage_plan(&f, s.video, s.session, NULL, &o, &err));
        assert_int_equal(err.code, ASK_ERR_LIMIT);
        assert_non_null(strstr(err.message, cases[i].message));
        close_scene(&s);
    }
}

/* What shows too few frames for the model cannot be checked; the answer stands. */
static void checks_of_too_few_frames_say_why_not(void **state)
{
    (void)state;
    static const char too_few[] = "the model takes more frames together than these";
    static const char *const choices[] = {"yes", "no"};
    enum { LEAST = 3 };
    static const struct {
        int n_frames, n_keep;
    } cases[] = {{5, 1}, {4, 3}, {12, 8}};
    int n_only = 0, n_others = 0;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        scene s = open_scene();
        ask_talk *t;
        ask_reply r;
        ask_talk_options o = ask_talk_defaults();
        ask_reply_options reply = ask_reply_defaults(s.model);
        o.sampling.n_frames = cases[i].n_frames;
        reply.n_keep = cases[i].n_keep;
        CHECK_OK(t = ask_talk_open(s.video, s.session, &o, &err), &err);
        CHECK_OK(ask_reply_to(&r, t, "Is it red?", choices, 2, &reply, &err), &err);
        const ask_checks *c = &r.checks;
        bool only = r.n_evidence >= LEAST;
        bool others = cases[i].n_frames - r.n_evidence >= LEAST;
        assert_true(r.is_checked && !c->full.why_not && !c->shuffled.why_not);
        assert_int_equal(!c->evidence_only.why_not, only);
        assert_int_equal(!c->evidence_removed.why_not, others);
        if (!only) assert_string_equal(c->evidence_only.why_not, too_few);
        if (!others) {
            assert_string_equal(c->evidence_removed.why_not, too_few);
            assert_string_equal(c->random_removed.why_not, too_few);
        }
        n_only += only;
        n_others += others;
        ask_reply_free(&r);
        ask_talk_close(t);
        close_scene(&s);
    }
    assert_in_range(n_only, 1, TEST_COUNT(cases) - 1); // both happen
    assert_in_range(n_others, 1, TEST_COUNT(cases) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_frames_are_planned),
        cmocka_unit_test(numbers_of_frames_that_cannot_be_shown_are_refused),
        cmocka_unit_test(checks_of_too_few_frames_say_why_not),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
