/* Batch norms with the statistics of their batch: [N, C, ...] as runs of the elements that
 * one sample has of one channel. */
#include <math.h>

#include "tensor/cpu/adaptors_priv.h"
#include "tensor/cpu/scalar_priv.h"

/* ---- definitions ---- */

void moments__scalar(double sums[2], const ask_real *x, double from, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        double d = x[i] - from;
        sums[0] += d;
        sums[1] += d * d;
    }
}

void comoments__scalar(double sums[2], const ask_real *y, const ask_real *x, double from,
                       int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        sums[0] += y[i];
        sums[1] += y[i] * (x[i] - from);
    }
}

void blend__scalar(ask_real *z, double a, const ask_real *x, double b, const ask_real *y,
                   double c, int64_t n)
{
    for (int64_t i = 0; i < n; i++) z[i] = (ask_real)(a * x[i] + b * y[i] + c);
}

/* ---- runs ---- */

/* Source 0 is x; the others, those that the op has. */
typedef struct {
    const cpu_kernels *kernels;
    const ask_real *x, *dy, *w, *b, *moments, *sums;
    ask_real *out;
    double eps;
    int64_t n_samples, n_channels, run;
} norm_job;

static norm_job job_of(const cpu_backend *c, const ask_node *n)
{
    const ask_view *x = &n->src[0];
    norm_job j = {.kernels = c->kernels,
                  .x = view_data(x),
                  .out = view_data(&n->out),
                  .eps = node_params(n)->norm.eps,
                  .n_samples = x->shape[0],
                  .n_channels = x->shape[1],
                  .run = 1};
    for (int i = 2; i < x->n_dims; i++) j.run *= x->shape[i];
    return j;
}

static int64_t run_at(const norm_job *j, int64_t sample, int64_t channel)
{
    return (sample * j->n_channels + channel) * j->run;
}

static double mean_of(const norm_job *j, int64_t channel)
{
    return j->moments[channel];
}

/* 1 / sqrt(variance + eps) */
static double inverse_of(const norm_job *j, int64_t channel)
{
    return 1 / sqrt(j->moments[j->n_channels + channel] + j->eps);
}

/* ---- sums over channels ----
 *
 * Some channels at a time, so that of each sample something is read that lies together. */

enum { CHANNELS = 16, GRAIN = 16384 };

static int64_t last_of(int64_t begin, int64_t end)
{
    return end - begin < CHANNELS ? end : begin + CHANNELS;
}

/* Calls job(ctx, begin, end, thread) for channels begin .. end. */
static void over_channels(const cpu_backend *c, norm_job *j, cpu_job job)
{
    int64_t per_channel = j->n_samples * j->run;
    int64_t grain = per_channel ? GRAIN / per_channel + 1 : GRAIN;
    cpu_parallel(c, j->n_channels, grain, job, j);
}

/* In one pass: the sums are taken from the mean of the first sample, which is near enough
 * to that of all that the squares lose nothing. */
static void write_moments(const norm_job *j, int64_t begin, int64_t end)
{
    ask_real from[CHANNELS];
    double sums[CHANNELS][2] = {{0}};
    for (int64_t c = begin; c < end; c++)
        from[c - begin] =
            (ask_real)(j->kernels->sum(j->x + run_at(j, 0, c), 1, j->run) / (double)j->run);
    for (int64_t s = 0; s < j->n_samples; s++)
        for (int64_t c = begin; c < end; c++)
            j->kernels->moments(sums[c - begin], j->x + run_at(j, s, c), from[c - begin],
                                j->run);
    double n = (double)(j->n_samples * j->run);
    for (int64_t c = begin; c < end; c++) {
        const double *sum = sums[c - begin];
        double off = sum[0] / n, square = sum[1] / n - off * off;
        j->out[c] = (ask_real)(from[c - begin] + off);
        j->out[j->n_channels + c] = (ask_real)(square < 0 ? 0 : square);
    }
}

static void moments_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    for (int64_t c = begin; c < end; c = last_of(c, end))
        write_moments(ctx, c, last_of(c, end));
}

bool cpu_channel_moments(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    norm_job j = job_of(c, n);
    over_channels(c, &j, moments_part);
    return true;
}

static void write_sums(const norm_job *j, int64_t begin, int64_t end)
{
    double sums[CHANNELS][2] = {{0}};
    for (int64_t s = 0; s < j->n_samples; s++)
        for (int64_t c = begin; c < end; c++) {
            int64_t at = run_at(j, s, c);
            j->kernels->comoments(sums[c - begin], j->dy + at, j->x + at, mean_of(j, c),
                                  j->run);
        }
    for (int64_t c = begin; c < end; c++) {
        j->out[c] = (ask_real)sums[c - begin][0];
        j->out[j->n_channels + c] = (ask_real)(sums[c - begin][1] * inverse_of(j, c));
    }
}

static void sums_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    for (int64_t c = begin; c < end; c = last_of(c, end))
        write_sums(ctx, c, last_of(c, end));
}

bool cpu_batch_norm_sums(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    norm_job j = job_of(c, n);
    j.dy = view_data(&n->src[1]);
    j.moments = view_data(&n->src[2]);
    over_channels(c, &j, sums_part);
    return true;
}

/* ---- run by run ---- */

static void over_runs(const cpu_backend *c, norm_job *j, cpu_job job)
{
    int64_t grain = j->run ? GRAIN / j->run + 1 : GRAIN;
    cpu_parallel(c, j->n_samples * j->n_channels, grain, job, j);
}

static void norm_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const norm_job *j = ctx;
    for (int64_t i = begin; i < end; i++) {
        int64_t c = i % j->n_channels;
        double factor = j->w[c] * inverse_of(j, c);
        j->kernels->unary(UNARY_AFFINE, factor, j->b[c] - mean_of(j, c) * factor,
                          j->out + i * j->run, j->x + i * j->run, 1, j->run);
    }
}

bool cpu_batch_norm(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    norm_job j = job_of(c, n);
    j.w = view_data(&n->src[1]);
    j.b = view_data(&n->src[2]);
    j.moments = view_data(&n->src[3]);
    over_runs(c, &j, norm_part);
    return true;
}

/* With z the normal x: dx = w / deviation * (dy - mean(dy) - z mean(dy z)). */
static void grad_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const norm_job *j = ctx;
    double n = (double)(j->n_samples * j->run);
    for (int64_t i = begin; i < end; i++) {
        int64_t c = i % j->n_channels;
        double inverse = inverse_of(j, c), factor = j->w[c] * inverse;
        double along = -factor * inverse * j->sums[j->n_channels + c] / n;
        double offset = -factor * j->sums[c] / n - along * mean_of(j, c);
        j->kernels->blend(j->out + i * j->run, factor, j->dy + i * j->run, along,
                          j->x + i * j->run, offset, j->run);
    }
}

bool cpu_batch_norm_grad(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    norm_job j = job_of(c, n);
    j.dy = view_data(&n->src[1]);
    j.w = view_data(&n->src[2]);
    j.moments = view_data(&n->src[3]);
    j.sums = view_data(&n->src[4]);
    over_runs(c, &j, grad_part);
    return true;
}
