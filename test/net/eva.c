/* BLIP-2's image tower: what config.json says, its values beside the reference's, the names
 * of LAVIS, which has two biases where Hugging Face has one. */
#include "net/tower/eva.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/golden.h"

/* ---- the configuration ---- */

static bool read_config(ask_eva_config *out, const char *text, ask_error *err)
{
    ask_json *doc;
    CHECK_OK(doc = ask_json_parse(text, strlen(text), "config.json", NULL, err), err);
    bool ok = ask_eva_config_read(out, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

static ask_eva_config config_of(const char *text)
{
    ask_error err = {0};
    ask_eva_config c;
    CHECK_OK(read_config(&c, text, &err), &err);
    return c;
}

static void an_empty_configuration_is_that_of_the_library(void **state)
{
    (void)state;
    ask_eva_config c = config_of("{}");
    assert_int_equal(c.width, 1408);
    assert_int_equal(c.inner, 6144);
    assert_int_equal(c.n_layers, 39);
    assert_int_equal(c.n_heads, 16);
    assert_int_equal(c.image_px, 224);
    assert_int_equal(c.patch_px, 14);
    assert_int_equal(c.activation, ASK_ACT_GELU);
    assert_true(c.eps == 1e-6 && c.last_eps == 1e-6 && c.qkv_bias);
    assert_int_equal(ask_eva_n_patches(&c), 256);
    // 986 million weights, nearly all of them a multiply-add for each of 257 tokens
    double weights = ask_eva_flops(&c) / 2 / 257;
    assert_true(fabs(weights / (986e6 + 39.0 * 2 * 257 * 1408) - 1) < 0.01);
}

static void every_size_is_read(void **state)
{
    (void)state;
    ask_eva_config c = config_of(
        "{\"hidden_size\": 12, \"intermediate_size\": 13, \"num_hidden_layers\": 14,"
        " \"num_attention_heads\": 3, \"image_size\": 30, \"patch_size\": 7,"
        " \"hidden_act\": \"quick_gelu\", \"layer_norm_eps\": 1e-5, \"qkv_bias\": false,"
        " \"initializer_range\": 0.5}");
    assert_int_equal(c.width, 12);
    assert_int_equal(c.inner, 13);
    assert_int_equal(c.n_layers, 14);
    assert_int_equal(c.n_heads, 3);
    assert_int_equal(c.image_px, 30);
    assert_int_equal(c.patch_px, 7);
    assert_int_equal(c.activation, ASK_ACT_GELU_QUICK);
    assert_true(c.eps == 1e-5 && c.last_eps == 1e-5 && !c.qkv_bias && c.init == 0.5);
    assert_int_equal(ask_eva_n_patches(&c), 16);
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
        {"patches larger than the picture", "{\"image_size\":13}",
         "key \"patch_size\", which is absent: a patch of 14 pixels is larger than the "
         "image of 13"},
        {"eps of zero", "{\"layer_norm_eps\":0}",
         "key \"layer_norm_eps\": expected a number above 0, got 0"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_eva_config c;
        char expected[512];
        snprintf(expected, sizeof expected, "config.json: %s", cases[i].message);
        CHECK_CASE(cases[i].name, !read_config(&c, cases[i].text, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        if (strcmp(err.message, expected) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

/* ---- beside the reference ---- */

typedef struct {
    ask_weights *weights;
    ask_arena *room;
    ask_store *store;
    ask_eva eva;
} bound;

static ask_eva_config golden_config(const char *name)
{
    char path[128];
    ask_error err = {0};
    ask_json *doc;
    ask_json_value v;
    ask_eva_config config;
    snprintf(path, sizeof path, "golden/%s/config.json", name);
    CHECK_OK(doc = ask_json_read(test_fixture(path), NULL, &err), &err);
    CHECK_OK(ask_config_object(&v, ask_json_root(doc), "vision_config", &err), &err);
    CHECK_OK(ask_eva_config_read(&config, v, &err), &err);
    ask_json_free(doc);
    return config;
}

/* path: of a checkpoint with that configuration, whose other parts are left out. */
static bound bind_at(const char *path, const ask_eva_names *names,
                     const ask_eva_config *config)
{
    static const char *const others[] = {"qformer.*", "language_*", "query_tokens", NULL};
    ask_error err = {0};
    ask_params *p;
    bound b = {.room = ask_arena_new(0)};
    CHECK_OK(b.weights = ask_weights_open(path, &err), &err);
    CHECK_OK(b.store = ask_store_new(the_cpu, &err), &err);
    CHECK_OK(p = ask_params_open(b.store, b.weights, b.room, &err), &err);
    ask_eva_bind(&b.eva, p, names, config);
    CHECK_OK(ask_params_finish(p, others, &err), &err);
    return b;
}

static void unbind(bound *b)
{
    ask_store_free(b->store);
    ask_weights_close(b->weights);
    ask_arena_free(b->room);
}

static void its_states_are_those_of_the_reference(void **state)
{
    (void)state;
    static const char *const cases[] = {"blip2_opt", "blip2_opt_image_token",
                                        "instructblip_llama", "instructblip_t5"};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char path[128];
        snprintf(path, sizeof path, "golden/%s/model.safetensors", cases[i]);
        ask_eva_config config = golden_config(cases[i]);
        bound b = bind_at(test_fixture(path), &ask_eva_blip2, &config);
        golden inputs = golden_open_part(cases[i], "inputs");
        golden outputs = golden_open_part(cases[i], "outputs");
        ask_graph *g = test_graph();
        ask_graph_want(g, "vision.*");
        const ask_weights_entry *e = golden_get(&inputs, "pixel_values");
        ask_tensor *pixels = golden_input(g, e);
        ask_keep(g, ask_eva_pool(g, &b.eva, ask_eva_states(g, &b.eva, pixels)));
        test_plan(g, the_cpu);
        golden_put(pixels, e);
        test_run(g);
        for (size_t k = 0; k < ask_weights_count(outputs.file); k++) {
            e = ask_weights_at(outputs.file, k);
            if (strncmp(e->name, "vision.", 7) == 0)
                golden_check_within(cases[i], ask_graph_find(g, e->name), e, 2e-5);
        }
        ask_graph_free(g);
        golden_close(&inputs);
        golden_close(&outputs);
        unbind(&b);
    }
}

/* ---- the names of LAVIS ---- */

/* The norm behind the layers is one of PyTorch's defaults, and has its own name. */
static void the_names_of_lavis_are_read(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_json *doc;
    ask_eva_config config;
    CHECK_OK(doc = ask_json_read(test_fixture("golden/eva/config.json"), NULL, &err), &err);
    CHECK_OK(ask_eva_config_read(&config, ask_json_root(doc), &err), &err);
    ask_json_free(doc);
    config.last_eps = 1e-5;
    bound b =
        bind_at(test_fixture("golden/eva/model.safetensors"), &ask_eva_lavis, &config);
    golden inputs = golden_open_part("eva", "inputs");
    golden outputs = golden_open_part("eva", "outputs");
    ask_graph *g = test_graph();
    ask_graph_want(g, "vision.hidden_states.*");
    const ask_weights_entry *e = golden_get(&inputs, "pixel_values");
    ask_tensor *pixels = golden_input(g, e);
    ask_tensor *states = ask_keep(g, ask_eva_states(g, &b.eva, pixels));
    test_plan(g, the_cpu);
    golden_put(pixels, e);
    test_run(g);
    for (int i = 0; i <= config.n_layers; i++) {
        char name[64];
        snprintf(name, sizeof name, "vision.hidden_states.%d", i);
        golden_check_within("LAVIS", ask_graph_find(g, name),
                            golden_get(&outputs, "hidden_states.%d", i), 2e-5);
    }
    golden_check_within("LAVIS", states, golden_get(&outputs, "ln_vision"), 2e-5);
    ask_graph_free(g);
    golden_close(&inputs);
    golden_close(&outputs);
    unbind(&b);
}

static void a_picture_of_another_size_is_told(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_eva_config config = golden_config("blip2_opt");
    bound b = bind_at(test_fixture("golden/blip2_opt/model.safetensors"), &ask_eva_blip2,
                      &config);
    ask_graph *g = test_graph();
    ask_keep(g, ask_eva_states(g, &b.eva, INPUT(g, 1, 3, 56, 56)));
    const ask_plan_options opt = {.backends = &the_cpu, .n_backends = 1};
    assert_false(ask_graph_plan(g, &opt, &err));
    assert_int_equal(err.code, ASK_ERR_SHAPE);
    ask_graph_free(g);
    unbind(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_configuration_is_that_of_the_library),
        cmocka_unit_test(every_size_is_read),
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(its_states_are_those_of_the_reference),
        cmocka_unit_test(the_names_of_lavis_are_read),
        cmocka_unit_test(a_picture_of_another_size_is_told),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
