#include "text/vocab_priv.h"

#include <assert.h>
#include <string.h>

#include "base/checked.h"
#include "base/hash.h"

bool ask_vocab_init(ask_vocab *v, ask_arena *arena, size_t n, int64_t max_id,
                    ask_error *err)
{
    size_t n_slots = 8;
    while (n_slots / 2 < n)
        if (!ask_mul_size(&n_slots, n_slots, 2)) break;
    *v = (ask_vocab){
        .entries = ask_arena_array(arena, n, sizeof *v->entries),
        .capacity = n,
        .by_text = ask_arena_array(arena, n_slots, sizeof *v->by_text),
        .mask = n_slots - 1,
        .by_id = ask_arena_array(arena, (size_t)(max_id + 1), sizeof *v->by_id),
        .n_ids = (size_t)(max_id + 1),
    };
    return (v->entries && v->by_text && v->by_id) || ask_fail_memory(err);
}

/* The slot that holds a text, or the empty one where it would go. */
static ask_vocab_slot *slot_of(const ask_vocab *v, const char *text, size_t n_bytes,
                               uint32_t hash)
{
    for (size_t i = hash & v->mask;; i = (i + 1) & v->mask) {
        ask_vocab_slot *slot = &v->by_text[i];
        if (slot->place == 0) return slot;
        if (slot->hash != hash) continue;
        const ask_vocab_entry *e = &v->entries[slot->place - 1];
        if (e->n_bytes == n_bytes && memcmp(e->text, text, n_bytes) == 0) return slot;
    }
}

static uint32_t hash_of(const char *text, size_t n_bytes)
{
    return (uint32_t)ask_hash64(text, n_bytes, 0);
}

bool ask_vocab_add(ask_vocab *v, ask_arena *arena, const char *text, int32_t id,
                   ask_error *err)
{
    assert(id >= 0 && (size_t)id < v->n_ids);
    size_t n_bytes = strlen(text);
    uint32_t hash = hash_of(text, n_bytes);
    ask_vocab_slot *slot = slot_of(v, text, n_bytes, hash);
    if (slot->place == 0) {
        assert(v->n < v->capacity);
        char *copy = ask_arena_strndup(arena, text, n_bytes);
        if (!copy) return ask_fail_memory(err);
        v->entries[v->n++] = (ask_vocab_entry){copy, (uint32_t)n_bytes, id};
        *slot = (ask_vocab_slot){(uint32_t)v->n, hash};
    }
    v->entries[slot->place - 1].id = id;
    v->by_id[id] = slot->place;
    return true;
}

int32_t ask_vocab_find(const ask_vocab *v, const char *text, size_t n_bytes)
{
    uint32_t place = slot_of(v, text, n_bytes, hash_of(text, n_bytes))->place;
    return place ? v->entries[place - 1].id : -1;
}

const ask_vocab_entry *ask_vocab_at(const ask_vocab *v, int64_t id)
{
    if (id < 0 || (uint64_t)id >= v->n_ids || v->by_id[id] == 0) return NULL;
    return &v->entries[v->by_id[id] - 1];
}
