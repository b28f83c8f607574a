/* tensor/cpu/gemm_priv.h - the matrix product behind linear, matmul and attention.
 *
 * c = scale a b + bias (or + c), with a: [m, k] and b: [k, n] of any strides, and c: [m, n]
 * in rows. The fast kernel works on packed blocks (Goto & van de Geijn 2008; Van Zee & van
 * de Geijn 2015): b in panels of `width` columns, which may be packed once and kept. */
#ifndef ASK_TENSOR_CPU_GEMM_PRIV_H
#define ASK_TENSOR_CPU_GEMM_PRIV_H

#include "tensor/cpu/cpu_priv.h"
#include "tensor/cpu/unfold_priv.h"

typedef struct {
    ask_real *c;
    int64_t c_row; // from row to row
    const ask_real *a;
    int64_t a_row, a_col; // from row to row, from column to column
    const ask_real *b;
    int64_t b_row, b_col;
    const ask_real *panels; // b as `pack` laid it out, used instead of b; or NULL
    int64_t panel_step; // from panel to panel: width * (rows that were packed, k or more)
    // NULL, or b is unfolded from the sample at `b`, and has no steps. Of kernels with
    // `pack`.
    const cpu_unfold *unfold;
    int64_t first_column; // of the unfolded one that is b's first
    const ask_real *bias; // [n] or NULL
    bool bias_of_rows;    // bias is [m]
    bool relu;            // what is below 0 becomes 0
    bool adds;            // to what is in c, instead of the bias
    double scale;
    int64_t m, n, k;
} cpu_gemm;

/* One kernel; `scalar` is the definition, and has no panels. */
typedef struct {
    int64_t height, width;         // rows and columns that are computed together
    int64_t n_scratch;             // elements that `run` needs, at a multiple of 64 bytes
    int64_t n_scratch_with_panels; // what it needs if b comes in panels
    void (*run)(const cpu_gemm *g, ask_real *scratch);
    /* Lays b out as ceil(n / width) panels of [k, width], zeros behind column n. */
    void (*pack)(ask_real *panels, const ask_real *b, int64_t b_row, int64_t b_col,
                 int64_t k, int64_t n);
} cpu_gemm_kernel;

extern const cpu_gemm_kernel gemm_kernel__scalar;
#ifndef ASK_REAL_DOUBLE
#if defined(__x86_64__)
extern const cpu_gemm_kernel gemm_kernel__avx2;
extern const cpu_gemm_kernel gemm_kernel__avx512;
#elif defined(__aarch64__)
extern const cpu_gemm_kernel gemm_kernel__neon;
#endif
#endif

/* The kernel of the backend's instruction set. */
const cpu_gemm_kernel *cpu_gemm_kernel_of(const cpu_backend *c);

/* Elements of b packed: a whole number of panels. */
static inline int64_t cpu_gemm_n_packed(const cpu_gemm_kernel *kernel, int64_t k, int64_t n)
{
    return (n + kernel->width - 1) / kernel->width * kernel->width * k;
}

/* Products of one size whose results lie behind each other, each m * n elements without
 * gaps. Axis i of the batch moves a and b by a_step[i] and b_step[i]. */
typedef struct {
    cpu_gemm one; // the first
    int n_dims;
    int64_t shape[ASK_MAX_DIMS];
    int64_t a_step[ASK_MAX_DIMS], b_step[ASK_MAX_DIMS];
} cpu_gemm_batch;

/* Computes all of them on the backend's threads, with cpu_gemm_scratch_bytes() of scratch.
 */
void cpu_gemm_run(const cpu_backend *c, const cpu_gemm_batch *batch, ask_real *scratch);
size_t cpu_gemm_scratch_bytes(const cpu_backend *c);

#endif
