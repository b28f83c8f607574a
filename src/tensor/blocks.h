/* tensor/blocks.h - numbers in blocks of few bits, as GGUF files hold them.
 *
 * A block is a fixed count of neighbouring elements of a row (ask_dtype_block_elements)
 * with scales of their own. The names of the types and the order of bits in a block are
 * those of ggml; values come out bit for bit as its reference decoder gives them. In groups
 * of 16 or 32 neighbours they are value = scale * code - offset:
 *
 *     Q8_0, Q4_0, Q5_0    one group of 32, no offset
 *     Q4_1, Q5_1          one group of 32
 *     Q3_K, Q6_K          16 groups of 16, no offsets
 *     Q2_K                16 groups of 16
 *     Q4_K, Q5_K          8 groups of 32
 *
 * After: the ggml project, https://github.com/ggml-org/ggml (docs/gguf.md). */
#ifndef ASK_TENSOR_BLOCKS_H
#define ASK_TENSOR_BLOCKS_H

#include "tensor/dtype.h"

enum { ASK_BLOCK_ELEMENTS = 256, ASK_BLOCK_GROUPS = 16 }; // at most, of one block

/* Elements that share a scale; 0 for a type without blocks of few bits. */
ASK_API int ask_block_group(ask_dtype type);

/* Whether the groups of a type have offsets. */
ASK_API bool ask_block_has_offsets(ask_dtype type);

/* What makes the codes of a type unsigned when it is added to them. */
ASK_API int ask_block_zero(ask_dtype type);

/* Takes one block of such a type apart: a code for each element, a scale for each group,
 * and an offset where the type has some; else offsets are left as they are. block may be
 * unaligned. */
ASK_API void ask_block_unpack(ask_dtype type, int8_t *codes, float *scales, float *offsets,
                              const void *block);

/* Decodes n_blocks blocks of such a type. src may be unaligned; dst and src do not
 * overlap. */
ASK_API void ask_block_decode(ask_dtype type, float *dst, const void *src, size_t n_blocks);

#endif
