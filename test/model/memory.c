/* Memories of videos and questions about them: what is kept, what is answered, and what is
 * refused.
 *
 * The model here is random: what is tested is that its network is asked rightly, which a
 * graph that is built by hand can tell. */
#include "model/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/model_priv.h"
#include "support/checkpoint.h"
#include "support/tensors.h"
#include "support/tiny_timeline.h"

enum { N_SIGHTS = TINY_FRAMES * TINY_SIGHTS, N_ANSWERS = 90 };

static char *dir;      // of all tests
static char path[512]; // of the model, with answers of its own
static char answers[N_ANSWERS][32];
static const char *answer_texts[N_ANSWERS];

/* ---- the model ---- */

/* More than fit into one batch, of different lengths. */
static void make_answers(void)
{
    static const char *const parts[] = {"red", "a dog", "nothing", "it jumps now"};
    for (int i = 0; i < N_ANSWERS; i++) {
        snprintf(answers[i], sizeof answers[i], "%s %d", parts[i % 4], i);
        answer_texts[i] = answers[i];
    }
    snprintf(answers[2], sizeof answers[2], "nothing");
}

static void write_answers(const char *folder)
{
    ask_str s = {0};
    for (int i = 0; i < N_ANSWERS; i++)
        ask_str_printf(&s, "%s\"%s\"", i ? ", " : "[", answers[i]);
    ask_str_append(&s, "]");
    test_write_text(test_path(folder, "answers.json"), ask_str_text(&s));
    test_write_text(test_path(folder, "denials.json"), "[\"nothing\", \"nothing 6\"]");
    ask_str_free(&s);
}

static int make_model(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    snprintf(path, sizeof path, "%s", test_path(dir, "model"));
    make_answers();
    tiny_timeline_make(path);
    write_answers(path);
    return 0;
}

static int remove_model(void **state)
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

static opened open_path(const char *folder)
{
    ask_error err = {0};
    opened o = {.model = ask_model_open(folder, NULL, &err)};
    CHECK_OK(o.model, &err);
    o.session = ask_session_open(o.model, &err);
    CHECK_OK(o.session, &err);
    return o;
}

static void close_opened(opened *o)
{
    ask_session_close(o->session);
    ask_model_close(o->model);
}

static const ask_timeline *net_of(const opened *o)
{
    return &((const timeline_model *)o->model->net)->net;
}

/* ---- what is done with it ---- */

static ask_sights sights_of(const opened *o, int n, uint64_t seed)
{
    ask_error err = {0};
    ask_sights sights = {0};
    float *pixels = tiny_timeline_pixels(n, seed);
    CHECK_OK(ask_sights_add(&sights, o->session, pixels, n, NULL, &err), &err);
    free(pixels);
    return sights;
}

static ask_memory memory_of_sights(const opened *o, const ask_sights *sights,
                                   const bool *shown)
{
    ask_error err = {0};
    ask_memory m;
    CHECK_OK(ask_memory_make(&m, o->session, sights, shown, NULL, &err), &err);
    return m;
}

static ask_memory memory_of_seed(const opened *o, uint64_t seed)
{
    ask_sights sights = sights_of(o, TINY_FRAMES, seed);
    ask_memory m = memory_of_sights(o, &sights, NULL);
    ask_sights_free(&sights);
    return m;
}

static ask_recalled recall(const opened *o, const ask_memory *m, const char *question,
                           const char *const *options, int n_options)
{
    ask_error err = {0};
    ask_recalled r;
    CHECK_OK(ask_memory_recall(&r, o->session, m, question, options, n_options, NULL, &err),
             &err);
    return r;
}

static size_t sight_width(const opened *o)
{
    return (size_t)ask_sight_width(&net_of(o)->config.kinds);
}

static size_t record_width(const opened *o)
{
    return (size_t)ask_record_width(&net_of(o)->config.kinds);
}

/* ---- what a model tells ---- */

static void a_model_tells_what_it_remembers(void **state)
{
    (void)state;
    ask_error err = {0};
    opened o = open_path(path);
    ask_memory_info info;
    CHECK_OK(ask_memory_info_of(&info, o.model, &err), &err);
    assert_int_equal(info.n_frames, TINY_FRAMES);
    assert_int_equal(info.n_sights, TINY_SIGHTS);
    assert_int_equal(info.n_slots, TINY_SLOTS);
    assert_int_equal(info.n_events, TINY_EVENTS);
    assert_int_equal(info.n_tokens, TINY_TOKENS);
    assert_int_equal(info.n_answers, N_ANSWERS);
    for (int i = 0; i < N_ANSWERS; i++) {
        assert_string_equal(info.answers[i], answers[i]);
        assert_int_equal(info.denies[i], i == 2 || i == 6);
    }
    assert_true(info.frame_gflop > 0 && info.memory_gflop > 0 && info.answer_gflop > 0);
    close_opened(&o);
}

static void other_networks_remember_nothing(void **state)
{
    (void)state;
    opened o = open_path(test_fixture("golden/bert"));
    const ask_sights no_sights = {0};
    const ask_memory no_memory = {0};
    ask_memory_info info;
    ask_sights sights = {0};
    ask_memory memory;
    ask_recalled recalled;
    for (int i = 0; i < 4; i++) {
        ask_error err = {0};
        assert_false(i == 0   ? ask_memory_info_of(&info, o.model, &err)
                     : i == 1 ? ask_sights_add(&sights, o.session, NULL, 1, NULL, &err)
                     : i == 2
                         ? ask_memory_make(&memory, o.session, &no_sights, NULL, NULL, &err)
                         : ask_memory_recall(&recalled, o.session, &no_memory, "what?",
                                             NULL, 0, NULL, &err));
        assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
        assert_non_null(strstr(err.message, "bert has no memory of videos"));
    }
    close_opened(&o);
}

/* ---- frames ---- */

static void a_frame_has_the_same_bits_in_every_batch(void **state)
{
    (void)state;
    enum { N = 19 };
    opened o = open_path(path);
    float *pixels = tiny_timeline_pixels(N, 3);
    ask_sights whole = sights_of(&o, N, 3);
    assert_int_equal(whole.n, N);
    static const int pieces[] = {1, 2, 5, 8, 13};
    for (size_t k = 0; k < TEST_COUNT(pieces); k++) {
        ask_sights s = {0};
        for (int i = 0; i < N; i += pieces[k]) {
            ask_error err = {0};
            int n = N - i < pieces[k] ? N - i : pieces[k];
            CHECK_OK(ask_sights_add(&s, o.session, pixels + (size_t)i * TINY_PIXELS, n,
                                    NULL, &err),
                     &err);
        }
        assert_int_equal(s.n, N);
        assert_memory_equal(s.rows, whole.rows,
                            N * TINY_SIGHTS * sight_width(&o) * sizeof(float));
        assert_memory_equal(s.features, whole.features,
                            N * TINY_SIGHTS * 8 * sizeof(float));
        ask_sights_free(&s);
    }
    assert_true(ask_sights_add(&whole, o.session, pixels, 0, NULL, NULL));
    assert_int_equal(whole.n, N);
    free(pixels);
    ask_sights_free(&whole);
    assert_null(whole.rows);
    close_opened(&o);
}

static void sights_are_told_with_boxes_in_the_picture(void **state)
{
    (void)state;
    opened o = open_path(path);
    ask_sights s = sights_of(&o, 2, 4);
    // Of frame 1, thing 2; the fields stand as net/joint/timeline.h has them.
    float *row = s.rows + (1 * TINY_SIGHTS + 2) * sight_width(&o);
    static const struct {
        float x, y, width, height;
        ask_sight is;
    } cases[] = {
        {0.5f, 0.25f, 0.5f, 0.25f, {0.75, 0.25, 0.125, 0.5, 0.25}},
        {0.125f, 1, 0.5f, 0.25f, {0.75, 0, 0.875, 0.375, 0.125}}, // partly outside
        {2, 0.5f, 0.25f, 0.5f, {0.75, 1, 0.25, 0, 0.5}},          // outside
        {0.5f, 0.5f, -1, 0, {0.75, 0.5, 0.5, 0, 0}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        row[0] = 0.75f;
        memcpy(row + 1, &cases[i].x, 4 * sizeof *row);
        ask_sight sight = ask_sights_at(&s, o.model, 1, 2);
        assert_memory_equal(&sight, &cases[i].is, sizeof sight);
    }
    for (int k = 1; k < TINY_SIGHTS; k++) // the surest first
        assert_true(ask_sights_at(&s, o.model, 0, k).seen <=
                    ask_sights_at(&s, o.model, 0, k - 1).seen);
    ask_sights_free(&s);
    close_opened(&o);
}

/* ---- memories ---- */

/* The same memory as a graph that is built by hand. */
typedef struct {
    float *records, *toy_sights;
    int64_t *events;
    uint8_t *mask;
} by_hand;

static by_hand remember(const opened *o, const ask_sights *s, const bool *shown)
{
    uint8_t mask[N_SIGHTS];
    for (int i = 0; i < N_SIGHTS; i++) mask[i] = shown[i / TINY_SIGHTS];
    ask_graph *g = test_graph();
    const ask_timeline_sights in = {
        .sights = INPUT(g, 1, N_SIGHTS, (int64_t)sight_width(o)),
        .features = INPUT(g, 1, N_SIGHTS, 8),
        .mask = ask_input(g, ASK_BOOL, DIMS(1, N_SIGHTS)),
    };
    ask_timeline_memory m;
    ask_timeline_glance_build(&m, g, &net_of(o)->glance, &in, NULL);
    ask_tensor *out[] = {m.records, m.toy_sights, m.events, m.mask};
    for (size_t i = 0; i < TEST_COUNT(out); i++) ask_keep(g, out[i]);
    test_plan(g, o->model->backend);
    test_put(in.sights, s->rows);
    test_put(in.features, s->features);
    test_put(in.mask, mask);
    test_run(g);
    by_hand h = {test_get(out[0]), test_get(out[1]), test_get(out[2]), test_get(out[3])};
    ask_graph_free(g);
    return h;
}

static void free_by_hand(by_hand *h)
{
    free(h->records);
    free(h->toy_sights);
    free(h->events);
    free(h->mask);
}

static void check_shares(const ask_memory *m, const by_hand *h)
{
    for (int i = 0; i < m->n_slots; i++) {
        const float *shares = m->shares + i * N_SIGHTS;
        for (int k = 0; k < N_SIGHTS; k++) {
            float expected = !h->mask[i] ? 0
                             : i < TINY_EVENTS
                                 ? k == h->events[i]
                                 : h->toy_sights[(i - TINY_EVENTS) * N_SIGHTS + k];
            assert_true(fabsf(shares[k] - expected) < 1e-6f);
        }
    }
}

static const bool shown_parts[][TINY_FRAMES] = {
    {true, true, true, true, true, true},
    {true, true, true, false, false, false},
    {false, true, false, true, true, false},
    {false, false, true, false, false, false}, // fewer sights than event slots
};

static void a_memory_of_shown_frames_is_that_of_masked_sights(void **state)
{
    (void)state;
    opened o = open_path(path);
    ask_sights sights = sights_of(&o, TINY_FRAMES, 5);
    for (size_t k = 0; k < TEST_COUNT(shown_parts); k++) {
        const bool *shown = shown_parts[k];
        ask_memory m = memory_of_sights(&o, &sights, shown);
        by_hand h = remember(&o, &sights, shown);
        assert_int_equal(m.n_slots, TINY_SLOTS);
        assert_memory_equal(m.records, h.records,
                            TINY_SLOTS * record_width(&o) * sizeof(float));
        int n_there = 0;
        for (int i = 0; i < TINY_SLOTS; i++) {
            assert_int_equal(m.is_there[i], h.mask[i]);
            n_there += m.is_there[i];
        }
        assert_int_equal(n_there, k == 3 ? TINY_SIGHTS + TINY_TOYS : TINY_SLOTS);
        check_shares(&m, &h);
        free_by_hand(&h);
        ask_memory_free(&m);
        assert_null(m.records);
    }
    ask_sights_free(&sights);
    close_opened(&o);
}

static void all_frames_are_shown_where_nothing_is_said(void **state)
{
    (void)state;
    opened o = open_path(path);
    ask_sights sights = sights_of(&o, TINY_FRAMES, 6);
    ask_memory a = memory_of_sights(&o, &sights, NULL);
    ask_memory b = memory_of_sights(&o, &sights, shown_parts[0]);
    assert_memory_equal(a.records, b.records,
                        TINY_SLOTS * record_width(&o) * sizeof(float));
    ask_memory_free(&a);
    ask_memory_free(&b);
    ask_sights_free(&sights);
    close_opened(&o);
}

static bool is_name(const ask_timeline_config *c, ask_timeline_kind kind, const char *text)
{
    for (int i = 0; i < c->kinds.n_values[kind]; i++)
        if (strcmp(c->names[kind][i].name, text) == 0) return true;
    return false;
}

static void check_slot(const ask_timeline_config *c, const ask_memory_slot *slot,
                       bool event)
{
    assert_true(slot->confidence > 0 && slot->confidence <= 1);
    assert_true(slot->what_p > 0 && slot->what_p <= 1 + 1e-6);
    assert_true(0 <= slot->start && slot->start <= slot->end && slot->end <= 1);
    assert_true(is_name(c, ASK_KIND_OF_COLOR, slot->color));
    assert_true(is_name(c, ASK_KIND_OF_SHAPE, slot->shape));
    assert_true(is_name(c, ASK_KIND_OF_SIZE, slot->size));
    assert_true(is_name(c, ASK_KIND_OF_TEXTURE, slot->texture));
    assert_true(event ? is_name(c, ASK_KIND_OF_EVENT, slot->what) : !slot->what);
    bool pushes = slot->what && strcmp(slot->what, "pushes") == 0;
    bool turns = slot->what && strcmp(slot->what, "turns") == 0;
    assert_true(!slot->other_color == !pushes && !slot->other_shape == !pushes);
    if (pushes) assert_true(is_name(c, ASK_KIND_OF_COLOR, slot->other_color));
    if (pushes) assert_true(is_name(c, ASK_KIND_OF_SHAPE, slot->other_shape));
    if (turns) assert_non_null(slot->later_color);
    if (event && !turns) assert_null(slot->later_color);
    if (slot->later_color) assert_true(is_name(c, ASK_KIND_OF_COLOR, slot->later_color));
}

static void slots_are_told_in_the_names_of_the_configuration(void **state)
{
    (void)state;
    opened o = open_path(path);
    for (uint64_t seed = 0; seed < 20; seed++) {
        ask_memory m = memory_of_seed(&o, seed);
        for (int i = 0; i < TINY_SLOTS; i++) {
            check_slot(&net_of(&o)->config, &m.slots[i], i < TINY_EVENTS);
            double sum = 0;
            for (int k = 0; k < N_SIGHTS; k++) sum += m.shares[i * N_SIGHTS + k];
            assert_true(fabs(sum - 1) < 1e-6);
        }
        for (int i = 1; i < TINY_EVENTS; i++)
            assert_true(m.slots[i - 1].start <= m.slots[i].start);
        ask_memory_free(&m);
    }
    close_opened(&o);
}

/* A record that is written by hand. */
static void a_slot_says_what_is_likeliest_in_its_record(void **state)
{
    (void)state;
    opened o = open_path(path);
    const ask_timeline_kinds *k = &net_of(&o)->config.kinds;
    float record[64] = {0};
    const struct {
        ask_record_field field;
        int at;
        float value;
    } numbers[] = {
        {ASK_RECORD_CONFIDENCE, 0, 0.75f},  {ASK_RECORD_CLASS, 1, 0.625f},
        {ASK_RECORD_CLASS, 0, 0.375f},      {ASK_RECORD_COLOR, 2, 0.5f},
        {ASK_RECORD_SHAPE, 1, 0.5f},        {ASK_RECORD_SIZE, 1, 0.5f},
        {ASK_RECORD_TEXTURE, 0, 0.5f},      {ASK_RECORD_OTHER_COLOR, 1, 0.125f},
        {ASK_RECORD_OTHER_SHAPE, 1, 0.25f}, {ASK_RECORD_LATER_COLOR, 1, 0.875f},
        {ASK_RECORD_SPAN, 0, -0.25f},       {ASK_RECORD_SPAN, 1, 0.5f},
        {ASK_RECORD_PLACES, 0, 0.125f},     {ASK_RECORD_PLACES, 1, 0.25f},
        {ASK_RECORD_PLACES, 2, 1.5f},       {ASK_RECORD_PLACES, 3, 0.5f},
    };
    for (size_t i = 0; i < TEST_COUNT(numbers); i++)
        record[ask_record_field_of(k, numbers[i].field).begin + numbers[i].at] =
            numbers[i].value;
    ask_memory_slot s = timeline_read_slot(o.model->net, record);
    assert_true(s.confidence == 0.75 && s.what_p == 0.625);
    assert_string_equal(s.what, "pushes");
    assert_string_equal(s.color, "blue");
    assert_string_equal(s.shape, "star");
    assert_string_equal(s.size, "large");
    assert_string_equal(s.texture, "plain");
    assert_string_equal(s.other_color, "green");
    assert_string_equal(s.other_shape, "star");
    assert_null(s.later_color); // pushing changes none
    assert_true(s.start == 0 && s.end == 0.5);
    assert_true(s.from_x == 0.125 && s.from_y == 0.25 && s.to_x == 1.5 && s.to_y == 0.5);

    record[ask_record_field_of(k, ASK_RECORD_CLASS).begin + 3] = 1; // a thing
    s = timeline_read_slot(o.model->net, record);
    assert_null(s.what);
    assert_null(s.other_color);
    assert_string_equal(s.later_color, "green");
    record[ask_record_field_of(k, ASK_RECORD_LATER_COLOR).begin + 1] = 0.25f;
    assert_null(timeline_read_slot(o.model->net, record).later_color);
    close_opened(&o);
}

static void without_a_shown_frame_nothing_is_remembered(void **state)
{
    (void)state;
    static const bool none[TINY_FRAMES] = {false};
    opened o = open_path(path);
    ask_recalled r[2];
    for (int k = 0; k < 2; k++) {
        ask_sights sights = sights_of(&o, TINY_FRAMES, 7 + (uint64_t)k);
        ask_memory m = memory_of_sights(&o, &sights, none);
        for (int i = 0; i < TINY_SLOTS; i++) {
            assert_false(m.is_there[i]);
            assert_true(m.slots[i].confidence == 0);
        }
        for (int i = 0; i < TINY_SLOTS * N_SIGHTS; i++) assert_true(m.shares[i] == 0);
        r[k] = recall(&o, &m, "what jumps?", NULL, 0);
        assert_true(r[k].pointer[TINY_SLOTS] == 1);
        ask_memory_free(&m);
        ask_sights_free(&sights);
    }
    assert_memory_equal(r[0].scores, r[1].scores, N_ANSWERS * sizeof(double));
    ask_recalled_free(&r[0]);
    ask_recalled_free(&r[1]);
    close_opened(&o);
}

/* What is not shown changes no event that is. */
static void hidden_frames_do_not_matter_to_events(void **state)
{
    (void)state;
    const bool *shown = shown_parts[1];
    opened o = open_path(path);
    ask_sights sights = sights_of(&o, TINY_FRAMES, 8),
               others = sights_of(&o, TINY_FRAMES, 9);
    const size_t half = TINY_FRAMES / 2 * TINY_SIGHTS;
    ask_memory a = memory_of_sights(&o, &sights, shown);
    memcpy(sights.rows + half * sight_width(&o), others.rows,
           half * sight_width(&o) * sizeof(float));
    memcpy(sights.features + half * 8, others.features, half * 8 * sizeof(float));
    ask_memory b = memory_of_sights(&o, &sights, shown);
    assert_memory_equal(a.records, b.records,
                        TINY_EVENTS * record_width(&o) * sizeof(float));
    for (int i = 0; i < TINY_SLOTS; i++)
        for (int k = (int)half; k < N_SIGHTS; k++)
            assert_true(a.shares[i * N_SIGHTS + k] == 0);
    ask_memory_free(&a);
    ask_memory_free(&b);
    ask_sights_free(&sights);
    ask_sights_free(&others);
    close_opened(&o);
}

/* ---- questions ---- */

static double sum_of(const double *x, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += x[i];
    return sum;
}

static const char question[] = "what does the red ball do first?";

/* Tokens of n texts as rows of as many as the longest has. */
typedef struct {
    int n_tokens;
    int64_t ids[N_ANSWERS * TINY_TOKENS];
    uint8_t mask[N_ANSWERS * TINY_TOKENS];
} rows;

static rows encode(const opened *o, const char *const *texts, int n)
{
    ask_error err = {0};
    static ask_tokens tokens[N_ANSWERS];
    const ask_tokenizer *t = model_tokenizer(o->model, &err);
    CHECK_OK(t, &err);
    rows r = {0};
    for (int i = 0; i < n; i++) {
        CHECK_OK(ask_tokenizer_encode(t, texts[i], NULL, false, &tokens[i], &err), &err);
        if (tokens[i].n > r.n_tokens) r.n_tokens = tokens[i].n;
    }
    for (int i = 0; i < n * r.n_tokens; i++) {
        const ask_tokens *of = &tokens[i / r.n_tokens];
        r.mask[i] = i % r.n_tokens < of->n;
        r.ids[i] = r.mask[i] ? of->tokens[i % r.n_tokens].id : 0;
    }
    for (int i = 0; i < n; i++) ask_tokens_free(&tokens[i]);
    return r;
}

/* Logits of all own answers and of the pointer, [N_ANSWERS] and [TINY_SLOTS + 1], and what
 * answers add to these, [TINY_SLOTS + 1, N_ANSWERS]. */
static void answer_by_hand(float *logits, float *pointer, float *fits, const opened *o,
                           const ask_memory *m)
{
    rows asked = encode(o, (const char *const[]){question}, 1);
    rows said = encode(o, answer_texts, N_ANSWERS);
    ask_graph *g = test_graph();
    const ask_timeline_texts texts = {
        .ids = INPUT_I64(g, N_ANSWERS, said.n_tokens),
        .mask = ask_input(g, ASK_BOOL, DIMS(N_ANSWERS, said.n_tokens))};
    const ask_timeline_asking asking = {
        .records = INPUT(g, 1, TINY_SLOTS, (int64_t)record_width(o)),
        .mask = ask_input(g, ASK_BOOL, DIMS(1, TINY_SLOTS)),
        .questions = {.ids = INPUT_I64(g, 1, 1, asked.n_tokens),
                      .mask = ask_input(g, ASK_BOOL, DIMS(1, 1, asked.n_tokens))},
        .answers = ask_timeline_texts_build(g, &net_of(o)->focus, &texts, NULL),
    };
    ask_timeline_answered out;
    ask_timeline_focus_build(&out, g, &net_of(o)->focus, &asking, NULL);
    ask_keep(g, out.logits);
    ask_keep(g, out.pointer);
    ask_keep(g, out.fits);
    test_plan(g, o->model->backend);
    test_put(texts.ids, said.ids);
    test_put(texts.mask, said.mask);
    test_put(asking.records, m->records);
    test_put(asking.mask, m->is_there);
    test_put(asking.questions.ids, asked.ids);
    test_put(asking.questions.mask, asked.mask);
    test_run(g);
    ask_error err = {0};
    CHECK_OK(ask_tensor_read(out.logits, logits, N_ANSWERS * sizeof *logits, &err), &err);
    CHECK_OK(
        ask_tensor_read(out.pointer, pointer, (TINY_SLOTS + 1) * sizeof *pointer, &err),
        &err);
    CHECK_OK(ask_tensor_read(out.fits, fits,
                             (size_t)((TINY_SLOTS + 1) * N_ANSWERS) * sizeof *fits, &err),
             &err);
    ask_graph_free(g);
}

static void answers_are_those_of_the_network(void **state)
{
    (void)state;
    opened o = open_path(path);
    ask_sights sights = sights_of(&o, TINY_FRAMES, 10);
    for (size_t k = 0; k < TEST_COUNT(shown_parts); k++) {
        ask_memory m = memory_of_sights(&o, &sights, shown_parts[k]);
        ask_recalled r = recall(&o, &m, question, NULL, 0);
        float logits[N_ANSWERS], pointer[TINY_SLOTS + 1],
            fits[(TINY_SLOTS + 1) * N_ANSWERS];
        answer_by_hand(logits, pointer, fits, &o, &m);
        for (int i = 0; i <= TINY_SLOTS; i++) pointer[i] += fits[i * N_ANSWERS + r.best];
        assert_int_equal(r.n_scores, N_ANSWERS);
        double sum = 0, sum_pointer = 0;
        for (int i = 0; i < N_ANSWERS; i++) sum += exp(logits[i]);
        for (int i = 0; i <= TINY_SLOTS; i++) sum_pointer += exp(pointer[i]);
        for (int i = 0; i < N_ANSWERS; i++) {
            assert_true(fabs(r.scores[i] - (logits[i] - log(sum))) < 1e-4);
            assert_true(r.scores[i] <= r.scores[r.best]);
        }
        for (int i = 0; i <= TINY_SLOTS; i++)
            assert_true(fabs(r.pointer[i] - exp(pointer[i]) / sum_pointer) < 1e-5);
        assert_true(fabs(sum_of(r.pointer, TINY_SLOTS + 1) - 1) < 1e-12);
        ask_recalled_free(&r);
        assert_null(r.scores);
        ask_memory_free(&m);
    }
    ask_sights_free(&sights);
    close_opened(&o);
}

/* Vectors of options are made in other batches than those of the model's answers. */
static void options_and_own_answers_agree(void **state)
{
    (void)state;
    int chosen[][9] = {
        {0, 1, 2, 3}, {89, 64, 2}, {5, 4}, {80, 81, 82, 83, 84, 85, 86, 87, 88}};
    static const int n_chosen[] = {4, 3, 2, 9};
    opened o = open_path(path);
    ask_memory m = memory_of_seed(&o, 11);
    ask_recalled own = recall(&o, &m, question, NULL, 0);
    chosen[0][3] = own.best;
    int n_same = 0;
    for (size_t k = 0; k < TEST_COUNT(chosen); k++) {
        const char *options[9];
        int n = n_chosen[k], best = 0;
        for (int i = 0; i < n; i++) options[i] = answers[chosen[k][i]];
        ask_recalled r = recall(&o, &m, question, options, n);
        assert_int_equal(r.n_scores, n);
        double sum = 0, off = own.scores[chosen[k][0]] - r.scores[0];
        for (int i = 0; i < n; i++) {
            assert_true(fabs(own.scores[chosen[k][i]] - r.scores[i] - off) < 1e-5);
            sum += exp(r.scores[i]);
            if (own.scores[chosen[k][i]] > own.scores[chosen[k][best]]) best = i;
        }
        assert_true(fabs(sum - 1) < 1e-12);
        assert_int_equal(r.best, best);
        bool is_same = chosen[k][best] == own.best;
        n_same += is_same;
        for (int i = 0; is_same && i <= TINY_SLOTS; i++)
            assert_true(fabs(r.pointer[i] - own.pointer[i]) < 1e-6);
        ask_recalled_free(&r);
    }
    assert_true(n_same > 0);
    ask_recalled_free(&own);
    ask_memory_free(&m);
    close_opened(&o);
}

static void an_option_scores_the_same_wherever_it_stands(void **state)
{
    (void)state;
    opened o = open_path(path);
    ask_memory m = memory_of_seed(&o, 12);
    static const char *const first[] = {"red", "it jumps then", "a dog"};
    static const char *const second[] = {"a dog", "it jumps then", "red"};
    ask_recalled a = recall(&o, &m, question, first, 3);
    ask_recalled b = recall(&o, &m, question, second, 3);
    for (int i = 0; i < 3; i++)
        assert_true(fabs(a.scores[i] - b.scores[2 - i]) < 1e-12); // the sum of all
    assert_int_equal(b.best, 2 - a.best);
    ask_recalled_free(&a);
    ask_recalled_free(&b);

    static const char *const same[] = {"red", "red", "red"};
    a = recall(&o, &m, question, same, 3);
    assert_true(a.scores[0] == a.scores[1] && a.scores[1] == a.scores[2] && a.best == 0);
    ask_recalled_free(&a);
    ask_memory_free(&m);
    close_opened(&o);
}

static void the_same_question_gives_the_same_bits(void **state)
{
    (void)state;
    static const char *const options[] = {"yes", "no", "maybe so"};
    opened o = open_path(path);
    ask_memory m = memory_of_seed(&o, 13);
    ask_recalled first = recall(&o, &m, question, NULL, 0);
    for (int i = 0; i < 3; i++) {
        ask_recalled other = recall(&o, &m, i ? "is it there?" : question,
                                    i < 2 ? options : NULL, i < 2 ? 3 : 0);
        ask_recalled_free(&other);
    }
    for (int k = 0; k < 2; k++) { // asked again, and in a new session
        ask_recalled again = recall(&o, &m, question, NULL, 0);
        assert_memory_equal(again.scores, first.scores, N_ANSWERS * sizeof(double));
        assert_memory_equal(again.pointer, first.pointer,
                            (TINY_SLOTS + 1) * sizeof(double));
        ask_recalled_free(&again);
        close_opened(&o);
        o = open_path(path);
    }
    ask_recalled other = recall(&o, &m, "is it there?", NULL, 0);
    assert_true(other.scores[0] != first.scores[0]);
    ask_recalled_free(&other);
    ask_recalled_free(&first);
    ask_memory_free(&m);
    close_opened(&o);
}

/* ---- what is refused ---- */

static char long_text[600];

static void questions_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const char *const two[] = {"yes", "no"};
    static const char *const blank[] = {"yes", ""};
    static const char *const endless[] = {"yes", long_text};
    static const struct {
        const char *question;
        const char *const *options;
        int n_options, n_slots;
        ask_error_code code;
        const char *message;
    } cases[] = {
        {"", two, 2, TINY_SLOTS, ASK_ERR_USAGE, "the question has no words"},
        {NULL, two, 2, TINY_SLOTS, ASK_ERR_USAGE, "the question has no words"},
        {question, two, 1, TINY_SLOTS, ASK_ERR_USAGE, "1 option; there must be two"},
        {question, two, -1, TINY_SLOTS, ASK_ERR_USAGE, "-1 options"},
        {question, blank, 2, TINY_SLOTS, ASK_ERR_USAGE, "option 2 has no words"},
        {question, endless, 2, TINY_SLOTS, ASK_ERR_LIMIT, "the model takes 20"},
        {long_text, two, 2, TINY_SLOTS, ASK_ERR_LIMIT, "the model takes 20"},
        {"\xff what?", two, 2, TINY_SLOTS, ASK_ERR_FORMAT, "UTF-8"},
        {question, two, 2, TINY_SLOTS + 1, ASK_ERR_USAGE, "a memory of 8 slots"},
    };
    for (size_t i = 0; i + 1 < sizeof long_text; i++) long_text[i] = i % 4 ? 'x' : ' ';
    opened o = open_path(path);
    ask_memory m = memory_of_seed(&o, 14);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_recalled r = {.n_scores = 77};
        m.n_slots = cases[i].n_slots;
        assert_false(ask_memory_recall(&r, o.session, &m, cases[i].question,
                                       cases[i].options, cases[i].n_options, NULL, &err));
        if (err.code != cases[i].code || !strstr(err.message, cases[i].message))
            fail_msg("expected \"%s\", got %d: \"%s\"", cases[i].message, err.code,
                     err.message);
        assert_int_equal(r.n_scores, 77); // untouched
    }
    m.n_slots = TINY_SLOTS;
    ask_memory_free(&m);
    close_opened(&o);
}

static void another_number_of_frames_is_refused(void **state)
{
    (void)state;
    opened o = open_path(path);
    for (int n = TINY_FRAMES - 1; n <= TINY_FRAMES + 1; n += 2) {
        ask_sights sights = sights_of(&o, n, 15);
        ask_error err = {0};
        ask_memory m = {.n_slots = 77};
        assert_false(ask_memory_make(&m, o.session, &sights, NULL, NULL, &err));
        assert_int_equal(err.code, ASK_ERR_USAGE);
        assert_non_null(strstr(err.message, "frames, but a memory is made of 6"));
        assert_int_equal(m.n_slots, 77);
        ask_sights_free(&sights);
    }
    close_opened(&o);
}

static void without_answers_of_its_own_a_model_needs_options(void **state)
{
    (void)state;
    char bare[512];
    snprintf(bare, sizeof bare, "%s", test_path(dir, "bare"));
    tiny_timeline_make(bare);
    opened o = open_path(bare);
    ask_error err = {0};
    ask_memory_info info;
    CHECK_OK(ask_memory_info_of(&info, o.model, &err), &err);
    assert_int_equal(info.n_answers, 0);
    ask_memory m = memory_of_seed(&o, 16);
    ask_recalled r = {.n_scores = 77};
    assert_false(ask_memory_recall(&r, o.session, &m, question, NULL, 0, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "answers.json"));
    static const char *const two[] = {"yes", "no"};
    r = recall(&o, &m, question, two, 2);
    ask_recalled_free(&r);
    ask_memory_free(&m);
    close_opened(&o);
}

static void own_answers_that_do_not_fit_are_the_models_fault(void **state)
{
    (void)state;
    char folder[512], text[700];
    snprintf(folder, sizeof folder, "%s", test_path(dir, "unfit"));
    tiny_timeline_make(folder);
    for (size_t i = 0; i + 1 < sizeof long_text; i++) long_text[i] = i % 4 ? 'x' : ' ';
    snprintf(text, sizeof text, "[\"yes\", \"%s\"]", long_text);
    test_write_text(test_path(folder, "answers.json"), text);
    test_write_text(test_path(folder, "denials.json"), "[]");
    opened o = open_path(folder);
    ask_memory m = memory_of_seed(&o, 17);
    for (int i = 0; i < 2; i++) { // nothing is kept of it
        ask_error err = {0};
        ask_recalled r;
        assert_false(ask_memory_recall(&r, o.session, &m, question, NULL, 0, NULL, &err));
        assert_int_equal(err.code, ASK_ERR_MODEL);
        assert_non_null(strstr(err.message, "answers.json: "));
        assert_non_null(strstr(err.message, "the model takes 20"));
    }
    ask_memory_free(&m);
    close_opened(&o);
}

/* Of which part the weights are damaged: each tells it, at the latest when it is used. */
static void weights_that_give_no_numbers_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *tensor;
        int fails_at; // 0 frames, 1 memory, 2 question
    } cases[] = {{"cells.out.bias", 0}, {"glance.out.bias", 1}, {"focus.head.bias", 2}};
    char folder[512], weights[600];
    snprintf(folder, sizeof folder, "%s", test_path(dir, "damaged"));
    snprintf(weights, sizeof weights, "%s/model.safetensors", folder);
    tiny_timeline_make(folder);
    float *pixels = tiny_timeline_pixels(TINY_FRAMES, 18);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        tensor_list list = tensors_read(weights);
        float *x = tensors_floats(&list, cases[i].tensor), before = x[0];
        x[0] = NAN;
        tensors_write(&list, weights);
        opened o = open_path(folder);
        ask_error err = {0};
        ask_sights sights = {0};
        ask_memory m = {0};
        ask_recalled r = {0};
        static const char *const two[] = {"yes", "no"};
        bool ok = ask_sights_add(&sights, o.session, pixels, TINY_FRAMES, NULL, &err);
        assert_int_equal(ok, cases[i].fails_at > 0);
        if (ok) ok = ask_memory_make(&m, o.session, &sights, NULL, NULL, &err);
        assert_int_equal(ok, cases[i].fails_at > 1);
        if (ok) ok = ask_memory_recall(&r, o.session, &m, question, two, 2, NULL, &err);
        assert_false(ok);
        assert_int_equal(err.code, ASK_ERR_MODEL);
        assert_non_null(strstr(err.message, "its weights are damaged"));
        ask_memory_free(&m);
        ask_sights_free(&sights);
        close_opened(&o);
        x[0] = before;
        tensors_write(&list, weights);
        tensors_free(&list);
    }
    free(pixels);
}

static void a_raised_flag_stops_it(void **state)
{
    (void)state;
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    opened o = open_path(path);
    float *pixels = tiny_timeline_pixels(TINY_FRAMES, 19);
    ask_sights sights = sights_of(&o, TINY_FRAMES, 19);
    ask_memory m = memory_of_sights(&o, &sights, NULL), other = {.n_slots = 77};
    ask_recalled r = {.n_scores = 77};
    ask_error err = {0};
    assert_false(ask_sights_add(&sights, o.session, pixels, 1, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_int_equal(sights.n, TINY_FRAMES); // as it was
    err = (ask_error){0};
    assert_false(ask_memory_make(&other, o.session, &sights, NULL, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    err = (ask_error){0};
    assert_false(ask_memory_recall(&r, o.session, &m, question, NULL, 0, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_true(other.n_slots == 77 && r.n_scores == 77);
    r = recall(&o, &m, question, NULL, 0); // as if nothing had been
    ask_recalled_free(&r);
    free(pixels);
    ask_memory_free(&m);
    ask_sights_free(&sights);
    close_opened(&o);
}

/* ---- memory that runs out ---- */

static bool answer_once(void *user, ask_error *err)
{
    static const ask_model_options one_thread = {.n_threads = 1}; // nobody waits for others
    static const char *const two[] = {"yes", "no"};
    ask_sights sights = {0};
    ask_memory memory = {0};
    ask_recalled own = {0}, options = {0};
    ask_model *m = ask_model_open(path, &one_thread, err);
    ask_session *s = m ? ask_session_open(m, err) : NULL;
    bool ok = s && ask_sights_add(&sights, s, user, TINY_FRAMES, NULL, err) &&
              ask_memory_make(&memory, s, &sights, NULL, NULL, err) &&
              ask_memory_recall(&own, s, &memory, question, NULL, 0, NULL, err) &&
              ask_memory_recall(&options, s, &memory, question, two, 2, NULL, err);
    ask_recalled_free(&own);
    ask_recalled_free(&options);
    ask_memory_free(&memory);
    ask_sights_free(&sights);
    ask_session_close(s);
    ask_model_close(m);
    return ok;
}

static void answering_survives_failing_allocations(void **state)
{
    (void)state;
    float *pixels = tiny_timeline_pixels(TINY_FRAMES, 20);
    assert_true(test_some_allocs_fail("answer", answer_once, pixels) > 40);
    free(pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_tells_what_it_remembers),
        cmocka_unit_test(other_networks_remember_nothing),
        cmocka_unit_test(a_frame_has_the_same_bits_in_every_batch),
        cmocka_unit_test(sights_are_told_with_boxes_in_the_picture),
        cmocka_unit_test(a_memory_of_shown_frames_is_that_of_masked_sights),
        cmocka_unit_test(all_frames_are_shown_where_nothing_is_said),
        cmocka_unit_test(slots_are_told_in_the_names_of_the_configuration),
        cmocka_unit_test(a_slot_says_what_is_likeliest_in_its_record),
        cmocka_unit_test(without_a_shown_frame_nothing_is_remembered),
        cmocka_unit_test(hidden_frames_do_not_matter_to_events),
        cmocka_unit_test(answers_are_those_of_the_network),
        cmocka_unit_test(options_and_own_answers_agree),
        cmocka_unit_test(an_option_scores_the_same_wherever_it_stands),
        cmocka_unit_test(the_same_question_gives_the_same_bits),
        cmocka_unit_test(questions_that_make_no_sense_are_refused),
        cmocka_unit_test(another_number_of_frames_is_refused),
        cmocka_unit_test(without_answers_of_its_own_a_model_needs_options),
        cmocka_unit_test(own_answers_that_do_not_fit_are_the_models_fault),
        cmocka_unit_test(weights_that_give_no_numbers_are_told),
        cmocka_unit_test(a_raised_flag_stops_it),
        cmocka_unit_test(answering_survives_failing_allocations),
    };
    return cmocka_run_group_tests_name("memory", tests, make_model, remove_model);
}
