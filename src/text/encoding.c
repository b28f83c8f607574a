#include "text/encoding_priv.h"

#include "text/grow_priv.h"

bool ask_encoding_add(ask_encoding *e, ask_arena *arena, ask_encoded t, ask_error *err)
{
    ask_encoded *items =
        ask_grow(arena, e->items, e->n, &e->capacity, e->n + 1, sizeof *items);
    if (!items) return ask_fail_memory(err);
    e->items = items;
    items[e->n++] = t;
    return true;
}

bool ask_encodings_add(ask_encodings *list, ask_encoding e, ask_error *err)
{
    ask_encoding *items = ask_grow(list->arena, list->items, list->n, &list->capacity,
                                   list->n + 1, sizeof *items);
    if (!items) return ask_fail_memory(err);
    list->items = items;
    items[list->n++] = e;
    return true;
}
