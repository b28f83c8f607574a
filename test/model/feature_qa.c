/* Questions about features: what is answered, what is told beside it, and what is refused.
 *
 * The models here are random: what is tested is that the network is asked rightly, which a
 * graph that is built by hand can tell. */
#include "model/feature_qa.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/str.h"
#include "model/glance_focus_priv.h"
#include "model/init.h"
#include "model/model_priv.h"
#include "support/tensors.h"

enum { N_FRAMES = 8, WIDTH = 12, N_EVENTS = 5, N_CLASSES = 6, N_OPTIONS = 3 };

static char *dir; // with a model of each kind

/* ---- models ---- */

typedef enum { OPTIONS, VOCABULARY, COUNT, MOMENT, RELEASED, N_KINDS } kind;

static const char *const names[N_KINDS] = {"options", "vocabulary", "count", "moment",
                                           "released"};
static const char *const heads[N_KINDS] = {
    "\"head\": \"options\", \"num_options\": 3, \"option_joint\": \" [SEP] \"",
    "\"head\": \"vocabulary\", \"output_dim\": 4, \"frame_positions\": \"sine\","
    " \"features\": {\"model_id\": \"abc\", \"layout\": \"clips\"}",
    "\"head\": \"count\"",
    "\"head\": \"moment\", \"spans\": \"start_end\"",
    "\"head\": \"options\", \"num_options\": 3, \"compat\": \"released\"",
};

#define SIZES                                                                              \
    "\"model_type\": \"glance_focus\", \"d_model\": 16, \"nhead\": 2, \"num_layers\": 2, " \
    "\"dim_feedforward\": 20, \"num_queries\": 5, \"feature_dim\": 12, \"max_feats\": 8, " \
    "\"event_pred_dim\": 7, \"text_encoder\": {\"model_type\": \"roberta\", "              \
    "\"vocab_size\": 423, \"hidden_size\": 16, \"num_hidden_layers\": 1, "                 \
    "\"num_attention_heads\": 2, \"intermediate_size\": 24, "                              \
    "\"max_position_embeddings\": 60, \"type_vocab_size\": 1}"

static void make_model(const char *path, const char *head)
{
    ask_error err = {0};
    char text[1024];
    const char *config = test_path(dir, "made.json");
    snprintf(text, sizeof text, "{%s, %s}", head, SIZES);
    test_write_text(config, text);
    const ask_model_init_options opt = {
        .seed = 5, .tokenizer = test_fixture("golden/tokenizer_roberta")};
    CHECK_OK(ask_model_init(path, config, &opt, &err), &err);
}

static int make_models(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    for (int k = 0; k < N_KINDS; k++) make_model(test_path(dir, names[k]), heads[k]);
    return 0;
}

static int remove_models(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

/* A model with a session. */
typedef struct {
    ask_model *model;
    ask_session *session;
} opened;

static opened open_path(const char *path)
{
    ask_error err = {0};
    opened o = {.model = ask_model_open(path, NULL, &err)};
    CHECK_OK(o.model, &err);
    o.session = ask_session_open(o.model, &err);
    CHECK_OK(o.session, &err);
    return o;
}

static opened open_kind(kind k)
{
    return open_path(test_path(dir, names[k]));
}

static void close_opened(opened *o)
{
    ask_session_close(o->session);
    ask_model_close(o->model);
}

/* ---- questions ---- */

enum { MOST_ROWS = 4 * N_FRAMES };

static void draw_features(float *out, int n_rows, uint64_t seed)
{
    ask_rng rng = ask_rng_new(seed);
    for (int i = 0; i < n_rows * WIDTH; i++) out[i] = 4 * ask_rng_float(&rng) - 2;
}

static const char *const options[N_OPTIONS] = {"a dog", "the small red door", "nothing"};

static ask_feature_question question_of(kind k, const float *features, int n_frames)
{
    bool has_options = k == OPTIONS || k == RELEASED;
    return (ask_feature_question){.features = features,
                                  .n_frames = n_frames,
                                  .width = WIDTH,
                                  .question = "What opens the door first?",
                                  .options = has_options ? options : NULL,
                                  .n_options = has_options ? N_OPTIONS : 0};
}

static ask_feature_answer answer_of(const opened *o, const ask_feature_question *q)
{
    ask_error err = {0};
    ask_feature_answer a;
    CHECK_OK(ask_answer_features(&a, o->session, q, NULL, &err), &err);
    return a;
}

static double sum_of(const double *x, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i];
    return sum;
}

static void check_same(const ask_feature_answer *a, const ask_feature_answer *b)
{
    assert_int_equal(a->n_scores, b->n_scores);
    assert_int_equal(a->n_frames, b->n_frames);
    assert_int_equal(a->best, b->best);
    size_t n_events = (size_t)a->n_events, number = sizeof(double);
    assert_memory_equal(a->scores, b->scores, (size_t)a->n_scores * number);
    assert_memory_equal(a->event_weights, b->event_weights, n_events * number);
    assert_memory_equal(a->frame_weights, b->frame_weights, (size_t)a->n_frames * number);
    for (size_t i = 0; i < n_events; i++) {
        assert_true(a->events[i].start == b->events[i].start);
        assert_true(a->events[i].end == b->events[i].end);
        assert_true(a->events[i].confidence == b->events[i].confidence);
        assert_int_equal(a->events[i].class_index, b->events[i].class_index);
    }
}

/* ---- what a model is asked for ---- */

static void what_a_model_takes_and_gives_is_told(void **state)
{
    (void)state;
    static const struct {
        kind k;
        ask_qa_kind kind;
        int n_options, n_answers;
    } cases[] = {
        {OPTIONS, ASK_QA_OPTIONS, 3, 0},
        {VOCABULARY, ASK_QA_VOCABULARY, 0, 4},
        {COUNT, ASK_QA_COUNT, 0, 0},
        {MOMENT, ASK_QA_MOMENT, 0, 0},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        opened o = open_kind(cases[i].k);
        ask_feature_qa_info info;
        CHECK_OK(ask_feature_qa_info_of(&info, o.model, &err), &err);
        assert_int_equal(info.kind, cases[i].kind);
        assert_int_equal(info.n_options, cases[i].n_options);
        assert_int_equal(info.n_answers, cases[i].n_answers);
        assert_int_equal(info.width, WIDTH);
        assert_int_equal(info.n_frames, N_FRAMES);
        assert_int_equal(info.n_events, N_EVENTS);
        assert_int_equal(info.n_classes, N_CLASSES);
        assert_null(info.answers);
        assert_null(info.classes);
        assert_true(info.video_gflop > 0 && info.text_gflop > 0);
        if (cases[i].k == VOCABULARY) {
            assert_string_equal(info.features, "abc");
            assert_string_equal(info.features_layout, "clips");
        } else {
            assert_null(info.features);
            assert_null(info.features_layout);
        }
        close_opened(&o);
    }
}

static void other_networks_answer_no_such_questions(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_feature_qa_info info;
    opened o = open_path(test_fixture("golden/bert"));
    assert_false(ask_feature_qa_info_of(&info, o.model, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "bert answers no questions about features"));
    float features[WIDTH] = {0};
    const ask_feature_question q = question_of(COUNT, features, 1);
    ask_feature_answer a;
    assert_false(ask_answer_features(&a, o.session, &q, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    close_opened(&o);

    o = open_kind(COUNT);
    float out[64];
    assert_false(ask_embed_texts(o.session, out, (const char *[]){"a dog"}, 1, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "glance_focus embeds no texts"));
    close_opened(&o);
}

/* ---- the same as a graph that is built by hand ---- */

/* All texts of a question, with no more padding than they make, and its frames alone. */
typedef struct {
    float *answer, *classes, *spans;
    int64_t *order;
    int64_t n_answer;
} by_hand;

static char *text_of(const ask_feature_question *q, int i, const char *joint)
{
    ask_str s = {0};
    ask_str_append(&s, q->question);
    if (q->n_options) ask_str_printf(&s, "%s%s", joint, q->options[i]);
    return ask_str_take(&s, NULL);
}

static by_hand compute(opened *o, const ask_feature_question *q)
{
    ask_error err = {0};
    const glance_focus_model *m = o->model->net;
    by_hand h = {0};
    int n_texts = q->n_options ? q->n_options : 1, longest = 0;
    ask_tokens tokens[N_OPTIONS] = {{0}};
    for (int i = 0; i < n_texts; i++) {
        char *text = text_of(q, i, m->option_joint);
        const ask_tokenizer *t = model_tokenizer(o->model, &err);
        CHECK_OK(t && ask_tokenizer_encode(t, text, NULL, true, &tokens[i], &err), &err);
        if (tokens[i].n > longest) longest = tokens[i].n;
        free(text);
    }
    int64_t ids[N_OPTIONS * 64];
    uint8_t mask[N_OPTIONS * 64];
    for (int i = 0; i < n_texts * longest; i++) {
        const ask_tokens *t = &tokens[i / longest];
        mask[i] = i % longest < t->n;
        ids[i] = mask[i] ? t->tokens[i % longest].id : m->focus.config.text.pad_id;
    }
    for (int i = 0; i < n_texts; i++) ask_tokens_free(&tokens[i]);

    ask_graph *g = test_graph();
    ask_tensor *features = INPUT(g, 1, q->n_frames, WIDTH);
    ask_tensor *t_ids = INPUT_I64(g, n_texts, longest);
    ask_tensor *t_mask = ask_input(g, ASK_BOOL, DIMS(n_texts, longest));
    ask_glance glance;
    ask_focus focus;
    ask_glance_build(&glance, g, &m->focus, features, NULL, NULL);
    const ask_bert_input texts = {.ids = t_ids, .mask = t_mask};
    ask_tensor *text = ask_focus_text(g, &m->focus, &texts);
    ask_focus_build(&focus, g, &m->focus, &glance, text, t_mask, NULL);
    ask_tensor *out[4] = {focus.answer, glance.class_logits, glance.spans, glance.order};
    for (int i = 0; i < 4; i++) ask_keep(g, out[i]);
    test_plan(g, o->model->backend);
    test_put(features, q->features);
    test_put(t_ids, ids);
    test_put(t_mask, mask);
    test_run(g);
    h.n_answer = ask_tensor_count(out[0]);
    h.answer = test_get(out[0]);
    h.classes = test_get(out[1]);
    h.spans = test_get(out[2]);
    h.order = test_get(out[3]);
    ask_graph_free(g);
    return h;
}

static void free_by_hand(by_hand *h)
{
    free(h->answer);
    free(h->classes);
    free(h->spans);
    free(h->order);
}

static void check_scores(const char *name, const by_hand *h, const ask_feature_answer *a,
                         kind k)
{
    if (k == COUNT) {
        assert_int_equal(a->n_scores, 1);
        assert_true(fabs(a->scores[0] - h->answer[0]) < 1e-5);
        assert_int_equal(a->best, (int)fmax(0, lround(a->scores[0])));
        return;
    }
    assert_int_equal(a->n_scores, h->n_answer);
    double sum = 0;
    for (int i = 0; i < a->n_scores; i++) sum += exp(h->answer[i]);
    for (int i = 0; i < a->n_scores; i++) {
        double expected = h->answer[i] - log(sum);
        if (fabs(a->scores[i] - expected) > 1e-5)
            fail_msg("%s: score %d is %g, not %g", name, i, a->scores[i], expected);
        assert_true(a->scores[i] <= a->scores[a->best]);
    }
}

static void check_events(const by_hand *h, const ask_feature_answer *a, bool are_ends)
{
    assert_int_equal(a->n_events, N_EVENTS);
    for (int i = 0; i < N_EVENTS; i++) {
        const ask_feature_event *e = &a->events[i];
        const float *span = h->spans + 2 * h->order[i];
        const float *logits = h->classes + (N_CLASSES + 1) * h->order[i];
        double from = are_ends ? fminf(span[0], span[1]) : span[0] - span[1] / 2;
        double to = are_ends ? fmaxf(span[0], span[1]) : span[0] + span[1] / 2;
        assert_true(fabs(e->start - fmax(from, 0)) < 1e-5);
        assert_true(fabs(e->end - fmin(to, 1)) < 1e-5);
        assert_true(0 <= e->start && e->start <= e->end && e->end <= 1);
        double sum = 0;
        for (int c = 0; c <= N_CLASSES; c++) {
            sum += exp(logits[c] - logits[e->class_index]);
            assert_true(logits[c] <= logits[e->class_index] + 1e-5);
        }
        assert_true(fabs(e->confidence - 1 / sum) < 1e-5);
        if (i > 0) assert_true(h->spans[2 * h->order[i - 1]] <= span[0]);
    }
}

/* The paper's network sees no padding, neither of frames nor of texts; the authors' sees
 * that of texts, so it gets no more of it than options make, and here no frames are
 * missing. */
static void answers_are_those_of_the_network(void **state)
{
    (void)state;
    float features[MOST_ROWS * WIDTH];
    draw_features(features, MOST_ROWS, 11);
    for (int k = 0; k < N_KINDS; k++) {
        for (int n = k == RELEASED ? N_FRAMES : 1; n <= N_FRAMES; n += 3) {
            opened o = open_kind((kind)k);
            const ask_feature_question q = question_of((kind)k, features, n);
            ask_feature_answer a = answer_of(&o, &q);
            by_hand h = compute(&o, &q);
            check_scores(names[k], &h, &a, (kind)k);
            check_events(&h, &a, k == MOMENT);
            assert_int_equal(a.n_frames, n);
            assert_true(fabs(sum_of(a.event_weights, N_EVENTS) - 1) < 1e-12);
            assert_true(fabs(sum_of(a.frame_weights, n) - 1) < 1e-12);
            for (int i = 0; i < n; i++) assert_true(a.frame_weights[i] > 0);
            free_by_hand(&h);
            ask_feature_answer_free(&a);
            assert_null(a.scores);
            close_opened(&o);
        }
    }
}

/* A text of fewer tokens than there are prompts: the authors' tail reaches into these. */
static void the_authors_tail_is_told_with_short_texts(void **state)
{
    (void)state;
    float features[N_FRAMES * WIDTH];
    draw_features(features, N_FRAMES, 12);
    opened o = open_kind(RELEASED);
    ask_feature_question q = question_of(RELEASED, features, N_FRAMES);
    q.question = "a";
    q.options = (const char *const[]){"", "", ""};
    ask_feature_answer a = answer_of(&o, &q);
    assert_true(fabs(sum_of(a.event_weights, N_EVENTS) - 1) < 1e-12);
    for (int i = 0; i < N_EVENTS; i++) assert_true(a.event_weights[i] > 0);
    assert_true(a.scores[0] == a.scores[1] && a.best == 0); // all are the same
    ask_feature_answer_free(&a);
    close_opened(&o);
}

/* ---- what does not change an answer, and what does ---- */

static void the_same_question_gives_the_same_bits(void **state)
{
    (void)state;
    float features[MOST_ROWS * WIDTH];
    draw_features(features, MOST_ROWS, 13);
    opened o = open_kind(OPTIONS);
    const ask_feature_question q = question_of(OPTIONS, features, 5);
    ask_feature_answer first = answer_of(&o, &q);
    for (int i = 0; i < 3; i++) { // others, of the same and other lengths
        ask_feature_question other = question_of(OPTIONS, features + i * WIDTH, 9);
        if (i == 2)
            other.question = "What happens after the door was opened by a "
                             "dog?";
        ask_feature_answer a = answer_of(&o, &other);
        assert_true(a.scores[0] != first.scores[0]);
        ask_feature_answer_free(&a);
    }
    ask_feature_answer again = answer_of(&o, &q);
    check_same(&first, &again);
    ask_feature_answer_free(&again);
    close_opened(&o);
    o = open_kind(OPTIONS);
    again = answer_of(&o, &q);
    check_same(&first, &again);
    ask_feature_answer_free(&again);
    ask_feature_answer_free(&first);
    close_opened(&o);
}

static void options_are_scored_wherever_they_stand(void **state)
{
    (void)state;
    float features[N_FRAMES * WIDTH];
    draw_features(features, N_FRAMES, 14);
    opened o = open_kind(OPTIONS);
    ask_feature_question q = question_of(OPTIONS, features, N_FRAMES);
    ask_feature_answer a = answer_of(&o, &q);
    q.options = (const char *const[]){options[2], options[0], options[1]};
    ask_feature_answer b = answer_of(&o, &q);
    assert_true(b.scores[0] == a.scores[2] && b.scores[1] == a.scores[0] &&
                b.scores[2] == a.scores[1]);
    assert_int_equal(b.best, (a.best + 1) % 3);
    assert_memory_equal(a.event_weights, b.event_weights, N_EVENTS * sizeof(double));
    assert_true(a.scores[0] != a.scores[1] && a.scores[1] != a.scores[2]);
    ask_feature_answer_free(&a);
    ask_feature_answer_free(&b);
    close_opened(&o);
}

/* Of 3 T frames every third is looked at. */
static void long_videos_are_thinned(void **state)
{
    (void)state;
    float few[N_FRAMES * WIDTH], many[3 * N_FRAMES * WIDTH];
    draw_features(few, N_FRAMES, 15);
    draw_features(many, 3 * N_FRAMES, 16);
    for (int i = 0; i < N_FRAMES; i++)
        memcpy(many + 3 * i * WIDTH, few + i * WIDTH, WIDTH * sizeof *few);
    opened o = open_kind(VOCABULARY);
    const ask_feature_question short_one = question_of(VOCABULARY, few, N_FRAMES);
    const ask_feature_question long_one = question_of(VOCABULARY, many, 3 * N_FRAMES);
    ask_feature_answer a = answer_of(&o, &short_one), b = answer_of(&o, &long_one);
    assert_memory_equal(a.scores, b.scores, 4 * sizeof(double));
    assert_int_equal(b.n_frames, 3 * N_FRAMES);
    for (int i = 0; i < 3 * N_FRAMES; i++)
        assert_true(b.frame_weights[i] == (i % 3 ? 0 : a.frame_weights[i / 3]));
    ask_feature_answer_free(&a);
    ask_feature_answer_free(&b);
    close_opened(&o);
}

static void blind_answers_depend_on_words_alone(void **state)
{
    (void)state;
    float features[N_FRAMES * WIDTH], zeros[N_FRAMES * WIDTH] = {0};
    draw_features(features, N_FRAMES, 17);
    opened o = open_kind(OPTIONS);
    ask_feature_question q = question_of(OPTIONS, features, 3);
    ask_feature_answer seeing = answer_of(&o, &q);
    q.blind = true;
    ask_feature_answer a = answer_of(&o, &q);
    q = question_of(OPTIONS, NULL, 0);
    q.blind = true;
    ask_feature_answer b = answer_of(&o, &q);
    q = question_of(OPTIONS, zeros, N_FRAMES);
    ask_feature_answer c = answer_of(&o, &q);
    assert_true(seeing.scores[0] != a.scores[0]);
    assert_memory_equal(a.scores, b.scores, N_OPTIONS * sizeof(double));
    assert_memory_equal(a.scores, c.scores, N_OPTIONS * sizeof(double));
    assert_int_equal(a.n_frames, 3);
    for (int i = 0; i < 3; i++) assert_true(fabs(a.frame_weights[i] - 1.0 / 3) < 1e-12);
    assert_int_equal(b.n_frames, 0);
    ask_feature_answer_free(&seeing);
    ask_feature_answer_free(&a);
    ask_feature_answer_free(&b);
    ask_feature_answer_free(&c);
    close_opened(&o);
}

/* ---- what is refused ---- */

static void nan_feature(ask_feature_question *q, float *features)
{
    (void)q;
    features[2 * WIDTH + 7] = NAN;
}

static void infinite_feature(ask_feature_question *q, float *features)
{
    (void)q;
    features[0] = -INFINITY;
}

static void other_width(ask_feature_question *q, float *features)
{
    (void)features;
    q->width = 11;
}

static void no_frames(ask_feature_question *q, float *features)
{
    (void)features;
    q->n_frames = 0;
}

static void no_question(ask_feature_question *q, float *features)
{
    (void)features;
    q->question = "";
}

static void fewer_options(ask_feature_question *q, float *features)
{
    (void)features;
    q->n_options = 2;
}

static void no_options(ask_feature_question *q, float *features)
{
    (void)features;
    q->options = NULL;
}

static char long_text[600];

static void long_option(ask_feature_question *q, float *features)
{
    (void)features;
    static const char *texts[N_OPTIONS] = {"a", long_text, "b"};
    for (size_t i = 0; i + 1 < sizeof long_text; i++) long_text[i] = i % 4 ? 'x' : ' ';
    q->options = texts;
}

static void bad_text(ask_feature_question *q, float *features)
{
    (void)features;
    q->question = "\xff what?";
}

static void questions_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const struct {
        void (*change)(ask_feature_question *q, float *features);
        ask_error_code code;
        const char *message;
    } cases[] = {
        {nan_feature, ASK_ERR_FORMAT, "features: row 2, column 7 is NaN"},
        {infinite_feature, ASK_ERR_FORMAT, "features: row 0, column 0 is infinite"},
        {other_width, ASK_ERR_SHAPE, "features of 11 numbers, but the model takes 12"},
        {no_frames, ASK_ERR_SHAPE, "the video has no features"},
        {no_question, ASK_ERR_USAGE, "there is no question"},
        {fewer_options, ASK_ERR_USAGE, "2 options, but the model takes 3"},
        {no_options, ASK_ERR_USAGE, "0 options, but the model takes 3"},
        {long_option, ASK_ERR_LIMIT, "the model takes 58"},
        {bad_text, ASK_ERR_FORMAT, "UTF-8"},
    };
    opened o = open_kind(OPTIONS);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        float features[4 * WIDTH];
        draw_features(features, 4, 18);
        ask_feature_question q = question_of(OPTIONS, features, 4);
        cases[i].change(&q, features);
        ask_error err = {0};
        ask_feature_answer a = {.n_scores = 77};
        assert_false(ask_answer_features(&a, o.session, &q, NULL, &err));
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("expected \"%s\", got %d: \"%s\"", cases[i].message, err.code,
                     err.message);
        assert_int_equal(a.n_scores, 77); // untouched
    }
    close_opened(&o);
}

static void a_raised_flag_stops_it(void **state)
{
    (void)state;
    float features[WIDTH] = {0};
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    opened o = open_kind(COUNT);
    const ask_feature_question q = question_of(COUNT, features, 1);
    ask_error err = {0};
    ask_feature_answer a;
    assert_false(ask_answer_features(&a, o.session, &q, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    close_opened(&o);
}

static void a_folder_without_tokenizer_answers_nothing(void **state)
{
    (void)state;
    float features[12] = {0};
    opened o = open_path(test_fixture("golden/glance_focus_paper"));
    ask_feature_question q = {.features = features,
                              .n_frames = 1,
                              .width = 12,
                              .question = "what?",
                              .options = (const char *const[]){"a", "b", "c", "d"},
                              .n_options = 4};
    ask_error err = {0};
    ask_feature_answer a;
    assert_false(ask_answer_features(&a, o.session, &q, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "there is no tokenizer.json"));
    close_opened(&o);
}

/* ---- folders ---- */

static void lists_are_read(void **state)
{
    (void)state;
    const char *path = test_path(dir, "listed");
    make_model(path, heads[VOCABULARY]);
    opened o = open_path(path);
    char id[65];
    snprintf(id, sizeof id, "%s", ask_model_info_of(o.model).id);
    close_opened(&o);

    test_write_text(test_path(path, "answers.json"), "[\"yes\", \"no\", \"red\", \"two\"]");
    test_write_text(test_path(path, "action_mapping.txt"),
                    "c0 to fall\nc1 to rise\r\nc2 x\nc3 y\nc4 z\nc5 the last one");
    o = open_path(path);
    ask_error err = {0};
    ask_feature_qa_info info;
    CHECK_OK(ask_feature_qa_info_of(&info, o.model, &err), &err);
    assert_string_equal(info.answers[0], "yes");
    assert_string_equal(info.answers[3], "two");
    assert_string_equal(info.classes[0], "to fall");
    assert_string_equal(info.classes[1], "to rise");
    assert_string_equal(info.classes[5], "the last one");
    assert_string_not_equal(ask_model_info_of(o.model).id, id); // they change answers
    close_opened(&o);

    // As the authors count it, with one class more than the network has.
    test_write_text(test_path(path, "action_mapping.txt"),
                    "c0 \nc1 b\nc2 c\nc3 d\nc4 e\nc5 f\nc6 g\n"); // a name may be empty
    o = open_path(path);
    CHECK_OK(ask_feature_qa_info_of(&info, o.model, &err), &err);
    assert_int_equal(info.n_classes, N_CLASSES);
    assert_string_equal(info.classes[5], "f");
    close_opened(&o);
    remove(test_path(path, "answers.json"));
    remove(test_path(path, "action_mapping.txt"));
}

static void lists_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *file, *text, *message;
    } cases[] = {
        {"answers.json", "[\"yes\", \"no\"]",
         "answers.json: 2 answers, but the network tells 4 apart"},
        {"answers.json", "{\"yes\": 1}", "answers.json: expected a list of answers"},
        {"answers.json", "[\"yes\", 1, \"a\", \"b\"]", "answers.json: "},
        {"answers.json", "[\"yes\"", "answers.json:1:"},
        {"action_mapping.txt", "c0 a\nc1 b\n",
         "action_mapping.txt: 2 classes, but the network has 6 and the background"},
        {"action_mapping.txt", "c0 a\nc1\n", "action_mapping.txt:2: expected an id"},
        {"action_mapping.txt", "", "action_mapping.txt: 0 classes"},
    };
    const char *path = test_path(dir, "unfit");
    make_model(path, heads[VOCABULARY]);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char file[512];
        snprintf(file, sizeof file, "%s", test_path(path, cases[i].file));
        test_write_text(file, cases[i].text);
        ask_error err = {0};
        assert_null(ask_model_open(path, NULL, &err));
        assert_int_equal(err.code, ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].message))
            fail_msg("expected \"%s\", got \"%s\"", cases[i].message, err.message);
        remove(file);
    }
}

static void a_configuration_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *message; // keys stand before the others, which come again
    } cases[] = {
        {"\"head\": \"guess\"", "key \"head\": \"guess\" is not known"},
        {"\"head\": \"vocabulary\", \"output_dim\": 0", "key \"output_dim\": "},
        {"\"spans\": \"middle\"",
         "key \"spans\": \"middle\" is not known; \"centre_width\" "
         "and \"start_end\" are"},
        {"\"spans\": 3", "key \"spans\": "},
        {"\"option_joint\": \"0123456789012345678901234567890123456789\"",
         "key \"option_joint\": longer than 31 bytes"},
        {"\"features\": []", "key \"features\": "},
        {"\"features\": {\"layout\": 2}", "key \"features.layout\": "},
        {"\"loss_weights\": {\"loss_l1\": -1}", "key \"loss_weights.loss_l1\": "},
        {"\"compat\": \"both\"", "key \"compat\": "},
        {"\"compat\": {\"tail_memory\": 1}", "key \"compat.tail_memory\": "},
        {"\"frame_positions\": \"wave\"", "key \"frame_positions\": "},
        {"\"memory\": 1", "key \"memory\": "},
        {"\"dropout\": 2", "key \"dropout\": "},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char text[1024];
        const char *config = test_path(dir, "refused.json");
        snprintf(text, sizeof text, "{%s, %s}", cases[i].keys, SIZES);
        test_write_text(config, text);
        ask_error err = {0};
        assert_false(ask_model_init(test_path(dir, "refused"), config, NULL, &err));
        assert_int_equal(err.code, ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].message) || !strstr(err.message, "refused.json"))
            fail_msg("expected \"%s\", got \"%s\"", cases[i].message, err.message);
    }
}

/* Weights that are damaged. */
static void weights_that_give_no_numbers_are_told(void **state)
{
    (void)state;
    const char *path = test_path(dir, "damaged");
    make_model(path, heads[COUNT]);
    const char *file = test_path(path, "model.safetensors");
    size_t n_bytes;
    char *bytes = test_read(file, &n_bytes);
    const float nan = NAN;
    for (size_t i = n_bytes - 4000; i < n_bytes; i += 4) memcpy(bytes + i, &nan, 4);
    test_write(file, bytes, n_bytes);
    free(bytes);
    float features[WIDTH] = {0};
    opened o = open_path(path);
    const ask_feature_question q = question_of(COUNT, features, 1);
    ask_error err = {0};
    ask_feature_answer a;
    assert_false(ask_answer_features(&a, o.session, &q, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "its weights are damaged"));
    close_opened(&o);
}

/* ---- memory ---- */

static bool answer_once(void *user, ask_error *err)
{
    static const ask_model_options one_thread = {.n_threads = 1}; // nobody waits for others
    float features[2 * WIDTH];
    draw_features(features, 2, 19);
    const ask_feature_question q = question_of(VOCABULARY, features, 2);
    ask_feature_answer a = {0};
    ask_model *m = ask_model_open(user, &one_thread, err);
    ask_session *s = m ? ask_session_open(m, err) : NULL;
    bool ok = s && ask_answer_features(&a, s, &q, NULL, err);
    ask_feature_answer_free(&a);
    ask_session_close(s);
    ask_model_close(m);
    return ok;
}

static void answering_survives_every_failing_allocation(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", test_path(dir, "alloc"));
    make_model(path, heads[VOCABULARY]);
    test_write_text(test_path(path, "answers.json"), "[\"yes\", \"no\", \"red\", \"two\"]");
    test_write_text(test_path(path, "action_mapping.txt"),
                    "0 a\n1 b\n2 c\n3 d\n4 e\n5 f\n");
    assert_true(test_each_alloc_fails("answer", answer_once, path) > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_model_takes_and_gives_is_told),
        cmocka_unit_test(other_networks_answer_no_such_questions),
        cmocka_unit_test(answers_are_those_of_the_network),
        cmocka_unit_test(the_authors_tail_is_told_with_short_texts),
        cmocka_unit_test(the_same_question_gives_the_same_bits),
        cmocka_unit_test(options_are_scored_wherever_they_stand),
        cmocka_unit_test(long_videos_are_thinned),
        cmocka_unit_test(blind_answers_depend_on_words_alone),
        cmocka_unit_test(questions_that_make_no_sense_are_refused),
        cmocka_unit_test(a_raised_flag_stops_it),
        cmocka_unit_test(a_folder_without_tokenizer_answers_nothing),
        cmocka_unit_test(lists_are_read),
        cmocka_unit_test(lists_that_do_not_fit_are_refused),
        cmocka_unit_test(a_configuration_that_makes_no_sense_is_refused),
        cmocka_unit_test(weights_that_give_no_numbers_are_told),
        cmocka_unit_test(answering_survives_every_failing_allocation),
    };
    return cmocka_run_group_tests_name("feature_qa", tests, make_models, remove_models);
}
