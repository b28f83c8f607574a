/* Who answers the questions of a run: a dual encoder from videos, of which what it must say
 * is known by construction, and models with a memory from features, against the same
 * question asked directly. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/npy.h"
#include "base/rng.h"
#include "eval/by_features.h"
#include "eval/dual.h"
#include "eval/row.h"
#include "model/feature_file.h"
#include "model/init.h"
#include "support/color_model.h"
#include "support/testing.h"

static char *dir;

static const char CALIBRATION[] =
    "{\"find\": {\"background\": [\"a photo\"], \"sentences\": [\"a cat\", \"dog\", "
    "\"owl lion\", \"horse\", \"a fish\", \"snail bear\", \"wolf\", \"a crab\"]}, "
    "\"ask\": {\"tau_prior\": 0.5, \"tau_suff\": 0.5, \"tau_nec\": 0.1}}";

static int set_up(void **state)
{
    (void)state;
    static const color_span story[] = {{2, 0x0000ff}, {1.5, 0xff0000}, {2.5, 0x0000ff}};
    dir = test_temp_dir_make();
    color_video_write(test_path(dir, "story.mp4"), 64, 48, 12, story, TEST_COUNT(story));
    test_write_text(test_path(dir, "broken.mp4"), "no video");
    color_model_write(test_path(dir, "color"),
                      &(color_model_options){.calibration = CALIBRATION});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

typedef struct {
    ask_model *model;
    ask_session *session;
    ask_arena *room;
} opened;

static opened open_model(const char *name)
{
    ask_error err = {0};
    opened o = {.model = ask_model_open(test_path(dir, name), NULL, &err),
                .room = ask_arena_new(0)};
    CHECK_OK(o.model, &err);
    o.session = ask_session_open(o.model, &err);
    CHECK_OK(o.session, &err);
    return o;
}

static void close_model(opened *o)
{
    ask_session_close(o->session);
    ask_model_close(o->model);
    ask_arena_free(o->room);
}

static ask_eval_row answer(const ask_answerer *a, const ask_eval_item *item,
                           ask_eval_view view, uint64_t seed, ask_arena *room)
{
    ask_error err = {0};
    ask_eval_row row;
    CHECK_OK(ask_eval_record(&row, a, item, view, seed, room, &err), &err);
    return row;
}

/* ---- a dual encoder ---- */

static const char *const colors[] = {"green", "red", "yellow", "blue"};
static const ask_data_span red_s[] = {{2, 3.5}};

static ask_eval_item about(const char *video, ask_data_kind kind, const char *question)
{
    bool choice = kind == ASK_DATA_CHOICE;
    return (ask_eval_item){.record = {.id = question,
                                      .video = "v",
                                      .video_path = video,
                                      .video_s = 6,
                                      .question = question,
                                      .kind = kind,
                                      .n_options = choice ? 3 : 0,
                                      .options = colors,
                                      .answer_index = choice ? 1 : -1,
                                      .n_windows = 1,
                                      .windows = red_s,
                                      .clip_s = 2},
                           .counts = ask_count_any()};
}

static void a_choice_is_answered_with_its_evidence(void **state)
{
    (void)state;
    ask_error err = {0};
    char path[256];
    snprintf(path, sizeof path, "%s", test_path(dir, "story.mp4"));
    opened o = open_model("color");
    ask_dual *d = ask_dual_open(o.session, NULL, &err);
    CHECK_OK(d, &err);
    const ask_answerer a = ask_dual_answerer(d);
    assert_string_equal(a.model_id, ask_model_info_of(o.model).id);
    ask_eval_item item = about(path, ASK_DATA_CHOICE, "a photo");
    static const int16_t boxes[][4] = {{0, 0, 64, 48}};
    const ask_eval_targets all = {
        .n = 1, .n_frames = 1, .fps = 0.1, .width = 64, .height = 48, .boxes = boxes};
    item.has_targets = true;
    item.targets = &all;
    ask_eval_row row = answer(&a, &item, ASK_VIEW_VIDEO, 1, o.room);
    assert_null(row.error);
    assert_true(row.mark.right && !row.given.decision.rejects);
    assert_string_equal(row.given.verdict, "grounded");
    assert_int_equal(row.given.n_scores, 3);
    assert_true(row.given.scores[1] > row.given.scores[0]);
    assert_true(fabs(row.given.moments[0].start_s - 2) < 0.1);
    assert_true(fabs(row.given.moments[0].end_s - 3.5) < 0.1);
    for (int i = 0; i < row.given.n_frames; i++)
        assert_true(row.given.frames[i].t_s >= 1.9 && row.given.frames[i].t_s < 3.6);
    assert_int_equal(row.n_pointed, 1);
    assert_true(ask_point_in(row.pointed[0].at.x, row.pointed[0].at.y, row.pointed[0].boxes,
                             row.pointed[0].n_boxes));

    // A part of the video without red.
    item.record.has_clip = true;
    item.record.clip = (ask_data_span){0, 2};
    item.record.options = colors + 1;
    ask_eval_row part = answer(&a, &item, ASK_VIEW_VIDEO, 1, o.room);
    assert_string_equal(part.given.decision.text, "blue");
    assert_true(part.given.moments[0].end_s <= 2.1);

    ask_eval_row blind = answer(&a, &item, ASK_VIEW_BLIND, 1, o.room);
    assert_null(blind.error);
    assert_int_equal(blind.given.n_moments, 0);
    ask_dual_close(d);
    close_model(&o);
}

static void a_query_gets_moments_and_scores_of_clips(void **state)
{
    (void)state;
    ask_error err = {0};
    char path[256];
    snprintf(path, sizeof path, "%s", test_path(dir, "story.mp4"));
    opened o = open_model("color");
    ask_dual *d = ask_dual_open(o.session, NULL, &err);
    CHECK_OK(d, &err);
    const ask_answerer a = ask_dual_answerer(d);
    ask_eval_item item = about(path, ASK_DATA_RETRIEVE, "red");
    ask_eval_row row = answer(&a, &item, ASK_VIEW_VIDEO, 1, o.room);
    assert_true(fabs(row.given.moments[0].start_s - 2) < 0.1);
    assert_int_equal(row.given.n_clip_scores, 3);
    assert_true(row.given.clip_scores[1] > row.given.clip_scores[0]);
    assert_true(row.given.clip_scores[1] > row.given.clip_scores[2]);
    assert_false(row.given.decision.rejects);
    item.record.question = "crab";
    row = answer(&a, &item, ASK_VIEW_VIDEO, 1, o.room);
    assert_true(row.given.decision.rejects);
    ask_dual_close(d);
    close_model(&o);
}

static void a_video_that_cannot_be_read_is_told_by_its_questions(void **state)
{
    (void)state;
    ask_error err = {0};
    char broken[256], story[256];
    snprintf(broken, sizeof broken, "%s", test_path(dir, "broken.mp4"));
    snprintf(story, sizeof story, "%s", test_path(dir, "story.mp4"));
    opened o = open_model("color");
    ask_dual *d = ask_dual_open(o.session, NULL, &err);
    CHECK_OK(d, &err);
    const ask_answerer a = ask_dual_answerer(d);
    const ask_eval_item bad = about(broken, ASK_DATA_CHOICE, "a photo");
    const ask_eval_item good = about(story, ASK_DATA_CHOICE, "a photo");
    for (int i = 0; i < 2; i++) {
        ask_eval_row row = answer(&a, &bad, ASK_VIEW_VIDEO, 1, o.room);
        assert_non_null(strstr(row.error, "broken.mp4"));
    }
    assert_null(answer(&a, &good, ASK_VIEW_VIDEO, 1, o.room).error);
    ask_dual_close(d);
    close_model(&o);
}

/* ---- models with a memory ---- */

enum { N_FRAMES = 8, WIDTH = 12, N_EVENTS = 5 };

#define SIZES                                                                              \
    "\"model_type\": \"glance_focus\", \"d_model\": 16, \"nhead\": 2, \"num_layers\": 2, " \
    "\"dim_feedforward\": 20, \"num_queries\": 5, \"feature_dim\": 12, \"max_feats\": 8, " \
    "\"event_pred_dim\": 7, \"text_encoder\": {\"model_type\": \"roberta\", "              \
    "\"vocab_size\": 423, \"hidden_size\": 16, \"num_hidden_layers\": 1, "                 \
    "\"num_attention_heads\": 2, \"intermediate_size\": 24, "                              \
    "\"max_position_embeddings\": 60, \"type_vocab_size\": 1}"

static void make_memory(const char *name, const char *head)
{
    ask_error err = {0};
    char text[1024], path[256];
    snprintf(text, sizeof text, "{%s, %s}", head, SIZES);
    test_write_text(test_path(dir, "made.json"), text);
    snprintf(path, sizeof path, "%s", test_path(dir, name));
    const ask_model_init_options opt = {
        .seed = 5, .tokenizer = test_fixture("golden/tokenizer_roberta")};
    CHECK_OK(ask_model_init(path, test_path(dir, "made.json"), &opt, &err), &err);
}

/* Features of the videos "v" and "w". */
static ask_feature_store *make_store(void)
{
    ask_error err = {0};
    float data[2][N_FRAMES * WIDTH];
    ask_rng rng = ask_rng_new(3);
    test_write_text(test_path(dir, "store/README"), "");
    remove(test_path(dir, "store/README"));
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < N_FRAMES * WIDTH; i++) data[k][i] = 4 * ask_rng_float(&rng) - 2;
        CHECK_OK(ask_npy_write(test_path(dir, k ? "store/w.npy" : "store/v.npy"),
                               ASK_NPY_F4, 2, (int64_t[]){N_FRAMES, WIDTH}, data[k], &err),
                 &err);
    }
    ask_feature_store *s = ask_feature_store_open(test_path(dir, "store"), NULL, &err);
    CHECK_OK(s, &err);
    return s;
}

/* The question of an item asked directly. */
static ask_feature_answer ask_directly(const opened *o, const ask_feature_store *store,
                                       const ask_eval_item *item, bool blind)
{
    ask_error err = {0};
    ask_feature_rows rows;
    ask_feature_answer a;
    CHECK_OK(ask_feature_store_read(&rows, store, "v", &err), &err);
    const ask_feature_question q = {.features = rows.data,
                                    .n_frames = rows.n,
                                    .width = rows.width,
                                    .question = item->record.question,
                                    .options = item->record.n_options ? item->record.options
                                                                      : NULL,
                                    .n_options = item->record.n_options,
                                    .blind = blind};
    CHECK_OK(ask_answer_features(&a, o->session, &q, NULL, &err), &err);
    ask_feature_rows_free(&rows);
    return a;
}

/* Slots are shares of the 6 s of the video; the ones that are events come first, by how
 * much the answer looks at them. */
static void check_moments(const ask_eval_row *row, const ask_feature_answer *a)
{
    const ask_eval_given *g = &row->given;
    assert_int_equal(g->n_moments, N_EVENTS);
    for (int i = 0; i < N_EVENTS; i++) {
        const ask_eval_moment *m = &g->moments[i];
        const ask_feature_event *e = &a->events[m->slot];
        assert_true(m->start_s == 6 * e->start && m->end_s == 6 * e->end);
        assert_true(m->confidence == e->confidence);
        assert_int_equal(!m->label, e->class_index == 6);
        if (i > 0 && !m->label == !m[-1].label) assert_true(m->score <= m[-1].score);
        if (i > 0 && m->label) assert_non_null(m[-1].label);
    }
    assert_int_equal(g->n_frames, N_FRAMES);
    assert_true(g->frames[0].t_s == 6 * 0.5 / N_FRAMES);
}

static const struct {
    const char *name, *head;
    ask_data_kind kind;
} memories[] = {
    {"options", "\"head\": \"options\", \"num_options\": 3", ASK_DATA_CHOICE},
    {"vocabulary", "\"head\": \"vocabulary\", \"output_dim\": 4", ASK_DATA_OPEN},
    {"count", "\"head\": \"count\"", ASK_DATA_COUNT},
    {"moment", "\"head\": \"moment\"", ASK_DATA_RETRIEVE},
};

static void check_answer(const ask_eval_row *row, const ask_feature_answer *a)
{
    static const char *const words[] = {"yes", "no", "red", "two"};
    const ask_eval_decision *d = &row->given.decision;
    switch (row->item.record.kind) {
    case ASK_DATA_CHOICE:
        assert_int_equal(d->choice, a->best);
        assert_memory_equal(row->given.scores, a->scores, 3 * sizeof *a->scores);
        break;
    case ASK_DATA_OPEN:
        assert_string_equal(d->text, words[a->best]);
        assert_string_equal(row->given.guesses[0].text, d->text);
        assert_int_equal(row->given.n_guesses, 4);
        break;
    case ASK_DATA_COUNT:
        assert_true(d->has_count && d->count == a->scores[0]);
        break;
    default:
        assert_int_equal(d->choice, -1);
    }
}

static void a_memory_answers_as_its_head_does(void **state)
{
    (void)state;
    ask_feature_store *store = make_store();
    for (size_t i = 0; i < TEST_COUNT(memories); i++) {
        ask_error err = {0};
        make_memory(memories[i].name, memories[i].head);
        if (memories[i].kind == ASK_DATA_OPEN)
            test_write_text(test_path(dir, "vocabulary/answers.json"),
                            "[\"yes\", \"no\", \"red\", \"two\"]");
        opened o = open_model(memories[i].name);
        ask_by_features *b = ask_by_features_open(o.session, store, NULL, &err);
        CHECK_OK(b, &err);
        const ask_answerer a = ask_by_features_answerer(b);
        assert_true(a.kinds[memories[i].kind]);
        const ask_eval_item item = about(NULL, memories[i].kind, "What opens first?");
        for (int blind = 0; blind < 2; blind++) {
            ask_feature_answer direct = ask_directly(&o, store, &item, blind);
            ask_eval_row row =
                answer(&a, &item, blind ? ASK_VIEW_BLIND : ASK_VIEW_VIDEO, 1, o.room);
            assert_null(row.error);
            check_answer(&row, &direct);
            if (!blind) check_moments(&row, &direct);
            ask_feature_answer_free(&direct);
        }
        ask_by_features_close(b);
        close_model(&o);
    }
    ask_feature_store_close(store);
}

/* A row of numbers for each frame, as `askance features` keeps them. */
static ask_feature_file frames_of(const char *video, const char *model_id, int width,
                                  const float *data)
{
    return (ask_feature_file){.origin = {.model_id = model_id,
                                         .network = "n",
                                         .layout = "frames",
                                         .video = video,
                                         .video_id = "i",
                                         .video_s = N_FRAMES,
                                         .asked = "{}",
                                         .plan = "{}"},
                              .data = data,
                              .n_dims = 2,
                              .shape = {N_FRAMES, width}};
}

/* Features of the video "part", a row each second. */
static void write_timed(const float *data)
{
    ask_error err = {0};
    const double t_s[N_FRAMES] = {0, 1, 2, 3, 4, 5, 6, 7};
    ask_feature_file file = frames_of("part.mp4", "m", WIDTH, data);
    file.t_s = t_s;
    file.n_times = N_FRAMES;
    CHECK_OK(ask_feature_file_write(test_path(dir, "timed/part.safetensors"), &file, &err),
             &err);
}

/* Two stores of the same frames, but for those behind the part; a question about the part
 * gives the same answer, and moments within it. */
static void what_comes_after_the_part_is_not_seen(void **state)
{
    (void)state;
    float data[N_FRAMES * WIDTH];
    double scores[2][3];
    ask_rng rng = ask_rng_new(7);
    make_memory("cut", memories[0].head);
    test_write_text(test_path(dir, "timed/README"), "");
    remove(test_path(dir, "timed/README"));
    for (int i = 0; i < N_FRAMES * WIDTH; i++) data[i] = 4 * ask_rng_float(&rng) - 2;
    ask_eval_item item = about(NULL, ASK_DATA_CHOICE, "What opens next?");
    item.record.video = "part";
    item.record.has_clip = true;
    item.record.clip = (ask_data_span){2, 5};
    for (int k = 0; k < 2; k++) {
        ask_error err = {0};
        for (int i = 5 * WIDTH; i < N_FRAMES * WIDTH; i++) data[i] += (float)k;
        write_timed(data);
        ask_feature_store *store =
            ask_feature_store_open(test_path(dir, "timed"), NULL, &err);
        CHECK_OK(store, &err);
        opened o = open_model("cut");
        ask_by_features *b = ask_by_features_open(o.session, store, NULL, &err);
        CHECK_OK(b, &err);
        const ask_answerer a = ask_by_features_answerer(b);
        ask_eval_row row = answer(&a, &item, ASK_VIEW_VIDEO, 1, o.room);
        assert_null(row.error);
        memcpy(scores[k], row.given.scores, sizeof scores[k]);
        assert_int_equal(row.given.n_frames, 3);
        for (int i = 0; i < row.given.n_moments; i++)
            assert_true(row.given.moments[i].start_s >= 2 &&
                        row.given.moments[i].end_s <= 5);
        ask_by_features_close(b);
        close_model(&o);
        ask_feature_store_close(store);
    }
    assert_memory_equal(scores[0], scores[1], sizeof scores[0]);
}

/* Without times nobody can cut the part out of the video. */
static void a_part_of_features_without_times_is_refused(void **state)
{
    (void)state;
    ask_error err = {0};
    make_memory("uncut", memories[0].head);
    ask_feature_store *store = make_store();
    opened o = open_model("uncut");
    ask_by_features *b = ask_by_features_open(o.session, store, NULL, &err);
    CHECK_OK(b, &err);
    const ask_answerer a = ask_by_features_answerer(b);
    ask_eval_item item = about(NULL, ASK_DATA_CHOICE, "What opens next?");
    assert_true(a.check(a.user, &item, &err)); // of the whole video
    item.record.has_clip = true;
    item.record.clip = (ask_data_span){2, 5};
    assert_non_null(strstr(answer(&a, &item, ASK_VIEW_VIDEO, 1, o.room).error,
                           "tells no times of \"v\""));
    ask_by_features_close(b);
    close_model(&o);
    ask_feature_store_close(store);
}

static const char *in_capitals(const char *name)
{
    return strcmp(name, "runs") == 0 ? "RUNS" : name;
}

/* Of six classes all are called so, and the last is called otherwise. */
static void classes_are_called_as_the_question_calls_them(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_feature_store *store = make_store();
    make_memory("named", memories[0].head);
    test_write_text(test_path(dir, "named/action_mapping.txt"),
                    "a0 runs\na1 runs\na2 runs\na3 runs\na4 runs\na5 falls\n");
    opened o = open_model("named");
    ask_by_features *b = ask_by_features_open(o.session, store, NULL, &err);
    CHECK_OK(b, &err);
    const ask_answerer a = ask_by_features_answerer(b);
    ask_eval_item item = about(NULL, ASK_DATA_CHOICE, "What opens first?");
    for (int renamed = 0; renamed < 2; renamed++) {
        item.event_name = renamed ? in_capitals : NULL;
        ask_eval_row row = answer(&a, &item, ASK_VIEW_VIDEO, 1, o.room);
        int n = 0;
        for (int i = 0; i < row.given.n_moments; i++) {
            const char *label = row.given.moments[i].label;
            if (!label || strcmp(label, "falls") == 0) continue;
            assert_string_equal(label, renamed ? "RUNS" : "runs");
            n++;
        }
        assert_true(n > 0);
    }
    ask_by_features_close(b);
    close_model(&o);
    ask_feature_store_close(store);
}

static void frames_are_shuffled_by_the_seed(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_feature_store *store = make_store();
    // Without positions the order of frames is nothing to a network.
    make_memory("sine",
                "\"head\": \"options\", \"num_options\": 3, \"frame_positions\": \"sine\"");
    opened o = open_model("sine");
    ask_by_features *b = ask_by_features_open(o.session, store, NULL, &err);
    CHECK_OK(b, &err);
    const ask_answerer a = ask_by_features_answerer(b);
    const ask_eval_item item = about(NULL, ASK_DATA_CHOICE, "What opens first?");
    double scores[4][3];
    for (int i = 0; i < 4; i++) {
        ask_eval_row row = answer(&a, &item, i ? ASK_VIEW_SHUFFLED : ASK_VIEW_VIDEO,
                                  i == 3 ? 2 : 1, o.room);
        memcpy(scores[i], row.given.scores, sizeof scores[i]);
    }
    assert_memory_equal(scores[1], scores[2], sizeof scores[1]);
    assert_memory_not_equal(scores[0], scores[1], sizeof scores[1]);
    assert_memory_not_equal(scores[1], scores[3], sizeof scores[1]);
    ask_by_features_close(b);
    close_model(&o);
    ask_feature_store_close(store);
}

static void what_is_missing_is_named_before_the_work(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_feature_store *store = make_store();
    make_memory("again", memories[0].head);
    opened o = open_model("again");
    ask_by_features *b = ask_by_features_open(o.session, store, NULL, &err);
    CHECK_OK(b, &err);
    const ask_answerer a = ask_by_features_answerer(b);
    ask_eval_item item = about(NULL, ASK_DATA_CHOICE, "q1");
    CHECK_OK(a.check(a.user, &item, &err), &err);
    item.record.n_options = 2;
    assert_false(a.check(a.user, &item, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "among 3 options, and question q1 has 2"));
    item.record.n_options = 3;
    item.record.features = "Interaction_T1_13"; // those of its video do as well
    CHECK_OK(a.check(a.user, &item, &err), &err);
    item.record.video = "elsewhere";
    assert_false(a.check(a.user, &item, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_non_null(strstr(err.message, "no features of \"Interaction_T1_13\""));
    ask_by_features_close(b);
    close_model(&o);
    o = open_model("color");
    assert_null(ask_by_features_open(o.session, store, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    close_model(&o);
    ask_feature_store_close(store);
}

/* Features of the video "w" that no model can have; the first video's are as they were. */
static void write_bad(const char *name, int width, const char *model_id)
{
    ask_error err = {0};
    float data[N_FRAMES * 2 * WIDTH] = {0};
    const ask_feature_file file = frames_of("w.mp4", model_id, width, data);
    remove(test_path(dir, "store/w.npy"));
    if (model_id) {
        CHECK_OK(ask_feature_file_write(test_path(dir, "store/w.safetensors"), &file, &err),
                 &err);
        return;
    }
    if (strcmp(name, "NaN") == 0) data[WIDTH] = NAN;
    CHECK_OK(ask_npy_write(test_path(dir, "store/w.npy"), ASK_NPY_F4, 2,
                           (int64_t[]){N_FRAMES, width}, data, &err),
             &err);
}

static void bad_features_of_a_later_video_are_found_before_the_work(void **state)
{
    (void)state;
    static const struct {
        const char *name, *model_id, *message;
        int width;
        ask_error_code code;
    } cases[] = {
        {"NaN", NULL, "store: key \"w\": row 1, column 0 is NaN; make these features again",
         WIDTH, ASK_ERR_FORMAT},
        {"another width", NULL,
         "store: key \"w\": rows of 24 numbers, but 12 are expected; make them", 2 * WIDTH,
         ASK_ERR_SHAPE},
        {"another model", "theirs",
         "store: key \"w\": features of model theirs, but those of ours are expected",
         WIDTH, ASK_ERR_UNSUPPORTED},
    };
    make_memory("strict", memories[0].head);
    opened o = open_model("strict");
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_feature_store_options opt = ask_feature_store_defaults();
        opt.width = WIDTH;
        opt.model_id = "ours";
        ask_feature_store_close(make_store());
        write_bad(cases[i].name, cases[i].width, cases[i].model_id);
        ask_feature_store *store =
            ask_feature_store_open(test_path(dir, "store"), &opt, &err);
        CHECK_OK(store, &err);
        ask_by_features *b = ask_by_features_open(o.session, store, NULL, &err);
        CHECK_OK(b, &err);
        const ask_answerer a = ask_by_features_answerer(b);
        ask_eval_item item = about(NULL, ASK_DATA_CHOICE, "What opens first?");
        CHECK_OK(a.check(a.user, &item, &err), &err);
        item.record.video = "w";
        CHECK_CASE(cases[i].name, !a.check(a.user, &item, &err));
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("%s: %s", cases[i].name, err.message);
        ask_by_features_close(b);
        ask_feature_store_close(store);
        remove(test_path(dir, "store/w.safetensors"));
    }
    close_model(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_choice_is_answered_with_its_evidence),
        cmocka_unit_test(a_query_gets_moments_and_scores_of_clips),
        cmocka_unit_test(a_video_that_cannot_be_read_is_told_by_its_questions),
        cmocka_unit_test(a_memory_answers_as_its_head_does),
        cmocka_unit_test(what_comes_after_the_part_is_not_seen),
        cmocka_unit_test(a_part_of_features_without_times_is_refused),
        cmocka_unit_test(classes_are_called_as_the_question_calls_them),
        cmocka_unit_test(frames_are_shuffled_by_the_seed),
        cmocka_unit_test(what_is_missing_is_named_before_the_work),
        cmocka_unit_test(bad_features_of_a_later_video_are_found_before_the_work),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
