#include "text/trie_priv.h"

#include <stdlib.h>

/* The texts that go on from a node. */
typedef struct {
    uint32_t begin, end;
} range;

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

/* Gives a node of some depth its value and its children, which go to place `n` on; their
 * ranges beside them. Returns the place behind them. */
static uint32_t add_children(ask_trie *t, range *ranges, const ask_trie_text *texts,
                             uint32_t node, uint32_t depth, uint32_t n)
{
    ask_trie_node *k = &t->nodes[node];
    range r = ranges[node];
    *k = (ask_trie_node){.first = n, .value = -1};
    for (; r.begin < r.end && texts[r.begin].n_bytes == depth; r.begin++)
        k->value = texts[r.begin].value;
    for (uint32_t i = r.begin; i < r.end; i++) {
        uint8_t byte = (uint8_t)texts[i].text[depth];
        if (i == r.begin || t->bytes[n - 1] != byte) {
            t->bytes[n] = byte;
            ranges[n++].begin = i;
        }
        ranges[n - 1].end = i + 1;
    }
    k->n_children = n - k->first;
    return n;
}

/* Level after level, so that the depth of a node is known. */
static void add_nodes(ask_trie *t, range *ranges, const ask_trie_text *texts,
                      uint32_t n_texts)
{
    uint32_t n = 1, node = 0;
    ranges[0] = (range){0, n_texts};
    for (uint32_t depth = 0; node < n; depth++)
        for (uint32_t end = n; node < end; node++)
            n = add_children(t, ranges, texts, node, depth, n);
}

bool ask_trie_build(ask_trie *out, ask_arena *arena, ask_trie_text *texts, size_t n_texts,
                    ask_error *err)
{
    if (n_texts > 1) qsort(texts, n_texts, sizeof *texts, compare_texts);
    size_t n = count_nodes(texts, n_texts);
    if (n > UINT32_MAX / 2)
        return ask_fail(err, ASK_ERR_LIMIT, "a vocabulary of so much text is not read");
    ask_trie t = {.nodes = ask_arena_array(arena, n, sizeof *t.nodes),
                  .bytes = ask_arena_array(arena, n, sizeof *t.bytes)};
    range *ranges = calloc(n, sizeof *ranges);
    bool ok = t.nodes && t.bytes && ranges;
    if (ok) {
        add_nodes(&t, ranges, texts, (uint32_t)n_texts);
        for (uint32_t i = 0; i < t.nodes[0].n_children; i++)
            t.begins[t.bytes[t.nodes[0].first + i]] = t.nodes[0].first + i;
        *out = t;
    }
    free(ranges);
    return ok || ask_fail_memory(err);
}
