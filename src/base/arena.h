/* base/arena.h - memory that lives and goes together.
 *
 * Graphs, documents and requests take their memory from an arena; nothing in it is freed
 * alone. Every piece is zeroed. Functions return NULL when there is no memory; what was
 * handed out before stays valid. An arena belongs to one thread at a time. */
#ifndef ASK_BASE_ARENA_H
#define ASK_BASE_ARENA_H

#include <stddef.h>

#include "base/api.h"

typedef struct ask_arena ask_arena;

/* block_bytes is how much is taken from the system at a time; 0 means 64 KiB. Larger pieces
 * get a block of their own. */
ASK_API ask_arena *ask_arena_new(size_t block_bytes);

/* Frees everything handed out. NULL is allowed. */
ASK_API void ask_arena_free(ask_arena *a);

/* n_bytes of zeros at a multiple of 16 (alloc) or 64 (alloc64, for vectors and cache
 * lines). Zero bytes is allowed and gives a pointer that must not be dereferenced. */
ASK_API void *ask_arena_alloc(ask_arena *a, size_t n_bytes);
ASK_API void *ask_arena_alloc64(ask_arena *a, size_t n_bytes);

/* count * item_bytes zeros; also NULL when the product does not fit a size_t. */
ASK_API void *ask_arena_array(ask_arena *a, size_t count, size_t item_bytes);

/* Copies of text, ended by a NUL. strndup copies at most n bytes; sprintf formats as in the
 * C locale. */
ASK_API char *ask_arena_strdup(ask_arena *a, const char *text);
ASK_API char *ask_arena_strndup(ask_arena *a, const char *text, size_t n);
ASK_API char *ask_arena_sprintf(ask_arena *a, const char *format, ...) ASK_PRINTF(2, 3);

/* Forgets everything handed out and keeps one block for what comes next. */
ASK_API void ask_arena_reset(ask_arena *a);

/* Bytes handed out since the last reset, alignment included. */
ASK_API size_t ask_arena_used_bytes(const ask_arena *a);

#endif
