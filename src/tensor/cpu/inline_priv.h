/* tensor/cpu/inline_priv.h - kernels written once for several cases.
 *
 * A loop marked ALWAYS_INLINE takes its case (a kind, an element's size) as a parameter;
 * called from a switch, it is compiled once per case, without the test inside the loop. */
#ifndef ASK_TENSOR_CPU_INLINE_PRIV_H
#define ASK_TENSOR_CPU_INLINE_PRIV_H

#define ALWAYS_INLINE inline __attribute__((always_inline))

#endif
