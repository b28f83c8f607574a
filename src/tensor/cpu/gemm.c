/* Matrix products: the definition, and how the work is cut for the threads. */
#include "tensor/cpu/gemm_priv.h"

/* ---- the definition ---- */

static void gemm__scalar(const cpu_gemm *g, ask_real *scratch)
{
    (void)scratch;
    for (int64_t i = 0; i < g->m; i++) {
        for (int64_t j = 0; j < g->n; j++) {
            double sum = 0;
            for (int64_t k = 0; k < g->k; k++)
                sum += (double)g->a[i * g->a_row + k * g->a_col] *
                       g->b[k * g->b_row + j * g->b_col];
            ask_real *at = &g->c[i * g->c_row + j];
            double bias = g->bias ? g->bias[g->bias_of_rows ? i : j] : 0;
            double c = g->scale * sum + (g->adds ? *at : bias);
            *at = (ask_real)(g->relu && c < 0 ? 0 : c);
        }
    }
}

const cpu_gemm_kernel gemm_kernel__scalar = {.height = 1, .width = 1, .run = gemm__scalar};

const cpu_gemm_kernel *cpu_gemm_kernel_of(const cpu_backend *c)
{
    switch (c->isa) {
#ifndef ASK_REAL_DOUBLE
#if defined(__x86_64__)
    case ASK_ISA_AVX2:
        return &gemm_kernel__avx2;
    case ASK_ISA_AVX512:
        return &gemm_kernel__avx512;
#elif defined(__aarch64__)
    case ASK_ISA_NEON:
        return &gemm_kernel__neon;
#endif
#endif
    default:
        return &gemm_kernel__scalar;
    }
}

/* ---- cutting the work ---- */

/* Each product is cut into row_parts * column_parts pieces. */
typedef struct {
    const cpu_gemm_kernel *kernel;
    const cpu_gemm_batch *batch;
    int64_t row_parts, column_parts;
    ask_real *scratch;
} gemm_job;

static int64_t ceil_div(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Begin of part i of n of so many units, in elements. */
static int64_t part_begin(int64_t i, int64_t n, int64_t size, int64_t unit)
{
    return least(ceil_div(size, unit) * i / n * unit, size);
}

static void run_piece(const gemm_job *job, int64_t product, int64_t piece,
                      ask_real *scratch)
{
    const cpu_gemm_kernel *kernel = job->kernel;
    const cpu_gemm_batch *batch = job->batch;
    cpu_gemm g = batch->one;
    g.c += product * g.m * g.n;
    for (int i = batch->n_dims - 1; i >= 0; i--) {
        int64_t at = product % batch->shape[i];
        product /= batch->shape[i];
        g.a += at * batch->a_step[i];
        g.b += at * batch->b_step[i];
    }
    int64_t row_part = piece / job->column_parts, column_part = piece % job->column_parts;
    int64_t i0 = part_begin(row_part, job->row_parts, g.m, kernel->height);
    int64_t i1 = part_begin(row_part + 1, job->row_parts, g.m, kernel->height);
    int64_t j0 = part_begin(column_part, job->column_parts, g.n, kernel->width);
    int64_t j1 = part_begin(column_part + 1, job->column_parts, g.n, kernel->width);
    g.c += i0 * g.c_row + j0;
    g.a += i0 * g.a_row;
    g.b += j0 * g.b_col;
    if (g.panels) g.panels += j0 / kernel->width * g.panel_step;
    if (g.bias) g.bias += g.bias_of_rows ? i0 : j0;
    g.first_column += j0;
    g.m = i1 - i0;
    g.n = j1 - j0;
    kernel->run(&g, scratch);
}

static void run_pieces(void *ctx, int64_t begin, int64_t end, int thread)
{
    const gemm_job *job = ctx;
    int64_t in_product = job->row_parts * job->column_parts;
    ask_real *scratch = job->scratch + thread * job->kernel->n_scratch;
    for (int64_t i = begin; i < end; i++)
        run_piece(job, i / in_product, i % in_product, scratch);
}

/* What a piece costs, in multiply-adds for each of k; moving an element into a packed block
 * costs about as much as PACKING of them. */
static double piece_cost(const gemm_job *job)
{
    enum { PACKING = 16 };
    const cpu_gemm *g = &job->batch->one;
    int64_t height = job->kernel->height, width = job->kernel->width;
    double rows = (double)(ceil_div(ceil_div(g->m, height), job->row_parts) * height);
    double columns = (double)(ceil_div(ceil_div(g->n, width), job->column_parts) * width);
    return rows * columns + PACKING * rows + (g->panels ? 0 : PACKING * columns);
}

/* The cut with which the busiest thread has least to do. */
static void choose_cut(gemm_job *job, int64_t n_products, int n_threads)
{
    int64_t best_rows = 1, best_columns = 1;
    double best = 0;
    int64_t most_rows = ceil_div(job->batch->one.m, job->kernel->height);
    int64_t most_columns = ceil_div(job->batch->one.n, job->kernel->width);
    for (int64_t rows = 1; rows <= least(most_rows, n_threads); rows++) {
        for (int64_t columns = 1; columns <= least(most_columns, n_threads); columns++) {
            if (rows * columns > 1 && n_products * (rows * columns - 1) >= 2 * n_threads)
                break;
            job->row_parts = rows;
            job->column_parts = columns;
            double turns = (double)ceil_div(n_products * rows * columns, n_threads);
            double cost = turns * piece_cost(job);
            if (best > 0 && cost >= best) continue;
            best = cost;
            best_rows = rows;
            best_columns = columns;
        }
    }
    job->row_parts = best_rows;
    job->column_parts = best_columns;
}

/* Where one b serves products whose rows of a follow each other, they are one product. */
static void merge_products(cpu_gemm_batch *batch)
{
    cpu_gemm *g = &batch->one;
    while (batch->n_dims > 0) {
        int last = batch->n_dims - 1;
        bool follow = g->m == 1 || batch->a_step[last] == g->m * g->a_row;
        if (batch->shape[last] != 1 && (batch->b_step[last] != 0 || !follow)) return;
        if (g->m == 1) g->a_row = batch->a_step[last];
        g->m *= batch->shape[last];
        batch->n_dims--;
    }
}

void cpu_gemm_run(const cpu_backend *c, const cpu_gemm_batch *batch, ask_real *scratch)
{
    enum { WORTH_A_THREAD = 1 << 16 }; // multiply-adds
    cpu_gemm_batch merged = *batch;
    merge_products(&merged);
    int64_t n_products = 1;
    for (int i = 0; i < merged.n_dims; i++) n_products *= merged.shape[i];
    const cpu_gemm *g = &merged.one;
    if (n_products == 0 || g->m == 0 || g->n == 0) return;

    gemm_job job = {.kernel = cpu_gemm_kernel_of(c), .batch = &merged, .scratch = scratch};
    double work = (double)n_products * (double)g->m * (double)g->n * (double)g->k;
    int n_threads = c->n_threads;
    if (work < (double)n_threads * WORTH_A_THREAD)
        n_threads = 1 + (int)(work / WORTH_A_THREAD);
    choose_cut(&job, n_products, n_threads);
    int64_t n_pieces = n_products * job.row_parts * job.column_parts;
    cpu_parallel(c, n_pieces, ceil_div(n_pieces, n_threads), run_pieces, &job);
}

size_t cpu_gemm_scratch_bytes(const cpu_backend *c)
{
    return (size_t)c->n_threads * (size_t)cpu_gemm_kernel_of(c)->n_scratch *
           sizeof(ask_real);
}
