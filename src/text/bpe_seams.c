/* Where a text can be cut because no merge ever comes there. */
#include "text/bpe_priv.h"

/* The class of an id, in a forest whose roots point to themselves. */
static int32_t class_of(int32_t *classes, int32_t id)
{
    while (classes[id] != id) {
        classes[id] = classes[classes[id]];
        id = classes[id];
    }
    return id;
}

static void join_classes(int32_t *classes, int32_t a, int32_t b)
{
    classes[class_of(classes, a)] = class_of(classes, b);
}

static uint32_t seam_of(const ask_seams *s, int32_t end, int32_t begin)
{
    uint64_t h =
        ((uint64_t)(uint32_t)end << 32 | (uint32_t)begin) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(h >> 32) & s->mask;
}

bool ask_bpe_may_merge(const ask_bpe *b, int32_t left, int32_t right)
{
    const ask_seams *s = &b->seams;
    if (!s->bits) return true;
    uint32_t bit = seam_of(s, s->ends[left], s->begins[right]);
    return s->bits[bit / 32] >> bit % 32 & 1;
}

/* The next merge from a slot of the table on; NULL past the last. */
static const ask_merge *next_merge(const ask_bpe *b, size_t *slot)
{
    for (; *slot <= b->mask; ++*slot)
        if (b->used[*slot / 32] >> *slot % 32 & 1) return &b->merges[(*slot)++];
    return NULL;
}

static int32_t left_of(const ask_merge *m)
{
    return (int32_t)(m->pair >> 32);
}

static int32_t right_of(const ask_merge *m)
{
    return (int32_t)(m->pair & UINT32_MAX);
}

/* What is merged ends as its right part does, and begins as its left part. */
static void find_classes(const ask_bpe *b, ask_seams *s, size_t n_ids)
{
    for (size_t i = 0; i < n_ids; i++) s->ends[i] = s->begins[i] = (int32_t)i;
    const ask_merge *m;
    for (size_t slot = 0; (m = next_merge(b, &slot));) {
        join_classes(s->ends, (int32_t)m->id, right_of(m));
        join_classes(s->begins, (int32_t)m->id, left_of(m));
    }
    for (size_t i = 0; i < n_ids; i++) {
        s->ends[i] = class_of(s->ends, (int32_t)i);
        s->begins[i] = class_of(s->begins, (int32_t)i);
    }
}

bool ask_bpe_find_seams(ask_bpe *b, ask_arena *arena, ask_error *err)
{
    size_t n_ids = b->vocab.n_ids, n_bits = (b->mask + 1) * 2; // few of them are set
    if (n_bits > UINT32_C(1) << 31) return true;
    ask_seams s = {
        .ends = ask_arena_array(arena, n_ids, sizeof *s.ends),
        .begins = ask_arena_array(arena, n_ids, sizeof *s.begins),
        .bits = ask_arena_array(arena, n_bits / 32, sizeof *s.bits),
        .mask = (uint32_t)(n_bits - 1),
    };
    if (!s.ends || !s.begins || !s.bits) return ask_fail_memory(err);
    find_classes(b, &s, n_ids);
    const ask_merge *m;
    for (size_t slot = 0; (m = next_merge(b, &slot));) {
        uint32_t bit = seam_of(&s, s.ends[left_of(m)], s.begins[right_of(m)]);
        s.bits[bit / 32] |= UINT32_C(1) << bit % 32;
    }
    b->seams = s;
    return true;
}
