/* Rows of any type: which of the decoders. */
#include "tensor/widen.h"

#include "tensor/blocks.h"
#include "tensor/quant.h"

void ask_widen_rows(ask_dtype type, float *dst, const void *matrix, int64_t first,
                    int64_t n, int64_t k)
{
    if (type == ASK_Q8 || type == ASK_Q4) {
        for (int64_t i = 0; i < n; i++)
            ask_quant_decode(type, dst + i * k, matrix, first + i, k);
        return;
    }
    size_t row = (size_t)(k / ask_dtype_block_elements(type)); // blocks, or elements
    const char *src =
        (const char *)matrix + (size_t)first * row * ask_dtype_block_bytes(type);
    if (ask_dtype_is_coded(type))
        ask_block_decode(type, dst, src, (size_t)n * row);
    else
        ask_dtype_to_f32(type, dst, src, (size_t)n * row);
}
