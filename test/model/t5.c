/* T5 from a configuration to few bits: made, described, made smaller, and read. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/context.h"
#include "model/init.h"
#include "model/quantize.h"
#include "support/testing.h"

enum { N_VOCAB = 320, N_PLACES = 40 };

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

#define SIZES                                                                              \
    "\"d_model\": 64, \"d_ff\": 96, \"d_kv\": 32, \"num_heads\": 3, \"num_layers\": 2,"    \
    " \"num_decoder_layers\": 1, \"vocab_size\": 320"

static ask_model *model_of(const char *config)
{
    ask_error err = {0};
    ask_model *m;
    test_write_text(in_dir("config.json"), config);
    CHECK_OK(ask_model_init(in_dir("model"), in_dir("config.json"), NULL, &err), &err);
    CHECK_OK(m = ask_model_open(in_dir("model"), NULL, &err), &err);
    return m;
}

static int64_t size_of(const ask_model *m, const char *name)
{
    ask_model_size size;
    for (size_t i = 0; ask_model_size_at(m, i, &size); i++)
        if (strcmp(size.name, name) == 0) return size.value;
    fail_msg("there is no size %s", name);
    return 0;
}

static void a_new_model_has_the_sizes_of_its_configuration(void **state)
{
    (void)state;
    static const struct {
        const char *config, *network;
        int64_t n_params;
    } cases[] = {
        // 2 tables of buckets; 4 + 4 + 8 matrices of attention, 2 + 2 + 2 of mlps, norms
        {"{\"model_type\": \"t5\", " SIZES "}", "t5",
         320 * 64 + 2 * 32 * 3 + 16 * 64 * 96 + 6 * 64 * 96 + 9 * 64},
        {"{\"model_type\": \"mt5\", \"tie_word_embeddings\": false, " SIZES "}", "mt5",
         2 * 320 * 64 + 2 * 32 * 3 + 16 * 64 * 96 + 9 * 64 * 96 + 9 * 64},
        {"{\"architectures\": [\"T5WithLMHeadModel\"], " SIZES "}", "t5",
         320 * 64 + 2 * 32 * 3 + 16 * 64 * 96 + 6 * 64 * 96 + 9 * 64},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        make_dir(NULL);
        ask_model *m = model_of(cases[i].config);
        const ask_model_info info = ask_model_info_of(m);
        CHECK_CASE(cases[i].network, strcmp(info.network, cases[i].network) == 0);
        CHECK_CASE(cases[i].network, info.n_params == cases[i].n_params);
        CHECK_CASE(cases[i].network, size_of(m, "text.layers") == 1);
        CHECK_CASE(cases[i].network, size_of(m, "text.encoder_layers") == 2);
        CHECK_CASE(cases[i].network, size_of(m, "text.context") == 512);
        CHECK_CASE(cases[i].network, info.n_context == 2048);
        ask_model_close(m);
        remove_dir(NULL);
    }
}

/* Its layers each have a table of their own: another network. */
static void umt5_is_refused_by_name(void **state)
{
    (void)state;
    ask_error err = {0};
    test_write_text(in_dir("config.json"), "{\"model_type\": \"umt5\", \"architectures\": "
                                           "[\"UMT5ForConditionalGeneration\"]}");
    assert_false(ask_model_init(in_dir("model"), in_dir("config.json"), NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "no network for model_type \"umt5\""));
    assert_non_null(strstr(err.message, "t5, mt5"));
}

/* Behind a prompt and three tokens of an answer. */
static void read_logits(float *logits, ask_model *m)
{
    ask_error err = {0};
    ask_place prompt[N_PLACES] = {0};
    for (int i = 0; i < N_PLACES; i++) prompt[i].id = (i * 37 + 5) % N_VOCAB;
    ask_session *s;
    ask_context *c;
    CHECK_OK(s = ask_session_open(m, &err), &err);
    CHECK_OK(c = ask_context_open(s, N_PLACES + 4, &err), &err);
    CHECK_OK(ask_context_read(c, prompt, N_PLACES, logits, NULL, &err), &err);
    for (int i = 0; i < 3; i++)
        CHECK_OK(ask_context_add(c, 50 + i, logits, NULL, &err), &err);
    ask_context_close(c);
    ask_session_close(s);
}

static double distance(const float *a, const float *b)
{
    double off = 0, size = 0;
    for (int i = 0; i < N_VOCAB; i++) {
        off += pow((double)a[i] - (double)b[i], 2);
        size += pow((double)b[i], 2);
    }
    return sqrt(off / size);
}

/* All but norms and tables of buckets are matrices. */
static void few_bits_read_nearly_the_same(void **state)
{
    (void)state;
    static const struct {
        ask_dtype type;
        const char *name;
        double most;
    } cases[] = {{ASK_Q8, "q8", 0.03}, {ASK_Q4, "q4", 0.5}};
    ask_error err = {0};
    float exact[N_VOCAB], few[N_VOCAB];
    ask_model *m = model_of("{\"model_type\": \"mt5\", " SIZES "}");
    read_logits(exact, m);
    ask_model_close(m);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_weights_quantized sizes;
        const ask_model_quantize_options opt = {.type = cases[i].type};
        char *to = strdup(in_dir(cases[i].name));
        CHECK_OK(ask_model_quantize(&sizes, to, in_dir("model"), &opt, &err), &err);
        CHECK_CASE(cases[i].name, sizes.n_matrices == 16 + 9 + 2); // untied
        CHECK_OK(m = ask_model_open(to, NULL, &err), &err);
        read_logits(few, m);
        double off = distance(few, exact);
        if (!(off > 0 && off < cases[i].most)) fail_msg("%s: %g off", cases[i].name, off);
        ask_model_close(m);
        free(to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_model_has_the_sizes_of_its_configuration),
        cmocka_unit_test_setup_teardown(umt5_is_refused_by_name, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(few_bits_read_nearly_the_same, make_dir,
                                        remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
