#include "focus/find_record.h"

#include <math.h>
#include <string.h>

#include "support/color_model.h"
#include "support/testing.h"

static char *dir;
static ask_model *model;
static ask_session *session;
static ask_video *video;

static int open_all(void **state)
{
    (void)state;
    static const color_span spans[] = {
        {1, 0x000000}, {1, 0xff0000}, {1, 0x000000}, {1, 0xff0000}, {2, 0x000000}};
    dir = test_temp_dir_make();
    color_model_write(test_path(dir, "model"), NULL);
    color_video_write(test_path(dir, "clip.gif"), 64, 48, 0, spans, TEST_COUNT(spans));
    ask_error err = {0};
    model = ask_model_open(test_path(dir, "model"), NULL, &err);
    session = model ? ask_session_open(model, &err) : NULL;
    video = session ? ask_video_open(test_path(dir, "clip.gif"), NULL, &err) : NULL;
    if (!video) print_error("%s\n", err.message);
    return video ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    ask_video_close(video);
    ask_session_close(session);
    ask_model_close(model);
    test_temp_dir_remove(dir);
    return 0;
}

/* What the caller adds. */
static void add_rest(ask_record *r)
{
    static const char *const argv[] = {"askance", "find"};
    const ask_record_video v = {
        .path = "clip.gif",
        .id = {.size = 1, .quick = "0123456789abcdef"},
        .duration_s = ask_known_real(6),
        .time_base = {1, 100},
        .width = 64,
        .height = 48,
    };
    const ask_record_reproduce how = {
        .argv = {argv, 2},
        .version = "0",
        .build = "test",
        .model = {"model", ask_model_info_of(model).id, "clip"},
        .threads = 1,
        .isa = "avx2",
        .backend = "cpu",
        .dtype = "f32",
    };
    ask_error err = {0};
    CHECK_OK(ask_record_set_video(r, &v, &err) && ask_record_set_reproduce(r, &how, &err) &&
                 ask_record_note(r, "video.id.sha256", "not asked for", &err) &&
                 ask_record_note(r, "video.n_frames", "not counted", &err) &&
                 ask_record_note(r, "video.vfr", "not counted", &err) &&
                 ask_record_note(r, "reproduce.seed", "nothing is random", &err),
             &err);
}

static ask_record *new_record(ask_record_kind kind)
{
    ask_error err = {0};
    ask_record *r = ask_record_new(kind, &err);
    if (!r) fail_msg("%s", err.message);
    return r;
}

static void a_search_becomes_a_valid_record(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool counted;
        double start_s;
    } cases[] = {
        {"red", false, 0},
        {"red", true, 0},
        {"red", false, 1.5},
        {"green", false, 0},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *text = cases[i].text;
        ask_find_options o = ask_find_defaults();
        o.sampling.counted = cases[i].counted;
        o.sampling.start_s = cases[i].start_s;
        ask_error err = {0};
        ask_find_result f;
        CHECK_OK(ask_find(&f, video, session, text, &o, &err), &err);
        ask_record *r = new_record(ASK_RECORD_FIND);
        CHECK_OK(ask_find_record(r, &f, text, &o, &err), &err);
        add_rest(r);
        CHECK_OK(ask_record_check(r, text, &err), &err);

        CHECK_CASE(text, strcmp(r->query->text, text) == 0 && r->query->n_tokens == 3);
        CHECK_CASE(text, r->presence->present == f.present);
        CHECK_CASE(text, r->presence->score == f.presence);
        CHECK_CASE(text, r->presence->threshold_n.value == 1);
        CHECK_CASE(text, r->n_frames == (size_t)f.n_frames);
        CHECK_CASE(text, r->n_moments == (size_t)f.n_moments);
        CHECK_CASE(text, !ask_record_note_of(r, "moments") == f.present);
        CHECK_CASE(text,
                   !ask_record_note_of(r, "frames.index") == r->frames[0].index.known);
        CHECK_CASE(text, ask_record_note_of(r, "frames")); // the GIF has fewer than times
        CHECK_CASE(text, r->plan->resolved.n_frames == f.plan.sampling.n);
        CHECK_CASE(text, r->plan->work.images == f.n_frames);
        CHECK_CASE(text, !r->plan->requested.max_frames.known);
        CHECK_CASE(text, !r->plan->requested.top.known);
        CHECK_CASE(text, r->plan->requested.start_s.known == (cases[i].start_s > 0));
        CHECK_CASE(text,
                   !r->plan->requested.end_s.known && !r->plan->requested.frames.known);
        for (int k = 0; k < f.n_moments; k++) {
            const ask_record_moment *m = &r->moments[k];
            CHECK_CASE(text, m->start_s == f.moments[k].start_s);
            CHECK_CASE(text, m->repeats.known == (f.moments[k].repeats >= 0));
            CHECK_CASE(text, r->frames[f.moments[k].best].role == ASK_ROLE_RETRIEVED);
        }
        ask_str json = {0};
        CHECK_OK(ask_record_write(&json, r, &err), &err);
        ask_str_free(&json);
        ask_record_free(r);
        ask_find_result_free(&f);
    }
}

static void a_plan_becomes_a_valid_record(void **state)
{
    (void)state;
    ask_find_options o = ask_find_defaults();
    o.sampling.n_frames = 7;
    o.sampling.end_s = 60;
    ask_error err = {0};
    ask_find_plan p;
    CHECK_OK(ask_find_plan_make(&p, video, session, "red", &o, &err), &err);
    ask_record *r = new_record(ASK_RECORD_PLAN);
    CHECK_OK(ask_find_record_plan(r, &p, "red", &o, &err), &err);
    add_rest(r);
    CHECK_OK(ask_record_check(r, "plan", &err), &err);
    assert_true(r->plan->requested.frames.value == 7);
    assert_true(r->plan->requested.end_s.value == 60);
    assert_true(r->plan->resolved.end_s == 6);
    assert_string_equal(r->plan->why_changed, "the video ends at 6.000 s");
    assert_true(r->plan->tokens == p.n_all_tokens);
    ask_record_free(r);
    ask_find_plan_free(&p);
}

static bool make_record(void *user, ask_error *err)
{
    ask_record *r = ask_record_new(ASK_RECORD_FIND, err);
    bool ok = r && ask_find_record(r, user, "red", NULL, err);
    ask_record_free(r);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_find_result f;
    CHECK_OK(ask_find(&f, video, session, "red", NULL, &err), &err);
    assert_true(test_each_alloc_fails("find_record", make_record, &f) >= 3);
    ask_find_result_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_becomes_a_valid_record),
        cmocka_unit_test(a_plan_becomes_a_valid_record),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
