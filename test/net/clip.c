/* CLIP: what config.json says, what is named, what is drawn. */
#include "net/joint/clip.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/checkpoint.h"
#include "support/fake_backend.h"
#include "support/tensors.h"

/* ---- the configuration ---- */

static bool read_config(ask_clip_config *out, const char *text, ask_error *err)
{
    ask_json *doc;
    CHECK_OK(doc = ask_json_parse(text, strlen(text), "config.json", NULL, err), err);
    bool ok = ask_clip_config_read(out, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

static ask_clip_config config_of(const char *text)
{
    ask_error err = {0};
    ask_clip_config c;
    CHECK_OK(read_config(&c, text, &err), &err);
    return c;
}

static void an_empty_configuration_is_that_of_the_library(void **state)
{
    (void)state;
    ask_clip_config c = config_of("{\"text_config\": null, \"vision_config\": {}}");
    assert_int_equal(c.vision.stack.width, 768);
    assert_int_equal(c.vision.stack.inner, 3072);
    assert_int_equal(c.vision.stack.n_layers, 12);
    assert_int_equal(c.vision.stack.n_heads, 12);
    assert_int_equal(c.vision.image_px, 224);
    assert_int_equal(c.vision.patch_px, 32);
    assert_int_equal(c.vision.n_channels, 3);
    assert_int_equal(c.vision.stack.activation, ASK_ACT_GELU_QUICK);
    assert_int_equal(c.text.stack.width, 512);
    assert_int_equal(c.text.stack.inner, 2048);
    assert_int_equal(c.text.stack.n_layers, 12);
    assert_int_equal(c.text.stack.n_heads, 8);
    assert_int_equal(c.text.n_vocab, 49408);
    assert_int_equal(c.text.n_context, 77);
    assert_int_equal(c.text.end_id, 49407);
    assert_int_equal(c.text.stack.activation, ASK_ACT_GELU_QUICK);
    assert_true(c.text.stack.eps == 1e-5 && c.vision.stack.eps == 1e-5);
    assert_int_equal(c.n_embed, 512);
    assert_true(c.logit_scale_init == 2.6592);
}

static void every_size_is_read(void **state)
{
    (void)state;
    ask_clip_config c = config_of(
        "{\"projection_dim\": 11, \"logit_scale_init_value\": 1.5,"
        " \"text_config\": {\"hidden_size\": 12, \"intermediate_size\": 13,"
        "  \"num_hidden_layers\": 14, \"num_attention_heads\": 3, \"vocab_size\": 15,"
        "  \"max_position_embeddings\": 16, \"eos_token_id\": 7, \"layer_norm_eps\": 1e-3,"
        "  \"hidden_act\": \"relu\"},"
        " \"vision_config\": {\"hidden_size\": 18, \"intermediate_size\": 19,"
        "  \"num_hidden_layers\": 20, \"num_attention_heads\": 2, \"image_size\": 21,"
        "  \"patch_size\": 7, \"num_channels\": 5, \"layer_norm_eps\": 1e-4,"
        "  \"hidden_act\": \"silu\"}}");
    assert_int_equal(c.n_embed, 11);
    assert_true(c.logit_scale_init == 1.5);
    assert_int_equal(c.text.stack.width, 12);
    assert_int_equal(c.text.stack.inner, 13);
    assert_int_equal(c.text.stack.n_layers, 14);
    assert_int_equal(c.text.stack.n_heads, 3);
    assert_int_equal(c.text.n_vocab, 15);
    assert_int_equal(c.text.n_context, 16);
    assert_int_equal(c.text.end_id, 7);
    assert_true(c.text.stack.eps == 1e-3);
    assert_int_equal(c.text.stack.activation, ASK_ACT_RELU);
    assert_int_equal(c.vision.stack.width, 18);
    assert_int_equal(c.vision.stack.inner, 19);
    assert_int_equal(c.vision.stack.n_layers, 20);
    assert_int_equal(c.vision.stack.n_heads, 2);
    assert_int_equal(c.vision.image_px, 21);
    assert_int_equal(c.vision.patch_px, 7);
    assert_int_equal(c.vision.n_channels, 5);
    assert_true(c.vision.stack.eps == 1e-4);
    assert_int_equal(c.vision.stack.activation, ASK_ACT_SILU);
}

static void the_second_configurations_of_old_files_count(void **state)
{
    (void)state;
    ask_clip_config c = config_of(
        "{\"text_config\": {\"hidden_size\": 512, \"eos_token_id\": 2},"
        " \"text_config_dict\": {\"hidden_size\": 768, \"num_attention_heads\": 12},"
        " \"vision_config\": {\"hidden_size\": 24}, \"vision_config_dict\": null}");
    assert_int_equal(c.text.stack.width, 768);
    assert_int_equal(c.text.end_id, 49407); // what text_config said counts nothing
    assert_int_equal(c.vision.stack.width, 24);
}

static void bad_configurations_are_refused(void **state)
{
    (void)state;
#define INTEGER(most) "expected an integer from 1 to " #most ", got "
    static const struct {
        const char *name, *text, *message;
    } cases[] = {
        {"width of zero", "{\"text_config\":{\"hidden_size\":0}}",
         "key \"text_config.hidden_size\": " INTEGER(1048576) "0"},
        {"negative width", "{\"vision_config\":{\"hidden_size\":-8}}",
         "key \"vision_config.hidden_size\": " INTEGER(1048576) "-8"},
        {"width of 2^31", "{\"vision_config\":{\"hidden_size\":2147483648}}",
         "key \"vision_config.hidden_size\": " INTEGER(1048576) "2147483648"},
        {"width beyond 64 bits",
         "{\"vision_config\":{\"hidden_size\":18446744073709551616}}",
         "key \"vision_config.hidden_size\": expected an integer, got the real number "
         "1.8446744073709552e+19"},
        {"width as text", "{\"vision_config\":{\"hidden_size\":\"768\"}}",
         "key \"vision_config.hidden_size\": expected an integer, got a string"},
        {"heads of an odd number",
         "{\"text_config\":{\"hidden_size\":40,"
         "\"num_attention_heads\":3}}",
         "key \"text_config.hidden_size\": 40 is no multiple of 3 heads"},
        {"heads against the default width",
         "{\"vision_config\":{\"num_attention_heads\":7}}",
         "key \"vision_config\": key \"hidden_size\", which is absent: 768 is no multiple "
         "of "
         "7 heads"},
        {"no layers", "{\"text_config\":{\"num_hidden_layers\":0}}",
         "key \"text_config.num_hidden_layers\": " INTEGER(1000) "0"},
        {"a million layers", "{\"text_config\":{\"num_hidden_layers\":1000000}}",
         "key \"text_config.num_hidden_layers\": " INTEGER(1000) "1000000"},
        {"patch of zero", "{\"vision_config\":{\"patch_size\":0}}",
         "key \"vision_config.patch_size\": " INTEGER(16384) "0"},
        {"patch larger than the image", "{\"vision_config\":{\"patch_size\":448}}",
         "key \"vision_config.patch_size\": a patch of 448 pixels is larger than the image "
         "of 224"},
        {"no channels", "{\"vision_config\":{\"num_channels\":0}}",
         "key \"vision_config.num_channels\": " INTEGER(1024) "0"},
        {"no vocabulary", "{\"text_config\":{\"vocab_size\":0}}",
         "key \"text_config.vocab_size\": " INTEGER(16777216) "0"},
        {"end token not in the vocabulary",
         "{\"text_config\":{\"vocab_size\":100,\"eos_token_id\":100}}",
         "key \"text_config.eos_token_id\": 100 is not in a vocabulary of 100 "
         "(vocab_size)"},
        {"default end token not in the vocabulary",
         "{\"text_config\":{\"vocab_size\":100}}",
         "key \"text_config\": key \"eos_token_id\", which is absent: 49407 is not in a "
         "vocabulary of 100 (vocab_size)"},
        {"no context", "{\"text_config\":{\"max_position_embeddings\":0}}",
         "key \"text_config.max_position_embeddings\": " INTEGER(1048576) "0"},
        {"eps of zero", "{\"text_config\":{\"layer_norm_eps\":0}}",
         "key \"text_config.layer_norm_eps\": expected a number above 0, got 0"},
        {"eps below zero", "{\"text_config\":{\"layer_norm_eps\":-1}}",
         "key \"text_config.layer_norm_eps\": expected a number from 0 to 1e+06, got -1"},
        {"a factor that overflows", "{\"initializer_factor\":1e300}",
         "key \"initializer_factor\": expected a number from 0 to 1e+06, got 1e+300"},
        {"a tower's factor that overflows",
         "{\"vision_config\":{\"initializer_factor\":1e300}}",
         "key \"vision_config.initializer_factor\": expected a number from 0 to 1e+06, got "
         "1e+300"},
        {"a negative deviation", "{\"vision_config\":{\"initializer_range\":-0.02}}",
         "key \"vision_config.initializer_range\": expected a number from 0 to 1e+06, got "
         "-0.02"},
        {"a scale of logits that overflows", "{\"logit_scale_init_value\":100}",
         "key \"logit_scale_init_value\": expected a number from -80 to 80, got 100"},
        {"unknown activation", "{\"vision_config\":{\"hidden_act\":\"gelo\"}}",
         "key \"vision_config.hidden_act\": no activation is called \"gelo\""},
        {"activation is a number", "{\"vision_config\":{\"hidden_act\":3}}",
         "key \"vision_config.hidden_act\": expected a string, got the integer 3"},
        {"tower is a list", "{\"vision_config\":[]}",
         "key \"vision_config\": expected an object, got an array"},
        {"old tower is a number", "{\"text_config_dict\":1}",
         "key \"text_config_dict\": expected an object, got the integer 1"},
        {"projection of zero", "{\"projection_dim\":0}",
         "key \"projection_dim\": " INTEGER(1048576) "0"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_clip_config c;
        char expected[512];
        snprintf(expected, sizeof expected, "config.json: %s", cases[i].message);
        CHECK_CASE(cases[i].name, !read_config(&c, cases[i].text, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        if (strcmp(err.message, expected) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

static void activations_have_the_names_of_the_library(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        float of_one; // its value at 1
    } cases[] = {
        {"gelu", 0.8413447f},       {"gelu_new", 0.8411920f},
        {"gelu_fast", 0.8411920f},  {"gelu_pytorch_tanh", 0.8411920f},
        {"quick_gelu", 0.8457958f}, {"relu", 1.0f},
        {"silu", 0.7310586f},       {"swish", 0.7310586f},
        {"sigmoid", 0.7310586f},    {"tanh", 0.7615942f},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char text[96];
        snprintf(text, sizeof text, "{\"text_config\":{\"hidden_act\":\"%s\"}}",
                 cases[i].name);
        ask_clip_config c = config_of(text);
        ask_graph *g = test_graph();
        ask_tensor *x = INPUT(g, 1),
                   *y = ask_keep(g, ask_activate(g, x, c.text.stack.activation));
        test_plan(g, the_cpu);
        test_put_all(x, 1);
        test_run(g);
        float *value = test_get(y);
        test_near(cases[i].name, value, &cases[i].of_one, 1, 1e-6);
        free(value);
        ask_graph_free(g);
    }
}

static void the_end_of_a_text_is_found_by_both_rules(void **state)
{
    (void)state;
    static const int64_t ids[] = {5, 9, 3, 9, 8, 9};
    ask_clip_text_config by_id = {.end_id = 3, .n_vocab = 10};
    ask_clip_text_config by_size = {.end_id = 2, .n_vocab = 10};
    assert_int_equal(ask_clip_text_end(&by_id, ids, 6), 2);
    assert_int_equal(ask_clip_text_end(&by_id, ids, 2), -1);
    assert_int_equal(ask_clip_text_end(&by_size, ids, 6), 1);
    assert_int_equal(ask_clip_text_end(&by_size, ids, 0), -1);
    assert_int_equal(ask_clip_text_end_id(&by_id), 3);
    assert_int_equal(ask_clip_text_end_id(&by_size), 9);
}

static void work_is_counted_as_the_papers_do(void **state)
{
    (void)state;
    ask_clip_config b32 = config_of("{}");
    ask_clip_config l14 = config_of(
        "{\"vision_config\":{\"hidden_size\":1024,\"intermediate_size\":4096,"
        "\"num_hidden_layers\":24,\"num_attention_heads\":16,\"patch_size\":14}}");
    // 4.4 and 80.7 billion multiply-adds, as published for 224 px.
    assert_true(fabs(ask_clip_image_flops(&b32) / 2 / 4.4e9 - 1) < 0.02);
    assert_true(fabs(ask_clip_image_flops(&l14) / 2 / 80.7e9 - 1) < 0.02);
    assert_true(ask_clip_text_flops(&b32, 77) > 70 * ask_clip_text_flops(&b32, 1));
}

/* ---- a bound network ---- */

static const char tiny[] =
    "{\"projection_dim\":6,"
    "\"text_config\":{\"hidden_size\":8,\"intermediate_size\":12,\"num_hidden_layers\":2,"
    "\"num_attention_heads\":2,\"vocab_size\":20,\"max_position_embeddings\":7,"
    "\"eos_token_id\":19},"
    "\"vision_config\":{\"hidden_size\":12,\"intermediate_size\":10,\"num_hidden_layers\":"
    "3,"
    "\"num_attention_heads\":3,\"image_size\":6,\"patch_size\":2}}";

typedef struct {
    ask_arena *room;
    ask_store *store;
    ask_clip clip;
} bound;

static bound bind_random(ask_backend *b, uint64_t seed)
{
    ask_error err = {0};
    bound n = {.room = ask_arena_new(0)};
    ask_clip_config c = config_of(tiny);
    CHECK_OK(n.store = ask_store_new(b, &err), &err);
    ask_params *p;
    CHECK_OK(p = ask_params_random(n.store, seed, n.room, &err), &err);
    ask_clip_bind(&n.clip, p, &c);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
    return n;
}

static void unbind(bound *n)
{
    ask_store_free(n->store);
    ask_arena_free(n->room);
}

enum { N_IMAGES = 2, N_TEXTS = 2, LENGTH = 5 };

static const int64_t some_ids[N_TEXTS * LENGTH] = {18, 4, 7, 19, 0, 18, 3, 19, 0, 0};

/* Both towers, and the logits, with everything that `wish` matches kept. */
typedef struct {
    ask_graph *graph;
    ask_tensor *pixels, *ids, *logits;
} both;

static both build_both(const bound *n, const char *wish, ask_backend *b)
{
    both r = {.graph = test_graph()};
    ask_graph *g = r.graph;
    if (wish) ask_graph_want(g, wish);
    r.pixels = INPUT(g, N_IMAGES, 3, 6, 6);
    r.ids = INPUT_I64(g, N_TEXTS, LENGTH);
    ask_tensor *image = ask_clip_unit(g, ask_clip_image(g, &n->clip, r.pixels));
    ask_tensor *text = ask_clip_unit(g, ask_clip_text_features(g, &n->clip, r.ids, NULL));
    r.logits = ask_keep(g, ask_clip_logits(g, &n->clip, image, text));
    test_plan(g, b);
    test_put_random(r.pixels, 5, 1);
    test_put(r.ids, some_ids);
    test_run(g);
    return r;
}

static void every_trace_has_its_name_and_shape(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int n_dims;
        int64_t shape[4];
    } traces[] = {
        {"vision.embeddings", 3, {2, 10, 12}},
        {"vision.hidden_states.0", 3, {2, 10, 12}},
        {"vision.hidden_states.1", 3, {2, 10, 12}},
        {"vision.hidden_states.2", 3, {2, 10, 12}},
        {"vision.hidden_states.3", 3, {2, 10, 12}},
        {"vision.attentions.0", 4, {2, 3, 10, 10}},
        {"vision.attentions.1", 4, {2, 3, 10, 10}},
        {"vision.attentions.2", 4, {2, 3, 10, 10}},
        {"vision.penultimate", 3, {2, 10, 12}},
        {"vision.last_hidden_state", 3, {2, 10, 12}},
        {"vision.pooler_output", 2, {2, 12}},
        {"image_features_unnormalised", 2, {2, 6}},
        {"text.embeddings", 3, {2, 5, 8}},
        {"text.hidden_states.0", 3, {2, 5, 8}},
        {"text.hidden_states.1", 3, {2, 5, 8}},
        {"text.hidden_states.2", 3, {2, 5, 8}},
        {"text.attentions.0", 4, {2, 2, 5, 5}},
        {"text.attentions.1", 4, {2, 2, 5, 5}},
        {"text.last_hidden_state", 3, {2, 5, 8}},
        {"text.pooler_output", 2, {2, 8}},
        {"text_features_unnormalised", 2, {2, 6}},
    };
    bound n = bind_random(the_cpu, 3);
    both r = build_both(&n, "*", the_cpu);
    for (size_t i = 0; i < TEST_COUNT(traces); i++) {
        ask_tensor *t = ask_graph_find(r.graph, traces[i].name);
        CHECK_CASE(traces[i].name, t);
        CHECK_CASE(traces[i].name, ask_tensor_n_dims(t) == traces[i].n_dims);
        for (int k = 0; k < traces[i].n_dims; k++)
            CHECK_CASE(traces[i].name, ask_tensor_dim(t, k) == traces[i].shape[k]);
        free(test_get(t)); // kept: it can be read
    }
    ask_graph_free(r.graph);
    unbind(&n);
}

static void a_wish_for_attention_is_the_attention_that_is_used(void **state)
{
    (void)state;
    bound n = bind_random(the_cpu, 3);
    both plain = build_both(&n, NULL, the_cpu);
    both traced = build_both(&n, "*.attentions.*", the_cpu);
    assert_null(ask_graph_unmet_wish(traced.graph));
    assert_null(ask_graph_find(plain.graph, "vision.attentions.0")); // stays fused
    float *a = test_get(plain.logits), *b = test_get(traced.logits);
    test_near("logits", b, a, N_IMAGES * N_TEXTS, 1e-5);
    float *p = test_get(ask_graph_find(traced.graph, "text.attentions.1"));
    for (int row = 0; row < N_TEXTS * 2 * LENGTH; row++) {
        double sum = 0;
        for (int k = 0; k < LENGTH; k++) {
            sum += p[row * LENGTH + k];
            if (k > row % LENGTH) assert_true(p[row * LENGTH + k] == 0); // causal
        }
        assert_true(fabs(sum - 1) < 1e-5);
    }
    free(a);
    free(b);
    free(p);
    ask_graph_free(plain.graph);
    ask_graph_free(traced.graph);
    unbind(&n);
}

static void it_runs_where_nobody_can_touch_the_memory(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_backend *fake;
    CHECK_OK(fake = fake_backend_open(-1, &err), &err);
    bound here = bind_random(the_cpu, 3), there = bind_random(fake, 3);
    both a = build_both(&here, "vision.attentions.0", the_cpu);
    both b = build_both(&there, "vision.attentions.0", fake);
    float *expected = test_get(a.logits), *actual = test_get(b.logits);
    test_near("logits", actual, expected, N_IMAGES * N_TEXTS, 1e-5);
    free(expected);
    free(actual);
    ask_graph_free(a.graph);
    ask_graph_free(b.graph);
    unbind(&here);
    unbind(&there);
    ask_backend_close(fake);
}

static void what_stands_behind_the_end_token_changes_nothing(void **state)
{
    (void)state;
    bound n = bind_random(the_cpu, 3);
    both r = build_both(&n, NULL, the_cpu);
    float *before = test_get(r.logits);
    int64_t ids[N_TEXTS * LENGTH];
    memcpy(ids, some_ids, sizeof ids);
    ids[4] = 11, ids[8] = 19, ids[9] = 1;
    test_put(r.ids, ids);
    test_run(r.graph);
    float *after = test_get(r.logits);
    assert_memory_equal(before, after, N_IMAGES * N_TEXTS * sizeof *before);
    free(before);
    free(after);
    ask_graph_free(r.graph);
    unbind(&n);
}

/* ---- parameters ---- */

typedef struct {
    tensor_list *expected; // of a published checkpoint
    size_t n;
} listing;

static bool check_row(void *user, const ask_param_row *row, ask_error *err)
{
    (void)err;
    listing *l = user;
    const ask_weights_entry *e = tensors_get(l->expected, row->name);
    CHECK_CASE(row->name, e->n_dims == row->n_dims);
    for (int i = 0; i < row->n_dims; i++)
        CHECK_CASE(row->name, e->shape[i] == row->shape[i]);
    l->n++;
    return true;
}

static void its_parameters_are_those_of_a_published_checkpoint(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    ask_clip_config config = config_of(c.config);
    ask_error err = {0};
    ask_arena *room = ask_arena_new(0);
    listing l = {.expected = &c.weights};
    ask_params *p;
    ask_clip clip;
    CHECK_OK(p = ask_params_list(check_row, &l, room, &err), &err);
    ask_clip_bind(&clip, p, &config);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
    assert_int_equal(l.n, c.weights.n);
    ask_arena_free(room);
    checkpoint_free(&c);
}

static double deviation_of(const float *v, int64_t n)
{
    double squares = 0;
    for (int64_t i = 0; i < n; i++) squares += (double)v[i] * v[i];
    return sqrt(squares / (double)n);
}

static void parameters_begin_as_the_authors_begin(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool fixed;   // every element has the value
        double value; // or the deviation is that
    } cases[] = {
        {"logit_scale", true, 2.6592},
        {"text_model.embeddings.token_embedding.weight", false, 0.02 * 3},
        {"text_model.embeddings.position_embedding.weight", false, 0.02 * 3},
        {"text_model.encoder.layers.1.self_attn.q_proj.weight", false,
         3 / 5.656854249492381 / 2}, // width 32, 2 layers
        {"text_model.encoder.layers.1.self_attn.out_proj.weight", false,
         3 / 5.656854249492381},
        {"text_model.encoder.layers.0.mlp.fc1.weight", false, 3.0 / 8},
        {"text_model.encoder.layers.0.mlp.fc2.weight", false, 3 / 5.656854249492381 / 2},
        {"text_model.encoder.layers.0.mlp.fc1.bias", true, 0},
        {"text_model.encoder.layers.0.layer_norm1.weight", true, 1},
        {"text_model.encoder.layers.0.layer_norm1.bias", true, 0},
        {"vision_model.embeddings.class_embedding", false, 1 / 6.928203230275509}, // 48
        {"vision_model.embeddings.patch_embedding.weight", false, 0.05},
        {"vision_model.embeddings.position_embedding.weight", false, 0.05},
        {"visual_projection.weight", false, 2 / 6.928203230275509},
        {"text_projection.weight", false, 2 / 5.656854249492381},
    };
    ask_clip_config config = config_of(
        "{\"projection_dim\":40,\"initializer_factor\":2,"
        "\"text_config\":{\"hidden_size\":32,\"intermediate_size\":96,\"num_hidden_"
        "layers\":2,"
        "\"num_attention_heads\":2,\"vocab_size\":50,\"max_position_embeddings\":40,"
        "\"eos_token_id\":49,\"initializer_factor\":3},"
        "\"vision_config\":{\"hidden_size\":48,\"intermediate_size\":64,"
        "\"num_hidden_layers\":2,\"num_attention_heads\":3,\"image_size\":40,"
        "\"patch_size\":8,\"initializer_range\":0.05}}");
    ask_error err = {0};
    ask_arena *room = ask_arena_new(0);
    ask_store *store;
    ask_params *p;
    ask_clip clip;
    CHECK_OK(store = ask_store_new(the_cpu, &err), &err);
    CHECK_OK(p = ask_params_random(store, 7, room, &err), &err);
    ask_clip_bind(&clip, p, &config);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_tensor *t = ask_store_find(store, cases[i].name);
        CHECK_CASE(cases[i].name, t);
        float *v = test_get(t);
        int64_t n = ask_tensor_count(t);
        if (cases[i].fixed) {
            for (int64_t k = 0; k < n; k++)
                CHECK_CASE(cases[i].name, v[k] == (float)cases[i].value);
        } else { // four deviations of the estimate
            double off = deviation_of(v, n) / cases[i].value - 1;
            CHECK_CASE(cases[i].name, fabs(off) < 4 / sqrt(2.0 * (double)n));
        }
        free(v);
    }
    ask_store_free(store);
    ask_arena_free(room);
}

static void a_parameter_depends_on_seed_and_name_alone(void **state)
{
    (void)state;
    const char *name = "vision_model.encoder.layers.2.mlp.fc2.weight";
    bound n = bind_random(the_cpu, 3), other = bind_random(the_cpu, 4);
    float *whole = test_get(ask_store_find(n.store, name));
    float *another = test_get(ask_store_find(other.store, name));
    float alone[120]; // [12, 10], drawn in two pieces
    ask_rng stream = ask_param_stream(3, name);
    ask_init init = ask_init_normal(n.clip.config.vision.stack.init.mlp_out);
    ask_param_draw(alone, 50, &stream, init);
    ask_param_draw(alone + 50, 70, &stream, init);
    assert_memory_equal(alone, whole, sizeof alone);
    assert_memory_not_equal(another, whole, sizeof alone);
    free(whole);
    free(another);
    unbind(&n);
    unbind(&other);
}

static bool refuse_row(void *user, const ask_param_row *row, ask_error *err)
{
    int *left = user;
    if ((*left)-- > 0) return true;
    return ask_fail(err, ASK_ERR_LIMIT, "enough at %s", row->name);
}

static void a_visitor_may_end_the_list(void **state)
{
    (void)state;
    int left = 1;
    ask_error err = {0};
    ask_arena *room = ask_arena_new(0);
    ask_clip_config config = config_of(tiny);
    ask_clip clip;
    ask_params *p;
    CHECK_OK(p = ask_params_list(refuse_row, &left, room, &err), &err);
    ask_clip_bind(&clip, p, &config);
    assert_false(ask_params_finish(p, NULL, &err));
    assert_string_equal(err.message,
                        "enough at text_model.embeddings.token_embedding.weight");
    assert_int_equal(left, -1);
    ask_arena_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_configuration_is_that_of_the_library),
        cmocka_unit_test(every_size_is_read),
        cmocka_unit_test(the_second_configurations_of_old_files_count),
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(activations_have_the_names_of_the_library),
        cmocka_unit_test(the_end_of_a_text_is_found_by_both_rules),
        cmocka_unit_test(work_is_counted_as_the_papers_do),
        cmocka_unit_test(every_trace_has_its_name_and_shape),
        cmocka_unit_test(a_wish_for_attention_is_the_attention_that_is_used),
        cmocka_unit_test(it_runs_where_nobody_can_touch_the_memory),
        cmocka_unit_test(what_stands_behind_the_end_token_changes_nothing),
        cmocka_unit_test(its_parameters_are_those_of_a_published_checkpoint),
        cmocka_unit_test(parameters_begin_as_the_authors_begin),
        cmocka_unit_test(a_parameter_depends_on_seed_and_name_alone),
        cmocka_unit_test(a_visitor_may_end_the_list),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
