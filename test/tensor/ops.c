/* What the ops mean, where neither the golden files nor a gradient would show it: small
 * cases worked out by hand. */
#include <math.h>
#include <stdlib.h>

#include "support/op_build.h"
#include "support/tensors.h"

enum { MAX_IN = 3, MAX_VALUES = 18 };

typedef struct {
    ask_dtype type;
    int n_dims;
    int64_t shape[ASK_MAX_DIMS];
    double v[MAX_VALUES];
    bool present;
} value;

typedef struct {
    const char *name;
    op_build *build;
    value in[MAX_IN], out;
    const void *arg;
} worked_case;

// clang-format off
#define TENSOR(t, ...) .present = true, .type = (t), \
    .n_dims = sizeof((int64_t[])__VA_ARGS__) / sizeof(int64_t), .shape = __VA_ARGS__
#define F(...) TENSOR(ASK_F32, {__VA_ARGS__})
#define I(...) TENSOR(ASK_I64, {__VA_ARGS__})
#define B(...) TENSOR(ASK_BOOL, {__VA_ARGS__})
#define NUMBER .present = true, .type = ASK_F32
#define ARG(type, ...)  &(const type){__VA_ARGS__}
#define ARGS(type, ...) (const type[]){__VA_ARGS__}

static const worked_case cases[] = {
    {"less is strict and false for NaN", build_less,
     {{F(4), .v = {1, 2, 3, NAN}}, {F(4), .v = {2, 2, 2, 2}}}, {B(4), .v = {1, 0, 0, 0}}, NULL},
    {"equal: zeros are, NaNs are not", build_equal,
     {{F(3), .v = {0, NAN, INFINITY}}, {F(3), .v = {-0.0, NAN, INFINITY}}},
     {B(3), .v = {1, 0, 1}}, NULL},
    {"where takes a where true", build_where,
     {{B(2, 1), .v = {1, 0}}, {F(3), .v = {1, 2, 3}}, {NUMBER, .v = {9}}},
     {F(2, 3), .v = {1, 2, 3, 9, 9, 9}}, NULL},
    {"cast to integers cuts towards zero", build_cast,
     {{F(4), .v = {-1.9, -0.2, 0.9, 2.5}}}, {I(4), .v = {-1, 0, 0, 2}}, ARG(ask_dtype, ASK_I64)},
    {"cast to bool: all but zero, NaN too", build_cast,
     {{F(4), .v = {0, -0.0, NAN, 1e-30}}}, {B(4), .v = {0, 0, 1, 1}}, ARG(ask_dtype, ASK_BOOL)},
    {"affine", build_affine, {{F(2), .v = {1, -2}}}, {F(2), .v = {5, -4}}, ARGS(double, 3, 2)},
    {"pow", build_pow, {{F(3), .v = {4, 9, 0}}}, {F(3), .v = {2, 3, 0}}, ARG(double, 0.5)},
    {"pow, a negative base and a whole exponent", build_pow,
     {{F(2), .v = {-2, 3}}}, {F(2), .v = {-8, 27}}, ARG(double, 3)},
    {"permute", build_permute, {{F(1, 2, 3), .v = {1, 2, 3, 4, 5, 6}}},
     {F(3, 1, 2), .v = {1, 4, 2, 5, 3, 6}}, ARGS(int, 2, 0, 1)},
    {"slice", build_slice, {{F(2, 3), .v = {1, 2, 3, 4, 5, 6}}}, {F(2, 2), .v = {2, 3, 5, 6}},
     ARG(axis_arg, .axis = 1, .a = 1, .b = 3)},
    {"expand", build_expand, {{F(2, 1), .v = {1, 2}}}, {F(2, 2, 2), .v = {1, 1, 2, 2, 1, 1, 2, 2}},
     ARG(shape_arg, 3, {2, 2, 2})},
    {"concat", build_concat, {{F(2, 1), .v = {1, 2}}, {F(2, 2), .v = {3, 4, 5, 6}}},
     {F(2, 3), .v = {1, 3, 4, 2, 5, 6}}, ARG(axis_arg, .axis = 1)},
    {"pad", build_pad, {{F(2, 2), .v = {1, 2, 3, 4}}}, {F(2, 4), .v = {9, 1, 2, 9, 9, 3, 4, 9}},
     ARG(axis_arg, 1, 1, 1, 9)},
    {"sum over the first and the last axis", build_sum,
     {{F(2, 2, 2), .v = {1, 2, 3, 4, 5, 6, 7, 8}}}, {F(2), .v = {14, 22}},
     ARG(reduce_arg, 5, false)},
    {"sum of nothing is zero", build_sum, {{F(0, 2)}}, {F(1, 2), .v = {0, 0}},
     ARG(reduce_arg, 1, true)},
    {"mean", build_mean, {{F(2, 2), .v = {1, 2, 3, 6}}}, {F(2), .v = {1.5, 4.5}},
     ARG(reduce_arg, 2, false)},
    {"max", build_max, {{F(2, 3), .v = {-3, -1, -2, 4, 6, 5}}}, {F(2, 1), .v = {-1, 6}},
     ARG(reduce_arg, 1, true)},
    {"argmax takes the first of equals", build_argmax,
     {{F(2, 3), .v = {1, 7, 7, -1, -1, -2}}}, {I(2), .v = {1, 0}}, ARG(int, -1)},
    {"top_k, of equals the first first", build_top_k,
     {{F(2, 4), .v = {1, 7, 2, 7, -1, -1, -3, -1}}}, {I(2, 3), .v = {1, 3, 2, 0, 1, 3}},
     ARG(int64_t, 3)},
    {"embedding", build_embedding, {{F(3, 2), .v = {1, 2, 3, 4, 5, 6}}, {I(1, 2), .v = {2, 0}}},
     {F(1, 2, 2), .v = {5, 6, 1, 2}}, NULL},
    {"gather", build_gather, {{F(2, 3), .v = {1, 2, 3, 4, 5, 6}}, {I(2, 2), .v = {2, 2, 0, 1}}},
     {F(2, 2), .v = {3, 3, 4, 5}}, ARG(axis_arg, .axis = 1)},
    {"scatter_add adds up what meets", build_scatter_add,
     {{F(1, 4), .v = {1, 2, 3, 4}}, {I(1, 4), .v = {2, 0, 2, 2}}}, {F(1, 4), .v = {2, 0, 8, 0}},
     ARG(axis_arg, .axis = 1, .a = 4)},
    {"matmul", build_matmul, {{F(2, 2), .v = {1, 2, 3, 4}}, {F(2, 1), .v = {5, 6}}},
     {F(2, 1), .v = {17, 39}}, NULL},
    {"matmul_t", build_matmul_t, {{F(2, 2), .v = {1, 2, 3, 4}}, {F(1, 2), .v = {5, 6}}},
     {F(2, 1), .v = {17, 39}}, NULL},
    {"matmul over nothing is zero", build_matmul, {{F(2, 0)}, {F(0, 2)}}, {F(2, 2)}, NULL},
    {"linear over nothing is the bias", build_linear, {{F(2, 0)}, {F(2, 0)}, {F(2), .v = {3, 4}}},
     {F(2, 2), .v = {3, 4, 3, 4}}, NULL},
    {"softmax of what counts", build_softmax,
     {{F(2, 3), .v = {1, 1, 50, 0, 0, 0}}, {B(2, 3), .v = {1, 1, 0, 0, 0, 0}}},
     {F(2, 3), .v = {0.5, 0.5, 0, 0, 0, 0}}, NULL},
    {"softmax of large numbers", build_softmax, {{F(3), .v = {3e38, 3e38, -3e38}}},
     {F(3), .v = {0.5, 0.5, 0}}, NULL},
    {"log_softmax of what counts", build_log_softmax,
     {{F(2, 2), .v = {7, 9, 1, 1}}, {B(2, 2), .v = {1, 0, 0, 0}}},
     {F(2, 2), .v = {0, -INFINITY, -INFINITY, -INFINITY}}, NULL},
    {"layer_norm", build_layer_norm, {{F(2), .v = {1, 3}}, {F(2), .v = {2, 2}}, {F(2), .v = {0, 5}}},
     {F(2), .v = {-2, 7}}, ARG(double, 0)},
    {"rms_norm", build_rms_norm, {{F(2), .v = {1, 7}}}, {F(2), .v = {0.2, 1.4}}, ARG(double, 0)},
    {"weight_norm", build_weight_norm, {{F(2, 2), .v = {3, 4, 0, 5}}, {F(2), .v = {10, -1}}},
     {F(2, 2), .v = {6, 8, 0, -1}}, NULL},
    {"l2_normalize, and a zero vector", build_l2_normalize, {{F(2, 2), .v = {3, -4, 0, 0}}},
     {F(2, 2), .v = {0.6, -0.8, 0, 0}}, ARG(double, 1e-12)},
    {"cosine_similarity, and a zero vector", build_cosine_similarity,
     {{F(3, 2), .v = {1, 0, 1, 1, 0, 0}}, {F(3, 2), .v = {-2, 0, 1, 0, 1, 1}}},
     {F(3), .v = {-1, 0.70710678, 0}}, ARG(double, 1e-8)},
    {"max_pool2d, windows over the edge", build_max_pool2d,
     {{F(1, 1, 3, 3), .v = {-1, -2, -3, -4, -5, -6, -7, -8, -9}}},
     {F(1, 1, 2, 2), .v = {-1, -3, -7, -9}},
     ARG(ask_pool_options, .kernel = {2, 2}, .ceil_mode = true)},
    {"max_pool2d, padding never wins", build_max_pool2d, {{F(1, 1, 1, 2), .v = {-1, -2}}},
     {F(1, 1, 1, 2), .v = {-1, -2}},
     ARG(ask_pool_options, .kernel = {3, 2}, .stride = {1, 2}, .pad = {1, 1})},
    {"max_pool3d, padding never wins", build_max_pool3d, {{F(1, 1, 2, 1, 2), .v = {-4, -3, -2, -1}}},
     {F(1, 1, 1, 1, 2), .v = {-1, -1}},
     ARG(ask_pool_options, .kernel = {2, 1, 2}, .stride = {2, 1, 1}, .pad_end = {0, 0, 1})},
    {"conv3d, time runs first", build_conv3d,
     {{F(1, 1, 2, 1, 2), .v = {1, 10, 100, 1000}}, {F(1, 1, 2, 1, 1), .v = {1, 2}}},
     {F(1, 1, 1, 1, 2), .v = {201, 2010}}, NULL},
    {"avg_pool2d, padding counts", build_avg_pool2d, {{F(1, 1, 2, 2), .v = {4, 8, 12, 16}}},
     {F(1, 1, 2, 2), .v = {1, 2, 3, 4}},
     ARG(ask_pool_options, .kernel = {2, 2}, .pad = {1, 1})},
    {"clip_gradients", build_clip_gradients, {{F(1), .v = {3}}, {F(1), .v = {-4}}},
     {F(3), .v = {0.6, -0.8, 5}}, ARG(double, 1)},
    {"clip_gradients leaves short ones", build_clip_gradients,
     {{F(1), .v = {3}}, {F(1), .v = {-4}}}, {F(3), .v = {3, -4, 5}}, ARG(double, 6)},
};
// clang-format on

static ask_backend *backends[2];

static int open_all(void **state)
{
    (void)state;
    backends[0] = test_cpu(ASK_ISA_SCALAR, 1);
    backends[1] = test_cpu(ASK_ISA_AUTO, 2);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) ask_backend_close(backends[i]);
    return 0;
}

static void put_value(ask_tensor *t, const value *x)
{
    char data[MAX_VALUES * sizeof(int64_t)];
    for (int64_t i = 0; i < ask_tensor_count(t); i++)
        if (x->type == ASK_F32)
            ((float *)data)[i] = (float)x->v[i];
        else if (x->type == ASK_I64)
            ((int64_t *)data)[i] = (int64_t)x->v[i];
        else
            ((uint8_t *)data)[i] = x->v[i] != 0;
    test_put(t, data);
}

static double element(const void *data, ask_dtype type, int64_t i)
{
    return type == ASK_F32   ? (double)((const float *)data)[i]
           : type == ASK_I64 ? (double)((const int64_t *)data)[i]
                             : (double)((const uint8_t *)data)[i];
}

static void check_case(const worked_case *c, ask_backend *b)
{
    ask_graph *g = test_graph();
    ask_tensor *in[ASK_MAX_SRC] = {NULL};
    for (int i = 0; i < MAX_IN; i++)
        if (c->in[i].present)
            in[i] = ask_input(g, c->in[i].type, c->in[i].n_dims, c->in[i].shape);
    ask_tensor *y = ask_keep(g, c->build(g, in, c->arg));
    test_plan(g, b);
    for (int i = 0; i < MAX_IN; i++)
        if (in[i]) put_value(in[i], &c->in[i]);
    test_run(g);

    assert_int_equal(ask_tensor_type(y), c->out.type);
    assert_int_equal(ask_tensor_n_dims(y), c->out.n_dims);
    for (int i = 0; i < c->out.n_dims; i++)
        assert_int_equal(ask_tensor_dim(y, i), c->out.shape[i]);
    void *data = test_get(y);
    for (int64_t i = 0; i < ask_tensor_count(y); i++) {
        double actual = element(data, c->out.type, i), expected = c->out.v[i];
        if (!(actual == expected || fabs(actual - expected) <= 1e-6 * fabs(expected)))
            fail_msg("%s, %s, element %lld: %.9g, not %.9g", c->name,
                     ask_isa_name(ask_cpu_isa(b)), (long long)i, actual, expected);
    }
    free(data);
    ask_graph_free(g);
}

static void gives_what_was_worked_out(void **state)
{
    for (int i = 0; i < 2; i++) check_case(*state, backends[i]);
}

/* ---- cross-entropy: all its options at once ---- */

enum { N = 5, C = 3 };
static const float logits[N * C] = {1, 2, 0.5f, -1, 0, 3, 2, 2, -2, 0, 1, 0, 4, -4, 0};
static const int64_t labels[N] = {2, 0, 1, 1, 0};
static const float class_weights[C] = {0.5f, 2, 1.5f};

/* PyTorch's definition: (1 - s) w[y] nll + s / C sum of w[c] times its own nll; the mean is
 * divided by the sum of w[y]; ignored rows have no part in either. */
static double expected_loss(const ask_cross_entropy_options *o, bool weighted,
                            double row[N])
{
    double sum = 0, weight_sum = 0;
    for (int i = 0; i < N; i++) {
        double z = 0, all = 0, picked = 0, w_label = 0;
        for (int c = 0; c < C; c++) z += exp((double)logits[i * C + c]);
        for (int c = 0; c < C; c++) {
            double w = weighted ? (double)class_weights[c] : 1;
            double nll = log(z) - (double)logits[i * C + c];
            all += w * nll;
            if (c == labels[i]) picked = w * nll, w_label = w;
        }
        bool counts = !o->ignore || labels[i] != o->ignore_index;
        row[i] =
            counts ? (1 - o->label_smoothing) * picked + o->label_smoothing / C * all : 0;
        sum += row[i];
        weight_sum += counts ? w_label : 0;
    }
    return o->reduction == ASK_REDUCE_SUM ? sum : sum / weight_sum;
}

static void check_cross_entropy(ask_cross_entropy_options o, bool weighted)
{
    ask_graph *g = test_graph();
    double row[N], expected = expected_loss(&o, weighted, row);
    ask_tensor *x = INPUT(g, N, C), *y = INPUT_I64(g, N), *w = INPUT(g, C);
    o.weight = weighted ? w : NULL;
    ask_tensor *loss = ask_keep(g, ask_cross_entropy(g, x, y, &o));
    test_plan(g, backends[1]);
    test_put(x, logits);
    test_put(y, labels);
    if (weighted) test_put(w, class_weights);
    test_run(g);
    float *v = test_get(loss);
    for (int i = 0; i < ask_tensor_count(loss); i++) {
        double e = o.reduction == ASK_REDUCE_NONE ? row[i] : expected;
        if (!(fabs((double)v[i] - e) <= 1e-5))
            fail_msg("weighted %d, ignore %d, smoothing %g, reduction %d: %g, not %g",
                     weighted, o.ignore, o.label_smoothing, (int)o.reduction, (double)v[i],
                     e);
    }
    free(v);
    ask_graph_free(g);
}

static void cross_entropy_combines_its_options(void **state)
{
    (void)state;
    for (int options = 0; options < 8; options++)
        for (int reduction = ASK_REDUCE_MEAN; reduction <= ASK_REDUCE_NONE; reduction++)
            check_cross_entropy(
                (ask_cross_entropy_options){.ignore = options & 1,
                                            .ignore_index = 1,
                                            .label_smoothing = options & 2 ? 0.2 : 0,
                                            .reduction = (ask_reduction)reduction},
                options & 4);
}

/* ---- batch norm: running statistics ---- */

static void batch_norm_moves_the_running_statistics(void **state)
{
    ask_error err = {0};
    ask_store *s;
    ask_graph *g = test_graph();
    (void)state;
    CHECK_OK(s = ask_store_new(backends[1], &err), &err);
    ask_tensor *mean = test_stored(s, "mean", DIMS(2)),
               *var = test_stored(s, "var", DIMS(2));
    ask_tensor *x = INPUT(g, 4, 2), *w = INPUT(g, 2), *b = INPUT(g, 2);
    ask_tensor *y = ask_keep(g, ask_batch_norm_train(g, x, w, b, mean, var, 0.25, 0));
    test_plan(g, backends[1]);
    test_put(x, (float[]){1, 10, 3, 10, 1, 30, 3, 30}); // means 2, 20; variances 1, 100
    test_put(w, (float[]){1, 2});
    test_put(b, (float[]){0, 5});
    test_put(mean, (float[]){4, 0});
    test_put(var, (float[]){1, 1});
    test_run(g);
    float *v = test_get(y);
    test_near("normal", v, (float[]){-1, 3, 1, 3, -1, 7, 1, 7}, 8, 1e-6);
    free(v);
    v = test_get(mean);
    test_near("running mean", v, (float[]){3.5f, 5}, 2, 1e-6);
    free(v);
    v = test_get(var); // unbiased: 4 / 3 of the batch's
    test_near("running variance", v, (float[]){13 / 12.f, 409 / 12.f}, 2, 1e-6);
    free(v);
    ask_graph_free(g);
    ask_store_free(s);
}

/* ---- dropout ---- */

enum { N_DROPPED = 20000 };

static float *drop(ask_backend *b, uint64_t seed, int64_t step)
{
    ask_graph *g = test_graph();
    ask_tensor *x = INPUT(g, N_DROPPED), *at = INPUT_I64(g, 1);
    ask_tensor *y = ask_keep(g, ask_dropout(g, x, 0.25, seed, at));
    test_plan(g, b);
    test_put_all(x, 3);
    test_put(at, &step);
    test_run(g);
    float *v = test_get(y);
    ask_graph_free(g);
    return v;
}

static int places_that_differ(const float *a, const float *b)
{
    int n = 0;
    for (int i = 0; i < N_DROPPED; i++) n += a[i] != b[i];
    return n;
}

static void dropout_depends_on_seed_step_and_place_only(void **state)
{
    float *v = drop(backends[0], 7, 1), *other = drop(backends[1], 7, 1);
    int n_zero = 0, n_pairs = 0;
    (void)state;
    for (int i = 0; i < N_DROPPED; i++) {
        assert_true(v[i] == 0 || v[i] == 4);
        n_zero += v[i] == 0;
        n_pairs += i > 0 && v[i] == 0 && v[i - 1] == 0;
    }
    // A quarter, and neighbours independent: within five standard deviations of the
    // binomial.
    assert_in_range(n_zero, 5000 - 306, 5000 + 306);
    assert_in_range(n_pairs, 1250 - 200, 1250 + 200);
    assert_int_equal(places_that_differ(v, other), 0);
    free(other);
    // Two independent patterns differ in 2 * 0.25 * 0.75 of the places.
    other = drop(backends[1], 7, 2);
    assert_in_range(places_that_differ(v, other), 7500 - 350, 7500 + 350);
    free(other);
    other = drop(backends[1], 8, 1);
    assert_in_range(places_that_differ(v, other), 7500 - 350, 7500 + 350);
    free(other);
    free(v);
}

int main(void)
{
    enum { N_CASES = TEST_COUNT(cases) };
    struct CMUnitTest tests[N_CASES + 3] = {
        cmocka_unit_test(cross_entropy_combines_its_options),
        cmocka_unit_test(batch_norm_moves_the_running_statistics),
        cmocka_unit_test(dropout_depends_on_seed_step_and_place_only),
    };
    for (int i = 0; i < N_CASES; i++)
        tests[3 + i] = (struct CMUnitTest){.name = cases[i].name,
                                           .test_func = gives_what_was_worked_out,
                                           .initial_state = (void *)(uintptr_t)&cases[i]};
    return cmocka_run_group_tests(tests, open_all, close_all);
}
