/* tensor/cpu/patches_priv.h - convolutions whose kernels lie side by side, as matrix
 * products: what a kernel meets is a patch of its own, and so each number of x is in one
 * patch, once.
 *
 * The matrix of patches has a column for each patch of a picture and a row for each number
 * of a patch (its channel, row and column). It is never in memory as a whole. */
#ifndef ASK_TENSOR_CPU_PATCHES_PRIV_H
#define ASK_TENSOR_CPU_PATCHES_PRIV_H

#include "tensor/cpu/conv_priv.h"
#include "tensor/cpu/cpu_priv.h"

/* Some patches of one picture x. Number i of patch p is x[at[p] + place[i]]; `run` numbers
 * of a patch follow each other, in x too. */
typedef struct {
    const int32_t *at, *place;
    int64_t n_patches, n_numbers, run;
} cpu_patches;

/* Panels of the matrix product's width w. Behind the last column: anything. */
typedef struct cpu_patch_kernel {
    /* Number i of patch p is panels[p / w * w * n_numbers + i * w + p % w]. */
    void (*by_patch)(ask_real *panels, const cpu_patches *s, const ask_real *x);
    /* Number i of patch p is panels[i / w * w * n_patches + p * w + i % w]. */
    void (*by_number)(ask_real *panels, const cpu_patches *s, const ask_real *x);
    /* Number i of patch p is rows[i * step + p]: puts them back. */
    void (*put_back)(ask_real *x, const cpu_patches *s, const ask_real *rows, int64_t step);
} cpu_patch_kernel;

/* Whether the convolution, or gradient, can be computed so. */
bool cpu_patches_take(const cpu_backend *c, const conv_shape *s);
size_t cpu_patches_scratch(const cpu_backend *c, const conv_shape *s);
void cpu_patches_run(const cpu_backend *c, const conv_shape *s, const conv_data *d,
                     void *scratch);

#endif
