/* Without a memory the focus is told every sight as it is. */
#include <math.h>
#include <stdlib.h>

#include "net/joint/timeline_loss.h"
#include "support/tensors.h"
#include "support/timeline_memory.h"

enum { T = 3, K = 2, N = T * K };
enum { RED, BLUE = 5, BALL = 0, STAR = 3, JUMPS = 3 };

static ask_timeline_config a_config(void)
{
    ask_timeline_config c = told_config(2, 2);
    c.n_frames = T;
    c.n_sights = K;
    c.has_memory = false;
    return c;
}

static void put(float *row, const ask_timeline_config *c, ask_sight_field f, int at,
                float value)
{
    row[ask_sight_field_of(&c->kinds, f).begin + at] = value;
}

/* A blue star goes up and left in frame 1; a red ball jumps in frame 2; the others are
 * nothing. */
static float *sights_of(const ask_timeline_config *c)
{
    const int width = ask_sight_width(&c->kinds);
    float *rows = calloc(N * (size_t)width, sizeof *rows);
    assert_non_null(rows);
    float *star = rows + 2 * width, *ball = rows + 5 * width;
    const float box[] = {0.25f, 0.5f, 0.1f, 0.2f}, velocity[] = {-0.25f, -3};
    put(star, c, ASK_SIGHT_SEEN, 0, 0.9f);
    for (int i = 0; i < 4; i++) put(star, c, ASK_SIGHT_BOX, i, box[i]);
    for (int i = 0; i < 2; i++) put(star, c, ASK_SIGHT_VELOCITY, i, velocity[i]);
    put(star, c, ASK_SIGHT_COLOR, BLUE, 1);
    put(star, c, ASK_SIGHT_SHAPE, STAR, 1);
    put(star, c, ASK_SIGHT_DEED, 0, 0.75f);
    put(star, c, ASK_SIGHT_DEED, c->kinds.n_values[ASK_KIND_OF_EVENT] + 1, 0.25f);
    put(ball, c, ASK_SIGHT_SEEN, 0, 0.5f);
    put(ball, c, ASK_SIGHT_COLOR, RED, 1);
    put(ball, c, ASK_SIGHT_SHAPE, BALL, 1);
    put(ball, c, ASK_SIGHT_DEED, 1 + JUMPS, 1);
    return rows;
}

static void a_sight_is_a_record_of_its_frame(void **state)
{
    (void)state;
    const ask_timeline_config c = a_config();
    const int width = ask_record_width(&c.kinds);
    assert_int_equal(ask_timeline_n_slots(&c), N);
    ask_graph *g = test_graph();
    const ask_timeline_sights sights = {.sights = INPUT(g, 1, N, ask_sight_width(&c.kinds)),
                                        .mask =
                                            ask_input(g, ASK_BOOL, 2, (int64_t[]){1, N})};
    ask_timeline_memory m;
    ask_timeline_unremembered(&m, g, &c, &sights);
    assert_ptr_equal(m.mask, sights.mask);
    assert_true(!m.events && !m.toys && !m.pairs);
    ask_keep(g, m.records);
    test_plan(g, the_cpu);
    float *rows = sights_of(&c);
    test_put(sights.sights, rows);
    test_run(g);
    float *records = test_get(m.records);

    told_record star = told_record_of(&c.kinds, records + 2 * width),
                ball = told_record_of(&c.kinds, records + 5 * width);
    assert_true(fabs(star.confidence - 0.9) < 1e-6);
    assert_int_equal(star.class_, c.kinds.n_values[ASK_KIND_OF_EVENT]); // it is there
    assert_true(star.color == BLUE && star.shape == STAR);
    assert_int_equal(star.way, 2); // up, though half of left
    assert_true(fabs(star.begin - 1.0 / T) < 1e-6 && fabs(star.end - 2.0 / T) < 1e-6);
    for (int i = 0; i < 4; i++)
        assert_true(fabs(star.places[i] - (i % 2 ? 0.5 : 0.25)) < 1e-6);
    assert_int_equal(ball.class_, JUMPS);
    assert_true(ball.color == RED && ball.shape == BALL && ball.way == -1);
    assert_true(fabs(ball.begin - 2.0 / T) < 1e-6 && fabs(ball.end - 1) < 1e-6);
    assert_true(ball.other_color == -1 && ball.other_shape == -1 && ball.later_color == -1);
    const float *ways =
        records + 2 * width + ask_record_field_of(&c.kinds, ASK_RECORD_WAY).begin;
    assert_true(ways[0] == 0.5f && ways[1] == 0 && ways[2] == 1 && ways[3] == 0);
    free(records);
    free(rows);
    ask_graph_free(g);
}

static void a_sight_is_the_event_and_the_toy_that_truth_tells(void **state)
{
    (void)state;
    const ask_timeline_config c = a_config();
    const int64_t number[N] = {-1, 4, -1, -1, 0, 4},
                  color[N] = {-1, BLUE, BLUE, -1, RED, 1},
                  shape[N] = {-1, STAR, STAR, -1, BALL, BALL};
    ask_graph *g = test_graph();
    const ask_glimpse_truth truth = {.number = INPUT_I64(g, 1, N),
                                     .color = INPUT_I64(g, 1, N),
                                     .shape = INPUT_I64(g, 1, N)};
    ask_slot_truth slots;
    ask_slot_truth_of_sights(&slots, g, &c.kinds, &truth);
    assert_ptr_equal(slots.events, truth.number);
    ask_keep(g, slots.pairs);
    test_plan(g, the_cpu);
    test_put(truth.number, number);
    test_put(truth.color, color);
    test_put(truth.shape, shape);
    test_run(g);
    ask_error err = {0};
    int64_t pairs[N];
    const int64_t n = c.kinds.n_values[ASK_KIND_OF_SHAPE],
                  expected[N] = {-1, BLUE * n + STAR, BLUE * n + STAR, -1, 0, n};
    CHECK_OK(ask_tensor_read(slots.pairs, pairs, sizeof pairs, &err), &err);
    assert_memory_equal(pairs, expected, sizeof pairs);
    ask_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sight_is_a_record_of_its_frame),
        cmocka_unit_test(a_sight_is_the_event_and_the_toy_that_truth_tells),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
