/* A model with a memory of videos answers the questions of a run: as it answers when it is
 * asked directly, and each video is looked at once. The model is random. */
#include "eval/by_memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/dual.h"
#include "eval/row.h"
#include "support/color_model.h"
#include "support/playroom_memory.h"
#include "support/testing.h"
#include "vqa/ask.h"
#include "world/question.h"

static char *dir;
static char world[256], folder[256]; // of the clips, of the model

static int set_up(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    snprintf(world, sizeof world, "%s", test_path(dir, "world"));
    snprintf(folder, sizeof folder, "%s", test_path(dir, "model"));
    playroom_memory_write(folder);
    playroom_full_world_write(world, 4, 2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- what is open ---- */

typedef struct {
    ask_model *model;
    ask_session *session;
    ask_by_memory *by_memory;
    ask_answerer answerer;
    ask_eval_set *set;
    const ask_eval_item *items;
    size_t n;
    ask_arena *room;
} opened;

static opened open_all(const ask_by_memory_options *opt)
{
    ask_error err = {0};
    opened o = {.model = ask_model_open(folder, NULL, &err), .room = ask_arena_new(0)};
    CHECK_OK(o.model, &err);
    o.session = ask_session_open(o.model, &err);
    CHECK_OK(o.session, &err);
    o.by_memory = ask_by_memory_open(o.session, opt, &err);
    CHECK_OK(o.by_memory, &err);
    o.answerer = ask_by_memory_answerer(o.by_memory);
    o.set = ask_eval_set_open("playroom", world, NULL, NULL, &err);
    CHECK_OK(o.set, &err);
    o.items = ask_eval_set_items(o.set, &o.n);
    return o;
}

static void close_all(opened *o)
{
    ask_eval_set_close(o->set);
    ask_by_memory_close(o->by_memory);
    ask_session_close(o->session);
    ask_model_close(o->model);
    ask_arena_free(o->room);
}

static ask_eval_row answer(const opened *o, const ask_eval_item *item, ask_eval_view view,
                           uint64_t seed)
{
    ask_error err = {0};
    ask_eval_row row;
    CHECK_OK(ask_eval_record(&row, &o->answerer, item, view, seed, o->room, &err), &err);
    return row;
}

/* The first question of a kind, about a part of the video or all of it. */
static const ask_eval_item *find_item(const opened *o, ask_data_kind kind, bool has_clip)
{
    for (size_t i = 0; i < o->n; i++)
        if (o->items[i].record.kind == kind && o->items[i].record.has_clip == has_clip)
            return &o->items[i];
    fail_msg("there is no such question");
    return NULL;
}

/* ---- as when it is asked directly ---- */

static ask_answer ask_directly(const opened *o, const ask_eval_item *item)
{
    const ask_data_record *r = &item->record;
    ask_error err = {0};
    ask_answer a;
    ask_ask_options options = ask_ask_defaults();
    if (r->has_clip) {
        options.sampling.start_s = r->clip.start_s;
        options.sampling.end_s = r->clip.end_s;
    }
    ask_video *v = ask_video_open(r->video_path, NULL, &err);
    CHECK_OK(v, &err);
    CHECK_OK(
        ask_ask(&a, v, o->session, r->question, r->options, r->n_options, &options, &err),
        &err);
    ask_video_close(v);
    return a;
}

static void check_answer(const ask_eval_row *row, const ask_answer *a)
{
    const ask_eval_given *g = &row->given;
    const ask_data_record *r = &row->item.record;
    const bool choice = r->kind == ASK_DATA_CHOICE;
    assert_int_equal(g->decision.choice, choice ? a->choice : -1);
    assert_string_equal(g->decision.text,
                        choice ? r->options[a->choice] : a->options[a->choice].text);
    assert_true(g->decision.rejects == (!a->present || a->denies));
    assert_true(g->has_presence && g->presence == a->presence);
    assert_int_equal(choice ? g->n_scores : g->n_guesses, a->n_options);
    for (int i = 0; i < a->n_options; i++) {
        assert_true((choice ? g->scores[i] : g->guesses[i].score) == a->options[i].s);
        if (!choice) assert_string_equal(g->guesses[i].text, a->options[i].text);
    }
    assert_null(g->verdict); // the model is held against no thresholds
}

/* What the answer tells comes first, and every event of the memory is there once. */
static void check_moments(const ask_eval_row *row, const ask_answer *a)
{
    const ask_eval_given *g = &row->given;
    bool seen[64] = {false};
    int n_events = 0;
    assert_true(g->n_moments >= a->n_moments);
    for (int i = 0; i < g->n_moments; i++) {
        const ask_eval_moment *m = &g->moments[i];
        assert_true(m->slot >= 0 && m->slot < 64 && !seen[m->slot]);
        seen[m->slot] = true;
        n_events += m->slot < PLAYROOM_MEMORY_EVENTS;
        if (m->label)
            CHECK_CASE(m->label,
                       strcmp(m->label, "jumps") == 0 || strcmp(m->label, "hits") == 0);
        const double end_s = row->item.record.has_clip ? row->item.record.clip.end_s
                                                       : row->item.record.video_s;
        assert_true(m->start_s >= 0 && m->start_s <= m->end_s && m->end_s <= end_s + 0.1);
        if (i >= a->n_moments) {
            assert_true(m->score == 0 && m->label);
            continue;
        }
        assert_true(m->start_s == a->moments[i].start_s && m->end_s == a->moments[i].end_s);
        assert_true(m->score == a->moments[i].score);
        assert_true(m->confidence == a->events[i].confidence);
        assert_int_equal(m->slot, a->events[i].slot);
        if (i > 0) assert_true(m->score <= m[-1].score);
    }
    assert_int_equal(n_events, PLAYROOM_MEMORY_EVENTS);
}

static void check_frames(const ask_eval_row *row, const ask_answer *a)
{
    const ask_eval_given *g = &row->given;
    assert_int_equal(g->n_frames, a->n_evidence);
    for (int i = 0; i < g->n_frames; i++)
        assert_true(g->frames[i].t_s == a->frames[a->evidence[i]].t_s);
    assert_int_equal(row->n_pointed, row->item.has_targets);
    if (row->n_pointed == 0) return;
    int best = a->maps[0].frame; // of the evidence the one that shows most of the answer
    for (int i = 0; i < a->n_maps; i++)
        if (a->frames[a->maps[i].frame].score > a->frames[best].score)
            best = a->maps[i].frame;
    const ask_eval_point *p = &row->pointed[0].at;
    assert_true(p->t_s == a->frames[best].t_s);
    assert_true(p->x > 0 && p->x < 1 && p->y > 0 && p->y < 1);
}

static void every_question_is_answered_as_if_it_were_asked_alone(void **state)
{
    (void)state;
    opened o = open_all(NULL);
    assert_string_equal(o.answerer.model_id, ask_model_info_of(o.model).id);
    assert_null(o.answerer.no_shuffle);
    assert_true(o.answerer.needs_video && !o.answerer.kinds[ASK_DATA_RETRIEVE]);
    size_t n_kinds[ASK_DATA_N_KINDS] = {0}, n_parts = 0;
    for (size_t i = 0; i < o.n; i += 2) {
        ask_eval_row row = answer(&o, &o.items[i], ASK_VIEW_VIDEO, 1);
        if (row.error) fail_msg("%s: %s", o.items[i].record.id, row.error);
        ask_answer a = ask_directly(&o, &o.items[i]);
        check_answer(&row, &a);
        check_moments(&row, &a);
        check_frames(&row, &a);
        ask_answer_free(&a);
        n_kinds[o.items[i].record.kind]++;
        n_parts += o.items[i].record.has_clip;
    }
    assert_true(n_kinds[ASK_DATA_CHOICE] > 0 && n_kinds[ASK_DATA_OPEN] > 0 && n_parts > 0);
    close_all(&o);
}

/* ---- counts ---- */

static void write_list(const char *name, const char *list)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    test_write_text(path, list);
}

static void restore_answers(void)
{
    playroom_memory_write_answers(folder);
}

static void a_count_is_what_the_answer_says_in_words_or_digits(void **state)
{
    (void)state;
    static const char *const lists[] = {"[\"one\", \"two\", \"three\"]",
                                        "[\"1\", \"2\", \"3\"]", "[\"red\", \"blue\"]"};
    for (size_t k = 0; k < TEST_COUNT(lists); k++) {
        write_list("answers.json", lists[k]);
        write_list("denials.json", "[]");
        opened o = open_all(NULL);
        ask_eval_item item = *find_item(&o, ASK_DATA_COUNT, false);
        ask_eval_row row = answer(&o, &item, ASK_VIEW_VIDEO, 1);
        const char *text = row.given.decision.text;
        int count = 0;
        for (int n = 1; n <= 3; n++)
            if (strcmp(text, ask_count_word(n)) == 0 || text[0] == '0' + n) count = n;
        item.record.count = count;
        row = answer(&o, &item, ASK_VIEW_VIDEO, 1);
        assert_int_equal(row.mark.rule, k < 2 ? ASK_RULE_COUNT : ASK_RULE_INVALID);
        assert_true(row.mark.right == (k < 2));
        assert_true(row.given.decision.has_count == (k == 0));
        // Without denials of its own nobody knows whether there is an answer.
        assert_false(row.given.has_presence || row.given.decision.rejects);
        close_all(&o);
    }
    restore_answers();
}

static void without_answers_of_its_own_it_chooses_only(void **state)
{
    (void)state;
    char path[300];
    const char *const names[] = {"answers.json", "denials.json"};
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
    opened o = open_all(NULL);
    assert_true(o.answerer.kinds[ASK_DATA_CHOICE]);
    assert_false(o.answerer.kinds[ASK_DATA_OPEN] || o.answerer.kinds[ASK_DATA_COUNT]);
    ask_eval_row row = answer(&o, find_item(&o, ASK_DATA_CHOICE, false), ASK_VIEW_VIDEO, 1);
    assert_null(row.error);
    assert_false(row.given.has_presence);
    close_all(&o);
    restore_answers();
}

/* ---- calibration ---- */

static void an_answer_below_the_threshold_is_rejected(void **state)
{
    (void)state;
    static const double thresholds[] = {-1e5, 1e5};
    for (int k = 0; k < 2; k++) {
        char text[160];
        snprintf(text, sizeof text,
                 "{\"ask\": {\"tau_prior\": 0, \"tau_suff\": 0, \"tau_nec\": 0, "
                 "\"threshold\": %g}}",
                 thresholds[k]);
        write_list("calibration.json", text);
        opened o = open_all(NULL);
        const ask_eval_item *item = find_item(&o, ASK_DATA_CHOICE, false);
        ask_eval_row row = answer(&o, item, ASK_VIEW_VIDEO, 1);
        assert_int_equal(row.given.decision.rejects, k);
        assert_int_equal(strcmp(row.given.verdict, "not_in_video") == 0, k);
        row = answer(&o, item, ASK_VIEW_BLIND, 1);
        assert_int_equal(row.given.decision.rejects, k);
        assert_null(row.given.verdict); // what is not the video has no checks
        close_all(&o);
    }
    write_list("calibration.json", "{}");
}

/* ---- views ---- */

static void frames_are_shuffled_by_the_seed_and_grey_ones_are_alike(void **state)
{
    (void)state;
    opened o = open_all(NULL);
    const ask_eval_item *item = find_item(&o, ASK_DATA_CHOICE, false);
    const ask_eval_item *other = &o.items[o.n - 1];
    assert_string_not_equal(item->record.video, other->record.video);
    enum { VIDEO, FIRST, AGAIN, SECOND, BLIND, N };
    double scores[N][ASK_N_OPTIONS];
    static const ask_eval_view views[N] = {ASK_VIEW_VIDEO, ASK_VIEW_SHUFFLED,
                                           ASK_VIEW_SHUFFLED, ASK_VIEW_SHUFFLED,
                                           ASK_VIEW_BLIND};
    for (int i = 0; i < N; i++) {
        ask_eval_row row = answer(&o, item, views[i], i == SECOND ? 2 : 1);
        assert_null(row.error);
        assert_int_equal(row.given.n_moments > 0, views[i] == ASK_VIEW_VIDEO);
        assert_int_equal(row.n_pointed > 0 && views[i] != ASK_VIEW_VIDEO, 0);
        memcpy(scores[i], row.given.scores, sizeof scores[i]);
    }
    assert_memory_equal(scores[FIRST], scores[AGAIN], sizeof scores[0]);
    assert_memory_not_equal(scores[VIDEO], scores[FIRST], sizeof scores[0]);
    assert_memory_not_equal(scores[FIRST], scores[SECOND], sizeof scores[0]);
    assert_memory_not_equal(scores[VIDEO], scores[BLIND], sizeof scores[0]);
    // With nothing to see, videos are the same.
    ask_eval_item moved = *item;
    moved.record.video = other->record.video;
    moved.record.video_path = other->record.video_path;
    ask_eval_row row = answer(&o, &moved, ASK_VIEW_BLIND, 1);
    assert_memory_equal(row.given.scores, scores[BLIND], sizeof scores[0]);
    row = answer(&o, &moved, ASK_VIEW_VIDEO, 1);
    assert_memory_not_equal(row.given.scores, scores[VIDEO], sizeof scores[0]);
    close_all(&o);
}

/* ---- looking ---- */

static void copy_file(const char *to, const char *from)
{
    size_t n;
    char *bytes = test_read(from, &n);
    test_write(to, bytes, n);
    free(bytes);
}

static void a_video_is_looked_at_once(void **state)
{
    (void)state;
    opened o = open_all(NULL);
    char path[256];
    snprintf(path, sizeof path, "%s", test_path(dir, "gone.mp4"));
    copy_file(path, o.items[0].record.video_path);
    ask_eval_item first = *find_item(&o, ASK_DATA_CHOICE, false);
    ask_eval_item second = *find_item(&o, ASK_DATA_OPEN, false);
    ask_eval_item part = *find_item(&o, ASK_DATA_CHOICE, true);
    first.record.video_path = second.record.video_path = part.record.video_path = path;
    ask_eval_row row = answer(&o, &first, ASK_VIEW_VIDEO, 1);
    assert_null(row.error);
    assert_true(row.given.look_s > 0 && row.given.answer_s > 0);
    remove(path);
    assert_null(answer(&o, &second, ASK_VIEW_VIDEO, 1).error);
    row = answer(&o, &part, ASK_VIEW_VIDEO, 1); // another part is another look
    assert_non_null(strstr(row.error, "gone.mp4"));
    row = answer(&o, &first, ASK_VIEW_VIDEO, 1);
    assert_non_null(strstr(row.error, "gone.mp4"));
    close_all(&o);
}

static void pointing_and_checks_can_be_left_out(void **state)
{
    (void)state;
    ask_by_memory_options options = ask_by_memory_defaults();
    options.no_points = options.no_checks = true;
    write_list("calibration.json",
               "{\"ask\": {\"tau_prior\": 0, \"tau_suff\": 0, \"tau_nec\": 0}}");
    opened o = open_all(&options);
    for (size_t i = 0; i < 4; i++) {
        ask_eval_row row = answer(&o, &o.items[i], ASK_VIEW_VIDEO, 1);
        assert_int_equal(row.n_pointed, 0);
        assert_null(row.given.verdict);
    }
    close_all(&o);
    write_list("calibration.json", "{}");
}

/* ---- finding ---- */

static void what_is_searched_is_found_as_without_a_memory(void **state)
{
    (void)state;
    ask_error err = {0};
    char path[256];
    snprintf(path, sizeof path, "%s", test_path(dir, "finder"));
    playroom_memory_write_finding(path);
    ask_model *m = ask_model_open(path, NULL, &err);
    CHECK_OK(m, &err);
    ask_session *s = ask_session_open(m, &err);
    CHECK_OK(s, &err);
    ask_by_memory *b = ask_by_memory_open(s, NULL, &err);
    CHECK_OK(b, &err);
    ask_dual *d = ask_dual_open(s, NULL, &err);
    CHECK_OK(d, &err);
    const ask_answerer own = ask_by_memory_answerer(b), dual = ask_dual_answerer(d);
    assert_true(own.kinds[ASK_DATA_RETRIEVE] && own.kinds[ASK_DATA_OPEN]);
    opened o = open_all(NULL);
    ask_eval_item item = *find_item(&o, ASK_DATA_OPEN, false);
    item.record.kind = ASK_DATA_RETRIEVE;
    item.record.question = "a red ball jumps";
    for (int view = 0; view <= ASK_VIEW_BLIND; view++) {
        ask_eval_row a, c;
        CHECK_OK(ask_eval_record(&a, &own, &item, (ask_eval_view)view, 1, o.room, &err),
                 &err);
        CHECK_OK(ask_eval_record(&c, &dual, &item, (ask_eval_view)view, 1, o.room, &err),
                 &err);
        if (a.error) fail_msg("%s", a.error);
        assert_true(a.given.n_moments > 0 && a.given.n_moments == c.given.n_moments);
        assert_memory_equal(a.given.moments, c.given.moments,
                            (size_t)a.given.n_moments * sizeof *a.given.moments);
        assert_true(a.given.presence == c.given.presence);
    }
    ask_eval_row row;
    CHECK_OK(ask_eval_record(&row, &own, &item, ASK_VIEW_SHUFFLED, 1, o.room, &err), &err);
    assert_non_null(strstr(row.error, "in no order"));
    item = *find_item(&o, ASK_DATA_OPEN, false); // and still it answers
    CHECK_OK(ask_eval_record(&row, &own, &item, ASK_VIEW_VIDEO, 1, o.room, &err), &err);
    assert_null(row.error);
    close_all(&o);
    ask_by_memory_close(b);
    ask_dual_close(d);
    ask_session_close(s);
    ask_model_close(m);
}

/* ---- what goes wrong ---- */

static void a_model_without_a_memory_is_refused(void **state)
{
    (void)state;
    ask_error err = {0};
    char path[256];
    snprintf(path, sizeof path, "%s", test_path(dir, "color"));
    color_model_write(path, NULL);
    ask_model *m = ask_model_open(path, NULL, &err);
    CHECK_OK(m, &err);
    ask_session *s = ask_session_open(m, &err);
    CHECK_OK(s, &err);
    assert_null(ask_by_memory_open(s, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    ask_session_close(s);
    ask_model_close(m);
}

static void what_was_cancelled_is_looked_at_again(void **state)
{
    (void)state;
    ask_cancel cancel = {0};
    ask_by_memory_options options = ask_by_memory_defaults();
    options.cancel = &cancel;
    opened o = open_all(&options);
    ask_error err = {0};
    ask_eval_row row;
    ask_cancel_raise(&cancel, 2);
    assert_false(
        ask_eval_record(&row, &o.answerer, &o.items[0], ASK_VIEW_VIDEO, 1, o.room, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    cancel = (ask_cancel){0};
    assert_null(answer(&o, &o.items[0], ASK_VIEW_VIDEO, 1).error);
    close_all(&o);
}

static bool attempt(void *user, ask_error *err)
{
    const opened *o = user;
    const ask_eval_item *item = find_item(o, ASK_DATA_OPEN, false);
    ask_by_memory *b = ask_by_memory_open(o->session, NULL, err);
    ask_arena *room = b ? ask_arena_new(0) : NULL;
    bool ok = b && (room || ask_fail_memory(err));
    for (int view = 0; view < ASK_N_VIEWS && ok; view++) {
        const ask_answerer a = ask_by_memory_answerer(b);
        ask_eval_row row;
        ok = ask_eval_record(&row, &a, item, (ask_eval_view)view, 1, room, err);
    }
    ask_arena_free(room);
    ask_by_memory_close(b);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    opened o = open_all(NULL);
    assert_true(test_some_allocs_fail("by memory", attempt, &o) > 20);
    close_all(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_question_is_answered_as_if_it_were_asked_alone),
        cmocka_unit_test(a_count_is_what_the_answer_says_in_words_or_digits),
        cmocka_unit_test(without_answers_of_its_own_it_chooses_only),
        cmocka_unit_test(an_answer_below_the_threshold_is_rejected),
        cmocka_unit_test(frames_are_shuffled_by_the_seed_and_grey_ones_are_alike),
        cmocka_unit_test(a_video_is_looked_at_once),
        cmocka_unit_test(pointing_and_checks_can_be_left_out),
        cmocka_unit_test(what_is_searched_is_found_as_without_a_memory),
        cmocka_unit_test(a_model_without_a_memory_is_refused),
        cmocka_unit_test(what_was_cancelled_is_looked_at_again),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
