/* What few bits cost, held against plain blocks: on random weights, and on a model that has
 * outliers as published ones have them. */
#include "model/verify_against.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/init.h"
#include "model/quantize.h"
#include "model/verify_against_priv.h"
#include "support/checkpoint.h"
#include "support/testing.h"

static char *dir; // of the test that runs

static int make_dir(void **state)
{
    (void)state;
    dir = test_temp_dir_make();
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

static const char *in_dir(const char *name)
{
    return test_path(dir, name);
}

/* ---- the reference ---- */

static void the_reference_rounds_as_its_blocks_do(void **state)
{
    (void)state;
    // The scales, 2^-6 and -2^-2, are numbers of f16.
    float x[34] = {[0] = 127.0f / 64, [1] = -1, [2] = 0.0079f, [3] = 0.0077f};
    float out[34];
    x[32] = x[33] = 3; // a block of its own, filled up
    verify_scalar_round(ASK_Q8, out, x, 34);
    assert_true(out[0] == x[0] && out[1] == -1 && out[2] == 1.0f / 64 && out[3] == 0);
    assert_true(fabsf(out[32] - 3) < 2e-3f && out[32] == out[33]);
    float y[32] = {[0] = 2, [1] = -2, [2] = -1.75f, [3] = 0.13f, [4] = 0.12f, [5] = -0.13f};
    verify_scalar_round(ASK_Q4, out, y, 32);
    assert_true(out[0] == 2);      // code 0, scale -1/4
    assert_true(out[1] == -1.75f); // code 16 is cut to 15
    assert_true(out[2] == -1.75f && out[3] == 0.25f);
    assert_true(out[4] == 0 && out[5] == -0.25f);
    float zeros[32] = {0};
    verify_scalar_round(ASK_Q4, out, zeros, 32);
    for (int i = 0; i < 32; i++) assert_true(out[i] == 0);
    float tiny[32] = {[0] = 1e-40f, [1] = -1e-39f}; // 1 / scale is not finite
    verify_scalar_round(ASK_Q4, out, tiny, 32);
    for (int i = 0; i < 32; i++) assert_true(out[i] == 0);
    verify_scalar_round(ASK_Q8, out, tiny, 32);
    for (int i = 0; i < 32; i++) assert_true(out[i] == 0);
    assert_true(verify_scalar_bits(ASK_Q8, 64) == 8.5);
    assert_true(verify_scalar_bits(ASK_Q4, 4096) == 4.5);
    assert_true(verify_scalar_bits(ASK_Q4, 16) == 9);
}

/* ---- models ---- */

enum { WIDTH = 256, INNER = 512, N_LAYERS = 2, N_VOCAB = 320 };

static const char config_text[] =
    "{\"model_type\":\"llama\",\"architectures\":[\"LlamaForCausalLM\"],"
    "\"hidden_size\":256,\"intermediate_size\":512,\"num_hidden_layers\":2,"
    "\"num_attention_heads\":4,\"vocab_size\":320,\"hidden_act\":\"silu\","
    "\"max_position_embeddings\":64,\"tie_word_embeddings\":false}";

static void make_from_seed(const char *name, uint64_t seed)
{
    ask_error err = {0};
    const ask_model_init_options opt = {.seed = seed};
    test_write_text(in_dir("config.json"), config_text);
    CHECK_OK(ask_model_init(in_dir(name), in_dir("config.json"), &opt, &err), &err);
}

static void make_random(const char *name)
{
    make_from_seed(name, 11);
}

static const int outlier_channels[] = {3, 40, 41, 100, 177, 255};

enum { LARGE_TOKEN = 7 };

/* Whatever writes into these channels of the residual stream writes 50 times as much. */
static void scale_channels(tensor_list *list)
{
    for (size_t c = 0; c < TEST_COUNT(outlier_channels); c++) {
        int channel = outlier_channels[c];
        float *table = tensors_floats(list, "model.embed_tokens.weight");
        for (int t = 0; t < N_VOCAB; t++) table[t * WIDTH + channel] *= 50;
        for (int i = 0; i < N_LAYERS; i++) {
            char name[64];
            snprintf(name, sizeof name, "model.layers.%d.self_attn.o_proj.weight", i);
            float *row = tensors_floats(list, name) + channel * WIDTH;
            for (int k = 0; k < WIDTH; k++) row[k] *= 50;
            snprintf(name, sizeof name, "model.layers.%d.mlp.down_proj.weight", i);
            row = tensors_floats(list, name) + channel * INNER;
            for (int k = 0; k < INNER; k++) row[k] *= 50;
        }
    }
}

static void make_outliers_from_seed(const char *name, uint64_t seed)
{
    make_from_seed("plain", seed);
    tensor_list list = tensors_read(in_dir("plain/model.safetensors"));
    scale_channels(&list);
    float *token = tensors_floats(&list, "model.embed_tokens.weight") + LARGE_TOKEN * WIDTH;
    for (int i = 0; i < WIDTH; i++) token[i] *= 200;
    test_write_text(test_path(in_dir(name), "config.json"), config_text);
    tensors_write(&list, test_path(in_dir(name), "model.safetensors"));
    tensors_free(&list);
}

static void make_outliers(const char *name)
{
    make_outliers_from_seed(name, 11);
}

static void quantize(const char *to, const char *from, ask_dtype type)
{
    ask_error err = {0};
    const ask_model_quantize_options opt = {.type = type, .n_threads = 1};
    ask_weights_quantized sizes;
    CHECK_OK(ask_model_quantize(&sizes, in_dir(to), in_dir(from), &opt, &err), &err);
}

static ask_verify_against_report verify(const char *ours, const char *original)
{
    ask_error err = {0};
    ask_verify_against_report r = {0};
    CHECK_OK(ask_model_verify_against(&r, in_dir(ours), in_dir(original), NULL, &err),
             &err);
    return r;
}

/* ---- the numbers ---- */

static void ours_is_no_worse_than_blocks_of_as_many_bits(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*make)(const char *name);
        ask_dtype type;
        double bits;
    } cases[] = {
        {"random weights in 8 bits", make_random, ASK_Q8, 8.5},
        {"random weights in 4 bits", make_random, ASK_Q4, 4.5},
        {"outliers in 8 bits", make_outliers, ASK_Q8, 8.5},
        {"outliers in 4 bits", make_outliers, ASK_Q4, 4.5},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = cases[i].name;
        make_dir(NULL);
        cases[i].make("a");
        quantize("b", "a", cases[i].type);
        ask_verify_against_report r = verify("b", "a");
        print_message("%s: weights %.3f, products %.3f, outliers %.3f, worst %.3f\n", name,
                      ask_verify_ratio(r.weights), ask_verify_ratio(r.products),
                      ask_verify_ratio(r.outliers), r.worst_ratio);
        CHECK_CASE(name, r.passed);
        CHECK_CASE(name, r.n_matrices == 2 + 7 * N_LAYERS);
        CHECK_CASE(name, r.n_judged == r.n_matrices && r.n_more_bits == 0);
        CHECK_CASE(name, r.bits.ours == cases[i].bits);
        CHECK_CASE(name, r.bits.reference == cases[i].bits);
        CHECK_CASE(name, r.worst_ratio <= ASK_VERIFY_MOST_RATIO); // of each matrix, too
        for (int k = 0; k < r.n_matrices; k++) {
            const ask_verify_matrix *m = &r.matrices[k];
            CHECK_CASE(m->name, m->type == cases[i].type);
            CHECK_CASE(m->name, ask_verify_ratio(m->weights) <= 1);
            CHECK_CASE(m->name, m->weights.ours > 0 && m->products.ours > 0);
            CHECK_CASE(m->name, m->products.ours < 0.2);
        }
        ask_verify_against_report_free(&r);
        remove_dir(NULL);
    }
}

static void matrices_of_more_bits_are_counted_and_not_judged(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int n_vocab, n_more_bits, n_judged;
    } cases[] = {
        {"33 rows are filled up to 64", 33, 2, 14},
        {"3199 rows are filled up to 3200", 3199, 2, 16},
        {"64 rows are whole panels", 64, 0, 16},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = cases[i].name;
        make_dir(NULL);
        ask_error err = {0};
        char config[sizeof config_text + 8];
        const char *vocab = strstr(config_text, "\"vocab_size\"");
        snprintf(config, sizeof config, "%.*s\"vocab_size\":%d%s",
                 (int)(vocab - config_text), config_text, cases[i].n_vocab,
                 strchr(vocab, ','));
        test_write_text(in_dir("config.json"), config);
        CHECK_OK(ask_model_init(in_dir("a"), in_dir("config.json"), NULL, &err), &err);
        quantize("b", "a", ASK_Q8);
        ask_verify_against_options opt = ask_verify_against_defaults();
        opt.n_tokens = 0;
        ask_verify_against_report r = {0};
        CHECK_OK(ask_model_verify_against(&r, in_dir("b"), in_dir("a"), &opt, &err), &err);
        CHECK_CASE(name, r.passed);
        CHECK_CASE(name, r.n_more_bits == cases[i].n_more_bits);
        CHECK_CASE(name, r.n_judged == cases[i].n_judged);
        CHECK_CASE(name, ask_verify_ratio(r.bits) <= ASK_VERIFY_MOST_RATIO);
        for (int k = 0; k < r.n_matrices; k++) {
            const ask_verify_matrix *m = &r.matrices[k];
            bool filled = m->n % 32 != 0;
            CHECK_CASE(m->name, m->has_more_bits == filled);
            CHECK_CASE(m->name, m->judged == (m->n != 33));
        }
        ask_verify_against_report_free(&r);
        remove_dir(NULL);
    }
}

static void the_error_of_each_layer_is_told(void **state)
{
    (void)state;
    static const char *const names[] = {"hidden_states.0", "hidden_states.1",
                                        "hidden_states.2", "logits"};
    make_random("a");
    quantize("q8", "a", ASK_Q8);
    quantize("q4", "a", ASK_Q4);
    ask_verify_against_report q8 = verify("q8", "a"), q4 = verify("q4", "a");
    assert_string_equal(q8.network, "llama");
    assert_int_equal(q8.n_layers, TEST_COUNT(names));
    for (int i = 0; i < q8.n_layers; i++) {
        CHECK_CASE(names[i], strcmp(q8.layers[i].name, names[i]) == 0);
        CHECK_CASE(names[i], q8.layers[i].error > 0.001 && q8.layers[i].error < 0.03);
        CHECK_CASE(names[i], q4.layers[i].error > 5 * q8.layers[i].error);
        CHECK_CASE(names[i], q4.layers[i].error < 0.3);
    }
    ask_verify_against_report_free(&q8);
    ask_verify_against_report_free(&q4);
}

/* The layers of one model are better or worse by a tenth, as chance has it; so it is the
 * mean over several that is held against the reference's. Nothing but weights is rounded in
 * it, of both. With outliers a few channels are all that counts, and the logarithm of one
 * model's ratio varies by 0.137 (the mean over 30 models is 0.998 in 8 bits, 0.997 in 4),
 * so that of six by 0.056: they may be above the limit by twice that. */
static void layers_are_no_worse_than_those_of_blocks(void **state)
{
    (void)state;
    enum { N_MODELS = 6 };
    static const struct {
        const char *name;
        void (*make)(const char *name, uint64_t seed);
        ask_dtype type;
        double most;
    } cases[] = {
        {"random weights in 8 bits", make_from_seed, ASK_Q8, ASK_VERIFY_MOST_RATIO},
        {"random weights in 4 bits", make_from_seed, ASK_Q4, ASK_VERIFY_MOST_RATIO},
        {"outliers in 8 bits", make_outliers_from_seed, ASK_Q8, 1.14},
        {"outliers in 4 bits", make_outliers_from_seed, ASK_Q4, 1.14},
    };
    for (size_t t = 0; t < TEST_COUNT(cases); t++) {
        double sum = 0;
        for (uint64_t seed = 0; seed < N_MODELS; seed++) {
            make_dir(NULL);
            cases[t].make("a", seed);
            quantize("b", "a", cases[t].type);
            ask_verify_against_report r = verify("b", "a");
            for (int i = 0; i < r.n_layers; i++)
                sum += log(ask_verify_ratio(r.layers[i].weights)) / r.n_layers;
            ask_verify_against_report_free(&r);
            remove_dir(NULL);
        }
        double ratio = exp(sum / N_MODELS);
        print_message("layers of %s: %.3f\n", cases[t].name, ratio);
        CHECK_CASE(cases[t].name, ratio <= cases[t].most);
    }
}

static void towers_have_layers_too(void **state)
{
    (void)state;
    static const char *const fixtures[] = {"golden/clip", "golden/llava_next_video",
                                           "golden/video_chatgpt"};
    static const char *const names[] = {"image_embeds", "visual_rows", "visual_rows"};
    for (size_t i = 0; i < TEST_COUNT(fixtures); i++) {
        make_dir(NULL);
        checkpoint c = checkpoint_of(fixtures[i]);
        checkpoint_write(&c, in_dir("a"));
        checkpoint_free(&c);
        quantize("b", "a", ASK_Q8);
        ask_verify_against_report r = verify("b", "a");
        CHECK_CASE(fixtures[i], r.passed == (r.n_judged > 0)); // rows are few
        bool found = false;
        for (int k = 0; k < r.n_layers; k++) {
            found |= strcmp(r.layers[k].name, names[i]) == 0;
            CHECK_CASE(r.layers[k].name, r.layers[k].error < 0.1);
        }
        CHECK_CASE(fixtures[i], found);
        ask_verify_against_report_free(&r);
        remove_dir(NULL);
    }
}

static void the_seed_chooses_what_is_fed_in(void **state)
{
    (void)state;
    make_random("a");
    quantize("b", "a", ASK_Q4);
    ask_error err = {0};
    ask_verify_against_options opt = ask_verify_against_defaults();
    opt.n_tokens = 0;
    double errors[3];
    for (int i = 0; i < 3; i++) {
        ask_verify_against_report r = {0};
        opt.seed = i == 2 ? 1 : 0;
        CHECK_OK(ask_model_verify_against(&r, in_dir("b"), in_dir("a"), &opt, &err), &err);
        errors[i] = r.products.ours;
        assert_int_equal(r.n_layers, 0);
        ask_verify_against_report_free(&r);
    }
    assert_true(errors[0] == errors[1] && errors[0] != errors[2]);
}

/* ---- what is refused ---- */

static void models_that_do_not_belong_together_are_refused(void **state)
{
    (void)state;
    make_random("a");
    quantize("b", "a", ASK_Q8);
    checkpoint c = checkpoint_of("golden/clip");
    checkpoint_write(&c, in_dir("clip"));
    checkpoint_free(&c);
    static const struct {
        const char *name, *ours, *original, *message;
    } cases[] = {
        {"no few bits", "a", "a",
         "/a: has no matrices of few bits; make them with model quantize"},
        {"another model", "b", "clip", "/clip: has no real numbers [320, 256] \"lm_head."},
        {"the same model", "b", "b", "/b: has no real numbers [320, 256] \"lm_head."},
        {"no model", "nowhere", "a", "/nowhere"},
        {"no original", "b", "nowhere", "/nowhere"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_verify_against_report r = {0};
        CHECK_CASE(cases[i].name,
                   !ask_model_verify_against(&r, in_dir(cases[i].ours),
                                             in_dir(cases[i].original), NULL, &err));
        if (err.code != ASK_ERR_MODEL || !strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        CHECK_CASE(cases[i].name, !r.matrices);
    }
    ask_error err = {0};
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    const ask_verify_against_options opt = {.cancel = &cancel};
    ask_verify_against_report r = {0};
    assert_false(ask_model_verify_against(&r, in_dir("b"), in_dir("a"), &opt, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
}

static void numbers_of_the_original_that_have_no_code_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        float value;
    } cases[] = {{"nan", NAN}, {"infinity", -INFINITY}, {"large", 1e9f}};
    static const ask_dtype types[] = {ASK_Q8, ASK_Q4};
    make_random("a");
    quantize("q8", "a", ASK_Q8);
    quantize("q4", "a", ASK_Q4);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = cases[i].name;
        tensor_list list = tensors_read(in_dir("a/model.safetensors"));
        tensors_floats(&list, "model.layers.1.mlp.up_proj.weight")[300 * WIDTH + 7] =
            cases[i].value;
        test_write_text(test_path(in_dir(name), "config.json"), config_text);
        tensors_write(&list, test_path(in_dir(name), "model.safetensors"));
        tensors_free(&list);
        for (size_t t = 0; t < TEST_COUNT(types); t++) {
            ask_error err = {0};
            ask_verify_against_report r = {0};
            CHECK_CASE(name, !ask_model_verify_against(&r, in_dir(ask_dtype_name(types[t])),
                                                       in_dir(name), NULL, &err));
            CHECK_CASE(name, err.code == ASK_ERR_MODEL);
            // A block that is too large is named by its first number.
            const char *message =
                isfinite(cases[i].value)
                    ? "up_proj.weight\": the number in row 300, column 0 "
                    : "up_proj.weight\": the number in row 300, column 7 ";
            if (!strstr(err.message, "/model.safetensors: tensor \"model.layers.1.mlp.") ||
                !strstr(err.message, message))
                fail_msg("case \"%s\": %s", name, err.message);
        }
    }
}

static bool verify_again(void *user, ask_error *err)
{
    (void)user;
    ask_verify_against_report r = {0};
    bool ok = ask_model_verify_against(&r, in_dir("b"), in_dir("a"), NULL, err);
    ask_verify_against_report_free(&r);
    return ok;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    make_random("a");
    quantize("b", "a", ASK_Q8);
    assert_true(test_some_allocs_fail("verify", verify_again, NULL) > 5);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_rounds_as_its_blocks_do),
        cmocka_unit_test(ours_is_no_worse_than_blocks_of_as_many_bits),
        cmocka_unit_test(matrices_of_more_bits_are_counted_and_not_judged),
        IN_DIR(the_error_of_each_layer_is_told),
        cmocka_unit_test(layers_are_no_worse_than_those_of_blocks),
        cmocka_unit_test(towers_have_layers_too),
        IN_DIR(the_seed_chooses_what_is_fed_in),
        IN_DIR(models_that_do_not_belong_together_are_refused),
        IN_DIR(numbers_of_the_original_that_have_no_code_are_named),
        IN_DIR(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
