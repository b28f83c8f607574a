/* Asking a model that remembers: with choices, in its own words, and of what it has seen
 * before.
 *
 * The model here is random: what is tested is that its memory is asked rightly, and that
 * what it says is told whole. */
#include "vqa/ask.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/color_model.h"
#include "support/memory_model.h"
#include "support/playroom_memory.h"
#include "support/testing.h"
#include "vqa/answer_record.h"

enum { N_FRAMES = PLAYROOM_MEMORY_FRAMES, N_ANSWERS = PLAYROOM_MEMORY_ANSWERS };

static const char question[] = "what does the red ball do first?";
static const char *const choices[] = {"it jumps", "red", "the red ball"};

static char *dir;
static char folder[512], video[512], slides[512];

static int make_all(void **state)
{
    (void)state;
    static const color_span story[] = {{0.5, 0x0000ff}, {1.5, 0xff0000}, {1, 0x00ff00}};
    static const color_span two[] = {{1, 0x0000ff}, {2, 0xff0000}};
    dir = test_temp_dir_make();
    snprintf(folder, sizeof folder, "%s", test_path(dir, "model"));
    snprintf(video, sizeof video, "%s", test_path(dir, "story.mp4"));
    snprintf(slides, sizeof slides, "%s", test_path(dir, "slides.gif"));
    color_video_write(video, 64, 48, 12, story, TEST_COUNT(story));
    color_video_write(slides, 64, 48, 10, two, TEST_COUNT(two));
    playroom_memory_write(folder);
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
    memory_model of;
    ask_video *video;
    ask_memory_info info;
} scene;

static scene open_scene(const char *path)
{
    ask_error err = {0};
    scene s = {.of = memory_model_open(folder)};
    CHECK_OK(s.video = ask_video_open(path, NULL, &err), &err);
    CHECK_OK(ask_memory_info_of(&s.info, s.of.model, &err), &err);
    return s;
}

static void close_scene(scene *s)
{
    ask_video_close(s->video);
    memory_model_close(&s->of);
}

/* n_choices: all of them, or 0. */
static ask_answer ask_of(const scene *s, int n_choices, const ask_ask_options *opt)
{
    ask_error err = {0};
    ask_answer a;
    CHECK_OK(ask_ask(&a, s->video, s->of.session, question, choices, n_choices, opt, &err),
             &err);
    return a;
}

/* What model/memory.h says of the same video. */
typedef struct {
    ask_sightings seen;
    ask_memory memory;
    ask_recalled recalled;
} by_hand;

static ask_recalled recall(const scene *s, const ask_memory *memory, int n_choices)
{
    return memory_model_recall(s->of.session, memory, question, choices, n_choices);
}

static by_hand look(const scene *s, int n_choices)
{
    ask_error err = {0};
    by_hand h;
    CHECK_OK(ask_sightings_make(&h.seen, s->video, s->of.session, NULL, NULL, NULL, &err),
             &err);
    h.memory = memory_model_remember(s->of.session, &h.seen.sights, NULL);
    h.recalled = recall(s, &h.memory, n_choices);
    return h;
}

static void free_by_hand(by_hand *h)
{
    ask_sightings_free(&h->seen);
    ask_memory_free(&h->memory);
    ask_recalled_free(&h->recalled);
}

static void write_calibration(const char *ask)
{
    char text[4096];
    snprintf(text, sizeof text, "{\"data\": \"by hand\", \"n\": 3, \"ask\": {%s}}", ask);
    test_write_text(test_path(folder, "calibration.json"), text);
}

#define LIMITS "\"tau_prior\": -1000, \"tau_suff\": 1000, \"tau_nec\": -1000"

static void forget_calibration(void)
{
    remove(test_path(folder, "calibration.json"));
}

/* ---- what is answered ---- */

static void without_choices_the_models_own_answers_are_told(void **state)
{
    (void)state;
    scene s = open_scene(video);
    by_hand h = look(&s, 0);
    ask_answer a = ask_of(&s, 0, NULL);
    assert_in_range(a.n_options, 5, 11);
    assert_int_equal(a.choice, 0);
    assert_string_equal(a.options[0].text, playroom_memory_answers[h.recalled.best]);
    for (int i = 0; i < a.n_options; i++) {
        int at = 0;
        while (strcmp(playroom_memory_answers[at], a.options[i].text) != 0) at++;
        assert_true(a.options[i].s == h.recalled.scores[at]);
        assert_true(a.options[i].p == exp(a.options[i].s));
        assert_true(i == 0 || a.options[i].s <= a.options[i - 1].s);
        int better = 0; // the best five are all there
        for (int k = 0; k < N_ANSWERS; k++) better += h.recalled.scores[k] > a.options[i].s;
        assert_true(i >= 5 || better == i);
    }
    assert_true(a.denies == (h.recalled.best >= N_ANSWERS - 2));
    free_by_hand(&h);
    ask_answer_free(&a);
    close_scene(&s);
}

static void with_choices_one_of_them_is_the_answer(void **state)
{
    (void)state;
    scene s = open_scene(video);
    by_hand h = look(&s, TEST_COUNT(choices)), own = look(&s, 0);
    ask_answer a = ask_of(&s, TEST_COUNT(choices), NULL);
    assert_int_equal(a.n_options, 3);
    assert_int_equal(a.choice, h.recalled.best);
    for (int i = 0; i < a.n_options; i++) {
        assert_ptr_equal(a.options[i].text, choices[i]);
        assert_true(a.options[i].s == h.recalled.scores[i]);
    }
    assert_false(a.denies);
    /* Whether there is an answer is asked in its own words. */
    double denied = 0;
    for (int i = N_ANSWERS - 2; i < N_ANSWERS; i++) denied += exp(own.recalled.scores[i]);
    assert_true(fabs(a.presence - (log(1 - denied) - log(denied))) < 1e-6);
    assert_true(a.present == (a.presence >= 0) && a.threshold == 0 && isnan(a.level));
    assert_string_equal(a.threshold_source, "default");
    free_by_hand(&h);
    free_by_hand(&own);
    ask_answer_free(&a);
    close_scene(&s);
}

/* ---- what it remembers ---- */

static void check_moment(const scene *s, const by_hand *h, const ask_answer *a, int i)
{
    const ask_find_moment *m = &a->moments[i];
    const ask_answer_event *e = &a->events[i];
    const ask_memory_slot *slot = &h->memory.slots[e->slot];
    double none = h->recalled.pointer[h->memory.n_slots];
    bool at_none = true;
    for (int k = 0; k < h->memory.n_slots; k++) at_none &= h->recalled.pointer[k] < none;
    assert_true(fabs(m->start_s - 3 * slot->start) < 1e-9);
    assert_true(fabs(m->end_s - 3 * slot->end) < 1e-9);
    assert_true(m->score == (at_none ? 0 : h->recalled.pointer[e->slot]));
    assert_true(m->best >= 0 && m->best < a->n_frames && m->repeats == -1);
    assert_true(e->confidence == slot->confidence);
    assert_true(i == 0 || m->score <= m[-1].score);
    assert_true(e->slot >= s->info.n_events || slot->confidence >= 0.2);
    if (e->event) assert_string_equal(e->event, slot->what);
    assert_non_null(strstr(e->text, slot->color));
    if (slot->what) assert_non_null(strstr(e->text, slot->what));
}

static void the_moments_are_what_is_remembered(void **state)
{
    (void)state;
    scene s = open_scene(video);
    by_hand h = look(&s, 0);
    ask_answer a = ask_of(&s, 0, NULL);
    int n_events = 0;
    for (int i = 0; i < s.info.n_events; i++)
        n_events += h.memory.slots[i].confidence >= 0.2;
    assert_true(a.n_moments >= n_events && n_events > 0 && a.events);
    for (int i = 0; i < a.n_moments; i++) check_moment(&s, &h, &a, i);
    assert_null(a.cosines);
    assert_int_equal(a.n_frames, N_FRAMES);
    double sum = 0;
    for (int i = 0; i < a.n_frames; i++) {
        assert_true(isnan(a.frames[i].cosine) && a.frames[i].duplicate_of == -1);
        sum += a.frames[i].score;
    }
    assert_true(fabs(sum - 1 + h.recalled.pointer[h.memory.n_slots]) < 1e-5);
    assert_in_range(a.n_evidence, 1, N_FRAMES / 2);
    free_by_hand(&h);
    ask_answer_free(&a);
    close_scene(&s);
}

static void maps_cover_what_the_network_sees(void **state)
{
    (void)state;
    scene s = open_scene(video);
    ask_ask_options o = ask_ask_defaults();
    o.n_maps = 2;
    ask_answer a = ask_of(&s, 0, &o);
    assert_int_equal(a.n_maps, a.n_evidence < 2 ? a.n_evidence : 2);
    for (int i = 0; i < a.n_maps; i++) {
        const ask_answer_map *m = &a.maps[i];
        float most = 0;
        for (int k = 0; k < m->side * m->side; k++) {
            assert_true(m->heat[k] >= 0 && m->heat[k] <= 1);
            most = fmaxf(most, m->heat[k]);
        }
        assert_true(m->side == 32 && (most == 1 || most == 0));
        assert_true(fabs(m->width - 0.75) < 0.05 && m->height == 1); // of 64 x 48
    }
    assert_string_equal(a.method, "pointed sights");
    assert_string_equal(a.layer, "memory");
    ask_answer_free(&a);
    close_scene(&s);
}

/* ---- checks ---- */

/* Of a check that shows some of the frames, or others. */
static void check_trial(const char *name, const scene *s, const ask_answer *a,
                        const ask_check *c, const ask_sights *sights, const bool *shown)
{
    ask_memory memory = memory_model_remember(s->of.session, sights, shown);
    ask_recalled full = recall(s, &memory, a->n_options);
    CHECK_CASE(name, !c->why_not && c->n == 1);
    CHECK_CASE(name, c->s == full.scores[a->choice]);
    CHECK_CASE(name, c->answer == full.best);
    ask_memory_free(&memory);
    ask_recalled_free(&full);
}

static void checks_ask_of_other_frames(void **state)
{
    (void)state;
    ask_error err = {0};
    scene s = open_scene(video);
    by_hand h = look(&s, TEST_COUNT(choices));
    ask_answer a = ask_of(&s, TEST_COUNT(choices), NULL);
    bool only[N_FRAMES] = {false}, removed[N_FRAMES];
    for (int i = 0; i < a.n_evidence; i++) only[a.evidence[i]] = true;
    for (int i = 0; i < N_FRAMES; i++) removed[i] = !only[i];
    ask_sightings grey, shuffled;
    CHECK_OK(ask_sightings_make_grey(&grey, &h.seen, s.of.session, NULL, &err), &err);
    CHECK_OK(ask_sightings_shuffle(&shuffled, &h.seen, 1, &err), &err);
    const ask_checks *c = &a.checks;
    assert_true(a.is_checked);
    check_trial("full", &s, &a, &c->full, &h.seen.sights, NULL);
    check_trial("blind", &s, &a, &c->blind, &grey.sights, NULL);
    check_trial("shuffled", &s, &a, &c->shuffled, &shuffled.sights, NULL);
    check_trial("evidence only", &s, &a, &c->evidence_only, &h.seen.sights, only);
    check_trial("removed", &s, &a, &c->evidence_removed, &h.seen.sights, removed);
    assert_int_equal(c->random_removed.n, ASK_CHECK_SEEDS);
    assert_true(isfinite(c->random_removed.s) && c->random_removed.s < 0);
    ask_sightings_free(&grey);
    ask_sightings_free(&shuffled);
    free_by_hand(&h);
    ask_answer_free(&a);
    close_scene(&s);
}

/* Positions of checks are those of the options that are told. */
static void checks_of_own_answers_name_options(void **state)
{
    (void)state;
    scene s = open_scene(video);
    ask_ask_options o = ask_ask_defaults();
    ask_answer a = ask_of(&s, 0, NULL);
    const ask_check *all[] = {&a.checks.full,
                              &a.checks.blind,
                              &a.checks.shuffled,
                              &a.checks.evidence_only,
                              &a.checks.evidence_removed,
                              &a.checks.random_removed};
    for (size_t i = 0; i < TEST_COUNT(all); i++) {
        assert_in_range(all[i]->answer, 0, a.n_options - 1);
        assert_true(all[i]->s <= 0);
    }
    assert_int_equal(a.checks.full.answer, a.choice);
    assert_true(a.checks.full.s == a.options[a.choice].s);
    ask_answer_free(&a);
    o.no_checks = true;
    a = ask_of(&s, 0, &o);
    assert_int_equal(a.n_options, 5);
    assert_non_null(strstr(a.verdict.why_not, "not asked for"));
    ask_answer_free(&a);
    close_scene(&s);
}

/* ---- looking ---- */

static void the_model_decides_how_many_frames_are_looked_at(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_sampling_options sampling;
        double start_s, end_s;
        bool told;
    } cases[] = {
        {"nothing asked", {0}, 0, 3, false},
        {"another number", {.n_frames = 12}, 0, 3, true},
        {"the same number", {.n_frames = N_FRAMES}, 0, 3, false},
        {"another rate", {.fps = 8}, 0, 3, true},
        {"the same rate", {.fps = 2}, 0, 3, false},
        {"fewer at most", {.max_frames = 4}, 0, 3, true},
        {"more at most", {.max_frames = 40}, 0, 3, false},
        {"a window", {.start_s = 1, .end_s = 2.5}, 1, 2.5, false},
        {"a window past the end", {.start_s = 1, .end_s = 9}, 1, 3, true},
    };
    scene s = open_scene(video);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_ask_options o = ask_ask_defaults();
        o.sampling = cases[i].sampling;
        o.no_checks = true;
        ask_find_plan p;
        CHECK_OK(ask_ask_plan(&p, s.video, s.of.session, question, NULL, 0, &o, &err),
                 &err);
        ask_answer a = ask_of(&s, 0, &o);
        const ask_sampling *of[] = {&p.sampling, &a.plan.sampling};
        for (int k = 0; k < 2; k++) {
            CHECK_CASE(cases[i].name, of[k]->n == N_FRAMES);
            CHECK_CASE(cases[i].name, of[k]->start_s == cases[i].start_s);
            CHECK_CASE(cases[i].name, of[k]->end_s == cases[i].end_s);
            CHECK_CASE(cases[i].name, (of[k]->why_changed[0] != 0) == cases[i].told);
        }
        for (int k = 0; k < a.n_moments; k++)
            CHECK_CASE(cases[i].name, a.moments[k].start_s >= cases[i].start_s &&
                                          a.moments[k].end_s <= cases[i].end_s);
        CHECK_CASE(cases[i].name, p.n_images == N_FRAMES && p.gflop == a.plan.gflop);
        ask_find_plan_free(&p);
        ask_answer_free(&a);
    }
    close_scene(&s);
}

/* A slide of two pictures, of which six times are looked at. */
static void times_on_one_picture_are_computed_once(void **state)
{
    (void)state;
    scene s = open_scene(slides);
    ask_answer a = ask_of(&s, 0, NULL);
    assert_int_equal(a.n_frames, 2);
    assert_int_equal(a.plan.n_images, 2);
    assert_int_equal(a.plan.sampling.n, N_FRAMES);
    assert_int_equal(a.n_evidence, 1);
    assert_null(a.checks.random_removed.why_not);
    ask_answer_free(&a);
    close_scene(&s);
    s = open_scene(slides);
    ask_ask_options o = ask_ask_defaults();
    o.sampling.end_s = 1; // the first alone
    a = ask_of(&s, 0, &o);
    assert_true(a.n_frames == 1 && a.n_evidence == 1 && a.evidence[0] == 0);
    assert_non_null(strstr(a.checks.shuffled.why_not, "no other frames"));
    assert_non_null(strstr(a.checks.evidence_removed.why_not, "no other frames"));
    assert_null(a.checks.evidence_only.why_not);
    ask_answer_free(&a);
    close_scene(&s);
}

static void check_same(const ask_answer *a, const ask_answer *b)
{
    assert_true(a->choice == b->choice && a->presence == b->presence);
    assert_int_equal(a->n_options, b->n_options);
    for (int i = 0; i < a->n_options; i++)
        assert_true(a->options[i].text == b->options[i].text &&
                    a->options[i].s == b->options[i].s);
    assert_int_equal(a->n_moments, b->n_moments);
    for (int i = 0; i < a->n_moments; i++)
        assert_string_equal(a->events[i].text, b->events[i].text);
    assert_true(a->checks.random_removed.s == b->checks.random_removed.s);
    assert_true(a->checks.shuffled.s == b->checks.shuffled.s);
    assert_int_equal(a->n_maps, b->n_maps);
    for (int i = 0; i < a->n_maps; i++)
        assert_memory_equal(a->maps[i].heat, b->maps[i].heat, 32 * 32 * sizeof(float));
}

static void an_answer_from_what_was_seen_is_the_same(void **state)
{
    (void)state;
    ask_error err = {0};
    scene s = open_scene(video);
    ask_answer own = ask_of(&s, 0, NULL);
    ask_sightings seen;
    CHECK_OK(ask_sightings_make(&seen, s.video, s.of.session, NULL, NULL, NULL, &err),
             &err);
    ask_ask_options o = ask_ask_defaults();
    o.sightings = &seen;
    ask_answer a = ask_of(&s, 0, &o);
    check_same(&own, &a);
    ask_answer_free(&a);
    CHECK_OK(ask_ask(&a, NULL, s.of.session, question, NULL, 0, &o, &err), &err);
    check_same(&own, &a); // without the video, maps and all
    ask_answer_free(&a);
    o.sampling.start_s = 1;
    assert_false(ask_ask(&a, s.video, s.of.session, question, NULL, 0, &o, &err));
    assert_non_null(strstr(err.message, "at other times"));
    ask_session *other = ask_session_open(s.of.model, &err);
    assert_false(ask_ask(&a, NULL, other, question, NULL, 0, &o, &err));
    assert_non_null(strstr(err.message, "another session"));
    ask_session_close(other);
    ask_sightings_free(&seen);
    ask_answer_free(&own);
    close_scene(&s);
}

/* How many times of one have features that a time of the other has, each taken once. */
static int count_shared(const scene *s, const ask_sightings *a, const ask_sightings *b)
{
    const size_t n = (size_t)s->info.n_sights * (size_t)s->info.n_features;
    bool taken[N_FRAMES] = {false};
    int n_shared = 0;
    for (int i = 0; i < N_FRAMES; i++) {
        int k = 0;
        while (k < N_FRAMES && (taken[k] || memcmp(a->sights.features + (size_t)i * n,
                                                   b->sights.features + (size_t)k * n,
                                                   n * sizeof(float)) != 0))
            k++;
        n_shared += k < N_FRAMES;
        if (k < N_FRAMES) taken[k] = true;
    }
    return n_shared;
}

static void what_was_seen_can_be_shuffled_and_hidden(void **state)
{
    (void)state;
    ask_error err = {0};
    scene s = open_scene(slides);
    by_hand h = look(&s, 0);
    const ask_sightings *seen = &h.seen;
    const size_t n = (size_t)s.info.n_sights * (size_t)s.info.n_features;
    assert_true(seen->sights.n == N_FRAMES && seen->sampled.n == 2);
    for (int i = 0; i < 2; i++) // times on one picture have the same sights
        for (int t = seen->sampled.first[i]; t < seen->sampled.last[i]; t++)
            assert_memory_equal(seen->sights.features + (size_t)t * n,
                                seen->sights.features + (size_t)(t + 1) * n,
                                n * sizeof(float));
    ask_sightings shuffled, again, grey;
    CHECK_OK(ask_sightings_shuffle(&shuffled, seen, 5, &err), &err);
    CHECK_OK(ask_sightings_shuffle(&again, seen, 5, &err), &err);
    CHECK_OK(ask_sightings_make_grey(&grey, seen, s.of.session, NULL, &err), &err);
    assert_int_equal(count_shared(&s, &shuffled, seen), N_FRAMES);
    assert_memory_equal(shuffled.sights.features, again.sights.features,
                        N_FRAMES * n * sizeof(float));
    assert_true(memcmp(shuffled.sights.features, seen->sights.features,
                       N_FRAMES * n * sizeof(float)) != 0);
    assert_int_equal(count_shared(&s, &grey, seen), 0);
    assert_true(grey.sights.n == N_FRAMES && grey.sampled.n == 2);
    assert_true(ask_sampling_is_same(&grey.sampling, &seen->sampling));
    ask_sightings_free(&shuffled);
    ask_sightings_free(&again);
    ask_sightings_free(&grey);
    free_by_hand(&h);
    close_scene(&s);
}

static void features_are_those_of_what_is_seen(void **state)
{
    (void)state;
    scene s = open_scene(video);
    by_hand h = look(&s, 0);
    enum { N = 8 };
    float features[N_FRAMES * N];
    assert_int_equal(s.info.n_features, N);
    ask_pictures p = ask_sightings_features(features, &h.seen);
    assert_true(p.n == N_FRAMES && p.n_vectors == 1 && p.n_embed == N);
    for (int i = 0; i < N_FRAMES; i++) {
        double sum[N] = {0}, all = 0;
        for (int k = 0; k < s.info.n_sights; k++) {
            double seen = ask_sights_at(&h.seen.sights, s.of.model, i, k).seen;
            all += seen;
            for (int c = 0; c < N; c++)
                sum[c] += seen * h.seen.sights.features[(i * s.info.n_sights + k) * N + c];
        }
        for (int c = 0; c < N; c++)
            assert_true(fabs(features[i * N + c] - sum[c] / all) < 1e-4);
    }
    free_by_hand(&h);
    close_scene(&s);
}

/* ---- what it is worth ---- */

static void the_calibration_decides_the_verdict(void **state)
{
    (void)state;
    static const struct {
        const char *name, *ask;
        bool known;
        ask_verdict verdict;
        const char *new_word;
    } cases[] = {
        {"grounded", LIMITS ", \"threshold\": -1000", true, ASK_VERDICT_GROUNDED, NULL},
        {"no thresholds", "\"threshold\": -1000", false, ASK_VERDICT_WEAK, NULL},
        {"not in the video", LIMITS ", \"threshold\": 1000", true, ASK_VERDICT_NOT_IN_VIDEO,
         NULL},
        {"a word never seen",
         LIMITS ", \"outside\": {\"words\": [\"what\", \"does\", \"the\", \"red\"]}", true,
         ASK_VERDICT_OUTSIDE, "ball"},
        {"footage that is covered",
         LIMITS ", \"threshold\": -1000, \"outside\": {\"mean\": [0,0,0,0,0,0,0,0], "
                "\"deviation\": [9,9,9,9,9,9,9,9], \"threshold\": 1000}",
         true, ASK_VERDICT_GROUNDED, NULL},
        {"footage that is not",
         LIMITS ", \"threshold\": -1000, \"outside\": {\"mean\": [900,0,0,0,0,0,0,0], "
                "\"deviation\": [1,1,1,1,1,1,1,1], \"threshold\": 2}",
         true, ASK_VERDICT_OUTSIDE, NULL},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        write_calibration(cases[i].ask);
        scene s = open_scene(video);
        ask_answer a = ask_of(&s, TEST_COUNT(choices), NULL);
        const ask_answer_verdict *v = &a.verdict;
        CHECK_CASE(cases[i].name, v->known == cases[i].known);
        bool enough = a.checks.evidence_only.answer == a.choice; // of random weights
        ask_verdict right = cases[i].verdict;
        if (right == ASK_VERDICT_GROUNDED && !enough) right = ASK_VERDICT_WEAK;
        CHECK_CASE(cases[i].name, !v->known || v->verdict == right);
        CHECK_CASE(cases[i].name, !v->new_word == !cases[i].new_word);
        if (v->new_word) assert_string_equal(v->new_word, cases[i].new_word);
        assert_string_equal(a.calibration_data, "by hand");
        assert_int_equal(a.calibration_n, 3);
        ask_answer_free(&a);
        close_scene(&s);
    }
    forget_calibration();
}

/* Its best answer is made one that denies. */
static void an_answer_that_denies_is_not_in_the_video(void **state)
{
    (void)state;
    ask_error err = {0};
    char denials[64];
    scene s = open_scene(video);
    ask_answer a = ask_of(&s, 0, NULL);
    snprintf(denials, sizeof denials, "[\"%s\"]", a.options[0].text);
    ask_answer_free(&a);
    close_scene(&s);
    test_write_text(test_path(folder, "denials.json"), denials);
    write_calibration(LIMITS ", \"threshold\": -1000");
    s = open_scene(video);
    a = ask_of(&s, 0, NULL);
    assert_true(a.denies && a.present); // of the threshold it would be
    assert_int_equal(a.verdict.verdict, ASK_VERDICT_NOT_IN_VIDEO);
    ask_record *r = ask_record_new(ASK_RECORD_ANSWER, &err);
    CHECK_OK(ask_answer_record(r, &a, question, NULL, &err), &err);
    assert_true(r->answer->denies.known && r->answer->denies.value);
    ask_record_free(r);
    ask_answer_free(&a);
    close_scene(&s);
    forget_calibration();
    playroom_memory_write_answers(folder);
}

/* ---- models without answers of their own ---- */

static void without_answers_of_its_own_a_model_chooses(void **state)
{
    (void)state;
    ask_error err = {0};
    remove(test_path(folder, "answers.json"));
    remove(test_path(folder, "denials.json"));
    scene s = open_scene(video);
    ask_answer a;
    assert_false(ask_ask(&a, s.video, s.of.session, question, NULL, 0, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(strstr(err.message, "give 2 to 26"));
    a = ask_of(&s, TEST_COUNT(choices), NULL);
    assert_true(a.present && a.presence == 0 && a.threshold == 0);
    assert_string_equal(a.threshold_source, "none");
    ask_record *r = ask_record_new(ASK_RECORD_ANSWER, &err);
    CHECK_OK(ask_answer_record(r, &a, question, NULL, &err), &err);
    assert_non_null(ask_record_note_of(r, "presence"));
    ask_record_free(r);
    ask_answer_free(&a);
    close_scene(&s);
    playroom_memory_write_answers(folder);
}

/* ---- the record ---- */

static void check_record(const ask_record *r, const ask_answer *a)
{
    assert_string_equal(r->answer->text, a->options[a->choice].text);
    assert_int_equal(r->answer->n_options, a->n_options);
    assert_true(r->checks->shuffled && r->checks->blind);
    assert_int_equal(r->n_moments, a->n_moments);
    for (size_t i = 0; i < r->n_moments; i++) {
        const ask_record_moment *m = &r->moments[i];
        assert_string_equal(m->text, a->events[i].text);
        assert_true(m->confidence.value == a->events[i].confidence);
        assert_true(m->slot.known && m->slot.value == a->events[i].slot);
        assert_true(m->best_s == a->frames[a->moments[i].best].t_s);
    }
    assert_false(r->presence->level.known);
    assert_false(r->frames[0].cosine.known);
    assert_non_null(ask_record_note_of(r, "frames.cosine"));
    assert_int_equal(r->n_saliency, a->n_maps);
    assert_string_equal(r->saliency[0].method, "pointed sights");
    assert_int_equal(r->saliency[0].rows, 32);
    int n_retrieved = 0;
    for (size_t i = 0; i < r->n_frames; i++)
        n_retrieved += r->frames[i].role == ASK_ROLE_RETRIEVED;
    assert_int_equal(n_retrieved, a->n_evidence);
}

static void an_answer_fills_its_parts_of_a_record(void **state)
{
    (void)state;
    ask_error err = {0};
    scene s = open_scene(video);
    ask_answer a = ask_of(&s, 0, NULL);
    ask_record *r = ask_record_new(ASK_RECORD_ANSWER, &err);
    assert_non_null(r);
    CHECK_OK(ask_answer_record(r, &a, question, NULL, &err), &err);
    check_record(r, &a);
    ask_record_free(r);
    ask_answer_free(&a);
    close_scene(&s);
}

/* ---- mistakes ---- */

static void what_cannot_be_answered_is_refused(void **state)
{
    (void)state;
    char many[400] = "what";
    for (int i = 0; i < 60; i++) strcat(many, " ball");
    const struct {
        const char *name, *question;
        const char *choices[2];
        int n_choices;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"one choice", "what", {"a"}, 1, ASK_ERR_USAGE, "1 choice: give 2 to 26"},
        {"too long", many, {NULL}, 0, ASK_ERR_LIMIT, "and the model takes 40"},
        {"a choice that is", "what", {"red", many}, 2, ASK_ERR_LIMIT, "takes 40"},
    };
    scene s = open_scene(video);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_answer a;
        ask_find_plan p;
        for (int k = 0; k < 2; k++) {
            bool ok = k == 0
                          ? ask_ask(&a, s.video, s.of.session, cases[i].question,
                                    cases[i].choices, cases[i].n_choices, NULL, &err)
                          : ask_ask_plan(&p, s.video, s.of.session, cases[i].question,
                                         cases[i].choices, cases[i].n_choices, NULL, &err);
            CHECK_CASE(cases[i].name, !ok && err.code == cases[i].code);
            if (!strstr(err.message, cases[i].message))
                fail_msg("%s: %s", cases[i].name, err.message);
        }
    }
    close_scene(&s);
}

static void asking_can_be_cancelled(void **state)
{
    (void)state;
    scene s = open_scene(video);
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    ask_ask_options o = ask_ask_defaults();
    o.cancel = &cancel;
    ask_error err = {0};
    ask_answer a;
    assert_false(ask_ask(&a, s.video, s.of.session, question, NULL, 0, &o, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    ask_sightings seen; // and once all is seen
    CHECK_OK(ask_sightings_make(&seen, s.video, s.of.session, NULL, NULL, NULL, &err),
             &err);
    o.sightings = &seen;
    assert_false(ask_ask(&a, s.video, s.of.session, question, NULL, 0, &o, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    ask_sightings_free(&seen);
    close_scene(&s);
}

static bool ask_briefly(void *user, ask_error *err)
{
    const scene *s = user;
    ask_ask_options o = ask_ask_defaults();
    o.n_maps = 1;
    ask_answer a;
    if (!ask_ask(&a, s->video, s->of.session, question, NULL, 0, &o, err)) return false;
    ask_record *r = ask_record_new(ASK_RECORD_ANSWER, err);
    bool ok = r && ask_answer_record(r, &a, question, &o, err);
    ask_record_free(r);
    ask_answer_free(&a);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    scene s = open_scene(video);
    assert_true(test_each_alloc_fails("ask", ask_briefly, &s) > 100);
    close_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_choices_the_models_own_answers_are_told),
        cmocka_unit_test(with_choices_one_of_them_is_the_answer),
        cmocka_unit_test(the_moments_are_what_is_remembered),
        cmocka_unit_test(maps_cover_what_the_network_sees),
        cmocka_unit_test(checks_ask_of_other_frames),
        cmocka_unit_test(checks_of_own_answers_name_options),
        cmocka_unit_test(the_model_decides_how_many_frames_are_looked_at),
        cmocka_unit_test(times_on_one_picture_are_computed_once),
        cmocka_unit_test(an_answer_from_what_was_seen_is_the_same),
        cmocka_unit_test(what_was_seen_can_be_shuffled_and_hidden),
        cmocka_unit_test(features_are_those_of_what_is_seen),
        cmocka_unit_test(the_calibration_decides_the_verdict),
        cmocka_unit_test(an_answer_that_denies_is_not_in_the_video),
        cmocka_unit_test(without_answers_of_its_own_a_model_chooses),
        cmocka_unit_test(an_answer_fills_its_parts_of_a_record),
        cmocka_unit_test(what_cannot_be_answered_is_refused),
        cmocka_unit_test(asking_can_be_cancelled),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
