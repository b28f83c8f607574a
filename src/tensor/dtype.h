/* tensor/dtype.h - element types of tensors, as they are stored.
 *
 * The engine computes in f32 and stores f32, f16, bf16, i32, i64 and bool. Matrices of few
 * bits are weights of products and tables of look-ups, and nothing else. The other types
 * occur in published files only: they have a name and a size, and can be widened to f32. */
#ifndef ASK_TENSOR_DTYPE_H
#define ASK_TENSOR_DTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"

typedef enum {
    ASK_F32 = 0,
    ASK_F16,
    ASK_BF16,
    ASK_I32,
    ASK_I64,
    ASK_BOOL, // one byte, 0 or 1
    ASK_F64,  // from here on: in files only
    ASK_F8_E4M3,
    ASK_F8_E5M2,
    ASK_I8,
    ASK_U8,
    ASK_I16,
    ASK_U16,
    ASK_U32,
    ASK_U64,
    ASK_Q8, // matrices of few bits, in panels of rows: tensor/quant.h
    ASK_Q4,
    ASK_Q8_0, // and in ggml's blocks along a row
    ASK_Q4_0,
    ASK_Q4_1,
    ASK_Q5_0,
    ASK_Q5_1,
    ASK_Q2_K,
    ASK_Q3_K,
    ASK_Q4_K,
    ASK_Q5_K,
    ASK_Q6_K,
    ASK_N_DTYPES,
} ask_dtype;

enum { ASK_MAX_DIMS = 6 };

/* "f32", "bool", ...: lower case. "?" for a value that is no type. */
ASK_API const char *ask_dtype_name(ask_dtype type);

/* Bytes of one element; 0 for few bits and for a value that is no type. */
ASK_API size_t ask_dtype_bytes(ask_dtype type);

/* Bytes of a tensor. False if its shape has a negative size or too many elements, or if the
 * type cannot have it: panels are of matrices, and rows are whole blocks. */
ASK_API bool ask_dtype_bytes_of(size_t *bytes, ask_dtype type, int n_dims,
                                const int64_t *shape);

/* Whether a type is one of the real numbers that networks read: f32, f16, bf16, f64. */
ASK_API bool ask_dtype_is_real(ask_dtype type);

/* Whether a type is one of few bits. */
ASK_API bool ask_dtype_is_coded(ask_dtype type);

/* Elements and bytes of a block of ggml's types; 1 and the element's of single elements; 0
 * of panels and of a value that is no type. */
ASK_API int ask_dtype_block_elements(ask_dtype type);
ASK_API size_t ask_dtype_block_bytes(ask_dtype type);

/* Whether graphs can hold tensors of this type. */
ASK_API bool ask_dtype_computes(ask_dtype type);

/* Single values, by the IEEE rules (round to nearest, ties to even; NaN stays NaN). */
ASK_API float ask_f16_to_f32(uint16_t h);
ASK_API uint16_t ask_f32_to_f16(float f);
ASK_API float ask_bf16_to_f32(uint16_t h);
ASK_API uint16_t ask_f32_to_bf16(float f);

/* Widens n elements of a type of single elements (src may be unaligned) to f32. dst and src
 * do not overlap. */
ASK_API void ask_dtype_to_f32(ask_dtype type, float *dst, const void *src, size_t n);

#endif
