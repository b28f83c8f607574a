/* text/tree_priv.h - texts to look for, as a tree of their bytes. */
#ifndef ASK_TEXT_TREE_PRIV_H
#define ASK_TEXT_TREE_PRIV_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct ask_tree_node ask_tree_node;
typedef struct {
    ask_tree_node *nodes; // NULL: nothing to look for; nodes[0] is the root
    size_t n, capacity;
} ask_tree;

/* Adds a text with a value of at least 0; the value of a text that is there already is
 * replaced, and the empty text is never found. */
bool ask_tree_add(ask_tree *tree, ask_arena *arena, const char *text, int32_t value,
                  ask_error *err);

/* The longest text of the tree that these bytes begin with: its length, and *value; or 0
 * for none. */
size_t ask_tree_find(const ask_tree *tree, int32_t *value, const char *bytes,
                     size_t n_bytes);

#endif
