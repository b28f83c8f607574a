/* BLIP-2 and InstructBLIP beside their references; what their inputs may be; rows that are
 * made of frames and an instruction. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/init.h"
#include "model/quantize.h"
#include "model/rows_priv.h"
#include "support/checkpoint.h"
#include "support/testing.h"
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

/* ---- beside the reference ---- */

static void the_reference_values_are_computed(void **state)
{
    (void)state;
    static const struct {
        const char *fixture, *network;
        int n_rows;
    } cases[] = {
        {"golden/blip2_opt", "blip2", 9},
        {"golden/blip2_opt_image_token", "blip2", 9},
        {"golden/blip2_opt_cross_every", "blip2", 9},
        {"golden/instructblip_llama", "instructblip", 11},
        {"golden/instructblip_llama_grouped", "instructblip", 11},
        {"golden/instructblip_video", "instructblip_video", 11},
        {"golden/blip2_t5", "blip2", 4},
        {"golden/instructblip_t5", "instructblip", 10},
        {"golden/blip2_itm", "blip2_itm", 5},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *name = cases[i].fixture;
        ask_verify_report r =
            verified_all(name, test_fixture(name), cases[i].network, cases[i].n_rows);
        if (strcmp(r.network, "blip2_itm") != 0)
            CHECK_CASE(name, verified_row(&r, "generated_ids")->tol_abs == 0);
        ask_verify_report_free(&r);
    }
}

/* The ids that no file says are those of OPT, the padding behind an answer's end too. */
static void no_file_need_say_the_ids(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/blip2_opt");
    checkpoint_write(&c, dir); // without generation_config.json
    ask_verify_report r = verified_all("without its ids", dir, "blip2", 9);
    ask_verify_report_free(&r);
    checkpoint_free(&c);
}

/* Each part counts: with one of its weights changed something differs. */
static void every_part_is_verified(void **state)
{
    (void)state;
    static const struct {
        const char *fixture, *weight, *row;
    } cases[] = {
        {"golden/instructblip_llama", "vision_model.encoder.layers.1.self_attn.qkv.bias",
         "vision.last_hidden_state"},
        {"golden/instructblip_llama", "query_tokens", "qformer.hidden_states.0"},
        {"golden/instructblip_llama", "qformer.encoder.layer.0.intermediate.dense.weight",
         "qformer.hidden_states.1"},
        {"golden/instructblip_llama",
         "qformer.encoder.layer.2.crossattention.output.LayerNorm.bias",
         "qformer.other_text.queries"},
        {"golden/instructblip_llama", "language_projection.bias", "step_scores"},
        {"golden/blip2_opt", "qformer.layernorm.bias", "logits"},
        {"golden/instructblip_t5", "language_projection.bias", "single.logits"},
        {"golden/blip2_itm", "itm_head.bias", "itm.logits_per_image"},
        {"golden/blip2_itm", "text_projection.bias", "itc.text_embeds"},
        {"golden/blip2_itm", "embeddings.position_embeddings.weight",
         "itm.logits_per_image"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        checkpoint c = checkpoint_of(cases[i].fixture);
        tensors_floats(&c.weights, cases[i].weight)[0] += 0.5f;
        checkpoint_write(&c, dir);
        ask_verify_report r = verified_report(dir);
        const ask_verify_row *row = verified_row(&r, cases[i].row);
        CHECK_CASE(cases[i].weight, row && row->compared && !row->passed);
        ask_verify_report_free(&r);
        checkpoint_free(&c);
    }
}

/* The masked places of a text mean nothing; the rows before it, and what is no padding,
 * do. */
static void padding_is_not_compared(void **state)
{
    (void)state;
    enum { V = 96, T = 6, Q = 4 };
    for (int place = 0; place < Q + T; place++) {
        checkpoint c = checkpoint_of("golden/instructblip_llama");
        const ask_weights_entry *e = tensors_get(&c.inputs, "attention_mask");
        int64_t mask[2 * T];
        memcpy(mask, e->data, sizeof mask);
        bool counts = place < Q || mask[T + place - Q] != 0;
        tensors_floats(&c.outputs, "logits")[((Q + T) + place) * V] += 1;
        checkpoint_write(&c, dir);
        ask_verify_report r = verified_report(dir);
        assert_int_equal(verified_row(&r, "logits")->passed, !counts);
        ask_verify_report_free(&r);
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
        const char *message;
    } cases[] = {
        {"another size",
         "golden/blip2_opt",
         "pixel_values",
         ASK_F32,
         4,
         {2, 3, 14, 28},
         "pixel_values: the network takes [B, 3, 28, 28]"},
        {"frames of a video",
         "golden/blip2_opt",
         "pixel_values",
         ASK_F32,
         5,
         {2, 1, 3, 28, 28},
         "pixel_values: the network takes [B, 3, 28, 28]"},
        {"fewer pictures",
         "golden/blip2_opt",
         "pixel_values",
         ASK_F32,
         4,
         {1, 3, 28, 28},
         "pixel_values: 1 for 2 texts of input_ids"},
        {"more pictures than places",
         "golden/blip2_opt_image_token",
         "pixel_values",
         ASK_F32,
         4,
         {3, 3, 28, 28},
         "input_ids: 8 places have the id 95, for 12 rows of features"},
        {"positions",
         "golden/blip2_opt",
         "position_ids",
         ASK_I64,
         2,
         {2, 6},
         "position_ids: rows that stand before a text have none"},
        {"a text that is too long",
         "golden/blip2_opt",
         "input_ids",
         ASK_I64,
         2,
         {2, 61},
         "input_ids: 61 tokens behind 4 rows; the network reads 64"},
        {"fewer answers",
         "golden/blip2_t5",
         "decoder_input_ids",
         ASK_I64,
         2,
         {1, 5},
         "decoder_input_ids: 1 texts for 2 of input_ids"},
        {"an answer without an encoder",
         "golden/blip2_opt",
         "decoder_input_ids",
         ASK_I64,
         2,
         {2, 5},
         "decoder_input_ids: the network has no encoder"},
        {"fewer instructions",
         "golden/instructblip_llama",
         "qformer_input_ids",
         ASK_I64,
         2,
         {1, 7},
         "qformer_input_ids: 1 texts for 2 of input_ids"},
        {"an instruction that is too long",
         "golden/instructblip_llama",
         "qformer_input_ids",
         ASK_I64,
         2,
         {2, 25},
         "qformer_input_ids: "},
        {"a mask of another length",
         "golden/instructblip_llama",
         "qformer_attention_mask",
         ASK_I64,
         2,
         {2, 6},
         "qformer_attention_mask: "},
        {"a picture for each text",
         "golden/blip2_itm",
         "input_ids",
         ASK_I64,
         2,
         {2, 8},
         "pixel_values: 3 for 2 texts of input_ids"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_verify_report r;
        checkpoint c = checkpoint_of(cases[i].fixture);
        bool is_new =
            strstr(cases[i].message, "have none") || strstr(cases[i].message, "no encoder");
        if (is_new)
            tensors_add(&c.inputs, cases[i].tensor, cases[i].type, cases[i].n_dims,
                        cases[i].shape);
        else
            tensors_reshape(&c.inputs, cases[i].tensor, cases[i].type, cases[i].n_dims,
                            cases[i].shape);
        if (strstr(cases[i].fixture, "itm") || strstr(cases[i].name, "too long") ||
            strstr(cases[i].name, "fewer instr")) {
            const char *mask = strstr(cases[i].tensor, "qformer") ? "qformer_attention_mask"
                                                                  : "attention_mask";
            tensors_drop(&c.inputs, mask);
        }
        checkpoint_write(&c, dir);
        CHECK_CASE(cases[i].name, !ask_model_verify(&r, dir, NULL, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        checkpoint_free(&c);
    }
}

/* Then there is no first text with the first picture, and what is of both is compared. */
static void two_pictures_may_stand_in_one_text(void **state)
{
    (void)state;
    enum { MOST = 64 };
    checkpoint c = checkpoint_of("golden/blip2_opt_image_token");
    const ask_weights_entry *e = tensors_get(&c.inputs, "input_ids");
    int64_t ids[MOST];
    assert_in_range(e->bytes, 1, sizeof ids);
    memcpy(ids, e->data, e->bytes);
    int64_t n = e->n_elements;
    tensors_reshape(&c.inputs, "input_ids", ASK_I64, 2, (int64_t[]){1, n});
    e = tensors_get(&c.inputs, "input_ids");
    memcpy((void *)(uintptr_t)e->data, ids, e->bytes);
    tensors_drop(&c.inputs, "attention_mask");
    tensors_add(&c.outputs, "single.logits", ASK_F32, 3, (int64_t[]){1, n, 96});
    checkpoint_write(&c, dir);
    ask_verify_report r = verified_report(dir);
    assert_false(verified_row(&r, "single.logits")->compared);
    assert_true(verified_row(&r, "language_projection")->passed);
    ask_verify_report_free(&r);
    checkpoint_free(&c);
}

/* A graph takes any mask; rows of a session are made of tokens alone, whose positions
 * padding before them would move. */
static void an_instruction_is_padded_behind(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_verify_report r;
    checkpoint c = checkpoint_of("golden/instructblip_llama");
    ask_weights_entry *e = tensors_get(&c.inputs, "qformer_attention_mask");
    memset((char *)e->data, 0, 8);
    checkpoint_write(&c, dir);
    assert_false(ask_model_verify(&r, dir, NULL, &err));
    assert_non_null(strstr(err.message, "qformer_attention_mask: tokens stand behind "
                                        "padding; pad behind them"));
    checkpoint_free(&c);
}

/* ---- rows ---- */

typedef struct {
    ask_model *model;
    ask_session *session;
    ask_rows_info info;
} seer;

static seer seer_open(const char *path)
{
    ask_error err = {0};
    seer s = {0};
    CHECK_OK(s.model = ask_model_open(path, NULL, &err), &err);
    CHECK_OK(s.session = ask_session_open(s.model, &err), &err);
    CHECK_OK(ask_rows_info_of(&s.info, s.model, &err), &err);
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
    seer blip2 = seer_open(test_fixture("golden/blip2_opt")),
         marked = seer_open(test_fixture("golden/blip2_opt_image_token")),
         told = seer_open(test_fixture("golden/instructblip_llama"));
    assert_true(blip2.info.sees_frames && !blip2.info.together && !blip2.info.instructed);
    assert_int_equal(blip2.info.n_rows, 4);
    assert_int_equal(blip2.info.mark, -1);
    assert_true(blip2.info.side == 4 && blip2.info.looks);
    assert_string_equal(blip2.info.form, "blip2");
    assert_int_equal(marked.info.mark, 95);
    assert_true(told.info.together && told.info.instructed);
    assert_int_equal(told.info.n_kept, 17 * 24);
    assert_int_equal(ask_rows_n_shown(told.model, 3), 12);
    assert_string_equal(told.info.form, "instructblip");
    seer_close(&blip2);
    seer_close(&marked);
    seer_close(&told);
}

/* Frames that are shown together become the rows that each becomes by itself, beside the
 * same instruction; another one changes them. */
static void rows_are_of_frames_and_an_instruction(void **state)
{
    (void)state;
    enum { N = 2, ROWS = 4, WIDTH = 40, CELLS = 16, KEPT = (1 + CELLS) * 24 };
    static const int64_t ids[] = {5, 6, 7, 8}, others[] = {5, 6, 9};
    ask_error err = {0};
    seer s = seer_open(test_fixture("golden/instructblip_llama"));
    checkpoint c = checkpoint_of("golden/instructblip_llama");
    const float *pixels = tensors_floats(&c.inputs, "pixel_values");
    float kept[N * KEPT], both[N * ROWS * WIDTH], one[ROWS * WIDTH], other[ROWS * WIDTH];
    float origins[N * ROWS * N], cells[N * ROWS * CELLS];
    CHECK_OK(ask_rows_look(s.session, kept, pixels, N, NULL, &err), &err);
    const rows_scene all = {kept, N, ids, 4}, second = {kept + KEPT, 1, ids, 4},
                     differently = {kept + KEPT, 1, others, 3};
    const ask_rows_made made = {both, origins, cells};
    CHECK_OK(rows_show(s.session, &made, &all, NULL, &err), &err);
    CHECK_OK(rows_show(s.session, &(ask_rows_made){.rows = one}, &second, NULL, &err),
             &err);
    CHECK_OK(
        rows_show(s.session, &(ask_rows_made){.rows = other}, &differently, NULL, &err),
        &err);
    float moved = 0;
    for (int i = 0; i < ROWS * WIDTH; i++) {
        float difference = both[ROWS * WIDTH + i] - one[i];
        assert_true(difference < 1e-5f && difference > -1e-5f);
        moved += (one[i] - other[i]) * (one[i] - other[i]);
    }
    assert_true(moved > 0.1f);
    for (int row = 0; row < N * ROWS; row++)
        for (int frame = 0; frame < N; frame++)
            assert_true(origins[row * N + frame] == (row / ROWS == frame ? 1 : 0));
    for (int row = 0; row < N * ROWS; row++) { // the class token has the rest
        double sum = 0;
        for (int i = 0; i < CELLS; i++) sum += cells[row * CELLS + i];
        assert_true(sum > 0.5 && sum < 1);
    }
    checkpoint_free(&c);
    seer_close(&s);
}

/* ---- making and shrinking ---- */

static void new_checkpoints_can_be_made_and_shrunk(void **state)
{
    (void)state;
    static const char *const cases[] = {"blip2_opt", "instructblip_llama", "blip2_itm"};
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_model *m;
        char fixture[64], config[128], made[512], shrunk[512];
        ask_weights_quantized quantized;
        ask_model_info info, coded;
        snprintf(fixture, sizeof fixture, "golden/%s", cases[i]);
        snprintf(config, sizeof config, "%s/config.json", fixture);
        snprintf(made, sizeof made, "%s/%s", dir, cases[i]);
        snprintf(shrunk, sizeof shrunk, "%s/%s-q8", dir, cases[i]);
        CHECK_OK(ask_model_init(made, test_fixture(config), NULL, &err), &err);
        CHECK_OK(m = ask_model_open(made, NULL, &err), &err);
        info = ask_model_info_of(m);
        checkpoint c = checkpoint_of(fixture);
        for (size_t k = 0; k < c.weights.n; k++)
            info.n_params -= c.weights.entries[k].n_elements;
        CHECK_CASE(cases[i], info.n_params == 0); // what the library's class has, no more
        checkpoint_free(&c);
        ask_model_close(m);
        CHECK_OK(ask_model_quantize(&quantized, shrunk, made, NULL, &err), &err);
        CHECK_OK(m = ask_model_open(shrunk, NULL, &err), &err);
        coded = ask_model_info_of(m);
        CHECK_CASE(cases[i], coded.n_params > 0);
        ask_model_close(m);
    }
}

int main(void)
{
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_values_are_computed),
        IN_DIR(no_file_need_say_the_ids),
        IN_DIR(every_part_is_verified),
        IN_DIR(padding_is_not_compared),
        IN_DIR(inputs_that_it_cannot_take_are_told),
        IN_DIR(two_pictures_may_stand_in_one_text),
        IN_DIR(an_instruction_is_padded_behind),
        cmocka_unit_test(what_it_sees_is_told),
        cmocka_unit_test(rows_are_of_frames_and_an_instruction),
        IN_DIR(new_checkpoints_can_be_made_and_shrunk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
