#include "text/tree_priv.h"

#include "text/grow_priv.h"

struct ask_tree_node {
    uint32_t child, sibling; // places of nodes; 0: none
    int32_t value;           // of the text that ends here; -1: none does
    uint8_t byte;
};

/* The child of a node for a byte; 0: none. */
static uint32_t child_of(const ask_tree *tree, uint32_t node, uint8_t byte)
{
    uint32_t c = tree->nodes[node].child;
    while (c && tree->nodes[c].byte != byte) c = tree->nodes[c].sibling;
    return c;
}

/* A new node; its place, or -1 without memory. */
static int64_t add_node(ask_tree *tree, ask_arena *arena, uint8_t byte)
{
    ask_tree_node *nodes =
        ask_grow(arena, tree->nodes, tree->n, &tree->capacity, tree->n + 1, sizeof *nodes);
    if (!nodes) return -1;
    tree->nodes = nodes;
    nodes[tree->n] = (ask_tree_node){.value = -1, .byte = byte};
    return (int64_t)tree->n++;
}

bool ask_tree_add(ask_tree *tree, ask_arena *arena, const char *text, int32_t value,
                  ask_error *err)
{
    if (*text == '\0') return true;
    if (!tree->nodes && add_node(tree, arena, 0) < 0) goto out_of_memory;
    uint32_t node = 0;
    for (; *text; text++) {
        uint32_t next = child_of(tree, node, (uint8_t)*text);
        if (!next) {
            int64_t made = add_node(tree, arena, (uint8_t)*text);
            if (made < 0) goto out_of_memory;
            next = (uint32_t)made;
            tree->nodes[next].sibling = tree->nodes[node].child;
            tree->nodes[node].child = next;
        }
        node = next;
    }
    tree->nodes[node].value = value;
    return true;

out_of_memory:
    return ask_fail_memory(err);
}

size_t ask_tree_find(const ask_tree *tree, int32_t *value, const char *bytes,
                     size_t n_bytes)
{
    if (!tree->nodes) return 0;
    uint32_t node = 0;
    size_t length = 0;
    for (size_t at = 0;
         at < n_bytes && (node = child_of(tree, node, (uint8_t)bytes[at]));) {
        at++;
        if (tree->nodes[node].value < 0) continue;
        *value = tree->nodes[node].value;
        length = at;
    }
    return length;
}
