#include "focus/curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "support/testing.h"

/* Random unit vectors, row after row; freed by the caller. */
static float *unit_vectors(int n, int n_embed, ask_rng *rng)
{
    float *out = malloc((size_t)n * (size_t)n_embed * sizeof *out);
    assert_non_null(out);
    for (int i = 0; i < n; i++) {
        float *row = out + i * n_embed;
        double squares = 0;
        for (int k = 0; k < n_embed; k++) {
            row[k] = (float)ask_rng_normal(rng);
            squares += (double)row[k] * row[k];
        }
        for (int k = 0; k < n_embed; k++) row[k] = (float)(row[k] / sqrt(squares));
    }
    return out;
}

static double dot(const float *a, const float *b, int n)
{
    double sum = 0;
    for (int k = 0; k < n; k++) sum += (double)a[k] * b[k];
    return sum;
}

static double mean_of(const double *x, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += x[i];
    return sum / n;
}

static double deviation_of(const double *x, int n)
{
    double mean = mean_of(x, n), squares = 0;
    for (int i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
    return sqrt(squares / (n - 1));
}

/* The formulas of curve.h, written down as they stand there. */
static void define(float *score, double *presence, const ask_curve_input *in,
                   const float *text)
{
    int n = in->frames.n, d = in->frames.n_embed;
    double *u = malloc((size_t)n * (size_t)in->n_random * sizeof *u);
    double *most = malloc((size_t)in->n_random * sizeof *most);
    double *s = malloc((size_t)n * sizeof *s);
    assert_true(u && most && s);
    for (int j = 0; j < in->n_random; j++) most[j] = -INFINITY;
    for (int i = 0; i < n; i++) {
        const float *x = in->frames.vectors + i * d;
        double background = 0;
        for (int k = 0; k < in->n_background; k++)
            background += dot(in->background + k * d, x, d) / in->n_background;
        s[i] = dot(text, x, d) - background;
        for (int j = 0; j < in->n_random; j++) {
            u[i * in->n_random + j] = dot(in->random + j * d, x, d) - background;
            most[j] = fmax(most[j], u[i * in->n_random + j]);
        }
    }
    int n_all = n * in->n_random;
    double best = -INFINITY;
    for (int i = 0; i < n; i++) {
        score[i] = (float)((s[i] - mean_of(u, n_all)) / deviation_of(u, n_all));
        best = fmax(best, s[i]);
    }
    *presence = (best - mean_of(most, in->n_random)) / deviation_of(most, in->n_random);
    free(u);
    free(most);
    free(s);
}

/* Against chance on the same frames. */
static bool measured(double *fits, float *score, ask_curve_presence *presence,
                     const ask_curve_input *in, const float *text, const ask_cancel *cancel,
                     ask_error *err)
{
    ask_curve_chance chance;
    if (!ask_curve_measure_chance(&chance, in, cancel, err)) return false;
    ask_pictures_fit(fits, &in->frames, text);
    bool ok = ask_curve_score(score, presence, fits, in->frames.n, &chance, err);
    ask_curve_chance_free(&chance);
    return ok;
}

static void scores_are_those_of_the_definition(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int n_frames, n_background, n_random, n_embed;
    } cases[] = {
        {"one frame", 1, 1, 2, 4},     {"one number", 5, 2, 9, 1},
        {"no background", 4, 0, 5, 6}, {"an odd length", 7, 3, 11, 37},
        {"a video", 120, 8, 64, 512},
    };
    ask_rng rng = ask_rng_new(1);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        int n = cases[i].n_frames, d = cases[i].n_embed;
        float *frames = unit_vectors(n, d, &rng), *text = unit_vectors(1, d, &rng);
        float *background = unit_vectors(cases[i].n_background, d, &rng);
        float *random = unit_vectors(cases[i].n_random, d, &rng);
        const ask_curve_input in = {{frames, n, 1, d},
                                    background,
                                    random,
                                    cases[i].n_background,
                                    cases[i].n_random};
        double cosine[120];
        float score[120], want[120];
        ask_curve_presence presence;
        double want_presence;
        ask_error err = {0};
        if (!measured(cosine, score, &presence, &in, text, NULL, &err))
            fail_msg("%s: %s", cases[i].name, err.message);
        define(want, &want_presence, &in, text);
        for (int k = 0; k < n; k++) {
            CHECK_CASE(cases[i].name,
                       fabs(cosine[k] - dot(text, frames + k * d, d)) < 1e-6);
            CHECK_CASE(cases[i].name, fabsf(score[k] - want[k]) < 1e-4f); // of a f32 result
        }
        CHECK_CASE(cases[i].name, fabs(presence.presence - want_presence) < 1e-9);
        float best = score[0];
        for (int k = 1; k < n; k++) best = fmaxf(best, score[k]);
        double above = best - presence.chance_mean; // the same, in units of score
        CHECK_CASE(cases[i].name,
                   fabs(above / presence.chance_deviation - want_presence) < 1e-4);

        ask_curve_presence again;
        float second[120];
        assert_true(measured(cosine, second, &again, &in, text, NULL, &err));
        CHECK_CASE(cases[i].name, memcmp(second, score, (size_t)n * sizeof *score) == 0);
        CHECK_CASE(cases[i].name, again.presence == presence.presence);
        free(frames);
        free(text);
        free(background);
        free(random);
    }
}

/* Unrelated texts pass a threshold as often as the normal distribution says, and a text
 * that one frame of many resembles stands far above it. */
static void presence_tells_what_is_there_from_chance(void **state)
{
    (void)state;
    enum { N_VIDEOS = 400, N_FRAMES = 20, N_EMBED = 64 };
    ask_rng rng = ask_rng_new(5);
    int n_false = 0, n_found = 0;
    for (int v = 0; v < N_VIDEOS; v++) {
        float *frames = unit_vectors(N_FRAMES, N_EMBED, &rng);
        float *texts = unit_vectors(1 + 4 + 64, N_EMBED, &rng);
        ask_curve_input in = {
            {frames, N_FRAMES, 1, N_EMBED}, texts + N_EMBED, texts + 5 * N_EMBED, 4, 64};
        double cosine[N_FRAMES];
        float score[N_FRAMES];
        ask_curve_presence presence;
        ask_error err = {0};
        CHECK_OK(measured(cosine, score, &presence, &in, texts, NULL, &err), &err);
        n_false += presence.presence >= 1.64;

        float *x = frames + 11 * N_EMBED; // now it shows a good part of the text
        for (int k = 0; k < N_EMBED; k++) x[k] = 0.8f * x[k] + 0.6f * texts[k];
        CHECK_OK(measured(cosine, score, &presence, &in, texts, NULL, &err), &err);
        n_found += presence.presence >= 1.64;
        free(frames);
        free(texts);
    }
    assert_in_range(n_false, N_VIDEOS / 50, N_VIDEOS / 10); // about 1 in 20
    assert_true(n_found > N_VIDEOS * 9 / 10);
}

static void what_cannot_be_measured_is_an_error(void **state)
{
    (void)state;
    enum { D = 8 };
    ask_rng rng = ask_rng_new(2);
    float *frames = unit_vectors(3, D, &rng), *texts = unit_vectors(12, D, &rng);
    const ask_curve_input in = {{frames, 3, 1, D}, texts + D, texts + 2 * D, 1, 10};
    double cosine[3];
    float score[3];
    ask_curve_presence presence;

    float kept = frames[4];
    frames[4] = NAN;
    ask_error err = {0};
    assert_false(measured(cosine, score, &presence, &in, texts, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "not finite"));
    frames[4] = kept;

    kept = texts[0];
    texts[0] = INFINITY;
    assert_false(measured(cosine, score, &presence, &in, texts, NULL, &err));
    assert_non_null(strstr(err.message, "not finite"));
    texts[0] = kept;

    for (int j = 1; j < 10; j++)
        memcpy(texts + (2 + j) * D, texts + 2 * D, D * sizeof *texts);
    assert_false(measured(cosine, score, &presence, &in, texts, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_MODEL);
    assert_non_null(strstr(err.message, "find.sentences"));
    free(frames);
    free(texts);
}

static void duplicates_name_the_first_frame_that_shows_the_same(void **state)
{
    (void)state;
    /* Directions in the plane, in degrees. */
    static const struct {
        const char *name;
        int n;
        double degrees[8], near_duplicate;
        int want[8];
    } cases[] = {
        {"one frame", 1, {0}, 0.985, {-1}},
        {"equal frames", 3, {10, 10, 10}, 0.985, {-1, 0, 0}},
        {"frames apart", 3, {0, 30, 60}, 0.985, {-1, -1, -1}},
        {"9 degrees are the same, 11 are not", 3, {0, 9, 11}, 0.985, {-1, 0, -1}},
        {"a drift is followed from original to original",
         6,
         {0, 6, 12, 18, 24, 1},
         0.985,
         {-1, 0, -1, 2, -1, 0}},
        {"above 1 nothing is", 3, {10, 10, 10}, 1.5, {-1, -1, -1}},
        {"everything is", 4, {0, 60, 80, 10}, 0.1, {-1, 0, 0, 0}},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        float x[16];
        int got[8];
        for (int k = 0; k < cases[i].n; k++) {
            x[2 * k] = (float)cos(cases[i].degrees[k] * 3.14159265358979 / 180);
            x[2 * k + 1] = (float)sin(cases[i].degrees[k] * 3.14159265358979 / 180);
        }
        ask_error err = {0};
        const ask_pictures frames = {x, cases[i].n, 1, 2};
        CHECK_OK(ask_curve_duplicates(got, &frames, cases[i].near_duplicate, NULL, &err),
                 &err);
        for (int k = 0; k < cases[i].n; k++)
            if (got[k] != cases[i].want[k])
                fail_msg("%s: frame %d is a duplicate of %d", cases[i].name, k, got[k]);
    }
}

static void both_stop_when_asked(void **state)
{
    (void)state;
    ask_rng rng = ask_rng_new(2);
    float *x = unit_vectors(12, 8, &rng);
    const ask_curve_input in = {{x, 3, 1, 8}, x, x, 1, 10};
    double cosine[3];
    float score[3];
    ask_curve_presence presence;
    int duplicate_of[12];
    ask_cancel cancel = {0};
    ask_cancel_raise(&cancel, 2);
    ask_error err = {0};
    assert_false(measured(cosine, score, &presence, &in, x, &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    err = (ask_error){0};
    assert_false(ask_curve_duplicates(duplicate_of, &(ask_pictures){x, 12, 1, 8}, 0.9,
                                      &cancel, &err));
    assert_int_equal(err.code, ASK_ERR_CANCELLED);
    free(x);
}

static bool compute(void *user, ask_error *err)
{
    const float *x = user;
    const ask_curve_input in = {{x, 3, 1, 8}, x, x, 1, 10};
    double cosine[3];
    float score[3];
    ask_curve_presence presence;
    int duplicate_of[12];
    return measured(cosine, score, &presence, &in, x, NULL, err) &&
           ask_curve_duplicates(duplicate_of, &(ask_pictures){x, 12, 1, 8}, 0.9, NULL, err);
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    ask_rng rng = ask_rng_new(2);
    float *x = unit_vectors(12, 8, &rng);
    assert_in_range(test_each_alloc_fails("curve", compute, x), 2, 20);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_the_definition),
        cmocka_unit_test(presence_tells_what_is_there_from_chance),
        cmocka_unit_test(what_cannot_be_measured_is_an_error),
        cmocka_unit_test(duplicates_name_the_first_frame_that_shows_the_same),
        cmocka_unit_test(both_stop_when_asked),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
