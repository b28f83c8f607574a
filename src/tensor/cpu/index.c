/* Reading and adding at places that an index tensor names. */
#include "tensor/cpu/adaptors_priv.h"
#include "tensor/cpu/element_priv.h"
#include "tensor/cpu/quant_priv.h"
#include "tensor/cpu/walk_priv.h"

/* Fewest elements worth a thread. */
enum { GRAIN = 16384 };

/* Finds an index outside [0, n), if there is one. */
static bool find_stray(const ask_view *index, int64_t n, int64_t *stray)
{
    cpu_walk w;
    cpu_walk_init(&w, 1, &index);
    int64_t step = cpu_walk_step(&w, 0);
    const int64_t *data = view_data(index);
    for (cpu_cursor at = cpu_cursor_at(&w, 0, cpu_walk_count(&w)); at.n;
         cpu_cursor_next(&w, &at))
        for (int64_t i = 0; i < at.n; i++) {
            *stray = data[at.offset[0] + i * step];
            if (*stray < 0 || *stray >= n) return true;
        }
    return false;
}

static bool ids_fit(const char *op, const ask_view *ids, int64_t n_rows, ask_error *err)
{
    int64_t stray;
    if (!find_stray(ids, n_rows, &stray)) return true;
    return ask_fail(err, ASK_ERR_SHAPE, "%s: id %lld is outside the table of %lld rows", op,
                    (long long)stray, (long long)n_rows);
}

static bool indices_fit(const char *op, const ask_view *index, int axis, int64_t n,
                        ask_error *err)
{
    int64_t stray;
    if (!find_stray(index, n, &stray)) return true;
    return ask_fail(err, ASK_ERR_SHAPE,
                    "%s: index %lld is outside axis %d, whose size is %lld", op,
                    (long long)stray, axis, (long long)n);
}

static void zero_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    memset((ask_real *)ctx + begin, 0, (size_t)(end - begin) * sizeof(ask_real));
}

/* ---- tables ---- */

typedef struct {
    const cpu_kernels *kernels;
    void *to;
    const void *from;
    const int64_t *ids;
    int64_t n_ids, width; // elements of a row
    size_t row_bytes;
} table_job;

static int64_t row_width(const ask_view *table)
{
    int64_t width = 1;
    for (int i = 1; i < table->n_dims; i++) width *= table->shape[i];
    return width;
}

static void embedding_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const table_job *job = ctx;
    if (job->row_bytes == 0) return;
    for (int64_t i = begin; i < end; i++)
        memcpy((char *)job->to + (size_t)i * job->row_bytes,
               (const char *)job->from + (size_t)job->ids[i] * job->row_bytes,
               job->row_bytes);
}

bool cpu_embedding(cpu_backend *c, const ask_node *n, ask_error *err)
{
    const ask_view *table = &n->src[0], *ids = &n->src[1];
    if (!ids_fit("embedding", ids, table->shape[0], err)) return false;
    if (ask_dtype_is_coded(table->type)) {
        cpu_quant_look_up(c, &n->out, table, ids);
        return true;
    }
    table_job job = {
        .to = view_data(&n->out), .from = view_data(table), .ids = view_data(ids)};
    job.width = row_width(table);
    job.row_bytes = (size_t)job.width * ask_dtype_bytes(table->type);
    cpu_parallel(c, view_count(ids), GRAIN / (job.width + 1) + 1, embedding_part, &job);
    return true;
}

/* Columns begin .. end of all rows: every thread adds in the order of the ids. */
static void embedding_grad_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const table_job *job = ctx;
    ask_real *dw = job->to;
    const ask_real *dy = job->from;
    for (int64_t i = 0; i < job->n_ids; i++)
        job->kernels->accumulate(dw + job->ids[i] * job->width + begin,
                                 dy + i * job->width + begin, end - begin);
}

bool cpu_embedding_grad(cpu_backend *c, const ask_node *n, ask_error *err)
{
    enum { FEWEST_COLUMNS = 64 };
    const ask_view *dw = &n->out, *dy = &n->src[0], *ids = &n->src[1];
    if (!ids_fit("embedding_grad", ids, dw->shape[0], err)) return false;
    table_job job = {.kernels = c->kernels,
                     .to = view_data(dw),
                     .from = view_data(dy),
                     .ids = view_data(ids),
                     .n_ids = view_count(ids),
                     .width = row_width(dw)};
    cpu_parallel(c, view_count(dw), GRAIN, zero_part, job.to);
    cpu_parallel(c, job.width, FEWEST_COLUMNS, embedding_grad_part, &job);
    return true;
}

/* ---- along an axis ---- */

typedef struct {
    cpu_walk walk; // views: result, index, source at index 0 of the axis
    const ask_node *n;
    int64_t axis_stride; // of the source
} gather_job;

/* y[i * sy] = x[i * sx + index[i * s_index] * axis_stride]; strides count elements */
static ALWAYS_INLINE void gather_run(char *y, int64_t sy, const int64_t *index,
                                     int64_t s_index, const char *x, int64_t sx,
                                     int64_t axis_stride, int64_t n, size_t size)
{
    int64_t bytes = (int64_t)size;
    for (int64_t i = 0; i < n; i++)
        element_move(y + i * sy * bytes,
                     x + (i * sx + index[i * s_index] * axis_stride) * bytes, size);
}

static void gather_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const gather_job *job = ctx;
    const cpu_walk *w = &job->walk;
    size_t size = ask_dtype_bytes(job->n->out.type);
    int64_t sy = cpu_walk_step(w, 0), si = cpu_walk_step(w, 1), sx = cpu_walk_step(w, 2);
    int64_t along = job->axis_stride;
    for (cpu_cursor at = cpu_cursor_at(w, begin, end); at.n; cpu_cursor_next(w, &at)) {
        char *y = (char *)view_data(&job->n->out) + at.offset[0] * (int64_t)size;
        const int64_t *index = (const int64_t *)view_data(&job->n->src[1]) + at.offset[1];
        const char *x =
            (const char *)view_data(&job->n->src[0]) + at.offset[2] * (int64_t)size;
        switch (size) {
        case 1:
            gather_run(y, sy, index, si, x, sx, along, at.n, 1);
            break;
        case 2:
            gather_run(y, sy, index, si, x, sx, along, at.n, 2);
            break;
        case 4:
            gather_run(y, sy, index, si, x, sx, along, at.n, 4);
            break;
        default:
            gather_run(y, sy, index, si, x, sx, along, at.n, 8);
        }
    }
}

bool cpu_gather(cpu_backend *c, const ask_node *n, ask_error *err)
{
    const ask_view *x = &n->src[0], *index = &n->src[1];
    int axis = node_params(n)->index.axis;
    if (!indices_fit("gather", index, axis, x->shape[axis], err)) return false;
    gather_job job = {.n = n, .axis_stride = x->stride[axis]};
    ask_view start = *x;
    start.shape[axis] = 1; // stretches: the index says where to look
    const ask_view *views[] = {&n->out, index, &start};
    cpu_walk_init(&job.walk, 3, views);
    cpu_parallel(c, cpu_walk_count(&job.walk), GRAIN, gather_part, &job);
    return true;
}

typedef struct {
    ask_real *y;
    const ask_real *x;
    const int64_t *index;
    int64_t n_from, n_to, inner; // source [.., n_from, inner], result [.., n_to, inner]
} scatter_job;

/* Lines begin .. end along the axis: neighbouring ones go together. */
static void scatter_add_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const scatter_job *job = ctx;
    while (begin < end) {
        int64_t outer = begin / job->inner, first = begin % job->inner;
        int64_t width = job->inner - first < end - begin ? job->inner - first : end - begin;
        ask_real *y = job->y + outer * job->n_to * job->inner + first;
        for (int64_t i = 0; i < job->n_from; i++) {
            int64_t from = (outer * job->n_from + i) * job->inner + first;
            for (int64_t j = 0; j < width; j++)
                y[job->index[from + j] * job->inner + j] += job->x[from + j];
        }
        begin += width;
    }
}

bool cpu_scatter_add(cpu_backend *c, const ask_node *n, ask_error *err)
{
    const ask_view *x = &n->src[0], *index = &n->src[1], *y = &n->out;
    int axis = node_params(n)->index.axis;
    if (!indices_fit("scatter_add", index, axis, y->shape[axis], err)) return false;
    scatter_job job = {.y = view_data(y),
                       .x = view_data(x),
                       .index = view_data(index),
                       .n_from = x->shape[axis],
                       .n_to = y->shape[axis],
                       .inner = 1};
    for (int i = axis + 1; i < x->n_dims; i++) job.inner *= x->shape[i];
    cpu_parallel(c, view_count(y), GRAIN, zero_part, job.y);
    if (view_count(x) == 0) return true;
    cpu_parallel(c, view_count(x) / job.n_from, GRAIN / job.n_from + 1, scatter_add_part,
                 &job);
    return true;
}
