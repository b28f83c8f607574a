/* Pictures of many vectors: their values, how they fit texts, and what speaks for a text.
 */
#include "model/pictures.h"

#include <math.h>

#include "model/explain.h"
#include "support/checkpoint.h"
#include "support/testing.h"

enum { N = 3, N_TEXTS = 4, SIDE = 4, N_VECTORS = 1 + SIDE * SIDE, N_EMBED = 16 };

static checkpoint golden;
static tensor_list derived; // fit and heat
static ask_model *model;
static ask_session *session;
static float *pixels, *texts;

static int open_all(void **state)
{
    (void)state;
    ask_error err = {0};
    golden = checkpoint_of("golden/clip_patches");
    derived = tensors_read(test_fixture("golden/clip_patches/fit.safetensors"));
    pixels = tensors_floats(&golden.inputs, "pixel_values");
    texts = tensors_floats(&golden.outputs, "text_embeds");
    model = ask_model_open(test_fixture("golden/clip_patches"), NULL, &err);
    session = model ? ask_session_open(model, &err) : NULL;
    return session ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    ask_session_close(session);
    ask_model_close(model);
    tensors_free(&derived);
    checkpoint_free(&golden);
    return 0;
}

static void check_near(const char *what, const float *got, const float *want, int n)
{
    for (int i = 0; i < n; i++)
        if (!(fabsf(got[i] - want[i]) <= 2e-5f))
            fail_msg("%s: element %d is %g, expected %g", what, i, (double)got[i],
                     (double)want[i]);
}

static void embed(float *out)
{
    ask_error err = {0};
    CHECK_OK(ask_embed_pixels(session, out, pixels, N, NULL, &err), &err);
}

static void a_picture_has_a_vector_for_the_whole_and_for_each_patch(void **state)
{
    (void)state;
    const ask_model_info info = ask_model_info_of(model);
    assert_int_equal(info.n_vectors, N_VECTORS);
    assert_int_equal(info.heat_side, SIDE);
    float vectors[N * N_VECTORS * N_EMBED];
    embed(vectors);
    check_near("vectors", vectors, tensors_floats(&golden.outputs, "image_vectors"),
               N * N_VECTORS * N_EMBED);
    const ask_pictures pictures = {vectors, N, N_VECTORS, N_EMBED};
    const float *whole = tensors_floats(&golden.outputs, "image_embeds");
    for (int i = 0; i < N; i++)
        check_near("whole", ask_picture_whole(&pictures, i), whole + i * N_EMBED, N_EMBED);
}

static void a_fit_is_of_the_whole_and_of_the_best_patch(void **state)
{
    (void)state;
    float vectors[N * N_VECTORS * N_EMBED], fit[N * N_TEXTS];
    embed(vectors);
    const ask_pictures pictures = {vectors, N, N_VECTORS, N_EMBED};
    for (int i = 0; i < N * N_TEXTS; i++)
        fit[i] =
            (float)ask_picture_fit(&pictures, i / N_TEXTS, texts + (i % N_TEXTS) * N_EMBED);
    check_near("fit", fit, tensors_floats(&derived, "fit"), N * N_TEXTS);
}

static void the_fit_of_one_vector_is_its_cosine(void **state)
{
    (void)state;
    static const float vectors[] = {0.6f, 0.8f, 0, -1}, text[] = {0.8f, 0.6f};
    const ask_pictures pictures = {vectors, 2, 1, 2};
    assert_true(fabs(ask_picture_fit(&pictures, 0, text) - 0.96) < 1e-6);
    assert_true(fabs(ask_picture_fit(&pictures, 1, text) + 0.6) < 1e-6);
}

static void heat_is_of_all_that_the_fit_rests_on(void **state)
{
    (void)state;
    ask_error err = {0};
    float heat[N * SIDE * SIDE];
    CHECK_OK(ask_explain_pixels(session, heat, pixels, N, texts, NULL, &err), &err);
    check_near("heat", heat, tensors_floats(&derived, "heat"), N * SIDE * SIDE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_has_a_vector_for_the_whole_and_for_each_patch),
        cmocka_unit_test(a_fit_is_of_the_whole_and_of_the_best_patch),
        cmocka_unit_test(the_fit_of_one_vector_is_its_cosine),
        cmocka_unit_test(heat_is_of_all_that_the_fit_rests_on),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
