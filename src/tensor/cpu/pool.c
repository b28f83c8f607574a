/* Max and average pooling of pictures and clips, one channel after the other. */
#include <math.h>
#include <string.h>

#include "tensor/cpu/adaptors_priv.h"

/* Along each axis: frames, rows, columns. With fewer axes the first are of size 1. */
typedef struct {
    int64_t in[3], out[3], kernel[3], stride[3], pad[3];
    int64_t padded[3]; // where the padding ends
    bool max;
    const ask_real *x, *dy;
    ask_real *y, *dx;
    const cpu_kernels *kernels;
    ask_real *room; // of max pooling: room_of elements for each part of the work
} pool_job;

/* The part of the channel that a window sees, and its size with padding. */
typedef struct {
    int64_t begin[3], end[3];
    int64_t volume;
} pool_window;

static int64_t volume(const int64_t size[3])
{
    return size[0] * size[1] * size[2];
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Along one axis: what window `at` sees of x. */
static void see(const pool_job *j, int a, int64_t at, int64_t *begin, int64_t *end)
{
    int64_t first = at * j->stride[a] - j->pad[a], last = first + j->kernel[a];
    *begin = first > 0 ? first : 0;
    *end = last < j->in[a] ? last : j->in[a];
}

static pool_window window_at(const pool_job *j, const int64_t at[3])
{
    pool_window w = {.volume = 1};
    for (int a = 0; a < 3; a++) {
        int64_t begin = at[a] * j->stride[a] - j->pad[a];
        int64_t end = begin + j->kernel[a];
        w.volume *= (end < j->padded[a] ? end : j->padded[a]) - begin;
        see(j, a, at[a], &w.begin[a], &w.end[a]);
    }
    return w;
}

/* Place of the first element of a window's row. */
static int64_t row_of(const pool_job *j, const pool_window *w, int64_t frame, int64_t row)
{
    return (frame * j->in[1] + row) * j->in[2] + w->begin[2];
}

static int64_t width_of(const pool_window *w)
{
    return w->end[2] - w->begin[2];
}

/* ---- the largest: of frames, of their rows, of their columns; a NaN counts as larger than
 * anything ---- */

/* Element by element, of n runs that begin `step` apart: in `room`, unless there is one. */
static const ask_real *largest_run(const pool_job *j, ask_real *room, const ask_real *x,
                                   int64_t step, int64_t n, int64_t length)
{
    for (int64_t i = 1; i < n; i++)
        j->kernels->binary(BINARY_MAX, room, 1, i == 1 ? x : room, 1, x + i * step, 1,
                           length);
    return n == 1 ? x : room;
}

static ask_real largest_of(const ask_real *x, int64_t n)
{
    ask_real best = x[0];
    for (int64_t i = 1; i < n; i++)
        if (x[i] > best || isnan(x[i])) best = x[i];
    return best;
}

/* Windows begin .. end over one row of x. */
static void pick_edge(const pool_job *j, ask_real *y, const ask_real *x, int64_t begin,
                      int64_t end)
{
    for (int64_t i = begin; i < end; i++) {
        int64_t first, last;
        see(j, 2, i, &first, &last);
        y[i] = largest_of(x + first, last - first);
    }
}

/* A row of windows over one row of x. every[i]: the largest of the columns of a window that
 * begins at column i, for those that lie within the row. */
static void pick_columns(const pool_job *j, ask_real *y, const ask_real *x,
                         const ask_real *every)
{
    int64_t n = j->out[2], stride = j->stride[2], pad = j->pad[2];
    int64_t begin = least((pad + stride - 1) / stride, n), end = begin;
    while (end < n && end * stride - pad + j->kernel[2] <= j->in[2]) end++;
    pick_edge(j, y, x, 0, begin);
    if (stride == 1 && begin < end)
        memcpy(y + begin, every + begin - pad, (size_t)(end - begin) * sizeof *y);
    else
        for (int64_t i = begin; i < end; i++) y[i] = every[i * stride - pad];
    pick_edge(j, y, x, end, n);
}

/* The largest of the columns of a window that begins at x[0], x[1], ... of n elements;
 * those that begin too late to end within the n are not written. */
static const ask_real *every_column(const pool_job *j, ask_real *room, const ask_real *x,
                                    int64_t n)
{
    int64_t width = j->kernel[2];
    return n < width ? x : largest_run(j, room, x, 1, width, n - width + 1);
}

static int64_t room_of(const pool_job *j)
{
    return (3 * j->in[1] + 2) * j->in[2]; // three frames and two rows
}

/* The windows of one frame, of which the largest over the frames are known. Those whose
 * rows all lie within it are made together, for windows that begin at every row and column.
 */
static void pool_frame(const pool_job *j, ask_real *y, const ask_real *x, ask_real *room)
{
    int64_t width = j->in[2], height = j->kernel[1], n_whole = j->in[1] - height + 1;
    ask_real *row_room = room + 2 * j->in[1] * width;
    const ask_real *rows = NULL, *columns = NULL;
    if (n_whole > 0) {
        rows = largest_run(j, room, x, width, height, n_whole * width);
        columns = every_column(j, room + j->in[1] * width, rows, n_whole * width);
    }
    for (int64_t r = 0; r < j->out[1]; r++, y += j->out[2]) {
        int64_t at = r * j->stride[1] - j->pad[1], first, last;
        if (at >= 0 && at < n_whole) {
            pick_columns(j, y, rows + at * width, columns + at * width);
        } else {
            see(j, 1, r, &first, &last);
            const ask_real *row =
                largest_run(j, row_room, x + first * width, width, last - first, width);
            pick_columns(j, y, row, every_column(j, row_room + width, row, width));
        }
    }
}

static void max_pool_channels(void *ctx, int64_t begin, int64_t end, int thread)
{
    const pool_job *j = ctx;
    int64_t frame_size = j->in[1] * j->in[2];
    ask_real *room = j->room + thread * room_of(j);
    ask_real *y = j->y + begin * volume(j->out);
    for (int64_t channel = begin; channel < end; channel++) {
        const ask_real *x = j->x + channel * volume(j->in);
        for (int64_t f = 0; f < j->out[0]; f++, y += j->out[1] * j->out[2]) {
            int64_t first, last;
            see(j, 0, f, &first, &last);
            const ask_real *frame = largest_run(j, room, x + first * frame_size, frame_size,
                                                last - first, frame_size);
            pool_frame(j, y, frame, room + frame_size);
        }
    }
}

/* ---- the mean ---- */

static ask_real mean_of(const pool_job *j, const ask_real *x, const pool_window *w)
{
    double sum = 0;
    for (int64_t f = w->begin[0]; f < w->end[0]; f++)
        for (int64_t r = w->begin[1]; r < w->end[1]; r++) {
            int64_t i = row_of(j, w, f, r), end = i + width_of(w);
            for (; i < end; i++) sum += x[i];
        }
    return (ask_real)(sum / (double)w->volume);
}

static void mean_pool_channels(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const pool_job *j = ctx;
    for (int64_t channel = begin; channel < end; channel++) {
        const ask_real *x = j->x + channel * volume(j->in);
        ask_real *y = j->y + channel * volume(j->out);
        int64_t at[3];
        for (at[0] = 0; at[0] < j->out[0]; at[0]++)
            for (at[1] = 0; at[1] < j->out[1]; at[1]++)
                for (at[2] = 0; at[2] < j->out[2]; at[2]++) {
                    pool_window w = window_at(j, at);
                    *y++ = mean_of(j, x, &w);
                }
    }
}

/* ---- gradients ---- */

/* Place of the first largest element; a NaN counts as larger than anything. */
static int64_t largest_in(const pool_job *j, const ask_real *x, const pool_window *w)
{
    int64_t best = row_of(j, w, w->begin[0], w->begin[1]);
    for (int64_t f = w->begin[0]; f < w->end[0]; f++)
        for (int64_t r = w->begin[1]; r < w->end[1]; r++) {
            int64_t i = row_of(j, w, f, r), end = i + width_of(w);
            for (; i < end; i++)
                if (x[i] > x[best] || (isnan(x[i]) && !isnan(x[best]))) best = i;
        }
    return best;
}

static void spread(const pool_job *j, ask_real *dx, const pool_window *w, double dy)
{
    ask_real share = (ask_real)(dy / (double)w->volume);
    for (int64_t f = w->begin[0]; f < w->end[0]; f++)
        for (int64_t r = w->begin[1]; r < w->end[1]; r++) {
            int64_t i = row_of(j, w, f, r), end = i + width_of(w);
            for (; i < end; i++) dx[i] += share;
        }
}

static void pool_grad_channels(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const pool_job *j = ctx;
    int64_t size = volume(j->in);
    for (int64_t channel = begin; channel < end; channel++) {
        const ask_real *x = j->x + channel * size;
        const ask_real *dy = j->dy + channel * volume(j->out);
        ask_real *dx = j->dx + channel * size;
        memset(dx, 0, (size_t)size * sizeof *dx);
        int64_t at[3];
        for (at[0] = 0; at[0] < j->out[0]; at[0]++)
            for (at[1] = 0; at[1] < j->out[1]; at[1]++)
                for (at[2] = 0; at[2] < j->out[2]; at[2]++, dy++) {
                    pool_window w = window_at(j, at);
                    if (j->max)
                        dx[largest_in(j, x, &w)] += *dy;
                    else
                        spread(j, dx, &w, *dy);
                }
    }
}

/* ---- adaptors ---- */

static pool_job job_of(const ask_node *n, const ask_view *large, const ask_view *small)
{
    const ask_op_params *p = node_params(n);
    const ask_pool_options *o = &p->pool.opt;
    pool_job j = {.in = {1, 1, 1},
                  .out = {1, 1, 1},
                  .kernel = {1, 1, 1},
                  .stride = {1, 1, 1},
                  .padded = {1, 1, 1},
                  .max = p->pool.max,
                  .x = view_data(&n->src[0])};
    for (int i = 0; i < p->pool.n_axes; i++) {
        int a = 3 - p->pool.n_axes + i;
        j.in[a] = large->shape[2 + i];
        j.out[a] = small->shape[2 + i];
        j.kernel[a] = o->kernel[i];
        j.stride[a] = o->stride[i];
        j.pad[a] = o->pad[i];
        j.padded[a] = j.in[a] + o->pad[i] + o->pad_end[i];
    }
    return j;
}

bool cpu_pool(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    pool_job j = job_of(n, &n->src[0], &n->out);
    j.y = view_data(&n->out);
    j.kernels = c->kernels;
    j.room = view_data(&n->scratch);
    cpu_parallel(c, n->out.shape[0] * n->out.shape[1], 1,
                 j.max ? max_pool_channels : mean_pool_channels, &j);
    return true;
}

size_t cpu_pool_scratch(const cpu_backend *c, const ask_node *n)
{
    pool_job j = job_of(n, &n->src[0], &n->out);
    return j.max ? (size_t)(c->n_threads * room_of(&j)) * sizeof(ask_real) : 0;
}

bool cpu_pool_grad(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    pool_job j = job_of(n, &n->out, &n->src[1]);
    j.dy = view_data(&n->src[1]);
    j.dx = view_data(&n->out);
    cpu_parallel(c, n->out.shape[0] * n->out.shape[1], 1, pool_grad_channels, &j);
    return true;
}
