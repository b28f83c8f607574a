/* Rows of a playroom against what searching and asking the files says, and against their
 * truth. The model knows nothing; so nothing here depends on what it answers. */
#include "eval/playroom.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/playroom_model.h"
#include "support/testing.h"
#include "world/truth_read.h"

enum { N_CLIPS = 6 };

static const char CALIBRATION[] =
    "{\"find\": {\"threshold\": 0.5, \"background\": [\"a toy\", \"a thing\"],"
    " \"sentences\": [\"a red ball\", \"a blue star\", \"the green ring spins\","
    " \"a small heart\", \"a white moon jumps\", \"we see a cross\", \"a large drop\","
    " \"a pink arrow\"]},"
    " \"ask\": {\"tau_prior\": 0.01, \"tau_suff\": 0.5, \"tau_nec\": 0, \"scale\": 40}}";

static char *dir;
static char *world;
static ask_model *model;
static ask_session *session;

static int set_up(void **state)
{
    (void)state;
    ask_error err = {0};
    dir = test_temp_dir_make();
    world = strdup(test_path(dir, "world"));
    playroom_model_write(test_path(dir, "model"));
    playroom_world_write(world, 7, N_CLIPS);
    test_write_text(test_path(dir, "model/calibration.json"), CALIBRATION);
    model = ask_model_open(test_path(dir, "model"), NULL, &err);
    session = model ? ask_session_open(model, &err) : NULL;
    if (!session) print_error("%s\n", err.message);
    return session ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ask_session_close(session);
    ask_model_close(model);
    free(world);
    test_temp_dir_remove(dir);
    return 0;
}

static ask_playroom_options options(void)
{
    ask_playroom_options o = ask_playroom_defaults();
    o.sampling.fps = 3;
    return o;
}

static ask_playroom *open_with(const ask_playroom_options *o)
{
    ask_error err = {0};
    ask_playroom *p = ask_playroom_open(world, session, o, &err);
    if (!p) fail_msg("%s", err.message);
    return p;
}

static ask_found_rows find_all(ask_playroom *p)
{
    ask_error err = {0};
    ask_found_rows rows;
    CHECK_OK(ask_playroom_find(&rows, p, &err), &err);
    return rows;
}

static ask_answered_rows ask_all(ask_playroom *p, ask_shown shown)
{
    ask_error err = {0};
    ask_answered_rows rows;
    CHECK_OK(ask_playroom_ask(&rows, p, shown, &err), &err);
    return rows;
}

/* ---- the files themselves ---- */

static ask_world_clip read_clip(int64_t i)
{
    ask_error err = {0};
    ask_world_clip clip;
    char *path = ask_world_truth_path(world, i, &err);
    CHECK_OK(path && ask_world_clip_read(&clip, path, &err), &err);
    free(path);
    return clip;
}

static ask_video *open_video(int64_t i)
{
    ask_error err = {0};
    char *path = ask_world_video_path(world, i, &err);
    ask_video *v = path ? ask_video_open(path, NULL, &err) : NULL;
    if (!v) fail_msg("%s", err.message);
    free(path);
    return v;
}

/* By the times in the truth, not by its frames. */
static bool lies_in(ask_world_moment m, double t_s)
{
    return t_s > (m.begin - 0.5) / ASK_WORLD_FPS && t_s < (m.end - 0.5) / ASK_WORLD_FPS;
}

/* ---- finding ---- */

static void check_found(const ask_found_row *row, ask_video *v, const ask_world_query *q,
                        int n_frames)
{
    ask_error err = {0};
    ask_find_options o = ask_find_defaults();
    o.sampling = options().sampling;
    ask_find_result r;
    CHECK_OK(ask_find(&r, v, session, q->text, &o, &err), &err);
    double t_s = r.frames[r.moments[0].best].t_s, middle = n_frames / 2;
    assert_true(row->presence == r.presence && row->t_s == t_s);
    assert_true(row->kind == q->kind && row->judged == q->judged);
    assert_true(row->hit == lies_in(q->moment, t_s));
    assert_true(row->random == (q->moment.end - q->moment.begin) / (double)n_frames);
    assert_true(row->centre == (q->moment.begin <= middle && middle < q->moment.end));
    ask_find_result_free(&r);
}

static void rows_are_what_searches_of_the_files_find(void **state)
{
    (void)state;
    const ask_playroom_options o = options();
    ask_playroom *p = open_with(&o);
    assert_true(ask_playroom_n_clips(p) == N_CLIPS && ask_playroom_world(p).seed == 7);
    ask_found_rows rows = find_all(p);
    int64_t n = 0;
    for (int64_t i = 0; i < N_CLIPS; i++) {
        ask_world_clip clip = read_clip(i);
        ask_video *v = open_video(i);
        for (int k = 0; k < clip.n_queries; k++, n++) {
            assert_true(n < rows.n && rows.rows[n].clip == i);
            check_found(&rows.rows[n], v, &clip.queries[k], clip.scene.n_frames);
        }
        ask_video_close(v);
        ask_world_clip_free(&clip);
    }
    assert_true(n == rows.n && n >= 4 * N_CLIPS);
    free(rows.rows);
    ask_playroom_close(p);
}

/* ---- asking ---- */

static bool is_same_check(const ask_check *a, const ask_check *b)
{
    return a->s == b->s && a->answer == b->answer && a->n == b->n;
}

static void check_answered(const ask_answered_row *row, ask_video *v,
                           const ask_world_question *q)
{
    ask_error err = {0};
    ask_ask_options o = ask_ask_defaults();
    o.sampling = options().sampling;
    const char *choices[ASK_N_OPTIONS];
    for (int k = 0; k < ASK_N_OPTIONS; k++) choices[k] = q->options[k].text;
    ask_answer a;
    CHECK_OK(ask_ask(&a, v, session, q->text, choices, ASK_N_OPTIONS, &o, &err), &err);
    assert_true(row->type == q->type && row->judged == q->judged);
    assert_true(row->visual == q->options[q->answer].has_phrase);
    assert_true(row->visual == (q->type <= ASK_QUESTION_ACTION));
    assert_true(row->answer == a.choice && row->right == (a.choice == q->answer));
    assert_true(row->right_option == q->answer);
    assert_true(row->s_right == a.options[q->answer].s && row->presence == a.presence);
    assert_true(is_same_check(&row->checks.blind, &a.checks.blind));
    assert_true(is_same_check(&row->checks.evidence_removed, &a.checks.evidence_removed));
    assert_true(is_same_check(&row->checks.random_removed, &a.checks.random_removed));
    assert_true(row->has_verdict && row->verdict == a.verdict.verdict);
    bool in_moment = false;
    for (int i = 0; i < a.n_evidence; i++)
        in_moment |= lies_in(q->moment, a.frames[a.evidence[i]].t_s);
    assert_true(row->in_moment == in_moment && row->n_frames == a.n_frames);
    size_t n_bytes = (size_t)a.n_frames * (ASK_N_OPTIONS + 1) * sizeof *a.cosines;
    assert_memory_equal(row->cosines, a.cosines, n_bytes);
    ask_answer_free(&a);
}

static void rows_are_what_asking_the_files_answers(void **state)
{
    (void)state;
    ask_playroom_options o = options();
    o.first = 2;
    o.n_clips = 2;
    ask_playroom *p = open_with(&o);
    ask_answered_rows rows = ask_all(p, ASK_SHOWN_OWN);
    int64_t n = 0;
    for (int64_t i = 2; i < 4; i++) {
        ask_world_clip clip = read_clip(i);
        ask_video *v = open_video(i);
        for (int k = 0; k < clip.n_questions; k++, n++) {
            assert_true(n < rows.n && rows.rows[n].clip == i && rows.rows[n].shown == i);
            check_answered(&rows.rows[n], v, &clip.questions[k]);
        }
        ask_video_close(v);
        ask_world_clip_free(&clip);
    }
    assert_true(n == rows.n && n > 10);
    ask_answered_rows_free(&rows);
    ask_playroom_close(p);
}

/* Whether a frame of the clip shows what the phrase demands but for place and event. */
static bool is_seen(const ask_world_clip *clip, ask_phrase p)
{
    p.place = p.event = ASK_ANY;
    for (int f = 0; f < clip->scene.n_frames; f++)
        if (ask_phrase_counts(&clip->scene, &clip->views[f], p)) return true;
    return false;
}

static bool has_looks(ask_phrase p)
{
    p.place = p.event = ASK_ANY;
    return !ask_phrase_equal(p, ask_phrase_any());
}

static const ask_world_question *question_of(const ask_world_clip *clip,
                                             ask_question_type type)
{
    for (int k = 0; k < clip->n_questions; k++)
        if (clip->questions[k].type == type) return &clip->questions[k];
    fail_msg("no question of type %s", ask_question_type_name(type));
    return NULL;
}

static void other_frames_do_not_show_what_is_asked_about(void **state)
{
    (void)state;
    const ask_playroom_options o = options();
    ask_playroom *p = open_with(&o);
    ask_answered_rows rows = ask_all(p, ASK_SHOWN_OTHER);
    ask_world_clip clips[N_CLIPS];
    for (int64_t i = 0; i < N_CLIPS; i++) clips[i] = read_clip(i);
    for (int64_t i = 0; i < rows.n; i++) {
        const ask_answered_row *row = &rows.rows[i];
        const ask_world_question *q = question_of(&clips[row->clip], row->type);
        const ask_world_clip *shown = &clips[row->shown];
        assert_true(row->visual && row->shown != row->clip && !row->in_moment);
        if (has_looks(q->subject)) {
            assert_false(is_seen(shown, q->subject));
        } else {
            for (int k = 0; k < ASK_N_OPTIONS; k++)
                if (q->options[k].has_phrase)
                    assert_false(is_seen(shown, q->options[k].phrase));
        }
        assert_true(row->n_frames == ask_playroom_seen(p, row->shown)->look.n);
    }
    assert_true(rows.n > 2 * N_CLIPS);
    for (int64_t i = 0; i < N_CLIPS; i++) ask_world_clip_free(&clips[i]);
    ask_answered_rows_free(&rows);
    ask_playroom_close(p);
}

static void grey_frames_say_what_the_blind_check_says(void **state)
{
    (void)state;
    ask_playroom_options o = options();
    o.n_clips = 2;
    ask_playroom *p = open_with(&o);
    ask_answered_rows rows = ask_all(p, ASK_SHOWN_GREY);
    for (int64_t i = 0; i < rows.n; i++) {
        const ask_answered_row *row = &rows.rows[i];
        const ask_checks *c = &row->checks;
        assert_true(c->full.s == c->blind.s && c->full.answer == c->blind.answer);
        const ask_verdict_terms terms = {-INFINITY, INFINITY, {0.05, 10, -10}};
        ask_verdict verdict = ask_answered_verdict(row, &terms);
        assert_true(verdict ==
                    (row->unknown_words ? ASK_VERDICT_OUTSIDE : ASK_VERDICT_PRIOR_ONLY));
        assert_false(row->in_moment);
    }
    assert_true(rows.n > 10);
    ask_answered_rows_free(&rows);
    ask_playroom_close(p);
}

/* ---- options ---- */

static bool is_same_find(const ask_found_row *a, const ask_found_row *b)
{
    return a->clip == b->clip && a->kind == b->kind && a->judged == b->judged &&
           a->presence == b->presence && a->t_s == b->t_s && a->hit == b->hit &&
           a->random == b->random && a->centre == b->centre;
}

static void a_new_calibration_holds_for_what_was_seen(void **state)
{
    (void)state;
    static const char *const background[] = {"a ball", "toy"};
    static const char *const sentences[] = {"red",  "blue",   "green", "pink",
                                            "cyan", "yellow", "brown", "white"};
    const ask_calibration other = {.threshold = 1,
                                   .threshold_source = "default",
                                   .background = background,
                                   .n_background = 2,
                                   .sentences = sentences,
                                   .n_sentences = 8};
    ask_error err = {0};
    ask_playroom_options o = options();
    o.n_clips = 1;
    ask_playroom *p = open_with(&o);
    ask_found_rows before = find_all(p);
    CHECK_OK(ask_playroom_set_calibration(p, &other, &err), &err);
    ask_found_rows after = find_all(p);
    ask_playroom_close(p);
    o.calibration = &other;
    p = open_with(&o);
    ask_found_rows expected = find_all(p);
    assert_int_equal(after.n, expected.n);
    for (int64_t i = 0; i < expected.n; i++)
        assert_true(is_same_find(&after.rows[i], &expected.rows[i]));
    assert_true(before.rows[0].presence != after.rows[0].presence);
    ask_playroom_close(p);
    free(before.rows);
    free(after.rows);
    free(expected.rows);
}

static void without_thresholds_there_is_no_verdict(void **state)
{
    (void)state;
    const ask_standard none = {0};
    ask_playroom_options o = options();
    o.n_clips = 1;
    o.standard = &none;
    ask_playroom *p = open_with(&o);
    ask_answered_rows rows = ask_all(p, ASK_SHOWN_OWN);
    assert_true(rows.n > 0);
    for (int64_t i = 0; i < rows.n; i++) assert_false(rows.rows[i].has_verdict);
    ask_answered_rows_free(&rows);
    ask_playroom_close(p);
}

/* ---- mistakes ---- */

static void clips_that_are_not_there_are_refused(void **state)
{
    (void)state;
    const struct {
        const char *name, *dir;
        int64_t first, n_clips;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"no folder", "none", 0, 0, ASK_ERR_IO, "none"},
        {"no world", dir, 0, 0, ASK_ERR_IO, "world.json"},
        {"past the end", world, N_CLIPS, 0, ASK_ERR_USAGE, "1 clips from number 6 on"},
        {"too many", world, 1, N_CLIPS, ASK_ERR_USAGE, "and it has 6"},
        {"too many by far", world, 1, INT64_MAX, ASK_ERR_USAGE, "and it has 6"},
        {"below 0", world, -1, 0, ASK_ERR_USAGE, "below 0"},
        {"fewer than none", world, 0, -1, ASK_ERR_USAGE, "below 0"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_playroom_options o = options();
        o.first = cases[i].first;
        o.n_clips = cases[i].n_clips;
        CHECK_CASE(cases[i].name, !ask_playroom_open(cases[i].dir, session, &o, &err));
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("%s: %s", cases[i].name, err.message);
    }
}

static void everything_can_be_cancelled(void **state)
{
    (void)state;
    ask_cancel cancel = {0};
    ask_error err = {0};
    ask_playroom_options o = options();
    o.n_clips = 1;
    o.cancel = &cancel;
    ask_playroom *p = open_with(&o);
    ask_cancel_raise(&cancel, 2);
    ask_found_rows found;
    assert_false(ask_playroom_find(&found, p, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    ask_answered_rows asked;
    assert_false(ask_playroom_ask(&asked, p, ASK_SHOWN_GREY, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    ask_playroom_close(p);
    assert_null(ask_playroom_open(world, session, &o, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
}

static bool run_briefly(void *user, ask_error *err)
{
    (void)user;
    ask_playroom_options o = options();
    o.sampling.n_frames = 2;
    o.n_clips = 1;
    ask_found_rows found = {0};
    ask_answered_rows own = {0}, grey = {0};
    ask_playroom *p = ask_playroom_open(world, session, &o, err);
    bool ok = p && ask_playroom_find(&found, p, err) &&
              ask_playroom_ask(&own, p, ASK_SHOWN_OWN, err) &&
              ask_playroom_ask(&grey, p, ASK_SHOWN_GREY, err);
    free(found.rows);
    ask_answered_rows_free(&own);
    ask_answered_rows_free(&grey);
    ask_playroom_close(p);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    assert_true(test_some_allocs_fail("playroom", run_briefly, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_what_searches_of_the_files_find),
        cmocka_unit_test(rows_are_what_asking_the_files_answers),
        cmocka_unit_test(other_frames_do_not_show_what_is_asked_about),
        cmocka_unit_test(grey_frames_say_what_the_blind_check_says),
        cmocka_unit_test(a_new_calibration_holds_for_what_was_seen),
        cmocka_unit_test(without_thresholds_there_is_no_verdict),
        cmocka_unit_test(clips_that_are_not_there_are_refused),
        cmocka_unit_test(everything_can_be_cancelled),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
