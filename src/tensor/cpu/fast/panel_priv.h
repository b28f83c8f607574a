/* tensor/cpu/fast/panel_priv.h - the tile of the matrix product, and the panels of its
 * right side. */
#ifndef ASK_TENSOR_CPU_FAST_PANEL_PRIV_H
#define ASK_TENSOR_CPU_FAST_PANEL_PRIV_H

#include "tensor/cpu/fast/fast_priv.h"
#include "tensor/cpu/unfold_priv.h"

/* A tile is HEIGHT rows of VECTORS vectors: as many sums as there are registers, less those
 * for a row of b and an element of a. */
#if defined(__AVX512F__)
enum { LANES = 16, VECTORS = 2, HEIGHT = 12 }; // more rows have no registers for addresses
#define HEIGHTS(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12)
#elif defined(__AVX2__)
enum { LANES = 8, VECTORS = 2, HEIGHT = 6 };
#define HEIGHTS(X) X(1) X(2) X(3) X(4) X(5) X(6)
#else
enum { LANES = 4, VECTORS = 2, HEIGHT = 8 };
#define HEIGHTS(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8)
#endif
enum { WIDTH = LANES * VECTORS };

/* Lays rows k0 .. k0 + k and columns j0 .. j0 + n of the unfolded x out as panels of [k,
 * WIDTH], at a multiple of 64 bytes. Behind the last column: anything. */
void KERNEL(unfold)(float *panels, const cpu_unfold *u, const float *x, int64_t k0,
                    int64_t k, int64_t j0, int64_t n);

#endif
