/* Frames that are shown together: models whose rows are of all that is shown, and of the
 * question. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/color_model.h"
#include "support/qformer_model.h"
#include "support/testing.h"
#include "vqa/reply.h"
#include "vqa/talk_priv.h"

enum { N_FRAMES = 4, ROWS = QFORMER_MODEL_ROWS, MOST_TOKENS = 6 };

static char *dir; // with all models and videos

static const color_span story[] = {{0.5, 0xff0000}, {0.5, 0x00ff00}, {0.5, 0x0000ff},
                                   {0.5, 0x000000}, {0.5, 0xffff00}, {0.5, 0x00ffff}};

static const char *const names[] = {[QFORMER_MODEL_BLIP2] = "blip2",
                                    [QFORMER_MODEL_INSTRUCT] = "instruct",
                                    [QFORMER_MODEL_FLAN] = "flan",
                                    [QFORMER_MODEL_GIF_QA] = "gif_qa"};

static int make_all(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    for (size_t i = 0; i < TEST_COUNT(names); i++)
        qformer_model_write(test_path(dir, names[i]), (qformer_model_kind)i);
    color_video_write(test_path(dir, "story.mp4"), 64, 48, 12, story, TEST_COUNT(story));
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
    ask_model *model, *eye_model;
    ask_session *session, *eye;
    ask_video *video;
    ask_talk *talk;
    int n_frames; // calls of progress that count frames
    ask_progress progress;
} watching;

static void count(void *user, int64_t done, int64_t total, const char *unit,
                  const char *label)
{
    watching *w = user;
    (void)done;
    (void)total;
    (void)label;
    w->n_frames += strcmp(unit, "frames") == 0;
}

static void open_model(ask_model **m, ask_session **s, const char *folder)
{
    ask_error err = {0};
    const ask_model_options opt = {.n_threads = 1};
    CHECK_OK(*m = ask_model_open(folder, &opt, &err), &err);
    CHECK_OK(*s = ask_session_open(*m, &err), &err);
}

static void open_talk(watching *w, qformer_model_kind kind, int n_frames)
{
    ask_error err = {0};
    *w = (watching){.progress = {count, w}};
    open_model(&w->model, &w->session, test_path(dir, names[kind]));
    if (kind == QFORMER_MODEL_GIF_QA)
        open_model(&w->eye_model, &w->eye, test_fixture("golden/clip"));
    CHECK_OK(w->video = ask_video_open(test_path(dir, "story.mp4"), NULL, &err), &err);
    ask_talk_options o = ask_talk_defaults();
    o.sampling.n_frames = n_frames;
    o.max_tokens = MOST_TOKENS;
    o.eye = w->eye;
    o.progress = &w->progress;
    CHECK_OK(w->talk = ask_talk_open(w->video, w->session, &o, &err), &err);
}

static void close_talk(watching *w)
{
    ask_talk_close(w->talk);
    ask_video_close(w->video);
    ask_session_close(w->eye);
    ask_model_close(w->eye_model);
    ask_session_close(w->session);
    ask_model_close(w->model);
}

static ask_reply reply_to(watching *w, const char *question)
{
    ask_error err = {0};
    ask_reply r;
    CHECK_OK(ask_reply_to(&r, w->talk, question, NULL, 0, NULL, &err), &err);
    return r;
}

/* ---- replies ---- */

/* Rows of each frame, or of all of them. */
static int n_rows_of(qformer_model_kind kind, int n_frames)
{
    return kind == QFORMER_MODEL_GIF_QA ? ROWS : n_frames * ROWS;
}

/* Four by four patches, of which the one that was looked at most is 1. */
static void check_map(const ask_answer_map *map, const char *name)
{
    float most = 0, least = 1;
    for (int i = 0; i < map->side * map->side; i++) {
        most = fmaxf(most, map->heat[i]);
        least = fminf(least, map->heat[i]);
    }
    CHECK_CASE(name, map->side == 4 && most == 1 && least >= 0 && least < 1);
}

static void a_reply_rests_on_what_is_shown(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < TEST_COUNT(names); kind++) {
        watching w;
        open_talk(&w, (qformer_model_kind)kind, N_FRAMES);
        ask_reply r = reply_to(&w, "who is it?");
        CHECK_CASE(names[kind], r.plan.n_frames == N_FRAMES);
        CHECK_CASE(names[kind],
                   r.plan.n_visual == n_rows_of((qformer_model_kind)kind, N_FRAMES));
        CHECK_CASE(names[kind], r.n_frames == N_FRAMES && r.n_tokens > 0);
        for (int i = 0; i < r.n_tokens; i++) {
            double sum = r.tokens[i].text_share;
            for (int k = 0; k < r.n_frames; k++) sum += r.tokens[i].shares[k];
            CHECK_CASE(names[kind], fabs(sum - 1) < 1e-5);
            CHECK_CASE(names[kind], r.tokens[i].text_share < 1);
        }
        CHECK_CASE(names[kind], r.n_evidence == N_FRAMES / 2);
        bool has_maps = kind != QFORMER_MODEL_GIF_QA; // which is given vectors
        CHECK_CASE(names[kind], (r.n_maps > 0) == has_maps);
        for (int i = 0; i < r.n_maps; i++) check_map(&r.maps[i], names[kind]);
        CHECK_CASE(names[kind], r.is_checked && r.checks.blind.n == 1);
        CHECK_CASE(names[kind], r.checks.shuffled.n == ASK_CHECK_SEEDS);
        CHECK_CASE(names[kind], r.checks.evidence_only.n == 1);
        CHECK_CASE(names[kind], r.checks.evidence_removed.n == 1);
        ask_reply_free(&r);
        close_talk(&w);
    }
}

/* An encoder-decoder: the prompt ends with the token that ends texts, and what it answers
 * stands behind a token of its own. */
static void an_encoder_decoder_chooses_among_answers(void **state)
{
    (void)state;
    static const char *const choices[] = {"a dog", "nothing at all"};
    ask_error err = {0};
    ask_reply r, again;
    talk_prompt p;
    watching w;
    open_talk(&w, QFORMER_MODEL_FLAN, N_FRAMES);
    CHECK_OK(ask_reply_to(&r, w.talk, "who is it?", choices, 2, NULL, &err), &err);
    assert_int_equal(r.n_options, 2);
    assert_true(fabs(r.options[0].p + r.options[1].p - 1) < 1e-6);
    assert_string_equal(r.text, choices[r.choice]);
    assert_true(r.n_tokens > 0 && r.is_checked);
    CHECK_OK(talk_prompt_make(&p, w.talk, "who is it?", &talk_shows_all, &err), &err);
    assert_int_equal(p.prompt.n, r.n_prompt);
    assert_int_equal(p.prompt.n_rows, N_FRAMES * ROWS);
    for (int i = 0; i < p.prompt.n; i++)
        assert_int_equal(p.prompt.places[i].id == 1 && !p.prompt.places[i].identity,
                         i == p.prompt.n - 1);
    talk_prompt_free(&p);
    CHECK_OK(ask_reply_to(&again, w.talk, "who is it?", choices, 2, NULL, &err), &err);
    assert_int_equal(again.n_reused, r.n_prompt); // all of it
    for (int i = 0; i < 2; i++) assert_true(again.options[i].s == r.options[i].s);
    ask_reply_free(&r);
    ask_reply_free(&again);
    close_talk(&w);
}

static void as_many_frames_are_shown_as_it_was_made_for(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_talk_plan plan;
    watching w;
    open_talk(&w, QFORMER_MODEL_GIF_QA, 0);
    CHECK_OK(ask_talk_plan_of(&plan, w.talk, "who?", &err), &err);
    assert_int_equal(plan.n_frames, ROWS); // as many as it has queries
    assert_int_equal(plan.n_visual, ROWS);
    const ask_footage *f = ask_talk_footage(w.talk); // the eye's work, and the queries'
    double eye = f->sampling.n * ask_model_info_of(w.eye_model).image_gflop;
    assert_true(f->info.frame_gflop > 0);
    assert_true(fabs(ask_footage_gflop(f) - eye - ROWS * f->info.frame_gflop) < 1e-12);
    close_talk(&w);
}

/* Rows of all frames are as many with fewer of them. */
static void no_frames_are_left_out_where_that_helps_nothing(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_talk_plan plan;
    char question[1024] = "";
    watching w;
    open_talk(&w, QFORMER_MODEL_GIF_QA, 0);
    ask_talk_options o = ask_talk_defaults();
    o.eye = w.eye;
    ask_talk *t;
    CHECK_OK(t = ask_talk_open(w.video, w.session, &o, &err), &err);
    for (int i = 0; i < 160; i++) strcat(question, "? ");
    CHECK_OK(ask_talk_plan_of(&plan, t, question, &err), &err);
    assert_int_equal(plan.n_frames, ROWS);
    assert_true(plan.n_prompt > 256 && plan.n_answer < 256);
    assert_string_equal(ask_talk_footage(t)->sampling.why_changed, "");
    ask_talk_close(t);
    close_talk(&w);
}

/* ---- what is made again, and what is not ---- */

static void another_question_makes_other_rows_of_the_same_frames(void **state)
{
    (void)state;
    watching w;
    open_talk(&w, QFORMER_MODEL_INSTRUCT, N_FRAMES);
    ask_reply first = reply_to(&w, "who is it?");
    w.n_frames = 0;
    ask_reply again = reply_to(&w, "who is it?");
    assert_int_equal(w.n_frames, 0);
    assert_int_equal(again.n_reused, first.n_prompt - 1);
    assert_string_equal(again.text, first.text);
    ask_reply other = reply_to(&w, "where do they go?");
    assert_int_equal(w.n_frames, 0); // nothing is decoded
    assert_int_equal(other.n_reused, 0);
    ask_reply_free(&first);
    ask_reply_free(&again);
    ask_reply_free(&other);
    close_talk(&w);
}

static void rows_of_all_frames_do_not_depend_on_the_question(void **state)
{
    (void)state;
    watching w;
    open_talk(&w, QFORMER_MODEL_GIF_QA, N_FRAMES);
    ask_reply first = reply_to(&w, "who is it?");
    ask_reply other = reply_to(&w, "where do they go?");
    assert_true(other.n_reused >= ROWS);
    ask_reply_free(&first);
    ask_reply_free(&other);
    close_talk(&w);
}

/* ---- scenes ---- */

static ask_footage_view view_of(const watching *w, const ask_footage_scene *scene)
{
    ask_error err = {0};
    ask_footage_view v;
    CHECK_OK(ask_footage_show(&v, ask_talk_footage(w->talk), scene, NULL, &err), &err);
    return v;
}

static size_t width_of(const watching *w)
{
    ask_error err = {0};
    ask_language_info info;
    CHECK_OK(ask_language_info_of(&info, w->model, &err), &err);
    return (size_t)info.width;
}

/* Of InstructBLIP each frame has rows of its own, whatever stands beside it. */
static void a_scene_is_its_frames_in_their_order(void **state)
{
    (void)state;
    static const int some[] = {2, 0};
    watching w;
    open_talk(&w, QFORMER_MODEL_INSTRUCT, N_FRAMES);
    ask_reply r = reply_to(&w, "who is it?");
    size_t each = ROWS * width_of(&w);
    ask_footage_view all = view_of(&w, &(ask_footage_scene){.instruction = "who is it?"});
    ask_footage_view two = view_of(
        &w,
        &(ask_footage_scene){.frames = some, .n_frames = 2, .instruction = "who is it?"});
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < each; k++) {
            float expected = all.rows[(size_t)some[i] * each + k];
            if (fabsf(two.rows[i * each + k] - expected) > 1e-5f)
                fail_msg("frame %d, number %zu", some[i], k);
        }
    for (int i = 0; i < 2 * ROWS; i++)
        for (int k = 0; k < N_FRAMES; k++)
            assert_true(two.origins[i * N_FRAMES + k] == (k == some[i / ROWS]));
    ask_footage_view_free(&all);
    ask_footage_view_free(&two);
    ask_reply_free(&r);
    close_talk(&w);
}

static void queries_tell_which_frames_they_looked_at(void **state)
{
    (void)state;
    static const int some[] = {1, 3};
    watching w;
    open_talk(&w, QFORMER_MODEL_GIF_QA, N_FRAMES);
    ask_reply r = reply_to(&w, "who is it?");
    ask_footage_view v = view_of(&w, &(ask_footage_scene){.frames = some, .n_frames = 2});
    for (int i = 0; i < ROWS; i++) {
        const float *row = v.origins + i * N_FRAMES;
        assert_true(row[0] == 0 && row[2] == 0 && row[1] > 0 && row[3] > 0);
        assert_true(fabsf(row[1] + row[3] - 1) < 1e-5f);
    }
    ask_footage_view_free(&v);
    ask_reply_free(&r);
    close_talk(&w);
}

static void a_row_is_known_by_all_it_is_made_of(void **state)
{
    (void)state;
    static const int some[] = {0, 1}, turned[] = {1, 0};
    static const struct {
        const char *name;
        ask_footage_scene scene;
        int row;
        bool same;
    } cases[] = {
        {"itself", {some, 2, "who?"}, 0, true},
        {"another row", {some, 2, "who?"}, 1, false},
        {"another question", {some, 2, "where?"}, 0, false},
        {"another order", {turned, 2, "who?"}, 0, false},
        {"fewer frames", {some, 1, "who?"}, 0, false},
        {"all frames", {NULL, 0, "who?"}, 0, false},
    };
    watching w;
    open_talk(&w, QFORMER_MODEL_INSTRUCT, N_FRAMES);
    ask_reply r = reply_to(&w, "who is it?");
    const ask_footage *f = ask_talk_footage(w.talk);
    uint64_t first = ask_footage_scene_identity(f, &cases[0].scene, 0);
    assert_true(first != 0);
    const ask_footage_scene untold = {some, 2, NULL}, empty = {some, 2, ""};
    assert_true(ask_footage_scene_identity(f, &untold, 0) ==
                ask_footage_scene_identity(f, &empty, 0));
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        uint64_t id = ask_footage_scene_identity(f, &cases[i].scene, cases[i].row);
        CHECK_CASE(cases[i].name, (id == first) == cases[i].same);
    }
    ask_reply_free(&r);
    close_talk(&w);
}

/* ---- bad models ---- */

static void an_instruction_needs_its_tokenizer(void **state)
{
    (void)state;
    char command[512];
    snprintf(command, sizeof command, "%s", test_path(dir, "bare"));
    qformer_model_write(command, QFORMER_MODEL_INSTRUCT);
    char *file = strdup(test_path(command, "qformer_tokenizer/tokenizer.json"));
    assert_int_equal(remove(file), 0);
    free(file);
    ask_error err = {0};
    ask_generated said;
    watching w = {0};
    open_model(&w.model, &w.session, command);
    CHECK_OK(w.video = ask_video_open(test_path(dir, "story.mp4"), NULL, &err), &err);
    CHECK_OK(w.talk = ask_talk_open(w.video, w.session, NULL, &err), &err);
    assert_false(ask_talk_say(&said, w.talk, "who?", NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "qformer_tokenizer"));
    close_talk(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_rests_on_what_is_shown),
        cmocka_unit_test(an_encoder_decoder_chooses_among_answers),
        cmocka_unit_test(as_many_frames_are_shown_as_it_was_made_for),
        cmocka_unit_test(no_frames_are_left_out_where_that_helps_nothing),
        cmocka_unit_test(another_question_makes_other_rows_of_the_same_frames),
        cmocka_unit_test(rows_of_all_frames_do_not_depend_on_the_question),
        cmocka_unit_test(a_scene_is_its_frames_in_their_order),
        cmocka_unit_test(queries_tell_which_frames_they_looked_at),
        cmocka_unit_test(a_row_is_known_by_all_it_is_made_of),
        cmocka_unit_test(an_instruction_needs_its_tokenizer),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
