/* tensor/cpu/rows_priv.h - work that is split by rows. */
#ifndef ASK_TENSOR_CPU_ROWS_PRIV_H
#define ASK_TENSOR_CPU_ROWS_PRIV_H

#include "tensor/cpu/cpu_priv.h"

/* Elements below which waking another thread costs more than it saves. */
enum { ROWS_GRAIN = 8192 };

/* Calls job(ctx, first row, row behind the last, thread) on the backend's threads. */
static inline void cpu_parallel_rows(const cpu_backend *c, cpu_rows r, cpu_job job,
                                     void *ctx)
{
    int64_t grain = r.n_cols > 0 ? ROWS_GRAIN / r.n_cols : ROWS_GRAIN;
    cpu_parallel(c, r.n_rows, grain > 0 ? grain : 1, job, ctx);
}

#endif
