/* OPT: what config.json says, which parameters it has, and how tokens get their positions.
 */
#include "net/tower/opt.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/listing.h"
#include "support/tensors.h"

/* ---- the configuration ---- */

static bool read_config(ask_opt_config *out, const char *text, ask_error *err)
{
    ask_json *doc;
    CHECK_OK(doc = ask_json_parse(text, strlen(text), "config.json", NULL, err), err);
    bool ok = ask_opt_config_read(out, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

static ask_opt_config config_of(const char *text)
{
    ask_error err = {0};
    ask_opt_config c;
    CHECK_OK(read_config(&c, text, &err), &err);
    return c;
}

static void an_empty_configuration_is_that_of_the_library(void **state)
{
    (void)state;
    ask_opt_config c = config_of("{}");
    assert_true(c.width == 768 && c.n_embed == 768 && c.inner == 3072);
    assert_true(c.n_layers == 12 && c.n_heads == 12);
    assert_true(c.n_vocab == 50272 && c.n_context == 2048);
    assert_int_equal(c.activation, ASK_ACT_RELU);
    assert_true(c.norm_first && c.final_norm && c.bias && c.scaling && c.tied);
    assert_true(c.init == 0.02);
}

static void every_size_is_read(void **state)
{
    (void)state;
    ask_opt_config c = config_of(
        "{\"hidden_size\": 24, \"word_embed_proj_dim\": 10, \"ffn_dim\": 13,"
        " \"num_hidden_layers\": 14, \"num_attention_heads\": 6, \"vocab_size\": 15,"
        " \"max_position_embeddings\": 16, \"activation_function\": \"gelu\","
        " \"do_layer_norm_before\": false, \"enable_bias\": false, \"init_std\": 0.5,"
        " \"layer_norm_elementwise_affine\": false, \"tie_word_embeddings\": false}");
    assert_true(c.width == 24 && c.n_embed == 10 && c.inner == 13);
    assert_true(c.n_layers == 14 && c.n_heads == 6);
    assert_true(c.n_vocab == 15 && c.n_context == 16);
    assert_int_equal(c.activation, ASK_ACT_GELU);
    assert_false(c.norm_first || c.final_norm || c.bias || c.scaling || c.tied);
    assert_true(c.init == 0.5);
    ask_decoder_sizes kept = ask_opt_sizes(&c);
    assert_true(kept.n_layers == 14 && kept.n_heads == 6 && kept.head == 4);
    assert_int_equal(config_of("{\"word_embed_proj_dim\": null}").n_embed, 768);
    c = config_of("{\"_remove_final_layer_norm\": true}");
    assert_true(c.norm_first && !c.final_norm);
}

static void bad_configurations_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{\"hidden_size\": 0}",
         "key \"hidden_size\": expected an integer from 1 to 1048576, got 0"},
        {"{\"hidden_size\": 40, \"num_attention_heads\": 3}",
         "key \"hidden_size\": 40 is no multiple of 3 heads"},
        {"{\"word_embed_proj_dim\": -1}",
         "key \"word_embed_proj_dim\": expected an integer from 1 to 1048576, got -1"},
        {"{\"activation_function\": \"relu7\"}",
         "key \"activation_function\": no activation is called \"relu7\""},
        {"{\"do_layer_norm_before\": 1}", "key \"do_layer_norm_before\": "},
        {"{\"max_position_embeddings\": 1048577}",
         "key \"max_position_embeddings\": expected an integer from 1 to 1048576"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_opt_config c, before;
        memset(&c, 7, sizeof c);
        before = c;
        char expected[512];
        snprintf(expected, sizeof expected, "config.json: %s", cases[i].message);
        CHECK_CASE(cases[i].text, !read_config(&c, cases[i].text, &err));
        CHECK_CASE(cases[i].text, err.code == ASK_ERR_MODEL);
        CHECK_CASE(cases[i].text, memcmp(&c, &before, sizeof c) == 0);
        if (strncmp(err.message, expected, strlen(expected)) != 0)
            fail_msg("case %zu: %s", i, err.message);
    }
}

/* ---- parameters ---- */

static listing list(const char *text)
{
    ask_error err = {0};
    listing l = {.n = 0};
    ask_opt m;
    ask_opt_config c = config_of(text);
    ask_arena *room = ask_arena_new(0);
    assert_non_null(room);
    ask_params *p = ask_params_list(listing_add, &l, room, &err);
    CHECK_OK(p, &err);
    ask_opt_bind(&m, p, "language_model.", &c);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
    ask_arena_free(room);
    return l;
}

#define SIZES                                                                              \
    "\"hidden_size\": 8, \"ffn_dim\": 12, \"num_hidden_layers\": 1, \"vocab_size\": 20,"   \
    " \"num_attention_heads\": 4, \"max_position_embeddings\": 32"
#define DECODER "language_model.model.decoder."

static void parameters_are_those_that_are_said(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int n, n_matrices;
        bool norms, last, biases, projected, head;
    } cases[] = {
        {"{" SIZES "}", 20, 7, true, true, true, false, false},
        {"{" SIZES ", \"tie_word_embeddings\": false}", 21, 8, true, true, true, false,
         true},
        {"{" SIZES ", \"enable_bias\": false}", 14, 7, true, true, false, false, false},
        {"{" SIZES ", \"layer_norm_elementwise_affine\": false}", 14, 7, false, false, true,
         false, false},
        {"{" SIZES ", \"_remove_final_layer_norm\": true}", 18, 7, true, false, true, false,
         false},
        {"{" SIZES ", \"do_layer_norm_before\": false, \"word_embed_proj_dim\": 6}", 20, 9,
         true, false, true, true, false},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = cases[i].text;
        listing l = list(name);
        CHECK_CASE(name, l.n == cases[i].n && l.n_matrices == cases[i].n_matrices);
        CHECK_CASE(name, listing_has(&l, DECODER "embed_tokens.weight"));
        CHECK_CASE(name, listing_has(&l, DECODER "embed_positions.weight"));
        CHECK_CASE(name, listing_has(&l, DECODER "layers.0.self_attn.out_proj.weight"));
        CHECK_CASE(name, listing_has(&l, DECODER "layers.0.fc2.bias") == cases[i].biases);
        CHECK_CASE(name, listing_has(&l, DECODER "layers.0.final_layer_norm.bias") ==
                             cases[i].norms);
        CHECK_CASE(name,
                   listing_has(&l, DECODER "final_layer_norm.weight") == cases[i].last);
        CHECK_CASE(name,
                   listing_has(&l, DECODER "project_in.weight") == cases[i].projected);
        CHECK_CASE(name,
                   listing_has(&l, DECODER "project_out.weight") == cases[i].projected);
        CHECK_CASE(name, listing_has(&l, "language_model.lm_head.weight") == cases[i].head);
    }
}

/* ---- positions ---- */

static void tokens_that_are_kept_are_counted(void **state)
{
    (void)state;
    static const uint8_t mask[3][5] = {{1, 1, 1, 1, 1}, {0, 0, 1, 1, 1}, {1, 0, 1, 1, 0}};
    static const int64_t expected[3][5] = {
        {0, 1, 2, 3, 4}, {-1, -1, 0, 1, 2}, {0, -1, 1, 2, -1}};
    ask_graph *g = test_graph();
    ask_tensor *in = ask_input(g, ASK_BOOL, 2, (int64_t[]){3, 5});
    ask_tensor *positions = ask_keep(g, ask_decoder_positions(g, in));
    test_plan(g, the_cpu);
    test_put(in, mask);
    test_run(g);
    int64_t *got = test_get(positions);
    assert_memory_equal(got, expected, sizeof expected);
    free(got);
    ask_graph_free(g);
}

static void work_is_that_of_the_weights(void **state)
{
    (void)state;
    ask_opt_config c = config_of("{}"); // 84.9e6 weights in the layers
    assert_true(fabs(ask_opt_flops(&c, 0) / 2 / 84.93e6 - 1) < 0.001);
    assert_true(fabs(ask_opt_logits_flops(&c) / 2 / (768 * 50272) - 1) < 1e-9);
    // each place that is seen: a product with its key, and its value, in each layer
    assert_true(ask_opt_flops(&c, 1) - ask_opt_flops(&c, 0) == 2.0 * 12 * 2 * 768);
    ask_opt_config narrow = config_of("{\"word_embed_proj_dim\": 512}");
    assert_true(ask_opt_flops(&narrow, 0) - ask_opt_flops(&c, 0) == 2.0 * 2 * 768 * 512);
    assert_true(ask_opt_logits_flops(&narrow) == 2.0 * 512 * 50272);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_configuration_is_that_of_the_library),
        cmocka_unit_test(every_size_is_read),
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(parameters_are_those_that_are_said),
        cmocka_unit_test(tokens_that_are_kept_are_counted),
        cmocka_unit_test(work_is_that_of_the_weights),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
