/* Sums over some axes, and the place of the largest element. */
#include "tensor/cpu/adaptors_priv.h"
#include "tensor/cpu/scalar_priv.h"

double sum__scalar(const ask_real *x, int64_t sx, int64_t n)
{
    double total = 0;
    for (int64_t i = 0; i < n; i++) total += x[i * sx];
    return total;
}

void accumulate__scalar(ask_real *y, const ask_real *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] += x[i];
}

/* ---- sums ---- */

/* Some axes of the source, outermost first; those of size 1 left out, neighbours merged. */
typedef struct {
    int n;
    int64_t shape[ASK_MAX_DIMS], stride[ASK_MAX_DIMS];
    int64_t count; // product of the sizes
} axis_set;

static void axes_append(axis_set *a, int64_t size, int64_t stride)
{
    a->count *= size;
    if (size == 1) return;
    if (a->n && a->stride[a->n - 1] == stride * size) {
        a->shape[a->n - 1] *= size;
        a->stride[a->n - 1] = stride;
        return;
    }
    a->shape[a->n] = size;
    a->stride[a->n++] = stride;
}

/* Offset of the i-th place, in row-major order. */
static int64_t axes_offset(const axis_set *a, int64_t i)
{
    int64_t offset = 0;
    for (int axis = a->n - 1; axis > 0; axis--) {
        offset += i % a->shape[axis] * a->stride[axis];
        i /= a->shape[axis];
    }
    return a->n ? offset + i * a->stride[0] : 0;
}

typedef struct {
    const cpu_kernels *kernels;
    ask_real *y;
    const ask_real *x;
    axis_set kept;  // the result is contiguous along these
    axis_set outer; // reduced axes but the run
    int64_t run, run_stride;
} sum_job;

/* Takes the reduced axis whose elements lie closest together as the run. */
static void choose_run(sum_job *job, const axis_set *reduced)
{
    job->run = 1;
    job->outer = (axis_set){.count = 1};
    int closest = 0;
    for (int i = 1; i < reduced->n; i++)
        if (reduced->stride[i] < reduced->stride[closest]) closest = i;
    for (int i = 0; i < reduced->n; i++) {
        if (i == closest) {
            job->run = reduced->shape[i];
            job->run_stride = reduced->stride[i];
        } else {
            axes_append(&job->outer, reduced->shape[i], reduced->stride[i]);
        }
    }
}

/* Sum of elements begin .. end of what is added up for one result. */
static double sum_range(const sum_job *job, const ask_real *x, int64_t begin, int64_t end)
{
    double total = 0;
    while (begin < end) {
        int64_t within = begin % job->run;
        int64_t n = job->run - within < end - begin ? job->run - within : end - begin;
        const ask_real *from =
            x + axes_offset(&job->outer, begin / job->run) + within * job->run_stride;
        total += job->kernels->sum(from, job->run_stride, n);
        begin += n;
    }
    return total;
}

/* Results begin .. end, one after the other. */
static void sum_results_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const sum_job *job = ctx;
    int64_t n = job->outer.count * job->run;
    for (int64_t i = begin; i < end; i++)
        job->y[i] = (ask_real)sum_range(job, job->x + axes_offset(&job->kept, i), 0, n);
}

/* A long sum is cut into a fixed number of pieces, whatever the number of threads. */
enum { N_PIECES = 64 };

typedef struct {
    const sum_job *job;
    const ask_real *x;
    double piece[N_PIECES];
} pieces_job;

static void sum_pieces_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    pieces_job *p = ctx;
    int64_t n = p->job->outer.count * p->job->run;
    for (int64_t i = begin; i < end; i++)
        p->piece[i] = sum_range(p->job, p->x, n / N_PIECES * i,
                                i == N_PIECES - 1 ? n : n / N_PIECES * (i + 1));
}

static void sum_in_pieces(const cpu_backend *c, const sum_job *job)
{
    for (int64_t i = 0; i < job->kept.count; i++) {
        pieces_job p = {.job = job, .x = job->x + axes_offset(&job->kept, i)};
        cpu_parallel(c, N_PIECES, 1, sum_pieces_part, &p);
        double total = 0;
        for (int k = 0; k < N_PIECES; k++) total += p.piece[k];
        job->y[i] = (ask_real)total;
    }
}

/* Adds up rows of `width` neighbouring results. Short sums in reals go into long ones in
 * doubles. */
enum { MOST_WIDTH = 512, SHORT_SUM = 32 };

static void sum_rows(const sum_job *job, ask_real *y, const ask_real *x, int64_t width)
{
    double total[MOST_WIDTH] = {0};
    int64_t n_rows = job->outer.count * job->run;
    for (int64_t row = 0; row < n_rows; row += SHORT_SUM) {
        ask_real part[MOST_WIDTH] = {0};
        int64_t end = n_rows - row < SHORT_SUM ? n_rows : row + SHORT_SUM;
        for (int64_t i = row; i < end; i++) {
            int64_t offset =
                axes_offset(&job->outer, i / job->run) + i % job->run * job->run_stride;
            job->kernels->accumulate(part, x + offset, width);
        }
        for (int64_t j = 0; j < width; j++) total[j] += part[j];
    }
    for (int64_t j = 0; j < width; j++) y[j] = (ask_real)total[j];
}

/* Results begin .. end, many at a time: the last kept axis is contiguous in the source. */
static void sum_rows_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const sum_job *job = ctx;
    int64_t columns = job->kept.shape[job->kept.n - 1];
    while (begin < end) {
        int64_t width = columns - begin % columns;
        if (width > end - begin) width = end - begin;
        if (width > MOST_WIDTH) width = MOST_WIDTH;
        sum_rows(job, job->y + begin, job->x + axes_offset(&job->kept, begin), width);
        begin += width;
    }
}

/* Whether neighbouring results are sums of neighbouring elements, and those of one are not.
 */
static bool rows_lie_side_by_side(const sum_job *job)
{
    enum { SHORT_ROW = 8 };
    int last = job->kept.n - 1;
    return last >= 0 && job->kept.stride[last] == 1 && job->kept.shape[last] >= SHORT_ROW &&
           job->run_stride != 1;
}

bool cpu_sum(cpu_backend *c, const ask_node *n, ask_error *err)
{
    enum { GRAIN = 16384, FEW_RESULTS = 8, SHORTEST_ROW = 16 };
    (void)err;
    const ask_view *x = &n->src[0];
    sum_job job = {
        .kernels = c->kernels, .y = view_data(&n->out), .x = view_data(x), .kept.count = 1};
    axis_set reduced = {.count = 1};
    for (int i = 0; i < x->n_dims; i++) {
        bool gone = node_params(n)->reduce.axes & 1u << i;
        axes_append(gone ? &reduced : &job.kept, x->shape[i], x->stride[i]);
    }
    choose_run(&job, &reduced);

    int64_t n_results = job.kept.count, per_result = reduced.count;
    int64_t grain = per_result ? GRAIN / per_result + 1 : GRAIN;
    if (rows_lie_side_by_side(&job))
        cpu_parallel(c, n_results, grain > SHORTEST_ROW ? grain : SHORTEST_ROW,
                     sum_rows_part, &job);
    else if (n_results < FEW_RESULTS && per_result > 2 * GRAIN)
        sum_in_pieces(c, &job);
    else
        cpu_parallel(c, n_results, grain, sum_results_part, &job);
    return true;
}

/* ---- the largest ---- */

typedef struct {
    int64_t *y;
    const ask_real *x;
    int64_t n, inner; // the source is [.., n, inner], the result [.., inner]
} argmax_job;

/* NaN counts as the largest. */
static int64_t argmax(const ask_real *x, int64_t sx, int64_t n)
{
    int64_t best = 0;
    for (int64_t i = 1; i < n; i++) {
        ask_real largest = x[best * sx];
        if (largest != largest) break;
        if (!(x[i * sx] <= largest)) best = i;
    }
    return best;
}

static void argmax_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const argmax_job *job = ctx;
    for (int64_t i = begin; i < end; i++) {
        int64_t first = i / job->inner * job->n * job->inner + i % job->inner;
        job->y[i] = argmax(job->x + first, job->inner, job->n);
    }
}

bool cpu_argmax(cpu_backend *c, const ask_node *n, ask_error *err)
{
    enum { GRAIN = 8192 };
    (void)err;
    const ask_view *x = &n->src[0];
    int axis = node_params(n)->index.axis;
    argmax_job job = {
        .y = view_data(&n->out), .x = view_data(x), .n = x->shape[axis], .inner = 1};
    for (int i = axis + 1; i < x->n_dims; i++) job.inner *= x->shape[i];
    cpu_parallel(c, view_count(&n->out), GRAIN / job.n + 1, argmax_part, &job);
    return true;
}
