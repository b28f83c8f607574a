/* tensor/cpu/scalar_priv.h - the scalar kernels: the definitions that faster ones are
 * compared with. They compute in double. Contracts: struct cpu_kernels. */
#ifndef ASK_TENSOR_CPU_SCALAR_PRIV_H
#define ASK_TENSOR_CPU_SCALAR_PRIV_H

#include "tensor/cpu/cpu_priv.h"

void binary__scalar(binary_kind kind, ask_real *y, int64_t sy, const ask_real *a,
                    int64_t sa, const ask_real *b, int64_t sb, int64_t n);
void unary__scalar(unary_kind kind, double pa, double pb, ask_real *y, const ask_real *x,
                   int64_t sx, int64_t n);
void unary_grad__scalar(unary_kind kind, double pa, double pb, ask_real *dx,
                        const ask_real *x, int64_t sx, const ask_real *dy, int64_t sdy,
                        int64_t n);
double sum__scalar(const ask_real *x, int64_t sx, int64_t n);
void accumulate__scalar(ask_real *y, const ask_real *x, int64_t n);

void softmax__scalar(ask_real *y, const ask_real *x, const uint8_t *mask, int64_t n_rows,
                     int64_t n_cols);
void softmax_grad__scalar(ask_real *dx, const ask_real *y, const ask_real *dy,
                          int64_t n_rows, int64_t n_cols);
void log_softmax__scalar(ask_real *y, const ask_real *x, const uint8_t *mask,
                         int64_t n_rows, int64_t n_cols);
void log_softmax_grad__scalar(ask_real *dx, const ask_real *y, const ask_real *dy,
                              int64_t n_rows, int64_t n_cols);
void layer_norm__scalar(ask_real *y, const ask_real *x, const ask_real *w,
                        const ask_real *b, double eps, int64_t n_rows, int64_t n_cols);
void layer_norm_grad__scalar(ask_real *dx, const ask_real *x, const ask_real *w,
                             const ask_real *dy, double eps, int64_t n_rows,
                             int64_t n_cols);
void rms_norm__scalar(ask_real *y, const ask_real *x, const ask_real *w, double eps,
                      int64_t n_rows, int64_t n_cols);
void rms_norm_grad__scalar(ask_real *dx, const ask_real *x, const ask_real *w,
                           const ask_real *dy, double eps, int64_t n_rows, int64_t n_cols);

void rope__scalar(ask_real *y, const ask_real *x, int64_t step, const ask_real *cos,
                  const ask_real *sin, ask_rope_kind kind, int64_t n);
void dots__scalar(ask_real *y, const ask_real *x, const ask_real *rows, int64_t step,
                  double scale, int64_t n, int64_t k);
void mix__scalar(ask_real *y, const ask_real *p, const ask_real *rows, int64_t step,
                 int64_t n, int64_t k);
void moments__scalar(double sums[2], const ask_real *x, double from, int64_t n);
void comoments__scalar(double sums[2], const ask_real *y, const ask_real *x, double from,
                       int64_t n);
void blend__scalar(ask_real *z, double a, const ask_real *x, double b, const ask_real *y,
                   double c, int64_t n);

void adam__scalar(ask_real *p, ask_real *m, ask_real *v, const ask_real *grad, double lr,
                  int64_t step, const ask_adam_options *opt, int64_t n);
void sgd__scalar(ask_real *p, ask_real *velocity, const ask_real *grad, double lr,
                 const ask_sgd_options *opt, int64_t n);

#endif
