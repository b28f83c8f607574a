/* What the focus of Timeline is taught, held against sums by hand. */
#include <math.h>
#include <stdlib.h>

#include "support/toy_talk.h"

enum { B = 1, Q = 4, U = 3, O = 2, S = 5, E = 3, P = 9 };

/* Two of three questions of a clip, and a place without one. Events: slots 0 and 2 are
 * event 4, slot 1 is none; toys: pairs 7 and (none) -1. */
static const float logits[Q * U] = {1, 2, -1, 0.5f, 0, 3, 40, -2, 1, 9, 9, 9};
static const float pointer[Q * (S + 1)] = {1, 0, 2, -1, 0.5f, 0, 0.25f, 2, 1, 0, 3, -2,
                                           1, 1, 0, 2,  -3,   2, 9,     9, 9, 9, 9, 9};
static const int64_t options[Q * O] = {0, 1, 2, 0, 0, 1, 0, 0}, right[Q] = {0, 1, 0, 0},
                                 open[Q] = {1, -1, 0, -1};
static const float pairs[Q * P] = {[P + 7] = 1};
static const float counted[2][Q * S] = {
    {1, -2, 0.5f, 3, -1, 0, 1, 2, -3, 1, 0.5f, -1, 0, 2, -2, 7, 7, 7, 7, 7},
    {-1, 0, 2, 1, 1, -2, 0.5f, 1, 1, 0, 3, -1, 1, 0, 0.25f, 9, 9, 9, 9, 9}};
static const float rivals[Q * U] = {0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0},
                              weight[Q] = {1, 3, 0.5f, 0}, told[Q] = {1, 1, 1, 0};
static const int64_t slot_events[E] = {4, -1, 4}, slot_pairs[S - E] = {7, -1};

typedef struct {
    ask_graph *g;
    ask_timeline_answered answered;
    ask_focus_truth truth;
    ask_slot_truth slots;
    ask_focus_losses losses;
    ask_tensor *d_logits, *d_pointer;
} taught;

static taught teach(void)
{
    taught t = {.g = test_graph()};
    t.answered = (ask_timeline_answered){.logits = INPUT(t.g, B, Q, U),
                                         .pointer = INPUT(t.g, B, Q, S + 1)};
    for (int i = 0; i < 2; i++) t.answered.counted[i] = INPUT(t.g, B, Q, S);
    t.slots = (ask_slot_truth){INPUT_I64(t.g, B, E), INPUT_I64(t.g, B, S - E)};
    ask_focus_truth_inputs(&t.truth, t.g, B * Q, O, U, P);
    ask_timeline_focus_loss(&t.losses, t.g, &t.answered, &t.truth, &t.slots);
    ask_keep(t.g, t.losses.options);
    ask_keep(t.g, t.losses.open);
    ask_keep(t.g, t.losses.pointer);
    ask_keep(t.g, t.losses.counted);
    ask_keep(t.g, t.losses.option_logits);
    ask_tensor *answers = ask_add(t.g, t.losses.options, t.losses.open);
    ask_graph_gradients(t.g, answers, &t.answered.logits, 1, &t.d_logits);
    ask_graph_gradients(t.g, t.losses.pointer, &t.answered.pointer, 1, &t.d_pointer);
    ask_keep(t.g, t.d_logits);
    ask_keep(t.g, t.d_pointer);
    test_plan(t.g, the_cpu);
    return t;
}

static void put_truth(const taught *t, const float *events)
{
    test_put(t->answered.logits, logits);
    test_put(t->answered.pointer, pointer);
    test_put(t->slots.events, slot_events);
    test_put(t->slots.pairs, slot_pairs);
    test_put(t->truth.options, options);
    test_put(t->truth.right, right);
    test_put(t->truth.open, open);
    test_put(t->truth.rivals, rivals);
    test_put(t->truth.weight, weight);
    test_put(t->truth.events, events);
    test_put(t->truth.pairs, pairs);
    for (int i = 0; i < 2; i++) test_put(t->answered.counted[i], counted[i]);
    test_put(t->truth.told, told);
}

static float number(const ask_tensor *t)
{
    float *x = test_get(t), value = *x;
    free(x);
    return value;
}

/* The focal loss of a choice among n by their logits; the first is right. */
static double focal(int n, const double *x)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += exp(x[i] - x[0]);
    return pow(1 - 1 / sum, 1.5) * log(sum);
}

static double log_softmax(const float *x, int n, int which)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += exp((double)x[i] - (double)x[which]);
    return -log(sum);
}

/* Event 4 is evidence of question 0; of question 1 the toy 7 and event 4; of question 2 the
 * event 0, which no slot is. */
static const float evidence[Q * ASK_TIMELINE_SCENE_EVENTS] = {
    [4] = 1, [8 + 4] = 1, [16 + 0] = 1};

/* Of n slots, of which some are meant (bits). */
static double binary(const float *x, int n, unsigned meant)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += log1p(exp(meant >> i & 1 ? -(double)x[i] : (double)x[i]));
    return sum;
}

static void losses_are_weighted_means_of_what_is_told(void **state)
{
    (void)state;
    taught t = teach();
    put_truth(&t, evidence);
    test_run(t.g);
    double chosen = focal(2, (double[]){1, 2}) + 3 * focal(2, (double[]){0.5, 3}) +
                    0.5 * focal(2, (double[]){40, -2});
    double said = focal(2, (double[]){2, -1}) + 0.5 * focal(2, (double[]){40, -2});
    const float *p = pointer;
    double seen =
        -0.5 * (log_softmax(p, 6, 0) + log_softmax(p, 6, 2)) -
        (log_softmax(p + 6, 6, 0) + log_softmax(p + 6, 6, 2) + log_softmax(p + 6, 6, 3)) -
        0.5 * log_softmax(p + 12, 6, 5);
    double meant = 0;
    for (int i = 0; i < 2; i++)
        meant += binary(counted[i], S, 1 | 4) + 3 * binary(counted[i] + S, S, 1 | 4 | 8) +
                 0.5 * binary(counted[i] + 2 * S, S, 0);
    const struct {
        const char *name;
        const ask_tensor *loss;
        double expected;
    } rows[] = {{"options", t.losses.options, chosen / 4.5},
                {"open", t.losses.open, said / 1.5},
                {"pointer", t.losses.pointer, seen / 4.5},
                {"counted", t.losses.counted, meant / 4.5}};
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        float actual = number(rows[i].loss), expected = (float)rows[i].expected;
        test_near(rows[i].name, &actual, &expected, 1, 1e-5);
    }
    static const float expected[Q * O] = {1, 2, 3, 0.5f, 40, -2, 9, 9};
    float *x = test_get(t.losses.option_logits);
    test_near("logits of options", x, expected, Q * O, 0);
    free(x);
    ask_graph_free(t.g);
}

/* The factor (1 - p)^1.5 takes part in the gradient: against differences of the sum above.
 */
static void the_focal_factor_is_differentiated_too(void **state)
{
    (void)state;
    const double STEP = 1e-4;
    taught t = teach();
    put_truth(&t, evidence);
    test_run(t.g);
    float *d = test_get(t.d_logits);
    double of_options =
        (focal(2, (double[]){0.5, 3 + STEP}) - focal(2, (double[]){0.5, 3 - STEP})) /
        (2 * STEP) * 3 / 4.5; // of question 1, whose answer is not open
    assert_true(fabs((double)d[1 * U + 2] - of_options) < 1e-5);
    for (int i = 0; i < Q * U; i++) assert_true(isfinite(d[i]));
    for (int i = 0; i < U; i++) assert_true(d[3 * U + i] == 0); // there is no question
    float *d_pointer = test_get(t.d_pointer);
    for (int i = 0; i < Q * (S + 1); i++)
        assert_true(isfinite(d_pointer[i]) && (d_pointer[i] == 0) == (i >= 3 * (S + 1)));
    free(d);
    free(d_pointer);
    ask_graph_free(t.g);
}

static void nothing_told_is_a_loss_of_nothing(void **state)
{
    (void)state;
    static const float none[Q * ASK_TIMELINE_SCENE_EVENTS] = {0};
    taught t = teach();
    put_truth(&t, none);
    test_put_all(t.truth.weight, 0);
    test_run(t.g);
    const ask_tensor *losses[] = {t.losses.options, t.losses.open, t.losses.pointer,
                                  t.losses.counted};
    for (size_t i = 0; i < TEST_COUNT(losses); i++) assert_true(number(losses[i]) == 0);
    float *d = test_get(t.d_logits);
    for (int i = 0; i < Q * U; i++) assert_true(d[i] == 0);
    free(d);
    ask_graph_free(t.g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_are_weighted_means_of_what_is_told),
        cmocka_unit_test(the_focal_factor_is_differentiated_too),
        cmocka_unit_test(nothing_told_is_a_loss_of_nothing),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
