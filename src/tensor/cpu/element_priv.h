/* tensor/cpu/element_priv.h - moving elements without looking at them, and whole views. */
#ifndef ASK_TENSOR_CPU_ELEMENT_PRIV_H
#define ASK_TENSOR_CPU_ELEMENT_PRIV_H

#include <string.h>

#include "tensor/cpu/cpu_priv.h"
#include "tensor/cpu/inline_priv.h"

/* Copies src to dst, both of one type; src is broadcast to the shape of dst. Any strides,
 * but no two elements of dst may be at one place. */
void cpu_copy_view(const cpu_backend *c, const ask_view *dst, const ask_view *src);

/* One element; with a constant size, one move. */
static ALWAYS_INLINE void element_move(void *y, const void *x, size_t size)
{
    switch (size) {
    case 1:
        memcpy(y, x, 1);
        break;
    case 2:
        memcpy(y, x, 2);
        break;
    case 4:
        memcpy(y, x, 4);
        break;
    default:
        memcpy(y, x, 8);
    }
}

#endif
