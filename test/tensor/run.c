/* Running plans: the same bits again, stopping, progress, effects in order, indices at run
 * time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/fake_backend.h"
#include "support/tensors.h"

/* ---- the same bits ---- */

/* A little of everything whose sums could be taken in another order. */
typedef struct {
    ask_graph *g;
    ask_tensor *x, *ids, *out, *grad[3];
} mixture;

static mixture mix(ask_backend *b)
{
    mixture m = {.g = test_graph()};
    ask_graph *g = m.g;
    ask_tensor *table = INPUT(g, 7, 96), *w = INPUT(g, 96, 96);
    m.x = INPUT(g, 2, 150, 96);
    m.ids = INPUT_I64(g, 2, 150);
    ask_tensor *h = ask_add(g, m.x, ask_embedding(g, table, m.ids));
    h = ask_layer_norm(g, ask_linear(g, h, w, NULL), NULL, NULL, 1e-5);
    h = ask_transpose(g, ask_reshape(g, h, DIMS(2, 150, 4, 24)), 1, 2);
    h = ask_attention(g, h, h, h, &(ask_attention_options){.causal = true});
    m.out = ask_keep(g, ask_mean(g, ask_gelu(g, h, ASK_GELU_EXACT), 1u << 2, false));
    ask_graph_gradients(g, m.out, (ask_tensor *[]){table, w, m.x}, 3, m.grad);
    for (int i = 0; i < 3; i++) ask_keep(g, m.grad[i]);
    test_plan(g, b);
    int64_t ids[300];
    for (int i = 0; i < 300; i++) ids[i] = i * i % 7;
    test_put(m.ids, ids);
    test_put_random(m.x, 1, 1.0);
    test_put_random(table, 2, 1.0);
    test_put_random(w, 3, 1.0);
    return m;
}

static void check_same_bits(const char *what, const mixture *a, const mixture *b)
{
    for (int i = -1; i < 3; i++) {
        const ask_tensor *s = i < 0 ? a->out : a->grad[i], *t = i < 0 ? b->out : b->grad[i];
        void *x = test_get(s), *y = test_get(t);
        if (memcmp(x, y, ask_tensor_bytes(s)) != 0)
            fail_msg("%s: result %d has other bits", what, i);
        free(x);
        free(y);
    }
}

static void the_same_run_gives_the_same_bits(void **state)
{
    static const struct {
        const char *name;
        ask_isa isa;
        int n_threads;
    } cases[] = {
        {"scalar, one thread", ASK_ISA_SCALAR, 1},
        {"scalar, two threads", ASK_ISA_SCALAR, 2},
        {"best, one thread", ASK_ISA_AUTO, 1},
        {"best, two threads", ASK_ISA_AUTO, 2},
    };
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_backend *b = test_cpu(cases[i].isa, cases[i].n_threads);
        mixture first = mix(b), second = mix(b);
        test_run(first.g);
        for (int run = 0; run < 3; run++) {
            test_run(second.g);
            check_same_bits(cases[i].name, &first, &second);
        }
        test_put_random(second.x, 99,
                        1.0); // another input in between leaves nothing behind
        test_run(second.g);
        test_put_random(second.x, 1, 1.0);
        test_run(second.g);
        check_same_bits(cases[i].name, &first, &second);
        ask_graph_free(first.g);
        ask_graph_free(second.g);
        ask_backend_close(b);
    }
}

/* ---- progress and stopping ---- */

typedef struct {
    int n_calls, stop_at;
    int64_t total;
    ask_cancel cancel;
} watcher;

static void watch(void *user, int64_t done, int64_t total, const char *unit,
                  const char *label)
{
    watcher *w = user;
    (void)unit;
    (void)label;
    assert_int_equal(done, ++w->n_calls);
    w->total = total;
    if (done == w->stop_at) ask_cancel_raise(&w->cancel, 2);
}

static void progress_counts_nodes_and_a_cancel_stops_between_them(void **state)
{
    enum { N = 10 };
    ask_graph *g = test_graph();
    (void)state;
    ask_tensor *y = INPUT(g, 3);
    for (int i = 0; i < N; i++) y = ask_exp(g, y);
    ask_keep(g, y);
    test_plan(g, the_cpu);
    for (int stop_at = 0; stop_at <= N; stop_at++) {
        ask_error err = {0};
        watcher w = {.stop_at = stop_at};
        ask_progress progress = {.fn = watch, .user = &w};
        ask_run_options opt = {
            .struct_size = sizeof opt, .cancel = &w.cancel, .progress = &progress};
        bool whole = stop_at == 0 || stop_at == N;
        assert_int_equal(ask_graph_run(g, &opt, &err), whole);
        assert_int_equal(w.n_calls, whole ? N : stop_at);
        assert_int_equal(w.total, N);
        if (!whole) assert_int_equal(err.code, ASK_ERR_CANCELLED);
        if (stop_at != N) continue;
        w.n_calls = 0; // it was raised at the end: the next run does not begin
        assert_false(ask_graph_run(g, &opt, &err));
        assert_int_equal(w.n_calls, 0);
    }
    ask_graph_free(g);
}

/* ---- effects ---- */

static void check(const char *what, const ask_tensor *t, float expected)
{
    float *v = test_get(t);
    test_near(what, v, &expected, 1, 0);
    free(v);
}

/* Wherever the stop comes, either both counters are raised or none. */
static void a_stop_meets_all_effects_or_none(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_store *s;
    CHECK_OK(s = ask_store_new(the_cpu, &err), &err);
    ask_tensor *one = test_stored(s, "one", DIMS(1)), *two = test_stored(s, "two", DIMS(1));
    ask_graph *g = test_graph();
    ask_tensor *more = ask_exp(g, ask_exp(g, ask_affine(g, INPUT(g, 1), 0, 0))); // e
    ask_assign(g, one, ask_add(g, one, more));
    ask_assign(g, two, ask_exp(g, ask_add(g, two, more)));
    test_plan(g, the_cpu);
    int n_nodes = ask_graph_info(g).n_nodes, n_none = 0;
    for (int stop_at = 1; stop_at <= n_nodes; stop_at++) {
        watcher w = {.stop_at = stop_at};
        const ask_progress progress = {.fn = watch, .user = &w};
        const ask_run_options opt = {.struct_size = sizeof opt,
                                     .cancel = &w.cancel,
                                     .progress = &progress,
                                     .whole_effects = true};
        test_put_all(one, 0);
        test_put_all(two, 0);
        bool done = ask_graph_run(g, &opt, &err);
        float *a = test_get(one), *b = test_get(two);
        assert_int_equal(a[0] != 0, done);
        assert_int_equal(b[0] != 0, done);
        n_none += !done;
        free(a);
        free(b);
    }
    assert_in_range(n_none, 2, n_nodes - 2); // before the first effect, and behind it
    ask_graph_free(g);
    ask_store_free(s);
}

/* Ways to read ten times a tensor; some are missing on the fake backend when others are
 * not. */
static ask_tensor *ten_by_unary(ask_graph *g, ask_tensor *x)
{
    return ask_affine(g, x, 10, 0);
}

static ask_tensor *ten_by_binary(ask_graph *g, ask_tensor *x)
{
    return ask_mul(g, x, ask_full(g, 0, NULL, 10));
}

static ask_tensor *ten_by_sum(ask_graph *g, ask_tensor *x)
{
    return ask_sum(g, ask_expand(g, x, DIMS(10, 1)), 1u << 0, false);
}

typedef ask_tensor *reader(ask_graph *g, ask_tensor *x);

/* A counter, read before, between and after two writes, and a copy of it that is written
 * last. */
static void check_order(ask_backend *const *backends, int n_backends, ask_backend *home,
                        reader *ten)
{
    ask_error err = {0};
    ask_store *s;
    ask_graph *g = test_graph();
    CHECK_OK(s = ask_store_new(home, &err), &err);
    ask_tensor *counter = test_stored(s, "counter", DIMS(1));
    ask_tensor *copy = test_stored(s, "copy", DIMS(1));

    ask_tensor *before = ten(g, counter);
    ask_tensor *written = ask_assign(g, counter, ask_affine(g, counter, 1, 1));
    ask_tensor *between = ten(g, counter);
    ask_tensor *result = ten(g, written);
    ask_assign(g, counter, ask_affine(g, counter, 2, 0));
    ask_tensor *after = ten(g, counter);
    ask_assign(g, copy, ask_affine(g, counter, 1, 0));
    ask_tensor *seen[] = {before, between, result, after};
    for (int i = 0; i < 4; i++) ask_keep(g, seen[i]);

    ask_plan_options opt = {
        .struct_size = sizeof opt, .backends = backends, .n_backends = n_backends};
    CHECK_OK(ask_graph_plan(g, &opt, &err), &err);
    test_put_all(counter, 3);
    for (int run = 0; run < 3; run++) {
        float start = run == 0 ? 3 : run == 1 ? 8 : 18; // x -> 2 (x + 1)
        test_run(g);
        check("before", before, 10 * start);
        check("between", between, 10 * (start + 1));
        check("what the write returned", result, 10 * (start + 1));
        check("after", after, 20 * (start + 1));
        check("counter", counter, 2 * (start + 1));
        check("copy", copy, 2 * (start + 1));
    }
    ask_graph_free(g);
    ask_store_free(s);
}

static void effects_happen_in_the_order_they_were_built(void **state)
{
    static reader *const readers[] = {ten_by_unary, ten_by_binary, ten_by_sum};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(readers) * 3; i++) {
        ask_error err = {0};
        ask_backend *fake;
        reader *ten = readers[i % 3];
        CHECK_OK(fake = fake_backend_open((int)i / 3, &err), &err);
        check_order(&the_cpu, 1, the_cpu, ten);
        check_order((ask_backend *[]){fake, the_cpu}, 2, fake, ten);
        check_order((ask_backend *[]){fake, the_cpu}, 2, the_cpu, ten);
        check_order((ask_backend *[]){the_cpu, fake}, 2, fake, ten);
        assert_int_equal(fake_backend_bytes(fake), 0);
        ask_backend_close(fake);
    }
}

/* ---- indices that are known at run time only ---- */

typedef struct {
    ask_store *s;
    ask_graph *g;
    ask_tensor *index; // i64 [2], or [1] for a row or a count
} indexed;

static ask_tensor *index_embedding(indexed *x)
{
    x->index = INPUT_I64(x->g, 2);
    return ask_embedding(x->g, INPUT(x->g, 11, 3), x->index);
}

static ask_tensor *index_gather(indexed *x)
{
    x->index = INPUT_I64(x->g, 2, 1);
    return ask_gather(x->g, INPUT(x->g, 2, 11), x->index, 1);
}

static ask_tensor *index_scatter(indexed *x)
{
    x->index = INPUT_I64(x->g, 2, 1);
    return ask_scatter_add(x->g, INPUT(x->g, 2, 1), x->index, 1, 11);
}

static ask_tensor *index_rows(indexed *x)
{
    x->index = INPUT_I64(x->g, 1);
    ask_tensor *dst = test_stored(x->s, "cache", DIMS(13, 2));
    return ask_write_rows(x->g, dst, INPUT(x->g, 3, 2), x->index); // rows 0 .. 10 fit
}

static ask_tensor *index_labels(indexed *x)
{
    x->index = INPUT_I64(x->g, 2);
    return ask_cross_entropy(x->g, INPUT(x->g, 2, 11), x->index, NULL);
}

static ask_tensor *index_keys(indexed *x)
{
    x->index = INPUT_I64(x->g, 1);
    ask_tensor *q = INPUT(x->g, 1, 1, 2, 4), *k = INPUT(x->g, 1, 1, 10, 4);
    return ask_attention(x->g, q, k, k, &(ask_attention_options){.n_valid = x->index});
}

static const struct {
    const char *name;
    ask_tensor *(*build)(indexed *x);
} indexing[] = {
    {"embedding", index_embedding}, {"gather", index_gather},
    {"scatter_add", index_scatter}, {"write_rows", index_rows},
    {"gather", index_labels},       {"attention", index_keys},
};

static bool run_with_index(const indexed *x, int64_t i, ask_error *err)
{
    int64_t index[2] = {i, 3};
    test_put(x->index, index);
    return ask_graph_run(x->g, NULL, err);
}

/* All of the above take 0 .. 10, the first 11 rows, columns or labels, or counts of keys.
 */
static void an_index_out_of_range_fails_the_run_and_nothing_else(void **state)
{
    static const int64_t outside[] = {11, -1, INT64_MAX, INT64_MIN};
    (void)state;
    for (size_t c = 0; c < TEST_COUNT(indexing); c++) {
        ask_error err = {0};
        indexed x = {.g = test_graph()};
        CHECK_OK(x.s = ask_store_new(the_cpu, &err), &err);
        ask_keep(x.g, indexing[c].build(&x));
        test_plan(x.g, the_cpu);
        for (size_t i = 0; i < TEST_COUNT(outside); i++) {
            CHECK_CASE(indexing[c].name, !run_with_index(&x, outside[i], &err));
            CHECK_CASE(indexing[c].name, err.code == ASK_ERR_SHAPE);
            if (!strstr(err.message, indexing[c].name))
                fail_msg("%s: the message is \"%s\"", indexing[c].name, err.message);
        }
        CHECK_OK(run_with_index(&x, 0, &err), &err);
        CHECK_OK(run_with_index(&x, 10, &err), &err);
        ask_graph_free(x.g);
        ask_store_free(x.s);
    }
}

static void a_failing_node_is_called_by_its_name(void **state)
{
    ask_error err = {0};
    ask_graph *g = test_graph();
    (void)state;
    ask_tensor *ids = INPUT_I64(g, 1);
    ask_keep(g, ask_name(g, ask_embedding(g, INPUT(g, 2, 3), ids), "text.tokens"));
    test_plan(g, the_cpu);
    test_put_all(ids, 2);
    assert_false(ask_graph_run(g, NULL, &err));
    assert_non_null(strstr(err.message, "text.tokens"));
    ask_graph_free(g);
}

static void an_input_that_nobody_writes_is_zeros(void **state)
{
    ask_graph *g = test_graph();
    (void)state;
    ask_tensor *y = ask_keep(g, ask_affine(g, INPUT(g, 1), 1, 5));
    test_plan(g, the_cpu);
    test_run(g);
    check("0 + 5", y, 5);
    ask_graph_free(g);
}

static void options_of_an_older_header_keep_the_newer_defaults(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_cpu_options opt = {.struct_size = sizeof(size_t), .n_threads = -1};
    ask_backend *b = ask_cpu_open(&opt, &err);
    CHECK_OK(b, &err);
    ask_backend_close(b);
    opt.struct_size = sizeof opt;
    assert_null(ask_cpu_open(&opt, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_run_gives_the_same_bits),
        cmocka_unit_test(progress_counts_nodes_and_a_cancel_stops_between_them),
        cmocka_unit_test(a_stop_meets_all_effects_or_none),
        cmocka_unit_test(effects_happen_in_the_order_they_were_built),
        cmocka_unit_test(an_index_out_of_range_fails_the_run_and_nothing_else),
        cmocka_unit_test(a_failing_node_is_called_by_its_name),
        cmocka_unit_test(an_input_that_nobody_writes_is_zeros),
        cmocka_unit_test(options_of_an_older_header_keep_the_newer_defaults),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
