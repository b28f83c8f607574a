/* The places of the k largest elements of each row: a list of the best so far, kept in
 * order, into which elements are put that belong there. Most do not, and are passed with
 * one comparison, as long as k is small beside the row. */
#include <string.h>

#include "tensor/cpu/adaptors_priv.h"
#include "tensor/cpu/rows_priv.h"

/* What is no number is less than all numbers. */
static bool is_more(ask_real a, ask_real b)
{
    return a > b || (b != b && a == a);
}

/* best: of n elements the k largest, of equals the first first. */
static void top_k(int64_t *best, const ask_real *x, int64_t n, int64_t k)
{
    int64_t n_best = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t at = n_best;
        while (at > 0 && is_more(x[i], x[best[at - 1]])) at--;
        if (at == k) continue;
        if (n_best < k) n_best++;
        memmove(best + at + 1, best + at, (size_t)(n_best - 1 - at) * sizeof *best);
        best[at] = i;
    }
}

typedef struct {
    int64_t *y;
    const ask_real *x;
    int64_t n, k;
} top_k_job;

static void top_k_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const top_k_job *job = ctx;
    for (int64_t row = begin; row < end; row++)
        top_k(job->y + row * job->k, job->x + row * job->n, job->n, job->k);
}

bool cpu_top_k(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    const ask_view *x = &n->src[0];
    top_k_job job = {.y = view_data(&n->out),
                     .x = view_data(x),
                     .n = x->shape[x->n_dims - 1],
                     .k = node_params(n)->top_k.k};
    cpu_rows rows = {.n_rows = view_count(&n->out) / job.k, .n_cols = job.n};
    cpu_parallel_rows(c, rows, top_k_part, &job);
    return true;
}
