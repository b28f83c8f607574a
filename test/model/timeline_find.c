/* Timeline as a model of pictures and texts in one space: what it tells, its vectors and
 * maps, a search, and one that was not made to find. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/explain.h"
#include "model/image_outputs.h"
#include "model/init.h"
#include "model/pictures.h"
#include "support/testing.h"
#include "support/tiny_timeline.h"

enum { N = 5, SIDE = TINY_PX / ASK_CELLS_PX, N_PATCHES = SIDE * SIDE, N_EMBED = 12 };
enum { N_VECTORS = 1 + N_PATCHES };

static char *dir;
static ask_model *model, *mute; // mute: it has no part to find by
static ask_session *session;
static float *pixels;

static const char *const texts[] = {"a red ball", "a green star jumps"};
enum { N_TEXTS = TEST_COUNT(texts) };

static void make_model(const char *name, const char *part)
{
    ask_error err = {0};
    ask_str config = {0};
    const ask_model_init_options opt = {
        .seed = 7, .tokenizer = test_fixture("golden/tokenizer_roberta")};
    size_t n = strlen(tiny_timeline_config) - 1; // up to the last brace
    ask_str_append_bytes(&config, tiny_timeline_config, n);
    ask_str_printf(&config, "%s}", part);
    test_write_text(test_path(dir, "config.json"), ask_str_text(&config));
    CHECK_OK(
        ask_model_init(test_path(dir, name), test_path(dir, "config.json"), &opt, &err),
        &err);
    ask_str_free(&config);
}

static ask_model *open_model(const char *name)
{
    ask_error err = {0};
    ask_model *m = ask_model_open(test_path(dir, name), NULL, &err);
    CHECK_OK(m, &err);
    return m;
}

static int open_all(void **state)
{
    ask_error err = {0};
    (void)state;
    dir = test_temp_dir_make();
    make_model("finder", ", \"find\": {\"projection_dim\": 12, \"text_layers\": 1}");
    make_model("mute", "");
    model = open_model("finder");
    mute = open_model("mute");
    CHECK_OK(session = ask_session_open(model, &err), &err);
    pixels = tiny_timeline_pixels(N, 3);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    ask_session_close(session);
    ask_model_close(model);
    ask_model_close(mute);
    free(pixels);
    test_temp_dir_remove(dir);
    return 0;
}

static void embed_all(float *pictures, float *words)
{
    ask_error err = {0};
    if (pictures)
        CHECK_OK(ask_embed_pixels(session, pictures, pixels, N, NULL, &err), &err);
    CHECK_OK(ask_embed_texts(session, words, texts, N_TEXTS, NULL, &err), &err);
}

static bool is_unit(const float *x)
{
    return fabs(ask_dot(x, x, N_EMBED) - 1) < 1e-5;
}

static void a_model_that_can_find_tells_so(void **state)
{
    (void)state;
    const ask_model_info i = ask_model_info_of(model);
    ask_error err = {0};
    assert_true(i.has_pictures);
    assert_int_equal(i.n_embed, N_EMBED);
    assert_int_equal(i.n_vectors, N_VECTORS);
    assert_int_equal(i.heat_side, SIDE);
    assert_int_equal(i.n_context, TINY_TOKENS);
    assert_true(fabs(i.logit_scale - 10) < 1e-4);
    assert_true(i.image_gflop > 0 && i.text_token_gflop > 0);
    CHECK_OK(ask_model_check_pictures(model, &err), &err);
}

static void vectors_have_unit_length_and_do_not_depend_on_their_batch(void **state)
{
    (void)state;
    float pictures[N * N_VECTORS * N_EMBED], words[N_TEXTS * N_EMBED];
    float alone[N_VECTORS * N_EMBED], word[N_EMBED];
    ask_error err = {0};
    embed_all(pictures, words);
    for (int i = 0; i < N * N_VECTORS; i++) assert_true(is_unit(pictures + i * N_EMBED));
    for (int i = 0; i < N_TEXTS; i++) {
        assert_true(is_unit(words + i * N_EMBED));
        CHECK_OK(ask_embed_texts(session, word, &texts[i], 1, NULL, &err), &err);
        for (int k = 0; k < N_EMBED; k++)
            assert_true(fabsf(word[k] - words[i * N_EMBED + k]) < 1e-5f);
    }
    for (int i = 0; i < N; i++) {
        CHECK_OK(ask_embed_pixels(session, alone, pixels + i * TINY_PIXELS, 1, NULL, &err),
                 &err);
        assert_memory_equal(alone, pictures + i * N_VECTORS * N_EMBED, sizeof alone);
    }
}

static void other_outputs_have_their_shapes(void **state)
{
    (void)state;
    enum { WIDTH = 8 };
    float features[N * N_EMBED], states[N * N_PATCHES * WIDTH];
    float pictures[N * N_VECTORS * N_EMBED], words[N_TEXTS * N_EMBED];
    int64_t shape[2];
    ask_error err = {0};
    ask_image_output_shape(shape, model, ASK_IMAGE_PATCH_STATES);
    assert_true(shape[0] == N_PATCHES && shape[1] == WIDTH);
    CHECK_OK(
        ask_image_outputs(session, ASK_IMAGE_PATCH_STATES, states, pixels, N, NULL, &err),
        &err);
    CHECK_OK(
        ask_image_outputs(session, ASK_IMAGE_FEATURES, features, pixels, N, NULL, &err),
        &err);
    embed_all(pictures, words);
    for (int i = 0; i < N; i++) { // the whole, before it gets unit length
        const float *x = features + i * N_EMBED, *unit = pictures + i * N_VECTORS * N_EMBED;
        double length = sqrt(ask_dot(x, x, N_EMBED));
        for (int k = 0; k < N_EMBED; k++)
            assert_true(fabs((double)x[k] / length - (double)unit[k]) < 1e-5);
    }
}

static void maps_are_the_fits_of_patches(void **state)
{
    (void)state;
    float pictures[N * N_VECTORS * N_EMBED], words[N_TEXTS * N_EMBED];
    float heat[N * N_PATCHES];
    char layer[64];
    ask_error err = {0};
    embed_all(pictures, words);
    for (int t = 0; t < N_TEXTS; t++) {
        const float *word = words + t * N_EMBED;
        int n_hot = 0;
        CHECK_OK(ask_explain_pixels(session, heat, pixels, N, word, NULL, &err), &err);
        for (int i = 0; i < N * N_PATCHES; i++) {
            int patch = i / N_PATCHES * N_VECTORS + 1 + i % N_PATCHES;
            double fit = ask_dot(pictures + patch * N_EMBED, word, N_EMBED);
            assert_true(fabs((double)heat[i] - fmax(0, fit)) < 1e-6);
            n_hot += heat[i] > 0;
        }
        assert_true(n_hot > 0);
    }
    ask_explain_layer(model, layer, sizeof layer);
    assert_string_equal(ask_explain_method(model), "patch fit");
    assert_string_equal(layer, "vectors");
}

static void tokens_are_counted_as_they_are_read(void **state)
{
    (void)state;
    ask_error err = {0};
    int n;
    bool unknown;
    CHECK_OK(ask_count_tokens(session, texts[0], &n, &unknown, &err), &err);
    assert_true(n >= 3);
    const char *twice[] = {"a red ball a red ball"};
    int n_twice;
    CHECK_OK(ask_count_tokens(session, twice[0], &n_twice, &unknown, &err), &err);
    assert_true(n_twice <= 2 * n + 1); // nothing is put around them
}

static void a_text_without_words_is_refused(void **state)
{
    (void)state;
    static const char *const none[] = {""};
    float word[N_EMBED];
    ask_error err = {0};
    assert_false(ask_embed_texts(session, word, none, 1, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(strstr(err.message, "no words"));
}

static void a_model_that_was_not_made_to_find_says_so(void **state)
{
    (void)state;
    float word[N_EMBED], vectors[N_VECTORS * N_EMBED];
    ask_error err = {0};
    ask_session *s = ask_session_open(mute, &err);
    CHECK_OK(s, &err);
    assert_false(ask_model_info_of(mute).has_pictures);
    assert_false(ask_model_check_pictures(mute, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "was not made to find"));
    assert_false(ask_embed_pixels(s, vectors, pixels, 1, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    assert_false(ask_explain_pixels(s, vectors, pixels, 1, word, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    assert_false(ask_embed_texts(s, word, texts, 1, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_UNSUPPORTED);
    ask_session_close(s);
}

static void memory_still_works_beside(void **state)
{
    (void)state;
    ask_memory_info info;
    ask_error err = {0};
    CHECK_OK(ask_memory_info_of(&info, model, &err), &err);
    assert_int_equal(info.n_slots, TINY_SLOTS);
}

static bool explain_one(void *user, ask_error *err)
{
    float heat[N_PATCHES];
    return ask_explain_pixels(session, heat, pixels, 1, user, NULL, err);
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    float words[N_TEXTS * N_EMBED];
    embed_all(NULL, words);
    assert_true(test_each_alloc_fails("explain", explain_one, words) >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_that_can_find_tells_so),
        cmocka_unit_test(vectors_have_unit_length_and_do_not_depend_on_their_batch),
        cmocka_unit_test(other_outputs_have_their_shapes),
        cmocka_unit_test(maps_are_the_fits_of_patches),
        cmocka_unit_test(tokens_are_counted_as_they_are_read),
        cmocka_unit_test(a_text_without_words_is_refused),
        cmocka_unit_test(a_model_that_was_not_made_to_find_says_so),
        cmocka_unit_test(memory_still_works_beside),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
