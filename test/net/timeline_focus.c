/* The focus of Timeline: what a slot is made of, what a question looks at before anything
 * is learnt, what is counted, and what must not be seen. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/toy_talk.h"

static const talk_slot RED_BALL_JUMPS = {.confidence = 1,
                                         .color = W_RED,
                                         .shape = W_BALL,
                                         .size = W_LARGE,
                                         .texture = W_PLAIN,
                                         .does = W_JUMPS,
                                         .span = {0.2, 0.3},
                                         .places = {0.3, 0.4, 0.3, 0.4}};
static const talk_slot BLUE_STAR_SPINS = {.confidence = 1,
                                          .color = W_BLUE,
                                          .shape = W_STAR,
                                          .size = W_SMALL,
                                          .texture = W_STRIPED,
                                          .does = W_SPINS,
                                          .span = {0.6, 0.8},
                                          .places = {0.7, 0.6, 0.7, 0.6}};
static const talk_slot GREEN_RING_HITS = {.confidence = 0.5,
                                          .color = W_GREEN,
                                          .shape = W_RING,
                                          .size = W_SMALL,
                                          .texture = W_PLAIN,
                                          .does = W_HITS,
                                          .other_color = W_RED,
                                          .other_shape = W_BALL,
                                          .later_color = W_PINK,
                                          .way = W_UP,
                                          .span = {0.4, 0.5},
                                          .places = {0.1, 0.9, 0.5, 0.2}};

static void put_records(ask_tensor *records, const ask_timeline_config *c,
                        const talk_slot *slots)
{
    int64_t width = ask_tensor_dim(records, 2), n = ask_tensor_count(records) / width;
    float *rows = calloc((size_t)(n * width), sizeof *rows);
    assert_non_null(rows);
    for (int64_t i = 0; i < n; i++) talk_record(rows + i * width, c, &slots[i]);
    test_put(records, rows);
    free(rows);
}

/* ---- slots ---- */

/* x += share * (w, if there is one, times) row `which` of a table of vectors of the width
 */
static void add_row(double *x, const float *table, int which, double share, const float *w,
                    int width)
{
    const float *row = table + (size_t)which * (size_t)width;
    for (int i = 0; i < width; i++) {
        double part = w ? 0 : (double)row[i];
        for (int j = 0; w && j < width; j++)
            part += (double)w[(size_t)i * (size_t)width + (size_t)j] * (double)row[j];
        x[i] += share * part;
    }
}

static void a_slot_is_the_sum_of_the_words_that_it_says(void **state)
{
    (void)state;
    ask_timeline_config c = talk_config();
    c.n_event_slots = 2;
    c.n_toy_slots = 1;
    talk_slot toy = BLUE_STAR_SPINS;
    toy.does = W_PAD;
    toy.confidence = 0.25;
    const talk_slot said[3] = {RED_BALL_JUMPS, GREEN_RING_HITS, toy};
    talk_network n;
    talk_open(&n, &c, 7);
    test_put_all(talk_parameter(&n, "focus.rest.1.weight"), 0); // when and where: golden
    talk_graph t = {.g = test_graph()};
    const talk_sizes sizes = {
        .videos = 1, .questions = 1, .tokens = 2, .slots = 3, .answers = 1};
    talk_build(&t, &n, &sizes, NULL);
    ask_keep(t.g, t.out.slots);
    test_plan(t.g, the_cpu);
    put_records(t.asking.records, &c, said);
    test_run(t.g);

    float *words = test_get(n.net.words), *ranks = test_get(n.net.ranks),
          *is_there = test_get(n.net.toy), *slots = test_get(t.out.slots),
          *w[4] = {test_get(n.net.other_color.w), test_get(n.net.other_shape.w),
                   test_get(n.net.later_color.w), test_get(n.net.way.w)};
    for (int s = 0; s < 3; s++) {
        const talk_slot *of = &said[s];
        const int own[] = {of->color, of->shape, of->size, of->texture, of->does},
                  other[] = {of->other_color, of->other_shape, of->later_color, of->way};
        double x[64] = {0};
        for (size_t i = 0; i < TEST_COUNT(own); i++)
            if (own[i] != W_PAD) add_row(x, words, own[i], of->confidence, NULL, c.width);
        for (size_t i = 0; i < TEST_COUNT(other); i++)
            if (other[i] != W_PAD)
                add_row(x, words, other[i], of->confidence, w[i], c.width);
        if (of->does == W_PAD) add_row(x, is_there, 0, of->confidence, NULL, c.width);
        add_row(x, ranks, s, 1, NULL, c.width);
        float expected[64];
        for (int i = 0; i < c.width; i++) expected[i] = (float)x[i];
        test_near("slot", slots + s * c.width, expected, c.width, 1e-5);
    }
    float *all[] = {words, ranks, is_there, slots, w[0], w[1], w[2], w[3]};
    for (size_t i = 0; i < TEST_COUNT(all); i++) free(all[i]);
    ask_graph_free(t.g);
    talk_close(&n);
}

/* ---- the first step ---- */

/* How much n words look at the first slot, of all their attention to the two. heads: [H,
 * n_items, 2], the words from item `begin` on */
static double share_of_first(const float *heads, int n_heads, int n_items, int begin, int n)
{
    double first = 0, both = 0;
    for (int h = 0; h < n_heads; h++)
        for (int i = begin; i < begin + n; i++) {
            const float *p = heads + (h * n_items + i) * 2;
            first += (double)p[0];
            both += (double)p[0] + (double)p[1];
        }
    return first / both;
}

/* At the width of the default model. */
static void words_find_the_slot_that_says_them_before_anything_is_learnt(void **state)
{
    (void)state;
    enum { SEEDS = 20, TEXTS = 2, LENGTH = 2, ITEMS = TEXTS * (LENGTH + 1) };
    static const int texts[TEXTS][LENGTH] = {{W_RED, W_BALL}, {W_JUMPS, W_PAD}};
    const talk_slot said[] = {RED_BALL_JUMPS, BLUE_STAR_SPINS};
    ask_timeline_config c = talk_config();
    c.width = 160;
    c.n_heads = 5;
    c.n_event_slots = c.n_toy_slots = 1;
    double mean = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        talk_network n;
        talk_open(&n, &c, seed);
        talk_graph t = {.g = test_graph()};
        ask_graph_want(t.g, "focus.attentions.0");
        const talk_sizes sizes = {
            .videos = 1, .questions = TEXTS, .tokens = LENGTH, .slots = 2, .answers = 1};
        talk_build(&t, &n, &sizes, NULL);
        test_plan(t.g, the_cpu);
        put_records(t.asking.records, &c, said);
        test_put(t.asking.mask, (bool[]){true, true});
        talk_put_texts(&t.asking.questions, texts[0]);
        test_run(t.g);
        float *p = test_get(ask_graph_find(t.g, "focus.attentions.0"));
        for (int i = 0; i < TEXTS; i++) {
            int n_words = texts[i][1] == W_PAD ? 1 : 2;
            double share = share_of_first(p, c.n_heads, ITEMS, i * (LENGTH + 1), n_words);
            if (share <= 0.5)
                fail_msg("seed %d, text %d: %.2f of the attention", (int)seed, i, share);
            mean += share / (SEEDS * TEXTS);
        }
        free(p);
        ask_graph_free(t.g);
        talk_close(&n);
    }
    assert_true(mean > 0.75);
}

/* ---- counting ---- */

/* With everything else at zero, the answer's vector is what the counters say, normed. */
static void counters_add_up_how_sure_slots_are(void **state)
{
    (void)state;
    static const char *const kept[] = {"focus.norm.weight", "focus.memory_norm.weight",
                                       "focus.layers.0.count_norm.weight"};
    ask_timeline_config c = talk_config();
    c.focus_layers = 1;
    c.n_event_slots = 3;
    c.n_toy_slots = 1;
    talk_network n;
    talk_open(&n, &c, 3);
    for (int i = 0; i < ask_store_count(n.store); i++) {
        ask_tensor *x = ask_store_at(n.store, i);
        bool is_kept = false;
        for (size_t k = 0; k < TEST_COUNT(kept); k++)
            is_kept |= strcmp(ask_tensor_name(x), kept[k]) == 0;
        if (!is_kept) test_put_all(x, 0);
    }
    const int n_features = c.n_counters * (1 + ASK_TIMELINE_N_COUNTS);
    float *w = calloc((size_t)(c.width * n_features), sizeof *w);
    assert_non_null(w);
    for (int i = 0; i < n_features; i++)
        w[i * n_features + i] = 1; // feature i -> channel i
    test_put(talk_parameter(&n, "focus.layers.0.counts.weight"), w);
    test_put(talk_parameter(&n, "focus.layers.0.count_bias"), (float[]){0, -1});

    talk_graph t = {.g = test_graph()};
    const talk_sizes sizes = {
        .videos = 1, .questions = 1, .tokens = 2, .slots = 4, .answers = 1};
    talk_build(&t, &n, &sizes, NULL);
    ask_keep(t.g, t.out.answer);
    test_plan(t.g, the_cpu);
    talk_slot unsure = BLUE_STAR_SPINS;
    unsure.confidence = 0.3;
    const talk_slot said[4] = {RED_BALL_JUMPS, unsure, GREEN_RING_HITS, BLUE_STAR_SPINS};
    put_records(t.asking.records, &c, said);
    test_put(t.asking.mask, (bool[]){true, true, true, false});
    test_run(t.g);

    const double sure = 1 + 0.3 + 0.5; // the last is no slot
    double x[32] = {0}, mean = 0, square = 0;
    for (int h = 0; h < 2; h++) {
        double count = sure / (1 + exp(h == 0 ? 0.0 : 1.0)); // of sigmoid(bias) each
        x[h * 8] = count;
        for (int k = 0; k < 7; k++)
            x[h * 8 + 1 + k] = exp(-0.6 * (count - k) * (count - k));
    }
    for (int i = 0; i < 32; i++) mean += x[i] / 32;
    for (int i = 0; i < 32; i++) square += (x[i] - mean) * (x[i] - mean) / 32;
    float expected[32], *answer = test_get(t.out.answer);
    for (int i = 0; i < 32; i++) expected[i] = (float)((x[i] - mean) / sqrt(square + 1e-5));
    test_near("answer", answer, expected, 32, 1e-5);
    free(answer);
    free(w);
    ask_graph_free(t.g);
    talk_close(&n);
}

/* ---- what must not be seen ---- */

enum { VIDEOS = 2, QUESTIONS = 3, TOKENS = 5, SLOTS = 6, ANSWERS = 4 };

/* 11 and 13 tokens; 6 answers' vectors. */
static const int questions[VIDEOS * QUESTIONS][TOKENS] = {
    {W_WHAT, W_DOES, W_THE, W_RED, W_BALL},
    {W_HOW, W_MANY},
    {W_WHAT, W_COLOR, W_IS, W_STAR},
    {W_WHAT, W_IS, W_BLUE},
    {W_WHAT, W_SPINS},
    {W_HOW, W_MANY, W_RED, W_SMALL, W_STAR},
};
static const int answers[ANSWERS][TOKENS] = {
    {W_A, W_RED, W_BALL}, {W_TWO}, {W_THE, W_BALL, W_HITS, W_A, W_STAR}, {0}};
enum { QUESTION_TOKENS = 21 + 6, ANSWER_TOKENS = 9 };

/* What is asked, and of what. */
typedef struct {
    talk_slot slots[VIDEOS * SLOTS];
    int questions[VIDEOS * QUESTIONS][TOKENS];
    bool is_slot[VIDEOS * SLOTS];
    int64_t room, answers_room;
} situation;

static situation usual(void)
{
    situation s = {.slots = {RED_BALL_JUMPS, BLUE_STAR_SPINS, GREEN_RING_HITS,
                             BLUE_STAR_SPINS, RED_BALL_JUMPS, RED_BALL_JUMPS,
                             GREEN_RING_HITS, RED_BALL_JUMPS, BLUE_STAR_SPINS,
                             RED_BALL_JUMPS, GREEN_RING_HITS, BLUE_STAR_SPINS}};
    memcpy(s.questions, questions, sizeof questions);
    for (int i = 0; i < VIDEOS * SLOTS; i++) s.is_slot[i] = true;
    s.is_slot[4] = s.is_slot[9] = false;
    return s;
}

/* What comes of it; fails: with what the run said. */
typedef struct {
    float *logits, *pointer, *answer; // [B, Q, ..]
    ask_error err;
} outcome;

static outcome answer_all(const talk_network *n, const situation *s)
{
    outcome out = {0};
    talk_graph t = {.g = test_graph()};
    const talk_sizes sizes = {VIDEOS,  QUESTIONS, TOKENS,         SLOTS,
                              ANSWERS, s->room,   s->answers_room};
    talk_build(&t, n, &sizes, NULL);
    ask_keep(t.g, t.out.logits);
    ask_keep(t.g, t.out.pointer);
    ask_keep(t.g, t.out.answer);
    test_plan(t.g, the_cpu);
    put_records(t.asking.records, &n->net.config, s->slots);
    test_put(t.asking.mask, s->is_slot);
    talk_put_texts(&t.asking.questions, s->questions[0]);
    talk_put_texts(&t.answers, answers[0]);
    if (ask_graph_run(t.g, NULL, &out.err)) {
        out.logits = test_get(t.out.logits);
        out.pointer = test_get(t.out.pointer);
        out.answer = test_get(t.out.answer);
    }
    ask_graph_free(t.g);
    return out;
}

static void outcome_free(outcome *o)
{
    free(o->logits);
    free(o->pointer);
    free(o->answer);
}

/* Whether question q came out the same, to the bit. */
static bool same(const outcome *a, const outcome *b, int q)
{
    enum { POINTER = SLOTS + 1 };
    return memcmp(a->logits + q * ANSWERS, b->logits + q * ANSWERS,
                  ANSWERS * sizeof(float)) == 0 &&
           memcmp(a->pointer + q * POINTER, b->pointer + q * POINTER,
                  POINTER * sizeof(float)) == 0;
}

static void questions_see_neither_one_another_nor_padding(void **state)
{
    (void)state;
    ask_timeline_config c = talk_config();
    talk_network n;
    talk_open(&n, &c, 5);
    situation s = usual();
    outcome before = answer_all(&n, &s);
    s.questions[1][1] = W_RED; // of the first video
    outcome after = answer_all(&n, &s);
    for (int q = 0; q < VIDEOS * QUESTIONS; q++)
        if (same(&before, &after, q) != (q != 1)) fail_msg("question %d", q);
    outcome_free(&after);
    outcome_free(&before);
    talk_close(&n);
}

static void what_is_no_slot_is_neither_seen_nor_pointed_at(void **state)
{
    (void)state;
    ask_timeline_config c = talk_config();
    talk_network n;
    talk_open(&n, &c, 5);
    situation s = usual();
    outcome before = answer_all(&n, &s);
    s.slots[4] = GREEN_RING_HITS; // is hidden, of the first video
    outcome hidden = answer_all(&n, &s);
    s.slots[3] = GREEN_RING_HITS; // is not
    outcome seen = answer_all(&n, &s);
    for (int q = 0; q < VIDEOS * QUESTIONS; q++) {
        bool of_first = q < QUESTIONS;
        if (!same(&before, &hidden, q)) fail_msg("question %d sees what is hidden", q);
        if (same(&before, &seen, q) == of_first) fail_msg("question %d", q);
        const float *pointer = before.pointer + q * (SLOTS + 1);
        for (int i = 0; i <= SLOTS; i++)
            assert_int_equal(pointer[i] < -1e8f, i == (of_first ? 4 : 3));
    }
    outcome_free(&before);
    outcome_free(&hidden);
    outcome_free(&seen);
    talk_close(&n);
}

static void without_padding_all_is_the_same(void **state)
{
    (void)state;
    ask_timeline_config c = talk_config();
    talk_network n;
    talk_open(&n, &c, 11);
    situation s = usual();
    outcome padded = answer_all(&n, &s);
    s.room = QUESTION_TOKENS;
    s.answers_room = ANSWER_TOKENS;
    outcome tight = answer_all(&n, &s);
    s.room = 1000; // more than there are places
    s.answers_room = ANSWER_TOKENS + 3;
    outcome wide = answer_all(&n, &s);
    const outcome *others[] = {&tight, &wide};
    for (size_t i = 0; i < TEST_COUNT(others); i++) { // sums of f32 in another order
        test_near("logits", others[i]->logits, padded.logits, VIDEOS * QUESTIONS * ANSWERS,
                  1e-4);
        test_near("pointer", others[i]->pointer, padded.pointer,
                  VIDEOS * QUESTIONS * (SLOTS + 1), 1e-4);
    }
    outcome_free(&padded);
    outcome_free(&tight);
    outcome_free(&wide);
    talk_close(&n);
}

static void more_tokens_than_there_is_room_for_are_an_error(void **state)
{
    (void)state;
    ask_timeline_config c = talk_config();
    talk_network n;
    talk_open(&n, &c, 11);
    situation s = usual();
    s.room = QUESTION_TOKENS - 1;
    outcome a = answer_all(&n, &s);
    assert_null(a.logits);
    assert_int_equal(a.err.code, ASK_ERR_SHAPE);
    s.room = 0;
    s.answers_room = ANSWER_TOKENS - 1;
    outcome b = answer_all(&n, &s);
    assert_null(b.logits);
    talk_close(&n);
}

/* An answer without words, as where there are fewer than places. */
static void nothing_said_fits_nothing(void **state)
{
    (void)state;
    ask_timeline_config c = talk_config();
    talk_network n;
    talk_open(&n, &c, 5);
    situation s = usual();
    outcome o = answer_all(&n, &s);
    // Cosines, ten times, and the logarithms of those with what is pointed at.
    const float unlike = 0.5f * (float)log(exp(-10) + 1e-6);
    for (int q = 0; q < VIDEOS * QUESTIONS; q++) {
        const float *logits = o.logits + (ptrdiff_t)q * ANSWERS;
        test_near("of nothing", &logits[3], &unlike, 1, 1e-4);
        for (int i = 0; i < 3; i++) {
            assert_true(fabsf(logits[i] - unlike) > 1e-3f);
            assert_true(logits[i] <= 10.001f && logits[i] >= 2 * unlike - 10);
        }
    }
    outcome_free(&o);
    talk_close(&n);
}

static void every_layer_drops_what_it_adds(void **state)
{
    (void)state;
    ask_timeline_config c = talk_config();
    c.dropout = 0.1;
    talk_network n;
    talk_open(&n, &c, 5);
    talk_graph t = {.g = test_graph()};
    ask_dropping d = {.seed = 1, .step = INPUT_I64(t.g, 1)};
    const talk_sizes sizes = {VIDEOS, QUESTIONS, TOKENS, SLOTS, ANSWERS, 0, 0};
    talk_build(&t, &n, &sizes, &d);
    // Layers of texts, of the memory; of the focus, which count.
    assert_int_equal(d.n, 1 * 2 + 1 * 2 + 2 * 4);
    ask_graph_free(t.g);
    talk_close(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slot_is_the_sum_of_the_words_that_it_says),
        cmocka_unit_test(words_find_the_slot_that_says_them_before_anything_is_learnt),
        cmocka_unit_test(counters_add_up_how_sure_slots_are),
        cmocka_unit_test(questions_see_neither_one_another_nor_padding),
        cmocka_unit_test(what_is_no_slot_is_neither_seen_nor_pointed_at),
        cmocka_unit_test(without_padding_all_is_the_same),
        cmocka_unit_test(more_tokens_than_there_is_room_for_are_an_error),
        cmocka_unit_test(nothing_said_fits_nothing),
        cmocka_unit_test(every_layer_drops_what_it_adds),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
