/* What is dropped: at which places, how often, and the same again. */
#include "net/block/dropout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net/tower/bert.h"
#include "support/tensors.h"

enum { N = 4000 };

static void nothing_is_dropped_without_a_dropping(void **state)
{
    (void)state;
    ask_graph *g = test_graph();
    ask_tensor *x = INPUT(g, 4), *step = INPUT_I64(g, 1);
    ask_dropping d = {.seed = 1, .step = step};
    assert_ptr_equal(ask_drop(g, x, 0.5, NULL), x);
    assert_ptr_equal(ask_drop(g, x, 0, &d), x);
    assert_int_equal(d.n, 0);
    assert_ptr_not_equal(ask_drop(g, x, 0.5, &d), x);
    assert_int_equal(d.n, 1);
    ask_graph_free(g);
}

/* Ones after two places with these seeds and steps; freed by the caller. */
typedef struct {
    float *first, *second;
} dropped;

static dropped drop_ones(uint64_t seed, int64_t step_number)
{
    ask_graph *g = test_graph();
    ask_tensor *x = INPUT(g, N), *step = INPUT_I64(g, 1);
    ask_dropping d = {.seed = seed, .step = step};
    ask_tensor *first = ask_keep(g, ask_drop(g, x, 0.25, &d));
    ask_tensor *second = ask_keep(g, ask_drop(g, x, 0.25, &d));
    test_plan(g, the_cpu);
    test_put_all(x, 1);
    test_put_all(step, (double)step_number);
    test_run(g);
    dropped out = {test_get(first), test_get(second)};
    ask_graph_free(g);
    return out;
}

static int n_zeros(const float *x)
{
    int n = 0;
    for (int i = 0; i < N; i++) n += x[i] == 0;
    return n;
}

static bool same(const float *a, const float *b)
{
    return memcmp(a, b, N * sizeof *a) == 0;
}

static void every_place_and_step_draws_its_own(void **state)
{
    (void)state;
    dropped a = drop_ones(3, 7), again = drop_ones(3, 7), later = drop_ones(3, 8),
            other = drop_ones(4, 7);
    assert_true(same(a.first, again.first) && same(a.second, again.second));
    assert_false(same(a.first, a.second));
    assert_false(same(a.first, later.first));
    assert_false(same(a.first, other.first));
    // a quarter of 4000, within four deviations of 27; the others grow by 4/3
    assert_true(abs(n_zeros(a.first) - N / 4) < 110);
    assert_true(abs(n_zeros(a.second) - N / 4) < 110);
    for (int i = 0; i < N; i++)
        assert_true(a.first[i] == 0 || fabsf(a.first[i] - 4.0f / 3) < 1e-6f);
    dropped *all[] = {&a, &again, &later, &other};
    for (size_t i = 0; i < TEST_COUNT(all); i++) {
        free(all[i]->first);
        free(all[i]->second);
    }
}

/* ---- in networks ---- */

static ask_bert_config tiny_bert(void)
{
    ask_error err = {0};
    ask_bert_config c;
    CHECK_OK(ask_bert_config_read(&c, ASK_BERT, (ask_json_value){0}, &err), &err);
    assert_true(c.stack.dropout == 0.1 && c.stack.attention_dropout == 0.1);
    c.stack.width = 8;
    c.stack.inner = 12;
    c.stack.n_layers = 2;
    c.stack.n_heads = 2;
    c.n_vocab = 20;
    c.n_positions = 8;
    c.stack.dropout = c.stack.attention_dropout = 0.5;
    c.init = c.stack.init.attention_in = c.stack.init.attention_out = 0.5;
    return c;
}

/* BERT's states of a text, with a dropping or (seed 0) without; *places: of it. */
static float *bert_states(const ask_bert_config *c, uint64_t seed, uint64_t *places)
{
    static const int64_t ids[] = {3, 4, 5, 6};
    ask_error err = {0};
    ask_arena *room = ask_arena_new(0);
    ask_store *store;
    ask_params *p;
    ask_bert bert;
    CHECK_OK(store = ask_store_new(the_cpu, &err), &err);
    CHECK_OK(p = ask_params_random(store, 2, room, &err), &err);
    ask_bert_bind(&bert, p, "", c);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
    ask_graph *g = test_graph();
    ask_tensor *step = INPUT_I64(g, 1);
    ask_dropping d = {.seed = seed, .step = step};
    ask_bert_input in = {.ids = INPUT_I64(g, 1, 4), .dropping = seed ? &d : NULL};
    ask_tensor *states = ask_keep(g, ask_bert_states(g, &bert, &in, ""));
    test_plan(g, the_cpu);
    test_put(in.ids, ids);
    test_run(g);
    float *out = test_get(states);
    *places = d.n;
    ask_graph_free(g);
    ask_store_free(store);
    ask_arena_free(room);
    return out;
}

static void bert_drops_embeddings_probabilities_and_what_is_added(void **state)
{
    (void)state;
    uint64_t places;
    ask_bert_config c = tiny_bert(), sure = c;
    float *plain = bert_states(&c, 0, &places);
    assert_int_equal(places, 0);
    float *a = bert_states(&c, 1, &places);
    assert_int_equal(places, 1 + 3 * 2); // embeddings; three in each layer
    float *again = bert_states(&c, 1, &places);
    float *other = bert_states(&c, 2, &places);
    const size_t bytes = 4 * 8 * sizeof *a;
    assert_memory_equal(a, again, bytes);
    assert_memory_not_equal(a, plain, bytes);
    assert_memory_not_equal(a, other, bytes);

    sure.stack.dropout = sure.stack.attention_dropout = 0;
    float *kept = bert_states(&sure, 1, &places);
    assert_int_equal(places, 0);
    assert_memory_equal(kept, plain, bytes);
    float *all[] = {plain, a, again, other, kept};
    for (size_t i = 0; i < TEST_COUNT(all); i++) free(all[i]);
}

/* ---- attention ---- */

/* Values of one item among five, all alike: what is dropped shows as a sum other than 1.
 * Each of 200 queries has dropped its own. */
static void probabilities_are_dropped_after_they_were_made(void **state)
{
    (void)state;
    enum { QUERIES = 200, ITEMS = 5 };
    ask_graph *g = test_graph();
    ask_tensor *q = INPUT(g, 1, 1, QUERIES, 2), *k = INPUT(g, 1, 1, ITEMS, 2);
    ask_tensor *v = INPUT(g, 1, 1, ITEMS, 1), *step = INPUT_I64(g, 1);
    ask_attention_options opt = {.dropout = {.p = 0.5, .seed = 3, .step = step}};
    ask_tensor *y = ask_keep(g, ask_attention(g, q, k, v, &opt));
    test_plan(g, the_cpu);
    test_put_all(v, 1);
    test_run(g); // queries and keys are zeros: every probability is 1/5, kept ones 2/5
    float *sums = test_get(y);
    double mean = 0;
    for (int i = 0; i < QUERIES; i++) {
        double kept = (double)sums[i] / 0.4;
        assert_true(fabs(kept - round(kept)) < 1e-5 && kept > -0.1 && kept < 5.1);
        mean += (double)sums[i] / QUERIES;
    }
    assert_true(fabs(mean - 1) <
                0.13); // four deviations: 4 * 0.4 * sqrt(5) / 2 / sqrt(200)
    free(sums);
    ask_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_dropped_without_a_dropping),
        cmocka_unit_test(every_place_and_step_draws_its_own),
        cmocka_unit_test(bert_drops_embeddings_probabilities_and_what_is_added),
        cmocka_unit_test(probabilities_are_dropped_after_they_were_made),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
