#include <math.h>
#include <stdlib.h>

#include "base/checked.h"
#include "media/resize_priv.h"

/* ---- filters: weight at a distance, in source pixels (destination pixels when
 * shrinking) ---- */

static const double pi = 3.14159265358979323846;

static double box(double x)
{
    return x > -0.5 && x <= 0.5 ? 1 : 0;
}

static double triangle(double x)
{
    x = fabs(x);
    return x < 1 ? 1 - x : 0;
}

static double hamming(double x)
{
    x = fabs(x);
    if (x == 0) return 1;
    if (x >= 1) return 0;
    x *= pi;
    // Floats, because Pillow's are.
    return sin(x) / x * (0.54f + 0.46f * cos(x));
}

static double cubic(double x)
{
    const double a = -0.5;
    x = fabs(x);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
    return 0;
}

static double sinc(double x)
{
    if (x == 0) return 1;
    x *= pi;
    return sin(x) / x;
}

static double lanczos(double x)
{
    return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

static const struct {
    double (*weight)(double x);
    double reach; // weights are zero beyond
} filters[] = {
    [ASK_RESIZE_BOX] = {box, 0.5},       [ASK_RESIZE_BILINEAR] = {triangle, 1},
    [ASK_RESIZE_HAMMING] = {hamming, 1}, [ASK_RESIZE_BICUBIC] = {cubic, 2},
    [ASK_RESIZE_LANCZOS] = {lanczos, 3},
};

/* ---- taps ---- */

static bool allocate(ask_taps *taps, ask_error *err)
{
    size_t n_weights;
    taps->first = calloc((size_t)taps->n, sizeof *taps->first);
    taps->count = calloc((size_t)taps->n, sizeof *taps->count);
    if (ask_mul_size(&n_weights, (size_t)taps->n, (size_t)taps->most))
        taps->weight = calloc(n_weights, sizeof *taps->weight);
    if (taps->first && taps->count && taps->weight) return true;
    ask_taps_free(taps);
    return ask_fail_memory(err);
}

void ask_taps_free(ask_taps *taps)
{
    free(taps->first);
    free(taps->count);
    free(taps->weight);
    *taps = (ask_taps){0};
}

bool ask_taps_new(ask_taps *out, ask_resize_filter filter, int n_in, int n_out,
                  ask_error *err)
{
    const double step = (double)n_in / n_out; // source pixels per destination pixel
    const double stretch = step > 1 ? step : 1;
    const double reach = filters[filter].reach * stretch;
    ask_taps taps = {.n = n_out, .most = 2 * (int)ceil(reach) + 1};
    if (!allocate(&taps, err)) return false;

    // Every operation here is in Pillow's order: another one rounds differently.
    for (int i = 0; i < n_out; i++) {
        double *weight = taps.weight + (size_t)i * (size_t)taps.most;
        double centre = (i + 0.5) * step;
        int first = (int)(centre - reach + 0.5);
        int end = (int)(centre + reach + 0.5);
        if (first < 0) first = 0;
        if (end > n_in) end = n_in;
        double sum = 0;
        for (int t = 0; t < end - first; t++) {
            weight[t] = filters[filter].weight((t + first - centre + 0.5) * (1 / stretch));
            sum += weight[t];
        }
        if (sum != 0)
            for (int t = 0; t < end - first; t++) weight[t] /= sum;
        taps.first[i] = first;
        taps.count[i] = end - first;
    }
    *out = taps;
    return true;
}

int32_t *ask_taps_fixed(const ask_taps *taps, ask_error *err)
{
    size_t n = (size_t)taps->n * (size_t)taps->most;
    int32_t *fixed = calloc(n, sizeof *fixed);
    if (!fixed) {
        ask_fail_memory(err);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        double scaled = taps->weight[i] * (1 << ASK_WEIGHT_BITS);
        fixed[i] = (int32_t)(scaled + (scaled < 0 ? -0.5 : 0.5));
    }
    return fixed;
}

int *ask_taps_nearest(int n_in, int n_out, ask_error *err)
{
    int *at = calloc((size_t)n_out, sizeof *at);
    if (!at) {
        ask_fail_memory(err);
        return NULL;
    }
    const double step = (double)n_in / n_out;
    double centre = step * 0.5; // summed up, not multiplied: so rounds Pillow
    for (int i = 0; i < n_out; i++, centre += step)
        at[i] = centre < n_in ? (int)centre : n_in - 1;
    return at;
}
