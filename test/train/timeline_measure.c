/* What is measured of Timeline: all is right where a network says the truth, and what is
 * wrong is counted where it does not. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/playroom_words.h"
#include "support/testing.h"
#include "support/timeline_start.h"
#include "train/timeline_measure_priv.h"

enum { N_CLIPS = 4, N_QUESTIONS = 6, N_FRAMES = 12, SURE = 20 };

static ask_timeline_config config;
static ask_tokenizer *words;
static ask_preprocess preprocess;

static int set_up(void **state)
{
    ask_error err = {0};
    (void)state;
    char *dir = test_temp_dir_make();
    timeline_start_write(dir);
    config = timeline_start_config();
    config.n_frames = N_FRAMES;
    CHECK_OK(ask_preprocess_read(&preprocess, test_path(dir, "preprocessor_config.json"),
                                 ASK_PROCESSOR_CLIP, &err),
             &err);
    words = playroom_tokenizer();
    test_temp_dir_remove(dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ask_tokenizer_close(words);
    return 0;
}

/* ---- what is played, and what is said of it ---- */

typedef struct {
    timeline_player *player;
    timeline_batch *batch;
    timeline_said said;
    void *owned[8];
    int n_owned;
} show;

static void *zeros(show *s, size_t n, size_t bytes)
{
    void *values = calloc(n, bytes);
    assert_non_null(values);
    return s->owned[s->n_owned++] = values;
}

static void show_open(show *s, timeline_parts parts)
{
    ask_error err = {0};
    const timeline_player_options opt = {.size = {.config = &config,
                                                  .parts = parts,
                                                  .n_clips = N_CLIPS,
                                                  .n_frames = N_FRAMES,
                                                  .n_questions = N_QUESTIONS,
                                                  .n_near = 2},
                                         .style = ask_scene_full(),
                                         .noise = 1,
                                         .split = ASK_SPLIT_VAL,
                                         .seed = 3,
                                         .preprocess = &preprocess,
                                         .tokenizer = words};
    *s = (show){.player = timeline_player_open(&opt, &err)};
    CHECK_OK(s->player, &err);
    s->batch = timeline_batch_new(&opt.size, &err);
    CHECK_OK(s->batch, &err);
    CHECK_OK(timeline_player_fill(s->player, s->batch, 0, &err), &err);
    s->said = (timeline_said){
        .config = &config, .player = s->player, .batch = s->batch, .n_clips = N_CLIPS};
}

static void show_close(show *s)
{
    for (int i = 0; i < s->n_owned; i++) free(s->owned[i]);
    timeline_batch_free(s->batch);
    timeline_player_close(s->player);
}

static double metric(const ask_train_metrics *m, const char *name)
{
    for (int i = 0; i < m->n; i++)
        if (strcmp(m->items[i].name, name) == 0) return m->items[i].value;
    fail_msg("there is no metric %s", name);
    return NAN;
}

/* ---- cells ---- */

static void say_kind(float *row, ask_sight_field f, int64_t label)
{
    if (label >= 0) row[ask_sight_field_of(&config.kinds, f).begin + label] = SURE;
}

static void say_cells(show *s)
{
    const ask_cell_labels *l = &s->batch->cells;
    size_t n = (size_t)N_CLIPS * N_FRAMES * (size_t)timeline_n_cells(&s->batch->size);
    size_t width = (size_t)ask_sight_width(&config.kinds);
    float *rows = zeros(s, n * width, sizeof *rows);
    for (size_t i = 0; i < n; i++) {
        float *row = rows + i * width;
        row[ask_sight_field_of(&config.kinds, ASK_SIGHT_SEEN).begin] = l->seen[i];
        memcpy(row + ask_sight_field_of(&config.kinds, ASK_SIGHT_BOX).begin, l->box + 4 * i,
               4 * sizeof *row);
        memcpy(row + ask_sight_field_of(&config.kinds, ASK_SIGHT_VELOCITY).begin,
               l->velocity + 2 * i, 2 * sizeof *row);
        say_kind(row, ASK_SIGHT_COLOR, l->color[i]);
        say_kind(row, ASK_SIGHT_SHAPE, l->shape[i]);
        say_kind(row, ASK_SIGHT_SIZE, l->size[i]);
        say_kind(row, ASK_SIGHT_TEXTURE, l->texture[i]);
        say_kind(row, ASK_SIGHT_DEED, l->deed[i]);
    }
    s->said.cells = rows;
}

static void cells_that_say_the_truth_are_right(void **state)
{
    static const char *const shares[] = {"color",   "shape", "size",
                                         "texture", "deed",  "deed_moving"};
    (void)state;
    ask_error err = {0};
    show s;
    timeline_cells_tally t = {0};
    ask_train_metrics m = {0};
    show_open(&s, (timeline_parts){.pictures = true, .cells = true});
    say_cells(&s);
    timeline_cells_count(&t, &s.said);
    CHECK_OK(timeline_cells_tell(&m, &t, &err), &err);
    for (size_t i = 0; i < TEST_COUNT(shares); i++)
        CHECK_CASE(shares[i], metric(&m, shares[i]) == 1);
    assert_true(metric(&m, "box_error") == 0 && metric(&m, "velocity_error") == 0);
    // Three of a frame's cells are picked, and more toys may be there.
    assert_true(metric(&m, "recall") > 0.5 && metric(&m, "recall") < 1);
    show_close(&s);
}

static void cells_that_say_nothing_are_wrong(void **state)
{
    (void)state;
    ask_error err = {0};
    show s;
    timeline_cells_tally t = {0};
    ask_train_metrics m = {0};
    show_open(&s, (timeline_parts){.pictures = true, .cells = true});
    size_t n = (size_t)N_CLIPS * N_FRAMES * (size_t)timeline_n_cells(&s.batch->size);
    s.said.cells = zeros(&s, n * (size_t)ask_sight_width(&config.kinds), sizeof(float));
    timeline_cells_count(&t, &s.said);
    CHECK_OK(timeline_cells_tell(&m, &t, &err), &err);
    assert_true(metric(&m, "color") < 0.6 && metric(&m, "shape") < 0.6);
    assert_true(metric(&m, "deed_moving") == 0 && metric(&m, "box_error") > 0);
    assert_true(metric(&m, "score") < 0.7);
    show_close(&s);
}

/* ---- events ---- */

/* The memory of each clip, as truth has it. */
static float *true_memory(show *s, const ask_memory_noise *noise)
{
    ask_error err = {0};
    size_t n_slots = (size_t)(config.n_event_slots + config.n_toy_slots);
    size_t size = n_slots * (size_t)ask_record_width(&config.kinds);
    float *records = zeros(s, N_CLIPS * size, sizeof *records);
    int64_t *events = zeros(s, N_CLIPS * (size_t)config.n_event_slots, sizeof *events);
    int64_t *pairs = zeros(s, N_CLIPS * (size_t)config.n_toy_slots, sizeof *pairs);
    ask_painter *painter = ask_painter_new(&err);
    ask_scene_view *views = calloc(ASK_SCENE_MAX_FRAMES, sizeof *views);
    assert_true(painter && views);
    for (int i = 0; i < N_CLIPS; i++) {
        int until;
        ask_rng r = ask_rng_new((uint64_t)i);
        const ask_scene *scene = timeline_player_scene(s->player, i, &until);
        for (int t = 0; t < scene->n_frames; t++)
            ask_paint(painter, scene, t, NULL, &views[t]);
        ask_timeline_imagine_memory(
            records + (size_t)i * size, events + i * config.n_event_slots,
            pairs + i * config.n_toy_slots, scene, views, until, &config, noise, &r);
    }
    free(views);
    ask_painter_free(painter);
    s->said.records = records;
    s->said.toys = s->said.slot_pairs = pairs;
    s->said.slot_events = events;
    return records;
}

static void measure_memory(ask_train_metrics *m, show *s)
{
    ask_error err = {0};
    timeline_glance_tally t = {0};
    CHECK_OK(timeline_glance_open(&t, &err), &err);
    CHECK_OK(timeline_glance_count(&t, &s->said, &err), &err);
    CHECK_OK(timeline_glance_tell(m, &t, &err), &err);
    timeline_glance_close(&t);
}

static void a_memory_that_is_true_has_all_events(void **state)
{
    (void)state;
    show s;
    ask_train_metrics m = {0};
    show_open(&s, (timeline_parts){.sights = true, .glimpses = true});
    true_memory(&s, NULL);
    measure_memory(&m, &s);
    assert_true(metric(&m, "map") == 1 && metric(&m, "event_recall") == 1);
    assert_true(metric(&m, "event_identity") == 1);
    assert_true(metric(&m, "toy_precision") == 1);
    show_close(&s);
}

static void spans_that_are_off_are_not_found(void **state)
{
    (void)state;
    show s;
    ask_train_metrics m = {0};
    show_open(&s, (timeline_parts){.sights = true, .glimpses = true});
    float *records = true_memory(&s, NULL);
    int width = ask_record_width(&config.kinds);
    int span = ask_record_field_of(&config.kinds, ASK_RECORD_SPAN).begin;
    int n_slots = config.n_event_slots + config.n_toy_slots;
    for (int i = 0; i < N_CLIPS * n_slots; i++)
        for (int k = 0; k < 2; k++) records[i * width + span + k] += 2;
    measure_memory(&m, &s);
    assert_true(metric(&m, "map") == 0 && metric(&m, "event_recall") == 0);
    assert_true(isnan(metric(&m, "event_identity")));
    show_close(&s);
}

/* ---- questions ---- */

/* Logits that have the right answers, and point at what is evidence. */
static void say_answers(show *s)
{
    const ask_timeline_questions *q = s->batch->questions;
    size_t n = (size_t)N_CLIPS * N_QUESTIONS, n_answers = (size_t)q->size.n_answers;
    size_t n_slots = (size_t)(config.n_event_slots + config.n_toy_slots);
    float *options = zeros(s, n * ASK_N_OPTIONS, sizeof *options);
    float *logits = zeros(s, n * n_answers, sizeof *logits);
    float *pointer = zeros(s, n * (n_slots + 1), sizeof *pointer);
    for (size_t i = 0; i < n; i++) {
        options[i * ASK_N_OPTIONS + (size_t)q->right[i]] = SURE;
        if (q->open[i] >= 0) logits[i * n_answers + (size_t)q->open[i]] = SURE;
        for (size_t slot = 0; slot < n_slots; slot++) {
            size_t clip = i / N_QUESTIONS, n_events = (size_t)config.n_event_slots;
            const float *events = q->events + i * ASK_TIMELINE_SCENE_EVENTS;
            int64_t event =
                slot < n_events ? s->batch->slot_events[clip * n_events + slot] : -1;
            int64_t pair =
                slot < n_events
                    ? -1
                    : s->batch
                          ->slot_pairs[clip * (size_t)config.n_toy_slots + slot - n_events];
            bool is_evidence =
                (event >= 0 && events[event] > 0) ||
                (pair >= 0 && q->pairs[i * ASK_TIMELINE_PAIRS + (size_t)pair] > 0);
            pointer[i * (n_slots + 1) + slot] = is_evidence ? SURE : 0;
        }
    }
    s->said.option_logits = options;
    s->said.logits = logits;
    s->said.pointer = pointer;
    s->said.slot_events = s->batch->slot_events;
    s->said.slot_pairs = s->batch->slot_pairs;
}

static void answers_that_are_right_count(void **state)
{
    (void)state;
    ask_error err = {0};
    show s;
    timeline_focus_tally t = {0};
    ask_train_metrics m = {0};
    show_open(&s, (timeline_parts){.memory = true, .questions = true});
    say_answers(&s);
    timeline_focus_count(&t, &s.said);
    CHECK_OK(timeline_focus_tell(&m, &t, &err), &err);
    assert_true(metric(&m, "accuracy") == 1 && metric(&m, "open") == 1);
    assert_true(metric(&m, "pointer") > 0.7); // slots may be dropped by noise
    double n_families = 0;
    for (int i = 0; i < ASK_N_FAMILIES; i++) n_families += t.of_family[i].n > 0;
    assert_true(n_families > 5 && t.all.n > N_CLIPS * N_QUESTIONS / 2);
    show_close(&s);
}

static void answers_that_are_wrong_do_not(void **state)
{
    (void)state;
    ask_error err = {0};
    show s;
    timeline_focus_tally t = {0};
    ask_train_metrics m = {0};
    show_open(&s, (timeline_parts){.memory = true, .questions = true});
    say_answers(&s);
    const float *const lists[] = {s.said.option_logits, s.said.logits};
    const size_t sizes[] = {ASK_N_OPTIONS, (size_t)s.batch->questions->size.n_answers};
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < N_CLIPS * N_QUESTIONS * sizes[k]; i++)
            ((float *)lists[k])[i] *= -1;
    timeline_focus_count(&t, &s.said);
    CHECK_OK(timeline_focus_tell(&m, &t, &err), &err);
    assert_true(metric(&m, "accuracy") == 0 && metric(&m, "open") == 0);
    show_close(&s);
}

/* ---- texts that need more room ---- */

static int64_t n_set(const bool *mask, size_t n)
{
    int64_t count = 0;
    for (size_t i = 0; i < n; i++) count += mask[i];
    return count;
}

/* What is offered still has its words. */
static void check_offers(const ask_timeline_questions *q)
{
    size_t n_tokens = (size_t)q->size.n_tokens, n_answers = (size_t)q->size.n_answers;
    for (size_t i = 0; i < N_CLIPS * N_QUESTIONS; i++) {
        if (q->weight[i] <= 0) {
            assert_int_equal(n_set(q->text_mask + i * n_tokens, n_tokens), 0);
            continue;
        }
        for (size_t k = 0; k < ASK_N_OPTIONS; k++)
            assert_true(
                q->answer_mask[(size_t)q->options[i * ASK_N_OPTIONS + k] * n_tokens]);
        for (size_t u = 0; u < n_answers; u++)
            if (q->rivals[i * n_answers + u] > 0) assert_true(q->answer_mask[u * n_tokens]);
        for (size_t u = 0; u < (size_t)q->n_used; u++)
            if (q->near_of[u] == (int)i) assert_true(q->answer_mask[u * n_tokens]);
    }
}

static void questions_beyond_the_room_are_left_out(void **state)
{
    static const timeline_room rooms[] = {{1000, 1000}, {100, 1000}, {1000, 60}, {24, 0}};
    (void)state;
    int64_t n_before = INT64_MAX;
    for (size_t i = 0; i < TEST_COUNT(rooms); i++) {
        show s;
        int64_t n = 0;
        show_open(&s, (timeline_parts){.memory = true, .questions = true});
        ask_timeline_questions *q = s.batch->questions;
        size_t rows = N_CLIPS * N_QUESTIONS, n_tokens = (size_t)q->size.n_tokens;
        timeline_fit(q, rooms[i]);
        for (size_t k = 0; k < rows; k++) n += q->weight[k] > 0;
        assert_true(n_set(q->text_mask, rows * n_tokens) + (int64_t)rows <=
                    rooms[i].questions);
        assert_true(n_set(q->answer_mask, (size_t)q->size.n_answers * n_tokens) <=
                    rooms[i].answers);
        assert_true(i == 0 ? n > 10 : n < n_before);
        if (i == 0) n_before = n;
        check_offers(q);
        show_close(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_that_say_the_truth_are_right),
        cmocka_unit_test(cells_that_say_nothing_are_wrong),
        cmocka_unit_test(a_memory_that_is_true_has_all_events),
        cmocka_unit_test(spans_that_are_off_are_not_found),
        cmocka_unit_test(answers_that_are_right_count),
        cmocka_unit_test(answers_that_are_wrong_do_not),
        cmocka_unit_test(questions_beyond_the_room_are_left_out),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
