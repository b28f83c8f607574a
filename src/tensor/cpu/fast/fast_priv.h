/* tensor/cpu/fast/fast_priv.h - the fast kernels of one instruction set.
 *
 * Every file of this folder is compiled once per instruction set, with ASK_ISA naming it;
 * the kernels are plain C that the compiler vectorises. Contracts: struct cpu_kernels. */
#ifndef ASK_TENSOR_CPU_FAST_PRIV_H
#define ASK_TENSOR_CPU_FAST_PRIV_H

#include "tensor/cpu/cpu_priv.h"

/* KERNEL(softmax) is softmax__avx2, softmax__avx512 or softmax__neon. */
#define KERNEL_JOIN(name, isa) name##__##isa
#define KERNEL_OF(name, isa) KERNEL_JOIN(name, isa)
#define KERNEL(name) KERNEL_OF(name, ASK_ISA)

void KERNEL(binary)(binary_kind kind, float *y, int64_t sy, const float *a, int64_t sa,
                    const float *b, int64_t sb, int64_t n);
void KERNEL(unary)(unary_kind kind, double pa, double pb, float *y, const float *x,
                   int64_t sx, int64_t n);
void KERNEL(unary_grad)(unary_kind kind, double pa, double pb, float *dx, const float *x,
                        int64_t sx, const float *dy, int64_t sdy, int64_t n);
double KERNEL(sum)(const float *x, int64_t sx, int64_t n);
void KERNEL(accumulate)(float *y, const float *x, int64_t n);

void KERNEL(softmax)(float *y, const float *x, const uint8_t *mask, int64_t n_rows,
                     int64_t n_cols);
void KERNEL(softmax_grad)(float *dx, const float *y, const float *dy, int64_t n_rows,
                          int64_t n_cols);
void KERNEL(log_softmax)(float *y, const float *x, const uint8_t *mask, int64_t n_rows,
                         int64_t n_cols);
void KERNEL(log_softmax_grad)(float *dx, const float *y, const float *dy, int64_t n_rows,
                              int64_t n_cols);
void KERNEL(layer_norm)(float *y, const float *x, const float *w, const float *b,
                        double eps, int64_t n_rows, int64_t n_cols);
void KERNEL(layer_norm_grad)(float *dx, const float *x, const float *w, const float *dy,
                             double eps, int64_t n_rows, int64_t n_cols);
void KERNEL(rms_norm)(float *y, const float *x, const float *w, double eps, int64_t n_rows,
                      int64_t n_cols);
void KERNEL(rms_norm_grad)(float *dx, const float *x, const float *w, const float *dy,
                           double eps, int64_t n_rows, int64_t n_cols);

void KERNEL(rope)(float *y, const float *x, int64_t step, const float *cos,
                  const float *sin, ask_rope_kind kind, int64_t n);
void KERNEL(dots)(float *y, const float *x, const float *rows, int64_t step, double scale,
                  int64_t n, int64_t k);
void KERNEL(mix)(float *y, const float *p, const float *rows, int64_t step, int64_t n,
                 int64_t k);
void KERNEL(moments)(double sums[2], const float *x, double from, int64_t n);
void KERNEL(comoments)(double sums[2], const float *y, const float *x, double from,
                       int64_t n);
void KERNEL(blend)(float *z, double a, const float *x, double b, const float *y, double c,
                   int64_t n);

struct cpu_quant_blocks;
void KERNEL(unpack_blocks)(uint8_t *codes, float *scales, float *offsets,
                           const struct cpu_quant_blocks *b);
void KERNEL(sum_blocks)(int32_t *sums, int64_t step, const struct cpu_quant_blocks *b,
                        const int8_t *x);
void KERNEL(turn_sums)(int32_t *to, const int32_t *sums, int64_t step, int n);
extern const struct cpu_winograd_kernel KERNEL(winograd_kernel);
extern const struct cpu_patch_kernel KERNEL(patch_kernel);

void KERNEL(adam)(float *p, float *m, float *v, const float *grad, double lr, int64_t step,
                  const ask_adam_options *opt, int64_t n);
void KERNEL(sgd)(float *p, float *velocity, const float *grad, double lr,
                 const ask_sgd_options *opt, int64_t n);

#endif
