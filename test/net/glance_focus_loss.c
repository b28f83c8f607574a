/* What Glance-Focus is taught: every loss on numbers that can be worked out by hand. */
#include "net/joint/glance_focus_loss.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/tensors.h"

enum { MOST = 32 };

#define LN2 0.69314718055994531
#define LN3 1.09861228866810969

/* ---- running one ---- */

typedef struct {
    double sum, count, mean;
    float grad[MOST]; // of the mean, by what the network gives
} result;

static double number_of(const ask_tensor *t)
{
    float *value = test_get(t);
    double number = (double)*value;
    free(value);
    return number;
}

/* A graph with a loss of x in it, before it runs. */
typedef struct {
    ask_graph *g;
    ask_loss_part part;
    ask_tensor *mean, *grad;
} learning;

static void finish_building(learning *l, ask_tensor *x)
{
    ask_keep(l->g, l->part.sum);
    ask_keep(l->g, l->part.count);
    l->mean = ask_keep(l->g, ask_loss_mean(l->g, &l->part));
    ask_graph_gradients(l->g, l->mean, &x, 1, &l->grad);
    ask_keep(l->g, l->grad);
    test_plan(l->g, the_cpu);
}

static result finish_running(learning *l)
{
    test_run(l->g);
    result r = {number_of(l->part.sum), number_of(l->part.count), number_of(l->mean), {0}};
    float *grad = test_get(l->grad);
    assert_true(ask_tensor_count(l->grad) <= MOST);
    memcpy(r.grad, grad, ask_tensor_bytes(l->grad));
    free(grad);
    ask_graph_free(l->g);
    return r;
}

/* The tolerance is for f32 numbers of about 1. */
static void check_within(const char *name, const result *r, double sum, double count,
                         double tolerance)
{
    double mean = sum / fmax(count, 1);
    if (!(fabs(r->sum - sum) < tolerance) || r->count != count ||
        !(fabs(r->mean - mean) < tolerance))
        fail_msg("case \"%s\": %.9g of %g, mean %.9g; expected %.9g of %g", name, r->sum,
                 r->count, r->mean, sum, count);
    for (int i = 0; i < MOST; i++) CHECK_CASE(name, isfinite(r->grad[i]));
}

static void check(const char *name, const result *r, double sum, double count)
{
    check_within(name, r, sum, count, 2e-6);
}

static bool is_zero(const result *r)
{
    for (int i = 0; i < MOST; i++)
        if (r->grad[i] != 0) return false;
    return true;
}

/* ---- the answer ---- */

static void answers_cost_the_logarithm_of_what_they_were_given(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_answer_head head;
        float answer[6]; // [3, 2]
        int64_t labels[3];
        double sum, count;
    } cases[] = {
        // p = 1/2, 1/4, 3/4: ln 2 + ln 4 + ln 4/3
        {"options",
         ASK_ANSWER_OPTIONS,
         {0, 0, 0, (float)LN3, 0, (float)LN3},
         {1, 0, 1},
         LN2 + 2 * LN2 + 2 * LN2 - LN3,
         3},
        {"one is not known",
         ASK_ANSWER_VOCABULARY,
         {0, 0, 5, 9, 0, (float)LN3},
         {1, -1, 0},
         LN2 + 2 * LN2,
         2},
        {"none is known", ASK_ANSWER_MOMENT, {0, 1, 2, 3, 4, 5}, {-1, -1, -1}, 0, 0},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        learning l = {.g = test_graph()};
        ask_tensor *answer = INPUT(l.g, 3, 2), *labels = INPUT_I64(l.g, 3);
        ask_qa_loss(&l.part, l.g, cases[i].head, answer, labels);
        finish_building(&l, answer);
        test_put(answer, cases[i].answer);
        test_put(labels, cases[i].labels);
        result r = finish_running(&l);
        check(cases[i].name, &r, cases[i].sum, cases[i].count);
        CHECK_CASE(cases[i].name, is_zero(&r) == (cases[i].count == 0));
    }
}

static void counts_cost_the_square_of_the_miss(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        float labels[3];
        double sum, count, slope; // of the mean, at the first
    } cases[] = {
        {"all known", {3, 3, 7}, 1 + 4 + 0, 3, -2.0 / 3},
        {"one is not", {3, NAN, 9}, 1 + 4, 2, -1},
        {"none is", {NAN, NAN, NAN}, 0, 0, 0},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        learning l = {.g = test_graph()};
        ask_tensor *answer = INPUT(l.g, 3), *labels = INPUT(l.g, 3);
        ask_qa_loss(&l.part, l.g, ASK_ANSWER_COUNT, answer, labels);
        finish_building(&l, answer);
        test_put(answer, (float[]){2, 5, 7});
        test_put(labels, cases[i].labels);
        result r = finish_running(&l);
        check(cases[i].name, &r, cases[i].sum, cases[i].count);
        CHECK_CASE(cases[i].name, fabs((double)r.grad[0] - cases[i].slope) < 1e-6);
    }
}

/* ---- without labels of events ---- */

typedef void slots_loss(ask_loss_part *out, ask_graph *g, const ask_glance *glance);

static void slots_that_share_a_class_cost(void **state)
{
    (void)state;
    enum { SURE = 60 };
    static const struct {
        const char *name;
        float logits[8]; // [2, 2, 2]: videos, slots, classes
        double diversity, certainty;
    } cases[] = {
        // p of all = 1/2, 1/2; entropies 0
        {"two classes, sure", {SURE, 0, 0, SURE, SURE, 0, 0, SURE}, -2 * LN2, 0},
        {"one class, sure", {SURE, 0, SURE, 0, 0, SURE, 0, SURE}, 0, 0},
        {"not sure", {1, 1, 2, 2, 0, 0, 7, 7}, -2 * LN2, 2 * LN2},
        // p of all = 3/4, 1/4: 3/4 ln 3/4 + 1/4 ln 1/4 = 3/4 ln 3 - 2 ln 2; ln 2 / 2 of
        // slots
        {"one of two is sure", {SURE, 0, 0, 0, SURE, 0, 0, 0}, 1.5 * LN3 - 4 * LN2, LN2},
    };
    slots_loss *const losses[] = {ask_diversity_loss, ask_certainty_loss};
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        for (int k = 0; k < 2; k++) {
            learning l = {.g = test_graph()};
            ask_glance glance = {.class_logits = INPUT(l.g, 2, 2, 2)};
            losses[k](&l.part, l.g, &glance);
            finish_building(&l, glance.class_logits);
            test_put(glance.class_logits, cases[i].logits);
            result r = finish_running(&l);
            double sum = k ? cases[i].certainty : cases[i].diversity;
            check_within(cases[i].name, &r, sum, 2, 1e-5); // the logarithm is of p + 1e-6
        }
}

static void spans_that_lie_on_one_another_cost(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int n;
        float spans[10][2]; // centre, width
        double iou;         // generalised, summed over pairs
    } cases[] = {
        // [0, 0.5] and [0.25, 0.75]: 0.25 of 0.75, and no gap
        {"half on one another", 2, {{0.25f, 0.5f}, {0.5f, 0.5f}}, 1.0 / 3},
        // [0, 0.2] and [0.6, 1]: nothing common, 0.4 of 1 between them
        {"apart", 2, {{0.1f, 0.2f}, {0.8f, 0.4f}}, -0.4},
        // [0.4, 0.6] in [0, 1]
        {"one in another", 2, {{0.5f, 0.2f}, {0.5f, 1}}, 0.2},
        {"three the same", 3, {{0.5f, 0.5f}, {0.5f, 0.5f}, {0.5f, 0.5f}}, 3},
        // of three pairs: the two above and [0.25, 0.75] with [0.6, 1]: 0.15 of 0.75
        {"three",
         3,
         {{0.25f, 0.5f}, {0.5f, 0.5f}, {0.8f, 0.4f}},
         1.0 / 3 - 0.1 + 0.15 / 0.75},
        {"one alone", 1, {{0.5f, 0.5f}}, 0},
        {"of no width", 2, {{0.5f, 0}, {0.5f, 0}}, 0},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        int n = cases[i].n;
        learning l = {.g = test_graph()};
        ask_glance glance = {.spans = INPUT(l.g, 1, n, 2)};
        ask_overlap_loss(&l.part, l.g, &glance);
        finish_building(&l, glance.spans);
        test_put(glance.spans, cases[i].spans);
        result r = finish_running(&l);
        check(cases[i].name, &r, cases[i].iou / (n * n), 1);
    }
}

/* Ten slots on one another: 45 pairs of 100 cells. */
static void ten_spans_that_are_the_same_cost_45_hundredths(void **state)
{
    (void)state;
    learning l = {.g = test_graph()};
    ask_glance glance = {.spans = INPUT(l.g, 1, 10, 2)};
    ask_overlap_loss(&l.part, l.g, &glance);
    finish_building(&l, glance.spans);
    test_put_all(glance.spans, 0.5);
    result r = finish_running(&l);
    check("ten", &r, 0.45, 1);
}

/* ---- with events ---- */

/* One batch of two videos with three slots of three classes, the last of them background,
 * and places for two events. */
enum { VIDEOS = 2, SLOTS = 3, CLASSES = 3, PLACES = 2 };

typedef struct {
    const char *name;
    float spans[VIDEOS][PLACES][2];
    int64_t classes[VIDEOS][PLACES], counts[VIDEOS];
    double cost_l1, cost_class;
    int64_t match[VIDEOS][PLACES];
    double class_sum, span_sum, n_pairs;
} event_case;

// p of the slots of both videos: 1/3 1/3 1/3; 1/2 1/4 1/4; 1/5 1/5 3/5
#define SLOT_LOGITS                                                                        \
    {                                                                                      \
        {0, 0, 0}, {(float)LN2, 0, 0},                                                     \
        {                                                                                  \
            0, 0, (float)LN3                                                               \
        }                                                                                  \
    }
static const float slot_logits[VIDEOS][SLOTS][CLASSES] = {SLOT_LOGITS, SLOT_LOGITS};
static const float slot_spans[VIDEOS][SLOTS][2] = {
    {{0.2f, 0.2f}, {0.5f, 0.2f}, {0.8f, 0.2f}},
    {{0.2f, 0.2f}, {0.5f, 0.2f}, {0.8f, 0.2f}},
};

#define LN5 1.60943791243410037

static const event_case event_cases[] = {
    // spans alone: |0.8 - 0.7| + |0.2 - 0.4| = 0.3 with slot 2, 0.1 + 0 with slot 0;
    // classes there: 1/5, and 1/3
    {"by spans",
     {{{0.7f, 0.4f}, {0.3f, 0.2f}}},
     {{0, 1}},
     {2, 0},
     1,
     0,
     {{2, 0}, {0, 0}},
     LN5 + LN3,
     0.3 + 0.1,
     2},
    // classes alone: class 0 is best in slot 1 (1/2); background, which counts a tenth, in
    // slot 2 (3/5). Spans there: 0.2 + 0.2, and 0.5 + 0
    {"by classes",
     {{{0.7f, 0.4f}, {0.3f, 0.2f}}},
     {{0, 2}},
     {2, 0},
     0,
     1,
     {{1, 2}, {0, 0}},
     LN2 + 0.1 * (LN5 - LN3),
     0.4 + 0.5,
     2},
    // both want slot 1, 0 - 1/2; slot 0 is the next, 0.3 - 1/3, before slot 2, 0.3 - 1/5
    {"the first of equals",
     {{{0.5f, 0.2f}, {0.5f, 0.2f}}},
     {{0, 0}},
     {2, 0},
     1,
     1,
     {{1, 0}, {0, 0}},
     LN2 + LN3,
     0 + 0.3,
     2},
    {"in both videos",
     {{{0.2f, 0.2f}}, {{0.8f, 0.2f}}},
     {{1}, {2}},
     {1, 1},
     1,
     1,
     {{0, 0}, {2, 0}},
     LN3 + 0.1 * (LN5 - LN3),
     0,
     2},
    {"no events", {{{0}}}, {{0}}, {0, 0}, 1, 1, {{0, 0}, {0, 0}}, 0, 0, 0},
    // what is no event is not looked at
    {"nonsense beyond the count",
     {{{0.2f, 0.2f}, {NAN, NAN}}, {{NAN, INFINITY}, {NAN, 1}}},
     {{1, 99}, {-7, 1000}},
     {1, 0},
     1,
     1,
     {{0, 0}, {0, 0}},
     LN3,
     0,
     1},
};

typedef struct {
    ask_glance glance;
    ask_event_targets targets;
    ask_tensor *match;
} event_graph;

static event_graph build_events(ask_graph *g, const event_case *c)
{
    event_graph e = {
        .glance = {.class_logits = INPUT(g, VIDEOS, SLOTS, CLASSES),
                   .spans = INPUT(g, VIDEOS, SLOTS, 2)},
        .targets = {.spans = INPUT(g, VIDEOS, PLACES, 2),
                    .classes = INPUT_I64(g, VIDEOS, PLACES),
                    .counts = INPUT_I64(g, VIDEOS)},
    };
    const ask_matching how = {.cost_l1 = c->cost_l1, .cost_class = c->cost_class};
    e.match = ask_keep(g, ask_match_events(g, &e.glance, &e.targets, &how));
    return e;
}

static void put_events(const event_graph *e, const event_case *c)
{
    test_put(e->glance.class_logits, slot_logits);
    test_put(e->glance.spans, slot_spans);
    test_put(e->targets.spans, c->spans);
    test_put(e->targets.classes, c->classes);
    test_put(e->targets.counts, c->counts);
}

static void check_match(const event_graph *e, const event_case *c)
{
    int64_t *match = test_get(e->match);
    CHECK_CASE(c->name, memcmp(match, c->match, sizeof c->match) == 0);
    free(match);
}

static void matched_slots_learn_the_class_of_their_event(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(event_cases); i++) {
        const event_case *c = &event_cases[i];
        learning l = {.g = test_graph()};
        event_graph e = build_events(l.g, c);
        ask_event_class_loss(&l.part, l.g, &e.glance, &e.targets, e.match, 0.1);
        finish_building(&l, e.glance.class_logits);
        put_events(&e, c);
        test_run(l.g);
        check_match(&e, c);
        result r = finish_running(&l);
        check(c->name, &r, c->class_sum, c->n_pairs);
        CHECK_CASE(c->name, is_zero(&r) == (c->n_pairs == 0));
    }
}

static void matched_slots_learn_the_span_of_their_event(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(event_cases); i++) {
        const event_case *c = &event_cases[i];
        learning l = {.g = test_graph()};
        event_graph e = build_events(l.g, c);
        ask_event_span_loss(&l.part, l.g, &e.glance, &e.targets, e.match);
        finish_building(&l, e.glance.spans);
        put_events(&e, c);
        result r = finish_running(&l);
        check(c->name, &r, c->span_sum, 2 * c->n_pairs);
    }
}

static void places_for_no_events_at_all_are_fine(void **state)
{
    (void)state;
    learning l = {.g = test_graph()};
    ask_glance glance = {.class_logits = INPUT(l.g, 2, 3, 4), .spans = INPUT(l.g, 2, 3, 2)};
    ask_event_targets none = {INPUT(l.g, 2, 0, 2), INPUT_I64(l.g, 2, 0), INPUT_I64(l.g, 2)};
    ask_tensor *match =
        ask_match_events(l.g, &glance, &none, &(ask_matching){.cost_l1 = 1});
    ask_event_class_loss(&l.part, l.g, &glance, &none, match, 0.1);
    finish_building(&l, glance.class_logits);
    result r = finish_running(&l);
    check("no places", &r, 0, 0);
    assert_true(is_zero(&r));
}

static void events_that_cannot_be_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *name, *message;
        int64_t class_index, count;
    } cases[] = {
        {"no such class", "index 3 is outside axis", 3, 1},
        {"more than places", "match: count 3 of row 0 is not from 0 to 2", 0, 3},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_graph *g = test_graph();
        event_case c = event_cases[0];
        c.classes[0][0] = cases[i].class_index;
        c.counts[0] = cases[i].count;
        event_graph e = build_events(g, &c);
        test_plan(g, the_cpu);
        put_events(&e, &c);
        CHECK_CASE(cases[i].name, !ask_graph_run(g, NULL, &err));
        CHECK_CASE(cases[i].name, strstr(err.message, cases[i].message));
        ask_graph_free(g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_cost_the_logarithm_of_what_they_were_given),
        cmocka_unit_test(counts_cost_the_square_of_the_miss),
        cmocka_unit_test(slots_that_share_a_class_cost),
        cmocka_unit_test(spans_that_lie_on_one_another_cost),
        cmocka_unit_test(ten_spans_that_are_the_same_cost_45_hundredths),
        cmocka_unit_test(matched_slots_learn_the_class_of_their_event),
        cmocka_unit_test(matched_slots_learn_the_span_of_their_event),
        cmocka_unit_test(places_for_no_events_at_all_are_fine),
        cmocka_unit_test(events_that_cannot_be_are_told),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
