/* Searches of what was seen before give what they give by themselves. */
#include "focus/seen.h"

#include <string.h>

#include "support/color_model.h"
#include "support/testing.h"

static char *dir;
static ask_model *model;
static ask_session *session;
static ask_video *video; // 2 s of black, 1.5 s of red, 2.5 s of black, 2 s of blue
static ask_calibration calibration;

static int open_all(void **state)
{
    (void)state;
    static const color_span story[] = {
        {2, 0x000000}, {1.5, 0xff0000}, {2.5, 0x000000}, {2, 0x0000ff}};
    ask_error err = {0};
    dir = test_temp_dir_make();
    const char *folder = test_path(dir, "model"), *path = test_path(dir, "story.mp4");
    color_model_write(folder, NULL);
    color_video_write(path, 64, 48, 12, story, TEST_COUNT(story));
    model = ask_model_open(folder, NULL, &err);
    session = model ? ask_session_open(model, &err) : NULL;
    video = ask_video_open(path, NULL, &err);
    bool ok = session && video && ask_calibration_read(&calibration, folder, &err);
    if (!ok) print_error("%s\n", err.message);
    return ok ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    ask_calibration_free(&calibration);
    ask_video_close(video);
    ask_session_close(session);
    ask_model_close(model);
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- what was seen ---- */

typedef struct {
    ask_yardstick yardstick;
    ask_seen seen;
} sight;

static void look(sight *s, const ask_sampling_options *sampling)
{
    ask_error err = {0};
    CHECK_OK(ask_yardstick_make(&s->yardstick, session, &calibration, NULL, &err), &err);
    CHECK_OK(
        ask_seen_make(&s->seen, video, session, &s->yardstick, sampling, NULL, NULL, &err),
        &err);
}

static void look_away(sight *s)
{
    ask_seen_free(&s->seen);
    ask_yardstick_free(&s->yardstick);
}

static ask_find_result find(ask_video *v, const char *text, const ask_find_options *o)
{
    ask_error err = {0};
    ask_find_result r;
    CHECK_OK(ask_find(&r, v, session, text, o, &err), &err);
    return r;
}

static void check_same(const ask_find_result *a, const ask_find_result *b)
{
    assert_true(a->presence == b->presence && a->threshold == b->threshold);
    assert_true(a->level == b->level && a->present == b->present);
    assert_string_equal(a->calibration_data, b->calibration_data);
    assert_true(a->n_frames == b->n_frames && a->n_moments == b->n_moments);
    for (int i = 0; i < a->n_frames; i++) {
        const ask_find_frame *f = &a->frames[i], *g = &b->frames[i];
        assert_true(f->pts == g->pts && f->t_s == g->t_s && f->start_s == g->start_s);
        assert_true(f->end_s == g->end_s && f->cosine == g->cosine && f->score == g->score);
        assert_true(f->duplicate_of == g->duplicate_of && f->index == g->index);
    }
    for (int i = 0; i < a->n_moments; i++) {
        const ask_find_moment *m = &a->moments[i], *n = &b->moments[i];
        assert_true(m->start_s == n->start_s && m->end_s == n->end_s);
        assert_true(m->best == n->best && m->score == n->score && m->repeats == n->repeats);
    }
    const ask_find_plan *p = &a->plan, *q = &b->plan;
    assert_true(p->n_tokens == q->n_tokens && p->n_all_tokens == q->n_all_tokens);
    assert_true(p->n_images == q->n_images && p->gflop == q->gflop);
    assert_true(p->sampling.n == q->sampling.n && p->sampling.fps == q->sampling.fps);
}

static void a_search_of_what_was_seen_is_the_same(void **state)
{
    (void)state;
    static const char *const texts[] = {"red", "blue", "a green photo", "owl"};
    ask_find_options o = ask_find_defaults();
    o.sampling.fps = 3;
    o.sampling.start_s = 1;
    ask_find_options with = o;
    sight s;
    look(&s, &o.sampling);
    with.seen = &s.seen;
    for (size_t i = 0; i < TEST_COUNT(texts); i++) {
        ask_find_result own = find(video, texts[i], &o);
        ask_find_result seen = find(video, texts[i], &with);
        ask_find_result alone = find(NULL, texts[i], &with);
        check_same(&own, &seen);
        check_same(&own, &alone);
        assert_true(seen.decode_s == 0 && seen.encode_s == 0 && own.encode_s > 0);
        ask_find_result_free(&own);
        ask_find_result_free(&seen);
        ask_find_result_free(&alone);
    }
    assert_true(s.seen.look.frames[0].cosine == 0); // results are copies
    look_away(&s);
}

static void frames_of_other_times_and_sessions_are_refused(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_find_options o = ask_find_defaults();
    sight s;
    look(&s, &o.sampling);
    o.seen = &s.seen;
    ask_find_result r;
    o.sampling.n_frames = s.seen.sampling.n - 1;
    assert_false(ask_find(&r, video, session, "red", &o, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(strstr(err.message, "at other times than the 15"));
    o.sampling = ask_sampling_defaults();
    o.sampling.start_s = 0.5;
    o.sampling.n_frames = s.seen.sampling.n;
    assert_false(ask_find(&r, video, session, "red", &o, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);

    o.sampling = ask_sampling_defaults();
    ask_session *other = ask_session_open(model, &err);
    assert_non_null(other);
    assert_false(ask_find(&r, video, other, "red", &o, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(strstr(err.message, "another session"));
    ask_session_close(other);
    look_away(&s);
}

static void grey_frames_show_nothing(void **state)
{
    (void)state;
    ask_error err = {0};
    sight s;
    look(&s, NULL);
    CHECK_OK(ask_yardstick_see_grey(&s.yardstick, session, NULL, &err), &err);
    ask_seen grey;
    CHECK_OK(ask_seen_make_grey(&grey, &s.seen, NULL, &err), &err);
    ask_find_options o = ask_find_defaults();
    o.seen = &grey;
    ask_find_result r = find(NULL, "red", &o);
    assert_int_equal(r.n_frames, s.seen.look.n);
    for (int i = 0; i < r.n_frames; i++) {
        assert_true(r.frames[i].score == r.frames[0].score);
        assert_true(r.frames[i].t_s == s.seen.look.frames[i].t_s);
        assert_int_equal(r.frames[i].duplicate_of, i ? 0 : -1);
    }
    ask_find_result_free(&r);
    ask_seen_free(&grey);
    look_away(&s);
}

static bool see_and_find(void *user, ask_error *err)
{
    (void)user;
    ask_yardstick y = {0};
    ask_seen seen = {0}, grey = {0};
    ask_find_options o = ask_find_defaults();
    o.sampling.n_frames = 3;
    o.seen = &grey;
    ask_find_result r = {0};
    bool ok = ask_yardstick_make(&y, session, &calibration, NULL, err) &&
              ask_yardstick_see_grey(&y, session, NULL, err) &&
              ask_seen_make(&seen, video, session, &y, &o.sampling, NULL, NULL, err) &&
              ask_seen_make_grey(&grey, &seen, NULL, err) &&
              ask_seen_measure(&grey, &y, NULL, err) &&
              ask_find(&r, NULL, session, "red", &o, err);
    ask_find_result_free(&r);
    ask_seen_free(&grey);
    ask_seen_free(&seen);
    ask_yardstick_free(&y);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    assert_true(test_some_allocs_fail("seen", see_and_find, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_of_what_was_seen_is_the_same),
        cmocka_unit_test(frames_of_other_times_and_sessions_are_refused),
        cmocka_unit_test(grey_frames_show_nothing),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
