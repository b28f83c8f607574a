#include "focus/curve.h"

#include <math.h>
#include <stdlib.h>

/* Cosines of f32 vectors are known to about this; a smaller deviation is rounding. */
static const double LEAST_DEVIATION = 1e-6;

/* Mean and deviation of numbers that come one by one. After: Welford 1962. */
typedef struct {
    int64_t n;
    double mean, squares; // of differences from the mean
} spread;

static void spread_add(spread *s, double x)
{
    double before = x - s->mean;
    s->n++;
    s->mean += before / (double)s->n;
    s->squares += before * (x - s->mean);
}

/* Of a sample: over n - 1. */
static double deviation(const spread *s)
{
    return sqrt(s->squares / (double)(s->n - 1));
}

/* How well each frame fits the background prompts, on average. */
static void fit_background(double *out, double *one, const ask_curve_input *in)
{
    for (int i = 0; i < in->frames.n; i++) out[i] = 0;
    for (int k = 0; k < in->n_background; k++) {
        ask_pictures_fit(one, &in->frames,
                         in->background + (size_t)k * (size_t)in->frames.n_embed);
        for (int i = 0; i < in->frames.n; i++) out[i] += one[i] / in->n_background;
    }
}

static bool fail_not_finite(ask_error *err)
{
    return ask_fail(err, ASK_ERR_MODEL,
                    "the model's embeddings are not finite: its weights are damaged");
}

/* all: of every frame with every random sentence; best: of the best frame of each. */
static bool fit_random(spread *all, spread *best, double *one, const double *background,
                       const ask_curve_input *in, const ask_cancel *cancel, ask_error *err)
{
    for (int j = 0; j < in->n_random; j++) {
        if (!ask_cancel_check(cancel, err)) return false;
        ask_pictures_fit(one, &in->frames,
                         in->random + (size_t)j * (size_t)in->frames.n_embed);
        double most = -INFINITY;
        for (int i = 0; i < in->frames.n; i++) {
            double u = one[i] - background[i];
            spread_add(all, u);
            most = fmax(most, u);
        }
        spread_add(best, most);
    }
    return true;
}

static bool check_units(const ask_curve_chance *c, int n_random, ask_error *err)
{
    if (!isfinite(c->deviation)) return fail_not_finite(err);
    if (c->deviation > LEAST_DEVIATION && c->best_deviation > LEAST_DEVIATION) return true;
    return ask_fail(err, ASK_ERR_MODEL,
                    "to this model the %d random sentences of the calibration are all "
                    "alike: list sentences of its own language in calibration.json, "
                    "find.sentences",
                    n_random);
}

bool ask_curve_measure_chance(ask_curve_chance *out, const ask_curve_input *in,
                              const ask_cancel *cancel, ask_error *err)
{
    size_t n = (size_t)in->frames.n;
    ask_curve_chance c = {.background = malloc(n * sizeof *c.background)};
    double *one = malloc(n * sizeof *one); // fits of one text
    spread all = {0}, best = {0};
    bool ok = (c.background && one) || ask_fail_memory(err);
    if (ok) {
        fit_background(c.background, one, in);
        ok = fit_random(&all, &best, one, c.background, in, cancel, err);
    }
    if (ok) {
        c.mean = all.mean;
        c.deviation = deviation(&all);
        c.best_mean = best.mean;
        c.best_deviation = deviation(&best);
        ok = check_units(&c, in->n_random, err);
    }
    free(one);
    if (ok)
        *out = c;
    else
        ask_curve_chance_free(&c);
    return ok;
}

void ask_curve_chance_free(ask_curve_chance *c)
{
    if (!c) return;
    free(c->background);
    *c = (ask_curve_chance){0};
}

bool ask_curve_score(float *score, ask_curve_presence *presence, const double *fits, int n,
                     const ask_curve_chance *chance, ask_error *err)
{
    double most = -INFINITY;
    for (int i = 0; i < n; i++) {
        double s = fits[i] - chance->background[i];
        if (!isfinite(s)) return fail_not_finite(err);
        score[i] = (float)((s - chance->mean) / chance->deviation);
        most = fmax(most, s);
    }
    *presence = (ask_curve_presence){
        .presence = (most - chance->best_mean) / chance->best_deviation,
        .chance_mean = (chance->best_mean - chance->mean) / chance->deviation,
        .chance_deviation = chance->best_deviation / chance->deviation,
    };
    return true;
}

bool ask_curve_duplicates(int *duplicate_of, const ask_pictures *frames,
                          double near_duplicate, const ask_cancel *cancel, ask_error *err)
{
    int *originals = malloc((size_t)frames->n * sizeof *originals);
    if (!originals) return ask_fail_memory(err);
    bool ok = true;
    int n_originals = 0;
    for (int i = 0; ok && i < frames->n; i++) {
        duplicate_of[i] = -1;
        const float *x = ask_picture_whole(frames, i);
        for (int k = 0; k < n_originals && duplicate_of[i] < 0; k++) {
            const float *y = ask_picture_whole(frames, originals[k]);
            if (ask_dot(x, y, frames->n_embed) >= near_duplicate)
                duplicate_of[i] = originals[k];
        }
        if (duplicate_of[i] < 0) originals[n_originals++] = i;
        ok = ask_cancel_check(cancel, err);
    }
    free(originals);
    return ok;
}
