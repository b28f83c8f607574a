/* GPT-2: what config.json says, and which parameters it has. */
#include "net/tower/gpt2.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/listing.h"
#include "support/testing.h"

/* ---- the configuration ---- */

static bool read_config(ask_gpt2_config *out, const char *text, ask_error *err)
{
    ask_json *doc;
    CHECK_OK(doc = ask_json_parse(text, strlen(text), "config.json", NULL, err), err);
    bool ok = ask_gpt2_config_read(out, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

static ask_gpt2_config config_of(const char *text)
{
    ask_error err = {0};
    ask_gpt2_config c;
    CHECK_OK(read_config(&c, text, &err), &err);
    return c;
}

static void an_empty_configuration_is_that_of_the_library(void **state)
{
    (void)state;
    ask_gpt2_config c = config_of("{}");
    assert_true(c.width == 768 && c.inner == 3072 && c.n_layers == 12 && c.n_heads == 12);
    assert_true(c.n_vocab == 50257 && c.n_context == 1024);
    assert_int_equal(c.activation, ASK_ACT_GELU_TANH);
    assert_true(c.eps == 1e-5 && c.init == 0.02);
    assert_true(c.scaled && !c.scaled_by_layer && c.tied);
}

static void every_size_is_read(void **state)
{
    (void)state;
    ask_gpt2_config c = config_of(
        "{\"n_embd\": 24, \"n_inner\": 13, \"n_layer\": 14, \"n_head\": 6, "
        "\"n_positions\": "
        "16, \"vocab_size\": 15, \"activation_function\": \"gelu\", "
        "\"layer_norm_epsilon\": "
        "0.25, \"initializer_range\": 0.5, \"scale_attn_weights\": false, "
        "\"scale_attn_by_inverse_layer_idx\": true, \"tie_word_embeddings\": false, "
        "\"reorder_and_upcast_attn\": true}");
    assert_true(c.width == 24 && c.inner == 13 && c.n_layers == 14 && c.n_heads == 6);
    assert_true(c.n_vocab == 15 && c.n_context == 16);
    assert_int_equal(c.activation, ASK_ACT_GELU);
    assert_true(c.eps == 0.25 && c.init == 0.5);
    assert_true(!c.scaled && c.scaled_by_layer && !c.tied);
    ask_decoder_sizes kept = ask_gpt2_sizes(&c);
    assert_true(kept.n_layers == 14 && kept.n_heads == 6 && kept.head == 4);
    assert_int_equal(config_of("{\"n_embd\": 36, \"n_inner\": null}").inner, 144);
}

static void bad_configurations_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{\"n_embd\": 0}", "key \"n_embd\": expected an integer from 1 to 1048576, got 0"},
        {"{\"n_embd\": 40, \"n_head\": 3}", "key \"n_embd\": 40 is no multiple of 3 heads"},
        {"{\"n_inner\": -1}",
         "key \"n_inner\": expected an integer from 1 to 1048576, got -1"},
        {"{\"layer_norm_epsilon\": 0}",
         "key \"layer_norm_epsilon\": expected a number above 0, got 0"},
        {"{\"activation_function\": \"relu7\"}",
         "key \"activation_function\": no activation is called \"relu7\""},
        {"{\"add_cross_attention\": true}",
         "key \"add_cross_attention\": a GPT-2 that attends to another network is not "
         "supported"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_gpt2_config c, before;
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
    ask_gpt2 m;
    ask_gpt2_config c = config_of(text);
    ask_arena *room = ask_arena_new(0);
    assert_non_null(room);
    ask_params *p = ask_params_list(listing_add, &l, room, &err);
    CHECK_OK(p, &err);
    ask_gpt2_bind(&m, p, "language_model.", &c);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
    ask_arena_free(room);
    return l;
}

#define SIZES                                                                              \
    "\"n_embd\": 8, \"n_layer\": 1, \"vocab_size\": 20, \"n_head\": 4, \"n_positions\": "  \
    "32"
#define STACK "language_model.transformer."

/* The matrices of the layers are stored the other way round. */
static void parameters_are_those_that_are_said(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int n, n_matrices;
        bool head;
    } cases[] = {
        {"{" SIZES "}", 16, 1, false},
        {"{" SIZES ", \"tie_word_embeddings\": false}", 17, 2, true},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = cases[i].text;
        listing l = list(name);
        CHECK_CASE(name, l.n == cases[i].n && l.n_matrices == cases[i].n_matrices);
        CHECK_CASE(name, listing_has(&l, STACK "wte.weight") &&
                             listing_has(&l, STACK "wpe.weight"));
        CHECK_CASE(name, listing_has(&l, STACK "h.0.attn.c_attn.bias"));
        CHECK_CASE(name, listing_has(&l, STACK "h.0.mlp.c_proj.weight"));
        CHECK_CASE(name, listing_has(&l, STACK "ln_f.weight"));
        CHECK_CASE(name, listing_has(&l, "language_model.lm_head.weight") == cases[i].head);
    }
}

static void work_is_that_of_the_weights(void **state)
{
    (void)state;
    ask_gpt2_config c = config_of("{}"); // 84.9e6 weights in the layers
    assert_true(fabs(ask_gpt2_flops(&c, 0) / 2 / 84.93e6 - 1) < 0.001);
    assert_true(fabs(ask_gpt2_logits_flops(&c) / 2 / (768 * 50257) - 1) < 1e-9);
    // each place that is seen: a product with its key, and its value, in each layer
    assert_true(ask_gpt2_flops(&c, 1) - ask_gpt2_flops(&c, 0) == 2.0 * 12 * 2 * 768);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_configuration_is_that_of_the_library),
        cmocka_unit_test(every_size_is_read),
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(parameters_are_those_that_are_said),
        cmocka_unit_test(work_is_that_of_the_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
