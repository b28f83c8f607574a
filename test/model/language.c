/* Language models beside their references: what agrees passes, and nothing else does. */
#include <stdio.h>
#include <string.h>

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

typedef struct {
    const char *fixture, *network;
    int n_rows;
    const char *narrowed; // NULL: nothing is
} verified;

static void check_verified(const verified *c, const char *path)
{
    ask_verify_report r = verified_all(c->fixture, path, c->network, c->n_rows);
    CHECK_CASE(c->fixture, !r.narrowed == !c->narrowed);
    if (c->narrowed) assert_string_equal(r.narrowed, c->narrowed);
    CHECK_CASE(c->fixture,
               verified_row(&r, "generated_ids")->tol_abs == 0); // exactly those
    CHECK_CASE(c->fixture, verified_row(&r, "step_scores")->max_ref > 1);
    ask_verify_report_free(&r);
}

static void the_reference_values_are_computed(void **state)
{
    (void)state;
    static const verified cases[] = {
        {"golden/llama_mha", "llama", 8, NULL},
        {"golden/llama_gqa", "llama", 39, NULL}, // with gradients, in three files
        {"golden/llama3_rope", "llama", 8, NULL},
        {"golden/llama_linear_rope", "llama", 8, NULL},
        {"golden/llama_bf16", "llama", 8, "bf16"},
        {"golden/mistral", "mistral", 8, NULL},
        {"golden/qwen2", "qwen2", 8, NULL},
        {"golden/opt", "opt", 8, NULL},
        {"golden/opt_350m_like", "opt", 8, NULL},
        {"golden/opt_no_bias", "opt", 8, NULL},
        {"golden/gpt2", "gpt2", 37, NULL}, // with gradients
        {"golden/gpt2_scaled", "gpt2", 49, NULL},
        {"golden/t5", "t5", 7, NULL},
        {"golden/t5_v1_1", "t5", 7, NULL},
        {"golden/t5_gated_small", "t5", 7, NULL},
        {"golden/mt5_scaled", "mt5", 7, NULL},
        {"golden/mt5_tied", "mt5", 7, NULL},
        {"golden/blip2_t5", "blip2", 4, NULL},
        {"golden/instructblip_t5", "instructblip", 10, NULL},
        {"golden/llava_full_vision", "llava", 7, NULL},
        {"golden/llava_next_video", "llava_next_video", 8, NULL},
        {"golden/video_chatgpt", "video_chatgpt", 16, NULL},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        check_verified(&cases[i], test_fixture(cases[i].fixture));
}

/* Where a configuration switches what published ones leave alone; nothing is gone on with.
 */
static void every_switch_is_the_reference_s(void **state)
{
    (void)state;
    static const struct {
        const char *fixture, *network;
        int n_rows;
    } cases[] = {
        {"golden/opt_plain", "opt", 8},
        {"golden/gpt2_by_layer", "gpt2", 10},
        {"golden/gpt2_unscaled", "gpt2", 8},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_verify_report r = verified_report(test_fixture(cases[i].fixture));
        for (int k = 0; k < r.n_rows; k++)
            if (!r.rows[k].passed)
                fail_msg("%s: %s: %s", cases[i].fixture, r.rows[k].name, r.rows[k].reason);
        CHECK_CASE(cases[i].fixture, strcmp(r.network, cases[i].network) == 0);
        CHECK_CASE(cases[i].fixture, r.n_rows == cases[i].n_rows);
        ask_verify_report_free(&r);
    }
}

static void so_are_those_that_are_shared(void **state)
{
    (void)state;
    static const verified cases[] = {
        {"golden/qwen2_untied", "qwen2", 8, NULL},
        {"golden/mistral_f16", "mistral", 8, "f16"},
        {"golden/llava", "llava", 7, NULL},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *path = test_shared(cases[i].fixture);
        if (!path) {
            print_message("skipped: there is no %s in the shared folder\n",
                          cases[i].fixture);
            skip();
        }
        check_verified(&cases[i], path);
    }
}

/* Some programs store the head of a tied model, too. */
static void a_tied_head_does_not_count(void **state)
{
    (void)state;
    ask_error err = {0};
    checkpoint c = checkpoint_of("golden/qwen2");
    tensors_add(&c.weights, "lm_head.weight", ASK_F32, 2, (int64_t[]){100, 40});
    checkpoint_write(&c, dir);
    ask_verify_report r = verified_report(dir);
    assert_true(r.n_rows == 8 && r.n_passed == 8);
    ask_verify_report_free(&r);
    tensors_add(&c.weights, "lm_head.bias", ASK_F32, 1, (int64_t[]){100});
    checkpoint_write(&c, dir);
    assert_null(ask_model_open(dir, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "does not have: lm_head.bias"));
    checkpoint_free(&c);
}

/* As whoever publishes the part below the head names it, and with tables that old programs
 * stored. */
static void names_may_be_those_of_the_part_below_the_head(void **state)
{
    (void)state;
    static const struct {
        const char *fixture, *from, *to, *more;
    } cases[] = {
        {"golden/gpt2", "transformer.", "", "h.1.attn.bias"},
        {"golden/gpt2", "transformer.ln_f", "transformer.ln_f",
         "transformer.h.0.attn.masked_bias"},
        {"golden/opt", "model.decoder.", "decoder.", "decoder.version"},
        {"golden/opt_350m_like", "model.decoder.", "decoder.", "lm_head.weight"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        make_dir(NULL);
        checkpoint c = checkpoint_of(cases[i].fixture);
        tensors_rename(&c.weights, cases[i].from, cases[i].to);
        tensors_add(&c.weights, cases[i].more, ASK_F32, 2, (int64_t[]){1, 1});
        checkpoint_write(&c, dir);
        ask_verify_report r = verified_report(dir);
        CHECK_CASE(cases[i].more, r.n_rows == 8 && r.n_passed == 8);
        ask_verify_report_free(&r);
        checkpoint_free(&c);
        remove_dir(NULL);
    }
}

/* ---- the token table of an encoder-decoder ---- */

static void only_the_encoder_s(checkpoint *c)
{
    tensors_rename(&c->weights, "shared.weight", "encoder.embed_tokens.weight");
}

static void only_the_decoder_s(checkpoint *c)
{
    tensors_rename(&c->weights, "shared.weight", "decoder.embed_tokens.weight");
}

static void only_the_head_s(checkpoint *c)
{
    tensors_rename(&c->weights, "shared.weight", "lm_head.weight");
}

/* Of zeros: they do not count. And what older programs stored. */
static void under_all_names(checkpoint *c)
{
    static const char *const names[] = {"encoder.embed_tokens.weight",
                                        "decoder.embed_tokens.weight", "lm_head.weight"};
    for (size_t i = 0; i < TEST_COUNT(names); i++)
        tensors_add(&c->weights, names[i], ASK_F32, 2, (int64_t[]){100, 40});
    tensors_add(&c->weights,
                "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight",
                ASK_F32, 2, (int64_t[]){8, 4});
}

/* As newer programs write T5 v1.1, which calls all tied that may not be scaled. */
static void a_head_of_its_own(checkpoint *c)
{
    checkpoint_edit(c, "\"tie_word_embeddings\": false",
                    "\"tie_word_embeddings\": true, \"scale_decoder_outputs\": false");
}

static void a_layer_of_its_own_name(checkpoint *c)
{
    checkpoint_edit(c, "\"feed_forward_proj\": \"gated-gelu\"",
                    "\"feed_forward_proj\": \"relu\""); // dense_act_fn, is_gated_act stay
}

static void published_files_of_t5_differ(void **state)
{
    (void)state;
    static const struct {
        const char *fixture;
        void (*change)(checkpoint *c);
    } cases[] = {
        {"golden/t5", only_the_encoder_s},
        {"golden/t5", only_the_decoder_s},
        {"golden/t5", only_the_head_s},
        {"golden/t5", under_all_names},
        {"golden/t5_v1_1", only_the_encoder_s},
        {"golden/t5_v1_1", a_head_of_its_own},
        {"golden/t5_v1_1", a_layer_of_its_own_name},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        make_dir(NULL);
        checkpoint c = checkpoint_of(cases[i].fixture);
        cases[i].change(&c);
        checkpoint_write(&c, dir);
        ask_verify_report r = verified_report(dir);
        if (r.n_rows != 7 || r.n_passed != 7)
            fail_msg("case %zu: %s: %d of %d pass", i, cases[i].fixture, r.n_passed,
                     r.n_rows);
        ask_verify_report_free(&r);
        checkpoint_free(&c);
        remove_dir(NULL);
    }
}

/* The head is made larger for tokens that were added, not for a number that is wrong. */
static void a_vocabulary_that_is_not_there_takes_no_room(void **state)
{
    (void)state;
    ask_error err = {0};
    checkpoint c = checkpoint_of("golden/llama_mha");
    checkpoint_edit(&c, "\"vocab_size\": 100", "\"vocab_size\": 16777216");
    checkpoint_write(&c, dir);
    assert_null(ask_model_open(dir, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "model.embed_tokens.weight is f32 [100, 32], not "
                                        "[16777216, 32], lm_head.weight is f32 [100, 32]"));
    checkpoint_free(&c);
}

/* ---- what does not pass ---- */

static void change_weight(checkpoint *c)
{
    tensors_floats(&c->weights, "model.layers.1.mlp.up_proj.weight")[100] += 0.5f;
}

static void change_key_bias(checkpoint *c)
{
    tensors_floats(&c->weights, "model.layers.2.self_attn.v_proj.bias")[3] += 0.5f;
}

static void change_head(checkpoint *c)
{
    tensors_floats(&c->weights, "lm_head.weight")[40] += 0.5f;
}

static void change_step(checkpoint *c)
{
    checkpoint_edit(c, "\"rope_theta\": 10000.0", "\"rope_theta\": 9000.0");
}

static void change_scaling(checkpoint *c)
{
    checkpoint_edit(c, "\"factor\": 2.0", "\"factor\": 2.1");
}

static void change_slow_pairs(checkpoint *c)
{
    checkpoint_edit(c, "\"low_freq_factor\": 1.0", "\"low_freq_factor\": 1.5");
}

static void change_window(checkpoint *c)
{
    checkpoint_edit(c, "\"sliding_window\": 6", "\"sliding_window\": 7");
}

static void no_window(checkpoint *c)
{
    checkpoint_edit(c, "\"sliding_window\": 6", "\"sliding_window\": null");
}

/* The last token that was said; those behind the texts are compared as all are. */
static void change_generated(checkpoint *c)
{
    const ask_weights_entry *e = tensors_get(&c->outputs, "generated_ids");
    ((int64_t *)(uintptr_t)e->data)[e->n_elements - 1] ^= 1;
}

static void change_positions(checkpoint *c)
{
    float *table = tensors_floats(&c->weights, "model.decoder.embed_positions.weight");
    table[2 * 40 + 5] += 0.5f; // of the first position
}

static void no_last_norm(checkpoint *c)
{
    checkpoint_edit(c, "\"_remove_final_layer_norm\": false",
                    "\"_remove_final_layer_norm\": true");
    tensors_drop(&c->weights, "model.decoder.final_layer_norm.weight");
    tensors_drop(&c->weights, "model.decoder.final_layer_norm.bias");
}

static void norms_first(checkpoint *c)
{
    checkpoint_edit(c, "\"do_layer_norm_before\": false", "\"do_layer_norm_before\": true");
    tensors_add(&c->weights, "model.decoder.final_layer_norm.weight", ASK_F32, 1,
                (int64_t[]){48});
    tensors_add(&c->weights, "model.decoder.final_layer_norm.bias", ASK_F32, 1,
                (int64_t[]){48});
}

static void change_projection(checkpoint *c)
{
    tensors_floats(&c->weights, "model.decoder.project_in.weight")[3] += 0.5f;
}

static void no_scale(checkpoint *c)
{
    checkpoint_edit(c, "\"scale_attn_weights\": true", "\"scale_attn_weights\": false");
}

static void exact_gelu(checkpoint *c)
{
    checkpoint_edit(c, "\"gelu_new\"", "\"relu\"");
}

static void change_fused(checkpoint *c)
{
    tensors_floats(&c->weights, "transformer.h.1.attn.c_attn.weight")[80] +=
        0.5f; // a value
}

static void change_projector(checkpoint *c)
{
    tensors_floats(&c->weights, "multi_modal_projector.linear_2.bias")[7] += 0.5f;
}

static void change_video_projector(checkpoint *c)
{
    tensors_floats(&c->weights, "model.mm_projector.weight")[7] += 0.5f;
}

static void change_patches(checkpoint *c)
{
    checkpoint_edit(c, "\"spatial_pool_mode\": \"average\"",
                    "\"spatial_pool_mode\": \"max\"");
}

static void change_strategy_layer(checkpoint *c)
{
    checkpoint_edit(c, "\"vision_feature_layer\": -2", "\"vision_feature_layer\": -3");
}

static void change_distance(checkpoint *c)
{
    checkpoint_edit(c, "\"relative_attention_max_distance\": 12",
                    "\"relative_attention_max_distance\": 20");
}

static void change_bucket(checkpoint *c)
{
    tensors_floats(
        &c->weights,
        "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight")[5] += 1;
}

static void change_cross_key(checkpoint *c)
{
    tensors_floats(&c->weights, "decoder.block.1.layer.1.EncDecAttention.k.weight")[7] += 1;
}

static void change_gate(checkpoint *c)
{
    tensors_floats(&c->weights, "encoder.block.2.layer.1.DenseReluDense.wi_1.weight")[7] +=
        1;
}

static void not_scaled(checkpoint *c)
{
    checkpoint_edit(c, "\"is_gated_act\": false",
                    "\"is_gated_act\": false, \"scale_decoder_outputs\": false");
}

static void exact_gate(checkpoint *c)
{
    checkpoint_edit(c, "\"dense_act_fn\": \"gelu_new\"", "\"dense_act_fn\": \"gelu\"");
}

static void changes_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *fixture;
        void (*change)(checkpoint *c);
        const char *row; // which differs then
    } cases[] = {
        {"golden/llama_mha", change_weight, "single.logits"},
        {"golden/llama_mha", change_weight, "step_scores"},
        {"golden/llama_mha", change_head, "logits"},
        {"golden/llama_mha", change_generated, "generated_ids"},
        {"golden/llama_mha", change_step, "single.attentions.0"},
        {"golden/llama_linear_rope", change_scaling, "single.attentions.0"},
        {"golden/llama3_rope", change_slow_pairs, "single.attentions.0"},
        {"golden/mistral", change_window, "single.attentions.0"},
        {"golden/mistral", no_window, "step_scores"},
        {"golden/qwen2", change_key_bias, "logits"},
        {"golden/opt", change_positions, "logits"},
        {"golden/opt", no_last_norm, "single.last_hidden_state"},
        {"golden/opt_350m_like", norms_first, "single.attentions.0"},
        {"golden/opt_350m_like", change_projection, "single.hidden_states.0"},
        {"golden/opt_350m_like", change_generated, "generated_ids"},
        {"golden/gpt2", no_scale, "single.attentions.0"},
        {"golden/gpt2", exact_gelu, "single.hidden_states.1"},
        {"golden/gpt2", change_fused, "step_scores"},
        {"golden/t5", change_distance, "encoder_attentions.0"},
        {"golden/t5", change_distance, "step_scores"},
        {"golden/t5", change_bucket, "logits"},
        {"golden/t5", change_bucket, "step_scores"},
        {"golden/t5", change_cross_key, "cross_attentions.1"},
        {"golden/t5", not_scaled, "logits"},
        {"golden/t5", change_generated, "generated_ids"},
        {"golden/t5_v1_1", change_gate, "encoder_last_hidden_state"},
        {"golden/t5_v1_1", exact_gate, "encoder_last_hidden_state"},
        {"golden/t5_v1_1", change_head, "step_scores"},
        {"golden/llava_next_video", change_projector, "video_features"},
        {"golden/llava_next_video", change_projector, "step_scores"},
        {"golden/llava_next_video", change_patches, "pooled"},
        {"golden/llava_next_video", change_strategy_layer, "pooled"},
        {"golden/llava_next_video", change_generated, "generated_ids"},
        {"golden/video_chatgpt", change_video_projector, "mm_projector"},
        {"golden/video_chatgpt", change_video_projector, "plain.logits"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        make_dir(NULL);
        checkpoint c = checkpoint_of(cases[i].fixture);
        cases[i].change(&c);
        checkpoint_write(&c, dir);
        ask_verify_report r = verified_report(dir);
        const ask_verify_row *row = verified_row(&r, cases[i].row);
        if (!row->compared || row->passed)
            fail_msg("case %zu: %s: %s agrees", i, cases[i].fixture, cases[i].row);
        ask_verify_report_free(&r);
        checkpoint_free(&c);
        remove_dir(NULL);
    }
}

/* Rounding the steps does not make up for another weight: the report says nothing of it. */
static void what_is_damaged_is_not_called_narrowed(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/llama_bf16");
    ask_weights_entry *e = tensors_get(&c.weights, "model.layers.1.mlp.up_proj.weight");
    ((uint16_t *)(uintptr_t)e->data)[5] ^= 0x4000;
    checkpoint_write(&c, dir);
    ask_verify_report r = verified_report(dir);
    assert_null(r.narrowed);
    assert_true(r.n_failed > 0);
    ask_verify_report_free(&r);
    checkpoint_free(&c);
}

/* ---- inputs that the network cannot take ---- */

static int64_t *ids_of(checkpoint *c)
{
    return (int64_t *)(uintptr_t)tensors_get(&c->inputs, "input_ids")->data;
}

static void foreign_id(checkpoint *c)
{
    ids_of(c)[20] = 100;
}

static void last_position_and_one(checkpoint *c)
{
    const ask_weights_entry *e = tensors_get(&c->inputs, "position_ids");
    ((int64_t *)(uintptr_t)e->data)[27] = 64;
}

static void far_position(checkpoint *c)
{
    const ask_weights_entry *e = tensors_get(&c->inputs, "position_ids");
    ((int64_t *)(uintptr_t)e->data)[3] = -1;
}

static int64_t *said_of(checkpoint *c)
{
    return (int64_t *)(uintptr_t)tensors_get(&c->inputs, "decoder_input_ids")->data;
}

static void foreign_answer(checkpoint *c)
{
    said_of(c)[3] = 100;
}

static void one_answer_more(checkpoint *c)
{
    tensors_reshape(&c->inputs, "decoder_input_ids", ASK_I64, 2, (int64_t[]){3, 7});
}

static void positions_of_an_encoder(checkpoint *c)
{
    tensors_drop(&c->inputs, "decoder_input_ids");
    tensors_add(&c->inputs, "position_ids", ASK_I64, 2, (int64_t[]){2, 20});
}

static void narrow_mask(checkpoint *c)
{
    tensors_reshape(&c->inputs, "attention_mask", ASK_I64, 2, (int64_t[]){2, 13});
}

static void no_tokens(checkpoint *c)
{
    ask_weights_entry *e = tensors_get(&c->inputs, "attention_mask");
    memset((char *)(uintptr_t)e->data + e->bytes / 2, 0, e->bytes / 2);
}

static void narrow_answer_mask(checkpoint *c)
{
    tensors_add(&c->inputs, "decoder_attention_mask", ASK_I64, 2, (int64_t[]){2, 1});
}

static void one_mark_less(checkpoint *c)
{
    int64_t *ids = ids_of(c);
    int i = 0;
    while (i < 99 && (ids[i] != ids[i + 1] || ids[i] != ids[i + 2])) i++;
    ids[i] = 5;
}

static void one_frame_less(checkpoint *c)
{
    tensors_reshape(&c->inputs, "pixel_values_videos", ASK_F32, 5,
                    (int64_t[]){2, 3, 3, 24, 24});
}

static void small_frames(checkpoint *c)
{
    tensors_reshape(&c->inputs, "pixel_values_videos", ASK_F32, 5,
                    (int64_t[]){2, 4, 3, 20, 24});
}

static void inputs_that_do_not_fit_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *fixture;
        void (*change)(checkpoint *c);
        const char *message;
    } cases[] = {
        {"golden/llama_mha", foreign_id, "input_ids"},
        {"golden/llama_mha", far_position, "position_ids: -1 is no position"},
        {"golden/gpt2", last_position_and_one, "position_ids: 64 is no position"},
        {"golden/llama_mha", narrow_mask, "attention_mask"},
        {"golden/opt", no_tokens, "input_ids: text 1 has no tokens"},
        {"golden/t5", no_tokens, "input_ids: text 1 has no tokens"},
        {"golden/t5", narrow_answer_mask,
         "decoder_attention_mask: must have the shape of decoder_input_ids"},
        {"golden/t5", foreign_id, "input_ids"},
        {"golden/t5", foreign_answer, "decoder_input_ids"},
        {"golden/t5", one_answer_more, "decoder_input_ids: 3 texts for 2 of input_ids"},
        {"golden/t5", positions_of_an_encoder,
         "position_ids: the network looks at distances, and takes none"},
        {"golden/llava_next_video", one_mark_less, "for 72 rows of features"},
        {"golden/llava_next_video", one_frame_less, "for 54 rows of features"},
        {"golden/llava_next_video", small_frames,
         "pixel_values_videos: the network takes [B, F, 3, 24, 24]"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_verify_report r;
        make_dir(NULL);
        checkpoint c = checkpoint_of(cases[i].fixture);
        cases[i].change(&c);
        checkpoint_write(&c, dir);
        CHECK_CASE(cases[i].message, !ask_model_verify(&r, dir, NULL, &err));
        CHECK_CASE(cases[i].message, err.code == ASK_ERR_MODEL);
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
        cmocka_unit_test(every_switch_is_the_reference_s),
        cmocka_unit_test(so_are_those_that_are_shared),
        cmocka_unit_test(names_may_be_those_of_the_part_below_the_head),
        cmocka_unit_test_setup_teardown(a_tied_head_does_not_count, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_vocabulary_that_is_not_there_takes_no_room,
                                        make_dir, remove_dir),
        cmocka_unit_test(published_files_of_t5_differ),
        cmocka_unit_test(changes_are_found),
        cmocka_unit_test_setup_teardown(what_is_damaged_is_not_called_narrowed, make_dir,
                                        remove_dir),
        cmocka_unit_test(inputs_that_do_not_fit_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
