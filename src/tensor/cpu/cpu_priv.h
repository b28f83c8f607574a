/* tensor/cpu/cpu_priv.h - adaptors and kernels of the CPU backend.
 *
 * A kernel takes pointers and sizes, allocates nothing and cannot fail. Its scalar version
 * is the definition (cpu/<stem>.c, in ask_real); faster ones (cpu/fast/<stem>.c, compiled
 * once per instruction set) are compared with it. An adaptor unpacks a node, splits the
 * work over the threads and calls the kernels of the chosen set. */
#ifndef ASK_TENSOR_CPU_CPU_PRIV_H
#define ASK_TENSOR_CPU_CPU_PRIV_H

#include "tensor/backend.h"
#include "tensor/cpu/cpu.h"
#include "tensor/op_priv.h"
#include "tensor/real_priv.h"

/* The kernels that have fast versions. Strides and sizes count elements. Rows are
 * contiguous. Outputs come first, sizes last. */
typedef struct {
    /* y[i * sy] = a[i * sa] o b[i * sb], i < n; strides of 0 or more */
    void (*binary)(binary_kind kind, ask_real *y, int64_t sy, const ask_real *a, int64_t sa,
                   const ask_real *b, int64_t sb, int64_t n);
    /* y[i] = f(x[i * sx]) */
    void (*unary)(unary_kind kind, double pa, double pb, ask_real *y, const ask_real *x,
                  int64_t sx, int64_t n);
    /* dx[i] = dy[i * sdy] f'(x[i * sx]) */
    void (*unary_grad)(unary_kind kind, double pa, double pb, ask_real *dx,
                       const ask_real *x, int64_t sx, const ask_real *dy, int64_t sdy,
                       int64_t n);
    /* sum of x[i * sx] */
    double (*sum)(const ask_real *x, int64_t sx, int64_t n);
    /* y[i] += x[i] */
    void (*accumulate)(ask_real *y, const ask_real *x, int64_t n);

    /* Rows of n_cols. mask: bytes of the same layout, or NULL. */
    void (*softmax)(ask_real *y, const ask_real *x, const uint8_t *mask, int64_t n_rows,
                    int64_t n_cols);
    void (*softmax_grad)(ask_real *dx, const ask_real *y, const ask_real *dy,
                         int64_t n_rows, int64_t n_cols);
    void (*log_softmax)(ask_real *y, const ask_real *x, const uint8_t *mask, int64_t n_rows,
                        int64_t n_cols);
    void (*log_softmax_grad)(ask_real *dx, const ask_real *y, const ask_real *dy,
                             int64_t n_rows, int64_t n_cols);
    /* w, b: [n_cols] or NULL */
    void (*layer_norm)(ask_real *y, const ask_real *x, const ask_real *w, const ask_real *b,
                       double eps, int64_t n_rows, int64_t n_cols);
    void (*layer_norm_grad)(ask_real *dx, const ask_real *x, const ask_real *w,
                            const ask_real *dy, double eps, int64_t n_rows, int64_t n_cols);
    void (*rms_norm)(ask_real *y, const ask_real *x, const ask_real *w, double eps,
                     int64_t n_rows, int64_t n_cols);
    void (*rms_norm_grad)(ask_real *dx, const ask_real *x, const ask_real *w,
                          const ask_real *dy, double eps, int64_t n_rows, int64_t n_cols);

    /* A head turned by n angles: pair i is x[i * step], x[(i + n) * step] of ROPE_HALVES,
     * else x[2 i * step], x[(2 i + 1) * step]; y likewise, with a step of 1. */
    void (*rope)(ask_real *y, const ask_real *x, int64_t step, const ask_real *cos,
                 const ask_real *sin, ask_rope_kind kind, int64_t n);

    /* sums[0] += sum of x[i] - from, sums[1] += sum of its square */
    void (*moments)(double sums[2], const ask_real *x, double from, int64_t n);
    /* sums[0] += sum of y[i], sums[1] += sum of y[i] (x[i] - from) */
    void (*comoments)(double sums[2], const ask_real *y, const ask_real *x, double from,
                      int64_t n);
    /* z[i] = a x[i] + b y[i] + c */
    void (*blend)(ask_real *z, double a, const ask_real *x, double b, const ask_real *y,
                  double c, int64_t n);

    /* y[i] = scale * sum over j of x[j] rows[i * step + j]; n rows of k. */
    void (*dots)(ask_real *y, const ask_real *x, const ask_real *rows, int64_t step,
                 double scale, int64_t n, int64_t k);
    /* y[j] = sum over i of p[i] rows[i * step + j]; n rows of k. */
    void (*mix)(ask_real *y, const ask_real *p, const ask_real *rows, int64_t step,
                int64_t n, int64_t k);

    /* Of convolutions: winograd_priv.h, patches_priv.h. NULL: none. */
    const struct cpu_winograd_kernel *winograd;
    const struct cpu_patch_kernel *patches;

    void (*adam)(ask_real *p, ask_real *m, ask_real *v, const ask_real *grad, double lr,
                 int64_t step, const ask_adam_options *opt, int64_t n);
    void (*sgd)(ask_real *p, ask_real *velocity, const ask_real *grad, double lr,
                const ask_sgd_options *opt, int64_t n);
} cpu_kernels;

extern const cpu_kernels cpu_kernels__scalar;
#ifndef ASK_REAL_DOUBLE
#if defined(__x86_64__)
extern const cpu_kernels cpu_kernels__avx2;
extern const cpu_kernels cpu_kernels__avx512;
#elif defined(__aarch64__)
extern const cpu_kernels cpu_kernels__neon;
#endif
#endif

typedef struct cpu_onednn cpu_onednn; // cpu/onednn_priv.h: cached convolutions
typedef struct cpu_team cpu_team;     // cpu/team_priv.h: the threads

/* Constant matrices in packed form (cpu/packed_priv.h). Zeros: none yet. */
typedef struct {
    struct packed_matrix *list;
    int n, capacity;
} cpu_packed;

typedef struct {
    ask_backend base; // first: an ask_backend * is a cpu_backend *
    ask_isa isa;
    bool has_vnni; // AVX-512's products of bytes
    int n_threads;
    cpu_team *team;
    const cpu_kernels *kernels;
    cpu_onednn *onednn; // NULL with ASK_ISA_SCALAR
    cpu_packed packed;
} cpu_backend;

/* ---- adaptors ---- */

/* Runs a node whose shapes and strides the shape rule has accepted. Fails only for what is
 * known at run time (an index out of range) or when oneDNN does. */
typedef bool (*cpu_run)(cpu_backend *c, const ask_node *n, ask_error *err);

typedef struct {
    cpu_run run;
    size_t (*scratch_bytes)(const cpu_backend *c, const ask_node *n); // NULL: none
} cpu_op;

extern const cpu_op cpu_ops[N_OPS]; // cpu/table.c

static inline const ask_op_params *node_params(const ask_node *n)
{
    return n->params;
}

/* Takes room for so many items in a scratch that is laid out: where it begins, in bytes.
 * *at: the bytes taken so far, whole lines of the cache. */
static inline size_t cpu_scratch_take(size_t *at, int64_t count, size_t item_bytes)
{
    enum { LINE_BYTES = 64 };
    size_t begin = *at, bytes = (size_t)count * item_bytes;
    *at += (bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
    return begin;
}

/* First element of a view, as the CPU sees it; NULL for an absent source. */
static inline void *view_data(const ask_view *v)
{
    return v->buffer ? (char *)v->buffer->handle + v->offset_bytes : NULL;
}

int64_t view_count(const ask_view *v); // elements
bool view_is_contiguous(const ask_view *v);

/* Rows and columns of a contiguous view whose last axis is the row: n_rows * n_cols
 * elements. */
typedef struct {
    int64_t n_rows, n_cols;
} cpu_rows;
cpu_rows view_rows(const ask_view *v);

/* Calls job(ctx, begin, end, thread) on ranges that cover [0, n), each at least `grain`
 * long where possible, on the backend's threads. The ranges depend on n, grain and the
 * thread count; `thread` tells the ranges apart, not who runs them. */
typedef void (*cpu_job)(void *ctx, int64_t begin, int64_t end, int thread);
void cpu_parallel(const cpu_backend *c, int64_t n, int64_t grain, cpu_job job, void *ctx);

/* Walks up to n_views strided views (all broadcast to the shape of the first) as runs along
 * one axis: axes that lie behind each other in all views are merged; their order stays, and
 * the last one is the run. Sizes and strides count elements. */
enum { CPU_MAX_WALK = 4 };
typedef struct {
    int n_views, n_dims; // n_dims is at least 1
    int64_t shape[ASK_MAX_DIMS];
    int64_t stride[CPU_MAX_WALK][ASK_MAX_DIMS];
    int64_t n_runs; // product of all sizes but the last
    int64_t run;    // length of a run: shape[n_dims - 1]
} cpu_walk;
/* views[0] gives the shape; the others may have sizes of 1, or fewer axes, in front. */
void cpu_walk_init(cpu_walk *w, int n_views, const ask_view *const *views);
/* Offsets of the i-th run in each view. */
void cpu_walk_at(const cpu_walk *w, int64_t i, int64_t offset[CPU_MAX_WALK]);

#endif
