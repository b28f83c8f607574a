#include "text/trie_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"

enum {
    BLOCK = 256, // places that differ in the byte alone
    MAX_PLACES = 1 << (32 - ASK_TRIE_BYTE_BITS),
    MAX_TRIES = 64, // bases that are tried before places are added
};

/* What is known of a place while the array is filled. Free ones are a ring through place 0,
 * which is never free. */
typedef struct {
    uint32_t next, before;
    bool is_base;
} place_state;

/* A node whose children are to be placed, and the texts that go on from it. */
typedef struct {
    uint32_t place, begin, end;
} pending;

typedef struct {
    ask_trie_node *nodes;
    place_state *states;
    uint32_t n, capacity; // places
    pending *queue;       // level after level
    uint32_t n_queued;
} builder;

static int compare_texts(const void *a, const void *b)
{
    const ask_trie_text *left = a, *right = b;
    uint32_t n = left->n_bytes < right->n_bytes ? left->n_bytes : right->n_bytes;
    int order = memcmp(left->text, right->text, n);
    if (order != 0) return order;
    return (left->n_bytes > right->n_bytes) - (left->n_bytes < right->n_bytes);
}

static uint32_t common_bytes(const ask_trie_text *a, const ask_trie_text *b)
{
    uint32_t n = 0;
    while (n < a->n_bytes && n < b->n_bytes && a->text[n] == b->text[n]) n++;
    return n;
}

/* Of sorted texts: each adds what it does not share with the one before. */
static size_t count_nodes(const ask_trie_text *texts, size_t n_texts)
{
    size_t n = 1;
    for (size_t i = 0; i < n_texts; i++)
        n += texts[i].n_bytes - (i > 0 ? common_bytes(&texts[i - 1], &texts[i]) : 0);
    return n;
}

/* ---- places ---- */

static bool is_free(const builder *b, uint32_t place)
{
    return (b->nodes[place].link & ASK_TRIE_BYTE_MASK) == ASK_TRIE_NO_BYTE;
}

static bool resize(void **array, size_t n, size_t item_bytes)
{
    size_t n_bytes;
    void *moved = ask_mul_size(&n_bytes, n, item_bytes) ? realloc(*array, n_bytes) : NULL;
    if (moved) *array = moved;
    return moved != NULL;
}

static bool grow(builder *b, ask_error *err)
{
    uint32_t capacity = b->capacity ? 2 * b->capacity : 16 * BLOCK;
    if (capacity > MAX_PLACES)
        return ask_fail(err, ASK_ERR_LIMIT, "a vocabulary of so much text is not read");
    if (!resize((void **)&b->nodes, capacity, sizeof *b->nodes) ||
        !resize((void **)&b->states, capacity, sizeof *b->states))
        return ask_fail_memory(err);
    b->capacity = capacity;
    return true;
}

/* Adds free places behind the others. */
static bool add_block(builder *b, ask_error *err)
{
    if (b->n == b->capacity && !grow(b, err)) return false;
    for (uint32_t i = b->n; i < b->n + BLOCK; i++) {
        b->nodes[i] = (ask_trie_node){ASK_TRIE_NO_BYTE, -1};
        b->states[i] = (place_state){0};
        if (i == 0) continue;
        b->states[i].before = b->states[0].before;
        b->states[b->states[0].before].next = i;
        b->states[0].before = i;
    }
    b->n += BLOCK;
    return true;
}

static void take_place(builder *b, uint32_t place, uint8_t byte)
{
    place_state *s = &b->states[place];
    b->nodes[place].link = byte;
    b->states[s->before].next = s->next;
    b->states[s->next].before = s->before;
}

/* Base 0 is that of nodes without children. */
static bool fits(const builder *b, uint32_t base, const uint8_t *bytes, uint32_t n)
{
    if (base == 0 || b->states[base].is_base) return false;
    for (uint32_t i = 0; i < n; i++)
        if (!is_free(b, base ^ bytes[i])) return false;
    return true;
}

/* Tries bases for places from the first free one on, or from the last one back. */
static bool try_bases(const builder *b, uint32_t *base, const uint8_t *bytes, uint32_t n,
                      bool forward)
{
    uint32_t place = 0;
    for (int i = 0; i < MAX_TRIES; i++) {
        place = forward ? b->states[place].next : b->states[place].before;
        if (place == 0) return false;
        *base = place ^ bytes[0];
        if (fits(b, *base, bytes, n)) return true;
    }
    return false;
}

/* A base for children of these bytes. An only child fills a gap; many go to the end, where
 * most is free. */
static bool find_base(builder *b, uint32_t *base, const uint8_t *bytes, uint32_t n,
                      ask_error *err)
{
    if ((n == 1 && try_bases(b, base, bytes, n, true)) ||
        try_bases(b, base, bytes, n, false))
        return true;
    *base = b->n;
    return add_block(b, err);
}

/* ---- nodes ---- */

/* The bytes that texts go on with behind a depth. */
static uint32_t list_bytes(uint8_t bytes[BLOCK], const ask_trie_text *texts, pending p,
                           uint32_t depth)
{
    uint32_t n = 0;
    for (uint32_t i = p.begin; i < p.end; i++) {
        uint8_t byte = (uint8_t)texts[i].text[depth];
        if (n == 0 || bytes[n - 1] != byte) bytes[n++] = byte;
    }
    return n;
}

/* Gives a node of some depth its value, and places its children. */
static bool add_children(builder *b, const ask_trie_text *texts, pending p, uint32_t depth,
                         ask_error *err)
{
    uint8_t bytes[BLOCK];
    uint32_t base;
    for (; p.begin < p.end && texts[p.begin].n_bytes == depth; p.begin++)
        b->nodes[p.place].value = texts[p.begin].value;
    uint32_t n = list_bytes(bytes, texts, p, depth);
    if (n == 0) return true;
    if (!find_base(b, &base, bytes, n, err)) return false;
    b->states[base].is_base = true;
    b->nodes[p.place].link |= base << ASK_TRIE_BYTE_BITS;
    for (uint32_t i = 0, at = p.begin; i < n; i++) {
        pending child = {.place = base ^ bytes[i], .begin = at};
        while (at < p.end && (uint8_t)texts[at].text[depth] == bytes[i]) at++;
        child.end = at;
        take_place(b, child.place, bytes[i]);
        b->queue[b->n_queued++] = child;
    }
    return true;
}

/* Level after level, so that the depth of a node is known. */
static bool add_nodes(builder *b, const ask_trie_text *texts, uint32_t n_texts,
                      ask_error *err)
{
    if (!add_block(b, err)) return false;
    b->nodes[0].link = 0; // the root, which no byte leads to: base 0 is not taken
    b->queue[b->n_queued++] = (pending){.end = n_texts};
    for (uint32_t depth = 0, i = 0; i < b->n_queued; depth++)
        for (uint32_t end = b->n_queued; i < end; i++)
            if (!add_children(b, texts, b->queue[i], depth, err)) return false;
    return true;
}

bool ask_trie_build(ask_trie *out, ask_arena *arena, ask_trie_text *texts, size_t n_texts,
                    ask_error *err)
{
    if (n_texts > 1) qsort(texts, n_texts, sizeof *texts, compare_texts);
    size_t n = count_nodes(texts, n_texts);
    if (n > MAX_PLACES)
        return ask_fail(err, ASK_ERR_LIMIT, "a vocabulary of so much text is not read");
    builder b = {.queue = calloc(n, sizeof *b.queue)};
    bool ok = b.queue ? add_nodes(&b, texts, (uint32_t)n_texts, err) : ask_fail_memory(err);
    if (ok) {
        out->nodes = ask_arena_array(arena, b.n, sizeof *out->nodes);
        ok = out->nodes || ask_fail_memory(err);
    }
    if (ok) memcpy(out->nodes, b.nodes, b.n * sizeof *out->nodes);
    free(b.nodes);
    free(b.states);
    free(b.queue);
    return ok;
}
