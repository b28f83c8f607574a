/* Verifying: what agrees passes, and nothing else does. */
#include "model/verify.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
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

static ask_verify_report verify(const char *path, const ask_verify_options *opt)
{
    ask_error err = {0};
    ask_verify_report r;
    CHECK_OK(ask_model_verify(&r, path, opt, &err), &err);
    assert_int_equal(r.n_rows, r.n_passed + r.n_failed + r.n_not_compared);
    return r;
}

/* ---- what the reference gave ---- */

static void check_all_passed(const char *what, const ask_verify_report *r)
{
    for (int i = 0; i < r->n_rows; i++)
        if (!r->rows[i].passed)
            fail_msg("%s: %s: %s", what, r->rows[i].name, r->rows[i].reason);
}

static void the_reference_values_are_computed(void **state)
{
    (void)state;
    static const struct {
        const char *fixture, *network;
        int n_rows;
    } cases[] = {
        {"golden/clip", "clip", 15},        {"golden/clip_legacy_eos", "clip", 15},
        {"golden/clip_odd", "clip", 38}, // every state and attention, and a second batch
        {"golden/clip_patches", "clip", 4}, {"golden/roberta", "roberta", 7},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_verify_report r = verify(test_fixture(cases[i].fixture), NULL);
        check_all_passed(cases[i].fixture, &r);
        assert_int_equal(r.n_rows, cases[i].n_rows);
        assert_int_equal(r.n_passed, cases[i].n_rows);
        assert_string_equal(r.network, cases[i].network);
        for (int k = 0; k < r.n_rows; k++) {
            const ask_verify_row *row = &r.rows[k];
            assert_true(row->compared && !row->reason);
            assert_string_equal(row->file, "outputs.safetensors");
            assert_true(row->max_ref > 0.1 && row->rms <= row->max_abs);
        }
        ask_verify_report_free(&r);
    }
}

static void one_thread_computes_the_same(void **state)
{
    (void)state;
    ask_verify_options opt = {.n_threads = 1};
    ask_verify_report r = verify(test_fixture("golden/clip"), &opt);
    check_all_passed("one thread", &r);
    ask_verify_report_free(&r);
}

static void tolerances_are_those_of_the_kind_of_tensor(void **state)
{
    (void)state;
    ask_verify_report r = verify(test_fixture("golden/clip"), NULL);
    assert_true(verified_row(&r, "vision.embeddings")->tol_abs == 2e-5);
    assert_true(verified_row(&r, "vision.embeddings")->tol_rel == 1e-4);
    assert_true(verified_row(&r, "logits_per_image")->tol_abs == 2e-4);
    assert_true(verified_row(&r, "logits_per_text")->tol_rel == 1e-4);
    ask_verify_report_free(&r);
}

static void a_given_tolerance_holds_for_all(void **state)
{
    (void)state;
    ask_verify_options opt = {.tol = 1e-12};
    ask_verify_report r = verify(test_fixture("golden/clip"), &opt);
    assert_true(r.n_failed > 5); // rounding alone is more
    assert_true(verified_row(&r, "logits_per_image")->tol_abs == 1e-12);
    ask_verify_report_free(&r);
    opt.tol = 1e-3;
    r = verify(test_fixture("golden/clip"), &opt);
    check_all_passed("1e-3", &r);
    ask_verify_report_free(&r);
}

/* ---- what does not pass ---- */

static void shift(checkpoint *c)
{
    tensors_floats(&c->outputs, "image_embeds")[25] += 2e-4f;
}

static void shift_within(checkpoint *c)
{
    tensors_floats(&c->outputs, "image_embeds")[25] += 1e-5f;
}

static void put_nan(checkpoint *c)
{
    tensors_floats(&c->outputs, "image_embeds")[1] = NAN;
}

static void put_infinity(checkpoint *c)
{
    tensors_floats(&c->outputs, "image_embeds")[71] = INFINITY;
}

static void spoil_weights(checkpoint *c)
{
    tensors_floats(&c->weights, "visual_projection.weight")[0] = NAN;
}

static void infinite_weights(checkpoint *c)
{
    tensors_floats(&c->weights, "vision_model.pre_layrnorm.bias")[0] = INFINITY;
    float *embeddings = tensors_floats(&c->outputs, "vision.embeddings"); // [3, 65, 40]
    for (int i = 0; i < 3 * 65; i++) embeddings[i * 40] = INFINITY;
}

static void add_unknown(checkpoint *c)
{
    tensors_add(&c->outputs, "vision.attentions.7", ASK_F32, 1, (int64_t[]){2});
}

static void other_shape(checkpoint *c)
{
    tensors_reshape(&c->outputs, "image_embeds", ASK_F32, 2, (int64_t[]){24, 3});
}

static void other_type(checkpoint *c)
{
    tensors_reshape(&c->outputs, "image_embeds", ASK_I32, 2, (int64_t[]){3, 24});
}

static void no_elements(checkpoint *c)
{
    tensors_reshape(&c->outputs, "image_embeds", ASK_F32, 2, (int64_t[]){0, 24});
}

static void only_pixels(checkpoint *c)
{
    tensors_drop(&c->inputs, "input_ids");
    tensors_drop(&c->inputs, "attention_mask");
}

/* Padding is not compared, whatever the reference has there: row 1 of the case is padded.
 */
static int64_t *mask_of(checkpoint *c)
{
    return (int64_t *)(uintptr_t)tensors_get(&c->inputs, "attention_mask")->data;
}

static void spoil_padding(checkpoint *c)
{
    const int64_t *mask = mask_of(c);
    float *states = tensors_floats(&c->outputs, "text.last_hidden_state");
    int n_spoilt = 0;
    for (int i = 0; i < 4 * 16; i++) {
        if (mask[i]) continue;
        states[i * 40 + 3] = NAN;
        n_spoilt++;
    }
    assert_true(n_spoilt > 0);
}

static void spoil_beside_padding(checkpoint *c)
{
    const int64_t *mask = mask_of(c);
    int last = 15;
    while (!mask[last]) last--;
    tensors_floats(&c->outputs, "text.last_hidden_state")[last * 40 + 39] += 1;
}

static void mask_everything(checkpoint *c)
{
    memset(mask_of(c), 0, 4 * 16 * sizeof(int64_t));
}

static void changes_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*change)(checkpoint *c);
        const char *tensor;
        bool compared, passed;
        const char *reason; // its beginning
    } cases[] = {
        {"beyond tolerance", shift, "image_embeds", true, false,
         "1 of 72 values beyond tolerance, first at [1, 1]: "},
        {"within tolerance", shift_within, "image_embeds", true, true, NULL},
        {"NaN in the reference", put_nan, "image_embeds", true, false,
         "1 of 72 values beyond tolerance, first at [0, 1]: "},
        {"infinity in the reference", put_infinity, "image_embeds", true, false,
         "1 of 72 values beyond tolerance, first at [2, 23]: "},
        {"NaN on our side", spoil_weights, "image_embeds", true, false,
         "72 of 72 values beyond tolerance, first at [0, 0]: "},
        {"infinity on both sides", infinite_weights, "vision.embeddings", true, false,
         "195 of 7800 values beyond tolerance, first at [0, 0, 0]: inf, expected inf"},
        {"a trace that the network has not", add_unknown, "vision.attentions.7", false,
         false, "no run of the network gives a tensor of that name"},
        {"another shape", other_shape, "image_embeds", false, false,
         "the network gives [3, 24]"},
        {"integers for real numbers", other_type, "image_embeds", false, false,
         "the network gives f32, not i32"},
        {"no elements", no_elements, "image_embeds", false, false,
         "the network gives [3, 24]"},
        {"pixels alone: images", only_pixels, "image_embeds", true, true, NULL},
        {"pixels alone: texts", only_pixels, "text_embeds", false, false,
         "no run of the network gives a tensor of that name"},
        {"pixels alone: logits", only_pixels, "logits_per_text", false, false,
         "no run of the network gives a tensor of that name"},
        {"padding", spoil_padding, "text.last_hidden_state", true, true, NULL},
        {"the last token before padding", spoil_beside_padding, "text.last_hidden_state",
         true, false, "1 of "},
        {"nothing but padding", mask_everything, "text.last_hidden_state", false, false,
         "the mask leaves nothing to compare"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        make_dir(NULL);
        checkpoint c = checkpoint_of("golden/clip");
        cases[i].change(&c);
        checkpoint_write(&c, dir);
        ask_verify_report r = verify(dir, NULL);
        const ask_verify_row *row = verified_row(&r, cases[i].tensor);
        const char *reason = row->reason ? row->reason : "";
        if (row->compared != cases[i].compared || row->passed != cases[i].passed ||
            !ask_starts_with(reason, cases[i].reason ? cases[i].reason : "") ||
            (!cases[i].reason && row->reason))
            fail_msg("case \"%s\": compared %d, passed %d: %s", cases[i].name,
                     row->compared, row->passed, reason);
        ask_verify_report_free(&r);
        checkpoint_free(&c);
        remove_dir(NULL);
    }
}

static void a_nan_is_told_as_the_largest_error(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    put_nan(&c);
    checkpoint_write(&c, dir);
    ask_verify_report r = verify(dir, NULL);
    assert_true(isnan(verified_row(&r, "image_embeds")->max_abs));
    assert_true(isnan(verified_row(&r, "image_embeds")->rms));
    ask_verify_report_free(&r);
    checkpoint_free(&c);
}

static void gradients_that_nobody_computes_count_as_not_compared(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    checkpoint_write(&c, dir);
    tensor_list grads = {0};
    tensors_add(&grads, "vision_model.post_layernorm.weight", ASK_F32, 1, (int64_t[]){40});
    tensors_floats(&grads, "vision_model.post_layernorm.weight")[3] = 1;
    tensors_write(&grads, test_path(dir, "grads.safetensors"));
    ask_verify_report r = verify(dir, NULL);
    assert_int_equal(r.n_passed, 15);
    assert_int_equal(r.n_not_compared, 1);
    const ask_verify_row *row = verified_row(&r, "vision_model.post_layernorm.weight");
    assert_string_equal(row->file, "grads.safetensors");
    assert_string_equal(row->reason, "the network's runs compute no gradients");
    ask_verify_report_free(&r);
    tensors_free(&grads);
    checkpoint_free(&c);
}

/* The reference may have looked at it. */
static void an_input_that_nobody_takes_counts_as_not_compared(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    tensors_add(&c.inputs, "position_ids", ASK_I64, 2, (int64_t[]){4, 16});
    checkpoint_write(&c, dir);
    ask_verify_report r = verify(dir, NULL);
    assert_int_equal(r.n_passed, 15);
    assert_int_equal(r.n_not_compared, 1);
    const ask_verify_row *row = verified_row(&r, "position_ids");
    assert_string_equal(row->file, "inputs.safetensors");
    assert_string_equal(row->reason, "no run of the network takes it");
    ask_verify_report_free(&r);
    checkpoint_free(&c);
}

static void inputs_may_have_other_types(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    ask_weights_entry *e = tensors_get(&c.inputs, "input_ids");
    int64_t wide[4 * 16], shape[2] = {4, 16};
    memcpy(wide, e->data, sizeof wide);
    tensors_reshape(&c.inputs, "input_ids", ASK_I32, 2, shape);
    int32_t *narrow = (int32_t *)(uintptr_t)tensors_get(&c.inputs, "input_ids")->data;
    for (int i = 0; i < 4 * 16; i++) narrow[i] = (int32_t)wide[i];
    memcpy(wide, mask_of(&c), sizeof wide);
    tensors_reshape(&c.inputs, "attention_mask", ASK_BOOL, 2, shape);
    uint8_t *flags = (uint8_t *)(uintptr_t)tensors_get(&c.inputs, "attention_mask")->data;
    for (int i = 0; i < 4 * 16; i++) flags[i] = wide[i] != 0;
    checkpoint_write(&c, dir);
    ask_verify_report r = verify(dir, NULL);
    check_all_passed("i32 and bool", &r);
    ask_verify_report_free(&r);
    checkpoint_free(&c);
}

/* Behind the end token nothing counts, so the features are the same without the mask. */
static void the_mask_may_be_absent(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    tensors_drop(&c.inputs, "attention_mask");
    checkpoint_write(&c, dir);
    ask_verify_report r = verify(dir, NULL);
    assert_true(verified_row(&r, "text_embeds")->passed);
    assert_true(verified_row(&r, "logits_per_image")->passed);
    ask_verify_report_free(&r);
    checkpoint_free(&c);
}

/* ---- files and inputs that cannot be used ---- */

static void no_inputs_of_ours(checkpoint *c)
{
    tensors_free(&c->inputs);
    tensors_add(&c->inputs, "input_features", ASK_F32, 1, (int64_t[]){2});
}

static void empty_outputs(checkpoint *c)
{
    tensors_free(&c->outputs);
}

static void only_a_mask(checkpoint *c)
{
    tensors_drop(&c->inputs, "pixel_values");
    tensors_drop(&c->inputs, "input_ids");
}

static void pixels_of_another_size(checkpoint *c)
{
    tensors_reshape(&c->inputs, "pixel_values", ASK_F32, 4, (int64_t[]){3, 3, 32, 28});
}

static void pixels_of_three_axes(checkpoint *c)
{
    tensors_reshape(&c->inputs, "pixel_values", ASK_F32, 3, (int64_t[]){3, 32, 32});
}

static void pixels_of_no_image(checkpoint *c)
{
    tensors_reshape(&c->inputs, "pixel_values", ASK_F32, 4, (int64_t[]){0, 3, 32, 32});
}

static void pixels_of_integers(checkpoint *c)
{
    tensors_reshape(&c->inputs, "pixel_values", ASK_U8, 4, (int64_t[]){3, 3, 32, 32});
}

static void ids_of_real_numbers(checkpoint *c)
{
    tensors_reshape(&c->inputs, "input_ids", ASK_F32, 2, (int64_t[]){4, 16});
}

static void id_outside(checkpoint *c)
{
    ((int64_t *)(uintptr_t)tensors_get(&c->inputs, "input_ids")->data)[18] = 120;
}

static void id_negative(checkpoint *c)
{
    ((int64_t *)(uintptr_t)tensors_get(&c->inputs, "input_ids")->data)[0] = -3;
}

static void ids_too_long(checkpoint *c)
{
    tensors_reshape(&c->inputs, "input_ids", ASK_I64, 2, (int64_t[]){4, 17});
}

static void ids_of_one_axis(checkpoint *c)
{
    tensors_reshape(&c->inputs, "input_ids", ASK_I64, 1, (int64_t[]){16});
}

static void other_mask(checkpoint *c)
{
    tensors_reshape(&c->inputs, "attention_mask", ASK_I64, 2, (int64_t[]){4, 15});
}

static void what_cannot_be_fed_in_is_refused(void **state)
{
    (void)state;
#define INPUTS "/inputs.safetensors: "
    static const struct {
        const char *name;
        void (*change)(checkpoint *c);
        const char *message; // behind the folder
    } cases[] = {
        {"inputs of another network", no_inputs_of_ours,
         INPUTS "holds no inputs of clip (its first is pixel_values)"},
        {"no outputs", empty_outputs,
         "/outputs.safetensors: holds no tensors to compare with"},
        {"a mask alone", only_a_mask, INPUTS "neither pixel_values nor input_ids is there"},
        {"pixels of another size", pixels_of_another_size,
         INPUTS "pixel_values: the network takes [B, 3, 32, 32]"},
        {"pixels of three axes", pixels_of_three_axes,
         INPUTS "pixel_values: the network takes [B, 3, 32, 32]"},
        {"pixels of no image", pixels_of_no_image,
         INPUTS "pixel_values: the network takes [B, 3, 32, 32]"},
        {"pixels of integers", pixels_of_integers,
         INPUTS "pixel_values is u8; the network takes real numbers"},
        {"ids of real numbers", ids_of_real_numbers,
         INPUTS "input_ids is f32; the network takes integers"},
        {"an id outside the vocabulary", id_outside,
         INPUTS "input_ids: 120 at [1, 2] is not in a vocabulary of 120"},
        {"a negative id", id_negative,
         INPUTS "input_ids: -3 at [0, 0] is not in a vocabulary of 120"},
        {"ids too long", ids_too_long,
         INPUTS "input_ids: the network takes [B, L] with L from 1 to 16"},
        {"ids of one axis", ids_of_one_axis,
         INPUTS "input_ids: the network takes [B, L] with L from 1 to 16"},
        {"a mask of another shape", other_mask,
         INPUTS "attention_mask: must have the shape of input_ids"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        make_dir(NULL);
        checkpoint c = checkpoint_of("golden/clip");
        cases[i].change(&c);
        checkpoint_write(&c, dir);
        ask_error err = {0};
        ask_verify_report r = {0};
        CHECK_CASE(cases[i].name, !ask_model_verify(&r, dir, NULL, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL && !r.rows);
        if (strncmp(err.message, dir, strlen(dir)) != 0 ||
            strcmp(err.message + strlen(dir), cases[i].message) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        checkpoint_free(&c);
        remove_dir(NULL);
    }
}

static void missing_files_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *file, *message;
    } cases[] = {
        {"inputs.safetensors",
         ": there is no inputs.safetensors, which holds what was fed in"},
        {"outputs.safetensors",
         ": there is no outputs.safetensors, which holds the reference's values"},
        {"config.json", ": there is no config.json"},
    };
    checkpoint c = checkpoint_of("golden/clip");
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        checkpoint_write(&c, dir);
        remove(test_path(dir, cases[i].file));
        ask_error err = {0};
        ask_verify_report r;
        CHECK_CASE(cases[i].file, !ask_model_verify(&r, dir, NULL, &err));
        CHECK_CASE(cases[i].file, err.code == ASK_ERR_MODEL);
        if (strcmp(err.message + strlen(dir), cases[i].message) != 0)
            fail_msg("case \"%s\": %s", cases[i].file, err.message);
    }
    checkpoint_free(&c);
}

/* ---- stopping, and memory ---- */

static void a_raised_flag_stops_it(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    ask_verify_options opt = {.cancel = &cancel};
    ask_verify_report r;
    assert_false(ask_model_verify(&r, test_fixture("golden/clip"), &opt, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
}

static bool verify_once(void *user, ask_error *err)
{
    static const ask_verify_options one_thread = {.n_threads =
                                                      1}; // nobody waits for others
    ask_verify_report r;
    if (!ask_model_verify(&r, user, &one_thread, err)) return false;
    ask_verify_report_free(&r);
    return true;
}

static void it_survives_every_failing_allocation(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    tensors_floats(&c.outputs, "image_embeds")[25] += 2e-4f; // reasons take memory too
    checkpoint_write(&c, dir);
    assert_true(test_each_alloc_fails("verify", verify_once, dir) > 300);
    checkpoint_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_values_are_computed),
        cmocka_unit_test(one_thread_computes_the_same),
        cmocka_unit_test(tolerances_are_those_of_the_kind_of_tensor),
        cmocka_unit_test(a_given_tolerance_holds_for_all),
        cmocka_unit_test(changes_are_found),
        cmocka_unit_test_setup_teardown(a_nan_is_told_as_the_largest_error, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(
            gradients_that_nobody_computes_count_as_not_compared, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(an_input_that_nobody_takes_counts_as_not_compared,
                                        make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(inputs_may_have_other_types, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(the_mask_may_be_absent, make_dir, remove_dir),
        cmocka_unit_test(what_cannot_be_fed_in_is_refused),
        cmocka_unit_test_setup_teardown(missing_files_are_named, make_dir, remove_dir),
        cmocka_unit_test(a_raised_flag_stops_it),
        cmocka_unit_test_setup_teardown(it_survives_every_failing_allocation, make_dir,
                                        remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
