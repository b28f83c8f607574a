/* GIF-QA beside its reference, with an adapter and without; what its inputs may be; rows
 * that are made of features. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "model/init.h"
#include "model/quantize.h"
#include "model/rows.h"
#include "support/checkpoint.h"
#include "support/testing.h"
#include "support/verified.h"

#define FIXTURE "golden/gif_qa"
#define ADAPTER                                                                            \
    "{\"peft_type\": \"LORA\", \"r\": 4, \"lora_alpha\": 16, \"bias\": \"none\"}"

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

/* The fixture, changed; config: that of its adapter, NULL: there is none. */
static void write_model(const checkpoint *c, const char *config)
{
    ask_error err = {0};
    char beside[4096];
    snprintf(beside, sizeof beside, "%s/adapter", dir);
    checkpoint_write(c, dir);
    if (!config) return;
    CHECK_OK(ask_dir_make(beside, &err), &err);
    CHECK_OK(ask_dir_copy_in(
                 beside, test_fixture(FIXTURE "/adapter/adapter_model.safetensors"), &err),
             &err);
    test_write_text(test_path(beside, "adapter_config.json"), config);
}

/* ---- beside the reference ---- */

/* Every trace, both readings of the masked loss, what it answers, and the gradients of
 * seven losses. */
static void the_reference_values_are_computed(void **state)
{
    (void)state;
    ask_verify_report r = verified_report(test_fixture(FIXTURE));
    for (int i = 0; i < r.n_rows; i++)
        if (!r.rows[i].passed) fail_msg("%s: %s", r.rows[i].name, r.rows[i].reason);
    assert_string_equal(r.network, "gif_qa");
    assert_true(r.n_rows == 121 && r.n_passed == 121);
    assert_true(verified_row(&r, "answer_ids")->tol_abs == 0); // exactly those
    assert_true(verified_row(&r, "last_hidden_state")->tol_abs < 1.1e-4);
    assert_true(verified_row(&r, "logits")->tol_abs < 1.1e-3);
    ask_verify_report_free(&r);
}

/* Where products stay small, there is no reason to be further off than others: of more
 * frames than queries, and an adapter of two kinds of layers, in f64. */
static void a_reference_without_noise_is_met_closely(void **state)
{
    (void)state;
    ask_error err = {0};
    const ask_verify_options opt = {.tol = 2e-5};
    ask_verify_report r;
    CHECK_OK(ask_model_verify(&r, test_fixture("golden/gif_qa_frames"), &opt, &err), &err);
    for (int i = 0; i < r.n_rows; i++)
        if (!r.rows[i].passed) fail_msg("%s: %s", r.rows[i].name, r.rows[i].reason);
    assert_int_equal(r.n_passed, 240);
    ask_verify_report_free(&r);
}

static void change_alpha(checkpoint *c, const char **adapter)
{
    (void)c;
    *adapter = "{\"r\": 4, \"lora_alpha\": 17}";
}

static void no_adapter(checkpoint *c, const char **adapter)
{
    (void)c;
    *adapter = NULL;
}

static void change_query(checkpoint *c, const char **adapter)
{
    (void)adapter;
    tensors_floats(&c->weights, "query_tokens")[30] += 0.5f;
}

static void change_guess(checkpoint *c, const char **adapter)
{
    (void)adapter;
    tensors_floats(&c->weights, "mvm_decoder.head.weight")[3] += 0.5f;
}

static void change_kept(checkpoint *c, const char **adapter)
{
    (void)adapter;
    ((int64_t *)(uintptr_t)tensors_get(&c->inputs, "keep_index")->data)[1] = 2;
}

static void change_first(checkpoint *c, const char **adapter)
{
    (void)adapter;
    checkpoint_edit(c, "\"context_length\": 2", "\"context_length\": 3");
}

static void change_prompt(checkpoint *c, const char **adapter)
{
    (void)adapter;
    ((int64_t *)(uintptr_t)tensors_get(&c->inputs, "prompt_length")->data)[0]--;
}

static void change_label(checkpoint *c, const char **adapter)
{
    (void)adapter;
    ((int64_t *)(uintptr_t)tensors_get(&c->inputs, "labels")->data)[12]++;
}

static void changes_are_found(void **state)
{
    (void)state;
    static const struct {
        void (*change)(checkpoint *c, const char **adapter);
        const char *row, *still; // which differs then, and one that does not
    } cases[] = {
        {change_alpha, "last_hidden_state", "visual"},
        {no_adapter, "logits", "inputs_embeds"},
        {change_query, "qformer.last_hidden_state", "image_proj"},
        {change_query, "loss.mvm_rmse", "image_proj"},
        {change_guess, "loss.mvm_stllm", "loss.mvm_rmse"},
        {change_kept, "rmse.last_hidden_state", "loss.ce"},
        {change_kept, "stllm.target", "loss.ce"},
        {change_first, "inputs_embeds", "visual"},
        {change_prompt, "ce_published_positions", "loss.ce"},
        {change_prompt, "answer_ids", "logits"},
        {change_label, "loss.ce", "ce_published_positions"},
        {change_label, "loss.total_stllm", "loss.mvm_stllm"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        make_dir(NULL);
        checkpoint c = checkpoint_of(FIXTURE);
        const char *adapter = ADAPTER;
        cases[i].change(&c, &adapter);
        write_model(&c, adapter);
        ask_verify_report r = verified_report(dir);
        const ask_verify_row *row = verified_row(&r, cases[i].row);
        if (!row->compared || row->passed) fail_msg("case %zu: %s agrees", i, row->name);
        CHECK_CASE(cases[i].still, verified_row(&r, cases[i].still)->passed);
        ask_verify_report_free(&r);
        checkpoint_free(&c);
        remove_dir(NULL);
    }
}

/* What only training needs may be left out. */
static void a_model_may_be_without_its_guesses(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of(FIXTURE);
    static const char *const parts[] = {"mvm_decoder.head.weight", "mvm_decoder.head.bias",
                                        "mvm_decoder.norm.weight", "mvm_decoder.norm.bias"};
    for (size_t i = 0; i < TEST_COUNT(parts); i++) tensors_drop(&c.weights, parts[i]);
    write_model(&c, ADAPTER);
    ask_verify_report r = verified_report(dir);
    assert_true(verified_row(&r, "answer_ids")->passed &&
                verified_row(&r, "loss.total_rmse")->passed);
    assert_false(verified_row(&r, "loss.mvm_stllm")->compared);
    assert_int_equal(r.n_failed, 0);
    ask_verify_report_free(&r);
    checkpoint_free(&c);
}

/* ---- adapters ---- */

static void adapters_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *config, *message;
    } cases[] = {
        {"{\"r\": 8}", "key \"r\": the adapter's matrices are not of rank 8"},
        {"{\"r\": 0}", "key \"r\": expected an integer from 1"},
        {"{\"r\": 4, \"peft_type\": \"LOHA\"}",
         "key \"peft_type\": an adapter of type \"LOHA\" is not supported, only LORA"},
        {"{\"r\": 4, \"bias\": \"all\"}", "key \"bias\": biases of an adapter (\"all\")"},
        {"{\"r\": 4, \"use_dora\": true}", "key \"use_dora\": is not supported"},
        {"{\"r\": 4, \"rank_pattern\": {\"c_attn\": 2}}", "key \"rank_pattern\": is not"},
        {"{\"r\": 4, \"alpha_pattern\": 3}", "key \"alpha_pattern\": expected an object"},
        {"{", "adapter_config.json"},
    };
    checkpoint c = checkpoint_of(FIXTURE);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        write_model(&c, cases[i].config);
        assert_null(ask_model_open(dir, NULL, &err));
        CHECK_CASE(cases[i].config, err.code == ASK_ERR_MODEL);
        CHECK_CASE(cases[i].config, strstr(err.message, "adapter_config.json"));
        if (!strstr(err.message, cases[i].message))
            fail_msg("case %zu: %s", i, err.message);
    }
    checkpoint_free(&c);
}

/* Another network's, or of another layer. */
static void foreign_tensors_of_an_adapter_are_named(void **state)
{
    (void)state;
    ask_error err = {0};
    checkpoint c = checkpoint_of(FIXTURE);
    write_model(&c, ADAPTER);
    const char *path = test_path(dir, "adapter/adapter_model.safetensors");
    tensor_list adapter = tensors_read(path);
    tensors_rename(&adapter, "base_model.model.transformer.h.1.",
                   "base_model.model.transformer.h.2.");
    tensors_write(&adapter, path);
    assert_null(ask_model_open(dir, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(
        strstr(err.message, "base_model.model.transformer.h.2.attn.c_attn.lora_"));
    tensors_free(&adapter);
    checkpoint_free(&c);
}

/* The root of the rank, where a configuration says so. */
static void an_adapter_may_be_scaled_by_the_root_of_its_rank(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of(FIXTURE);
    write_model(&c, "{\"r\": 4, \"lora_alpha\": 8, \"use_rslora\": true}"); // 4, as before
    ask_verify_report r = verified_report(dir);
    assert_int_equal(r.n_failed, 0);
    ask_verify_report_free(&r);
    checkpoint_free(&c);
}

static void few_bits_keep_the_adapter(void **state)
{
    (void)state;
    ask_error err = {0};
    const ask_model_quantize_options opt = {.type = ASK_Q8};
    ask_weights_quantized sizes;
    ask_model *m;
    char to[4096];
    snprintf(to, sizeof to, "%s/small", dir);
    CHECK_OK(ask_model_quantize(&sizes, to, test_fixture(FIXTURE), &opt, &err), &err);
    assert_int_equal(sizes.n_matrices, 30);
    CHECK_OK(m = ask_model_open(to, NULL, &err), &err);
    assert_int_equal(ask_model_info_of(m).n_files, 2);
    ask_model_close(m);
}

static void new_ones_have_none(void **state)
{
    (void)state;
    ask_error err = {0};
    const ask_model_init_options opt = {.network = "gif_qa"};
    ask_model *m;
    char to[4096];
    snprintf(to, sizeof to, "%s/new", dir);
    CHECK_OK(ask_model_init(to, test_fixture(FIXTURE "/config.json"), &opt, &err), &err);
    CHECK_OK(m = ask_model_open(to, NULL, &err), &err);
    assert_string_equal(ask_model_info_of(m).network, "gif_qa"); // told by its tensors
    assert_int_equal(ask_model_info_of(m).n_files, 1);
    ask_model_close(m);
}

/* ---- rows ---- */

static void rows_are_made_of_all_frames_together(void **state)
{
    (void)state;
    ask_error err = {0};
    enum { F = 5, Q = 5, W = 24, C = 32 };
    tensor_list inputs = tensors_read(test_fixture(FIXTURE "/inputs.safetensors")),
                outputs = tensors_read(test_fixture(FIXTURE "/outputs.safetensors"));
    const float *frames = tensors_floats(&inputs, "frame_features"),
                *visual = tensors_floats(&outputs, "visual");
    ask_model *m;
    ask_session *s;
    ask_rows_info info;
    float rows[Q * C], origins[Q * F];
    const float *kept[F];
    for (int i = 0; i < F; i++) kept[i] = frames + (F + i) * W; // of the second clip
    const ask_rows_scene scene = {.kept = kept, .n = F};
    CHECK_OK(m = ask_model_open(test_fixture(FIXTURE), NULL, &err), &err);
    CHECK_OK(s = ask_session_open(m, &err), &err);
    CHECK_OK(ask_rows_info_of(&info, m, &err), &err);
    assert_true(info.together && !info.sees_frames && info.n_kept == W);
    assert_int_equal(ask_rows_n_shown(m, 3), Q);
    CHECK_OK(ask_rows_show(s, &(ask_rows_made){.rows = rows, .origins = origins}, &scene,
                           NULL, &err),
             &err);
    for (int i = 0; i < Q * C; i++)
        assert_true(fabsf(rows[i] - visual[Q * C + i]) <= 2e-5f);
    for (int i = 0; i < Q; i++) {
        double sum = 0;
        for (int k = 0; k < F; k++) sum += (double)origins[i * F + k];
        assert_true(fabs(sum - 1) < 1e-5);
    }
    ask_session_close(s);
    ask_model_close(m);
    tensors_free(&inputs);
    tensors_free(&outputs);
}

/* ---- inputs that the network cannot take ---- */

static int64_t *ids_of(checkpoint *c, const char *name)
{
    return (int64_t *)(uintptr_t)tensors_get(&c->inputs, name)->data;
}

static void foreign_id(checkpoint *c)
{
    ids_of(c, "text_ids")[4] = 80;
}

static void foreign_label(checkpoint *c)
{
    ids_of(c, "labels")[4] = -1;
}

static void row_twice(checkpoint *c)
{
    ids_of(c, "keep_index")[4] = 4;
    ids_of(c, "keep_index")[5] = 4;
}

static void row_past_the_last(checkpoint *c)
{
    ids_of(c, "keep_index")[2] = 5;
}

static void long_prompt(checkpoint *c)
{
    ids_of(c, "prompt_length")[1] = 18;
}

static void short_prompt(checkpoint *c)
{
    ids_of(c, "prompt_length")[1] = 2;
}

static void narrow_frames(checkpoint *c)
{
    tensors_reshape(&c->inputs, "frame_features", ASK_F32, 3, (int64_t[]){2, 5, 23});
}

static void one_clip(checkpoint *c)
{
    tensors_reshape(&c->inputs, "frame_features", ASK_F32, 3, (int64_t[]){1, 5, 24});
}

static void long_texts(checkpoint *c)
{
    tensors_reshape(&c->inputs, "text_ids", ASK_I64, 2, (int64_t[]){2, 60});
}

static void short_texts(checkpoint *c)
{
    tensors_reshape(&c->inputs, "text_ids", ASK_I64, 2, (int64_t[]){2, 2});
}

static void inputs_that_do_not_fit_are_named(void **state)
{
    (void)state;
    static const struct {
        void (*change)(checkpoint *c);
        const char *message;
    } cases[] = {
        {foreign_id, "text_ids: 80 at [0, 4] is not in a vocabulary of 80"},
        {foreign_label, "labels: -1 is not in a vocabulary"},
        {row_twice, "keep_index: the network takes [2, K], each below 5 and once"},
        {row_past_the_last, "keep_index: the network takes [2, K]"},
        {long_prompt, "prompt_length: the network takes [2], each from 3 to 17"},
        {short_prompt, "prompt_length: the network takes [2], each from 3 to 17"},
        {narrow_frames, "frame_features: the network takes [2, F, 24]"},
        {one_clip, "frame_features: the network takes [2, F, 24]"},
        {long_texts, "text_ids: the network takes [B, L] with L from 1 to 59"},
        {short_texts, "text_ids: rows stand behind 2 tokens"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_verify_report r;
        make_dir(NULL);
        checkpoint c = checkpoint_of(FIXTURE);
        cases[i].change(&c);
        write_model(&c, ADAPTER);
        CHECK_CASE(cases[i].message, !ask_model_verify(&r, dir, NULL, &err));
        CHECK_CASE(cases[i].message, err.code == ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case %zu: %s", i, err.message);
        checkpoint_free(&c);
        remove_dir(NULL);
    }
}

static void bad_configurations_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"\"frame_dim\": 24", "\"frame_dim\": 0", "key \"frame_dim\": expected an integer"},
        {"\"frame_dim\": 24", "\"frame_dim\": 25", "image_proj.weight is f32 [36, 24]"},
        {"\"num_query_tokens\": 5", "\"num_query_tokens\": 62",
         "key \"num_query_tokens\": 62 rows behind 2 tokens leave no room in a text of 64"},
        {"\"n_head\": 4", "\"n_head\": 5",
         "key \"text_config.n_embd\": 32 is no multiple of 5 heads"},
        {"\"context_length\": 2", "\"context_length\": \"2\"", "key \"context_length\": "},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        make_dir(NULL);
        checkpoint c = checkpoint_of(FIXTURE);
        checkpoint_edit(&c, cases[i].from, cases[i].to);
        write_model(&c, ADAPTER);
        assert_null(ask_model_open(dir, NULL, &err));
        CHECK_CASE(cases[i].to, err.code == ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case %zu: %s", i, err.message);
        checkpoint_free(&c);
        remove_dir(NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_values_are_computed),
        cmocka_unit_test(a_reference_without_noise_is_met_closely),
        cmocka_unit_test(changes_are_found),
        cmocka_unit_test_setup_teardown(a_model_may_be_without_its_guesses, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(adapters_that_do_not_fit_are_refused, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(foreign_tensors_of_an_adapter_are_named, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(an_adapter_may_be_scaled_by_the_root_of_its_rank,
                                        make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(few_bits_keep_the_adapter, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(new_ones_have_none, make_dir, remove_dir),
        cmocka_unit_test(rows_are_made_of_all_frames_together),
        cmocka_unit_test(inputs_that_do_not_fit_are_named),
        cmocka_unit_test(bad_configurations_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
