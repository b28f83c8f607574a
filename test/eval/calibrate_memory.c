/* A calibration of a model with a memory: what is fitted is of the clips, is written, read
 * back and used. The model knows nothing. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/calibrate.h"
#include "eval/remembered.h"
#include "support/playroom_memory.h"
#include "support/playroom_model.h"
#include "support/testing.h"

enum { N_CLIPS = 3 };

static char *dir;
static char world[256], simple[256], folder[256];
static ask_calibrated fitted; // to the world
static int64_t n_choices, n_open, n_absent;

/* ---- what is open ---- */

typedef struct {
    ask_model *model;
    ask_session *session;
} opened;

static opened open_model(void)
{
    ask_error err = {0};
    opened o = {.model = ask_model_open(folder, NULL, &err)};
    CHECK_OK(o.model, &err);
    o.session = ask_session_open(o.model, &err);
    CHECK_OK(o.session, &err);
    return o;
}

static void close_model(opened *o)
{
    ask_session_close(o->session);
    ask_model_close(o->model);
}

static ask_calibrated calibrate(const char *of, const ask_calibrate_options *opt)
{
    ask_error err = {0};
    ask_calibrated c;
    opened o = open_model();
    CHECK_OK(ask_calibrate(&c, of, o.session, opt, &err), &err);
    close_model(&o);
    return c;
}

static ask_world_clip read_clip(int i)
{
    ask_error err = {0};
    ask_world_info info;
    ask_world_clip clip;
    CHECK_OK(ask_world_open(&info, world, &err), &err);
    CHECK_OK(ask_world_read_clip(&clip, world, &info, i, &err), &err);
    return clip;
}

static void count_questions(void)
{
    for (int i = 0; i < N_CLIPS; i++) {
        ask_world_clip c = read_clip(i);
        for (int k = 0; k < c.n_questions; k++) {
            const ask_world_question *q = &c.questions[k];
            if (q->until < c.scene.n_frames) continue;
            n_choices++;
            n_open += ask_question_is_open(q, c.scene.n_frames);
            n_absent += q->options[q->answer].denies;
        }
        ask_world_clip_free(&c);
    }
}

static int set_up(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    snprintf(world, sizeof world, "%s", test_path(dir, "world"));
    snprintf(simple, sizeof simple, "%s", test_path(dir, "simple"));
    snprintf(folder, sizeof folder, "%s", test_path(dir, "model"));
    playroom_memory_write(folder);
    playroom_full_world_write(world, 9, N_CLIPS);
    playroom_world_write(simple, 9, 1);
    count_questions();
    ask_calibrate_options o = ask_calibrate_defaults();
    o.download = "another model";
    fitted = calibrate(world, &o);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ask_calibrated_free(&fitted);
    test_temp_dir_remove(dir);
    return 0;
}

static char *json_of(const ask_calibrated *c)
{
    ask_error err = {0};
    ask_str text = {0};
    ask_calibrated_json(&text, c);
    char *json = ask_str_take(&text, &err);
    CHECK_OK(json, &err);
    return json;
}

/* ---- what is fitted ---- */

static void every_question_about_a_whole_clip_is_asked(void **state)
{
    (void)state;
    assert_true(fitted.has_memory && !fitted.can_find);
    assert_int_equal(fitted.n_clips, N_CLIPS);
    assert_string_equal(fitted.calibration.data, "playroom val seed 9, clips 0-2");
    assert_int_equal(fitted.own.all.n, n_choices);
    assert_int_equal(fitted.own_open.all.n, n_open);
    assert_int_equal(fitted.grey.all.n, n_choices);
    assert_true(n_open > 0 && n_absent > 0);
    assert_int_equal(fitted.rejections.n_absent, n_absent);
    assert_int_equal(fitted.rejections.n_there, n_choices - n_absent);
}

static void few_of_what_has_an_answer_falls_below_the_threshold(void **state)
{
    (void)state;
    const ask_asked_rejections *r = &fitted.rejections;
    assert_true(fitted.standard.has_threshold);
    assert_true(r->there <= ASK_FIT_ASKED_REJECTION);
    const int64_t n_below = (int64_t)floor(ASK_FIT_ASKED_REJECTION * (double)r->n_there);
    assert_true(fabs(r->there * (double)r->n_there - (double)n_below) < 1e-9);
    assert_true(fitted.grey.all.verdicts[ASK_VERDICT_GROUNDED] <= fitted.grey.all.n);
    assert_true(fitted.limits.limits.tau_prior > 0 && fitted.limits.limits.tau_suff > 0);
}

static void what_is_fitted_is_read_back_to_the_bit(void **state)
{
    (void)state;
    char path[300], *json = json_of(&fitted);
    ask_error err = {0};
    ask_standard s;
    ask_calibration c;
    snprintf(path, sizeof path, "%s/calibration.json", folder);
    test_write_text(path, json);
    assert_null(strstr(json, "\"find\""));
    assert_null(strstr(json, "\"scale\""));
    CHECK_OK(ask_calibration_read(&c, folder, &err), &err);
    CHECK_OK(ask_standard_read(&s, folder, fitted.n_embed, &err), &err);
    assert_string_equal(c.data, fitted.calibration.data);
    assert_true(s.has_limits && s.has_threshold && s.scale == 0);
    assert_true(s.threshold == fitted.standard.threshold);
    assert_memory_equal(&s.limits, &fitted.standard.limits, sizeof s.limits);
    assert_true(s.most_distance == fitted.standard.most_distance);
    const size_t n_bytes = (size_t)fitted.n_embed * sizeof *s.mean;
    assert_memory_equal(s.mean, fitted.standard.mean, n_bytes);
    assert_memory_equal(s.deviation, fitted.standard.deviation, n_bytes);
    assert_int_equal(s.n_words, fitted.standard.n_words);
    assert_string_equal(s.download, "another model");
    ask_standard_free(&s);
    ask_calibration_free(&c);

    ask_calibrate_options o = ask_calibrate_defaults();
    o.download = "another model";
    ask_calibrated again = calibrate(world, &o); // whatever the folder has now
    char *same = json_of(&again);
    assert_string_equal(json, same);
    free(same);
    free(json);
    ask_calibrated_free(&again);
    remove(path);
}

static void its_own_footage_and_words_are_covered(void **state)
{
    (void)state;
    ask_error err = {0};
    opened o = open_model();
    const ask_standard *s = &fitted.standard;
    assert_true(fitted.median_distance > 0 && fitted.median_distance < s->most_distance);
    for (int i = 0; i < N_CLIPS; i++) {
        ask_world_clip c = read_clip(i);
        char *path = ask_world_video_path(world, i, &err);
        CHECK_OK(path, &err);
        ask_video *v = ask_video_open(path, NULL, &err);
        CHECK_OK(v, &err);
        ask_ask_options options = ask_ask_defaults();
        options.standard = s;
        ask_answer a;
        const char *choices[ASK_N_OPTIONS];
        for (int k = 0; k < ASK_N_OPTIONS; k++) choices[k] = c.questions[0].options[k].text;
        CHECK_OK(ask_ask(&a, v, o.session, c.questions[0].text, choices, ASK_N_OPTIONS,
                         &options, &err),
                 &err);
        assert_true(a.verdict.known && a.verdict.verdict != ASK_VERDICT_OUTSIDE);
        assert_true(a.verdict.distance <= s->most_distance);
        ask_answer_free(&a);
        CHECK_OK(
            ask_ask(&a, v, o.session, "what does the wombat do?", NULL, 0, &options, &err),
            &err);
        assert_true(a.verdict.known && a.verdict.verdict == ASK_VERDICT_OUTSIDE);
        assert_string_equal(a.verdict.new_word, "wombat");
        ask_answer_free(&a);
        ask_video_close(v);
        free(path);
        ask_world_clip_free(&c);
    }
    close_model(&o);
}

/* ---- models that can do less ---- */

static void write_list(const char *name, const char *list)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    remove(path);
    if (list) test_write_text(path, list);
}

static void who_does_not_deny_has_no_threshold(void **state)
{
    (void)state;
    ask_calibrate_options o = ask_calibrate_defaults();
    o.n_clips = 1;
    write_list("denials.json", "[]");
    ask_calibrated c = calibrate(world, &o);
    assert_false(c.standard.has_threshold);
    assert_true(c.own_open.all.n > 0 && c.rejections.there == 0);
    char *json = json_of(&c);
    const char *ask = strstr(json, "\"ask\""), *outside = strstr(json, "\"outside\"");
    assert_true(ask && outside && ask < outside);
    const char *threshold = strstr(ask, "\"threshold\"");
    assert_true(threshold > outside); // that of the footage
    free(json);
    ask_calibrated_free(&c);

    write_list("answers.json", NULL);
    write_list("denials.json", NULL);
    c = calibrate(world, &o);
    assert_false(c.standard.has_threshold);
    assert_true(c.own.all.n > 0 && c.own_open.all.n == 0 && c.standard.has_limits);
    ask_calibrated_free(&c);
    playroom_memory_write_answers(folder);
}

/* ---- and more ---- */

static void who_also_finds_has_both_parts(void **state)
{
    (void)state;
    ask_error err = {0};
    char path[300];
    ask_calibration find;
    ask_standard ask;
    ask_calibrate_options o = ask_calibrate_defaults();
    o.n_clips = 1;
    o.sampling.fps = 3;
    char plain[sizeof folder];
    memcpy(plain, folder, sizeof plain);
    snprintf(folder, sizeof folder, "%s", test_path(dir, "finder"));
    playroom_memory_write_finding(folder);
    ask_calibrated c = calibrate(world, &o);
    assert_true(c.can_find && c.has_memory);
    assert_true(c.found.n_there > 0);
    assert_true(c.found.false_rejection <= ASK_FIT_FALSE_REJECTION);
    char *json = json_of(&c);
    snprintf(path, sizeof path, "%s/calibration.json", folder);
    test_write_text(path, json);
    CHECK_OK(ask_calibration_read(&find, folder, &err), &err);
    CHECK_OK(ask_standard_read(&ask, folder, c.n_embed, &err), &err);
    assert_true(find.threshold == c.calibration.threshold && find.fps == 3);
    assert_int_equal(find.n_sentences, ASK_CALIBRATE_SENTENCES);
    assert_true(ask.has_limits && ask.threshold == c.standard.threshold);
    ask_calibrated again = calibrate(world, &o); // beside the file
    char *same = json_of(&again);
    assert_string_equal(json, same);
    ask_standard_free(&ask);
    ask_calibration_free(&find);
    free(same);
    free(json);
    ask_calibrated_free(&again);
    ask_calibrated_free(&c);
    memcpy(folder, plain, sizeof plain);
}

/* ---- rows ---- */

static bool looks_alike(const ask_toy *a, const ask_toy *b)
{
    return a->color == b->color && a->shape == b->shape;
}

static void a_cheat_shows_nothing_that_looks_like_what_is_asked_about(void **state)
{
    (void)state;
    ask_error err = {0};
    opened o = open_model();
    ask_remembered_options options = ask_remembered_defaults();
    options.standard = &(ask_standard){0};
    ask_remembered *r = ask_remembered_open(world, o.session, &options, &err);
    CHECK_OK(r, &err);
    int64_t n_clips;
    const ask_remembered_clip *clips = ask_remembered_clips(r, &n_clips);
    assert_int_equal(n_clips, N_CLIPS);
    ask_answered_rows own, other, grey;
    CHECK_OK(ask_remembered_ask(&own, r, ASK_SHOWN_OWN, false, &err), &err);
    CHECK_OK(ask_remembered_ask(&other, r, ASK_SHOWN_OTHER, false, &err), &err);
    CHECK_OK(ask_remembered_ask(&grey, r, ASK_SHOWN_GREY, true, &err), &err);
    assert_int_equal(own.n, n_choices);
    assert_int_equal(grey.n, n_open);
    assert_true(other.n > 0 && other.n < own.n);
    int64_t at = 0, n_in_moment = 0;
    for (int64_t i = 0; i < N_CLIPS; i++) {
        const ask_world_clip *c = &clips[i].truth;
        for (int k = 0; k < c->n_questions; k++) {
            const ask_world_question *q = &c->questions[k];
            if (q->until < c->scene.n_frames) continue;
            const ask_answered_row *row = &own.rows[at++];
            assert_true(row->clip == i && row->shown == i && row->type == q->type);
            assert_int_equal(row->visual, !q->options[q->answer].denies);
            assert_int_equal(row->right, row->answer == q->answer);
            n_in_moment += row->in_moment;
        }
    }
    assert_true(n_in_moment > 0);
    for (int64_t i = 0; i < other.n; i++) {
        const ask_answered_row *row = &other.rows[i];
        assert_true(row->clip != row->shown && !row->in_moment);
    }
    // Of each question that has another clip: the next one without such toys.
    at = 0;
    for (int64_t i = 0; i < N_CLIPS && at < other.n; i++) {
        const ask_world_clip *c = &clips[i].truth;
        for (int k = 0; k < c->n_questions && at < other.n; k++) {
            const ask_world_question *q = &c->questions[k];
            const ask_scene *shown = &clips[other.rows[at].shown].truth.scene;
            if (q->until < c->scene.n_frames || q->n_objects == 0 ||
                other.rows[at].clip != i || other.rows[at].type != q->type)
                continue;
            int n_alike = 0;
            for (int t = 0; t < shown->n_toys; t++)
                for (int m = 0; m < q->n_objects; m++)
                    n_alike += looks_alike(&shown->toys[t], &c->scene.toys[q->objects[m]]);
            at += n_alike == 0;
        }
    }
    assert_int_equal(at, other.n);
    for (int64_t i = 0; i < grey.n; i++) assert_false(grey.rows[i].in_moment);
    ask_answered_rows_free(&own);
    ask_answered_rows_free(&other);
    ask_answered_rows_free(&grey);
    ask_remembered_close(r);
    close_model(&o);
}

/* ---- mistakes ---- */

static void calibrating_can_be_cancelled(void **state)
{
    (void)state;
    ask_cancel cancel = {0};
    ask_calibrate_options o = ask_calibrate_defaults();
    ask_error err = {0};
    ask_calibrated c;
    opened m = open_model();
    ask_cancel_raise(&cancel, 2);
    o.cancel = &cancel;
    assert_false(ask_calibrate(&c, world, m.session, &o, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    o.cancel = NULL;
    o.first = N_CLIPS;
    assert_false(ask_calibrate(&c, world, m.session, &o, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    close_model(&m);
}

static bool attempt(void *user, ask_error *err)
{
    opened *o = user;
    ask_calibrate_options options = ask_calibrate_defaults();
    options.download = "x";
    ask_calibrated c;
    if (!ask_calibrate(&c, simple, o->session, &options, err)) return false;
    ask_str text = {0};
    ask_calibrated_json(&text, &c);
    bool ok = !text.failed || ask_fail_memory(err);
    ask_str_free(&text);
    ask_calibrated_free(&c);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    opened o = open_model();
    assert_true(test_some_allocs_fail("calibrate", attempt, &o) > 20);
    close_model(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_question_about_a_whole_clip_is_asked),
        cmocka_unit_test(few_of_what_has_an_answer_falls_below_the_threshold),
        cmocka_unit_test(what_is_fitted_is_read_back_to_the_bit),
        cmocka_unit_test(its_own_footage_and_words_are_covered),
        cmocka_unit_test(who_does_not_deny_has_no_threshold),
        cmocka_unit_test(who_also_finds_has_both_parts),
        cmocka_unit_test(a_cheat_shows_nothing_that_looks_like_what_is_asked_about),
        cmocka_unit_test(calibrating_can_be_cancelled),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
