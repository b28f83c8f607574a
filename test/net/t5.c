/* T5: what config.json says, and which distances share a bucket. */
#include "net/tower/t5.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "support/testing.h"

static bool read_config(ask_t5_config *out, ask_t5_kind kind, const char *text,
                        ask_error *err)
{
    ask_json *doc;
    CHECK_OK(doc = ask_json_parse(text, strlen(text), "config.json", NULL, err), err);
    bool ok = ask_t5_config_read(out, kind, ask_json_root(doc), err);
    ask_json_free(doc);
    return ok;
}

static ask_t5_config config_of(ask_t5_kind kind, const char *text)
{
    ask_error err = {0};
    ask_t5_config c;
    CHECK_OK(read_config(&c, kind, text, &err), &err);
    return c;
}

/* ---- the configuration ---- */

static void an_empty_configuration_is_that_of_the_library(void **state)
{
    (void)state;
    static const struct {
        int inner, n_layers, n_heads, n_vocab;
        ask_activation activation;
        bool gated;
    } expected[] = {
        [ASK_T5] = {2048, 6, 8, 32128, ASK_ACT_RELU, false},
        [ASK_MT5] = {1024, 8, 6, 250112, ASK_ACT_GELU_TANH, true},
    };
    for (int kind = ASK_T5; kind <= ASK_MT5; kind++) {
        ask_t5_config c = config_of((ask_t5_kind)kind, "{}");
        assert_int_equal(c.kind, kind);
        assert_int_equal(c.width, 512);
        assert_int_equal(c.inner, expected[kind].inner);
        assert_int_equal(c.n_encoder_layers, expected[kind].n_layers);
        assert_int_equal(c.n_decoder_layers, expected[kind].n_layers);
        assert_int_equal(c.n_heads, expected[kind].n_heads);
        assert_int_equal(c.head, 64);
        assert_int_equal(c.n_vocab, expected[kind].n_vocab);
        assert_int_equal(c.n_context, 512);
        assert_int_equal(c.n_buckets, 32);
        assert_int_equal(c.max_distance, 128);
        assert_int_equal(c.activation, expected[kind].activation);
        assert_int_equal(c.gated, expected[kind].gated);
        assert_true(c.tied && c.scaled == (kind == ASK_T5));
        assert_true(c.eps == 1e-6 && c.init == 1);
        assert_int_equal(c.start_id, 0);
    }
}

static void every_size_is_read(void **state)
{
    (void)state;
    ask_t5_config c = config_of(
        ASK_T5, "{\"d_model\": 48, \"d_ff\": 13, \"num_layers\": 14,"
                " \"num_decoder_layers\": 5, \"num_heads\": 6, \"d_kv\": 7,"
                " \"vocab_size\": 15, \"n_positions\": 16, \"layer_norm_epsilon\": 1e-5,"
                " \"relative_attention_num_buckets\": 10,"
                " \"relative_attention_max_distance\": 11, \"initializer_factor\": 0.5,"
                " \"decoder_start_token_id\": 3}");
    assert_int_equal(c.width, 48);
    assert_int_equal(c.inner, 13);
    assert_int_equal(c.n_encoder_layers, 14);
    assert_int_equal(c.n_decoder_layers, 5);
    assert_int_equal(c.n_heads, 6);
    assert_int_equal(c.n_vocab, 15);
    assert_int_equal(c.n_context, 16);
    assert_int_equal(c.n_buckets, 10);
    assert_int_equal(c.max_distance, 11);
    assert_true(c.eps == 1e-5 && c.init == 0.5);
    assert_int_equal(c.start_id, 3);
    ask_decoder_sizes kept = ask_t5_sizes(&c);
    assert_int_equal(kept.n_layers, 5);
    assert_int_equal(kept.n_heads, 6);
    assert_int_equal(kept.head, 7);
}

static void what_is_absent_or_null_has_its_meaning(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int n_decoder_layers;
        ask_activation activation;
        bool gated, tied, scaled;
        int start_id;
    } cases[] = {
        {"{\"num_layers\": 3, \"num_decoder_layers\": null}", 3, ASK_ACT_RELU, false, true,
         true, 0},
        {"{\"feed_forward_proj\": \"gated-gelu\"}", 6, ASK_ACT_GELU_TANH, true, true, true,
         0},
        {"{\"feed_forward_proj\": \"gated-silu\"}", 6, ASK_ACT_SILU, true, true, true, 0},
        {"{\"feed_forward_proj\": \"gelu\"}", 6, ASK_ACT_GELU, false, true, true, 0},
        {"{\"feed_forward_proj\": \"gelu_new\"}", 6, ASK_ACT_GELU_TANH, false, true, true,
         0},
        {"{\"feed_forward_proj\": \"gated-gelu\", \"dense_act_fn\": \"relu\"}", 6,
         ASK_ACT_RELU, true, true, true, 0},
        {"{\"feed_forward_proj\": \"relu\", \"is_gated_act\": true}", 6, ASK_ACT_RELU, true,
         true, true, 0},
        {"{\"tie_word_embeddings\": false}", 6, ASK_ACT_RELU, false, false, false, 0},
        {"{\"tie_word_embeddings\": null}", 6, ASK_ACT_RELU, false, true, true, 0},
        {"{\"scale_decoder_outputs\": false}", 6, ASK_ACT_RELU, false, true, false, 0},
        {"{\"pad_token_id\": 7}", 6, ASK_ACT_RELU, false, true, true, 7},
        {"{\"pad_token_id\": 7, \"decoder_start_token_id\": 8}", 6, ASK_ACT_RELU, false,
         true, true, 8},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_t5_config c = config_of(ASK_T5, cases[i].text);
        CHECK_CASE(cases[i].text, c.n_decoder_layers == cases[i].n_decoder_layers);
        CHECK_CASE(cases[i].text, c.activation == cases[i].activation);
        CHECK_CASE(cases[i].text, c.gated == cases[i].gated);
        CHECK_CASE(cases[i].text, c.tied == cases[i].tied && c.scaled == cases[i].scaled);
        CHECK_CASE(cases[i].text, c.start_id == cases[i].start_id);
    }
}

/* Of transformers 4.45, whose class calls it untied, and of 5.23, whose calls it tied and
 * never scales. */
static void the_last_layer_of_mt5_depends_on_who_wrote(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool tied, scaled;
    } cases[] = {
        {"{}", true, false}, // where there is no other
        {"{\"transformers_version\": \"4.45.2\"}", true, false},
        {"{\"tie_word_embeddings\": false, \"transformers_version\": \"4.45.2\"}", false,
         false},
        {"{\"tie_word_embeddings\": true, \"transformers_version\": \"4.45.2\"}", true,
         true},
        {"{\"tie_word_embeddings\": true, \"transformers_version\": \"5.23.0\"}", true,
         false},
        {"{\"tie_word_embeddings\": true}", true, false},
        {"{\"tie_word_embeddings\": null, \"transformers_version\": null}", true, false},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_t5_config c = config_of(ASK_MT5, cases[i].text);
        CHECK_CASE(cases[i].text, c.tied == cases[i].tied && c.scaled == cases[i].scaled);
    }
}

static void bad_configurations_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *message;
    } cases[] = {
        {"no width", "{\"d_model\": 0}",
         "key \"d_model\": expected an integer from 1 to 1048576, got 0"},
        {"no layers", "{\"num_decoder_layers\": 0}",
         "key \"num_decoder_layers\": expected an integer from 1 to 1000, got 0"},
        {"an unknown layer", "{\"feed_forward_proj\": \"gated-\"}",
         "key \"feed_forward_proj\": \"gated-\" is neither an activation nor \"gated-\" "
         "and one"},
        {"another gate", "{\"feed_forward_proj\": \"half-gelu\"}",
         "key \"feed_forward_proj\": \"half-gelu\" is neither"},
        {"an unknown activation", "{\"dense_act_fn\": \"swish2\"}",
         "key \"dense_act_fn\": no activation is called \"swish2\""},
        {"too few buckets", "{\"relative_attention_num_buckets\": 3}",
         "key \"relative_attention_num_buckets\": 3 buckets are too few"},
        {"no far distance", "{\"relative_attention_max_distance\": 16}",
         "key \"relative_attention_max_distance\": 16 is not beyond the distances that "
         "have one of 32 buckets each, 16"},
        {"a start that is no token", "{\"decoder_start_token_id\": 32128}",
         "key \"decoder_start_token_id\": expected an integer from -1 to 32127, got 32128"},
        {"an encoder alone", "{\"is_encoder_decoder\": false}",
         "key \"is_encoder_decoder\": an encoder alone; only T5 with its decoder is read"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_t5_config c, before;
        memset(&c, 7, sizeof c);
        before = c;
        char expected[512];
        snprintf(expected, sizeof expected, "config.json: %s", cases[i].message);
        CHECK_CASE(cases[i].name, !read_config(&c, ASK_T5, cases[i].text, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        CHECK_CASE(cases[i].name, memcmp(&c, &before, sizeof c) == 0);
        if (strncmp(err.message, expected, strlen(expected)) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

/* ---- distances ---- */

/* From which distances on there is another bucket, told by the reference's function
 * (transformers 5.23, T5Attention._relative_position_bucket) for distances up to 2100. */
static const struct {
    int n_buckets, max_distance;
    bool both_ways;
    int first[40]; // ends with 0
} bucket_cases[] = {
    {32, 128, false, {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
                      19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87, 99, 113}},
    {32, 128, true, {1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91}},
    {8, 12, false, {1, 2, 3, 4, 6, 7, 10}},
    {8, 12, true, {1, 2, 5}},
    {10, 14, false, {1, 2, 3, 4, 5, 7, 8, 10, 12}},
    {10, 14, true, {1, 2, 4, 8}},
    {64, 512, true, {1,  2,  3,  4,  5,  6,  7,  8,  9,   10,  11,  12,  13,  14,  15, 16,
                     20, 25, 31, 39, 48, 59, 73, 91, 113, 140, 174, 216, 268, 332, 413}},
    {9, 1000, false, {1, 2, 3, 4, 13, 37, 110, 332}},
    {9, 1000, true, {1, 2, 45}},
};

static void distances_share_buckets_as_those_of_the_reference(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bucket_cases); i++) {
        const int n = bucket_cases[i].n_buckets, most = bucket_cases[i].max_distance;
        const bool both = bucket_cases[i].both_ways;
        int bucket = 0;
        for (int far = 0; far <= 2100; far++) {
            if (far > 0 && far == bucket_cases[i].first[bucket]) bucket++;
            assert_int_equal(ask_t5_bucket(-far, both, n, most), bucket);
            int behind = !both ? 0 : far == 0 ? 0 : n / 2 + bucket;
            assert_int_equal(ask_t5_bucket(far, both, n, most), behind);
        }
        assert_int_equal(bucket_cases[i].first[bucket], 0); // all were seen
    }
}

static void work_grows_with_what_is_seen(void **state)
{
    (void)state;
    ask_t5_config c =
        config_of(ASK_T5, "{\"d_model\": 10, \"d_ff\": 7, \"num_layers\": 2,"
                          " \"num_decoder_layers\": 3, \"num_heads\": 2, \"d_kv\": 4,"
                          " \"vocab_size\": 5}");
    // 4 and 6 matrices of 10 x 8 a layer, 2 of 10 x 7; each that is seen: 2 products of 8
    assert_true(ask_t5_encode_flops(&c, 5) ==
                2 * (2 * (4 * 80 + 2 * 70 + 2 * 5 * 8) + 3 * 2 * 80));
    assert_true(ask_t5_flops(&c, 5) == 2 * 3 * (6 * 80 + 2 * 70 + 2 * 5 * 8));
    assert_true(ask_t5_logits_flops(&c) == 2 * 10 * 5);
    c.gated = true;
    assert_true(ask_t5_flops(&c, 0) == 2 * 3 * (6 * 80 + 3 * 70));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_configuration_is_that_of_the_library),
        cmocka_unit_test(every_size_is_read),
        cmocka_unit_test(what_is_absent_or_null_has_its_meaning),
        cmocka_unit_test(the_last_layer_of_mt5_depends_on_who_wrote),
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(distances_share_buckets_as_those_of_the_reference),
        cmocka_unit_test(work_grows_with_what_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
