#include <stdlib.h>

#include "metric/tally.h"

/* The slot of a key, or the free one where it belongs. */
static ask_tally_count *find(const ask_tally *t, uint64_t key)
{
    size_t i = (size_t)key & (t->n_slots - 1);
    while (t->slots[i].n_offered > 0 && t->slots[i].key != key)
        i = (i + 1) & (t->n_slots - 1);
    return &t->slots[i];
}

/* Keeps at least half of the slots free. */
static bool make_room(ask_tally *t)
{
    if (2 * (t->n_used + 1) <= t->n_slots) return true;
    ask_tally larger = {.n_slots = t->n_slots ? 2 * t->n_slots : 256, .n_used = t->n_used};
    larger.slots = calloc(larger.n_slots, sizeof *larger.slots);
    if (!larger.slots) return false;
    for (size_t i = 0; i < t->n_slots; i++)
        if (t->slots[i].n_offered > 0) *find(&larger, t->slots[i].key) = t->slots[i];
    free(t->slots);
    *t = larger;
    return true;
}

bool ask_tally_add(ask_tally *t, uint64_t key, bool right)
{
    if (!make_room(t)) return false;
    ask_tally_count *c = find(t, key);
    t->n_used += c->n_offered == 0;
    c->key = key;
    c->n_offered++;
    c->n_right += right;
    return true;
}

ask_tally_count ask_tally_get(const ask_tally *t, uint64_t key)
{
    return t->n_slots ? *find(t, key) : (ask_tally_count){0};
}

void ask_tally_free(ask_tally *t)
{
    free(t->slots);
    *t = (ask_tally){0};
}
