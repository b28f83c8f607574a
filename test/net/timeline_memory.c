/* The memory that Timeline makes of glimpses which are made by hand: which slots there are,
 * in which order, and what their records tell. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net/joint/timeline_loss.h"
#include "net/joint/timeline_priv.h"
#include "support/tensors.h"
#include "support/timeline_memory.h"

enum { RED, GREEN, BLUE, N_COLORS };
enum { BALL, STAR, N_SHAPES };
enum { JUMPS, PUSHES, TURNS, N_EVENTS };
enum { LEFT, RIGHT, UP, DOWN };
enum { T = 6, K = 2, N = T * K, E = 3, TOYS = 2, S = E + TOYS };

static ask_timeline_config a_config(void)
{
    ask_timeline_config c = {
        .kinds = {{N_COLORS, N_SHAPES, 2, 2, N_EVENTS, 4}},
        .cells = {.n_channels = 3, .side_px = 64, .widths = {4, 4, 5}},
        .n_frames = T,
        .n_sights = K,
        .width = 8,
        .inner = 12,
        .n_heads = 2,
        .glance_layers = 2,
        .has_memory = true,
        .n_event_slots = E,
        .n_toy_slots = TOYS,
    };
    ask_timeline_name *events = c.names[ASK_KIND_OF_EVENT];
    events[PUSHES].moves_other = events[PUSHES].goes_somewhere = true;
    events[TURNS].changes_color = true;
    return c;
}

/* ---- what is seen and said, by hand ---- */

enum { MOST_SIGHT = 64, MOST_GLIMPSE = 64 };

typedef struct {
    ask_timeline_config c;
    float sights[N][MOST_SIGHT], glimpses[N][MOST_GLIMPSE]; // the beginnings of the rows
    bool mask[N];
} scene;

static float *in_sight(scene *s, int i, ask_sight_field f)
{
    return s->sights[i] + ask_sight_field_of(&s->c.kinds, f).begin;
}

static float *in_glimpse(scene *s, int i, ask_glimpse_field f)
{
    return s->glimpses[i] + ask_glimpse_field_of(&s->c.kinds, f).begin;
}

static void say(scene *s, int i, ask_glimpse_field f, int value)
{
    const float SURE = 20; // a logit; those of the others are 0
    in_glimpse(s, i, f)[value] = SURE;
}

/* Nothing is seen, nothing happens, everything counts. */
static void begin(scene *s)
{
    *s = (scene){.c = a_config()};
    for (int i = 0; i < N; i++) {
        s->mask[i] = true;
        say(s, i, ASK_GLIMPSE_CLASS, 0);
    }
}

/* A toy is seen there, which was of that colour first. */
static void see(scene *s, int i, int now, int first, int shape, float x)
{
    *in_sight(s, i, ASK_SIGHT_SEEN) = 1;
    in_sight(s, i, ASK_SIGHT_COLOR)[now] = 1;
    in_sight(s, i, ASK_SIGHT_BOX)[0] = x;
    in_sight(s, i, ASK_SIGHT_BOX)[1] = 0.5F;
    say(s, i, ASK_GLIMPSE_COLOR, first);
    say(s, i, ASK_GLIMPSE_SHAPE, shape);
    say(s, i, ASK_GLIMPSE_SIZE, 1);
    say(s, i, ASK_GLIMPSE_TEXTURE, 0);
}

/* An event begins there; its parts are said, whether it has them or not. */
static void happen(scene *s, int i, int event, float start, float end)
{
    float *class_ = in_glimpse(s, i, ASK_GLIMPSE_CLASS);
    memset(class_, 0, (1 + N_EVENTS) * sizeof *class_);
    say(s, i, ASK_GLIMPSE_CLASS, 1 + event);
    in_glimpse(s, i, ASK_GLIMPSE_SPAN)[0] = start;
    in_glimpse(s, i, ASK_GLIMPSE_SPAN)[1] = end;
    in_glimpse(s, i, ASK_GLIMPSE_END)[0] = 0.25F;
    in_glimpse(s, i, ASK_GLIMPSE_END)[1] = -0.75F;
    say(s, i, ASK_GLIMPSE_OTHER_COLOR, GREEN);
    say(s, i, ASK_GLIMPSE_OTHER_SHAPE, STAR);
    say(s, i, ASK_GLIMPSE_LATER_COLOR, BLUE);
    say(s, i, ASK_GLIMPSE_WAY, UP);
}

/* ---- the memory of it ---- */

typedef struct {
    int64_t events[E], toys[TOYS];
    float pairs[N_COLORS * N_SHAPES], toy_sights[TOYS][N];
    told_record told[S];
    float later[S]; // sum of the later colours
    float way[S], other[S];
} remembered;

static ask_tensor *rows_input(ask_graph *g, int64_t width)
{
    return INPUT(g, 1, N, width);
}

static void put_rows(ask_tensor *t, const float *rows, int64_t stride)
{
    int64_t width = ask_tensor_dim(t, 2);
    float data[N * MOST_SIGHT];
    for (int i = 0; i < N; i++)
        memcpy(data + i * width, rows + i * stride, (size_t)width * sizeof *data);
    test_put(t, data);
}

static void take(void *to, const ask_tensor *t)
{
    void *from = test_get(t);
    memcpy(to, from, ask_tensor_bytes(t));
    free(from);
}

static float sum_of(const ask_timeline_kinds *k, const float *row, ask_record_field f)
{
    float sum = 0;
    ask_timeline_field at = ask_record_field_of(k, f);
    for (int i = 0; i < at.n; i++) sum += row[at.begin + i];
    return sum;
}

static remembered remember(const scene *s, bool masked)
{
    remembered out;
    const float scale[] = {1, 2};
    const ask_timeline_kinds *k = &s->c.kinds;
    ask_graph *g = test_graph();
    ask_timeline_glance net = {.config = s->c, .seen_scale = INPUT(g, 2)};
    ask_timeline_sights sights = {.sights = rows_input(g, ask_sight_width(k)),
                                  .mask =
                                      masked ? ask_input(g, ASK_BOOL, DIMS(1, N)) : NULL};
    timeline_glimpsed of = {.g = g,
                            .net = &net,
                            .sights = &sights,
                            .glimpses = rows_input(g, ask_glimpse_width(k)),
                            .frames = INPUT(g, N, 1),
                            .batch = 1};
    ask_timeline_memory m = {0};
    ask_tensor *records[] = {timeline_remember_events(&m, &of),
                             timeline_remember_toys(&m, &of)};
    ask_tensor *all = ask_keep(g, ask_concat(g, records, 2, 1));
    ask_tensor *kept[] = {m.events, m.toys, m.pairs, m.toy_sights};
    for (size_t i = 0; i < TEST_COUNT(kept); i++) ask_keep(g, kept[i]);
    test_plan(g, the_cpu);

    float frames[N];
    for (int i = 0; i < N; i++) frames[i] = (float)(i / K);
    test_put(net.seen_scale, scale);
    test_put(of.frames, frames);
    put_rows(sights.sights, s->sights[0], MOST_SIGHT);
    put_rows(of.glimpses, s->glimpses[0], MOST_GLIMPSE);
    if (masked) test_put(sights.mask, s->mask);
    test_run(g);

    take(out.events, m.events);
    take(out.toys, m.toys);
    take(out.pairs, m.pairs);
    take(out.toy_sights, m.toy_sights);
    float *rows = test_get(all);
    for (int i = 0; i < S; i++) {
        const float *row = rows + i * ask_record_width(k);
        out.told[i] = told_record_of(k, row);
        out.later[i] = sum_of(k, row, ASK_RECORD_LATER_COLOR);
        out.way[i] = sum_of(k, row, ASK_RECORD_WAY);
        out.other[i] = sum_of(k, row, ASK_RECORD_OTHER_COLOR);
    }
    free(rows);
    ask_graph_free(g);
    return out;
}

/* f32 shares, through a softmax whose last doubts are about 1e-8. */
static void check_near(const char *what, double is, double should)
{
    if (!(fabs(is - should) < 1e-4)) fail_msg("%s: %g, not %g", what, is, should);
}

/* ---- events ---- */

static void events_come_by_their_starts(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    see(&s, 9, RED, RED, BALL, 0.5F);
    happen(&s, 9, PUSHES, -0.5F, 0.75F); // from 4 to 5.25
    see(&s, 3, GREEN, GREEN, STAR, 0.25F);
    happen(&s, 3, TURNS, 0, 1); // from 1.5 to 2.5
    see(&s, 7, BLUE, BLUE, BALL, 0.25F);
    happen(&s, 7, JUMPS, -3, 1); // begins the earliest, though seen in a later frame
    remembered m = remember(&s, false);
    const int64_t order[E] = {7, 3, 9};
    const int classes[E] = {JUMPS, TURNS, PUSHES}, colors[E] = {BLUE, GREEN, RED};
    const double begins[E] = {0.5 / T, 1.5 / T, 4.0 / T};
    const double ends[E] = {4.5 / T, 2.5 / T, 5.25 / T};
    assert_memory_equal(m.events, order, sizeof order);
    for (int i = 0; i < E; i++) {
        assert_int_equal(m.told[i].class_, classes[i]);
        assert_int_equal(m.told[i].color, colors[i]);
        check_near("confidence", m.told[i].confidence, 1);
        check_near("start", m.told[i].begin, begins[i]);
        check_near("end", m.told[i].end, ends[i]);
    }
}

static void an_event_tells_only_what_it_has(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    const int at[E] = {1, 4, 8}, events[E] = {JUMPS, PUSHES, TURNS};
    for (int i = 0; i < E; i++) {
        see(&s, at[i], RED, RED, BALL, 0.5F);
        happen(&s, at[i], events[i], 0, 1);
    }
    remembered m = remember(&s, false);
    const float moves[E] = {0, 1, 0}, changes[E] = {0, 0, 1};
    for (int i = 0; i < E; i++) {
        check_near("other", (double)m.other[i], (double)moves[i]);
        check_near("way", (double)m.way[i], (double)moves[i]);
        check_near("later", (double)m.later[i], (double)changes[i]);
    }
    assert_int_equal(m.told[1].other_color, GREEN);
    assert_int_equal(m.told[1].other_shape, STAR);
    assert_int_equal(m.told[1].way, UP);
    assert_int_equal(m.told[2].later_color, BLUE);
}

static void spans_and_places_stay_within_the_video(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    see(&s, 0, RED, RED, BALL, 0.5F);
    happen(&s, 0, JUMPS, -9, -5);
    see(&s, 5, RED, RED, BALL, 0.9F);
    happen(&s, 5, PUSHES, 1, -1); // ends before it begins
    see(&s, 11, RED, RED, BALL, 0.5F);
    happen(&s, 11, TURNS, 3, 9);
    remembered m = remember(&s, false);
    const double begins[E] = {0, 3.5 / T, 1}, ends[E] = {0, 3.5 / T, 1};
    for (int i = 0; i < E; i++) {
        check_near("start", m.told[i].begin, begins[i]);
        check_near("end", m.told[i].end, ends[i]);
    }
    check_near("x at the end", m.told[1].places[2], 1);
    check_near("y at the end", m.told[1].places[3], 0);
    check_near("x at the end", m.told[0].places[2], 0.75);
}

static void hidden_sights_are_no_events_and_no_toys(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    see(&s, 2, RED, RED, BALL, 0.5F);
    happen(&s, 2, JUMPS, 0, 1);
    see(&s, 6, GREEN, GREEN, STAR, 0.5F);
    happen(&s, 6, JUMPS, 0, 1);
    s.mask[2] = false;
    remembered m = remember(&s, true);
    for (int i = 0; i < E; i++) assert_int_not_equal(m.events[i], 2);
    assert_int_equal(m.toys[0], GREEN * N_SHAPES + STAR);
    assert_true(m.told[E].confidence > 0.8);
    assert_true(m.told[E + 1].confidence < 0.01);
    assert_true(m.pairs[RED * N_SHAPES + BALL] < -5);
}

/* ---- toys ---- */

/* In frames: of an end of a toy's stay a twentieth is in the frame beside it. */
static const double FRAME_DOUBT = 0.06;

static void a_toy_is_there_from_its_first_sight_to_its_last(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    for (int frame = 0; frame < T; frame++) // moves on to the right
        see(&s, frame * K, GREEN, GREEN, STAR, 0.1F * (float)frame);
    for (int frame = 2; frame < 5; frame++) {
        see(&s, frame * K + 1, RED, RED, BALL, 0.7F);
        *in_sight(&s, frame * K + 1, ASK_SIGHT_SEEN) = 0.75F;
    }
    remembered m = remember(&s, false);
    const int64_t toys[TOYS] = {GREEN * N_SHAPES + STAR, RED * N_SHAPES + BALL};
    assert_memory_equal(m.toys, toys, sizeof toys);
    const told_record *star = &m.told[E], *ball = &m.told[E + 1];
    assert_int_equal(star->class_, N_EVENTS);
    assert_int_equal(star->color, GREEN);
    assert_int_equal(star->shape, STAR);
    assert_int_equal(star->size, 1);
    assert_int_equal(star->texture, 0);
    assert_int_equal(star->other_color, -1);
    assert_int_equal(star->later_color, -1);
    assert_int_equal(star->way, -1);
    assert_int_equal(ball->color, RED);
    assert_true(star->confidence > ball->confidence && ball->confidence > 0.8);
    assert_true(fabs(star->begin) < FRAME_DOUBT / T &&
                fabs(star->end - 1) < FRAME_DOUBT / T);
    assert_true(fabs(ball->begin - 2.0 / T) < FRAME_DOUBT / T);
    assert_true(fabs(ball->end - 5.0 / T) < FRAME_DOUBT / T);
    assert_true(fabs(star->places[0]) < 0.01 && fabs(star->places[2] - 0.5) < 0.01);
    check_near("x of the ball", ball->places[0], 0.7);
    for (int frame = 2; frame < 5; frame++)
        check_near("share of a sight", (double)m.toy_sights[1][frame * K + 1], 1.0 / 3);
}

/* Elsewhere it is half as sure: that is no sight of it. */
static void doubtful_sights_do_not_lengthen_a_toys_stay(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    for (int frame = 0; frame < T; frame++) {
        see(&s, frame * K, BLUE, BLUE, STAR, 0.5F);
        *in_sight(&s, frame * K, ASK_SIGHT_SEEN) = frame < 3 ? 0.2F : 0.9F;
    }
    remembered m = remember(&s, false);
    assert_true(fabs(m.told[E].begin - 3.0 / T) < FRAME_DOUBT / T);
    assert_true(fabs(m.told[E].end - 1) < FRAME_DOUBT / T);
}

static void a_toy_that_changed_its_colour_tells_both(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    for (int frame = 0; frame < T; frame++)
        see(&s, frame * K, frame < 3 ? RED : BLUE, RED, BALL, 0.5F);
    remembered m = remember(&s, false);
    assert_int_equal(m.toys[0], RED * N_SHAPES + BALL);
    assert_int_equal(m.told[E].color, RED);
    assert_int_equal(m.told[E].later_color, BLUE);
    assert_true(m.later[E] > 0.999F); // the rest is in frames before the last
}

/* ---- the network ---- */

static void equal_numbers_have_equal_bumps(void **state)
{
    (void)state;
    const float x[] = {0, 0.5F, 1, 1.0F / 15};
    ask_graph *g = test_graph();
    ask_tensor *in = INPUT(g, 4, 1);
    ask_tensor *bumps = ask_keep(g, ask_timeline_bumps(g, in));
    test_plan(g, the_cpu);
    test_put(in, x);
    test_run(g);
    float *y = test_get(bumps);
    check_near("at the first centre", (double)y[0], 1);
    check_near("one centre away", (double)y[1], exp(-1));
    check_near("between the middle ones", (double)y[16 + 7], exp(-0.25));
    check_near("between the middle ones", (double)y[16 + 8], exp(-0.25));
    check_near("at the last centre", (double)y[2 * 16 + 15], 1);
    check_near("at the second centre", (double)y[3 * 16 + 1], 1);
    free(y);
    ask_graph_free(g);
}

static void put_shares(ask_tensor *t, uint64_t seed)
{
    int64_t n = ask_tensor_count(t);
    float *x = calloc((size_t)n, sizeof *x);
    ask_rng r = ask_rng_new(seed);
    assert_non_null(x);
    for (int64_t i = 0; i < n; i++) x[i] = ask_rng_float(&r);
    test_put(t, x);
    free(x);
}

/* A new network over random sights; states by features that are there. */
static void features_say_nothing_before_they_are_learnt(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_timeline_config c = a_config();
    ask_timeline_glance net;
    ask_store *store;
    ask_params *p;
    ask_arena *room = ask_arena_new(0);
    CHECK_OK(store = ask_store_new(the_cpu, &err), &err);
    CHECK_OK(p = ask_params_random(store, 3, room, &err), &err);
    ask_timeline_glance_bind(&net, p, &c);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);

    ask_graph *g = test_graph();
    ask_timeline_sights sights = {.sights = rows_input(g, ask_sight_width(&c.kinds))};
    ask_timeline_memory without, with;
    ask_timeline_glance_build(&without, g, &net, &sights, NULL);
    sights.features = rows_input(g, c.cells.widths[2]);
    ask_timeline_glance_build(&with, g, &net, &sights, NULL);
    ask_keep(g, without.records);
    ask_keep(g, with.records);
    ask_tensor *grad;
    ask_graph_gradients(g, with.records, &net.features.w, 1, &grad);
    ask_keep(g, grad);
    test_plan(g, the_cpu);
    put_shares(sights.sights, 5);
    test_put_random(sights.features, 6, 1);
    test_run(g);
    float *a = test_get(without.records), *b = test_get(with.records);
    assert_memory_equal(a, b, ask_tensor_bytes(with.records));
    float *slope = test_get(grad);
    float most = 0;
    for (int64_t i = 0; i < ask_tensor_count(grad); i++)
        most = fmaxf(most, fabsf(slope[i]));
    assert_true(most > 0); // but they will be
    free(a);
    free(b);
    free(slope);
    ask_graph_free(g);
    ask_store_free(store);
    ask_arena_free(room);
}

/* ---- nothing told ---- */

static void put_untold(const ask_glimpse_truth *t)
{
    ask_tensor *const labels[] = {
        t->event,       t->number,      t->color,       t->shape, t->size, t->texture,
        t->other_color, t->other_shape, t->later_color, t->way,   t->deed};
    for (size_t i = 0; i < TEST_COUNT(labels); i++) test_put_all(labels[i], -1);
}

static void what_is_not_told_costs_nothing(void **state)
{
    (void)state;
    ask_timeline_config c = a_config();
    ask_graph *g = test_graph();
    ask_glimpse_truth truth;
    ask_glimpse_truth_inputs(&truth, g, &c.kinds, 1, N);
    const ask_timeline_memory m = {.glimpses = rows_input(g, ask_glimpse_width(&c.kinds)),
                                   .pairs = INPUT(g, 1, N_COLORS * N_SHAPES)};
    ask_glance_losses l;
    ask_timeline_glance_loss(&l, g, &c, &m, &truth);
    ask_tensor *const losses[] = {l.event, l.span, l.identity, l.parts,
                                  l.end,   l.deed, l.pairs};
    ask_tensor *sum = losses[0], *x[] = {m.glimpses, m.pairs}, *grad[2];
    for (size_t i = 0; i < TEST_COUNT(losses); i++) ask_keep(g, losses[i]);
    for (size_t i = 1; i < TEST_COUNT(losses); i++) sum = ask_add(g, sum, losses[i]);
    ask_graph_gradients(g, sum, x, 2, grad);
    for (int i = 0; i < 2; i++) ask_keep(g, grad[i]);
    test_plan(g, the_cpu);
    test_put_random(m.glimpses, 1, 1);
    test_put_random(m.pairs, 2, 1);
    put_untold(&truth);
    test_run(g);
    for (size_t i = 0; i < TEST_COUNT(losses); i++) {
        float *value = test_get(losses[i]);
        if (*value != 0) fail_msg("loss %d: %g", (int)i, (double)*value);
        free(value);
    }
    for (int i = 0; i < 2; i++) {
        float *slope = test_get(grad[i]);
        for (int64_t j = 0; j < ask_tensor_count(grad[i]); j++) assert_true(slope[j] == 0);
        free(slope);
    }
    ask_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_come_by_their_starts),
        cmocka_unit_test(an_event_tells_only_what_it_has),
        cmocka_unit_test(spans_and_places_stay_within_the_video),
        cmocka_unit_test(hidden_sights_are_no_events_and_no_toys),
        cmocka_unit_test(a_toy_is_there_from_its_first_sight_to_its_last),
        cmocka_unit_test(doubtful_sights_do_not_lengthen_a_toys_stay),
        cmocka_unit_test(a_toy_that_changed_its_colour_tells_both),
        cmocka_unit_test(equal_numbers_have_equal_bumps),
        cmocka_unit_test(features_say_nothing_before_they_are_learnt),
        cmocka_unit_test(what_is_not_told_costs_nothing),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
