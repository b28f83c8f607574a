/* Layer and RMS norms along rows. */
#include <math.h>

#include "tensor/cpu/adaptors_priv.h"
#include "tensor/cpu/rows_priv.h"
#include "tensor/cpu/scalar_priv.h"

/* ---- definitions ---- */

typedef struct {
    double mean;
    double inverse; // 1 / sqrt(variance + eps)
} row_moments;

static row_moments moments_of(const ask_real *x, double eps, int64_t n)
{
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i];
    double mean = sum / (double)n;
    for (int64_t i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
    return (row_moments){mean, 1 / sqrt(squares / (double)n + eps)};
}

void layer_norm__scalar(ask_real *y, const ask_real *x, const ask_real *w,
                        const ask_real *b, double eps, int64_t n_rows, int64_t n_cols)
{
    for (int64_t r = 0; r < n_rows; r++, y += n_cols, x += n_cols) {
        row_moments m = moments_of(x, eps, n_cols);
        for (int64_t i = 0; i < n_cols; i++) {
            double normal = (x[i] - m.mean) * m.inverse;
            y[i] = (ask_real)(normal * (w ? w[i] : 1) + (b ? b[i] : 0));
        }
    }
}

/* With z the normalised row and d = w dy: dx = (d - mean(d) - z mean(d z)) / deviation. */
void layer_norm_grad__scalar(ask_real *dx, const ask_real *x, const ask_real *w,
                             const ask_real *dy, double eps, int64_t n_rows, int64_t n_cols)
{
    for (int64_t r = 0; r < n_rows; r++, dx += n_cols, x += n_cols, dy += n_cols) {
        row_moments m = moments_of(x, eps, n_cols);
        double sum = 0, along = 0;
        for (int64_t i = 0; i < n_cols; i++) {
            double d = dy[i] * (double)(w ? w[i] : 1);
            sum += d;
            along += d * (x[i] - m.mean) * m.inverse;
        }
        sum /= (double)n_cols;
        along /= (double)n_cols;
        for (int64_t i = 0; i < n_cols; i++) {
            double d = dy[i] * (double)(w ? w[i] : 1);
            double normal = (x[i] - m.mean) * m.inverse;
            dx[i] = (ask_real)((d - sum - normal * along) * m.inverse);
        }
    }
}

static double inverse_rms(const ask_real *x, double eps, int64_t n)
{
    double squares = 0;
    for (int64_t i = 0; i < n; i++) squares += (double)x[i] * x[i];
    return 1 / sqrt(squares / (double)n + eps);
}

void rms_norm__scalar(ask_real *y, const ask_real *x, const ask_real *w, double eps,
                      int64_t n_rows, int64_t n_cols)
{
    for (int64_t r = 0; r < n_rows; r++, y += n_cols, x += n_cols) {
        double inverse = inverse_rms(x, eps, n_cols);
        for (int64_t i = 0; i < n_cols; i++)
            y[i] = (ask_real)(x[i] * inverse * (w ? w[i] : 1));
    }
}

/* As for layer norm, without the mean. */
void rms_norm_grad__scalar(ask_real *dx, const ask_real *x, const ask_real *w,
                           const ask_real *dy, double eps, int64_t n_rows, int64_t n_cols)
{
    for (int64_t r = 0; r < n_rows; r++, dx += n_cols, x += n_cols, dy += n_cols) {
        double inverse = inverse_rms(x, eps, n_cols);
        double along = 0;
        for (int64_t i = 0; i < n_cols; i++)
            along += dy[i] * (double)(w ? w[i] : 1) * x[i] * inverse;
        along /= (double)n_cols;
        for (int64_t i = 0; i < n_cols; i++) {
            double d = dy[i] * (double)(w ? w[i] : 1);
            dx[i] = (ask_real)((d - x[i] * inverse * along) * inverse);
        }
    }
}

/* ---- adaptors ---- */

typedef struct {
    const cpu_kernels *kernels;
    const ask_real *x, *dy, *w, *b; // those the op has
    ask_real *out;
    double eps;
    int64_t n_cols;
} norm_job;

static void layer_norm_rows(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const norm_job *j = ctx;
    int64_t at = begin * j->n_cols;
    j->kernels->layer_norm(j->out + at, j->x + at, j->w, j->b, j->eps, end - begin,
                           j->n_cols);
}

static void layer_norm_grad_rows(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const norm_job *j = ctx;
    int64_t at = begin * j->n_cols;
    j->kernels->layer_norm_grad(j->out + at, j->x + at, j->w, j->dy + at, j->eps,
                                end - begin, j->n_cols);
}

static void rms_norm_rows(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const norm_job *j = ctx;
    int64_t at = begin * j->n_cols;
    j->kernels->rms_norm(j->out + at, j->x + at, j->w, j->eps, end - begin, j->n_cols);
}

static void rms_norm_grad_rows(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const norm_job *j = ctx;
    int64_t at = begin * j->n_cols;
    j->kernels->rms_norm_grad(j->out + at, j->x + at, j->w, j->dy + at, j->eps, end - begin,
                              j->n_cols);
}

static bool run_forward(cpu_backend *c, const ask_node *n, cpu_job rows)
{
    cpu_rows r = view_rows(&n->out);
    norm_job j = {.kernels = c->kernels,
                  .x = view_data(&n->src[0]),
                  .w = view_data(&n->src[1]),
                  .b = view_data(&n->src[2]),
                  .out = view_data(&n->out),
                  .eps = node_params(n)->norm.eps,
                  .n_cols = r.n_cols};
    cpu_parallel_rows(c, r, rows, &j);
    return true;
}

static bool run_backward(cpu_backend *c, const ask_node *n, cpu_job rows)
{
    cpu_rows r = view_rows(&n->out);
    norm_job j = {.kernels = c->kernels,
                  .x = view_data(&n->src[0]),
                  .dy = view_data(&n->src[1]),
                  .w = view_data(&n->src[2]),
                  .out = view_data(&n->out),
                  .eps = node_params(n)->norm.eps,
                  .n_cols = r.n_cols};
    cpu_parallel_rows(c, r, rows, &j);
    return true;
}

bool cpu_layer_norm(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    return run_forward(c, n, layer_norm_rows);
}

bool cpu_layer_norm_grad(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    return run_backward(c, n, layer_norm_grad_rows);
}

bool cpu_rms_norm(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    return run_forward(c, n, rms_norm_rows);
}

bool cpu_rms_norm_grad(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    return run_backward(c, n, rms_norm_grad_rows);
}
