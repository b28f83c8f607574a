/* ST-LLM beside its references; what its tensors tell where its configuration does not;
 * what its inputs may be; rows that are made of all frames of a video. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/init.h"
#include "model/quantize.h"
#include "model/rows_priv.h"
#include "support/checkpoint.h"
#include "support/language_model.h"
#include "support/tensors.h"
#include "support/testing.h"
#include "support/verified.h"
#include "text/tokenizer.h"

#define PREFIX "model.stllm_model."

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

static void check_all(const char *name, const char *path, int n_rows)
{
    ask_verify_report r = verified_all(name, path, "st_llm", n_rows);
    CHECK_CASE(name, verified_row(&r, "generated_ids")->tol_abs == 0);
    CHECK_CASE(name, verified_row(&r, "step_scores")->max_ref > 1);
    ask_verify_report_free(&r);
}

/* ---- beside the reference ---- */

static void the_reference_values_are_computed(void **state)
{
    (void)state;
    check_all("all", test_fixture("golden/st_llm_all"), 11);
    check_all("mean", test_fixture("golden/st_llm_mean"), 12);
    check_all("residual", test_fixture("golden/st_llm_residual"), 14);
    check_all("adapter", test_fixture("golden/st_llm_btadapter"), 11);
}

/* Each part counts: with one of its weights changed something differs. */
static void every_part_is_verified(void **state)
{
    (void)state;
    static const struct {
        const char *fixture, *weight, *row;
    } cases[] = {
        {"all", "visual_encoder.blocks.1.attn.v_bias", "ln_vision"},
        {"all", "ln_vision.bias", "ln_vision"},
        {"all", "query_tokens", "qformer.last_hidden_state"},
        {"all", "Qformer.bert.embeddings.word_embeddings.weight",
         "qformer.last_hidden_state"},
        {"all", "Qformer.bert.encoder.layer.0.intermediate.dense.bias", "frame_rows"},
        {"all", "llama_proj.bias", "step_scores"},
        {"mean", "llama_proj.bias", "logits"},
        {"residual", "down_proj.weight", "uneven.visual"},
        {"residual", "up_proj.bias", "visual"},
        {"btadapter", "visual_encoder.BTAdapter_cls", "ln_vision"},
        {"btadapter", "visual_encoder.BTAdapter_position.weight", "ln_vision"},
        {"btadapter", "visual_encoder.BTAdapter_T.1.temporal_fc.bias", "ln_vision"},
        {"btadapter", "visual_encoder.BTAdapter_T.0.attn.v_bias", "ln_vision"},
        {"btadapter", "visual_encoder.BTAdapter_S.1.mlp.fc2.bias", "ln_vision"},
        {"btadapter", "visual_encoder.BTAdapter_S.0.norm1.bias", "ln_vision"},
        {"btadapter", "visual_encoder.pos_embed", "step_scores"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char fixture[64], weight[128];
        snprintf(fixture, sizeof fixture, "golden/st_llm_%s", cases[i].fixture);
        snprintf(weight, sizeof weight, PREFIX "%s", cases[i].weight);
        checkpoint c = checkpoint_of(fixture);
        const ask_weights_entry *e = tensors_get(&c.weights, weight);
        float *values = tensors_floats(&c.weights, weight);
        // Of a table all of it, for who knows which rows are read.
        for (int64_t k = 0; k < (e->n_dims > 1 ? e->n_elements : 1); k++)
            values[k] += k % 2 ? -0.5f : 0.5f;
        checkpoint_write(&c, dir);
        ask_verify_report r = verified_report(dir);
        const ask_verify_row *row = verified_row(&r, cases[i].row);
        CHECK_CASE(cases[i].weight, row && row->compared && !row->passed);
        ask_verify_report_free(&r);
        checkpoint_free(&c);
    }
}

static void other_words_and_frames_are_found(void **state)
{
    (void)state;
    static const char *const rows[] = {"generated_ids", "residual_index"};
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        checkpoint c = checkpoint_of("golden/st_llm_residual");
        const ask_weights_entry *e = tensors_get(&c.outputs, rows[i]);
        ((int64_t *)(uintptr_t)e->data)[e->n_elements - 1] ^= 1;
        checkpoint_write(&c, dir);
        ask_verify_report r = verified_report(dir);
        assert_int_equal(r.n_failed, 1);
        assert_false(verified_row(&r, rows[i])->passed);
        ask_verify_report_free(&r);
        checkpoint_free(&c);
    }
}

/* ---- what is not in the configuration ---- */

/* Published folders have LLaMA's keys alone. */
static void the_tensors_tell_the_rest(void **state)
{
    (void)state;
    static const char *const keys[] = {"vit_model",          "image_size\": 28,\n \"drop",
                                       "video_input",        "residual_size",
                                       "max_txt_len",        "residual_hidden_size",
                                       "qformer_text_input", "use_qformer_text_input",
                                       "\"vocab_size\": 40"};
    static const struct {
        const char *fixture;
        int n_rows;
    } cases[] = {{"golden/st_llm_all", 11},
                 {"golden/st_llm_residual", 14},
                 {"golden/st_llm_btadapter", 11}};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        checkpoint c = checkpoint_of(cases[i].fixture);
        for (size_t k = 0; k < TEST_COUNT(keys); k++) {
            char *at = strstr(c.config, keys[k]);
            while (at) { // becomes a key that nobody reads
                at[keys[k][0] == '"'] = 'X';
                at = strstr(c.config, keys[k]);
            }
        }
        checkpoint_write(&c, dir);
        check_all(cases[i].fixture, dir, cases[i].n_rows);
        checkpoint_free(&c);
    }
}

static void other_forms_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *from, *to, *drop, *message;
    } cases[] = {
        {"LoRA", "model.", "base_model.model.model.", NULL,
         "base_model.model.model.embed_tokens.weight: LoRA is not supported: merge it into "
         "the weights"},
        {"no Q-Former", NULL, NULL, PREFIX "query_tokens",
         PREFIX "query_tokens: there is no Q-Former"},
        {"a part that is missing", NULL, NULL,
         PREFIX "visual_encoder.BTAdapter_T.1.norm1.bias",
         PREFIX "visual_encoder.BTAdapter_T.1.norm1.bias"},
        {"a part that is not known", PREFIX "visual_encoder.BTAdapter_cls",
         PREFIX "visual_encoder.BTAdapter_class", NULL, "BTAdapter_cl"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        checkpoint c = checkpoint_of("golden/st_llm_btadapter");
        if (cases[i].from) tensors_rename(&c.weights, cases[i].from, cases[i].to);
        if (cases[i].drop) tensors_drop(&c.weights, cases[i].drop);
        checkpoint_write(&c, dir);
        CHECK_CASE(cases[i].name, !ask_model_open(dir, NULL, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        checkpoint_free(&c);
    }
}

/* ---- inputs ---- */

static void inputs_that_it_cannot_take_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *name, *fixture, *tensor;
        ask_dtype type;
        int n_dims;
        int64_t shape[5];
        const char *drop; // another input; or NULL
        const char *message;
    } cases[] = {
        {"a picture",
         "all",
         "pixel_values",
         ASK_F32,
         4,
         {2, 3, 28, 28},
         NULL,
         "pixel_values: the network takes [B, T, 3, 28, 28]"},
        {"frames of another size",
         "all",
         "pixel_values",
         ASK_F32,
         5,
         {2, 3, 3, 28, 14},
         NULL,
         "pixel_values: the network takes [B, T, 3, 28, 28]"},
        {"too few frames",
         "residual",
         "pixel_values",
         ASK_F32,
         5,
         {1, 2, 3, 28, 28},
         NULL,
         "pixel_values: 2 frames, of which 4 cannot be taken; the network takes 3 or more"},
        {"too many frames",
         "btadapter",
         "pixel_values",
         ASK_F32,
         5,
         {2, 65, 3, 28, 28},
         NULL,
         "pixel_values: 65 frames; the network's adapter knows 64"},
        {"more frames than places",
         "all",
         "pixel_values",
         ASK_F32,
         5,
         {2, 4, 3, 28, 28},
         NULL,
         "input_ids: 24 places have the id 3, for 32 rows of features"},
        {"fewer videos",
         "mean",
         "pixel_values",
         ASK_F32,
         5,
         {1, 4, 3, 28, 28},
         NULL,
         "pixel_values: 1 for 2 texts of input_ids"},
        {"fewer instructions",
         "all",
         "qformer_input_ids",
         ASK_I64,
         2,
         {1, 6},
         "qformer_attention_mask",
         "qformer_input_ids: 1 texts for 2 videos"},
        {"no instructions",
         "all",
         "qformer_attention_mask",
         ASK_I64,
         2,
         {2, 6},
         "qformer_input_ids",
         "qformer_input_ids is missing"},
        {"an instruction that nobody reads",
         "mean",
         "qformer_input_ids",
         ASK_I64,
         2,
         {2, 6},
         NULL,
         "qformer_input_ids: the network reads no instruction"},
        {"an instruction that is too long",
         "all",
         "qformer_input_ids",
         ASK_I64,
         2,
         {2, 17},
         "qformer_attention_mask",
         "qformer_input_ids: "},
        {"all of the text before the rows",
         "mean",
         "before_ids",
         ASK_I64,
         2,
         {2, 16},
         NULL,
         "before_ids: the network takes [B, L]"},
        {"another end than that of the text",
         "mean",
         "after_ids",
         ASK_I64,
         2,
         {2, 2},
         NULL,
         "after_ids: these are not the last ids of each of input_ids"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_verify_report r;
        char fixture[64];
        snprintf(fixture, sizeof fixture, "golden/st_llm_%s", cases[i].fixture);
        checkpoint c = checkpoint_of(fixture);
        bool is_new = strstr(cases[i].name, "nobody reads");
        (is_new ? (void)tensors_add(&c.inputs, cases[i].tensor, cases[i].type,
                                    cases[i].n_dims, cases[i].shape)
                : tensors_reshape(&c.inputs, cases[i].tensor, cases[i].type,
                                  cases[i].n_dims, cases[i].shape));
        if (cases[i].drop) tensors_drop(&c.inputs, cases[i].drop);
        checkpoint_write(&c, dir);
        CHECK_CASE(cases[i].name, !ask_model_verify(&r, dir, NULL, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        checkpoint_free(&c);
    }
}

/* ---- rows ---- */

typedef struct {
    ask_model *model;
    ask_session *session;
    ask_rows_info info;
    int width;
} seer;

static seer seer_open(const char *name)
{
    ask_error err = {0};
    ask_language_info language;
    char path[64];
    seer s = {0};
    snprintf(path, sizeof path, "golden/st_llm_%s", name);
    CHECK_OK(s.model = ask_model_open(test_fixture(path), NULL, &err), &err);
    CHECK_OK(s.session = ask_session_open(s.model, &err), &err);
    CHECK_OK(ask_rows_info_of(&s.info, s.model, &err), &err);
    CHECK_OK(ask_language_info_of(&language, s.model, &err), &err);
    s.width = language.width;
    return s;
}

static void seer_close(seer *s)
{
    ask_session_close(s->session);
    ask_model_close(s->model);
}

static void what_it_sees_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *name, *form;
        bool told;
        int n_kept, n_shown, n_least, n_most, n_rows; // n_rows: of 7 frames
    } cases[] = {
        {"all", "st_llm", true, 17 * 24, 16, 1, 0, 28},
        {"mean", "st_llm_minigpt4", false, 5 * 20, 16, 1, 0, 5},
        {"residual", "st_llm", true, 17 * 16, 16, 3, 0, 12},
        {"btadapter", "st_llm", true, 2 * 17 * 16, 16, 1, 64, 21},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        seer s = seer_open(cases[i].name);
        const ask_rows_info *info = &s.info;
        CHECK_CASE(cases[i].name, info->sees_frames && info->together);
        CHECK_CASE(cases[i].name, info->instructed == cases[i].told);
        CHECK_CASE(cases[i].name, info->leads == cases[i].told);
        CHECK_CASE(cases[i].name, info->opens == (cases[i].told ? 2 : 0));
        CHECK_CASE(cases[i].name, strcmp(info->form, cases[i].form) == 0);
        CHECK_CASE(cases[i].name, strcmp(info->stop, "###") == 0);
        CHECK_CASE(cases[i].name, info->n_kept == (size_t)cases[i].n_kept);
        CHECK_CASE(cases[i].name, info->n_shown == cases[i].n_shown);
        CHECK_CASE(cases[i].name, info->n_least == cases[i].n_least);
        CHECK_CASE(cases[i].name, info->n_most == cases[i].n_most);
        CHECK_CASE(cases[i].name, ask_rows_n_shown(s.model, 7) == cases[i].n_rows);
        CHECK_CASE(cases[i].name, info->mark == -1 && info->frame_gflop > 0);
        seer_close(&s);
    }
}

/* A frame is looked at by itself, whatever is looked at with it; what is made of all of
 * them is what the reference makes. */
static void rows_of_a_session_are_the_reference_s(void **state)
{
    (void)state;
    static const char *const names[] = {"all", "mean", "residual", "btadapter"};
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        ask_error err = {0};
        char fixture[64];
        snprintf(fixture, sizeof fixture, "golden/st_llm_%s", names[i]);
        checkpoint c = checkpoint_of(fixture);
        seer s = seer_open(names[i]);
        const ask_weights_entry *pixels = tensors_get(&c.inputs, "pixel_values");
        int n = (int)pixels->shape[1], n_rows = ask_rows_n_shown(s.model, n);
        size_t size = (size_t)(3 * pixels->shape[3] * pixels->shape[4]);
        float *kept = calloc((size_t)n, s.info.n_kept * sizeof *kept);
        float *rows = calloc((size_t)n_rows, (size_t)s.width * sizeof *rows);
        float *origins = calloc((size_t)n_rows, (size_t)n * sizeof *origins);
        assert_true(kept && rows && origins);
        for (int f = 0; f < n; f++)
            CHECK_OK(ask_rows_look(s.session, kept + (size_t)f * s.info.n_kept,
                                   (const float *)pixels->data + (size_t)f * size, 1, NULL,
                                   &err),
                     &err);
        const int64_t *ids =
            s.info.instructed ? tensors_get(&c.inputs, "qformer_input_ids")->data : NULL;
        int n_ids = 0;
        if (ids) {
            const ask_weights_entry *mask =
                tensors_get(&c.inputs, "qformer_attention_mask");
            while (n_ids < mask->shape[1] && ((const int64_t *)mask->data)[n_ids]) n_ids++;
        }
        const rows_scene scene = {kept, n, ids, n_ids};
        CHECK_OK(rows_show(s.session, &(ask_rows_made){.rows = rows, .origins = origins},
                           &scene, NULL, &err),
                 &err);
        test_near(names[i], rows, tensors_floats(&c.outputs, "visual"), n_rows * s.width,
                  2e-5);
        for (int row = 0; row < n_rows; row++) {
            double sum = 0;
            for (int f = 0; f < n; f++) sum += origins[row * n + f];
            CHECK_CASE(names[i], fabs(sum - 1) < 1e-6);
        }
        free(kept);
        free(rows);
        free(origins);
        seer_close(&s);
        checkpoint_free(&c);
    }
}

static void numbers_of_frames_that_cannot_be_shown_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int n;
        const char *message;
    } cases[] = {
        {"residual", 2, "2 frames are too few: st_llm makes rows of 3 or more"},
        {"btadapter", 65, "65 frames are too many: st_llm makes rows of 64 at most"},
        {"all", 0, "no frames are shown"},
    };
    static const float none[4000];
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        seer s = seer_open(cases[i].name);
        const float *kept[65];
        float rows[1];
        for (int f = 0; f < 65; f++) kept[f] = none;
        const ask_rows_scene scene = {.kept = kept, .n = cases[i].n, .instruction = "Who?"};
        CHECK_CASE(cases[i].name, !ask_rows_show(s.session, &(ask_rows_made){.rows = rows},
                                                 &scene, NULL, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_USAGE);
        CHECK_CASE(cases[i].name, strstr(err.message, cases[i].message));
        seer_close(&s);
    }
}

static void the_tokenizer_of_the_instruction_is_asked_for(void **state)
{
    (void)state;
    ask_error err = {0};
    seer s = seer_open("all");
    float kept[17 * 24] = {0}, rows[4 * 32];
    const ask_rows_scene scene = {
        .kept = (const float *[]){kept}, .n = 1, .instruction = "Who?"};
    assert_false(
        ask_rows_show(s.session, &(ask_rows_made){.rows = rows}, &scene, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "qformer_tokenizer: there is no such folder, with "
                                        "the tokenizer of the Q-Former"));
    seer_close(&s);
}

/* Of an instruction that is too long its beginning is left out, behind the token that
 * begins texts. */
static void the_end_of_a_long_instruction_is_read(void **state)
{
    (void)state;
    enum { MOST = 16, N = 4, ROWS = 12, WIDTH = 32 };
    static const char text[] = "the quick brown fox jumps over the wall and the reader is "
                               "here to see it, again and again and again";
    ask_error err = {0};
    seer s = {0};
    ask_tokenizer *t;
    ask_tokens tokens = {0};
    char folder[512];
    snprintf(folder, sizeof folder, "%s/m/qformer_tokenizer", dir);
    language_model_write(test_path(dir, "m"),
                         &(language_model_options){.kind = LANGUAGE_MODEL_ST_LLM});
    CHECK_OK(s.model = ask_model_open(test_path(dir, "m"), NULL, &err), &err);
    CHECK_OK(s.session = ask_session_open(s.model, &err), &err);
    CHECK_OK(t = ask_tokenizer_open(folder, &err), &err);
    CHECK_OK(ask_tokenizer_encode(t, text, NULL, true, &tokens, &err), &err);
    assert_true(tokens.n > MOST);
    int64_t ids[MOST] = {tokens.tokens[0].id};
    for (int i = 1; i < MOST; i++) ids[i] = tokens.tokens[tokens.n - MOST + i].id;
    float kept[N][2 * 17 * 16], shown[ROWS * WIDTH], expected[ROWS * WIDTH];
    const float *each[N];
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < 2 * 17 * 16; k++) kept[i][k] = (float)sin(i + 0.1 * k);
        each[i] = kept[i];
    }
    const ask_rows_scene scene = {.kept = each, .n = N, .instruction = text};
    const rows_scene same = {kept[0], N, ids, MOST};
    CHECK_OK(ask_rows_show(s.session, &(ask_rows_made){.rows = shown}, &scene, NULL, &err),
             &err);
    CHECK_OK(rows_show(s.session, &(ask_rows_made){.rows = expected}, &same, NULL, &err),
             &err);
    assert_memory_equal(shown, expected, sizeof shown);
    ask_tokens_free(&tokens);
    ask_tokenizer_close(t);
    seer_close(&s);
}

/* ---- making and shrinking ---- */

static void new_checkpoints_can_be_made_and_shrunk(void **state)
{
    (void)state;
    static const char *const cases[] = {"all", "mean", "residual", "btadapter"};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_model *m;
        char fixture[64], made[512], shrunk[512];
        ask_weights_quantized quantized;
        snprintf(fixture, sizeof fixture, "golden/st_llm_%s/config.json", cases[i]);
        snprintf(made, sizeof made, "%s/%s", dir, cases[i]);
        snprintf(shrunk, sizeof shrunk, "%s/%s-q4", dir, cases[i]);
        CHECK_OK(ask_model_init(made, test_fixture(fixture), NULL, &err), &err);
        CHECK_OK(m = ask_model_open(made, NULL, &err), &err);
        int64_t n_made = ask_model_info_of(m).n_params;
        ask_model_close(m);
        snprintf(fixture, sizeof fixture, "golden/st_llm_%s", cases[i]);
        CHECK_OK(m = ask_model_open(test_fixture(fixture), NULL, &err), &err);
        CHECK_CASE(cases[i], n_made == ask_model_info_of(m).n_params);
        ask_model_close(m);
        CHECK_OK(ask_model_quantize(&quantized, shrunk, test_fixture(fixture), NULL, &err),
                 &err);
        CHECK_OK(m = ask_model_open(shrunk, NULL, &err), &err);
        ask_model_close(m);
    }
}

int main(void)
{
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_values_are_computed),
        IN_DIR(every_part_is_verified),
        IN_DIR(other_words_and_frames_are_found),
        IN_DIR(the_tensors_tell_the_rest),
        IN_DIR(other_forms_are_refused),
        IN_DIR(inputs_that_it_cannot_take_are_told),
        cmocka_unit_test(what_it_sees_is_told),
        cmocka_unit_test(rows_of_a_session_are_the_reference_s),
        cmocka_unit_test(numbers_of_frames_that_cannot_be_shown_are_told),
        cmocka_unit_test(the_tokenizer_of_the_instruction_is_asked_for),
        IN_DIR(the_end_of_a_long_instruction_is_read),
        IN_DIR(new_checkpoints_can_be_made_and_shrunk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
