/* tensor/cpu/unfold_priv.h - clips as the matrix that makes their convolution a product.
 *
 * Of one sample x: [n_channels, size], and a kernel that leaves its size as it is, column p
 * of the matrix is what a kernel at place p of x meets, and 0 in the padding: a row for
 * each channel and place of the kernel. It is never in memory as a whole. After:
 * Chellapilla et al. 2006. */
#ifndef ASK_TENSOR_CPU_UNFOLD_PRIV_H
#define ASK_TENSOR_CPU_UNFOLD_PRIV_H

#include <stdint.h>

/* Most places of a kernel, and most of size, padding and extent along an axis. */
enum { UNFOLD_MOST_TAPS = 64, UNFOLD_LONGEST_AXIS = 1 << 24 };

/* Along each axis: frames, rows, columns. Element `at` of x is met by place k of the kernel
 * at element at + pad - k * dilation. */
typedef struct {
    int64_t n_channels;
    int64_t size[3], kernel[3], pad[3], dilation[3];
} cpu_unfold;

#endif
