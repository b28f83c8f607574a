/* The Q-Former: what config.json says, its values beside the reference's on what the
 * reference's tower saw, the names of other checkpoints, what texts change. */
#include "net/tower/qformer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/checkpoint.h"
#include "support/golden.h"

/* ---- the configuration ---- */

static bool read_config(ask_qformer_config *out, const char *text, bool has_text,
                        ask_error *err)
{
    ask_json *doc;
    CHECK_OK(doc = ask_json_parse(text, strlen(text), "config.json", NULL, err), err);
    bool ok = ask_qformer_config_read(out, ask_json_root(doc), has_text, err);
    ask_json_free(doc);
    return ok;
}

static ask_qformer_config config_of(const char *text, bool has_text)
{
    ask_error err = {0};
    ask_qformer_config c;
    CHECK_OK(read_config(&c, text, has_text, &err), &err);
    return c;
}

static void an_empty_configuration_is_that_of_the_library(void **state)
{
    (void)state;
    ask_qformer_config c = config_of("{}", false);
    assert_int_equal(c.width, 768);
    assert_int_equal(c.inner, 3072);
    assert_int_equal(c.n_layers, 12);
    assert_int_equal(c.n_heads, 12);
    assert_int_equal(c.seen_width, 1408);
    assert_int_equal(c.cross_every, 2);
    assert_int_equal(c.n_vocab, 30522);
    assert_int_equal(c.n_positions, 512);
    assert_int_equal(c.activation, ASK_ACT_GELU);
    assert_true(c.eps == 1e-12 && c.init == 0.02 && !c.has_text);
    assert_true(c.dropout == 0.1 && c.attention_dropout == 0.1);
    assert_true(config_of("{}", true).has_text);
}

static void every_size_is_read(void **state)
{
    (void)state;
    ask_qformer_config c = config_of(
        "{\"hidden_size\": 12, \"intermediate_size\": 13, \"num_hidden_layers\": 14,"
        " \"num_attention_heads\": 3, \"encoder_hidden_size\": 15,"
        " \"cross_attention_frequency\": 4, \"vocab_size\": 16,"
        " \"max_position_embeddings\": 17, \"layer_norm_eps\": 1e-5,"
        " \"hidden_act\": \"relu\", \"initializer_range\": 0.5,"
        " \"hidden_dropout_prob\": 0.25, \"attention_probs_dropout_prob\": 0.5,"
        " \"use_qformer_text_input\": true}",
        false);
    assert_int_equal(c.width, 12);
    assert_int_equal(c.inner, 13);
    assert_int_equal(c.n_layers, 14);
    assert_int_equal(c.n_heads, 3);
    assert_int_equal(c.seen_width, 15);
    assert_int_equal(c.cross_every, 4);
    assert_int_equal(c.n_vocab, 16);
    assert_int_equal(c.n_positions, 17);
    assert_int_equal(c.activation, ASK_ACT_RELU);
    assert_true(c.eps == 1e-5 && c.init == 0.5 && c.has_text);
    assert_true(c.dropout == 0.25 && c.attention_dropout == 0.5);
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
        {"never looking", "{\"cross_attention_frequency\":0}",
         "key \"cross_attention_frequency\": expected an integer from 1 to 1000, got 0"},
        {"eps of zero", "{\"layer_norm_eps\":0}",
         "key \"layer_norm_eps\": expected a number above 0, got 0"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_qformer_config c;
        char expected[512];
        snprintf(expected, sizeof expected, "config.json: %s", cases[i].message);
        CHECK_CASE(cases[i].name, !read_config(&c, cases[i].text, false, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        if (strcmp(err.message, expected) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

static void work_is_that_of_the_weights(void **state)
{
    (void)state;
    ask_qformer_config c = config_of("{}", true);
    // 105 million weights for the queries alone, those of the cross-attention's keys and
    // values for 257 rows; 12 times 4.7 million of them are the MLPs that a text has apart
    double queries = ask_qformer_flops(&c, 32, 0, 257);
    double looking = 257.0 * 6 * 2 * 768 * 1408, asking = 32 * 92.2e6;
    assert_true(fabs(queries / 2 / (looking + asking) - 1) < 0.05);
    assert_true(ask_qformer_flops(&c, 32, 20, 257) > queries);
    assert_true(ask_qformer_flops(&c, 0, 20, 0) < queries);
}

/* ---- beside the reference ---- */

typedef struct {
    const char *name; // the folder
    const ask_qformer_names *names;
    bool has_text;
} golden_case;

static const golden_case cases[] = {
    {"blip2_opt", &ask_qformer_blip2, false},
    {"instructblip_llama", &ask_qformer_instruct, true},
    {"instructblip_t5", &ask_qformer_instruct, true},
};

typedef struct {
    ask_weights *weights;
    ask_arena *room;
    ask_store *store;
    ask_qformer qformer;
    ask_tensor *queries; // [1, Q, C]
} bound;

static ask_qformer_config golden_config(const golden_case *c)
{
    char path[128];
    ask_error err = {0};
    ask_json *doc;
    ask_json_value v;
    ask_qformer_config config;
    snprintf(path, sizeof path, "golden/%s/config.json", c->name);
    CHECK_OK(doc = ask_json_read(test_fixture(path), NULL, &err), &err);
    CHECK_OK(ask_config_object(&v, ask_json_root(doc), "qformer_config", &err), &err);
    CHECK_OK(ask_qformer_config_read(&config, v, c->has_text, &err), &err);
    ask_json_free(doc);
    return config;
}

/* path: of a checkpoint of that case, whose other parts are left out. */
static bound bind_at(const golden_case *c, const ask_qformer_names *names, const char *path)
{
    static const char *const others[] = {"vision_model.*", "language_*", NULL};
    ask_error err = {0};
    ask_params *p;
    bound b = {.room = ask_arena_new(0)};
    ask_qformer_config config = golden_config(c);
    CHECK_OK(b.weights = ask_weights_open(path, &err), &err);
    CHECK_OK(b.store = ask_store_new(the_cpu, &err), &err);
    CHECK_OK(p = ask_params_open(b.store, b.weights, b.room, &err), &err);
    ask_qformer_bind(&b.qformer, p, names, &config);
    int64_t n = ask_params_size(p, 1, 0, "query_tokens");
    b.queries =
        ask_param(p, ask_init_value(0), 3, (int64_t[]){1, n, config.width}, "query_tokens");
    CHECK_OK(ask_params_finish(p, others, &err), &err);
    return b;
}

static void unbind(bound *b)
{
    ask_store_free(b->store);
    ask_weights_close(b->weights);
    ask_arena_free(b->room);
}

/* Its inputs, as the reference had them. */
static void put_inputs(const ask_qformer_input *in, golden *inputs, golden *outputs)
{
    golden_put(in->seen, golden_get(outputs, "vision.last_hidden_state"));
    if (!in->ids) return;
    golden_put(in->ids, golden_get(inputs, "qformer_input_ids"));
    const ask_weights_entry *mask = golden_get(inputs, "qformer_attention_mask");
    int64_t numbers[64];
    bool flags[64];
    assert_true(mask->n_elements <= 64);
    memcpy(numbers, mask->data, mask->bytes);
    for (int64_t i = 0; i < mask->n_elements; i++) flags[i] = numbers[i] != 0;
    test_put(in->mask, flags);
}

static void check_case(const golden_case *c, const bound *b)
{
    golden inputs = golden_open_part(c->name, "inputs");
    golden outputs = golden_open_part(c->name, "outputs");
    ask_graph *g = test_graph();
    ask_graph_want(g, "qformer.*");
    ask_qformer_input in = {.queries = b->queries, .trace = "qformer."};
    in.seen = golden_input(g, golden_get(&outputs, "vision.last_hidden_state"));
    if (c->has_text) {
        const ask_weights_entry *ids = golden_get(&inputs, "qformer_input_ids");
        in.ids = golden_input(g, ids);
        in.mask = ask_input(g, ASK_BOOL, ids->n_dims, ids->shape);
    }
    ask_keep(g, ask_qformer_states(g, &b->qformer, &in));
    test_plan(g, the_cpu);
    put_inputs(&in, &inputs, &outputs);
    test_run(g);
    for (size_t i = 0; i < ask_weights_count(outputs.file); i++) {
        const ask_weights_entry *e = ask_weights_at(outputs.file, i);
        if (strncmp(e->name, "qformer.", 8) != 0 || strstr(e->name, "other_text")) continue;
        golden_check_within(c->name, ask_graph_find(g, e->name), e, 2e-5);
    }
    ask_graph_free(g);
    golden_close(&inputs);
    golden_close(&outputs);
}

/* What the reference's tower saw goes in. */
static void its_states_are_those_of_the_reference(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char path[128];
        snprintf(path, sizeof path, "golden/%s/model.safetensors", cases[i].name);
        bound b = bind_at(&cases[i], cases[i].names, test_fixture(path));
        check_case(&cases[i], &b);
        unbind(&b);
    }
}

/* ---- the names of LAVIS ---- */

static void rename_layers(tensor_list *weights, int n_layers, const char *part,
                          const char *from, const char *to, int every)
{
    for (int i = 0; i < n_layers; i += every) {
        char old[128], new[128];
        snprintf(old, sizeof old, "qformer.encoder.layer.%d.%s.%s.", i, part, from);
        snprintf(new, sizeof new, "qformer.encoder.layer.%d.%s.%s.", i, part, to);
        tensors_rename(weights, old, new);
    }
}

static void to_lavis(tensor_list *weights, const golden_case *c)
{
    ask_qformer_config config = golden_config(c);
    rename_layers(weights, config.n_layers, "attention", "attention", "self", 1);
    rename_layers(weights, config.n_layers, "crossattention", "attention", "self",
                  config.cross_every);
    tensors_rename(weights,
                   c->has_text ? "qformer.embeddings.layernorm" : "qformer.layernorm",
                   "qformer.embeddings.LayerNorm");
    tensors_rename(weights, "qformer.", "Qformer.bert.");
}

static void the_names_of_lavis_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char path[512];
        char *dir = test_temp_dir_make();
        snprintf(path, sizeof path, "golden/%s/model.safetensors", cases[i].name);
        tensor_list weights = tensors_read(test_fixture(path));
        to_lavis(&weights, &cases[i]);
        snprintf(path, sizeof path, "%s/model.safetensors", dir);
        tensors_write(&weights, path);
        bound b =
            bind_at(&cases[i],
                    cases[i].has_text ? &ask_qformer_lavis_text : &ask_qformer_lavis, path);
        check_case(&cases[i], &b);
        unbind(&b);
        tensors_free(&weights);
        test_temp_dir_remove(dir);
    }
}

/* ---- what goes in ---- */

#define TINY                                                                               \
    "{\"hidden_size\":8,\"intermediate_size\":12,\"num_hidden_layers\":3,"                 \
    "\"num_attention_heads\":2,\"encoder_hidden_size\":6,\"vocab_size\":20,"               \
    "\"max_position_embeddings\":5,\"layer_norm_eps\":1e-6,\"initializer_range\":0.5}"

enum { BATCH = 2, QUERIES = 3, SEEN = 4, SEEN_WIDTH = 6, WIDTH = 8, CONTEXT = 5 };

static bound bind_random(void)
{
    ask_error err = {0};
    ask_params *p;
    bound b = {.room = ask_arena_new(0)};
    ask_qformer_config c = config_of(TINY, true);
    CHECK_OK(b.store = ask_store_new(the_cpu, &err), &err);
    CHECK_OK(p = ask_params_random(b.store, 3, b.room, &err), &err);
    ask_qformer_bind(&b.qformer, p, &ask_qformer_instruct, &c);
    b.queries =
        ask_param(p, ask_init_normal(1), 3, (int64_t[]){1, QUERIES, WIDTH}, "query_tokens");
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
    return b;
}

/* The states of BATCH texts beside pictures that look like chance; freed by the caller.
 * length 0: no text. */
static float *states_of(const bound *b, bool has_queries, int length, const int64_t *ids,
                        const bool *mask)
{
    ask_graph *g = test_graph();
    ask_qformer_input in = {.trace = "q."};
    if (has_queries) {
        in.queries = b->queries;
        in.seen = INPUT(g, BATCH, SEEN, SEEN_WIDTH);
    }
    if (length > 0) in.ids = INPUT_I64(g, BATCH, length);
    if (mask) in.mask = ask_input(g, ASK_BOOL, DIMS(BATCH, length));
    ask_tensor *states = ask_keep(g, ask_qformer_states(g, &b->qformer, &in));
    test_plan(g, the_cpu);
    assert_int_equal(ask_tensor_dim(states, 1), (has_queries ? QUERIES : 0) + length);
    if (in.seen) test_put_random(in.seen, 7, 1);
    if (in.ids) test_put(in.ids, ids);
    if (mask) test_put(in.mask, mask);
    test_run(g);
    float *out = test_get(states);
    ask_graph_free(g);
    return out;
}

static const int64_t short_ids[BATCH * 3] = {5, 6, 7, 9, 9, 2};

static void padding_behind_a_text_changes_nothing(void **state)
{
    (void)state;
    enum { KEPT = (QUERIES + 3) * WIDTH, ROW = (QUERIES + CONTEXT) * WIDTH };
    int64_t ids[BATCH * CONTEXT];
    bool mask[BATCH * CONTEXT];
    for (int i = 0; i < BATCH * CONTEXT; i++) {
        mask[i] = i % CONTEXT < 3;
        ids[i] = mask[i] ? short_ids[i / CONTEXT * 3 + i % CONTEXT] : 0;
    }
    bound b = bind_random();
    float *alone = states_of(&b, true, 3, short_ids, NULL);
    float *padded = states_of(&b, true, CONTEXT, ids, mask);
    for (int i = 0; i < BATCH; i++)
        test_near("states", padded + i * ROW, alone + i * KEPT, KEPT, 1e-5);
    free(alone);
    free(padded);
    unbind(&b);
}

/* A text alone sees no picture; queries see the text, so that it changes them. */
static void texts_and_queries_may_be_alone(void **state)
{
    (void)state;
    enum { N = QUERIES * WIDTH };
    bound b = bind_random();
    float *text = states_of(&b, false, 3, short_ids, NULL);
    float *queries = states_of(&b, true, 0, NULL, NULL);
    float *both = states_of(&b, true, 3, short_ids, NULL);
    float moved = 0;
    for (int i = 0; i < N; i++) moved = fmaxf(moved, fabsf(both[i] - queries[i]));
    assert_true(moved > 0.1f);
    for (int i = 0; i < BATCH * 3 * WIDTH; i++) assert_true(isfinite(text[i]));
    free(text);
    free(queries);
    free(both);
    unbind(&b);
}

static void a_text_longer_than_the_positions_is_told(void **state)
{
    (void)state;
    ask_error err = {0};
    bound b = bind_random();
    ask_graph *g = test_graph();
    ask_qformer_input in = {.ids = INPUT_I64(g, 1, CONTEXT + 1), .trace = ""};
    assert_null(ask_qformer_states(g, &b.qformer, &in));
    const ask_plan_options opt = {.backends = &the_cpu, .n_backends = 1};
    assert_false(ask_graph_plan(g, &opt, &err));
    assert_non_null(strstr(err.message, "slice"));
    ask_graph_free(g);
    unbind(&b);
}

static void every_trace_has_its_name_and_shape(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int n_dims;
        int64_t shape[4];
    } traces[] = {
        {"q.hidden_states.0", 3, {2, 5, 8}},
        {"q.hidden_states.3", 3, {2, 5, 8}},
        {"q.attentions.0", 4, {2, 2, 5, 5}},
        {"q.attentions.2", 4, {2, 2, 5, 5}},
        {"q.cross_attentions.0", 4, {2, 2, 3, 4}},
        {"q.cross_attentions.2", 4, {2, 2, 3, 4}},
        {"q.last_hidden_state", 3, {2, 5, 8}},
    };
    bound b = bind_random();
    ask_graph *g = test_graph();
    ask_graph_want(g, "q.*");
    ask_qformer_input in = {.queries = b.queries,
                            .ids = INPUT_I64(g, BATCH, 2),
                            .seen = INPUT(g, BATCH, SEEN, SEEN_WIDTH),
                            .trace = "q."};
    ask_keep(g, ask_qformer_states(g, &b.qformer, &in));
    test_plan(g, the_cpu);
    test_put(in.ids, (int64_t[4]){1, 2, 3, 4});
    test_put_random(in.seen, 7, 1);
    test_run(g);
    for (size_t i = 0; i < TEST_COUNT(traces); i++) {
        ask_tensor *t = ask_graph_find(g, traces[i].name);
        CHECK_CASE(traces[i].name, t);
        CHECK_CASE(traces[i].name, ask_tensor_n_dims(t) == traces[i].n_dims);
        for (int k = 0; k < traces[i].n_dims; k++)
            CHECK_CASE(traces[i].name, ask_tensor_dim(t, k) == traces[i].shape[k]);
        free(test_get(t)); // kept: it can be read
    }
    assert_null(ask_graph_find(g, "q.cross_attentions.1")); // it does not look
    ask_graph_free(g);
    unbind(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_configuration_is_that_of_the_library),
        cmocka_unit_test(every_size_is_read),
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(work_is_that_of_the_weights),
        cmocka_unit_test(its_states_are_those_of_the_reference),
        cmocka_unit_test(the_names_of_lavis_are_read),
        cmocka_unit_test(padding_behind_a_text_changes_nothing),
        cmocka_unit_test(texts_and_queries_may_be_alone),
        cmocka_unit_test(a_text_longer_than_the_positions_is_told),
        cmocka_unit_test(every_trace_has_its_name_and_shape),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
