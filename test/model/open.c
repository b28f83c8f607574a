/* Opening a model: what is found out, and what is refused. */
#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static ask_model *open_or_fail(const char *path)
{
    ask_error err = {0};
    ask_model *m;
    CHECK_OK(m = ask_model_open(path, NULL, &err), &err);
    return m;
}

/* ---- what is found out ---- */

static void a_model_tells_what_it_is(void **state)
{
    (void)state;
    const char *path = test_fixture("golden/clip");
    ask_model *m = open_or_fail(path);
    ask_model_info i = ask_model_info_of(m);
    assert_string_equal(i.dir, path);
    assert_string_equal(i.network, "clip");
    assert_string_equal(i.dtype, "f32");
    assert_string_equal(i.backend, "cpu");
    assert_int_equal(strlen(i.id), 64);
    assert_int_equal(i.n_files, 1);
    assert_int_equal(i.weight_bytes, 4 * i.n_params);
    assert_int_equal(i.n_channels, 3);
    assert_int_equal(i.image_px, 32);
    assert_int_equal(i.n_embed, 24);
    assert_int_equal(i.n_context, 16);
    assert_int_equal(i.n_vocab, 120);
    assert_int_equal(i.end_id, 119);
    assert_false(i.has_tokenizer);
    assert_true(i.n_threads >= 1);
    assert_true(i.image_gflop > 0 && i.text_token_gflop > 0);
    ask_model_close(m);
}

static int64_t elements(const tensor_list *l)
{
    int64_t n = 0;
    for (size_t i = 0; i < l->n; i++) n += l->entries[i].n_elements;
    return n;
}

static void parameters_are_counted(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    ask_model *m = open_or_fail(test_fixture("golden/clip"));
    assert_int_equal(ask_model_info_of(m).n_params, elements(&c.weights));
    ask_model_size size, last = {0};
    size_t n = 0;
    for (; ask_model_size_at(m, n, &size); n++) last = size;
    assert_int_equal(n, 15);
    assert_string_equal(last.name, "embedding.vectors");
    assert_int_equal(last.value, 1);
    ask_model_close(m);
    checkpoint_free(&c);
}

static void get_id(char id[65], const checkpoint *c, const char *name)
{
    checkpoint_write(c, test_path(dir, name));
    ask_model *m = open_or_fail(test_path(dir, name));
    memcpy(id, ask_model_info_of(m).id, 65);
    ask_model_close(m);
}

static void the_id_is_that_of_the_contents(void **state)
{
    (void)state;
    char first[65], again[65], other[65];
    checkpoint c = checkpoint_of("golden/clip");
    get_id(first, &c, "a");
    get_id(again, &c, "b");
    assert_string_equal(first, again); // another folder, the same model

    tensors_floats(&c.weights, "logit_scale")[0] += 1; // the first bytes of the data
    get_id(other, &c, "c");
    assert_string_not_equal(first, other);
    tensors_floats(&c.weights, "logit_scale")[0] -= 1;

    tensors_floats(&c.weights, "visual_projection.weight")[24 * 40 - 1] += 1; // the last
    get_id(other, &c, "d");
    assert_string_not_equal(first, other);
    tensors_floats(&c.weights, "visual_projection.weight")[24 * 40 - 1] -= 1;

    checkpoint_edit(&c, "\"initializer_factor\": 1.0", "\"initializer_factor\": 1.5");
    get_id(other, &c, "e");
    assert_string_not_equal(first, other);
    checkpoint_free(&c);
}

static void the_id_knows_the_files_that_change_answers(void **state)
{
    (void)state;
    static const char *const names[] = {
        "tokenizer.json",           "vocab.json",        "merges.txt",
        "tokenizer_config.json",    "added_tokens.json", "special_tokens_map.json",
        "preprocessor_config.json", "calibration.json"};
    char first[65], with[65], changed[65], before[65];
    checkpoint c = checkpoint_of("golden/clip");
    get_id(first, &c, "a");
    memcpy(before, first, sizeof before);
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        const char *path = test_path(test_path(dir, "a"), names[i]);
        test_write_text(path, "{\"crop_size\":32}"); // what a processor takes, too
        get_id(with, &c, "a");
        CHECK_CASE(names[i], strcmp(with, before) != 0);
        test_write_text(path, "{\"crop_size\": 32}");
        get_id(changed, &c, "a");
        CHECK_CASE(names[i], strcmp(changed, before) != 0 && strcmp(changed, with) != 0);
        remove(path);
        get_id(with, &c, "a");
        CHECK_CASE(names[i], strcmp(with, first) == 0);
    }
    test_write_text(test_path(test_path(dir, "a"), "README.md"), "{}");
    get_id(with, &c, "a");
    assert_string_equal(with, first); // a file that changes nothing
    checkpoint_free(&c);
}

static void opening_fails_without_the_right_to_read_what_the_id_is_made_of(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    checkpoint_write(&c, dir);
    assert_int_equal(mkdir(test_path(dir, "calibration.json"), 0777), 0);
    ask_error err = {0};
    assert_null(ask_model_open(dir, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "calibration.json"));
    checkpoint_free(&c);
}

static void a_network_is_told_by_its_tensors_when_config_is_silent(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    checkpoint_edit(&c, "\"CLIPModel\"", "");
    checkpoint_edit(&c, "\"model_type\": \"clip\",", "");
    checkpoint_write(&c, dir);
    ask_model *m = open_or_fail(dir);
    assert_string_equal(ask_model_info_of(m).network, "clip");
    ask_model_close(m);
    checkpoint_free(&c);
}

static void a_network_is_told_by_its_architecture(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    checkpoint_edit(&c, "\"model_type\": \"clip\",", "");
    checkpoint_write(&c, dir);
    ask_model_close(open_or_fail(dir));
    checkpoint_free(&c);
}

static void a_network_may_be_given_by_name(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    checkpoint_edit(&c, "\"model_type\": \"clip\",", "\"model_type\": \"my-clip\",");
    checkpoint_write(&c, dir);
    ask_error err = {0};
    ask_model_options opt = {.network = "clip", .n_threads = 1};
    ask_model *m;
    CHECK_OK(m = ask_model_open(dir, &opt, &err), &err);
    assert_int_equal(ask_model_info_of(m).n_threads, 1);
    ask_model_close(m);
    opt.network = "klip";
    assert_null(ask_model_open(dir, &opt, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(
        strstr(err.message, "there is no network \"klip\"; there are: clip, bert, "));
    checkpoint_free(&c);
}

/* ---- what people have ---- */

static void buffers_of_old_checkpoints_are_passed_over(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    tensors_add(&c.weights, "text_model.embeddings.position_ids", ASK_I64, 2,
                (int64_t[]){1, 16});
    tensors_add(&c.weights, "vision_model.embeddings.position_ids", ASK_I64, 2,
                (int64_t[]){1, 65});
    checkpoint_write(&c, dir);
    ask_model *m = open_or_fail(dir);
    assert_int_equal(ask_model_info_of(m).n_params, elements(&c.weights) - 16 - 65);
    ask_model_close(m);
    checkpoint_free(&c);
}

static void weights_may_be_in_several_files(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    checkpoint_write_sharded(&c, dir);
    ask_model *m = open_or_fail(dir);
    assert_int_equal(ask_model_info_of(m).n_files, 2);
    assert_int_equal(ask_model_info_of(m).weight_bytes, 4 * elements(&c.weights));
    ask_model_close(m);
    checkpoint_free(&c);
}

static void short_types_are_told(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    tensors_narrow(&c.weights, ASK_BF16);
    checkpoint_write(&c, dir);
    ask_model *m = open_or_fail(dir);
    assert_string_equal(ask_model_info_of(m).dtype, "bf16");
    assert_int_equal(ask_model_info_of(m).weight_bytes, 2 * elements(&c.weights));
    ask_model_close(m);
    checkpoint_free(&c);
}

/* ---- what is refused ---- */

/* Changes a good checkpoint, or (without one) does something to the folder. */
typedef struct {
    const char *name;
    void (*spoil)(checkpoint *c);
    void (*spoil_folder)(void); // after it was written
    ask_error_code code;        // 0: ASK_ERR_MODEL
    const char *message;        // behind the folder's path
} bad_case;

static void drop_one(checkpoint *c)
{
    tensors_drop(&c->weights, "text_projection.weight");
}

static void drop_many(checkpoint *c)
{
    static const char *const names[] = {"q_proj", "k_proj", "v_proj", "out_proj"};
    for (int i = 0; i < 4; i++) {
        char name[96];
        snprintf(name, sizeof name, "vision_model.encoder.layers.1.self_attn.%s.bias",
                 names[i]);
        tensors_drop(&c->weights, name);
    }
}

static void add_one(checkpoint *c)
{
    tensors_add(&c->weights, "lora.weight", ASK_F32, 1, (int64_t[]){3});
}

static void misshape(checkpoint *c)
{
    tensors_reshape(&c->weights, "text_projection.weight", ASK_F32, 2, (int64_t[]){40, 24});
}

static void drop_a_dimension(checkpoint *c)
{
    tensors_reshape(&c->weights, "text_projection.weight", ASK_F32, 1, (int64_t[]){960});
}

static void make_integers(checkpoint *c)
{
    tensors_reshape(&c->weights, "text_projection.weight", ASK_I64, 2, (int64_t[]){24, 40});
}

static void everything_at_once(checkpoint *c)
{
    drop_one(c);
    add_one(c);
    tensors_reshape(&c->weights, "logit_scale", ASK_F32, 1, (int64_t[]){1});
}

static void smaller_vocabulary(checkpoint *c)
{
    checkpoint_edit(c, "\"vocab_size\": 120", "\"vocab_size\": 121");
}

static void end_outside(checkpoint *c)
{
    checkpoint_edit(c, "\"eos_token_id\": 119", "\"eos_token_id\": 120");
}

static void more_layers(checkpoint *c)
{
    checkpoint_edit(c, "\"num_hidden_layers\": 3", "\"num_hidden_layers\": 4");
}

static void absurd_width(checkpoint *c)
{
    checkpoint_edit(c, "\"projection_dim\": 24", "\"projection_dim\": 2147483648");
}

static void huge_but_allowed(checkpoint *c)
{
    checkpoint_edit(c, "\"vocab_size\": 120", "\"vocab_size\": 16777216");
}

static void as_large_as_can_be(checkpoint *c)
{
    checkpoint_edit(c, "\"hidden_size\": 40,\n    \"image_size\": 32,",
                    "\"hidden_size\": 1048576, \"image_size\": 16384,");
    checkpoint_edit(c, "\"num_hidden_layers\": 3", "\"num_hidden_layers\": 1000");
}

static void set_scale(checkpoint *c, float log_scale)
{
    tensors_floats(&c->weights, "logit_scale")[0] = log_scale;
}

static void scale_of_nan(checkpoint *c)
{
    set_scale(c, NAN);
}

static void scale_of_infinity(checkpoint *c)
{
    set_scale(c, INFINITY);
}

static void scale_of_zero(checkpoint *c)
{
    set_scale(c, -INFINITY);
}

static void scale_beyond_f32(checkpoint *c)
{
    set_scale(c, 89);
}

static void missing_key(checkpoint *c)
{
    checkpoint_edit(c, "\"projection_dim\": 24,", "");
}

static void other_network(checkpoint *c)
{
    checkpoint_edit(c, "\"model_type\": \"clip\",", "\"model_type\": \"siglip\",");
}

static void silent_config(checkpoint *c)
{
    checkpoint_edit(c, "\"CLIPModel\"", "");
    checkpoint_edit(c, "\"model_type\": \"clip\",", "");
    tensors_drop(&c->weights, "logit_scale");
}

static void remove_config(void)
{
    remove(test_path(dir, "config.json"));
}

static void empty_config(void)
{
    test_write_text(test_path(dir, "config.json"), "");
}

static void list_config(void)
{
    test_write_text(test_path(dir, "config.json"), "[]");
}

static void cut_config(void)
{
    test_write_text(test_path(dir, "config.json"), "{\"model_type\": \"clip\",");
}

static void remove_weights(void)
{
    remove(test_path(dir, "model.safetensors"));
}

static void empty_weights(void)
{
    test_write_text(test_path(dir, "model.safetensors"), "");
}

static void cut_weights(void)
{
    size_t n_bytes;
    char *bytes = test_read(test_path(dir, "model.safetensors"), &n_bytes);
    test_write(test_path(dir, "model.safetensors"), bytes, n_bytes - 1000);
    free(bytes);
}

static void no_tensors(void)
{
    tensors_write(&(tensor_list){0}, test_path(dir, "model.safetensors"));
}

static void wrong_pictures(void)
{
    test_write_text(test_path(dir, "preprocessor_config.json"),
                    "{\"crop_size\": {\"height\": 32, \"width\": 30}}");
}

static void broken_pictures(void)
{
    test_write_text(test_path(dir, "preprocessor_config.json"),
                    "{\"size\": {\"height\": 32}}");
}

static const bad_case bad_cases[] = {
    {"a tensor is missing", drop_one,
     .message = "/model.safetensors: missing tensors: text_projection.weight [24, 40]"},
    {"several tensors are missing", drop_many,
     .message = "/model.safetensors: missing tensors: "
                "vision_model.encoder.layers.1.self_attn.k_proj.bias [40], "
                "vision_model.encoder.layers.1.self_attn.v_proj.bias [40], "
                "vision_model.encoder.layers.1.self_attn.q_proj.bias [40] and 1 more"},
    {"a tensor too many", add_one,
     .message = "/model.safetensors: tensors that the network does not have: lora.weight"},
    {"a tensor of another shape", misshape,
     .message = "/model.safetensors: misshapen tensors: "
                "text_projection.weight is f32 [40, 24], not [24, 40]"},
    {"a tensor of another number of axes", drop_a_dimension,
     .message = "/model.safetensors: misshapen tensors: "
                "text_projection.weight is f32 [960], not [24, 40]"},
    {"a tensor of integers", make_integers,
     .message = "/model.safetensors: misshapen tensors: "
                "text_projection.weight is i64 [24, 40], not real numbers [24, 40]"},
    {"missing, extra and misshapen", everything_at_once,
     .message = "/model.safetensors: missing tensors: text_projection.weight [24, 40]; "
                "misshapen tensors: logit_scale is f32 [1], not []; "
                "tensors that the network does not have: lora.weight"},
    {"another vocabulary", smaller_vocabulary,
     .message = "/model.safetensors: misshapen tensors: "
                "text_model.embeddings.token_embedding.weight is f32 [120, 40], not "
                "[121, 40]"},
    {"an end token outside the vocabulary", end_outside,
     .message =
         "/config.json: key \"text_config.eos_token_id\": 120 is not in a vocabulary "
         "of 120 (vocab_size)"},
    {"a layer that is not there", more_layers,
     .message =
         "/model.safetensors: missing tensors: "
         "vision_model.encoder.layers.3.self_attn.k_proj.weight [40, 40], "
         "vision_model.encoder.layers.3.self_attn.k_proj.bias [40], "
         "vision_model.encoder.layers.3.self_attn.v_proj.weight [40, 40] and 13 more"},
    {"an absurd width", absurd_width,
     .message = "/config.json: key \"projection_dim\": expected an integer from 1 to "
                "1048576, got 2147483648"},
    {"a vocabulary at the limit", huge_but_allowed,
     .message = "/model.safetensors: misshapen tensors: "
                "text_model.embeddings.token_embedding.weight is f32 [120, 40], not "
                "[16777216, 40]"},
    {"all sizes at their limits", as_large_as_can_be,
     .message = "/model.safetensors: missing tensors: "
                "vision_model.encoder.layers.3.self_attn.k_proj.weight [1048576, 1048576]"},
    {"a scale that is no number", scale_of_nan, .message = ": tensor \"logit_scale\" is "},
    {"an infinite scale", scale_of_infinity,
     .message = ": tensor \"logit_scale\" is inf: cosines cannot be scaled with exp(inf)"},
    {"a scale of zero", scale_of_zero, .message = ": tensor \"logit_scale\" is -inf: "},
    {"a scale beyond f32", scale_beyond_f32, .message = ": tensor \"logit_scale\" is 89: "},
    {"a missing key", missing_key,
     .message = "/model.safetensors: misshapen tensors: "
                "visual_projection.weight is f32 [24, 40], not [512, 40], "
                "text_projection.weight is f32 [24, 40], not [512, 40]"},
    {"a network that we do not have", other_network,
     .message = "/config.json: no network for model_type \"siglip\"; there are: clip"},
    {"nothing tells the network", silent_config,
     .message = "/config.json: neither \"model_type\" nor \"architectures\" tells the "
                "network, nor do the tensors; there are: clip"},
    {"no config.json", NULL, remove_config, .message = ": there is no config.json"},
    {"an empty config.json", NULL, empty_config,
     .message = "/config.json:1:0: unexpected token near end of file"},
    {"config.json is a list", NULL, list_config,
     .message = "/config.json: expected a JSON object"},
    {"config.json is cut off", NULL, cut_config,
     .message = "/config.json:1:22: string or '}' expected near end of file"},
    {"no weights", NULL, remove_weights,
     .message = ": neither model.safetensors nor pytorch_model.bin is there"},
    {"empty weights", NULL, empty_weights,
     .message = "/model.safetensors: not a safetensors file: only 0 bytes"},
    {"weights are cut off", NULL, cut_weights, .message = "/model.safetensors: "},
    {"weights without tensors", NULL, no_tensors,
     .message = "/model.safetensors: missing tensors: logit_scale []"},
    {"pictures of another size", NULL, wrong_pictures,
     .message =
         "/preprocessor_config.json: pictures become 30 x 32, the network takes 32 x "
         "32"},
    {"malformed preprocessing", NULL, broken_pictures,
     .message = "/preprocessor_config.json: key \"size.width\" is missing"},
};

static void bad_checkpoints_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad_cases); i++) {
        const bad_case *b = &bad_cases[i];
        make_dir(NULL);
        checkpoint c = checkpoint_of("golden/clip");
        if (b->spoil) b->spoil(&c);
        checkpoint_write(&c, dir);
        if (b->spoil_folder) b->spoil_folder();

        ask_error err = {0};
        CHECK_CASE(b->name, !ask_model_open(dir, NULL, &err));
        if (strncmp(err.message, dir, strlen(dir)) != 0 ||
            strncmp(err.message + strlen(dir), b->message, strlen(b->message)) != 0)
            fail_msg("case \"%s\": %s", b->name, err.message);
        CHECK_CASE(b->name, err.code == ASK_ERR_MODEL);
        checkpoint_free(&c);
        remove_dir(NULL);
    }
}

static void what_is_no_folder_is_refused(void **state)
{
    (void)state;
    ask_error err = {0};
    assert_null(ask_model_open("/nonexistent/clip", NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_string_equal(err.message, "/nonexistent/clip: no such folder");
    const char *file = test_fixture("golden/clip/config.json");
    assert_null(ask_model_open(file, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "config.json: a file; expected a folder with "
                                        "config.json and model.safetensors"));
}

static void an_unreadable_file_is_refused(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    checkpoint_write(&c, dir);
    remove(test_path(dir, "config.json"));
    assert_int_equal(mkdir(test_path(dir, "config.json"), 0777), 0);
    ask_error err = {0};
    assert_null(ask_model_open(dir, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    checkpoint_free(&c);
}

/* ---- memory ---- */

static bool open_and_close(void *user, ask_error *err)
{
    ask_model *m = ask_model_open(user, NULL, err);
    ask_model_close(m);
    return m != NULL;
}

static void opening_survives_every_failing_allocation(void **state)
{
    (void)state;
    checkpoint c = checkpoint_of("golden/clip");
    tensors_narrow(&c.weights, ASK_F16);
    checkpoint_write(&c, dir);
    assert_true(test_each_alloc_fails("open", open_and_close, dir) > 100);
    checkpoint_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_tells_what_it_is),
        cmocka_unit_test(parameters_are_counted),
        cmocka_unit_test_setup_teardown(the_id_is_that_of_the_contents, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(the_id_knows_the_files_that_change_answers,
                                        make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(
            opening_fails_without_the_right_to_read_what_the_id_is_made_of, make_dir,
            remove_dir),
        cmocka_unit_test_setup_teardown(
            a_network_is_told_by_its_tensors_when_config_is_silent, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_network_is_told_by_its_architecture, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(a_network_may_be_given_by_name, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(buffers_of_old_checkpoints_are_passed_over,
                                        make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(weights_may_be_in_several_files, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(short_types_are_told, make_dir, remove_dir),
        cmocka_unit_test(bad_checkpoints_are_refused),
        cmocka_unit_test(what_is_no_folder_is_refused),
        cmocka_unit_test_setup_teardown(an_unreadable_file_is_refused, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(opening_survives_every_failing_allocation, make_dir,
                                        remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
