/* base/npy_priv.h - what arrays have in common, wherever NumPy put them. */
#ifndef ASK_BASE_NPY_PRIV_H
#define ASK_BASE_NPY_PRIV_H

#include "base/npy.h"

/* Bytes of an array; false when that is more than memory has, or a size is negative. */
bool npy_array_bytes(size_t *out, ask_npy_type type, int n_dims, const int64_t *shape);

/* Understands a type code: byte order ('<', '>', '=' or '|', may be missing), kind and
 * size. Fails: ASK_ERR_UNSUPPORTED, with name in front. */
bool npy_parse_descr(ask_npy_type *type, bool *is_big_endian, const char *descr,
                     const char *name, ask_error *err);

/* Copies the elements of an array from a file's order to ours: C order, native bytes, bools
 * of 0 and 1. `array` says type and shape, array->data is where to, array->bytes how many.
 */
void npy_copy_elements(const ask_npy *array, const void *from, bool fortran_order,
                       bool is_big_endian);

#endif
