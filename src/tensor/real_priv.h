/* tensor/real_priv.h - the number type of kernels.
 *
 * float, except in the variant of the library that tests gradients by finite differences:
 * there every "f32" element is a double, and only the scalar kernels are built. */
#ifndef ASK_TENSOR_REAL_PRIV_H
#define ASK_TENSOR_REAL_PRIV_H

#ifdef ASK_REAL_DOUBLE
typedef double ask_real;
#else
typedef float ask_real;
#endif

#endif
