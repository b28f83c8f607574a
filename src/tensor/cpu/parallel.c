/* Loops on the backend's team of threads. */
#include "tensor/cpu/cpu_priv.h"
#include "tensor/cpu/team_priv.h"

typedef struct {
    int64_t n;
    int n_parts;
    cpu_job job;
    void *ctx;
} loop;

static void run_part(void *user, int i)
{
    const loop *l = user;
    l->job(l->ctx, l->n * i / l->n_parts, l->n * (i + 1) / l->n_parts, i);
}

void cpu_parallel(const cpu_backend *c, int64_t n, int64_t grain, cpu_job job, void *ctx)
{
    if (n <= 0) return;
    int64_t most = grain > 0 ? (n + grain - 1) / grain : n;
    int n_parts = (int)(most < c->n_threads ? most : c->n_threads);
    loop l = {n, n_parts, job, ctx};
    cpu_team_run(c->team, n_parts, run_part, &l);
}
