/* LLaMA, Mistral and Qwen2: what config.json says, which parameters they have, and by which
 * steps positions turn their heads. */
#include "net/tower/llama.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/listing.h"
#include "support/tensors.h"

/* ---- the configuration ---- */

static bool read_config(ask_llama_config *out, ask_llama_kind kind, const char *text,
                        ask_error *err)
{
    ask_json *doc;
    CHECK_OK(doc = ask_json_parse(text, strlen(text), "config.json", NULL, err), err);
    bool ok = ask_llama_config_read(out, kind, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

static ask_llama_config config_of(ask_llama_kind kind, const char *text)
{
    ask_error err = {0};
    ask_llama_config c;
    CHECK_OK(read_config(&c, kind, text, &err), &err);
    return c;
}

static void an_empty_configuration_is_that_of_the_library(void **state)
{
    (void)state;
    static const struct {
        int inner, n_kv_heads, n_vocab, n_context, window;
        bool qkv_bias;
    } expected[] = {
        [ASK_LLAMA] = {11008, 32, 32000, 2048, 0, false},
        [ASK_MISTRAL] = {14336, 8, 32000, 131072, 4096, false},
        [ASK_QWEN2] = {22016, 32, 151936, 32768, 0, true},
    };
    for (int kind = ASK_LLAMA; kind <= ASK_QWEN2; kind++) {
        ask_llama_config c = config_of((ask_llama_kind)kind, "{}");
        assert_int_equal(c.kind, kind);
        assert_int_equal(c.width, 4096);
        assert_int_equal(c.n_layers, 32);
        assert_int_equal(c.n_heads, 32);
        assert_int_equal(c.head, 128);
        assert_int_equal(c.inner, expected[kind].inner);
        assert_int_equal(c.n_kv_heads, expected[kind].n_kv_heads);
        assert_int_equal(c.n_vocab, expected[kind].n_vocab);
        assert_int_equal(c.n_context, expected[kind].n_context);
        assert_int_equal(c.window, expected[kind].window);
        assert_int_equal(c.qkv_bias, expected[kind].qkv_bias);
        assert_false(c.out_bias || c.mlp_bias || c.tied);
        assert_int_equal(c.activation, ASK_ACT_SILU);
        assert_true(c.eps == 1e-6 && c.init == 0.02);
        assert_true(c.rotary.theta == 10000 && c.rotary.n == 64);
        assert_int_equal(c.rotary.scaling, ASK_ROTARY_PLAIN);
        assert_int_equal(c.rotary.rounding, ASK_F32);
    }
}

static void every_size_is_read(void **state)
{
    (void)state;
    ask_llama_config c = config_of(
        ASK_LLAMA,
        "{\"hidden_size\": 48, \"intermediate_size\": 13, \"num_hidden_layers\": 14,"
        " \"num_attention_heads\": 6, \"num_key_value_heads\": 3, \"head_dim\": 10,"
        " \"vocab_size\": 15, \"max_position_embeddings\": 16, \"rms_norm_eps\": 1e-5,"
        " \"hidden_act\": \"gelu\", \"tie_word_embeddings\": true, \"rope_theta\": 5e5,"
        " \"attention_bias\": true, \"mlp_bias\": true, \"initializer_range\": 0.5}");
    assert_int_equal(c.width, 48);
    assert_int_equal(c.inner, 13);
    assert_int_equal(c.n_layers, 14);
    assert_int_equal(c.n_heads, 6);
    assert_int_equal(c.n_kv_heads, 3);
    assert_int_equal(c.head, 10);
    assert_int_equal(c.n_vocab, 15);
    assert_int_equal(c.n_context, 16);
    assert_int_equal(c.activation, ASK_ACT_GELU);
    assert_true(c.eps == 1e-5 && c.init == 0.5);
    assert_true(c.tied && c.qkv_bias && c.out_bias && c.mlp_bias);
    assert_true(c.rotary.theta == 5e5 && c.rotary.n == 5);
    ask_decoder_sizes kept = ask_llama_sizes(&c);
    assert_int_equal(kept.n_layers, 14);
    assert_int_equal(kept.n_heads, 3);
    assert_int_equal(kept.head, 10);
}

/* What null means is not always what absence does. */
static void what_is_absent_or_null_has_its_meaning(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_llama_kind kind;
        const char *text;
        int window, first_window, n_kv_heads, head;
    } cases[] = {
        {"a LLaMA has no window", ASK_LLAMA, "{\"sliding_window\": 7}", 0, 0, 32, 128},
        {"no window said", ASK_MISTRAL, "{}", 4096, 0, 8, 128},
        {"no window", ASK_MISTRAL, "{\"sliding_window\": null}", 0, 0, 8, 128},
        {"a window", ASK_MISTRAL, "{\"sliding_window\": 7}", 7, 0, 8, 128},
        {"a window that is off", ASK_QWEN2, "{\"sliding_window\": 7}", 0, 28, 32, 128},
        {"a window that is on", ASK_QWEN2,
         "{\"sliding_window\": 7, \"use_sliding_window\": true}", 7, 28, 32, 128},
        {"a window from a layer on", ASK_QWEN2,
         "{\"use_sliding_window\": true, \"max_window_layers\": 3}", 4096, 3, 32, 128},
        {"on, but none", ASK_QWEN2,
         "{\"use_sliding_window\": true, \"sliding_window\": null}", 0, 28, 32, 128},
        {"heads of keys", ASK_LLAMA, "{\"num_attention_heads\": 16}", 0, 0, 16, 256},
        {"heads of keys, null", ASK_LLAMA,
         "{\"num_attention_heads\": 16, \"num_key_value_heads\": null}", 0, 0, 16, 256},
        {"heads of keys, null", ASK_MISTRAL,
         "{\"num_attention_heads\": 16, \"num_key_value_heads\": null}", 4096, 0, 16, 256},
        {"heads of keys, null", ASK_QWEN2,
         "{\"num_attention_heads\": 16, \"num_key_value_heads\": null}", 0, 28, 16, 256},
        {"a head's numbers, null", ASK_LLAMA, "{\"head_dim\": null}", 0, 0, 32, 128},
        {"a head's numbers", ASK_MISTRAL, "{\"head_dim\": 96}", 4096, 0, 8, 96},
        {"scaling, null", ASK_LLAMA, "{\"rope_scaling\": null}", 0, 0, 32, 128},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_llama_config c = config_of(cases[i].kind, cases[i].text);
        CHECK_CASE(cases[i].name, c.window == cases[i].window);
        CHECK_CASE(cases[i].name, c.first_window == cases[i].first_window);
        CHECK_CASE(cases[i].name, c.n_kv_heads == cases[i].n_kv_heads);
        CHECK_CASE(cases[i].name, c.head == cases[i].head);
        CHECK_CASE(cases[i].name, c.rotary.n == cases[i].head / 2);
        CHECK_CASE(cases[i].name, c.rotary.scaling == ASK_ROTARY_PLAIN);
    }
}

static void biases_are_those_of_the_kind(void **state)
{
    (void)state;
    static const char text[] = "{\"attention_bias\": true, \"mlp_bias\": true}";
    ask_llama_config mistral = config_of(ASK_MISTRAL, text),
                     qwen2 = config_of(ASK_QWEN2, text);
    assert_false(mistral.qkv_bias || mistral.out_bias || mistral.mlp_bias);
    assert_true(qwen2.qkv_bias);
    assert_false(qwen2.out_bias || qwen2.mlp_bias);
}

static void bad_configurations_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *message;
    } cases[] = {
        {"width of zero", "{\"hidden_size\":0}",
         "key \"hidden_size\": expected an integer from 1 to 1048576, got 0"},
        {"heads that cannot share", "{\"num_attention_heads\":6,\"num_key_value_heads\":4}",
         "key \"num_key_value_heads\": 6 heads cannot share 4 of keys"},
        {"more keys than heads", "{\"num_attention_heads\":2,\"num_key_value_heads\":4}",
         "key \"num_key_value_heads\": 2 heads cannot share 4 of keys"},
        {"an odd head", "{\"hidden_size\":12,\"num_attention_heads\":4}",
         "key \"hidden_size\": a head of 3 numbers has no pairs to turn"},
        {"a head without numbers", "{\"hidden_size\":12,\"num_attention_heads\":16}",
         "key \"hidden_size\": 12 is no multiple of 16 heads"},
        {"heads of a part of a number", "{\"hidden_size\":12,\"num_attention_heads\":5}",
         "key \"hidden_size\": 12 is no multiple of 5 heads"},
        {"a large head that is not said",
         "{\"hidden_size\":4096,\"num_attention_heads\":1}",
         "key \"hidden_size\": a head of 4096 numbers; at most 2048 are read"},
        {"the largest width", "{\"hidden_size\":1048576,\"num_attention_heads\":1}",
         "key \"hidden_size\": a head of 1048576 numbers; at most 2048 are read"},
        {"a large head", "{\"head_dim\":4096}",
         "key \"head_dim\": expected an integer from 1 to 2048, got 4096"},
        {"a window of zero", "{\"sliding_window\":0}",
         "key \"sliding_window\": expected an integer from 1 to 1048576, got 0"},
        {"eps of zero", "{\"rms_norm_eps\":0}",
         "key \"rms_norm_eps\": expected a number above 0, got 0"},
        {"an unknown activation", "{\"hidden_act\":\"swish2\"}", "key \"hidden_act\": "},
        {"an unknown scaling", "{\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":2}}",
         "key \"rope_scaling.rope_type\": positions are not scaled as \"yarn\"; there are: "
         "default, linear, llama3"},
        {"an unknown scaling, older key", "{\"rope_scaling\":{\"type\":\"dynamic\"}}",
         "key \"rope_scaling.type\": positions are not scaled as \"dynamic\""},
        {"an unknown scaling, joined", "{\"rope_parameters\":{\"rope_type\":\"longrope\"}}",
         "key \"rope_parameters.rope_type\": positions are not scaled as \"longrope\""},
        {"a scaling that is no object", "{\"rope_scaling\":\"linear\"}",
         "key \"rope_scaling\": expected an object"},
        {"a type that is a number", "{\"rope_scaling\":{\"type\":3}}",
         "key \"rope_scaling.type\": expected a string"},
        {"a factor of zero", "{\"rope_scaling\":{\"type\":\"linear\",\"factor\":0}}",
         "key \"rope_scaling.factor\": expected a number above 0, got 0"},
        {"fast before slow",
         "{\"rope_scaling\":{\"rope_type\":\"llama3\",\"low_freq_factor\":4,"
         "\"high_freq_factor\":4}}",
         "key \"rope_scaling.high_freq_factor\": 4 is not above low_freq_factor, 4"},
        {"theta below 1", "{\"rope_theta\":0.5}",
         "key \"rope_theta\": expected a number from 1 to 1e+12, got 0.5"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_llama_config c, before;
        bool is_window = strstr(cases[i].text, "sliding_window");
        ask_llama_kind kind = is_window ? ASK_MISTRAL : ASK_LLAMA; // which has none
        memset(&c, 7, sizeof c);
        before = c;
        char expected[512];
        snprintf(expected, sizeof expected, "config.json: %s", cases[i].message);
        CHECK_CASE(cases[i].name, !read_config(&c, kind, cases[i].text, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        CHECK_CASE(cases[i].name, memcmp(&c, &before, sizeof c) == 0);
        if (strncmp(err.message, expected, strlen(expected)) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

static void kinds_have_names(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int kind; // -1: none
    } cases[] = {
        {"{}", ASK_LLAMA},
        {"{\"model_type\": \"llama\"}", ASK_LLAMA},
        {"{\"model_type\": \"mistral\"}", ASK_MISTRAL},
        {"{\"model_type\": \"qwen2\"}", ASK_QWEN2},
        {"{\"model_type\": \"gemma\"}", -1},
        {"{\"model_type\": 3}", -1},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_llama_kind kind;
        ask_json *doc =
            ask_json_parse(cases[i].text, strlen(cases[i].text), "c", NULL, &err);
        CHECK_OK(doc, &err);
        bool ok = ask_llama_kind_read(&kind, ask_json_root(doc), &err);
        CHECK_CASE(cases[i].text, ok == (cases[i].kind >= 0));
        CHECK_CASE(cases[i].text,
                   ok ? (int)kind == cases[i].kind : err.code == ASK_ERR_MODEL);
        ask_json_free(doc);
    }
}

/* ---- rotary steps ---- */

/* Computed apart from the library, with 40 decimal digits, from the papers' formulas: theta
 * to the power of -i / n; divided by the factor; and Llama 3.1's rule said in wavelengths
 * (kept where 2 pi / step is below original / high, divided where it is above original /
 * low, between them mixed by the share of original / wavelength). */
static void steps_are_those_of_the_papers(void **state)
{
    (void)state;
#define LLAMA31                                                                            \
    "{\"rope_theta\": 500000, \"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": "  \
    "8, \"low_freq_factor\": 1, \"high_freq_factor\": 4, "                                 \
    "\"original_max_position_embeddings\": 8192}}"
#define JOINED                                                                             \
    "{\"rope_theta\": 3, \"rope_parameters\": {\"rope_theta\": 500000, \"rope_type\": "    \
    "\"llama3\", \"factor\": 8}}" // the other factors are the defaults
#define SMALL                                                                              \
    "{\"head_dim\": 16, \"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8, "     \
    "\"original_max_position_embeddings\": 16}}"
#define LINEAR "{\"rope_scaling\": {\"type\": \"linear\", \"factor\": 4}}"
#define BOTH_KEYS                                                                          \
    "{\"rope_scaling\": {\"type\": \"dynamic\", \"rope_type\": \"linear\", \"factor\": "   \
    "4}}"
    static const struct {
        const char *text;
        int i;
        double step;
    } cases[] = {
        {"{}", 0, 1},
        {"{}", 1, 0.865964353},
        {"{}", 17, 0.0865964293},
        {"{}", 63, 0.0001154782},
        {"{\"rope_scaling\": {\"type\": \"default\"}}", 1, 0.865964353},
        {"{\"rope_parameters\": {\"rope_theta\": 10000}}", 36, 0.00562341325},
        {LINEAR, 0, 0.25},
        {LINEAR, 1, 0.216491088},
        {LINEAR, 36, 0.00140585331},
        {LINEAR, 63, 2.88695501e-05},
        {BOTH_KEYS, 17, 0.0216491073},
        {LLAMA31, 0, 1},
        {LLAMA31, 17, 0.0306345206},
        {LLAMA31, 28, 0.00321144611}, // the last that is fast
        {LLAMA31, 29, 0.00216657086},
        {LLAMA31, 31, 0.000856751401},
        {LLAMA31, 34, 0.000178507806},
        {LLAMA31, 35, 9.55621217e-05},
        {LLAMA31, 36, 7.78465546e-05}, // slow
        {LLAMA31, 63, 3.06892588e-07},
        {JOINED, 31, 0.000856751401},
        {JOINED, 63, 3.06892588e-07},
        {SMALL, 0, 0.576056421},
        {SMALL, 1, 0.0395284705},
        {SMALL, 7, 3.95284696e-05},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_llama_config c = config_of(ASK_LLAMA, cases[i].text);
        double step = ask_rotary_step(&c.rotary, cases[i].i);
        if (!(fabs(step - cases[i].step) <= 2e-7 * cases[i].step)) // of f32
            fail_msg("case %zu, pair %d: %.9g, not %.9g", i, cases[i].i, step,
                     cases[i].step);
    }
}

static void steps_are_rounded_where_it_is_asked(void **state)
{
    (void)state;
    static const struct {
        int i;
        double bf16, f16; // of 10000^(-i / 5), rounded to the nearest
    } cases[] = {
        {1, 0.158203125, 0.158447265625},
        {3, 0.00396728515625, 0.0039825439453125},
        {5, 0.00010013580322265625, 0.00010001659393310547},
    };
    ask_rotary r = {.theta = 10000, .n = 5, .rounding = ASK_BF16};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        r.rounding = ASK_BF16;
        assert_true(ask_rotary_step(&r, cases[i].i) == cases[i].bf16);
        r.rounding = ASK_F16;
        assert_true(ask_rotary_step(&r, cases[i].i) == cases[i].f16);
    }
}

/* ---- parameters ---- */

static listing list(ask_llama_kind kind, const char *text)
{
    ask_error err = {0};
    listing l = {.n = 0};
    ask_llama m;
    ask_llama_config c = config_of(kind, text);
    ask_arena *room = ask_arena_new(0);
    assert_non_null(room);
    ask_params *p = ask_params_list(listing_add, &l, room, &err);
    CHECK_OK(p, &err);
    ask_llama_bind(&m, p, "model", "lm_head", &c);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
    ask_arena_free(room);
    return l;
}

#define SIZES                                                                              \
    "\"hidden_size\": 8, \"intermediate_size\": 12, \"num_hidden_layers\": 1,"             \
    " \"num_attention_heads\": 4, \"num_key_value_heads\": 2, \"vocab_size\": 20,"         \
    " \"max_position_embeddings\": 32, \"initializer_range\": 0.5"
#define ATTENTION "model.layers.0.self_attn."

static void parameters_are_those_that_are_said(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_llama_kind kind;
        const char *text;
        int n;
        bool qkv, out, mlp, head;
    } cases[] = {
        {"a LLaMA", ASK_LLAMA, "{" SIZES "}", 12, false, false, false, true},
        {"a tied LLaMA", ASK_LLAMA, "{" SIZES ", \"tie_word_embeddings\": true}", 11, false,
         false, false, false},
        {"biases of attention", ASK_LLAMA, "{" SIZES ", \"attention_bias\": true}", 16,
         true, true, false, true},
        {"biases of the mlp", ASK_LLAMA, "{" SIZES ", \"mlp_bias\": true}", 15, false,
         false, true, true},
        {"a Mistral", ASK_MISTRAL, "{" SIZES "}", 12, false, false, false, true},
        {"a Qwen2", ASK_QWEN2, "{" SIZES "}", 15, true, false, false, true},
        {"a tied Qwen2", ASK_QWEN2, "{" SIZES ", \"tie_word_embeddings\": true}", 14, true,
         false, false, false},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = cases[i].name;
        listing l = list(cases[i].kind, cases[i].text);
        CHECK_CASE(name, l.n == cases[i].n);
        CHECK_CASE(name, listing_has(&l, "model.embed_tokens.weight") &&
                             listing_has(&l, "model.norm.weight"));
        CHECK_CASE(name, listing_has(&l, ATTENTION "q_proj.bias") == cases[i].qkv);
        CHECK_CASE(name, listing_has(&l, ATTENTION "k_proj.bias") == cases[i].qkv);
        CHECK_CASE(name, listing_has(&l, ATTENTION "v_proj.bias") == cases[i].qkv);
        CHECK_CASE(name, listing_has(&l, ATTENTION "o_proj.bias") == cases[i].out);
        CHECK_CASE(name,
                   listing_has(&l, "model.layers.0.mlp.down_proj.bias") == cases[i].mlp);
        CHECK_CASE(name, listing_has(&l, "lm_head.weight") == cases[i].head);
    }
}

/* ---- a bound network ---- */

typedef struct {
    ask_arena *room;
    ask_store *store;
    ask_llama llama;
} bound;

static bound bind_random(ask_llama_kind kind, const char *text)
{
    ask_error err = {0};
    bound n = {.room = ask_arena_new(0)};
    ask_llama_config c = config_of(kind, text);
    ask_params *p;
    assert_non_null(n.room);
    CHECK_OK(n.store = ask_store_new(the_cpu, &err), &err);
    CHECK_OK(p = ask_params_random(n.store, 5, n.room, &err), &err);
    ask_llama_bind(&n.llama, p, "model", "lm_head", &c);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
    return n;
}

static void unbind(bound *n)
{
    ask_store_free(n->store);
    ask_arena_free(n->room);
}

enum { N = 12, WIDTH = 8, N_VOCAB = 20 };

/* The states [N, WIDTH] of a text whose positions begin at `from`; freed by the caller. */
static float *states_of(const bound *n, const int64_t *ids, int64_t from)
{
    int64_t positions[N];
    for (int i = 0; i < N; i++) positions[i] = from + i;
    ask_graph *g = test_graph();
    ask_tensor *in = INPUT_I64(g, 1, N), *at = INPUT_I64(g, 1, N);
    const ask_decoder_view view = {.positions = at, .trace = ""};
    ask_tensor *x = ask_llama_embed(g, &n->llama, in);
    ask_tensor *states = ask_keep(g, ask_llama_build(g, &n->llama, x, &view));
    test_plan(g, the_cpu);
    test_put(in, ids);
    test_put(at, positions);
    test_run(g);
    float *out = test_get(states);
    ask_graph_free(g);
    return out;
}

static float largest_difference(const float *a, const float *b, int n)
{
    float most = 0;
    for (int i = 0; i < n; i++) most = fmaxf(most, fabsf(a[i] - b[i]));
    return most;
}

static const int64_t ids[N] = {3, 19, 0, 7, 7, 12, 4, 1, 15, 9, 2, 6};

static void only_what_came_before_is_seen(void **state)
{
    (void)state;
    bound n = bind_random(ASK_LLAMA, "{" SIZES "}");
    int64_t other[N];
    memcpy(other, ids, sizeof other);
    other[7] = 18;
    float *a = states_of(&n, ids, 0), *b = states_of(&n, other, 0);
    assert_true(largest_difference(a, b, 7 * WIDTH) == 0);
    for (int i = 7; i < N; i++)
        assert_true(largest_difference(a + i * WIDTH, b + i * WIDTH, WIDTH) > 1e-3f);
    free(a);
    free(b);
    unbind(&n);
}

/* A layer with a window of 3 sees itself and two before it. */
static void a_window_ends_what_is_seen(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        ask_llama_kind kind;
        const char *text;
        int reach; // places behind a change that it reaches
    } cases[] = {
        {"Mistral", ASK_MISTRAL, "{" SIZES ", \"sliding_window\": 3}", 2},
        {"Mistral without", ASK_MISTRAL, "{" SIZES ", \"sliding_window\": null}", N},
        {"Qwen2", ASK_QWEN2,
         "{" SIZES ", \"sliding_window\": 3, \"use_sliding_window\": true, "
         "\"max_window_layers\": 0}",
         2},
        {"Qwen2, from the second layer on", ASK_QWEN2,
         "{" SIZES ", \"sliding_window\": 3, \"use_sliding_window\": true, "
         "\"max_window_layers\": 1}",
         N},
    };
    for (size_t k = 0; k < TEST_COUNT(cases); k++) {
        bound n = bind_random(cases[k].kind, cases[k].text);
        int64_t other[N];
        memcpy(other, ids, sizeof other);
        other[5] = 18;
        float *a = states_of(&n, ids, 0), *b = states_of(&n, other, 0);
        for (int i = 0; i < N; i++) {
            bool reached = i >= 5 && i <= 5 + cases[k].reach;
            float most = largest_difference(a + i * WIDTH, b + i * WIDTH, WIDTH);
            CHECK_CASE(cases[k].name, reached ? most > 1e-4f : most == 0);
        }
        free(a);
        free(b);
        unbind(&n);
    }
}

/* Queries and keys are turned alike: what counts is how far they are apart. */
static void positions_count_by_their_distance(void **state)
{
    (void)state;
    bound n = bind_random(ASK_QWEN2, "{" SIZES "}");
    float *a = states_of(&n, ids, 0), *b = states_of(&n, ids, 17);
    test_near("moved", b, a, N * WIDTH, 1e-4);
    free(a);
    free(b);
    unbind(&n);
}

static void a_tied_network_ends_with_its_table(void **state)
{
    (void)state;
    bound tied = bind_random(ASK_LLAMA, "{" SIZES ", \"tie_word_embeddings\": true}");
    bound own = bind_random(ASK_LLAMA, "{" SIZES "}");
    assert_ptr_equal(tied.llama.head, tied.llama.token_table);
    assert_ptr_not_equal(own.llama.head, own.llama.token_table);
    ask_graph *g = test_graph();
    ask_tensor *in = INPUT(g, 1, WIDTH);
    ask_tensor *logits = ask_keep(g, ask_llama_logits(g, &tied.llama, in));
    test_plan(g, the_cpu);
    test_put(in, (const float[WIDTH]){0, 0, 0, 1, 0, 0, 0, 0});
    test_run(g);
    float *got = test_get(logits), *table = test_get(tied.llama.token_table);
    for (int i = 0; i < N_VOCAB; i++) assert_true(got[i] == table[i * WIDTH + 3]);
    free(got);
    free(table);
    ask_graph_free(g);
    unbind(&tied);
    unbind(&own);
}

static void work_is_that_of_the_weights(void **state)
{
    (void)state;
    ask_llama_config c = config_of(ASK_LLAMA, "{}"); // 6.476e9 weights in the layers
    assert_true(fabs(ask_llama_flops(&c, 0) / 2 / 6.4760e9 - 1) < 0.001);
    assert_true(fabs(ask_llama_logits_flops(&c) / 2 / (4096 * 32000) - 1) < 1e-9);
    // each place that is seen: a product with its key, and its value, in each layer
    assert_true(ask_llama_flops(&c, 1) - ask_llama_flops(&c, 0) == 2.0 * 32 * 2 * 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_configuration_is_that_of_the_library),
        cmocka_unit_test(every_size_is_read),
        cmocka_unit_test(what_is_absent_or_null_has_its_meaning),
        cmocka_unit_test(biases_are_those_of_the_kind),
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(kinds_have_names),
        cmocka_unit_test(steps_are_those_of_the_papers),
        cmocka_unit_test(steps_are_rounded_where_it_is_asked),
        cmocka_unit_test(parameters_are_those_that_are_said),
        cmocka_unit_test(only_what_came_before_is_seen),
        cmocka_unit_test(a_window_ends_what_is_seen),
        cmocka_unit_test(positions_count_by_their_distance),
        cmocka_unit_test(a_tied_network_ends_with_its_table),
        cmocka_unit_test(work_is_that_of_the_weights),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
