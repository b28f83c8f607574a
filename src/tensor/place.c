/* Placement of slots: greedy by size (Pisarchyk & Lee 2020). */
#include "tensor/place_priv.h"

#include <stdint.h>
#include <stdlib.h>

static bool shares(const plan_slot *s, int memory)
{
    return s->memory == memory && !s->lasting && s->bytes > 0;
}

static int larger_first(const void *a, const void *b)
{
    const plan_slot *x = *(plan_slot *const *)a, *y = *(plan_slot *const *)b;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? 1 : -1;
    return x->first != y->first ? (x->first < y->first ? -1 : 1) : (x < y ? -1 : x > y);
}

static bool alive_together(const plan_slot *a, const plan_slot *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* Keeps placed slots sorted by offset, so that gaps show up in one pass. */
static void insert_by_offset(plan_slot **placed, int n_placed, plan_slot *s)
{
    int i = n_placed;
    for (; i > 0 && placed[i - 1]->offset > s->offset; i--) placed[i] = placed[i - 1];
    placed[i] = s;
}

static size_t lowest_free(plan_slot *const *placed, int n_placed, const plan_slot *s)
{
    size_t offset = 0;
    for (int i = 0; i < n_placed; i++) {
        const plan_slot *p = placed[i];
        if (!alive_together(p, s)) continue;
        if (p->offset >= offset + s->bytes) break;
        if (p->offset + p->bytes > offset) offset = p->offset + p->bytes;
    }
    return offset;
}

size_t ask_place_slots(plan_slot *slots, int n_slots, int memory)
{
    size_t room = (size_t)(n_slots ? n_slots : 1) * sizeof(plan_slot *);
    plan_slot **order = malloc(room), **placed = malloc(room);
    size_t arena_bytes = SIZE_MAX;
    if (!order || !placed) goto done;

    int n = 0;
    for (int i = 0; i < n_slots; i++)
        if (shares(&slots[i], memory)) order[n++] = &slots[i];
    qsort(order, (size_t)n, sizeof *order, larger_first);

    arena_bytes = 0;
    for (int i = 0; i < n; i++) {
        plan_slot *s = order[i];
        s->offset = lowest_free(placed, i, s);
        insert_by_offset(placed, i, s);
        if (s->offset + s->bytes > arena_bytes) arena_bytes = s->offset + s->bytes;
    }
done:
    free(order);
    free(placed);
    return arena_bytes;
}

size_t ask_widest_bytes(const plan_slot *slots, int n_slots, int n_steps, int memory)
{
    size_t *begins = calloc((size_t)n_steps + 2, sizeof *begins);
    size_t *ends = calloc((size_t)n_steps + 2, sizeof *ends);
    size_t widest = SIZE_MAX;
    if (begins && ends) {
        for (int i = 0; i < n_slots; i++) {
            if (!shares(&slots[i], memory)) continue;
            begins[slots[i].first] += slots[i].bytes;
            ends[slots[i].last + 1] += slots[i].bytes;
        }
        size_t alive = 0;
        widest = 0;
        for (int i = 0; i <= n_steps; i++) {
            alive += begins[i];
            alive -= ends[i];
            if (alive > widest) widest = alive;
        }
    }
    free(begins);
    free(ends);
    return widest;
}
