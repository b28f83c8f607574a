/* Views as the kernels see them: counted, as rows, or walked as runs. */
#include "tensor/cpu/walk_priv.h"

int64_t view_count(const ask_view *v)
{
    int64_t n = 1;
    for (int i = 0; i < v->n_dims; i++) n *= v->shape[i];
    return n;
}

bool view_is_contiguous(const ask_view *v)
{
    int64_t expected = 1;
    for (int i = v->n_dims - 1; i >= 0; i--) {
        if (v->shape[i] == 0) return true;
        if (v->shape[i] != 1 && v->stride[i] != expected) return false;
        expected *= v->shape[i];
    }
    return true;
}

cpu_rows view_rows(const ask_view *v)
{
    int64_t n_rows = 1;
    for (int i = 0; i < v->n_dims - 1; i++) n_rows *= v->shape[i];
    return (cpu_rows){.n_rows = n_rows, .n_cols = v->n_dims ? v->shape[v->n_dims - 1] : 1};
}

/* Stride of v along the axis that axis i of the first view is aligned with; 0 where v
 * stretches. */
static int64_t aligned_stride(const ask_view *v, const ask_view *first, int i)
{
    int own = i - (first->n_dims - v->n_dims);
    return own < 0 || v->shape[own] == 1 ? 0 : v->stride[own];
}

/* Whether one more axis, of that size and those strides, continues the walk's last axis. */
static bool continues(const cpu_walk *w, int64_t size, const int64_t stride[CPU_MAX_WALK])
{
    if (w->n_dims == 0) return false;
    for (int v = 0; v < w->n_views; v++)
        if (w->stride[v][w->n_dims - 1] != stride[v] * size) return false;
    return true;
}

void cpu_walk_init(cpu_walk *w, int n_views, const ask_view *const *views)
{
    *w = (cpu_walk){.n_views = n_views, .n_runs = 1};
    for (int i = 0; i < views[0]->n_dims; i++) {
        int64_t size = views[0]->shape[i];
        if (size == 1) continue;
        int64_t stride[CPU_MAX_WALK];
        for (int v = 0; v < n_views; v++) stride[v] = aligned_stride(views[v], views[0], i);
        bool merge = continues(w, size, stride);
        int axis = merge ? w->n_dims - 1 : w->n_dims++;
        w->shape[axis] = merge ? w->shape[axis] * size : size;
        for (int v = 0; v < n_views; v++) w->stride[v][axis] = stride[v];
    }
    if (w->n_dims == 0) w->shape[w->n_dims++] = 1;
    for (int i = 0; i < w->n_dims - 1; i++) w->n_runs *= w->shape[i];
    w->run = w->shape[w->n_dims - 1];
}

void cpu_walk_at(const cpu_walk *w, int64_t i, int64_t offset[CPU_MAX_WALK])
{
    for (int v = 0; v < w->n_views; v++) offset[v] = 0;
    for (int axis = w->n_dims - 2; axis >= 0; axis--) {
        int64_t index = i % w->shape[axis];
        i /= w->shape[axis];
        for (int v = 0; v < w->n_views; v++) offset[v] += index * w->stride[v][axis];
    }
}

cpu_cursor cpu_cursor_at(const cpu_walk *w, int64_t begin, int64_t end)
{
    cpu_cursor at = {.left = end - begin};
    if (at.left <= 0) return at;
    int last = w->n_dims - 1;
    int64_t within = begin % w->run, run = begin / w->run;
    for (int axis = last - 1; axis >= 0; axis--) {
        at.index[axis] = run % w->shape[axis];
        run /= w->shape[axis];
    }
    for (int v = 0; v < w->n_views; v++) {
        at.offset[v] = within * w->stride[v][last];
        for (int axis = 0; axis < last; axis++)
            at.offset[v] += at.index[axis] * w->stride[v][axis];
    }
    at.index[last] = within;
    at.n = w->run - within < at.left ? w->run - within : at.left;
    at.left -= at.n;
    return at;
}

/* Moves the cursor by `steps` along an axis. */
static void move(const cpu_walk *w, cpu_cursor *at, int axis, int64_t steps)
{
    at->index[axis] += steps;
    for (int v = 0; v < w->n_views; v++) at->offset[v] += steps * w->stride[v][axis];
}

void cpu_cursor_next(const cpu_walk *w, cpu_cursor *at)
{
    at->n = w->run < at->left ? w->run : at->left;
    at->left -= at->n;
    if (at->n == 0) return;
    int axis = w->n_dims - 1;
    move(w, at, axis, -at->index[axis]);
    while (--axis >= 0) {
        move(w, at, axis, 1);
        if (at->index[axis] < w->shape[axis]) return;
        move(w, at, axis, -w->shape[axis]);
    }
}
