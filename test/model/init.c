/* Making a model: the same bytes for the same seed, and nothing left when it fails. */
#include "model/init.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "model/model.h"
#include "net/params.h"
#include "support/checkpoint.h"
#include "support/color_model.h"
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

static const char *config_path(void)
{
    return test_fixture("golden/clip/config.json");
}

static const char *in_dir(const char *name)
{
    return test_path(dir, name);
}

static void make(const char *name, uint64_t seed)
{
    ask_error err = {0};
    ask_model_init_options opt = {.seed = seed};
    CHECK_OK(ask_model_init(in_dir(name), config_path(), &opt, &err), &err);
}

static char *read_in(const char *name, const char *file, size_t *n_bytes)
{
    return test_read(test_path(in_dir(name), file), n_bytes);
}

static bool same_file(const char *a, const char *b, const char *file)
{
    size_t n_a, n_b;
    char *bytes_a = read_in(a, file, &n_a), *bytes_b = read_in(b, file, &n_b);
    bool same = n_a == n_b && memcmp(bytes_a, bytes_b, n_a) == 0;
    free(bytes_a);
    free(bytes_b);
    return same;
}

static void the_same_seed_gives_the_same_bytes(void **state)
{
    (void)state;
    make("a", 5);
    make("b", 5);
    make("c", 6);
    assert_true(same_file("a", "b", "model.safetensors"));
    assert_false(same_file("a", "c", "model.safetensors"));
    assert_int_equal(test_count_entries(in_dir("a")), 3);
    size_t n, n_copy;
    char *config = test_read(config_path(), &n),
         *copy = read_in("a", "config.json", &n_copy);
    assert_int_equal(n, n_copy);
    assert_memory_equal(config, copy, n);
    free(config);
    free(copy);
}

static void what_was_made_is_a_model(void **state)
{
    (void)state;
    make("new/clip", 1); // the folder above is made too
    checkpoint published = checkpoint_of("golden/clip");
    tensor_list made = tensors_read(test_path(in_dir("new/clip"), "model.safetensors"));
    assert_int_equal(made.n, published.weights.n);
    for (size_t i = 0; i < made.n; i++) {
        const float *v = made.entries[i].data;
        for (int64_t k = 0; k < made.entries[i].n_elements; k++)
            assert_true(isfinite(v[k]));
    }
    tensors_free(&made);
    checkpoint_free(&published);

    size_t n_bytes;
    char *pictures = read_in("new/clip", "preprocessor_config.json", &n_bytes);
    assert_non_null(strstr(pictures, "\"image_processor_type\": \"CLIPImageProcessor\""));
    free(pictures);

    ask_error err = {0};
    ask_model *m;
    CHECK_OK(m = ask_model_open(in_dir("new/clip"), NULL, &err), &err);
    ask_model_info info = ask_model_info_of(m);
    assert_true(fabs(info.logit_scale - exp(2.6592)) < 1e-4);
    ask_preprocess expected = ask_preprocess_defaults(ASK_PROCESSOR_CLIP, 32);
    const ask_preprocess *p = ask_model_preprocess(m);
    assert_int_equal(p->fit, expected.fit);
    assert_int_equal(p->shorter_px, 32);
    assert_int_equal(p->crop_width_px, 32);
    assert_int_equal(p->crop_height_px, 32);
    assert_int_equal(p->filter, expected.filter);
    assert_true(p->scale == expected.scale);
    assert_memory_equal(p->mean, expected.mean, sizeof p->mean);
    assert_memory_equal(p->std, expected.std, sizeof p->std);

    float out[24];
    ask_session *s;
    CHECK_OK(s = ask_session_open(m, &err), &err);
    CHECK_OK(ask_embed_ids(s, out, (int64_t[]){118, 3, 119}, 1, 3, NULL, &err), &err);
    ask_session_close(s);
    ask_model_close(m);
}

static void the_tokenizer_comes_along(void **state)
{
    (void)state;
    ask_error err = {0};
    color_model_write(in_dir("color"), NULL);
    test_write_text(in_dir("color/added_tokens.json"), "{}");
    char *config = ask_file_exists(in_dir("color/config.json"))
                       ? strdup(in_dir("color/config.json"))
                       : NULL;
    assert_non_null(config);
    ask_model_init_options opt = {.tokenizer = in_dir("color")};
    CHECK_OK(ask_model_init(in_dir("a"), config, &opt, &err), &err);
    assert_true(same_file("a", "color", "vocab.json"));
    assert_true(same_file("a", "color", "merges.txt"));
    assert_true(same_file("a", "color", "added_tokens.json"));
    ask_model *m;
    ask_session *s;
    CHECK_OK(m = ask_model_open(in_dir("a"), NULL, &err), &err);
    CHECK_OK(s = ask_session_open(m, &err), &err);
    int n;
    CHECK_OK(ask_count_tokens(s, "a red photo", &n, NULL, &err), &err);
    assert_int_equal(n, 5);
    ask_session_close(s);
    ask_model_close(m);
    free(config);
}

/* ---- what is refused ---- */

static void a_folder_with_a_model_is_left_alone(void **state)
{
    (void)state;
    static const char *const files[] = {"config.json", "model.safetensors",
                                        "preprocessor_config.json", "tokenizer.json"};
    for (size_t i = 0; i < TEST_COUNT(files); i++) {
        make_dir(NULL);
        test_write_text(in_dir(files[i]), "mine");
        ask_error err = {0};
        CHECK_CASE(files[i], !ask_model_init(dir, config_path(), NULL, &err));
        CHECK_CASE(files[i], err.code == ASK_ERR_USAGE);
        CHECK_CASE(files[i], strstr(err.message, files[i]));
        CHECK_CASE(files[i], strstr(err.message, " already; give a new folder"));
        CHECK_CASE(files[i], test_count_entries(dir) == 1);
        remove_dir(NULL);
    }
}

static void a_file_is_no_folder(void **state)
{
    (void)state;
    ask_error err = {0};
    test_write_text(in_dir("a"), "mine");
    assert_false(ask_model_init(in_dir("a"), config_path(), NULL, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_false(ask_model_init(in_dir("a/b"), config_path(), NULL, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
}

static void bad_configurations_make_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *message;
    } cases[] = {
        {"no network", "{}", "tells the network"},
        {"another network", "{\"model_type\":\"siglip\"}",
         "no network for model_type \"siglip\""},
        {"an absurd size", "{\"model_type\":\"clip\",\"projection_dim\":0}",
         "key \"projection_dim\": expected an integer from 1"},
        {"broken", "{", "config.json:1:"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        test_write_text(in_dir("config.json"), cases[i].text);
        ask_error err = {0};
        CHECK_CASE(cases[i].name,
                   !ask_model_init(in_dir("a"), in_dir("config.json"), NULL, &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_MODEL);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
        CHECK_CASE(cases[i].name, !ask_file_exists(in_dir("a")));
    }
    ask_error err = {0};
    assert_false(ask_model_init(in_dir("a"), in_dir("none.json"), NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
}

/* Nothing is drawn for it, so this ends at once. */
static void more_than_the_disk_holds_is_refused_before_anything_is_written(void **state)
{
    (void)state;
    test_write_text(in_dir("config.json"),
                    "{\"model_type\":\"clip\",\"vision_config\":{\"hidden_size\":1048576,"
                    "\"num_attention_heads\":1,\"intermediate_size\":1048576,"
                    "\"num_hidden_layers\":1000}}");
    ask_error err = {0};
    assert_false(ask_model_init(in_dir("new/a"), in_dir("config.json"), NULL, &err));
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_non_null(strstr(err.message, "model.safetensors would be 245"));
    assert_non_null(strstr(err.message, "/new/a has "));
    assert_non_null(strstr(err.message, " GiB free"));
    assert_false(ask_file_exists(in_dir("new")));
}

/* The pieces in which it is drawn are those of one stream. */
static void a_tensor_of_several_pieces_is_that_of_its_stream(void **state)
{
    (void)state;
    enum { N_VOCAB = 3000, WIDTH = 512 };
    test_write_text(in_dir("config.json"),
                    "{\"model_type\":\"clip\",\"projection_dim\":1,"
                    "\"text_config\":{\"vocab_size\":3000,\"eos_token_id\":1,"
                    "\"num_hidden_layers\":1},"
                    "\"vision_config\":{\"hidden_size\":12,\"intermediate_size\":1,"
                    "\"num_hidden_layers\":1,\"image_size\":32}}");
    ask_error err = {0};
    ask_model_init_options opt = {.seed = 3};
    CHECK_OK(ask_model_init(in_dir("a"), in_dir("config.json"), &opt, &err), &err);
    tensor_list made = tensors_read(test_path(in_dir("a"), "model.safetensors"));
    static const char *const name = "text_model.embeddings.token_embedding.weight";
    const ask_weights_entry *e = tensors_get(&made, name);
    assert_true(e->n_dims == 2 && e->shape[0] == N_VOCAB && e->shape[1] == WIDTH);
    float *expected = malloc(e->bytes);
    assert_non_null(expected);
    ask_rng stream = ask_param_stream(3, name);
    ask_param_draw(expected, (size_t)e->n_elements, &stream, ask_init_normal(0.02));
    assert_memory_equal(e->data, expected, e->bytes);
    free(expected);
    tensors_free(&made);
}

static void a_tokenizer_that_does_not_fit_makes_nothing(void **state)
{
    (void)state;
    ask_error err = {0};
    color_model_write(in_dir("color"), NULL);
    test_write_text(in_dir("config.json"),
                    "{\"model_type\":\"clip\",\"text_config\":{\"vocab_size\":10,"
                    "\"eos_token_id\":9}}");
    ask_model_init_options opt = {.tokenizer = in_dir("color")};
    assert_false(ask_model_init(in_dir("a"), in_dir("config.json"), &opt, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "tokens, but text_config.vocab_size of the "
                                        "configuration is 10"));
    opt.tokenizer = in_dir("nowhere");
    assert_false(ask_model_init(in_dir("a"), config_path(), &opt, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_false(ask_file_exists(in_dir("a")));
}

/* ---- what fails on the way ---- */

static void a_raised_flag_leaves_nothing(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    ask_model_init_options opt = {.cancel = &cancel};
    assert_false(ask_model_init(in_dir("a"), config_path(), &opt, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    assert_false(ask_file_exists(in_dir("a")));
    // A folder that was there stays, as empty as it was.
    assert_false(ask_model_init(dir, config_path(), &opt, &err));
    assert_int_equal(test_count_entries(dir), 0);
}

static void a_full_disk_leaves_nothing(void **state)
{
    (void)state;
    struct rlimit old, small;
    getrlimit(RLIMIT_FSIZE, &old);
    small = (struct rlimit){.rlim_cur = 100000, .rlim_max = old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    ask_error err = {0};
    bool ok = ask_model_init(in_dir("a"), config_path(), NULL, &err);
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_DFL);
    assert_false(ok);
    assert_int_equal(err.code, ASK_ERR_LIMIT);
    assert_non_null(strstr(err.message, "model.safetensors"));
    assert_false(ask_file_exists(in_dir("a")));
}

static bool write_half(void *user, const char *path, ask_error *err)
{
    assert_string_equal(user, "user");
    test_write_text(path, "half");
    return ask_fail(err, ASK_ERR_IO, "%s: the disk is full", path);
}

static void weights_that_another_cannot_write_leave_nothing(void **state)
{
    (void)state;
    ask_error err = {0};
    char user[] = "user";
    ask_model_init_options opt = {.write_weights = write_half, .user = user};
    assert_false(ask_model_init(in_dir("a"), config_path(), &opt, &err));
    assert_non_null(strstr(err.message, "the disk is full"));
    assert_false(ask_file_exists(in_dir("a")));
}

static bool write_text(void *user, const char *path, ask_error *err)
{
    (void)err;
    test_write_text(path, user);
    return true;
}

static void weights_and_preprocessing_may_be_given(void **state)
{
    (void)state;
    ask_error err = {0};
    char weights[] = "weights";
    test_write_text(in_dir("mine.json"), "{\"size\": 8}");
    ask_model_init_options opt = {
        .write_weights = write_text, .user = weights, .preprocess = in_dir("mine.json")};
    CHECK_OK(ask_model_init(in_dir("a"), config_path(), &opt, &err), &err);
    static const char *const files[][2] = {{"a/model.safetensors", "weights"},
                                           {"a/preprocessor_config.json", "{\"size\": 8}"}};
    for (size_t i = 0; i < TEST_COUNT(files); i++) {
        size_t n;
        char *text = test_read(in_dir(files[i][0]), &n);
        assert_string_equal(text, files[i][1]);
        free(text);
    }
}

static bool make_once(void *user, ask_error *err)
{
    (void)user;
    bool ok = ask_model_init(in_dir("a"), config_path(), NULL, err);
    bool there = ask_file_exists(in_dir("a"));
    if (there != ok) fail_msg("made %d, but there is %d", ok, there);
    if (!ok) return false;
    remove(test_path(in_dir("a"), "config.json"));
    remove(test_path(in_dir("a"), "model.safetensors"));
    remove(test_path(in_dir("a"), "preprocessor_config.json"));
    return rmdir(in_dir("a")) == 0;
}

static void it_survives_every_failing_allocation(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("init", make_once, NULL) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_seed_gives_the_same_bytes, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(what_was_made_is_a_model, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(the_tokenizer_comes_along, make_dir, remove_dir),
        cmocka_unit_test(a_folder_with_a_model_is_left_alone),
        cmocka_unit_test_setup_teardown(a_file_is_no_folder, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(bad_configurations_make_nothing, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(
            more_than_the_disk_holds_is_refused_before_anything_is_written, make_dir,
            remove_dir),
        cmocka_unit_test_setup_teardown(a_tensor_of_several_pieces_is_that_of_its_stream,
                                        make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_tokenizer_that_does_not_fit_makes_nothing,
                                        make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_raised_flag_leaves_nothing, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_full_disk_leaves_nothing, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(weights_that_another_cannot_write_leave_nothing,
                                        make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(weights_and_preprocessing_may_be_given, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(it_survives_every_failing_allocation, make_dir,
                                        remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
