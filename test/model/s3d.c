/* S3D as a checkpoint: recognised without a configuration, compared with the reference, and
 * refused where its tensors do not fit together. */
#include <math.h>
#include <string.h>

#include "model/verify.h"
#include "model/video_vectors.h"
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

static void the_reference_values_are_computed(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_verify_report r;
    CHECK_OK(ask_model_verify(&r, test_fixture("golden/s3d"), NULL, &err), &err);
    assert_string_equal(r.network, "s3d");
    for (int i = 0; i < r.n_rows; i++)
        if (!r.rows[i].passed) fail_msg("%s: %s", r.rows[i].name, r.rows[i].reason);
    assert_int_equal(r.n_rows, 10);
    assert_int_equal(r.n_passed, 10);
    ask_verify_report_free(&r);
}

static void what_it_takes_and_gives_is_told(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_model *m = ask_model_open(test_fixture("golden/s3d"), NULL, &err);
    CHECK_OK(m, &err);
    ask_video_sizes sizes;
    CHECK_OK(ask_video_sizes_of(&sizes, m, &err), &err);
    assert_int_equal(sizes.n_embed, 128); // an eighth of the published 1024
    assert_int_equal(sizes.n_frames, 16);
    assert_int_equal(sizes.side_px, 224);
    assert_true(sizes.fps == 16);
    // Two for each weight of a convolution and each place, summed over the file's shapes.
    assert_true(fabs(sizes.clip_gflop - 1.646026816) < 1e-9);
    ask_model_size size;
    assert_true(ask_model_size_at(m, 1, &size));
    assert_string_equal(size.name, "clip.logits");
    assert_int_equal(size.value, 12);
    assert_false(ask_model_size_at(m, 2, &size));
    ask_model_close(m);
}

/* ---- networks and what they are asked for ---- */

static void each_network_says_what_it_does_not_take(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_model *m = ask_model_open(test_fixture("golden/s3d"), NULL, &err);
    CHECK_OK(m, &err);
    ask_session *s = ask_session_open(m, &err);
    CHECK_OK(s, &err);
    float out[8];
    assert_false(ask_embed_pixels(s, out, out, 1, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "s3d embeds no pictures"));
    assert_false(ask_embed_texts(s, out, (const char *[]){"a dog"}, 1, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    ask_session_close(s);
    ask_model_close(m);

    CHECK_OK(m = ask_model_open(test_fixture("golden/clip"), NULL, &err), &err);
    CHECK_OK(s = ask_session_open(m, &err), &err);
    assert_false(ask_embed_clips(s, out, out, 1, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    assert_string_equal(err.message, "clip takes no clips");
    ask_session_close(s);
    ask_model_close(m);
}

/* ---- what does not fit ---- */

static void no_gate(tensor_list *weights)
{
    tensors_drop(weights, "mixed_4d.gating_b2.fc.bias");
}

static void no_variance(tensor_list *weights)
{
    tensors_drop(weights, "conv_2c.bn2.running_var");
}

static void wide_gate(tensor_list *weights)
{
    tensors_reshape(weights, "gating.fc.weight", ASK_F32, 2, (int64_t[]){24, 25});
}

/* The width is that of this tensor, so those behind it do not fit. */
static void wide_block(tensor_list *weights)
{
    tensors_reshape(weights, "mixed_5b.conv_b0.conv1.weight", ASK_F32, 5,
                    (int64_t[]){33, 104, 1, 1, 1});
}

static void flat_convolution(tensor_list *weights)
{
    tensors_reshape(weights, "conv1.conv1.weight", ASK_F32, 2, (int64_t[]){8, 768});
}

static void unknown_tensor(tensor_list *weights)
{
    tensors_add(weights, "mixed_6a.conv_b0.conv1.weight", ASK_F32, 1, (int64_t[]){2});
}

static void another_network(tensor_list *weights)
{
    tensors_drop(weights, "mixed_5c.gating_b3.fc.weight");
}

static void what_does_not_fit_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*change)(tensor_list *weights);
        const char *parts[2];
    } cases[] = {
        {"no gate", no_gate, {"missing tensors", "mixed_4d.gating_b2.fc.bias [8]"}},
        {"no variance", no_variance, {"missing tensors", "conv_2c.bn2.running_var [24]"}},
        {"wide gate", wide_gate, {"gating.fc.weight is f32 [24, 25], not [24, 24]"}},
        {"wide block", wide_block, {"mixed_5b.conv_b0.bn1.weight", "not [33]"}},
        {"flat", flat_convolution, {"conv1.conv1.weight is f32 [8, 768], not [8, 24,"}},
        {"unknown", unknown_tensor, {"mixed_6a.conv_b0.conv1.weight"}},
        {"another network", another_network, {"there is no config.json"}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        tensor_list weights = tensors_read(test_fixture("golden/s3d/model.safetensors"));
        cases[i].change(&weights);
        tensors_write(&weights, test_path(dir, "model.safetensors"));
        tensors_free(&weights);
        ask_error err = {0};
        CHECK_CASE(cases[i].name, !ask_model_open(dir, NULL, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        for (int k = 0; k < 2 && cases[i].parts[k]; k++)
            if (!strstr(err.message, cases[i].parts[k]))
                fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

static void clips_of_odd_sizes_are_refused(void **state)
{
    (void)state;
    tensor_list files[] = {tensors_read(test_fixture("golden/s3d/model.safetensors")),
                           tensors_read(test_fixture("golden/s3d/inputs.safetensors")),
                           tensors_read(test_fixture("golden/s3d/outputs.safetensors"))};
    tensors_reshape(&files[1], "video", ASK_F32, 5, (int64_t[]){1, 3, 8, 33, 32});
    tensors_write(&files[0], test_path(dir, "model.safetensors"));
    tensors_write(&files[1], test_path(dir, "inputs.safetensors"));
    tensors_write(&files[2], test_path(dir, "outputs.safetensors"));
    for (size_t i = 0; i < TEST_COUNT(files); i++) tensors_free(&files[i]);
    ask_error err = {0};
    ask_verify_report r;
    assert_false(ask_model_verify(&r, dir, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "video: the network takes [B, 3, T, H, W]"));
}

static bool open_and_close(void *user, ask_error *err)
{
    (void)user;
    const ask_model_options one_thread = {.struct_size = sizeof one_thread, .n_threads = 1};
    ask_model *m = ask_model_open(test_fixture("golden/s3d"), &one_thread, err);
    ask_model_close(m);
    return m != NULL;
}

static void every_failing_allocation_is_told(void **state)
{
    (void)state;
    assert_true(test_some_allocs_fail("open s3d", open_and_close, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_values_are_computed),
        cmocka_unit_test(what_it_takes_and_gives_is_told),
        cmocka_unit_test(each_network_says_what_it_does_not_take),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_named, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(clips_of_odd_sizes_are_refused, make_dir,
                                        remove_dir),
        cmocka_unit_test(every_failing_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
