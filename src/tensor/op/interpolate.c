/* Resizing of pictures, with the rules of PyTorch's interpolate (the cubic kernel: Keys
 * 1981). */
#include <math.h>

#include "tensor/op/separable_priv.h"

/* How many input places one step of the output is. */
static double step_of(int64_t n_in, int64_t n_out, double scale, bool align_corners)
{
    if (align_corners) return n_out > 1 ? (double)(n_in - 1) / (double)(n_out - 1) : 0;
    return scale > 0 ? 1 / scale : (double)n_in / (double)n_out;
}

/* Where output place i lies in the input, as the coordinate of a sample. Far behind the
 * last sample all places are alike. */
static double source_of(const axis_map *m, int64_t i, double step, bool align_corners)
{
    double at = align_corners ? (double)i * step : ((double)i + 0.5) * step - 0.5;
    return fmin(at, (double)m->n_in + 1);
}

static int64_t clamp(int64_t i, int64_t n)
{
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

static double triangle(double x)
{
    x = fabs(x);
    return x < 1 ? 1 - x : 0;
}

static double cubic(double x, double a)
{
    x = fabs(x);
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/* Which pixel is the nearest is decided in float, as PyTorch decides it. */
static void fill_nearest(axis_map *m, float step)
{
    for (int64_t i = 0; i < m->n_out; i++) {
        float at = fminf((float)i * step, (float)m->n_in);
        ask_axis_map_add(m, i, clamp((int64_t)at, m->n_in), 1);
    }
}

/* Before the first sample and behind the last one, the picture goes on as it ends. */
static void fill_bilinear(axis_map *m, double step, bool align_corners)
{
    for (int64_t i = 0; i < m->n_out; i++) {
        double at = fmax(source_of(m, i, step, align_corners), 0);
        int64_t left = (int64_t)at;
        double t = at - (double)left;
        ask_axis_map_add(m, i, clamp(left, m->n_in), 1 - t);
        ask_axis_map_add(m, i, clamp(left + 1, m->n_in), t);
    }
}

static void fill_bicubic(axis_map *m, double step, bool align_corners)
{
    for (int64_t i = 0; i < m->n_out; i++) {
        double at = source_of(m, i, step, align_corners);
        double left = floor(at);
        for (int k = -1; k <= 2; k++)
            ask_axis_map_add(m, i, clamp((int64_t)left + k, m->n_in),
                             cubic(at - left - k, -0.75));
    }
}

static double antialias_weight(ask_interpolation kind, double x)
{
    return kind == ASK_BICUBIC ? cubic(x, -0.5) : triangle(x);
}

/* The kernel is as wide as a step where that is more than a pixel, is cut off at the edges,
 * and its weights add up to 1. */
static void fill_antialias(axis_map *m, double step, ask_interpolation kind)
{
    double stretch = fmax(step, 1), last = (double)m->n_in;
    double support = (kind == ASK_BICUBIC ? 2 : 1) * stretch;
    for (int64_t i = 0; i < m->n_out; i++) {
        double centre = ((double)i + 0.5) * step - 0.5; // as the coordinate of a sample
        int64_t begin = (int64_t)fmin(fmax(centre - support + 1, 0), last);
        int64_t end = (int64_t)fmin(centre + support + 1, last);
        double total = 0;
        for (int64_t k = begin; k < end; k++)
            total += antialias_weight(kind, ((double)k - centre) / stretch);
        for (int64_t k = begin; k < end; k++) {
            double weight = antialias_weight(kind, ((double)k - centre) / stretch);
            ask_axis_map_add(m, i, k, weight / total);
        }
    }
}

static axis_map map_of(ask_graph *g, int64_t n_in, int64_t n_out, double scale,
                       const ask_interpolate_options *opt)
{
    axis_map m = ask_axis_map(g, n_in, n_out);
    if (!m.weight) return m;
    double step = step_of(n_in, n_out, scale, opt->align_corners);
    if (opt->kind == ASK_NEAREST)
        fill_nearest(&m, (float)step);
    else if (opt->antialias)
        fill_antialias(&m, step, opt->kind);
    else if (opt->kind == ASK_BILINEAR)
        fill_bilinear(&m, step, opt->align_corners);
    else
        fill_bicubic(&m, step, opt->align_corners);
    return m;
}

ask_tensor *ask_interpolate(ask_graph *g, ask_tensor *x, int64_t height, int64_t width,
                            const ask_interpolate_options *opt)
{
    if (!x) return ask_graph_fail(g, ASK_ERR_BUG, "interpolate: the source is missing");
    if (!ask_check_resize(g, x, height, width, "interpolate")) return NULL;
    if (opt->kind == ASK_NEAREST && (opt->align_corners || opt->antialias))
        return ask_graph_fail(
            g, ASK_ERR_USAGE,
            "interpolate: nearest takes neither align_corners nor antialias");
    axis_map rows = map_of(g, x->shape[2], height, opt->scale[0], opt);
    axis_map cols = map_of(g, x->shape[3], width, opt->scale[1], opt);
    return ask_separable(g, x, &rows, &cols);
}
