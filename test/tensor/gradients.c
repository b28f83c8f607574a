/* Gradients as a transform of the graph: only what is asked for is built, wherever it is
 * asked. */
#include <stdlib.h>

#include "support/tensors.h"

/* ---- pruning ---- */

/* Two layers: mse(relu(x w1^T + b1) w2^T + b2, y). */
typedef enum {
    X = 1,
    W1 = 2,
    B1 = 4,
    W2 = 8,
    B2 = 16,
    UNRELATED = 32,
    HIDDEN = 64
} variable;
enum { N_VARIABLES = 7 };

typedef struct {
    ask_tensor *x[N_VARIABLES]; // in the order of the bits
    ask_tensor *loss;
} two_layers;

static two_layers build(ask_graph *g)
{
    two_layers n = {.x = {INPUT(g, 4, 3), INPUT(g, 5, 3), INPUT(g, 5), INPUT(g, 2, 5),
                          INPUT(g, 2), INPUT(g, 2, 2)}};
    n.x[6] = ask_relu(g, ask_linear(g, n.x[0], n.x[1], n.x[2]));
    n.loss = ask_mse(g, ask_linear(g, n.x[6], n.x[3], n.x[4]), INPUT(g, 4, 2));
    return n;
}

static int nodes_for(unsigned asked)
{
    ask_graph *g = test_graph();
    two_layers n = build(g);
    ask_tensor *x[N_VARIABLES], *grad[N_VARIABLES];
    int n_x = 0, before = ask_graph_n_ops(g);
    for (int i = 0; i < N_VARIABLES; i++)
        if (asked & 1u << i) x[n_x++] = n.x[i];
    ask_graph_gradients(g, n.loss, x, n_x, grad);
    int added = ask_graph_n_ops(g) - before;
    for (int i = 0; i < n_x; i++) ask_keep(g, grad[i]);
    test_plan(g, the_cpu);
    ask_graph_free(g);
    return added;
}

/* To the output of the second layer: the gradient of the loss. From there, W2 and B2 are
 * one product and one sum away; the first layer is behind a product and the relu. */
static void a_request_builds_no_node_it_does_not_need(void **state)
{
    const int loss = nodes_for(B2) - 1;
    const struct {
        const char *name;
        unsigned asked;
        int nodes;
    } cases[] = {
        {"nothing", 0, 0},
        {"unrelated", UNRELATED, 0},
        {"b2: a sum", B2, loss + 1},
        {"w2: a product", W2, loss + 1},
        {"b2 and unrelated", B2 | UNRELATED, loss + 1},
        {"hidden: a product", HIDDEN, loss + 1},
        {"b1: product, relu, sum", B1, loss + 3},
        {"w1: product, relu, product", W1, loss + 3},
        {"x: product, relu, product", X, loss + 3},
        {"all of the second layer", W2 | B2, loss + 2},
        {"all of the first layer", W1 | B1, loss + 4},
        {"everything", X | W1 | B1 | W2 | B2 | HIDDEN | UNRELATED, loss + 7},
    };
    (void)state;
    assert_in_range(loss, 1, 4);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        int nodes = nodes_for(cases[i].asked);
        if (nodes != cases[i].nodes)
            fail_msg("%s: %d nodes, not %d", cases[i].name, nodes, cases[i].nodes);
    }
}

static int nodes_that_run(bool keep_gradient)
{
    ask_graph *g = test_graph();
    two_layers n = build(g);
    ask_tensor *grad;
    ask_keep(g, n.loss);
    int forward = ask_graph_n_ops(g);
    ask_graph_gradients(g, n.loss, &n.x[1], 1, &grad);
    if (keep_gradient) ask_keep(g, grad);
    test_plan(g, the_cpu);
    int runs = ask_graph_info(g).n_nodes, all = ask_graph_n_ops(g);
    ask_graph_free(g);
    return keep_gradient ? all - runs : forward - runs;
}

static void what_nobody_keeps_does_not_run(void **state)
{
    (void)state;
    assert_int_equal(nodes_that_run(false), 0); // of forward nodes, and no others
    assert_int_equal(nodes_that_run(true), 0);  // of all nodes
}

/* ---- values ---- */

static void check(const char *what, const ask_tensor *t, const float *expected)
{
    float *v = test_get(t);
    test_near(what, v, expected, ask_tensor_count(t), 1e-6);
    free(v);
}

static void independent_variables_get_zeros(void **state)
{
    ask_graph *g = test_graph();
    (void)state;
    ask_tensor *x = INPUT(g, 3), *other = INPUT(g, 2, 2), *after;
    ask_tensor *y = ask_sum(g, ask_mul(g, x, x), 0, false);
    after = ask_relu(g, y); // depends on y, not y on it
    ask_tensor *vars[] = {x, other, after}, *grad[3];
    ask_graph_gradients(g, y, vars, 3, grad);
    for (int i = 0; i < 3; i++) ask_keep(g, grad[i]);
    test_plan(g, the_cpu);
    test_put(x, (float[]){1, -2, 3});
    test_run(g);
    assert_int_equal(ask_tensor_n_dims(grad[1]), 2);
    check("x", grad[0], (float[]){2, -4, 6});
    check("independent", grad[1], (float[]){0, 0, 0, 0});
    check("later", grad[2], (float[]){0});
    ask_graph_free(g);
}

/* d (x stop(x)) = stop(x) dx, and nothing of what only a stop leads to. */
static void no_gradient_goes_through_a_stop(void **state)
{
    ask_graph *g = test_graph();
    (void)state;
    ask_tensor *x = INPUT(g, 3), *z = INPUT(g, 3);
    ask_tensor *held = ask_stop(g, ask_mul(g, x, z)), *grad[2];
    ask_tensor *y = ask_sum(g, ask_mul(g, x, held), 0, false);
    ask_graph_gradients(g, y, (ask_tensor *[]){x, z}, 2, grad);
    ask_keep(g, y);
    for (int i = 0; i < 2; i++) ask_keep(g, grad[i]);
    test_plan(g, the_cpu);
    test_put(x, (float[]){1, -2, 3});
    test_put(z, (float[]){2, 5, 0.5f});
    test_run(g);
    check("the product", y, (float[]){1 * 2 + 4 * 5 + 9 * 0.5f});
    check("one of its factors", grad[0], (float[]){2, -10, 1.5f});
    check("behind a stop alone", grad[1], (float[]){0, 0, 0});
    ask_graph_free(g);
}

static void paths_that_meet_add_up(void **state)
{
    ask_graph *g = test_graph();
    (void)state;
    ask_tensor *x = INPUT(g, 2), *square = ask_mul(g, x, x), *grad[2];
    ask_tensor *y =
        ask_add(g, ask_mul(g, square, x), ask_add(g, square, x)); // x^3 + x^2 + x
    ask_graph_gradients(g, y, (ask_tensor *[]){x, x}, 2,
                        grad); // y is summed; x is asked twice
    ask_keep(g, grad[0]);
    ask_keep(g, grad[1]);
    test_plan(g, the_cpu);
    test_put(x, (float[]){2, -1});
    test_run(g);
    check("3 x^2 + 2 x + 1", grad[0], (float[]){17, 2});
    check("asked again", grad[1], (float[]){17, 2});
    ask_graph_free(g);
}

static void any_node_on_the_way_may_be_asked_for(void **state)
{
    ask_error err = {0};
    ask_store *s;
    ask_graph *g = test_graph();
    (void)state;
    CHECK_OK(s = ask_store_new(the_cpu, &err), &err);
    ask_tensor *w = test_stored(s, "w", DIMS(2));
    ask_tensor *x = INPUT(g, 2), *h = ask_mul(g, x, w), *y = ask_mul(g, h, h), *grad[4];
    ask_graph_gradients(g, y, (ask_tensor *[]){w, h, y, x}, 4, grad);
    for (int i = 0; i < 4; i++) ask_keep(g, grad[i]);
    test_plan(g, the_cpu);
    test_put(x, (float[]){2, 3});
    test_put(w, (float[]){5, 7});
    test_run(g);
    check("store tensor", grad[0], (float[]){40, 126});
    check("node", grad[1], (float[]){20, 42});
    check("itself", grad[2], (float[]){1, 1});
    check("input", grad[3], (float[]){100, 294});
    ask_graph_free(g);
    ask_store_free(s);
}

/* The rule of a gradient is made of ops, which have gradients themselves. */
static void a_gradient_has_a_gradient(void **state)
{
    ask_graph *g = test_graph();
    (void)state;
    ask_tensor *x = INPUT(g, 2), *first, *second;
    ask_tensor *y = ask_mul(g, ask_mul(g, x, x), x);
    ask_graph_gradients(g, y, &x, 1, &first);
    ask_graph_gradients(g, first, &x, 1, &second);
    ask_keep(g, second);
    test_plan(g, the_cpu);
    test_put(x, (float[]){2, -3});
    test_run(g);
    check("6 x", second, (float[]){12, -18});
    ask_graph_free(g);
}

static void the_largest_gets_the_gradient_once(void **state)
{
    ask_graph *g = test_graph();
    (void)state;
    ask_tensor *x = INPUT(g, 2, 4), *grad;
    ask_graph_gradients(g, ask_max(g, x, 1, false), &x, 1, &grad);
    ask_keep(g, grad);
    test_plan(g, the_cpu);
    test_put(x, (float[]){1, 5, 5, 5, 2, 2, 2, 2});
    test_run(g);
    check("the first of equals", grad, (float[]){0, 1, 0, 0, 1, 0, 0, 0});
    ask_graph_free(g);
}

/* Through f16 and back: what is rounded on the way there is rounded on the way back. */
static void a_cast_between_floating_types_passes_the_gradient_on(void **state)
{
    static const ask_dtype through[] = {ASK_F16, ASK_BF16, ASK_I64};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(through); i++) {
        ask_graph *g = test_graph();
        ask_tensor *x = INPUT(g, 2), *grad;
        ask_tensor *y = ask_cast(g, ask_cast(g, x, through[i]), ASK_F32);
        ask_graph_gradients(g, ask_affine(g, y, 3, 0), &x, 1, &grad);
        ask_keep(g, grad);
        test_plan(g, the_cpu);
        test_put(x, (float[]){2, -3});
        test_run(g);
        check(ask_dtype_name(through[i]), grad,
              through[i] == ASK_I64 ? (float[]){0, 0} : (float[]){3, 3});
        ask_graph_free(g);
    }
}

/* Rows of a table in half precision are added up in f32. */
static void a_table_in_half_precision_has_a_gradient(void **state)
{
    static const ask_dtype types[] = {ASK_F16, ASK_BF16};
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(types); i++) {
        ask_graph *g = test_graph();
        ask_tensor *table = ask_input(g, types[i], DIMS(3, 2)), *ids = INPUT_I64(g, 4);
        ask_tensor *grad[2];
        ask_tensor *rows = ask_embedding(g, table, ids);
        ask_tensor *picked = ask_gather(g, table, ask_reshape(g, ids, DIMS(2, 2)), 0);
        ask_graph_gradients(g, rows, &table, 1, &grad[0]);
        ask_graph_gradients(g, picked, &table, 1, &grad[1]);
        for (int k = 0; k < 2; k++) {
            CHECK_CASE(ask_dtype_name(types[i]), ask_tensor_type(grad[k]) == types[i]);
            grad[k] = ask_keep(g, ask_cast(g, grad[k], ASK_F32));
        }
        test_plan(g, the_cpu);
        test_put(table, (uint16_t[6]){0});
        test_put(ids, (int64_t[]){2, 0, 2, 2});
        test_run(g);
        check(ask_dtype_name(types[i]), grad[0], (float[]){1, 1, 0, 0, 3, 3});
        check(ask_dtype_name(types[i]), grad[1], (float[]){0, 1, 0, 0, 2, 1});
        ask_graph_free(g);
    }
}

/* As the table of words does that serves both ends of a network. */
static void two_ways_into_half_precision_add_up(void **state)
{
    (void)state;
    ask_graph *g = test_graph();
    ask_tensor *h = ask_input(g, ASK_F16, DIMS(2)), *grad;
    ask_tensor *x = ask_cast(g, h, ASK_F32), *y = ask_cast(g, h, ASK_F32);
    ask_graph_gradients(g, ask_add(g, ask_affine(g, x, 3, 0), y), &h, 1, &grad);
    assert_int_equal(ask_tensor_type(grad), ASK_F16);
    grad = ask_keep(g, ask_cast(g, grad, ASK_F32));
    test_plan(g, the_cpu);
    test_run(g);
    check("3h + h", grad, (float[]){4, 4});
    ask_graph_free(g);
}

static void a_store_tensor_may_be_asked_for_twice(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_store *s;
    CHECK_OK(s = ask_store_new(the_cpu, &err), &err);
    ask_tensor *w = test_stored(s, "w", DIMS(2)), *grad[2];
    ask_graph *g = test_graph();
    ask_graph_gradients(g, ask_affine(g, w, 3, 0), (ask_tensor *[]){w, w}, 2, grad);
    for (int i = 0; i < 2; i++) ask_keep(g, grad[i]);
    test_plan(g, the_cpu);
    test_run(g);
    for (int i = 0; i < 2; i++) check("d 3w / dw", grad[i], (float[]){3, 3});
    ask_graph_free(g);
    ask_store_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_builds_no_node_it_does_not_need),
        cmocka_unit_test(what_nobody_keeps_does_not_run),
        cmocka_unit_test(independent_variables_get_zeros),
        cmocka_unit_test(no_gradient_goes_through_a_stop),
        cmocka_unit_test(paths_that_meet_add_up),
        cmocka_unit_test(any_node_on_the_way_may_be_asked_for),
        cmocka_unit_test(a_gradient_has_a_gradient),
        cmocka_unit_test(the_largest_gets_the_gradient_once),
        cmocka_unit_test(a_cast_between_floating_types_passes_the_gradient_on),
        cmocka_unit_test(a_table_in_half_precision_has_a_gradient),
        cmocka_unit_test(two_ways_into_half_precision_add_up),
        cmocka_unit_test(a_store_tensor_may_be_asked_for_twice),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
