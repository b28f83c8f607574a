/* text/trie_priv.h - the texts of a whole vocabulary, to be found wherever they begin in a
 * text: a trie of bytes whose children stand behind each other.
 *
 * tree_priv.h grows text by text and is for a few; this one is built at once. */
#ifndef ASK_TEXT_TRIE_PRIV_H
#define ASK_TEXT_TRIE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct {
    const char *text; // not empty
    uint32_t n_bytes;
    int32_t value; // at least 0
} ask_trie_text;

typedef struct {
    uint32_t first;      // place of the first child
    uint32_t n_children; // they stand behind each other, by their bytes
    int32_t value;       // of the text that ends here; -1: none does
} ask_trie_node;

typedef struct {
    ask_trie_node *nodes; // nodes[0] is the root
    uint8_t *bytes;       // by place: what leads to a node
    uint32_t begins[256]; // the root's children by byte; 0: none
} ask_trie;

/* Sorts the texts; of two that are the same, either is found. They are not needed later. */
bool ask_trie_build(ask_trie *out, ask_arena *arena, ask_trie_text *texts, size_t n_texts,
                    ask_error *err);

/* The child of a node for a byte; 0: none. */
static inline uint32_t ask_trie_child(const ask_trie *t, uint32_t node, uint8_t byte)
{
    enum { FEW = 8 };
    if (node == 0) return t->begins[byte];
    const ask_trie_node *k = &t->nodes[node];
    const uint8_t *bytes = t->bytes + k->first;
    if (k->n_children > FEW) {
        const uint8_t *found = memchr(bytes, byte, k->n_children);
        return found ? k->first + (uint32_t)(found - bytes) : 0;
    }
    for (uint32_t i = 0; i < k->n_children; i++)
        if (bytes[i] == byte) return k->first + i;
    return 0;
}

#endif
