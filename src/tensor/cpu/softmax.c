/* Softmax and its logarithm along rows. */
#include <math.h>

#include "tensor/cpu/adaptors_priv.h"
#include "tensor/cpu/rows_priv.h"
#include "tensor/cpu/scalar_priv.h"

/* ---- definitions ---- */

typedef struct {
    double max; // of what counts
    double sum; // of exp(x - max) over what counts
} row_partition;

static row_partition partition_of(const ask_real *x, const uint8_t *mask, int64_t n)
{
    row_partition p = {.max = -INFINITY};
    for (int64_t i = 0; i < n; i++)
        if ((!mask || mask[i]) && x[i] > p.max) p.max = x[i];
    for (int64_t i = 0; i < n; i++)
        if (!mask || mask[i]) p.sum += exp(x[i] - p.max);
    return p;
}

void softmax__scalar(ask_real *y, const ask_real *x, const uint8_t *mask, int64_t n_rows,
                     int64_t n_cols)
{
    for (int64_t r = 0; r < n_rows; r++, y += n_cols, x += n_cols) {
        row_partition p = partition_of(x, mask, n_cols);
        for (int64_t i = 0; i < n_cols; i++)
            y[i] = mask && !mask[i] ? 0 : (ask_real)(exp(x[i] - p.max) / p.sum);
        if (mask) mask += n_cols;
    }
}

void softmax_grad__scalar(ask_real *dx, const ask_real *y, const ask_real *dy,
                          int64_t n_rows, int64_t n_cols)
{
    for (int64_t r = 0; r < n_rows; r++, dx += n_cols, y += n_cols, dy += n_cols) {
        double along = 0;
        for (int64_t i = 0; i < n_cols; i++) along += (double)y[i] * dy[i];
        for (int64_t i = 0; i < n_cols; i++) dx[i] = (ask_real)(y[i] * (dy[i] - along));
    }
}

void log_softmax__scalar(ask_real *y, const ask_real *x, const uint8_t *mask,
                         int64_t n_rows, int64_t n_cols)
{
    for (int64_t r = 0; r < n_rows; r++, y += n_cols, x += n_cols) {
        row_partition p = partition_of(x, mask, n_cols);
        double log_sum = log(p.sum);
        for (int64_t i = 0; i < n_cols; i++)
            y[i] =
                mask && !mask[i] ? (ask_real)-INFINITY : (ask_real)(x[i] - p.max - log_sum);
        if (mask) mask += n_cols;
    }
}

void log_softmax_grad__scalar(ask_real *dx, const ask_real *y, const ask_real *dy,
                              int64_t n_rows, int64_t n_cols)
{
    for (int64_t r = 0; r < n_rows; r++, dx += n_cols, y += n_cols, dy += n_cols) {
        double sum = 0;
        for (int64_t i = 0; i < n_cols; i++) sum += dy[i];
        for (int64_t i = 0; i < n_cols; i++) dx[i] = (ask_real)(dy[i] - exp(y[i]) * sum);
    }
}

/* ---- adaptors ---- */

typedef void (*forward_kernel)(ask_real *y, const ask_real *x, const uint8_t *mask,
                               int64_t n_rows, int64_t n_cols);
typedef void (*backward_kernel)(ask_real *dx, const ask_real *y, const ask_real *dy,
                                int64_t n_rows, int64_t n_cols);

typedef struct {
    forward_kernel kernel;
    ask_real *y;
    const ask_real *x;
    const uint8_t *mask;
    int64_t n_cols;
} forward_job;

typedef struct {
    backward_kernel kernel;
    ask_real *dx;
    const ask_real *y, *dy;
    int64_t n_cols;
} backward_job;

static void forward_rows(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const forward_job *j = ctx;
    int64_t at = begin * j->n_cols;
    j->kernel(j->y + at, j->x + at, j->mask ? j->mask + at : NULL, end - begin, j->n_cols);
}

static void backward_rows(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const backward_job *j = ctx;
    int64_t at = begin * j->n_cols;
    j->kernel(j->dx + at, j->y + at, j->dy + at, end - begin, j->n_cols);
}

static bool run_forward(cpu_backend *c, const ask_node *n, forward_kernel kernel)
{
    cpu_rows r = view_rows(&n->out);
    forward_job j = {.kernel = kernel,
                     .y = view_data(&n->out),
                     .x = view_data(&n->src[0]),
                     .mask = view_data(&n->src[1]),
                     .n_cols = r.n_cols};
    cpu_parallel_rows(c, r, forward_rows, &j);
    return true;
}

static bool run_backward(cpu_backend *c, const ask_node *n, backward_kernel kernel)
{
    cpu_rows r = view_rows(&n->out);
    backward_job j = {.kernel = kernel,
                      .dx = view_data(&n->out),
                      .y = view_data(&n->src[0]),
                      .dy = view_data(&n->src[1]),
                      .n_cols = r.n_cols};
    cpu_parallel_rows(c, r, backward_rows, &j);
    return true;
}

bool cpu_softmax(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    return run_forward(c, n, c->kernels->softmax);
}

bool cpu_softmax_grad(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    return run_backward(c, n, c->kernels->softmax_grad);
}

bool cpu_log_softmax(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    return run_forward(c, n, c->kernels->log_softmax);
}

bool cpu_log_softmax_grad(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    return run_backward(c, n, c->kernels->log_softmax_grad);
}
