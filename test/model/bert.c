/* Checkpoints of text encoders: the forms in which they are published, what the reference
 * gave for them, and texts as vectors. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "model/init.h"
#include "support/checkpoint.h"
#include "support/tensors.h"
#include "support/verified.h"

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

/* Every row passed, of so many. */
static void check_passes(const char *what, const char *path, const char *network,
                         int n_rows)
{
    ask_verify_report r = verified_all(what, path, network, n_rows);
    ask_verify_report_free(&r);
}

/* ---- what the reference gave ---- */

static void the_reference_values_are_computed(void **state)
{
    (void)state;
    check_passes("bert", test_fixture("golden/bert"), "bert", 8);
    check_passes("roberta", test_fixture("golden/roberta"), "roberta", 7);
}

static void a_sentence_encoder_with_twelve_heads_is_a_bert(void **state)
{
    (void)state;
    if (!test_shared("golden/minilm")) {
        print_message("the shared golden data is not here; see CONTRIBUTING.md\n");
        skip();
    }
    check_passes("minilm", test_shared("golden/minilm"), "bert", 7);
}

static void copy_file(const char *fixture, const char *name)
{
    size_t n_bytes;
    char *bytes = test_read(test_path(test_fixture(fixture), name), &n_bytes);
    test_write(test_path(dir, name), bytes, n_bytes);
    free(bytes);
}

/* The run with types has a file of its own, whose inputs count for that run alone. */
static void types_have_a_file_of_their_own(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/bert");
    checkpoint_write(&c, dir);
    checkpoint_free(&c);
    check_passes("without", dir, "bert", 7);

    copy_file("golden/bert", "token_type.safetensors");
    check_passes("with", dir, "bert", 8);
    ask_verify_report r = verified_report(dir);
    assert_string_equal(r.rows[7].file, "token_type.safetensors");
    assert_string_equal(r.rows[7].name, "last_hidden_state");
    ask_verify_report_free(&r);

    tensor_list own = tensors_read(test_path(dir, "token_type.safetensors"));
    int64_t *types =
        (int64_t *)(uintptr_t)tensors_get(&own, "token_type_ids")->data; // [3, 12]
    types[0] = !types[0];
    tensors_write(&own, test_path(dir, "token_type.safetensors"));
    r = verified_report(dir);
    assert_int_equal(r.n_passed, 7);
    assert_false(r.rows[7].passed);
    ask_verify_report_free(&r);

    types[13] = 2; // of 0 and 1
    tensors_write(&own, test_path(dir, "token_type.safetensors"));
    ask_error err = {0};
    assert_false(ask_model_verify(&r, dir, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "token_type.safetensors: "));
    assert_non_null(strstr(err.message, "token_type_ids: 2 at [1, 1], the network has 2 "
                                        "types"));

    tensors_drop(&own, "token_type_ids");
    tensors_write(&own, test_path(dir, "token_type.safetensors"));
    r = verified_report(dir);
    assert_int_equal(r.n_passed, 7);
    assert_int_equal(r.n_not_compared, 1);
    ask_verify_report_free(&r);
    tensors_free(&own);
}

/* ---- the forms of checkpoints ---- */

/* Gives every tensor whose name ends with `from` (all, when it is "") the prefix, and `to`
 * for that end. */
static void rename_tensors(tensor_list *l, const char *prefix, const char *from,
                           const char *to)
{
    for (size_t i = 0; i < l->n; i++) {
        const char *name = l->entries[i].name;
        size_t n = strlen(name), n_end = strlen(from);
        if (n < n_end || strcmp(name + n - n_end, from) != 0) continue;
        char longer[256];
        snprintf(longer, sizeof longer, "%s%.*s%s", prefix, (int)(n - n_end), name, to);
        free((void *)(uintptr_t)name);
        l->entries[i].name = strdup(longer);
        assert_non_null(l->entries[i].name);
    }
}

static void put_head(checkpoint *c)
{
    rename_tensors(&c->weights, "bert.", "", "");
    tensors_add(&c->weights, "cls.predictions.bias", ASK_F32, 1, (int64_t[]){90});
    tensors_add(&c->weights, "bert.embeddings.position_ids", ASK_I64, 2,
                (int64_t[]){1, 20});
}

static void put_roberta_head(checkpoint *c)
{
    rename_tensors(&c->weights, "roberta.", "", "");
    tensors_add(&c->weights, "lm_head.bias", ASK_F32, 1, (int64_t[]){90});
}

static void name_norms_as_tensorflow(checkpoint *c)
{
    rename_tensors(&c->weights, "", "LayerNorm.weight", "LayerNorm.gamma");
    rename_tensors(&c->weights, "", "LayerNorm.bias", "LayerNorm.beta");
}

static void silence_config(checkpoint *c)
{
    put_head(c);
    checkpoint_edit(c, "\"model_type\"", "\"was_type\"");
    checkpoint_edit(c, "\"architectures\"", "\"was_architectures\"");
}

static void silence_roberta_config(checkpoint *c)
{
    put_roberta_head(c);
    checkpoint_edit(c, "\"model_type\"", "\"was_type\"");
    checkpoint_edit(c, "\"architectures\"", "\"was_architectures\"");
}

static void every_published_form_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *name, *fixture, *network;
        void (*change)(checkpoint *c);
    } cases[] = {
        {"under a head", "golden/bert", "bert", put_head},
        {"under RoBERTa's head", "golden/roberta", "roberta", put_roberta_head},
        {"norms of TensorFlow", "golden/bert", "bert", name_norms_as_tensorflow},
        {"found by its tensors", "golden/bert", "bert", silence_config},
        {"RoBERTa found by its tensors", "golden/roberta", "roberta",
         silence_roberta_config},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        checkpoint c = checkpoint_of(cases[i].fixture);
        char sub[32];
        snprintf(sub, sizeof sub, "%zu", i);
        cases[i].change(&c);
        checkpoint_write(&c, test_path(dir, sub));
        check_passes(cases[i].name, test_path(dir, sub), cases[i].network, 7);
        checkpoint_free(&c);
    }
}

static void a_checkpoint_may_lack_the_pooler(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/roberta");
    tensors_drop(&c.weights, "pooler.dense.weight");
    tensors_drop(&c.weights, "pooler.dense.bias");
    checkpoint_write(&c, dir);
    checkpoint_free(&c);
    ask_verify_report r = verified_report(dir);
    assert_int_equal(r.n_passed, 6);
    assert_int_equal(r.n_not_compared, 1);
    ask_verify_report_free(&r);
}

static void missing_and_foreign_tensors_are_told(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/bert");
    tensors_drop(&c.weights, "encoder.layer.1.output.LayerNorm.weight");
    tensors_add(&c.weights, "decoder.bias", ASK_F32, 1, (int64_t[]){4});
    checkpoint_write(&c, dir);
    checkpoint_free(&c);
    ask_error err = {0};
    assert_null(ask_model_open(dir, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "missing tensors: "
                                        "encoder.layer.1.output.LayerNorm.weight [32]"));
    assert_non_null(strstr(err.message, "does not have: decoder.bias"));
}

static void bad_inputs_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *name, *tensor;
        ask_dtype type;
        int64_t shape[2];
        const char *message;
    } cases[] = {
        {"a text too long",
         "input_ids",
         ASK_I64,
         {1, 21},
         "input_ids: the network takes [B, L] with L from 1 to 20"},
        {"a mask of another shape",
         "attention_mask",
         ASK_I64,
         {3, 11},
         "attention_mask: must have the shape of input_ids"},
        {"types of another shape",
         "token_type_ids",
         ASK_I64,
         {2, 12},
         "token_type_ids: must have the shape of input_ids"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        checkpoint c = checkpoint_of("golden/roberta");
        bool is_new = strcmp(cases[i].tensor, "token_type_ids") == 0;
        if (is_new) tensors_add(&c.inputs, cases[i].tensor, ASK_I64, 2, cases[i].shape);
        if (!is_new)
            tensors_reshape(&c.inputs, cases[i].tensor, cases[i].type, 2, cases[i].shape);
        checkpoint_write(&c, dir);
        checkpoint_free(&c);
        ask_error err = {0};
        ask_verify_report r;
        CHECK_CASE(cases[i].name, !ask_model_verify(&r, dir, NULL, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

/* ---- texts to vectors ---- */

static ask_model *open_or_fail(const char *path)
{
    ask_error err = {0};
    ask_model *m;
    CHECK_OK(m = ask_model_open(path, NULL, &err), &err);
    return m;
}

/* The ids of the reference, with padding where its mask is 0, which is where its rows are
 * filled up. */
static void ids_become_the_sentence_embeddings_of_the_reference(void **state)
{
    (void)state;
    static const char *const fixtures[] = {"golden/bert", "golden/roberta"};
    for (size_t i = 0; i < TEST_COUNT(fixtures); i++) {
        ask_error err = {0};
        checkpoint c = checkpoint_of(fixtures[i]);
        ask_model *m = open_or_fail(test_fixture(fixtures[i]));
        ask_model_info info = ask_model_info_of(m);
        const ask_weights_entry *e = tensors_get(&c.inputs, "input_ids"); // [3, 12]
        const int64_t *mask = tensors_get(&c.inputs, "attention_mask")->data;
        int64_t ids[3 * 12];
        memcpy(ids, e->data, sizeof ids);
        for (int k = 0; k < 3 * 12; k++)
            if (!mask[k]) ids[k] = info.pad_id;
        ask_session *s;
        CHECK_OK(s = ask_session_open(m, &err), &err);
        float *out = calloc(3 * (size_t)info.n_embed, sizeof *out);
        assert_non_null(out);
        CHECK_OK(ask_embed_ids(s, out, ids, 3, 12, NULL, &err), &err);
        test_near(fixtures[i], out, tensors_floats(&c.outputs, "sentence_embedding"),
                  3 * info.n_embed, 5e-5);
        free(out);
        ask_session_close(s);
        ask_model_close(m);
        checkpoint_free(&c);
    }
}

/* ---- how tokens become a vector ---- */

static void write_pooling(const char *text)
{
    char *folder = strdup(test_path(dir, "1_Pooling"));
    assert_non_null(folder);
    ask_error err = {0};
    CHECK_OK(ask_dir_make(folder, &err), &err);
    test_write_text(test_path(folder, "config.json"), text);
    free(folder);
}

enum { N_TEXTS = 3, N_TOKENS = 12 };

/* What the modes are by their definition, from the reference's states [n_embed of each
 * token]. */
static double pooled(const char *mode, const float *states, const int64_t *mask,
                     int64_t n_embed, int64_t i)
{
    if (strcmp(mode, "cls_token") == 0) return states[i];
    double sum = 0, most = -1e9;
    int n = 0;
    for (int t = 0; t < N_TOKENS; t++) {
        if (!mask[t]) continue;
        sum += states[t * n_embed + i];
        most = fmax(most, states[t * n_embed + i]);
        n++;
    }
    return strcmp(mode, "max_tokens") == 0 ? most : sum / n;
}

static void check_pooling(const char *mode, checkpoint *c)
{
    char text[128];
    snprintf(text, sizeof text,
             "{\"pooling_mode_mean_tokens\": false, \"pooling_mode_%s\": true}", mode);
    bool is_mean = strcmp(mode, "mean_tokens") == 0;
    write_pooling(is_mean ? "{\"pooling_mode_mean_tokens\": true}" : text);
    ask_error err = {0};
    ask_model *m = open_or_fail(dir);
    ask_session *s;
    CHECK_OK(s = ask_session_open(m, &err), &err);
    ask_model_info info = ask_model_info_of(m);
    int64_t mask[N_TEXTS * N_TOKENS], ids[N_TEXTS * N_TOKENS];
    memcpy(mask, tensors_get(&c->inputs, "attention_mask")->data, sizeof mask);
    memcpy(ids, tensors_get(&c->inputs, "input_ids")->data, sizeof ids);
    for (int k = 0; k < N_TEXTS * N_TOKENS; k++)
        if (!mask[k]) ids[k] = info.pad_id;
    float out[N_TEXTS * 64];
    assert_true(info.n_embed <= 64);
    CHECK_OK(ask_embed_ids(s, out, ids, N_TEXTS, N_TOKENS, NULL, &err), &err);
    const float *states = tensors_floats(&c->outputs, "last_hidden_state");
    for (int t = 0; t < N_TEXTS; t++) {
        double length = 0;
        const float *of_text = states + (size_t)(t * N_TOKENS) * (size_t)info.n_embed;
        for (int i = 0; i < info.n_embed; i++) {
            double v = pooled(mode, of_text, mask + t * N_TOKENS, info.n_embed, i);
            length += v * v;
        }
        for (int i = 0; i < info.n_embed; i++) {
            double v = pooled(mode, of_text, mask + t * N_TOKENS, info.n_embed, i);
            if (fabs(v / sqrt(length) - out[t * info.n_embed + i]) > 5e-5)
                fail_msg("%s: text %d, number %d", mode, t, i);
        }
    }
    ask_session_close(s);
    ask_model_close(m);
}

static void tokens_become_a_vector_as_the_folder_says(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/bert");
    checkpoint_write(&c, dir);
    static const char *const modes[] = {"mean_tokens", "cls_token", "max_tokens"};
    char ids[TEST_COUNT(modes)][65];
    for (size_t i = 0; i < TEST_COUNT(modes); i++) {
        check_pooling(modes[i], &c);
        ask_model *m = open_or_fail(dir);
        memcpy(ids[i], ask_model_info_of(m).id, sizeof ids[i]);
        ask_model_close(m);
        for (size_t k = 0; k < i; k++) assert_string_not_equal(ids[i], ids[k]);
    }
    checkpoint_free(&c);
}

static void modes_that_are_not_built_are_refused(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/bert");
    checkpoint_write(&c, dir);
    checkpoint_free(&c);
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{}", "no other mode"},
        {"{\"pooling_mode_lasttoken\": true}", "no other mode"},
        {"{\"pooling_mode_mean_tokens\": true, \"pooling_mode_max_tokens\": true}",
         "no other mode"},
        {"{\"pooling_mode_mean_tokens\": 1}", "pooling_mode_mean_tokens"},
        {"{", "1_Pooling/config.json"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        write_pooling(cases[i].text);
        ask_error err = {0};
        assert_null(ask_model_open(dir, NULL, &err));
        assert_int_equal(err.code, ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].message) ||
            !strstr(err.message, "1_Pooling/config.json"))
            fail_msg("%s: %s", cases[i].text, err.message);
    }
}

static void a_text_encoder_has_no_pictures(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_model *m = open_or_fail(test_fixture("golden/roberta"));
    ask_model_info i = ask_model_info_of(m);
    assert_false(i.has_pictures);
    assert_int_equal(i.n_channels, 0);
    assert_int_equal(i.n_views, 0);
    assert_int_equal(i.n_embed, 40);
    assert_int_equal(i.n_context, 20);
    assert_int_equal(i.n_vocab, 90);
    assert_int_equal(i.end_id, -1);
    assert_int_equal(i.pad_id, 1);
    assert_true(i.text_token_gflop > 0 && i.image_gflop == 0);
    ask_session *s;
    CHECK_OK(s = ask_session_open(m, &err), &err);
    float out[40] = {0};
    assert_false(ask_embed_pixels(s, out, out, 1, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, ": roberta embeds no pictures beside texts; "));
    ask_session_close(s);
    ask_model_close(m);
}

/* The tokenizer of the golden cases with a network of its vocabulary. */
static void texts_are_padded_and_do_not_depend_on_each_other(void **state)
{
    (void)state;
    ask_error err = {0};
    checkpoint c = checkpoint_of("golden/roberta");
    checkpoint_edit(&c, "\"vocab_size\": 90", "\"vocab_size\": 500");
    checkpoint_edit(&c, "\"initializer_range\": 0.02", "\"initializer_range\": 0.5");
    test_write_text(test_path(dir, "config.json"), c.config);
    checkpoint_free(&c);
    ask_model_init_options opt = {.seed = 4,
                                  .tokenizer = test_fixture("golden/tokenizer_roberta")};
    char *made = strdup(test_path(dir, "made"));
    CHECK_OK(ask_model_init(made, test_path(dir, "config.json"), &opt, &err), &err);
    assert_int_equal(test_count_entries(made), 6); // the tokenizer's four; no pictures'
    ask_model *m = open_or_fail(made);
    ask_session *s;
    CHECK_OK(s = ask_session_open(m, &err), &err);
    static const char *const texts[] = {"a", "two words and more"};
    float both[2 * 40], alone[40];
    CHECK_OK(ask_embed_texts(s, both, texts, 2, NULL, &err), &err);
    for (int i = 0; i < 2; i++) {
        CHECK_OK(ask_embed_texts(s, alone, &texts[i], 1, NULL, &err), &err);
        test_near(texts[i], both + 40 * i, alone, 40, 1e-5);
        double squares = 0;
        for (int k = 0; k < 40; k++) squares += (double)alone[k] * (double)alone[k];
        assert_true(squares > 0.999 && squares < 1.001);
    }
    ask_session_close(s);
    ask_model_close(m);
    free(made);
}

/* ---- memory ---- */

static bool open_and_embed(void *user, ask_error *err)
{
    (void)user;
    static const int64_t ids[4] = {0, 8, 2, 1};
    float out[40];
    ask_model *m = ask_model_open(test_fixture("golden/roberta"), NULL, err);
    ask_session *s = m ? ask_session_open(m, err) : NULL;
    bool ok = s && ask_embed_ids(s, out, ids, 1, 4, NULL, err);
    ask_session_close(s);
    ask_model_close(m);
    return ok;
}

static void opening_and_embedding_survive_failing_allocations(void **state)
{
    (void)state;
    assert_true(test_some_allocs_fail("roberta", open_and_embed, NULL) > 20);
}

static bool verify_fixture(void *user, ask_error *err)
{
    (void)user;
    ask_verify_report r = {0};
    bool ok = ask_model_verify(&r, test_fixture("golden/bert"), NULL, err);
    ask_verify_report_free(&r);
    return ok;
}

static void verifying_survives_failing_allocations(void **state)
{
    (void)state;
    assert_true(test_some_allocs_fail("verify", verify_fixture, NULL) > 20);
}

int main(void)
{
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_values_are_computed),
        cmocka_unit_test(a_sentence_encoder_with_twelve_heads_is_a_bert),
        IN_DIR(types_have_a_file_of_their_own),
        IN_DIR(every_published_form_is_read),
        IN_DIR(a_checkpoint_may_lack_the_pooler),
        IN_DIR(missing_and_foreign_tensors_are_told),
        IN_DIR(bad_inputs_are_told),
        cmocka_unit_test(ids_become_the_sentence_embeddings_of_the_reference),
        IN_DIR(tokens_become_a_vector_as_the_folder_says),
        IN_DIR(modes_that_are_not_built_are_refused),
        cmocka_unit_test(a_text_encoder_has_no_pictures),
        IN_DIR(texts_are_padded_and_do_not_depend_on_each_other),
        cmocka_unit_test(opening_and_embedding_survive_failing_allocations),
        cmocka_unit_test(verifying_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
