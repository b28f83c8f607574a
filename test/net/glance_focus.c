/* Glance-Focus: what config.json says, what padding and sharing change, and what its parts
 * leave out. */
#include "net/joint/glance_focus.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fake_backend.h"
#include "support/tensors.h"

/* ---- the configuration ---- */

static bool read_config(ask_glance_focus_config *out, const char *text, ask_error *err)
{
    ask_json *doc;
    CHECK_OK(doc = ask_json_parse(text, strlen(text), "config.json", NULL, err), err);
    bool ok = ask_glance_focus_config_read(out, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

static ask_glance_focus_config config_of(const char *text)
{
    ask_error err = {0};
    ask_glance_focus_config c;
    CHECK_OK(read_config(&c, text, &err), &err);
    return c;
}

#define OURS "\"model_type\":\"glance_focus\""

static void an_empty_configuration_is_that_of_the_paper(void **state)
{
    (void)state;
    ask_glance_focus_config c = config_of("{" OURS "}");
    assert_int_equal(c.width, 512);
    assert_int_equal(c.inner, 2048);
    assert_int_equal(c.n_layers, 2);
    assert_int_equal(c.n_heads, 8);
    assert_int_equal(c.n_queries, 10);
    assert_int_equal(c.n_features, 1024);
    assert_int_equal(c.n_frames, 80);
    assert_int_equal(c.n_classes, 111);
    assert_int_equal(c.head, ASK_ANSWER_OPTIONS);
    assert_int_equal(c.n_options, 4);
    assert_int_equal(c.n_answers, 1);
    assert_true(c.has_memory && c.places == ASK_FRAMES_BARE && c.dropout == 0.1);
    assert_false(c.compat.added_masks || c.compat.tail_memory || c.compat.first_layer);
    assert_int_equal(c.text.kind, ASK_ROBERTA);
    assert_int_equal(c.text.stack.width, 768);
    assert_int_equal(c.text.n_positions, 514);
    assert_int_equal(c.text.n_types, 1);
    assert_true(c.text.stack.eps == 1e-5);
}

static void every_key_is_read(void **state)
{
    (void)state;
    ask_glance_focus_config c = config_of(
        "{" OURS ",\"d_model\":12,\"dim_feedforward\":13,\"num_layers\":3,\"nhead\":4,"
        "\"num_queries\":5,\"feature_dim\":6,\"max_feats\":7,\"event_pred_dim\":8,"
        "\"head\":\"vocabulary\",\"output_dim\":9,\"memory\":false,\"dropout\":0.25,"
        "\"frame_positions\":\"sine\",\"compat\":{\"tail_memory\":true},"
        "\"text_encoder\":{\"model_type\":\"bert\",\"hidden_size\":24,"
        "\"hidden_dropout_prob\":0.5,\"attention_probs_dropout_prob\":0}}");
    assert_int_equal(c.width, 12);
    assert_int_equal(c.inner, 13);
    assert_int_equal(c.n_layers, 3);
    assert_int_equal(c.n_heads, 4);
    assert_int_equal(c.n_queries, 5);
    assert_int_equal(c.n_features, 6);
    assert_int_equal(c.n_frames, 7);
    assert_int_equal(c.n_classes, 8);
    assert_int_equal(c.head, ASK_ANSWER_VOCABULARY);
    assert_int_equal(c.n_answers, 9);
    assert_int_equal(c.n_options, 0);
    assert_true(!c.has_memory && c.dropout == 0.25 && c.places == ASK_FRAMES_WAVES);
    assert_true(c.compat.tail_memory && !c.compat.added_masks && !c.compat.first_layer);
    assert_int_equal(c.text.kind, ASK_BERT);
    assert_int_equal(c.text.stack.width, 24);
    assert_true(c.text.stack.dropout == 0.5 && c.text.stack.attention_dropout == 0);
}

static void heads_are_told_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        ask_answer_head head;
        int n_options, n_answers;
        bool released;
    } cases[] = {
        {"{" OURS ",\"num_options\":5}", ASK_ANSWER_OPTIONS, 5, 1, false},
        {"{" OURS ",\"head\":\"count\"}", ASK_ANSWER_COUNT, 0, 1, false},
        {"{" OURS ",\"head\":\"moment\"}", ASK_ANSWER_MOMENT, 0, 1, false},
        {"{" OURS ",\"compat\":\"released\"}", ASK_ANSWER_OPTIONS, 4, 1, true},
        {"{" OURS ",\"compat\":\"paper\"}", ASK_ANSWER_OPTIONS, 4, 1, false},
        // the authors', who have their own words, and do not look at num_options
        {"{\"qa_dataset\":\"star\"}", ASK_ANSWER_OPTIONS, 4, 1, true},
        {"{\"qa_dataset\":\"nextqa\",\"num_options\":4}", ASK_ANSWER_OPTIONS, 5, 1, true},
        {"{\"qa_dataset\":\"agqa\",\"output_dim\":157}", ASK_ANSWER_VOCABULARY, 0, 157,
         true},
        {"{}", ASK_ANSWER_OPTIONS, 4, 1, true},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_glance_focus_config c = config_of(cases[i].text);
        CHECK_CASE(cases[i].text, c.head == cases[i].head);
        CHECK_CASE(cases[i].text, c.n_options == cases[i].n_options);
        CHECK_CASE(cases[i].text, c.n_answers == cases[i].n_answers);
        CHECK_CASE(cases[i].text, c.compat.added_masks == cases[i].released);
        CHECK_CASE(cases[i].text, c.compat.tail_memory == cases[i].released);
        CHECK_CASE(cases[i].text, c.compat.first_layer == cases[i].released);
    }
    ask_glance_focus_config bool_masks = config_of("{\"masks\":\"bool\"}");
    assert_true(!bool_masks.compat.added_masks && bool_masks.compat.tail_memory);
}

static void bad_configurations_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *message;
    } cases[] = {
        {"width of zero", "{\"d_model\":0}",
         "key \"d_model\": expected an integer from 1 to 1048576, got 0"},
        {"heads that do not divide", "{\"d_model\":30,\"nhead\":4}",
         "key \"d_model\": 30 is no multiple of 4 heads"},
        {"an unknown head", "{" OURS ",\"head\":\"poem\"}",
         "key \"head\": \"poem\" is not known; \"options\" is"},
        {"an unknown way", "{" OURS ",\"compat\":\"old\"}",
         "key \"compat\": \"old\" is not known; \"paper\" is"},
        {"a departure in words", "{" OURS ",\"compat\":{\"added_masks\":\"yes\"}}",
         "key \"compat.added_masks\": expected true or false, got a string"},
        {"unknown positions", "{" OURS ",\"frame_positions\":\"learnt\"}",
         "key \"frame_positions\": \"learnt\" is not known; \"none\" is"},
        {"places of more frames than there is room for",
         "{" OURS ",\"frame_positions\":\"sine\",\"max_feats\":1048576,\"d_model\":65536}",
         "key \"max_feats\": 1048576 frames that carry their places, of width 65536: at "
         "most "
         "1024"},
        {"another text encoder", "{\"text_encoder\":{\"model_type\":\"gpt2\"}}",
         "key \"text_encoder.model_type\": \"gpt2\" is not known; \"roberta\" is"},
        {"a part of the text encoder", "{\"text_encoder\":{\"hidden_size\":0}}",
         "key \"text_encoder.hidden_size\": expected an integer from 1 to 1048576, got 0"},
        {"masks of another kind", "{\"masks\":\"none\"}",
         "key \"masks\": \"none\" is not known; \"float ones\" is"},
        {"all is dropped twice", "{\"dropout\":2}",
         "key \"dropout\": expected a number from 0 to 1, got 2"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_glance_focus_config c;
        char expected[512];
        snprintf(expected, sizeof expected, "config.json: %s", cases[i].message);
        CHECK_CASE(cases[i].name, !read_config(&c, cases[i].text, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        if (strcmp(err.message, expected) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

/* ---- work ---- */

static void work_is_that_of_the_layers(void **state)
{
    (void)state;
    ask_glance_focus_config c = ask_glance_focus_paper();
    // two encoder layers of 3.15 million weights for each of 80 frames are the most of it
    double glance = ask_glance_flops(&c, 80) / 2;
    assert_true(glance > 80 * 2 * 3.15e6 && glance < 1.5 * 80 * 2 * 3.15e6);
    // 85 million of RoBERTa for each of 20 tokens, and the encoder for 110 items
    double focus = ask_focus_flops(&c, 80, 20) / 2;
    assert_true(focus > 20 * 85e6 + 110 * 2 * 3.15e6 && focus < 1.2 * 20 * 85e6 + 1e9);
    c.compat.first_layer = true;
    assert_true(ask_focus_flops(&c, 80, 20) / 2 < focus);
    c.has_memory = false;
    assert_true(ask_glance_flops(&c, 80) / 2 < 0.1 * glance);
}

/* ---- a bound network ---- */

enum { WIDTH = 12, QUERIES = 4, FEATURES = 5, CLASSES = 6, VOCABULARY = 20 };

static ask_glance_focus_config tiny(void)
{
    return config_of("{" OURS
                     ",\"d_model\":12,\"nhead\":3,\"dim_feedforward\":16,\"num_queries\":4,"
                     "\"feature_dim\":5,\"max_feats\":8,\"event_pred_dim\":6,"
                     "\"num_options\":2,\"text_encoder\":{\"model_type\":\"roberta\","
                     "\"hidden_size\":8,\"intermediate_size\":12,\"num_hidden_layers\":1,"
                     "\"num_attention_heads\":2,\"vocab_size\":20,\"pad_token_id\":1,"
                     "\"max_position_embeddings\":10,\"initializer_range\":0.5}}");
}

typedef struct {
    ask_arena *room;
    ask_store *store;
    ask_glance_focus net;
} bound;

static bound bind_random(const ask_glance_focus_config *c, ask_backend *b)
{
    ask_error err = {0};
    bound n = {.room = ask_arena_new(0)};
    ask_params *p;
    CHECK_OK(n.store = ask_store_new(b, &err), &err);
    CHECK_OK(p = ask_params_random(n.store, 3, n.room, &err), &err);
    ask_glance_focus_bind(&n.net, p, c);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
    return n;
}

static void unbind(bound *n)
{
    ask_store_free(n->store);
    ask_arena_free(n->room);
}

/* ---- what it is given, and what comes of it ---- */

enum { MOST_VIDEOS = 4, MOST_FRAMES = 8, MOST_TEXTS = 4, MOST_TOKENS = 6 };

typedef struct {
    int n_videos, n_frames, n_texts, n_tokens;
    float features[MOST_VIDEOS * MOST_FRAMES * FEATURES];
    bool mask[MOST_VIDEOS * MOST_FRAMES]; // used when has_mask
    bool has_mask;
    int64_t ids[MOST_TEXTS * MOST_TOKENS];
    bool text_mask[MOST_TEXTS * MOST_TOKENS];
} question;

/* Some numbers and tokens; every frame and token counts. */
static question ask_something(int n_videos, int n_frames, int n_texts, int n_tokens)
{
    question q = {n_videos, n_frames, n_texts, n_tokens, {0}, {0}, false, {0}, {0}};
    for (int i = 0; i < n_videos * n_frames * FEATURES; i++)
        q.features[i] = (float)sin(1 + 1.7 * i) * 2;
    for (int i = 0; i < n_videos * n_frames; i++) q.mask[i] = true;
    for (int i = 0; i < n_texts * n_tokens; i++) {
        q.ids[i] = 2 + i * 7 % (VOCABULARY - 2);
        q.text_mask[i] = true;
    }
    return q;
}

typedef struct {
    float *slots, *prompts, *answer;          // freed by close_answer
    int64_t *order, *rank;                    // too
    int64_t n_answers;                        // elements of answer
    float *event_attention, *frame_attention; // NULL unless wanted
    uint64_t places;                          // of the dropping
} answered;

static void close_answer(answered *a)
{
    void *all[] = {a->slots, a->prompts,         a->answer,         a->order,
                   a->rank,  a->event_attention, a->frame_attention};
    for (size_t i = 0; i < TEST_COUNT(all); i++) free(all[i]);
}

typedef struct {
    bool wants_attention;
    uint64_t seed; // of a dropping; 0: none
    int64_t step;
} answer_options;

/* The inputs of a graph. */
typedef struct {
    ask_tensor *features, *mask, *ids, *text_mask, *step;
} fed;

static fed make_inputs(ask_graph *g, const question *q)
{
    return (fed){
        .features = INPUT(g, q->n_videos, q->n_frames, FEATURES),
        .mask = q->has_mask ? ask_input(g, ASK_BOOL, DIMS(q->n_videos, q->n_frames)) : NULL,
        .ids = INPUT_I64(g, q->n_texts, q->n_tokens),
        .text_mask = ask_input(g, ASK_BOOL, DIMS(q->n_texts, q->n_tokens)),
        .step = INPUT_I64(g, 1),
    };
}

static void put_inputs(const fed *in, const question *q, int64_t step)
{
    test_put(in->features, q->features);
    if (in->mask) test_put(in->mask, q->mask);
    test_put(in->ids, q->ids);
    test_put(in->text_mask, q->text_mask);
    test_put_all(in->step, (double)step);
}

static answered answer(const bound *n, ask_backend *b, const question *q,
                       const answer_options *opt)
{
    ask_graph *g = test_graph();
    ask_glance glance;
    ask_focus focus;
    if (opt->wants_attention) ask_graph_want(g, "focus.*_attention");
    fed in = make_inputs(g, q);
    ask_dropping dropping = {.seed = opt->seed, .step = in.step};
    ask_dropping *d = opt->seed ? &dropping : NULL;
    ask_glance_build(&glance, g, &n->net, in.features, in.mask, d);
    ask_bert_input tokens = {.ids = in.ids, .mask = in.text_mask, .dropping = d};
    ask_tensor *text = ask_focus_text(g, &n->net, &tokens);
    ask_focus_build(&focus, g, &n->net, &glance, text, in.text_mask, d);
    ask_tensor *kept[] = {glance.slots, glance.prompts, focus.answer, glance.order,
                          glance.rank};
    for (size_t i = 0; i < TEST_COUNT(kept); i++) ask_keep(g, kept[i]);
    assert_true(opt->wants_attention == (focus.event_attention != NULL));
    test_plan(g, b);
    put_inputs(&in, q, opt->step);
    test_run(g);
    answered a = {
        .slots = test_get(glance.slots),
        .prompts = test_get(glance.prompts),
        .answer = test_get(focus.answer),
        .order = test_get(glance.order),
        .rank = test_get(glance.rank),
        .n_answers = ask_tensor_count(focus.answer),
        .places = dropping.n,
    };
    if (opt->wants_attention) {
        a.event_attention = test_get(focus.event_attention);
        a.frame_attention = test_get(focus.frame_attention);
    }
    ask_graph_free(g);
    return a;
}

static const answer_options plainly = {0};

static float largest_difference(const float *a, const float *b, int64_t n)
{
    float most = 0;
    for (int64_t i = 0; i < n; i++) most = fmaxf(most, fabsf(a[i] - b[i]));
    return most;
}

/* f32 sums in another order */
static const float TOLERANCE = 1e-5f, MOVED = 1e-3f;

/* ---- texts and videos ---- */

static void texts_share_the_glance_of_their_video(void **state)
{
    (void)state;
    ask_glance_focus_config c = tiny();
    bound n = bind_random(&c, the_cpu);
    question shared = ask_something(2, 5, 4, 3), apart = ask_something(4, 5, 4, 3);
    enum { OF_A_VIDEO = 5 * FEATURES };
    for (int i = 0; i < 4; i++)
        memcpy(apart.features + i * OF_A_VIDEO, shared.features + i / 2 * OF_A_VIDEO,
               OF_A_VIDEO * sizeof(float));
    answered a = answer(&n, the_cpu, &shared, &plainly);
    answered b = answer(&n, the_cpu, &apart, &plainly);
    assert_int_equal(a.n_answers, 4);
    test_near("answers", a.answer, b.answer, 4, TOLERANCE);
    assert_true(fabsf(a.answer[0] - a.answer[2]) > MOVED);
    close_answer(&a);
    close_answer(&b);
    unbind(&n);
}

/* Two videos of 5 and 3 frames and texts of 4 and 2 tokens, in rows of 5 and 4; beside them
 * the second pair alone. */
static void what_is_hidden_changes_nothing(void **state)
{
    (void)state;
    enum { LONG = 5, SHORT = 3, TOKENS = 4, FEWER = 2, PAD = 1 };
    ask_glance_focus_config c = tiny();
    c.head = ASK_ANSWER_MOMENT;
    c.places = ASK_FRAMES_WAVES;
    bound n = bind_random(&c, the_cpu);
    question both = ask_something(2, LONG, 2, TOKENS),
             alone = ask_something(1, SHORT, 1, FEWER);
    both.has_mask = true;
    for (int i = SHORT; i < LONG; i++) both.mask[LONG + i] = false;
    for (int i = FEWER; i < TOKENS; i++) {
        both.text_mask[TOKENS + i] = false;
        both.ids[TOKENS + i] = PAD;
    }
    memcpy(alone.features, both.features + LONG * FEATURES,
           SHORT * FEATURES * sizeof(float));
    memcpy(alone.ids, both.ids + TOKENS, FEWER * sizeof *alone.ids);
    answered a = answer(&n, the_cpu, &both, &plainly);
    answered b = answer(&n, the_cpu, &alone, &plainly);
    test_near("prompts", a.prompts + QUERIES * WIDTH, b.prompts, QUERIES * WIDTH,
              TOLERANCE);
    test_near("answer", a.answer + QUERIES, b.answer, QUERIES, TOLERANCE);
    for (int i = SHORT * FEATURES; i < LONG * FEATURES; i++)
        both.features[LONG * FEATURES + i] = 100;
    answered other = answer(&n, the_cpu, &both, &plainly);
    assert_memory_equal(a.answer, other.answer, 2 * QUERIES * sizeof(float));
    close_answer(&a);
    close_answer(&b);
    close_answer(&other);
    unbind(&n);
}

/* In the authors' code padding is not hidden, and moves the answer. */
static void added_masks_hide_nothing(void **state)
{
    (void)state;
    ask_glance_focus_config c = tiny();
    c.compat.added_masks = true;
    bound n = bind_random(&c, the_cpu);
    question q = ask_something(1, 5, 2, 4);
    q.has_mask = true;
    q.mask[4] = false;
    answered a = answer(&n, the_cpu, &q, &plainly);
    q.mask[4] = true;
    answered b = answer(&n, the_cpu, &q, &plainly);
    q.features[4 * FEATURES] += 1;
    answered moved = answer(&n, the_cpu, &q, &plainly);
    assert_memory_equal(a.answer, b.answer, 2 * sizeof(float));
    assert_true(largest_difference(a.answer, moved.answer, 2) > 0);
    close_answer(&a);
    close_answer(&b);
    close_answer(&moved);
    unbind(&n);
}

static void frames_are_a_set_unless_they_carry_their_place(void **state)
{
    (void)state;
    enum { FRAMES = 5 };
    ask_glance_focus_config c = tiny();
    for (int waves = 0; waves < 2; waves++) {
        c.places = waves ? ASK_FRAMES_WAVES : ASK_FRAMES_BARE;
        bound n = bind_random(&c, the_cpu);
        question q = ask_something(1, FRAMES, 2, 3), turned = q;
        for (int i = 0; i < FRAMES; i++)
            memcpy(turned.features + i * FEATURES, q.features + (FRAMES - 1 - i) * FEATURES,
                   FEATURES * sizeof(float));
        answered a = answer(&n, the_cpu, &q, &plainly);
        answered b = answer(&n, the_cpu, &turned, &plainly);
        float moved = largest_difference(a.slots, b.slots, QUERIES * WIDTH);
        assert_true(waves ? moved > MOVED : moved < TOLERANCE);
        close_answer(&a);
        close_answer(&b);
        unbind(&n);
    }
}

static void more_frames_than_there_are_places_for_are_told(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_glance_focus_config c = tiny();
    c.places = ASK_FRAMES_WAVES;
    bound n = bind_random(&c, the_cpu);
    ask_graph *g = test_graph();
    ask_glance glance;
    ask_glance_build(&glance, g, &n.net, INPUT(g, 1, 9, FEATURES), NULL, NULL);
    const ask_plan_options opt = {.backends = &the_cpu, .n_backends = 1};
    assert_false(ask_graph_plan(g, &opt, &err));
    assert_non_null(strstr(err.message, "slice"));
    ask_graph_free(g);
    unbind(&n);
}

/* ---- memory and order ---- */

static void without_memory_the_video_does_not_move_the_prompts(void **state)
{
    (void)state;
    ask_glance_focus_config c = tiny(), without = c;
    without.has_memory = false;
    bound n = bind_random(&c, the_cpu), m = bind_random(&without, the_cpu);
    assert_int_equal(ask_store_count(n.store), ask_store_count(m.store));
    question q = ask_something(2, 5, 2, 3);
    answered a = answer(&n, the_cpu, &q, &plainly);
    answered b = answer(&m, the_cpu, &q, &plainly);
    float *table = test_get(m.net.query_table);
    enum { ALL = QUERIES * WIDTH };
    assert_true(largest_difference(a.slots, a.slots + ALL, ALL) > MOVED);
    assert_memory_equal(b.slots, table, ALL * sizeof(float));
    assert_memory_equal(b.slots + ALL, table, ALL * sizeof(float));
    assert_true(largest_difference(b.answer, b.answer + 1, 1) > 0);
    free(table);
    close_answer(&a);
    close_answer(&b);
    unbind(&n);
    unbind(&m);
}

static void prompts_stand_in_the_order_of_their_centres(void **state)
{
    (void)state;
    ask_glance_focus_config c = tiny();
    c.n_options = 3;
    bound n = bind_random(&c, the_cpu);
    question q = ask_something(3, 5, 3, 2);
    answered a = answer(&n, the_cpu, &q, &plainly);
    for (int b = 0; b < 3; b++)
        for (int i = 0; i < QUERIES; i++) {
            int64_t slot = a.order[b * QUERIES + i];
            assert_int_equal(a.rank[b * QUERIES + slot], i);
            assert_memory_equal(a.prompts + (b * QUERIES + i) * WIDTH,
                                a.slots + (b * QUERIES + slot) * WIDTH,
                                WIDTH * sizeof(float));
        }
    close_answer(&a);
    unbind(&n);
}

/* Sets every element of a parameter. */
static void set_all(const bound *n, const char *name, double value)
{
    ask_tensor *t = ask_store_find(n->store, name);
    assert_non_null(t);
    test_put_all(t, value);
}

static void equal_centres_keep_the_order_of_slots(void **state)
{
    (void)state;
    ask_glance_focus_config c = tiny();
    bound n = bind_random(&c, the_cpu);
    set_all(&n, "span_embed.layers.2.weight", 0);
    question q = ask_something(1, 5, 2, 2);
    answered a = answer(&n, the_cpu, &q, &plainly);
    for (int i = 0; i < QUERIES; i++) assert_int_equal(a.order[i], i);
    close_answer(&a);
    unbind(&n);
}

static void centres_that_are_no_numbers_are_no_fault_of_the_run(void **state)
{
    (void)state;
    ask_glance_focus_config c = tiny();
    bound n = bind_random(&c, the_cpu);
    question q = ask_something(1, 5, 2, 2);
    q.features[3] = NAN;
    answered a = answer(&n, the_cpu, &q, &plainly);
    assert_true(isnan(a.answer[0]));
    close_answer(&a);
    unbind(&n);
}

/* ---- heads and traces ---- */

static void every_head_has_its_shape(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_answer_head head;
        int n_answers, n_options;
        int64_t n; // numbers for four texts
    } cases[] = {
        {"options", ASK_ANSWER_OPTIONS, 1, 2, 4},
        {"vocabulary", ASK_ANSWER_VOCABULARY, 7, 0, 28},
        {"count", ASK_ANSWER_COUNT, 1, 0, 4},
        {"moment", ASK_ANSWER_MOMENT, 1, 0, 4 * QUERIES},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_glance_focus_config c = tiny();
        c.head = cases[i].head;
        c.n_answers = cases[i].n_answers;
        c.n_options = cases[i].n_options;
        bound n = bind_random(&c, the_cpu);
        question q = ask_something(2, 5, 4, 3);
        answered a = answer(&n, the_cpu, &q, &plainly);
        CHECK_CASE(cases[i].name, a.n_answers == cases[i].n);
        close_answer(&a);
        unbind(&n);
    }
}

/* Rows of n probabilities. */
static void check_rows(const float *p, int64_t n_rows, int n)
{
    for (int64_t i = 0; i < n_rows; i++) {
        float sum = 0;
        for (int k = 0; k < n; k++) sum += p[i * n + k];
        assert_true(fabsf(sum - 1) < 1e-5f);
    }
}

static void where_the_text_looks_can_be_asked_for(void **state)
{
    (void)state;
    enum { FRAMES = 5, TOKENS = 3, HEADS = 3 };
    ask_glance_focus_config c = tiny();
    for (int released = 0; released < 2; released++) {
        c.compat.added_masks = c.compat.tail_memory = c.compat.first_layer = released;
        bound n = bind_random(&c, the_cpu);
        question q = ask_something(2, FRAMES, 4, TOKENS);
        answered plain = answer(&n, the_cpu, &q, &plainly);
        answered a = answer(&n, the_cpu, &q, &(answer_options){.wants_attention = true});
        test_near("answer", a.answer, plain.answer, 4, TOLERANCE);
        check_rows(a.event_attention, 4 * HEADS * TOKENS, QUERIES);
        check_rows(a.frame_attention, 4 * HEADS * TOKENS, FRAMES + (released ? TOKENS : 0));
        close_answer(&plain);
        close_answer(&a);
        unbind(&n);
    }
}

/* ---- training ---- */

static void what_is_dropped_follows_from_seed_and_step(void **state)
{
    (void)state;
    ask_glance_focus_config c = tiny();
    bound n = bind_random(&c, the_cpu);
    question q = ask_something(2, 5, 4, 3);
    answered plain = answer(&n, the_cpu, &q, &plainly);
    answered a = answer(&n, the_cpu, &q, &(answer_options){.seed = 1, .step = 5});
    answered again = answer(&n, the_cpu, &q, &(answer_options){.seed = 1, .step = 5});
    answered later = answer(&n, the_cpu, &q, &(answer_options){.seed = 1, .step = 6});
    // two encoders of two layers: 4 places each; decoder layers: 6 in the glance, 10 in the
    // focus; the text: its embeddings, 3 in its layer, and what comes out of it
    assert_int_equal(a.places, 2 * 2 * 4 + 2 * 6 + 2 * 10 + 1 + 3 + 1);
    assert_int_equal(plain.places, 0);
    assert_memory_equal(a.answer, again.answer, 4 * sizeof(float));
    assert_true(largest_difference(a.answer, plain.answer, 4) > MOVED);
    assert_true(largest_difference(a.answer, later.answer, 4) > MOVED);
    answered *all[] = {&plain, &a, &again, &later};
    for (size_t i = 0; i < TEST_COUNT(all); i++) close_answer(all[i]);
    unbind(&n);
}

static void weights_begin_as_the_layers_ask_for(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double deviation, tolerance; // of the deviation, by how many numbers there are
    } cases[] = {
        {"transformer.encoder.layers.0.self_attn.in_proj_weight", 0.0312, 0.05}, // 2/(4 C)
        {"transformer.decoder.layers.1.linear1.weight", 0.0279, 0.05}, // 2/(C + I)
        {"query_embed.weight", 1, 0.1},
        {"event_class_embed.weight", 0.0255, 0.1}, // 1/(3 C)
        {"input_proj.main.0.weight_v", 0.0255, 0.05},
    };
    ask_glance_focus_config c = tiny();
    c.width = 512;
    c.inner = 2048;
    c.n_features = 512;
    c.n_heads = 8;
    bound n = bind_random(&c, the_cpu);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_tensor *t = ask_store_find(n.store, cases[i].name);
        CHECK_CASE(cases[i].name, t);
        float *w = test_get(t);
        double square = 0;
        for (int64_t k = 0; k < ask_tensor_count(t); k++) square += (double)w[k] * w[k];
        double deviation = sqrt(square / (double)ask_tensor_count(t));
        if (!(fabs(deviation / cases[i].deviation - 1) < cases[i].tolerance))
            fail_msg("%s: %g", cases[i].name, deviation);
        free(w);
    }
    // so that the projection begins with the matrix that was drawn
    float *gain = test_get(n.net.projection.gain);
    assert_true(fabs((double)*gain - sqrt(512.0 / 3)) < 1e-3);
    free(gain);
    unbind(&n);
}

/* ---- other backends, little memory ---- */

static void it_runs_where_nobody_can_touch_the_memory(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_backend *fake;
    CHECK_OK(fake = fake_backend_open(-1, &err), &err);
    ask_glance_focus_config c = tiny();
    bound here = bind_random(&c, the_cpu), there = bind_random(&c, fake);
    question q = ask_something(2, 5, 4, 3);
    answered a = answer(&here, the_cpu, &q, &plainly);
    answered b = answer(&there, fake, &q, &plainly);
    test_near("answer", b.answer, a.answer, 4, TOLERANCE);
    close_answer(&a);
    close_answer(&b);
    unbind(&here);
    unbind(&there);
    ask_backend_close(fake);
}

typedef struct {
    question q;
    ask_glance_focus_config config;
} attempt;

static bool bind_and_build(void *user, ask_error *err)
{
    const attempt *a = user;
    bound n = {.room = ask_arena_new(0)};
    ask_graph *g = ask_graph_new(err);
    ask_params *p = NULL;
    bool ok = n.room || ask_fail_memory(err);
    ok = ok && g && (n.store = ask_store_new(the_cpu, err)) != NULL &&
         (p = ask_params_random(n.store, 3, n.room, err)) != NULL;
    if (p) {
        ask_glance_focus_bind(&n.net, p, &a->config);
        ok = ask_params_finish(p, NULL, err);
    }
    if (ok) {
        ask_glance glance;
        ask_focus focus;
        fed in = make_inputs(g, &a->q);
        ask_glance_build(&glance, g, &n.net, in.features, in.mask, NULL);
        ask_bert_input tokens = {.ids = in.ids, .mask = in.text_mask};
        ask_tensor *text = ask_focus_text(g, &n.net, &tokens);
        ask_focus_build(&focus, g, &n.net, &glance, text, in.text_mask, NULL);
        ask_keep(g, focus.answer);
        const ask_plan_options opt = {.backends = &the_cpu, .n_backends = 1};
        ok = ask_graph_plan(g, &opt, err);
    }
    ask_graph_free(g);
    ask_store_free(n.store);
    ask_arena_free(n.room);
    return ok;
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    attempt a = {ask_something(2, 5, 4, 3), tiny()};
    a.q.has_mask = true;
    a.config.places = ASK_FRAMES_WAVES;
    assert_true(test_some_allocs_fail("bind and build", bind_and_build, &a) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_configuration_is_that_of_the_paper),
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(heads_are_told_in_words),
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(work_is_that_of_the_layers),
        cmocka_unit_test(texts_share_the_glance_of_their_video),
        cmocka_unit_test(what_is_hidden_changes_nothing),
        cmocka_unit_test(added_masks_hide_nothing),
        cmocka_unit_test(frames_are_a_set_unless_they_carry_their_place),
        cmocka_unit_test(more_frames_than_there_are_places_for_are_told),
        cmocka_unit_test(without_memory_the_video_does_not_move_the_prompts),
        cmocka_unit_test(prompts_stand_in_the_order_of_their_centres),
        cmocka_unit_test(equal_centres_keep_the_order_of_slots),
        cmocka_unit_test(centres_that_are_no_numbers_are_no_fault_of_the_run),
        cmocka_unit_test(every_head_has_its_shape),
        cmocka_unit_test(where_the_text_looks_can_be_asked_for),
        cmocka_unit_test(what_is_dropped_follows_from_seed_and_step),
        cmocka_unit_test(weights_begin_as_the_layers_ask_for),
        cmocka_unit_test(it_runs_where_nobody_can_touch_the_memory),
        cmocka_unit_test(without_memory_it_says_so),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
