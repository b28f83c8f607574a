/* BERT and RoBERTa: what config.json says, where tokens stand, what padding changes. */
#include "net/tower/bert.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fake_backend.h"
#include "support/tensors.h"

static const char *const kind_names[] = {[ASK_BERT] = "BERT", [ASK_ROBERTA] = "RoBERTa"};

/* ---- the configuration ---- */

static bool read_config(ask_bert_config *out, ask_bert_kind kind, const char *text,
                        ask_error *err)
{
    ask_json *doc;
    CHECK_OK(doc = ask_json_parse(text, strlen(text), "config.json", NULL, err), err);
    bool ok = ask_bert_config_read(out, kind, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

static ask_bert_config config_of(ask_bert_kind kind, const char *text)
{
    ask_error err = {0};
    ask_bert_config c;
    CHECK_OK(read_config(&c, kind, text, &err), &err);
    return c;
}

static void an_empty_configuration_is_that_of_the_library(void **state)
{
    (void)state;
    static const struct {
        int n_vocab, pad_id, n_context;
    } expected[] = {
        [ASK_BERT] = {30522, 0, 512},
        [ASK_ROBERTA] = {50265, 1, 510},
    };
    for (int kind = ASK_BERT; kind <= ASK_ROBERTA; kind++) {
        ask_bert_config c = config_of((ask_bert_kind)kind, "{}");
        assert_int_equal(c.kind, kind);
        assert_int_equal(c.stack.width, 768);
        assert_int_equal(c.stack.inner, 3072);
        assert_int_equal(c.stack.n_layers, 12);
        assert_int_equal(c.stack.n_heads, 12);
        assert_int_equal(c.stack.activation, ASK_ACT_GELU);
        assert_true(c.stack.post_norm && c.stack.eps == 1e-12);
        assert_int_equal(c.n_types, 2);
        assert_int_equal(c.n_positions, 512);
        assert_int_equal(c.n_vocab, expected[kind].n_vocab);
        assert_int_equal(c.pad_id, expected[kind].pad_id);
        assert_int_equal(ask_bert_n_context(&c), expected[kind].n_context);
        assert_true(c.init == 0.02 && c.stack.init.mlp_out == 0.02);
    }
}

static void every_size_is_read(void **state)
{
    (void)state;
    ask_bert_config c = config_of(
        ASK_ROBERTA,
        "{\"hidden_size\": 12, \"intermediate_size\": 13, \"num_hidden_layers\": 14,"
        " \"num_attention_heads\": 3, \"vocab_size\": 15, \"max_position_embeddings\": 16,"
        " \"type_vocab_size\": 1, \"pad_token_id\": 4, \"layer_norm_eps\": 1e-5,"
        " \"hidden_act\": \"relu\", \"initializer_range\": 0.5,"
        " \"position_embedding_type\": \"absolute\", \"is_decoder\": false}");
    assert_int_equal(c.stack.width, 12);
    assert_int_equal(c.stack.inner, 13);
    assert_int_equal(c.stack.n_layers, 14);
    assert_int_equal(c.stack.n_heads, 3);
    assert_int_equal(c.n_vocab, 15);
    assert_int_equal(c.n_positions, 16);
    assert_int_equal(ask_bert_n_context(&c), 11);
    assert_int_equal(c.n_types, 1);
    assert_int_equal(c.pad_id, 4);
    assert_true(c.stack.eps == 1e-5 && c.init == 0.5 && c.stack.init.attention_in == 0.5);
    assert_int_equal(c.stack.activation, ASK_ACT_RELU);
}

static void bad_configurations_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *message;
    } cases[] = {
        {"width of zero", "{\"hidden_size\":0}",
         "key \"hidden_size\": expected an integer from 1 to 1048576, got 0"},
        {"heads that do not divide", "{\"hidden_size\":40,\"num_attention_heads\":3}",
         "key \"hidden_size\": 40 is no multiple of 3 heads"},
        {"relative positions", "{\"position_embedding_type\":\"relative_key\"}",
         "key \"position_embedding_type\": \"relative_key\" is not supported, only "
         "\"absolute\""},
        {"positions as a number", "{\"position_embedding_type\":1}",
         "key \"position_embedding_type\": expected a string, got the integer 1"},
        {"a decoder", "{\"is_decoder\":true}",
         "key \"is_decoder\": a decoder; only encoders are supported"},
        {"padding out of the vocabulary", "{\"vocab_size\":9,\"pad_token_id\":9}",
         "key \"pad_token_id\": 9 is not in a vocabulary of 9 (vocab_size)"},
        {"no position left", "{\"max_position_embeddings\":8,\"pad_token_id\":7}",
         "key \"max_position_embeddings\": 8 leaves no position behind those up to "
         "pad_token_id, 7"},
        {"eps of zero", "{\"layer_norm_eps\":0}",
         "key \"layer_norm_eps\": expected a number above 0, got 0"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_bert_config c;
        char expected[512];
        snprintf(expected, sizeof expected, "config.json: %s", cases[i].message);
        CHECK_CASE(cases[i].name, !read_config(&c, ASK_ROBERTA, cases[i].text, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        if (strcmp(err.message, expected) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

static void work_is_that_of_the_layers(void **state)
{
    (void)state;
    ask_bert_config base = config_of(ASK_BERT, "{}");
    // 85 million weights in the layers, each of them a multiply-add for a token
    assert_true(fabs(ask_bert_flops(&base, 1) / 2 / 85e6 - 1) < 0.01);
    assert_true(ask_bert_flops(&base, 512) > 512 * ask_bert_flops(&base, 1));
}

/* ---- a bound network ---- */

#define TINY                                                                               \
    "\"hidden_size\":8,\"intermediate_size\":12,\"num_hidden_layers\":2,"                  \
    "\"num_attention_heads\":2,\"vocab_size\":20,\"type_vocab_size\":2,"                   \
    "\"layer_norm_eps\":1e-6,\"initializer_range\":0.5"

static const char *const tiny[] = {
    [ASK_BERT] = "{" TINY ",\"pad_token_id\":0,\"max_position_embeddings\":6}",
    [ASK_ROBERTA] = "{" TINY ",\"pad_token_id\":3,\"max_position_embeddings\":10}",
};

enum { CONTEXT = 6, WIDTH = 8 };

typedef struct {
    ask_arena *room;
    ask_store *store;
    ask_bert bert;
    int64_t pad_id;
} bound;

static bound bind_random(ask_bert_kind kind, ask_backend *b)
{
    ask_error err = {0};
    bound n = {.room = ask_arena_new(0)};
    ask_bert_config c = config_of(kind, tiny[kind]);
    assert_int_equal(ask_bert_n_context(&c), CONTEXT);
    CHECK_OK(n.store = ask_store_new(b, &err), &err);
    ask_params *p;
    CHECK_OK(p = ask_params_random(n.store, 3, n.room, &err), &err);
    ask_bert_bind(&n.bert, p, ask_bert_prefix(kind, p), &c);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
    n.pad_id = c.pad_id;
    return n;
}

static void unbind(bound *n)
{
    ask_store_free(n->store);
    ask_arena_free(n->room);
}

/* What it makes of rows of ids; freed by close_values. */
typedef struct {
    float *states, *pooled, *mean; // [B, L, C], [B, C], [B, C]
} values;

static void close_values(values *v)
{
    free(v->states);
    free(v->pooled);
    free(v->mean);
}

/* types and mask may be NULL. */
static values run(const bound *n, ask_backend *b, int batch, int length, const int64_t *ids,
                  const int64_t *types, const bool *mask)
{
    ask_graph *g = test_graph();
    ask_bert_input in = {.ids = INPUT_I64(g, batch, length)};
    if (types) in.types = INPUT_I64(g, batch, length);
    if (mask) in.mask = ask_input(g, ASK_BOOL, DIMS(batch, length));
    ask_tensor *states = ask_keep(g, ask_bert_states(g, &n->bert, &in, ""));
    ask_tensor *pooled = ask_keep(g, ask_bert_pool(g, &n->bert, states));
    ask_tensor *mean = ask_keep(g, ask_bert_mean(g, states, in.mask));
    test_plan(g, b);
    test_put(in.ids, ids);
    if (types) test_put(in.types, types);
    if (mask) test_put(in.mask, mask);
    test_run(g);
    values v = {test_get(states), test_get(pooled), test_get(mean)};
    ask_graph_free(g);
    return v;
}

static const int64_t words[4] = {5, 19, 7, 5};

/* The four words after `before` tokens of padding, in a row of CONTEXT. */
static void pad(int64_t ids[CONTEXT], bool mask[CONTEXT], int before, int64_t pad_id)
{
    for (int i = 0; i < CONTEXT; i++) {
        mask[i] = i >= before && i < before + 4;
        ids[i] = mask[i] ? words[i - before] : pad_id;
    }
}

static void padding_behind_a_text_changes_nothing(void **state)
{
    (void)state;
    for (int kind = ASK_BERT; kind <= ASK_ROBERTA; kind++) {
        bound n = bind_random((ask_bert_kind)kind, the_cpu);
        int64_t ids[2 * CONTEXT];
        bool mask[2 * CONTEXT];
        pad(ids, mask, 0, n.pad_id);
        for (int i = 0; i < CONTEXT; i++) { // beside it a text without padding
            ids[CONTEXT + i] = 8 + i;
            mask[CONTEXT + i] = true;
        }
        values alone = run(&n, the_cpu, 1, 4, words, NULL, NULL);
        values padded = run(&n, the_cpu, 2, CONTEXT, ids, NULL, mask);
        test_near(kind_names[kind], padded.states, alone.states, 4 * WIDTH, 1e-5);
        test_near(kind_names[kind], padded.pooled, alone.pooled, WIDTH, 1e-5);
        test_near(kind_names[kind], padded.mean, alone.mean, WIDTH, 1e-5);
        ids[4] = 17, ids[5] = 2; // what stands there is not looked at
        values other = run(&n, the_cpu, 2, CONTEXT, ids, NULL, mask);
        assert_memory_equal(other.states, padded.states, 4 * WIDTH * sizeof(float));
        assert_memory_equal(other.mean, padded.mean, 2 * WIDTH * sizeof(float));
        close_values(&alone);
        close_values(&padded);
        close_values(&other);
        unbind(&n);
    }
}

static float largest_difference(const float *a, const float *b, int n)
{
    float most = 0;
    for (int i = 0; i < n; i++) most = fmaxf(most, fabsf(a[i] - b[i]));
    return most;
}

/* RoBERTa counts positions over what is no padding; BERT counts places. */
static void padding_before_a_text_moves_it_only_in_bert(void **state)
{
    (void)state;
    for (int kind = ASK_BERT; kind <= ASK_ROBERTA; kind++) {
        bound n = bind_random((ask_bert_kind)kind, the_cpu);
        int64_t ids[CONTEXT];
        bool mask[CONTEXT];
        pad(ids, mask, 2, n.pad_id);
        values alone = run(&n, the_cpu, 1, 4, words, NULL, NULL);
        values padded = run(&n, the_cpu, 1, CONTEXT, ids, NULL, mask);
        float moved =
            largest_difference(padded.states + 2 * WIDTH, alone.states, 4 * WIDTH);
        assert_true(kind == ASK_BERT ? moved > 0.1f : moved < 1e-4f);
        close_values(&alone);
        close_values(&padded);
        unbind(&n);
    }
}

static void the_mask_is_of_what_is_no_padding(void **state)
{
    (void)state;
    bound n = bind_random(ASK_ROBERTA, the_cpu);
    static const int64_t ids[] = {0, 3, 19, 3, 2, 3};
    static const bool expected[] = {true, false, true, false, true, false};
    ask_graph *g = test_graph();
    ask_tensor *in = INPUT_I64(g, 1, 6), *mask = ask_keep(g, ask_bert_mask(g, &n.bert, in));
    test_plan(g, the_cpu);
    test_put(in, ids);
    test_run(g);
    bool *actual = test_get(mask);
    assert_memory_equal(actual, expected, sizeof expected);
    free(actual);
    ask_graph_free(g);
    unbind(&n);
}

static void a_text_of_padding_alone_has_no_mean(void **state)
{
    (void)state;
    static const float zeros[WIDTH] = {0};
    bound n = bind_random(ASK_BERT, the_cpu);
    values v = run(&n, the_cpu, 1, 3, (int64_t[]){0, 0, 0}, NULL, (bool[3]){false});
    test_near("mean", v.mean, zeros, WIDTH, 0);
    for (int i = 0; i < 3 * WIDTH; i++) assert_true(isfinite(v.states[i]));
    close_values(&v);
    unbind(&n);
}

static void without_types_all_are_of_the_first_text(void **state)
{
    (void)state;
    static const int64_t zeros[4] = {0}, pair[4] = {0, 0, 1, 1};
    bound n = bind_random(ASK_BERT, the_cpu);
    values without = run(&n, the_cpu, 1, 4, words, NULL, NULL);
    values with = run(&n, the_cpu, 1, 4, words, zeros, NULL);
    values of_pair = run(&n, the_cpu, 1, 4, words, pair, NULL);
    assert_memory_equal(without.states, with.states, 4 * WIDTH * sizeof(float));
    assert_true(largest_difference(with.states, of_pair.states, 4 * WIDTH) > 0.01f);
    close_values(&without);
    close_values(&with);
    close_values(&of_pair);
    unbind(&n);
}

static void a_text_longer_than_the_positions_is_told(void **state)
{
    (void)state;
    for (int kind = ASK_BERT; kind <= ASK_ROBERTA; kind++) {
        ask_error err = {0};
        bound n = bind_random((ask_bert_kind)kind, the_cpu);
        ask_graph *g = test_graph();
        ask_bert_input in = {.ids = INPUT_I64(g, 1, CONTEXT + 1)};
        assert_null(ask_bert_states(g, &n.bert, &in, ""));
        const ask_plan_options opt = {.backends = &the_cpu, .n_backends = 1};
        assert_false(ask_graph_plan(g, &opt, &err));
        assert_non_null(strstr(err.message, "slice"));
        ask_graph_free(g);
        unbind(&n);
    }
}

static void every_trace_has_its_name_and_shape(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int n_dims;
        int64_t shape[4];
    } traces[] = {
        {"q.embeddings", 3, {1, 4, 8}},        {"q.hidden_states.0", 3, {1, 4, 8}},
        {"q.hidden_states.1", 3, {1, 4, 8}},   {"q.hidden_states.2", 3, {1, 4, 8}},
        {"q.attentions.0", 4, {1, 2, 4, 4}},   {"q.attentions.1", 4, {1, 2, 4, 4}},
        {"q.last_hidden_state", 3, {1, 4, 8}},
    };
    bound n = bind_random(ASK_BERT, the_cpu);
    ask_graph *g = test_graph();
    ask_graph_want(g, "q.*");
    ask_bert_input in = {.ids = INPUT_I64(g, 1, 4)};
    ask_keep(g, ask_bert_states(g, &n.bert, &in, "q."));
    test_plan(g, the_cpu);
    test_put(in.ids, words);
    test_run(g);
    for (size_t i = 0; i < TEST_COUNT(traces); i++) {
        ask_tensor *t = ask_graph_find(g, traces[i].name);
        CHECK_CASE(traces[i].name, t);
        CHECK_CASE(traces[i].name, ask_tensor_n_dims(t) == traces[i].n_dims);
        for (int k = 0; k < traces[i].n_dims; k++)
            CHECK_CASE(traces[i].name, ask_tensor_dim(t, k) == traces[i].shape[k]);
        free(test_get(t)); // kept: it can be read
    }
    ask_graph_free(g);
    unbind(&n);
}

static void it_runs_where_nobody_can_touch_the_memory(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_backend *fake;
    CHECK_OK(fake = fake_backend_open(-1, &err), &err);
    bound here = bind_random(ASK_ROBERTA, the_cpu), there = bind_random(ASK_ROBERTA, fake);
    bool mask[CONTEXT];
    int64_t ids[CONTEXT];
    pad(ids, mask, 1, here.pad_id);
    values a = run(&here, the_cpu, 1, CONTEXT, ids, NULL, mask);
    values b = run(&there, fake, 1, CONTEXT, ids, NULL, mask);
    test_near("states", b.states, a.states, CONTEXT * WIDTH, 1e-5);
    close_values(&a);
    close_values(&b);
    unbind(&here);
    unbind(&there);
    ask_backend_close(fake);
}

/* ---- gradients ---- */

/* A loss that every parameter moves: weights times what both poolings give. */
typedef struct {
    ask_graph *graph;
    ask_tensor *loss;
    ask_tensor *grad[64]; // of each tensor of the store
} learning;

static learning learn(const bound *n)
{
    learning l = {.graph = test_graph()};
    ask_graph *g = l.graph;
    int64_t ids[CONTEXT], types[CONTEXT] = {0, 0, 0, 1, 1, 1};
    bool mask[CONTEXT];
    pad(ids, mask, 1, n->pad_id);
    ask_bert_input in = {.ids = ask_constant(g, ASK_I64, DIMS(1, CONTEXT), ids),
                         .mask = ask_constant(g, ASK_BOOL, DIMS(1, CONTEXT), mask),
                         .types = ask_constant(g, ASK_I64, DIMS(1, CONTEXT), types)};
    ask_tensor *weights = INPUT(g, 1, WIDTH);
    ask_tensor *states = ask_bert_states(g, &n->bert, &in, "");
    ask_tensor *both =
        ask_add(g, ask_bert_pool(g, &n->bert, states), ask_bert_mean(g, states, in.mask));
    l.loss = ask_keep(g, ask_sum(g, ask_mul(g, both, weights), 0, false));
    ask_tensor *params[64];
    int n_params = ask_store_count(n->store);
    assert_true(n_params <= 64);
    for (int i = 0; i < n_params; i++) params[i] = ask_store_at(n->store, i);
    ask_graph_gradients(g, l.loss, params, n_params, l.grad);
    for (int i = 0; i < n_params; i++) ask_keep(g, l.grad[i]);
    test_plan(g, the_cpu);
    test_put_random(weights, 11, 1);
    test_run(g);
    return l;
}

/* The loss with a parameter at from + step * direction. */
static double loss_at(const learning *l, ask_tensor *param, const float *from,
                      const float *direction, float step)
{
    int64_t n = ask_tensor_count(param);
    float *moved = malloc((size_t)n * sizeof *moved);
    assert_non_null(moved);
    for (int64_t i = 0; i < n; i++) moved[i] = from[i] + step * direction[i];
    test_put(param, moved);
    free(moved);
    test_run(l->graph);
    float *loss = test_get(l->loss), value = loss[0];
    free(loss);
    return value;
}

/* Each parameter is moved along its own gradient, of length 1: the loss must change by the
 * gradient's length.  With steps of 1e-2, truncation (h^2 f''' / 6) and rounding (1e-6 / h)
 * stay near 1e-4 of losses near 1. */
static void every_parameter_has_the_gradient_of_differences(void **state)
{
    (void)state;
    static const float step = 1e-2f;
    for (int kind = ASK_BERT; kind <= ASK_ROBERTA; kind++) {
        bound n = bind_random((ask_bert_kind)kind, the_cpu);
        learning l = learn(&n);
        for (int k = 0; k < ask_store_count(n.store); k++) {
            ask_tensor *param = ask_store_at(n.store, k);
            float *grad = test_get(l.grad[k]), *from = test_get(param);
            double squares = 0;
            int64_t size = ask_tensor_count(param);
            for (int64_t i = 0; i < size; i++) squares += (double)grad[i] * grad[i];
            double length = sqrt(squares);
            // softmax does not feel what all scores have in common
            bool is_felt = !strstr(ask_tensor_name(param), "self.key.bias");
            if (is_felt != (length > 1e-3))
                fail_msg("%s: %s: a gradient of length %g", kind_names[kind],
                         ask_tensor_name(param), length);
            for (int64_t i = 0; i < size && is_felt; i++) grad[i] /= (float)length;
            double above = loss_at(&l, param, from, grad, step);
            double below = loss_at(&l, param, from, grad, -step);
            double slope = (above - below) / (2 * (double)step);
            if (is_felt && fabs(slope - length) > 1e-2 * length + 1e-3)
                fail_msg("%s: %s: gradient %g, differences %g", kind_names[kind],
                         ask_tensor_name(param), length, slope);
            test_put(param, from);
            test_run(l.graph);
            free(grad);
            free(from);
        }
        ask_graph_free(l.graph);
        unbind(&n);
    }
}

/* ---- packed texts ---- */

/* Two texts, of 2 and of 4 tokens, as rows of 5 and one behind the other with a filler. */
enum { ROW = 5, N_PACKED = 7 };
static const int64_t row_ids[2 * ROW] = {5, 19, 0, 0, 0, 7, 5, 11, 13, 0};
static const bool row_mask[2 * ROW] = {true, true, false, false, false,
                                       true, true, true,  true,  false};
static const int64_t packed_ids[N_PACKED] = {5, 19, 7, 5, 11, 13, 9};
static const int64_t packed_rows[2 * ROW] = {0, 1, 0, 0, 0, 2, 3, 4, 5, 0};
static const int64_t packed_places[N_PACKED] = {0, 1, 5, 6, 7, 8, 0};
static const int64_t packed_ranks[N_PACKED] = {0, 1, 0, 1, 2, 3, 0};

/* The means of both texts, and the gradients of a loss on them. */
static learning learn_two(const bound *n, bool is_packed, float means[2 * WIDTH])
{
    learning l = {.graph = test_graph()};
    ask_graph *g = l.graph;
    int64_t ids[2 * ROW];
    for (int i = 0; i < 2 * ROW; i++) ids[i] = row_mask[i] ? row_ids[i] : n->pad_id;
    const ask_packing packing = {ask_constant(g, ASK_I64, DIMS(2, ROW), packed_rows),
                                 ask_constant(g, ASK_I64, DIMS(N_PACKED), packed_places),
                                 ask_constant(g, ASK_I64, DIMS(N_PACKED), packed_ranks)};
    ask_bert_input in = {.mask = ask_constant(g, ASK_BOOL, DIMS(2, ROW), row_mask)};
    in.ids = is_packed ? ask_constant(g, ASK_I64, DIMS(1, N_PACKED), packed_ids)
                       : ask_constant(g, ASK_I64, DIMS(2, ROW), ids);
    if (is_packed) in.packing = &packing;
    ask_tensor *weights = INPUT(g, 2, WIDTH);
    ask_tensor *states = ask_unpack(g, ask_bert_states(g, &n->bert, &in, ""), in.packing);
    ask_tensor *both = ask_keep(g, ask_bert_mean(g, states, in.mask));
    l.loss = ask_keep(g, ask_sum(g, ask_mul(g, both, weights), 0, false));
    ask_tensor *params[64];
    int n_params = ask_store_count(n->store);
    for (int i = 0; i < n_params; i++) params[i] = ask_store_at(n->store, i);
    ask_graph_gradients(g, l.loss, params, n_params, l.grad);
    for (int i = 0; i < n_params; i++) ask_keep(g, l.grad[i]);
    test_plan(g, the_cpu);
    test_put_random(weights, 11, 1);
    test_run(g);
    float *got = test_get(both);
    memcpy(means, got, 2 * WIDTH * sizeof *means);
    free(got);
    return l;
}

static void packed_texts_are_the_same_texts(void **state)
{
    (void)state;
    for (int kind = ASK_BERT; kind <= ASK_ROBERTA; kind++) {
        bound n = bind_random((ask_bert_kind)kind, the_cpu);
        float padded_means[2 * WIDTH], packed_means[2 * WIDTH];
        learning padded = learn_two(&n, false, padded_means);
        learning packed = learn_two(&n, true, packed_means);
        test_near(kind_names[kind], packed_means, padded_means, 2 * WIDTH, 1e-5);
        for (int k = 0; k < ask_store_count(n.store); k++) {
            const ask_tensor *param = ask_store_at(n.store, k);
            float *a = test_get(packed.grad[k]), *b = test_get(padded.grad[k]);
            if (!strstr(ask_tensor_name(param), "pooler"))
                test_near(ask_tensor_name(param), a, b, ask_tensor_count(param), 1e-4);
            free(a);
            free(b);
        }
        ask_graph_free(padded.graph);
        ask_graph_free(packed.graph);
        unbind(&n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_configuration_is_that_of_the_library),
        cmocka_unit_test(every_size_is_read),
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(work_is_that_of_the_layers),
        cmocka_unit_test(padding_behind_a_text_changes_nothing),
        cmocka_unit_test(padding_before_a_text_moves_it_only_in_bert),
        cmocka_unit_test(the_mask_is_of_what_is_no_padding),
        cmocka_unit_test(a_text_of_padding_alone_has_no_mean),
        cmocka_unit_test(without_types_all_are_of_the_first_text),
        cmocka_unit_test(a_text_longer_than_the_positions_is_told),
        cmocka_unit_test(every_trace_has_its_name_and_shape),
        cmocka_unit_test(it_runs_where_nobody_can_touch_the_memory),
        cmocka_unit_test(every_parameter_has_the_gradient_of_differences),
        cmocka_unit_test(packed_texts_are_the_same_texts),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
