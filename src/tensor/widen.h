/* tensor/widen.h - rows of any stored type as numbers. */
#ifndef ASK_TENSOR_WIDEN_H
#define ASK_TENSOR_WIDEN_H

#include "tensor/dtype.h"

/* Widens rows first .. first + n - 1 of a matrix of k columns to f32: dst[n][k]. Of any
 * type: of single elements, in blocks (k: whole ones), in panels. The matrix may be
 * unaligned unless it has panels; it does not overlap dst. */
ASK_API void ask_widen_rows(ask_dtype type, float *dst, const void *matrix, int64_t first,
                            int64_t n, int64_t k);

#endif
