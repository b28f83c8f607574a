/* Building graphs: the first mistake stays and is told well; names, wishes, reading and
 * writing. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/tensors.h"

/* ---- mistakes ---- */

static bool plans(ask_graph *g, ask_error *err)
{
    ask_plan_options opt = {
        .struct_size = sizeof opt, .backends = &the_cpu, .n_backends = 1};
    return ask_graph_plan(g, &opt, err);
}

static ask_tensor *matmul_of_misfits(ask_graph *g)
{
    return ask_matmul(g, INPUT(g, 2, 3), INPUT(g, 4, 5));
}

static ask_tensor *matmul_of_bad_batches(ask_graph *g)
{
    return ask_matmul(g, INPUT(g, 2, 4, 3), INPUT(g, 5, 3, 4));
}

static ask_tensor *linear_of_misfits(ask_graph *g)
{
    return ask_linear(g, INPUT(g, 7, 3), INPUT(g, 4, 5), NULL);
}

static ask_tensor *bias_of_misfits(ask_graph *g)
{
    return ask_linear(g, INPUT(g, 7, 3), INPUT(g, 4, 3), INPUT(g, 5));
}

static ask_tensor *sum_of_misfits(ask_graph *g)
{
    return ask_add(g, INPUT(g, 2, 3), INPUT(g, 2, 4));
}

static ask_tensor *product_of_ids(ask_graph *g)
{
    return ask_mul(g, INPUT_I64(g, 3), INPUT(g, 3));
}

static ask_tensor *reshape_to_another_count(ask_graph *g)
{
    return ask_reshape(g, INPUT(g, 2, 3), DIMS(4, 2));
}

static ask_tensor *reshape_undecidable(ask_graph *g)
{
    return ask_reshape(g, INPUT(g, 2, 3), DIMS(-1, -1));
}

static ask_tensor *permute_twice_the_same(ask_graph *g)
{
    return ask_permute(g, INPUT(g, 2, 3), (int[]){1, 1});
}

static ask_tensor *slice_past_the_end(ask_graph *g)
{
    return ask_slice(g, INPUT(g, 2, 3), 1, 1, 4);
}

static ask_tensor *slice_backwards(ask_graph *g)
{
    return ask_slice(g, INPUT(g, 2, 3), 1, 2, 1);
}

static ask_tensor *expand_of_two(ask_graph *g)
{
    return ask_expand(g, INPUT(g, 2, 3), DIMS(4, 3));
}

static ask_tensor *concat_of_misfits(ask_graph *g)
{
    return ask_concat(g, (ask_tensor *[]){INPUT(g, 2, 3), INPUT(g, 3, 3)}, 2, 1);
}

static ask_tensor *sum_over_a_missing_axis(ask_graph *g)
{
    return ask_sum(g, INPUT(g, 2, 3), 1u << 2, false);
}

static ask_tensor *largest_of_nothing(ask_graph *g)
{
    return ask_max(g, INPUT(g, 2, 0), 1, false);
}

static ask_tensor *embedding_of_numbers(ask_graph *g)
{
    return ask_embedding(g, INPUT(g, 5, 3), INPUT(g, 2));
}

static ask_tensor *gather_of_misfits(ask_graph *g)
{
    return ask_gather(g, INPUT(g, 5, 3), INPUT_I64(g, 2, 4), 0);
}

static ask_tensor *conv_of_other_channels(ask_graph *g)
{
    return ask_conv2d(g, INPUT(g, 1, 3, 8, 8), INPUT(g, 4, 2, 3, 3), NULL,
                      &(ask_conv_options){0});
}

static ask_tensor *conv_larger_than_the_picture(ask_graph *g)
{
    return ask_conv2d(g, INPUT(g, 1, 3, 2, 8), INPUT(g, 4, 3, 3, 3), NULL,
                      &(ask_conv_options){0});
}

static ask_tensor *conv_of_a_still(ask_graph *g)
{
    return ask_conv3d(g, INPUT(g, 1, 3, 8, 8), INPUT(g, 4, 3, 1, 3, 3), NULL, NULL);
}

static ask_tensor *conv_of_negative_steps(ask_graph *g)
{
    return ask_conv3d(g, INPUT(g, 1, 3, 4, 8, 8), INPUT(g, 4, 3, 1, 3, 3), NULL,
                      &(ask_conv_options){.stride = {1, -2, 2}});
}

static ask_tensor *attention_of_odd_groups(ask_graph *g)
{
    return ask_attention(g, INPUT(g, 1, 5, 4, 8), INPUT(g, 1, 2, 6, 8),
                         INPUT(g, 1, 2, 6, 8), &(ask_attention_options){0});
}

static ask_tensor *norm_of_misfits(ask_graph *g)
{
    return ask_layer_norm(g, INPUT(g, 2, 3), INPUT(g, 4), NULL, 1e-5);
}

static ask_tensor *mask_of_numbers(ask_graph *g)
{
    return ask_softmax(g, INPUT(g, 2, 3), INPUT(g, 2, 3));
}

static ask_tensor *labels_of_another_batch(ask_graph *g)
{
    return ask_cross_entropy(g, INPUT(g, 6, 3), INPUT_I64(g, 5), NULL);
}

static ask_tensor *pool_of_rows(ask_graph *g)
{
    return ask_max_pool2d(g, INPUT(g, 6, 3), &(ask_pool_options){.kernel = {2, 2}});
}

static ask_tensor *pool_of_a_still(ask_graph *g)
{
    return ask_max_pool3d(g, INPUT(g, 1, 3, 8, 8),
                          &(ask_pool_options){.kernel = {2, 2, 2}});
}

static ask_tensor *pool_of_more_padding_than_window(ask_graph *g)
{
    return ask_max_pool3d(g, INPUT(g, 1, 3, 4, 8, 8),
                          &(ask_pool_options){.kernel = {2, 2, 2}, .pad_end = {0, 2, 0}});
}

static ask_tensor *write_into_an_input(ask_graph *g)
{
    return ask_assign(g, INPUT(g, 3), INPUT(g, 3));
}

static ask_tensor *seven_axes(ask_graph *g)
{
    return INPUT(g, 1, 1, 1, 1, 1, 1, 1);
}

static ask_tensor *absurd_size(ask_graph *g)
{
    return INPUT(g, INT64_C(1) << 40, INT64_C(1) << 40);
}

static ask_tensor *negative_size(ask_graph *g)
{
    return INPUT(g, 3, -2);
}

static ask_tensor *empty_but_absurd(ask_graph *g)
{
    return INPUT(g, 0, INT64_C(1) << 40, INT64_C(1) << 40);
}

static ask_tensor *matmul_of_nothing_to_too_much(ask_graph *g)
{
    return ask_matmul(g, INPUT(g, INT64_C(1) << 40, 0), INPUT(g, 0, INT64_C(1) << 40));
}

static ask_tensor *expand_to_too_much(ask_graph *g)
{
    return ask_expand(g, INPUT(g, 1), DIMS(INT64_C(1) << 40, INT64_C(1) << 40));
}

static ask_tensor *reshape_of_nothing_to_too_much(ask_graph *g)
{
    return ask_reshape(g, INPUT(g, 0), DIMS(0, INT64_C(1) << 40, INT64_C(1) << 40));
}

static ask_tensor *scatter_to_less_than_nothing(ask_graph *g)
{
    return ask_scatter_add(g, INPUT(g, 3), INPUT_I64(g, 3), 0, -1);
}

static ask_tensor *file_type(ask_graph *g)
{
    return ask_input(g, ASK_F8_E4M3, DIMS(3));
}

static const struct {
    const char *name;
    ask_tensor *(*build)(ask_graph *g);
    const char *says[3]; // words of the message
} mistakes[] = {
    {"matmul of misfits", matmul_of_misfits, {"matmul", "[2, 3]", "[4, 5]"}},
    {"matmul, batches", matmul_of_bad_batches, {"matmul", "[2, 4, 3]", "[5, 3, 4]"}},
    {"linear of misfits", linear_of_misfits, {"linear", "[7, 3]", "[4, 5]"}},
    {"linear, bias", bias_of_misfits, {"linear", "[5]"}},
    {"add of misfits", sum_of_misfits, {"[2, 3]", "[2, 4]"}},
    {"mul of ids", product_of_ids, {"i64"}},
    {"reshape", reshape_to_another_count, {"reshape", "[2, 3]", "[4, 2]"}},
    {"reshape, undecidable", reshape_undecidable, {"reshape", "[2, 3]"}},
    {"permute", permute_twice_the_same, {"permute", "[2, 3]"}},
    {"slice past the end", slice_past_the_end, {"slice", "[2, 3]", "4"}},
    {"slice backwards", slice_backwards, {"slice", "[2, 3]"}},
    {"expand of two", expand_of_two, {"expand", "[2, 3]", "[4, 3]"}},
    {"concat of misfits", concat_of_misfits, {"concat", "[2, 3]", "[3, 3]"}},
    {"sum over a missing axis", sum_over_a_missing_axis, {"sum", "[2, 3]"}},
    {"max of nothing", largest_of_nothing, {"max", "[2, 0]"}},
    {"embedding of numbers", embedding_of_numbers, {"embedding", "f32"}},
    {"gather of misfits", gather_of_misfits, {"gather", "[5, 3]", "[2, 4]"}},
    {"conv of other channels",
     conv_of_other_channels,
     {"conv2d", "[1, 3, 8, 8]", "[4, 2, 3, 3]"}},
    {"conv larger than x", conv_larger_than_the_picture, {"conv2d", "[1, 3, 2, 8]"}},
    {"conv of a still", conv_of_a_still, {"conv3d", "[1, 3, 8, 8]", "[4, 3, 1, 3, 3]"}},
    {"conv of negative steps", conv_of_negative_steps, {"conv3d", "stride [1, -2, 2]"}},
    {"attention, groups",
     attention_of_odd_groups,
     {"attention", "[1, 5, 4, 8]", "[1, 2, 6, 8]"}},
    {"layer_norm of misfits", norm_of_misfits, {"layer_norm", "[2, 3]", "[4]"}},
    {"mask of numbers", mask_of_numbers, {"softmax", "f32"}},
    {"labels of another batch",
     labels_of_another_batch,
     {"cross_entropy", "[6, 3]", "[5]"}},
    {"pool of rows", pool_of_rows, {"pool2d", "[6, 3]"}},
    {"pool of a still", pool_of_a_still, {"pool3d", "[1, 3, 8, 8]", "clips"}},
    {"pool of more padding than window",
     pool_of_more_padding_than_window,
     {"pool3d", "axis 3", "[1, 3, 4, 8, 8]"}},
    {"write into an input", write_into_an_input, {"assign", "store"}},
    {"seven axes", seven_axes, {"7"}},
    {"absurd size", absurd_size, {"1099511627776"}},
    {"negative size", negative_size, {"-2"}},
    {"absurd size of nothing", empty_but_absurd, {"1099511627776"}},
    {"matmul to too much", matmul_of_nothing_to_too_much, {"matmul", "1099511627776"}},
    {"expand to too much", expand_to_too_much, {"expand", "1099511627776"}},
    {"reshape to too much", reshape_of_nothing_to_too_much, {"reshape", "1099511627776"}},
    {"scatter to less than nothing", scatter_to_less_than_nothing, {"scatter_add", "-1"}},
    {"type of files", file_type, {"f8_e4m3"}},
};

static void the_first_mistake_stays_and_is_told_when_planning(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(mistakes); i++) {
        ask_error err = {0};
        ask_graph *g = test_graph();
        ask_tensor *t = mistakes[i].build(g);
        CHECK_CASE(mistakes[i].name, !t);
        // What comes after passes NULL along, and does not hide the first message.
        t = ask_softmax(g, ask_linear(g, t, INPUT(g, 2, 2), NULL), NULL);
        CHECK_CASE(mistakes[i].name, !ask_reshape(g, ask_keep(g, t), DIMS(7, 7)));
        CHECK_CASE(mistakes[i].name, !plans(g, &err));
        for (int w = 0; w < 3 && mistakes[i].says[w]; w++)
            if (!strstr(err.message, mistakes[i].says[w]))
                fail_msg("%s: \"%s\" lacks \"%s\"", mistakes[i].name, err.message,
                         mistakes[i].says[w]);
        CHECK_CASE(mistakes[i].name, err.code != ASK_OK && err.code != ASK_ERR_NOMEM);
        ask_graph_free(g);
    }
}

static void tensors_of_two_graphs_do_not_mix(void **state)
{
    ask_error err = {0};
    ask_graph *g = test_graph(), *other = test_graph();
    (void)state;
    assert_null(ask_add(g, INPUT(g, 3), INPUT(other, 3)));
    assert_false(plans(g, &err));
    assert_non_null(strstr(err.message, "another graph"));
    ask_graph_free(g);
    ask_graph_free(other);
}

static void a_planned_graph_takes_no_more_nodes(void **state)
{
    ask_graph *g = test_graph();
    (void)state;
    ask_tensor *x = INPUT(g, 3), *y = ask_keep(g, ask_relu(g, x));
    test_plan(g, the_cpu);
    assert_null(ask_exp(g, x));
    test_put(x, (float[]){-1, 0, 2});
    test_run(g);
    float *v = test_get(y);
    test_near("relu", v, (float[]){0, 0, 2}, 3, 0);
    free(v);
    ask_graph_free(g);
}

/* ---- names and wishes ---- */

static void a_wish_keeps_what_bears_its_name(void **state)
{
    ask_error err = {0};
    ask_graph *g = test_graph();
    float v[3];
    (void)state;
    ask_graph_want(g, "layer*.out");
    ask_graph_want(g, "nobody");
    assert_true(ask_graph_wants(g, "layer3.out"));
    assert_false(ask_graph_wants(g, "layer3.in"));
    ask_tensor *x = INPUT(g, 3), *y = x;
    for (int i = 0; i < 3; i++) {
        y = ask_affine(g, y, 1, 1);
        ask_name(g, y, "layer%d.%s", i, i == 1 ? "in" : "out");
    }
    ask_keep(g, ask_exp(g, y));
    assert_ptr_equal(ask_graph_find(g, "layer2.out"), y);
    assert_string_equal(ask_tensor_name(y), "layer2.out");
    assert_string_equal(ask_tensor_name(x), "");
    assert_null(ask_graph_find(g, "layer9.out"));
    assert_string_equal(ask_graph_unmet_wish(g), "nobody");

    test_plan(g, the_cpu);
    test_put_all(x, 0);
    test_run(g);
    float *first = test_get(ask_graph_find(g, "layer0.out")), *last = test_get(y);
    test_near("layer0.out", first, (float[]){1, 1, 1}, 3, 0);
    test_near("layer2.out", last, (float[]){3, 3, 3}, 3, 0);
    free(first);
    free(last);
    assert_false(ask_tensor_read(ask_graph_find(g, "layer1.in"), v, sizeof v, &err));
    ask_graph_free(g);
}

/* Ops that do nothing return their source: a name then goes to a view of it, and neither
 * hides an earlier name nor stays in a store after the graph is gone. */
static void a_second_name_does_not_take_the_first_away(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_store *s;
    CHECK_OK(s = ask_store_new(the_cpu, &err), &err);
    ask_tensor *w = test_stored(s, "w", DIMS(2, 3));
    ask_graph *g = test_graph();
    ask_graph_want(g, "*");
    ask_tensor *x = ask_name(g, ask_affine(g, w, 1, 1), "x");
    ask_tensor *same = ask_name(g, ask_dropout(g, x, 0, 1, NULL), "same");
    ask_name(g, ask_contiguous(g, w), "weights");
    assert_string_equal(ask_tensor_name(x), "x");
    assert_ptr_equal(ask_graph_find(g, "same"), same);
    test_plan(g, the_cpu);
    test_run(g);
    const float ones[6] = {1, 1, 1, 1, 1, 1}, zeros[6] = {0};
    float *first = test_get(ask_graph_find(g, "x")), *second = test_get(same);
    float *weights = test_get(ask_graph_find(g, "weights"));
    test_near("x", first, ones, 6, 0);
    test_near("same", second, ones, 6, 0);
    test_near("weights", weights, zeros, 6, 0);
    free(first);
    free(second);
    free(weights);
    ask_graph_free(g);
    assert_string_equal(ask_tensor_name(w), "w");
    ask_store_free(s);
}

typedef struct {
    int n_ops;
    float *out, *attn;
} attention_run;

static attention_run run_attention(const char *wish)
{
    ask_graph *g = test_graph();
    if (wish) ask_graph_want(g, wish);
    ask_tensor *x[3];
    for (int i = 0; i < 3; i++) x[i] = INPUT(g, 1, 2, 5, 8);
    ask_attention_options opt = {.causal = true, .name = "block"};
    ask_tensor *y = ask_keep(g, ask_attention(g, x[0], x[1], x[2], &opt));
    test_plan(g, the_cpu);
    for (int i = 0; i < 3; i++) test_put_random(x[i], (uint64_t)i, 1.0);
    test_run(g);
    attention_run r = {.n_ops = ask_graph_n_ops(g), .out = test_get(y)};
    ask_tensor *attn = ask_graph_find(g, "block.attn");
    assert_int_equal(attn != NULL, wish != NULL);
    if (attn) {
        assert_int_equal(ask_tensor_count(attn), 2 * 5 * 5);
        assert_null(ask_graph_unmet_wish(g));
        r.attn = test_get(attn);
    }
    ask_graph_free(g);
    return r;
}

static void attention_is_one_node_unless_its_probabilities_are_wanted(void **state)
{
    attention_run fused = run_attention(NULL), open = run_attention("*.attn");
    (void)state;
    assert_int_equal(fused.n_ops, 1);
    assert_true(open.n_ops > 1);
    test_near("fused against explicit", fused.out, open.out, 2 * 5 * 8, 1e-5);
    for (int row = 0; row < 10; row++) {
        float sum = 0;
        for (int k = 0; k < 5; k++) {
            float p = open.attn[row * 5 + k];
            sum += p;
            assert_true(k <= row % 5 ? p > 0 : p == 0);
        }
        test_near("sum of probabilities", &sum, &(float){1}, 1, 1e-6);
    }
    free(fused.out);
    free(open.out);
    free(open.attn);
}

/* ---- in and out ---- */

static void reading_and_writing_have_their_rules(void **state)
{
    ask_error err = {0};
    float v[8] = {0};
    ask_graph *g = test_graph();
    (void)state;
    ask_tensor *x = INPUT(g, 2, 3), *unused = INPUT(g, 2);
    ask_tensor *constant =
        ask_constant(g, ASK_F32, DIMS(2, 3), (float[]){1, 2, 3, 4, 5, 6});
    ask_tensor *hidden = ask_add(g, x, constant);
    ask_tensor *turned = ask_keep(g, ask_transpose(g, ask_exp(g, hidden), 0, 1));
    ask_tensor *piece = ask_keep(g, ask_slice(g, ask_affine(g, hidden, 2, 0), 0, 1, 2));

    assert_false(ask_tensor_write(x, v, 24, &err)); // not planned yet
    assert_false(ask_graph_run(g, NULL, &err));
    test_plan(g, the_cpu);
    assert_false(ask_tensor_read(turned, v, 24, &err)); // has not run yet
    assert_false(ask_tensor_write(x, v, 20, &err));
    assert_non_null(strstr(err.message, "[2, 3]"));
    assert_false(ask_tensor_write(constant, v, 24, &err));
    assert_false(ask_tensor_write(turned, v, 24, &err));
    test_put(unused, v);
    test_put_all(x, 1);
    test_run(g);
    assert_false(ask_tensor_read(turned, v, 20, &err));
    assert_false(ask_tensor_read(hidden, v, 24, &err)); // nobody kept it

    float *out = test_get(turned);
    for (int i = 0; i < 6; i++) v[i] = expf((float)(2 + i / 2 + i % 2 * 3));
    test_near("a kept view that is transposed", out, v, 6, 1e-5);
    free(out);
    out = test_get(piece);
    test_near("a kept view of a part", out, (float[]){10, 12, 14}, 3, 0);
    free(out);
    out = test_get(x);
    test_near("an input", out, (float[]){1, 1, 1, 1, 1, 1}, 6, 0);
    free(out);
    ask_graph_free(g);
}

static void a_range_counts_from_zero(void **state)
{
    (void)state;
    static const int64_t expected[] = {0, 1, 2, 3};
    ask_graph *g = test_graph();
    ask_tensor *four =
        ask_keep(g, ask_contiguous(g, ask_slice(g, ask_range(g, 5), 0, 0, 4)));
    ask_tensor *none = ask_range(g, 0);
    assert_int_equal(ask_tensor_count(none), 0);
    ask_tensor *copy = ask_keep(g, ask_add(g, four, ask_range(g, 1))); // 0 to all of them
    test_plan(g, the_cpu);
    test_run(g);
    int64_t *actual = test_get(copy);
    assert_memory_equal(actual, expected, sizeof expected);
    free(actual);
    ask_graph_free(g);

    ask_error err = {0};
    g = test_graph();
    assert_null(ask_range(g, -1));
    const ask_plan_options opt = {.backends = &the_cpu, .n_backends = 1};
    assert_false(ask_graph_plan(g, &opt, &err));
    assert_string_equal(err.message, "range: there is no tensor of -1 elements");
    ask_graph_free(g);
}

static void many_tensors_can_be_joined(void **state)
{
    enum { MANY = 21 };
    ask_graph *g = test_graph();
    ask_tensor *x[MANY];
    float expected[2 * MANY];
    (void)state;
    for (int i = 0; i < MANY; i++) x[i] = INPUT(g, 2, 1);
    ask_tensor *y = ask_keep(g, ask_concat(g, x, MANY, 1));
    test_plan(g, the_cpu);
    for (int i = 0; i < MANY; i++) {
        test_put_all(x[i], i);
        expected[i] = expected[MANY + i] = (float)i;
    }
    test_run(g);
    float *v = test_get(y);
    test_near("concat", v, expected, 2 * MANY, 0);
    free(v);
    ask_graph_free(g);
}

static void a_store_finds_its_tensors_by_name(void **state)
{
    static const float data[] = {1, 2, 3};
    ask_error err = {0};
    ask_store *s;
    char name[16];
    (void)state;
    CHECK_OK(s = ask_store_new(the_cpu, &err), &err);
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "t%d", i);
        ask_tensor *t = test_stored(s, name, DIMS(2, i));
        assert_ptr_equal(ask_store_find(s, name), t);
    }
    assert_int_equal(ask_store_count(s), 200);
    assert_string_equal(ask_tensor_name(ask_store_at(s, 7)), "t7");
    assert_int_equal(ask_tensor_dim(ask_store_find(s, "t150"), -1), 150);
    assert_null(ask_store_find(s, "t200"));
    assert_null(ask_store_add(s, "t7", ASK_F32, DIMS(1), &err));
    assert_non_null(strstr(err.message, "t7"));
    int64_t huge = INT64_C(1) << 40;
    assert_null(ask_store_add(s, "huge", ASK_F32, DIMS(0, huge, huge), &err));
    assert_int_equal(err.code, ASK_ERR_SHAPE);
    float *zeros = test_get(ask_store_at(s, 2));
    test_near("a new tensor", zeros, (float[4]){0}, 4, 0);
    free(zeros);

    ask_tensor *lent;
    CHECK_OK(lent = ask_store_borrow(s, "lent", ASK_F32, DIMS(3), data, false, &err), &err);
    float *v = test_get(lent);
    test_near("a borrowed tensor", v, data, 3, 0);
    free(v);
    assert_false(ask_tensor_write(lent, data, sizeof data, &err));
    assert_non_null(strstr(err.message, "constant"));

    ask_graph *g = test_graph();
    assert_null(ask_assign(g, lent, INPUT(g, 3)));
    assert_false(plans(g, &err));
    ask_graph_free(g);
    ask_store_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_mistake_stays_and_is_told_when_planning),
        cmocka_unit_test(tensors_of_two_graphs_do_not_mix),
        cmocka_unit_test(a_planned_graph_takes_no_more_nodes),
        cmocka_unit_test(a_wish_keeps_what_bears_its_name),
        cmocka_unit_test(a_second_name_does_not_take_the_first_away),
        cmocka_unit_test(attention_is_one_node_unless_its_probabilities_are_wanted),
        cmocka_unit_test(reading_and_writing_have_their_rules),
        cmocka_unit_test(a_range_counts_from_zero),
        cmocka_unit_test(many_tensors_can_be_joined),
        cmocka_unit_test(a_store_finds_its_tensors_by_name),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
