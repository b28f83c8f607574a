#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/str.h"

enum { DEFAULT_BLOCK_BYTES = 64 * 1024, SMALL_ALIGN = 16, LARGE_ALIGN = 64 };

/* Memory from the system. Small pieces come from the block at the head of the list; a piece
 * larger than a block gets one of its own, behind the head. */
typedef struct block {
    struct block *next;
    size_t capacity; // bytes behind the header
    size_t used;     // of them, handed out
} block;

struct ask_arena {
    block *head;
    size_t block_bytes;
    size_t used_bytes;
};

ask_arena *ask_arena_new(size_t block_bytes)
{
    ask_arena *a = calloc(1, sizeof *a);
    if (!a) return NULL;
    a->block_bytes = block_bytes ? block_bytes : DEFAULT_BLOCK_BYTES;
    return a;
}

static void free_blocks(block *b)
{
    while (b) {
        block *next = b->next;
        free(b);
        b = next;
    }
}

void ask_arena_free(ask_arena *a)
{
    if (!a) return;
    free_blocks(a->head);
    free(a);
}

static block *add_block(ask_arena *a, size_t capacity)
{
    size_t total;
    if (!ask_add_size(&total, capacity, sizeof(block))) return NULL;
    block *b = malloc(total);
    if (!b) return NULL;
    block **place = a->head && capacity > a->block_bytes ? &a->head->next : &a->head;
    *b = (block){.next = *place, .capacity = capacity};
    *place = b;
    return b;
}

/* Takes n_bytes from a block, or NULL when they do not fit. */
static void *take(ask_arena *a, block *b, size_t n_bytes, size_t align)
{
    unsigned char *start = (unsigned char *)(b + 1) + b->used;
    size_t padding = (size_t)(-(uintptr_t)start & (align - 1));
    size_t need;
    if (!ask_add_size(&need, n_bytes, padding) || need > b->capacity - b->used) return NULL;
    b->used += need;
    a->used_bytes += need;
    return memset(start + padding, 0, n_bytes);
}

static void *alloc_aligned(ask_arena *a, size_t n_bytes, size_t align)
{
    void *piece = a->head ? take(a, a->head, n_bytes, align) : NULL;
    if (piece) return piece;
    size_t most; // what the piece can need, wherever malloc puts the block
    if (!ask_add_size(&most, n_bytes, align)) return NULL;
    block *b = add_block(a, most > a->block_bytes ? most : a->block_bytes);
    return b ? take(a, b, n_bytes, align) : NULL;
}

void *ask_arena_alloc(ask_arena *a, size_t n_bytes)
{
    return alloc_aligned(a, n_bytes, SMALL_ALIGN);
}

void *ask_arena_alloc64(ask_arena *a, size_t n_bytes)
{
    return alloc_aligned(a, n_bytes, LARGE_ALIGN);
}

void *ask_arena_array(ask_arena *a, size_t count, size_t item_bytes)
{
    size_t n_bytes;
    if (!ask_mul_size(&n_bytes, count, item_bytes)) return NULL;
    return ask_arena_alloc(a, n_bytes);
}

char *ask_arena_strndup(ask_arena *a, const char *text, size_t n)
{
    size_t length = strnlen(text, n);
    char *copy = alloc_aligned(a, length + 1, 1);
    if (copy) memcpy(copy, text, length);
    return copy;
}

char *ask_arena_strdup(ask_arena *a, const char *text)
{
    return ask_arena_strndup(a, text, strlen(text));
}

char *ask_arena_sprintf(ask_arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = ask_vformat(NULL, 0, format, args);
    va_end(args);
    if (length < 0) return NULL;
    char *text = alloc_aligned(a, (size_t)length + 1, 1);
    if (!text) return NULL;
    va_start(args, format);
    ask_vformat(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

void ask_arena_reset(ask_arena *a)
{
    a->used_bytes = 0;
    if (!a->head) return;
    free_blocks(a->head->next);
    a->head->next = NULL;
    a->head->used = 0;
}

size_t ask_arena_used_bytes(const ask_arena *a)
{
    return a->used_bytes;
}
