/* A calibration that is fitted, written and read back. The model knows nothing: its numbers
 * are poor, but they are of these clips. */
#include "eval/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/language_priv.h"
#include "support/playroom_model.h"
#include "support/testing.h"
#include "world/clip.h"

enum { N_CLIPS = 6 };

static char *dir;
static char *world;
static char *folder; // of the model
static ask_model *model;
static ask_session *session;

static int set_up(void **state)
{
    (void)state;
    ask_error err = {0};
    dir = test_temp_dir_make();
    world = strdup(test_path(dir, "world"));
    folder = strdup(test_path(dir, "model"));
    playroom_model_write(folder);
    playroom_world_write(world, 9, N_CLIPS);
    model = ask_model_open(folder, NULL, &err);
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
    free(folder);
    test_temp_dir_remove(dir);
    return 0;
}

static ask_calibrated calibrate(const ask_calibrate_options *opt)
{
    ask_error err = {0};
    ask_calibrated c;
    CHECK_OK(ask_calibrate(&c, world, session, opt, &err), &err);
    return c;
}

static char *json_of(const ask_calibrated *c)
{
    ask_error err = {0};
    ask_str text = {0};
    ask_calibrated_json(&text, c);
    char *json = ask_str_take(&text, &err);
    if (!json) fail_msg("%s", err.message);
    return json;
}

/* ---- language ---- */

/* The words that a model of the playroom was trained on. */
static ask_standard trained_words(ask_arena *arena)
{
    ask_error err = {0};
    ask_str text = {0};
    ask_world_words(&text);
    language_words words = {.arena = arena};
    CHECK_OK(language_add(&words, ask_str_text(&text), &err), &err);
    ask_str_free(&text);
    return (ask_standard){.words = words.items, .n_words = words.n};
}

static void the_texts_are_in_the_language_of_training(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_arena *arena = ask_arena_new(0);
    assert_non_null(arena);
    const ask_standard known = trained_words(arena);
    char word[ASK_WORD_BYTES];
    for (int i = 0; i < LANGUAGE_N_BACKGROUND; i++)
        if (ask_standard_new_word(word, &known, language_background[i]))
            fail_msg("\"%s\": %s", language_background[i], word);
    enum { N = 300 };
    const char *const *texts = language_sentences(arena, 1, N, &err);
    const char *const *again = language_sentences(arena, 1, N, &err);
    const char *const *others = language_sentences(arena, 2, N, &err);
    assert_true(texts && again && others);
    int n_same = 0, n_events = 0;
    for (int i = 0; i < N; i++) {
        if (ask_standard_new_word(word, &known, texts[i]))
            fail_msg("\"%s\": %s", texts[i], word);
        assert_string_equal(texts[i], again[i]);
        n_same += strcmp(texts[i], others[i]) == 0;
        for (int e = 0; e < ASK_N_SIMPLE_EVENTS; e++)
            if (strstr(texts[i], ask_event_name((ask_event_kind)e)) ||
                strstr(texts[i], ask_event_doing_name((ask_event_kind)e))) {
                n_events++;
                break;
            }
    }
    assert_true(n_same < N / 20);
    assert_true(n_events > N / 5 && n_events < N / 2); // a third
    ask_arena_free(arena);
}

static void words_are_kept_once_and_in_order(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_arena *arena = ask_arena_new(0);
    language_words words = {.arena = arena};
    CHECK_OK(language_add(&words, "the red Ball, the ball!", &err), &err);
    CHECK_OK(language_add(&words, "", &err), &err);
    CHECK_OK(language_add(&words, "a red-hot ring?", &err), &err);
    static const char *const expected[] = {"a", "ball", "hot", "red", "ring", "the"};
    assert_int_equal(words.n, TEST_COUNT(expected));
    for (int i = 0; i < words.n; i++) assert_string_equal(words.items[i], expected[i]);
    for (int i = 0; i < 1000; i++) {
        char word[16];
        ask_format(word, sizeof word, "w%03d", (i * 37) % 1000);
        CHECK_OK(language_add(&words, word, &err), &err);
    }
    assert_int_equal(words.n, TEST_COUNT(expected) + 1000);
    for (int i = 1; i < words.n; i++)
        assert_true(strcmp(words.items[i - 1], words.items[i]) < 0);
    ask_arena_free(arena);
}

/* ---- the file ---- */

static void check_same(const ask_calibrated *c, const ask_calibration *find,
                       const ask_standard *ask)
{
    assert_true(find->threshold == c->calibration.threshold);
    assert_string_equal(find->threshold_source, "calibration.json");
    assert_string_equal(find->data, "playroom val seed 9, clips 0-5");
    assert_true(find->n == N_CLIPS && c->n_clips == N_CLIPS);
    assert_true(find->n_background == LANGUAGE_N_BACKGROUND || find->n_background == 0);
    assert_int_equal(find->n_sentences, ASK_CALIBRATE_SENTENCES);
    for (int i = 0; i < find->n_sentences; i++)
        assert_string_equal(find->sentences[i], c->calibration.sentences[i]);
    assert_true(ask->has_limits && ask->scale == c->standard.scale);
    assert_memory_equal(&ask->limits, &c->standard.limits, sizeof ask->limits);
    assert_true(ask->has_threshold && ask->threshold == c->standard.threshold);
    assert_true(ask->most_distance == c->standard.most_distance);
    size_t n_bytes = (size_t)c->n_embed * sizeof(double);
    assert_memory_equal(ask->mean, c->standard.mean, n_bytes);
    assert_memory_equal(ask->deviation, c->standard.deviation, n_bytes);
    assert_int_equal(ask->n_words, c->standard.n_words);
    for (int i = 0; i < ask->n_words; i++)
        assert_string_equal(ask->words[i], c->standard.words[i]);
    assert_string_equal(ask->download, "another model");
}

static void what_is_fitted_is_read_back_to_the_bit(void **state)
{
    (void)state;
    ask_calibrate_options o = ask_calibrate_defaults();
    o.sampling.fps = 2;
    o.download = "another model";
    ask_calibrated c = calibrate(&o);
    char *json = json_of(&c);
    const char *path = test_path(folder, "calibration.json");
    test_write_text(path, json);
    ask_error err = {0};
    ask_calibration find;
    ask_standard ask;
    CHECK_OK(ask_calibration_read(&find, folder, &err), &err);
    CHECK_OK(ask_standard_read(&ask, folder, c.n_embed, &err), &err);
    check_same(&c, &find, &ask);
    ask_calibration_free(&find);
    ask_standard_free(&ask);

    ask_calibrated again = calibrate(&o); // whatever the folder has now
    char *same = json_of(&again);
    assert_string_equal(json, same);
    free(same);
    free(json);
    ask_calibrated_free(&again);
    ask_calibrated_free(&c);
    assert_null(c.arena);
}

static void what_is_fitted_holds_on_its_clips(void **state)
{
    (void)state;
    ask_calibrate_options o = ask_calibrate_defaults();
    o.sampling.fps = 2;
    ask_calibrated c = calibrate(&o);
    assert_null(c.standard.download);
    assert_true(c.found.false_rejection <= ASK_FIT_FALSE_REJECTION);
    assert_true(c.found.n_there > 3 * N_CLIPS);
    const int64_t n_below =
        (int64_t)floor(ASK_FIT_FALSE_REJECTION * (double)c.found.n_there);
    assert_true(fabs(c.found.false_rejection * (double)c.found.n_there - (double)n_below) <
                1e-9);
    assert_true(c.calibration.threshold <= c.found.tenth);
    assert_true(c.own.judged.n > 3 * N_CLIPS && c.own.all.n > c.own.judged.n);
    assert_true(c.limits.limits.tau_prior > 0 && c.limits.grey == 0);
    const ask_answers *j = &c.own.judged;
    if (j->n_right > 0)
        assert_true(ask_share(j->n_right_grounded, j->n_right) == c.limits.covered);
    assert_true(c.grey.all.verdicts[ASK_VERDICT_GROUNDED] == 0);

    ask_error err = {0};
    ask_playroom_options p = ask_playroom_defaults();
    p.sampling = o.sampling;
    p.calibration = &c.calibration;
    p.standard = &c.standard;
    ask_playroom *room = ask_playroom_open(world, session, &p, &err);
    assert_non_null(room);
    ask_answered_rows rows;
    CHECK_OK(ask_playroom_ask(&rows, room, ASK_SHOWN_OWN, &err), &err);
    double far = 0;
    for (int64_t i = 0; i < rows.n; i++) {
        const ask_answered_row *r = &rows.rows[i];
        far = fmax(far, r->distance);
        if (r->visual) assert_false(r->unknown_words);
        if (r->type == ASK_QUESTION_COUNT) assert_true(r->unknown_words);
    }
    assert_true(fabs(far * ASK_CALIBRATE_MARGIN - c.standard.most_distance) < 1e-9);
    assert_true(c.median_distance <= far);
    ask_answered_rows_free(&rows);
    ask_playroom_close(room);
    ask_calibrated_free(&c);
}

static void other_clips_and_rates_give_other_values(void **state)
{
    (void)state;
    ask_calibrate_options o = ask_calibrate_defaults();
    o.first = 1;
    o.n_clips = 2;
    o.sampling.n_frames = 6;
    ask_calibrated c = calibrate(&o);
    assert_true(c.n_clips == 2);
    assert_string_equal(c.calibration.data, "playroom val seed 9, clips 1-2");
    o.seed = 2;
    ask_calibrated other = calibrate(&o);
    assert_string_not_equal(c.calibration.sentences[0], other.calibration.sentences[0]);
    ask_calibrated_free(&c);
    ask_calibrated_free(&other);
}

/* ---- mistakes ---- */

static void calibrating_can_be_cancelled(void **state)
{
    (void)state;
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    ask_calibrate_options o = ask_calibrate_defaults();
    o.cancel = &cancel;
    ask_error err = {0};
    ask_calibrated c;
    assert_false(ask_calibrate(&c, world, session, &o, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
}

static bool calibrate_briefly(void *user, ask_error *err)
{
    (void)user;
    ask_calibrate_options o = ask_calibrate_defaults();
    o.n_clips = 1;
    o.sampling.n_frames = 2;
    o.download = "x";
    ask_calibrated c;
    if (!ask_calibrate(&c, world, session, &o, err)) return false;
    ask_str text = {0};
    ask_calibrated_json(&text, &c);
    bool ok = !text.failed || ask_fail_memory(err);
    ask_str_free(&text);
    ask_calibrated_free(&c);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    assert_true(test_some_allocs_fail("calibrate", calibrate_briefly, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_texts_are_in_the_language_of_training),
        cmocka_unit_test(words_are_kept_once_and_in_order),
        cmocka_unit_test(what_is_fitted_is_read_back_to_the_bit),
        cmocka_unit_test(what_is_fitted_holds_on_its_clips),
        cmocka_unit_test(other_clips_and_rates_give_other_values),
        cmocka_unit_test(calibrating_can_be_cancelled),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
