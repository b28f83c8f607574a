/* tensor/cpu/walk_priv.h - going through part of a walk, run by run.
 *
 *     for (cpu_cursor at = cpu_cursor_at(w, begin, end); at.n; cpu_cursor_next(w, &at))
 *         kernel(y + at.offset[0], x + at.offset[1], at.n);
 *
 * visits elements begin .. end of the walk (in the order of its axes) as stretches of
 * `at.n` elements, each within one run. */
#ifndef ASK_TENSOR_CPU_WALK_PRIV_H
#define ASK_TENSOR_CPU_WALK_PRIV_H

#include "tensor/cpu/cpu_priv.h"

typedef struct {
    int64_t offset[CPU_MAX_WALK]; // of the stretch in each view
    int64_t n;                    // its length; 0 at the end
    int64_t left;                 // elements behind it
    int64_t index[ASK_MAX_DIMS];  // its place along each axis
} cpu_cursor;

cpu_cursor cpu_cursor_at(const cpu_walk *w, int64_t begin, int64_t end);
void cpu_cursor_next(const cpu_walk *w, cpu_cursor *at);

/* Elements of the whole walk. */
static inline int64_t cpu_walk_count(const cpu_walk *w)
{
    return w->n_runs * w->run;
}

/* The step from one element of a run to the next, in view v. */
static inline int64_t cpu_walk_step(const cpu_walk *w, int v)
{
    return w->stride[v][w->n_dims - 1];
}

#endif
