/* tensor/store.h - tensors that outlive a graph: weights, caches, running statistics,
 * optimiser state.
 *
 * A store tensor may be a source of ops in any graph, one graph running at a time. Ops that
 * write into it (ask_assign, ask_write_rows, optimiser steps) are effects: they happen in
 * the order in which they were built. */
#ifndef ASK_TENSOR_STORE_H
#define ASK_TENSOR_STORE_H

#include "tensor/graph.h"

typedef struct ask_store ask_store;

ASK_API ask_store *ask_store_new(ask_backend *backend, ask_error *err);

/* Frees the store and its tensors. Graphs that use them must be gone. NULL is allowed. */
ASK_API void ask_store_free(ask_store *s);

/* Adds a tensor of zeros. The name is copied and must be new. NULL on failure. */
ASK_API ask_tensor *ask_store_add(ask_store *s, const char *name, ask_dtype type,
                                  int n_dims, const int64_t *shape, ask_error *err);

/* Adds a constant tensor over `data` (row-major, aligned to its element, outliving the
 * store; of any type that graphs hold, or of few bits, as weights of ask_linear and tables
 * of ask_embedding); backends that cannot use memory of the host get a copy. `mapped`: the
 * pages are those of a mapped file, and may be dropped once they were packed into another
 * layout. */
ASK_API ask_tensor *ask_store_borrow(ask_store *s, const char *name, ask_dtype type,
                                     int n_dims, const int64_t *shape, const void *data,
                                     bool mapped, ask_error *err);

ASK_API ask_tensor *ask_store_find(const ask_store *s, const char *name); // NULL: none
ASK_API int ask_store_count(const ask_store *s);
ASK_API ask_tensor *ask_store_at(const ask_store *s, int i); // in the order they were added

#endif
