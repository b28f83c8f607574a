/* text/trie_priv.h - the texts of a whole vocabulary, to be found wherever they begin in a
 * text: a trie of bytes as a double array (Aoe 1989), in which a step is one look.
 *
 * tree_priv.h grows text by text and is for a few; this one is built at once. */
#ifndef ASK_TEXT_TRIE_PRIV_H
#define ASK_TEXT_TRIE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct {
    const char *text; // not empty
    uint32_t n_bytes;
    int32_t value; // at least 0
} ask_trie_text;

/* The child of a node for a byte stands at the node's base XOR the byte. No two nodes have
 * the same base, so the byte that leads to a place tells whose child stands there. */
typedef struct {
    uint32_t link; // the base, and in the last bits the byte that leads here
    int32_t value; // of the text that ends here; -1: none does
} ask_trie_node;

enum {
    ASK_TRIE_BYTE_BITS = 9,
    ASK_TRIE_BYTE_MASK = (1 << ASK_TRIE_BYTE_BITS) - 1,
    ASK_TRIE_NO_BYTE = 0x100, // nothing stands here
};

typedef struct {
    ask_trie_node *nodes; // nodes[0] is the root
} ask_trie;

/* Sorts the texts; of two that are the same, either is found. They are not needed later.
 * Fails: ASK_ERR_LIMIT for more than some millions of bytes, ASK_ERR_NOMEM. */
bool ask_trie_build(ask_trie *out, ask_arena *arena, ask_trie_text *texts, size_t n_texts,
                    ask_error *err);

/* The child of a node for a byte; 0: none. */
static inline uint32_t ask_trie_child(const ask_trie *t, uint32_t node, uint8_t byte)
{
    uint32_t place = t->nodes[node].link >> ASK_TRIE_BYTE_BITS ^ byte;
    return (t->nodes[place].link & ASK_TRIE_BYTE_MASK) == byte ? place : 0;
}

#endif
