/* text/grow_priv.h - arrays in an arena that grow by doubling. */
#ifndef ASK_TEXT_GROW_PRIV_H
#define ASK_TEXT_GROW_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/checked.h"

enum { ASK_GROW_FIRST = 16 };

/* Room for at least `need` items in all, of which the first n are kept. Returns the array,
 * moved perhaps, or NULL without memory; *capacity follows. */
static inline void *ask_grow(ask_arena *arena, void *items, size_t n, size_t *capacity,
                             size_t need, size_t item_bytes)
{
    if (need <= *capacity) return items;
    size_t wanted = *capacity ? *capacity : ASK_GROW_FIRST;
    while (wanted < need)
        if (!ask_mul_size(&wanted, wanted, 2)) return NULL;
    void *moved = ask_arena_array(arena, wanted, item_bytes);
    if (!moved) return NULL;
    if (n > 0) memcpy(moved, items, n * item_bytes);
    *capacity = wanted;
    return moved;
}

#endif
