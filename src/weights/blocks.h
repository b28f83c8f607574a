/* weights/blocks.h - numbers stored in blocks of few bits, as GGUF files hold them.
 *
 * A block is a fixed count of neighbouring elements of a row with scales of their own. The
 * names and numbers of the types, and the order of bits in a block, are those of ggml;
 * values come out bit for bit as its reference decoder gives them.
 *   Q8_0, Q4_0, Q5_0            scale * q                          32 elements
 *   Q4_1, Q5_1                  scale * q + offset                 32 elements
 *   Q3_K, Q6_K                  scale * (scale of 16) * q         256 elements
 *   Q2_K, Q4_K, Q5_K            the same with offsets, of 16 or 32
 * After: the ggml project, https://github.com/ggml-org/ggml (docs/gguf.md). */
#ifndef ASK_WEIGHTS_BLOCKS_H
#define ASK_WEIGHTS_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "tensor/dtype.h"

/* The numbers that files have. */
typedef enum {
    ASK_BLOCK_F32 = 0,
    ASK_BLOCK_F16 = 1,
    ASK_BLOCK_Q4_0 = 2,
    ASK_BLOCK_Q4_1 = 3,
    ASK_BLOCK_Q5_0 = 6,
    ASK_BLOCK_Q5_1 = 7,
    ASK_BLOCK_Q8_0 = 8,
    ASK_BLOCK_Q8_1 = 9, // a name only, as Q8_K, the IQ and TQ types and MXFP4
    ASK_BLOCK_Q2_K = 10,
    ASK_BLOCK_Q3_K = 11,
    ASK_BLOCK_Q4_K = 12,
    ASK_BLOCK_Q5_K = 13,
    ASK_BLOCK_Q6_K = 14,
    ASK_BLOCK_Q8_K = 15,
    ASK_BLOCK_IQ2_XXS = 16,
    ASK_BLOCK_IQ2_XS = 17,
    ASK_BLOCK_IQ3_XXS = 18,
    ASK_BLOCK_IQ1_S = 19,
    ASK_BLOCK_IQ4_NL = 20,
    ASK_BLOCK_IQ3_S = 21,
    ASK_BLOCK_IQ2_S = 22,
    ASK_BLOCK_IQ4_XS = 23,
    ASK_BLOCK_I8 = 24,
    ASK_BLOCK_I16 = 25,
    ASK_BLOCK_I32 = 26,
    ASK_BLOCK_I64 = 27,
    ASK_BLOCK_F64 = 28,
    ASK_BLOCK_IQ1_M = 29,
    ASK_BLOCK_BF16 = 30,
    ASK_BLOCK_TQ1_0 = 34,
    ASK_BLOCK_TQ2_0 = 35,
    ASK_BLOCK_MXFP4 = 39,
} ask_block_type;

/* "Q4_K", ...; NULL for a number that is no type. */
ASK_API const char *ask_block_name(ask_block_type type);

/* Elements and bytes of one block (1 and the element's for F32, I8, ...); 0 for a type that
 * is not decoded and for a number that is no type. */
ASK_API int ask_block_elements(ask_block_type type);
ASK_API size_t ask_block_bytes(ask_block_type type);

/* Whether a type is one of single elements, and which. */
ASK_API bool ask_block_is_plain(ask_dtype *out, ask_block_type type);

/* Decodes n_blocks blocks of a type that is decoded: dst takes ask_block_elements() values
 * each. src may be unaligned; dst and src do not overlap. */
ASK_API void ask_block_to_f32(ask_block_type type, float *dst, const void *src,
                              size_t n_blocks);

#endif
