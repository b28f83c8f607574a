/* Max and average pooling of pictures, one channel after the other. */
#include <math.h>
#include <string.h>

#include "tensor/cpu/adaptors_priv.h"

typedef struct {
    ask_pool_options opt;
    bool max;
    int64_t in[2], out[2]; // rows, columns
    const ask_real *x, *dy;
    ask_real *y, *dx;
} pool_job;

/* The part of the picture that a window sees, and its size with padding. */
typedef struct {
    int64_t begin[2], end[2];
    int64_t area;
} pool_window;

static pool_window window_at(const pool_job *j, int64_t row, int64_t col)
{
    const int64_t at[2] = {row, col};
    pool_window w = {.area = 1};
    for (int i = 0; i < 2; i++) {
        int64_t begin = at[i] * j->opt.stride[i] - j->opt.pad[i];
        int64_t end = begin + j->opt.kernel[i];
        int64_t padded = j->in[i] + j->opt.pad[i];
        w.area *= (end < padded ? end : padded) - begin;
        w.begin[i] = begin > 0 ? begin : 0;
        w.end[i] = end < j->in[i] ? end : j->in[i];
    }
    return w;
}

/* Place of the first largest element; a NaN counts as larger than anything. */
static int64_t largest_in(const pool_job *j, const ask_real *x, const pool_window *w)
{
    int64_t best = w->begin[0] * j->in[1] + w->begin[1];
    for (int64_t r = w->begin[0]; r < w->end[0]; r++)
        for (int64_t c = w->begin[1]; c < w->end[1]; c++) {
            int64_t i = r * j->in[1] + c;
            if (x[i] > x[best] || (isnan(x[i]) && !isnan(x[best]))) best = i;
        }
    return best;
}

static ask_real mean_of(const pool_job *j, const ask_real *x, const pool_window *w)
{
    double sum = 0;
    for (int64_t r = w->begin[0]; r < w->end[0]; r++)
        for (int64_t c = w->begin[1]; c < w->end[1]; c++) sum += x[r * j->in[1] + c];
    return (ask_real)(sum / (double)w->area);
}

static void spread(const pool_job *j, ask_real *dx, const pool_window *w, double dy)
{
    ask_real share = (ask_real)(dy / (double)w->area);
    for (int64_t r = w->begin[0]; r < w->end[0]; r++)
        for (int64_t c = w->begin[1]; c < w->end[1]; c++) dx[r * j->in[1] + c] += share;
}

static void pool_channels(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const pool_job *j = ctx;
    for (int64_t channel = begin; channel < end; channel++) {
        const ask_real *x = j->x + channel * j->in[0] * j->in[1];
        ask_real *y = j->y + channel * j->out[0] * j->out[1];
        for (int64_t r = 0; r < j->out[0]; r++)
            for (int64_t c = 0; c < j->out[1]; c++) {
                pool_window w = window_at(j, r, c);
                *y++ = j->max ? x[largest_in(j, x, &w)] : mean_of(j, x, &w);
            }
    }
}

static void pool_grad_channels(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const pool_job *j = ctx;
    int64_t size = j->in[0] * j->in[1];
    for (int64_t channel = begin; channel < end; channel++) {
        const ask_real *x = j->x + channel * size;
        const ask_real *dy = j->dy + channel * j->out[0] * j->out[1];
        ask_real *dx = j->dx + channel * size;
        memset(dx, 0, (size_t)size * sizeof *dx);
        for (int64_t r = 0; r < j->out[0]; r++)
            for (int64_t c = 0; c < j->out[1]; c++, dy++) {
                pool_window w = window_at(j, r, c);
                if (j->max)
                    dx[largest_in(j, x, &w)] += *dy;
                else
                    spread(j, dx, &w, *dy);
            }
    }
}

static pool_job job_of(const ask_node *n, const ask_view *large, const ask_view *small)
{
    const ask_op_params *p = node_params(n);
    return (pool_job){.opt = p->pool.opt,
                      .max = p->pool.max,
                      .in = {large->shape[2], large->shape[3]},
                      .out = {small->shape[2], small->shape[3]},
                      .x = view_data(&n->src[0])};
}

bool cpu_pool2d(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    pool_job j = job_of(n, &n->src[0], &n->out);
    j.y = view_data(&n->out);
    cpu_parallel(c, n->out.shape[0] * n->out.shape[1], 1, pool_channels, &j);
    return true;
}

bool cpu_pool2d_grad(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    pool_job j = job_of(n, &n->out, &n->src[1]);
    j.dy = view_data(&n->src[1]);
    j.dx = view_data(&n->out);
    cpu_parallel(c, n->out.shape[0] * n->out.shape[1], 1, pool_grad_channels, &j);
    return true;
}
