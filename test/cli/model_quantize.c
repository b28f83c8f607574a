/* `askance model quantize` and `model verify --against`: what they say, in words and in
 * JSON, and their exit statuses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "model/init.h"
#include "support/checkpoint.h"
#include "support/command.h"
#include "support/testing.h"

static char *dir; // for everything that is written

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

static said run_words(const char *const *words)
{
    const cli_command commands[] = {
        cli_model_quantize_command, cli_model_verify_command, cli_model_info_command, {0}};
    return command_run(commands, "model", words);
}

#define RUN(...) run_words((const char *[COMMAND_MAX_WORDS]){__VA_ARGS__})

static const char *in_dir(const char *name)
{
    return test_path(dir, name);
}

static double real_at(const ask_json *doc, const char *path)
{
    ask_error err = {0};
    double value = 0;
    CHECK_OK(ask_json_get_double(&value, ask_json_root(doc), path, &err), &err);
    return value;
}

static bool bool_at(const ask_json *doc, const char *path)
{
    ask_error err = {0};
    bool value = false;
    CHECK_OK(ask_json_get_bool(&value, ask_json_root(doc), path, &err), &err);
    return value;
}

static int64_t int_at(const ask_json *doc, const char *path)
{
    ask_error err = {0};
    int64_t value = 0;
    CHECK_OK(ask_json_get_int(&value, ask_json_root(doc), path, INT64_MIN, INT64_MAX, &err),
             &err);
    return value;
}

static void check_text_at(const ask_json *doc, const char *path, const char *expected)
{
    ask_error err = {0};
    const char *value = NULL;
    CHECK_OK(ask_json_get_string(&value, ask_json_root(doc), path, &err), &err);
    assert_string_equal(value, expected);
}

static void a_model_is_made_and_told(void **state)
{
    (void)state;
    said s = RUN("quantize", test_fixture("golden/clip"), "-o", in_dir("q8"));
    assert_int_equal(s.status, 0);
    assert_string_equal(s.err, "");
    check_holds(s.out, "/q8: 33 matrices in q8, 18.38 bits per weight; 0.3 MiB became "
                       "0.2 MiB in ");
    said_free(&s);
    s = RUN("quantize", test_fixture("golden/clip"), "--output", in_dir("q4"), "--type=q4",
            "--threads", "2", "--json");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    check_text_at(doc, "schema", "askance.model.quantize/1");
    check_text_at(doc, "dir", in_dir("q4"));
    check_text_at(doc, "from", test_fixture("golden/clip"));
    check_text_at(doc, "type", "q4");
    assert_int_equal(int_at(doc, "n_matrices"), 33);
    assert_true(real_at(doc, "bits_per_weight") > 4.5);
    assert_true(int_at(doc, "bytes_after") < int_at(doc, "bytes_before"));
    assert_true(int_at(doc, "n_weights") > 50000);
    assert_true(real_at(doc, "seconds") >= 0);
    ask_json_free(doc);
    said_free(&s);
    s = RUN("info", in_dir("q8"));
    assert_int_equal(s.status, 0);
    check_holds(s.out, "q8");
    said_free(&s);
}

/* A model of which 14 of 16 matrices have whole panels of rows. */
static void make_llama(void)
{
    ask_error err = {0};
    test_write_text(in_dir("llama.json"),
                    "{\"model_type\":\"llama\",\"architectures\":[\"LlamaForCausalLM\"],"
                    "\"hidden_size\":128,\"intermediate_size\":256,"
                    "\"num_hidden_layers\":2,\"num_attention_heads\":4,\"vocab_size\":33,"
                    "\"hidden_act\":\"silu\",\"max_position_embeddings\":64,"
                    "\"tie_word_embeddings\":false}");
    CHECK_OK(ask_model_init(in_dir("llama"), in_dir("llama.json"), NULL, &err), &err);
    said s = RUN("quantize", in_dir("llama"), "-o", in_dir("llama8"));
    assert_int_equal(s.status, 0);
    said_free(&s);
    s = RUN("quantize", in_dir("llama"), "-o", in_dir("llama4"), "--type=q4");
    assert_int_equal(s.status, 0);
    said_free(&s);
}

static void what_it_costs_is_told_in_words(void **state)
{
    (void)state;
    make_llama();
    said s = RUN("verify", in_dir("llama8"), "--against", in_dir("llama"));
    assert_int_equal(s.status, 0);
    assert_string_equal(s.err, "");
    check_holds(s.out, "  bits   ref   weights      ref  ratio  products      ref  ratio");
    check_holds(s.out, "\nlm_head.weight ");
    check_holds(s.out, "  ++\n");
    check_holds(s.out, "\nall judged ");
    check_holds(s.out, "\nhidden_states.1 ");
    check_holds(s.out,
                "\nllama: 14 of 16 matrices judged beside Q8_0: ok; their products ");
    check_holds(s.out, "; 2 have more bits (+), 2 of them too many to be judged (++)\n");
    said_free(&s);
    s = RUN("verify", in_dir("llama4"), "--against", in_dir("llama"), "--tokens=0");
    assert_int_equal(s.status, 0);
    check_holds(s.out, "\nllama: 14 of 16 matrices judged beside Q4_0: ok; ");
    assert_null(strstr(s.out, "hidden_states"));
    said_free(&s);
}

static void a_model_without_whole_panels_is_not_judged(void **state)
{
    (void)state;
    said s = RUN("verify", in_dir("q8"), "--against", test_fixture("golden/clip"));
    assert_int_equal(s.status, 1);
    check_holds(s.out, "\nclip: 0 of 33 matrices judged beside Q8_0: NOT JUDGED; 33 have ");
    check_holds(s.out, "\nvision.hidden_states.1 ");
    assert_null(strstr(s.out, "all judged"));
    said_free(&s);
}

static void what_it_costs_is_told_in_json(void **state)
{
    (void)state;
    said s = RUN("verify", in_dir("llama8"), "--against", in_dir("llama"), "--json",
                 "--seed", "3");
    assert_int_equal(s.status, 0);
    ask_json *doc = said_json(&s);
    check_text_at(doc, "schema", "askance.model.verify_against/1");
    check_text_at(doc, "network", "llama");
    check_text_at(doc, "matrices.0.type", "q8");
    check_text_at(doc, "matrices.0.reference", "Q8_0");
    assert_int_equal(int_at(doc, "n_matrices"), 16);
    assert_int_equal(int_at(doc, "n_more_bits"), 2);
    assert_int_equal(int_at(doc, "n_judged"), 14);
    int n_judged = 0;
    for (int i = 0; i < 16; i++) {
        char judged[48], more[48];
        snprintf(judged, sizeof judged, "matrices.%d.judged", i);
        snprintf(more, sizeof more, "matrices.%d.has_more_bits", i);
        assert_true(bool_at(doc, judged) != bool_at(doc, more));
        n_judged += bool_at(doc, judged);
    }
    assert_int_equal(n_judged, 14);
    assert_true(real_at(doc, "weights.ratio") < 1);
    assert_true(real_at(doc, "products.ratio") < 1.02);
    assert_true(real_at(doc, "matrices.15.outliers.ratio") < 1.2);
    assert_true(real_at(doc, "layers.0.error") >= 0);
    ask_json_free(doc);
    said_free(&s);
}

/* A quantised model of which one matrix is another one's. */
static void a_model_that_is_worse_has_an_exit_status_of_1(void **state)
{
    (void)state;
    tensor_list list = tensors_read(in_dir("llama/model.safetensors"));
    const char *name = "model.layers.0.mlp.up_proj.weight";
    float *weights = tensors_floats(&list, name);
    for (int64_t i = 0; i < tensors_get(&list, name)->n_elements; i++) weights[i] *= 1.05f;
    size_t n_bytes;
    char *config = test_read(in_dir("llama.json"), &n_bytes);
    test_write(in_dir("other/config.json"), config, n_bytes);
    tensors_write(&list, in_dir("other/model.safetensors"));
    tensors_free(&list);
    free(config);
    said s = RUN("verify", in_dir("llama8"), "--against", in_dir("other"), "--tokens=0");
    assert_int_equal(s.status, 1);
    check_holds(s.out, "llama: 14 of 16 matrices judged beside Q8_0: WORSE; ");
    said_free(&s);
}

static void errors_have_their_exit_status(void **state)
{
    (void)state;
    const char *clip = test_fixture("golden/clip");
    const char *q8 = in_dir("q8"), *fresh = in_dir("fresh");
    const struct {
        const char *words[COMMAND_MAX_WORDS];
        int status;
        const char *message;
    } cases[] = {
        {{"quantize"}, 2, "expected DIR, got 0 arguments"},
        {{"quantize", clip}, 2, "give the new folder: --output DIR"},
        {{"quantize", clip, "-o", fresh, "--type", "q5"}, 2, "--type is q8 or q4, not q5"},
        {{"quantize", clip, "-o", fresh, "--arch", "vit"},
         2,
         "there is no network \"vit\""},
        {{"quantize", clip, "-o", q8}, 2, "already; give a new folder"},
        {{"quantize", clip, "-o", ""}, 2, "\"\" is not the name of a new folder"},
        {{"quantize", clip, "-o", "."}, 2, "\".\" is not the name of a new folder"},
        {{"quantize", clip, "-o", ".."}, 2, "\"..\" is not the name of a new folder"},
        {{"quantize", clip, "-o", "/"}, 2, "\"/\" is not the name of a new folder"},
        {{"quantize", q8, "-o", fresh}, 4, "is q8 already; give the model that it was"},
        {{"quantize", "/nonexistent", "-o", fresh}, 4, "/nonexistent"},
        {{"quantize", clip, "-o", "/dev/null/x"}, 3, "/dev/null"},
        {{"verify", q8, "--against", clip, "--tol", "1"}, 2, "--against goes without"},
        {{"verify", clip, "--against", clip}, 4, "has no matrices of few bits"},
        {{"verify", q8, "--against", "/nonexistent"}, 4, "/nonexistent"},
        {{"verify", q8, "--against", clip, "--tokens=-1"}, 2, "--tokens"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        said s = run_words(cases[i].words);
        if (s.status != cases[i].status || !strstr(s.err, cases[i].message) ||
            strchr(s.err, '\n') != s.err + strlen(s.err) - 1 || s.out[0])
            fail_msg("case %zu: status %d: %s%s", i, s.status, s.err, s.out);
        said_free(&s);
    }
    assert_false(ask_file_exists(fresh));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_is_made_and_told),
        cmocka_unit_test(what_it_costs_is_told_in_words),
        cmocka_unit_test(a_model_without_whole_panels_is_not_judged),
        cmocka_unit_test(what_it_costs_is_told_in_json),
        cmocka_unit_test(a_model_that_is_worse_has_an_exit_status_of_1),
        cmocka_unit_test(errors_have_their_exit_status),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
