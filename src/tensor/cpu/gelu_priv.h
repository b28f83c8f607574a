/* tensor/cpu/gelu_priv.h - constants of the forms of gelu (Hendrycks & Gimpel 2016).
 *
 * The approximations are x * sigmoid(z(x)): the one with tanh because
 * (1 + tanh u) / 2 = sigmoid(2 u), with u = sqrt(2 / pi) (x + 0.044715 x^3). */
#ifndef ASK_TENSOR_CPU_GELU_PRIV_H
#define ASK_TENSOR_CPU_GELU_PRIV_H

#define GELU_TANH_SLOPE 1.59576912160573071176 // 2 sqrt(2 / pi)
#define GELU_TANH_CUBE 0.044715
#define GELU_QUICK_SLOPE 1.702

#define NORMAL_PEAK 0.39894228040143267794 // density at 0: 1 / sqrt(2 pi)

#endif
