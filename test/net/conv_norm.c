/* A convolution and its norm: folded, and live with either statistics. */
#include "net/block/conv_norm.h"

#include <math.h>
#include <stdlib.h>

#include "support/tensors.h"

enum { N_IN = 2, N_OUT = 3 };

typedef struct {
    const char *name;
    ask_conv_norm_config config;
    int n_dims;
    int64_t x[5], y[5]; // shapes
} conv_case;

static const conv_case cases[] = {
    {"pictures",
     {.n_in = N_IN, .n_out = N_OUT, .n_axes = 2, .kernel = {3, 3}, .opt.pad = {1, 1}},
     4,
     {4, N_IN, 5, 7},
     {4, N_OUT, 5, 7}},
    {"patches, rectified",
     {.n_in = N_IN,
      .n_out = N_OUT,
      .n_axes = 2,
      .kernel = {2, 2},
      .opt.stride = {2, 2},
      .relu = true},
     4,
     {4, N_IN, 6, 8},
     {4, N_OUT, 3, 4}},
    {"clips, rectified",
     {.n_in = N_IN,
      .n_out = N_OUT,
      .n_axes = 3,
      .kernel = {3, 1, 1},
      .opt.pad = {1, 0, 0},
      .relu = true},
     5,
     {2, N_IN, 4, 3, 5},
     {2, N_OUT, 4, 3, 5}},
};

/* Parameters with names and values of their own, drawn; the norm's are moved from where
 * they begin. */
typedef struct {
    ask_store *store;
    ask_arena *room;
} source;

static source open_source(void)
{
    ask_error err = {0};
    source s = {.room = ask_arena_new(0)};
    assert_non_null(s.room);
    CHECK_OK(s.store = ask_store_new(the_cpu, &err), &err);
    return s;
}

static void close_source(source *s)
{
    ask_store_free(s->store);
    ask_arena_free(s->room);
}

static ask_conv_norm bind(source *s, const conv_case *c, bool live)
{
    ask_error err = {0};
    ask_conv_norm_config config = c->config;
    config.eps = 1e-3;
    config.live = live;
    ask_conv_norm conv;
    ask_params *p = ask_params_random(s->store, 3, s->room, &err);
    CHECK_OK(p, &err);
    ask_conv_norm_bind(&conv, p, "conv", "norm", &config);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
    return conv;
}

/* Builds it alone, runs it on random numbers and gives the result. */
static float *run(const ask_conv_norm *conv, const conv_case *c, ask_norm_use use)
{
    ask_graph *g = test_graph();
    ask_tensor *x = ask_input(g, ASK_F32, c->n_dims, c->x);
    ask_tensor *y = ask_keep(g, ask_conv_norm_build(g, conv, x, use));
    test_plan(g, the_cpu);
    assert_int_equal(ask_tensor_n_dims(y), c->n_dims);
    for (int i = 0; i < c->n_dims; i++)
        if (ask_tensor_dim(y, i) != c->y[i]) fail_msg("%s: axis %d", c->name, i);
    test_put_random(x, 5, 1);
    test_run(g);
    float *values = test_get(y);
    ask_graph_free(g);
    return values;
}

static int64_t count(const conv_case *c)
{
    int64_t n = 1;
    for (int i = 0; i < c->n_dims; i++) n *= c->y[i];
    return n;
}

/* Drawn norms keep what they get, but for eps: the folded one says so, the live one too. */
static void a_live_norm_with_what_it_has_gathered_is_the_folded_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const conv_case *c = &cases[i];
        source folded_source = open_source(), live_source = open_source();
        ask_conv_norm folded = bind(&folded_source, c, false),
                      live = bind(&live_source, c, true);
        assert_null(folded.norm.w);
        assert_non_null(live.norm.var);
        float *expected = run(&folded, c, ASK_NORM_BATCH),
              *actual = run(&live, c, ASK_NORM_RUNNING);
        test_near(c->name, actual, expected, count(c), 1e-5);
        free(expected);
        free(actual);
        close_source(&folded_source);
        close_source(&live_source);
    }
}

/* Channel o of [N, O, ...]. */
static double mean_of_channel(const float *y, const conv_case *c, int64_t o)
{
    int64_t run = count(c) / c->y[0] / c->y[1];
    double sum = 0;
    for (int64_t n = 0; n < c->y[0]; n++)
        for (int64_t i = 0; i < run; i++) sum += (double)y[(n * c->y[1] + o) * run + i];
    return sum / (double)(c->y[0] * run);
}

/* The norm's own weight is 1 and its bias 0. */
static void with_the_statistics_of_the_batch_a_channel_is_around_0(void **state)
{
    (void)state;
    const conv_case *c = &cases[0]; // without a ReLU
    source s = open_source();
    ask_conv_norm conv = bind(&s, c, true);
    float *y = run(&conv, c, ASK_NORM_BATCH);
    for (int64_t o = 0; o < N_OUT; o++) assert_true(fabs(mean_of_channel(y, c, o)) < 1e-6);
    free(y);
    close_source(&s);
}

static void a_batch_moves_the_running_statistics_by_a_tenth(void **state)
{
    (void)state;
    const conv_case *c = &cases[0];
    source s = open_source();
    ask_conv_norm conv = bind(&s, c, true);
    conv_case bare = *c; // the convolution alone, for what the batch's mean is
    ask_conv_norm alone = conv;
    alone.norm.w = NULL;
    float *x = run(&alone, &bare, ASK_NORM_RUNNING);
    free(run(&conv, c, ASK_NORM_RUNNING)); // changes nothing
    free(run(&conv, c, ASK_NORM_BATCH));
    float *mean = test_get(conv.norm.mean), *var = test_get(conv.norm.var);
    for (int64_t o = 0; o < N_OUT; o++) {
        int64_t n = count(c) / N_OUT, run_length = n / c->y[0];
        double of_batch = mean_of_channel(x, c, o), squares = 0;
        for (int64_t i = 0; i < n; i++) {
            int64_t at = (i / run_length * N_OUT + o) * run_length + i % run_length;
            squares += (x[at] - of_batch) * (x[at] - of_batch);
        }
        assert_true(fabs((double)mean[o] - 0.1 * of_batch) < 1e-6);
        assert_true(fabs((double)var[o] - (0.9 + 0.1 * squares / (double)(n - 1))) < 1e-5);
    }
    free(x);
    free(mean);
    free(var);
    close_source(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_live_norm_with_what_it_has_gathered_is_the_folded_one),
        cmocka_unit_test(with_the_statistics_of_the_batch_a_channel_is_around_0),
        cmocka_unit_test(a_batch_moves_the_running_statistics_by_a_tenth),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
