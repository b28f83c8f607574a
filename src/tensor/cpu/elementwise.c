/* Elementwise ops: adaptors and definitions. */
#include <math.h>

#include "tensor/cpu/adaptors_priv.h"
#include "tensor/cpu/element_priv.h"
#include "tensor/cpu/gelu_priv.h"
#include "tensor/cpu/inline_priv.h"
#include "tensor/cpu/scalar_priv.h"
#include "tensor/cpu/walk_priv.h"

/* Fewest elements worth a thread. */
enum { GRAIN_CHEAP = 32768, GRAIN_COSTLY = 4096 };

typedef struct {
    const cpu_backend *c;
    const ask_node *n;
    cpu_walk walk;
} elementwise_job;

/* Runs shorter than a vector are slow. If there is a longer axis it becomes the run. */
static void lengthen_runs(cpu_walk *w)
{
    enum { SHORT_RUN = 8 };
    int last = w->n_dims - 1, longest = last;
    if (w->run >= SHORT_RUN) return;
    for (int i = 0; i < last; i++)
        if (w->shape[i] > w->shape[longest]) longest = i;
    for (int v = 0; v < w->n_views; v++) {
        int64_t stride = w->stride[v][longest];
        w->stride[v][longest] = w->stride[v][last];
        w->stride[v][last] = stride;
    }
    w->shape[last] = w->shape[longest];
    w->shape[longest] = w->run;
    w->n_runs = w->shape[last] ? w->n_runs * w->run / w->shape[last] : w->n_runs;
    w->run = w->shape[last];
}

/* The result and the sources, walked together. */
static elementwise_job walk_node(const cpu_backend *c, const ask_node *n)
{
    elementwise_job e = {.c = c, .n = n};
    const ask_view *views[CPU_MAX_WALK] = {&n->out};
    for (int i = 0; i < n->n_src; i++) views[i + 1] = &n->src[i];
    cpu_walk_init(&e.walk, n->n_src + 1, views);
    return e;
}

/* Runs a job whose kernel takes a step for the result too. */
static bool run_stepped(const cpu_backend *c, const ask_node *n, cpu_job job)
{
    elementwise_job e = walk_node(c, n);
    lengthen_runs(&e.walk);
    cpu_parallel(c, cpu_walk_count(&e.walk), GRAIN_CHEAP, job, &e);
    return true;
}

/* Runs a job whose kernel writes contiguous runs: functions of one number, and slopes. */
static bool run_contiguous(const cpu_backend *c, const ask_node *n, cpu_job job)
{
    elementwise_job e = walk_node(c, n);
    unary_kind kind = node_params(n)->unary.kind;
    bool cheap = kind == UNARY_AFFINE || kind == UNARY_RELU;
    int64_t grain = cheap ? GRAIN_CHEAP : GRAIN_COSTLY;
    cpu_parallel(c, cpu_walk_count(&e.walk), grain, job, &e);
    return true;
}

/* ---- two sources ---- */

static ALWAYS_INLINE ask_real binary_value(binary_kind kind, ask_real a, ask_real b)
{
    switch (kind) {
    case BINARY_ADD:
        return a + b;
    case BINARY_SUB:
        return a - b;
    case BINARY_MUL:
        return a * b;
    case BINARY_DIV:
        return a / b;
    case BINARY_MAX: // NaN wins, from either side
        return a > b || a != a ? a : b;
    case BINARY_MIN:
        return a < b || a != a ? a : b;
    }
    return 0;
}

void binary__scalar(binary_kind kind, ask_real *y, int64_t sy, const ask_real *a,
                    int64_t sa, const ask_real *b, int64_t sb, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i * sy] = binary_value(kind, a[i * sa], b[i * sb]);
}

/* Integers wrap around. */
static ALWAYS_INLINE int64_t binary_value_i64(binary_kind kind, int64_t a, int64_t b)
{
    switch (kind) {
    case BINARY_ADD:
        return (int64_t)((uint64_t)a + (uint64_t)b);
    case BINARY_SUB:
        return (int64_t)((uint64_t)a - (uint64_t)b);
    case BINARY_MUL:
        return (int64_t)((uint64_t)a * (uint64_t)b);
    case BINARY_MAX:
        return a > b ? a : b;
    case BINARY_MIN:
        return a < b ? a : b;
    case BINARY_DIV: // the shape rule refuses it
        break;
    }
    return 0;
}

static void binary_i64(binary_kind kind, int64_t *y, int64_t sy, const int64_t *a,
                       int64_t sa, const int64_t *b, int64_t sb, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        y[i * sy] = binary_value_i64(kind, a[i * sa], b[i * sb]);
}

static void binary_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const elementwise_job *e = ctx;
    const cpu_walk *w = &e->walk;
    const ask_node *n = e->n;
    binary_kind kind = node_params(n)->binary.kind;
    int64_t sy = cpu_walk_step(w, 0), sa = cpu_walk_step(w, 1), sb = cpu_walk_step(w, 2);
    bool integers = n->out.type == ASK_I64;
    void *y = view_data(&n->out);
    const void *a = view_data(&n->src[0]), *b = view_data(&n->src[1]);
    for (cpu_cursor at = cpu_cursor_at(w, begin, end); at.n; cpu_cursor_next(w, &at)) {
        const int64_t *o = at.offset;
        if (integers)
            binary_i64(kind, (int64_t *)y + o[0], sy, (const int64_t *)a + o[1], sa,
                       (const int64_t *)b + o[2], sb, at.n);
        else
            e->c->kernels->binary(kind, (ask_real *)y + o[0], sy,
                                  (const ask_real *)a + o[1], sa,
                                  (const ask_real *)b + o[2], sb, at.n);
    }
}

bool cpu_binary(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    return run_stepped(c, n, binary_part);
}

/* ---- comparisons ---- */

static void compare_real(compare_kind kind, uint8_t *y, int64_t sy, const ask_real *a,
                         int64_t sa, const ask_real *b, int64_t sb, int64_t n)
{
    if (kind == COMPARE_LESS)
        for (int64_t i = 0; i < n; i++) y[i * sy] = a[i * sa] < b[i * sb];
    else
        for (int64_t i = 0; i < n; i++) y[i * sy] = a[i * sa] == b[i * sb];
}

static void compare_i64(compare_kind kind, uint8_t *y, int64_t sy, const int64_t *a,
                        int64_t sa, const int64_t *b, int64_t sb, int64_t n)
{
    if (kind == COMPARE_LESS)
        for (int64_t i = 0; i < n; i++) y[i * sy] = a[i * sa] < b[i * sb];
    else
        for (int64_t i = 0; i < n; i++) y[i * sy] = a[i * sa] == b[i * sb];
}

static void compare_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const elementwise_job *e = ctx;
    const cpu_walk *w = &e->walk;
    const ask_node *n = e->n;
    compare_kind kind = node_params(n)->compare.kind;
    int64_t sy = cpu_walk_step(w, 0), sa = cpu_walk_step(w, 1), sb = cpu_walk_step(w, 2);
    bool integers = n->src[0].type == ASK_I64;
    uint8_t *y = view_data(&n->out);
    const void *a = view_data(&n->src[0]), *b = view_data(&n->src[1]);
    for (cpu_cursor at = cpu_cursor_at(w, begin, end); at.n; cpu_cursor_next(w, &at)) {
        const int64_t *o = at.offset;
        if (integers)
            compare_i64(kind, y + o[0], sy, (const int64_t *)a + o[1], sa,
                        (const int64_t *)b + o[2], sb, at.n);
        else
            compare_real(kind, y + o[0], sy, (const ask_real *)a + o[1], sa,
                         (const ask_real *)b + o[2], sb, at.n);
    }
}

bool cpu_compare(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    return run_stepped(c, n, compare_part);
}

/* ---- choosing ---- */

/* Pointers and strides of one run; strides count bytes. */
typedef struct {
    char *y;
    const char *condition, *a, *b;
    int64_t sy, s_condition, sa, sb;
} where_run;

static ALWAYS_INLINE void where_elements(where_run r, int64_t n, size_t size)
{
    for (int64_t i = 0; i < n; i++)
        element_move(r.y + i * r.sy,
                     r.condition[i * r.s_condition] ? r.a + i * r.sa : r.b + i * r.sb,
                     size);
}

static void where_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const elementwise_job *e = ctx;
    const cpu_walk *w = &e->walk;
    const ask_node *n = e->n;
    size_t size = ask_dtype_bytes(n->out.type);
    int64_t bytes = (int64_t)size;
    for (cpu_cursor at = cpu_cursor_at(w, begin, end); at.n; cpu_cursor_next(w, &at)) {
        where_run r = {
            .y = (char *)view_data(&n->out) + at.offset[0] * bytes,
            .condition = (const char *)view_data(&n->src[0]) + at.offset[1],
            .a = (const char *)view_data(&n->src[1]) + at.offset[2] * bytes,
            .b = (const char *)view_data(&n->src[2]) + at.offset[3] * bytes,
            .sy = cpu_walk_step(w, 0) * bytes,
            .s_condition = cpu_walk_step(w, 1),
            .sa = cpu_walk_step(w, 2) * bytes,
            .sb = cpu_walk_step(w, 3) * bytes,
        };
        switch (size) {
        case 1:
            where_elements(r, at.n, 1);
            break;
        case 2:
            where_elements(r, at.n, 2);
            break;
        case 4:
            where_elements(r, at.n, 4);
            break;
        default:
            where_elements(r, at.n, 8);
        }
    }
}

bool cpu_where(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    return run_stepped(c, n, where_part);
}

/* ---- functions of one number ---- */

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* s (1 - s) without the cancellation at either end */
static double sigmoid_slope(double x)
{
    double e = exp(-fabs(x));
    return e / ((1 + e) * (1 + e));
}

static double normal_density(double x)
{
    return NORMAL_PEAK * exp(-0.5 * x * x);
}

static double normal_cdf(double x)
{
    return 0.5 * erfc(-x * 0.70710678118654752440);
}

/* The tanh approximation of gelu is x * sigmoid(gelu_tanh_gate(x)). */
static double gelu_tanh_gate(double x)
{
    return GELU_TANH_SLOPE * x * (1 + GELU_TANH_CUBE * x * x);
}

static double gelu_tanh_gate_slope(double x)
{
    return GELU_TANH_SLOPE * (1 + 3 * GELU_TANH_CUBE * x * x);
}

static double unary_value(unary_kind kind, double pa, double pb, double x)
{
    switch (kind) {
    case UNARY_AFFINE:
        return pa * x + pb;
    case UNARY_EXP:
        return exp(x);
    case UNARY_LOG:
        return log(x);
    case UNARY_SQRT:
        return sqrt(x);
    case UNARY_POW:
        return pow(x, pa);
    case UNARY_RELU:
        return x < 0 ? 0 : x;
    case UNARY_SIGMOID:
        return sigmoid(x);
    case UNARY_SILU:
        return x * sigmoid(x);
    case UNARY_TANH:
        return tanh(x);
    case UNARY_SIN:
        return sin(x);
    case UNARY_COS:
        return cos(x);
    case UNARY_GELU_EXACT:
        return x * normal_cdf(x);
    case UNARY_GELU_TANH:
        return x * sigmoid(gelu_tanh_gate(x));
    case UNARY_GELU_QUICK:
        return x * sigmoid(GELU_QUICK_SLOPE * x);
    }
    return 0;
}

/* d/dx of x * sigmoid(z(x)) */
static double gated_slope(double x, double z, double z_slope)
{
    return sigmoid(z) + x * sigmoid_slope(z) * z_slope;
}

static double unary_slope(unary_kind kind, double pa, double x)
{
    switch (kind) {
    case UNARY_AFFINE:
        return pa;
    case UNARY_EXP:
        return exp(x);
    case UNARY_LOG:
        return 1 / x;
    case UNARY_SQRT:
        return 0.5 / sqrt(x);
    case UNARY_POW:
        return pa == 0 ? 0 : pa * pow(x, pa - 1);
    case UNARY_RELU:
        return x > 0;
    case UNARY_SIGMOID:
        return sigmoid_slope(x);
    case UNARY_SILU:
        return gated_slope(x, x, 1);
    case UNARY_TANH:
        return 4 * sigmoid_slope(2 * x);
    case UNARY_SIN:
        return cos(x);
    case UNARY_COS:
        return -sin(x);
    case UNARY_GELU_EXACT:
        return normal_cdf(x) + x * normal_density(x);
    case UNARY_GELU_TANH:
        return gated_slope(x, gelu_tanh_gate(x), gelu_tanh_gate_slope(x));
    case UNARY_GELU_QUICK:
        return gated_slope(x, GELU_QUICK_SLOPE * x, GELU_QUICK_SLOPE);
    }
    return 0;
}

void unary__scalar(unary_kind kind, double pa, double pb, ask_real *y, const ask_real *x,
                   int64_t sx, int64_t n)
{
    for (int64_t i = 0; i < n; i++) y[i] = (ask_real)unary_value(kind, pa, pb, x[i * sx]);
}

void unary_grad__scalar(unary_kind kind, double pa, double pb, ask_real *dx,
                        const ask_real *x, int64_t sx, const ask_real *dy, int64_t sdy,
                        int64_t n)
{
    (void)pb;
    for (int64_t i = 0; i < n; i++)
        dx[i] = (ask_real)(dy[i * sdy] * unary_slope(kind, pa, x[i * sx]));
}

static void unary_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const elementwise_job *e = ctx;
    const cpu_walk *w = &e->walk;
    const ask_op_params *p = node_params(e->n);
    ask_real *y = view_data(&e->n->out);
    const ask_real *x = view_data(&e->n->src[0]);
    for (cpu_cursor at = cpu_cursor_at(w, begin, end); at.n; cpu_cursor_next(w, &at))
        e->c->kernels->unary(p->unary.kind, p->unary.a, p->unary.b, y + at.offset[0],
                             x + at.offset[1], cpu_walk_step(w, 1), at.n);
}

bool cpu_unary(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    return run_contiguous(c, n, unary_part);
}

static void unary_grad_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const elementwise_job *e = ctx;
    const cpu_walk *w = &e->walk;
    const ask_op_params *p = node_params(e->n);
    ask_real *dx = view_data(&e->n->out);
    const ask_real *x = view_data(&e->n->src[0]), *dy = view_data(&e->n->src[1]);
    for (cpu_cursor at = cpu_cursor_at(w, begin, end); at.n; cpu_cursor_next(w, &at))
        e->c->kernels->unary_grad(p->unary.kind, p->unary.a, p->unary.b, dx + at.offset[0],
                                  x + at.offset[1], cpu_walk_step(w, 1), dy + at.offset[2],
                                  cpu_walk_step(w, 2), at.n);
}

bool cpu_unary_grad(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    return run_contiguous(c, n, unary_grad_part);
}
