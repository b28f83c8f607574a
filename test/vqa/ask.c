/* Asking videos whose colours are known with a model that knows colours. */
#include "vqa/ask.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "focus/seen.h"
#include "support/color_model.h"
#include "support/testing.h"
#include "vqa/answer_record.h"

enum { BLACK = 0x000000, RED = 0xff0000, GREEN = 0x00ff00, BLUE = 0x0000ff };

static char *dir;

/* What stands before and behind what a case says of "ask". */
#define CALIBRATION(ask)                                                                   \
    "{\"data\": \"by construction\", \"n\": 1, \"find\": {\"background\": [\"a photo\"],"  \
    " \"sentences\": [\"a cat\", \"dog\", \"owl lion\", \"horse\", \"a fish\","            \
    " \"snail bear\", \"wolf\", \"a crab\", \"duck mouse\", \"cat horse\"]}, \"ask\": "    \
    "{" ask "}}"
#define LIMITS "\"tau_prior\": 0.5, \"tau_suff\": 0.5, \"tau_nec\": 0.1"

/* 2 s of blue, 1.5 s of red, 2.5 s of blue. */
static const color_span story[] = {{2, BLUE}, {1.5, RED}, {2.5, BLUE}};

static int make_all(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    color_video_write(test_path(dir, "story.mp4"), 64, 48, 12, story, TEST_COUNT(story));
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- asking ---- */

typedef struct {
    ask_model *model;
    ask_session *session;
    ask_video *video;
} scene;

static scene open_scene(const char *calibration, const char *video)
{
    ask_error err = {0};
    const char *folder = test_path(dir, "model");
    color_model_write(folder, &(color_model_options){.calibration = calibration});
    scene s = {.model = ask_model_open(folder, NULL, &err)};
    if (!s.model || !(s.session = ask_session_open(s.model, &err)) ||
        !(s.video = ask_video_open(video, NULL, &err)))
        fail_msg("%s", err.message);
    return s;
}

static void close_scene(scene *s)
{
    ask_video_close(s->video);
    ask_session_close(s->session);
    ask_model_close(s->model);
}

static const char *const colors[] = {"green", "red", "yellow"};

static ask_answer ask_of(const scene *s, const char *const *choices,
                         const ask_ask_options *opt)
{
    ask_error err = {0};
    ask_answer a;
    CHECK_OK(ask_ask(&a, s->video, s->session, "a photo", choices, TEST_COUNT(colors), opt,
                     &err),
             &err);
    return a;
}

static ask_answer ask_colors(const scene *s, const ask_ask_options *opt)
{
    return ask_of(s, colors, opt);
}

/* ---- what is answered ---- */

static void the_colour_that_is_shown_is_the_answer(void **state)
{
    (void)state;
    scene s = open_scene(CALIBRATION(LIMITS), test_path(dir, "story.mp4"));
    ask_answer a = ask_colors(&s, NULL);
    assert_int_equal(a.choice, 1);
    double sum = 0;
    for (int o = 0; o < a.n_options; o++) {
        sum += a.options[o].p;
        assert_true(fabs(exp(a.options[o].s) - a.options[o].p) < 1e-12);
        assert_true(a.options[o].p <= a.options[a.choice].p);
    }
    assert_true(a.n_options == 3 && fabs(sum - 1) < 1e-9);
    assert_true(a.present && a.n_moments >= 1);
    assert_true(a.moments[0].start_s == 2 && a.moments[0].end_s == 3.5);
    assert_int_equal(a.n_evidence, 3);
    for (int i = 0; i < a.n_evidence; i++) {
        double t_s = a.frames[a.evidence[i]].t_s;
        assert_true(t_s >= 2 && t_s < 3.5);
    }
    assert_string_equal(a.calibration_data, "by construction");
    ask_answer_free(&a);
    close_scene(&s);
}

static void checks_take_the_evidence_away(void **state)
{
    (void)state;
    scene s = open_scene(CALIBRATION(LIMITS), test_path(dir, "story.mp4"));
    ask_answer a = ask_colors(&s, NULL);
    const ask_checks *c = &a.checks;
    assert_true(a.is_checked && !c->full.why_not);
    assert_true(c->full.s == a.options[a.choice].s && c->full.answer == a.choice);
    assert_true(c->full.n == 1 && c->random_removed.n == ASK_CHECK_SEEDS);
    assert_int_equal(c->evidence_only.answer, a.choice);
    assert_true(c->evidence_removed.s < c->random_removed.s);
    assert_true(fabs(c->random_removed.s - c->full.s) < 0.05);
    assert_true(c->blind.s < c->full.s);
    assert_non_null(strstr(c->shuffled.why_not, "order"));
    ask_answer_free(&a);

    ask_ask_options o = ask_ask_defaults();
    o.no_checks = true;
    o.n_maps = 0;
    a = ask_colors(&s, &o);
    assert_false(a.is_checked || a.verdict.known);
    assert_int_equal(a.n_maps, 0);
    assert_non_null(strstr(a.verdict.why_not, "not asked for"));
    ask_answer_free(&a);
    close_scene(&s);
}

static void check_same(const ask_answer *a, const ask_answer *b)
{
    assert_true(a->choice == b->choice && a->presence == b->presence);
    assert_true(a->level == b->level && a->threshold == b->threshold);
    assert_memory_equal(a->options, b->options, 3 * sizeof *a->options);
    assert_true(a->n_frames == b->n_frames && a->n_evidence == b->n_evidence);
    assert_memory_equal(a->cosines, b->cosines,
                        4 * (size_t)a->n_frames * sizeof *a->cosines);
    for (int i = 0; i < a->n_frames; i++)
        assert_true(a->frames[i].score == b->frames[i].score &&
                    a->frames[i].start_s == b->frames[i].start_s &&
                    a->frames[i].duplicate_of == b->frames[i].duplicate_of);
    for (int i = 0; i < a->n_evidence; i++)
        assert_int_equal(a->evidence[i], b->evidence[i]);
    const ask_checks *c = &a->checks, *d = &b->checks;
    assert_true(c->full.s == d->full.s && c->blind.s == d->blind.s);
    assert_true(c->evidence_only.s == d->evidence_only.s);
    assert_true(c->evidence_removed.s == d->evidence_removed.s);
    assert_true(c->random_removed.s == d->random_removed.s);
    assert_true(a->verdict.known && a->verdict.verdict == b->verdict.verdict);
    assert_true(a->n_maps == b->n_maps);
    for (int i = 0; i < a->n_maps; i++)
        assert_true(a->maps[i].frame == b->maps[i].frame &&
                    a->maps[i].heat[0] == b->maps[i].heat[0]);
}

static void an_answer_from_what_was_seen_is_the_same(void **state)
{
    (void)state;
    ask_error err = {0};
    scene s = open_scene(CALIBRATION(LIMITS), test_path(dir, "story.mp4"));
    ask_answer own = ask_colors(&s, NULL);
    const char *folder = ask_model_info_of(s.model).dir;
    ask_calibration calibration;
    ask_standard standard;
    ask_yardstick yardstick;
    ask_seen seen;
    CHECK_OK(ask_calibration_read(&calibration, folder, &err), &err);
    CHECK_OK(ask_standard_read(&standard, folder, 32, &err), &err);
    CHECK_OK(ask_yardstick_make(&yardstick, s.session, &calibration, NULL, &err), &err);
    CHECK_OK(ask_seen_make(&seen, s.video, s.session, &yardstick, NULL, NULL, NULL, &err),
             &err);
    ask_ask_options o = ask_ask_defaults();
    o.seen = &seen;
    ask_answer a = ask_colors(&s, &o); // the standard of the file
    check_same(&own, &a);
    assert_true(a.encode_s == 0);
    ask_answer_free(&a);
    CHECK_OK(ask_yardstick_see_grey(&yardstick, s.session, NULL, &err), &err);
    o.standard = &standard;
    a = ask_colors(&s, &o);
    check_same(&own, &a);
    ask_answer_free(&a);
    standard.threshold = 900; // what is given holds, not the file
    standard.has_threshold = true;
    a = ask_colors(&s, &o);
    assert_int_equal(a.verdict.verdict, ASK_VERDICT_NOT_IN_VIDEO);
    ask_answer_free(&a);
    ask_answer_free(&own);
    ask_seen_free(&seen);
    ask_yardstick_free(&yardstick);
    ask_standard_free(&standard);
    ask_calibration_free(&calibration);
    close_scene(&s);
}

/* ---- what it is worth ---- */

static void the_calibration_decides_the_verdict(void **state)
{
    (void)state;
    char near[1024] = "", far[1024] = "", ones[1024] = "";
    for (int i = 0; i < 32; i++) { // embeddings have 32 numbers
        strcat(near, i ? ",0" : "0");
        strcat(far, i ? ",9" : "9");
        strcat(ones, i ? ",1" : "1");
    }
    char covered[4096], uncovered[4096];
    snprintf(covered, sizeof covered,
             CALIBRATION(LIMITS ", \"outside\": {\"mean\": [%s], \"deviation\": [%s], "
                                "\"threshold\": 2}"),
             near, ones);
    snprintf(uncovered, sizeof uncovered,
             CALIBRATION(LIMITS ", \"outside\": {\"mean\": [%s], \"deviation\": [%s], "
                                "\"threshold\": 2, \"download\": \"another\"}"),
             far, ones);
    /* To a grey picture all are alike, and the first wins. */
    static const char *const red_first[] = {"red", "green", "yellow"};
    const struct {
        const char *name, *calibration, *new_word;
        bool known, redundant;
        ask_verdict verdict;
    } cases[] = {
        {"grounded", CALIBRATION(LIMITS), NULL, true, false, ASK_VERDICT_GROUNDED},
        {"no thresholds", CALIBRATION(""), NULL, false, false, ASK_VERDICT_WEAK},
        {"the prior is as good",
         CALIBRATION("\"tau_prior\": 1000, \"tau_suff\": 1, \"tau_nec\": 0"), NULL, true,
         false, ASK_VERDICT_PRIOR_ONLY},
        {"not needed",
         CALIBRATION("\"tau_prior\": -1000, \"tau_suff\": 1, \"tau_nec\": 1000"), NULL,
         true, true, ASK_VERDICT_WEAK},
        {"not enough",
         CALIBRATION("\"tau_prior\": -1000, \"tau_suff\": -1000, \"tau_nec\": 0"), NULL,
         true, false, ASK_VERDICT_WEAK},
        {"not in the video", CALIBRATION(LIMITS ", \"threshold\": 900"), NULL, true, false,
         ASK_VERDICT_NOT_IN_VIDEO},
        {"a word never seen",
         CALIBRATION(LIMITS ", \"outside\": {\"words\": [\"a\", \"photo\", \"red\", "
                            "\"green\"]}"),
         "yellow", true, false, ASK_VERDICT_OUTSIDE},
        {"words that were seen",
         CALIBRATION(LIMITS ", \"outside\": {\"words\": [\"yellow\", \"a\", \"photo\", "
                            "\"red\", \"green\"]}"),
         NULL, true, false, ASK_VERDICT_GROUNDED},
        {"footage that is covered", covered, NULL, true, false, ASK_VERDICT_GROUNDED},
        {"footage that is not", uncovered, NULL, true, false, ASK_VERDICT_OUTSIDE},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        scene s = open_scene(cases[i].calibration, test_path(dir, "story.mp4"));
        bool prior = cases[i].verdict == ASK_VERDICT_PRIOR_ONLY;
        ask_answer a = ask_of(&s, prior ? red_first : colors, NULL);
        const ask_answer_verdict *v = &a.verdict;
        CHECK_CASE(cases[i].name, v->known == cases[i].known);
        if (v->known && v->verdict != cases[i].verdict)
            fail_msg("%s: %d; full %g blind %g (%d) only %g removed %g random %g",
                     cases[i].name, (int)v->verdict, a.checks.full.s, a.checks.blind.s,
                     a.checks.blind.answer, a.checks.evidence_only.s,
                     a.checks.evidence_removed.s, a.checks.random_removed.s);
        CHECK_CASE(cases[i].name, v->redundant == cases[i].redundant);
        CHECK_CASE(cases[i].name, !v->new_word == !cases[i].new_word);
        if (v->new_word) assert_string_equal(v->new_word, cases[i].new_word);
        ask_answer_free(&a);
        close_scene(&s);
    }
}

/* ---- where it is seen ---- */

static void maps_are_of_the_best_evidence(void **state)
{
    (void)state;
    scene s = open_scene(CALIBRATION(LIMITS), test_path(dir, "story.mp4"));
    ask_ask_options o = ask_ask_defaults();
    o.n_maps = 2;
    ask_answer a = ask_colors(&s, &o);
    assert_int_equal(a.n_maps, 2);
    for (int i = 0; i < a.n_maps; i++) {
        double t_s = a.frames[a.maps[i].frame].t_s;
        assert_true(t_s >= 2 && t_s < 3.5 && a.maps[i].side == 1);
        assert_true(a.maps[i].heat[0] >= 0 && a.maps[i].heat[0] <= 1);
        assert_true(fabs(a.maps[i].width - 0.8) < 0.05 && a.maps[i].height == 1);
    }
    assert_string_equal(a.layer, "vision.attentions.0");
    ask_answer_free(&a);
    close_scene(&s);
}

/* ---- the record ---- */

static void an_answer_fills_its_parts_of_a_record(void **state)
{
    (void)state;
    scene s = open_scene(CALIBRATION(LIMITS), test_path(dir, "story.mp4"));
    ask_answer a = ask_colors(&s, NULL);
    ask_error err = {0};
    ask_record *r = ask_record_new(ASK_RECORD_ANSWER, &err);
    assert_non_null(r);
    CHECK_OK(ask_answer_record(r, &a, "a photo", NULL, &err), &err);
    assert_string_equal(r->answer->text, "red");
    assert_true(r->answer->choice.value == 1 && r->answer->n_options == 3);
    assert_true(r->answer->confidence == a.options[1].p);
    assert_int_equal(r->verdict->value, ASK_WORTH_GROUNDED);
    assert_null(r->checks->shuffled);
    assert_non_null(ask_record_note_of(r, "checks.shuffled"));
    assert_true(r->checks->blind->s == a.checks.blind.s);
    int n_retrieved = 0;
    for (size_t i = 0; i < r->n_frames; i++)
        n_retrieved += r->frames[i].role == ASK_ROLE_RETRIEVED;
    assert_int_equal(n_retrieved, a.n_evidence);
    assert_int_equal(r->n_saliency, a.n_maps);
    ask_record_free(r);
    ask_answer_free(&a);
    close_scene(&s);
}

/* ---- mistakes ---- */

static void what_cannot_be_answered_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *question;
        const char *choices[3];
        int n_choices;
        const char *message;
    } cases[] = {
        {"no question", " ", {"a", "b"}, 2, "the question is empty"},
        {"not UTF-8", "\xff", {"a", "b"}, 2, "the question is not UTF-8"},
        {"choices below none", "what", {NULL}, -1, "give 2 to 26"},
        {"one choice", "what", {"a"}, 1, "1 choice: give 2 to 26"},
        {"the same twice", "what", {"a", "b", "a"}, 3, "choices 1 and 3 are the same"},
        {"the same but for case", "what", {" red  ball", "Red ball "}, 2, "are the same"},
        {"an empty choice", "what", {"a", ""}, 2, "choice 2 is empty"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        CHECK_CASE(cases[i].name, !ask_ask_check(cases[i].question, cases[i].choices,
                                                 cases[i].n_choices, NULL, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_USAGE);
        if (!strstr(err.message, cases[i].message))
            fail_msg("%s: %s", cases[i].name, err.message);
    }
    ask_error err = {0};
    const char *many[ASK_MOST_CHOICES + 1] = {NULL};
    assert_false(ask_ask_check("what", many, ASK_MOST_CHOICES + 1, NULL, &err));
    const char *apart[] = {"redball", "red ball"};
    assert_true(ask_ask_check("what", apart, 2, NULL, &err));
}

static void a_malformed_standard_is_the_models_fault(void **state)
{
    (void)state;
    static const struct {
        const char *calibration, *message;
    } cases[] = {
        {"{\"ask\": 3}", "ask"},
        {"{\"ask\": {\"tau_prior\": 1}}", "belong together"},
        {"{\"ask\": {\"scale\": 0}}", "ask.scale"},
        {"{\"ask\": {\"threshold\": \"x\"}}", "ask.threshold"},
        {"{\"ask\": {\"outside\": {\"mean\": [1, 2]}}}", "has 2 numbers: expected 32"},
        {"{\"ask\": {\"outside\": {\"words\": []}}}", "has 0 words"},
        {"{\"ask\": {\"outside\": {\"words\": [1]}}}", "ask.outside.words[0]"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        scene s = open_scene(cases[i].calibration, test_path(dir, "story.mp4"));
        ask_error err = {0};
        ask_answer a;
        CHECK_CASE(cases[i].calibration,
                   !ask_ask(&a, s.video, s.session, "a photo", colors, 3, NULL, &err));
        CHECK_CASE(cases[i].calibration, err.code == ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].message))
            fail_msg("%s: %s", cases[i].calibration, err.message);
        close_scene(&s);
    }
}

static void a_question_may_be_too_long(void **state)
{
    (void)state;
    scene s = open_scene(CALIBRATION(LIMITS), test_path(dir, "story.mp4"));
    ask_error err = {0};
    ask_answer a;
    assert_false(ask_ask(&a, s.video, s.session,
                         "a photo a photo a photo a photo a photo a photo a photo", colors,
                         3, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_non_null(strstr(err.message, "question and choice together have 17 tokens"));
    close_scene(&s);
}

static void asking_can_be_cancelled(void **state)
{
    (void)state;
    scene s = open_scene(CALIBRATION(LIMITS), test_path(dir, "story.mp4"));
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    ask_ask_options o = ask_ask_defaults();
    o.cancel = &cancel;
    ask_error err = {0};
    ask_answer a;
    assert_false(ask_ask(&a, s.video, s.session, "a photo", colors, 3, &o, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    close_scene(&s);
}

static bool ask_briefly(void *user, ask_error *err)
{
    const scene *s = user;
    ask_ask_options o = ask_ask_defaults();
    o.sampling.n_frames = 4;
    o.n_maps = 1;
    ask_answer a;
    if (!ask_ask(&a, s->video, s->session, "a photo", colors, 3, &o, err)) return false;
    ask_record *r = ask_record_new(ASK_RECORD_ANSWER, err);
    bool ok = r && ask_answer_record(r, &a, "a photo", &o, err);
    ask_record_free(r);
    ask_answer_free(&a);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    scene s = open_scene(CALIBRATION(LIMITS), test_path(dir, "story.mp4"));
    assert_true(test_each_alloc_fails("ask", ask_briefly, &s) > 50);
    close_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_colour_that_is_shown_is_the_answer),
        cmocka_unit_test(checks_take_the_evidence_away),
        cmocka_unit_test(an_answer_from_what_was_seen_is_the_same),
        cmocka_unit_test(the_calibration_decides_the_verdict),
        cmocka_unit_test(maps_are_of_the_best_evidence),
        cmocka_unit_test(an_answer_fills_its_parts_of_a_record),
        cmocka_unit_test(what_cannot_be_answered_is_refused),
        cmocka_unit_test(a_malformed_standard_is_the_models_fault),
        cmocka_unit_test(a_question_may_be_too_long),
        cmocka_unit_test(asking_can_be_cancelled),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
