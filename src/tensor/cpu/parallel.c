/* The backend's one OpenMP team. A compiler without OpenMP builds a backend of one thread.
 */
#ifdef _OPENMP
#include <omp.h>
#endif

#include "tensor/cpu/cpu_priv.h"

int cpu_team_resize(int n_threads)
{
#ifdef _OPENMP
    int before = omp_get_max_threads();
    omp_set_num_threads(n_threads);
    return before;
#else
    return n_threads;
#endif
}

void cpu_parallel(const cpu_backend *c, int64_t n, int64_t grain, cpu_job job, void *ctx)
{
    if (n <= 0) return;
    int64_t most = grain > 0 ? (n + grain - 1) / grain : n;
    int parts = (int)(most < c->n_threads ? most : c->n_threads);
    if (parts <= 1) {
        job(ctx, 0, n, 0);
        return;
    }
#pragma omp parallel for num_threads(parts) schedule(static, 1)
    for (int i = 0; i < parts; i++) job(ctx, n * i / parts, n * (i + 1) / parts, i);
}
