/* tensor/quant.h - matrices of 8 and of 4 bits, in one layout that products with many rows
 * and with one row both read as it lies in the file.
 *
 * Rows of [N, K] are cut into groups of ASK_QUANT_GROUP columns, which share a scale:
 *     value = scale * (code - zero)
 * Rows come in panels of ASK_QUANT_ROWS, zeros behind row N, and columns up to a whole
 * group, zeros behind column K. A panel has its codes, then its scales, and is a
 * multiple of 64 bytes:
 *   ASK_Q8: codes [K / 4][32][4], of 1 byte, zero = 128; no code is 0
 *   ASK_Q4: codes [K / 8][32][4], of 4 bits, zero = 8: the byte of row r and j < 4 holds
 *           column 8 i + j in its low half and column 8 i + 4 + j in its high half
 *   scales [K / 32][32], f16
 * So a weight takes 8.5 and 4.5 bits, as in ggml's Q8_0 and Q4_0, whose groups these are.
 *
 * Products round the rows they are multiplied with to 8 bits by the same groups, while they
 * run; their sums of integers are exact (tensor/cpu/quant_priv.h). */
#ifndef ASK_TENSOR_QUANT_H
#define ASK_TENSOR_QUANT_H

#include "tensor/dtype.h"

enum { ASK_QUANT_ROWS = 32, ASK_QUANT_GROUP = 32 };

/* The zero of a type: 128 or 8. */
ASK_API int ask_quant_zero(ask_dtype type);

/* Columns up to a whole group; panels of n rows; bytes of a panel of k columns. */
ASK_API int64_t ask_quant_columns(int64_t k);
ASK_API int64_t ask_quant_n_panels(int64_t n);
ASK_API size_t ask_quant_panel_bytes(ask_dtype type, int64_t k);

/* Bytes of all panels of [n, k]; false if they are too many, or a size is negative. */
ASK_API bool ask_quant_bytes(size_t *bytes, ask_dtype type, int64_t n, int64_t k);

/* Makes one panel of n_rows <= 32 rows of k numbers, which lie behind each other. The scale
 * of a group is that with which the codes are nearest to its numbers, of a few that are
 * tried. False, with the place of it, if a number is not finite or too large for f16
 * scales; the panel is then undefined. */
ASK_API bool ask_quant_encode(ask_dtype type, void *panel, const float *rows,
                              int64_t n_rows, int64_t k, int64_t *bad);

/* Row `row` of a matrix of k columns as numbers: dst[k]. */
ASK_API void ask_quant_decode(ask_dtype type, float *dst, const void *matrix, int64_t row,
                              int64_t k);

#endif
