/* Maps of what speaks for a text, on a small reference model. */
#include "model/explain.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "support/testing.h"

enum { N = 6, N_EMBED = 24, IMAGE_FLOATS = 3 * 32 * 32, MOST_HEAT = 64 };

static ask_model *model;
static ask_session *session;
static int n_heat;
static float pixels[N * IMAGE_FLOATS], text[N_EMBED];

static void draw_unit(float *out, ask_rng *rng)
{
    double squares = 0;
    for (int i = 0; i < N_EMBED; i++) {
        out[i] = (float)ask_rng_normal(rng);
        squares += (double)out[i] * out[i];
    }
    for (int i = 0; i < N_EMBED; i++) out[i] /= (float)sqrt(squares);
}

static int open_all(void **state)
{
    (void)state;
    ask_error err = {0};
    model = ask_model_open(test_fixture("golden/clip"), NULL, &err);
    session = model ? ask_session_open(model, &err) : NULL;
    if (!session) return -1;
    ask_model_info info = ask_model_info_of(model);
    n_heat = info.heat_side * info.heat_side;
    ask_rng rng = ask_rng_new(5);
    for (int i = 0; i < N * IMAGE_FLOATS; i++) pixels[i] = (float)ask_rng_normal(&rng);
    draw_unit(text, &rng);
    return info.n_embed == N_EMBED && n_heat <= MOST_HEAT ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    ask_session_close(session);
    ask_model_close(model);
    return 0;
}

static void explain(float *heat, const float *from, int n, const float *to)
{
    ask_error err = {0};
    CHECK_OK(ask_explain_pixels(session, heat, from, n, to, NULL, &err), &err);
}

static void a_map_is_never_negative_and_somewhere_positive(void **state)
{
    (void)state;
    float heat[N * MOST_HEAT];
    explain(heat, pixels, N, text);
    for (int i = 0; i < N; i++) {
        float most = 0;
        for (int k = 0; k < n_heat; k++) {
            float value = heat[i * n_heat + k];
            assert_true(isfinite(value) && value >= 0);
            most = fmaxf(most, value);
        }
        assert_true(most > 0);
    }
    char layer[64];
    ask_explain_layer(model, layer, sizeof layer);
    assert_true(strncmp(layer, "vision.attentions.", 18) == 0);
}

static void a_map_depends_on_the_text_and_not_on_its_batch(void **state)
{
    (void)state;
    float heat[N * MOST_HEAT], alone[MOST_HEAT], other[N_EMBED], map[MOST_HEAT];
    explain(heat, pixels, N, text);
    for (int i = 0; i < N; i++) {
        explain(alone, pixels + i * IMAGE_FLOATS, 1, text);
        for (int k = 0; k < n_heat; k++)
            assert_true(fabsf(alone[k] - heat[i * n_heat + k]) <= 1e-6f);
    }
    ask_rng rng = ask_rng_new(6);
    draw_unit(other, &rng);
    explain(map, pixels, 1, other);
    assert_true(memcmp(map, heat, (size_t)n_heat * sizeof *map) != 0);
}

/* The cosine is linear in the text, so a text twice as long has maps twice as hot. */
static void heat_is_in_units_of_the_cosine(void **state)
{
    (void)state;
    float heat[MOST_HEAT], twice[MOST_HEAT], longer[N_EMBED];
    for (int i = 0; i < N_EMBED; i++) longer[i] = 2 * text[i];
    explain(heat, pixels, 1, text);
    explain(twice, pixels, 1, longer);
    for (int k = 0; k < n_heat; k++)
        assert_true(fabsf(twice[k] - 2 * heat[k]) <= 1e-5f * heat[k] + 1e-8f);
}

static void explaining_can_be_cancelled(void **state)
{
    (void)state;
    ask_cancel cancel = {0};
    ask_error err = {0};
    float heat[MOST_HEAT];
    ask_cancel_raise(&cancel, 2);
    assert_false(ask_explain_pixels(session, heat, pixels, 1, text, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
}

static bool explain_one(void *user, ask_error *err)
{
    float heat[MOST_HEAT];
    (void)user;
    return ask_explain_pixels(session, heat, pixels, 1, text, NULL, err);
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("explain", explain_one, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_is_never_negative_and_somewhere_positive),
        cmocka_unit_test(a_map_depends_on_the_text_and_not_on_its_batch),
        cmocka_unit_test(heat_is_in_units_of_the_cosine),
        cmocka_unit_test(explaining_can_be_cancelled),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
